#ifndef VALISE_POLICY_CASES_H
#define VALISE_POLICY_CASES_H
/*
 * policy/cases - messages with the decisions that are expected of them, as the author of an
 * arrangement writes them down in YAML; and which rules they cover.
 *
 * Process:   command line.
 * Ownership: cases borrow what they are read with, and own the rest: vls_cases_free(). Coverage
 *            owns its counts: vls_coverage_fini().
 * Start at:  vls_cases_load(), then vls_cases_run() for each.
 */
#include "policy/arrangement.h"
#include "policy/decide.h"

#define VLS_MAX_CASES_FILE (8u << 20)
#define VLS_MAX_CASES      8192u /* of one file */
#define VLS_CASE_TEXT      1024

/** What cases are decided with. */
struct vls_cases_books {
    const struct vls_arrangement *joint, *house; /* house NULL: only the arrangement */
    const struct vls_scheme_set *schemes;
};

struct vls_cases; /* opaque */

/** Read a file of cases. Unknown keys, facts and rules, wrong values and what is missing are
 * refused with file, line and column. @return POLICY_INVALID, SYSTEM_MISSING, SYSTEM_IO,
 * SYSTEM_MEMORY */
VLS_STATUS vls_cases_load(const char *path, const struct vls_cases_books *books,
                          struct vls_cases **out, struct vls_why *why);
VLS_STATUS vls_cases_read(struct vls_slice yaml, const char *file,
                          const struct vls_cases_books *books, struct vls_cases **out,
                          struct vls_why *why);
void vls_cases_free(struct vls_cases **cases);
size_t vls_cases_count(const struct vls_cases *cases);

/* -- coverage ---------------------------------------------------------------------------------- */

struct vls_rule_coverage {
    uint32_t matched; /* cases in which it matched */
    uint32_t decided; /* and had the effect that was the outcome */
};

struct vls_coverage {
    struct vls_rule_coverage *joint, *house; /* one a rule, in the order of the file */
    size_t joint_count, house_count;
};

/** @return SYSTEM_MEMORY */
VLS_STATUS vls_coverage_init(struct vls_coverage *coverage, const struct vls_cases_books *books,
                             struct vls_why *why);
void vls_coverage_fini(struct vls_coverage *coverage);

/* -- to run ------------------------------------------------------------------------------------ */

struct vls_case_result {
    const char *name; /* lives as long as the cases */
    unsigned line, column;
    bool is_ok;
    enum vls_outcome expected, outcome;
    char rules[VLS_CASE_TEXT]; /* that matched: "a, b, house:c" */
    char words[VLS_CASE_TEXT]; /* what is otherwise than expected; empty when nothing is */
    char reason[256];          /* of the decision */
};

/** Decide the i-th case with both evaluators, as the gateway does: what comes in, by the house
 * rules alone, where there are any. Counts what it covers. @return as vls_decide() */
VLS_STATUS vls_cases_run(const struct vls_cases *cases, size_t i, struct vls_coverage *coverage,
                         struct vls_case_result *out, struct vls_why *why);

#endif
