#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "label/xml4778.h"

#define assert_code(status, expected)                                                              \
    assert_string_equal(vls_status_name(status),                                                   \
                        vls_status_name((struct vls_status){VLS_##expected}))

#define LABEL_ROOT(root, more, policy)                                                             \
    "<s:" root " xmlns:s='" VLS_XML4774_NAMESPACE "'" more "><s:ConfidentialityInformation>"       \
    "<s:PolicyIdentifier>" policy "</s:PolicyIdentifier>"                                          \
    "<s:Classification>CONFIDENTIAL</s:Classification></s:ConfidentialityInformation>"             \
    "<s:CreationDateTime>2026-01-01T00:00:00Z</s:CreationDateTime></s:" root ">"
#define LABEL       LABEL_ROOT("originatorConfidentialityLabel", "", "UN")
#define LABEL_ID    LABEL_ROOT("originatorConfidentialityLabel", " Id='a'", "UN")
#define ALTERNATIVE LABEL_ROOT("alternativeConfidentialityLabel", "", "IOM")
#define OF_LABEL    LABEL_ROOT("metadataConfidentialityLabel", "", "UN")

#define SIGNATURE      "<ds:Signature xmlns:ds='http://www.w3.org/2000/09/xmldsig#'><a/></ds:Signature>"
#define MIME           " xmlns:x='http://www.w3.org/2005/05/xmlmime'"
#define START          "<b:BindingInformation xmlns:b='" VLS_XML4778_NAMESPACE "'" MIME ">"
#define END            "</b:BindingInformation>"
#define IN(more)       "<b:MetadataBindingContainer>" more "</b:MetadataBindingContainer>"
#define BIND(more)     "<b:MetadataBinding>" more "</b:MetadataBinding>"
#define META(more)     "<b:Metadata>" more "</b:Metadata>"
#define REF(uri)       "<b:DataReference URI='" uri "'/>"
#define DATA(text)     "<b:Data><base64 xmlns='urn:valise:data:1'>" text "</base64></b:Data>"
#define SMALL          START IN(BIND(META(LABEL) REF("a.pdf"))) END
#define ONE(more)      START IN(BIND(META(LABEL) more)) END
#define TWO(one, more) START IN(BIND(META(LABEL) one) BIND(META(LABEL) more)) END

static struct vls_status read_text(const char *text, struct vls_xml4778 **out, struct vls_why *why)
{
    return vls_xml4778_read(vls_slice_text(text), "a.bdo", out, why);
}

static struct vls_xml4778 *form_of(const char *text)
{
    struct vls_xml4778 *form = NULL;
    struct vls_why why = {""};
    if (!vls_ok(read_text(text, &form, &why)))
        fail_msg("%s", why.text);
    return form;
}

/* -- reading ----------------------------------------------------------------------------------- */

static void read__all_members__are_there(void **state)
{
    (void)state;
    struct vls_xml4778 *form = form_of(
        "<?xml version='1.0' encoding='UTF-8'?><!-- a -->" START SIGNATURE
        "<b:MetadataBindingContainer Id='c'><b:MetadataBinding Id='d'>" META(OF_LABEL) META(
            ALTERNATIVE) "<b:Metadata x:contentType='text/xml'>" LABEL_ID
                         "</b:Metadata><b:DataReference URI='documents/a%20b.pdf' "
                         "x:contentType='application/pdf'/>" DATA(
                             "AAEC") "</b:MetadataBinding>" BIND(META(LABEL)
                                                                     REF("c")) "</"
                                                                               "b:"
                                                                               "MetadataBindingCont"
                                                                               "ainer>" IN(BIND(
                                                                                   META(LABEL)
                                                                                       REF("d")))
                                                                                   END);
    assert_true(form->is_signed);
    assert_int_equal(form->count, 3);
    const struct vls_xml4778_binding *binding = &form->bindings[0];
    assert_int_equal(binding->label_count, 3);
    assert_int_equal(binding->labels[0]->root, VLS_XML4774_ORIGINATOR);
    assert_string_equal(binding->labels[0]->id, "a");
    assert_string_equal(binding->labels[1]->steps[0].policy, "IOM");
    assert_int_equal(binding->labels[2]->root, VLS_XML4774_METADATA);
    assert_int_equal(binding->data_count, 2);
    assert_string_equal(binding->data[0].uri, "documents/a%20b.pdf");
    assert_string_equal(binding->data[0].media_type, "application/pdf");
    assert_null(binding->data[1].uri);
    assert_null(binding->data[1].media_type);
    assert_int_equal(binding->data[1].bytes.len, 3);
    assert_memory_equal(binding->data[1].bytes.at, "\x00\x01\x02", 3);
    assert_string_equal(form->bindings[2].data[0].uri, "d");
    vls_xml4778_free(&form);
    assert_null(form);
}

static const struct {
    const char *text;
    const char *words;
} BAD[] = {
    {"", "empty"},
    {START, "not well-formed"},
    {"<!DOCTYPE a [<!ENTITY b 'c'>]>" SMALL, "DOCTYPE"},
    {"<?a b?>" SMALL, "beside the root"},
    {LABEL, "not <BindingInformation>"},
    {"<BindingInformation/>", "not <BindingInformation>"},
    {START END, "ends without <MetadataBindingContainer>"},
    {START IN("") END, "ends without <MetadataBinding>"},
    {START IN(BIND("")) END, "ends without <Metadata>"},
    {START IN(BIND(REF("a"))) END, "must stand"},
    {START IN(BIND(META(LABEL))) END, "ends without <Data>"},
    {START IN(BIND(META("") REF("a"))) END, "is empty"},
    {START IN(BIND(META("text") REF("a"))) END, "text where only"},
    {START IN(BIND(META(LABEL LABEL) REF("a"))) END, "may not stand"},
    {START IN(BIND(META("<t xmlns='urn:t'/>") REF("a"))) END, "not an ADatP-4774 label"},
    {START IN(BIND(META(LABEL_ROOT("ConfidentialityLabel", "", "UN")) REF("a"))) END,
     "not a label's root"},
    {START IN(BIND(META(ALTERNATIVE) REF("a"))) END, "holds no <originator"},
    {START IN(BIND(META(LABEL) META(LABEL) REF("a"))) END, "second such label"},
    {START IN(BIND(META(LABEL) META(LABEL_ROOT("alternativeConfidentialityLabel", "", "UN"))
                       REF("a"))) END,
     "second such label"},
    {START IN(BIND(META(LABEL) META(ALTERNATIVE) META(ALTERNATIVE) REF("a"))) END,
     "second such label"},
    {START IN(BIND(META(LABEL) META(OF_LABEL) META(OF_LABEL) REF("a"))) END, "second such label"},
    {START IN(BIND("<b:Metadata x:contentType='text/plain'>" LABEL "</b:Metadata>" REF("a"))) END,
     "not that of a label"},
    {START IN(BIND("<b:Metadata encoding='a'>" LABEL "</b:Metadata>" REF("a"))) END, "'encoding'"},
    {START IN(BIND("<b:MetadataReference URI='a'/>" REF("a"))) END, "must stand"},
    {ONE("<b:DataReference/>"), "no attribute URI"},
    {ONE("<b:DataReference URI='a b'/>"), "is not one"},
    {ONE("<b:DataReference URI='a' encoding='b'/>"), "'encoding'"},
    {ONE("<b:DataReference URI='a' contentType='a/b'/>"), "'contentType'"},
    {ONE("<b:DataReference URI='a' x:contentType='text'/>"), "not a media type"},
    {ONE("<b:DataReference URI='a'><Transforms xmlns='http://www.w3.org/2000/09/xmldsig#'/>"
         "</b:DataReference>"),
     "<Transforms>: such an element"},
    {ONE(REF("a") REF("a")), "'a' is bound twice"},
    {TWO(REF("a"), REF("%61")), "'a' is bound twice"},
    {TWO(REF(""), REF("")), "'' is bound twice"},
    {TWO(DATA("AA=="), DATA("AA==")), "same bytes"},
    {TWO(DATA(""), DATA("")), "same bytes"},
    {ONE(DATA("AA")), "not base64"},
    {ONE(DATA("AB==")), "not base64"},
    {ONE(DATA(" AA==")), "not base64"},
    {ONE("<b:Data>AA==</b:Data>"), "text where only"},
    {ONE("<b:Data/>"), "ends without <base64>"},
    {ONE("<b:Data><a xmlns='urn:a'/></b:Data>"), "must stand"},
    {ONE("<b:Data encoding='a'><base64 xmlns='urn:valise:data:1'/></b:Data>"), "'encoding'"},
    {ONE(REF("a") META(ALTERNATIVE)), "may not stand"},
    {START IN(BIND(META(LABEL) REF("a"))) SIGNATURE END, "may not stand"},
    {START SIGNATURE SIGNATURE IN(BIND(META(LABEL) REF("a"))) END, "must stand"},
    {START IN(BIND(META(LABEL) REF("a")) "<a xmlns='urn:a'/>") END, "may not stand"},
    {START IN(BIND(META(LABEL) REF("a"))) "<a xmlns='urn:a'/>" END, "may not stand"},
    {START IN("<b:MetadataBinding a='b'>" META(LABEL) REF("a") "</b:MetadataBinding>") END,
     "attribute 'a'"},
    {START IN("<b:MetadataBinding Id='1'>" META(LABEL) REF("a") "</b:MetadataBinding>") END,
     "not an XML name"},
    {START IN("<b:MetadataBinding Id='a'>" META(LABEL_ID) REF("a") "</b:MetadataBinding>") END,
     "stands in the file twice"},
    {"<b:BindingInformation xmlns:b='" VLS_XML4778_NAMESPACE
     "' c='d'>" IN(BIND(META(LABEL) REF("a"))) END,
     "attribute 'c'"},
};

static void read__bad__refused_with_place_and_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        struct vls_xml4778 *form = NULL;
        struct vls_why why = {""};
        struct vls_status s = read_text(BAD[i].text, &form, &why);
        if (s.code != VLS_LABEL_XML || strstr(why.text, BAD[i].words) == NULL)
            fail_msg("case %zu: '%s' has no '%s'", i, why.text, BAD[i].words);
        assert_null(form);
        assert_int_equal(strncmp(why.text, "a.bdo", 5), 0);
    }
}

/** A file of `count` times a text, between two others; '#' in it is a number. */
static struct vls_status read_many(const char *before, const char *each, int count,
                                   const char *after, struct vls_why *why)
{
    struct vls_buf text;
    struct vls_xml4778 *form = NULL;
    vls_buf_init(&text, 2 * VLS_MAX_XML_BINDING);
    assert_code(vls_buf_add_text(&text, before), OK);
    for (int i = 0; i < count; i++)
        for (const char *c = each; *c != '\0'; c++)
            assert_code(*c == '#' ? vls_buf_add_format(&text, "%d", i) : vls_buf_add(&text, c, 1),
                        OK);
    assert_code(vls_buf_add_text(&text, after), OK);
    struct vls_status s = vls_xml4778_read(vls_buf_slice(&text), "a.bdo", &form, why);
    vls_xml4778_free(&form);
    vls_buf_fini(&text);
    return s;
}

static void read__as_many_as_may_be__one_more_refused(void **state)
{
    (void)state;
    static const struct {
        const char *before, *each, *after;
        int max;
    } CASES[] = {
        {START "<b:MetadataBindingContainer>", BIND(META(LABEL) REF("f#")),
         "</b:MetadataBindingContainer>" END, VLS_MAX_XML_BINDINGS},
        {START "<b:MetadataBindingContainer><b:MetadataBinding>" META(LABEL), REF("f#"),
         "</b:MetadataBinding></b:MetadataBindingContainer>" END, VLS_MAX_XML_BOUND},
        {START "<b:MetadataBindingContainer><b:MetadataBinding>" META(LABEL),
         META(LABEL_ROOT("alternativeConfidentialityLabel", "", "P#")),
         REF("f") "</b:MetadataBinding></b:MetadataBindingContainer>" END, VLS_MAX_XML_BOUND - 1},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct vls_why why = {""};
        assert_code(read_many(CASES[i].before, CASES[i].each, CASES[i].max, CASES[i].after, &why),
                    OK);
        assert_code(
            read_many(CASES[i].before, CASES[i].each, CASES[i].max + 1, CASES[i].after, &why),
            INPUT_LIMIT);
        assert_non_null(strstr(why.text, "more than"));
    }
}

static void read__far_too_large__refused_at_once(void **state)
{
    (void)state;
    struct vls_why why = {""};
    assert_code(read_many("", "#          ", 500000, SMALL, &why), INPUT_LIMIT);
    /* libxml2 alone would hold 300,000 attributes against each other for a minute */
    assert_code(read_many("<a", " a#=''", 300000, "/>", &why), INPUT_LIMIT);
    assert_non_null(strstr(why.text, "a tag of more than"));
    assert_code(read_many("<a><b c='>", " a#=\"\"", 300000, "'/></a>", &why), INPUT_LIMIT);
    assert_code(read_many("<a><!-- > -->", "<b a#='>'/>", 9, "<![CDATA[<b ]]></a>", &why),
                LABEL_XML);
    assert_code(read_many("", "<a#>", 9000, "", &why), LABEL_XML);
}

static void read__label_as_large_as_a_file_may_not_be__refused(void **state)
{
    (void)state;
    struct vls_why why = {""};
    assert_code(read_many(START "<b:MetadataBindingContainer><b:MetadataBinding><b:Metadata>"
                                "<s:originatorConfidentialityLabel xmlns:s='" VLS_XML4774_NAMESPACE
                                "'><s:ConfidentialityInformation>"
                                "<s:PolicyIdentifier>A</s:PolicyIdentifier>"
                                "<s:Classification>A</s:Classification>",
                          "<s:Category Type='PERMISSIVE' TagName='t#'><s:GenericValue>"
                          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                          "</s:GenericValue></s:Category>",
                          VLS_MAX_XML_CATEGORIES,
                          "</s:ConfidentialityInformation><s:CreationDateTime>2026-01-01T00:00:00Z"
                          "</s:CreationDateTime></s:originatorConfidentialityLabel></b:Metadata>"
                          "<b:DataReference URI='a'/></b:MetadataBinding>"
                          "</b:MetadataBindingContainer>" END,
                          &why),
                OK);
    struct vls_buf category;
    vls_buf_init(&category, VLS_MAX_XML_LABEL);
    assert_code(vls_buf_add_text(&category, "<s:Category Type='PERMISSIVE' TagName='t#'>"), OK);
    for (int i = 0; i < VLS_MAX_XML_VALUES; i++)
        assert_code(vls_buf_add_format(&category, "<s:GenericValue>%d</s:GenericValue>", i), OK);
    assert_code(vls_buf_add_text(&category, "</s:Category>"), OK);
    assert_code(read_many(START "<b:MetadataBindingContainer><b:MetadataBinding><b:Metadata>"
                                "<s:originatorConfidentialityLabel xmlns:s='" VLS_XML4774_NAMESPACE
                                "'><s:ConfidentialityInformation>"
                                "<s:PolicyIdentifier>A</s:PolicyIdentifier>"
                                "<s:Classification>A</s:Classification>",
                          vls_buf_text(&category), VLS_MAX_XML_CATEGORIES, "", &why),
                LABEL_XML);
    vls_buf_fini(&category);
}

/* -- names ------------------------------------------------------------------------------------- */

static void name__of_plain_relative_paths__is_what_was_given(void **state)
{
    (void)state;
    static const char *const NAMES[] = {
        "a",
        "documents/a b.pdf",
        "\xd8\xa7\xd8\xa8.pdf",
        "100%.txt",
        "a:b/c#d?e&f=g",
        ".profile",
        "...",
        "<'\">",
    };
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        struct vls_xml4778 *form = vls_xml4778_new();
        struct vls_xml4778_binding *binding = NULL;
        struct vls_buf name;
        vls_buf_init(&name, VLS_MAX_PATH);
        assert_code(vls_xml4778_add(form, &binding), OK);
        assert_code(vls_xml4778_add_reference(form, binding, NAMES[i], NULL), OK);
        for (const char *c = binding->data[0].uri; *c != '\0'; c++)
            assert_true(*c > ' ' && *c < 0x7f && strchr("<>\"'?#:", *c) == NULL);
        assert_code(vls_xml4778_name(&binding->data[0], &name, NULL), OK);
        assert_string_equal(vls_buf_text(&name), NAMES[i]);
        vls_buf_fini(&name);
        vls_xml4778_free(&form);
    }
}

static void name__of_what_leads_elsewhere__refused(void **state)
{
    (void)state;
    static const char *const URIS[] = {
        "",      "/etc/passwd", "../a",  "a/../b", "a/./b", "a//b", "a/",       "file:a",
        "a:b",   "http://a/b",  "//a/b", "a?b",    "a#b",   "#a",   "%2e%2e/a", "a%2fb",
        "a%00b", "a%0ab",       "%",     "%4",     "%4g",   "a%ff", "a\\b",     "%2E",
    };
    for (size_t i = 0; i < sizeof URIS / sizeof URIS[0]; i++) {
        struct vls_xml4778_data data = {.uri = URIS[i]};
        struct vls_why why = {""};
        struct vls_buf name;
        vls_buf_init(&name, VLS_MAX_PATH);
        struct vls_status s = vls_xml4778_name(&data, &name, &why);
        if (s.code != VLS_LABEL_XML || name.len != 0)
            fail_msg("'%s' is a name", URIS[i]);
        assert_non_null(strstr(why.text, "not a relative path"));
        vls_buf_fini(&name);
    }
    struct vls_xml4778_data embedded = {.uri = NULL};
    struct vls_buf name;
    vls_buf_init(&name, VLS_MAX_PATH);
    assert_code(vls_xml4778_name(&embedded, &name, NULL), LABEL_XML);
    assert_code(vls_xml4778_name(&(struct vls_xml4778_data){.uri = "a:b"}, &name, NULL), LABEL_XML);
    assert_code(vls_xml4778_name(&(struct vls_xml4778_data){.uri = "a/b:c"}, &name, NULL), OK);
    vls_buf_fini(&name);
}

/* -- writing ----------------------------------------------------------------------------------- */

static struct vls_xml4774 *label_of(enum vls_xml4774_root root, const char *policy)
{
    struct vls_xml4774 *label = vls_xml4774_new();
    label->root = root;
    label->steps[0].policy = policy;
    label->steps[0].classification = "A & <B>";
    label->steps[0].created_ms = 1767225600500;
    return label;
}

/** A form with everything, values that need escapes among them. */
static struct vls_xml4778 *full_form(void)
{
    struct vls_xml4778 *form = vls_xml4778_new();
    struct vls_xml4778_binding *first = NULL, *second = NULL;
    assert_code(vls_xml4778_add(form, &first), OK);
    assert_code(vls_xml4778_add(form, &second), OK);
    assert_code(vls_xml4778_add_label(form, first, label_of(VLS_XML4774_METADATA, "UN")), OK);
    assert_code(vls_xml4778_add_label(form, first, label_of(VLS_XML4774_ALTERNATIVE, "IOM")), OK);
    assert_code(vls_xml4778_add_label(form, first, label_of(VLS_XML4774_ORIGINATOR, "UN")), OK);
    assert_code(vls_xml4778_add_label(form, second, label_of(VLS_XML4774_ORIGINATOR, "UN")), OK);
    for (int i = 0; i < 5; i++) {
        char name[32];
        snprintf(name, sizeof name, "documents/%d & <a>.pdf", i);
        assert_code(vls_xml4778_add_reference(form, first, name, i > 2 ? NULL : "application/pdf"),
                    OK);
    }
    assert_code(vls_xml4778_add_embedded(form, second, vls_slice_text("data"), "text/plain"), OK);
    assert_code(vls_xml4778_add_embedded(form, second, vls_slice_text(""), NULL), OK);
    return form;
}

static void write__everything__is_read_again_the_same(void **state)
{
    (void)state;
    struct vls_xml4778 *form = full_form(), *again = NULL;
    struct vls_buf first, second;
    struct vls_why why = {""};
    vls_buf_init(&first, VLS_MAX_XML_BINDING);
    vls_buf_init(&second, VLS_MAX_XML_BINDING);
    assert_code(vls_xml4778_write(form, &first, &why), OK);
    assert_code(vls_xml4778_read(vls_buf_slice(&first), "a", &again, &why), OK);
    assert_false(again->is_signed);
    assert_int_equal(again->count, 2);
    assert_int_equal(again->bindings[0].data_count, 5);
    assert_string_equal(again->bindings[0].labels[1]->steps[0].classification, "A & <B>");
    assert_memory_equal(again->bindings[1].data[0].bytes.at, "data", 4);
    assert_code(vls_xml4778_write(again, &second, &why), OK);
    assert_string_equal(vls_buf_text(&first), vls_buf_text(&second));
    vls_buf_fini(&first);
    vls_buf_fini(&second);
    vls_xml4778_free(&again);
    vls_xml4778_free(&form);
}

static void write__what_the_reader_refuses__refused(void **state)
{
    (void)state;
    struct vls_xml4778 *form = full_form();
    struct vls_why why = {""};
    struct vls_buf out;
    vls_buf_init(&out, VLS_MAX_XML_BINDING);
    form->bindings[1].data[0].media_type = "a\nb";
    assert_code(vls_xml4778_write(form, &out, &why), LABEL_XML);
    form->bindings[1].data[0].media_type = NULL;
    form->bindings[1].labels[0]->steps[0].classification = "A\nB";
    assert_code(vls_xml4778_write(form, &out, &why), LABEL_XML);
    form->bindings[1].labels[0]->steps[0].classification = "A";
    assert_code(vls_xml4778_add_reference(form, &form->bindings[1], "documents/0 & <a>.pdf", NULL),
                OK);
    assert_code(vls_xml4778_write(form, &out, &why), LABEL_XML);
    assert_non_null(strstr(why.text, "bound twice"));
    assert_int_equal(out.len, 0);
    assert_code(vls_xml4778_add_reference(form, &form->bindings[1], "../a", NULL), LABEL_XML);
    vls_xml4778_free(&form);
    form = vls_xml4778_new();
    assert_code(vls_xml4778_write(form, &out, &why), LABEL_XML);
    vls_buf_fini(&out);
    vls_xml4778_free(&form);
}

static void embedded__as_large_as_may_be__is_read_again(void **state)
{
    (void)state;
    struct vls_xml4778 *form = vls_xml4778_new(), *again = NULL;
    struct vls_xml4778_binding *binding = NULL;
    struct vls_why why = {""};
    struct vls_buf out;
    uint8_t *bytes = vls_mem_new(VLS_MAX_XML_EMBEDDED + 1);
    memset(bytes, 0xa5, VLS_MAX_XML_EMBEDDED + 1);
    vls_buf_init(&out, VLS_MAX_XML_BINDING);
    assert_code(vls_xml4778_add(form, &binding), OK);
    assert_code(vls_xml4778_add_label(form, binding, label_of(VLS_XML4774_ORIGINATOR, "UN")), OK);
    assert_code(
        vls_xml4778_add_embedded(form, binding, VLS_SLICE(bytes, VLS_MAX_XML_EMBEDDED + 1), NULL),
        INPUT_LIMIT);
    assert_code(
        vls_xml4778_add_embedded(form, binding, VLS_SLICE(bytes, VLS_MAX_XML_EMBEDDED), NULL), OK);
    assert_code(vls_xml4778_write(form, &out, &why), OK);
    assert_code(vls_xml4778_read(vls_buf_slice(&out), "a", &again, &why), OK);
    assert_true(vls_slice_is_equal(again->bindings[0].data[0].bytes,
                                   VLS_SLICE(bytes, VLS_MAX_XML_EMBEDDED)));
    assert_code(
        vls_xml4778_add_embedded(form, binding, VLS_SLICE(bytes, VLS_MAX_XML_EMBEDDED - 1), NULL),
        OK);
    assert_code(vls_xml4778_write(form, &out, &why), INPUT_LIMIT);
    vls_mem_free(bytes);
    vls_buf_fini(&out);
    vls_xml4778_free(&again);
    vls_xml4778_free(&form);
}

static void add__as_many_as_may_be__one_more_refused(void **state)
{
    (void)state;
    struct vls_xml4778 *form = vls_xml4778_new();
    struct vls_xml4778_binding *first = NULL, *binding = NULL;
    assert_code(vls_xml4778_add(form, &first), OK);
    for (int i = 1; i < VLS_MAX_XML_BINDINGS; i++)
        assert_code(vls_xml4778_add(form, &binding), OK);
    assert_code(vls_xml4778_add(form, &binding), INPUT_LIMIT);
    for (int i = 0; i < VLS_MAX_XML_BOUND; i++)
        assert_code(vls_xml4778_add_reference(form, i % 2 == 0 ? first : binding, "a", NULL), OK);
    assert_code(vls_xml4778_add_reference(form, first, "a", NULL), INPUT_LIMIT);
    for (int i = 0; i < VLS_MAX_XML_BOUND; i++)
        assert_code(vls_xml4778_add_label(form, first, vls_xml4774_new()), OK);
    assert_code(vls_xml4778_add_label(form, first, vls_xml4774_new()), INPUT_LIMIT);
    vls_xml4778_free(&form);
}

/* -- against the schema ------------------------------------------------------------------------ */

/* The schema imports the whole of two others, of which it uses these declarations. */
static const char SIGNATURE_SCHEMA[] =
    "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' elementFormDefault='qualified' "
    "targetNamespace='http://www.w3.org/2000/09/xmldsig#'>"
    "<xs:element name='Signature'/><xs:element name='Transforms'/></xs:schema>";
static const char MIME_SCHEMA[] =
    "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' "
    "targetNamespace='http://www.w3.org/2005/05/xmlmime'>"
    "<xs:attribute name='contentType'><xs:simpleType><xs:restriction base='xs:string'>"
    "<xs:minLength value='3'/></xs:restriction></xs:simpleType></xs:attribute></xs:schema>";

static void put_file(const char *dir, const char *name, struct vls_slice bytes)
{
    char path[VLS_MAX_PATH];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.at, 1, bytes.len, file), bytes.len);
    assert_int_equal(fclose(file), 0);
}

static void copy_schema(const char *dir, const char *name)
{
    char path[VLS_MAX_PATH];
    struct vls_buf bytes;
    struct vls_why why = {""};
    vls_buf_init(&bytes, 1u << 20);
    snprintf(path, sizeof path, "%s/labels/schemas/%s", getenv("VALISE_SAMPLES"), name);
    assert_code(vls_file_read(path, &bytes, &why), OK);
    put_file(dir, name, vls_buf_slice(&bytes));
    vls_buf_fini(&bytes);
}

/** Of one schema of all: nl-mb with the labels that it lets through anywhere. */
static const char BOTH_SCHEMA[] =
    "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>"
    "<xs:import namespace='urn:nato:stanag:4774:confidentialitymetadatalabel:1:0' "
    "schemaLocation='nl-cl.xsd'/>"
    "<xs:import namespace='urn:nato:stanag:4778:bindinginformation:1:0' "
    "schemaLocation='nl-mb.xsd'/></xs:schema>";

static int run_xmllint(const char *dir, const char *file)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        if (chdir(dir) == 0)
            execlp("xmllint", "xmllint", "--nonet", "--noout", "--schema", "both.xsd", file,
                   (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void write__everything__is_valid_against_the_schema(void **state)
{
    (void)state;
    if (getenv("VALISE_SAMPLES") == NULL)
        skip();
    static const char *const FILES[] = {"nl-cl.xsd",   "nl-mb.xsd", "xmldsig-core-schema.xsd",
                                        "xmlmime.xsd", "both.xsd",  "good.bdo",
                                        "bad.bdo"};
    char dir[] = "/tmp/valise-4778-XXXXXX", path[VLS_MAX_PATH];
    struct vls_xml4778 *form = full_form();
    struct vls_why why = {""};
    struct vls_buf out;
    vls_buf_init(&out, VLS_MAX_XML_BINDING);
    assert_code(vls_xml4778_write(form, &out, &why), OK);
    assert_non_null(mkdtemp(dir));
    copy_schema(dir, "nl-cl.xsd");
    copy_schema(dir, "nl-mb.xsd");
    put_file(dir, "xmldsig-core-schema.xsd", vls_slice_text(SIGNATURE_SCHEMA));
    put_file(dir, "xmlmime.xsd", vls_slice_text(MIME_SCHEMA));
    put_file(dir, "both.xsd", vls_slice_text(BOTH_SCHEMA));
    put_file(dir, "good.bdo", vls_buf_slice(&out));
    put_file(dir, "bad.bdo", vls_slice_text(START IN(BIND(META(LABEL))) END));
    int good = run_xmllint(dir, "good.bdo"), bad = run_xmllint(dir, "bad.bdo");
    for (size_t i = 0; i < sizeof FILES / sizeof FILES[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, FILES[i]);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(dir), 0);
    assert_int_equal(good, 0);
    assert_int_equal(bad, 3); /* not valid, and so the schema was looked at */
    vls_buf_fini(&out);
    vls_xml4778_free(&form);
}

/* -- memory ------------------------------------------------------------------------------------ */

static void read__any_allocation_fails__no_memory_and_no_leak(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct vls_xml4778 *form = NULL;
        vls_mem_fail_at(n);
        struct vls_status s = read_text(ONE(REF("a%20b") DATA("AAEC")), &form, NULL);
        vls_mem_fail_at(0);
        if (vls_ok(s)) {
            vls_xml4778_free(&form);
            assert_true(n > 1);
            return;
        }
        assert_code(s, SYSTEM_MEMORY);
        assert_null(form);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__all_members__are_there),
        cmocka_unit_test(read__bad__refused_with_place_and_reason),
        cmocka_unit_test(read__as_many_as_may_be__one_more_refused),
        cmocka_unit_test(read__far_too_large__refused_at_once),
        cmocka_unit_test(read__label_as_large_as_a_file_may_not_be__refused),
        cmocka_unit_test(name__of_plain_relative_paths__is_what_was_given),
        cmocka_unit_test(name__of_what_leads_elsewhere__refused),
        cmocka_unit_test(write__everything__is_read_again_the_same),
        cmocka_unit_test(write__what_the_reader_refuses__refused),
        cmocka_unit_test(embedded__as_large_as_may_be__is_read_again),
        cmocka_unit_test(add__as_many_as_may_be__one_more_refused),
        cmocka_unit_test(write__everything__is_valid_against_the_schema),
        cmocka_unit_test(read__any_allocation_fails__no_memory_and_no_leak),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
