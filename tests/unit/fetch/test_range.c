/* Content-Range: its form, and whether it is what was asked for. */
#include "fetch/range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct vls_content_range range_of(const char *text)
{
    struct vls_content_range range = {0};
    struct vls_why why;
    if (!vls_ok(vls_content_range_read(text, &range, &why)))
        fail_msg("%s", why.text);
    return range;
}

static void read__with_and_without_total(void **state)
{
    (void)state;
    struct vls_content_range range = range_of("bytes 0-99/200");
    assert_int_equal(range.first, 0);
    assert_int_equal(range.last, 99);
    assert_int_equal(range.total, 200);
    range = range_of("BYTES 5-5/*");
    assert_int_equal(range.first, 5);
    assert_int_equal(range.last, 5);
    assert_int_equal(range.total, 0);
}

static void read__anything_else__refused(void **state)
{
    static const char *const TEXTS[] = {"",
                                        "bytes",
                                        "bytes ",
                                        "bytes 0-99",
                                        "bytes 0-99/",
                                        "bytes */9",
                                        "bytes 9-5/20",
                                        "bytes 0-20/20",
                                        "bytes -5/20",
                                        "bytes 5-/20",
                                        "items 0-9/20",
                                        "bytes 0-9/20x",
                                        "bytes 0-9/*x",
                                        "bytes 0 - 9/20",
                                        "bytes 0-9/2e1",
                                        "bytes 0-99999999999999999999999/*",
                                        "bytes=0-9/20"};
    struct vls_content_range range;
    (void)state;
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++)
        if (vls_content_range_read(TEXTS[i], &range, NULL).code != VLS_FETCH_MALFORMED)
            fail_msg("'%s' is read", TEXTS[i]);
}

static void check__against_what_was_asked_for(void **state)
{
    static const struct {
        const char *given;
        uint64_t first, bytes;
        bool is_good;
    } CASES[] = {
        {"bytes 10-19/100", 10, 10, true},  {"bytes 10-99/100", 10, 0, true},
        {"bytes 90-99/100", 90, 50, true}, /* where the resource ends */
        {"bytes 10-19/*", 10, 10, true},    {"bytes 10-14/*", 10, 10, true},
        {"bytes 10-50/*", 10, 0, true},     {"bytes 0-18446744073709551613/*", 0, 0, true},
        {"bytes 11-20/100", 10, 10, false}, {"bytes 10-20/100", 10, 10, false},
        {"bytes 10-18/100", 10, 10, false}, {"bytes 0-99/100", 10, 0, false},
        {"bytes 10-50/100", 10, 0, false},  {"bytes 10-20/*", 10, 10, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct vls_content_range range = range_of(CASES[i].given);
        struct vls_range_asked asked = {true, CASES[i].first, CASES[i].bytes};
        if (vls_ok(vls_content_range_check(&range, &asked, NULL)) != CASES[i].is_good)
            fail_msg("%s to %llu+%llu", CASES[i].given, (unsigned long long)CASES[i].first,
                     (unsigned long long)CASES[i].bytes);
    }
    struct vls_content_range range = range_of("bytes 0-9/10");
    assert_int_equal(
        vls_content_range_check(&range, &(struct vls_range_asked){false, 0, 0}, NULL).code,
        VLS_FETCH_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__with_and_without_total),
        cmocka_unit_test(read__anything_else__refused),
        cmocka_unit_test(check__against_what_was_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
