#ifndef VALISE_ROUTE_REVIEW_H
#define VALISE_ROUTE_REVIEW_H
/*
 * route/review - officers decide about messages that rules refer to them (Article 13(1)): what they
 * are shown, what they sign, and what becomes of the message when enough have signed. Not for
 * anyone else but route/.
 *
 * Process:   router.
 * Start at:  vls_route_review(). review.c acts, review_show.c shows.
 *
 * Control has verified each signature that arrives here, and says whose it is. An approval holds as
 * long as it says, and only for the message, the arrangement, the house rules and the decision that
 * were signed: when one of them changes it lapses, and the row stays as evidence.
 */
#include "approval/statement.h"
#include "route/report.h"

void vls_route_review(struct vls_route *route, uint64_t handle, const Valise__OperatorReview *in,
                      const char *actor);

/** How many officers its decision asks for; at least one. */
VLS_STATUS vls_review_needed(const struct vls_message *m, uint32_t *out, struct vls_why *why);

/** What would be signed about a message as it is now; act, officer, expires_ms and note are the
 * caller's to fill in. It borrows from the message and the route. */
struct vls_review_material {
    struct vls_manifest manifest;
    struct vls_statement statement;
};
VLS_STATUS vls_review_material(struct vls_route *route, const struct vls_message *m,
                               struct vls_review_material *out, struct vls_why *why);
void vls_review_material_fini(struct vls_review_material *material);

/** Does this approval hold for the message now? @return APPROVAL_EXPIRED, APPROVAL_SIGNATURE,
 * APPROVAL_SIGNER when it has lapsed */
VLS_STATUS vls_review_holds(struct vls_route *route, const struct vls_review_material *material,
                            const struct vls_review *review, struct vls_why *why);

/** Is this user, as that officer, one who may release it? @return CLI_DENIED, APPROVAL_SIGNER,
 * ROUTE_STATE */
VLS_STATUS vls_review_check_officer(const struct vls_message *m, const char *act,
                                    const char *officer, const char *actor, struct vls_why *why);

/* -- review_show.c ----------------------------------------------------------------------------- */

/** One message with all that an officer has to know, into the reply's reviews. */
VLS_STATUS vls_review_report(struct vls_route *route, const struct vls_id *id, const char *officer,
                             bool with_signatures, struct vls_report *out, struct vls_why *why);
/** What waits, newest first. */
VLS_STATUS vls_review_list(struct vls_route *route, const Valise__OperatorReview *in,
                           struct vls_report *out, struct vls_why *why);

#endif
