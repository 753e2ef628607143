/* un-undl in its host, opposite the emulator: what the Library's interfaces are known for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "emulators/rig.h"

#define HOST "digitallibrary.un.org"
#define KEY  "undl-key-of-the-emulator"
#define ALL  240u

static struct rig rig;

static int set_up_all(void **state)
{
    char lines[512];
    (void)state;
    rig_open(&rig, VALISE_UN_UNDL, HOST);
    snprintf(lines, sizeof lines,
             "credentials:\n  - { name: undl, host: " HOST ", header: Authorization, file: %s }",
             rig_secret(&rig, "undl.key", "Token " KEY));
    rig_http(&rig, lines);
    return 0;
}

static int tear_down_all(void **state)
{
    (void)state;
    rig_close(&rig);
    return 0;
}

static void prepare(const char *interface, const char *quirks)
{
    static const char *const SETTINGS[][2] = {{"url", "https://" HOST},
                                              {"query", "collection:docs"},
                                              {"from", "1945-06-26"},
                                              {"label", KIT_LABEL},
                                              {"to", "iom"},
                                              {"languages", ""},
                                              {"deliver", "records"},
                                              {"interval-seconds", "1"},
                                              {"backoff-seconds", "1"}};
    assert_int_equal(ftruncate(rig.run->log, 0), 0);
    assert_int_equal(lseek(rig.run->log, 0, SEEK_SET), 0);
    (void)rig_secret(&rig, "undl.key", "Token " KEY);
    rig_say(&rig, "clear");
    rig_say(&rig, "forget");
    rig_say(&rig, "era undl=open");
    rig_say(&rig, "set " HOST ":step=3600");
    rig_say(&rig, "set " HOST ":records=%u", ALL);
    rig_say(&rig, "set " HOST ":quirks=%s", quirks);
    for (size_t i = 0; i < sizeof SETTINGS / sizeof SETTINGS[0]; i++)
        rig_set(&rig, SETTINGS[i][0], SETTINGS[i][1]);
    rig_set(&rig, "interface", interface);
}

static const char *words;

static bool has_said(struct kit_session *session)
{
    return session->is_over || rig_logged(&rig, words);
}

static void check_says(const char *text)
{
    words = text;
    for (int i = 0; i < 100 && !rig_logged(&rig, text); i++)
        (void)kit_session_pump(&rig.run->session, has_said, 100);
    if (!rig_logged(&rig, text)) {
        char *log = kit_run_log(rig.run);
        fail_msg("it does not say '%s' but: %s", text, log);
    }
}

static void check_all(unsigned count)
{
    rig_wait(&rig, count);
    rig_quiet(&rig, 300);
    assert_int_equal(rig.run->memory.count, count);
}

static void harvest(const char *interface, const char *quirks, unsigned count)
{
    prepare(interface, quirks);
    rig_start(&rig);
    check_all(count);
}

static void told(const char *interface, const char *quirks, const char *text)
{
    prepare(interface, quirks);
    rig_start(&rig);
    check_says(text);
    assert_int_equal(rig.run->memory.count, 0);
}

static unsigned asked(const char *glob)
{
    return rig_say(&rig, "count " HOST ":%s", glob);
}

/* -- the source, by API v1 --------------------------------------------------------------------- */

static void api__of_three_pages__followed_by_search_id(void **state)
{
    (void)state;
    harvest("api", "", ALL);
    assert_true(asked("/api/v1/search?*search_id=*") >= 2);
    assert_int_equal(asked("/search*"), 0);
    assert_true(rig_seen(&rig, "Authorization: Token " KEY) > 0);
    assert_false(rig_logged(&rig, KEY));
}

static void api__record_deleted__told(void **state)
{
    unsigned told_of = 0;
    (void)state;
    harvest("api", "", ALL); /* 980 $a DELETED */
    for (unsigned i = 0; i < ALL; i++)
        told_of += strstr(rig.run->memory.messages[i]->subject, "was taken out") != NULL;
    assert_int_equal(told_of, 2);
}

static void api__records_with_prefix_or_without_namespace__taken(void **state)
{
    (void)state;
    harvest("api", "ns0", ALL);
    harvest("api", "plain", ALL);
}

static void api__labels_twice_encoded__languages_known_all_the_same(void **state)
{
    (void)state;
    prepare("api", "twice-encoded");
    rig_say(&rig, "set " HOST ":records=3");
    rig_set(&rig, "deliver", "documents");
    rig_set(&rig, "languages", "ar, zh");
    rig_start(&rig);
    check_all(3);
    assert_int_equal(rig.run->memory.messages[0]->parts, 3);
}

static void api__key_not_taken__needs_key(void **state)
{
    (void)state;
    prepare("api", "");
    (void)rig_secret(&rig, "undl.key", "Token of-another");
    rig_start(&rig);
    check_says("needs-key: the Library does not take the key: The entered api key is invalid");
}

static void api__guest_without_right__needs_key(void **state)
{
    (void)state;
    told("api", "guest", "needs-key: ");
}

static void api__json_error_to_an_xml_request__told_in_its_words(void **state)
{
    (void)state;
    told("api", "bad-collection", "need more than 0 values to unpack");
}

static void api__429_in_words__waits(void **state)
{
    (void)state;
    prepare("api", "limit");
    rig_start(&rig);
    check_says("429");
    assert_int_equal(asked("/api/v1/search*"), 2);
}

static void api__empty_without_total__nobody_knows(void **state)
{
    (void)state;
    prepare("api", "no-total");
    rig_set(&rig, "query", "recid:1");
    rig_start(&rig);
    check_says("an empty list without a total");
}

static void api__empty_with_total_0__nothing(void **state)
{
    (void)state;
    prepare("api", ""); /* zero results may omit the search_id */
    rig_set(&rig, "query", "recid:1");
    rig_start(&rig);
    rig_quiet(&rig, 500);
    assert_false(rig_logged(&rig, "the endpoint: malformed"));
}

static void api__page_without_search_id__told(void **state)
{
    (void)state;
    prepare("api", "no-search-id");
    rig_start(&rig);
    check_says("a page without a search_id");
}

static void api__search_id_expired__begun_again_without_doubles(void **state)
{
    (void)state;
    harvest("api", "scroll-expires", ALL);
    check_says("the search_id is no longer good: the query is begun again");
}

static void api__page_cut_short__begun_again_as_a_search_id_goes_forward_only(void **state)
{
    (void)state;
    prepare("api", "");
    rig_say(&rig, "fault " HOST ":/api/v1/search?*search_id=*=cut:200000*1");
    rig_start(&rig);
    check_all(ALL);
    check_says("a page of the catalogue is not whole");
}

static void api__host_killed__the_same_set(void **state)
{
    (void)state;
    prepare("api", "");
    rig_start(&rig);
    rig_wait(&rig, 120);
    rig_restart(&rig);
    check_all(ALL);
}

static void api__502__tried_again(void **state)
{
    (void)state;
    prepare("api", "");
    rig_say(&rig, "fault " HOST ":/api/v1/search*=status:502*1");
    rig_start(&rig);
    check_says("502");
}

/* -- the source, by the anonymous search ------------------------------------------------------- */

static void search__of_three_pages__followed_by_jrec(void **state)
{
    (void)state;
    harvest("search", "", ALL);
    assert_true(asked("/search?*jrec=101") >= 1);
    assert_true(asked("/search?*jrec=201") >= 1);
    assert_int_equal(asked("/search?*jrec=301"), 0);
    assert_int_equal(asked("/api/*"), 0);
}

/* Without a total only the page that comes twice tells the end: jrec past it gives the last page.
 */
static void search__jrec_past_the_end__stops_at_the_repeated_page(void **state)
{
    (void)state;
    prepare("search", "no-total");
    rig_set(&rig, "interval-seconds", "3600");
    rig_start(&rig);
    check_all(ALL);
    assert_int_equal(asked("/search?*jrec=*"), 4);
}

static void search__empty_without_total__nobody_knows(void **state)
{
    (void)state;
    prepare("search", "");
    rig_set(&rig, "query", "recid:1");
    rig_start(&rig);
    check_says("an empty list without a total");
}

static void search__challenged__blocked(void **state)
{
    (void)state;
    prepare("search", "");
    rig_say(&rig, "era undl=challenged");
    rig_start(&rig);
    check_says("blocked: " HOST ": a challenge for programs");
    unsigned before = asked("/search*");
    rig_quiet(&rig, 2500);
    assert_true(asked("/search*") <= before + 2);
}

/* -- the resolver ------------------------------------------------------------------------------ */

static void check_found(const char *what, const char *language, unsigned result, size_t parts)
{
    const Valise__ResolveResult *found = rig_resolve(&rig, what, language);
    if (found->finding->result != result || found->n_parts != parts)
        fail_msg("%s %s: result %u with %zu parts: %s", what, language, found->finding->result,
                 found->n_parts, found->finding->why);
}

static void resolve_in(const char *quirks)
{
    prepare("api", quirks);
    rig_set(&rig, "query", "recid:1"); /* the source brings nothing */
    rig_set(&rig, "interval-seconds", "3600");
    rig_start(&rig);
}

static void symbol__in_one_language__delivered(void **state)
{
    size_t len;
    (void)state;
    resolve_in("");
    check_found("A/RES/81/5", "fr", VLS_RESULT_DELIVERED, 1);
    char *content = rig_part(&rig, 0, &len);
    assert_memory_equal(content, "%PDF-", 5);
    vls_mem_free(content);
    check_found("A/RES/81/5", "FR", VLS_RESULT_DELIVERED, 1);
}

static void symbol__in_any_language__a_part_each(void **state)
{
    (void)state;
    resolve_in("");
    check_found("A/RES/81/5", "", VLS_RESULT_DELIVERED, 6);
}

static void symbol__that_others_begin_with__the_exact_one(void **state)
{
    (void)state;
    resolve_in("");
    check_found("A/C.3/81/L.1", "en", VLS_RESULT_DELIVERED, 1);
    const Valise__ResolveResult *found = kit_session_found(&rig.run->session);
    assert_string_equal(found->parts[0]->part->name, "A_C.3_81_L.1-EN.pdf");
}

static void symbol__of_a_joint_document__found_by_either(void **state)
{
    (void)state;
    resolve_in("");
    check_found("S/2026/49", "en", VLS_RESULT_DELIVERED, 1);
    check_found("A/RES/81/50", "en", VLS_RESULT_DELIVERED, 1);
}

static void symbol__unknown__not_found(void **state)
{
    (void)state;
    resolve_in("");
    check_found("A/RES/99/1", "en", VLS_RESULT_NOT_FOUND, 0);
    check_found("A/RES/\"81", "en", VLS_RESULT_NOT_FOUND, 0);
}

static void symbol__unknown_without_a_total__nobody_knows(void **state)
{
    (void)state;
    resolve_in("no-total");
    check_found("A/RES/99/1", "en", VLS_RESULT_MALFORMED, 0);
}

static void symbol__not_in_that_language__not_published(void **state)
{
    (void)state;
    resolve_in("");
    check_found("A/RES/81/5", "de", VLS_RESULT_NOT_PUBLISHED, 0);
}

static void symbol__of_a_deleted_record__not_found(void **state)
{
    (void)state;
    resolve_in("");
    check_found("A/C.3/81/L.97", "en", VLS_RESULT_NOT_FOUND, 0);
}

static void symbol__files_challenged__blocked(void **state)
{
    (void)state;
    resolve_in("");
    rig_say(&rig, "era undl=challenged");
    check_found("A/RES/81/5", "en", VLS_RESULT_BLOCKED, 0);
}

static void symbol__some_files_missing__partial(void **state)
{
    (void)state;
    resolve_in("");
    rig_say(&rig, "fault " HOST ":/record/*-RU.pdf=status:404");
    check_found("A/RES/81/5", "", VLS_RESULT_PARTIAL, 5);
    const Valise__ResolveResult *found = kit_session_found(&rig.run->session);
    assert_int_equal(found->finding->got, 5);
    assert_int_equal(found->finding->total, 6);
}

static void file__restricted_missing_or_a_page__each_its_outcome(void **state)
{
    (void)state;
    resolve_in("");
    check_found("A/C.3/81/L.41", "en", VLS_RESULT_NEEDS_KEY, 0); /* leads to a page to log in at */
    check_found("A/C.3/81/L.43", "en", VLS_RESULT_NOT_FOUND, 0); /* 404, a page */
    check_found("A/C.3/81/L.47", "en", VLS_RESULT_MALFORMED, 0); /* 200, a page */
}

static void address__of_a_record_or_a_file__delivered(void **state)
{
    (void)state;
    resolve_in("");
    check_found("https://" HOST "/record/4000005?ln=en", "es", VLS_RESULT_DELIVERED, 1);
    check_found("https://" HOST "/record/4000005/files/A_RES_81_5-EN.pdf", "", VLS_RESULT_DELIVERED,
                1);
}

static void key__wrong__resolver_says_so(void **state)
{
    (void)state;
    resolve_in("");
    rig_end(&rig);
    (void)rig_secret(&rig, "undl.key", "Token of-another");
    rig_start(&rig);
    check_found("A/RES/81/5", "en", VLS_RESULT_NEEDS_KEY, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(api__of_three_pages__followed_by_search_id),
        cmocka_unit_test(api__record_deleted__told),
        cmocka_unit_test(api__records_with_prefix_or_without_namespace__taken),
        cmocka_unit_test(api__labels_twice_encoded__languages_known_all_the_same),
        cmocka_unit_test(api__key_not_taken__needs_key),
        cmocka_unit_test(api__guest_without_right__needs_key),
        cmocka_unit_test(api__json_error_to_an_xml_request__told_in_its_words),
        cmocka_unit_test(api__429_in_words__waits),
        cmocka_unit_test(api__empty_without_total__nobody_knows),
        cmocka_unit_test(api__empty_with_total_0__nothing),
        cmocka_unit_test(api__page_without_search_id__told),
        cmocka_unit_test(api__search_id_expired__begun_again_without_doubles),
        cmocka_unit_test(api__page_cut_short__begun_again_as_a_search_id_goes_forward_only),
        cmocka_unit_test(api__host_killed__the_same_set),
        cmocka_unit_test(api__502__tried_again),
        cmocka_unit_test(search__of_three_pages__followed_by_jrec),
        cmocka_unit_test(search__jrec_past_the_end__stops_at_the_repeated_page),
        cmocka_unit_test(search__empty_without_total__nobody_knows),
        cmocka_unit_test(search__challenged__blocked),
        cmocka_unit_test(symbol__in_one_language__delivered),
        cmocka_unit_test(symbol__in_any_language__a_part_each),
        cmocka_unit_test(symbol__that_others_begin_with__the_exact_one),
        cmocka_unit_test(symbol__of_a_joint_document__found_by_either),
        cmocka_unit_test(symbol__unknown__not_found),
        cmocka_unit_test(symbol__unknown_without_a_total__nobody_knows),
        cmocka_unit_test(symbol__not_in_that_language__not_published),
        cmocka_unit_test(symbol__of_a_deleted_record__not_found),
        cmocka_unit_test(symbol__files_challenged__blocked),
        cmocka_unit_test(symbol__some_files_missing__partial),
        cmocka_unit_test(file__restricted_missing_or_a_page__each_its_outcome),
        cmocka_unit_test(address__of_a_record_or_a_file__delivered),
        cmocka_unit_test(key__wrong__resolver_says_so),
    };
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
