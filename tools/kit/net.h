#ifndef VALISE_KIT_NET_H
#define VALISE_KIT_NET_H
/*
 * kit/net - the role fetch itself for a plugin that is run in the kit: what kit/web plays, in
 * earnest, with a section http as a gateway's configuration has it.
 *
 * So a plugin can be run and checked opposite the endpoint that it is for, or an emulator of it,
 * through the very rules that a gateway holds it to: hosts, credentials, rates, TLS.
 *
 * Process:   one of its own, forked from valise(1) plugin; without the sandbox of the role.
 * Threads:   none of ours.
 * Ownership: the process ends when the host's end of the channel is closed, or with the kit.
 */
#include <sys/types.h>

#include "base/status.h"

/** @param file        its lines are those below `http:` of a plugin in valise.conf(5); relative
 *                     paths in it are below its directory
 *  @param log_fd      where its log goes; -1: nowhere
 *  @param out_channel the host's end, for vls_plugin_host_attach_fetch(); the caller's
 *  @return CONFIG_INVALID with place and fix, also for what is in the files that it names */
VLS_STATUS kit_net_start(const char *file, int log_fd, pid_t *out_pid, int *out_channel,
                         struct vls_why *why);

#endif
