#include "policy/policy_test.h"

#include "policy/explain.h"
#include "policy/rules.h"

/* What a record of everyday may take; the table that holds it counts on millions of them. */
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
    facts.answers = VLS_ANSWERS_NOTHING;
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
        "  - { id: go, effect: release, basis: b, duties: [note], retain-years: 20, when: { kind: "
        "publication, "
        "label: { "
        "at-most: un-sgb-2007-6/unclassified } } }\n"
        "  - { id: a-ask, effect: refer, basis: c, duties: [seal], retain-years: 3 }\n");
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
    assert_int_equal(r->n_duties, 4);
    assert_string_equal(r->duties[0], "duplicate-advice"); /* of the kind itself */
    assert_string_equal(r->duties[1], "note");
    assert_string_equal(r->duties[2], "registry");
    assert_string_equal(r->duties[3], "seal");
    assert_int_equal(r->retain_years, 20);
    assert_int_equal(d.retain_years, 20);
    valise__decision_record__free_unpacked(r, NULL);
    vls_decision_fini(&d);
    vls_arrangement_free(&a);
}

static void equivalence__of_the_label__adds_its_duties(void **state)
{
    (void)state;
    struct vls_arrangement *a = read_arrangement(
        &schemes,
        "arrangement: a\nversion: 1\nbasis: b\n"
        "in-force: { not-before: 2020-01-01, expires: 2030-01-01 }\nparties:\n"
        "  - { id: un, name: N, scheme: un-sgb-2007-6 }\n"
        "  - { id: iom, name: M, scheme: other }\n"
        "equivalence:\n"
        "  - { from: " LOW ", to: other/low, adds: [note] }\n"
        "  - { from: " MIDDLE ", to: other/high, adds: [originator-consent, seal] }\n"
        "rules:\n"
        "  - { id: r, effect: refer, basis: b, duties: [seal], when: { kind: report } }\n");
    struct vls_facts facts = facts_of(&schemes, "report", MIDDLE);
    struct vls_decision d = decide(a, &facts);
    Valise__DecisionRecord *r = unpacked(&d);
    assert_int_equal(r->n_duties, 3);
    assert_string_equal(r->duties[0], "originator-consent");
    assert_string_equal(r->duties[1], "seal");
    assert_string_equal(r->duties[2], "way-point");
    assert_int_equal(r->n_schemes, 2);
    valise__decision_record__free_unpacked(r, NULL);
    vls_decision_fini(&d);
    vls_arrangement_free(&a);
}

/* -- house rules ------------------------------------------------------------------------------- */

#define HOUSE "house-rules: un/own\nparty: un\nversion: 2\n"
#define OWN   "rules:\n"

static void house__more_restrictive__wins(void **state)
{
    (void)state;
    struct vls_arrangement *house = read_house(
        &schemes, un_iom,
        HOUSE OWN "  - { id: own, effect: refer, basis: '13(1)', approvals: 3, duties: [x], "
                  "retain-years: 9, when: { direction: out, kinds: [publication, report] } }\n");
    struct vls_facts facts = facts_of(&schemes, "publication", LOW);
    struct vls_decision d = decide_with(un_iom, house, &facts);
    Valise__DecisionRecord *r = unpacked(&d);
    assert_int_equal(d.outcome, VLS_OUTCOME_REFER);
    assert_int_equal(d.approvals, 3);
    assert_int_equal(d.retain_years, 9);
    assert_string_equal(d.reason, "house rule own (13(1)) refers this publication labelled "
                                  "unclassified to 3 officers");
    assert_int_equal(r->n_rules, 2);
    assert_string_equal(r->rules[0]->id, "own");
    assert_true(r->rules[0]->house);
    assert_string_equal(r->rules[1]->id, "exchange-publications");
    assert_false(r->rules[1]->house);
    assert_true(has_duty(r, "x"));
    assert_string_equal(r->house_rules, "un/own");
    assert_int_equal(r->house_rules_version, 2);
    assert_memory_equal(r->house_rules_digest.data, vls_arrangement_digest(house)->bytes,
                        VLS_DIGEST_BYTES);
    char reason[VLS_REASON_TEXT];
    assert_string_equal(r->reason, "");
    vls_explain_reason(r, reason);
    assert_string_equal(reason, d.reason);
    valise__decision_record__free_unpacked(r, NULL);
    vls_decision_fini(&d);
    /* the other way: what the arrangement withholds, they cannot refer */
    facts = facts_of(&schemes, "publication", HIGH);
    d = decide_with(un_iom, house, &facts);
    assert_int_equal(d.outcome, VLS_OUTCOME_WITHHOLD);
    assert_int_equal(d.approvals, 0);
    vls_decision_fini(&d);
    facts = facts_of(&schemes, "report", LOW); /* of the UN: no rule of the arrangement */
    facts.body = "un/ga";
    d = decide_with(un_iom, house, &facts);
    assert_int_equal(d.outcome, VLS_OUTCOME_WITHHOLD);
    vls_decision_fini(&d);
    vls_arrangement_free(&house);
}

static void house__without_a_match__is_silent(void **state)
{
    (void)state;
    struct vls_arrangement *house = read_house(
        &schemes, un_iom,
        HOUSE OWN "  - { id: own, effect: withhold, basis: '13(1)', when: { direction: in } }\n"
                  "  - { id: let, effect: release, basis: '13(1)', duties: [note], when: { "
                  "kinds: [publication, recall] } }\n");
    struct vls_facts facts = facts_of(&schemes, "information-request", LOW);
    struct vls_decision d = decide_with(un_iom, house, &facts);
    assert_int_equal(d.outcome, VLS_OUTCOME_RELEASE);
    vls_decision_fini(&d);
    /* a release of theirs releases nothing, and adds its duties */
    facts = facts_of(&schemes, "publication", MIDDLE);
    d = decide_with(un_iom, house, &facts);
    Valise__DecisionRecord *r = unpacked(&d);
    assert_int_equal(d.outcome, VLS_OUTCOME_REFER);
    assert_int_equal(d.approvals, 1);
    assert_true(has_duty(r, "note"));
    valise__decision_record__free_unpacked(r, NULL);
    vls_decision_fini(&d);
    facts.kind = "letter";
    d = decide_with(un_iom, house, &facts);
    assert_int_equal(d.outcome, VLS_OUTCOME_WITHHOLD);
    vls_decision_fini(&d);
    vls_arrangement_free(&house);
}

static void house__out_of_its_time__withholds(void **state)
{
    (void)state;
    struct vls_arrangement *house = read_house(
        &schemes, un_iom,
        HOUSE "in-force: { not-before: 2020-01-01, expires: 2021-01-01 }\n" OWN
              "  - { id: own, effect: withhold, basis: '13(1)', when: { direction: in } }\n");
    struct vls_facts facts = facts_of(&schemes, "publication", LOW);
    struct vls_decision d = decide_with(un_iom, house, &facts);
    assert_int_equal(d.outcome, VLS_OUTCOME_WITHHOLD);
    assert_string_equal(d.reason, "the house rules un/own version 2 are no longer in force");
    vls_decision_fini(&d);
    vls_arrangement_free(&house);
}

static void explain__without_house__ends_before_it(void **state)
{
    (void)state;
    static const char *const CASES[][2] = {
        {"", ""},
        {"rule a (7(1)) withholds it", "rule a (7(1)) withholds it"},
        {"house rule own (13(1)) refers it", "house rules: (not shown)"},
        {"the house rules un/own version 2 are no longer in force", "the house rules: (not shown)"},
        {"stopped before it left: house rule own", "stopped before it left: house rules: "
                                                   "(not shown)"}};
    char out[VLS_REASON_TEXT], longest[2 * VLS_REASON_TEXT], late[VLS_REASON_TEXT + 32];
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        vls_explain_without_house(CASES[i][0], out);
        assert_string_equal(out, CASES[i][1]);
    }
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    vls_explain_without_house(longest, out);
    assert_int_equal(strlen(out), VLS_REASON_TEXT - 1);
    memset(late, 'x', VLS_REASON_TEXT - 8);
    snprintf(late + VLS_REASON_TEXT - 8, sizeof late - VLS_REASON_TEXT + 8, "house rule own");
    vls_explain_without_house(late, out);
    assert_null(strstr(out, "own"));
}

static void house__shipped_example__judges(void **state)
{
    (void)state;
    static const char *const STAFF[] = {"staff-only"}, *const ETHICS[] = {"ethics"};
    struct vls_arrangement *house = NULL;
    struct vls_why why = {""};
    if (!vls_ok(vls_house_rules_load(HOUSE_RULES, &schemes.set, un_iom, &house, &why)))
        fail_msg("%s", why.text);
    struct vls_facts facts = facts_of(&schemes, "publication", LOW);
    struct vls_decision d = decide_with(un_iom, house, &facts);
    assert_int_equal(d.outcome, VLS_OUTCOME_RELEASE);
    vls_decision_fini(&d);
    facts.topics = (struct vls_texts){ETHICS, 1};
    d = decide_with(un_iom, house, &facts);
    assert_int_equal(d.outcome, VLS_OUTCOME_REFER);
    assert_int_equal(d.approvals, 2);
    vls_decision_fini(&d);
    facts.audience = (struct vls_texts){STAFF, 1};
    d = decide_with(un_iom, house, &facts);
    assert_int_equal(d.outcome, VLS_OUTCOME_WITHHOLD);
    vls_decision_fini(&d);
    vls_arrangement_free(&house);
}

/* -- two evaluators ---------------------------------------------------------------------------- */

/* The index was made of the rules as they were; the walk sees them as they are. */
static void evaluators__disagree__is_held_with_an_alarm(void **state)
{
    (void)state;
    struct vls_arrangement *a = read_arrangement(&schemes, ARRANGEMENT RELEASE_PUBLICATION);
    struct vls_facts facts = facts_of(&schemes, "publication", LOW);
    struct vls_decision d;
    assert_int_equal(outcome_of(a, &facts), VLS_OUTCOME_RELEASE);
    a->rules[0].when.duplicate = VLS_WISH_YES;
    assert_code(vls_decide(a, NULL, &facts, &d, NULL), OK);
    assert_true(d.is_alarm);
    assert_int_equal(d.outcome, VLS_OUTCOME_WITHHOLD);
    assert_string_equal(d.reason, "the gateway's two evaluators disagree; it is held, and this is "
                                  "an alarm");
    Valise__DecisionRecord *r = unpacked(&d);
    assert_true(r->disagreement);
    assert_string_equal(r->nearest_change, "");
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
    assert_string_equal(fact(r, "duplicate"), "yes");
    assert_string_equal(fact(r, "answers"), "known");
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

static void record__every_fact__is_in_it_when_stated(void **state)
{
    (void)state;
    static const char *const WHO[] = {"press", "public"}, *const TYPES[] = {"application/pdf"};
    struct vls_facts facts = facts_of(&schemes, "publication", LOW);
    facts.is_incoming = facts.has_personal_data = true;
    facts.distribution = VLS_DISTRIBUTION_RESTRICTED;
    facts.safeguards = "DPA/7";
    facts.embargo_until_ms = NOW_MS;
    facts.audience = facts.topics = (struct vls_texts){WHO, 2};
    facts.media_types = (struct vls_texts){TYPES, 1};
    facts.answers = VLS_ANSWERS_UNKNOWN;
    assert_code(vls_label_add_originator(&facts.label, "who"), OK);
    struct vls_decision d = decide(un_iom, &facts);
    Valise__DecisionRecord *r = unpacked(&d);
    assert_string_equal(fact(r, "incoming"), "yes");
    assert_string_equal(fact(r, "personal-data"), "yes");
    assert_string_equal(fact(r, "distribution"), "restricted");
    assert_string_equal(fact(r, "safeguards"), "DPA/7");
    assert_string_equal(fact(r, "embargo"), "2026-11-23T00:00:00.000Z");
    assert_string_equal(fact(r, "audience"), "press");
    assert_string_equal(fact(r, "topic"), "press");
    assert_string_equal(fact(r, "media-type"), "application/pdf");
    assert_string_equal(fact(r, "answers"), "unknown");
    assert_string_equal(fact(r, "originator"), "who");
    assert_int_equal(r->n_facts, 17);
    valise__decision_record__free_unpacked(r, NULL);
    vls_decision_fini(&d);
    vls_label_fini(&facts.label);
}

/* Of everyday: what is released, with house rules that have nothing to say. */
static void record__typical__is_small(void **state)
{
    (void)state;
    static const char *const TYPES[] = {"application/pdf"};
    static const char *const KINDS[] = {"publication", "information-request", "statistical-dataset",
                                        "information-response"};
    struct vls_arrangement *house = NULL;
    assert_code(vls_house_rules_load(HOUSE_RULES, &schemes.set, un_iom, &house, NULL), OK);
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        struct vls_facts facts = facts_of(&schemes, KINDS[i], LOW);
        facts.media_types = (struct vls_texts){TYPES, 1};
        struct vls_decision d = decide_with(un_iom, house, &facts);
        assert_int_equal(d.outcome, VLS_OUTCOME_RELEASE);
        if (d.record.len >= TYPICAL_RECORD)
            fail_msg("%s: %zu bytes", KINDS[i], d.record.len);
        vls_decision_fini(&d);
    }
    vls_arrangement_free(&house);
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

static void record__more_rules_match_than_it_holds__the_most_restrictive_and_a_count(void **state)
{
    (void)state;
    struct vls_buf yaml;
    Valise__DecisionRecord *record = NULL;
    vls_buf_init(&yaml, VLS_MAX_ARRANGEMENT_FILE);
    assert_code(vls_buf_add_text(&yaml, ARRANGEMENT), OK);
    for (unsigned i = 0; i < VLS_MAX_DECISION / 8; i++)
        assert_code(vls_buf_add_format(&yaml, "  - { id: rule-%u, effect: %s, basis: x }\n", i,
                                       i == 4000 ? "withhold" : "refer"),
                    OK);
    struct vls_arrangement *a = read_arrangement(&schemes, vls_buf_text(&yaml));
    struct vls_facts facts = facts_of(&schemes, "publication", LOW);
    struct vls_decision d = decide(a, &facts);
    assert_int_equal(d.outcome, VLS_OUTCOME_WITHHOLD);
    assert_true(d.record.len <= VLS_MAX_DECISION);
    record = valise__decision_record__unpack(NULL, d.record.len, d.record.at);
    assert_non_null(record);
    assert_string_equal(record->rules[0]->id, "rule-4000");
    assert_true(record->n_rules > 100);
    assert_true(record->n_rules + record->rules_left_out >= VLS_MAX_DECISION / 8);
    valise__decision_record__free_unpacked(record, NULL);
    vls_decision_fini(&d);
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
        struct vls_status s = vls_decide(un_iom, NULL, &facts, &d, NULL);
        vls_mem_fail_at(0);
        is_done = vls_ok(s);
        if (is_done)
            vls_decision_fini(&d);
        else
            assert_code(s, SYSTEM_MEMORY);
    }
    assert_true(is_done);
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

static void decide__names_that_are_null__are_not_known_to_either_evaluator(void **state)
{
    (void)state;
    struct vls_arrangement *a = read_arrangement(&schemes, ARRANGEMENT RELEASE_PUBLICATION);
    for (int i = 1; i <= 3; i++) { /* kind, from, to */
        struct vls_facts facts = facts_of(&schemes, i == 1 ? NULL : "publication", LOW);
        facts.from = i == 2 ? NULL : "un";
        facts.to = i == 3 ? NULL : "iom";
        struct vls_decision d = decide(a, &facts);
        assert_int_equal(d.outcome, VLS_OUTCOME_WITHHOLD);
        assert_non_null(strstr(d.reason, i == 1 ? "is not a kind" : "no exchange between"));
        vls_decision_fini(&d);
    }
    vls_arrangement_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decide__names_that_are_null__are_not_known_to_either_evaluator),
        cmocka_unit_test(before__no_label__is_quarantined),
        cmocka_unit_test(before__label_of_another_scheme__is_quarantined),
        cmocka_unit_test(before__not_in_force__is_withheld),
        cmocka_unit_test(before__unknown_party_or_kind__is_withheld),
        cmocka_unit_test(before__answer_to_nothing__is_withheld),
        cmocka_unit_test(before__scheme_out_of_its_validity__is_quarantined),
        cmocka_unit_test(condition__label_bounds__go_by_rank),
        cmocka_unit_test(condition__incomparable_label__counts_against_the_message),
        cmocka_unit_test(rules__several_match__the_most_restrictive_first),
        cmocka_unit_test(record__holds_all_that_a_replay_needs),
        cmocka_unit_test(equivalence__of_the_label__adds_its_duties),
        cmocka_unit_test(house__more_restrictive__wins),
        cmocka_unit_test(house__without_a_match__is_silent),
        cmocka_unit_test(house__out_of_its_time__withholds),
        cmocka_unit_test(explain__without_house__ends_before_it),
        cmocka_unit_test(house__shipped_example__judges),
        cmocka_unit_test(evaluators__disagree__is_held_with_an_alarm),
        cmocka_unit_test(record__every_fact__is_in_it_when_stated),
        cmocka_unit_test(record__typical__is_small),
        cmocka_unit_test(record__same_facts__same_bytes),
        cmocka_unit_test(record__more_rules_match_than_it_holds__the_most_restrictive_and_a_count),
        cmocka_unit_test(decide__every_allocation_fails_in_turn__status_and_no_leak),
        cmocka_unit_test(names__outcomes__are_words),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
