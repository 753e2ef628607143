#include "wire/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>

#include "base/file.h"
#include "base/map.h"
#include "base/mem.h"
#include "wire/datagram.h"
#include "wire/scratch.h"

/* A frame that waits for room in the socket, with descriptors of its own. */
struct queued {
    struct queued *next;
    struct vls_fds fds;
    size_t len;
    uint8_t bytes[];
};

struct question {
    uint64_t serial;
    int expects;
    vls_answer_fn answer;
    void *ctx;
    struct question *next_spare;
    UT_hash_handle hh;
};

struct vls_channel {
    int fd;
    char *name;
    const int *accepts;
    struct vls_channel_events events;
    struct event *read_event, *write_event;

    struct vls_batch *batch;
    struct vls_scratch scratch;
    uint8_t *packed; /* VLS_MAX_FRAME bytes, for the frame that is sent at the moment */

    struct queued *queue, **queue_end;
    size_t queue_frames, queue_bytes;

    struct question *questions, *spares;
    size_t open;
    uint64_t last_serial;

    struct vls_why cause;
    unsigned depth; /* callbacks under way */
    bool is_paused, is_gone, is_freed;
};

/* -- life -------------------------------------------------------------------------------------- */

static void on_readable(evutil_socket_t fd, short what, void *ctx);
static void on_writable(evutil_socket_t fd, short what, void *ctx);

static struct vls_status check_socket(int fd, const char *name, struct vls_why *why)
{
    int type = 0, flags, bytes = VLS_CHANNEL_SOCKET;
    socklen_t len = sizeof type;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0 || type != SOCK_SEQPACKET)
        return vls_fail(VLS_SYSTEM_BUG, why, "channel %s: descriptor %d is no SOCK_SEQPACKET", name,
                        fd);
    flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "channel %s: make non-blocking", name);
    /* more room saves the queue, but the queue is there when the system gives less */
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    return VLS_DONE;
}

struct vls_status vls_channel_new(struct event_base *base, int fd, const char *name,
                                  const int *accepts, const struct vls_channel_events *events,
                                  struct vls_channel **out, struct vls_why *why)
{
    VLS_DEFER(vls_fd_close) int owned = fd;
    VLS_TRY(check_socket(owned, name, why));
    struct vls_channel *channel = vls_mem_new(sizeof *channel);
    channel->name = vls_mem_dup(name);
    channel->accepts = accepts;
    channel->events = *events;
    channel->queue_end = &channel->queue;
    channel->batch = vls_batch_new(VLS_FRAME_BATCH);
    channel->packed = vls_mem_new(VLS_MAX_FRAME);
    vls_scratch_init(&channel->scratch);
    channel->read_event = event_new(base, owned, EV_READ | EV_PERSIST, on_readable, channel);
    channel->write_event = event_new(base, owned, EV_WRITE | EV_PERSIST, on_writable, channel);
    channel->fd = vls_fd_move(&owned);
    if (channel->read_event == NULL || channel->write_event == NULL ||
        event_priority_set(channel->read_event, 0) != 0 ||
        event_priority_set(channel->write_event, 0) != 0 ||
        event_add(channel->read_event, NULL) != 0) {
        vls_channel_free(&channel);
        return vls_fail(VLS_SYSTEM_MEMORY, why, "channel %s: the loop takes no more events", name);
    }
    *out = channel;
    return VLS_DONE;
}

static void drop_queue(struct vls_channel *channel)
{
    for (struct queued *q = channel->queue, *next; q != NULL; q = next) {
        next = q->next;
        vls_fds_close(&q->fds);
        vls_mem_free(q);
    }
    channel->queue = NULL;
    channel->queue_end = &channel->queue;
    channel->queue_frames = channel->queue_bytes = 0;
}

/* Forget a question, keeping its memory for the next. */
static void close_question(struct vls_channel *channel, struct question *question)
{
    HASH_DEL(channel->questions, question);
    channel->open--;
    question->next_spare = channel->spares;
    channel->spares = question;
}

static void fail_questions(struct vls_channel *channel)
{
    while (channel->questions != NULL) {
        struct question *question = channel->questions;
        vls_answer_fn answer = question->answer;
        void *ctx = question->ctx;
        close_question(channel, question);
        answer(ctx, (struct vls_status){VLS_WIRE_GONE}, NULL, &(struct vls_fds){.count = 0});
    }
}

/* No more input and output; open questions get their answer. */
static void shut(struct vls_channel *channel)
{
    channel->is_gone = true;
    if (channel->read_event != NULL)
        event_free(channel->read_event);
    if (channel->write_event != NULL)
        event_free(channel->write_event);
    channel->read_event = channel->write_event = NULL;
    vls_fd_close(&channel->fd);
    drop_queue(channel);
    fail_questions(channel);
}

static void destroy(struct vls_channel *channel)
{
    for (struct question *q = channel->spares, *next; q != NULL; q = next) {
        next = q->next_spare;
        vls_mem_free(q);
    }
    vls_batch_free(&channel->batch);
    vls_scratch_fini(&channel->scratch);
    vls_mem_free(channel->packed);
    vls_mem_free(channel->name);
    vls_mem_free(channel);
}

static void enter(struct vls_channel *channel)
{
    channel->depth++;
}

/* A channel that was freed by a callback goes when the last of them has returned. */
static void leave(struct vls_channel *channel)
{
    if (--channel->depth == 0 && channel->is_freed)
        destroy(channel);
}

void vls_channel_free(struct vls_channel **pointer)
{
    struct vls_channel *channel = *pointer;
    *pointer = NULL;
    if (channel == NULL || channel->is_freed)
        return;
    enter(channel);
    channel->is_freed = true;
    shut(channel);
    leave(channel);
}

const char *vls_channel_name(const struct vls_channel *channel)
{
    return channel->name;
}

const char *vls_channel_cause(const struct vls_channel *channel)
{
    return channel->cause.text;
}

static void become_gone(struct vls_channel *channel, struct vls_status cause,
                        const struct vls_why *why)
{
    if (channel->is_gone)
        return;
    enter(channel);
    channel->cause = *why;
    shut(channel);
    if (!channel->is_freed)
        channel->events.on_gone(channel->events.ctx, channel, cause);
    leave(channel);
}

/* -- sending ----------------------------------------------------------------------------------- */

static struct vls_status enqueue(struct vls_channel *channel, size_t len, const int *fds,
                                 size_t fd_count, struct vls_why *why)
{
    if (channel->queue_frames >= VLS_CHANNEL_QUEUE ||
        channel->queue_bytes + len > VLS_CHANNEL_QUEUE_BYTES)
        return vls_fail(VLS_WIRE_FULL, why, "channel %s: %zu frames of %zu bytes wait already",
                        channel->name, channel->queue_frames, channel->queue_bytes);
    struct queued *q = vls_mem_try(sizeof *q + len);
    if (q == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "channel %s: no memory for a frame of %zu bytes",
                        channel->name, len);
    for (size_t i = 0; i < fd_count; i++) {
        int copy = fcntl(fds[i], F_DUPFD_CLOEXEC, 0);
        if (copy < 0) {
            int failure = errno;
            vls_fds_close(&q->fds);
            vls_mem_free(q);
            return vls_fail_errno(VLS_SYSTEM_IO, why, failure, "channel %s: descriptor %d",
                                  channel->name, fds[i]);
        }
        q->fds.fd[q->fds.count++] = copy;
    }
    if (channel->queue == NULL && event_add(channel->write_event, NULL) != 0) {
        vls_fds_close(&q->fds);
        vls_mem_free(q);
        return vls_fail(VLS_SYSTEM_MEMORY, why, "channel %s: the loop takes no more events",
                        channel->name);
    }
    q->len = len;
    vls_copy(q->bytes, channel->packed, len);
    *channel->queue_end = q;
    channel->queue_end = &q->next;
    channel->queue_frames++;
    channel->queue_bytes += len;
    return VLS_DONE;
}

struct vls_status vls_channel_send(struct vls_channel *channel, Valise__Frame *frame,
                                   const int *fds, size_t fd_count, struct vls_why *why)
{
    size_t len;
    if (channel->is_gone)
        return vls_fail(VLS_WIRE_GONE, why, "channel %s is closed", channel->name);
    VLS_TRY(vls_frame_pack(frame, fd_count, channel->packed, &len, why));
    if (channel->queue == NULL) {
        struct vls_status s =
            vls_datagram_send(channel->fd, VLS_SLICE(channel->packed, len), fds, fd_count, why);
        if (s.code != VLS_SYSTEM_BUSY && s.code != VLS_SYSTEM_MEMORY)
            return s;
    }
    return enqueue(channel, len, fds, fd_count, why);
}

static void on_writable(evutil_socket_t fd, short what, void *ctx)
{
    struct vls_channel *channel = ctx;
    struct vls_why why;
    (void)fd;
    (void)what;
    while (channel->queue != NULL) {
        struct queued *q = channel->queue;
        struct vls_status s = vls_datagram_send(channel->fd, VLS_SLICE(q->bytes, q->len), q->fds.fd,
                                                q->fds.count, &why);
        if (s.code == VLS_SYSTEM_BUSY || s.code == VLS_SYSTEM_MEMORY)
            return;
        if (s.code == VLS_WIRE_GONE)
            break; /* the reading side reports it, after what the other side still had to say */
        if (!vls_ok(s)) {
            become_gone(channel, s, &why);
            return;
        }
        channel->queue = q->next;
        if (channel->queue == NULL)
            channel->queue_end = &channel->queue;
        channel->queue_frames--;
        channel->queue_bytes -= q->len;
        vls_fds_close(&q->fds);
        vls_mem_free(q);
    }
    drop_queue(channel);
    event_del(channel->write_event);
}

static struct question *new_question(struct vls_channel *channel)
{
    struct question *question = channel->spares;
    if (question == NULL)
        return vls_mem_new(sizeof *question);
    channel->spares = question->next_spare;
    *question = (struct question){.serial = 0};
    return question;
}

struct vls_status vls_channel_ask(struct vls_channel *channel, Valise__Frame *frame, const int *fds,
                                  size_t fd_count, int expects, vls_answer_fn answer, void *ctx,
                                  struct vls_why *why)
{
    frame->serial = ++channel->last_serial;
    VLS_TRY(vls_channel_send(channel, frame, fds, fd_count, why));
    struct question *question = new_question(channel);
    question->serial = frame->serial;
    question->expects = expects;
    question->answer = answer;
    question->ctx = ctx;
    HASH_ADD(hh, channel->questions, serial, sizeof question->serial, question);
    channel->open++;
    return VLS_DONE;
}

size_t vls_channel_open_questions(const struct vls_channel *channel)
{
    return channel->open;
}

size_t vls_channel_queued(const struct vls_channel *channel)
{
    return channel->queue_frames;
}

/* -- receiving --------------------------------------------------------------------------------- */

static bool is_accepted(const struct vls_channel *channel, int body_case)
{
    for (const int *a = channel->accepts; *a != 0; a++)
        if (*a == body_case)
            return true;
    return false;
}

static struct vls_status take_answer(struct vls_channel *channel, const Valise__Frame *frame,
                                     struct vls_fds *fds, struct vls_why *why)
{
    struct question *question;
    uint64_t serial = frame->reply_to;
    HASH_FIND(hh, channel->questions, &serial, sizeof serial, question);
    if (question == NULL)
        return vls_fail(VLS_WIRE_REFUSED, why, "an answer (body %d) to a question not asked",
                        (int)frame->body_case);
    if ((int)frame->body_case != question->expects || frame->serial != 0)
        return vls_fail(VLS_WIRE_REFUSED, why, "an answer of body %d where %d is expected",
                        (int)frame->body_case, question->expects);
    vls_answer_fn answer = question->answer;
    void *ctx = question->ctx;
    close_question(channel, question);
    answer(ctx, VLS_DONE, frame, fds);
    return VLS_DONE;
}

static struct vls_status take_frame(struct vls_channel *channel, struct vls_datagram *datagram,
                                    struct vls_why *why)
{
    vls_scratch_reset(&channel->scratch);
    const Valise__Frame *frame =
        valise__frame__unpack(&channel->scratch.allocator, datagram->bytes.len, datagram->bytes.at);
    if (frame == NULL || frame->body_case == VALISE__FRAME__BODY__NOT_SET)
        return vls_fail(VLS_WIRE_MALFORMED, why, "a frame of %zu bytes does not decode",
                        datagram->bytes.len);
    if (frame->reply_to != 0)
        return take_answer(channel, frame, &datagram->fds, why);
    if (!is_accepted(channel, (int)frame->body_case))
        return vls_fail(VLS_WIRE_REFUSED, why, "a frame of body %d", (int)frame->body_case);
    channel->events.on_frame(channel->events.ctx, channel, frame, &datagram->fds);
    return VLS_DONE;
}

/* Hands out one frame, reading more when none is left. SYSTEM_BUSY when nothing is there. */
static struct vls_status step(struct vls_channel *channel, struct vls_why *why)
{
    struct vls_datagram datagram;
    if (vls_batch_left(channel->batch) == 0)
        VLS_TRY(vls_batch_read(channel->batch, channel->fd, why));
    VLS_TRY(vls_batch_take(channel->batch, &datagram, why));
    struct vls_status s = take_frame(channel, &datagram, why);
    vls_fds_close(&datagram.fds); /* what the handler did not take */
    return s;
}

static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
    struct vls_channel *channel = ctx;
    struct vls_why why;
    struct vls_status s = VLS_DONE;
    (void)fd;
    (void)what;
    enter(channel);
    for (unsigned i = 0;
         i < VLS_FRAME_DRAIN && vls_ok(s) && !channel->is_gone && !channel->is_paused; i++)
        s = step(channel, &why);
    /* frames that were read and not handed out wait for no byte: wake up again for them */
    if (!channel->is_gone && !channel->is_paused && vls_batch_left(channel->batch) != 0)
        event_active(channel->read_event, EV_READ, 0);
    if (!channel->is_gone && channel->events.on_drained != NULL)
        channel->events.on_drained(channel->events.ctx, channel);
    if (!vls_ok(s) && s.code != VLS_SYSTEM_BUSY)
        become_gone(channel, s, &why);
    leave(channel);
}

void vls_channel_pause(struct vls_channel *channel)
{
    if (channel->is_gone || channel->is_paused)
        return;
    channel->is_paused = true;
    event_del(channel->read_event);
}

void vls_channel_resume(struct vls_channel *channel)
{
    if (channel->is_gone || !channel->is_paused)
        return;
    channel->is_paused = false;
    if (event_add(channel->read_event, NULL) == 0 && vls_batch_left(channel->batch) != 0)
        event_active(channel->read_event, EV_READ, 0);
}
