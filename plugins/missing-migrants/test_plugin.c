/* missing-migrants opposite the emulator, in its real host: each quirk of the service that is
 * known. */
#include "emulators/feed_rig.h"

#include <string.h>

#define SITE "missingmigrants.iom.int"

static const char *const SETTINGS[][2] = {{"first-year", "2026"}, {NULL, NULL}};
static const char *const THREE[][2] = {{"first-year", "2024"}, {NULL, NULL}};

static const struct feed_subject SUBJECT = {
    .plugin = VALISE_PLUGIN,
    .hosts = SITE,
    .at = SITE ":/global-figures/*",
    .settings = SETTINGS,
    .documents = 1,
};

FEED_FAULTS(FEED_FAULT_TEST)

static struct feed_subject three(void)
{
    struct feed_subject subject = SUBJECT;
    subject.settings = THREE;
    subject.documents = 3;
    return subject;
}

static void shape_gives(const char *shape, const char *result)
{
    struct rig rig;
    feed_rig_open(&rig, &SUBJECT);
    rig_say(&rig, "set " SITE ":shape=%s", shape);
    rig_start(&rig);
    feed_rig_result(&rig, result);
    if (strcmp(result, "delivered") == 0)
        rig_wait(&rig, 1);
    rig_close(&rig);
}

static void years__from_the_first__one_document_each(void **state)
{
    struct feed_subject subject = three();
    struct rig rig;
    (void)state;
    feed_rig_start(&rig, &subject);
    rig_wait(&rig, 3);
    const struct kit_message *m = rig.run->memory.messages[1];
    assert_string_equal(m->subject, "Missing Migrants: 2025 (3 incidents)");
    assert_string_equal(m->part[0].name, "missing-migrants-2025.json");
    assert_string_equal(m->part[1].name, "about.txt");
    assert_string_equal(m->abouts[0]->published, "2025");
    assert_string_equal(m->abouts[0]->licence, "CC BY-IGO: IOM, Missing Migrants Project");
    rig_close(&rig);
}

static void year__figures_changed__comes_again(void **state)
{
    struct rig rig;
    (void)state;
    feed_rig_start(&rig, &SUBJECT);
    rig_wait(&rig, 1);
    rig_say(&rig, "set " SITE ":revision=1");
    rig_restart(&rig);
    rig_wait(&rig, 2);
    rig_close(&rig);
}

static void firewall__403_by_user_agent__refused_with_the_fix(void **state)
{
    struct rig rig;
    (void)state;
    feed_rig_open(&rig, &SUBJECT);
    rig_say(&rig, "set " SITE ":refuse=Valise");
    rig_start(&rig);
    feed_rig_result(&rig, "refused");
    feed_rig_log(&rig, "User-Agent");
    rig_close(&rig);
}

static void answer__no_list__malformed(void **state)
{
    (void)state;
    shape_gives("object", "malformed");
}

static void answer__empty_list__not_published(void **state)
{
    (void)state;
    shape_gives("empty-list", "not-published");
}

static void text__mojibake__brought_as_it_is(void **state)
{
    (void)state;
    shape_gives("mojibake", "delivered");
}

static void values__numbers_for_once__brought(void **state)
{
    (void)state;
    shape_gives("numbers", "delivered");
}

static void source__started_again__brings_nothing_twice(void **state)
{
    struct feed_subject subject = three();
    (void)state;
    feed_source__started_again__brings_nothing_twice(&subject);
}

static void source__killed_behind_each_document__brings_each_once(void **state)
{
    struct feed_subject subject = three();
    (void)state;
    feed_source__killed_behind_each_document__brings_each_once(&subject);
}

static void blocked__in_a_while__is_asked_once(void **state)
{
    (void)state;
    feed_blocked__in_a_while__is_asked_once(&SUBJECT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(years__from_the_first__one_document_each),
        cmocka_unit_test(year__figures_changed__comes_again),
        cmocka_unit_test(firewall__403_by_user_agent__refused_with_the_fix),
        cmocka_unit_test(answer__no_list__malformed),
        cmocka_unit_test(answer__empty_list__not_published),
        cmocka_unit_test(text__mojibake__brought_as_it_is),
        cmocka_unit_test(values__numbers_for_once__brought),
        cmocka_unit_test(source__started_again__brings_nothing_twice),
        cmocka_unit_test(source__killed_behind_each_document__brings_each_once),
        cmocka_unit_test(blocked__in_a_while__is_asked_once),
        FEED_FAULTS(FEED_FAULT_UNIT)};
    return cmocka_run_group_tests(tests, NULL, feed_rig_end);
}
