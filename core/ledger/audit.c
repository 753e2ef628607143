#include "ledger/audit.h"

#include "base/mem.h"
#include "ledger/tile.h"

struct audit {
    const struct vls_tile_io *io;
    vls_audit_fn found;
    void *ctx;
    struct vls_audit *out;
    struct vls_tile tile, above; /* in memory of its own: 33 KiB */
    bool has_above;
};

static void damage(struct audit *a, unsigned level, uint64_t index, const char *words)
{
    a->out->damaged++;
    a->found(a->ctx, level, index, words);
}

/* The tile that holds the hash of tile (level, index); read once for all of its 256. */
static bool find_above(struct audit *a, unsigned level, uint64_t index, uint64_t full)
{
    uint64_t place = index / VLS_TILE_WIDTH;
    if (a->above.level == level + 1 && a->above.index == place)
        return a->has_above;
    uint64_t left = full - place * VLS_TILE_WIDTH;
    unsigned width = left < VLS_TILE_WIDTH ? (unsigned)left : VLS_TILE_WIDTH;
    a->has_above = vls_ok(vls_tile_load(&a->above, a->io, level + 1, place, width, NULL));
    a->above.level =
        level + 1; /* also of one that cannot be read: it is found when its turn comes */
    a->above.index = place;
    return a->has_above;
}

static void check_tile(struct audit *a, unsigned level, uint64_t index, uint64_t full)
{
    struct vls_why why = {""};
    a->out->tiles++;
    if (!vls_ok(vls_tile_load(&a->tile, a->io, level, index, VLS_TILE_WIDTH, &why)))
        damage(a, level, index, why.text);
    else if (find_above(a, level, index, full) &&
             !vls_digest_is_equal(vls_tile_node(&a->tile, VLS_TILE_HEIGHT, 0),
                                  vls_tile_node(&a->above, 0, index % VLS_TILE_WIDTH)))
        damage(a, level, index,
               "its hashes are not those that the level above it has: one of the two was altered");
}

static struct vls_status read_root(struct audit *a, uint64_t size, struct vls_why *why)
{
    struct vls_tree *tree = NULL;
    VLS_TRY(vls_tree_open(a->io, size, &tree, why));
    struct vls_status s = vls_tree_root(tree, size, &a->out->root, why);
    vls_tree_free(&tree);
    return s;
}

struct vls_status vls_audit_tiles(const struct vls_tile_io *io, uint64_t size, vls_audit_fn found,
                                  void *ctx, struct vls_audit *out, struct vls_why *why)
{
    struct audit *a = vls_mem_new(sizeof *a);
    *out = (struct vls_audit){.size = size};
    a->io = io;
    a->found = found;
    a->ctx = ctx;
    a->out = out;
    for (unsigned level = 0; size >> (VLS_TILE_HEIGHT * level) >= VLS_TILE_WIDTH; level++) {
        uint64_t full = size >> (VLS_TILE_HEIGHT * (level + 1));
        a->above.level = 0; /* none is known of this level */
        for (uint64_t index = 0; index < full; index++)
            check_tile(a, level, index, full);
    }
    struct vls_status s = read_root(a, size, why);
    vls_mem_free(a);
    return s;
}
