#ifndef VALISE_ROUTE_METER_H
#define VALISE_ROUTE_METER_H
/*
 * route/meter - what is counted for Article 12: messages and bytes, by month, direction, partner
 * and service.
 *
 * Process:   router.
 * Start at:  vls_meter_count().
 *
 * A message counts once: when the partner's receipt for it is taken, or when it is received and
 * receipted here, in that transaction.
 */
#include "route/report.h"

/** Count the message that this manifest is of, in the open transaction. */
VLS_STATUS vls_meter_count(struct vls_route *route, enum vls_direction direction, const char *party,
                           const Valise__Manifest *manifest, struct vls_why *why);
/** The same, of the manifest's bytes. */
VLS_STATUS vls_meter_count_bytes(struct vls_route *route, enum vls_direction direction,
                                 const char *party, struct vls_slice manifest, struct vls_why *why);

/** What an operator may see: one page. */
VLS_STATUS vls_meter_report(struct vls_route *route, const Valise__OperatorMeter *in,
                            struct vls_report *out, struct vls_why *why);

#endif
