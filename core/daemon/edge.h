#ifndef VALISE_DAEMON_EDGE_H
#define VALISE_DAEMON_EDGE_H
/*
 * daemon/edge - the role that faces the network: TLS and HTTP with partner gateways, both
 * directions.
 *
 * Process:  edge. It holds no database, no private key, and no plaintext of sealed content.
 * Start at: edge.c, in its order; the work is done in peer/server.h and peer/client.h.
 */
#include "proc/role.h"

const struct vls_role_ops *vls_edge_ops(void);

#endif
