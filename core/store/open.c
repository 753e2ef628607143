#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "store/retention.h"
#include "store/store_internal.h"

/* -- directories ------------------------------------------------------------------------------- */

static struct vls_status open_directory(const char *dir, const char *name, int *out_fd,
                                        struct vls_why *why)
{
    char path[VLS_MAX_PATH];
    if (!vls_ok(vls_path_join(dir, name, path, sizeof path)))
        return vls_fail(VLS_INPUT_LIMIT, why, "the path of the store is too long");
    VLS_TRY(vls_dir_make(path, 0700, why));
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%s", path);
    *out_fd = fd;
    return VLS_DONE;
}

static struct vls_status open_directories(struct vls_store *store, const char *dir,
                                          struct vls_why *why)
{
    VLS_TRY(open_directory(dir, "content", &store->content_fd, why));
    VLS_TRY(open_directory(dir, "incoming", &store->incoming_fd, why));
    VLS_TRY(open_directory(dir, "logs", &store->logs_fd, why));
    store->links_fd = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
    char inside[VLS_MAX_PATH];
    if (!vls_ok(vls_path_join(dir, "content", inside, sizeof inside)))
        return vls_fail(VLS_INPUT_LIMIT, why, "the path of the store is too long");
    VLS_TRY(vls_file_sync_parent(inside, why)); /* the names in dir */
    return vls_file_sync_parent(dir, why);
}

/* -- the database ------------------------------------------------------------------------------ */

/* SQLite would make the file for all to read, as far as the umask lets it. */
static struct vls_status make_private(const char *path, struct vls_why *why)
{
    VLS_DEFER(vls_fd_close) int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return fd >= 0 || errno == EEXIST ? VLS_DONE
                                      : vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%s", path);
}

static struct vls_status open_database(struct vls_store *store, const char *dir,
                                       struct vls_why *why)
{
    char path[VLS_MAX_PATH];
    if (!vls_ok(vls_path_join(dir, "valise.db", path, sizeof path)))
        return vls_fail(VLS_INPUT_LIMIT, why, "the path of the store is too long");
    VLS_TRY(make_private(path, why));
    int result =
        sqlite3_open_v2(path, &store->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    return result == SQLITE_OK ? VLS_DONE : vls_sqlite_fail(store->db, result, why, path);
}

/** A switch of sqlite3_db_config(); none of ours can fail on an open connection. */
static void config(sqlite3 *db, int what, int on)
{
    sqlite3_db_config(db, what, on, NULL);
}

/* Until the file is known to be ours and whole, nothing may write to it: no checkpoint at the end
 * either. */
static struct vls_status look(sqlite3 *db, struct vls_why *why)
{
    config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1);
    config(db, SQLITE_DBCONFIG_DEFENSIVE, 1);
    config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0);
    config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0);
    config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0);
    config(db, SQLITE_DBCONFIG_DQS_DML, 0);
    config(db, SQLITE_DBCONFIG_DQS_DDL, 0);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, VLS_STORE_MAX_ROW);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    /* Exclusive: a second process is refused, and the WAL's index is in memory instead of a shared
     * file. */
    VLS_TRY(vls_sqlite_exec(db,
                            "PRAGMA locking_mode = EXCLUSIVE;"
                            "PRAGMA cell_size_check = ON;"
                            "PRAGMA temp_store = MEMORY;"
                            "PRAGMA mmap_size = 0;",
                            why));
    return vls_schema_check(db, why);
}

static struct vls_status tune(sqlite3 *db, struct vls_why *why)
{
    char numbers[256];
    int64_t ignored;
    snprintf(numbers, sizeof numbers,
             "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;"
             "PRAGMA wal_autocheckpoint = %d; PRAGMA journal_size_limit = %d;"
             "PRAGMA cache_size = -%d",
             VLS_STORE_WAL_PAGES, VLS_STORE_WAL_BYTES, VLS_STORE_CACHE_KIB);
    VLS_TRY(vls_sqlite_exec(db, "PRAGMA auto_vacuum = NONE", why));
    VLS_TRY(vls_sqlite_number(db, "PRAGMA journal_mode = WAL", &ignored, why));
    return vls_sqlite_exec(db, numbers, why);
}

static struct vls_status check_tuning(sqlite3 *db, struct vls_why *why)
{
    int64_t is_wal, is_full;
    VLS_TRY(vls_sqlite_number(db, "SELECT journal_mode = 'wal' FROM pragma_journal_mode", &is_wal,
                              why));
    VLS_TRY(vls_sqlite_number(db, "SELECT synchronous = 2 FROM pragma_synchronous", &is_full, why));
    if (is_wal != 1 || is_full != 1)
        return vls_fail(VLS_SYSTEM_IO, why,
                        "the file system of the store cannot carry a write-ahead log");
    return VLS_DONE;
}

static struct vls_status start(struct vls_store *store, const char *dir, struct vls_why *why)
{
    int64_t last;
    VLS_TRY(vls_dir_make(dir, 0700, why));
    VLS_TRY(open_database(store, dir, why));
    VLS_TRY(look(store->db, why));
    VLS_TRY(tune(store->db, why));
    VLS_TRY(check_tuning(store->db, why));
    VLS_TRY(vls_schema_update(store->db, why));
    VLS_TRY(open_directories(store, dir, why));
    VLS_TRY(vls_sqlite_number(store->db, "SELECT max(seq) FROM body", &last, why));
    store->next_seq = (uint64_t)last + 1;
    VLS_TRY(
        vls_store_erase_finish(store, why)); /* before contents without a row are only removed */
    VLS_TRY(vls_store_sweep(store, why));
    config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0);
    return VLS_DONE;
}

struct vls_status vls_store_open(const struct vls_store_options *options, struct vls_store **out,
                                 struct vls_why *why)
{
    VLS_DEFER(vls_store_free) struct vls_store *store = vls_mem_new(sizeof *store);
    store->content_fd = store->incoming_fd = store->logs_fd = store->links_fd = -1;
    store->has_full_tiles = true; /* until somebody has looked */
    store->max_bytes = options->max_bytes;
    VLS_TRY(start(store, options->dir, why));
    *out = store;
    store = NULL;
    return VLS_DONE;
}

void vls_store_free(struct vls_store **store)
{
    struct vls_store *s = *store;
    if (s == NULL)
        return;
    vls_store_rollback(s);
    for (size_t i = 0; i < VLS_SQL_COUNT; i++)
        sqlite3_finalize(s->statements[i]);
    sqlite3_close(s->db);
    vls_incoming_forget(s);
    vls_fd_close(&s->content_fd);
    vls_fd_close(&s->incoming_fd);
    vls_fd_close(&s->logs_fd);
    vls_fd_close(&s->links_fd);
    vls_mem_free(s->fresh);
    vls_mem_free(s);
    *store = NULL;
}
