#ifndef VALISE_WIRE_SCRATCH_H
#define VALISE_WIRE_SCRATCH_H
/*
 * wire/scratch - the memory that one received frame is decoded into, emptied before the next.
 *
 * Process:   all. Private to wire.
 * Ownership: what the allocator hands out lives until vls_scratch_reset().
 *
 * protobuf-c allocates every field and every submessage; with this allocator that is a pointer
 * moved forward. A frame of VLS_MAX_FRAME bytes can ask for a multiple of its size in structs, so
 * the sum has a maximum too.
 */
#include <protobuf-c/protobuf-c.h>
#include <stddef.h>
#include <stdint.h>

struct vls_scratch_block;

struct vls_scratch {
    ProtobufCAllocator allocator; /* for the unpack functions */
    uint8_t *first;               /* kept for the life of the scratch */
    size_t used;
    struct vls_scratch_block *extra; /* of a large frame: released at reset */
    size_t taken;
};

void vls_scratch_init(struct vls_scratch *scratch);
void vls_scratch_reset(struct vls_scratch *scratch);
void vls_scratch_fini(struct vls_scratch *scratch);

#endif
