#include "proc/listen.h"

#include <errno.h>
#include <event2/util.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

#define BACKLOG      512
#define SOCKET_MODE  0660
#define SOCKET_DIR   0750
#define DATA_DIR     0700
#define LOG_MODE     0640
#define LOCK_MODE    0600
#define LOCK_FILE    "valised.pid"
#define ADDRESS_TEXT 80
#define PID_TEXT     24

static struct vls_status give_to(const char *path, const struct vls_user *user, struct vls_why *why)
{
    if (user->is_set && lchown(path, user->uid, user->gid) != 0)
        return vls_fail_errno(VLS_SYSTEM_ACCESS, why, errno, "give %s to the user of node.run-as",
                              path);
    return VLS_DONE;
}

/* -- TCP --------------------------------------------------------------------------------------- */

static void log_address(int fd)
{
    struct sockaddr_storage bound;
    socklen_t len = sizeof bound;
    char host[INET6_ADDRSTRLEN] = "?", text[ADDRESS_TEXT];
    unsigned port = 0;
    if (getsockname(fd, (struct sockaddr *)&bound, &len) != 0)
        return;
    if (bound.ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&bound;
        evutil_inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof host);
        port = ntohs(in6->sin6_port);
    } else {
        const struct sockaddr_in *in = (const struct sockaddr_in *)&bound;
        evutil_inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
        port = ntohs(in->sin_port);
    }
    snprintf(text, sizeof text, bound.ss_family == AF_INET6 ? "[%s]:%u" : "%s:%u", host, port);
    vls_log(VLS_LOG_INFO, "gateway.listen", VLS_F("address", text));
}

struct vls_status vls_listen_tcp(const char *address, int *out_fd, struct vls_why *why)
{
    struct sockaddr_storage to;
    int len = sizeof to, one = 1;
    if (evutil_parse_sockaddr_port(address, (struct sockaddr *)&to, &len) != 0)
        return vls_fail(VLS_CONFIG_INVALID, why,
                        "listen.address %s is not ADDRESS:PORT with a numeric address", address);
    VLS_DEFER(vls_fd_close)
    int fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        bind(fd, (struct sockaddr *)&to, (socklen_t)len) != 0 || listen(fd, BACKLOG) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "listen.address %s", address);
    log_address(fd);
    *out_fd = vls_fd_move(&fd);
    return VLS_DONE;
}

/* -- the operators' socket --------------------------------------------------------------------- */

static struct vls_status make_socket_dir(const char *path, const struct vls_user *user,
                                         struct vls_why *why)
{
    char dir[VLS_MAX_PATH];
    struct stat st;
    vls_text_copy(dir, sizeof dir, path);
    char *slash = strrchr(dir, '/');
    if (slash == NULL || slash == dir)
        return VLS_DONE;
    *slash = '\0';
    if (stat(dir, &st) == 0)
        return VLS_DONE;
    VLS_TRY(vls_dir_make(dir, SOCKET_DIR, why));
    return give_to(dir, user, why);
}

/* What lies at the path goes only when it is a socket that nobody answers. */
static struct vls_status remove_stale(const struct sockaddr_un *at, struct vls_why *why)
{
    struct stat st;
    if (lstat(at->sun_path, &st) != 0 && errno == ENOENT)
        return VLS_DONE;
    if (!S_ISSOCK(st.st_mode))
        return vls_fail(VLS_SYSTEM_ACCESS, why,
                        "control.socket %s is a file of another kind: move it away", at->sun_path);
    VLS_DEFER(vls_fd_close)
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "socket");
    if (connect(fd, (const struct sockaddr *)at, sizeof *at) == 0 || errno == EAGAIN)
        return vls_fail(VLS_SYSTEM_BUSY, why, "another gateway answers on control.socket %s",
                        at->sun_path);
    if (errno != ECONNREFUSED && errno != EPROTOTYPE)
        return vls_fail_errno(VLS_SYSTEM_ACCESS, why, errno, "control.socket %s", at->sun_path);
    if (errno == EPROTOTYPE)
        return vls_fail(VLS_SYSTEM_ACCESS, why,
                        "control.socket %s is the socket of another program", at->sun_path);
    if (unlink(at->sun_path) != 0)
        return vls_fail_errno(VLS_SYSTEM_ACCESS, why, errno, "remove stale %s", at->sun_path);
    return VLS_DONE;
}

struct vls_status vls_listen_unix(const char *path, const struct vls_user *user, int *out_fd,
                                  struct vls_why *why)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof at.sun_path)
        return vls_fail(VLS_INPUT_LIMIT, why,
                        "control.socket: a path of %zu bytes, the limit is %zu", strlen(path),
                        sizeof at.sun_path - 1);
    vls_text_copy(at.sun_path, sizeof at.sun_path, path);
    VLS_TRY(make_socket_dir(path, user, why));
    VLS_TRY(remove_stale(&at, why));
    VLS_DEFER(vls_fd_close)
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* never wider than it will be, not even for a moment */
    mode_t before = umask(0777 & ~SOCKET_MODE);
    int bound = fd < 0 ? -1 : bind(fd, (const struct sockaddr *)&at, sizeof at);
    int failure = errno;
    umask(before);
    if (bound != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, failure, "control.socket %s", path);
    VLS_TRY(give_to(path, user, why));
    if (listen(fd, BACKLOG) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "control.socket %s", path);
    *out_fd = vls_fd_move(&fd);
    return VLS_DONE;
}

/* -- data and log ------------------------------------------------------------------------------ */

static struct vls_status fail_locked(int fd, const char *dir, struct vls_why *why)
{
    char pid[PID_TEXT] = "";
    ssize_t n = pread(fd, pid, sizeof pid - 1, 0);
    pid[n > 0 ? strcspn(pid, "\n") : 0] = '\0';
    return vls_fail(VLS_STORE_BUSY, why, "node.data %s: a gateway runs on it already (process %s)",
                    dir, pid[0] != '\0' ? pid : "?");
}

struct vls_status vls_data_lock(const char *dir, const struct vls_user *user, int *out_fd,
                                struct vls_why *why)
{
    char path[VLS_MAX_PATH], pid[PID_TEXT];
    struct stat st;
    if (stat(dir, &st) != 0) {
        VLS_TRY(vls_dir_make(dir, DATA_DIR, why));
        VLS_TRY(give_to(dir, user, why));
    }
    if (!vls_ok(vls_path_join(dir, LOCK_FILE, path, sizeof path)))
        return vls_fail(VLS_INPUT_LIMIT, why, "node.data: the path is too long");
    VLS_DEFER(vls_fd_close)
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, LOCK_MODE);
    if (fd < 0)
        return vls_fail_errno(VLS_SYSTEM_ACCESS, why, errno, "node.data: %s", path);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? fail_locked(fd, dir, why)
                                    : vls_fail_errno(VLS_SYSTEM_IO, why, errno, "lock %s", path);
    int len = snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)len, 0) != len)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "write %s", path);
    *out_fd = vls_fd_move(&fd);
    return VLS_DONE;
}

struct vls_status vls_log_file_open(const char *path, const struct vls_user *user, int *out_fd,
                                    struct vls_why *why)
{
    bool is_file = path != NULL && path[0] != '\0';
    VLS_DEFER(vls_fd_close)
    int fd = is_file ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, LOG_MODE)
                     : fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, VLS_FD_FIRST_FREE);
    if (fd < 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "log.file %s",
                              is_file ? path : "(standard error)");
    if (is_file)
        VLS_TRY(give_to(path, user, why));
    *out_fd = vls_fd_move(&fd);
    return VLS_DONE;
}
