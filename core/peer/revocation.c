#include "peer/revocation.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/asn1.h"
#include "base/file.h"
#include "base/limits.h"

static bool is_signed_by_one(X509_CRL *list, STACK_OF(X509) * issuers)
{
    for (int i = 0; i < sk_X509_num(issuers); i++) {
        X509 *issuer = sk_X509_value(issuers, i);
        if (X509_NAME_cmp(X509_CRL_get_issuer(list), X509_get_subject_name(issuer)) == 0 &&
            X509_CRL_verify(list, X509_get0_pubkey(issuer)) == 1)
            return true;
    }
    ERR_clear_error();
    return false;
}

static VLS_STATUS take(X509_CRL *list, unsigned number, const char *path, STACK_OF(X509) * issuers,
                       X509_STORE *store, uint64_t *until_ms, struct vls_why *why)
{
    uint64_t next_ms;
    if (!is_signed_by_one(list, issuers))
        return vls_fail(VLS_CONFIG_INVALID, why,
                        "%.120s: list %u is not signed by an authority of tls-ca; that file has to "
                        "hold the certificate of who issues the partner's",
                        path, number);
    if (!vls_asn1_time_ms(X509_CRL_get0_nextUpdate(list), &next_ms))
        return vls_fail(VLS_CONFIG_INVALID, why,
                        "%.120s: list %u has no nextUpdate, and would hold for ever", path, number);
    if (X509_STORE_add_crl(store, list) != 1)
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "%.120s: OpenSSL does not take list %u", path,
                        number);
    if (next_ms < *until_ms)
        *until_ms = next_ms;
    return VLS_DONE;
}

static VLS_STATUS take_all(BIO *pem, const char *path, STACK_OF(X509) * issuers, X509_STORE *store,
                           uint64_t *until_ms, struct vls_why *why)
{
    unsigned count = 0;
    for (X509_CRL *list; (list = PEM_read_bio_X509_CRL(pem, NULL, NULL, NULL)) != NULL;) {
        struct vls_status status = take(list, ++count, path, issuers, store, until_ms, why);
        X509_CRL_free(list);
        VLS_TRY(status);
    }
    bool is_at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (!is_at_end)
        return vls_fail(VLS_CONFIG_INVALID, why, "%.120s: list %u does not read", path, count + 1);
    if (count == 0)
        return vls_fail(VLS_CONFIG_INVALID, why,
                        "%.120s: holds no revocation list in PEM (BEGIN X509 CRL)", path);
    return VLS_DONE;
}

struct vls_status vls_revocation_load(const char *path, STACK_OF(X509) * issuers, X509_STORE *store,
                                      uint64_t *out_until_ms, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf bytes;
    uint64_t until_ms = UINT64_MAX;
    vls_buf_init(&bytes, VLS_MAX_CRL_FILE);
    VLS_TRY(vls_file_read(path, &bytes, why));
    BIO *pem = BIO_new_mem_buf(bytes.at, (int)bytes.len);
    if (pem == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "%.120s: no memory", path);
    struct vls_status status = take_all(pem, path, issuers, store, &until_ms, why);
    BIO_free(pem);
    VLS_TRY(status);
    if (X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK) != 1)
        return vls_fail(VLS_SYSTEM_CRYPTO, why, "%.120s: OpenSSL does not check it", path);
    *out_until_ms = until_ms;
    return VLS_DONE;
}
