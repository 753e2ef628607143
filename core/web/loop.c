#include "web/loop.h"

static void finish(struct vls_web_loop *loop)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(loop->multi, &left)) != NULL)
        if (message->msg == CURLMSG_DONE)
            loop->on_done(loop->ctx, message->easy_handle, message->data.result);
}

static void on_socket_event(evutil_socket_t fd, short what, void *ctx)
{
    struct vls_web_loop *loop = ctx;
    int flags = ((what & EV_READ) != 0 ? CURL_CSELECT_IN : 0) |
                ((what & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0);
    int running;
    (void)curl_multi_socket_action(loop->multi, fd, flags, &running);
    finish(loop);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
    struct vls_web_loop *loop = ctx;
    int running;
    (void)fd;
    (void)what;
    (void)curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    finish(loop);
}

/* libcurl wants to know of a socket in another way, or not any more. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *watch)
{
    struct vls_web_loop *loop = ctx;
    struct event *event = watch;
    short wanted = (short)(((what & CURL_POLL_IN) != 0 ? EV_READ : 0) |
                           ((what & CURL_POLL_OUT) != 0 ? EV_WRITE : 0) | EV_PERSIST);
    (void)easy;
    if (event != NULL)
        event_free(event);
    (void)curl_multi_assign(loop->multi, fd, NULL);
    if (what == CURL_POLL_REMOVE)
        return 0;
    event = event_new(loop->base, fd, wanted, on_socket_event, loop);
    if (event == NULL || event_add(event, NULL) != 0)
        return -1;
    (void)curl_multi_assign(loop->multi, fd, event);
    return 0;
}

static int on_timeout_change(CURLM *multi, long timeout_ms, void *ctx)
{
    struct vls_web_loop *loop = ctx;
    struct timeval wait = {.tv_sec = timeout_ms / 1000, .tv_usec = (timeout_ms % 1000) * 1000};
    (void)multi;
    if (timeout_ms < 0)
        return event_del(loop->timer);
    return event_add(loop->timer, &wait);
}

struct vls_status vls_web_loop_init(struct vls_web_loop *loop, struct event_base *base, long kept,
                                    vls_web_done_fn on_done, void *ctx, struct vls_why *why)
{
    *loop = (struct vls_web_loop){.base = base, .on_done = on_done, .ctx = ctx};
    loop->multi = curl_multi_init();
    loop->timer = evtimer_new(base, on_timer, loop);
    /* No multiplexing: a short call does not stand behind gigabytes on the same connection. */
    if (loop->multi == NULL || loop->timer == NULL ||
        curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, on_socket) != CURLM_OK ||
        curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop) != CURLM_OK ||
        curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, on_timeout_change) != CURLM_OK ||
        curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop) != CURLM_OK ||
        curl_multi_setopt(loop->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING) != CURLM_OK ||
        curl_multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS, kept) != CURLM_OK) {
        vls_web_loop_fini(loop);
        return vls_fail(VLS_SYSTEM_MEMORY, why, "libcurl gives no pool of connections");
    }
    return VLS_DONE;
}

void vls_web_loop_fini(struct vls_web_loop *loop)
{
    if (loop->multi != NULL)
        (void)curl_multi_cleanup(loop->multi);
    if (loop->timer != NULL)
        event_free(loop->timer);
    *loop = (struct vls_web_loop){.multi = NULL};
}
