#include "store/internal.h"

#include <string.h>

#include "store/store_internal.h"

#define DECISION "decision" /* the kind that the index of rare ones leaves out */

struct vls_status vls_store_internal_next(struct vls_store *store, uint64_t *out,
                                          struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_INTERNAL_NEXT, &q, why));
    return vls_query_one(&q, out, why);
}

struct vls_status vls_store_internal_add(struct vls_store *store,
                                         const struct vls_internal_row *row, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_INTERNAL_ADD, &q, why));
    vls_query_number(&q, row->place);
    vls_query_number(&q, row->at_ms);
    vls_query_text(&q, row->kind);
    vls_query_blob(&q, row->id);
    vls_query_blob(&q, row->record);
    return vls_query_run(&q, why);
}

static enum vls_sql statement_for(const struct vls_internal_filter *filter)
{
    if (filter->id != NULL)
        return VLS_SQL_INTERNAL_OF;
    return filter->kind != NULL && strcmp(filter->kind, DECISION) != 0 ? VLS_SQL_INTERNAL_RARE
                                                                       : VLS_SQL_INTERNAL_ALL;
}

struct vls_status vls_store_internal_each(struct vls_store *store,
                                          const struct vls_internal_filter *filter,
                                          vls_internal_fn fn, void *ctx, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, statement_for(filter), &q, why));
    vls_query_number(&q, filter->from);
    vls_query_text_or_null(&q, filter->kind);
    vls_query_number(&q, filter->limit);
    if (filter->id != NULL)
        vls_query_blob(&q, vls_id_slice(filter->id));
    for (;;) {
        bool has_row;
        VLS_TRY(vls_query_next(&q, &has_row, why));
        if (!has_row)
            return VLS_DONE;
        const struct vls_internal_row row = {.place = vls_query_get_number(&q, 0),
                                             .at_ms = vls_query_get_number(&q, 1),
                                             .kind = vls_query_get_text(&q, 2),
                                             .id = vls_query_get_blob(&q, 3),
                                             .record = vls_query_get_blob(&q, 4)};
        VLS_TRY(fn(ctx, &row, why));
    }
}
