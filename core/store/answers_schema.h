#ifndef VALISE_STORE_ANSWERS_SCHEMA_H
#define VALISE_STORE_ANSWERS_SCHEMA_H
/*
 * store/answers_schema - the tables of requests that are answered by themselves, and of standing
 * subscriptions: searches.h, details.h, subscriptions.h.
 *
 * Process: router. Private to store.
 */
static const char VLS_SCHEMA_ANSWERS[] =
    "CREATE TABLE search ("
    " id BLOB NOT NULL PRIMARY KEY REFERENCES message,"
    " party TEXT NOT NULL,"
    " state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 4),"
    " due_ms INTEGER NOT NULL,"
    " tries INTEGER NOT NULL,"
    " began_ms INTEGER NOT NULL," /* 0: not yet */
    " changed_ms INTEGER NOT NULL,"
    " reason TEXT NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX search_waiting ON search (due_ms, id) WHERE state = 1;"
    "CREATE INDEX search_person ON search (party, changed_ms) WHERE state = 4;"
    "CREATE INDEX search_begun ON search (party, began_ms) WHERE began_ms > 0;"

    /* own messages whose label says more than its text */
    "CREATE TABLE detailed_label ("
    " message BLOB NOT NULL PRIMARY KEY REFERENCES message"
    ") STRICT, WITHOUT ROWID;"

    /* lists are texts, a value a line */
    "CREATE TABLE subscription ("
    " name TEXT NOT NULL PRIMARY KEY,"
    " party TEXT NOT NULL,"
    " symbols TEXT NOT NULL,"
    " bodies TEXT NOT NULL,"
    " topics TEXT NOT NULL,"
    " languages TEXT NOT NULL,"
    " since TEXT NOT NULL," /* a date; empty: from the first */
    " note TEXT NOT NULL,"
    " added_ms INTEGER NOT NULL,"
    " actor TEXT NOT NULL,"
    " last_ms INTEGER NOT NULL," /* 0: none yet */
    " last BLOB NOT NULL CHECK (length(last) IN (0, 16))"
    ") STRICT, WITHOUT ROWID;";

#endif
