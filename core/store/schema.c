#include <stdio.h>
#include <string.h>

#include "store/answers_schema.h"
#include "store/store_internal.h"

/*
 * The tables, as version 1 made them. A later version adds a row to MIGRATIONS and never changes an
 * earlier one.
 *
 * message is narrow, so that a list and a change of state touch little; it is clustered by id,
 * which grows with time. body never changes after it was added: contents of up to 64 KiB are
 * written once. evidence is what comes later. Numbers that are 64 bits unsigned elsewhere are kept
 * as far as the signed range goes: see vls_query_number().
 */
static const char VERSION_1[] =
    "CREATE TABLE message ("
    " id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),"
    " seq INTEGER NOT NULL," /* row of body and of evidence */
    " direction INTEGER NOT NULL CHECK (direction IN (1, 2)),"
    " state INTEGER NOT NULL,"
    " party TEXT NOT NULL,"
    " due_ms INTEGER NOT NULL,"
    " changed_ms INTEGER NOT NULL,"
    " created_ms INTEGER NOT NULL,"
    " attempts INTEGER NOT NULL,"
    " reason TEXT NOT NULL,"
    " kind TEXT NOT NULL,"
    " body TEXT NOT NULL," /* the addressee within the party */
    " label TEXT NOT NULL,"
    " subject TEXT NOT NULL,"
    " conversation TEXT NOT NULL,"
    " origin TEXT NOT NULL,"
    " origin_key TEXT NOT NULL,"
    " in_reply_to BLOB NOT NULL CHECK (length(in_reply_to) IN (0, 16)),"
    " duplicate_of BLOB NOT NULL CHECK (length(duplicate_of) IN (0, 16)),"
    " manifest_digest BLOB NOT NULL CHECK (length(manifest_digest) = 32),"
    " content_digest BLOB NOT NULL CHECK (length(content_digest) = 32),"
    " content_bytes INTEGER NOT NULL,"
    " is_file INTEGER NOT NULL," /* the content is content/ab/abcd... */
    " log_index INTEGER NOT NULL,"
    " their_index INTEGER NOT NULL,"
    " their_size INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX message_out ON message (party, state, due_ms) WHERE " VLS_SQL_OPEN_OUT ";"
    "CREATE INDEX message_in ON message (state, due_ms, id, party) WHERE " VLS_SQL_OPEN_IN ";"
    "CREATE UNIQUE INDEX message_origin ON message (origin, origin_key) WHERE origin_key <> '';"
    "CREATE INDEX message_content ON message (content_digest) WHERE is_file = 1;"

    "CREATE TABLE body ("
    " seq INTEGER PRIMARY KEY,"
    " manifest BLOB NOT NULL,"
    " sealed BLOB NOT NULL,"
    " part_digests BLOB NOT NULL,"
    " content BLOB NOT NULL" /* last: what stands before it is read without following its pages */
    ") STRICT;"
    "CREATE TABLE evidence ("
    " seq INTEGER PRIMARY KEY,"
    " decision BLOB NOT NULL,"
    " receipt BLOB NOT NULL,"
    " their_hashes BLOB NOT NULL"
    ") STRICT;"

    /* documents that went out, to know what a partner has already */
    "CREATE TABLE document ("
    " party TEXT NOT NULL,"
    " digest BLOB NOT NULL,"
    " id BLOB NOT NULL REFERENCES message,"
    " PRIMARY KEY (party, digest, id)"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE trace ("
    " id BLOB NOT NULL REFERENCES message,"
    " step INTEGER NOT NULL,"
    " at_ms INTEGER NOT NULL,"
    " from_state INTEGER NOT NULL,"
    " to_state INTEGER NOT NULL,"
    " cause TEXT NOT NULL,"
    " actor TEXT NOT NULL,"
    " PRIMARY KEY (id, step)"
    ") STRICT, WITHOUT ROWID;"

    /* how many messages are in each state, so that nobody has to count them */
    "CREATE TABLE tally ("
    " direction INTEGER NOT NULL,"
    " state INTEGER NOT NULL,"
    " party TEXT NOT NULL,"
    " count INTEGER NOT NULL CHECK (count >= 0),"
    " PRIMARY KEY (direction, state, party)"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE log ("
    " log INTEGER PRIMARY KEY,"
    " origin TEXT NOT NULL UNIQUE,"
    " size INTEGER NOT NULL"
    ") STRICT;"
    "CREATE TABLE tile ("
    " log INTEGER NOT NULL REFERENCES log,"
    " level INTEGER NOT NULL,"
    " place INTEGER NOT NULL,"
    " hashes BLOB NOT NULL CHECK (length(hashes) % 32 = 0),"
    " PRIMARY KEY (log, level, place)"
    ") STRICT;"
    "CREATE TABLE checkpoint ("
    " log INTEGER NOT NULL REFERENCES log,"
    " size INTEGER NOT NULL,"
    " root BLOB NOT NULL CHECK (length(root) = 32),"
    " note TEXT NOT NULL,"
    " PRIMARY KEY (log, size)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE cosignature ("
    " log INTEGER NOT NULL,"
    " size INTEGER NOT NULL,"
    " line TEXT NOT NULL,"
    " PRIMARY KEY (log, size, line),"
    " FOREIGN KEY (log, size) REFERENCES checkpoint"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE plugin ("
    " plugin TEXT NOT NULL PRIMARY KEY,"
    " items INTEGER NOT NULL CHECK (items >= 0)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE item ("
    " plugin TEXT NOT NULL,"
    " key TEXT NOT NULL,"
    " value BLOB NOT NULL,"
    " PRIMARY KEY (plugin, key)"
    ") STRICT, WITHOUT ROWID;";

/*
 * Version 2: what an arrangement asks for besides messages. Its versions with each party's
 * approval; officers' approvals of one message; answers that are owed; what is counted for Article
 * 12; the members that a statement reached (5(3)).
 */
static const char VERSION_2[] =
    "CREATE TABLE arrangement ("
    " digest BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32),"
    " name TEXT NOT NULL,"
    " version INTEGER NOT NULL,"
    " supersedes BLOB NOT NULL CHECK (length(supersedes) IN (0, 32)),"
    " bytes BLOB NOT NULL,"
    " added_ms INTEGER NOT NULL,"
    " actor TEXT NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE approval ("
    " digest BLOB NOT NULL REFERENCES arrangement,"
    " party TEXT NOT NULL,"
    " signed_ms INTEGER NOT NULL,"
    " added_ms INTEGER NOT NULL,"
    " signature BLOB NOT NULL,"
    " PRIMARY KEY (digest, party)"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE review ("
    " id BLOB NOT NULL REFERENCES message,"
    " officer TEXT NOT NULL,"
    " signed_ms INTEGER NOT NULL,"
    " expires_ms INTEGER NOT NULL,"
    " statement BLOB NOT NULL," /* exact bytes that were signed */
    " signature BLOB NOT NULL,"
    " PRIMARY KEY (id, officer)"
    ") STRICT, WITHOUT ROWID;"

    /* one row a message that asks for an answer, of either side */
    "CREATE TABLE request ("
    " id BLOB NOT NULL PRIMARY KEY REFERENCES message,"
    " direction INTEGER NOT NULL CHECK (direction IN (1, 2)),"
    " party TEXT NOT NULL,"
    " kind TEXT NOT NULL,"
    " since_ms INTEGER NOT NULL,"    /* released, or received */
    " due_ms INTEGER NOT NULL,"      /* the service target */
    " slot_ms INTEGER NOT NULL,"     /* when the uniform answer leaves; 0: none does (any more) */
    " remind_ms INTEGER NOT NULL,"   /* when of the target is reminded next; 0: never again */
    " reminded_ms INTEGER NOT NULL," /* 0: not yet */
    " steps INTEGER NOT NULL,"       /* answers that it has of those that it expects */
    " answer BLOB NOT NULL CHECK (length(answer) IN (0, 16))," /* the last message that answers */
    " answer_kind TEXT NOT NULL,"
    " answer_state TEXT NOT NULL," /* what we said of an answer, whether it left or not */
    " answered_ms INTEGER NOT NULL,"
    " closed_ms INTEGER NOT NULL" /* 0: something is still expected */
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX request_all ON request (due_ms, id);"
    "CREATE INDEX request_open ON request (due_ms, id) WHERE closed_ms = 0;"
    "CREATE INDEX request_remind ON request (remind_ms, id) WHERE remind_ms > 0;"
    "CREATE INDEX request_slot ON request (slot_ms, id) WHERE slot_ms > 0;"
    "CREATE TABLE meter ("
    " month INTEGER NOT NULL," /* 202612 */
    " direction INTEGER NOT NULL CHECK (direction IN (1, 2)),"
    " party TEXT NOT NULL,"
    " kind TEXT NOT NULL,"
    " body TEXT NOT NULL,"
    " messages INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL,"
    " PRIMARY KEY (month, direction, party, kind, body)"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE member ("
    " id BLOB NOT NULL REFERENCES message,"
    " member TEXT NOT NULL,"
    " received_ms INTEGER NOT NULL,"
    " reference TEXT NOT NULL," /* of its receipt, as the officer gave it */
    " actor TEXT NOT NULL,"
    " PRIMARY KEY (id, member)"
    ") STRICT, WITHOUT ROWID;";

/** MIGRATIONS[n] leads from version n to n + 1. */
static const char *const MIGRATIONS[] = {VERSION_1,
                                         VERSION_2,
                                         VLS_SCHEMA_EVIDENCE,
                                         VLS_SCHEMA_RETENTION,
                                         VLS_SCHEMA_ANSWERS,
                                         VLS_SCHEMA_CATALOGUE,
                                         VLS_SCHEMA_ATTESTATION};

_Static_assert(sizeof MIGRATIONS / sizeof MIGRATIONS[0] == VLS_SCHEMA_VERSION,
               "each version has its migration");

#define CHECK_SQL "PRAGMA quick_check(1)"

static struct vls_status check_pages(sqlite3 *db, struct vls_why *why)
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(db, CHECK_SQL, -1, &statement, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_step(statement);
    struct vls_status s = VLS_DONE;
    if (result != SQLITE_ROW) {
        s = vls_sqlite_fail(db, result, why, "check the database");
    } else {
        const char *said = (const char *)sqlite3_column_text(statement, 0);
        if (said == NULL || strcmp(said, "ok") != 0)
            s = vls_fail(VLS_STORE_DAMAGED, why, "the database is damaged: %s; restore a copy",
                         said != NULL ? said : "no answer");
    }
    sqlite3_finalize(statement);
    return s;
}

struct vls_status vls_schema_check(sqlite3 *db, struct vls_why *why)
{
    int64_t application, version, tables, pages, page_bytes;
    VLS_TRY(vls_sqlite_number(db, "SELECT count(*) FROM sqlite_schema", &tables, why));
    VLS_TRY(vls_sqlite_number(db, "PRAGMA application_id", &application, why));
    VLS_TRY(vls_sqlite_number(db, "PRAGMA user_version", &version, why));
    VLS_TRY(vls_sqlite_number(db, "PRAGMA page_count", &pages, why));
    VLS_TRY(vls_sqlite_number(db, "PRAGMA page_size", &page_bytes, why));
    if (tables == 0 && application == 0 && version == 0)
        return VLS_DONE;
    if (application != VLS_STORE_APPLICATION || version < 1)
        return vls_fail(VLS_STORE_DAMAGED, why,
                        "valise.db is a database, but not one of Valise; set another directory");
    if (version > VLS_SCHEMA_VERSION)
        return vls_fail(VLS_STORE_VERSION, why,
                        "valise.db has schema version %lld, this program knows up to %u; "
                        "install the newer version again",
                        (long long)version, VLS_SCHEMA_VERSION);
    return pages * page_bytes <= (int64_t)VLS_STORE_CHECK_BYTES ? check_pages(db, why) : VLS_DONE;
}

/* The version is written in the transaction that makes the tables: there is no half of a migration.
 */
static struct vls_status migrate(sqlite3 *db, int64_t version, struct vls_why *why)
{
    char numbers[96];
    VLS_TRY(vls_sqlite_exec(db, MIGRATIONS[version], why));
    snprintf(numbers, sizeof numbers, "PRAGMA application_id = %d; PRAGMA user_version = %lld",
             VLS_STORE_APPLICATION, (long long)version + 1);
    return vls_sqlite_exec(db, numbers, why);
}

struct vls_status vls_schema_update(sqlite3 *db, struct vls_why *why)
{
    int64_t version;
    VLS_TRY(vls_sqlite_exec(db, "BEGIN EXCLUSIVE", why));
    struct vls_status s = vls_sqlite_number(db, "PRAGMA user_version", &version, why);
    for (; vls_ok(s) && version < (int64_t)VLS_SCHEMA_VERSION; version++)
        s = migrate(db, version, why);
    if (vls_ok(s))
        s = vls_sqlite_exec(db, "COMMIT", why);
    if (!vls_ok(s))
        VLS_IGNORE(vls_sqlite_exec(db, "ROLLBACK", NULL), "the first failure is the one to report");
    return s;
}
