#include "label/xml4774_label.h"

#include "label/label_test.h"

static const char SCHEME[] =
    "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1'>"
    "<securityPolicyId name='Test' id='2.999.7'/><securityClassifications>"
    "<securityClassification name='LOW' lacv='10' hierarchy='1'/>"
    "<securityClassification name='HIGH' lacv='20' hierarchy='2'/></securityClassifications>"
    "<securityCategoryTagSets><securityCategoryTagSet name='To' id='2.999.7.1'>"
    "<securityCategoryTag name='Releasable To' tagType='permissive'>"
    "<tagCategory name='UN' lacv='1'/><tagCategory name='IOM' lacv='3'/></securityCategoryTag>"
    "</securityCategoryTagSet><securityCategoryTagSet name='Eyes' id='2.999.7.2'>"
    "<securityCategoryTag name='Eyes' tagType='restrictive'>"
    "<tagCategory name='A' lacv='0'/></securityCategoryTag></securityCategoryTagSet>"
    "</securityCategoryTagSets></SPIF>";

#define LABEL(policy, level, more)                                                                 \
    "<originatorConfidentialityLabel xmlns='" VLS_XML4774_NAMESPACE "'>"                           \
    "<ConfidentialityInformation>" policy "<Classification>" level "</Classification>" more        \
    "</ConfidentialityInformation><CreationDateTime>2026-01-01T00:00:00Z</CreationDateTime>"       \
    "</originatorConfidentialityLabel>"
#define POLICY           "<PolicyIdentifier URI='urn:oid:2.999.7'>Test</PolicyIdentifier>"
#define TO(type, values) "<Category Type='" type "' TagName='Releasable To'>" values "</Category>"

static struct vls_scheme *scheme;
static struct vls_scheme_set set;

static int set_up(void **state)
{
    struct vls_why why = {""};
    (void)state;
    if (!vls_ok(vls_scheme_read(vls_slice_text(SCHEME), "test", &scheme, &why)))
        fail_msg("%s", why.text);
    set = (struct vls_scheme_set){&scheme, 1};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    vls_scheme_free(&scheme);
    return 0;
}

static struct vls_status read_label(const char *text, struct vls_label *out, struct vls_why *why)
{
    struct vls_xml4774 *form = NULL;
    struct vls_status s = vls_xml4774_read(vls_slice_text(text), "a", &form, why);
    if (vls_ok(s))
        s = vls_xml4774_label(form, &set, out, why);
    vls_xml4774_free(&form);
    return s;
}

/** The text form of what was read. */
static void assert_means(const char *text, const char *expected)
{
    struct vls_label label;
    struct vls_why why = {""};
    struct vls_buf words;
    vls_buf_init(&words, 512);
    if (!vls_ok(read_label(text, &label, &why)))
        fail_msg("%s", why.text);
    assert_code(vls_label_text(&label, &words), OK);
    assert_string_equal(vls_buf_text(&words), expected);
    vls_buf_fini(&words);
    vls_label_fini(&label);
}

static void label__names_numbers_bits__the_same_categories(void **state)
{
    (void)state;
    assert_means(LABEL(POLICY, "LOW", ""), "test/low");
    assert_means(LABEL("<PolicyIdentifier>Test</PolicyIdentifier>", "HIGH", ""), "test/high");
    assert_means(LABEL(POLICY, "LOW", TO("PERMISSIVE", "<GenericValue>IOM</GenericValue>")),
                 "test/low;to/iom");
    assert_means(LABEL(POLICY, "LOW", TO("PERMISSIVE", "<IntegerValue>3</IntegerValue>")),
                 "test/low;to/iom");
    assert_means(LABEL(POLICY, "LOW", TO("PERMISSIVE", "<BitStringValue>0101</BitStringValue>")),
                 "test/low;to/un;to/iom");
    assert_means(LABEL(POLICY, "LOW",
                       "<Category Type='RESTRICTIVE' TagName='Eyes' URI='urn:oid:2.999.7.2'>"
                       "<GenericValue>A</GenericValue></Category>"),
                 "test/low;eyes/a");
}

static void label__empty_list__is_nobody(void **state)
{
    (void)state;
    static const char *const EMPTY[] = {
        LABEL(POLICY, "LOW", TO("PERMISSIVE", "")),
        LABEL(POLICY, "LOW", TO("PERMISSIVE", "<BitStringValue>000</BitStringValue>"))};
    for (size_t i = 0; i < 2; i++) {
        struct vls_label label;
        struct vls_why why = {""};
        if (!vls_ok(read_label(EMPTY[i], &label, &why)))
            fail_msg("%s", why.text);
        assert_int_equal(vls_label_list(&label, vls_scheme_tag(scheme, 0)), VLS_LIST_EMPTY);
        vls_label_fini(&label);
    }
}

static void label__not_of_the_scheme__refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t code;
    } BAD[] = {
        {LABEL("<PolicyIdentifier>Other</PolicyIdentifier>", "LOW", ""), VLS_LABEL_SCHEME},
        {LABEL("<PolicyIdentifier URI='urn:oid:2.999.8'>Test</PolicyIdentifier>", "LOW", ""),
         VLS_LABEL_SCHEME},
        {LABEL("<PolicyIdentifier URI='urn:oid:2.999.7'>UN</PolicyIdentifier>", "LOW", ""),
         VLS_LABEL_SCHEME},
        {LABEL(POLICY, "low", ""), VLS_LABEL_VALUE},
        {LABEL(POLICY, "LOW", TO("RESTRICTIVE", "<GenericValue>IOM</GenericValue>")),
         VLS_LABEL_VALUE},
        {LABEL(POLICY, "LOW", TO("PERMISSIVE", "<GenericValue>ICRC</GenericValue>")),
         VLS_LABEL_VALUE},
        {LABEL(POLICY, "LOW", TO("PERMISSIVE", "<GenericValue>0</GenericValue>")), VLS_LABEL_VALUE},
        {LABEL(POLICY, "LOW",
               TO("PERMISSIVE", "<IntegerValue>99999999999999999999999</IntegerValue>")),
         VLS_LABEL_VALUE},
        {LABEL(POLICY, "LOW", TO("PERMISSIVE", "<BitStringValue>00001</BitStringValue>")),
         VLS_LABEL_VALUE},
    };
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        struct vls_label label;
        struct vls_why why = {""};
        struct vls_status s = read_label(BAD[i].text, &label, &why);
        if (s.code != BAD[i].code)
            fail_msg("case %zu: %s: %s", i, vls_status_name(s), why.text);
    }
}

static void label__written__is_read_as_the_same(void **state)
{
    (void)state;
    struct vls_label label, again;
    struct vls_xml4774 *form = NULL;
    struct vls_why why = {""};
    struct vls_buf text;
    vls_buf_init(&text, VLS_MAX_XML_LABEL);
    assert_code(vls_label_read("test/high;to/iom;eyes/a", &set, &label, &why), OK);
    assert_code(vls_xml4774_of(&label, &form, &why), LABEL_VALUE); /* no creation */
    struct vls_label_details *details = vls_label_details(&label);
    details->created_ms = 1000;
    details->review_ms = 3000;
    details->succession_ms = 2000;
    details->successor = vls_mem_new(sizeof label);
    *details->successor = vls_label_of(scheme, vls_scheme_by_handle(scheme, "low"));
    vls_label_details(details->successor)->created_ms = 1000;
    assert_code(vls_label_add_originator(&label, "rfc822Name:a@example.org"), OK);
    assert_code(vls_xml4774_of(&label, &form, &why), OK);
    assert_code(vls_xml4774_write(form, &text, &why), OK);
    assert_code(read_label(vls_buf_text(&text), &again, &why), OK);
    assert_true(vls_label_is_same(&label, &again));
    assert_true(again.details->review_ms == 3000 && again.details->succession_ms == 2000);
    assert_string_equal(again.details->successor->classification->handle, "low");
    assert_string_equal(again.details->originators[0], "rfc822Name:a@example.org");
    vls_label_fini(&again);
    vls_label_fini(&label);
    vls_xml4774_free(&form);
    vls_buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(label__names_numbers_bits__the_same_categories),
        cmocka_unit_test(label__empty_list__is_nobody),
        cmocka_unit_test(label__not_of_the_scheme__refused),
        cmocka_unit_test(label__written__is_read_as_the_same),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
