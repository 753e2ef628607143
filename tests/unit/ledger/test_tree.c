#include "ledger/ledger_test.h"

#include <stdio.h>

static struct vls_tree *open_tree(struct tiles *tiles, uint64_t size)
{
    struct vls_tile_io io = tiles_io(tiles);
    struct vls_tree *tree = NULL;
    assert_done(vls_tree_open(&io, size, &tree, &why_));
    return tree;
}

static void append(struct vls_tree *tree, struct vls_digest leaf)
{
    assert_done(vls_tree_append(tree, &leaf, &why_));
}

static void append_numbered(struct vls_tree *tree, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        append(tree, numbered_leaf(i));
}

static struct vls_digest root_of(struct vls_tree *tree, uint64_t size)
{
    struct vls_digest root;
    assert_done(vls_tree_root(tree, size, &root, &why_));
    return root;
}

/* -- the reference tree of Certificate Transparency -------------------------------------------- */

static const char *const CT_ROOTS[] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static const char *const CT_LEAVES[] = {
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
};

static struct vls_tree *ct_tree(struct tiles *tiles)
{
    struct vls_tree *tree = open_tree(tiles, 0);
    for (size_t i = 0; i < 8; i++) {
        uint8_t data[16];
        size_t len = strlen(CT_LEAVES[i]) / 2;
        assert_done(vls_hex_read(CT_LEAVES[i], data, len));
        append(tree, vls_leaf_hash(VLS_SLICE(data, len)));
    }
    return tree;
}

static void assert_path(const struct vls_proof *proof, size_t count, const char *const *expected)
{
    assert_int_equal(proof->count, count);
    for (size_t i = 0; i < count; i++) {
        struct vls_digest d = digest_of_hex(expected[i]);
        assert_digest(proof->hashes[i], d);
    }
}

static void leaf_hash__of_known_data__is_the_published_one(void **state)
{
    (void)state;
    struct vls_digest d = vls_leaf_hash(vls_slice_text("L123456"));
    struct vls_digest e =
        digest_of_hex("395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56");
    assert_digest(d, e);
}

static void tree_root__of_the_reference_leaves__is_the_published_one(void **state)
{
    struct tiles *tiles = *state;
    struct vls_tree *tree = ct_tree(tiles);
    for (size_t size = 0; size <= 8; size++) {
        struct vls_digest expected = digest_of_hex(CT_ROOTS[size]), root = root_of(tree, size);
        assert_digest(root, expected);
    }
    vls_tree_free(&tree);
}

static void tree_inclusion__of_the_reference_leaves__is_the_published_path(void **state)
{
    static const struct {
        uint64_t index, size;
        size_t count;
        const char *path[3];
    } CASES[] = {
        {0, 1, 0, {NULL}},
        {0,
         8,
         3,
         {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
          "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
          "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
        {5,
         8,
         3,
         {"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
          "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
          "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
        {2, 3, 1, {"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}},
        {1,
         5,
         3,
         {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
          "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
          "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
    };
    struct tiles *tiles = *state;
    struct vls_tree *tree = ct_tree(tiles);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct vls_proof proof;
        assert_done(vls_tree_inclusion(tree, CASES[i].index, CASES[i].size, &proof, &why_));
        assert_path(&proof, CASES[i].count, CASES[i].path);
    }
    vls_tree_free(&tree);
}

static void tree_consistency__of_the_reference_leaves__is_the_published_proof(void **state)
{
    static const struct {
        uint64_t from, size;
        size_t count;
        const char *path[3];
    } CASES[] = {
        {1, 1, 0, {NULL}},
        {1,
         8,
         3,
         {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
          "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
          "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
        {6,
         8,
         3,
         {"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
          "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
          "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
        {2,
         5,
         2,
         {"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
          "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
    };
    struct tiles *tiles = *state;
    struct vls_tree *tree = ct_tree(tiles);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct vls_proof proof;
        assert_done(vls_tree_consistency(tree, CASES[i].from, CASES[i].size, &proof, &why_));
        assert_path(&proof, CASES[i].count, CASES[i].path);
    }
    vls_tree_free(&tree);
}

static void tree_root__of_many_numbered_leaves__is_the_published_one(void **state)
{
    static const struct {
        uint64_t size;
        const char *root;
    } CASES[] = {
        {10, "VjWMPSYNtCuCNlF/RLnQy6HcwSk6CIipfxm+hettA+4="},
        {15, "j4SulYmocFuxdeyp12xXCIgK6PekBcxzAIj4zbQzNEI="},
        {16, "c+4Uc6BCMOZf/v3NZK1kqTUJe+bBoFtOhP+P3SayKRE="},
        {100, "dUh9hYH88p0CMoHkdr1wC2szbhcLAXOejWpINIooKUY="},
        {255, "SmdsuKUqiod3RX2jyF2M6JnbdE4QuTwwipfAowI4/i0="},
        {256, "qFI0t/tZ1MdOYgyPpPzHFiZVw86koScXy9q3FU5casA="},
        {1000, "RXrgb8xHd55Y48FbfotJwCbV82Kx22LZfEbmBGAvwlQ="},
        {4095, "cWRFdQhPcjn9WyBXE/r1f04ejxIm5lvg40DEpRBVS0w="},
        {4096, "6uU/phfHg1n/GksYT6TO9aN8EauMCCJRl3dIK0HDs2M="},
        {10000, "VZcav65F9haHVRk3wre2axFoBXRNeUh/1d9d5FQfxIg="},
        {65535, "iPuVYJhP6SEE4gUFp8qbafd2rYv9YTCDYqAxCj8HdLM="},
    };
    struct tiles *tiles = *state;
    struct vls_tree *tree = open_tree(tiles, 0);
    uint64_t size = 0;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        append_numbered(tree, size, CASES[i].size);
        size = CASES[i].size;
        assert_done(vls_tree_save(tree, &why_));
    }
    vls_tree_free(&tree);
    tree = open_tree(tiles, size); /* the older sizes, too, come out of the tiles of the last one */
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        uint8_t bytes[VLS_DIGEST_BYTES];
        struct vls_buf expected = {.at = bytes, .room = sizeof bytes, .max = sizeof bytes};
        assert_done(vls_base64_read(vls_slice_text(CASES[i].root), &expected));
        struct vls_digest root = root_of(tree, CASES[i].size);
        assert_memory_equal(root.bytes, bytes, VLS_DIGEST_BYTES);
    }
    vls_tree_free(&tree);
}

/* -- every size against the definition --------------------------------------------------------- */

/* Every path and every proof of one size; those of some sizes are verified, too (all would take
 * seconds). */
static void check_size(struct vls_tree *tree, struct naive *n, size_t size)
{
    bool verifies = size <= 40 || (size >= 254 && size <= 259) || size == 511 || size == 600;
    struct vls_digest root = root_of(tree, size), expected = naive_root(n, 0, size);
    assert_digest(root, expected);
    for (size_t i = 0; i < size; i++) {
        struct vls_proof proof, naive = {.count = 0};
        assert_done(vls_tree_inclusion(tree, i, size, &proof, &why_));
        naive_path(n, i, 0, size, &naive);
        assert_same_proof(&proof, &naive);
        if (verifies)
            assert_done(vls_proof_inclusion(&proof, &n->leaves[i], i, size, &root, &why_));
    }
    for (size_t from = 1; from <= size; from++) {
        struct vls_proof proof, naive = {.count = 0};
        struct vls_digest from_root = naive_root(n, 0, from);
        assert_done(vls_tree_consistency(tree, from, size, &proof, &why_));
        naive_subproof(n, from, 0, size, true, &naive);
        assert_same_proof(&proof, &naive);
        if (verifies)
            assert_done(vls_proof_consistency(&proof, from, &from_root, size, &root, &why_));
    }
}

static void tree_proofs__of_every_size_while_it_grows__are_those_of_the_definition(void **state)
{
    struct tiles *tiles = *state;
    struct naive *n = naive_new();
    struct vls_tree *tree = open_tree(tiles, 0);
    for (size_t size = 1; size <= 600; size++) {
        append(tree, n->leaves[size - 1]);
        check_size(tree, n, size);
    }
    assert_int_equal(tiles->writes, 0);
    assert_int_equal(tiles->reads, 0);
    vls_tree_free(&tree);
    vls_mem_free(n);
}

static void tree_proofs__of_older_sizes__are_those_of_the_definition(void **state)
{
    struct tiles *tiles = *state;
    struct naive *n = naive_new();
    struct vls_tree *tree = open_tree(tiles, 0);
    append_numbered(tree, 0, 600);
    assert_done(vls_tree_save(tree, &why_));
    vls_tree_free(&tree);
    tree = open_tree(tiles, 600);
    for (size_t size = 1; size <= 600; size += size < 300 ? 1 : 13)
        check_size(tree, n, size);
    vls_tree_free(&tree);
    vls_mem_free(n);
}

static void tree_open__after_every_append__goes_on_where_it_was(void **state)
{
    struct tiles *tiles = *state;
    struct naive *n = naive_new();
    for (size_t size = 0; size < 600; size++) {
        struct vls_tree *tree = open_tree(tiles, size);
        assert_int_equal(vls_tree_size(tree), size);
        struct vls_digest root = root_of(tree, size), expected = naive_root(n, 0, size);
        assert_digest(root, expected);
        append(tree, n->leaves[size]);
        assert_done(vls_tree_save(tree, &why_));
        vls_tree_free(&tree);
        assert_null(tree);
    }
    vls_mem_free(n);
}

/* -- what is read and written ------------------------------------------------------------------ */

static void tree_save__after_batches__writes_each_changed_tile_once(void **state)
{
    struct tiles *tiles = *state;
    struct vls_tree *tree = open_tree(tiles, 0);
    append_numbered(tree, 0, 128);
    assert_done(vls_tree_save(tree, &why_));
    assert_int_equal(tiles->writes, 1);
    assert_done(vls_tree_save(tree, &why_));
    assert_int_equal(tiles->writes, 1); /* nothing has changed */
    append_numbered(tree, 128, 256);
    assert_done(vls_tree_save(tree, &why_));
    assert_int_equal(tiles->writes, 3); /* the full tile, and the first hash above it */
    assert_int_equal(tiles->width[0][0], 256);
    assert_int_equal(tiles->width[0][1], 0);
    assert_int_equal(tiles->width[1][0], 1);
    append_numbered(tree, 256, 1024 + 5);
    assert_done(vls_tree_save(tree, &why_));
    assert_int_equal(tiles->writes, 3 + 3 + 2);
    assert_int_equal(tiles->width[0][4], 5);
    assert_int_equal(tiles->width[1][0], 4);
    vls_tree_free(&tree);
}

static void tree_save__that_fails_anywhere__can_be_called_again(void **state)
{
    struct tiles *tiles = *state;
    for (unsigned n = 1; n <= 5; n++) {
        memset(tiles, 0, sizeof *tiles);
        struct vls_tree *tree = open_tree(tiles, 0);
        append_numbered(tree, 0, 700);
        tiles->fail_write = n;
        if (n <= 4)
            assert_code(vls_tree_save(tree, NULL), VLS_STORE_FULL);
        assert_done(vls_tree_save(tree, &why_));
        assert_int_equal(tiles->writes, 4); /* 256, 256, 188 and two hashes above, each once */
        struct vls_digest root = root_of(tree, 700);
        vls_tree_free(&tree);
        tree = open_tree(tiles, 700);
        struct vls_digest again = root_of(tree, 700);
        assert_digest(root, again);
        vls_tree_free(&tree);
    }
}

static void tree_inclusion__of_more_tiles_than_the_cache_holds__verifies(void **state)
{
    struct tiles *tiles = *state;
    struct vls_tree *tree = open_tree(tiles, 0);
    const size_t size = 100 * VLS_TILE_WIDTH + 7;
    append_numbered(tree, 0, size);
    assert_done(vls_tree_save(tree, &why_));
    struct vls_digest root = root_of(tree, size);
    for (size_t round = 0; round < 3; round++)
        for (size_t i = round; i < size; i += 199) {
            struct vls_proof proof;
            struct vls_digest leaf = numbered_leaf(i);
            assert_done(vls_tree_inclusion(tree, i, size, &proof, &why_));
            assert_done(vls_proof_inclusion(&proof, &leaf, i, size, &root, &why_));
        }
    vls_tree_free(&tree);
}

/* A log in which every tile of a level is the same: leaf i is numbered_leaf(i % 256). */
struct endless {
    struct vls_digest complete[64]; /* by height */
    unsigned reads, hashes;
};

static struct vls_digest endless_root(struct endless *e, uint64_t from, uint64_t to)
{
    unsigned height = 0;
    while ((UINT64_C(2) << height) <= to - from)
        height++;
    if (to - from == UINT64_C(1) << height && (height >= 8 || to - from == 1))
        return height >= 8 ? e->complete[height] : numbered_leaf(from % 256);
    uint64_t half = to - from == UINT64_C(1) << height ? (to - from) / 2 : UINT64_C(1) << height;
    return naive_pair(endless_root(e, from, from + half), endless_root(e, from + half, to));
}

static struct vls_status endless_read(void *ctx, unsigned level, uint64_t index, unsigned width,
                                      uint8_t *out, struct vls_why *why)
{
    struct endless *e = ctx;
    (void)index;
    (void)why;
    e->reads++;
    e->hashes += width;
    for (size_t i = 0; i < width; i++) {
        struct vls_digest d = level == 0 ? numbered_leaf(i) : e->complete[8 * level];
        vls_copy(out + i * VLS_DIGEST_BYTES, d.bytes, VLS_DIGEST_BYTES);
    }
    return VLS_DONE;
}

static struct vls_status endless_write(void *ctx, unsigned level, uint64_t index, unsigned width,
                                       const uint8_t *hashes, struct vls_why *why)
{
    (void)ctx, (void)level, (void)index, (void)width, (void)hashes, (void)why;
    return VLS_DONE;
}

static void endless_init(struct endless *e)
{
    struct vls_digest row[256];
    *e = (struct endless){.reads = 0};
    for (size_t i = 0; i < 256; i++)
        row[i] = numbered_leaf(i);
    for (size_t width = 256; width > 1; width /= 2)
        for (size_t i = 0; i < width / 2; i++)
            row[i] = naive_pair(row[2 * i], row[2 * i + 1]);
    e->complete[8] = row[0];
    for (size_t h = 9; h < 64; h++)
        e->complete[h] = naive_pair(e->complete[h - 1], e->complete[h - 1]);
}

static void tree_open__of_ten_million_leaves__reads_the_right_edge_only(void **state)
{
    (void)state;
    const uint64_t size = 10000000; /* 39,062 tiles and 128 leaves; 152 and 150; 152 */
    struct endless e;
    endless_init(&e);
    struct vls_tile_io io = {&e, endless_read, endless_write};
    struct vls_tree *tree = NULL;
    assert_done(vls_tree_open(&io, size, &tree, &why_));
    assert_int_equal(e.reads, 3);
    assert_int_equal(e.hashes, 128 + 150 + 152);
    struct vls_digest expected = endless_root(&e, 0, size), root = root_of(tree, size);
    assert_digest(root, expected);
    assert_int_equal(e.reads, 3);

    /* proofs for its last leaves read nothing more, one for the middle reads a tile a level */
    for (uint64_t i = size - 128; i < size; i++) {
        struct vls_proof proof;
        struct vls_digest leaf = numbered_leaf(i % 256);
        assert_done(vls_tree_inclusion(tree, i, size, &proof, &why_));
        assert_done(vls_proof_inclusion(&proof, &leaf, i, size, &root, &why_));
    }
    assert_int_equal(e.reads, 3);
    struct vls_proof proof;
    struct vls_digest leaf = numbered_leaf(1234567 % 256);
    assert_done(vls_tree_inclusion(tree, 1234567, size, &proof, &why_));
    assert_done(vls_proof_inclusion(&proof, &leaf, 1234567, size, &root, &why_));
    assert_int_equal(e.reads, 5);
    assert_done(vls_tree_consistency(tree, 9999000, size, &proof, &why_));
    struct vls_digest older = endless_root(&e, 0, 9999000);
    assert_done(vls_proof_consistency(&proof, 9999000, &older, size, &root, &why_));
    vls_tree_free(&tree);
}

static void tree_open__of_the_largest_log__proves_and_takes_no_more(void **state)
{
    (void)state;
    struct endless e;
    endless_init(&e);
    struct vls_tile_io io = {&e, endless_read, endless_write};
    struct vls_tree *tree = NULL;
    assert_code(vls_tree_open(&io, VLS_MAX_LEAVES + 1, &tree, NULL), VLS_LEDGER_RANGE);
    assert_null(tree);
    assert_done(vls_tree_open(&io, VLS_MAX_LEAVES - 1, &tree, &why_));
    struct vls_proof proof;
    struct vls_digest leaf = numbered_leaf(0), root = root_of(tree, VLS_MAX_LEAVES - 1);
    assert_done(vls_tree_inclusion(tree, 0, VLS_MAX_LEAVES - 1, &proof, &why_));
    assert_done(vls_proof_inclusion(&proof, &leaf, 0, VLS_MAX_LEAVES - 1, &root, &why_));
    append(tree, numbered_leaf(255));
    root = root_of(tree, VLS_MAX_LEAVES);
    assert_digest(root, e.complete[62]);
    assert_code(vls_tree_append(tree, &leaf, NULL), VLS_LEDGER_RANGE);
    assert_true(vls_tree_size(tree) == VLS_MAX_LEAVES);
    vls_tree_free(&tree);
}

/* -- refusals ---------------------------------------------------------------------------------- */

static void tree_inclusion__out_of_a_damaged_tile__is_refused(void **state)
{
    struct tiles *tiles = *state;
    struct vls_tree *tree = open_tree(tiles, 0);
    struct vls_proof proof = {.count = 77};
    append_numbered(tree, 0, 1000);
    assert_done(vls_tree_save(tree, &why_));
    vls_tree_free(&tree);
    tiles->hashes[0][1][999] ^= 1;
    tree = open_tree(tiles, 1000);
    assert_done(vls_tree_inclusion(tree, 900, 1000, &proof, &why_));
    proof.count = 77;
    assert_code(vls_tree_inclusion(tree, 300, 1000, &proof, NULL), VLS_STORE_DAMAGED);
    assert_int_equal(proof.count, 77);
    tiles->hashes[0][1][999] ^= 1;
    assert_done(vls_tree_inclusion(tree, 300, 1000, &proof, &why_));
    vls_tree_free(&tree);
}

static void tree_open__without_its_edge__passes_the_failure_on(void **state)
{
    struct tiles *tiles = *state;
    struct vls_tile_io io = tiles_io(tiles);
    struct vls_tree *tree = NULL;
    assert_code(vls_tree_open(&io, 1, &tree, NULL), VLS_STORE_DAMAGED);
    assert_null(tree);
    tree = open_tree(tiles, 0);
    append_numbered(tree, 0, 10);
    assert_done(vls_tree_save(tree, &why_));
    vls_tree_free(&tree);
    assert_code(vls_tree_open(&io, 11, &tree, NULL), VLS_STORE_DAMAGED);
    assert_null(tree);
}

static void tree_calls__outside_the_log__are_refused(void **state)
{
    struct tiles *tiles = *state;
    struct vls_tree *tree = open_tree(tiles, 0);
    struct vls_proof proof = {.count = 77};
    struct vls_digest root = {{1}};
    append_numbered(tree, 0, 5);
    assert_code(vls_tree_root(tree, 6, &root, NULL), VLS_LEDGER_RANGE);
    assert_int_equal(root.bytes[0], 1);
    assert_code(vls_tree_inclusion(tree, 5, 5, &proof, NULL), VLS_LEDGER_RANGE);
    assert_code(vls_tree_inclusion(tree, 0, 6, &proof, NULL), VLS_LEDGER_RANGE);
    assert_code(vls_tree_inclusion(tree, 0, 0, &proof, NULL), VLS_LEDGER_RANGE);
    assert_code(vls_tree_inclusion(tree, UINT64_MAX, UINT64_MAX, &proof, NULL), VLS_LEDGER_RANGE);
    assert_code(vls_tree_consistency(tree, 4, 3, &proof, NULL), VLS_LEDGER_RANGE);
    assert_code(vls_tree_consistency(tree, 4, 6, &proof, NULL), VLS_LEDGER_RANGE);
    assert_int_equal(proof.count, 77);
    assert_done(vls_tree_consistency(tree, 0, 5, &proof, &why_));
    assert_int_equal(proof.count, 0);
    assert_done(vls_tree_consistency(tree, 5, 5, &proof, &why_));
    assert_int_equal(proof.count, 0);
    vls_tree_free(&tree);
    vls_tree_free(&tree);
}

static void tree_append__without_memory__adds_nothing_and_works_later(void **state)
{
    struct tiles *tiles = *state;
    struct naive *n = naive_new();
    for (uint64_t fail_at = 1; fail_at < 6; fail_at++) {
        struct vls_tree *tree = open_tree(tiles, 0);
        size_t refused = 0;
        vls_mem_fail_at(fail_at);
        for (size_t i = 0; i < 600; i++) {
            struct vls_status s = vls_tree_append(tree, &n->leaves[i], NULL);
            if (!vls_ok(s)) {
                assert_int_equal(s.code, VLS_SYSTEM_MEMORY);
                assert_int_equal(vls_tree_size(tree), i);
                refused++;
                i--;
            }
        }
        vls_mem_fail_at(0);
        assert_true(refused == 1 || fail_at > 4);
        struct vls_digest root = root_of(tree, 600), expected = naive_root(n, 0, 600);
        assert_digest(root, expected);
        vls_tree_free(&tree);
    }
    vls_mem_free(n);
}

static int set_up(void **state)
{
    *state = vls_mem_new(sizeof(struct tiles));
    return 0;
}

static int tear_down(void **state)
{
    vls_mem_free(*state);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(leaf_hash__of_known_data__is_the_published_one),
        TEST(tree_root__of_the_reference_leaves__is_the_published_one),
        TEST(tree_inclusion__of_the_reference_leaves__is_the_published_path),
        TEST(tree_consistency__of_the_reference_leaves__is_the_published_proof),
        TEST(tree_root__of_many_numbered_leaves__is_the_published_one),
        TEST(tree_proofs__of_every_size_while_it_grows__are_those_of_the_definition),
        TEST(tree_proofs__of_older_sizes__are_those_of_the_definition),
        TEST(tree_open__after_every_append__goes_on_where_it_was),
        TEST(tree_save__after_batches__writes_each_changed_tile_once),
        TEST(tree_save__that_fails_anywhere__can_be_called_again),
        TEST(tree_inclusion__of_more_tiles_than_the_cache_holds__verifies),
        TEST(tree_open__of_ten_million_leaves__reads_the_right_edge_only),
        TEST(tree_open__of_the_largest_log__proves_and_takes_no_more),
        TEST(tree_inclusion__out_of_a_damaged_tile__is_refused),
        TEST(tree_open__without_its_edge__passes_the_failure_on),
        TEST(tree_calls__outside_the_log__are_refused),
        TEST(tree_append__without_memory__adds_nothing_and_works_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
