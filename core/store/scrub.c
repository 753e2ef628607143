/*
 * store/scrub - the bytes of what was erased are overwritten where they lay.
 *
 * In the database SQLite does it itself (secure_delete, set in open.c): cells and pages that become
 * free are zeros. Left are the earlier pages in the write-ahead log and the contents that are
 * files. What a file system keeps besides (snapshots, copy-on-write, journalled data) and what a
 * flash disk keeps of replaced blocks is beyond a program: docs/decisions has it.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "store/store_internal.h"

#define PIECE 65536

static const uint8_t ZEROS[PIECE];

/* -- contents ---------------------------------------------------------------------------------- */

static struct vls_status overwrite(int fd, uint64_t bytes, const char *path, struct vls_why *why)
{
    for (uint64_t left = bytes; left != 0;) {
        size_t piece = left < PIECE ? (size_t)left : PIECE;
        VLS_TRY(vls_fd_write(fd, VLS_SLICE(ZEROS, piece), why));
        left -= piece;
    }
    return fsync(fd) == 0 ? VLS_DONE
                          : vls_fail_errno(VLS_SYSTEM_IO, why, errno, "sync content/%s", path);
}

struct vls_status vls_content_destroy(struct vls_store *store, const struct vls_digest *digest,
                                      struct vls_why *why)
{
    char path[VLS_CONTENT_PATH];
    uint64_t bytes;
    vls_content_path(digest, path);
    VLS_DEFER(vls_fd_close)
    int fd = openat(store->content_fd, path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? VLS_DONE
                               : vls_fail_errno(VLS_SYSTEM_IO, why, errno, "content/%s", path);
    VLS_TRY(vls_fd_size(fd, &bytes, why));
    VLS_TRY(overwrite(fd, bytes, path, why));
    vls_store_pass(store, VLS_POINT_OVERWRITTEN);
    if (unlinkat(store->content_fd, path, 0) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "remove content/%s", path);
    store->content_bytes -= bytes < store->content_bytes ? bytes : store->content_bytes;
    vls_content_touch_shard(store, digest);
    return vls_content_sync(store, why);
}

/* -- the write-ahead log ----------------------------------------------------------------------- */

static struct vls_status checkpoint(struct vls_store *store, int how, struct vls_why *why)
{
    int result = sqlite3_wal_checkpoint_v2(store->db, NULL, how, NULL, NULL);
    return result == SQLITE_OK
               ? VLS_DONE
               : vls_sqlite_fail(store->db, result, why, "take in the write-ahead log");
}

static struct vls_status zero(sqlite3 *db, sqlite3_file *file, sqlite3_int64 from, sqlite3_int64 to,
                              struct vls_why *why)
{
    int result = SQLITE_OK;
    for (sqlite3_int64 at = from; result == SQLITE_OK && at < to; at += PIECE)
        result = file->pMethods->xWrite(file, ZEROS, to - at < PIECE ? (int)(to - at) : PIECE, at);
    if (result == SQLITE_OK)
        result = file->pMethods->xSync(file, SQLITE_SYNC_FULL);
    return result == SQLITE_OK ? VLS_DONE
                               : vls_sqlite_fail(db, result, why, "empty the write-ahead log");
}

/* The header first, and on disk: without it a log is empty. A log whose header is whole and whose
 * end is not would be taken for a shorter one after a crash, and bring old pages back. */
#define WAL_HEADER 32

struct vls_status vls_store_scrub(struct vls_store *store, struct vls_why *why)
{
    sqlite3_file *wal = NULL;
    sqlite3_int64 bytes = 0;
    VLS_TRY(checkpoint(store, SQLITE_CHECKPOINT_RESTART, why));
    int result = sqlite3_file_control(store->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal);
    if (result == SQLITE_OK && wal != NULL && wal->pMethods != NULL)
        result = wal->pMethods->xFileSize(wal, &bytes);
    if (result != SQLITE_OK)
        return vls_sqlite_fail(store->db, result, why, "look at the write-ahead log");
    if (bytes > WAL_HEADER) {
        VLS_TRY(zero(store->db, wal, 0, WAL_HEADER, why));
        VLS_TRY(zero(store->db, wal, WAL_HEADER, bytes, why));
    }
    VLS_TRY(checkpoint(store, SQLITE_CHECKPOINT_TRUNCATE, why));
    vls_store_pass(store, VLS_POINT_FORGOTTEN);
    return VLS_DONE;
}
