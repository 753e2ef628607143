#ifndef VALISE_ROUTE_RECHECK_H
#define VALISE_ROUTE_RECHECK_H
/*
 * route/recheck - a stricter rule that comes into force before a message leaves applies to it.
 *
 * Process:   router.
 *
 * After each start and each change of the version in force, every message that may leave and that
 * the partner cannot have yet is decided again, from the facts in its decision record and by all
 * that holds now: arrangement, house rules, schemes, the partner's clearance. One that would be
 * treated more strictly gets the new decision: it is referred to officers, or held; a milder
 * outcome changes nothing. What waits for officers is decided again when they release it.
 */
#include "route/route_internal.h"

/** In the open transaction. Messages about which nothing can be decided any more (no record, a
 * scheme that is gone) are stopped, too. */
VLS_STATUS vls_recheck_all(struct vls_route *route, struct vls_why *why);

/** May the partner have it? Only what was once uncertain: what failed for sure is not there. Then
 * nothing is decided again. */
VLS_STATUS vls_recheck_may_be_there(struct vls_route *route, const struct vls_message *m, bool *out,
                                    struct vls_why *why);

/** May this message, which is held or referred and not with the partner, leave by what holds now?
 * An act of an operator undoes an act of an operator, not a rule. @return POLICY_WITHHELD,
 * POLICY_REVIEW */
VLS_STATUS vls_recheck_may_leave(struct vls_route *route, const struct vls_message *m,
                                 struct vls_why *why);

#endif
