#ifndef VALISE_STORE_STATEMENTS_H
#define VALISE_STORE_STATEMENTS_H
/*
 * store/statements - every SQL statement that runs while the store is open. The tables are in
 * schema.c.
 *
 * Process: router. Each is prepared at its first use and kept. Values are bound in the order of
 * their ?, or of ?1, ?2.
 */

#include "store/statements_answers.h"
#include "store/statements_attestation.h"
#include "store/statements_catalogue.h"
#include "store/statements_evidence.h"
#include "store/statements_retention.h"

/* What vls_message_row() reads, in its order. */
#define VLS_SQL_MESSAGE                                                                            \
    "m.id, m.direction, m.state, m.party, m.kind, m.body, m.label, m.subject, m.conversation, "    \
    "m.origin, m.origin_key, m.reason, m.created_ms, m.changed_ms, m.due_ms, m.attempts, "         \
    "m.in_reply_to, m.duplicate_of, m.manifest_digest, m.content_digest, m.content_bytes, "        \
    "m.log_index, m.their_index, m.their_size"
#define VLS_SQL_MESSAGE_COLUMNS 24
#define VLS_SQL_BODY            ", b.manifest, b.sealed, b.content, b.part_digests"
#define VLS_SQL_EVIDENCE        ", e.decision, e.receipt, e.their_hashes"

/* The conditions of the two partial indexes, word for word, or SQLite does not use them. */
#define VLS_SQL_OPEN_OUT "direction = 1 AND state NOT IN (8, 22)"
#define VLS_SQL_OPEN_IN  "direction = 2 AND state NOT IN (8, 22)"

/* ?1 party, ?2 state, ?3 now. A party's outbound messages stand together in the index; inbound ones
 * stand by time. */
#define VLS_SQL_FROM_OUT  " FROM message AS m INDEXED BY message_out"
#define VLS_SQL_FROM_IN   " FROM message AS m INDEXED BY message_in"
#define VLS_SQL_WITH_BODY " LEFT JOIN body AS b ON b.seq = m.seq"
#define VLS_SQL_OUT_PARTY                                                                          \
    " WHERE m.direction = 1 AND m.state NOT IN (8, 22) AND m.party = ?1 AND m.state = ?2"
#define VLS_SQL_OUT_ANY                                                                            \
    " WHERE m.direction = 1 AND m.state NOT IN (8, 22) AND ?1 IS NULL AND m.state = ?2"
#define VLS_SQL_IN                                                                                 \
    " WHERE m.direction = 2 AND m.state NOT IN (8, 22) AND (?1 IS NULL OR m.party = ?1) AND "      \
    "m.state = ?2"
#define VLS_SQL_DUE_TAIL  " AND m.due_ms <= ?3 ORDER BY m.due_ms, m.id LIMIT ?4"
#define VLS_SQL_NEXT_TAIL " ORDER BY m.due_ms LIMIT 1"

/* ?1 direction or 0, ?2 states, ?3 party or NULL, ?4 before or NULL, ?5 limit */
#define VLS_SQL_LIST_WHERE                                                                         \
    " (?1 = 0 OR direction = ?1) AND (?2 >> state) & 1 AND (?3 IS NULL OR party = ?3)"             \
    " AND (?4 IS NULL OR id < ?4) ORDER BY id DESC LIMIT ?5"

/* What is written of a request, and what read_request() of requests.c reads, in this order. */
#define VLS_SQL_REQUEST                                                                            \
    "id, direction, party, kind, since_ms, due_ms, slot_ms, remind_ms, reminded_ms, steps, "       \
    "answer, answer_kind, answer_state, answered_ms, closed_ms"
#define VLS_SQL_REQUEST_ROW                                                                        \
    VLS_SQL_REQUEST ", coalesce((SELECT m.state FROM message AS m WHERE m.id = answer), 0)"
/* ?1 direction or 0, ?2 party or NULL, ?3 and ?4 due and id of the one before, ?5 limit */
#define VLS_SQL_REQUEST_WHERE                                                                      \
    " (?1 = 0 OR direction = ?1) AND (?2 IS NULL OR party = ?2) AND (due_ms, id) > (?3, ?4)"       \
    " ORDER BY due_ms, id LIMIT ?5"

#define VLS_SQL_TABLE(X)                                                                           \
    /* transactions */                                                                             \
    X(BEGIN, "BEGIN IMMEDIATE")                                                                    \
    X(COMMIT, "COMMIT")                                                                            \
    X(ROLLBACK, "ROLLBACK")                                                                        \
    X(MARK, "SAVEPOINT mark")                                                                      \
    X(UNMARK, "RELEASE mark")                                                                      \
    X(UNDO, "ROLLBACK TO mark")                                                                    \
    X(PAGES, "PRAGMA page_count")                                                                  \
    /* messages */                                                                                 \
    X(ADD_MESSAGE,                                                                                 \
      "INSERT INTO message (id, seq, direction, state, party, kind, body, label, subject,"         \
      " conversation, origin, origin_key, reason, created_ms, changed_ms, due_ms, attempts,"       \
      " in_reply_to, duplicate_of, manifest_digest, content_digest, content_bytes, is_file,"       \
      " log_index, their_index, their_size)"                                                       \
      " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")                             \
    X(ADD_BODY, "INSERT INTO body (seq, manifest, sealed, content, part_digests)"                  \
                " VALUES (?,?,?,?,?)")                                                             \
    X(ADD_EVIDENCE, "INSERT INTO evidence (seq, decision, receipt, their_hashes)"                  \
                    " VALUES (?,?,?,?)")                                                           \
    X(ADD_DOCUMENT, "INSERT OR IGNORE INTO document (party, digest, id) VALUES (?,?,?)")           \
    X(ADD_TRACE, "INSERT INTO trace (id, step, at_ms, from_state, to_state, cause, actor)"         \
                 " VALUES (?1, (SELECT coalesce(max(step), 0) + 1 FROM trace WHERE id = ?1),"      \
                 " ?2, ?3, ?4, ?5, ?6)")                                                           \
    X(ADD_FIRST_TRACE, "INSERT INTO trace (id, step, at_ms, from_state, to_state, cause, actor)"   \
                       " VALUES (?, 1, ?, 0, ?, ?, ?)")                                            \
    X(REMARK, "INSERT INTO trace (id, step, at_ms, from_state, to_state, cause, actor)"            \
              " SELECT id, (SELECT coalesce(max(step), 0) + 1 FROM trace WHERE id = ?1),"          \
              " ?2, state, state, ?3, ?4 FROM message WHERE id = ?1")                              \
    X(COUNT_IN, "INSERT INTO tally (direction, state, party, count) VALUES (?,?,?,1)"              \
                " ON CONFLICT DO UPDATE SET count = count + 1")                                    \
    X(COUNT_OUT, "UPDATE tally SET count = count - 1"                                              \
                 " WHERE direction = ? AND state = ? AND party = ?")                               \
    X(MOVE, "UPDATE message SET state = ?, reason = ?, changed_ms = ?, due_ms = ?,"                \
            " attempts = attempts + ? WHERE id = ? AND state = ? RETURNING direction, party")      \
    X(SET_RECORDED, "UPDATE message SET log_index = ? WHERE id = ?")                               \
    X(SET_THEIRS, "UPDATE message SET their_index = ?, their_size = ? WHERE id = ? RETURNING seq") \
    X(SET_RECEIPT, "INSERT INTO evidence (seq, decision, receipt, their_hashes)"                   \
                   " VALUES (?, x'', ?, ?) ON CONFLICT (seq) DO UPDATE"                            \
                   " SET receipt = excluded.receipt, their_hashes = excluded.their_hashes")        \
    X(SEQ_OF, "SELECT seq FROM message WHERE id = ?")                                              \
    X(SET_DECISION, "INSERT INTO evidence (seq, decision, receipt, their_hashes)"                  \
                    " VALUES (?, ?, x'', x'') ON CONFLICT (seq) DO UPDATE"                         \
                    " SET decision = excluded.decision")                                           \
    X(GET, "SELECT " VLS_SQL_MESSAGE VLS_SQL_BODY VLS_SQL_EVIDENCE                                 \
           " FROM message AS m LEFT JOIN body AS b ON b.seq = m.seq"                               \
           " LEFT JOIN evidence AS e ON e.seq = m.seq WHERE m.id = ?")                             \
    X(BY_ORIGIN, "SELECT id FROM message"                                                          \
                 " WHERE origin = ?1 AND origin_key IN (?2, ?3) AND origin_key <> ''")             \
    X(BY_PREFIX, "SELECT id FROM message WHERE id BETWEEN ? AND ? LIMIT 2")                        \
    X(BY_DOCUMENT, "SELECT d.id FROM document AS d CROSS JOIN message AS m ON m.id = d.id"         \
                   " WHERE d.party = ? AND d.digest = ? AND m.state NOT IN (1, 3, 9)"              \
                   " ORDER BY d.id LIMIT 1")                                                       \
    X(DUE_OUT_PARTY,                                                                               \
      "SELECT " VLS_SQL_MESSAGE VLS_SQL_FROM_OUT VLS_SQL_OUT_PARTY VLS_SQL_DUE_TAIL)               \
    X(DUE_OUT_PARTY_BODY, "SELECT " VLS_SQL_MESSAGE VLS_SQL_BODY VLS_SQL_FROM_OUT                  \
                              VLS_SQL_WITH_BODY VLS_SQL_OUT_PARTY VLS_SQL_DUE_TAIL)                \
    X(DUE_OUT_ANY, "SELECT " VLS_SQL_MESSAGE VLS_SQL_FROM_OUT VLS_SQL_OUT_ANY VLS_SQL_DUE_TAIL)    \
    X(DUE_OUT_ANY_BODY, "SELECT " VLS_SQL_MESSAGE VLS_SQL_BODY VLS_SQL_FROM_OUT VLS_SQL_WITH_BODY  \
                            VLS_SQL_OUT_ANY VLS_SQL_DUE_TAIL)                                      \
    X(DUE_IN, "SELECT " VLS_SQL_MESSAGE VLS_SQL_FROM_IN VLS_SQL_IN VLS_SQL_DUE_TAIL)               \
    X(DUE_IN_BODY, "SELECT " VLS_SQL_MESSAGE VLS_SQL_BODY VLS_SQL_FROM_IN VLS_SQL_WITH_BODY        \
                       VLS_SQL_IN VLS_SQL_DUE_TAIL)                                                \
    X(NEXT_OUT_PARTY, "SELECT m.due_ms" VLS_SQL_FROM_OUT VLS_SQL_OUT_PARTY VLS_SQL_NEXT_TAIL)      \
    X(NEXT_OUT_ANY, "SELECT m.due_ms" VLS_SQL_FROM_OUT VLS_SQL_OUT_ANY VLS_SQL_NEXT_TAIL)          \
    X(NEXT_IN, "SELECT m.due_ms" VLS_SQL_FROM_IN VLS_SQL_IN VLS_SQL_NEXT_TAIL)                     \
    X(LIST, "SELECT " VLS_SQL_MESSAGE " FROM message AS m WHERE" VLS_SQL_LIST_WHERE)               \
    /* Those that have not ended well are few: found by their indexes, not among all. */           \
    X(LIST_OPEN, "SELECT " VLS_SQL_MESSAGE " FROM message AS m WHERE m.id IN ("                    \
                 "SELECT id FROM (SELECT id FROM message INDEXED BY message_out"                   \
                 " WHERE " VLS_SQL_OPEN_OUT " AND" VLS_SQL_LIST_WHERE ")"                          \
                 " UNION ALL SELECT id FROM (SELECT id FROM message INDEXED BY message_in"         \
                 " WHERE " VLS_SQL_OPEN_IN " AND" VLS_SQL_LIST_WHERE "))"                          \
                 " ORDER BY m.id DESC LIMIT ?5")                                                   \
    X(TRACE, "SELECT at_ms, from_state, to_state, cause, actor FROM trace WHERE id = ?"            \
             " ORDER BY step")                                                                     \
    X(COUNTS, "SELECT direction, state, party, count FROM tally WHERE count > 0"                   \
              " ORDER BY direction, state, party")                                                 \
    /* requests */                                                                                 \
    X(REQUEST_ADD, "INSERT INTO request (" VLS_SQL_REQUEST ")"                                     \
                   " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")                                      \
    X(REQUEST_GET, "SELECT " VLS_SQL_REQUEST_ROW " FROM request WHERE id = ?")                     \
    X(REQUEST_CHANGE, "UPDATE request SET slot_ms = ?2, remind_ms = ?3, reminded_ms = ?4,"         \
                      " steps = ?5, answer = ?6, answer_kind = ?7, answer_state = ?8,"             \
                      " answered_ms = ?9, closed_ms = ?10 WHERE id = ?1")                          \
    X(REQUEST_REMIND, "SELECT " VLS_SQL_REQUEST_ROW " FROM request INDEXED BY request_remind"      \
                      " WHERE remind_ms > 0 AND remind_ms <= ? ORDER BY remind_ms, id LIMIT ?")    \
    X(REQUEST_SLOT, "SELECT " VLS_SQL_REQUEST_ROW " FROM request INDEXED BY request_slot"          \
                    " WHERE slot_ms > 0 AND slot_ms <= ? ORDER BY slot_ms, id LIMIT ?")            \
    X(REQUEST_NEXT_REMIND, "SELECT coalesce(min(remind_ms), 0) FROM request"                       \
                           " INDEXED BY request_remind WHERE remind_ms > 0")                       \
    X(REQUEST_NEXT_SLOT, "SELECT coalesce(min(slot_ms), 0) FROM request"                           \
                         " INDEXED BY request_slot WHERE slot_ms > 0")                             \
    X(REQUEST_LATE, "SELECT direction, party, count(*) FROM request INDEXED BY request_open"       \
                    " WHERE closed_ms = 0 AND due_ms <= ? GROUP BY direction, party"               \
                    " ORDER BY direction, party")                                                  \
    X(REQUEST_LIST_OPEN, "SELECT " VLS_SQL_REQUEST_ROW " FROM request INDEXED BY request_open"     \
                         " WHERE closed_ms = 0 AND" VLS_SQL_REQUEST_WHERE)                         \
    X(REQUEST_LIST_ALL, "SELECT " VLS_SQL_REQUEST_ROW " FROM request INDEXED BY request_all"       \
                        " WHERE" VLS_SQL_REQUEST_WHERE)                                            \
    /* contents */                                                                                 \
    X(CONTENT_NAMED, "SELECT 1 FROM message WHERE content_digest = ? AND is_file = 1 LIMIT 1")     \
    /* logs */                                                                                     \
    X(LOG_MAKE, "INSERT OR IGNORE INTO log (origin, size) VALUES (?, 0)")                          \
    X(LOG_SIZE, "SELECT size FROM log WHERE origin = ?")                                           \
    X(LOG_SET_SIZE, "UPDATE log SET size = ?2 WHERE origin = ?1 AND size <= ?2")                   \
    X(TILE_READ,                                                                                   \
      "SELECT hashes FROM tile"                                                                    \
      " WHERE log = (SELECT log FROM log WHERE origin = ?) AND level = ? AND place = ?")           \
    X(TILE_WRITE, "INSERT INTO tile (log, level, place, hashes)"                                   \
                  " VALUES ((SELECT log FROM log WHERE origin = ?), ?, ?, ?)"                      \
                  " ON CONFLICT DO UPDATE SET hashes = excluded.hashes")                           \
    X(CHECKPOINT_ROOT, "SELECT root FROM checkpoint"                                               \
                       " WHERE log = (SELECT log FROM log WHERE origin = ?) AND size = ?")         \
    X(CHECKPOINT_ADD, "INSERT INTO checkpoint (log, size, root, note)"                             \
                      " VALUES ((SELECT log FROM log WHERE origin = ?), ?, ?, ?)")                 \
    X(CHECKPOINT_LATEST, "SELECT size, root, note FROM checkpoint"                                 \
                         " WHERE log = (SELECT log FROM log WHERE origin = ?1) AND ?2 = 0"         \
                         " ORDER BY size DESC LIMIT 1")                                            \
    X(CHECKPOINT_FIRST, "SELECT size, root, note FROM checkpoint"                                  \
                        " WHERE log = (SELECT log FROM log WHERE origin = ?) AND size >= ?"        \
                        " ORDER BY size LIMIT 1")                                                  \
    /* metering */                                                                                 \
    X(METER_ADD, "INSERT INTO meter (month, direction, party, kind, body, messages, bytes)"        \
                 " VALUES (?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET"                               \
                 " messages = messages + excluded.messages, bytes = bytes + excluded.bytes")       \
    X(METER_LIST, "SELECT direction, party, kind, body, sum(messages), sum(bytes) FROM meter"      \
                  " WHERE month BETWEEN ?1 AND ?2 AND (?3 IS NULL OR party = ?3)"                  \
                  " AND (direction, party, kind, body) > (?4, ?5, ?6, ?7)"                         \
                  " GROUP BY direction, party, kind, body"                                         \
                  " ORDER BY direction, party, kind, body LIMIT ?8")                               \
    /* members of a body */                                                                        \
    X(MEMBER_ADD, "INSERT INTO member (id, member, received_ms, reference, actor)"                 \
                  " VALUES (?,?,?,?,?)")                                                           \
    X(MEMBER_GET, "SELECT member, received_ms, reference, actor FROM member"                       \
                  " WHERE id = ? AND member = ?")                                                  \
    X(MEMBERS, "SELECT member, received_ms, reference, actor FROM member"                          \
               " WHERE id = ? AND member > ? ORDER BY member LIMIT ?")                             \
    X(DISTRIBUTIONS,                                                                               \
      "SELECT r.id, r.party, m.body, r.since_ms, r.due_ms, r.closed_ms, m.manifest_digest,"        \
      " r.answer, r.answer_kind,"                                                                  \
      " coalesce((SELECT a.state FROM message AS a WHERE a.id = r.answer), 0),"                    \
      " (SELECT count(*) FROM member WHERE member.id = r.id)"                                      \
      " FROM request AS r JOIN message AS m ON m.id = r.id"                                        \
      " WHERE r.direction = 2 AND r.kind = ?1 AND (?2 IS NULL OR r.id = ?2)"                       \
      " AND (?3 IS NULL OR r.id > ?3) AND (?4 OR r.closed_ms = 0) ORDER BY r.id LIMIT ?5")         \
    /* reviews */                                                                                  \
    X(REVIEW_PUT,                                                                                  \
      "INSERT INTO review (id, officer, signed_ms, expires_ms, statement, signature)"              \
      " VALUES (?,?,?,?,?,?) ON CONFLICT DO UPDATE SET signed_ms = excluded.signed_ms,"            \
      " expires_ms = excluded.expires_ms, statement = excluded.statement,"                         \
      " signature = excluded.signature")                                                           \
    X(REVIEWS, "SELECT officer, signed_ms, expires_ms, statement, signature FROM review"           \
               " WHERE id = ? ORDER BY signed_ms, officer")                                        \
    /* versions of the arrangement */                                                              \
    X(ARRANGEMENT_ADD,                                                                             \
      "INSERT INTO arrangement (digest, name, version, supersedes, bytes, added_ms, actor)"        \
      " VALUES (?,?,?,?,?,?,?) ON CONFLICT DO NOTHING")                                            \
    X(ARRANGEMENTS, "SELECT digest, name, version, supersedes, bytes, added_ms, actor"             \
                    " FROM arrangement ORDER BY version, added_ms, digest")                        \
    X(APPROVAL_ADD, "INSERT INTO approval (digest, party, signed_ms, added_ms, signature)"         \
                    " VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING")                                  \
    X(APPROVALS, "SELECT party, signed_ms, added_ms, signature FROM approval"                      \
                 " WHERE digest = ? ORDER BY party")                                               \
    VLS_SQL_ANSWERS(X)                                                                             \
    VLS_SQL_RETENTION(X)                                                                           \
    /* plugins */                                                                                  \
    X(ITEM_SET, "UPDATE item SET value = ? WHERE plugin = ? AND key = ?")                          \
    X(ITEM_ADD, "INSERT INTO item (plugin, key, value) VALUES (?,?,?)")                            \
    X(ITEM_REMOVE, "DELETE FROM item WHERE plugin = ? AND key = ?")                                \
    X(ITEMS, "SELECT key, value FROM item WHERE plugin = ? ORDER BY key")                          \
    X(ITEM_COUNT, "SELECT coalesce(sum(items), 0) FROM plugin WHERE plugin = ?")                   \
    X(ITEM_COUNT_UP, "INSERT INTO plugin (plugin, items) VALUES (?, 1)"                            \
                     " ON CONFLICT DO UPDATE SET items = items + 1")                               \
    X(ITEM_COUNT_DOWN, "UPDATE plugin SET items = items - 1 WHERE plugin = ?")                     \
    VLS_SQL_CATALOGUE(X)                                                                           \
    VLS_SQL_EVIDENCE_TABLE(X)                                                                      \
    VLS_SQL_ATTESTATION_TABLE(X)

#define VLS_X(name, sql) VLS_SQL_##name,
enum vls_sql { VLS_SQL_TABLE(VLS_X) VLS_SQL_COUNT };
#undef VLS_X

#endif
