#ifndef VALISE_POLICY_EVALUATE_H
#define VALISE_POLICY_EVALUATE_H
/*
 * policy/evaluate - the evaluator: walks the rules as written, one after the other. For the files
 * of core/policy only.
 *
 * Pure function of facts and rules; whatever else evaluates them takes the same and gives the same
 * struct.
 */
#include "policy/rules.h"

/** What the outcome comes from. */
enum vls_cause {
    VLS_CAUSE_RULE,          /* the first of the matched ones */
    VLS_CAUSE_NO_RULE,       /* withhold */
    VLS_CAUSE_UNLABELLED,    /* quarantine */
    VLS_CAUSE_FOREIGN_LABEL, /* quarantine: of another scheme than the sender's */
    VLS_CAUSE_OLD_SCHEME,    /* quarantine: outside of the scheme file's validity */
    VLS_CAUSE_NOT_IN_FORCE,  /* withhold, as all that follow */
    VLS_CAUSE_PARTY,
    VLS_CAUSE_KIND,
    VLS_CAUSE_NO_REQUEST, /* an answer that does not say to what */
    VLS_CAUSE_CLEARANCE,  /* the recipient may not hold what is so labelled */
};

struct vls_verdict {
    enum vls_outcome outcome;
    enum vls_cause cause;
    uint32_t approvals;
    size_t matched;
};

/** @param out_matched  room for all rules: those that matched, the most restrictive first, then by
 * id; NULL when not wanted */
struct vls_verdict vls_evaluate(const struct vls_arrangement *arrangement,
                                const struct vls_facts *facts, const struct vls_rule **out_matched);

#endif
