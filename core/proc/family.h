#ifndef VALISE_PROC_FAMILY_H
#define VALISE_PROC_FAMILY_H
/*
 * proc/family - all role processes of one configuration: started, connected to each other,
 * restarted, stopped.
 *
 * Process:   supervisor.
 * Threads:   one.
 * Ownership: descriptors and the configuration of the options are borrowed and outlive the family.
 * Start at:  vls_family_new(), vls_family_start().
 *
 * A reload makes a second family after the first has stopped; the listening sockets stay open in
 * between.
 */
#include <sys/types.h>

#include "proc/spawn.h"

struct vls_family; /* opaque */

struct vls_family_events {
    void *ctx;
    /** Every role serves; once. */
    void (*on_ready)(void *ctx);
    /** A role ended before every role had served; once. The family is to be stopped. */
    void (*on_failed)(void *ctx, struct vls_status status, const struct vls_why *why);
    /** After vls_family_stop(): no process is left. The family may be freed in it. */
    void (*on_stopped)(void *ctx);
};

struct vls_family_options {
    const struct vls_config *config;
    int config_fd, log_fd;
    int edge_listener, control_listener; /* -1: none */
    int host_program;                    /* -1: hosts run this same binary */
    const struct vls_user *user;
    /** Restart with backoff from the first start on, in place of on_failed: when there is nothing
     * better to fall back to. */
    bool is_stubborn;
};

/* Restarts of a role: the first at once, then after this time, doubling; a role that lived long
 * enough begins anew. */
#define VLS_RESTART_FIRST_MS 100u
#define VLS_RESTART_MOST_MS  30000u
#define VLS_RESTART_RESET_MS 60000u

struct vls_family *vls_family_new(struct event_base *base, const struct vls_env *env,
                                  const struct vls_family_options *options,
                                  const struct vls_family_events *events);

/** Kills what is left of it. */
void vls_family_free(struct vls_family **family);

/** Start every role and connect them. @return PROC_SPAWN; the family is to be stopped then too */
VLS_STATUS vls_family_start(struct vls_family *family, struct vls_why *why);

/** Orderly: hosts, control, edge, router, crypto; each has VLS_STOP_MS, then it is killed. Ends
 * with on_stopped. */
void vls_family_stop(struct vls_family *family);

/** A process was reaped: true when it was one of the family. */
bool vls_family_reaped(struct vls_family *family, pid_t pid, int wait_status);

/** How long a role waits that has died `deaths` times in a row. */
uint64_t vls_family_backoff_ms(unsigned deaths);

#endif
