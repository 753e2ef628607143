/* HTTP for plugins: each outcome from a server that brings it about, and what must never happen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/compat.h"
#include "base/env.h"
#include "base/mem.h"
#include "plugin/watchdog.h"
#include "rig.h"

#define ONE   "one.test.localhost"
#define TWO   "two.test.localhost"
#define THREE "three.test.localhost"
#define MIB   (UINT64_C(1) << 20)

static struct rig rig;
static const struct vls_http_service *const WEB = &VLS_PLUGIN_HTTP;

static struct vls_http_request request_of(const char *url)
{
    return (struct vls_http_request){
        .size = sizeof(struct vls_http_request), .url = url, .timeout_ms = 30000};
}

static void assert_outcome(const struct rig_got *got, enum vls_http_outcome outcome,
                           const char *words)
{
    if (got->outcome != outcome || strstr(got->why, words) == NULL)
        fail_msg("outcome %d, status %u, why \"%s\"; not %d with \"%s\"", got->outcome,
                 got->response.status, got->why, outcome, words);
}

/* -- answers ----------------------------------------------------------------------------------- */

static void get__a_good_answer__comes_whole_with_its_head(void **state)
{
    (void)state;
    struct vls_http_request request = request_of(rig_url(TWO, rig.main, "/ok#part"));
    struct vls_http *http;
    void *ctx = &rig.hosts[RIG_WEB];
    assert_int_equal(WEB->open(ctx, &request, &http), VLS_HTTP_OK);
    struct vls_http_response said = {.size = sizeof said};
    assert_int_equal(WEB->answer(ctx, http, &said), VLS_HTTP_OK);
    assert_int_equal(said.status, 200);
    assert_string_equal(said.content_type, "text/plain");
    assert_string_equal(said.etag, "\"v1\"");
    assert_string_equal(said.modified, "Mon, 23 Nov 2026 10:00:00 GMT");
    assert_string_equal(said.url, rig_url(TWO, rig.main, "/ok"));
    assert_int_equal(said.bytes, 5);
    assert_int_equal(said.is_whole, 1);
    assert_string_equal(WEB->header(ctx, http, "x-TWICE", 0), "first");
    assert_string_equal(WEB->header(ctx, http, "X-Twice", 1), "second");
    assert_null(WEB->header(ctx, http, "X-Twice", 2));
    struct rig_got got = rig_finish(&rig, RIG_WEB, http);
    assert_outcome(&got, VLS_HTTP_OK, "");
    assert_string_equal(got.text, "hello");
    assert_int_equal(rig_seen(&rig, "User-Agent: Tester/1"), 1);
    assert_int_equal(rig_seen(&rig, "Accept-Encoding: gzip"), 1);
}

static void get__an_older_plugin__is_served_as_far_as_it_goes(void **state)
{
    (void)state;
    struct vls_http_request request = request_of(rig_url(TWO, rig.main, "/ok"));
    struct {
        uint32_t size, status;
        const char *why;
        uint8_t behind;
    } said = {.size = 16, .behind = 77};
    struct vls_http *http;
    request.size = offsetof(struct vls_http_request, etag);
    assert_int_equal(WEB->open(&rig.hosts[RIG_WEB], &request, &http), VLS_HTTP_OK);
    assert_int_equal(WEB->answer(&rig.hosts[RIG_WEB], http, (struct vls_http_response *)&said),
                     VLS_HTTP_OK);
    assert_int_equal(said.status, 200);
    assert_int_equal(said.behind, 77);
    WEB->close(&rig.hosts[RIG_WEB], http);
}

static void head_and_methods__as_asked(void **state)
{
    (void)state;
    static const char *const METHODS[] = {"DELETE", "OPTIONS", "POST", "PUT", "PATCH"};
    struct vls_http_request request = request_of(rig_url(TWO, rig.main, "/ok"));
    request.method = "head";
    struct rig_got got = rig_ask(&rig, RIG_WEB, &request);
    assert_outcome(&got, VLS_HTTP_OK, "");
    assert_int_equal(got.bytes, 0);
    assert_int_equal(got.response.bytes, 5);
    for (size_t i = 0; i < sizeof METHODS / sizeof METHODS[0]; i++) {
        request = request_of(rig_url(TWO, rig.main, "/echo"));
        request.method = METHODS[i];
        got = rig_ask(&rig, RIG_WEB, &request);
        assert_outcome(&got, VLS_HTTP_OK, "");
        assert_int_equal(strncmp(got.text, METHODS[i], strlen(METHODS[i])), 0);
    }
}

static void status__of_every_kind__is_an_answer(void **state)
{
    (void)state;
    static const unsigned STATUSES[] = {201, 302, 401, 404, 410, 500, 599};
    for (size_t i = 0; i < sizeof STATUSES / sizeof STATUSES[0]; i++) {
        char path[32];
        snprintf(path, sizeof path, "/status/%u", STATUSES[i]);
        struct rig_got got = rig_get(&rig, RIG_WEB, rig_url(TWO, rig.main, path));
        assert_outcome(&got, VLS_HTTP_OK, "");
        assert_int_equal(got.response.status, STATUSES[i]);
        assert_string_equal(got.text, "as asked");
    }
}

static void condition__that_holds__is_unchanged(void **state)
{
    (void)state;
    struct vls_http_request request = request_of(rig_url(TWO, rig.main, "/ok"));
    request.etag = "\"v1\"";
    struct rig_got got = rig_ask(&rig, RIG_WEB, &request);
    assert_outcome(&got, VLS_HTTP_UNCHANGED, "");
    assert_string_equal(got.etag, "\"v1\"");
    request.etag = NULL;
    request.modified = "Mon, 23 Nov 2026 10:00:00 GMT";
    got = rig_ask(&rig, RIG_WEB, &request);
    assert_outcome(&got, VLS_HTTP_UNCHANGED, "");
    request.modified = NULL;
    request.etag = "\"v0\"";
    got = rig_ask(&rig, RIG_WEB, &request);
    assert_outcome(&got, VLS_HTTP_OK, "");
}

static void gzip__asked_for__comes_decompressed(void **state)
{
    (void)state;
    struct rig_got got = rig_get(&rig, RIG_WEB, rig_url(TWO, rig.main, "/gzip"));
    assert_outcome(&got, VLS_HTTP_OK, "");
    assert_int_equal(got.bytes, 50 * 40);
    assert_int_equal(got.response.bytes, VLS_HTTP_UNKNOWN);
    assert_memory_equal(got.text, "All that is furnished", 21);
    struct vls_http_request request = request_of(rig_url(TWO, rig.main, "/gzip"));
    request.flags = VLS_HTTP_PLAIN;
    got = rig_ask(&rig, RIG_WEB, &request);
    assert_outcome(&got, VLS_HTTP_MALFORMED, "was not asked for");
}

/* -- ranges ------------------------------------------------------------------------------------ */

static struct rig_got get_range(const char *path, uint64_t first, uint64_t bytes)
{
    struct vls_http_request request = request_of(rig_url(TWO, rig.main, path));
    request.flags = VLS_HTTP_RANGE;
    request.range_first = first;
    request.range_bytes = bytes;
    return rig_ask(&rig, RIG_WEB, &request);
}

static void range__given__is_the_one_asked_for(void **state)
{
    (void)state;
    struct rig_got got = get_range("/range/good", 9, 12);
    assert_outcome(&got, VLS_HTTP_OK, "");
    assert_string_equal(got.text, "is furnished");
    assert_int_equal(got.response.is_whole, 0);
    assert_int_equal(got.response.range_first, 9);
    assert_int_equal(got.response.range_total, 2000);
    got = get_range("/range/good", 1990, 0);
    assert_outcome(&got, VLS_HTTP_OK, "");
    assert_string_equal(got.text, "nfidence.\n");
    got = get_range("/range/good", 1990, 500);
    assert_outcome(&got, VLS_HTTP_OK, "");
    assert_int_equal(got.bytes, 10);
}

static void range__other_than_asked_for__refused_or_said_to_be_whole(void **state)
{
    (void)state;
    struct rig_got got = get_range("/range/whole", 10, 10);
    assert_outcome(&got, VLS_HTTP_OK, "");
    assert_int_equal(got.response.is_whole, 1);
    assert_int_equal(got.bytes, 2000);
    got = get_range("/range/wrong", 10, 10);
    assert_outcome(&got, VLS_HTTP_MALFORMED, "asked for");
    got = get_range("/range/short", 10, 10);
    assert_outcome(&got, VLS_HTTP_MALFORMED, "where its Content-Range says 10");
    got = get_range("/range/unsaid", 10, 10);
    assert_outcome(&got, VLS_HTTP_MALFORMED, "without Content-Range");
    got = get_range("/range/gzip", 10, 10);
    assert_outcome(&got, VLS_HTTP_MALFORMED, "was not asked for");
}

/* -- redirects --------------------------------------------------------------------------------- */

static void redirect__within_the_list__is_followed(void **state)
{
    (void)state;
    static const char *const PATHS[] = {"/redirect/same", "/redirect/relative", "/redirect/see",
                                        "/redirect/two"};
    for (size_t i = 0; i < sizeof PATHS / sizeof PATHS[0]; i++) {
        struct rig_got got = rig_get(&rig, RIG_WEB, rig_url(TWO, rig.main, PATHS[i]));
        assert_outcome(&got, VLS_HTTP_OK, "");
        assert_string_equal(got.text, "hello");
        assert_int_equal(got.response.redirects, 1);
        assert_string_equal(got.url, rig_url(TWO, rig.main, "/ok"));
    }
    struct vls_http_request request = request_of(rig_url(TWO, rig.main, "/redirect/same"));
    request.flags = VLS_HTTP_NO_REDIRECT;
    struct rig_got got = rig_ask(&rig, RIG_WEB, &request);
    assert_outcome(&got, VLS_HTTP_OK, "");
    assert_int_equal(got.response.status, 302);
    assert_string_equal(got.text, "moved");
}

static void redirect__out_of_the_list__refused(void **state)
{
    (void)state;
    static const struct {
        const char *path, *words;
    } CASES[] = {
        {"/redirect/http", "not https"},    {"/redirect/foreign", "evil.localhost"},
        {"/redirect/loop", "one too many"}, {"/redirect/user", "holds a user"},
        {"/redirect/file", "not https"},    {"/redirect/long", "too long"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct rig_got got = rig_get(&rig, RIG_WEB, rig_url(TWO, rig.main, CASES[i].path));
        assert_outcome(&got, VLS_HTTP_REDIRECT, CASES[i].words);
    }
    assert_int_equal(rig_seen(&rig, "evil.localhost"), 0);
    assert_int_equal(rig_seen(&rig, "GET /redirect/loop"), 6);
}

static void redirect__of_a_post__goes_where_its_body_may(void **state)
{
    (void)state;
    struct vls_http_request request = request_of(rig_url(TWO, rig.main, "/redirect/again"));
    request.method = "POST";
    request.body = "words";
    request.body_bytes = 5;
    struct rig_got got = rig_ask(&rig, RIG_WEB, &request);
    assert_outcome(&got, VLS_HTTP_OK, "");
    assert_int_equal(strncmp(got.text, "POST 5 ", 7), 0);
    request.url = rig_url(TWO, rig.main, "/redirect/see");
    got = rig_ask(&rig, RIG_WEB, &request);
    assert_outcome(&got, VLS_HTTP_OK, "");
    assert_string_equal(got.text, "hello");
    request.url = rig_url("four.test.localhost", rig.main, "/redirect/again-two");
    got = rig_ask(&rig, RIG_WEB, &request);
    assert_outcome(&got, VLS_HTTP_REDIRECT, "asks for the body again");
}

static void redirect__to_another_host__takes_no_field_of_the_plugin_along(void **state)
{
    (void)state;
    static const struct vls_http_header FIELDS[] = {{"Authorization", "Bearer of-the-plugin"},
                                                    {"X-Own", "of-the-plugin"},
                                                    {"Accept", "text/special"}};
    struct vls_http_request request =
        request_of(rig_url("four.test.localhost", rig.main, "/redirect/two"));
    request.headers = FIELDS;
    request.header_count = 3;
    struct rig_got got = rig_ask(&rig, RIG_WEB, &request);
    assert_outcome(&got, VLS_HTTP_OK, "");
    assert_int_equal(rig_seen(&rig, "X-Own: of-the-plugin"), 1);
    assert_int_equal(rig_seen(&rig, "Bearer of-the-plugin"), 1);
    assert_int_equal(rig_seen(&rig, "text/special"), 2);
}

/* -- what goes wrong --------------------------------------------------------------------------- */

static void tls__not_as_it_must_be__is_no_connection(void **state)
{
    (void)state;
    const struct {
        const char *url, *words;
    } CASES[] = {
        {rig_url("wrong.localhost", rig.main, "/ok"), "wrong.localhost"},
        {rig_url(ONE, rig.expired, "/ok"), "expired"},
        {rig_url(ONE, rig.stranger, "/ok"), "certificate"},
        {rig_url(ONE, rig.old, "/ok"), ""},
        {rig_url(ONE, rig.client, "/ok"), "alert"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct rig_got got = rig_get(&rig, RIG_WEB, CASES[i].url);
        assert_outcome(&got, VLS_HTTP_TLS, CASES[i].words);
    }
    struct rig_got got = rig_get(&rig, RIG_SYSTEM, rig_url(TWO, rig.main, "/ok"));
    assert_outcome(&got, VLS_HTTP_TLS, "certificate");
    got = rig_get(&rig, RIG_MISPIN, rig_url(TWO, rig.main, "/ok"));
    assert_outcome(&got, VLS_HTTP_TLS, "public key");
    got = rig_get(&rig, RIG_PIN, rig_url(TWO, rig.main, "/ok"));
    assert_outcome(&got, VLS_HTTP_OK, "");
    got = rig_get(&rig, RIG_CLIENT, rig_url(ONE, rig.client, "/ok"));
    assert_outcome(&got, VLS_HTTP_OK, "");
}

static void host__not_reached_or_not_listed__each_in_its_words(void **state)
{
    (void)state;
    struct rig_got got = rig_get(&rig, RIG_WEB, "https://one.test.localhost:1/");
    assert_outcome(&got, VLS_HTTP_CONNECT, "one.test.localhost");
    assert_int_equal(got.response.is_sent, 0);
    got = rig_get(&rig, RIG_WEB, "https://nowhere.invalid/");
    assert_outcome(&got, VLS_HTTP_RESOLVE, "nowhere.invalid");
    got = rig_get(&rig, RIG_WEB, "https://elsewhere.example/");
    assert_outcome(&got, VLS_HTTP_DENIED, "elsewhere.example:443 is not one of the hosts");
    got = rig_get(&rig, RIG_WEB, "https://one.test.localhost/");
    assert_outcome(&got, VLS_HTTP_DENIED, "one.test.localhost:443");
    got = rig_get(&rig, RIG_PIN, rig_url(ONE, rig.main, "/ok"));
    assert_outcome(&got, VLS_HTTP_DENIED, "plugin pin");
}

static void request__not_well_formed__refused(void **state)
{
    (void)state;
    const char *const URLS[] = {
        "",
        "http://one.test.localhost/",
        "ftp://one.test.localhost/",
        "file:///etc/passwd",
        "https://user@one.test.localhost/",
        "https://user:word@one.test.localhost/",
        "https://one.test.localhost:99999/",
        "https://one.test.localhost/a b",
        "https://one.test.localhost/\r\nX: y",
        "https://\xc3\xbc.test.localhost/",
        "one.test.localhost/",
        "https:///",
    };
    for (size_t i = 0; i < sizeof URLS / sizeof URLS[0]; i++) {
        struct rig_got got = rig_get(&rig, RIG_WEB, URLS[i]);
        if (got.outcome != VLS_HTTP_INVALID && got.outcome != VLS_HTTP_DENIED)
            fail_msg("%s: outcome %d", URLS[i], got.outcome);
    }
}

static void fields__that_are_not_the_plugins_to_set__refused(void **state)
{
    (void)state;
    static const struct vls_http_header FIELDS[] = {
        {"Host", "evil.example"},
        {"content-length", "3"},
        {"Transfer-Encoding", "chunked"},
        {"X-Api-Key", "mine"},
        {"Range", "bytes=0-"},
        {"If-None-Match", "*"},
        {"Proxy-Authorization", "x"},
        {"X-A", "b\r\nX-C: d"},
        {"X A", "b"},
        {"", "b"},
        {"Accept-Encoding", "br"},
    };
    for (size_t i = 0; i < sizeof FIELDS / sizeof FIELDS[0]; i++) {
        struct vls_http_request request = request_of(rig_url(TWO, rig.main, "/ok"));
        request.headers = &FIELDS[i];
        request.header_count = 1;
        struct rig_got got = rig_ask(&rig, RIG_WEB, &request);
        if (got.outcome != VLS_HTTP_INVALID)
            fail_msg("%s: outcome %d", FIELDS[i].name, got.outcome);
    }
    struct vls_http_request request = request_of(rig_url(TWO, rig.main, "/ok"));
    request.method = "CONNECT";
    struct rig_got got = rig_ask(&rig, RIG_WEB, &request);
    assert_outcome(&got, VLS_HTTP_INVALID, "method");
    request.method = "GET";
    request.body = "x";
    request.body_bytes = 1;
    got = rig_ask(&rig, RIG_WEB, &request);
    assert_outcome(&got, VLS_HTTP_INVALID, "has no body");
    request = request_of(rig_url(TWO, rig.main, "/ok"));
    request.flags = 1u << 31;
    got = rig_ask(&rig, RIG_WEB, &request);
    assert_outcome(&got, VLS_HTTP_INVALID, "flags");
}

static void answer__broken_or_cut_or_too_much__each_in_its_words(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        enum vls_http_outcome outcome;
        const char *words;
    } CASES[] = {
        {"/wrong/nothing", VLS_HTTP_BROKEN, ""},
        {"/wrong/cut", VLS_HTTP_MALFORMED, ""},
        {"/wrong/cut-chunked", VLS_HTTP_MALFORMED, ""},
        {"/wrong/status", VLS_HTTP_MALFORMED, ""},
        {"/wrong/fields", VLS_HTTP_MALFORMED, "more than 128 fields"},
        {"/wrong/field", VLS_HTTP_MALFORMED, "more than 32768 bytes"},
        {"/wrong/gzip-cut", VLS_HTTP_MALFORMED, "ends too early"},
        {"/wrong/gzip-bad", VLS_HTTP_MALFORMED, "is not"},
        {"/wrong/brotli", VLS_HTTP_MALFORMED, "'br', which was not asked for"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct rig_got got = rig_get(&rig, RIG_WEB, rig_url(TWO, rig.main, CASES[i].path));
        if (got.outcome != CASES[i].outcome)
            print_message("%s\n", CASES[i].path);
        assert_outcome(&got, CASES[i].outcome, CASES[i].words);
        assert_int_equal(got.response.is_sent, 1);
    }
}

static void answer__that_stalls__ends_with_its_time(void **state)
{
    (void)state;
    static const char *const PATHS[] = {"/wrong/stall-head", "/wrong/stall-body"};
    for (size_t i = 0; i < sizeof PATHS / sizeof PATHS[0]; i++) {
        struct vls_http_request request = request_of(rig_url(TWO, rig.main, PATHS[i]));
        request.timeout_ms = 300;
        uint64_t began = vls_steady_ms(vls_env_system());
        struct rig_got got = rig_ask(&rig, RIG_WEB, &request);
        uint64_t took = vls_steady_ms(vls_env_system()) - began;
        assert_outcome(&got, VLS_HTTP_TIMEOUT, "not done within its 300 ms");
        assert_int_equal(got.response.is_sent, 1);
        assert_in_range(took, 290, 5000);
    }
}

static void answer__above_the_limit__is_too_large(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        uint64_t most;
    } CASES[] = {{"/big?1000001", 1000000}, {"/wrong/large-chunked", 1000000}, {"/bomb", 50 * MIB}};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct vls_http_request request = request_of(rig_url(TWO, rig.main, CASES[i].path));
        request.max_bytes = CASES[i].most;
        struct rig_got got = rig_ask(&rig, RIG_WEB, &request);
        assert_outcome(&got, VLS_HTTP_TOO_LARGE, "allowed");
        assert_in_range(got.bytes, 0, CASES[i].most);
    }
}

/* -- rates ------------------------------------------------------------------------------------- */

static void retry_after__in_both_forms__is_told_and_kept_to(void **state)
{
    (void)state;
    static const struct {
        const char *host, *path;
        uint64_t wait_s;
    } CASES[] = {{"four.test.localhost", "/retry/seconds", 120},
                 {"six.test.localhost", "/retry/date", 3600}};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        const char *url = rig_url(CASES[i].host, rig.main, CASES[i].path);
        uint64_t now = vls_wall_ms(vls_env_system()), due = now + CASES[i].wait_s * 1000;
        struct rig_got got = rig_get(&rig, RIG_WEB, url);
        assert_outcome(&got, VLS_HTTP_OK, "");
        assert_in_range(got.response.retry_at_ms, due - 2000, due + 5000);
        unsigned seen = rig_seen(&rig, CASES[i].path);
        assert_int_equal(seen, 1);
        uint64_t told = got.response.retry_at_ms;
        got = rig_get(&rig, RIG_WEB, url);
        assert_outcome(&got, VLS_HTTP_RATE, "asked for no request before");
        assert_int_equal(got.response.retry_at_ms, told);
        assert_int_equal(rig_seen(&rig, CASES[i].path), seen);
    }
}

static void retry_after__elsewhere_or_odd__means_nothing(void **state)
{
    (void)state;
    static const char *const PATHS[] = {"/retry/other", "/retry/odd", "/retry/past"};
    for (size_t i = 0; i < sizeof PATHS / sizeof PATHS[0]; i++)
        for (int again = 0; again < 2; again++) {
            struct rig_got got = rig_get(&rig, RIG_WEB, rig_url(TWO, rig.main, PATHS[i]));
            assert_outcome(&got, VLS_HTTP_OK, "");
            assert_in_range(got.response.retry_at_ms, 0, vls_wall_ms(vls_env_system()));
        }
}

/* The slow plugin's limit holds for the other, too: it is the host that is spared. */
static void rate__of_a_host__holds_for_all_plugins(void **state)
{
    (void)state;
    const char *url = rig_url("five.test.localhost", rig.main, "/ok");
    uint64_t began = vls_steady_ms(vls_env_system());
    struct rig_got got = rig_get(&rig, RIG_SLOW, url);
    assert_outcome(&got, VLS_HTTP_OK, "");
    got = rig_get(&rig, RIG_WEB, url);
    assert_outcome(&got, VLS_HTTP_OK, "");
    got = rig_get(&rig, RIG_SLOW, url);
    assert_outcome(&got, VLS_HTTP_OK, "");
    assert_in_range(vls_steady_ms(vls_env_system()) - began, 1900, 20000);
    struct vls_http_request request = request_of(url);
    request.timeout_ms = 200;
    got = rig_ask(&rig, RIG_WEB, &request);
    assert_outcome(&got, VLS_HTTP_RATE, "its turn did not come");
    assert_in_range(got.response.retry_at_ms, vls_wall_ms(vls_env_system()) - 1000,
                    vls_wall_ms(vls_env_system()) + 2000);
    assert_int_equal(got.response.is_sent, 0);
}

static void open__more_than_allowed__is_busy_until_one_is_closed(void **state)
{
    (void)state;
    void *ctx = &rig.hosts[RIG_WEB];
    struct vls_http *http[VLS_HTTP_OPEN + 1];
    struct vls_http_request request = request_of(rig_url(TWO, rig.main, "/big?1000000"));
    for (int i = 0; i < VLS_HTTP_OPEN; i++)
        assert_int_equal(WEB->open(ctx, &request, &http[i]), VLS_HTTP_OK);
    assert_int_equal(WEB->open(ctx, &request, &http[VLS_HTTP_OPEN]), VLS_HTTP_BUSY);
    assert_null(http[VLS_HTTP_OPEN]);
    /* in another order than they were opened: each has what is its own */
    for (int i = VLS_HTTP_OPEN - 1; i >= 0; i--) {
        struct rig_got got = rig_finish(&rig, RIG_WEB, http[i]);
        assert_outcome(&got, VLS_HTTP_OK, "");
        assert_int_equal(got.bytes, 1000000);
    }
}

static void close__before_the_end__gives_it_up(void **state)
{
    (void)state;
    void *ctx = &rig.hosts[RIG_WEB];
    for (int i = 0; i < 20; i++) {
        struct vls_http_request request =
            request_of(rig_url(TWO, rig.main, i % 2 == 0 ? "/big?100000000" : "/wrong/stall-head"));
        struct vls_http *http;
        assert_int_equal(WEB->open(ctx, &request, &http), VLS_HTTP_OK);
        if (i % 4 == 0)
            assert_int_equal(WEB->answer(ctx, http, NULL), VLS_HTTP_OK);
        WEB->close(ctx, http);
    }
    struct rig_got got = rig_get(&rig, RIG_WEB, rig_url(TWO, rig.main, "/ok"));
    assert_outcome(&got, VLS_HTTP_OK, "");
}

/* -- large content ----------------------------------------------------------------------------- */

static void assert_memory_kept(unsigned long before)
{
    unsigned long after = rig_memory(&rig, "VmHWM");
    print_message("    fetch: %lu KiB before, %lu KiB at most\n", before, after);
    if (!vls_is_sanitized())
        assert_in_range(after, 0, before + 8192);
}

static void content__of_100_mebibytes__in_constant_memory(void **state)
{
    (void)state;
    unsigned long before = rig_memory(&rig, "VmHWM");
    struct rig_got got = rig_get(&rig, RIG_WEB, rig_url(TWO, rig.main, "/big?104857600"));
    assert_outcome(&got, VLS_HTTP_OK, "");
    assert_int_equal(got.bytes, 100 * MIB);
    assert_memory_kept(before);
}

/* A reader of a few bytes at a time, of content that unpacks to a thousand times its size. */
static void bomb__with_a_slow_reader__waits_in_constant_memory(void **state)
{
    (void)state;
    void *ctx = &rig.hosts[RIG_WEB];
    struct vls_http_request request = request_of(rig_url(TWO, rig.main, "/bomb"));
    struct vls_http *http;
    char bytes[512];
    size_t len;
    unsigned long before = rig_memory(&rig, "VmHWM");
    assert_int_equal(WEB->open(ctx, &request, &http), VLS_HTTP_OK);
    assert_int_equal(WEB->answer(ctx, http, NULL), VLS_HTTP_OK);
    for (int i = 0; i < 4000; i++) {
        assert_int_equal(WEB->read(ctx, http, bytes, sizeof bytes, &len), VLS_HTTP_OK);
        assert_in_range(len, 1, sizeof bytes);
    }
    WEB->close(ctx, http);
    assert_memory_kept(before);
}

static struct rig_got upload(const char *path, uint64_t said, uint64_t given,
                             enum vls_http_outcome *out_write)
{
    static uint8_t piece[65536];
    void *ctx = &rig.hosts[RIG_WEB];
    struct vls_http_request request = request_of(rig_url(TWO, rig.main, path));
    struct vls_http *http;
    request.method = "PUT";
    request.flags = VLS_HTTP_STREAM;
    request.body_bytes = said;
    *out_write = WEB->open(ctx, &request, &http);
    for (uint64_t at = 0; at < given && *out_write == VLS_HTTP_OK;) {
        size_t len = given - at < sizeof piece ? (size_t)(given - at) : sizeof piece;
        *out_write = WEB->write(ctx, http, piece, len);
        at += len;
    }
    return rig_finish(&rig, RIG_WEB, http);
}

static void body__streamed__arrives_whole_in_constant_memory(void **state)
{
    (void)state;
    enum vls_http_outcome written;
    unsigned long before = rig_memory(&rig, "VmHWM");
    struct rig_got got = upload("/echo", 100 * MIB, 100 * MIB, &written);
    assert_int_equal(written, VLS_HTTP_OK);
    assert_outcome(&got, VLS_HTTP_OK, "");
    assert_int_equal(strncmp(got.text, "PUT 104857600 ", 14), 0);
    assert_memory_kept(before);
    got = upload("/echo", VLS_HTTP_UNKNOWN, 3 * MIB + 17, &written);
    assert_outcome(&got, VLS_HTTP_OK, "");
    assert_int_equal(strncmp(got.text, "PUT 3145745 ", 12), 0);
    got = upload("/echo", 0, 0, &written);
    assert_outcome(&got, VLS_HTTP_OK, "");
}

static void body__in_memory__arrives_whatever_its_size(void **state)
{
    (void)state;
    static uint8_t bytes[1 << 20];
    for (size_t len = 1; len <= sizeof bytes; len *= 16) {
        struct vls_http_request request = request_of(rig_url(TWO, rig.main, "/echo"));
        char start[32];
        request.method = "POST";
        request.body = bytes;
        request.body_bytes = len;
        struct rig_got got = rig_ask(&rig, RIG_WEB, &request);
        assert_outcome(&got, VLS_HTTP_OK, "");
        snprintf(start, sizeof start, "POST %zu ", len);
        assert_int_equal(strncmp(got.text, start, strlen(start)), 0);
    }
}

static void body__shorter_than_said__is_not_sent_as_if_it_were_whole(void **state)
{
    (void)state;
    enum vls_http_outcome written;
    struct rig_got got = upload("/echo", 2000, 1000, &written);
    assert_outcome(&got, VLS_HTTP_INVALID, "shorter than was said");
}

static void body__answered_early__stops_and_has_the_answer(void **state)
{
    (void)state;
    enum vls_http_outcome written;
    struct rig_got got = upload("/refused", 50 * MIB, 50 * MIB, &written);
    assert_int_not_equal(written, VLS_HTTP_OK);
    assert_outcome(&got, VLS_HTTP_OK, "");
    assert_int_equal(got.response.status, 413);
    assert_string_equal(got.text, "too much");
}

/* -- credentials ------------------------------------------------------------------------------- */

static void credential__of_a_host__goes_there_and_nowhere_else(void **state)
{
    (void)state;
    struct rig_got got = rig_get(&rig, RIG_WEB, rig_url(ONE, rig.main, "/ok"));
    assert_outcome(&got, VLS_HTTP_OK, "");
    assert_true(rig_seen(&rig, "X-Api-Key: " RIG_SECRET) > 0);
    got = rig_get(&rig, RIG_WEB, rig_url(THREE, rig.main, "/ok?a=b"));
    assert_outcome(&got, VLS_HTTP_OK, "");
    assert_string_equal(got.url, rig_url(THREE, rig.main, "/ok?a=b"));
    assert_true(rig_seen(&rig, "GET /ok?a=b&key=staple+%26+pony%3d100%25%2f%22x%22") +
                    rig_seen(&rig, "GET /ok?a=b&key=staple%20%26%20pony%3D100%25%2F%22x%22") +
                    rig_seen(&rig, "GET /ok?a=b&key=staple%20%26%20pony%3d100%25%2f%22x%22") >
                0);
    /* a redirect away from its host */
    got = rig_get(&rig, RIG_WEB, rig_url(ONE, rig.main, "/redirect/two"));
    assert_outcome(&got, VLS_HTTP_OK, "");
    got = rig_get(&rig, RIG_WEB, rig_url(THREE, rig.main, "/redirect/two"));
    assert_outcome(&got, VLS_HTTP_OK, "");
    /* the same name and another port: another host */
    got = rig_get(&rig, RIG_WEB, rig_url(ONE, rig.expired, "/ok"));
    assert_outcome(&got, VLS_HTTP_TLS, "");
    /* another plugin, without it */
    got = rig_get(&rig, RIG_CLIENT, rig_url(ONE, rig.client, "/ok"));
    assert_outcome(&got, VLS_HTTP_OK, "");
}

static void credential__given_back_by_a_server__is_not_passed_on(void **state)
{
    (void)state;
    void *ctx = &rig.hosts[RIG_WEB];
    struct vls_http_request request = request_of(rig_url(ONE, rig.main, "/mirror"));
    struct vls_http *http;
    assert_int_equal(WEB->open(ctx, &request, &http), VLS_HTTP_OK);
    assert_int_equal(WEB->answer(ctx, http, NULL), VLS_HTTP_OK);
    assert_string_equal(WEB->header(ctx, http, "x-mirror", 0), "(not shown)");
    WEB->close(ctx, http);
    struct rig_got got = rig_get(&rig, RIG_WEB, rig_url(ONE, rig.main, "/redirect/leak"));
    assert_outcome(&got, VLS_HTTP_REDIRECT, "holds a credential");
}

static void assert_absent(const char *where, const char *text)
{
    static const char *const SECRETS[] = {RIG_SECRET, "staple", "correct-horse"};
    for (size_t i = 0; i < sizeof SECRETS / sizeof SECRETS[0]; i++)
        if (strstr(text, SECRETS[i]) != NULL)
            fail_msg("%s holds %s", where, SECRETS[i]);
}

/* After all that the other tests did. */
static void secrets__everywhere_else__are_nowhere(void **state)
{
    (void)state;
    char path[64], arguments[4096] = "";
    char *log = rig_read(&rig, "fetch.log");
    assert_true(strlen(log) > 1000);
    assert_absent("the log of fetch", log);
    vls_mem_free(log);
    snprintf(path, sizeof path, "/proc/%ld/cmdline", (long)rig.fetch);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_true(fread(arguments, 1, sizeof arguments - 1, file) > 0);
    fclose(file);
    assert_absent("the command line", arguments);
    /* in the server's log: with their own host and no other */
    log = rig_read(&rig, "server.log");
    for (char *line = log, *end; *line != '\0'; line = end) {
        end = line + strcspn(line, "\n");
        end += *end != '\0';
        if (end > line)
            end[-1] = '\0';
        bool is_theirs =
            strncmp(line, ONE, strlen(ONE)) == 0 || strncmp(line, THREE, strlen(THREE)) == 0;
        if (!is_theirs)
            assert_absent(line, line);
    }
    vls_mem_free(log);
}

/* -- the rest ---------------------------------------------------------------------------------- */

static void proxy__configured__is_used_and_told_nothing(void **state)
{
    (void)state;
    static const struct vls_http_header FIELD = {"X-Own", "for-the-server"};
    struct vls_http_request request = request_of(rig_url(TWO, rig.main, "/ok"));
    request.headers = &FIELD;
    request.header_count = 1;
    struct rig_got got = rig_ask(&rig, RIG_PROXY, &request);
    assert_outcome(&got, VLS_HTTP_OK, "");
    assert_int_equal(rig_seen(&rig, "proxy two.test.localhost"), 1);
    assert_int_equal(rig_seen(&rig, "for-the-server"), 1); /* by the server, not by the proxy */
}

static void calls__in_a_wrong_order__are_refused_without_harm(void **state)
{
    (void)state;
    struct vls_plugin_host *host = &rig.hosts[RIG_WEB];
    struct vls_http_request request = request_of(rig_url(TWO, rig.main, "/ok"));
    struct vls_http *http;
    char byte;
    size_t len;
    assert_int_equal(WEB->answer(host, NULL, NULL), VLS_HTTP_SYSTEM);
    assert_int_equal(WEB->read(host, NULL, &byte, 1, &len), VLS_HTTP_SYSTEM);
    assert_int_equal(WEB->write(host, NULL, &byte, 1), VLS_HTTP_SYSTEM);
    assert_null(WEB->header(host, NULL, "etag", 0));
    WEB->close(host, NULL);
    assert_int_equal(WEB->open(host, &request, &http), VLS_HTTP_OK);
    assert_int_equal(WEB->read(host, http, &byte, 1, &len), VLS_HTTP_INVALID);
    assert_int_equal(WEB->write(host, http, &byte, 1), VLS_HTTP_INVALID);
    WEB->close(host, http);
    host->phase = HOST_LOADED; /* in configure() */
    assert_int_equal(WEB->open(host, &request, &http), VLS_HTTP_INVALID);
    assert_null(http);
    host->phase = HOST_SERVING;
}

/* The callback has 400 ms; the request takes three times that. The watchdog would end this process.
 */
static void deadline__of_the_callback__stands_still_while_a_request_runs(void **state)
{
    (void)state;
    struct vls_why why;
    struct vls_http_request request = request_of(rig_url(TWO, rig.main, "/wrong/stall-head"));
    request.timeout_ms = 1200;
    assert_true(vls_ok(vls_watchdog_init(&why)));
    vls_watchdog_begin(400);
    struct rig_got got = rig_ask(&rig, RIG_WEB, &request);
    uint32_t left = vls_watchdog_replace(0);
    assert_outcome(&got, VLS_HTTP_TIMEOUT, "");
    assert_in_range(left, 1, 400); /* and goes on where it stood */
}

static void host__that_breaks_the_protocol__loses_its_channel_alone(void **state)
{
    (void)state;
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__StateLoad load = VALISE__STATE_LOAD__INIT;
    struct vls_http_request request = request_of(rig_url("five.test.localhost", rig.main, "/ok"));
    struct vls_http *http;
    frame.serial = 1;
    frame.body_case = VALISE__FRAME__BODY_STATE_LOAD;
    frame.state_load = &load;
    assert_true(vls_ok(vls_wire_send(rig.hosts[RIG_SLOW].http.channel, &frame, NULL, 0, NULL)));
    enum vls_http_outcome outcome = WEB->open(&rig.hosts[RIG_SLOW], &request, &http);
    assert_int_equal(outcome, VLS_HTTP_SYSTEM);
    WEB->close(&rig.hosts[RIG_SLOW], http);
    struct rig_got got = rig_get(&rig, RIG_WEB, rig_url(TWO, rig.main, "/ok"));
    assert_outcome(&got, VLS_HTTP_OK, "");
    char *log = rig_read(&rig, "fetch.log");
    assert_non_null(strstr(log, "event=fetch.host-gone plugin=slow code=WIRE_REFUSED"));
    vls_mem_free(log);
}

static void fetch__that_dies__fails_what_is_open_and_is_used_again(void **state)
{
    (void)state;
    void *ctx = &rig.hosts[RIG_WEB];
    struct vls_http_request request = request_of(rig_url(TWO, rig.main, "/wrong/stall-head"));
    struct vls_http *http, *none;
    assert_int_equal(WEB->open(ctx, &request, &http), VLS_HTTP_OK);
    rig_kill_fetch(&rig);
    struct rig_got got = rig_finish(&rig, RIG_WEB, http);
    assert_int_equal(got.outcome, VLS_HTTP_SYSTEM);
    assert_int_equal(got.response.is_sent, 1); /* nobody knows */
    assert_int_equal(WEB->open(ctx, &request, &none), VLS_HTTP_SYSTEM);
    rig_start_fetch(&rig);
    got = rig_get(&rig, RIG_WEB, rig_url(TWO, rig.main, "/ok"));
    assert_outcome(&got, VLS_HTTP_OK, "");
}

static int start(void **state)
{
    (void)state;
    rig_start(&rig);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    rig_stop(&rig);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(get__a_good_answer__comes_whole_with_its_head),
        cmocka_unit_test(get__an_older_plugin__is_served_as_far_as_it_goes),
        cmocka_unit_test(head_and_methods__as_asked),
        cmocka_unit_test(status__of_every_kind__is_an_answer),
        cmocka_unit_test(condition__that_holds__is_unchanged),
        cmocka_unit_test(gzip__asked_for__comes_decompressed),
        cmocka_unit_test(range__given__is_the_one_asked_for),
        cmocka_unit_test(range__other_than_asked_for__refused_or_said_to_be_whole),
        cmocka_unit_test(redirect__within_the_list__is_followed),
        cmocka_unit_test(redirect__out_of_the_list__refused),
        cmocka_unit_test(redirect__of_a_post__goes_where_its_body_may),
        cmocka_unit_test(redirect__to_another_host__takes_no_field_of_the_plugin_along),
        cmocka_unit_test(tls__not_as_it_must_be__is_no_connection),
        cmocka_unit_test(host__not_reached_or_not_listed__each_in_its_words),
        cmocka_unit_test(request__not_well_formed__refused),
        cmocka_unit_test(fields__that_are_not_the_plugins_to_set__refused),
        cmocka_unit_test(answer__broken_or_cut_or_too_much__each_in_its_words),
        cmocka_unit_test(answer__that_stalls__ends_with_its_time),
        cmocka_unit_test(content__of_100_mebibytes__in_constant_memory),
        cmocka_unit_test(bomb__with_a_slow_reader__waits_in_constant_memory),
        cmocka_unit_test(answer__above_the_limit__is_too_large),
        cmocka_unit_test(rate__of_a_host__holds_for_all_plugins),
        cmocka_unit_test(open__more_than_allowed__is_busy_until_one_is_closed),
        cmocka_unit_test(close__before_the_end__gives_it_up),
        cmocka_unit_test(body__streamed__arrives_whole_in_constant_memory),
        cmocka_unit_test(body__in_memory__arrives_whatever_its_size),
        cmocka_unit_test(body__shorter_than_said__is_not_sent_as_if_it_were_whole),
        cmocka_unit_test(body__answered_early__stops_and_has_the_answer),
        cmocka_unit_test(credential__of_a_host__goes_there_and_nowhere_else),
        cmocka_unit_test(credential__given_back_by_a_server__is_not_passed_on),
        cmocka_unit_test(proxy__configured__is_used_and_told_nothing),
        cmocka_unit_test(retry_after__elsewhere_or_odd__means_nothing),
        cmocka_unit_test(retry_after__in_both_forms__is_told_and_kept_to),
        cmocka_unit_test(secrets__everywhere_else__are_nowhere),
        cmocka_unit_test(calls__in_a_wrong_order__are_refused_without_harm),
        cmocka_unit_test(deadline__of_the_callback__stands_still_while_a_request_runs),
        cmocka_unit_test(host__that_breaks_the_protocol__loses_its_channel_alone),
        cmocka_unit_test(fetch__that_dies__fails_what_is_open_and_is_used_again),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
