#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "route/disposition.h"

#define FIRST 1000u
#define MOST  60000u

static struct vls_status of(uint32_t code)
{
    return (struct vls_status){code};
}

static void out__each_class__its_state(void **state)
{
    (void)state;
    assert_int_equal(vls_disposition_out(of(VLS_PEER_UNREACHABLE)), VLS_STATE_DEFERRED);
    assert_int_equal(vls_disposition_out(of(VLS_STORE_FULL)), VLS_STATE_DEFERRED);
    assert_int_equal(vls_disposition_out(of(VLS_PEER_UNCERTAIN)), VLS_STATE_UNCERTAIN);
    assert_int_equal(vls_disposition_out(of(VLS_PEER_REFUSED)), VLS_STATE_HELD);
    assert_int_equal(vls_disposition_out(of(VLS_LABEL_SCHEME)), VLS_STATE_HELD);
    assert_int_equal(vls_disposition_out(of(VLS_ENVELOPE_DIGEST)), VLS_STATE_HELD);
    assert_int_equal(vls_disposition_out(of(VLS_SYSTEM_BUG)), VLS_STATE_HELD);
}

static void in__each_class__its_state(void **state)
{
    (void)state;
    assert_int_equal(vls_disposition_in(of(VLS_PLUGIN_RETRY), 0), VLS_STATE_RECEIVED);
    assert_int_equal(vls_disposition_in(of(VLS_SYSTEM_FULL), 0), VLS_STATE_RECEIVED);
    assert_int_equal(vls_disposition_in(of(VLS_PLUGIN_REFUSED), 0), VLS_STATE_HELD);
    assert_int_equal(vls_disposition_in(of(VLS_ENVELOPE_TAG), 0), VLS_STATE_HELD);
}

static void in__sink_dies_again_and_again__held(void **state)
{
    (void)state;
    assert_int_equal(vls_disposition_in(of(VLS_WIRE_GONE), VLS_DELIVERY_DEATHS - 1),
                     VLS_STATE_RECEIVED);
    assert_int_equal(vls_disposition_in(of(VLS_WIRE_GONE), VLS_DELIVERY_DEATHS), VLS_STATE_HELD);
}

static void backoff__failures__doubles_up_to_the_most(void **state)
{
    (void)state;
    for (uint32_t failures = 0; failures < 100; failures++) {
        uint64_t whole = MOST;
        if (failures <= 1)
            whole = FIRST;
        else if (failures < 7)
            whole = (uint64_t)FIRST << (failures - 1);
        whole = whole > MOST ? MOST : whole;
        for (uint32_t chance = 0; chance < 5; chance++) {
            uint64_t wait = vls_backoff_ms(failures, FIRST, MOST, chance * 0x33333333u);
            assert_in_range(wait, whole / 2, whole);
        }
    }
}

static void backoff__chance__spreads(void **state)
{
    (void)state;
    assert_int_not_equal(vls_backoff_ms(5, FIRST, MOST, 1), vls_backoff_ms(5, FIRST, MOST, 5000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(out__each_class__its_state),
        cmocka_unit_test(in__each_class__its_state),
        cmocka_unit_test(in__sink_dies_again_and_again__held),
        cmocka_unit_test(backoff__failures__doubles_up_to_the_most),
        cmocka_unit_test(backoff__chance__spreads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
