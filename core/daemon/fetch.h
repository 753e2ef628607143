#ifndef VALISE_DAEMON_FETCH_H
#define VALISE_DAEMON_FETCH_H
/*
 * daemon/fetch - the role that speaks HTTP for plugins: it has the network and the plugins'
 * credentials, and neither the store, nor evidence keys, nor a plugin's code.
 *
 * Process: fetch, which is there only when a plugin is granted "net".
 */
#include "proc/role.h"

const struct vls_role_ops *vls_fetch_ops(void);

#endif
