/*
 * route/deliver - a received message is opened by the crypto role and given to a sink.
 *
 * The opened archive goes into a file that has no name; the sink gets its descriptor only after the
 * tag was verified.
 */
#include <string.h>
#include <utlist.h>

#include "base/file.h"
#include "base/mem.h"
#include "route/catalogue.h"
#include "route/clearance.h"
#include "route/deaths.h"
#include "route/disposition.h"
#include "route/plugins.h"
#include "route/shown.h"
#include "route/unseal.h"

struct vls_delivery {
    struct vls_delivery *next, *prev;
    struct vls_route *route;
    struct vls_message *message; /* owned */
    struct vls_shown shown;
    int plain_fd;
    unsigned host;            /* the plugin that is asked */
    bool is_sink_away;        /* one that may be given it does not run at the moment */
    struct vls_why uncleared; /* why a sink may not be given it; empty: there is none such */
};

static void delivery_free(struct vls_delivery *d)
{
    DL_DELETE(d->route->deliveries, d);
    d->route->delivery_count--;
    vls_message_free(&d->message);
    vls_shown_fini(&d->shown);
    vls_fd_close(&d->plain_fd);
    vls_mem_free(d);
}

/* `told`: what is inside, of one that was delivered; NULL: nothing is told. */
static void end(struct vls_delivery *d, enum vls_state to, uint64_t due_ms, const char *cause,
                const Valise__DeliverResult *told)
{
    struct vls_route *route = d->route;
    struct vls_why why = {""};
    struct vls_status s = vls_route_begin(route, &why);
    if (vls_ok(s))
        s = vls_route_move(route, &d->message->id, VLS_STATE_DELIVERING, to, due_ms, 1, cause,
                           "router", &why);
    if (vls_ok(s) && told != NULL)
        s = vls_catalogue_delivered(route, d->message, cause, told, &why);
    if (!vls_ok(s))
        vls_route_log(route, VLS_LOG_ERROR, "delivery.not_moved", VLS_FAILURE(s, &why));
    delivery_free(d);
    route->o.ports.flush_soon(route->o.ports.ctx);
}

/* What the partner says in the open is not what it says inside: somebody there is mistaken, or
 * lies. It is the host of a plugin that says so: which one, since plugins can be wrong too. */
static void raise_alarm(const struct vls_delivery *d, const char *id, const struct vls_why *why)
{
    vls_route_log(d->route, VLS_LOG_ERROR, "alarm.label_disagrees", VLS_F("id", id),
                  VLS_F("party", d->message->party),
                  VLS_F("reported_by", d->route->o.config->plugins[d->host].name),
                  VLS_F("why", why->text));
}

/* A sink's process that dies over one message again and again would take all others with it. */
static void hold_poison(struct vls_delivery *d, uint32_t deaths)
{
    struct vls_route *route = d->route;
    const char *plugin = route->o.config->plugins[d->host].name;
    char id[VLS_ID_TEXT];
    struct vls_why why;
    vls_id_text(&d->message->id, id);
    struct vls_status status =
        vls_fail(VLS_PLUGIN_POISON, &why,
                 "the process of plugin %s died %u times while it delivered this message; mend the "
                 "plugin, then: valise retry",
                 plugin, deaths);
    vls_route_log(route, VLS_LOG_ERROR, "delivery.poison", VLS_F("id", id), VLS_F("plugin", plugin),
                  VLS_FN("deaths", deaths), VLS_FAILURE(status, &why));
    vls_route_plugin_forgive(route, d->host);
    end(d, VLS_STATE_HELD, 0, why.text, NULL);
}

/* The process of the plugin is gone. Only the message that it had in its hands had a part in it. */
static void sink_died(struct vls_delivery *d)
{
    struct vls_route *route = d->route;
    const char *plugin = route->o.config->plugins[d->host].name;
    bool was_begun = vls_route_plugin_works_on(route, d->host, &d->message->id);
    uint32_t deaths = was_begun ? vls_deaths_count(route, &d->message->id) : 0;
    uint64_t wait = was_begun ? vls_route_backoff(route, deaths) : VLS_SINK_COMING_MS;
    char id[VLS_ID_TEXT];
    struct vls_why why;
    if (deaths >= VLS_PLUGIN_ITEM_DEATHS) {
        hold_poison(d, deaths);
        return;
    }
    vls_id_text(&d->message->id, id);
    struct vls_status status =
        was_begun
            ? vls_fail(VLS_PLUGIN_DIED, &why,
                       "the process of plugin %s died while it delivered this message", plugin)
            : vls_fail(VLS_PLUGIN_MISSING, &why,
                       "the process of plugin %s ended before it came to this message", plugin);
    vls_route_log(route, VLS_LOG_WARN, "delivery.failed", VLS_F("id", id),
                  VLS_F("then", vls_state_name(VLS_STATE_RECEIVED)), VLS_FN("deaths", deaths),
                  VLS_FAILURE(status, &why));
    end(d, VLS_STATE_RECEIVED, vls_route_wall(route) + wait, why.text, NULL);
}

static uint64_t wait_for_sink(const struct vls_delivery *d)
{
    for (unsigned i = 0; i < d->route->o.config->plugins_count; i++)
        if (vls_route_plugin_is_coming(d->route, i))
            return VLS_SINK_COMING_MS;
    return VLS_SINK_MISSING_MS;
}

static void fail(struct vls_delivery *d, struct vls_status status, const struct vls_why *why)
{
    struct vls_route *route = d->route;
    uint32_t attempts = d->message->attempts + 1;
    uint32_t deaths =
        vls_class_of(status) == VLS_CLASS_UNCERTAIN ? vls_deaths_count(route, &d->message->id) : 0;
    enum vls_state to = vls_disposition_in(status, deaths);
    char id[VLS_ID_TEXT];
    vls_id_text(&d->message->id, id);
    uint64_t wait =
        status.code == VLS_PLUGIN_MISSING ? wait_for_sink(d) : vls_route_backoff(route, attempts);
    if (status.code != VLS_PLUGIN_MISSING)
        vls_route_log(route, VLS_LOG_WARN, "delivery.failed", VLS_F("id", id),
                      VLS_F("then", vls_state_name(to)), VLS_FAILURE(status, why));
    if (status.code == VLS_LABEL_DISAGREES)
        raise_alarm(d, id, why);
    end(d, to, vls_route_wall(route) + wait, why->text, NULL);
}

/* -- to a sink --------------------------------------------------------------------------------- */

static void offer(struct vls_delivery *d);

/* vls_answer_fn */
static void on_delivered(void *ctx, struct vls_status status, const Valise__Frame *frame,
                         struct vls_fds *fds)
{
    struct vls_delivery *d = ctx;
    struct vls_why why = {""};
    (void)fds;
    if (frame == NULL) {
        sink_died(d);
        return;
    }
    vls_route_plugin_idle(d->route, d->host);
    if (vls_ok(status))
        status = vls_outcome_status(frame->deliver_result->outcome, &why);
    if (vls_ok(status)) {
        vls_deaths_forget(d->route, &d->message->id);
        end(d, VLS_STATE_DELIVERED, 0, d->route->o.config->plugins[d->host].name,
            frame->deliver_result);
    } else if (status.code == VLS_PLUGIN_MISSING) {
        d->host++;
        offer(d);
    } else {
        fail(d, status, &why);
    }
}

static struct vls_status ask_host(struct vls_delivery *d, struct vls_why *why)
{
    Valise__Deliver deliver;
    Valise__Frame frame = VALISE__FRAME__INIT;
    vls_shown_fill(d->route, d->message, &d->shown, &deliver);
    frame.body_case = VALISE__FRAME__BODY_DELIVER;
    frame.deliver = &deliver;
    return d->route->o.ports.ask(d->route->o.ports.ctx, VLS_ASK_HOST, d->host, &frame, &d->plain_fd,
                                 1, VALISE__FRAME__BODY_DELIVER_RESULT, on_delivered, d, why);
}

/* One that is not cleared for the label is passed over, as one that is no sink. */
static bool may_be_given(struct vls_delivery *d)
{
    struct vls_why why = {""};
    if (!vls_config_grants(&d->route->o.config->plugins[d->host], VLS_GRANT_RECEIVE))
        return false;
    if (vls_ok(vls_route_clearance_plugin(d->route, d->host, &d->shown.label, &why)))
        return true;
    d->uncleared = why;
    return false;
}

/* Ask one plugin after the other, of those that may be given content: one that is no sink says so.
 */
static void offer(struct vls_delivery *d)
{
    struct vls_why why = {"no plugin that delivers is running"};
    for (; d->host < d->route->o.config->plugins_count; d->host++) {
        if (!may_be_given(d))
            continue;
        if (vls_ok(ask_host(d, &why)))
            return;
        d->is_sink_away = true;
    }
    if (d->uncleared.text[0] != '\0' && !d->is_sink_away)
        fail(d, (struct vls_status){VLS_LABEL_CLEARANCE}, &d->uncleared);
    else
        fail(d, (struct vls_status){VLS_PLUGIN_MISSING}, &why);
}

/* -- opening ----------------------------------------------------------------------------------- */

/* vls_unsealed_fn: several plugins may see it, one after the other */
static void on_opened(void *ctx, struct vls_status status, const struct vls_why *why, int *fd)
{
    struct vls_delivery *d = ctx;
    if (!vls_ok(status)) {
        fail(d, status, why);
        return;
    }
    d->plain_fd = vls_fd_move(fd);
    offer(d);
}

static void deliver(struct vls_route *route, const struct vls_id *id)
{
    struct vls_why why = {""};
    struct vls_delivery *d = vls_mem_new(sizeof *d);
    *d = (struct vls_delivery){.route = route, .plain_fd = -1};
    vls_shown_init(&d->shown);
    DL_APPEND(route->deliveries, d);
    route->delivery_count++;
    struct vls_status s = vls_store_get(route->o.store, id, &d->message, &why);
    if (vls_ok(s))
        s = vls_route_move(route, id, VLS_STATE_RECEIVED, VLS_STATE_DELIVERING,
                           vls_route_wall(route), 0, "to be delivered", "router", &why);
    if (!vls_ok(s)) {
        vls_route_log(route, VLS_LOG_ERROR, "delivery.not_started", VLS_FAILURE(s, &why));
        delivery_free(d);
        return;
    }
    s = vls_shown_read(route, d->message, &d->shown, &why);
    if (vls_ok(s))
        s = vls_route_unseal(route, d->message, on_opened, d, &why);
    if (!vls_ok(s))
        fail(d, s, &why);
}

/* -- when -------------------------------------------------------------------------------------- */

static void set_next(struct vls_route *route)
{
    struct vls_why why = {""};
    uint64_t due = UINT64_MAX, wall = vls_route_wall(route);
    route->next_delivery_ms = UINT64_MAX;
    if (route->delivery_count >= VLS_MAX_DELIVERIES)
        return; /* the next that ends starts the next */
    struct vls_status s =
        vls_store_next_due(route->o.store, VLS_IN, NULL, VLS_STATE_RECEIVED, &due, &why);
    if (!vls_ok(s))
        vls_route_log(route, VLS_LOG_ERROR, "store.next_due", VLS_FAILURE(s, &why));
    if (due != UINT64_MAX)
        route->next_delivery_ms = vls_route_steady(route) + (due > wall ? due - wall : 0);
}

void vls_deliver_start(struct vls_route *route)
{
    struct vls_why why = {""};
    struct vls_due due;
    route->next_delivery_ms = UINT64_MAX;
    if (route->o.config->plugins_count == 0)
        return; /* received messages wait for a plugin in the configuration */
    uint32_t room = VLS_MAX_DELIVERIES - (uint32_t)route->delivery_count;
    if (room == 0)
        return;
    struct vls_status s =
        vls_route_due(route, VLS_IN, VLS_STATE_RECEIVED, vls_route_wall(route), room, &due, &why);
    if (vls_ok(s) && due.count != 0)
        s = vls_route_begin(route, &why);
    if (!vls_ok(s)) {
        vls_route_log(route, VLS_LOG_ERROR, "delivery.not_started", VLS_FAILURE(s, &why));
        return;
    }
    for (size_t i = 0; i < due.count; i++)
        deliver(route, &due.ids[i]);
    set_next(route);
}

bool vls_deliver_is_under_way(const struct vls_route *route, const struct vls_id *id)
{
    const struct vls_delivery *d;
    DL_FOREACH (route->deliveries, d)
        if (d->message != NULL && vls_id_is_equal(&d->message->id, id))
            return true;
    return false;
}

struct vls_status vls_deliver_recover(struct vls_route *route, struct vls_why *why)
{
    return vls_route_move_every(route, VLS_IN, VLS_STATE_DELIVERING, VLS_STATE_RECEIVED,
                                "the gateway stopped while this was with a sink", why);
}
