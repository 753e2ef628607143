#ifndef VALISE_PROC_NOTIFY_H
#define VALISE_PROC_NOTIFY_H
/*
 * proc/notify - tells systemd how the start goes (sd_notify(3), by hand), and whoever started the
 * gateway in the background.
 *
 * Process: supervisor.
 */
#include "base/status.h"

/** One datagram to $NOTIFY_SOCKET: "READY=1". Nothing happens when there is no such socket. */
void vls_notify(const char *state);

/** Go to the background: returns in the new process, with a descriptor for vls_background_done().
 * The old process waits for it and ends with its status. Not called before anything else was
 * opened. @return PROC_SPAWN */
VLS_STATUS vls_background(int *out_report_fd, struct vls_why *why);

/** Let the waiting process end with this status; with 0 standard input, output and error move to
 * `log_fd`. Closes the descriptor; -1 is fine and does nothing. */
void vls_background_done(int *report_fd, int status, int log_fd);

#endif
