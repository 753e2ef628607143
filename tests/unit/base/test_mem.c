#include "base/base_test.h"

#include "base/mem.h"

static void mem_new_and_try__give_zeroed_memory(void **state)
{
    (void)state;
    static const uint8_t ZEROS[100];
    uint8_t *a = vls_mem_new(100), *b = vls_mem_try(100);
    assert_non_null(b);
    assert_memory_equal(a, ZEROS, 100);
    assert_memory_equal(b, ZEROS, 100);
    vls_mem_free(a);
    vls_mem_free(b);
    a = vls_mem_new(0);
    b = vls_mem_try(0);
    assert_non_null(b);
    vls_mem_free(a);
    vls_mem_free(b);
    vls_mem_free(NULL);
}

static void mem_fail_at__lets_the_nth_fail_once(void **state)
{
    (void)state;
    void *kept = vls_mem_try(10), *p;
    vls_mem_fail_at(3);
    p = vls_mem_try(1);
    assert_non_null(p);
    vls_mem_free(p);
    p = vls_mem_new(1); /* is not counted */
    vls_mem_free(p);
    p = vls_mem_resize(NULL, 1);
    assert_non_null(p);
    vls_mem_free(p);
    assert_null(vls_mem_resize(kept, 20)); /* and `kept` is as it was */
    p = vls_mem_try(1);
    assert_non_null(p);
    vls_mem_free(p);
    vls_mem_fail_at(1);
    vls_mem_fail_at(0);
    p = vls_mem_resize(kept, 20);
    assert_non_null(p);
    vls_mem_free(p);
}

static void mem_text__copies_and_ends_with_nul(void **state)
{
    (void)state;
    VLS_DEFER(vls_mem_freep) char *a = vls_mem_text("abcdef", 3);
    VLS_DEFER(vls_mem_freep) char *b = vls_mem_text(NULL, 0);
    VLS_DEFER(vls_mem_freep) char *c = vls_mem_dup("copy");
    assert_string_equal(a, "abc");
    assert_string_equal(b, "");
    assert_string_equal(c, "copy");
    assert_null(vls_mem_dup(NULL));
}

static void mem_freep__sets_null(void **state)
{
    (void)state;
    char *p = vls_mem_dup("x");
    vls_mem_freep(&p);
    assert_null(p);
    vls_mem_freep(&p);
}

static void mem_wipe__leaves_zeros(void **state)
{
    (void)state;
    char secret[16] = "secret";
    vls_mem_wipe(secret, sizeof secret);
    for (size_t i = 0; i < sizeof secret; i++)
        assert_int_equal(secret[i], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mem_new_and_try__give_zeroed_memory),
        cmocka_unit_test(mem_fail_at__lets_the_nth_fail_once),
        cmocka_unit_test(mem_text__copies_and_ends_with_nul),
        cmocka_unit_test(mem_freep__sets_null),
        cmocka_unit_test(mem_wipe__leaves_zeros),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
