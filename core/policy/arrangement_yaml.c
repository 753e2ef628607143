#include "policy/arrangement_yaml.h"

#include "base/limits.h"

/* Room for a basis such as "Agreement of 19 September 2016, Article 14". */
#define MAX_BASIS 512
/* A label of a rule: SCHEME/CLASSIFICATION. */
#define MAX_LABEL_TEXT (2 * VLS_MAX_NAME + 1)

#define GIVEN_OR_NOT (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)

#define TEXT(key, type, member, max)                                                               \
    CYAML_FIELD_STRING_PTR(key, GIVEN_OR_NOT, struct type, member, 0, max)

static const cyaml_schema_value_t NAME = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, VLS_MAX_NAME)};

static const cyaml_schema_field_t LABEL_FIELDS[] = {
    TEXT("at-most", vls_raw_label, at_most, MAX_LABEL_TEXT),
    TEXT("at-least", vls_raw_label, at_least, MAX_LABEL_TEXT), CYAML_FIELD_END};

/* "duplicate" is a text and not a boolean: libcyaml takes every word but a few for true, so a slip
 * would be "true". */
static const cyaml_schema_field_t WHEN_FIELDS[] = {
    TEXT("kind", vls_raw_when, kind, VLS_MAX_NAME),
    CYAML_FIELD_SEQUENCE("kinds", GIVEN_OR_NOT, struct vls_raw_when, kinds, &NAME, 1,
                         VLS_MAX_RULE_LIST),
    CYAML_FIELD_MAPPING_PTR("label", GIVEN_OR_NOT, struct vls_raw_when, label, LABEL_FIELDS),
    TEXT("from", vls_raw_when, from, VLS_MAX_PARTY),
    TEXT("to", vls_raw_when, to, VLS_MAX_PARTY),
    TEXT("body", vls_raw_when, body, VLS_MAX_NAME),
    TEXT("duplicate", vls_raw_when, duplicate, VLS_MAX_NAME),
    CYAML_FIELD_UINT_PTR("max-bytes", GIVEN_OR_NOT, struct vls_raw_when, max_bytes),
    CYAML_FIELD_END};

static const cyaml_schema_field_t RULE_FIELDS[] = {
    TEXT("id", vls_raw_rule, id, VLS_MAX_NAME),
    TEXT("effect", vls_raw_rule, effect, VLS_MAX_NAME),
    TEXT("basis", vls_raw_rule, basis, VLS_MAX_NAME),
    CYAML_FIELD_MAPPING_PTR("when", GIVEN_OR_NOT, struct vls_raw_rule, when, WHEN_FIELDS),
    CYAML_FIELD_UINT_PTR("approvals", GIVEN_OR_NOT, struct vls_raw_rule, approvals),
    CYAML_FIELD_SEQUENCE("duties", GIVEN_OR_NOT, struct vls_raw_rule, duties, &NAME, 1,
                         VLS_MAX_RULE_LIST),
    CYAML_FIELD_END};

static const cyaml_schema_field_t PARTY_FIELDS[] = {
    TEXT("id", vls_raw_party, id, VLS_MAX_PARTY), TEXT("name", vls_raw_party, name, VLS_MAX_NAME),
    TEXT("scheme", vls_raw_party, scheme, VLS_MAX_NAME), CYAML_FIELD_END};

static const cyaml_schema_field_t IN_FORCE_FIELDS[] = {
    TEXT("not-before", vls_raw_in_force, not_before, VLS_MAX_NAME),
    TEXT("expires", vls_raw_in_force, expires, VLS_MAX_NAME), CYAML_FIELD_END};

static const cyaml_schema_value_t PARTY = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct vls_raw_party, PARTY_FIELDS)};
static const cyaml_schema_value_t RULE = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct vls_raw_rule, RULE_FIELDS)};

static const cyaml_schema_field_t FIELDS[] = {
    TEXT("arrangement", vls_raw_arrangement, arrangement, VLS_MAX_NAME),
    CYAML_FIELD_UINT("version", CYAML_FLAG_OPTIONAL, struct vls_raw_arrangement, version),
    TEXT("basis", vls_raw_arrangement, basis, MAX_BASIS),
    CYAML_FIELD_MAPPING_PTR("in-force", GIVEN_OR_NOT, struct vls_raw_arrangement, in_force,
                            IN_FORCE_FIELDS),
    CYAML_FIELD_SEQUENCE("parties", GIVEN_OR_NOT, struct vls_raw_arrangement, parties, &PARTY, 0,
                         VLS_MAX_PARTIES),
    CYAML_FIELD_SEQUENCE("rules", GIVEN_OR_NOT, struct vls_raw_arrangement, rules, &RULE, 0,
                         VLS_MAX_RULES),
    CYAML_FIELD_END};

const cyaml_schema_value_t VLS_ARRANGEMENT_SCHEMA = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct vls_raw_arrangement, FIELDS)};
