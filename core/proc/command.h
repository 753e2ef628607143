#ifndef VALISE_PROC_COMMAND_H
#define VALISE_PROC_COMMAND_H
/*
 * proc/command - the command line of valised, for the supervisor and for the roles that it starts.
 *
 * Process: all of valised. The options stand in valised(8).
 */
#include "proc/role.h"

#define VLS_CONFIG_DEFAULT "/etc/valise/valise.yaml"

/** What a role is made of; NULL for one that this program does not have: hosts are valise-host
 * then. */
typedef const struct vls_role_ops *(*vls_ops_of_fn)(enum vls_role_kind kind);

/** Read what a configuration names, for --check. */
typedef struct vls_status (*vls_check_fn)(const struct vls_config *config, struct vls_why *why);

/** The whole of main(). @return the exit status */
int vls_command_run(int argc, char **argv, vls_ops_of_fn ops_of, vls_check_fn check_files);

#endif
