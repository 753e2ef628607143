/* iom-dtm opposite the emulator, in its real host: each quirk of the service that is known. */
#include "emulators/feed_rig.h"

#include <string.h>

#include "base/compat.h"
#include "base/digest.h"
#include "base/text.h"
#include "kit/proc_of.h"

#define MEMORY_KIB (48 * 1024) /* that a host may take, whatever the answer */

static const char *const SETTINGS[][2] = {{"countries", "AFG"}, {"levels", "1"}, {NULL, NULL}};
static const char *const EACH[][2] = {
    {"countries", "AFG BHS HTI"}, {"levels", "0 1"}, {NULL, NULL}};
static const char *const UNKNOWN[][2] = {{"countries", "ZZZ"}, {"levels", "0"}, {NULL, NULL}};
static const char *const LISTED[][2] = {{"levels", "0"}, {NULL, NULL}};

static const struct feed_subject SUBJECT = {
    .plugin = VALISE_PLUGIN,
    .hosts = "dtmapi.iom.int",
    .at = "dtmapi.iom.int:/v3/displacement/admin1",
    .credential = "host: dtmapi.iom.int, header: Ocp-Apim-Subscription-Key",
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

/* An answer of that shape gives this outcome. */
static void shape_gives(const char *shape, const char *result)
{
    struct rig rig;
    feed_rig_open(&rig, &SUBJECT);
    rig_say(&rig, "set dtmapi.iom.int:shape=%s", shape);
    rig_start(&rig);
    feed_rig_result(&rig, result);
    bool is_brought = strcmp(result, "delivered") == 0 || strcmp(result, "partial") == 0;
    if (is_brought)
        rig_wait(&rig, 1);
    assert_int_equal(rig.run->memory.count, is_brought ? 1 : 0);
    rig_close(&rig);
}

static void data_set__with_its_key__document_and_what_it_is(void **state)
{
    struct rig rig;
    (void)state;
    feed_rig_start(&rig, &SUBJECT);
    rig_wait(&rig, 1);
    const struct kit_message *m = rig.run->memory.messages[0];
    assert_string_equal(m->label, FEED_LABEL);
    assert_string_equal(m->subject, "DTM: Afghanistan, admin 1, 2017-03-30 to 2018-06-30 (5 rows)");
    assert_int_equal(m->parts, 2);
    assert_string_equal(m->part[0].name, "dtm-AFG-admin1.json");
    assert_string_equal(m->part[1].name, "about.txt");
    assert_int_equal(m->about_count, 1);
    assert_string_equal(m->abouts[0]->issuer, "iom");
    assert_string_equal(m->abouts[0]->published, "2018-06-30");
    assert_non_null(strstr(m->abouts[0]->licence, "non-commercial"));
    assert_string_equal(m->abouts[0]->url,
                        "https://dtmapi.iom.int/v3/displacement/admin1?Admin0Pcode=AFG");
    rig_close(&rig);
}

static void key__of_the_credential__in_the_field_alone(void **state)
{
    struct rig rig;
    (void)state;
    feed_rig_start(&rig, &SUBJECT);
    rig_wait(&rig, 1);
    assert_int_equal(rig_seen(&rig, "Ocp-Apim-Subscription-Key: " FEED_KEY), 1);
    assert_int_equal(rig_seen(&rig, "subscription-key="), 0);
    assert_false(rig_logged(&rig, FEED_KEY));
    rig_close(&rig);
}

static void key__missing__needs_key(void **state)
{
    struct feed_subject subject = SUBJECT;
    struct rig rig;
    (void)state;
    subject.credential = NULL;
    feed_rig_start(&rig, &subject);
    feed_rig_result(&rig, "needs-key");
    rig_close(&rig);
}

static void key__not_accepted__needs_key(void **state)
{
    struct rig rig;
    (void)state;
    feed_rig_open(&rig, &SUBJECT);
    rig_say(&rig, "set dtmapi.iom.int:key=another");
    rig_start(&rig);
    feed_rig_result(&rig, "needs-key");
    rig_close(&rig);
}

static void country__is_success_false_with_200__not_found(void **state)
{
    struct feed_subject subject = with(UNKNOWN, 0);
    struct rig rig;
    (void)state;
    feed_rig_start(&rig, &subject);
    feed_rig_result(&rig, "not-found");
    feed_rig_log(&rig, "No country was found matching your query");
    rig_close(&rig);
}

static void countries__all__those_of_the_list(void **state)
{
    struct feed_subject subject = with(LISTED, 3);
    struct rig rig;
    (void)state;
    feed_rig_start(&rig, &subject);
    rig_wait(&rig, 3);
    assert_int_equal(rig_seen(&rig, "/v3/displacement/country-list"), 1);
    assert_non_null(strstr(rig.run->memory.messages[1]->subject, "Bahamas (the)"));
    rig_close(&rig);
}

static void data_set__figures_changed__comes_again_under_its_digest(void **state)
{
    struct rig rig;
    (void)state;
    feed_rig_start(&rig, &SUBJECT);
    rig_wait(&rig, 1);
    rig_say(&rig, "set dtmapi.iom.int:revision=7");
    rig_restart(&rig);
    rig_wait(&rig, 2);
    assert_string_not_equal(rig.run->memory.messages[0]->origin,
                            rig.run->memory.messages[1]->origin);
    rig_close(&rig);
}

static void answer__without_paging_and_large__in_bounded_memory(void **state)
{
    struct rig rig;
    (void)state;
    if (vls_is_sanitized()) /* the memory of sanitizers is not ours to bound */
        skip();
    feed_rig_open(&rig, &SUBJECT);
    rig_set(&rig, "timeout-seconds", "60");
    rig_say(&rig, "set dtmapi.iom.int:rows=80000");
    rig_start(&rig);
    rig_wait(&rig, 1);
    assert_true(rig.run->memory.messages[0]->part[0].bytes > (20u << 20));
    int64_t peak = kit_proc_number(rig.run->session.pid, "VmHWM");
    print_message("%llu bytes, host at most %lld KiB\n",
                  (unsigned long long)rig.run->memory.messages[0]->part[0].bytes, (long long)peak);
    assert_true(peak < MEMORY_KIB);
    rig_close(&rig);
}

static void figures__as_texts__brought(void **state)
{
    (void)state;
    shape_gives("text-numbers", "delivered");
}

static void envelope__double__partial_when_there_are_more_pages(void **state)
{
    (void)state;
    shape_gives("double", "partial");
}

static void envelope__of_something_else__malformed(void **state)
{
    (void)state;
    shape_gives("not-an-envelope", "malformed");
}

static void rows__fewer_than_stated__malformed(void **state)
{
    (void)state;
    shape_gives("short-count", "malformed");
}

static void rows__none__not_published(void **state)
{
    (void)state;
    shape_gives("no-rows", "not-published");
}

static void text__mojibake__brought_as_it_is(void **state)
{
    (void)state;
    shape_gives("mojibake", "delivered");
}

static void text__byte_order_mark_and_crlf__brought_as_it_is(void **state)
{
    (void)state;
    shape_gives("bom-crlf", "delivered");
}

static void redirect__to_another_host__carries_no_key(void **state)
{
    (void)state;
    feed_redirect__to_another_host__carries_no_key(&SUBJECT);
}

static void source__started_again__brings_nothing_twice(void **state)
{
    struct feed_subject subject = with(EACH, 6);
    (void)state;
    feed_source__started_again__brings_nothing_twice(&subject);
}

static void source__killed_behind_each_document__brings_each_once(void **state)
{
    struct feed_subject subject = with(EACH, 6);
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
        cmocka_unit_test(data_set__with_its_key__document_and_what_it_is),
        cmocka_unit_test(key__of_the_credential__in_the_field_alone),
        cmocka_unit_test(key__missing__needs_key),
        cmocka_unit_test(key__not_accepted__needs_key),
        cmocka_unit_test(country__is_success_false_with_200__not_found),
        cmocka_unit_test(countries__all__those_of_the_list),
        cmocka_unit_test(data_set__figures_changed__comes_again_under_its_digest),
        cmocka_unit_test(answer__without_paging_and_large__in_bounded_memory),
        cmocka_unit_test(figures__as_texts__brought),
        cmocka_unit_test(envelope__double__partial_when_there_are_more_pages),
        cmocka_unit_test(envelope__of_something_else__malformed),
        cmocka_unit_test(rows__fewer_than_stated__malformed),
        cmocka_unit_test(rows__none__not_published),
        cmocka_unit_test(text__mojibake__brought_as_it_is),
        cmocka_unit_test(text__byte_order_mark_and_crlf__brought_as_it_is),
        cmocka_unit_test(redirect__to_another_host__carries_no_key),
        cmocka_unit_test(source__started_again__brings_nothing_twice),
        cmocka_unit_test(source__killed_behind_each_document__brings_each_once),
        cmocka_unit_test(blocked__in_a_while__is_asked_once),
        FEED_FAULTS(FEED_FAULT_UNIT)};
    return cmocka_run_group_tests(tests, NULL, feed_rig_end);
}
