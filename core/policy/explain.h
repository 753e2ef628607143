#ifndef VALISE_POLICY_EXPLAIN_H
#define VALISE_POLICY_EXPLAIN_H
/*
 * policy/explain - the one sentence that says why, from a record alone.
 *
 * Process: router, command line. Pure.
 */
#include "policy/decide.h"
#include "schemas/envelope.pb-c.h"

#define VLS_REASON_TEXT sizeof(((struct vls_decision *)NULL)->reason)

/** The same sentence as vls_decision.reason. A record holds it only when no rule decided: what a
 * rule decided it can be made from, and records are many. */
void vls_explain_reason(const Valise__DecisionRecord *record, char out[VLS_REASON_TEXT]);
/** A reason, or what a trace says of one, for a reader who is not to know the house rules: where it
 * comes to speak of them it ends with "(not shown)". */
void vls_explain_without_house(const char *reason, char out[VLS_REASON_TEXT]);

#endif
