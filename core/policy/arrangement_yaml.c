#include "policy/arrangement_yaml.h"

#include "base/limits.h"

/* Room for a basis such as "Agreement of 19 September 2016, Article 14". */
#define MAX_BASIS 512
/* A label of a rule: SCHEME/CLASSIFICATION;TAG-SET/CATEGORY. */
#define MAX_LABEL_TEXT (4 * VLS_MAX_NAME)

#define GIVEN_OR_NOT (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)

#define TEXT(key, type, member, max)                                                               \
    CYAML_FIELD_STRING_PTR(key, GIVEN_OR_NOT, struct type, member, 0, max)

/** A list of texts, between `min` and `max` of them. */
#define LIST(key, type, member, entry, min, max)                                                   \
    CYAML_FIELD_SEQUENCE_COUNT(key, GIVEN_OR_NOT, struct type, member.at, member.count, &(entry),  \
                               min, max)
#define RULE_LIST(key, type, member, entry) LIST(key, type, member, entry, 1, VLS_MAX_RULE_LIST)

static const cyaml_schema_value_t NAME = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, VLS_MAX_NAME)};
static const cyaml_schema_value_t LABEL_TEXT = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, MAX_LABEL_TEXT)};
static const cyaml_schema_value_t MEDIA_TYPE = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, VLS_MAX_MEDIA_TYPE)};
static const cyaml_schema_value_t ORIGINATOR = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, VLS_MAX_XML_TEXT)};

static const cyaml_schema_field_t LABEL_FIELDS[] = {
    TEXT("at-most", vls_raw_label, at_most, MAX_LABEL_TEXT),
    TEXT("at-least", vls_raw_label, at_least, MAX_LABEL_TEXT), CYAML_FIELD_END};

static const cyaml_schema_field_t WHEN_FIELDS[] = {
    TEXT("kind", vls_raw_when, kind, VLS_MAX_NAME),
    RULE_LIST("kinds", vls_raw_when, kinds, NAME),
    TEXT("direction", vls_raw_when, direction, VLS_MAX_NAME),
    TEXT("from", vls_raw_when, from, VLS_MAX_PARTY),
    TEXT("to", vls_raw_when, to, VLS_MAX_PARTY),
    TEXT("body", vls_raw_when, body, VLS_MAX_NAME),
    RULE_LIST("bodies", vls_raw_when, bodies, NAME),
    CYAML_FIELD_MAPPING_PTR("label", GIVEN_OR_NOT, struct vls_raw_when, label, LABEL_FIELDS),
    RULE_LIST("category", vls_raw_when, categories, LABEL_TEXT),
    RULE_LIST("distribution", vls_raw_when, distributions, NAME),
    TEXT("personal-data", vls_raw_when, personal_data, VLS_MAX_NAME),
    TEXT("safeguards", vls_raw_when, safeguards, VLS_MAX_NAME),
    TEXT("embargo", vls_raw_when, embargo, VLS_MAX_NAME),
    RULE_LIST("audience", vls_raw_when, audiences, NAME),
    RULE_LIST("topic", vls_raw_when, topics, NAME),
    RULE_LIST("media-type", vls_raw_when, media_types, MEDIA_TYPE),
    RULE_LIST("originator", vls_raw_when, originators, ORIGINATOR),
    TEXT("third-party", vls_raw_when, third_party, VLS_MAX_NAME),
    RULE_LIST("answers", vls_raw_when, answers, NAME),
    TEXT("duplicate", vls_raw_when, duplicate, VLS_MAX_NAME),
    CYAML_FIELD_UINT_PTR("min-bytes", GIVEN_OR_NOT, struct vls_raw_when, min_bytes),
    CYAML_FIELD_UINT_PTR("max-bytes", GIVEN_OR_NOT, struct vls_raw_when, max_bytes),
    CYAML_FIELD_END};

static const cyaml_schema_field_t RULE_FIELDS[] = {
    TEXT("id", vls_raw_rule, id, VLS_MAX_NAME),
    TEXT("effect", vls_raw_rule, effect, VLS_MAX_NAME),
    TEXT("basis", vls_raw_rule, basis, VLS_MAX_NAME),
    CYAML_FIELD_MAPPING_PTR("when", GIVEN_OR_NOT, struct vls_raw_rule, when, WHEN_FIELDS),
    CYAML_FIELD_UINT_PTR("approvals", GIVEN_OR_NOT, struct vls_raw_rule, approvals),
    CYAML_FIELD_UINT_PTR("retain-years", GIVEN_OR_NOT, struct vls_raw_rule, retain_years),
    RULE_LIST("duties", vls_raw_rule, duties, NAME),
    RULE_LIST("acknowledge", vls_raw_rule, acknowledge, NAME),
    CYAML_FIELD_END};

static const cyaml_schema_field_t PARTY_FIELDS[] = {
    TEXT("id", vls_raw_party, id, VLS_MAX_PARTY),
    TEXT("name", vls_raw_party, name, VLS_MAX_NAME),
    TEXT("domain", vls_raw_party, domain, VLS_MAX_NAME),
    TEXT("approver", vls_raw_party, approver, VLS_MAX_NAME),
    TEXT("scheme", vls_raw_party, scheme, VLS_MAX_NAME),
    CYAML_FIELD_END};

static const cyaml_schema_field_t BODY_FIELDS[] = {
    TEXT("id", vls_raw_body, id, VLS_MAX_NAME),
    TEXT("name", vls_raw_body, name, VLS_MAX_NAME),
    TEXT("through", vls_raw_body, through, VLS_MAX_NAME),
    TEXT("from", vls_raw_body, from, VLS_MAX_NAME),
    TEXT("until", vls_raw_body, until, VLS_MAX_NAME),
    LIST("members", vls_raw_body, members, NAME, 0, VLS_MAX_MEMBERS),
    CYAML_FIELD_END};

static const cyaml_schema_field_t EQUIVALENCE_FIELDS[] = {
    TEXT("from", vls_raw_equivalence, from, MAX_LABEL_TEXT),
    TEXT("to", vls_raw_equivalence, to, MAX_LABEL_TEXT),
    RULE_LIST("adds", vls_raw_equivalence, adds, NAME), CYAML_FIELD_END};

static const cyaml_schema_field_t IN_FORCE_FIELDS[] = {
    TEXT("rule", vls_raw_in_force, rule, VLS_MAX_NAME),
    TEXT("not-before", vls_raw_in_force, not_before, VLS_MAX_NAME),
    TEXT("expires", vls_raw_in_force, expires, VLS_MAX_NAME),
    TEXT("approve-by", vls_raw_in_force, approve_by, VLS_MAX_NAME), CYAML_FIELD_END};

static const cyaml_schema_value_t PARTY = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct vls_raw_party, PARTY_FIELDS)};
static const cyaml_schema_value_t BODY = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct vls_raw_body, BODY_FIELDS)};
static const cyaml_schema_value_t EQUIVALENCE = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct vls_raw_equivalence, EQUIVALENCE_FIELDS)};
static const cyaml_schema_value_t RULE = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct vls_raw_rule, RULE_FIELDS)};

static const cyaml_schema_field_t FIELDS[] = {
    TEXT("arrangement", vls_raw_arrangement, arrangement, VLS_MAX_NAME),
    TEXT("house-rules", vls_raw_arrangement, house_rules, VLS_MAX_NAME),
    TEXT("party", vls_raw_arrangement, party, VLS_MAX_PARTY),
    CYAML_FIELD_UINT("version", CYAML_FLAG_OPTIONAL, struct vls_raw_arrangement, version),
    CYAML_FIELD_UINT_PTR("supersedes", GIVEN_OR_NOT, struct vls_raw_arrangement, supersedes),
    TEXT("supersedes-digest", vls_raw_arrangement, supersedes_digest, VLS_MAX_NAME),
    TEXT("basis", vls_raw_arrangement, basis, MAX_BASIS),
    CYAML_FIELD_MAPPING_PTR("in-force", GIVEN_OR_NOT, struct vls_raw_arrangement, in_force,
                            IN_FORCE_FIELDS),
    CYAML_FIELD_SEQUENCE("parties", GIVEN_OR_NOT, struct vls_raw_arrangement, parties, &PARTY, 0,
                         VLS_MAX_PARTIES),
    CYAML_FIELD_SEQUENCE("bodies", GIVEN_OR_NOT, struct vls_raw_arrangement, bodies, &BODY, 0,
                         VLS_MAX_BODIES),
    CYAML_FIELD_SEQUENCE("equivalence", GIVEN_OR_NOT, struct vls_raw_arrangement, equivalence,
                         &EQUIVALENCE, 0, VLS_MAX_EQUIVALENCES),
    CYAML_FIELD_SEQUENCE("rules", GIVEN_OR_NOT, struct vls_raw_arrangement, rules, &RULE, 0,
                         VLS_MAX_RULES),
    CYAML_FIELD_END};

const cyaml_schema_value_t VLS_ARRANGEMENT_SCHEMA = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct vls_raw_arrangement, FIELDS)};
