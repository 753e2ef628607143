/* Received requests that the gateway answers by itself, where it can. */
#include "store/searches.h"

#include "store/store_internal.h"

const char *vls_search_state_name(enum vls_search_state state)
{
    switch (state) {
    case VLS_SEARCH_WAITING:
        return "waiting";
    case VLS_SEARCH_ANSWERED:
        return "answered";
    case VLS_SEARCH_NOTHING:
        return "nothing";
    case VLS_SEARCH_PERSON:
        return "person";
    }
    return "";
}

/* In the order of VLS_SQL_SEARCH. */
static struct vls_status read_search(const struct vls_query *q, struct vls_search *out,
                                     struct vls_why *why)
{
    int column = 0;
    if (!vls_ok(vls_id_from(vls_query_get_blob(q, column++), &out->id)))
        return vls_fail(VLS_STORE_DAMAGED, why, "a search in the database has no request");
    out->party = vls_query_get_text(q, column++);
    out->state = (enum vls_search_state)vls_query_get_number(q, column++);
    out->due_ms = vls_query_get_number(q, column++);
    out->tries = (uint32_t)vls_query_get_number(q, column++);
    out->began_ms = vls_query_get_number(q, column++);
    out->changed_ms = vls_query_get_number(q, column++);
    out->reason = vls_query_get_text(q, column);
    return VLS_DONE;
}

static struct vls_status each(struct vls_query *q, vls_search_fn fn, void *ctx, size_t *out_count,
                              struct vls_why *why)
{
    for (*out_count = 0;; (*out_count)++) {
        struct vls_search search;
        bool has_row;
        VLS_TRY(vls_query_next(q, &has_row, why));
        if (!has_row)
            return VLS_DONE;
        VLS_TRY(read_search(q, &search, why));
        VLS_TRY(fn(ctx, &search, why));
    }
}

static void bind_what_changes(struct vls_query *q, const struct vls_search *s)
{
    vls_query_number(q, s->state);
    vls_query_number(q, s->due_ms);
    vls_query_number(q, s->tries);
    vls_query_number(q, s->began_ms);
    vls_query_number(q, s->changed_ms);
    vls_query_text(q, s->reason);
}

struct vls_status vls_store_search_add(struct vls_store *store, const struct vls_search *search,
                                       struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_SEARCH_ADD, &q, why));
    vls_query_blob(&q, vls_id_slice(&search->id));
    vls_query_text(&q, search->party);
    bind_what_changes(&q, search);
    return vls_query_run(&q, why);
}

struct vls_status vls_store_search_get(struct vls_store *store, const struct vls_id *id,
                                       vls_search_fn fn, void *ctx, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    size_t count = 0;
    VLS_TRY(vls_query_open(store, VLS_SQL_SEARCH_GET, &q, why));
    vls_query_blob(&q, vls_id_slice(id));
    VLS_TRY(each(&q, fn, ctx, &count, why));
    return count != 0 ? VLS_DONE : vls_fail(VLS_STORE_MISSING, why, "nothing is looked for");
}

struct vls_status vls_store_search_change(struct vls_store *store, const struct vls_search *search,
                                          struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_SEARCH_CHANGE, &q, why));
    vls_query_blob(&q, vls_id_slice(&search->id));
    bind_what_changes(&q, search);
    VLS_TRY(vls_query_run(&q, why));
    return sqlite3_changes(store->db) == 1
               ? VLS_DONE
               : vls_fail(VLS_STORE_MISSING, why, "nothing is looked for");
}

struct vls_status vls_store_search_due(struct vls_store *store, uint64_t now_ms, uint32_t limit,
                                       vls_search_fn fn, void *ctx, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    size_t count;
    VLS_TRY(vls_query_open(store, VLS_SQL_SEARCH_DUE, &q, why));
    vls_query_number(&q, now_ms);
    vls_query_number(&q, limit);
    return each(&q, fn, ctx, &count, why);
}

struct vls_status vls_store_search_next(struct vls_store *store, uint64_t *out_ms,
                                        struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    bool has_row;
    VLS_TRY(vls_query_open(store, VLS_SQL_SEARCH_NEXT, &q, why));
    VLS_TRY(vls_query_next(&q, &has_row, why));
    *out_ms = has_row ? vls_query_get_number(&q, 0) : UINT64_MAX;
    return VLS_DONE;
}

struct vls_status vls_store_search_begun(struct vls_store *store, const char *party,
                                         uint64_t since_ms, uint64_t *out_count,
                                         uint64_t *out_first_ms, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    bool has_row;
    VLS_TRY(vls_query_open(store, VLS_SQL_SEARCH_BEGUN, &q, why));
    vls_query_text(&q, party);
    vls_query_number(&q, since_ms);
    VLS_TRY(vls_query_next(&q, &has_row, why));
    *out_count = has_row ? vls_query_get_number(&q, 0) : 0;
    *out_first_ms = has_row ? vls_query_get_number(&q, 1) : 0;
    return VLS_DONE;
}

struct vls_status vls_store_search_persons(struct vls_store *store, vls_search_person_fn fn,
                                           void *ctx, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_SEARCH_PERSONS, &q, why));
    for (;;) {
        bool has_row;
        VLS_TRY(vls_query_next(&q, &has_row, why));
        if (!has_row)
            return VLS_DONE;
        VLS_TRY(fn(ctx, vls_query_get_text(&q, 0), vls_query_get_number(&q, 1),
                   vls_query_get_text(&q, 2), why));
    }
}
