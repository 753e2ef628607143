#ifndef VALISE_PROC_SUPERVISOR_H
#define VALISE_PROC_SUPERVISOR_H
/*
 * proc/supervisor - the first process: opens what the roles need, starts and connects them,
 * restarts them, reloads, stops.
 *
 * Process:   supervisor.
 * Start at:  vls_supervisor_run().
 *
 * It reads the configuration and what its own roles say (Ready, Done), and no byte from outside. It
 * is not closed in by a sandbox of its own, as it must open, bind, change the user of its children
 * and start programs; but it can gain no privileges (no_new_privs) and leaves no core file.
 */
#include "base/status.h"

struct vls_supervisor_options {
    const char *config; /* path, as given */
    bool is_foreground;
    bool has_host; /* this program is the role host as well: valise-host is not needed */
};

/** Run until SIGTERM or SIGINT. @return the exit status: 0 after an orderly stop; otherwise that of
 * the failure, whose words were written to standard error */
int vls_supervisor_run(const struct vls_supervisor_options *options);

#endif
