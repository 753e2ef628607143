#ifndef VALISE_POLICY_DIFFERENCE_H
#define VALISE_POLICY_DIFFERENCE_H
/*
 * policy/difference - which messages two versions of an arrangement decide otherwise: found by
 * search over the whole space of facts (space.h), not by trying.
 *
 * Ownership: a struct vls_difference owns its list; it borrows from the books and the space.
 * Start at:  vls_difference_find(), then vls_change_words() for each.
 *
 * A rule is a box: on each axis a set of values. A message can only be decided otherwise in the box
 * of a rule that has no counterpart in the other version. Each of these boxes is searched by
 * itself, axis by axis: values that leave the same rules alive are one; a branch ends where what is
 * sure already outweighs the rule that is looked at, or the other version has the same; branches
 * that come to the same rules alive are searched once. What a message must be before rules are
 * asked (verdict.h), and what kinds and equivalences bind to, are boxes, too. difference_terms.c
 * makes the boxes, difference_search.c searches one.
 */
#include "policy/space.h"

/* Branches that are searched before it is given up, and said. */
#define VLS_DIFFERENCE_MAX_STATES 1000000u

enum vls_change_what {
    VLS_CHANGE_OUTCOME, /* or how many officers must agree */
    VLS_CHANGE_DUTY_ADDED,
    VLS_CHANGE_DUTY_REMOVED,
    VLS_CHANGE_RETAIN,
};

/** One way in which messages are decided otherwise, and what is responsible. */
struct vls_change {
    enum vls_change_what what;
    enum vls_outcome outcome_before, outcome_after; /* of the example, whatever changes */
    uint32_t before, after;                         /* approvals, or with RETAIN years */
    const char *duty;                               /* of DUTY_* */
    const struct vls_rule *rule; /* that gives it, of either version; NULL: `cause` does */
    enum vls_cause cause;        /* RULE when nothing but an equivalence does */
    bool is_house;
    struct vls_point example; /* of the fewest unusual facts; of those, the first in order */
    uint32_t cost;            /* how many that are */
};

struct vls_difference {
    struct vls_change *changes; /* the milder ones first, then by outcome and cost */
    size_t count;
    size_t searched;     /* boxes without a counterpart: a rule may have several */
    const char **partly; /* ids of those that were not searched to the end */
    size_t partly_count;
    uint64_t states; /* branches */
};

/** @param max_states  VLS_DIFFERENCE_MAX_STATES
 * @return SYSTEM_MEMORY; SYSTEM_BUG when the evaluators do not bear out an example */
VLS_STATUS vls_difference_find(const struct vls_space *space, const struct vls_books *before,
                               const struct vls_books *after, uint64_t max_states,
                               struct vls_difference *out, struct vls_why *why);
void vls_difference_fini(struct vls_difference *difference);

/** Less than 0: milder; more: stricter. */
int vls_change_direction(const struct vls_change *change);

/** "withhold", "refer 2", "retain 10 years", "duty seal": what it was and what it is. */
#define VLS_CHANGE_TEXT (VLS_MAX_NAME + 32)
void vls_change_from_to(const struct vls_change *change, char out_from[VLS_CHANGE_TEXT],
                        char out_to[VLS_CHANGE_TEXT]);

/** The example in a line: its facts, then how it was decided and is now, and by what. Appends. */
VLS_STATUS vls_change_words(const struct vls_space *space, const struct vls_books *before,
                            const struct vls_books *after, const struct vls_change *change,
                            struct vls_buf *out, struct vls_why *why);

/* -- difference_declared.c ----------------------------------------------------------------------
 */

/** What is written otherwise, whether or not any message is decided otherwise for it. */
struct vls_declared {
    const char *what;           /* "rule", "body" and so on */
    const char *name;           /* id of it */
    const char *change;         /* "added", "removed", or what of it changed: "label at-most" */
    const char *before, *after; /* empty where there is nothing */
};
typedef struct vls_status vls_declared_fn(void *ctx, const struct vls_declared *declared);

/** Call `tell` for each; house rules when both or either are given. @return what `tell` returns,
 * SYSTEM_MEMORY */
VLS_STATUS vls_difference_declared(const struct vls_books *before, const struct vls_books *after,
                                   vls_declared_fn *tell, void *ctx, struct vls_why *why);

#endif
