#ifndef VALISE_FETCH_FETCH_INTERNAL_H
#define VALISE_FETCH_FETCH_INTERNAL_H
/*
 * fetch/fetch_internal - what the files of a request share.
 *
 * Process:   fetch.
 * Ownership: fetch -> clients (one a plugin) -> requests -> the hop that is under way.
 *
 *     ask.c ──> request.c: waiting ──turn──> running (hop.c, answer.c) ──> draining ──> ended
 *                             ^                       │
 *                             └────── redirect ───────┘
 */
#include "base/map.h"
#include "fetch/fetch.h"
#include "fetch/flow.h"
#include "fetch/head.h"
#include "fetch/range.h"
#include "fetch/remote.h"
#include "fetch/secret.h"
#include "web/loop.h"
#include "wire/channel.h"

#define VLS_FETCH_METHOD 8 /* "OPTIONS" and its NUL */

struct vls_fetch_client;

/* A header field that goes out. */
struct vls_fetch_line {
    char *text;      /* "Name: value" */
    bool is_for_all; /* also sent to another host, after a redirect */
};

enum vls_fetch_state {
    VLS_REQUEST_WAITING,
    VLS_REQUEST_RUNNING,
    VLS_REQUEST_DRAINING, /* all is there, and the plugin has not read it yet */
};

struct vls_fetch_request {
    struct vls_fetch_client *client;
    struct vls_fetch_request *prev, *next;
    uint64_t id;
    enum vls_fetch_state state;

    /* what is asked for */
    char method[VLS_FETCH_METHOD];
    CURLU *url; /* without credentials and fragment */
    char host[VLS_MAX_HOST + 1];
    uint16_t port;
    struct vls_fetch_line *lines;
    size_t line_count;
    struct vls_buf body; /* small; otherwise it comes through body_fd */
    bool has_body, is_streamed, has_length;
    uint64_t length;
    int body_fd; /* -1: none, or all was read */
    struct event *body_event;
    uint64_t body_sent;
    struct vls_range_asked range;
    bool has_condition, no_redirect, no_compression;
    uint64_t max_bytes, limit_ms;

    /* the hop that is under way */
    struct vls_turn turn;
    CURL *easy;
    CURLU *sent_url;          /* with credentials */
    struct curl_slist *slist; /* fields as libcurl wants them */
    char words[CURL_ERROR_SIZE];
    struct vls_head head;
    bool is_redirect;
    uint64_t discarded, expected; /* expected: content of a 206; UINT64_MAX otherwise */

    /* what comes of it */
    struct vls_flow *content;
    bool is_told, is_sent; /* told: HttpHead was sent */
    unsigned redirects;
    uint64_t retry_at_ms;
    struct event *deadline;
    uint64_t began_ms;
    struct vls_status failure; /* of a callback within libcurl */
    struct vls_why why;
};

/* A plugin that is granted the network. */
struct vls_fetch_client {
    struct vls_fetch *fetch;
    const struct vls_config_plugin *config;
    struct vls_host_pattern *hosts;
    struct vls_secrets secrets;
    struct vls_web_loop loop; /* of its own: no connection is shared with another plugin */
    struct vls_channel *channel;
    struct vls_fetch_request *requests;
    size_t request_count;
};

struct vls_fetch {
    struct vls_fetch_options options;
    struct vls_remotes *remotes;
    struct vls_fetch_client *clients; /* by index of the plugin; `fetch` NULL: not granted */
    bool is_stopping;
};

/* -- ask.c ------------------------------------------------------------------------------------- */

/** Check and take over all of a request. @return FETCH_INVALID, FETCH_DENIED */
VLS_STATUS vls_fetch_ask(struct vls_fetch_request *request, const Valise__HttpRequest *ask,
                         struct vls_why *why);
/** Look at request->url: https, no user, on the plugin's list; fills in host and port.
 *  @return FETCH_INVALID, FETCH_DENIED */
VLS_STATUS vls_fetch_look_at_url(struct vls_fetch_request *request, struct vls_why *why);

/* -- request.c --------------------------------------------------------------------------------- */

/** Begin what a host asked for. `out_fds` are the host's ends: content, and body when it streams.
 *  @return FETCH_INVALID, FETCH_DENIED, FETCH_BUSY, FETCH_RATE with `out_retry_at_ms` */
VLS_STATUS vls_fetch_begin(struct vls_fetch_client *client, const Valise__HttpRequest *ask,
                           struct vls_fds *out_fds, uint32_t *out_limit_ms,
                           uint64_t *out_retry_at_ms, struct vls_why *why);
/** The hop is over, and libcurl is out of it. */
void vls_fetch_hop_ended(struct vls_fetch_request *request, CURLcode code);
/** Forget a request without a word to its host. */
void vls_fetch_drop(struct vls_fetch_request *request);

/* -- hop.c ------------------------------------------------------------------------------------- */

/** Begin one exchange with request->host. @return SYSTEM_MEMORY, FETCH_INVALID */
VLS_STATUS vls_fetch_hop_start(struct vls_fetch_request *request, struct vls_why *why);
/** Take it back from libcurl; fine without one. */
void vls_fetch_hop_stop(struct vls_fetch_request *request);
/** The pipe has room, or bytes. */
void vls_fetch_hop_resume(struct vls_fetch_request *request);
/** What a failed hop means. @return FETCH_... */
struct vls_status vls_fetch_hop_outcome(const struct vls_fetch_request *request, CURLcode code,
                                        struct vls_why *why);

/* -- answer.c ---------------------------------------------------------------------------------- */

/** A line of the head. */
VLS_STATUS vls_fetch_answer_line(struct vls_fetch_request *request, struct vls_slice line,
                                 struct vls_why *why);
/** All of the content was fed: is it whole? @return FETCH_MALFORMED */
VLS_STATUS vls_fetch_answer_check(const struct vls_fetch_request *request, struct vls_why *why);
/** Point request->url to where the answer leads, and ask there as it is due.
 *  @return FETCH_REDIRECT */
VLS_STATUS vls_fetch_answer_follow(struct vls_fetch_request *request, struct vls_why *why);

/* -- fetch.c ----------------------------------------------------------------------------------- */

/** Send a frame to the request's host. */
VLS_STATUS vls_fetch_tell(struct vls_fetch_client *client, Valise__Frame *frame,
                          struct vls_why *why);
/** Tell how it ended, and put it on record. */
void vls_fetch_report(const struct vls_fetch_request *request, struct vls_status status,
                      const struct vls_why *why);

#endif
