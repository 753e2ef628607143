#ifndef VALISE_ROUTE_SUBMIT_H
#define VALISE_ROUTE_SUBMIT_H
/*
 * route/submit - what other files of route/ need of submitting: the router submits answers of its
 * own, and what goes to several partners.
 *
 * Process:   router.
 * Start at:  vls_route_submit_own(); what others submit is vls_route_submit() of route.h.
 */
#include "route/route_internal.h"

/** What became of what the router itself submitted: as answered to any other, behind the commit. */
typedef void (*vls_submitted_fn)(void *ctx, struct vls_status status, const struct vls_why *why,
                                 const Valise__SubmissionResult *result);
/** As vls_route_submit(), with `done` called once in place of an answer; it may be called within.
 */
void vls_route_submit_own(struct vls_route *route, const char *origin,
                          const Valise__Submission *submission, struct vls_fds *fds,
                          vls_submitted_fn done, void *ctx);

/** Save the state items that a plugin's submission brings along. In the open transaction. */
VLS_STATUS vls_route_save_plugin_state(struct vls_route *route, const char *origin,
                                       const Valise__Submission *in, struct vls_why *why);

#endif
