#ifndef VALISE_STORE_TILES_H
#define VALISE_STORE_TILES_H
/*
 * store/tiles - the full tiles of own logs as files, in the layout of C2SP tlog-tiles.
 *
 * Process: router.
 *
 *     DIR/logs/ORIGIN/tile/0/000          a tile of 256 hashes; never written again
 *     DIR/logs/ORIGIN/tile/0/x001/234
 *
 * A tile that is not full is a row of the database, and so is one that has just become full: so it
 * is committed with what its last entry is about. Behind the commit a full tile goes into a file:
 * temporary, fsync, rename, fsync of the folder; and the next commit removes the row. A crash in
 * between leaves the row, and the step is done again. Who reads a tile asks the database first.
 */
#include "ledger/tree.h"
#include "store/store.h"

/** Write up to `most` full tiles to files. Only between transactions; nothing otherwise. What fails
 * stays in the database, and is tried again with the next call. @param out_is_done  none is left
 * @return STORE_DAMAGED when there is a file with other hashes */
VLS_STATUS vls_store_tiles_settle(struct vls_store *store, unsigned most, bool *out_is_done,
                                  struct vls_why *why);

#endif
