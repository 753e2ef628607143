/* What the host makes of resolvers and inspectors, good and bad; and of what they say of
 * themselves.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <valise/plugin.h>

#include "base/file.h"
#include "base/log.h"
#include "envelope/about.h"
#include "rig.h"
#include "wire/result.h"

static struct rig rig;

static int set_up(void **state)
{
    (void)state;
    rig_init(&rig, VALISE_ZOO_ROLES);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rig_fini(&rig);
    return 0;
}

static bool has_report(struct rig *r)
{
    return r->reports > 0;
}

static bool is_never(struct rig *r)
{
    (void)r;
    return false;
}

static const Valise__Metric *metric(const char *name)
{
    for (size_t i = 0; rig.report != NULL && i < rig.report->n_metrics; i++)
        if (strcmp(rig.report->metrics[i]->name, name) == 0)
            return rig.report->metrics[i];
    fail_msg("no metric %s", name);
    return NULL;
}

/* -- resolver ---------------------------------------------------------------------------------- */

static void results__numbers_and_names__as_the_header_has_them(void **state)
{
    (void)state;
#define VLS_X(name, number, text) assert_int_equal(VLS_RESULT_##name, VLS_FOUND_##name);
    VLS_FOUND_TABLE(VLS_X)
#undef VLS_X
#define VLS_X(name, number, text) assert_int_equal(VLS_LIKE_##name, VLS_LIKENESS_##name);
    VLS_LIKENESS_TABLE(VLS_X)
#undef VLS_X
#define VLS_X(name, number, text) assert_int_equal(VLS_RELATES_##name, number);
    VLS_RELATES_TABLE(VLS_X)
#undef VLS_X
    assert_null(vls_found_name(VLS_RESULT_NONE));
    assert_null(vls_found_name(VLS_RESULT_QUEUED + 1));
    assert_string_equal(vls_found_name(VLS_RESULT_NOT_PUBLISHED), "not-published");
}

static void resolve__every_result__arrives_as_it_is(void **state)
{
    (void)state;
    rig_start(&rig);
    for (unsigned i = 0; i < VLS_RESULT_QUEUED; i++) {
        char symbol[32];
        snprintf(symbol, sizeof symbol, "result-%u", i);
        rig_resolve(&rig, symbol, "fr");
        assert_true(vls_ok(rig.resolution));
        const Valise__Finding *f = rig.resolved->finding;
        assert_int_equal(f->result, i + 1);
        assert_string_equal(f->why, "as the zoo has it");
        bool has_documents = vls_found_has_documents(f->result);
        assert_int_equal(rig.resolved->n_parts, has_documents ? 2 : 0);
        assert_int_equal(rig.resolved_fds.count, has_documents ? 2 : 0);
    }
    assert_string_equal(rig.resolved->finding->receipt, "R-17");
}

static void resolve__delivered__digest_type_and_label_of_each_part(void **state)
{
    (void)state;
    rig_start(&rig);
    rig_resolve(&rig, "result-0", "fr");
    const Valise__ResolvedPart *page = rig.resolved->parts[0], *note = rig.resolved->parts[1];
    struct vls_digest digest = vls_digest_of_slice(vls_slice_text("%PDF-1.7 a page"));
    assert_string_equal(page->part->name, "fr.pdf");
    assert_string_equal(page->sniffed, "application/pdf");
    assert_string_equal(page->part->label, "un-sgb-2007-6/unclassified");
    assert_int_equal(page->part->bytes, 15);
    assert_memory_equal(page->digest.data, digest.bytes, VLS_DIGEST_BYTES);
    assert_string_equal(note->sniffed, "text/plain");
    char text[16] = "";
    assert_true(vls_ok(vls_fd_read_at(rig.resolved_fds.fd[1], (uint8_t *)text, 15, 0, NULL)));
    assert_string_equal(text, "as it was found");
}

static void resolve__page_for_robots_called_pdf__is_malformed(void **state)
{
    (void)state;
    rig_start(&rig);
    rig_resolve(&rig, "challenge", "");
    assert_true(vls_ok(rig.resolution));
    assert_int_equal(rig.resolved->finding->result, VLS_RESULT_MALFORMED);
    assert_string_equal(rig.resolved->finding->where, "a.pdf");
    assert_non_null(strstr(rig.resolved->finding->why, "text/html"));
    assert_int_equal(rig.resolved->n_parts, 0);
    assert_int_equal(rig.resolved_fds.count, 0);
}

static void resolve__unfit_findings__are_no_answer(void **state)
{
    (void)state;
    rig_start(&rig);
    for (unsigned i = 0; i < 7; i++) {
        char symbol[32];
        snprintf(symbol, sizeof symbol, "unfit-%u", i);
        rig_resolve(&rig, symbol, "");
        assert_int_equal(rig.resolution.code, VLS_PLUGIN_INVALID);
        assert_null(rig.resolved->finding);
    }
}

static void resolve__delivered_and_nothing_that_can_be_taken__is_no_answer(void **state)
{
    static const char *const SYMBOLS[] = {"nothing", "bad-name", "begin", "end"};
    (void)state;
    rig_start(&rig);
    for (size_t i = 0; i < sizeof SYMBOLS / sizeof SYMBOLS[0]; i++) {
        rig_resolve(&rig, SYMBOLS[i], "");
        assert_non_null(strstr(rig.delivery_why.text, "no document"));
        assert_int_equal(rig.resolution.code, VLS_PLUGIN_INVALID);
        assert_int_equal(rig.resolved_fds.count, 0);
    }
    assert_int_equal(rig.asked, 0); /* nothing was submitted on the way */
}

static void about__what_a_resolver_says__comes_with_the_documents(void **state)
{
    (void)state;
    rig_start(&rig);
    rig_resolve(&rig, "about", "");
    assert_true(vls_ok(rig.resolution));
    assert_int_equal(rig.resolved->n_about, 2);
    const Valise__About *whole = rig.resolved->about[0], *part = rig.resolved->about[1];
    assert_int_equal(whole->part, 0);
    assert_string_equal(whole->issuer, "un");
    assert_int_equal(whole->n_symbols, 2);
    assert_string_equal(whole->symbols[1], "S/RES/2803 (2025)");
    assert_string_equal(whole->title, "العنوان");
    assert_string_equal(whole->published, "1946-01");
    assert_int_equal(part->part, 1);
    assert_string_equal(part->language, "zh-Hans");
}

static void about__fields_or_order_that_are_wrong__give_the_draft_up(void **state)
{
    char symbol[32];
    (void)state;
    rig_start(&rig);
    for (unsigned i = 0; i <= 15; i++) {
        snprintf(symbol, sizeof symbol, "about-bad-%u", i);
        rig_resolve(&rig, symbol, "");
        if (rig.resolution.code != VLS_PLUGIN_INVALID)
            fail_msg("%s is taken", symbol);
    }
    rig_resolve(&rig, "about-twice", "");
    assert_int_equal(rig.resolution.code, VLS_PLUGIN_INVALID);
    /* before there is a part: what is emitted afterwards has no draft */
    rig_resolve(&rig, "about-early", "");
    assert_int_equal(rig.resolution.code, VLS_PLUGIN_INVALID);
    rig_resolve(&rig, "about", "");
    assert_true(vls_ok(rig.resolution));
}

static void resolve__not_granted__no_resolver(void **state)
{
    (void)state;
    rig.config.grants_count = 4;
    rig.grants[3] = (char *)"inspect";
    rig_start(&rig);
    rig_resolve(&rig, "result-0", "");
    assert_int_equal(rig.resolution.code, VLS_PLUGIN_MISSING);
}

/* -- inspector --------------------------------------------------------------------------------- */

static void inspect__nothing_against_it__digest_of_what_was_shown(void **state)
{
    static const struct rig_part PARTS[] = {{"a.txt", "some words", NULL}, {"b.txt", "", NULL}};
    struct vls_id id = rig_id(1);
    (void)state;
    rig_start(&rig);
    rig_inspect(&rig, &id, true, PARTS, 2);
    assert_true(vls_ok(rig.delivery));
    assert_int_equal(rig.inspected->n_part_digests, 2);
    for (size_t i = 0; i < 2; i++) {
        struct vls_digest digest = vls_digest_of_slice(vls_slice_text(PARTS[i].text));
        assert_memory_equal(rig.inspected->part_digests[i].data, digest.bytes, VLS_DIGEST_BYTES);
    }
}

static void check_verdict(const char *name, const char *text, uint32_t code, const char *word)
{
    const struct rig_part part = {name, text, NULL};
    struct vls_id id = rig_id(1);
    rig_inspect(&rig, &id, false, &part, 1);
    assert_int_equal(rig.delivery.code, code);
    assert_non_null(strstr(rig.delivery_why.text, word));
    assert_int_equal(rig.inspected->n_part_digests, 0);
}

static void inspect__verdicts__veto_retry_and_none_that_it_is(void **state)
{
    (void)state;
    rig_start(&rig);
    check_verdict("a.txt", "veto this", VLS_PLUGIN_VETO, "must not leave");
    check_verdict("forbidden.txt", "some words", VLS_PLUGIN_VETO, "no such names");
    check_verdict("a.txt", "later please", VLS_PLUGIN_RETRY, "being read");
    check_verdict("a.txt", "strange", VLS_PLUGIN_VETO, "77");
    rig.steady_ms += 2000;
    rig.reports = 0;
    check_verdict("a.txt", "veto again", VLS_PLUGIN_VETO, "tested");
    rig_run(&rig, has_report);
    assert_int_equal(metric("aborted")->count, 5);
    assert_int_equal(metric("begun")->gauge, 5);
    assert_int_equal(metric("refused")->gauge, 3);
}

static void inspect__labels_inside_are_missing__is_not_shown(void **state)
{
    static const struct rig_part PART = {"a.txt", "some words", NULL};
    struct vls_id id = rig_id(1);
    (void)state;
    rig.has_no_labels = true;
    rig_start(&rig);
    rig_inspect(&rig, &id, true, &PART, 1);
    assert_false(vls_ok(rig.delivery));
    assert_int_equal(rig.reports, 0); /* inspect_begin() would have counted */
}

/* -- what a plugin says of itself -------------------------------------------------------------- */

static void report__of_its_endpoint__reaches_the_router_and_each_new_one(void **state)
{
    (void)state;
    rig_start(&rig);
    rig_resolve(&rig, "result-5", "");
    rig_run(&rig, has_report);
    assert_int_equal(rig.report->last->result, VLS_RESULT_BLOCKED);
    assert_string_equal(rig.report->last->url, "https://library.example/a");
    assert_int_equal(metric("questions")->count, 1);
    assert_false(metric("questions")->is_gauge);
    rig_kill_router(&rig);
    rig.reports = 0;
    rig_connect(&rig);
    rig_run(&rig, has_report);
    assert_int_equal(rig.report->last->result, VLS_RESULT_BLOCKED);
}

/* -- the end of a process ---------------------------------------------------------------------- */

static int status_of_child(const char *symbol, const char *text)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        const struct rig_part part = {"a.txt", text, NULL};
        struct vls_id id = rig_id(1);
        rig.call_ms = 100;
        event_reinit(rig.base);
        rig_start(&rig);
        if (text != NULL)
            rig_inspect(&rig, &id, true, &part, 1);
        else
            rig_resolve(&rig, symbol, "");
        rig_run(&rig, is_never);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    return WTERMSIG(status);
}

static void calls__hang_or_crash__end_the_process_alone(void **state)
{
    (void)state;
    assert_int_equal(status_of_child("hang", NULL), SIGALRM);
    assert_int_equal(status_of_child("crash", NULL), SIGKILL);
    assert_int_equal(status_of_child(NULL, "hang"), SIGALRM);
    assert_int_equal(status_of_child(NULL, "crash"), SIGKILL);
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results__numbers_and_names__as_the_header_has_them),
        WITH_RIG(resolve__every_result__arrives_as_it_is),
        WITH_RIG(resolve__delivered__digest_type_and_label_of_each_part),
        WITH_RIG(resolve__page_for_robots_called_pdf__is_malformed),
        WITH_RIG(resolve__unfit_findings__are_no_answer),
        WITH_RIG(resolve__delivered_and_nothing_that_can_be_taken__is_no_answer),
        WITH_RIG(about__what_a_resolver_says__comes_with_the_documents),
        WITH_RIG(about__fields_or_order_that_are_wrong__give_the_draft_up),
        WITH_RIG(resolve__not_granted__no_resolver),
        WITH_RIG(inspect__nothing_against_it__digest_of_what_was_shown),
        WITH_RIG(inspect__verdicts__veto_retry_and_none_that_it_is),
        WITH_RIG(inspect__labels_inside_are_missing__is_not_shown),
        WITH_RIG(report__of_its_endpoint__reaches_the_router_and_each_new_one),
        WITH_RIG(calls__hang_or_crash__end_the_process_alone),
    };
    vls_log_open(STDERR_FILENO, "host", VLS_LOG_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
