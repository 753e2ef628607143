#include "base/arena.h"

#include <stdalign.h>
#include <string.h>

#include "base/mem.h"

#define BLOCK_BYTES 16384u

struct block {
    struct block *next;
    size_t used, room;
    alignas(max_align_t) uint8_t bytes[];
};

struct vls_arena {
    struct block *blocks; /* the first has the room */
    size_t taken, max;
};

struct vls_arena *vls_arena_new(size_t max)
{
    struct vls_arena *arena = vls_mem_new(sizeof *arena);
    arena->max = max;
    return arena;
}

void vls_arena_free(struct vls_arena **arena)
{
    if (*arena == NULL)
        return;
    for (struct block *b = (*arena)->blocks, *next; b != NULL; b = next) {
        next = b->next;
        vls_mem_free(b);
    }
    vls_mem_free(*arena);
    *arena = NULL;
}

void *vls_arena_take(struct vls_arena *arena, size_t bytes)
{
    if (bytes > arena->max - arena->taken)
        return NULL;
    size_t need = (bytes + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
    struct block *block = arena->blocks;
    if (block == NULL || need > block->room - block->used) {
        size_t room = need > BLOCK_BYTES ? need : BLOCK_BYTES;
        block = vls_mem_try(sizeof *block + room);
        if (block == NULL)
            return NULL;
        block->room = room;
        block->next = arena->blocks;
        arena->blocks = block;
    }
    void *at = block->bytes + block->used;
    block->used += need;
    arena->taken += bytes;
    return at;
}

void *vls_arena_copy(struct vls_arena *arena, const void *from, size_t len)
{
    char *at = len < SIZE_MAX ? vls_arena_take(arena, len + 1) : NULL;
    if (at != NULL)
        vls_copy(at, from, len);
    return at;
}

char *vls_arena_text(struct vls_arena *arena, const char *text)
{
    return vls_arena_copy(arena, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
}
