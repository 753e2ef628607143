/* What partners get without asking each time. */
#include "store/subscriptions.h"

#include "store/store_internal.h"

struct vls_status vls_store_subscription_add(struct vls_store *store,
                                             const struct vls_subscription *one,
                                             struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_SUBSCRIPTION_ADD, &q, why));
    vls_query_text(&q, one->name);
    vls_query_text(&q, one->party);
    vls_query_text(&q, one->symbols);
    vls_query_text(&q, one->bodies);
    vls_query_text(&q, one->topics);
    vls_query_text(&q, one->languages);
    vls_query_text(&q, one->since);
    vls_query_text(&q, one->note);
    vls_query_number(&q, one->added_ms);
    vls_query_text(&q, one->actor);
    return vls_query_run(&q, why);
}

struct vls_status vls_store_subscription_remove(struct vls_store *store, const char *name,
                                                struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_SUBSCRIPTION_REMOVE, &q, why));
    vls_query_text(&q, name);
    VLS_TRY(vls_query_run(&q, why));
    return sqlite3_changes(store->db) == 1
               ? VLS_DONE
               : vls_fail(VLS_STORE_MISSING, why, "there is no subscription '%.60s'", name);
}

struct vls_status vls_store_subscription_served(struct vls_store *store, const char *name,
                                                uint64_t now_ms, const struct vls_id *message,
                                                struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_SUBSCRIPTION_SERVED, &q, why));
    vls_query_text(&q, name);
    vls_query_number(&q, now_ms);
    vls_query_blob(&q, vls_id_slice(message));
    return vls_query_run(&q, why);
}

/* In the order of VLS_SQL_SUBSCRIPTIONS. */
static void read_subscription(const struct vls_query *q, struct vls_subscription *out)
{
    int column = 0;
    out->name = vls_query_get_text(q, column++);
    out->party = vls_query_get_text(q, column++);
    out->symbols = vls_query_get_text(q, column++);
    out->bodies = vls_query_get_text(q, column++);
    out->topics = vls_query_get_text(q, column++);
    out->languages = vls_query_get_text(q, column++);
    out->since = vls_query_get_text(q, column++);
    out->note = vls_query_get_text(q, column++);
    out->added_ms = vls_query_get_number(q, column++);
    out->actor = vls_query_get_text(q, column++);
    out->last_ms = vls_query_get_number(q, column++);
    out->last = vls_query_get_blob(q, column);
}

struct vls_status vls_store_subscriptions(struct vls_store *store, vls_subscription_fn fn,
                                          void *ctx, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_SUBSCRIPTIONS, &q, why));
    for (;;) {
        struct vls_subscription one;
        bool has_row;
        VLS_TRY(vls_query_next(&q, &has_row, why));
        if (!has_row)
            return VLS_DONE;
        read_subscription(&q, &one);
        VLS_TRY(fn(ctx, &one, why));
    }
}
