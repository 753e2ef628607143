/* First bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/kind.h"

static void first_bytes__of_each_kind__are_told(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        enum plug_kind kind;
    } CASES[] = {
        {"", 0, PLUG_EMPTY},
        {"%PDF-1.7\n", 9, PLUG_PDF},
        {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", 10, PLUG_OLE},
        {"PK\x03\x04.....[Content_Types].xml....word/document.xml", 51, PLUG_DOCX},
        {"PK\x03\x04.....[Content_Types].xml....xl/workbook.xml", 48, PLUG_XLSX},
        {"PK\x03\x04.....export.txt", 19, PLUG_ZIP},
        {"{\\rtf1\\ansi", 11, PLUG_RTF},
        {"\xff\x57\x50\x43\x10\0\0\0", 8, PLUG_WORDPERFECT},
        {"\x89PNG\r\n\x1a\n", 8, PLUG_IMAGE},
        {"\x1f\x8b\x08\0", 4, PLUG_GZIP},
        {"\x28\xb5\x2f\xfd", 4, PLUG_ZSTD},
        {"<!DOCTYPE html>\n<html>", 22, PLUG_HTML},
        {"\r\n\r\n <HTML><head>", 17, PLUG_HTML},
        {"<!-- a page --><html>", 21, PLUG_HTML},
        {"<?xml version='1.0'?>\n<html xmlns='http://www.w3.org/1999/xhtml'>", 64, PLUG_HTML},
        {"<?xml version='1.0'?>\n<!-- Total: 94 -->\n<collection>", 54, PLUG_XML},
        {"\xef\xbb\xbf<?xml version='1.0'?><rss>", 29, PLUG_XML},
        {"<OAI-PMH>", 9, PLUG_XML},
        {"<?xml version='1.0'?><!DOCTYPE b [<!ENTITY a 'a'>]>", 51, PLUG_XML},
        {"{\"result\":[]}", 13, PLUG_JSON},
        {" [ {\"id\":1}]", 12, PLUG_JSON},
        {"\"Document processed.\"", 21, PLUG_JSON},
        {"[1,2]", 5, PLUG_JSON},
        {"[some words]", 12, PLUG_TEXT},
        {"Retry after 2 seconds", 21, PLUG_TEXT},
        {"\xef\xbb\xbfMain ID,Region\r\n", 19, PLUG_TEXT},
        {"\x01\x02\x03", 3, PLUG_UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
        if (plug_kind_of(CASES[i].bytes, CASES[i].len) != CASES[i].kind)
            fail_msg("case %zu is %s", i,
                     plug_kind_words(plug_kind_of(CASES[i].bytes, CASES[i].len)));
}

static void kinds__have__types_and_endings(void **state)
{
    (void)state;
    assert_string_equal(plug_kind_type(PLUG_WORDPERFECT), "application/vnd.wordperfect");
    assert_string_equal(plug_kind_ending(PLUG_OLE), "doc");
    assert_string_equal(plug_kind_ending(PLUG_UNKNOWN), "bin");
    assert_string_equal(plug_kind_words(PLUG_HTML), "an HTML page");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_bytes__of_each_kind__are_told),
        cmocka_unit_test(kinds__have__types_and_endings),
    };
    return cmocka_run_group_tests_name("kind", tests, NULL, NULL);
}
