#ifndef VALISE_WIRE_DATAGRAM_H
#define VALISE_WIRE_DATAGRAM_H
/*
 * wire/datagram - bytes and descriptors over a SOCK_SEQPACKET socket; knows nothing of frames.
 *
 * Process:   all. Private to wire.
 * Ownership: descriptors that were received belong to the batch until they are moved out of it.
 * Start at:  vls_datagram_send(), vls_batch_read().
 */
#include <stdbool.h>
#include <sys/socket.h>

#include "wire/channel.h"

/** One sendmsg(). @return SYSTEM_BUSY when the socket is full, SYSTEM_MEMORY, WIRE_GONE,
 * SYSTEM_IO */
VLS_STATUS vls_datagram_send(int fd, struct vls_slice bytes, const int *fds, size_t fd_count,
                             struct vls_why *why);

/** Pack a frame into `at`, which has room for VLS_MAX_FRAME. @return INPUT_LIMIT, INPUT_MALFORMED
 * for a frame without a body */
VLS_STATUS vls_frame_pack(const Valise__Frame *frame, size_t fd_count, uint8_t *at, size_t *out_len,
                          struct vls_why *why);

/** Datagrams read with one system call, handed out one by one. */
struct vls_batch; /* opaque */

struct vls_datagram {
    struct vls_slice bytes; /* in the batch's memory, until the next vls_batch_read() */
    struct vls_fds fds;     /* the taker's */
};

/** @param slots  datagrams that one read may take */
struct vls_batch *vls_batch_new(unsigned slots);
/** Closes descriptors that were not handed out. */
void vls_batch_free(struct vls_batch **batch);

/** Read what is there, without waiting; only when the batch is empty. @return SYSTEM_BUSY when
 * nothing is there, WIRE_GONE at the end, SYSTEM_IO */
VLS_STATUS vls_batch_read(struct vls_batch *batch, int fd, struct vls_why *why);

/** How many wait to be taken. */
size_t vls_batch_left(const struct vls_batch *batch);

/** Take the next one; there must be one. @return WIRE_MALFORMED when it or its descriptors did not
 * fit, or it is empty */
VLS_STATUS vls_batch_take(struct vls_batch *batch, struct vls_datagram *out, struct vls_why *why);

#endif
