/* The plugin folder in its host: what is sent, once; what is received, once; and what lies where
 * after a crash in between. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "rig.h"

#define META                                                                                       \
    "kind: publication\nto: iom\nlabel: un-sgb-2007-6/unclassified\nsubject: \"Report: first "     \
    "half\"\n"
#define POLL_MS 50

static struct rig rig;

static int set_up(void **state)
{
    (void)state;
    rig_init(&rig, VALISE_FOLDER);
    rig_set(&rig, "directory", rig.directory);
    rig_set(&rig, "poll-ms", "50");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rig_fini(&rig);
    return 0;
}

static void put(const char *name, const char *content, const char *meta)
{
    char path[300];
    snprintf(path, sizeof path, "outbox/%s", name);
    rig_write(&rig, path, content);
    snprintf(path, sizeof path, "outbox/%s.meta", name);
    if (meta != NULL)
        rig_write(&rig, path, meta);
}

static void check_says(const char *path, const char *words)
{
    char *text VLS_DEFER(vls_mem_freep) = rig_read(&rig, path);
    if (text == NULL)
        fail_msg("%s is not there", path);
    if (strstr(text, words) == NULL)
        fail_msg("%s does not say %s but: %s", path, words, text);
}

static void check_id(const char *path, const struct vls_id *id)
{
    char text[VLS_ID_TEXT], line[VLS_ID_TEXT + 8];
    vls_id_text(id, text);
    snprintf(line, sizeof line, "id: \"%s\"", text);
    check_says(path, line);
}

/* What the tests wait for. */
static bool is_a_sent(struct rig *r)
{
    return rig_has(r, "sent/a.pdf.meta") && !rig_has(r, "outbox/a.pdf.meta");
}

static bool is_a_numbered(struct rig *r)
{
    return rig_has(r, "sent/a (2).pdf.meta");
}

static bool is_a_held(struct rig *r)
{
    return rig_has(r, "held/a.pdf.meta") && !rig_has(r, "outbox/a.pdf.meta");
}

static bool is_last_sent(struct rig *r)
{
    return rig_has(r, "sent/last.txt.meta");
}

static bool has_asked(struct rig *r)
{
    return r->asked > 0;
}

static bool has_nothing_noted(struct rig *r)
{
    for (unsigned i = 0; i < r->item_count; i++)
        if (r->items[i].value != NULL)
            return false;
    return r->saves > 0;
}

/* Whole looks through the outbox have happened, which saw all that was there before. */
static void look_through(void)
{
    put("last.txt", "last", META);
    rig_run(&rig, is_last_sent);
}

/* -- sending ----------------------------------------------------------------------------------- */

static void outbox__document_with_sidecar__sent_and_moved(void **state)
{
    (void)state;
    put("a.pdf", "content", META);
    rig_start(&rig);
    rig_run(&rig, is_a_sent);
    assert_int_equal(rig.message_count, 1);
    const struct rig_message *m = &rig.messages[0];
    struct vls_digest expected = vls_digest_of_slice(vls_slice_text("content"));
    assert_string_equal(m->kind, "publication");
    assert_string_equal(m->to, "iom");
    assert_string_equal(m->label, "un-sgb-2007-6/unclassified");
    assert_string_equal(m->subject, "Report: first half");
    assert_string_equal(m->part_name, "a.pdf");
    assert_true(vls_digest_is_equal(&m->digest, &expected));
    check_id("sent/a.pdf.result", &m->id);
    check_says("sent/a.pdf.result", "state: \"released\"");
    check_says("sent/a.pdf", "content");
    assert_int_equal(rig_count(&rig, "outbox"), 0);
    rig_run(&rig, has_nothing_noted);
}

static void outbox__put_while_it_runs__noticed(void **state)
{
    (void)state;
    rig_start(&rig);
    rig_run(&rig, rig_is_serving);
    put("a.pdf", "content", META);
    rig_run(&rig, is_a_sent);
}

static void outbox__no_sidecar_or_temporary_name__waits(void **state)
{
    (void)state;
    put("alone.pdf", "content", NULL);
    put("copy.tmp", "content", META);
    put("copy.part", "content", META);
    put(".hidden", "content", META);
    rig_start(&rig);
    look_through();
    assert_int_equal(rig.message_count, 1);
    assert_true(rig_has(&rig, "outbox/alone.pdf"));
    assert_true(rig_has(&rig, "outbox/copy.tmp"));
    assert_true(rig_has(&rig, "outbox/copy.part"));
    assert_true(rig_has(&rig, "outbox/.hidden"));
}

static void outbox__link_directory_or_long_name__left_alone(void **state)
{
    char name[260], path[400], target[400];
    (void)state;
    snprintf(name, sizeof name, "%0230d.txt", 0);
    put(name, "content", META);
    snprintf(path, sizeof path, "%s/outbox/link.txt", rig.directory);
    snprintf(target, sizeof target, "%s/elsewhere", rig.directory);
    rig_write(&rig, "elsewhere", "not to be sent");
    assert_int_equal(symlink(target, path), 0);
    rig_write(&rig, "outbox/link.txt.meta", META);
    rig_write(&rig, "outbox/directory/x", "x");
    rig_write(&rig, "outbox/directory.meta", META);
    rig_start(&rig);
    look_through();
    assert_int_equal(rig.message_count, 1);
    assert_true(rig_has(&rig, "outbox/link.txt"));
    assert_true(rig_has(&rig, "outbox/directory"));
}

static void outbox__half_written_sidecar__left_until_it_is_whole(void **state)
{
    (void)state;
    put("a.pdf", "content", "kind: publication\nto: iom\nlab");
    rig_start(&rig);
    look_through();
    assert_true(rig_has(&rig, "outbox/a.pdf"));
    rig.steady_ms += POLL_MS * 10; /* long after, but changed by then */
    rig_write(&rig, "outbox/a.pdf.meta", META);
    rig_run(&rig, is_a_sent);
    assert_int_equal(rig_count(&rig, "held"), 0);
}

static void outbox__sidecar_that_stays_wrong__held_with_the_reason(void **state)
{
    (void)state;
    put("a.pdf", "content", META "colour: red\n");
    put("b.pdf", "content", "");
    put("c.pdf", "content", "kind: publication\nto: The Office\n");
    put("d.pdf", "content", "kind: publication\nto: iom\nin-reply-to: yesterday\n");
    put("e.pdf", "content", "to: iom\n");
    put("f.pdf", "content", META "symbol: A/70/976\n");
    rig_start(&rig);
    look_through();
    assert_int_equal(rig_count(&rig, "held"), 0);
    rig.steady_ms += POLL_MS;
    rig_run(&rig, is_a_held);
    check_says("held/a.pdf.reason", "colour");
    check_says("held/b.pdf.reason", "not submitted");
    check_says("held/c.pdf.reason", "The Office");
    check_says("held/d.pdf.reason", "yesterday");
    check_says("held/e.pdf.reason", "kind");
    check_says("held/f.pdf.reason", "say whose symbol it is, such as issuer: un");
    check_says("held/a.pdf", "content");
    assert_int_equal(rig.message_count, 1);
}

static void outbox__not_released__held_with_id_and_state(void **state)
{
    static const char *const STATES[] = {"referred", "quarantined", "withheld", "held"};
    (void)state;
    rig_start(&rig);
    for (size_t i = 0; i < sizeof STATES / sizeof STATES[0]; i++) {
        char name[32], path[64];
        rig.state = STATES[i];
        rig.reason = "an officer: has to \"look\"";
        snprintf(name, sizeof name, "%s.pdf", STATES[i]);
        put(name, "content", META);
        unsigned before = rig.message_count;
        while (rig.message_count == before || vls_plugin_host_under_way(rig.host) > 0)
            event_base_loop(rig.base, EVLOOP_ONCE);
        snprintf(path, sizeof path, "held/%s.reason", name);
        check_says(path, STATES[i]);
        check_says(path, "an officer: has to \\\"look\\\"");
        check_id(path, &rig.messages[before].id);
        snprintf(path, sizeof path, "held/%s", name);
        assert_true(rig_has(&rig, path));
    }
    assert_int_equal(rig_count(&rig, "sent"), 0);
}

static void outbox__refused__held_without_id(void **state)
{
    (void)state;
    rig.refusals = 1;
    rig.refusal = VLS_POLICY_KIND;
    put("a.pdf", "content", META);
    rig_start(&rig);
    rig_run(&rig, is_a_held);
    check_says("held/a.pdf.reason", "state: \"refused\"");
    check_says("held/a.pdf.reason", "as the test wants it");
}

static void outbox__changed_while_it_is_read__tried_again_later(void **state)
{
    (void)state;
    rig.refusals = 2;
    rig.refusal = VLS_ENVELOPE_SOURCE;
    put("a.pdf", "content", META);
    rig_start(&rig);
    while (rig.asked < 3) {
        rig.steady_ms += POLL_MS;
        event_base_loop(rig.base, EVLOOP_ONCE);
    }
    rig_run(&rig, is_a_sent);
    assert_int_equal(rig.message_count, 1);
    assert_int_equal(rig_count(&rig, "held"), 0);
}

static void outbox__changed_after_it_was_handed_over__counts_as_another(void **state)
{
    (void)state;
    rig.is_mute = true;
    put("a.pdf", "first", META);
    rig_start(&rig);
    rig_run(&rig, has_asked);
    put("a.pdf", "second and longer", NULL);
    rig_kill_router(&rig);
    rig.is_mute = false;
    rig_connect(&rig);
    rig_run(&rig, is_a_numbered);
    assert_int_equal(rig.message_count, 2);
    assert_int_equal(rig.messages[1].bytes, strlen("second and longer"));
    check_id("sent/a.pdf.result",
             &rig.messages[0].id); /* of the first, which is not there any more */
    check_id("sent/a (2).pdf.result", &rig.messages[1].id);
}

static void outbox__taken_names__get_a_number(void **state)
{
    (void)state;
    rig_write(&rig, "sent/a.pdf", "an earlier one");
    put("a.pdf", "content", META);
    rig_start(&rig);
    rig_run(&rig, is_a_numbered);
    check_says("sent/a.pdf", "an earlier one");
    check_says("sent/a (2).pdf", "content");
    check_says("sent/a (2).pdf.result", "state: \"released\"");
}

static void outbox__host_dies_between_commit_and_move__one_message_and_moved(void **state)
{
    (void)state;
    rig.is_mute = true;
    put("a.pdf", "content", META);
    rig_start(&rig);
    rig_run(&rig, has_asked);
    rig_kill_host(&rig);
    assert_true(rig_has(&rig, "outbox/a.pdf"));
    assert_int_equal(rig.message_count, 1);
    rig.is_mute = false;
    rig_start(&rig);
    rig_run(&rig, is_a_sent);
    assert_int_equal(rig.message_count, 1);
    check_id("sent/a.pdf.result", &rig.messages[0].id);
    rig_run(&rig, has_nothing_noted);
}

static void outbox__recorded_and_then_refused__is_moved_to_sent(void **state)
{
    (void)state;
    rig.is_mute = true;
    put("a.pdf", "content", META);
    rig_start(&rig);
    rig_run(&rig, has_asked);
    rig_kill_host(&rig);
    rig.is_mute = false;
    rig.refusals = 1;
    rig.refusal = VLS_POLICY_ARRANGEMENT;
    rig_start(&rig);
    rig_run(&rig, is_a_sent);
    check_says("sent/a.pdf.result", "state: \"recorded\"");
    assert_int_equal(rig_count(&rig, "held"), 0);
}

static void move_document_to_sent(void)
{
    char from[200], to[200];
    snprintf(from, sizeof from, "%s/outbox/a.pdf", rig.directory);
    snprintf(to, sizeof to, "%s/sent/a.pdf", rig.directory);
    assert_int_equal(rename(from, to), 0);
}

static void outbox__host_dies_between_document_and_sidecar__sidecar_follows(void **state)
{
    (void)state;
    rig.is_mute = true;
    put("a.pdf", "content", META);
    rig_start(&rig);
    rig_run(&rig, has_asked);
    rig_kill_host(&rig);
    move_document_to_sent();
    rig.is_mute = false;
    rig_start(&rig);
    rig_run(&rig, has_nothing_noted);
    assert_true(rig_has(&rig, "sent/a.pdf.meta"));
    assert_false(rig_has(&rig, "outbox/a.pdf.meta"));
    assert_int_equal(rig.asked, 1);
}

static void outbox__host_dies_between_report_and_document__report_is_not_doubled(void **state)
{
    char report[300];
    (void)state;
    rig.is_mute = true;
    put("a.pdf", "content", META);
    rig_start(&rig);
    rig_run(&rig, has_asked);
    rig_kill_host(&rig);
    snprintf(report, sizeof report, "id: \"x\"\norigin: \"%s\"\n", rig.messages[0].origin);
    rig_write(&rig, "sent/a.pdf.result", report);
    rig.is_mute = false;
    rig_start(&rig);
    rig_run(&rig, is_a_sent);
    assert_int_equal(rig_count(&rig, "sent"), 3);
    check_id("sent/a.pdf.result", &rig.messages[0].id);
}

static void outbox__hundreds_of_documents__each_sent_once(void **state)
{
    enum { COUNT = 200 };
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        char name[32];
        snprintf(name, sizeof name, "n%03d.txt", i);
        put(name, name, META);
    }
    rig_start(&rig);
    rig_run(&rig, rig_is_serving);
    while (rig_count(&rig, "sent") < 3 * COUNT)
        event_base_loop(rig.base, EVLOOP_ONCE);
    assert_int_equal(rig.message_count, COUNT);
    assert_int_equal(rig.asked, COUNT);
    rig_run(&rig, has_nothing_noted);
}

/* -- receiving --------------------------------------------------------------------------------- */

static void inbox__one_document__appears_with_its_sidecar(void **state)
{
    struct vls_id id = rig_id(1);
    const struct rig_part part = {"report.pdf", "their words", NULL};
    (void)state;
    rig_start(&rig);
    rig_deliver(&rig, &id, 1, &part, 1);
    assert_true(vls_ok(rig.delivery));
    check_says("inbox/report.pdf", "their words");
    check_id("inbox/report.pdf.meta", &id);
    check_says("inbox/report.pdf.meta", "from: \"iom\"");
    check_says("inbox/report.pdf.meta", "label: \"un-sgb-2007-6/confidential\"");
    check_says("inbox/report.pdf.meta", "marking: \"UNITED NATIONS CONFIDENTIAL\"");
    check_says("inbox/report.pdf.meta", "subject: \"A subject\"");
    check_says("inbox/report.pdf.meta", "created: \"2023-11-14T22:13:20.000Z\"");
    assert_int_equal(rig_count(&rig, "inbox"), 2);
}

static void inbox__delivered_again__no_second_copy(void **state)
{
    struct vls_id id = rig_id(1);
    const struct rig_part part = {"report.pdf", "their words", NULL};
    char path[200];
    (void)state;
    rig_start(&rig);
    rig_deliver(&rig, &id, 1, &part, 1);
    rig_deliver(&rig, &id, 2, &part, 1);
    assert_true(vls_ok(rig.delivery));
    assert_int_equal(rig_count(&rig, "inbox"), 2);
    snprintf(path, sizeof path, "%s/inbox/report.pdf", rig.directory);
    assert_int_equal(unlink(path), 0); /* the reader has taken it */
    rig_kill_host(&rig);
    rig_start(&rig);
    rig_deliver(&rig, &id, 3, &part, 1);
    assert_true(vls_ok(rig.delivery));
    assert_false(rig_has(&rig, "inbox/report.pdf"));
}

static void inbox__crash_before_the_rename__delivered_once(void **state)
{
    struct vls_id id = rig_id(1);
    const struct rig_part part = {"report.pdf", "their words", NULL};
    char text[VLS_ID_TEXT], path[200], meta[200];
    (void)state;
    vls_id_text(&id, text);
    snprintf(path, sizeof path, "inbox/.tmp-%s", text);
    rig_write(&rig, path, "their wo");
    snprintf(path, sizeof path, "inbox/.delivered/%s", text);
    rig_write(&rig, path, "report.pdf");
    snprintf(meta, sizeof meta, "id: \"%s\"\n", text);
    rig_write(&rig, "inbox/report.pdf.meta", meta);
    rig_start(&rig);
    rig_deliver(&rig, &id, 2, &part, 1);
    assert_true(vls_ok(rig.delivery));
    check_says("inbox/report.pdf", "their words");
    check_says("inbox/report.pdf.meta", "from: \"iom\"");
    assert_int_equal(rig_count(&rig, "inbox"), 2);
}

static void inbox__same_name_twice__neither_is_overwritten(void **state)
{
    struct vls_id first = rig_id(1), second = rig_id(2);
    const struct rig_part a = {"report.pdf", "first", NULL}, b = {"report.pdf", "second", NULL};
    (void)state;
    rig_start(&rig);
    rig_deliver(&rig, &first, 1, &a, 1);
    rig_deliver(&rig, &second, 1, &b, 1);
    check_says("inbox/report.pdf", "first");
    check_says("inbox/report (2).pdf", "second");
    check_id("inbox/report.pdf.meta", &first);
    check_id("inbox/report (2).pdf.meta", &second);
}

static void inbox__names_that_mean_something_here__are_made_harmless(void **state)
{
    struct vls_id first = rig_id(1), second = rig_id(2);
    const struct rig_part document = {"report.pdf", "words", NULL},
                          false_meta = {"report.pdf.META", "label: \"iom/unclassified\"\n", NULL};
    (void)state;
    rig_start(&rig);
    rig_deliver(&rig, &second, 1, &false_meta, 1);
    rig_deliver(&rig, &first, 1, &document, 1);
    check_says("inbox/report.pdf.META.document", "unclassified");
    check_says("inbox/report.pdf.META.document.meta", "name: \"report.pdf.META\"");
    check_says("inbox/report.pdf.meta", "label: \"un-sgb-2007-6/confidential\"");
}

static void inbox__names_with_path_tricks__nothing_appears(void **state)
{
    static const char *const NAMES[] = {"../escape", "/etc/escape", "a/b", "..", ".hidden"};
    (void)state;
    rig_start(&rig);
    for (unsigned i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        struct vls_id id = rig_id(i + 1);
        const struct rig_part part = {NAMES[i], "words", NULL};
        rig_deliver(&rig, &id, 1, &part, 1);
        assert_int_equal(vls_class_of(rig.delivery), VLS_CLASS_CORRUPT);
    }
    assert_int_equal(rig_count(&rig, "inbox"), 0);
    assert_false(rig_has(&rig, "escape"));
}

static void inbox__several_documents__one_directory(void **state)
{
    struct vls_id id = rig_id(1), other = rig_id(2);
    const struct rig_part parts[] = {{"a.txt", "first", NULL}, {"b.txt", "second", NULL}};
    (void)state;
    rig_start(&rig);
    rig_deliver(&rig, &id, 1, parts, 2);
    assert_true(vls_ok(rig.delivery));
    check_says("inbox/01935a10-2030/a.txt", "first");
    check_says("inbox/01935a10-2030/b.txt", "second");
    check_id("inbox/01935a10-2030.meta", &id);
    rig_deliver(&rig, &other, 1, parts, 2);
    check_says("inbox/01935a10-2030 (2)/b.txt", "second");
    rig_deliver(&rig, &id, 2, parts, 2);
    assert_int_equal(rig_count(&rig, "inbox"), 4);
}

static void inbox__longest_name__is_cut_and_kept_whole_in_the_sidecar(void **state)
{
    struct vls_id id = rig_id(1);
    char name[256], cut[300];
    const struct rig_part part = {name, "words", NULL};
    (void)state;
    snprintf(name, sizeof name, "%0251d.pdf", 0);
    rig_start(&rig);
    rig_deliver(&rig, &id, 1, &part, 1);
    assert_true(vls_ok(rig.delivery));
    assert_int_equal(rig_count(&rig, "inbox"), 2);
    snprintf(cut, sizeof cut, "inbox/%0217d.pdf.meta", 0);
    check_says(cut, name);
}

/* -- start ------------------------------------------------------------------------------------- */

static bool has_failed(struct rig *r)
{
    return r->failed > 0;
}

static void start__outbox_is_also_sent__refused(void **state)
{
    char path[200];
    (void)state;
    snprintf(path, sizeof path, "%s/outbox", rig.directory);
    rig_set(&rig, "sent", path);
    rig_start(&rig);
    rig_run(&rig, has_failed);
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RIG(outbox__document_with_sidecar__sent_and_moved),
        WITH_RIG(outbox__put_while_it_runs__noticed),
        WITH_RIG(outbox__no_sidecar_or_temporary_name__waits),
        WITH_RIG(outbox__link_directory_or_long_name__left_alone),
        WITH_RIG(outbox__half_written_sidecar__left_until_it_is_whole),
        WITH_RIG(outbox__sidecar_that_stays_wrong__held_with_the_reason),
        WITH_RIG(outbox__not_released__held_with_id_and_state),
        WITH_RIG(outbox__refused__held_without_id),
        WITH_RIG(outbox__changed_while_it_is_read__tried_again_later),
        WITH_RIG(outbox__changed_after_it_was_handed_over__counts_as_another),
        WITH_RIG(outbox__taken_names__get_a_number),
        WITH_RIG(outbox__host_dies_between_commit_and_move__one_message_and_moved),
        WITH_RIG(outbox__recorded_and_then_refused__is_moved_to_sent),
        WITH_RIG(outbox__host_dies_between_document_and_sidecar__sidecar_follows),
        WITH_RIG(outbox__host_dies_between_report_and_document__report_is_not_doubled),
        WITH_RIG(outbox__hundreds_of_documents__each_sent_once),
        WITH_RIG(inbox__one_document__appears_with_its_sidecar),
        WITH_RIG(inbox__delivered_again__no_second_copy),
        WITH_RIG(inbox__crash_before_the_rename__delivered_once),
        WITH_RIG(inbox__same_name_twice__neither_is_overwritten),
        WITH_RIG(inbox__names_that_mean_something_here__are_made_harmless),
        WITH_RIG(inbox__names_with_path_tricks__nothing_appears),
        WITH_RIG(inbox__several_documents__one_directory),
        WITH_RIG(inbox__longest_name__is_cut_and_kept_whole_in_the_sidecar),
        WITH_RIG(start__outbox_is_also_sent__refused),
    };
    vls_log_open(STDERR_FILENO, "host", VLS_LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
