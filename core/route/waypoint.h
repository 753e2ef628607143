#ifndef VALISE_ROUTE_WAYPOINT_H
#define VALISE_ROUTE_WAYPOINT_H
/*
 * route/waypoint - where a message that came in has to pass somebody before it goes on: a report by
 * way of another body (Article 4), a proposal by an accountable officer (Article 6).
 *
 * Process:   router.
 *
 * Which kinds, the table of kinds says (duties way-point and accountable-officer); by way of whom,
 * the arrangement (`through` of a body). Such a message is held until an operator releases it, who
 * so is on record as the one who passed it on.
 */
#include "route/route_internal.h"

/** @return true when it has to; then `out` says by whom and how, for people */
bool vls_waypoint_holds(const struct vls_route *route, const struct vls_manifest *m, char *out,
                        size_t room);

#endif
