#ifndef VALISE_FETCH_FETCH_H
#define VALISE_FETCH_FETCH_H
/*
 * fetch - HTTP for plugins: requests that come from their hosts, held against what the
 * configuration lets each plugin do, and made with libcurl.
 *
 * Process:   fetch; role file daemon/fetch.c.
 * Threads:   one; libcurl resolves names in a thread of its own.
 * Ownership: a fetch borrows base, env and configuration, and owns channels and requests.
 * Start at:  vls_fetch_new(), vls_fetch_attach(). The plugin's side is plugin/http.c, and the
 *            contract stands in <valise/plugin.h>. Read ask.c, then request.c, hop.c, answer.c.
 *
 * A host is not trusted: what it may reach is decided here, and pipes are made here, so that no
 * other process can make a write to one of them block. Secrets are read once, at the start, and go
 * nowhere but into requests for their host.
 */
#include <event2/event.h>

#include "base/env.h"
#include "config/config.h"

struct vls_fetch; /* opaque */

/** A request that is over, for the log. No path and no query: they may hold what is secret. */
struct vls_fetch_record {
    const char *plugin, *method, *host;
    uint16_t port;
    unsigned http_status; /* 0: no answer */
    unsigned redirects;
    uint64_t bytes_in, bytes_out, ms;
    struct vls_status status;
    const struct vls_why *why;
};

struct vls_fetch_options {
    struct event_base *base;
    const struct vls_env *env;
    const struct vls_config *config;
    const int *accepts; /* body cases that a host may send; see vls_channel_new(); kept */
    void *ctx;
    void (*on_request)(void *ctx, const struct vls_fetch_record *record);
    /** A host's channel ended, because the host did (WIRE_GONE) or because it broke the protocol.
     */
    void (*on_gone)(void *ctx, const char *plugin, struct vls_status cause, const char *words);
};

/** Reads credentials, certificates and keys: before the sandbox closes.
 *  @return CONFIG_INVALID with place and fix, SYSTEM_MEMORY */
VLS_STATUS vls_fetch_new(const struct vls_fetch_options *options, struct vls_fetch **out,
                         struct vls_why *why);

/** A channel to the host of a plugin, by its index in the configuration, in place of any earlier
 * one, whose requests are given up. `fd` is taken, also on failure.
 *  @return WIRE_REFUSED when nothing is granted to it */
VLS_STATUS vls_fetch_attach(struct vls_fetch *fetch, unsigned plugin, int fd, struct vls_why *why);

/** Take no further request; FETCH_BUSY is the answer. */
void vls_fetch_stop(struct vls_fetch *fetch);

/** Requests under way. */
size_t vls_fetch_busy(const struct vls_fetch *fetch);

/** What is under way is given up. */
void vls_fetch_free(struct vls_fetch **fetch);

#endif
