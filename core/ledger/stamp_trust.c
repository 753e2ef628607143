/* The certificates that a time stamping authority has to lead to. */
#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "ledger/stamp_internal.h"

#define CHAIN_DEPTH_MAX 8
#define SECURITY_LEVEL  2 /* of OpenSSL: no SHA-1 and nothing below 112 bits within a chain */

static VLS_STATUS refuse(const char *name, const char *what, struct vls_why *why)
{
    return vls_fail(VLS_CONFIG_INVALID, why, "%.90s: %s", name, what);
}

/** What stopped the reading of PEM: its end, or something that is no certificate. */
static bool is_end_of_pem(void)
{
    unsigned long error = ERR_peek_last_error();
    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

static VLS_STATUS read_all(BIO *pem, const char *name, STACK_OF(X509) * out, struct vls_why *why)
{
    X509 *certificate;
    while ((certificate = PEM_read_bio_X509(pem, NULL, NULL, NULL)) != NULL) {
        if (sk_X509_num(out) == VLS_MAX_STAMP_ISSUERS || sk_X509_push(out, certificate) <= 0) {
            X509_free(certificate);
            return refuse(name, "holds too many certificates", why);
        }
    }
    if (!is_end_of_pem())
        return refuse(name, "holds something that is no certificate in PEM", why);
    if (sk_X509_num(out) == 0)
        return refuse(name, "holds no certificate in PEM", why);
    return VLS_DONE;
}

struct vls_status vls_stamp_trust_read(struct vls_slice pem, const char *name,
                                       struct vls_stamp_trust **out, struct vls_why *why)
{
    if (pem.len > VLS_MAX_KEY_FILE)
        return refuse(name, "is too large for a file of certificates", why);
    struct vls_stamp_trust *trust = vls_mem_new(sizeof *trust);
    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
    trust->certificates = sk_X509_new_null();
    struct vls_status s = vls_fail(VLS_SYSTEM_MEMORY, why, "%.90s: not enough memory", name);
    ERR_clear_error();
    if (bio != NULL && trust->certificates != NULL)
        s = read_all(bio, name, trust->certificates, why);
    ERR_clear_error(); /* the end of the file left its traces */
    BIO_free(bio);
    if (vls_ok(s))
        *out = trust;
    else
        vls_stamp_trust_free(&trust);
    return s;
}

struct vls_status vls_stamp_trust_load(const char *path, struct vls_stamp_trust **out,
                                       struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf pem;
    vls_buf_init(&pem, VLS_MAX_KEY_FILE);
    struct vls_status s = vls_file_read(path, &pem, why);
    if (s.code == VLS_SYSTEM_MISSING)
        s.code = VLS_CONFIG_MISSING;
    VLS_TRY(s);
    return vls_stamp_trust_read(vls_buf_slice(&pem), vls_path_shown(path), out, why);
}

void vls_stamp_trust_free(struct vls_stamp_trust **trust)
{
    if (*trust == NULL)
        return;
    sk_X509_pop_free((*trust)->certificates, X509_free);
    vls_mem_free(*trust);
    *trust = NULL;
}

X509_STORE *vls_stamp_trust_at(const struct vls_stamp_trust *trust, uint64_t at_ms)
{
    X509_STORE *store = X509_STORE_new();
    if (store == NULL)
        return NULL;
    for (int i = 0; i < sk_X509_num(trust->certificates); i++)
        if (X509_STORE_add_cert(store, sk_X509_value(trust->certificates, i)) != 1) {
            X509_STORE_free(store);
            return NULL;
        }
    X509_VERIFY_PARAM *param = X509_STORE_get0_param(store);
    X509_VERIFY_PARAM_set_depth(param, CHAIN_DEPTH_MAX);
    X509_VERIFY_PARAM_set_auth_level(param, SECURITY_LEVEL);
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
    X509_VERIFY_PARAM_set_time(param, (time_t)(at_ms / 1000));
    return store;
}
