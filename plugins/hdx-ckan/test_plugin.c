/* hdx-ckan opposite the emulator, in its real host: each quirk of the service that is known. */
#include "emulators/feed_rig.h"

#include <string.h>

#define SITE  "data.humdata.org"
#define FILES "data.humdata.org:/dataset/*"

static const char *const SETTINGS[][2] = {{"page", "2"}, {NULL, NULL}};
static const char *const OTHERS[][2] = {{"organization", "somebody-else"}, {NULL, NULL}};

static const struct feed_subject SUBJECT = {
    .plugin = VALISE_PLUGIN,
    .hosts = "data.humdata.org, storage.hdx.test",
    .at = "data.humdata.org:/api/3/action/*",
    .settings = SETTINGS,
    .documents = 4,
};

FEED_FAULTS(FEED_FAULT_TEST)

static const struct kit_message *message_of(const struct rig *rig, const char *subject)
{
    for (unsigned i = 0; i < rig->run->memory.count; i++)
        if (strcmp(rig->run->memory.messages[i]->subject, subject) == 0)
            return rig->run->memory.messages[i];
    fail_msg("no data set %s", subject);
    return NULL;
}

static bool has_part(const struct kit_message *m, const char *name)
{
    for (size_t i = 0; i < m->parts; i++)
        if (strcmp(m->part[i].name, name) == 0)
            return true;
    return false;
}

static void shape_gives(const char *shape, const char *result, const char *words)
{
    struct rig rig;
    feed_rig_open(&rig, &SUBJECT);
    rig_say(&rig, "set " SITE ":shape=%s", shape);
    rig_start(&rig);
    feed_rig_result(&rig, result);
    feed_rig_log(&rig, words);
    assert_int_equal(rig.run->memory.count, 0);
    rig_close(&rig);
}

static void data_set__with_files__record_files_and_licence(void **state)
{
    struct rig rig;
    (void)state;
    feed_rig_start(&rig, &SUBJECT);
    rig_wait(&rig, 4);
    const struct kit_message *m = message_of(&rig, "Displacement figures 1");
    assert_true(has_part(m, "dataset.json") && has_part(m, "about.txt"));
    assert_true(has_part(m, "figures.csv") && has_part(m, "notes.xlsx"));
    assert_int_equal(m->about_count, 1);
    assert_string_equal(m->abouts[0]->bodies[0], "International Organization for Migration (IOM)");
    assert_string_equal(m->abouts[0]->subjects[0], "displacement");
    rig_close(&rig);
}

static void licence__other__shown_whole(void **state)
{
    struct rig rig;
    (void)state;
    feed_rig_start(&rig, &SUBJECT);
    rig_wait(&rig, 4);
    const struct kit_message *m = message_of(&rig, "Displacement figures 1");
    assert_true(has_part(m, "licence.txt"));
    assert_non_null(strstr(m->abouts[0]->licence, "Other: Copyright of the organization"));
    assert_non_null(strstr(m->abouts[0]->licence, "non-commercial use only"));
    rig_close(&rig);
}

static void licence__not_stated__said_so(void **state)
{
    struct rig rig;
    (void)state;
    feed_rig_start(&rig, &SUBJECT);
    rig_wait(&rig, 4);
    assert_string_equal(message_of(&rig, "Displacement figures 2")->abouts[0]->licence,
                        "CC BY for IGOs");
    assert_non_null(
        strstr(message_of(&rig, "Displacement figures 3")->abouts[0]->licence, "not stated"));
    rig_close(&rig);
}

static void data_set__private__not_brought(void **state)
{
    struct rig rig;
    (void)state;
    feed_rig_start(&rig, &SUBJECT);
    rig_wait(&rig, 4);
    for (unsigned i = 0; i < 4; i++)
        assert_string_not_equal(rig.run->memory.messages[i]->subject, "Displacement figures 4");
    rig_close(&rig);
}

static void file__address_changed_alone__not_brought_again(void **state)
{
    struct rig rig;
    (void)state;
    feed_rig_start(&rig, &SUBJECT);
    rig_wait(&rig, 4);
    rig_say(&rig, "set " SITE ":moved=1");
    rig_restart(&rig);
    feed_rig_result(&rig, "unchanged");
    assert_true(rig_seen(&rig, "/resource/v0-1/download/figures.csv") > 0);
    assert_int_equal(rig.run->memory.count, 4);
    rig_close(&rig);
}

static void file__bytes_changed__brought_again(void **state)
{
    struct rig rig;
    (void)state;
    feed_rig_start(&rig, &SUBJECT);
    rig_wait(&rig, 4);
    rig_say(&rig, "set " SITE ":revision=1");
    rig_restart(&rig);
    rig_wait(&rig, 5);
    assert_string_equal(rig.run->memory.messages[4]->subject, "Displacement figures 1");
    rig_close(&rig);
}

static void answer__success_false_404__not_found(void **state)
{
    (void)state;
    shape_gives("not-found", "not-found", "success: false");
}

static void answer__success_false_403__refused(void **state)
{
    (void)state;
    shape_gives("not-authorized", "refused", "Access denied");
}

static void answer__success_false_409__malformed_with_their_words(void **state)
{
    (void)state;
    shape_gives("conflict", "malformed", "Invalid search query");
}

static void answer__success_false_200__malformed_with_their_words(void **state)
{
    (void)state;
    shape_gives("false-in-200", "malformed", "the index is away");
}

static void answer__without_results__malformed(void **state)
{
    (void)state;
    shape_gives("no-results", "malformed", "no list of data sets");
}

static void organization__another__nothing(void **state)
{
    struct feed_subject subject = SUBJECT;
    struct rig rig;
    (void)state;
    subject.settings = OTHERS;
    feed_rig_start(&rig, &subject);
    feed_rig_result(&rig, "unchanged");
    rig_close(&rig);
}

static void file__html_for_csv__data_set_without_it_and_told(void **state)
{
    struct rig rig;
    (void)state;
    feed_rig_open(&rig, &SUBJECT);
    rig_say(&rig, "fault storage.hdx.test:*figures.csv=html");
    rig_start(&rig);
    rig_wait(&rig, 4);
    assert_false(has_part(message_of(&rig, "Displacement figures 1"), "figures.csv"));
    feed_rig_result(&rig, "partial");
    rig_close(&rig);
}

static void file__429_without_a_time__data_set_waits(void **state)
{
    struct rig rig;
    (void)state;
    feed_rig_open(&rig, &SUBJECT);
    rig_say(&rig, "fault " FILES "=429");
    rig_start(&rig);
    feed_rig_result(&rig, "retry-at");
    assert_int_equal(rig.run->memory.count, 0);
    rig_close(&rig);
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
        cmocka_unit_test(data_set__with_files__record_files_and_licence),
        cmocka_unit_test(licence__other__shown_whole),
        cmocka_unit_test(licence__not_stated__said_so),
        cmocka_unit_test(data_set__private__not_brought),
        cmocka_unit_test(file__address_changed_alone__not_brought_again),
        cmocka_unit_test(file__bytes_changed__brought_again),
        cmocka_unit_test(answer__success_false_404__not_found),
        cmocka_unit_test(answer__success_false_403__refused),
        cmocka_unit_test(answer__success_false_409__malformed_with_their_words),
        cmocka_unit_test(answer__success_false_200__malformed_with_their_words),
        cmocka_unit_test(answer__without_results__malformed),
        cmocka_unit_test(organization__another__nothing),
        cmocka_unit_test(file__html_for_csv__data_set_without_it_and_told),
        cmocka_unit_test(file__429_without_a_time__data_set_waits),
        cmocka_unit_test(source__started_again__brings_nothing_twice),
        cmocka_unit_test(source__killed_behind_each_document__brings_each_once),
        cmocka_unit_test(blocked__in_a_while__is_asked_once),
        FEED_FAULTS(FEED_FAULT_UNIT)};
    return cmocka_run_group_tests(tests, NULL, feed_rig_end);
}
