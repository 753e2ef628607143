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
 * withhold; order never matters. Before any rule is asked, a message is quarantined when its label
 * is missing, of another scheme than its sender's, or of a scheme that is not valid now; and
 * withheld when the arrangement is not in force, a party or the kind is not known, an answer does
 * not say what it answers, or the recipient is not cleared for the label. A bound of a scheme that
 * the label cannot be compared with counts as met for effects refer and withhold, and as not met
 * for release.
 */
#include "base/id.h"
#include "policy/arrangement.h"

enum vls_outcome { /* the numbers of DecisionRecord.Outcome */
                   VLS_OUTCOME_RELEASE = 1,
                   VLS_OUTCOME_REFER = 2,
                   VLS_OUTCOME_WITHHOLD = 3,
                   VLS_OUTCOME_QUARANTINE = 4,
};

/** All that a rule may look at, gathered before. Strings are borrowed. */
struct vls_facts {
    struct vls_id id;
    const char *kind;
    const char *from, *to;     /* parties */
    const char *body;          /* empty: the party itself */
    struct vls_label label;    /* label.scheme NULL: the message has none that is understood */
    const char *label_trouble; /* why there is none, for the record */
    const char *clearance;     /* why the recipient may not hold it; NULL or empty: it may */
    uint64_t bytes;            /* of all parts */
    bool is_duplicate;         /* the same bytes went to this party before */
    bool is_answer;            /* in-reply-to is given */
    uint64_t now_ms;
};

struct vls_decision {
    enum vls_outcome outcome;
    uint32_t approvals;    /* officers needed, when referred */
    char reason[256];      /* one sentence for people */
    struct vls_buf record; /* exact bytes of DecisionRecord; release with vls_decision_fini() */
};

/** Decide, and write the record. Fails only for lack of memory or a record above VLS_MAX_DECISION;
 * then nothing may leave. */
VLS_STATUS vls_decide(const struct vls_arrangement *arrangement, const struct vls_facts *facts,
                      struct vls_decision *out, struct vls_why *why);
void vls_decision_fini(struct vls_decision *decision);

/** "release" and so on. Never NULL. */
const char *vls_outcome_name(enum vls_outcome outcome);

#endif
