#ifndef VALISE_PEER_CLIENT_INTERNAL_H
#define VALISE_PEER_CLIENT_INTERNAL_H
/*
 * peer/client_internal - what the files of the client share.
 *
 * Process:   edge.
 * Ownership: client -> targets (one a partner) -> calls, pushes.
 * Start at:  vls_target_call(): one HTTP call, from the first byte to its outcome.
 */
#include "base/env.h"
#include "peer/client.h"
#include "web/loop.h"

#define VLS_CLIENT_PATH 128

struct vls_client;
struct vls_push;

/* One HTTP call that is to be made. */
struct vls_call {
    const char *method;
    char path[VLS_CLIENT_PATH];
    int body_fd; /* borrowed until the result; -1 = no body */
    uint64_t body_at, body_bytes;
    const char *media_type;
    bool is_upload; /* say Upload-Offset and Upload-Length */
    uint64_t upload_length;
    uint32_t timeout_ms; /* 0 = only a stall ends it */
    size_t max_answer;
};

struct vls_call_result {
    struct vls_status status; /* of the transport: OK when there is an HTTP answer */
    const struct vls_why *why;
    long http_status;
    struct vls_slice body;
    bool has_offset, is_complete;
    uint64_t offset;
    uint64_t retry_after_ms;
};

typedef void (*vls_call_fn)(void *ctx, const struct vls_call_result *result);

struct vls_transfer;

/* A partner that can be called. */
struct vls_target {
    struct vls_client *client;
    const struct vls_trust_partner *partner;
    char *base_url;                /* "https://NAME:PORT", NAME as in its certificate */
    struct curl_slist *connect_to; /* where NAME:PORT really is */
    struct vls_web_loop loop;
    struct vls_transfer *transfers;
    size_t transfer_count;
    struct vls_push *pushes; /* running and waiting, in order */
    size_t push_count, running;
    bool is_closing;
    int alert; /* of TLS, from the partner: why it refused our certificate; 0 = none */
};

struct vls_client {
    struct event_base *base;
    const struct vls_config *config;
    const struct vls_trust *trust;
    struct vls_target *targets;
    size_t target_count;
};

/* -- client.c ---------------------------------------------------------------------------------- */

/** @return PEER_UNREACHABLE */
VLS_STATUS vls_client_target(struct vls_client *client, const char *party, struct vls_target **out,
                             struct vls_why *why);

/* -- transfer.c -------------------------------------------------------------------------------- */

/** Make a call; `fn` comes later, once, unless the target is closed before. */
VLS_STATUS vls_target_call(struct vls_target *target, const struct vls_call *call, vls_call_fn fn,
                           void *ctx, struct vls_why *why);
/** libcurl says that this one is finished. */
void vls_transfer_done(CURL *easy, CURLcode code);
/** End all calls with ROUTE_CLOSING. */
void vls_transfers_drop(struct vls_target *target);

/* -- tls_out.c --------------------------------------------------------------------------------- */

/** CURLOPT_SSL_CTX_FUNCTION: own certificate, the partner's issuer, its party, its alerts. */
CURLcode vls_tls_setup(CURL *easy, void *ssl_context, void *target);
/** The partner's alert was about our certificate. */
bool vls_tls_is_certificate_alert(int alert);
const char *vls_tls_alert_text(int alert);

/* -- outcome.c --------------------------------------------------------------------------------- */

/** What a failed transfer means. `is_started`: part of the request was handed to the connection.
 *  @return PEER_UNREACHABLE, PEER_CERTIFICATE, PEER_UNCERTAIN, PEER_PROTOCOL */
struct vls_status vls_outcome_of_curl(CURLcode code, bool is_started, int alert, const char *words,
                                      struct vls_why *why);
/** What an HTTP status that is not the hoped-for one means. @return PEER_BUSY, PEER_REFUSED,
 * PEER_VERSION, PEER_UNCERTAIN, PEER_PROTOCOL */
struct vls_status vls_outcome_of_http(const struct vls_call_result *result, struct vls_why *why);

/* -- push.c ------------------------------------------------------------------------------------ */

/** End what waits with ROUTE_CLOSING; behind vls_transfers_drop(). */
void vls_pushes_drop(struct vls_target *target);

#endif
