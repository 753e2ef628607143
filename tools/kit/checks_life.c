/* The life: configured, started, served, drained, stopped; and a router that comes and goes. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "kit/checks.h"
#include "kit/proc_of.h"

#define SETTLE_MS    150
#define IDLE_MS      1000
#define IDLE_CPU_MS  100
#define MAX_IDLE_KIB (64 * 1024)
#define ROUNDS       20
#define GROWTH_KIB   4096

static bool never(struct kit_session *session)
{
    return session->is_over;
}

/* It goes on for so long. */
static bool lives_for(struct kit_session *session, int ms)
{
    (void)kit_session_pump(session, never, ms);
    return !session->is_over;
}

#define START(run)                                                                                 \
    VLS_DEFER(kit_run_fini) struct kit_run run;                                                    \
    (void)check;                                                                                   \
    KIT_TRY(kit_run_init(kit, &run, why));                                                         \
    KIT_TRY(kit_run_start(&run, why))

static enum kit_verdict starts(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    START(run);
    KIT_NEED(lives_for(&run.session, SETTLE_MS), "it does not stay: %s",
             run.session.failure_why.text);
    return KIT_PASSED;
}

static enum kit_verdict stops(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    START(run);
    (void)lives_for(&run.session, SETTLE_MS);
    KIT_TRY(kit_session_stop(&run.session, why));
    return KIT_PASSED;
}

static enum kit_verdict drains_at_once(struct kit *kit, const struct kit_check *check,
                                       struct vls_why *why)
{
    START(run);
    KIT_TRY(kit_session_stop(&run.session, why));
    return KIT_PASSED;
}

static enum kit_verdict stops_unstarted(struct kit *kit, const struct kit_check *check,
                                        struct vls_why *why)
{
    VLS_DEFER(kit_run_fini) struct kit_run run;
    (void)check;
    KIT_TRY(kit_run_init(kit, &run, why));
    KIT_TRY(kit_session_open(&run.session, &run.plan, &run.memory, why));
    KIT_TRY(kit_session_stop(&run.session, why));
    return KIT_PASSED;
}

static enum kit_verdict restarts(struct kit *kit, const struct kit_check *check,
                                 struct vls_why *why)
{
    START(run);
    for (int i = 0; i < 3; i++) {
        (void)lives_for(&run.session, SETTLE_MS / 3);
        KIT_TRY(kit_session_stop(&run.session, why));
        KIT_TRY(kit_run_again(&run, why));
    }
    KIT_TRY(kit_session_stop(&run.session, why));
    return KIT_PASSED;
}

static enum kit_verdict killed(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    START(run);
    for (int i = 0; i < 3; i++) {
        (void)lives_for(&run.session, i * 20);
        kit_session_kill(&run.session);
        KIT_TRY(kit_run_again(&run, why));
    }
    KIT_TRY(kit_session_stop(&run.session, why));
    return KIT_PASSED;
}

static enum kit_verdict two_beside(struct kit *kit, const struct kit_check *check,
                                   struct vls_why *why)
{
    VLS_DEFER(kit_run_fini) struct kit_run run;
    struct kit_session heir = {.commands = -1, .router = -1};
    (void)check;
    KIT_TRY(kit_run_init(kit, &run, why));
    KIT_TRY(kit_run_start(&run, why));
    struct vls_status s = kit_session_open(&heir, &run.plan, &run.memory, why);
    if (vls_ok(s))
        s = kit_session_stop(&run.session, why);
    if (vls_ok(s))
        s = kit_session_connect(&heir, why);
    bool lives = vls_ok(s) && lives_for(&heir, SETTLE_MS);
    if (lives)
        s = kit_session_stop(&heir, why);
    kit_session_close(&heir);
    KIT_TRY(s);
    KIT_NEED(lives, "the one that took over does not stay");
    return KIT_PASSED;
}

static enum kit_verdict router_returns(struct kit *kit, const struct kit_check *check,
                                       struct vls_why *why)
{
    START(run);
    for (int i = 0; i < 3; i++) {
        (void)lives_for(&run.session, 20);
        kit_session_disconnect(&run.session);
        (void)lives_for(&run.session, 20);
        KIT_TRY(kit_session_connect(&run.session, why));
    }
    KIT_NEED(lives_for(&run.session, SETTLE_MS), "it does not bear a router that comes back");
    KIT_TRY(kit_session_stop(&run.session, why));
    return KIT_PASSED;
}

static enum kit_verdict router_gone_at_start(struct kit *kit, const struct kit_check *check,
                                             struct vls_why *why)
{
    VLS_DEFER(kit_run_fini) struct kit_run run;
    (void)check;
    KIT_TRY(kit_run_init(kit, &run, why));
    KIT_TRY(kit_session_open(&run.session, &run.plan, &run.memory, why));
    KIT_TRY(kit_session_connect(&run.session, why));
    kit_session_disconnect(&run.session);
    KIT_TRY(kit_session_connect(&run.session, why));
    KIT_NEED(lives_for(&run.session, SETTLE_MS), "it does not stay");
    KIT_TRY(kit_session_stop(&run.session, why));
    return KIT_PASSED;
}

static enum kit_verdict stops_without_router(struct kit *kit, const struct kit_check *check,
                                             struct vls_why *why)
{
    START(run);
    (void)lives_for(&run.session, SETTLE_MS);
    kit_session_disconnect(&run.session);
    KIT_TRY(kit_session_stop(&run.session, why));
    return KIT_PASSED;
}

static enum kit_verdict state_lost(struct kit *kit, const struct kit_check *check,
                                   struct vls_why *why)
{
    START(run);
    (void)lives_for(&run.session, SETTLE_MS);
    KIT_TRY(kit_session_stop(&run.session, why));
    kit_memory_fini(&run.memory);
    KIT_TRY(kit_run_again(&run, why));
    KIT_NEED(lives_for(&run.session, SETTLE_MS), "it does not bear that its state is gone");
    KIT_TRY(kit_session_stop(&run.session, why));
    return KIT_PASSED;
}

/* What another release, or nobody, has written there. */
static enum kit_verdict state_foreign(struct kit *kit, const struct kit_check *check,
                                      struct vls_why *why)
{
    VLS_DEFER(kit_run_fini) struct kit_run run;
    (void)check;
    KIT_TRY(kit_run_init(kit, &run, why));
    KIT_TRY(kit_run_start(&run, why));
    (void)lives_for(&run.session, SETTLE_MS);
    KIT_TRY(kit_session_stop(&run.session, why));
    for (unsigned i = 0; i < run.memory.item_count; i++)
        for (size_t k = 0; k < run.memory.items[i].len; k++)
            run.memory.items[i].value[k] = 0xff;
    KIT_TRY(kit_run_again(&run, why));
    KIT_NEED(lives_for(&run.session, SETTLE_MS), "it does not bear a state that it cannot read");
    return KIT_PASSED;
}

/* -- what it costs ----------------------------------------------------------------------------- */

static enum kit_verdict idle(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    START(run);
    (void)lives_for(&run.session, 2 * SETTLE_MS);
    int64_t before = kit_proc_cpu_ms(run.session.pid);
    KIT_NEED(lives_for(&run.session, IDLE_MS), "it does not stay");
    int64_t used = kit_proc_cpu_ms(run.session.pid) - before;
    KIT_NEED(used <= IDLE_CPU_MS, "with nothing to do it takes %lld ms of each second",
             (long long)used);
    return KIT_PASSED;
}

static enum kit_verdict memory(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    START(run);
    (void)lives_for(&run.session, SETTLE_MS);
    int64_t kib = kit_proc_number(run.session.pid, "VmRSS");
    KIT_NEED(kib <= MAX_IDLE_KIB, "with nothing to do it holds %lld KiB", (long long)kib);
    return KIT_PASSED;
}

static enum kit_verdict router_leaks(struct kit *kit, const struct kit_check *check,
                                     struct vls_why *why)
{
    START(run);
    (void)lives_for(&run.session, SETTLE_MS);
    int64_t before = kit_proc_number(run.session.pid, "VmRSS");
    for (int i = 0; i < ROUNDS; i++) {
        kit_session_disconnect(&run.session);
        KIT_TRY(kit_session_connect(&run.session, why));
        (void)lives_for(&run.session, 5);
    }
    int64_t grown = kit_proc_number(run.session.pid, "VmRSS") - before;
    KIT_NEED(!run.session.is_over && grown <= GROWTH_KIB, "it has grown by %lld KiB",
             (long long)grown);
    return KIT_PASSED;
}

static enum kit_verdict log_is_quiet(struct kit *kit, const struct kit_check *check,
                                     struct vls_why *why)
{
    START(run);
    (void)lives_for(&run.session, 2 * SETTLE_MS);
    KIT_TRY(kit_session_stop(&run.session, why));
    char *log = kit_run_log(&run);
    unsigned lines = 0;
    bool is_dropped = strstr(log, "plugin.log-dropped") != NULL;
    for (const char *at = log; (at = strstr(at, "plugin.log ")) != NULL; at++)
        lines++;
    vls_mem_free(log);
    KIT_NEED(!is_dropped && lines <= VLS_PLUGIN_LOG_LINES, "it logs %u lines for nothing", lines);
    return KIT_PASSED;
}

static enum kit_verdict no_wrong_emit(struct kit *kit, const struct kit_check *check,
                                      struct vls_why *why)
{
    START(run);
    (void)lives_for(&run.session, 2 * SETTLE_MS);
    KIT_TRY(kit_session_stop(&run.session, why));
    char *log = kit_run_log(&run);
    const char *wrong = strstr(log, "event=plugin.emit");
    char line[200] = "";
    if (wrong != NULL)
        (void)snprintf(line, sizeof line, "%.*s", (int)strcspn(wrong, "\n"), wrong);
    vls_mem_free(log);
    KIT_NEED(line[0] == '\0', "the host refuses what it emits: %s", line);
    return KIT_PASSED;
}

const struct kit_check KIT_LIFE_CHECKS[] = {
    {"life.starts", "starts, and stays", starts, 0, NULL},
    {"life.stops", "drains and stops with status 0", stops, 0, NULL},
    {"life.stops-at-once", "may be drained right after its start", drains_at_once, 0, NULL},
    {"life.stops-unstarted", "may be stopped without a start", stops_unstarted, 0, NULL},
    {"life.restarts", "starts again on what it left", restarts, 0, NULL},
    {"life.killed", "starts again after it was killed, at three moments", killed, 0, NULL},
    {"life.reloaded", "is configured beside one that serves, and takes over", two_beside, 0, NULL},
    {"life.router-returns", "bears a router that goes and comes back", router_returns, 0, NULL},
    {"life.router-gone-at-start", "bears one that goes before it has answered",
     router_gone_at_start, 0, NULL},
    {"life.stops-without-router", "stops while no router is there", stops_without_router, 0, NULL},
    {"life.state-lost", "bears that its state is gone", state_lost, 0, NULL},
    {"life.state-foreign", "bears a state that it cannot read", state_foreign, 0, NULL},
    {"life.idle", "does nothing when there is nothing to do", idle, 0, NULL},
    {"life.memory", "is small with nothing to do", memory, 0, NULL},
    {"life.steady", "does not grow with routers that come and go", router_leaks, 0, NULL},
    {"life.quiet", "logs little with nothing to do", log_is_quiet, 0, NULL},
    {"life.emits-well", "emits nothing that the host refuses", no_wrong_emit, 0, NULL},
};
const size_t KIT_LIFE_COUNT = sizeof KIT_LIFE_CHECKS / sizeof KIT_LIFE_CHECKS[0];
