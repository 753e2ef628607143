#include "feed_rig.h"

#include <string.h>

#include "base/mem.h"
#include "kit/session.h"

#define LOOK_MS  50
#define LOOKS    400
#define QUIET_MS 400

static bool never(struct kit_session *session)
{
    return session->is_over;
}

void feed_rig_open(struct rig *rig, const struct feed_subject *subject)
{
    char lines[512];
    rig_open(rig, subject->plugin, subject->hosts);
    if (subject->credential != NULL) {
        snprintf(lines, sizeof lines, "credentials: [{ name: key, %s, file: \"%s\" }]\n",
                 subject->credential, rig_secret(rig, "key", FEED_KEY "\n"));
        rig_http(rig, lines);
    }
    rig_set(rig, "label", FEED_LABEL);
    rig_set(rig, "to", "iom");
    rig_set(rig, "timeout-seconds", "4");
    for (size_t i = 0; subject->settings != NULL && subject->settings[i][0] != NULL; i++)
        rig_set(rig, subject->settings[i][0], subject->settings[i][1]);
}

void feed_rig_start(struct rig *rig, const struct feed_subject *subject)
{
    feed_rig_open(rig, subject);
    rig_start(rig);
}

void feed_rig_log(struct rig *rig, const char *text)
{
    for (int i = 0; i < LOOKS && !rig_logged(rig, text); i++)
        (void)kit_session_pump(&rig->run->session, never, LOOK_MS);
    if (rig_logged(rig, text))
        return;
    char *log = kit_run_log(rig->run);
    print_error("%s\n", log);
    vls_mem_free(log);
    fail_msg("the log does not hold: %s", text);
}

void feed_rig_result(struct rig *rig, const char *result)
{
    char text[96];
    snprintf(text, sizeof text, "event=plugin.endpoint plugin=tested result=%s ", result);
    feed_rig_log(rig, text);
}

/* -- faults ------------------------------------------------------------------------------------ */

/* One emulator for all of them: what a fault does is seen in each run anew. */
static struct rig common;
static const struct feed_subject *open_for;

int feed_rig_end(void **state)
{
    (void)state;
    if (open_for != NULL)
        rig_close(&common);
    open_for = NULL;
    return 0;
}

static struct rig *shared(const struct feed_subject *subject)
{
    if (open_for != subject) {
        (void)feed_rig_end(NULL);
        feed_rig_open(&common, subject);
        open_for = subject;
    }
    rig_say(&common, "clear");
    return &common;
}

void feed_fault(const struct feed_subject *subject, const char *fault, const char *result)
{
    struct rig *rig = shared(subject);
    rig_say(rig, "fault %s=%s", subject->at, fault);
    rig_start(rig);
    feed_rig_result(rig, result);
    assert_int_equal(rig->run->memory.count, 0);
}

void feed_no_fault(const struct feed_subject *subject, const char *fault)
{
    struct rig *rig = shared(subject);
    rig_say(rig, "fault %s=%s", subject->at, fault);
    rig_start(rig);
    rig_wait(rig, subject->documents);
}

/* -- what holds for all ------------------------------------------------------------------------ */

void feed_key__of_the_credential__is_in_no_log(const struct feed_subject *subject)
{
    struct rig rig;
    feed_rig_start(&rig, subject);
    rig_wait(&rig, subject->documents);
    assert_true(rig_seen(&rig, FEED_KEY) > 0);
    assert_false(rig_logged(&rig, FEED_KEY));
    rig_close(&rig);
}

void feed_redirect__to_another_host__carries_no_key(const struct feed_subject *subject)
{
    struct rig rig;
    feed_rig_open(&rig, subject);
    rig_say(&rig, "fault %s=foreign-redirect", subject->at);
    rig_start(&rig);
    feed_rig_result(&rig, "malformed");
    assert_int_equal(rig_seen(&rig, "elsewhere.test "), 0);
    rig_close(&rig);
}

void feed_source__started_again__brings_nothing_twice(const struct feed_subject *subject)
{
    struct rig rig;
    feed_rig_start(&rig, subject);
    rig_wait(&rig, subject->documents);
    rig_restart(&rig);
    feed_rig_result(&rig, "unchanged");
    rig_quiet(&rig, QUIET_MS);
    assert_int_equal(rig.run->memory.count, subject->documents);
    for (unsigned i = 0; i < rig.run->memory.count; i++)
        assert_int_equal(rig.run->memory.messages[i]->times, 1);
    rig_close(&rig);
}

void feed_source__killed_behind_each_document__brings_each_once(const struct feed_subject *subject)
{
    struct rig rig;
    feed_rig_start(&rig, subject);
    for (unsigned i = 1; i <= subject->documents; i++) {
        rig_wait(&rig, i);
        rig_restart(&rig);
    }
    rig_quiet(&rig, QUIET_MS);
    assert_int_equal(rig.run->memory.count, subject->documents);
    rig_close(&rig);
}

void feed_blocked__in_a_while__is_asked_once(const struct feed_subject *subject)
{
    struct rig rig;
    feed_rig_open(&rig, subject);
    rig_say(&rig, "fault %s=challenge", subject->at);
    rig_start(&rig);
    feed_rig_result(&rig, "blocked");
    rig_quiet(&rig, QUIET_MS);
    assert_int_equal(rig_say(&rig, "count %s", subject->at), 1);
    rig_close(&rig);
}
