/* What asks for an answer: due, reminded of, answered. */
#include "store/requests.h"

#include "store/store_internal.h"

/* In the order of VLS_SQL_REQUEST_ROW. */
static struct vls_status read_request(const struct vls_query *q, struct vls_request *out,
                                      struct vls_why *why)
{
    int column = 0;
    if (!vls_ok(vls_id_from(vls_query_get_blob(q, column++), &out->id)))
        return vls_fail(VLS_STORE_DAMAGED, why, "a request in the database has no id");
    out->direction = (enum vls_direction)vls_query_get_number(q, column++);
    out->party = vls_query_get_text(q, column++);
    out->kind = vls_query_get_text(q, column++);
    out->since_ms = vls_query_get_number(q, column++);
    out->due_ms = vls_query_get_number(q, column++);
    out->slot_ms = vls_query_get_number(q, column++);
    out->remind_ms = vls_query_get_number(q, column++);
    out->reminded_ms = vls_query_get_number(q, column++);
    out->steps = (uint32_t)vls_query_get_number(q, column++);
    out->answer = vls_query_get_blob(q, column++);
    out->answer_kind = vls_query_get_text(q, column++);
    out->answer_state = vls_query_get_text(q, column++);
    out->answered_ms = vls_query_get_number(q, column++);
    out->closed_ms = vls_query_get_number(q, column++);
    out->answer_at = (enum vls_state)vls_query_get_number(q, column);
    return VLS_DONE;
}

static struct vls_status each(struct vls_query *q, vls_request_fn fn, void *ctx, size_t *out_count,
                              struct vls_why *why)
{
    for (*out_count = 0;; (*out_count)++) {
        struct vls_request request;
        bool has_row;
        VLS_TRY(vls_query_next(q, &has_row, why));
        if (!has_row)
            return VLS_DONE;
        VLS_TRY(read_request(q, &request, why));
        VLS_TRY(fn(ctx, &request, why));
    }
}

static void bind_what_changes(struct vls_query *q, const struct vls_request *r)
{
    vls_query_number(q, r->slot_ms);
    vls_query_number(q, r->remind_ms);
    vls_query_number(q, r->reminded_ms);
    vls_query_number(q, r->steps);
    vls_query_blob(q, r->answer);
    vls_query_text(q, r->answer_kind);
    vls_query_text(q, r->answer_state);
    vls_query_number(q, r->answered_ms);
    vls_query_number(q, r->closed_ms);
}

struct vls_status vls_store_request_add(struct vls_store *store, const struct vls_request *request,
                                        struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_REQUEST_ADD, &q, why));
    vls_query_blob(&q, vls_id_slice(&request->id));
    vls_query_number(&q, request->direction);
    vls_query_text(&q, request->party);
    vls_query_text(&q, request->kind);
    vls_query_number(&q, request->since_ms);
    vls_query_number(&q, request->due_ms);
    bind_what_changes(&q, request);
    return vls_query_run(&q, why);
}

struct vls_status vls_store_request_get(struct vls_store *store, const struct vls_id *id,
                                        vls_request_fn fn, void *ctx, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    size_t count = 0;
    VLS_TRY(vls_query_open(store, VLS_SQL_REQUEST_GET, &q, why));
    vls_query_blob(&q, vls_id_slice(id));
    VLS_TRY(each(&q, fn, ctx, &count, why));
    return count != 0 ? VLS_DONE : vls_fail(VLS_STORE_MISSING, why, "no request has this id");
}

struct vls_status vls_store_request_change(struct vls_store *store,
                                           const struct vls_request *request, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_REQUEST_CHANGE, &q, why));
    vls_query_blob(&q, vls_id_slice(&request->id));
    bind_what_changes(&q, request);
    VLS_TRY(vls_query_run(&q, why));
    return sqlite3_changes(store->db) == 1
               ? VLS_DONE
               : vls_fail(VLS_STORE_MISSING, why, "no request has this id");
}

struct vls_status vls_store_request_due(struct vls_store *store, bool is_slot, uint64_t now_ms,
                                        uint32_t limit, vls_request_fn fn, void *ctx,
                                        struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    size_t count;
    VLS_TRY(
        vls_query_open(store, is_slot ? VLS_SQL_REQUEST_SLOT : VLS_SQL_REQUEST_REMIND, &q, why));
    vls_query_number(&q, now_ms);
    vls_query_number(&q, limit);
    return each(&q, fn, ctx, &count, why);
}

static struct vls_status next_of(struct vls_store *store, enum vls_sql which, uint64_t *out_ms,
                                 struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    uint64_t ms;
    VLS_TRY(vls_query_open(store, which, &q, why));
    VLS_TRY(vls_query_one(&q, &ms, why));
    *out_ms = ms != 0 ? ms : UINT64_MAX;
    return VLS_DONE;
}

struct vls_status vls_store_request_next(struct vls_store *store, uint64_t *out_slot_ms,
                                         uint64_t *out_remind_ms, struct vls_why *why)
{
    uint64_t slot = UINT64_MAX;
    VLS_TRY(next_of(store, VLS_SQL_REQUEST_NEXT_SLOT, &slot, why));
    VLS_TRY(next_of(store, VLS_SQL_REQUEST_NEXT_REMIND, out_remind_ms, why));
    *out_slot_ms = slot;
    return VLS_DONE;
}

struct vls_status vls_store_request_list(struct vls_store *store,
                                         const struct vls_request_filter *filter, vls_request_fn fn,
                                         void *ctx, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    size_t count;
    VLS_TRY(vls_query_open(
        store, filter->with_closed ? VLS_SQL_REQUEST_LIST_ALL : VLS_SQL_REQUEST_LIST_OPEN, &q,
        why));
    vls_query_number(&q, filter->direction);
    vls_query_text_or_null(&q, filter->party);
    vls_query_number(&q, filter->after_due_ms);
    vls_query_blob(&q, filter->after);
    vls_query_number(&q, filter->limit);
    return each(&q, fn, ctx, &count, why);
}

struct vls_status vls_store_request_late(struct vls_store *store, uint64_t now_ms,
                                         vls_request_late_fn fn, void *ctx, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_REQUEST_LATE, &q, why));
    vls_query_number(&q, now_ms);
    for (;;) {
        bool has_row;
        VLS_TRY(vls_query_next(&q, &has_row, why));
        if (!has_row)
            return VLS_DONE;
        VLS_TRY(fn(ctx, (enum vls_direction)vls_query_get_number(&q, 0), vls_query_get_text(&q, 1),
                   vls_query_get_number(&q, 2), why));
    }
}
