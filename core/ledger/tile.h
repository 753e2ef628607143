#ifndef VALISE_LEDGER_TILE_H
#define VALISE_LEDGER_TILE_H
/*
 * ledger/tile - one tile with all the inner nodes above its hashes, and a small cache of whole
 * tiles.
 *
 * Process:   router, inside ledger/tree; nobody else includes this.
 * Ownership: a cache owns the tiles that it keeps.
 * Start at:  struct vls_tile.
 *
 * Height 0 of a tile holds its up to 256 hashes, height h the up to 256 >> h nodes above them,
 * height 8 the tile's root. Heights stand one behind the other in one array. A node is there as
 * soon as all below it is, so adding a hash costs one more hash on average, and a proof out of a
 * tile none.
 */
#include "ledger/tree.h"

#define VLS_TILE_HEIGHT 8u
#define VLS_TILE_NODES  (2 * VLS_TILE_WIDTH - 1)

/** Whole tiles kept: 1 MiB. 128 proofs of one batch touch the right edge and a path of at most
 * eight tiles. */
#define VLS_TILE_CACHE 64u

struct vls_tile {
    unsigned level, width;
    uint64_t index;
    struct vls_tile *next; /* in the owner's list */
    struct vls_digest nodes[VLS_TILE_NODES];
};

/** SHA-256(0x01 || left || right). `left` and `right` may be where the result goes. */
struct vls_digest vls_node_hash(const struct vls_digest *left, const struct vls_digest *right);

/** The node at `height`, `position` counted from the left; it must be complete. */
struct vls_digest *vls_tile_node(struct vls_tile *tile, unsigned height, uint64_t position);

/** Add a hash to a tile that is not full. */
void vls_tile_append(struct vls_tile *tile, const struct vls_digest *hash);

/** An empty tile at (level, index), whatever it was before. */
void vls_tile_reset(struct vls_tile *tile, unsigned level, uint64_t index);

/** Make `tile` the one at (level, index) with `width` hashes, which `io` reads. `tile` is of no use
 * after a failure. */
VLS_STATUS vls_tile_load(struct vls_tile *tile, const struct vls_tile_io *io, unsigned level,
                         uint64_t index, unsigned width, struct vls_why *why);

/** Whole tiles, the least recently used one leaves first. All zero is an empty one. */
struct vls_tile_cache {
    struct vls_tile *tiles[VLS_TILE_CACHE];
    uint64_t used[VLS_TILE_CACHE]; /* when, in ticks */
    uint64_t tick;
    unsigned last; /* where the last look-up found its tile: the next one mostly wants the same */
};

/** The tile, or NULL. Valid until the next vls_tile_cache_add(). */
struct vls_tile *vls_tile_cache_find(struct vls_tile_cache *cache, unsigned level, uint64_t index);

/** Keep a tile (taken). @return the tile that had to leave, now the caller's, or NULL */
struct vls_tile *vls_tile_cache_add(struct vls_tile_cache *cache, struct vls_tile *tile);

void vls_tile_cache_fini(struct vls_tile_cache *cache);

#endif
