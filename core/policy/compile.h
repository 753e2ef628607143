#ifndef VALISE_POLICY_COMPILE_H
#define VALISE_POLICY_COMPILE_H
/*
 * policy/compile - from what the file says to checked rules. For the files of core/policy only.
 *
 * compile.c      the file as a whole: its name, version, time in force, rules
 * compile_party  parties, bodies, equivalences
 * compile_rule   what a rule does
 * compile_when   when it does it
 */
#include "policy/arrangement_yaml.h"
#include "policy/rules.h"

struct vls_compile {
    const struct vls_yaml_source *source;
    const struct vls_yaml_places *places; /* for complaints */
    const struct vls_scheme_set *schemes;
    const struct vls_arrangement *joint; /* that house rules are read with; NULL: an arrangement */
    struct vls_arrangement *out; /* empty; what was filled when it fails is released with it */
    struct vls_why *why;
};

/** @return POLICY_INVALID, SYSTEM_MEMORY */
VLS_STATUS vls_compile_arrangement(const struct vls_compile *c,
                                   const struct vls_raw_arrangement *raw);

/* House rules have the parties and bodies of the arrangement that they are read with. */
VLS_STATUS vls_compile_parties(const struct vls_compile *c, const struct vls_raw_arrangement *raw);
VLS_STATUS vls_compile_bodies(const struct vls_compile *c, const struct vls_raw_arrangement *raw);
VLS_STATUS vls_compile_equivalences(const struct vls_compile *c,
                                    const struct vls_raw_arrangement *raw);

/** One rule, into an empty one. `path` is its place: "rules[3]". */
VLS_STATUS vls_compile_rule(const struct vls_compile *c, const struct vls_raw_rule *raw,
                            const char *path, struct vls_rule *out);
VLS_STATUS vls_compile_when(const struct vls_compile *c, const struct vls_raw_when *raw,
                            const char *path, struct vls_condition *out);

/* -- shared by all of them --------------------------------------------------------------------- */

#define VLS_COMPILE_PATH 96 /* "rules[16383].when.label.at-least" */

struct vls_compile_path {
    char text[VLS_COMPILE_PATH];
};
/** "PATH.KEY", or "KEY" when the path is empty. */
struct vls_compile_path vls_compile_at(const char *path, const char *key);
/** "PATH.KEY[I]", or "KEY[I]". */
struct vls_compile_path vls_compile_at_item(const char *path, const char *key, unsigned i);

#define vls_compile_fail(c, path, ...)                                                             \
    vls_yaml_fail((c)->source, (c)->places, (path), (c)->why, __VA_ARGS__)

/** Neither NULL nor empty, and without control characters. */
VLS_STATUS vls_compile_need(const struct vls_compile *c, const char *path, const char *text);
/** "un/ga": names joined by '/'. */
bool vls_compile_is_path(const char *text);
VLS_STATUS vls_compile_time(const struct vls_compile *c, const char *path, const char *text,
                            uint64_t *out);
/** Some party labels by that scheme: a label of any other could never be compared. */
VLS_STATUS vls_compile_is_used(const struct vls_compile *c, const char *path,
                               const struct vls_scheme *scheme);

/** What each text of a list must be. */
typedef bool vls_compile_check_fn(const char *text);
/** A list of texts, no two alike, copied into `out`; counted as it goes, so that what is half made
 * can be released. */
VLS_STATUS vls_compile_texts(const struct vls_compile *c, const char *path, const char *key,
                             const struct vls_raw_list *raw, vls_compile_check_fn *is_right,
                             const char *example, char **out, size_t *out_count);

#endif
