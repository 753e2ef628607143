/* peer/exchange_in - POST /v1/exchange: collect the body, check its form, ask the router, answer.
 * See server_internal.h. */
#include <utlist.h>

#include "base/file.h"
#include "base/mem.h"
#include "peer/form.h"
#include "peer/server_internal.h"

#define MEDIA_TYPE "application/x-protobuf"

static void refuse_too_large(struct vls_stream *stream)
{
    struct vls_why why;

    vls_buf_fini(&stream->body);
    vls_stream_refuse(
        stream, VLS_PROBLEM_TOO_LARGE,
        vls_fail(VLS_INPUT_LIMIT, &why, "an exchange above %u bytes", VLS_MAX_EXCHANGE), &why);
}

/* Under way with this partner, over all of its connections. */
static unsigned exchanges_with(const struct vls_server *server,
                               const struct vls_trust_partner *partner)
{
    const struct vls_conn *conn;
    const struct vls_stream *stream;
    unsigned count = 0;

    DL_FOREACH (server->conns, conn) {
        if (conn->partner != partner)
            continue;
        DL_FOREACH (conn->streams, stream) {
            count += stream->is_counted;
        }
    }
    return count;
}

static bool is_room_for_one(const struct vls_stream *stream)
{
    const struct vls_server *server = stream->conn->server;

    return server->exchanges < VLS_PEER_EXCHANGES &&
           exchanges_with(server, stream->conn->partner) < VLS_PEER_EXCHANGES_EACH;
}

void vls_exchange_begin(struct vls_stream *stream)
{
    struct vls_server *server = stream->conn->server;
    struct vls_why why;

    if (server->router == NULL || !is_room_for_one(stream)) {
        vls_stream_refuse(stream, VLS_PROBLEM_UNAVAILABLE,
                          vls_fail(VLS_ROUTE_BUSY, &why, "%s",
                                   server->router == NULL ? "the router is away"
                                                          : "too many exchanges are under way"),
                          &why);
        return;
    }
    if (stream->has_length && stream->length > VLS_MAX_EXCHANGE) {
        refuse_too_large(stream);
        return;
    }
    server->exchanges++;
    stream->is_counted = true;
    stream->state = VLS_STREAM_EXCHANGE;
    vls_stream_continue(stream);
}

void vls_exchange_data(struct vls_stream *stream, struct vls_slice bytes)
{
    struct vls_status status = vls_buf_add_slice(&stream->body, bytes);

    vls_stream_consume(stream, bytes.len);
    if (vls_ok(status))
        return;
    if (status.code == VLS_INPUT_LIMIT) {
        refuse_too_large(stream);
        return;
    }
    vls_buf_fini(&stream->body);
    vls_stream_refuse(stream, VLS_PROBLEM_UNAVAILABLE, status, NULL);
}

static void answered(struct vls_stream *stream, struct vls_status status,
                     const Valise__Frame *frame, struct vls_fds *fds)
{
    const Valise__ExchangeInResult *result = frame->exchange_in_result;
    struct vls_answer *answer = &stream->answer;
    struct vls_why why;

    (void)status;
    if (result->http_status != 200 && !(result->http_status == 409 && fds->count == 1)) {
        vls_stream_refuse(stream, vls_problem_of_http(result->http_status, result->code),
                          vls_status_from_code(result->code), NULL);
        return;
    }
    if (fds->count != 1 || !vls_ok(vls_fd_size(fds->fd[0], &answer->body_bytes, &why))) {
        vls_stream_refuse(stream, VLS_PROBLEM_INTERNAL,
                          vls_fail(VLS_WIRE_MALFORMED, &why, "the router's answer has no body"),
                          &why);
        return;
    }
    answer->body_fd = vls_fd_move(&fds->fd[0]);
    answer->http_status = result->http_status;
    answer->media_type = MEDIA_TYPE;
    if (result->http_status == 409)
        stream->refusal = (struct vls_status){VLS_LEDGER_STALE};
    vls_stream_answer(stream);
}

static void ask(struct vls_stream *stream, int fd)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__ExchangeIn in = VALISE__EXCHANGE_IN__INIT;

    in.party = (char *)(uintptr_t)vls_stream_party(stream);
    frame.body_case = VALISE__FRAME__BODY_EXCHANGE_IN;
    frame.exchange_in = &in;
    stream->state = VLS_STREAM_ROUTER;
    (void)vls_stream_ask(stream, &frame, &fd, 1, VALISE__FRAME__BODY_EXCHANGE_IN_RESULT, answered);
}

void vls_exchange_end(struct vls_stream *stream)
{
    const struct vls_config *config = stream->conn->server->options.config;
    struct vls_slice body = vls_buf_slice(&stream->body);
    struct vls_status status;
    struct vls_why why = {""};
    int fd = -1;

    status = vls_form_request(body, vls_stream_party(stream), config->node.party, &why);
    if (vls_ok(status))
        status = vls_fd_memory_of("exchange", body, &fd, &why);
    vls_buf_fini(&stream->body);
    if (!vls_ok(status)) {
        vls_stream_refuse(stream, vls_problem_of_code(status.code), status, &why);
        return;
    }
    ask(stream, fd);
    vls_fd_close(&fd);
}
