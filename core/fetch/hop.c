/* fetch/hop - one exchange with one host through libcurl: set up, fed, collected. See
 * fetch_internal.h. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "fetch/fetch_internal.h"

#define UPLOAD_BUFFER ((long)VLS_IO_CHUNK)
_Static_assert(CURL_MAX_WRITE_SIZE <= VLS_IO_CHUNK, "a flow takes what libcurl hands over at once");

/* Keep the first reason; libcurl ends the hop for it. */
static void fail(struct vls_fetch_request *request, struct vls_status status,
                 const struct vls_why *why)
{
    if (!vls_ok(request->failure))
        return;
    request->failure = status;
    request->why = *why;
}

/* -- libcurl's callbacks ----------------------------------------------------------------------- */

static size_t on_header(char *from, size_t size, size_t count, void *ctx)
{
    struct vls_fetch_request *request = ctx;
    struct vls_why why;
    struct vls_status status = vls_fetch_answer_line(request, VLS_SLICE(from, size * count), &why);
    if (vls_ok(status))
        return size * count;
    fail(request, status, &why);
    return 0;
}

static size_t on_write(char *from, size_t size, size_t count, void *ctx)
{
    struct vls_fetch_request *request = ctx;
    struct vls_why why;
    if (request->is_redirect) { /* its content is not looked at, and cut when it is long */
        request->discarded += size * count;
        return request->discarded > VLS_FETCH_DISCARDED ? 0 : size * count;
    }
    if (vls_flow_is_full(request->content))
        return CURL_WRITEFUNC_PAUSE;
    struct vls_status status = vls_flow_feed(request->content, VLS_SLICE(from, size * count), &why);
    if (vls_ok(status))
        return size * count;
    fail(request, status, &why);
    return 0;
}

static size_t refuse_body(struct vls_fetch_request *request, const char *words)
{
    struct vls_why why;
    struct vls_status status = vls_fail(VLS_FETCH_INVALID, &why, "the body %s", words);
    fail(request, status, &why);
    return CURL_READFUNC_ABORT;
}

/* From the pipe that the plugin writes to. */
static size_t read_stream(struct vls_fetch_request *request, char *to, size_t room)
{
    if (request->body_fd < 0)
        return 0; /* answered already, see answer.c */
    ssize_t n = read(request->body_fd, to, room);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        if (event_add(request->body_event, NULL) != 0)
            return CURL_READFUNC_ABORT;
        return CURL_READFUNC_PAUSE;
    }
    if (n < 0)
        return refuse_body(request, "cannot be read");
    if (n == 0 && request->has_length)
        return refuse_body(request, "is shorter than was said");
    return (size_t)n;
}

static size_t on_read(char *to, size_t size, size_t count, void *ctx)
{
    struct vls_fetch_request *request = ctx;
    uint64_t most =
        request->has_length ? request->length : request->client->config->http->max_bytes;
    uint64_t left = most - request->body_sent;
    size_t len = size * count;
    if (left < len)
        len = (size_t)left;
    if (len == 0 && !request->has_length)
        return refuse_body(request, "is longer than max-bytes");
    if (len == 0)
        return 0;
    if (request->is_streamed)
        len = read_stream(request, to, len);
    else
        vls_copy(to, request->body.at + request->body_sent, len);
    if (len != CURL_READFUNC_PAUSE && len != CURL_READFUNC_ABORT)
        request->body_sent += len;
    return len;
}

/* libcurl found a kept connection dead and begins again on another. */
static int on_seek(void *ctx, curl_off_t offset, int origin)
{
    struct vls_fetch_request *request = ctx;
    bool is_there = (uint64_t)offset == request->body_sent;
    if (origin != SEEK_SET || offset < 0 || (request->is_streamed && !is_there) ||
        (!request->is_streamed && (uint64_t)offset > request->length))
        return CURL_SEEKFUNC_CANTSEEK;
    request->body_sent = (uint64_t)offset;
    return CURL_SEEKFUNC_OK;
}

void vls_fetch_hop_resume(struct vls_fetch_request *request)
{
    CURLcode code =
        request->easy != NULL ? curl_easy_pause(request->easy, CURLPAUSE_CONT) : CURLE_OK;
    if (code != CURLE_OK) /* what it had kept back was refused; the loop is not told */
        vls_fetch_hop_ended(request, code);
}

/* -- set up ------------------------------------------------------------------------------------ */

#define SET(option, value) (is_good = is_good && curl_easy_setopt(easy, option, value) == CURLE_OK)

static bool set_connection(CURL *easy, const struct vls_config_http *http)
{
    bool is_good = true;
    SET(CURLOPT_PROTOCOLS_STR, "https");
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(CURLOPT_FOLLOWLOCATION, 0L); /* each hop is looked at here */
    SET(CURLOPT_PROXY, http->proxy); /* empty: none, whatever an environment says */
    SET(CURLOPT_NOPROXY, "");
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE); /* a proxy gets no field of ours */
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_TCP_NODELAY, 1L);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)VLS_FETCH_CONNECT_MS);
    SET(CURLOPT_MAXAGE_CONN, (long)VLS_FETCH_IDLE_S);
    SET(CURLOPT_UPLOAD_BUFFERSIZE, UPLOAD_BUFFER);
    SET(CURLOPT_USERAGENT, http->user_agent);
    SET(CURLOPT_HTTP_CONTENT_DECODING, 0L); /* flow.c does it, in bounds */
    return is_good;
}

static bool set_blob(CURL *easy, CURLoption option, const struct vls_buf *pem)
{
    struct curl_blob blob = {.data = pem->at, .len = pem->len, .flags = CURL_BLOB_NOCOPY};
    return curl_easy_setopt(easy, option, &blob) == CURLE_OK;
}

static bool set_tls(CURL *easy, const struct vls_fetch_client *client)
{
    const struct vls_secrets *secrets = &client->secrets;
    bool is_good = true;
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_KEYPASSWD, ""); /* a key that is encrypted fails, and asks nobody */
    if (secrets->ca.len > 0) {
        SET(CURLOPT_CAINFO, NULL);
        SET(CURLOPT_CAPATH, NULL);
        is_good = is_good && set_blob(easy, CURLOPT_CAINFO_BLOB, &secrets->ca);
    }
    if (secrets->certificate.len > 0)
        is_good = is_good && set_blob(easy, CURLOPT_SSLCERT_BLOB, &secrets->certificate) &&
                  set_blob(easy, CURLOPT_SSLKEY_BLOB, &secrets->key);
    if (client->config->http->pin[0] != '\0')
        SET(CURLOPT_PINNEDPUBLICKEY, client->config->http->pin);
    return is_good;
}

static bool set_callbacks(CURL *easy, struct vls_fetch_request *request)
{
    bool is_good = true;
    SET(CURLOPT_PRIVATE, request);
    SET(CURLOPT_ERRORBUFFER, request->words);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, request);
    SET(CURLOPT_WRITEFUNCTION, on_write);
    SET(CURLOPT_WRITEDATA, request);
    SET(CURLOPT_READFUNCTION, on_read);
    SET(CURLOPT_READDATA, request);
    SET(CURLOPT_SEEKFUNCTION, on_seek);
    SET(CURLOPT_SEEKDATA, request);
    return is_good;
}

/* A POST that went over a kept connection and found it dead would be sent again by libcurl,
 * unasked: it may have had its effect. Such requests get a connection of their own. */
static bool may_be_repeated(const struct vls_fetch_request *request)
{
    return !request->is_streamed && strcmp(request->method, "POST") != 0 &&
           strcmp(request->method, "PATCH") != 0;
}

static bool set_method(CURL *easy, const struct vls_fetch_request *request)
{
    bool is_good = true;
    if (request->has_body) {
        SET(CURLOPT_UPLOAD, 1L);
        SET(CURLOPT_INFILESIZE_LARGE, request->has_length ? (curl_off_t)request->length : -1);
        SET(CURLOPT_CUSTOMREQUEST, request->method);
    } else if (strcmp(request->method, "HEAD") == 0) {
        SET(CURLOPT_NOBODY, 1L);
    } else {
        SET(CURLOPT_CUSTOMREQUEST, request->method);
    }
    if (!may_be_repeated(request))
        SET(CURLOPT_FRESH_CONNECT, 1L);
    if (!request->is_streamed) { /* there, nothing may move because the plugin gives nothing */
        SET(CURLOPT_LOW_SPEED_LIMIT, 1L);
        SET(CURLOPT_LOW_SPEED_TIME, (long)VLS_FETCH_STALL_S);
    }
    return is_good;
}

static bool add_field(struct vls_fetch_request *request, const char *line)
{
    struct curl_slist *longer = line != NULL ? curl_slist_append(request->slist, line) : NULL;
    if (longer != NULL)
        request->slist = longer;
    return longer != NULL;
}

static bool set_fields(CURL *easy, struct vls_fetch_request *request)
{
    /* libcurl would wait a second for an interim answer that not every server gives */
    bool is_good = add_field(request, "Expect:") &&
                   add_field(request, request->no_compression ? "Accept-Encoding: identity"
                                                              : "Accept-Encoding: gzip");
    for (size_t i = 0; is_good && i < request->line_count; i++)
        is_good = add_field(request, request->lines[i].text);
    SET(CURLOPT_HTTPHEADER, request->slist);
    return is_good;
}

/* -- credentials: into this hop alone ---------------------------------------------------------- */

static bool attach_parameter(struct vls_fetch_request *request, const struct vls_secret *secret)
{
    struct vls_buf text;
    vls_buf_init(&text, VLS_MAX_NAME + VLS_FETCH_SECRET + 2);
    bool is_good =
        vls_ok(vls_buf_add_format(&text, "%s=%s", secret->config->query, secret->value)) &&
        vls_buf_text(&text) != NULL &&
        curl_url_set(request->sent_url, CURLUPART_QUERY, vls_buf_text(&text),
                     CURLU_APPENDQUERY | CURLU_URLENCODE) == CURLUE_OK;
    vls_buf_fini(&text);
    return is_good;
}

static bool attach_field(struct vls_fetch_request *request, const struct vls_secret *secret)
{
    struct vls_buf text;
    vls_buf_init(&text, VLS_MAX_NAME + VLS_FETCH_SECRET + 4);
    bool is_good =
        vls_ok(vls_buf_add_format(&text, "%s: %s", secret->config->header, secret->value)) &&
        add_field(request, vls_buf_text(&text));
    vls_buf_fini(&text);
    return is_good;
}

static bool attach_credentials(CURL *easy, struct vls_fetch_request *request)
{
    const struct vls_secret *secret;
    size_t at = 0;
    bool is_good = true;
    request->sent_url = curl_url_dup(request->url);
    if (request->sent_url == NULL)
        return false;
    while (is_good && (secret = vls_secret_for(&request->client->secrets, request->host,
                                               request->port, &at)) != NULL)
        is_good = secret->config->query[0] != '\0' ? attach_parameter(request, secret)
                                                   : attach_field(request, secret);
    SET(CURLOPT_CURLU, request->sent_url);
    return is_good;
}

/* -- life -------------------------------------------------------------------------------------- */

static void reset(struct vls_fetch_request *request)
{
    vls_head_fini(&request->head);
    request->is_redirect = false;
    request->discarded = request->body_sent = 0;
    request->expected = UINT64_MAX;
    request->words[0] = '\0';
}

struct vls_status vls_fetch_hop_start(struct vls_fetch_request *request, struct vls_why *why)
{
    struct vls_fetch_client *client = request->client;
    CURL *easy = request->easy = curl_easy_init();
    reset(request);
    if (easy == NULL || !set_connection(easy, client->config->http) || !set_tls(easy, client) ||
        !set_callbacks(easy, request) || !set_method(easy, request) ||
        !attach_credentials(easy, request) || !set_fields(easy, request) ||
        curl_multi_add_handle(client->loop.multi, easy) != CURLM_OK) {
        vls_fetch_hop_stop(request);
        return vls_fail(VLS_SYSTEM_MEMORY, why, "libcurl does not take the request to %s",
                        request->host);
    }
    return VLS_DONE;
}

static void free_fields(struct curl_slist *list)
{
    for (struct curl_slist *line = list; line != NULL; line = line->next)
        vls_mem_wipe(line->data, strlen(line->data));
    curl_slist_free_all(list);
}

void vls_fetch_hop_stop(struct vls_fetch_request *request)
{
    long bytes = 0;
    if (request->easy != NULL) {
        (void)curl_easy_getinfo(request->easy, CURLINFO_REQUEST_SIZE, &bytes);
        request->is_sent = request->is_sent || bytes > 0;
        (void)curl_multi_remove_handle(request->client->loop.multi, request->easy);
        curl_easy_cleanup(request->easy);
    }
    free_fields(request->slist);
    curl_url_cleanup(request->sent_url);
    request->easy = NULL;
    request->slist = NULL;
    request->sent_url = NULL;
}

/* -- what a failure means ---------------------------------------------------------------------- */

/* The alert behind a refused client certificate comes when the handshake is over, as an error of
 * reading. */
static bool is_alert(const char *words)
{
    return strstr(words, "alert") != NULL;
}

static uint32_t code_of(CURLcode code, const struct vls_fetch_request *request)
{
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return VLS_FETCH_RESOLVE;
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
        return VLS_FETCH_CONNECT;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        return VLS_FETCH_TLS;
    case CURLE_OPERATION_TIMEDOUT:
        return VLS_FETCH_TIMEOUT;
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_FAIL_REWIND:
        return is_alert(request->words) ? VLS_FETCH_TLS
               : request->is_told       ? VLS_FETCH_MALFORMED
                                        : VLS_FETCH_BROKEN;
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT:
        return VLS_SYSTEM_MEMORY;
    default:
        return VLS_FETCH_MALFORMED;
    }
}

struct vls_status vls_fetch_hop_outcome(const struct vls_fetch_request *request, CURLcode code,
                                        struct vls_why *why)
{
    const char *words = request->words[0] != '\0' ? request->words : curl_easy_strerror(code);
    if (vls_secrets_are_in(&request->client->secrets, words))
        words = curl_easy_strerror(code);
    return vls_fail(code_of(code, request), why, "%s:%u: %s", request->host, request->port, words);
}
