#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "workload.h"

/* What the parent finds behind a crash. Every function says on standard error what is wrong. */

#define EXPECT(condition, ...)                                                                     \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "check: " __VA_ARGS__);                                                \
            fprintf(stderr, " (%s)\n", #condition);                                                \
            return false;                                                                          \
        }                                                                                          \
    } while (0)

static bool check_file(struct vls_store *store, const struct vls_message *m,
                       const uint8_t *expected)
{
    static uint8_t found[WORKLOAD_CONTENT];
    VLS_DEFER(vls_fd_close) int fd = -1;
    struct vls_why why = {""};
    uint64_t bytes;
    EXPECT(vls_ok(vls_content_open(store, &m->content_digest, &fd, &bytes, &why)), "%s", why.text);
    EXPECT(bytes == WORKLOAD_CONTENT, "a content of %llu bytes", (unsigned long long)bytes);
    EXPECT(vls_ok(vls_fd_read_at(fd, found, bytes, 0, &why)), "%s", why.text);
    EXPECT(memcmp(found, expected, bytes) == 0, "a content has other bytes");
    return true;
}

static struct vls_status count_step(void *ctx, uint64_t at_ms, const char *from, const char *to,
                                    const char *cause, const char *actor, struct vls_why *why)
{
    (void)at_ms;
    (void)from;
    (void)to;
    (void)cause;
    (void)actor;
    (void)why;
    ++*(unsigned *)ctx;
    return VLS_DONE;
}

static bool check_message(struct vls_store *store, uint32_t number, bool is_last_batch)
{
    static uint8_t expected[WORKLOAD_CONTENT];
    struct vls_why why = {""};
    struct vls_id id = workload_id(number), by_document;
    VLS_DEFER(vls_message_free) struct vls_message *m = NULL;
    unsigned steps = 0;
    workload_content(number, expected);
    uint64_t bytes = workload_content_bytes(number);
    struct vls_digest digest = vls_digest_of_slice(VLS_SLICE(expected, bytes));
    EXPECT(vls_ok(vls_store_get(store, &id, &m, &why)), "message %u: %s", number, why.text);
    EXPECT(m->state == (is_last_batch ? VLS_STATE_REFERRED : VLS_STATE_RELEASED),
           "message %u is %s", number, vls_state_name(m->state));
    EXPECT(m->log_index == number && m->content_bytes == bytes, "message %u has other numbers",
           number);
    EXPECT(vls_digest_is_equal(&m->content_digest, &digest), "message %u: digest", number);
    EXPECT(vls_slice_is_equal(m->manifest, vls_slice_text("manifest")) &&
               vls_slice_is_equal(m->decision, vls_slice_text("decision")),
           "message %u lacks a part", number);
    EXPECT(vls_ok(vls_store_by_document(store, "iom", &digest, &by_document, &why)) &&
               vls_id_is_equal(&id, &by_document),
           "message %u is not found by its document", number);
    EXPECT(vls_ok(vls_store_trace(store, &id, count_step, &steps, &why)) &&
               steps == (is_last_batch ? 1u : 2u),
           "message %u has %u steps", number, steps);
    if (workload_content_of(number) == CONTENT_INLINE) {
        EXPECT(vls_slice_is_equal(m->content, VLS_SLICE(expected, bytes)), "message %u: content",
               number);
        return true;
    }
    return check_file(store, m, expected);
}

static bool check_log(struct vls_store *store, uint64_t size)
{
    struct vls_why why = {""};
    uint64_t found;
    EXPECT(vls_ok(vls_store_log_size(store, WORKLOAD_LOG, &found, &why)) && found == size,
           "the log's size");
    for (uint64_t index = 0; index < size; index++) {
        static uint8_t tile[256 * VLS_DIGEST_BYTES];
        uint8_t leaf[VLS_DIGEST_BYTES];
        unsigned width = size - index / 256 * 256 < 256 ? (unsigned)(size % 256) : 256;
        if (index % 256 == 0)
            EXPECT(
                vls_ok(vls_store_tile_read(store, WORKLOAD_LOG, 0, index / 256, width, tile, &why)),
                "%s", why.text);
        workload_leaf(index, leaf);
        EXPECT(memcmp(tile + index % 256 * VLS_DIGEST_BYTES, leaf, sizeof leaf) == 0, "leaf %llu",
               (unsigned long long)index);
    }
    return true;
}

static bool check_checkpoint(struct vls_store *store, uint64_t size)
{
    struct vls_why why = {""};
    VLS_DEFER(vls_buf_fini) struct vls_buf note;
    struct vls_digest root, expected;
    uint64_t found = 0;
    vls_buf_init(&note, VLS_MAX_NOTE);
    struct vls_status s = vls_store_checkpoint(store, WORKLOAD_LOG, 0, &found, &root, &note, &why);
    if (size == 0) {
        EXPECT(s.code == VLS_STORE_MISSING, "a checkpoint of nothing");
        return true;
    }
    workload_leaf(size, expected.bytes);
    EXPECT(vls_ok(s) && found == size, "the latest checkpoint");
    EXPECT(vls_digest_is_equal(&root, &expected), "the checkpoint's root");
    return true;
}

static struct vls_status read_cursor(void *ctx, const char *key, struct vls_slice value,
                                     struct vls_why *why)
{
    struct vls_reader r = vls_reader_of(value);
    (void)key;
    (void)why;
    *(uint32_t *)ctx = vls_reader_u32(&r) + 1;
    return VLS_DONE;
}

static struct vls_status add_count(void *ctx, enum vls_direction direction, enum vls_state state,
                                   const char *party, uint64_t count, struct vls_why *why)
{
    (void)direction;
    (void)state;
    (void)party;
    (void)why;
    *(uint64_t *)ctx += count;
    return VLS_DONE;
}

static unsigned files_below(const char *path)
{
    unsigned count = 0;
    DIR *directory = opendir(path);
    for (const struct dirent *e; directory != NULL && (e = readdir(directory)) != NULL;) {
        char below[512];
        if (e->d_name[0] == '.')
            continue;
        snprintf(below, sizeof below, "%s/%s", path, e->d_name);
        count += e->d_type == DT_DIR ? files_below(below) : 1;
    }
    if (directory != NULL)
        closedir(directory);
    return count;
}

/* Each batch has three contents that are files; no other file may be there. */
static bool check_files(const char *dir, uint32_t batches)
{
    char path[256];
    snprintf(path, sizeof path, "%s/content", dir);
    unsigned found = files_below(path);
    EXPECT(found == 3 * batches, "%u files for %u batches", found, batches);
    return true;
}

static bool check_store(struct vls_store *store, uint32_t acknowledged, uint32_t *out_batches)
{
    struct vls_why why = {""};
    uint32_t batches = 0;
    uint64_t messages = 0;
    int64_t broken_references = 1;
    EXPECT(vls_ok(vls_store_state_each(store, "folder", read_cursor, &batches, &why)), "%s",
           why.text);
    EXPECT(batches >= acknowledged, "%u batches of %u acknowledged ones", batches, acknowledged);
    EXPECT(batches <= acknowledged + 1, "%u batches, and only %u were acknowledged", batches,
           acknowledged);
    EXPECT(vls_ok(vls_store_counts(store, add_count, &messages, &why)), "%s", why.text);
    EXPECT(messages == (uint64_t)batches * WORKLOAD_BATCH, "%llu messages",
           (unsigned long long)messages);
    for (uint32_t i = 0; i < batches * WORKLOAD_BATCH; i++)
        if (!check_message(store, i, i / WORKLOAD_BATCH + 1 == batches))
            return false;
    EXPECT(vls_ok(vls_sqlite_number(store->db, "SELECT count(*) FROM pragma_foreign_key_check",
                                    &broken_references, &why)) &&
               broken_references == 0,
           "references");
    *out_batches = batches;
    return check_log(store, messages) && check_checkpoint(store, messages);
}

bool workload_check(const char *dir, uint32_t acknowledged, uint32_t *out_batches)
{
    struct vls_store_options options = {.dir = dir};
    struct vls_store *store = NULL;
    struct vls_why why = {""};
    EXPECT(vls_ok(vls_store_open(&options, &store, &why)), "open: %s", why.text);
    bool is_good = check_store(store, acknowledged, out_batches) && check_files(dir, *out_batches);
    vls_store_free(&store);
    return is_good;
}
