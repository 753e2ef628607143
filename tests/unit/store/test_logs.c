#include <string.h>

#include "store_fixture.h"

#include <stdio.h>

#define LOG   "un.example/valise/iom/sent"
#define OTHER "iom.example/valise/un/sent"
#define DASH  "\xe2\x80\x94 "

/* -- tiles ------------------------------------------------------------------------------------- */

static void fill(uint8_t *hashes, unsigned width)
{
    for (size_t i = 0; i < (size_t)width * 32; i++)
        hashes[i] = (uint8_t)(i / 32 + i);
}

static void log_size__unknown_then_set__grows_only(void **state)
{
    struct fixture *f = *state;
    uint64_t size = 7;
    assert_done(f, vls_store_log_size(f->store, LOG, &size, &f->why));
    assert_int_equal(size, 0);
    fixture_begin(f);
    assert_done(f, vls_store_log_set_size(f->store, LOG, 3, &f->why));
    assert_done(f, vls_store_log_set_size(f->store, LOG, 5, &f->why));
    assert_done(f, vls_store_log_set_size(f->store, LOG, 5, &f->why));
    assert_code(f, VLS_STORE_CONFLICT, vls_store_log_set_size(f->store, LOG, 4, &f->why));
    fixture_commit(f);
    fixture_reopen(f);
    assert_done(f, vls_store_log_size(f->store, LOG, &size, &f->why));
    assert_int_equal(size, 5);
    assert_done(f, vls_store_log_size(f->store, OTHER, &size, &f->why));
    assert_int_equal(size, 0);
}

static void tile__written_narrow_then_wide__reads_any_width(void **state)
{
    struct fixture *f = *state;
    static uint8_t hashes[256 * 32], read_back[256 * 32];
    fill(hashes, 256);
    fixture_begin(f);
    assert_done(f, vls_store_tile_write(f->store, LOG, 0, 3, 1, hashes, &f->why));
    assert_done(f, vls_store_tile_write(f->store, LOG, 0, 3, 255, hashes, &f->why));
    assert_done(f, vls_store_tile_write(f->store, LOG, 0, 3, 256, hashes, &f->why));
    assert_done(f, vls_store_tile_write(f->store, OTHER, 0, 3, 1, hashes + 32, &f->why));
    assert_done(f, vls_store_tile_write(f->store, LOG, 1, 3, 2, hashes + 64, &f->why));
    fixture_commit(f);
    fixture_reopen(f);
    assert_done(f, vls_store_tile_read(f->store, LOG, 0, 3, 256, read_back, &f->why));
    assert_memory_equal(read_back, hashes, sizeof hashes);
    memset(read_back, 0, sizeof read_back);
    assert_done(f, vls_store_tile_read(f->store, LOG, 0, 3, 17, read_back, &f->why));
    assert_memory_equal(read_back, hashes, (size_t)17 * 32);
    assert_int_equal(read_back[17 * 32], 0);
    assert_done(f, vls_store_tile_read(f->store, OTHER, 0, 3, 1, read_back, &f->why));
    assert_memory_equal(read_back, hashes + 32, 32);
    assert_done(f, vls_store_tile_read(f->store, LOG, 1, 3, 2, read_back, &f->why));
    assert_memory_equal(read_back, hashes + 64, 64);
}

static void tile__too_narrow_or_not_there__is_damage(void **state)
{
    struct fixture *f = *state;
    uint8_t hashes[64] = {1}, read_back[96];
    fixture_begin(f);
    assert_done(f, vls_store_tile_write(f->store, LOG, 0, 0, 2, hashes, &f->why));
    fixture_commit(f);
    assert_code(f, VLS_STORE_DAMAGED,
                vls_store_tile_read(f->store, LOG, 0, 0, 3, read_back, &f->why));
    assert_code(f, VLS_STORE_DAMAGED,
                vls_store_tile_read(f->store, LOG, 0, 1, 1, read_back, &f->why));
    assert_code(f, VLS_STORE_DAMAGED,
                vls_store_tile_read(f->store, OTHER, 0, 0, 1, read_back, &f->why));
}

static void tile__would_rewrite_history__is_a_conflict(void **state)
{
    struct fixture *f = *state;
    uint8_t hashes[96], other[96], read_back[96];
    fill(hashes, 3);
    vls_copy(other, hashes, sizeof other);
    other[33] ^= 1;
    fixture_begin(f);
    assert_done(f, vls_store_tile_write(f->store, LOG, 0, 0, 2, hashes, &f->why));
    assert_code(f, VLS_STORE_CONFLICT,
                vls_store_tile_write(f->store, LOG, 0, 0, 3, other, &f->why));
    assert_code(f, VLS_STORE_CONFLICT,
                vls_store_tile_write(f->store, LOG, 0, 0, 1, hashes, &f->why));
    assert_code(f, VLS_SYSTEM_BUG, vls_store_tile_write(f->store, LOG, 0, 1, 0, hashes, &f->why));
    assert_code(f, VLS_SYSTEM_BUG, vls_store_tile_write(f->store, LOG, 0, 1, 257, hashes, &f->why));
    assert_done(f, vls_store_tile_write(f->store, LOG, 0, 0, 3, hashes, &f->why));
    fixture_commit(f);
    assert_done(f, vls_store_tile_read(f->store, LOG, 0, 0, 3, read_back, &f->why));
    assert_memory_equal(read_back, hashes, sizeof hashes);
}

/* -- checkpoints ------------------------------------------------------------------------------- */

static void put(struct fixture *f, const char *log, uint64_t size, uint8_t root, const char *note)
{
    struct vls_digest digest = make_digest(root);
    assert_done(f, vls_store_checkpoint_put(f->store, log, size, &digest, note, &f->why));
}

static void assert_checkpoint(struct fixture *f, uint64_t asked, uint64_t expected, uint8_t root,
                              const char *note)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    struct vls_digest found, wanted = make_digest(root);
    uint64_t size;
    vls_buf_init(&text, VLS_MAX_NOTE);
    assert_done(f, vls_buf_add_text(&text, "> "));
    assert_done(f, vls_store_checkpoint(f->store, LOG, asked, &size, &found, &text, &f->why));
    assert_int_equal(size, expected);
    assert_true(vls_digest_is_equal(&found, &wanted));
    assert_string_equal(vls_buf_text(&text) + 2, note);
}

static void checkpoint__several__latest_and_first_from_a_size(void **state)
{
    struct fixture *f = *state;
    fixture_begin(f);
    put(f, LOG, 10, 1, "ten\n");
    put(f, LOG, 30, 3, "thirty\n");
    put(f, LOG, 20, 2, "twenty\n");
    put(f, OTHER, 99, 9, "other\n");
    fixture_commit(f);
    fixture_reopen(f);
    assert_checkpoint(f, 0, 30, 3, "thirty\n");
    assert_checkpoint(f, 1, 10, 1, "ten\n");
    assert_checkpoint(f, 10, 10, 1, "ten\n");
    assert_checkpoint(f, 11, 20, 2, "twenty\n");
    assert_checkpoint(f, 30, 30, 3, "thirty\n");
}

static void checkpoint__none_or_no_room__writes_nothing(void **state)
{
    struct fixture *f = *state;
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    struct vls_digest root = make_digest(5);
    uint64_t size = 77;
    vls_buf_init(&text, 12);
    assert_code(f, VLS_STORE_MISSING,
                vls_store_checkpoint(f->store, LOG, 0, &size, &root, &text, &f->why));
    fixture_begin(f);
    put(f, LOG, 10, 1, "ten\n");
    assert_done(f, vls_store_cosignature_put(f->store, LOG, 10, "a long cosignature", &f->why));
    fixture_commit(f);
    assert_code(f, VLS_STORE_MISSING,
                vls_store_checkpoint(f->store, LOG, 11, &size, &root, &text, &f->why));
    assert_code(f, VLS_INPUT_LIMIT,
                vls_store_checkpoint(f->store, LOG, 0, &size, &root, &text, &f->why));
    assert_int_equal(size, 77);
    assert_int_equal(text.len, 0);
    assert_int_equal(root.bytes[0], 5);
}

static void checkpoint__same_again_or_another_root__is_fine_or_a_fork(void **state)
{
    struct fixture *f = *state;
    struct vls_digest forked = make_digest(6);
    fixture_begin(f);
    put(f, LOG, 10, 1, "ten\n");
    put(f, LOG, 10, 1, "ten, signed again\n");
    fixture_commit(f);
    fixture_begin(f);
    assert_code(f, VLS_LEDGER_FORK,
                vls_store_checkpoint_put(f->store, LOG, 10, &forked, "forged\n", &f->why));
    put(f, LOG, 12, 2, "twelve\n");
    fixture_commit(f);
    fixture_reopen(f);
    assert_checkpoint(f, 10, 10, 1, "ten\n");
    assert_checkpoint(f, 0, 12, 2, "twelve\n");
}

static void cosignature__added_twice_and_two__stand_below_the_note(void **state)
{
    struct fixture *f = *state;
    uint64_t size = 7;
    fixture_begin(f);
    assert_done(f, vls_store_cosigned_size(f->store, LOG, "iom", &size, &f->why));
    assert_int_equal(size, 0);
    put(f, LOG, 10, 1, "ten\n");
    put(f, LOG, 20, 2, "twenty\n");
    put(f, LOG, 30, 3, "thirty\n");
    assert_done(f, vls_store_cosignature_put(f->store, LOG, 20, DASH "iom AAAABAAA", &f->why));
    assert_done(f, vls_store_cosignature_put(f->store, LOG, 20, DASH "iom AAAABAAA\n", &f->why));
    assert_done(f, vls_store_cosignature_put(f->store, LOG, 20, DASH "iom AAAABBBB", &f->why));
    assert_done(f, vls_store_cosignature_put(f->store, LOG, 20, DASH "wit BBBB\n", &f->why));
    assert_done(f, vls_store_cosignature_put(f->store, LOG, 10, DASH "iom CCCC", &f->why));
    assert_done(f, vls_store_cosignature_put(f->store, LOG, 30, DASH "iom2 DDDD", &f->why));
    fixture_commit(f);
    fixture_reopen(f);
    assert_checkpoint(f, 20, 20, 2, "twenty\n" DASH "iom AAAABAAA\n" DASH "wit BBBB\n");
    assert_checkpoint(f, 0, 30, 3, "thirty\n" DASH "iom2 DDDD\n");
    assert_done(f, vls_store_cosigned_size(f->store, LOG, "iom", &size, &f->why));
    assert_int_equal(size, 20);
    assert_done(f, vls_store_cosigned_size(f->store, LOG, "iom2", &size, &f->why));
    assert_int_equal(size, 30);
}

/* While one key of a witness follows another, it cosigns with both. */
static void cosignature__by_two_keys_of_one_name__both_stand(void **state)
{
    struct fixture *f = *state;
    fixture_begin(f);
    put(f, LOG, 10, 1, "ten\n");
    assert_done(f, vls_store_cosignature_put(f->store, LOG, 10, "- iom AAAAA1", &f->why));
    assert_done(f, vls_store_cosignature_put(f->store, LOG, 10, "- iom BAAAA1", &f->why));
    assert_done(f, vls_store_cosignature_put(f->store, LOG, 10, "- iom AAAAA2", &f->why));
    assert_done(f, vls_store_cosignature_put(f->store, LOG, 10, "- iom BAAAA2", &f->why));
    fixture_commit(f);
    assert_checkpoint(f, 0, 10, 1, "ten\n- iom AAAAA1\n- iom BAAAA1\n");
}

static void cosignature__of_one_state_without_end__note_stays_readable(void **state)
{
    struct fixture *f = *state;
    fixture_begin(f);
    put(f, LOG, 10, 1, "ten\n");
    for (unsigned i = 0; i < VLS_MAX_NOTE; i++) {
        char line[64];
        snprintf(line, sizeof line, "- iom AAAAA%08u", i);
        assert_done(f, vls_store_cosignature_put(f->store, LOG, 10, line, &f->why));
    }
    fixture_commit(f);
    assert_checkpoint(f, 0, 10, 1, "ten\n- iom AAAAA00000000\n");
}

static void cosignature__no_checkpoint_or_not_one_line__is_refused(void **state)
{
    struct fixture *f = *state;
    fixture_begin(f);
    put(f, LOG, 10, 1, "ten\n");
    assert_code(f, VLS_STORE_MISSING,
                vls_store_cosignature_put(f->store, LOG, 11, "- iom AAAABAAA", &f->why));
    assert_code(f, VLS_STORE_MISSING,
                vls_store_cosignature_put(f->store, OTHER, 10, "- iom AAAABAAA", &f->why));
    assert_code(f, VLS_INPUT_MALFORMED,
                vls_store_cosignature_put(f->store, LOG, 10, "- iom AAAA\n- iom BBBB", &f->why));
    fixture_commit(f);
    assert_checkpoint(f, 0, 10, 1, "ten\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(log_size__unknown_then_set__grows_only),
        TEST(tile__written_narrow_then_wide__reads_any_width),
        TEST(tile__too_narrow_or_not_there__is_damage),
        TEST(tile__would_rewrite_history__is_a_conflict),
        TEST(checkpoint__several__latest_and_first_from_a_size),
        TEST(checkpoint__none_or_no_room__writes_nothing),
        TEST(checkpoint__same_again_or_another_root__is_fine_or_a_fork),
        TEST(cosignature__added_twice_and_two__stand_below_the_note),
        TEST(cosignature__by_two_keys_of_one_name__both_stand),
        TEST(cosignature__of_one_state_without_end__note_stays_readable),
        TEST(cosignature__no_checkpoint_or_not_one_line__is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
