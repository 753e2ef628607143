#ifndef VALISE_ROUTE_SHOWN_H
#define VALISE_ROUTE_SHOWN_H
/*
 * route/shown - what a plugin is told of a message that it is shown: by deliver.c to a sink, by
 * inspect.c to an inspector.
 *
 * Process:   router.
 * Ownership: a struct vls_shown owns its label and texts; what vls_shown_fill() sets borrows from
 * it, from the message and from the configuration.
 * Start at:  vls_shown_read().
 */
#include "route/route_internal.h"

struct vls_shown {
    struct vls_label label;       /* as the schemes of this moment read it */
    struct vls_buf text, marking; /* of the label */
    struct vls_buf der;           /* and as the manifest has it */
};

void vls_shown_init(struct vls_shown *shown);
void vls_shown_fini(struct vls_shown *shown);

/** Read the label once more, as the schemes or the time may have changed since it was decided. */
VLS_STATUS vls_shown_read(struct vls_route *route, const struct vls_message *m,
                          struct vls_shown *out, struct vls_why *why);
void vls_shown_fill(struct vls_route *route, const struct vls_message *m,
                    const struct vls_shown *shown, Valise__Deliver *out);

#endif
