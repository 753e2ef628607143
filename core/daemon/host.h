#ifndef VALISE_DAEMON_HOST_H
#define VALISE_DAEMON_HOST_H
/*
 * daemon/host - the role "host": one process, one plugin. All of its work is in plugin/host.h.
 */
#include "proc/role.h"

const struct vls_role_ops *vls_host_ops(void);

#endif
