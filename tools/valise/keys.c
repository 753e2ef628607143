#include "keys.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"

/** A self-signed certificate lives as long as one from the test PKI; renewal is the operator's
 * affair. */
#define CERTIFICATE_DAYS 825
#define SERIAL_BITS      127
#define ED25519_BYTES    32
/** Clocks of two organizations differ. */
#define BACKDATE_S 3600

static VLS_STATUS refuse(struct vls_why *why, const char *what)
{
    char reason[128];
    ERR_error_string_n(ERR_get_error(), reason, sizeof reason);
    ERR_clear_error();
    return vls_fail(VLS_SYSTEM_CRYPTO, why, "%s: %s", what, reason);
}

static VLS_STATUS open_file(const char *path, BIO **out, struct vls_why *why)
{
    errno = 0;
    *out = BIO_new_file(path, "r");
    if (*out != NULL)
        return VLS_DONE;
    int cause = errno;
    ERR_clear_error();
    return vls_fail_errno(cause == ENOENT ? VLS_SYSTEM_MISSING : VLS_SYSTEM_ACCESS, why, cause,
                          "%.120s: cannot be opened", path);
}

static VLS_STATUS refuse_file(const char *path, const char *wanted, struct vls_why *why)
{
    ERR_clear_error();
    return vls_fail(VLS_INPUT_MALFORMED, why, "%.120s: holds no %s in PEM", path, wanted);
}

struct vls_status vls_key_make(enum key_kind kind, EVP_PKEY **out, struct vls_why *why)
{
    EVP_PKEY *key =
        kind == KEY_P256 ? EVP_EC_gen("P-256") : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    if (key == NULL)
        return refuse(why, "a key cannot be made");
    *out = key;
    return VLS_DONE;
}

/** Write what a memory BIO holds, wiping its copy when it is secret. */
static VLS_STATUS write_bio(BIO *bio, const char *path, mode_t mode, struct vls_why *why)
{
    char *at = NULL;
    long len = BIO_get_mem_data(bio, &at);
    if (len <= 0 || at == NULL)
        return vls_fail(VLS_SYSTEM_BUG, why, "%.120s: nothing to write", path);
    struct vls_status status = vls_file_write(path, VLS_SLICE(at, (size_t)len), mode, why);
    vls_mem_wipe(at, (size_t)len);
    return status;
}

struct vls_status vls_key_write(EVP_PKEY *key, const char *path, struct vls_why *why)
{
    BIO *bio = BIO_new(BIO_s_mem());
    struct vls_status status;
    if (bio == NULL || PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1)
        status = refuse(why, "a key cannot be written");
    else
        status = write_bio(bio, path, 0600, why);
    BIO_free(bio);
    return status;
}

struct vls_status vls_key_read(const char *path, EVP_PKEY **out, struct vls_why *why)
{
    BIO *bio = NULL;
    VLS_TRY(open_file(path, &bio, why));
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    if (key == NULL)
        return refuse_file(path, "private key", why);
    *out = key;
    return VLS_DONE;
}

struct vls_status vls_key_public_bytes(EVP_PKEY *key, uint8_t *out, struct vls_why *why)
{
    size_t len = ED25519_BYTES;
    if (EVP_PKEY_get_raw_public_key(key, out, &len) != 1 || len != ED25519_BYTES)
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "a log or witness key is not an Ed25519 key");
    return VLS_DONE;
}

struct vls_status vls_key_public(EVP_PKEY *key, struct vls_buf *out, struct vls_why *why)
{
    uint8_t bytes[ED25519_BYTES];
    VLS_TRY(vls_key_public_bytes(key, bytes, why));
    return vls_base64_add(VLS_SLICE(bytes, sizeof bytes), out);
}

static bool add_name(X509_NAME *name, const char *field, const char *value)
{
    return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, (const unsigned char *)value, -1,
                                      -1, 0) == 1;
}

/** An extension in the words of x509v3_config(5); the caller owns it. */
static X509_EXTENSION *extension_of(X509V3_CTX *ctx, int nid, const char *value)
{
    return X509V3_EXT_conf_nid(NULL, ctx, nid, value);
}

struct extension {
    int nid;
    const char *value;
};

/** The extensions of a plan; those without a value are left out. */
static STACK_OF(X509_EXTENSION) *
    extensions_of(const struct certificate_plan *plan, X509V3_CTX *ctx)
{
    const struct extension wanted[] = {
        {NID_basic_constraints, "critical,CA:FALSE"},
        {NID_key_usage, plan->key_usage},
        {NID_ext_key_usage, plan->extended_usage},
        {NID_subject_alt_name, plan->alternative_names},
    };
    STACK_OF(X509_EXTENSION) *extensions = sk_X509_EXTENSION_new_null();
    for (size_t i = 0; extensions != NULL && i < sizeof wanted / sizeof wanted[0]; i++) {
        if (wanted[i].value == NULL)
            continue;
        X509_EXTENSION *extension = extension_of(ctx, wanted[i].nid, wanted[i].value);
        if (extension == NULL || sk_X509_EXTENSION_push(extensions, extension) == 0) {
            X509_EXTENSION_free(extension);
            sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
            return NULL;
        }
    }
    return extensions;
}

static bool set_serial(X509 *certificate)
{
    BIGNUM *number = BN_new();
    bool is_done = number != NULL &&
                   BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
                   BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
    BN_free(number);
    return is_done;
}

static bool fill_certificate(X509 *certificate, EVP_PKEY *key, const struct certificate_plan *plan)
{
    X509V3_CTX ctx;
    time_t now = (time_t)(plan->now_ms / 1000);
    X509_NAME *name = X509_get_subject_name(certificate);
    if (X509_set_version(certificate, X509_VERSION_3) != 1 || !set_serial(certificate) ||
        X509_time_adj_ex(X509_getm_notBefore(certificate), 0, -BACKDATE_S, &now) == NULL ||
        X509_time_adj_ex(X509_getm_notAfter(certificate), CERTIFICATE_DAYS, 0, &now) == NULL ||
        !add_name(name, "O", plan->organization) || !add_name(name, "CN", plan->common_name) ||
        X509_set_issuer_name(certificate, name) != 1 || X509_set_pubkey(certificate, key) != 1)
        return false;
    X509V3_set_ctx(&ctx, certificate, certificate, NULL, NULL, 0);
    STACK_OF(X509_EXTENSION) *extensions = extensions_of(plan, &ctx);
    bool is_done = extensions != NULL;
    for (int i = 0; is_done && i < sk_X509_EXTENSION_num(extensions); i++)
        is_done = X509_add_ext(certificate, sk_X509_EXTENSION_value(extensions, i), -1) == 1;
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
    X509_EXTENSION *key_id =
        is_done ? extension_of(&ctx, NID_subject_key_identifier, "hash") : NULL;
    is_done = key_id != NULL && X509_add_ext(certificate, key_id, -1) == 1 &&
              X509_sign(certificate, key, EVP_sha256()) > 0;
    X509_EXTENSION_free(key_id);
    return is_done;
}

static bool fill_request(X509_REQ *request, EVP_PKEY *key, const struct certificate_plan *plan)
{
    X509V3_CTX ctx;
    X509_NAME *name = X509_REQ_get_subject_name(request);
    X509V3_set_ctx(&ctx, NULL, NULL, request, NULL, 0);
    STACK_OF(X509_EXTENSION) *extensions = extensions_of(plan, &ctx);
    bool is_done = extensions != NULL && X509_REQ_set_version(request, X509_REQ_VERSION_1) == 1 &&
                   add_name(name, "O", plan->organization) &&
                   add_name(name, "CN", plan->common_name) &&
                   X509_REQ_set_pubkey(request, key) == 1 &&
                   X509_REQ_add_extensions(request, extensions) == 1 &&
                   X509_REQ_sign(request, key, EVP_sha256()) > 0;
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
    return is_done;
}

static VLS_STATUS write_request(EVP_PKEY *key, const struct certificate_plan *plan,
                                const char *path, struct vls_why *why)
{
    BIO *bio = BIO_new(BIO_s_mem());
    X509_REQ *request = X509_REQ_new();
    struct vls_status status;
    if (bio == NULL || request == NULL || !fill_request(request, key, plan) ||
        PEM_write_bio_X509_REQ(bio, request) != 1)
        status = refuse(why, "a certificate request cannot be made");
    else
        status = write_bio(bio, path, 0644, why);
    X509_REQ_free(request);
    BIO_free(bio);
    return status;
}

struct vls_status vls_certificate_make(EVP_PKEY *key, const struct certificate_plan *plan,
                                       const char *path, const char *request_path,
                                       struct vls_why *why)
{
    BIO *bio = BIO_new(BIO_s_mem());
    X509 *certificate = X509_new();
    struct vls_status status;
    if (bio == NULL || certificate == NULL || !fill_certificate(certificate, key, plan) ||
        PEM_write_bio_X509(bio, certificate) != 1)
        status = refuse(why, "a certificate cannot be made");
    else
        status = write_bio(bio, path, 0644, why);
    X509_free(certificate);
    BIO_free(bio);
    if (vls_ok(status) && request_path != NULL)
        status = write_request(key, plan, request_path, why);
    return status;
}

/* Names and uses; what an issuer adds is its own affair. */
static bool copy_extensions(X509_REQ *request, const X509 *certificate)
{
    static const int KEPT[] = {NID_subject_alt_name, NID_key_usage, NID_ext_key_usage};
    STACK_OF(X509_EXTENSION) *kept = sk_X509_EXTENSION_new_null();
    bool is_done = kept != NULL;
    for (size_t i = 0; is_done && i < sizeof KEPT / sizeof KEPT[0]; i++) {
        int at = X509_get_ext_by_NID(certificate, KEPT[i], -1);
        if (at >= 0)
            is_done = sk_X509_EXTENSION_push(kept, X509_get_ext(certificate, at)) > 0;
    }
    is_done = is_done && X509_REQ_add_extensions(request, kept) == 1;
    sk_X509_EXTENSION_free(kept); /* the extensions are the certificate's */
    return is_done;
}

struct vls_status vls_certificate_request_like(EVP_PKEY *key, const X509 *certificate,
                                               const char *path, struct vls_why *why)
{
    BIO *bio = BIO_new(BIO_s_mem());
    X509_REQ *request = X509_REQ_new();
    struct vls_status status;
    if (bio == NULL || request == NULL || X509_REQ_set_version(request, X509_REQ_VERSION_1) != 1 ||
        X509_REQ_set_subject_name(request, X509_get_subject_name(certificate)) != 1 ||
        X509_REQ_set_pubkey(request, key) != 1 || !copy_extensions(request, certificate) ||
        X509_REQ_sign(request, key, EVP_sha256()) <= 0 || PEM_write_bio_X509_REQ(bio, request) != 1)
        status = refuse(why, "a certificate request cannot be made");
    else
        status = write_bio(bio, path, 0644, why);
    X509_REQ_free(request);
    BIO_free(bio);
    return status;
}

struct vls_status vls_certificate_read(const char *path, X509 **out, struct vls_why *why)
{
    BIO *bio = NULL;
    VLS_TRY(open_file(path, &bio, why));
    X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    if (certificate == NULL)
        return refuse_file(path, "certificate", why);
    *out = certificate;
    return VLS_DONE;
}
