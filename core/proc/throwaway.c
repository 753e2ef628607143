#include "proc/throwaway.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/env.h"
#include "base/file.h"
#include "base/text.h"

/* Where the pipe's end goes in the new process; everything above is closed. */
#define FD_ANSWER 3
#define PIECE     4096
#define MAX_WHY   sizeof((struct vls_why *)NULL)->text

/* First byte of what comes back. The code and the words follow a failure. */
enum { ANSWER_DONE = 'D', ANSWER_FAILED = 'F' };

/* -- in the new process ------------------------------------------------------------------------ */

static void leave_nothing(int answer, pid_t parent)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != parent)
        _exit(1);
    int parked = fcntl(answer, F_DUPFD_CLOEXEC, FD_ANSWER + 1);
    for (int fd = 0; fd < FD_ANSWER; fd++)
        if (parked < 0 || dup2(null, fd) < 0)
            _exit(1);
    if (dup2(parked, FD_ANSWER) < 0 || close_range(FD_ANSWER + 1, ~0u, 0) != 0)
        _exit(1);
}

static void reset_signals(void)
{
    static const int SIGNALS[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGALRM};
    sigset_t none;
    for (size_t i = 0; i < sizeof SIGNALS / sizeof SIGNALS[0]; i++)
        signal(SIGNALS[i], SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void say(struct vls_status status, const struct vls_why *why, struct vls_slice bytes)
{
    const uint8_t first = vls_ok(status) ? ANSWER_DONE : ANSWER_FAILED;
    struct vls_status sent = vls_fd_write(FD_ANSWER, VLS_SLICE(&first, 1), NULL);
    if (vls_ok(sent) && !vls_ok(status))
        sent = vls_fd_write(FD_ANSWER, VLS_SLICE(&status.code, sizeof status.code), NULL);
    if (vls_ok(sent))
        sent = vls_fd_write(FD_ANSWER, vls_ok(status) ? bytes : vls_slice_text(why->text), NULL);
    _exit(vls_ok(sent) ? 0 : 1);
}

static void run_child(const struct vls_throwaway *options, size_t most, int answer, pid_t parent)
{
    struct vls_why why = {""};
    struct vls_buf bytes;
    vls_buf_init(&bytes, most);
    leave_nothing(answer, parent);
    reset_signals();
    struct vls_status status = vls_sandbox_close(options->sandbox, NULL, &why);
    if (vls_ok(status))
        status = options->work(options->ctx, &bytes, &why);
    say(status, &why, vls_buf_slice(&bytes));
}

/* -- in ours ----------------------------------------------------------------------------------- */

static struct vls_status read_piece(int fd, uint64_t end_ms, struct vls_buf *out, bool *at_end,
                                    struct vls_why *why)
{
    uint8_t piece[PIECE];
    uint64_t now = vls_steady_ms(vls_env_system());
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    int ready = now < end_ms ? poll(&wait, 1, (int)(end_ms - now)) : 0;
    if (ready == 0)
        return vls_fail(VLS_PLUGIN_INVALID, why, "it did not come to an end in time");
    ssize_t got = ready > 0 ? read(fd, piece, sizeof piece) : -1;
    if (got < 0 && errno != EINTR)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "its answer cannot be read");
    *at_end = got == 0;
    if (got > 0 && !vls_ok(vls_buf_add(out, piece, (size_t)got)))
        return vls_fail(VLS_PLUGIN_INVALID, why, "it says more than %zu bytes", out->max);
    return VLS_DONE;
}

/* All of it, and the process is gone: when the pipe ends, nothing can come of it any more. */
static struct vls_status collect(pid_t pid, int fd, uint32_t deadline_ms, struct vls_buf *out,
                                 int *out_status, struct vls_why *why)
{
    uint64_t end_ms = vls_steady_ms(vls_env_system()) + deadline_ms;
    struct vls_status status = VLS_DONE;
    for (bool at_end = false; !at_end && vls_ok(status);)
        status = read_piece(fd, end_ms, out, &at_end, why);
    kill(pid, SIGKILL); /* of no effect on one that is ending by itself */
    while (waitpid(pid, out_status, 0) < 0)
        if (errno != EINTR)
            return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "its end cannot be awaited");
    return status;
}

static struct vls_status read_answer(const struct vls_throwaway *options, struct vls_slice answer,
                                     int wait_status, struct vls_buf *out, struct vls_why *why)
{
    struct vls_reader reader = vls_reader_of(answer);
    struct vls_slice first = vls_reader_bytes(&reader, 1);
    if (WIFSIGNALED(wait_status) && reader.failed)
        return vls_fail(VLS_PLUGIN_INVALID, why, "%s ends the process that looks at it: signal %s",
                        options->what, sigabbrev_np(WTERMSIG(wait_status)));
    if (reader.failed || (first.at[0] != ANSWER_DONE && first.at[0] != ANSWER_FAILED))
        return vls_fail(VLS_PLUGIN_INVALID, why, "%s ends the process that looks at it",
                        options->what);
    if (first.at[0] == ANSWER_DONE)
        return vls_buf_add_slice(out, reader.rest);
    uint32_t code = VLS_PLUGIN_INVALID;
    struct vls_slice number = vls_reader_bytes(&reader, sizeof code);
    vls_copy(&code, number.at, number.len);
    if (code == 0 || !vls_text_is_clean(reader.rest, false) || reader.rest.len >= MAX_WHY)
        return vls_fail(VLS_PLUGIN_INVALID, why, "%s: what looks at it says nothing clear",
                        options->what);
    return vls_fail(code, why, "%.*s", (int)reader.rest.len, (const char *)reader.rest.at);
}

struct vls_status vls_throwaway_run(const struct vls_throwaway *options, struct vls_buf *out,
                                    struct vls_why *why)
{
    int ends[2], wait_status = 0;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "no pipe can be made");
    int ours VLS_DEFER(vls_fd_close) = ends[0];
    int theirs VLS_DEFER(vls_fd_close) = ends[1];
    VLS_DEFER(vls_buf_fini) struct vls_buf answer;
    vls_buf_init(&answer, out->max + 1 + sizeof(uint32_t));
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0)
        return vls_fail_errno(VLS_PROC_SPAWN, why, errno, "fork to look at %s", options->what);
    if (pid == 0)
        run_child(options, out->max, theirs, parent);
    vls_fd_close(&theirs);
    struct vls_why reason = {""};
    struct vls_status status =
        collect(pid, ours, options->deadline_ms, &answer, &wait_status, &reason);
    if (!vls_ok(status))
        return vls_fail(status.code, why, "%s: %s", options->what, reason.text);
    return read_answer(options, vls_buf_slice(&answer), wait_status, out, why);
}
