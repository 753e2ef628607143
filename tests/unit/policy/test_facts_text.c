#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "policy/facts_text.h"
#include "policy/generate.h"
#include "policy/policy_test.h"
#include "policy/record.h"
#include "policy/walk.h"

#define ARRANGEMENTS 200
#define CASES        200

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

/* -- what a record holds is all that a decision looks at --------------------------------------- */

/** The facts as a record has them, and the time, which stands beside them. */
static struct vls_status read_back(const struct vls_scheme_set *set, const struct vls_facts *facts,
                                   struct vls_facts_text *out)
{
    struct vls_fact_list list VLS_DEFER(vls_fact_list_fini) = {.at = NULL};
    VLS_TRY(vls_facts_text_begin(set, out, NULL));
    VLS_TRY(vls_fact_list_make(facts, &list, NULL));
    for (size_t i = 0; i < list.count; i++)
        VLS_TRY(vls_facts_text_set(out, list.at[i].name, list.at[i].value, NULL));
    VLS_TRY(vls_facts_text_end(out, NULL));
    out->facts.now_ms = facts->now_ms;
    return VLS_DONE;
}

static void expect_same(const struct vls_arrangement *a, const struct vls_scheme_set *set,
                        const struct vls_facts *facts)
{
    struct vls_facts_text text VLS_DEFER(vls_facts_text_fini) = {.arena = NULL};
    struct vls_status s = read_back(set, facts, &text);
    if (!vls_ok(s))
        fail_msg("%s", vls_status_name(s));
    struct vls_verdict first = vls_walk_evaluate(a, facts, NULL);
    struct vls_verdict walked = vls_walk_evaluate(a, &text.facts, NULL);
    struct vls_verdict indexed = vls_index_evaluate(a, &text.facts, NULL);
    assert_int_equal(walked.outcome, first.outcome);
    assert_int_equal(walked.cause, first.cause);
    assert_int_equal(walked.approvals, first.approvals);
    assert_int_equal(walked.matched, first.matched);
    assert_int_equal(indexed.outcome, first.outcome);
    assert_int_equal(indexed.matched, first.matched);
}

static void read_back__generated_facts__same_verdicts(void **state)
{
    (void)state;
    struct generate_world world;
    struct generate_random random = {.state = 1964};
    struct vls_why why = {""};
    if (!vls_ok(generate_world_make(&world, &why)))
        fail_msg("%s", why.text);
    struct vls_scheme *list[GENERATE_SCHEMES];
    struct vls_scheme_set set = {.schemes = list};
    for (size_t i = 0; i < GENERATE_SCHEMES; i++)
        set.schemes[set.count++] = world.schemes[i];
    for (size_t i = 0; i < ARRANGEMENTS; i++) {
        const struct generate_shape shape = {.rules = 12, .asks = 20, .categories = 30, .odd = 10};
        struct generate_arrangement *g = generate_arrangement(&world, &random, shape);
        assert_non_null(g);
        assert_true(vls_ok(generate_index(g, &why)));
        for (size_t k = 0; k < CASES; k++) {
            struct generate_facts facts;
            generate_facts(g, &random, &facts);
            expect_same(&g->arrangement, &set, &facts.facts);
        }
        generate_arrangement_free(&g);
    }
    generate_world_free(&world);
}

/* -- what is refused --------------------------------------------------------------------------- */

static const struct {
    const char *name, *value, *words;
} REFUSED[] = {
    {"knid", "publication", "'knid' is not a fact; did you mean 'kind'?"},
    {"?", "publication", "'?' is not a fact"},
    {"kind", "a\tb", "kind: control characters, or not UTF-8"},
    {"incoming", "true", "incoming: 'true' is neither yes nor no"},
    {"distribution", "wide",
     "distribution: 'wide' is none of unstated, general, limited, restricted"},
    {"answers", "yes", "answers: 'yes' is none of nothing, known, unknown"},
    {"embargo", "soon", "embargo: 'soon' is not a date such as 2026-12-01 or a time with its zone"},
    {"bytes", "-1", "bytes: '-1' is not a number"},
    {"to", "twice", "to is given twice"},
};

static void set__what_it_does_not_take__is_refused_with_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++) {
        struct vls_why why = {""};
        struct vls_facts_text text;
        assert_true(vls_ok(vls_facts_text_begin(&schemes.set, &text, &why)));
        assert_true(vls_ok(vls_facts_text_set(&text, "to", "iom", &why)));
        struct vls_status s = vls_facts_text_set(&text, REFUSED[i].name, REFUSED[i].value, &why);
        assert_int_equal(s.code, VLS_INPUT_MALFORMED);
        assert_string_equal(why.text, REFUSED[i].words);
        vls_facts_text_fini(&text);
    }
}

static void set__label_that_is_not_understood__is_refused(void **state)
{
    (void)state;
    struct vls_why why = {""};
    struct vls_facts_text text;
    assert_true(vls_ok(vls_facts_text_begin(&schemes.set, &text, &why)));
    assert_int_equal(vls_facts_text_set(&text, "label", "no/level", &why).code, VLS_LABEL_SCHEME);
    assert_int_equal(vls_facts_text_set(&text, "label", LOW "x", &why).code, VLS_LABEL_VALUE);
    vls_facts_text_fini(&text);
}

static void set__more_of_a_list_than_it_holds__is_refused(void **state)
{
    (void)state;
    struct vls_why why = {""};
    struct vls_facts_text text;
    assert_true(vls_ok(vls_facts_text_begin(&schemes.set, &text, &why)));
    for (unsigned i = 0; i < VLS_MAX_FACT_LIST; i++)
        assert_true(vls_ok(vls_facts_text_set(&text, "topic", "health", &why)));
    assert_int_equal(vls_facts_text_set(&text, "topic", "health", &why).code, VLS_INPUT_LIMIT);
    vls_facts_text_fini(&text);
}

static void end__originators_before_the_label__are_kept(void **state)
{
    (void)state;
    struct vls_why why = {""};
    struct vls_facts_text text;
    assert_true(vls_ok(vls_facts_text_begin(&schemes.set, &text, &why)));
    assert_true(vls_ok(vls_facts_text_set(&text, "unknown-category", "1.2.3", &why)));
    assert_true(vls_ok(vls_facts_text_set(&text, "originator", "wb", &why)));
    assert_true(vls_ok(vls_facts_text_set(&text, "label", MIDDLE, &why)));
    assert_true(vls_ok(vls_facts_text_end(&text, &why)));
    assert_int_equal(text.facts.label.details->originator_count, 1);
    assert_int_equal(vls_label_unknown_count(&text.facts.label), 1);
    assert_string_equal(text.facts.label.classification->handle, "confidential");
    vls_facts_text_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_back__generated_facts__same_verdicts),
        cmocka_unit_test(set__what_it_does_not_take__is_refused_with_reason),
        cmocka_unit_test(set__label_that_is_not_understood__is_refused),
        cmocka_unit_test(set__more_of_a_list_than_it_holds__is_refused),
        cmocka_unit_test(end__originators_before_the_label__are_kept),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
