/* peer/tls_out - TLS towards a partner: what libcurl's own options cannot say. See
 * client_internal.h. */
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/text.h"
#include "peer/client_internal.h"

/* The partner's certificate must not only be well issued and name the host: it must name the party.
 */
static int verify_partner(int is_good, X509_STORE_CTX *presented)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(presented, SSL_get_ex_data_X509_STORE_CTX_idx());
    const struct vls_target *target = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    const char *expected = target->partner->config->party;
    char party[VLS_MAX_PARTY + 1];
    struct vls_why why;

    if (!is_good || X509_STORE_CTX_get_error_depth(presented) != 0)
        return is_good;
    if (vls_ok(vls_certificate_party(X509_STORE_CTX_get_current_cert(presented), party, &why)) &&
        vls_text_is_equal(party, expected))
        return 1;
    X509_STORE_CTX_set_error(presented, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
}

static void on_info(const SSL *ssl, int where, int value)
{
    struct vls_target *target;

    if ((where & SSL_CB_READ_ALERT) != SSL_CB_READ_ALERT || (value & 0xff) == SSL_AD_CLOSE_NOTIFY)
        return;
    target = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    target->alert = value & 0xff;
}

CURLcode vls_tls_setup(CURL *easy, void *ssl_context, void *target)
{
    const struct vls_target *to = target;
    SSL_CTX *context = ssl_context;
    struct vls_why why;

    (void)easy;
    SSL_CTX_set_app_data(context, target);
    /* In place of libcurl's: one set of issuers a partner, the same as for calls from it. */
    SSL_CTX_set1_cert_store(context, to->partner->store);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, verify_partner);
    SSL_CTX_set_info_callback(context, on_info);
    return vls_ok(vls_trust_identify(to->client->trust, context, &why)) ? CURLE_OK
                                                                        : CURLE_SSL_CERTPROBLEM;
}

bool vls_tls_is_certificate_alert(int alert)
{
    return alert == SSL_AD_HANDSHAKE_FAILURE || alert == SSL_AD_BAD_CERTIFICATE ||
           alert == SSL_AD_UNSUPPORTED_CERTIFICATE || alert == SSL_AD_CERTIFICATE_REVOKED ||
           alert == SSL_AD_CERTIFICATE_EXPIRED || alert == SSL_AD_CERTIFICATE_UNKNOWN ||
           alert == SSL_AD_UNKNOWN_CA || alert == SSL_AD_ACCESS_DENIED ||
           alert == TLS13_AD_CERTIFICATE_REQUIRED;
}

const char *vls_tls_alert_text(int alert)
{
    return SSL_alert_desc_string_long(alert);
}
