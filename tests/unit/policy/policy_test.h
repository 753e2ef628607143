#ifndef VALISE_TESTS_POLICY_TEST_H
#define VALISE_TESTS_POLICY_TEST_H
/* What the tests of policy share: the shipped scheme and a second one, arrangements from text. */
#include "label/label_test.h"

#include "policy/decide.h"
#include "policy/judge.h"
#include "policy/kinds.h"
#include "schemas/envelope.pb-c.h"

#define UN_IOM VALISE_SOURCE_DIR "/schemas/arrangements/un-iom.yaml"

#define HOUSE_RULES VALISE_SOURCE_DIR "/schemas/arrangements/house-rules/un.yaml"

#define LOW    "un-sgb-2007-6/unclassified"
#define MIDDLE "un-sgb-2007-6/confidential"
#define HIGH   "un-sgb-2007-6/strictly-confidential"

/* 2026-11-23 */
#define NOW_MS UINT64_C(1795392000000)

/* An arrangement up to its rules; both parties label by one scheme, or each by its own. */
#define ARRANGEMENT_OF(un_scheme, iom_scheme)                                                      \
    "arrangement: test/one\nversion: 1\nbasis: a test\n"                                           \
    "in-force: { not-before: 2020-01-01, expires: 2030-01-01 }\n"                                  \
    "parties:\n"                                                                                   \
    "  - { id: un, name: United Nations, scheme: " un_scheme " }\n"                                \
    "  - { id: iom, name: Organization, scheme: " iom_scheme " }\n"                                \
    "rules:\n"
#define ARRANGEMENT ARRANGEMENT_OF("un-sgb-2007-6", "un-sgb-2007-6")
#define RELEASE_PUBLICATION                                                                        \
    "  - { id: go, effect: release, basis: '7(1)', "                                               \
    "when: { kind: publication, label: { at-most: un-sgb-2007-6/unclassified } } }\n"

static inline struct vls_arrangement *read_arrangement(const struct label_schemes *schemes,
                                                       const char *yaml)
{
    struct vls_arrangement *a = NULL;
    struct vls_why why = {""};
    if (!vls_ok(vls_arrangement_read(vls_slice_text(yaml), "t.yaml", &schemes->set, &a, &why)))
        fail_msg("%s", why.text);
    return a;
}

static inline struct vls_facts facts_of(const struct label_schemes *schemes, const char *kind,
                                        const char *label)
{
    struct vls_facts facts = {.kind = kind,
                              .from = "un",
                              .to = "iom",
                              .body = "",
                              .label_trouble = "",
                              .bytes = 1000,
                              .now_ms = NOW_MS};
    for (size_t i = 0; i < sizeof facts.id.bytes; i++)
        facts.id.bytes[i] = (uint8_t)i;
    const struct vls_kind *known = kind != NULL ? vls_kind_by_name(kind) : NULL;
    if (known != NULL && known->is_answer)
        facts.answers = VLS_ANSWERS_KNOWN;
    if (known != NULL && known->needs_safeguards)
        facts.safeguards = "DPA/2026/1";
    if (label != NULL)
        facts.label = label_of(schemes, label);
    return facts;
}

static inline struct vls_arrangement *load_arrangement(const struct label_schemes *schemes)
{
    struct vls_arrangement *a = NULL;
    struct vls_why why = {""};
    if (!vls_ok(vls_arrangement_load(UN_IOM, &schemes->set, &a, &why)))
        fail_msg("%s", why.text);
    return a;
}

static inline struct vls_arrangement *read_house(const struct label_schemes *schemes,
                                                 const struct vls_arrangement *a, const char *yaml)
{
    struct vls_arrangement *house = NULL;
    struct vls_why why = {""};
    if (!vls_ok(
            vls_house_rules_read(vls_slice_text(yaml), "h.yaml", &schemes->set, a, &house, &why)))
        fail_msg("%s", why.text);
    return house;
}

static inline struct vls_decision decide_with(const struct vls_arrangement *a,
                                              const struct vls_arrangement *house,
                                              const struct vls_facts *facts)
{
    struct vls_decision d;
    struct vls_why why = {""};
    if (!vls_ok(vls_decide(a, house, facts, &d, &why)))
        fail_msg("%s", why.text);
    assert_false(d.is_alarm);
    return d;
}

static inline struct vls_decision decide(const struct vls_arrangement *a,
                                         const struct vls_facts *facts)
{
    return decide_with(a, NULL, facts);
}

/** Without the record and its explanation, which take most of the time. */
static inline enum vls_outcome outcome_of(const struct vls_arrangement *a,
                                          const struct vls_facts *facts)
{
    const struct vls_books books = {.joint = a};
    struct vls_judgement j;
    assert_code(vls_judge(&books, facts, &j, NULL), OK);
    assert_int_not_equal(j.cause, VLS_CAUSE_DISAGREEMENT);
    vls_judgement_fini(&j);
    return j.outcome;
}

static inline Valise__DecisionRecord *unpacked(const struct vls_decision *d)
{
    Valise__DecisionRecord *r = valise__decision_record__unpack(NULL, d->record.len, d->record.at);
    assert_non_null(r);
    return r;
}

/** The fact's value in the record, or NULL. */
static inline const char *fact(const Valise__DecisionRecord *r, const char *name)
{
    for (size_t i = 0; i < r->n_facts; i++)
        if (strcmp(r->facts[i]->name, name) == 0)
            return r->facts[i]->value;
    return NULL;
}

static inline bool has_duty(const Valise__DecisionRecord *r, const char *duty)
{
    for (size_t i = 0; i < r->n_duties; i++)
        if (strcmp(r->duties[i], duty) == 0)
            return true;
    return false;
}

#endif
