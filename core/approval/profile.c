/* Which keys and certificates a person may sign with. */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include "approval/signature_internal.h"

#define DOCUMENT_SIGNING "1.3.6.1.5.5.7.3.36" /* id-kp-documentSigning, RFC 9336 */

static bool is_curve_of_profile(const EVP_PKEY *key)
{
    char name[64] = "";
    size_t len = 0;
    if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name, sizeof name, &len) !=
        1)
        return false;
    return strcmp(name, SN_X9_62_prime256v1) == 0 || strcmp(name, SN_secp384r1) == 0 ||
           strcmp(name, SN_secp521r1) == 0;
}

struct vls_status vls_profile_key(const EVP_PKEY *key, struct vls_why *why)
{
    int bits = EVP_PKEY_get_bits(key);
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_EC:
        if (is_curve_of_profile(key))
            return VLS_DONE;
        return vls_fail(VLS_APPROVAL_FORM, why,
                        "the signer's key is on another curve than P-256, P-384 or P-521");
    case EVP_PKEY_RSA:
        if (bits >= VLS_SIGNER_RSA_BITS && bits <= VLS_SIGNER_RSA_BITS_MAX)
            return VLS_DONE;
        return vls_fail(VLS_APPROVAL_FORM, why,
                        "the signer's RSA key has %d bits; %d to %d are accepted", bits,
                        VLS_SIGNER_RSA_BITS, VLS_SIGNER_RSA_BITS_MAX);
    default:
        return vls_fail(VLS_APPROVAL_FORM, why, "the signer's key is neither ECDSA nor RSA");
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

struct vls_status vls_profile_use(X509 *certificate, struct vls_why *why)
{
    const uint32_t signing = KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION;
    uint32_t flags = X509_get_extension_flags(certificate);
    if ((flags & EXFLAG_INVALID) != 0)
        return vls_fail(VLS_APPROVAL_SIGNER, why, "the signer's certificate is damaged");
    if ((flags & EXFLAG_KUSAGE) != 0 && (X509_get_key_usage(certificate) & signing) == 0)
        return vls_fail(VLS_APPROVAL_SIGNER, why,
                        "the signer's certificate is not for signatures (keyUsage)");
    if (!is_for_documents(certificate))
        return vls_fail(VLS_APPROVAL_SIGNER, why,
                        "the signer's certificate is for other things than e-mail and documents "
                        "(extendedKeyUsage)");
    return VLS_DONE;
}
