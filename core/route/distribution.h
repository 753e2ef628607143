#ifndef VALISE_ROUTE_DISTRIBUTION_H
#define VALISE_ROUTE_DISTRIBUTION_H
/*
 * route/distribution - received statements that go to all members of a body (Article 5(3)): the
 * receipt of each member, and the one certificate that lists them.
 *
 * Process:   router.
 * Start at:  vls_route_distribution().
 *
 * Whether a name that the arrangement gives as a member is one member or a list of them, the
 * arrangement does not say: it is what is recorded. A receipt of "un/member-states/che" makes a
 * list of "un/member-states", and who certifies then says how many names it has.
 */
#include "route/report.h"

/** What an operator asks; answered through the ports. */
void vls_route_distribution(struct vls_route *route, uint64_t handle,
                            const Valise__OperatorDistribution *in, const char *actor);

#endif
