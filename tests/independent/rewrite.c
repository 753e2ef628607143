#include "rewrite.h"

#include <stdio.h>

#include "base/mem.h"
#include "ledger/tree.h"

#define MOST 4096u /* entries: a log of tests */

struct job {
    struct vls_store *store;
    const char *origin;
};

static struct vls_status read_tile(void *ctx, unsigned level, uint64_t index, unsigned width,
                                   uint8_t *out, struct vls_why *why)
{
    struct job *job = ctx;
    return vls_store_tile_read(job->store, job->origin, level, index, width, out, why);
}

static struct vls_status write_tile(void *ctx, unsigned level, uint64_t index, unsigned width,
                                    const uint8_t *hashes, struct vls_why *why)
{
    struct job *job = ctx;
    return vls_store_tile_write(job->store, job->origin, level, index, width, hashes, why);
}

static VLS_STATUS read_leaves(struct job *job, uint64_t size, uint8_t *out, struct vls_why *why)
{
    for (uint64_t at = 0; at < size; at += VLS_TILE_WIDTH) {
        unsigned width = size - at < VLS_TILE_WIDTH ? (unsigned)(size - at) : VLS_TILE_WIDTH;
        VLS_TRY(vls_store_tile_read(job->store, job->origin, 0, at / VLS_TILE_WIDTH, width,
                                    out + at * VLS_DIGEST_BYTES, why));
    }
    return VLS_DONE;
}

static VLS_STATUS forget(struct job *job, struct vls_why *why)
{
    static const char *const CHANGES[] = {"DELETE FROM cosignature", "DELETE FROM checkpoint",
                                          "DELETE FROM tile", "UPDATE log SET size = 0"};
    char sql[512];
    for (size_t i = 0; i < sizeof CHANGES / sizeof *CHANGES; i++) {
        snprintf(sql, sizeof sql, "%s WHERE log = (SELECT log FROM log WHERE origin = '%s')",
                 CHANGES[i], job->origin);
        VLS_TRY(vls_sqlite_exec(job->store->db, sql, why));
    }
    return VLS_DONE;
}

static VLS_STATUS write_anew(struct job *job, const uint8_t *leaves, uint64_t size,
                             struct vls_why *why)
{
    const struct vls_tile_io io = {job, read_tile, write_tile};
    struct vls_tree *tree = NULL;
    VLS_TRY(vls_tree_open(&io, 0, &tree, why));
    struct vls_status s = VLS_DONE;
    for (uint64_t i = 0; vls_ok(s) && i < size; i++) {
        struct vls_digest leaf;
        s = vls_digest_from(VLS_SLICE(leaves + i * VLS_DIGEST_BYTES, VLS_DIGEST_BYTES), &leaf);
        if (vls_ok(s))
            s = vls_tree_append(tree, &leaf, why);
    }
    if (vls_ok(s))
        s = vls_tree_save(tree, why);
    vls_tree_free(&tree);
    VLS_TRY(s);
    return vls_store_log_set_size(job->store, job->origin, size, why);
}

struct vls_status rewrite_log(struct vls_store *store, const char *origin, uint64_t index,
                              uint64_t keep, struct vls_why *why)
{
    struct job job = {store, origin};
    uint64_t size = 0;
    VLS_TRY(vls_store_begin(store, why));
    VLS_TRY(vls_store_log_size(store, origin, &size, why));
    if (index >= size || size > MOST)
        return vls_fail(VLS_STORE_MISSING, why, "%s has %llu entries", origin,
                        (unsigned long long)size);
    uint8_t *leaves = vls_mem_new((size_t)size * VLS_DIGEST_BYTES);
    struct vls_status s = read_leaves(&job, size, leaves, why);
    leaves[index * VLS_DIGEST_BYTES] ^= 1;
    if (vls_ok(s))
        s = forget(&job, why);
    if (vls_ok(s))
        s = write_anew(&job, leaves, size < keep ? size : keep, why);
    vls_mem_free(leaves);
    VLS_TRY(s);
    return vls_store_commit(store, why);
}
