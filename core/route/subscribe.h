#ifndef VALISE_ROUTE_SUBSCRIBE_H
#define VALISE_ROUTE_SUBSCRIBE_H
/*
 * route/subscribe - standing subscriptions (Article 7(1)): a document that a source brings without
 * an addressee goes to every partner that subscribes to what it is about.
 *
 * Process:   router.
 * Start at:  vls_subscribe_submit(); what is wanted is decided in subscribe_match.c.
 *
 * A partner gets a document once, however many of its subscriptions want it, under a key that is
 * made of the source's key and the partner's name. The source's cursor is saved when all of these
 * messages are on disk: whatever breaks off before is brought again, and what is there already has
 * its key. A document that nobody wants is said to be unwanted, and not kept.
 */
#include "route/report.h"
#include "store/subscriptions.h"

#define VLS_UNWANTED            "unwanted"      /* in place of a message's state */
#define VLS_MAX_SPREADS         64u             /* documents on their way to several partners */
#define VLS_SUBSCRIPTION_PREFIX "subscription/" /* of a conversation */

/** As vls_route_submit(), of a submission without an addressee. */
void vls_subscribe_submit(struct vls_route *route, uint64_t handle, const char *origin,
                          const Valise__Submission *submission, struct vls_fds *fds);

/** What operators list, add and remove. */
void vls_subscribe_operate(struct vls_route *route, uint64_t handle,
                           const Valise__OperatorSubscription *in, const char *actor);

/* -- subscribe_match.c ------------------------------------------------------------------------- */

/** Documents of a submission, a bit each, that a subscription wants; 0: none. */
uint64_t vls_subscribe_wants(const struct vls_subscription *one, const Valise__Submission *in);
/** Does a symbol fit the pattern, in which * stands for anything? Spelling makes no difference:
 * document/symbol.h. */
bool vls_subscribe_fits(const char *issuer, const char *pattern, const char *printed);

#endif
