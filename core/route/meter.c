#include "route/meter.h"

#include <time.h>

#include "base/arena.h"
#include "store/meter.h"

#define MS          1000u
#define REPORT_ROWS 100u
#define LAST_MONTH  999912u

/** "202612" as a number, of UTC. */
static uint32_t month_of(uint64_t ms)
{
    time_t seconds = (time_t)(ms / MS);
    struct tm utc;
    if (gmtime_r(&seconds, &utc) == NULL)
        return LAST_MONTH;
    return (uint32_t)(utc.tm_year + 1900) * 100 + (uint32_t)utc.tm_mon + 1;
}

struct vls_status vls_meter_count(struct vls_route *route, enum vls_direction direction,
                                  const char *party, const Valise__Manifest *manifest,
                                  struct vls_why *why)
{
    const struct vls_metered what = {.direction = direction,
                                     .party = party,
                                     .kind = manifest->kind,
                                     .body = manifest->body,
                                     .messages = 1,
                                     .bytes = manifest->content_bytes};
    return vls_store_meter_add(route->o.store, month_of(vls_route_wall(route)), &what, why);
}

struct vls_status vls_meter_count_bytes(struct vls_route *route, enum vls_direction direction,
                                        const char *party, struct vls_slice manifest,
                                        struct vls_why *why)
{
    struct vls_manifest m VLS_DEFER(vls_manifest_fini) = {.fields = NULL};
    VLS_TRY(vls_manifest_read(manifest, &m, why));
    return vls_meter_count(route, direction, party, m.fields, why);
}

/* -- for operators ----------------------------------------------------------------------------- */

struct page {
    struct vls_report *report;
    Valise__MeterRow **rows;
    size_t count, limit;
    bool has_more;
};

/* vls_meter_fn */
static struct vls_status add_row(void *ctx, const struct vls_metered *service, struct vls_why *why)
{
    struct page *page = ctx;
    struct vls_arena *arena = page->report->arena;
    if (page->count == page->limit) {
        page->has_more = true;
        return VLS_DONE;
    }
    Valise__MeterRow *row = vls_arena_take(arena, sizeof *row);
    if (row == NULL)
        return vls_report_too_large(why);
    valise__meter_row__init(row);
    row->is_received = service->direction == VLS_IN;
    row->party = vls_arena_text(arena, service->party);
    row->kind = vls_arena_text(arena, service->kind);
    row->body = vls_arena_text(arena, service->body);
    row->messages = service->messages;
    row->bytes = service->bytes;
    if (row->party == NULL || row->kind == NULL || row->body == NULL)
        return vls_report_too_large(why);
    page->rows[page->count++] = row;
    return VLS_DONE;
}

struct vls_status vls_meter_report(struct vls_route *route, const Valise__OperatorMeter *in,
                                   struct vls_report *out, struct vls_why *why)
{
    struct page page = {.report = out, .limit = REPORT_ROWS};
    struct vls_metered after;
    struct vls_meter_filter filter = {.from_month = in->from_month,
                                      .to_month = in->to_month != 0 ? in->to_month : LAST_MONTH,
                                      .party = in->party[0] != '\0' ? in->party : NULL};
    if (in->limit != 0 && in->limit < page.limit)
        page.limit = in->limit;
    filter.limit = (uint32_t)page.limit + 1;
    if (in->after != NULL) {
        after = (struct vls_metered){.direction = in->after->is_received ? VLS_IN : VLS_OUT,
                                     .party = in->after->party,
                                     .kind = in->after->kind,
                                     .body = in->after->body};
        filter.after = &after;
    }
    page.rows = vls_arena_take(out->arena, page.limit * sizeof(void *));
    if (page.rows == NULL)
        return vls_report_too_large(why);
    VLS_TRY(vls_store_meter_list(route->o.store, &filter, add_row, &page, why));
    out->reply.n_meter = page.count;
    out->reply.meter = page.rows;
    out->reply.has_more = page.has_more;
    return VLS_DONE;
}
