#ifndef VALISE_DAEMON_CONTROL_H
#define VALISE_DAEMON_CONTROL_H
/*
 * daemon/control - the role that speaks with operators: it says who they are, the router decides
 * what becomes of what they ask.
 *
 * Process:   control.
 * Start at:  vls_control_ops().
 */
#include "proc/role.h"

const struct vls_role_ops *vls_control_ops(void);

#endif
