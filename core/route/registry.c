#include "route/registry.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "route/clearance.h"
#include "route/copy.h"
#include "route/internal.h"
#include "store/internal.h"
#include "store/retention.h"

#define PAGE_ROWS   10u  /* of one answer, which is one frame */
#define PAGE_SCAN   500u /* messages looked at for one answer: the router has more to do */
#define ROW_ENTRIES 24u  /* of the internal log in one row: the first of them */
#define READER_ROOM (VLS_MAX_NAME + 24)

struct page {
    struct vls_route *route;
    const Valise__OperatorRegistry *in;
    struct vls_report *report;
    Valise__RegistryRow **rows;
    size_t count, seen;
    struct vls_id last;
};

/* -- what is classified ------------------------------------------------------------------------ */

/* Something of its scheme stands below it. A label that is not understood counts as classified. */
static bool is_classified(const struct vls_label *label)
{
    const struct vls_classification *level;
    if (label->scheme == NULL)
        return true;
    for (size_t i = 0; (level = vls_scheme_at(label->scheme, i)) != NULL; i++) {
        struct vls_label plain = vls_label_of(label->scheme, level);
        if (vls_label_compare(label, &plain) == VLS_LABEL_ABOVE)
            return true;
    }
    return false;
}

static bool is_asked_for(const struct page *page, const struct vls_message *m,
                         const struct vls_label *label)
{
    const Valise__OperatorRegistry *in = page->in;
    return (in->party[0] == '\0' || vls_text_is_equal(in->party, m->party)) &&
           m->created_ms >= in->from_ms && (in->to_ms == 0 || m->created_ms < in->to_ms) &&
           (in->with_lowest || is_classified(label)) &&
           vls_report_is_for_actor(page->route, page->report, m);
}

/* -- who may open it --------------------------------------------------------------------------- */

static struct vls_status add_reader(struct vls_report *report, Valise__RegistryRow *row,
                                    const char *kind, const char *name, const char *tail,
                                    struct vls_why *why)
{
    char text[READER_ROOM];
    snprintf(text, sizeof text, "%s:%s%s", kind, name, tail);
    return vls_report_text(report, text, &row->readers[row->n_readers++], why);
}

static bool was_sealed_to_partner(const struct vls_message *m)
{
    return m->direction == VLS_OUT && m->log_index != VLS_NO_INDEX;
}

/* Whose keys open it, and who of this side is cleared today. */
static struct vls_status add_readers(struct page *page, const struct vls_message *m,
                                     const struct vls_label *label, Valise__RegistryRow *row,
                                     struct vls_why *why)
{
    const struct vls_config *config = page->route->o.config;
    struct vls_report *report = page->report;
    struct vls_why reason;
    row->readers =
        vls_arena_take(report->arena, (config->operators_count + 2) * sizeof *row->readers);
    if (row->readers == NULL)
        return vls_report_too_large(why);
    if (was_sealed_to_partner(m))
        VLS_TRY(add_reader(report, row, "party", m->party, "", why));
    VLS_TRY(add_reader(report, row, "party", config->node.party,
                       m->direction == VLS_OUT ? " (archive)" : "", why));
    for (unsigned i = 0; i < config->operators_count; i++)
        if (label->scheme != NULL &&
            vls_ok(vls_route_clearance_operator(page->route, i, label, &reason)))
            VLS_TRY(add_reader(report, row, "operator", config->operators[i].user, "", why));
    return VLS_DONE;
}

/* -- what was done with it --------------------------------------------------------------------- */

struct entries {
    struct vls_report *report;
    Valise__RegistryRow *row;
};

/** Entries of these kinds hold digests. */
static bool is_words(const char *kind)
{
    return strcmp(kind, VLS_INTERNAL_DECISION) != 0 && strcmp(kind, VLS_INTERNAL_REVIEW) != 0 &&
           strcmp(kind, VLS_INTERNAL_ALARM) != 0;
}

static struct vls_status fill_entry(struct vls_report *report, uint64_t place,
                                    const Valise__InternalRecord *record,
                                    Valise__RegistryEntry *out, struct vls_why *why)
{
    char words[VLS_OPERATE_CAUSE];
    size_t len = is_words(record->kind) ? record->body.len : 0;
    len = len < sizeof words ? len : sizeof words - 1;
    vls_copy((uint8_t *)words, record->body.data, len);
    words[len] = '\0';
    out->place = place;
    out->at_ms = record->at_ms;
    VLS_TRY(vls_report_text(report, record->kind, &out->kind, why));
    VLS_TRY(vls_report_text(report, record->actor, &out->actor, why));
    return vls_report_text(report, words, &out->words, why);
}

/* vls_internal_fn */
static struct vls_status add_entry(void *ctx, const struct vls_internal_row *stored,
                                   struct vls_why *why)
{
    struct entries *entries = ctx;
    Valise__RegistryRow *row = entries->row;
    struct vls_internal record;
    row->copies += strcmp(stored->kind, VLS_INTERNAL_COPY) == 0;
    row->openings += strcmp(stored->kind, VLS_INTERNAL_OPENING) == 0;
    if (row->n_entries == ROW_ENTRIES) {
        row->left_out++;
        return VLS_DONE;
    }
    Valise__RegistryEntry *entry = vls_arena_take(entries->report->arena, sizeof *entry);
    if (entry == NULL)
        return vls_report_too_large(why);
    valise__registry_entry__init(entry);
    VLS_TRY(vls_internal_read(stored->record, &record, why));
    struct vls_status s = fill_entry(entries->report, stored->place, record.fields, entry, why);
    vls_internal_fini(&record);
    row->entries[row->n_entries++] = entry;
    return s;
}

static struct vls_status add_entries(struct page *page, const struct vls_message *m,
                                     Valise__RegistryRow *row, struct vls_why *why)
{
    struct entries entries = {page->report, row};
    const struct vls_internal_filter filter = {.id = &m->id, .limit = UINT32_MAX};
    row->entries = vls_arena_take(page->report->arena, ROW_ENTRIES * sizeof *row->entries);
    if (row->entries == NULL)
        return vls_report_too_large(why);
    VLS_TRY(vls_store_internal_each(page->route->o.store, &filter, add_entry, &entries, why));
    row->copies += m->direction == VLS_IN && m->state == VLS_STATE_DELIVERED; /* to a sink */
    return VLS_DONE;
}

static struct vls_status receipt_time(struct vls_route *route, const struct vls_id *id,
                                      uint64_t *out_ms, struct vls_why *why)
{
    struct vls_message *whole;
    struct vls_receipt receipt;
    VLS_TRY(vls_store_get(route->o.store, id, &whole, why));
    struct vls_status s = VLS_DONE;
    if (whole->receipt.len != 0) {
        s = vls_receipt_read(whole->receipt, &receipt, why);
        if (vls_ok(s)) {
            *out_ms = receipt.fields->received_ms;
            vls_receipt_fini(&receipt);
        }
    }
    vls_message_free(&whole);
    return s;
}

/* -- the register ------------------------------------------------------------------------------ */

static struct vls_status add_row(struct page *page, const struct vls_message *m,
                                 const struct vls_label *label, uint64_t erased_ms,
                                 struct vls_why *why)
{
    Valise__RegistryRow *row = vls_arena_take(page->report->arena, sizeof *row);
    if (row == NULL)
        return vls_report_too_large(why);
    valise__registry_row__init(row);
    VLS_TRY(vls_report_row(page->route, m, page->report, &row->row, why));
    VLS_TRY(receipt_time(page->route, &m->id, &row->receipted_ms, why));
    VLS_TRY(add_readers(page, m, label, row, why));
    VLS_TRY(add_entries(page, m, row, why));
    row->erased_ms = erased_ms;
    page->rows[page->count++] = row;
    return VLS_DONE;
}

/* vls_walk_fn */
static struct vls_status look(void *ctx, const struct vls_message *m, uint64_t erased_ms,
                              struct vls_why *why)
{
    struct page *page = ctx;
    struct vls_label label VLS_DEFER(vls_label_fini) = {.scheme = NULL};
    if (page->count == PAGE_ROWS)
        return VLS_DONE;
    page->last = m->id;
    page->seen++;
    VLS_IGNORE(vls_label_read_any(m->label, page->route->o.schemes, &label, NULL),
               "what is not understood counts as classified");
    return is_asked_for(page, m, &label) ? add_row(page, m, &label, erased_ms, why) : VLS_DONE;
}

static struct vls_status show_one(struct page *page, struct vls_why *why)
{
    struct vls_id id, before;
    VLS_TRY(vls_route_find(page->route, page->in->id, &id, why));
    before = id;
    for (size_t i = VLS_ID_BYTES; i > 0 && before.bytes[i - 1]-- == 0; i--)
        ;
    VLS_TRY(vls_store_walk(page->route->o.store, &before, 1, look, page, why));
    return page->count == 1
               ? VLS_DONE
               : vls_fail(VLS_STORE_MISSING, why, "the register shows you no such message");
}

static struct vls_status show_page(struct page *page, struct vls_why *why)
{
    struct vls_id after;
    bool has_after = page->in->after.len != 0;
    uint8_t *next = vls_arena_take(page->report->arena, VLS_ID_BYTES);
    if (next == NULL)
        return vls_report_too_large(why);
    if (has_after)
        VLS_TRY(vls_id_from(vls_bytes(page->in->after), &after));
    VLS_TRY(vls_store_walk(page->route->o.store, has_after ? &after : NULL, PAGE_SCAN, look, page,
                           why));
    if (page->seen == PAGE_SCAN || page->count == PAGE_ROWS) {
        vls_copy(next, page->last.bytes, VLS_ID_BYTES);
        page->report->reply.next = vls_data(VLS_SLICE(next, VLS_ID_BYTES));
    }
    return VLS_DONE;
}

struct vls_status vls_registry_report(struct vls_route *route, const Valise__OperatorRegistry *in,
                                      struct vls_report *out, struct vls_why *why)
{
    struct page page = {.route = route, .in = in, .report = out};
    page.rows = vls_arena_take(out->arena, PAGE_ROWS * sizeof(Valise__RegistryRow *));
    if (page.rows == NULL)
        return vls_report_too_large(why);
    VLS_TRY(in->id.len != 0 ? show_one(&page, why) : show_page(&page, why));
    out->reply.n_registry = page.count;
    out->reply.registry = page.rows;
    return VLS_DONE;
}
