#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/text.h"

void vls_fd_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

int vls_fd_move(int *from)
{
    int fd = *from;
    *from = -1;
    return fd;
}

struct vls_status vls_fd_write(int fd, struct vls_slice bytes, struct vls_why *why)
{
    while (bytes.len != 0) {
        ssize_t n = write(fd, bytes.at, bytes.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "write");
        bytes.at += n;
        bytes.len -= (size_t)n;
    }
    return VLS_DONE;
}

struct vls_status vls_fd_read_at(int fd, uint8_t *at, size_t len, uint64_t offset,
                                 struct vls_why *why)
{
    while (len != 0) {
        ssize_t n = pread(fd, at, len, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "read");
        if (n == 0)
            return vls_fail(VLS_INPUT_MALFORMED, why, "the file ends %zu bytes early", len);
        at += n;
        len -= (size_t)n;
        offset += (uint64_t)n;
    }
    return VLS_DONE;
}

struct vls_status vls_fd_size(int fd, uint64_t *out_size, struct vls_why *why)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "fstat");
    if (!S_ISREG(st.st_mode))
        return vls_fail(VLS_INPUT_MALFORMED, why, "not a regular file");
    *out_size = (uint64_t)st.st_size;
    return VLS_DONE;
}

struct vls_status vls_fd_memory(const char *name, int *out_fd, struct vls_why *why)
{
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "memfd_create %s", name);
    *out_fd = fd;
    return VLS_DONE;
}

struct vls_status vls_fd_memory_of(const char *name, struct vls_slice bytes, int *out_fd,
                                   struct vls_why *why)
{
    VLS_DEFER(vls_fd_close) int fd = -1;
    VLS_TRY(vls_fd_memory(name, &fd, why));
    VLS_TRY(vls_fd_write(fd, bytes, why));
    if (fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "seal %s", name);
    *out_fd = vls_fd_move(&fd);
    return VLS_DONE;
}

struct vls_status vls_fd_temporary(const char *dir, int *out_fd, struct vls_why *why)
{
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "a temporary file in %s", dir);
    *out_fd = fd;
    return VLS_DONE;
}

struct vls_status vls_fd_read_all(int fd, struct vls_buf *out, struct vls_why *why)
{
    uint64_t size;
    uint8_t *at;
    VLS_TRY(vls_fd_size(fd, &size, why));
    if (size > out->max - out->len)
        return vls_fail(VLS_INPUT_LIMIT, why, "%llu bytes, and the limit is %zu",
                        (unsigned long long)size, out->max - out->len);
    VLS_TRY(vls_buf_reserve(out, (size_t)size, &at));
    VLS_TRY(vls_fd_read_at(fd, at, (size_t)size, 0, why));
    vls_buf_took(out, (size_t)size);
    return VLS_DONE;
}

struct vls_status vls_file_read(const char *path, struct vls_buf *out, struct vls_why *why)
{
    VLS_DEFER(vls_fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return vls_fail_errno(errno == ENOENT ? VLS_SYSTEM_MISSING : VLS_SYSTEM_IO, why, errno,
                              "%s", path);
    struct vls_why inner = {""};
    struct vls_status s = vls_fd_read_all(fd, out, &inner);
    return vls_ok(s) ? s : vls_fail(s.code, why, "%s: %s", path, inner.text);
}

static struct vls_status check_private(int fd, const char *path, struct vls_why *why)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%s", path);
    if (!S_ISREG(st.st_mode))
        return vls_fail(VLS_SYSTEM_ACCESS, why, "%s is not a regular file", path);
    if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return vls_fail(VLS_SYSTEM_ACCESS, why,
                        "%s is open to group or others (mode %04o): chmod 0600 it", path,
                        (unsigned)(st.st_mode & 07777));
    return VLS_DONE;
}

struct vls_status vls_file_read_private(const char *path, struct vls_buf *out, struct vls_why *why)
{
    struct vls_why inner = {""};
    VLS_DEFER(vls_fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return vls_fail_errno(errno == ENOENT   ? VLS_SYSTEM_MISSING
                              : errno == EACCES ? VLS_SYSTEM_ACCESS
                                                : VLS_SYSTEM_IO,
                              why, errno, "the file %s", path);
    VLS_TRY(check_private(fd, path, why));
    struct vls_status s = vls_fd_read_all(fd, out, &inner);
    return vls_ok(s) ? s : vls_fail(s.code, why, "%s: %s", path, inner.text);
}

struct vls_status vls_file_sync_parent(const char *path, struct vls_why *why)
{
    char dir[VLS_MAX_PATH];
    vls_text_copy(dir, sizeof dir, path);
    char *slash = strrchr(dir, '/');
    if (slash == NULL)
        vls_text_copy(dir, sizeof dir, ".");
    else
        slash[slash == dir ? 1 : 0] = '\0';
    VLS_DEFER(vls_fd_close) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "sync directory %s", dir);
    return VLS_DONE;
}

static struct vls_status write_and_rename(const char *temporary, const char *path,
                                          struct vls_slice bytes, mode_t mode, struct vls_why *why)
{
    VLS_DEFER(vls_fd_close)
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%s", path);
    struct vls_why inner = {""};
    struct vls_status s = vls_fd_write(fd, bytes, &inner);
    if (!vls_ok(s))
        s = vls_fail(s.code, why, "%s: %s", path, inner.text);
    if (vls_ok(s) && (fsync(fd) != 0 || rename(temporary, path) != 0))
        s = vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%s", path);
    if (!vls_ok(s))
        unlink(temporary);
    return s;
}

struct vls_status vls_file_write(const char *path, struct vls_slice bytes, mode_t mode,
                                 struct vls_why *why)
{
    char temporary[VLS_MAX_PATH];
    int n = snprintf(temporary, sizeof temporary, "%s.%ld.tmp", path, (long)getpid());
    if (n < 0 || (size_t)n >= sizeof temporary)
        return vls_fail(VLS_INPUT_LIMIT, why, "the path is too long");
    /* one that is there is the rest of a crash: in a container the same process id comes back every
     * time */
    if (unlink(temporary) != 0 && errno != ENOENT)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%s", temporary);
    VLS_TRY(write_and_rename(temporary, path, bytes, mode, why));
    return vls_file_sync_parent(path, why);
}

struct vls_status vls_dir_make(const char *path, mode_t mode, struct vls_why *why)
{
    char part[VLS_MAX_PATH];
    struct stat st;
    size_t len = strlen(path);
    if (len >= sizeof part)
        return vls_fail(VLS_INPUT_LIMIT, why, "the path is too long");
    for (size_t i = 1; i <= len; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        vls_text_copy(part, i + 1, path);
        if (mkdir(part, mode) != 0 && errno != EEXIST)
            return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "make directory %s", part);
    }
    if (stat(path, &st) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "make directory %s", path);
    if (!S_ISDIR(st.st_mode))
        return vls_fail(VLS_SYSTEM_IO, why, "%s is there and is no directory", path);
    return VLS_DONE;
}

struct vls_status vls_path_join(const char *dir, const char *name, char *out, size_t room)
{
    size_t dir_len = name[0] == '/' ? 0 : strlen(dir), name_len = strlen(name);
    bool needs_slash = dir_len != 0 && dir[dir_len - 1] != '/';
    size_t limit = room < VLS_MAX_PATH ? room : VLS_MAX_PATH;
    if (dir_len >= limit || name_len >= limit || dir_len + needs_slash + name_len >= limit)
        return (struct vls_status){VLS_INPUT_LIMIT};
    vls_copy(out, dir, dir_len);
    if (needs_slash)
        out[dir_len] = '/';
    vls_copy(out + dir_len + needs_slash, name, name_len + 1);
    return VLS_DONE;
}
