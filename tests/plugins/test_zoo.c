/* What the host makes of plugins that do not behave, and that a crash ends the host alone. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/mem.h"
#include "rig.h"

static struct rig rig;

static int set_up(void **state)
{
    (void)state;
    rig_init(&rig, VALISE_ZOO);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rig_fini(&rig);
    return 0;
}

static bool has_saved(struct rig *r)
{
    return r->saves > 0;
}

static bool has_failed(struct rig *r)
{
    return r->failed > 0;
}

static bool is_drained(struct rig *r)
{
    return r->drained > 0;
}

static bool has_all(struct rig *r)
{
    return r->message_count == (unsigned)strtoul(r->settings[1].value, NULL, 10) &&
           vls_plugin_host_under_way(r->host) == 0;
}

static bool has_token(struct rig *r)
{
    return rig_state(r, "token") != NULL;
}

static bool has_asked(struct rig *r)
{
    return r->asked > 0;
}

static void emit__bad_names_and_orders__all_refused(void **state)
{
    (void)state;
    rig_set(&rig, "habit", "bad-names");
    rig_start(&rig);
    rig_run(&rig, has_saved);
    assert_string_equal(rig_state(&rig, "refused"), "20");
    assert_int_equal(rig.asked, 0);
}

static void emit__document_not_ended__is_given_up(void **state)
{
    (void)state;
    rig_set(&rig, "habit", "unended");
    rig_start(&rig);
    rig_run(&rig, has_saved);
    assert_string_equal(rig_state(&rig, "begun"), "1");
    assert_int_equal(rig.asked, 0);
}

static void emit__big_part_in_pieces__arrives_whole_with_its_state(void **state)
{
    enum { PIECES = 160 };
    (void)state;
    rig_set(&rig, "habit", "stream");
    rig_set(&rig, "count", "160");
    rig_start(&rig);
    rig_run(&rig, has_token);
    assert_string_equal(rig_state(&rig, "token"), "7");
    assert_string_equal(rig_state(&rig, "streamed"), "yes");
    assert_int_equal(rig.messages[0].bytes, PIECES * 65536);
    assert_string_equal(rig.messages[0].part_label, "un-sgb-2007-6/unclassified");
    struct vls_hash *hash = vls_hash_new();
    uint8_t *piece = vls_mem_new(65536);
    for (int i = 0; i < PIECES; i++) {
        for (size_t k = 0; k < 65536; k++)
            piece[k] = (uint8_t)i;
        vls_hash_add(hash, VLS_SLICE(piece, 65536));
    }
    struct vls_digest expected = vls_hash_finish(hash);
    assert_true(vls_digest_is_equal(&expected, &rig.messages[0].digest));
    vls_hash_free(&hash);
    vls_mem_free(piece);
}

static void emit__more_than_the_window__all_arrive_once(void **state)
{
    (void)state;
    rig.window = 4;
    rig_set(&rig, "habit", "flood");
    rig_set(&rig, "count", "100");
    rig_start(&rig);
    rig_run(&rig, has_all);
    assert_int_equal(rig.message_count, 100);
    assert_int_equal(rig.asked, 100);
}

static void emit__router_dies_before_it_answers__asked_again_under_the_same_key(void **state)
{
    (void)state;
    rig.is_mute = true;
    rig.window = 3;
    rig_set(&rig, "habit", "flood");
    rig_set(&rig, "count", "3");
    rig_start(&rig);
    rig_run(&rig, has_asked);
    rig_kill_router(&rig);
    rig.is_mute = false;
    rig_connect(&rig);
    rig_run(&rig, has_all);
    assert_int_equal(rig.message_count, 3);
    assert_true(rig.asked > 3);
}

static void drain__documents_under_way__waits_for_their_outcome(void **state)
{
    (void)state;
    rig.is_mute = true;
    rig_set(&rig, "habit", "flood");
    rig_set(&rig, "count", "1");
    rig_start(&rig);
    rig_run(&rig, has_asked);
    vls_plugin_host_drain(rig.host);
    assert_int_equal(rig.drained, 0);
    rig_kill_router(&rig); /* nobody is left who could answer */
    rig_run(&rig, is_drained);
    assert_int_equal(rig.drained, 1);
}

static void drain__nothing_under_way__at_once(void **state)
{
    (void)state;
    rig_start(&rig);
    vls_plugin_host_drain(rig.host);
    assert_int_equal(rig.drained, 1);
}

static void start__says_no__host_fails(void **state)
{
    (void)state;
    rig_set(&rig, "habit", "no-start");
    rig_start(&rig);
    rig_run(&rig, has_failed);
    assert_int_equal(rig.failed, 1);
}

static void configure__says_no__host_does_not_open(void **state)
{
    (void)state;
    struct vls_why why = {{0}};
    struct vls_plugin_host *host = NULL;
    struct vls_plugin_host_options options = {
        .config = &rig.config, .base = rig.base, .env = &rig.env};
    rig_set(&rig, "habit", "no-configure");
    struct vls_status status = vls_plugin_host_open(&options, &host, &why);
    assert_int_equal(status.code, VLS_PLUGIN_SETTING);
    assert_non_null(strstr(why.text, "mornings"));
    assert_null(host);
}

static const struct rig_part PART = {"a.txt", "some words", NULL};

static void deliver__good_sink__done(void **state)
{
    (void)state;
    struct vls_id id = rig_id(1);
    rig_start(&rig);
    rig_deliver(&rig, &id, 1, &PART, 1);
    assert_true(vls_ok(rig.delivery));
}

static void deliver__strange_answer__is_not_taken_for_done(void **state)
{
    (void)state;
    struct vls_id id = rig_id(1);
    rig_set(&rig, "habit", "strange-answer");
    rig_start(&rig);
    rig_deliver(&rig, &id, 1, &PART, 1);
    assert_int_equal(rig.delivery.code, VLS_PLUGIN_INVALID);
}

static void deliver__sink_refuses_within_a_part__aborted_with_its_reason(void **state)
{
    (void)state;
    struct vls_id id = rig_id(1);
    const struct rig_part part = {"a.txt", "refuse this", NULL};
    rig_start(&rig);
    rig_deliver(&rig, &id, 1, &part, 1);
    assert_int_equal(rig.delivery.code, VLS_PLUGIN_REFUSED);
    assert_non_null(strstr(rig.delivery_why.text, "such words"));
    rig_run(&rig, has_saved);
    assert_non_null(rig_state(&rig, "aborted"));
}

static void deliver__sink_asks_for_later__aborted_and_retried(void **state)
{
    (void)state;
    struct vls_id id = rig_id(1);
    rig_set(&rig, "count", "1");
    rig_start(&rig);
    rig_deliver(&rig, &id, 1, &PART, 1);
    assert_int_equal(rig.delivery.code, VLS_PLUGIN_RETRY);
    assert_non_null(strstr(rig.delivery_why.text, "disk is full"));
}

static bool is_never(struct rig *r)
{
    (void)r;
    return false;
}

/* Run a host that is going to die in a process of its own; how it ended. */
static int status_of_child(const char *habit, bool has_delivery)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct vls_id id = rig_id(1);
        rig.call_ms = 100;
        event_reinit(rig.base);
        rig_set(&rig, "habit", habit);
        rig_start(&rig);
        if (has_delivery)
            rig_deliver(&rig, &id, 1, &PART, 1);
        rig_run(&rig, is_never);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void poll__hangs__watchdog_ends_the_process(void **state)
{
    (void)state;
    int status = status_of_child("hang-in-poll", false);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGALRM);
}

static void deliver__crashes__ends_the_process(void **state)
{
    (void)state;
    int status = status_of_child("crash-in-deliver", true);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RIG(emit__bad_names_and_orders__all_refused),
        WITH_RIG(emit__document_not_ended__is_given_up),
        WITH_RIG(emit__big_part_in_pieces__arrives_whole_with_its_state),
        WITH_RIG(emit__more_than_the_window__all_arrive_once),
        WITH_RIG(emit__router_dies_before_it_answers__asked_again_under_the_same_key),
        WITH_RIG(drain__documents_under_way__waits_for_their_outcome),
        WITH_RIG(drain__nothing_under_way__at_once),
        WITH_RIG(start__says_no__host_fails),
        WITH_RIG(configure__says_no__host_does_not_open),
        WITH_RIG(deliver__good_sink__done),
        WITH_RIG(deliver__strange_answer__is_not_taken_for_done),
        WITH_RIG(deliver__sink_refuses_within_a_part__aborted_with_its_reason),
        WITH_RIG(deliver__sink_asks_for_later__aborted_and_retried),
        WITH_RIG(poll__hangs__watchdog_ends_the_process),
        WITH_RIG(deliver__crashes__ends_the_process),
    };
    vls_log_open(STDERR_FILENO, "host", VLS_LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
