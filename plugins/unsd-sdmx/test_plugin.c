/* unsd-sdmx opposite the emulator, in its real host: each quirk of the service that is known, and
 * that nothing goes under a lower label than the operator set for it. */
#include "emulators/feed_rig.h"

#include <string.h>

#define SITE   "data.un.org"
#define FREE   "un-sgb-2007-6/unclassified"
#define CLOSED "un-sgb-2007-6/confidential"
#define LABELS "F=" FREE " | C=" CLOSED

static const char *const SETTINGS[][2] = {
    {"series", "DF_UNDATA_COUNTRYDATA/A.SP_POP_TOTL.AFG"}, {"labels", LABELS}, {NULL, NULL}};
static const char *const UNSTATED[][2] = {
    {"series", "DF_ONE"}, {"labels", LABELS " | -=" CLOSED}, {NULL, NULL}};
static const char *const NOTHING[][2] = {
    {"series", "DF_NOTHING"}, {"labels", LABELS}, {NULL, NULL}};
static const char *const THREE[][2] = {
    {"series", "DF_ONE DF_TWO/A.B DF_THREE"}, {"labels", LABELS}, {NULL, NULL}};

static const struct feed_subject SUBJECT = {
    .plugin = VALISE_PLUGIN,
    .hosts = SITE,
    .at = SITE ":/WS/rest/data/*",
    .settings = SETTINGS,
    .documents = 1,
};

FEED_FAULTS(FEED_FAULT_TEST)

static struct feed_subject with(const char *const (*settings)[2], unsigned documents)
{
    struct feed_subject subject = SUBJECT;
    subject.settings = settings;
    subject.documents = documents;
    return subject;
}

static const struct kit_emitted *part_of(const struct kit_message *m, const char *name)
{
    for (size_t i = 0; i < m->parts; i++)
        if (strcmp(m->part[i].name, name) == 0)
            return &m->part[i];
    return NULL;
}

/* The one document of an answer of that shape. */
static const struct kit_message *shaped(struct rig *rig, const char *shape)
{
    feed_rig_open(rig, &SUBJECT);
    rig_say(rig, "set " SITE ":shape=%s", shape);
    rig_start(rig);
    rig_wait(rig, 1);
    return rig->run->memory.messages[0];
}

static void shape_gives(const char *shape, const char *result)
{
    struct rig rig;
    feed_rig_open(&rig, &SUBJECT);
    rig_say(&rig, "set " SITE ":shape=%s", shape);
    rig_start(&rig);
    feed_rig_result(&rig, result);
    assert_int_equal(rig.run->memory.count, 0);
    rig_close(&rig);
}

static void observations__of_two_codes__a_part_each_under_its_label(void **state)
{
    struct rig rig;
    (void)state;
    const struct kit_message *m = shaped(&rig, "plain");
    assert_int_equal(m->parts, 3);
    assert_string_equal(part_of(m, "observations-F.csv")->label, FREE);
    assert_string_equal(part_of(m, "observations-C.csv")->label, CLOSED);
    assert_non_null(part_of(m, "about.txt"));
    rig_close(&rig);
}

static void code__that_the_settings_do_not_name__left_out_and_told(void **state)
{
    struct rig rig;
    (void)state;
    const struct kit_message *m = shaped(&rig, "unknown-code");
    assert_int_equal(m->parts, 3);
    assert_null(part_of(m, "observations-Q.csv"));
    feed_rig_result(&rig, "partial");
    feed_rig_log(&rig, "CONF_STATUS that setting labels does not name: Q (1)");
    rig_close(&rig);
}

static void code__unknown_of_all__nothing_leaves(void **state)
{
    (void)state;
    shape_gives("secret", "refused");
}

static void status__not_stated_and_not_named__nothing_leaves(void **state)
{
    (void)state;
    shape_gives("no-status", "refused");
}

static void status__not_stated__under_the_label_set_for_it(void **state)
{
    struct feed_subject subject = with(UNSTATED, 1);
    struct rig rig;
    (void)state;
    feed_rig_open(&rig, &subject);
    rig_say(&rig, "set " SITE ":shape=no-status");
    rig_start(&rig);
    rig_wait(&rig, 1);
    assert_string_equal(part_of(rig.run->memory.messages[0], "observations-unstated.csv")->label,
                        CLOSED);
    rig_close(&rig);
}

static void status__with_a_label_behind_its_code__read(void **state)
{
    struct rig rig;
    (void)state;
    const struct kit_message *m = shaped(&rig, "labels");
    assert_string_equal(part_of(m, "observations-C.csv")->label, CLOSED);
    rig_close(&rig);
}

static void embargo__of_one_observation__of_the_message(void **state)
{
    struct rig rig;
    (void)state;
    const struct kit_message *m = shaped(&rig, "embargo");
    assert_int_equal(m->parts, 3);
    assert_int_equal(m->embargo_until_ms, 4076006400000ull); /* 2099-03-01 */
    rig_close(&rig);
}

static void embargo__that_cannot_be_read__left_out_and_told(void **state)
{
    struct rig rig;
    (void)state;
    (void)shaped(&rig, "odd-embargo");
    feed_rig_result(&rig, "partial");
    feed_rig_log(&rig, "1 observations whose embargo cannot be read");
    rig_close(&rig);
}

static void series__figures_changed__comes_again(void **state)
{
    struct rig rig;
    (void)state;
    (void)shaped(&rig, "plain");
    rig_say(&rig, "set " SITE ":revision=1");
    rig_restart(&rig);
    rig_wait(&rig, 2);
    rig_close(&rig);
}

static void series__without_results__not_found(void **state)
{
    struct feed_subject subject = with(NOTHING, 0);
    struct rig rig;
    (void)state;
    feed_rig_start(&rig, &subject);
    feed_rig_result(&rig, "not-found");
    rig_close(&rig);
}

static void answer__names_alone__not_published(void **state)
{
    (void)state;
    shape_gives("names-alone", "not-published");
}

static void answer__ragged__malformed(void **state)
{
    (void)state;
    shape_gives("ragged", "malformed");
}

static void answer__quote_never_closed__malformed(void **state)
{
    (void)state;
    shape_gives("open-quote", "malformed");
}

static void answer__footer_alone__retry_at(void **state)
{
    (void)state;
    shape_gives("footer", "retry-at");
}

static void answer__xml_for_csv__malformed(void **state)
{
    (void)state;
    shape_gives("xml", "malformed");
}

static void source__started_again__brings_nothing_twice(void **state)
{
    struct feed_subject subject = with(THREE, 3);
    (void)state;
    feed_source__started_again__brings_nothing_twice(&subject);
}

static void source__killed_behind_each_document__brings_each_once(void **state)
{
    struct feed_subject subject = with(THREE, 3);
    (void)state;
    feed_source__killed_behind_each_document__brings_each_once(&subject);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(observations__of_two_codes__a_part_each_under_its_label),
        cmocka_unit_test(code__that_the_settings_do_not_name__left_out_and_told),
        cmocka_unit_test(code__unknown_of_all__nothing_leaves),
        cmocka_unit_test(status__not_stated_and_not_named__nothing_leaves),
        cmocka_unit_test(status__not_stated__under_the_label_set_for_it),
        cmocka_unit_test(status__with_a_label_behind_its_code__read),
        cmocka_unit_test(embargo__of_one_observation__of_the_message),
        cmocka_unit_test(embargo__that_cannot_be_read__left_out_and_told),
        cmocka_unit_test(series__figures_changed__comes_again),
        cmocka_unit_test(series__without_results__not_found),
        cmocka_unit_test(answer__names_alone__not_published),
        cmocka_unit_test(answer__ragged__malformed),
        cmocka_unit_test(answer__quote_never_closed__malformed),
        cmocka_unit_test(answer__footer_alone__retry_at),
        cmocka_unit_test(answer__xml_for_csv__malformed),
        cmocka_unit_test(source__started_again__brings_nothing_twice),
        cmocka_unit_test(source__killed_behind_each_document__brings_each_once),
        FEED_FAULTS(FEED_FAULT_UNIT)};
    return cmocka_run_group_tests(tests, NULL, feed_rig_end);
}
