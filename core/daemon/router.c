/*~ The router: the core of the gateway.
 *
 * It alone opens the store. It has no network and no private key: the edge carries its batches, the
 * crypto role seals, opens and signs. This file only connects; what happens to a message is in
 * core/route, read from route.c on.
 */
#include "daemon/router.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemon/policy_files.h"
#include "route/route.h"

#define MAX_SIBLINGS 64u

/** Where an answer goes: the question's channel and serial. */
struct asker {
    uint64_t handle;
    struct vls_channel *channel;
    uint64_t serial;
    bool is_operator; /* gets the result of its submission inside an OperatorReply */
    UT_hash_handle hh;
};

struct sibling {
    struct router *router;
    struct vls_channel *channel;
    enum vls_role_kind kind;
    unsigned instance;
    char name[VLS_MAX_NAME + 1]; /* of a host: the plugin's */
};

struct router {
    struct vls_role *role;
    struct vls_policy_files policy;
    struct vls_store *store;
    struct vls_route *route;
    struct sibling siblings[MAX_SIBLINGS];
    size_t sibling_count;
    struct asker *askers;
    uint64_t last_handle;
    struct event *flush, *tick;
    bool is_stopping;
};

/* -- ports: what core/route asks of the outside ------------------------------------------------ */

static struct vls_channel *find(struct router *r, enum vls_role_kind kind, unsigned instance)
{
    for (size_t i = 0; i < r->sibling_count; i++)
        if (r->siblings[i].kind == kind && r->siblings[i].instance == instance)
            return r->siblings[i].channel;
    return NULL;
}

/* A signature must not wait behind documents that are sealed: the first crypto process signs, and
 * the others seal and open; each does the other's work only while there is nobody else. That one
 * process signs matters too: it remembers what it signed, and refuses to sign two histories of one
 * log. */
static bool is_better(const struct sibling *a, const struct sibling *b, bool is_signing)
{
    bool a_signs = a->instance == 0, b_signs = b->instance == 0;
    if (is_signing)
        return a->instance < b->instance;
    if (a_signs != b_signs)
        return b_signs;
    return vls_channel_open_questions(a->channel) < vls_channel_open_questions(b->channel);
}

static struct vls_channel *choose_crypto(struct router *r, const Valise__Frame *frame)
{
    bool is_signing = frame->body_case == VALISE__FRAME__BODY_SIGN;
    const struct sibling *best = NULL;
    for (size_t i = 0; i < r->sibling_count; i++) {
        const struct sibling *s = &r->siblings[i];
        if (s->kind == VLS_ROLE_CRYPTO && s->channel != NULL &&
            (best == NULL || is_better(s, best, is_signing)))
            best = s;
    }
    return best != NULL ? best->channel : NULL;
}

static struct vls_status port_ask(void *ctx, enum vls_route_target target, unsigned host,
                                  Valise__Frame *frame, const int *fds, size_t fd_count,
                                  int expects, vls_answer_fn answer, void *answer_ctx,
                                  struct vls_why *why)
{
    struct router *r = ctx;
    static const enum vls_role_kind ROLES[] = {[VLS_ASK_CRYPTO] = VLS_ROLE_CRYPTO,
                                               [VLS_ASK_EDGE] = VLS_ROLE_EDGE,
                                               [VLS_ASK_HOST] = VLS_ROLE_HOST,
                                               [VLS_ASK_READER] = VLS_ROLE_READER};
    struct vls_channel *channel = target == VLS_ASK_CRYPTO
                                      ? choose_crypto(r, frame)
                                      : find(r, ROLES[target], target == VLS_ASK_HOST ? host : 0);
    if (channel == NULL)
        return vls_fail(VLS_WIRE_GONE, why, "the %s role is not running; the log says why",
                        vls_role_name(ROLES[target]));
    return vls_channel_ask(channel, frame, fds, fd_count, expects, answer, answer_ctx, why);
}

static struct vls_status send_to_operator(const struct asker *asker,
                                          Valise__SubmissionResult *result, struct vls_why *why)
{
    Valise__OperatorReply reply = VALISE__OPERATOR_REPLY__INIT;
    Valise__Frame frame = VALISE__FRAME__INIT;
    reply.outcome = result->outcome;
    reply.sent = result;
    frame.reply_to = asker->serial;
    frame.body_case = VALISE__FRAME__BODY_OPERATOR_REPLY;
    frame.operator_reply = &reply;
    return vls_channel_send(asker->channel, &frame, NULL, 0, why);
}

static void port_answer(void *ctx, uint64_t handle, Valise__Frame *frame, const int *fds,
                        size_t fd_count)
{
    struct router *r = ctx;
    struct asker *asker;
    struct vls_why why = {""};
    HASH_FIND(hh, r->askers, &handle, sizeof handle, asker);
    if (asker == NULL)
        return; /* whoever asked is gone */
    frame->reply_to = asker->serial;
    struct vls_status s =
        asker->is_operator && frame->body_case == VALISE__FRAME__BODY_SUBMISSION_RESULT
            ? send_to_operator(asker, frame->submission_result, &why)
            : vls_channel_send(asker->channel, frame, fds, fd_count, &why);
    if (!vls_ok(s))
        vls_log(VLS_LOG_WARN, "answer.lost", VLS_F("to", vls_channel_name(asker->channel)),
                VLS_FAILURE(s, &why));
    HASH_DEL(r->askers, asker);
    vls_mem_free(asker);
}

static void port_flush_soon(void *ctx)
{
    struct router *r = ctx;
    event_active(r->flush, EV_TIMEOUT, 0);
}

static void port_tick_at(void *ctx, uint64_t steady_ms)
{
    struct router *r = ctx;
    uint64_t now = vls_steady_ms(r->role->env);
    uint64_t wait = steady_ms > now ? steady_ms - now : 0;
    struct timeval tv = {(time_t)(wait / 1000), (suseconds_t)(wait % 1000 * 1000)};
    evtimer_add(r->tick, &tv);
}

static struct vls_status port_order(void *ctx, Valise__Frame *frame, vls_answer_fn answer,
                                    void *answer_ctx, struct vls_why *why)
{
    struct router *r = ctx;
    return vls_role_ask_supervisor(r->role, frame, VALISE__FRAME__BODY_DONE, answer, answer_ctx,
                                   why);
}

static void port_log(void *ctx, enum vls_log_level level, const char *event,
                     const struct vls_field *fields, size_t count)
{
    (void)ctx;
    vls_log_fields(level, event, fields, count);
}

/* -- requests ---------------------------------------------------------------------------------- */

static uint64_t remember(struct router *r, struct vls_channel *channel, const Valise__Frame *frame)
{
    struct asker *asker = vls_mem_new(sizeof *asker);
    asker->handle = ++r->last_handle;
    asker->channel = channel;
    asker->serial = frame->serial;
    asker->is_operator = frame->body_case == VALISE__FRAME__BODY_OPERATOR_REQUEST;
    HASH_ADD(hh, r->askers, handle, sizeof asker->handle, asker);
    return asker->handle;
}

static void on_operator(struct router *r, uint64_t handle, const Valise__OperatorRequest *request,
                        struct vls_fds *fds)
{
    if (request->ask_case == VALISE__OPERATOR_REQUEST__ASK_SEND)
        vls_route_submit(r->route, handle, request->actor, request->send, fds);
    else
        vls_route_operate(r->route, handle, request, fds);
}

/* A host keeps a plugin from what is not granted; one that was taken over would not: so it is held
 * here too. */
static void on_submission(struct sibling *from, uint64_t handle,
                          const Valise__Submission *submission, struct vls_fds *fds)
{
    struct router *r = from->router;
    char origin[VLS_MAX_NAME + 16];
    vls_route_plugin_submits(r->route, from->instance, submission->origin_key);
    if (from->instance < r->role->config->plugins_count &&
        vls_config_grants(&r->role->config->plugins[from->instance], VLS_GRANT_SEND)) {
        snprintf(origin, sizeof origin, "plugin:%s", from->name);
        vls_route_submit(r->route, handle, origin, submission, fds);
        return;
    }
    struct vls_why why = {"it submits a document, and 'send' is not granted"};
    const struct vls_status denied = {VLS_PLUGIN_CAPABILITY};
    Valise__Outcome outcome;
    Valise__SubmissionResult result = VALISE__SUBMISSION_RESULT__INIT;
    Valise__Frame frame = VALISE__FRAME__INIT;
    vls_log(VLS_LOG_ERROR, "plugin.denied", VLS_F("plugin", from->name), VLS_FAILURE(denied, &why));
    vls_outcome_init(&outcome, denied, &why);
    result.outcome = &outcome;
    frame.body_case = VALISE__FRAME__BODY_SUBMISSION_RESULT;
    frame.submission_result = &result;
    port_answer(r, handle, &frame, NULL, 0);
}

/* vls_channel_events.on_frame */
static void on_frame(void *ctx, struct vls_channel *channel, const Valise__Frame *frame,
                     struct vls_fds *fds)
{
    struct sibling *from = ctx;
    struct router *r = from->router;
    if (frame->body_case == VALISE__FRAME__BODY_WORKING) {
        vls_route_plugin_working(r->route, from->instance, frame->working);
        return;
    }
    if (frame->body_case == VALISE__FRAME__BODY_PLUGIN_REPORT) { /* nobody waits for an answer */
        vls_route_plugin_said(r->route, from->instance, frame->plugin_report);
        return;
    }
    uint64_t handle = remember(r, channel, frame);
    switch (frame->body_case) {
    case VALISE__FRAME__BODY_EXCHANGE_IN:
        vls_route_exchange_in(r->route, handle, frame->exchange_in, fds);
        break;
    case VALISE__FRAME__BODY_UPLOAD_OPEN:
        vls_route_upload_open(r->route, handle, frame->upload_open);
        break;
    case VALISE__FRAME__BODY_UPLOAD_DONE:
        vls_route_upload_done(r->route, handle, frame->upload_done);
        break;
    case VALISE__FRAME__BODY_SUBMISSION:
        on_submission(from, handle, frame->submission, fds);
        break;
    case VALISE__FRAME__BODY_STATE_LOAD:
        vls_route_state_load(r->route, handle, from->instance, from->name, frame->state_load);
        break;
    case VALISE__FRAME__BODY_STATE_SAVE:
        vls_route_state_save(r->route, handle, from->name, frame->state_save);
        break;
    case VALISE__FRAME__BODY_OPERATOR_REQUEST:
        on_operator(r, handle, frame->operator_request, fds);
        break;
    default: { /* the channel lets nothing else through */
        struct vls_why why = {"a frame that the router does not take"};
        vls_role_die(r->role, (struct vls_status){VLS_WIRE_REFUSED}, &why);
    }
    }
}

static void forget_askers(struct router *r, const struct vls_channel *channel)
{
    struct asker *asker, *next;
    VLS_MAP_EACH (r->askers, asker, next) {
        if (asker->channel != channel)
            continue;
        HASH_DEL(r->askers, asker);
        vls_mem_free(asker);
    }
}

static void disconnect(struct sibling *s)
{
    if (s->channel == NULL)
        return;
    struct vls_channel *channel = s->channel;
    s->channel = NULL; /* nothing new goes to it while its open questions are answered */
    forget_askers(s->router, channel);
    vls_channel_free(&channel);
    if (s->kind == VLS_ROLE_HOST)
        vls_route_plugin_gone(s->router->route, s->instance);
}

/* vls_channel_events.on_gone: a sibling that breaks the protocol is not listened to any more. A
 * host ends by itself when it has had no router for a while, and is started anew; of the others,
 * all of them our own code, it would be our fault. */
static void on_gone(void *ctx, struct vls_channel *channel, struct vls_status cause)
{
    struct sibling *s = ctx;
    struct vls_why why = {"a sibling broke the protocol"};
    bool is_broken =
        vls_class_of(cause) == VLS_CLASS_MISUSE || vls_class_of(cause) == VLS_CLASS_CORRUPT;
    (void)channel;
    if (is_broken && s->kind != VLS_ROLE_HOST)
        vls_role_die(s->router->role, cause, &why);
    if (is_broken)
        vls_log(VLS_LOG_ERROR, "plugin.protocol_broken", VLS_F("plugin", s->name),
                VLS_FAILURE(cause, &why));
    disconnect(s);
    port_flush_soon(s->router);
}

static void on_flush(evutil_socket_t fd, short what, void *ctx)
{
    struct router *r = ctx;
    (void)fd;
    (void)what;
    vls_route_flush(r->route);
    if (r->is_stopping && vls_route_is_idle(r->route))
        vls_role_finish(r->role);
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
    struct router *r = ctx;
    (void)fd;
    (void)what;
    vls_route_tick(r->route);
}

static struct vls_status port_officer_stands(void *ctx, const char *officer,
                                             struct vls_slice statement, struct vls_slice signature,
                                             struct vls_why *why)
{
    struct router *r = ctx;
    return vls_policy_files_officer(r->role->config, &r->policy, officer, statement, signature,
                                    vls_wall_ms(r->role->env), why);
}

/* -- the role ---------------------------------------------------------------------------------- */

static struct vls_status load_policy(struct router *r, struct vls_why *why)
{
    struct vls_scheme_set *schemes = &r->policy.schemes;
    VLS_TRY(vls_policy_files_load(r->role->config, vls_wall_ms(r->role->env), &r->policy, why));
    for (size_t i = 0; i < schemes->count; i++)
        if (vls_scheme_notice(schemes->schemes[i]) != NULL)
            vls_log(VLS_LOG_WARN, "scheme.notice",
                    VLS_F("scheme", vls_scheme_name(schemes->schemes[i])),
                    VLS_F("notice", vls_scheme_notice(schemes->schemes[i])));
    return VLS_DONE;
}

static struct vls_status open_route(struct router *r, struct vls_why *why)
{
    const struct vls_config *config = r->role->config;
    struct vls_store_options store = {.dir = config->node.data,
                                      .max_bytes = config->limits.store_bytes};
    VLS_TRY(load_policy(r, why));
    VLS_TRY(vls_store_open(&store, &r->store, why));
    struct vls_route_options options = {
        .config = config,
        .store = r->store,
        .schemes = &r->policy.schemes,
        .arrangement = r->policy.arrangement,
        .arrangement_bytes = vls_buf_slice(&r->policy.arrangement_bytes),
        .approvals = r->policy.approvals,
        .approval_count = r->policy.approval_count,
        .house = r->policy.house,
        .house_bytes = vls_buf_slice(&r->policy.house_bytes),
        .env = r->role->env,
        .ports = {r, port_ask, port_answer, port_flush_soon, port_tick_at, port_order, port_log,
                  port_officer_stands}};
    return vls_route_new(&options, &r->route, why);
}

static struct vls_status init(struct vls_role *role, struct vls_why *why)
{
    struct router *r = vls_mem_new(sizeof *r);
    role->state = r;
    r->role = role;
    r->flush = event_new(role->base, -1, 0, on_flush, r);
    r->tick = evtimer_new(role->base, on_tick, r);
    if (r->flush == NULL || r->tick == NULL || event_priority_set(r->flush, 1) != 0)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for the loop");
    return open_route(r, why);
}

static struct sibling *place_of(struct router *r, enum vls_role_kind kind, unsigned instance)
{
    for (size_t i = 0; i < r->sibling_count; i++)
        if (r->siblings[i].kind == kind && r->siblings[i].instance == instance)
            return &r->siblings[i];
    return r->sibling_count < MAX_SIBLINGS ? &r->siblings[r->sibling_count++] : NULL;
}

static struct vls_status attach(struct vls_role *role, enum vls_role_kind peer, unsigned instance,
                                const char *name, int fd, struct vls_why *why)
{
    struct router *r = role->state;
    struct sibling *s = place_of(r, peer, instance);
    if (s == NULL) {
        vls_fd_close(&fd);
        return vls_fail(VLS_INPUT_LIMIT, why, "more than %u sibling processes", MAX_SIBLINGS);
    }
    disconnect(s);
    s->router = r;
    s->kind = peer;
    s->instance = instance;
    vls_text_copy(s->name, sizeof s->name, name);
    struct vls_channel_events events = {s, on_frame, NULL, on_gone};
    VLS_TRY(vls_channel_new(role->base, fd, vls_role_name(peer),
                            vls_role_accepts(peer, VLS_ROLE_ROUTER), &events, &s->channel, why));
    vls_route_attached(r->route, peer == VLS_ROLE_EDGE);
    return VLS_DONE;
}

static void notice(struct vls_role *role, const Valise__Frame *frame)
{
    const struct router *r = role->state;
    vls_route_plugin_state(r->route, frame->plugin_state);
}

static void stop(struct vls_role *role)
{
    struct router *r = role->state;
    r->is_stopping = true;
    vls_route_stop(r->route);
    port_flush_soon(r);
}

static void fini(struct vls_role *role)
{
    struct router *r = role->state;
    if (r == NULL)
        return;
    for (size_t i = 0; i < r->sibling_count; i++)
        disconnect(&r->siblings[i]);
    vls_route_free(&r->route);
    vls_store_free(&r->store);
    vls_policy_files_free(&r->policy);
    if (r->flush != NULL)
        event_free(r->flush);
    if (r->tick != NULL)
        event_free(r->tick);
    vls_mem_free(r);
    role->state = NULL;
}

const struct vls_role_ops *vls_router_ops(void)
{
    static const struct vls_role_ops OPS = {
        .init = init, .attach = attach, .stop = stop, .fini = fini, .notice = notice};
    return &OPS;
}
