#include "label/label_test.h"

#include <stdlib.h>

#define HEAD                                                                                       \
    "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1'>\n"                             \
    "<securityPolicyId name='Test' id='2.999.1'/>\n"
#define OPEN  "<securityClassifications>\n"
#define CLOSE "</securityClassifications>\n</SPIF>\n"
#define CLASS(name, lacv, hierarchy)                                                               \
    "<securityClassification name='" name "' lacv='" lacv "' hierarchy='" hierarchy "'/>\n"
#define ONE CLASS("A", "1", "1")

static struct vls_scheme *read_good(const char *text)
{
    struct vls_scheme *scheme = NULL;
    struct vls_why why = {""};
    if (!vls_ok(vls_scheme_read(vls_slice_text(text), "t.xml", &scheme, &why)))
        fail_msg("%s", why.text);
    return scheme;
}

static void expect_refused(struct vls_slice spif, const char *words)
{
    struct vls_scheme *scheme = NULL;
    struct vls_why why = {""};
    struct vls_status s = vls_scheme_read(spif, "t.xml", &scheme, &why);
    assert_code(s, SCHEME_INVALID);
    assert_null(scheme);
    if (strstr(why.text, words) == NULL)
        fail_msg("'%s' does not say '%s'", why.text, words);
}

static void shipped__united_nations__has_three_ranked_levels(void **state)
{
    (void)state;
    struct vls_scheme *s = NULL;
    struct vls_why why = {""};
    assert_code(vls_scheme_load(UN_SCHEME, &s, &why), OK);
    assert_string_equal(vls_scheme_name(s), "un-sgb-2007-6");
    assert_string_equal(vls_scheme_oid(s), "2.25.113187052075186580919599403414994078482");
    assert_int_equal(vls_scheme_count(s), 3);
    const struct vls_classification *low = vls_scheme_by_handle(s, "unclassified");
    const struct vls_classification *high = vls_scheme_by_handle(s, "strictly-confidential");
    assert_non_null(low);
    assert_string_equal(high->name, "STRICTLY CONFIDENTIAL");
    assert_true(low->hierarchy < vls_scheme_by_handle(s, "confidential")->hierarchy);
    assert_true(vls_scheme_by_handle(s, "confidential")->hierarchy < high->hierarchy);
    assert_ptr_equal(vls_scheme_by_lacv(s, high->lacv), high);
    assert_null(vls_scheme_by_lacv(s, 1));
    assert_null(vls_scheme_by_handle(s, "STRICTLY CONFIDENTIAL"));
    assert_null(vls_scheme_at(s, 3));
    vls_scheme_free(&s);
    assert_null(s);
}

static void shipped__united_nations__says_that_it_is_a_draft(void **state)
{
    (void)state;
    struct vls_scheme *s = NULL;
    assert_code(vls_scheme_load(UN_SCHEME, &s, NULL), OK);
    assert_non_null(vls_scheme_notice(s));
    assert_non_null(strstr(vls_scheme_notice(s), "verified against ST/SGB/2007/6"));
    assert_non_null(strstr(vls_scheme_notice(s), "placeholder"));
    vls_scheme_free(&s);
}

static void shipped__united_nations__levels_differ_in_two_bits(void **state)
{
    (void)state;
    struct vls_scheme *s = NULL;
    assert_code(vls_scheme_load(UN_SCHEME, &s, NULL), OK);
    for (size_t i = 0; i < vls_scheme_count(s); i++)
        for (size_t j = 0; j < i; j++)
            assert_true(__builtin_popcount(vls_scheme_at(s, i)->lacv ^ vls_scheme_at(s, j)->lacv) >
                        1);
    vls_scheme_free(&s);
}

static void shipped__iom_template__is_refused_and_says_who_fills_it(void **state)
{
    (void)state;
    struct vls_scheme *s = NULL;
    struct vls_why why = {""};
    struct vls_status status =
        vls_scheme_load(VALISE_SOURCE_DIR "/schemas/spif/iom.xml.template", &s, &why);
    assert_code(status, SCHEME_INVALID);
    assert_non_null(strstr(why.text, "has no classification"));
    assert_non_null(strstr(why.text, "to be filled by IOM"));
}

static void scheme__file_not_there__is_missing(void **state)
{
    (void)state;
    struct vls_scheme *s = NULL;
    assert_code(vls_scheme_load(VALISE_SOURCE_DIR "/schemas/spif/none.xml", &s, NULL),
                SYSTEM_MISSING);
}

static void scheme__digest__is_of_the_exact_bytes(void **state)
{
    (void)state;
    struct vls_scheme *s = read_good(HEAD OPEN ONE CLOSE);
    struct vls_digest expected = vls_digest_of_slice(vls_slice_text(HEAD OPEN ONE CLOSE));
    assert_true(vls_digest_is_equal(vls_scheme_digest(s), &expected));
    vls_scheme_free(&s);
}

static void scheme__names_with_marks__become_handles(void **state)
{
    (void)state;
    struct vls_scheme *s = read_good(HEAD OPEN CLASS("AMBER+STRICT", "1", "1") CLASS(
        "A &amp; B", "2", "2") CLASS("  Very / Secret! ", "3", "3") CLOSE);
    assert_non_null(vls_scheme_by_handle(s, "amber-strict"));
    assert_non_null(vls_scheme_by_handle(s, "very-secret"));
    assert_string_equal(vls_scheme_by_handle(s, "a-b")->name, "A & B");
    vls_scheme_free(&s);
}

static void scheme__validity__bounds_are_kept(void **state)
{
    (void)state;
    struct vls_scheme *s =
        read_good("<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1' "
                  "notBefore='1970-01-01T00:00:10Z' notAfter='1970-01-01T00:00:20Z'>"
                  "<securityPolicyId name='Test' id='2.999.1'/>" OPEN ONE CLOSE);
    assert_false(vls_scheme_is_valid_at(s, 9999));
    assert_true(vls_scheme_is_valid_at(s, 10000));
    assert_true(vls_scheme_is_valid_at(s, 20000));
    assert_false(vls_scheme_is_valid_at(s, 20001));
    vls_scheme_free(&s);
    s = read_good("<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1' "
                  "notBefore='1970-01-01T00:00:10Z' notAfter='1970-01-01T00:00:10Z'>"
                  "<securityPolicyId name='Test' id='2.999.1'/>" OPEN ONE CLOSE);
    assert_false(vls_scheme_is_valid_at(s, 9999));
    assert_true(vls_scheme_is_valid_at(s, 10000));
    assert_false(vls_scheme_is_valid_at(s, 10001));
    vls_scheme_free(&s);
    s = read_good(HEAD OPEN ONE CLOSE);
    assert_true(vls_scheme_is_valid_at(s, 0));
    assert_true(vls_scheme_is_valid_at(s, UINT64_MAX));
    vls_scheme_free(&s);
}

static void scheme__required_category__is_noted(void **state)
{
    (void)state;
    struct vls_scheme *s = read_good(
        HEAD OPEN ONE "<securityClassification name='B' lacv='2' hierarchy='2'>"
                      "<requiredCategory operation='all'>"
                      "<categoryGroup tagSetRef='x' tagType='permissive' lacv='3'/>"
                      "</requiredCategory></securityClassification></securityClassifications>"
                      "<securityCategoryTagSets><securityCategoryTagSet name='x' id='2.999.1.1'>"
                      "<securityCategoryTag name='t' tagType='permissive'>"
                      "<tagCategory name='c' lacv='3'/></securityCategoryTag>"
                      "</securityCategoryTagSet></securityCategoryTagSets></SPIF>");
    assert_false(vls_scheme_by_handle(s, "a")->requirement_count != 0);
    assert_true(vls_scheme_by_handle(s, "b")->requirement_count != 0);
    vls_scheme_free(&s);
}

static void scheme__foreign_extension__is_passed_over(void **state)
{
    (void)state;
    struct vls_scheme *s = read_good(
        HEAD OPEN ONE "</securityClassifications><extensions><x xmlns='urn:x'>text <y/></x>"
                      "<notice xmlns='urn:other'>no</notice></extensions></SPIF>");
    assert_null(vls_scheme_notice(s));
    vls_scheme_free(&s);
}

static const struct {
    const char *spif, *words;
} BAD[] = {
    {"", "empty"},
    {"no xml", "not well-formed"},
    {HEAD OPEN ONE, "not well-formed"},
    {HEAD OPEN ONE "</SPIF>", "t.xml:5: <securityClassification>: not well-formed"},
    {HEAD OPEN ONE CLOSE "<x/>", "not well-formed"},
    {"<SPIF/>", "of namespace ''"},
    {"<x xmlns='http://www.xmlspif.org/spif'/>", "may not stand here"},
    {"<SPIF xmlns='http://www.xmlspif.org/spif'/>", "'schemaVersion' is missing"},
    {"<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='1.0'/>", "2.0 and 2.1 are read"},
    {"<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1' notafter='x'/>",
     "an attribute 'notafter'"},
    {"<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1' notAfter='soon'/>",
     "notAfter='soon'"},
    {"<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1' notBefore='then' "
     "notAfter='soon'/>",
     "notBefore='then'"},
    {"<?xml version='1.0' encoding='ISO-8859-1'?><SPIF xmlns='http://www.xmlspif.org/spif' "
     "schemaVersion='2.1'/>",
     "write the file in UTF-8"},
    {"<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1'>" OPEN ONE CLOSE,
     "no <securityPolicyId>"},
    {HEAD "<securityPolicyId name='Two' id='2.999.2'/>" OPEN ONE CLOSE,
     "t.xml:3: <securityPolicyId>: given twice"},
    {"<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1'>"
     "<securityPolicyId name='x' id='2.999.x'/>" OPEN ONE CLOSE,
     "not an object identifier"},
    {HEAD "</SPIF>", "no <securityClassifications>"},
    {HEAD OPEN CLOSE, "has no classification"},
    {HEAD OPEN ONE "</securityClassifications>" OPEN CLASS("B", "2", "2") CLOSE, "given twice"},
    {HEAD OPEN ONE CLASS("A", "2", "2") CLOSE, "t.xml:5: <securityClassification>: two "
                                               "classifications have the name 'A'"},
    {HEAD OPEN ONE CLASS("a", "2", "2") CLOSE, "the same handle 'a'"},
    {HEAD OPEN ONE CLASS("B", "1", "2") CLOSE, "'A' and 'B' have the same lacv 1"},
    {HEAD OPEN ONE CLASS("B", "2", "1") CLOSE, "'A' and 'B' have the same hierarchy 1"},
    {HEAD OPEN CLASS("A", "257", "1") CLOSE, "not a number from 0 to 256"},
    {HEAD OPEN CLASS("A", "-1", "1") CLOSE, "not a number"},
    {HEAD OPEN CLASS("A", "1", "high") CLOSE, "hierarchy='high' is not a number"},
    {HEAD OPEN CLASS("", "1", "1") CLOSE, "'name' is missing"},
    {HEAD OPEN CLASS("!", "1", "1") CLOSE, "gives no handle"},
    {HEAD OPEN "<securityClassification name='A' hierarchy='1'/>" CLOSE, "'lacv' is missing"},
    {HEAD OPEN "<securityClassification name='A' lacv='1' hierarchy='1' obselete='true'/>" CLOSE,
     "an attribute 'obselete'"},
    {HEAD OPEN "<securityClassification name='A' lacv='1' hierarchy='1' obsolete='yes'/>" CLOSE,
     "neither true nor false"},
    {HEAD OPEN ONE "<securityClasification/>" CLOSE, "may not stand here"},
    {HEAD OPEN ONE "<markingCode phrase='x'/>" CLOSE, "<markingCode>: such an element"},
    {HEAD OPEN "some words" ONE CLOSE, "text where only elements"},
    {HEAD OPEN ONE "</securityClassifications><extensions>"
                   "<notice xmlns='urn:valise:scheme:1'> </notice></extensions></SPIF>",
     "an empty notice"},
};

static void scheme__bad_file__is_refused_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        expect_refused(vls_slice_text(BAD[i].spif), BAD[i].words);
}

static void scheme__document_type__is_refused_before_it_is_read(void **state)
{
    (void)state;
    static const char *const WITH_DTD[] = {
        "<!DOCTYPE SPIF SYSTEM 'file:///etc/passwd'>" HEAD OPEN ONE CLOSE,
        "<!DOCTYPE SPIF PUBLIC 'x' 'http://127.0.0.1:1/x.dtd'>" HEAD OPEN ONE CLOSE,
        "<!DOCTYPE SPIF [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>"
        "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'><!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;'>"
        "]>" HEAD OPEN CLASS("&d;", "1", "1") CLOSE,
        "<!DOCTYPE SPIF [<!ENTITY % p SYSTEM 'file:///etc/passwd'> %p;]>" HEAD OPEN ONE CLOSE,
    };
    for (size_t i = 0; i < sizeof WITH_DTD / sizeof WITH_DTD[0]; i++)
        expect_refused(vls_slice_text(WITH_DTD[i]), "a document type (<!DOCTYPE>) is not allowed");
    expect_refused(vls_slice_text(HEAD OPEN CLASS("&undeclared;", "1", "1") CLOSE),
                   "not well-formed");
}

static void scheme__too_large__is_refused(void **state)
{
    (void)state;
    char *big = vls_mem_try(VLS_MAX_SCHEME_FILE + 1);
    memset(big, ' ', VLS_MAX_SCHEME_FILE + 1);
    expect_refused(VLS_SLICE(big, VLS_MAX_SCHEME_FILE + 1), "a scheme file has at most");
    vls_mem_free(big);
}

static void scheme__too_deep_or_too_many__is_refused(void **state)
{
    (void)state;
    struct vls_buf spif;
    vls_buf_init(&spif, VLS_MAX_SCHEME_FILE);
    assert_code(vls_buf_add_text(&spif, HEAD OPEN), OK);
    for (int i = 0; i <= VLS_MAX_CLASSIFICATIONS; i++)
        assert_code(vls_buf_add_format(&spif,
                                       "<securityClassification name='n%d' lacv='%d' "
                                       "hierarchy='%d'/>",
                                       i, i, i),
                    OK);
    assert_code(vls_buf_add_text(&spif, CLASS("more", "257", "999") CLOSE), OK);
    expect_refused(vls_buf_slice(&spif), "more than 256 classifications");
    vls_buf_clear(&spif);
    assert_code(vls_buf_add_text(&spif, HEAD "<extensions>"), OK);
    for (int i = 0; i < VLS_MAX_SCHEME_DEPTH; i++)
        assert_code(vls_buf_add_text(&spif, "<x xmlns='urn:x'>"), OK);
    expect_refused(vls_buf_slice(&spif), "nested deeper than");
    vls_buf_fini(&spif);
}

static void scheme__every_allocation_fails_in_turn__status_and_no_leak(void **state)
{
    (void)state;
    bool is_done = false;
    for (uint64_t n = 1; !is_done && n < 100; n++) {
        struct vls_scheme *s = NULL;
        vls_mem_fail_at(n);
        is_done = vls_ok(vls_scheme_load(UN_SCHEME, &s, NULL));
        vls_mem_fail_at(0);
        assert_true(is_done == (s != NULL));
        vls_scheme_free(&s);
    }
    assert_true(is_done);
}

/* -- samples of others, where a folder with them is named -------------------------------------- */

static const char *sample(const char *name, char *path, size_t room)
{
    const char *dir = getenv("VALISE_SAMPLES");
    if (dir == NULL)
        return NULL;
    snprintf(path, room, "%s/labels/spif/%s", dir, name);
    return path;
}

static void samples__policies__load_or_are_refused_for_a_reason(void **state)
{
    (void)state;
    static const struct {
        const char *name, *words; /* NULL: it loads */
    } SAMPLES[] = {
        {"tlp.xml", NULL},
        {"food-policy.xml", "of namespace ''"},
        {"food-policy-borked.xml", "of namespace ''"},
        {"food-label-water.xml", "<label>: of namespace"},
    };
    for (size_t i = 0; i < sizeof SAMPLES / sizeof SAMPLES[0]; i++) {
        char path[VLS_MAX_PATH];
        struct vls_scheme *s = NULL;
        struct vls_why why = {""};
        if (sample(SAMPLES[i].name, path, sizeof path) == NULL)
            skip();
        struct vls_status status = vls_scheme_load(path, &s, &why);
        if (SAMPLES[i].words == NULL) {
            assert_code(status, OK);
            assert_int_equal(vls_scheme_count(s), 4);
        } else {
            assert_code(status, SCHEME_INVALID);
            assert_non_null(strstr(why.text, SAMPLES[i].words));
        }
        vls_scheme_free(&s);
    }
}

/* The same two policies with the namespace that they lack: what else is wrong with them shows. */
static void samples__food_policies_in_the_namespace__show_their_own_faults(void **state)
{
    (void)state;
    static const struct {
        const char *name, *words;
    } SAMPLES[] = {{"food-policy.xml", "an attribute 'code'"},
                   {"food-policy-borked.xml", "<markingCode>: such an element"}};
    for (size_t i = 0; i < sizeof SAMPLES / sizeof SAMPLES[0]; i++) {
        char path[VLS_MAX_PATH];
        if (sample(SAMPLES[i].name, path, sizeof path) == NULL)
            skip();
        struct vls_buf file, changed;
        vls_buf_init(&file, VLS_MAX_SCHEME_FILE);
        vls_buf_init(&changed, VLS_MAX_SCHEME_FILE);
        assert_code(vls_file_read(path, &file, NULL), OK);
        assert_memory_equal(file.at, "<SPIF>", 6);
        assert_code(vls_buf_add_text(&changed, "<SPIF xmlns='http://www.xmlspif.org/spif' "
                                               "schemaVersion='2.0'>"),
                    OK);
        assert_code(vls_buf_add(&changed, file.at + 6, file.len - 6), OK);
        expect_refused(vls_buf_slice(&changed), SAMPLES[i].words);
        vls_buf_fini(&file);
        vls_buf_fini(&changed);
    }
}

/* Two categories of one handle: the text form of a label would name the wrong one. */
static void scheme__handle_that_another_category_has__is_refused(void **state)
{
    (void)state;
    static const char SPIF[] =
        "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.0'>"
        "<securityPolicyId name='S' id='2.999.1'/><securityClassifications>"
        "<securityClassification name='LOW' lacv='1' hierarchy='1'/></securityClassifications>"
        "<securityCategoryTagSets><securityCategoryTagSet name='T' id='2.999.1.1'>"
        "<securityCategoryTag name='G' tagType='restrictive'>"
        "<tagCategory name='Category 2' lacv='1'/><tagCategory name='\u0416' lacv='2'/>"
        "</securityCategoryTag></securityCategoryTagSet></securityCategoryTagSets></SPIF>";
    expect_refused(vls_slice_text(SPIF), "would be written 'category-2'");
}

static void scheme_set__same_scheme_twice__second_is_refused(void **state)
{
    (void)state;
    struct vls_scheme_set set = {.count = 0};
    struct vls_why why = {""};
    assert_code(vls_scheme_set_load(&set, UN_SCHEME, &why), OK);
    assert_code(vls_scheme_set_load(&set, UN_SCHEME, &why), SCHEME_INVALID);
    assert_non_null(strstr(why.text, "another scheme has the object identifier"));
    assert_int_equal(set.count, 1);
    vls_scheme_set_free(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped__united_nations__has_three_ranked_levels),
        cmocka_unit_test(shipped__united_nations__says_that_it_is_a_draft),
        cmocka_unit_test(shipped__united_nations__levels_differ_in_two_bits),
        cmocka_unit_test(shipped__iom_template__is_refused_and_says_who_fills_it),
        cmocka_unit_test(scheme__file_not_there__is_missing),
        cmocka_unit_test(scheme__digest__is_of_the_exact_bytes),
        cmocka_unit_test(scheme__names_with_marks__become_handles),
        cmocka_unit_test(scheme__validity__bounds_are_kept),
        cmocka_unit_test(scheme__required_category__is_noted),
        cmocka_unit_test(scheme__foreign_extension__is_passed_over),
        cmocka_unit_test(scheme__bad_file__is_refused_with_its_place),
        cmocka_unit_test(scheme__document_type__is_refused_before_it_is_read),
        cmocka_unit_test(scheme__too_large__is_refused),
        cmocka_unit_test(scheme__too_deep_or_too_many__is_refused),
        cmocka_unit_test(scheme__every_allocation_fails_in_turn__status_and_no_leak),
        cmocka_unit_test(scheme__handle_that_another_category_has__is_refused),
        cmocka_unit_test(scheme_set__same_scheme_twice__second_is_refused),
        cmocka_unit_test(samples__policies__load_or_are_refused_for_a_reason),
        cmocka_unit_test(samples__food_policies_in_the_namespace__show_their_own_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
