#include "store/alarms.h"

#include "store/store_internal.h"

struct vls_status vls_store_alarm_add(struct vls_store *store, const struct vls_alarm_row *row,
                                      uint64_t *out_number, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_ALARM_ADD, &q, why));
    vls_query_text(&q, row->party);
    vls_query_text(&q, row->log);
    vls_query_text(&q, row->kind);
    vls_query_number(&q, row->raised_ms);
    vls_query_text(&q, row->words);
    vls_query_text(&q, row->evidence);
    VLS_TRY(vls_query_run(&q, why));
    *out_number = (uint64_t)sqlite3_last_insert_rowid(store->db);
    return VLS_DONE;
}

struct vls_status vls_store_alarms_close(struct vls_store *store, const char *party, uint64_t at_ms,
                                         const char *actor, const char *note, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_ALARM_CLOSE, &q, why));
    vls_query_text(&q, party);
    vls_query_number(&q, at_ms);
    vls_query_text(&q, actor);
    vls_query_text(&q, note);
    VLS_TRY(vls_query_run(&q, why));
    if (sqlite3_changes(store->db) == 0)
        return vls_fail(VLS_STORE_MISSING, why, "no alarm of %s is open", party);
    return VLS_DONE;
}

struct vls_status vls_store_alarms(struct vls_store *store, const struct vls_alarm_filter *filter,
                                   vls_alarm_fn fn, void *ctx, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_ALARMS, &q, why));
    vls_query_text_or_null(&q, filter->party);
    vls_query_number(&q, filter->with_closed);
    vls_query_number(&q, filter->from);
    vls_query_number(&q, filter->limit);
    for (;;) {
        bool has_row;
        VLS_TRY(vls_query_next(&q, &has_row, why));
        if (!has_row)
            return VLS_DONE;
        const struct vls_alarm_row row = {.number = vls_query_get_number(&q, 0),
                                          .party = vls_query_get_text(&q, 1),
                                          .log = vls_query_get_text(&q, 2),
                                          .kind = vls_query_get_text(&q, 3),
                                          .raised_ms = vls_query_get_number(&q, 4),
                                          .words = vls_query_get_text(&q, 5),
                                          .evidence = vls_query_get_text(&q, 6),
                                          .closed_ms = vls_query_get_number(&q, 7),
                                          .closed_by = vls_query_get_text(&q, 8),
                                          .note = vls_query_get_text(&q, 9)};
        VLS_TRY(fn(ctx, &row, why));
    }
}
