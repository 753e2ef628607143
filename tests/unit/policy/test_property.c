/* What holds for all rules and messages, tried on many. */
#include <stdlib.h>

#include "policy/policy_test.h"

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

/* A small generator of our own, so that a failure can be repeated. */
static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 33);
}

/* -- rules and messages ------------------------------------------------------------------------ */

static const char HEAD[] =
    "arrangement: test/one\nversion: 1\nbasis: a test\n"
    "in-force: { not-before: 2020-01-01, expires: 2030-01-01 }\nparties:\n"
    "  - { id: un, name: United Nations, scheme: un-sgb-2007-6 }\n"
    "  - { id: iom, name: Organization, scheme: un-sgb-2007-6 }\n"
    "bodies:\n  - { id: here, name: Here, members: [m] }\n  - { id: there, name: There }\n"
    "rules:\n";

static const char *const RULE_LINES[] = {
    ("  - { id: a, effect: release, basis: '1', duties: [x], when: { kind: publication, "
     "label: { at-most: " MIDDLE " } } }\n"),
    ("  - { id: b, effect: release, basis: '2', when: { kinds: [publication, report], "
     "label: { at-most: " LOW " } } }\n"),
    ("  - { id: c, effect: refer, basis: '3', approvals: 2, duties: [z, x], "
     "when: { label: { at-least: " MIDDLE " } } }\n"),
    ("  - { id: d, effect: refer, basis: '4', when: { duplicate: true } }\n"),
    ("  - { id: e, effect: withhold, basis: '5', when: { kind: report, duplicate: true } }\n"),
    ("  - { id: f, effect: withhold, basis: '6', when: { label: { at-least: " HIGH " } } }\n"),
    ("  - { id: g, effect: refer, basis: '7', approvals: 3, when: { to: un, max-bytes: 500 } }\n"),
    ("  - { id: h, effect: withhold, basis: '8', when: { distribution: [restricted, limited], "
     "audience: [press] } }\n"),
    ("  - { id: i, effect: withhold, basis: '9', when: { personal-data: yes, safeguards: missing } "
     "}\n"),
    ("  - { id: j, effect: refer, basis: '10', when: { embargo: pending, kind: publication } }\n"),
    ("  - { id: k, effect: withhold, basis: '11', when: { body: there, topic: [a, b], "
     "direction: out } }\n"),
    ("  - { id: l, effect: withhold, basis: '12', when: { media-type: ['image/*', text/x], "
     "answers: [unknown, nothing] } }\n"),
};
#define RULE_LINES_COUNT (sizeof RULE_LINES / sizeof RULE_LINES[0])

static const char *const WITHHOLD_LINES[] = {
    "  - { id: zz, effect: withhold, basis: '1', when: { kind: publication } }\n",
    "  - { id: zz, effect: withhold, basis: '1', when: { label: { at-most: " LOW " } } }\n",
    "  - { id: zz, effect: withhold, basis: '1', when: { topic: [a] } }\n",
    "  - { id: zz, effect: withhold, basis: '1', when: { media-type: [text/plain] } }\n",
    "  - { id: zz, effect: withhold, basis: '1' }\n",
};

/** The lines of `which`, in an order by chance, and one more. */
static struct vls_arrangement *make(uint64_t *seed, uint32_t which, const char *more)
{
    size_t order[RULE_LINES_COUNT];
    struct vls_buf yaml;
    vls_buf_init(&yaml, VLS_MAX_ARRANGEMENT_FILE);
    assert_code(vls_buf_add_text(&yaml, HEAD), OK);
    for (size_t i = 0; i < RULE_LINES_COUNT; i++) {
        size_t j = next_random(seed) % (i + 1);
        order[i] = order[j];
        order[j] = i;
    }
    for (size_t i = 0; i < RULE_LINES_COUNT; i++)
        if ((which >> order[i] & 1) != 0)
            assert_code(vls_buf_add_text(&yaml, RULE_LINES[order[i]]), OK);
    assert_code(vls_buf_add_text(&yaml, more), OK);
    struct vls_arrangement *a = read_arrangement(&schemes, vls_buf_text(&yaml));
    vls_buf_fini(&yaml);
    return a;
}

#define ALL_RULES (UINT32_MAX)

static const char *pick(uint64_t *seed, const char *const *from, size_t count)
{
    return from[next_random(seed) % count];
}

static struct vls_texts some_texts(uint64_t *seed)
{
    static const char *const WORDS[] = {"a", "press", "image/png", "text/plain", "text/x", "b"};
    size_t first = next_random(seed) % 5;
    return (struct vls_texts){WORDS + first, next_random(seed) % 3};
}

static void some_facts(uint64_t *seed, struct vls_facts *out)
{
    static const char *const KINDS[] = {"publication", "report", "recall", "letter"};
    static const char *const LABELS[] = {LOW, MIDDLE, HIGH, "other/low", NULL};
    static const char *const BODIES[] = {"", "here", "there", "nowhere"};
    *out = facts_of(&schemes, pick(seed, KINDS, 4), pick(seed, LABELS, 5));
    out->body = pick(seed, BODIES, 4);
    out->is_duplicate = next_random(seed) % 2 == 0;
    out->bytes = next_random(seed) % 1000;
    out->has_personal_data = next_random(seed) % 3 == 0;
    out->safeguards = next_random(seed) % 2 == 0 ? "DPA/1" : NULL;
    out->distribution = (enum vls_distribution)(next_random(seed) % 4);
    out->embargo_until_ms = next_random(seed) % 3 == 0 ? NOW_MS + 1 : 0;
    out->answers = (enum vls_answers)(next_random(seed) % 3);
    out->audience = some_texts(seed);
    out->topics = some_texts(seed);
    out->media_types = some_texts(seed);
    if (next_random(seed) % 2 == 0) {
        out->from = "iom";
        out->to = "un";
        out->is_incoming = true;
    }
}

/* -- order, and what wins ---------------------------------------------------------------------- */

/** The record's bytes but for the arrangement's digest, which the order of the lines does change.
 */
static struct vls_buf record_without_digest(const struct vls_decision *d)
{
    struct vls_buf bytes;
    uint8_t *at = NULL;
    Valise__DecisionRecord *r = unpacked(d);
    memset(r->arrangement_digest.data, 0, r->arrangement_digest.len);
    vls_buf_init(&bytes, VLS_MAX_DECISION);
    assert_code(vls_buf_reserve(&bytes, valise__decision_record__get_packed_size(r), &at), OK);
    vls_buf_took(&bytes, valise__decision_record__pack(r, at));
    valise__decision_record__free_unpacked(r, NULL);
    return bytes;
}

static void property__order_of_rules__changes_nothing(void **state)
{
    (void)state;
    uint64_t seed = 20160919;
    for (int round = 0; round < 20; round++) {
        uint32_t which = next_random(&seed) | 1;
        struct vls_arrangement *a = make(&seed, which, ""), *b = make(&seed, which, "");
        for (int i = 0; i < 25; i++) {
            struct vls_facts facts;
            some_facts(&seed, &facts);
            struct vls_decision from_a = decide(a, &facts), from_b = decide(b, &facts);
            assert_int_equal(from_a.outcome, from_b.outcome);
            assert_int_equal(from_a.approvals, from_b.approvals);
            assert_string_equal(from_a.reason, from_b.reason);
            struct vls_buf bytes_a = record_without_digest(&from_a);
            struct vls_buf bytes_b = record_without_digest(&from_b);
            assert_true(vls_slice_is_equal(vls_buf_slice(&bytes_a), vls_buf_slice(&bytes_b)));
            vls_buf_fini(&bytes_a);
            vls_buf_fini(&bytes_b);
            vls_decision_fini(&from_a);
            vls_decision_fini(&from_b);
        }
        vls_arrangement_free(&a);
        vls_arrangement_free(&b);
    }
}

/* The outcome is that of the most restrictive rule that matched, whatever else did. */
static void property__denial__overrides(void **state)
{
    (void)state;
    uint64_t seed = 3;
    struct vls_arrangement *a = make(&seed, ALL_RULES, "");
    size_t mixed = 0;
    for (int i = 0; i < 1500; i++) {
        struct vls_facts facts;
        some_facts(&seed, &facts);
        struct vls_decision d = decide(a, &facts);
        Valise__DecisionRecord *r = unpacked(&d);
        int most = 0;
        for (size_t k = 0; k < r->n_rules; k++)
            most = (int)r->rules[k]->effect > most ? (int)r->rules[k]->effect : most;
        if (r->n_rules != 0)
            assert_int_equal(d.outcome, most);
        else
            assert_true(d.outcome >= VLS_OUTCOME_WITHHOLD);
        mixed += r->n_rules > 1 && (int)r->rules[r->n_rules - 1]->effect != most;
        valise__decision_record__free_unpacked(r, NULL);
        vls_decision_fini(&d);
    }
    assert_true(mixed > 80);
    vls_arrangement_free(&a);
}

static void property__another_withhold_rule__never_makes_it_milder(void **state)
{
    (void)state;
    uint64_t seed = 11;
    size_t harder = 0;
    for (int round = 0; round < 20; round++) {
        uint32_t which = next_random(&seed) | 3;
        const char *more =
            WITHHOLD_LINES[next_random(&seed) % (sizeof WITHHOLD_LINES / sizeof WITHHOLD_LINES[0])];
        struct vls_arrangement *a = make(&seed, which, ""), *b = make(&seed, which, more);
        for (int i = 0; i < 100; i++) {
            struct vls_facts facts;
            some_facts(&seed, &facts);
            enum vls_outcome before = outcome_of(a, &facts), after = outcome_of(b, &facts);
            assert_true(after >= before);
            harder += after > before;
        }
        vls_arrangement_free(&a);
        vls_arrangement_free(&b);
    }
    assert_true(harder > 50);
}

/* -- labels ------------------------------------------------------------------------------------ */

/** Rules by label alone: what releases has a highest label, what restricts a lowest. */
static struct vls_arrangement *make_by_label(uint64_t *seed)
{
    static const char *const LEVELS[] = {LOW, MIDDLE, HIGH};
    static const char *const EFFECTS[] = {"release", "refer", "withhold"};
    struct vls_buf yaml;
    vls_buf_init(&yaml, VLS_MAX_ARRANGEMENT_FILE);
    assert_code(vls_buf_add_text(&yaml, HEAD), OK);
    for (int i = 0; i < 5; i++) {
        size_t effect = next_random(seed) % 3;
        assert_code(vls_buf_add_format(&yaml,
                                       "  - { id: r%d, effect: %s, basis: x, when: { label: { %s: "
                                       "%s } } }\n",
                                       i, EFFECTS[effect], effect == 0 ? "at-most" : "at-least",
                                       pick(seed, LEVELS, 3)),
                    OK);
    }
    struct vls_arrangement *a = read_arrangement(&schemes, vls_buf_text(&yaml));
    vls_buf_fini(&yaml);
    return a;
}

/* But for what no rule covers: there an officer may still be asked higher up. */
static void property__higher_label__is_never_milder(void **state)
{
    (void)state;
    static const char *const LEVELS[] = {LOW, MIDDLE, HIGH};
    uint64_t seed = 5;
    for (int round = 0; round < 200; round++) {
        struct vls_arrangement *a = make_by_label(&seed);
        enum vls_outcome last = VLS_OUTCOME_RELEASE;
        for (size_t i = 0; i < 3; i++) {
            struct vls_facts facts = facts_of(&schemes, "publication", LEVELS[i]);
            struct vls_decision d = decide(a, &facts);
            Valise__DecisionRecord *r = unpacked(&d);
            if (r->n_rules != 0) {
                assert_true(d.outcome >= last);
                last = d.outcome;
            }
            valise__decision_record__free_unpacked(r, NULL);
            vls_decision_fini(&d);
        }
        vls_arrangement_free(&a);
    }
}

/* -- nearest change ---------------------------------------------------------------------------- */

static const char *after(const char *text, const char *start)
{
    size_t len = strlen(start);
    return strncmp(text, start, len) == 0 ? text + len : NULL;
}

/** The one word that a list consists of then. */
static struct vls_texts one_word(const char **word, const char *text)
{
    *word = text;
    return (struct vls_texts){word, 1};
}

/** Do what a clause of the nearest change says; words stay in the text. */
static void apply_clause(char *clause, struct vls_facts *facts, const char **word)
{
    const char *at;
    char *star = strchr(clause, '*');
    if (star != NULL)
        *star = 'x';
    if ((at = after(clause, "its label were ")) != NULL)
        facts->label = label_of(&schemes, at);
    else if ((at = after(clause, "it were of kind ")) != NULL)
        facts->kind = at;
    else if ((at = after(clause, "it were addressed to ")) != NULL)
        facts->body = strcmp(at, "no body") == 0 ? "" : at;
    else if ((at = after(clause, "its audience were ")) != NULL)
        facts->audience = one_word(word, at);
    else if ((at = after(clause, "its topic were ")) != NULL)
        facts->topics = one_word(word, at);
    else if ((at = after(clause, "all its documents were ")) != NULL)
        facts->media_types = one_word(word, at);
    else if ((at = after(clause, "it had ")) != NULL)
        facts->bytes = strtoull(at, NULL, 10);
    else if ((at = after(clause, "its distribution were ")) != NULL)
        for (facts->distribution = VLS_DISTRIBUTION_NONE;
             strcmp(vls_distribution_at(facts->distribution), at) != 0;)
            facts->distribution++;
    else if (strcmp(clause, "it named its safeguards") == 0)
        facts->safeguards = "named";
    else if (strcmp(clause, "its embargo were over") == 0)
        facts->embargo_until_ms = 0;
    else if ((at = after(clause, "it answered ")) != NULL)
        facts->answers = strcmp(at, "nothing") == 0     ? VLS_ANSWERS_NOTHING
                         : strstr(at, "theirs") != NULL ? VLS_ANSWERS_KNOWN
                                                        : VLS_ANSWERS_UNKNOWN;
    else if (after(clause, "it held ") != NULL)
        facts->has_personal_data = strstr(clause, "no ") == NULL;
    else if (after(clause, "it went from ") != NULL) {
        const char *from = facts->from;
        facts->from = facts->to;
        facts->to = from;
        facts->is_incoming = !facts->is_incoming;
    } else if (strcmp(clause, "it were no duplicate") == 0)
        facts->is_duplicate = false;
    else if (strcmp(clause, "it were a duplicate") == 0)
        facts->is_duplicate = true;
    else
        fail_msg("what is '%s'?", clause);
}

/** @return how many facts it changes */
static size_t apply(char *change, struct vls_facts *facts, const char *words[2])
{
    static const char AND[] = " and ";
    char *first = strstr(change, ", if ");
    assert_non_null(first);
    first += 5;
    char *second = strstr(first, AND);
    if (second != NULL) {
        *second = '\0';
        apply_clause(second + sizeof AND - 1, facts, &words[1]);
    }
    apply_clause(first, facts, &words[0]);
    return second != NULL ? 2 : 1;
}

/** No other level, kind or turned flag gives a milder outcome by itself. */
static void expect_no_milder(const struct vls_arrangement *a, const struct vls_facts *facts,
                             enum vls_outcome outcome)
{
    const struct vls_kind *kind;
    struct vls_facts changed = *facts;
    changed.is_duplicate = !changed.is_duplicate;
    assert_true(outcome_of(a, &changed) >= outcome);
    changed = *facts;
    changed.has_personal_data = !changed.has_personal_data;
    assert_true(outcome_of(a, &changed) >= outcome);
    for (size_t i = 0; i < vls_scheme_count(schemes.un); i++) {
        changed = *facts;
        changed.label.classification = vls_scheme_at(schemes.un, i);
        assert_true(outcome_of(a, &changed) >= outcome);
    }
    for (size_t i = 0; (kind = vls_kind_at(i)) != NULL; i++) {
        changed = *facts;
        changed.kind = kind->name;
        assert_true(outcome_of(a, &changed) >= outcome);
    }
}

static void property__nearest_change__does_what_it_says(void **state)
{
    (void)state;
    uint64_t seed = 7;
    size_t sizes[3] = {0};
    struct vls_arrangement *a = make(&seed, ALL_RULES, "");
    for (int i = 0; i < 500; i++) {
        struct vls_facts facts, changed;
        some_facts(&seed, &facts);
        changed = facts;
        struct vls_decision d = decide(a, &facts);
        Valise__DecisionRecord *r = unpacked(&d);
        size_t size = 0;
        if (r->nearest_change[0] != '\0') {
            const char *words[2], *name;
            size = apply(r->nearest_change, &changed, words);
            enum vls_outcome then = outcome_of(a, &changed);
            name = vls_outcome_name(then);
            assert_true(then < d.outcome);
            assert_memory_equal(r->nearest_change, name, strlen(name));
        }
        if (facts.label.scheme != schemes.un)
            assert_int_equal(size, 0); /* how to label it is not ours to say */
        else if (size != 1)
            expect_no_milder(a, &facts, d.outcome);
        sizes[size]++;
        valise__decision_record__free_unpacked(r, NULL);
        vls_decision_fini(&d);
    }
    assert_true(sizes[1] > 60 && sizes[2] > 30);
    vls_arrangement_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(property__order_of_rules__changes_nothing),
        cmocka_unit_test(property__denial__overrides),
        cmocka_unit_test(property__another_withhold_rule__never_makes_it_milder),
        cmocka_unit_test(property__higher_label__is_never_milder),
        cmocka_unit_test(property__nearest_change__does_what_it_says),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
