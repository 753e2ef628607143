/*
 * log_tiles - write a log of a gateway that does not run as C2SP tlog-tiles: DIRECTORY/checkpoint,
 * DIRECTORY/tile/..., and the older checkpoints as DIRECTORY/older-SIZE. For verifiers that are not
 * ours.
 *
 *     log_tiles STORE ORIGIN DIRECTORY
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "ledger/note.h"
#include "ledger/tile_path.h"
#include "store/store.h"

struct job {
    struct vls_store *store;
    const char *origin, *directory;
};

static VLS_STATUS write_file(const struct job *job, const char *name, struct vls_slice bytes,
                             struct vls_why *why)
{
    char path[VLS_MAX_PATH];
    VLS_TRY(vls_path_join(job->directory, name, path, sizeof path));
    return vls_file_write(path, bytes, 0600, why);
}

/* The path of a tile, whose folder is made. */
static VLS_STATUS place_tile(const struct job *job, unsigned level, uint64_t index, unsigned width,
                             char out[VLS_MAX_PATH], struct vls_why *why)
{
    char name[VLS_TILE_PATH], folder[VLS_MAX_PATH];
    vls_tile_path(level, index, width, name);
    VLS_TRY(vls_path_join(job->directory, name, out, VLS_MAX_PATH));
    snprintf(folder, sizeof folder, "%s", out);
    *strrchr(folder, '/') = '\0'; /* there is one: the name has it */
    return vls_dir_make(folder, 0700, why);
}

static VLS_STATUS write_tile(const struct job *job, unsigned level, uint64_t index, unsigned width,
                             struct vls_why *why)
{
    uint8_t hashes[VLS_TILE_BYTES];
    char path[VLS_MAX_PATH];
    VLS_TRY(place_tile(job, level, index, width, path, why));
    VLS_TRY(vls_store_tile_read(job->store, job->origin, level, index, width, hashes, why));
    return vls_file_write(path, VLS_SLICE(hashes, (size_t)width * VLS_DIGEST_BYTES), 0600, why);
}

static VLS_STATUS write_tiles(const struct job *job, uint64_t size, struct vls_why *why)
{
    uint64_t hashes = size;
    for (unsigned level = 0; hashes > 0; level++, hashes /= VLS_TILE_WIDTH) {
        for (uint64_t index = 0; index < hashes / VLS_TILE_WIDTH; index++)
            VLS_TRY(write_tile(job, level, index, VLS_TILE_WIDTH, why));
        if (hashes % VLS_TILE_WIDTH != 0)
            VLS_TRY(write_tile(job, level, hashes / VLS_TILE_WIDTH,
                               (unsigned)(hashes % VLS_TILE_WIDTH), why));
    }
    return VLS_DONE;
}

/* Every checkpoint that was kept, from the first; the last one is the log's. */
static VLS_STATUS write_checkpoints(const struct job *job, uint64_t *out_size, struct vls_why *why)
{
    struct vls_digest root;
    uint64_t size = 0, last = 0;
    struct vls_buf note VLS_DEFER(vls_buf_fini);
    vls_buf_init(&note, VLS_MAX_NOTE);
    VLS_TRY(vls_store_checkpoint(job->store, job->origin, 0, &last, &root, &note, why));
    VLS_TRY(write_file(job, "checkpoint", vls_buf_slice(&note), why));
    for (size = 0; size < last;) {
        char name[64];
        vls_buf_clear(&note);
        VLS_TRY(vls_store_checkpoint(job->store, job->origin, size + 1, &size, &root, &note, why));
        snprintf(name, sizeof name, "older-%" PRIu64, size);
        VLS_TRY(write_file(job, name, vls_buf_slice(&note), why));
    }
    *out_size = last;
    return VLS_DONE;
}

static VLS_STATUS run(const char *store, struct job *job, struct vls_why *why)
{
    uint64_t size = 0;
    const struct vls_store_options options = {.dir = store};
    VLS_TRY(vls_store_open(&options, &job->store, why));
    VLS_TRY(vls_dir_make(job->directory, 0700, why));
    VLS_TRY(write_checkpoints(job, &size, why));
    return write_tiles(job, size, why);
}

int main(int argc, char **argv)
{
    struct vls_why why = {""};
    if (argc != 4) {
        fprintf(stderr, "usage: log_tiles STORE ORIGIN DIRECTORY\n");
        return 2;
    }
    struct job job = {.origin = argv[2], .directory = argv[3]};
    struct vls_status status = run(argv[1], &job, &why);
    vls_store_free(&job.store);
    if (!vls_ok(status))
        fprintf(stderr, "log_tiles: %s\n", why.text);
    return vls_ok(status) ? 0 : 1;
}
