/* Written statements that go to all members of a body. */
#include "store/members.h"

#include "store/store_internal.h"

struct vls_status vls_store_member_add(struct vls_store *store, const struct vls_id *id,
                                       const struct vls_member *member, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_MEMBER_ADD, &q, why));
    vls_query_blob(&q, vls_id_slice(id));
    vls_query_text(&q, member->member);
    vls_query_number(&q, member->received_ms);
    vls_query_text(&q, member->reference);
    vls_query_text(&q, member->actor);
    return vls_query_run(&q, why);
}

static struct vls_status each_member(struct vls_query *q, vls_member_fn fn, void *ctx,
                                     size_t *out_count, struct vls_why *why)
{
    for (*out_count = 0;; (*out_count)++) {
        bool has_row;
        VLS_TRY(vls_query_next(q, &has_row, why));
        if (!has_row)
            return VLS_DONE;
        const struct vls_member member = {.member = vls_query_get_text(q, 0),
                                          .received_ms = vls_query_get_number(q, 1),
                                          .reference = vls_query_get_text(q, 2),
                                          .actor = vls_query_get_text(q, 3)};
        VLS_TRY(fn(ctx, &member, why));
    }
}

struct vls_status vls_store_member_get(struct vls_store *store, const struct vls_id *id,
                                       const char *member, vls_member_fn fn, void *ctx,
                                       struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    size_t count;
    VLS_TRY(vls_query_open(store, VLS_SQL_MEMBER_GET, &q, why));
    vls_query_blob(&q, vls_id_slice(id));
    vls_query_text(&q, member);
    VLS_TRY(each_member(&q, fn, ctx, &count, why));
    return count != 0 ? VLS_DONE
                      : vls_fail(VLS_STORE_MISSING, why, "no receipt of this member is recorded");
}

struct vls_status vls_store_members(struct vls_store *store, const struct vls_id *id,
                                    const char *after, uint32_t limit, vls_member_fn fn, void *ctx,
                                    struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    size_t count;
    VLS_TRY(vls_query_open(store, VLS_SQL_MEMBERS, &q, why));
    vls_query_blob(&q, vls_id_slice(id));
    vls_query_text(&q, after);
    vls_query_number(&q, limit);
    return each_member(&q, fn, ctx, &count, why);
}

/* In the order of VLS_SQL_DISTRIBUTIONS. */
static struct vls_status read_distribution(const struct vls_query *q,
                                           struct vls_written_statement *out, struct vls_why *why)
{
    if (!vls_ok(vls_id_from(vls_query_get_blob(q, 0), &out->id)) ||
        !vls_ok(vls_digest_from(vls_query_get_blob(q, 6), &out->manifest_digest)))
        return vls_fail(VLS_STORE_DAMAGED, why, "a statement in the database has no id or digest");
    out->party = vls_query_get_text(q, 1);
    out->body = vls_query_get_text(q, 2);
    out->received_ms = vls_query_get_number(q, 3);
    out->due_ms = vls_query_get_number(q, 4);
    out->closed_ms = vls_query_get_number(q, 5);
    out->certificate = vls_query_get_blob(q, 7);
    out->certificate_kind = vls_query_get_text(q, 8);
    out->certificate_at = (enum vls_state)vls_query_get_number(q, 9);
    out->recorded = vls_query_get_number(q, 10);
    return VLS_DONE;
}

struct vls_status vls_store_distributions(struct vls_store *store,
                                          const struct vls_written_statement_filter *filter,
                                          vls_written_statement_fn fn, void *ctx,
                                          struct vls_why *why)
{
    static const struct vls_slice NONE = {NULL, 0};
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_DISTRIBUTIONS, &q, why));
    vls_query_text(&q, filter->kind);
    vls_query_blob_or_null(&q, filter->id != NULL ? vls_id_slice(filter->id) : NONE);
    vls_query_blob_or_null(&q, filter->after != NULL ? vls_id_slice(filter->after) : NONE);
    vls_query_number(&q, filter->with_closed);
    vls_query_number(&q, filter->limit);
    for (;;) {
        struct vls_written_statement one;
        bool has_row;
        VLS_TRY(vls_query_next(&q, &has_row, why));
        if (!has_row)
            return VLS_DONE;
        VLS_TRY(read_distribution(&q, &one, why));
        VLS_TRY(fn(ctx, &one, why));
    }
}
