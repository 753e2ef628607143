#ifndef VALISE_ROUTE_ALARMS_H
#define VALISE_ROUTE_ALARMS_H
/*
 * route/alarms - a partner's log does not continue what it signed before, or ours is not what the
 * partner has seen: the exchange stops, and what proves it is kept.
 *
 * Process:   router.
 * Start at:  vls_alarm_fork().
 *
 * An alarm stops the exchange with that partner at once, in both directions, and goes to disk with
 * the next commit, together with an entry of the internal log. It stays until an operator closes it
 * with a note. Messages to that partner wait meanwhile; nothing is lost.
 */
#include "route/route_internal.h"

#define VLS_ALARM_FORK     "fork"     /* two states of one log that cannot both be true      */
#define VLS_ALARM_ROLLBACK "rollback" /* it answers with a state older than it signed before */
#define VLS_ALARM_BEHIND   "behind"   /* the partner knows more of our log than we have       */

struct vls_alarm; /* opaque */

/** The state `seen` contradicts the one of size `known`, which is kept in the store, or does not
 * prove that it continues it. `proof` is what came to prove that; NULL: nothing.
 * @return LEDGER_FORK */
VLS_STATUS vls_alarm_fork(struct vls_partner *partner, const struct vls_their_log *log,
                          uint64_t known, const struct vls_checkpoint *seen, const char *note,
                          const struct vls_proof *proof, struct vls_why *why);
/** An entry of the log that an alarm is about, which came with it: the one behind the known state
 * proves a fork that the consistency proof alone does not. Nothing when no alarm has just been
 * raised. */
void vls_alarm_look_at(struct vls_partner *partner, enum vls_leaf_kind kind,
                       struct vls_slice record, const Valise__InclusionProof *inclusion);
/** The partner answered us with this signed state, which is smaller than the known one. @return
 * LEDGER_FORK; LEDGER_STALE when it is not smaller */
VLS_STATUS vls_alarm_rollback(struct vls_partner *partner, const struct vls_their_log *log,
                              const char *note, struct vls_why *why);
/** The partner says that it knows `known` entries of a log of ours, and we have fewer.
 * @return LEDGER_FORK */
VLS_STATUS vls_alarm_behind(struct vls_partner *partner, const struct vls_log *log, uint64_t known,
                            struct vls_why *why);

/** Is the exchange stopped? @return LEDGER_FORK with the alarm */
VLS_STATUS vls_alarm_check(const struct vls_partner *partner, struct vls_why *why);

/** An operator closes the alarms of a partner. In the open transaction; behind its commit
 * vls_alarms_resume() lets the exchange go on. @return STORE_MISSING, POLICY_PARTY */
VLS_STATUS vls_alarms_close(struct vls_route *route, const char *party, const char *note,
                            const char *actor, struct vls_why *why);
void vls_alarms_resume(struct vls_route *route, const char *party);

/* -- route.c ----------------------------------------------------------------------------------- */

/** What the store has of open alarms. */
VLS_STATUS vls_alarms_open(struct vls_partner *partner, struct vls_why *why);
void vls_alarms_free(struct vls_partner *partner);
/** Write what was raised into a transaction, which is opened for it. */
VLS_STATUS vls_alarms_save(struct vls_route *route, struct vls_why *why);
void vls_alarms_committed(struct vls_route *route);

#endif
