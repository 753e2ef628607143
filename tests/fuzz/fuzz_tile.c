/*
 * Tiles as a damaged disk may give them: two bytes of size, then the tiles of level 0, of level 1.
 * A proof that the tree makes of them leads to the root that it has of them; whatever does not fit
 * together is refused.
 */
#include "ledger/proof.h"
#include "ledger/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct disk {
    struct vls_slice bytes;
    uint64_t size; /* of the log */
};

/* Where a hash lies: level 0 stands in front. */
static uint64_t place(const struct disk *disk, unsigned level, uint64_t index)
{
    uint64_t first = 0;
    for (unsigned below = 0; below < level; below++)
        first += disk->size >> (8 * below);
    return (first + index * VLS_TILE_WIDTH) * VLS_DIGEST_BYTES;
}

static struct vls_status read_tile(void *ctx, unsigned level, uint64_t index, unsigned width,
                                   uint8_t *out, struct vls_why *why)
{
    const struct disk *disk = ctx;
    uint64_t from = place(disk, level, index), len = (uint64_t)width * VLS_DIGEST_BYTES;
    if (from > disk->bytes.len || len > disk->bytes.len - from)
        return vls_fail(VLS_STORE_DAMAGED, why, "tile %u/%u is cut off", level, (unsigned)index);
    vls_copy(out, disk->bytes.at + from, (size_t)len);
    return VLS_DONE;
}

static void check_proofs(struct vls_tree *tree, const struct disk *disk)
{
    struct vls_digest root, leaf;
    struct vls_proof proof;
    struct vls_why why;
    if (!vls_ok(vls_tree_root(tree, disk->size, &root, &why)))
        return;
    for (uint64_t index = 0; index < disk->size; index += 1 + disk->size / 16) {
        if (!vls_ok(vls_tree_inclusion(tree, index, disk->size, &proof, &why)))
            continue;
        struct vls_slice hash =
            VLS_SLICE(disk->bytes.at + index * VLS_DIGEST_BYTES, VLS_DIGEST_BYTES);
        if (!vls_ok(vls_digest_from(hash, &leaf)) ||
            !vls_ok(vls_proof_inclusion(&proof, &leaf, index, disk->size, &root, &why)))
            __builtin_trap();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vls_reader reader = vls_reader_of(VLS_SLICE(data, size));
    struct disk disk = {.size = vls_reader_u16(&reader)};
    const struct vls_tile_io io = {.ctx = &disk, .read = read_tile};
    struct vls_tree *tree = NULL;
    struct vls_why why;
    disk.bytes = reader.rest;
    if (vls_ok(vls_tree_open(&io, disk.size, &tree, &why)))
        check_proofs(tree, &disk);
    vls_tree_free(&tree);
    return 0;
}
