#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/env.h"
#include "base/mem.h"
#include "policy/agreement.h"
#include "policy/walk.h"

#define CASES      200000
#define LONG_CASES 10000000
#define SEED       20161116

/* So many cases are enough for the two to differ in, when one of them is wrong. */
#define CASES_TO_NOTICE 20000

static struct generate_world world;

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

static bool is_long(void)
{
    const char *is_long = getenv("VALISE_LONG");
    return is_long != NULL && strcmp(is_long, "1") == 0;
}

static void expect_agreement(uint64_t seed, uint64_t cases)
{
    struct agreement_difference difference;
    print_message("seed %llu, %llu cases\n", (unsigned long long)seed, (unsigned long long)cases);
    assert_true(vls_ok(
        agreement_run(&world, seed, cases, vls_index_evaluate, vls_walk_evaluate, &difference)));
    if (difference.is_found)
        fail_msg("the evaluators differ: %s", difference.text);
    assert_int_equal(difference.case_number, cases);
}

static void evaluators__generated_cases__agree(void **state)
{
    (void)state;
    expect_agreement(SEED, is_long() ? LONG_CASES : CASES);
}

/** Beyond the cases that are the same each time; the seed is printed. */
static void evaluators__cases_of_a_new_seed__agree(void **state)
{
    (void)state;
    uint64_t seed = 0;
    vls_random(vls_env_system(), (uint8_t *)&seed, sizeof seed);
    expect_agreement(seed, CASES / 10);
}

/* -- what is generated reaches every corner ---------------------------------------------------- */

static size_t causes[VLS_CAUSE_DISAGREEMENT + 1], outcomes[VLS_OUTCOME_QUARANTINE + 1];
static size_t several;

static struct vls_verdict counted(const struct vls_arrangement *a, const struct vls_facts *facts,
                                  const struct vls_rule **out_matched)
{
    struct vls_verdict v = vls_index_evaluate(a, facts, out_matched);
    causes[v.cause]++;
    outcomes[v.outcome]++;
    several += v.matched > 1;
    return v;
}

static void generated_cases__of_one_seed__have_each_cause_and_outcome(void **state)
{
    (void)state;
    struct agreement_difference difference;
    assert_true(
        vls_ok(agreement_run(&world, SEED, CASES / 10, counted, vls_walk_evaluate, &difference)));
    assert_false(difference.is_found);
    for (size_t i = 0; i < VLS_CAUSE_DISAGREEMENT; i++)
        assert_true(causes[i] > 50);
    for (size_t i = VLS_OUTCOME_RELEASE; i <= VLS_OUTCOME_QUARANTINE; i++)
        assert_true(outcomes[i] > 1000);
    /* often it comes to the rules, and to more than one of them; each case is asked twice */
    assert_true(causes[VLS_CAUSE_RULE] > CASES / 10 * 2 / 5);
    assert_true(several > CASES / 10 / 5);
}

/* -- a wrong evaluator is noticed -------------------------------------------------------------- */

static enum {
    WRONG_OUTCOME,
    WRONG_CAUSE,
    WRONG_APPROVALS,
    RULE_LEFT_OUT,
    RULES_SWAPPED,
    RULE_OF_ANOTHER,
    WITHOUT_LIST,
    WRONGS,
} wrong;

/** The last of two rules is another one. */
static void replace_last(const struct vls_arrangement *a, const struct vls_rule **matched,
                         size_t count)
{
    const struct vls_rule *last = matched[count - 1];
    matched[count - 1] = last == &a->rules[0] ? &a->rules[a->rule_count - 1] : &a->rules[0];
}

/** Wrong in one way, and only when two rules matched: so it takes two to show it. */
static struct vls_verdict wrong_evaluate(const struct vls_arrangement *a,
                                         const struct vls_facts *facts,
                                         const struct vls_rule **out_matched)
{
    struct vls_verdict v = vls_index_evaluate(a, facts, out_matched);
    if (v.matched != 2)
        return v;
    switch (wrong) {
    case WRONG_OUTCOME:
        v.outcome = v.outcome == VLS_OUTCOME_RELEASE ? VLS_OUTCOME_REFER : VLS_OUTCOME_RELEASE;
        break;
    case WRONG_CAUSE:
        v.cause = VLS_CAUSE_NO_RULE;
        break;
    case WRONG_APPROVALS:
        v.approvals++;
        break;
    case RULE_LEFT_OUT:
        v.matched--;
        break;
    case RULES_SWAPPED:
        if (out_matched != NULL) {
            const struct vls_rule *first = out_matched[0];
            out_matched[0] = out_matched[1];
            out_matched[1] = first;
        }
        break;
    case RULE_OF_ANOTHER:
        if (out_matched != NULL)
            replace_last(a, out_matched, v.matched);
        break;
    case WITHOUT_LIST:
        if (out_matched == NULL)
            v.matched++;
        break;
    case WRONGS:
        break;
    }
    return v;
}

static void difference__in_any_part_of_a_verdict__is_noticed_and_made_small(void **state)
{
    (void)state;
    for (wrong = WRONG_OUTCOME; wrong < WRONGS; wrong++) {
        struct agreement_difference difference;
        assert_true(vls_ok(agreement_run(&world, SEED, CASES_TO_NOTICE, wrong_evaluate,
                                         vls_walk_evaluate, &difference)));
        assert_true(difference.is_found);
        assert_int_equal(difference.rules, 2);
        assert_non_null(strstr(difference.text, "seed 20161116, case "));
    }
}

/* -- an evaluator that overlooks one condition is noticed -------------------------------------- */

static size_t overlooked; /* which one: an index into CHANGES */

struct change {
    const char *name;
    void (*make)(struct vls_facts *facts);
};

static void change_incoming(struct vls_facts *f)
{
    f->is_incoming = false;
}

static void change_kind(struct vls_facts *f)
{
    f->kind = "publication";
}

static void change_label(struct vls_facts *f)
{
    memset(f->label.categories, 0, sizeof f->label.categories);
}

static void change_nobody(struct vls_facts *f)
{
    f->label.nobody = 0;
}

static void change_rank(struct vls_facts *f)
{
    if (f->label.scheme != NULL && f->label.classification != NULL)
        f->label.classification = vls_scheme_at(f->label.scheme, 0);
}

static void change_details(struct vls_facts *f)
{
    f->label.details = NULL;
}

static void change_distribution(struct vls_facts *f)
{
    f->distribution = VLS_DISTRIBUTION_NONE;
}

static void change_personal_data(struct vls_facts *f)
{
    f->has_personal_data = false;
}

static void change_clearance(struct vls_facts *f)
{
    f->clearance = NULL;
}

static void change_safeguards(struct vls_facts *f)
{
    f->safeguards = "all there are";
}

static void change_embargo(struct vls_facts *f)
{
    f->embargo_until_ms = 0;
}

static void change_audience(struct vls_facts *f)
{
    f->audience.count = 0;
}

static void change_topics(struct vls_facts *f)
{
    f->topics.count = 0;
}

static void change_media_types(struct vls_facts *f)
{
    f->media_types.count = f->media_types.count > 1 ? 1 : f->media_types.count;
}

static void change_bytes(struct vls_facts *f)
{
    f->bytes = f->bytes == 1000 ? 1001 : f->bytes;
}

static void change_answers(struct vls_facts *f)
{
    f->answers = VLS_ANSWERS_KNOWN;
}

static void change_duplicate(struct vls_facts *f)
{
    f->is_duplicate = false;
}

static void change_body(struct vls_facts *f)
{
    f->body = "";
}

static void change_time(struct vls_facts *f)
{
    f->now_ms++;
}

static const struct change CHANGES[] = {
    {"incoming", change_incoming},
    {"kind", change_kind},
    {"categories", change_label},
    {"nobody", change_nobody},
    {"rank", change_rank},
    {"originators", change_details},
    {"distribution", change_distribution},
    {"personal data", change_personal_data},
    {"safeguards", change_safeguards},
    {"clearance", change_clearance},
    {"embargo", change_embargo},
    {"audience", change_audience},
    {"topics", change_topics},
    {"media types", change_media_types},
    {"bytes", change_bytes},
    {"answers", change_answers},
    {"duplicate", change_duplicate},
    {"body", change_body},
    {"time", change_time},
};

static struct vls_verdict overlooking_evaluate(const struct vls_arrangement *a,
                                               const struct vls_facts *facts,
                                               const struct vls_rule **out_matched)
{
    struct vls_facts changed = *facts;
    CHANGES[overlooked].make(&changed);
    return vls_index_evaluate(a, &changed, out_matched);
}

static void difference__in_any_fact_that_is_overlooked__is_noticed(void **state)
{
    (void)state;
    for (overlooked = 0; overlooked < sizeof CHANGES / sizeof CHANGES[0]; overlooked++) {
        struct agreement_difference difference;
        assert_true(vls_ok(agreement_run(&world, SEED, CASES_TO_NOTICE, overlooking_evaluate,
                                         vls_walk_evaluate, &difference)));
        if (!difference.is_found)
            fail_msg("%s makes no difference", CHANGES[overlooked].name);
        assert_true(difference.rules <= 2);
    }
}

/* -- the order of the rules -------------------------------------------------------------------- */

#define ORDER_RULES 40

struct answer {
    struct vls_verdict verdict;
    const char *ids[ORDER_RULES];
};

static struct answer answer_of(agreement_fn ask, const struct generate_arrangement *g,
                               const struct vls_facts *facts)
{
    const struct vls_rule *matched[ORDER_RULES];
    struct answer answer = {.verdict = ask(&g->arrangement, facts, matched)};
    for (size_t i = 0; i < answer.verdict.matched; i++)
        answer.ids[i] = matched[i]->id;
    return answer;
}

static void shuffle(struct generate_random *random, struct vls_arrangement *a)
{
    for (size_t i = a->rule_count; i > 1; i--) {
        size_t with = generate_number(random, i);
        struct vls_rule rule = a->rules[with];
        a->rules[with] = a->rules[i - 1];
        a->rules[i - 1] = rule;
    }
}

static void expect_same_answer(const struct answer *a, const struct answer *b)
{
    assert_int_equal(a->verdict.outcome, b->verdict.outcome);
    assert_int_equal(a->verdict.cause, b->verdict.cause);
    assert_int_equal(a->verdict.approvals, b->verdict.approvals);
    assert_int_equal(a->verdict.matched, b->verdict.matched);
    for (size_t i = 0; i < a->verdict.matched; i++)
        assert_string_equal(a->ids[i], b->ids[i]);
}

static void evaluators__rules_shuffled__same_verdicts(void **state)
{
    (void)state;
    struct generate_random random = {SEED};
    const struct generate_shape shape = {
        .rules = ORDER_RULES, .asks = 12, .categories = 50, .odd = 5};
    for (int n = 0; n < 100; n++) {
        struct generate_facts facts[20];
        struct answer before[2][20];
        struct generate_arrangement *g = generate_arrangement(&world, &random, shape);
        assert_non_null(g);
        assert_true(vls_ok(generate_index(g, NULL)));
        for (size_t i = 0; i < 20; i++) {
            generate_facts(g, &random, &facts[i]);
            before[0][i] = answer_of(vls_index_evaluate, g, &facts[i].facts);
            before[1][i] = answer_of(vls_walk_evaluate, g, &facts[i].facts);
        }
        shuffle(&random, &g->arrangement);
        assert_true(vls_ok(generate_index(g, NULL)));
        for (size_t i = 0; i < 20; i++) {
            struct answer a = answer_of(vls_index_evaluate, g, &facts[i].facts);
            struct answer b = answer_of(vls_walk_evaluate, g, &facts[i].facts);
            expect_same_answer(&a, &before[0][i]);
            expect_same_answer(&b, &before[1][i]);
        }
        generate_arrangement_free(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evaluators__generated_cases__agree),
        cmocka_unit_test(evaluators__cases_of_a_new_seed__agree),
        cmocka_unit_test(generated_cases__of_one_seed__have_each_cause_and_outcome),
        cmocka_unit_test(difference__in_any_part_of_a_verdict__is_noticed_and_made_small),
        cmocka_unit_test(difference__in_any_fact_that_is_overlooked__is_noticed),
        cmocka_unit_test(evaluators__rules_shuffled__same_verdicts),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
