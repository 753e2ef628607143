#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"

#define DIRECTORY_MODE    0700
#define FILE_MODE         0640
#define LONGEST_EXTENSION 16

struct vls_status folder_open_directory(const char *path, int *out_fd, struct vls_why *why)
{
    VLS_TRY(vls_dir_make(path, DIRECTORY_MODE, why));
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return vls_fail_errno(VLS_SYSTEM_ACCESS, why, errno, "directory %s", path);
    *out_fd = fd;
    return VLS_DONE;
}

bool folder_exists(int dir, const char *name)
{
    struct stat st;
    return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

struct vls_status folder_sync(int dir, struct vls_why *why)
{
    if (fsync(dir) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "fsync of a directory");
    return VLS_DONE;
}

struct vls_status folder_move(int from, const char *name, int to, const char *new_name,
                              struct vls_why *why)
{
    if (renameat2(from, name, to, new_name, RENAME_NOREPLACE) == 0)
        return VLS_DONE;
    if (errno == EEXIST)
        return vls_fail(VLS_STORE_EXISTS, why, "%s is there already", new_name);
    if (errno == ENOENT)
        return vls_fail(VLS_SYSTEM_MISSING, why, "%s is not there any more", name);
    return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "rename of %s to %s", name, new_name);
}

static struct vls_status write_synced(int dir, const char *name, struct vls_slice bytes,
                                      struct vls_why *why)
{
    int fd VLS_DEFER(vls_fd_close) =
        openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
    if (fd < 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "file %s", name);
    VLS_TRY(vls_fd_write(fd, bytes, why));
    if (fsync(fd) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "fsync of %s", name);
    return VLS_DONE;
}

struct vls_status folder_write_new(int dir, const char *name, struct vls_slice bytes,
                                   struct vls_why *why)
{
    char temporary[NAME_ROOM + 8];
    snprintf(temporary, sizeof temporary, ".tmp-%s", name);
    if (strlen(temporary) >= NAME_ROOM)
        return vls_fail(VLS_INPUT_LIMIT, why, "the name %s is too long", name);
    folder_remove(dir, temporary);
    struct vls_status status = write_synced(dir, temporary, bytes, why);
    if (vls_ok(status))
        status = folder_move(dir, temporary, dir, name, why);
    if (!vls_ok(status))
        folder_remove(dir, temporary);
    return status;
}

struct vls_status folder_read(int dir, const char *name, struct vls_buf *out, struct vls_why *why)
{
    struct stat st;
    int fd VLS_DEFER(vls_fd_close) =
        openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return vls_fail_errno(errno == ENOENT ? VLS_SYSTEM_MISSING : VLS_SYSTEM_IO, why, errno,
                              "file %s", name);
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return vls_fail(VLS_INPUT_MALFORMED, why, "%s is not a regular file", name);
    return vls_fd_read_all(fd, out, why);
}

static void remove_directory(int dir, const char *name)
{
    int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
    if (list == NULL) {
        vls_fd_close(&fd);
        return;
    }
    for (const struct dirent *entry = readdir(list); entry != NULL; entry = readdir(list))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlinkat(dirfd(list), entry->d_name, 0);
    closedir(list);
    unlinkat(dir, name, AT_REMOVEDIR);
}

void folder_remove(int dir, const char *name)
{
    if (unlinkat(dir, name, 0) != 0 && errno == EISDIR)
        remove_directory(dir, name);
}

static size_t extension_at(const char *name)
{
    size_t len = strlen(name);
    const char *dot = strrchr(name, '.');
    if (dot == NULL || dot == name || len - (size_t)(dot - name) > LONGEST_EXTENSION)
        return len;
    return (size_t)(dot - name);
}

void folder_numbered(const char *name, unsigned number, char out[NAME_ROOM])
{
    int stem = (int)extension_at(name);
    if (number <= 1)
        snprintf(out, NAME_ROOM, "%s", name);
    else
        snprintf(out, NAME_ROOM, "%.*s (%u)%s", stem, name, number, name + stem);
}

void folder_with(const char *name, const char *ending, char out[NAME_ROOM])
{
    snprintf(out, NAME_ROOM, "%s%s", name, ending);
}

bool folder_ends_in(const char *name, const char *ending)
{
    size_t len = strlen(name), ending_len = strlen(ending);
    return len >= ending_len && strcasecmp(name + len - ending_len, ending) == 0;
}

void folder_document_name(const char *name, char out[NAME_ROOM])
{
    static const char *const MEANINGS[] = {".meta", ".tmp", ".part", ".result", ".reason"};
    static const char INSTEAD[] = ".document";
    size_t stem = extension_at(name), extension = strlen(name) - stem;
    size_t most = LONGEST_NAME - (sizeof INSTEAD - 1);
    if (stem + extension > most) {
        stem = most - extension;
        while (stem > 0 && ((unsigned char)name[stem] & 0xc0) == 0x80) /* not within a character */
            stem--;
    }
    snprintf(out, NAME_ROOM, "%.*s%s", (int)stem, name, name + strlen(name) - extension);
    for (size_t i = 0; i < sizeof MEANINGS / sizeof MEANINGS[0]; i++)
        if (folder_ends_in(out, MEANINGS[i])) {
            vls_text_copy(out + strlen(out), NAME_ROOM - strlen(out), INSTEAD);
            return;
        }
}
