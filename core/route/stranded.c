/*
 * route/stranded - behind a commit that failed: messages that the disk says are under way, and that
 * nobody is at work on any more.
 *
 * What became of a batch, a content or a delivery was written into the transaction that was lost;
 * in memory it is over, and on disk it stands as before. Such a message would wait for the next
 * start of the process. Instead it is taken up as after a crash, once the store works again.
 */
#include "route/carry_internal.h"

static bool is_carried(const struct vls_route *route, const struct vls_id *id)
{
    for (size_t p = 0; p < route->partner_count; p++) {
        const struct vls_partner *partner = &route->partners[p];
        for (size_t i = 0; partner->batch != NULL && i < partner->batch->count; i++)
            if (vls_id_is_equal(&partner->batch->entries[i].id, id))
                return true;
        for (const struct vls_push *push = partner->pushes; push != NULL; push = push->next)
            if (vls_id_is_equal(&push->id, id))
                return true;
    }
    return false;
}

/* vls_message_fn */
static struct vls_status remember(void *ctx, const struct vls_message *m, struct vls_why *why)
{
    struct vls_due *page = ctx;
    (void)why;
    page->ids[page->count++] = m->id;
    return VLS_DONE;
}

typedef bool (*under_way_fn)(const struct vls_route *route, const struct vls_id *id);

static struct vls_status take_up(struct vls_route *route, enum vls_state from, enum vls_state to,
                                 under_way_fn is_under_way, struct vls_why *why)
{
    struct vls_filter filter = {.states = UINT64_C(1) << from, .limit = VLS_BATCH_MESSAGES};
    struct vls_due page;
    struct vls_id last;
    do {
        page.count = 0;
        VLS_TRY(vls_store_list(route->o.store, &filter, remember, &page, why));
        for (size_t i = 0; i < page.count; i++)
            if (!is_under_way(route, &page.ids[i]))
                VLS_TRY(vls_route_move(route, &page.ids[i], from, to, vls_route_wall(route), 1,
                                       "what became of it could not be committed", "router", why));
        if (page.count != 0)
            last = page.ids[page.count - 1];
        filter.before = &last;
    } while (page.count == VLS_BATCH_MESSAGES);
    return VLS_DONE;
}

void vls_stranded_take_up(struct vls_route *route)
{
    struct vls_why why = {""};
    struct vls_status s = vls_route_begin(route, &why);
    if (vls_ok(s))
        s = take_up(route, VLS_STATE_CARRYING, VLS_STATE_UNCERTAIN, is_carried, &why);
    if (vls_ok(s))
        s = take_up(route, VLS_STATE_DELIVERING, VLS_STATE_RECEIVED, vls_deliver_is_under_way,
                    &why);
    route->is_stranded = !vls_ok(s);
    if (!vls_ok(s))
        vls_route_log(route, VLS_LOG_ERROR, "store.not_taken_up", VLS_FAILURE(s, &why));
}
