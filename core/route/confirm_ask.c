/*
 * route/confirm_ask - one who confirms is asked, and his answer kept.
 */
#include "base/mem.h"
#include "base/text.h"
#include "ledger/stamp.h"
#include "route/confirm_internal.h"

static const char *name_of(const struct vls_confirmer *c)
{
    const struct vls_route *route = c->round->route;
    /* not its url: that may hold a secret */
    return c->is_stamp ? "tsa" : route->confirmations->witnesses[c->witness].name;
}

/* -- what came of it --------------------------------------------------------------------------- */

static void failed(struct vls_confirmer *c, struct vls_status status, const struct vls_why *why,
                   uint64_t retry_after_ms)
{
    struct vls_route *route = c->round->route;
    bool is_contradiction = status.code == VLS_ATTEST_CONTRADICTED;
    const uint64_t most = route->o.config->limits.retry_most_ms;
    uint64_t wait = vls_route_backoff(route, ++c->failures);
    if (retry_after_ms > most) /* said over a way that may be open */
        retry_after_ms = most;
    if (is_contradiction && wait < VLS_CONTRADICTED_MS)
        wait = VLS_CONTRADICTED_MS;
    c->next_ms = vls_route_steady(route) + (wait > retry_after_ms ? wait : retry_after_ms);
    vls_text_copy(c->trouble, sizeof c->trouble,
                  why->text[0] != '\0' ? why->text : vls_status_text(status));
    vls_route_log(route, is_contradiction ? VLS_LOG_ERROR : VLS_LOG_WARN,
                  is_contradiction ? "confirm.contradicted" : "confirm.failed",
                  VLS_F("log", vls_round_origin(c->round)), VLS_F("by", name_of(c)),
                  VLS_FN("failures", c->failures), VLS_FAILURE(status, why));
}

static void succeeded(struct vls_confirmer *c)
{
    c->is_done =
        c->asked.size == c->round->at.size; /* else it is late, and was for another round */
    c->failures = 0;
    c->next_ms = 0;
    c->trouble[0] = '\0';
    vls_route_log(c->round->route, VLS_LOG_INFO, "confirm.done",
                  VLS_F("log", vls_round_origin(c->round)), VLS_FN("size", c->asked.size),
                  VLS_F("by", name_of(c)));
}

static void end_call(struct vls_confirmer *c)
{
    c->is_under_way = false;
    c->round->under_way--;
    --*vls_confirmer_calls(c);
    c->round->route->o.ports.flush_soon(c->round->route->o.ports.ctx);
}

/* -- witnesses --------------------------------------------------------------------------------- */

static struct vls_status keep_cosignature(struct vls_confirmer *c, const char *line,
                                          struct vls_why *why)
{
    struct vls_round *round = c->round;
    struct vls_route *route = round->route;
    const struct vls_note_key *key = &route->confirmations->witnesses[c->witness];
    const struct vls_checkpoint *at = &c->asked;
    bool is_late = at->size != round->at.size;
    uint64_t time_s;
    VLS_TRY(vls_cosignature_verify(vls_slice_text(line), at, key, &time_s, why));
    if (vls_cosignature_is_early(route, key->name, time_s))
        return vls_fail(VLS_LEDGER_SIGNATURE, why,
                        "its cosignature is later than now: is the clock of this machine right?");
    VLS_TRY(vls_route_begin(route, why));
    VLS_TRY(vls_store_cosignature_put(route->o.store, at->origin, at->size, line, why));
    c->known = at->size;
    if (is_late)
        return VLS_DONE;
    if (round->cosigned + 1 >= route->o.config->attestation.quorum)
        VLS_TRY(
            vls_store_witnessed(route->o.store, at->origin, at->size, vls_route_wall(route), why));
    round->cosigned++;
    return VLS_DONE;
}

/* It knows another size than we thought: asked again at once, once a round, with a proof from
 * there. What is larger than our log was cosigned before our store was set back. */
static struct vls_status resume_at(struct vls_confirmer *c, uint64_t size, struct vls_why *why)
{
    const struct vls_round *round = c->round;
    if (size > round->ours->committed)
        return vls_fail(VLS_ATTEST_CONTRADICTED, why,
                        "it has cosigned %llu entries of the log, which has %llu: is the store an "
                        "old copy?",
                        (unsigned long long)size, (unsigned long long)round->ours->committed);
    if (c->has_answered_stale || size > round->at.size)
        return vls_fail(VLS_ATTEST_STALE, why, "it cosigned size %llu last",
                        (unsigned long long)size);
    c->known = size;
    c->has_answered_stale = true;
    return VLS_DONE;
}

/* vls_answer_fn */
static void on_witness(void *ctx, struct vls_status status, const Valise__Frame *frame,
                       struct vls_fds *fds)
{
    struct vls_confirmer *c = ctx;
    const Valise__WitnessResult *result = vls_ok(status) ? frame->witness_result : NULL;
    struct vls_why why = {"the edge role went away"};
    (void)fds;
    end_call(c);
    if (result != NULL)
        status = vls_outcome_status(result->outcome, &why);
    if (vls_ok(status)) {
        status = keep_cosignature(c, result->cosignature, &why);
        if (vls_ok(status))
            succeeded(c);
    } else if (status.code == VLS_ATTEST_STALE) {
        status = resume_at(c, result->size, &why);
    }
    if (!vls_ok(status))
        failed(c, status, &why, result != NULL ? result->retry_after_ms : 0);
}

static struct vls_status ask_witness(struct vls_confirmer *c, struct vls_why *why)
{
    struct vls_round *round = c->round;
    struct vls_route *route = round->route;
    Valise__WitnessRequest request = VALISE__WITNESS_REQUEST__INIT;
    Valise__Frame frame = VALISE__FRAME__INIT;
    ProtobufCBinaryData hashes[VLS_MAX_PROOF];
    struct vls_proof proof = {.count = 0};
    VLS_TRY(vls_tree_consistency(round->ours->tree, c->known, round->at.size, &proof, why));
    vls_proof_fields(&proof, hashes);
    request.witness = c->witness;
    request.old_size = c->known;
    request.n_hashes = proof.count;
    request.hashes = hashes;
    request.note = round->note;
    frame.body_case = VALISE__FRAME__BODY_WITNESS;
    frame.witness = &request;
    return route->o.ports.ask(route->o.ports.ctx, VLS_ASK_EDGE, 0, &frame, NULL, 0,
                              VALISE__FRAME__BODY_WITNESS_RESULT, on_witness, c, why);
}

/* -- time -------------------------------------------------------------------------------------- */

static struct vls_status keep_stamp(struct vls_confirmer *c, const Valise__StampResult *result,
                                    struct vls_why *why)
{
    struct vls_route *route = c->round->route;
    if (result->token.len == 0 || result->token.len > VLS_MAX_STAMP)
        return vls_fail(VLS_WIRE_MALFORMED, why, "a time stamp of %zu bytes", result->token.len);
    VLS_TRY(vls_route_begin(route, why));
    return vls_store_stamp_put(route->o.store, c->asked.origin, c->asked.size,
                               vls_bytes(result->token), result->time_ms, why);
}

/* vls_answer_fn */
static void on_stamp(void *ctx, struct vls_status status, const Valise__Frame *frame,
                     struct vls_fds *fds)
{
    struct vls_confirmer *c = ctx;
    const Valise__StampResult *result = vls_ok(status) ? frame->stamp_result : NULL;
    struct vls_why why = {"the edge role went away"};
    (void)fds;
    end_call(c);
    if (result != NULL)
        status = vls_outcome_status(result->outcome, &why);
    if (vls_ok(status))
        status = keep_stamp(c, result, &why);
    if (vls_ok(status))
        succeeded(c);
    else
        failed(c, status, &why, result != NULL ? result->retry_after_ms : 0);
}

static struct vls_status ask_stamp(struct vls_confirmer *c, struct vls_why *why)
{
    struct vls_route *route = c->round->route;
    Valise__StampRequest request = VALISE__STAMP_REQUEST__INIT;
    Valise__Frame frame = VALISE__FRAME__INIT;
    struct vls_digest digest;
    VLS_TRY(vls_stamp_subject(vls_slice_text(c->round->note), &digest, why));
    request.digest = vls_data(vls_digest_slice(&digest));
    frame.body_case = VALISE__FRAME__BODY_STAMP;
    frame.stamp = &request;
    return route->o.ports.ask(route->o.ports.ctx, VLS_ASK_EDGE, 0, &frame, NULL, 0,
                              VALISE__FRAME__BODY_STAMP_RESULT, on_stamp, c, why);
}

void vls_confirmer_ask(struct vls_confirmer *c)
{
    struct vls_why why = {""};
    struct vls_status s = c->is_stamp ? ask_stamp(c, &why) : ask_witness(c, &why);
    if (!vls_ok(s)) {
        failed(c, s, &why, 0);
        return;
    }
    c->is_under_way = true;
    c->asked = c->round->at;
    c->round->under_way++;
    ++*vls_confirmer_calls(c);
}

/* -- a checkpoint to be confirmed -------------------------------------------------------------- */

static void not_signed(struct vls_round *round, struct vls_status status, const struct vls_why *why)
{
    round->retry_ms = vls_route_steady(round->route) + VLS_CONFIRM_RETRY_MS;
    vls_route_log(round->route, VLS_LOG_WARN, "confirm.not_signed",
                  VLS_F("log", vls_round_origin(round)), VLS_FAILURE(status, why));
}

/* vls_answer_fn */
static void on_signed(void *ctx, struct vls_status status, const Valise__Frame *frame,
                      struct vls_fds *fds)
{
    struct vls_round *round = ctx;
    struct vls_route *route = round->route;
    struct vls_why why = {"the crypto role went away"};
    (void)fds;
    round->is_signing = false;
    if (vls_ok(status))
        status = vls_outcome_status(frame->sign_result->outcome, &why);
    if (vls_ok(status))
        status = vls_route_begin(route, &why);
    if (vls_ok(status))
        status = vls_log_keep(&round->partner->sent, &round->asked, frame->sign_result->note, &why);
    if (vls_ok(status))
        return;
    not_signed(round, status, &why);
    route->o.ports.flush_soon(route->o.ports.ctx);
}

void vls_round_sign(struct vls_round *round)
{
    struct vls_why why = {""};
    struct vls_status s = vls_log_checkpoint(round->ours, &round->asked, &why);
    if (vls_ok(s))
        s = vls_checkpoint_ask(round->route, &round->asked, false, on_signed, round, &why);
    round->is_signing = vls_ok(s);
    if (!vls_ok(s))
        not_signed(round, s, &why);
}
