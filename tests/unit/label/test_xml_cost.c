/* What libxml2 would take long over never reaches it, whatever the file's size explains. */
#include "label/xml_cost.h"
#include "label_test.h"

static struct vls_status cost_of(const struct vls_buf *xml, struct vls_why *why)
{
    return vls_xml_cost(vls_buf_slice(xml), "x.xml", VLS_LABEL_XML, VLS_INPUT_LIMIT, why);
}

static void add_times(struct vls_buf *xml, const char *text, size_t times)
{
    for (size_t i = 0; i < times; i++)
        assert_code(vls_buf_add_text(xml, text), OK);
}

static void tag__at_the_limit_and_above__only_above_refused(void **state)
{
    (void)state;
    for (size_t above = 0; above < 2; above++) {
        struct vls_buf xml;
        vls_buf_init(&xml, 1u << 20);
        add_times(&xml, "<", 1);
        add_times(&xml, "a", VLS_MAX_XML_TAG + above);
        add_times(&xml, ">", 1);
        struct vls_why why = {""};
        if (above == 0) {
            assert_code(cost_of(&xml, &why), OK);
        } else {
            assert_code(cost_of(&xml, &why), INPUT_LIMIT);
            assert_non_null(strstr(why.text, "a tag of more than"));
        }
        vls_buf_fini(&xml);
    }
}

static void namespaces__at_the_limit_and_above__only_above_refused(void **state)
{
    (void)state;
    for (size_t above = 0; above < 2; above++) {
        struct vls_buf xml;
        vls_buf_init(&xml, 1u << 20);
        add_times(&xml, "<a xmlns:b='c'>", VLS_MAX_XML_NAMESPACES + above);
        struct vls_why why = {""};
        if (above == 0) {
            assert_code(cost_of(&xml, &why), OK);
        } else {
            assert_code(cost_of(&xml, &why), INPUT_LIMIT);
            assert_non_null(strstr(why.text, "declarations of namespaces"));
        }
        vls_buf_fini(&xml);
    }
}

static void markup__of_every_kind__passed_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *xml;
        bool is_good;
    } CASES[] = {
        {"<a b='>'/>", true},
        {"<!-- <!x> --><a><![CDATA[<!x>]]></a><?p <!x> ?>", true},
        {"<!DOCTYPE a><a/>", true}, /* the reader names it */
        {"<a><!DOCTYPE a></a>", false},
        {"<!x><a/>", false},
        {"<a/><!ELEMENT a ANY>", false},
        {"<a", true}, /* not well-formed, and cheaply so */
        {"<", true},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct vls_why why = {""};
        struct vls_status status = vls_xml_cost(vls_slice_text(CASES[i].xml), "x.xml",
                                                VLS_LABEL_XML, VLS_INPUT_LIMIT, &why);
        if (vls_ok(status) != CASES[i].is_good)
            fail_msg("%s: %s", CASES[i].xml, vls_ok(status) ? "let through" : why.text);
        if (!CASES[i].is_good)
            assert_code(status, LABEL_XML);
    }
}

/* The scheme reader asks as well: this took a minute and more before it did. */
static void scheme__half_a_million_attributes__refused_at_once(void **state)
{
    (void)state;
    struct vls_buf xml;
    struct vls_why why = {""};
    struct vls_scheme *scheme = NULL;
    vls_buf_init(&xml, VLS_MAX_SCHEME_FILE);
    add_times(&xml, "<SPIF ", 1);
    for (size_t i = 0; i < 300000; i++)
        assert_code(vls_buf_add_format(&xml, "a%zu='' ", i), OK);
    assert_code(vls_scheme_read(vls_buf_slice(&xml), "x.xml", &scheme, &why), SCHEME_INVALID);
    assert_non_null(strstr(why.text, "x.xml: a tag of more than"));
    vls_buf_fini(&xml);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tag__at_the_limit_and_above__only_above_refused),
        cmocka_unit_test(namespaces__at_the_limit_and_above__only_above_refused),
        cmocka_unit_test(markup__of_every_kind__passed_or_refused),
        cmocka_unit_test(scheme__half_a_million_attributes__refused_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
