#ifndef VALISE_ROUTE_REQUESTS_H
#define VALISE_ROUTE_REQUESTS_H
/*
 * route/requests - what asks for an answer, of either side: when it is due, who is reminded, what
 * has answered it. What the partner is told when nothing has is uniform.h.
 *
 * Process:   router.
 * Start at:  vls_requests_released(), vls_requests_received(), vls_requests_tick().
 *
 * Time counts from when a request was released or received here: the partner's clock is not ours.
 * A deadline is a service target. Nothing follows from its passing but a reminder.
 */
#include "route/report.h"
#include "store/requests.h"

#define VLS_REMIND_BATCH      64u                 /* reminders of one commit                      */
#define VLS_REQUESTS_RETRY_MS 1000u               /* behind a failure of the store                */
#define VLS_REQUESTS_LOOK_MS  (15u * 60u * 1000u) /* the latest, as clocks may be set meanwhile */
/* ten years: a deadline beyond counts as this */
#define VLS_REQUEST_FURTHEST_MS (UINT64_C(3660) * 24u * 3600u * 1000u)

/** A request that is kept longer than a callback's time. */
struct vls_request_kept {
    struct vls_request row; /* its text points into what follows */
    char party[VLS_MAX_PARTY + 1];
    char kind[VLS_MAX_NAME + 1], answer_kind[VLS_MAX_NAME + 1], answer_state[VLS_MAX_NAME + 1];
    struct vls_id answer;
};
/** Copy what a callback was shown; `out` may not be moved. */
void vls_requests_keep(const struct vls_request *request, struct vls_request_kept *out);
/** The request that a message of ours or theirs names in in_reply_to: of that direction, with this
 * party. @return STORE_MISSING */
VLS_STATUS vls_requests_find(struct vls_route *route, struct vls_slice in_reply_to,
                             enum vls_direction direction, const char *party,
                             struct vls_request_kept *out, struct vls_why *why);

/** A message was released: it may ask for an answer, it may be one. In the transaction that
 * releases it. */
VLS_STATUS vls_requests_released(struct vls_route *route, const struct vls_partner *partner,
                                 struct vls_slice manifest, struct vls_why *why);
/** A message came in. What claims to answer something that was never asked is received like any
 * other, and its trace says so. */
VLS_STATUS vls_requests_received(struct vls_route *route, const char *party,
                                 const struct vls_manifest *m, struct vls_why *why);
/** An answer was submitted, whatever became of it. */
VLS_STATUS vls_requests_submitted(struct vls_route *route, const char *origin,
                                  const Valise__Submission *in, const struct vls_id *id,
                                  enum vls_state state, struct vls_why *why);

/** Remind of what is due, and let uniform answers go. Does nothing before its time. */
void vls_requests_tick(struct vls_route *route);
/** When there is something to do, on the steady clock; UINT64_MAX: nothing is awaited. */
uint64_t vls_requests_next_ms(struct vls_route *route);

/** What an operator may see: one page. */
VLS_STATUS vls_requests_report(struct vls_route *route, const Valise__OperatorRequests *in,
                               struct vls_report *out, struct vls_why *why);
/** Append what is late to the notices, which have room for two a partner. */
VLS_STATUS vls_requests_notices(struct vls_route *route, struct vls_report *out,
                                Valise__StatusReport *status, struct vls_why *why);

#endif
