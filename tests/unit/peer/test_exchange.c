/* The exchange of batches through a real client and server. */
#include "support.h"

#include <signal.h>
#include <string.h>

#include <schemas/exchange.pb-c.h>

static void exchange__whole_batch__is_answered_with_the_routers_bytes(void **state)
{
    struct carried result;
    struct vls_buf request;
    struct bench b;

    (void)state;
    bench_open(&b, NULL);
    make_request(&request, 128, 2000);
    make_response(&b.router.answer, 128);
    carry(&b, vls_buf_slice(&request), &result);
    assert_string_equal(result.why.text, "");
    assert_true(vls_ok(result.status));
    assert_true(vls_slice_is_equal(vls_buf_slice(&result.body), vls_buf_slice(&b.router.answer)));
    assert_true(vls_slice_is_equal(vls_buf_slice(&request), vls_buf_slice(&b.router.last)));
    assert_int_equal(b.last_bytes_in, request.len);
    vls_buf_fini(&result.body);
    vls_buf_fini(&request);
    bench_close(&b);
}

/* libcurl ends each POST with RST_STREAM; an unprepared nghttp2 says GOAWAY after some 1,000 of
 * them. */
static void exchange__thousands_on_one_connection__none_breaks_off(void **state)
{
    struct carried result;
    struct vls_buf request;
    struct bench b;

    (void)state;
    bench_open(&b, NULL);
    make_request(&request, 1, 100);
    make_response(&b.router.answer, 1);
    for (unsigned i = 0; i < 2500; i++) {
        carry(&b, vls_buf_slice(&request), &result);
        assert_string_equal(result.why.text, "");
        assert_true(vls_ok(result.status));
        vls_buf_fini(&result.body);
    }
    assert_int_equal(b.router.exchanges, 2500);
    assert_int_equal(vls_server_connections(b.server), 1);
    vls_buf_fini(&request);
    bench_close(&b);
}

static void refused(bool in_content)
{
    struct carried result;
    struct vls_buf request;
    struct bench b;

    bench_open(&b, NULL);
    make_altered_request(&request, in_content);
    carry(&b, vls_buf_slice(&request), &result);
    assert_int_equal(result.status.code, VLS_PEER_REFUSED);
    assert_int_equal(b.router.exchanges, 0);
    vls_buf_fini(&request);
    vls_buf_fini(&result.body);
    bench_close(&b);
}

static void exchange__altered_manifest__is_refused_before_the_router(void **state)
{
    (void)state;
    refused(false);
}

static void exchange__altered_content__is_refused_before_the_router(void **state)
{
    (void)state;
    refused(true);
}

static void exchange__other_version__is_told(void **state)
{
    static const uint8_t version_9[] = {0x08, 0x09};
    struct carried result;
    struct bench b;

    (void)state;
    bench_open(&b, NULL);
    carry(&b, VLS_SLICE(version_9, sizeof version_9), &result);
    assert_int_equal(result.status.code, VLS_PEER_VERSION);
    assert_int_equal(b.router.exchanges, 0);
    vls_buf_fini(&result.body);
    bench_close(&b);
}

static void exchange__stale_checkpoint__comes_back_with_its_size(void **state)
{
    static const uint8_t known_size_5[] = {0x08, 0x05};
    struct carried result;
    struct vls_buf request;
    struct bench b;

    (void)state;
    bench_open(&b, NULL);
    make_request(&request, 1, 100);
    b.router.http_status = 409;
    b.router.code = VLS_LEDGER_STALE;
    assert_true(vls_ok(vls_buf_add(&b.router.answer, known_size_5, sizeof known_size_5)));
    carry(&b, vls_buf_slice(&request), &result);
    assert_int_equal(result.status.code, VLS_PEER_STALE);
    assert_true(vls_slice_is_equal(vls_buf_slice(&result.body), vls_buf_slice(&b.router.answer)));
    vls_buf_fini(&request);
    vls_buf_fini(&result.body);
    bench_close(&b);
}

static void exchange__router_refuses__partner_reads_a_title_and_no_more(void **state)
{
    struct carried result;
    struct vls_buf request;
    struct bench b;

    (void)state;
    bench_open(&b, NULL);
    make_request(&request, 1, 100);
    b.router.http_status = 400;
    b.router.code = VLS_LEDGER_FORK;
    carry(&b, vls_buf_slice(&request), &result);
    assert_int_equal(result.status.code, VLS_PEER_REFUSED);
    assert_non_null(strstr(result.why.text, "a proof, checkpoint or signature does not verify"));
    vls_buf_fini(&request);
    vls_buf_fini(&result.body);
    bench_close(&b);
}

static void exchange__router_away__partner_comes_back_later(void **state)
{
    struct carried result;
    struct vls_buf request;
    struct bench b;

    (void)state;
    bench_open(&b, &(struct bench_options){.is_without_router = true});
    make_request(&request, 1, 100);
    carry(&b, vls_buf_slice(&request), &result);
    assert_int_equal(result.status.code, VLS_PEER_BUSY);
    assert_int_equal(result.retry_after_ms, 1000);
    vls_buf_fini(&request);
    vls_buf_fini(&result.body);
    bench_close(&b);
}

static void exchange__router_dies_while_asked__partner_comes_back_later(void **state)
{
    struct carried result;
    struct vls_buf request;
    struct bench b;

    (void)state;
    bench_open(&b, NULL);
    make_request(&request, 1, 100);
    b.router.is_silent = true;
    carry_start(&b, vls_buf_slice(&request), &result);
    while (b.router.exchanges == 0)
        (void)event_base_loop(b.base, EVLOOP_ONCE);
    bench_router_away(&b);
    wait_for(&b, &result.is_done);
    assert_int_equal(result.status.code, VLS_PEER_BUSY);
    vls_buf_fini(&request);
    vls_buf_fini(&result.body);
    bench_close(&b);
}

static void exchange__gateway_dies_before_the_answer__is_uncertain(void **state)
{
    struct carried result;
    struct vls_buf request;
    struct bench b;

    (void)state;
    bench_open(&b, NULL);
    make_request(&request, 1, 100);
    b.router.is_silent = true;
    carry_start(&b, vls_buf_slice(&request), &result);
    while (b.router.exchanges == 0)
        (void)event_base_loop(b.base, EVLOOP_ONCE);
    vls_server_free(&b.server);
    wait_for(&b, &result.is_done);
    assert_int_equal(result.status.code, VLS_PEER_UNCERTAIN);
    vls_buf_fini(&request);
    vls_buf_fini(&result.body);
    bench_close(&b);
}

/* One partner does not get all the room that there is for exchanges. */
static void exchange__too_many_of_one_partner__the_next_comes_back_later(void **state)
{
    struct carried results[VLS_PEER_EXCHANGES_EACH + 1];
    struct vls_buf request;
    struct bench b;
    unsigned done = 0;

    (void)state;
    bench_open(&b, NULL);
    make_request(&request, 1, 100);
    b.router.is_silent = true;
    for (size_t i = 0; i <= VLS_PEER_EXCHANGES_EACH; i++)
        carry_start(&b, vls_buf_slice(&request), &results[i]);
    while (done == 0 || b.router.exchanges < VLS_PEER_EXCHANGES_EACH) {
        assert_int_equal(event_base_loop(b.base, EVLOOP_ONCE), 0);
        done = 0;
        for (size_t i = 0; i <= VLS_PEER_EXCHANGES_EACH; i++)
            done += results[i].is_done;
    }
    assert_int_equal(done, 1);
    assert_int_equal(b.router.exchanges, VLS_PEER_EXCHANGES_EACH);
    for (size_t i = 0; i <= VLS_PEER_EXCHANGES_EACH; i++)
        assert_true(!results[i].is_done || results[i].status.code == VLS_PEER_BUSY);
    vls_buf_fini(&request);
    bench_close(&b);
    for (size_t i = 0; i <= VLS_PEER_EXCHANGES_EACH; i++)
        vls_buf_fini(&results[i].body);
}

static void exchange__nobody_listens__is_unreachable(void **state)
{
    struct carried result;
    struct bench b;

    (void)state;
    bench_open(&b, NULL);
    vls_server_free(&b.server);
    carry(&b, vls_slice_text("x"), &result);
    assert_int_equal(result.status.code, VLS_PEER_UNREACHABLE);
    vls_buf_fini(&result.body);
    bench_close(&b);
}

static void exchange__answer_of_another_form__is_a_protocol_error(void **state)
{
    struct carried result;
    struct vls_buf request;
    struct bench b;

    (void)state;
    bench_open(&b, NULL);
    make_request(&request, 1, 100);
    make_response(&b.router.answer, 1);
    b.router.answer.len -= 3;
    carry(&b, vls_buf_slice(&request), &result);
    assert_int_equal(result.status.code, VLS_PEER_PROTOCOL);
    vls_buf_fini(&request);
    vls_buf_fini(&result.body);
    bench_close(&b);
}

static void stop__exchange_under_way__is_finished_first(void **state)
{
    struct carried result;
    struct vls_buf request;
    struct bench b;

    (void)state;
    bench_open(&b, NULL);
    make_request(&request, 1, 100);
    make_response(&b.router.answer, 1);
    carry_start(&b, vls_buf_slice(&request), &result);
    while (b.router.exchanges == 0)
        (void)event_base_loop(b.base, EVLOOP_ONCE);
    vls_server_stop(b.server);
    wait_for(&b, &result.is_done);
    assert_true(vls_ok(result.status));
    wait_for(&b, &b.is_idle);
    assert_int_equal(vls_server_connections(b.server), 0);
    vls_buf_fini(&request);
    vls_buf_fini(&result.body);
    bench_close(&b);
}

/* -- callers that are no gateways -------------------------------------------------------------- */

static void probe_status(const struct probe *p, long expected, const char *body_part)
{
    struct probe_result result;
    struct bench b;

    bench_open(&b, NULL);
    probe(&b, p, &result);
    assert_int_equal(result.curl, CURLE_OK);
    assert_int_equal(result.http_status, expected);
    assert_non_null(strstr(result.body, body_part));
    assert_int_equal(b.router.exchanges, 0);
    bench_close(&b);
}

static void call__unknown_path__is_a_404_problem(void **state)
{
    (void)state;
    probe_status(&(struct probe){.folder = "iom", .method = "GET", .path = "/v2/anything"}, 404,
                 "urn:valise:problem:not-found");
}

static void call__other_method_on_exchange__is_a_404_problem(void **state)
{
    (void)state;
    probe_status(&(struct probe){.folder = "iom", .method = "DELETE", .path = "/v1/exchange"}, 404,
                 "urn:valise:problem:not-found");
}

static void call__well_known__names_party_versions_and_limits(void **state)
{
    (void)state;
    probe_status(&(struct probe){.folder = "iom", .method = "GET", .path = "/.well-known/valise"},
                 200, "{\"party\":\"un\",\"versions\":[1],\"limits\":{\"batch_messages\":128");
}

static void call__header_above_the_limit__is_a_431_problem(void **state)
{
    (void)state;
    probe_status(&(struct probe){.folder = "iom",
                                 .method = "GET",
                                 .path = "/.well-known/valise",
                                 .huge_header = VLS_PEER_HEADER_BYTES},
                 431, "urn:valise:problem:headers");
}

static void call__body_above_the_limit__is_a_413_problem(void **state)
{
    (void)state;
    probe_status(&(struct probe){.folder = "iom",
                                 .method = "POST",
                                 .path = "/v1/exchange",
                                 .body_bytes = VLS_MAX_EXCHANGE + 1},
                 413, "urn:valise:problem:too-large");
}

static void call__body_without_a_length_above_the_limit__is_a_413_problem(void **state)
{
    struct probe p = {.folder = "iom",
                      .method = "POST",
                      .path = "/v1/exchange",
                      .body_bytes = VLS_MAX_EXCHANGE + 1,
                      .headers = {"Content-Length:"}};

    (void)state;
    probe_status(&p, 413, "urn:valise:problem:too-large");
}

static void call__body_far_above_the_limit__is_not_read_to_its_end(void **state)
{
    struct probe p = {
        .folder = "iom", .method = "POST", .path = "/v1/exchange", .body_bytes = 1ull << 30};
    struct probe_result result;
    struct bench b;

    (void)state;
    bench_open(&b, NULL);
    probe(&b, &p, &result);
    assert_int_not_equal(result.curl, CURLE_OPERATION_TIMEDOUT);
    assert_int_equal(b.last_status, 413);
    assert_true(b.last_bytes_in < 64u << 20);
    bench_close(&b);
}

static void call__sender_below_the_least_rate__is_cut_off(void **state)
{
    struct probe p = {.folder = "iom",
                      .method = "POST",
                      .path = "/v1/exchange",
                      .body_bytes = 1u << 20,
                      .pause_after = 2000};
    struct probe_result result;
    struct bench b;

    (void)state;
    bench_open(&b, &(struct bench_options){.rate_window_ms = 300, .min_rate = 1u << 20});
    probe(&b, &p, &result);
    assert_int_not_equal(result.curl, CURLE_OK);
    assert_int_not_equal(result.curl, CURLE_OPERATION_TIMEDOUT);
    assert_int_equal(b.last_status, 0);
    assert_int_equal(b.router.exchanges, 0);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exchange__whole_batch__is_answered_with_the_routers_bytes),
        cmocka_unit_test(exchange__thousands_on_one_connection__none_breaks_off),
        cmocka_unit_test(exchange__altered_manifest__is_refused_before_the_router),
        cmocka_unit_test(exchange__altered_content__is_refused_before_the_router),
        cmocka_unit_test(exchange__other_version__is_told),
        cmocka_unit_test(exchange__stale_checkpoint__comes_back_with_its_size),
        cmocka_unit_test(exchange__router_refuses__partner_reads_a_title_and_no_more),
        cmocka_unit_test(exchange__router_away__partner_comes_back_later),
        cmocka_unit_test(exchange__router_dies_while_asked__partner_comes_back_later),
        cmocka_unit_test(exchange__gateway_dies_before_the_answer__is_uncertain),
        cmocka_unit_test(exchange__too_many_of_one_partner__the_next_comes_back_later),
        cmocka_unit_test(exchange__nobody_listens__is_unreachable),
        cmocka_unit_test(exchange__answer_of_another_form__is_a_protocol_error),
        cmocka_unit_test(stop__exchange_under_way__is_finished_first),
        cmocka_unit_test(call__unknown_path__is_a_404_problem),
        cmocka_unit_test(call__other_method_on_exchange__is_a_404_problem),
        cmocka_unit_test(call__well_known__names_party_versions_and_limits),
        cmocka_unit_test(call__header_above_the_limit__is_a_431_problem),
        cmocka_unit_test(call__body_above_the_limit__is_a_413_problem),
        cmocka_unit_test(call__body_without_a_length_above_the_limit__is_a_413_problem),
        cmocka_unit_test(call__body_far_above_the_limit__is_not_read_to_its_end),
        cmocka_unit_test(call__sender_below_the_least_rate__is_cut_off),
    };

    return cmocka_run_group_tests(tests, pki_setup, pki_teardown);
}
