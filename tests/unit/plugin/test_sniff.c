/* What the first bytes of a document say, and when that contradicts what is stated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "plugin/sniff.h"

static void sniff__first_bytes__say_a_type_or_none(void **state)
{
    static const struct {
        const char *bytes;
        size_t len; /* 0: a text */
        const char *type;
    } CASES[] = {
        {"%PDF-1.7\n", 0, "application/pdf"},
        {"\x89PNG\r\n\x1a\n", 8, "image/png"},
        {"PK\x03\x04", 4, "application/zip"},
        {"\xef\xbb\xbf \n<!DOCTYPE HTML><html>", 0, "text/html"},
        {"<HTML><head>", 0, "text/html"},
        {"<?xml version=\"1.0\"?>\n<html xmlns=\"http://www.w3.org/1999/xhtml\">", 0, "text/html"},
        {"<?xml version=\"1.0\"?><record/>", 0, "application/xml"},
        {"{\"id\": 1}", 0, "application/json"},
        {"A resolution.\n", 0, "text/plain"},
        {"R\xe9solution.\r\n", 0, "text/plain"},
        {"a\0b", 3, ""},
        {"", 0, ""},
        {"%PD", 0, "text/plain"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        size_t len = CASES[i].len != 0 ? CASES[i].len : strlen(CASES[i].bytes);
        assert_string_equal(vls_sniff(VLS_SLICE(CASES[i].bytes, len)), CASES[i].type);
    }
}

static void contradicts__stated_and_seen__only_where_the_bytes_show_it(void **state)
{
    static const struct {
        const char *stated, *sniffed;
        bool is_contradiction;
    } CASES[] = {
        {"application/pdf", "application/pdf", false},
        {"Application/PDF; x=y", "application/pdf", false},
        {"application/pdf", "text/html", true},
        {"application/pdf", "text/plain", true},
        {"application/pdf", "", true},
        {"application/vnd.ms-excel", "text/html", true},
        {"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
         "application/zip", false},
        {"text/html", "text/html", false},
        {"application/xhtml+xml", "text/html", false},
        {"text/csv", "text/plain", false},
        {"", "text/html", false},
        {"image/png", "image/jpeg", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
        assert_int_equal(vls_sniff_contradicts(CASES[i].stated, CASES[i].sniffed),
                         CASES[i].is_contradiction);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sniff__first_bytes__say_a_type_or_none),
        cmocka_unit_test(contradicts__stated_and_seen__only_where_the_bytes_show_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
