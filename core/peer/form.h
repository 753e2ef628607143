#ifndef VALISE_PEER_FORM_H
#define VALISE_PEER_FORM_H
/*
 * peer/form - the form of what gateways say to each other, checked before the router sees it.
 *
 * Process: edge. Pure. Form only: whether proofs verify, ids are known or labels make sense is the
 * router's business. Start at: vls_form_request(), vls_form_response().
 *
 * Decoding is given a budget of memory that follows from the size of the body: protobuf lets a few
 * bytes on the wire become many in memory (empty messages, unknown fields), and a body may be 12
 * MiB long.
 */
#include <schemas/exchange.pb-c.h>

#include "base/bytes.h"
#include "base/limits.h"

/** An ExchangeRequest from party `from` to party `to`.
 *  @return PEER_VERSION; INPUT_MALFORMED, INPUT_LIMIT, or what the checks of manifest and CMS
 * structure say */
VLS_STATUS vls_form_request(struct vls_slice body, const char *from, const char *to,
                            struct vls_why *why);

/** An ExchangeResponse. Whether its receipts are those of the request is the router's to check.
 * @return PEER_PROTOCOL, PEER_VERSION */
VLS_STATUS vls_form_response(struct vls_slice body, struct vls_why *why);

/** A StaleCheckpoint. @return PEER_PROTOCOL */
VLS_STATUS vls_form_stale(struct vls_slice body, struct vls_why *why);

#endif
