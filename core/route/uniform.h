#ifndef VALISE_ROUTE_UNIFORM_H
#define VALISE_ROUTE_UNIFORM_H
/*
 * route/uniform - the one answer for absent, withheld, refused and not yet decided (Article 13(1)).
 *
 * Process:   router.
 * Start at:  vls_uniform_start(), which makes it; vls_uniform_replaces(), which keeps any other
 * form of "no" from leaving.
 *
 * A request gets its slot when it comes in, whatever becomes of it later. At the slot one code path
 * makes one message: it looks at the request's row and at nothing else, so what happened meanwhile
 * can show neither in content nor in size nor in time. Only an answer that was released before
 * takes the slot away. docs/decisions has what a partner can still see.
 */
#include "route/route_internal.h"

#define VLS_UNIFORM_KIND   "no-material-available"
#define VLS_UNIFORM_ORIGIN "router"
#define VLS_UNIFORM_BATCH  64u /* made at one time */

/** Hold the configured label against the schemes. @return CONFIG_INVALID with its place */
VLS_STATUS vls_uniform_check(const struct vls_route *route, struct vls_why *why);

/** When the uniform answer to a request leaves that came at `since_ms` and is due at `due_ms`; 0:
 * requests are answered by hand. */
uint64_t vls_uniform_slot(const struct vls_route *route, uint64_t since_ms, uint64_t due_ms);

/** Is this an answer that says no, to a request whose slot does it? Then it may not leave by
 * itself, and `reason` says what happens instead. */
bool vls_uniform_replaces(struct vls_route *route, const char *origin, const Valise__Submission *in,
                          char *reason, size_t room);

/** Make the answers whose slot has come, at most VLS_UNIFORM_BATCH at one time. */
VLS_STATUS vls_uniform_start(struct vls_route *route, struct vls_why *why);

#endif
