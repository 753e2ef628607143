#ifndef VALISE_POLICY_NEAREST_H
#define VALISE_POLICY_NEAREST_H
/*
 * policy/nearest - the smallest change of the facts that would give the next milder outcome. For
 * the files of core/policy only.
 */
#include "policy/judge.h"

#define VLS_NEAREST_TEXT 320

/** Found by deciding each change anew: of one fact, then of two, in the order of how little is
 * asked for; each to a value that some rule mentions. To be of another kind, or to go the other
 * way, is more than any other change of one fact. Among changes of one size the next milder outcome
 * comes before the one after it. Empty for a release, for a message without an understood label
 * (how to label it is its owner's judgement, not ours to suggest), and when no change of at most
 * two facts would do. */
void vls_nearest_change(const struct vls_books *books, const struct vls_facts *facts,
                        enum vls_outcome outcome, char out[VLS_NEAREST_TEXT]);

#endif
