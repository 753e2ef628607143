#include <errno.h>
#include <string.h>

#include "store/store_internal.h"

#define VLS_X(name, sql) sql,
static const char *const STATEMENTS[] = {VLS_SQL_TABLE(VLS_X)};
#undef VLS_X

/** The operating system's last word on one of the two files, as SQLite noted it there; errno itself
 * is often gone by now. */
static int last_errno(sqlite3 *db, int which_file)
{
    sqlite3_file *file = NULL;
    int reason = 0;
    sqlite3_file_control(db, "main", which_file, &file);
    if (file != NULL && file->pMethods != NULL)
        file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &reason);
    return reason;
}

/* SQLite says "I/O error" also for a full quota or a file at its limit. */
static struct vls_status fail_io(sqlite3 *db, struct vls_why *why, const char *what)
{
    int reason = sqlite3_system_errno(db);
    if (reason == 0)
        reason = last_errno(db, SQLITE_FCNTL_JOURNAL_POINTER);
    if (reason == 0)
        reason = last_errno(db, SQLITE_FCNTL_FILE_POINTER);
    if (reason == EFBIG)
        return vls_fail(VLS_SYSTEM_FULL, why, "%s: valise.db has reached a limit of the file size",
                        what);
    return vls_fail_errno(VLS_SYSTEM_IO, why, reason, "%s: valise.db: %s", what,
                          sqlite3_errmsg(db));
}

struct vls_status vls_sqlite_fail(sqlite3 *db, int result, struct vls_why *why, const char *what)
{
    switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return vls_fail(VLS_STORE_BUSY, why,
                        "%s: another process has valise.db open; stop it first", what);
    case SQLITE_FULL:
        return vls_fail(VLS_SYSTEM_FULL, why, "%s: no space left for valise.db", what);
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
        return vls_fail(VLS_STORE_DAMAGED, why, "%s: valise.db: %s; restore a copy", what,
                        sqlite3_errmsg(db));
    case SQLITE_NOMEM:
        return vls_fail(VLS_SYSTEM_MEMORY, why, "%s", what);
    case SQLITE_TOOBIG:
        return vls_fail(VLS_INPUT_LIMIT, why, "%s: more than %d bytes in one row", what,
                        VLS_STORE_MAX_ROW);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return fail_io(db, why, what);
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
        return vls_fail(VLS_SYSTEM_ACCESS, why, "%s: valise.db: %s", what, sqlite3_errmsg(db));
    case SQLITE_CONSTRAINT:
        return vls_fail(VLS_STORE_EXISTS, why, "%s: %s", what, sqlite3_errmsg(db));
    default:
        return vls_fail(VLS_SYSTEM_BUG, why, "%s: %s", what, sqlite3_errmsg(db));
    }
}

struct vls_status vls_sqlite_exec(sqlite3 *db, const char *sql, struct vls_why *why)
{
    int result = sqlite3_exec(db, sql, NULL, NULL, NULL);
    return result == SQLITE_OK ? VLS_DONE : vls_sqlite_fail(db, result, why, "open the store");
}

struct vls_status vls_sqlite_number(sqlite3 *db, const char *sql, int64_t *out, struct vls_why *why)
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_step(statement);
    struct vls_status s = VLS_DONE;
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        s = vls_sqlite_fail(db, result, why, "open the store");
    else
        *out = result == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    return s;
}

static struct vls_status prepare(struct vls_store *store, enum vls_sql which, struct vls_why *why)
{
    if (store->statements[which] != NULL)
        return VLS_DONE;
    int result = sqlite3_prepare_v3(store->db, STATEMENTS[which], -1, SQLITE_PREPARE_PERSISTENT,
                                    &store->statements[which], NULL);
    return result == SQLITE_OK ? VLS_DONE
                               : vls_sqlite_fail(store->db, result, why, STATEMENTS[which]);
}

/* Transaction control is no change, whatever SQLite says of BEGIN IMMEDIATE. */
static bool is_change(const struct vls_store *store, sqlite3_stmt *statement)
{
    for (size_t i = 0; i < VLS_SQL_ADD_MESSAGE; i++)
        if (store->statements[i] == statement)
            return false;
    return sqlite3_stmt_readonly(statement) == 0;
}

struct vls_status vls_query_open(struct vls_store *store, enum vls_sql which, struct vls_query *out,
                                 struct vls_why *why)
{
    VLS_TRY(prepare(store, which, why));
    sqlite3_stmt *statement = store->statements[which];
    if (sqlite3_stmt_busy(statement) != 0)
        return vls_fail(VLS_SYSTEM_BUG, why, "the store is used by its own callback: %s",
                        STATEMENTS[which]);
    if (is_change(store, statement)) {
        if (!store->is_open_transaction)
            return vls_fail(VLS_SYSTEM_BUG, why, "a change outside of a transaction: %s",
                            STATEMENTS[which]);
        if (!vls_ok(store->broken))
            return vls_fail(store->broken.code, why,
                            "an earlier change of this transaction failed: %s",
                            vls_status_text(store->broken));
    }
    *out = (struct vls_query){store, statement, 0, SQLITE_OK};
    return VLS_DONE;
}

void vls_query_close(struct vls_query *query)
{
    if (query->statement == NULL)
        return;
    sqlite3_reset(query->statement);
    sqlite3_clear_bindings(query->statement);
    query->statement = NULL;
}

static void keep_result(struct vls_query *query, int result)
{
    if (query->bind_result == SQLITE_OK)
        query->bind_result = result;
}

void vls_query_text(struct vls_query *query, const char *text)
{
    vls_query_text_or_null(query, text != NULL ? text : "");
}

void vls_query_text_or_null(struct vls_query *query, const char *text)
{
    keep_result(query,
                sqlite3_bind_text(query->statement, ++query->parameter, text, -1, SQLITE_STATIC));
}

void vls_query_blob(struct vls_query *query, struct vls_slice bytes)
{
    static const uint8_t NOTHING[1];
    keep_result(query,
                sqlite3_bind_blob64(query->statement, ++query->parameter,
                                    bytes.len != 0 ? bytes.at : NOTHING, bytes.len, SQLITE_STATIC));
}

void vls_query_blob_or_null(struct vls_query *query, struct vls_slice bytes)
{
    if (bytes.len != 0)
        vls_query_blob(query, bytes);
    else
        keep_result(query, sqlite3_bind_null(query->statement, ++query->parameter));
}

void vls_query_number(struct vls_query *query, uint64_t number)
{
    int64_t kept = number > (uint64_t)INT64_MAX ? INT64_MAX : (int64_t)number;
    keep_result(query, sqlite3_bind_int64(query->statement, ++query->parameter, kept));
}

uint64_t vls_query_get_number(const struct vls_query *query, int column)
{
    int64_t kept = sqlite3_column_int64(query->statement, column);
    return kept == INT64_MAX ? UINT64_MAX : (uint64_t)kept;
}

const char *vls_query_get_text(const struct vls_query *query, int column)
{
    const unsigned char *text = sqlite3_column_text(query->statement, column);
    return text != NULL ? (const char *)text : "";
}

struct vls_slice vls_query_get_blob(const struct vls_query *query, int column)
{
    const void *at = sqlite3_column_blob(query->statement, column);
    return VLS_SLICE(at, at != NULL ? (size_t)sqlite3_column_bytes(query->statement, column) : 0);
}

/* After a failed change nobody knows how much of a batch is there: only all of it may be taken
 * back. A constraint or a value that is too long is no such failure: that one statement did
 * nothing. */
static struct vls_status fail_query(struct vls_query *query, int result, struct vls_why *why)
{
    struct vls_store *store = query->store;
    struct vls_status s = vls_sqlite_fail(store->db, result, why, "the store");
    bool is_refused = (result & 0xff) == SQLITE_CONSTRAINT || (result & 0xff) == SQLITE_TOOBIG;
    if (is_change(store, query->statement) && !is_refused)
        store->broken = s;
    return s;
}

struct vls_status vls_query_next(struct vls_query *query, bool *out_has_row, struct vls_why *why)
{
    if (query->bind_result != SQLITE_OK)
        return fail_query(query, query->bind_result, why);
    int result = sqlite3_step(query->statement);
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        return fail_query(query, result, why);
    *out_has_row = result == SQLITE_ROW;
    return VLS_DONE;
}

struct vls_status vls_query_run(struct vls_query *query, struct vls_why *why)
{
    bool has_row;
    do {
        VLS_TRY(vls_query_next(query, &has_row, why));
    } while (has_row);
    return VLS_DONE;
}

struct vls_status vls_query_one(struct vls_query *query, uint64_t *out, struct vls_why *why)
{
    bool has_row;
    VLS_TRY(vls_query_next(query, &has_row, why));
    if (!has_row)
        return vls_fail(VLS_STORE_DAMAGED, why, "the store gives no answer to %s",
                        sqlite3_sql(query->statement));
    *out = vls_query_get_number(query, 0);
    return VLS_DONE;
}
