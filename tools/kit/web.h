#ifndef VALISE_KIT_WEB_H
#define VALISE_KIT_WEB_H
/*
 * kit/web - plays the role fetch for a plugin that is granted the network: a world in which every
 * host is there, takes whatever it is sent, and answers 200 with nothing in it.
 *
 * So a plugin that posts can be checked for all that the kit checks, in its real sandbox, and
 * nothing leaves the machine. What it makes of other answers is for its own test to find out.
 *
 * Process:   one of its own, forked from valise(1) plugin: it reads while the host writes.
 * Threads:   none, and blocking.
 * Ownership: the process ends when the host's end of the channel is closed, or with the kit.
 */
#include <sys/types.h>

#include "base/status.h"

/** @param out_channel the host's end, for vls_plugin_host_attach_fetch(); the caller's */
VLS_STATUS kit_web_start(pid_t *out_pid, int *out_channel, struct vls_why *why);
/** End it, if it has not, and forget it. Fine with 0. */
void kit_web_stop(pid_t *pid);

#endif
