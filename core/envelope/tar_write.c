#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "envelope/tar.h"

/* The two header forms that are written are a page of POSIX (pax, "ustar Interchange Format").
 * libarchive, which reads, is not used here: an archive that it has to give up costs memory for
 * ever, or is padded to the size that was announced. */
#define USTAR_NAME_BYTES 100
#define USTAR_FILE_BYTES (UINT64_C(1) << 33) /* eleven octal digits */
#define TYPE_FILE        '0'
#define TYPE_EXTENSION   'x'
#define CHECKSUM_AT      148
#define CHECKSUM_BYTES   8
#define MAX_RECORDS      (2u * VLS_TAR_BLOCK)

struct ustar {
    char name[USTAR_NAME_BYTES];
    char mode[8], uid[8], gid[8];
    char size[12], mtime[12];
    char checksum[CHECKSUM_BYTES];
    char type;
    char link[100];
    char magic[6], version[2];
    char user[32], group[32];
    char major[8], minor[8];
    char prefix[155];
    char unused[12];
};
_Static_assert(sizeof(struct ustar) == VLS_TAR_BLOCK, "a tar header is one block");
_Static_assert(offsetof(struct ustar, checksum) == CHECKSUM_AT, "as POSIX has it");

struct vls_tar_writer {
    uint64_t mtime_s;
    vls_tar_sink_fn sink;
    void *ctx;
};

static const uint8_t zeros[VLS_TAR_END];

static bool needs_extension(const char *name, uint64_t bytes)
{
    return strlen(name) > USTAR_NAME_BYTES || bytes >= USTAR_FILE_BYTES;
}

void vls_tar_writer_new(uint64_t mtime_ms, vls_tar_sink_fn sink, void *ctx,
                        struct vls_tar_writer **out)
{
    struct vls_tar_writer *w = vls_mem_new(sizeof *w);
    *w = (struct vls_tar_writer){mtime_ms / 1000, sink, ctx};
    *out = w;
}

void vls_tar_writer_free(struct vls_tar_writer **w)
{
    vls_mem_free(*w);
    *w = NULL;
}

static struct vls_status add(struct vls_tar_writer *w, struct vls_slice bytes, struct vls_why *why)
{
    return bytes.len == 0 ? VLS_DONE : w->sink(w->ctx, bytes, why);
}

/* Fill up to a whole block. */
static struct vls_status pad(struct vls_tar_writer *w, uint64_t bytes, struct vls_why *why)
{
    size_t over = (size_t)(bytes % VLS_TAR_BLOCK);
    return add(w, VLS_SLICE(zeros, over == 0 ? 0 : VLS_TAR_BLOCK - over), why);
}

/* A number that ustar has no room for is 0 here and stands in the extension. */
static struct vls_status add_header(struct vls_tar_writer *w, char type, const char *name,
                                    uint64_t bytes, struct vls_why *why)
{
    struct ustar h = {.type = type, .magic = "ustar", .version = {'0', '0'}};
    const uint8_t *octets = (const uint8_t *)&h;
    unsigned sum = 0;
    size_t len = strlen(name);
    vls_copy(h.name, name, len < sizeof h.name ? len : sizeof h.name);
    snprintf(h.mode, sizeof h.mode, "%07o", 0644u);
    snprintf(h.uid, sizeof h.uid, "%07o", 0u);
    snprintf(h.gid, sizeof h.gid, "%07o", 0u);
    snprintf(h.size, sizeof h.size, "%011llo",
             (unsigned long long)(bytes < USTAR_FILE_BYTES ? bytes : 0));
    snprintf(h.mtime, sizeof h.mtime, "%011llo",
             (unsigned long long)(w->mtime_s < USTAR_FILE_BYTES ? w->mtime_s : 0));
    for (size_t i = 0; i < CHECKSUM_BYTES; i++)
        h.checksum[i] = ' ';
    for (size_t i = 0; i < sizeof h; i++)
        sum += octets[i];
    snprintf(h.checksum, sizeof h.checksum, "%06o", sum & 0777777u);
    return add(w, VLS_SLICE(&h, sizeof h), why);
}

/* "LENGTH KEY=VALUE\n", where the length counts itself. */
static struct vls_status add_record(struct vls_buf *records, const char *key, const char *value)
{
    char digits[24];
    size_t rest = strlen(key) + strlen(value) + 3, len = rest + 1;
    for (;;) {
        int n = snprintf(digits, sizeof digits, "%zu", len);
        if (n > 0 && rest + (size_t)n == len)
            break;
        len++;
    }
    return vls_buf_add_format(records, "%s %s=%s\n", digits, key, value);
}

/* hdrcharset: the name is bytes as they are, which no reader converts to its locale or normalizes.
 */
static struct vls_status add_extension(struct vls_tar_writer *w, const char *name, uint64_t bytes,
                                       struct vls_why *why)
{
    char size[24];
    VLS_DEFER(vls_buf_fini) struct vls_buf records;
    vls_buf_init(&records, MAX_RECORDS);
    snprintf(size, sizeof size, "%llu", (unsigned long long)bytes);
    struct vls_status s = add_record(&records, "hdrcharset", "BINARY");
    if (vls_ok(s))
        s = add_record(&records, "path", name);
    if (vls_ok(s))
        s = add_record(&records, "size", size);
    if (!vls_ok(s))
        return vls_fail(s.code, why, "the name of a document is too long for an archive");
    VLS_TRY(add_header(w, TYPE_EXTENSION, "extension", records.len, why));
    VLS_TRY(add(w, vls_buf_slice(&records), why));
    return pad(w, records.len, why);
}

static struct vls_status begin(struct vls_tar_writer *w, const char *name, uint64_t bytes,
                               struct vls_why *why)
{
    if (needs_extension(name, bytes))
        VLS_TRY(add_extension(w, name, bytes, why));
    return add_header(w, TYPE_FILE, name, bytes, why);
}

struct vls_status vls_tar_add(struct vls_tar_writer *w, const char *name, struct vls_slice bytes,
                              struct vls_why *why)
{
    VLS_TRY(begin(w, name, bytes.len, why));
    VLS_TRY(add(w, bytes, why));
    return pad(w, bytes.len, why);
}

/* Up to `len` bytes at `offset`; fewer only at the end of the file. */
static struct vls_status read_some(int fd, uint8_t *at, size_t len, uint64_t offset, size_t *out_n,
                                   struct vls_why *why)
{
    size_t done = 0;
    while (done < len) {
        ssize_t n = pread(fd, at + done, len - done, (off_t)(offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "read a document");
        if (n == 0)
            break;
        done += (size_t)n;
    }
    *out_n = done;
    return VLS_DONE;
}

/* The last read asks for one byte more than is due, so that a file that has grown shows without a
 * read of its own. */
static struct vls_status copy(struct vls_tar_writer *w, const char *name, int fd, uint64_t bytes,
                              struct vls_hash *hash, uint8_t *chunk, struct vls_why *why)
{
    uint64_t offset = 0;
    for (;;) {
        uint64_t due = bytes - offset;
        size_t ask = due < VLS_IO_CHUNK ? (size_t)due + 1 : VLS_IO_CHUNK, n = 0;
        VLS_TRY(read_some(fd, chunk, ask, offset, &n, why));
        if (n > due)
            return vls_fail(VLS_ENVELOPE_SOURCE, why, "%s is longer than the %llu bytes announced",
                            name, (unsigned long long)bytes);
        if (n < ask && n < due)
            return vls_fail(VLS_ENVELOPE_SOURCE, why, "%s has %llu bytes, and %llu were announced",
                            name, (unsigned long long)(offset + n), (unsigned long long)bytes);
        vls_hash_add(hash, VLS_SLICE(chunk, n));
        VLS_TRY(add(w, VLS_SLICE(chunk, n), why));
        offset += n;
        if (n < ask)
            return VLS_DONE;
    }
}

struct vls_status vls_tar_add_file(struct vls_tar_writer *w, const char *name, int fd,
                                   uint64_t bytes, struct vls_digest *out_digest,
                                   struct vls_why *why)
{
    size_t room = bytes < VLS_IO_CHUNK ? (size_t)bytes + 1 : VLS_IO_CHUNK;
    VLS_TRY(begin(w, name, bytes, why));
    uint8_t *chunk = vls_mem_new(room);
    VLS_DEFER(vls_hash_free) struct vls_hash *hash = vls_hash_new();
    struct vls_status s = copy(w, name, fd, bytes, hash, chunk, why);
    vls_mem_wipe(chunk, room);
    vls_mem_free(chunk);
    VLS_TRY(s);
    VLS_TRY(pad(w, bytes, why));
    *out_digest = vls_hash_finish(hash);
    return VLS_DONE;
}

struct vls_status vls_tar_finish(struct vls_tar_writer *w, struct vls_why *why)
{
    return add(w, VLS_SLICE(zeros, sizeof zeros), why);
}
