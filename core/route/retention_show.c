/* What an operator sees of retention: messages, oldest first, and holds. */
#include "base/arena.h"
#include "base/text.h"
#include "route/retention.h"
#include "store/retention.h"

#define PAGE_ROWS 50u  /* of one answer, which is one frame */
#define PAGE_SCAN 500u /* messages looked at for one answer: the router has more to do */

struct vls_status vls_retention_row(struct vls_route *route, const struct vls_message *m,
                                    uint64_t erased_ms, const struct vls_retention *retention,
                                    struct vls_report *report, Valise__RetentionRow **out,
                                    struct vls_why *why)
{
    Valise__RetentionRow *row = vls_arena_take(report->arena, sizeof *row);
    if (row == NULL)
        return vls_report_too_large(why);
    valise__retention_row__init(row);
    VLS_TRY(vls_report_row(route, m, report, &row->row, why));
    VLS_TRY(vls_report_text(report, retention->rule, &row->rule, why));
    VLS_TRY(vls_report_text(report, retention->hold, &row->hold, why));
    VLS_TRY(vls_report_text(report, retention->obstacle, &row->obstacle, why));
    row->ended_ms = retention->ended_ms;
    row->until_ms = retention->until_ms;
    row->erased_ms = erased_ms;
    *out = row;
    return VLS_DONE;
}

/* -- messages ---------------------------------------------------------------------------------- */

struct page {
    struct vls_route *route;
    const Valise__OperatorRetention *in;
    struct vls_report *report;
    Valise__RetentionRow **rows;
    size_t count, seen;
    struct vls_id last;
};

static bool is_full(const struct page *page)
{
    return page->count == PAGE_ROWS;
}

/* vls_walk_fn */
static struct vls_status add_message(void *ctx, const struct vls_message *m, uint64_t erased_ms,
                                     struct vls_why *why)
{
    struct page *page = ctx;
    struct vls_retention retention;
    const Valise__OperatorRetention *in = page->in;
    if (is_full(page))
        return VLS_DONE;
    page->last = m->id;
    page->seen++;
    if ((in->party[0] != '\0' && !vls_text_is_equal(in->party, m->party)) ||
        (erased_ms != 0 && in->only_due))
        return VLS_DONE;
    VLS_TRY(vls_retention_of(page->route, m, &retention, why));
    if (in->only_due && !retention.is_due)
        return VLS_DONE;
    return vls_retention_row(page->route, m, erased_ms, &retention, page->report,
                             &page->rows[page->count++], why);
}

static struct vls_status show_messages(struct vls_route *route, const Valise__OperatorRetention *in,
                                       struct vls_report *out, struct vls_why *why)
{
    struct page page = {.route = route, .in = in, .report = out};
    struct vls_id after;
    bool has_after = in->after.len != 0;
    page.rows = vls_arena_take(out->arena, PAGE_ROWS * sizeof(Valise__RetentionRow *));
    uint8_t *next = vls_arena_take(out->arena, VLS_ID_BYTES);
    if (page.rows == NULL || next == NULL)
        return vls_report_too_large(why);
    if (has_after)
        VLS_TRY(vls_id_from(vls_bytes(in->after), &after));
    VLS_TRY(vls_store_walk(route->o.store, has_after ? &after : NULL, PAGE_SCAN, add_message, &page,
                           why));
    out->reply.n_retention = page.count;
    out->reply.retention = page.rows;
    if (page.seen == PAGE_SCAN || is_full(&page)) {
        vls_copy(next, page.last.bytes, VLS_ID_BYTES);
        out->reply.next = vls_data(VLS_SLICE(next, VLS_ID_BYTES));
    }
    return VLS_DONE;
}

/* -- holds ------------------------------------------------------------------------------------- */

struct holds {
    struct vls_report *report;
    const char *only; /* NULL: all */
    Valise__HoldRow **rows;
    size_t count;
    bool has_more;
};

/* vls_hold_fn */
static struct vls_status add_hold(void *ctx, const struct vls_hold *hold, struct vls_why *why)
{
    struct holds *holds = ctx;
    struct vls_report *report = holds->report;
    if (holds->only != NULL && !vls_text_is_equal(holds->only, hold->name))
        return VLS_DONE;
    if (holds->count == PAGE_ROWS) {
        holds->has_more = true;
        return VLS_DONE;
    }
    Valise__HoldRow *row = vls_arena_take(report->arena, sizeof *row);
    if (row == NULL)
        return vls_report_too_large(why);
    valise__hold_row__init(row);
    row->id.data = vls_arena_copy(report->arena, hold->id.at, hold->id.len);
    row->id.len = hold->id.len;
    if (row->id.data == NULL)
        return vls_report_too_large(why);
    VLS_TRY(vls_report_text(report, hold->name, &row->name, why));
    VLS_TRY(vls_report_text(report, hold->party, &row->party, why));
    VLS_TRY(vls_report_text(report, hold->kind, &row->kind, why));
    VLS_TRY(vls_report_text(report, hold->note, &row->note, why));
    VLS_TRY(vls_report_text(report, hold->actor, &row->actor, why));
    VLS_TRY(vls_report_text(report, hold->released_by, &row->released_by, why));
    row->since_ms = hold->since_ms;
    row->released_ms = hold->released_ms;
    holds->rows[holds->count++] = row;
    return VLS_DONE;
}

static struct vls_status show_holds(struct vls_route *route, const char *only, bool with_released,
                                    const char *after, struct vls_report *out, struct vls_why *why)
{
    struct holds holds = {.report = out, .only = only};
    holds.rows = vls_arena_take(out->arena, PAGE_ROWS * sizeof(Valise__HoldRow *));
    if (holds.rows == NULL)
        return vls_report_too_large(why);
    VLS_TRY(vls_store_holds(route->o.store, with_released, after,
                            only != NULL ? UINT32_MAX : PAGE_ROWS + 1, add_hold, &holds, why));
    out->reply.n_holds = holds.count;
    out->reply.holds = holds.rows;
    out->reply.has_more = holds.has_more;
    return VLS_DONE;
}

struct vls_status vls_retention_hold(struct vls_route *route, const char *name,
                                     struct vls_report *out, struct vls_why *why)
{
    return show_holds(route, name, true, "", out, why);
}

struct vls_status vls_retention_show(struct vls_route *route, const Valise__OperatorRetention *in,
                                     struct vls_report *out, struct vls_why *why)
{
    return in->verb == VALISE__OPERATOR_RETENTION__VERB__HOLDS
               ? show_holds(route, NULL, in->with_released, in->after_name, out, why)
               : show_messages(route, in, out, why);
}
