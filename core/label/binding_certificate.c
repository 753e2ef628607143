/* Whose signature counts: keys and certificates of the profile. */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "label/binding_internal.h"

#define CHAIN_DEPTH_MAX  8
#define SECURITY_LEVEL   2 /* of OpenSSL: no SHA-1 and nothing below 112 bits within a chain */
#define RSA_BITS_MAX     16384
#define DOCUMENT_SIGNING "1.3.6.1.5.5.7.3.36" /* id-kp-documentSigning, RFC 9336 */

static bool is_curve_of_profile(EVP_PKEY *key)
{
    char name[64] = "";
    size_t len = 0;
    if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name, sizeof name, &len) !=
        1)
        return false;
    return strcmp(name, SN_X9_62_prime256v1) == 0 || strcmp(name, SN_secp384r1) == 0;
}

struct vls_status vls_binding_check_key(EVP_PKEY *key, struct vls_why *why)
{
    int bits = EVP_PKEY_get_bits(key);
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_EC:
        if (is_curve_of_profile(key))
            return VLS_DONE;
        return vls_fail(VLS_LABEL_BINDING, why,
                        "the signer's key is on another curve than P-256 or P-384");
    case EVP_PKEY_RSA:
        if (bits >= VLS_BINDING_RSA_BITS && bits <= RSA_BITS_MAX)
            return VLS_DONE;
        return vls_fail(VLS_LABEL_BINDING, why,
                        "the signer's RSA key has %d bits; at least %d are needed", bits,
                        VLS_BINDING_RSA_BITS);
    default:
        return vls_fail(VLS_LABEL_BINDING, why,
                        "the signer's key is neither ECDSA with P-256 or P-384 nor RSA");
    }
}

/** Without extended key usage a certificate is for anything. */
static bool is_for_documents(X509 *certificate)
{
    EXTENDED_KEY_USAGE *uses = X509_get_ext_d2i(certificate, NID_ext_key_usage, NULL, NULL);
    if (uses == NULL)
        return X509_get_ext_by_NID(certificate, NID_ext_key_usage, -1) < 0;
    bool is_for = false;
    for (int i = 0; i < sk_ASN1_OBJECT_num(uses); i++) {
        const ASN1_OBJECT *use = sk_ASN1_OBJECT_value(uses, i);
        char text[64] = "";
        int nid = OBJ_obj2nid(use);
        is_for =
            is_for || nid == NID_email_protect || nid == NID_anyExtendedKeyUsage ||
            (OBJ_obj2txt(text, sizeof text, use, 1) > 0 && strcmp(text, DOCUMENT_SIGNING) == 0);
    }
    EXTENDED_KEY_USAGE_free(uses);
    return is_for;
}

static VLS_STATUS check_use(X509 *certificate, struct vls_why *why)
{
    uint32_t flags = X509_get_extension_flags(certificate);
    if ((flags & EXFLAG_INVALID) != 0)
        return vls_fail(VLS_LABEL_BINDING, why, "the signer's certificate is damaged");
    if ((flags & EXFLAG_KUSAGE) == 0 ||
        (X509_get_key_usage(certificate) & KU_DIGITAL_SIGNATURE) == 0)
        return vls_fail(VLS_LABEL_BINDING, why,
                        "the signer's certificate does not name digitalSignature as a key usage");
    if (!is_for_documents(certificate))
        return vls_fail(VLS_LABEL_BINDING, why,
                        "the signer's certificate is for other things than e-mail and documents "
                        "(extendedKeyUsage)");
    return VLS_DONE;
}

struct vls_status vls_binding_check_pair(const struct vls_binding_key *key, struct vls_why *why)
{
    VLS_TRY(vls_binding_check_key(key->key, why));
    if (X509_check_private_key(key->certificate, key->key) != 1)
        return vls_fail(VLS_LABEL_BINDING, why, "the certificate is not that of the key");
    return check_use(key->certificate, why);
}

struct vls_status vls_binding_check_certificate(X509 *certificate, STACK_OF(X509) * others,
                                                X509_STORE *trust, struct vls_why *why)
{
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    if (key == NULL)
        return vls_fail(VLS_LABEL_BINDING, why, "the signer's certificate has no usable key");
    VLS_TRY(vls_binding_check_key(key, why));
    VLS_TRY(check_use(certificate, why));
    X509_STORE_CTX *chain = X509_STORE_CTX_new();
    if (chain == NULL || X509_STORE_CTX_init(chain, trust, certificate, others) != 1) {
        X509_STORE_CTX_free(chain);
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "a chain of certificates cannot be checked");
    }
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(chain);
    X509_VERIFY_PARAM_set_depth(param, CHAIN_DEPTH_MAX);
    X509_VERIFY_PARAM_set_auth_level(param, SECURITY_LEVEL);
    bool is_good = X509_verify_cert(chain) == 1;
    int error = X509_STORE_CTX_get_error(chain);
    X509_STORE_CTX_free(chain);
    if (is_good)
        return VLS_DONE;
    return vls_fail(VLS_LABEL_BINDING, why, "the signer's certificate is not accepted: %.120s",
                    X509_verify_cert_error_string(error));
}

struct vls_status vls_binding_signer_of(X509 *certificate, struct vls_binding_signer *out,
                                        struct vls_why *why)
{
    unsigned len = 0;
    BIO *text = BIO_new(BIO_s_mem());
    bool is_good =
        text != NULL &&
        X509_NAME_print_ex(text, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253) >= 0 &&
        X509_digest(certificate, EVP_sha256(), out->fingerprint.bytes, &len) == 1 &&
        len == sizeof out->fingerprint.bytes;
    int got = is_good ? BIO_read(text, out->subject, (int)sizeof out->subject - 1) : 0;
    out->subject[got > 0 ? got : 0] = '\0';
    BIO_free(text);
    if (!is_good)
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "the signer's name cannot be read");
    return VLS_DONE;
}
