/*
 * route/route - the main flow of the router: open, commit, start what can be started.
 *
 * Read on in the order of a message's life:
 *   submit.c    a document becomes a sealed message; policy decides; what may leave is recorded
 *   subscribe.c one without an addressee goes to whoever subscribes to it: subscribe_match.c
 *   labels.c    what it is labelled: each document, and their join, which the message carries
 *   push.c      contents that are files go to the partner first
 *   carry.c     a batch of messages goes to the partner and comes back as receipts
 *   answer.c    that answer, verified
 *   receive.c   a batch from the partner is verified and recorded
 *   receipt.c   and answered
 *   content.c   contents that the partner sends ahead; the state that plugins keep
 *   life.c      which version of the arrangement is in force; recheck.c looks again at what waits
 *   requests.c  what asks for an answer, when it is due, what answered it
 *   uniform.c   the one answer for all that is not furnished
 *   furnish.c   what can be furnished without a person: looked for here (furnish_held.c), and by
 *               resolvers; furnish_show.c for operators
 *   inspect.c   before it leaves or is delivered: what inspectors have to say
 *   deliver.c   a received message is opened and given to a sink
 *   shown.c     what a plugin is told of a message
 *   unseal.c    how it is opened, for a plugin or an operator
 *   resolve.c   a document is fetched by its name; resolve_show.c for an operator
 *   said.c      what plugins say of themselves
 *
 * What people do:
 *   operate.c   hold, release, retry, withhold
 *   open.c      see the documents of a message
 *   erase.c     erase the content of a message, hold it; retention.c says how long it is kept
 *   copy.c      take a message with its content away as a file
 *   registry.c  the register of classified traffic
 *   report.c    see everything else
 *
 * What all of these stand on:
 *   clearance.c      who may hold what is labelled how
 *   logs.c           the Merkle logs of each partner, ours and theirs
 *   alarms.c         what happens when a log does not continue what was signed before
 *   internal.c       the one of our own: decisions, reviews, openings, acts
 *   confirm.c        witnesses and a time stamping authority confirm the logs from outside
 *   message_state.c  the states of a message, and the moves between them
 *   disposition.c    what a failure does to a message
 *   stranded.c       what a failed commit left behind
 */
#include "route/route.h"

#include "base/mem.h"
#include "base/text.h"
#include "route/alarms.h"
#include "route/carry_internal.h"
#include "route/clearance.h"
#include "route/confirm.h"
#include "route/deaths.h"
#include "route/disposition.h"
#include "route/furnish.h"
#include "route/inspect.h"
#include "route/internal.h"
#include "route/life.h"
#include "route/message_state.h"
#include "route/plugins.h"
#include "route/requests.h"
#include "route/resolve.h"
#include "route/retention.h"
#include "route/said.h"
#include "route/uniform.h"
#include "store/tiles.h"

#define TILES_A_FLUSH 4u /* so that answers do not wait long for them */

uint64_t vls_route_wall(const struct vls_route *route)
{
    return vls_wall_ms(route->o.env);
}

uint64_t vls_route_steady(const struct vls_route *route)
{
    return vls_steady_ms(route->o.env);
}

struct vls_partner *vls_route_partner(struct vls_route *route, const char *party)
{
    for (size_t i = 0; i < route->partner_count; i++)
        if (vls_text_is_equal(route->partners[i].config->party, party))
            return &route->partners[i];
    return NULL;
}

uint64_t vls_route_backoff(const struct vls_route *route, uint32_t failures)
{
    uint8_t chance[4];
    vls_random(route->o.env, chance, sizeof chance);
    struct vls_reader r = vls_reader_of(VLS_SLICE(chance, sizeof chance));
    return vls_backoff_ms(failures, route->o.config->limits.retry_first_ms,
                          route->o.config->limits.retry_most_ms, vls_reader_u32(&r));
}

/* -- commit before you answer ------------------------------------------------------------------ */

struct vls_status vls_route_begin(struct vls_route *route, struct vls_why *why)
{
    VLS_TRY(vls_store_begin(route->o.store, why));
    route->o.ports.flush_soon(route->o.ports.ctx);
    vls_route_life_settle(route); /* whatever is decided here is decided by what is in force */
    return VLS_DONE;
}

void vls_route_after(struct vls_route *route, vls_after_fn fn, void *ctx)
{
    struct vls_after *after = vls_mem_new(sizeof *after);
    *after = (struct vls_after){.fn = fn, .ctx = ctx};
    *route->after_end = after;
    route->after_end = &after->next;
    route->o.ports.flush_soon(route->o.ports.ctx);
    if (++route->after_count >= VLS_BATCH_MESSAGES)
        vls_route_flush(route);
}

static struct vls_status save_and_commit(struct vls_route *route, struct vls_why *why)
{
    VLS_TRY(vls_alarms_save(route, why));
    for (size_t i = 0; i < route->partner_count; i++) {
        VLS_TRY(vls_log_save(&route->partners[i].sent, why));
        VLS_TRY(vls_log_save(&route->partners[i].received, why));
    }
    VLS_TRY(vls_internal_save(route, why));
    VLS_TRY(vls_store_commit(route->o.store, why));
    vls_internal_committed(route);
    vls_alarms_committed(route);
    for (size_t i = 0; i < route->partner_count; i++) {
        vls_log_committed(&route->partners[i].sent);
        vls_log_committed(&route->partners[i].received);
    }
    return VLS_DONE;
}

static void take_back(struct vls_route *route, struct vls_status failed,
                      const struct vls_why *reason)
{
    vls_route_log(route, VLS_LOG_ERROR, "store.commit_failed", VLS_FAILURE(failed, reason),
                  VLS_FN("answers", route->after_count));
    vls_store_rollback(route->o.store);
    route->is_stranded = true;
    route->is_unsettled = true; /* what was stopped by a stricter rule may be among what was lost */
    route->requests.is_known = false;
    struct vls_why not_read = {""};
    struct vls_status internal = vls_internal_reload(route, &not_read);
    if (!vls_ok(internal))
        vls_route_log(route, VLS_LOG_ERROR, "log.reload_failed", VLS_F("log", "internal"),
                      VLS_FAILURE(internal, &not_read));
    for (size_t i = 0; i < route->partner_count; i++) {
        struct vls_why why = {""};
        struct vls_partner *partner = &route->partners[i];
        struct vls_status s = vls_log_reload(&partner->sent, &why);
        if (vls_ok(s))
            s = vls_log_reload(&partner->received, &why);
        if (vls_ok(s))
            s = vls_their_log_reload(route, &partner->their_sent, &why);
        if (vls_ok(s))
            s = vls_their_log_reload(route, &partner->their_received, &why);
        if (!vls_ok(s))
            vls_route_log(route, VLS_LOG_ERROR, "log.reload_failed",
                          VLS_F("party", partner->config->party), VLS_FAILURE(s, &why));
    }
    vls_confirm_reload(route);
}

static void let_answers_go(struct vls_route *route, struct vls_status commit)
{
    struct vls_after *after = route->after;
    route->after = NULL;
    route->after_end = &route->after;
    route->after_count = 0;
    while (after != NULL) {
        struct vls_after *next = after->next;
        after->fn(after->ctx, commit);
        vls_mem_free(after);
        after = next;
    }
}

static void set_next_tick(struct vls_route *route)
{
    uint64_t next = route->next_delivery_ms, requests = vls_requests_next_ms(route);
    if (requests < next)
        next = requests;
    uint64_t furnishing = vls_furnish_next_ms(route);
    if (furnishing < next)
        next = furnishing;
    uint64_t inspection = vls_inspect_next_ms(route);
    if (inspection < next)
        next = inspection;
    if (vls_route_life_next_ms(route) < next)
        next = vls_route_life_next_ms(route);
    if (vls_internal_next_ms(route) < next)
        next = vls_internal_next_ms(route);
    if (vls_confirm_next_ms(route) < next)
        next = vls_confirm_next_ms(route);
    for (size_t i = 0; i < route->partner_count; i++) {
        uint64_t carry = vls_carry_next_ms(&route->partners[i]);
        if (carry < next)
            next = carry;
    }
    if (route->is_stranded) /* nothing is started before: a full disk is not to be run against */
        next = vls_route_steady(route) + VLS_STRANDED_MS;
    if (next != UINT64_MAX)
        route->o.ports.tick_at(route->o.ports.ctx, next);
}

static void start_what_can_be_started(struct vls_route *route)
{
    if (route->is_stopping)
        return;
    if (!route->is_stranded)
        vls_confirm_start(route);
    bool may_leave = !route->is_stranded && !vls_route_life_is_due(route);
    vls_route_life_settle(route); /* then they may, behind its commit */
    for (size_t i = 0; may_leave && i < route->partner_count; i++)
        vls_carry_start(&route->partners[i]);
    if (!route->is_stranded) {
        vls_inspect_start(route);
        vls_deliver_start(route);
        vls_furnish_start(route);
        vls_internal_start(route);
    }
    set_next_tick(route);
}

/* Full tiles become files behind the commit that made them full; what fails is tried again. */
static void settle_tiles(struct vls_route *route)
{
    struct vls_why why = {""};
    bool is_done;
    struct vls_status s = vls_store_tiles_settle(route->o.store, TILES_A_FLUSH, &is_done, &why);
    if (!vls_ok(s))
        vls_route_log(route, VLS_LOG_ERROR, "log.tile_not_written", VLS_FAILURE(s, &why));
}

void vls_route_flush(struct vls_route *route)
{
    struct vls_why why = {""};
    if (route->is_flushing)
        return;
    route->is_flushing = true;
    struct vls_status s = save_and_commit(route, &why);
    if (vls_ok(s)) {
        settle_tiles(route);
        vls_erase_committed(route);
    } else {
        take_back(route, s, &why);
    }
    let_answers_go(route, s);
    route->is_flushing = false;
    if (vls_ok(s) && route->is_stranded)
        vls_stranded_take_up(route);
    start_what_can_be_started(route);
}

/* What is started looks only at what is on disk: so it always starts behind a commit. */
void vls_route_tick(struct vls_route *route)
{
    vls_route_life_settle(route);
    vls_requests_tick(route);
    vls_route_flush(route);
}

void vls_route_attached(struct vls_route *route, bool is_edge)
{
    route->next_delivery_ms = 0;
    route->inspectors_away_ms[VLS_OUT] = route->inspectors_away_ms[VLS_IN] = 0;
    for (size_t i = 0; i < route->partner_count; i++)
        route->partners[i].next_try_ms = 0;
    if (is_edge)
        vls_confirm_retry(route);
    vls_route_flush(route);
}

void vls_route_stop(struct vls_route *route)
{
    route->is_stopping = true;
    vls_route_flush(route);
}

bool vls_route_is_idle(const struct vls_route *route)
{
    bool is_idle = route->submission_count == 0 && route->delivery_count == 0 &&
                   route->inspection_count == 0 && route->exchange_count == 0 &&
                   route->opening_count == 0 && route->spread_count == 0 && route->after_count == 0;
    for (size_t i = 0; i < route->partner_count; i++)
        is_idle =
            is_idle && route->partners[i].batch == NULL && route->partners[i].pushes_under_way == 0;
    return is_idle;
}

/* -- moves and answers ------------------------------------------------------------------------- */

struct vls_status vls_route_move(struct vls_route *route, const struct vls_id *id,
                                 enum vls_state from, enum vls_state to, uint64_t due_ms,
                                 uint32_t add_attempts, const char *cause, const char *actor,
                                 struct vls_why *why)
{
    if (!vls_state_may_move(from, to))
        return vls_fail(VLS_ROUTE_STATE, why, "a message that is %s cannot become %s",
                        vls_state_name(from), vls_state_name(to));
    struct vls_move move = {.id = *id,
                            .from = from,
                            .to = to,
                            .at_ms = vls_route_wall(route),
                            .due_ms = due_ms,
                            .add_attempts = add_attempts,
                            .cause = cause,
                            .actor = actor};
    VLS_TRY(vls_store_move(route->o.store, &move, why));
    char text[VLS_ID_TEXT];
    vls_id_text(id, text);
    vls_route_log(route, VLS_LOG_INFO, "message.moved", VLS_F("id", text),
                  VLS_F("from", vls_state_name(from)), VLS_F("to", vls_state_name(to)),
                  VLS_F("cause", cause), VLS_F("actor", actor));
    return VLS_DONE;
}

/* vls_message_fn */
static struct vls_status remember(void *ctx, const struct vls_message *m, struct vls_why *why)
{
    struct vls_due *due = ctx;
    (void)why;
    due->ids[due->count++] = m->id;
    return VLS_DONE;
}

struct vls_status vls_route_due(struct vls_route *route, enum vls_direction direction,
                                enum vls_state state, uint64_t now_ms, uint32_t limit,
                                struct vls_due *out, struct vls_why *why)
{
    out->count = 0;
    return vls_store_due(route->o.store, direction, NULL, state, now_ms,
                         limit < VLS_BATCH_MESSAGES ? limit : VLS_BATCH_MESSAGES, false, remember,
                         out, why);
}

struct vls_status vls_route_move_every(struct vls_route *route, enum vls_direction direction,
                                       enum vls_state from, enum vls_state to, const char *cause,
                                       struct vls_why *why)
{
    struct vls_due due;
    do {
        VLS_TRY(vls_route_due(route, direction, from, UINT64_MAX, VLS_BATCH_MESSAGES, &due, why));
        for (size_t i = 0; i < due.count; i++)
            VLS_TRY(vls_route_move(route, &due.ids[i], from, to, vls_route_wall(route), 1, cause,
                                   "router", why));
    } while (due.count == VLS_BATCH_MESSAGES);
    return VLS_DONE;
}

void vls_route_answer_done(struct vls_route *route, uint64_t handle, struct vls_status status,
                           const struct vls_why *why)
{
    Valise__Outcome outcome;
    Valise__Done done = VALISE__DONE__INIT;
    Valise__Frame frame = VALISE__FRAME__INIT;
    vls_outcome_init(&outcome, status, why);
    done.outcome = &outcome;
    frame.body_case = VALISE__FRAME__BODY_DONE;
    frame.done = &done;
    route->o.ports.answer(route->o.ports.ctx, handle, &frame, NULL, 0);
}

/* -- open and close ---------------------------------------------------------------------------- */

static struct vls_status read_key(const struct vls_config_partner *config, const char *base64,
                                  const char *name, bool is_cosigner, struct vls_note_key *out,
                                  struct vls_why *why)
{
    struct vls_buf key;
    vls_buf_init(&key, VLS_ED25519_KEY + 3);
    struct vls_status s = vls_base64_read(vls_slice_text(base64), &key);
    if (!vls_ok(s) || key.len != VLS_ED25519_KEY)
        s = vls_fail(VLS_CONFIG_INVALID, why,
                     "partner %s: a log or witness key is not base64 of 32 bytes", config->party);
    if (vls_ok(s)) {
        *out = (struct vls_note_key){.is_cosigner = is_cosigner};
        vls_text_copy(out->name, sizeof out->name, name);
        vls_copy(out->key, key.at, key.len);
    }
    vls_buf_fini(&key);
    return s;
}

static struct vls_status open_their_log(struct vls_partner *partner, bool is_received,
                                        struct vls_their_log *log, struct vls_note_key *key,
                                        struct vls_why *why)
{
    struct vls_route *route = partner->route;
    vls_log_origin(partner->config->party, route->o.config->node.party, is_received, log->origin);
    VLS_TRY(read_key(partner->config, partner->config->log_key, log->origin, false, key, why));
    return vls_their_log_reload(route, log, why);
}

static struct vls_status open_partner(struct vls_route *route,
                                      const struct vls_config_partner *config,
                                      struct vls_partner *partner, struct vls_why *why)
{
    char name[VLS_MAX_ORIGIN];
    *partner =
        (struct vls_partner){.route = route, .config = config, .batch_limit = VLS_BATCH_MESSAGES};
    vls_log_origin(route->o.config->node.party, config->party, false, name);
    VLS_TRY(vls_log_open_tree(&partner->sent, route, name, why));
    vls_log_origin(route->o.config->node.party, config->party, true, name);
    VLS_TRY(vls_log_open_tree(&partner->received, route, name, why));
    VLS_TRY(open_their_log(partner, false, &partner->their_sent, &partner->their_sent_key, why));
    VLS_TRY(
        open_their_log(partner, true, &partner->their_received, &partner->their_received_key, why));
    vls_witness_name(config->party, name);
    VLS_TRY(read_key(config, config->witness_key, name, true, &partner->their_witness_key, why));
    VLS_TRY(vls_store_cosigned_size(route->o.store, partner->sent.origin, name,
                                    &partner->cosigned_size, why));
    return vls_alarms_open(partner, why);
}

struct vls_status vls_route_new(const struct vls_route_options *options, struct vls_route **out,
                                struct vls_why *why)
{
    struct vls_route *route = vls_mem_new(sizeof *route);
    route->o = *options;
    route->arrangement = options->arrangement;
    route->house = options->house;
    route->after_end = &route->after;
    vls_id_maker_init(&route->ids, options->env);
    route->started_ms = vls_route_wall(route);
    route->partner_count = options->config->partners_count;
    route->partners = vls_mem_new(route->partner_count * sizeof *route->partners);
    vls_route_plugins_new(route);
    route->rests = vls_mem_new((options->config->plugins_count + 1) * sizeof *route->rests);
    vls_said_init(route);
    struct vls_status s =
        vls_route_clearances_new(options->config, options->schemes, &route->clearances, why);
    if (vls_ok(s))
        s = vls_uniform_check(route, why);
    if (vls_ok(s))
        s = vls_retention_check(route, why);
    if (vls_ok(s))
        s = vls_furnish_check(route, why);
    for (size_t i = 0; vls_ok(s) && i < route->partner_count; i++)
        s = open_partner(route, &options->config->partners[i], &route->partners[i], why);
    if (vls_ok(s))
        s = vls_internal_open(route, why);
    if (vls_ok(s))
        s = vls_confirm_open(route, why);
    if (vls_ok(s))
        vls_inspect_open(route);
    if (vls_ok(s))
        s = vls_route_begin(route, why);
    if (vls_ok(s))
        s = vls_deaths_open(route, why);
    if (vls_ok(s))
        s = vls_route_plugins_open(route, why);
    if (vls_ok(s))
        s = vls_carry_recover(route, why);
    if (vls_ok(s))
        s = vls_deliver_recover(route, why);
    if (vls_ok(s))
        s = vls_route_life_open(route, why);
    if (vls_ok(s))
        s = save_and_commit(route, why);
    if (!vls_ok(s)) {
        vls_route_free(&route);
        return s;
    }
    *out = route;
    return VLS_DONE;
}

void vls_route_free(struct vls_route **route)
{
    if (*route == NULL)
        return;
    vls_store_rollback((*route)->o.store);
    let_answers_go(*route, (struct vls_status){VLS_ROUTE_CLOSING});
    for (size_t i = 0; i < (*route)->partner_count; i++) {
        struct vls_partner *partner = &(*route)->partners[i];
        vls_carry_free(partner);
        vls_alarms_free(partner);
        vls_log_close_tree(&partner->sent);
        vls_log_close_tree(&partner->received);
    }
    vls_confirm_close(*route);
    vls_internal_close(*route);
    vls_deaths_free(*route);
    vls_route_plugins_free(*route);
    vls_said_free(*route);
    vls_mem_free((*route)->rests);
    vls_route_life_free(*route);
    vls_route_clearances_free(&(*route)->clearances);
    vls_mem_free((*route)->partners);
    vls_mem_free(*route);
    *route = NULL;
}
