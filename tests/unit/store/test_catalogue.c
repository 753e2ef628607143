/* What is held: found by words in six languages, by symbol, by what refers to it; and forgotten. */
#include "store/catalogue.h"

#include <stdio.h>
#include <string.h>

#include "document/shingle.h"
#include "store_fixture.h"

static struct vls_catalogue_name name_of(const char *symbol, const char *base, uint32_t relates)
{
    return (struct vls_catalogue_name){symbol, symbol, base, relates, 0};
}

struct given {
    uint32_t number;
    enum vls_direction direction;
    const char *party, *language, *title, *symbol, *base, *refers_to;
    const uint8_t *minhash;
};

static void keep(struct fixture *f, const struct given *g)
{
    struct vls_message m = make_message(g->number);
    struct vls_buf words;
    const struct vls_catalogue_name symbol = name_of(g->symbol, g->base, 0);
    const struct vls_catalogue_name relation = name_of(g->refers_to, g->refers_to, 4);
    struct vls_holding h = {.id = m.id,
                            .part = 1,
                            .direction = g->direction,
                            .party = g->party,
                            .label = "s/unclassified",
                            .issuer = "un",
                            .language = g->language,
                            .title = g->title,
                            .held_ms = g->number,
                            .minhash = {g->minhash, g->minhash != NULL ? VLS_MINHASH_BYTES : 0}};
    struct vls_holding_more more = {.symbols = &symbol,
                                    .symbol_count = g->symbol != NULL,
                                    .relations = &relation,
                                    .relation_count = g->refers_to != NULL};
    vls_buf_init(&words, 4096);
    assert_true(vls_ok(vls_text_search_form(g->title, false, &words)));
    more.text_title = vls_buf_text(&words);
    more.text_symbols = "a 70 976";
    if (g->minhash != NULL)
        vls_minhash_bands(g->minhash, more.bands);
    assert_done(f, vls_store_add(f->store, &m, &f->why));
    assert_done(f, vls_catalogue_add(f->store, &h, &more, &f->why));
    vls_buf_fini(&words);
}

struct seen {
    size_t count, limit;
    uint32_t numbers[16];
    char title[256], name[64];
    uint32_t relates;
    enum vls_state state;
};

/* vls_holding_fn */
static struct vls_status see(void *ctx, const struct vls_holding *h,
                             const struct vls_catalogue_name *name, struct vls_why *why)
{
    struct seen *seen = ctx;
    (void)why;
    if (seen->limit != 0 && seen->count == seen->limit)
        return (struct vls_status){VLS_STORE_FULL};
    seen->numbers[seen->count++] = (uint32_t)h->held_ms;
    seen->state = h->state;
    snprintf(seen->title, sizeof seen->title, "%s", h->title);
    snprintf(seen->name, sizeof seen->name, "%s", name != NULL ? name->printed : "");
    seen->relates = name != NULL ? name->relates : 0;
    return VLS_DONE;
}

static struct seen search(struct fixture *f, const struct vls_catalogue_filter *filter)
{
    struct seen seen = {.count = 0};
    assert_done(f, vls_catalogue_search(f->store, filter, see, &seen, &f->why));
    return seen;
}

static struct seen match(struct fixture *f, const char *words)
{
    struct vls_buf form;
    struct vls_catalogue_filter filter = {.match = NULL};
    vls_buf_init(&form, 1024);
    assert_true(vls_ok(vls_buf_add_text(&form, "\"")));
    assert_true(vls_ok(vls_text_search_form(words, false, &form)));
    assert_true(vls_ok(vls_buf_add_text(&form, "\"")));
    filter.match = vls_buf_text(&form);
    struct seen seen = search(f, &filter);
    vls_buf_fini(&form);
    return seen;
}

static const struct given SIX[] = {
    {1, VLS_OUT, "iom", "en", "Draft Agreement on the relationship", "A/70/976", "A/70/976", NULL,
     NULL},
    {2, VLS_OUT, "iom", "fr", "Projet d'accord régissant les relations", "A/70/976", "A/70/976",
     NULL, NULL},
    {3, VLS_OUT, "iom", "es", "Proyecto de acuerdo: la migración", "A/70/976", "A/70/976", NULL,
     NULL},
    {4, VLS_OUT, "iom", "ru", "Проект соглашения о взаимоотношениях", "A/70/976", "A/70/976", NULL,
     NULL},
    {5, VLS_OUT, "iom", "ar", "مشروع اتفاقٍ بشأن العلاقة بين الأمم المتحدة", "A/70/976", "A/70/976",
     NULL, NULL},
    {6, VLS_OUT, "iom", "zh", "联合国与国际移民组织关系协定草案", "A/70/976", "A/70/976", NULL,
     NULL},
};

static void keep_six(struct fixture *f)
{
    fixture_begin(f);
    for (size_t i = 0; i < 6; i++)
        keep(f, &SIX[i]);
    fixture_commit(f);
}

static void search__each_of_six_languages__finds_its_title(void **state)
{
    static const struct {
        const char *words;
        uint32_t number;
    } ROWS[] = {{"AGREEMENT", 1}, {"regissant", 2}, {"migracion", 3},
                {"ПРОЕКТ", 4},    {"اتفاق", 5},     {"الامم", 5},
                {"国际移民", 6},  {"草案", 6},      {"移民组织关系协定", 6}};
    struct fixture *f = *state;
    keep_six(f);
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct seen seen = match(f, ROWS[i].words);
        assert_int_equal(seen.count, 1);
        assert_int_equal(seen.numbers[0], ROWS[i].number);
        assert_string_equal(seen.title, SIX[ROWS[i].number - 1].title);
    }
    assert_int_equal(match(f, "民移").count, 0);
    assert_int_equal(match(f, "A/70/976").count, 6);
}

static void search__symbol_language_party_direction__narrow_it(void **state)
{
    struct fixture *f = *state;
    keep_six(f);
    struct vls_catalogue_filter filter = {.issuer = "un", .symbol = "A/70/976"};
    assert_int_equal(search(f, &filter).count, 6);
    filter.language = "fr";
    assert_int_equal(search(f, &filter).numbers[0], 2);
    filter.language = "f";
    assert_int_equal(search(f, &filter).count, 0);
    filter.language = NULL;
    filter.begins = "A/70/";
    assert_int_equal(search(f, &filter).count, 6);
    filter.begins = "A/71/";
    assert_int_equal(search(f, &filter).count, 0);
    filter = (struct vls_catalogue_filter){.party = "iom", .direction = VLS_IN};
    assert_int_equal(search(f, &filter).count, 0);
    filter.direction = VLS_OUT;
    struct seen seen = search(f, &filter);
    assert_int_equal(seen.count, 6);
    assert_int_equal(seen.numbers[0], 6); /* newest first */
    assert_int_equal(seen.state, VLS_STATE_RELEASED);
    seen = (struct seen){.limit = 2};
    assert_done(f, vls_catalogue_search(f->store, &filter, see, &seen, &f->why));
    assert_int_equal(seen.count, 2);
}

static void search__words_that_are_no_query__our_bug_and_nothing_broken(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {.count = 0};
    const struct vls_catalogue_filter filter = {.match = "\"open"};
    keep_six(f);
    assert_code(f, VLS_SYSTEM_BUG,
                vls_catalogue_search(f->store, &filter, see, &seen, &f->why));
    assert_int_equal(match(f, "agreement").count, 1); /* and nothing is broken */
}

static void kin_and_referring__by_base__both_ways(void **state)
{
    static const struct given ROWS[] = {
        {1, VLS_OUT, "iom", "en", "t", "A/70/976", "A/70/976", NULL, NULL},
        {2, VLS_IN, "iom", "en", "t", "A/70/976/REV.1", "A/70/976", NULL, NULL},
        {3, VLS_IN, "iom", "en", "t", "A/RES/70/296", "A/RES/70/296", "A/70/976", NULL}};
    struct fixture *f = *state;
    struct seen seen = {.count = 0};
    fixture_begin(f);
    for (size_t i = 0; i < 3; i++)
        keep(f, &ROWS[i]);
    fixture_commit(f);
    fixture_reopen(f);
    assert_done(f, vls_catalogue_kin(f->store, "un", "A/70/976", NULL, 0, see, &seen, &f->why));
    assert_int_equal(seen.count, 2);
    assert_string_equal(seen.name, "A/70/976");
    seen = (struct seen){.count = 0};
    assert_done(f, vls_catalogue_kin(f->store, "iom", "A/70/976", NULL, 0, see, &seen, &f->why));
    assert_int_equal(seen.count, 0);
    assert_done(f, vls_catalogue_referring(f->store, "un", "A/70/976", see, &seen, &f->why));
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.numbers[0], 3);
    assert_int_equal(seen.relates, 4);
}

static void candidates__with_a_band_in_common__and_no_others(void **state)
{
    uint8_t one[VLS_MINHASH_BYTES], two[VLS_MINHASH_BYTES], other[VLS_MINHASH_BYTES];
    uint64_t bands[VLS_MINHASH_BANDS];
    struct fixture *f = *state;
    struct seen seen = {.count = 0};
    _Static_assert(VLS_MINHASH_BANDS == VLS_CATALOGUE_BANDS, "both are the same bands");
    memset(one, 7, sizeof one);
    memset(two, 9, sizeof two);
    memset(two, 7, 4 * VLS_MINHASH_BAND_ROWS); /* one band */
    memset(other, 200, sizeof other);
    fixture_begin(f);
    keep(f, &(struct given){1, VLS_OUT, "iom", "", "t", "X/1", "X/1", NULL, one});
    keep(f, &(struct given){2, VLS_OUT, "iom", "", "t", "X/2", "X/2", NULL, other});
    keep(f, &(struct given){3, VLS_OUT, "wfp", "", "t", "X/3", "X/3", NULL, one});
    fixture_commit(f);
    vls_minhash_bands(two, bands);
    assert_done(f, vls_catalogue_candidates(f->store, bands, "iom", VLS_OUT, see, &seen, &f->why));
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.numbers[0], 1);
}

static void overlap__what_both_sent_each_other__in_the_same_language(void **state)
{
    static const struct given ROWS[] = {
        {1, VLS_OUT, "iom", "en", "t", "A/70/976", "A/70/976", NULL, NULL},
        {2, VLS_OUT, "iom", "fr", "t", "A/70/976", "A/70/976", NULL, NULL},
        {3, VLS_OUT, "wfp", "en", "t", "A/70/976", "A/70/976", NULL, NULL},
        {4, VLS_IN, "iom", "en", "t", "A/70/976", "A/70/976", NULL, NULL},
        {5, VLS_OUT, "iom", "en", "t", "A/70/977", "A/70/977", NULL, NULL}};
    struct fixture *f = *state;
    struct seen seen = {.count = 0};
    fixture_begin(f);
    for (size_t i = 0; i < 5; i++)
        keep(f, &ROWS[i]);
    fixture_commit(f);
    assert_done(f, vls_catalogue_overlap(f->store, NULL, see, &seen, &f->why));
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.numbers[0], 1);
    assert_string_equal(seen.name, "A/70/976");
}

static unsigned rows_in(struct fixture *f, const char *sql)
{
    int64_t count = -1;
    assert_done(f, vls_sqlite_number(f->store->db, sql, &count, &f->why));
    return (unsigned)count;
}

static void forget__a_message__leaves_nothing_of_it(void **state)
{
    uint8_t minhash[VLS_MINHASH_BYTES] = {1};
    struct fixture *f = *state;
    struct vls_id id = make_id(1);
    fixture_begin(f);
    keep(f, &(struct given){1, VLS_OUT, "iom", "en", "secret words", "X/1", "X/1", "X/2", minhash});
    keep(f, &(struct given){2, VLS_OUT, "iom", "en", "other words", "X/3", "X/3", NULL, NULL});
    fixture_commit(f);
    fixture_begin(f);
    assert_done(f, vls_catalogue_forget(f->store, &id, &f->why));
    assert_done(f, vls_catalogue_forget(f->store, &id, &f->why));
    fixture_commit(f);
    assert_int_equal(match(f, "secret").count, 0);
    assert_int_equal(match(f, "other").count, 1);
    assert_int_equal(rows_in(f, "SELECT count(*) FROM holding"), 1);
    assert_int_equal(rows_in(f, "SELECT count(*) FROM holding_name"), 1);
    assert_int_equal(rows_in(f, "SELECT count(*) FROM holding_band"), 0);
    assert_int_equal(rows_in(f, "SELECT count(*) FROM holding_text"), 1);
    assert_int_equal(rows_in(f, "SELECT count(*) FROM holding_text_content WHERE c1 LIKE '%sec%'"),
                     0);
}

static void add__same_part_twice__refused_and_nothing_broken(void **state)
{
    struct fixture *f = *state;
    const struct vls_holding_more more = {.symbols = NULL};
    struct vls_holding h = {.id = make_id(1), .part = 1, .direction = VLS_OUT};
    fixture_begin(f);
    keep(f, &SIX[0]);
    assert_code(f, VLS_STORE_EXISTS, vls_catalogue_add(f->store, &h, &more, &f->why));
    h.part = 2;
    assert_done(f, vls_catalogue_add(f->store, &h, &more, &f->why));
    fixture_commit(f);
    struct seen seen = {.count = 0};
    assert_done(f, vls_catalogue_of(f->store, &h.id, see, &seen, &f->why));
    assert_int_equal(seen.count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(search__each_of_six_languages__finds_its_title),
        TEST(search__symbol_language_party_direction__narrow_it),
        TEST(search__words_that_are_no_query__our_bug_and_nothing_broken),
        TEST(kin_and_referring__by_base__both_ways),
        TEST(candidates__with_a_band_in_common__and_no_others),
        TEST(overlap__what_both_sent_each_other__in_the_same_language),
        TEST(forget__a_message__leaves_nothing_of_it),
        TEST(add__same_part_twice__refused_and_nothing_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
