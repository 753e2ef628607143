#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "envelope/tar.h"

/* Common tools fill an archive up to this. */
#define MAX_PADDING 10240u

struct vls_tar_reader {
    struct archive *archive;
    int fd;
    uint32_t code;
    uint64_t offset;     /* of the next read */
    uint64_t file_bytes; /* of the whole archive */
    uint64_t entry_bytes, entry_read;
    struct vls_status failed; /* of a read */
    struct vls_why why;
    uint8_t chunk[VLS_IO_CHUNK];
};

static la_ssize_t on_read(struct archive *a, void *client, const void **out_at)
{
    struct vls_tar_reader *r = client;
    ssize_t n;
    do
        n = pread(r->fd, r->chunk, sizeof r->chunk, (off_t)r->offset);
    while (n < 0 && errno == EINTR);
    if (n < 0) {
        r->failed = vls_fail_errno(VLS_SYSTEM_IO, &r->why, errno, "read an archive");
        archive_set_error(a, EIO, "read");
        return -1;
    }
    r->offset += (uint64_t)n;
    *out_at = r->chunk;
    return n;
}

static struct vls_status failure(const struct vls_tar_reader *r, struct vls_why *why)
{
    if (!vls_ok(r->failed))
        return vls_fail(r->failed.code, why, "%s", r->why.text);
    const char *text = archive_error_string(r->archive);
    return vls_fail(r->code, why, "not a tar archive of plain files: %s",
                    text != NULL ? text : "damaged");
}

struct vls_status vls_tar_reader_new(int fd, uint32_t code, struct vls_tar_reader **out,
                                     struct vls_why *why)
{
    uint64_t size;
    VLS_TRY(vls_fd_size(fd, &size, why));
    struct vls_tar_reader *r = vls_mem_new(sizeof *r);
    r->fd = fd;
    r->code = code;
    r->file_bytes = size;
    r->archive = archive_read_new();
    if (r->archive == NULL || archive_read_support_format_tar(r->archive) != ARCHIVE_OK) {
        vls_tar_reader_free(&r);
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory to read an archive");
    }
    if (archive_read_open(r->archive, r, NULL, on_read, NULL) != ARCHIVE_OK) {
        struct vls_status s = failure(r, why);
        vls_tar_reader_free(&r);
        return s;
    }
    *out = r;
    return VLS_DONE;
}

void vls_tar_reader_free(struct vls_tar_reader **r)
{
    if (*r == NULL)
        return;
    if ((*r)->archive != NULL)
        archive_read_free((*r)->archive);
    vls_mem_free(*r);
    *r = NULL;
}

/* What follows the end of the archive is zeros and little: nothing may hide there. */
static struct vls_status check_end(struct vls_tar_reader *r, struct vls_why *why)
{
    la_int64_t consumed = archive_filter_bytes(r->archive, 0);
    if (consumed < 0 || (uint64_t)consumed > r->file_bytes)
        return vls_fail(VLS_SYSTEM_BUG, why, "the archive's reader lost its place");
    uint64_t at = (uint64_t)consumed, rest = r->file_bytes - at;
    if (rest > MAX_PADDING)
        return vls_fail(r->code, why, "%llu bytes follow the end of the archive",
                        (unsigned long long)rest);
    uint8_t padding[MAX_PADDING];
    VLS_TRY(vls_fd_read_at(r->fd, padding, (size_t)rest, at, why));
    for (size_t i = 0; i < rest; i++)
        if (padding[i] != 0)
            return vls_fail(r->code, why, "something follows the end of the archive");
    return VLS_DONE;
}

static struct vls_status check_entry(const struct vls_tar_reader *r, struct archive_entry *entry,
                                     struct vls_why *why)
{
    const char *name = archive_entry_pathname(entry);
    if (name == NULL)
        return vls_fail(r->code, why, "an entry of the archive has no readable name");
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != NULL ||
        archive_entry_symlink(entry) != NULL)
        return vls_fail(r->code, why, "%s is not a regular file", name);
    if (archive_entry_sparse_count(entry) != 0)
        return vls_fail(r->code, why, "%s is stored with holes", name);
    if (!archive_entry_size_is_set(entry) || archive_entry_size(entry) < 0)
        return vls_fail(r->code, why, "%s has no size", name);
    return VLS_DONE;
}

struct vls_status vls_tar_next(struct vls_tar_reader *r, const char **out_name, uint64_t *out_bytes,
                               struct vls_why *why)
{
    struct archive_entry *entry;
    int n = archive_read_next_header(r->archive, &entry);
    if (n == ARCHIVE_EOF) {
        VLS_TRY(check_end(r, why));
        *out_name = NULL;
        return VLS_DONE;
    }
    if (n != ARCHIVE_OK)
        return failure(r, why);
    VLS_TRY(check_entry(r, entry, why));
    r->entry_bytes = (uint64_t)archive_entry_size(entry);
    r->entry_read = 0;
    *out_name = archive_entry_pathname(entry);
    *out_bytes = r->entry_bytes;
    return VLS_DONE;
}

struct vls_status vls_tar_read(struct vls_tar_reader *r, struct vls_slice *out, struct vls_why *why)
{
    const void *at = NULL;
    size_t len = 0;
    la_int64_t offset = 0;
    int n;
    do
        n = archive_read_data_block(r->archive, &at, &len, &offset);
    while (n == ARCHIVE_OK && len == 0);
    if (n == ARCHIVE_EOF && r->entry_read == r->entry_bytes) {
        *out = (struct vls_slice){NULL, 0};
        return VLS_DONE;
    }
    if (n == ARCHIVE_EOF)
        return vls_fail(r->code, why, "an entry of the archive is shorter than its header says");
    if (n != ARCHIVE_OK)
        return failure(r, why);
    if ((uint64_t)offset != r->entry_read || len > r->entry_bytes - r->entry_read)
        return vls_fail(r->code, why, "an entry of the archive has holes");
    r->entry_read += len;
    *out = VLS_SLICE(at, len);
    return VLS_DONE;
}

struct vls_status vls_tar_read_all(struct vls_tar_reader *r, struct vls_buf *out,
                                   struct vls_why *why)
{
    if (r->entry_bytes > out->max - out->len)
        return vls_fail(VLS_INPUT_LIMIT, why, "%llu bytes, and the limit is %zu",
                        (unsigned long long)r->entry_bytes, out->max - out->len);
    for (;;) {
        struct vls_slice bytes;
        VLS_TRY(vls_tar_read(r, &bytes, why));
        if (bytes.len == 0)
            return VLS_DONE;
        VLS_TRY(vls_buf_add_slice(out, bytes));
    }
}
