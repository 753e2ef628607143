#include "store/store_internal.h"

/** Run a statement over (plugin, key), with a value before them unless it is NULL. */
static struct vls_status change_item(struct vls_store *store, enum vls_sql which,
                                     const struct vls_slice *value, const char *plugin,
                                     const char *key, bool *out_is_changed, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, which, &q, why));
    if (value != NULL)
        vls_query_blob(&q, *value);
    vls_query_text(&q, plugin);
    vls_query_text(&q, key);
    VLS_TRY(vls_query_run(&q, why));
    *out_is_changed = sqlite3_changes(store->db) != 0;
    return VLS_DONE;
}

static struct vls_status check_count(struct vls_store *store, const char *plugin,
                                     struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    uint64_t items;
    VLS_TRY(vls_query_open(store, VLS_SQL_ITEM_COUNT, &q, why));
    vls_query_text(&q, plugin);
    VLS_TRY(vls_query_one(&q, &items, why));
    if (items >= VLS_MAX_STATE_ITEMS)
        return vls_fail(VLS_INPUT_LIMIT, why, "plugin %s keeps %u items already", plugin,
                        VLS_MAX_STATE_ITEMS);
    return VLS_DONE;
}

static struct vls_status count_item(struct vls_store *store, const char *plugin, enum vls_sql which,
                                    struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, which, &q, why));
    vls_query_text(&q, plugin);
    return vls_query_run(&q, why);
}

static struct vls_status add_item(struct vls_store *store, const char *plugin, const char *key,
                                  struct vls_slice value, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(check_count(store, plugin, why));
    VLS_TRY(vls_query_open(store, VLS_SQL_ITEM_ADD, &q, why));
    vls_query_text(&q, plugin);
    vls_query_text(&q, key);
    vls_query_blob(&q, value);
    VLS_TRY(vls_query_run(&q, why));
    return count_item(store, plugin, VLS_SQL_ITEM_COUNT_UP, why);
}

struct vls_status vls_store_state_put(struct vls_store *store, const char *plugin, const char *key,
                                      struct vls_slice value, struct vls_why *why)
{
    bool is_changed;
    if (value.len > VLS_MAX_STATE_VALUE || vls_slice_text(key).len > VLS_MAX_STATE_KEY)
        return vls_fail(VLS_INPUT_LIMIT, why,
                        "plugin %s: a key of %zu and a value of %zu bytes; at most %u and %u",
                        plugin, vls_slice_text(key).len, value.len, VLS_MAX_STATE_KEY,
                        VLS_MAX_STATE_VALUE);
    if (value.len == 0) {
        VLS_TRY(change_item(store, VLS_SQL_ITEM_REMOVE, NULL, plugin, key, &is_changed, why));
        return is_changed ? count_item(store, plugin, VLS_SQL_ITEM_COUNT_DOWN, why) : VLS_DONE;
    }
    VLS_TRY(change_item(store, VLS_SQL_ITEM_SET, &value, plugin, key, &is_changed, why));
    return is_changed ? VLS_DONE : add_item(store, plugin, key, value, why);
}

struct vls_status vls_store_state_each(struct vls_store *store, const char *plugin, vls_state_fn fn,
                                       void *ctx, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_ITEMS, &q, why));
    vls_query_text(&q, plugin);
    for (;;) {
        bool has_row;
        VLS_TRY(vls_query_next(&q, &has_row, why));
        if (!has_row)
            return VLS_DONE;
        VLS_TRY(fn(ctx, vls_query_get_text(&q, 0), vls_query_get_blob(&q, 1), why));
    }
}
