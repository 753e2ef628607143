/* The same steps as a host of the gateway takes: core/proc/role.c and core/daemon/host.c. */
#include "kit/child.h"

#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/env.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "plugin/host.h"
#include "proc/roles.h"

#define FD_COMMANDS 3
#define FD_LOG      4
#define FD_FETCH    5
#define FD_PARKING  16

static const int FROM_KIT[] = {VALISE__FRAME__BODY_ATTACH, VALISE__FRAME__BODY_STOP, 0};

struct child {
    const struct kit_plan *plan;
    struct event_base *base;
    struct vls_channel *commands;
    struct vls_plugin_host *host;
    bool is_over;
};

static void report(const struct child *child, struct vls_status status, const struct vls_why *why)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__Done done = VALISE__DONE__INIT;
    Valise__Outcome outcome;
    vls_outcome_init(&outcome, status, why);
    done.outcome = &outcome;
    frame.body_case = VALISE__FRAME__BODY_DONE;
    frame.done = &done;
    VLS_IGNORE(vls_wire_send(FD_COMMANDS, &frame, NULL, 0, NULL), "nobody is left to hear it");
    (void)child;
    _exit(vls_status_exit(status));
}

static void on_failed(void *ctx, struct vls_status status, const struct vls_why *why)
{
    report(ctx, status, why);
}

static void on_drained(void *ctx)
{
    struct child *child = ctx;
    child->is_over = true;
    event_base_loopbreak(child->base);
}

static void on_frame(void *ctx, struct vls_channel *channel, const Valise__Frame *frame,
                     struct vls_fds *fds)
{
    struct child *child = ctx;
    struct vls_why why = {""};
    (void)channel;
    if (frame->body_case == VALISE__FRAME__BODY_STOP) {
        vls_plugin_host_drain(child->host);
        return;
    }
    struct vls_status s = vls_plugin_host_attach(child->host, vls_fd_move(&fds->fd[0]), &why);
    if (!vls_ok(s))
        report(child, s, &why);
}

static void on_gone(void *ctx, struct vls_channel *channel, struct vls_status cause)
{
    (void)ctx;
    (void)channel;
    (void)cause;
    _exit(1);
}

/* Nothing of ours is left open but the commands, the log and the channel to fetch. */
static void leave_all(int commands, int fetch, int log, pid_t parent)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int from[] = {null,
                  null,
                  log >= 0 ? log : null,
                  commands,
                  log >= 0 ? log : null,
                  fetch >= 0 ? fetch : null};
    if (null < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != parent)
        _exit(1);
    for (size_t i = 0; i < sizeof from / sizeof from[0]; i++)
        if ((from[i] = fcntl(from[i], F_DUPFD_CLOEXEC, FD_PARKING)) < 0)
            _exit(1);
    for (size_t i = 0; i < sizeof from / sizeof from[0]; i++)
        if (dup2(from[i], (int)i) < 0)
            _exit(1);
    if (fcntl(FD_COMMANDS, F_SETFD, FD_CLOEXEC) != 0 || fcntl(FD_LOG, F_SETFD, FD_CLOEXEC) != 0 ||
        fcntl(FD_FETCH, F_SETFD, FD_CLOEXEC) != 0 ||
        close_range(fetch >= 0 ? FD_FETCH + 1 : FD_FETCH, ~0u, 0) != 0)
        _exit(1);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    vls_log_open(FD_LOG, "host", VLS_LOG_DEBUG);
}

static struct vls_status close_in(const struct child *child, const struct vls_config_plugin *config,
                                  struct vls_why *why)
{
    const struct vls_config all = {.plugins = (struct vls_config_plugin *)(uintptr_t)config,
                                   .plugins_count = 1};
    VLS_DEFER(vls_sandbox_fini) struct vls_sandbox sandbox;
    uint64_t most = child->plan->file_bytes;
    struct rlimit file = {most, most};
    char text[VLS_TIME_TEXT];
    (void)vls_digest_of_slice((struct vls_slice){NULL, 0}); /* as core/proc/role.c warms up */
    vls_time_text(0, text);
    if (most != 0 && setrlimit(RLIMIT_FSIZE, &file) != 0)
        return vls_fail(VLS_SYSTEM_BUG, why, "no limit for files");
    vls_role_sandbox(VLS_ROLE_HOST, 0, &all, &sandbox);
    return vls_sandbox_close(&sandbox, NULL, why);
}

static struct vls_status open_host(struct child *child, const struct vls_config_plugin *config,
                                   struct vls_why *why)
{
    struct vls_plugin_host_options options = {
        .config = config,
        .schemes = child->plan->schemes,
        .base = child->base,
        .env = vls_env_system(),
        .accepts = vls_role_accepts(VLS_ROLE_ROUTER, VLS_ROLE_HOST),
        .call_ms = child->plan->call_ms != 0 ? child->plan->call_ms : KIT_CALL_MS,
        .ctx = child,
        .on_failed = on_failed,
        .on_drained = on_drained,
    };
    VLS_TRY(close_in(child, config, why));
    VLS_TRY(vls_plugin_host_open(&options, &child->host, why));
    return vls_sandbox_tighten(why);
}

static struct vls_status begin(struct child *child, const struct vls_config_plugin *config,
                               struct vls_why *why)
{
    struct vls_channel_events events = {.ctx = child, .on_frame = on_frame, .on_gone = on_gone};
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__Ready ready = VALISE__READY__INIT;
    child->base = event_base_new();
    if (child->base == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for a loop");
    VLS_TRY(open_host(child, config, why));
    VLS_TRY(
        vls_channel_new(child->base, FD_COMMANDS, "kit", FROM_KIT, &events, &child->commands, why));
    frame.body_case = VALISE__FRAME__BODY_READY;
    frame.ready = &ready;
    return vls_channel_send(child->commands, &frame, NULL, 0, why);
}

void kit_child_run(const struct kit_plan *plan, const struct vls_config_plugin *config,
                   int commands, int fetch, pid_t parent)
{
    struct child child = {.plan = plan};
    struct vls_why why = {""};
    leave_all(commands, fetch, plan->log_fd, parent);
    struct vls_status s = begin(&child, config, &why);
    if (!vls_ok(s))
        report(&child, s, &why);
    if (fetch >= 0)
        vls_plugin_host_attach_fetch(child.host, FD_FETCH);
    (void)event_base_dispatch(child.base);
    if (!child.is_over)
        _exit(1);
    vls_plugin_host_free(&child.host);
    _exit(0);
}
