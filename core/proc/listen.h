#ifndef VALISE_PROC_LISTEN_H
#define VALISE_PROC_LISTEN_H
/*
 * proc/listen - what the supervisor opens for the roles before they start: sockets, the lock of the
 * data directory, the log.
 *
 * Process:   supervisor.
 * Ownership: descriptors that come out are the caller's.
 */
#include "proc/spawn.h"

/** "127.0.0.1:8443" or "[::1]:8443", numeric; port 0 takes a free one, and the log tells which.
 *  @return CONFIG_INVALID, SYSTEM_IO when the address is taken */
VLS_STATUS vls_listen_tcp(const char *address, int *out_fd, struct vls_why *why);

/** A SOCK_SEQPACKET socket, mode 0660, of the given user. A stale socket is removed, a living one
 * or another kind of file refused. Its directory is made with mode 0750 when it is missing. @return
 * SYSTEM_BUSY, SYSTEM_ACCESS, INPUT_LIMIT, SYSTEM_IO */
VLS_STATUS vls_listen_unix(const char *path, const struct vls_user *user, int *out_fd,
                           struct vls_why *why);

/** Make the data directory (0700, of the user) when it is missing, and lock it, so that no two
 * gateways run on it. The lock ends with the descriptor. @return STORE_BUSY with the number of the
 * process that holds it */
VLS_STATUS vls_data_lock(const char *dir, const struct vls_user *user, int *out_fd,
                         struct vls_why *why);

/** Open the log to append, mode 0640, of the user; an empty path is standard error. @return
 * SYSTEM_IO */
VLS_STATUS vls_log_file_open(const char *path, const struct vls_user *user, int *out_fd,
                             struct vls_why *why);

#endif
