#include "proc/family.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "proc/family_internal.h"
#include "proc/roles.h"

/* Orders in which roles start, and stop: nobody loses the one that it asks while it finishes. */
static const enum vls_role_kind START_ORDER[] = {VLS_ROLE_CRYPTO, VLS_ROLE_READER,  VLS_ROLE_ROUTER,
                                                 VLS_ROLE_EDGE,   VLS_ROLE_CONTROL, VLS_ROLE_FETCH,
                                                 VLS_ROLE_HOST};
static const enum vls_role_kind STOP_ORDER[] = {VLS_ROLE_HOST,  VLS_ROLE_FETCH,  VLS_ROLE_CONTROL,
                                                VLS_ROLE_EDGE,  VLS_ROLE_ROUTER, VLS_ROLE_READER,
                                                VLS_ROLE_CRYPTO};
#define KINDS (sizeof START_ORDER / sizeof START_ORDER[0])

uint64_t vls_family_backoff_ms(unsigned deaths)
{
    uint64_t ms = VLS_RESTART_FIRST_MS;
    if (deaths <= 1)
        return 0;
    for (unsigned i = 2; i < deaths && ms < VLS_RESTART_MOST_MS; i++)
        ms *= 2;
    return ms < VLS_RESTART_MOST_MS ? ms : VLS_RESTART_MOST_MS;
}

static void start_timer(struct child *child, uint64_t ms)
{
    struct timeval tv = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000)};
    event_add(child->timer, &tv);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx);
static void on_stopped(evutil_socket_t fd, short what, void *ctx);

/* -- life -------------------------------------------------------------------------------------- */

struct child *vls_child_new(struct vls_family *family, enum vls_role_kind kind, unsigned instance)
{
    struct child *child = vls_mem_new(sizeof *child);
    child->family = family;
    child->kind = kind;
    child->instance = child->config_at = instance;
    child->config_fd = -1;
    child->name = kind == VLS_ROLE_HOST ? family->options.config->plugins[instance].name
                                        : vls_role_name(kind);
    child->timer = evtimer_new(family->base, on_timer, child);
    child->life_since_ms = vls_wall_ms(family->env);
    return child;
}

void vls_child_free(struct child **pointer)
{
    struct child *child = *pointer;
    if (child == NULL)
        return;
    if (child->pid > 0)
        kill(child->pid, SIGKILL);
    vls_channel_free(&child->channel);
    event_free(child->timer);
    vls_child_free(&child->heir);
    vls_fd_close(&child->config_fd);
    vls_mem_free(child);
    *pointer = NULL;
}

struct vls_family *vls_family_new(struct event_base *base, const struct vls_env *env,
                                  const struct vls_family_options *options,
                                  const struct vls_family_events *events)
{
    struct vls_family *family = vls_mem_new(sizeof *family);
    family->base = base;
    family->env = env;
    family->options = *options;
    family->events = *events;
    family->stopped = evtimer_new(base, on_stopped, family);
    for (size_t k = 0; k < KINDS; k++)
        family->count += vls_role_instances(START_ORDER[k], options->config);
    family->children = vls_mem_new(family->count * sizeof(struct child *));
    size_t next = 0;
    for (size_t k = 0; k < KINDS; k++)
        for (unsigned i = 0; i < vls_role_instances(START_ORDER[k], options->config); i++)
            family->children[next++] = vls_child_new(family, START_ORDER[k], i);
    return family;
}

void vls_family_free(struct vls_family **pointer)
{
    struct vls_family *family = *pointer;
    if (family == NULL)
        return;
    for (size_t i = 0; i < family->count; i++)
        vls_child_free(&family->children[i]);
    event_free(family->stopped);
    vls_mem_free(family->children);
    vls_mem_free(family);
    *pointer = NULL;
}

/* -- start ------------------------------------------------------------------------------------- */

static void on_frame(void *ctx, struct vls_channel *channel, const Valise__Frame *frame,
                     struct vls_fds *fds);
static void on_gone(void *ctx, struct vls_channel *channel, struct vls_status cause);

static struct vls_status make_pair(int ends[2], struct vls_why *why)
{
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return vls_fail_errno(VLS_PROC_SPAWN, why, errno, "make a channel");
    return VLS_DONE;
}

struct vls_status vls_child_spawn(struct child *child, struct vls_why *why)
{
    unsigned config_at;
    int config_fd = vls_child_config(child, &config_at);
    const struct vls_family_options *options = &child->family->options;
    int ends[2];
    VLS_TRY(make_pair(ends, why));
    VLS_DEFER(vls_fd_close) int ours = ends[0];
    VLS_DEFER(vls_fd_close) int theirs = ends[1];
    struct vls_spawn_order order = {
        .kind = child->kind,
        .instance = config_at,
        .name = child->name,
        .supervisor = theirs,
        .log = options->log_fd,
        .config = config_fd,
        .listener = child->kind == VLS_ROLE_EDGE      ? options->edge_listener
                    : child->kind == VLS_ROLE_CONTROL ? options->control_listener
                                                      : -1,
        .user = options->user,
    };
    struct vls_channel_events events = {.ctx = child, .on_frame = on_frame, .on_gone = on_gone};
    VLS_TRY(vls_channel_new(child->family->base, vls_fd_move(&ours), child->name,
                            vls_role_accepts(child->kind, VLS_ROLE_SUPERVISOR), &events,
                            &child->channel, why));
    struct vls_status s = vls_spawn(&order, &child->pid, why);
    if (!vls_ok(s)) {
        vls_channel_free(&child->channel);
        return s;
    }
    child->state = CHILD_STARTING;
    child->started_ms = vls_steady_ms(child->family->env);
    child->failure = VLS_DONE;
    vls_log(VLS_LOG_DEBUG, "role.start", VLS_F("role", child->name),
            VLS_FN("instance", child->instance), VLS_FN("pid", child->pid));
    return VLS_DONE;
}

/* A channel to `peer` for `child`, whose end is `fd`. */
static struct vls_status hand_out(struct child *child, const struct child *peer, int fd,
                                  struct vls_why *why)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__Attach attach = VALISE__ATTACH__INIT;
    attach.role = (char *)(uintptr_t)vls_role_name(peer->kind);
    attach.instance = peer->instance;
    attach.name = (char *)(uintptr_t)peer->name;
    frame.body_case = VALISE__FRAME__BODY_ATTACH;
    frame.attach = &attach;
    struct vls_status s = vls_channel_send(child->channel, &frame, &fd, 1, why);
    /* it has just died: it is connected anew when it is started anew */
    return s.code == VLS_WIRE_GONE ? VLS_DONE : s;
}

static struct vls_status connect_two(struct child *a, struct child *b, struct vls_why *why)
{
    int ends[2];
    VLS_TRY(make_pair(ends, why));
    VLS_DEFER(vls_fd_close) int end_a = ends[0];
    VLS_DEFER(vls_fd_close) int end_b = ends[1];
    VLS_TRY(hand_out(a, b, end_a, why));
    return hand_out(b, a, end_b, why);
}

bool vls_child_is_alive(const struct child *child)
{
    return child->state != CHILD_ABSENT && child->channel != NULL;
}

/* Channels to all siblings that are there; those that are not get theirs when they start. */
struct vls_status vls_child_connect(struct child *child, struct vls_why *why)
{
    struct vls_family *family = child->family;
    for (size_t i = 0; i < family->count; i++) {
        struct child *sibling = family->children[i];
        if (sibling != child && vls_child_is_alive(sibling) &&
            vls_roles_are_to_meet(family->options.config, child->kind, child->instance,
                                  sibling->kind, sibling->instance))
            VLS_TRY(connect_two(child, sibling, why));
    }
    return VLS_DONE;
}

static struct vls_status start_child(struct child *child, struct vls_why *why)
{
    VLS_TRY(vls_child_spawn(child, why));
    struct vls_status s = vls_child_connect(child, why);
    if (vls_ok(s) && child->kind == VLS_ROLE_ROUTER)
        vls_family_tell_plugins(child->family);
    if (!vls_ok(s)) /* half-connected it is of no use; its end is handled like every other */
        kill(child->pid, SIGKILL);
    return s;
}

void vls_child_restart_later(struct child *child)
{
    uint64_t lived_ms = vls_steady_ms(child->family->env) - child->started_ms;
    child->deaths = lived_ms >= VLS_RESTART_RESET_MS ? 1 : child->deaths + 1;
    uint64_t wait_ms = vls_family_backoff_ms(child->deaths);
    vls_log(VLS_LOG_WARN, "role.restart", VLS_F("role", child->name),
            VLS_FN("instance", child->instance), VLS_FN("deaths", child->deaths),
            VLS_FN("wait_ms", wait_ms));
    start_timer(child, wait_ms);
}

void vls_child_start(struct child *child)
{
    struct vls_why why;
    struct vls_status s = start_child(child, &why);
    if (vls_ok(s))
        return;
    vls_log(VLS_LOG_ERROR, "role.start_failed", VLS_F("role", child->name), VLS_FAILURE(s, &why));
    if (child->state == CHILD_ABSENT)
        vls_child_restart_later(child);
}

struct vls_status vls_family_start(struct vls_family *family, struct vls_why *why)
{
    for (size_t i = 0; i < family->count; i++) {
        struct child *child = family->children[i];
        struct vls_status s = start_child(child, why);
        if (!vls_ok(s) && !family->options.is_stubborn)
            return s;
        if (!vls_ok(s) && child->state == CHILD_ABSENT)
            vls_child_restart_later(child);
    }
    return VLS_DONE;
}

/* -- what a child says ------------------------------------------------------------------------- */

void vls_family_check_ready(struct vls_family *family)
{
    if (family->was_ready || family->is_stopping || family->has_failed)
        return;
    for (size_t i = 0; i < family->count; i++) {
        const struct child *child = family->children[i];
        /* a gateway runs on without a plugin that does not start, and says so */
        bool is_settled = child->kind == VLS_ROLE_HOST && child->life != PLUGIN_STARTING;
        if (child->state != CHILD_SERVING && !is_settled)
            return;
    }
    family->was_ready = true;
    family->events.on_ready(family->events.ctx);
}

static void on_frame(void *ctx, struct vls_channel *channel, const Valise__Frame *frame,
                     struct vls_fds *fds)
{
    struct child *child = ctx;
    (void)channel;
    (void)fds;
    if (frame->body_case == VALISE__FRAME__BODY_DONE) {
        child->failure = vls_outcome_status(frame->done->outcome, &child->failure_why);
        return;
    }
    if (frame->body_case == VALISE__FRAME__BODY_PLUGIN_ORDER) {
        vls_family_order(child->family, child, frame);
        return;
    }
    child->state = CHILD_SERVING;
    vls_log(VLS_LOG_DEBUG, "role.ready", VLS_F("role", child->name),
            VLS_FN("instance", child->instance));
    if (child->kind == VLS_ROLE_HOST)
        vls_family_plugin_ready(child);
    vls_family_check_ready(child->family);
}

/* -- the end of a child ------------------------------------------------------------------------ */

static void advance_stop(struct vls_family *family);

static void describe_end(const struct child *child, char *text, size_t room)
{
    if (WIFSIGNALED(child->wait_status))
        snprintf(text, room, "signal %s", sigabbrev_np(WTERMSIG(child->wait_status)));
    else
        snprintf(text, room, "exit status %d", WEXITSTATUS(child->wait_status));
}

static void fail_start(struct child *child, const char *how)
{
    struct vls_family *family = child->family;
    struct vls_why why;
    if (family->has_failed)
        return;
    family->has_failed = true;
    uint32_t code = vls_ok(child->failure) ? VLS_PROC_SPAWN : child->failure.code;
    struct vls_status s =
        vls_ok(child->failure)
            ? vls_fail(code, &why, "%s ended before it served: %s", child->name, how)
            : vls_fail(code, &why, "%s: %s", child->name, child->failure_why.text);
    family->events.on_failed(family->events.ctx, s, &why);
}

/* Reaped, and all was read that it had said: only then is it known how it ended. */
static void check_end(struct child *child)
{
    struct vls_family *family = child->family;
    char how[VLS_HOW_TEXT];
    if (child->pid != 0 || child->channel != NULL || child->state == CHILD_ABSENT)
        return;
    bool is_orderly = (family->is_stopping || child->is_retiring) &&
                      WIFEXITED(child->wait_status) && WEXITSTATUS(child->wait_status) == 0;
    describe_end(child, how, sizeof how);
    child->state = CHILD_ABSENT;
    event_del(child->timer);
    vls_log(is_orderly ? VLS_LOG_DEBUG : VLS_LOG_ERROR, is_orderly ? "role.end" : "role.died",
            VLS_F("role", child->name), VLS_FN("instance", child->instance), VLS_F("how", how));
    if (family->is_stopping)
        advance_stop(family);
    else if (child->kind == VLS_ROLE_HOST)
        vls_family_plugin_ended(child, how);
    else if (family->was_ready || family->options.is_stubborn)
        vls_child_restart_later(child);
    else
        fail_start(child, how);
}

bool vls_family_reaped(struct vls_family *family, pid_t pid, int wait_status)
{
    for (size_t i = 0; i < family->count; i++) {
        struct child *child = family->children[i];
        if (child->pid != pid && child->heir != NULL)
            child = child->heir;
        if (child->pid != pid)
            continue;
        child->pid = 0;
        child->wait_status = wait_status;
        check_end(child);
        return true;
    }
    return false;
}

static void on_gone(void *ctx, struct vls_channel *channel, struct vls_status cause)
{
    struct child *child = ctx;
    if (cause.code != VLS_WIRE_GONE) {
        vls_log(VLS_LOG_ERROR, "role.misbehaves", VLS_F("role", child->name),
                VLS_F("code", vls_status_name(cause)), VLS_F("why", vls_channel_cause(channel)));
        if (child->pid != 0)
            kill(child->pid, SIGKILL);
    } else if (child->pid != 0 && !event_pending(child->timer, EV_TIMEOUT, NULL)) {
        start_timer(child, VLS_STOP_MS); /* it is about to end, or is made to */
    }
    vls_channel_free(&child->channel);
    check_end(child);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
    struct child *child = ctx;
    (void)fd;
    (void)what;
    if (child->state != CHILD_ABSENT) {
        vls_log(VLS_LOG_ERROR, "role.killed", VLS_F("role", child->name),
                VLS_FN("instance", child->instance), VLS_FN("after_ms", VLS_STOP_MS));
        if (child->pid != 0)
            kill(child->pid, SIGKILL);
        return;
    }
    vls_child_start(child);
}

/* -- stop -------------------------------------------------------------------------------------- */

void vls_child_stop(struct child *child)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__Stop stop = VALISE__STOP__INIT;
    struct vls_why why;
    frame.body_case = VALISE__FRAME__BODY_STOP;
    frame.stop = &stop;
    start_timer(child, VLS_STOP_MS);
    if (child->channel != NULL && !vls_ok(vls_channel_send(child->channel, &frame, NULL, 0, &why)))
        vls_log(VLS_LOG_DEBUG, "role.stop_unheard", VLS_F("role", child->name),
                VLS_F("why", why.text));
}

/* One kind of role after the other; the next when no process of the one before is left. */
static void advance_stop(struct vls_family *family)
{
    for (; family->stop_step < KINDS; family->stop_step++, family->is_step_told = false) {
        size_t left = 0;
        for (size_t i = 0; i < family->count; i++) {
            struct child *child = family->children[i];
            if (child->kind != STOP_ORDER[family->stop_step] || child->state == CHILD_ABSENT)
                continue;
            left++;
            if (!family->is_step_told)
                vls_child_stop(child);
        }
        family->is_step_told = true;
        if (left != 0)
            return;
    }
    event_active(family->stopped, EV_TIMEOUT, 0);
}

void vls_family_stop(struct vls_family *family)
{
    if (family->is_stopping)
        return;
    family->is_stopping = true;
    for (size_t i = 0; i < family->count; i++) {
        vls_child_free(&family->children[i]->heir);
        if (family->children[i]->state == CHILD_ABSENT)
            event_del(family->children[i]->timer);
    }
    advance_stop(family);
}

static void on_stopped(evutil_socket_t fd, short what, void *ctx)
{
    struct vls_family *family = ctx;
    (void)fd;
    (void)what;
    family->events.on_stopped(family->events.ctx);
}
