/* peer/transfer - one HTTP call through libcurl: set up, fed, collected. See client_internal.h. */
#include <strings.h>
#include <utlist.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "peer/client_internal.h"

#define MAX_RETRY_AFTER_S 86400u
#define HEADER_LINE       192
#define MAX_IDLE_S                                                                                 \
    50L /* after which a kept connection is not used again: partners close theirs, too */

struct vls_transfer {
    struct vls_target *target;
    struct vls_transfer *prev, *next;
    CURL *easy;
    struct curl_slist *headers;
    struct vls_call call;
    uint64_t sent; /* of the body */
    bool is_started;
    char words[CURL_ERROR_SIZE];
    struct vls_buf answer;
    struct vls_call_result result;
    vls_call_fn fn;
    void *ctx;
};

/* -- libcurl's callbacks ----------------------------------------------------------------------- */

static size_t on_read(char *to, size_t size, size_t count, void *ctx)
{
    struct vls_transfer *transfer = ctx;
    uint64_t left = transfer->call.body_bytes - transfer->sent;
    size_t len = size * count;

    if (len > VLS_IO_CHUNK)
        len = VLS_IO_CHUNK;
    if (left < len)
        len = (size_t)left;
    transfer->is_started = true;
    if (len > 0 && !vls_ok(vls_fd_read_at(transfer->call.body_fd, (uint8_t *)to, len,
                                          transfer->call.body_at + transfer->sent, NULL)))
        return CURL_READFUNC_ABORT;
    transfer->sent += len;
    return len;
}

/* libcurl found a kept connection dead and begins again on another. */
static int on_seek(void *ctx, curl_off_t offset, int origin)
{
    struct vls_transfer *transfer = ctx;

    if (origin != SEEK_SET || offset < 0 || (uint64_t)offset > transfer->call.body_bytes)
        return CURL_SEEKFUNC_FAIL;
    transfer->sent = (uint64_t)offset;
    return CURL_SEEKFUNC_OK;
}

static size_t on_write(char *from, size_t size, size_t count, void *ctx)
{
    struct vls_transfer *transfer = ctx;

    if (!vls_ok(vls_buf_add(&transfer->answer, from, size * count)))
        return 0;
    return size * count;
}

/* The value of a header line when it has this name; false otherwise. `name` ends with its colon. */
static bool header_value(struct vls_slice line, const char *name, char *out, size_t room)
{
    size_t len = vls_slice_text(name).len;

    if (line.len <= len || strncasecmp((const char *)line.at, name, len) != 0)
        return false;
    line = VLS_SLICE(line.at + len, line.len - len);
    while (line.len > 0 && (line.at[0] == ' ' || line.at[0] == '\t'))
        line = VLS_SLICE(line.at + 1, line.len - 1);
    while (line.len > 0 && line.at[line.len - 1] <= ' ')
        line.len--;
    if (line.len >= room)
        return false;
    vls_copy(out, line.at, line.len);
    out[line.len] = '\0';
    return true;
}

static size_t on_header(char *from, size_t size, size_t count, void *ctx)
{
    struct vls_slice line = VLS_SLICE(from, size * count);
    struct vls_transfer *transfer = ctx;
    struct vls_call_result *result = &transfer->result;
    char value[32];
    uint64_t seconds;

    if (header_value(line, "upload-offset:", value, sizeof value))
        result->has_offset = vls_ok(vls_number_read(value, 0, VLS_MAX_CONTENT, &result->offset));
    else if (header_value(line, "upload-complete:", value, sizeof value))
        result->is_complete = vls_text_is_equal(value, "?1");
    else if (header_value(line, "retry-after:", value, sizeof value) &&
             vls_ok(vls_number_read(value, 0, MAX_RETRY_AFTER_S, &seconds)))
        result->retry_after_ms = seconds * 1000u;
    return size * count;
}

/* -- set up ------------------------------------------------------------------------------------ */

#define SET(option, value) (is_good = is_good && curl_easy_setopt(easy, option, value) == CURLE_OK)

static bool set_connection(CURL *easy, struct vls_target *target)
{
    bool is_good = true;

    SET(CURLOPT_PROTOCOLS_STR, "https");
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_TCP_NODELAY, 1L);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)VLS_CLIENT_CONNECT_MS);
    SET(CURLOPT_MAXAGE_CONN, MAX_IDLE_S);
    SET(CURLOPT_CONNECT_TO, target->connect_to);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_3);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_CAINFO, NULL);
    SET(CURLOPT_CAPATH, NULL);
    SET(CURLOPT_SSL_SESSIONID_CACHE, 0L);
    SET(CURLOPT_SSL_CTX_FUNCTION, vls_tls_setup);
    SET(CURLOPT_SSL_CTX_DATA, target);
    return is_good;
}

static bool set_callbacks(CURL *easy, struct vls_transfer *transfer)
{
    bool is_good = true;

    SET(CURLOPT_PRIVATE, transfer);
    SET(CURLOPT_ERRORBUFFER, transfer->words);
    SET(CURLOPT_READFUNCTION, on_read);
    SET(CURLOPT_READDATA, transfer);
    SET(CURLOPT_SEEKFUNCTION, on_seek);
    SET(CURLOPT_SEEKDATA, transfer);
    SET(CURLOPT_WRITEFUNCTION, on_write);
    SET(CURLOPT_WRITEDATA, transfer);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, transfer);
    return is_good;
}

static bool add_header(struct vls_transfer *transfer, const char *line)
{
    struct curl_slist *longer = line != NULL ? curl_slist_append(transfer->headers, line) : NULL;

    if (longer != NULL)
        transfer->headers = longer;
    return longer != NULL;
}

static bool add_number(struct vls_transfer *transfer, const char *name, uint64_t number)
{
    struct vls_buf line;
    bool is_good;

    vls_buf_init(&line, HEADER_LINE);
    is_good = vls_ok(vls_buf_add_format(&line, "%s: %llu", name, (unsigned long long)number)) &&
              add_header(transfer, vls_buf_text(&line));
    vls_buf_fini(&line);
    return is_good;
}

static bool set_headers(CURL *easy, struct vls_transfer *transfer)
{
    const struct vls_call *call = &transfer->call;
    struct vls_buf line;
    bool is_good = true;

    vls_buf_init(&line, HEADER_LINE);
    if (call->media_type != NULL)
        is_good = vls_ok(vls_buf_add_format(&line, "content-type: %s", call->media_type)) &&
                  add_header(transfer, vls_buf_text(&line));
    vls_buf_fini(&line);
    /* libcurl would wait a second for an interim answer that not every server gives. */
    is_good = is_good && add_header(transfer, "Expect:");
    if (call->is_upload)
        is_good = is_good && add_number(transfer, "upload-offset", call->body_at) &&
                  add_number(transfer, "upload-length", call->upload_length);
    SET(CURLOPT_HTTPHEADER, transfer->headers);
    return is_good;
}

static bool set_request(CURL *easy, struct vls_transfer *transfer)
{
    const struct vls_call *call = &transfer->call;
    struct vls_buf url;
    bool is_good = true;

    vls_buf_init(&url, VLS_MAX_URL + VLS_CLIENT_PATH);
    is_good = vls_ok(vls_buf_add_format(&url, "%s%s", transfer->target->base_url, call->path)) &&
              vls_buf_text(&url) != NULL;
    if (is_good)
        SET(CURLOPT_URL, vls_buf_text(&url));
    vls_buf_fini(&url);
    if (call->body_fd >= 0) {
        SET(CURLOPT_UPLOAD, 1L);
        SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)call->body_bytes);
    } else {
        SET(CURLOPT_NOBODY, 1L);
    }
    SET(CURLOPT_CUSTOMREQUEST, call->method);
    if (call->timeout_ms != 0) {
        SET(CURLOPT_TIMEOUT_MS, (long)call->timeout_ms);
    } else {
        SET(CURLOPT_LOW_SPEED_LIMIT, 1L);
        SET(CURLOPT_LOW_SPEED_TIME, (long)VLS_CLIENT_STALL_S);
    }
    return is_good;
}

static void free_transfer(struct vls_transfer *transfer)
{
    struct vls_target *target = transfer->target;

    DL_DELETE(target->transfers, transfer);
    target->transfer_count--;
    if (transfer->easy != NULL)
        curl_easy_cleanup(transfer->easy);
    curl_slist_free_all(transfer->headers);
    vls_buf_fini(&transfer->answer);
    vls_mem_free(transfer);
}

struct vls_status vls_target_call(struct vls_target *target, const struct vls_call *call,
                                  vls_call_fn fn, void *ctx, struct vls_why *why)
{
    struct vls_transfer *transfer = vls_mem_new(sizeof *transfer);

    transfer->target = target;
    transfer->call = *call;
    transfer->fn = fn;
    transfer->ctx = ctx;
    vls_buf_init(&transfer->answer, call->max_answer);
    DL_APPEND(target->transfers, transfer);
    target->transfer_count++;
    target->alert = 0;
    transfer->easy = curl_easy_init();
    if (transfer->easy == NULL || !set_connection(transfer->easy, target) ||
        !set_callbacks(transfer->easy, transfer) || !set_headers(transfer->easy, transfer) ||
        !set_request(transfer->easy, transfer) ||
        curl_multi_add_handle(target->loop.multi, transfer->easy) != CURLM_OK) {
        free_transfer(transfer);
        return vls_fail(VLS_SYSTEM_MEMORY, why, "libcurl does not take the call to %s",
                        target->partner->config->party);
    }
    return VLS_DONE;
}

/* -- the end ----------------------------------------------------------------------------------- */

void vls_transfer_done(CURL *easy, CURLcode code)
{
    struct vls_transfer *transfer = NULL;
    struct vls_why why = {""};

    (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    (void)curl_multi_remove_handle(transfer->target->loop.multi, easy);
    transfer->result.status = VLS_DONE;
    transfer->result.why = &why;
    transfer->result.body = vls_buf_slice(&transfer->answer);
    if (code == CURLE_OK)
        (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &transfer->result.http_status);
    else
        transfer->result.status = vls_outcome_of_curl(
            code, transfer->is_started, transfer->target->alert, transfer->words, &why);
    transfer->fn(transfer->ctx, &transfer->result);
    free_transfer(transfer);
}

void vls_transfers_drop(struct vls_target *target)
{
    struct vls_transfer *transfer, *next;
    struct vls_why why = {"the gateway is stopping"};

    DL_FOREACH_SAFE (target->transfers, transfer, next) {
        (void)curl_multi_remove_handle(target->loop.multi, transfer->easy);
        transfer->result.status = (struct vls_status){VLS_ROUTE_CLOSING};
        transfer->result.why = &why;
        transfer->fn(transfer->ctx, &transfer->result);
        free_transfer(transfer);
    }
}
