#ifndef VALISE_LEDGER_AUDIT_H
#define VALISE_LEDGER_AUDIT_H
/*
 * ledger/audit - whether all tiles of a log fit together.
 *
 * Process: command line. Pure: tiles come through the callback.
 *
 * The hash of a full tile stands in the level above it; so each level vouches for the one below,
 * and the right edge, which the root comes from, for all of them.
 */
#include "ledger/tree.h"

/** Something is wrong with a tile; `words` say what. */
typedef void (*vls_audit_fn)(void *ctx, unsigned level, uint64_t index, const char *words);

struct vls_audit {
    uint64_t size, tiles, damaged;
    struct vls_digest root; /* of all, by the right edge */
};

/** Read every tile of a log of `size` entries. `io->write` is not called. What is wrong with tiles
 * that are full goes to `found`.
 * @return what keeps the root from being known: a tile of the right edge that cannot be read */
VLS_STATUS vls_audit_tiles(const struct vls_tile_io *io, uint64_t size, vls_audit_fn found,
                           void *ctx, struct vls_audit *out, struct vls_why *why);

#endif
