#include "proc/supervisor.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "proc/family.h"
#include "proc/notify.h"
#include "proc/setup.h"

/*
 *     starting --ready--> serving --SIGHUP, good file--> draining --all stopped--> renewing
 *        |                 ^   ^                                                   |  |
 *        | a role fails    |   +------------------ ready --------------------------+  |
 *        |                 |                                                          |
 *        v                 +-- all stopped, the old file again -- returning <---------+
 *     stopping <-- SIGTERM, SIGINT from anywhere                           a role fails
 */
enum phase { STARTING, SERVING, DRAINING, RENEWING, RETURNING, STOPPING };

static const char *const PHASE_NAMES[] = {"starting", "serving",   "draining",
                                          "renewing", "returning", "stopping"};
static const unsigned PHASE_MOVES[] = {
    [STARTING] = 1u << SERVING | 1u << STOPPING,
    [SERVING] = 1u << DRAINING | 1u << STOPPING,
    [DRAINING] = 1u << RENEWING | 1u << STOPPING,
    [RENEWING] = 1u << SERVING | 1u << RETURNING | 1u << STOPPING,
    [RETURNING] = 1u << SERVING | 1u << STOPPING,
    [STOPPING] = 0,
};

enum { ON_TERM, ON_INT, ON_HUP, ON_CHLD, SIGNALS };

struct supervisor {
    enum phase phase;
    char *config_path; /* absolute */
    struct event_base *base;
    struct event *signals[SIGNALS];
    int report; /* whoever waits for the start in the background */
    int host_program;
    struct vls_setup setup,
        other; /* other: the next while draining, the one before while renewing */
    bool has_other, is_reload_wanted;
    struct vls_family *family;
    struct vls_status result;
};

static void move(struct supervisor *s, enum phase to)
{
    if ((PHASE_MOVES[s->phase] & 1u << to) == 0) {
        vls_log(VLS_LOG_ERROR, "gateway.bug", VLS_F("from", PHASE_NAMES[s->phase]),
                VLS_F("to", PHASE_NAMES[to]));
        abort();
    }
    vls_log(VLS_LOG_DEBUG, "gateway.phase", VLS_F("from", PHASE_NAMES[s->phase]),
            VLS_F("to", PHASE_NAMES[to]));
    s->phase = to;
}

/* -- family ------------------------------------------------------------------------------------ */

static void on_ready(void *ctx);
static void on_failed(void *ctx, struct vls_status status, const struct vls_why *why);
static void on_stopped(void *ctx);
static void reload(struct supervisor *s);

static void start_family(struct supervisor *s, bool is_stubborn)
{
    struct vls_family_options options = {
        .config = s->setup.config,
        .config_fd = s->setup.config_fd,
        .log_fd = s->setup.log_fd,
        .edge_listener = s->setup.edge_listener,
        .control_listener = s->setup.control_listener,
        .host_program = s->host_program,
        .user = &s->setup.user,
        .is_stubborn = is_stubborn,
    };
    struct vls_family_events events = {
        .ctx = s, .on_ready = on_ready, .on_failed = on_failed, .on_stopped = on_stopped};
    struct vls_why why;
    vls_log_open(s->setup.log_fd, "supervisor", vls_start_log_level(s->setup.config));
    s->family = vls_family_new(s->base, vls_env_system(), &options, &events);
    struct vls_status status = vls_family_start(s->family, &why);
    if (!vls_ok(status))
        on_failed(s, status, &why);
}

static void stop(struct supervisor *s)
{
    if (s->phase == STOPPING)
        return;
    move(s, STOPPING);
    vls_notify("STOPPING=1");
    vls_log(VLS_LOG_INFO, "gateway.stop", VLS_F("party", s->setup.config->node.party));
    vls_family_stop(s->family);
}

static void drop_other(struct supervisor *s)
{
    if (s->has_other)
        vls_setup_close(&s->other, &s->setup);
    s->has_other = false;
}

static void on_ready(void *ctx)
{
    struct supervisor *s = ctx;
    vls_log(VLS_LOG_INFO, "gateway.ready", VLS_F("party", s->setup.config->node.party),
            VLS_F("data", s->setup.config->node.data));
    vls_notify("READY=1");
    vls_background_done(&s->report, 0, s->setup.log_fd);
    if (s->phase == RENEWING) {
        drop_other(s);
        vls_log(VLS_LOG_INFO, "gateway.reloaded", VLS_F("config", s->config_path));
    }
    if (s->phase != SERVING)
        move(s, SERVING);
    if (s->is_reload_wanted)
        reload(s);
}

static void on_failed(void *ctx, struct vls_status status, const struct vls_why *why)
{
    struct supervisor *s = ctx;
    switch (s->phase) {
    case STARTING:
        s->result = status;
        vls_log(VLS_LOG_ERROR, "gateway.start_failed", VLS_FAILURE(status, why));
        fprintf(stderr, "valised: %s\n", why->text);
        stop(s);
        break;
    case RENEWING:
        vls_log(VLS_LOG_ERROR, "gateway.reload_failed", VLS_FAILURE(status, why),
                VLS_F("then", "back to the configuration before"));
        move(s, RETURNING);
        vls_family_stop(s->family);
        break;
    case SERVING: /* the configuration before, started again by force: its roles keep trying */
        vls_log(VLS_LOG_ERROR, "gateway.restart_failed", VLS_FAILURE(status, why));
        break;
    case DRAINING:
    case RETURNING:
    case STOPPING:
        break;
    }
}

static void swap_setups(struct supervisor *s)
{
    struct vls_setup before = s->setup;
    s->setup = s->other;
    s->other = before;
}

static void on_stopped(void *ctx)
{
    struct supervisor *s = ctx;
    vls_family_free(&s->family);
    switch (s->phase) {
    case DRAINING:
        swap_setups(s);
        move(s, RENEWING);
        start_family(s, false);
        break;
    case RETURNING:
        swap_setups(s);
        drop_other(s);
        move(s, SERVING);
        start_family(s, true);
        break;
    case STOPPING:
        event_base_loopbreak(s->base);
        break;
    case STARTING:
    case SERVING:
    case RENEWING:
        break;
    }
}

/* -- signals ----------------------------------------------------------------------------------- */

static void notify_reloading(void)
{
    char text[64];
    snprintf(text, sizeof text, "RELOADING=1\nMONOTONIC_USEC=%llu",
             (unsigned long long)vls_steady_ms(vls_env_system()) * 1000u);
    vls_notify(text);
}

static void reload(struct supervisor *s)
{
    struct vls_why why;
    s->is_reload_wanted = s->phase != SERVING && s->phase != STOPPING;
    if (s->phase != SERVING)
        return;
    notify_reloading();
    vls_log(VLS_LOG_INFO, "gateway.reload", VLS_F("config", s->config_path));
    struct vls_status status = vls_setup_open(s->config_path, &s->setup, &s->other, &why);
    if (!vls_ok(status)) {
        vls_log(VLS_LOG_ERROR, "gateway.reload_failed", VLS_FAILURE(status, &why),
                VLS_F("then", "serving on with the configuration before"));
        vls_notify("READY=1");
        return;
    }
    s->has_other = true;
    move(s, DRAINING);
    vls_family_stop(s->family);
}

static void on_end_signal(evutil_socket_t number, short what, void *ctx)
{
    struct supervisor *s = ctx;
    (void)what;
    vls_log(VLS_LOG_INFO, "gateway.signal", VLS_F("name", sigabbrev_np((int)number)));
    stop(s);
}

static void on_reload_signal(evutil_socket_t number, short what, void *ctx)
{
    (void)number;
    (void)what;
    reload(ctx);
}

static void on_child_signal(evutil_socket_t number, short what, void *ctx)
{
    struct supervisor *s = ctx;
    int wait_status;
    pid_t pid;
    (void)number;
    (void)what;
    while ((pid = waitpid(-1, &wait_status, WNOHANG)) > 0)
        if (s->family == NULL || !vls_family_reaped(s->family, pid, wait_status))
            vls_log(VLS_LOG_DEBUG, "gateway.reaped_stranger", VLS_FN("pid", pid));
}

static struct vls_status make_loop(struct supervisor *s, struct vls_why *why)
{
    static const struct {
        int number;
        event_callback_fn fn;
    } HANDLERS[SIGNALS] = {
        [ON_TERM] = {SIGTERM, on_end_signal},
        [ON_INT] = {SIGINT, on_end_signal},
        [ON_HUP] = {SIGHUP, on_reload_signal},
        [ON_CHLD] = {SIGCHLD, on_child_signal},
    };
    s->base = event_base_new();
    bool is_made = s->base != NULL;
    for (int i = 0; is_made && i < SIGNALS; i++) {
        s->signals[i] = evsignal_new(s->base, HANDLERS[i].number, HANDLERS[i].fn, s);
        is_made = s->signals[i] != NULL && event_add(s->signals[i], NULL) == 0;
    }
    if (!is_made)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "the event loop cannot be made");
    return VLS_DONE;
}

/* -- life -------------------------------------------------------------------------------------- */

static struct vls_status harden(struct vls_why *why)
{
    struct rlimit none = {0, 0};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || setrlimit(RLIMIT_CORE, &none) != 0)
        return vls_fail_errno(VLS_PROC_SANDBOX, why, errno, "no new privileges, no core file");
    signal(SIGPIPE, SIG_IGN);
    return VLS_DONE;
}

static struct vls_status check_background(const struct supervisor *s, bool is_foreground,
                                          struct vls_why *why)
{
    const char *file = s->setup.config->log.file;
    if (!is_foreground && (file == NULL || file[0] == '\0'))
        return vls_fail(VLS_CONFIG_INVALID, why,
                        "%s: log.file is empty, and a gateway in the background has nobody to "
                        "write to: set it, or start with --foreground",
                        s->config_path);
    return VLS_DONE;
}

static struct vls_status open_gateway(struct supervisor *s,
                                      const struct vls_supervisor_options *options,
                                      struct vls_why *why)
{
    s->config_path = realpath(options->config, NULL);
    if (s->config_path == NULL)
        return vls_fail_errno(VLS_CONFIG_MISSING, why, errno, "%s", options->config);
    /* whatever the caller left open is not ours, and may be what it waits for the end of */
    if (close_range(STDERR_FILENO + 1, ~0u, 0) != 0)
        return vls_fail_errno(VLS_PROC_SPAWN, why, errno, "close inherited descriptors");
    if (!options->has_host)
        VLS_TRY(vls_host_program_open(&s->host_program, why));
    if (!options->is_foreground)
        VLS_TRY(vls_background(&s->report, why));
    VLS_TRY(harden(why));
    VLS_TRY(vls_setup_open(s->config_path, NULL, &s->setup, why));
    VLS_TRY(check_background(s, options->is_foreground, why));
    return make_loop(s, why);
}

static void close_gateway(struct supervisor *s)
{
    vls_family_free(&s->family);
    drop_other(s);
    if (s->setup.config != NULL)
        vls_setup_close(&s->setup, NULL);
    for (int i = 0; i < SIGNALS; i++)
        if (s->signals[i] != NULL)
            event_free(s->signals[i]);
    if (s->base != NULL)
        event_base_free(s->base);
    libevent_global_shutdown();
    vls_fd_close(&s->host_program);
    vls_mem_free(s->config_path);
}

int vls_supervisor_run(const struct vls_supervisor_options *options)
{
    struct supervisor s = {
        .phase = STARTING,
        .report = -1,
        .host_program = -1,
        .setup = {.lock = -1,
                  .config_fd = -1,
                  .log_fd = -1,
                  .edge_listener = -1,
                  .control_listener = -1},
        .result = VLS_DONE,
    };
    struct vls_why why = {""};
    struct vls_status status = open_gateway(&s, options, &why);
    if (vls_ok(status)) {
        start_family(&s, false);
        if (event_base_dispatch(s.base) < 0)
            s.result = vls_fail(VLS_SYSTEM_BUG, &why, "the event loop ended by itself");
        vls_log(VLS_LOG_INFO, "gateway.stopped", VLS_FN("exit_status", vls_status_exit(s.result)));
    } else {
        s.result = status;
        fprintf(stderr, "valised: %s\n", why.text);
    }
    int exit_status = vls_status_exit(s.result);
    vls_background_done(&s.report, exit_status, -1);
    vls_log_open(2, "supervisor", VLS_LOG_INFO);
    close_gateway(&s);
    return exit_status;
}
