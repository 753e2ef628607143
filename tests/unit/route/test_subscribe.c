/* What a subscription wants of what a source brings. */
#include "route/subscribe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TEXT(s) ((char *)(uintptr_t)(s))

/* A resolution in two documents, English and French. */
struct harvest {
    Valise__Submission in;
    Valise__About whole, french, *abouts[2];
    Valise__Part parts[2], *list[2];
    char *symbols[1], *bodies[1], *subjects[1];
};

static void make(struct harvest *h)
{
    valise__submission__init(&h->in);
    valise__about__init(&h->whole);
    valise__about__init(&h->french);
    for (size_t i = 0; i < 2; i++) {
        valise__part__init(&h->parts[i]);
        h->list[i] = &h->parts[i];
    }
    h->symbols[0] = TEXT("A/RES/79/1");
    h->bodies[0] = TEXT("General Assembly");
    h->subjects[0] = TEXT("MIGRATION");
    h->whole.issuer = TEXT("un");
    h->whole.symbols = h->symbols;
    h->whole.n_symbols = 1;
    h->whole.bodies = h->bodies;
    h->whole.n_bodies = 1;
    h->whole.subjects = h->subjects;
    h->whole.n_subjects = 1;
    h->whole.language = TEXT("en");
    h->whole.published = TEXT("2026-11");
    h->french.part = 2;
    h->french.language = TEXT("fr");
    h->abouts[0] = &h->whole;
    h->abouts[1] = &h->french;
    h->in.about = h->abouts;
    h->in.n_about = 2;
    h->in.parts = h->list;
    h->in.n_parts = 2;
}

static struct vls_subscription wanting(const char *symbols, const char *bodies, const char *topics,
                                       const char *languages, const char *since)
{
    return (struct vls_subscription){.symbols = symbols,
                                     .bodies = bodies,
                                     .topics = topics,
                                     .languages = languages,
                                     .since = since};
}

#define BOTH    3u
#define ENGLISH 1u
#define FRENCH  2u

static void wants__each_list_counts__of_its_values_one(void **state)
{
    const struct {
        struct vls_subscription one;
        uint64_t wanted;
    } CASES[] = {
        {wanting("A/RES/*\n", "", "", "", ""), BOTH},
        {wanting("S/RES/*\nA/RES/79/1\n", "", "", "", ""), BOTH},
        {wanting("a/res/*/1\n", "", "", "", ""), BOTH},
        {wanting("*\n", "", "", "", ""), BOTH},
        {wanting("A/RES/78/*\n", "", "", "", ""), 0},
        {wanting("A/RES/79\n", "", "", "", ""), 0},
        {wanting("", "general assembly\n", "", "", ""), BOTH},
        {wanting("", "Security Council\nGeneral Assembly\n", "", "", ""), BOTH},
        {wanting("", "General\n", "", "", ""), 0},
        {wanting("", "", "migration\n", "", ""), BOTH},
        {wanting("A/RES/*\n", "", "trade\n", "", ""), 0},
        {wanting("A/RES/*\n", "General Assembly\n", "migration\n", "fr\n", "2026-01-01"), FRENCH},
        {wanting("*\n", "", "", "en\n", ""), ENGLISH},
        {wanting("*\n", "", "", "EN\nFR\n", ""), BOTH},
        {wanting("*\n", "", "", "ru\n", ""), 0},
        {wanting("*\n", "", "", "", "2026-11-30"), BOTH}, /* as precise as it is stated */
        {wanting("*\n", "", "", "", "2026-12-01"), 0},
        {wanting("*\n", "", "", "", "2025-12-01"), BOTH},
    };
    struct harvest h;
    (void)state;
    make(&h);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
        if (vls_subscribe_wants(&CASES[i].one, &h.in) != CASES[i].wanted)
            fail_msg("case %zu", i);
}

static void wants__what_is_not_stated__is_in_no_list_and_counts_as_new(void **state)
{
    struct vls_subscription by_language = wanting("*\n", "", "", "en\n", ""),
                            by_date = wanting("*\n", "", "", "", "2026-12-01"),
                            by_topic = wanting("", "", "migration\n", "", ""),
                            all = wanting("*\n", "", "", "", "");
    struct harvest h;
    char *topics[] = {TEXT("Migration")};
    (void)state;
    make(&h);
    h.whole.language = h.whole.published = TEXT("");
    h.whole.n_subjects = 0;
    assert_int_equal(vls_subscribe_wants(&by_language, &h.in), 0);
    assert_int_equal(vls_subscribe_wants(&by_date, &h.in), BOTH);
    assert_int_equal(vls_subscribe_wants(&by_topic, &h.in), 0);
    h.in.topics = topics; /* the source states them of the message */
    h.in.n_topics = 1;
    assert_int_equal(vls_subscribe_wants(&by_topic, &h.in), BOTH);
    h.in.n_about = 0; /* and nothing else */
    assert_int_equal(vls_subscribe_wants(&all, &h.in), 0);
}

static void fits__stars__stand_for_anything(void **state)
{
    static const struct {
        const char *pattern, *symbol;
        bool fits;
    } CASES[] = {
        {"A/RES/79/1", "A/RES/79/1", true},
        {"A/RES/79/1", "A/RES/79/10", false},
        {"*/Add.*", "A/70/976/Add.1", true},
        {"*/ADD.*", "A/70/976", false},
        {"A/*/976", "A/70/976", true},
        {"A/*/*/976", "A/70/976", false},
        {"A/C.3/78/L.*", "A/C.3/78/L.12", true},
        {"S/RES/2803*", "S/RES/2803 (2025)", true},
        {"**", "A/1", true},
        {"", "A/1", false},
        {"*1*1*1*2", "A/111111111111111111111111111111111111", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
        if (vls_subscribe_fits("un", CASES[i].pattern, CASES[i].symbol) != CASES[i].fits)
            fail_msg("%s and %s", CASES[i].pattern, CASES[i].symbol);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wants__each_list_counts__of_its_values_one),
        cmocka_unit_test(wants__what_is_not_stated__is_in_no_list_and_counts_as_new),
        cmocka_unit_test(fits__stars__stand_for_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
