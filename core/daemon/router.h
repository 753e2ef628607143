#ifndef VALISE_DAEMON_ROUTER_H
#define VALISE_DAEMON_ROUTER_H
/*
 * daemon/router - the role that holds the store and the policy: binds core/route to the channels of
 * its siblings.
 *
 * Process: router.
 */
#include "proc/role.h"

const struct vls_role_ops *vls_router_ops(void);

#endif
