#include "policy/cases_yaml.h"

#include "base/limits.h"
#include "policy/cases.h"
#include "policy/facts_text.h"

#define MAX_TEXT 4096 /* of a fact: a label is the longest */

#define GIVEN_OR_NOT (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)

#define TEXT(key, type, member)                                                                    \
    CYAML_FIELD_STRING_PTR(key, GIVEN_OR_NOT, struct type, member, 0, MAX_TEXT)
#define LIST(key, type, member)                                                                    \
    CYAML_FIELD_SEQUENCE_COUNT(key, GIVEN_OR_NOT, struct type, member.at, member.count, &WORD, 0,  \
                               VLS_MAX_FACT_LIST)

static const cyaml_schema_value_t WORD = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, MAX_TEXT)};

/* Each fact, once for libcyaml and once by its name. */
#define FACTS(TEXT_FACT, LIST_FACT)                                                                \
    TEXT_FACT("kind", kind)                                                                        \
    TEXT_FACT("incoming", incoming)                                                                \
    TEXT_FACT("from", from)                                                                        \
    TEXT_FACT("to", to)                                                                            \
    TEXT_FACT("body", body)                                                                        \
    TEXT_FACT("label", label)                                                                      \
    TEXT_FACT("no-label", no_label)                                                                \
    TEXT_FACT("not-cleared", not_cleared)                                                          \
    TEXT_FACT("distribution", distribution)                                                        \
    TEXT_FACT("personal-data", personal_data)                                                      \
    TEXT_FACT("safeguards", safeguards)                                                            \
    TEXT_FACT("embargo", embargo)                                                                  \
    TEXT_FACT("bytes", bytes)                                                                      \
    TEXT_FACT("answers", answers)                                                                  \
    TEXT_FACT("duplicate", duplicate)                                                              \
    LIST_FACT("originator", originators)                                                           \
    LIST_FACT("audience", audience)                                                                \
    LIST_FACT("topic", topics)                                                                     \
    LIST_FACT("media-type", media_types)                                                           \
    LIST_FACT("unknown-category", unknown_categories)

#define TEXT_FIELD(key, member) TEXT(key, vls_raw_case_facts, member),
#define LIST_FIELD(key, member) LIST(key, vls_raw_case_facts, member),
static const cyaml_schema_field_t FACT_FIELDS[] = {FACTS(TEXT_FIELD, LIST_FIELD) CYAML_FIELD_END};

#define TEXT_NAME(key, member) {key, offsetof(struct vls_raw_case_facts, member), false},
#define LIST_NAME(key, member) {key, offsetof(struct vls_raw_case_facts, member), true},
const struct vls_raw_fact VLS_CASE_FACTS[] = {FACTS(TEXT_NAME, LIST_NAME){NULL, 0, false}};

static const cyaml_schema_field_t CASE_FIELDS[] = {
    TEXT("name", vls_raw_case, name),
    CYAML_FIELD_MAPPING_PTR("facts", GIVEN_OR_NOT, struct vls_raw_case, facts, FACT_FIELDS),
    TEXT("at", vls_raw_case, at),
    TEXT("expect", vls_raw_case, expect),
    LIST("rules", vls_raw_case, rules),
    CYAML_FIELD_UINT_PTR("approvals", GIVEN_OR_NOT, struct vls_raw_case, approvals),
    LIST("duties", vls_raw_case, duties),
    TEXT("reason", vls_raw_case, reason),
    CYAML_FIELD_END};

static const cyaml_schema_value_t CASE = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct vls_raw_case, CASE_FIELDS)};

static const cyaml_schema_field_t FIELDS[] = {TEXT("now", vls_raw_cases, now),
                                              CYAML_FIELD_SEQUENCE("cases", GIVEN_OR_NOT,
                                                                   struct vls_raw_cases, cases,
                                                                   &CASE, 0, VLS_MAX_CASES),
                                              CYAML_FIELD_END};

const cyaml_schema_value_t VLS_CASES_SCHEMA = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct vls_raw_cases, FIELDS)};
