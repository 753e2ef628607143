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

static void kinds__answers__fit_what_is_expected(void **state)
{
    (void)state;
    const struct vls_kind *kind, *uniform = vls_kind_by_name("no-material-available");
    for (size_t i = 0; (kind = vls_kind_at(i)) != NULL; i++) {
        for (size_t k = 0; kind->expects[k] != NULL; k++) {
            const struct vls_kind *answer = vls_kind_by_name(kind->expects[k]);
            assert_non_null(answer);
            assert_true(vls_kind_is_answer_to(answer, kind));
        }
        for (size_t k = 0; kind->answers[k] != NULL; k++)
            assert_non_null(vls_kind_by_name(kind->answers[k]));
        /* who waits for something may hear that there is nothing; a deadline is one for an answer
         */
        assert_int_equal(vls_kind_is_answer_to(uniform, kind), kind->expects[0] != NULL);
        assert_int_equal(kind->deadline == VLS_DEADLINE_TARGET, kind->expects[0] != NULL);
        assert_true(kind->sender != VLS_SENDER_REQUESTED || kind->is_answer);
    }
    assert_true(vls_kind_is_answer_to(vls_kind_by_name("special-study"),
                                      vls_kind_by_name("information-request")));
    assert_false(vls_kind_is_answer_to(vls_kind_by_name("information-response"),
                                       vls_kind_by_name("publication")));
}

static void kinds__that_need_safeguards__are_about_persons(void **state)
{
    (void)state;
    const struct vls_kind *kind;
    for (size_t i = 0; (kind = vls_kind_at(i)) != NULL; i++) {
        assert_true(!kind->needs_safeguards || kind->is_personal);
        assert_true(!kind->fans_out || kind->needs_body);
        assert_true(!kind->fans_out || !kind->is_droppable);
    }
}

static void rule__releases_any_label__is_taken_when_acknowledged(void **state)
{
    (void)state;
    struct vls_arrangement *a = read_arrangement(
        &schemes, ARRANGEMENT "  - { id: x, effect: release, basis: y, when: { kind: publication "
                              "}, acknowledge: [releases-without-label] }\n");
    struct vls_facts facts = facts_of(&schemes, "publication", HIGH);
    assert_int_equal(outcome_of(a, &facts), VLS_OUTCOME_RELEASE);
    vls_arrangement_free(&a);
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
     "rules[0].duties[0]: 'Seal it' is not such as seal"},
    {RULE("id: x, effect: refer, basis: y, duties: seal"),
     "t.yaml:9:47: rules[0].duties: this is a single value; write a list, such as [a, b]"},
    {RULE("id: x, effect: withhold, basis: y, wen: { kind: report }"),
     "unknown key 'wen'; did you mean 'when'?"},
    {RULE("id: x, effect: release, basis: y"), "releases whatever its label is; give label"},
    {RULE("id: x, effect: release, basis: y, when: { kind: publication }"),
     "t.yaml:9:5: rules[0]: releases whatever its label is"},
    {RULE("id: x, effect: release, basis: y, "
          "when: { label: { at-least: un-sgb-2007-6/unclassified } }"),
     "acknowledge: [releases-without-label]"},
    {RULE("id: x, effect: release, basis: y, acknowledge: [all]"),
     "rules[0].acknowledge[0]: 'all' is not releases-without-label"},
    {RULE("id: x, effect: refer, basis: y, acknowledge: [releases-without-label]"),
     "there is nothing of that to acknowledge"},
    {RULE("id: x, effect: refer, basis: y, retain-years: 0"), "retain-years: 0 is not 1 to 1000"},
    {RULE("id: x, effect: refer, basis: y, duties: [seal, seal]"), "'seal' is given twice"},
    {RULE("id: x, effect: release, basis: y, effect: withhold"), "'effect' is given twice"},
    {RULE_WHEN("kind: publicatoin"),
     "t.yaml:9:61: rules[0].when.kind: 'publicatoin' is not a kind of message; did you mean "
     "'publication'?"},
    {RULE_WHEN("kind: zebra"), "'zebra' is not a kind of message"},
    {RULE_WHEN("kind: [publication, report]"),
     "t.yaml:9:61: rules[0].when.kind: this is a list; write a single value"},
    {RULE_WHEN("kinds: [publication, ropert]"), "rules[0].when.kinds[1]: 'ropert' is not"},
    {RULE_WHEN("kinds: [report, report]"), "rules[0].when.kinds[1]: 'report' is given twice"},
    {RULE_WHEN("kinds: []"), "t.yaml:9:62: Insufficient entries (0 of 1 min)"},
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
    {RULE_WHEN("body: ''"), "rules[0].when.body: '' is not the id of a body"},
    {RULE_WHEN("bodies: [un/ga]"), "rules[0].when.bodies[0]: 'un/ga' is not the id of a body"},
    {RULE_WHEN("body: un/ga, bodies: [un/ga]"), "give body or bodies, not both"},
    {RULE_WHEN("duplicate: flase"), "rules[0].when.duplicate: 'flase' is neither yes nor no"},
    {RULE_WHEN("direction: outgoing"), "'outgoing' is neither in nor out"},
    {RULE_WHEN("personal-data: some"), "rules[0].when.personal-data: 'some' is neither"},
    {RULE_WHEN("safeguards: yes"), "'yes' is neither given nor missing"},
    {RULE_WHEN("embargo: over"), "'over' is neither pending nor none"},
    {RULE_WHEN("third-party: maybe"), "'maybe' is neither yes nor no"},
    {RULE_WHEN("category: [legal]"), "category[0]: 'legal' is not such as SCHEME;TAG-SET/CATEGORY"},
    {RULE_WHEN("category: ['nato;a/b']"), "no scheme 'nato' is loaded"},
    {RULE_WHEN("category: ['other;a/b']"), "no party labels by the scheme other"},
    {RULE_WHEN("category: ['un-sgb-2007-6;a/b']"), "scheme un-sgb-2007-6 has no category 'a/b'"},
    {RULE_WHEN("distribution: [public]"),
     "distribution[0]: 'public' is none of unstated, general, limited, restricted"},
    {RULE_WHEN("distribution: [limited, limited]"), "distribution[1]: 'limited' is given twice"},
    {RULE_WHEN("distribution: limited"), "distribution: this is a single value; write a list"},
    {RULE_WHEN("answers: [yes]"), "'yes' is none of nothing, known, unknown"},
    {RULE_WHEN("audience: [Member States]"), "audience[0]: 'Member States' is not such as"},
    {RULE_WHEN("topic: [a, a]"), "rules[0].when.topic[1]: 'a' is given twice"},
    {RULE_WHEN("media-type: [Text/Plain]"), "'Text/Plain' is not such as application/pdf"},
    {RULE_WHEN("media-type: ['*/*']"), "'*/*' is not such as application/pdf"},
    {RULE_WHEN("media-type: [text]"), "'text' is not such as application/pdf"},
    {RULE_WHEN("media-type: [text/]"), "'text/' is not such as application/pdf"},
    {RULE_WHEN("originator: ['']"), "rules[0].when.originator[0]: '' is not such as"},
    {RULE_WHEN("min-bytes: 2, max-bytes: 1"), "min-bytes: is more than max-bytes"},
    {RULE_WHEN("max-bytes: -1"), "'-1' is not a whole number"},
    {RULE_WHEN("max-bytes: 0x10"), "'0x10' is not a whole number"},
    {RULE_WHEN("max-bytes: 99999999999999999999"), "max-bytes"},
    {ARRANGEMENT RELEASE_PUBLICATION RELEASE_PUBLICATION,
     "t.yaml:10:11: rules[1].id: 'go' is the id of rules[0] already"},
    {ARRANGEMENT "  []\n", "there is none"},
};

/* An arrangement with two bodies. */
#define WITH_BODIES(members)                                                                       \
    HEAD_OF_ARRANGEMENT                                                                            \
    "bodies:\n"                                                                                    \
    "  - { id: un/sg, name: Secretary-General }\n"                                                 \
    "  - { id: un/ga, name: Assembly, members: " members ", through: un/sg }\n"                    \
    "rules:\n"
#define HEAD_OF_ARRANGEMENT                                                                        \
    "arrangement: a\nversion: 1\nbasis: b\n"                                                       \
    "in-force: { not-before: 2020-01-01, expires: 2030-01-01 }\nparties:\n"                        \
    "  - { id: un, name: N, scheme: un-sgb-2007-6 }\n"                                             \
    "  - { id: iom, name: N, scheme: other }\n"

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

#define LONG "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
    const char *yaml, *words;
} BAD_HEADS[] = {
    {"", "empty"},
    {"# nothing\n", "empty"},
    {"just words\n", "t.yaml:1:1: the file: this is a single value; write a group of keys"},
    {"- a\n", "t.yaml:1:1: the file: this is a list; write a group of keys"},
    {"\xef\xbb\xbf" NAMED, "t.yaml:1:1: a byte order mark; save the file as UTF-8 without one"},
    {"arrangement: a\nbasis: t\xe9st\n", "t.yaml:2:10: byte 24: invalid trailing UTF-8 octet"},
    {"arrangement: a\nbasis: \x07\n", "t.yaml:2:8: byte 22: control characters are not allowed"},
    {"arrangement: a\nversion: !!int 1\n", "t.yaml:2:10: tags are not allowed; remove '!'"},
    {"arrangement: !a b\n", "t.yaml:1:14: tags are not allowed"},
    {"!a arrangement: b\n", "t.yaml:1:1: tags are not allowed"},
    {"in-force: !a { rule: fixed }\n", "t.yaml:1:11: tags are not allowed"},
    {"rules: !!seq []\n", "t.yaml:1:8: tags are not allowed"},
    {"zzzzzzzzzzzz: a\n", "unknown key 'zzzzzzzzzzzz'; see valise-arrangement(7)"},
    {"version: [1]\n", "t.yaml:1:10: version: this is a list; write a single value"},
    {"version: { a: 1 }\n", "version: this is a group of keys; write a single value"},
    {"version: 4294967296\n",
     "t.yaml:1:10: version: '4294967296' is too large; 4294967295 is the most"},
    {"version: 99999999999999999999999\n",
     "t.yaml:1:10: version: '99999999999999999999999' is too"},
    {"supersedes:\n", "t.yaml:1:12: supersedes: '' is not a whole number"},
    {"party: " LONG LONG LONG "\n", "t.yaml:1:8: party: longer than 64 bytes"},
    {"a: [\n", "t.yaml:"},
    {"version: 1\nbasis: b\n" DATES "parties:\n" BOTH RULES, "arrangement: is missing"},
    {"arrangement: A B\nversion: 1\nbasis: b\n" DATES "parties:\n" BOTH RULES,
     "'A B' is not a name"},
    {"arrangement: a//b\nversion: 1\nbasis: b\n" DATES "parties:\n" BOTH RULES, "is not a name"},
    {"arrangement: a\nbasis: b\n" DATES "parties:\n" BOTH RULES, "version: is missing"},
    {"arrangement: a\nversion: 1.5\nbasis: b\n" DATES "parties:\n" BOTH RULES,
     "t.yaml:2:10: version: '1.5' is not a whole number"},
    {"arrangement: a\nversion: 4294967296\nbasis: b\n" DATES "parties:\n" BOTH RULES, "version"},
    {"arrangement: a\nversion: 1\n" DATES "parties:\n" BOTH RULES, "t.yaml:1:1: basis: is missing"},
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
    {"rules: [[[[[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]]]]]\n",
     "t.yaml:1:9: rules[0]: this is a list; write a group of keys"},
};

#define BODIES(text) HEAD_OF_ARRANGEMENT "bodies:\n" text RULES
#define EQUIVALENT(text)                                                                           \
    HEAD_OF_ARRANGEMENT "equivalence:\n"                                                           \
                        "  - { from: un-sgb-2007-6/confidential, to: other/high }\n"               \
                        "  - { " text " }\n" RULES
#define IN_FORCE(text) NAMED "in-force: { " text " }\nparties:\n" BOTH RULES
#define VERSION(text)  "arrangement: a\nbasis: b\n" text DATES "parties:\n" BOTH RULES
#define HEX            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct {
    const char *yaml, *words;
} BAD_PARTS[] = {
    {BODIES("  - { name: N }\n"), "bodies[0]: has no id"},
    {BODIES("  - { id: U N, name: N }\n"), "bodies[0].id: 'U N' is not a name such as un/ga"},
    {BODIES("  - { id: a }\n"), "bodies[0].name: is missing"},
    {BODIES("  - { id: a, name: N }\n  - { id: a, name: M }\n"),
     "t.yaml:10:11: bodies[1].id: 'a' is given twice"},
    {BODIES("  - { id: a, name: N, from: soon }\n"), "bodies[0].from: 'soon' is not a date"},
    {BODIES("  - { id: a, name: N, from: 2020-01-01, until: 2020-01-01 }\n"),
     "bodies[0].until: is not later than from"},
    {BODIES("  - { id: a, name: N, through: b }\n"), "through: 'b' is not the id of a body"},
    {BODIES("  - { id: a, name: N, through: a }\n"), "the way goes in a circle"},
    {BODIES("  - { id: a, name: N, through: b }\n  - { id: b, name: N, through: a }\n"),
     "the way goes in a circle"},
    {BODIES("  - { id: a, name: N, members: [b, b] }\n"), "members[1]: 'b' is given twice"},
    {BODIES("  - { id: a, name: N, members: all }\n"), "members: this is a single value"},
    {BODIES("  - { id: a, name: N, members: [] }\n"),
     "bodies[0].members: names nobody; leave it out for a body that has none"},
    {BODIES("  - { id: a, name: N, from: 1945-10-24 }\n"),
     "bodies[0].from: 1945-10-24 lies before 1970, where times begin here"},
    {HEAD_OF_ARRANGEMENT "bodies:\n  - { id: un/ga, name: Assembly }\nrules:\n"
                         "  - { id: x, effect: refer, basis: y, when: "
                         "{ kind: written-statement, body: un/ga } }\n",
     "a written-statement goes to all members, and the body un/ga has none; give it members"},
    {EQUIVALENT("from: nato/secret, to: other/high"),
     "equivalence[1].from: label 'nato/secret': no scheme 'nato'"},
    {EQUIVALENT("from: un-sgb-2007-6/secret, to: other/high"), "has no 'secret'"},
    {EQUIVALENT("from: other/high"), "equivalence[1].to: is missing"},
    {EQUIVALENT("from: other/high, to: other/top"), "is of the same scheme as from"},
    {EQUIVALENT("from: other/high, to: un-sgb-2007-6/confidential, adds: [A B]"),
     "equivalence[1].adds[0]: 'A B' is not such as originator-consent"},
    {EQUIVALENT("from: un-sgb-2007-6/confidential, to: other/top"),
     "equivalence[0] says already what"},
    {EQUIVALENT("from: 'other/high;a/b', to: un-sgb-2007-6/confidential"),
     "an equivalence is of classifications"},
    {IN_FORCE("rule: at-once, not-before: 2020-01-01, expires: 2030-01-01"),
     "in-force.rule: 'at-once' is neither later-approval nor fixed"},
    {IN_FORCE("not-before: 2020-01-01, expires: 2019-12-31"), "is not later than not-before"},
    {VERSION("version: 2\n"), "2 supersedes version 1; give supersedes"},
    {VERSION("version: 1\nsupersedes: 0\nsupersedes-digest: " HEX "\n"),
     "supersedes: 0 is not the version before 1"},
    {VERSION("version: 3\nsupersedes: 1\nsupersedes-digest: " HEX "\n"),
     "supersedes: 1 is not the version before 3"},
    {VERSION("version: 3\nsupersedes: 2\n"), "supersedes-digest: is missing"},
    {VERSION("version: 3\nsupersedes: 2\nsupersedes-digest: abc\n"), "64 hexadecimal digits"},
    {VERSION("version: 1\nsupersedes-digest: " HEX "\n"), "of which version? give supersedes"},
    {VERSION("version: 1\nparty: un\n"), "party: only house rules are one party's"},
    {VERSION("version: 1\nhouse-rules: a\n"), "give arrangement or house-rules, not both"},
    {"house-rules: a\nparty: un\nversion: 1\n" RULES, "these are house rules"},
};

static void part__bad__is_refused_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof BAD_PARTS / sizeof BAD_PARTS[0]; i++)
        expect_refused(vls_slice_text(BAD_PARTS[i].yaml), BAD_PARTS[i].words);
}

static void arrangement__all_of_its_head__is_known(void **state)
{
    (void)state;
    struct vls_arrangement *a = read_arrangement(
        &schemes,
        "arrangement: a/b\nversion: 3\nbasis: b\nsupersedes: 2\nsupersedes-digest: " HEX
        "\nin-force: { rule: later-approval, not-before: 2020-01-01, expires: 2030-01-01 }\n"
        "parties:\n  - { id: un, name: N, domain: un.org, approver: Head, scheme: other }\n"
        "  - { id: iom, name: M, scheme: other }\n"
        "bodies:\n  - { id: x, name: X }\n  - { id: y/z, name: Y, through: x, members: [m, n] }\n"
        "rules:\n  - { id: r, effect: withhold, basis: b }\n");
    assert_memory_equal(vls_arrangement_supersedes(a)->bytes, "\x01\x23\x45\x67", 4);
    assert_true(vls_arrangement_is_by_approval(a));
    assert_true(vls_arrangement_expires(a) > vls_arrangement_not_before(a));
    assert_string_equal(vls_arrangement_basis(a), "b");
    assert_string_equal(vls_arrangement_house_of(a), "");
    assert_string_equal(vls_arrangement_party_at(a, 1), "iom");
    assert_null(vls_arrangement_party_at(a, 2));
    assert_string_equal(vls_arrangement_domain(a, "un"), "un.org");
    assert_string_equal(vls_arrangement_domain(a, "iom"), "");
    assert_string_equal(vls_arrangement_approver(a, "un"), "Head");
    assert_null(vls_arrangement_approver(a, "who"));
    assert_string_equal(vls_arrangement_body(a, "y/z"), "Y");
    assert_null(vls_arrangement_body(a, "y"));
    assert_string_equal(vls_arrangement_through(a, "y/z"), "x");
    assert_string_equal(vls_arrangement_through(a, "x"), "");
    assert_string_equal(vls_arrangement_member_at(a, "y/z", 1), "n");
    assert_null(vls_arrangement_member_at(a, "y/z", 2));
    assert_null(vls_arrangement_member_at(a, "x", 0));
    vls_arrangement_free(&a);
}

/* -- house rules ------------------------------------------------------------------------------- */

#define HOUSE   "house-rules: h\nparty: un\nversion: 4\n"
#define NO_MORE "rules:\n  - { id: r, effect: withhold, basis: b, when: { from: un } }\n"

static const struct {
    const char *yaml, *words;
} BAD_HOUSES[] = {
    {NAMED DATES "parties:\n" BOTH RULES, "this is an arrangement, and no house rules"},
    {"house-rules: h\nversion: 1\n" NO_MORE, "party: is missing"},
    {"house-rules: h\nparty: who\nversion: 1\n" NO_MORE,
     "'who' is not a party of un-iom/document-exchange"},
    {"house-rules: h\nparty: un\n" NO_MORE, "version: is missing"},
    {HOUSE "parties:\n" BOTH NO_MORE, "parties: house rules take them from the arrangement"},
    {HOUSE "bodies:\n  - { id: a, name: N }\n" NO_MORE, "bodies: house rules take them"},
    {HOUSE "equivalence:\n  - { from: other/low, to: other/high }\n" NO_MORE,
     "both parties agree on it, in the arrangement"},
    {HOUSE
     "in-force: { rule: later-approval, not-before: 2020-01-01, expires: 2030-01-01 }\n" NO_MORE,
     "nobody else approves house rules"},
    {HOUSE "rules:\n  - { id: r, effect: refer, basis: b, when: { to: who } }\n",
     "h.yaml:5:51: rules[0].when.to: 'who' is not the id of a party"},
    {HOUSE, "rules: there is none"},
};

static void house__bad__is_refused_with_its_place(void **state)
{
    (void)state;
    struct vls_arrangement *a = load_arrangement(&schemes);
    for (size_t i = 0; i < sizeof BAD_HOUSES / sizeof BAD_HOUSES[0]; i++) {
        struct vls_arrangement *house = NULL;
        struct vls_why why = {""};
        assert_code(vls_house_rules_read(vls_slice_text(BAD_HOUSES[i].yaml), "h.yaml", &schemes.set,
                                         a, &house, &why),
                    POLICY_INVALID);
        assert_null(house);
        if (strstr(why.text, BAD_HOUSES[i].words) == NULL)
            fail_msg("'%s' does not say '%s'", why.text, BAD_HOUSES[i].words);
    }
    vls_arrangement_free(&a);
}

static void house__without_dates__is_always_in_force(void **state)
{
    (void)state;
    struct vls_arrangement *a = load_arrangement(&schemes);
    struct vls_arrangement *house = read_house(&schemes, a, HOUSE NO_MORE);
    vls_arrangement_free(&a);
    assert_true(vls_arrangement_is_in_force(house, 0));
    assert_true(vls_arrangement_is_in_force(house, NOW_MS));
    assert_string_equal(vls_arrangement_house_of(house), "un");
    assert_string_equal(vls_arrangement_party(house, "iom"),
                        "International Organization for Migration");
    assert_string_equal(vls_arrangement_through(house, "un/ga"), "un/sg");
    assert_string_equal(vls_arrangement_member_at(house, "un/ga", 0), "un/member-states");
    assert_null(vls_arrangement_supersedes(house));
    vls_arrangement_free(&house);
}

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
    expect_refused(VLS_SLICE(big, len), "a file of rules has at most");
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
    expect_refused(vls_buf_slice(&yaml), "rules: more than 16384 values");
    vls_buf_fini(&yaml);
}

static void file__no_regular_file__is_refused(void **state)
{
    (void)state;
    struct vls_arrangement *a = NULL;
    assert_code(vls_arrangement_load(VALISE_SOURCE_DIR "/schemas", &schemes.set, &a, NULL),
                POLICY_INVALID);
    assert_code(vls_arrangement_load("/dev/zero", &schemes.set, &a, NULL), POLICY_INVALID);
    assert_null(a);
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
    static const char YAML[] = WITH_BODIES("[m]") RELEASE_PUBLICATION
        "  - { id: x, effect: refer, basis: y, duties: [a, b], "
        "when: { kinds: [report], body: un/ga, audience: [x], originator: [Somebody] } }\n";
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
        cmocka_unit_test(part__bad__is_refused_with_its_place),
        cmocka_unit_test(arrangement__all_of_its_head__is_known),
        cmocka_unit_test(house__bad__is_refused_with_its_place),
        cmocka_unit_test(house__without_dates__is_always_in_force),
        cmocka_unit_test(kinds__answers__fit_what_is_expected),
        cmocka_unit_test(kinds__that_need_safeguards__are_about_persons),
        cmocka_unit_test(rule__releases_any_label__is_taken_when_acknowledged),
        cmocka_unit_test(file__bad__is_refused_with_its_place),
        cmocka_unit_test(file__too_large__is_refused),
        cmocka_unit_test(file__too_many_rules__is_refused),
        cmocka_unit_test(file__no_regular_file__is_refused),
        cmocka_unit_test(file__not_there__is_missing),
        cmocka_unit_test(file__every_allocation_fails_in_turn__status_and_no_leak),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
