#ifndef VALISE_STORE_STATEMENTS_ANSWERS_H
#define VALISE_STORE_STATEMENTS_ANSWERS_H
/*
 * store/statements_answers - those of statements.h that stand behind requests that are answered by
 * themselves, and subscriptions.
 *
 * Process: router. Only included there.
 */

/* What read_search() of searches.c reads, in this order. */
#define VLS_SQL_SEARCH                                                                             \
    "s.id, s.party, s.state, s.due_ms, s.tries, s.began_ms, s.changed_ms, s.reason"
/* Received requests that nobody holds: received, delivering, delivered. */
#define VLS_SQL_SEARCH_FREE                                                                        \
    " FROM search AS s JOIN message AS m ON m.id = s.id"                                           \
    " WHERE s.state = 1 AND m.state IN (20, 21, 22)"

#define VLS_SQL_ANSWERS(X)                                                                         \
    X(SEARCH_ADD, "INSERT INTO search (id, party, state, due_ms, tries, began_ms, changed_ms,"     \
                  " reason) VALUES (?,?,?,?,?,?,?,?)")                                             \
    X(SEARCH_GET, "SELECT " VLS_SQL_SEARCH " FROM search AS s WHERE s.id = ?")                     \
    X(SEARCH_CHANGE, "UPDATE search SET state = ?2, due_ms = ?3, tries = ?4, began_ms = ?5,"       \
                     " changed_ms = ?6, reason = ?7 WHERE id = ?1")                                \
    X(SEARCH_DUE, "SELECT " VLS_SQL_SEARCH VLS_SQL_SEARCH_FREE                                     \
                  " AND s.due_ms <= ? ORDER BY s.due_ms, s.id LIMIT ?")                            \
    X(SEARCH_NEXT, "SELECT s.due_ms" VLS_SQL_SEARCH_FREE " ORDER BY s.due_ms LIMIT 1")             \
    X(SEARCH_BEGUN, "SELECT count(*), coalesce(min(began_ms), 0) FROM search"                      \
                    " WHERE began_ms > 0 AND party = ? AND began_ms > ?")                          \
    X(SEARCH_PERSONS, "SELECT s.party, count(*), s.reason, max(s.changed_ms) FROM search AS s"     \
                      " JOIN request AS r ON r.id = s.id WHERE s.state = 4 AND r.closed_ms = 0"    \
                      " GROUP BY s.party ORDER BY s.party")                                        \
    X(DETAILS_ADD, "INSERT OR IGNORE INTO detailed_label (message) VALUES (?)")                    \
    X(DETAILS, "SELECT 1 FROM detailed_label WHERE message = ?")                                   \
    X(SUBSCRIPTION_ADD,                                                                            \
      "INSERT INTO subscription (name, party, symbols, bodies, topics, languages, since, note,"    \
      " added_ms, actor, last_ms, last) VALUES (?,?,?,?,?,?,?,?,?,?,0,x'')")                       \
    X(SUBSCRIPTION_REMOVE, "DELETE FROM subscription WHERE name = ?")                              \
    X(SUBSCRIPTION_SERVED, "UPDATE subscription SET last_ms = ?2, last = ?3 WHERE name = ?1")      \
    X(SUBSCRIPTIONS, "SELECT name, party, symbols, bodies, topics, languages, since, note,"        \
                     " added_ms, actor, last_ms, last FROM subscription ORDER BY party, name")

#endif
