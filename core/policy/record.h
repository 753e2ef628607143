#ifndef VALISE_POLICY_RECORD_H
#define VALISE_POLICY_RECORD_H
/*
 * policy/record - the DecisionRecord of schemas/envelope.proto, as exact bytes. For the files of
 * core/policy only.
 */
#include "base/text.h"
#include "policy/judge.h"
#include "schemas/envelope.pb-c.h"

/** What a decision was, besides books and facts. */
struct vls_record {
    const struct vls_judgement *judgement;
    const char *nearest;
};

/** Append the record to that of `d`, with its reason, or when a rule decided make the reason from
 * the record. Every fact that an evaluator may look at is in it, so that the decision can
 * be made again from the record alone; facts at their usual value (no body, outgoing, nothing
 * stated, no duplicate, no answer) are left out.
 *  @return INPUT_LIMIT, SYSTEM_MEMORY */
VLS_STATUS vls_record_write(const struct vls_books *books, const struct vls_facts *facts,
                            const struct vls_record *record, struct vls_decision *d,
                            struct vls_why *why);

/* -- record_facts.c ---------------------------------------------------------------------------- */

#define VLS_NUMBER_TEXT 24

/** The facts as a record names them; of a list, one entry for each. */
struct vls_fact_list {
    Valise__Fact *at;
    Valise__Fact **pointers;
    size_t count;
    struct vls_buf label;
    char bytes[VLS_NUMBER_TEXT], embargo[VLS_TIME_TEXT];
};
/** It points into `out`, which must stay where it is. @return INPUT_LIMIT, SYSTEM_MEMORY; release
 * in either case */
VLS_STATUS vls_fact_list_make(const struct vls_facts *facts, struct vls_fact_list *out,
                              struct vls_why *why);
void vls_fact_list_fini(struct vls_fact_list *list);

#endif
