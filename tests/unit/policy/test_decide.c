#include "policy/policy_test.h"

#include "schemas/envelope.pb-c.h"

#define LOW    "un-sgb-2007-6/unclassified"
#define MIDDLE "un-sgb-2007-6/confidential"
#define HIGH   "un-sgb-2007-6/strictly-confidential"

/* What a record of everyday looks like; the table that holds it counts on millions of them. */
#define TYPICAL_RECORD 400

static struct label_schemes schemes;
static struct vls_arrangement *un_iom;

static int set_up(void **state)
{
    (void)state;
    struct vls_why why = {""};
    schemes = load_schemes();
    if (!vls_ok(vls_arrangement_load(UN_IOM, &schemes.set, &un_iom, &why)))
        fail_msg("%s", why.text);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    vls_arrangement_free(&un_iom);
    vls_scheme_set_free(&schemes.set);
    return 0;
}

static struct vls_decision decide(const struct vls_arrangement *a, const struct vls_facts *facts)
{
    struct vls_decision d;
    struct vls_why why = {""};
    if (!vls_ok(vls_decide(a, facts, &d, &why)))
        fail_msg("%s", why.text);
    return d;
}

static Valise__DecisionRecord *unpacked(const struct vls_decision *d)
{
    Valise__DecisionRecord *r = valise__decision_record__unpack(NULL, d->record.len, d->record.at);
    assert_non_null(r);
    return r;
}

static const char *fact(const Valise__DecisionRecord *r, const char *name)
{
    for (size_t i = 0; i < r->n_facts; i++)
        if (strcmp(r->facts[i]->name, name) == 0)
            return r->facts[i]->value;
    return NULL;
}

/* -- the shipped arrangement ------------------------------------------------------------------- */

static const struct {
    const char *kind, *label;
    bool is_duplicate;
    enum vls_outcome outcome;
    uint32_t approvals;
    const char *reason, *nearest;
} CASES[] = {
    {"publication", LOW, false, VLS_OUTCOME_RELEASE, 0,
     "rule exchange-publications (7(1)) releases this publication labelled unclassified", ""},
    {"publication", LOW, true, VLS_OUTCOME_REFER, 1,
     "rule advise-on-duplicates (7(4)) refers this publication labelled unclassified to 1 officer",
     "release, if it were no duplicate"},
    {"publication", MIDDLE, false, VLS_OUTCOME_REFER, 1,
     "rule confidential-by-officer (13(2)) refers this publication labelled confidential to 1 "
     "officer",
     "release, if its label were un-sgb-2007-6/unclassified"},
    {"publication", HIGH, false, VLS_OUTCOME_WITHHOLD, 0,
     "rule strictly-confidential-stays (13(1)) withholds this publication labelled "
     "strictly-confidential",
     "refer, if its label were un-sgb-2007-6/confidential"},
    {"information-request", LOW, false, VLS_OUTCOME_RELEASE, 0,
     "rule ask-for-information (3(5), 7(2), 7(3)) releases this information-request labelled "
     "unclassified",
     ""},
    {"information-response", LOW, false, VLS_OUTCOME_RELEASE, 0,
     "rule furnish-information (7(2), 7(3)) releases this information-response labelled "
     "unclassified",
     ""},
    {"information-response", MIDDLE, false, VLS_OUTCOME_REFER, 1,
     "rule confidential-by-officer (13(2)) refers this information-response labelled confidential "
     "to "
     "1 officer",
     "release, if its label were un-sgb-2007-6/unclassified"},
    {"statistical-dataset", LOW, true, VLS_OUTCOME_REFER, 1,
     "rule advise-on-duplicates (7(4)) refers this statistical-dataset labelled unclassified to 1 "
     "officer",
     "release, if it were no duplicate"},
    {"written-statement", LOW, true, VLS_OUTCOME_RELEASE, 0,
     "rule distribute-statements (5(3)) releases this written-statement labelled unclassified", ""},
    {"written-statement", MIDDLE, false, VLS_OUTCOME_WITHHOLD, 0,
     "no rule of un-iom/document-exchange covers kind written-statement labelled confidential from "
     "un "
     "to iom",
     "refer, if it were of kind publication"},
    {"agenda-proposal", LOW, false, VLS_OUTCOME_REFER, 1,
     "rule propose-agenda-items (6(1), 6(2)) refers this agenda-proposal labelled unclassified to "
     "1 "
     "officer",
     "release, if it were of kind publication"},
    {"arrangement-proposal", MIDDLE, false, VLS_OUTCOME_REFER, 2,
     "rule amend-arrangements (14, 15, 16) refers this arrangement-proposal labelled confidential "
     "to 2 "
     "officers",
     ""},
    {"report", LOW, false, VLS_OUTCOME_WITHHOLD, 0,
     "no rule of un-iom/document-exchange covers kind report labelled unclassified from un to iom",
     "refer, if its label were un-sgb-2007-6/confidential"},
};

static void un_iom__typical_messages__outcome_reason_and_nearest_change(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct vls_facts facts = facts_of(&schemes, CASES[i].kind, CASES[i].label);
        facts.is_duplicate = CASES[i].is_duplicate;
        struct vls_decision d = decide(un_iom, &facts);
        assert_string_equal(d.reason, CASES[i].reason);
        assert_int_equal(d.outcome, CASES[i].outcome);
        assert_int_equal(d.approvals, CASES[i].approvals);
        Valise__DecisionRecord *r = unpacked(&d);
        assert_string_equal(r->nearest_change, CASES[i].nearest);
        assert_string_equal(r->reason, d.reason);
        assert_int_equal(r->outcome, d.outcome);
        valise__decision_record__free_unpacked(r, NULL);
        if (d.outcome == VLS_OUTCOME_RELEASE && !facts.is_duplicate)
            assert_true(d.record.len < TYPICAL_RECORD);
        vls_decision_fini(&d);
    }
}

static void un_iom__reports__go_one_way_only(void **state)
{
    (void)state;
    struct vls_facts facts = facts_of(&schemes, "report", LOW);
    facts.from = "iom";
    facts.to = "un";
    struct vls_decision d = decide(un_iom, &facts);
    assert_int_equal(d.outcome, VLS_OUTCOME_RELEASE);
    Valise__DecisionRecord *r = unpacked(&d);
    assert_int_equal(r->n_duties, 1);
    assert_string_equal(r->duties[0], "through-the-secretary-general");
    valise__decision_record__free_unpacked(r, NULL);
    vls_decision_fini(&d);
}

static void un_iom__every_kind__strictly_confidential_is_withheld(void **state)
{
    (void)state;
    const struct vls_kind *kind;
    for (size_t i = 0; (kind = vls_kind_at(i)) != NULL; i++) {
        struct vls_facts facts = facts_of(&schemes, kind->name, HIGH);
        struct vls_decision d = decide(un_iom, &facts);
        assert_int_equal(d.outcome, VLS_OUTCOME_WITHHOLD);
        vls_decision_fini(&d);
    }
}

/* The higher the label, the more restrictive the outcome - but for what no rule covers low down. */
static void un_iom__every_kind__confidential_is_never_released(void **state)
{
    (void)state;
    const struct vls_kind *kind;
    for (size_t i = 0; (kind = vls_kind_at(i)) != NULL; i++) {
        struct vls_facts facts = facts_of(&schemes, kind->name, MIDDLE);
        struct vls_decision d = decide(un_iom, &facts);
        assert_true(d.outcome > VLS_OUTCOME_RELEASE);
        vls_decision_fini(&d);
    }
}

/* -- what comes before the rules --------------------------------------------------------------- */

static void expect(const struct vls_arrangement *a, const struct vls_facts *facts,
                   enum vls_outcome outcome, const char *reason)
{
    struct vls_decision d = decide(a, facts);
    assert_string_equal(d.reason, reason);
    assert_int_equal(d.outcome, outcome);
    assert_int_equal(d.approvals, 0);
    Valise__DecisionRecord *r = unpacked(&d);
    assert_int_equal(r->n_rules, 0);
    valise__decision_record__free_unpacked(r, NULL);
    vls_decision_fini(&d);
}

static void before__no_label__is_quarantined(void **state)
{
    (void)state;
    struct vls_facts facts = facts_of(&schemes, "publication", NULL);
    expect(un_iom, &facts, VLS_OUTCOME_QUARANTINE, "no label that is understood: none is given");
    facts.label_trouble = "no scheme 'nato' is loaded";
    expect(un_iom, &facts, VLS_OUTCOME_QUARANTINE,
           "no label that is understood: no scheme 'nato' is loaded");
    struct vls_decision d = decide(un_iom, &facts);
    Valise__DecisionRecord *r = unpacked(&d);
    assert_null(fact(r, "label"));
    assert_string_equal(fact(r, "no-label"), "no scheme 'nato' is loaded");
    assert_string_equal(r->nearest_change, "");
    valise__decision_record__free_unpacked(r, NULL);
    vls_decision_fini(&d);
}

static void before__label_of_another_scheme__is_quarantined(void **state)
{
    (void)state;
    struct vls_facts facts = facts_of(&schemes, "publication", "other/low");
    expect(
        un_iom, &facts, VLS_OUTCOME_QUARANTINE,
        "the label is of scheme other, and un does not label by it under un-iom/document-exchange");
}

static void before__not_in_force__is_withheld(void **state)
{
    (void)state;
    struct vls_facts facts = facts_of(&schemes, "publication", LOW);
    facts.now_ms = UINT64_C(1474243200000) - 1;
    expect(un_iom, &facts, VLS_OUTCOME_WITHHOLD,
           "arrangement un-iom/document-exchange version 1 is not in force yet");
    facts.now_ms = UINT64_C(2105395200000);
    expect(un_iom, &facts, VLS_OUTCOME_WITHHOLD,
           "arrangement un-iom/document-exchange version 1 is no longer in force");
}

static void before__unknown_party_or_kind__is_withheld(void **state)
{
    (void)state;
    struct vls_facts facts = facts_of(&schemes, "publication", LOW);
    facts.to = "who";
    expect(un_iom, &facts, VLS_OUTCOME_WITHHOLD,
           "un-iom/document-exchange is no exchange between two parties un and who");
    facts.to = "un";
    expect(un_iom, &facts, VLS_OUTCOME_WITHHOLD,
           "un-iom/document-exchange is no exchange between two parties un and un");
    facts = facts_of(&schemes, "publication", LOW);
    facts.from = "who";
    expect(un_iom, &facts, VLS_OUTCOME_WITHHOLD,
           "un-iom/document-exchange is no exchange between two parties who and iom");
    facts = facts_of(&schemes, "letter", LOW);
    expect(un_iom, &facts, VLS_OUTCOME_WITHHOLD, "'letter' is not a kind of message");
}

static void before__answer_to_nothing__is_withheld(void **state)
{
    (void)state;
    struct vls_facts facts = facts_of(&schemes, "information-response", LOW);
    facts.is_answer = false;
    expect(un_iom, &facts, VLS_OUTCOME_WITHHOLD,
           "kind information-response must say which message it answers");
}

static void before__scheme_out_of_its_validity__is_quarantined(void **state)
{
    (void)state;
    static const char SPIF[] =
        "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1' "
        "notAfter='2026-01-01T00:00:00Z'><securityPolicyId name='Past' id='2.999.7'/>"
        "<securityClassifications><securityClassification name='OPEN' lacv='10' hierarchy='1'/>"
        "</securityClassifications></SPIF>";
    struct vls_scheme *past = NULL;
    assert_code(vls_scheme_read(vls_slice_text(SPIF), "past.xml", &past, NULL), OK);
    struct label_schemes own = {.set = {.schemes = &past, .count = 1}};
    struct vls_arrangement *a = read_arrangement(
        &own,
        ARRANGEMENT_OF("past", "past") "  - { id: go, effect: release, basis: x, when: { kind: "
                                       "publication, label: { at-most: past/open } } }\n");
    struct vls_facts facts = facts_of(&own, "publication", "past/open");
    expect(a, &facts, VLS_OUTCOME_QUARANTINE, "scheme past is not valid at this time");
    vls_arrangement_free(&a);
    vls_scheme_free(&past);
}

/* -- conditions -------------------------------------------------------------------------------- */

static enum vls_outcome outcome_of(const struct vls_arrangement *a, const struct vls_facts *facts)
{
    struct vls_decision d = decide(a, facts);
    enum vls_outcome outcome = d.outcome;
    vls_decision_fini(&d);
    return outcome;
}

#define WITHHOLD_WHEN(text)                                                                        \
    ARRANGEMENT RELEASE_PUBLICATION "  - { id: no, effect: withhold, basis: x, when: { " text      \
                                    " } }\n"

static void condition__each_alone__holds_and_does_not(void **state)
{
    (void)state;
    struct vls_facts facts = facts_of(&schemes, "publication", LOW);
    struct vls_facts big = facts, body = facts, back = facts, again = facts;
    big.bytes = 1001;
    body.body = "un/ga";
    back.from = "iom";
    back.to = "un";
    again.is_duplicate = true;
    const struct {
        const char *yaml;
        const struct vls_facts *in, *out; /* it holds; it does not */
    } conditions[] = {
        {WITHHOLD_WHEN("max-bytes: 1000"), &facts, &big},
        {WITHHOLD_WHEN("body: un/ga"), &body, &facts},
        {WITHHOLD_WHEN("from: iom"), &back, &facts},
        {WITHHOLD_WHEN("to: iom"), &facts, &back},
        {WITHHOLD_WHEN("duplicate: true"), &again, &facts},
        {WITHHOLD_WHEN("duplicate: false"), &facts, &again},
    };
    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
        struct vls_arrangement *a = read_arrangement(&schemes, conditions[i].yaml);
        assert_int_equal(outcome_of(a, conditions[i].in), VLS_OUTCOME_WITHHOLD);
        assert_int_equal(outcome_of(a, conditions[i].out), VLS_OUTCOME_RELEASE);
        vls_arrangement_free(&a);
    }
}

/* "other" has HIGH at lacv 0 and LOW at 200: who compared wire values would get both cases wrong.
 */
static void condition__label_bounds__go_by_rank(void **state)
{
    (void)state;
    struct vls_arrangement *a = read_arrangement(
        &schemes,
        ARRANGEMENT_OF("other", "other") "  - { id: go, effect: release, basis: x, when: { kind: "
                                         "report, label: { at-most: other/low } } }\n"
                                         "  - { id: ask, effect: refer, basis: x, when: { label: { "
                                         "at-least: other/high, at-most: "
                                         "other/high } } }\n");
    struct vls_facts facts = facts_of(&schemes, "report", "other/low");
    assert_int_equal(outcome_of(a, &facts), VLS_OUTCOME_RELEASE);
    facts.label = label_of(&schemes, "other/high");
    assert_int_equal(outcome_of(a, &facts), VLS_OUTCOME_REFER);
    facts.label = label_of(&schemes, "other/top");
    assert_int_equal(outcome_of(a, &facts), VLS_OUTCOME_WITHHOLD);
    facts.label.classification = vls_scheme_by_handle(schemes.other, "old");
    assert_int_equal(outcome_of(a, &facts), VLS_OUTCOME_WITHHOLD);
    vls_arrangement_free(&a);
}

/* Each party labels by its own scheme: a bound of the other's cannot be judged, and so never helps.
 */
static void condition__incomparable_label__counts_against_the_message(void **state)
{
    (void)state;
    static const char BOTH_RELEASE[] =
        ARRANGEMENT_OF("un-sgb-2007-6", "other") "  - { id: go-un, effect: release, basis: x, "
                                                 "when: { kind: report, label: { at-most: "
                                                 "un-sgb-2007-6/strictly-confidential } } }\n";
    static const char AND_REFER[] = ARRANGEMENT_OF(
        "un-sgb-2007-6", "other") "  - { id: go-iom, effect: release, basis: x, when: { kind: "
                                  "report, label: { at-most: other/top } } }\n"
                                  "  - { id: ask, effect: refer, basis: x, when: { label: { "
                                  "at-least: un-sgb-2007-6/confidential } } }\n";
    struct vls_facts facts = facts_of(&schemes, "report", "other/low");
    facts.from = "iom";
    facts.to = "un";
    struct vls_arrangement *a = read_arrangement(&schemes, BOTH_RELEASE);
    assert_int_equal(outcome_of(a, &facts), VLS_OUTCOME_WITHHOLD);
    vls_arrangement_free(&a);
    a = read_arrangement(&schemes, AND_REFER);
    assert_int_equal(outcome_of(a, &facts), VLS_OUTCOME_REFER);
    vls_arrangement_free(&a);
}

static void rules__several_match__the_most_restrictive_first(void **state)
{
    (void)state;
    struct vls_arrangement *a = read_arrangement(
        &schemes, ARRANGEMENT
        "  - { id: z-ask, effect: refer, basis: a, approvals: 3, duties: [seal, registry] }\n"
        "  - { id: go, effect: release, basis: b, duties: [note], when: { kind: publication, "
        "label: { "
        "at-most: un-sgb-2007-6/unclassified } } }\n"
        "  - { id: a-ask, effect: refer, basis: c, duties: [seal] }\n");
    struct vls_facts facts = facts_of(&schemes, "publication", LOW);
    struct vls_decision d = decide(a, &facts);
    Valise__DecisionRecord *r = unpacked(&d);
    assert_int_equal(d.outcome, VLS_OUTCOME_REFER);
    assert_int_equal(d.approvals, 3);
    assert_int_equal(r->approvals, 3);
    assert_int_equal(r->n_rules, 3);
    assert_string_equal(r->rules[0]->id, "a-ask");
    assert_string_equal(r->rules[1]->id, "z-ask");
    assert_string_equal(r->rules[2]->id, "go");
    assert_string_equal(r->rules[2]->basis, "b");
    assert_int_equal(r->rules[2]->effect, VALISE__DECISION_RECORD__OUTCOME__RELEASE);
    assert_int_equal(r->n_duties, 3);
    assert_string_equal(r->duties[0], "note");
    assert_string_equal(r->duties[1], "registry");
    assert_string_equal(r->duties[2], "seal");
    valise__decision_record__free_unpacked(r, NULL);
    vls_decision_fini(&d);
    vls_arrangement_free(&a);
}

/* -- the record -------------------------------------------------------------------------------- */

static void record__holds_all_that_a_replay_needs(void **state)
{
    (void)state;
    struct vls_facts facts = facts_of(&schemes, "information-response", MIDDLE);
    facts.body = "iom/dtm";
    facts.is_duplicate = true;
    facts.bytes = UINT64_C(12345678901);
    struct vls_decision d = decide(un_iom, &facts);
    Valise__DecisionRecord *r = unpacked(&d);
    assert_int_equal(r->version, 1);
    assert_memory_equal(r->id.data, facts.id.bytes, VLS_ID_BYTES);
    assert_int_equal(r->id.len, VLS_ID_BYTES);
    assert_string_equal(fact(r, "kind"), "information-response");
    assert_string_equal(fact(r, "from"), "un");
    assert_string_equal(fact(r, "to"), "iom");
    assert_string_equal(fact(r, "body"), "iom/dtm");
    assert_string_equal(fact(r, "label"), MIDDLE);
    assert_string_equal(fact(r, "bytes"), "12345678901");
    assert_string_equal(fact(r, "duplicate"), "true");
    assert_string_equal(fact(r, "answer"), "true");
    assert_string_equal(r->arrangement, "un-iom/document-exchange");
    assert_int_equal(r->arrangement_version, 1);
    assert_memory_equal(r->arrangement_digest.data, vls_arrangement_digest(un_iom)->bytes,
                        VLS_DIGEST_BYTES);
    assert_int_equal(r->n_schemes, 1);
    assert_string_equal(r->schemes[0]->name, "un-sgb-2007-6");
    assert_memory_equal(r->schemes[0]->digest.data, vls_scheme_digest(schemes.un)->bytes,
                        VLS_DIGEST_BYTES);
    assert_true(r->decided_ms == NOW_MS);
    valise__decision_record__free_unpacked(r, NULL);
    vls_decision_fini(&d);
}

static void record__same_facts__same_bytes(void **state)
{
    (void)state;
    struct vls_facts facts = facts_of(&schemes, "publication", MIDDLE);
    struct vls_decision a = decide(un_iom, &facts), b = decide(un_iom, &facts);
    assert_true(vls_slice_is_equal(vls_buf_slice(&a.record), vls_buf_slice(&b.record)));
    vls_decision_fini(&a);
    vls_decision_fini(&b);
}

static void record__too_many_rules_match__nothing_is_decided(void **state)
{
    (void)state;
    struct vls_buf yaml;
    vls_buf_init(&yaml, VLS_MAX_ARRANGEMENT_FILE);
    assert_code(vls_buf_add_text(&yaml, ARRANGEMENT), OK);
    for (unsigned i = 0; i < VLS_MAX_RULES; i++)
        assert_code(vls_buf_add_format(&yaml, "  - { id: rule-%u, effect: refer, basis: x }\n", i),
                    OK);
    struct vls_arrangement *a = read_arrangement(&schemes, vls_buf_text(&yaml));
    struct vls_facts facts = facts_of(&schemes, "publication", LOW);
    struct vls_decision d = {.outcome = VLS_OUTCOME_QUARANTINE};
    assert_code(vls_decide(a, &facts, &d, NULL), INPUT_LIMIT);
    assert_int_equal(d.outcome, VLS_OUTCOME_QUARANTINE);
    vls_arrangement_free(&a);
    vls_buf_fini(&yaml);
}

static void decide__every_allocation_fails_in_turn__status_and_no_leak(void **state)
{
    (void)state;
    struct vls_facts facts = facts_of(&schemes, "publication", MIDDLE);
    bool is_done = false;
    for (uint64_t n = 1; !is_done && n < 100; n++) {
        struct vls_decision d;
        vls_mem_fail_at(n);
        struct vls_status s = vls_decide(un_iom, &facts, &d, NULL);
        vls_mem_fail_at(0);
        is_done = vls_ok(s);
        if (is_done)
            vls_decision_fini(&d);
        else
            assert_code(s, SYSTEM_MEMORY);
    }
    assert_true(is_done);
}

/* -- properties -------------------------------------------------------------------------------- */

/* A small generator of our own, so that a failure can be repeated. */
static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 33);
}

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
};
#define RULE_LINES_COUNT (sizeof RULE_LINES / sizeof RULE_LINES[0])

static struct vls_arrangement *shuffled(uint64_t *seed)
{
    size_t order[RULE_LINES_COUNT];
    struct vls_buf yaml;
    vls_buf_init(&yaml, VLS_MAX_ARRANGEMENT_FILE);
    assert_code(vls_buf_add_text(&yaml, ARRANGEMENT), OK);
    for (size_t i = 0; i < RULE_LINES_COUNT; i++) {
        size_t j = next_random(seed) % (i + 1);
        order[i] = order[j];
        order[j] = i;
    }
    for (size_t i = 0; i < RULE_LINES_COUNT; i++)
        assert_code(vls_buf_add_text(&yaml, RULE_LINES[order[i]]), OK);
    struct vls_arrangement *a = read_arrangement(&schemes, vls_buf_text(&yaml));
    vls_buf_fini(&yaml);
    return a;
}

static void some_facts(uint64_t *seed, struct vls_facts *out)
{
    static const char *const SOME_KINDS[] = {"publication", "report", "recall", "letter"};
    static const char *const SOME_LABELS[] = {LOW, MIDDLE, HIGH, "other/low", NULL};
    *out =
        facts_of(&schemes, SOME_KINDS[next_random(seed) % 4], SOME_LABELS[next_random(seed) % 5]);
    out->is_duplicate = next_random(seed) % 2 == 0;
    out->bytes = next_random(seed) % 1000;
    if (next_random(seed) % 2 == 0) {
        out->from = "iom";
        out->to = "un";
    }
}

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
    for (int round = 0; round < 60; round++) {
        struct vls_arrangement *a = shuffled(&seed), *b = shuffled(&seed);
        for (int i = 0; i < 40; i++) {
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

/** Apply what the record calls the nearest change, which names one fact and its value. */
static void apply(const char *change, struct vls_facts *facts)
{
    static const char LABEL[] = "if its label were ", KIND[] = "if it were of kind ";
    const char *at;
    if ((at = strstr(change, LABEL)) != NULL)
        facts->label = label_of(&schemes, at + sizeof LABEL - 1);
    else if ((at = strstr(change, KIND)) != NULL)
        facts->kind = vls_kind_by_name(at + sizeof KIND - 1)->name;
    else
        facts->is_duplicate = strstr(change, "if it were a duplicate") != NULL;
}

/** No change of one fact gives a milder outcome, nor could: all of them are tried. */
static void expect_no_milder(const struct vls_arrangement *a, const struct vls_facts *facts,
                             enum vls_outcome outcome)
{
    const struct vls_kind *kind;
    struct vls_facts changed = *facts;
    changed.is_duplicate = !changed.is_duplicate;
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
    size_t tried = 0;
    struct vls_arrangement *a = shuffled(&seed);
    for (int i = 0; i < 2000; i++) {
        struct vls_facts facts;
        some_facts(&seed, &facts);
        struct vls_decision d = decide(a, &facts);
        Valise__DecisionRecord *r = unpacked(&d);
        if (r->nearest_change[0] != '\0') {
            apply(r->nearest_change, &facts);
            enum vls_outcome then = outcome_of(a, &facts);
            assert_true(then < d.outcome);
            const char *name = vls_outcome_name(then);
            assert_memory_equal(r->nearest_change, name, strlen(name));
            tried++;
        } else if (facts.label.scheme == schemes.un) {
            expect_no_milder(a, &facts, d.outcome);
        }
        valise__decision_record__free_unpacked(r, NULL);
        vls_decision_fini(&d);
    }
    assert_true(tried > 500);
    vls_arrangement_free(&a);
}

static void names__outcomes__are_words(void **state)
{
    (void)state;
    assert_string_equal(vls_outcome_name(VLS_OUTCOME_RELEASE), "release");
    assert_string_equal(vls_outcome_name(VLS_OUTCOME_REFER), "refer");
    assert_string_equal(vls_outcome_name(VLS_OUTCOME_WITHHOLD), "withhold");
    assert_string_equal(vls_outcome_name(VLS_OUTCOME_QUARANTINE), "quarantine");
    assert_string_equal(vls_outcome_name((enum vls_outcome)0), "undecided");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(un_iom__typical_messages__outcome_reason_and_nearest_change),
        cmocka_unit_test(un_iom__reports__go_one_way_only),
        cmocka_unit_test(un_iom__every_kind__strictly_confidential_is_withheld),
        cmocka_unit_test(un_iom__every_kind__confidential_is_never_released),
        cmocka_unit_test(before__no_label__is_quarantined),
        cmocka_unit_test(before__label_of_another_scheme__is_quarantined),
        cmocka_unit_test(before__not_in_force__is_withheld),
        cmocka_unit_test(before__unknown_party_or_kind__is_withheld),
        cmocka_unit_test(before__answer_to_nothing__is_withheld),
        cmocka_unit_test(before__scheme_out_of_its_validity__is_quarantined),
        cmocka_unit_test(condition__each_alone__holds_and_does_not),
        cmocka_unit_test(condition__label_bounds__go_by_rank),
        cmocka_unit_test(condition__incomparable_label__counts_against_the_message),
        cmocka_unit_test(rules__several_match__the_most_restrictive_first),
        cmocka_unit_test(record__holds_all_that_a_replay_needs),
        cmocka_unit_test(record__same_facts__same_bytes),
        cmocka_unit_test(record__too_many_rules_match__nothing_is_decided),
        cmocka_unit_test(decide__every_allocation_fails_in_turn__status_and_no_leak),
        cmocka_unit_test(property__order_of_rules__changes_nothing),
        cmocka_unit_test(property__nearest_change__does_what_it_says),
        cmocka_unit_test(names__outcomes__are_words),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
