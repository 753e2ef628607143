/* The shipped arrangement, paragraph by paragraph: what it releases, refers and withholds. */
#include "policy/policy_test.h"

static struct label_schemes schemes;
static struct vls_arrangement *un_iom;

static int set_up(void **state)
{
    (void)state;
    schemes = load_schemes();
    un_iom = load_arrangement(&schemes);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    vls_arrangement_free(&un_iom);
    vls_scheme_set_free(&schemes.set);
    return 0;
}

/* -- cases ------------------------------------------------------------------------------------- */

#define RELEASE  VLS_OUTCOME_RELEASE
#define REFER    VLS_OUTCOME_REFER
#define WITHHOLD VLS_OUTCOME_WITHHOLD

#define NO_ANSWER  (1 << 0) /* an answer to something that is not here */
#define EMBARGO    (1 << 1)
#define DUPLICATE  (1 << 2)
#define PERSONAL   (1 << 3)
#define UNSAFE     (1 << 4) /* names no safeguards */
#define SAFE       (1 << 5)
#define THIRD      (1 << 6) /* of a third party */
#define RESTRICTED (1 << 7)
#define HUGE_ONE   (1 << 8)

/* 2017-06-01 */
#define THEN_MS UINT64_C(1496275200000)

static const struct {
    const char *from; /* the other one is the receiver */
    const char *kind, *body, *label;
    int also;
    enum vls_outcome outcome;
    const char *rule; /* the first that matched; "": none */
    const char *basis;
    const char *duty; /* "": not looked for */
} CASES[] = {
    /* 3(1), 3(2), 3(3) */
    {"iom", "consultation-request", "iasc", LOW, 0, RELEASE, "consult-united-nations-bodies",
     "3(1), 3(2), 3(3)", ""},
    {"iom", "consultation-request", "un/ceb/hlcm", MIDDLE, 0, REFER, "confidential-by-officer",
     "13(2)", "originator-control"},
    {"iom", "consultation-request", "iom/dg", LOW, 0, WITHHOLD, "", "", ""},
    {"iom", "consultation-request", "un/gmg", LOW, 0, WITHHOLD, "", "", ""}, /* it is no more */
    {"iom", "consultation-request", "", LOW, 0, WITHHOLD, "", "", ""},
    {"un", "consultation-request", "iasc", LOW, 0, WITHHOLD, "", "", ""},
    /* 3(4) */
    {"un", "consultation-request", "iom/dtm", LOW, 0, RELEASE, "consult-iom", "3(1), 3(4)", ""},
    {"un", "consultation-request", "iom/dtm", HIGH, 0, WITHHOLD, "strictly-confidential-stays",
     "13(1)", ""},
    {"iom", "consultation-response", "", LOW, 0, RELEASE, "answer-consultations", "3(3), 3(4)", ""},
    {"un", "consultation-response", "", LOW, NO_ANSWER, REFER, "answers-to-what-is-not-known",
     "7(2), 7(3)", ""},
    /* 3(5) */
    {"un", "information-request", "", LOW, 0, RELEASE, "ask-for-information", "3(5), 7(2), 7(3)",
     "within-competence"},
    {"iom", "information-request", "", MIDDLE, 0, REFER, "confidential-by-officer", "13(2)",
     "seal"},
    {"iom", "information-request", "", HIGH, 0, WITHHOLD, "strictly-confidential-stays", "13(1)",
     ""},
    /* 3(6) */
    {"iom", "statistical-dataset", "", LOW, 0, RELEASE, "exchange-statistics", "3(6)", ""},
    {"iom", "statistical-dataset", "", LOW, EMBARGO, REFER, "statistics-under-embargo", "3(6)",
     "embargo"},
    {"iom", "statistical-dataset", "", HIGH, EMBARGO, WITHHOLD, "strictly-confidential-stays",
     "13(1)", ""},
    /* 3(7) */
    {"un", "collection-notice", "", LOW, 0, RELEASE, "avoid-overlap", "3(7), 7(4)",
     "before-it-starts"},
    {"un", "collection-notice", "", MIDDLE, 0, WITHHOLD, "", "", ""},
    {"un", "collection-notice", "", LOW, PERSONAL | SAFE, REFER, "personal-data-by-officer",
     "13(1)", "safeguards-reference"},
    {"iom", "overlap-advice", "", LOW, 0, RELEASE, "advise-on-overlap", "3(7), 7(4)", ""},
    {"iom", "overlap-advice", "", LOW, NO_ANSWER, WITHHOLD, "", "", ""},
    /* 4 */
    {"iom", "report", "un/ga", LOW, 0, RELEASE, "report-to-the-assembly", "4",
     "through-the-secretary-general"},
    {"iom", "report", "un/ga", MIDDLE, 0, REFER, "confidential-by-officer", "13(2)", "registry"},
    {"iom", "report", "un/sc", LOW, 0, WITHHOLD, "", "", ""},
    {"un", "report", "iom/council", LOW, 0, WITHHOLD, "", "", ""},
    /* 5(1) */
    {"iom", "invitation", "", LOW, 0, RELEASE, "invite-the-secretary-general", "5(1)",
     "without-vote"},
    {"un", "designation", "", LOW, 0, RELEASE, "designate-for-the-secretary-general", "5(1)", ""},
    {"iom", "invitation", "", LOW, THIRD, REFER, "third-party-material-by-officers", "13(2)",
     "originator-consent"},
    {"iom", "invitation", "", MIDDLE, 0, WITHHOLD, "", "", ""},
    /* 5(2) */
    {"un", "invitation", "", LOW, 0, RELEASE, "invite-the-director-general", "5(2)", ""},
    {"iom", "designation", "", LOW, 0, RELEASE, "designate-for-the-director-general", "5(2)", ""},
    {"iom", "designation", "", LOW, PERSONAL | SAFE, REFER, "personal-data-by-officer", "13(1)",
     ""},
    {"iom", "designation", "", LOW, PERSONAL, WITHHOLD, "personal-data-without-safeguards-stays",
     "13(1)", ""},
    /* 5(3): duplicate or not, it goes to all */
    {"un", "written-statement", "iom/council", LOW, DUPLICATE, RELEASE,
     "distribute-statements-in-iom", "5(3)", "distribute-to-all-members"},
    {"iom", "written-statement", "un/ecosoc", LOW, 0, RELEASE,
     "distribute-statements-in-the-united-nations", "5(3)", "fan-out"},
    {"iom", "written-statement", "un/ga", LOW, HUGE_ONE | RESTRICTED, RELEASE,
     "distribute-statements-in-the-united-nations", "5(3)", ""},
    {"iom", "written-statement", "un/ga", LOW, PERSONAL | SAFE, REFER, "personal-data-by-officer",
     "13(1)", "fan-out"},
    {"iom", "written-statement", "un/ga", MIDDLE, 0, WITHHOLD, "", "", ""},
    {"iom", "written-statement", "un/sg", LOW, 0, WITHHOLD, "", "", ""}, /* has no members */
    {"un", "distribution-certificate", "", LOW, 0, RELEASE, "certify-distribution", "5(3)",
     "lists-each-receipt"},
    {"un", "distribution-certificate", "", LOW, NO_ANSWER, WITHHOLD, "", "", ""},
    /* 6(1) */
    {"un", "agenda-proposal", "iom/council", LOW, 0, REFER, "propose-agenda-items-to-iom", "6(1)",
     "accountable-officer"},
    {"un", "agenda-proposal", "iom/council", HIGH, 0, WITHHOLD, "strictly-confidential-stays",
     "13(1)", ""},
    /* 6(2) */
    {"iom", "agenda-proposal", "un/ga", MIDDLE, 0, REFER,
     "propose-agenda-items-to-the-united-nations", "6(2)", ""},
    {"iom", "agenda-outcome", "", LOW, 0, RELEASE, "tell-agenda-outcome", "6(1), 6(2)", ""},
    {"iom", "agenda-outcome", "", LOW, NO_ANSWER, WITHHOLD, "", "", ""},
    {"un", "acknowledgement", "", LOW, 0, RELEASE, "acknowledge", "6, 12, 13(2)", ""},
    /* 7(1) */
    {"un", "publication", "", LOW, 0, RELEASE, "exchange-publications", "7(1)", ""},
    {"un", "publication", "", LOW, RESTRICTED, REFER, "restricted-distribution-by-officer", "7(1)",
     ""},
    {"un", "publication", "", LOW, EMBARGO, REFER, "no-publication-before-its-embargo-ends", "7(1)",
     "embargo"},
    {"un", "publication", "", HIGH, 0, WITHHOLD, "strictly-confidential-stays", "13(1)", ""},
    {"un", "correction", "", LOW, 0, RELEASE, "correct-and-recall", "7(1), 13(2)", ""},
    {"un", "supersession", "", MIDDLE, 0, REFER, "confidential-by-officer", "13(2)", ""},
    {"un", "recall", "", LOW, 0, RELEASE, "correct-and-recall", "7(1), 13(2)",
     "promises-no-erasure"},
    {"un", "recall", "", LOW, THIRD, WITHHOLD, "", "", ""}, /* not its originator */
    /* 7(2) */
    {"iom", "information-response", "", LOW, 0, RELEASE, "furnish-the-united-nations", "7(2)",
     "refers-to-request"},
    {"iom", "special-study", "", LOW, EMBARGO, REFER, "no-publication-before-its-embargo-ends",
     "7(1)", ""},
    {"iom", "special-study", "", HIGH, 0, WITHHOLD, "strictly-confidential-stays", "13(1)", ""},
    /* 7(3) */
    {"un", "special-study", "", LOW, 0, RELEASE, "furnish-iom", "7(3)", ""},
    {"un", "information-response", "", LOW, NO_ANSWER, REFER, "answers-to-what-is-not-known",
     "7(2), 7(3)", ""},
    {"un", "information-response", "", HIGH, 0, WITHHOLD, "strictly-confidential-stays", "13(1)",
     ""},
    /* 7(4) */
    {"un", "publication", "", LOW, DUPLICATE, REFER, "advise-on-duplicates", "7(4)",
     "duplicate-advice"},
    {"iom", "statistical-dataset", "", LOW, DUPLICATE, REFER, "advise-on-duplicates", "7(4)", ""},
    {"iom", "statistical-dataset", "", HIGH, DUPLICATE, WITHHOLD, "strictly-confidential-stays",
     "13(1)", ""},
    /* 8, 9, 10 */
    {"un", "consultation-request", "iom/administration", LOW, 0, RELEASE,
     "consult-on-administration", "8, 9, 10", ""},
    {"un", "personnel-exchange", "", LOW, PERSONAL | SAFE, REFER, "exchange-personnel", "10",
     "personal-data"},
    {"un", "personnel-exchange", "", LOW, PERSONAL, WITHHOLD,
     "personal-data-without-safeguards-stays", "13(1)", ""},
    /* 11 */
    {"iom", "travel-document", "", MIDDLE, 0, REFER, "travel-documents", "11",
     "safeguards-reference"},
    {"un", "travel-document-response", "", LOW, 0, REFER, "travel-documents", "11", ""},
    {"iom", "travel-document", "", LOW, UNSAFE, WITHHOLD, "", "", ""},
    {"iom", "travel-document", "", HIGH, 0, WITHHOLD, "strictly-confidential-stays", "13(1)", ""},
    /* 12 */
    {"un", "expense-statement", "", LOW, 0, RELEASE, "state-expenses", "12", "metering"},
    {"un", "expense-statement", "", MIDDLE, 0, REFER, "confidential-by-officer", "13(2)", ""},
    {"un", "publication", "", LOW, HUGE_ONE, REFER, "large-exchanges-by-officer", "12", ""},
    {"un", "expense-statement", "", HIGH, 0, WITHHOLD, "strictly-confidential-stays", "13(1)", ""},
    /* 13(1) */
    {"un", "no-material-available", "", LOW, 0, RELEASE, "no-material-available", "13(1)", ""},
    {"un", "no-material-available", "", LOW, NO_ANSWER, RELEASE, "no-material-available", "13(1)",
     ""},
    {"un", "publication", "", LOW, PERSONAL, WITHHOLD, "personal-data-without-safeguards-stays",
     "13(1)", ""},
    {"un", "publication", "", LOW, PERSONAL | SAFE, REFER, "personal-data-by-officer", "13(1)", ""},
    /* 13(2) */
    {"un", "publication", "", MIDDLE, 0, REFER, "confidential-by-officer", "13(2)", "seal"},
    {"un", "publication", "", LOW, THIRD, REFER, "third-party-material-by-officers", "13(2)", ""},
    {"un", "publication", "", HIGH, THIRD, WITHHOLD, "strictly-confidential-stays", "13(1)", ""},
    /* 14 */
    {"un", "arrangement-proposal", "", LOW, 0, REFER, "propose-arrangements", "14", "exact-bytes"},
    {"un", "arrangement-proposal", "", HIGH, 0, WITHHOLD, "strictly-confidential-stays", "13(1)",
     ""},
    /* 15, 16 */
    {"iom", "arrangement-approval", "", MIDDLE, 0, REFER, "notify-approval", "15, 16(1)",
     "exact-bytes"},
    {"iom", "arrangement-approval", "", LOW, NO_ANSWER, WITHHOLD, "", "", ""},
};
#define CASE_COUNT (sizeof CASES / sizeof CASES[0])

static struct vls_facts facts_of_case(size_t i)
{
    struct vls_facts facts = facts_of(&schemes, CASES[i].kind, CASES[i].label);
    int also = CASES[i].also;
    facts.from = CASES[i].from;
    facts.to = strcmp(CASES[i].from, "un") == 0 ? "iom" : "un";
    facts.body = CASES[i].body;
    if ((also & NO_ANSWER) != 0)
        facts.answers = VLS_ANSWERS_UNKNOWN;
    if ((also & EMBARGO) != 0)
        facts.embargo_until_ms = NOW_MS + 1;
    if ((also & (SAFE | UNSAFE)) != 0)
        facts.safeguards = (also & SAFE) != 0 ? "DPA/2026/1" : "";
    if ((also & THIRD) != 0)
        assert_code(vls_label_add_originator(&facts.label, "who"), OK);
    if ((also & RESTRICTED) != 0)
        facts.distribution = VLS_DISTRIBUTION_RESTRICTED;
    if ((also & HUGE_ONE) != 0)
        facts.bytes = UINT64_C(34359738368);
    facts.has_personal_data = (also & PERSONAL) != 0;
    facts.is_duplicate = (also & DUPLICATE) != 0;
    return facts;
}

/** Some rule that matched, the first one or another of its effect, is the one that is meant. */
static bool has_rule(const Valise__DecisionRecord *r, const char *id, const char *basis)
{
    if (*id == '\0')
        return r->n_rules == 0;
    for (size_t i = 0; i < r->n_rules; i++)
        if (strcmp(r->rules[i]->id, id) == 0 && strcmp(r->rules[i]->basis, basis) == 0)
            return (int)r->rules[i]->effect == (int)r->outcome;
    return false;
}

static void un_iom__every_paragraph__releases_refers_and_withholds(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASE_COUNT; i++) {
        struct vls_facts facts = facts_of_case(i);
        struct vls_decision d = decide(un_iom, &facts);
        Valise__DecisionRecord *r = unpacked(&d);
        if (d.outcome != CASES[i].outcome || !has_rule(r, CASES[i].rule, CASES[i].basis))
            fail_msg("case %zu, %s of %s: %s: %s", i, CASES[i].kind, CASES[i].from,
                     vls_outcome_name(d.outcome), d.reason);
        if (*CASES[i].duty != '\0' && !has_duty(r, CASES[i].duty))
            fail_msg("case %zu, %s: no duty %s", i, CASES[i].kind, CASES[i].duty);
        valise__decision_record__free_unpacked(r, NULL);
        vls_decision_fini(&d);
        vls_label_fini(&facts.label);
    }
}

static void un_iom__every_rule__has_a_case(void **state)
{
    (void)state;
    struct vls_buf yaml;
    vls_buf_init(&yaml, VLS_MAX_ARRANGEMENT_FILE);
    assert_code(vls_file_read(UN_IOM, &yaml, NULL), OK);
    static const char ID[] = "\n  - id: ";
    const char *at = strstr(vls_buf_text(&yaml), "\nrules:");
    size_t rules = 0;
    assert_non_null(at);
    while ((at = strstr(at, ID)) != NULL) {
        at += sizeof ID - 1;
        size_t len = strcspn(at, "\n"), i = 0;
        while (i < CASE_COUNT &&
               (strlen(CASES[i].rule) != len || strncmp(CASES[i].rule, at, len) != 0))
            i++;
        if (i == CASE_COUNT)
            fail_msg("no case for the rule %.*s", (int)len, at);
        rules++;
    }
    assert_true(rules > 30);
    vls_buf_fini(&yaml);
}

static void un_iom__bodies__come_and_go(void **state)
{
    (void)state;
    struct vls_facts facts = facts_of(&schemes, "consultation-request", LOW);
    facts.from = "iom";
    facts.to = "un";
    facts.now_ms = THEN_MS;
    facts.body = "un/gmg";
    assert_int_equal(outcome_of(un_iom, &facts), VLS_OUTCOME_RELEASE);
    facts.body = "un/unnm";
    assert_int_equal(outcome_of(un_iom, &facts), VLS_OUTCOME_WITHHOLD);
    facts.now_ms = NOW_MS;
    assert_int_equal(outcome_of(un_iom, &facts), VLS_OUTCOME_RELEASE);
    assert_string_equal(vls_arrangement_through(un_iom, "un/ga"), "un/sg");
    assert_string_equal(vls_arrangement_member_at(un_iom, "iom/council", 0), "iom/member-states");
}

/* -- what the words are ------------------------------------------------------------------------ */

static const struct {
    const char *kind, *label, *reason, *nearest;
    int also;
} WORDS[] = {
    {"publication", LOW,
     "rule exchange-publications (7(1)) releases this publication labelled unclassified", "", 0},
    {"publication", LOW,
     "rule advise-on-duplicates (7(4)) refers this publication labelled unclassified to 1 officer",
     "release, if it were no duplicate", DUPLICATE},
    {"publication", MIDDLE,
     "rule confidential-by-officer (13(2)) refers this publication labelled confidential to 1 "
     "officer",
     "release, if its label were un-sgb-2007-6/unclassified", 0},
    {"publication", MIDDLE,
     "rule advise-on-duplicates (7(4)) refers this publication labelled confidential to 1 officer",
     "release, if it were no duplicate and its label were un-sgb-2007-6/unclassified", DUPLICATE},
    {"publication", HIGH,
     "rule strictly-confidential-stays (13(1)) withholds this publication labelled "
     "strictly-confidential",
     "refer, if its label were un-sgb-2007-6/confidential", 0},
    {"publication", LOW,
     "rule personal-data-without-safeguards-stays (13(1)) withholds this publication labelled "
     "unclassified",
     "refer, if it named its safeguards", PERSONAL},
    {"publication", LOW,
     "rule restricted-distribution-by-officer (7(1)) refers this publication labelled unclassified "
     "to 1 officer",
     "release, if its distribution were unstated", RESTRICTED},
    {"publication", LOW,
     "rule no-publication-before-its-embargo-ends (7(1)) refers this publication labelled "
     "unclassified to 1 officer",
     "release, if its embargo were over", EMBARGO},
    {"overlap-advice", LOW,
     "no rule of un-iom/document-exchange covers kind overlap-advice labelled unclassified from un "
     "to iom",
     "release, if it answered a message of theirs that asks for it", NO_ANSWER},
    {"written-statement", LOW, "kind written-statement must be addressed to a body or service",
     "release, if it were addressed to iom/council", 0},
    {"arrangement-proposal", MIDDLE,
     "rule propose-arrangements (14) refers this arrangement-proposal labelled confidential to 2 "
     "officers",
     "release, if its label were un-sgb-2007-6/unclassified and it were of kind publication", 0},
};

static void un_iom__typical_messages__say_why_and_what_would_do(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        struct vls_facts facts = facts_of(&schemes, WORDS[i].kind, WORDS[i].label);
        int also = WORDS[i].also;
        facts.is_duplicate = (also & DUPLICATE) != 0;
        facts.has_personal_data = (also & PERSONAL) != 0;
        if ((also & RESTRICTED) != 0)
            facts.distribution = VLS_DISTRIBUTION_RESTRICTED;
        if ((also & EMBARGO) != 0)
            facts.embargo_until_ms = NOW_MS + 1;
        if ((also & NO_ANSWER) != 0)
            facts.answers = VLS_ANSWERS_UNKNOWN;
        struct vls_decision d = decide(un_iom, &facts);
        Valise__DecisionRecord *r = unpacked(&d);
        assert_string_equal(d.reason, WORDS[i].reason);
        assert_string_equal(r->nearest_change, WORDS[i].nearest);
        valise__decision_record__free_unpacked(r, NULL);
        vls_decision_fini(&d);
    }
}

/* -- every kind -------------------------------------------------------------------------------- */

static void expect_of_every_kind(const char *label, enum vls_outcome at_least)
{
    const struct vls_kind *kind;
    for (size_t i = 0; (kind = vls_kind_at(i)) != NULL; i++)
        for (int way = 0; way < 2; way++) {
            struct vls_facts facts = facts_of(&schemes, kind->name, label);
            facts.from = way == 0 ? "un" : "iom";
            facts.to = way == 0 ? "iom" : "un";
            facts.body = way == 0 ? "iom/council" : "un/ga";
            assert_true(outcome_of(un_iom, &facts) >= at_least);
        }
}

static void un_iom__every_kind__follows_the_label(void **state)
{
    (void)state;
    expect_of_every_kind(HIGH, VLS_OUTCOME_WITHHOLD);
    expect_of_every_kind(MIDDLE, VLS_OUTCOME_REFER);
}

/* Every kind may be sent by someone, in some way. */
static void un_iom__every_kind__has_a_case_that_may_leave(void **state)
{
    (void)state;
    const struct vls_kind *kind;
    for (size_t i = 0; (kind = vls_kind_at(i)) != NULL; i++) {
        bool is_found = false;
        for (size_t k = 0; k < CASE_COUNT && !is_found; k++)
            is_found = strcmp(CASES[k].kind, kind->name) == 0 && CASES[k].outcome <= REFER;
        if (!is_found)
            fail_msg("%s", kind->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(un_iom__every_paragraph__releases_refers_and_withholds),
        cmocka_unit_test(un_iom__every_rule__has_a_case),
        cmocka_unit_test(un_iom__bodies__come_and_go),
        cmocka_unit_test(un_iom__typical_messages__say_why_and_what_would_do),
        cmocka_unit_test(un_iom__every_kind__follows_the_label),
        cmocka_unit_test(un_iom__every_kind__has_a_case_that_may_leave),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
