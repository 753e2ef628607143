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

static void kinds__table__has_each_once_with_its_basis(void **state)
{
    (void)state;
    const struct vls_kind *kind;
    size_t count = 0;
    for (; (kind = vls_kind_at(count)) != NULL; count++) {
        assert_ptr_equal(vls_kind_by_name(kind->name), kind);
        assert_true(kind->basis[0] != '\0');
    }
    assert_true(count > 20);
    assert_null(vls_kind_by_name(""));
    assert_null(vls_kind_by_name("Publication"));
    assert_true(vls_kind_by_name("information-response")->is_answer);
    assert_false(vls_kind_by_name("information-request")->is_answer);
}

static void shipped__un_iom__loads_and_says_who_and_when(void **state)
{
    (void)state;
    struct vls_arrangement *a = NULL;
    struct vls_why why = {""};
    if (!vls_ok(vls_arrangement_load(UN_IOM, &schemes.set, &a, &why)))
        fail_msg("%s", why.text);
    assert_string_equal(vls_arrangement_name(a), "un-iom/document-exchange");
    assert_int_equal(vls_arrangement_version(a), 1);
    assert_string_equal(vls_arrangement_party(a, "un"), "United Nations");
    assert_string_equal(vls_arrangement_party(a, "iom"),
                        "International Organization for Migration");
    assert_null(vls_arrangement_party(a, "who"));
    const uint64_t from_ms = UINT64_C(1474243200000), to_ms = UINT64_C(2105395200000);
    assert_false(vls_arrangement_is_in_force(a, from_ms - 1));
    assert_true(vls_arrangement_is_in_force(a, from_ms));
    assert_true(vls_arrangement_is_in_force(a, to_ms - 1));
    assert_false(vls_arrangement_is_in_force(a, to_ms));
    vls_arrangement_free(&a);
    assert_null(a);
    vls_arrangement_free(&a);
}

static void arrangement__digest__is_of_the_exact_bytes(void **state)
{
    (void)state;
    static const char YAML[] = ARRANGEMENT RELEASE_PUBLICATION;
    struct vls_arrangement *a = read_arrangement(&schemes, YAML);
    struct vls_arrangement *b = read_arrangement(&schemes, ARRANGEMENT RELEASE_PUBLICATION "\n");
    struct vls_digest expected = vls_digest_of_slice(vls_slice_text(YAML));
    assert_true(vls_digest_is_equal(vls_arrangement_digest(a), &expected));
    assert_false(vls_digest_is_equal(vls_arrangement_digest(b), &expected));
    vls_arrangement_free(&a);
    vls_arrangement_free(&b);
}

static void expect_refused(struct vls_slice yaml, const char *words)
{
    struct vls_arrangement *a = NULL;
    struct vls_why why = {""};
    struct vls_status s = vls_arrangement_read(yaml, "t.yaml", &schemes.set, &a, &why);
    if (s.code != VLS_POLICY_INVALID)
        fail_msg("%s where '%s' is expected", vls_status_name(s), words);
    assert_null(a);
    if (strstr(why.text, words) == NULL)
        fail_msg("'%s' does not say '%s'", why.text, words);
}

#define RULE(text)      ARRANGEMENT "  - { " text " }\n"
#define RULE_WHEN(text) RULE("id: x, effect: withhold, basis: '7(1)', when: { " text " }")

static const struct {
    const char *yaml, *words;
} BAD_RULES[] = {
    {RULE("effect: withhold, basis: x"), "t.yaml:9:5: rules[0]: has no id"},
    {RULE("id: X, effect: withhold, basis: x"), "t.yaml:9:11: rules[0].id: 'X' is not a name"},
    {RULE("id: x, basis: y"), "rules[0]: has no effect"},
    {RULE("id: x, effect: allow, basis: y"), "t.yaml:9:22: rules[0].effect: 'allow' is not"},
    {RULE("id: x, effect: quarantine, basis: y"), "'quarantine' is not release"},
    {RULE("id: x, effect: withhold"), "has no basis"},
    {RULE("id: x, effect: withhold, basis: ''"), "has no basis"},
    {RULE("id: x, effect: withhold, basis: y, approvals: 1"), "only effect: refer asks for them"},
    {RULE("id: x, effect: refer, basis: y, approvals: 0"), "0 is not 1 to 9"},
    {RULE("id: x, effect: refer, basis: y, approvals: 10"), "10 is not 1 to 9"},
    {RULE("id: x, effect: refer, basis: y, approvals: two"), "'two' is not a whole number"},
    {RULE("id: x, effect: refer, basis: y, duties: [Seal it]"),
     "rules[0].duties[0]: is not a name"},
    {RULE("id: x, effect: refer, basis: y, duties: seal"), "Expecting SEQUENCE, got event: SCALAR"},
    {RULE("id: x, effect: withhold, basis: y, wen: { kind: report }"),
     "unknown key 'wen'; did you mean 'when'?"},
    {RULE("id: x, effect: release, basis: y"), "releases without saying of which kind"},
    {RULE("id: x, effect: release, basis: y, when: { kind: publication }"),
     "at most at which label"},
    {RULE("id: x, effect: release, basis: y, "
          "when: { label: { at-most: un-sgb-2007-6/unclassified } }"),
     "releases without saying of which kind"},
    {RULE("id: x, effect: release, basis: y, effect: withhold"), "'effect' is given twice"},
    {RULE_WHEN("kind: publicatoin"),
     "t.yaml:9:61: rules[0].when.kind: 'publicatoin' is not a kind of message; did you mean "
     "'publication'?"},
    {RULE_WHEN("kind: zebra"), "'zebra' is not a kind of message"},
    {RULE_WHEN("kind: [publication, report]"), "Expecting STRING, got event: SEQUENCE_START"},
    {RULE_WHEN("kinds: [publication, ropert]"), "rules[0].when.kinds[1]: 'ropert' is not"},
    {RULE_WHEN("kinds: [report, report]"), "rules[0].when.kinds[1]: 'report' is given twice"},
    {RULE_WHEN("kinds: []"), "Insufficient entries (0 of 1 min)"},
    {RULE_WHEN("kind: report, kinds: [recall]"), "give kind or kinds, not both"},
    {RULE_WHEN("label: {}"), "give at-most, at-least or both"},
    {RULE_WHEN("label: { above: un-sgb-2007-6/unclassified }"), "unknown key 'above'"},
    {RULE_WHEN("label: { at-most: un-sgb-2007-6/secret }"),
     "rules[0].when.label.at-most: scheme un-sgb-2007-6 has no 'secret'; it has unclassified"},
    {RULE_WHEN("label: { at-most: nato/secret }"), "no scheme 'nato' is loaded"},
    {RULE_WHEN("label: { at-most: other/low }"), "no party labels by the scheme other"},
    {RULE_WHEN("label: { at-least: un-sgb-2007-6/confidential, "
               "at-most: un-sgb-2007-6/unclassified }"),
     "no label lies between"},
    {RULE_WHEN("from: who"), "rules[0].when.from: 'who' is not the id of a party"},
    {RULE_WHEN("from: un, to: un"), "is the same party as from"},
    {RULE_WHEN("body: ''"), "rules[0].when.body: is empty"},
    {RULE_WHEN("duplicate: flase"), "rules[0].when.duplicate: 'flase' is neither true nor false"},
    {RULE_WHEN("max-bytes: -1"), "'-1' is not a whole number"},
    {RULE_WHEN("max-bytes: 0x10"), "'0x10' is not a whole number"},
    {RULE_WHEN("max-bytes: 99999999999999999999"), "max-bytes"},
    {ARRANGEMENT RELEASE_PUBLICATION RELEASE_PUBLICATION,
     "t.yaml:10:11: rules[1].id: 'go' is the id of rules[0] already"},
    {ARRANGEMENT "  []\n", "there is none"},
};

static void rule__bad__is_refused_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof BAD_RULES / sizeof BAD_RULES[0]; i++)
        expect_refused(vls_slice_text(BAD_RULES[i].yaml), BAD_RULES[i].words);
}

#define PARTY(id, scheme) "  - { id: " id ", name: N, scheme: " scheme " }\n"
#define BOTH              PARTY("un", "un-sgb-2007-6") PARTY("iom", "un-sgb-2007-6")
#define DATES             "in-force: { not-before: 2020-01-01, expires: 2030-01-01 }\n"
#define NAMED             "arrangement: a\nversion: 1\nbasis: b\n"
#define RULES             "rules:\n" RELEASE_PUBLICATION

static const struct {
    const char *yaml, *words;
} BAD_HEADS[] = {
    {"", "empty"},
    {"# nothing\n", "empty"},
    {"just words\n", "Expecting MAPPING, got event: SCALAR"},
    {"a: [\n", "t.yaml:"},
    {"version: 1\nbasis: b\n" DATES "parties:\n" BOTH RULES, "arrangement: is missing"},
    {"arrangement: A B\nversion: 1\nbasis: b\n" DATES "parties:\n" BOTH RULES,
     "'A B' is not a name"},
    {"arrangement: a//b\nversion: 1\nbasis: b\n" DATES "parties:\n" BOTH RULES, "is not a name"},
    {"arrangement: a\nbasis: b\n" DATES "parties:\n" BOTH RULES, "version: is missing"},
    {"arrangement: a\nversion: 1.5\nbasis: b\n" DATES "parties:\n" BOTH RULES,
     "t.yaml:2:10: version: '1.5' is not a whole number"},
    {"arrangement: a\nversion: 4294967296\nbasis: b\n" DATES "parties:\n" BOTH RULES, "version"},
    {"arrangement: a\nversion: 1\n" DATES "parties:\n" BOTH RULES, "basis: is missing"},
    {NAMED "parties:\n" BOTH RULES, "in-force: is missing"},
    {NAMED "in-force: { not-before: 2020-01-01 }\nparties:\n" BOTH RULES,
     "in-force.expires: is missing"},
    {NAMED "in-force: { not-before: today, expires: 2030-01-01 }\nparties:\n" BOTH RULES,
     "t.yaml:4:25: in-force.not-before: 'today' is not a date"},
    {NAMED "in-force: { not-before: 2030-01-01, expires: 2030-01-01 }\nparties:\n" BOTH RULES,
     "is not later than not-before"},
    {NAMED DATES RULES, "an arrangement has at least two"},
    {NAMED DATES "parties:\n" PARTY("un", "un-sgb-2007-6") RULES,
     "an arrangement has at least two"},
    {NAMED DATES "parties:\n" PARTY("un", "un-sgb-2007-6") PARTY("un", "un-sgb-2007-6") RULES,
     "t.yaml:7:11: parties[1].id: 'un' is given twice"},
    {NAMED DATES "parties:\n" PARTY("un", "un-sgb-2007-6") PARTY("iom", "iom") RULES,
     "parties[1].scheme: no scheme 'iom' is loaded; there is 'un-sgb-2007-6' and others"},
    {NAMED DATES "parties:\n" PARTY("un", "un-sgb-2007-6") PARTY("I O M", "un-sgb-2007-6") RULES,
     "'I O M' is not a short name"},
    {NAMED DATES "parties:\n  - { id: un, scheme: un-sgb-2007-6 }\n" BOTH RULES,
     "parties[0].name: is missing"},
    {NAMED DATES "parties:\n  - { name: N, scheme: un-sgb-2007-6 }\n" BOTH RULES,
     "parties[0]: has no id"},
    {NAMED DATES "parties:\n" BOTH, "rules: there is none"},
    {NAMED DATES "parties:\n" BOTH RULES "extra: 1\n", "unknown key 'extra'"},
    {NAMED DATES "parties:\n" BOTH RULES "---\n" NAMED, "a second document"},
    {NAMED "in-force: &f { not-before: 2020-01-01, expires: 2030-01-01 }\nparties:\n" BOTH RULES,
     "anchors are not allowed"},
    {NAMED DATES "parties: *p\n" RULES, "aliases are not allowed"},
    {"a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
     "c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c, *c, *c, *c, *c, *c]\n",
     "t.yaml:1:1: unknown key 'a'"},
    {"rules: [[[[[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]]]]]\n", "nested too deeply"},
};

static void file__bad__is_refused_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof BAD_HEADS / sizeof BAD_HEADS[0]; i++)
        expect_refused(vls_slice_text(BAD_HEADS[i].yaml), BAD_HEADS[i].words);
}

static void file__too_large__is_refused(void **state)
{
    (void)state;
    const size_t len = VLS_MAX_ARRANGEMENT_FILE + 1;
    char *big = vls_mem_try(len);
    memset(big, '#', len);
    expect_refused(VLS_SLICE(big, len), "an arrangement has at most");
    vls_mem_free(big);
}

static void file__too_many_rules__is_refused(void **state)
{
    (void)state;
    struct vls_buf yaml;
    vls_buf_init(&yaml, VLS_MAX_ARRANGEMENT_FILE);
    assert_code(vls_buf_add_text(&yaml, ARRANGEMENT), OK);
    for (unsigned i = 0; i <= VLS_MAX_RULES; i++)
        assert_code(vls_buf_add_format(&yaml, "  - { id: r%u, effect: withhold, basis: x }\n", i),
                    OK);
    expect_refused(vls_buf_slice(&yaml), "Excessive entries (1024 max)");
    vls_buf_fini(&yaml);
}

static void file__not_there__is_missing(void **state)
{
    (void)state;
    struct vls_arrangement *a = NULL;
    struct vls_status s = vls_arrangement_load(VALISE_SOURCE_DIR "/schemas/arrangements/none.yaml",
                                               &schemes.set, &a, NULL);
    assert_code(s, SYSTEM_MISSING);
}

static void file__every_allocation_fails_in_turn__status_and_no_leak(void **state)
{
    (void)state;
    static const char YAML[] =
        ARRANGEMENT RELEASE_PUBLICATION "  - { id: x, effect: refer, basis: y, duties: [a, b], "
                                        "when: { kinds: [report], body: z } }\n";
    bool is_done = false;
    for (uint64_t n = 1; !is_done && n < 1000; n++) {
        struct vls_arrangement *a = NULL;
        vls_mem_fail_at(n);
        struct vls_status s =
            vls_arrangement_read(vls_slice_text(YAML), "t.yaml", &schemes.set, &a, NULL);
        vls_mem_fail_at(0);
        is_done = vls_ok(s);
        assert_true(is_done || s.code == VLS_SYSTEM_MEMORY);
        assert_true(is_done == (a != NULL));
        vls_arrangement_free(&a);
    }
    assert_true(is_done);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds__table__has_each_once_with_its_basis),
        cmocka_unit_test(shipped__un_iom__loads_and_says_who_and_when),
        cmocka_unit_test(arrangement__digest__is_of_the_exact_bytes),
        cmocka_unit_test(rule__bad__is_refused_with_its_place),
        cmocka_unit_test(file__bad__is_refused_with_its_place),
        cmocka_unit_test(file__too_large__is_refused),
        cmocka_unit_test(file__too_many_rules__is_refused),
        cmocka_unit_test(file__not_there__is_missing),
        cmocka_unit_test(file__every_allocation_fails_in_turn__status_and_no_leak),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
