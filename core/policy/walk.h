#ifndef VALISE_POLICY_WALK_H
#define VALISE_POLICY_WALK_H
/*
 * policy/walk - evaluator B: walks the rules as they are written, one after the other, each of its
 * conditions in turn. For the files of core/policy only.
 *
 * It is meant to be read, not to be fast; index.c is the fast one. verdict.h says what both hold
 * to.
 */
#include "policy/verdict.h"

/** @param out_matched  room for all rules: those that matched, the most restrictive first, then by
 * id; NULL when not wanted */
struct vls_verdict vls_walk_evaluate(const struct vls_arrangement *arrangement,
                                     const struct vls_facts *facts,
                                     const struct vls_rule **out_matched);

#endif
