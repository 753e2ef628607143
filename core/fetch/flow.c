#include "fetch/flow.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>
#include <zlib.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"

#define GZIP_WINDOW (15 + 16) /* the largest, with the head and the checksum of gzip */

struct vls_flow {
    struct vls_flow_events events;
    int fd;
    struct event *writable, *gone;
    uint64_t max_bytes, fed, given;
    struct vls_slice rest; /* of what was fed: of the caller, or in `kept` */
    struct vls_slice made; /* of what zlib made, in `buffer` */
    z_stream zlib;
    bool is_inflating, is_at_end;
    uint8_t kept[VLS_IO_CHUNK], buffer[VLS_IO_CHUNK];
};

/* -- into the pipe ----------------------------------------------------------------------------- */

/* Write from the front of `bytes`; OK also when the pipe is full. */
static struct vls_status pour(struct vls_flow *flow, struct vls_slice *bytes, struct vls_why *why)
{
    while (bytes->len > 0) {
        ssize_t n = write(flow->fd, bytes->at, bytes->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return VLS_DONE;
        if (n < 0 && errno == EPIPE)
            return vls_fail(VLS_WIRE_GONE, why, "nobody reads the answer any more");
        if (n < 0)
            return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "the pipe to the plugin");
        *bytes = VLS_SLICE(bytes->at + n, bytes->len - (size_t)n);
    }
    return VLS_DONE;
}

static struct vls_status too_large(const struct vls_flow *flow, struct vls_why *why)
{
    return vls_fail(VLS_FETCH_LARGE, why,
                    "the answer has more content than the %" PRIu64 " bytes allowed",
                    flow->max_bytes);
}

/* -- gzip -------------------------------------------------------------------------------------- */

/* One member may follow another (RFC 1952 section 2.2). */
static struct vls_status begin_next_member(struct vls_flow *flow, struct vls_why *why)
{
    if (flow->is_at_end && inflateReset(&flow->zlib) != Z_OK)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "zlib cannot begin again");
    flow->is_at_end = false;
    return VLS_DONE;
}

/* Make one buffer at most of what there is. */
static struct vls_status inflate_some(struct vls_flow *flow, struct vls_why *why)
{
    VLS_TRY(begin_next_member(flow, why));
    flow->zlib.next_in = (Bytef *)(uintptr_t)flow->rest.at;
    flow->zlib.avail_in = (uInt)flow->rest.len;
    flow->zlib.next_out = flow->buffer;
    flow->zlib.avail_out = sizeof flow->buffer;
    int result = inflate(&flow->zlib, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
        return vls_fail(result == Z_MEM_ERROR ? VLS_SYSTEM_MEMORY : VLS_FETCH_MALFORMED, why,
                        "the answer says that it is gzip, and is not");
    flow->is_at_end = result == Z_STREAM_END;
    flow->rest = VLS_SLICE(flow->zlib.next_in, flow->zlib.avail_in);
    flow->made = VLS_SLICE(flow->buffer, sizeof flow->buffer - flow->zlib.avail_out);
    flow->given += flow->made.len;
    return flow->given > flow->max_bytes ? too_large(flow, why) : VLS_DONE;
}

/* Whether zlib may still have output of what it has taken in: it filled the buffer. */
static bool has_more(const struct vls_flow *flow)
{
    return flow->rest.len > 0 || (flow->zlib.avail_out == 0 && !flow->is_at_end && flow->fed > 0);
}

static struct vls_status move_inflated(struct vls_flow *flow, struct vls_why *why)
{
    VLS_TRY(pour(flow, &flow->made, why));
    while (flow->made.len == 0 && has_more(flow)) {
        VLS_TRY(inflate_some(flow, why));
        VLS_TRY(pour(flow, &flow->made, why));
    }
    return VLS_DONE;
}

struct vls_status vls_flow_inflate(struct vls_flow *flow, struct vls_why *why)
{
    if (inflateInit2(&flow->zlib, GZIP_WINDOW) != Z_OK)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "zlib does not begin");
    flow->zlib.avail_out = 1; /* nothing is waiting in it */
    flow->is_inflating = true;
    return VLS_DONE;
}

/* -- life -------------------------------------------------------------------------------------- */

static struct vls_status move(struct vls_flow *flow, struct vls_why *why)
{
    return flow->is_inflating ? move_inflated(flow, why) : pour(flow, &flow->rest, why);
}

bool vls_flow_is_full(const struct vls_flow *flow)
{
    return flow->rest.len > 0 || flow->made.len > 0;
}

struct vls_status vls_flow_feed(struct vls_flow *flow, struct vls_slice piece, struct vls_why *why)
{
    flow->fed += piece.len;
    flow->given += flow->is_inflating ? 0 : piece.len;
    if (flow->fed > flow->max_bytes)
        return too_large(flow, why);
    flow->rest = piece;
    VLS_TRY(move(flow, why));
    if (!vls_flow_is_full(flow))
        return VLS_DONE;
    vls_copy(flow->kept, flow->rest.at, flow->rest.len);
    flow->rest = VLS_SLICE(flow->kept, flow->rest.len);
    if (event_add(flow->writable, NULL) != 0)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "the loop takes no more events");
    return VLS_DONE;
}

static void on_writable(evutil_socket_t fd, short what, void *ctx)
{
    struct vls_flow *flow = ctx;
    struct vls_why why = {""};
    (void)fd;
    (void)what;
    struct vls_status status = move(flow, &why);
    if (vls_ok(status) && vls_flow_is_full(flow))
        return;
    event_del(flow->writable);
    flow->events.on_room(flow->events.ctx, status, &why);
}

/* Nothing is ever read from this end: what wakes it is that the other one was closed. */
static void on_gone(evutil_socket_t fd, short what, void *ctx)
{
    struct vls_flow *flow = ctx;
    (void)fd;
    (void)what;
    event_del(flow->gone);
    event_del(flow->writable);
    flow->events.on_gone(flow->events.ctx);
}

struct vls_status vls_flow_open(struct event_base *base, int fd, uint64_t max_bytes,
                                const struct vls_flow_events *events, struct vls_flow **out,
                                struct vls_why *why)
{
    VLS_DEFER(vls_fd_close) int owned = fd;
    struct vls_flow *flow = vls_mem_try(sizeof *flow);
    if (flow == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for an answer");
    flow->events = *events;
    flow->max_bytes = max_bytes;
    flow->fd = vls_fd_move(&owned);
    flow->writable = event_new(base, flow->fd, EV_WRITE | EV_PERSIST, on_writable, flow);
    flow->gone = event_new(base, flow->fd, EV_READ | EV_PERSIST, on_gone, flow);
    if (flow->writable == NULL || flow->gone == NULL ||
        event_priority_set(flow->gone, 0) !=
            0 || /* with the channels: it comes before what follows */
        event_add(flow->gone, NULL) != 0) {
        vls_flow_close(&flow);
        return vls_fail(VLS_SYSTEM_MEMORY, why, "the loop takes no more events");
    }
    *out = flow;
    return VLS_DONE;
}

void vls_flow_close(struct vls_flow **pointer)
{
    struct vls_flow *flow = *pointer;
    if (flow == NULL)
        return;
    if (flow->writable != NULL)
        event_free(flow->writable);
    if (flow->gone != NULL)
        event_free(flow->gone);
    if (flow->is_inflating)
        (void)inflateEnd(&flow->zlib);
    vls_fd_close(&flow->fd);
    vls_mem_free(flow);
    *pointer = NULL;
}

struct vls_status vls_flow_end(const struct vls_flow *flow, struct vls_why *why)
{
    if (flow->is_inflating && flow->fed > 0 && !flow->is_at_end)
        return vls_fail(VLS_FETCH_MALFORMED, why, "the compressed content ends too early");
    return VLS_DONE;
}

uint64_t vls_flow_fed(const struct vls_flow *flow)
{
    return flow->fed;
}

uint64_t vls_flow_given(const struct vls_flow *flow)
{
    return flow->given;
}
