#include "base/base_test.h"

#include "base/mem.h"

static void slice_is_equal__compares_length_and_bytes(void **state)
{
    (void)state;
    assert_true(vls_slice_is_equal(vls_slice_text("abc"), VLS_SLICE("abcd", 3)));
    assert_false(vls_slice_is_equal(vls_slice_text("abc"), vls_slice_text("abd")));
    assert_false(vls_slice_is_equal(vls_slice_text("abc"), vls_slice_text("ab")));
    assert_true(vls_slice_is_equal(vls_slice_text(NULL), vls_slice_text("")));
}

static void copy__of_nothing__takes_null(void **state)
{
    (void)state;
    vls_copy(NULL, NULL, 0);
}

static void buf_add__up_to_the_maximum__holds_all_and_refuses_one_more(void **state)
{
    (void)state;
    static const size_t MAXIMA[] = {0, 1, 255, 256, 257, 1000, 4096};
    for (size_t i = 0; i < COUNT(MAXIMA); i++) {
        struct vls_buf buf;
        vls_buf_init(&buf, MAXIMA[i]);
        assert_null(buf.at);
        for (size_t n = 0; n < MAXIMA[i]; n++) {
            uint8_t byte = (uint8_t)n;
            assert_done(vls_buf_add(&buf, &byte, 1));
        }
        assert_code(vls_buf_add(&buf, "x", 1), VLS_INPUT_LIMIT);
        assert_code(vls_buf_add(&buf, "x", SIZE_MAX), VLS_INPUT_LIMIT);
        assert_int_equal(buf.len, MAXIMA[i]);
        for (size_t n = 0; n < MAXIMA[i]; n++)
            assert_int_equal(buf.at[n], (uint8_t)n);
        assert_non_null(vls_buf_text(&buf)); /* the NUL does not count */
        assert_int_equal(buf.len, MAXIMA[i]);
        vls_buf_fini(&buf);
        assert_null(buf.at);
        assert_int_equal(buf.max, MAXIMA[i]);
        vls_buf_fini(&buf);
    }
}

static void buf_add_format__that_just_fits__fits(void **state)
{
    (void)state;
    struct vls_buf buf;
    vls_buf_init(&buf, 8);
    assert_done(vls_buf_add_format(&buf, "%s-%d", "abc", 1234));
    assert_string_equal(vls_buf_text(&buf), "abc-1234");
    assert_code(vls_buf_add_format(&buf, "%d", 1), VLS_INPUT_LIMIT);
    assert_string_equal(vls_buf_text(&buf), "abc-1234");
    assert_done(vls_buf_add_text(&buf, ""));
    vls_buf_clear(&buf);
    assert_done(vls_buf_add_slice(&buf, vls_slice_text("12345678")));
    assert_int_equal(vls_buf_slice(&buf).len, 8);
    vls_buf_fini(&buf);
}

static void buf_reserve__then_took__keeps_what_was_written(void **state)
{
    (void)state;
    struct vls_buf buf;
    uint8_t *at;
    vls_buf_init(&buf, 100);
    assert_done(vls_buf_reserve(&buf, 10, &at));
    memset(at, 'z', 10);
    vls_buf_took(&buf, 4);
    assert_string_equal(vls_buf_text(&buf), "zzzz");
    assert_code(vls_buf_reserve(&buf, 97, &at), VLS_INPUT_LIMIT);
    assert_done(vls_buf_reserve(&buf, 96, &at));
    assert_ptr_equal(at, buf.at + 4);
    vls_buf_fini(&buf);
}

static void buf_add__without_memory__leaves_the_buffer(void **state)
{
    (void)state;
    struct vls_buf buf;
    vls_buf_init(&buf, 100000);
    assert_done(vls_buf_add_text(&buf, "before"));
    vls_mem_fail_at(1);
    char big[1000] = {0};
    assert_code(vls_buf_add(&buf, big, sizeof big), VLS_SYSTEM_MEMORY);
    assert_string_equal(vls_buf_text(&buf), "before");
    assert_done(vls_buf_add(&buf, big, sizeof big));
    assert_int_equal(buf.len, 1006);
    vls_buf_fini(&buf);
    vls_mem_fail_at(1);
    assert_null(vls_buf_text(&buf));
    vls_mem_fail_at(0);
}

static void reader__of_numbers__is_big_endian(void **state)
{
    (void)state;
    static const uint8_t BYTES[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    struct vls_reader r = vls_reader_of(VLS_SLICE(BYTES, sizeof BYTES));
    assert_int_equal(vls_reader_u8(&r), 1);
    assert_int_equal(vls_reader_u16(&r), 0x0203);
    assert_int_equal(vls_reader_u32(&r), 0x04050607);
    assert_true(vls_reader_u64(&r) == UINT64_C(0x08090a0b0c0d0e0f));
    assert_true(vls_reader_is_done(&r));
    assert_true(vls_reader_is_at_end(&r));
}

static void reader__past_the_end__fails_and_gives_zeros_from_then_on(void **state)
{
    (void)state;
    struct vls_reader r = vls_reader_of(vls_slice_text("abc"));
    assert_int_equal(vls_reader_u32(&r), 0);
    assert_true(r.failed);
    assert_int_equal(vls_reader_u8(&r), 0);
    assert_int_equal(vls_reader_bytes(&r, 0).len, 0);
    assert_int_equal(vls_reader_until(&r, 'b').len, 0);
    assert_false(vls_reader_is_done(&r));
    assert_true(vls_reader_is_at_end(&r));
    r = vls_reader_of(vls_slice_text("abc"));
    assert_null(vls_reader_bytes(&r, SIZE_MAX).at);
    assert_true(r.failed);
}

static void reader_until__takes_the_end_but_does_not_return_it(void **state)
{
    (void)state;
    struct vls_reader r = vls_reader_of(vls_slice_text("one\n\ntwo"));
    assert_true(vls_slice_is_equal(vls_reader_until(&r, '\n'), vls_slice_text("one")));
    assert_int_equal(vls_reader_until(&r, '\n').len, 0);
    assert_false(r.failed);
    assert_int_equal(vls_reader_until(&r, '\n').len, 0);
    assert_true(r.failed);
    r = vls_reader_of(VLS_SLICE(NULL, 0));
    assert_int_equal(vls_reader_until(&r, '\n').len, 0);
    assert_true(r.failed);
}

static void put__writes_big_endian(void **state)
{
    (void)state;
    uint8_t four[4], eight[8];
    vls_put_u32(four, 0x01020304);
    vls_put_u64(eight, UINT64_C(0xf102030405060708));
    assert_memory_equal(four, "\1\2\3\4", 4);
    assert_memory_equal(eight, "\xf1\2\3\4\5\6\7\10", 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slice_is_equal__compares_length_and_bytes),
        cmocka_unit_test(copy__of_nothing__takes_null),
        cmocka_unit_test(buf_add__up_to_the_maximum__holds_all_and_refuses_one_more),
        cmocka_unit_test(buf_add_format__that_just_fits__fits),
        cmocka_unit_test(buf_reserve__then_took__keeps_what_was_written),
        cmocka_unit_test(buf_add__without_memory__leaves_the_buffer),
        cmocka_unit_test(reader__of_numbers__is_big_endian),
        cmocka_unit_test(reader__past_the_end__fails_and_gives_zeros_from_then_on),
        cmocka_unit_test(reader_until__takes_the_end_but_does_not_return_it),
        cmocka_unit_test(put__writes_big_endian),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
