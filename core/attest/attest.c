#include "attest/attest.h"

#include "attest/attest_internal.h"
#include "base/mem.h"
#include "base/text.h"
#include "ledger/witness.h"
#include "wire/channel.h"

/* One request of the router. */
struct call {
    struct vls_attest *attest;
    const struct vls_attest_witness *witness;
    struct vls_checkpoint checkpoint; /* that a witness is to cosign */
    uint64_t old_size;
    struct vls_digest digest; /* that is to be stamped, with the next two */
    uint8_t nonce[VLS_STAMP_NONCE];
    uint64_t asked_ms; /* UTC */
    vls_attest_witness_fn on_witness;
    vls_attest_stamp_fn on_stamp;
    void *ctx;
};

/* -- what an HTTP status says ------------------------------------------------------------------ */

static struct vls_status refused(const struct vls_post_result *result, const char *what,
                                 struct vls_why *why)
{
    return vls_fail(VLS_ATTEST_REFUSED, why, "status %ld: %s", result->http_status, what);
}

static struct vls_status refused_otherwise(const struct vls_post_result *result,
                                           struct vls_why *why)
{
    long status = result->http_status;
    if (status == 429 || status == 503)
        return refused(result, "it asks to come back later", why);
    return refused(result,
                   status >= 500 ? "it is in trouble itself; it is asked again"
                                 : "that is none of the protocol; is the url right?",
                   why);
}

/* -- witnesses --------------------------------------------------------------------------------- */

#define GIVE_KEYS "give who runs it what 'valise log keys' prints"

/* 409: it cosigned another size last, or the same size with another root. */
static struct vls_status conflict(const struct call *call, const struct vls_post_result *result,
                                  uint64_t *out_size, struct vls_why *why)
{
    if (!vls_text_is_equal(result->type, VLS_WITNESS_SIZE_TYPE))
        return refused(result, "a conflict without the size that it cosigned", why);
    VLS_TRY(vls_witness_take_size(result->body, out_size, why));
    if (*out_size != call->old_size)
        return vls_fail(VLS_ATTEST_STALE, why, "it cosigned size %llu last",
                        (unsigned long long)*out_size);
    return vls_fail(VLS_ATTEST_CONTRADICTED, why,
                    "it cosigned another history of size %llu: was the store restored from a copy?",
                    (unsigned long long)*out_size);
}

static struct vls_status take_witness(const struct call *call, const struct vls_post_result *result,
                                      struct vls_buf *out_line, uint64_t *out_size,
                                      struct vls_why *why)
{
    uint64_t time_s;
    switch (result->http_status) {
    case 200:
        return vls_witness_take(result->body, &call->checkpoint, &call->witness->key, out_line,
                                &time_s, why);
    case 403:
        return refused(result, "it does not know this log's key; " GIVE_KEYS, why);
    case 404:
        return refused(result, "it does not know this log; " GIVE_KEYS, why);
    case 409:
        return conflict(call, result, out_size, why);
    case 422:
        return vls_fail(VLS_ATTEST_CONTRADICTED, why,
                        "the log does not continue what it cosigned: was the store restored from a "
                        "copy?");
    default:
        return refused_otherwise(result, why);
    }
}

static void answer_witness(const struct call *call, struct vls_status status,
                           const struct vls_why *why, Valise__WitnessResult *result)
{
    Valise__Outcome outcome = VALISE__OUTCOME__INIT;
    vls_outcome_init(&outcome, status, why);
    result->outcome = &outcome;
    call->on_witness(call->ctx, result);
}

/* vls_post_fn */
static void on_witness(void *ctx, const struct vls_post_result *post)
{
    struct call *call = ctx;
    Valise__WitnessResult result = VALISE__WITNESS_RESULT__INIT;
    struct vls_why why = *post->why;
    struct vls_status s = post->status;
    struct vls_buf line VLS_DEFER(vls_buf_fini);
    vls_buf_init(&line, VLS_MAX_NOTE);
    if (vls_ok(s))
        s = take_witness(call, post, &line, &result.size, &why);
    if (vls_ok(s))
        result.cosignature = (char *)(uintptr_t)vls_buf_text(&line);
    result.retry_after_ms = post->retry_after_ms;
    answer_witness(call, s, &why, &result);
    vls_mem_free(call);
}

static struct vls_status read_hashes(const Valise__WitnessRequest *request, struct vls_proof *out,
                                     struct vls_why *why)
{
    if (request->n_hashes > VLS_MAX_PROOF)
        return vls_fail(VLS_LEDGER_PROOF, why, "a proof of %zu hashes", request->n_hashes);
    out->count = request->n_hashes;
    for (size_t i = 0; i < out->count; i++)
        VLS_TRY(vls_digest_from(VLS_SLICE(request->hashes[i].data, request->hashes[i].len),
                                &out->hashes[i]));
    return VLS_DONE;
}

static struct vls_status send_witness(struct call *call, const Valise__WitnessRequest *request,
                                      struct vls_why *why)
{
    struct vls_attest *attest = call->attest;
    struct vls_buf body VLS_DEFER(vls_buf_fini);
    struct vls_proof proof;
    struct vls_slice note = vls_slice_text(request->note);
    vls_buf_init(&body, VLS_MAX_WITNESS_ASK);
    if (request->witness >= attest->witness_count)
        return vls_fail(VLS_SYSTEM_BUG, why, "there is no witness %u", request->witness);
    call->witness = &attest->witnesses[request->witness];
    call->old_size = request->old_size;
    VLS_TRY(vls_checkpoint_read(note, &call->checkpoint, why));
    VLS_TRY(read_hashes(request, &proof, why));
    VLS_TRY(vls_witness_ask(request->old_size, &proof, note, &body, why));
    return vls_posts_send(&attest->posts, &call->witness->to, vls_buf_slice(&body),
                          VLS_MAX_WITNESS_SAYS, on_witness, call, why);
}

void vls_attest_witness(struct vls_attest *attest, const Valise__WitnessRequest *request,
                        vls_attest_witness_fn fn, void *ctx)
{
    struct vls_why why = {""};
    struct call *call = vls_mem_new(sizeof *call);
    *call = (struct call){.attest = attest, .on_witness = fn, .ctx = ctx};
    struct vls_status s = send_witness(call, request, &why);
    if (vls_ok(s))
        return;
    Valise__WitnessResult result = VALISE__WITNESS_RESULT__INIT;
    answer_witness(call, s, &why, &result);
    vls_mem_free(call);
}

/* -- time -------------------------------------------------------------------------------------- */

static struct vls_status check_time(const struct call *call, const struct vls_stamp *stamp,
                                    struct vls_why *why)
{
    char text[VLS_TIME_TEXT];
    uint64_t now = vls_wall_ms(call->attest->env);
    if (stamp->has_accuracy && stamp->accuracy_us > (uint64_t)VLS_CLOCK_SKEW_MS * 1000)
        return vls_fail(VLS_LEDGER_STAMP, why, "its time is right within %llu s only",
                        (unsigned long long)(stamp->accuracy_us / 1000000));
    if (stamp->time_ms + VLS_CLOCK_SKEW_MS >= call->asked_ms &&
        stamp->time_ms <= now + VLS_CLOCK_SKEW_MS)
        return VLS_DONE;
    vls_time_text(stamp->time_ms, text);
    return vls_fail(VLS_LEDGER_STAMP, why,
                    "it stamped the time %s, which is not now: is the clock of this machine right?",
                    text);
}

static struct vls_status take_stamp(const struct call *call, const struct vls_post_result *post,
                                    struct vls_buf *out_token, uint64_t *out_time_ms,
                                    struct vls_why *why)
{
    struct vls_stamp stamp;
    if (post->http_status != 200)
        return refused_otherwise(post, why);
    VLS_TRY(vls_stamp_take(post->body, &call->digest, call->nonce, call->attest->trust, out_token,
                           &stamp, why));
    *out_time_ms = stamp.time_ms;
    return check_time(call, &stamp, why);
}

static void answer_stamp(const struct call *call, struct vls_status status,
                         const struct vls_why *why, Valise__StampResult *result)
{
    Valise__Outcome outcome = VALISE__OUTCOME__INIT;
    vls_outcome_init(&outcome, status, why);
    result->outcome = &outcome;
    call->on_stamp(call->ctx, result);
}

/* vls_post_fn */
static void on_stamp(void *ctx, const struct vls_post_result *post)
{
    struct call *call = ctx;
    Valise__StampResult result = VALISE__STAMP_RESULT__INIT;
    struct vls_why why = *post->why;
    struct vls_status s = post->status;
    struct vls_buf token VLS_DEFER(vls_buf_fini);
    vls_buf_init(&token, VLS_MAX_STAMP);
    if (vls_ok(s))
        s = take_stamp(call, post, &token, &result.time_ms, &why);
    if (vls_ok(s))
        result.token = (ProtobufCBinaryData){token.len, token.at};
    result.retry_after_ms = post->retry_after_ms;
    answer_stamp(call, s, &why, &result);
    vls_mem_free(call);
}

static struct vls_status send_stamp(struct call *call, const Valise__StampRequest *request,
                                    struct vls_why *why)
{
    struct vls_attest *attest = call->attest;
    struct vls_buf body VLS_DEFER(vls_buf_fini);
    vls_buf_init(&body, VLS_MAX_STAMP);
    if (attest->tsa.url == NULL)
        return vls_fail(VLS_SYSTEM_BUG, why, "there is no time stamping authority");
    VLS_TRY(vls_digest_from(VLS_SLICE(request->digest.data, request->digest.len), &call->digest));
    vls_random(attest->env, call->nonce, sizeof call->nonce);
    call->asked_ms = vls_wall_ms(attest->env);
    VLS_TRY(vls_stamp_ask(&call->digest, call->nonce, &body, why));
    return vls_posts_send(&attest->posts, &attest->tsa, vls_buf_slice(&body), VLS_MAX_STAMP_ANSWER,
                          on_stamp, call, why);
}

void vls_attest_stamp(struct vls_attest *attest, const Valise__StampRequest *request,
                      vls_attest_stamp_fn fn, void *ctx)
{
    struct vls_why why = {""};
    struct call *call = vls_mem_new(sizeof *call);
    *call = (struct call){.attest = attest, .on_stamp = fn, .ctx = ctx};
    struct vls_status s = send_stamp(call, request, &why);
    if (vls_ok(s))
        return;
    Valise__StampResult result = VALISE__STAMP_RESULT__INIT;
    answer_stamp(call, s, &why, &result);
    vls_mem_free(call);
}
