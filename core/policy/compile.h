#ifndef VALISE_POLICY_COMPILE_H
#define VALISE_POLICY_COMPILE_H
/*
 * policy/compile - from what the file says to checked rules. For the files of core/policy only.
 */
#include "policy/arrangement_yaml.h"
#include "policy/rules.h"

struct vls_compile {
    const struct vls_yaml_source *source;
    const struct vls_yaml_places *places; /* for complaints */
    const struct vls_scheme_set *schemes;
    struct vls_arrangement *out; /* empty; what was filled when it fails is released with it */
    struct vls_why *why;
};

/** @return POLICY_INVALID, SYSTEM_MEMORY */
VLS_STATUS vls_compile_arrangement(const struct vls_compile *c,
                                   const struct vls_raw_arrangement *raw);

/** One rule, into an empty one. `path` is its place: "rules[3]". */
VLS_STATUS vls_compile_rule(const struct vls_compile *c, const struct vls_raw_rule *raw,
                            const char *path, struct vls_rule *out);

#define VLS_COMPILE_PATH 96 /* "rules[1023].when.label.at-least" */

#define vls_compile_fail(c, path, ...)                                                             \
    vls_yaml_fail((c)->source, (c)->places, (path), (c)->why, __VA_ARGS__)

#endif
