#ifndef VALISE_PLUGIN_HTTP_H
#define VALISE_PLUGIN_HTTP_H
/*
 * plugin/http - the service "valise.http/1": requests of a plugin, handed to the role fetch.
 *
 * Process:   host, which has no network itself and decides nothing here: fetch does.
 * Threads:   one. Calls of the plugin block; the channel to fetch is read by them alone, never from
 *            the loop, as nothing comes on it unasked. What the router sends meanwhile waits.
 * Ownership: on the caller's storage, from vls_plugin_http_init() to vls_plugin_http_fini().
 * Start at:  VLS_PLUGIN_HTTP in http.c, the table that the plugin gets.
 */
#include <valise/plugin.h>

#include "base/limits.h"
#include "base/status.h"

struct vls_plugin_http {
    int channel; /* to fetch; -1: none at the moment */
    uint64_t last_id;
    struct vls_http *open[VLS_HTTP_OPEN];
};

/** `ctx` of the service's functions is the struct vls_plugin_host. */
extern const struct vls_http_service VLS_PLUGIN_HTTP;

void vls_plugin_http_init(struct vls_plugin_http *http);
/** Give up all that is open. */
void vls_plugin_http_fini(struct vls_plugin_http *http);

/** A channel in place of an earlier one, whose requests fail. `fd` is taken. */
void vls_plugin_http_attach(struct vls_plugin_http *http, int fd);

/** What a status of fetch is in the words of the plugin interface. */
enum vls_http_outcome vls_plugin_http_outcome(struct vls_status status);

#endif
