#ifndef VALISE_LEDGER_TREE_H
#define VALISE_LEDGER_TREE_H
/*
 * ledger/tree - an append-only Merkle tree (RFC 6962 section 2.1) kept in tiles of 256 hashes (C2SP
 * tlog-tiles).
 *
 * Process:   router (appends, proves). Verifying needs no tree: see ledger/proof.h.
 * Ownership: the tree borrows its struct vls_tile_io until vls_tree_free().
 * Pure:      no disk, no clock. Tiles go through the callbacks, inside the caller's transaction.
 * Start at:  vls_tree_open(), vls_tree_append(), vls_tree_save().
 *
 * A tile (level L, index N) holds up to 256 hashes: those of complete subtrees of 256^L leaves
 * each, the first being subtree number 256 * N. Only complete subtrees have a hash in a tile, so
 * level 0 holds the leaf hashes. An append touches the right edge only; opening reads the right
 * edge only; a log of ten million entries starts at once.
 */
#include "base/digest.h"
#include "base/limits.h"

#define VLS_TILE_WIDTH 256u
#define VLS_TILE_BYTES (VLS_TILE_WIDTH * VLS_DIGEST_BYTES) /* of one that is full */

/** Where tiles live. */
struct vls_tile_io {
    void *ctx;
    /** Read the first `width` hashes (32 * width bytes) of a tile. @return STORE_DAMAGED when there
     * are fewer */
    struct vls_status (*read)(void *ctx, unsigned level, uint64_t index, unsigned width,
                              uint8_t *out, struct vls_why *why);
    /** Write a tile that has now `width` hashes; replaces the narrower one. */
    struct vls_status (*write)(void *ctx, unsigned level, uint64_t index, unsigned width,
                               const uint8_t *hashes, struct vls_why *why);
};

struct vls_proof {
    size_t count;
    struct vls_digest hashes[VLS_MAX_PROOF];
};

struct vls_tree; /* opaque */

/** SHA-256(0x00 || data): the hash of a leaf. */
struct vls_digest vls_leaf_hash(struct vls_slice data);

/** A tree of `size` leaves that the tiles hold already; reads its right edge, at most eight tiles.
 * Whether that is the edge of the log that was signed, its root says: compare vls_tree_root() with
 * the last checkpoint.
 * @return LEDGER_RANGE above VLS_MAX_LEAVES, SYSTEM_MEMORY, and what io->read returns */
VLS_STATUS vls_tree_open(const struct vls_tile_io *io, uint64_t size, struct vls_tree **out,
                         struct vls_why *why);
void vls_tree_free(struct vls_tree **tree);

uint64_t vls_tree_size(const struct vls_tree *tree);

/** Add one leaf; its index is the size before. Nothing is written until vls_tree_save(); roots and
 * proofs count it at once.
 * @return LEDGER_RANGE above VLS_MAX_LEAVES, SYSTEM_MEMORY; nothing was added then */
VLS_STATUS vls_tree_append(struct vls_tree *tree, const struct vls_digest *leaf_hash,
                           struct vls_why *why);

/** Write every tile that changed since the last save, each once. After a failure it may be called
 * again. When the transaction that it wrote into is rolled back, the tree is ahead of the store:
 * free it and open it anew. @return what io->write returns */
VLS_STATUS vls_tree_save(struct vls_tree *tree, struct vls_why *why);

/** Root of the first `size` leaves. Size 0: SHA-256 of nothing. @return LEDGER_RANGE above the
 * tree's size, STORE_DAMAGED when a tile does not have the hash that the level above holds for it;
 * so do the two below */
VLS_STATUS vls_tree_root(struct vls_tree *tree, uint64_t size, struct vls_digest *out,
                         struct vls_why *why);

/** Audit path of leaf `index` in the tree of the first `size` leaves (RFC 6962 section 2.1.1). Many
 * proofs of one size in a row cost little: hashed tiles are kept in a small cache. @return
 * LEDGER_RANGE */
VLS_STATUS vls_tree_inclusion(struct vls_tree *tree, uint64_t index, uint64_t size,
                              struct vls_proof *out, struct vls_why *why);

/** Consistency proof between the first `from` and the first `size` leaves (RFC 6962 section 2.1.2).
 * from 0 or from == size: an empty proof. @return LEDGER_RANGE when from > size or size is above
 * the tree's */
VLS_STATUS vls_tree_consistency(struct vls_tree *tree, uint64_t from, uint64_t size,
                                struct vls_proof *out, struct vls_why *why);

#endif
