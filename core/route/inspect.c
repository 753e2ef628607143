/*
 * route/inspect - one message before its inspectors, one after the other.
 *
 *   vls_inspect_start()   what is due: its label is read, the crypto role opens it
 *   offer()               the next inspector is asked, when it is free
 *   on_inspected()        nothing against it: the next; otherwise it waits, or is held
 *   pass()                nobody has anything against it: it goes on as it was decided
 *
 * Nothing is written before the end: a crash meanwhile leaves it where it was, and it is shown
 * again.
 */
#include "route/inspect.h"

#include <stdio.h>
#include <utlist.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "route/clearance.h"
#include "route/deaths.h"
#include "route/disposition.h"
#include "route/plugins.h"
#include "route/report.h"
#include "route/shown.h"
#include "route/unseal.h"

struct vls_inspection {
    struct vls_inspection *next, *prev;
    struct vls_route *route;
    struct vls_message *message; /* owned */
    struct vls_shown shown;
    int plain_fd;
    unsigned host; /* the plugin that is asked */
    bool is_asked, waits_its_turn;
};

static const char *way_of(enum vls_direction direction)
{
    return direction == VLS_OUT ? VLS_INSPECT_OUTGOING : VLS_INSPECT_INCOMING;
}

bool vls_inspect_is_due(const struct vls_route *route, enum vls_direction direction)
{
    const struct vls_config *config = route->o.config;
    for (unsigned i = 0; i < config->plugins_count; i++)
        if (vls_config_inspects(&config->plugins[i], way_of(direction)))
            return true;
    return false;
}

static void inspection_free(struct vls_inspection *i)
{
    DL_DELETE(i->route->inspections, i);
    i->route->inspection_count--;
    vls_message_free(&i->message);
    vls_shown_fini(&i->shown);
    vls_fd_close(&i->plain_fd);
    vls_mem_free(i);
}

static const char *name_of(const struct vls_inspection *i)
{
    return i->route->o.config->plugins[i->host].name;
}

/* -- how it ends ------------------------------------------------------------------------------- */

static void move(struct vls_inspection *i, enum vls_state to, uint64_t due_ms, uint32_t attempts,
                 const char *cause)
{
    struct vls_route *route = i->route;
    struct vls_why why = {""};
    struct vls_status s = vls_route_begin(route, &why);
    if (vls_ok(s))
        s = vls_route_move(route, &i->message->id, VLS_STATE_INSPECTING, to, due_ms, attempts,
                           cause, "router", &why);
    if (s.code == VLS_STORE_MISSING) /* an operator was faster */
        vls_route_log(route, VLS_LOG_INFO, "inspection.overtaken", VLS_F("cause", cause));
    else if (!vls_ok(s))
        vls_route_log(route, VLS_LOG_ERROR, "inspection.not_moved", VLS_FAILURE(s, &why));
}

static void end(struct vls_inspection *i)
{
    struct vls_route *route = i->route;
    inspection_free(i);
    route->o.ports.flush_soon(route->o.ports.ctx);
}

static void hold(struct vls_inspection *i, struct vls_status status, const char *reason)
{
    char id[VLS_ID_TEXT];
    vls_id_text(&i->message->id, id);
    vls_route_log(i->route, VLS_LOG_WARN, "message.held", VLS_F("id", id),
                  VLS_F("party", i->message->party), VLS_F("kind", i->message->kind),
                  VLS_F("code", vls_status_name(status)), VLS_F("why", reason));
    move(i, VLS_STATE_HELD, 0, 1, reason);
    end(i);
}

static void wait(struct vls_inspection *i, const char *reason)
{
    uint64_t wait_ms = vls_route_backoff(i->route, i->message->attempts + 1);
    move(i, VLS_STATE_INSPECTING, vls_route_wall(i->route) + wait_ms, 1, reason);
    end(i);
}

/* That an inspector is away says nothing of the message: it stays as it is, with the reason in its
 * row, and all that goes that way waits with it. */
static void wait_for_inspector(struct vls_inspection *i)
{
    struct vls_route *route = i->route;
    char reason[VLS_MAX_NAME + 64];
    snprintf(reason, sizeof reason, "waits for inspector %s: it is not running", name_of(i));
    route->inspectors_away_ms[i->message->direction] =
        vls_route_steady(route) + VLS_SINK_MISSING_MS;
    if (!vls_text_is_equal(i->message->reason, reason))
        move(i, VLS_STATE_INSPECTING, vls_route_wall(route), 0, reason);
    end(i);
}

/* Whatever breaks off is uncertain, and is asked again; over one message not for ever. */
static void fail(struct vls_inspection *i, struct vls_status status, const struct vls_why *why)
{
    char reason[sizeof why->text + 64];
    switch (vls_class_of(status)) {
    case VLS_CLASS_TRANSIENT:
    case VLS_CLASS_RESOURCE:
        wait(i, why->text);
        return;
    case VLS_CLASS_UNCERTAIN:
        if (vls_deaths_count(i->route, &i->message->id) < VLS_PLUGIN_ITEM_DEATHS) {
            wait(i, why->text);
            return;
        }
        snprintf(reason, sizeof reason, "%d times: %s", VLS_PLUGIN_ITEM_DEATHS, why->text);
        vls_deaths_forget(i->route, &i->message->id); /* it has its chances again */
        vls_route_plugin_forgive(i->route, i->host);
        hold(i, status, reason);
        return;
    case VLS_CLASS_OK:
    case VLS_CLASS_PERMANENT:
    case VLS_CLASS_DENIED:
    case VLS_CLASS_CORRUPT:
    case VLS_CLASS_MISUSE:
        break;
    }
    hold(i, status, why->text);
}

/* -- nobody has anything against it ------------------------------------------------------------ */

static struct vls_status decided(const struct vls_message *m, enum vls_outcome *out,
                                 struct vls_why *why)
{
    Valise__DecisionRecord *record = NULL;
    VLS_TRY(vls_decision_record_read(m->decision, &record, why));
    *out = (enum vls_outcome)record->outcome;
    valise__decision_record__free_unpacked(record, NULL);
    return VLS_DONE;
}

struct vls_status vls_inspect_let_go(struct vls_route *route, const struct vls_message *m,
                                     const char *cause, const char *actor, struct vls_why *why)
{
    enum vls_outcome outcome = VLS_OUTCOME_WITHHOLD;
    uint64_t now = vls_route_wall(route);
    if (m->direction == VLS_IN)
        return vls_route_move(route, &m->id, m->state, VLS_STATE_RECEIVED, now, 0, cause, actor,
                              why);
    VLS_TRY(decided(m, &outcome, why));
    if (outcome == VLS_OUTCOME_RELEASE)
        return vls_operate_let_go(route, m, cause, actor, why);
    if (outcome == VLS_OUTCOME_REFER)
        return vls_route_move(route, &m->id, m->state, VLS_STATE_REFERRED, now, 0, cause, actor,
                              why);
    return vls_fail(VLS_SYSTEM_BUG, why, "it was decided not to leave, and waits for inspectors");
}

static void pass(struct vls_inspection *i, const char *cause)
{
    struct vls_route *route = i->route;
    struct vls_message *m = NULL; /* as it is now: an operator may have acted on it */
    struct vls_why why = {""};
    struct vls_status s = vls_store_get(route->o.store, &i->message->id, &m, &why);
    bool is_overtaken = vls_ok(s) && m->state != VLS_STATE_INSPECTING;
    if (vls_ok(s) && !is_overtaken)
        s = vls_route_begin(route, &why);
    if (vls_ok(s) && !is_overtaken)
        s = vls_store_mark(route->o.store, &why);
    if (vls_ok(s) && !is_overtaken) {
        s = vls_inspect_let_go(route, m, cause, "router", &why);
        if (!vls_ok(s))
            vls_store_undo(route->o.store);
    }
    vls_message_free(&m);
    vls_deaths_forget(route, &i->message->id);
    if (vls_ok(s))
        end(i);
    else
        fail(i, s, &why);
}

/* -- asking ------------------------------------------------------------------------------------ */

static void offer(struct vls_inspection *i);

/* One message at a time for each inspector: then it is known over which one its process died. */
static bool is_busy(const struct vls_route *route, unsigned host)
{
    const struct vls_inspection *i;
    DL_FOREACH (route->inspections, i)
        if (i->is_asked && i->host == host)
            return true;
    return false;
}

static struct vls_inspection *next_in_line(const struct vls_route *route, unsigned host)
{
    struct vls_inspection *i;
    DL_FOREACH (route->inspections, i)
        if (i->waits_its_turn && i->host == host)
            return i;
    return NULL;
}

static void call_next(struct vls_route *route, unsigned host)
{
    struct vls_inspection *i;
    while (!is_busy(route, host) && (i = next_in_line(route, host)) != NULL) {
        i->waits_its_turn = false;
        if (route->is_stopping)
            end(i); /* it is on disk, and shown again by the next process */
        else
            offer(i);
    }
}

/* What was looked at is what was sealed: the digests of the documents as they were submitted. */
static struct vls_status check_digests(const struct vls_inspection *i,
                                       const Valise__InspectResult *result, struct vls_why *why)
{
    const struct vls_message *m = i->message;
    bool is_same = result->n_part_digests * VLS_DIGEST_BYTES == m->part_digests.len;
    for (size_t k = 0; is_same && k < result->n_part_digests; k++)
        is_same = vls_slice_is_equal(
            vls_bytes(result->part_digests[k]),
            VLS_SLICE(m->part_digests.at + k * VLS_DIGEST_BYTES, VLS_DIGEST_BYTES));
    if (is_same || m->direction == VLS_IN) /* of what was received only the seal is known */
        return VLS_DONE;
    return vls_fail(VLS_ENVELOPE_DIGEST, why,
                    "inspector %s looked at other documents than those that are sealed",
                    name_of(i));
}

static void raise_alarm(const struct vls_inspection *i, const struct vls_why *why)
{
    char id[VLS_ID_TEXT];
    vls_id_text(&i->message->id, id);
    vls_route_log(i->route, VLS_LOG_ERROR, "alarm.inspected_other_documents", VLS_F("id", id),
                  VLS_F("reported_by", name_of(i)), VLS_F("why", why->text));
}

static void take_verdict(struct vls_inspection *i, struct vls_status status,
                         const Valise__Frame *frame)
{
    struct vls_why why = {""};
    if (vls_ok(status))
        status = vls_outcome_status(frame->inspect_result->outcome, &why);
    else
        snprintf(why.text, sizeof why.text, "inspector %s: its process went away while it looked",
                 name_of(i));
    if (vls_ok(status)) {
        status = check_digests(i, frame->inspect_result, &why);
        if (!vls_ok(status))
            raise_alarm(i, &why);
    }
    if (!vls_ok(status)) {
        fail(i, status, &why);
        return;
    }
    i->host++;
    offer(i);
}

/* vls_answer_fn */
static void on_inspected(void *ctx, struct vls_status status, const Valise__Frame *frame,
                         struct vls_fds *fds)
{
    struct vls_inspection *i = ctx;
    struct vls_route *route = i->route;
    unsigned host = i->host;
    (void)fds;
    i->is_asked = false;
    if (frame != NULL)
        vls_route_plugin_idle(route, host);
    take_verdict(i, status, frame);
    call_next(route, host);
}

static struct vls_status ask_host(struct vls_inspection *i, struct vls_why *why)
{
    struct vls_route *route = i->route;
    Valise__Deliver message;
    Valise__Inspect inspect = VALISE__INSPECT__INIT;
    Valise__Frame frame = VALISE__FRAME__INIT;
    vls_shown_fill(route, i->message, &i->shown, &message);
    inspect.message = &message;
    inspect.is_outgoing = i->message->direction == VLS_OUT;
    frame.body_case = VALISE__FRAME__BODY_INSPECT;
    frame.inspect = &inspect;
    return route->o.ports.ask(route->o.ports.ctx, VLS_ASK_HOST, i->host, &frame, &i->plain_fd, 1,
                              VALISE__FRAME__BODY_INSPECT_RESULT, on_inspected, i, why);
}

/* One that may not be shown it cannot pass it either. */
static void offer(struct vls_inspection *i)
{
    const struct vls_config *config = i->route->o.config;
    struct vls_why why = {""};
    while (i->host < config->plugins_count &&
           !vls_config_inspects(&config->plugins[i->host], way_of(i->message->direction)))
        i->host++;
    if (i->host == config->plugins_count) {
        pass(i, "inspectors have nothing against it");
        return;
    }
    if (is_busy(i->route, i->host)) {
        i->waits_its_turn = true;
        return;
    }
    struct vls_status s = vls_route_clearance_plugin(i->route, i->host, &i->shown.label, &why);
    if (vls_ok(s))
        s = ask_host(i, &why);
    i->is_asked = vls_ok(s);
    if (i->is_asked)
        return;
    if (s.code == VLS_WIRE_GONE)
        wait_for_inspector(i);
    else
        fail(i, s, &why);
}

/* vls_unsealed_fn */
static void on_opened(void *ctx, struct vls_status status, const struct vls_why *why, int *fd)
{
    struct vls_inspection *i = ctx;
    if (!vls_ok(status)) {
        fail(i, status, why);
        return;
    }
    i->plain_fd = vls_fd_move(fd);
    offer(i);
}

static void inspect(struct vls_route *route, const struct vls_id *id)
{
    struct vls_why why = {""};
    struct vls_inspection *i = vls_mem_new(sizeof *i);
    *i = (struct vls_inspection){.route = route, .plain_fd = -1};
    vls_shown_init(&i->shown);
    DL_APPEND(route->inspections, i);
    route->inspection_count++;
    struct vls_status s = vls_store_get(route->o.store, id, &i->message, &why);
    if (!vls_ok(s)) {
        vls_route_log(route, VLS_LOG_ERROR, "inspection.not_started", VLS_FAILURE(s, &why));
        inspection_free(i);
        return;
    }
    if (!vls_inspect_is_due(route, i->message->direction)) {
        pass(i, "no inspector is configured for it any more");
        return;
    }
    s = vls_shown_read(route, i->message, &i->shown, &why);
    if (vls_ok(s))
        s = vls_route_unseal(route, i->message, on_opened, i, &why);
    if (!vls_ok(s))
        fail(i, s, &why);
}

/* -- when -------------------------------------------------------------------------------------- */

/** What is to be shown of one direction, of those that are not before an inspector already. */
struct waiting {
    const struct vls_route *route;
    struct vls_id ids[VLS_MAX_INSPECTIONS];
    size_t count, room;
};

/* Each way has its own room: what comes in cannot keep waiting what goes out. */
static size_t room_for(const struct vls_route *route, enum vls_direction direction)
{
    const struct vls_inspection *i;
    size_t room = VLS_MAX_INSPECTIONS;
    DL_FOREACH (route->inspections, i)
        if (room > 0 && i->message != NULL && i->message->direction == direction)
            room--;
    return room;
}

/* vls_message_fn */
static struct vls_status collect(void *ctx, const struct vls_message *m, struct vls_why *why)
{
    struct waiting *w = ctx;
    const struct vls_inspection *i;
    (void)why;
    DL_FOREACH (w->route->inspections, i)
        if (i->message != NULL && vls_id_is_equal(&i->message->id, &m->id))
            return VLS_DONE;
    if (w->count < w->room)
        w->ids[w->count++] = m->id;
    return VLS_DONE;
}

static struct vls_status collect_from(struct vls_route *route, enum vls_direction direction,
                                      const char *party, struct waiting *w, struct vls_why *why)
{
    if (route->inspectors_away_ms[direction] > vls_route_steady(route))
        return VLS_DONE;
    return vls_store_due(route->o.store, direction, party, VLS_STATE_INSPECTING,
                         vls_route_wall(route), 2 * VLS_MAX_INSPECTIONS, false, collect, w, why);
}

static void start_some(struct vls_route *route, enum vls_direction direction)
{
    struct vls_why why = {""};
    struct vls_status s = VLS_DONE;
    struct waiting w = {.route = route, .room = room_for(route, direction)};
    if (w.room == 0)
        return; /* the next that ends starts the next */
    if (direction == VLS_IN)
        s = collect_from(route, direction, NULL, &w, &why);
    for (size_t p = 0; direction == VLS_OUT && vls_ok(s) && p < route->partner_count; p++)
        s = collect_from(route, direction, route->partners[p].config->party, &w, &why);
    if (!vls_ok(s))
        vls_route_log(route, VLS_LOG_ERROR, "inspection.not_started", VLS_FAILURE(s, &why));
    for (size_t i = 0; i < w.count; i++)
        inspect(route, &w.ids[i]);
}

void vls_inspect_start(struct vls_route *route)
{
    if (!route->has_inspections)
        return;
    start_some(route, VLS_OUT);
    start_some(route, VLS_IN);
}

static uint64_t next_of(struct vls_route *route, enum vls_direction direction, const char *party)
{
    struct vls_why why = {""};
    uint64_t due = UINT64_MAX, wall = vls_route_wall(route), now = vls_route_steady(route);
    struct vls_status s =
        vls_store_next_due(route->o.store, direction, party, VLS_STATE_INSPECTING, &due, &why);
    if (!vls_ok(s))
        vls_route_log(route, VLS_LOG_ERROR, "store.next_due", VLS_FAILURE(s, &why));
    if (due == UINT64_MAX)
        return UINT64_MAX;
    uint64_t next = due > wall ? now + (due - wall) : now;
    uint64_t away = route->inspectors_away_ms[direction];
    return next > away ? next : away;
}

static uint64_t next_of_all(struct vls_route *route)
{
    uint64_t next = next_of(route, VLS_IN, NULL);
    for (size_t p = 0; p < route->partner_count; p++) {
        uint64_t out = next_of(route, VLS_OUT, route->partners[p].config->party);
        if (out < next)
            next = out;
    }
    return next;
}

void vls_inspect_open(struct vls_route *route)
{
    route->has_inspections = vls_inspect_is_due(route, VLS_OUT) ||
                             vls_inspect_is_due(route, VLS_IN) || next_of_all(route) != UINT64_MAX;
}

uint64_t vls_inspect_next_ms(struct vls_route *route)
{
    if (!route->has_inspections)
        return UINT64_MAX;
    if (route->inspection_count != 0) /* what is due may be under way: no running in circles */
        return vls_route_steady(route) + VLS_INSPECT_LOOK_MS;
    return next_of_all(route);
}
