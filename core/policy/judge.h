#ifndef VALISE_POLICY_JUDGE_H
#define VALISE_POLICY_JUDGE_H
/*
 * policy/judge - both evaluators over the arrangement and the house rules, put together into one
 * judgement. For the files of core/policy only.
 */
#include "policy/verdict.h"

/** What is asked: the arrangement, and the own house rules or NULL. */
struct vls_books {
    const struct vls_arrangement *joint, *house;
};

/** A rule that matched. */
struct vls_judged_rule {
    const struct vls_rule *rule;
    bool is_house;
};

struct vls_judgement {
    enum vls_outcome outcome; /* the more restrictive one of both */
    enum vls_cause cause;
    const struct vls_arrangement *source; /* that the cause is of */
    uint32_t approvals, retain_years;
    struct vls_judged_rule *matched; /* the most restrictive first, then those of the arrangement,
                                        then by id; vls_judgement_fini() releases it */
    size_t matched_count;
};

/** Both evaluators, over both books; DISAGREEMENT when they differ in anything. @return
 * SYSTEM_MEMORY */
VLS_STATUS vls_judge(const struct vls_books *books, const struct vls_facts *facts,
                     struct vls_judgement *out, struct vls_why *why);
void vls_judgement_fini(struct vls_judgement *judgement);

/** The decision that follows from a judgement, with its reason and its record. Of decide.c.
 *  @param asked  the books that were judged by: the nearest change is looked for in them
 *  @param books  the books that the record names */
VLS_STATUS vls_decision_make(const struct vls_books *asked, const struct vls_books *books,
                             const struct vls_facts *facts, const struct vls_judgement *judgement,
                             struct vls_decision *out, struct vls_why *why);

/** The outcome alone, by the fast evaluator alone: to search with, not to act on. */
enum vls_outcome vls_judge_quickly(const struct vls_books *books, const struct vls_facts *facts);

#endif
