#ifndef VALISE_ROUTE_DEATHS_H
#define VALISE_ROUTE_DEATHS_H
/*
 * route/deaths - how often a process died over one message, or over one document of a plugin. Not
 * for anyone else but route/.
 *
 * Process:   router.
 * Ownership: the counts are the route's, and in the store: one that kills its process each time is
 *            not tried anew with every start of the router.
 * Start at:  vls_deaths_count().
 *
 * They are kept as a plugin's state is, under names that no plugin can have. A count that could not
 * be written is logged and counts until the router ends.
 */
#include "route/route_internal.h"

/** Read what is in the store. */
VLS_STATUS vls_deaths_open(struct vls_route *route, struct vls_why *why);
void vls_deaths_free(struct vls_route *route);

/** One more over this message, of the crypto role or a plugin. @return how many, with this one */
uint32_t vls_deaths_count(struct vls_route *route, const struct vls_id *id);
/** It came through, or an operator gives it its chances again. */
void vls_deaths_forget(struct vls_route *route, const struct vls_id *id);

/** For plugins.c: what a plugin died over, by the document's origin key; 0 forgets it. */
void vls_deaths_keep_item(struct vls_route *route, const char *plugin, const char *origin,
                          uint32_t times);
typedef void (*vls_deaths_fn)(void *ctx, const char *origin, uint32_t times);
VLS_STATUS vls_deaths_items(struct vls_route *route, const char *plugin, vls_deaths_fn fn,
                            void *ctx, struct vls_why *why);

#endif
