#ifndef VALISE_PLUGIN_HOST_INTERNAL_H
#define VALISE_PLUGIN_HOST_INTERNAL_H
/*
 * plugin/host_internal - what host.c (life), emit.c and about.c (drafts), submit.c (to the router
 * and back), deliver.c (sink), inspect.c, resolve.c and report.c share.
 *
 * Process: host.
 */
#include <valise/plugin.h>

#include "base/limits.h"
#include "plugin/host.h"
#include "plugin/http.h"
#include "plugin/report.h"
#include "plugin/settings.h"
#include "plugin/state.h"
#include "wire/channel.h"

#define ABI_1_4 (VLS_ABI_MAJOR << 16 | 4u)

/* A document between emit_begin() and its outcome. */
struct document {
    struct vls_plugin_host *host;
    Valise__Submission message; /* its texts and lists are owned, in our own memory */
    int fds[VLS_MAX_PARTS];
    size_t fd_count;
    uint64_t token;
    bool is_streaming; /* the last part takes emit_bytes() */
    bool is_sent;      /* the router has it, and has not answered yet */
    bool is_answer;    /* to a question: it is begun and ended by the host */
};

enum host_phase {
    HOST_LOADED,  /* no router yet          */
    HOST_LOADING, /* waits for its state    */
    HOST_SERVING,
    HOST_DRAINING, /* waits for outcomes     */
    HOST_DRAINED,
    HOST_FAILED
};

struct vls_plugin_host {
    struct vls_plugin_host_options options;
    struct vls_plugin plugin;
    uint64_t granted;
    void *state; /* the plugin's */
    bool is_configured, is_started;
    enum host_phase phase;
    struct vls_plugin_settings settings;
    struct vls_plugin_state *items;
    bool is_saving;

    struct vls_channel *channel; /* NULL: no router */
    struct vls_plugin_http http;
    struct event *poll_timer, *watch;
    uint64_t polled_ms; /* steady; when poll() last came back */
    bool is_polling, is_starved;

    struct vls_reports *reports;
    struct document *draft;
    struct document *window[VLS_PLUGIN_WINDOW];
    unsigned under_way;

    bool is_told;     /* the router knows of something in particular that is worked on */
    char **set_aside; /* origin keys that are not to be emitted; NULL behind the last */

    uint64_t log_second;
    unsigned log_lines, log_dropped;
    struct vls_host sdk; /* what the plugin sees */
};

extern const struct vls_source_service VLS_HOST_SOURCE;
extern const struct vls_resolver_service VLS_HOST_RESOLVER;
extern const struct vls_about_service VLS_HOST_ABOUT;
extern const struct vls_metrics_service VLS_HOST_METRICS;
extern const struct vls_report_service VLS_HOST_REPORT;

/** Every call into the plugin stands between these two. */
void vls_host_enter(struct vls_plugin_host *host);
void vls_host_leave(struct vls_plugin_host *host);

/** Tell the router what the next call is about, so that it knows what the process died over: a
 * message by its id, or a document by its origin key; neither: nothing in particular. */
void vls_host_working(struct vls_plugin_host *host, const char *call, struct vls_slice id,
                      const char *origin_key);

/** Let poll() be called after so many milliseconds. */
void vls_host_poll_in(struct vls_plugin_host *host, uint32_t ms);

void vls_host_fail(struct vls_plugin_host *host, struct vls_status status,
                   const struct vls_why *why);

/* emit.c */
/** Free the draft, say in the log which field it was, and answer. */
enum vls_emit vls_host_give_up(struct vls_plugin_host *host, enum vls_emit answer,
                               struct vls_status status, const struct vls_why *why);
void vls_document_free(struct document **document);
/** One that the host begins and ends itself: parts can be emitted, and nothing else. */
struct document *vls_document_new_answer(struct vls_plugin_host *host);

/* fingerprint.c */
/** Of those parts that are text, and have enough of it. */
void vls_document_fingerprint(struct document *document);
void vls_document_forget_fingerprints(struct document *document);

/* submit.c */
bool vls_host_has_room(const struct vls_plugin_host *host);
/** Take over a finished document, and send it when there is a router. */
void vls_host_submit(struct vls_plugin_host *host, struct document *document);
/** Send all that is not sent: state first, then documents in order. */
void vls_host_flush(struct vls_plugin_host *host);
/** The router is gone: all that it did not answer is uncertain. */
void vls_host_unsend(struct vls_plugin_host *host);
/** When draining and nothing is left: tell. */
void vls_host_check_drained(struct vls_plugin_host *host);

/* deliver.c */
void vls_host_deliver(struct vls_plugin_host *host, struct vls_channel *channel,
                      const Valise__Frame *frame, struct vls_fds *fds);

/* inspect.c */
void vls_host_inspect(struct vls_plugin_host *host, struct vls_channel *channel,
                      const Valise__Frame *frame, struct vls_fds *fds);

/* resolve.c */
void vls_host_resolve(struct vls_plugin_host *host, struct vls_channel *channel,
                      const Valise__Frame *frame);

#endif
