/* Retry-After in both forms, and what is neither. */
#include "fetch/retry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/limits.h"

#define NOW UINT64_C(1795431600000) /* 2026-11-23T11:00:00Z */

static void assert_read(const char *text, uint64_t expected_ms)
{
    uint64_t at = 0;
    if (!vls_ok(vls_retry_after_read(text, NOW, &at)))
        fail_msg("'%s' is not read", text);
    assert_int_equal(at, expected_ms);
}

static void seconds__are_counted_from_now(void **state)
{
    (void)state;
    assert_read("0", NOW);
    assert_read("1", NOW + 1000);
    assert_read("120", NOW + 120000);
    assert_read("000007", NOW + 7000);
}

static void seconds__far_ahead__are_cut(void **state)
{
    const uint64_t most = NOW + VLS_FETCH_RETRY_S * UINT64_C(1000);
    (void)state;
    assert_read("86401", most);
    assert_read("99999999999999999999999999", most);
    assert_read("Fri, 01 Jan 2100 00:00:00 GMT", most);
}

static void date__in_its_three_forms__is_read(void **state)
{
    (void)state;
    assert_read("Mon, 23 Nov 2026 11:00:30 GMT", NOW + 30000);
    assert_read("Monday, 23-Nov-26 11:00:30 GMT", NOW + 30000);
    assert_read("Mon Nov 23 11:00:30 2026", NOW + 30000);
}

static void date__behind__is_now(void **state)
{
    (void)state;
    assert_read("Sun, 06 Nov 1994 08:49:37 GMT", NOW);
}

static void anything_else__says_nothing(void **state)
{
    static const char *const TEXTS[] = {
        "",      " ",   "soon", "-5",  "1.5", "5 s",     "5,6",          "tomorrow 12:00",
        "12:00", "1e3", "0x10", "Mon", "+7",  "Mon, 23", "2026-11-23T1", "\xff"};
    (void)state;
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        uint64_t at = 1;
        if (vls_retry_after_read(TEXTS[i], NOW, &at).code != VLS_FETCH_MALFORMED)
            fail_msg("'%s' is read as %llu", TEXTS[i], (unsigned long long)at);
        assert_int_equal(at, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seconds__are_counted_from_now),
        cmocka_unit_test(seconds__far_ahead__are_cut),
        cmocka_unit_test(date__in_its_three_forms__is_read),
        cmocka_unit_test(date__behind__is_now),
        cmocka_unit_test(anything_else__says_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
