#include "plugin/state.h"

#include <string.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/text.h"

struct item {
    char *key;
    uint8_t *value;
    size_t len;
    bool is_dirty;  /* changed since it was last given to a save */
    bool is_saving; /* part of the save that is under way        */
    UT_hash_handle hh;
};

struct vls_plugin_state {
    struct item *items;
    size_t bytes;
};

struct vls_plugin_state *vls_plugin_state_new(void)
{
    return vls_mem_new(sizeof(struct vls_plugin_state));
}

static void drop(struct vls_plugin_state *state, struct item *item)
{
    state->bytes -= strlen(item->key) + item->len + VLS_PLUGIN_STATE_ITEM;
    HASH_DEL(state->items, item);
    vls_mem_free(item->key);
    vls_mem_free(item->value);
    vls_mem_free(item);
}

static void clear(struct vls_plugin_state *state)
{
    struct item *item, *next;
    VLS_MAP_EACH (state->items, item, next) {
        drop(state, item);
    }
}

void vls_plugin_state_free(struct vls_plugin_state **state)
{
    if (*state == NULL)
        return;
    clear(*state);
    vls_mem_free(*state);
    *state = NULL;
}

static struct item *find(const struct vls_plugin_state *state, const char *key)
{
    struct item *item;
    HASH_FIND_STR(state->items, key, item);
    return item;
}

static struct item *set(struct vls_plugin_state *state, const char *key, struct vls_slice value)
{
    struct item *item = find(state, key);
    if (item == NULL) {
        item = vls_mem_new(sizeof *item);
        item->key = vls_mem_dup(key);
        HASH_ADD_KEYPTR(hh, state->items, item->key, strlen(item->key), item);
        state->bytes += strlen(key) + VLS_PLUGIN_STATE_ITEM;
    }
    state->bytes += value.len;
    state->bytes -= item->len;
    vls_mem_free(item->value);
    item->value = value.len > 0 ? vls_mem_new(value.len) : NULL; /* bounded by the check */
    vls_copy(item->value, value.at, value.len);
    item->len = value.len;
    return item;
}

struct vls_status vls_plugin_state_check(const struct vls_plugin_state *state, const char *key,
                                         size_t value_len, struct vls_why *why)
{
    if (key == NULL || key[0] == '\0' || strlen(key) > VLS_MAX_NAME ||
        !vls_text_is_clean(vls_slice_text(key), false))
        return vls_fail(VLS_INPUT_MALFORMED, why, "a state key must be 1 to %d bytes of clean text",
                        VLS_MAX_NAME);
    const struct item *old = find(state, key);
    size_t bytes = state->bytes - (old != NULL ? old->len : 0);
    bytes += old != NULL ? 0 : strlen(key) + VLS_PLUGIN_STATE_ITEM;
    if (value_len > VLS_PLUGIN_MAX_STATE || bytes + value_len > VLS_PLUGIN_MAX_STATE)
        return vls_fail(VLS_INPUT_LIMIT, why,
                        "the plugin's state would grow above %d bytes with key %s",
                        VLS_PLUGIN_MAX_STATE, key);
    return VLS_DONE;
}

struct vls_status vls_plugin_state_load(struct vls_plugin_state *state,
                                        Valise__StateItem *const *items, size_t count,
                                        struct vls_why *why)
{
    clear(state);
    for (size_t i = 0; i < count; i++) {
        struct vls_slice value = VLS_SLICE(items[i]->value.data, items[i]->value.len);
        VLS_TRY(vls_plugin_state_check(state, items[i]->key, value.len, why));
        if (value.len > 0)
            set(state, items[i]->key, value);
    }
    return VLS_DONE;
}

struct vls_status vls_plugin_state_put(struct vls_plugin_state *state, const char *key,
                                       struct vls_slice value, struct vls_why *why)
{
    VLS_TRY(vls_plugin_state_check(state, key, value.len, why));
    if (value.len == 0 && find(state, key) == NULL)
        return VLS_DONE;
    set(state, key, value)->is_dirty = true;
    return VLS_DONE;
}

void vls_plugin_state_committed(struct vls_plugin_state *state, const char *key,
                                struct vls_slice value)
{
    struct item *item = set(state, key, value);
    if (item->len == 0 && !item->is_dirty && !item->is_saving)
        drop(state, item);
}

bool vls_plugin_state_get(const struct vls_plugin_state *state, const char *key,
                          struct vls_slice *out)
{
    const struct item *item = find(state, key);
    if (item == NULL || item->len == 0)
        return false;
    *out = VLS_SLICE(item->value, item->len);
    return true;
}

const char *vls_plugin_state_next(const struct vls_plugin_state *state, const char *after)
{
    const char *best = NULL;
    for (struct item *item = state->items; item != NULL; item = item->hh.next) {
        if (item->len == 0 || (after != NULL && strcmp(item->key, after) <= 0))
            continue;
        if (best == NULL || strcmp(item->key, best) < 0)
            best = item->key;
    }
    return best;
}

bool vls_plugin_state_is_dirty(const struct vls_plugin_state *state)
{
    for (struct item *item = state->items; item != NULL; item = item->hh.next)
        if (item->is_dirty)
            return true;
    return false;
}

void vls_plugin_state_begin_save(struct vls_plugin_state *state, Valise__StateSave *save)
{
    size_t count = HASH_COUNT(state->items);
    save->items = vls_mem_new((count + 1) * sizeof *save->items);
    save->n_items = 0;
    for (struct item *item = state->items; item != NULL; item = item->hh.next) {
        if (!item->is_dirty)
            continue;
        Valise__StateItem *one = vls_mem_new(sizeof *one);
        valise__state_item__init(one);
        one->key = item->key;
        one->value.data = item->value;
        one->value.len = item->len;
        save->items[save->n_items++] = one;
        item->is_dirty = false;
        item->is_saving = true;
    }
}

void vls_plugin_state_sent(Valise__StateSave *save)
{
    for (size_t i = 0; i < save->n_items; i++)
        vls_mem_free(save->items[i]);
    vls_mem_free(save->items);
    save->items = NULL;
    save->n_items = 0;
}

void vls_plugin_state_end_save(struct vls_plugin_state *state, bool is_saved)
{
    struct item *item, *next;
    VLS_MAP_EACH (state->items, item, next) {
        if (!item->is_saving)
            continue;
        item->is_saving = false;
        if (!is_saved)
            item->is_dirty = true;
        else if (item->len == 0 && !item->is_dirty)
            drop(state, item);
    }
}
