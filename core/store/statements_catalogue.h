#ifndef VALISE_STORE_STATEMENTS_CATALOGUE_H
#define VALISE_STORE_STATEMENTS_CATALOGUE_H
/*
 * store/statements_catalogue - the part of statements.h that catalogue.c runs.
 *
 * Process: router.
 */

/* What catalogue.c reads of a document, in its order; n is its name, or a relation. */
#define VLS_SQL_HOLDING                                                                            \
    "SELECT h.id, h.part, h.direction, h.party, h.label, h.kind, h.name, h.issuer, h.language,"    \
    " h.title, h.published, h.held_ms, h.about, h.digest, h.minhash, h.label_says_all,"            \
    " coalesce((SELECT m.state FROM message AS m WHERE m.id = h.id), 0), "
#define VLS_SQL_HOLDING_NAME "n.printed, n.canonical, n.base, coalesce(n.relates, 0), n.reissue"
/* ?1 direction or 0, ?2 party or NULL */
#define VLS_SQL_HOLDING_WHICH " (?1 = 0 OR h.direction = ?1) AND (?2 IS NULL OR h.party = ?2)"
/* ?3 issuer, ?4 symbol, ?5 begin of a symbol, ?6 language; each or NULL */
#define VLS_SQL_HOLDING_LIKE                                                                       \
    " AND (?3 IS NULL OR h.issuer = ?3)"                                                           \
    " AND (?4 IS NULL OR EXISTS (SELECT 1 FROM holding_name AS n WHERE n.holding = h.holding"      \
    " AND n.relates IS NULL AND n.canonical = ?4))"                                                \
    " AND (?5 IS NULL OR EXISTS (SELECT 1 FROM holding_name AS n WHERE n.holding = h.holding"      \
    " AND n.relates IS NULL AND substr(n.canonical, 1, length(?5)) = ?5))"                         \
    " AND (?6 IS NULL OR h.language = ?6 OR substr(h.language, 1, length(?6) + 1) = ?6 || '-')"

#define VLS_SQL_CATALOGUE(X)                                                                       \
    X(HOLDING_ADD, "INSERT INTO holding (id, part, direction, party, label, label_says_all, "      \
                   "kind, name, issuer,"                                                           \
                   " language, title, published, held_ms, about, digest, minhash)"                 \
                   " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")                                    \
    X(HOLDING_SYMBOL, "INSERT INTO holding_name (holding, relates, issuer, base, canonical,"       \
                      " printed, reissue) VALUES (?, NULL, ?, ?, ?, ?, ?)")                        \
    X(HOLDING_RELATION, "INSERT INTO holding_name (holding, issuer, base, canonical, printed,"     \
                        " relates, reissue) VALUES (?, ?, ?, ?, ?, ?, 0)")                         \
    X(HOLDING_BAND, "INSERT OR IGNORE INTO holding_band (hash, holding) VALUES (?, ?)")            \
    X(HOLDING_WORDS, "INSERT INTO holding_text (rowid, symbols, title, bodies, subjects)"          \
                     " VALUES (?, ?, ?, ?, ?)")                                                    \
    X(HOLDING_FORGET_WORDS, "DELETE FROM holding_text WHERE rowid IN"                              \
                            " (SELECT holding FROM holding WHERE id = ?)")                         \
    X(HOLDING_FORGET_NAMES, "DELETE FROM holding_name WHERE holding IN"                            \
                            " (SELECT holding FROM holding WHERE id = ?)")                         \
    X(HOLDING_FORGET_BANDS, "DELETE FROM holding_band WHERE holding IN"                            \
                            " (SELECT holding FROM holding WHERE id = ?)")                         \
    X(HOLDING_SWEEP, "INSERT INTO holding_text (holding_text) VALUES ('optimize')")                \
    X(HOLDING_FORGET, "DELETE FROM holding WHERE id = ?")                                          \
    X(LIKENESS_ADD, "INSERT INTO likeness (id, other, how, advice) VALUES (?, ?, ?, ?)")           \
    X(LIKENESS_GET, "SELECT other, how, advice FROM likeness WHERE id = ?")                        \
    X(LIKENESS_FORGET, "DELETE FROM likeness WHERE id = ?1 OR other = ?1")                         \
    X(HOLDING_LIST, VLS_SQL_HOLDING "'', '', '', 0, 0 FROM holding AS h"                           \
                                    " WHERE" VLS_SQL_HOLDING_WHICH VLS_SQL_HOLDING_LIKE            \
                                    " ORDER BY h.holding DESC")                                    \
    X(HOLDING_MATCH, VLS_SQL_HOLDING                                                               \
      "'', '', '', 0, 0"                                                                           \
      " FROM holding_text JOIN holding AS h ON h.holding = holding_text.rowid"                     \
      " WHERE" VLS_SQL_HOLDING_WHICH VLS_SQL_HOLDING_LIKE " AND holding_text MATCH ?7"             \
      " ORDER BY bm25(holding_text, 8, 4, 1, 1), h.holding DESC")                                  \
    X(HOLDING_OF, VLS_SQL_HOLDING "'', '', '', 0, 0 FROM holding AS h WHERE h.id = ?"              \
                                  " ORDER BY h.part")                                              \
    X(HOLDING_KIN, VLS_SQL_HOLDING VLS_SQL_HOLDING_NAME                                            \
      " FROM holding_name AS n JOIN holding AS h ON h.holding = n.holding"                         \
      " WHERE" VLS_SQL_HOLDING_WHICH " AND n.issuer = ?3 AND n.base = ?4 AND n.relates IS NULL"    \
      " ORDER BY h.holding DESC")                                                                  \
    X(HOLDING_REFERRING, VLS_SQL_HOLDING VLS_SQL_HOLDING_NAME                                      \
      " FROM holding_name AS n JOIN holding AS h ON h.holding = n.holding"                         \
      " WHERE n.issuer = ?1 AND n.base = ?2 AND n.relates IS NOT NULL ORDER BY h.holding DESC")    \
    X(HOLDING_CANDIDATES, VLS_SQL_HOLDING                                                          \
      "'', '', '', 0, 0 FROM holding AS h"                                                         \
      " WHERE" VLS_SQL_HOLDING_WHICH " AND h.holding IN (SELECT holding FROM holding_band"         \
      " WHERE hash IN (?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18))"                 \
      " ORDER BY h.holding DESC LIMIT 100")                                                        \
    X(HOLDING_OVERLAP, VLS_SQL_HOLDING VLS_SQL_HOLDING_NAME                                        \
      " FROM holding_name AS n JOIN holding AS h ON h.holding = n.holding"                         \
      " WHERE h.direction = 1 AND (?1 IS NULL OR h.party = ?1) AND n.relates IS NULL"              \
      " AND EXISTS (SELECT 1 FROM holding_name AS o JOIN holding AS g ON g.holding = o.holding"    \
      " WHERE o.issuer = n.issuer AND o.base = n.base AND o.canonical = n.canonical"               \
      " AND o.relates IS NULL AND g.direction = 2 AND g.party = h.party"                           \
      " AND (g.language = h.language OR g.language = '' OR h.language = ''))"                      \
      " ORDER BY n.issuer, n.canonical, h.holding")

#endif
