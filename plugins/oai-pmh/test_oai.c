/* oai-pmh in its host, opposite the emulator: each deviation that repositories are known for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "emulators/rig.h"

#define HOST    "repository.test"
#define ALL     240u /* records, of which two were deleted */
#define DELETED 2u
#define LONG_MS 10000

static struct rig rig;
static const char *words;

static int set_up_all(void **state)
{
    (void)state;
    rig_open(&rig, VALISE_OAI_PMH, HOST ", digitallibrary.un.org");
    return 0;
}

static int tear_down_all(void **state)
{
    (void)state;
    rig_close(&rig);
    return 0;
}

/* Anew: 240 records, an hour apart, on pages of 100. */
static void prepare(const char *quirks)
{
    static const char *const SETTINGS[][2] = {{"url", "https://" HOST "/oai/request"},
                                              {"label", KIT_LABEL},
                                              {"to", "iom"},
                                              {"prefix", "marcxml"},
                                              {"set", ""},
                                              {"from", ""},
                                              {"window-days", "90"},
                                              {"overlap-hours", "24"},
                                              {"deliver", "records"},
                                              {"languages", ""},
                                              {"deleted", "tell"},
                                              {"form", "json"},
                                              {"interval-seconds", "1"},
                                              {"backoff-seconds", "1"},
                                              {"coverage", ""}};
    /* a log of its own: it is read again and again */
    assert_int_equal(ftruncate(rig.run->log, 0), 0);
    assert_int_equal(lseek(rig.run->log, 0, SEEK_SET), 0);
    rig_say(&rig, "clear");
    rig_say(&rig, "forget");
    rig_say(&rig, "set " HOST ":fresh=0");
    rig_say(&rig, "set " HOST ":step=3600");
    rig_say(&rig, "set " HOST ":page=100");
    rig_say(&rig, "set " HOST ":records=%u", ALL);
    rig_say(&rig, "set " HOST ":quirks=%s", quirks);
    for (size_t i = 0; i < sizeof SETTINGS / sizeof SETTINGS[0]; i++)
        rig_set(&rig, SETTINGS[i][0], SETTINGS[i][1]);
}

static bool has_said(struct kit_session *session)
{
    return session->is_over || rig_logged(&rig, words);
}

/* What the operator is told, before long. */
static void check_says(const char *text)
{
    words = text;
    for (int i = 0; i < LONG_MS / 100 && !rig_logged(&rig, text); i++)
        (void)kit_session_pump(&rig.run->session, has_said, 100);
    if (!rig_logged(&rig, text)) {
        char *log = kit_run_log(rig.run);
        fail_msg("it does not say '%s' but: %s", text, log);
    }
}

static unsigned asked(const char *glob)
{
    char command[128];
    snprintf(command, sizeof command, "count " HOST ":%s", glob);
    return rig_say(&rig, "%s", command);
}

/* Each document came, none under two keys, and nothing more comes. */
static void check_all(unsigned count)
{
    rig_wait(&rig, count);
    rig_quiet(&rig, 300);
    assert_int_equal(rig.run->memory.count, count);
}

static void harvest(const char *quirks, unsigned count)
{
    prepare(quirks);
    rig_start(&rig);
    check_all(count);
}

/* One request goes wrong; it is told, and then all comes. */
static void harvest_with_fault(const char *fault, const char *told)
{
    prepare("");
    rig_say(&rig, "fault " HOST ":/oai/request?*resumptionToken=*=%s*1", fault);
    rig_start(&rig);
    check_all(ALL);
    check_says(told);
}

/* -- the protocol ------------------------------------------------------------------------------ */

static void list__of_three_pages__each_record_once(void **state)
{
    (void)state;
    harvest("", ALL);
    const struct kit_message *m = rig.run->memory.messages[0];
    assert_string_equal(m->to, "iom");
    assert_string_equal(m->label, KIT_LABEL);
    assert_int_equal(m->parts, 1);
    assert_string_equal(m->part[0].name, "record.json");
    for (unsigned i = 0; i < ALL; i++)
        assert_int_equal(rig.run->memory.messages[i]->times, 1);
}

static void resumption_token__asked_with__stands_alone(void **state)
{
    (void)state;
    harvest("", ALL);
    assert_true(asked("/oai/request?*resumptionToken=*") >= 2);
    assert_int_equal(asked("/oai/request?*metadataPrefix=*resumptionToken=*"), 0);
    assert_int_equal(asked("/oai/request?*resumptionToken=*metadataPrefix=*"), 0);
}

static void list__of_a_year__asked_for_in_windows_of_90_days(void **state)
{
    (void)state;
    prepare("");
    rig_say(&rig, "set " HOST ":step=86400");
    rig_start(&rig);
    check_all(ALL);
    assert_true(asked("/oai/request?verb=ListRecords*from=*until=*") >= 4);
    assert_int_equal(asked("/oai/request?verb=ListRecords*from=*"),
                     asked("/oai/request?verb=ListRecords*from=*until=*"));
    assert_int_equal(asked("/oai/request?*from=2026-01-01*until=2026-04-01*"), 1);
}

static void granularity__of_days__asked_for_in_days(void **state)
{
    (void)state;
    harvest("day", ALL);
    assert_true(asked("/oai/request?*from=2026-01-01&until=*") >= 1);
    assert_int_equal(asked("/oai/request?*from=2026-01-01T*"), 0);
}

static void format__dublin_core__taken(void **state)
{
    (void)state;
    prepare("");
    rig_set(&rig, "prefix", "oai_dc");
    rig_set(&rig, "form", "xml");
    rig_start(&rig);
    check_all(ALL);
    assert_true(asked("/oai/request?*metadataPrefix=oai_dc*") >= 1);
    assert_string_equal(rig.run->memory.messages[0]->part[0].name, "record.xml");
    assert_string_equal(rig.run->memory.messages[0]->part[0].media_type, "application/xml");
}

static void set__that_there_is_not__told(void **state)
{
    (void)state;
    prepare("");
    rig_set(&rig, "set", "sanctions");
    rig_start(&rig);
    check_says("noSetHierarchy");
}

static void record__deleted__told_or_ignored(void **state)
{
    (void)state;
    harvest("", ALL);
    unsigned told = 0;
    for (unsigned i = 0; i < ALL; i++)
        told += strstr(rig.run->memory.messages[i]->subject, "was taken out") != NULL;
    assert_int_equal(told, DELETED);
    prepare("");
    rig_set(&rig, "deleted", "ignore");
    rig_start(&rig);
    check_all(ALL - DELETED);
}

static void harvest__again__brings_what_is_new_alone(void **state)
{
    (void)state;
    harvest("", ALL);
    rig_say(&rig, "set " HOST ":fresh=1");
    rig_wait(&rig, ALL + 1);
    rig_restart(&rig);
    rig_say(&rig, "set " HOST ":fresh=2");
    rig_wait(&rig, ALL + 2);
    rig_quiet(&rig, 300);
}

/* -- deviations -------------------------------------------------------------------------------- */

static void token__expired__window_begun_again_without_doubles(void **state)
{
    (void)state;
    harvest("expire", ALL);
    check_says("the resumption token is no longer good: its window is begun again");
}

static void token__the_same_twice__stops_and_goes_on_in_smaller_windows(void **state)
{
    (void)state;
    harvest("repeat", ALL);
    check_says("the same resumption token came twice");
}

static void list_size__changes_between_pages__nothing_lost(void **state)
{
    (void)state;
    harvest("size-changes", ALL);
}

static void list_size__more_than_came__told_as_partial(void **state)
{
    (void)state;
    harvest("size-too-large", ALL);
    check_says("partial: the repository announced 280 records, and gave out 240");
}

static void record__with_a_tag_that_does_not_end__costs_itself_alone(void **state)
{
    (void)state;
    harvest("mismatch", ALL - 3); /* one of each page */
    check_says("3 of 240 records are broken: record 3 (oai:" HOST ":");
}

static void record__with_an_unknown_entity__costs_itself_alone(void **state)
{
    (void)state;
    harvest("entity", ALL - 3);
    check_says("Entity 'bogus' not defined");
}

static void record__with_control_characters__taken(void **state)
{
    (void)state;
    harvest("control", ALL);
}

static void record__with_bytes_that_are_no_utf8__taken(void **state)
{
    (void)state;
    harvest("wrong-utf8", ALL);
}

static void answer__said_to_be_latin_1__read_as_utf8(void **state)
{
    (void)state;
    harvest("", ALL);
    char *expected[ALL];
    for (unsigned i = 0; i < ALL; i++)
        expected[i] = vls_mem_dup(rig.run->memory.messages[i]->origin);
    harvest("latin1-header", ALL);
    for (unsigned i = 0; i < ALL; i++) { /* the key is made of what was read */
        assert_non_null(rig_message(&rig, expected[i]));
        vls_mem_free(expected[i]);
    }
}

static void answer__without_xml_declaration__taken(void **state)
{
    (void)state;
    harvest("no-declaration", ALL);
}

static void answer__without_namespaces__taken(void **state)
{
    (void)state;
    harvest("no-namespace", ALL);
}

static void metadata__in_a_relative_namespace__taken(void **state)
{
    (void)state;
    harvest("relative-namespace", ALL);
}

static void header__without_identifier__named_by_the_record(void **state)
{
    (void)state;
    harvest("no-identifier", ALL - DELETED); /* nobody knows what was deleted */
    assert_memory_equal(rig.run->memory.messages[0]->origin, "4000001#", 8);
}

static void error__with_status_422__read_as_an_error(void **state)
{
    (void)state;
    prepare("error-422");
    rig_set(&rig, "from", "2026-01-05");
    rig_set(&rig, "set", "nothing");
    rig_start(&rig);
    check_says("the repository answers with the error noSetHierarchy");
}

static void error__of_no_known_code__told(void **state)
{
    (void)state;
    prepare("unknown-error");
    rig_start(&rig);
    check_says("the error undefinedError: something else");
}

static void retry_after__on_a_good_answer__no_order(void **state)
{
    (void)state;
    harvest("retry-after", ALL); /* 59 s a page would be too long for this test */
}

static void identify__a_page_for_people__told(void **state)
{
    (void)state;
    prepare("html-identify");
    rig_start(&rig);
    check_says("an HTML page, which is not what was asked for");
    assert_int_equal(rig.run->memory.count, 0);
}

static void answer__empty_with_refresh__asked_again(void **state)
{
    (void)state;
    harvest("refresh", ALL);
    check_says("it answered 200 with nothing");
}

static void answer__503_with_a_wait_too_short__backed_off(void **state)
{
    (void)state;
    harvest("throttle", ALL);
    check_says("503");
}

/* -- faults ------------------------------------------------------------------------------------ */

static void page__cut_short__asked_again(void **state)
{
    (void)state;
    harvest_with_fault("cut:300000", "a page of the catalogue is not whole: it is cut short");
}

static void page__connection_ends__asked_again(void **state)
{
    (void)state;
    harvest_with_fault("truncate:300000", "the endpoint: ");
    harvest_with_fault("reset:1000", "the endpoint: ");
}

static void page__wrong_length__asked_again(void **state)
{
    (void)state;
    harvest_with_fault("wrong-length", "the endpoint: ");
}

static void page__html_or_nothing__asked_again(void **state)
{
    (void)state;
    harvest_with_fault("html", "an HTML page, which is not what was asked for");
    harvest_with_fault("empty", "it answered 200 with nothing");
}

static void page__gzip_undeclared__taken(void **state)
{
    (void)state;
    prepare("");
    rig_say(&rig, "fault " HOST ":/oai/request*=gzip-undeclared");
    rig_start(&rig);
    check_all(ALL);
}

static void page__zstd_undeclared__asked_again(void **state)
{
    (void)state;
    harvest_with_fault("zstd-undeclared", "malformed");
}

static void page__entity_bomb__refused(void **state)
{
    (void)state;
    harvest_with_fault("entity-bomb", "it has a document type declaration");
}

static void page__nested_10000_deep__refused(void **state)
{
    (void)state;
    harvest_with_fault("deep:10000", "elements are nested deeper than a catalogue has reason to");
}

static void page__json__told(void **state)
{
    (void)state;
    prepare("");
    rig_set(&rig, "url", "https://digitallibrary.un.org/api/v1/search");
    rig_start(&rig);
    check_says("which is no answer of OAI-PMH: see setting url");
}

static void retry_after__seconds_or_a_date__waited_for(void **state)
{
    (void)state;
    harvest_with_fault("429-seconds:1", "429");
    harvest_with_fault("503-date:2", "503");
}

static void redirect__to_http__refused(void **state)
{
    (void)state;
    harvest_with_fault("http-redirect", "malformed");
}

static void challenge__of_a_firewall__blocked_and_not_tried_in_a_loop(void **state)
{
    (void)state;
    prepare("");
    rig_say(&rig, "fault " HOST ":/oai/request*=challenge");
    rig_start(&rig);
    check_says("blocked: " HOST ": a challenge for programs");
    unsigned before = asked("/oai/request*");
    rig_quiet(&rig, 2500);
    assert_true(asked("/oai/request*") <= before + 2); /* after 1 s, 2 s, 4 s ... of interval */
}

/* -- what is delivered ------------------------------------------------------------------------- */

static void documents__of_all_languages__in_one_message(void **state)
{
    (void)state;
    prepare("");
    rig_say(&rig, "set " HOST ":records=10");
    rig_set(&rig, "deliver", "documents");
    rig_start(&rig);
    check_all(10);
    assert_int_equal(rig.run->memory.messages[0]->parts, 7);
    assert_string_equal(rig.run->memory.messages[0]->part[1].name, "A_C.3_81_L.1-AR.pdf");
    assert_string_equal(rig.run->memory.messages[0]->part[1].media_type, "application/pdf");
}

static void documents__in_some_languages__those_alone(void **state)
{
    (void)state;
    prepare("");
    rig_say(&rig, "set " HOST ":records=10");
    rig_set(&rig, "deliver", "documents");
    rig_set(&rig, "languages", "en, fr");
    rig_start(&rig);
    check_all(10);
    assert_int_equal(rig.run->memory.messages[0]->parts, 3);
}

static void document__not_there__named_in_the_record(void **state)
{
    (void)state;
    prepare("");
    rig_say(&rig, "set " HOST ":records=5");
    rig_say(&rig, "fault " HOST ":/record/4000002/*-FR.pdf=status:404");
    rig_say(&rig, "fault " HOST ":/record/4000003/*-FR.pdf=html");
    rig_say(&rig, "fault " HOST ":/record/4000004/*-FR.pdf=503-seconds:1*1");
    rig_set(&rig, "deliver", "documents");
    rig_start(&rig);
    check_all(5);
    assert_int_equal(rig.run->memory.messages[1]->parts, 6);
    assert_int_equal(rig.run->memory.messages[2]->parts, 6);
    assert_int_equal(rig.run->memory.messages[3]->parts, 7); /* tried again */
}

static void coverage__of_the_library__told_as_a_part(void **state)
{
    (void)state;
    prepare("");
    rig_say(&rig, "set digitallibrary.un.org:step=3600");
    rig_set(&rig, "url", "https://digitallibrary.un.org/oai2d");
    rig_start(&rig);
    check_all(ALL);
    check_says("it gives out a part of the catalogue by OAI-PMH, not all of it");
}

/* -- settings ---------------------------------------------------------------------------------- */

static void setting__wrong__refused_with_the_fix(void **state)
{
    static const char *const WRONG[][3] = {
        {"url", "http://repository.test/oai", "setting url must be https://"},
        {"from", "yesterday", "setting from must be a day, such as 2026-01-31"},
        {"window-days", "91", "window-days"}};
    struct vls_why why;
    (void)state;
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        prepare("");
        rig_set(&rig, WRONG[i][0], WRONG[i][1]);
        kit_session_close(&rig.run->session);
        assert_false(vls_ok(kit_run_start(rig.run, &why)));
        if (strstr(why.text, WRONG[i][2]) == NULL)
            fail_msg("%s", why.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list__of_three_pages__each_record_once),
        cmocka_unit_test(resumption_token__asked_with__stands_alone),
        cmocka_unit_test(list__of_a_year__asked_for_in_windows_of_90_days),
        cmocka_unit_test(granularity__of_days__asked_for_in_days),
        cmocka_unit_test(format__dublin_core__taken),
        cmocka_unit_test(set__that_there_is_not__told),
        cmocka_unit_test(record__deleted__told_or_ignored),
        cmocka_unit_test(harvest__again__brings_what_is_new_alone),
        cmocka_unit_test(token__expired__window_begun_again_without_doubles),
        cmocka_unit_test(token__the_same_twice__stops_and_goes_on_in_smaller_windows),
        cmocka_unit_test(list_size__changes_between_pages__nothing_lost),
        cmocka_unit_test(list_size__more_than_came__told_as_partial),
        cmocka_unit_test(record__with_a_tag_that_does_not_end__costs_itself_alone),
        cmocka_unit_test(record__with_an_unknown_entity__costs_itself_alone),
        cmocka_unit_test(record__with_control_characters__taken),
        cmocka_unit_test(record__with_bytes_that_are_no_utf8__taken),
        cmocka_unit_test(answer__said_to_be_latin_1__read_as_utf8),
        cmocka_unit_test(answer__without_xml_declaration__taken),
        cmocka_unit_test(answer__without_namespaces__taken),
        cmocka_unit_test(metadata__in_a_relative_namespace__taken),
        cmocka_unit_test(header__without_identifier__named_by_the_record),
        cmocka_unit_test(error__with_status_422__read_as_an_error),
        cmocka_unit_test(error__of_no_known_code__told),
        cmocka_unit_test(retry_after__on_a_good_answer__no_order),
        cmocka_unit_test(identify__a_page_for_people__told),
        cmocka_unit_test(answer__empty_with_refresh__asked_again),
        cmocka_unit_test(answer__503_with_a_wait_too_short__backed_off),
        cmocka_unit_test(page__cut_short__asked_again),
        cmocka_unit_test(page__connection_ends__asked_again),
        cmocka_unit_test(page__wrong_length__asked_again),
        cmocka_unit_test(page__html_or_nothing__asked_again),
        cmocka_unit_test(page__gzip_undeclared__taken),
        cmocka_unit_test(page__zstd_undeclared__asked_again),
        cmocka_unit_test(page__entity_bomb__refused),
        cmocka_unit_test(page__nested_10000_deep__refused),
        cmocka_unit_test(page__json__told),
        cmocka_unit_test(retry_after__seconds_or_a_date__waited_for),
        cmocka_unit_test(redirect__to_http__refused),
        cmocka_unit_test(challenge__of_a_firewall__blocked_and_not_tried_in_a_loop),
        cmocka_unit_test(documents__of_all_languages__in_one_message),
        cmocka_unit_test(documents__in_some_languages__those_alone),
        cmocka_unit_test(document__not_there__named_in_the_record),
        cmocka_unit_test(coverage__of_the_library__told_as_a_part),
        cmocka_unit_test(setting__wrong__refused_with_the_fix),
    };
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
