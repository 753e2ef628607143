/* Conditions: each fact that a rule can ask for; what comes before the rules besides the label. */
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

static const char *const TEXTS[] = {"member-states", "press", "text/plain", "application/pdf",
                                    "application/zip"};

static struct vls_texts texts(size_t first, size_t count)
{
    return (struct vls_texts){TEXTS + first, count};
}

#define WHEN(effect, text)                                                                         \
    ARRANGEMENT                                                                                    \
    "  - { id: go, effect: release, basis: x, when: { label: { at-most: " HIGH " } } }\n"          \
    "  - { id: no, effect: " effect ", basis: x, when: { " text " } }\n"

static void expect_match(const char *text, const struct vls_facts *facts, bool is_match)
{
    char yaml[1024];
    snprintf(yaml, sizeof yaml, WHEN("withhold", "%s"), text);
    struct vls_arrangement *a = read_arrangement(&schemes, yaml);
    if ((outcome_of(a, facts) == VLS_OUTCOME_WITHHOLD) != is_match)
        fail_msg("%s: %s", text, is_match ? "does not match" : "matches");
    vls_arrangement_free(&a);
}

/* What every one of these conditions is asked about: plain facts, and one changed. */
static struct vls_facts plain(void)
{
    return facts_of(&schemes, "publication", LOW);
}

static void condition__each_alone__holds_and_does_not(void **state)
{
    (void)state;
    struct vls_facts facts = plain(), big = plain(), back = plain(), again = plain(),
                     limited = plain(), personal = plain(), safe = plain(), early = plain(),
                     late = plain(), states = plain(), press = plain(), known = plain(),
                     unknown = plain();
    big.bytes = 1001;
    back.from = "iom";
    back.to = "un";
    back.is_incoming = true;
    again.is_duplicate = true;
    limited.distribution = VLS_DISTRIBUTION_LIMITED;
    personal.has_personal_data = true;
    safe.safeguards = "DPA/1";
    early.embargo_until_ms = NOW_MS + 1;
    late.embargo_until_ms = NOW_MS;
    states.audience = states.topics = texts(0, 2);
    press.audience = press.topics = texts(1, 1);
    known.answers = VLS_ANSWERS_KNOWN;
    unknown.answers = VLS_ANSWERS_UNKNOWN;
    const struct {
        const char *when;
        const struct vls_facts *in, *out; /* it holds; it does not */
    } conditions[] = {
        {"max-bytes: 1000", &facts, &big},
        {"min-bytes: 1001", &big, &facts},
        {"min-bytes: 1000, max-bytes: 1000", &facts, &big},
        {"direction: in", &back, &facts},
        {"direction: out", &facts, &back},
        {"from: iom", &back, &facts},
        {"to: iom", &facts, &back},
        {"duplicate: yes", &again, &facts},
        {"duplicate: true", &again, &facts},
        {"duplicate: no", &facts, &again},
        {"duplicate: false", &facts, &again},
        {"distribution: [limited, restricted]", &limited, &facts},
        {"distribution: [unstated]", &facts, &limited},
        {"personal-data: yes", &personal, &facts},
        {"personal-data: no", &facts, &personal},
        {"safeguards: given", &safe, &facts},
        {"safeguards: missing", &facts, &safe},
        {"embargo: pending", &early, &facts},
        {"embargo: none", &facts, &early},
        {"embargo: none", &late, &early},
        {"audience: [member-states, public]", &states, &press},
        {"audience: [member-states]", &states, &facts},
        {"topic: [public, member-states]", &states, &press},
        {"topic: [press]", &press, &facts},
        {"answers: [known]", &known, &unknown},
        {"answers: [known, nothing]", &facts, &unknown},
        {"answers: [unknown]", &unknown, &known},
        {"personal-data: no, duplicate: no", &facts, &again},
    };
    for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
        expect_match(conditions[i].when, conditions[i].in, true);
        expect_match(conditions[i].when, conditions[i].out, false);
    }
}

static enum vls_outcome outcome_when(const char *yaml, const struct vls_facts *facts)
{
    struct vls_arrangement *a = read_arrangement(&schemes, yaml);
    enum vls_outcome outcome = outcome_of(a, facts);
    vls_arrangement_free(&a);
    return outcome;
}

#define ONLY_TEXT                                                                                  \
    ARRANGEMENT "  - { id: go, effect: release, basis: x, when: { media-type: ['text/*', "         \
                "application/pdf], label: { at-most: " LOW " } } }\n"

/* One document beside another gets neither by a release nor by a refusal. */
static void condition__media_types__go_by_every_document(void **state)
{
    (void)state;
    struct vls_facts facts = plain();
    assert_int_equal(outcome_when(ONLY_TEXT, &facts), VLS_OUTCOME_WITHHOLD);
    facts.media_types = texts(2, 2);
    assert_int_equal(outcome_when(ONLY_TEXT, &facts), VLS_OUTCOME_RELEASE);
    facts.media_types = texts(2, 3);
    assert_int_equal(outcome_when(ONLY_TEXT, &facts), VLS_OUTCOME_WITHHOLD);
    expect_match("media-type: [application/zip]", &facts, true);
    expect_match("media-type: ['application/*']", &facts, true);
    expect_match("media-type: ['image/*']", &facts, false);
    facts.media_types = texts(4, 1);
    expect_match("media-type: [application/zipx]", &facts, false);
    expect_match("media-type: [application/zi]", &facts, false);
    facts.media_types = texts(0, 0);
    expect_match("media-type: [application/zip]", &facts, false);
}

static void condition__originators__are_parties_by_id_or_name(void **state)
{
    (void)state;
    struct vls_facts facts = plain();
    expect_match("third-party: no", &facts, true);
    expect_match("third-party: yes", &facts, false);
    expect_match("originator: [un]", &facts, false);
    assert_code(vls_label_add_originator(&facts.label, "un"), OK);
    expect_match("originator: [un, who]", &facts, true);
    expect_match("third-party: yes", &facts, false);
    assert_code(vls_label_add_originator(&facts.label, "United Nations"), OK);
    expect_match("third-party: yes", &facts, false);
    expect_match("originator: [United Nations]", &facts, true);
    assert_code(vls_label_add_originator(&facts.label, "Organization"), OK);
    expect_match("third-party: yes", &facts, true);
    expect_match("third-party: no", &facts, false);
    vls_label_fini(&facts.label);
}

/* -- categories -------------------------------------------------------------------------------- */

static const char LEGAL_SCHEME[] =
    "<SPIF xmlns='http://www.xmlspif.org/spif' schemaVersion='2.1'>"
    "<securityPolicyId name='Legal' id='2.999.4'/><securityClassifications>"
    "<securityClassification name='OPEN' lacv='10' hierarchy='1'/>"
    "<securityClassification name='CLOSED' lacv='20' hierarchy='2'/>"
    "</securityClassifications><securityCategoryTagSets>"
    "<securityCategoryTagSet name='Handling' id='2.999.4.1'>"
    "<securityCategoryTag name='r' tagType='restrictive'>"
    "<tagCategory name='Privilege' lacv='0'/><tagCategory name='Inquiry' lacv='1'/>"
    "</securityCategoryTag></securityCategoryTagSet></securityCategoryTagSets></SPIF>";

struct legal {
    struct vls_scheme *schemes[2];
    struct label_schemes own;
};

static void make_legal(struct legal *out)
{
    struct vls_why why = {""};
    *out = (struct legal){.schemes = {NULL}};
    if (!vls_ok(vls_scheme_read(vls_slice_text(LEGAL_SCHEME), "l.xml", &out->schemes[0], &why)) ||
        !vls_ok(vls_scheme_read(vls_slice_text(OTHER_SCHEME), "o.xml", &out->schemes[1], &why)))
        fail_msg("%s", why.text);
    out->own = (struct label_schemes){.set = {.schemes = out->schemes, .count = 2}};
}

static void free_legal(struct legal *legal)
{
    vls_scheme_free(&legal->schemes[0]);
    vls_scheme_free(&legal->schemes[1]);
}

static const char BY_CATEGORY[] = ARRANGEMENT_OF(
    "legal", "other") "  - { id: go, effect: release, basis: x, when: { from: un, label: { "
                      "at-most: 'legal/closed;handling/privilege;handling/inquiry' } } }\n"
                      "  - { id: go-too, effect: release, basis: x, when: { from: iom, label: { "
                      "at-most: other/top } } }\n"
                      "  - { id: no, effect: refer, basis: x, when: { "
                      "category: ['legal;handling/privilege'] } }\n";

static void condition__category__holds_for_labels_that_have_it(void **state)
{
    (void)state;
    struct legal legal;
    make_legal(&legal);
    struct vls_arrangement *a = read_arrangement(&legal.own, BY_CATEGORY);
    struct vls_facts facts = facts_of(&legal.own, "publication", "legal/open");
    assert_int_equal(outcome_of(a, &facts), VLS_OUTCOME_RELEASE);
    facts.label = label_of(&legal.own, "legal/open;handling/inquiry");
    assert_int_equal(outcome_of(a, &facts), VLS_OUTCOME_RELEASE);
    facts.label = label_of(&legal.own, "legal/open;handling/privilege;handling/inquiry");
    struct vls_decision d = decide(a, &facts);
    Valise__DecisionRecord *r = unpacked(&d);
    assert_int_equal(d.outcome, VLS_OUTCOME_REFER);
    assert_string_equal(r->nearest_change,
                        "release, if its label had no category handling/privilege");
    assert_string_equal(fact(r, "label"), "legal/open;handling/privilege;handling/inquiry");
    valise__decision_record__free_unpacked(r, NULL);
    vls_decision_fini(&d);
    vls_arrangement_free(&a);
    free_legal(&legal);
}

static void condition__category_that_cannot_be_judged__counts_against_the_message(void **state)
{
    (void)state;
    struct legal legal;
    make_legal(&legal);
    struct vls_arrangement *a = read_arrangement(&legal.own, BY_CATEGORY);
    struct vls_facts facts = facts_of(&legal.own, "publication", "other/low");
    facts.from = "iom";
    facts.to = "un";
    assert_int_equal(outcome_of(a, &facts), VLS_OUTCOME_REFER);
    vls_arrangement_free(&a);
    a = read_arrangement(
        &legal.own,
        ARRANGEMENT_OF("legal", "other") "  - { id: go, effect: release, basis: x, "
                                         "acknowledge: [releases-without-label], when: { category: "
                                         "['legal;handling/privilege'] } }\n"
                                         "  - { id: no, effect: refer, basis: x, when: { "
                                         "category: ['legal;handling/inquiry'] } }\n");
    facts = facts_of(&legal.own, "publication", "legal/open");
    assert_int_equal(outcome_of(a, &facts), VLS_OUTCOME_WITHHOLD);
    assert_code(vls_label_add_unknown(&facts.label, false, "x", vls_slice_text("x")), OK);
    struct vls_decision d = decide(a, &facts);
    Valise__DecisionRecord *r = unpacked(&d);
    assert_int_equal(d.outcome, VLS_OUTCOME_REFER);
    assert_int_equal(r->n_rules, 1);
    assert_string_equal(fact(r, "label"), "legal/open");
    assert_string_equal(fact(r, "unknown-category"), "x");
    valise__decision_record__free_unpacked(r, NULL);
    vls_decision_fini(&d);
    vls_label_fini(&facts.label);
    vls_arrangement_free(&a);
    free_legal(&legal);
}

/* -- before the rules -------------------------------------------------------------------------- */

static void expect_withheld(const struct vls_arrangement *a, const struct vls_facts *facts,
                            const char *reason)
{
    struct vls_decision d = decide(a, facts);
    assert_string_equal(d.reason, reason);
    assert_int_equal(d.outcome, VLS_OUTCOME_WITHHOLD);
    vls_decision_fini(&d);
}

static const char WITH_BODIES[] =
    "arrangement: test/one\nversion: 1\nbasis: a test\n"
    "in-force: { not-before: 2020-01-01, expires: 2030-01-01 }\nparties:\n"
    "  - { id: un, name: United Nations, scheme: un-sgb-2007-6 }\n"
    "  - { id: iom, name: Organization, scheme: un-sgb-2007-6 }\n"
    "bodies:\n"
    "  - { id: old, name: Old, from: 2020-01-01, until: 2025-01-01, members: [m] }\n"
    "  - { id: new, name: New, from: 2028-01-01 }\n"
    "  - { id: here, name: Here, members: [m] }\n"
    "  - { id: alone, name: Alone }\n"
    "rules:\n"
    "  - { id: go, effect: release, basis: x, when: { label: { at-most: " LOW " } } }\n"
    "  - { id: no, effect: refer, basis: x, when: { bodies: [alone, old] } }\n";

static void before__body__is_one_that_there_is(void **state)
{
    (void)state;
    struct vls_arrangement *a = read_arrangement(&schemes, WITH_BODIES);
    struct vls_facts facts = plain();
    assert_int_equal(outcome_of(a, &facts), VLS_OUTCOME_RELEASE);
    facts.body = "here";
    assert_int_equal(outcome_of(a, &facts), VLS_OUTCOME_RELEASE);
    facts.body = "alone";
    assert_int_equal(outcome_of(a, &facts), VLS_OUTCOME_REFER);
    facts.body = "there";
    expect_withheld(a, &facts, "'there' is not a body of test/one");
    facts.body = "old";
    expect_withheld(a, &facts, "the body old no longer exists");
    facts.now_ms = UINT64_C(1735689600000); /* 2025-01-01 */
    expect_withheld(a, &facts, "the body old no longer exists");
    facts.now_ms--;
    assert_int_equal(outcome_of(a, &facts), VLS_OUTCOME_REFER);
    facts.body = "new";
    expect_withheld(a, &facts, "the body new does not exist yet");
    vls_arrangement_free(&a);
}

static void before__statement__goes_to_a_body_with_members(void **state)
{
    (void)state;
    struct vls_arrangement *a = read_arrangement(&schemes, WITH_BODIES);
    struct vls_facts facts = facts_of(&schemes, "written-statement", LOW);
    expect_withheld(a, &facts, "kind written-statement must be addressed to a body or service");
    facts.body = "alone";
    expect_withheld(a, &facts,
                    "kind written-statement goes to all members, and test/one names none of alone");
    facts.body = "here";
    assert_int_equal(outcome_of(a, &facts), VLS_OUTCOME_RELEASE);
    vls_arrangement_free(&a);
}

static void before__correction__is_its_originators(void **state)
{
    (void)state;
    struct vls_arrangement *a = read_arrangement(&schemes, WITH_BODIES);
    struct vls_facts facts = facts_of(&schemes, "recall", LOW);
    assert_int_equal(outcome_of(a, &facts), VLS_OUTCOME_RELEASE);
    assert_code(vls_label_add_originator(&facts.label, "iom"), OK);
    expect_withheld(a, &facts,
                    "kind recall is its originator's to send, and the label does not name un");
    facts.kind = "publication";
    assert_int_equal(outcome_of(a, &facts), VLS_OUTCOME_RELEASE);
    facts.kind = "recall";
    assert_code(vls_label_add_originator(&facts.label, "United Nations"), OK);
    assert_int_equal(outcome_of(a, &facts), VLS_OUTCOME_RELEASE);
    vls_label_fini(&facts.label);
    vls_arrangement_free(&a);
}

static void before__recipient_that_may_not_hold_it__gets_nothing(void **state)
{
    (void)state;
    struct vls_arrangement *a = read_arrangement(&schemes, WITH_BODIES);
    struct vls_facts facts = facts_of(&schemes, "publication", LOW);
    assert_int_equal(outcome_of(a, &facts), VLS_OUTCOME_RELEASE);
    facts.clearance = "it is cleared up to nothing";
    expect_withheld(a, &facts, "iom may not hold this: it is cleared up to nothing");
    vls_arrangement_free(&a);
}

static void before__travel_document__names_its_safeguards(void **state)
{
    (void)state;
    struct vls_arrangement *a = read_arrangement(&schemes, WITH_BODIES);
    struct vls_facts facts = facts_of(&schemes, "travel-document", LOW);
    assert_int_equal(outcome_of(a, &facts), VLS_OUTCOME_RELEASE);
    facts.safeguards = "";
    expect_withheld(a, &facts,
                    "kind travel-document must name what protects the personal data in it");
    struct vls_decision d = decide(a, &facts);
    Valise__DecisionRecord *r = unpacked(&d);
    assert_string_equal(r->nearest_change, "release, if it named its safeguards");
    valise__decision_record__free_unpacked(r, NULL);
    vls_decision_fini(&d);
    vls_arrangement_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(condition__each_alone__holds_and_does_not),
        cmocka_unit_test(condition__media_types__go_by_every_document),
        cmocka_unit_test(condition__originators__are_parties_by_id_or_name),
        cmocka_unit_test(condition__category__holds_for_labels_that_have_it),
        cmocka_unit_test(condition__category_that_cannot_be_judged__counts_against_the_message),
        cmocka_unit_test(before__body__is_one_that_there_is),
        cmocka_unit_test(before__statement__goes_to_a_body_with_members),
        cmocka_unit_test(before__correction__is_its_originators),
        cmocka_unit_test(before__travel_document__names_its_safeguards),
        cmocka_unit_test(before__recipient_that_may_not_hold_it__gets_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
