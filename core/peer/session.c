/* peer/session - HTTP/2 of one connection: nghttp2's callbacks, streams, answers, windows. See
 * server_internal.h. */
#include <stdio.h>
#include <unistd.h>
#include <utlist.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "peer/server_internal.h"

/* libcurl of Debian 12 ends every POST with RST_STREAM, and nghttp2 takes more than 1,000 of them
 * for an attack and answers GOAWAY. Only partners with a certificate get here, their calls are
 * counted and limited: the limit on resets can be wide. */
#define RESET_BURST 100000u
#define RESET_RATE  10000u

#define MAX_ANSWER_HEADERS 8
#define NUMBER_TEXT        24

const char *vls_stream_party(const struct vls_stream *stream)
{
    return stream->conn->partner->config->party;
}

/* -- life of a stream -------------------------------------------------------------------------- */

static struct vls_stream *new_stream(struct vls_conn *conn, int32_t id)
{
    struct vls_stream *stream = vls_mem_new(sizeof *stream);

    stream->conn = conn;
    stream->id = id;
    stream->answer.body_fd = -1;
    stream->began_ms = stream->window_began_ms = vls_server_now(conn->server);
    vls_buf_init(&stream->body, VLS_MAX_EXCHANGE);
    vls_buf_init(&stream->answer.body, VLS_MAX_PROBLEM);
    DL_APPEND(conn->streams, stream);
    conn->stream_count++;
    return stream;
}

static void report(struct vls_stream *stream)
{
    struct vls_conn *conn = stream->conn;
    const struct vls_server_options *options = &conn->server->options;
    struct vls_server_record record = {
        .party = vls_stream_party(stream),
        .address = conn->address,
        .method = stream->method,
        .path = stream->path,
        .http_status = stream->state == VLS_STREAM_ANSWER ? stream->answer.http_status : 0,
        .refusal = stream->refusal,
        .why = &stream->why,
        .bytes_in = stream->received,
        .ms = vls_server_now(conn->server) - stream->began_ms,
    };

    if (options->events.on_request != NULL)
        options->events.on_request(options->events.ctx, &record);
}

static void free_stream(struct vls_stream *stream)
{
    struct vls_conn *conn = stream->conn;

    report(stream);
    if (stream->question != NULL)
        stream->question->stream = NULL;
    if (stream->is_counted)
        conn->server->exchanges--;
    vls_upload_free(&stream->upload);
    vls_buf_fini(&stream->body);
    vls_buf_fini(&stream->answer.body);
    vls_fd_close(&stream->answer.body_fd);
    DL_DELETE(conn->streams, stream);
    conn->stream_count--;
    conn->active_ms = vls_server_now(conn->server);
    vls_mem_free(stream);
}

void vls_stream_reset(struct vls_stream *stream, uint32_t error)
{
    (void)nghttp2_submit_rst_stream(stream->conn->session, NGHTTP2_FLAG_NONE, stream->id, error);
}

void vls_stream_consume(struct vls_stream *stream, size_t bytes)
{
    (void)nghttp2_session_consume(stream->conn->session, stream->id, bytes);
}

/* -- answers ----------------------------------------------------------------------------------- */

static ssize_t read_answer(nghttp2_session *session, int32_t id, uint8_t *to, size_t room,
                           uint32_t *flags, nghttp2_data_source *source, void *ctx)
{
    struct vls_stream *stream = source->ptr;
    uint64_t left = stream->answer.body_bytes - stream->sent;
    size_t len = left < room ? (size_t)left : room;

    (void)session, (void)id, (void)ctx;
    if (stream->answer.body_fd < 0)
        vls_copy(to, stream->answer.body.at + stream->sent, len);
    else if (!vls_ok(vls_fd_read_at(stream->answer.body_fd, to, len, stream->sent, NULL)))
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    stream->sent += len;
    if (stream->sent == stream->answer.body_bytes)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)len;
}

static void add_header(nghttp2_nv *list, size_t *count, const char *name, const char *value)
{
    list[(*count)++] = (nghttp2_nv){
        .name = (uint8_t *)(uintptr_t)name,
        .value = (uint8_t *)(uintptr_t)value,
        .namelen = vls_slice_text(name).len,
        .valuelen = vls_slice_text(value).len,
    };
}

static const char *number_text(char *out, uint64_t number)
{
    (void)snprintf(out, NUMBER_TEXT, "%llu", (unsigned long long)number);
    return out;
}

static void send_answer(struct vls_stream *stream)
{
    const struct vls_answer *answer = &stream->answer;
    char status[NUMBER_TEXT], length[NUMBER_TEXT], offset[NUMBER_TEXT];
    nghttp2_data_provider provider = {.source.ptr = stream, .read_callback = read_answer};
    bool is_head = vls_text_is_equal(stream->method, "HEAD");
    bool has_body = answer->media_type != NULL && !is_head;
    nghttp2_nv headers[MAX_ANSWER_HEADERS];
    size_t count = 0;

    add_header(headers, &count, ":status", number_text(status, answer->http_status));
    if (answer->media_type != NULL)
        add_header(headers, &count, "content-type", answer->media_type);
    if (has_body)
        add_header(headers, &count, "content-length", number_text(length, answer->body_bytes));
    if (answer->has_offset) {
        add_header(headers, &count, "upload-offset", number_text(offset, answer->offset));
        add_header(headers, &count, "upload-complete", answer->is_complete ? "?1" : "?0");
    }
    if (answer->is_retry)
        add_header(headers, &count, "retry-after", "1");
    add_header(headers, &count, "cache-control", "no-store");
    stream->state = VLS_STREAM_ANSWER;
    stream->window_began_ms = vls_server_now(stream->conn->server);
    if (nghttp2_submit_response(stream->conn->session, stream->id, headers, count,
                                has_body ? &provider : NULL) != 0)
        vls_stream_reset(stream, NGHTTP2_INTERNAL_ERROR);
}

/* A body that is declared longer than we are ready to throw away is not waited for: the stream is
 * reset behind the answer. */
static bool is_worth_draining(const struct vls_stream *stream)
{
    return stream->received <= VLS_PEER_DRAIN &&
           (!stream->has_length || stream->length <= VLS_PEER_DRAIN);
}

void vls_stream_answer(struct vls_stream *stream)
{
    if (stream->answer.body_fd < 0 && stream->answer.media_type != NULL)
        stream->answer.body_bytes = stream->answer.body.len;
    if (stream->is_ended || !is_worth_draining(stream))
        send_answer(stream);
    else
        stream->state = VLS_STREAM_DRAIN;
}

void vls_stream_refuse(struct vls_stream *stream, enum vls_problem problem,
                       struct vls_status status, const struct vls_why *why)
{
    struct vls_answer *answer = &stream->answer;

    stream->refusal = status;
    vls_text_copy(stream->why.text, sizeof stream->why.text, why != NULL ? why->text : "");
    vls_buf_clear(&answer->body);
    vls_fd_close(&answer->body_fd);
    answer->http_status = vls_problem_status(problem);
    answer->media_type = VLS_PROBLEM_MEDIA_TYPE;
    answer->is_retry = problem == VLS_PROBLEM_UNAVAILABLE;
    if (!vls_ok(vls_problem_write(problem, &answer->body)))
        vls_buf_clear(&answer->body); /* the status says enough */
    vls_stream_answer(stream);
}

void vls_stream_continue(struct vls_stream *stream)
{
    nghttp2_nv header;
    size_t count = 0;

    if (!stream->expects_continue || stream->is_ended)
        return;
    add_header(&header, &count, ":status", "100");
    (void)nghttp2_submit_headers(stream->conn->session, NGHTTP2_FLAG_NONE, stream->id, NULL,
                                 &header, count, NULL);
}

/* -- asking the router ------------------------------------------------------------------------- */

static void on_router_answer(void *ctx, struct vls_status status, const Valise__Frame *frame,
                             struct vls_fds *fds)
{
    struct vls_question *question = ctx;
    struct vls_stream *stream = question->stream;
    struct vls_conn *conn;

    if (stream != NULL) {
        conn = stream->conn;
        stream->question = NULL;
        stream->window_began_ms = vls_server_now(conn->server);
        stream->window_bytes = 0;
        if (frame == NULL)
            vls_stream_refuse(stream, VLS_PROBLEM_UNAVAILABLE, status, NULL);
        else
            question->answered(stream, status, frame, fds);
        vls_conn_pump(conn);
    }
    vls_mem_free(question);
}

bool vls_stream_ask(struct vls_stream *stream, Valise__Frame *frame, const int *fds,
                    size_t fd_count, int expects,
                    void (*answered)(struct vls_stream *stream, struct vls_status status,
                                     const Valise__Frame *frame, struct vls_fds *fds))
{
    struct vls_channel *router = stream->conn->server->router;
    struct vls_question *question = vls_mem_new(sizeof *question);
    struct vls_why why = {"the router is away"};
    struct vls_status status = {VLS_WIRE_GONE};

    *question = (struct vls_question){stream, answered};
    if (router != NULL)
        status = vls_channel_ask(router, frame, fds, fd_count, expects, on_router_answer, question,
                                 &why);
    if (!vls_ok(status)) {
        vls_mem_free(question);
        vls_stream_refuse(stream, VLS_PROBLEM_UNAVAILABLE, status, &why);
        return false;
    }
    stream->question = question;
    return true;
}

/* -- nghttp2's callbacks ----------------------------------------------------------------------- */

static struct vls_stream *stream_of(nghttp2_session *session, int32_t id)
{
    return nghttp2_session_get_stream_user_data(session, id);
}

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *ctx)
{
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
        (void)nghttp2_session_set_stream_user_data(session, frame->hd.stream_id,
                                                   new_stream(ctx, frame->hd.stream_id));
    return 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
                     void *ctx)
{
    struct vls_stream *stream = stream_of(session, frame->hd.stream_id);

    (void)flags, (void)ctx;
    if (stream == NULL)
        return 0;
    stream->header_count++;
    stream->header_bytes += name_len + value_len;
    if (stream->header_bytes > VLS_PEER_HEADER_BYTES ||
        stream->header_count > VLS_PEER_HEADER_COUNT)
        stream->is_oversize = true;
    else if (stream->state == VLS_STREAM_HEAD)
        vls_call_header(stream, VLS_SLICE(name, name_len), VLS_SLICE(value, value_len));
    return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data,
                   size_t len, void *ctx)
{
    struct vls_stream *stream = stream_of(session, id);
    struct vls_conn *conn = ctx;

    (void)flags;
    if (stream == NULL) {
        (void)nghttp2_session_consume_connection(session, len);
        return 0;
    }
    conn->active_ms = vls_server_now(conn->server);
    stream->received += len;
    stream->window_bytes += len;
    if (stream->state == VLS_STREAM_DRAIN && !is_worth_draining(stream))
        send_answer(stream);
    vls_call_data(stream, VLS_SLICE(data, len));
    return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *ctx)
{
    struct vls_stream *stream;
    struct vls_conn *conn = ctx;

    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)
        return 0;
    stream = stream_of(session, frame->hd.stream_id);
    if (stream == NULL)
        return 0;
    conn->active_ms = vls_server_now(conn->server);
    stream->is_ended = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (stream->state == VLS_STREAM_HEAD)
        vls_call_begin(stream);
    if (stream->is_ended && stream->state == VLS_STREAM_DRAIN)
        send_answer(stream);
    else if (stream->is_ended)
        vls_call_end(stream);
    return 0;
}

/* The answer to an unread body is sent: the rest is not wanted (RFC 9113 section 8.1). */
static int on_frame_sent(nghttp2_session *session, const nghttp2_frame *frame, void *ctx)
{
    struct vls_stream *stream;

    (void)ctx;
    if ((frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA))
        return 0;
    stream = stream_of(session, frame->hd.stream_id);
    if (stream == NULL)
        return 0;
    stream->window_began_ms = vls_server_now(stream->conn->server);
    if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0 && !stream->is_ended)
        vls_stream_reset(stream, NGHTTP2_NO_ERROR);
    return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t id, uint32_t error, void *ctx)
{
    struct vls_stream *stream = stream_of(session, id);

    (void)ctx;
    if (stream == NULL)
        return 0;
    if (error != NGHTTP2_NO_ERROR && vls_ok(stream->refusal) && stream->state != VLS_STREAM_ANSWER)
        stream->refusal = vls_fail(VLS_PEER_UNCERTAIN, &stream->why, "broken off: %s",
                                   nghttp2_http2_strerror(error));
    (void)nghttp2_session_set_stream_user_data(session, id, NULL);
    free_stream(stream);
    return 0;
}

/* -- sessions ---------------------------------------------------------------------------------- */

struct vls_status vls_session_setup(struct vls_server *server, struct vls_why *why)
{
    if (nghttp2_session_callbacks_new(&server->callbacks) != 0 ||
        nghttp2_option_new(&server->http) != 0)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for HTTP/2");
    nghttp2_session_callbacks_set_on_begin_headers_callback(server->callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(server->callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(server->callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(server->callbacks, on_frame);
    nghttp2_session_callbacks_set_on_frame_send_callback(server->callbacks, on_frame_sent);
    nghttp2_session_callbacks_set_on_stream_close_callback(server->callbacks, on_stream_close);
    /* Windows open as bytes are written to where they belong: that is the back-pressure. */
    nghttp2_option_set_no_auto_window_update(server->http, 1);
    nghttp2_option_set_stream_reset_rate_limit(server->http, RESET_BURST, RESET_RATE);
    return VLS_DONE;
}

struct vls_status vls_session_open(struct vls_conn *conn, struct vls_why *why)
{
    const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, VLS_PEER_STREAMS},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, VLS_PEER_STREAM_WINDOW},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, VLS_PEER_HEADER_BYTES},
    };

    if (nghttp2_session_server_new2(&conn->session, conn->server->callbacks, conn,
                                    conn->server->http) != 0 ||
        nghttp2_submit_settings(conn->session, NGHTTP2_FLAG_NONE, settings,
                                sizeof settings / sizeof settings[0]) != 0 ||
        nghttp2_session_set_local_window_size(conn->session, NGHTTP2_FLAG_NONE, 0,
                                              VLS_PEER_CONN_WINDOW) != 0)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for an HTTP/2 session");
    return VLS_DONE;
}

bool vls_session_receive(struct vls_conn *conn, struct vls_slice bytes)
{
    ssize_t taken = nghttp2_session_mem_recv(conn->session, bytes.at, bytes.len);

    return taken >= 0 && (size_t)taken == bytes.len;
}

void vls_session_close(struct vls_conn *conn)
{
    struct vls_stream *stream, *next;

    /* nghttp2 frees its streams without a word. */
    DL_FOREACH_SAFE (conn->streams, stream, next) {
        if (vls_ok(stream->refusal))
            stream->refusal =
                vls_fail(VLS_PEER_UNCERTAIN, &stream->why, "the connection broke off");
        free_stream(stream);
    }
    nghttp2_session_del(conn->session);
}

void vls_session_go_away(struct vls_conn *conn)
{
    conn->is_going = true;
    (void)nghttp2_submit_goaway(conn->session, NGHTTP2_FLAG_NONE,
                                nghttp2_session_get_last_proc_stream_id(conn->session),
                                NGHTTP2_NO_ERROR, NULL, 0);
}

/* A partner that owes us bytes must send them at the least rate; one that owes us its attention
 * must take the answer. */
static bool is_too_slow(struct vls_stream *stream, uint64_t now)
{
    const struct vls_server_options *options = &stream->conn->server->options;
    uint64_t least = options->config->listen.min_rate * options->rate_window_ms / 1000u;
    bool is_ours = stream->state == VLS_STREAM_ROUTER || vls_upload_is_busy(stream->upload);
    bool is_slow;

    if (now - stream->window_began_ms < options->rate_window_ms)
        return false;
    is_slow = !is_ours && (stream->state == VLS_STREAM_ANSWER || stream->window_bytes < least);
    stream->window_began_ms = now;
    stream->window_bytes = 0;
    return is_slow;
}

void vls_session_check_rates(struct vls_conn *conn, uint64_t now_ms)
{
    struct vls_stream *stream;

    DL_FOREACH (conn->streams, stream) {
        if (!is_too_slow(stream, now_ms))
            continue;
        stream->refusal = vls_fail(VLS_PEER_UNCERTAIN, &stream->why, "the partner is too slow");
        vls_stream_reset(stream, NGHTTP2_CANCEL);
    }
}
