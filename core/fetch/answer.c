/* fetch/answer - what a host answered: its head, whether its content is what was asked for, and
 * where it leads. See fetch_internal.h. */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "fetch/fetch_internal.h"
#include "fetch/retry.h"

enum {
    HTTP_NO_CONTENT = 204,
    HTTP_PARTIAL = 206,
    HTTP_MOVED = 301,
    HTTP_FOUND = 302,
    HTTP_SEE_OTHER = 303,
    HTTP_NOT_MODIFIED = 304,
    HTTP_TEMPORARY = 307,
    HTTP_PERMANENT = 308,
    HTTP_ERRORS = 400,
    HTTP_TOO_MANY = 429,
    HTTP_UNAVAILABLE = 503
};

#define MASK "(not shown)"

/* -- the head ---------------------------------------------------------------------------------- */

static bool is_redirect(unsigned status)
{
    return status == HTTP_MOVED || status == HTTP_FOUND || status == HTTP_SEE_OTHER ||
           status == HTTP_TEMPORARY || status == HTTP_PERMANENT;
}

/* Retry-After means a time to come back with these two alone. */
static void note_retry(struct vls_fetch_request *request)
{
    const char *value = vls_head_get(&request->head, "retry-after", 0);
    bool is_meant =
        request->head.status == HTTP_TOO_MANY || request->head.status == HTTP_UNAVAILABLE;
    if (is_meant && value != NULL &&
        vls_ok(vls_retry_after_read(value, vls_wall_ms(request->client->fetch->options.env),
                                    &request->retry_at_ms)))
        vls_remote_block(request->turn.remote, request->retry_at_ms);
}

static struct vls_status read_length(const struct vls_fetch_request *request, bool *out_has,
                                     uint64_t *out, struct vls_why *why)
{
    const char *value = vls_head_get(&request->head, "content-length", 0);
    *out_has = false;
    if (value == NULL || vls_head_get(&request->head, "transfer-encoding", 0) != NULL)
        return VLS_DONE;
    if (!vls_ok(vls_number_read(value, 0, UINT64_MAX, out)))
        return vls_fail(VLS_FETCH_MALFORMED, why, "the answer's Content-Length is no number");
    *out_has = true;
    return VLS_DONE;
}

/* What is compressed without being asked is not what the server keeps under this address. */
static struct vls_status begin_decoding(struct vls_fetch_request *request, bool *out_is_coded,
                                        struct vls_why *why)
{
    const char *coding = vls_head_get(&request->head, "content-encoding", 0);
    *out_is_coded = false;
    if (coding == NULL || coding[0] == '\0' || strcasecmp(coding, "identity") == 0)
        return VLS_DONE;
    bool is_gzip = strcasecmp(coding, "gzip") == 0 || strcasecmp(coding, "x-gzip") == 0;
    if (!is_gzip || request->no_compression ||
        vls_head_get(&request->head, "content-encoding", 1) != NULL)
        return vls_fail(VLS_FETCH_MALFORMED, why,
                        "the answer has the encoding '%.40s', which was not asked for", coding);
    *out_is_coded = true;
    return vls_flow_inflate(request->content, why);
}

static struct vls_status check_range(struct vls_fetch_request *request,
                                     struct vls_content_range *out, struct vls_why *why)
{
    const char *value = vls_head_get(&request->head, "content-range", 0);
    if (request->head.status != HTTP_PARTIAL)
        return VLS_DONE;
    if (value == NULL)
        return vls_fail(VLS_FETCH_MALFORMED, why, "a 206 without Content-Range");
    VLS_TRY(vls_content_range_read(value, out, why));
    VLS_TRY(vls_content_range_check(out, &request->range, why));
    request->expected = out->last - out->first + 1;
    return VLS_DONE;
}

static bool has_no_content(const struct vls_fetch_request *request)
{
    return strcmp(request->method, "HEAD") == 0 || request->head.status == HTTP_NO_CONTENT ||
           request->head.status == HTTP_NOT_MODIFIED;
}

/* The names and values, with those left out that give a credential back. */
static size_t list_fields(const struct vls_fetch_request *request, Valise__HttpHeader *fields,
                          Valise__HttpHeader **list)
{
    static char mask[] = MASK;
    const struct vls_head *head = &request->head;
    for (size_t i = 0; i < head->count; i++) {
        bool is_secret = vls_secrets_are_in(&request->client->secrets, head->fields[i].value);
        valise__http_header__init(&fields[i]);
        fields[i].name = head->fields[i].name;
        fields[i].value = is_secret ? mask : head->fields[i].value;
        list[i] = &fields[i];
    }
    return head->count;
}

static struct vls_status tell(struct vls_fetch_request *request, Valise__HttpHead *head,
                              struct vls_why *why)
{
    Valise__HttpHeader fields[VLS_FETCH_HEADERS], *list[VLS_FETCH_HEADERS];
    Valise__Frame frame = VALISE__FRAME__INIT;
    char *url = NULL;
    if (curl_url_get(request->url, CURLUPART_URL, &url, 0) != CURLUE_OK)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for a url");
    head->id = request->id;
    head->status = request->head.status;
    head->url = url;
    head->n_headers = list_fields(request, fields, list);
    head->headers = list;
    head->retry_at_ms = request->retry_at_ms;
    head->redirects = request->redirects;
    frame.body_case = VALISE__FRAME__BODY_HTTP_HEAD;
    frame.http_head = head;
    struct vls_status status = vls_fetch_tell(request->client, &frame, why);
    curl_free(url);
    request->is_told = vls_ok(status);
    return status;
}

/* libcurl sends no more of a body that was answered with an error: let the plugin stop writing it.
 * If it waits for more of it, it is to look again. */
static void stop_body(struct vls_fetch_request *request)
{
    if (request->body_fd < 0)
        return;
    event_del(request->body_event);
    vls_fd_close(&request->body_fd);
    event_active(request->body_event, EV_READ, 0);
}

/* The final answer's head is complete. */
static struct vls_status take_head(struct vls_fetch_request *request, struct vls_why *why)
{
    Valise__HttpHead head = VALISE__HTTP_HEAD__INIT;
    struct vls_content_range range = {0};
    bool is_coded = false, has_length = false;
    uint64_t length = 0;
    note_retry(request);
    if (!request->no_redirect && is_redirect(request->head.status) &&
        vls_head_get(&request->head, "location", 0) != NULL) {
        request->is_redirect = true;
        return VLS_DONE;
    }
    VLS_TRY(check_range(request, &range, why));
    VLS_TRY(read_length(request, &has_length, &length, why));
    if (!has_no_content(request)) {
        if (has_length && length > request->max_bytes)
            return vls_fail(VLS_FETCH_LARGE, why,
                            "the answer has %" PRIu64 " bytes of content; %" PRIu64 " are allowed",
                            length, request->max_bytes);
        VLS_TRY(begin_decoding(request, &is_coded, why));
    }
    if (request->head.status >= HTTP_ERRORS)
        stop_body(request);
    head.has_length = has_length && !is_coded;
    head.length = head.has_length ? length : 0;
    head.is_partial = request->head.status == HTTP_PARTIAL;
    head.range_first = range.first;
    head.range_total = range.total;
    return tell(request, &head, why);
}

struct vls_status vls_fetch_answer_line(struct vls_fetch_request *request, struct vls_slice line,
                                        struct vls_why *why)
{
    if (request->head.is_complete)
        return VLS_DONE;
    VLS_TRY(vls_head_add(&request->head, line, why));
    return request->head.is_complete ? take_head(request, why) : VLS_DONE;
}

struct vls_status vls_fetch_answer_check(const struct vls_fetch_request *request,
                                         struct vls_why *why)
{
    if (!request->is_told)
        return vls_fail(VLS_FETCH_MALFORMED, why, "%s: the answer has no complete head",
                        request->host);
    VLS_TRY(vls_flow_end(request->content, why));
    uint64_t given = vls_flow_given(request->content);
    if (request->expected != UINT64_MAX && strcmp(request->method, "HEAD") != 0 &&
        given != request->expected)
        return vls_fail(VLS_FETCH_MALFORMED, why,
                        "the answer has %" PRIu64 " bytes where its Content-Range says %" PRIu64,
                        given, request->expected);
    return VLS_DONE;
}

/* -- redirects --------------------------------------------------------------------------------- */

/* 303, and by custom 301 and 302 of a POST, ask for the answer with a GET. */
static void change_method(struct vls_fetch_request *request)
{
    unsigned status = request->head.status;
    bool is_post = strcmp(request->method, "POST") == 0;
    if (strcmp(request->method, "HEAD") == 0 || status == HTTP_TEMPORARY ||
        status == HTTP_PERMANENT || (status != HTTP_SEE_OTHER && !is_post))
        return;
    vls_text_copy(request->method, sizeof request->method, "GET");
    request->has_body = request->is_streamed = false;
    vls_buf_clear(&request->body);
}

/* What the plugin wrote for one host is not for another. */
static void keep_common_lines(struct vls_fetch_request *request)
{
    size_t kept = 0;
    for (size_t i = 0; i < request->line_count; i++) {
        if (request->lines[i].is_for_all)
            request->lines[kept++] = request->lines[i];
        else
            vls_mem_free(request->lines[i].text);
    }
    request->line_count = kept;
}

static struct vls_status refuse(struct vls_why *why, const char *words)
{
    return vls_fail(VLS_FETCH_REDIRECT, why, "the redirect %s", words);
}

static struct vls_status point_to(struct vls_fetch_request *request, struct vls_why *why)
{
    const char *location = vls_head_get(&request->head, "location", 0);
    struct vls_why inner;
    if (strlen(location) >= VLS_MAX_URL ||
        curl_url_set(request->url, CURLUPART_URL, location, 0) != CURLUE_OK)
        return refuse(why, "leads nowhere: its Location is not well formed, or too long");
    if (!vls_ok(vls_fetch_look_at_url(request, &inner)))
        return vls_fail(VLS_FETCH_REDIRECT, why, "the redirect may not be followed: %s",
                        inner.text);
    return VLS_DONE;
}

struct vls_status vls_fetch_answer_follow(struct vls_fetch_request *request, struct vls_why *why)
{
    char from[sizeof request->host];
    const char *location = vls_head_get(&request->head, "location", 0);
    uint16_t from_port = request->port;
    vls_text_copy(from, sizeof from, request->host);
    if (++request->redirects > VLS_FETCH_REDIRECTS)
        return refuse(why, "is one too many");
    if (vls_secrets_are_in(&request->client->secrets, location))
        return refuse(why, "holds a credential: it is not followed, and not shown");
    change_method(request);
    VLS_TRY(point_to(request, why));
    bool is_other = strcmp(from, request->host) != 0 || from_port != request->port;
    if (request->has_body && (request->is_streamed || is_other))
        return refuse(why, "asks for the body again, at another host or when it is gone");
    if (is_other)
        keep_common_lines(request);
    return VLS_DONE;
}
