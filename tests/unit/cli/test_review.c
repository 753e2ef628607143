#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "review.h"

static void check(const char *from, const char *to)
{
    char *visible = vls_review_visible(from);
    assert_string_equal(visible, to);
    vls_mem_free(visible);
}

static void visible__plain_text_of_any_script__as_it_is(void **state)
{
    (void)state;
    check("", "");
    check("Note verbale, 5 %", "Note verbale, 5 %");
    check("\xd8\xa7\xd9\x84\xd8\xa3\xd9\x85\xd9\x85", "\xd8\xa7\xd9\x84\xd8\xa3\xd9\x85\xd9\x85");
    check("\xe8\x81\x94\xe5\x90\x88\xe5\x9b\xbd \xf0\x9f\x93\x84",
          "\xe8\x81\x94\xe5\x90\x88\xe5\x9b\xbd \xf0\x9f\x93\x84");
}

static void visible__what_hides_or_turns_text__written_out(void **state)
{
    (void)state;
    check("a\x1b[2Jb\r\n", "a<U+001B>[2Jb<U+000D><U+000A>");
    check("gpj.\xe2\x80\xae"
          "exe",
          "gpj.<U+202E>exe");
    check("\xe2\x81\xa6x\xe2\x81\xa9", "<U+2066>x<U+2069>");
    check("a\xe2\x80\x8b"
          "b\xef\xbb\xbf",
          "a<U+200B>b<U+FEFF>");
    check("\xc2\x9b"
          "2J",
          "<U+009B>2J");
    check("tag\xf3\xa0\x81\x81", "tag<U+E0041>");
}

static void visible__not_utf_8__bytes_written_out(void **state)
{
    (void)state;
    check("\xff\x80", "<0xFF><0x80>");
    check("cut\xe2\x80", "cut<0xE2><0x80>");
    check("\xc0\xaf", "<0xC0><0xAF>");           /* overlong */
    check("\xed\xa0\x80", "<0xED><0xA0><0x80>"); /* half of a surrogate pair */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(visible__plain_text_of_any_script__as_it_is),
        cmocka_unit_test(visible__what_hides_or_turns_text__written_out),
        cmocka_unit_test(visible__not_utf_8__bytes_written_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
