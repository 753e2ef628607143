#ifndef VALISE_POLICY_NEAREST_H
#define VALISE_POLICY_NEAREST_H
/*
 * policy/nearest - the smallest change of one fact that would give the next milder outcome. For the
 * files of core/policy only.
 */
#include "policy/evaluate.h"

#define VLS_NEAREST_TEXT 320

/** Found by evaluating each change: not being a duplicate, another label (the nearest rank first),
 * another kind. Empty for a release, for a message without an understood label (how to label it is
 * its owner's judgement, not ours to suggest), and when no single change would do. */
void vls_nearest_change(const struct vls_arrangement *arrangement, const struct vls_facts *facts,
                        enum vls_outcome outcome, char out[VLS_NEAREST_TEXT]);

#endif
