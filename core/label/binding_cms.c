/* A CMS signature of a file's bytes, with the label as a signed attribute. */
#include <errno.h>
#include <unistd.h>

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>

#include "base/mem.h"
#include "label/binding.h"
#include "label/binding_internal.h"

#define NID_LABEL NID_id_smime_aa_securityLabel

static void free_cms(CMS_ContentInfo **cms)
{
    CMS_ContentInfo_free(*cms);
}

static void free_bio(BIO **bio)
{
    BIO_free_all(*bio);
}

/** Write all bytes of a file, from its beginning. OpenSSL's own loop takes an error for the end. */
static VLS_STATUS pump(int fd, BIO *to, struct vls_why *why)
{
    uint8_t *chunk = vls_mem_new(VLS_IO_CHUNK);
    struct vls_status s = VLS_DONE;
    ssize_t got = 0;
    off_t offset = 0;
    do {
        got = pread(fd, chunk, VLS_IO_CHUNK, offset);
        if (got < 0 && errno != EINTR)
            s = vls_fail_errno(VLS_SYSTEM_IO, why, errno, "the file cannot be read");
        if (got > 0 && BIO_write(to, chunk, (int)got) != (int)got)
            s = vls_fail(VLS_SYSTEM_CRYPTO, why, "the file cannot be digested");
        offset += got > 0 ? got : 0;
    } while (vls_ok(s) && got != 0);
    vls_mem_wipe(chunk, VLS_IO_CHUNK);
    vls_mem_free(chunk);
    return s;
}

/* -- signing ----------------------------------------------------------------------------------- */

static const EVP_MD *digest_of(EVP_PKEY *key)
{
    bool is_large = EVP_PKEY_get_base_id(key) == EVP_PKEY_EC && EVP_PKEY_get_bits(key) > 256;
    return is_large ? EVP_sha384() : EVP_sha256();
}

static VLS_STATUS crypto_failure(struct vls_why *why)
{
    ERR_clear_error();
    return vls_fail(VLS_SYSTEM_CRYPTO, why, "the CMS signature cannot be made");
}

/** The structure with its attributes, before the content is known. */
static CMS_ContentInfo *start(struct vls_slice label_der, const struct vls_binding_key *key)
{
    CMS_ContentInfo *cms =
        CMS_sign(NULL, NULL, NULL, NULL, CMS_DETACHED | CMS_BINARY | CMS_PARTIAL | CMS_STREAM);
    CMS_SignerInfo *signer =
        cms != NULL ? CMS_add1_signer(cms, key->certificate, key->key, digest_of(key->key),
                                      CMS_PARTIAL | CMS_BINARY | CMS_NOSMIMECAP | CMS_CADES)
                    : NULL;
    /* V_ASN1_SET takes the whole encoding with its tag, and keeps it byte for byte */
    if (signer != NULL && CMS_signed_add1_attr_by_NID(signer, NID_LABEL, V_ASN1_SET, label_der.at,
                                                      (int)label_der.len) == 1)
        return cms;
    CMS_ContentInfo_free(cms);
    return NULL;
}

struct vls_status vls_binding_cms_sign(int fd, struct vls_slice label_der,
                                       const struct vls_binding_key *key, struct vls_buf *out,
                                       struct vls_why *why)
{
    VLS_TRY(vls_label_check_form(label_der, why));
    VLS_TRY(vls_binding_check_pair(key, why));
    VLS_DEFER(free_cms) CMS_ContentInfo *cms = start(label_der, key);
    VLS_DEFER(free_bio) BIO *content = cms != NULL ? CMS_dataInit(cms, NULL) : NULL;
    if (content == NULL)
        return crypto_failure(why);
    VLS_TRY(pump(fd, content, why));
    if (BIO_flush(content) != 1 || CMS_dataFinal(cms, content) != 1)
        return crypto_failure(why);
    unsigned char *der = NULL;
    int len = i2d_CMS_ContentInfo(cms, &der);
    if (len < 0)
        return crypto_failure(why);
    struct vls_status s = VLS_DONE;
    if (len > VLS_MAX_CMS_BINDING)
        s = vls_fail(VLS_INPUT_LIMIT, why, "the CMS signature is larger than %d bytes",
                     VLS_MAX_CMS_BINDING);
    else
        s = vls_buf_add(out, der, (size_t)len);
    OPENSSL_free(der);
    return s;
}

/* -- reading ----------------------------------------------------------------------------------- */

static VLS_STATUS read_cms(struct vls_slice bytes, CMS_ContentInfo **out, struct vls_why *why)
{
    if (bytes.len > VLS_MAX_CMS_BINDING)
        return vls_fail(VLS_INPUT_LIMIT, why, "a CMS signature of %zu bytes; at most %d are read",
                        bytes.len, VLS_MAX_CMS_BINDING);
    const unsigned char *at = bytes.at;
    CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)bytes.len);
    ERR_clear_error();
    if (cms != NULL && at == bytes.at + bytes.len &&
        OBJ_obj2nid(CMS_get0_type(cms)) == NID_pkcs7_signed) {
        *out = cms;
        return VLS_DONE;
    }
    CMS_ContentInfo_free(cms);
    return vls_fail(VLS_LABEL_BINDING, why, "is not one CMS SignedData in DER");
}

static VLS_STATUS only_signer(CMS_ContentInfo *cms, CMS_SignerInfo **out, struct vls_why *why)
{
    STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);
    int count = signers != NULL ? sk_CMS_SignerInfo_num(signers) : 0;
    if (count != 1)
        return vls_fail(VLS_LABEL_BINDING, why, "has %d signers instead of one",
                        count > 0 ? count : 0);
    *out = sk_CMS_SignerInfo_value(signers, 0);
    return VLS_DONE;
}

/** The value of the one signed attribute that is a label; borrowed from the signer. */
static VLS_STATUS label_of(CMS_SignerInfo *signer, struct vls_slice *out, struct vls_why *why)
{
    int at = CMS_signed_get_attr_by_NID(signer, NID_LABEL, -1);
    if (at < 0)
        return vls_fail(VLS_LABEL_BINDING, why,
                        "has no label (signed attribute id-aa-securityLabel)");
    X509_ATTRIBUTE *attribute = CMS_signed_get_attr(signer, at);
    if (CMS_signed_get_attr_by_NID(signer, NID_LABEL, at) >= 0 ||
        X509_ATTRIBUTE_count(attribute) != 1)
        return vls_fail(VLS_LABEL_BINDING, why, "has other than one label");
    const ASN1_STRING *value = X509_ATTRIBUTE_get0_data(attribute, 0, V_ASN1_SET, NULL);
    if (value == NULL)
        return vls_fail(VLS_LABEL_MALFORMED, why, "its label is not a SET");
    struct vls_slice der =
        VLS_SLICE(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
    VLS_TRY(vls_label_check_form(der, why));
    *out = der;
    return VLS_DONE;
}

struct vls_status vls_binding_cms_label(struct vls_slice bytes, struct vls_buf *out_label_der,
                                        struct vls_why *why)
{
    VLS_DEFER(free_cms) CMS_ContentInfo *cms = NULL;
    CMS_SignerInfo *signer = NULL;
    struct vls_slice label;
    VLS_TRY(read_cms(bytes, &cms, why));
    VLS_TRY(only_signer(cms, &signer, why));
    VLS_TRY(label_of(signer, &label, why));
    return vls_buf_add_slice(out_label_der, label);
}

/* -- checking ---------------------------------------------------------------------------------- */

/** The digests and signatures of the profile. */
static VLS_STATUS check_algorithms(CMS_SignerInfo *signer, struct vls_why *why)
{
    X509_ALGOR *digest = NULL, *signature = NULL;
    const ASN1_OBJECT *digest_id = NULL, *signature_id = NULL;
    CMS_SignerInfo_get0_algs(signer, NULL, NULL, &digest, &signature);
    X509_ALGOR_get0(&digest_id, NULL, NULL, digest);
    X509_ALGOR_get0(&signature_id, NULL, NULL, signature);
    int of_digest = OBJ_obj2nid(digest_id);
    if (of_digest != NID_sha256 && of_digest != NID_sha384)
        return vls_fail(VLS_LABEL_BINDING, why, "its digest is neither SHA-256 nor SHA-384");
    switch (OBJ_obj2nid(signature_id)) {
    case NID_rsaEncryption:
    case NID_sha256WithRSAEncryption:
    case NID_sha384WithRSAEncryption:
    case NID_ecdsa_with_SHA256:
    case NID_ecdsa_with_SHA384:
        return VLS_DONE;
    default:
        return vls_fail(VLS_LABEL_BINDING, why,
                        "its signature is neither ECDSA nor RSA (PKCS #1 v1.5) with SHA-256 or "
                        "SHA-384");
    }
}

/** Of the certificates that the file holds, the signer's. Its chain may go over the others. */
static VLS_STATUS check_signer(CMS_ContentInfo *cms, CMS_SignerInfo *signer, X509_STORE *trust,
                               struct vls_binding_signer *out, struct vls_why *why)
{
    X509 *certificate = NULL;
    CMS_set1_signers_certs(cms, NULL, 0);
    CMS_SignerInfo_get0_algs(signer, NULL, &certificate, NULL, NULL);
    if (certificate == NULL)
        return vls_fail(VLS_LABEL_BINDING, why, "does not hold the signer's certificate");
    STACK_OF(X509) *others = CMS_get1_certs(cms);
    struct vls_status s = vls_binding_check_certificate(certificate, others, trust, why);
    sk_X509_pop_free(others, X509_free);
    ERR_clear_error();
    VLS_TRY(s);
    return vls_binding_signer_of(certificate, out, why);
}

/** The signature over the attributes, and their digest of the content. */
static VLS_STATUS check_content(CMS_ContentInfo *cms, CMS_SignerInfo *signer, int fd,
                                struct vls_why *why)
{
    ASN1_OCTET_STRING **inside = CMS_get0_content(cms);
    if (inside == NULL || *inside != NULL ||
        OBJ_obj2nid(CMS_get0_eContentType(cms)) != NID_pkcs7_data)
        return vls_fail(VLS_LABEL_BINDING, why,
                        "is not a detached signature of data: it holds content of its own");
    if (CMS_SignerInfo_verify(signer) != 1) {
        ERR_clear_error();
        return vls_fail(VLS_LABEL_BINDING, why,
                        "the signature does not verify with the key of its certificate");
    }
    VLS_DEFER(free_bio) BIO *content = CMS_dataInit(cms, NULL);
    if (content == NULL)
        return vls_fail(VLS_LABEL_BINDING, why, "its content cannot be digested");
    VLS_TRY(pump(fd, content, why));
    int verdict = BIO_flush(content) == 1 ? CMS_SignerInfo_verify_content(signer, content) : -1;
    ERR_clear_error();
    if (verdict != 1)
        return vls_fail(VLS_LABEL_BINDING, why,
                        "the file is not what was bound: its digest differs");
    return VLS_DONE;
}

struct vls_status vls_binding_cms_verify(struct vls_slice bytes, int fd, X509_STORE *trust,
                                         struct vls_buf *out_label_der,
                                         struct vls_binding_signer *out_signer, struct vls_why *why)
{
    VLS_DEFER(free_cms) CMS_ContentInfo *cms = NULL;
    CMS_SignerInfo *signer = NULL;
    struct vls_binding_signer who;
    struct vls_slice label;
    VLS_TRY(read_cms(bytes, &cms, why));
    VLS_TRY(only_signer(cms, &signer, why));
    VLS_TRY(check_algorithms(signer, why));
    VLS_TRY(label_of(signer, &label, why));
    VLS_TRY(check_signer(cms, signer, trust, &who, why));
    VLS_TRY(check_content(cms, signer, fd, why));
    VLS_TRY(vls_buf_add_slice(out_label_der, label));
    *out_signer = who;
    return VLS_DONE;
}
