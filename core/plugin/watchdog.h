#ifndef VALISE_PLUGIN_WATCHDOG_H
#define VALISE_PLUGIN_WATCHDOG_H
/*
 * plugin/watchdog - ends this process when a call into the plugin takes too long.
 *
 * Process: host. The timer raises SIGALRM, whose default action ends the process without asking the
 * plugin: there is no thread and no handler that a plugin in a loop could keep from running. The
 * supervisor sees the signal and starts the host anew.
 */
#include "base/status.h"

/** Take SIGALRM: default action, not blocked. Once, before the first begin. */
VLS_STATUS vls_watchdog_init(struct vls_why *why);

/** A call into the plugin begins, and has `limit_ms` from now. Not nested. */
void vls_watchdog_begin(uint32_t limit_ms);

/** Another limit from now on, for a while in which the plugin waits for us. Gives back what was
 * left of the one before, to be put in place again; 0 = there was none. */
uint32_t vls_watchdog_replace(uint32_t limit_ms);

/** It came back in time. */
void vls_watchdog_end(void);

#endif
