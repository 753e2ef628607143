#ifndef VALISE_ROUTE_INCOMING_H
#define VALISE_ROUTE_INCOMING_H
/*
 * route/incoming - the own judgement of a message that comes in: the house rules, before any sink
 * is given it.
 *
 * Process:   router.
 * Start at:  vls_incoming_judge().
 *
 * Or a way-point, or an officer who answers for it, whom it has to pass (waypoint.h).
 *
 * The partner has held it against the arrangement and is owed its receipt whatever we think of it;
 * so a message that the house rules refer or withhold is recorded and receipted like any other, and
 * then held until an operator releases it.
 */
#include "policy/decide.h"
#include "route/route_internal.h"

/** What is to become of it: outcome RELEASE, or held with out->reason. Known of it is what its
 * manifest says, and its label. A judgement that cannot be recorded holds it, too. Release with
 * vls_decision_fini(). @return SYSTEM_MEMORY */
VLS_STATUS vls_incoming_judge(struct vls_route *route, const struct vls_manifest *m,
                              const struct vls_label *label, struct vls_decision *out,
                              struct vls_why *why);

#endif
