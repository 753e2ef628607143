#include "store/attestation.h"

#include <string.h>

#include "store_fixture.h"

#define LOG   "un.example/valise/iom/sent"
#define TOKEN "0\x82 a token"

static void put(struct fixture *f, uint64_t size)
{
    struct vls_digest root = {{(uint8_t)size}};
    assert_done(f, vls_store_checkpoint_put(f->store, LOG, size, &root, "note\n", &f->why));
}

static uint64_t first(struct fixture *f, uint64_t from, bool is_witnessed, bool is_stamped)
{
    const struct vls_attested what = {is_witnessed, is_stamped};
    uint64_t size = 99;
    assert_done(f, vls_store_attested_first(f->store, LOG, from, what, &size, &f->why));
    return size;
}

static uint64_t last(struct fixture *f, bool is_witnessed, bool is_stamped)
{
    const struct vls_attested what = {is_witnessed, is_stamped};
    uint64_t size = 99;
    assert_done(f, vls_store_attested_last(f->store, LOG, what, &size, &f->why));
    return size;
}

static void attested__some_of_several_checkpoints__are_found_by_what_they_have(void **state)
{
    struct fixture *f = *state;
    fixture_begin(f);
    assert_int_equal(first(f, 0, false, false), 0);
    for (uint64_t size = 10; size <= 60; size += 10)
        put(f, size);
    assert_done(f, vls_store_witnessed(f->store, LOG, 20, 1000, &f->why));
    assert_done(f, vls_store_witnessed(f->store, LOG, 30, 1000, &f->why));
    assert_done(f, vls_store_stamp_put(f->store, LOG, 30, vls_slice_text(TOKEN), 2000, &f->why));
    assert_done(f, vls_store_stamp_put(f->store, LOG, 40, vls_slice_text(TOKEN), 3000, &f->why));
    fixture_commit(f);
    fixture_reopen(f);
    assert_int_equal(first(f, 0, true, false), 20);
    assert_int_equal(first(f, 21, true, false), 30);
    assert_int_equal(first(f, 1, true, true), 30);
    assert_int_equal(first(f, 31, true, true), 0);
    assert_int_equal(first(f, 31, false, true), 40);
    assert_int_equal(last(f, true, false), 30);
    assert_int_equal(last(f, false, true), 40);
    assert_int_equal(last(f, false, false), 40);
}

static void stamp__put_twice__is_the_first(void **state)
{
    struct fixture *f = *state;
    struct vls_buf token;
    uint64_t time_ms = 0;
    vls_buf_init(&token, 64);
    fixture_begin(f);
    put(f, 10);
    assert_code(f, VLS_STORE_MISSING,
                vls_store_stamp(f->store, LOG, 10, &token, &time_ms, &f->why));
    assert_done(f, vls_store_witnessed(f->store, LOG, 10, 1000, &f->why));
    assert_code(f, VLS_STORE_MISSING,
                vls_store_stamp(f->store, LOG, 10, &token, &time_ms, &f->why));
    assert_done(f, vls_store_stamp_put(f->store, LOG, 10, vls_slice_text(TOKEN), 2000, &f->why));
    assert_done(f, vls_store_stamp_put(f->store, LOG, 10, vls_slice_text("other"), 9, &f->why));
    fixture_commit(f);
    fixture_reopen(f);
    assert_done(f, vls_store_stamp(f->store, LOG, 10, &token, &time_ms, &f->why));
    assert_string_equal(vls_buf_text(&token), TOKEN);
    assert_int_equal(time_ms, 2000);
    assert_int_equal(last(f, true, true), 10);
    vls_buf_fini(&token);
}

static void attestation__of_no_kept_checkpoint__is_refused(void **state)
{
    struct fixture *f = *state;
    fixture_begin(f);
    put(f, 10);
    assert_code(f, VLS_STORE_MISSING, vls_store_witnessed(f->store, LOG, 11, 1000, &f->why));
    assert_code(f, VLS_STORE_MISSING,
                vls_store_stamp_put(f->store, LOG, 11, vls_slice_text(TOKEN), 1, &f->why));
    assert_code(f, VLS_STORE_MISSING, vls_store_witnessed(f->store, "other", 10, 1000, &f->why));
    fixture_commit(f);
    assert_int_equal(last(f, false, false), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(attested__some_of_several_checkpoints__are_found_by_what_they_have),
        TEST(stamp__put_twice__is_the_first),
        TEST(attestation__of_no_kept_checkpoint__is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
