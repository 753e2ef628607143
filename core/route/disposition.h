#ifndef VALISE_ROUTE_DISPOSITION_H
#define VALISE_ROUTE_DISPOSITION_H
/*
 * route/disposition - from the class of a failure to what happens to the message. The one place
 * where that is decided.
 *
 * Process: router. Pure but for chance, which the caller hands in.
 */
#include "store/state.h"

/** What becomes of an outbound message whose exchange ended with `status` (not OK). */
enum vls_state vls_disposition_out(struct vls_status status);

/** What becomes of an inbound message whose opening or delivery ended with `status` (not OK).
 *  `deaths` is how often the process that opened or delivered it died over it. */
enum vls_state vls_disposition_in(struct vls_status status, uint32_t deaths);

/** A message over which a process died so often is not tried again by itself: it is held. */
#define VLS_DELIVERY_DEATHS 8u

/** Wait before try number `failures` + 1: doubles from `first_ms` up to `most_ms`, then anything
 * between half of that and all of it, as `chance` says, so that what failed together does not come
 * back together. */
uint64_t vls_backoff_ms(uint32_t failures, uint32_t first_ms, uint32_t most_ms, uint32_t chance);

#endif
