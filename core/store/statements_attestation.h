#ifndef VALISE_STORE_STATEMENTS_ATTESTATION_H
#define VALISE_STORE_STATEMENTS_ATTESTATION_H
/*
 * store/statements_attestation - the part of statements.h for cosignatures, and for what
 * schema_attestation.c has made.
 *
 * Process: router.
 */

#define VLS_SQL_ATTESTED                                                                           \
    "SELECT size FROM attestation WHERE log = (SELECT log FROM log WHERE origin = ?1)"             \
    " AND size >= ?2 AND (?3 = 0 OR witnessed_ms > 0) AND (?4 = 0 OR length(stamp) > 0)"

#define VLS_SQL_ATTESTATION_TABLE(X)                                                               \
    X(COSIGNATURE_ADD, "INSERT OR IGNORE INTO cosignature (log, size, line)"                       \
                       " VALUES ((SELECT log FROM log WHERE origin = ?), ?, ?)")                   \
    X(COSIGNATURES, "SELECT line FROM cosignature"                                                 \
                    " WHERE log = (SELECT log FROM log WHERE origin = ?) AND size = ?"             \
                    " ORDER BY line")                                                              \
    X(COSIGNED_SIZE, "SELECT size FROM cosignature"                                                \
                     " WHERE log = (SELECT log FROM log WHERE origin = ?1)"                        \
                     " AND substr(line, 1, length(?2)) = ?2 ORDER BY size DESC LIMIT 1")           \
    X(WITNESSED, "INSERT INTO attestation (log, size, witnessed_ms, stamp, stamp_ms)"              \
                 " VALUES ((SELECT log FROM log WHERE origin = ?1), ?2, ?3, x'', 0)"               \
                 " ON CONFLICT DO UPDATE SET witnessed_ms = excluded.witnessed_ms"                 \
                 " WHERE witnessed_ms = 0")                                                        \
    X(STAMP_PUT, "INSERT INTO attestation (log, size, witnessed_ms, stamp, stamp_ms)"              \
                 " VALUES ((SELECT log FROM log WHERE origin = ?1), ?2, 0, ?3, ?4)"                \
                 " ON CONFLICT DO UPDATE SET stamp = excluded.stamp, stamp_ms = excluded.stamp_ms" \
                 " WHERE length(stamp) = 0")                                                       \
    X(STAMP, "SELECT stamp, stamp_ms FROM attestation"                                             \
             " WHERE log = (SELECT log FROM log WHERE origin = ?) AND size = ?"                    \
             " AND length(stamp) > 0")                                                             \
    X(ATTESTED_FIRST, VLS_SQL_ATTESTED " ORDER BY size LIMIT 1")                                   \
    X(ATTESTED_LAST, VLS_SQL_ATTESTED " ORDER BY size DESC LIMIT 1")

#endif
