#include "store/store_internal.h"

/*
 * What a gateway keeps to show later that nobody rewrote anything: the entries of its internal log,
 * and alarms with the material that proves them.
 *
 * internal.place is the number of the leaf. By far the most entries are decisions, which are looked
 * for by their message; the others are few, and listed by their kind.
 */
const char VLS_SCHEMA_EVIDENCE[] =
    "CREATE TABLE internal ("
    " place INTEGER PRIMARY KEY,"
    " at_ms INTEGER NOT NULL,"
    " kind TEXT NOT NULL,"
    " id BLOB NOT NULL CHECK (length(id) IN (0, 16)),"
    " record BLOB NOT NULL" /* InternalRecord of envelope.proto, the exact bytes */
    ") STRICT;"
    "CREATE INDEX internal_id ON internal (id, place);"
    "CREATE INDEX internal_rare ON internal (kind, place) WHERE kind <> 'decision';"

    "CREATE TABLE alarm ("
    " alarm INTEGER PRIMARY KEY,"
    " party TEXT NOT NULL,"
    " log TEXT NOT NULL," /* origin */
    " kind TEXT NOT NULL,"
    " raised_ms INTEGER NOT NULL,"
    " words TEXT NOT NULL,"
    " evidence TEXT NOT NULL,"     /* a file of valise-fork(5); empty: nothing was signed */
    " closed_ms INTEGER NOT NULL," /* 0: the exchange with that partner is stopped */
    " closed_by TEXT NOT NULL,"
    " note TEXT NOT NULL"
    ") STRICT;"
    "CREATE INDEX alarm_open ON alarm (party, alarm) WHERE closed_ms = 0;";
