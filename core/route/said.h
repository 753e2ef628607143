#ifndef VALISE_ROUTE_SAID_H
#define VALISE_ROUTE_SAID_H
/*
 * route/said - what plugins say of themselves: metrics, and how their endpoint answered last.
 *
 * Process:   router.
 * Ownership: the route owns the last of each plugin; nothing is stored.
 * Start at:  vls_route_plugin_said() of route.h; vls_said_report() shows it.
 */
#include "route/report.h"

/** Into the status: only plugins that have said something. It borrows from the route. */
VLS_STATUS vls_said_report(struct vls_route *route, struct vls_report *out,
                           Valise__StatusReport *status, struct vls_why *why);
/** For the plugins of the configuration. */
void vls_said_init(struct vls_route *route);
void vls_said_free(struct vls_route *route);

/** Texts within their limits and clean. It comes from a process that runs foreign code. */
VLS_STATUS vls_said_check_finding(const Valise__Finding *finding, struct vls_why *why);

#endif
