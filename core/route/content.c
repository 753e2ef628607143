/*
 * route/content - contents that a partner sends ahead of its batch, and the state that plugins
 * keep.
 */
#include "base/arena.h"
#include "base/file.h"
#include "base/mem.h"
#include "route/alarms.h"
#include "route/plugins.h"
#include "route/route_internal.h"

/* -- contents ---------------------------------------------------------------------------------- */

static void answer_open(struct vls_route *route, uint64_t handle, struct vls_status status,
                        const struct vls_why *why, uint64_t offset, bool is_complete, int fd)
{
    Valise__Outcome outcome;
    Valise__UploadOpenResult result = VALISE__UPLOAD_OPEN_RESULT__INIT;
    Valise__Frame frame = VALISE__FRAME__INIT;
    vls_outcome_init(&outcome, status, why);
    result.outcome = &outcome;
    result.offset = offset;
    result.is_complete = is_complete;
    frame.body_case = VALISE__FRAME__BODY_UPLOAD_OPEN_RESULT;
    frame.upload_open_result = &result;
    route->o.ports.answer(route->o.ports.ctx, handle, &frame, &fd, fd >= 0 ? 1 : 0);
}

void vls_route_upload_open(struct vls_route *route, uint64_t handle, const Valise__UploadOpen *in)
{
    struct vls_why why = {""};
    struct vls_digest digest;
    VLS_DEFER(vls_fd_close) int fd = -1;
    uint64_t offset = 0;
    bool is_complete = false;
    struct vls_status s = vls_digest_from(vls_bytes(in->digest), &digest);
    if (vls_ok(s) && vls_route_partner(route, in->party) == NULL)
        s = vls_fail(VLS_POLICY_PARTY, &why, "'%.60s' is not a partner", in->party);
    if (vls_ok(s))
        s = vls_alarm_check(vls_route_partner(route, in->party), &why);
    if (vls_ok(s) && in->bytes == 0)
        s = vls_incoming_ask(route->o.store, in->party, &digest, &offset, &is_complete, &why);
    else if (vls_ok(s))
        s = vls_incoming_open(route->o.store, in->party, &digest, in->bytes, &fd, &offset,
                              &is_complete, &why);
    answer_open(route, handle, s, &why, offset, is_complete, fd);
}

struct done {
    struct vls_route *route;
    uint64_t handle;
};

/* vls_after_fn */
static void answer_done(void *ctx, struct vls_status commit)
{
    struct done *done = ctx;
    vls_route_answer_done(done->route, done->handle, commit, NULL);
    vls_mem_free(done);
}

static void answer_behind_commit(struct vls_route *route, uint64_t handle, struct vls_status s,
                                 const struct vls_why *why)
{
    if (!vls_ok(s)) {
        vls_route_answer_done(route, handle, s, why);
        return;
    }
    struct done *done = vls_mem_new(sizeof *done);
    *done = (struct done){route, handle};
    vls_route_after(route, answer_done, done);
}

void vls_route_upload_done(struct vls_route *route, uint64_t handle, const Valise__UploadDone *in)
{
    struct vls_why why = {""};
    struct vls_digest digest;
    struct vls_status s = vls_digest_from(vls_bytes(in->digest), &digest);
    if (vls_ok(s))
        s = vls_route_begin(route, &why);
    if (vls_ok(s))
        s = vls_incoming_keep(route->o.store, in->party, &digest, in->bytes, &why);
    answer_behind_commit(route, handle, s, &why);
}

/* -- state of plugins -------------------------------------------------------------------------- */

static struct vls_status put_items(struct vls_route *route, const char *plugin,
                                   const Valise__StateSave *in, struct vls_why *why)
{
    for (size_t i = 0; i < in->n_items; i++)
        VLS_TRY(vls_store_state_put(route->o.store, plugin, in->items[i]->key,
                                    vls_bytes(in->items[i]->value), why));
    return VLS_DONE;
}

void vls_route_state_save(struct vls_route *route, uint64_t handle, const char *plugin,
                          const Valise__StateSave *in)
{
    struct vls_why why = {""};
    struct vls_status s = vls_route_begin(route, &why);
    if (vls_ok(s))
        s = vls_store_mark(route->o.store, &why);
    if (vls_ok(s)) { /* without a mark of its own, undoing would take back what others did */
        s = put_items(route, plugin, in, &why);
        if (!vls_ok(s))
            vls_store_undo(route->o.store);
    }
    answer_behind_commit(route, handle, s, &why);
}

struct loading {
    struct vls_arena *arena;
    Valise__StateItem *items[VLS_MAX_STATE_LOADED];
    size_t count;
};

/* vls_state_fn */
static struct vls_status load_item(void *ctx, const char *key, struct vls_slice value,
                                   struct vls_why *why)
{
    struct loading *loading = ctx;
    Valise__StateItem *item = vls_arena_take(loading->arena, sizeof *item);
    if (item == NULL || loading->count >= VLS_MAX_STATE_LOADED)
        return vls_fail(VLS_INPUT_LIMIT, why,
                        "the plugin keeps more state than fits into one answer");
    valise__state_item__init(item);
    item->key = vls_arena_text(loading->arena, key);
    item->value.data = vls_arena_copy(loading->arena, value.at, value.len);
    item->value.len = value.len;
    if (item->key == NULL || item->value.data == NULL)
        return vls_fail(VLS_INPUT_LIMIT, why,
                        "the plugin keeps more state than fits into one answer");
    loading->items[loading->count++] = item;
    return VLS_DONE;
}

void vls_route_state_load(struct vls_route *route, uint64_t handle, uint32_t instance,
                          const char *plugin, const Valise__StateLoad *in)
{
    char *set_aside[VLS_PLUGIN_SET_ASIDE];
    struct vls_why why = {""};
    Valise__Outcome outcome;
    Valise__StateLoadResult result = VALISE__STATE_LOAD_RESULT__INIT;
    Valise__Frame frame = VALISE__FRAME__INIT;
    struct loading *loading = vls_mem_new(sizeof *loading);
    loading->arena = vls_arena_new(VLS_MAX_FRAME / 2);
    vls_route_flush(route); /* what a plugin reads is on disk */
    struct vls_status s = vls_store_state_each(route->o.store, plugin, load_item, loading, &why);
    vls_route_plugin_identity(route, instance, in->identity);
    vls_outcome_init(&outcome, s, &why);
    result.outcome = &outcome;
    result.n_set_aside = vls_route_plugin_set_aside(route, instance, set_aside);
    result.set_aside = set_aside;
    result.n_items = vls_ok(s) ? loading->count : 0;
    result.items = loading->items;
    frame.body_case = VALISE__FRAME__BODY_STATE_LOAD_RESULT;
    frame.state_load_result = &result;
    route->o.ports.answer(route->o.ports.ctx, handle, &frame, NULL, 0);
    vls_arena_free(&loading->arena);
    vls_mem_free(loading);
}
