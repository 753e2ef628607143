/* daemon/edge - see edge.h. */
#include "daemon/edge.h"

#include "attest/attest.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "peer/client.h"
#include "peer/server.h"

#define DRAIN_CHECK_MS 20

struct edge {
    struct vls_role *role;
    struct vls_signer *signer;
    struct vls_trust *trust;
    struct vls_client *client;
    struct vls_attest *attest;
    struct vls_server *server; /* NULL when there is no listener */
    struct vls_channel *router;
    uint64_t router_generation; /* answers to an earlier router are dropped */
    struct event *drain;
    bool is_stopping;
};

/* A request of the router that waits for its partner. */
struct errand {
    struct edge *edge;
    uint64_t serial, generation;
};

/*~ 1. What partners did, for the log. */

static void on_request(void *ctx, const struct vls_server_record *record)
{
    struct vls_field fields[] = {VLS_F("party", record->party),
                                 VLS_F("method", record->method),
                                 VLS_F("path", record->path),
                                 VLS_FN("status", record->http_status),
                                 VLS_FN("bytes", record->bytes_in),
                                 VLS_FN("ms", record->ms),
                                 VLS_FAILURE(record->refusal, record->why)};
    size_t count = sizeof fields / sizeof fields[0];

    (void)ctx;
    vls_log_fields(VLS_LOG_INFO, "peer.request", fields,
                   vls_ok(record->refusal) ? count - 2 : count);
}

static void on_refused(void *ctx, const char *address, const char *reason)
{
    (void)ctx;
    vls_log(VLS_LOG_WARN, "peer.tls_refused", VLS_F("address", address), VLS_F("why", reason));
}

/*~ 2. What the router asks for. */

static struct errand *new_errand(struct edge *edge, uint64_t serial)
{
    struct errand *errand = vls_mem_new(sizeof *errand);

    *errand = (struct errand){edge, serial, edge->router_generation};
    return errand;
}

/* Answer an errand and forget it. */
static void reply(struct errand *errand, Valise__Frame *frame, const int *fds, size_t fd_count)
{
    struct edge *edge = errand->edge;
    struct vls_why why;
    struct vls_status status;

    if (edge->router != NULL && errand->generation == edge->router_generation) {
        frame->reply_to = errand->serial;
        status = vls_channel_send(edge->router, frame, fds, fd_count, &why);
        if (!vls_ok(status))
            vls_log(VLS_LOG_WARN, "peer.reply", VLS_FAILURE(status, &why));
    }
    vls_mem_free(errand);
}

static void on_carried(void *ctx, struct vls_status status, const struct vls_why *why,
                       uint64_t retry_after_ms, int *body_fd)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__CarryResult result = VALISE__CARRY_RESULT__INIT;
    Valise__Outcome outcome = VALISE__OUTCOME__INIT;

    vls_outcome_init(&outcome, status, why);
    result.outcome = &outcome;
    result.retry_after_ms = retry_after_ms;
    frame.body_case = VALISE__FRAME__BODY_CARRY_RESULT;
    frame.carry_result = &result;
    reply(ctx, &frame, body_fd, *body_fd >= 0 ? 1 : 0);
}

static void on_pushed(void *ctx, struct vls_status status, const struct vls_why *why)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__Done done = VALISE__DONE__INIT;
    Valise__Outcome outcome = VALISE__OUTCOME__INIT;

    vls_outcome_init(&outcome, status, why);
    done.outcome = &outcome;
    frame.body_case = VALISE__FRAME__BODY_DONE;
    frame.done = &done;
    reply(ctx, &frame, NULL, 0);
}

static void carry(struct edge *edge, const Valise__Frame *frame, struct vls_fds *fds)
{
    struct errand *errand = new_errand(edge, frame->serial);
    struct vls_status status;
    struct vls_why why = {""};
    int none = -1;

    if (edge->is_stopping)
        status = vls_fail(VLS_ROUTE_CLOSING, &why, "the gateway is stopping");
    else if (fds->count != 1)
        status = vls_fail(VLS_WIRE_MALFORMED, &why, "a batch to carry came without its body");
    else
        status = vls_client_carry(edge->client, frame->carry->party, fds->fd[0], on_carried, errand,
                                  &why);
    if (vls_ok(status))
        (void)vls_fd_move(&fds->fd[0]); /* the client has it now */
    else
        on_carried(errand, status, &why, 0, &none);
}

static void push(struct edge *edge, const Valise__Frame *frame, struct vls_fds *fds)
{
    struct errand *errand = new_errand(edge, frame->serial);
    const Valise__Push *ask = frame->push;
    struct vls_digest digest;
    struct vls_status status =
        vls_digest_from(VLS_SLICE(ask->digest.data, ask->digest.len), &digest);
    struct vls_why why = {"the content's digest is not 32 bytes"};

    if (vls_ok(status) && edge->is_stopping)
        status = vls_fail(VLS_ROUTE_CLOSING, &why, "the gateway is stopping");
    else if (vls_ok(status) && fds->count != 1)
        status = vls_fail(VLS_WIRE_MALFORMED, &why, "content to send came without its file");
    else if (vls_ok(status))
        status = vls_client_push(edge->client, ask->party, &digest, ask->bytes, fds->fd[0],
                                 on_pushed, errand, &why);
    if (vls_ok(status))
        (void)vls_fd_move(&fds->fd[0]);
    else
        on_pushed(errand, status, &why);
}

static void on_witness(void *ctx, const Valise__WitnessResult *result)
{
    Valise__Frame frame = VALISE__FRAME__INIT;

    frame.body_case = VALISE__FRAME__BODY_WITNESS_RESULT;
    frame.witness_result = (Valise__WitnessResult *)(uintptr_t)result;
    reply(ctx, &frame, NULL, 0);
}

static void on_stamp(void *ctx, const Valise__StampResult *result)
{
    Valise__Frame frame = VALISE__FRAME__INIT;

    frame.body_case = VALISE__FRAME__BODY_STAMP_RESULT;
    frame.stamp_result = (Valise__StampResult *)(uintptr_t)result;
    reply(ctx, &frame, NULL, 0);
}

static void on_frame(void *ctx, struct vls_channel *channel, const Valise__Frame *frame,
                     struct vls_fds *fds)
{
    struct edge *edge = ctx;
    struct vls_why why;

    (void)channel;
    if (frame->body_case == VALISE__FRAME__BODY_CARRY)
        carry(edge, frame, fds);
    else if (frame->body_case == VALISE__FRAME__BODY_PUSH)
        push(edge, frame, fds);
    else if (frame->body_case == VALISE__FRAME__BODY_WITNESS)
        vls_attest_witness(edge->attest, frame->witness, on_witness,
                           new_errand(edge, frame->serial));
    else if (frame->body_case == VALISE__FRAME__BODY_STAMP)
        vls_attest_stamp(edge->attest, frame->stamp, on_stamp, new_errand(edge, frame->serial));
    else
        vls_role_die(edge->role, vls_fail(VLS_WIRE_REFUSED, &why, "router -> edge"), &why);
}

/*~ 3. The router comes and goes; partners are told to come back meanwhile. */

static void drop_router(struct edge *edge)
{
    if (edge->server != NULL)
        vls_server_set_router(edge->server, NULL);
    edge->router_generation++;
    vls_channel_free(&edge->router);
}

static void on_gone(void *ctx, struct vls_channel *channel, struct vls_status cause)
{
    struct edge *edge = ctx;
    struct vls_why why = {"the channel between router and edge"};

    (void)channel;
    if (cause.code == VLS_WIRE_REFUSED || cause.code == VLS_WIRE_MALFORMED)
        vls_role_die(edge->role, cause, &why);
    drop_router(edge);
}

static struct vls_status attach_router(struct edge *edge, int fd, struct vls_why *why)
{
    const struct vls_channel_events events = {
        .ctx = edge, .on_frame = on_frame, .on_gone = on_gone};

    drop_router(edge);
    VLS_TRY(vls_channel_new(edge->role->base, fd, "router",
                            vls_role_accepts(VLS_ROLE_ROUTER, VLS_ROLE_EDGE), &events,
                            &edge->router, why));
    if (edge->server != NULL)
        vls_server_set_router(edge->server, edge->router);
    return VLS_DONE;
}

static struct vls_status attach(struct vls_role *role, enum vls_role_kind peer, unsigned instance,
                                const char *name, int fd, struct vls_why *why)
{
    struct edge *edge = role->state;

    if (peer == VLS_ROLE_ROUTER)
        return attach_router(edge, fd, why);
    if (peer == VLS_ROLE_CRYPTO)
        return vls_signer_attach(edge->signer, instance, fd, why);
    vls_fd_close(&fd);
    return vls_fail(VLS_WIRE_REFUSED, why, "edge has no business with %s", name);
}

/*~ 4. Start and stop. */

static struct vls_status open_server(struct edge *edge, struct vls_why *why)
{
    struct vls_role *role = edge->role;
    const struct vls_server_options options = {
        .base = role->base,
        .env = role->env,
        .config = role->config,
        .trust = edge->trust,
        .listener = role->listener,
        .events = {.ctx = edge, .on_request = on_request, .on_refused = on_refused},
    };

    if (role->listener < 0)
        return VLS_DONE;
    VLS_TRY(vls_server_new(&options, &edge->server, why));
    (void)vls_fd_move(&role->listener);
    return VLS_DONE;
}

static void fini(struct vls_role *role)
{
    struct edge *edge = role->state;

    if (edge == NULL)
        return;
    drop_router(edge);
    vls_attest_free(&edge->attest); /* before the client, who ends libcurl */
    vls_client_free(&edge->client);
    vls_server_free(&edge->server);
    vls_trust_free(&edge->trust);
    vls_signer_free(&edge->signer);
    if (edge->drain != NULL)
        event_free(edge->drain);
    vls_mem_free(edge);
    role->state = NULL;
}

/* The partner is shut out then, and somebody has to know why. */
static void warn_of_lists(const struct edge *edge)
{
    uint64_t now = vls_wall_ms(edge->role->env);
    char until[VLS_TIME_TEXT];

    for (size_t i = 0; i < edge->trust->partner_count; i++) {
        const struct vls_trust_partner *partner = &edge->trust->partners[i];
        if (partner->crl_until_ms > now)
            continue;
        vls_time_text(partner->crl_until_ms, until);
        vls_log(VLS_LOG_WARN, "partner.crl_over", VLS_F("party", partner->config->party),
                VLS_F("file", partner->config->crl), VLS_F("until", until),
                VLS_F("then", "no connection with it is accepted: get the next list, then reload"));
    }
}

static struct vls_status init(struct vls_role *role, struct vls_why *why)
{
    struct edge *edge = vls_mem_new(sizeof *edge);

    role->state = edge;
    edge->role = role;
    edge->signer = vls_signer_new();
    VLS_TRY(vls_trust_load(role->config, edge->signer, &edge->trust, why));
    warn_of_lists(edge);
    VLS_TRY(vls_client_new(role->base, role->config, edge->trust, &edge->client, why));
    VLS_TRY(vls_attest_new(role->base, role->env, role->config, &edge->attest, why));
    return open_server(edge, why);
}

/* Both directions must have come to rest; asked again and again, since the end of a call has many
 * places. */
static void on_drain(evutil_socket_t fd, short what, void *ctx)
{
    struct edge *edge = ctx;

    (void)fd, (void)what;
    if (vls_client_busy(edge->client) == 0 &&
        (edge->server == NULL || vls_server_connections(edge->server) == 0))
        vls_role_finish(edge->role);
}

static void stop(struct vls_role *role)
{
    const struct timeval every = {.tv_usec = DRAIN_CHECK_MS * 1000};
    struct edge *edge = role->state;

    if (edge->is_stopping)
        return;
    edge->is_stopping = true;
    if (edge->server != NULL)
        vls_server_stop(edge->server);
    edge->drain = event_new(role->base, -1, EV_PERSIST, on_drain, edge);
    if (edge->drain == NULL || event_add(edge->drain, &every) != 0)
        vls_role_finish(role);
}

const struct vls_role_ops *vls_edge_ops(void)
{
    static const struct vls_role_ops ops = {
        .init = init, .attach = attach, .stop = stop, .fini = fini};

    return &ops;
}
