#ifndef VALISE_TESTS_POLICY_TEST_H
#define VALISE_TESTS_POLICY_TEST_H
/* What the tests of policy share: the shipped scheme and a second one, arrangements from text. */
#include "label/label_test.h"

#include "policy/decide.h"
#include "policy/kinds.h"

#define UN_IOM VALISE_SOURCE_DIR "/schemas/arrangements/un-iom.yaml"

/* 2026-11-23 */
#define NOW_MS UINT64_C(1795392000000)

/* An arrangement up to its rules; both parties label by one scheme, or each by its own. */
#define ARRANGEMENT_OF(un_scheme, iom_scheme)                                                      \
    "arrangement: test/one\nversion: 7\nbasis: a test\n"                                           \
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
    const struct vls_kind *known = vls_kind_by_name(kind);
    facts.is_answer = known != NULL && known->is_answer;
    if (label != NULL)
        facts.label = label_of(schemes, label);
    return facts;
}

#endif
