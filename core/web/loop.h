#ifndef VALISE_WEB_LOOP_H
#define VALISE_WEB_LOOP_H
/*
 * web/loop - libcurl's multi interface on libevent: its sockets and its timer are events.
 *
 * Process:   edge (calls to partners), fetch (calls for plugins).
 * Threads:   one; libcurl resolves names in a thread of its own.
 * Ownership: on the caller's storage, from vls_web_loop_init() to vls_web_loop_fini(). Easy handles
 *            are the caller's; he adds them to `multi` and takes them out.
 */
#include <curl/curl.h>
#include <event2/event.h>

#include "base/status.h"

/** A handle is finished. It is still in the multi; taking it out and freeing it are fine here. */
typedef void (*vls_web_done_fn)(void *ctx, CURL *easy, CURLcode code);

struct vls_web_loop {
    CURLM *multi;
    struct event_base *base;
    struct event *timer;
    vls_web_done_fn on_done;
    void *ctx;
};

/** Connections are kept, at most `kept`, and never shared by requests at the same time.
 *  @return SYSTEM_MEMORY */
VLS_STATUS vls_web_loop_init(struct vls_web_loop *loop, struct event_base *base, long kept,
                             vls_web_done_fn on_done, void *ctx, struct vls_why *why);

/** All handles were taken out before. Fine for one that was zeroed, or never got ready. */
void vls_web_loop_fini(struct vls_web_loop *loop);

#endif
