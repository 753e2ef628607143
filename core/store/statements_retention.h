#ifndef VALISE_STORE_STATEMENTS_RETENTION_H
#define VALISE_STORE_STATEMENTS_RETENTION_H
/*
 * store/statements_retention - of statements.h, which includes this: erasures and holds.
 *
 * Process: router.
 */
#define VLS_SQL_RETENTION(X)                                                                       \
    X(ERASE_LOOK, "SELECT seq, is_file, origin_key FROM message WHERE id = ?")                     \
    X(ERASE_NARROW, "UPDATE message SET subject = '', is_file = 0, origin_key = ?2, reason = ?3"   \
                    " WHERE id = ?1")                                                              \
    X(ERASE_BODY, "UPDATE body SET sealed = x'', content = x'', part_digests = x'' WHERE seq = ?") \
    X(ERASE_DOCUMENTS, "DELETE FROM document WHERE party = (SELECT party FROM message"             \
                       " WHERE id = ?1) AND id = ?1")                                              \
    X(ERASURE_ADD, "INSERT INTO erasure (id, at_ms, actor, basis, had_file, is_done)"              \
                   " VALUES (?,?,?,?,?,0)")                                                        \
    X(ERASURE_GET, "SELECT at_ms, actor, basis FROM erasure WHERE id = ?")                         \
    X(ERASURE_NEXT, "SELECT e.id, e.had_file, m.content_digest"                                    \
                    " FROM erasure AS e INDEXED BY erasure_open JOIN message AS m ON m.id = e.id"  \
                    " WHERE e.is_done = 0 AND e.id > ? ORDER BY e.id LIMIT 1")                     \
    X(ERASURES_DONE, "UPDATE erasure SET is_done = 1 WHERE is_done = 0")                           \
    X(HOLD_ADD, "INSERT INTO hold (name, id, party, kind, since_ms, note, actor, released_ms,"     \
                " released_by) VALUES (?,?,?,?,?,?,?,0,'')")                                       \
    X(HOLD_RELEASE, "UPDATE hold SET released_ms = ?2, released_by = ?3"                           \
                    " WHERE name = ?1 AND released_ms = 0")                                        \
    X(HOLDS, "SELECT name, id, party, kind, since_ms, note, actor, released_ms, released_by"       \
             " FROM hold WHERE (?1 OR released_ms = 0) AND name > ?2 ORDER BY name LIMIT ?3")      \
    X(HOLD_OF, "SELECT name FROM hold WHERE released_ms = 0 AND (id = x'' OR id = ?1)"             \
               " AND (party = '' OR party = ?2) AND (kind = '' OR kind = ?3)"                      \
               " ORDER BY name LIMIT 1")                                                           \
    X(WALK, "SELECT " VLS_SQL_MESSAGE ", coalesce((SELECT e.at_ms FROM erasure AS e"               \
            " WHERE e.id = m.id), 0) FROM message AS m WHERE m.id > ? ORDER BY m.id LIMIT ?")

#endif
