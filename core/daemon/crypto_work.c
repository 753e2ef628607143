#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/id.h"
#include "daemon/crypto.h"

/* Digests of the hashes that TLS 1.3 signs with: SHA-256, SHA-384, SHA-512. */
static bool is_digest_length(size_t len)
{
    return len == 32 || len == 48 || len == 64;
}
/* An ECDSA signature on P-256 as DER: two integers of at most 33 bytes. */
#define MAX_TLS_SIGNATURE 128

void vls_crypto_init(struct vls_crypto *crypto, struct vls_keys *keys)
{
    crypto->keys = keys;
    vls_note_signer_init(&crypto->signer, keys);
}

void vls_crypto_fini(struct vls_crypto *crypto)
{
    vls_note_signer_fini(&crypto->signer);
    vls_keys_free(&crypto->keys);
}

static struct vls_slice slice_of(const ProtobufCBinaryData *data)
{
    return VLS_SLICE(data->data, data->len);
}

/* What an answer points to is borrowed from the answer itself. */
static ProtobufCBinaryData data_of(struct vls_slice bytes)
{
    return (ProtobufCBinaryData){.len = bytes.len, .data = (uint8_t *)(uintptr_t)bytes.at};
}

static struct vls_status check_fds(const struct vls_fds *fds, size_t expected, struct vls_why *why)
{
    if (fds->count == expected)
        return VLS_DONE;
    return vls_fail(VLS_INPUT_MALFORMED, why, "%zu descriptors came, and %zu were expected",
                    fds->count, expected);
}

/* -- seal -------------------------------------------------------------------------------------- */

/* The own archive always comes last: what was sent stays readable here. */
static struct vls_status find_recipients(const struct vls_keys *keys,
                                         const Valise__SealRequest *request,
                                         X509 *out[VLS_MAX_RECIPIENTS], struct vls_why *why)
{
    if (request->n_recipients >= VLS_MAX_RECIPIENTS) /* none: for the own archive alone */
        return vls_fail(VLS_INPUT_LIMIT, why, "%zu recipients, and %u is the most",
                        request->n_recipients, VLS_MAX_RECIPIENTS - 1);
    for (size_t i = 0; i < request->n_recipients; i++) {
        out[i] = vls_keys_recipient(keys, request->recipients[i]);
        if (out[i] == NULL)
            return vls_fail(VLS_ENVELOPE_KEY, why,
                            "there is no sealing certificate of %s: configure it as a partner",
                            request->recipients[i]);
    }
    out[request->n_recipients] = keys->archive_certificate;
    return VLS_DONE;
}

static void fill_seal_result(struct vls_crypto_answer *out, const struct vls_seal_part *parts,
                             size_t count)
{
    Valise__SealResult *result = &out->result.seal;
    result->sealed = data_of(vls_buf_slice(&out->sealed.cms));
    result->sealed_digest = data_of(vls_digest_slice(&out->sealed.cms_digest));
    result->content = data_of(vls_buf_slice(&out->bytes));
    result->content_digest = data_of(vls_digest_slice(&out->sealed.content_digest));
    result->content_bytes = out->sealed.content_bytes;
    for (size_t i = 0; i < count; i++) {
        out->part_digests[i] = parts[i].digest;
        out->part_digest_data[i] = data_of(vls_digest_slice(&out->part_digests[i]));
    }
    result->part_digests = out->part_digest_data;
    result->n_part_digests = count;
}

static struct vls_status seal(struct vls_crypto *crypto, const Valise__SealRequest *request,
                              const struct vls_fds *fds, struct vls_crypto_answer *out,
                              struct vls_why *why)
{
    X509 *recipients[VLS_MAX_RECIPIENTS];
    struct vls_seal_part parts[VLS_MAX_PARTS];
    struct vls_id id;
    if (request->n_parts > VLS_MAX_PARTS)
        return vls_fail(VLS_INPUT_LIMIT, why, "%zu documents, and the limit is %d",
                        request->n_parts, VLS_MAX_PARTS);
    VLS_TRY(check_fds(fds, request->n_parts + (request->is_inline ? 0 : 1), why));
    if (!vls_ok(vls_id_from(slice_of(&request->id), &id)))
        return vls_fail(VLS_INPUT_MALFORMED, why, "the id is not a UUID of version 7");
    VLS_TRY(find_recipients(crypto->keys, request, recipients, why));
    for (size_t i = 0; i < request->n_parts; i++)
        parts[i] = (struct vls_seal_part){
            .fd = fds->fd[i], .name = request->parts[i]->name, .bytes = request->parts[i]->bytes};
    VLS_TRY(vls_seal(slice_of(&request->descriptor_json), slice_of(&request->labels_xml), parts,
                     request->n_parts, recipients, request->n_recipients + 1, vls_id_ms(&id),
                     request->is_inline ? -1 : fds->fd[request->n_parts], &out->bytes, &out->sealed,
                     why));
    fill_seal_result(out, parts, request->n_parts);
    return VLS_DONE;
}

static void answer_seal(struct vls_crypto *crypto, const Valise__SealRequest *request,
                        const struct vls_fds *fds, struct vls_crypto_answer *out)
{
    Valise__SealResult *result = &out->result.seal;
    valise__seal_result__init(result);
    vls_buf_init(&out->bytes, VLS_INLINE_CONTENT);
    struct vls_status s = seal(crypto, request, fds, out, &out->why);
    vls_outcome_init(&out->outcome, s, &out->why);
    result->outcome = &out->outcome;
    result->id = request->id;
    out->frame.body_case = VALISE__FRAME__BODY_SEAL_RESULT;
    out->frame.seal_result = result;
}

/* -- open -------------------------------------------------------------------------------------- */

static struct vls_status open_content(struct vls_crypto *crypto, const Valise__OpenRequest *request,
                                      const struct vls_fds *fds, uint64_t *out_bytes,
                                      struct vls_why *why)
{
    const struct vls_keys *keys = crypto->keys;
    bool is_inline = request->content.len != 0;
    VLS_TRY(check_fds(fds, is_inline ? 1 : 2, why));
    struct vls_open_input in = {.cms = slice_of(&request->sealed),
                                .content = slice_of(&request->content),
                                .content_fd = is_inline ? -1 : fds->fd[0],
                                .content_bytes = request->content_bytes};
    if (!vls_ok(vls_digest_from(slice_of(&request->content_digest), &in.content_digest)))
        return vls_fail(VLS_INPUT_MALFORMED, why, "the digest of the content has not 32 bytes");
    int plain_fd = fds->fd[fds->count - 1];
    struct vls_status s =
        vls_open(&in, request->is_archive ? keys->archive : keys->seal,
                 request->is_archive ? keys->archive_certificate : keys->seal_certificate, plain_fd,
                 out_bytes, why);
    /* not sealed to that key: to one before it, perhaps; nothing was read of the content yet */
    for (size_t i = 0; s.code == VLS_ENVELOPE_KEY && i < keys->former_count; i++)
        if (keys->former[i].is_archive == request->is_archive)
            s = vls_open(&in, keys->former[i].key, keys->former[i].certificate, plain_fd, out_bytes,
                         why);
    return s;
}

static void answer_open(struct vls_crypto *crypto, const Valise__OpenRequest *request,
                        const struct vls_fds *fds, struct vls_crypto_answer *out)
{
    Valise__OpenResult *result = &out->result.open;
    valise__open_result__init(result);
    struct vls_status s = open_content(crypto, request, fds, &result->plain_bytes, &out->why);
    vls_outcome_init(&out->outcome, s, &out->why);
    result->outcome = &out->outcome;
    result->id = request->id;
    out->frame.body_case = VALISE__FRAME__BODY_OPEN_RESULT;
    out->frame.open_result = result;
}

/* -- sign -------------------------------------------------------------------------------------- */

static struct vls_status sign_tls(EVP_PKEY *key, struct vls_slice digest, struct vls_buf *out,
                                  struct vls_why *why)
{
    uint8_t *at;
    size_t len = MAX_TLS_SIGNATURE;
    if (!is_digest_length(digest.len))
        return vls_fail(VLS_INPUT_MALFORMED, why,
                        "a digest of %zu bytes: only 32, 48 and 64 are signed", digest.len);
    VLS_TRY(vls_buf_reserve(out, len, &at));
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    bool is_signed = ctx != NULL && EVP_PKEY_sign_init(ctx) == 1 &&
                     EVP_PKEY_sign(ctx, at, &len, digest.at, digest.len) == 1;
    EVP_PKEY_CTX_free(ctx);
    ERR_clear_error();
    if (!is_signed)
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "the handshake cannot be signed");
    vls_buf_took(out, len);
    return VLS_DONE;
}

static void start_sign_result(struct vls_crypto_answer *out)
{
    valise__sign_result__init(&out->result.sign);
    vls_buf_init(&out->bytes, VLS_MAX_NOTE);
    out->result.sign.outcome = &out->outcome;
    out->frame.body_case = VALISE__FRAME__BODY_SIGN_RESULT;
    out->frame.sign_result = &out->result.sign;
}

static void answer_sign(struct vls_crypto *crypto, const Valise__SignRequest *request,
                        struct vls_crypto_answer *out)
{
    start_sign_result(out);
    struct vls_status s = vls_note_signer_sign(&crypto->signer, request, &out->bytes, &out->why);
    if (vls_ok(s))
        out->result.sign.note = (char *)(uintptr_t)vls_buf_text(&out->bytes);
    if (out->result.sign.note == NULL)
        s = vls_fail(VLS_SYSTEM_MEMORY, &out->why, "no memory for a signed note");
    vls_outcome_init(&out->outcome, s, &out->why);
}

static void answer_tls_sign(struct vls_crypto *crypto, const Valise__TlsSignRequest *request,
                            struct vls_crypto_answer *out)
{
    start_sign_result(out);
    struct vls_status s =
        sign_tls(crypto->keys->tls, slice_of(&request->digest), &out->bytes, &out->why);
    if (vls_ok(s))
        out->result.sign.signature = data_of(vls_buf_slice(&out->bytes));
    vls_outcome_init(&out->outcome, s, &out->why);
}

/* -- one question ------------------------------------------------------------------------------ */

/*~ Who may ask for what: the second lock behind the channel's own list (proc/roles.c). */
static bool may_ask(enum vls_role_kind peer, int body)
{
    if (body == VALISE__FRAME__BODY_TLS_SIGN)
        return peer == VLS_ROLE_EDGE;
    return peer == VLS_ROLE_ROUTER &&
           (body == VALISE__FRAME__BODY_SEAL || body == VALISE__FRAME__BODY_OPEN ||
            body == VALISE__FRAME__BODY_SIGN);
}

struct vls_status vls_crypto_answer(struct vls_crypto *crypto, enum vls_role_kind peer,
                                    const Valise__Frame *frame, const struct vls_fds *fds,
                                    struct vls_crypto_answer *out, struct vls_why *why)
{
    int body = (int)frame->body_case;
    *out = (struct vls_crypto_answer){0};
    valise__frame__init(&out->frame);
    if (!may_ask(peer, body))
        return vls_fail(VLS_WIRE_REFUSED, why, "%s may not ask for frame %d", vls_role_name(peer),
                        body);
    out->frame.reply_to = frame->serial;
    if (body == VALISE__FRAME__BODY_SEAL)
        answer_seal(crypto, frame->seal, fds, out);
    else if (body == VALISE__FRAME__BODY_OPEN)
        answer_open(crypto, frame->open, fds, out);
    else if (body == VALISE__FRAME__BODY_SIGN)
        answer_sign(crypto, frame->sign, out);
    else
        answer_tls_sign(crypto, frame->tls_sign, out);
    return VLS_DONE;
}

void vls_crypto_answer_fini(struct vls_crypto_answer *answer)
{
    vls_sealed_fini(&answer->sealed);
    vls_buf_fini(&answer->bytes);
}
