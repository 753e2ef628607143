#include "wire/scratch.h"

#include <stdalign.h>

#include "base/limits.h"
#include "base/mem.h"

/* Holds all but the largest frames in one piece; the kernel gives it pages only as far as it is
 * used. */
#define FIRST_BYTES 65536u

struct vls_scratch_block {
    struct vls_scratch_block *next;
    alignas(max_align_t) uint8_t bytes[];
};

static void *take_extra(struct vls_scratch *scratch, size_t bytes)
{
    struct vls_scratch_block *block = vls_mem_try(sizeof *block + bytes);
    if (block == NULL)
        return NULL;
    block->next = scratch->extra;
    scratch->extra = block;
    return block->bytes;
}

static void *take(void *ctx, size_t bytes)
{
    struct vls_scratch *scratch = ctx;
    if (bytes > VLS_MAX_FRAME_MEMORY - scratch->taken)
        return NULL;
    size_t need = (bytes + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
    scratch->taken += bytes;
    if (need > FIRST_BYTES - scratch->used)
        return take_extra(scratch, bytes);
    void *at = scratch->first + scratch->used;
    scratch->used += need;
    return at;
}

/* Nothing goes back one by one: the reset releases all. */
static void give_back(void *ctx, void *at)
{
    (void)ctx;
    (void)at;
}

void vls_scratch_init(struct vls_scratch *scratch)
{
    *scratch = (struct vls_scratch){
        .allocator = {.alloc = take, .free = give_back, .allocator_data = scratch},
        .first = vls_mem_new(FIRST_BYTES),
    };
}

void vls_scratch_reset(struct vls_scratch *scratch)
{
    for (struct vls_scratch_block *b = scratch->extra, *next; b != NULL; b = next) {
        next = b->next;
        vls_mem_free(b);
    }
    scratch->extra = NULL;
    scratch->used = 0;
    scratch->taken = 0;
}

void vls_scratch_fini(struct vls_scratch *scratch)
{
    vls_scratch_reset(scratch);
    vls_mem_free(scratch->first);
    scratch->first = NULL;
}
