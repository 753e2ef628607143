#ifndef VALISE_POLICY_ARRANGEMENT_YAML_H
#define VALISE_POLICY_ARRANGEMENT_YAML_H
/*
 * policy/arrangement_yaml - the shape of an arrangement file: which keys, which types. What the
 * values mean is checked in compile.c. For the files of core/policy only.
 *
 * Every text may be NULL: a missing key is complained of where its value is checked, with line and
 * column.
 */
#include "config/yaml.h"

struct vls_raw_label {
    char *at_most, *at_least;
};

struct vls_raw_when {
    char *kind;
    char **kinds;
    unsigned kinds_count;
    struct vls_raw_label *label;
    char *from, *to, *body;
    char *duplicate;
    uint64_t *max_bytes;
};

struct vls_raw_rule {
    char *id, *effect, *basis;
    struct vls_raw_when *when;
    uint32_t *approvals;
    char **duties;
    unsigned duties_count;
};

struct vls_raw_party {
    char *id, *name, *scheme;
};

struct vls_raw_in_force {
    char *not_before, *expires;
};

struct vls_raw_arrangement {
    char *arrangement;
    uint32_t version;
    char *basis;
    struct vls_raw_in_force *in_force;
    struct vls_raw_party *parties;
    unsigned parties_count;
    struct vls_raw_rule *rules;
    unsigned rules_count;
};

extern const cyaml_schema_value_t VLS_ARRANGEMENT_SCHEMA;

#endif
