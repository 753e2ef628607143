/* Signing with a person's own key, in the process of that person. */
#include <string.h>
#include <sys/stat.h>

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "approval/signature_internal.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"

#define PASSPHRASE_MAX 1024

struct vls_signer {
    EVP_PKEY *key;
    X509 *certificate;
};

static VLS_STATUS unusable(const char *file, const char *what, struct vls_why *why)
{
    ERR_clear_error();
    return vls_fail(VLS_CONFIG_INVALID, why, "%.90s: %s", vls_path_shown(file), what);
}

static VLS_STATUS read_file(const char *path, struct vls_buf *out, struct vls_why *why)
{
    struct vls_status s = vls_file_read(path, out, why);
    if (s.code == VLS_SYSTEM_MISSING)
        s.code = VLS_CONFIG_MISSING;
    return s;
}

static VLS_STATUS check_private(const char *path, struct vls_why *why)
{
    struct stat is;
    if (stat(path, &is) == 0 && S_ISREG(is.st_mode) && (is.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return unusable(path, "others may read this secret; run chmod 600 on it", why);
    return VLS_DONE;
}

/** The first line of the file; NULL when none is named. */
static VLS_STATUS read_passphrase(const char *path, struct vls_buf *buf, const char **out,
                                  struct vls_why *why)
{
    *out = NULL;
    if (path == NULL)
        return VLS_DONE;
    VLS_TRY(read_file(path, buf, why));
    VLS_TRY(check_private(path, why));
    const uint8_t *end = buf->len > 0 ? memchr(buf->at, '\n', buf->len) : NULL;
    if (end != NULL)
        buf->len = (size_t)(end - buf->at);
    *out = vls_buf_text(buf);
    if (*out == NULL || buf->len == 0 || strlen(*out) != buf->len)
        return unusable(path, "its first line is no passphrase", why);
    return VLS_DONE;
}

/* -- PEM --------------------------------------------------------------------------------------- */

/* pem_password_cb: the passphrase of the file, or none; nobody is asked at a terminal */
static int give_passphrase(char *buf, int room, int is_writing, void *ctx)
{
    const char *passphrase = ctx;
    (void)is_writing;
    if (passphrase == NULL || strlen(passphrase) > (size_t)room)
        return -1;
    size_t len = strlen(passphrase);
    vls_copy(buf, passphrase, len);
    return (int)len;
}

static VLS_STATUS read_key(const char *path, const char *passphrase, EVP_PKEY **out,
                           struct vls_why *why)
{
    struct vls_buf pem VLS_DEFER(vls_buf_fini);
    vls_buf_init(&pem, VLS_SIGNER_PEM);
    VLS_TRY(read_file(path, &pem, why));
    VLS_TRY(check_private(path, why));
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    EVP_PKEY *key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, give_passphrase,
                                                          (void *)(uintptr_t)passphrase)
                                : NULL;
    BIO_free(bio);
    if (key == NULL && passphrase == NULL)
        return unusable(path, "no private key in PEM that is readable without a passphrase", why);
    if (key == NULL)
        return unusable(path, "no private key in PEM, or not with this passphrase", why);
    *out = key;
    return VLS_DONE;
}

/** The first certificate of the file: that of the key stands first by custom. */
static VLS_STATUS read_certificate(const char *path, X509 **out, struct vls_why *why)
{
    struct vls_buf pem VLS_DEFER(vls_buf_fini);
    vls_buf_init(&pem, VLS_SIGNER_PEM);
    VLS_TRY(read_file(path, &pem, why));
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    *out = bio != NULL ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    return *out != NULL ? VLS_DONE : unusable(path, "holds no certificate in PEM", why);
}

/* -- opening ----------------------------------------------------------------------------------- */

static VLS_STATUS open_into(const struct vls_signer_options *options, struct vls_signer *signer,
                            struct vls_why *why)
{
    struct vls_buf secret VLS_DEFER(vls_buf_fini);
    const char *passphrase = NULL;
    bool is_token = strncmp(options->key, VLS_TOKEN_SCHEME, strlen(VLS_TOKEN_SCHEME)) == 0;
    vls_buf_init(&secret, PASSPHRASE_MAX);
    if (options->certificate == NULL && !is_token)
        return unusable(options->key, "name the file of its certificate, too", why);
    VLS_TRY(read_passphrase(options->passphrase_file, &secret, &passphrase, why));
    if (options->certificate != NULL)
        VLS_TRY(read_certificate(options->certificate, &signer->certificate, why));
    if (is_token)
        VLS_TRY(vls_token_open(options->key, passphrase, &signer->key,
                               signer->certificate == NULL ? &signer->certificate : NULL, why));
    else
        VLS_TRY(read_key(options->key, passphrase, &signer->key, why));
    if (X509_check_private_key(signer->certificate, signer->key) != 1)
        return unusable(options->key, "is not the key of this certificate", why);
    struct vls_status s = vls_profile_key(X509_get0_pubkey(signer->certificate), why);
    return vls_ok(s) ? vls_profile_use(signer->certificate, why) : s;
}

struct vls_status vls_signer_open(const struct vls_signer_options *options, struct vls_signer **out,
                                  struct vls_why *why)
{
    struct vls_signer *signer = vls_mem_new(sizeof *signer);
    struct vls_status s = open_into(options, signer, why);
    if (s.code == VLS_APPROVAL_FORM || s.code == VLS_APPROVAL_SIGNER)
        s.code = VLS_CONFIG_INVALID;
    if (vls_ok(s))
        *out = signer;
    else
        vls_signer_free(&signer);
    return s;
}

void vls_signer_free(struct vls_signer **signer)
{
    if (*signer == NULL)
        return;
    EVP_PKEY_free((*signer)->key);
    X509_free((*signer)->certificate);
    vls_mem_free(*signer);
    *signer = NULL;
}

/* -- signing ----------------------------------------------------------------------------------- */

static const EVP_MD *digest_of(const EVP_PKEY *key)
{
    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC || EVP_PKEY_get_bits(key) <= 256)
        return EVP_sha256();
    return EVP_PKEY_get_bits(key) <= 384 ? EVP_sha384() : EVP_sha512();
}

static CMS_ContentInfo *sign(const struct vls_signer *signer, struct vls_slice bytes)
{
    const unsigned flags = CMS_DETACHED | CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP;
    BIO *content = BIO_new_mem_buf(bytes.len > 0 ? (const void *)bytes.at : "", (int)bytes.len);
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags);
    bool is_done =
        content != NULL && cms != NULL &&
        CMS_add1_signer(cms, signer->certificate, signer->key,
                        digest_of(X509_get0_pubkey(signer->certificate)), flags) != NULL &&
        CMS_final(cms, content, NULL, flags) == 1;
    BIO_free(content);
    if (is_done)
        return cms;
    CMS_ContentInfo_free(cms);
    return NULL;
}

struct vls_status vls_signature_make(const struct vls_signer *signer, struct vls_slice bytes,
                                     struct vls_buf *out, struct vls_why *why)
{
    CMS_ContentInfo *cms = sign(signer, bytes);
    unsigned char *der = NULL;
    int len = cms != NULL ? i2d_CMS_ContentInfo(cms, &der) : -1;
    char reason[128] = "";
    ERR_error_string_n(ERR_peek_last_error(), reason, sizeof reason);
    ERR_clear_error();
    CMS_ContentInfo_free(cms);
    struct vls_status s;
    if (len <= 0)
        s = vls_fail(VLS_SYSTEM_CRYPTO, why, "the signature cannot be made: %s", reason);
    else if ((size_t)len > VLS_MAX_SIGNATURE)
        s = vls_fail(VLS_INPUT_LIMIT, why, "a signature of %d bytes; at most %u are accepted", len,
                     VLS_MAX_SIGNATURE);
    else
        s = vls_buf_add(out, der, (size_t)len);
    OPENSSL_free(der);
    return s;
}
