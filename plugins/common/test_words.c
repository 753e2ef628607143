/* Urls, names, entities, dates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/words.h"

static void symbol__escaped__slashes_blanks_and_parentheses_too(void **state)
{
    char out[64] = "s=";
    (void)state;
    assert_true(plug_add_escaped(out, sizeof out, "S/RES/2803 (2025)"));
    assert_string_equal(out, "s=S%2FRES%2F2803%20%282025%29");
    char small[6] = "";
    assert_false(plug_add_escaped(small, sizeof small, "a/bc"));
    assert_string_equal(small, "a%2Fb");
}

static void escapes__undone__or_refused(void **state)
{
    char out[32];
    (void)state;
    assert_true(plug_unescape(out, sizeof out, "A%2fRES%2F79", 12));
    assert_string_equal(out, "A/RES/79");
    assert_false(plug_unescape(out, sizeof out, "a%2", 3));
    assert_false(plug_unescape(out, sizeof out, "a%zz", 4));
    assert_false(plug_unescape(out, sizeof out, "a%00", 4));
}

static void url__with_keys__is_shown_without(void **state)
{
    static const char *const CASES[][2] = {
        {"https://a.org/names.nsf?login&username=free&password=word&x=1",
         "https://a.org/names.nsf?login&username=***&password=***&x=1"},
        {"https://user:word@a.org/p?q=1", "https://***@a.org/p?q=1"},
        {"https://a.org/v3?Subscription-Key=abc", "https://a.org/v3?Subscription-Key=***"},
        {"https://a.org/a@b", "https://a.org/a@b"},
        {"https://a.org/api?s=A%2FRES&l=fr", "https://a.org/api?s=A%2FRES&l=fr"},
    };
    char out[256];
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        plug_url_public(out, sizeof out, CASES[i][0]);
        assert_string_equal(out, CASES[i][1]);
    }
}

static void url__its_host__is_lower_case_and_alone(void **state)
{
    char out[64];
    (void)state;
    assert_true(plug_url_host(out, sizeof out, "HTTPS://Documents.UN.org:443/x"));
    assert_string_equal(out, "documents.un.org");
    assert_false(plug_url_host(out, sizeof out, "http://documents.un.org/"));
    assert_false(plug_url_host(out, sizeof out, "https://u@documents.un.org/"));
}

static void name__of_a_symbol_or_title__is_one_path_component(void **state)
{
    static const char *const CASES[][2] = {
        {"A/RES/79/1", "A_RES_79_1"},
        {"S/RES/2803 (2025)", "S_RES_2803_(2025)"},
        {"../../etc/passwd", "etc_passwd"},
        {"  Résumé: \"42\"\n", "Résumé_42"},
        {"///", "document"},
    };
    char out[256], title[600];
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        plug_file_name(out, sizeof out, CASES[i][0]);
        assert_string_equal(out, CASES[i][1]);
    }
    for (size_t i = 0; i + 2 < sizeof title; i += 2)
        snprintf(title + i, 3, "é");
    plug_file_name(out, sizeof out, title);
    assert_true(strlen(out) <= 120);
    assert_true(plug_is_utf8(out, strlen(out), NULL));
}

static void entities__of_a_title__are_undone_twice_at_most(void **state)
{
    char text[] =
        "R&amp;eacute;fugi&eacute;s &#8211; &#x201C;A&nbsp;&amp; B&quot; &unknown; & &#0; &#xD800;";
    (void)state;
    plug_undo_entities(text, 2);
    assert_string_equal(text, "Réfugiés – “A\u00a0& B\" &unknown; & &#0; &#xD800;");
}

static void text__with_tags_and_controls__is_plain(void **state)
{
    char text[] = "<p>One\n\n<b>two</b></p> 3 < 4\x0b";
    (void)state;
    plug_plain(text);
    assert_string_equal(text, "One two 3 < 4");
}

static void utf8__that_is_wrong__has_a_place(void **state)
{
    size_t bad = 0;
    (void)state;
    assert_true(plug_is_utf8("العربية", strlen("العربية"), NULL));
    assert_false(plug_is_utf8("ab\xe9", 3, &bad));
    assert_int_equal(bad, 2);
    assert_false(plug_is_utf8("\xed\xa0\x80", 3, NULL));
    assert_false(plug_is_utf8("\xc0\xaf", 2, NULL));
    assert_false(plug_is_utf8("a\0b", 3, NULL));
}

static void iso_date__of_any_form__is_a_time(void **state)
{
    static const struct {
        const char *text;
        uint64_t ms;
    } CASES[] = {{"1970-01-02", 86400000},
                 {"2017-09-30T00:00:00", 1506729600000},
                 {"2026-09-14T09:00:00+02:00", 1789369200000},
                 {"2026-09-14T07:00:00.250Z", 1789369200250},
                 {"2026-09", 1788220800000},
                 {"2026-02-29", 0},
                 {"2024-02-29", 1709164800000},
                 {"14/09/2026", 0},
                 {"", 0},
                 {"2026-09-14x", 0}};
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
        if (plug_time_iso(CASES[i].text) != CASES[i].ms)
            fail_msg("%s is %llu", CASES[i].text, (unsigned long long)plug_time_iso(CASES[i].text));
}

static void mail_date__of_any_form__is_a_time(void **state)
{
    char text[21];
    (void)state;
    assert_int_equal(plug_time_mail("Mon, 14 Sep 2026 07:00:00 GMT"), 1789369200000);
    assert_int_equal(plug_time_mail("14 Sep 26 09:00 +0200"), 1789369200000);
    assert_int_equal(plug_time_mail("Mon, 14 Sep 2026 03:00:00 EDT"), 1789369200000);
    assert_int_equal(plug_time_mail("Monday, 14-September-2026 07:00:00"), 1789369200000);
    assert_int_equal(plug_time_mail("yesterday"), 0);
    assert_int_equal(plug_time_mail("Mon, 32 Sep 2026 07:00:00 GMT"), 0);
    plug_time_print(1789369200250, text);
    assert_string_equal(text, "2026-09-14T07:00:00Z");
    plug_time_print(1709164800000, text);
    assert_string_equal(text, "2024-02-29T00:00:00Z");
}

static void symbol__at_the_start_of_a_title__is_found(void **state)
{
    (void)state;
    assert_int_equal(plug_symbol_at("A/80/123 - Report"), 8);
    assert_int_equal(plug_symbol_at("S/RES/2803 (2025) text"), 17);
    assert_int_equal(plug_symbol_at("A/RES/14(I): text"), 11);
    assert_int_equal(plug_symbol_at("A/80/L.5 (see also B)"), 8);
    assert_int_equal(plug_symbol_at("Report on A/80/123"), 0);
    assert_int_equal(plug_symbol_at("https://undocs.org/A/80"), 0);
    assert_int_equal(plug_symbol_at(""), 0);
}

static void word__in_a_list__is_found_whole(void **state)
{
    (void)state;
    assert_true(plug_has_word("en, fr,es", "FR"));
    assert_false(plug_has_word("en,french", "fr"));
    assert_false(plug_has_word("", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(symbol__escaped__slashes_blanks_and_parentheses_too),
        cmocka_unit_test(escapes__undone__or_refused),
        cmocka_unit_test(url__with_keys__is_shown_without),
        cmocka_unit_test(url__its_host__is_lower_case_and_alone),
        cmocka_unit_test(name__of_a_symbol_or_title__is_one_path_component),
        cmocka_unit_test(entities__of_a_title__are_undone_twice_at_most),
        cmocka_unit_test(text__with_tags_and_controls__is_plain),
        cmocka_unit_test(utf8__that_is_wrong__has_a_place),
        cmocka_unit_test(iso_date__of_any_form__is_a_time),
        cmocka_unit_test(mail_date__of_any_form__is_a_time),
        cmocka_unit_test(symbol__at_the_start_of_a_title__is_found),
        cmocka_unit_test(word__in_a_list__is_found_whole),
    };
    return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
