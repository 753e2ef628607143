/*~ The control role: the operator's end of the gateway.
 *
 * It accepts on the control socket, asks the kernel who is there, and passes each request to the
 * router under that name. Of a request it reads the form, and a signature if there is one
 * (control_verify.h). It holds neither keys nor the store: whoever takes it over can ask what an
 * operator may ask, and say that officers signed, but has no document and no key. What an operator
 * sends malformed closes that operator's connection.
 */
#include "daemon/control.h"

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemon/control_verify.h"

/** Connections at a time. */
#define CLIENTS_MAX 32u
/** Requests of one connection that wait for their answer. */
#define QUESTIONS_MAX 16u
/** A connection that is refused may wait this long before it asks; then it is closed. */
#define DENIED_WAIT_S 5
#define ACCEPT_DRAIN  16u

struct client {
    struct control *control;
    struct vls_channel *channel;
    struct event *expiry; /* of a connection that is refused */
    uid_t uid;
    bool is_denied;
    unsigned questions;
};

/** A request that the router has; the client may be gone when its answer comes. */
struct question {
    struct control *control;
    struct client *client; /* NULL: gone */
    uint64_t serial;       /* as the client numbered it */
    struct question *next;
};

struct control {
    struct vls_role *role;
    struct vls_channel *router;
    struct event *accept;
    struct client *clients[CLIENTS_MAX];
    unsigned client_count;
    struct question *questions;
    uid_t *uids; /* who may operate, besides root */
    size_t uid_count;
    struct vls_verifier *verifier;
    bool is_stopping;
};

static const int FROM_OPERATOR[] = {VALISE__FRAME__BODY_OPERATOR_REQUEST, 0};

static void finish_when_idle(struct control *control)
{
    if (control->is_stopping && control->questions == NULL)
        vls_role_finish(control->role);
}

/* -- clients ----------------------------------------------------------------------------------- */

static void drop_client(struct client *client)
{
    struct control *control = client->control;
    for (struct question *q = control->questions; q != NULL; q = q->next)
        if (q->client == client)
            q->client = NULL;
    for (unsigned i = 0; i < control->client_count; i++)
        if (control->clients[i] == client)
            control->clients[i] = control->clients[--control->client_count];
    if (client->expiry != NULL)
        event_free(client->expiry);
    vls_channel_free(&client->channel);
    vls_mem_free(client);
}

/** Answer `serial` with an outcome and nothing else. */
static void reply_outcome(struct client *client, uint64_t serial, struct vls_status status,
                          const struct vls_why *why)
{
    Valise__Outcome outcome = VALISE__OUTCOME__INIT;
    Valise__OperatorReply reply = VALISE__OPERATOR_REPLY__INIT;
    Valise__Frame frame = VALISE__FRAME__INIT;
    vls_outcome_init(&outcome, status, why);
    reply.outcome = &outcome;
    frame.reply_to = serial;
    frame.body_case = VALISE__FRAME__BODY_OPERATOR_REPLY;
    frame.operator_reply = &reply;
    VLS_IGNORE(vls_channel_send(client->channel, &frame, NULL, 0, NULL),
               "an operator who is gone needs no answer");
}

/* vls_answer_fn */
static void on_answer(void *ctx, struct vls_status status, const Valise__Frame *frame,
                      struct vls_fds *fds)
{
    struct question *question = ctx;
    struct control *control = question->control;
    for (struct question **at = &control->questions; *at != NULL; at = &(*at)->next) {
        if (*at == question) {
            *at = question->next;
            break;
        }
    }
    struct client *client = question->client;
    if (client != NULL) {
        client->questions--;
        if (vls_ok(status)) {
            Valise__Frame answer = *frame;
            answer.serial = 0;
            answer.reply_to = question->serial;
            struct vls_why why = {""};
            status = vls_channel_send(client->channel, &answer, fds->fd, fds->count, &why);
            if (!vls_ok(status))
                vls_log(VLS_LOG_WARN, "operator.answer-lost", VLS_FN("uid", client->uid),
                        VLS_FAILURE(status, &why));
        } else {
            const struct vls_why why = {"the router went away before it answered; look before you "
                                        "ask again: 'valise list'"};
            reply_outcome(client, question->serial, status, &why);
        }
    }
    vls_mem_free(question);
    finish_when_idle(control);
}

static VLS_STATUS forward(struct client *client, const Valise__Frame *frame,
                          const struct vls_fds *fds, struct vls_why *why)
{
    struct control *control = client->control;
    const Valise__OperatorRequest *request = frame->operator_request;
    if (request->version != 1)
        return vls_fail(VLS_CLI_USAGE, why,
                        "version %" PRIu32 " of the operator's protocol; this gateway speaks 1",
                        request->version);
    if (request->ask_case == VALISE__OPERATOR_REQUEST__ASK__NOT_SET)
        return vls_fail(VLS_CLI_USAGE, why, "the request asks for nothing that is known here");
    if (client->questions == QUESTIONS_MAX)
        return vls_fail(VLS_WIRE_FULL, why, "%u requests wait for their answer already",
                        QUESTIONS_MAX);
    if (control->is_stopping)
        return vls_fail(VLS_ROUTE_CLOSING, why, "the gateway is stopping; try again later");
    if (control->router == NULL)
        return vls_fail(VLS_CLI_UNREACHABLE, why, "the router is starting; try again");

    char actor[32];
    snprintf(actor, sizeof actor, "uid:%ju", (uintmax_t)client->uid);
    Valise__OperatorRequest named = *request; /* a view: the frame owns what it points to */
    named.actor = actor;
    struct vls_vouched vouched;
    VLS_TRY(vls_vouch(control->verifier, client->uid, vls_wall_ms(control->role->env), fds, &named,
                      &vouched, why));
    Valise__Frame out = VALISE__FRAME__INIT;
    out.body_case = VALISE__FRAME__BODY_OPERATOR_REQUEST;
    out.operator_request = &named;
    struct question *question = vls_mem_new(sizeof *question);
    *question = (struct question){control, client, frame->serial, control->questions};
    struct vls_status status =
        vls_channel_ask(control->router, &out, fds->fd, fds->count,
                        VALISE__FRAME__BODY_OPERATOR_REPLY, on_answer, question, why);
    if (!vls_ok(status)) {
        vls_mem_free(question);
        return status;
    }
    control->questions = question;
    client->questions++;
    return VLS_DONE;
}

static const char *ask_name(const Valise__OperatorRequest *request)
{
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(
        &valise__operator_request__descriptor, (unsigned)request->ask_case);
    return field != NULL ? field->name : "nothing";
}

/* vls_channel_events.on_frame */
static void on_client_frame(void *ctx, struct vls_channel *channel, const Valise__Frame *frame,
                            struct vls_fds *fds)
{
    struct client *client = ctx;
    struct vls_why why = {""};
    (void)channel;
    if (client->is_denied) {
        const struct vls_status denied =
            vls_fail(VLS_CLI_DENIED, &why,
                     "user %ju may not operate this gateway; see control.users in valise.conf(5)",
                     (uintmax_t)client->uid);
        reply_outcome(client, frame->serial, denied, &why);
        drop_client(client);
        return;
    }
    vls_log(VLS_LOG_DEBUG, "operator.request", VLS_FN("uid", client->uid),
            VLS_F("ask", ask_name(frame->operator_request)));
    struct vls_status status = forward(client, frame, fds, &why);
    if (!vls_ok(status))
        reply_outcome(client, frame->serial, status, &why);
}

/* vls_channel_events.on_gone */
static void on_client_gone(void *ctx, struct vls_channel *channel, struct vls_status cause)
{
    struct client *client = ctx;
    if (cause.code != VLS_WIRE_GONE)
        vls_log(VLS_LOG_WARN, "operator.malformed", VLS_FN("uid", client->uid),
                VLS_F("code", vls_status_name(cause)), VLS_F("why", vls_channel_cause(channel)));
    drop_client(client);
}

static void on_expiry(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    drop_client(ctx);
}

/* -- accepting --------------------------------------------------------------------------------- */

static bool is_allowed(const struct control *control, uid_t uid)
{
    if (uid == 0)
        return true;
    for (size_t i = 0; i < control->uid_count; i++)
        if (control->uids[i] == uid)
            return true;
    return false;
}

static void deny(struct client *client, const struct ucred *peer)
{
    static const struct timeval WAIT = {DENIED_WAIT_S, 0};
    client->is_denied = true;
    client->expiry = evtimer_new(client->control->role->base, on_expiry, client);
    vls_log(VLS_LOG_WARN, "operator.denied", VLS_FN("uid", peer->uid), VLS_FN("pid", peer->pid));
    if (client->expiry == NULL || event_add(client->expiry, &WAIT) != 0)
        drop_client(client);
}

static void take_client(struct control *control, int fd)
{
    VLS_DEFER(vls_fd_close) int owned = fd;
    struct ucred peer;
    socklen_t len = sizeof peer;
    struct vls_why why = {""};
    if (getsockopt(owned, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 ||
        control->client_count == CLIENTS_MAX) {
        vls_log(VLS_LOG_WARN, "operator.turned-away",
                VLS_F("why", control->client_count == CLIENTS_MAX ? "too many connections"
                                                                  : "no credentials"));
        return;
    }
    struct client *client = vls_mem_new(sizeof *client);
    client->control = control;
    client->uid = peer.uid;
    const struct vls_channel_events events = {
        .ctx = client, .on_frame = on_client_frame, .on_gone = on_client_gone};
    struct vls_status status = vls_channel_new(control->role->base, vls_fd_move(&owned), "operator",
                                               FROM_OPERATOR, &events, &client->channel, &why);
    if (!vls_ok(status)) {
        vls_log(VLS_LOG_WARN, "operator.turned-away", VLS_FAILURE(status, &why));
        vls_mem_free(client);
        return;
    }
    control->clients[control->client_count++] = client;
    if (!is_allowed(control, peer.uid))
        deny(client, &peer);
}

static void on_acceptable(evutil_socket_t listener, short what, void *ctx)
{
    struct control *control = ctx;
    (void)what;
    for (unsigned i = 0; i < ACCEPT_DRAIN; i++) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            take_client(control, fd);
            continue;
        }
        if (errno == ECONNABORTED || errno == EINTR)
            continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK)
            vls_log(VLS_LOG_WARN, "operator.accept-failed", VLS_F("why", strerror(errno)));
        return;
    }
}

/* -- the role ---------------------------------------------------------------------------------- */

/** Names become numbers before the sandbox closes the user database. */
static VLS_STATUS find_users(struct control *control, struct vls_why *why)
{
    const struct vls_config *config = control->role->config;
    control->uids = vls_mem_try((config->control.users_count + 1) * sizeof *control->uids);
    if (control->uids == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for control.users");
    control->uids[control->uid_count++] = geteuid();
    for (unsigned i = 0; i < config->control.users_count; i++) {
        const struct passwd *user = getpwnam(config->control.users[i]);
        if (user == NULL)
            return vls_fail(VLS_CONFIG_INVALID, why, "control.users: there is no user '%.60s'",
                            config->control.users[i]);
        control->uids[control->uid_count++] = user->pw_uid;
    }
    return VLS_DONE;
}

static struct vls_status init(struct vls_role *role, struct vls_why *why)
{
    struct control *control = vls_mem_new(sizeof *control);
    control->role = role;
    role->state = control;
    VLS_TRY(find_users(control, why));
    VLS_TRY(vls_verifier_new(role->config, &control->verifier, why));
    if (evutil_make_socket_nonblocking(role->listener) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "control.socket");
    control->accept =
        event_new(role->base, role->listener, EV_READ | EV_PERSIST, on_acceptable, control);
    if (control->accept == NULL || event_add(control->accept, NULL) != 0)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "the loop does not take the control socket");
    return VLS_DONE;
}

/* vls_channel_events.on_frame: the router asks nothing here, and the channel lets nothing through
 */
static void on_router_frame(void *ctx, struct vls_channel *channel, const Valise__Frame *frame,
                            struct vls_fds *fds)
{
    struct control *control = ctx;
    const struct vls_why why = {"a request from the router"};
    (void)channel;
    (void)frame;
    (void)fds;
    vls_role_die(control->role, (struct vls_status){VLS_WIRE_REFUSED}, &why);
}

/* vls_channel_events.on_gone: the supervisor sends a new one when the router is back */
static void on_router_gone(void *ctx, struct vls_channel *channel, struct vls_status cause)
{
    struct control *control = ctx;
    if (cause.code != VLS_WIRE_GONE) {
        struct vls_why why = {""};
        snprintf(why.text, sizeof why.text, "%s", vls_channel_cause(channel));
        vls_role_die(control->role, cause, &why);
    }
    vls_channel_free(&control->router);
}

static struct vls_status attach(struct vls_role *role, enum vls_role_kind peer, unsigned instance,
                                const char *name, int fd, struct vls_why *why)
{
    struct control *control = role->state;
    VLS_DEFER(vls_fd_close) int owned = fd;
    (void)instance;
    if (peer != VLS_ROLE_ROUTER)
        return vls_fail(VLS_WIRE_REFUSED, why, "control speaks with the router alone, not %.40s",
                        name);
    vls_channel_free(&control->router);
    const struct vls_channel_events events = {
        .ctx = control, .on_frame = on_router_frame, .on_gone = on_router_gone};
    return vls_channel_new(role->base, vls_fd_move(&owned), "router",
                           vls_role_accepts(VLS_ROLE_ROUTER, VLS_ROLE_CONTROL), &events,
                           &control->router, why);
}

static void stop(struct vls_role *role)
{
    struct control *control = role->state;
    control->is_stopping = true;
    event_del(control->accept);
    finish_when_idle(control);
}

static void fini(struct vls_role *role)
{
    struct control *control = role->state;
    role->state = NULL;
    if (control == NULL)
        return;
    control->is_stopping = false; /* the loop has ended: nothing to finish */
    vls_channel_free(&control->router);
    while (control->client_count > 0)
        drop_client(control->clients[0]);
    if (control->accept != NULL)
        event_free(control->accept);
    vls_verifier_free(&control->verifier);
    vls_mem_free(control->uids);
    vls_mem_free(control);
}

const struct vls_role_ops *vls_control_ops(void)
{
    static const struct vls_role_ops OPS = {
        .init = init, .attach = attach, .stop = stop, .fini = fini};
    return &OPS;
}
