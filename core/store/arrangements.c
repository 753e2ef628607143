#include "store/arrangements.h"

#include "store/store_internal.h"

struct vls_status vls_store_arrangement_add(struct vls_store *store,
                                            const struct vls_stored_arrangement *a,
                                            struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_ARRANGEMENT_ADD, &q, why));
    vls_query_blob(&q, vls_digest_slice(&a->digest));
    vls_query_text(&q, a->name);
    vls_query_number(&q, a->version);
    vls_query_blob(&q, a->supersedes);
    vls_query_blob(&q, a->bytes);
    vls_query_number(&q, a->added_ms);
    vls_query_text(&q, a->actor);
    return vls_query_run(&q, why);
}

struct vls_status vls_store_arrangements(struct vls_store *store, vls_arrangement_fn fn, void *ctx,
                                         struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_ARRANGEMENTS, &q, why));
    for (;;) {
        bool has_row;
        VLS_TRY(vls_query_next(&q, &has_row, why));
        if (!has_row)
            return VLS_DONE;
        struct vls_stored_arrangement a = {.name = vls_query_get_text(&q, 1),
                                           .version = (uint32_t)vls_query_get_number(&q, 2),
                                           .supersedes = vls_query_get_blob(&q, 3),
                                           .bytes = vls_query_get_blob(&q, 4),
                                           .added_ms = vls_query_get_number(&q, 5),
                                           .actor = vls_query_get_text(&q, 6)};
        VLS_TRY(vls_digest_from(vls_query_get_blob(&q, 0), &a.digest));
        VLS_TRY(fn(ctx, &a, why));
    }
}

struct vls_status vls_store_approval_add(struct vls_store *store, const struct vls_digest *digest,
                                         const struct vls_stored_approval *approval,
                                         struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_APPROVAL_ADD, &q, why));
    vls_query_blob(&q, vls_digest_slice(digest));
    vls_query_text(&q, approval->party);
    vls_query_number(&q, approval->signed_ms);
    vls_query_number(&q, approval->added_ms);
    vls_query_blob(&q, approval->signature);
    return vls_query_run(&q, why);
}

struct vls_status vls_store_approvals(struct vls_store *store, const struct vls_digest *digest,
                                      vls_approval_fn fn, void *ctx, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_APPROVALS, &q, why));
    vls_query_blob(&q, vls_digest_slice(digest));
    for (;;) {
        bool has_row;
        VLS_TRY(vls_query_next(&q, &has_row, why));
        if (!has_row)
            return VLS_DONE;
        const struct vls_stored_approval approval = {.party = vls_query_get_text(&q, 0),
                                                     .signed_ms = vls_query_get_number(&q, 1),
                                                     .added_ms = vls_query_get_number(&q, 2),
                                                     .signature = vls_query_get_blob(&q, 3)};
        VLS_TRY(fn(ctx, &approval, why));
    }
}
