#include "store/store_internal.h"

/*
 * What parties outside said of the checkpoints of logs. Witnesses' cosignatures stand with those of
 * the partner, in `cosignature`: here is whether they made the quorum, and the time stamp.
 */
const char VLS_SCHEMA_ATTESTATION[] =
    "CREATE TABLE attestation ("
    " log INTEGER NOT NULL,"
    " size INTEGER NOT NULL,"
    " witnessed_ms INTEGER NOT NULL," /* when the quorum was complete; 0: it is not */
    " stamp BLOB NOT NULL,"           /* TimeStampToken, DER; empty: none */
    " stamp_ms INTEGER NOT NULL,"     /* the time that it states */
    " PRIMARY KEY (log, size),"
    " FOREIGN KEY (log, size) REFERENCES checkpoint"
    ") STRICT, WITHOUT ROWID;";
