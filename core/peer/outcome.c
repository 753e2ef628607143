/* peer/outcome - what became of a call, in the only terms that the router needs. See
 * client_internal.h. */
#include "peer/client_internal.h"
#include "peer/problem.h"

#include "base/text.h"

/* Failures that say by themselves that no request left. */
static bool is_before_request(CURLcode code)
{
    return code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_CONNECT ||
           code == CURLE_SSL_CONNECT_ERROR;
}

struct vls_status vls_outcome_of_curl(CURLcode code, bool is_started, int alert, const char *words,
                                      struct vls_why *why)
{
    const char *text = words[0] != '\0' ? words : curl_easy_strerror(code);

    if (code == CURLE_PEER_FAILED_VERIFICATION)
        return vls_fail(VLS_PEER_CERTIFICATE, why, "the partner's certificate: %s", text);
    /* In TLS 1.3 the client is through with its handshake before the server has judged its
     * certificate: such an alert may come after the request was written, and still means that
     * nothing was read of it. */
    if (vls_tls_is_certificate_alert(alert))
        return vls_fail(VLS_PEER_CERTIFICATE, why,
                        "the partner does not accept our certificate: %s",
                        vls_tls_alert_text(alert));
    if (is_before_request(code) || !is_started)
        return vls_fail(VLS_PEER_UNREACHABLE, why, "%s", text);
    if (code == CURLE_WRITE_ERROR)
        return vls_fail(VLS_PEER_PROTOCOL, why, "the partner's answer is above the limit");
    return vls_fail(VLS_PEER_UNCERTAIN, why, "%s", text);
}

struct vls_status vls_outcome_of_http(const struct vls_call_result *result, struct vls_why *why)
{
    char title[VLS_MAX_PROBLEM_TITLE];
    bool is_version = false;
    long status = result->http_status;

    vls_problem_read(result->body, title, &is_version);
    if (status == 429 || status == 503)
        return vls_fail(VLS_PEER_BUSY, why, "status %ld %s", status, title);
    /* A failure behind the partner's front: it may have happened after its commit. */
    if (status >= 500)
        return vls_fail(VLS_PEER_UNCERTAIN, why, "status %ld %s", status, title);
    if (is_version)
        return vls_fail(VLS_PEER_VERSION, why, "status %ld %s", status, title);
    /* Without a problem document it is not a gateway that speaks, but something on the way to one.
     */
    if (status >= 400 && title[0] != '\0')
        return vls_fail(VLS_PEER_REFUSED, why, "status %ld %s", status, title);
    return vls_fail(VLS_PEER_PROTOCOL, why, "status %ld, which is none of the protocol", status);
}
