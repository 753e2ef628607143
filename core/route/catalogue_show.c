/* The catalogue for operators: each sees of it what he is cleared for, and nothing tells of the
 * rest, not even how much it is. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "document/identity.h"
#include "document/shingle.h"
#include "envelope/about.h"
#include "route/catalogue.h"
#include "route/clearance.h"

#define MAX_ROWS       100u
#define MAX_QUERY      1024 /* words of a question */
#define MAX_MATCH      8192
#define DEFAULT_ISSUER "un"

struct page {
    struct vls_route *route;
    struct vls_report *report;
    Valise__CatalogueRow **rows;
    size_t count, limit;
    bool has_more;
    /* of relations: what was asked for */
    const struct vls_holding *asked; /* NULL: a symbol alone */
    const char *issuer, *language;
    const struct vls_symbol *symbol;
    struct vls_slice minhash;
};

static struct vls_status page_init(struct page *page, struct vls_route *route,
                                   const Valise__OperatorCatalogue *in, struct vls_report *out,
                                   struct vls_why *why)
{
    *page = (struct page){.route = route, .report = out, .limit = MAX_ROWS, .language = ""};
    if (in->limit != 0 && in->limit < MAX_ROWS)
        page->limit = in->limit;
    page->rows = vls_arena_take(out->arena, page->limit * sizeof(void *));
    return page->rows != NULL ? VLS_DONE : vls_report_too_large(why);
}

static struct vls_status page_end(struct page *page)
{
    page->report->reply.catalogue = page->rows;
    page->report->reply.n_catalogue = page->count;
    page->report->reply.has_more = page->has_more;
    return VLS_DONE;
}

/* -- one row ----------------------------------------------------------------------------------- */

/* A title is as sensitive as its document. Where the configuration says who may see content, it is
 * shown to those alone. */
static bool may_see(const struct page *page, const struct vls_holding *h)
{
    struct vls_label label VLS_DEFER(vls_label_fini) = {.scheme = NULL};
    const struct vls_route *route = page->route;
    return route->o.config->operators_count == 0 ||
           (vls_ok(vls_label_read(h->label, route->o.schemes, &label, NULL)) &&
            vls_ok(vls_route_clearance_actor(route, page->report->actor, &label, NULL)));
}

static void *from_arena(void *arena, size_t size)
{
    return vls_arena_take(arena, size);
}

static void to_arena(void *arena, void *pointer)
{
    (void)arena;
    (void)pointer;
}

static struct vls_status read_about(struct vls_report *report, struct vls_slice bytes,
                                    Valise__About **out, struct vls_why *why)
{
    ProtobufCAllocator allocator = {from_arena, to_arena, report->arena};
    *out = valise__about__unpack(&allocator, bytes.len, bytes.at);
    return *out != NULL ? VLS_DONE : vls_report_too_large(why);
}

static struct vls_status copy_id(struct vls_report *report, const struct vls_id *id,
                                 ProtobufCBinaryData *out, struct vls_why *why)
{
    out->data = vls_arena_copy(report->arena, id->bytes, VLS_ID_BYTES);
    out->len = out->data != NULL ? VLS_ID_BYTES : 0;
    return out->data != NULL ? VLS_DONE : vls_report_too_large(why);
}

static struct vls_status copy_row(struct page *page, const struct vls_holding *h,
                                  Valise__CatalogueRow *row, struct vls_why *why)
{
    struct vls_report *report = page->report;
    VLS_TRY(copy_id(report, &h->id, &row->id, why));
    row->part = h->part;
    row->held_ms = h->held_ms;
    row->direction = vls_field_text(h->direction == VLS_OUT ? "out" : "in");
    row->state = vls_field_text(vls_state_name(h->state));
    VLS_TRY(vls_report_text(report, h->party, &row->party, why));
    VLS_TRY(vls_report_text(report, h->kind, &row->kind, why));
    VLS_TRY(vls_report_text(report, h->label, &row->label, why));
    VLS_TRY(vls_report_text(report, h->name, &row->name, why));
    return read_about(report, h->about, &row->about, why);
}

/* `*out` stays NULL when it is not for who asks, or there is no room; then *is_enough. */
static struct vls_status add_row(struct page *page, const struct vls_holding *h,
                                 Valise__CatalogueRow **out, struct vls_why *why)
{
    *out = NULL;
    if (!may_see(page, h))
        return VLS_DONE;
    if (page->count == page->limit) {
        page->has_more = true;
        return (struct vls_status){VLS_STORE_FULL};
    }
    Valise__CatalogueRow *row = vls_arena_take(page->report->arena, sizeof *row);
    if (row == NULL)
        return vls_report_too_large(why);
    valise__catalogue_row__init(row);
    VLS_TRY(copy_row(page, h, row, why));
    page->rows[page->count++] = row;
    *out = row;
    return VLS_DONE;
}

/* What fills an answer is more than anybody reads: then there is more. */
static struct vls_status row_or_enough(struct page *page, struct vls_status status)
{
    if (status.code != VLS_INPUT_LIMIT || page->count == 0)
        return status;
    page->has_more = true;
    return (struct vls_status){VLS_STORE_FULL};
}

/* vls_holding_fn */
static struct vls_status show_row(void *ctx, const struct vls_holding *h,
                                  const struct vls_catalogue_name *name, struct vls_why *why)
{
    Valise__CatalogueRow *row;
    (void)name;
    return row_or_enough(ctx, add_row(ctx, h, &row, why));
}

/* -- search ------------------------------------------------------------------------------------ */

/* One word as it was typed: in FTS5's quotation marks, so that nothing in it is an operator; what
 * has several parts ("A/70/976", Chinese) is a phrase. */
static struct vls_status add_phrase(const char *word, size_t len, struct vls_buf *out,
                                    struct vls_why *why)
{
    char typed[MAX_QUERY + 1];
    VLS_DEFER(vls_buf_fini) struct vls_buf form;
    vls_buf_init(&form, MAX_MATCH);
    vls_text_copy(typed, len + 1 < sizeof typed ? len + 1 : sizeof typed, word);
    VLS_TRY(vls_text_search_form(typed, true, &form));
    if (form.len == 0)
        return VLS_DONE;
    bool is_begin = form.at[form.len - 1] == '*';
    for (size_t i = 0; i < form.len; i++)
        if (form.at[i] == '*')
            form.at[i] = ' ';
    struct vls_status s =
        vls_buf_add_format(out, " \"%s\"%s", vls_buf_text(&form), is_begin ? "*" : "");
    return vls_ok(s) ? s : vls_fail(VLS_INPUT_LIMIT, why, "too many words to search for");
}

static struct vls_status add_phrases(const char *text, struct vls_buf *out, struct vls_why *why)
{
    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        VLS_TRY(add_phrase(text, len, out, why));
        text += len + (text[len] != '\0');
    }
    return VLS_DONE;
}

/* Words in one column of holding_text: `{bodies} : ("security" "council")`. */
static struct vls_status add_column(const char *column, const char *text, struct vls_buf *out,
                                    struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf words;
    vls_buf_init(&words, MAX_MATCH);
    VLS_TRY(vls_text_check("text to search for", text, MAX_QUERY, why));
    VLS_TRY(add_phrases(text, &words, why));
    if (words.len == 0)
        return text[0] == '\0'
                   ? VLS_DONE
                   : vls_fail(VLS_CLI_USAGE, why, "'%.80s' has no word to search for", text);
    return vls_buf_add_format(out, "%s%s%s(%s)", out->len > 0 ? " AND " : "", column,
                              column[0] != '\0' ? " : " : "", vls_buf_text(&words));
}

static struct vls_status read_direction(const char *text, enum vls_direction *out,
                                        struct vls_why *why)
{
    *out = strcmp(text, "out") == 0 ? VLS_OUT : strcmp(text, "in") == 0 ? VLS_IN : 0;
    return *out != 0 || text[0] == '\0'
               ? VLS_DONE
               : vls_fail(VLS_CLI_USAGE, why, "direction '%.40s' is neither 'out' nor 'in'", text);
}

static const char *text_or_null(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

/* The canonical form of a symbol depends on its issuer; where none is given, that of the United
 * Nations, whose grammar takes IOM's as well. */
static void read_symbol(const Valise__OperatorCatalogue *in, struct vls_symbol *symbol,
                        struct vls_catalogue_filter *filter)
{
    size_t len = strlen(in->symbol);
    if (len == 0)
        return;
    vls_symbol_parse(in->issuer[0] != '\0' ? in->issuer : DEFAULT_ISSUER, in->symbol, symbol);
    if (in->symbol[len - 1] != '*') {
        filter->symbol = symbol->canonical;
        return;
    }
    vls_symbol_parse("", in->symbol, symbol); /* not taken apart: it is no whole symbol */
    filter->begins = symbol->canonical;
}

static struct vls_status search(struct vls_route *route, const Valise__OperatorCatalogue *in,
                                struct page *page, struct vls_why *why)
{
    struct vls_symbol symbol;
    VLS_DEFER(vls_buf_fini) struct vls_buf match;
    struct vls_catalogue_filter filter = {.issuer = text_or_null(in->issuer),
                                          .language = text_or_null(in->language),
                                          .party = text_or_null(in->party)};
    vls_buf_init(&match, MAX_MATCH);
    VLS_TRY(read_direction(in->direction, &filter.direction, why));
    VLS_TRY(add_column("", in->text, &match, why));
    VLS_TRY(add_column("bodies", in->body, &match, why));
    VLS_TRY(add_column("subjects", in->subject, &match, why));
    read_symbol(in, &symbol, &filter);
    if (match.len > 0)
        filter.match = vls_buf_text(&match);
    return vls_catalogue_search(route->o.store, &filter, show_row, page, why);
}

/* -- how documents stand to each other --------------------------------------------------------- */

static struct vls_status add_standing(struct page *page, const struct vls_holding *h,
                                      const char *stands, const char *by, struct vls_why *why)
{
    Valise__CatalogueRow *row;
    VLS_TRY(row_or_enough(page, add_row(page, h, &row, why)));
    if (row == NULL)
        return VLS_DONE;
    row->by = vls_field_text(by);
    return vls_report_text(page->report, stands, &row->stands, why);
}

static bool is_asked(const struct page *page, const struct vls_holding *h)
{
    return page->asked != NULL && vls_id_is_equal(&page->asked->id, &h->id) &&
           page->asked->part == h->part;
}

/* vls_holding_fn */
static struct vls_status show_kin(void *ctx, const struct vls_holding *h,
                                  const struct vls_catalogue_name *name, struct vls_why *why)
{
    struct page *page = ctx;
    struct vls_symbol other;
    vls_symbol_parse(h->issuer, name->printed, &other);
    const struct vls_identity theirs = {h->issuer, &other, h->language, NULL};
    const struct vls_identity asked = {page->issuer, page->symbol, page->language, NULL};
    if (is_asked(page, h))
        return VLS_DONE;
    struct vls_standing standing = vls_identity_relate(&theirs, &asked);
    if (standing.how == VLS_STANDS_APART) /* a Corr. for another language */
        standing.how = VLS_STANDS_KIN;
    return add_standing(page, h, vls_standing_words(standing), "symbol", why);
}

/* vls_holding_fn: it says itself that it refers to what was asked for */
static struct vls_status show_referring(void *ctx, const struct vls_holding *h,
                                        const struct vls_catalogue_name *name, struct vls_why *why)
{
    struct page *page = ctx;
    if (is_asked(page, h))
        return VLS_DONE;
    return add_standing(page, h, vls_relates_name(name->relates), "stated", why);
}

/* vls_holding_fn */
static struct vls_status show_near(void *ctx, const struct vls_holding *h,
                                   const struct vls_catalogue_name *name, struct vls_why *why)
{
    struct page *page = ctx;
    size_t before = page->count;
    (void)name;
    if (is_asked(page, h) || h->minhash.len != VLS_MINHASH_BYTES)
        return VLS_DONE;
    double likeness = vls_minhash_likeness(page->minhash.at, h->minhash.at);
    if (likeness < VLS_MINHASH_NEAR)
        return VLS_DONE;
    VLS_TRY(add_standing(page, h, "is nearly the same text as", "text", why));
    if (page->count > before)
        page->rows[before]->percent = (uint32_t)(likeness * 100.0);
    return VLS_DONE;
}

static struct vls_status add_symbol(struct page *page, const struct vls_symbol *symbol,
                                    struct vls_why *why)
{
    struct vls_store *store = page->route->o.store;
    page->symbol = symbol;
    VLS_TRY(vls_catalogue_kin(store, page->issuer, symbol->base, NULL, 0, show_kin, page, why));
    return vls_catalogue_referring(store, page->issuer, symbol->base, show_referring, page, why);
}

/* A document that it refers to and that is not held: by its name alone. */
static struct vls_status add_named(struct page *page, const Valise__Relation *relation,
                                   struct vls_why *why)
{
    if (page->count == page->limit)
        return VLS_DONE;
    Valise__CatalogueRow *row = vls_arena_take(page->report->arena, sizeof *row);
    Valise__About *about = vls_arena_take(page->report->arena, sizeof *about);
    char **symbols = vls_arena_take(page->report->arena, sizeof *symbols);
    if (row == NULL || about == NULL || symbols == NULL)
        return vls_report_too_large(why);
    valise__catalogue_row__init(row);
    valise__about__init(about);
    VLS_TRY(vls_report_text(page->report, relation->symbol, &symbols[0], why));
    VLS_TRY(vls_report_text(page->report, page->issuer, &about->issuer, why));
    about->symbols = symbols;
    about->n_symbols = 1;
    row->about = about;
    row->stands = vls_field_text(vls_relates_name(relation->relates));
    row->by = vls_field_text("stated here");
    page->rows[page->count++] = row;
    return VLS_DONE;
}

/* vls_holding_fn: one document of the message that was asked for */
static struct vls_status relate_document(void *ctx, const struct vls_holding *h,
                                         const struct vls_catalogue_name *name, struct vls_why *why)
{
    struct page *page = ctx;
    struct vls_symbol symbol;
    Valise__About *about;
    uint64_t bands[VLS_MINHASH_BANDS];
    (void)name;
    if (!may_see(page, h))
        return VLS_DONE;
    VLS_TRY(read_about(page->report, h->about, &about, why));
    page->asked = h;
    page->issuer = about->issuer;
    page->language = about->language;
    for (size_t i = 0; i < about->n_symbols; i++) {
        vls_symbol_parse(about->issuer, about->symbols[i], &symbol);
        VLS_TRY(add_symbol(page, &symbol, why));
    }
    for (size_t i = 0; i < about->n_relations; i++)
        VLS_TRY(add_named(page, about->relations[i], why));
    page->minhash = h->minhash;
    if (h->minhash.len != VLS_MINHASH_BYTES)
        return VLS_DONE;
    vls_minhash_bands(h->minhash.at, bands);
    return vls_catalogue_candidates(page->route->o.store, bands, NULL, 0, show_near, page, why);
}

static struct vls_status show_relations(struct vls_route *route,
                                        const Valise__OperatorCatalogue *in, struct page *page,
                                        struct vls_why *why)
{
    struct vls_symbol symbol;
    struct vls_id id;
    if (in->id.len != 0) {
        VLS_TRY(vls_route_find(route, in->id, &id, why));
        return vls_catalogue_of(route->o.store, &id, relate_document, page, why);
    }
    page->issuer = in->issuer[0] != '\0' ? in->issuer : DEFAULT_ISSUER;
    page->language = in->language;
    vls_symbol_parse(page->issuer, in->symbol, &symbol);
    return add_symbol(page, &symbol, why);
}

/* -- what both have ---------------------------------------------------------------------------- */

struct counterpart {
    struct page *page;
    const char *canonical, *language;
    Valise__CatalogueRow *row; /* of what was sent */
};

/* vls_holding_fn: of those with the same base that came from the partner, the one with the symbol
 */
static struct vls_status add_counterpart(void *ctx, const struct vls_holding *h,
                                         const struct vls_catalogue_name *name, struct vls_why *why)
{
    struct counterpart *c = ctx;
    if (strcmp(name->canonical, c->canonical) != 0 ||
        !vls_language_is_same(c->language, h->language) || !may_see(c->page, h))
        return VLS_DONE;
    VLS_TRY(vls_report_text(c->page->report, h->name, &c->row->other_name, why));
    VLS_TRY(copy_id(c->page->report, &h->id, &c->row->other, why));
    return (struct vls_status){VLS_STORE_FULL};
}

/* Who may not see what was received is not told that it is. */
static struct vls_status show_overlap(void *ctx, const struct vls_holding *h,
                                      const struct vls_catalogue_name *name, struct vls_why *why)
{
    struct page *page = ctx;
    struct counterpart c = {page, name->canonical, h->language, NULL};
    VLS_TRY(row_or_enough(page, add_row(page, h, &c.row, why)));
    if (c.row == NULL)
        return VLS_DONE;
    VLS_TRY(vls_catalogue_kin(page->route->o.store, h->issuer, name->base, h->party, VLS_IN,
                              add_counterpart, &c, why));
    if (c.row->other.len == 0)
        page->count--;
    return VLS_DONE;
}

/* -- what an operator asks --------------------------------------------------------------------- */

static struct vls_status show_one(struct vls_route *route, const Valise__OperatorCatalogue *in,
                                  struct page *page, struct vls_why *why)
{
    struct vls_id id;
    VLS_TRY(vls_route_find(route, in->id, &id, why));
    return vls_catalogue_of(route->o.store, &id, show_row, page, why);
}

struct vls_status vls_catalogue_documents(struct vls_route *route, const struct vls_id *id,
                                          struct vls_report *out, struct vls_why *why)
{
    struct page page;
    const Valise__OperatorCatalogue all = VALISE__OPERATOR_CATALOGUE__INIT;
    VLS_TRY(page_init(&page, route, &all, out, why));
    VLS_TRY(vls_catalogue_of(route->o.store, id, show_row, &page, why));
    out->reply.catalogue = page.rows;
    out->reply.n_catalogue = page.count;
    return VLS_DONE;
}

static struct vls_status make(struct vls_route *route, const Valise__OperatorCatalogue *in,
                              struct page *page, struct vls_why *why)
{
    switch (in->verb) {
    case VALISE__OPERATOR_CATALOGUE__VERB__SEARCH:
        return search(route, in, page, why);
    case VALISE__OPERATOR_CATALOGUE__VERB__SHOW:
        return show_one(route, in, page, why);
    case VALISE__OPERATOR_CATALOGUE__VERB__RELATIONS:
        return show_relations(route, in, page, why);
    case VALISE__OPERATOR_CATALOGUE__VERB__OVERLAP:
        return vls_catalogue_overlap(route->o.store, text_or_null(in->party), show_overlap, page,
                                     why);
    case VALISE__OPERATOR_CATALOGUE__VERB__NONE:
    default: /* a number from outside */
        break;
    }
    return vls_fail(VLS_CLI_USAGE, why, "this question to the catalogue is not known");
}

struct vls_status vls_catalogue_report(struct vls_route *route, const Valise__OperatorCatalogue *in,
                                       struct vls_report *out, struct vls_why *why)
{
    struct page page;
    VLS_TRY(vls_text_check("symbol", in->symbol, VLS_MAX_SYMBOL, why));
    VLS_TRY(vls_text_check("issuer", in->issuer, VLS_MAX_NAME, why));
    VLS_TRY(vls_text_check("language", in->language, VLS_MAX_LANGUAGE, why));
    VLS_TRY(page_init(&page, route, in, out, why));
    VLS_TRY(make(route, in, &page, why));
    return page_end(&page);
}
