#include "attest/post.h"

#include <ctype.h>
#include <openssl/x509_vfy.h>
#include <string.h>
#include <utlist.h>

#include "base/mem.h"
#include "base/text.h"

#define MAX_KEPT          16L /* connections */
#define MAX_RETRY_AFTER_S 86400
#define HEADER_LINE       (VLS_POST_TYPE + 32)

struct vls_post {
    struct vls_posts *posts;
    struct vls_post *prev, *next;
    const struct vls_post_to *to;
    CURL *easy;
    struct curl_slist *headers;
    struct vls_buf answer;
    char words[CURL_ERROR_SIZE];
    vls_post_fn fn;
    void *ctx;
};

/* -- set up ------------------------------------------------------------------------------------ */

static size_t on_write(char *from, size_t size, size_t count, void *ctx)
{
    struct vls_post *post = ctx;
    return vls_ok(vls_buf_add(&post->answer, from, size * count)) ? size * count : 0;
}

#define SET(option, value) (is_good = is_good && curl_easy_setopt(easy, option, value) == CURLE_OK)

static bool set_connection(CURL *easy, const struct vls_post_to *to)
{
    struct curl_blob ca = {(void *)(uintptr_t)to->ca.at, to->ca.len, CURL_BLOB_COPY};
    bool is_good = true;
    SET(CURLOPT_PROTOCOLS_STR, to->may_be_open ? "https,http" : "https");
    SET(CURLOPT_URL, to->url);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L); /* a name server that hangs holds up nobody but this call */
    SET(CURLOPT_TIMEOUT_MS, (long)to->timeout_ms);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    if (to->ca.len != 0) {
        SET(CURLOPT_CAPATH, NULL);
        SET(CURLOPT_CAINFO_BLOB, &ca);
    }
    return is_good;
}

static bool add_header(struct vls_post *post, const char *name, const char *value)
{
    struct vls_buf line VLS_DEFER(vls_buf_fini);
    vls_buf_init(&line, HEADER_LINE);
    if (!vls_ok(vls_buf_add_format(&line, "%s:%s%s", name, value[0] != '\0' ? " " : "", value)))
        return false;
    struct curl_slist *longer = curl_slist_append(post->headers, vls_buf_text(&line));
    if (longer != NULL)
        post->headers = longer;
    return longer != NULL;
}

static bool set_request(CURL *easy, struct vls_post *post, const struct vls_post_to *to,
                        struct vls_slice body)
{
    bool is_good = add_header(post, "Expect", "") /* libcurl would wait for an interim answer */
                   && add_header(post, "Content-Type", to->asks != NULL ? to->asks : "") &&
                   (to->accepts == NULL || add_header(post, "Accept", to->accepts));
    SET(CURLOPT_HTTPHEADER, post->headers);
    SET(CURLOPT_POST, 1L);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
    SET(CURLOPT_COPYPOSTFIELDS, (const char *)body.at);
    SET(CURLOPT_PRIVATE, post);
    SET(CURLOPT_ERRORBUFFER, post->words);
    SET(CURLOPT_WRITEFUNCTION, on_write);
    SET(CURLOPT_WRITEDATA, post);
    return is_good;
}

static void free_post(struct vls_post *post)
{
    DL_DELETE(post->posts->calls, post);
    post->posts->count--;
    if (post->easy != NULL)
        curl_easy_cleanup(post->easy);
    curl_slist_free_all(post->headers);
    vls_buf_fini(&post->answer);
    vls_mem_free(post);
}

struct vls_status vls_posts_send(struct vls_posts *posts, const struct vls_post_to *to,
                                 struct vls_slice body, size_t max_answer, vls_post_fn fn,
                                 void *ctx, struct vls_why *why)
{
    struct vls_post *post = vls_mem_new(sizeof *post);
    *post = (struct vls_post){.posts = posts, .to = to, .fn = fn, .ctx = ctx};
    vls_buf_init(&post->answer, max_answer);
    DL_APPEND(posts->calls, post);
    posts->count++;
    post->easy = curl_easy_init();
    if (post->easy == NULL || !set_connection(post->easy, to) ||
        !set_request(post->easy, post, to, body) ||
        curl_multi_add_handle(posts->loop.multi, post->easy) != CURLM_OK) {
        free_post(post);
        return vls_fail(VLS_SYSTEM_MEMORY, why, "libcurl does not take the call to %.80s", to->url);
    }
    return VLS_DONE;
}

/* -- the end ----------------------------------------------------------------------------------- */

static void read_type(CURL *easy, char out[VLS_POST_TYPE])
{
    char *type = NULL;
    (void)curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
    size_t len = type != NULL ? strcspn(type, "; ") : 0;
    if (len == 0 || len >= VLS_POST_TYPE)
        return;
    vls_text_copy(out, len + 1, type);
    for (char *at = out; *at != '\0'; at++)
        *at = (char)tolower((unsigned char)*at);
}

static void read_answer(struct vls_post *post, struct vls_post_result *out)
{
    curl_off_t wait_s = 0;
    (void)curl_easy_getinfo(post->easy, CURLINFO_RESPONSE_CODE, &out->http_status);
    (void)curl_easy_getinfo(post->easy, CURLINFO_RETRY_AFTER, &wait_s);
    if (wait_s > 0)
        out->retry_after_ms =
            (uint64_t)(wait_s < MAX_RETRY_AFTER_S ? wait_s : MAX_RETRY_AFTER_S) * 1000;
    read_type(post->easy, out->type);
    out->body = vls_buf_slice(&post->answer);
}

/* Not that its certificate has ended, or is another host's: who issued it is not known here. */
static bool is_of_unknown_issuer(CURL *easy, CURLcode code)
{
    long result = X509_V_OK;
    (void)curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &result);
    return code == CURLE_PEER_FAILED_VERIFICATION &&
           (result == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
            result == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
            result == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ||
            result == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN);
}

static struct vls_status failed(const struct vls_post *post, CURLcode code, struct vls_why *why)
{
    if (code == CURLE_WRITE_ERROR)
        return vls_fail(VLS_ATTEST_UNREACHABLE, why, "the answer is above %zu bytes",
                        post->answer.max);
    if (is_of_unknown_issuer(post->easy, code))
        return vls_fail(
            VLS_ATTEST_UNREACHABLE, why, "%.120s: %s %s",
            post->words[0] != '\0' ? post->words : curl_easy_strerror(code), post->to->ca_setting,
            post->to->ca.len != 0 ? "holds another issuer than its TLS certificate has"
                                  : "is not given, and the system knows no such issuer");
    return vls_fail(VLS_ATTEST_UNREACHABLE, why, "%.160s",
                    post->words[0] != '\0' ? post->words : curl_easy_strerror(code));
}

static void end(struct vls_post *post, CURLcode code)
{
    struct vls_why why = {""};
    struct vls_post_result result = {.status = VLS_DONE, .why = &why};
    (void)curl_multi_remove_handle(post->posts->loop.multi, post->easy);
    if (code == CURLE_OK)
        read_answer(post, &result);
    else
        result.status = failed(post, code, &why);
    post->fn(post->ctx, &result);
    free_post(post);
}

/* vls_web_done_fn */
static void on_done(void *ctx, CURL *easy, CURLcode code)
{
    struct vls_post *post = NULL;
    (void)ctx;
    (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &post);
    end(post, code);
}

struct vls_status vls_posts_init(struct vls_posts *posts, struct event_base *base,
                                 struct vls_why *why)
{
    *posts = (struct vls_posts){.count = 0};
    return vls_web_loop_init(&posts->loop, base, MAX_KEPT, on_done, posts, why);
}

void vls_posts_fini(struct vls_posts *posts)
{
    const struct vls_why why = {"the gateway is stopping"};
    const struct vls_post_result closing = {.status = {VLS_ROUTE_CLOSING}, .why = &why};
    while (posts->calls != NULL) {
        struct vls_post *post = posts->calls;
        (void)curl_multi_remove_handle(posts->loop.multi, post->easy);
        post->fn(post->ctx, &closing);
        free_post(post);
    }
    vls_web_loop_fini(&posts->loop);
}
