#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "route/message_state.h"

static const enum vls_state ALL[] = {
#define VLS_X(name, number, text) VLS_STATE_##name,
    VLS_STATE_TABLE(VLS_X)
#undef VLS_X
};
#define COUNT (sizeof ALL / sizeof ALL[0])

static void final_state__any_move__refused(void **state)
{
    (void)state;
    for (size_t from = 0; from < COUNT; from++)
        for (size_t to = 0; to < COUNT; to++)
            if (vls_state_is_final(ALL[from]))
                assert_false(vls_state_may_move(ALL[from], ALL[to]));
}

static void not_final__some_way_out(void **state)
{
    (void)state;
    for (size_t from = 0; from < COUNT; from++) {
        size_t ways = 0;
        for (size_t to = 0; to < COUNT; to++)
            ways += vls_state_may_move(ALL[from], ALL[to]);
        assert_true(vls_state_is_final(ALL[from]) == (ways == 0));
    }
}

/* What was withheld, referred or quarantined reaches "released" only by the moves of an operator's
 * release. */
static void released__from__only_referred_held_or_what_was_released(void **state)
{
    (void)state;
    assert_true(vls_state_may_move(VLS_STATE_REFERRED, VLS_STATE_RELEASED));
    assert_true(vls_state_may_move(VLS_STATE_HELD, VLS_STATE_RELEASED));
    assert_false(vls_state_may_move(VLS_STATE_QUARANTINED, VLS_STATE_RELEASED));
    assert_false(vls_state_may_move(VLS_STATE_WITHHELD, VLS_STATE_RELEASED));
    assert_false(vls_state_may_move(VLS_STATE_QUARANTINED, VLS_STATE_CARRYING));
    assert_false(vls_state_may_move(VLS_STATE_REFERRED, VLS_STATE_CARRYING));
}

/* Inspectors stop and let go on; what was decided not to leave never comes before them. */
static void inspecting__ways_in_and_out__never_from_withheld_nor_past_released(void **state)
{
    (void)state;
    assert_true(vls_state_may_move(VLS_STATE_INSPECTING, VLS_STATE_HELD));
    assert_true(vls_state_may_move(VLS_STATE_HELD, VLS_STATE_INSPECTING));
    assert_true(vls_state_may_move(VLS_STATE_INSPECTING, VLS_STATE_REFERRED));
    assert_false(vls_state_may_move(VLS_STATE_INSPECTING, VLS_STATE_CARRYING));
    assert_false(vls_state_may_move(VLS_STATE_INSPECTING, VLS_STATE_DELIVERING));
    assert_false(vls_state_may_move(VLS_STATE_WITHHELD, VLS_STATE_INSPECTING));
    assert_false(vls_state_may_move(VLS_STATE_QUARANTINED, VLS_STATE_INSPECTING));
    assert_false(vls_state_may_move(VLS_STATE_RELEASED, VLS_STATE_INSPECTING));
}

static void directions__never_mixed(void **state)
{
    static const enum vls_state OUT[] = {
        VLS_STATE_QUARANTINED, VLS_STATE_REFERRED, VLS_STATE_WITHHELD,
        VLS_STATE_RETURNED,    VLS_STATE_RELEASED, VLS_STATE_CARRYING,
        VLS_STATE_UNCERTAIN,   VLS_STATE_DEFERRED, VLS_STATE_RECEIPTED};
    static const enum vls_state IN[] = {VLS_STATE_RECEIVED, VLS_STATE_DELIVERING,
                                        VLS_STATE_DELIVERED};
    (void)state;
    for (size_t o = 0; o < sizeof OUT / sizeof OUT[0]; o++)
        for (size_t i = 0; i < sizeof IN / sizeof IN[0]; i++) {
            assert_false(vls_state_may_move(OUT[o], IN[i]));
            assert_false(vls_state_may_move(IN[i], OUT[o]));
        }
}

static void number_outside__no_move(void **state)
{
    (void)state;
    assert_false(vls_state_may_move((enum vls_state)200, VLS_STATE_RELEASED));
    assert_false(vls_state_may_move(VLS_STATE_NONE, VLS_STATE_RELEASED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(final_state__any_move__refused),
        cmocka_unit_test(not_final__some_way_out),
        cmocka_unit_test(released__from__only_referred_held_or_what_was_released),
        cmocka_unit_test(inspecting__ways_in_and_out__never_from_withheld_nor_past_released),
        cmocka_unit_test(directions__never_mixed),
        cmocka_unit_test(number_outside__no_move),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
