#ifndef VALISE_ROUTE_CLEARANCE_H
#define VALISE_ROUTE_CLEARANCE_H
/*
 * route/clearance - who may hold what is labelled how: partners, plugins and operators, as the
 * configuration says.
 *
 * Process:   router.
 * Ownership: the clearances borrow the schemes; labels and routes are borrowed for the call.
 * Start at:  vls_route_clearance_partner() before a message leaves, vls_route_clearance_plugin()
 *            before one is delivered, vls_route_clearance_actor() before an operator sees content.
 *
 * A partner or a plugin that the configuration gives no clearance is limited by the arrangement
 * alone; with one it holds nothing of a scheme that its clearance does not name. An operator
 * without an entry sees no content, root included.
 *
 * The words of a refusal name levels and categories of the label: they are for the log and for a
 * message's reason, not for one who was refused.
 */
#include "config/config.h"
#include "label/clearance.h"

struct vls_route;
struct vls_partner;
struct vls_route_clearances; /* opaque */

/** Compile what the configuration says of partners, plugins and operators. The user database is
 * asked: call it before the sandbox closes. @return CONFIG_INVALID with the place: a scheme, level
 * or category that is not there, two clearances of one scheme, a user who is not there or is listed
 * under two names */
VLS_STATUS vls_route_clearances_new(const struct vls_config *config,
                                    const struct vls_scheme_set *schemes,
                                    struct vls_route_clearances **out, struct vls_why *why);
/** Sets *clearances to NULL; NULL is fine. */
void vls_route_clearances_free(struct vls_route_clearances **clearances);

/** May this partner be sent what is so labelled? @return LABEL_CLEARANCE */
VLS_STATUS vls_route_clearance_partner(const struct vls_route *route,
                                       const struct vls_partner *partner,
                                       const struct vls_label *label, struct vls_why *why);
/** May this plugin, by its place in the configuration, be given it? @return LABEL_CLEARANCE */
VLS_STATUS vls_route_clearance_plugin(const struct vls_route *route, unsigned plugin,
                                      const struct vls_label *label, struct vls_why *why);
/** May this operator ("uid:N") see it? @return LABEL_CLEARANCE */
VLS_STATUS vls_route_clearance_actor(const struct vls_route *route, const char *actor,
                                     const struct vls_label *label, struct vls_why *why);
/** The same of an operator by his place in the configuration. */
VLS_STATUS vls_route_clearance_operator(const struct vls_route *route, unsigned number,
                                        const struct vls_label *label, struct vls_why *why);

#endif
