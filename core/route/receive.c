/*
 * route/receive - a batch from a partner: verified, recorded, receipted.
 *
 *   vls_route_exchange_in()   the batch as a whole: its checkpoint continues the one that we know
 *   accept_message()          each message: form, addressees, arrangement, label (labels.c),
 *                             digests, proof; seen before?
 *   on_committed()            all is on disk: have our checkpoint signed and theirs cosigned
 *   answer_batch()            the receipts with their proofs (receipt.c)
 *
 * A message that is refused is refused alone: the others of its batch go on.
 */
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "ledger/witness.h"
#include "policy/kinds.h"
#include "route/alarms.h"
#include "route/incoming.h"
#include "route/inspect.h"
#include "route/internal.h"
#include "route/labels.h"
#include "route/life.h"
#include "route/meter.h"
#include "route/receive_internal.h"
#include "route/requests.h"

#define HTTP_OK            200u
#define HTTP_FORBIDDEN     403u
#define HTTP_CONFLICT      409u
#define HTTP_UNPROCESSABLE 422u
#define HTTP_UNAVAILABLE   503u

static void exchange_free(struct vls_exchange *e)
{
    if (e->request != NULL)
        valise__exchange_request__free_unpacked(e->request, NULL);
    for (size_t i = 0; i < e->count; i++)
        vls_buf_fini(&e->items[i].record);
    vls_mem_free(e->note);
    vls_mem_free(e->cosignature);
    e->route->exchange_count--;
    vls_mem_free(e);
}

/* -- answers ----------------------------------------------------------------------------------- */

static void answer(struct vls_exchange *e, uint32_t http_status, uint32_t code, const int *fd)
{
    Valise__ExchangeInResult result = VALISE__EXCHANGE_IN_RESULT__INIT;
    Valise__Frame frame = VALISE__FRAME__INIT;
    result.http_status = http_status;
    result.code = code;
    frame.body_case = VALISE__FRAME__BODY_EXCHANGE_IN_RESULT;
    frame.exchange_in_result = &result;
    e->route->o.ports.answer(e->route->o.ports.ctx, e->handle, &frame, fd, fd != NULL ? 1 : 0);
}

static uint32_t http_status_of(struct vls_status status)
{
    switch (vls_class_of(status)) {
    case VLS_CLASS_DENIED:
        return HTTP_FORBIDDEN;
    case VLS_CLASS_CORRUPT:
    case VLS_CLASS_PERMANENT:
        return HTTP_UNPROCESSABLE;
    case VLS_CLASS_OK:
    case VLS_CLASS_TRANSIENT:
    case VLS_CLASS_RESOURCE:
    case VLS_CLASS_UNCERTAIN:
    case VLS_CLASS_MISUSE:
        break;
    }
    return HTTP_UNAVAILABLE;
}

static void refuse(struct vls_exchange *e, struct vls_status status, const struct vls_why *why)
{
    vls_route_log(e->route, VLS_LOG_WARN, "exchange.refused", VLS_F("party", e->party),
                  VLS_FAILURE(status, why));
    answer(e, http_status_of(status), status.code, NULL);
    exchange_free(e);
}

/* vls_after_fn: an alarm is on disk before the partner learns of it */
static void refuse_alarmed(void *ctx, struct vls_status commit)
{
    struct vls_exchange *e = ctx;
    struct vls_why why = {"an alarm is open"};
    (void)commit; /* it is written again behind the next one */
    refuse(e, (struct vls_status){VLS_LEDGER_FORK}, &why);
}

static void refuse_stale(struct vls_exchange *e)
{
    Valise__StaleCheckpoint stale = VALISE__STALE_CHECKPOINT__INIT;
    uint8_t bytes[16];
    struct vls_why why = {""};
    VLS_DEFER(vls_fd_close) int fd = -1;
    stale.known_size = e->partner->their_sent.size;
    size_t size = valise__stale_checkpoint__pack(&stale, bytes);
    struct vls_status s = vls_fd_memory_of("valise-stale", VLS_SLICE(bytes, size), &fd, &why);
    if (!vls_ok(s)) {
        refuse(e, s, &why);
        return;
    }
    answer(e, HTTP_CONFLICT, VLS_LEDGER_STALE, &fd);
    exchange_free(e);
}

/* -- one message ------------------------------------------------------------------------------- */

static struct vls_status check_addressees(const struct vls_exchange *e,
                                          const struct vls_manifest *m, struct vls_why *why)
{
    if (vls_route_partner(e->route, m->fields->from) != e->partner)
        return vls_fail(VLS_POLICY_PARTY, why, "it says that it is from '%.60s'", m->fields->from);
    if (!vls_text_is_equal(m->fields->to, e->route->o.config->node.party))
        return vls_fail(VLS_POLICY_PARTY, why, "it is for '%.60s'", m->fields->to);
    if (vls_kind_by_name(m->fields->kind) == NULL)
        return vls_fail(VLS_POLICY_KIND, why, "kind '%.60s'", m->fields->kind);
    return vls_route_life_accepts(e->route, m->fields, why);
}

static struct vls_status check_digest(const char *what, struct vls_slice bytes,
                                      ProtobufCBinaryData expected, struct vls_why *why)
{
    struct vls_digest digest = vls_digest_of_slice(bytes);
    if (!vls_slice_is_equal(vls_digest_slice(&digest), vls_bytes(expected)))
        return vls_fail(VLS_ENVELOPE_DIGEST, why,
                        "the digest of the %s is not that of the manifest", what);
    return VLS_DONE;
}

static struct vls_status check_content(struct vls_exchange *e, const struct vls_manifest *m,
                                       const Valise__Carried *carried, struct vls_why *why)
{
    struct vls_digest digest;
    VLS_DEFER(vls_fd_close) int fd = -1;
    uint64_t bytes = carried->content.len;
    VLS_TRY(
        check_digest("CMS structure", vls_bytes(carried->sealed), m->fields->sealed_digest, why));
    VLS_TRY(vls_digest_from(vls_bytes(m->fields->content_digest), &digest));
    if (bytes != 0) {
        VLS_TRY(
            check_digest("content", vls_bytes(carried->content), m->fields->content_digest, why));
    } else if (!vls_ok(vls_content_open(e->route->o.store, &digest, &fd, &bytes, why))) {
        return vls_fail(VLS_ENVELOPE_SOURCE, why, "its content has not arrived");
    }
    if (bytes != m->fields->content_bytes)
        return vls_fail(VLS_ENVELOPE_DIGEST, why,
                        "the content has another length than the manifest says");
    return VLS_DONE;
}

static struct vls_status check_proof(struct vls_exchange *e, const Valise__Carried *carried,
                                     struct vls_proof *out, struct vls_why *why)
{
    struct vls_digest leaf = vls_leaf_of_record(VLS_LEAF_SENT, vls_bytes(carried->manifest));
    if (carried->inclusion == NULL)
        return vls_fail(VLS_LEDGER_PROOF, why, "it has no inclusion proof");
    VLS_TRY(vls_proof_read(carried->inclusion->n_hashes, carried->inclusion->hashes, out, why));
    return vls_proof_inclusion(out, &leaf, carried->inclusion->leaf_index, e->theirs.size,
                               &e->theirs.root, why);
}

static struct vls_status write_receipt(struct vls_exchange *e, const struct vls_manifest *m,
                                       struct vls_buf *out, struct vls_why *why)
{
    uint8_t nonce[VLS_NONCE_BYTES];
    Valise__ReceiptRecord record = VALISE__RECEIPT_RECORD__INIT;
    vls_random(e->route->o.env, nonce, sizeof nonce);
    record.version = VLS_MANIFEST_VERSION;
    record.id = vls_data(vls_id_slice(&m->id));
    record.manifest_digest = vls_data(vls_digest_slice(&m->digest));
    record.from = m->fields->from;
    record.to = m->fields->to;
    record.received_ms = vls_route_wall(e->route);
    record.nonce = vls_data(VLS_SLICE(nonce, sizeof nonce));
    return vls_receipt_write(&record, out, why);
}

static struct vls_status add_message(struct vls_exchange *e, const struct vls_manifest *m,
                                     const Valise__Carried *carried, const struct vls_proof *proof,
                                     const char *label, const struct vls_decision *judged,
                                     struct vls_exchange_item *item, struct vls_why *why)
{
    bool is_held = judged->outcome != VLS_OUTCOME_RELEASE;
    enum vls_state taken =
        vls_inspect_is_due(e->route, VLS_IN) ? VLS_STATE_INSPECTING : VLS_STATE_RECEIVED;
    uint8_t packed[VLS_MAX_PROOF * VLS_DIGEST_BYTES];
    uint64_t now = vls_route_wall(e->route);
    item->index = vls_log_next(&e->partner->received);
    struct vls_message row = {.id = m->id,
                              .direction = VLS_IN,
                              .state = is_held ? VLS_STATE_HELD : taken,
                              .party = e->party,
                              .kind = m->fields->kind,
                              .body = m->fields->body,
                              .label = label,
                              .conversation = m->fields->conversation,
                              .origin = "partner",
                              .reason =
                                  is_held ? judged->reason : "verified, recorded and receipted",
                              .created_ms = m->fields->created_ms,
                              .changed_ms = now,
                              .due_ms = is_held ? 0 : now,
                              .in_reply_to = vls_bytes(m->fields->in_reply_to),
                              .manifest_digest = m->digest,
                              .content_bytes = m->fields->content_bytes,
                              .log_index = item->index,
                              .manifest = vls_bytes(carried->manifest),
                              .sealed = vls_bytes(carried->sealed),
                              .content = vls_bytes(carried->content),
                              .receipt = vls_buf_slice(&item->record),
                              .decision = vls_buf_slice(&judged->record),
                              .their_index = carried->inclusion->leaf_index,
                              .their_hashes = vls_proof_pack(proof, packed),
                              .their_size = e->theirs.size};
    VLS_TRY(vls_digest_from(vls_bytes(m->fields->content_digest), &row.content_digest));
    VLS_TRY(vls_store_add(e->route->o.store, &row, why));
    VLS_TRY(vls_internal_append_decision(e->route, &m->id, row.decision, why));
    VLS_TRY(vls_meter_count(e->route, VLS_IN, e->party, m->fields, why));
    return vls_requests_received(e->route, e->party, m, why);
}

/* Seen before under this id: the same receipt again; or something else under the same id, which is
 * an alarm. */
static struct vls_status take_again(struct vls_exchange *e, const struct vls_message *known,
                                    const struct vls_manifest *m, struct vls_exchange_item *item,
                                    struct vls_why *why)
{
    char id[VLS_ID_TEXT], ours[2 * VLS_DIGEST_BYTES + 1], theirs[2 * VLS_DIGEST_BYTES + 1];
    if (known->direction == VLS_IN && vls_digest_is_equal(&known->manifest_digest, &m->digest)) {
        item->index = known->log_index;
        return vls_buf_add_slice(&item->record, known->receipt);
    }
    vls_id_text(&m->id, id);
    vls_hex(vls_digest_slice(&known->manifest_digest), ours);
    vls_hex(vls_digest_slice(&m->digest), theirs);
    vls_route_log(e->route, VLS_LOG_ERROR, "alarm.same_id", VLS_F("id", id),
                  VLS_F("party", e->party), VLS_F("known_manifest", ours),
                  VLS_F("other_manifest", theirs));
    return vls_fail(VLS_STORE_CONFLICT, why, "id %s is known with another manifest", id);
}

/* Recorded and receipted in either case: the own judgement is only about who is given it. */
static struct vls_status judge_and_add(struct vls_exchange *e, const struct vls_manifest *m,
                                       const Valise__Carried *carried,
                                       const struct vls_proof *proof, const struct vls_label *label,
                                       struct vls_exchange_item *item, struct vls_why *why)
{
    struct vls_decision judged VLS_DEFER(vls_decision_fini) = {.outcome = VLS_OUTCOME_WITHHOLD};
    struct vls_buf text VLS_DEFER(vls_buf_fini);
    vls_buf_init(&text, VLS_MAX_LABEL_TEXT);
    VLS_TRY(vls_label_text(label, &text));
    VLS_TRY(vls_incoming_judge(e->route, m, label, &judged, why));
    return add_message(e, m, carried, proof, vls_buf_text(&text), &judged, item, why);
}

static struct vls_status take_new(struct vls_exchange *e, const struct vls_manifest *m,
                                  const Valise__Carried *carried, struct vls_exchange_item *item,
                                  struct vls_why *why)
{
    struct vls_label label VLS_DEFER(vls_label_fini) = {.scheme = NULL};
    struct vls_proof proof;
    VLS_TRY(check_addressees(e, m, why));
    VLS_TRY(vls_labels_received(vls_bytes(m->fields->label), e->route->o.schemes,
                                e->route->arrangement, e->party, vls_route_wall(e->route), &label,
                                why));
    VLS_TRY(check_content(e, m, carried, why));
    VLS_TRY(check_proof(e, carried, &proof, why));
    VLS_TRY(write_receipt(e, m, &item->record, why));
    VLS_TRY(judge_and_add(e, m, carried, &proof, &label, item, why));
    struct vls_digest leaf = vls_leaf_of_record(VLS_LEAF_RECEIVED, vls_buf_slice(&item->record));
    return vls_log_append(&e->partner->received, &leaf, why); /* last: a tree has no undo */
}

static struct vls_status accept_message(struct vls_exchange *e, const Valise__Carried *carried,
                                        struct vls_exchange_item *item, struct vls_why *why)
{
    struct vls_manifest m;
    struct vls_message *known = NULL;
    VLS_TRY(vls_manifest_read(vls_bytes(carried->manifest), &m, why));
    item->id = m.id;
    struct vls_status s = vls_store_get(e->route->o.store, &m.id, &known, why);
    if (vls_ok(s))
        s = take_again(e, known, &m, item, why);
    else if (s.code == VLS_STORE_MISSING)
        s = take_new(e, &m, carried, item, why);
    vls_message_free(&known);
    vls_manifest_fini(&m);
    return s;
}

static struct vls_status accept_all(struct vls_exchange *e, struct vls_why *why)
{
    struct vls_store *store = e->route->o.store;
    for (size_t i = 0; i < e->request->n_messages; i++) {
        struct vls_exchange_item *item = &e->items[e->count++];
        struct vls_why reason = {""};
        vls_buf_init(&item->record, VLS_MAX_MANIFEST);
        VLS_TRY(vls_store_mark(store, why));
        struct vls_status s = accept_message(e, e->request->messages[i], item, &reason);
        char id[VLS_ID_TEXT];
        vls_id_text(&item->id, id);
        if (vls_ok(s)) {
            vls_route_log(e->route, VLS_LOG_INFO, "message.received", VLS_F("id", id),
                          VLS_F("from", e->party), VLS_FN("index", item->index));
            continue;
        }
        vls_store_undo(store);
        if (vls_class_of(s) == VLS_CLASS_RESOURCE)
            return vls_fail(s.code, why, "%s",
                            reason.text); /* the disk: the whole batch comes again */
        item->refusal = s.code;
        vls_buf_clear(&item->record);
        vls_route_log(e->route, VLS_LOG_WARN, "message.refused", VLS_F("id", id),
                      VLS_F("from", e->party), VLS_FAILURE(s, &reason));
    }
    return VLS_DONE;
}

/* -- on disk: sign and answer ------------------------------------------------------------------ */

/* Called when one of the two signatures is there, or is not to be had. */
static void on_signature(struct vls_exchange *e, struct vls_status status,
                         const struct vls_why *why)
{
    struct vls_why reason = *why;
    VLS_DEFER(vls_fd_close) int fd = -1;
    if (!vls_ok(status))
        e->failed = status;
    if (--e->signatures_open != 0)
        return;
    status = e->failed;
    if (vls_ok(status))
        vls_keep_cosignature(e->route, &e->partner->their_sent, e->theirs.size, e->cosignature);
    if (vls_ok(status))
        status = vls_exchange_answer(e, &fd, &reason);
    if (!vls_ok(status)) {
        refuse(e, (struct vls_status){VLS_SYSTEM_BUSY},
               &reason); /* all is recorded: it gets its receipts when it asks again */
        return;
    }
    e->partner->last_exchange_ms = vls_route_wall(e->route);
    answer(e, HTTP_OK, 0, &fd);
    exchange_free(e);
}

static void take_signature(struct vls_exchange *e, struct vls_status status,
                           const Valise__Frame *frame, char **out)
{
    struct vls_why why = {"the crypto role went away"};
    if (vls_ok(status))
        status = vls_outcome_status(frame->sign_result->outcome, &why);
    if (vls_ok(status))
        *out = vls_mem_dup(frame->sign_result->note);
    on_signature(e, status, &why);
}

/* vls_answer_fn */
static void on_signed(void *ctx, struct vls_status status, const Valise__Frame *frame,
                      struct vls_fds *fds)
{
    struct vls_exchange *e = ctx;
    (void)fds;
    take_signature(e, status, frame, &e->note);
}

/* vls_answer_fn */
static void on_cosigned(void *ctx, struct vls_status status, const Valise__Frame *frame,
                        struct vls_fds *fds)
{
    struct vls_exchange *e = ctx;
    (void)fds;
    take_signature(e, status, frame, &e->cosignature);
}

static void ask_to_sign(struct vls_exchange *e, const struct vls_checkpoint *what,
                        bool is_cosignature)
{
    struct vls_why why = {""};
    struct vls_status s = vls_checkpoint_ask(e->route, what, is_cosignature,
                                             is_cosignature ? on_cosigned : on_signed, e, &why);
    if (!vls_ok(s))
        on_signature(e, s, &why);
}

/* vls_after_fn */
static void on_committed(void *ctx, struct vls_status commit)
{
    struct vls_exchange *e = ctx;
    struct vls_why why = {"the batch could not be committed"};
    struct vls_status s = commit;
    if (vls_ok(s))
        s = vls_log_checkpoint(&e->partner->received, &e->ours, &why);
    if (!vls_ok(s)) {
        refuse(e, s, &why);
        return;
    }
    e->signatures_open = 2;
    const struct vls_checkpoint theirs = e->theirs;
    ask_to_sign(e, &e->ours, false);
    ask_to_sign(e, &theirs, true);
}

/* -- the batch as a whole ---------------------------------------------------------------------- */

/* A cosignature of ours that does not verify costs us evidence, not the partner its messages. */
static void take_cosignature(struct vls_exchange *e)
{
    struct vls_log *log = &e->partner->received;
    struct vls_checkpoint ours = {.size = e->request->known_received_size};
    VLS_DEFER(vls_buf_fini) struct vls_buf line;
    struct vls_why why = {""};
    uint64_t time_s;
    vls_buf_init(&line, VLS_MAX_NOTE);
    if (e->request->cosignature[0] == '\0' || ours.size == 0)
        return;
    vls_text_copy(ours.origin, sizeof ours.origin, log->origin);
    struct vls_status s = vls_tree_root(log->tree, ours.size, &ours.root, &why);
    if (vls_ok(s))
        s = vls_witness_take(vls_slice_text(e->request->cosignature), &ours,
                             &e->partner->their_witness_key, &line, &time_s, &why);
    if (vls_ok(s) && vls_cosignature_is_early(e->route, e->party, time_s))
        return;
    if (vls_ok(s))
        s = vls_store_cosignature_put(e->route->o.store, log->origin, ours.size,
                                      vls_buf_text(&line), &why);
    if (!vls_ok(s))
        vls_route_log(e->route, VLS_LOG_WARN, "cosignature.refused", VLS_F("party", e->party),
                      VLS_FAILURE(s, &why));
}

static struct vls_status read_request(struct vls_exchange *e, struct vls_fds *fds,
                                      struct vls_why *why)
{
    struct vls_buf body;
    if (fds->count != 1)
        return vls_fail(VLS_WIRE_MALFORMED, why, "a batch without a body");
    vls_buf_init(&body, VLS_MAX_EXCHANGE);
    struct vls_status s = vls_fd_read_all(fds->fd[0], &body, why);
    if (vls_ok(s)) {
        e->request = valise__exchange_request__unpack(NULL, body.len, body.at);
        if (e->request == NULL || e->request->n_messages > VLS_BATCH_MESSAGES)
            s = vls_fail(VLS_ENVELOPE_MALFORMED, why, "the batch does not decode or is too long");
    }
    vls_buf_fini(&body);
    return s;
}

static struct vls_status check_batch(struct vls_exchange *e, struct vls_why *why)
{
    struct vls_partner *partner = e->partner;
    VLS_TRY(vls_alarm_check(partner, why));
    if (e->request->version != VLS_EXCHANGE_VERSION)
        return vls_fail(VLS_ENVELOPE_VERSION, why, "version %u, and only %u is understood",
                        e->request->version, VLS_EXCHANGE_VERSION);
    if (e->request->known_received_size > partner->received.committed)
        return vls_alarm_behind(partner, &partner->received, e->request->known_received_size, why);
    struct vls_status s =
        vls_their_log_advance(partner, &partner->their_sent, &partner->their_sent_key,
                              e->request->checkpoint, e->request->consistency, &e->theirs, why);
    for (size_t i = 0; s.code == VLS_LEDGER_FORK && i < e->request->n_messages; i++)
        vls_alarm_look_at(partner, VLS_LEAF_SENT, vls_bytes(e->request->messages[i]->manifest),
                          e->request->messages[i]->inclusion);
    return s;
}

static struct vls_status take_batch(struct vls_exchange *e, struct vls_fds *fds,
                                    struct vls_why *why)
{
    if (e->partner == NULL)
        return vls_fail(VLS_POLICY_PARTY, why, "'%.60s' is not a partner", e->party);
    if (e->route->is_stopping || e->route->exchange_count > VLS_MAX_EXCHANGES)
        return vls_fail(VLS_ROUTE_BUSY, why, "too many exchanges at one time");
    VLS_TRY(read_request(e, fds, why));
    VLS_TRY(vls_route_begin(e->route, why));
    VLS_TRY(check_batch(e, why));
    take_cosignature(e);
    return accept_all(e, why);
}

void vls_route_exchange_in(struct vls_route *route, uint64_t handle, const Valise__ExchangeIn *in,
                           struct vls_fds *fds)
{
    struct vls_why why = {""};
    struct vls_exchange *e = vls_mem_new(sizeof *e);
    e->route = route;
    e->handle = handle;
    e->partner = vls_route_partner(route, in->party);
    vls_text_copy(e->party, sizeof e->party, in->party);
    route->exchange_count++;
    struct vls_status s = take_batch(e, fds, &why);
    if (vls_ok(s))
        vls_route_after(route, on_committed, e);
    else if (s.code == VLS_LEDGER_STALE)
        refuse_stale(e);
    else if (s.code == VLS_LEDGER_FORK)
        vls_route_after(route, refuse_alarmed, e);
    else
        refuse(e, s, &why);
}
