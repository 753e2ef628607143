#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

/* What to do when there is no room, cli.c says for all commands. */
static const char *fix_of(int errno_value)
{
    switch (errno_value) {
    case EACCES:
    case EPERM:
    case EROFS:
        return "; name a place where this user may write";
    case ENOENT:
    case ENOTDIR:
        return "; make its directory first";
    default:
        return "";
    }
}

struct vls_status vls_cli_output_failed(const char *path, int errno_value, struct vls_why *why)
{
    struct vls_why words = {""};
    bool is_denied = errno_value == EACCES || errno_value == EPERM || errno_value == EROFS;
    struct vls_status status = vls_fail_errno(is_denied ? VLS_SYSTEM_ACCESS : VLS_SYSTEM_IO, &words,
                                              errno_value, "%.120s: cannot be made", path);
    return vls_fail(status.code, why, "%s%s", words.text, fix_of(errno_value));
}

static void directory_of(const char *path, char out[VLS_MAX_PATH])
{
    vls_text_copy(out, VLS_MAX_PATH, path);
    char *slash = strrchr(out, '/');
    if (slash == NULL)
        vls_text_copy(out, VLS_MAX_PATH, ".");
    else
        slash[slash == out ? 1 : 0] = '\0';
}

struct vls_status vls_cli_output_check(const char *path, struct vls_why *why)
{
    struct stat there;
    char directory[VLS_MAX_PATH];
    if (*path == '\0' || strlen(path) >= VLS_MAX_PATH)
        return vls_cli_usage(why, path, "is no path of a file: it is empty or too long");
    if (lstat(path, &there) == 0)
        return vls_cli_usage(why, path, "is there already; give another name");
    directory_of(path, directory);
    bool is_found = stat(directory, &there) == 0;
    if (is_found ? !S_ISDIR(there.st_mode) : errno == ENOENT || errno == ENOTDIR)
        return vls_cli_usage(why, path, "its directory %.80s is not there; make it first",
                             directory);
    if (access(directory, W_OK | X_OK) != 0)
        return vls_cli_output_failed(path, errno, why);
    return VLS_DONE;
}

/** What write() says names no file: "write: No space left on device". */
static VLS_STATUS write_synced(int fd, const char *path, file_write_fn write, const void *ctx,
                               struct vls_why *why)
{
    VLS_TRY(vls_cli_about(write(fd, ctx, why), path, why));
    return fsync(fd) == 0 ? VLS_DONE : vls_cli_output_failed(path, errno, why);
}

struct vls_status vls_cli_output_make(const char *path, file_write_fn write, const void *ctx,
                                      struct vls_why *why)
{
    char temporary[VLS_MAX_PATH];
    int n = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
    if (n < 0 || (size_t)n >= sizeof temporary)
        return vls_cli_usage(why, path, "the path is too long");
    VLS_TRY(vls_cli_output_check(path, why));
    VLS_DEFER(vls_fd_close) int fd = mkostemp(temporary, O_CLOEXEC); /* mode 0600 */
    if (fd < 0)
        return vls_cli_output_failed(path, errno, why);
    struct vls_status status = write_synced(fd, path, write, ctx, why);
    /* link() refuses to replace what somebody else made meanwhile */
    if (vls_ok(status) && link(temporary, path) != 0)
        status = errno == EEXIST ? vls_cli_usage(why, path, "is there already; give another name")
                                 : vls_cli_output_failed(path, errno, why);
    unlink(temporary);
    return vls_ok(status) ? vls_file_sync_parent(path, why) : status;
}

void vls_cli_output_guard(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDONLY); /* what is written to it fails, and is told */
    while (fd >= 0 && fd <= STDERR_FILENO);
    vls_fd_close(&fd);
}

struct vls_status vls_cli_output_printed(struct cli *cli, struct vls_why *why)
{
    static const char WORDS[] = "the results cannot be written to standard output";
    static const char DONE[] = "what the command did is done";
    bool failed_before = ferror(cli->out) != 0;
    int failed_now = fflush(cli->out) != 0 ? errno : 0;
    if (!failed_before && failed_now == 0)
        return VLS_DONE;
    if (failed_now == 0)
        return vls_fail(VLS_SYSTEM_IO, why, "%s; %s", WORDS, DONE);
    return vls_fail(failed_now == ENOSPC ? VLS_SYSTEM_FULL : VLS_SYSTEM_IO, why, "%s: %s; %s",
                    WORDS, strerrordesc_np(failed_now), DONE);
}
