#include "ledger/tile.h"

#include "base/mem.h"

#define NODE_PREFIX 0x01

struct vls_digest vls_node_hash(const struct vls_digest *left, const struct vls_digest *right)
{
    uint8_t block[1 + 2 * VLS_DIGEST_BYTES] = {NODE_PREFIX};
    vls_copy(block + 1, left->bytes, VLS_DIGEST_BYTES);
    vls_copy(block + 1 + VLS_DIGEST_BYTES, right->bytes, VLS_DIGEST_BYTES);
    return vls_digest_of_slice(VLS_SLICE(block, sizeof block));
}

struct vls_digest *vls_tile_node(struct vls_tile *tile, unsigned height, uint64_t position)
{
    unsigned start = 2 * VLS_TILE_WIDTH - (2 * VLS_TILE_WIDTH >> height);
    return &tile->nodes[start + position];
}

void vls_tile_append(struct vls_tile *tile, const struct vls_digest *hash)
{
    unsigned position = tile->width++, height = 0;
    *vls_tile_node(tile, 0, position) = *hash;
    for (; (position & 1) != 0; position >>= 1, height++)
        *vls_tile_node(tile, height + 1, position >> 1) = vls_node_hash(
            vls_tile_node(tile, height, position - 1), vls_tile_node(tile, height, position));
}

void vls_tile_reset(struct vls_tile *tile, unsigned level, uint64_t index)
{
    tile->level = level;
    tile->index = index;
    tile->width = 0;
    tile->next = NULL;
}

/* The nodes above the hashes that lie in the tile already. */
static void expand(struct vls_tile *tile)
{
    for (unsigned height = 0; height < VLS_TILE_HEIGHT; height++)
        for (unsigned pair = 0; pair < tile->width >> (height + 1); pair++)
            *vls_tile_node(tile, height + 1, pair) =
                vls_node_hash(vls_tile_node(tile, height, 2 * (uint64_t)pair),
                              vls_tile_node(tile, height, 2 * (uint64_t)pair + 1));
}

struct vls_status vls_tile_load(struct vls_tile *tile, const struct vls_tile_io *io, unsigned level,
                                uint64_t index, unsigned width, struct vls_why *why)
{
    vls_tile_reset(tile, level, index);
    VLS_TRY(io->read(io->ctx, level, index, width, tile->nodes[0].bytes, why));
    tile->width = width;
    expand(tile);
    return VLS_DONE;
}

static bool is_at(const struct vls_tile *tile, unsigned level, uint64_t index)
{
    return tile != NULL && tile->level == level && tile->index == index;
}

struct vls_tile *vls_tile_cache_find(struct vls_tile_cache *cache, unsigned level, uint64_t index)
{
    if (is_at(cache->tiles[cache->last], level, index))
        return cache->tiles[cache->last];
    for (unsigned i = 0; i < VLS_TILE_CACHE; i++)
        if (is_at(cache->tiles[i], level, index)) {
            cache->last = i;
            cache->used[i] = ++cache->tick;
            return cache->tiles[i];
        }
    return NULL;
}

struct vls_tile *vls_tile_cache_add(struct vls_tile_cache *cache, struct vls_tile *tile)
{
    unsigned oldest = 0;
    for (unsigned i = 1; i < VLS_TILE_CACHE; i++)
        if (cache->used[i] < cache->used[oldest])
            oldest = i;
    struct vls_tile *leaves = cache->tiles[oldest];
    cache->tiles[oldest] = tile;
    cache->used[oldest] = ++cache->tick;
    cache->last = oldest;
    return leaves;
}

void vls_tile_cache_fini(struct vls_tile_cache *cache)
{
    for (unsigned i = 0; i < VLS_TILE_CACHE; i++)
        vls_mem_free(cache->tiles[i]);
    *cache = (struct vls_tile_cache){.tick = 0};
}
