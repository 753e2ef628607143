#ifndef VALISE_ROUTE_LIFE_H
#define VALISE_ROUTE_LIFE_H
/*
 * route/life - the versions of the arrangement on this gateway: taken, approved, in force. Not for
 * anyone else but route/.
 *
 * Process:   router.
 * Start at:  vls_route_life_open(). core/policy/life.h says what holds; this keeps it on disk and
 *            lets route->arrangement be the version in force.
 *
 * The installed file is where the history begins. Later versions come by command, with signatures
 * that control has verified; one that is not known is compiled only when the own party has signed
 * it. On a gateway without approvers the installed file is all that there is.
 */
#include "policy/life.h"
#include "route/report.h"

#define VLS_LIFE_GRACE_MS UINT64_C(604800000) /* a week */

struct vls_route_life; /* opaque */

/** Read the versions, find the one in force, and look again at what may leave (recheck.h).
 *  @return POLICY_VERSION when the installed file does not belong to what was taken here before */
VLS_STATUS vls_route_life_open(struct vls_route *route, struct vls_why *why);
void vls_route_life_free(struct vls_route *route);

/** When time alone changes what is in force, on the steady clock; UINT64_MAX: never. */
uint64_t vls_route_life_next_ms(const struct vls_route *route);
/** Has something changed that what waits was not held against? Until it is, nothing leaves. */
bool vls_route_life_is_due(const struct vls_route *route);
/** If so, do it: in the open transaction, or one that it opens. Before anything is decided. */
void vls_route_life_settle(struct vls_route *route);

/** May a message that names this version be received now? Under the version in force; or under one
 * that was, for VLS_LIFE_GRACE_MS after it was superseded here, since its sender may learn of an
 * approval later. An approval may come under the version known here that it brings into force.
 *  @return POLICY_AHEAD it names a later one, which may soon be in force here too: the sender tries
 *  again; POLICY_ARRANGEMENT */
VLS_STATUS vls_route_life_accepts(const struct vls_route *route, const Valise__Manifest *m,
                                  struct vls_why *why);

/* -- life_arrange.c ---------------------------------------------------------------------------- */

/** An operator hands in signatures, or asks which versions there are. */
void vls_route_arrange(struct vls_route *route, uint64_t handle, const Valise__OperatorArrange *in,
                       struct vls_fds *fds, const char *actor);

/* -- for life_arrange.c ------------------------------------------------------------------------ */

const struct vls_life *vls_route_life_chain(const struct vls_route *route);
/** The place of the version that decides now. */
size_t vls_route_life_current(const struct vls_route *route);
/** May these bytes be the next version here? House rules must go with it, too. On success the
 * caller owns *out; NULL when the version is known already.
 *  @return POLICY_VERSION, POLICY_INVALID */
VLS_STATUS vls_route_life_try(const struct vls_route *route, struct vls_slice bytes,
                              struct vls_arrangement **out, struct vls_why *why);
/** It is on disk: take it (it is then the life's own; NULL: nothing new) and the approvals, and
 * find what is in force. */
struct vls_route_approval;
VLS_STATUS vls_route_life_take(struct vls_route *route, struct vls_arrangement **arrangement,
                               const struct vls_digest *digest,
                               const struct vls_route_approval *approvals, size_t count,
                               struct vls_why *why);

#endif
