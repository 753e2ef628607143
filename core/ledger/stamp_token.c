/* The form of a time stamp token (RFC 3161 section 2.4.2), and what it says. */
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/ts.h>
#include <string.h>

#include "base/asn1.h"
#include "base/text.h"
#include "ledger/stamp_internal.h"

#define TST_VERSION     1
#define ACCURACY_MAX_S  1000000u
#define PER_SECOND      1000u
#define TIME_DIGITS     14 /* YYYYMMDDhhmmss */
#define FRACTION_MAX    9  /* digits: of nanoseconds */
#define SUBJECT_AS_TEXT (XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB)

static VLS_STATUS refuse(struct vls_why *why, const char *what)
{
    return vls_fail(VLS_LEDGER_STAMP, why, "the time stamp %s", what);
}

void vls_stamp_token_fini(struct vls_stamp_token *token)
{
    TS_TST_INFO_free(token->info);
    PKCS7_free(token->pkcs7);
    ERR_clear_error();
}

/* -- form -------------------------------------------------------------------------------------- */

/** Written again it must be the same bytes: a token has one form, and no room for anything besides.
 */
static bool is_der(const PKCS7 *token, struct vls_slice der)
{
    unsigned char *again = NULL;
    int len = i2d_PKCS7(token, &again);
    bool is_same = len > 0 && vls_slice_is_equal(VLS_SLICE(again, (size_t)len), der);
    OPENSSL_free(again);
    return is_same;
}

static bool is_digest_of_profile(int nid)
{
    return nid == NID_sha256 || nid == NID_sha384 || nid == NID_sha512;
}

/** ECDSA or RSA (PKCS #1 v1.5), which may be named with the digest or without. */
static bool is_signature_of(const X509_ALGOR *signature, int digest)
{
    const ASN1_OBJECT *name = NULL;
    int inner_digest = NID_undef, inner_key = NID_undef;
    X509_ALGOR_get0(&name, NULL, NULL, signature);
    if (OBJ_obj2nid(name) == NID_rsaEncryption)
        return true;
    return OBJ_find_sigid_algs(OBJ_obj2nid(name), &inner_digest, &inner_key) == 1 &&
           inner_digest == digest &&
           (inner_key == NID_rsaEncryption || inner_key == NID_X9_62_id_ecPublicKey);
}

/** One signer, whose signature is by algorithms that hold. */
static VLS_STATUS check_signer(PKCS7 *token, X509 **out_certificate, struct vls_why *why)
{
    STACK_OF(PKCS7_SIGNER_INFO) *signers = PKCS7_get_signer_info(token);
    X509_ALGOR *digest = NULL, *signature = NULL;
    const ASN1_OBJECT *name = NULL;
    if (signers == NULL || sk_PKCS7_SIGNER_INFO_num(signers) != 1)
        return refuse(why, "has not exactly one signer");
    PKCS7_SIGNER_INFO_get0_algs(sk_PKCS7_SIGNER_INFO_value(signers, 0), NULL, &digest, &signature);
    X509_ALGOR_get0(&name, NULL, NULL, digest);
    if (!is_digest_of_profile(OBJ_obj2nid(name)))
        return refuse(why, "is signed over another digest than SHA-256, SHA-384 or SHA-512");
    if (!is_signature_of(signature, OBJ_obj2nid(name)))
        return refuse(why, "is neither signed by ECDSA nor by RSA (PKCS #1 v1.5)");
    STACK_OF(X509) *found = PKCS7_get0_signers(token, NULL, 0);
    *out_certificate = sk_X509_num(found) == 1 ? sk_X509_value(found, 0) : NULL;
    sk_X509_free(found);
    return VLS_DONE;
}

static VLS_STATUS read_token(struct vls_slice der, struct vls_stamp_token *token,
                             struct vls_why *why)
{
    if (der.len == 0 || der.len > VLS_MAX_STAMP)
        return vls_fail(VLS_LEDGER_STAMP, why, "a time stamp of %zu bytes; 1 to %d are read",
                        der.len, VLS_MAX_STAMP);
    const unsigned char *at = der.at;
    token->pkcs7 = d2i_PKCS7(NULL, &at, (long)der.len);
    if (token->pkcs7 == NULL || at != der.at + der.len || !is_der(token->pkcs7, der))
        return refuse(why, "is not one CMS structure in DER, and nothing behind it");
    token->info = PKCS7_to_TS_TST_INFO(token->pkcs7);
    if (token->info == NULL || TS_TST_INFO_get_version(token->info) != TST_VERSION)
        return refuse(why, "is not a signed TSTInfo of version 1");
    if (TS_TST_INFO_get_ext_by_critical(token->info, 1, -1) >= 0)
        return refuse(why, "has a critical extension, and none is known here");
    return check_signer(token->pkcs7, &token->certificate, why);
}

/* -- what it says ------------------------------------------------------------------------------ */

/** Thousandths of a second behind the seconds of "YYYYMMDDhhmmss[.f...]Z". */
static bool read_fraction(struct vls_slice time, uint64_t *out_ms)
{
    uint64_t ms = 0, unit = PER_SECOND / 10;
    if (time.len == TIME_DIGITS + 1 && time.at[TIME_DIGITS] == 'Z') {
        *out_ms = 0;
        return true;
    }
    if (time.len < TIME_DIGITS + 3 || time.len > TIME_DIGITS + 2 + FRACTION_MAX ||
        time.at[TIME_DIGITS] != '.' || time.at[time.len - 1] != 'Z')
        return false;
    for (size_t i = TIME_DIGITS + 1; i + 1 < time.len; i++, unit /= 10) {
        if (time.at[i] < '0' || time.at[i] > '9')
            return false;
        ms += (uint64_t)(time.at[i] - '0') * unit;
    }
    *out_ms = ms;
    return true;
}

static bool read_time(const ASN1_GENERALIZEDTIME *time, uint64_t *out_ms)
{
    uint64_t whole, fraction;
    if (!vls_asn1_time_ms(time, &whole) ||
        !read_fraction(VLS_SLICE(ASN1_STRING_get0_data(time), (size_t)ASN1_STRING_length(time)),
                       &fraction))
        return false;
    *out_ms = whole + fraction;
    return true;
}

/** An absent number is 0. */
static bool read_number(const ASN1_INTEGER *number, uint64_t max, uint64_t *out)
{
    *out = 0;
    return number == NULL || (ASN1_INTEGER_get_uint64(out, number) == 1 && *out <= max);
}

static bool read_accuracy(TS_ACCURACY *accuracy, struct vls_stamp *out)
{
    uint64_t s, ms, us;
    out->has_accuracy = accuracy != NULL;
    if (accuracy == NULL)
        return true;
    if (!read_number(TS_ACCURACY_get_seconds(accuracy), ACCURACY_MAX_S, &s) ||
        !read_number(TS_ACCURACY_get_millis(accuracy), PER_SECOND - 1, &ms) ||
        !read_number(TS_ACCURACY_get_micros(accuracy), PER_SECOND - 1, &us))
        return false;
    out->accuracy_us = (s * PER_SECOND + ms) * PER_SECOND + us;
    return true;
}

/** OpenSSL escapes control characters in a name; what is not UTF-8 then is not shown. */
static void describe(X509 *certificate, char out[VLS_STAMP_TSA])
{
    char *at = NULL;
    BIO *text = BIO_new(BIO_s_mem());
    out[0] = '\0';
    if (text != NULL &&
        X509_NAME_print_ex(text, X509_get_subject_name(certificate), 0, SUBJECT_AS_TEXT) >= 0 &&
        BIO_write(text, "", 1) == 1 && BIO_get_mem_data(text, &at) > 0 &&
        vls_text_is_clean(vls_slice_text(at), false))
        vls_text_copy(out, VLS_STAMP_TSA, at);
    BIO_free(text);
}

static VLS_STATUS read_info(const struct vls_stamp_token *token, struct vls_stamp *out,
                            struct vls_why *why)
{
    TS_TST_INFO *info = token->info;
    const ASN1_INTEGER *serial = TS_TST_INFO_get_serial(info);
    *out = (struct vls_stamp){.time_ms = 0};
    if (!read_time(TS_TST_INFO_get_time(info), &out->time_ms))
        return refuse(why, "does not say its time in UTC as RFC 3161 writes it");
    if (!read_accuracy(TS_TST_INFO_get_accuracy(info), out))
        return refuse(why, "states an accuracy that is none");
    if (serial == NULL || ASN1_STRING_length(serial) > VLS_STAMP_SERIAL)
        return refuse(why, "has a serial number that is too long");
    vls_hex(VLS_SLICE(ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial)),
            out->serial);
    if (OBJ_obj2txt(out->policy, sizeof out->policy, TS_TST_INFO_get_policy_id(info), 1) >=
        (int)sizeof out->policy)
        return refuse(why, "names a policy that is too long");
    if (token->certificate != NULL)
        describe(token->certificate, out->tsa);
    return VLS_DONE;
}

struct vls_status vls_stamp_token_read(struct vls_slice der, struct vls_stamp_token *out,
                                       struct vls_stamp *out_stamp, struct vls_why *why)
{
    struct vls_stamp_token token = {.pkcs7 = NULL};
    struct vls_stamp stamp;
    struct vls_status s = read_token(der, &token, why);
    if (vls_ok(s))
        s = read_info(&token, &stamp, why);
    if (!vls_ok(s)) {
        vls_stamp_token_fini(&token);
        return s;
    }
    *out = token;
    *out_stamp = stamp;
    return s;
}

struct vls_status vls_stamp_token_is_about(const struct vls_stamp_token *token,
                                           const struct vls_digest *digest, struct vls_why *why)
{
    TS_MSG_IMPRINT *imprint = TS_TST_INFO_get_msg_imprint(token->info);
    const ASN1_OBJECT *name = NULL;
    X509_ALGOR_get0(&name, NULL, NULL, TS_MSG_IMPRINT_get_algo(imprint));
    if (OBJ_obj2nid(name) != NID_sha256)
        return refuse(why, "is over another digest than SHA-256");
    const ASN1_OCTET_STRING *bytes = TS_MSG_IMPRINT_get_msg(imprint);
    if (!vls_slice_is_equal(
            VLS_SLICE(ASN1_STRING_get0_data(bytes), (size_t)ASN1_STRING_length(bytes)),
            vls_digest_slice(digest)))
        return refuse(why, "is about another checkpoint: the digest in it differs");
    return VLS_DONE;
}
