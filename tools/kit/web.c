#include "kit/web.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "wire/channel.h"

#define FD_CHANNEL 3
#define LIMIT_MS   30000u
#define STATUS     200u

/* A request whose body is still coming. */
struct coming {
    uint64_t id;
    int body, content; /* -1: this place is free */
};

struct web {
    struct coming coming[VLS_HTTP_OPEN];
};

/* -- what fetch says --------------------------------------------------------------------------- */

static bool send_frame(Valise__Frame *frame, const int *fds, size_t count)
{
    return vls_ok(vls_wire_send(FD_CHANNEL, frame, fds, count, NULL));
}

static bool send_opened(uint64_t id, const int *fds, size_t count)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__HttpOpened opened = VALISE__HTTP_OPENED__INIT;
    Valise__Outcome outcome;
    vls_outcome_init(&outcome, VLS_DONE, NULL);
    opened.id = frame.reply_to = id;
    opened.outcome = &outcome;
    opened.limit_ms = LIMIT_MS;
    frame.body_case = VALISE__FRAME__BODY_HTTP_OPENED;
    frame.http_opened = &opened;
    return send_frame(&frame, fds, count);
}

static bool send_answer(uint64_t id)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__HttpHead head = VALISE__HTTP_HEAD__INIT;
    Valise__HttpEnd end = VALISE__HTTP_END__INIT;
    Valise__Outcome outcome;
    head.id = end.id = id;
    head.status = STATUS;
    head.has_length = true;
    frame.body_case = VALISE__FRAME__BODY_HTTP_HEAD;
    frame.http_head = &head;
    if (!send_frame(&frame, NULL, 0))
        return false;
    vls_outcome_init(&outcome, VLS_DONE, NULL);
    end.outcome = &outcome;
    end.is_sent = true;
    frame.body_case = VALISE__FRAME__BODY_HTTP_END;
    frame.http_end = &end;
    return send_frame(&frame, NULL, 0);
}

/* -- requests ---------------------------------------------------------------------------------- */

/* Who closes what it reads gives the request up, and hears no more of it. */
static bool is_given_up(const struct coming *request)
{
    struct pollfd content = {.fd = request->content, .events = POLLOUT};
    return poll(&content, 1, 0) > 0 && (content.revents & POLLERR) != 0;
}

static bool finish(struct coming *request)
{
    bool is_fine = is_given_up(request) || send_answer(request->id);
    vls_fd_close(&request->body);
    vls_fd_close(&request->content);
    return is_fine;
}

static struct coming *free_place(struct web *web)
{
    for (size_t i = 0; i < VLS_HTTP_OPEN; i++)
        if (web->coming[i].content < 0)
            return &web->coming[i];
    return NULL;
}

static bool begin(struct web *web, const Valise__HttpRequest *ask)
{
    struct coming *request = free_place(web);
    int content[2] = {-1, -1}, body[2] = {-1, -1};
    if (request == NULL || pipe2(content, O_CLOEXEC | O_NONBLOCK) != 0)
        return false;
    if (ask->is_streamed && pipe2(body, O_CLOEXEC | O_NONBLOCK) != 0)
        return false;
    *request = (struct coming){.id = ask->id, .content = content[1], .body = body[0]};
    const int theirs[] = {content[0], body[1]};
    bool is_fine = send_opened(ask->id, theirs, ask->is_streamed ? 2 : 1);
    vls_fd_close(&content[0]);
    vls_fd_close(&body[1]);
    return is_fine && (ask->is_streamed || finish(request));
}

/* Some of a body; at its end the request is answered. */
static bool swallow(struct coming *request)
{
    static uint8_t piece[VLS_IO_CHUNK];
    ssize_t n = read(request->body, piece, sizeof piece);
    if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
        return true;
    return finish(request);
}

static bool take_frame(struct web *web)
{
    Valise__Frame *frame = NULL;
    struct vls_fds fds = {.count = 0};
    struct vls_status s = vls_wire_receive(FD_CHANNEL, 0, &frame, &fds, NULL);
    bool is_fine = s.code == VLS_SYSTEM_BUSY;
    if (vls_ok(s))
        is_fine =
            frame->body_case == VALISE__FRAME__BODY_HTTP_REQUEST && begin(web, frame->http_request);
    if (frame != NULL)
        valise__frame__free_unpacked(frame, NULL);
    vls_fds_close(&fds);
    return is_fine;
}

static bool serve(struct web *web)
{
    struct pollfd fds[1 + VLS_HTTP_OPEN] = {{.fd = FD_CHANNEL, .events = POLLIN}};
    for (size_t i = 0; i < VLS_HTTP_OPEN; i++)
        fds[1 + i] = (struct pollfd){.fd = web->coming[i].body, .events = POLLIN};
    if (poll(fds, 1 + VLS_HTTP_OPEN, -1) < 0)
        return errno == EINTR;
    /* bodies first: an end that has come makes room for what is asked next */
    for (size_t i = 0; i < VLS_HTTP_OPEN; i++)
        if (fds[1 + i].revents != 0 && !swallow(&web->coming[i]))
            return false;
    return fds[0].revents == 0 || take_frame(web);
}

/* -- its process ------------------------------------------------------------------------------- */

static _Noreturn void run(int channel, pid_t parent)
{
    struct web web;
    for (size_t i = 0; i < VLS_HTTP_OPEN; i++)
        web.coming[i] = (struct coming){.body = -1, .content = -1};
    /* nothing of the kit's is left open: it would keep channels of other processes alive */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != parent ||
        dup2(channel, FD_CHANNEL) < 0 || close_range(FD_CHANNEL + 1, ~0u, 0) != 0)
        _exit(1);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    while (serve(&web))
        ;
    _exit(0);
}

struct vls_status kit_web_start(pid_t *out_pid, int *out_channel, struct vls_why *why)
{
    int ends[2];
    pid_t parent = getpid();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "no channel can be made");
    *out_pid = fork();
    if (*out_pid == 0)
        run(ends[1], parent);
    vls_fd_close(&ends[1]);
    if (*out_pid < 0) {
        *out_pid = 0;
        vls_fd_close(&ends[0]);
        return vls_fail_errno(VLS_PROC_SPAWN, why, errno, "fork");
    }
    *out_channel = ends[0];
    return VLS_DONE;
}

void kit_web_stop(pid_t *pid)
{
    if (*pid <= 0)
        return;
    kill(*pid, SIGKILL);
    (void)waitpid(*pid, NULL, 0);
    *pid = 0;
}
