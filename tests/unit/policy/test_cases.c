/* Cases: what an author expects, held against what comes. */
#include "policy/cases.h"
#include "policy/policy_test.h"

#define CASES       VALISE_SOURCE_DIR "/schemas/arrangements/cases/un-iom.yaml"
#define HOUSE_CASES VALISE_SOURCE_DIR "/schemas/arrangements/cases/un-iom-house.yaml"

static struct label_schemes schemes;
static struct vls_arrangement *un_iom, *house;

static int set_up(void **state)
{
    (void)state;
    struct vls_why why = {""};
    schemes = load_schemes();
    un_iom = load_arrangement(&schemes);
    if (!vls_ok(vls_house_rules_load(HOUSE_RULES, &schemes.set, un_iom, &house, &why)))
        fail_msg("%s", why.text);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    vls_arrangement_free(&house);
    vls_arrangement_free(&un_iom);
    vls_scheme_set_free(&schemes.set);
    return 0;
}

/* -- the shipped cases ------------------------------------------------------------------------- */

static void run_all(const char *path, const struct vls_cases_books *books,
                    struct vls_coverage *coverage)
{
    struct vls_cases *cases = NULL;
    struct vls_why why = {""};
    if (!vls_ok(vls_cases_load(path, books, &cases, &why)))
        fail_msg("%s", why.text);
    assert_code(vls_coverage_init(coverage, books, NULL), OK);
    for (size_t i = 0; i < vls_cases_count(cases); i++) {
        struct vls_case_result r;
        assert_code(vls_cases_run(cases, i, coverage, &r, NULL), OK);
        if (!r.is_ok)
            fail_msg("%s:%u: %s: %s (%s)", path, r.line, r.name, r.words, r.reason);
    }
    vls_cases_free(&cases);
}

static void shipped_cases__of_the_arrangement__come_as_expected_and_cover_every_rule(void **state)
{
    (void)state;
    const struct vls_cases_books books = {.joint = un_iom, .schemes = &schemes.set};
    struct vls_coverage coverage;
    run_all(CASES, &books, &coverage);
    for (size_t i = 0; i < coverage.joint_count; i++)
        assert_int_not_equal(coverage.joint[i].decided, 0);
    vls_coverage_fini(&coverage);
}

static void shipped_cases__of_the_house_rules__come_as_expected_and_cover_every_rule(void **state)
{
    (void)state;
    const struct vls_cases_books books = {.joint = un_iom, .house = house, .schemes = &schemes.set};
    struct vls_coverage coverage;
    run_all(HOUSE_CASES, &books, &coverage);
    for (size_t i = 0; i < coverage.house_count; i++)
        assert_int_not_equal(coverage.house[i].decided, 0);
    vls_coverage_fini(&coverage);
}

/* -- one case ---------------------------------------------------------------------------------- */

#define PUBLICATION "facts: { kind: publication, from: un, to: iom, label: " LOW " }"
#define ONE(rest)   "now: 2026-11-23\ncases:\n  - { name: one, " PUBLICATION ", " rest " }\n"

static struct vls_case_result run_one(const char *yaml, struct vls_coverage *coverage)
{
    const struct vls_cases_books books = {.joint = un_iom, .schemes = &schemes.set};
    struct vls_cases *cases = NULL;
    struct vls_case_result r;
    struct vls_why why = {""};
    if (!vls_ok(vls_cases_read(vls_slice_text(yaml), "c.yaml", &books, &cases, &why)))
        fail_msg("%s", why.text);
    assert_code(vls_coverage_init(coverage, &books, NULL), OK);
    assert_code(vls_cases_run(cases, 0, coverage, &r, NULL), OK);
    r.name = NULL; /* goes with the cases */
    vls_cases_free(&cases);
    return r;
}

static void case__otherwise_than_expected__says_what_and_why(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *words;
    } CASES_OF[] = {
        {ONE("expect: refer"), "release, not refer"},
        {ONE("expect: release, rules: []"), "rule exchange-publications matches, too"},
        {ONE("expect: release, rules: [exchange-publications, acknowledge]"),
         "rule acknowledge does not match"},
        {ONE("expect: release, duties: [seal]"), "seal is not among the duties"},
        {ONE("expect: release, reason: embargo"), "'embargo' is not in the reason"},
        {ONE("expect: refer, approvals: 2"), "release, not refer; 0 approvals, not 2"},
        {ONE("expect: release, at: 2036-09-19"), "withhold, not release"},
    };
    for (size_t i = 0; i < sizeof CASES_OF / sizeof CASES_OF[0]; i++) {
        struct vls_coverage coverage;
        struct vls_case_result r = run_one(CASES_OF[i].yaml, &coverage);
        assert_false(r.is_ok);
        assert_string_equal(r.words, CASES_OF[i].words);
        assert_string_not_equal(r.reason, "");
        assert_int_equal(r.line, 3);
        vls_coverage_fini(&coverage);
    }
}

static void case__as_expected__counts_for_its_rules(void **state)
{
    (void)state;
    struct vls_coverage coverage;
    struct vls_case_result r =
        run_one(ONE("expect: release, rules: [exchange-publications], approvals: 0, "
                    "duties: [duplicate-advice], reason: exchange-publications"),
                &coverage);
    size_t matched = 0;
    assert_string_equal(r.words, "");
    assert_true(r.is_ok);
    assert_string_equal(r.rules, "exchange-publications");
    for (size_t i = 0; i < coverage.joint_count; i++)
        matched += coverage.joint[i].matched;
    assert_int_equal(matched, 1);
    vls_coverage_fini(&coverage);
}

static void case__without_a_time__is_decided_when_the_arrangement_begins(void **state)
{
    (void)state;
    struct vls_coverage coverage;
    struct vls_case_result r = run_one("cases:\n  - { name: one, facts: { kind: "
                                       "consultation-request, from: iom, to: un, body: un/gmg, "
                                       "label: " LOW " }, expect: release }\n",
                                       &coverage);
    assert_true(r.is_ok); /* a body that has ended since */
    vls_coverage_fini(&coverage);
}

/* -- bad input --------------------------------------------------------------------------------- */

static void cases__bad_file__refused_with_place_and_reason(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *words;
    } BAD[] = {
        {"", "c.yaml"},
        {"cases: []\n", "c.yaml:1:8: cases: there is no case"},
        {"cases:\n  - { facts: { kind: report }, expect: release }\n", "cases[0]: has no name"},
        {"cases:\n  - { name: one, expect: release }\n", "cases[0]: has no facts"},
        {"cases:\n  - { name: one, " PUBLICATION " }\n", "c.yaml:2:5: cases[0]: has no expect"},
        {ONE("expect: let-go"), "'let-go' is none of release, refer, withhold, quarantine"},
        {ONE("expect: release, rules: [nosuch]"), "'nosuch' is not a rule of un-iom"},
        {ONE("expect: release, rules: ['house:no-programs']"), "give --house FILE"},
        {ONE("expect: release, approvals: 1"), "only what is referred asks for approvals"},
        {ONE("expect: release, at: tomorrow"), "'tomorrow' is not a date"},
        {ONE("expect: release, expected: x"), "expected"},
        {ONE("expect: release, expect: refer"), "expect"},
        {"cases:\n  - { name: one, facts: { kind: report, labl: x }, expect: release }\n",
         "did you mean 'label'"},
        {"cases:\n  - { name: one, facts: { duplicate: maybe }, expect: release }\n",
         "c.yaml:2:38: cases[0].facts.duplicate: duplicate: 'maybe' is neither yes nor no"},
        {"cases:\n  - { name: one, facts: { label: un-sgb-2007-6/nosuch }, expect: release }\n",
         "c.yaml:2:34: cases[0].facts.label"},
        {"cases: &a\n  - *a\n", "c.yaml:1:"},
    };
    const struct vls_cases_books books = {.joint = un_iom, .schemes = &schemes.set};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        struct vls_cases *cases = NULL;
        struct vls_why why = {""};
        assert_code(vls_cases_read(vls_slice_text(BAD[i].yaml), "c.yaml", &books, &cases, &why),
                    POLICY_INVALID);
        assert_null(cases);
        if (strstr(why.text, BAD[i].words) == NULL)
            fail_msg("case %zu: %s", i, why.text);
    }
}

static void cases__file_above_the_limit__refused(void **state)
{
    (void)state;
    const struct vls_cases_books books = {.joint = un_iom, .schemes = &schemes.set};
    struct vls_cases *cases = NULL;
    uint8_t *bytes = vls_mem_try(VLS_MAX_CASES_FILE + 1);
    assert_non_null(bytes);
    memset(bytes, '#', VLS_MAX_CASES_FILE + 1);
    assert_code(
        vls_cases_read(VLS_SLICE(bytes, VLS_MAX_CASES_FILE + 1), "c.yaml", &books, &cases, NULL),
        POLICY_INVALID);
    vls_mem_free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_cases__of_the_arrangement__come_as_expected_and_cover_every_rule),
        cmocka_unit_test(shipped_cases__of_the_house_rules__come_as_expected_and_cover_every_rule),
        cmocka_unit_test(case__otherwise_than_expected__says_what_and_why),
        cmocka_unit_test(case__as_expected__counts_for_its_rules),
        cmocka_unit_test(case__without_a_time__is_decided_when_the_arrangement_begins),
        cmocka_unit_test(cases__bad_file__refused_with_place_and_reason),
        cmocka_unit_test(cases__file_above_the_limit__refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
