#include "envelope/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

/* Dirty pages of one file at most: written back in windows, the flush at the end has little left to
 * do. */
#define SYNC_WINDOW (UINT64_C(8) << 20)

struct vls_status vls_write_at(int fd, struct vls_slice bytes, uint64_t *offset,
                               struct vls_why *why)
{
    while (bytes.len != 0) {
        ssize_t n = pwrite(fd, bytes.at, bytes.len, (off_t)*offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "write the output file");
        bytes.at += n;
        bytes.len -= (size_t)n;
        *offset += (uint64_t)n;
    }
    return VLS_DONE;
}

/* -- sink -------------------------------------------------------------------------------------- */

struct vls_status vls_sink_init(struct vls_sink *sink, int fd, struct vls_buf *buf,
                                struct vls_why *why)
{
    if (fd >= 0 && ftruncate(fd, 0) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "empty the output file");
    *sink = (struct vls_sink){.fd = fd, .buf = buf, .hash = vls_hash_new()};
    if (fd >= 0)
        sink->chunk = vls_mem_new(VLS_IO_CHUNK);
    return VLS_DONE;
}

void vls_sink_fini(struct vls_sink *sink)
{
    vls_hash_free(&sink->hash);
    vls_mem_free(sink->chunk);
    sink->chunk = NULL;
}

/* Starts the write-back of the last window and waits for the one before it. Only advice: a file
 * system that does not know it loses nothing, since fdatasync() at the end is what counts. */
static void write_back(struct vls_sink *sink)
{
    if (sink->written - sink->synced < SYNC_WINDOW)
        return;
    if (sink->synced >= SYNC_WINDOW)
        (void)sync_file_range(sink->fd, (off_t)(sink->synced - SYNC_WINDOW), (off_t)SYNC_WINDOW,
                              SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
                                  SYNC_FILE_RANGE_WAIT_AFTER);
    (void)sync_file_range(sink->fd, (off_t)sink->synced, (off_t)SYNC_WINDOW, SYNC_FILE_RANGE_WRITE);
    sink->synced += SYNC_WINDOW;
}

static struct vls_status write_chunk(struct vls_sink *sink, struct vls_slice bytes)
{
    VLS_TRY(vls_write_at(sink->fd, bytes, &sink->written, &sink->why));
    write_back(sink);
    return VLS_DONE;
}

static struct vls_status add_to_file(struct vls_sink *sink, struct vls_slice bytes)
{
    while (bytes.len != 0) {
        size_t n = VLS_IO_CHUNK - sink->held;
        if (n > bytes.len)
            n = bytes.len;
        vls_copy(sink->chunk + sink->held, bytes.at, n);
        sink->held += n;
        bytes.at += n;
        bytes.len -= n;
        if (sink->held < VLS_IO_CHUNK)
            break;
        VLS_TRY(write_chunk(sink, VLS_SLICE(sink->chunk, sink->held)));
        sink->held = 0;
    }
    return VLS_DONE;
}

static struct vls_status add_to_buf(struct vls_sink *sink, struct vls_slice bytes)
{
    struct vls_status s = vls_buf_add_slice(sink->buf, bytes);
    if (!vls_ok(s))
        return vls_fail(s.code, &sink->why, "the sealed content is above %zu bytes",
                        sink->buf->max);
    sink->written += bytes.len;
    return VLS_DONE;
}

static int sink_write(BIO *bio, const char *at, int len)
{
    struct vls_sink *sink = BIO_get_data(bio);
    if (len <= 0)
        return 0;
    struct vls_slice bytes = VLS_SLICE(at, (size_t)len);
    if (vls_ok(sink->failed))
        sink->failed = sink->fd >= 0 ? add_to_file(sink, bytes) : add_to_buf(sink, bytes);
    if (!vls_ok(sink->failed))
        return -1;
    vls_hash_add(sink->hash, bytes);
    return len;
}

struct vls_status vls_sink_finish(struct vls_sink *sink, struct vls_why *why)
{
    if (vls_ok(sink->failed) && sink->fd >= 0) {
        sink->failed = write_chunk(sink, VLS_SLICE(sink->chunk, sink->held));
        sink->held = 0;
    }
    if (vls_ok(sink->failed) && sink->fd >= 0 && fdatasync(sink->fd) != 0)
        sink->failed = vls_fail_errno(VLS_SYSTEM_IO, &sink->why, errno, "sync the output file");
    return vls_ok(sink->failed) ? VLS_DONE : vls_fail(sink->failed.code, why, "%s", sink->why.text);
}

/* -- source ------------------------------------------------------------------------------------ */

void vls_source_init(struct vls_source *source, int fd, struct vls_slice memory, uint64_t bytes)
{
    *source = (struct vls_source){.fd = fd, .bytes = bytes, .hash = vls_hash_new()};
    if (fd >= 0)
        source->chunk = vls_mem_new(VLS_IO_CHUNK);
    else
        source->rest = memory;
}

void vls_source_fini(struct vls_source *source)
{
    vls_hash_free(&source->hash);
    vls_mem_free(source->chunk);
    source->chunk = NULL;
}

static struct vls_status refill(struct vls_source *source)
{
    uint64_t due = source->bytes - source->offset;
    size_t n = due < VLS_IO_CHUNK ? (size_t)due : VLS_IO_CHUNK;
    VLS_TRY(vls_fd_read_at(source->fd, source->chunk, n, source->offset, &source->why));
    source->offset += n;
    source->rest = VLS_SLICE(source->chunk, n);
    return VLS_DONE;
}

static int source_read(BIO *bio, char *to, int room)
{
    struct vls_source *source = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (room <= 0 || !vls_ok(source->failed))
        return -1;
    if (source->rest.len == 0 && source->fd >= 0 && source->offset < source->bytes)
        source->failed = refill(source);
    if (!vls_ok(source->failed))
        return -1;
    size_t n = source->rest.len < (size_t)room ? source->rest.len : (size_t)room;
    if (n == 0)
        return 0; /* the end; `at` may be NULL */
    vls_copy(to, source->rest.at, n);
    vls_hash_add(source->hash, VLS_SLICE(source->rest.at, n));
    source->rest.at += n;
    source->rest.len -= n;
    return (int)n;
}

/* -- both as BIOs ------------------------------------------------------------------------------ */

static long stream_ctrl(BIO *bio, int command, long number, void *pointer)
{
    (void)bio, (void)number, (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

/* Made at first use and kept: two methods a process. */
static BIO_METHOD *method_new(int (*write_fn)(BIO *, const char *, int),
                              int (*read_fn)(BIO *, char *, int))
{
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "valise stream");
    if (method == NULL)
        return NULL;
    if (!BIO_meth_set_ctrl(method, stream_ctrl) ||
        (write_fn != NULL && !BIO_meth_set_write(method, write_fn)) ||
        (read_fn != NULL && !BIO_meth_set_read(method, read_fn))) {
        BIO_meth_free(method);
        return NULL;
    }
    return method;
}

static BIO *bio_of(const BIO_METHOD *method, void *data)
{
    BIO *bio = method != NULL ? BIO_new(method) : NULL;
    if (bio == NULL)
        return NULL;
    BIO_set_data(bio, data);
    BIO_set_init(bio, 1);
    return bio;
}

BIO *vls_sink_bio(struct vls_sink *sink)
{
    static BIO_METHOD *method;
    if (method == NULL)
        method = method_new(sink_write, NULL);
    return bio_of(method, sink);
}

BIO *vls_source_bio(struct vls_source *source)
{
    static BIO_METHOD *method;
    if (method == NULL)
        method = method_new(NULL, source_read);
    return bio_of(method, source);
}
