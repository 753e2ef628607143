#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "label/xml4774.h"
#include "label/xml4774_lenient.h"

#define assert_code(status, expected)                                                              \
    assert_string_equal(vls_status_name(status),                                                   \
                        vls_status_name((struct vls_status){VLS_##expected}))

#define ROOT  "originatorConfidentialityLabel"
#define START "<" ROOT " xmlns='" VLS_XML4774_NAMESPACE "'>\n"
#define END   "</" ROOT ">"
#define INFO                                                                                       \
    "<ConfidentialityInformation><PolicyIdentifier URI='urn:oid:2.999.1'>UN</PolicyIdentifier>"    \
    "<Classification>CONFIDENTIAL</Classification></ConfidentialityInformation>\n"
#define WITH(more)                                                                                 \
    "<ConfidentialityInformation><PolicyIdentifier>UN</PolicyIdentifier>"                          \
    "<Classification>CONFIDENTIAL</Classification>" more "</ConfidentialityInformation>\n"
#define MADE  "<CreationDateTime>2026-01-01T00:00:00Z</CreationDateTime>\n"
#define SMALL START INFO MADE END
#define SUCCESSION(time, label)                                                                    \
    "<SuccessionHandling><SuccessionDateTime>" time "</SuccessionDateTime>"                        \
    "<SuccessorConfidentialityLabel>" label                                                        \
    "</SuccessorConfidentialityLabel></SuccessionHandling>"

static struct vls_status read_text(const char *text, struct vls_xml4774 **out, struct vls_why *why)
{
    return vls_xml4774_read(vls_slice_text(text), "label.xml", out, why);
}

static struct vls_xml4774 *label_of(const char *text)
{
    struct vls_xml4774 *label = NULL;
    struct vls_why why = {""};
    if (!vls_ok(read_text(text, &label, &why)))
        fail_msg("%s", why.text);
    return label;
}

static void read__all_members__are_there(void **state)
{
    (void)state;
    struct vls_xml4774 *label = label_of(
        "<?xml version='1.0' encoding=\"utf-8\"?><!-- a -->"
        "<s:alternativeConfidentialityLabel xmlns:s='" VLS_XML4774_NAMESPACE "' Id='a1'"
        " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:schemaLocation='a b'"
        " ReviewDateTime='2046-01-01T02:00:00+02:00'><s:ConfidentialityInformation>"
        "<s:PolicyIdentifier URI='urn:oid:2.999.1'>\n  U\n N </s:PolicyIdentifier>"
        "<s:Classification URI='urn:a'>CONFI&amp;<![CDATA[D]]></s:Classification>"
        "<s:PrivacyMark>hold</s:PrivacyMark>"
        "<s:Category Type='PERMISSIVE' TagName='To'><s:GenericValue>IOM</s:GenericValue>"
        "<!-- b --><s:GenericValue>UN</s:GenericValue></s:Category>"
        "<s:Category Type='RESTRICTIVE' TagName='Eyes' URI='urn:oid:2.999.2'>"
        "<s:BitStringValue>0101</s:BitStringValue><s:IntegerValue>7</s:IntegerValue></s:Category>"
        "<s:Category Type='INFORMATIVE' TagName='Note'/></s:ConfidentialityInformation>"
        "<s:OriginatorID IDType='rfc822Name'>a@example.org</s:OriginatorID>"
        "<s:CreationDateTime>2026-01-01T00:00:00.5Z</s:CreationDateTime>"
        "</s:alternativeConfidentialityLabel>\n");
    const struct vls_xml4774_step *s = &label->steps[0];
    assert_int_equal(label->root, VLS_XML4774_ALTERNATIVE);
    assert_string_equal(label->id, "a1");
    assert_true(label->review_ms == 2398377600000);
    assert_int_equal(label->step_count, 1);
    assert_string_equal(s->policy, "U N");
    assert_string_equal(s->policy_uri, "urn:oid:2.999.1");
    assert_string_equal(s->classification, "CONFI&D");
    assert_string_equal(s->privacy_mark, "hold");
    assert_int_equal(s->count, 3);
    assert_int_equal(s->categories[0].type, VLS_XML4774_PERMISSIVE);
    assert_int_equal(s->categories[0].count, 2);
    assert_string_equal(s->categories[0].values[1].text, "UN");
    assert_string_equal(s->categories[1].uri, "urn:oid:2.999.2");
    assert_int_equal(s->categories[1].values[0].form, VLS_XML4774_BITS);
    assert_int_equal(s->categories[1].values[1].form, VLS_XML4774_INTEGER);
    assert_int_equal(s->categories[2].count, 0);
    assert_string_equal(s->originator, "a@example.org");
    assert_true(s->created_ms == 1767225600500);
    vls_xml4774_free(&label);
    assert_null(label);
}

static void read__white_space_around_tokens__is_none_of_the_value(void **state)
{
    (void)state;
    struct vls_xml4774 *label =
        label_of("<" ROOT " xmlns='" VLS_XML4774_NAMESPACE "' Id=' a1\n'"
                 " ReviewDateTime='\t2046-01-01T00:00:00Z '><ConfidentialityInformation>"
                 "<PolicyIdentifier URI=' urn:oid:2.999.1 '>UN</PolicyIdentifier>"
                 "<Classification URI='\nurn:a'> A\t B</Classification>"
                 "<Category Type=' PERMISSIVE&#10;' TagName=' To ' URI='urn:b&#9;'>"
                 "<GenericValue> x </GenericValue></Category></ConfidentialityInformation>"
                 "<CreationDateTime>\n 2026-01-01T00:00:00Z\n</CreationDateTime>" END);
    const struct vls_xml4774_step *s = &label->steps[0];
    assert_string_equal(label->id, "a1");
    assert_true(label->review_ms == 2398377600000);
    assert_string_equal(s->policy_uri, "urn:oid:2.999.1");
    assert_string_equal(s->classification, "A B");
    assert_string_equal(s->classification_uri, "urn:a");
    assert_int_equal(s->categories[0].type, VLS_XML4774_PERMISSIVE);
    assert_string_equal(s->categories[0].uri, "urn:b");
    /* strings by the schema, which keep theirs */
    assert_string_equal(s->categories[0].tag_name, " To ");
    assert_string_equal(s->categories[0].values[0].text, " x ");
    vls_xml4774_free(&label);
}

static void read__times_as_the_schema_has_them__are_the_same_in_utc(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t ms;
    } TIMES[] = {
        {"2026-01-01T00:00:00Z", 1767225600000},
        {"2025-12-31T24:00:00Z", 1767225600000},
        {"2025-12-31T24:00:00.000Z", 1767225600000},
        {"2025-12-31T24:00:00-00:00", 1767225600000},
        {"2026-01-01T14:00:00+14:00", 1767225600000},
        {"2025-12-31T10:00:00-14:00", 1767225600000},
        {"2025-12-31T24:00:00+05:30", 1767205800000},
        {"2026-01-01T00:00:00.5Z", 1767225600500},
        {"2026-01-01T00:00:00.0019999999999Z", 1767225600001},
        {"2024-02-29T00:00:00Z", 1709164800000},
        {"9999-12-31T23:59:59.999Z", 253402300799999},
    };
    for (size_t i = 0; i < sizeof TIMES / sizeof TIMES[0]; i++) {
        char text[1024];
        snprintf(text, sizeof text, START INFO "<CreationDateTime>%s</CreationDateTime>" END,
                 TIMES[i].text);
        struct vls_xml4774 *label = label_of(text);
        if (label->steps[0].created_ms != TIMES[i].ms)
            fail_msg("%s", TIMES[i].text);
        vls_xml4774_free(&label);
    }
}

static void read__chain_of_successors__in_order(void **state)
{
    (void)state;
    struct vls_xml4774 *label = label_of(START INFO MADE SUCCESSION(
        "2036-01-01T00:00:00Z", WITH("") MADE SUCCESSION("2046-01-01T00:00:00-01:00", INFO MADE))
                                             END);
    assert_int_equal(label->step_count, 3);
    assert_true(label->steps[0].from_ms == 0);
    assert_null(label->steps[1].policy_uri);
    assert_true(label->steps[2].from_ms == 2398381200000);
    vls_xml4774_free(&label);
}

static const struct {
    const char *text;
    const char *words;
} BAD[] = {
    {"", "empty"},
    {"no", "not well-formed"},
    {START INFO MADE, "not well-formed"},
    {SMALL "<!-- --><a/>", "not well-formed"},
    {"<?xml version='1.0' encoding='ISO-8859-1'?>" SMALL, "encoding"},
    {"<!DOCTYPE a [<!ENTITY b 'c'>]>" SMALL, "DOCTYPE"},
    {"<!DOCTYPE a SYSTEM 'http://127.0.0.1/a'>" SMALL, "DOCTYPE"},
    {"<?a b?>" SMALL, "beside the root"},
    {"<OriginatorConfidentialityLabel xmlns='" VLS_XML4774_NAMESPACE "'>" INFO MADE
     "</OriginatorConfidentialityLabel>",
     "not a label's root"},
    {"<ConfidentialityLabel xmlns='" VLS_XML4774_NAMESPACE "'>" INFO MADE "</ConfidentialityLabel>",
     "not a label's root"},
    {"<" ROOT ">" INFO MADE END, "not a label's root"},
    {"<" ROOT " xmlns='urn:a'>" INFO MADE END, "urn:a"},
    {"<" ROOT " xmlns='" VLS_XML4774_NAMESPACE "' a='b'>" INFO MADE END, "attribute 'a'"},
    {"<" ROOT " xmlns='" VLS_XML4774_NAMESPACE "' Id='1'>" INFO MADE END, "not an XML name"},
    {START INFO END, "label.xml:1: <" ROOT ">: ends without <CreationDateTime>"},
    {START MADE INFO END, "label.xml:2: <CreationDateTime>: stands where"},
    {START INFO MADE MADE END, "label.xml:4: <CreationDateTime>: such an element"},
    {START INFO MADE "<a xmlns='urn:b'/>" END, "such an element may not stand"},
    {START INFO MADE "text" END, "text where only elements"},
    {START INFO MADE "<?a?>" END, "not allowed"},
    {START INFO "<CreationDateTime>2026-01-01T00:00:00</CreationDateTime>" END, "no time zone"},
    {START INFO "<CreationDateTime>2026-01-01</CreationDateTime>" END, "not a date and time"},
    {START INFO "<CreationDateTime>2026-02-30T00:00:00Z</CreationDateTime>" END, "exists"},
    {START INFO "<CreationDateTime>2026-01-01t00:00:00z</CreationDateTime>" END, "date and time"},
    {START INFO "<CreationDateTime/>" END, "not a date and time"},
    {START INFO "<CreationDateTime>2026-06-30T23:59:60Z</CreationDateTime>" END, "exists"},
    {START INFO "<CreationDateTime>2026-01-01T24:00:01Z</CreationDateTime>" END, "exists"},
    {START INFO "<CreationDateTime>2026-01-01T24:01:00Z</CreationDateTime>" END, "exists"},
    {START INFO "<CreationDateTime>2026-01-01T24:00:00.001Z</CreationDateTime>" END, "exists"},
    {START INFO "<CreationDateTime>2026-01-01T25:00:00Z</CreationDateTime>" END, "exists"},
    {START INFO "<CreationDateTime>2026-02-30T24:00:00Z</CreationDateTime>" END, "exists"},
    {START INFO "<CreationDateTime>2026-01-01T24:00:00</CreationDateTime>" END, "no time zone"},
    {START INFO "<CreationDateTime>9999-12-31T24:00:00Z</CreationDateTime>" END, "9999"},
    {START INFO "<CreationDateTime>9999-12-31T23:59:59-01:00</CreationDateTime>" END, "9999"},
    {START INFO "<CreationDateTime>1969-12-31T23:59:59Z</CreationDateTime>" END, "from 1970"},
    {START INFO "<CreationDateTime>2026-01-01T00:00:00.Z</CreationDateTime>" END, "exists"},
    {START INFO "<CreationDateTime>2026-01-01T00:00Z</CreationDateTime>" END, "exists"},
    {START INFO "<CreationDateTime>2026-01-01T00:00:00+14:01</CreationDateTime>" END, "14 hours"},
    {START INFO "<CreationDateTime>2026-01-01T00:00:00-15:00</CreationDateTime>" END, "14 hours"},
    {START INFO "<CreationDateTime>2026-01-01T00:00:00+0200</CreationDateTime>" END, "exists"},
    {START INFO "<CreationDateTime>2026-01-01T00:00:00Z+01:00</CreationDateTime>" END, "exists"},
    {"<" ROOT " xmlns='" VLS_XML4774_NAMESPACE
     "' ReviewDateTime='2025-01-01T00:00:00Z'>" INFO MADE END,
     "before its creation"},
    {START INFO MADE SUCCESSION("2025-12-31T23:59:59Z", INFO MADE) END, "before the label's"},
    {START INFO MADE SUCCESSION("2036-01-01T00:00:00", INFO MADE) END, "no time zone"},
    {START INFO MADE SUCCESSION("2036-01-01T00:00:00Z", INFO) END, "ends without"},
    {START INFO MADE SUCCESSION("2036-01-01T00:00:00Z", "") END, "ends without"},
    {START INFO MADE SUCCESSION("2036-01-01T00:00:00Z",
                                INFO MADE SUCCESSION("2035-01-01T00:00:00Z", INFO MADE)) END,
     "before the succession"},
    {START "<ConfidentialityInformation><PolicyIdentifier> </PolicyIdentifier>"
           "<Classification>A</Classification></ConfidentialityInformation>" MADE END,
     "<PolicyIdentifier>: is empty"},
    {START "<ConfidentialityInformation><Classification>A</Classification>"
           "</ConfidentialityInformation>" MADE END,
     "must stand"},
    {START "<ConfidentialityInformation><PolicyIdentifier URL='a'>A</PolicyIdentifier>"
           "<Classification>A</Classification></ConfidentialityInformation>" MADE END,
     "attribute 'URL'"},
    {START
     "<ConfidentialityInformation><PolicyIdentifier>A</PolicyIdentifier>"
     "<Classification>UN<!-- -->CLASSIFIED</Classification></ConfidentialityInformation>" MADE END,
     "besides text"},
    {START WITH("<Category Type='RESTRICTIVE' TagName=''/>") MADE END, "TagName is empty"},
    {START WITH("<Category Type='RESTRICTIVE'/>") MADE END, "no attribute TagName"},
    {START WITH("<Category TagName='a'/>") MADE END, "no attribute Type"},
    {START WITH("<Category Type='Restrictive' TagName='a'/>") MADE END, "is none of"},
    {START WITH("<Category Type='RESTRICTIVE' TagName='a'/>"
                "<Category Type='RESTRICTIVE' TagName='a'/>") MADE END,
     "twice"},
    {START WITH("<Category Type='RESTRICTIVE' TagName='a'><GenericValue>b</GenericValue>"
                "<GenericValue>b</GenericValue></Category>") MADE END,
     "twice"},
    {START WITH("<Category Type='RESTRICTIVE' TagName='a'><CategoryValue>b</CategoryValue>"
                "</Category>") MADE END,
     "may not stand"},
    {START WITH("<Category Type='RESTRICTIVE' TagName='a'><IntegerValue>-1</IntegerValue>"
                "</Category>") MADE END,
     "digits"},
    {START WITH("<Category Type='RESTRICTIVE' TagName='a'><BitStringValue>012</BitStringValue>"
                "</Category>") MADE END,
     "digits"},
    {START WITH("<Category Type='RESTRICTIVE' TagName='a'><GenericValue/></Category>") MADE END,
     "empty"},
    {START WITH("<Category Type='RESTRICTIVE' TagName='a'/><PrivacyMark>a</PrivacyMark>") MADE END,
     "may not stand"},
    {START WITH("<PrivacyMark>a\nb</PrivacyMark>") MADE END, "line breaks"},
    {START WITH("<Category Type='RESTRICTIVE' TagName='a' URI='a b'/>") MADE END, "blanks"},
    {START WITH("<Category Type='RESTRICTIVE' TagName='a' URI=' '/>") MADE END, "URI is empty"},
    {START WITH("<Category Type='RESTRICTIVE' TagName='a'><IntegerValue> 1</IntegerValue>"
                "</Category>") MADE END,
     "digits"},
    {START INFO "<OriginatorID IDType=' jID '>a</OriginatorID>" MADE END, "not one of"},
    {START INFO "<OriginatorID>a</OriginatorID>" MADE END, "no attribute IDType"},
    {START INFO "<OriginatorID IDType='email'>a</OriginatorID>" MADE END, "not one of"},
    {START INFO "<OriginatorID IDType='jID'></OriginatorID>" MADE END, "empty"},
};

static void read__bad__refused_with_place_and_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        struct vls_xml4774 *label = NULL;
        struct vls_why why = {""};
        struct vls_status s = read_text(BAD[i].text, &label, &why);
        if (s.code != VLS_LABEL_XML || strstr(why.text, BAD[i].words) == NULL)
            fail_msg("case %zu: '%s' has no '%s'", i, why.text, BAD[i].words);
        assert_null(label);
        assert_int_equal(strncmp(why.text, "label.xml", 9), 0);
    }
}

static void read__above_the_limits__refused(void **state)
{
    (void)state;
    static char text[VLS_MAX_XML_LABEL + 2];
    struct vls_xml4774 *label = NULL;
    struct vls_why why;
    memset(text, ' ', sizeof text - 1);
    assert_code(read_text(text, &label, &why), INPUT_LIMIT);
    struct vls_buf big;
    vls_buf_init(&big, sizeof text);
    assert_code(vls_buf_add_text(&big, START "<ConfidentialityInformation><PolicyIdentifier>"), OK);
    assert_code(vls_buf_add(&big, memset(text, 'a', VLS_MAX_XML_TEXT + 1), VLS_MAX_XML_TEXT + 1),
                OK);
    assert_code(vls_buf_add_text(&big, "</PolicyIdentifier></ConfidentialityInformation>" END), OK);
    assert_code(vls_xml4774_read(vls_buf_slice(&big), "a", &label, &why), LABEL_XML);
    assert_non_null(strstr(why.text, "longer than"));
    vls_buf_clear(&big);
    assert_code(vls_buf_add_text(&big, START), OK);
    for (int i = 0; i < 300; i++)
        assert_code(vls_buf_add_text(&big, "<a>"), OK);
    assert_code(vls_xml4774_read(vls_buf_slice(&big), "a", &label, &why), LABEL_XML);
    vls_buf_fini(&big);
}

static void read__as_many_successors_as_may_be__one_more_refused(void **state)
{
    (void)state;
    for (int count = VLS_MAX_XML_SUCCESSORS; count <= VLS_MAX_XML_SUCCESSORS + 1; count++) {
        struct vls_buf text;
        struct vls_xml4774 *label = NULL;
        vls_buf_init(&text, VLS_MAX_XML_LABEL);
        assert_code(vls_buf_add_text(&text, START INFO MADE), OK);
        for (int i = 0; i < count; i++)
            assert_code(vls_buf_add_text(&text,
                                         "<SuccessionHandling><SuccessionDateTime>2036-01-01T00:00:"
                                         "00Z</SuccessionDateTime>"
                                         "<SuccessorConfidentialityLabel>" INFO MADE),
                        OK);
        for (int i = 0; i < count; i++)
            assert_code(
                vls_buf_add_text(&text, "</SuccessorConfidentialityLabel></SuccessionHandling>"),
                OK);
        assert_code(vls_buf_add_text(&text, END), OK);
        struct vls_status s = vls_xml4774_read(vls_buf_slice(&text), "a", &label, NULL);
        assert_int_equal(vls_ok(s), count == VLS_MAX_XML_SUCCESSORS);
        vls_xml4774_free(&label);
        vls_buf_fini(&text);
    }
}

/** A label with everything, values that need escapes among them. */
static struct vls_xml4774 *full_label(void)
{
    struct vls_xml4774 *label = vls_xml4774_new();
    struct vls_xml4774_category *c = NULL;
    label->root = VLS_XML4774_METADATA;
    label->id = "a";
    label->review_ms = 2398377600000;
    label->step_count = 2;
    for (size_t i = 0; i < 2; i++) {
        struct vls_xml4774_step *s = &label->steps[i];
        s->policy = "A & <B>";
        s->policy_uri = "urn:oid:2.999.1";
        s->classification = "\"C'";
        s->privacy_mark = i == 0 ? "P" : NULL;
        s->originator_type = "jID";
        s->originator = "\xd8\xa7@example.org";
        s->created_ms = 1767225600500;
        s->from_ms = i == 0 ? 0 : 1767225600500;
        assert_code(vls_xml4774_add_category(label, s, VLS_XML4774_PERMISSIVE, "Releasable To", &c),
                    OK);
        for (int v = 0; v < 9; v++) {
            char name[8];
            snprintf(name, sizeof name, "V%d", v);
            assert_code(vls_xml4774_add_value(label, c, VLS_XML4774_GENERIC, name), OK);
        }
        assert_code(vls_xml4774_add_category(label, s, VLS_XML4774_RESTRICTIVE, "E", &c), OK);
        assert_code(vls_xml4774_add_value(label, c, VLS_XML4774_INTEGER, "12"), OK);
        assert_code(vls_xml4774_add_value(label, c, VLS_XML4774_BITS, "0110"), OK);
        assert_code(vls_xml4774_add_category(label, s, VLS_XML4774_INFORMATIVE, "N", &c), OK);
    }
    return label;
}

static void write__everything__is_read_again_the_same(void **state)
{
    (void)state;
    struct vls_xml4774 *label = full_label(), *again = NULL;
    struct vls_buf first, second;
    struct vls_why why = {""};
    vls_buf_init(&first, VLS_MAX_XML_LABEL);
    vls_buf_init(&second, VLS_MAX_XML_LABEL);
    assert_code(vls_xml4774_write(label, &first, &why), OK);
    assert_code(vls_xml4774_read(vls_buf_slice(&first), "a", &again, &why), OK);
    assert_string_equal(again->steps[1].policy, "A & <B>");
    assert_string_equal(again->steps[1].categories[0].values[8].text, "V8");
    assert_code(vls_xml4774_write(again, &second, &why), OK);
    assert_string_equal(vls_buf_text(&first), vls_buf_text(&second));
    vls_buf_fini(&first);
    vls_buf_fini(&second);
    vls_xml4774_free(&again);
    vls_xml4774_free(&label);
}

static void write__what_has_no_place__refused(void **state)
{
    (void)state;
    struct vls_xml4774 *label = full_label();
    struct vls_buf out;
    struct vls_why why = {""};
    vls_buf_init(&out, VLS_MAX_XML_LABEL);
    label->steps[0].classification = "A\nB";
    assert_code(vls_xml4774_write_element(label, &out, &why), LABEL_XML);
    label->steps[0].classification = "";
    assert_code(vls_xml4774_write_element(label, &out, &why), LABEL_XML);
    label->steps[0].classification = "A";
    label->steps[1].from_ms = 1;
    assert_code(vls_xml4774_write_element(label, &out, &why), LABEL_XML);
    assert_int_equal(out.len, 0);
    vls_buf_fini(&out);
    vls_xml4774_free(&label);
}

/** xmllint's verdict on files of the samples' schema. */
static void assert_schema_valid(char (*files)[48], unsigned count)
{
    char schema[VLS_MAX_PATH];
    const char *args[6 + 128] = {"xmllint", "--nonet", "--noout", "--schema", schema};
    assert_true(count < sizeof args / sizeof args[0] - 5);
    snprintf(schema, sizeof schema, "%s/labels/schemas/nl-cl.xsd", getenv("VALISE_SAMPLES"));
    for (unsigned i = 0; i < count; i++)
        args[5 + i] = files[i];
    pid_t pid = fork();
    if (pid == 0) {
        execvp(args[0], (char *const *)(uintptr_t)args);
        _exit(127);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/** Shapes of a label, from the least to all that there is. */
static struct vls_xml4774 *label_of_shape(unsigned shape)
{
    struct vls_xml4774 *label = full_label();
    struct vls_xml4774_step *s = &label->steps[0];
    label->root = (enum vls_xml4774_root)(shape % 3);
    if ((shape & 1) != 0)
        label->id = NULL;
    if ((shape & 2) != 0)
        label->review_ms = 0;
    if ((shape & 4) != 0)
        label->step_count = 1;
    if ((shape & 8) != 0)
        s->count = 0;
    if ((shape & 16) != 0)
        s->originator = s->originator_type = NULL;
    if ((shape & 32) != 0)
        s->policy_uri = s->privacy_mark = NULL;
    if ((shape & 64) != 0) {
        label->steps[2] = label->steps[1];
        label->step_count = (shape & 4) != 0 ? 1 : 3;
        s->classification_uri = "urn:a?b=c&d";
        s->privacy_mark = "";
    }
    return label;
}

#define SHAPES 128

static void write__every_shape__is_valid_against_the_schema(void **state)
{
    (void)state;
    if (getenv("VALISE_SAMPLES") == NULL)
        skip();
    char dir[] = "/tmp/valise-4774-XXXXXX", files[SHAPES][48];
    assert_non_null(mkdtemp(dir));
    for (unsigned shape = 0; shape < SHAPES; shape++) {
        struct vls_xml4774 *label = label_of_shape(shape);
        struct vls_buf out;
        struct vls_why why = {""};
        vls_buf_init(&out, VLS_MAX_XML_LABEL);
        if (!vls_ok(vls_xml4774_write(label, &out, &why)))
            fail_msg("shape %u: %s", shape, why.text);
        snprintf(files[shape], sizeof files[shape], "%s/%u.xml", dir, shape);
        int fd = open(files[shape], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        assert_true(fd >= 0);
        assert_code(vls_fd_write(fd, vls_buf_slice(&out), &why), OK);
        vls_fd_close(&fd);
        vls_buf_fini(&out);
        vls_xml4774_free(&label);
    }
    assert_schema_valid(files, SHAPES);
    for (unsigned shape = 0; shape < SHAPES; shape++)
        unlink(files[shape]);
    rmdir(dir);
}

static void read__sample_with_succession__is_read(void **state)
{
    (void)state;
    const char *samples = getenv("VALISE_SAMPLES");
    if (samples == NULL)
        skip();
    char file[VLS_MAX_PATH];
    struct vls_buf bytes;
    struct vls_xml4774 *label = NULL;
    struct vls_why why = {""};
    snprintf(file, sizeof file, "%s/labels/un-confidential-with-succession.4774.xml", samples);
    vls_buf_init(&bytes, VLS_MAX_XML_LABEL);
    assert_code(vls_file_read(file, &bytes, &why), OK);
    assert_code(vls_xml4774_read(vls_buf_slice(&bytes), file, &label, &why), OK);
    assert_int_equal(label->step_count, 2);
    assert_string_equal(label->steps[1].classification, "UNCLASSIFIED");
    vls_buf_fini(&bytes);
    vls_xml4774_free(&label);
}

static void lenient__what_others_write_wrong__read_and_listed(void **state)
{
    (void)state;
    static const char WRONG[] =
        "<?a?><ConfidentialityLabel xmlns='" VLS_XML4774_NAMESPACE "' b='c' "
        "ReviewDateTime='2046-01-01T00:00:00'><ConfidentialityInformation>"
        "<PolicyIdentifier URL='urn:oid:2.999.1'>U<!-- -->N</PolicyIdentifier>"
        "<Classification>CONFIDENTIAL</Classification><d xmlns='urn:d'><e/></d>"
        "</ConfidentialityInformation></ConfidentialityLabel>";
    struct vls_xml4774 *label = NULL;
    struct vls_forgiven forgiven;
    struct vls_why why = {""};
    struct vls_status s =
        vls_xml4774_read_lenient(vls_slice_text(WRONG), "a", &label, &forgiven, &why);
    if (!vls_ok(s))
        fail_msg("%s", why.text);
    assert_string_equal(label->steps[0].policy, "UN");
    assert_string_equal(label->steps[0].policy_uri, "urn:oid:2.999.1");
    assert_true(label->steps[0].created_ms == 0);
    static const char *const WORDS[] = {"<ConfidentialityLabel>",
                                        "processing instruction",
                                        "attribute b",
                                        "ReviewDateTime",
                                        "URL",
                                        "<d>",
                                        "CreationDateTime"};
    assert_int_equal(forgiven.count, sizeof WORDS / sizeof WORDS[0]);
    for (size_t w = 0; w < sizeof WORDS / sizeof WORDS[0]; w++) {
        bool is_there = false;
        for (size_t i = 0; i < forgiven.count; i++)
            is_there = is_there || strstr(forgiven.at[i].words, WORDS[w]) != NULL;
        assert_true(is_there);
    }
    vls_xml4774_free(&label);
}

static void lenient__successors_without_creation__each_is_given_one(void **state)
{
    (void)state;
    static const char WRONG[] = START INFO SUCCESSION(
        "2036-01-01T00:00:00", INFO SUCCESSION("2046-01-01T00:00:00Z", INFO
                                               "<OriginatorID IDType='jID'>a</OriginatorID>")) END;
    struct vls_xml4774 *label = NULL;
    struct vls_forgiven forgiven;
    struct vls_why why = {""};
    if (!vls_ok(vls_xml4774_read_lenient(vls_slice_text(WRONG), "a", &label, &forgiven, &why)))
        fail_msg("%s", why.text);
    assert_int_equal(label->step_count, 3);
    for (size_t i = 0; i < label->step_count; i++)
        assert_true(label->steps[i].created_ms == 0);
    assert_true(label->steps[1].from_ms == 2082758400000);
    assert_string_equal(label->steps[2].originator, "a");
    assert_int_equal(forgiven.count, 4); /* three times no creation, one time without zone */
    vls_xml4774_free(&label);
}

static void lenient__strict_labels__nothing_is_forgiven(void **state)
{
    (void)state;
    struct vls_xml4774 *label = NULL;
    struct vls_forgiven forgiven;
    assert_code(vls_xml4774_read_lenient(vls_slice_text(SMALL), "a", &label, &forgiven, NULL), OK);
    assert_int_equal(forgiven.count, 0);
    vls_xml4774_free(&label);
}

static void lenient__entities_and_other_levels__remain_refused(void **state)
{
    (void)state;
    static const char *const WRONG[] = {"<!DOCTYPE a [<!ENTITY b 'c'>]>" SMALL,
                                        START "<ConfidentialityInformation/>" MADE END, "<a/>"};
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        struct vls_xml4774 *label = NULL;
        struct vls_forgiven forgiven;
        assert_code(
            vls_xml4774_read_lenient(vls_slice_text(WRONG[i]), "a", &label, &forgiven, NULL),
            LABEL_XML);
        assert_null(label);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__all_members__are_there),
        cmocka_unit_test(read__white_space_around_tokens__is_none_of_the_value),
        cmocka_unit_test(read__times_as_the_schema_has_them__are_the_same_in_utc),
        cmocka_unit_test(read__chain_of_successors__in_order),
        cmocka_unit_test(read__bad__refused_with_place_and_reason),
        cmocka_unit_test(read__above_the_limits__refused),
        cmocka_unit_test(read__as_many_successors_as_may_be__one_more_refused),
        cmocka_unit_test(write__everything__is_read_again_the_same),
        cmocka_unit_test(write__what_has_no_place__refused),
        cmocka_unit_test(write__every_shape__is_valid_against_the_schema),
        cmocka_unit_test(read__sample_with_succession__is_read),
        cmocka_unit_test(lenient__what_others_write_wrong__read_and_listed),
        cmocka_unit_test(lenient__successors_without_creation__each_is_given_one),
        cmocka_unit_test(lenient__strict_labels__nothing_is_forgiven),
        cmocka_unit_test(lenient__entities_and_other_levels__remain_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
