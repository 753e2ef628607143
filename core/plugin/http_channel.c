/* plugin/http_channel - what fetch says about requests, and the waiting for it. See
 * http_internal.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "base/file.h"
#include "plugin/http_internal.h"

enum vls_http_outcome vls_plugin_http_outcome(struct vls_status status)
{
    static const struct {
        uint32_t code;
        enum vls_http_outcome outcome;
    } OUTCOMES[] = {
        {VLS_OK, VLS_HTTP_OK},
        {VLS_FETCH_INVALID, VLS_HTTP_INVALID},
        {VLS_INPUT_LIMIT, VLS_HTTP_INVALID},
        {VLS_FETCH_DENIED, VLS_HTTP_DENIED},
        {VLS_FETCH_BUSY, VLS_HTTP_BUSY},
        {VLS_FETCH_RATE, VLS_HTTP_RATE},
        {VLS_FETCH_RESOLVE, VLS_HTTP_RESOLVE},
        {VLS_FETCH_CONNECT, VLS_HTTP_CONNECT},
        {VLS_FETCH_TLS, VLS_HTTP_TLS},
        {VLS_FETCH_TIMEOUT, VLS_HTTP_TIMEOUT},
        {VLS_FETCH_BROKEN, VLS_HTTP_BROKEN},
        {VLS_FETCH_REDIRECT, VLS_HTTP_REDIRECT},
        {VLS_FETCH_LARGE, VLS_HTTP_TOO_LARGE},
        {VLS_FETCH_MALFORMED, VLS_HTTP_MALFORMED},
    };
    for (size_t i = 0; i < sizeof OUTCOMES / sizeof OUTCOMES[0]; i++)
        if (OUTCOMES[i].code == status.code)
            return OUTCOMES[i].outcome;
    return VLS_HTTP_SYSTEM;
}

/* -- what fetch says --------------------------------------------------------------------------- */

static void settle(struct vls_http *http, struct vls_status status)
{
    http->is_ended = true;
    http->status = status;
}

void vls_http_fail(struct vls_http *http, uint32_t code, const char *words)
{
    if (!http->is_ended)
        settle(http, vls_fail(code, &http->why, "%s", words));
}

/* The other process is gone, and with it all that it was asked. Some of it may have been done. */
static void lose(struct vls_plugin_http *all, const char *words)
{
    vls_fd_close(&all->channel);
    for (size_t i = 0; i < VLS_HTTP_OPEN; i++)
        if (all->open[i] != NULL) {
            all->open[i]->is_sent = all->open[i]->is_sent || !all->open[i]->is_ended;
            vls_http_fail(all->open[i], VLS_WIRE_GONE, words);
        }
}

static struct vls_http *find(const struct vls_plugin_http *all, uint64_t id)
{
    for (size_t i = 0; i < VLS_HTTP_OPEN; i++)
        if (all->open[i] != NULL && all->open[i]->id == id)
            return all->open[i];
    return NULL; /* closed meanwhile */
}

static void take_opened(struct vls_http *http, const Valise__HttpOpened *opened,
                        struct vls_fds *fds)
{
    http->is_opened = true;
    http->retry_at_ms = opened->retry_at_ms;
    http->status = vls_outcome_status(opened->outcome, &http->why);
    if (!vls_ok(http->status)) {
        settle(http, http->status);
        return;
    }
    http->end_ms = vls_steady_ms(http->host->options.env) + opened->limit_ms + VLS_HTTP_SLACK_MS;
    if (fds->count > 0)
        http->content_fd = vls_fd_move(&fds->fd[0]);
    if (fds->count > 1)
        http->body_fd = vls_fd_move(&fds->fd[1]);
    /* so that the wait for room is one that ends */
    if (http->body_fd >= 0 && fcntl(http->body_fd, F_SETFL, O_NONBLOCK) != 0)
        vls_http_fail(http, VLS_SYSTEM_IO, "the pipe for the body cannot be used");
}

static void take_end(struct vls_http *http, const Valise__HttpEnd *end)
{
    if (http->is_ended)
        return;
    if (end->retry_at_ms != 0)
        http->retry_at_ms = end->retry_at_ms;
    http->is_sent = end->is_sent;
    settle(http, vls_outcome_status(end->outcome, &http->why));
}

static uint64_t id_of(const Valise__Frame *frame)
{
    switch (frame->body_case) {
    case VALISE__FRAME__BODY_HTTP_OPENED:
        return frame->http_opened->id;
    case VALISE__FRAME__BODY_HTTP_HEAD:
        return frame->http_head->id;
    case VALISE__FRAME__BODY_HTTP_END:
        return frame->http_end->id;
    default:
        return 0;
    }
}

/* Takes the frame, unless it is kept as somebody's head. */
static void take_frame(struct vls_plugin_http *all, Valise__Frame *frame, struct vls_fds *fds)
{
    struct vls_http *http = find(all, id_of(frame));
    if (http != NULL && frame->body_case == VALISE__FRAME__BODY_HTTP_HEAD && http->head == NULL) {
        http->retry_at_ms = frame->http_head->retry_at_ms;
        http->is_sent = true;
        http->head = frame;
        return;
    }
    if (http != NULL && frame->body_case == VALISE__FRAME__BODY_HTTP_OPENED)
        take_opened(http, frame->http_opened, fds);
    if (http != NULL && frame->body_case == VALISE__FRAME__BODY_HTTP_END)
        take_end(http, frame->http_end);
    valise__frame__free_unpacked(frame, NULL);
}

int vls_http_left_ms(const struct vls_http *http)
{
    uint64_t now = vls_steady_ms(http->host->options.env);
    return http->end_ms > now ? (int)(http->end_ms - now) : 0;
}

/* Take the next frame, whomever it is for. */
void vls_http_receive(struct vls_http *http)
{
    struct vls_plugin_http *all = &http->host->http;
    Valise__Frame *frame;
    struct vls_fds fds = {.count = 0};
    struct vls_why why = {"the process that makes requests is being started again"};
    struct vls_status status =
        all->channel < 0
            ? (struct vls_status){VLS_WIRE_GONE}
            : vls_wire_receive(all->channel, vls_http_left_ms(http), &frame, &fds, &why);
    if (status.code == VLS_SYSTEM_BUSY)
        vls_http_fail(http, VLS_FETCH_TIMEOUT,
                      "the process that makes requests does not answer in time");
    else if (!vls_ok(status))
        lose(all, why.text);
    else
        take_frame(all, frame, &fds);
    vls_fds_close(&fds);
}

bool vls_http_wait_for(struct vls_http *http, int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events};
    int n;
    do {
        n = poll(&p, 1, vls_http_left_ms(http));
    } while (n < 0 && errno == EINTR);
    if (n <= 0)
        vls_http_fail(http, VLS_FETCH_TIMEOUT,
                      "the process that makes requests does not go on in time");
    return n > 0;
}

void vls_plugin_http_attach(struct vls_plugin_http *http, int fd)
{
    lose(http, "the process that makes requests was started again");
    http->channel = fd;
}
