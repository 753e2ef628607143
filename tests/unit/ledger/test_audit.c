#include "ledger/audit.h"

#include "ledger/ledger_test.h"

#define SIZE 70000u /* 273 full tiles, and one above them */

struct fixture {
    struct tiles tiles;
    struct vls_digest root;
    unsigned count, level;
    uint64_t index;
};

static int setup(void **state)
{
    struct fixture *f = vls_mem_new(sizeof *f);
    const struct vls_tile_io io = tiles_io(&f->tiles);
    struct vls_tree *tree = NULL;
    assert_done(vls_tree_open(&io, 0, &tree, NULL));
    for (size_t i = 0; i < SIZE; i++) {
        struct vls_digest leaf = numbered_leaf(i);
        assert_done(vls_tree_append(tree, &leaf, NULL));
    }
    assert_done(vls_tree_save(tree, NULL));
    assert_done(vls_tree_root(tree, SIZE, &f->root, NULL));
    vls_tree_free(&tree);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    vls_mem_free(*state);
    return 0;
}

static void found(void *ctx, unsigned level, uint64_t index, const char *words)
{
    struct fixture *f = ctx;
    assert_true(words[0] != '\0');
    f->count++;
    f->level = level;
    f->index = index;
}

static struct vls_status audit(struct fixture *f, struct vls_audit *out)
{
    const struct vls_tile_io io = tiles_io(&f->tiles);
    f->count = 0;
    return vls_audit_tiles(&io, SIZE, found, f, out, NULL);
}

static void audit__of_a_whole_log__finds_nothing(void **state)
{
    struct fixture *f = *state;
    struct vls_audit a;
    assert_done(audit(f, &a));
    assert_int_equal(a.tiles, 274);
    assert_int_equal(a.damaged, 0);
    assert_digest(a.root, f->root);
}

static void audit__of_any_size__finds_nothing(void **state)
{
    struct fixture *f = *state;
    static const uint64_t SIZES[] = {0, 1, 255, 256, 257, 511, 512, 65535, 65536, 65537};
    for (size_t i = 0; i < sizeof SIZES / sizeof SIZES[0]; i++) {
        const struct vls_tile_io io = tiles_io(&f->tiles);
        struct vls_audit a;
        assert_done(vls_audit_tiles(&io, SIZES[i], found, f, &a, NULL));
        assert_int_equal(a.damaged, 0);
    }
}

static void audit__of_an_altered_tile__names_it(void **state)
{
    struct fixture *f = *state;
    struct vls_audit a;
    f->tiles.hashes[0][137][4000] ^= 1;
    assert_done(audit(f, &a));
    assert_int_equal(f->count, 1);
    assert_int_equal(f->level, 0);
    assert_int_equal(f->index, 137);
    assert_digest(a.root, f->root); /* the right edge does not know of it */
}

static void audit__of_a_missing_or_short_tile__names_it(void **state)
{
    struct fixture *f = *state;
    struct vls_audit a;
    f->tiles.width[0][5] = 0;
    assert_done(audit(f, &a));
    assert_int_equal(f->count, 1);
    assert_int_equal(f->index, 5);
    f->tiles.width[0][5] = 255;
    assert_done(audit(f, &a));
    assert_int_equal(f->count, 1);
    assert_int_equal(f->index, 5);
}

static void audit__of_an_altered_tile_above__names_what_does_not_fit(void **state)
{
    struct fixture *f = *state;
    struct vls_audit a;
    f->tiles.hashes[1][0][32 * 9] ^= 1; /* the hash of tile 9 */
    assert_done(audit(f, &a));
    assert_true(f->count >= 1);
    assert_int_equal(a.damaged, f->count);
}

static void audit__of_a_wrong_edge__leads_to_another_root(void **state)
{
    struct fixture *f = *state;
    struct vls_audit a;
    f->tiles.hashes[0][SIZE / 256][7] ^= 1;
    assert_done(audit(f, &a));
    assert_int_equal(f->count, 0);
    assert_memory_not_equal(a.root.bytes, f->root.bytes, VLS_DIGEST_BYTES);
    f->tiles.width[0][SIZE / 256]--;
    assert_code(audit(f, &a), VLS_STORE_DAMAGED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(audit__of_a_whole_log__finds_nothing),
        TEST(audit__of_any_size__finds_nothing),
        TEST(audit__of_an_altered_tile__names_it),
        TEST(audit__of_a_missing_or_short_tile__names_it),
        TEST(audit__of_an_altered_tile_above__names_what_does_not_fit),
        TEST(audit__of_a_wrong_edge__leads_to_another_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
