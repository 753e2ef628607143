#include "proc/role.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "proc/roles.h"
#include "proc/spawn.h"

#define LOG_NAME_BYTES (VLS_MAX_NAME + 16)

/* The process of a role; `role` first, so that what the role holds leads here. */
struct running {
    struct vls_role role;
    const struct vls_role_ops *ops;
    struct vls_channel *supervisor;
    char log_name[LOG_NAME_BYTES];
    unsigned landlock_abi;
    bool is_stopping, is_finished;
};

/* -- steps 1 and 2: what the supervisor left for us -------------------------------------------- */

static void name_log(struct running *running)
{
    const struct vls_role *role = &running->role;
    if (role->kind == VLS_ROLE_HOST)
        snprintf(running->log_name, sizeof running->log_name, "host:%s", role->name);
    else if (role->kind == VLS_ROLE_CRYPTO)
        snprintf(running->log_name, sizeof running->log_name, "crypto:%u", role->instance);
    else
        snprintf(running->log_name, sizeof running->log_name, "%s", vls_role_name(role->kind));
}

static void ignore_signals(void)
{
    /* orders come from the supervisor alone; a broken pipe is an error where it is written */
    static const int SIGNALS[] = {SIGTERM, SIGINT, SIGHUP, SIGPIPE};
    for (size_t i = 0; i < sizeof SIGNALS / sizeof SIGNALS[0]; i++)
        signal(SIGNALS[i], SIG_IGN);
}

static struct vls_status take_over(struct running *running, struct vls_why *why)
{
    for (int fd = VLS_FD_SUPERVISOR; fd <= VLS_FD_LISTENER; fd++) {
        bool is_there = fcntl(fd, F_GETFD) >= 0;
        if (!is_there && fd != VLS_FD_LISTENER)
            return vls_fail(VLS_PROC_SPAWN, why,
                            "descriptor %d is not there: a role is started by the supervisor only",
                            fd);
        if (is_there && fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
            return vls_fail_errno(VLS_PROC_SPAWN, why, errno, "descriptor %d", fd);
        if (is_there && fd == VLS_FD_LISTENER)
            running->role.listener = fd;
    }
    char title[16]; /* of a thread, as the kernel keeps it */
    vls_text_copy(title, sizeof title, running->log_name);
    prctl(PR_SET_NAME, title, 0, 0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    vls_log_open(VLS_FD_LOG, running->log_name, VLS_LOG_INFO);
    VLS_TRY(vls_start_take(VLS_FD_CONFIG, &running->role.config, why));
    vls_log_open(VLS_FD_LOG, running->log_name, vls_start_log_level(running->role.config));
    int config = VLS_FD_CONFIG;
    vls_fd_close(&config);
    return VLS_DONE;
}

static struct vls_status make_loop(struct running *running, struct vls_why *why)
{
    struct event_config *config = event_config_new();
    if (config != NULL) {
        event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
        event_config_set_flag(config, EVENT_BASE_FLAG_IGNORE_ENV);
        running->role.base = event_base_new_with_config(config);
        event_config_free(config);
    }
    if (running->role.base == NULL || event_base_priority_init(running->role.base, 2) != 0)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "the event loop cannot be made");
    return VLS_DONE;
}

/* -- steps 3 to 5 ------------------------------------------------------------------------------ */

/* Libraries that open files of their own at first use do so while they may: OpenSSL its
 * configuration, the C library the time zone. */
static void warm_up(void)
{
    char text[VLS_TIME_TEXT];
    (void)vls_digest_of_slice((struct vls_slice){NULL, 0});
    vls_time_text(0, text);
}

/* A role that runs foreign code in its init is closed in before it; the others open their files
 * first. */
static struct vls_status init_and_close(struct running *running, struct vls_why *why)
{
    struct vls_role *role = &running->role;
    VLS_DEFER(vls_sandbox_fini) struct vls_sandbox sandbox;
    vls_role_sandbox(role->kind, role->instance, role->config, &sandbox);
    VLS_TRY(vls_sandbox_harden(&sandbox, why));
    warm_up();
    if (running->ops->prepare != NULL) {
        VLS_TRY(running->ops->prepare(role, why));
        /* it may have learnt that less is needed than the configuration grants */
        vls_sandbox_fini(&sandbox);
        vls_role_sandbox(role->kind, role->instance, role->config, &sandbox);
    }
    if (vls_role_profile(role->kind)->is_closed_before_init) {
        VLS_TRY(vls_sandbox_close(&sandbox, &running->landlock_abi, why));
        VLS_TRY(running->ops->init(role, why));
        return vls_sandbox_tighten(why);
    }
    VLS_TRY(running->ops->init(role, why));
    return vls_sandbox_close(&sandbox, &running->landlock_abi, why);
}

static void on_supervisor_frame(void *ctx, struct vls_channel *channel, const Valise__Frame *frame,
                                struct vls_fds *fds);
static void on_supervisor_gone(void *ctx, struct vls_channel *channel, struct vls_status cause);

static struct vls_status report_ready(struct running *running, struct vls_why *why)
{
    struct vls_channel_events events = {
        .ctx = running, .on_frame = on_supervisor_frame, .on_gone = on_supervisor_gone};
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__Ready ready = VALISE__READY__INIT;
    VLS_TRY(vls_channel_new(running->role.base, VLS_FD_SUPERVISOR, "supervisor",
                            vls_role_accepts(VLS_ROLE_SUPERVISOR, running->role.kind), &events,
                            &running->supervisor, why));
    frame.body_case = VALISE__FRAME__BODY_READY;
    frame.ready = &ready;
    vls_log(VLS_LOG_INFO, "role.closed", VLS_FN("landlock_abi", running->landlock_abi),
            VLS_F("ports", running->landlock_abi >= 4 ? "restricted" : "open"));
    return vls_channel_send(running->supervisor, &frame, NULL, 0, why);
}

/* The supervisor shows it to whoever started the gateway, and in the status of a plugin. */
static void tell_supervisor(struct running *running, struct vls_status status,
                            const struct vls_why *why)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__Done done = VALISE__DONE__INIT;
    Valise__Outcome outcome;
    vls_outcome_init(&outcome, status, why);
    done.outcome = &outcome;
    frame.body_case = VALISE__FRAME__BODY_DONE;
    frame.done = &done;
    if (running->supervisor != NULL)
        VLS_IGNORE(vls_channel_send(running->supervisor, &frame, NULL, 0, NULL),
                   "the log has the words already");
    else
        VLS_IGNORE(vls_wire_send(VLS_FD_SUPERVISOR, &frame, NULL, 0, NULL),
                   "the log has the words already");
}

static int report_failure(struct running *running, struct vls_status status, struct vls_why *why)
{
    vls_log(VLS_LOG_ERROR, "role.start_failed", VLS_FAILURE(status, why));
    tell_supervisor(running, status, why);
    return vls_status_exit(status);
}

/* -- step 6: orders of the supervisor ---------------------------------------------------------- */

void vls_role_die(struct vls_role *role, struct vls_status status, const struct vls_why *why)
{
    vls_log(VLS_LOG_ERROR, "role.ends", VLS_F("role", role->name), VLS_FAILURE(status, why));
    tell_supervisor((struct running *)role, status, why);
    _exit(vls_status_exit(status));
}

static struct vls_status attach(struct running *running, const Valise__Attach *order,
                                struct vls_fds *fds, struct vls_why *why)
{
    enum vls_role_kind peer;
    if (!vls_ok(vls_role_from_name(order->role, &peer)) ||
        !vls_roles_are_linked(running->role.kind, peer) || fds->count != 1)
        return vls_fail(VLS_WIRE_REFUSED, why, "the supervisor attaches \"%s\" to %s with %zu fds",
                        order->role, running->role.name, fds->count);
    vls_log(VLS_LOG_DEBUG, "role.attach", VLS_F("peer", order->role),
            VLS_FN("instance", order->instance));
    return running->ops->attach(&running->role, peer, order->instance, order->name,
                                vls_fd_move(&fds->fd[0]), why);
}

static void on_supervisor_frame(void *ctx, struct vls_channel *channel, const Valise__Frame *frame,
                                struct vls_fds *fds)
{
    struct running *running = ctx;
    struct vls_why why = {""};
    (void)channel;
    if (frame->body_case == VALISE__FRAME__BODY_ATTACH) {
        struct vls_status s = attach(running, frame->attach, fds, &why);
        if (!vls_ok(s))
            vls_role_die(&running->role, s, &why);
    } else if (frame->body_case != VALISE__FRAME__BODY_STOP) {
        running->ops->notice(&running->role, frame);
    } else if (!running->is_stopping) {
        running->is_stopping = true;
        running->ops->stop(&running->role);
    }
}

static void on_supervisor_gone(void *ctx, struct vls_channel *channel, struct vls_status cause)
{
    struct running *running = ctx;
    struct vls_why why;
    vls_text_copy(why.text, sizeof why.text, vls_channel_cause(channel));
    if (!running->is_finished)
        vls_role_die(&running->role, cause, &why);
}

struct vls_status vls_role_ask_supervisor(struct vls_role *role, Valise__Frame *frame, int expects,
                                          vls_answer_fn answer, void *ctx, struct vls_why *why)
{
    struct running *running = (struct running *)role;
    return vls_channel_ask(running->supervisor, frame, NULL, 0, expects, answer, ctx, why);
}

void vls_role_finish(struct vls_role *role)
{
    struct running *running = (struct running *)role;
    running->is_finished = true;
    event_base_loopbreak(role->base);
}

static void end(struct running *running)
{
    running->ops->fini(&running->role);
    vls_channel_free(&running->supervisor);
    vls_fd_close(&running->role.listener);
    event_base_free(running->role.base);
    libevent_global_shutdown();
    vls_config_free(&running->role.config);
    vls_log(VLS_LOG_INFO, "role.stopped", VLS_F("role", running->role.name));
}

/*~ The main of every role; the steps are those of role.h. */
int vls_role_main(enum vls_role_kind kind, unsigned instance, const char *name,
                  const struct vls_role_ops *ops)
{
    struct running running = {
        .role = {.kind = kind,
                 .instance = instance,
                 .name = name,
                 .env = vls_env_system(),
                 .listener = -1},
        .ops = ops,
    };
    struct vls_why why = {""};
    name_log(&running);
    ignore_signals();
    struct vls_status s = take_over(&running, &why);
    if (vls_ok(s))
        s = make_loop(&running, &why);
    if (vls_ok(s))
        s = init_and_close(&running, &why);
    if (vls_ok(s))
        s = report_ready(&running, &why);
    if (!vls_ok(s))
        _exit(report_failure(&running, s, &why)); /* half-built: nothing to release in order */
    if (event_base_dispatch(running.role.base) < 0 || !running.is_finished)
        vls_role_die(&running.role, (struct vls_status){VLS_SYSTEM_BUG},
                     &(struct vls_why){"the event loop ended by itself"});
    end(&running);
    return 0;
}
