#include "base/base_test.h"

#include "base/arena.h"
#include "base/mem.h"

static void take__of_many_sizes__is_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    struct vls_arena *arena = vls_arena_new(1u << 20);
    static const uint8_t ZEROS[40000];
    uint8_t *taken[50];
    for (size_t i = 0; i < COUNT(taken); i++) {
        size_t len = i == 20 ? sizeof ZEROS : i * 17;
        taken[i] = vls_arena_take(arena, len);
        assert_non_null(taken[i]);
        assert_int_equal((uintptr_t)taken[i] % _Alignof(max_align_t), 0);
        assert_memory_equal(taken[i], ZEROS, len);
        memset(taken[i], (int)i, len);
    }
    for (size_t i = 1; i < COUNT(taken); i++) {
        size_t len = i == 20 ? sizeof ZEROS : i * 17;
        assert_int_equal(taken[i][0], i);
        assert_int_equal(taken[i][len - 1], i);
    }
    vls_arena_free(&arena);
    assert_null(arena);
    vls_arena_free(&arena);
}

static void take__above_the_maximum__is_refused(void **state)
{
    (void)state;
    struct vls_arena *arena = vls_arena_new(100);
    assert_non_null(vls_arena_take(arena, 60));
    assert_null(vls_arena_take(arena, 41));
    assert_null(vls_arena_take(arena, SIZE_MAX));
    assert_null(vls_arena_copy(arena, "", SIZE_MAX));
    assert_non_null(vls_arena_take(arena, 40));
    assert_null(vls_arena_take(arena, 1));
    vls_arena_free(&arena);
}

static void take__without_memory__is_refused_and_works_later(void **state)
{
    (void)state;
    struct vls_arena *arena = vls_arena_new(1000);
    vls_mem_fail_at(1);
    assert_null(vls_arena_take(arena, 1));
    assert_non_null(vls_arena_take(arena, 1000));
    vls_arena_free(&arena);
}

static void text__is_a_copy_that_ends_with_nul(void **state)
{
    (void)state;
    struct vls_arena *arena = vls_arena_new(100);
    char source[] = "abc";
    char *copy = vls_arena_text(arena, source), *bytes = vls_arena_copy(arena, source, 2);
    source[0] = 'x';
    assert_string_equal(copy, "abc");
    assert_string_equal(bytes, "ab");
    assert_string_equal(vls_arena_text(arena, NULL), "");
    vls_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(take__of_many_sizes__is_zeroed_aligned_and_apart),
        cmocka_unit_test(take__above_the_maximum__is_refused),
        cmocka_unit_test(take__without_memory__is_refused_and_works_later),
        cmocka_unit_test(text__is_a_copy_that_ends_with_nul),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
