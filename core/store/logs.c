#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "ledger/tree.h"
#include "store/store_internal.h"
#include "store/tiles.h"

static struct vls_status make_log(struct vls_store *store, const char *log, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_LOG_MAKE, &q, why));
    vls_query_text(&q, log);
    return vls_query_run(&q, why);
}

/* -- tiles ------------------------------------------------------------------------------------- */

struct vls_status vls_store_log_size(struct vls_store *store, const char *log, uint64_t *out_size,
                                     struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    bool has_row;
    VLS_TRY(vls_query_open(store, VLS_SQL_LOG_SIZE, &q, why));
    vls_query_text(&q, log);
    VLS_TRY(vls_query_next(&q, &has_row, why));
    *out_size = has_row ? vls_query_get_number(&q, 0) : 0;
    return VLS_DONE;
}

struct vls_status vls_store_log_set_size(struct vls_store *store, const char *log, uint64_t size,
                                         struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(make_log(store, log, why));
    VLS_TRY(vls_query_open(store, VLS_SQL_LOG_SET_SIZE, &q, why));
    vls_query_text(&q, log);
    vls_query_number(&q, size);
    VLS_TRY(vls_query_run(&q, why));
    if (sqlite3_changes(store->db) == 0)
        return vls_fail(VLS_STORE_CONFLICT, why,
                        "a log only grows: %s is above %" PRIu64 " already", log, size);
    return VLS_DONE;
}

static struct vls_status open_tile(struct vls_store *store, const char *log, unsigned level,
                                   uint64_t index, struct vls_query *q, bool *out_has_row,
                                   struct vls_why *why)
{
    VLS_TRY(vls_query_open(store, VLS_SQL_TILE_READ, q, why));
    vls_query_text(q, log);
    vls_query_number(q, level);
    vls_query_number(q, index);
    return vls_query_next(q, out_has_row, why);
}

/* The first `width` hashes of a full tile that is a file. */
static struct vls_status read_file(struct vls_store *store, const char *log, unsigned level,
                                   uint64_t index, size_t bytes, uint8_t *out, bool *out_is_there,
                                   struct vls_why *why)
{
    uint8_t hashes[VLS_TILE_BYTES];
    VLS_TRY(vls_tile_file_read(store, log, level, index, hashes, out_is_there, why));
    if (*out_is_there)
        vls_copy(out, hashes, bytes);
    return VLS_DONE;
}

struct vls_status vls_store_tile_read(struct vls_store *store, const char *log, unsigned level,
                                      uint64_t index, unsigned width, uint8_t *out,
                                      struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    bool has_row, is_file = false;
    size_t wanted = (size_t)width * VLS_DIGEST_BYTES;
    VLS_TRY(open_tile(store, log, level, index, &q, &has_row, why));
    struct vls_slice hashes = has_row ? vls_query_get_blob(&q, 0) : VLS_SLICE(NULL, 0);
    if (!has_row && wanted <= VLS_TILE_BYTES)
        VLS_TRY(read_file(store, log, level, index, wanted, out, &is_file, why));
    if (is_file)
        return VLS_DONE;
    if (hashes.len < wanted)
        return vls_fail(VLS_STORE_DAMAGED, why,
                        "log %s: tile %u/%" PRIu64 " has %zu hashes, %u are needed", log, level,
                        index, hashes.len / VLS_DIGEST_BYTES, width);
    vls_copy(out, hashes.at, wanted);
    return VLS_DONE;
}

/* A log is appended to and never rewritten, not even by a fault of ours. */
static struct vls_status check_tile(struct vls_store *store, const char *log, unsigned level,
                                    uint64_t index, struct vls_slice hashes, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    bool has_row;
    uint8_t file[VLS_TILE_BYTES];
    bool is_file = false;
    VLS_TRY(open_tile(store, log, level, index, &q, &has_row, why));
    if (!has_row)
        VLS_TRY(vls_tile_file_read(store, log, level, index, file, &is_file, why));
    struct vls_slice there = has_row   ? vls_query_get_blob(&q, 0)
                             : is_file ? VLS_SLICE(file, sizeof file)
                                       : VLS_SLICE(NULL, 0);
    if (there.len > hashes.len || (there.len != 0 && memcmp(there.at, hashes.at, there.len) != 0))
        return vls_fail(VLS_STORE_CONFLICT, why,
                        "log %s: tile %u/%" PRIu64 " would lose what it has", log, level, index);
    return VLS_DONE;
}

struct vls_status vls_store_tile_write(struct vls_store *store, const char *log, unsigned level,
                                       uint64_t index, unsigned width, const uint8_t *hashes,
                                       struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    struct vls_slice bytes = VLS_SLICE(hashes, (size_t)width * VLS_DIGEST_BYTES);
    if (width == 0 || width > VLS_TILE_WIDTH)
        return vls_fail(VLS_SYSTEM_BUG, why, "a tile of %u hashes", width);
    VLS_TRY(make_log(store, log, why));
    VLS_TRY(check_tile(store, log, level, index, bytes, why));
    VLS_TRY(vls_query_open(store, VLS_SQL_TILE_WRITE, &q, why));
    vls_query_text(&q, log);
    vls_query_number(&q, level);
    vls_query_number(&q, index);
    vls_query_blob(&q, bytes);
    VLS_TRY(vls_query_run(&q, why));
    store->has_full_tiles = store->has_full_tiles || width == VLS_TILE_WIDTH;
    return VLS_DONE;
}

/* -- checkpoints ------------------------------------------------------------------------------- */

static struct vls_status find_root(struct vls_store *store, const char *log, uint64_t size,
                                   bool *out_is_there, struct vls_digest *out_root,
                                   struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    bool has_row;
    VLS_TRY(vls_query_open(store, VLS_SQL_CHECKPOINT_ROOT, &q, why));
    vls_query_text(&q, log);
    vls_query_number(&q, size);
    VLS_TRY(vls_query_next(&q, &has_row, why));
    if (has_row && !vls_ok(vls_digest_from(vls_query_get_blob(&q, 0), out_root)))
        return vls_fail(VLS_STORE_DAMAGED, why, "the checkpoint of %s at %" PRIu64 " has no root",
                        log, size);
    *out_is_there = has_row;
    return VLS_DONE;
}

struct vls_status vls_checkpoint_need(struct vls_store *store, const char *log, uint64_t size,
                                      struct vls_why *why)
{
    struct vls_digest root;
    bool is_there;
    VLS_TRY(find_root(store, log, size, &is_there, &root, why));
    if (!is_there)
        return vls_fail(VLS_STORE_MISSING, why, "no checkpoint of log %s at %" PRIu64, log, size);
    return VLS_DONE;
}

struct vls_status vls_store_checkpoint_put(struct vls_store *store, const char *log, uint64_t size,
                                           const struct vls_digest *root, const char *note,
                                           struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    struct vls_digest there;
    bool is_there;
    VLS_TRY(find_root(store, log, size, &is_there, &there, why));
    if (is_there && vls_digest_is_equal(&there, root))
        return VLS_DONE;
    if (is_there)
        return vls_fail(VLS_LEDGER_FORK, why,
                        "log %s: another root for size %" PRIu64 " than the one kept", log, size);
    VLS_TRY(make_log(store, log, why));
    VLS_TRY(vls_query_open(store, VLS_SQL_CHECKPOINT_ADD, &q, why));
    vls_query_text(&q, log);
    vls_query_number(&q, size);
    vls_query_blob(&q, vls_digest_slice(root));
    vls_query_text(&q, note);
    return vls_query_run(&q, why);
}

static struct vls_status add_cosignatures(struct vls_store *store, const char *log, uint64_t size,
                                          struct vls_buf *out, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_COSIGNATURES, &q, why));
    vls_query_text(&q, log);
    vls_query_number(&q, size);
    for (;;) {
        bool has_row;
        VLS_TRY(vls_query_next(&q, &has_row, why));
        if (!has_row)
            return VLS_DONE;
        VLS_TRY(vls_buf_add_text(out, vls_query_get_text(&q, 0)));
        VLS_TRY(vls_buf_add_text(out, "\n"));
    }
}

static struct vls_status read_checkpoint(struct vls_store *store, const char *log, uint64_t size,
                                         uint64_t *out_size, struct vls_digest *out_root,
                                         struct vls_buf *out_note, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    bool has_row;
    VLS_TRY(vls_query_open(store, size == 0 ? VLS_SQL_CHECKPOINT_LATEST : VLS_SQL_CHECKPOINT_FIRST,
                           &q, why));
    vls_query_text(&q, log);
    vls_query_number(&q, size);
    VLS_TRY(vls_query_next(&q, &has_row, why));
    if (!has_row)
        return vls_fail(VLS_STORE_MISSING, why, "no checkpoint of log %s from %" PRIu64 " on", log,
                        size);
    if (!vls_ok(vls_digest_from(vls_query_get_blob(&q, 1), out_root)))
        return vls_fail(VLS_STORE_DAMAGED, why, "a checkpoint of %s has no root", log);
    *out_size = vls_query_get_number(&q, 0);
    return vls_buf_add_text(out_note, vls_query_get_text(&q, 2));
}

struct vls_status vls_store_checkpoint(struct vls_store *store, const char *log, uint64_t size,
                                       uint64_t *out_size, struct vls_digest *out_root,
                                       struct vls_buf *out_note, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf note;
    struct vls_digest root;
    uint64_t found = 0;
    vls_buf_init(&note, out_note->max);
    struct vls_status s = read_checkpoint(store, log, size, &found, &root, &note, why);
    if (vls_ok(s))
        s = add_cosignatures(store, log, found, &note, why);
    if (vls_ok(s))
        s = vls_buf_add_slice(out_note, vls_buf_slice(&note));
    if (s.code == VLS_INPUT_LIMIT)
        return vls_fail(s.code, why, "the note of log %s is above %zu bytes", log, out_note->max);
    VLS_TRY(s);
    *out_size = found;
    *out_root = root;
    return VLS_DONE;
}

#define KEY_ID_TEXT 5u /* characters of base64: 30 of the 32 bits of a key's id */

/* "DASH NAME BASE64": the name, and how the base64 begins, say by which key the line is. */
static struct vls_slice cosigner_of(const char *line)
{
    size_t dash = strcspn(line, " ");
    size_t name = line[dash] != '\0' ? strcspn(line + dash + 1, " ") + 1 : 0;
    return VLS_SLICE(line, dash + name + strnlen(line + dash + name, 1 + KEY_ID_TEXT));
}

/* Each cosignature of a state is new, for it holds its time. The first by a key says all there is
 * to say, and a partner that asks for one again and again cannot make the note grow. */
static struct vls_status has_cosigned(struct vls_store *store, const char *log, uint64_t size,
                                      const char *line, bool *out, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_COSIGNATURES, &q, why));
    vls_query_text(&q, log);
    vls_query_number(&q, size);
    for (;;) {
        bool has_row;
        VLS_TRY(vls_query_next(&q, &has_row, why));
        *out = has_row &&
               vls_slice_is_equal(cosigner_of(vls_query_get_text(&q, 0)), cosigner_of(line));
        if (!has_row || *out)
            return VLS_DONE;
    }
}

struct vls_status vls_store_cosignature_put(struct vls_store *store, const char *log, uint64_t size,
                                            const char *line, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    char kept[VLS_MAX_NOTE];
    bool is_there;
    size_t len = strcspn(line, "\n");
    if (len >= sizeof kept || (line[len] != '\0' && line[len + 1] != '\0'))
        return vls_fail(VLS_INPUT_MALFORMED, why, "a cosignature of log %s is not one line", log);
    vls_text_copy(kept, len + 1, line);
    VLS_TRY(vls_checkpoint_need(store, log, size, why));
    VLS_TRY(has_cosigned(store, log, size, kept, &is_there, why));
    if (is_there)
        return VLS_DONE;
    VLS_TRY(vls_query_open(store, VLS_SQL_COSIGNATURE_ADD, &q, why));
    vls_query_text(&q, log);
    vls_query_number(&q, size);
    vls_query_text(&q, kept);
    return vls_query_run(&q, why);
}

struct vls_status vls_store_cosigned_size(struct vls_store *store, const char *log,
                                          const char *cosigner, uint64_t *out_size,
                                          struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_DEFER(vls_buf_fini) struct vls_buf start;
    bool has_row;
    vls_buf_init(&start, VLS_MAX_NOTE);
    VLS_TRY(vls_buf_add_format(&start, "\xe2\x80\x94 %s ", cosigner));
    VLS_TRY(vls_query_open(store, VLS_SQL_COSIGNED_SIZE, &q, why));
    vls_query_text(&q, log);
    vls_query_text(&q, vls_buf_text(&start));
    VLS_TRY(vls_query_next(&q, &has_row, why));
    *out_size = has_row ? vls_query_get_number(&q, 0) : 0;
    return VLS_DONE;
}
