#ifndef VALISE_FETCH_FLOW_H
#define VALISE_FETCH_FLOW_H
/*
 * fetch/flow - the content of an answer on its way into a pipe, decompressed where it has to be;
 * at the pace of whoever reads the pipe, in constant memory.
 *
 * Process:   fetch.
 * Ownership: content owns the descriptor to write to, from the open to the close.
 * Start at:  vls_flow_open(), vls_flow_feed().
 *
 * What does not fit into the pipe stays here: of what was fed at most one piece, and one buffer of
 * what zlib made of it. Until that is gone vls_flow_is_full() holds and nothing more is fed.
 */
#include <event2/event.h>

#include "base/bytes.h"

struct vls_flow; /* opaque */

struct vls_flow_events {
    void *ctx;
    /** It was full and is not any more; or could not go on: PERMANENT, CORRUPT, or WIRE_GONE. */
    void (*on_room)(void *ctx, struct vls_status status, const struct vls_why *why);
    /** Whoever read has closed the pipe. */
    void (*on_gone)(void *ctx);
};

/** @param fd         the writing end of a pipe, not blocking; taken, also on failure
 *  @param max_bytes  into the pipe; and out of the network, too */
VLS_STATUS vls_flow_open(struct event_base *base, int fd, uint64_t max_bytes,
                         const struct vls_flow_events *events, struct vls_flow **out,
                         struct vls_why *why);
void vls_flow_close(struct vls_flow **flow);

/** From here on what is fed is gzip. Before the first of it. @return SYSTEM_MEMORY */
VLS_STATUS vls_flow_inflate(struct vls_flow *flow, struct vls_why *why);

/** Take a piece of at most VLS_IO_CHUNK bytes; not while it is full.
 *  @return FETCH_LARGE, FETCH_MALFORMED when it is no gzip, WIRE_GONE when nobody reads */
VLS_STATUS vls_flow_feed(struct vls_flow *flow, struct vls_slice piece, struct vls_why *why);
bool vls_flow_is_full(const struct vls_flow *flow);

/** All was fed: is it whole? @return FETCH_MALFORMED when the compressed form ends too early */
VLS_STATUS vls_flow_end(const struct vls_flow *flow, struct vls_why *why);

/** Bytes from the network, and into the pipe or waiting for it. */
uint64_t vls_flow_fed(const struct vls_flow *flow);
uint64_t vls_flow_given(const struct vls_flow *flow);

#endif
