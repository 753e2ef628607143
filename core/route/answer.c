/*
 * route/answer - a partner's answer to our batch: its checkpoint, our cosigned one, and a receipt
 * for each message.
 */
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "ledger/witness.h"
#include "route/alarms.h"
#include "route/carry_internal.h"
#include "route/disposition.h"
#include "route/meter.h"

static struct vls_status read_body(const struct vls_fds *fds, struct vls_buf *out,
                                   struct vls_why *why)
{
    vls_buf_init(out, VLS_MAX_EXCHANGE);
    if (fds == NULL || fds->count != 1)
        return vls_fail(VLS_PEER_PROTOCOL, why, "the answer has no body");
    return vls_fd_read_all(fds->fd[0], out, why);
}

struct vls_status vls_answer_stale(const struct vls_fds *fds, uint64_t *out_known,
                                   struct vls_why *why)
{
    struct vls_buf body;
    struct vls_status s = read_body(fds, &body, why);
    Valise__StaleCheckpoint *stale = NULL;
    if (vls_ok(s)) {
        stale = valise__stale_checkpoint__unpack(NULL, body.len, body.at);
        s = stale != NULL ? VLS_DONE
                          : vls_fail(VLS_PEER_PROTOCOL, why, "the answer does not decode");
    }
    if (stale != NULL) {
        *out_known = stale->known_size;
        valise__stale_checkpoint__free_unpacked(stale, NULL);
    }
    vls_buf_fini(&body);
    return s;
}

/* -- one receipt ------------------------------------------------------------------------------- */

static struct vls_status check_record(const struct vls_batch *batch,
                                      const struct vls_batch_entry *entry,
                                      const Valise__Receipt *receipt, struct vls_why *why)
{
    const struct vls_partner *partner = batch->partner;
    struct vls_receipt record;
    VLS_TRY(vls_receipt_read(vls_bytes(receipt->record), &record, why));
    struct vls_status s = VLS_DONE;
    if (!vls_id_is_equal(&record.id, &entry->id) ||
        !vls_digest_is_equal(&record.manifest_digest, &entry->manifest_digest))
        s = vls_fail(VLS_PEER_PROTOCOL, why, "the receipt is for another message");
    else if (vls_route_partner(partner->route, record.fields->to) != partner)
        s = vls_fail(VLS_PEER_PROTOCOL, why, "the receipt is by another party");
    vls_receipt_fini(&record);
    return s;
}

static struct vls_status take_receipt(struct vls_batch *batch, const struct vls_batch_entry *entry,
                                      const Valise__Receipt *receipt,
                                      const struct vls_checkpoint *theirs, struct vls_why *why)
{
    struct vls_route *route = batch->partner->route;
    struct vls_digest leaf = vls_leaf_of_record(VLS_LEAF_RECEIVED, vls_bytes(receipt->record));
    uint8_t packed[VLS_MAX_PROOF * VLS_DIGEST_BYTES];
    struct vls_proof proof;
    VLS_TRY(check_record(batch, entry, receipt, why));
    if (receipt->inclusion == NULL)
        return vls_fail(VLS_LEDGER_PROOF, why, "the receipt has no proof");
    VLS_TRY(vls_proof_read(receipt->inclusion->n_hashes, receipt->inclusion->hashes, &proof, why));
    VLS_TRY(vls_proof_inclusion(&proof, &leaf, receipt->inclusion->leaf_index, theirs->size,
                                &theirs->root, why));
    VLS_TRY(vls_store_set_receipt(route->o.store, &entry->id, vls_bytes(receipt->record),
                                  receipt->inclusion->leaf_index, vls_proof_pack(&proof, packed),
                                  theirs->size, why));
    VLS_TRY(vls_route_move(route, &entry->id, VLS_STATE_CARRYING, VLS_STATE_RECEIPTED, 0, 1,
                           "the partner has it on disk", "partner", why));
    VLS_TRY(vls_meter_count_bytes(route, VLS_OUT, batch->partner->config->party,
                                  vls_bytes(entry->carried.manifest), why));
    batch->receipts++;
    return VLS_DONE;
}

static struct vls_status take_refusal(struct vls_batch *batch, const struct vls_batch_entry *entry,
                                      const Valise__Receipt *receipt, struct vls_why *why)
{
    struct vls_route *route = batch->partner->route;
    struct vls_status refusal = vls_status_from_code(receipt->refusal);
    struct vls_why cause = {""};
    enum vls_state to = vls_disposition_out(refusal);
    refusal = vls_fail(refusal.code, &cause, "the partner refused: %s (%s)",
                       vls_status_text(refusal), vls_status_name(refusal));
    return vls_route_move(route, &entry->id, VLS_STATE_CARRYING, to,
                          vls_route_wall(route) + vls_route_backoff(route, entry->attempts + 1), 1,
                          cause.text, "partner", why);
}

static struct vls_status take_one(struct vls_batch *batch, size_t i,
                                  const Valise__ExchangeResponse *answer,
                                  const struct vls_checkpoint *theirs, struct vls_why *why)
{
    const Valise__Receipt *receipt = answer->receipts[i];
    const struct vls_batch_entry *entry = &batch->entries[i];
    if (!vls_slice_is_equal(vls_bytes(receipt->id), vls_id_slice(&entry->id)))
        return vls_fail(VLS_PEER_PROTOCOL, why, "receipt %zu is not for message %zu", i, i);
    return receipt->refusal != 0 ? take_refusal(batch, entry, receipt, why)
                                 : take_receipt(batch, entry, receipt, theirs, why);
}

/* -- the logs ---------------------------------------------------------------------------------- */

/* By the key that is known: a witness whose keys are being rotated cosigns with both. */
static struct vls_status take_cosignature(struct vls_batch *batch, const char *lines,
                                          struct vls_why *why)
{
    struct vls_partner *partner = batch->partner;
    struct vls_store *store = partner->route->o.store;
    const struct vls_checkpoint *ours = &batch->checkpoint;
    VLS_DEFER(vls_buf_fini) struct vls_buf line;
    uint64_t time_s;
    vls_buf_init(&line, VLS_MAX_NOTE);
    if (ours->size == 0)
        return VLS_DONE;
    VLS_TRY(vls_witness_take(vls_slice_text(lines), ours, &partner->their_witness_key, &line,
                             &time_s, why));
    VLS_TRY(vls_log_keep(&partner->sent, ours, batch->note, why));
    return vls_cosignature_is_early(partner->route, partner->config->party, time_s)
               ? VLS_DONE
               : vls_store_cosignature_put(store, ours->origin, ours->size, vls_buf_text(&line),
                                           why);
}

static void forget_cosignature(struct vls_partner *partner)
{
    vls_mem_free(partner->cosignature);
    partner->cosignature = NULL;
}

/* Answers come in the order of our batches: what one shows is never older than what the last one
 * did, unless the partner has lost it. */
static struct vls_status take_their_log(struct vls_batch *batch,
                                        const Valise__ExchangeResponse *answer,
                                        struct vls_checkpoint *out, struct vls_why *why)
{
    struct vls_partner *partner = batch->partner;
    struct vls_their_log *log = &partner->their_received;
    struct vls_status s = vls_their_log_advance(partner, log, &partner->their_received_key,
                                                answer->checkpoint, answer->consistency, out, why);
    if (s.code == VLS_LEDGER_STALE)
        s = vls_alarm_rollback(partner, log, answer->checkpoint, why);
    for (size_t i = 0; s.code == VLS_LEDGER_FORK && i < answer->n_receipts; i++)
        vls_alarm_look_at(partner, VLS_LEAF_RECEIVED, vls_bytes(answer->receipts[i]->record),
                          answer->receipts[i]->inclusion);
    return s;
}

static struct vls_status take_all(struct vls_batch *batch, const Valise__ExchangeResponse *answer,
                                  struct vls_why *why)
{
    struct vls_checkpoint theirs;
    if (answer->n_receipts != batch->count)
        return vls_fail(VLS_PEER_PROTOCOL, why, "%zu receipts for %zu messages", answer->n_receipts,
                        batch->count);
    VLS_TRY(take_cosignature(batch, answer->cosignature, why));
    VLS_TRY(take_their_log(batch, answer, &theirs, why));
    for (size_t i = 0; i < batch->count; i++)
        VLS_TRY(take_one(batch, i, answer, &theirs, why));
    return VLS_DONE;
}

struct vls_status vls_answer_take(struct vls_batch *batch, const struct vls_fds *fds,
                                  struct vls_why *why)
{
    struct vls_partner *partner = batch->partner;
    struct vls_route *route = partner->route;
    const struct vls_their_log before = partner->their_received;
    const uint64_t kept = partner->sent.kept;
    struct vls_buf body;
    Valise__ExchangeResponse *answer = NULL;
    struct vls_status s = read_body(fds, &body, why);
    if (vls_ok(s)) {
        answer = valise__exchange_response__unpack(NULL, body.len, body.at);
        s = answer != NULL ? vls_route_begin(route, why)
                           : vls_fail(VLS_PEER_PROTOCOL, why, "the answer does not decode");
    }
    if (vls_ok(s))
        s = vls_store_mark(route->o.store, why);
    if (vls_ok(s)) {
        s = take_all(batch, answer, why);
        if (vls_ok(s)) {
            partner->cosigned_size = batch->checkpoint.size;
            forget_cosignature(partner);
        } else {
            vls_store_undo(route->o.store);
            partner->their_received = before;
            partner->sent.kept = kept;
            batch->receipts = 0;
            s = (struct vls_status){
                VLS_PEER_UNCERTAIN}; /* it may well have them: the same ids go again */
        }
    }
    if (answer != NULL)
        valise__exchange_response__free_unpacked(answer, NULL);
    vls_buf_fini(&body);
    return s;
}

/* -- our cosignature of theirs ----------------------------------------------------------------- */

static struct vls_status keep_lines(struct vls_route *route, const struct vls_their_log *log,
                                    uint64_t size, const char *lines, struct vls_why *why)
{
    struct vls_reader rest = vls_reader_of(vls_slice_text(lines));
    while (!vls_reader_is_at_end(&rest)) {
        char line[VLS_MAX_NOTE];
        struct vls_slice one = vls_reader_until(&rest, '\n');
        if (rest.failed || one.len >= sizeof line)
            return vls_fail(VLS_LEDGER_NOTE, why, "the crypto role wrote no line");
        vls_text_copy(line, one.len + 1, (const char *)one.at);
        VLS_TRY(vls_store_cosignature_put(route->o.store, log->origin, size, line, why));
    }
    return VLS_DONE;
}

void vls_keep_cosignature(struct vls_route *route, const struct vls_their_log *log, uint64_t size,
                          const char *lines)
{
    struct vls_why why = {""};
    if (size == 0)
        return; /* of an empty log no checkpoint is kept */
    struct vls_status s = vls_route_begin(route, &why);
    if (vls_ok(s))
        s = keep_lines(route, log, size, lines, &why);
    if (!vls_ok(s))
        vls_route_log(route, VLS_LOG_WARN, "cosignature.not_kept", VLS_F("log", log->origin),
                      VLS_FAILURE(s, &why));
}

/* vls_answer_fn */
static void on_cosigned(void *ctx, struct vls_status status, const Valise__Frame *frame,
                        struct vls_fds *fds)
{
    struct vls_partner *partner = ctx;
    struct vls_why why = {"the crypto role went away"};
    (void)fds;
    partner->is_cosigning = false;
    if (vls_ok(status))
        status = vls_outcome_status(frame->sign_result->outcome, &why);
    if (!vls_ok(status)) {
        partner->cosignature_size = 0; /* asked for again with the next batch */
        vls_route_log(partner->route, VLS_LOG_WARN, "cosignature.failed",
                      VLS_FAILURE(status, &why));
        return;
    }
    forget_cosignature(partner);
    partner->cosignature = vls_mem_dup(frame->sign_result->note);
    vls_keep_cosignature(partner->route, &partner->their_received, partner->cosignature_size,
                         partner->cosignature);
}

void vls_cosign_start(struct vls_partner *partner)
{
    const struct vls_their_log *theirs = &partner->their_received;
    struct vls_checkpoint c = {.size = theirs->size, .root = theirs->root};
    struct vls_why why = {""};
    if (partner->is_cosigning || partner->is_stopped || theirs->size <= partner->cosignature_size)
        return;
    vls_text_copy(c.origin, sizeof c.origin, theirs->origin);
    if (!vls_ok(vls_checkpoint_ask(partner->route, &c, true, on_cosigned, partner, &why)))
        return; /* asked for again with the next batch */
    partner->is_cosigning = true;
    partner->cosignature_size = theirs->size;
}
