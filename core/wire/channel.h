#ifndef VALISE_WIRE_CHANNEL_H
#define VALISE_WIRE_CHANNEL_H
/*
 * wire/channel - frames between two roles: one protobuf Frame a datagram, descriptors beside it, on
 * libevent.
 *
 * Process:   all roles, and the command line (without a loop: vls_wire_send(), vls_wire_receive()).
 * Threads:   one.
 * Ownership: a channel owns its descriptor. Descriptors of a received frame are the handler's:
 *            take them out of the array with vls_fd_move(), what is left is closed. Descriptors of
 *            a sent frame are duplicated by the kernel and stay the caller's.
 * Start at:  vls_channel_new(), vls_channel_send(), vls_channel_ask().
 *
 * A frame and all it points to live until the callback returns. A channel may be freed from within
 * its own callbacks.
 *
 * A wake-up across cores costs far more than a system call: a channel reads all that is there (at
 * most VLS_FRAME_DRAIN frames), calls on_frame for each and on_drained once.
 */
#include <event2/event.h>
#include <schemas/ipc.pb-c.h>

#include "base/bytes.h"
#include "base/limits.h"

struct vls_channel; /* opaque */

/** Descriptors that came with a frame. */
struct vls_fds {
    int fd[VLS_MAX_FRAME_FDS];
    size_t count;
};

struct vls_channel_events {
    void *ctx;
    /** A frame that is not an answer to vls_channel_ask(). */
    void (*on_frame)(void *ctx, struct vls_channel *channel, const Valise__Frame *frame,
                     struct vls_fds *fds);
    /** All that this wake-up reads was handed over; may be NULL. Also called when it ends early by
     * vls_channel_pause(). */
    void (*on_drained)(void *ctx, struct vls_channel *channel);
    /** The other side is gone, or sent what this channel does not carry (`cause`). Open questions
     * were answered with WIRE_GONE before. The channel is freed by its owner, in or after this
     * call. */
    void (*on_gone)(void *ctx, struct vls_channel *channel, struct vls_status cause);
};

/** Called once with the answer, or with frame NULL and WIRE_GONE, also when the channel is freed.
 */
typedef void (*vls_answer_fn)(void *ctx, struct vls_status status, const Valise__Frame *frame,
                              struct vls_fds *fds);

/** @param fd       taken, also on failure; made non-blocking.
 *  @param accepts  body cases that may come in as requests or notices, ended by 0; kept. Answers
 *                  are matched by serial and by the case that the question expects.
 *  @return SYSTEM_BUG when fd is not a SOCK_SEQPACKET socket */
VLS_STATUS vls_channel_new(struct event_base *base, int fd, const char *name, const int *accepts,
                           const struct vls_channel_events *events, struct vls_channel **out,
                           struct vls_why *why);
/** Open questions are answered with WIRE_GONE before it returns; on_gone is not called. What waits
 * in the queue is lost. */
void vls_channel_free(struct vls_channel **channel);
const char *vls_channel_name(const struct vls_channel *channel);

/** In words, why on_gone was called; "" before. */
const char *vls_channel_cause(const struct vls_channel *channel);

/** Send a notice or, with frame->reply_to, an answer. Queued when the socket is full. @return
 * WIRE_FULL above VLS_CHANNEL_QUEUE or VLS_CHANNEL_QUEUE_BYTES, WIRE_GONE, INPUT_LIMIT for a frame
 * above VLS_MAX_FRAME or too many descriptors, INPUT_MALFORMED without a body, SYSTEM_MEMORY when a
 * descriptor cannot be kept for the queue */
VLS_STATUS vls_channel_send(struct vls_channel *channel, Valise__Frame *frame, const int *fds,
                            size_t fd_count, struct vls_why *why);

/** Send a question: sets frame->serial, and calls `answer` once. `expects` is the body case of the
 * answer. When it fails `answer` is not called. */
VLS_STATUS vls_channel_ask(struct vls_channel *channel, Valise__Frame *frame, const int *fds,
                           size_t fd_count, int expects, vls_answer_fn answer, void *ctx,
                           struct vls_why *why);

/** Frames that wait for room in the socket. */
size_t vls_channel_queued(const struct vls_channel *channel);

/** Questions that wait for their answer. */
size_t vls_channel_open_questions(const struct vls_channel *channel);

/** Stop and start reading: push-back on a sender that is too fast. Answers are not read either
 * while paused. */
void vls_channel_pause(struct vls_channel *channel);
void vls_channel_resume(struct vls_channel *channel);

/* -- without a loop, for the command line and the start of a role: blocking -------------------- */

VLS_STATUS vls_wire_send(int fd, const Valise__Frame *frame, const int *fds, size_t fd_count,
                         struct vls_why *why);
/** Waits at most timeout_ms (-1 = for ever). Release with valise__frame__free_unpacked(). @return
 * WIRE_GONE, WIRE_MALFORMED, SYSTEM_BUSY when the time is up */
VLS_STATUS vls_wire_receive(int fd, int timeout_ms, Valise__Frame **out, struct vls_fds *fds,
                            struct vls_why *why);
void vls_fds_close(struct vls_fds *fds);

/** Outcome <-> status. `why->text` becomes Outcome.why; the outcome borrows it. */
void vls_outcome_init(Valise__Outcome *outcome, struct vls_status status,
                      const struct vls_why *why);
struct vls_status vls_outcome_status(const Valise__Outcome *outcome, struct vls_why *why);

#endif
