/* Pages, records and what they say, from fixtures, cut at every byte; and from samples where they
 * lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "marc/about.h"
#include "marc/language.h"
#include "marc/page.h"
#include "marc/pending.h"
#include "marc/stamp.h"

#define RECORD(symbol)                                                                             \
    "<record><controlfield tag=\"001\">7</controlfield>"                                           \
    "<datafield tag=\"191\" ind1=\" \" ind2=\"\\\"><subfield code=\"a\">" symbol "</subfield>"     \
    "</datafield><datafield tag=\"245\" ind1=\"1\" ind2=\"0\"><subfield code=\"a\">Migration :"    \
    "</subfield><subfield code=\"b\">draft &amp; more /</subfield></datafield>"                    \
    "<datafield tag=\"967\" ind1=\" \" ind2=\" \"><subfield code=\"c\">FJI</subfield>"             \
    "<subfield code=\"d\">Y</subfield></datafield>"                                                \
    "<datafield tag=\"856\" ind1=\"4\" ind2=\" \"><subfield code=\"u\">"                           \
    "http://digitallibrary.un.org/record/7/files/A_RES_1%282025%29-FR.pdf</subfield>"              \
    "<subfield code=\"y\">FranÃ§ais</subfield><subfield code=\"s\">12</subfield></datafield>"    \
    "</record>"
#define COLLECTION(total, records)                                                                 \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" total                                           \
    "<collection xmlns=\"http://www.loc.gov/MARC21/slim\">" records "</collection>\n"
#define TOTAL "<!-- Search-Engine-Total-Number-Of-Results: 94 -->\n"

/* All of a page, in pieces of so many bytes; the first record's symbol into `out`. */
static struct page_facts read_page(const char *text, size_t len, size_t piece, struct about *about)
{
    struct page *page = page_new();
    const struct page_record *r;
    unsigned got = 0;
    assert_non_null(page);
    for (size_t at = 0; at < len; at += piece) {
        size_t n = len - at < piece ? len - at : piece;
        assert_true(vls_ok(page_feed(page, VLS_SLICE(text + at, n))));
        while ((r = page_take(page)) != NULL)
            if (got++ == 0 && about != NULL)
                assert_true(vls_ok(about_read(about, &r->record)));
    }
    assert_true(vls_ok(page_end(page)));
    while ((r = page_take(page)) != NULL)
        if (got++ == 0 && about != NULL)
            assert_true(vls_ok(about_read(about, &r->record)));
    struct page_facts facts = *page_facts(page);
    assert_int_equal(facts.records, got);
    page_free(&page);
    return facts;
}

static struct page_facts facts_of(const char *text)
{
    return read_page(text, strlen(text), 7, NULL);
}

static void page__in_pieces_of_any_size__the_same(void **state)
{
    static const char TEXT[] = COLLECTION(TOTAL, RECORD("A/RES/81/1") RECORD("S/2026/1"));
    struct about about;
    (void)state;
    about_init(&about);
    for (size_t piece = 1; piece < 40; piece++) {
        struct page_facts facts = read_page(TEXT, sizeof TEXT - 1, piece, &about);
        assert_int_equal(facts.records, 2);
        assert_int_equal(facts.total, 94);
        assert_true(facts.is_complete);
        assert_string_equal(about.symbols[0], "A/RES/81/1");
    }
    about_fini(&about);
}

static void page__cut_at_any_byte__not_whole_and_no_record_made_up(void **state)
{
    static const char TEXT[] = COLLECTION(TOTAL, RECORD("A/RES/81/1"));
    (void)state;
    for (size_t len = 0; len + 2 < sizeof TEXT; len++) {
        struct page_facts facts = read_page(TEXT, len, 64, NULL);
        assert_false(facts.is_complete);
        assert_int_equal(facts.damaged, 0);
    }
}

static void total__in_no_comment__is_unknown_and_not_0(void **state)
{
    (void)state;
    assert_int_equal(facts_of(COLLECTION("", "")).total, -1);
    assert_int_equal(facts_of("<response><total>0</total><collection/></response>").total, 0);
}

static void page__of_another_kind__told_apart(void **state)
{
    (void)state;
    assert_int_equal(facts_of("").form, PAGE_NOTHING);
    assert_int_equal(facts_of(" \n\t ").form, PAGE_NOTHING);
    assert_int_equal(facts_of("\n<!DOCTYPE html><p>").form, PAGE_HTML);
    assert_int_equal(facts_of("<?xml version='1.0'?>\n<html/>").form, PAGE_HTML);
    assert_int_equal(facts_of("{\"error\": \"x\"}").form, PAGE_JSON);
    assert_int_equal(facts_of("Retry after 2 seconds").form, PAGE_OTHER);
}

static void page__with_mark_or_blank_line_before__read(void **state)
{
    (void)state;
    assert_int_equal(facts_of("\xEF\xBB\xBF" COLLECTION(TOTAL, RECORD("A/1"))).records, 1);
    assert_int_equal(facts_of("\n\r\n" COLLECTION(TOTAL, RECORD("A/1"))).records, 1);
}

static void characters__forbidden__replaced_and_counted(void **state)
{
    struct page_facts facts = facts_of(COLLECTION(TOTAL, RECORD("A/\x0b&#1;&#x1F;\xFF/1")));
    (void)state;
    assert_int_equal(facts.records, 1);
    assert_int_equal(facts.replaced, 4);
}

static void record__broken_between_good_ones__left_out_alone(void **state)
{
    struct page_facts facts =
        facts_of(COLLECTION("", RECORD("A/1") RECORD("<bogus>A/2") RECORD("A/3")));
    (void)state;
    assert_int_equal(facts.records, 2);
    assert_int_equal(facts.damaged, 1);
    assert_true(facts.is_complete);
    assert_non_null(strstr(facts.damage, "record 2"));
}

static void page__with_entities_or_deep__refused(void **state)
{
    static char deep[40000];
    size_t used = 0;
    (void)state;
    struct page_facts facts = facts_of("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>");
    assert_true(facts.is_refused && !facts.is_complete);
    for (int i = 0; i < 10000; i++)
        used += (size_t)snprintf(deep + used, sizeof deep - used, "<a>");
    facts = facts_of(deep);
    assert_true(facts.is_refused && !facts.is_complete);
}

static void record__larger_than_a_record_may_be__left_out(void **state)
{
    size_t len = MARC_MAX_TEXT + 4096, used;
    char *text = vls_mem_new(len + 4096);
    (void)state;
    used = (size_t)snprintf(text, 4096, "<collection><record><controlfield tag=\"001\">");
    memset(text + used, 'x', len);
    snprintf(text + used + len, 4096 - used, "%s",
             "</controlfield></record>" RECORD("A/1") "</collection>");
    struct page_facts facts = read_page(text, strlen(text), 5000, NULL);
    assert_int_equal(facts.damaged, 1);
    assert_int_equal(facts.records, 1);
    vls_mem_free(text);
}

static void about__of_a_record__says_what_stands_there(void **state)
{
    static const char TEXT[] = COLLECTION("", RECORD("S/RES/2803 (2025)"));
    struct about about;
    (void)state;
    about_init(&about);
    (void)read_page(TEXT, sizeof TEXT - 1, 100, &about);
    assert_string_equal(about.symbols[0], "S/RES/2803 (2025)");
    assert_string_equal(about.title, "Migration : draft & more");
    assert_int_equal(about.votes[0], 1);
    assert_int_equal(about.file_count, 1);
    assert_string_equal(about.files[0].language, "fr"); /* its label is encoded twice */
    assert_string_equal(about.files[0].label, "Français");
    assert_string_equal(about.files[0].name, "A_RES_1(2025)-FR.pdf");
    assert_memory_equal(about.files[0].url, "https://", 8);
    assert_int_equal(about.files[0].bytes, 12);
    assert_true(about.was_twice_encoded);
    assert_true(about_has_symbol(&about, "s/res/2803 (2025)"));
    assert_false(about_has_symbol(&about, "S/RES/280"));
    about_fini(&about);
}

static void language__of_labels_and_codes__known(void **state)
{
    static const char *const KNOWN[][2] = {{"العربية", "ar"}, {"中文", "zh"},    {"ENGLISH", "en"},
                                           {"fre", "fr"},     {"Русский", "ru"}, {"Deutsch", "de"},
                                           {"EspaÃ±ol", "es"}};
    char plain[] = "Français";
    (void)state;
    for (size_t i = 0; i < sizeof KNOWN / sizeof KNOWN[0]; i++)
        assert_string_equal(language_of(KNOWN[i][0]), KNOWN[i][1]);
    assert_null(language_of("Klingon"));
    assert_false(language_undo_twice(plain)); /* what means what it says stays */
}

static void stamp_005__of_the_library__is_us_eastern_time(void **state)
{
    static const char *const TIMES[][2] = {{"20230919145513.0", "2023-09-19T18:55:13Z"},
                                           {"20231105003000.0", "2023-11-05T04:30:00Z"},
                                           {"20231105013000.0", "2023-11-05T06:30:00Z"},
                                           {"20240115120000.0", "2024-01-15T17:00:00Z"}};
    char text[STAMP_TEXT];
    int64_t at;
    (void)state;
    for (size_t i = 0; i < sizeof TIMES / sizeof TIMES[0]; i++) {
        assert_true(stamp_read_005(TIMES[i][0], &at));
        stamp_print(at, true, text);
        assert_string_equal(text, TIMES[i][1]);
    }
    assert_false(stamp_read("2023-02-29", &at));
    assert_true(stamp_is_partial("2026") && stamp_is_partial("2026-11") &&
                stamp_is_partial("2026-11-30"));
    assert_false(stamp_is_partial("Nov. 2026") || stamp_is_partial("2026-13") ||
                 stamp_is_partial("2026-"));
}

static void pending__outcomes_in_any_order__frontier_never_passes_an_open_one(void **state)
{
    struct pending p = {0};
    (void)state;
    uint64_t one = pending_add(&p, "behind 1"), two = pending_add(&p, "behind 2"),
             three = pending_add(&p, "behind 3");
    pending_settle(&p, two, true);
    assert_null(p.frontier);
    pending_settle(&p, one, true);
    assert_string_equal(p.frontier, "behind 2");
    pending_settle(&p, three, false);
    assert_true(p.must_go_back);
    assert_string_equal(p.frontier, "behind 2");
    pending_fini(&p);
}

static void samples__where_they_lie__read_whole(void **state)
{
    static const struct {
        const char *file;
        uint64_t records;
        int64_t total;
        bool is_complete;
    } SAMPLES[] = {
        {"un-digital-library/session_78_committee_3_drafts.xml", 94, 94, true},
        {"tind-platform-sibling/records-api-search-p1.xml", 100, 554, true},
        {"tind-platform-sibling/records-api-search-p7.xml", 0, 554, true},
        {"dlx-marc/marc.xml", 2, -1, true},
        {"derived-broken/undl-ctrl-char.xml", 1, 94, true},
        {"derived-broken/undl-no-ns-prefix.xml", 1, 94, true},
        {"derived-broken/undl-no-total-comment.xml", 1, -1, true},
        {"derived-broken/undl-truncated-mid-record.xml", 0, 94, false},
        {"oai-pmh/sickle/ListRecords.xml", 2, -1, true},
        {"oai-pmh/sickle/ListRecords4.xml", 2, -1, true},
    };
    const char *where = getenv("VALISE_SAMPLES");
    unsigned seen = 0;
    (void)state;
    for (size_t i = 0; i < sizeof SAMPLES / sizeof SAMPLES[0]; i++) {
        char path[512];
        struct vls_buf bytes;
        vls_buf_init(&bytes, 8u << 20);
        snprintf(path, sizeof path, "%s/%s",
                 where != NULL ? where : VALISE_SOURCE_DIR "/../shared/samples", SAMPLES[i].file);
        if (vls_ok(vls_file_read(path, &bytes, NULL))) {
            struct page_facts facts = read_page((const char *)bytes.at, bytes.len, 1000, NULL);
            assert_int_equal(facts.records, SAMPLES[i].records);
            assert_int_equal(facts.total, SAMPLES[i].total);
            assert_int_equal(facts.is_complete, SAMPLES[i].is_complete);
            seen++;
        }
        vls_buf_fini(&bytes);
    }
    if (seen == 0)
        skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page__in_pieces_of_any_size__the_same),
        cmocka_unit_test(page__cut_at_any_byte__not_whole_and_no_record_made_up),
        cmocka_unit_test(total__in_no_comment__is_unknown_and_not_0),
        cmocka_unit_test(page__of_another_kind__told_apart),
        cmocka_unit_test(page__with_mark_or_blank_line_before__read),
        cmocka_unit_test(characters__forbidden__replaced_and_counted),
        cmocka_unit_test(record__broken_between_good_ones__left_out_alone),
        cmocka_unit_test(page__with_entities_or_deep__refused),
        cmocka_unit_test(record__larger_than_a_record_may_be__left_out),
        cmocka_unit_test(about__of_a_record__says_what_stands_there),
        cmocka_unit_test(language__of_labels_and_codes__known),
        cmocka_unit_test(stamp_005__of_the_library__is_us_eastern_time),
        cmocka_unit_test(pending__outcomes_in_any_order__frontier_never_passes_an_open_one),
        cmocka_unit_test(samples__where_they_lie__read_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
