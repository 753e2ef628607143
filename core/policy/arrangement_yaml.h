#ifndef VALISE_POLICY_ARRANGEMENT_YAML_H
#define VALISE_POLICY_ARRANGEMENT_YAML_H
/*
 * policy/arrangement_yaml - the shape of a file of rules, an arrangement or house rules: which
 * keys, which types. What the values mean is checked in compile.c. For the files of core/policy
 * only.
 *
 * Every text may be NULL: a missing key is complained of where its value is checked, with line and
 * column. What is "yes" or "no" is a text and not a boolean: libcyaml takes every word but a few
 * for true, so a slip would be "true".
 */
#include "config/yaml.h"

struct vls_raw_list {
    char **at;
    unsigned count;
};

struct vls_raw_label {
    char *at_most, *at_least;
};

struct vls_raw_when {
    char *kind, *direction, *from, *to, *body;
    char *personal_data, *safeguards, *embargo, *third_party, *duplicate;
    struct vls_raw_list kinds, bodies, categories, distributions, audiences, topics, media_types,
        originators, answers;
    struct vls_raw_label *label;
    uint64_t *min_bytes, *max_bytes;
};

struct vls_raw_rule {
    char *id, *effect, *basis;
    struct vls_raw_when *when;
    uint32_t *approvals, *retain_years;
    struct vls_raw_list duties, acknowledge;
};

struct vls_raw_party {
    char *id, *name, *domain, *approver, *scheme;
};

struct vls_raw_body {
    char *id, *name, *through, *from, *until;
    struct vls_raw_list members;
};

struct vls_raw_equivalence {
    char *from, *to;
    struct vls_raw_list adds;
};

struct vls_raw_in_force {
    char *rule, *not_before, *expires, *approve_by;
};

struct vls_raw_arrangement {
    char *arrangement, *house_rules, *party; /* the first, or the other two */
    uint32_t version;
    uint32_t *supersedes;
    char *supersedes_digest;
    char *basis;
    struct vls_raw_in_force *in_force;
    struct vls_raw_party *parties;
    unsigned parties_count;
    struct vls_raw_body *bodies;
    unsigned bodies_count;
    struct vls_raw_equivalence *equivalence;
    unsigned equivalence_count;
    struct vls_raw_rule *rules;
    unsigned rules_count;
};

extern const cyaml_schema_value_t VLS_ARRANGEMENT_SCHEMA;

#endif
