#ifndef VALISE_ROUTE_COPY_H
#define VALISE_ROUTE_COPY_H
/*
 * route/copy - an operator takes a message with its content away as a file: a copy that the
 * register counts.
 *
 * Process: router.
 *
 * Entered in the internal log and committed before a byte of it is handed out. What is handed out
 * is sealed: to see documents is open.c.
 */
#include "route/report.h"

#define VLS_INTERNAL_COPY "copy" /* of the internal log; words */

/** The export of a message with its content; answered through the ports. */
void vls_route_copy(struct vls_route *route, uint64_t handle, const Valise__OperatorRequest *in);

#endif
