/* Where a harvest is, as text and step by step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cursor.h"
#include "marc/stamp.h"

#define DAY STAMP_DAY

static int64_t at(const char *text)
{
    int64_t seconds;
    assert_true(stamp_read(text, &seconds));
    return seconds;
}

static void cursor__written_and_read__the_same(void **state)
{
    struct cursor c = {.from = at("2026-01-01"),
                       .until = at("2026-03-31"),
                       .count = 200,
                       .token = "a token, with blanks & %"};
    struct cursor read = {0};
    char text[PENDING_CURSOR];
    uint64_t done, mark;
    (void)state;
    cursor_write(&c, 17, 123456789, text);
    assert_true(cursor_read(&read, text, &done, &mark));
    assert_int_equal(read.from, c.from);
    assert_int_equal(read.until, c.until);
    assert_int_equal(read.count, 200);
    assert_string_equal(read.token, c.token);
    assert_int_equal(done, 17);
    assert_int_equal(mark, 123456789);
}

static void cursor__of_no_version_that_is_known__refused(void **state)
{
    static const char *const WRONG[] = {"", "2 0 0 0 0 0 0 ", "1 0 0 0 0 0", "1 a 0 0 0 0 0 ",
                                        "{}"};
    struct cursor c = {.from = 5};
    uint64_t done, mark;
    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++)
        assert_false(cursor_read(&c, WRONG[i], &done, &mark));
    assert_int_equal(c.from, 5);
}

static void window__planned__no_wider_and_not_beyond_now(void **state)
{
    struct cursor c = {.from = at("2026-01-01"), .until = CURSOR_NO_DAY};
    (void)state;
    assert_true(cursor_plan(&c, at("2026-06-01T10:00:00Z"), 90 * DAY));
    assert_int_equal(c.until, at("2026-03-31")); /* both days are within */
    c.from = at("2026-05-20");
    assert_true(cursor_plan(&c, at("2026-06-01T10:00:00Z"), 90 * DAY));
    assert_int_equal(c.until, at("2026-06-01"));
    c.from = at("2026-06-02");
    assert_false(cursor_plan(&c, at("2026-06-01T10:00:00Z"), 90 * DAY));
}

static void window__done__next_begins_behind_it_without_a_gap(void **state)
{
    struct cursor days = {.from = at("2026-01-01"), .until = at("2026-03-31")};
    struct cursor seconds = {
        .from = at("2026-01-01"), .until = at("2026-03-31T23:59:59Z"), .has_seconds = true};
    (void)state;
    assert_false(cursor_next(&days, at("2026-06-01"), DAY));
    assert_int_equal(days.from, at("2026-04-01"));
    assert_false(cursor_next(&seconds, at("2026-06-01"), DAY));
    assert_int_equal(seconds.from, at("2026-04-01"));
}

static void window__up_to_now_done__next_run_overlaps(void **state)
{
    struct cursor c = {
        .from = at("2026-05-20"), .until = at("2026-06-01T10:00:00Z"), .has_seconds = true};
    struct cursor day = {.from = at("2026-05-20"), .until = at("2026-06-01")};
    (void)state;
    assert_true(cursor_next(&c, at("2026-06-01T10:00:00Z"), DAY));
    assert_int_equal(c.from, at("2026-05-31T10:00:00Z"));
    assert_true(cursor_next(&day, at("2026-06-01T10:00:00Z"), 0)); /* the day is not over */
    assert_int_equal(day.from, at("2026-06-01"));
}

static void window__narrowed__down_to_a_day(void **state)
{
    struct cursor c = {
        .from = at("2026-01-01"), .until = at("2026-03-31"), .count = 9, .token = "x"};
    int64_t width = 90 * DAY;
    unsigned steps = 0;
    (void)state;
    while (cursor_narrow(&c, &width)) {
        assert_string_equal(c.token, "");
        assert_int_equal(c.count, 0);
        assert_true(cursor_plan(&c, at("2026-06-01"), width));
        steps++;
    }
    assert_int_equal(c.until, c.from);
    assert_true(steps >= 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cursor__written_and_read__the_same),
        cmocka_unit_test(cursor__of_no_version_that_is_known__refused),
        cmocka_unit_test(window__planned__no_wider_and_not_beyond_now),
        cmocka_unit_test(window__done__next_begins_behind_it_without_a_gap),
        cmocka_unit_test(window__up_to_now_done__next_run_overlaps),
        cmocka_unit_test(window__narrowed__down_to_a_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
