/* What becomes of a plugin whose process ends; and what an operator wants of one plugin: to read it
 * again, or to try once more. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "proc/family_internal.h"
#include "proc/roles.h"
#include "proc/setup.h"

static const char *const LIVES[] = {"starting", "serving",  "restarting",
                                    "refused",  "disabled", "reloading"};

int vls_child_config(const struct child *child, unsigned *out_at)
{
    *out_at = child->config_at;
    return child->config_fd >= 0 ? child->config_fd : child->family->options.config_fd;
}

/* -- telling the router ------------------------------------------------------------------------ */

static struct child *router_of(struct vls_family *family)
{
    for (size_t i = 0; i < family->count; i++)
        if (family->children[i]->kind == VLS_ROLE_ROUTER)
            return family->children[i];
    return NULL;
}

static void tell(const struct child *child)
{
    struct child *router = router_of(child->family);
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__PluginState state = VALISE__PLUGIN_STATE__INIT;
    if (router == NULL || !vls_child_is_alive(router))
        return; /* it hears all when it starts */
    state.instance = child->instance;
    state.state = (char *)(uintptr_t)LIVES[child->life];
    state.reason = (char *)(uintptr_t)child->life_why.text;
    state.deaths = child->deaths;
    state.since_ms = child->life_since_ms;
    frame.body_case = VALISE__FRAME__BODY_PLUGIN_STATE;
    frame.plugin_state = &state;
    VLS_IGNORE(vls_channel_send(router->channel, &frame, NULL, 0, NULL),
               "a router that ends hears it when it starts anew");
}

void vls_family_tell_plugins(struct vls_family *family)
{
    for (size_t i = 0; i < family->count; i++)
        if (family->children[i]->kind == VLS_ROLE_HOST)
            tell(family->children[i]);
}

static void move(struct child *child, enum plugin_life to, const char *why)
{
    child->life = to;
    child->life_since_ms = vls_wall_ms(child->family->env);
    vls_text_copy(child->life_why.text, sizeof child->life_why.text, why);
    tell(child);
}

/* -- answering an order ------------------------------------------------------------------------ */

static void answer(struct vls_family *family, pid_t asker, uint64_t serial,
                   struct vls_status status, const struct vls_why *why)
{
    const struct child *router = router_of(family);
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__Done done = VALISE__DONE__INIT;
    Valise__Outcome outcome;
    if (serial == 0 || !vls_child_is_alive(router) || router->pid != asker)
        return; /* another router never asked */
    vls_outcome_init(&outcome, status, why);
    done.outcome = &outcome;
    frame.reply_to = serial;
    frame.body_case = VALISE__FRAME__BODY_DONE;
    frame.done = &done;
    VLS_IGNORE(vls_channel_send(router->channel, &frame, NULL, 0, NULL),
               "the log has the words already");
}

static void settle(struct child *child, struct vls_status status, const struct vls_why *why)
{
    answer(child->family, child->order_of, child->order, status, why);
    child->order = 0;
}

/* -- an heir ----------------------------------------------------------------------------------- */

static struct child **place_of(struct child *child)
{
    for (size_t i = 0; i < child->family->count; i++)
        if (child->family->children[i] == child || child->family->children[i]->heir == child)
            return &child->family->children[i];
    return NULL;
}

/* The one before is gone, and the heir is ready: it takes the place, and begins to be called. */
static void take_over(struct child **place)
{
    struct child *before = *place, *heir = before->heir;
    struct vls_why why = {""};
    before->heir = NULL;
    heir->is_heir = false;
    *place = heir;
    vls_child_free(&before);
    struct vls_status s = vls_child_connect(heir, &why);
    vls_log(VLS_LOG_INFO, "plugin.reloaded", VLS_F("plugin", heir->name), VLS_FAILURE(s, &why));
    if (!vls_ok(s) && heir->pid != 0)
        kill(heir->pid, SIGKILL);
    move(heir, PLUGIN_SERVING, "");
    settle(heir, s, &why);
}

static void heir_failed(struct child *heir, const char *how)
{
    struct child *before = *place_of(heir);
    struct vls_why why;
    struct vls_status s = vls_ok(heir->failure)
                              ? vls_fail(VLS_PROC_SPAWN, &why, "it ended before it served: %s", how)
                              : vls_fail(heir->failure.code, &why, "%s", heir->failure_why.text);
    vls_log(VLS_LOG_ERROR, "plugin.reload_failed", VLS_F("plugin", heir->name),
            VLS_FAILURE(s, &why), VLS_F("then", "the one before goes on"));
    settle(heir, s, &why);
    vls_child_free(&before->heir);
    if (before->state == CHILD_ABSENT) /* it ended meanwhile, and waited for the heir */
        vls_child_restart_later(before);
    move(before, before->state == CHILD_ABSENT ? PLUGIN_RESTARTING : PLUGIN_SERVING, "");
}

/* -- ready, and ended -------------------------------------------------------------------------- */

void vls_family_plugin_ready(struct child *child)
{
    if (!child->is_heir) {
        move(child, PLUGIN_SERVING, "");
        settle(child, VLS_DONE, NULL);
        return;
    }
    struct child **place = place_of(child);
    (*place)->is_retiring = true;
    if ((*place)->state == CHILD_ABSENT)
        take_over(place);
    else
        vls_child_stop(*place);
}

static bool is_worth_trying_again(struct vls_status failure)
{
    switch (vls_class_of(failure)) {
    case VLS_CLASS_TRANSIENT:
    case VLS_CLASS_RESOURCE:
    case VLS_CLASS_UNCERTAIN:
        return true;
    case VLS_CLASS_OK:
    case VLS_CLASS_PERMANENT:
    case VLS_CLASS_DENIED:
    case VLS_CLASS_CORRUPT:
    case VLS_CLASS_MISUSE:
        break;
    }
    return false;
}

/* It said, before it served, why it cannot: as it is, it never will. */
static void refuse(struct child *child)
{
    struct vls_why why = child->failure_why;
    vls_log(VLS_LOG_ERROR, "plugin.refused", VLS_F("plugin", child->name),
            VLS_FAILURE(child->failure, &why), VLS_F("then", "the gateway runs on without it"));
    move(child, PLUGIN_REFUSED, why.text);
    settle(child, child->failure, &why);
}

static void disable(struct child *child, const char *how)
{
    struct vls_why why;
    struct vls_status s = vls_fail(VLS_PROC_SPAWN, &why,
                                   "it died %u times in a row, the last time of %s; mend it, then: "
                                   "valise plugin enable %s",
                                   child->crashes, how, child->name);
    vls_log(VLS_LOG_ERROR, "plugin.disabled", VLS_F("plugin", child->name), VLS_FAILURE(s, &why));
    move(child, PLUGIN_DISABLED, why.text);
    settle(child, s, &why);
}

/* Signals say what nobody else does: which of them, in words an operator can use. */
static const char *words_of(const struct child *child, const char *how)
{
    if (!WIFSIGNALED(child->wait_status))
        return how;
    switch (WTERMSIG(child->wait_status)) {
    case SIGALRM:
        return "signal ALRM: one of its calls did not come back in time";
    case SIGSYS:
        return "signal SYS: it made a system call that no plugin may make";
    default:
        return how;
    }
}

static void restart(struct child *child, const char *how)
{
    char why[sizeof child->life_why.text];
    bool is_long_ago =
        vls_steady_ms(child->family->env) - child->started_ms >= VLS_RESTART_RESET_MS;
    if (vls_ok(child->failure)) {
        child->crashes = is_long_ago ? 1 : child->crashes + 1;
        vls_text_copy(why, sizeof why, words_of(child, how));
    } else {
        vls_text_copy(why, sizeof why, child->failure_why.text);
    }
    if (child->crashes >= VLS_PLUGIN_CRASHES) {
        disable(child, why);
        return;
    }
    vls_child_restart_later(child);
    move(child, PLUGIN_RESTARTING, why);
}

void vls_family_plugin_ended(struct child *child, const char *how)
{
    struct vls_family *family = child->family;
    bool had_served = child->life == PLUGIN_SERVING || child->life == PLUGIN_RELOADING;
    if (child->is_heir) {
        heir_failed(child, how);
        return;
    }
    if (child->heir != NULL) {
        if (child->heir->state == CHILD_SERVING)
            take_over(place_of(child));
        return; /* otherwise the heir decides */
    }
    if (!vls_ok(child->failure) && !had_served && !is_worth_trying_again(child->failure))
        refuse(child);
    else
        restart(child, how);
    vls_family_check_ready(family);
}

/* -- orders ------------------------------------------------------------------------------------ */

static bool is_same_list(char *const *a, unsigned a_count, char *const *b, unsigned b_count)
{
    if (a_count != b_count)
        return false;
    for (unsigned i = 0; i < a_count; i++)
        if (strcmp(a[i], b[i]) != 0)
            return false;
    return true;
}

/* What the router and fetch hold to as well. */
static bool is_same_for_others(const struct vls_config_plugin *a, const struct vls_config_plugin *b)
{
    return is_same_list(a->grants, a->grants_count, b->grants, b->grants_count) &&
           is_same_list(a->clearance, a->clearance_count, b->clearance, b->clearance_count) &&
           is_same_list(a->inspect, a->inspect_count, b->inspect, b->inspect_count) &&
           vls_config_http_is_same(a->http, b->http);
}

/* What other roles hold to as well cannot change for one plugin alone. */
static struct vls_status check_change(const struct vls_config *before, unsigned instance,
                                      const struct vls_config *after, unsigned *out_at,
                                      struct vls_why *why)
{
    const struct vls_config_plugin *old = &before->plugins[instance], *new = NULL;
    for (unsigned i = 0; i < after->plugins_count; i++)
        if (strcmp(after->plugins[i].name, old->name) == 0) {
            new = &after->plugins[i];
            *out_at = i;
        }
    if (new == NULL)
        return vls_fail(VLS_CONFIG_INVALID, why,
                        "%s has no plugin %s any more; reload the gateway: kill -HUP", after->file,
                        old->name);
    if (!is_same_for_others(old, new) ||
        !is_same_list(before->schemes, before->schemes_count, after->schemes, after->schemes_count))
        return vls_fail(VLS_CONFIG_INVALID, why,
                        "%s: grants, clearance, inspect or http of %s, or the schemes, have "
                        "changed, and other roles hold to them too; reload the gateway: kill -HUP",
                        after->file, old->name);
    return VLS_DONE;
}

static struct vls_status read_again(const struct child *child, int *out_fd, unsigned *out_at,
                                    struct vls_why *why)
{
    const struct vls_config *before = child->family->options.config;
    struct vls_config *after = NULL;
    int fd VLS_DEFER(vls_fd_close) = -1;
    VLS_TRY(vls_setup_read_again(before->file, &after, &fd, why));
    struct vls_status s = check_change(before, child->instance, after, out_at, why);
    vls_config_free(&after);
    if (vls_ok(s))
        *out_fd = vls_fd_move(&fd);
    return s;
}

static void start_anew(struct child *child)
{
    child->deaths = child->crashes = 0;
    event_del(child->timer);
    move(child, PLUGIN_STARTING, "");
    vls_child_start(child);
}

/* The new one starts beside the old one, and is not called before the old one has ended: two of one
 * plugin never work at a time, and one that does not start costs nothing. */
static void start_heir(struct child *child, int config_fd, unsigned config_at)
{
    struct vls_why why;
    struct child *heir = vls_child_new(child->family, child->kind, child->instance);
    heir->is_heir = true;
    heir->config_fd = config_fd;
    heir->config_at = config_at;
    heir->order = child->order;
    heir->order_of = child->order_of;
    child->order = 0;
    child->heir = heir;
    move(child, PLUGIN_RELOADING, "");
    struct vls_status s = vls_child_spawn(heir, &why);
    if (vls_ok(s))
        return;
    heir->failure = s;
    heir->failure_why = why;
    heir_failed(heir, "");
}

static struct vls_status reload(struct child *child, struct vls_why *why)
{
    int fd;
    unsigned at;
    VLS_TRY(read_again(child, &fd, &at, why));
    vls_log(VLS_LOG_INFO, "plugin.reload", VLS_F("plugin", child->name));
    if (child->state != CHILD_ABSENT) {
        start_heir(child, fd, at);
        return VLS_DONE;
    }
    vls_fd_close(&child->config_fd);
    child->config_fd = fd;
    child->config_at = at;
    start_anew(child);
    return VLS_DONE;
}

/* One that runs has nothing to be started for. */
static void enable(struct child *child)
{
    if (child->state == CHILD_ABSENT) {
        start_anew(child);
        return;
    }
    child->deaths = child->crashes = 0;
    tell(child);
    if (child->state == CHILD_SERVING)
        settle(child, VLS_DONE, NULL);
}

static void forgive(struct child *child, uint32_t deaths)
{
    child->crashes -= deaths < child->crashes ? deaths : child->crashes;
    child->deaths -= deaths < child->deaths ? deaths : child->deaths;
}

static struct child *host_of(struct vls_family *family, uint32_t instance)
{
    for (size_t i = 0; i < family->count; i++)
        if (family->children[i]->kind == VLS_ROLE_HOST && family->children[i]->instance == instance)
            return family->children[i];
    return NULL;
}

/* What it does answers when the process serves, or when it is known that it does not. */
static struct vls_status obey(struct child *child, const struct child *router, uint64_t serial,
                              const Valise__PluginOrder *order, struct vls_why *why)
{
    if (child->heir != NULL || child->order != 0)
        return vls_fail(VLS_ROUTE_CLOSING, why, "plugin %s is being started already", child->name);
    child->order = serial;
    child->order_of = router->pid;
    if (order->verb == VALISE__PLUGIN_ORDER__VERB__ENABLE) {
        enable(child);
        return VLS_DONE;
    }
    struct vls_status s = reload(child, why);
    if (!vls_ok(s))
        child->order = 0;
    return s;
}

void vls_family_order(struct vls_family *family, struct child *router, const Valise__Frame *frame)
{
    const Valise__PluginOrder *order = frame->plugin_order;
    struct child *child = host_of(family, order->instance);
    struct vls_why why = {"there is no such plugin"};
    struct vls_status s = {VLS_INPUT_MALFORMED};
    bool is_forgiven = order->verb == VALISE__PLUGIN_ORDER__VERB__FORGIVE;
    if (child != NULL && is_forgiven) {
        forgive(child, order->deaths);
        answer(family, router->pid, frame->serial, VLS_DONE, NULL);
        return;
    }
    if (child != NULL && family->is_stopping)
        s = vls_fail(VLS_ROUTE_CLOSING, &why, "the gateway is stopping");
    else if (child != NULL)
        s = obey(child, router, frame->serial, order, &why);
    if (!vls_ok(s))
        answer(family, router->pid, frame->serial, s, &why);
}
