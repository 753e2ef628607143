#ifndef VALISE_POLICY_REPLAY_H
#define VALISE_POLICY_REPLAY_H
/*
 * policy/replay - to decide again what was decided before, from its decision record alone: for
 * authors, who look what a new version would have done with the past, and for the router, when a
 * stricter rule has come into force before a message leaves.
 *
 * Process:   command line, router.
 * Ownership: a replay borrows the schemes, the arrangement and the house rules.
 * Start at:  vls_replay_one(); vls_redecide().
 *
 * Records of messages that came in were decided by house rules alone, and are again: without house
 * rules they are let in.
 */
#include "policy/decide.h"
#include "schemas/envelope.pb-c.h"

struct vls_replay; /* opaque: the rules, and room that is used again for each record */

/** @param house  read with this arrangement; NULL when there are none */
VLS_STATUS vls_replay_new(const struct vls_scheme_set *schemes,
                          const struct vls_arrangement *arrangement,
                          const struct vls_arrangement *house, struct vls_replay **out,
                          struct vls_why *why);
void vls_replay_free(struct vls_replay **replay);

struct vls_replayed {
    enum vls_outcome before, now;
    uint64_t decided_ms; /* when the record was made */
};

/** What becomes of a recorded message under these rules. The fast evaluator alone says it: where
 * `now` differs, vls_redecide() asks both and says why.
 *  @param at_ms  the time to decide at; 0: when it was decided
 *  @return INPUT_MALFORMED no decision record of a version that is known, or facts that are not
 *  understood; LABEL_SCHEME, LABEL_VALUE; INPUT_LIMIT */
VLS_STATUS vls_replay_one(struct vls_replay *replay, struct vls_slice record, uint64_t at_ms,
                          struct vls_replayed *out, struct vls_why *why);

/** Decide in full again, with a new record.
 *  @param clearance  why the recipient may not hold it now, "" when it may; NULL: as it was then
 *  @param at_ms      as above
 *  @return as above; vls_decision_fini() when it is OK */
VLS_STATUS vls_redecide(struct vls_replay *replay, struct vls_slice record, const char *clearance,
                        uint64_t at_ms, struct vls_decision *out, struct vls_why *why);

#endif
