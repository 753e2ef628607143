#ifndef VALISE_ROUTE_UNSEAL_H
#define VALISE_ROUTE_UNSEAL_H
/*
 * route/unseal - the content of a message, opened by the crypto role into a file that has no name.
 *
 * Process:   router.
 * Ownership: the message is borrowed for the call; the descriptor is the caller's once it is taken.
 * Start at:  vls_route_unseal(); deliver.c and open.c call it.
 */
#include "base/status.h"

struct vls_route;
struct vls_message;

/** How it went. OK: `*fd` is the plain archive, verified to its last byte, and frozen: whoever gets
 * the descriptor cannot change what the next one sees. It is closed behind the call unless it is
 * taken with vls_fd_move(). Otherwise `*fd` is -1. */
typedef void (*vls_unsealed_fn)(void *ctx, struct vls_status status, const struct vls_why *why,
                                int *fd);

/** Ask the crypto role to open it: with the sealing key what was received, with the archive key
 * what this side sealed itself. `done` is called once, later, unless this fails.
 *  @return WIRE_GONE when the crypto role is not there; STORE_MISSING, SYSTEM_IO */
VLS_STATUS vls_route_unseal(struct vls_route *route, const struct vls_message *message,
                            vls_unsealed_fn done, void *ctx, struct vls_why *why);

#endif
