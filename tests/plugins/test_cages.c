/* Each bad habit, in the host and the sandbox that the gateway uses: what comes of it is one line,
 * and the next process of the same plugin works. The lines are the zoo's report. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/compat.h"
#include "base/log.h"
#include "base/mem.h"
#include "kit/kit.h"

#define CALL_MS   300
#define SETTLE_MS 400
#define LONG_MS   8000

enum come {
    ENDS,    /* the process is ended by a signal */
    REFUSED, /* it does not get as far as serving, and the reason holds the words */
    DENIED,  /* the kernel says no, it goes on, and the log holds the words */
    SAVED,   /* it goes on, and its state holds the words as KEY=VALUE */
    FAILS,   /* the delivery fails with the words, and it goes on */
    GONE,    /* the process ends, however */
};

struct row {
    const char *object, *habit, *where;
    enum come come;
    int signal;
    const char *words;
};

#define HANGS(where)                                                                               \
    {                                                                                              \
        "zoo", "hang", where, ENDS, SIGALRM, ""                                                    \
    }
#define CRASHES(where)                                                                             \
    {                                                                                              \
        "zoo", "crash", where, ENDS, SIGKILL, ""                                                   \
    }

static const struct row ROWS[] = {
    HANGS("configure"),
    HANGS("start"),
    HANGS("poll"),
    HANGS("committed"),
    HANGS("drain"),
    HANGS("stop"),
    HANGS("deliver-begin"),
    HANGS("part-begin"),
    HANGS("part-bytes"),
    HANGS("part-end"),
    HANGS("deliver-end"),
    HANGS("deliver-abort"),
    CRASHES("configure"),
    CRASHES("start"),
    CRASHES("poll"),
    CRASHES("committed"),
    CRASHES("drain"),
    CRASHES("stop"),
    CRASHES("deliver-begin"),
    CRASHES("part-begin"),
    CRASHES("part-bytes"),
    CRASHES("part-end"),
    CRASHES("deliver-end"),
    CRASHES("deliver-abort"),
    {"zoo", "abort", "poll", GONE, 0, ""},
    {"zoo", "overflow-stack", "poll", GONE, 0, ""},
    {"zoo", "exec", "", ENDS, SIGSYS, ""},
    {"zoo", "ptrace", "", ENDS, SIGSYS, ""},
    {"zoo", "scribble", "", GONE, 0, ""},
    {"zoo", "fork", "", DENIED, 0, "fork: Operation not permitted"},
    {"zoo", "thread", "", DENIED, 0, "a thread: "},
    {"zoo", "socket", "", DENIED, 0, "socket: Operation not permitted"},
    {"zoo", "connect", "", DENIED, 0, "connect to 192.0.2.1:443: "},
    {"zoo", "open-read", "", DENIED, 0, "open /etc/passwd: Permission denied"},
    {"zoo", "open-write", "", DENIED, 0, "make /tmp/valise-zoo: Permission denied"},
    {"zoo", "open-proc", "", DENIED, 0, "open /proc/1/environ: Permission denied"},
    {"zoo", "kill-parent", "", DENIED, 0, "kill the supervisor: Operation not permitted"},
    {"zoo", "leak-fds", "", DENIED, 0, "100000 descriptors: Too many open files"},
    {"zoo", "leak", "", DENIED, 0, "10 GiB of memory: Cannot allocate memory"},
    {"zoo", "chatter", "", SAVED, 0, "polled=1"},
    {"zoo", "lie-length", "", SAVED, 0, "state-refused=1"},
    {"zoo", "ten-gib", "", SAVED, 0, "refused=1"},
    {"zoo", "bad-utf8", "", SAVED, 0, "refused=4"},
    {"zoo", "null-texts", "", SAVED, 0, "refused=2"},
    {"zoo", "spin", "", SAVED, 0, "polled=1"},
    {"zoo", "unended", "", SAVED, 0, "begun=1"},
    {"zoo", "bad-names", "", SAVED, 0, "polled=1"},
    {"zoo", "no-start", "", GONE, 0, ""},
    {"zoo", "no-configure", "", REFUSED, 0, "does not like mornings"},
    {"zoo", "strange-answer", "", FAILS, 0, "no answer here"},
    {"zoo", "poison", "", ENDS, SIGKILL, ""},
    {"zoo-older", "good", "", SAVED, 0, "polled=1"},
    {"zoo-newer", "good", "", SAVED, 0, "polled=1"},
    {"zoo-major", "good", "", REFUSED, 0, "abi 2.0"},
    {"zoo-short", "good", "", REFUSED, 0, "size 8"},
    {"zoo-nothing", "good", "", REFUSED, 0, "gives no descriptor"},
    {"zoo-no-entry", "good", "", REFUSED, 0, "exports no vls_plugin_entry"},
    {"zoo-crash-loading", "good", "", REFUSED, 0, "ends the process that looks at it"},
    {"zoo-exec-loading", "good", "", REFUSED, 0, "signal SYS"},
    {"zoo-hang-loading", "good", "", REFUSED, 0, "did not come to an end in time"},
    {"zoo-missing-symbol", "good", "", REFUSED, 0, "undefined symbol"},
    {"zoo-other-machine", "good", "", REFUSED, 0, "build it for this one"},
    {"zoo-no-object", "good", "", REFUSED, 0, "no shared object"},
};

static struct vls_scheme_set schemes;

static bool never(struct kit_session *session)
{
    return session->is_over;
}

static bool is_delivered(struct kit_session *session)
{
    return session->is_over || session->is_delivered;
}

static const char *wanted_key;

static bool has_item(struct kit_session *session)
{
    return session->is_over || kit_memory_item(session->memory, wanted_key) != NULL;
}

/* So far that the habit has shown itself. Calls of a delivery need one, and the last two a stop. */
static struct vls_status provoke(struct kit_run *run, const struct row *row, struct vls_why *why)
{
    static const struct kit_part PART = {.name = "a.txt", .bytes = {(const uint8_t *)"poison", 6}};
    struct kit_mail mail = {.schemes = &schemes,
                            .label = KIT_LABEL,
                            .subject = "s",
                            .parts = &PART,
                            .count = 1,
                            .is_cut = strcmp(row->where, "deliver-abort") == 0};
    struct vls_id id = kit_id(1);
    struct vls_status s = kit_run_start(run, why);
    if (!vls_ok(s))
        return s;
    if (strncmp(row->where, "deliver", 7) == 0 || strncmp(row->where, "part", 4) == 0 ||
        strcmp(row->habit, "poison") == 0 || row->come == FAILS) {
        s = kit_session_send(&run->session, &mail, &id, 1, why);
        (void)kit_session_pump(&run->session, is_delivered, LONG_MS);
        *why = run->session.delivery_why;
    } else if (strcmp(row->where, "drain") == 0 || strcmp(row->where, "stop") == 0) {
        wanted_key = "polled"; /* it serves */
        (void)kit_session_pump(&run->session, has_item, LONG_MS);
        s = kit_session_stop(&run->session, why);
    } else {
        (void)kit_session_pump(&run->session, never,
                               row->come == ENDS || row->come == GONE ? LONG_MS : SETTLE_MS);
    }
    return s;
}

static void describe_end(const struct kit_session *session, char *out, size_t room)
{
    if (WIFSIGNALED(session->wait_status))
        snprintf(out, room, "ended by signal %s", sigabbrev_np(WTERMSIG(session->wait_status)));
    else
        snprintf(out, room, "ended with status %d%s%s", WEXITSTATUS(session->wait_status),
                 session->has_failed ? ": " : "", session->failure_why.text);
}

static void check_saved(struct kit_run *run, const struct row *row, char *out, size_t room)
{
    char key[64];
    const char *equals = strchr(row->words, '=');
    snprintf(key, sizeof key, "%.*s", (int)(equals - row->words), row->words);
    wanted_key = key;
    assert_true(kit_session_pump(&run->session, has_item, LONG_MS));
    assert_false(run->session.is_over);
    const struct kit_item *item = kit_memory_item(&run->memory, key);
    assert_non_null(item);
    snprintf(out, room, "goes on; %s=%.*s", key, (int)item->len, (const char *)item->value);
    assert_string_equal(out + strlen("goes on; "), row->words);
}

static void check_log(struct kit_run *run, const struct row *row, char *out, size_t room)
{
    const char *found = NULL;
    char *log = NULL;
    for (int tries = 0; tries < 100 && found == NULL; tries++) {
        vls_mem_free(log);
        log = kit_run_log(run);
        found = strstr(log, row->words);
        if (found == NULL)
            (void)kit_session_pump(&run->session, never, 50);
    }
    if (found == NULL)
        fail_msg("%s: the log lacks '%s': %s", row->habit, row->words, log);
    snprintf(out, room, "goes on; %.*s", (int)strcspn(found, "\"\n"), found);
    assert_null(strstr(log, "WORKED"));
    vls_mem_free(log);
    assert_false(run->session.is_over);
}

static void check(struct kit_run *run, const struct row *row, struct vls_status s,
                  const struct vls_why *why, char *out, size_t room)
{
    struct kit_session *session = &run->session;
    switch (row->come) {
    case ENDS:
    case GONE:
        assert_true(session->is_over);
        describe_end(session, out, room);
        if (row->come == ENDS &&
            !(WIFSIGNALED(session->wait_status) && WTERMSIG(session->wait_status) == row->signal))
            fail_msg("%s in %s: %s", row->habit, row->where, out);
        break;
    case REFUSED:
        assert_false(vls_ok(s));
        snprintf(out, room, "refused: %s", why->text);
        if (strstr(why->text, row->words) == NULL)
            fail_msg("%s %s: the reason lacks '%s': %s", row->object, row->habit, row->words,
                     why->text);
        break;
    case FAILS:
        assert_false(vls_ok(session->delivery));
        assert_false(session->is_over);
        snprintf(out, room, "goes on; not delivered: %s", why->text);
        assert_non_null(strstr(why->text, row->words));
        break;
    case DENIED:
        check_log(run, row, out, room);
        break;
    case SAVED:
        check_saved(run, row, out, room);
        break;
    }
}

/* Loading was looked at by a process that is thrown away, as a host does it first of all. */
static struct vls_status look(const struct kit *kit, struct vls_why *why)
{
    *why = kit->undescribed;
    return kit->is_described ? VLS_DONE : (struct vls_status){VLS_PLUGIN_INVALID};
}

static void run_row(const struct row *row)
{
    char file[512], report[600] = "";
    struct vls_why why = {""};
    struct kit kit;
    struct kit_run *run = vls_mem_new(sizeof *run);
    snprintf(file, sizeof file, "%s/%s.so", VALISE_ZOO_DIR, row->object);
    struct vls_config_setting settings[] = {
        {(char *)(uintptr_t) "habit", (char *)(uintptr_t)row->habit},
        {(char *)(uintptr_t) "where", (char *)(uintptr_t)row->where}};
    struct kit_options options = {
        .file = file, .schemes = &schemes, .settings = settings, .settings_count = 2};
    assert_true(vls_ok(kit_open(&options, &kit, &why)));
    struct vls_status s = look(&kit, &why);
    bool is_run = vls_ok(s) && vls_ok(s = kit_run_init(&kit, run, &why));
    run->plan.call_ms = row->come == ENDS ? CALL_MS : 0;
    if (is_run)
        s = provoke(run, row, &why);
    check(run, row, s, &why, report, sizeof report);
    printf("  %-18s %-15s %-14s %s\n", row->object, row->habit, row->where, report);
    if (is_run && row->come != REFUSED) { /* and the next one works */
        settings[0].value = (char *)(uintptr_t) "good";
        kit_run_set(run, "habit", "good");
        kit_run_set(run, "where", "");
        run->plan.call_ms = 0;
        assert_true(vls_ok(kit_run_again(run, &why)));
        assert_true(vls_ok(kit_session_stop(&run->session, &why)));
    }
    if (is_run)
        kit_run_fini(run);
    kit_close(&kit);
    vls_mem_free(run);
}

/* Their own memory is above any limit, their checks end a process in their way, and what their leak
 * check needs of the kernel is open to every process of such a build. */
static bool is_of_sanitizers(const char *habit)
{
    static const char *const HABITS[] = {"leak", "overflow-stack", "lie-length", "ptrace",
                                         "fork", "thread",         "open-proc"};
    for (size_t i = 0; i < sizeof HABITS / sizeof HABITS[0]; i++)
        if (strcmp(HABITS[i], habit) == 0)
            return true;
    return false;
}

static void every_habit__in_its_cage__survived_and_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        if (!(vls_is_sanitized() && is_of_sanitizers(ROWS[i].habit)))
            run_row(&ROWS[i]);
    }
    printf("zoo: %zu habits, each survived\n", sizeof ROWS / sizeof ROWS[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_habit__in_its_cage__survived_and_told),
    };
    struct vls_why why;
    setvbuf(stdout, NULL, _IOLBF, 0);
    vls_log_open(STDERR_FILENO, "zoo", VLS_LOG_ERROR);
    if (!vls_ok(vls_scheme_set_load(&schemes, VALISE_SOURCE_DIR "/schemas/spif/un-sgb-2007-6.xml",
                                    &why)))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    vls_scheme_set_free(&schemes);
    return failed;
}
