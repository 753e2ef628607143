#ifndef VALISE_STORE_STORE_INTERNAL_H
#define VALISE_STORE_STORE_INTERNAL_H
/*
 * store/store_internal - what the files of store/ and their tests share. Not for anyone else:
 * SQLite ends here.
 *
 * Process:   router.
 * Start at:  struct vls_store, then struct vls_query: every statement is prepared once, kept, and
 * run through it.
 */
#include <sqlite3.h>

#include "store/statements.h"
#include "store/store.h"

/* of the file: PRAGMA user_version and application_id, "Vali" */
#define VLS_SCHEMA_VERSION    7u
#define VLS_STORE_APPLICATION 0x56616c69

/* SQLite's page cache; pages in the WAL that call for a checkpoint; what its file is cut to then */
#define VLS_STORE_CACHE_KIB 32768
#define VLS_STORE_WAL_PAGES 10000
#define VLS_STORE_WAL_BYTES (64 << 20)

/* bytes of one row at most; of a message's manifest, sealed part and digests; of its evidence */
#define VLS_STORE_MAX_ROW  (1 << 20)
#define VLS_STORE_MAX_BODY (1 << 19)

/* a database of up to so many bytes is checked whole when it is opened: a start has no minutes */
#define VLS_STORE_CHECK_BYTES (64u << 20)

/* folders of content/, by the first byte of the digest; uploads under way at one time, of all and
 * of one partner */
#define VLS_STORE_SHARDS         256u
#define VLS_STORE_MAX_INCOMING   4096u
#define VLS_STORE_PARTY_INCOMING 256u

/* full tiles that become files at one time */
#define VLS_STORE_SETTLED 16u

/* room for "abcd...", "ab/abcd..." and "party/abcd....part" */
#define VLS_CONTENT_NAME  65
#define VLS_CONTENT_PATH  (3 + VLS_CONTENT_NAME)
#define VLS_INCOMING_PATH (VLS_MAX_PARTY + 1 + VLS_CONTENT_NAME + 5)

/** Where a test may end the process, in the order in which a commit passes them. */
enum vls_store_point {
    VLS_POINT_CONTENT_SYNCED, /* data is on disk, has no name yet                 */
    VLS_POINT_CONTENT_LINKED, /* has its name, which is not on disk yet           */
    VLS_POINT_INCOMING_MOVED, /* the same for an upload                           */
    VLS_POINT_ROW_WRITTEN,    /* inside the transaction                           */
    VLS_POINT_FOLDERS_SYNCED, /* names are on disk, the rows are not              */
    VLS_POINT_COMMITTED,      /* rows are on disk, the caller does not know it yet */
    VLS_POINT_OVERWRITTEN,    /* the content of an erased message is zeros, and has its name */
    VLS_POINT_FORGOTTEN,      /* the database's copies in the write-ahead log are gone, too   */
    VLS_POINT_TILE_WRITTEN,   /* a full tile is on disk under a temporary name    */
    VLS_POINT_TILE_NAMED      /* it has its name, which is not on disk yet        */
};

/** An upload under way: what it will take is set aside. */
struct vls_reservation;

struct vls_store {
    sqlite3 *db;
    sqlite3_stmt *statements[VLS_SQL_COUNT];
    bool is_open_transaction, has_mark;
    struct vls_status broken; /* a write failed half way: the transaction can only be taken back */
    uint64_t commits;
    int64_t changes_before; /* sqlite3_total_changes64() when the transaction began */
    uint64_t next_seq;

    int content_fd, incoming_fd, logs_fd; /* the directories */
    int links_fd;                         /* /proc/self/fd, see link_content(); -1 = not there */
    uint64_t max_bytes, content_bytes, reserved_bytes, database_bytes;
    struct vls_reservation *reservations;
    uint64_t incoming_turn; /* grows with each upload that is opened */
    /* names that are not on disk yet */
    bool is_shard_dirty[VLS_STORE_SHARDS], is_content_dirty, has_dirty_shard;
    /* contents that were named inside the open transaction: they go when it does */
    struct vls_digest *fresh;
    size_t fresh_count, fresh_room, fresh_at_mark;

    /* full tiles: rows of those that are files by now, and go with the next commit */
    bool has_full_tiles; /* there may be some that are not files yet */
    uint64_t settled[VLS_STORE_SETTLED];
    size_t settled_count;

    void (*at_point)(void *ctx, enum vls_store_point point); /* test seam; NULL in the product */
    void *at_point_ctx;
};

static inline void vls_store_pass(const struct vls_store *store, enum vls_store_point point)
{
    if (store->at_point != NULL)
        store->at_point(store->at_point_ctx, point);
}

/* -- query.c ----------------------------------------------------------------------------------- */

/** One use of a kept statement. Values are bound in order; the first that does not fit fails the
 * query when it runs. */
struct vls_query {
    struct vls_store *store;
    sqlite3_stmt *statement;
    int parameter, bind_result;
};

/** @return SYSTEM_BUG for a change outside of a transaction or a statement that is in use; what
 * broke the transaction */
VLS_STATUS vls_query_open(struct vls_store *store, enum vls_sql which, struct vls_query *out,
                          struct vls_why *why);
/** For VLS_DEFER: give the statement back. */
void vls_query_close(struct vls_query *query);

void vls_query_text(struct vls_query *query, const char *text); /* NULL is bound as '' */
void vls_query_text_or_null(struct vls_query *query, const char *text);
void vls_query_blob(struct vls_query *query, struct vls_slice bytes);
void vls_query_blob_or_null(struct vls_query *query, struct vls_slice bytes); /* empty = NULL */
/** UINT64_MAX keeps its meaning and its place in the order. */
void vls_query_number(struct vls_query *query, uint64_t number);

/** Fetch the next row. */
VLS_STATUS vls_query_next(struct vls_query *query, bool *out_has_row, struct vls_why *why);
/** Run to the end. A failure breaks the open transaction, but not STORE_EXISTS (a constraint) and
 * INPUT_LIMIT (a value too long): these did nothing. */
VLS_STATUS vls_query_run(struct vls_query *query, struct vls_why *why);

uint64_t vls_query_get_number(const struct vls_query *query, int column);
const char *vls_query_get_text(const struct vls_query *query, int column); /* never NULL */
struct vls_slice vls_query_get_blob(const struct vls_query *query, int column);

/** A number from a query that gives exactly one row. */
VLS_STATUS vls_query_one(struct vls_query *query, uint64_t *out, struct vls_why *why);

/** What SQLite said, as a status. `what` names what was being done. */
VLS_STATUS vls_sqlite_fail(sqlite3 *db, int result, struct vls_why *why, const char *what);
/** A statement that is run once only (opening, PRAGMA). */
VLS_STATUS vls_sqlite_exec(sqlite3 *db, const char *sql, struct vls_why *why);
/** The first column of the first row of such a statement; 0 when there is none. */
VLS_STATUS vls_sqlite_number(sqlite3 *db, const char *sql, int64_t *out, struct vls_why *why);

/* -- logs.c ------------------------------------------------------------------------------------ */

/** What is said of a checkpoint needs one that is kept. @return STORE_MISSING */
VLS_STATUS vls_checkpoint_need(struct vls_store *store, const char *log, uint64_t size,
                               struct vls_why *why);

/* -- schema.c ---------------------------------------------------------------------------------- */

/** Tables that later versions added. */
extern const char VLS_SCHEMA_EVIDENCE[];    /* schema_evidence.c */
extern const char VLS_SCHEMA_RETENTION[];   /* schema_retention.c */
extern const char VLS_SCHEMA_CATALOGUE[];   /* catalogue.c */
extern const char VLS_SCHEMA_ATTESTATION[]; /* schema_attestation.c */

/** Look at what is there without changing it. @return STORE_DAMAGED, STORE_VERSION, STORE_BUSY */
VLS_STATUS vls_schema_check(sqlite3 *db, struct vls_why *why);
/** Make or migrate the tables. */
VLS_STATUS vls_schema_update(sqlite3 *db, struct vls_why *why);

/* -- message_row.c ----------------------------------------------------------------------------- */

/** Which columns a row has, in the order of VLS_SQL_MESSAGE, VLS_SQL_BODY and VLS_SQL_EVIDENCE of
 * statements.h. */
enum vls_row { VLS_ROW_NARROW, VLS_ROW_BODY, VLS_ROW_ALL };

/** The message in the current row; it borrows from the row. @return STORE_DAMAGED */
VLS_STATUS vls_message_row(const struct vls_query *query, enum vls_row row, struct vls_message *out,
                           struct vls_why *why);

/* -- tiles.c ----------------------------------------------------------------------------------- */

/** A full tile that is a file. `out` has room for 8192 bytes. @return STORE_DAMAGED for a file of
 * another length */
VLS_STATUS vls_tile_file_read(const struct vls_store *store, const char *log, unsigned level,
                              uint64_t index, uint8_t *out, bool *out_is_there,
                              struct vls_why *why);
/** Remove the rows of tiles that are files, in the open transaction. */
VLS_STATUS vls_tiles_drop_settled(struct vls_store *store, struct vls_why *why);

/* -- content.c, incoming.c, sweep.c ------------------------------------------------------------ */

/** "ab/abcd..." */
void vls_content_path(const struct vls_digest *digest, char out[VLS_CONTENT_PATH]);
/** Size of a kept content. @return STORE_MISSING */
VLS_STATUS vls_content_size(const struct vls_store *store, const struct vls_digest *digest,
                            uint64_t *out_bytes, struct vls_why *why);
/** Make the folder that a content goes to, unless it is there. */
VLS_STATUS vls_content_make_shard(struct vls_store *store, const struct vls_digest *digest,
                                  struct vls_why *why);
/** A name was added there: the next commit syncs it. */
void vls_content_touch_shard(struct vls_store *store, const struct vls_digest *digest);
/** A row names this content as a file. */
VLS_STATUS vls_content_is_named(struct vls_store *store, const struct vls_digest *digest, bool *out,
                                struct vls_why *why);
/** Put all new names on disk. */
VLS_STATUS vls_content_sync(struct vls_store *store, struct vls_why *why);
/** Remove the contents that the transaction named from number `from` on, unless a row still needs
 * them. */
void vls_content_discard(struct vls_store *store, size_t from);
/** Room for `bytes` more, beside what is there and what is set aside? @return STORE_FULL */
VLS_STATUS vls_store_room(const struct vls_store *store, uint64_t bytes, struct vls_why *why);

/** Set aside what an unfinished upload has on disk. */
void vls_incoming_found(struct vls_store *store, const char *path, uint64_t bytes);
void vls_incoming_forget(struct vls_store *store);

/* -- scrub.c ----------------------------------------------------------------------------------- */

/** Overwrite a kept content with zeros, on disk, and take its name away. One that is not there is
 * fine. */
VLS_STATUS vls_content_destroy(struct vls_store *store, const struct vls_digest *digest,
                               struct vls_why *why);
/** Move all of the write-ahead log into the database and overwrite it with zeros. Outside of a
 * transaction. */
VLS_STATUS vls_store_scrub(struct vls_store *store, struct vls_why *why);

/** Remove contents that no row names, and count the others and the uploads. */
VLS_STATUS vls_store_sweep(struct vls_store *store, struct vls_why *why);

#endif
