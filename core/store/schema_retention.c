#include "store/store_internal.h"

/* What was erased, and what may not be. An erasure is entered with what it takes away;
 * is_done says that the file and the write-ahead log were overwritten, too. */
const char VLS_SCHEMA_RETENTION[] =
    "CREATE TABLE erasure ("
    " id BLOB NOT NULL PRIMARY KEY REFERENCES message,"
    " at_ms INTEGER NOT NULL,"
    " actor TEXT NOT NULL,"
    " basis TEXT NOT NULL,"
    " had_file INTEGER NOT NULL,"
    " is_done INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX erasure_open ON erasure (id) WHERE is_done = 0;"
    "CREATE TABLE hold ("
    " name TEXT NOT NULL PRIMARY KEY,"
    " id BLOB NOT NULL CHECK (length(id) IN (0, 16))," /* empty: of all messages, as the next two */
    " party TEXT NOT NULL,"
    " kind TEXT NOT NULL,"
    " since_ms INTEGER NOT NULL,"
    " note TEXT NOT NULL,"
    " actor TEXT NOT NULL,"
    " released_ms INTEGER NOT NULL," /* 0: it holds */
    " released_by TEXT NOT NULL"
    ") STRICT, WITHOUT ROWID;";
