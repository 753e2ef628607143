#ifndef VALISE_ROUTE_INSPECT_H
#define VALISE_ROUTE_INSPECT_H
/*
 * route/inspect - what inspectors have to say before a message leaves or is delivered.
 *
 * Process:   router.
 * Ownership: the route owns what is under way.
 * Start at:  vls_inspect_is_due() where a message comes into being; vls_inspect_start() for the
 * rest.
 *
 * A message waits in the state "inspecting": sealed and decided, but neither recorded nor to be
 * carried; or received and receipted, but given to no sink. So it waits on disk, through crashes,
 * for as long as an inspector is away. Shown is what is in the seal, opened again: so what was
 * looked at is what leaves. From there the message goes on to the state that its decision, as it
 * stands then, gives it. An inspector can only stop it: it is held with his reason, for an
 * operator.
 */
#include "route/route_internal.h"

#define VLS_MAX_INSPECTIONS 16u   /* of each way, being opened or with an inspector       */
#define VLS_INSPECT_LOOK_MS 1000u /* while some are, what waits is looked for this often */

/** There is an inspector for what goes this way. */
bool vls_inspect_is_due(const struct vls_route *route, enum vls_direction direction);

/** Look whether anything has to be shown while this process lives: an inspector is configured, or
 * something still waits for one. */
void vls_inspect_open(struct vls_route *route);

/** Show what waits, as far as there is room. */
void vls_inspect_start(struct vls_route *route);
/** When something can be shown again, on the steady clock; UINT64_MAX: nothing waits. */
uint64_t vls_inspect_next_ms(struct vls_route *route);

/** Let a message go on that waits for inspectors or was stopped by one: to what was decided, with
 * all that is checked before one leaves. In the open transaction. */
VLS_STATUS vls_inspect_let_go(struct vls_route *route, const struct vls_message *m,
                              const char *cause, const char *actor, struct vls_why *why);

#endif
