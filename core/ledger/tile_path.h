#ifndef VALISE_LEDGER_TILE_PATH_H
#define VALISE_LEDGER_TILE_PATH_H
/*
 * ledger/tile_path - what a tile is called, as C2SP tlog-tiles has it.
 *
 * Process: every process that keeps or reads tiles. Pure.
 */
#include "ledger/tree.h"

/** Room for the name of any tile: seven groups of a 64-bit index, a level and a width. */
#define VLS_TILE_PATH 64u

/** "tile/0/x001/x234/067", below the folder of the log; with ".p/W" behind it when `width` is under
 * VLS_TILE_WIDTH: a tile that is not full. */
void vls_tile_path(unsigned level, uint64_t index, unsigned width, char out[VLS_TILE_PATH]);

#endif
