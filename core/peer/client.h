#ifndef VALISE_PEER_CLIENT_H
#define VALISE_PEER_CLIENT_H
/*
 * peer/client - the calls that this gateway makes to its partners.
 *
 * Process:   edge.
 * Threads:   one; libcurl resolves names in a thread of its own.
 * Ownership: a client borrows base, configuration and trust. Descriptors handed in are taken when
 * the call succeeds. Start at:  vls_client_carry() for a batch, vls_client_push() for content. One
 * pool of kept connections a partner.
 *
 * Batches of one partner come one at a time from the router, content may go beside them:
 * VLS_CLIENT_PUSHES at once, the rest waits.
 */
#include <event2/event.h>

#include "base/digest.h"
#include "peer/trust.h"

struct vls_client; /* opaque */

#define VLS_CLIENT_PUSHES     4u    /* contents sent to one partner at once               */
#define VLS_CLIENT_WAITING    1024u /* contents that wait for their turn                  */
#define VLS_CLIENT_CONNECT_MS 10000u
#define VLS_CLIENT_STALL_S                                                                         \
    300u /* an upload on which nothing moves: the partner may be hashing what it has */
#define VLS_CLIENT_ASK_MS 30000u /* for a question without a body */

/** @return CONFIG_INVALID with the url, SYSTEM_MEMORY */
VLS_STATUS vls_client_new(struct event_base *base, const struct vls_config *config,
                          const struct vls_trust *trust, struct vls_client **out,
                          struct vls_why *why);
/** What is under way ends with ROUTE_CLOSING. */
void vls_client_free(struct vls_client **client);

/** How a batch went. `body_fd` is the callback's to take with vls_fd_move() and not -1 when status
 * is OK (ExchangeResponse) or PEER_STALE (StaleCheckpoint). */
typedef void (*vls_carry_fn)(void *ctx, struct vls_status status, const struct vls_why *why,
                             uint64_t retry_after_ms, int *body_fd);

/** POST an ExchangeRequest. The callback comes later, once, with OK, PEER_UNREACHABLE,
 * PEER_CERTIFICATE, PEER_UNCERTAIN, PEER_STALE, PEER_BUSY, PEER_REFUSED, PEER_VERSION or
 * PEER_PROTOCOL. @return PEER_UNREACHABLE when the partner has no url */
VLS_STATUS vls_client_carry(struct vls_client *client, const char *party, int body_fd,
                            vls_carry_fn fn, void *ctx, struct vls_why *why);

typedef void (*vls_push_fn)(void *ctx, struct vls_status status, const struct vls_why *why);

/** Send content, from where the partner has it. The callback comes once, in this call only when
 * memory is short. @return PEER_UNREACHABLE, ROUTE_BUSY when too many wait */
VLS_STATUS vls_client_push(struct vls_client *client, const char *party,
                           const struct vls_digest *digest, uint64_t bytes, int content_fd,
                           vls_push_fn fn, void *ctx, struct vls_why *why);

/** Calls under way or waiting. */
size_t vls_client_busy(const struct vls_client *client);

#endif
