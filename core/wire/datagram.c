#include "wire/datagram.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>

#include "base/file.h"
#include "base/mem.h"

union control {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int) * VLS_MAX_FRAME_FDS)];
};

struct vls_batch {
    unsigned slots, count, next;
    uint8_t
        *room; /* slots * VLS_MAX_FRAME; the kernel gives it pages only as far as datagrams reach */
    struct mmsghdr *headers;
    struct iovec *vectors;
    union control *controls;
};

/* -- sending ----------------------------------------------------------------------------------- */

struct vls_status vls_datagram_send(int fd, struct vls_slice bytes, const int *fds, size_t fd_count,
                                    struct vls_why *why)
{
    union control control;
    struct iovec vector = {.iov_base = (void *)(uintptr_t)bytes.at, .iov_len = bytes.len};
    struct msghdr header = {.msg_iov = &vector, .msg_iovlen = 1};
    if (fd_count != 0) {
        memset(&control, 0, sizeof control);
        header.msg_control = control.bytes;
        header.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
        struct cmsghdr *c = CMSG_FIRSTHDR(&header);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
        vls_copy(CMSG_DATA(c), fds, sizeof(int) * fd_count);
    }
    ssize_t n;
    do
        n = sendmsg(fd, &header, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n >= 0)
        return VLS_DONE;
    if (errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN || errno == ECONNREFUSED)
        return vls_fail(VLS_WIRE_GONE, why, "the other side has closed the channel");
    if (errno == EAGAIN || errno == ENOBUFS)
        return vls_fail(VLS_SYSTEM_BUSY, why, "the socket is full");
    if (errno ==
        ETOOMANYREFS) /* descriptors of this user under way to somebody, against RLIMIT_NOFILE */
        return vls_fail(VLS_SYSTEM_BUSY, why, "too many descriptors are under way");
    return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "send %zu bytes and %zu descriptors",
                          bytes.len, fd_count);
}

struct vls_status vls_frame_pack(const Valise__Frame *frame, size_t fd_count, uint8_t *at,
                                 size_t *out_len, struct vls_why *why)
{
    if (frame->body_case == VALISE__FRAME__BODY__NOT_SET)
        return vls_fail(VLS_INPUT_MALFORMED, why, "a frame without a body");
    size_t len = valise__frame__get_packed_size(frame);
    if (len > VLS_MAX_FRAME)
        return vls_fail(VLS_INPUT_LIMIT, why, "a frame of %zu bytes, and the limit is %d", len,
                        VLS_MAX_FRAME);
    if (fd_count > VLS_MAX_FRAME_FDS)
        return vls_fail(VLS_INPUT_LIMIT, why, "%zu descriptors with one frame, and the limit is %d",
                        fd_count, VLS_MAX_FRAME_FDS);
    *out_len = valise__frame__pack(frame, at);
    return VLS_DONE;
}

/* -- receiving --------------------------------------------------------------------------------- */

struct vls_batch *vls_batch_new(unsigned slots)
{
    struct vls_batch *batch = vls_mem_new(sizeof *batch);
    batch->slots = slots;
    batch->room = vls_mem_new((size_t)slots * VLS_MAX_FRAME);
    batch->headers = vls_mem_new(slots * sizeof *batch->headers);
    batch->vectors = vls_mem_new(slots * sizeof *batch->vectors);
    batch->controls = vls_mem_new(slots * sizeof *batch->controls);
    return batch;
}

/* Descriptors of one datagram; the kernel made them close-on-exec. */
static void collect_fds(struct msghdr *header, struct vls_fds *fds)
{
    fds->count = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c != NULL; c = CMSG_NXTHDR(header, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            vls_copy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            if (fds->count < VLS_MAX_FRAME_FDS)
                fds->fd[fds->count++] = fd;
            else
                vls_fd_close(&fd);
        }
    }
}

static void drop_fds(struct msghdr *header)
{
    struct vls_fds fds;
    collect_fds(header, &fds);
    vls_fds_close(&fds);
}

void vls_batch_free(struct vls_batch **pointer)
{
    struct vls_batch *batch = *pointer;
    if (batch == NULL)
        return;
    while (vls_batch_left(batch) != 0)
        drop_fds(&batch->headers[batch->next++].msg_hdr);
    vls_mem_free(batch->room);
    vls_mem_free(batch->headers);
    vls_mem_free(batch->vectors);
    vls_mem_free(batch->controls);
    vls_mem_free(batch);
    *pointer = NULL;
}

static void prepare(struct vls_batch *batch)
{
    for (unsigned i = 0; i < batch->slots; i++) {
        batch->vectors[i] = (struct iovec){.iov_base = batch->room + (size_t)i * VLS_MAX_FRAME,
                                           .iov_len = VLS_MAX_FRAME};
        batch->headers[i] = (struct mmsghdr){
            .msg_hdr = {.msg_iov = &batch->vectors[i],
                        .msg_iovlen = 1,
                        .msg_control = batch->controls[i].bytes,
                        .msg_controllen = sizeof batch->controls[i].bytes},
        };
    }
}

struct vls_status vls_batch_read(struct vls_batch *batch, int fd, struct vls_why *why)
{
    int n;
    prepare(batch);
    /* The kernel reports a peer that died with unread input as ECONNRESET, once, before it hands
     * out what the peer itself had sent: a second try gets that. */
    do
        n = recvmmsg(fd, batch->headers, batch->slots, MSG_DONTWAIT | MSG_CMSG_CLOEXEC, NULL);
    while (n < 0 && (errno == EINTR || errno == ECONNRESET));
    if (n < 0 && errno == EAGAIN)
        return vls_fail(VLS_SYSTEM_BUSY, why, "nothing to read");
    if (n < 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "receive");
    batch->next = 0;
    batch->count = 0;
    /* The end of the stream reads as a datagram of no bytes, over and over. */
    while (batch->count < (unsigned)n && batch->headers[batch->count].msg_len != 0)
        batch->count++;
    /* A datagram of no bytes can still bring descriptors: nobody would close them. */
    for (unsigned i = batch->count; i < (unsigned)n; i++)
        drop_fds(&batch->headers[i].msg_hdr);
    if (batch->count == 0)
        return vls_fail(VLS_WIRE_GONE, why, "the other side has closed the channel");
    return VLS_DONE;
}

size_t vls_batch_left(const struct vls_batch *batch)
{
    return batch->count - batch->next;
}

struct vls_status vls_batch_take(struct vls_batch *batch, struct vls_datagram *out,
                                 struct vls_why *why)
{
    struct mmsghdr *header = &batch->headers[batch->next++];
    struct vls_fds fds;
    collect_fds(&header->msg_hdr, &fds);
    if ((header->msg_hdr.msg_flags & MSG_TRUNC) != 0) {
        vls_fds_close(&fds);
        return vls_fail(VLS_WIRE_MALFORMED, why, "a frame above the limit of %d bytes",
                        VLS_MAX_FRAME);
    }
    if ((header->msg_hdr.msg_flags & MSG_CTRUNC) != 0) {
        vls_fds_close(&fds);
        return vls_fail(VLS_WIRE_MALFORMED, why,
                        "descriptors of a frame were lost: more than %d came, or this process may "
                        "open no more",
                        VLS_MAX_FRAME_FDS);
    }
    out->bytes = VLS_SLICE(header->msg_hdr.msg_iov->iov_base, header->msg_len);
    out->fds = fds;
    return VLS_DONE;
}
