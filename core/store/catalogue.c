/* What is held, by symbol, words and fingerprint. */
#include "store/catalogue.h"

#include <string.h>

#include "base/text.h"
#include "store/store_internal.h"

const char VLS_SCHEMA_CATALOGUE[] =
    "CREATE TABLE holding ("
    " holding INTEGER PRIMARY KEY,"
    " id BLOB NOT NULL REFERENCES message,"
    " part INTEGER NOT NULL,"
    " direction INTEGER NOT NULL CHECK (direction IN (1, 2)),"
    " party TEXT NOT NULL,"
    " label TEXT NOT NULL,"
    " kind TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " issuer TEXT NOT NULL,"
    " language TEXT NOT NULL,"
    " title TEXT NOT NULL,"
    " published TEXT NOT NULL,"
    " held_ms INTEGER NOT NULL,"
    " about BLOB NOT NULL,"
    " digest BLOB NOT NULL,"
    " minhash BLOB NOT NULL"
    ") STRICT;"
    "CREATE UNIQUE INDEX holding_part ON holding (id, part);"
    /* own symbols (relates is NULL), and those of documents that it refers to */
    "CREATE TABLE holding_name ("
    " holding INTEGER NOT NULL REFERENCES holding,"
    " relates INTEGER,"
    " issuer TEXT NOT NULL,"
    " base TEXT NOT NULL,"
    " canonical TEXT NOT NULL,"
    " printed TEXT NOT NULL,"
    " reissue INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX holding_name_base ON holding_name (issuer, base);"
    "CREATE INDEX holding_name_canonical ON holding_name (canonical);"
    "CREATE INDEX holding_name_holding ON holding_name (holding);"
    "CREATE TABLE holding_band ("
    " hash INTEGER NOT NULL,"
    " holding INTEGER NOT NULL REFERENCES holding,"
    " PRIMARY KEY (hash, holding)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX holding_band_holding ON holding_band (holding);"
    "CREATE TABLE likeness ("
    " id BLOB NOT NULL PRIMARY KEY REFERENCES message,"
    " other BLOB NOT NULL CHECK (length(other) IN (0, 16)),"
    " how INTEGER NOT NULL,"
    " advice TEXT NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX likeness_other ON likeness (other);"
    /* rowid is that of holding. Words come in search form: what this tokenizer would do to Arabic
     * and Chinese is done before */
    "CREATE VIRTUAL TABLE holding_text USING fts5 (symbols, title, bodies, subjects,"
    " tokenize = \"unicode61 remove_diacritics 2\");";

/* -- writing ----------------------------------------------------------------------------------- */

static struct vls_status add_row(struct vls_store *store, const struct vls_holding *h,
                                 struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_HOLDING_ADD, &q, why));
    vls_query_blob(&q, vls_id_slice(&h->id));
    vls_query_number(&q, h->part);
    vls_query_number(&q, h->direction);
    vls_query_text(&q, h->party);
    vls_query_text(&q, h->label);
    vls_query_text(&q, h->kind);
    vls_query_text(&q, h->name);
    vls_query_text(&q, h->issuer);
    vls_query_text(&q, h->language);
    vls_query_text(&q, h->title);
    vls_query_text(&q, h->published);
    vls_query_number(&q, h->held_ms);
    vls_query_blob(&q, h->about);
    vls_query_blob(&q, h->digest);
    vls_query_blob(&q, h->minhash);
    return vls_query_run(&q, why);
}

static struct vls_status add_name(struct vls_store *store, uint64_t row, const char *issuer,
                                  const struct vls_catalogue_name *name, bool is_relation,
                                  struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, is_relation ? VLS_SQL_HOLDING_RELATION : VLS_SQL_HOLDING_SYMBOL,
                           &q, why));
    vls_query_number(&q, row);
    vls_query_text(&q, issuer);
    vls_query_text(&q, name->base);
    vls_query_text(&q, name->canonical);
    vls_query_text(&q, name->printed);
    vls_query_number(&q, is_relation ? name->relates : name->reissue);
    return vls_query_run(&q, why);
}

static struct vls_status add_words(struct vls_store *store, uint64_t row,
                                   const struct vls_holding_more *more, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_HOLDING_WORDS, &q, why));
    vls_query_number(&q, row);
    vls_query_text(&q, more->text_symbols);
    vls_query_text(&q, more->text_title);
    vls_query_text(&q, more->text_bodies);
    vls_query_text(&q, more->text_subjects);
    return vls_query_run(&q, why);
}

/* A band is any 64 bits; SQLite's numbers have a sign. */
static void bind_band(struct vls_query *q, uint64_t band)
{
    vls_query_number(q, band >> 1);
}

static struct vls_status add_band(struct vls_store *store, uint64_t row, uint64_t band,
                                  struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_HOLDING_BAND, &q, why));
    bind_band(&q, band);
    vls_query_number(&q, row);
    return vls_query_run(&q, why);
}

static struct vls_status add_more(struct vls_store *store, uint64_t row,
                                  const struct vls_holding *h, const struct vls_holding_more *more,
                                  struct vls_why *why)
{
    const char *issuer = h->issuer != NULL ? h->issuer : "";
    for (size_t i = 0; i < more->symbol_count; i++)
        VLS_TRY(add_name(store, row, issuer, &more->symbols[i], false, why));
    for (size_t i = 0; i < more->relation_count; i++)
        VLS_TRY(add_name(store, row, issuer, &more->relations[i], true, why));
    for (size_t i = 0; i < VLS_CATALOGUE_BANDS && h->minhash.len != 0; i++)
        VLS_TRY(add_band(store, row, more->bands[i], why));
    return add_words(store, row, more, why);
}

/* The row goes first: it alone can be refused, and then nothing was written. */
struct vls_status vls_catalogue_add(struct vls_store *store, const struct vls_holding *holding,
                                    const struct vls_holding_more *more, struct vls_why *why)
{
    VLS_TRY(add_row(store, holding, why));
    uint64_t row = (uint64_t)sqlite3_last_insert_rowid(store->db);
    struct vls_status s = add_more(store, row, holding, more, why);
    if (!vls_ok(s))
        store->broken = s;
    return s;
}

struct vls_status vls_catalogue_forget(struct vls_store *store, const struct vls_id *id,
                                       struct vls_why *why)
{
    static const enum vls_sql STEPS[] = {VLS_SQL_HOLDING_FORGET_WORDS, VLS_SQL_HOLDING_FORGET_NAMES,
                                         VLS_SQL_HOLDING_FORGET_BANDS, VLS_SQL_HOLDING_FORGET,
                                         VLS_SQL_LIKENESS_FORGET};
    for (size_t i = 0; i < sizeof STEPS / sizeof STEPS[0]; i++) {
        VLS_DEFER(vls_query_close) struct vls_query q = {0};
        VLS_TRY(vls_query_open(store, STEPS[i], &q, why));
        vls_query_blob(&q, vls_id_slice(id));
        VLS_TRY(vls_query_run(&q, why));
    }
    return VLS_DONE;
}

/* -- reading ----------------------------------------------------------------------------------- */

/* In the order of VLS_SQL_HOLDING. */
static struct vls_status read_row(const struct vls_query *q, struct vls_holding *h,
                                  struct vls_catalogue_name *name, struct vls_why *why)
{
    if (!vls_ok(vls_id_from(vls_query_get_blob(q, 0), &h->id)))
        return vls_fail(VLS_STORE_DAMAGED, why, "a document of a message without id");
    h->part = (uint32_t)vls_query_get_number(q, 1);
    h->direction = (enum vls_direction)vls_query_get_number(q, 2);
    h->party = vls_query_get_text(q, 3);
    h->label = vls_query_get_text(q, 4);
    h->kind = vls_query_get_text(q, 5);
    h->name = vls_query_get_text(q, 6);
    h->issuer = vls_query_get_text(q, 7);
    h->language = vls_query_get_text(q, 8);
    h->title = vls_query_get_text(q, 9);
    h->published = vls_query_get_text(q, 10);
    h->held_ms = vls_query_get_number(q, 11);
    h->about = vls_query_get_blob(q, 12);
    h->digest = vls_query_get_blob(q, 13);
    h->minhash = vls_query_get_blob(q, 14);
    h->state = (enum vls_state)vls_query_get_number(q, 15);
    name->printed = vls_query_get_text(q, 16);
    name->canonical = vls_query_get_text(q, 17);
    name->base = vls_query_get_text(q, 18);
    name->relates = (uint32_t)vls_query_get_number(q, 19);
    name->reissue = (uint32_t)vls_query_get_number(q, 20);
    return VLS_DONE;
}

static struct vls_status each(struct vls_query *q, vls_holding_fn fn, void *ctx,
                              struct vls_why *why)
{
    for (;;) {
        struct vls_holding h = {.part = 0};
        struct vls_catalogue_name name = {.printed = ""};
        bool has_row;
        VLS_TRY(vls_query_next(q, &has_row, why));
        if (!has_row)
            return VLS_DONE;
        VLS_TRY(read_row(q, &h, &name, why));
        struct vls_status s = fn(ctx, &h, name.printed[0] != '\0' ? &name : NULL, why);
        if (s.code == VLS_STORE_FULL)
            return VLS_DONE;
        VLS_TRY(s);
    }
}

/* ?1 direction or 0, ?2 party or NULL */
static void bind_which(struct vls_query *q, const char *party, enum vls_direction direction)
{
    vls_query_number(q, direction);
    vls_query_text_or_null(q, party);
}

struct vls_status vls_catalogue_search(struct vls_store *store,
                                       const struct vls_catalogue_filter *f, vls_holding_fn fn,
                                       void *ctx, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    bool has_match = f->match != NULL;
    VLS_TRY(
        vls_query_open(store, has_match ? VLS_SQL_HOLDING_MATCH : VLS_SQL_HOLDING_LIST, &q, why));
    bind_which(&q, f->party, f->direction);
    vls_query_text_or_null(&q, f->issuer);
    vls_query_text_or_null(&q, f->symbol);
    vls_query_text_or_null(&q, f->begins);
    vls_query_text_or_null(&q, f->language);
    if (has_match)
        vls_query_text(&q, f->match);
    return each(&q, fn, ctx, why);
}

struct vls_status vls_catalogue_of(struct vls_store *store, const struct vls_id *id,
                                   vls_holding_fn fn, void *ctx, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_HOLDING_OF, &q, why));
    vls_query_blob(&q, vls_id_slice(id));
    return each(&q, fn, ctx, why);
}

struct vls_status vls_catalogue_kin(struct vls_store *store, const char *issuer, const char *base,
                                    const char *party, enum vls_direction direction,
                                    vls_holding_fn fn, void *ctx, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_HOLDING_KIN, &q, why));
    bind_which(&q, party, direction);
    vls_query_text(&q, issuer);
    vls_query_text(&q, base);
    return each(&q, fn, ctx, why);
}

struct vls_status vls_catalogue_referring(struct vls_store *store, const char *issuer,
                                          const char *base, vls_holding_fn fn, void *ctx,
                                          struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_HOLDING_REFERRING, &q, why));
    vls_query_text(&q, issuer);
    vls_query_text(&q, base);
    return each(&q, fn, ctx, why);
}

struct vls_status vls_catalogue_candidates(struct vls_store *store,
                                           const uint64_t bands[VLS_CATALOGUE_BANDS],
                                           const char *party, enum vls_direction direction,
                                           vls_holding_fn fn, void *ctx, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_HOLDING_CANDIDATES, &q, why));
    bind_which(&q, party, direction);
    for (size_t i = 0; i < VLS_CATALOGUE_BANDS; i++)
        bind_band(&q, bands[i]);
    return each(&q, fn, ctx, why);
}

struct vls_status vls_catalogue_overlap(struct vls_store *store, const char *party,
                                        vls_holding_fn fn, void *ctx, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_HOLDING_OVERLAP, &q, why));
    vls_query_text_or_null(&q, party);
    return each(&q, fn, ctx, why);
}

/* -- advice ------------------------------------------------------------------------------------ */

struct vls_status vls_catalogue_advise(struct vls_store *store, const struct vls_id *id,
                                       const struct vls_likeness *likeness, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_LIKENESS_ADD, &q, why));
    vls_query_blob(&q, vls_id_slice(id));
    vls_query_blob(&q, likeness->like != 0 ? vls_id_slice(&likeness->other) : VLS_SLICE(NULL, 0));
    vls_query_number(&q, likeness->like);
    vls_query_text(&q, likeness->advice);
    return vls_query_run(&q, why);
}

struct vls_status vls_catalogue_advice(struct vls_store *store, const struct vls_id *id,
                                       struct vls_likeness *out, char *advice, size_t room,
                                       struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    bool has_row;
    VLS_TRY(vls_query_open(store, VLS_SQL_LIKENESS_GET, &q, why));
    vls_query_blob(&q, vls_id_slice(id));
    VLS_TRY(vls_query_next(&q, &has_row, why));
    if (!has_row)
        return vls_fail(VLS_STORE_MISSING, why, "nothing is known that is like this message");
    struct vls_likeness found = {.like = (uint32_t)vls_query_get_number(&q, 1), .advice = advice};
    if (found.like != 0 && !vls_ok(vls_id_from(vls_query_get_blob(&q, 0), &found.other)))
        return vls_fail(VLS_STORE_DAMAGED, why, "a message that is like another one without id");
    vls_text_copy(advice, room, vls_query_get_text(&q, 2));
    *out = found;
    return VLS_DONE;
}
