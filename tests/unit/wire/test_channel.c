/* Frames between two channels on one socket pair, run by one loop; and raw datagrams against a
 * channel. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/env.h"
#include "base/file.h"
#include "base/mem.h"
#include "wire/channel.h"

#define ACCEPTS_MOST 4
static const int ACCEPTS[ACCEPTS_MOST] = {VALISE__FRAME__BODY_SIGN, VALISE__FRAME__BODY_ATTACH,
                                          VALISE__FRAME__BODY_DONE, 0};

/* What one side saw, and how it behaves. */
struct side {
    struct vls_channel *channel;
    size_t frames, drained, gone, answers, failed;
    uint64_t next_size; /* SignRequest.size of the next frame: proves the order */
    bool is_in_order, answers_back, frees_itself, frees_when_gone, pauses;
    size_t large_bytes;
    struct vls_fds kept;
    uint32_t cause;
};

struct world {
    struct event_base *base;
    struct side a, b;
    int raw; /* when there is no b: the other end */
};

static void send_sign(struct vls_channel *channel, uint64_t size, const int *fds, size_t count)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__SignRequest sign = VALISE__SIGN_REQUEST__INIT;
    struct vls_why why = {""};
    sign.size = size;
    sign.log = (char[]){"example.org/log"};
    frame.body_case = VALISE__FRAME__BODY_SIGN;
    frame.sign = &sign;
    if (!vls_ok(vls_channel_send(channel, &frame, fds, count, &why)))
        fail_msg("%s", why.text);
}

static void answer(struct vls_channel *channel, uint64_t serial)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__SignResult result = VALISE__SIGN_RESULT__INIT;
    frame.reply_to = serial;
    frame.body_case = VALISE__FRAME__BODY_SIGN_RESULT;
    frame.sign_result = &result;
    assert_true(vls_ok(vls_channel_send(channel, &frame, NULL, 0, NULL)));
}

static void on_frame(void *ctx, struct vls_channel *channel, const Valise__Frame *frame,
                     struct vls_fds *fds)
{
    struct side *side = ctx;
    side->frames++;
    if (frame->body_case == VALISE__FRAME__BODY_SIGN) {
        side->is_in_order = side->is_in_order && frame->sign->size == side->next_size++;
        side->large_bytes = frame->sign->root.len;
    }
    for (size_t i = 0; i < fds->count && side->kept.count < VLS_MAX_FRAME_FDS; i++)
        side->kept.fd[side->kept.count++] = vls_fd_move(&fds->fd[i]);
    if (side->answers_back)
        answer(channel, frame->serial);
    if (side->pauses)
        vls_channel_pause(channel);
    if (side->frees_itself)
        vls_channel_free(&side->channel);
}

static void on_drained(void *ctx, struct vls_channel *channel)
{
    struct side *side = ctx;
    (void)channel;
    side->drained++;
}

static void on_gone(void *ctx, struct vls_channel *channel, struct vls_status cause)
{
    struct side *side = ctx;
    side->gone++;
    side->cause = cause.code;
    assert_string_not_equal(vls_channel_cause(channel), "");
    if (side->frees_when_gone)
        vls_channel_free(&side->channel);
}

static void on_answer(void *ctx, struct vls_status status, const Valise__Frame *frame,
                      struct vls_fds *fds)
{
    struct side *side = ctx;
    (void)fds;
    if (vls_ok(status)) {
        assert_int_equal(frame->body_case, VALISE__FRAME__BODY_SIGN_RESULT);
        side->answers++;
    } else {
        assert_null(frame);
        assert_int_equal(status.code, VLS_WIRE_GONE);
        side->failed++;
    }
    if (side->frees_itself)
        vls_channel_free(&side->channel);
}

static void open_side(struct world *w, struct side *side, int fd)
{
    struct vls_channel_events events = {side, on_frame, on_drained, on_gone};
    side->is_in_order = true;
    assert_true(
        vls_ok(vls_channel_new(w->base, fd, "test", ACCEPTS, &events, &side->channel, NULL)));
}

static void open_world(struct world *w, bool has_b)
{
    int ends[2];
    *w = (struct world){.raw = -1};
    w->base = event_base_new();
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    open_side(w, &w->a, ends[0]);
    if (has_b)
        open_side(w, &w->b, ends[1]);
    else
        w->raw = ends[1];
}

static void close_world(struct world *w)
{
    vls_channel_free(&w->a.channel);
    vls_channel_free(&w->b.channel);
    vls_fds_close(&w->a.kept);
    vls_fds_close(&w->b.kept);
    vls_fd_close(&w->raw);
    event_base_free(w->base);
    libevent_global_shutdown();
}

/* Until nothing is ready any more. */
static void turn(struct world *w)
{
    for (int i = 0; i < 64; i++)
        event_base_loop(w->base, EVLOOP_NONBLOCK);
}

static void ask_sign(struct side *side)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__SignRequest sign = VALISE__SIGN_REQUEST__INIT;
    frame.body_case = VALISE__FRAME__BODY_SIGN;
    frame.sign = &sign;
    assert_true(vls_ok(vls_channel_ask(side->channel, &frame, NULL, 0,
                                       VALISE__FRAME__BODY_SIGN_RESULT, on_answer, side, NULL)));
}

/* -- tests ------------------------------------------------------------------------------------- */

static void send__many_frames__arrive_in_order_and_drain_once_a_wake_up(void **state)
{
    struct world w;
    (void)state;
    open_world(&w, true);
    for (uint64_t i = 0; i < VLS_FRAME_DRAIN; i++)
        send_sign(w.a.channel, i, NULL, 0);
    event_base_loop(w.base, EVLOOP_ONCE);
    assert_int_equal(w.b.frames, VLS_FRAME_DRAIN);
    assert_true(w.b.is_in_order);
    assert_int_equal(w.b.drained, 1);
    close_world(&w);
}

static void send__descriptors__arrive_open_and_close_on_exec(void **state)
{
    struct world w;
    int pipes[VLS_MAX_FRAME_FDS];
    struct stat sent, got;
    (void)state;
    open_world(&w, true);
    for (size_t i = 0; i < VLS_MAX_FRAME_FDS; i++)
        assert_true(vls_ok(vls_fd_memory("test", &pipes[i], NULL)));
    send_sign(w.a.channel, 0, pipes, VLS_MAX_FRAME_FDS);
    turn(&w);
    assert_int_equal(w.b.kept.count, VLS_MAX_FRAME_FDS);
    for (size_t i = 0; i < VLS_MAX_FRAME_FDS; i++) {
        assert_int_equal(fstat(pipes[i], &sent), 0);
        assert_int_equal(fstat(w.b.kept.fd[i], &got), 0);
        assert_int_equal(sent.st_ino, got.st_ino);
        assert_int_equal(fcntl(w.b.kept.fd[i], F_GETFD), FD_CLOEXEC);
        vls_fd_close(&pipes[i]);
    }
    close_world(&w);
}

static void send__descriptors_nobody_takes__are_closed(void **state)
{
    struct world w;
    int ends[2];
    char byte;
    (void)state;
    open_world(&w, true);
    w.b.kept.count = VLS_MAX_FRAME_FDS; /* full: the handler takes none */
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    send_sign(w.a.channel, 0, &ends[1], 1);
    vls_fd_close(&ends[1]);
    turn(&w);
    assert_int_equal(read(ends[0], &byte, 1), 0); /* end of file: no writer is left */
    vls_fd_close(&ends[0]);
    w.b.kept.count = 0;
    close_world(&w);
}

/* A frame whose packed size is exactly `bytes`. */
static struct vls_status send_of_size(struct vls_channel *channel, size_t bytes)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__SignRequest sign = VALISE__SIGN_REQUEST__INIT;
    uint8_t *root = vls_mem_new(bytes);
    frame.body_case = VALISE__FRAME__BODY_SIGN;
    frame.sign = &sign;
    sign.root = (ProtobufCBinaryData){.len = bytes - 16, .data = root};
    while (valise__frame__get_packed_size(&frame) < bytes)
        sign.root.len++;
    assert_int_equal(valise__frame__get_packed_size(&frame), bytes);
    struct vls_status s = vls_channel_send(channel, &frame, NULL, 0, NULL);
    vls_mem_free(root);
    return s;
}

static void send__largest_frame__arrives_whole(void **state)
{
    struct world w;
    (void)state;
    open_world(&w, true);
    assert_true(vls_ok(send_of_size(w.a.channel, VLS_MAX_FRAME)));
    turn(&w);
    assert_int_equal(w.b.frames, 1);
    assert_true(w.b.large_bytes > VLS_MAX_FRAME - 32);
    close_world(&w);
}

static void send__a_byte_too_much_or_no_body__is_refused(void **state)
{
    struct world w;
    Valise__Frame empty = VALISE__FRAME__INIT;
    int fds[VLS_MAX_FRAME_FDS + 1] = {0};
    (void)state;
    open_world(&w, true);
    assert_int_equal(send_of_size(w.a.channel, VLS_MAX_FRAME + 1).code, VLS_INPUT_LIMIT);
    assert_int_equal(vls_channel_send(w.a.channel, &empty, NULL, 0, NULL).code,
                     VLS_INPUT_MALFORMED);
    Valise__Stop stop = VALISE__STOP__INIT;
    empty.body_case = VALISE__FRAME__BODY_STOP;
    empty.stop = &stop;
    assert_int_equal(vls_channel_send(w.a.channel, &empty, fds, VLS_MAX_FRAME_FDS + 1, NULL).code,
                     VLS_INPUT_LIMIT);
    turn(&w);
    assert_int_equal(w.b.frames, 0);
    close_world(&w);
}

/* Send raw bytes to a channel and expect its end. */
static void expect_gone(const void *bytes, size_t len, uint32_t cause)
{
    struct world w;
    open_world(&w, false);
    assert_int_equal(send(w.raw, bytes, len, 0), (ssize_t)len);
    turn(&w);
    assert_int_equal(w.a.gone, 1);
    assert_int_equal(w.a.cause, cause);
    assert_int_equal(w.a.frames, 0);
    close_world(&w);
}

static void receive__garbage__is_malformed(void **state)
{
    static const uint8_t GARBAGE[] = {0xff, 0xff, 0xff, 0xff, 0xff};
    static const uint8_t NO_BODY[] = {0x08, 0x01};
    static const uint8_t CUT[] = {0xb2, 0x01, 0x7f, 0x00};
    (void)state;
    expect_gone(GARBAGE, sizeof GARBAGE, VLS_WIRE_MALFORMED);
    expect_gone(NO_BODY, sizeof NO_BODY, VLS_WIRE_MALFORMED);
    expect_gone(CUT, sizeof CUT, VLS_WIRE_MALFORMED);
}

static void receive__above_the_limit__is_malformed(void **state)
{
    uint8_t *bytes = vls_mem_new(VLS_MAX_FRAME + 1);
    (void)state;
    expect_gone(bytes, VLS_MAX_FRAME + 1, VLS_WIRE_MALFORMED);
    vls_mem_free(bytes);
}

/* Ten thousands of small submessages: what they unpack to is bounded, not only what they weigh. */
static void receive__frame_that_swells__is_malformed(void **state)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__Submission submission = VALISE__SUBMISSION__INIT;
    Valise__Part part = VALISE__PART__INIT;
    size_t count = VLS_MAX_FRAME / 2 - 16;
    Valise__Part **parts = vls_mem_new(count * sizeof *parts);
    uint8_t *bytes = vls_mem_new(VLS_MAX_FRAME);
    (void)state;
    for (size_t i = 0; i < count; i++)
        parts[i] = &part;
    submission.parts = parts;
    submission.n_parts = count;
    frame.body_case = VALISE__FRAME__BODY_SUBMISSION;
    frame.submission = &submission;
    size_t len = valise__frame__get_packed_size(&frame);
    assert_true(len <= VLS_MAX_FRAME);
    valise__frame__pack(&frame, bytes);
    /* within the bound it decodes, and is refused only as it is not accepted here */
    expect_gone(bytes, len, VLS_WIRE_REFUSED);
    vls_mem_free(bytes);
    vls_mem_free(parts);
}

static size_t pack(Valise__Frame *frame, int body_case, void *body, uint8_t *at)
{
    frame->body_case = (Valise__Frame__BodyCase)body_case;
    frame->sign = body;
    return valise__frame__pack(frame, at);
}

static void receive__body_not_accepted__is_refused(void **state)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__Ready ready = VALISE__READY__INIT;
    uint8_t bytes[64];
    (void)state;
    expect_gone(bytes, pack(&frame, VALISE__FRAME__BODY_READY, &ready, bytes), VLS_WIRE_REFUSED);
}

static void receive__answer_to_nothing__is_refused(void **state)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__SignResult result = VALISE__SIGN_RESULT__INIT;
    uint8_t bytes[64];
    (void)state;
    frame.reply_to = 7;
    expect_gone(bytes, pack(&frame, VALISE__FRAME__BODY_SIGN_RESULT, &result, bytes),
                VLS_WIRE_REFUSED);
}

static void receive__answer_of_another_body__is_refused_and_the_question_ends(void **state)
{
    struct world w;
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__OpenResult result = VALISE__OPEN_RESULT__INIT;
    uint8_t bytes[64];
    (void)state;
    open_world(&w, false);
    ask_sign(&w.a);
    frame.reply_to = 1;
    size_t len = pack(&frame, VALISE__FRAME__BODY_OPEN_RESULT, &result, bytes);
    assert_int_equal(send(w.raw, bytes, len, 0), (ssize_t)len);
    turn(&w);
    assert_int_equal(w.a.cause, VLS_WIRE_REFUSED);
    assert_int_equal(w.a.failed, 1);
    assert_int_equal(w.a.answers, 0);
    close_world(&w);
}

static void ask__many__each_gets_its_answer(void **state)
{
    struct world w;
    (void)state;
    open_world(&w, true);
    w.b.answers_back = true;
    for (int i = 0; i < 100; i++)
        ask_sign(&w.a);
    assert_int_equal(vls_channel_open_questions(w.a.channel), 100);
    turn(&w);
    assert_int_equal(w.a.answers, 100);
    assert_int_equal(vls_channel_open_questions(w.a.channel), 0);
    close_world(&w);
}

static void gone__with_open_questions__answers_them_first(void **state)
{
    struct world w;
    (void)state;
    open_world(&w, true);
    w.a.frees_when_gone = true;
    ask_sign(&w.a);
    ask_sign(&w.a);
    vls_channel_free(&w.b.channel); /* with unread frames: the kernel says ECONNRESET */
    turn(&w);
    assert_int_equal(w.a.failed, 2);
    assert_int_equal(w.a.gone, 1);
    assert_int_equal(w.a.cause, VLS_WIRE_GONE);
    assert_null(w.a.channel);
    close_world(&w);
}

static void gone__after_last_words__hears_them(void **state)
{
    struct world w;
    (void)state;
    open_world(&w, true);
    send_sign(w.a.channel, 0, NULL, 0); /* never read by b */
    send_sign(w.b.channel, 0, NULL, 0);
    send_sign(w.b.channel, 1, NULL, 0);
    vls_channel_free(&w.b.channel);
    turn(&w);
    assert_int_equal(w.a.frames, 2);
    assert_int_equal(w.a.gone, 1);
    assert_int_equal(
        vls_channel_send(w.a.channel, &(Valise__Frame)VALISE__FRAME__INIT, NULL, 0, NULL).code,
        VLS_WIRE_GONE);
    close_world(&w);
}

static void free__with_open_questions__answers_them(void **state)
{
    struct world w;
    (void)state;
    open_world(&w, true);
    ask_sign(&w.a);
    vls_channel_free(&w.a.channel);
    assert_int_equal(w.a.failed, 1);
    assert_int_equal(w.a.gone, 0);
    close_world(&w);
}

static void send__socket_full__queues_and_arrives_in_order(void **state)
{
    struct world w;
    uint64_t sent = 0;
    (void)state;
    open_world(&w, true);
    vls_channel_pause(w.b.channel);
    while (vls_channel_queued(w.a.channel) < 1000)
        send_sign(w.a.channel, sent++, NULL, 0);
    turn(&w);
    assert_int_equal(w.b.frames, 0);
    vls_channel_resume(w.b.channel);
    while (w.b.frames < sent)
        assert_int_equal(event_base_loop(w.base, EVLOOP_ONCE), 0);
    assert_true(w.b.is_in_order);
    assert_int_equal(vls_channel_queued(w.a.channel), 0);
    close_world(&w);
}

static void send__queued_descriptor__survives_the_senders_close(void **state)
{
    struct world w;
    int fd;
    (void)state;
    open_world(&w, true);
    vls_channel_pause(w.b.channel);
    uint64_t sent = 0;
    while (vls_channel_queued(w.a.channel) == 0)
        send_sign(w.a.channel, sent++, NULL, 0);
    assert_true(vls_ok(vls_fd_memory("test", &fd, NULL)));
    send_sign(w.a.channel, sent++, &fd, 1);
    vls_fd_close(&fd);
    vls_channel_resume(w.b.channel);
    while (w.b.frames < sent)
        assert_int_equal(event_base_loop(w.base, EVLOOP_ONCE), 0);
    assert_int_equal(w.b.kept.count, 1);
    assert_true(fcntl(w.b.kept.fd[0], F_GETFD) >= 0);
    close_world(&w);
}

static void send__queue_at_its_limit__is_full(void **state)
{
    struct world w;
    struct vls_status s = VLS_DONE;
    size_t sent = 0;
    (void)state;
    open_world(&w, true);
    vls_channel_pause(w.b.channel);
    while (vls_ok(s) && sent < 100000) {
        Valise__Frame frame = VALISE__FRAME__INIT;
        Valise__Stop stop = VALISE__STOP__INIT;
        frame.body_case = VALISE__FRAME__BODY_STOP;
        frame.stop = &stop;
        s = vls_channel_send(w.a.channel, &frame, NULL, 0, NULL);
        sent++;
    }
    assert_int_equal(s.code, VLS_WIRE_FULL);
    assert_int_equal(vls_channel_queued(w.a.channel), VLS_CHANNEL_QUEUE);
    close_world(&w);
}

static void pause__within_a_frame__keeps_the_rest_for_later(void **state)
{
    struct world w;
    (void)state;
    open_world(&w, true);
    w.b.pauses = true;
    for (uint64_t i = 0; i < 10; i++)
        send_sign(w.a.channel, i, NULL, 0);
    for (size_t i = 1; i <= 10; i++) {
        turn(&w);
        assert_int_equal(w.b.frames, i);
        vls_channel_resume(w.b.channel);
    }
    turn(&w);
    assert_int_equal(w.b.frames, 10);
    assert_true(w.b.is_in_order);
    close_world(&w);
}

/* A datagram of no bytes that brings a descriptor. */
static void send_nothing_with(int socket, int fd)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof fd)];
    } control = {.bytes = {0}};
    struct iovec nothing = {.iov_base = NULL, .iov_len = 0};
    struct msghdr header = {.msg_iov = &nothing,
                            .msg_iovlen = 1,
                            .msg_control = control.bytes,
                            .msg_controllen = sizeof control.bytes};
    struct cmsghdr *c = CMSG_FIRSTHDR(&header);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(c), &fd, sizeof fd);
    assert_int_equal(sendmsg(socket, &header, 0), 0);
}

static void empty_datagram__with_descriptors__leaves_none_open(void **state)
{
    struct world w;
    int fds[2];
    char byte;
    (void)state;
    open_world(&w, false);
    assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
    send_nothing_with(w.raw, fds[1]);
    send_nothing_with(w.raw, fds[1]);
    vls_fd_close(&fds[1]);
    turn(&w);
    assert_int_equal(w.a.gone, 1);
    assert_int_equal(read(fds[0], &byte, 1), 0); /* nobody holds the other end */
    vls_fd_close(&fds[0]);
    close_world(&w);
}

static void free__within_a_frame__is_safe_and_closes_what_was_read(void **state)
{
    struct world w;
    int fds[4];
    char byte;
    (void)state;
    open_world(&w, true);
    w.b.frees_itself = true;
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    for (uint64_t i = 0; i < 5; i++)
        send_sign(w.a.channel, i, &fds[1], 1);
    vls_fd_close(&fds[1]);
    turn(&w);
    assert_int_equal(w.b.frames, 1);
    assert_null(w.b.channel);
    assert_int_equal(w.b.gone, 0);
    assert_int_equal(w.a.gone, 1);
    vls_fds_close(&w.b.kept); /* the one that the handler took */
    assert_int_equal(read(fds[0], &byte, 1), 0);
    vls_fd_close(&fds[0]);
    close_world(&w);
}

static void free__within_an_answer__ends_the_other_questions(void **state)
{
    struct world w;
    (void)state;
    open_world(&w, true);
    w.b.answers_back = true;
    w.a.frees_itself = true;
    for (int i = 0; i < 3; i++)
        ask_sign(&w.a);
    turn(&w);
    assert_int_equal(w.a.answers, 1);
    assert_int_equal(w.a.failed, 2);
    close_world(&w);
}

static void new__not_a_seqpacket__is_refused_and_closes_it(void **state)
{
    struct vls_channel_events events = {NULL, on_frame, NULL, on_gone};
    struct vls_channel *channel = NULL;
    int ends[2];
    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    struct event_base *base = event_base_new();
    assert_int_equal(vls_channel_new(base, ends[0], "x", ACCEPTS, &events, &channel, NULL).code,
                     VLS_SYSTEM_BUG);
    assert_null(channel);
    assert_true(fcntl(ends[0], F_GETFD) < 0);
    vls_fd_close(&ends[1]);
    event_base_free(base);
    libevent_global_shutdown();
}

/* -- without a loop ---------------------------------------------------------------------------- */

static void wire__send_and_receive__carry_frame_and_descriptor(void **state)
{
    int ends[2], fd;
    Valise__Frame frame = VALISE__FRAME__INIT, *got = NULL;
    Valise__Attach attach = VALISE__ATTACH__INIT;
    struct vls_fds fds;
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    assert_true(vls_ok(vls_fd_memory("test", &fd, NULL)));
    attach.role = (char[]){"edge"};
    frame.body_case = VALISE__FRAME__BODY_ATTACH;
    frame.attach = &attach;
    assert_true(vls_ok(vls_wire_send(ends[0], &frame, &fd, 1, NULL)));
    assert_true(vls_ok(vls_wire_receive(ends[1], 1000, &got, &fds, NULL)));
    assert_string_equal(got->attach->role, "edge");
    assert_int_equal(fds.count, 1);
    vls_fds_close(&fds);
    valise__frame__free_unpacked(got, NULL);
    assert_int_equal(vls_wire_receive(ends[1], 0, &got, &fds, NULL).code, VLS_SYSTEM_BUSY);
    assert_int_equal(send(ends[0], "\xff", 1, 0), 1);
    assert_int_equal(vls_wire_receive(ends[1], 1000, &got, &fds, NULL).code, VLS_WIRE_MALFORMED);
    vls_fd_close(&ends[0]);
    assert_int_equal(vls_wire_receive(ends[1], -1, &got, &fds, NULL).code, VLS_WIRE_GONE);
    assert_int_equal(vls_wire_send(ends[1], &frame, NULL, 0, NULL).code, VLS_WIRE_GONE);
    vls_fd_close(&ends[1]);
    vls_fd_close(&fd);
}

static void outcome__there_and_back__keeps_code_and_words(void **state)
{
    Valise__Outcome outcome;
    struct vls_why why = {""}, back = {""};
    (void)state;
    struct vls_status s = vls_fail(VLS_STORE_FULL, &why, "no room for %d bytes", 7);
    vls_outcome_init(&outcome, s, &why);
    assert_int_equal(vls_outcome_status(&outcome, &back).code, VLS_STORE_FULL);
    assert_string_equal(back.text, "no room for 7 bytes");
    vls_outcome_init(&outcome, VLS_DONE, NULL);
    assert_true(vls_ok(vls_outcome_status(&outcome, &back)));
    outcome.code = 0x12345678;
    assert_int_equal(vls_outcome_status(&outcome, &back).code, VLS_SYSTEM_BUG);
    assert_int_equal(vls_outcome_status(NULL, &back).code, VLS_WIRE_MALFORMED);
}

/* -- speed: printed, and held only against a floor that any machine reaches -------------------- */

#define SPEED_ROUNDS 200u
#define SPEED_FLOOR  5000u /* frames a second, also under a sanitizer */

static void speed__questions_and_answers__are_counted(void **state)
{
    struct world w;
    (void)state;
    open_world(&w, true);
    w.b.answers_back = true;
    uint64_t begin = vls_steady_ms(vls_env_system());
    for (size_t round = 1; round <= SPEED_ROUNDS; round++) {
        for (int i = 0; i < VLS_FRAME_DRAIN; i++)
            ask_sign(&w.a);
        while (w.a.answers < round * VLS_FRAME_DRAIN)
            event_base_loop(w.base, EVLOOP_ONCE);
    }
    uint64_t ms = vls_steady_ms(vls_env_system()) - begin + 1;
    uint64_t per_second = 2u * SPEED_ROUNDS * VLS_FRAME_DRAIN * 1000u / ms;
    print_message("frames a second, both ways in one process: %llu\n",
                  (unsigned long long)per_second);
    assert_true(per_second > SPEED_FLOOR);
    close_world(&w);
}

/* Decoding recurses as deep as messages hold each other: a message that could hold one of its own
 * kind would let 30 KB from a plugin overflow the stack of the router. */
static void walk_messages(const ProtobufCMessageDescriptor *d,
                          const ProtobufCMessageDescriptor **path, size_t depth, size_t room)
{
    for (size_t i = 0; i < depth; i++)
        if (path[i] == d)
            fail_msg("%s can hold a message of its own kind", d->name);
    assert_true(depth < room);
    path[depth] = d;
    for (unsigned i = 0; i < d->n_fields; i++)
        if (d->fields[i].type == PROTOBUF_C_TYPE_MESSAGE)
            walk_messages(d->fields[i].descriptor, path, depth + 1, room);
}

static void schema__no_message__holds_one_of_its_own_kind(void **state)
{
    const ProtobufCMessageDescriptor *path[16];
    (void)state;
    walk_messages(&valise__frame__descriptor, path, 0, sizeof path / sizeof path[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(send__many_frames__arrive_in_order_and_drain_once_a_wake_up),
        cmocka_unit_test(send__descriptors__arrive_open_and_close_on_exec),
        cmocka_unit_test(send__descriptors_nobody_takes__are_closed),
        cmocka_unit_test(send__largest_frame__arrives_whole),
        cmocka_unit_test(send__a_byte_too_much_or_no_body__is_refused),
        cmocka_unit_test(receive__garbage__is_malformed),
        cmocka_unit_test(receive__above_the_limit__is_malformed),
        cmocka_unit_test(receive__frame_that_swells__is_malformed),
        cmocka_unit_test(receive__body_not_accepted__is_refused),
        cmocka_unit_test(receive__answer_to_nothing__is_refused),
        cmocka_unit_test(receive__answer_of_another_body__is_refused_and_the_question_ends),
        cmocka_unit_test(ask__many__each_gets_its_answer),
        cmocka_unit_test(gone__with_open_questions__answers_them_first),
        cmocka_unit_test(gone__after_last_words__hears_them),
        cmocka_unit_test(free__with_open_questions__answers_them),
        cmocka_unit_test(send__socket_full__queues_and_arrives_in_order),
        cmocka_unit_test(send__queued_descriptor__survives_the_senders_close),
        cmocka_unit_test(send__queue_at_its_limit__is_full),
        cmocka_unit_test(pause__within_a_frame__keeps_the_rest_for_later),
        cmocka_unit_test(empty_datagram__with_descriptors__leaves_none_open),
        cmocka_unit_test(free__within_a_frame__is_safe_and_closes_what_was_read),
        cmocka_unit_test(free__within_an_answer__ends_the_other_questions),
        cmocka_unit_test(new__not_a_seqpacket__is_refused_and_closes_it),
        cmocka_unit_test(wire__send_and_receive__carry_frame_and_descriptor),
        cmocka_unit_test(outcome__there_and_back__keeps_code_and_words),
        cmocka_unit_test(schema__no_message__holds_one_of_its_own_kind),
        cmocka_unit_test(speed__questions_and_answers__are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
