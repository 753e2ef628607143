/* rss-watch in its real host, opposite the emulator of the feeds of esubscription.un.org. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "emulators/rig.h"

#define HOSTS   "esubscription.un.org, undocs.org, documents.un.org"
#define FEED    "https://esubscription.un.org/rss/gadocs.xml"
#define HRC     "https://esubscription.un.org/rss/hrc.xml"
#define QUIET   2500 /* more than two looks */
#define ITEM(n) "rss https://undocs.org/en/A/80/10" #n

static struct rig rig;

static void begin(const char *feeds)
{
    struct vls_why why = {""};
    static const char *const SETTINGS[] = {
        "gadocs=3", "header=off", "entities=", "etag=off", "form=", "hrc=3"};
    kit_run_fini(rig.run);
    assert_true(vls_ok(kit_run_init(&rig.kit, rig.run, &why)));
    rig_set(&rig, "label", KIT_LABEL);
    rig_set(&rig, "to", "iom");
    rig_set(&rig, "poll-s", "1");
    rig_set(&rig, "feeds", feeds);
    rig_say(&rig, "clear");
    rig_say(&rig, "forget");
    rig_say(&rig, "era ods=2026-09");
    for (size_t i = 0; i < sizeof SETTINGS / sizeof SETTINGS[0]; i++)
        rig_say(&rig, "set esubscription.un.org:%s", SETTINGS[i]);
}

static const struct kit_message *message(const char *origin)
{
    const struct kit_message *m = rig_message(&rig, origin);
    if (m == NULL)
        fail_msg("there is no %s, but %s", origin,
                 rig.run->memory.count > 0 ? rig.run->memory.messages[0]->origin : "nothing");
    return m;
}

static void all_came_once(unsigned count)
{
    assert_int_equal(rig.run->memory.count, count);
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(rig.run->memory.messages[i]->times, 1);
}

/* -- what it is for ---------------------------------------------------------------------------- */

static void items__of_a_feed__come_oldest_first_with_what_they_are(void **state)
{
    (void)state;
    begin(FEED);
    rig_start(&rig);
    rig_wait(&rig, 3);
    const struct kit_message *m = message(ITEM(1));
    assert_ptr_equal(m, rig.run->memory.messages[0]);
    assert_string_equal(m->subject, "A/80/101 - Réfugiés – rapport & annexe 1");
    assert_string_equal(m->kind, "publication");
    assert_int_equal(m->parts, 1);
    assert_string_equal(m->part[0].name, "A_80_101_-_Réfugiés_–_rapport_annexe_1.txt");
    assert_string_equal(m->part[0].media_type, "text/plain");
    assert_int_equal(m->about_count, 1);
    assert_string_equal(m->abouts[0]->symbols[0], "A/80/101");
    assert_string_equal(m->abouts[0]->url, "https://undocs.org/en/A/80/101");
    assert_string_equal(m->abouts[0]->published, "2026-09-02T01:00:00Z");
}

static void new_item__comes_alone(void **state)
{
    (void)state;
    begin(FEED);
    rig_start(&rig);
    rig_wait(&rig, 3);
    rig_say(&rig, "set esubscription.un.org:gadocs=4");
    rig_wait(&rig, 4);
    (void)message(ITEM(4));
    rig_quiet(&rig, QUIET);
    all_came_once(4);
}

static void restart__in_the_middle__misses_none_and_brings_none_twice(void **state)
{
    (void)state;
    begin(FEED);
    rig_say(&rig, "set esubscription.un.org:gadocs=30");
    rig_start(&rig);
    for (unsigned at = 5; at <= 30; at += 5) {
        rig_wait(&rig, at);
        rig_restart(&rig);
    }
    rig_say(&rig, "set esubscription.un.org:gadocs=31");
    rig_wait(&rig, 31);
    rig_quiet(&rig, QUIET);
    assert_int_equal(rig.run->memory.count, 31);
}

static void document__of_an_item__is_brought_when_it_is_one(void **state)
{
    (void)state;
    begin(FEED);
    rig_set(&rig, "bring", "document");
    rig_say(&rig, "set esubscription.un.org:gadocs=2");
    rig_say(&rig, "fault undocs.org:/en/A/80/102=html");
    rig_start(&rig);
    rig_wait(&rig, 2);
    /* neither is there: a 404, and a page */
    assert_string_equal(message(ITEM(1))->part[0].media_type, "text/plain");
    assert_string_equal(message(ITEM(2))->part[0].media_type, "text/plain");
    assert_int_equal(rig_seen(&rig, "undocs.org GET /en/A/80/10"), 2);
}

/* -- quirks ------------------------------------------------------------------------------------ */

static void item__that_is_the_only_one__comes(void **state)
{
    (void)state;
    begin(FEED);
    rig_say(&rig, "set esubscription.un.org:gadocs=1");
    rig_start(&rig);
    rig_wait(&rig, 1);
    (void)message(ITEM(1));
}

static void feed__without_items__is_no_error(void **state)
{
    (void)state;
    begin(FEED);
    rig_say(&rig, "set esubscription.un.org:gadocs=0");
    rig_start(&rig);
    rig_quiet(&rig, QUIET);
    assert_false(rig_logged(&rig, "the endpoint: malformed"));
}

static void entities_of_html__in_titles__are_undone(void **state)
{
    static const char *const FORMS[] = {"html", "twice"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        begin(FEED);
        rig_say(&rig, "set esubscription.un.org:entities=%s", FORMS[i]);
        rig_start(&rig);
        rig_wait(&rig, 3);
        assert_string_equal(message(ITEM(1))->subject, "A/80/101 - Réfugiés – rapport & annexe");
    }
}

static void header_item__is_passed_over(void **state)
{
    (void)state;
    begin(FEED);
    rig_say(&rig, "set esubscription.un.org:header=on");
    rig_start(&rig);
    rig_wait(&rig, 3);
    rig_quiet(&rig, QUIET);
    (void)message(ITEM(3));
}

static void html_with_200__is_no_feed(void **state)
{
    (void)state;
    begin(FEED);
    rig_say(&rig, "fault esubscription.un.org:*=html*2");
    rig_start(&rig);
    rig_wait(&rig, 3); /* with the third look */
    assert_true(rig_logged(&rig, "the endpoint: malformed: esubscription.un.org"));
    assert_true(rig_logged(&rig, "an HTML page"));
    all_came_once(3);
}

static void etag__that_is_absent__is_not_needed(void **state)
{
    (void)state;
    begin(FEED);
    rig_start(&rig);
    rig_wait(&rig, 3);
    rig_quiet(&rig, QUIET);
    all_came_once(3);
    assert_int_equal(rig_seen(&rig, "If-None-Match"), 0);
}

static void etag__that_fits__is_304(void **state)
{
    (void)state;
    begin(FEED);
    rig_say(&rig, "set esubscription.un.org:etag=on");
    rig_start(&rig);
    rig_wait(&rig, 3);
    rig_quiet(&rig, QUIET);
    assert_true(rig_seen(&rig, "/rss/gadocs.xml 304") >= 1);
    rig_restart(&rig); /* it is not kept: what was not committed must come again */
    rig_say(&rig, "set esubscription.un.org:gadocs=4");
    rig_wait(&rig, 4);
}

static void item__in_two_feeds__is_one_message(void **state)
{
    (void)state;
    begin(FEED " " HRC);
    rig_say(&rig, "set esubscription.un.org:hrc=0");
    rig_start(&rig);
    rig_wait(&rig, 3);
    begin(FEED " " FEED "?again");
    rig_start(&rig);
    rig_wait(&rig, 3);
    rig_quiet(&rig, QUIET);
    assert_int_equal(rig.run->memory.count, 3);
}

static void atom_and_rss_1__are_feeds_too(void **state)
{
    static const char *const FORMS[] = {"atom", "rdf"};
    static const char *const KEYS[] = {"rss urn:un:gadocs:101", ITEM(1)};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        begin(FEED);
        rig_say(&rig, "set esubscription.un.org:form=%s", FORMS[i]);
        rig_start(&rig);
        rig_wait(&rig, 3);
        const struct kit_message *m = message(KEYS[i]);
        assert_string_equal(m->abouts[0]->url, "https://undocs.org/en/A/80/101");
    }
}

/* -- what holds for every endpoint ------------------------------------------------------------- */

static void feed__that_is_damaged__gives_nothing_until_it_is_whole(void **state)
{
    static const struct {
        const char *fault, *words;
    } CASES[] = {{"truncate:300*1", "malformed"},
                 {"cut:300*1", "breaks off"},
                 {"wrong-length:50*1", "malformed"},
                 {"control-character:250*1", "0x0B"},
                 {"entity-bomb*1", "document type"},
                 {"deep:10000*1", "this is no feed"},
                 {"zstd-undeclared*1", "zstd"},
                 {"empty*1", "with nothing"},
                 {"reset*1", "retry-at"},
                 {"http-redirect*1", "malformed"},
                 {"foreign-redirect*1", "malformed"},
                 {"status:404*1", "not-found"}};
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        begin(FEED);
        rig_say(&rig, "fault esubscription.un.org:*=%s", CASES[i].fault);
        rig_start(&rig);
        if (strncmp(CASES[i].fault, "reset", 5) == 0) {
            rig_quiet(&rig, QUIET); /* it is asked again only after a minute */
        } else {
            rig_wait(&rig, 3);
            all_came_once(3);
        }
        if (!rig_logged(&rig, CASES[i].words))
            fail_msg("%s: the log does not say '%s'", CASES[i].fault, CASES[i].words);
    }
    assert_int_equal(rig_seen(&rig, "elsewhere.test"), 0);
}

static void gzip__that_nobody_told__is_read(void **state)
{
    (void)state;
    begin(FEED);
    rig_say(&rig, "fault esubscription.un.org:*=gzip-undeclared");
    rig_start(&rig);
    rig_wait(&rig, 3);
}

static void retry_after__in_both_forms__is_kept_to(void **state)
{
    static const char *const FAULTS[] = {"429-seconds:600*1", "503-date:600*1"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        begin(FEED);
        rig_say(&rig, "fault esubscription.un.org:*=%s", FAULTS[i]);
        rig_start(&rig);
        rig_quiet(&rig, QUIET);
        assert_int_equal(rig_say(&rig, "count esubscription.un.org:*"), 1);
    }
}

static void challenge__is_blocked_and_not_asked_in_a_loop(void **state)
{
    (void)state;
    begin(FEED);
    rig_say(&rig, "fault esubscription.un.org:*=challenge");
    rig_start(&rig);
    rig_quiet(&rig, QUIET);
    assert_int_equal(rig_say(&rig, "count esubscription.un.org:*"), 1);
    assert_true(rig_logged(&rig, "the endpoint: blocked"));
}

static int open_rig(void **state)
{
    (void)state;
    rig_open(&rig, VALISE_PLUGIN, HOSTS);
    return 0;
}

static int close_rig(void **state)
{
    (void)state;
    rig_close(&rig);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items__of_a_feed__come_oldest_first_with_what_they_are),
        cmocka_unit_test(new_item__comes_alone),
        cmocka_unit_test(restart__in_the_middle__misses_none_and_brings_none_twice),
        cmocka_unit_test(document__of_an_item__is_brought_when_it_is_one),
        cmocka_unit_test(item__that_is_the_only_one__comes),
        cmocka_unit_test(feed__without_items__is_no_error),
        cmocka_unit_test(entities_of_html__in_titles__are_undone),
        cmocka_unit_test(header_item__is_passed_over),
        cmocka_unit_test(html_with_200__is_no_feed),
        cmocka_unit_test(etag__that_is_absent__is_not_needed),
        cmocka_unit_test(etag__that_fits__is_304),
        cmocka_unit_test(item__in_two_feeds__is_one_message),
        cmocka_unit_test(atom_and_rss_1__are_feeds_too),
        cmocka_unit_test(feed__that_is_damaged__gives_nothing_until_it_is_whole),
        cmocka_unit_test(gzip__that_nobody_told__is_read),
        cmocka_unit_test(retry_after__in_both_forms__is_kept_to),
        cmocka_unit_test(challenge__is_blocked_and_not_asked_in_a_loop),
    };
    return cmocka_run_group_tests_name("rss-watch", tests, open_rig, close_rig);
}
