#include "label/label_test.h"

/* Rules of a scheme that cannot be kept, and files that would make checking them long. */

#define HEAD                                                                                       \
    "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1'>\n"                             \
    "<defaultSecurityPolicyId name='Default' id='2.999.5'/>"                                       \
    "<securityPolicyId name='Test' id='2.999.1'/>"                                                 \
    "<equivalentPolicies><equivalentPolicy name='Other' id='2.999.2'/></equivalentPolicies>\n"     \
    "<securityClassifications>\n"
#define X(inner)                                                                                   \
    "<securityClassification name='X' lacv='1' hierarchy='1'>" inner "</securityClassification>\n"
#define Y(inner)                                                                                   \
    "<securityClassification name='Y' lacv='2' hierarchy='2'>" inner "</securityClassification>\n"
#define SETS(attributes)                                                                           \
    "</securityClassifications><securityCategoryTagSets>"                                          \
    "<securityCategoryTagSet name='S' id='2.999.1.1'>\n"                                           \
    "<securityCategoryTag tagType='restrictive' " attributes ">\n"
#define END "</securityCategoryTag></securityCategoryTagSet></securityCategoryTagSets></SPIF>"
#define CAT(name, lacv, attributes, inner)                                                         \
    "<tagCategory name='" name "' lacv='" lacv "' " attributes ">" inner "</tagCategory>\n"
#define NAME(element, lacv) "<" element " tagSetRef='S' tagType='restrictive' lacv='" lacv "'/>"
#define NEEDS(lacv)                                                                                \
    "<requiredCategory operation='all'>" NAME("categoryGroup", lacv) "</requiredCategory>"
#define NEEDS_OF(operation, first, second)                                                         \
    "<requiredCategory operation='" operation "'>" NAME("categoryGroup", first)                    \
        NAME("categoryGroup", second) "</requiredCategory>"
#define BARS(lacv)      NAME("excludedCategory", lacv)
#define BARS_CLASS(c)   "<excludedClass>" c "</excludedClass>"
#define MAPS(policy, a) "<equivalentClassification policyRef='" policy "' lacv='3' " a "/>"

static const struct {
    const char *spif, *words;
} CONTRADICTIONS[] = {
    {HEAD X("") SETS("") CAT("a", "1", "", NEEDS("2")) CAT("b", "2", "", BARS("1")) END,
     "t.xml:7: <tagCategory>: contradictory: 'a' requires 'b', which is excluded"},
    {HEAD X("") SETS("") CAT("a", "1", "", NEEDS("2") BARS("2")) CAT("b", "2", "", "") END,
     "contradictory"},
    {HEAD X("") SETS("") CAT("a", "1", "", NEEDS("2")) CAT("b", "2", "", NEEDS("3"))
         CAT("c", "3", "", BARS("1")) END,
     "contradictory"},
    {HEAD X("") SETS("") CAT("a", "1", "", BARS("1")) END, "'a' excludes itself"},
    {HEAD X("") SETS("") CAT("a", "1", "", NEEDS("1")) END, "circular: 'a' requires itself"},
    {HEAD X("") SETS("") CAT("a", "1", "", NEEDS("2")) CAT("b", "2", "", NEEDS("1")) END,
     "circular"},
    {HEAD X(NEEDS("1")) SETS("") CAT("a", "1", "requiredClass='X'", "") END, "circular"},
    {HEAD X(NEEDS("1")) Y(NEEDS("2")) SETS("") CAT("a", "1", "requiredClass='Y'", "")
         CAT("b", "2", "requiredClass='X'", "") END,
     "circular"},
    {HEAD X(NEEDS("1")) Y("") SETS("") CAT("a", "1", "requiredClass='Y'", "") END,
     "another classification"},
    {HEAD X("") Y("") SETS("") CAT("a", "1", "requiredClass='X'", NEEDS("2"))
         CAT("b", "2", "requiredClass='Y'", "") END,
     "another classification"},
    {HEAD X("") SETS("") CAT("a", "1", "requiredClass='X'", BARS_CLASS("X")) END, "excludes it"},
    {HEAD X(NEEDS("1")) Y("") SETS("") CAT("a", "1", "", BARS_CLASS("X")) END, "excludes it"},
    {HEAD X("") Y("") SETS("") CAT("a", "1", "", BARS_CLASS("X") BARS_CLASS("Y")) END,
     "excludes every classification"},
    {HEAD X("") SETS("") CAT("a", "1", "", BARS_CLASS("X") BARS_CLASS("X")) END,
     "'X' is excluded twice"},
    {HEAD X(NEEDS_OF("all", "1", "2")) SETS("singleSelection='true'") CAT("a", "1", "", "")
         CAT("b", "2", "", "") END,
     "requires 2 categories of '', which allows 1"},
    {HEAD X(NEEDS_OF("oneOrMore", "1", "2")) SETS("") CAT("a", "1", "", "") CAT("b", "2", "", "")
         CAT("c", "3", "", NEEDS_OF("oneOrMore", "1", "2") BARS("1") BARS("2")) END,
     "all that 'c' may choose from is excluded"},
    {HEAD X(NEEDS_OF("onlyOne", "1", "2") NEEDS("1") NEEDS("2")) SETS("") CAT("a", "1", "", "")
         CAT("b", "2", "", "") END,
     "requires only one and, by other rules, 2"},
    {HEAD X("") SETS("") CAT("a", "1", "", NEEDS("9")) END, "no restrictive category 9"},
    {HEAD X("") SETS("")
         CAT("a", "1", "", "<excludedCategory tagSetRef='Z' tagType='restrictive' all='1'/>") END,
     "no tag set 'Z'"},
    {HEAD X("") SETS("")
         CAT("a", "1", "", "<excludedCategory tagSetRef='S' tagType='permissive' all='1'/>") END,
     "no permissive category at all"},
    {HEAD X("") SETS("") CAT("a", "1", "requiredClass='Z'", "") END, "no classification 'Z'"},
    {HEAD X("") SETS("") CAT("a", "1", "", BARS_CLASS("Z")) END, "no classification 'Z'"},
    {HEAD X("") SETS("minSelection='2' maxSelection='1'") CAT("a", "1", "", "") END,
     "contradictory: asks for at least 2 and at most 1"},
    {HEAD X("") SETS("singleSelection='true' maxSelection='3'") CAT("a", "1", "", "") END,
     "contradictory: singleSelection and maxSelection='3'"},
    {HEAD X("") SETS("minSelection='2'") CAT("a", "1", "", "") END, "has 1 of them"},
    {HEAD X(MAPS("Nobody", "applied='both'")) SETS("") END, "no <equivalentPolicy> 'Nobody'"},
    {HEAD X(MAPS("Other", "applied='both'") MAPS("Other", "applied='encrypt'")) SETS("") END,
     "a second equivalent"},
    {HEAD X("") SETS("") CAT(
         "a", "1", "",
         "<equivalentSecCategoryTag policyRef='Other' tagSetId='2.999.7' tagType='permissive' "
         "lacv='1' applied='both'/><equivalentSecCategoryTag policyRef='Other' "
         "tagSetId='2.999.7' tagType='permissive' lacv='1' applied='both' action='discard'/>") END,
     "both mapped to 'Other' and discarded"},
};

static void expect_refused(const char *spif, const char *words)
{
    struct vls_scheme *scheme = NULL;
    struct vls_why why = {""};
    assert_code(vls_scheme_read(vls_slice_text(spif), "t.xml", &scheme, &why), SCHEME_INVALID);
    assert_null(scheme);
    if (strstr(why.text, words) == NULL || strstr(why.text, "t.xml:") == NULL)
        fail_msg("'%s' does not say '%s'", why.text, words);
}

static void expect_good(const char *spif)
{
    struct vls_scheme *scheme = NULL;
    struct vls_why why = {""};
    if (!vls_ok(vls_scheme_read(vls_slice_text(spif), "t.xml", &scheme, &why)))
        fail_msg("%s", why.text);
    assert_int_not_equal(vls_scheme_count(scheme), 0);
    vls_scheme_free(&scheme);
}

static void rules__that_cannot_be_kept__are_refused_with_their_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CONTRADICTIONS / sizeof CONTRADICTIONS[0]; i++)
        expect_refused(CONTRADICTIONS[i].spif, CONTRADICTIONS[i].words);
}

static void rules__that_can_be_kept__load(void **state)
{
    (void)state;
    /* a diamond is no circle, and a choice forces nothing */
    expect_good(HEAD X("") SETS("") CAT("a", "1", "", NEEDS_OF("all", "2", "3"))
                    CAT("b", "2", "", NEEDS("4")) CAT("c", "3", "", NEEDS("4"))
                        CAT("d", "4", "", NEEDS_OF("oneOrMore", "1", "2")) END);
    /* all others of its own tag may be excluded */
    expect_good(HEAD X("") SETS("") CAT(
        "a", "1", "", "<excludedCategory tagSetRef='S' tagType='restrictive' all='true'/>")
                    CAT("b", "2", "", "") END);
    expect_good(HEAD X(MAPS("Default", "applied='both'")) SETS("") END);
    expect_good(HEAD X(MAPS("Other", "applied='encrypt'") MAPS("Other", "applied='decrypt'"))
                    SETS("minSelection='unbounded' maxSelection='unbounded'") END);
    /* what is discarded needs no category there */
    expect_good(HEAD X("") SETS("")
                    CAT("a", "1", "",
                        "<equivalentSecCategoryTag policyRef='Other' tagSetId='2.999.7' "
                        "tagType='enumerated' lacv='' applied='both' action='discard'/>") END);
}

/* The order is free: rules are read before the classifications are known. */
static void rules__before_the_classifications__load(void **state)
{
    (void)state;
    expect_good(
        "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1'>"
        "<securityCategoryTagSets><securityCategoryTagSet name='S' id='2.999.1.1'>"
        "<securityCategoryTag tagType='restrictive'>" CAT("a", "1", "requiredClass='X'", NEEDS("2"))
            CAT("b", "2", "",
                "") "</securityCategoryTag></securityCategoryTagSet></securityCategoryTagSets>"
                    "<securityClassifications>" X(
                        "") "</securityClassifications>"
                            "<securityPolicyId name='Test' id='2.999.1'/></SPIF>");
}

static void equivalents__to_itself_or_twice__are_refused(void **state)
{
    (void)state;
#define POLICIES(own, first, second)                                                               \
    "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1'>"                               \
    "<securityPolicyId name='Test' id='" own "'/><equivalentPolicies>" first second                \
    "</equivalentPolicies><securityClassifications>" X("") "</securityClassifications></SPIF>"
#define POLICY(name, id) "<equivalentPolicy name='" name "' id='" id "'/>"
    expect_good(POLICIES("2.999.1", POLICY("A", "2.999.2"), POLICY("B", "2.999.3")));
    expect_refused(POLICIES("2.999.1", POLICY("A", "2.999.1"), ""), "circular");
    expect_refused(POLICIES("2.999.1", POLICY("A", "2.999.2"), POLICY("A", "2.999.3")),
                   "given twice");
    expect_refused(POLICIES("2.999.1", POLICY("A", "2.999.2"), POLICY("B", "2.999.2")),
                   "given twice");
    expect_refused(POLICIES("2.999.1", POLICY("A", "2.999.02"), ""), "not an object identifier");
    expect_refused(
        "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1'>"
        "<defaultSecurityPolicyId name='Default' id='2.999.1'/><securityPolicyId name='Test' "
        "id='2.999.1'/><securityClassifications>" X(
            MAPS("Default", "applied='both'")) "</securityClassifications></SPIF>",
        "circular: 'Default' is this policy itself");
}

/* -- at the limits: what is bounded is the number of steps, so the counts are */

static void add_repeated(struct vls_buf *out, const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_code(vls_buf_add_text(out, text), OK);
}

static struct vls_status read_buf(const struct vls_buf *spif, struct vls_scheme **out,
                                  struct vls_why *why)
{
    return vls_scheme_read(vls_buf_slice(spif), "t.xml", out, why);
}

/* Each category forces all that come after it, and each rule names all of them. */
static void limits__most_categories_that_force_each_other__load(void **state)
{
    (void)state;
    struct vls_buf spif;
    vls_buf_init(&spif, VLS_MAX_SCHEME_FILE);
    assert_code(vls_buf_add_text(&spif, HEAD X("") SETS("")), OK);
    for (int i = 0; i < VLS_MAX_CATEGORIES; i++) {
        assert_code(vls_buf_add_format(&spif, "<tagCategory name='c%d' lacv='%d'>", i, i), OK);
        for (int k = i + 1; k <= i + 15 && k < VLS_MAX_CATEGORIES; k++)
            assert_code(vls_buf_add_format(&spif,
                                           "<requiredCategory operation='all'><categoryGroup "
                                           "tagSetRef='S' tagType='restrictive' lacv='%d'/>"
                                           "</requiredCategory>",
                                           k),
                        OK);
        assert_code(vls_buf_add_text(&spif, "</tagCategory>"), OK);
    }
    assert_code(vls_buf_add_text(&spif, END), OK);
    struct vls_scheme *s = NULL;
    struct vls_why why = {""};
    if (!vls_ok(read_buf(&spif, &s, &why)))
        fail_msg("%s", why.text);
    assert_int_equal(vls_scheme_category_count(s), VLS_MAX_CATEGORIES);
    vls_scheme_free(&s);
    vls_buf_fini(&spif);
}

static const struct {
    const char *before, *repeated, *after;
    size_t limit;
    const char *words;
} MANY[] = {
    {HEAD X("") SETS("") "<tagCategory name='a' lacv='1'/><tagCategory name='b' lacv='2'>",
     "<excludedCategory tagSetRef='S' tagType='restrictive' all='true'/>", "</tagCategory>" END,
     VLS_MAX_SCHEME_REFS, "name more than 16384 categories"},
    {HEAD X("<requiredCategory operation='oneOrMore'><categoryGroup tagSetRef='S' "
            "tagType='restrictive' lacv='1'/></requiredCategory>")
         SETS("") "<tagCategory name='a' lacv='1'>",
     "<equivalentSecCategoryTag policyRef='Other' tagSetId='2.999.7' tagType='permissive' lacv='1' "
     "applied='decrypt'/>",
     "</tagCategory>" END, VLS_MAX_EQUIVALENTS, "more than 256 of them"},
};

static void limits__one_more_than_allowed__is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof MANY / sizeof MANY[0]; i++)
        for (size_t more = 0; more < 2; more++) {
            struct vls_buf spif;
            struct vls_scheme *s = NULL;
            struct vls_why why = {""};
            vls_buf_init(&spif, VLS_MAX_SCHEME_FILE);
            assert_code(vls_buf_add_text(&spif, MANY[i].before), OK);
            add_repeated(&spif, MANY[i].repeated, MANY[i].limit + more);
            assert_code(vls_buf_add_text(&spif, MANY[i].after), OK);
            struct vls_status status = read_buf(&spif, &s, &why);
            if (more == 0 && !vls_ok(status))
                fail_msg("%s", why.text);
            if (more == 1) {
                assert_code(status, SCHEME_INVALID);
                assert_non_null(strstr(why.text, MANY[i].words));
            }
            vls_scheme_free(&s);
            vls_buf_fini(&spif);
        }
}

static void limits__one_more_policy_class_or_mark__is_refused(void **state)
{
    (void)state;
    static const char *const PARTS[][4] = {
        {"<equivalentPolicies>", "<equivalentPolicy name='P%d' id='2.999.3.%d'/>",
         "</equivalentPolicies>", "more than 256"},
        {"<privacyMarks>", "<privacyMark name='M%d %d'/>", "</privacyMarks>", "more than 256"},
        {"<securityCategoryTagSets>",
         "<securityCategoryTagSet name='S%d' id='2.999.4.%d'><securityCategoryTag "
         "tagType='permissive'/></securityCategoryTagSet>",
         "</securityCategoryTagSets>", "more than 64"}};
    static const size_t LIMITS[] = {VLS_MAX_EQUIVALENTS, VLS_MAX_PRIVACY_MARKS, VLS_MAX_TAG_SETS};
    for (size_t i = 0; i < sizeof PARTS / sizeof PARTS[0]; i++)
        for (size_t more = 0; more < 2; more++) {
            struct vls_buf spif;
            struct vls_scheme *s = NULL;
            struct vls_why why = {""};
            vls_buf_init(&spif, VLS_MAX_SCHEME_FILE);
            assert_code(vls_buf_add_text(
                            &spif, "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1'>"
                                   "<securityPolicyId name='Test' id='2.999.1'/>"
                                   "<securityClassifications>" X("") "</securityClassifications>"),
                        OK);
            assert_code(vls_buf_add_text(&spif, PARTS[i][0]), OK);
            for (size_t k = 0; k < LIMITS[i] + more; k++) {
                char part[256];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
                snprintf(part, sizeof part, PARTS[i][1], (int)k, (int)k);
#pragma GCC diagnostic pop
                assert_code(vls_buf_add_text(&spif, part), OK);
            }
            assert_code(vls_buf_add_text(&spif, PARTS[i][2]), OK);
            assert_code(vls_buf_add_text(&spif, "</SPIF>"), OK);
            struct vls_status status = read_buf(&spif, &s, &why);
            if (more == 0 && !vls_ok(status))
                fail_msg("%s", why.text);
            if (more == 1)
                assert_non_null(strstr(why.text, PARTS[i][3]));
            vls_scheme_free(&s);
            vls_buf_fini(&spif);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules__that_cannot_be_kept__are_refused_with_their_place),
        cmocka_unit_test(rules__that_can_be_kept__load),
        cmocka_unit_test(rules__before_the_classifications__load),
        cmocka_unit_test(equivalents__to_itself_or_twice__are_refused),
        cmocka_unit_test(limits__most_categories_that_force_each_other__load),
        cmocka_unit_test(limits__one_more_than_allowed__is_refused),
        cmocka_unit_test(limits__one_more_policy_class_or_mark__is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
