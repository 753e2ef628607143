/* What is wrong with an arrangement is found, with its place; and nothing is found that is not. */
#include <stdio.h>

#include "base/text.h"
#include "policy/generate.h"
#include "policy/policy_test.h"
#include "policy/survey_internal.h"

static struct label_schemes schemes;

static int set_up(void **state)
{
    (void)state;
    schemes = load_schemes();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    vls_scheme_set_free(&schemes.set);
    return 0;
}

/* -- one file, one finding --------------------------------------------------------------------- */

static struct vls_survey survey_at(const char *yaml, const char *house_yaml, uint64_t at_ms)
{
    struct vls_arrangement *a = read_arrangement(&schemes, yaml), *house = NULL;
    struct vls_survey survey;
    struct vls_why why = {""};
    if (house_yaml != NULL)
        house = read_house(&schemes, a, house_yaml);
    const struct vls_survey_question question = {
        .joint = a,
        .house = house,
        .file = "t.yaml",
        .house_file = "h.yaml",
        .yaml = vls_slice_text(yaml),
        .house_yaml = vls_slice_text(house_yaml),
        .at_ms = at_ms,
    };
    struct vls_status s = vls_survey_make(&question, &survey, &why);
    vls_arrangement_free(&house);
    vls_arrangement_free(&a);
    if (!vls_ok(s))
        fail_msg("%s", why.text);
    return survey;
}

/** NULL when there is none of that code with those words in it. */
static const struct vls_finding *find_words(const struct vls_survey *survey, const char *code,
                                            const char *words)
{
    for (size_t i = 0; i < survey->count; i++)
        if (strcmp(survey->at[i].code, code) == 0 && strstr(survey->at[i].words, words) != NULL)
            return &survey->at[i];
    return NULL;
}

static const struct vls_finding *find(const struct vls_survey *survey, const char *code)
{
    return find_words(survey, code, "");
}

#define BODIES_AND_RULES                                                                           \
    "bodies:\n"                                                                                    \
    "  - { id: here, name: Here, members: [m] }\n"                                                 \
    "  - { id: never, name: Never, until: 2019-01-01 }\n"                                          \
    "  - { id: past, name: Past, until: 2022-01-01 }\n"                                            \
    "rules:\n"
#define HEAD_WITH_BODIES                                                                           \
    "arrangement: test/one\nversion: 1\nbasis: a test\n"                                           \
    "in-force: { not-before: 2020-01-01, expires: 2030-01-01 }\n"                                  \
    "parties:\n"                                                                                   \
    "  - { id: un, name: United Nations, scheme: un-sgb-2007-6 }\n"                                \
    "  - { id: iom, name: Organization, scheme: un-sgb-2007-6 }\n" BODIES_AND_RULES
#define RULE(id, effect, when)                                                                     \
    "  - { id: " id ", effect: " effect ", basis: '1', when: { " when " } }\n"
#define AT_MOST "label: { at-most: " LOW " }"

static const struct {
    const char *yaml;
    const char *code, *rule;
    enum vls_severity severity;
    const char *words; /* some of them */
} FINDINGS[] = {
    {RULE("a", "refer", "kind: travel-document, safeguards: missing"), "unreachable", "a",
     VLS_SEVERITY_ERROR, "without safeguards"},
    {RULE("a", "refer", "kind: information-response, answers: [nothing]"), "unreachable", "a",
     VLS_SEVERITY_ERROR, "always answers something"},
    {RULE("a", "refer", "body: never"), "unreachable", "a", VLS_SEVERITY_ERROR,
     "the body never does not exist"},
    {RULE("a", "refer", "kind: invitation, from: un, originator: [iom], third-party: no"),
     "unreachable", "a", VLS_SEVERITY_ERROR, "third party"},
    {RULE("a", "refer", "kind: recall, from: un, originator: [iom], third-party: no"),
     "unreachable", "a", VLS_SEVERITY_ERROR, "originator"},
    {RULE("a", "withhold", "kinds: [written-statement, report], body: past"), "dead-value", "a",
     VLS_SEVERITY_WARNING, "written-statement never matches here"},
    {RULE("a", "refer", "bodies: [here, never]"), "dead-value", "a", VLS_SEVERITY_WARNING,
     "never never matches here"},
    {RULE("a", "refer", "body: past"), "rule-ended", "a", VLS_SEVERITY_WARNING, "have ended"},
    {RULE("a", "refer", "body: here"), "body-ended", "", VLS_SEVERITY_NOTICE, "2022-01-01"},
    {RULE("a", "refer", "kind: publication"), "kind-withheld", "", VLS_SEVERITY_NOTICE,
     "information-request"},
    {RULE("a", "release", "kind: publication, " AT_MOST)
         RULE("b", "withhold", "kinds: [publication], " AT_MOST),
     "contradiction", "b", VLS_SEVERITY_ERROR, "always b"},
    {RULE("a", "refer", "kinds: [report, publication]")
         RULE("b", "refer", "kinds: [publication, report]"),
     "doubled", "b", VLS_SEVERITY_WARNING, "same effect as a"},
    {RULE("a", "release", "kind: publication, from: un, " AT_MOST)
         RULE("b", "withhold", "kinds: [publication, report]"),
     "shadowed", "a", VLS_SEVERITY_WARNING, "covered by b (withhold, line 14)"},
    /* two of them do it together, a third has no part in it */
    {RULE("a", "release", "kind: publication, " AT_MOST) RULE("b", "refer", "max-bytes: 99")
         RULE("c", "withhold", "min-bytes: 100") RULE("d", "refer", "duplicate: yes"),
     "shadowed", "a", VLS_SEVERITY_WARNING,
     "covered by b (refer, line 14) and c (withhold, line 15)"},
    {RULE("a", "release", "kind: publication, audience: [press], " AT_MOST)
         RULE("b", "refer", "audience: [press, public]"),
     "shadowed", "a", VLS_SEVERITY_WARNING, "covered by b"},
};

static void survey__each_fault__is_found_at_its_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof FINDINGS / sizeof FINDINGS[0]; i++) {
        char yaml[4096];
        snprintf(yaml, sizeof yaml, "%s%s", HEAD_WITH_BODIES, FINDINGS[i].yaml);
        struct vls_survey survey = survey_at(yaml, NULL, NOW_MS);
        const struct vls_finding *f = find_words(&survey, FINDINGS[i].code, FINDINGS[i].words);
        if (f == NULL)
            fail_msg("case %zu: no finding %s: %s", i, FINDINGS[i].code, FINDINGS[i].words);
        assert_int_equal(f->severity, FINDINGS[i].severity);
        assert_string_equal(f->rule, FINDINGS[i].rule);
        assert_int_not_equal(f->line, 0);
        assert_string_equal(f->file, "t.yaml");
        vls_survey_fini(&survey);
    }
}

static const char *const CLEAN[] = {
    /* what is stricter leaves something */
    RULE("a", "release", "kind: publication, " AT_MOST)
        RULE("b", "withhold", "kind: publication, audience: [press]"),
    RULE("a", "release", "kind: publication, audience: [press, public], " AT_MOST)
        RULE("b", "withhold", "audience: [press]"),
    RULE("a", "release", "kind: publication, media-type: ['text/*'], " AT_MOST)
        RULE("b", "refer", "media-type: [text/html]"),
    RULE("a", "refer", "kind: publication, third-party: yes")
        RULE("b", "withhold", "originator: [somebody]"),
    RULE("a", "release", "kind: publication, " AT_MOST) RULE("b", "refer", "min-bytes: 100")
        RULE("c", "withhold", "max-bytes: 98"),
};

static void survey__rule_that_decides_somewhere__not_called_shadowed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CLEAN / sizeof CLEAN[0]; i++) {
        char yaml[4096];
        snprintf(yaml, sizeof yaml, "%s%s", HEAD_WITH_BODIES, CLEAN[i]);
        struct vls_survey survey = survey_at(yaml, NULL, NOW_MS);
        assert_int_equal(survey.counts[VLS_SEVERITY_ERROR], 0);
        assert_int_equal(survey.counts[VLS_SEVERITY_WARNING], 0);
        vls_survey_fini(&survey);
    }
}

static void survey__expiry__near_and_past(void **state)
{
    (void)state;
    static const char YAML[] = ARRANGEMENT RELEASE_PUBLICATION;
    static const struct {
        const char *at;
        const char *code;
    } AT[] = {{"2029-09-01", NULL},
              {"2029-12-01", "expires-soon"},
              {"2029-12-31", "expires-soon"},
              {"2030-01-01", "expired"}};
    for (size_t i = 0; i < sizeof AT / sizeof AT[0]; i++) {
        uint64_t at_ms = 0;
        assert_code(vls_time_read(AT[i].at, &at_ms), OK);
        struct vls_survey survey = survey_at(YAML, NULL, at_ms);
        const struct vls_finding *soon = find(&survey, "expires-soon"),
                                 *over = find(&survey, "expired");
        const char *code = soon != NULL ? soon->code : over != NULL ? over->code : NULL;
        if (AT[i].code == NULL)
            assert_null(code);
        else
            assert_string_equal(code, AT[i].code);
        vls_survey_fini(&survey);
    }
}

/* -- labels of two schemes --------------------------------------------------------------------- */

#define TWO_SCHEMES(equivalences)                                                                  \
    "arrangement: test/one\nversion: 1\nbasis: a test\n"                                           \
    "in-force: { not-before: 2020-01-01, expires: 2030-01-01 }\n"                                  \
    "parties:\n"                                                                                   \
    "  - { id: un, name: United Nations, scheme: un-sgb-2007-6 }\n"                                \
    "  - { id: iom, name: Organization, scheme: other }\n" equivalences                            \
    "rules:\n" RULE("a", "release", "kind: publication, from: un, " AT_MOST)
#define EQUIVALENT(from, to) "  - { from: " from ", to: " to " }\n"

static void survey__equivalence_that_lowers__is_found_at_it(void **state)
{
    (void)state;
    struct vls_survey survey = survey_at(
        TWO_SCHEMES("equivalence:\n" EQUIVALENT(LOW, "other/low") EQUIVALENT(MIDDLE, "other/low")
                        EQUIVALENT(HIGH, "other/top") EQUIVALENT("other/low", LOW)
                            EQUIVALENT("other/high", HIGH) EQUIVALENT("other/top", HIGH)),
        NULL, NOW_MS);
    const struct vls_finding *f = find(&survey, "lowering");
    assert_non_null(f);
    assert_int_equal(f->severity, VLS_SEVERITY_ERROR);
    assert_int_equal(f->line, 10);
    assert_non_null(strstr(f->words, "confidential"));
    assert_null(find(&survey, "unmapped-level"));
    assert_int_equal(survey.counts[VLS_SEVERITY_ERROR], 1);
    vls_survey_fini(&survey);
}

static void survey__levels_without_equivalent__are_named(void **state)
{
    (void)state;
    struct vls_survey survey =
        survey_at(TWO_SCHEMES("equivalence:\n" EQUIVALENT(LOW, "other/low")), NULL, NOW_MS);
    const struct vls_finding *f = find(&survey, "unmapped-level");
    assert_non_null(f);
    assert_non_null(strstr(f->words, "strictly-confidential"));
    assert_null(find(&survey, "lowering"));
    vls_survey_fini(&survey);
}

static void survey__bound_of_a_scheme_that_the_sender_has_not__unreachable(void **state)
{
    (void)state;
    struct vls_survey survey = survey_at(
        TWO_SCHEMES("") RULE("b", "release", "kind: report, from: iom, " AT_MOST), NULL, NOW_MS);
    const struct vls_finding *f = find(&survey, "unreachable");
    assert_non_null(f);
    assert_string_equal(f->rule, "b");
    assert_non_null(strstr(f->words, "iom labels by other"));
    vls_survey_fini(&survey);
}

/* -- house rules ------------------------------------------------------------------------------- */

#define HOUSE "house-rules: test/house\nparty: un\nversion: 1\nrules:\n"

static void survey__house_rule_that_changes_nothing__is_found(void **state)
{
    (void)state;
    static const char JOINT[] = ARRANGEMENT RULE("a", "release", "kind: publication, " AT_MOST)
        RULE("b", "withhold", "kind: publication, duplicate: yes");
    struct vls_survey survey =
        survey_at(JOINT,
                  HOUSE RULE("idle", "withhold", "direction: out, duplicate: yes")
                      RULE("works", "refer", "direction: out, topic: [ethics]")
                          RULE("registers", "release", "direction: in"),
                  NOW_MS);
    const struct vls_finding *f = find(&survey, "shadowed");
    assert_non_null(f);
    assert_string_equal(f->rule, "idle");
    assert_string_equal(f->file, "h.yaml");
    assert_int_equal(survey.counts[VLS_SEVERITY_WARNING], 1);
    assert_int_equal(survey.counts[VLS_SEVERITY_ERROR], 0);
    vls_survey_fini(&survey);
}

static void survey__house_rule_that_asks_what_is_inside_the_seal__never_matches(void **state)
{
    (void)state;
    static const char *const BLIND[] = {
        "topic: [ethics]",  "audience: [staff]", "media-type: [a/b]",       "originator: [un]",
        "third-party: yes", "duplicate: yes",    "distribution: [limited]", "embargo: pending"};
    static const char *const SEEING[] = {"kind: publication", "distribution: [unstated, limited]",
                                         "embargo: none",     "duplicate: no",
                                         "min-bytes: 1",      "third-party: no"};
    static const char JOINT[] = ARRANGEMENT RULE("a", "release", "kind: publication, " AT_MOST);
    char house[512];
    for (size_t i = 0; i < sizeof BLIND / sizeof BLIND[0]; i++) {
        snprintf(house, sizeof house, HOUSE RULE("x", "withhold", "direction: in, %s"), BLIND[i]);
        struct vls_survey survey = survey_at(JOINT, house, NOW_MS);
        const struct vls_finding *f = find(&survey, "unreachable");
        assert_non_null(f);
        assert_non_null(strstr(f->words, "inside the seal"));
        vls_survey_fini(&survey);
    }
    for (size_t i = 0; i < sizeof SEEING / sizeof SEEING[0]; i++) {
        snprintf(house, sizeof house, HOUSE RULE("x", "withhold", "direction: in, %s"), SEEING[i]);
        struct vls_survey survey = survey_at(JOINT, house, NOW_MS);
        assert_null(find(&survey, "unreachable"));
        vls_survey_fini(&survey);
    }
}

static void survey__rule_of_the_arrangement_for_what_comes_in__never_matches(void **state)
{
    (void)state;
    static const char JOINT[] = ARRANGEMENT RULE("a", "release", "kind: publication, " AT_MOST)
        RULE("b", "withhold", "direction: in, kind: publication");
    struct vls_survey survey = survey_at(JOINT, NULL, NOW_MS);
    const struct vls_finding *f = find(&survey, "unreachable");
    assert_non_null(f);
    assert_string_equal(f->rule, "b");
    assert_non_null(strstr(f->words, "house rules alone"));
    vls_survey_fini(&survey);
}

static void survey__more_words_than_are_searched__is_said_and_no_rule_is_called_dead(void **state)
{
    (void)state;
    struct vls_buf yaml;
    vls_buf_init(&yaml, VLS_MAX_ARRANGEMENT_FILE);
    assert_code(vls_buf_add_text(&yaml, ARRANGEMENT), OK);
    for (unsigned i = 0; i <= VLS_SPACE_MAX_VALUES; i++)
        assert_code(vls_buf_add_format(&yaml, RULE("r%u", "refer", "topic: [t%u]"), i, i), OK);
    struct vls_survey survey = survey_at(vls_buf_text(&yaml), NULL, NOW_MS);
    assert_null(find(&survey, "unreachable"));
    assert_non_null(find(&survey, "undetermined"));
    assert_int_equal(survey.counts[VLS_SEVERITY_ERROR], 0);
    vls_survey_fini(&survey);
    vls_buf_fini(&yaml);
}

/* -- the shipped files ------------------------------------------------------------------------- */

static void survey__shipped_arrangement_and_house_rules__without_fault(void **state)
{
    (void)state;
    struct vls_buf joint VLS_DEFER(vls_buf_fini), house VLS_DEFER(vls_buf_fini);
    vls_buf_init(&joint, VLS_MAX_ARRANGEMENT_FILE);
    vls_buf_init(&house, VLS_MAX_ARRANGEMENT_FILE);
    assert_code(vls_file_read(UN_IOM, &joint, NULL), OK);
    assert_code(vls_file_read(HOUSE_RULES, &house, NULL), OK);
    struct vls_survey survey = survey_at(vls_buf_text(&joint), vls_buf_text(&house), NOW_MS);
    for (size_t i = 0; i < survey.count; i++)
        if (survey.at[i].severity != VLS_SEVERITY_NOTICE)
            fail_msg("%s", survey.at[i].words);
    assert_int_equal(survey.count, 3); /* bodies that have ended */
    vls_survey_fini(&survey);
}

/* -- by chance --------------------------------------------------------------------------------- */

#define ARRANGEMENTS 60
#define MESSAGES     1500

/** No message is decided by a rule of which the search says that it never decides. */
static void try_rule(const struct generate_arrangement *g, struct vls_survey_search *search,
                     const struct vls_rule *rule, struct generate_random *random,
                     size_t *out_unfound)
{
    struct vls_survey_catch c;
    struct vls_why why = {""};
    const struct vls_survey_hunt hunt = {.rule = rule, .decides = true};
    struct vls_status s = vls_survey_hunt(search, &hunt, &c, &why);
    if (!vls_ok(s)) /* what it finds is proved there */
        fail_msg("%s", why.text);
    assert_false(c.is_bounded);
    if (c.is_found)
        return;
    ++*out_unfound;
    for (size_t i = 0; i < MESSAGES; i++) {
        struct generate_facts f;
        struct vls_judgement j;
        generate_facts(g, random, &f);
        f.facts.is_incoming = false; /* the arrangement is not asked about what comes in */
        assert_code(vls_judge(&search->books, &f.facts, &j, NULL), OK);
        bool is_matched = false;
        for (size_t k = 0; k < j.matched_count; k++)
            is_matched |= j.matched[k].rule == rule;
        if (is_matched && j.outcome == rule->effect)
            fail_msg("rule %s decides", rule->id);
        vls_judgement_fini(&j);
    }
}

static void search__rules_by_chance__what_is_not_found_does_not_come(void **state)
{
    (void)state;
    struct generate_random random = {20261124};
    struct generate_world world;
    size_t unfound = 0, rules = 0;
    assert_code(generate_world_make(&world, NULL), OK);
    for (size_t i = 0; i < ARRANGEMENTS; i++) {
        const struct generate_shape shape = {
            .rules = 12, .asks = 12, .odd = 3, .has_no_lists = true};
        struct generate_arrangement *g = generate_arrangement(&world, &random, shape);
        struct vls_survey_search search;
        assert_non_null(g);
        assert_code(generate_index(g, NULL), OK);
        const struct vls_books books = {.joint = &g->arrangement};
        assert_code(vls_survey_search_make(&books, NOW_MS, &search, NULL), OK);
        for (size_t k = 0; k < g->arrangement.rule_count; k++, rules++)
            try_rule(g, &search, &g->arrangement.rules[k], &random, &unfound);
        vls_survey_search_fini(&search);
        generate_arrangement_free(&g);
    }
    generate_world_free(&world);
    assert_in_range(unfound, rules / 20, rules * 19 / 20); /* of both there are enough */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survey__each_fault__is_found_at_its_rule),
        cmocka_unit_test(survey__rule_that_decides_somewhere__not_called_shadowed),
        cmocka_unit_test(survey__expiry__near_and_past),
        cmocka_unit_test(survey__equivalence_that_lowers__is_found_at_it),
        cmocka_unit_test(survey__levels_without_equivalent__are_named),
        cmocka_unit_test(survey__bound_of_a_scheme_that_the_sender_has_not__unreachable),
        cmocka_unit_test(survey__house_rule_that_changes_nothing__is_found),
        cmocka_unit_test(survey__house_rule_that_asks_what_is_inside_the_seal__never_matches),
        cmocka_unit_test(survey__rule_of_the_arrangement_for_what_comes_in__never_matches),
        cmocka_unit_test(survey__more_words_than_are_searched__is_said_and_no_rule_is_called_dead),
        cmocka_unit_test(survey__shipped_arrangement_and_house_rules__without_fault),
        cmocka_unit_test(search__rules_by_chance__what_is_not_found_does_not_come),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
