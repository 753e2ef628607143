/* Who gets through TLS, and who does not. */
#include "support.h"

#include <string.h>
#include <unistd.h>

static void turned_away_by(const struct bench_options *options, const struct probe *p,
                           const char *reason)
{
    struct probe_result result;
    struct bench b;

    bench_open(&b, options);
    probe(&b, p, &result);
    assert_int_not_equal(result.curl, CURLE_OK);
    assert_int_not_equal(result.curl, CURLE_OPERATION_TIMEDOUT);
    assert_int_equal(result.http_status, 0);
    assert_int_equal(b.requests, 0);
    assert_int_equal(b.refusals, 1);
    assert_non_null(strstr(b.last_refusal, reason));
    assert_int_equal(vls_server_connections(b.server), 0);
    bench_close(&b);
}

static void turned_away(const struct probe *p, const char *reason)
{
    turned_away_by(NULL, p, reason);
}

#define ASK .method = "GET", .path = "/.well-known/valise"

static void tls__no_certificate__is_refused(void **state)
{
    (void)state;
    turned_away(&(struct probe){ASK}, "peer did not return a certificate");
}

static void tls__expired_certificate__is_refused(void **state)
{
    (void)state;
    turned_away(&(struct probe){ASK, .folder = "old"}, "certificate has expired");
}

static void tls__party_that_is_no_partner__is_refused(void **state)
{
    (void)state;
    turned_away(&(struct probe){ASK, .folder = "other"}, "party other is not one of the partners");
}

/* The foreign CA is the one of the partner "who": it must not speak for "iom". */
static void tls__party_of_another_partners_ca__is_refused(void **state)
{
    (void)state;
    turned_away(&(struct probe){ASK, .folder = "stranger"}, "party iom: unable to get");
}

static void tls__version_1_2__is_refused(void **state)
{
    (void)state;
    turned_away(&(struct probe){ASK, .folder = "iom", .tls_max = CURL_SSLVERSION_MAX_TLSv1_2},
                "unsupported protocol");
}

static void tls__http_1_only__is_refused(void **state)
{
    (void)state;
    turned_away(&(struct probe){ASK, .folder = "iom", .is_http1 = true}, "no application protocol");
}

/* -- the client's side ------------------------------------------------------------------------- */

static void carry_fails(const struct bench_options *options, uint32_t code, const char *why)
{
    struct carried result;
    struct vls_buf request;
    struct bench b;

    bench_open(&b, options);
    make_request(&request, 1, 100);
    carry(&b, vls_buf_slice(&request), &result);
    assert_int_equal(result.status.code, code);
    assert_non_null(strstr(result.why.text, why));
    assert_int_equal(b.router.exchanges, 0);
    vls_buf_fini(&request);
    vls_buf_fini(&result.body);
    bench_close(&b);
}

static void client__own_certificate_expired__is_told_so(void **state)
{
    (void)state;
    carry_fails(&(struct bench_options){.client_folder = "old"}, VLS_PEER_CERTIFICATE,
                "certificate expired");
}

static void client__own_certificate_of_a_foreign_ca__is_told_so(void **state)
{
    (void)state;
    carry_fails(&(struct bench_options){.client_folder = "stranger"}, VLS_PEER_CERTIFICATE,
                "unknown CA");
}

/* Same CA, same host, a good certificate: but of another party. */
static void client__server_is_another_party__is_refused(void **state)
{
    (void)state;
    carry_fails(&(struct bench_options){.server_folder = "other"}, VLS_PEER_CERTIFICATE,
                "the partner's certificate");
}

/* -- revocation lists -------------------------------------------------------------------------- */

static void crl__of_the_caller__shuts_it_out_when_it_is_named_or_the_list_is_over(void **state)
{
    (void)state;
    const struct probe iom = {ASK, .folder = "iom"};
    struct bench_options options = {.crl_of_client = pki_crl("ca", "iom", 3600)};

    turned_away_by(&options, &iom, "party iom: certificate revoked");
    options.crl_of_client = pki_crl("ca", NULL, -60);
    turned_away_by(&options, &iom, "party iom: CRL has expired");
}

static void crl__of_the_partner_that_is_called__shuts_it_out_the_same(void **state)
{
    (void)state;
    struct bench_options options = {.crl_of_server = pki_crl("ca", "un", 3600)};

    carry_fails(&options, VLS_PEER_CERTIFICATE, "certificate revoked");
    options.crl_of_server = pki_crl("ca", NULL, -60);
    carry_fails(&options, VLS_PEER_CERTIFICATE, "CRL has expired");
}

static void crl__that_names_another_and_is_not_over__changes_nothing(void **state)
{
    (void)state;
    const char *list = pki_crl("ca", "other", 3600);
    const struct bench_options options = {.crl_of_client = list, .crl_of_server = list};
    struct carried result;
    struct vls_buf request;
    struct bench b;

    bench_open(&b, &options);
    make_request(&request, 1, 100);
    make_response(&b.router.answer, 1);
    carry(&b, vls_buf_slice(&request), &result);
    assert_true(vls_ok(result.status));
    assert_int_equal(b.router.exchanges, 1);
    vls_buf_fini(&request);
    vls_buf_fini(&result.body);
    bench_close(&b);
}

static char *text(const char *words)
{
    return (char *)(uintptr_t)words;
}

static void load_refuses(const char *crl, uint32_t code, const char *words)
{
    struct vls_config_partner partner = {
        .party = text("iom"), .tls_ca = pki_path("ca", "chain.pem"), .crl = text(crl)};
    const struct vls_config config = {.partners = &partner, .partners_count = 1};
    struct vls_trust *trust = NULL;
    struct vls_why why = {""};

    assert_int_equal(vls_trust_load(&config, NULL, &trust, &why).code, code);
    if (strstr(why.text, words) == NULL)
        fail_msg("%s", why.text);
    assert_null(trust);
}

static void crl__missing_foreign_unbounded_or_none__is_not_loaded(void **state)
{
    (void)state;
    load_refuses("/nonexistent/list.pem", VLS_SYSTEM_MISSING, "/nonexistent/list.pem");
    load_refuses(pki_crl("foreign", NULL, 3600), VLS_CONFIG_INVALID,
                 "list 1 is not signed by an authority of tls-ca");
    load_refuses(pki_crl("ca", NULL, 0), VLS_CONFIG_INVALID, "list 1 has no nextUpdate");
    load_refuses(pki_path("ca", "chain.pem"), VLS_CONFIG_INVALID, "holds no revocation list");
}

/* -- the remote key ---------------------------------------------------------------------------- */

static void signer__one_worker_dead__another_signs(void **state)
{
    struct carried result;
    struct vls_buf request;
    struct bench b;
    pid_t second;
    int fd;

    (void)state;
    bench_open(&b, NULL);
    second = crypto_fork("un", &fd);
    assert_true(vls_ok(vls_signer_attach(b.signers[0], 3, fd, NULL)));
    crypto_end(b.crypto[0]);
    b.crypto[0] = second;
    make_request(&request, 1, 100);
    make_response(&b.router.answer, 1);
    carry(&b, vls_buf_slice(&request), &result);
    assert_true(vls_ok(result.status));
    assert_int_equal(vls_signer_workers(b.signers[0]), 1);
    vls_buf_fini(&request);
    vls_buf_fini(&result.body);
    bench_close(&b);
}

static void signer__no_worker__fails_with_words(void **state)
{
    struct vls_signer *signer = vls_signer_new();
    struct vls_buf out;
    struct vls_why why = {""};

    (void)state;
    vls_buf_init(&out, 512);
    assert_int_equal(vls_signer_sign(signer, vls_slice_text("digest"), &out, &why).code,
                     VLS_WIRE_GONE);
    assert_non_null(strstr(why.text, "no crypto worker"));
    assert_int_equal(out.len, 0);
    vls_signer_free(&signer);
}

static void load__certificate_of_another_party__is_refused(void **state)
{
    struct vls_signer *signer = vls_signer_new();
    struct vls_config config = {0};
    struct vls_trust *trust = NULL;
    struct vls_why why = {""};

    (void)state;
    config.node.party = pki_path("..", "un");
    config.node.party += strlen(config.node.party) - 2;
    config.listen.tls_certificate = pki_path("iom", "tls.pem");
    assert_int_equal(vls_trust_load(&config, signer, &trust, &why).code, VLS_CONFIG_INVALID);
    assert_non_null(strstr(why.text, "names the party iom, but this gateway is un"));
    assert_null(trust);
    vls_signer_free(&signer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tls__no_certificate__is_refused),
        cmocka_unit_test(tls__expired_certificate__is_refused),
        cmocka_unit_test(tls__party_that_is_no_partner__is_refused),
        cmocka_unit_test(tls__party_of_another_partners_ca__is_refused),
        cmocka_unit_test(tls__version_1_2__is_refused),
        cmocka_unit_test(tls__http_1_only__is_refused),
        cmocka_unit_test(client__own_certificate_expired__is_told_so),
        cmocka_unit_test(client__own_certificate_of_a_foreign_ca__is_told_so),
        cmocka_unit_test(client__server_is_another_party__is_refused),
        cmocka_unit_test(crl__of_the_caller__shuts_it_out_when_it_is_named_or_the_list_is_over),
        cmocka_unit_test(crl__of_the_partner_that_is_called__shuts_it_out_the_same),
        cmocka_unit_test(crl__that_names_another_and_is_not_over__changes_nothing),
        cmocka_unit_test(crl__missing_foreign_unbounded_or_none__is_not_loaded),
        cmocka_unit_test(signer__one_worker_dead__another_signs),
        cmocka_unit_test(signer__no_worker__fails_with_words),
        cmocka_unit_test(load__certificate_of_another_party__is_refused),
    };

    return cmocka_run_group_tests(tests, pki_setup, pki_teardown);
}
