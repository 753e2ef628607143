/* The search for what two versions decide otherwise: against every message of small spaces, and on
 * the example arrangement. */
#include <stdlib.h>

#include "base/mem.h"
#include "policy/difference.h"
#include "policy/generate.h"
#include "policy/policy_test.h"

/* Spaces of the property are cut down until every message can be tried. */
#define MAX_MESSAGES 6000u
#define MAX_KEYS     512u

/* -- every message ------------------------------------------------------------------------------
 */

/** One way to be decided otherwise, and the least unusual message of it. */
struct key {
    enum vls_change_what what;
    unsigned outcome_before, outcome_after, before, after;
    const char *duty;
    uint32_t cost;
};

struct keys {
    struct key at[MAX_KEYS];
    size_t count;
};

static bool is_same_key(const struct key *a, const struct key *b)
{
    bool is_outcome = a->what == VLS_CHANGE_OUTCOME;
    return a->what == b->what && a->before == b->before && a->after == b->after &&
           (!is_outcome ||
            (a->outcome_before == b->outcome_before && a->outcome_after == b->outcome_after)) &&
           (a->duty == b->duty ||
            (a->duty != NULL && b->duty != NULL && strcmp(a->duty, b->duty) == 0));
}

static const struct key *find_key(const struct keys *keys, const struct key *key)
{
    for (size_t i = 0; i < keys->count; i++)
        if (is_same_key(&keys->at[i], key))
            return &keys->at[i];
    return NULL;
}

static void add_key(struct keys *keys, struct key key)
{
    struct key *there = (struct key *)find_key(keys, &key);
    if (there == NULL) {
        assert_true(keys->count < MAX_KEYS);
        keys->at[keys->count++] = key;
    } else if (key.cost < there->cost) {
        there->cost = key.cost;
    }
}

static bool has_duty_of(const struct vls_judgement *j, const char *kind, const char *duty)
{
    const struct vls_kind *k = vls_kind_by_name(kind);
    if (j->outcome > VLS_OUTCOME_REFER)
        return false;
    for (size_t i = 0; k->duties[i] != NULL; i++)
        if (strcmp(k->duties[i], duty) == 0)
            return true;
    for (size_t i = 0; i < j->matched_count; i++)
        for (size_t d = 0; d < j->matched[i].rule->duty_count; d++)
            if (strcmp(j->matched[i].rule->duties[d], duty) == 0)
                return true;
    return false;
}

static void add_new_duties(struct keys *keys, enum vls_change_what what, uint32_t cost,
                           const struct vls_judgement *with, const struct vls_judgement *without,
                           const char *kind)
{
    for (size_t i = 0; i < with->matched_count; i++)
        for (size_t d = 0; d < with->matched[i].rule->duty_count; d++) {
            const char *duty = with->matched[i].rule->duties[d];
            if (has_duty_of(with, kind, duty) && !has_duty_of(without, kind, duty))
                add_key(keys, (struct key){.what = what, .duty = duty, .cost = cost});
        }
}

static void try_message(const struct vls_space *space, const struct vls_point *point,
                        const struct vls_books books[2], struct keys *keys)
{
    struct vls_space_facts facts;
    struct vls_judgement a, b;
    uint32_t cost = vls_space_cost(space, point);
    vls_space_facts(space, point, &facts);
    assert_code(vls_judge(&books[0], &facts.facts, &a, NULL), OK);
    assert_code(vls_judge(&books[1], &facts.facts, &b, NULL), OK);
    assert_true(a.cause != VLS_CAUSE_DISAGREEMENT && b.cause != VLS_CAUSE_DISAGREEMENT);
    if (a.outcome != b.outcome || a.approvals != b.approvals) {
        add_key(keys, (struct key){VLS_CHANGE_OUTCOME, a.outcome, b.outcome, a.approvals,
                                   b.approvals, NULL, cost});
    } else {
        add_new_duties(keys, VLS_CHANGE_DUTY_REMOVED, cost, &a, &b, facts.facts.kind);
        add_new_duties(keys, VLS_CHANGE_DUTY_ADDED, cost, &b, &a, facts.facts.kind);
        if (a.retain_years != b.retain_years)
            add_key(keys, (struct key){.what = VLS_CHANGE_RETAIN,
                                       .before = a.retain_years,
                                       .after = b.retain_years,
                                       .cost = cost});
    }
    vls_judgement_fini(&a);
    vls_judgement_fini(&b);
}

static void try_all(const struct vls_space *space, const struct vls_books books[2],
                    struct keys *keys)
{
    struct vls_point point = {.at = {0}};
    for (size_t axis = 0; axis < VLS_AXES;) {
        try_message(space, &point, books, keys);
        for (axis = 0; axis < VLS_AXES; axis++) {
            if (++point.at[axis] < space->axes[axis].count)
                break;
            point.at[axis] = 0;
        }
    }
}

static void compare_with_all(const struct vls_space *space, const struct vls_books books[2],
                             const struct vls_difference *found, size_t *out_keys)
{
    static struct keys all, ours;
    all.count = ours.count = 0;
    try_all(space, books, &all);
    for (size_t i = 0; i < found->count; i++) {
        const struct vls_change *c = &found->changes[i];
        assert_int_equal(c->cost, vls_space_cost(space, &c->example));
        add_key(&ours, (struct key){c->what, c->outcome_before, c->outcome_after, c->before,
                                    c->after, c->duty, c->cost});
    }
    for (size_t i = 0; i < all.count; i++) {
        const struct key *k = &all.at[i], *there = find_key(&ours, k);
        if (there == NULL)
            fail_msg("missed: what %d, outcome %u to %u, %u to %u, %s", (int)k->what,
                     k->outcome_before, k->outcome_after, k->before, k->after,
                     k->duty != NULL ? k->duty : "");
        assert_int_equal(there->cost, k->cost);
    }
    for (size_t i = 0; i < ours.count; i++)
        assert_non_null(find_key(&all, &ours.at[i]));
    *out_keys += all.count;
}

/* -- spaces and books by chance ---------------------------------------------------------------- */

static void swap_values(struct vls_space_axis *axis, size_t i, size_t k)
{
    struct vls_space_value swap = axis->values[i];
    axis->values[i] = axis->values[k];
    axis->values[k] = swap;
}

/** Bring the message of some change to the front, so that what is left holds it. */
static void bring_forward(struct vls_space *space, const struct vls_difference *found,
                          struct generate_random *random)
{
    if (found->count == 0)
        return;
    const struct vls_change *c = &found->changes[generate_number(random, found->count)];
    for (size_t axis = 0; axis < VLS_AXES; axis++)
        swap_values(&space->axes[axis], 0, c->example.at[axis]);
}

/** Take values away by chance until every message can be tried. */
static void cut_down(struct vls_space *space, struct generate_random *random)
{
    for (;;) {
        size_t messages = 1;
        for (size_t axis = 0; axis < VLS_AXES; axis++)
            messages *= space->axes[axis].count;
        if (messages <= MAX_MESSAGES)
            return;
        struct vls_space_axis *axis = &space->axes[generate_number(random, VLS_AXES)];
        if (axis->count < 2)
            continue;
        size_t kept = axis->count > 8 ? 1 + generate_number(random, 4) : axis->count - 1;
        for (size_t i = 1; i < kept; i++)
            swap_values(axis, i, i + generate_number(random, axis->count - i));
        axis->count = kept;
    }
}

static char *DUTIES[] = {"seal", "registry", "embargo"};

/** What the generator leaves out, and what a file would not have. */
static void dress(struct vls_arrangement *a, struct generate_random *random, bool is_house)
{
    a->is_house = is_house;
    for (size_t i = 0; i < a->rule_count; i++) {
        struct vls_rule *rule = &a->rules[i];
        if (rule->effect != VLS_OUTCOME_REFER)
            rule->approvals = 0;
        rule->approvals %= 3;
        rule->duty_count = generate_number(random, 3);
        for (size_t k = 0; k < rule->duty_count; k++)
            rule->duties[k] = DUTIES[generate_number(random, 3)];
        if (generate_chance(random, 30))
            rule->retain_years = 1 + (uint32_t)generate_number(random, 3);
    }
}

/** Another version: some rules are gone, some are changed. */
static void edit(const struct generate_arrangement *from, struct generate_arrangement *to,
                 struct generate_random *random)
{
    struct vls_arrangement *a = &to->arrangement;
    const struct vls_arrangement *old = &from->arrangement;
    a->party_count = old->party_count;
    vls_copy(a->parties, old->parties, sizeof a->parties);
    a->bodies = old->bodies;
    a->body_count = old->body_count;
    size_t kept = 0;
    for (size_t i = 0; i < old->rule_count; i++) {
        struct vls_rule rule = old->rules[i];
        if (generate_chance(random, 15))
            continue;
        if (rule.when.from != NULL)
            rule.when.from = &a->parties[rule.when.from - old->parties];
        if (rule.when.to != NULL)
            rule.when.to = &a->parties[rule.when.to - old->parties];
        if (generate_chance(random, 20))
            rule.effect = VLS_OUTCOME_RELEASE + (unsigned)generate_number(random, 3);
        if (generate_chance(random, 20))
            rule.retain_years = (uint32_t)generate_number(random, 4);
        if (generate_chance(random, 20))
            rule.when.kind_count = 0;
        if (generate_chance(random, 20))
            rule.when.at_most.scheme = NULL;
        rule.approvals = rule.effect == VLS_OUTCOME_REFER ? 1 + (uint32_t)(i % 3) : 0;
        a->rules[kept++] = rule;
    }
    a->rule_count = kept;
    if (generate_chance(random, 20))
        a->expires_ms = NOW_MS;
}

struct pair {
    struct generate_arrangement *joint[2], *house[2];
};

static void make_pair(const struct generate_world *world, struct generate_random *random,
                      bool has_house, struct pair *out, struct vls_books books[2])
{
    const struct generate_shape shape = {.rules = 3 + generate_number(random, 8),
                                         .asks = 8 + (unsigned)generate_number(random, 25),
                                         .categories = 20,
                                         .odd = 15};
    for (unsigned side = 0; side < 2; side++) {
        out->joint[side] = generate_arrangement(world, random, shape);
        out->house[side] = has_house ? generate_arrangement(world, random, shape) : NULL;
        assert_non_null(out->joint[side]);
    }
    dress(&out->joint[0]->arrangement, random, false);
    dress(&out->joint[1]->arrangement, random, false);
    if (generate_chance(random, 80))
        edit(out->joint[0], out->joint[1], random);
    for (unsigned side = 0; side < 2; side++) {
        struct generate_arrangement *house = out->house[side];
        assert_code(generate_index(out->joint[side], NULL), OK);
        books[side] = (struct vls_books){.joint = &out->joint[side]->arrangement};
        if (house == NULL)
            continue;
        dress(&house->arrangement, random, true);
        if (side == 1 && generate_chance(random, 50))
            edit(out->house[0], house, random);
        assert_code(generate_index(house, NULL), OK);
        books[side].house = &house->arrangement;
    }
}

static void free_pair(struct pair *pair)
{
    /* the later ones borrow from the first ones */
    for (unsigned side = 2; side-- > 0;) {
        generate_arrangement_free(&pair->joint[side]);
        generate_arrangement_free(&pair->house[side]);
    }
}

static void compare_by_chance(unsigned rounds, uint64_t seed, bool has_house)
{
    struct generate_world world;
    struct generate_random random = {seed};
    size_t keys = 0;
    assert_code(generate_world_make(&world, NULL), OK);
    for (unsigned round = 0; round < rounds; round++) {
        struct pair pair;
        struct vls_books books[2];
        struct vls_space *space = NULL;
        struct vls_difference found;
        struct vls_why why = {""};
        make_pair(&world, &random, has_house, &pair, books);
        assert_code(vls_space_make(books, 2, NOW_MS, &space, NULL), OK);
        if (!vls_ok(vls_difference_find(space, &books[0], &books[1], 10000, &found, &why)))
            fail_msg("round %u, whole: %s", round, why.text);
        bring_forward(space, &found, &random);
        vls_difference_fini(&found);
        cut_down(space, &random);
        if (!vls_ok(vls_difference_find(space, &books[0], &books[1], VLS_DIFFERENCE_MAX_STATES,
                                        &found, &why)))
            fail_msg("round %u: %s", round, why.text);
        assert_int_equal(found.partly_count, 0);
        compare_with_all(space, books, &found, &keys);
        vls_difference_fini(&found);
        vls_space_free(&space);
        free_pair(&pair);
    }
    assert_true(keys > rounds);
    generate_world_free(&world);
}

static void difference__small_arrangements__is_what_all_messages_show(void **state)
{
    (void)state;
    compare_by_chance(60, 41, false);
}

static void difference__with_house_rules__is_what_all_messages_show(void **state)
{
    (void)state;
    compare_by_chance(40, 43, true);
}

/* -- the example arrangement ------------------------------------------------------------------- */

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

/** The example with one text of it replaced. */
static struct vls_arrangement *edited(const char *old, const char *replacement)
{
    struct vls_buf yaml, out;
    vls_buf_init(&yaml, VLS_MAX_ARRANGEMENT_FILE);
    vls_buf_init(&out, VLS_MAX_ARRANGEMENT_FILE);
    FILE *file = fopen(UN_IOM, "r");
    assert_non_null(file);
    uint8_t *at = NULL;
    assert_code(vls_buf_reserve(&yaml, 262144, &at), OK);
    vls_buf_took(&yaml, fread(at, 1, 262144, file));
    fclose(file);
    const char *text = vls_buf_text(&yaml), *place = strstr(text, old);
    assert_non_null(place);
    assert_code(vls_buf_add(&out, text, (size_t)(place - text)), OK);
    assert_code(vls_buf_add_text(&out, replacement), OK);
    assert_code(vls_buf_add_text(&out, place + strlen(old)), OK);
    struct vls_arrangement *a = read_arrangement(&schemes, vls_buf_text(&out));
    vls_buf_fini(&yaml);
    vls_buf_fini(&out);
    return a;
}

static struct vls_difference differ(const struct vls_arrangement *before,
                                    const struct vls_arrangement *after, uint64_t max_states,
                                    struct vls_space **out_space)
{
    const struct vls_books books[2] = {{.joint = before}, {.joint = after}};
    struct vls_difference found;
    struct vls_why why = {""};
    assert_code(vls_space_make(books, 2, NOW_MS, out_space, NULL), OK);
    if (!vls_ok(vls_difference_find(*out_space, &books[0], &books[1], max_states, &found, &why)))
        fail_msg("%s", why.text);
    return found;
}

static char *words_of(const struct vls_space *space, const struct vls_arrangement *before,
                      const struct vls_arrangement *after, const struct vls_change *change)
{
    const struct vls_books a = {.joint = before}, b = {.joint = after};
    struct vls_buf words;
    vls_buf_init(&words, 4096);
    assert_code(vls_change_words(space, &a, &b, change, &words, NULL), OK);
    char *text = vls_mem_dup(vls_buf_text(&words));
    vls_buf_fini(&words);
    return text;
}

static void difference__same_arrangement__is_none(void **state)
{
    (void)state;
    struct vls_space *space = NULL;
    struct vls_arrangement *a = load_arrangement(&schemes), *b = load_arrangement(&schemes);
    struct vls_difference found = differ(a, b, VLS_DIFFERENCE_MAX_STATES, &space);
    assert_int_equal(found.count, 0);
    assert_int_equal(found.searched, 0);
    vls_difference_fini(&found);
    vls_space_free(&space);
    vls_arrangement_free(&a);
    vls_arrangement_free(&b);
}

static void difference__wider_rule__smallest_example_says_it(void **state)
{
    (void)state;
    struct vls_space *space = NULL;
    struct vls_arrangement *a = load_arrangement(&schemes);
    struct vls_arrangement *b =
        edited("kind: agenda-proposal, from: un, to: iom, label: { at-most: " MIDDLE " } }\n"
               "    approvals: 1",
               "kind: agenda-proposal, from: un, to: iom, label: { at-most: " MIDDLE " } }\n"
               "    approvals: 3");
    struct vls_difference found = differ(a, b, VLS_DIFFERENCE_MAX_STATES, &space);
    assert_int_equal(found.count, 2); /* with third-party material it is two officers already */
    assert_string_equal(found.changes[0].rule->id, "propose-agenda-items-to-iom");
    assert_true(vls_change_direction(&found.changes[0]) > 0);
    char *words = words_of(space, a, b, &found.changes[0]);
    assert_string_equal(words, "kind agenda-proposal, from un, to iom, label " LOW
                               ": was referred to 1 officer by propose-agenda-items-to-iom, now "
                               "referred to 3 officers by propose-agenda-items-to-iom");
    vls_mem_free(words);
    vls_difference_fini(&found);
    vls_space_free(&space);
    vls_arrangement_free(&a);
    vls_arrangement_free(&b);
}

static void difference__milder_ones__come_first(void **state)
{
    (void)state;
    struct vls_space *space = NULL;
    struct vls_arrangement *a = load_arrangement(&schemes);
    struct vls_arrangement *b =
        edited("when: { kind: publication, label: { at-most: un-sgb-2007-6/unclassified } }",
               "when: { kinds: [publication, agenda-proposal], label: { at-most: " MIDDLE " } }");
    struct vls_arrangement *c = edited("  - id: strictly-confidential-stays\n    effect: withhold",
                                       "  - id: strictly-confidential-stays\n    effect: refer");
    struct vls_difference found = differ(a, c, VLS_DIFFERENCE_MAX_STATES, &space);
    assert_true(found.count > 0);
    for (size_t i = 1; i < found.count; i++)
        assert_true(vls_change_direction(&found.changes[i - 1]) <=
                    vls_change_direction(&found.changes[i]));
    assert_true(vls_change_direction(&found.changes[0]) < 0);
    vls_difference_fini(&found);
    vls_space_free(&space);
    found = differ(a, b, VLS_DIFFERENCE_MAX_STATES, &space);
    assert_int_equal(found.count, 0); /* more restrictive rules match all of it */
    assert_true(found.searched > 0);
    vls_difference_fini(&found);
    vls_space_free(&space);
    vls_arrangement_free(&a);
    vls_arrangement_free(&b);
    vls_arrangement_free(&c);
}

static void difference__bound_of_work__is_said(void **state)
{
    (void)state;
    struct vls_space *space = NULL;
    struct vls_arrangement *a = load_arrangement(&schemes);
    struct vls_arrangement *b = edited("  - id: strictly-confidential-stays\n    effect: withhold",
                                       "  - id: strictly-confidential-stays\n    effect: refer");
    struct vls_difference found = differ(a, b, 1, &space);
    assert_true(found.partly_count > 0);
    assert_string_equal(found.partly[0], "strictly-confidential-stays");
    vls_difference_fini(&found);
    vls_space_free(&space);
    vls_arrangement_free(&a);
    vls_arrangement_free(&b);
}

/* -- what is written otherwise ----------------------------------------------------------------- */

static struct vls_status note_declared(void *ctx, const struct vls_declared *d)
{
    return vls_buf_add_format(ctx, "%s %s: %s: %s -> %s\n", d->what, d->name, d->change, d->before,
                              d->after);
}

static void declared__each_part__is_told_once(void **state)
{
    (void)state;
    struct vls_buf text;
    vls_buf_init(&text, 65536);
    struct vls_arrangement *a = load_arrangement(&schemes);
    struct vls_arrangement *b = edited("    when: { kind: statistical-dataset, embargo: pending }\n"
                                       "    approvals: 1\n    duties: [embargo]\n",
                                       "    when: { kind: statistical-dataset, duplicate: yes }\n"
                                       "    approvals: 2\n    retain-years: 3\n");
    const struct vls_books before = {.joint = a}, after = {.joint = b};
    assert_code(vls_difference_declared(&before, &after, note_declared, &text, NULL), OK);
    assert_string_equal(vls_buf_text(&text),
                        "rule statistics-under-embargo: embargo: pending -> \n"
                        "rule statistics-under-embargo: duplicate:  -> yes\n"
                        "rule statistics-under-embargo: approvals: 1 -> 2\n"
                        "rule statistics-under-embargo: duties: embargo -> \n"
                        "rule statistics-under-embargo: retain-years:  -> 3\n");
    vls_buf_fini(&text);
    vls_arrangement_free(&a);
    vls_arrangement_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(difference__small_arrangements__is_what_all_messages_show),
        cmocka_unit_test(difference__with_house_rules__is_what_all_messages_show),
        cmocka_unit_test(difference__same_arrangement__is_none),
        cmocka_unit_test(difference__wider_rule__smallest_example_says_it),
        cmocka_unit_test(difference__milder_ones__come_first),
        cmocka_unit_test(difference__bound_of_work__is_said),
        cmocka_unit_test(declared__each_part__is_told_once),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
