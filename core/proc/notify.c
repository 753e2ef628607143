#include "proc/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

#define EXIT_NO_REPORT 1

void vls_notify(const char *state)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    const char *path = getenv("NOTIFY_SOCKET");
    if (path == NULL || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof at.sun_path)
        return;
    vls_text_copy(at.sun_path, sizeof at.sun_path, path);
    if (path[0] == '@') /* an abstract name begins with a NUL */
        at.sun_path[0] = '\0';
    VLS_DEFER(vls_fd_close) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    /* whoever asked for it and does not listen misses it: that is no reason not to serve */
    if (fd >= 0)
        (void)sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
                     (const struct sockaddr *)&at, len);
}

static void wait_and_exit(int fd)
{
    uint8_t status = EXIT_NO_REPORT;
    ssize_t n;
    do
        n = read(fd, &status, sizeof status);
    while (n < 0 && errno == EINTR);
    _exit(status);
}

struct vls_status vls_background(int *out_report_fd, struct vls_why *why)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return vls_fail_errno(VLS_PROC_SPAWN, why, errno, "go to the background");
    pid_t pid = fork();
    if (pid < 0) {
        int failure = errno;
        close(ends[0]);
        close(ends[1]);
        return vls_fail_errno(VLS_PROC_SPAWN, why, failure, "go to the background");
    }
    if (pid > 0) {
        close(ends[1]);
        wait_and_exit(ends[0]);
    }
    close(ends[0]);
    setsid();
    if (chdir("/") != 0) {
        close(ends[1]);
        return vls_fail_errno(VLS_PROC_SPAWN, why, errno, "change to /");
    }
    *out_report_fd = ends[1];
    return VLS_DONE;
}

void vls_background_done(int *report_fd, int status, int log_fd)
{
    uint8_t byte = (uint8_t)status;
    if (*report_fd < 0)
        return;
    if (status == 0) {
        VLS_DEFER(vls_fd_close) int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        (void)dup2(null, STDIN_FILENO);
        (void)dup2(log_fd, STDOUT_FILENO);
        (void)dup2(log_fd, STDERR_FILENO);
    }
    while (write(*report_fd, &byte, sizeof byte) < 0 && errno == EINTR)
        ;
    vls_fd_close(report_fd);
}
