/*
 * route/push - contents that are files: brought to the partner before the batch that names them.
 *
 * A message waits here in state carrying. Up to VLS_MAX_PUSHES contents travel at one time, beside
 * the batches, so that a large document does not hold up small ones.
 */
#include "base/file.h"
#include "base/mem.h"
#include "route/carry_internal.h"
#include "route/disposition.h"

static void unlink_push(struct vls_push *push)
{
    struct vls_push **at = &push->partner->pushes;
    while (*at != push)
        at = &(*at)->next;
    *at = push->next;
    push->partner->push_count--;
}

bool vls_push_add(struct vls_partner *partner, const struct vls_message *message)
{
    if (partner->push_count >= VLS_PUSH_QUEUE)
        return false;
    struct vls_push *push = vls_mem_new(sizeof *push);
    *push = (struct vls_push){.partner = partner,
                              .id = message->id,
                              .digest = message->content_digest,
                              .bytes = message->content_bytes,
                              .attempts = message->attempts};
    struct vls_push **end = &partner->pushes;
    while (*end != NULL)
        end = &(*end)->next;
    *end = push;
    partner->push_count++;
    return true;
}

static void give_up(struct vls_push *push, struct vls_status status, const struct vls_why *reason)
{
    struct vls_route *route = push->partner->route;
    enum vls_state to = vls_disposition_out(status);
    struct vls_why why = {""};
    if (to == VLS_STATE_UNCERTAIN)
        to = VLS_STATE_DEFERRED; /* content alone is no message yet: nothing uncertain about it */
    /* batches may well go through while this content is refused: its own failures count as well */
    uint32_t failures =
        push->partner->failures > push->attempts ? push->partner->failures : push->attempts;
    uint64_t wait = vls_route_backoff(route, failures + 1);
    struct vls_status s = vls_route_begin(route, &why);
    if (vls_ok(s))
        s = vls_route_move(route, &push->id, VLS_STATE_CARRYING, to, vls_route_wall(route) + wait,
                           1, reason->text, "router", &why);
    if (!vls_ok(s))
        vls_route_log(route, VLS_LOG_ERROR, "push.not_deferred", VLS_FAILURE(s, &why));
    unlink_push(push);
    vls_mem_free(push);
}

/* vls_answer_fn */
static void on_pushed(void *ctx, struct vls_status status, const Valise__Frame *frame,
                      struct vls_fds *fds)
{
    struct vls_push *push = ctx;
    struct vls_partner *partner = push->partner;
    struct vls_why why = {"the edge role went away"};
    (void)fds;
    partner->pushes_under_way--;
    if (vls_ok(status))
        status = vls_outcome_status(frame->done->outcome, &why);
    if (vls_ok(status))
        push->state = VLS_PUSH_DONE;
    else
        give_up(push, status, &why);
    partner->route->o.ports.flush_soon(partner->route->o.ports.ctx);
}

static struct vls_status ask_to_push(struct vls_push *push, struct vls_why *why)
{
    struct vls_partner *partner = push->partner;
    struct vls_route *route = partner->route;
    Valise__Push request = VALISE__PUSH__INIT;
    Valise__Frame frame = VALISE__FRAME__INIT;
    VLS_DEFER(vls_fd_close) int fd = -1;
    uint64_t bytes;
    VLS_TRY(vls_content_open(route->o.store, &push->digest, &fd, &bytes, why));
    request.party = partner->config->party;
    request.digest = vls_data(vls_digest_slice(&push->digest));
    request.bytes = bytes;
    frame.body_case = VALISE__FRAME__BODY_PUSH;
    frame.push = &request;
    return route->o.ports.ask(route->o.ports.ctx, VLS_ASK_EDGE, 0, &frame, &fd, 1,
                              VALISE__FRAME__BODY_DONE, on_pushed, push, why);
}

void vls_push_start(struct vls_partner *partner)
{
    for (struct vls_push *push = partner->pushes, *next; push != NULL; push = next) {
        struct vls_why why = {""};
        next = push->next;
        if (partner->pushes_under_way >= VLS_MAX_PUSHES || partner->is_stopped)
            return;
        if (push->state != VLS_PUSH_WAITS)
            continue;
        struct vls_status s = ask_to_push(push, &why);
        if (vls_ok(s)) {
            push->state = VLS_PUSH_UNDER_WAY;
            partner->pushes_under_way++;
        } else {
            give_up(push, s, &why);
        }
    }
}

bool vls_push_take(struct vls_partner *partner, struct vls_id *out)
{
    for (struct vls_push *push = partner->pushes; push != NULL; push = push->next) {
        if (push->state != VLS_PUSH_DONE)
            continue;
        *out = push->id;
        unlink_push(push);
        vls_mem_free(push);
        return true;
    }
    return false;
}

bool vls_push_is_ready(const struct vls_partner *partner)
{
    for (const struct vls_push *push = partner->pushes; push != NULL; push = push->next)
        if (push->state == VLS_PUSH_DONE)
            return true;
    return false;
}

void vls_push_free(struct vls_partner *partner)
{
    while (partner->pushes != NULL) {
        struct vls_push *push = partner->pushes;
        unlink_push(push);
        vls_mem_free(push);
    }
}
