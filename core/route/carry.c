/*
 * route/carry - a batch of messages goes to a partner, and comes back as receipts.
 *
 *   vls_carry_start()   something is due: have the state of our "sent" log signed, the last one
 * that was confirmed from outside when messages wait for that on_signed()         collect what is
 * due, add the proofs, hand the batch to the edge on_carried()        verify the answer (answer.c),
 * or defer what did not go
 *
 * One batch of a partner is under way at a time: so batches stay in order, and checkpoints never
 * overtake each other.
 */
#include "route/carry_internal.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "route/alarms.h"
#include "route/confirm.h"
#include "route/disposition.h"

static const enum vls_state CARRIABLE[] = {VLS_STATE_UNCERTAIN, VLS_STATE_DEFERRED,
                                           VLS_STATE_RELEASED};
#define CARRIABLE_COUNT (sizeof CARRIABLE / sizeof CARRIABLE[0])

static void batch_free(struct vls_batch *batch)
{
    batch->partner->batch = NULL;
    vls_arena_free(&batch->arena);
    vls_mem_free(batch->note);
    vls_mem_free(batch);
}

/* -- what came of it --------------------------------------------------------------------------- */

static void move_all(struct vls_batch *batch, enum vls_state to, uint64_t due_ms, const char *cause)
{
    struct vls_route *route = batch->partner->route;
    struct vls_why why = {""};
    struct vls_status s = vls_route_begin(route, &why);
    for (size_t i = 0; i < batch->count && vls_ok(s); i++)
        s = vls_route_move(route, &batch->entries[i].id, VLS_STATE_CARRYING, to, due_ms, 1, cause,
                           "router", &why);
    if (!vls_ok(s))
        vls_route_log(route, VLS_LOG_ERROR, "exchange.not_moved", VLS_FAILURE(s, &why));
}

/* A batch of several was refused as a whole: find out which one it is about by sending them one at
 * a time. */
static bool is_to_be_split(struct vls_batch *batch, enum vls_state to)
{
    if (to != VLS_STATE_HELD || batch->count < 2)
        return false;
    batch->partner->batch_limit = 1;
    return true;
}

static void defer(struct vls_batch *batch, struct vls_status status, const struct vls_why *reason,
                  uint64_t retry_after_ms)
{
    struct vls_partner *partner = batch->partner;
    struct vls_route *route = partner->route;
    enum vls_state to = vls_disposition_out(status);
    partner->failures++;
    uint64_t wait = vls_route_backoff(route, partner->failures);
    if (wait < retry_after_ms)
        wait = retry_after_ms;
    if (is_to_be_split(batch, to)) {
        to = VLS_STATE_DEFERRED;
        wait = 0;
    }
    partner->next_try_ms = vls_route_steady(route) + wait;
    if (!partner->is_stopped) /* an alarm says why */
        vls_text_copy(partner->trouble, sizeof partner->trouble, reason->text);
    vls_route_log(route, VLS_LOG_WARN, "exchange.failed", VLS_F("party", partner->config->party),
                  VLS_FN("messages", batch->count), VLS_FN("failures", partner->failures),
                  VLS_FN("wait_ms", wait), VLS_FAILURE(status, reason));
    move_all(batch, to, vls_route_wall(route) + wait, reason->text);
}

/* The partner knows another state of our log than we thought: start the next proof there. */
static void resume_at(struct vls_batch *batch, const struct vls_fds *fds)
{
    struct vls_partner *partner = batch->partner;
    struct vls_why why = {""};
    uint64_t known = 0;
    struct vls_status s = vls_answer_stale(fds, &known, &why);
    if (vls_ok(s) && known > partner->sent.committed)
        s = vls_alarm_behind(partner, &partner->sent, known, &why);
    if (vls_ok(s))
        partner->cosigned_size = known;
    if (!vls_ok(s) || ++partner->stale > VLS_MAX_STALE) {
        if (vls_ok(s))
            s = vls_fail(VLS_PEER_STALE, &why,
                         "the partner keeps answering with other checkpoints");
        partner->stale = 0; /* from where it said, when the wait is over */
        defer(batch, (struct vls_status){VLS_PEER_STALE}, &why, 0);
        return;
    }
    move_all(batch, VLS_STATE_RELEASED, vls_route_wall(partner->route),
             "the partner knows another checkpoint; sent again with a proof from there");
}

static void succeed(struct vls_batch *batch)
{
    struct vls_partner *partner = batch->partner;
    struct vls_route *route = partner->route;
    partner->failures = partner->stale = 0;
    if (!partner->is_stopped)
        partner->trouble[0] = '\0';
    partner->batch_limit = VLS_BATCH_MESSAGES;
    partner->last_exchange_ms = vls_route_wall(route);
    partner->last_exchange_steady_ms = vls_route_steady(route);
    vls_route_log(route, VLS_LOG_INFO, "exchange.done", VLS_F("party", partner->config->party),
                  VLS_FN("messages", batch->count), VLS_FN("receipts", batch->receipts),
                  VLS_FN("bytes", batch->bytes),
                  VLS_FN("ms", vls_route_steady(route) - batch->started_ms));
}

/* vls_answer_fn */
static void on_carried(void *ctx, struct vls_status status, const Valise__Frame *frame,
                       struct vls_fds *fds)
{
    struct vls_batch *batch = ctx;
    struct vls_partner *partner = batch->partner;
    struct vls_why why = {"the edge role went away"};
    uint64_t retry_after_ms = 0;
    if (vls_ok(status)) {
        status = vls_outcome_status(frame->carry_result->outcome, &why);
        retry_after_ms = frame->carry_result->retry_after_ms;
    }
    if (vls_ok(status))
        status = vls_answer_take(batch, fds, &why);
    if (vls_ok(status))
        succeed(batch);
    else if (status.code == VLS_PEER_STALE && fds != NULL && fds->count == 1)
        resume_at(batch, fds);
    else
        defer(batch, status, &why, retry_after_ms);
    struct vls_route *route = partner->route;
    batch_free(batch);
    route->o.ports.flush_soon(route->o.ports.ctx);
}

/* -- what goes --------------------------------------------------------------------------------- */

static struct vls_status add_proof(struct vls_batch *batch, uint64_t index,
                                   Valise__InclusionProof *out, struct vls_why *why)
{
    struct vls_proof proof;
    VLS_TRY(
        vls_tree_inclusion(batch->partner->sent.tree, index, batch->checkpoint.size, &proof, why));
    uint8_t *hashes = vls_arena_take(batch->arena, VLS_DIGEST_BYTES * (proof.count + 1));
    out->hashes = vls_arena_take(batch->arena, sizeof *out->hashes * (proof.count + 1));
    if (hashes == NULL || out->hashes == NULL)
        return (struct vls_status){VLS_SYSTEM_MEMORY};
    vls_proof_pack(&proof, hashes);
    out->leaf_index = index;
    out->n_hashes = proof.count;
    for (size_t i = 0; i < proof.count; i++)
        out->hashes[i] = (ProtobufCBinaryData){VLS_DIGEST_BYTES, hashes + i * VLS_DIGEST_BYTES};
    return VLS_DONE;
}

static struct vls_status copy_bytes(struct vls_batch *batch, struct vls_slice from,
                                    ProtobufCBinaryData *out)
{
    out->data = vls_arena_copy(batch->arena, from.at, from.len);
    out->len = from.len;
    return out->data != NULL ? VLS_DONE : (struct vls_status){VLS_SYSTEM_MEMORY};
}

static struct vls_status add_message(struct vls_batch *batch, const struct vls_message *m,
                                     struct vls_why *why)
{
    struct vls_batch_entry *entry = &batch->entries[batch->count];
    Valise__Carried *carried = &entry->carried;
    valise__carried__init(carried);
    valise__inclusion_proof__init(&entry->inclusion);
    entry->id = m->id;
    entry->from = m->state;
    entry->attempts = m->attempts;
    entry->manifest_digest = m->manifest_digest;
    VLS_TRY(copy_bytes(batch, m->manifest, &carried->manifest));
    VLS_TRY(copy_bytes(batch, m->sealed, &carried->sealed));
    VLS_TRY(copy_bytes(batch, m->content, &carried->content));
    VLS_TRY(add_proof(batch, m->log_index, &entry->inclusion, why));
    carried->inclusion = &entry->inclusion;
    batch->carried[batch->count++] = carried;
    batch->bytes += m->manifest.len + m->sealed.len + m->content.len;
    return VLS_DONE;
}

static bool is_full(const struct vls_batch *batch)
{
    return batch->count >= batch->partner->batch_limit ||
           batch->bytes >= VLS_BATCH_BYTES - VLS_INLINE_CONTENT;
}

/* vls_message_fn: a message is due */
static struct vls_status collect(void *ctx, const struct vls_message *m, struct vls_why *why)
{
    struct vls_batch *batch = ctx;
    bool is_file = m->content.len == 0 && m->content_bytes != 0;
    if (m->log_index == VLS_NO_INDEX || m->log_index >= batch->checkpoint.size)
        return VLS_DONE; /* not under the checkpoint that was signed: next time */
    if (is_file) {
        if (batch->push_count < VLS_BATCH_MESSAGES && vls_push_add(batch->partner, m)) {
            batch->pushes[batch->push_count] = m->id;
            batch->push_from[batch->push_count++] = m->state;
        }
        return VLS_DONE;
    }
    return is_full(batch) ? VLS_DONE : add_message(batch, m, why);
}

/* The content of these has arrived: the message itself may follow. */
static struct vls_status collect_pushed(struct vls_batch *batch, struct vls_why *why)
{
    struct vls_id id;
    while (!is_full(batch) && vls_push_take(batch->partner, &id)) {
        struct vls_message *m;
        VLS_TRY(vls_store_get(batch->partner->route->o.store, &id, &m, why));
        struct vls_status s = VLS_DONE;
        if (m->state == VLS_STATE_CARRYING && m->log_index < batch->checkpoint.size)
            s = add_message(batch, m, why);
        vls_message_free(&m);
        VLS_TRY(s);
    }
    return VLS_DONE;
}

static struct vls_status mark_carrying(struct vls_batch *batch, struct vls_why *why)
{
    struct vls_route *route = batch->partner->route;
    uint64_t now = vls_route_wall(route);
    VLS_TRY(vls_route_begin(route, why));
    for (size_t i = 0; i < batch->count; i++)
        if (batch->entries[i].from != VLS_STATE_CARRYING)
            VLS_TRY(vls_route_move(route, &batch->entries[i].id, batch->entries[i].from,
                                   VLS_STATE_CARRYING, now, 0, "on its way", "router", why));
    for (size_t i = 0; i < batch->push_count; i++)
        VLS_TRY(vls_route_move(route, &batch->pushes[i], batch->push_from[i], VLS_STATE_CARRYING,
                               now, 0, "its content is on its way", "router", why));
    return VLS_DONE;
}

static struct vls_status collect_all(struct vls_batch *batch, struct vls_why *why)
{
    struct vls_route *route = batch->partner->route;
    uint64_t now = vls_route_wall(route);
    VLS_TRY(collect_pushed(batch, why));
    for (size_t i = 0; i < CARRIABLE_COUNT && !is_full(batch); i++)
        VLS_TRY(vls_store_due(route->o.store, VLS_OUT, batch->partner->config->party, CARRIABLE[i],
                              now, VLS_BATCH_MESSAGES, true, collect, batch, why));
    return mark_carrying(batch, why);
}

static struct vls_status pack_request(struct vls_batch *batch, int *out_fd, struct vls_why *why)
{
    struct vls_partner *partner = batch->partner;
    Valise__ExchangeRequest request = VALISE__EXCHANGE_REQUEST__INIT;
    Valise__ConsistencyProof consistency = VALISE__CONSISTENCY_PROOF__INIT;
    ProtobufCBinaryData hashes[VLS_MAX_PROOF];
    struct vls_proof proof;
    VLS_TRY(vls_tree_consistency(partner->sent.tree, partner->cosigned_size, batch->checkpoint.size,
                                 &proof, why));
    vls_proof_fields(&proof, hashes);
    consistency.from_size = partner->cosigned_size;
    consistency.n_hashes = proof.count;
    consistency.hashes = hashes;
    request.version = VLS_EXCHANGE_VERSION;
    request.from = partner->route->o.config->node.party;
    request.to = partner->config->party;
    request.checkpoint = batch->note;
    request.consistency = &consistency;
    request.n_messages = batch->count;
    request.messages = batch->carried;
    request.cosignature = vls_field_text(partner->cosignature);
    request.known_received_size = partner->their_received.size;
    size_t size = valise__exchange_request__get_packed_size(&request);
    uint8_t *bytes = size <= VLS_MAX_EXCHANGE ? vls_arena_take(batch->arena, size) : NULL;
    if (bytes == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "a batch of %zu bytes", size);
    valise__exchange_request__pack(&request, bytes);
    return vls_fd_memory_of("valise-exchange", VLS_SLICE(bytes, size), out_fd, why);
}

static struct vls_status send_batch(struct vls_batch *batch, struct vls_why *why)
{
    struct vls_route *route = batch->partner->route;
    Valise__Carry carry = VALISE__CARRY__INIT;
    Valise__Frame frame = VALISE__FRAME__INIT;
    VLS_DEFER(vls_fd_close) int fd = -1;
    VLS_TRY(pack_request(batch, &fd, why));
    carry.party = batch->partner->config->party;
    frame.body_case = VALISE__FRAME__BODY_CARRY;
    frame.carry = &carry;
    return route->o.ports.ask(route->o.ports.ctx, VLS_ASK_EDGE, 0, &frame, &fd, 1,
                              VALISE__FRAME__BODY_CARRY_RESULT, on_carried, batch, why);
}

/* Everything that is due lies behind the checkpoint: it is not looked for at once again. */
static void wait_for_confirmation(struct vls_batch *batch)
{
    struct vls_partner *partner = batch->partner;
    if (vls_confirm_is_required(partner->route) && batch->push_count == 0)
        partner->confirmed_ms = vls_route_steady(partner->route) + VLS_UNCONFIRMED_MS;
}

/* The checkpoint is there: what is due goes under it. */
static void go(struct vls_batch *batch)
{
    struct vls_why why = {""};
    struct vls_status status = collect_all(batch, &why);
    if (vls_ok(status) && batch->count == 0 && batch->partner->cosignature == NULL) {
        wait_for_confirmation(batch);
        batch_free(batch); /* only contents went on their way, or nothing did */
        return;
    }
    if (vls_ok(status))
        status = send_batch(batch, &why);
    if (!vls_ok(status)) {
        defer(batch, (struct vls_status){VLS_SYSTEM_BUSY}, &why, 0);
        batch_free(batch);
    }
}

/* vls_answer_fn */
static void on_signed(void *ctx, struct vls_status status, const Valise__Frame *frame,
                      struct vls_fds *fds)
{
    struct vls_batch *batch = ctx;
    struct vls_why why = {"the crypto role went away"};
    (void)fds;
    if (vls_ok(status))
        status = vls_outcome_status(frame->sign_result->outcome, &why);
    if (vls_ok(status)) {
        batch->note = vls_mem_dup(frame->sign_result->note);
        go(batch);
        return;
    }
    defer(batch, (struct vls_status){VLS_SYSTEM_BUSY}, &why, 0);
    batch_free(batch);
}

/* What is on disk; or, when messages wait for that, what was confirmed from outside: signed once
 * more, since our key may be another by now. */
static struct vls_status ask_to_sign(struct vls_batch *batch, struct vls_why *why)
{
    struct vls_partner *partner = batch->partner;
    VLS_TRY(vls_confirm_is_required(partner->route)
                ? vls_confirm_checkpoint(partner, &batch->checkpoint, why)
                : vls_log_checkpoint(&partner->sent, &batch->checkpoint, why));
    return vls_checkpoint_ask(partner->route, &batch->checkpoint, false, on_signed, batch, why);
}

/* -- when -------------------------------------------------------------------------------------- */

static uint64_t next_due_wall(struct vls_partner *partner)
{
    uint64_t next = UINT64_MAX;
    for (size_t i = 0; i < CARRIABLE_COUNT; i++) {
        uint64_t due = UINT64_MAX;
        struct vls_why why = {""};
        struct vls_status s = vls_store_next_due(partner->route->o.store, VLS_OUT,
                                                 partner->config->party, CARRIABLE[i], &due, &why);
        if (!vls_ok(s))
            vls_route_log(partner->route, VLS_LOG_ERROR, "store.next_due", VLS_FAILURE(s, &why));
        if (due < next)
            next = due;
    }
    return next;
}

uint64_t vls_carry_next_ms(struct vls_partner *partner)
{
    struct vls_route *route = partner->route;
    if (partner->batch != NULL || partner->is_stopped || partner->config->url[0] == '\0')
        return UINT64_MAX;
    uint64_t now = vls_route_steady(route), wall = vls_route_wall(route), next = UINT64_MAX;
    uint64_t due = next_due_wall(partner);
    if (due != UINT64_MAX)
        next = due > wall ? now + (due - wall) : now;
    if (vls_push_is_ready(partner))
        next = now;
    if (partner->cosignature != NULL && partner->last_exchange_steady_ms + VLS_EVIDENCE_MS < next)
        next = partner->last_exchange_steady_ms + VLS_EVIDENCE_MS;
    if (next == UINT64_MAX)
        return next;
    if (next < partner->confirmed_ms)
        next = partner->confirmed_ms;
    return next > partner->next_try_ms ? next : partner->next_try_ms;
}

void vls_carry_start(struct vls_partner *partner)
{
    struct vls_route *route = partner->route;
    struct vls_why why = {""};
    vls_push_start(partner);
    vls_cosign_start(partner);
    if (vls_carry_next_ms(partner) > vls_route_steady(route))
        return;
    struct vls_batch *batch = vls_mem_new(sizeof *batch);
    batch->partner = partner;
    batch->arena = vls_arena_new(3 * (size_t)VLS_MAX_EXCHANGE);
    batch->started_ms = vls_route_steady(route);
    partner->batch = batch;
    struct vls_status s = ask_to_sign(batch, &why);
    if (vls_ok(s))
        return;
    if (s.code == VLS_STORE_MISSING) /* nothing is confirmed yet */
        partner->confirmed_ms = vls_route_steady(route) + VLS_UNCONFIRMED_MS;
    else
        defer(batch, s, &why, 0);
    batch_free(batch);
}

/* -- start and end of the process -------------------------------------------------------------- */

struct vls_status vls_carry_recover(struct vls_route *route, struct vls_why *why)
{
    return vls_route_move_every(route, VLS_OUT, VLS_STATE_CARRYING, VLS_STATE_UNCERTAIN,
                                "the gateway stopped while this was on its way", why);
}

void vls_carry_free(struct vls_partner *partner)
{
    if (partner->batch != NULL)
        batch_free(partner->batch);
    vls_push_free(partner);
    vls_mem_free(partner->cosignature);
    partner->cosignature = NULL;
}
