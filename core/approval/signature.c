/*
 * Checking what a person signed. From the outside in: the form, the signature over the signed
 * attributes, their digest of the bytes, and then whose certificate it is.
 */
#include "approval/signature.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include "approval/signature_internal.h"
#include "base/asn1.h"

#define CHAIN_DEPTH_MAX 8
#define SECURITY_LEVEL  2    /* of OpenSSL: no SHA-1 and nothing below 112 bits within a chain */
#define ONLY_ONE        (-3) /* of OpenSSL: no other such attribute, and it has one value */

struct parsed {
    CMS_ContentInfo *cms;
    CMS_SignerInfo *signer;        /* of cms */
    X509 *certificate;             /* of cms */
    STACK_OF(X509) * certificates; /* all that it holds; owned */
    uint64_t signed_ms;
};

static void parsed_fini(struct parsed *p)
{
    sk_X509_pop_free(p->certificates, X509_free);
    CMS_ContentInfo_free(p->cms);
    ERR_clear_error();
}

static VLS_STATUS form(struct vls_why *why, const char *what)
{
    return vls_fail(VLS_APPROVAL_FORM, why, "the signature %s", what);
}

/* -- form -------------------------------------------------------------------------------------- */

/** Written again it must be the same bytes: there is one encoding of a signature, and no room for
 * anything besides. */
static bool is_der(CMS_ContentInfo *cms, struct vls_slice der)
{
    unsigned char *again = NULL;
    int len = i2d_CMS_ContentInfo(cms, &again);
    bool is_same = len > 0 && vls_slice_is_equal(VLS_SLICE(again, (size_t)len), der);
    OPENSSL_free(again);
    return is_same;
}

static VLS_STATUS read_cms(struct vls_slice der, struct parsed *p, struct vls_why *why)
{
    if (der.len == 0 || der.len > VLS_MAX_SIGNATURE)
        return vls_fail(VLS_APPROVAL_FORM, why, "a signature of %zu bytes; 1 to %u are read",
                        der.len, VLS_MAX_SIGNATURE);
    const unsigned char *at = der.at;
    p->cms = d2i_CMS_ContentInfo(NULL, &at, (long)der.len);
    if (p->cms == NULL || at != der.at + der.len ||
        OBJ_obj2nid(CMS_get0_type(p->cms)) != NID_pkcs7_signed || !is_der(p->cms, der))
        return form(why, "is not one CMS SignedData in DER");
    ASN1_OCTET_STRING **inside = CMS_get0_content(p->cms);
    if (inside == NULL || *inside != NULL ||
        OBJ_obj2nid(CMS_get0_eContentType(p->cms)) != NID_pkcs7_data)
        return form(why, "is not detached: it holds content of its own, or is not of data");
    return VLS_DONE;
}

static VLS_STATUS only_signer(struct parsed *p, struct vls_why *why)
{
    STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(p->cms);
    if (signers == NULL || sk_CMS_SignerInfo_num(signers) != 1)
        return form(why, "has not exactly one signer");
    p->signer = sk_CMS_SignerInfo_value(signers, 0);
    if (CMS_unsigned_get_attr_count(p->signer) > 0)
        return form(why, "has unsigned attributes");
    CMS_set1_signers_certs(p->cms, NULL, 0);
    CMS_SignerInfo_get0_algs(p->signer, NULL, &p->certificate, NULL, NULL);
    p->certificates = CMS_get1_certs(p->cms);
    if (p->certificate == NULL || p->certificates == NULL)
        return form(why, "does not hold the signer's certificate");
    const EVP_PKEY *key = X509_get0_pubkey(p->certificate);
    if (key == NULL)
        return form(why, "holds a certificate without a usable key");
    return vls_profile_key(key, why);
}

static bool is_digest_of_profile(int nid)
{
    return nid == NID_sha256 || nid == NID_sha384 || nid == NID_sha512;
}

static VLS_STATUS check_algorithms(const struct parsed *p, int *out_digest, struct vls_why *why)
{
    X509_ALGOR *digest = NULL, *signature = NULL;
    const ASN1_OBJECT *digest_id = NULL, *signature_id = NULL;
    CMS_SignerInfo_get0_algs(p->signer, NULL, NULL, &digest, &signature);
    X509_ALGOR_get0(&digest_id, NULL, NULL, digest);
    X509_ALGOR_get0(&signature_id, NULL, NULL, signature);
    int of_digest = OBJ_obj2nid(digest_id), of_signature = OBJ_obj2nid(signature_id);
    int inner_digest = NID_undef, inner_key = NID_undef;
    if (!is_digest_of_profile(of_digest))
        return form(why, "uses another digest than SHA-256, SHA-384 or SHA-512");
    if (of_signature != NID_rsaEncryption &&
        (OBJ_find_sigid_algs(of_signature, &inner_digest, &inner_key) != 1 ||
         inner_digest != of_digest ||
         (inner_key != NID_rsaEncryption && inner_key != NID_X9_62_id_ecPublicKey)))
        return form(why, "is neither ECDSA nor RSA (PKCS #1 v1.5) with its own digest");
    *out_digest = of_digest;
    return VLS_DONE;
}

static VLS_STATUS signing_time(struct parsed *p, struct vls_why *why)
{
    const ASN1_OBJECT *name = OBJ_nid2obj(NID_pkcs9_signingTime);
    const ASN1_TIME *time = CMS_signed_get0_data_by_OBJ(p->signer, name, ONLY_ONE, V_ASN1_UTCTIME);
    if (time == NULL)
        time = CMS_signed_get0_data_by_OBJ(p->signer, name, ONLY_ONE, V_ASN1_GENERALIZEDTIME);
    if (!vls_asn1_time_ms(time, &p->signed_ms))
        return form(why, "does not say once when it was made (signingTime)");
    return VLS_DONE;
}

static VLS_STATUS content_type(const struct parsed *p, struct vls_why *why)
{
    const ASN1_OBJECT *type = CMS_signed_get0_data_by_OBJ(
        p->signer, OBJ_nid2obj(NID_pkcs9_contentType), ONLY_ONE, V_ASN1_OBJECT);
    if (type == NULL || OBJ_obj2nid(type) != NID_pkcs7_data)
        return form(why, "does not say once that it is over data (contentType)");
    return VLS_DONE;
}

/* -- bytes ------------------------------------------------------------------------------------- */

static VLS_STATUS check_bytes(const struct parsed *p, int digest, struct vls_slice bytes,
                              struct vls_why *why)
{
    unsigned char ours[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    const ASN1_OCTET_STRING *theirs = CMS_signed_get0_data_by_OBJ(
        p->signer, OBJ_nid2obj(NID_pkcs9_messageDigest), ONLY_ONE, V_ASN1_OCTET_STRING);
    if (theirs == NULL)
        return form(why, "does not say once what it is over (messageDigest)");
    if (CMS_SignerInfo_verify(p->signer) != 1)
        return vls_fail(VLS_APPROVAL_SIGNATURE, why,
                        "the signature does not verify with the key of its certificate");
    if (EVP_Digest(bytes.at, bytes.len, ours, &len, EVP_get_digestbynid(digest), NULL) != 1)
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "a digest cannot be made");
    if (!vls_slice_is_equal(VLS_SLICE(ours, len), VLS_SLICE(ASN1_STRING_get0_data(theirs),
                                                            (size_t)ASN1_STRING_length(theirs))))
        return vls_fail(VLS_APPROVAL_SIGNATURE, why,
                        "other bytes were signed: their digest differs");
    return VLS_DONE;
}

/* -- signer ------------------------------------------------------------------------------------ */

static void describe(X509 *certificate, char *out, size_t room)
{
    BIO *text = BIO_new(BIO_s_mem());
    int got = 0;
    if (text != NULL &&
        X509_NAME_print_ex(text, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253) >= 0)
        got = BIO_read(text, out, (int)room - 1);
    out[got > 0 ? got : 0] = '\0';
    BIO_free(text);
}

static VLS_STATUS fill(const struct parsed *p, const struct vls_anchor *anchor,
                       struct vls_signature *out, struct vls_why *why)
{
    unsigned len = 0;
    *out = (struct vls_signature){.signed_ms = p->signed_ms};
    describe(p->certificate, out->subject, sizeof out->subject);
    if (X509_digest(p->certificate, EVP_sha256(), out->certificate.bytes, &len) != 1 ||
        len != sizeof out->certificate.bytes)
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "a digest cannot be made");
    out->is_anchor = X509_cmp(p->certificate, anchor->certificate) == 0;
    return VLS_DONE;
}

static VLS_STATUS check_chain(const struct parsed *p, const struct vls_anchor *anchor,
                              uint64_t at_ms, const char *when, const char *subject,
                              struct vls_why *why)
{
    X509_STORE_CTX *chain = X509_STORE_CTX_new();
    if (chain == NULL ||
        X509_STORE_CTX_init(chain, anchor->trust, p->certificate, p->certificates) != 1) {
        X509_STORE_CTX_free(chain);
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "a chain of certificates cannot be checked");
    }
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(chain);
    X509_VERIFY_PARAM_set_depth(param, CHAIN_DEPTH_MAX);
    X509_VERIFY_PARAM_set_auth_level(param, SECURITY_LEVEL);
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
    X509_VERIFY_PARAM_set_time(param, (time_t)(at_ms / 1000));
    bool is_good = X509_verify_cert(chain) == 1;
    int error = X509_STORE_CTX_get_error(chain);
    X509_STORE_CTX_free(chain);
    if (is_good)
        return VLS_DONE;
    return vls_fail(VLS_APPROVAL_SIGNER, why,
                    "the certificate of %.80s is not accepted as it stood %s: %.80s", subject, when,
                    X509_verify_cert_error_string(error));
}

static VLS_STATUS check_signer(const struct parsed *p, const struct vls_anchor *anchor,
                               uint64_t now_ms, const struct vls_signature *who,
                               struct vls_why *why)
{
    if (!who->is_anchor && X509_check_ca(anchor->certificate) != 1)
        return vls_fail(VLS_APPROVAL_SIGNER, why,
                        "%.120s signed, whose certificate is not the one that is expected",
                        who->subject);
    if (p->signed_ms > now_ms + VLS_SIGNATURE_SKEW_MS)
        return vls_fail(VLS_APPROVAL_SIGNER, why,
                        "the signature is dated in the future: look at the clocks");
    VLS_TRY(vls_profile_use(p->certificate, why));
    VLS_TRY(check_chain(p, anchor, p->signed_ms, "when it signed", who->subject, why));
    return check_chain(p, anchor, now_ms, "now", who->subject, why);
}

struct vls_status vls_signature_verify(struct vls_slice bytes, struct vls_slice der,
                                       const struct vls_anchor *anchor, uint64_t now_ms,
                                       struct vls_signature *out, struct vls_why *why)
{
    VLS_DEFER(parsed_fini) struct parsed p = {.cms = NULL};
    struct vls_signature who;
    int digest = NID_undef;
    VLS_TRY(read_cms(der, &p, why));
    VLS_TRY(only_signer(&p, why));
    VLS_TRY(check_algorithms(&p, &digest, why));
    VLS_TRY(content_type(&p, why));
    VLS_TRY(signing_time(&p, why));
    VLS_TRY(check_bytes(&p, digest, bytes, why));
    VLS_TRY(fill(&p, anchor, &who, why));
    VLS_TRY(check_signer(&p, anchor, now_ms, &who, why));
    *out = who;
    return VLS_DONE;
}

struct vls_status vls_signature_time(struct vls_slice der, uint64_t *out_ms, struct vls_why *why)
{
    VLS_DEFER(parsed_fini) struct parsed p = {.cms = NULL};
    VLS_TRY(read_cms(der, &p, why));
    VLS_TRY(only_signer(&p, why));
    VLS_TRY(signing_time(&p, why));
    *out_ms = p.signed_ms;
    return VLS_DONE;
}
