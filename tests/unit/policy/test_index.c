#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "policy/generate.h"

/* Rules by hand, so that what is expected comes from verdict.h and from no other evaluator. Each
 * arrangement has the same two parties, of the scheme with many categories, and no bodies. */

#define NOW_MS   UINT64_C(1795392000000)
#define MOST     2000
#define MANY     10000
#define ONE_KIND "publication"

static struct generate_world world;
static struct vls_arrangement rules_of; /* refilled by each test */
static struct vls_rule rules[MOST];
static char ids[MOST][16];
static char un[] = "un", un_name[] = "United Nations", iom[] = "iom", iom_name[] = "Organization";

static int set_up(void **state)
{
    (void)state;
    struct vls_why why = {""};
    if (!vls_ok(generate_world_make(&world, &why)))
        fail_msg("%s", why.text);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    generate_world_free(&world);
    return 0;
}

static int begin(void **state)
{
    (void)state;
    memset(rules, 0, sizeof rules);
    rules_of = (struct vls_arrangement){.expires_ms = UINT64_MAX, .party_count = 2, .rules = rules};
    rules_of.parties[0] =
        (struct vls_rule_party){.id = un, .name = un_name, .scheme = world.schemes[0]};
    rules_of.parties[1] =
        (struct vls_rule_party){.id = iom, .name = iom_name, .scheme = world.schemes[0]};
    return 0;
}

static int end(void **state)
{
    (void)state;
    vls_index_free(&rules_of.index);
    return 0;
}

/** The next rule; its id is its number, so they are reported in this order within an effect. */
static struct vls_condition *rule(enum vls_outcome effect)
{
    assert_true(rules_of.rule_count < MOST);
    struct vls_rule *added = &rules[rules_of.rule_count];
    snprintf(ids[rules_of.rule_count], sizeof ids[0], "r%04zu", rules_of.rule_count);
    added->id = ids[rules_of.rule_count++];
    added->effect = effect;
    added->approvals = effect == VLS_OUTCOME_REFER ? 1 : 0;
    return &added->when;
}

static struct vls_label label(size_t scheme, size_t rank)
{
    return vls_label_of(world.schemes[scheme], vls_scheme_at(world.schemes[scheme], rank));
}

static const struct vls_category *category(const struct vls_label *of, const char *name)
{
    const struct vls_category *c;
    for (size_t i = 0; (c = vls_scheme_category(of->scheme, i)) != NULL; i++)
        if (strcmp(c->name, name) == 0)
            return c;
    fail_msg("there is no category %s", name);
    return NULL;
}

static struct vls_label label_with(size_t rank, const char *name)
{
    struct vls_label made = label(0, rank);
    vls_label_add(&made, category(&made, name));
    return made;
}

static struct vls_facts facts_of(struct vls_label of)
{
    return (struct vls_facts){
        .kind = ONE_KIND, .from = "un", .to = "iom", .body = "", .label = of, .now_ms = NOW_MS};
}

/** Make the index of the rules as they are, and ask. */
static struct vls_verdict ask(const struct vls_facts *facts, const struct vls_rule **out_matched)
{
    struct vls_why why = {""};
    vls_index_free(&rules_of.index);
    if (!vls_ok(vls_index_make(&rules_of, &rules_of.index, &why)))
        fail_msg("%s", why.text);
    return vls_index_evaluate(&rules_of, facts, out_matched);
}

/** Which of the rules match: "0 2 3". */
static const char *matching(const struct vls_facts *facts)
{
    static char text[64];
    const struct vls_rule *matched[MOST];
    struct vls_verdict v = ask(facts, matched);
    size_t len = 0;
    text[0] = '\0';
    for (size_t i = 0; i < v.matched && len < sizeof text; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%td", i == 0 ? "" : " ",
                                matched[i] - rules);
    return text;
}

/* -- verdicts ---------------------------------------------------------------------------------- */

static void verdict__without_rules__withholds_and_house_rules_are_silent(void **state)
{
    (void)state;
    struct vls_facts facts = facts_of(label(0, 0));
    struct vls_verdict v = ask(&facts, NULL);
    assert_int_equal(v.outcome, VLS_OUTCOME_WITHHOLD);
    assert_int_equal(v.cause, VLS_CAUSE_NO_RULE);
    rules_of.is_house = true;
    v = ask(&facts, NULL);
    assert_int_equal(v.outcome, VLS_OUTCOME_RELEASE);
    assert_int_equal(v.cause, VLS_CAUSE_NO_RULE);
    assert_int_equal(v.matched, 0);
}

static void verdict__all_effects_match__strictest_first_then_by_id(void **state)
{
    (void)state;
    struct vls_facts facts = facts_of(label(0, 0));
    rule(VLS_OUTCOME_RELEASE);
    rule(VLS_OUTCOME_REFER);
    rule(VLS_OUTCOME_RELEASE);
    rule(VLS_OUTCOME_REFER);
    rules[1].approvals = 2;
    rules[3].approvals = 5;
    assert_string_equal(matching(&facts), "1 3 0 2");
    struct vls_verdict v = ask(&facts, NULL);
    assert_int_equal(v.outcome, VLS_OUTCOME_REFER);
    assert_int_equal(v.approvals, 5);
    assert_int_equal(v.matched, 4);
    rule(VLS_OUTCOME_WITHHOLD);
    v = ask(&facts, NULL);
    assert_int_equal(v.outcome, VLS_OUTCOME_WITHHOLD);
    assert_int_equal(v.approvals, 0);
    assert_string_equal(matching(&facts), "4 1 3 0 2");
}

static void verdict__names_that_are_not_given__are_no_party_and_no_kind(void **state)
{
    (void)state;
    struct vls_facts facts = facts_of(label(0, 0));
    rule(VLS_OUTCOME_RELEASE);
    facts.kind = NULL;
    assert_int_equal(ask(&facts, NULL).cause, VLS_CAUSE_KIND);
    facts.to = NULL;
    assert_int_equal(ask(&facts, NULL).cause, VLS_CAUSE_PARTY);
    facts.to = "un";
    assert_int_equal(ask(&facts, NULL).cause, VLS_CAUSE_PARTY);
    facts.label.scheme = NULL;
    assert_int_equal(ask(&facts, NULL).cause, VLS_CAUSE_UNLABELLED);
    assert_int_equal(ask(&facts, NULL).outcome, VLS_OUTCOME_QUARANTINE);
}

/* -- bounds ------------------------------------------------------------------------------------ */

static void bounds__of_ranks__both_ends_are_included(void **state)
{
    (void)state;
    struct vls_facts facts = facts_of(label(0, 2));
    for (size_t rank = 1; rank <= 3; rank++)
        rule(VLS_OUTCOME_RELEASE)->at_most = label(0, rank);
    for (size_t rank = 1; rank <= 3; rank++)
        rule(VLS_OUTCOME_RELEASE)->at_least = label(0, rank);
    assert_string_equal(matching(&facts), "1 2 3 4");
    facts.label = label(0, 0);
    assert_string_equal(matching(&facts), "0 1 2");
    facts.label = label(0, 5);
    assert_string_equal(matching(&facts), "3 4 5");
}

static void bounds__of_another_scheme__stop_release_and_nothing_else(void **state)
{
    (void)state;
    struct vls_facts facts = facts_of(label(0, 5));
    rule(VLS_OUTCOME_RELEASE)->at_most = label(1, 2);
    rule(VLS_OUTCOME_RELEASE)->at_least = label(1, 0);
    rule(VLS_OUTCOME_REFER)->at_most = label(1, 0);
    rule(VLS_OUTCOME_WITHHOLD)->at_least = label(2, 2);
    assert_string_equal(matching(&facts), "3 2");
}

static void bounds__label_has_a_restrictive_category_more__it_is_above_or_incomparable(void **state)
{
    (void)state;
    struct vls_facts facts = facts_of(label_with(2, "r3"));
    rule(VLS_OUTCOME_REFER)->at_most = label(0, 2);          /* above: not met          */
    rule(VLS_OUTCOME_REFER)->at_most = label(0, 3);          /* incomparable            */
    rule(VLS_OUTCOME_REFER)->at_least = label(0, 3);         /* incomparable            */
    rule(VLS_OUTCOME_REFER)->at_most = label_with(2, "r3");  /* equal                   */
    rule(VLS_OUTCOME_REFER)->at_least = label_with(3, "r3"); /* below: not met          */
    rule(VLS_OUTCOME_REFER)->at_most = label_with(3, "r69"); /* incomparable            */
    assert_string_equal(matching(&facts), "1 2 3 5");
    for (size_t i = 0; i < rules_of.rule_count; i++)
        rules[i].effect = VLS_OUTCOME_RELEASE;
    assert_string_equal(matching(&facts), "3");
}

static void bounds__permissive_lists__fewer_people_is_above(void **state)
{
    (void)state;
    struct vls_label both = label_with(2, "p1"), nobody = label(0, 2);
    vls_label_add(&both, category(&both, "p2"));
    vls_label_set_nobody(&nobody, vls_scheme_tag(nobody.scheme, category(&both, "p1")->tag));
    rule(VLS_OUTCOME_RELEASE)->at_most = label(0, 2);
    rule(VLS_OUTCOME_RELEASE)->at_most = both;
    rule(VLS_OUTCOME_RELEASE)->at_most = label_with(2, "p1");
    rule(VLS_OUTCOME_RELEASE)->at_most = nobody;
    rule(VLS_OUTCOME_RELEASE)->at_most = label_with(2, "p3");
    struct vls_facts facts = facts_of(label(0, 2));
    assert_string_equal(matching(&facts), "0 1 2 3 4");
    facts.label = both;
    assert_string_equal(matching(&facts), "1 2 3");
    facts.label = label_with(2, "p1");
    assert_string_equal(matching(&facts), "2 3");
    facts.label = nobody;
    assert_string_equal(matching(&facts), "3");
}

static void bounds__informative_categories__count_for_nothing(void **state)
{
    (void)state;
    struct vls_facts facts = facts_of(label_with(2, "i1"));
    rule(VLS_OUTCOME_RELEASE)->at_most = label(0, 2);
    rule(VLS_OUTCOME_RELEASE)->at_least = label_with(2, "i2");
    assert_string_equal(matching(&facts), "0 1");
}

static void bounds__label_has_an_unknown_category__cannot_be_judged(void **state)
{
    (void)state;
    static char words[] = "what is this";
    struct vls_label_unknown unknown = {.words = words};
    struct vls_label_details details = {.unknown = &unknown, .unknown_count = 1};
    struct vls_facts facts = facts_of(label_with(1, "r3"));
    facts.label.details = &details;
    rule(VLS_OUTCOME_RELEASE)->at_most = label(0, 5);
    rule(VLS_OUTCOME_REFER)->at_least = label(0, 5);
    rule(VLS_OUTCOME_RELEASE);
    struct vls_condition *when = rule(VLS_OUTCOME_REFER);
    when->categories[when->category_count++] =
        (struct vls_rule_category){world.schemes[0], category(&facts.label, "r4")};
    when = rule(VLS_OUTCOME_RELEASE);
    when->categories[when->category_count++] =
        (struct vls_rule_category){world.schemes[0], category(&facts.label, "r4")};
    when = rule(VLS_OUTCOME_RELEASE);
    when->categories[when->category_count++] =
        (struct vls_rule_category){world.schemes[0], category(&facts.label, "r3")};
    assert_string_equal(matching(&facts), "1 3 2 5");
}

static void index__bound_with_an_unknown_category__is_refused(void **state)
{
    (void)state;
    static char words[] = "what is this";
    struct vls_label_unknown unknown = {.words = words};
    struct vls_label_details details = {.unknown = &unknown, .unknown_count = 1};
    struct vls_why why = {""};
    struct vls_condition *when = rule(VLS_OUTCOME_REFER);
    when->at_least = label(0, 1);
    when->at_least.details = &details;
    struct vls_status s = vls_index_make(&rules_of, &rules_of.index, &why);
    assert_int_equal(s.code, VLS_POLICY_INVALID);
    assert_non_null(strstr(why.text, "r0000"));
    assert_null(rules_of.index);
}

/* -- categories -------------------------------------------------------------------------------- */

static void categories__any_of_the_list__is_met_and_another_scheme_is_open(void **state)
{
    (void)state;
    struct vls_facts facts = facts_of(label_with(1, "r69"));
    struct vls_label beta = label(1, 0);
    static const enum vls_outcome EFFECTS[] = {VLS_OUTCOME_REFER, VLS_OUTCOME_RELEASE};
    for (size_t i = 0; i < 2; i++) {
        struct vls_condition *met = rule(EFFECTS[i]), *open = rule(EFFECTS[i]);
        met->category_count = open->category_count = 2;
        met->categories[0] =
            (struct vls_rule_category){world.schemes[0], category(&facts.label, "r1")};
        met->categories[1] =
            (struct vls_rule_category){world.schemes[0], category(&facts.label, "r69")};
        open->categories[0] = (struct vls_rule_category){world.schemes[1], category(&beta, "r1")};
        open->categories[1] = met->categories[0];
    }
    assert_string_equal(matching(&facts), "0 1 2");
    facts.label = label(0, 1);
    assert_string_equal(matching(&facts), "1");
}

/* -- lists of words ---------------------------------------------------------------------------- */

static void media_types__all_some_or_none_listed__each_effect_its_way(void **state)
{
    (void)state;
    static char text[] = "text/*", pdf[] = "application/pdf";
    static const char *const ALL[] = {"text/html", "application/pdf", "text/html"};
    static const char *const SOME[] = {"application/zip", "text/plain"};
    static const char *const NONE[] = {"text", "application/pdfa", "/"};
    struct vls_facts facts = facts_of(label(0, 0));
    for (size_t i = 0; i < 2; i++) {
        struct vls_condition *when = rule(i == 0 ? VLS_OUTCOME_WITHHOLD : VLS_OUTCOME_RELEASE);
        when->media_types[0] = text;
        when->media_types[1] = pdf;
        when->media_type_count = 2;
    }
    rule(VLS_OUTCOME_RELEASE);
    facts.media_types = (struct vls_texts){ALL, 3};
    assert_string_equal(matching(&facts), "0 1 2");
    facts.media_types = (struct vls_texts){SOME, 2};
    assert_string_equal(matching(&facts), "0 2");
    facts.media_types = (struct vls_texts){NONE, 3};
    assert_string_equal(matching(&facts), "2");
    facts.media_types = (struct vls_texts){NULL, 0};
    assert_string_equal(matching(&facts), "2");
}

static void audience__few_or_many_rules_list_a_word__all_are_found(void **state)
{
    (void)state;
    static char press[] = "press", donors[] = "donors";
    static const char *const BOTH[] = {"donors", "nobody else", "press", "press"};
    struct vls_facts facts = facts_of(label(0, 0));
    for (size_t i = 0; i < 1000; i++) {
        struct vls_condition *when = rule(VLS_OUTCOME_RELEASE);
        when->audiences[0] = i == 999 ? press : donors;
        when->audience_count = 1;
    }
    facts.audience = (struct vls_texts){BOTH + 2, 2};
    assert_string_equal(matching(&facts), "999");
    facts.audience = (struct vls_texts){BOTH, 1};
    assert_int_equal(ask(&facts, NULL).matched, 999);
    facts.audience = (struct vls_texts){BOTH, 4};
    assert_int_equal(ask(&facts, NULL).matched, 1000);
    facts.audience = (struct vls_texts){BOTH + 1, 1};
    assert_int_equal(ask(&facts, NULL).matched, 0);
}

static void originators__id_or_name_of_the_sender__is_no_third_party(void **state)
{
    (void)state;
    static char *named[] = {un_name, un, iom};
    struct vls_label_details details = {.originators = named};
    struct vls_facts facts = facts_of(label(0, 0));
    facts.label.details = &details;
    rule(VLS_OUTCOME_RELEASE)->third_party = VLS_WISH_YES;
    rule(VLS_OUTCOME_RELEASE)->third_party = VLS_WISH_NO;
    assert_string_equal(matching(&facts), "1");
    details.originator_count = 2;
    assert_string_equal(matching(&facts), "1");
    details.originator_count = 3;
    assert_string_equal(matching(&facts), "0");
    facts.kind = "recall";
    assert_string_equal(matching(&facts), "0");
    details.originators = named + 2;
    details.originator_count = 1;
    assert_int_equal(ask(&facts, NULL).cause, VLS_CAUSE_SENDER);
}

/* -- sizes ------------------------------------------------------------------------------------- */

static void sizes__more_thresholds_than_sets__each_is_exact(void **state)
{
    (void)state;
    struct vls_facts facts = facts_of(label(0, 0));
    for (size_t i = 0; i < 1000; i++) {
        struct vls_condition *when = rule(VLS_OUTCOME_RELEASE);
        when->has_min_bytes = when->has_max_bytes = true;
        when->min_bytes = 10 * i;
        when->max_bytes = 10 * i + 9;
    }
    ask(&facts, NULL);
    for (facts.bytes = 0; facts.bytes < 10000; facts.bytes++) {
        const struct vls_rule *matched[MOST];
        struct vls_verdict v = vls_index_evaluate(&rules_of, &facts, matched);
        assert_int_equal(v.matched, 1);
        assert_ptr_equal(matched[0], &rules[facts.bytes / 10]);
    }
    assert_int_equal(vls_index_evaluate(&rules_of, &facts, NULL).matched, 0);
}

static void sizes__ends_of_the_range__are_included(void **state)
{
    (void)state;
    struct vls_facts facts = facts_of(label(0, 0));
    struct vls_condition *when = rule(VLS_OUTCOME_RELEASE);
    when->has_min_bytes = true;
    when->min_bytes = UINT64_MAX;
    when = rule(VLS_OUTCOME_RELEASE);
    when->has_max_bytes = true;
    when->max_bytes = 0;
    when = rule(VLS_OUTCOME_RELEASE);
    when->has_min_bytes = when->has_max_bytes = true;
    when->min_bytes = 2;
    when->max_bytes = 1;
    assert_string_equal(matching(&facts), "1");
    facts.bytes = 1;
    assert_string_equal(matching(&facts), "");
    facts.bytes = 2;
    assert_string_equal(matching(&facts), "");
    facts.bytes = UINT64_MAX;
    assert_string_equal(matching(&facts), "0");
}

/* -- memory ------------------------------------------------------------------------------------ */

static struct generate_arrangement *large(size_t rule_count, struct generate_random *random)
{
    const struct generate_shape shape = {
        .rules = rule_count, .asks = 15, .categories = 50, .odd = 10, .has_broad_pools = true};
    struct generate_arrangement *g = generate_arrangement(&world, random, shape);
    assert_non_null(g);
    return g;
}

static void index__every_allocation_fails_in_turn__status_and_no_leak(void **state)
{
    (void)state;
    struct generate_random random = {1};
    struct generate_arrangement *g = large(30, &random);
    bool is_done = false;
    for (uint64_t n = 1; !is_done; n++) {
        struct vls_index *index = NULL;
        vls_mem_fail_at(n);
        struct vls_status s = vls_index_make(&g->arrangement, &index, NULL);
        vls_mem_fail_at(0);
        is_done = vls_ok(s);
        assert_true(is_done || s.code == VLS_SYSTEM_MEMORY);
        assert_true(is_done == (index != NULL));
        vls_index_free(&index);
    }
    generate_arrangement_free(&g);
}

static void evaluating__never__allocates(void **state)
{
    (void)state;
    struct generate_random random = {2};
    struct generate_arrangement *g = large(1500, &random);
    assert_true(vls_ok(generate_index(g, NULL)));
    vls_mem_fail_at(1);
    for (int i = 0; i < 1000; i++) {
        struct generate_facts facts;
        const struct vls_rule *matched[1500];
        generate_facts(g, &random, &facts);
        vls_index_evaluate(&g->arrangement, &facts.facts, matched);
    }
    /* the first allocation since is this one, and so it is the one that fails */
    assert_null(vls_mem_try(1));
    vls_mem_fail_at(0);
    generate_arrangement_free(&g);
}

static void index__ten_times_the_rules__takes_no_more_memory_a_rule(void **state)
{
    (void)state;
    size_t bytes[2];
    for (size_t i = 0; i < 2; i++) {
        struct generate_random random = {3};
        struct generate_arrangement *g = large(i == 0 ? MANY / 10 : MANY, &random);
        assert_true(vls_ok(generate_index(g, NULL)));
        bytes[i] = vls_index_bytes(g->arrangement.index);
        generate_arrangement_free(&g);
    }
    assert_true(bytes[0] > 0);
    assert_true(bytes[1] < 11 * bytes[0]);
}

static void index__more_rules_than_allowed__is_refused(void **state)
{
    (void)state;
    struct vls_why why = {""};
    rules_of.rule_count = VLS_MAX_RULES + 1;
    struct vls_status s = vls_index_make(&rules_of, &rules_of.index, &why);
    rules_of.rule_count = 0;
    assert_int_equal(s.code, VLS_POLICY_INVALID);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(verdict__without_rules__withholds_and_house_rules_are_silent),
        EACH(verdict__all_effects_match__strictest_first_then_by_id),
        EACH(verdict__names_that_are_not_given__are_no_party_and_no_kind),
        EACH(bounds__of_ranks__both_ends_are_included),
        EACH(bounds__of_another_scheme__stop_release_and_nothing_else),
        EACH(bounds__label_has_a_restrictive_category_more__it_is_above_or_incomparable),
        EACH(bounds__permissive_lists__fewer_people_is_above),
        EACH(bounds__informative_categories__count_for_nothing),
        EACH(bounds__label_has_an_unknown_category__cannot_be_judged),
        EACH(index__bound_with_an_unknown_category__is_refused),
        EACH(categories__any_of_the_list__is_met_and_another_scheme_is_open),
        EACH(media_types__all_some_or_none_listed__each_effect_its_way),
        EACH(audience__few_or_many_rules_list_a_word__all_are_found),
        EACH(originators__id_or_name_of_the_sender__is_no_third_party),
        EACH(sizes__more_thresholds_than_sets__each_is_exact),
        EACH(sizes__ends_of_the_range__are_included),
        EACH(index__every_allocation_fails_in_turn__status_and_no_leak),
        EACH(evaluating__never__allocates),
        EACH(index__ten_times_the_rules__takes_no_more_memory_a_rule),
        EACH(index__more_rules_than_allowed__is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
