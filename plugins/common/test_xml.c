/* XML as a stream, in pieces of every size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/xml.h"

static char seen[4096];

__attribute__((format(printf, 1, 2))) static void note(const char *fmt, ...)
{
    size_t used = strlen(seen);
    va_list list;
    va_start(list, fmt);
    vsnprintf(seen + used, sizeof seen - used, fmt, list);
    va_end(list);
}

static int on_begin(void *ctx, const char *name, const char *space,
                    const struct plug_xml_attribute *attributes, size_t count)
{
    (void)ctx;
    note("<%s%s%s", name, space[0] != '\0' ? " in " : "", space);
    for (size_t i = 0; i < count; i++)
        note(" %s=%s", attributes[i].name, attributes[i].value);
    note(">");
    return 0;
}

static int on_end(void *ctx, const char *name, const char *space, const char *text, size_t len)
{
    (void)ctx;
    (void)space;
    note("[%.*s]</%s>", (int)len, text, name);
    return 0;
}

static int on_comment(void *ctx, const char *text)
{
    (void)ctx;
    note("{%s}", text);
    return 0;
}

/* Read in pieces of so many bytes. NULL: well; otherwise why and where. */
static const char *read_in(const char *text, size_t len, size_t piece)
{
    static char said[512];
    const struct plug_xml_options options = {.on = {on_begin, on_end, on_comment}};
    struct plug_xml *xml = plug_xml_new(&options);
    int bad = 0;
    seen[0] = '\0';
    for (size_t at = 0; at < len && bad == 0; at += piece)
        bad = plug_xml_feed(xml, text + at, len - at < piece ? len - at : piece);
    if (bad == 0)
        bad = plug_xml_finish(xml);
    snprintf(said, sizeof said, "%s: %s", plug_xml_where(xml), plug_xml_why(xml));
    plug_xml_free(&xml);
    return bad == 0 ? NULL : said;
}

static const char *read_text(const char *text)
{
    return read_in(text, strlen(text), 65536);
}

static void document__in_pieces__gives_the_same_elements(void **state)
{
    static const char TEXT[] =
        "<?xml version='1.0' encoding='UTF-8'?>\n<!-- Total: 2 -->\n"
        "<response><total>2</total><m:record xmlns:m='urn:m' id='a&amp;b'>x<i>y</i>z &lt;"
        "<![CDATA[<raw>]]></m:record></response>\n";
    static const char EXPECTED[] =
        "{ Total: 2 }<response><total>[2]</total><record in urn:m id=a&b><i>[y]</i>"
        "[xz <<raw>]</record>[]</response>";
    (void)state;
    for (size_t piece = 1; piece < sizeof TEXT; piece++) {
        assert_null(read_in(TEXT, strlen(TEXT), piece));
        assert_string_equal(seen, EXPECTED);
    }
}

static void name_space__that_is_not_declared__is_none(void **state)
{
    (void)state;
    assert_null(read_text("<marc:record><marc:leader>x</marc:leader></marc:record>"));
    assert_string_equal(seen, "<record><leader>[x]</leader>[]</record>");
    assert_null(read_text("<r xmlns='relative'/>"));
    assert_string_equal(seen, "<r in relative>[]</r>");
}

static void character_set__of_the_document__holds(void **state)
{
    (void)state;
    assert_null(read_text("<a>\xd8\xa7\xd9\x84</a>"));
    assert_string_equal(seen, "<a>[\xd8\xa7\xd9\x84]</a>");
    assert_null(read_text("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>"));
    assert_string_equal(seen, "<a>[\xc3\xa9]</a>");
    assert_non_null(read_text("<a>\xe9</a>"));
}

static void control_character__in_text__is_told_with_its_place(void **state)
{
    (void)state;
    const char *why = read_text("<a>\n<b>one\x0btwo</b></a>");
    assert_non_null(why);
    assert_non_null(strstr(why, "line 2, column "));
    assert_non_null(strstr(why, "0x0B"));
}

static void entities__of_any_kind__are_refused(void **state)
{
    (void)state;
    const char *why = read_text("<!DOCTYPE b [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><b>&b;</b>");
    assert_non_null(why);
    assert_non_null(strstr(why, "document type"));
    assert_string_equal(seen, "");
    assert_non_null(read_text("<!DOCTYPE b [<!ENTITY % p SYSTEM 'file:///etc/passwd'>%p;]><b/>"));
    assert_non_null(read_text("<!DOCTYPE b [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><b>&a;</b>"));
    assert_non_null(read_text("<!DOCTYPE b SYSTEM 'file:///etc/passwd'><b>&a;</b>"));
    why = read_text("<a>&bogus;</a>");
    assert_non_null(why);
    assert_non_null(strstr(why, "bogus"));
}

static void document_type__that_declares_nothing__is_forgiven(void **state)
{
    (void)state;
    assert_null(read_text("<!DOCTYPE rss PUBLIC '-//X//DTD RSS 0.91//EN' "
                          "'http://example.org/rss-0.91.dtd'><rss>x</rss>"));
    assert_string_equal(seen, "<rss>[x]</rss>");
}

static void entities_of_html__where_they_are_taken__are_undone(void **state)
{
    const struct plug_xml_options options = {.on = {.end = on_end}, .takes_html_entities = true};
    struct plug_xml *xml = plug_xml_new(&options);
    static const char TEXT[] = "<a>R&eacute;fugi&eacute;s &amp; &ndash; x</a>";
    (void)state;
    seen[0] = '\0';
    for (size_t i = 0; i < sizeof TEXT - 1; i++)
        assert_int_equal(plug_xml_feed(xml, TEXT + i, 1), 0);
    assert_int_equal(plug_xml_finish(xml), 0);
    assert_string_equal(seen, "[Réfugiés & – x]</a>");
    plug_xml_free(&xml);
    xml = plug_xml_new(&options);
    assert_int_equal(plug_xml_feed(xml, "<a>&bogus;</a>", 14), -1);
    plug_xml_free(&xml);
}

static void depth_of_10000__is_refused(void **state)
{
    char *text = malloc(70001);
    (void)state;
    for (size_t i = 0; i < 10000; i++)
        memcpy(text + 3 * i, "<a>", 3);
    const char *why = read_in(text, 30000, 65536);
    assert_non_null(why);
    assert_non_null(strstr(why, "64 deep"));
    free(text);
}

static void document__that_breaks_off__is_none(void **state)
{
    static const char TEXT[] = "<list><a>1</a><a>2</a></list>";
    (void)state;
    for (size_t len = 0; len < sizeof TEXT - 1; len++)
        assert_non_null(read_in(TEXT, len, 7));
    assert_non_null(read_text("<a></b>"));
    assert_non_null(read_text("<a/><b/>"));
    assert_non_null(read_text("10 bytes.."));
}

static void text__above_the_cap__is_refused(void **state)
{
    const struct plug_xml_options options = {.max_text = 10};
    struct plug_xml *xml = plug_xml_new(&options);
    (void)state;
    assert_int_equal(plug_xml_feed(xml, "<a><b>0123456789</b><b>0123456789</b>", 37), 0);
    assert_int_equal(plug_xml_feed(xml, "<b>01234567890</b></a>", 22), -1);
    assert_non_null(strstr(plug_xml_why(xml), "more than 10 bytes"));
    plug_xml_free(&xml);
}

static int refuse_b(void *ctx, const char *name, const char *space, const char *text, size_t len)
{
    (void)space;
    (void)text;
    (void)len;
    if (strcmp(name, "b") != 0)
        return 0;
    plug_xml_refuse(*(struct plug_xml **)ctx, "no %s here", name);
    return -1;
}

static void handler__that_refuses__ends_it_in_its_words(void **state)
{
    struct plug_xml *xml = NULL;
    const struct plug_xml_options options = {.on = {.end = refuse_b}, .ctx = &xml};
    (void)state;
    xml = plug_xml_new(&options);
    assert_int_equal(plug_xml_feed(xml, "<a>\n<b/><c/>", 12), -1);
    assert_string_equal(plug_xml_why(xml), "no b here");
    assert_int_equal(plug_xml_feed(xml, "</a>", 4), -1);
    plug_xml_free(&xml);
}

static void blanks_before_the_declaration__are_forgiven(void **state)
{
    (void)state;
    assert_null(read_text("\r\n\n<?xml version='1.0'?><a/>"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(document__in_pieces__gives_the_same_elements),
        cmocka_unit_test(name_space__that_is_not_declared__is_none),
        cmocka_unit_test(character_set__of_the_document__holds),
        cmocka_unit_test(control_character__in_text__is_told_with_its_place),
        cmocka_unit_test(entities__of_any_kind__are_refused),
        cmocka_unit_test(document_type__that_declares_nothing__is_forgiven),
        cmocka_unit_test(entities_of_html__where_they_are_taken__are_undone),
        cmocka_unit_test(depth_of_10000__is_refused),
        cmocka_unit_test(document__that_breaks_off__is_none),
        cmocka_unit_test(text__above_the_cap__is_refused),
        cmocka_unit_test(handler__that_refuses__ends_it_in_its_words),
        cmocka_unit_test(blanks_before_the_declaration__are_forgiven),
    };
    return cmocka_run_group_tests_name("xml", tests, NULL, NULL);
}
