/* The process while the plugin serves: that it is closed in, and that it keeps to what it has. */
#include <stdio.h>
#include <string.h>

#include "kit/checks.h"
#include "kit/proc_of.h"

#define SETTLE_MS 150

static bool never(struct kit_session *session)
{
    return session->is_over;
}

static struct vls_status serve(struct kit *kit, struct kit_run *run, struct vls_why *why)
{
    VLS_TRY(kit_run_init(kit, run, why));
    VLS_TRY(kit_run_start(run, why));
    (void)kit_session_pump(&run->session, never, SETTLE_MS);
    if (run->session.is_over)
        return vls_fail(VLS_PLUGIN_DIED, why, "it does not stay: %s",
                        run->session.failure_why.text);
    return VLS_DONE;
}

/* check->text: field of /proc/PID/status; check->number: what it must be */
static enum kit_verdict field(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    VLS_DEFER(kit_run_fini) struct kit_run run;
    KIT_TRY(serve(kit, &run, why));
    int64_t value = kit_proc_number(run.session.pid, check->text);
    KIT_NEED(value == check->number, "%s is %lld, not %lld", check->text, (long long)value,
             (long long)check->number);
    return KIT_PASSED;
}

/* check->text: name in /proc/PID/limits; check->number: the most that it may be */
static enum kit_verdict limit(struct kit *kit, const struct kit_check *check, struct vls_why *why)
{
    VLS_DEFER(kit_run_fini) struct kit_run run;
    KIT_TRY(serve(kit, &run, why));
    int64_t value = kit_proc_limit(run.session.pid, check->text);
    KIT_NEED(value >= 0 && value <= check->number, "%s is %lld", check->text, (long long)value);
    return KIT_PASSED;
}

static enum kit_verdict no_children(struct kit *kit, const struct kit_check *check,
                                    struct vls_why *why)
{
    VLS_DEFER(kit_run_fini) struct kit_run run;
    (void)check;
    KIT_TRY(serve(kit, &run, why));
    KIT_NEED(kit_proc_children(run.session.pid) == 0, "it has children");
    return KIT_PASSED;
}

struct places {
    const char *directory;
    char stray[200];
};

/* What the host itself has, and what was granted. */
static bool is_granted(void *ctx, const char *where)
{
    struct places *places = ctx;
    static const char *const OURS[] = {"socket:", "anon_inode:", "/dev/null", "/memfd:", "pipe:"};
    if (strncmp(where, places->directory, strlen(places->directory)) == 0)
        return true;
    for (size_t i = 0; i < sizeof OURS / sizeof OURS[0]; i++)
        if (strncmp(where, OURS[i], strlen(OURS[i])) == 0)
            return true;
    (void)snprintf(places->stray, sizeof places->stray, "%s", where);
    return false;
}

static enum kit_verdict descriptors(struct kit *kit, const struct kit_check *check,
                                    struct vls_why *why)
{
    VLS_DEFER(kit_run_fini) struct kit_run run;
    (void)check;
    KIT_TRY(serve(kit, &run, why));
    struct places places = {.directory = run.directory};
    int count = kit_proc_fds(run.session.pid, is_granted, &places);
    if (count < 0)
        KIT_SKIP("its descriptors are not to be seen by this user, which is as it should be");
    KIT_NEED(places.stray[0] == '\0', "it has %s open", places.stray);
    return KIT_PASSED;
}

#define STEADY_MS 5000

static int few_enough;

/* Documents that are under way have descriptors, too, until their outcome is known. */
static bool are_few_enough(struct kit_session *session)
{
    return session->is_over || kit_proc_fds(session->pid, NULL, NULL) <= few_enough;
}

static enum kit_verdict descriptors_steady(struct kit *kit, const struct kit_check *check,
                                           struct vls_why *why)
{
    VLS_DEFER(kit_run_fini) struct kit_run run;
    (void)check;
    KIT_TRY(serve(kit, &run, why));
    int before = kit_proc_fds(run.session.pid, NULL, NULL);
    if (before < 0)
        KIT_SKIP("its descriptors are not to be seen by this user, which is as it should be");
    for (int i = 0; i < 10; i++) {
        kit_session_disconnect(&run.session);
        KIT_TRY(kit_session_connect(&run.session, why));
        (void)kit_session_pump(&run.session, never, 10);
    }
    few_enough = before + 1;
    (void)kit_session_pump(&run.session, are_few_enough, STEADY_MS);
    int after = kit_proc_fds(run.session.pid, NULL, NULL);
    KIT_NEED(after <= before + 1, "%d descriptors have become %d", before, after);
    return KIT_PASSED;
}

static enum kit_verdict no_handlers(struct kit *kit, const struct kit_check *check,
                                    struct vls_why *why)
{
    VLS_DEFER(kit_run_fini) struct kit_run run;
    char text[64] = "";
    (void)check;
    KIT_TRY(serve(kit, &run, why));
    KIT_NEED(kit_proc_text(run.session.pid, "SigBlk", text, sizeof text), "no SigBlk");
    KIT_NEED(strspn(text, "0") == strlen(text), "it blocks signals: %s", text);
    return KIT_PASSED;
}

const struct kit_check KIT_SANDBOX_CHECKS[] = {
    {"sandbox.seccomp", "system calls are filtered", field, 2, "Seccomp"},
    {"sandbox.no-new-privileges", "no privileges can be gained", field, 1, "NoNewPrivs"},
    {"sandbox.one-thread", "it has one thread", field, 1, "Threads"},
    {"sandbox.no-debugger", "nobody traces it", field, 0, "TracerPid"},
    {"sandbox.core", "it leaves no core file", limit, 0, "Max core file size"},
    {"sandbox.files", "it may open 4096 descriptors at most", limit, 4096, "Max open files"},
    {"sandbox.no-children", "it has no children", no_children, 0, NULL},
    {"sandbox.descriptors", "it has open what was granted", descriptors, 0, NULL},
    {"sandbox.descriptors-steady", "descriptors do not become more", descriptors_steady, 0, NULL},
    {"sandbox.signals", "it blocks no signal", no_handlers, 0, NULL},
};
const size_t KIT_SANDBOX_COUNT = sizeof KIT_SANDBOX_CHECKS / sizeof KIT_SANDBOX_CHECKS[0];
