#include "ledger/tile_path.h"

#include <inttypes.h>
#include <stdio.h>

#define GROUP UINT64_C(1000) /* names in one folder */

void vls_tile_path(unsigned level, uint64_t index, unsigned width, char out[VLS_TILE_PATH])
{
    int n = snprintf(out, VLS_TILE_PATH, "tile/%u/", level);
    uint64_t scale = 1;
    while (index / scale >= GROUP)
        scale *= GROUP;
    for (; scale > 1; scale /= GROUP)
        n += snprintf(out + n, VLS_TILE_PATH - (size_t)n, "x%03" PRIu64 "/", index / scale % GROUP);
    n += snprintf(out + n, VLS_TILE_PATH - (size_t)n, "%03" PRIu64, index % GROUP);
    if (width < VLS_TILE_WIDTH)
        snprintf(out + n, VLS_TILE_PATH - (size_t)n, ".p/%u", width);
}
