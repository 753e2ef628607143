#ifndef VALISE_PEER_SERVER_INTERNAL_H
#define VALISE_PEER_SERVER_INTERNAL_H
/*
 * peer/server_internal - what the files of the server share.
 *
 * Process:   edge.
 * Ownership: server -> connections -> streams -> upload, question. A stream is freed by nghttp2's
 * on_stream_close and only there; a connection by vls_conn_pump() or the server's own callbacks,
 * never under nghttp2's feet. Start at:  struct vls_stream: the life of a call.
 */
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <nghttp2/nghttp2.h>
#include <openssl/types.h>

#include "base/digest.h"
#include "peer/problem.h"
#include "peer/server.h"

#define VLS_PEER_PATH    128 /* the longest path that can mean anything */
#define VLS_PEER_METHOD  8
#define VLS_PEER_ADDRESS 48

struct vls_conn;
struct vls_upload;

/* What a stream is to be answered with. */
struct vls_answer {
    unsigned http_status;
    const char *media_type; /* NULL: no body */
    struct vls_buf body;    /* or, when body_fd is not -1, that file */
    int body_fd;
    uint64_t body_bytes;
    bool has_offset, is_complete; /* Upload-Offset, Upload-Complete */
    uint64_t offset;
    bool is_retry; /* Retry-After: 1 */
};

/* A question to the router. It outlives its stream: the answer then finds no stream and is dropped.
 */
struct vls_question {
    struct vls_stream *stream;
    void (*answered)(struct vls_stream *stream, struct vls_status status,
                     const Valise__Frame *frame, struct vls_fds *fds);
};

enum vls_stream_state {
    VLS_STREAM_HEAD,     /* header fields are coming                                      */
    VLS_STREAM_EXCHANGE, /* the body of an exchange is coming                             */
    VLS_STREAM_UPLOAD,   /* the body of an upload is coming                               */
    VLS_STREAM_DRAIN,    /* the answer is known; the rest of the body is read first       */
    VLS_STREAM_ROUTER,   /* the router was asked                                          */
    VLS_STREAM_ANSWER,   /* the answer is on its way                                      */
};

struct vls_stream {
    struct vls_conn *conn;
    struct vls_stream *prev, *next;
    int32_t id;
    enum vls_stream_state state;
    bool is_ended;    /* the partner has sent all */
    bool is_oversize; /* header fields above a limit */
    bool is_counted;  /* in server->exchanges */
    bool expects_continue;
    char method[VLS_PEER_METHOD], path[VLS_PEER_PATH];
    size_t header_bytes, header_count;
    bool has_length, has_upload_length, has_upload_offset, is_bad_header;
    uint64_t length, upload_length, upload_offset;
    struct vls_buf body;
    uint64_t received, sent;
    uint64_t began_ms;
    uint64_t window_began_ms, window_bytes; /* for the least rate */
    struct vls_answer answer;
    struct vls_status refusal;
    struct vls_why why;
    struct vls_upload *upload;
    struct vls_question *question;
};

struct vls_conn {
    struct vls_server *server;
    struct vls_conn *prev, *next;
    struct bufferevent *bev;
    SSL *ssl; /* belongs to bev */
    nghttp2_session *session;
    const struct vls_trust_partner *partner; /* set once the handshake is through */
    char address[VLS_PEER_ADDRESS];
    uint64_t active_ms;
    bool is_open, is_going;
    struct vls_why refusal; /* why the certificate was not accepted */
    struct vls_stream *streams;
    size_t stream_count;
};

struct vls_server {
    struct vls_server_options options;
    SSL_CTX *tls;
    struct evconnlistener *listener;
    struct event *tick;
    struct event *accept_again;
    nghttp2_session_callbacks *callbacks;
    nghttp2_option *http;
    struct vls_channel *router;
    struct vls_conn *conns;
    size_t conn_count;
    struct vls_upload *uploads;
    unsigned exchanges;
    bool is_stopping;
};

/* -- server.c ---------------------------------------------------------------------------------- */

/** Write what the session has to say; frees the connection when it is finished. Never call it from
 * within a callback of nghttp2. */
void vls_conn_pump(struct vls_conn *conn);
uint64_t vls_server_now(const struct vls_server *server);

/* -- session.c --------------------------------------------------------------------------------- */

VLS_STATUS vls_session_setup(struct vls_server *server, struct vls_why *why);
VLS_STATUS vls_session_open(struct vls_conn *conn, struct vls_why *why);
/** Feed received bytes; false when the connection must be closed. */
bool vls_session_receive(struct vls_conn *conn, struct vls_slice bytes);
/** End all calls, each with its record, and release the session; a connection without one is fine.
 */
void vls_session_close(struct vls_conn *conn);
/** Tell the partner that no new call is taken. */
void vls_session_go_away(struct vls_conn *conn);
/** Reset calls that are too slow. */
void vls_session_check_rates(struct vls_conn *conn, uint64_t now_ms);

/** Answer once the partner has sent all, at once when it has. The answer is in stream->answer. */
void vls_stream_answer(struct vls_stream *stream);
/** Refuse: fills stream->answer with the problem document, then vls_stream_answer(). */
void vls_stream_refuse(struct vls_stream *stream, enum vls_problem problem,
                       struct vls_status status, const struct vls_why *why);
/** Break the call off without an answer. */
void vls_stream_reset(struct vls_stream *stream, uint32_t error);
/** Give the partner room for this many more bytes. */
void vls_stream_consume(struct vls_stream *stream, size_t bytes);
/** Interim answer 100, for clients that wait for it before they send a body. */
void vls_stream_continue(struct vls_stream *stream);
/** Ask the router. Refuses the call when it is away. False then. */
bool vls_stream_ask(struct vls_stream *stream, Valise__Frame *frame, const int *fds,
                    size_t fd_count, int expects,
                    void (*answered)(struct vls_stream *stream, struct vls_status status,
                                     const Valise__Frame *frame, struct vls_fds *fds));
const char *vls_stream_party(const struct vls_stream *stream);

/* -- call.c ------------------------------------------------------------------------------------ */

/** One header field of a call. */
void vls_call_header(struct vls_stream *stream, struct vls_slice name, struct vls_slice value);
/** The header fields are complete. */
void vls_call_begin(struct vls_stream *stream);
/** A piece of the body, already counted in stream->received. */
void vls_call_data(struct vls_stream *stream, struct vls_slice bytes);
/** The body is complete. */
void vls_call_end(struct vls_stream *stream);

/* -- exchange_in.c ----------------------------------------------------------------------------- */

void vls_exchange_begin(struct vls_stream *stream);
void vls_exchange_data(struct vls_stream *stream, struct vls_slice bytes);
void vls_exchange_end(struct vls_stream *stream);

/* -- upload.c ---------------------------------------------------------------------------------- */

void vls_upload_ask(struct vls_stream *stream, const char *digest_hex);   /* HEAD */
void vls_upload_begin(struct vls_stream *stream, const char *digest_hex); /* PUT, PATCH */
void vls_upload_data(struct vls_stream *stream, struct vls_slice bytes);
void vls_upload_end(struct vls_stream *stream);
/** The stream ends: keep what is there, release the rest. NULL is fine. */
void vls_upload_free(struct vls_upload **upload);
/** The partner is not slow while we are the ones who do not read. */
bool vls_upload_is_busy(const struct vls_upload *upload);

#endif
