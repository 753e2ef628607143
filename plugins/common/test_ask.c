/* What an answer means: opposite a service of HTTP that says what the test wants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "common/ask.h"

#define NOW UINT64_C(1789369200000)

/* -- the network ------------------------------------------------------------------------------- */

static struct played {
    enum vls_http_outcome how, reading; /* of open and answer; of read() behind the content */
    struct vls_http_response said;
    const char *content;
    size_t len, at, piece;
    const char *field, *value;
    unsigned open;
} net;

static enum vls_http_outcome net_open(void *ctx, const struct vls_http_request *request,
                                      struct vls_http **out)
{
    (void)ctx;
    (void)request;
    *out = (struct vls_http *)&net;
    net.open++;
    return net.how;
}

static enum vls_http_outcome net_answer(void *ctx, struct vls_http *http,
                                        struct vls_http_response *out)
{
    (void)ctx;
    (void)http;
    *out = net.said;
    return net.how;
}

static enum vls_http_outcome net_read(void *ctx, struct vls_http *http, void *to, size_t room,
                                      size_t *out_len)
{
    size_t left = net.len - net.at, len = left < net.piece ? left : net.piece;
    (void)ctx;
    (void)http;
    if (len > room)
        len = room;
    if (len > 0)
        memcpy(to, net.content + net.at, len);
    net.at += len;
    *out_len = len;
    return len > 0 ? VLS_HTTP_OK : net.reading;
}

static const char *net_header(void *ctx, const struct vls_http *http, const char *name, uint32_t n)
{
    (void)ctx;
    (void)http;
    return net.field != NULL && n == 0 && strcasecmp(name, net.field) == 0 ? net.value : NULL;
}

static void net_close(void *ctx, struct vls_http *http)
{
    (void)ctx;
    if (http != NULL)
        net.open--;
}

static const struct vls_http_service WEB = {.size = sizeof WEB,
                                            .open = net_open,
                                            .answer = net_answer,
                                            .read = net_read,
                                            .header = net_header,
                                            .close = net_close};

static uint64_t now_ms(void *ctx)
{
    (void)ctx;
    return NOW;
}

static const struct vls_host HOST = {.size = sizeof HOST, .now_ms = now_ms};
static struct plug plug = {.host = &HOST, .web = &WEB};

static void play(unsigned status, const char *content)
{
    net = (struct played){.how = VLS_HTTP_OK,
                          .reading = VLS_HTTP_OK,
                          .said = {.size = sizeof net.said,
                                   .status = status,
                                   .why = "",
                                   .url = "https://a.example/x?token=abc",
                                   .content_type = "application/pdf",
                                   .etag = "\"e\"",
                                   .modified = ""},
                          .content = content,
                          .len = strlen(content),
                          .piece = 7};
}

static const struct plug_ask FOR_PDF = {.url = "https://a.example/x?token=abc", .kinds = PLUG_PDF};
static const struct plug_ask FOR_XML = {.url = "https://a.example/oai", .kinds = PLUG_XML};

static struct plug_answer answer;

static uint32_t ask(const struct plug_ask *what)
{
    struct plug_bytes bytes;
    uint32_t result = plug_gather(&plug, what, 1 << 20, &bytes, &answer);
    assert_int_equal(net.open, 0);
    if (result == VLS_RESULT_DELIVERED)
        assert_int_equal(bytes.len, answer.bytes);
    else
        assert_null(bytes.at);
    plug_bytes_fini(&bytes);
    assert_null(strstr(answer.why, "abc"));
    return result;
}

static void expect(uint32_t result, const char *words)
{
    if (answer.result != result)
        fail_msg("it is %s: %s", plug_result_name(answer.result), answer.why);
    if (strstr(answer.why, words) == NULL)
        fail_msg("it does not say '%s' but '%s'", words, answer.why);
}

/* -- statuses ---------------------------------------------------------------------------------- */

static void document__of_the_wanted_kind__is_delivered(void **state)
{
    (void)state;
    play(200, "%PDF-1.7 and more %%EOF\r\n");
    assert_int_equal(ask(&FOR_PDF), VLS_RESULT_DELIVERED);
    assert_int_equal(answer.kind, PLUG_PDF);
    assert_string_equal(answer.url, "https://a.example/x?token=***");
    assert_string_equal(answer.etag, "\"e\"");
    assert_string_equal(answer.why, "");
}

static void document__in_a_file__is_whole(void **state)
{
    char read_back[64] = "";
    int fd = -1;
    (void)state;
    play(200, "%PDF-1.7 and more %%EOF\r\n");
    assert_int_equal(plug_fetch(&plug, &FOR_PDF, &fd, &answer), VLS_RESULT_DELIVERED);
    assert_int_equal(pread(fd, read_back, sizeof read_back, 0), 25);
    assert_string_equal(read_back, "%PDF-1.7 and more %%EOF\r\n");
    close(fd);
}

static void document__cut_in_an_answer_of_the_right_length__is_malformed(void **state)
{
    int fd = -1;
    (void)state;
    play(200, "%PDF-1.7 and no more");
    assert_int_equal(plug_fetch(&plug, &FOR_PDF, &fd, &answer), VLS_RESULT_MALFORMED);
    assert_int_equal(fd, -1);
    expect(VLS_RESULT_MALFORMED, "breaks off");
    assert_string_equal(answer.where, "end");
}

static void status_200__with_nothing__is_what_the_asker_says(void **state)
{
    struct plug_ask unpublished = FOR_PDF;
    (void)state;
    unpublished.empty = VLS_RESULT_NOT_PUBLISHED;
    play(200, "");
    assert_int_equal(ask(&unpublished), VLS_RESULT_NOT_PUBLISHED);
    play(200, "");
    ask(&FOR_PDF);
    expect(VLS_RESULT_MALFORMED, "with nothing");
}

static void page__where_a_document_was_asked__is_malformed(void **state)
{
    (void)state;
    play(200, "<!DOCTYPE html><html><body>Select a language</body></html>");
    ask(&FOR_PDF);
    expect(VLS_RESULT_MALFORMED, "an HTML page");
    assert_string_equal(answer.where, "byte 0");
    assert_non_null(strstr(answer.body, "Select a language"));
}

static void page__to_log_in_at__needs_a_key(void **state)
{
    (void)state;
    play(200, "<html><body>Sign in</body></html>");
    net.said.url = "https://a.example/youraccount/login?ln=en";
    ask(&FOR_PDF);
    expect(VLS_RESULT_NEEDS_KEY, "log in");
}

static void challenge__in_any_form__is_blocked(void **state)
{
    (void)state;
    play(202, "");
    ask(&FOR_XML);
    expect(VLS_RESULT_BLOCKED, "challenge");
    play(405, "");
    net.field = "x-amzn-waf-action";
    net.value = "captcha";
    ask(&FOR_XML);
    expect(VLS_RESULT_BLOCKED, "challenge");
    play(403, "<html><script>window.gokuProps = {}</script></html>");
    ask(&FOR_XML);
    expect(VLS_RESULT_BLOCKED, "challenge");
}

static void status_202__where_it_is_good__is_delivered(void **state)
{
    struct plug_ask post = {.url = "https://a.example/x", .is_accepted_good = true};
    (void)state;
    play(202, "\"Document queued for processing.\"");
    assert_int_equal(ask(&post), VLS_RESULT_DELIVERED);
    assert_int_equal(answer.status, 202);
}

static void status__of_each_kind__has_its_result(void **state)
{
    static const struct {
        unsigned status;
        const char *body;
        uint32_t result;
    } CASES[] = {
        {401, "{\"statusCode\": 401}", VLS_RESULT_NEEDS_KEY},
        {403, "Forbidden", VLS_RESULT_REFUSED},
        {403, "{\"error\": \"Invalid API key.\"}", VLS_RESULT_NEEDS_KEY},
        {403, "You are not using an approved appname", VLS_RESULT_NEEDS_KEY},
        {404, "%PDF-1.7", VLS_RESULT_NOT_FOUND},
        {410, "", VLS_RESULT_NOT_FOUND},
        {451, "", VLS_RESULT_REFUSED},
        {400, "", VLS_RESULT_MALFORMED},
        {302, "", VLS_RESULT_MALFORMED},
        {429, "", VLS_RESULT_RETRY_AT},
        {500, "", VLS_RESULT_RETRY_AT},
        {502, "", VLS_RESULT_RETRY_AT},
        {520, "", VLS_RESULT_RETRY_AT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        play(CASES[i].status, CASES[i].body);
        if (ask(&FOR_PDF) != CASES[i].result)
            fail_msg("%u is %s", CASES[i].status, plug_result_name(answer.result));
        assert_true(answer.why[0] != '\0');
    }
}

static void later__said_or_not__has_a_time(void **state)
{
    (void)state;
    play(503, "");
    net.said.retry_at_ms = NOW + 5000;
    ask(&FOR_PDF);
    assert_int_equal(answer.retry_at_ms, NOW + 5000);
    play(429, "");
    ask(&FOR_PDF);
    assert_int_equal(answer.retry_at_ms, NOW + PLUG_WAIT_MS);
    play(503, "");
    net.said.retry_at_ms = UINT64_MAX;
    ask(&FOR_PDF);
    assert_int_equal(answer.retry_at_ms, NOW + PLUG_WAIT_MOST);
}

static void error_status__with_content_that_is_wanted__is_read_when_asked_so(void **state)
{
    struct plug_ask any = FOR_XML;
    (void)state;
    any.any_status = true;
    play(422, "<OAI-PMH><error code='badArgument'/></OAI-PMH>");
    assert_int_equal(ask(&any), VLS_RESULT_DELIVERED);
    play(503, "<OAI-PMH/>");
    assert_int_equal(ask(&any), VLS_RESULT_RETRY_AT);
    play(422, "Unprocessable");
    assert_int_equal(ask(&any), VLS_RESULT_MALFORMED);
}

/* -- exchanges --------------------------------------------------------------------------------- */

static void exchange__that_fails__has_its_result(void **state)
{
    static const struct {
        enum vls_http_outcome how;
        uint32_t result;
    } CASES[] = {
        {VLS_HTTP_UNCHANGED, VLS_RESULT_UNCHANGED}, {VLS_HTTP_TOO_LARGE, VLS_RESULT_MALFORMED},
        {VLS_HTTP_TIMEOUT, VLS_RESULT_RETRY_AT},    {VLS_HTTP_RESOLVE, VLS_RESULT_RETRY_AT},
        {VLS_HTTP_TLS, VLS_RESULT_RETRY_AT},        {VLS_HTTP_CONNECT, VLS_RESULT_RETRY_AT},
        {VLS_HTTP_REDIRECT, VLS_RESULT_MALFORMED},  {VLS_HTTP_RATE, VLS_RESULT_RETRY_AT},
        {VLS_HTTP_MALFORMED, VLS_RESULT_MALFORMED}, {VLS_HTTP_DENIED, VLS_RESULT_RETRY_AT},
        {VLS_HTTP_BUSY, VLS_RESULT_RETRY_AT},       {VLS_HTTP_BROKEN, VLS_RESULT_RETRY_AT},
        {VLS_HTTP_INVALID, VLS_RESULT_MALFORMED},   {VLS_HTTP_SYSTEM, VLS_RESULT_RETRY_AT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        play(0, "");
        net.how = CASES[i].how;
        net.said.why = "as the test has it";
        if (ask(&FOR_PDF) != CASES[i].result)
            fail_msg("outcome %d is %s", (int)CASES[i].how, plug_result_name(answer.result));
        if (answer.result == VLS_RESULT_MALFORMED)
            assert_true(answer.where[0] != '\0');
        if (answer.result == VLS_RESULT_RETRY_AT)
            assert_true(answer.retry_at_ms > NOW);
    }
}

static void content__that_breaks_off__is_not_delivered(void **state)
{
    int fd = -1;
    (void)state;
    play(200, "%PDF-1.7 and not");
    net.reading = VLS_HTTP_MALFORMED;
    net.said.why = "the answer is cut short";
    assert_int_equal(plug_fetch(&plug, &FOR_PDF, &fd, &answer), VLS_RESULT_MALFORMED);
    assert_int_equal(fd, -1);
    expect(VLS_RESULT_MALFORMED, "cut short");
}

static void content__above_the_cap__is_malformed(void **state)
{
    struct plug_bytes bytes;
    (void)state;
    play(200, "%PDF-1.7 and more %%EOF\r\n");
    assert_int_equal(plug_gather(&plug, &FOR_PDF, 20, &bytes, &answer), VLS_RESULT_MALFORMED);
    expect(VLS_RESULT_MALFORMED, "larger than 20 bytes");
    assert_null(bytes.at);
}

/* -- compression that nobody told -------------------------------------------------------------- */

static size_t pack(const char *text, size_t len, char *out, size_t room)
{
    z_stream z = {.next_in = (unsigned char *)(uintptr_t)text, .avail_in = (unsigned)len};
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_out = (unsigned char *)out;
    z.avail_out = (unsigned)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t got = room - z.avail_out;
    deflateEnd(&z);
    return got;
}

static void gzip__that_nobody_told__is_undone(void **state)
{
    static char text[300000], packed[300000];
    (void)state;
    memset(text, 'x', sizeof text);
    memcpy(text, "<a>", 3);
    memcpy(text + sizeof text - 4, "</a>", 4);
    size_t len = pack(text, sizeof text, packed, sizeof packed);
    for (size_t piece = 1; piece < len + 3; piece += 5) {
        play(200, "");
        net.content = packed;
        net.len = len;
        net.piece = piece;
        assert_int_equal(ask(&FOR_XML), VLS_RESULT_DELIVERED);
        assert_int_equal(answer.bytes, sizeof text);
        assert_true(answer.is_compressed_unsaid);
    }
    play(200, "");
    net.content = packed;
    net.len = len - 9;
    ask(&FOR_XML);
    expect(VLS_RESULT_MALFORMED, "breaks off");
}

static void gzip__of_far_too_much__is_malformed(void **state)
{
    static char text[4 << 20], packed[64 << 10];
    struct plug_ask capped = FOR_XML;
    (void)state;
    memset(text, ' ', sizeof text);
    memcpy(text, "<a>", 3);
    capped.max_bytes = 1 << 19;
    play(200, "");
    net.content = packed;
    net.len = pack(text, sizeof text, packed, sizeof packed);
    net.piece = 4096;
    ask(&capped);
    expect(VLS_RESULT_MALFORMED, "larger than this plugin takes");
}

static void zstd__that_nobody_told__is_malformed(void **state)
{
    (void)state;
    play(200, "\x28\xb5\x2f\xfd....");
    ask(&FOR_XML);
    expect(VLS_RESULT_MALFORMED, "zstd");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(document__of_the_wanted_kind__is_delivered),
        cmocka_unit_test(document__in_a_file__is_whole),
        cmocka_unit_test(document__cut_in_an_answer_of_the_right_length__is_malformed),
        cmocka_unit_test(status_200__with_nothing__is_what_the_asker_says),
        cmocka_unit_test(page__where_a_document_was_asked__is_malformed),
        cmocka_unit_test(page__to_log_in_at__needs_a_key),
        cmocka_unit_test(challenge__in_any_form__is_blocked),
        cmocka_unit_test(status_202__where_it_is_good__is_delivered),
        cmocka_unit_test(status__of_each_kind__has_its_result),
        cmocka_unit_test(later__said_or_not__has_a_time),
        cmocka_unit_test(error_status__with_content_that_is_wanted__is_read_when_asked_so),
        cmocka_unit_test(exchange__that_fails__has_its_result),
        cmocka_unit_test(content__that_breaks_off__is_not_delivered),
        cmocka_unit_test(content__above_the_cap__is_malformed),
        cmocka_unit_test(gzip__that_nobody_told__is_undone),
        cmocka_unit_test(gzip__of_far_too_much__is_malformed),
        cmocka_unit_test(zstd__that_nobody_told__is_malformed),
    };
    return cmocka_run_group_tests_name("ask", tests, NULL, NULL);
}
