#ifndef VALISE_PROC_SETUP_H
#define VALISE_PROC_SETUP_H
/*
 * proc/setup - one reading of the configuration, and what the supervisor opened for it: bytes, log,
 * listening sockets.
 *
 * Process:   supervisor.
 * Ownership: a setup owns all its descriptors; two setups with the same address hold duplicates
 *            of one socket, which stays open while either is there. So a reload refuses no partner.
 * Start at:  vls_setup_open().
 */
#include "proc/spawn.h"

struct vls_setup {
    struct vls_config *config;
    struct vls_user user;
    int lock; /* of the data directory */
    int config_fd, log_fd;
    int edge_listener, control_listener; /* -1: none */
};

/** Read and check the file, open the log, and bind what `before` (may be NULL) does not hold
 * already.
 *  @return CONFIG_MISSING, CONFIG_INVALID, and what proc/listen.h returns. Nothing stays open then.
 */
VLS_STATUS vls_setup_open(const char *path, const struct vls_setup *before, struct vls_setup *out,
                          struct vls_why *why);

/** The file alone, for one plugin: parsed, and packed as roles get it. Both are the caller's.
 *  @return CONFIG_MISSING, CONFIG_INVALID */
VLS_STATUS vls_setup_read_again(const char *path, struct vls_config **out, int *out_fd,
                                struct vls_why *why);

/** `keep` (may be NULL): the setup that goes on; the operators' socket is unlinked unless it has
 * the same. */
void vls_setup_close(struct vls_setup *setup, const struct vls_setup *keep);

#endif
