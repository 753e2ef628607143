#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/state.h"

static void state_name__each_state__leads_back(void **state)
{
    (void)state;
#define VLS_X(name, number, text)                                                                  \
    assert_string_equal(vls_state_name(VLS_STATE_##name), text);                                   \
    assert_int_equal(vls_state_by_name(text), number);
    VLS_STATE_TABLE(VLS_X)
#undef VLS_X
}

static void state_name__no_state__is_empty_or_unknown(void **state)
{
    (void)state;
    assert_string_equal(vls_state_name(VLS_STATE_NONE), "");
    assert_string_equal(vls_state_name((enum vls_state)63), "unknown");
    assert_int_equal(vls_state_by_name(""), VLS_STATE_NONE);
    assert_int_equal(vls_state_by_name("unknown"), VLS_STATE_NONE);
    assert_int_equal(vls_state_by_name("Released"), VLS_STATE_NONE);
}

/* The filter of a list has a bit a state, and two indexes of the database name two of them. */
static void state_number__each__fits_a_bit_and_the_indexes(void **state)
{
    (void)state;
#define VLS_X(name, number, text) assert_in_range(number, 1, 62);
    VLS_STATE_TABLE(VLS_X)
#undef VLS_X
    assert_int_equal(VLS_STATE_RECEIPTED, 8);
    assert_int_equal(VLS_STATE_DELIVERED, 22);
    assert_int_equal(VLS_STATE_QUARANTINED, 1);
    assert_int_equal(VLS_STATE_WITHHELD, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(state_name__each_state__leads_back),
        cmocka_unit_test(state_name__no_state__is_empty_or_unknown),
        cmocka_unit_test(state_number__each__fits_a_bit_and_the_indexes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
