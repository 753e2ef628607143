#ifndef VALISE_PLUGIN_HTTP_INTERNAL_H
#define VALISE_PLUGIN_HTTP_INTERNAL_H
/*
 * plugin/http_internal - what http.c (the plugin's calls) and http_channel.c (what fetch says)
 * share.
 *
 * Process: host.
 */
#include "plugin/host_internal.h"

struct vls_http {
    struct vls_plugin_host *host;
    uint64_t id;
    int content_fd, body_fd; /* -1: none, or done */
    uint64_t end_ms;         /* steady; fetch has ended it well before */
    bool has_condition;
    const uint8_t *body; /* of a large one in memory: what is not written yet */
    size_t body_left;
    /* what fetch has said */
    bool is_opened, is_ended;
    Valise__Frame *head; /* with HttpHead; NULL: not yet */
    struct vls_status status;
    struct vls_why why;
    uint64_t retry_at_ms;
    bool is_sent;
};

/** Take the next frame that fetch sends, whichever request it is about; when none comes, the
 * request fails. The time is the request's. */
void vls_http_receive(struct vls_http *http);

/** The descriptor is ready; false: its time is up, and it has failed. */
bool vls_http_wait_for(struct vls_http *http, int fd, short events);

/** Keep how it ended, unless that is known already. */
void vls_http_fail(struct vls_http *http, uint32_t code, const char *words);

/** Milliseconds until fetch must have answered. */
int vls_http_left_ms(const struct vls_http *http);

#endif
