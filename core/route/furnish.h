#ifndef VALISE_ROUTE_FURNISH_H
#define VALISE_ROUTE_FURNISH_H
/*
 * route/furnish - requests for a document that a program can answer (Article 7(2) and (3)): what is
 * asked for is looked for among what was sent before, and by resolvers; what is found goes the way
 * of every submission.
 *
 * Process:   router.
 * Start at:  vls_furnish_start().
 *
 * Off unless answers.from says where to look. A "no" is never said here: what is not found, is
 * withheld or waits for a person gets the uniform answer at its slot, or one by hand (uniform.h).
 *
 * A search is a row of the store from the commit that receives the request on, so whatever breaks
 * off is done again, and the answer's key is the request's id: there is never a second one. The row
 * ends in the commit that makes the answer.
 *
 * What is asked for is sealed in the request and stands neither in the row, nor in a trace, nor in
 * the log; it goes to resolvers that are cleared for the label of the request, and to no other.
 */
#include "route/report.h"
#include "store/searches.h"

#define VLS_FURNISH_KIND    "information-request"
#define VLS_FURNISH_ANSWER  "information-response"
#define VLS_FURNISH_ORIGIN  "answers"
#define VLS_FURNISH_AT_ONCE 4u     /* requests that are looked for at a time */
#define VLS_FURNISH_TRIES   8u     /* then it is left to a person            */
#define VLS_FURNISH_SOON_MS 60000u /* tried again, where nobody said when    */
#define VLS_FURNISH_DAY_MS  (UINT64_C(24) * 3600u * 1000u) /* of answers.daily */
#define VLS_FURNISH_REASON  512u

/** Hold the labels of resolvers against the schemes. @return CONFIG_INVALID with the place */
VLS_STATUS vls_furnish_check(const struct vls_route *route, struct vls_why *why);

/** A request came in. In the transaction that receives it. */
VLS_STATUS vls_furnish_received(struct vls_route *route, const char *party,
                                const struct vls_manifest *m, struct vls_why *why);
/** Something was submitted, and is in that state: it may be the answer. In the same transaction. */
VLS_STATUS vls_furnish_submitted(struct vls_route *route, const char *origin,
                                 const Valise__Submission *in, enum vls_state state,
                                 struct vls_why *why);

/** Begin with what is due. */
void vls_furnish_start(struct vls_route *route);
/** When something is, on the steady clock; UINT64_MAX: nothing. */
uint64_t vls_furnish_next_ms(struct vls_route *route);

/* -- for operators: furnish_show.c ------------------------------------------------------------- */

/** Look once more, now. Answered with an empty reply when that is on disk. */
void vls_furnish_again(struct vls_route *route, uint64_t handle, ProtobufCBinaryData id,
                       const char *actor);
/** What is done about a request, into its row. */
VLS_STATUS vls_furnish_describe(struct vls_route *route, const struct vls_id *id,
                                struct vls_report *report, Valise__RequestRow *row,
                                struct vls_why *why);
/** What waits for a person, appended to the notices, which have room for one a partner. */
VLS_STATUS vls_furnish_notices(struct vls_route *route, struct vls_report *out,
                               Valise__StatusReport *status, struct vls_why *why);

#endif
