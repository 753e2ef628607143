#ifndef VALISE_POLICY_RECORD_H
#define VALISE_POLICY_RECORD_H
/*
 * policy/record - the DecisionRecord of schemas/envelope.proto, as exact bytes. For the files of
 * core/policy only.
 */
#include "policy/evaluate.h"

/** What a decision was, besides arrangement and facts. */
struct vls_record {
    const struct vls_verdict *verdict;
    const struct vls_rule *const *matched;
    const char *reason;
    const char *nearest;
};

/** Append the record. Every fact that an evaluator may look at is in it, so that the decision can
 * be made again from the record alone; facts at their usual value (no body, no duplicate, no
 * answer) are left out.
 *  @return INPUT_LIMIT, SYSTEM_MEMORY */
VLS_STATUS vls_record_write(const struct vls_arrangement *arrangement,
                            const struct vls_facts *facts, const struct vls_record *record,
                            struct vls_buf *out, struct vls_why *why);

#endif
