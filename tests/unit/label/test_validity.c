/* The rules of a scheme for a label, its dates, and its originators. */
#include "label/label_test.h"

#include "label/join.h"
#include "label/map.h"

#define DAY_MS UINT64_C(86400000)
#define T0     UINT64_C(1767225600000) /* 2026-01-01T00:00:00Z */

#define TAG(name, type, rest) "<securityCategoryTag name='" name "' tagType='" type "' " rest ">"
#define REQUIRES(operation, groups)                                                                \
    "<requiredCategory operation='" operation "'>" groups "</requiredCategory>"
#define GROUP(value) "<categoryGroup tagSetRef='S' tagType='restrictive' lacv='" value "'/>"

static const char SPIF[] =
    "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1'"
    " rbacId='2.16.840.1.101.2.1.8.3'><securityPolicyId name='T' id='2.999.1'/>"
    "<securityClassifications><securityClassification name='LOW' lacv='1' hierarchy='1'/>"
    "<securityClassification name='HIGH' lacv='2' hierarchy='2'>"
    "<equivalentClassification policyRef='U' lacv='7' applied='encrypt'/></securityClassification>"
    "<securityClassification name='OLD' lacv='3' hierarchy='3' obsolete='true'/>"
    "<securityClassification name='TOP' lacv='4' hierarchy='4'>" REQUIRES(
        "oneOrMore",
        GROUP("0") GROUP(
            "1")) "</securityClassification></securityClassifications>"
                  "<securityCategoryTagSets><securityCategoryTagSet name='S' id='2.999.1.1'>" TAG(
                      "r", "restrictive",
                      "") "<tagCategory name='A' lacv='0'/><tagCategory name='B' lacv='1'/>"
                          "<tagCategory name='ALL' lacv='2'>" REQUIRES(
                              "all",
                              GROUP("0") GROUP(
                                  "1")) "</tagCategory>"
                                        "<tagCategory name='ONE' lacv='3'>" REQUIRES(
                                            "onlyOne",
                                            GROUP("0") GROUP(
                                                "1")) "</tagCategory>"
                                                      "<tagCategory name='NOT A' "
                                                      "lacv='4'><excludedCategory tagSetRef='S' "
                                                      "tagType='restrictive'"
                                                      " lacv='0'/></tagCategory>"
                                                      "<tagCategory name='NOT LOW' "
                                                      "lacv='5'><excludedClass>LOW</"
                                                      "excludedClass></tagCategory>"
                                                      "<tagCategory name='ONLY HIGH' lacv='6' "
                                                      "requiredClass='HIGH'/>"
                                                      "<tagCategory name='GONE' lacv='7' "
                                                      "obsolete='true'/>"
                                                      "<tagCategory name='WHILE' lacv='8' "
                                                      "notBefore='2026-01-02T00:00:00Z'"
                                                      " notAfter='2026-01-04T00:00:00Z'/>"
                                                      "</securityCategoryTag></"
                                                      "securityCategoryTagSet>"
                                                      "<securityCategoryTagSet name='P' "
                                                      "id='2.999.1.2'>" TAG(
                                                          "p", "permissive",
                                                          "maxSelection='2'") "<tagCategory "
                                                                              "name='P0' "
                                                                              "lacv='0'/"
                                                                              "><tagCategory "
                                                                              "name='P1' lacv='1'/>"
                                                                              "<tagCategory "
                                                                              "name='P2' "
                                                                              "lacv='2'/></"
                                                                              "securityCategoryTag>"
                                                                              "</"
                                                                              "securityCategoryTagS"
                                                                              "et>"
                                                                              "</"
                                                                              "securityCategoryTagS"
                                                                              "ets><"
                                                                              "equivalentPolicies><"
                                                                              "equivalentPolicy "
                                                                              "name='U' "
                                                                              "id='2.999.2'/>"
                                                                              "</"
                                                                              "equivalentPolicies><"
                                                                              "/SPIF>";

static const char OTHER[] =
    "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1'"
    " rbacId='2.16.840.1.101.2.1.8.3'><securityPolicyId name='U' id='2.999.2'/>"
    "<securityClassifications><securityClassification name='SHUT' lacv='7' hierarchy='1'/>"
    "</securityClassifications></SPIF>";

static struct vls_scheme *both[2];
static struct vls_scheme_set set = {both, 2};

static int set_up(void **state)
{
    (void)state;
    struct vls_why why = {""};
    if (!vls_ok(vls_scheme_read(vls_slice_text(SPIF), "t.xml", &both[0], &why)) ||
        !vls_ok(vls_scheme_read(vls_slice_text(OTHER), "u.xml", &both[1], &why)))
        fail_msg("%s", why.text);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    vls_scheme_free(&both[0]);
    vls_scheme_free(&both[1]);
    return 0;
}

static void rules__each__kept_or_named(void **state)
{
    (void)state;
    static const struct {
        const char *label, *words; /* words NULL: valid */
    } CASES[] = {
        {"t/low", NULL},
        {"t/top", "TOP is valid only with"},
        {"t/top;s/b", NULL},
        {"t/top;s/a;s/b", NULL},
        {"t/low;s/all;s/a", "ALL requires all of 2"},
        {"t/low;s/all;s/a;s/b", NULL},
        {"t/low;s/one", "ONE is valid only with"},
        {"t/low;s/one;s/b", NULL},
        {"t/low;s/one;s/a;s/b", "ONE requires only one"},
        {"t/low;s/not-a", NULL},
        {"t/low;s/not-a;s/a", "'NOT A' excludes category 'A'"},
        {"t/low;s/not-low", "excludes the classification 'LOW'"},
        {"t/high;s/not-low", NULL},
        {"t/low;s/only-high", "requires the classification 'HIGH'"},
        {"t/high;s/only-high", NULL},
        {"t/low;p/p0;p/p1", NULL},
        {"t/low;p/p0;p/p1;p/p2", "the scheme allows"},
        {"t/low;p/permissive=nobody", NULL},
        {"t/old", "obsolete"},
        {"t/low;s/gone", "'GONE' is obsolete"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct vls_label label;
        struct vls_why why = {""};
        struct vls_status s = vls_label_read(CASES[i].label, &set, &label, &why);
        if (CASES[i].words == NULL && !vls_ok(s))
            fail_msg("%s: %s", CASES[i].label, why.text);
        if (CASES[i].words != NULL)
            assert_code(s, LABEL_VALUE);
        if (CASES[i].words != NULL && strstr(why.text, CASES[i].words) == NULL)
            fail_msg("%s: '%s' does not say '%s'", CASES[i].label, why.text, CASES[i].words);
    }
}

/* The same rules hold for what comes as DER, where obsolete values may still be read. */
static void rules__from_der__kept_or_refused(void **state)
{
    (void)state;
    const struct vls_scheme *s = both[0];
    for (size_t level = 0; level < vls_scheme_count(s); level++)
        for (size_t c = 0; c < vls_scheme_category_count(s); c++) {
            struct vls_label label = vls_label_of(s, vls_scheme_at(s, level)), again;
            struct vls_buf der;
            vls_label_add(&label, vls_scheme_category(s, c));
            vls_buf_init(&der, VLS_MAX_LABEL);
            assert_code(vls_label_encode(&label, &der), OK);
            assert_int_equal(vls_label_decode(vls_buf_slice(&der), &set, &again, NULL).code,
                             vls_label_check(&label, NULL).code);
            assert_code(vls_label_decode_any(vls_buf_slice(&der), &set, &again, NULL), OK);
            vls_buf_fini(&der);
        }
}

static void obsolete__old_label__is_read_and_not_given(void **state)
{
    (void)state;
    struct vls_label old = vls_label_of(both[0], vls_scheme_by_handle(both[0], "old"));
    assert_code(vls_label_check(&old, NULL), OK);
    assert_code(vls_label_check_at(&old, T0, NULL), OK);
    assert_code(vls_label_check_new(&old, NULL), LABEL_VALUE);
}

static void dates__category__holds_within_its_time(void **state)
{
    (void)state;
    struct vls_label label;
    assert_code(vls_label_read("t/low;s/while", &set, &label, NULL), OK);
    assert_code(vls_label_check_at(&label, T0 + DAY_MS - 1, NULL), LABEL_VALUE);
    assert_code(vls_label_check_at(&label, T0 + DAY_MS, NULL), OK);
    assert_code(vls_label_check_at(&label, T0 + 3 * DAY_MS, NULL), OK);
    assert_code(vls_label_check_at(&label, T0 + 3 * DAY_MS + 1, NULL), LABEL_VALUE);
}

static void dates__succession__never_before_creation(void **state)
{
    (void)state;
    struct vls_label label = vls_label_of(both[0], vls_scheme_at(both[0], 1));
    struct vls_label_details *d = vls_label_details(&label);
    struct vls_why why = {""};
    d->created_ms = T0;
    d->succession_ms = T0 - 1;
    assert_code(vls_label_check(&label, &why), LABEL_VALUE);
    assert_non_null(strstr(why.text, "succeeded before it was created"));
    d->succession_ms = T0 + DAY_MS;
    assert_code(vls_label_check(&label, NULL), OK);
    assert_code(vls_label_check_at(&label, T0 - 1, NULL), LABEL_VALUE);
    assert_code(vls_label_check_at(&label, T0, NULL), OK);
    assert_code(vls_label_check_at(&label, T0 + DAY_MS, NULL), LABEL_VALUE);
    d->review_ms = T0 - 1;
    assert_code(vls_label_check(&label, NULL), LABEL_VALUE);
    d->review_ms = 0;
    d->succession_ms = 0;
    d->successor = vls_mem_new(sizeof *d->successor);
    *d->successor = vls_label_of(both[0], vls_scheme_at(both[0], 0));
    assert_code(vls_label_check(&label, &why), LABEL_VALUE);
    assert_non_null(strstr(why.text, "no date"));
    vls_label_fini(&label);
}

/* -- privacy marks */

#define MARKED(name, oid, bounds)                                                                  \
    "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1'>"                               \
    "<securityPolicyId name='" name "' id='" oid "'/>"                                             \
    "<securityClassifications><securityClassification name='LOW' lacv='1' hierarchy='1'/>"         \
    "</securityClassifications><privacyMarks " bounds "><privacyMark name='STAFF'/>"               \
    "<privacyMark name='FORMER' obsolete='true'/></privacyMarks></SPIF>"

static void marks__each_bound__kept_or_named(void **state)
{
    (void)state;
    static const char REQUIRED[] = MARKED("N", "2.999.3", "minSelection='1'"),
                      NONE[] = MARKED("N", "2.999.3", "maxSelection='0'"),
                      LISTED[] = MARKED("N", "2.999.3", "");
    static const struct {
        const char *spif, *mark, *words; /* words NULL: valid for new use */
        bool is_readable;
    } CASES[] = {
        {REQUIRED, NULL, "scheme n requires a privacy mark such as 'STAFF'", false},
        {REQUIRED, "STAFF", NULL, true},
        {REQUIRED, "staff", "'staff' is none of scheme n: it has 'STAFF'", false},
        {NONE, NULL, NULL, true},
        {NONE, "STAFF", "scheme n allows no privacy mark, and there is 'STAFF'", false},
        {LISTED, NULL, NULL, true},
        {LISTED, "STAFF", NULL, true},
        {LISTED, "OTHER", "'OTHER' is none of scheme n", false},
        {LISTED, "FORMER", "'FORMER' is obsolete", true},
        {OTHER, "ANY WORDS", NULL, true}, /* a scheme without a list */
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct vls_scheme *s = NULL;
        struct vls_why why = {""};
        assert_code(vls_scheme_read(vls_slice_text(CASES[i].spif), "n.xml", &s, &why), OK);
        struct vls_label label = vls_label_of(s, vls_scheme_at(s, 0));
        if (CASES[i].mark != NULL)
            assert_code(vls_label_set_privacy_mark(&label, CASES[i].mark), OK);
        assert_int_equal(vls_ok(vls_label_check(&label, NULL)), CASES[i].is_readable);
        assert_int_equal(vls_ok(vls_label_check_new(&label, &why)), CASES[i].words == NULL);
        if (CASES[i].words != NULL && strstr(why.text, CASES[i].words) == NULL)
            fail_msg("%zu: '%s' does not say '%s'", i, why.text, CASES[i].words);
        vls_label_fini(&label);
        vls_scheme_free(&s);
    }
}

/* A mark goes along when a label is mapped, so it must be one of the scheme there. */
static void marks__mapped__must_be_listed_there(void **state)
{
    (void)state;
    static const char FROM[] =
        "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1'>"
        "<securityPolicyId name='F' id='2.999.4'/><securityClassifications>"
        "<securityClassification name='LOW' lacv='1' hierarchy='1'>"
        "<equivalentClassification policyRef='N' lacv='1' applied='encrypt'/>"
        "</securityClassification></securityClassifications>"
        "<equivalentPolicies><equivalentPolicy name='N' id='2.999.3'/></equivalentPolicies></SPIF>";
    static const char TO[] = MARKED("N", "2.999.3", "minSelection='1'");
    static const struct {
        const char *mark, *words; /* words NULL: mapped */
    } CASES[] = {{"STAFF", NULL}, {NULL, "requires a privacy mark"}, {"OTHER", "is none of"}};
    struct vls_scheme *from = NULL, *to = NULL;
    assert_code(vls_scheme_read(vls_slice_text(FROM), "f.xml", &from, NULL), OK);
    assert_code(vls_scheme_read(vls_slice_text(TO), "n.xml", &to, NULL), OK);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct vls_label label = vls_label_of(from, vls_scheme_at(from, 0)), there;
        struct vls_why why = {""};
        if (CASES[i].mark != NULL)
            assert_code(vls_label_set_privacy_mark(&label, CASES[i].mark), OK);
        struct vls_status s = vls_label_map(&label, to, NULL, &there, &why);
        assert_int_equal(vls_ok(s), CASES[i].words == NULL);
        if (CASES[i].words != NULL)
            assert_non_null(strstr(why.text, CASES[i].words));
        else
            vls_label_fini(&there);
        vls_label_fini(&label);
    }
    vls_scheme_free(&from);
    vls_scheme_free(&to);
}

/* -- originators */

static struct vls_label owned_by(const char *first, const char *second)
{
    struct vls_label label = vls_label_of(both[0], vls_scheme_by_handle(both[0], "high"));
    assert_code(vls_label_add_originator(&label, first), OK);
    assert_code(vls_label_add_originator(&label, second), OK);
    return label;
}

static void originators__copy_join_map__travel_as_a_set(void **state)
{
    (void)state;
    struct vls_label a = owned_by("un", "iom"), b = owned_by("who", "un"), copy, sum, there;
    assert_int_equal(a.details->originator_count, 2);
    assert_string_equal(a.details->originators[0], "iom");
    assert_code(vls_label_copy(&a, &copy), OK);
    assert_code(vls_label_join(&a, &b, &sum, NULL), OK);
    assert_code(vls_label_map(&sum, both[1], NULL, &there, NULL), OK);
    assert_int_equal(copy.details->originator_count, 2);
    assert_int_equal(sum.details->originator_count, 3);
    assert_int_equal(there.details->originator_count, 3);
    assert_ptr_equal(there.scheme, both[1]);
    assert_string_equal(there.details->originators[0], "iom");
    assert_string_equal(there.details->originators[1], "un");
    assert_string_equal(there.details->originators[2], "who");
    vls_label_fini(&a);
    vls_label_fini(&b);
    vls_label_fini(&copy);
    vls_label_fini(&sum);
    vls_label_fini(&there);
}

static void originators__twice_or_bad__once_or_refused(void **state)
{
    (void)state;
    struct vls_label label = owned_by("un", "un");
    char name[16];
    assert_int_equal(label.details->originator_count, 1);
    assert_code(vls_label_add_originator(&label, ""), INPUT_MALFORMED);
    assert_code(vls_label_add_originator(&label, "a\nb"), INPUT_MALFORMED);
    for (unsigned i = 1; i < VLS_MAX_ORIGINATORS; i++) {
        snprintf(name, sizeof name, "o%u", i);
        assert_code(vls_label_add_originator(&label, name), OK);
    }
    assert_code(vls_label_add_originator(&label, "one-more"), INPUT_LIMIT);
    assert_code(vls_label_add_originator(&label, "un"), OK);
    vls_label_fini(&label);
}

static void join__details__what_all_agree_on(void **state)
{
    (void)state;
    struct vls_label a = owned_by("un", "un"), b = owned_by("iom", "iom"), sum;
    a.details->created_ms = T0;
    b.details->created_ms = T0 + 1;
    a.details->review_ms = b.details->review_ms = T0 + DAY_MS;
    a.details->succession_ms = T0 + DAY_MS;
    assert_code(vls_label_set_privacy_mark(&a, "STAFF"), OK);
    assert_code(vls_label_join(&a, &b, &sum, NULL), OK);
    assert_int_equal(sum.details->created_ms, T0 + 1);
    assert_int_equal(sum.details->review_ms, T0 + DAY_MS);
    assert_int_equal(sum.details->succession_ms, 0);
    assert_string_equal(sum.details->privacy_mark, "STAFF");
    vls_label_fini(&sum);
    assert_code(vls_label_set_privacy_mark(&b, "OTHER"), OK);
    assert_code(vls_label_join(&a, &b, &sum, NULL), LABEL_VALUE);
    vls_label_fini(&a);
    vls_label_fini(&b);
}

/* A document is held for years: what was proposed to lower its label waits, what raises it stops.
 */
static void held__succession_due__only_a_raising_one_stops(void **state)
{
    struct vls_label label = owned_by("un", "un"), lower, copy;
    (void)state;
    label.classification = vls_scheme_at(label.scheme, 0);
    label.details->created_ms = T0;
    label.details->succession_ms = T0 + DAY_MS;
    assert_code(vls_label_copy(&label, &copy), OK);
    lower = copy;
    label.details->successor = vls_mem_new(sizeof lower);
    *label.details->successor = lower;
    /* the successor is the same level: it is dominated, so the label stays in force */
    assert_code(vls_label_check_at(&label, T0 + 2 * DAY_MS, NULL), LABEL_VALUE);
    assert_code(vls_label_check_held(&label, T0 + 2 * DAY_MS, NULL), OK);
    label.details->successor->classification =
        vls_scheme_at(label.scheme, vls_scheme_count(label.scheme) - 1);
    assert_false(vls_label_dominates(&label, label.details->successor));
    assert_code(vls_label_check_held(&label, T0 + DAY_MS - 1, NULL), OK);
    assert_code(vls_label_check_held(&label, T0 + DAY_MS, NULL), LABEL_VALUE);
    vls_label_fini(&label);
}

static void held__created_by_a_clock_ahead__within_the_skew(void **state)
{
    struct vls_label label = owned_by("un", "un");
    (void)state;
    label.details->created_ms = T0;
    assert_code(vls_label_check_held(&label, T0 - VLS_CLOCK_SKEW_MS, NULL), OK);
    assert_code(vls_label_check_held(&label, T0 - VLS_CLOCK_SKEW_MS - 1, NULL), LABEL_VALUE);
    vls_label_fini(&label);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules__each__kept_or_named),
        cmocka_unit_test(rules__from_der__kept_or_refused),
        cmocka_unit_test(obsolete__old_label__is_read_and_not_given),
        cmocka_unit_test(dates__category__holds_within_its_time),
        cmocka_unit_test(dates__succession__never_before_creation),
        cmocka_unit_test(marks__each_bound__kept_or_named),
        cmocka_unit_test(marks__mapped__must_be_listed_there),
        cmocka_unit_test(originators__copy_join_map__travel_as_a_set),
        cmocka_unit_test(originators__twice_or_bad__once_or_refused),
        cmocka_unit_test(join__details__what_all_agree_on),
        cmocka_unit_test(held__succession_due__only_a_raising_one_stops),
        cmocka_unit_test(held__created_by_a_clock_ahead__within_the_skew),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
