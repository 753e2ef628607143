#include "plugin/http.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "plugin/http_internal.h"
#include "plugin/watchdog.h"

#define KNOWN_FLAGS  (VLS_HTTP_RANGE | VLS_HTTP_NO_REDIRECT | VLS_HTTP_STREAM | VLS_HTTP_PLAIN)
#define NOT_MODIFIED 304

/* -- calls that block -------------------------------------------------------------------------- */

/* The deadline of the callback stands still meanwhile; the request's own holds, and if even that is
 * not kept, the watchdog ends the process as ever. */
static uint32_t begin_wait(const struct vls_http *http)
{
    return vls_watchdog_replace((uint32_t)vls_http_left_ms(http) + VLS_HTTP_SLACK_MS);
}

static void end_wait(uint32_t left)
{
    (void)vls_watchdog_replace(left);
}

/* -- open -------------------------------------------------------------------------------------- */

static const char *text_of(const char *text)
{
    return text != NULL ? text : "";
}

static struct vls_status check_request(const struct vls_http_request *r, struct vls_why *why)
{
    bool is_streamed = (r->flags & VLS_HTTP_STREAM) != 0;
    if ((r->flags & ~KNOWN_FLAGS) != 0 || r->reserved != 0)
        return vls_fail(VLS_FETCH_INVALID, why,
                        "the request has flags or a reserved field that this host does not know");
    if (is_streamed ? r->body != NULL : r->body == NULL && r->body_bytes > 0)
        return vls_fail(VLS_FETCH_INVALID, why,
                        "the request's body is in memory or a stream, and has its bytes");
    if (r->header_count > VLS_FETCH_HEADERS || (r->headers == NULL && r->header_count > 0))
        return vls_fail(VLS_FETCH_INVALID, why, "the request has more than %d fields",
                        VLS_FETCH_HEADERS);
    return VLS_DONE;
}

/* Protobuf-c's structs are not const, but are only read here. */
static char *lend(const char *text)
{
    return (char *)(uintptr_t)text_of(text);
}

static void fill_in(const struct vls_http_request *r, Valise__HttpRequest *ask)
{
    bool is_streamed = (r->flags & VLS_HTTP_STREAM) != 0;
    bool is_inline = !is_streamed && r->body_bytes <= VLS_HTTP_INLINE;
    ask->method = lend(r->method);
    ask->url = lend(r->url);
    ask->etag = lend(r->etag);
    ask->modified = lend(r->modified);
    ask->if_range = lend(r->if_range);
    ask->has_range = (r->flags & VLS_HTTP_RANGE) != 0;
    ask->range_first = r->range_first;
    ask->range_bytes = r->range_bytes;
    if (is_inline) {
        ask->body.data = (uint8_t *)(uintptr_t)r->body;
        ask->body.len = (size_t)r->body_bytes;
    } else {
        ask->is_streamed = true;
        ask->has_length = r->body_bytes != VLS_HTTP_UNKNOWN;
        ask->length = ask->has_length ? r->body_bytes : 0;
    }
    ask->max_bytes = r->max_bytes;
    ask->timeout_ms = r->timeout_ms;
    ask->no_redirect = (r->flags & VLS_HTTP_NO_REDIRECT) != 0;
    ask->no_compression = (r->flags & VLS_HTTP_PLAIN) != 0;
}

static struct vls_status send_request(struct vls_http *http, const struct vls_http_request *r,
                                      struct vls_why *why)
{
    Valise__HttpHeader fields[VLS_FETCH_HEADERS], *list[VLS_FETCH_HEADERS];
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__HttpRequest ask = VALISE__HTTP_REQUEST__INIT;
    fill_in(r, &ask);
    for (size_t i = 0; i < r->header_count; i++) {
        valise__http_header__init(&fields[i]);
        fields[i].name = lend(r->headers[i].name);
        fields[i].value = lend(r->headers[i].value);
        list[i] = &fields[i];
    }
    ask.id = frame.serial = http->id;
    ask.headers = list;
    ask.n_headers = (size_t)r->header_count;
    frame.body_case = VALISE__FRAME__BODY_HTTP_REQUEST;
    frame.http_request = &ask;
    return vls_wire_send(http->host->http.channel, &frame, NULL, 0, why);
}

static struct vls_http *add(struct vls_plugin_host *host)
{
    struct vls_plugin_http *all = &host->http;
    for (size_t i = 0; i < VLS_HTTP_OPEN; i++) {
        if (all->open[i] != NULL)
            continue;
        struct vls_http *http = all->open[i] = vls_mem_new(sizeof *http);
        http->host = host;
        http->id = ++all->last_id;
        http->content_fd = http->body_fd = -1;
        http->end_ms = vls_steady_ms(host->options.env) + VLS_HTTP_SLACK_MS;
        return http;
    }
    return NULL;
}

static void begin(struct vls_http *http, const struct vls_http_request *r)
{
    struct vls_status status = check_request(r, &http->why);
    http->has_condition = text_of(r->etag)[0] != '\0' || text_of(r->modified)[0] != '\0';
    if ((r->flags & VLS_HTTP_STREAM) == 0 && r->body_bytes > VLS_HTTP_INLINE) {
        http->body = r->body;
        http->body_left = (size_t)r->body_bytes;
    }
    if (vls_ok(status))
        status = send_request(http, r, &http->why);
    if (!vls_ok(status)) {
        http->is_ended = true;
        http->status = status;
        return;
    }
    uint32_t left = begin_wait(http);
    while (!http->is_opened && !http->is_ended)
        vls_http_receive(http);
    end_wait(left);
}

static enum vls_http_outcome outcome_of(const struct vls_http *http)
{
    return http->is_ended ? vls_plugin_http_outcome(http->status) : VLS_HTTP_OK;
}

static enum vls_http_outcome http_open(void *ctx, const struct vls_http_request *request,
                                       struct vls_http **out)
{
    struct vls_plugin_host *host = ctx;
    struct vls_http_request mine = {0};
    *out = NULL;
    if ((host->phase != HOST_SERVING && host->phase != HOST_DRAINING) || request == NULL ||
        request->size < offsetof(struct vls_http_request, headers))
        return VLS_HTTP_INVALID;
    if (host->http.channel < 0)
        return VLS_HTTP_SYSTEM;
    vls_copy(&mine, request, request->size < sizeof mine ? request->size : sizeof mine);
    struct vls_http *http = add(host);
    if (http == NULL)
        return VLS_HTTP_BUSY;
    begin(http, &mine);
    *out = http;
    return outcome_of(http);
}

/* -- body -------------------------------------------------------------------------------------- */

/* Write all of it, unless fetch does not want it: it has ended, or closed its end of the pipe. */
static bool pour(struct vls_http *http, const uint8_t *bytes, size_t len)
{
    while (len > 0 && http->body_fd >= 0 && !http->is_ended) {
        if (!vls_http_wait_for(http, http->body_fd, POLLOUT))
            return false;
        ssize_t n = write(http->body_fd, bytes, len);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (n < 0)
            vls_fd_close(&http->body_fd);
        bytes += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return len == 0;
}

static enum vls_http_outcome http_write(void *ctx, struct vls_http *http, const void *bytes,
                                        size_t len)
{
    (void)ctx;
    if (http == NULL)
        return VLS_HTTP_SYSTEM;
    if (http->body_fd < 0 && !http->is_ended)
        return http->head != NULL ? VLS_HTTP_BROKEN : VLS_HTTP_INVALID;
    uint32_t left = begin_wait(http);
    bool is_written = pour(http, bytes, len);
    /* why it is not wanted comes by the channel */
    while (!is_written && http->head == NULL && !http->is_ended)
        vls_http_receive(http);
    end_wait(left);
    if (is_written)
        return VLS_HTTP_OK;
    enum vls_http_outcome outcome = outcome_of(http);
    return outcome != VLS_HTTP_OK ? outcome : VLS_HTTP_BROKEN;
}

/* -- answer ------------------------------------------------------------------------------------ */

static const char *field_of(const struct vls_http *http, const char *name, uint32_t n)
{
    const Valise__HttpHead *head = http->head != NULL ? http->head->http_head : NULL;
    for (size_t i = 0; head != NULL && i < head->n_headers; i++)
        if (strcasecmp(head->headers[i]->name, name) == 0 && n-- == 0)
            return head->headers[i]->value;
    return NULL;
}

static void describe(const struct vls_http *http, struct vls_http_response *out)
{
    const Valise__HttpHead *head = http->head != NULL ? http->head->http_head : NULL;
    struct vls_http_response mine = {
        .size = out->size,
        .why = http->is_ended && !vls_ok(http->status) ? http->why.text : "",
        .retry_at_ms = http->retry_at_ms,
        .is_sent = http->is_sent,
        .url = "",
        .content_type = text_of(field_of(http, "content-type", 0)),
        .etag = text_of(field_of(http, "etag", 0)),
        .modified = text_of(field_of(http, "last-modified", 0)),
        .bytes = VLS_HTTP_UNKNOWN,
    };
    if (head != NULL) {
        mine.status = head->status;
        mine.redirects = head->redirects;
        mine.url = head->url;
        mine.bytes = head->has_length ? head->length : VLS_HTTP_UNKNOWN;
        mine.is_whole = !head->is_partial;
        mine.range_first = head->range_first;
        mine.range_total = head->range_total;
    }
    vls_copy(out, &mine, out->size < sizeof mine ? out->size : sizeof mine);
}

static enum vls_http_outcome http_answer(void *ctx, struct vls_http *http,
                                         struct vls_http_response *out)
{
    (void)ctx;
    if (http == NULL)
        return VLS_HTTP_SYSTEM;
    uint32_t left = begin_wait(http);
    if (http->body_left > 0 && pour(http, http->body, http->body_left))
        http->body_left = 0;
    vls_fd_close(&http->body_fd);
    while (http->head == NULL && !http->is_ended)
        vls_http_receive(http);
    end_wait(left);
    if (out != NULL && out->size >= offsetof(struct vls_http_response, why))
        describe(http, out);
    enum vls_http_outcome outcome = outcome_of(http);
    bool is_unchanged =
        http->has_condition && http->head != NULL && http->head->http_head->status == NOT_MODIFIED;
    return outcome == VLS_HTTP_OK && is_unchanged ? VLS_HTTP_UNCHANGED : outcome;
}

/* Some of the content; 0 at its end, -1 when there is none to be had. */
static ssize_t read_some(struct vls_http *http, void *to, size_t room)
{
    ssize_t n = -1;
    while (n < 0 && http->content_fd >= 0 && (!http->is_ended || vls_ok(http->status)) &&
           vls_http_wait_for(http, http->content_fd, POLLIN)) {
        n = read(http->content_fd, to, room);
        if (n < 0 && errno != EINTR) {
            vls_http_fail(http, VLS_SYSTEM_IO, "the pipe with the content cannot be read");
            break;
        }
    }
    if (n == 0)
        vls_fd_close(&http->content_fd);
    return n;
}

static enum vls_http_outcome http_read(void *ctx, struct vls_http *http, void *to, size_t room,
                                       size_t *out_len)
{
    (void)ctx;
    *out_len = 0;
    if (http == NULL)
        return VLS_HTTP_SYSTEM;
    if ((http->head == NULL && !http->is_ended) || room == 0)
        return VLS_HTTP_INVALID;
    uint32_t left = begin_wait(http);
    ssize_t n = read_some(http, to, room);
    while (n <= 0 && !http->is_ended) /* the pipe's end is not yet its word */
        vls_http_receive(http);
    end_wait(left);
    if (n <= 0)
        return outcome_of(http);
    *out_len = (size_t)n;
    return VLS_HTTP_OK;
}

static const char *http_header(void *ctx, const struct vls_http *http, const char *name, uint32_t n)
{
    (void)ctx;
    return http != NULL && name != NULL ? field_of(http, name, n) : NULL;
}

/* -- life -------------------------------------------------------------------------------------- */

static void http_close(void *ctx, struct vls_http *http)
{
    struct vls_plugin_host *host = ctx;
    for (size_t i = 0; http != NULL && i < VLS_HTTP_OPEN; i++) {
        if (host->http.open[i] != http)
            continue;
        host->http.open[i] = NULL;
        vls_fd_close(&http->body_fd);
        vls_fd_close(&http->content_fd);
        valise__frame__free_unpacked(http->head, NULL);
        vls_mem_free(http);
        return;
    }
}

void vls_plugin_http_init(struct vls_plugin_http *http)
{
    *http = (struct vls_plugin_http){.channel = -1};
}

void vls_plugin_http_fini(struct vls_plugin_http *http)
{
    for (size_t i = 0; i < VLS_HTTP_OPEN; i++)
        if (http->open[i] != NULL)
            http_close(http->open[i]->host, http->open[i]);
    vls_fd_close(&http->channel);
}

const struct vls_http_service VLS_PLUGIN_HTTP = {
    .size = sizeof VLS_PLUGIN_HTTP,
    .open = http_open,
    .write = http_write,
    .answer = http_answer,
    .read = http_read,
    .header = http_header,
    .close = http_close,
};
