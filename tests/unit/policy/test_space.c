/* The space of facts: what is in it, and that one axis at a time says what the evaluators say of
 * whole messages. */
#include "policy/generate.h"
#include "policy/policy_test.h"
#include "policy/space.h"

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

static struct vls_space *space_of(const struct vls_arrangement *a)
{
    const struct vls_books books = {.joint = a};
    struct vls_space *space = NULL;
    assert_code(vls_space_make(&books, 1, NOW_MS, &space, NULL), OK);
    return space;
}

static size_t count(const struct vls_space *space, enum vls_axis axis)
{
    return space->axes[axis].count;
}

static void space__rules_that_ask_nothing__is_what_facts_alone_have(void **state)
{
    (void)state;
    struct vls_arrangement *a = read_arrangement(&schemes, ARRANGEMENT RELEASE_PUBLICATION);
    struct vls_space *space = space_of(a);
    size_t kinds = 0;
    while (vls_kind_at(kinds) != NULL)
        kinds++;
    assert_int_equal(count(space, VLS_AXIS_KIND), kinds);
    assert_int_equal(count(space, VLS_AXIS_WAY), 4);
    assert_int_equal(count(space, VLS_AXIS_TIME), 3); /* before, in force, after */
    assert_int_equal(count(space, VLS_AXIS_BODY), 2); /* none, and one that nobody knows */
    assert_int_equal(count(space, VLS_AXIS_LABEL), 6);
    assert_int_equal(count(space, VLS_AXIS_DISTRIBUTION), 4);
    assert_int_equal(count(space, VLS_AXIS_ANSWERS), 3);
    assert_int_equal(count(space, VLS_AXIS_TOPICS), 1);
    assert_int_equal(count(space, VLS_AXIS_BYTES), 1);
    vls_space_free(&space);
    vls_arrangement_free(&a);
}

static bool has_number(const struct vls_space *space, enum vls_axis axis, uint64_t number)
{
    for (size_t i = 0; i < count(space, axis); i++)
        if (space->axes[axis].values[i].number == number)
            return true;
    return false;
}

static void space__bounds_and_lists__both_sides_and_all_sets(void **state)
{
    (void)state;
    struct vls_arrangement *a = read_arrangement(
        &schemes, ARRANGEMENT RELEASE_PUBLICATION
        "  - { id: b, effect: refer, basis: '1', when: { min-bytes: 100, max-bytes: 200, "
        "topic: [x, y], media-type: ['text/*', application/pdf] } }\n");
    struct vls_space *space = space_of(a);
    assert_int_equal(count(space, VLS_AXIS_BYTES), 3);
    assert_true(has_number(space, VLS_AXIS_BYTES, 0));
    assert_true(has_number(space, VLS_AXIS_BYTES, 100));
    assert_true(has_number(space, VLS_AXIS_BYTES, 201));
    assert_int_equal(count(space, VLS_AXIS_TOPICS), 8); /* x, y, another: all sets */
    assert_int_equal(count(space, VLS_AXIS_MEDIA_TYPES), 8);
    for (size_t i = 0; i < count(space, VLS_AXIS_MEDIA_TYPES); i++) {
        const struct vls_texts *types = &space->axes[VLS_AXIS_MEDIA_TYPES].values[i].list;
        for (size_t k = 0; k < types->count; k++)
            assert_null(strchr(types->at[k], '*'));
    }
    vls_space_free(&space);
    vls_arrangement_free(&a);
}

static void space__many_values__says_how_many_at_once(void **state)
{
    (void)state;
    struct vls_buf yaml;
    vls_buf_init(&yaml, 65536);
    assert_code(vls_buf_add_text(&yaml, ARRANGEMENT RELEASE_PUBLICATION), OK);
    for (unsigned i = 0; i < 60; i++)
        assert_code(vls_buf_add_format(&yaml,
                                       "  - { id: t%u, effect: refer, basis: '1', when: { topic: "
                                       "[topic-%u] } }\n",
                                       i, i),
                    OK);
    struct vls_arrangement *a = read_arrangement(&schemes, vls_buf_text(&yaml));
    struct vls_space *space = space_of(a);
    const struct vls_space_axis *topics = &space->axes[VLS_AXIS_TOPICS];
    assert_int_equal(topics->elements, 61);
    assert_int_equal(topics->most, 1);
    assert_int_equal(topics->count, 62);
    vls_space_free(&space);
    vls_arrangement_free(&a);
    vls_buf_fini(&yaml);
}

/* -- one axis at a time ------------------------------------------------------------------------ */

static bool is_admitted(const struct vls_space *space, const struct vls_arrangement *a,
                        const struct vls_rule *rule, const struct vls_point *point)
{
    const struct vls_space_value *way = &space->axes[VLS_AXIS_WAY].values[point->at[VLS_AXIS_WAY]];
    const struct vls_space_value *originators =
        &space->axes[VLS_AXIS_ORIGINATORS].values[point->at[VLS_AXIS_ORIGINATORS]];
    const struct vls_rule_party *from = vls_rule_party(a, way->from);
    bool is_third = from != NULL && vls_space_is_third_party(&originators->list, from);
    if (rule->when.third_party != VLS_WISH_ANY &&
        (rule->when.third_party == VLS_WISH_YES) != is_third)
        return false;
    for (unsigned axis = 0; axis < VLS_AXES; axis++)
        if (!vls_space_admits(rule, (enum vls_axis)axis,
                              &space->axes[axis].values[point->at[axis]]))
            return false;
    return true;
}

/** @return false when something before the rules decided */
static bool compare_rules(const struct vls_space *space, const struct vls_arrangement *a,
                          const struct vls_point *point, size_t *out_matched)
{
    const struct vls_books books = {.joint = a};
    struct vls_space_facts facts;
    struct vls_judgement j;
    size_t admitted = 0;
    vls_space_facts(space, point, &facts);
    assert_code(vls_judge(&books, &facts.facts, &j, NULL), OK);
    bool is_asked = j.cause == VLS_CAUSE_RULE || j.cause == VLS_CAUSE_NO_RULE;
    for (size_t i = 0; i < a->rule_count; i++)
        admitted += is_admitted(space, a, &a->rules[i], point);
    if (is_asked)
        assert_int_equal(admitted, j.matched_count);
    for (size_t i = 0; i < j.matched_count; i++)
        assert_true(is_admitted(space, a, j.matched[i].rule, point));
    *out_matched += j.matched_count;
    vls_judgement_fini(&j);
    return is_asked;
}

static void admits__all_axes__is_what_the_evaluators_match(void **state)
{
    (void)state;
    struct generate_world world;
    struct generate_random random = {7};
    const struct generate_shape shape = {
        .rules = 20, .asks = 12, .categories = 30, .odd = 5, .has_no_lists = false};
    size_t asked = 0, matched = 0;
    assert_code(generate_world_make(&world, NULL), OK);
    for (unsigned round = 0; round < 15; round++) {
        struct generate_arrangement *a = generate_arrangement(&world, &random, shape);
        assert_non_null(a);
        assert_code(generate_index(a, NULL), OK);
        struct vls_space *space = space_of(&a->arrangement);
        for (unsigned i = 0; i < 1000; i++) {
            struct vls_point point;
            for (size_t axis = 0; axis < VLS_AXES; axis++)
                point.at[axis] = (uint32_t)generate_number(&random, space->axes[axis].count);
            if (generate_chance(&random, 70))
                point.at[VLS_AXIS_TIME] = 0;
            asked += compare_rules(space, &a->arrangement, &point, &matched);
        }
        vls_space_free(&space);
        generate_arrangement_free(&a);
    }
    assert_true(asked > 1000);
    assert_true(matched > 500);
    generate_world_free(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(space__rules_that_ask_nothing__is_what_facts_alone_have),
        cmocka_unit_test(space__bounds_and_lists__both_sides_and_all_sets),
        cmocka_unit_test(space__many_values__says_how_many_at_once),
        cmocka_unit_test(admits__all_axes__is_what_the_evaluators_match),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
