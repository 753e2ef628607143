#ifndef VALISE_STORE_STATEMENTS_EVIDENCE_H
#define VALISE_STORE_STATEMENTS_EVIDENCE_H
/*
 * store/statements_evidence - the part of statements.h for what schema_evidence.c has made.
 *
 * Process: router.
 */

#define VLS_SQL_EVIDENCE_TABLE(X)                                                                  \
    /* the internal log */                                                                         \
    X(INTERNAL_NEXT, "SELECT coalesce(max(place) + 1, 0) FROM internal")                           \
    X(INTERNAL_ADD, "INSERT INTO internal (place, at_ms, kind, id, record) VALUES (?,?,?,?,?)")    \
    X(INTERNAL_ALL, "SELECT place, at_ms, kind, id, record FROM internal"                          \
                    " WHERE place >= ?1 AND (?2 IS NULL OR kind = ?2) ORDER BY place LIMIT ?3")    \
    X(INTERNAL_RARE, "SELECT place, at_ms, kind, id, record FROM internal INDEXED BY"              \
                     " internal_rare WHERE kind <> 'decision' AND kind = ?2 AND place >= ?1"       \
                     " ORDER BY place LIMIT ?3")                                                   \
    X(INTERNAL_OF, "SELECT place, at_ms, kind, id, record FROM internal INDEXED BY internal_id"    \
                   " WHERE id = ?4 AND place >= ?1 AND (?2 IS NULL OR kind = ?2)"                  \
                   " ORDER BY place LIMIT ?3")                                                     \
    /* alarms */                                                                                   \
    X(ALARM_ADD,                                                                                   \
      "INSERT INTO alarm (party, log, kind, raised_ms, words, evidence, closed_ms, closed_by,"     \
      " note) VALUES (?, ?, ?, ?, ?, ?, 0, '', '')")                                               \
    X(ALARM_CLOSE, "UPDATE alarm SET closed_ms = ?2, closed_by = ?3, note = ?4"                    \
                   " WHERE party = ?1 AND closed_ms = 0")                                          \
    X(ALARMS, "SELECT alarm, party, log, kind, raised_ms, words, evidence, closed_ms, closed_by,"  \
              " note FROM alarm WHERE (?1 IS NULL OR party = ?1) AND (?2 OR closed_ms = 0)"        \
              " AND alarm >= ?3 ORDER BY alarm LIMIT ?4")                                          \
    /* tiles that are full */                                                                      \
    X(TILES_FULL, "SELECT t.rowid, l.origin, t.level, t.place, t.hashes"                           \
                  " FROM tile AS t JOIN log AS l ON l.log = t.log"                                 \
                  " WHERE length(t.hashes) = 8192 LIMIT ?")                                        \
    X(TILE_DROP, "DELETE FROM tile WHERE rowid = ? AND length(hashes) = 8192")

#endif
