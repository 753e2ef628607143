#ifndef VALISE_POLICY_DECIDE_H
#define VALISE_POLICY_DECIDE_H
/*
 * policy/decide - from facts to a decision: release, refer, withhold; and why.
 *
 * Process:   router. Pure: no clock, no disk; the same facts and rules give the same decision,
 *            years later too.
 * Start at:  vls_decide().
 *
 * The most restrictive matching rule wins (withhold over refer over release); nothing matching =
 * withhold; order never matters. House rules, when there are any, can only make the outcome more
 * restrictive; duties, approvals and retention are the union and the maximum of both. Two
 * evaluators decide, and when they differ in anything the message is withheld and an alarm is due.
 * verdict.h says what comes before the rules, and how a rule is judged.
 */
#include "policy/arrangement.h"
#include "policy/facts.h"

enum vls_outcome { /* the numbers of DecisionRecord.Outcome */
                   VLS_OUTCOME_RELEASE = 1,
                   VLS_OUTCOME_REFER = 2,
                   VLS_OUTCOME_WITHHOLD = 3,
                   VLS_OUTCOME_QUARANTINE = 4,
};

struct vls_decision {
    enum vls_outcome outcome;
    uint32_t approvals;    /* officers needed, when referred */
    uint32_t retain_years; /* the longest that a matching rule says; 0: none says */
    bool is_alarm;         /* the two evaluators disagree: a fault of ours, to be told at once */
    char reason[256];      /* one sentence for people */
    struct vls_buf record; /* exact bytes of DecisionRecord; release with vls_decision_fini() */
};

/** Decide, and write the record. Fails only for lack of memory, or facts and duties above
 * VLS_MAX_DECISION; then nothing may leave.
 * @param house  the own house rules, read with this arrangement; NULL when there are none */
VLS_STATUS vls_decide(const struct vls_arrangement *arrangement,
                      const struct vls_arrangement *house, const struct vls_facts *facts,
                      struct vls_decision *out, struct vls_why *why);
/** What the own house rules say to a message that has come in: they alone are asked, as the other
 * party has held it against the arrangement. Known is what the manifest says; of safeguards, which
 * are inside the seal, it is taken for given that there are some where the kind needs them. Where
 * no rule of the house matches, the outcome is release and the record stays empty. Fails as
 * vls_decide() does. */
VLS_STATUS vls_decide_incoming(const struct vls_arrangement *arrangement,
                               const struct vls_arrangement *house, const struct vls_facts *facts,
                               struct vls_decision *out, struct vls_why *why);
void vls_decision_fini(struct vls_decision *decision);

/** "release" and so on. Never NULL. */
const char *vls_outcome_name(enum vls_outcome outcome);

#endif
