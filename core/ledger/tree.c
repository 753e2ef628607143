#include "ledger/tree.h"

#include "base/mem.h"
#include "ledger/tile.h"

#define LEAF_PREFIX 0x00

/* 256^8 leaves are more than VLS_MAX_LEAVES: eight levels hold the largest tree. */
#define LEVELS 8u

/* Every size below 2^62 has at most so many peaks, that is, complete subtrees of different heights
 * side by side. */
#define PEAKS 63u

/* Hashes of what lies to the right of each split of one tree size: at[h] is the hash of the leaves
 * from the peak of height h to the end. All proofs of a batch are of one size, so they share it. */
struct suffixes {
    uint64_t size;
    struct vls_digest at[PEAKS];
};

/*
 * What is in memory: at each level the tile that is still growing (edge), full tiles that wait for
 * vls_tree_save() (finished, the last one first), and some full tiles that are in the store too
 * (cache). All other tiles are full and in the store.
 */
struct vls_tree {
    struct vls_tile_io io;
    uint64_t size;
    struct vls_tile *edge[LEVELS];
    bool is_changed[LEVELS];
    struct vls_tile *finished;
    struct vls_tile *spare; /* taken before an append changes anything: it cannot fail half-way */
    unsigned spare_count;
    struct vls_tile_cache cache;
    struct suffixes suffixes;
};

struct vls_digest vls_leaf_hash(struct vls_slice data)
{
    static const uint8_t PREFIX = LEAF_PREFIX;
    const struct vls_slice parts[] = {VLS_SLICE(&PREFIX, 1), data};
    return vls_digest_of(parts, 2);
}

/* -- tiles in memory --------------------------------------------------------------------------- */

static void push(struct vls_tile **list, struct vls_tile *tile)
{
    tile->next = *list;
    *list = tile;
}

static struct vls_tile *pop(struct vls_tile **list)
{
    struct vls_tile *tile = *list;
    *list = tile->next;
    return tile;
}

static void free_list(struct vls_tile **list)
{
    while (*list != NULL)
        vls_mem_free(pop(list));
}

static void put_spare(struct vls_tree *tree, struct vls_tile *tile)
{
    push(&tree->spare, tile);
    tree->spare_count++;
}

static struct vls_tile *take_spare(struct vls_tree *tree)
{
    tree->spare_count--;
    return pop(&tree->spare);
}

static struct vls_status want_spares(struct vls_tree *tree, unsigned count, struct vls_why *why)
{
    while (tree->spare_count < count) {
        struct vls_tile *tile = vls_mem_try(sizeof *tile);
        if (tile == NULL)
            return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for a tile of the log");
        put_spare(tree, tile);
    }
    return VLS_DONE;
}

static void keep(struct vls_tree *tree, struct vls_tile *tile)
{
    struct vls_tile *left = vls_tile_cache_add(&tree->cache, tile);
    if (left != NULL && tree->spare_count < LEVELS)
        put_spare(tree, left);
    else
        vls_mem_free(left);
}

static struct vls_tile *find_tile(struct vls_tree *tree, unsigned level, uint64_t index)
{
    struct vls_tile *edge = tree->edge[level];
    if (edge != NULL && edge->index == index)
        return edge;
    for (struct vls_tile *tile = tree->finished; tile != NULL; tile = tile->next)
        if (tile->level == level && tile->index == index)
            return tile;
    return vls_tile_cache_find(&tree->cache, level, index);
}

/* Read a full tile. Its root stands in `above`, the tile over it: a tile that was damaged in the
 * store does not get in. */
static struct vls_status load_below(struct vls_tree *tree, struct vls_tile *above, uint64_t index,
                                    struct vls_tile **out, struct vls_why *why)
{
    unsigned level = above->level - 1;
    struct vls_digest root = *vls_tile_node(above, 0, index % VLS_TILE_WIDTH);
    VLS_TRY(want_spares(tree, 1, why));
    struct vls_tile *tile = take_spare(tree);
    struct vls_status s = vls_tile_load(tile, &tree->io, level, index, VLS_TILE_WIDTH, why);
    if (vls_ok(s) && !vls_digest_is_equal(vls_tile_node(tile, VLS_TILE_HEIGHT, 0), &root))
        s = vls_fail(VLS_STORE_DAMAGED, why,
                     "tile %llu of level %u does not have the hash that the level above holds",
                     (unsigned long long)index, level);
    if (!vls_ok(s)) {
        put_spare(tree, tile);
        return s;
    }
    keep(tree, tile);
    *out = tile;
    return VLS_DONE;
}

/* The tile, from the store if need be: then down from the lowest one above it that is in memory.
 * The edge is, always. */
static struct vls_status get_tile(struct vls_tree *tree, unsigned level, uint64_t index,
                                  struct vls_tile **out, struct vls_why *why)
{
    unsigned at = level;
    struct vls_tile *tile = find_tile(tree, at, index);
    while (tile == NULL && ++at < LEVELS)
        tile = find_tile(tree, at, index >> (VLS_TILE_HEIGHT * (at - level)));
    if (tile == NULL)
        return vls_fail(VLS_SYSTEM_BUG, why, "tile %llu of level %u is outside the log",
                        (unsigned long long)index, level);
    for (; at > level; at--)
        VLS_TRY(load_below(tree, tile, index >> (VLS_TILE_HEIGHT * (at - 1 - level)), &tile, why));
    *out = tile;
    return VLS_DONE;
}

/* -- open, append, save ------------------------------------------------------------------------ */

static struct vls_status check_size(uint64_t size, struct vls_why *why)
{
    if (size <= VLS_MAX_LEAVES)
        return VLS_DONE;
    return vls_fail(VLS_LEDGER_RANGE, why, "a log of %llu leaves is above the limit",
                    (unsigned long long)size);
}

static struct vls_status load_edge(struct vls_tree *tree, struct vls_why *why)
{
    for (unsigned level = 0; level < LEVELS; level++) {
        uint64_t hashes = tree->size >> (VLS_TILE_HEIGHT * level);
        unsigned width = (unsigned)(hashes % VLS_TILE_WIDTH);
        if (hashes == 0)
            break;
        VLS_TRY(want_spares(tree, 1, why));
        tree->edge[level] = take_spare(tree);
        vls_tile_reset(tree->edge[level], level, hashes / VLS_TILE_WIDTH);
        if (width != 0)
            VLS_TRY(vls_tile_load(tree->edge[level], &tree->io, level, hashes / VLS_TILE_WIDTH,
                                  width, why));
    }
    return VLS_DONE;
}

struct vls_status vls_tree_open(const struct vls_tile_io *io, uint64_t size, struct vls_tree **out,
                                struct vls_why *why)
{
    VLS_TRY(check_size(size, why));
    VLS_DEFER(vls_tree_free) struct vls_tree *tree = vls_mem_new(sizeof *tree);
    tree->io = *io;
    tree->size = size;
    VLS_TRY(load_edge(tree, why));
    *out = tree;
    tree = NULL;
    return VLS_DONE;
}

void vls_tree_free(struct vls_tree **tree)
{
    if (*tree == NULL)
        return;
    for (unsigned level = 0; level < LEVELS; level++)
        vls_mem_free((*tree)->edge[level]);
    free_list(&(*tree)->finished);
    free_list(&(*tree)->spare);
    vls_tile_cache_fini(&(*tree)->cache);
    vls_mem_free(*tree);
    *tree = NULL;
}

uint64_t vls_tree_size(const struct vls_tree *tree)
{
    return tree->size;
}

/* Tiles that the next leaf needs: one for each level whose edge it fills, and one where a level
 * begins. */
static unsigned tiles_for_next(const struct vls_tree *tree)
{
    unsigned level = 0;
    while (level < LEVELS && tree->edge[level] != NULL &&
           tree->edge[level]->width == VLS_TILE_WIDTH - 1)
        level++;
    return level < LEVELS && tree->edge[level] == NULL ? level + 1 : level;
}

/* Put a hash into the edge of a level. @return true when that filled the tile, which has `out_root`
 * then */
static bool append_at(struct vls_tree *tree, unsigned level, const struct vls_digest *hash,
                      struct vls_digest *out_root)
{
    struct vls_tile *tile = tree->edge[level];
    if (tile == NULL) {
        tile = tree->edge[level] = take_spare(tree);
        vls_tile_reset(tile, level, 0);
    }
    vls_tile_append(tile, hash);
    tree->is_changed[level] = true;
    if (tile->width < VLS_TILE_WIDTH)
        return false;
    *out_root = *vls_tile_node(tile, VLS_TILE_HEIGHT, 0);
    tree->edge[level] = take_spare(tree);
    vls_tile_reset(tree->edge[level], level, tile->index + 1);
    tree->is_changed[level] = false;
    push(&tree->finished, tile);
    return true;
}

struct vls_status vls_tree_append(struct vls_tree *tree, const struct vls_digest *leaf_hash,
                                  struct vls_why *why)
{
    VLS_TRY(check_size(tree->size + 1, why));
    VLS_TRY(want_spares(tree, tiles_for_next(tree), why));
    struct vls_digest hash = *leaf_hash;
    for (unsigned level = 0; append_at(tree, level, &hash, &hash);)
        level++;
    tree->size++;
    return VLS_DONE;
}

static struct vls_status write_tile(struct vls_tree *tree, struct vls_tile *tile,
                                    struct vls_why *why)
{
    return tree->io.write(tree->io.ctx, tile->level, tile->index, tile->width, tile->nodes[0].bytes,
                          why);
}

struct vls_status vls_tree_save(struct vls_tree *tree, struct vls_why *why)
{
    while (tree->finished != NULL) {
        VLS_TRY(write_tile(tree, tree->finished, why));
        keep(tree, pop(&tree->finished));
    }
    for (unsigned level = 0; level < LEVELS; level++) {
        if (!tree->is_changed[level])
            continue;
        VLS_TRY(write_tile(tree, tree->edge[level], why));
        tree->is_changed[level] = false;
    }
    return VLS_DONE;
}

/* -- roots and proofs -------------------------------------------------------------------------- */

static unsigned top_bit(uint64_t value)
{
    return 63u - (unsigned)__builtin_clzll(value);
}

/* Hash of the complete subtree of 2^height leaves, number `index` from the left. */
static struct vls_status node(struct vls_tree *tree, unsigned height, uint64_t index,
                              struct vls_digest *out, struct vls_why *why)
{
    unsigned level = height / VLS_TILE_HEIGHT, inside = height % VLS_TILE_HEIGHT;
    unsigned to_tile = VLS_TILE_HEIGHT - inside;
    struct vls_tile *tile = NULL;
    VLS_TRY(get_tile(tree, level, index >> to_tile, &tile, why));
    *out = *vls_tile_node(tile, inside, index & ((1u << to_tile) - 1));
    return VLS_DONE;
}

static struct vls_status know_suffixes(struct vls_tree *tree, uint64_t size, struct vls_why *why)
{
    struct vls_digest all = {{0}}, peak;
    if (tree->suffixes.size == size)
        return VLS_DONE;
    tree->suffixes.size = 0; /* half of it is of the new size from here on */
    for (uint64_t rest = size, done = 0; rest != 0; rest &= rest - 1) {
        unsigned height = (unsigned)__builtin_ctzll(rest);
        VLS_TRY(node(tree, height, (rest >> height) - 1, &peak, why));
        all = done == 0 ? peak : vls_node_hash(&peak, &all);
        done = 1;
        tree->suffixes.at[height] = all;
    }
    tree->suffixes.size = size;
    return VLS_DONE;
}

/* Hash of the leaves [from, to), one side of a split of the tree of `size` leaves: complete, or all
 * that is left. */
static struct vls_status side(struct vls_tree *tree, uint64_t from, uint64_t to, uint64_t size,
                              struct vls_digest *out, struct vls_why *why)
{
    unsigned height = top_bit(to - from);
    if (to - from == UINT64_C(1) << height)
        return node(tree, height, from >> height, out, why);
    VLS_TRY(know_suffixes(tree, size, why));
    *out = tree->suffixes.at[height];
    return VLS_DONE;
}

static struct vls_status check_range(const struct vls_tree *tree, uint64_t size,
                                     struct vls_why *why)
{
    if (size <= tree->size)
        return VLS_DONE;
    return vls_fail(VLS_LEDGER_RANGE, why, "size %llu of a log that has %llu leaves",
                    (unsigned long long)size, (unsigned long long)tree->size);
}

struct vls_status vls_tree_root(struct vls_tree *tree, uint64_t size, struct vls_digest *out,
                                struct vls_why *why)
{
    VLS_TRY(check_range(tree, size, why));
    if (size == 0) {
        *out = vls_digest_of(NULL, 0);
        return VLS_DONE;
    }
    VLS_TRY(know_suffixes(tree, size, why));
    *out = tree->suffixes.at[top_bit(size)];
    return VLS_DONE;
}

static void reverse(struct vls_proof *proof)
{
    for (size_t i = 0; i < proof->count / 2; i++) {
        struct vls_digest swap = proof->hashes[i];
        proof->hashes[i] = proof->hashes[proof->count - 1 - i];
        proof->hashes[proof->count - 1 - i] = swap;
    }
}

/* From the root down to [from, to), the side of each split that is not on the way; `*from` and
 * `*to` come in as the whole tree. With `index` alone the way ends at its leaf. With `is_prefix` it
 * ends at the last complete subtree of [0, index + 1). */
static struct vls_status walk(struct vls_tree *tree, uint64_t index, bool is_prefix, uint64_t *from,
                              uint64_t *to, struct vls_proof *proof, struct vls_why *why)
{
    uint64_t size = *to;
    while (*to - *from > 1 && !(is_prefix && *to == index + 1)) {
        uint64_t half = UINT64_C(1) << top_bit(*to - *from - 1), split = *from + half;
        bool is_left = index < split;
        VLS_TRY(side(tree, is_left ? split : *from, is_left ? *to : split, size,
                     &proof->hashes[proof->count++], why));
        *(is_left ? to : from) = split;
    }
    return VLS_DONE;
}

struct vls_status vls_tree_inclusion(struct vls_tree *tree, uint64_t index, uint64_t size,
                                     struct vls_proof *out, struct vls_why *why)
{
    struct vls_proof proof = {.count = 0};
    uint64_t from = 0, to = size;
    VLS_TRY(check_range(tree, size, why));
    if (index >= size)
        return vls_fail(VLS_LEDGER_RANGE, why, "leaf %llu of a log of size %llu",
                        (unsigned long long)index, (unsigned long long)size);
    VLS_TRY(walk(tree, index, false, &from, &to, &proof, why));
    reverse(&proof);
    *out = proof;
    return VLS_DONE;
}

struct vls_status vls_tree_consistency(struct vls_tree *tree, uint64_t from, uint64_t size,
                                       struct vls_proof *out, struct vls_why *why)
{
    struct vls_proof proof = {.count = 0};
    uint64_t start = 0, end = size;
    VLS_TRY(check_range(tree, size, why));
    if (from > size)
        return vls_fail(VLS_LEDGER_RANGE, why, "from size %llu to the smaller size %llu",
                        (unsigned long long)from, (unsigned long long)size);
    if (from != 0 && from != size) {
        VLS_TRY(walk(tree, from - 1, true, &start, &end, &proof, why));
        if (start != 0) /* at 0 it is the whole of the older tree, and its root is known */
            VLS_TRY(side(tree, start, end, size, &proof.hashes[proof.count++], why));
        reverse(&proof);
    }
    *out = proof;
    return VLS_DONE;
}
