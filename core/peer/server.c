/* peer/server - connections: accepted, through TLS, alive, closed. See server.h. */
#include "peer/server.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <utlist.h>

#include "base/mem.h"
#include "base/text.h"
#include "peer/server_internal.h"

#define TICK_MS        1000u
#define ACCEPT_WAIT_MS 100u /* after accept() failed: descriptors may be short */
#define OUTPUT_HIGH                                                                                \
    (256u << 10) /* bytes waiting for the socket before the session is asked for more */

static const unsigned char alpn_h2[] = {2, 'h', '2'};

uint64_t vls_server_now(const struct vls_server *server)
{
    return vls_steady_ms(server->options.env);
}

static struct timeval interval(uint32_t ms)
{
    return (struct timeval){.tv_sec = ms / 1000u, .tv_usec = (suseconds_t)(ms % 1000u) * 1000};
}

/* -- TLS --------------------------------------------------------------------------------------- */

static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                           const unsigned char *offered, unsigned offered_len, void *ctx)
{
    unsigned char *chosen;

    (void)ssl, (void)ctx;
    if (SSL_select_next_proto(&chosen, out_len, alpn_h2, sizeof alpn_h2, offered, offered_len) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

/* In place of OpenSSL's own verification, which knows one set of issuers for all clients. */
static int verify_client(X509_STORE_CTX *presented, void *ctx)
{
    struct vls_server *server = ctx;
    SSL *ssl = X509_STORE_CTX_get_ex_data(presented, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct vls_conn *conn = SSL_get_app_data(ssl);

    return vls_ok(
        vls_trust_verify(server->options.trust, presented, &conn->partner, &conn->refusal));
}

static struct vls_status make_context(struct vls_server *server, struct vls_why *why)
{
    server->tls = SSL_CTX_new(TLS_server_method());
    if (server->tls == NULL)
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "OpenSSL gives no TLS context");
    VLS_TRY(vls_trust_identify(server->options.trust, server->tls, why));
    SSL_CTX_set_verify(server->tls, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_cert_verify_callback(server->tls, verify_client, server);
    SSL_CTX_set_alpn_select_cb(server->tls, choose_protocol, NULL);
    /* No resumption: a resumed session would skip the verification above, and connections live long
     * anyway. */
    SSL_CTX_set_session_cache_mode(server->tls, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(server->tls,
                        SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    if (SSL_CTX_set_num_tickets(server->tls, 0) != 1)
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "OpenSSL does not switch session tickets off");
    return VLS_DONE;
}

/* -- connections ------------------------------------------------------------------------------- */

static void report_refused(struct vls_server *server, const char *address, const char *reason)
{
    if (server->options.events.on_refused != NULL)
        server->options.events.on_refused(server->options.events.ctx, address, reason);
}

static void announce_idle(struct vls_server *server)
{
    if (server->is_stopping && server->conn_count == 0 && server->options.events.on_idle != NULL)
        server->options.events.on_idle(server->options.events.ctx);
}

static void free_conn(struct vls_conn *conn)
{
    struct vls_server *server = conn->server;

    vls_session_close(conn);
    DL_DELETE(server->conns, conn);
    server->conn_count--;
    if (conn->bev != NULL) {
        /* One attempt at close_notify, whatever becomes of it: the socket goes anyway. */
        if (conn->is_open)
            SSL_shutdown(conn->ssl);
        ERR_clear_error();
        bufferevent_free(conn->bev);
    }
    vls_mem_free(conn);
    announce_idle(server);
}

/* Why the handshake failed, in the words that help most. */
static const char *refusal_of(struct vls_conn *conn)
{
    unsigned long error = bufferevent_get_openssl_error(conn->bev);
    const char *reason = error != 0 ? ERR_reason_error_string(error) : NULL;

    if (conn->refusal.text[0] != '\0')
        return conn->refusal.text;
    return reason != NULL ? reason : "the connection broke off during the handshake";
}

static bool output_is_full(struct vls_conn *conn)
{
    return evbuffer_get_length(bufferevent_get_output(conn->bev)) >= OUTPUT_HIGH;
}

void vls_conn_pump(struct vls_conn *conn)
{
    const uint8_t *data;
    ssize_t len = 0;

    while (!output_is_full(conn) && (len = nghttp2_session_mem_send(conn->session, &data)) > 0)
        if (bufferevent_write(conn->bev, data, (size_t)len) != 0)
            len = NGHTTP2_ERR_NOMEM;
    if (conn->is_going && conn->stream_count == 0 &&
        nghttp2_session_want_write(conn->session) == 0 &&
        evbuffer_get_length(bufferevent_get_output(conn->bev)) == 0)
        len = -1;
    if (len < 0 || (nghttp2_session_want_read(conn->session) == 0 &&
                    nghttp2_session_want_write(conn->session) == 0 &&
                    evbuffer_get_length(bufferevent_get_output(conn->bev)) == 0))
        free_conn(conn);
}

static void on_readable(struct bufferevent *bev, void *ctx)
{
    struct evbuffer *input = bufferevent_get_input(bev);
    struct vls_conn *conn = ctx;
    size_t len;

    if (!conn->is_open)
        return;
    while ((len = evbuffer_get_contiguous_space(input)) > 0) {
        /* Pulls nothing up: that many bytes lie together already. */
        if (!vls_session_receive(conn, VLS_SLICE(evbuffer_pullup(input, (ev_ssize_t)len), len))) {
            free_conn(conn);
            return;
        }
        evbuffer_drain(input, len);
    }
    vls_conn_pump(conn);
}

static void on_writable(struct bufferevent *bev, void *ctx)
{
    struct vls_conn *conn = ctx;

    (void)bev;
    if (conn->is_open)
        vls_conn_pump(conn);
}

static void open_conn(struct vls_conn *conn)
{
    const unsigned char *protocol = NULL;
    struct vls_why why = {"no common application protocol: h2 is required"};
    unsigned len = 0;

    SSL_get0_alpn_selected(conn->ssl, &protocol, &len);
    if (conn->partner == NULL ||
        !vls_slice_is_equal(VLS_SLICE(protocol, len), vls_slice_text("h2")) ||
        !vls_ok(vls_session_open(conn, &why))) {
        report_refused(conn->server, conn->address, why.text);
        free_conn(conn);
        return;
    }
    conn->is_open = true;
    conn->active_ms = vls_server_now(conn->server);
    if (conn->server->is_stopping)
        vls_session_go_away(conn);
    on_readable(conn->bev, conn); /* what came with the end of the handshake */
}

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
    struct vls_conn *conn = ctx;

    (void)bev;
    if (what & BEV_EVENT_CONNECTED) {
        open_conn(conn);
        return;
    }
    if (!conn->is_open)
        report_refused(conn->server, conn->address, refusal_of(conn));
    free_conn(conn);
}

static void address_text(const struct sockaddr *address, char *out)
{
    const void *at = NULL;

    if (address->sa_family == AF_INET)
        at = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
    else if (address->sa_family == AF_INET6)
        at = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    if (at == NULL || inet_ntop(address->sa_family, at, out, VLS_PEER_ADDRESS) == NULL)
        vls_text_copy(out, VLS_PEER_ADDRESS, "unknown");
}

static bool may_connect(struct vls_server *server, const char *address)
{
    struct vls_conn *conn;
    unsigned same = 0;

    DL_FOREACH (server->conns, conn) {
        same += vls_text_is_equal(conn->address, address);
    }
    if (server->conn_count < VLS_PEER_CONNECTIONS && same < VLS_PEER_PER_ADDRESS)
        return true;
    report_refused(server, address, "too many connections");
    return false;
}

static struct bufferevent *secure(struct vls_conn *conn, int fd)
{
    struct vls_server *server = conn->server;
    struct bufferevent *bev;

    conn->ssl = SSL_new(server->tls);
    if (conn->ssl == NULL)
        return NULL;
    SSL_set_app_data(conn->ssl, conn);
    bev = bufferevent_openssl_socket_new(server->options.base, fd, conn->ssl,
                                         BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
    if (bev == NULL)
        SSL_free(conn->ssl);
    return bev;
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
                      int len, void *ctx)
{
    struct vls_server *server = ctx;
    struct vls_conn *conn;
    char text[VLS_PEER_ADDRESS];
    int one = 1;

    (void)listener, (void)len;
    address_text(address, text);
    if (!may_connect(server, text)) {
        evutil_closesocket(fd);
        return;
    }
    /* Answers are small and complete: waiting for more to send only adds the delayed
     * acknowledgement's 40 ms. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
    conn = vls_mem_new(sizeof *conn);
    conn->server = server;
    conn->active_ms = vls_server_now(server);
    vls_text_copy(conn->address, sizeof conn->address, text);
    DL_APPEND(server->conns, conn);
    server->conn_count++;
    conn->bev = secure(conn, fd);
    if (conn->bev == NULL) {
        evutil_closesocket(fd);
        report_refused(server, text, "no memory for the connection");
        free_conn(conn);
        return;
    }
    bufferevent_setcb(conn->bev, on_readable, on_writable, on_event, conn);
    bufferevent_enable(conn->bev, EV_READ | EV_WRITE);
}

static void on_accept_again(evutil_socket_t fd, short what, void *ctx)
{
    struct vls_server *server = ctx;

    (void)fd, (void)what;
    if (server->listener != NULL)
        evconnlistener_enable(server->listener);
}

/* Out of descriptors: the socket stays readable, so trying again at once would only burn the
 * processor. */
static void on_accept_error(struct evconnlistener *listener, void *ctx)
{
    struct vls_server *server = ctx;
    struct timeval wait = interval(ACCEPT_WAIT_MS);

    evconnlistener_disable(listener);
    event_add(server->accept_again, &wait);
}

/* -- the clock --------------------------------------------------------------------------------- */

static void check_conn(struct vls_conn *conn, uint64_t now)
{
    struct vls_server *server = conn->server;
    uint64_t idle = now - conn->active_ms;
    uint64_t most = (uint64_t)server->options.config->listen.idle_timeout_s * 1000u;

    if (!conn->is_open) {
        if (idle >= VLS_PEER_HANDSHAKE_MS) {
            report_refused(server, conn->address, "the handshake took too long");
            free_conn(conn);
        }
        return;
    }
    if (conn->stream_count == 0 && most != 0 && idle >= most && !conn->is_going) {
        vls_session_go_away(conn);
        vls_conn_pump(conn);
        return;
    }
    /* Said goodbye, and it does not read that. */
    if (conn->is_going && conn->stream_count == 0 && idle >= most + VLS_PEER_HANDSHAKE_MS) {
        free_conn(conn);
        return;
    }
    vls_session_check_rates(conn, now);
    vls_conn_pump(conn); /* also what another connection did to this one: an upload taken over */
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
    struct vls_server *server = ctx;
    struct vls_conn *conn, *next;
    uint64_t now = vls_server_now(server);

    (void)fd, (void)what;
    DL_FOREACH_SAFE (server->conns, conn, next) {
        check_conn(conn, now);
    }
}

static struct vls_status start_clock(struct vls_server *server, struct vls_why *why)
{
    uint32_t window = server->options.rate_window_ms;
    struct timeval every = interval(window / 4u < TICK_MS ? window / 4u + 1u : TICK_MS);

    server->tick = event_new(server->options.base, -1, EV_PERSIST, on_tick, server);
    server->accept_again = evtimer_new(server->options.base, on_accept_again, server);
    if (server->tick == NULL || server->accept_again == NULL ||
        event_add(server->tick, &every) != 0)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for the server's timers");
    return VLS_DONE;
}

/* -- life -------------------------------------------------------------------------------------- */

static struct vls_status build(struct vls_server *server, struct vls_why *why)
{
    VLS_TRY(make_context(server, why));
    VLS_TRY(vls_session_setup(server, why));
    VLS_TRY(start_clock(server, why));
    if (evutil_make_socket_nonblocking(server->options.listener) != 0)
        return vls_fail(VLS_SYSTEM_IO, why, "the listening socket cannot be made non-blocking");
    server->listener = evconnlistener_new(server->options.base, on_accept, server,
                                          LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, -1,
                                          server->options.listener);
    if (server->listener == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "libevent does not take the listening socket");
    evconnlistener_set_error_cb(server->listener, on_accept_error);
    return VLS_DONE;
}

struct vls_status vls_server_new(const struct vls_server_options *options, struct vls_server **out,
                                 struct vls_why *why)
{
    struct vls_server *server = vls_mem_new(sizeof *server);
    struct vls_status status;

    server->options = *options;
    if (server->options.rate_window_ms == 0)
        server->options.rate_window_ms = VLS_PEER_RATE_WINDOW_MS;
    status = build(server, why);
    if (!vls_ok(status)) {
        vls_server_free(&server);
        return status;
    }
    *out = server;
    return VLS_DONE;
}

void vls_server_free(struct vls_server **server)
{
    struct vls_server *s = *server;
    struct vls_conn *conn, *next;

    if (s == NULL)
        return;
    s->options.events.on_idle = NULL;
    DL_FOREACH_SAFE (s->conns, conn, next) {
        free_conn(conn);
    }
    if (s->listener != NULL)
        evconnlistener_free(s->listener);
    if (s->tick != NULL)
        event_free(s->tick);
    if (s->accept_again != NULL)
        event_free(s->accept_again);
    nghttp2_session_callbacks_del(s->callbacks);
    nghttp2_option_del(s->http);
    SSL_CTX_free(s->tls);
    vls_mem_free(s);
    *server = NULL;
}

void vls_server_set_router(struct vls_server *server, struct vls_channel *router)
{
    server->router = router;
}

void vls_server_stop(struct vls_server *server)
{
    struct vls_conn *conn, *next;

    if (server->is_stopping)
        return;
    server->is_stopping = true;
    evconnlistener_free(server->listener);
    server->listener = NULL;
    if (server->conn_count == 0) {
        announce_idle(server);
        return;
    }
    DL_FOREACH_SAFE (server->conns, conn, next) {
        if (conn->is_open) {
            vls_session_go_away(conn);
            vls_conn_pump(conn);
        } else {
            free_conn(conn);
        }
    }
}

size_t vls_server_connections(const struct vls_server *server)
{
    return server->conn_count;
}
