/* Asking a time stamping authority, and checking what it signed; OpenSSL's TS does the format. */
#include "ledger/stamp.h"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include "base/text.h"
#include "ledger/note.h"
#include "ledger/stamp_internal.h"

#define REQUEST_VERSION 1
#define WORDS_MAX       96 /* bytes of what a TSA says of a failure */

static VLS_STATUS refuse(struct vls_why *why, const char *what)
{
    return vls_fail(VLS_LEDGER_STAMP, why, "the time stamp %s", what);
}

struct vls_status vls_stamp_subject(struct vls_slice note, struct vls_digest *out,
                                    struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    vls_buf_init(&text, VLS_MAX_NOTE);
    VLS_TRY(vls_checkpoint_signed(note, &text, why));
    *out = vls_digest_of_slice(vls_buf_slice(&text));
    return VLS_DONE;
}

/* -- the request ------------------------------------------------------------------------------- */

static bool set_imprint(TS_REQ *request, const struct vls_digest *digest)
{
    uint8_t bytes[VLS_DIGEST_BYTES]; /* OpenSSL wants them writable */
    TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
    X509_ALGOR *algorithm = X509_ALGOR_new();
    vls_copy(bytes, digest->bytes, sizeof bytes);
    bool is_set = imprint != NULL && algorithm != NULL &&
                  X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) == 1 &&
                  TS_MSG_IMPRINT_set_algo(imprint, algorithm) == 1 &&
                  TS_MSG_IMPRINT_set_msg(imprint, bytes, sizeof bytes) == 1 &&
                  TS_REQ_set_msg_imprint(request, imprint) == 1;
    X509_ALGOR_free(algorithm);
    TS_MSG_IMPRINT_free(imprint);
    return is_set;
}

static bool set_nonce(TS_REQ *request, const uint8_t nonce[VLS_STAMP_NONCE])
{
    struct vls_reader bytes = vls_reader_of(VLS_SLICE(nonce, VLS_STAMP_NONCE));
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    bool is_set = number != NULL && ASN1_INTEGER_set_uint64(number, vls_reader_u64(&bytes)) == 1 &&
                  TS_REQ_set_nonce(request, number) == 1;
    ASN1_INTEGER_free(number);
    return is_set;
}

/** What is asked; `nonce` NULL: without one. NULL without memory. */
static TS_REQ *request_of(const struct vls_digest *digest, const uint8_t *nonce)
{
    TS_REQ *request = TS_REQ_new();
    if (request != NULL && TS_REQ_set_version(request, REQUEST_VERSION) == 1 &&
        TS_REQ_set_cert_req(request, 1) == 1 && set_imprint(request, digest) &&
        (nonce == NULL || set_nonce(request, nonce)))
        return request;
    TS_REQ_free(request);
    return NULL;
}

struct vls_status vls_stamp_ask(const struct vls_digest *digest,
                                const uint8_t nonce[VLS_STAMP_NONCE], struct vls_buf *out,
                                struct vls_why *why)
{
    unsigned char *der = NULL;
    TS_REQ *request = request_of(digest, nonce);
    int len = request != NULL ? i2d_TS_REQ(request, &der) : -1;
    TS_REQ_free(request);
    if (len <= 0)
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "a request for a time stamp cannot be made");
    struct vls_status s = vls_buf_add(out, der, (size_t)len);
    OPENSSL_free(der);
    return s;
}

/* -- the signature ----------------------------------------------------------------------------- */

/** The first reason that OpenSSL's time stamping gives, or the last of any part of it. */
static VLS_STATUS refuse_as_said(struct vls_why *why)
{
    const char *words = "it does not verify", *data = NULL;
    const char *whose = "";
    unsigned long error;
    int flags = 0;
    while ((error = ERR_get_error_all(NULL, NULL, NULL, &data, &flags)) != 0) {
        const char *reason = ERR_reason_error_string(error);
        bool is_last = ERR_GET_LIB(error) == ERR_LIB_TS || ERR_GET_LIB(error) == ERR_LIB_ESS;
        if (data != NULL && *data != '\0' && (flags & ERR_TXT_STRING) != 0)
            words = data;
        else if (reason != NULL)
            words = reason;
        if (ERR_GET_LIB(error) == ERR_LIB_TS &&
            ERR_GET_REASON(error) == TS_R_CERTIFICATE_VERIFY_ERROR)
            whose = "the issuers that are given (tsa-ca, --tsa) do not verify its certificate: ";
        if (is_last)
            break;
    }
    return vls_fail(VLS_LEDGER_STAMP, why, "the time stamp is not accepted: %s%.120s", whose,
                    words);
}

/** OpenSSL's own check of everything, by `request`: imprint, nonce if it has one, the certificate
 * that the signature names (ESS), the signature, the chain, and the name of the TSA. */
static VLS_STATUS check_all(const struct vls_stamp_token *token, TS_REQ *request,
                            const struct vls_stamp_trust *trust, uint64_t at_ms,
                            struct vls_why *why)
{
    TS_VERIFY_CTX *ctx = request != NULL ? TS_REQ_to_TS_VERIFY_CTX(request, NULL) : NULL;
    X509_STORE *store = vls_stamp_trust_at(trust, at_ms);
    if (ctx == NULL || store == NULL) {
        X509_STORE_free(store);
        TS_VERIFY_CTX_free(ctx);
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "a time stamp cannot be checked");
    }
    TS_VERIFY_CTX_add_flags(ctx, TS_VFY_SIGNATURE);
    TS_VERIFY_CTX_set_store(ctx, store); /* taken */
    ERR_clear_error();
    bool is_good = TS_RESP_verify_token(ctx, token->pkcs7) == 1;
    TS_VERIFY_CTX_free(ctx);
    return is_good ? VLS_DONE : refuse_as_said(why);
}

/** Said in words of ours before OpenSSL says it in its own. */
static VLS_STATUS check_certificate(const struct vls_stamp_token *token, struct vls_why *why)
{
    if (token->certificate == NULL)
        return refuse(why, "does not hold the certificate of the TSA");
    if (X509_check_purpose(token->certificate, X509_PURPOSE_TIMESTAMP_SIGN, 0) != 1)
        return refuse(why, "is signed with a certificate that is not for time stamping alone "
                           "(extended key usage timeStamping, critical)");
    return VLS_DONE;
}

/** `nonce` NULL: none is expected. */
static VLS_STATUS verify(struct vls_slice der, const struct vls_digest *digest,
                         const uint8_t *nonce, const struct vls_stamp_trust *trust,
                         struct vls_stamp *out, struct vls_why *why)
{
    VLS_DEFER(vls_stamp_token_fini) struct vls_stamp_token token = {.pkcs7 = NULL};
    struct vls_stamp stamp;
    VLS_TRY(vls_stamp_token_read(der, &token, &stamp, why));
    VLS_TRY(vls_stamp_token_is_about(&token, digest, why));
    VLS_TRY(check_certificate(&token, why));
    TS_REQ *request = request_of(digest, nonce);
    struct vls_status s = check_all(&token, request, trust, stamp.time_ms, why);
    TS_REQ_free(request);
    VLS_TRY(s);
    *out = stamp;
    return VLS_DONE;
}

struct vls_status vls_stamp_read(struct vls_slice token, const struct vls_digest *digest,
                                 struct vls_stamp *out, struct vls_why *why)
{
    VLS_DEFER(vls_stamp_token_fini) struct vls_stamp_token read = {.pkcs7 = NULL};
    struct vls_stamp stamp;
    VLS_TRY(vls_stamp_token_read(token, &read, &stamp, why));
    VLS_TRY(vls_stamp_token_is_about(&read, digest, why));
    *out = stamp;
    return VLS_DONE;
}

struct vls_status vls_stamp_verify(struct vls_slice token, const struct vls_digest *digest,
                                   const struct vls_stamp_trust *trust, struct vls_stamp *out,
                                   struct vls_why *why)
{
    return verify(token, digest, NULL, trust, out, why);
}

/* -- the answer -------------------------------------------------------------------------------- */

/** PKIFailureInfo, RFC 3161 section 2.4.2. */
static const char *failure_of(const ASN1_BIT_STRING *bits)
{
    static const struct {
        int bit;
        const char *words;
    } FAILURES[] = {
        {TS_INFO_BAD_ALG, "the algorithm is not known or not supported"},
        {TS_INFO_BAD_REQUEST, "the request is not permitted or not supported"},
        {TS_INFO_BAD_DATA_FORMAT, "the request has the wrong format"},
        {TS_INFO_TIME_NOT_AVAILABLE, "its source of time is not available"},
        {TS_INFO_UNACCEPTED_POLICY, "the policy is not supported"},
        {TS_INFO_UNACCEPTED_EXTENSION, "an extension is not supported"},
        {TS_INFO_ADD_INFO_NOT_AVAILABLE, "information that was asked for is not available"},
        {TS_INFO_SYSTEM_FAILURE, "a failure of its system"},
    };
    for (size_t i = 0; bits != NULL && i < sizeof FAILURES / sizeof FAILURES[0]; i++)
        if (ASN1_BIT_STRING_get_bit(bits, FAILURES[i].bit) == 1)
            return FAILURES[i].words;
    return "it gives no reason that is known";
}

/** The TSA's own words, cleaned: in quotes, or nothing. */
static void own_words(const STACK_OF(ASN1_UTF8STRING) * texts, char out[WORDS_MAX])
{
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    const ASN1_UTF8STRING *first =
        sk_ASN1_UTF8STRING_num(texts) > 0 ? sk_ASN1_UTF8STRING_value(texts, 0) : NULL;
    out[0] = '\0';
    vls_buf_init(&text, VLS_MAX_STAMP_ANSWER);
    if (first == NULL || !vls_ok(vls_buf_add(&text, ASN1_STRING_get0_data(first),
                                             (size_t)ASN1_STRING_length(first))))
        return;
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < ' ' || text.at[i] > '~')
            text.at[i] = ' ';
    vls_text_copy(out, WORDS_MAX, vls_buf_text(&text));
}

static VLS_STATUS check_status(TS_STATUS_INFO *info, struct vls_why *why)
{
    static const char *const NAMES[] = {
        "granted",           "granted with modifications", "rejected",
        "put off (waiting)", "warned of a revocation",     "told of a revocation",
    };
    uint64_t status;
    char words[WORDS_MAX];
    if (ASN1_INTEGER_get_uint64(&status, TS_STATUS_INFO_get0_status(info)) != 1 ||
        status >= sizeof NAMES / sizeof NAMES[0])
        return vls_fail(VLS_LEDGER_STAMP, why, "the answer of the TSA has no status that is known");
    if (status == TS_STATUS_GRANTED || status == TS_STATUS_GRANTED_WITH_MODS)
        return VLS_DONE;
    own_words(TS_STATUS_INFO_get0_text(info), words);
    return vls_fail(VLS_LEDGER_UNSTAMPED, why, "the TSA %s it: %s%s%s%s", NAMES[status],
                    failure_of(TS_STATUS_INFO_get0_failure_info(info)),
                    *words != '\0' ? " (\"" : "", words, *words != '\0' ? "\")" : "");
}

/** The token as bytes of its own, for one form is what is kept. */
static VLS_STATUS token_of(struct vls_slice answer, struct vls_buf *out, struct vls_why *why)
{
    if (answer.len == 0 || answer.len > VLS_MAX_STAMP_ANSWER)
        return vls_fail(VLS_LEDGER_STAMP, why, "the TSA's answer has %zu bytes; 1 to %d are read",
                        answer.len, VLS_MAX_STAMP_ANSWER);
    const unsigned char *at = answer.at;
    unsigned char *der = NULL;
    TS_RESP *response = d2i_TS_RESP(NULL, &at, (long)answer.len);
    struct vls_status s = VLS_DONE;
    int len = -1;
    if (response == NULL || at != answer.at + answer.len)
        s = vls_fail(VLS_LEDGER_STAMP, why,
                     "the TSA's answer is not one TimeStampResp, and nothing behind it");
    else
        s = check_status(TS_RESP_get_status_info(response), why);
    if (vls_ok(s) && TS_RESP_get_token(response) != NULL)
        len = i2d_PKCS7(TS_RESP_get_token(response), &der);
    if (vls_ok(s))
        s = len > 0 ? vls_buf_add(out, der, (size_t)len)
                    : vls_fail(VLS_LEDGER_STAMP, why, "the TSA granted it, and sent no time stamp");
    OPENSSL_free(der);
    TS_RESP_free(response);
    ERR_clear_error();
    return s;
}

struct vls_status vls_stamp_take(struct vls_slice answer, const struct vls_digest *digest,
                                 const uint8_t nonce[VLS_STAMP_NONCE],
                                 const struct vls_stamp_trust *trust, struct vls_buf *out_token,
                                 struct vls_stamp *out, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf token;
    struct vls_stamp stamp;
    vls_buf_init(&token, VLS_MAX_STAMP_ANSWER);
    VLS_TRY(token_of(answer, &token, why));
    VLS_TRY(verify(vls_buf_slice(&token), digest, nonce, trust, &stamp, why));
    VLS_TRY(vls_buf_add_slice(out_token, vls_buf_slice(&token)));
    *out = stamp;
    return VLS_DONE;
}
