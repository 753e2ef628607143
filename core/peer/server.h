#ifndef VALISE_PEER_SERVER_H
#define VALISE_PEER_SERVER_H
/*
 * peer/server - the calls that partners make to this gateway: TLS 1.3 with certificates on both
 * sides, HTTP/2 and nothing else.
 *
 * Process:   edge.
 * Threads:   one; nothing here blocks but the signature of a handshake (peer/signer.h).
 * Ownership: a server borrows trust, configuration, environment and the router's channel, and owns
 * its listener. Start at:  vls_server_new(). The calls are in session.c (HTTP/2), call.c (which
 * call), exchange_in.c, upload.c.
 *
 * What a partner sends is checked for form here, handed to the router, and answered when the router
 * has answered. Nothing is answered before its body was read or its stream reset: clients that
 * still send would hang.
 */
#include <event2/event.h>

#include "base/env.h"
#include "peer/trust.h"
#include "wire/channel.h"

struct vls_server; /* opaque */

/* Limits that are no setting. Sizes in bytes. */
#define VLS_PEER_CONNECTIONS    256u        /* connections, all partners together       */
#define VLS_PEER_PER_ADDRESS    32u         /* connections from one network address     */
#define VLS_PEER_STREAMS        32u         /* calls under way on one connection        */
#define VLS_PEER_EXCHANGES      32u         /* exchange bodies held at once             */
#define VLS_PEER_EXCHANGES_EACH 8u          /* of one partner: it cannot take all       */
#define VLS_PEER_HEADER_BYTES   (16u << 10) /* header fields of one call                */
#define VLS_PEER_HEADER_COUNT   64u         /* and their number                         */
#define VLS_PEER_STREAM_WINDOW  (1u << 20)  /* what one call may send ahead             */
#define VLS_PEER_CONN_WINDOW    (4u << 20)  /* what one connection may send ahead       */
#define VLS_PEER_DRAIN          (16u << 20) /* body read and thrown away before a refusal */
#define VLS_PEER_HANDSHAKE_MS   10000u      /* for the TLS handshake                    */
#define VLS_PEER_RATE_WINDOW_MS 30000u      /* over which listen.min_rate is measured   */

/** One answered or broken call, for the access log. `path` and `code_text` live for the callback.
 */
struct vls_server_record {
    const char *party, *address, *method, *path;
    unsigned http_status; /* 0: broken off before an answer */
    struct vls_status refusal;
    const struct vls_why *why; /* of the refusal */
    uint64_t bytes_in, ms;
};

struct vls_server_events {
    void *ctx;
    void (*on_request)(void *ctx, const struct vls_server_record *record);
    /** A connection that did not get through TLS or the limits. */
    void (*on_refused)(void *ctx, const char *address, const char *reason);
    /** After vls_server_stop(): the last connection is gone. */
    void (*on_idle)(void *ctx);
};

struct vls_server_options {
    struct event_base *base;
    const struct vls_env *env;
    const struct vls_config *config;
    const struct vls_trust *trust;
    int listener;            /* listening socket; taken when vls_server_new() succeeds */
    uint32_t rate_window_ms; /* 0 = VLS_PEER_RATE_WINDOW_MS; a test's is shorter */
    struct vls_server_events events;
};

/** @return SYSTEM_CRYPTO, CONFIG_INVALID, SYSTEM_MEMORY */
VLS_STATUS vls_server_new(const struct vls_server_options *options, struct vls_server **out,
                          struct vls_why *why);
void vls_server_free(struct vls_server **server);

/** The channel to ask; NULL while the router is away: calls are answered 503 meanwhile. Questions
 * that are open on an earlier channel must have been answered (vls_channel_free() does). */
void vls_server_set_router(struct vls_server *server, struct vls_channel *router);

/** Close the listener, tell all partners to go away, finish what is under way; then on_idle, at
 * once when there is nothing. */
void vls_server_stop(struct vls_server *server);

/** Connections now. */
size_t vls_server_connections(const struct vls_server *server);

#endif
