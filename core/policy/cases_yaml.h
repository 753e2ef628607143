#ifndef VALISE_POLICY_CASES_YAML_H
#define VALISE_POLICY_CASES_YAML_H
/* policy/cases_yaml - the shape of a file of cases: which keys, which types. Every text may be
 * NULL. For cases.c only. */
#include "config/yaml.h"

struct vls_raw_case_list {
    char **at;
    unsigned count;
};

struct vls_raw_case_facts {
    char *kind, *incoming, *from, *to, *body, *label, *no_label, *not_cleared, *distribution,
        *personal_data, *safeguards, *embargo, *bytes, *answers, *duplicate;
    struct vls_raw_case_list originators, audience, topics, media_types, unknown_categories;
};

struct vls_raw_case {
    char *name, *at, *expect, *reason;
    struct vls_raw_case_facts *facts;
    struct vls_raw_case_list rules, duties;
    uint32_t *approvals;
};

struct vls_raw_cases {
    char *now;
    struct vls_raw_case *cases;
    unsigned cases_count;
};

/** The facts of a case by their names, as facts_text.h has them. NULL behind the last name. */
struct vls_raw_fact {
    const char *name;
    size_t offset; /* in struct vls_raw_case_facts: of a char *, or of a list */
    bool is_list;
};
extern const struct vls_raw_fact VLS_CASE_FACTS[];

extern const cyaml_schema_value_t VLS_CASES_SCHEMA;

#endif
