#ifndef VALISE_POLICY_VERDICT_H
#define VALISE_POLICY_VERDICT_H
/*
 * policy/verdict - what an evaluator makes of facts and rules, and what it must hold to. For the
 * files of core/policy only.
 *
 * There are two evaluators, walk.c and index.c. They share facts.h, rules.h and this header, and no
 * code; both are pure. What is written here is the whole of what they must agree on.
 *
 * Before any rule is asked, in this order; the first that fails is the cause:
 *   UNLABELLED     label.scheme or label.classification is NULL
 *   FOREIGN_LABEL  `from` is a party, and its scheme is not the label's
 *   OLD_SCHEME     the label's scheme is not valid at now_ms: vls_scheme_is_valid_at()
 *   NOT_IN_FORCE   now_ms lies before not_before_ms, or not before expires_ms
 *   PARTY          `from` or `to` is no party, or both are the same
 *   KIND           the kind is not known
 *   NO_REQUEST     the kind is an answer (is_answer), and answers is VLS_ANSWERS_NOTHING
 *   BODY           the arrangement has bodies, and `body` is not one of them, or not at now_ms
 *                  (from_ms <= now_ms < until_ms, 0: no bound), or is empty for a kind that needs
 *                  one (needs_body), or has no members for a kind that fans out (fans_out)
 *   SENDER         the kind is the originator's (VLS_SENDER_ORIGINATOR), the label names
 *                  originators, and none of them is `from`
 *   SAFEGUARDS     the kind needs them (needs_safeguards), and none are given
 *   CLEARANCE      the recipient may not hold what is so labelled (clearance is not empty)
 * The first three quarantine, the others withhold.
 *
 * An originator is a party when its text is the party's id or its name. Empty is NULL or ""; a kind
 * or a party that is empty is not known.
 *
 * A condition is met, not met, or cannot be judged. All that a rule gives must be met: one that is
 * not met ends it, one that cannot be judged makes the whole so. A rule that cannot be judged
 * counts against the message: it matches with effect refer or withhold, and not with release.
 *   at-most, at-least  judged by vls_label_compare(); INCOMPARABLE cannot be judged
 *   categories         met when the label has one of them; else cannot be judged when one is of
 *                      another scheme or the label has unknown categories
 *   media types        met when each document's is on the list, not met when none is; else cannot
 *                      be judged, so that neither a harmless document beside a forbidden one nor a
 *                      forbidden one beside a harmless one gets by
 * Everything else is met or not. A list is not met by facts that state nothing for it (audience,
 * topics, media types, originators); VLS_DISTRIBUTION_NONE meets only a set that holds it. "x/" and
 * "*" is met by every media type that begins with "x/". An embargo is pending when embargo_until_ms
 * is later than now_ms. third-party: an originator that is not `from`.
 *
 * The most restrictive matching effect wins. approvals: the most that any matching rule asks for,
 * when the outcome is refer; else 0. Without a match an arrangement withholds, and house rules are
 * silent: RELEASE, NO_RULE.
 */
#include "policy/rules.h"

/** What the outcome comes from. */
enum vls_cause {
    VLS_CAUSE_RULE,          /* the first of the matched ones */
    VLS_CAUSE_NO_RULE,       /* withhold; silent, for house rules */
    VLS_CAUSE_UNLABELLED,    /* quarantine */
    VLS_CAUSE_FOREIGN_LABEL, /* quarantine: of another scheme than the sender's */
    VLS_CAUSE_OLD_SCHEME,    /* quarantine: outside of the scheme file's validity */
    VLS_CAUSE_NOT_IN_FORCE,  /* withhold, as all that follow */
    VLS_CAUSE_PARTY,
    VLS_CAUSE_KIND,
    VLS_CAUSE_NO_REQUEST, /* an answer that does not say to what */
    VLS_CAUSE_BODY,       /* addressed to a body that is not there */
    VLS_CAUSE_SENDER,     /* not the sender's to send */
    VLS_CAUSE_SAFEGUARDS,
    VLS_CAUSE_CLEARANCE,    /* the recipient may not hold what is so labelled */
    VLS_CAUSE_DISAGREEMENT, /* of the two evaluators; neither of them says so itself */
};

struct vls_verdict {
    enum vls_outcome outcome;
    enum vls_cause cause;
    uint32_t approvals;
    size_t matched; /* rules; 0 unless the cause is RULE. The evaluators give them in the order of
                       their effects, the most restrictive first, then by id (strcmp) */
};

#endif
