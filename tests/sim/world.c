#include "world_internal.h"
#include "world_outside.h"

#include <ftw.h>
#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <schemas/exchange.pb-c.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "ledger/note.h"
#include "memory_dir.h"

#define UN_IOM     VALISE_SOURCE_DIR "/schemas/arrangements/un-iom.yaml"
#define START_MS   1790000000000u /* within the example arrangement's time in force */
#define NETWORK_MS 20u
#define ONE_IN     8u

enum handle_kind { HANDLE_SUBMIT, HANDLE_ACT, HANDLE_EXCHANGE, HANDLE_UPLOAD, HANDLE_UPLOADED };

/* A request that a route was handed and has not answered. */
struct handle {
    struct handle *next;
    struct gateway *at;
    uint64_t number, generation;
    enum handle_kind kind;
    struct submitted *submitted;
    Valise__OperatorReply **reply;
    struct question question; /* of the other gateway */
    bool is_answer_lost;
    int fd; /* an upload: its content */
    struct vls_digest digest;
    uint64_t bytes;
};

struct world_event {
    struct world_event *next;
    uint64_t at_ms;
    struct question question; /* to answer, or for whom a request arrives */
    struct gateway *to;       /* NULL: an answer; otherwise a request arrives there */
    bool is_push;
    struct vls_status status;
    struct vls_buf frame; /* packed answer */
    int fd;
    struct vls_digest digest;
    uint64_t bytes;
    unsigned host; /* that answers: its place and one; 0: none */
};

static struct handle *handles; /* of both gateways: one world at a time */

/* -- chance ------------------------------------------------------------------------------------ */

uint64_t world_roll(struct world *w)
{
    w->dice ^= w->dice << 13;
    w->dice ^= w->dice >> 7;
    w->dice ^= w->dice << 17;
    return w->dice;
}

bool world_goes_wrong(struct world *w, enum world_fault fault)
{
    return (w->faults & fault) != 0 && (w->is_always_wrong || world_roll(w) % ONE_IN == 0);
}

static uint64_t world_clock(void *ctx)
{
    return ((struct world *)ctx)->now_ms;
}

static void world_random(void *ctx, uint8_t *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        at[i] = (uint8_t)(world_roll(ctx) >> 24);
}

/* -- events ------------------------------------------------------------------------------------ */

static struct world_event *new_event(struct world *w, const struct question *question)
{
    struct world_event *e = vls_mem_new(sizeof *e);
    e->question = *question;
    e->at_ms = w->now_ms + world_roll(w) % NETWORK_MS;
    e->fd = -1;
    vls_buf_init(&e->frame, VLS_MAX_EXCHANGE);
    struct world_event **end = &w->events;
    while (*end != NULL)
        end = &(*end)->next;
    *end = e;
    e->host = w->answering_host;
    return e;
}

static void world_event_free(struct world_event *e)
{
    vls_buf_fini(&e->frame);
    vls_fd_close(&e->fd);
    vls_mem_free(e);
}

void world_answer_later(struct world *w, const struct question *q, const Valise__Frame *frame,
                        int fd)
{
    struct world_event *e = new_event(w, q);
    uint8_t *at;
    size_t size = valise__frame__get_packed_size(frame);
    assert_true(vls_ok(vls_buf_reserve(&e->frame, size, &at)));
    valise__frame__pack(frame, at);
    vls_buf_took(&e->frame, size);
    if (fd >= 0)
        e->fd = dup(fd);
}

void world_answer_after(struct world *w, const struct question *q, const Valise__Frame *frame,
                        uint64_t ms)
{
    w->now_ms += ms; /* an event's time counts from now on */
    world_answer_later(w, q, frame, -1);
    w->now_ms -= ms;
}

void world_break_off_later(struct world *w, const struct question *q)
{
    new_event(w, q)->status = (struct vls_status){VLS_WIRE_GONE};
}

void world_break_off_host(struct gateway *g, unsigned host)
{
    for (struct world_event *e = g->world->events; e != NULL; e = e->next)
        if (e->question.asker == g && e->host == host + 1)
            e->status = (struct vls_status){VLS_WIRE_GONE};
}

static void give_answer(struct world_event *e)
{
    struct vls_fds fds = {.count = 0};
    struct question *q = &e->question;
    if (q->generation != q->asker->generation)
        return;
    if (!vls_ok(e->status)) {
        q->answer(q->ctx, e->status, NULL, NULL);
        return;
    }
    Valise__Frame *frame = valise__frame__unpack(NULL, e->frame.len, e->frame.at);
    assert_non_null(frame);
    if (e->fd >= 0)
        fds.fd[fds.count++] = vls_fd_move(&e->fd);
    q->answer(q->ctx, VLS_DONE, frame, &fds);
    for (size_t i = 0; i < fds.count; i++) /* what was not taken */
        vls_fd_close(&fds.fd[i]);
    valise__frame__free_unpacked(frame, NULL);
}

/* -- the edge ---------------------------------------------------------------------------------- */

static void answer_carry(struct world *w, const struct question *q, uint32_t code, int fd)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__CarryResult result = VALISE__CARRY_RESULT__INIT;
    Valise__Outcome outcome = VALISE__OUTCOME__INIT;
    outcome.code = code;
    outcome.why = (char *)(uintptr_t) "as the world has it";
    result.outcome = &outcome;
    frame.body_case = VALISE__FRAME__BODY_CARRY_RESULT;
    frame.carry_result = &result;
    world_answer_later(w, q, &frame, fd);
}

static void answer_push(struct world *w, const struct question *q, uint32_t code)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__Done done = VALISE__DONE__INIT;
    Valise__Outcome outcome = VALISE__OUTCOME__INIT;
    outcome.code = code;
    done.outcome = &outcome;
    frame.body_case = VALISE__FRAME__BODY_DONE;
    frame.done = &done;
    world_answer_later(w, q, &frame, -1);
}

static struct gateway *other(struct gateway *g)
{
    return &g->world->gateways[g == &g->world->gateways[0] ? 1 : 0];
}

static struct handle *new_handle(struct gateway *g, enum handle_kind kind)
{
    struct handle *h = vls_mem_new(sizeof *h);
    h->at = g;
    h->number = ++g->next_handle;
    h->generation = g->generation;
    h->kind = kind;
    h->fd = -1;
    h->next = handles;
    handles = h;
    return h;
}

static void handle_free(struct handle *h)
{
    struct handle **at = &handles;
    while (*at != h)
        at = &(*at)->next;
    *at = h->next;
    vls_fd_close(&h->fd);
    vls_mem_free(h);
}

static void tamper_with(void (*tamper)(void *), const ProtobufCMessageDescriptor *what, int *fd)
{
    struct vls_buf body, changed;
    uint8_t *at;
    world_read_file(*fd, &body);
    ProtobufCMessage *message = protobuf_c_message_unpack(what, NULL, body.len, body.at);
    assert_non_null(message);
    tamper(message);
    vls_buf_init(&changed, VLS_MAX_EXCHANGE);
    size_t size = protobuf_c_message_get_packed_size(message);
    assert_true(vls_ok(vls_buf_reserve(&changed, size, &at)));
    protobuf_c_message_pack(message, at);
    vls_buf_took(&changed, size);
    vls_fd_close(fd);
    assert_true(vls_ok(vls_fd_memory_of("tampered", vls_buf_slice(&changed), fd, NULL)));
    protobuf_c_message_free_unpacked(message, NULL);
    vls_buf_fini(&body);
    vls_buf_fini(&changed);
}

static void arrive_batch(struct world_event *e)
{
    struct gateway *to = e->to;
    Valise__ExchangeIn in = VALISE__EXCHANGE_IN__INIT;
    struct vls_fds fds = {.count = 1};
    if (to->world->tamper != NULL)
        tamper_with(to->world->tamper, &valise__exchange_request__descriptor, &e->fd);
    struct handle *h = new_handle(to, HANDLE_EXCHANGE);
    h->question = e->question;
    h->is_answer_lost = world_goes_wrong(to->world, WORLD_LOSE_ANSWER);
    in.party = (char *)(uintptr_t)other(to)->party;
    fds.fd[0] = e->fd;
    vls_route_exchange_in(to->route, h->number, &in, &fds);
}

static void arrive_push(struct world_event *e)
{
    Valise__UploadOpen in = VALISE__UPLOAD_OPEN__INIT;
    struct handle *h = new_handle(e->to, HANDLE_UPLOAD);
    h->question = e->question;
    h->fd = dup(e->fd);
    h->digest = e->digest;
    h->bytes = e->bytes;
    in.party = (char *)(uintptr_t)other(e->to)->party;
    in.digest = (ProtobufCBinaryData){VLS_DIGEST_BYTES, h->digest.bytes};
    in.bytes = e->bytes;
    vls_route_upload_open(e->to->route, h->number, &in);
}

static void arrive(struct world_event *e)
{
    struct world *w = e->to->world;
    if (e->to->is_down || world_goes_wrong(w, WORLD_LOSE_REQUEST)) {
        if (e->is_push)
            answer_push(w, &e->question, VLS_PEER_UNREACHABLE);
        else
            answer_carry(w, &e->question, VLS_PEER_UNREACHABLE, -1);
    } else if (e->is_push) {
        arrive_push(e);
    } else {
        arrive_batch(e);
    }
}

static void travel(struct gateway *g, const struct question *q, int fd, const Valise__Push *push)
{
    struct world *w = g->world;
    struct world_event *e = new_event(w, q);
    e->to = other(g);
    e->fd = dup(fd);
    if (push != NULL) {
        e->is_push = true;
        e->bytes = push->bytes;
        memcpy(e->digest.bytes, push->digest.data, VLS_DIGEST_BYTES);
    } else if (world_goes_wrong(w, WORLD_REPEAT)) {
        static const struct question NOBODY;
        struct question void_question = NOBODY;
        void_question.asker = g;
        void_question.generation = UINT64_MAX;
        struct world_event *again = new_event(w, &void_question);
        again->to = e->to;
        again->fd = dup(fd);
    }
}

/* -- ports ------------------------------------------------------------------------------------- */

static void play_inspect(struct gateway *g, const struct question *q, unsigned host,
                         const Valise__Inspect *in, int fd)
{
    g->world->answering_host = host + 1;
    world_play_inspect(g, q, host, in, fd);
    g->world->answering_host = 0;
}

static struct vls_status port_ask(void *ctx, enum vls_route_target target, unsigned host,
                                  Valise__Frame *frame, const int *fds, size_t fd_count,
                                  int expects, vls_answer_fn answer, void *answer_ctx,
                                  struct vls_why *why)
{
    struct gateway *g = ctx;
    struct question q = {g, g->generation, answer, answer_ctx};
    (void)target;
    (void)expects;
    bool is_away = target == VLS_ASK_HOST && (g->hosts_away & UINT64_C(1) << host) != 0;
    if (g->is_down || is_away)
        return vls_fail(VLS_WIRE_GONE, why, "that role is not running");
    bool is_crypto = target == VLS_ASK_CRYPTO;
    if (is_crypto && world_goes_wrong(g->world, WORLD_CRYPTO_DIES))
        world_break_off_later(g->world, &q);
    else if (frame->body_case == VALISE__FRAME__BODY_SEAL)
        world_play_seal(g, &q, frame->seal, fds, fd_count);
    else if (frame->body_case == VALISE__FRAME__BODY_OPEN)
        world_play_open_content(g, &q, frame->open, fds, fd_count);
    else if (frame->body_case == VALISE__FRAME__BODY_SIGN)
        world_play_sign(g, &q, frame->sign);
    else if (frame->body_case == VALISE__FRAME__BODY_CARRY)
        travel(g, &q, fds[0], NULL);
    else if (frame->body_case == VALISE__FRAME__BODY_PUSH)
        travel(g, &q, fds[0], frame->push);
    else if (frame->body_case == VALISE__FRAME__BODY_WITNESS)
        world_play_witness(g, &q, frame->witness);
    else if (frame->body_case == VALISE__FRAME__BODY_STAMP)
        world_play_stamp(g, &q, frame->stamp);
    else if (frame->body_case == VALISE__FRAME__BODY_INSPECT)
        play_inspect(g, &q, host, frame->inspect, fds[0]);
    else if (frame->body_case == VALISE__FRAME__BODY_RESOLVE)
        world_play_resolve(g, &q, host, frame->resolve);
    else if (frame->body_case == VALISE__FRAME__BODY_READ_ARCHIVE)
        world_play_read(g, &q, frame->read_archive, fds, fd_count);
    else
        world_play_deliver(g, &q, host, frame->deliver, fds[0]);
    return VLS_DONE;
}

static void take_submission(struct submitted *out, const Valise__SubmissionResult *result)
{
    struct vls_why why = {""};
    out->is_answered = true;
    out->status = vls_outcome_status(result->outcome, &why);
    if (result->id.len == VLS_ID_BYTES)
        memcpy(out->id.bytes, result->id.data, VLS_ID_BYTES);
    vls_text_copy(out->state, sizeof out->state, result->state);
    vls_text_copy(out->reason, sizeof out->reason, vls_ok(out->status) ? result->reason : why.text);
    out->is_duplicate = result->duplicate_of.len != 0;
}

static Valise__OperatorReply *copy_of_reply(const Valise__OperatorReply *reply)
{
    size_t size = valise__operator_reply__get_packed_size(reply);
    uint8_t *bytes = vls_mem_new(size);
    valise__operator_reply__pack(reply, bytes);
    Valise__OperatorReply *copy = valise__operator_reply__unpack(NULL, size, bytes);
    vls_mem_free(bytes);
    assert_non_null(copy);
    return copy;
}

static void take_shown(struct world *w, const int *fds, size_t count)
{
    struct vls_buf file;
    w->shown[0] = '\0';
    if (count != 1) /* not those of one message */
        return;
    world_read_file(fds[0], &file);
    struct vls_reader reader = vls_reader_of(vls_buf_slice(&file));
    (void)world_unpack(&reader);
    (void)world_unpack(&reader);
    snprintf(w->shown, sizeof w->shown, "%.*s", (int)(reader.rest.len < 60 ? reader.rest.len : 60),
             (const char *)reader.rest.at);
    vls_buf_fini(&file);
}

static void take_upload(struct handle *h, const Valise__UploadOpenResult *result, const int *fds,
                        size_t count)
{
    struct world *w = h->at->world;
    if (result->outcome->code != 0) {
        answer_push(w, &h->question, result->outcome->code);
        return;
    }
    if (result->is_complete) {
        answer_push(w, &h->question, 0);
        return;
    }
    struct vls_buf content;
    assert_int_equal(count, 1);
    world_read_file(h->fd, &content);
    assert_int_equal(pwrite(fds[0], content.at, content.len, 0), (ssize_t)content.len);
    vls_buf_fini(&content);
    Valise__UploadDone in = VALISE__UPLOAD_DONE__INIT;
    struct handle *next = new_handle(h->at, HANDLE_UPLOADED);
    next->question = h->question;
    in.party = (char *)(uintptr_t)other(h->at)->party;
    in.digest = (ProtobufCBinaryData){VLS_DIGEST_BYTES, h->digest.bytes};
    in.bytes = h->bytes;
    vls_route_upload_done(h->at->route, next->number, &in);
}

static void answer_batch(struct world *w, const struct question *q, int fd)
{
    int answer = dup(fd);
    if (w->tamper_answer != NULL)
        tamper_with(w->tamper_answer, &valise__exchange_response__descriptor, &answer);
    answer_carry(w, q, 0, answer);
    vls_fd_close(&answer);
}

static void take_exchange(struct handle *h, const Valise__ExchangeInResult *result, const int *fds,
                          size_t count)
{
    struct world *w = h->at->world;
    if (h->is_answer_lost)
        answer_carry(w, &h->question, VLS_PEER_UNCERTAIN, -1);
    else if (result->http_status == 200)
        answer_batch(w, &h->question, fds[0]);
    else if (result->http_status == 409 && count == 1)
        answer_carry(w, &h->question, VLS_PEER_STALE, fds[0]);
    else
        answer_carry(w, &h->question, result->http_status >= 500 ? VLS_PEER_BUSY : VLS_PEER_REFUSED,
                     -1);
}

/* As daemon/router.c hands on what became of a message that an operator's request made. */
static Valise__OperatorReply *reply_of(Valise__Frame *frame)
{
    Valise__OperatorReply reply = VALISE__OPERATOR_REPLY__INIT;
    if (frame->body_case == VALISE__FRAME__BODY_OPERATOR_REPLY)
        return copy_of_reply(frame->operator_reply);
    reply.sent = frame->submission_result;
    reply.outcome = reply.sent->outcome;
    return copy_of_reply(&reply);
}

static void port_answer(void *ctx, uint64_t number, Valise__Frame *frame, const int *fds,
                        size_t count)
{
    struct gateway *g = ctx;
    struct handle *h = handles;
    while (h != NULL && (h->at != g || h->number != number))
        h = h->next;
    if (h == NULL || g->is_down)
        return;
    switch (h->kind) {
    case HANDLE_SUBMIT:
        take_submission(h->submitted, frame->submission_result);
        break;
    case HANDLE_ACT:
        *h->reply = reply_of(frame);
        take_shown(g->world, fds, count);
        break;
    case HANDLE_EXCHANGE:
        if (h->question.generation != UINT64_MAX)
            take_exchange(h, frame->exchange_in_result, fds, count);
        break;
    case HANDLE_UPLOAD:
        take_upload(h, frame->upload_open_result, fds, count);
        break;
    case HANDLE_UPLOADED:
        answer_push(g->world, &h->question, frame->done->outcome->code);
        break;
    }
    handle_free(h);
}

static void port_flush_soon(void *ctx)
{
    ((struct gateway *)ctx)->is_flush_wanted = true;
}

static void port_tick_at(void *ctx, uint64_t steady_ms)
{
    ((struct gateway *)ctx)->tick_at = steady_ms;
}

static struct vls_status port_officer_stands(void *ctx, const char *officer,
                                             struct vls_slice statement, struct vls_slice signature,
                                             struct vls_why *why)
{
    const struct gateway *g = ctx;
    assert_true(statement.len > 0 && signature.len > 0);
    if (g->fallen_officer == NULL || strcmp(g->fallen_officer, officer) != 0)
        return VLS_DONE;
    return vls_fail(VLS_APPROVAL_SIGNER, why, "the certificate has expired");
}

static void port_log(void *ctx, enum vls_log_level level, const char *event,
                     const struct vls_field *fields, size_t count)
{
    struct gateway *g = ctx;
    if (level == VLS_LOG_ERROR && !g->is_down) /* the last breath of a crash is no alarm */
        g->world->alarms++;
    if (g->world->on_log != NULL)
        g->world->on_log(g, event, fields, count);
    if (level == VLS_LOG_WARN)
        for (size_t i = 0; i < count; i++)
            if (strcmp(fields[i].key, "why") == 0)
                vls_text_copy(g->world->last_warning.text, sizeof g->world->last_warning.text,
                              fields[i].text);
    if (getenv("WORLD_TRACE") != NULL) {
        vls_log_open(2, g->party, VLS_LOG_DEBUG);
        vls_log_fields(level, event, fields, count);
    }
}

/* -- gateways ---------------------------------------------------------------------------------- */

static void start(struct gateway *g)
{
    struct world *w = g->world;
    struct vls_why why = {""};
    struct vls_store_options store = {.dir = g->dir};
    struct vls_status s = vls_store_open(&store, &g->store, &why);
    if (!vls_ok(s))
        fail_msg("%s: store: %s", g->party, why.text);
    struct vls_route_options options = {.config = &g->config,
                                        .store = g->store,
                                        .schemes = &w->schemes,
                                        .arrangement = w->arrangement,
                                        .arrangement_bytes = vls_buf_slice(&w->arrangement_bytes),
                                        .approvals = g->approvals,
                                        .approval_count = g->approval_count,
                                        .house = g->house,
                                        .env = &w->env,
                                        .ports = {g, port_ask, port_answer, port_flush_soon,
                                                  port_tick_at, NULL, port_log,
                                                  port_officer_stands}};
    s = vls_route_new(&options, &g->route, &why);
    if (!vls_ok(s))
        fail_msg("%s: route: %s", g->party, why.text);
    g->is_down = false;
    g->is_flush_wanted = true;
    g->tick_at = UINT64_MAX;
}

/* Whoever asked this gateway something learns that it broke off. */
static void break_off_handles(struct gateway *g)
{
    for (struct handle *h = handles, *next; h != NULL; h = next) {
        next = h->next;
        if (h->at != g)
            continue;
        if (h->kind == HANDLE_EXCHANGE && h->question.generation != UINT64_MAX)
            answer_carry(g->world, &h->question, VLS_PEER_UNCERTAIN, -1);
        else if (h->kind == HANDLE_UPLOAD || h->kind == HANDLE_UPLOADED)
            answer_push(g->world, &h->question, VLS_PEER_UNCERTAIN);
        handle_free(h);
    }
}

static void stop(struct gateway *g)
{
    g->is_down = true;
    vls_store_rollback(g->store); /* what was not committed is gone */
    for (struct world_event *e = g->world->events; e != NULL; e = e->next)
        if (e->to == NULL && e->question.asker == g && e->question.generation == g->generation) {
            e->status = (struct vls_status){VLS_WIRE_GONE};
            give_answer(e); /* frees what waited for it; nothing of it is committed */
        } else if (e->to != NULL && e->question.asker == g &&
                   e->question.generation == g->generation) {
            e->question.answer(e->question.ctx, (struct vls_status){VLS_WIRE_GONE}, NULL, NULL);
        }
    for (struct handle *h = handles; h != NULL; h = h->next)
        if (h->at != g && h->question.asker == g && h->question.generation == g->generation)
            h->question.answer(h->question.ctx, (struct vls_status){VLS_WIRE_GONE}, NULL, NULL);
    g->generation++;
    vls_route_free(&g->route);
    vls_store_free(&g->store);
}

void world_crash(struct gateway *g)
{
    world_give_plugins(g, g->config.plugins, g->config.plugins_count);
}

void world_give_plugins(struct gateway *g, struct vls_config_plugin *plugins, unsigned count)
{
    stop(g);
    break_off_handles(g);
    g->config.plugins = plugins;
    g->config.plugins_count = count;
    start(g);
}

static EVP_PKEY *new_key(void)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    assert_non_null(key);
    return key;
}

static char *key_text(EVP_PKEY *key)
{
    uint8_t raw[VLS_ED25519_KEY];
    struct vls_buf text;
    world_public_half(key, raw);
    vls_buf_init(&text, 128);
    assert_true(vls_ok(vls_base64_add(VLS_SLICE(raw, sizeof raw), &text)));
    char *copy = vls_mem_dup(vls_buf_text(&text));
    vls_buf_fini(&text);
    return copy;
}

static void make_gateway(struct world *w, size_t i, const char *party)
{
    struct gateway *g = &w->gateways[i];
    *g = (struct gateway){.world = w, .party = party, .next_handle = 1};
    snprintf(g->dir, sizeof g->dir, "%s/valise-sim-XXXXXX", memory_dir(NULL));
    assert_non_null(mkdtemp(g->dir));
    g->log_key = new_key();
    g->witness_key = new_key();
    g->config.node.party = vls_mem_dup(party);
    g->config.limits.retry_first_ms = 100;
    g->config.limits.retry_most_ms = 5000;
    g->config.attestation.tsa_url = (char *)(uintptr_t) "";
    g->config.answers.slot_s = 3600;
    g->config.answers.target_s = 10 * 24 * 3600;
    g->config.answers.reminder_s = 24 * 3600;
    g->config.partners = &g->partner;
    g->config.partners_count = 1;
    g->plugin.name = vls_mem_dup("sink");
    g->grants[0] = (char *)(uintptr_t)VLS_GRANT_RECEIVE;
    g->plugin.grants = g->grants;
    g->plugin.grants_count = 1;
    g->config.plugins = &g->plugin;
    g->config.plugins_count = 1;
}

static void introduce(struct gateway *g, struct gateway *to)
{
    g->partner.party = vls_mem_dup(to->party);
    g->partner.url = vls_mem_dup("https://somewhere");
    g->partner.log_key = key_text(to->log_key);
    g->partner.witness_key = key_text(to->witness_key);
}

void world_open(struct world *w, uint64_t seed)
{
    struct vls_why why = {""};
    *w = (struct world){.now_ms = START_MS, .seed = seed, .dice = seed * 0x9e3779b97f4a7c15u + 1};
    w->env = (struct vls_env){w, world_clock, world_clock, world_random};
    w->schemes.schemes = vls_mem_new(WORLD_SCHEMES * sizeof *w->schemes.schemes);
    if (!vls_ok(vls_scheme_load(VALISE_SOURCE_DIR "/schemas/spif/un-sgb-2007-6.xml",
                                &w->schemes.schemes[0], &why)))
        fail_msg("%s", why.text);
    w->schemes.count = 1;
    vls_buf_init(&w->arrangement_bytes, VLS_MAX_ARRANGEMENT_FILE);
    if (!vls_ok(vls_file_read(UN_IOM, &w->arrangement_bytes, &why)) ||
        !vls_ok(vls_arrangement_read(vls_buf_slice(&w->arrangement_bytes), UN_IOM, &w->schemes,
                                     &w->arrangement, &why)))
        fail_msg("%s", why.text);
    make_gateway(w, 0, "un");
    make_gateway(w, 1, "iom");
    introduce(&w->gateways[0], &w->gateways[1]);
    introduce(&w->gateways[1], &w->gateways[0]);
    start(&w->gateways[0]);
    start(&w->gateways[1]);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    return remove(path);
}

static void remove_tree(const char *dir)
{
    assert_int_equal(nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static void close_gateway(struct gateway *g)
{
    stop(g);
    break_off_handles(g);
    EVP_PKEY_free(g->log_key);
    EVP_PKEY_free(g->witness_key);
    vls_mem_free(g->config.node.party);
    vls_mem_free(g->plugin.name);
    vls_mem_free(g->partner.party);
    vls_mem_free(g->partner.url);
    vls_mem_free(g->partner.log_key);
    vls_mem_free(g->partner.witness_key);
    free(g->delivered);
    remove_tree(g->dir);
}

void world_close(struct world *w)
{
    for (size_t i = 0; i < WORLD_GATEWAYS; i++)
        close_gateway(&w->gateways[i]);
    while (w->events != NULL) {
        struct world_event *e = w->events;
        w->events = e->next;
        world_event_free(e);
    }
    vls_arrangement_free(&w->arrangement);
    vls_buf_fini(&w->arrangement_bytes);
    vls_scheme_set_free(&w->schemes);
}

/* -- time -------------------------------------------------------------------------------------- */

static struct world_event *take_due(struct world *w)
{
    struct world_event **best = NULL;
    for (struct world_event **at = &w->events; *at != NULL; at = &(*at)->next)
        if ((*at)->at_ms <= w->now_ms && (best == NULL || (*at)->at_ms < (*best)->at_ms))
            best = at;
    if (best == NULL)
        return NULL;
    struct world_event *e = *best;
    *best = e->next;
    return e;
}

static bool happen(struct world *w)
{
    struct world_event *e = take_due(w);
    if (e != NULL) {
        if (e->to != NULL && e->question.generation != UINT64_MAX &&
            e->question.generation != e->question.asker->generation)
            e->question.generation =
                UINT64_MAX; /* it still arrives, and nobody waits for the answer */
        if (e->to != NULL)
            arrive(e);
        else
            give_answer(e);
        world_event_free(e);
        return true;
    }
    for (size_t i = 0; i < WORLD_GATEWAYS; i++) {
        struct gateway *g = &w->gateways[i];
        if (!g->is_flush_wanted && g->tick_at > w->now_ms)
            continue;
        bool is_tick = g->tick_at <= w->now_ms;
        g->is_flush_wanted = false;
        if (is_tick)
            g->tick_at = UINT64_MAX;
        if (is_tick)
            vls_route_tick(g->route);
        else
            vls_route_flush(g->route);
        return true;
    }
    return false;
}

static bool wait_for_next(struct world *w, uint64_t until_ms)
{
    uint64_t next = UINT64_MAX;
    for (const struct world_event *e = w->events; e != NULL; e = e->next)
        next = e->at_ms < next ? e->at_ms : next;
    for (size_t i = 0; i < WORLD_GATEWAYS; i++)
        next = w->gateways[i].tick_at < next ? w->gateways[i].tick_at : next;
    if (next > until_ms)
        return false;
    w->now_ms = next > w->now_ms ? next : w->now_ms;
    return true;
}

void world_run(struct world *w, uint64_t limit_ms)
{
    uint64_t until = w->now_ms + limit_ms;
    do {
        while (happen(w))
            ;
    } while (wait_for_next(w, until));
}

void world_step(struct world *w, unsigned steps)
{
    while (steps-- != 0)
        if (!happen(w) && !wait_for_next(w, UINT64_MAX - 1))
            return;
}

/* -- what a test does -------------------------------------------------------------------------- */

static void submit(struct gateway *g, Valise__Submission *in, struct vls_fds *fds,
                   struct submitted *out)
{
    *out = (struct submitted){.is_answered = false};
    in->to = g->partner.party;
    in->subject = (char *)(uintptr_t) "A document";
    struct handle *h = new_handle(g, HANDLE_SUBMIT);
    h->submitted = out;
    vls_route_submit(g->route, h->number, "uid:0", in, fds);
    for (size_t i = 0; i < fds->count; i++)
        vls_fd_close(&fds->fd[i]);
}

void world_submit(struct gateway *g, const char *kind, const char *label, const char *key,
                  const char *text, struct submitted *out)
{
    Valise__Submission in = VALISE__SUBMISSION__INIT;
    Valise__Part part = VALISE__PART__INIT;
    Valise__Part *parts[] = {&part};
    struct vls_fds fds = {.count = 1};
    assert_true(vls_ok(vls_fd_memory_of("document", vls_slice_text(text), &fds.fd[0], NULL)));
    part.name = (char *)(uintptr_t) "document.txt";
    part.bytes = strlen(text);
    in.kind = (char *)(uintptr_t)kind;
    in.label = (char *)(uintptr_t)label;
    in.origin_key = (char *)(uintptr_t)key;
    in.n_parts = 1;
    in.parts = parts;
    submit(g, &in, &fds, out);
}

void world_submit_filled(struct gateway *g, const Valise__Submission *in, const char *text,
                         struct submitted *out)
{
    Valise__Part part = VALISE__PART__INIT;
    Valise__Part *parts[] = {&part};
    struct vls_fds fds = {.count = 1};
    assert_true(vls_ok(vls_fd_memory_of("document", vls_slice_text(text), &fds.fd[0], NULL)));
    part.name = (char *)(uintptr_t) "document.txt";
    part.bytes = strlen(text);
    if (in->n_parts == 1)
        part.media_type = in->parts[0]->media_type;
    if (in->n_parts == 1 && in->parts[0]->name[0] != '\0')
        part.name = in->parts[0]->name;
    Valise__Submission filled = *in;
    filled.n_parts = 1;
    filled.parts = parts;
    submit(g, &filled, &fds, out);
}

void world_bring(struct gateway *g, const char *origin, const Valise__Submission *in,
                 const char *text, struct submitted *out)
{
    Valise__Part part = VALISE__PART__INIT;
    Valise__Part *parts[] = {&part};
    Valise__Submission filled = *in;
    struct vls_fds fds = {.count = 1};
    assert_true(vls_ok(vls_fd_memory_of("document", vls_slice_text(text), &fds.fd[0], NULL)));
    part.name = (char *)(uintptr_t) "document.txt";
    part.bytes = strlen(text);
    filled.n_parts = 1;
    filled.parts = parts;
    *out = (struct submitted){.is_answered = false};
    struct handle *h = new_handle(g, HANDLE_SUBMIT);
    h->submitted = out;
    vls_route_submit(g->route, h->number, origin, &filled, &fds);
    for (size_t i = 0; i < fds.count; i++)
        vls_fd_close(&fds.fd[i]);
}

void world_submit_parts(struct gateway *g, const char *kind, const char *label,
                        const char *const *part_labels, size_t count, struct submitted *out)
{
    Valise__Submission in = VALISE__SUBMISSION__INIT;
    Valise__Part parts[VLS_MAX_PARTS], *list[VLS_MAX_PARTS];
    char names[VLS_MAX_PARTS][16];
    struct vls_fds fds = {.count = count};
    for (size_t i = 0; i < count; i++) {
        valise__part__init(&parts[i]);
        snprintf(names[i], sizeof names[i], "%zu.txt", i + 1);
        parts[i].name = names[i];
        parts[i].bytes = strlen(names[i]);
        parts[i].label = (char *)(uintptr_t)part_labels[i];
        list[i] = &parts[i];
        assert_true(
            vls_ok(vls_fd_memory_of("document", vls_slice_text(names[i]), &fds.fd[i], NULL)));
    }
    in.kind = (char *)(uintptr_t)kind;
    in.label = (char *)(uintptr_t)label;
    in.n_parts = count;
    in.parts = list;
    submit(g, &in, &fds, out);
}

static void ask_only(struct gateway *g, Valise__OperatorRequest *in, struct vls_fds *fds,
                     Valise__OperatorReply **reply)
{
    struct handle *h = new_handle(g, HANDLE_ACT);
    h->reply = reply;
    in->actor = (char *)(uintptr_t)(g->world->actor != NULL ? g->world->actor : "uid:7");
    vls_route_operate(g->route, h->number, in, fds);
}

void world_ask_only(struct gateway *g, Valise__OperatorRequest *in, Valise__OperatorReply **reply)
{
    struct vls_fds none = {.count = 0};
    ask_only(g, in, &none, reply);
}

Valise__OperatorReply *world_ask_with(struct gateway *g, Valise__OperatorRequest *in, int fd)
{
    Valise__OperatorReply *reply = NULL;
    struct vls_fds fds = {.count = 0};
    if (fd >= 0)
        fds.fd[fds.count++] = fd;
    ask_only(g, in, &fds, &reply);
    for (unsigned i = 0; i < 100 && reply == NULL; i++)
        world_step(g->world, 1);
    assert_non_null(reply);
    return reply;
}

Valise__OperatorReply *world_ask(struct gateway *g, Valise__OperatorRequest *in)
{
    return world_ask_with(g, in, -1);
}

struct vls_status world_act(struct gateway *g, const struct vls_id *id, int verb)
{
    Valise__OperatorRequest in = VALISE__OPERATOR_REQUEST__INIT;
    Valise__OperatorAct act = VALISE__OPERATOR_ACT__INIT;
    act.verb = (Valise__OperatorAct__Verb)verb;
    act.id = (ProtobufCBinaryData){VLS_ID_BYTES, (uint8_t *)(uintptr_t)id->bytes};
    in.ask_case = VALISE__OPERATOR_REQUEST__ASK_ACT;
    in.act = &act;
    Valise__OperatorReply *reply = world_ask(g, &in);
    struct vls_status status = {reply->outcome->code};
    valise__operator_reply__free_unpacked(reply, NULL);
    return status;
}

enum vls_state world_state(struct gateway *g, const struct vls_id *id)
{
    struct vls_message *m;
    if (!vls_ok(vls_store_get(g->store, id, &m, NULL)))
        return VLS_STATE_NONE;
    enum vls_state state = m->state;
    vls_message_free(&m);
    return state;
}

unsigned world_delivered(struct gateway *g, const struct vls_id *id)
{
    for (size_t i = 0; i < g->delivered_count; i++)
        if (vls_id_is_equal(&g->delivered[i].id, id))
            return g->delivered[i].times;
    return 0;
}
