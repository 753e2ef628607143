#ifndef VALISE_PLUGIN_HOST_H
#define VALISE_PLUGIN_HOST_H
/*
 * plugin/host - one plugin and its life: loaded, configured, connected, started, served, drained,
 * stopped.
 *
 * Process:   host; role file daemon/host.c.
 * Threads:   one; all calls into the plugin come from the event loop.
 * Ownership: the host owns the channel to the router, what the plugin emitted until its outcome is
 * known, and the plugin's state. Start at:  vls_plugin_host_open(), then vls_plugin_host_attach().
 * The plugin's side: <valise/plugin.h>.
 *
 *     loaded ──attach──> loading ──StateLoadResult──> serving ──drain()──> draining ──last
 * outcome──> drained ^  └─ router gone: again at the next attach
 *
 * The router may die at any time. What was submitted and not answered is then uncertain, and is
 * submitted again after the next attach, under the same origin key, for which the router makes no
 * second message.
 */
#include <event2/event.h>

#include "base/env.h"
#include "config/config.h"
#include "label/scheme.h"

struct vls_plugin_host; /* opaque */

struct vls_plugin_host_options {
    const struct vls_config_plugin *config; /* kept */
    const struct vls_scheme_set *schemes;   /* to hold the labels of what is delivered against */
    struct event_base *base;                /* kept */
    const struct vls_env *env;              /* kept */
    const int *accepts; /* body cases that the router may send; see vls_channel_new(); kept */
    uint32_t call_ms;   /* a callback that takes longer ends the process; 0 = VLS_PLUGIN_CALL_MS */
    unsigned window;    /* documents under way; 0 = VLS_PLUGIN_WINDOW, which is also the most */
    void *ctx;
    /** The host cannot go on: the plugin does not start, or its state is not readable. May be
     * called once, from the loop. */
    void (*on_failed)(void *ctx, struct vls_status status, const struct vls_why *why);
    /** After vls_plugin_host_drain(): nothing is under way any more. Once, from the loop. */
    void (*on_drained)(void *ctx);
    /** The router's channel is gone; the next vls_plugin_host_attach() brings another. */
    void (*on_router_gone)(void *ctx);
};

/** Load the object, accept its descriptor, check the settings, and let it configure itself. The
 *  sandbox may be closed already: only the object, its libraries and what is granted are opened.
 *  @return as vls_plugin_load(), vls_plugin_accept(), vls_plugin_settings_read(); PLUGIN_SETTING
 *  when configure() says no */
VLS_STATUS vls_plugin_host_open(const struct vls_plugin_host_options *options,
                                struct vls_plugin_host **out, struct vls_why *why);

/** A channel to the router, in place of any earlier one. `fd` is taken, also on failure. */
VLS_STATUS vls_plugin_host_attach(struct vls_plugin_host *host, int fd, struct vls_why *why);

/** A channel to fetch, for a plugin that is granted the network, in place of any earlier one. `fd`
 * is taken. */
void vls_plugin_host_attach_fetch(struct vls_plugin_host *host, int fd);

/** Take nothing new. Documents under way get their outcome while the router answers; then
 * on_drained(), which may come within this call. */
void vls_plugin_host_drain(struct vls_plugin_host *host);

/** Stop the plugin and release everything but the loaded object. Sets *host to NULL. */
void vls_plugin_host_free(struct vls_plugin_host **host);

/** The plugin was started and is called. */
bool vls_plugin_host_is_serving(const struct vls_plugin_host *host);

/** Documents handed over whose outcome is not known. */
unsigned vls_plugin_host_under_way(const struct vls_plugin_host *host);

#endif
