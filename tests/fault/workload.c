#include "workload.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

/* -- what every byte is ------------------------------------------------------------------------ */

enum workload_content workload_content_of(uint32_t number)
{
    switch (number % WORKLOAD_BATCH) {
    case 1:
    case 4:
        return CONTENT_FILE;
    case 2:
        return CONTENT_UPLOADED;
    default:
        return CONTENT_INLINE;
    }
}

struct vls_id workload_id(uint32_t number)
{
    struct vls_id id = {{0x01, 0x93}};
    vls_put_u32(id.bytes + 2, number);
    id.bytes[6] = 0x70;
    id.bytes[8] = 0x80;
    return id;
}

uint64_t workload_content_bytes(uint32_t number)
{
    return workload_content_of(number) == CONTENT_INLINE ? 2000 + number % 3000 : WORKLOAD_CONTENT;
}

void workload_content(uint32_t number, uint8_t *out)
{
    uint32_t mixed = number * 2654435761u + 1;
    for (uint64_t i = 0; i < workload_content_bytes(number); i++) {
        mixed = mixed * 1664525u + 1013904223u;
        out[i] = (uint8_t)(mixed >> 24);
    }
}

void workload_leaf(uint64_t index, uint8_t out[VLS_DIGEST_BYTES])
{
    uint8_t number[8];
    vls_put_u64(number, index);
    struct vls_digest d = vls_digest_of_slice(VLS_SLICE(number, sizeof number));
    vls_copy(out, d.bytes, sizeof d.bytes);
}

/* -- the child --------------------------------------------------------------------------------- */

static uint8_t content[WORKLOAD_CONTENT];

static struct vls_status keep_file(struct vls_store *store, const struct vls_digest *digest,
                                   struct vls_why *why)
{
    VLS_DEFER(vls_fd_close) int fd = -1;
    VLS_TRY(vls_content_new(store, &fd, why));
    VLS_TRY(vls_fd_write(fd, VLS_SLICE(content, WORKLOAD_CONTENT), why));
    return vls_content_keep(store, fd, digest, why);
}

static struct vls_status upload(struct vls_store *store, const struct vls_digest *digest,
                                struct vls_why *why)
{
    VLS_DEFER(vls_fd_close) int fd = -1;
    uint64_t there;
    bool is_complete;
    VLS_TRY(
        vls_incoming_open(store, "iom", digest, WORKLOAD_CONTENT, &fd, &there, &is_complete, why));
    if (is_complete)
        return VLS_DONE;
    if (lseek(fd, (off_t)there, SEEK_SET) < 0)
        return vls_fail(VLS_SYSTEM_IO, why, "lseek");
    VLS_TRY(vls_fd_write(fd, VLS_SLICE(content + there, WORKLOAD_CONTENT - there), why));
    return vls_incoming_keep(store, "iom", digest, WORKLOAD_CONTENT, why);
}

static struct vls_status add(struct vls_store *store, uint32_t number, struct vls_why *why)
{
    workload_content(number, content);
    uint64_t bytes = workload_content_bytes(number);
    struct vls_digest digest = vls_digest_of_slice(VLS_SLICE(content, bytes));
    struct vls_message m = {.id = workload_id(number),
                            .direction = VLS_OUT,
                            .state = VLS_STATE_REFERRED,
                            .party = "iom",
                            .kind = "document",
                            .created_ms = number,
                            .content_digest = digest,
                            .content_bytes = bytes,
                            .log_index = number,
                            .their_index = VLS_NO_INDEX,
                            .manifest = vls_slice_text("manifest"),
                            .decision = vls_slice_text("decision"),
                            .part_digests = vls_digest_slice(&digest)};
    if (workload_content_of(number) == CONTENT_INLINE)
        m.content = VLS_SLICE(content, bytes);
    else if (workload_content_of(number) == CONTENT_FILE)
        VLS_TRY(keep_file(store, &digest, why));
    else
        VLS_TRY(upload(store, &digest, why));
    return vls_store_add(store, &m, why);
}

static struct vls_status move(struct vls_store *store, uint32_t number, struct vls_why *why)
{
    struct vls_move m = {.id = workload_id(number),
                         .from = VLS_STATE_REFERRED,
                         .to = VLS_STATE_RELEASED,
                         .at_ms = number,
                         .cause = "moved",
                         .actor = "router"};
    return vls_store_move(store, &m, why);
}

/** One leaf a message in tiles of level 0, a size and a checkpoint. */
static struct vls_status grow_log(struct vls_store *store, uint64_t size, struct vls_why *why)
{
    static uint8_t hashes[256 * VLS_DIGEST_BYTES];
    uint64_t index = (size - 1) / 256;
    unsigned width = (unsigned)(size - index * 256);
    for (unsigned i = 0; i < width; i++)
        workload_leaf(index * 256 + i, hashes + (size_t)i * VLS_DIGEST_BYTES);
    VLS_TRY(vls_store_tile_write(store, WORKLOAD_LOG, 0, index, width, hashes, why));
    VLS_TRY(vls_store_log_set_size(store, WORKLOAD_LOG, size, why));
    struct vls_digest root;
    workload_leaf(size, root.bytes);
    return vls_store_checkpoint_put(store, WORKLOAD_LOG, size, &root, "note\n", why);
}

/* The tile that a batch fills up has to be written too before the next begins. */
static struct vls_status grow_log_to(struct vls_store *store, uint64_t from, uint64_t to,
                                     struct vls_why *why)
{
    uint64_t edge = to / 256 * 256;
    if (edge > from && edge < to)
        VLS_TRY(grow_log(store, edge, why));
    return grow_log(store, to, why);
}

static struct vls_status do_batch(struct vls_store *store, uint32_t batch, struct vls_why *why)
{
    uint8_t value[4];
    uint32_t first = batch * WORKLOAD_BATCH;
    VLS_TRY(vls_store_begin(store, why));
    for (uint32_t i = first; i < first + WORKLOAD_BATCH; i++)
        VLS_TRY(add(store, i, why));
    for (uint32_t i = first; batch != 0 && i < first + WORKLOAD_BATCH; i++)
        VLS_TRY(move(store, i - WORKLOAD_BATCH, why));
    VLS_TRY(grow_log_to(store, first, (uint64_t)first + WORKLOAD_BATCH, why));
    vls_put_u32(value, batch);
    VLS_TRY(vls_store_state_put(store, "folder", "cursor", VLS_SLICE(value, sizeof value), why));
    return vls_store_commit(store, why);
}

static void count_down(void *ctx, enum vls_store_point point)
{
    struct workload_crash *crash = ctx;
    if (crash->n != 0 && crash->point == point && --crash->n == 0)
        raise(SIGKILL);
}

int workload_run(const char *dir, uint32_t first_batch, struct workload_crash crash, int pipe_fd)
{
    struct vls_store_options options = {.dir = dir};
    struct vls_store *store = NULL;
    struct vls_why why = {""};
    struct vls_status s = vls_store_open(&options, &store, &why);
    if (vls_ok(s)) {
        store->at_point = count_down;
        store->at_point_ctx = &crash;
    }
    for (uint32_t batch = first_batch; vls_ok(s) && batch < first_batch + WORKLOAD_BATCHES;
         batch++) {
        s = do_batch(store, batch, &why);
        struct acknowledgment done = {batch};
        if (vls_ok(s))
            s = vls_fd_write(pipe_fd, VLS_SLICE(&done, sizeof done), &why);
    }
    if (!vls_ok(s))
        fprintf(stderr, "child: %s: %s\n", vls_status_name(s), why.text);
    vls_store_free(&store);
    return vls_ok(s) ? 0 : 1;
}
