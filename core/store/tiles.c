#include "store/tiles.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "ledger/note.h"
#include "ledger/tile_path.h"
#include "store/store_internal.h"

/* Of a file of a log, below DIR/logs. */
#define FILE_PATH (VLS_MAX_ORIGIN + VLS_TILE_PATH)

/* "un/valise/iom/sent/tile/0/x001/234" */
static struct vls_status file_path(const char *log, unsigned level, uint64_t index,
                                   char out[FILE_PATH], struct vls_why *why)
{
    char tile[VLS_TILE_PATH];
    vls_tile_path(level, index, VLS_TILE_WIDTH, tile);
    int n = snprintf(out, FILE_PATH, "%s/%s", log, tile);
    return n > 0 && (size_t)n < FILE_PATH
               ? VLS_DONE
               : vls_fail(VLS_INPUT_LIMIT, why, "the name of log %.60s is too long", log);
}

/* -- reading ----------------------------------------------------------------------------------- */

struct vls_status vls_tile_file_read(const struct vls_store *store, const char *log, unsigned level,
                                     uint64_t index, uint8_t *out, bool *out_is_there,
                                     struct vls_why *why)
{
    char path[FILE_PATH];
    struct vls_why detail = {""};
    uint64_t bytes = 0;
    VLS_TRY(file_path(log, level, index, path, why));
    VLS_DEFER(vls_fd_close)
    int fd = openat(store->logs_fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    *out_is_there = fd >= 0;
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return VLS_DONE;
    if (fd < 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "logs/%s", path);
    struct vls_status s = vls_fd_size(fd, &bytes, &detail);
    if (!vls_ok(s) || bytes != VLS_TILE_BYTES)
        return vls_fail(VLS_STORE_DAMAGED, why,
                        "logs/%s has %" PRIu64 " bytes, and a tile has %u; restore a copy of it",
                        path, bytes, VLS_TILE_BYTES);
    return vls_fd_read_at(fd, out, VLS_TILE_BYTES, 0, why);
}

/* -- writing ----------------------------------------------------------------------------------- */

static struct vls_status sync_folder(const struct vls_store *store, const char *path,
                                     struct vls_why *why)
{
    VLS_DEFER(vls_fd_close)
    int fd = openat(store->logs_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "sync directory logs/%s", path);
    return VLS_DONE;
}

/* The folders of a path, each on disk in its parent. */
static struct vls_status make_folders(const struct vls_store *store, const char *path,
                                      struct vls_why *why)
{
    char folder[FILE_PATH], parent[FILE_PATH] = ".";
    for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        vls_text_copy(folder, (size_t)(slash - path) + 1, path);
        if (mkdirat(store->logs_fd, folder, 0700) == 0)
            VLS_TRY(sync_folder(store, parent, why));
        else if (errno != EEXIST)
            return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "make directory logs/%s", folder);
        vls_text_copy(parent, sizeof parent, folder);
    }
    return VLS_DONE;
}

static struct vls_status write_temporary(const struct vls_store *store, const char *path,
                                         struct vls_slice hashes, struct vls_why *why)
{
    VLS_DEFER(vls_fd_close)
    int fd =
        openat(store->logs_fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "make logs/%s", path);
    VLS_TRY(vls_fd_write(fd, hashes, why));
    if (fsync(fd) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "sync logs/%s", path);
    return VLS_DONE;
}

static struct vls_status name_tile(const struct vls_store *store, const char *temporary,
                                   const char *path, struct vls_why *why)
{
    vls_store_pass(store, VLS_POINT_TILE_WRITTEN);
    if (renameat(store->logs_fd, temporary, store->logs_fd, path) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "name logs/%s", path);
    vls_store_pass(store, VLS_POINT_TILE_NAMED);
    return VLS_DONE;
}

/* The folder of the last tile, once for all of its tiles that were named one after the other. */
struct naming {
    char folder[FILE_PATH]; /* "": none yet */
};

static struct vls_status enter_folder(const struct vls_store *store, struct naming *naming,
                                      const char *folder, struct vls_why *why)
{
    if (naming->folder[0] != '\0' && !vls_text_is_equal(naming->folder, folder))
        VLS_TRY(sync_folder(store, naming->folder, why));
    vls_text_copy(naming->folder, sizeof naming->folder, folder);
    return VLS_DONE;
}

/* Once written, a tile is never written again: another one under its name is damage. */
static struct vls_status put_tile(const struct vls_store *store, const char *log, unsigned level,
                                  uint64_t index, struct vls_slice hashes, struct vls_why *why)
{
    char path[FILE_PATH], temporary[FILE_PATH + 8];
    uint8_t there[VLS_TILE_BYTES];
    bool is_there;
    VLS_TRY(vls_tile_file_read(store, log, level, index, there, &is_there, why));
    VLS_TRY(file_path(log, level, index, path, why));
    if (is_there)
        return vls_slice_is_equal(VLS_SLICE(there, sizeof there), hashes)
                   ? VLS_DONE
                   : vls_fail(VLS_STORE_DAMAGED, why,
                              "logs/%s holds other hashes than the database; restore a copy", path);
    snprintf(temporary, sizeof temporary, "%s.new", path);
    struct vls_status s = write_temporary(store, temporary, hashes, NULL);
    if (!vls_ok(s)) { /* the first tile of its folder */
        VLS_TRY(make_folders(store, path, why));
        VLS_TRY(write_temporary(store, temporary, hashes, why));
    }
    return name_tile(store, temporary, path, why);
}

static struct vls_status settle_one(struct vls_store *store, struct vls_query *q,
                                    struct naming *naming, struct vls_why *why)
{
    char log[VLS_MAX_ORIGIN], path[FILE_PATH];
    const unsigned level = (unsigned)vls_query_get_number(q, 2);
    const uint64_t index = vls_query_get_number(q, 3);
    uint8_t hashes[VLS_TILE_BYTES];
    struct vls_slice bytes = vls_query_get_blob(q, 4);
    if (bytes.len != sizeof hashes)
        return vls_fail(VLS_STORE_DAMAGED, why, "a full tile has %zu bytes", bytes.len);
    vls_text_copy(log, sizeof log, vls_query_get_text(q, 1));
    vls_copy(hashes, bytes.at, sizeof hashes);
    VLS_TRY(put_tile(store, log, level, index, VLS_SLICE(hashes, sizeof hashes), why));
    VLS_TRY(file_path(log, level, index, path, why));
    *strrchr(path, '/') = '\0'; /* there is one: file_path() */
    return enter_folder(store, naming, path, why);
}

/* What is on disk with its name may go from the database; not before. */
static struct vls_status settle_all(struct vls_store *store, struct vls_query *q,
                                    struct vls_why *why)
{
    struct naming naming = {""};
    size_t count = 0;
    for (;; count++) {
        bool has_row;
        VLS_TRY(vls_query_next(q, &has_row, why));
        if (!has_row)
            break;
        VLS_TRY(settle_one(store, q, &naming, why));
        store->settled[count] = vls_query_get_number(q, 0);
    }
    if (naming.folder[0] != '\0')
        VLS_TRY(sync_folder(store, naming.folder, why));
    store->settled_count = count;
    return VLS_DONE;
}

struct vls_status vls_store_tiles_settle(struct vls_store *store, unsigned most, bool *out_is_done,
                                         struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    if (most > VLS_STORE_SETTLED)
        most = VLS_STORE_SETTLED;
    *out_is_done = !store->has_full_tiles;
    /* those of the last time are in the database until the next commit */
    if (!store->has_full_tiles || store->is_open_transaction || store->settled_count != 0)
        return VLS_DONE;
    VLS_TRY(vls_query_open(store, VLS_SQL_TILES_FULL, &q, why));
    vls_query_number(&q, most);
    VLS_TRY(settle_all(store, &q, why));
    store->has_full_tiles = store->settled_count == most;
    *out_is_done = !store->has_full_tiles;
    return VLS_DONE;
}

struct vls_status vls_tiles_drop_settled(struct vls_store *store, struct vls_why *why)
{
    for (size_t i = 0; i < store->settled_count; i++) {
        VLS_DEFER(vls_query_close) struct vls_query q = {0};
        VLS_TRY(vls_query_open(store, VLS_SQL_TILE_DROP, &q, why));
        vls_query_number(&q, store->settled[i]);
        VLS_TRY(vls_query_run(&q, why));
    }
    return VLS_DONE;
}
