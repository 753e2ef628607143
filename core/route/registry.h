#ifndef VALISE_ROUTE_REGISTRY_H
#define VALISE_ROUTE_REGISTRY_H
/*
 * route/registry - the register of classified traffic: of each message who, what, when, who may
 * open it, which copies were made and who opened it.
 *
 * Process: router.
 * Start at: vls_registry_report().
 *
 * It is read from the internal log, entry by entry with the number of its leaf, and from the
 * message's row; nothing is kept for it besides, so it cannot say anything else than they do. Shown
 * are messages for whose label the operator who asks is cleared, and no count of the others: the
 * register is itself as sensitive as the highest of its rows. The command line joins their labels.
 */
#include "route/report.h"

VLS_STATUS vls_registry_report(struct vls_route *route, const Valise__OperatorRegistry *in,
                               struct vls_report *out, struct vls_why *why);

#endif
