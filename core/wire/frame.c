/* Frames without a loop, and outcomes: the parts of wire/channel.h that need no channel. */
#include <errno.h>
#include <poll.h>

#include "base/env.h"
#include "base/file.h"
#include "base/mem.h"
#include "wire/channel.h"
#include "wire/datagram.h"

void vls_fds_close(struct vls_fds *fds)
{
    for (size_t i = 0; i < fds->count; i++)
        vls_fd_close(&fds->fd[i]);
    fds->count = 0;
}

/* Wait until `events` or the time is up; steady_ms of the end, or 0 for no end. */
static struct vls_status wait_for(int fd, short events, uint64_t end_ms, struct vls_why *why)
{
    for (;;) {
        int left = -1;
        if (end_ms != 0) {
            uint64_t now = vls_steady_ms(vls_env_system());
            left = now < end_ms ? (int)(end_ms - now) : 0;
        }
        struct pollfd p = {.fd = fd, .events = events};
        int n = poll(&p, 1, left);
        if (n > 0)
            return VLS_DONE;
        if (n == 0)
            return vls_fail(VLS_SYSTEM_BUSY, why, "no answer in the time given");
        if (errno != EINTR)
            return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "poll");
    }
}

struct vls_status vls_wire_send(int fd, const Valise__Frame *frame, const int *fds, size_t fd_count,
                                struct vls_why *why)
{
    size_t len;
    VLS_DEFER(vls_mem_freep) uint8_t *packed = vls_mem_new(VLS_MAX_FRAME);
    VLS_TRY(vls_frame_pack(frame, fd_count, packed, &len, why));
    for (;;) {
        struct vls_status s = vls_datagram_send(fd, VLS_SLICE(packed, len), fds, fd_count, why);
        if (s.code != VLS_SYSTEM_BUSY)
            return s;
        VLS_TRY(wait_for(fd, POLLOUT, 0, why));
    }
}

static void free_batch(struct vls_batch **batch)
{
    vls_batch_free(batch);
}

struct vls_status vls_wire_receive(int fd, int timeout_ms, Valise__Frame **out, struct vls_fds *fds,
                                   struct vls_why *why)
{
    uint64_t end_ms = timeout_ms < 0 ? 0 : vls_steady_ms(vls_env_system()) + (uint64_t)timeout_ms;
    VLS_DEFER(free_batch) struct vls_batch *batch = vls_batch_new(1);
    struct vls_status s;
    do {
        VLS_TRY(wait_for(fd, POLLIN, end_ms, why));
        s = vls_batch_read(batch, fd, why);
    } while (s.code == VLS_SYSTEM_BUSY);
    VLS_TRY(s);
    struct vls_datagram datagram;
    VLS_TRY(vls_batch_take(batch, &datagram, why));
    Valise__Frame *frame = valise__frame__unpack(NULL, datagram.bytes.len, datagram.bytes.at);
    if (frame == NULL || frame->body_case == VALISE__FRAME__BODY__NOT_SET) {
        valise__frame__free_unpacked(frame, NULL);
        vls_fds_close(&datagram.fds);
        return vls_fail(VLS_WIRE_MALFORMED, why, "a frame of %zu bytes does not decode",
                        datagram.bytes.len);
    }
    *out = frame;
    *fds = datagram.fds;
    return VLS_DONE;
}

void vls_outcome_init(Valise__Outcome *outcome, struct vls_status status, const struct vls_why *why)
{
    valise__outcome__init(outcome);
    outcome->code = status.code;
    if (why != NULL && !vls_ok(status))
        outcome->why = (char *)(uintptr_t)why->text;
}

struct vls_status vls_outcome_status(const Valise__Outcome *outcome, struct vls_why *why)
{
    if (outcome == NULL)
        return vls_fail(VLS_WIRE_MALFORMED, why, "an answer without its outcome");
    if (outcome->code == VLS_OK)
        return VLS_DONE;
    struct vls_status s = vls_status_from_code(outcome->code);
    return vls_fail(s.code, why, "%s",
                    outcome->why != NULL && outcome->why[0] != '\0' ? outcome->why
                                                                    : vls_status_text(s));
}
