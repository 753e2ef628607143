#ifndef VALISE_POLICY_CONDITION_H
#define VALISE_POLICY_CONDITION_H
/*
 * policy/condition - does a rule's condition hold for a message? For the files of core/policy only.
 */
#include "policy/rules.h"

/** The facts with their names looked up, once for all rules. */
struct vls_case {
    const struct vls_facts *facts;
    const struct vls_kind *kind;            /* NULL: not known */
    const struct vls_rule_party *from, *to; /* NULL: not of the arrangement */
};

enum vls_match {
    VLS_MATCH_NO,
    VLS_MATCH_YES,
    VLS_MATCH_UNKNOWN, /* a bound is of another scheme than the message's label: they cannot be
                          compared */
};

enum vls_match vls_condition_match(const struct vls_condition *when, const struct vls_case *c);

#endif
