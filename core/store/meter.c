/* What was exchanged, by month and service. */
#include "store/meter.h"

#include "store/store_internal.h"

static void bind_service(struct vls_query *q, const struct vls_metered *service)
{
    vls_query_number(q, service->direction);
    vls_query_text(q, service->party);
    vls_query_text(q, service->kind);
    vls_query_text(q, service->body);
}

struct vls_status vls_store_meter_add(struct vls_store *store, uint32_t month,
                                      const struct vls_metered *what, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_METER_ADD, &q, why));
    vls_query_number(&q, month);
    bind_service(&q, what);
    vls_query_number(&q, what->messages);
    vls_query_number(&q, what->bytes);
    return vls_query_run(&q, why);
}

struct vls_status vls_store_meter_list(struct vls_store *store,
                                       const struct vls_meter_filter *filter, vls_meter_fn fn,
                                       void *ctx, struct vls_why *why)
{
    static const struct vls_metered FIRST = {.party = ""};
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_METER_LIST, &q, why));
    vls_query_number(&q, filter->from_month);
    vls_query_number(&q, filter->to_month);
    vls_query_text_or_null(&q, filter->party);
    bind_service(&q, filter->after != NULL ? filter->after : &FIRST);
    vls_query_number(&q, filter->limit);
    for (;;) {
        bool has_row;
        VLS_TRY(vls_query_next(&q, &has_row, why));
        if (!has_row)
            return VLS_DONE;
        const struct vls_metered row = {.direction =
                                            (enum vls_direction)vls_query_get_number(&q, 0),
                                        .party = vls_query_get_text(&q, 1),
                                        .kind = vls_query_get_text(&q, 2),
                                        .body = vls_query_get_text(&q, 3),
                                        .messages = vls_query_get_number(&q, 4),
                                        .bytes = vls_query_get_number(&q, 5)};
        VLS_TRY(fn(ctx, &row, why));
    }
}
