/* One scheme's labels in another, and what a page shows. */
#include "label/label_test.h"

#include "label/map.h"
#include "label/marking.h"

#define SPIF      "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1'>"
#define SETS(oid) "<securityCategoryTagSets><securityCategoryTagSet name='S' id='" oid "'>"

static const char A[] = SPIF
    "<securityPolicyId name='A' id='2.999.1'/><securityClassifications>"
    "<securityClassification name='LOW' lacv='1' hierarchy='1'>"
    "<equivalentClassification policyRef='B' lacv='11' applied='both'/></securityClassification>"
    "<securityClassification name='HIGH' lacv='2' hierarchy='2'>"
    "<equivalentClassification policyRef='B' lacv='12' applied='encrypt'/>"
    "<markingData phrase='&#x633;&#x631;&#x64a;' xml:lang='ar'><code>pageTop</code></markingData>"
    "</securityClassification><securityClassification name='GAP' lacv='3' hierarchy='3'/>"
    "</securityClassifications>" SETS(
        "2.999.1.1") "<securityCategoryTag name='r' tagType='restrictive'><tagCategory name='R0' "
                     "lacv='0'>"
                     "<equivalentSecCategoryTag policyRef='B' tagSetId='2.999.2.1' "
                     "tagType='permissive' lacv='0'"
                     " applied='encrypt'/></tagCategory><tagCategory name='R1' lacv='1'>"
                     "<equivalentSecCategoryTag policyRef='B' tagSetId='2.999.2.1' "
                     "tagType='permissive' lacv='1'"
                     " applied='encrypt'/></tagCategory><tagCategory name='R2' lacv='2'>"
                     "<equivalentSecCategoryTag policyRef='B' tagSetId='2.999.2.1' "
                     "tagType='permissive' lacv='1'"
                     " applied='encrypt' action='discard'/></tagCategory><tagCategory name='R3' "
                     "lacv='3'/>"
                     "</securityCategoryTag></securityCategoryTagSet></securityCategoryTagSets>"
                     "<equivalentPolicies><equivalentPolicy name='B' "
                     "id='2.999.2'/></equivalentPolicies></SPIF>";

static const char B[] =
    SPIF "<securityPolicyId name='B' id='2.999.2'/><securityClassifications>"
         "<securityClassification name='OPEN' lacv='11' hierarchy='1'/>"
         "<securityClassification name='SHUT' lacv='12' hierarchy='2'/>"
         "</securityClassifications>" SETS(
             "2.999.2.1") "<securityCategoryTag name='p' tagType='permissive'><tagCategory "
                          "name='P0' lacv='0'/>"
                          "<tagCategory name='P1' "
                          "lacv='1'/></securityCategoryTag></securityCategoryTagSet>"
                          "</securityCategoryTagSets></SPIF>";

static void map__each_label__is_mapped_or_stops(void **state)
{
    (void)state;
    static const struct {
        const char *label, *there; /* NULL: stops */
        bool may_discard;
    } CASES[] = {
        {"a/low", "b/open", false},      {"a/high", "b/shut", false},
        {"a/gap", NULL, true},           {"a/low;s/r0", "b/open;s/p0", false},
        {"a/low;s/r0;s/r1", NULL, true}, /* all would become one of */
        {"a/low;s/r2", NULL, false},     {"a/low;s/r2", "b/open", true},
        {"a/low;s/r3", NULL, true},
    };
    struct vls_scheme *both[2] = {NULL, NULL};
    assert_code(vls_scheme_read(vls_slice_text(A), "a.xml", &both[0], NULL), OK);
    assert_code(vls_scheme_read(vls_slice_text(B), "b.xml", &both[1], NULL), OK);
    struct vls_scheme_set set = {both, 2};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct vls_label label, there;
        struct vls_map_permission may = {CASES[i].may_discard};
        struct vls_buf text;
        vls_buf_init(&text, VLS_MAX_LABEL);
        assert_code(vls_label_read(CASES[i].label, &set, &label, NULL), OK);
        struct vls_status s = vls_label_map(&label, both[1], &may, &there, NULL);
        if (CASES[i].there == NULL)
            assert_code(s, LABEL_UNMAPPED);
        else {
            assert_code(s, OK);
            assert_code(vls_label_text(&there, &text), OK);
            assert_string_equal(vls_buf_text(&text), CASES[i].there);
        }
        vls_buf_fini(&text);
    }
    assert_code(vls_map_check_round_trip(both[0], both[1], NULL), OK);
    struct vls_label high = vls_label_of(both[0], vls_scheme_at(both[0], 1));
    struct vls_buf mark;
    vls_buf_init(&mark, VLS_MAX_MARKING);
    assert_code(vls_label_mark(&high, VLS_MARK_PAGE_TOP, "ar", &mark), OK);
    assert_string_equal(vls_buf_text(&mark), "A \xd8\xb3\xd8\xb1\xd9\x8a");
    vls_buf_fini(&mark);
    vls_scheme_free(&both[0]);
    vls_scheme_free(&both[1]);
}

/* -- tag sets, requirements, obsolete targets */

#define CLASSES2                                                                                   \
    "<securityClassifications><securityClassification name='LOW' lacv='1' hierarchy='1'>"          \
    "<equivalentClassification policyRef='D' lacv='1' applied='encrypt'/>"                         \
    "</securityClassification><securityClassification name='OLD' lacv='2' hierarchy='2'>"          \
    "<equivalentClassification policyRef='D' lacv='2' applied='encrypt'/>"                         \
    "</securityClassification><securityClassification name='LONE' lacv='3' hierarchy='3'/>"        \
    "</securityClassifications>"
#define PERMISSIVE(name) "<securityCategoryTag name='" name "' tagType='permissive'>"
#define K(n)             "<tagCategory name='K" n "' lacv='" n "'/>"
#define NEEDS(value)                                                                               \
    "<requiredCategory operation='all'><categoryGroup tagSetRef='S' tagType='permissive' "         \
    "lacv='" value "'/></requiredCategory>"

static const char C[] =
    SPIF "<securityPolicyId name='C' id='2.999.3'/>" CLASSES2 "<securityCategoryTagSets>"
         "<securityCategoryTagSet name='S' id='2.999.3.1'>" PERMISSIVE("p") K("0") K("1")
             K("2") "</securityCategoryTag><equivalentSecurityCategoryTagSet policyRef='D' "
                    "id='2.999.4.1'>" NEEDS(
                        "5") "</equivalentSecurityCategoryTagSet></securityCategoryTagSet>"
                             "<securityCategoryTagSet name='T' id='2.999.3.2'>" PERMISSIVE("q")
                                 K("0") "</securityCategoryTag><equivalentSecurityCategoryTagSet "
                                        "policyRef='D' id='2.999.4.1'/>"
                                        "</securityCategoryTagSet></"
                                        "securityCategoryTagSets><equivalentPolicies>"
                                        "<equivalentPolicy name='D' "
                                        "id='2.999.4'/></equivalentPolicies></SPIF>";

static const char D[] = SPIF
    "<securityPolicyId name='D' id='2.999.4'/><securityClassifications>"
    "<securityClassification name='UNCLASSIFIED' lacv='1' hierarchy='1'/>"
    "<securityClassification name='GONE' lacv='2' hierarchy='2' obsolete='true'/>"
    "</securityClassifications><securityCategoryTagSets>"
    "<securityCategoryTagSet name='S' id='2.999.4.1'>" PERMISSIVE("p") K("0") K("1")
        K("5") "</securityCategoryTag></securityCategoryTagSet></securityCategoryTagSets></SPIF>";

static void map__tag_sets__same_values_and_what_they_require(void **state)
{
    (void)state;
    static const struct {
        const char *label, *there, *words; /* there NULL: stops, with those words */
    } CASES[] = {
        {"c/low", "d/unclassified", NULL},
        {"c/low;s/k0", "d/unclassified;s/k0;s/k5", NULL},
        {"c/low;s/k0;s/k1", "d/unclassified;s/k0;s/k1;s/k5", NULL},
        {"c/low;s/k2", NULL, "equivalent of category 'K2' is not in"},
        {"c/low;s/k0;s/k2", NULL, "equivalent of category 'K2' is not in"},
        {"c/low;t/k0", "d/unclassified;s/k0", NULL},
        {"c/low;s/k1;t/k0", NULL, "would widen the list"},
        {"c/low;s/permissive=nobody", NULL, "nobody on it"},
        {"c/old", NULL, "obsolete"},
        {"c/lone", NULL, "has no equivalent"}, /* never unclassified by default */
    };
    struct vls_scheme *both[2] = {NULL, NULL};
    struct vls_why why = {""};
    if (!vls_ok(vls_scheme_read(vls_slice_text(C), "c.xml", &both[0], &why)) ||
        !vls_ok(vls_scheme_read(vls_slice_text(D), "d.xml", &both[1], &why)))
        fail_msg("%s", why.text);
    struct vls_scheme_set set = {both, 2};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct vls_label label, there;
        struct vls_buf text;
        vls_buf_init(&text, VLS_MAX_LABEL);
        assert_code(vls_label_read(CASES[i].label, &set, &label, NULL), OK);
        struct vls_status s = vls_label_map(&label, both[1], NULL, &there, &why);
        if (CASES[i].there == NULL) {
            assert_code(s, LABEL_UNMAPPED);
            if (strstr(why.text, CASES[i].words) == NULL)
                fail_msg("%s: %s", CASES[i].label, why.text);
        } else {
            if (!vls_ok(s))
                fail_msg("%s: %s", CASES[i].label, why.text);
            assert_code(vls_label_text(&there, &text), OK);
            assert_string_equal(vls_buf_text(&text), CASES[i].there);
        }
        vls_buf_fini(&text);
    }
    struct vls_label back, there = vls_label_of(both[1], vls_scheme_at(both[1], 0));
    assert_code(vls_label_map(&there, both[0], NULL, &back, NULL), LABEL_UNMAPPED); /* one way */
    vls_scheme_free(&both[0]);
    vls_scheme_free(&both[1]);
}

/* What a target may discard it gives no value, so that nothing of ours is named by it. */
static void map__target_says_discard_of_nothing_named__stops(void **state)
{
    (void)state;
    static const char FROM[] =
        SPIF "<securityPolicyId name='A' id='2.999.1'/><securityClassifications>"
             "<securityClassification name='LOW' lacv='1' hierarchy='1'/>"
             "</securityClassifications>" SETS(
                 "2.999.1.1") "<securityCategoryTag name='r' tagType='restrictive'>"
                              "<tagCategory name='R0' lacv='0'/></securityCategoryTag>"
                              "</securityCategoryTagSet></securityCategoryTagSets></SPIF>";
    static const char INTO[] =
        SPIF "<securityPolicyId name='B' id='2.999.2'/><securityClassifications>"
             "<securityClassification name='OPEN' lacv='11' hierarchy='1'>"
             "<equivalentClassification policyRef='A' lacv='1' applied='decrypt'/>"
             "</securityClassification></securityClassifications>" SETS(
                 "2.999.2.1") "<securityCategoryTag name='r' tagType='restrictive'>"
                              "<tagCategory name='P0' lacv='0'><equivalentSecCategoryTag "
                              "policyRef='A' tagSetId='2.999.1.1' tagType='restrictive' lacv='0' "
                              "applied='decrypt' "
                              "action='discard'/></tagCategory>"
                              "</securityCategoryTag></securityCategoryTagSet>"
                              "</securityCategoryTagSets><equivalentPolicies><equivalentPolicy "
                              "name='A' id='2.999.1'/></equivalentPolicies></SPIF>";
    struct vls_scheme *both[2] = {NULL, NULL};
    struct vls_label label, there;
    struct vls_map_permission may = {true};
    struct vls_why why = {""};
    if (!vls_ok(vls_scheme_read(vls_slice_text(FROM), "a.xml", &both[0], &why)) ||
        !vls_ok(vls_scheme_read(vls_slice_text(INTO), "b.xml", &both[1], &why)))
        fail_msg("%s", why.text);
    struct vls_scheme_set set = {both, 2};
    assert_code(vls_label_read("a/low", &set, &label, NULL), OK);
    assert_code(vls_label_map(&label, both[1], &may, &there, NULL), OK);
    vls_label_fini(&there);
    assert_code(vls_label_read("a/low;s/r0", &set, &label, NULL), OK);
    assert_code(vls_label_map(&label, both[1], &may, &there, NULL), LABEL_UNMAPPED);
    vls_scheme_free(&both[0]);
    vls_scheme_free(&both[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(map__target_says_discard_of_nothing_named__stops),
        cmocka_unit_test(map__each_label__is_mapped_or_stops),
        cmocka_unit_test(map__tag_sets__same_values_and_what_they_require),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
