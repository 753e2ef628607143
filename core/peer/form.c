/* peer/form - see form.h. */
#include "peer/form.h"

#include "base/digest.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/text.h"
#include "envelope/manifest.h"
#include "envelope/seal.h"

/* A well-formed body takes its own size and less than 128 bytes a field; the floor is for bodies of
 * few bytes. */
#define BUDGET_FACTOR 3u
#define BUDGET_FLOOR  (256u << 10)

/* -- decoding within a budget ------------------------------------------------------------------ */

struct budget {
    size_t left;
};

static void *budget_alloc(void *ctx, size_t bytes)
{
    struct budget *budget = ctx;

    if (bytes == 0 || bytes > budget->left)
        return NULL;
    budget->left -= bytes;
    return vls_mem_try(bytes);
}

static void budget_free(void *ctx, void *p)
{
    (void)ctx;
    vls_mem_free(p);
}

static ProtobufCMessage *decode(const ProtobufCMessageDescriptor *as, struct vls_slice body)
{
    struct budget budget = {body.len * BUDGET_FACTOR + BUDGET_FLOOR};
    ProtobufCAllocator allocator = {budget_alloc, budget_free, &budget};

    return protobuf_c_message_unpack(as, &allocator, body.len, body.at);
}

static void release(ProtobufCMessage *message)
{
    ProtobufCAllocator allocator = {budget_alloc, budget_free, NULL};

    protobuf_c_message_free_unpacked(message, &allocator);
}

/* -- pieces ------------------------------------------------------------------------------------ */

static struct vls_slice slice_of(const ProtobufCBinaryData *bytes)
{
    return VLS_SLICE(bytes->data, bytes->len);
}

static struct vls_status check_hashes(const ProtobufCBinaryData *hashes, size_t count,
                                      const char *what, struct vls_why *why)
{
    if (count > VLS_MAX_PROOF)
        return vls_fail(VLS_INPUT_LIMIT, why, "%s: %zu hashes, at most %d are allowed", what, count,
                        VLS_MAX_PROOF);
    for (size_t i = 0; i < count; i++)
        if (hashes[i].len != VLS_DIGEST_BYTES)
            return vls_fail(VLS_INPUT_MALFORMED, why, "%s: hash %zu has %zu bytes, not 32", what, i,
                            hashes[i].len);
    return VLS_DONE;
}

static struct vls_status check_inclusion(const Valise__InclusionProof *proof, struct vls_why *why)
{
    if (proof == NULL)
        return vls_fail(VLS_INPUT_MALFORMED, why, "inclusion: the proof is missing");
    return check_hashes(proof->hashes, proof->n_hashes, "inclusion", why);
}

static struct vls_status check_consistency(const Valise__ConsistencyProof *proof,
                                           struct vls_why *why)
{
    if (proof == NULL)
        return VLS_DONE;
    return check_hashes(proof->hashes, proof->n_hashes, "consistency", why);
}

static struct vls_status check_note(const char *note, const char *what, bool may_be_empty,
                                    struct vls_why *why)
{
    size_t len = vls_slice_text(note).len;

    if (len > VLS_MAX_NOTE)
        return vls_fail(VLS_INPUT_LIMIT, why, "%s: %zu bytes, at most %d are allowed", what, len,
                        VLS_MAX_NOTE);
    if (len == 0 && !may_be_empty)
        return vls_fail(VLS_INPUT_MALFORMED, why, "%s: is missing", what);
    return VLS_DONE;
}

static struct vls_status check_party(const char *field, const char *is, const char *must_be,
                                     struct vls_why *why)
{
    if (!vls_text_is_equal(is, must_be))
        return vls_fail(VLS_INPUT_MALFORMED, why, "%s: is not the party %s", field, must_be);
    return VLS_DONE;
}

/* -- requests ---------------------------------------------------------------------------------- */

static struct vls_status check_content(const Valise__Carried *carried,
                                       const Valise__Manifest *manifest, struct vls_why *why)
{
    struct vls_digest digest;

    if (manifest->content_bytes > VLS_INLINE_CONTENT) {
        if (carried->content.len != 0)
            return vls_fail(VLS_INPUT_MALFORMED, why, "content: above the inline limit");
        return VLS_DONE;
    }
    if (carried->content.len != manifest->content_bytes)
        return vls_fail(VLS_INPUT_MALFORMED, why, "content: %zu bytes, but the manifest says %llu",
                        carried->content.len, (unsigned long long)manifest->content_bytes);
    digest = vls_digest_of_slice(slice_of(&carried->content));
    if (!vls_slice_is_equal(vls_digest_slice(&digest), slice_of(&manifest->content_digest)))
        return vls_fail(VLS_ENVELOPE_DIGEST, why, "content: does not have the manifest's digest");
    return VLS_DONE;
}

static struct vls_status check_against_manifest(const Valise__Carried *carried,
                                                const Valise__Manifest *manifest, const char *from,
                                                const char *to, struct vls_why *why)
{
    struct vls_digest sealed = vls_digest_of_slice(slice_of(&carried->sealed));

    VLS_TRY(check_party("manifest.from", manifest->from, from, why));
    VLS_TRY(check_party("manifest.to", manifest->to, to, why));
    if (!vls_slice_is_equal(vls_digest_slice(&sealed), slice_of(&manifest->sealed_digest)))
        return vls_fail(VLS_ENVELOPE_DIGEST, why, "sealed: does not have the manifest's digest");
    return check_content(carried, manifest, why);
}

static struct vls_status check_carried(const Valise__Carried *carried, const char *from,
                                       const char *to, struct vls_why *why)
{
    struct vls_manifest manifest;
    struct vls_status status;

    if (carried->manifest.len > VLS_MAX_MANIFEST || carried->sealed.len > VLS_MAX_SEALED_DER)
        return vls_fail(VLS_INPUT_LIMIT, why, "manifest or sealed: above the limit");
    VLS_TRY(check_inclusion(carried->inclusion, why));
    VLS_TRY(vls_sealed_check(slice_of(&carried->sealed), why));
    VLS_TRY(vls_manifest_read(slice_of(&carried->manifest), &manifest, why));
    status = check_against_manifest(carried, manifest.fields, from, to, why);
    vls_manifest_fini(&manifest);
    return status;
}

static struct vls_status check_request(const Valise__ExchangeRequest *request, const char *from,
                                       const char *to, struct vls_why *why)
{
    if (request->version != VLS_EXCHANGE_VERSION)
        return vls_fail(VLS_PEER_VERSION, why, "version %u: this gateway speaks %u",
                        request->version, VLS_EXCHANGE_VERSION);
    VLS_TRY(check_party("from", request->from, from, why));
    VLS_TRY(check_party("to", request->to, to, why));
    VLS_TRY(check_note(request->checkpoint, "checkpoint", request->n_messages == 0, why));
    VLS_TRY(check_note(request->cosignature, "cosignature", true, why));
    VLS_TRY(check_consistency(request->consistency, why));
    if (request->n_messages > VLS_BATCH_MESSAGES)
        return vls_fail(VLS_INPUT_LIMIT, why, "%zu messages, at most %d are allowed",
                        request->n_messages, VLS_BATCH_MESSAGES);
    for (size_t i = 0; i < request->n_messages; i++)
        VLS_TRY(check_carried(request->messages[i], from, to, why));
    return VLS_DONE;
}

struct vls_status vls_form_request(struct vls_slice body, const char *from, const char *to,
                                   struct vls_why *why)
{
    struct vls_status status;
    ProtobufCMessage *message;

    if (body.len > VLS_MAX_EXCHANGE)
        return vls_fail(VLS_INPUT_LIMIT, why, "an exchange of %zu bytes, at most %u are allowed",
                        body.len, VLS_MAX_EXCHANGE);
    message = decode(&valise__exchange_request__descriptor, body);
    if (message == NULL)
        return vls_fail(VLS_INPUT_MALFORMED, why, "the body is not an ExchangeRequest");
    status = check_request((const Valise__ExchangeRequest *)message, from, to, why);
    release(message);
    return status;
}

/* -- answers ----------------------------------------------------------------------------------- */

static struct vls_status check_receipt(const Valise__Receipt *receipt, struct vls_why *why)
{
    struct vls_receipt record;
    struct vls_status status = VLS_DONE;

    if (receipt->id.len != VLS_ID_BYTES)
        return vls_fail(VLS_INPUT_MALFORMED, why, "receipt.id: %zu bytes, not 16", receipt->id.len);
    if (receipt->refusal != 0) {
        if (receipt->record.len != 0)
            return vls_fail(VLS_INPUT_MALFORMED, why, "receipt: both a refusal and a record");
        return VLS_DONE;
    }
    VLS_TRY(check_inclusion(receipt->inclusion, why));
    VLS_TRY(vls_receipt_read(slice_of(&receipt->record), &record, why));
    if (!vls_slice_is_equal(vls_id_slice(&record.id), slice_of(&receipt->id)))
        status = vls_fail(VLS_INPUT_MALFORMED, why, "receipt.record: is for another id");
    vls_receipt_fini(&record);
    return status;
}

static struct vls_status check_response(const Valise__ExchangeResponse *response,
                                        struct vls_why *why)
{
    if (response->version != VLS_EXCHANGE_VERSION)
        return vls_fail(VLS_PEER_VERSION, why, "version %u: this gateway speaks %u",
                        response->version, VLS_EXCHANGE_VERSION);
    VLS_TRY(check_note(response->checkpoint, "checkpoint", response->n_receipts == 0, why));
    VLS_TRY(check_note(response->cosignature, "cosignature", true, why));
    VLS_TRY(check_consistency(response->consistency, why));
    if (response->n_receipts > VLS_BATCH_MESSAGES)
        return vls_fail(VLS_INPUT_LIMIT, why, "%zu receipts, at most %d are allowed",
                        response->n_receipts, VLS_BATCH_MESSAGES);
    for (size_t i = 0; i < response->n_receipts; i++)
        VLS_TRY(check_receipt(response->receipts[i], why));
    return VLS_DONE;
}

/* Whatever is wrong with a partner's answer has one name for the router: the batch is sent again
 * later. */
static struct vls_status as_protocol(struct vls_status status, const struct vls_why *found,
                                     struct vls_why *why)
{
    if (vls_ok(status))
        return status;
    return vls_fail(status.code == VLS_PEER_VERSION ? VLS_PEER_VERSION : VLS_PEER_PROTOCOL, why,
                    "the partner's answer: %s", found->text);
}

struct vls_status vls_form_response(struct vls_slice body, struct vls_why *why)
{
    ProtobufCMessage *message = decode(&valise__exchange_response__descriptor, body);
    struct vls_why found = {""};
    struct vls_status status;

    if (message == NULL)
        return vls_fail(VLS_PEER_PROTOCOL, why, "the partner's answer is not an ExchangeResponse");
    status = check_response((const Valise__ExchangeResponse *)message, &found);
    release(message);
    return as_protocol(status, &found, why);
}

struct vls_status vls_form_stale(struct vls_slice body, struct vls_why *why)
{
    ProtobufCMessage *message = decode(&valise__stale_checkpoint__descriptor, body);

    if (message == NULL)
        return vls_fail(VLS_PEER_PROTOCOL, why, "the partner's answer is not a StaleCheckpoint");
    release(message);
    return VLS_DONE;
}
