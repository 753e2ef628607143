#ifndef VALISE_POLICY_INDEX_H
#define VALISE_POLICY_INDEX_H
/*
 * policy/index - evaluator A: the rules as sets of bits, one set for each value of each fact; the
 * rules that match are what is in all of them. For the files of core/policy only.
 *
 * Process:   router, command line.
 * Ownership: an index borrows from the arrangement that it is made of, and from its schemes.
 * Start at:  vls_index_make(), once, when the arrangement is whole; index_internal.h for the sets.
 *
 * What it must decide is in verdict.h and nowhere else; walk.c decides the same in another way.
 * Nothing is allocated while it decides. What one decision takes grows with the facts that it looks
 * up and with an eighth of a byte a rule for each fact that some rule asks for.
 */
#include "policy/rules.h"
#include "policy/verdict.h"

struct vls_index; /* opaque */

/** @return SYSTEM_MEMORY; POLICY_INVALID when a rule has a bound with categories that its scheme
 * does not know, or when there are more than VLS_MAX_RULES */
VLS_STATUS vls_index_make(const struct vls_arrangement *arrangement, struct vls_index **out,
                          struct vls_why *why);
void vls_index_free(struct vls_index **index);
/** Memory that it takes, without the arrangement. */
size_t vls_index_bytes(const struct vls_index *index);

/** Asks arrangement->index, which must be there.
 * @param out_matched  room for all rules: those that matched, the most restrictive first, then by
 * id; NULL when not wanted */
struct vls_verdict vls_index_evaluate(const struct vls_arrangement *arrangement,
                                      const struct vls_facts *facts,
                                      const struct vls_rule **out_matched);

#endif
