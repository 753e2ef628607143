#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "store/store_internal.h"

typedef struct vls_status (*name_fn)(struct vls_store *store, int dir_fd, const char *parent,
                                     const char *name, struct vls_why *why);

static void close_directory(DIR **directory)
{
    if (*directory != NULL)
        closedir(*directory);
}

/** Call fn for each name in a directory; what is removed meanwhile does not matter to readdir(). */
static struct vls_status each_name(struct vls_store *store, int at_fd, const char *path, name_fn fn,
                                   struct vls_why *why)
{
    VLS_DEFER(vls_fd_close)
    int fd = openat(at_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOTDIR || errno == ELOOP
                   ? VLS_DONE /* not ours: every folder of ours is one */
                   : vls_fail_errno(VLS_SYSTEM_IO, why, errno, "read directory %s", path);
    VLS_DEFER(close_directory) DIR *directory = fdopendir(fd);
    if (directory == NULL)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "read directory %s", path);
    int dir_fd = vls_fd_move(&fd);
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(directory);
        if (entry == NULL)
            return errno == 0 ? VLS_DONE
                              : vls_fail_errno(VLS_SYSTEM_IO, why, errno, "read %s", path);
        if (entry->d_name[0] != '.')
            VLS_TRY(fn(store, dir_fd, path, entry->d_name, why));
    }
}

static struct vls_status remove_name(int dir_fd, const char *parent, const char *name,
                                     struct vls_why *why)
{
    if (unlinkat(dir_fd, name, 0) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "remove %s/%s", parent, name);
    return VLS_DONE;
}

static bool is_file_of(int dir_fd, const char *name, uint64_t *out_bytes)
{
    struct stat st;
    if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
        return false;
    *out_bytes = (uint64_t)st.st_size;
    return true;
}

/* -- contents ---------------------------------------------------------------------------------- */

/* Only what bears a name of ours is counted or removed. */
static struct vls_status sweep_content(struct vls_store *store, int dir_fd, const char *parent,
                                       const char *name, struct vls_why *why)
{
    struct vls_digest digest;
    uint64_t bytes;
    bool is_named;
    if (!vls_ok(vls_hex_read(name, digest.bytes, sizeof digest.bytes)) ||
        strncmp(parent, name, 2) != 0 || !is_file_of(dir_fd, name, &bytes))
        return VLS_DONE;
    VLS_TRY(vls_content_is_named(store, &digest, &is_named, why));
    if (!is_named)
        return remove_name(dir_fd, parent, name, why);
    store->content_bytes += bytes;
    return VLS_DONE;
}

static struct vls_status sweep_shard(struct vls_store *store, int dir_fd, const char *parent,
                                     const char *name, struct vls_why *why)
{
    uint8_t number;
    (void)parent;
    return vls_ok(vls_hex_read(name, &number, 1))
               ? each_name(store, dir_fd, name, sweep_content, why)
               : VLS_DONE;
}

/* -- uploads ----------------------------------------------------------------------------------- */

static struct vls_status sweep_part(struct vls_store *store, int dir_fd, const char *parent,
                                    const char *name, struct vls_why *why)
{
    char hex[VLS_CONTENT_NAME], path[VLS_INCOMING_PATH];
    struct vls_digest digest;
    uint64_t bytes, kept;
    vls_text_copy(hex, sizeof hex, name);
    if (!vls_ok(vls_hex_read(hex, digest.bytes, sizeof digest.bytes)) ||
        strcmp(name + strlen(hex), ".part") != 0 || !is_file_of(dir_fd, name, &bytes))
        return VLS_DONE;
    if (vls_ok(vls_content_size(store, &digest, &kept, NULL)))
        return remove_name(dir_fd, parent, name, why);
    snprintf(path, sizeof path, "%s/%s", parent, name);
    vls_incoming_found(store, path, bytes);
    return VLS_DONE;
}

static struct vls_status sweep_party(struct vls_store *store, int dir_fd, const char *parent,
                                     const char *name, struct vls_why *why)
{
    (void)parent;
    return vls_text_is_name(name, VLS_MAX_PARTY) ? each_name(store, dir_fd, name, sweep_part, why)
                                                 : VLS_DONE;
}

struct vls_status vls_store_sweep(struct vls_store *store, struct vls_why *why)
{
    VLS_TRY(each_name(store, store->content_fd, ".", sweep_shard, why));
    return each_name(store, store->incoming_fd, ".", sweep_party, why);
}
