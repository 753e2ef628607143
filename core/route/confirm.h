#ifndef VALISE_ROUTE_CONFIRM_H
#define VALISE_ROUTE_CONFIRM_H
/*
 * route/confirm - parties outside confirm the checkpoints of logs: witnesses cosign ours, and a
 * time stamping authority stamps the time on ours and on those of partners.
 *
 * Process:   router. The edge makes the calls and verifies what comes back: attest/attest.h.
 * Start at:  vls_confirm_start().
 *
 * A round is about one checkpoint of one log, the last that is kept when the round begins: all who
 * confirm that log are asked for it, each until it has answered, later and later after failures.
 * The next round begins when the log has a newer one and everybody was heard or has failed, and not
 * before `attestation.every-s` is over. So one who is out of reach costs nothing but what he would
 * have said.
 *
 * Nothing waits for it, unless `attestation.required` says so: then messages to a partner leave
 * under a checkpoint of our "sent" log that has what is required, and those behind it wait.
 */
#include "route/report.h"

struct vls_confirmations; /* opaque */

VLS_STATUS vls_confirm_open(struct vls_route *route, struct vls_why *why);
void vls_confirm_close(struct vls_route *route);
/** Begin rounds and ask who is to be asked. Behind a commit. */
void vls_confirm_start(struct vls_route *route);
/** When there is something to start next, on the steady clock; UINT64_MAX: nothing is. */
uint64_t vls_confirm_next_ms(const struct vls_route *route);
/** Who failed is asked at once: the edge role is there (again), or an operator wants it. */
void vls_confirm_retry(struct vls_route *route);
/** A commit failed: back to what is on disk. */
void vls_confirm_reload(struct vls_route *route);

/** Whether messages wait for it. */
bool vls_confirm_is_required(const struct vls_route *route);
/** The last checkpoint of the partner's "sent" log that has what is required.
 * @return STORE_MISSING: none has yet */
VLS_STATUS vls_confirm_checkpoint(const struct vls_partner *partner, struct vls_checkpoint *out,
                                  struct vls_why *why);

/* -- for operators ----------------------------------------------------------------------------- */

/** Whether this message waits for it; then why, in words. `out` has room for VLS_REASON_TEXT. */
bool vls_confirm_is_awaited_by(const struct vls_route *route, const struct vls_message *message,
                               char *out);

/** So many notices vls_confirm_notices() adds at most. */
size_t vls_confirm_notice_count(const struct vls_route *route);
/** Who failed, and what waits for it. */
VLS_STATUS vls_confirm_notices(struct vls_route *route, struct vls_report *out,
                               Valise__StatusReport *status, struct vls_why *why);
/** How far the log with this origin is confirmed. */
VLS_STATUS vls_confirm_show(struct vls_route *route, const char *origin, struct vls_report *out,
                            Valise__LogState *state, struct vls_why *why);

#endif
