#include "store/content.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "store/store_internal.h"

/*
 * A content has no name until it is whole and on disk; then linkat() gives it one. The name itself
 * is on disk when the folder was synced: once for the whole batch, before SQLite commits the rows
 * that speak of it. So at no moment does a row that is on disk name a file that is not.
 */

void vls_content_path(const struct vls_digest *digest, char out[VLS_CONTENT_PATH])
{
    vls_hex(VLS_SLICE(digest->bytes, 1), out);
    out[2] = '/';
    vls_hex(vls_digest_slice(digest), out + 3);
}

struct vls_status vls_store_room(const struct vls_store *store, uint64_t bytes, struct vls_why *why)
{
    uint64_t used = store->database_bytes + store->content_bytes + store->reserved_bytes;
    if (store->max_bytes == 0 || (used <= store->max_bytes && bytes <= store->max_bytes - used))
        return VLS_DONE;
    return vls_fail(VLS_STORE_FULL, why,
                    "%" PRIu64 " bytes more do not fit: %" PRIu64 " of %" PRIu64 " are taken",
                    bytes, used, store->max_bytes);
}

struct vls_status vls_content_size(const struct vls_store *store, const struct vls_digest *digest,
                                   uint64_t *out_bytes, struct vls_why *why)
{
    char path[VLS_CONTENT_PATH];
    struct stat st;
    vls_content_path(digest, path);
    if (fstatat(store->content_fd, path, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT
                   ? vls_fail(VLS_STORE_MISSING, why, "the content %s was not kept", path)
                   : vls_fail_errno(VLS_SYSTEM_IO, why, errno, "content/%s", path);
    if (!S_ISREG(st.st_mode))
        return vls_fail(VLS_STORE_DAMAGED, why, "content/%s is not a file", path);
    *out_bytes = (uint64_t)st.st_size;
    return VLS_DONE;
}

/* -- files without a name ---------------------------------------------------------------------- */

struct vls_status vls_content_new(struct vls_store *store, int *out_fd, struct vls_why *why)
{
    int fd = openat(store->content_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "a new file in the content directory");
    *out_fd = fd;
    return VLS_DONE;
}

struct vls_status vls_content_plain(struct vls_store *store, int *out_fd, struct vls_why *why)
{
    /* O_EXCL: nobody who is handed the descriptor can give it a name. */
    int fd = openat(store->content_fd, ".", O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "a new file for opened content");
    *out_fd = fd;
    return VLS_DONE;
}

struct vls_status vls_content_freeze(struct vls_store *store, int *fd, struct vls_why *why)
{
    char number[16];
    if (fcntl(*fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
        return VLS_DONE;
    /* EINVAL says a file that is not in memory, EPERM one of a tmpfs, which is born unsealable */
    if (errno != EINVAL && errno != EPERM)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "seal opened content");
    snprintf(number, sizeof number, "%d", *fd);
    int reader = store->links_fd >= 0 ? openat(store->links_fd, number, O_RDONLY | O_CLOEXEC) : -1;
    if (reader < 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "open opened content for reading");
    vls_fd_close(fd);
    *fd = reader;
    return VLS_DONE;
}

/* -- naming ------------------------------------------------------------------------------------ */

struct vls_status vls_content_make_shard(struct vls_store *store, const struct vls_digest *digest,
                                         struct vls_why *why)
{
    char shard[3];
    vls_hex(VLS_SLICE(digest->bytes, 1), shard);
    if (mkdirat(store->content_fd, shard, 0700) == 0)
        store->is_content_dirty = true;
    else if (errno != EEXIST)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "make directory content/%s", shard);
    return VLS_DONE;
}

void vls_content_touch_shard(struct vls_store *store, const struct vls_digest *digest)
{
    store->is_shard_dirty[digest->bytes[0]] = true;
    store->has_dirty_shard = true;
}

/* Linux from 6.10 on lets whoever opened a file name it by AT_EMPTY_PATH; before, that takes a
 * privilege, and the way leads through /proc/self/fd, which was opened before the sandbox closed.
 */
static int link_content(const struct vls_store *store, int fd, const char *path)
{
    char number[16];
    if (linkat(fd, "", store->content_fd, path, AT_EMPTY_PATH) == 0)
        return 0;
    if ((errno != ENOENT && errno != EPERM) || store->links_fd < 0)
        return -1;
    snprintf(number, sizeof number, "%d", fd);
    return linkat(store->links_fd, number, store->content_fd, path, AT_SYMLINK_FOLLOW);
}

static struct vls_status remember_fresh(struct vls_store *store, const struct vls_digest *digest,
                                        struct vls_why *why)
{
    if (store->fresh_count == store->fresh_room) {
        size_t room = store->fresh_room != 0 ? 2 * store->fresh_room : VLS_BATCH_MESSAGES;
        struct vls_digest *grown = vls_mem_resize(store->fresh, room * sizeof *grown);
        if (grown == NULL)
            return vls_fail(VLS_SYSTEM_MEMORY, why, "keep a content");
        store->fresh = grown;
        store->fresh_room = room;
    }
    store->fresh[store->fresh_count++] = *digest;
    return VLS_DONE;
}

static struct vls_status same_again(struct vls_store *store, const struct vls_digest *digest,
                                    uint64_t bytes, struct vls_why *why)
{
    uint64_t there;
    VLS_TRY(vls_content_size(store, digest, &there, why));
    if (there != bytes)
        return vls_fail(VLS_STORE_CONFLICT, why,
                        "a content with this digest is there with %" PRIu64 " bytes, not %" PRIu64,
                        there, bytes);
    return VLS_DONE;
}

struct vls_status vls_content_keep(struct vls_store *store, int fd, const struct vls_digest *digest,
                                   struct vls_why *why)
{
    char path[VLS_CONTENT_PATH];
    uint64_t bytes;
    vls_content_path(digest, path);
    VLS_TRY(vls_fd_size(fd, &bytes, why));
    VLS_TRY(vls_store_room(store, bytes, why));
    VLS_TRY(vls_content_make_shard(store, digest, why));
    if (fsync(fd) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "sync a content");
    vls_store_pass(store, VLS_POINT_CONTENT_SYNCED);
    if (store->is_open_transaction)
        VLS_TRY(remember_fresh(store, digest, why));
    if (link_content(store, fd, path) != 0) {
        int reason = errno;
        if (store->is_open_transaction)
            store->fresh_count--;
        return reason == EEXIST
                   ? same_again(store, digest, bytes, why)
                   : vls_fail_errno(VLS_SYSTEM_IO, why, reason, "name content/%s", path);
    }
    vls_store_pass(store, VLS_POINT_CONTENT_LINKED);
    vls_content_touch_shard(store, digest);
    store->content_bytes += bytes;
    return VLS_DONE;
}

struct vls_status vls_content_open(struct vls_store *store, const struct vls_digest *digest,
                                   int *out_fd, uint64_t *out_bytes, struct vls_why *why)
{
    char path[VLS_CONTENT_PATH];
    uint64_t bytes;
    vls_content_path(digest, path);
    VLS_DEFER(vls_fd_close)
    int fd = openat(store->content_fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && errno == ENOENT)
        return vls_fail(VLS_STORE_MISSING, why, "the content %s is not here", path);
    if (fd < 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "content/%s", path);
    VLS_TRY(vls_fd_size(fd, &bytes, why));
    *out_bytes = bytes;
    *out_fd = vls_fd_move(&fd);
    return VLS_DONE;
}

/* -- commit and rollback ----------------------------------------------------------------------- */

static struct vls_status sync_shard(const struct vls_store *store, uint8_t number,
                                    struct vls_why *why)
{
    char shard[3];
    vls_hex(VLS_SLICE(&number, 1), shard);
    VLS_DEFER(vls_fd_close)
    int fd = openat(store->content_fd, shard, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "sync directory content/%s", shard);
    return VLS_DONE;
}

struct vls_status vls_content_sync(struct vls_store *store, struct vls_why *why)
{
    if (store->is_content_dirty && fsync(store->content_fd) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "sync directory content");
    store->is_content_dirty = false;
    if (!store->has_dirty_shard)
        return VLS_DONE;
    for (unsigned i = 0; i < VLS_STORE_SHARDS; i++) {
        if (!store->is_shard_dirty[i])
            continue;
        VLS_TRY(sync_shard(store, (uint8_t)i, why));
        store->is_shard_dirty[i] = false;
    }
    store->has_dirty_shard = false;
    return VLS_DONE;
}

struct vls_status vls_content_is_named(struct vls_store *store, const struct vls_digest *digest,
                                       bool *out, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_CONTENT_NAMED, &q, why));
    vls_query_blob(&q, vls_digest_slice(digest));
    return vls_query_next(&q, out, why);
}

/* What cannot be looked up or removed now stays, and goes when the store is opened the next time.
 */
void vls_content_discard(struct vls_store *store, size_t from)
{
    for (size_t i = from; i < store->fresh_count; i++) {
        const struct vls_digest *digest = &store->fresh[i];
        char path[VLS_CONTENT_PATH];
        uint64_t bytes;
        bool is_named;
        vls_content_path(digest, path);
        if (!vls_ok(vls_content_is_named(store, digest, &is_named, NULL)) || is_named ||
            !vls_ok(vls_content_size(store, digest, &bytes, NULL)))
            continue;
        if (unlinkat(store->content_fd, path, 0) == 0)
            store->content_bytes -= bytes;
    }
    store->fresh_count = from < store->fresh_count ? from : store->fresh_count;
}
