#include "store/store_internal.h"

static struct vls_status run(struct vls_store *store, enum vls_sql which, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, which, &q, why));
    return vls_query_run(&q, why);
}

/* What the database takes on the disk; read once a transaction, and only when there is a limit to
 * hold it against. */
static struct vls_status measure(struct vls_store *store, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    uint64_t pages;
    int64_t page_bytes = 0;
    if (store->max_bytes == 0)
        return VLS_DONE;
    VLS_TRY(vls_query_open(store, VLS_SQL_PAGES, &q, why));
    VLS_TRY(vls_query_one(&q, &pages, why));
    VLS_TRY(vls_sqlite_number(store->db, "PRAGMA page_size", &page_bytes, why));
    store->database_bytes = pages * (uint64_t)page_bytes;
    return VLS_DONE;
}

struct vls_status vls_store_begin(struct vls_store *store, struct vls_why *why)
{
    if (store->is_open_transaction)
        return VLS_DONE;
    VLS_TRY(measure(store, why));
    VLS_TRY(run(store, VLS_SQL_BEGIN, why));
    store->is_open_transaction = true;
    store->has_mark = false;
    store->broken = VLS_DONE;
    store->changes_before = sqlite3_total_changes64(store->db);
    return VLS_DONE;
}

static void end(struct vls_store *store)
{
    store->is_open_transaction = false;
    store->has_mark = false;
    store->broken = VLS_DONE;
    store->fresh_count = 0;
    store->fresh_at_mark = 0;
}

void vls_store_rollback(struct vls_store *store)
{
    if (!store->is_open_transaction)
        return;
    /* SQLite itself rolls back after some failures: then there is nothing left to do. */
    if (sqlite3_get_autocommit(store->db) == 0)
        VLS_IGNORE(run(store, VLS_SQL_ROLLBACK, NULL), "nothing of it is on disk in either case");
    vls_content_discard(store, 0);
    end(store);
}

static struct vls_status commit(struct vls_store *store, struct vls_why *why)
{
    if (!vls_ok(store->broken))
        return vls_fail(store->broken.code, why, "a change of this transaction failed: %s",
                        vls_status_text(store->broken));
    VLS_TRY(vls_tiles_drop_settled(store, why));
    VLS_TRY(vls_content_sync(store, why));
    vls_store_pass(store, VLS_POINT_FOLDERS_SYNCED);
    VLS_TRY(run(store, VLS_SQL_COMMIT, why));
    vls_store_pass(store, VLS_POINT_COMMITTED);
    return VLS_DONE;
}

struct vls_status vls_store_commit(struct vls_store *store, struct vls_why *why)
{
    if (!store->is_open_transaction)
        return vls_content_sync(store, why);
    struct vls_status s = commit(store, why);
    if (!vls_ok(s)) {
        vls_store_rollback(store);
        return s;
    }
    if (sqlite3_total_changes64(store->db) != store->changes_before)
        store->commits++;
    store->settled_count = 0;
    end(store);
    return VLS_DONE;
}

struct vls_status vls_store_mark(struct vls_store *store, struct vls_why *why)
{
    if (!store->is_open_transaction)
        return vls_fail(VLS_SYSTEM_BUG, why, "a mark outside of a transaction");
    if (!vls_ok(store->broken))
        return vls_fail(store->broken.code, why, "a change of this transaction failed: %s",
                        vls_status_text(store->broken));
    if (store->has_mark) {
        VLS_TRY(run(store, VLS_SQL_UNMARK, why));
        store->has_mark = false;
    }
    VLS_TRY(run(store, VLS_SQL_MARK, why));
    store->has_mark = true;
    store->fresh_at_mark = store->fresh_count;
    return VLS_DONE;
}

/* A change that failed behind the mark is taken back with the rest, unless SQLite gave the whole
 * transaction up. */
void vls_store_undo(struct vls_store *store)
{
    if (!store->is_open_transaction || !store->has_mark)
        return;
    struct vls_status s = sqlite3_get_autocommit(store->db) == 0
                              ? run(store, VLS_SQL_UNDO, NULL)
                              : (struct vls_status){VLS_SYSTEM_IO};
    if (vls_ok(s)) {
        vls_content_discard(store, store->fresh_at_mark);
        store->broken = VLS_DONE;
    } else if (vls_ok(store->broken)) {
        store->broken = s;
    }
}

uint64_t vls_store_commits(const struct vls_store *store)
{
    return store->commits;
}
