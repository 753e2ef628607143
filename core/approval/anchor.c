/* The one certificate that a signature is held against. */
#include <openssl/err.h>
#include <openssl/pem.h>

#include "approval/signature_internal.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"

static VLS_STATUS no_certificate(const char *file, const char *what, struct vls_why *why)
{
    ERR_clear_error();
    return vls_fail(VLS_CONFIG_INVALID, why, "%.90s: %s", vls_path_shown(file), what);
}

/** Exactly one certificate: with two nobody can say which one was meant. */
static VLS_STATUS read_certificate(struct vls_slice pem, const char *file, X509 **out,
                                   struct vls_why *why)
{
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    X509 *first = bio != NULL ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    X509 *second = first != NULL ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    bool has_more = second != NULL;
    X509_free(second);
    BIO_free(bio);
    if (first == NULL)
        return no_certificate(file, "holds no certificate in PEM", why);
    if (has_more) {
        X509_free(first);
        return no_certificate(file, "holds more than one certificate; give one", why);
    }
    ERR_clear_error(); /* looking for the second left its traces */
    *out = first;
    return VLS_DONE;
}

struct vls_status vls_anchor_load(const char *pem_file, struct vls_anchor **out,
                                  struct vls_why *why)
{
    struct vls_buf pem VLS_DEFER(vls_buf_fini);
    X509 *certificate = NULL;
    vls_buf_init(&pem, VLS_SIGNER_PEM);
    struct vls_status s = vls_file_read(pem_file, &pem, why);
    if (s.code == VLS_SYSTEM_MISSING)
        s.code = VLS_CONFIG_MISSING;
    VLS_TRY(s);
    VLS_TRY(read_certificate(vls_buf_slice(&pem), pem_file, &certificate, why));
    struct vls_anchor *anchor = vls_mem_new(sizeof *anchor);
    anchor->certificate = certificate;
    anchor->trust = X509_STORE_new();
    if (anchor->trust == NULL || X509_STORE_add_cert(anchor->trust, certificate) != 1 ||
        X509_get0_pubkey(certificate) == NULL) {
        vls_anchor_free(&anchor);
        return no_certificate(pem_file, "its certificate cannot be used", why);
    }
    *out = anchor;
    return VLS_DONE;
}

void vls_anchor_free(struct vls_anchor **anchor)
{
    if (*anchor == NULL)
        return;
    X509_STORE_free((*anchor)->trust);
    X509_free((*anchor)->certificate);
    vls_mem_free(*anchor);
    *anchor = NULL;
}

bool vls_anchor_is_same_key(const struct vls_anchor *a, const struct vls_anchor *b)
{
    return EVP_PKEY_eq(X509_get0_pubkey(a->certificate), X509_get0_pubkey(b->certificate)) == 1;
}
