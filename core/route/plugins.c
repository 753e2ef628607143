/*
 * route/plugins - one row a plugin: how its process is, what it works on, what it died over.
 */
#include "route/plugins.h"

#include <stdio.h>
#include <string.h>
#include <utlist.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "route/deaths.h"

/** A document of a plugin, by its origin key. */
struct vls_item_deaths {
    struct vls_item_deaths *next, *prev;
    char origin[VLS_MAX_ORIGIN_KEY + 1];
    uint32_t times;
    bool is_set_aside;
};

void vls_route_plugins_new(struct vls_route *route)
{
    route->plugins = vls_mem_new((route->o.config->plugins_count + 1) * sizeof *route->plugins);
}

static void forget_items(struct vls_route_plugin *plugin)
{
    struct vls_item_deaths *item, *next;
    DL_FOREACH_SAFE (plugin->items, item, next) {
        DL_DELETE(plugin->items, item);
        vls_mem_free(item);
    }
    plugin->set_aside = 0;
}

void vls_route_plugins_free(struct vls_route *route)
{
    for (unsigned i = 0; route->plugins != NULL && i < route->o.config->plugins_count; i++)
        forget_items(&route->plugins[i]);
    vls_mem_free(route->plugins);
    route->plugins = NULL;
}

static struct vls_route_plugin *plugin_at(const struct vls_route *route, uint32_t instance)
{
    return instance < route->o.config->plugins_count ? &route->plugins[instance] : NULL;
}

static const char *name_at(const struct vls_route *route, uint32_t instance)
{
    return route->o.config->plugins[instance].name;
}

/* -- what the supervisor and the host say ------------------------------------------------------ */

void vls_route_plugin_state(struct vls_route *route, const Valise__PluginState *state)
{
    struct vls_route_plugin *plugin = plugin_at(route, state->instance);
    if (plugin == NULL)
        return;
    vls_text_copy(plugin->state, sizeof plugin->state, state->state);
    vls_text_copy(plugin->reason.text, sizeof plugin->reason.text, state->reason);
    plugin->deaths = state->deaths;
    plugin->since_ms = state->since_ms;
}

void vls_route_plugin_identity(struct vls_route *route, uint32_t instance,
                               const Valise__PluginIdentity *identity)
{
    struct vls_route_plugin *plugin = plugin_at(route, instance);
    if (plugin == NULL || identity == NULL)
        return;
    plugin->is_known = true;
    vls_text_copy(plugin->id, sizeof plugin->id, identity->id);
    vls_text_copy(plugin->version, sizeof plugin->version, identity->version);
    plugin->abi = identity->abi;
    plugin->roles = identity->roles;
    plugin->caps = identity->caps;
}

void vls_route_plugin_working(struct vls_route *route, uint32_t instance,
                              const Valise__Working *working)
{
    struct vls_route_plugin *plugin = plugin_at(route, instance);
    if (plugin == NULL)
        return;
    vls_text_copy(plugin->call, sizeof plugin->call, working->call);
    vls_text_copy(plugin->origin, sizeof plugin->origin, working->origin_key);
    plugin->has_message = vls_ok(vls_id_from(vls_bytes(working->id), &plugin->message));
}

void vls_route_plugin_submits(struct vls_route *route, uint32_t instance, const char *origin_key)
{
    struct vls_route_plugin *plugin = plugin_at(route, instance);
    if (plugin != NULL && strcmp(plugin->origin, origin_key) == 0)
        plugin->origin[0] = '\0';
}

void vls_route_plugin_idle(struct vls_route *route, unsigned instance)
{
    struct vls_route_plugin *plugin = plugin_at(route, instance);
    plugin->has_message = false;
}

bool vls_route_plugin_works_on(const struct vls_route *route, unsigned instance,
                               const struct vls_id *message)
{
    const struct vls_route_plugin *plugin = plugin_at(route, instance);
    return plugin->has_message && vls_id_is_equal(&plugin->message, message);
}

bool vls_route_plugin_is_coming(const struct vls_route *route, unsigned instance)
{
    const struct vls_route_plugin *plugin = plugin_at(route, instance);
    static const char *const COMING[] = {"starting", "serving", "restarting", "reloading"};
    for (size_t i = 0; i < sizeof COMING / sizeof COMING[0]; i++)
        if (strcmp(plugin->state, COMING[i]) == 0)
            return true;
    return false;
}

/* -- deaths ------------------------------------------------------------------------------------ */

/* vls_answer_fn */
static void on_forgiven(void *ctx, struct vls_status status, const Valise__Frame *frame,
                        struct vls_fds *fds)
{
    (void)ctx;
    (void)status;
    (void)frame;
    (void)fds;
}

void vls_route_plugin_forgive(struct vls_route *route, unsigned instance)
{
    struct vls_why why = {""};
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__PluginOrder order = VALISE__PLUGIN_ORDER__INIT;
    order.verb = VALISE__PLUGIN_ORDER__VERB__FORGIVE;
    order.instance = instance;
    order.deaths = VLS_PLUGIN_ITEM_DEATHS;
    frame.body_case = VALISE__FRAME__BODY_PLUGIN_ORDER;
    frame.plugin_order = &order;
    if (route->o.ports.order == NULL)
        return;
    struct vls_status s = route->o.ports.order(route->o.ports.ctx, &frame, on_forgiven, NULL, &why);
    if (!vls_ok(s))
        vls_route_log(route, VLS_LOG_WARN, "plugin.not_forgiven",
                      VLS_F("plugin", name_at(route, instance)), VLS_FAILURE(s, &why));
}

static struct vls_item_deaths *item_of(struct vls_route *route, uint32_t instance,
                                       const char *origin)
{
    struct vls_route_plugin *plugin = &route->plugins[instance];
    struct vls_item_deaths *item;
    size_t count = 0;
    DL_FOREACH (plugin->items, item) {
        if (strcmp(item->origin, origin) == 0)
            return item;
        count++;
    }
    if (count == VLS_PLUGIN_SET_ASIDE) {
        item = plugin->items;
        vls_deaths_keep_item(route, name_at(route, instance), item->origin, 0);
        plugin->set_aside -= item->is_set_aside;
        DL_DELETE(plugin->items, item);
        vls_mem_free(item);
    }
    item = vls_mem_new(sizeof *item);
    vls_text_copy(item->origin, sizeof item->origin, origin);
    DL_APPEND(plugin->items, item);
    return item;
}

static void count_item(struct vls_route *route, uint32_t instance, struct vls_route_plugin *plugin)
{
    struct vls_item_deaths *item = item_of(route, instance, plugin->origin);
    item->times++;
    vls_deaths_keep_item(route, name_at(route, instance), item->origin, item->times);
    vls_route_log(route, VLS_LOG_ERROR, "plugin.died_over",
                  VLS_F("plugin", name_at(route, instance)), VLS_F("call", plugin->call),
                  VLS_F("origin", item->origin), VLS_FN("times", item->times));
    if (item->is_set_aside || item->times < VLS_PLUGIN_ITEM_DEATHS)
        return;
    item->is_set_aside = true;
    plugin->set_aside++;
    vls_route_log(route, VLS_LOG_ERROR, "plugin.set_aside",
                  VLS_F("plugin", name_at(route, instance)), VLS_F("origin", item->origin),
                  VLS_FN("deaths", item->times));
    vls_route_plugin_forgive(route, instance);
}

struct reading {
    struct vls_route *route;
    uint32_t instance;
};

/* vls_deaths_fn */
static void take_item(void *ctx, const char *origin, uint32_t times)
{
    const struct reading *r = ctx;
    struct vls_item_deaths *item;
    size_t count;
    DL_COUNT(r->route->plugins[r->instance].items, item, count);
    if (count == VLS_PLUGIN_SET_ASIDE)
        return;
    item = item_of(r->route, r->instance, origin);
    item->times = times;
    item->is_set_aside = times >= VLS_PLUGIN_ITEM_DEATHS;
    r->route->plugins[r->instance].set_aside += item->is_set_aside;
}

struct vls_status vls_route_plugins_open(struct vls_route *route, struct vls_why *why)
{
    for (uint32_t i = 0; i < route->o.config->plugins_count; i++)
        VLS_TRY(vls_deaths_items(route, name_at(route, i), take_item, &(struct reading){route, i},
                                 why));
    return VLS_DONE;
}

void vls_route_plugin_gone(struct vls_route *route, uint32_t instance)
{
    struct vls_route_plugin *plugin = plugin_at(route, instance);
    if (plugin == NULL)
        return;
    if (plugin->origin[0] != '\0')
        count_item(route, instance, plugin);
    plugin->has_message = false;
    plugin->origin[0] = plugin->call[0] = '\0';
}

size_t vls_route_plugin_set_aside(const struct vls_route *route, uint32_t instance,
                                  char *out[VLS_PLUGIN_SET_ASIDE])
{
    const struct vls_route_plugin *plugin = plugin_at(route, instance);
    struct vls_item_deaths *item;
    size_t count = 0;
    if (plugin == NULL)
        return 0;
    DL_FOREACH (plugin->items, item)
        if (item->is_set_aside && count < VLS_PLUGIN_SET_ASIDE)
            out[count++] = item->origin;
    return count;
}

/* -- what operators see ------------------------------------------------------------------------ */

static bool is_well(const struct vls_route_plugin *plugin)
{
    return plugin->state[0] == '\0' || strcmp(plugin->state, "serving") == 0 ||
           strcmp(plugin->state, "reloading") == 0 || strcmp(plugin->state, "starting") == 0;
}

size_t vls_route_plugins_notices(const struct vls_route *route)
{
    return 2 * (size_t)route->o.config->plugins_count;
}

static struct vls_status add_notices(struct vls_route *route, unsigned i, struct vls_report *out,
                                     Valise__StatusReport *status, struct vls_why *why)
{
    const struct vls_route_plugin *plugin = &route->plugins[i];
    char text[sizeof plugin->reason.text + VLS_MAX_NAME + 64];
    if (!is_well(plugin)) {
        snprintf(text, sizeof text, "plugin %s is %s: %s", name_at(route, i), plugin->state,
                 plugin->reason.text);
        VLS_TRY(vls_report_text(out, text, &status->notices[status->n_notices++], why));
    }
    if (plugin->set_aside > 0) {
        snprintf(text, sizeof text,
                 "plugin %s died over %zu of its documents again and again, and they are set "
                 "aside: see valise plugin list",
                 name_at(route, i), plugin->set_aside);
        VLS_TRY(vls_report_text(out, text, &status->notices[status->n_notices++], why));
    }
    return VLS_DONE;
}

static struct vls_status fill_row(struct vls_route *route, unsigned i, struct vls_report *out,
                                  Valise__PluginRow *row, struct vls_why *why)
{
    const struct vls_route_plugin *plugin = &route->plugins[i];
    char *set_aside[VLS_PLUGIN_SET_ASIDE];
    row->name = vls_field_text(name_at(route, i));
    row->file = vls_field_text(route->o.config->plugins[i].file);
    row->deaths = plugin->deaths;
    row->since_ms = plugin->since_ms;
    VLS_TRY(vls_report_text(out, plugin->state, &row->state, why));
    VLS_TRY(vls_report_text(out, plugin->reason.text, &row->reason, why));
    row->n_set_aside = vls_route_plugin_set_aside(route, i, set_aside);
    row->set_aside = vls_arena_take(out->arena, (row->n_set_aside + 1) * sizeof *row->set_aside);
    row->identity = vls_arena_take(out->arena, sizeof *row->identity);
    if (row->set_aside == NULL || row->identity == NULL)
        return vls_fail(VLS_INPUT_LIMIT, why, "the answer is larger than a frame");
    for (size_t k = 0; k < row->n_set_aside; k++)
        VLS_TRY(vls_report_text(out, set_aside[k], &row->set_aside[k], why));
    if (!plugin->is_known) {
        row->identity = NULL;
        return VLS_DONE;
    }
    valise__plugin_identity__init(row->identity);
    row->identity->abi = plugin->abi;
    row->identity->roles = plugin->roles;
    row->identity->caps = plugin->caps;
    VLS_TRY(vls_report_text(out, plugin->id, &row->identity->id, why));
    return vls_report_text(out, plugin->version, &row->identity->version, why);
}

struct vls_status vls_route_plugins_report(struct vls_route *route, struct vls_report *out,
                                           Valise__StatusReport *status, struct vls_why *why)
{
    unsigned count = route->o.config->plugins_count;
    status->plugins = vls_arena_take(out->arena, (count + 1) * sizeof *status->plugins);
    if (status->plugins == NULL)
        return vls_fail(VLS_INPUT_LIMIT, why, "the answer is larger than a frame");
    for (unsigned i = 0; i < count; i++) {
        Valise__PluginRow *row = vls_arena_take(out->arena, sizeof *row);
        if (row == NULL)
            return vls_fail(VLS_INPUT_LIMIT, why, "the answer is larger than a frame");
        valise__plugin_row__init(row);
        VLS_TRY(fill_row(route, i, out, row, why));
        VLS_TRY(add_notices(route, i, out, status, why));
        status->plugins[status->n_plugins++] = row;
    }
    return VLS_DONE;
}

/* -- orders ------------------------------------------------------------------------------------ */

struct order {
    struct vls_route *route;
    uint64_t handle;
};

/* vls_answer_fn */
static void on_obeyed(void *ctx, struct vls_status status, const Valise__Frame *frame,
                      struct vls_fds *fds)
{
    struct order *order = ctx;
    struct vls_why why = {"the supervisor did not answer"};
    (void)fds;
    if (vls_ok(status))
        status = vls_outcome_status(frame->done->outcome, &why);
    vls_report_refuse(order->route, order->handle, status, &why);
    vls_mem_free(order);
}

static struct vls_status send_order(struct vls_route *route, uint64_t handle, unsigned instance,
                                    Valise__PluginOrder__Verb verb, struct vls_why *why)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__PluginOrder to_supervisor = VALISE__PLUGIN_ORDER__INIT;
    if (route->o.ports.order == NULL)
        return vls_fail(VLS_SYSTEM_BUG, why, "there is no supervisor");
    struct order *order = vls_mem_new(sizeof *order);
    *order = (struct order){route, handle};
    to_supervisor.verb = verb;
    to_supervisor.instance = instance;
    frame.body_case = VALISE__FRAME__BODY_PLUGIN_ORDER;
    frame.plugin_order = &to_supervisor;
    struct vls_status s = route->o.ports.order(route->o.ports.ctx, &frame, on_obeyed, order, why);
    if (!vls_ok(s))
        vls_mem_free(order);
    return s;
}

static struct vls_status obey(struct vls_route *route, uint64_t handle,
                              const Valise__OperatorPlugin *in, const char *actor,
                              struct vls_why *why)
{
    bool is_enable = in->verb == VALISE__OPERATOR_PLUGIN__VERB__ENABLE;
    unsigned i = 0;
    while (i < route->o.config->plugins_count && strcmp(name_at(route, i), in->name) != 0)
        i++;
    if (i == route->o.config->plugins_count)
        return vls_fail(VLS_CLI_USAGE, why,
                        "%.64s: the configuration has no such plugin; see 'valise plugin list'",
                        in->name);
    if (!is_enable && in->verb != VALISE__OPERATOR_PLUGIN__VERB__RELOAD)
        return vls_fail(VLS_CLI_USAGE, why, "nothing that can be done with a plugin is asked for");
    vls_route_log(route, VLS_LOG_INFO, "plugin.order", VLS_F("plugin", in->name),
                  VLS_F("verb", is_enable ? "enable" : "reload"), VLS_F("actor", actor));
    struct vls_item_deaths *item;
    DL_FOREACH (route->plugins[i].items, item)
        vls_deaths_keep_item(route, in->name, item->origin, 0);
    forget_items(&route->plugins[i]);
    return send_order(
        route, handle, i,
        is_enable ? VALISE__PLUGIN_ORDER__VERB__ENABLE : VALISE__PLUGIN_ORDER__VERB__RELOAD, why);
}

void vls_route_plugin_order(struct vls_route *route, uint64_t handle,
                            const Valise__OperatorPlugin *in, const char *actor)
{
    struct vls_why why = {""};
    struct vls_status s = obey(route, handle, in, actor, &why);
    if (!vls_ok(s))
        vls_report_refuse(route, handle, s, &why);
}
