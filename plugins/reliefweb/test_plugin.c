/* reliefweb opposite the emulator, in its real host: each quirk of the service that is known. */
#include "emulators/feed_rig.h"

#include <string.h>

#define API   "api.reliefweb.int"
#define FILES "reliefweb.int:/attachments/*"

static const char *const SETTINGS[][2] = {{"page", "2"}, {NULL, NULL}};
static const char *const NO_FILES[][2] = {{"files", "no"}, {"page", "50"}, {NULL, NULL}};
static const char *const FEW_CALLS[][2] = {{"page", "1"}, {"calls-per-day", "2"}, {NULL, NULL}};
static const char *const OLD[][2] = {{"base-url", "https://api.reliefweb.int/v1"}, {NULL, NULL}};
static const char *const OF_ALL[][2] = {{"source", ""}, {NULL, NULL}};

static const struct feed_subject SUBJECT = {
    .plugin = VALISE_PLUGIN,
    .hosts = "api.reliefweb.int, reliefweb.int",
    .at = "api.reliefweb.int:/v2/reports",
    .credential = "host: api.reliefweb.int, query: appname",
    .settings = SETTINGS,
    .documents = 6,
};

FEED_FAULTS(FEED_FAULT_TEST)

static struct feed_subject with(const char *const (*settings)[2], unsigned documents)
{
    struct feed_subject subject = SUBJECT;
    subject.settings = settings;
    subject.documents = documents;
    return subject;
}

static const struct kit_message *message_of(const struct rig *rig, const char *id)
{
    for (unsigned i = 0; i < rig->run->memory.count; i++)
        if (strstr(rig->run->memory.messages[i]->origin, id) != NULL)
            return rig->run->memory.messages[i];
    fail_msg("no report %s", id);
    return NULL;
}

static bool has_part(const struct kit_message *m, const char *name)
{
    for (size_t i = 0; i < m->parts; i++)
        if (strcmp(m->part[i].name, name) == 0)
            return true;
    return false;
}

static void report__with_a_file__its_json_text_and_pdf(void **state)
{
    struct rig rig;
    (void)state;
    feed_rig_start(&rig, &SUBJECT);
    rig_wait(&rig, 6);
    const struct kit_message *m = message_of(&rig, "reports/4002 ");
    assert_string_equal(m->origin, "reliefweb reports/4002 2026-01-03T00:00:00+00:00");
    assert_string_equal(m->subject, "Displacement update 2");
    assert_true(has_part(m, "report-4002.json") && has_part(m, "body.md"));
    assert_true(has_part(m, "update-2.pdf") && has_part(m, "about.txt"));
    assert_int_equal(m->about_count, 1);
    assert_string_equal(m->abouts[0]->bodies[0], "IOM");
    assert_string_equal(m->abouts[0]->language, "en");
    assert_string_equal(m->abouts[0]->published, "2026-01-02");
    assert_string_equal(m->abouts[0]->record, "4002");
    rig_close(&rig);
}

static void report__with_an_empty_body__the_pdf_carries_it(void **state)
{
    struct rig rig;
    (void)state;
    feed_rig_start(&rig, &SUBJECT);
    rig_wait(&rig, 6);
    const struct kit_message *m = message_of(&rig, "reports/4001 ");
    assert_false(has_part(m, "body.md"));
    assert_true(has_part(m, "update-1.pdf"));
    assert_string_equal(m->subject, "Situation report & needs, R\xc3\xa9gion 1");
    assert_string_equal(message_of(&rig, "reports/4005 ")->subject, "ReliefWeb report 4005");
    rig_close(&rig);
}

static void reports__of_one_second_over_two_pages__none_missed(void **state)
{
    struct rig rig;
    (void)state;
    feed_rig_start(&rig, &SUBJECT); /* 4002 and 4003 share a second, at the end of a page */
    rig_wait(&rig, 6);
    (void)message_of(&rig, "reports/4003 ");
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(rig.run->memory.messages[i]->times, 1);
    rig_close(&rig);
}

static void reports__of_another_source__only_when_asked_for(void **state)
{
    struct feed_subject subject = with(OF_ALL, 7);
    struct rig rig;
    (void)state;
    feed_rig_start(&rig, &subject);
    rig_wait(&rig, 7);
    rig_close(&rig);
}

static void report__changed__comes_again_as_another(void **state)
{
    struct rig rig;
    (void)state;
    feed_rig_start(&rig, &SUBJECT);
    rig_wait(&rig, 6);
    rig_say(&rig, "set " API ":touch=4002");
    rig_restart(&rig);
    rig_wait(&rig, 7);
    assert_non_null(strstr(rig.run->memory.messages[6]->origin, "reports/4002 2027-"));
    rig_close(&rig);
}

static void ids__as_numbers__brought(void **state)
{
    struct rig rig;
    (void)state;
    feed_rig_open(&rig, &SUBJECT);
    rig_say(&rig, "set " API ":shape=numeric-ids");
    rig_start(&rig);
    rig_wait(&rig, 6);
    (void)message_of(&rig, "reports/4001 ");
    rig_close(&rig);
}

static void appname__missing__needs_key(void **state)
{
    struct feed_subject subject = SUBJECT;
    struct rig rig;
    (void)state;
    subject.credential = NULL;
    feed_rig_start(&rig, &subject);
    feed_rig_result(&rig, "needs-key");
    feed_rig_log(&rig, "query: appname");
    rig_close(&rig);
}

static void appname__not_approved__needs_key(void **state)
{
    struct rig rig;
    (void)state;
    feed_rig_open(&rig, &SUBJECT);
    rig_say(&rig, "set " API ":appname=somebody-else");
    rig_start(&rig);
    feed_rig_result(&rig, "needs-key");
    rig_close(&rig);
}

static void version__switched_off__not_found_with_the_fix(void **state)
{
    struct feed_subject subject = with(OLD, 0);
    struct rig rig;
    (void)state;
    feed_rig_start(&rig, &subject);
    feed_rig_result(&rig, "not-found");
    feed_rig_log(&rig, "set base-url to the present one");
    rig_close(&rig);
}

static void calls__as_many_as_a_day_allows__retry_at(void **state)
{
    struct feed_subject subject = with(FEW_CALLS, 0);
    struct rig rig;
    (void)state;
    feed_rig_start(&rig, &subject);
    feed_rig_result(&rig, "retry-at");
    assert_int_equal(rig_say(&rig, "count " API ":/v2/reports"), 2);
    rig_restart(&rig); /* it is counted across restarts */
    feed_rig_result(&rig, "retry-at");
    assert_int_equal(rig_say(&rig, "count " API ":/v2/reports"), 2);
    rig_close(&rig);
}

static void answer__error_with_200__malformed_with_their_words(void **state)
{
    struct rig rig;
    (void)state;
    feed_rig_open(&rig, &SUBJECT);
    rig_say(&rig, "set " API ":shape=error-in-200");
    rig_start(&rig);
    feed_rig_result(&rig, "malformed");
    feed_rig_log(&rig, "the index is away");
    rig_close(&rig);
}

/* -- files, at a host that asks whether one is a program --------------------------------------- */

static void file__challenge__report_without_it_and_told(void **state)
{
    struct rig rig;
    (void)state;
    feed_rig_open(&rig, &SUBJECT);
    rig_say(&rig, "fault " FILES "=challenge");
    rig_start(&rig);
    rig_wait(&rig, 6);
    assert_false(has_part(message_of(&rig, "reports/4001 "), "update-1.pdf"));
    feed_rig_result(&rig, "partial");
    rig_close(&rig);
}

static void file__html_for_pdf__report_without_it(void **state)
{
    struct rig rig;
    (void)state;
    feed_rig_open(&rig, &SUBJECT);
    rig_say(&rig, "fault " FILES "=html");
    rig_start(&rig);
    rig_wait(&rig, 6);
    assert_int_equal(message_of(&rig, "reports/4002 ")->parts, 3);
    feed_rig_result(&rig, "partial");
    rig_close(&rig);
}

static void file__503__report_waits_for_it(void **state)
{
    struct rig rig;
    (void)state;
    feed_rig_open(&rig, &SUBJECT);
    rig_say(&rig, "fault " FILES "=503");
    rig_start(&rig);
    feed_rig_result(&rig, "retry-at");
    assert_int_equal(rig.run->memory.count, 0);
    rig_close(&rig);
}

static void files__not_wanted__not_asked_for(void **state)
{
    struct feed_subject subject = with(NO_FILES, 6);
    struct rig rig;
    (void)state;
    feed_rig_start(&rig, &subject);
    rig_wait(&rig, 6);
    assert_int_equal(rig_say(&rig, "count " FILES), 0);
    rig_close(&rig);
}

/* -- as of all --------------------------------------------------------------------------------- */

static void key__of_the_credential__is_in_no_log(void **state)
{
    (void)state;
    feed_key__of_the_credential__is_in_no_log(&SUBJECT);
}

static void source__started_again__brings_nothing_twice(void **state)
{
    (void)state;
    feed_source__started_again__brings_nothing_twice(&SUBJECT);
}

static void source__killed_behind_each_document__brings_each_once(void **state)
{
    (void)state;
    feed_source__killed_behind_each_document__brings_each_once(&SUBJECT);
}

static void blocked__in_a_while__is_asked_once(void **state)
{
    (void)state;
    feed_blocked__in_a_while__is_asked_once(&SUBJECT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(report__with_a_file__its_json_text_and_pdf),
        cmocka_unit_test(report__with_an_empty_body__the_pdf_carries_it),
        cmocka_unit_test(reports__of_one_second_over_two_pages__none_missed),
        cmocka_unit_test(reports__of_another_source__only_when_asked_for),
        cmocka_unit_test(report__changed__comes_again_as_another),
        cmocka_unit_test(ids__as_numbers__brought),
        cmocka_unit_test(appname__missing__needs_key),
        cmocka_unit_test(appname__not_approved__needs_key),
        cmocka_unit_test(version__switched_off__not_found_with_the_fix),
        cmocka_unit_test(calls__as_many_as_a_day_allows__retry_at),
        cmocka_unit_test(answer__error_with_200__malformed_with_their_words),
        cmocka_unit_test(file__challenge__report_without_it_and_told),
        cmocka_unit_test(file__html_for_pdf__report_without_it),
        cmocka_unit_test(file__503__report_waits_for_it),
        cmocka_unit_test(files__not_wanted__not_asked_for),
        cmocka_unit_test(key__of_the_credential__is_in_no_log),
        cmocka_unit_test(source__started_again__brings_nothing_twice),
        cmocka_unit_test(source__killed_behind_each_document__brings_each_once),
        cmocka_unit_test(blocked__in_a_while__is_asked_once),
        FEED_FAULTS(FEED_FAULT_UNIT)};
    return cmocka_run_group_tests(tests, NULL, feed_rig_end);
}
