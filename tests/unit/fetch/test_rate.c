/* So many in a second: with a clock that the test moves. */
#include "fetch/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* How many go at this moment. */
static unsigned drain(struct vls_rate *rate, uint64_t now)
{
    unsigned count = 0;
    for (; vls_rate_wait_ms(rate, now) == 0 && count < 10000; count++)
        vls_rate_take(rate, now);
    return count;
}

static void full_bucket__is_one_second(void **state)
{
    static const uint64_t RATES[] = {1, 2, 5, 10, 100, 1000};
    (void)state;
    for (size_t i = 0; i < sizeof RATES / sizeof RATES[0]; i++) {
        struct vls_rate rate = {.per_second = RATES[i]};
        assert_int_equal(drain(&rate, 5000), RATES[i]);
        assert_int_equal(drain(&rate, 5000), 0);
    }
}

static void wait__is_exactly_until_the_next(void **state)
{
    struct vls_rate rate = {.per_second = 4};
    (void)state;
    drain(&rate, 1000);
    assert_int_equal(vls_rate_wait_ms(&rate, 1000), 250);
    assert_int_equal(vls_rate_wait_ms(&rate, 1249), 1);
    assert_int_equal(vls_rate_wait_ms(&rate, 1250), 0);
    assert_int_equal(drain(&rate, 1250), 1);
}

static void pause__gives_no_more_than_a_full_bucket(void **state)
{
    struct vls_rate rate = {.per_second = 3};
    (void)state;
    drain(&rate, 1000);
    assert_int_equal(drain(&rate, 3600000), 3);
}

static void long_run__never_above_the_rate(void **state)
{
    struct vls_rate rate = {.per_second = 7};
    unsigned count = 0;
    (void)state;
    for (uint64_t now = 0; now < 60000; now++)
        count += drain(&rate, now);
    assert_in_range(count, 60 * 7 - 1, 60 * 7 + 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_bucket__is_one_second),
        cmocka_unit_test(wait__is_exactly_until_the_next),
        cmocka_unit_test(pause__gives_no_more_than_a_full_bucket),
        cmocka_unit_test(long_run__never_above_the_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
