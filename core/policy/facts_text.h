#ifndef VALISE_POLICY_FACTS_TEXT_H
#define VALISE_POLICY_FACTS_TEXT_H
/*
 * policy/facts_text - facts as names and values: as a decision record keeps them, and as a case of
 * tests/cases or the command line writes them.
 *
 * Process:   router (to decide again), command line (cases, replay, explain).
 * Ownership: a struct vls_facts_text owns all that its facts point to, but the schemes; it must
 *            stay where it is while they are used.
 * Start at:  vls_facts_text_begin(), vls_facts_text_set() for each, vls_facts_text_end().
 *
 * Names and values: those that record_facts.c writes. kind, from, to, body, label (text form),
 * no-label, unknown-category, not-cleared, originator, distribution, safeguards, audience, topic,
 * media-type, bytes (decimal), answers; incoming, personal-data, duplicate ("yes" or "no"); embargo
 * (time as vls_time_text() writes it). originator, audience, topic, media-type, unknown-category
 * may come several times, everything else once.
 */
#include "base/arena.h"
#include "policy/facts.h"

#define VLS_FACT_LISTS    5
#define VLS_MAX_FACT_LIST 64u /* entries of one list */

struct vls_facts_text {
    struct vls_facts facts;                               /* complete after vls_facts_text_end() */
    struct vls_arena *arena;                              /* NULL: values are borrowed */
    const struct vls_scheme_set *schemes;                 /* borrowed */
    const char *lists[VLS_FACT_LISTS][VLS_MAX_FACT_LIST]; /* facts_text.c says which is which */
    size_t counts[VLS_FACT_LISTS];
    uint32_t given; /* which facts were set */
    size_t last;    /* place of the one that was set last: records have them in one order */
};

/** Nothing is stated yet: all facts at their usual value, and no label. @return SYSTEM_MEMORY;
 * vls_facts_text_fini() in either case */
VLS_STATUS vls_facts_text_begin(const struct vls_scheme_set *schemes, struct vls_facts_text *out,
                                struct vls_why *why);
/** The same, but values are not copied: they live as long as the facts. */
void vls_facts_text_borrow(const struct vls_scheme_set *schemes, struct vls_facts_text *out);
/** @return INPUT_MALFORMED an unknown name (with a hint where one is near), a value that the fact
 * does not take, a single fact given twice; INPUT_LIMIT; LABEL_* a label that is not understood */
VLS_STATUS vls_facts_text_set(struct vls_facts_text *text, const char *name, const char *value,
                              struct vls_why *why);
/** Put lists and label together. @return SYSTEM_MEMORY, INPUT_LIMIT */
VLS_STATUS vls_facts_text_end(struct vls_facts_text *text, struct vls_why *why);
void vls_facts_text_fini(struct vls_facts_text *text);

#endif
