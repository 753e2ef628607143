#include "store/store_internal.h"

struct vls_status vls_store_review_put(struct vls_store *store, const struct vls_id *id,
                                       const struct vls_review *review, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_REVIEW_PUT, &q, why));
    vls_query_blob(&q, vls_id_slice(id));
    vls_query_text(&q, review->officer);
    vls_query_number(&q, review->signed_ms);
    vls_query_number(&q, review->expires_ms);
    vls_query_blob(&q, review->statement);
    vls_query_blob(&q, review->signature);
    return vls_query_run(&q, why);
}

struct vls_status vls_store_reviews(struct vls_store *store, const struct vls_id *id,
                                    vls_review_fn fn, void *ctx, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_REVIEWS, &q, why));
    vls_query_blob(&q, vls_id_slice(id));
    for (;;) {
        bool has_row;
        VLS_TRY(vls_query_next(&q, &has_row, why));
        if (!has_row)
            return VLS_DONE;
        const struct vls_review review = {.officer = vls_query_get_text(&q, 0),
                                          .signed_ms = vls_query_get_number(&q, 1),
                                          .expires_ms = vls_query_get_number(&q, 2),
                                          .statement = vls_query_get_blob(&q, 3),
                                          .signature = vls_query_get_blob(&q, 4)};
        VLS_TRY(fn(ctx, &review, why));
    }
}
