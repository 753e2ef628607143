/*
 * peer/upload - /v1/content/DIGEST: content that comes in pieces, over as many calls and
 * connections as it takes.
 *
 * HEAD tells how much is there (Upload-Offset), PUT begins at 0, PATCH goes on at Upload-Offset;
 * Upload-Length is the whole size. The header fields have the names and meanings of
 * draft-ietf-httpbis-resumable-upload. What arrived stays when a call breaks off.
 *
 *     OPENING --router: file--> PREFIX --hashed--> WRITING --last byte, digest, fdatasync-->
 * router: UploadDone --> 201
 *
 * While OPENING and PREFIX last, bytes wait in memory; there are at most VLS_PEER_STREAM_WINDOW of
 * them, since the window opens only as bytes are written.
 */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <unistd.h>
#include <utlist.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "peer/server_internal.h"

#define PREFIX_SLICE (1u << 20) /* hashed in one turn of the loop: below a millisecond */
#define SYNC_WINDOW                                                                                \
    (8u << 20) /* written back behind the writer, so that the last fdatasync() is short */

enum upload_state { OPENING, PREFIX, WRITING, CLOSED };

struct vls_upload {
    struct vls_stream *stream;
    struct vls_upload *prev, *next; /* all that are under way */
    enum upload_state state;
    struct vls_digest digest;
    uint64_t total, offset; /* offset: what is hashed and on its way to the disk */
    uint64_t resume_at;     /* where this call goes on */
    uint64_t synced;
    bool is_listed;
    int fd;
    struct vls_hash *hash;
    struct vls_buf pending;
    struct event *prefix_event;
};

bool vls_upload_is_busy(const struct vls_upload *upload)
{
    return upload != NULL && upload->state != WRITING;
}

/* Nothing more is written; what waits is thrown away, and its place in the windows is given back.
 */
static void close_upload(struct vls_upload *upload)
{
    upload->state = CLOSED;
    if (upload->pending.len > 0)
        vls_stream_consume(upload->stream, upload->pending.len);
    vls_buf_clear(&upload->pending);
}

/* -- answers ----------------------------------------------------------------------------------- */

static void answer_offset(struct vls_stream *stream, unsigned http_status, uint64_t offset,
                          bool is_complete)
{
    stream->answer.http_status = http_status;
    stream->answer.has_offset = true;
    stream->answer.offset = offset;
    stream->answer.is_complete = is_complete;
    vls_stream_answer(stream);
}

static void refuse(struct vls_stream *stream, struct vls_status status, const struct vls_why *why)
{
    if (stream->upload != NULL)
        close_upload(stream->upload);
    vls_stream_refuse(stream, vls_problem_of_code(status.code), status, why);
}

/* -- writing ----------------------------------------------------------------------------------- */

/* Start the write-back of the window just filled and wait for the one before: dirty pages stay
 * bounded, so does the wait. */
static void write_back(struct vls_upload *upload)
{
    if (upload->offset - upload->synced < SYNC_WINDOW)
        return;
    (void)sync_file_range(upload->fd, (off_t)upload->synced,
                          (off_t)(upload->offset - upload->synced), SYNC_FILE_RANGE_WRITE);
    if (upload->synced >= SYNC_WINDOW) {
        off_t before = (off_t)(upload->synced - SYNC_WINDOW);

        (void)sync_file_range(upload->fd, before, SYNC_WINDOW,
                              SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
                                  SYNC_FILE_RANGE_WAIT_AFTER);
        (void)posix_fadvise(upload->fd, before, SYNC_WINDOW, POSIX_FADV_DONTNEED);
    }
    upload->synced = upload->offset;
}

static struct vls_status write_piece(struct vls_upload *upload, struct vls_slice piece,
                                     struct vls_why *why)
{
    while (piece.len > 0) {
        ssize_t done = pwrite(upload->fd, piece.at, piece.len, (off_t)upload->offset);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "writing received content");
        vls_hash_add(upload->hash, VLS_SLICE(piece.at, (size_t)done));
        upload->offset += (uint64_t)done;
        piece = VLS_SLICE(piece.at + done, piece.len - (size_t)done);
    }
    write_back(upload);
    return VLS_DONE;
}

/* Write what waits, and let the partner send as much again. */
static struct vls_status write_pending(struct vls_upload *upload, struct vls_why *why)
{
    struct vls_slice rest = vls_buf_slice(&upload->pending);

    while (rest.len > 0) {
        size_t len = rest.len < VLS_IO_CHUNK ? rest.len : VLS_IO_CHUNK;

        VLS_TRY(write_piece(upload, VLS_SLICE(rest.at, len), why));
        rest = VLS_SLICE(rest.at + len, rest.len - len);
    }
    vls_stream_consume(upload->stream, upload->pending.len);
    vls_buf_clear(&upload->pending);
    return VLS_DONE;
}

/* -- the end ----------------------------------------------------------------------------------- */

static void on_done(struct vls_stream *stream, struct vls_status status, const Valise__Frame *frame,
                    struct vls_fds *fds)
{
    struct vls_why why = {""};

    (void)fds;
    status = frame->done->outcome != NULL ? vls_outcome_status(frame->done->outcome, &why)
                                          : (struct vls_status){VLS_WIRE_MALFORMED};
    if (!vls_ok(status))
        refuse(stream, status, &why);
    else
        answer_offset(stream, 201, stream->upload->total, true);
}

static void tell_router(struct vls_upload *upload)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__UploadDone done = VALISE__UPLOAD_DONE__INIT;

    done.party = (char *)(uintptr_t)vls_stream_party(upload->stream);
    done.digest.data = upload->digest.bytes;
    done.digest.len = sizeof upload->digest.bytes;
    done.bytes = upload->total;
    frame.body_case = VALISE__FRAME__BODY_UPLOAD_DONE;
    frame.upload_done = &done;
    upload->state = CLOSED;
    upload->stream->state = VLS_STREAM_ROUTER;
    (void)vls_stream_ask(upload->stream, &frame, NULL, 0, VALISE__FRAME__BODY_DONE, on_done);
}

static struct vls_status check_whole(struct vls_upload *upload, struct vls_why *why)
{
    struct vls_digest digest = vls_hash_finish(upload->hash);

    if (!vls_digest_is_equal(&digest, &upload->digest)) {
        if (ftruncate(upload->fd, 0) != 0)
            return vls_fail_errno(VLS_SYSTEM_IO, why, errno,
                                  "truncating content of a wrong digest");
        return vls_fail(VLS_ENVELOPE_DIGEST, why,
                        "the uploaded content has another digest than its name");
    }
    if (fdatasync(upload->fd) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "fdatasync of received content");
    return VLS_DONE;
}

/* All that this call carries is here and the file is open: write it, and see whether the content is
 * whole. */
static void finish(struct vls_upload *upload)
{
    struct vls_stream *stream = upload->stream;
    struct vls_why why = {""};
    struct vls_status status = write_pending(upload, &why);

    if (vls_ok(status) && upload->offset < upload->total) {
        upload->state = CLOSED;
        answer_offset(stream, 204, upload->offset, false);
        return;
    }
    if (vls_ok(status))
        status = check_whole(upload, &why);
    if (vls_ok(status))
        tell_router(upload);
    else
        refuse(stream, status, &why);
}

static void advance(struct vls_upload *upload)
{
    struct vls_why why = {""};
    struct vls_status status;

    upload->state = WRITING;
    if (upload->stream->is_ended) {
        finish(upload);
        return;
    }
    status = write_pending(upload, &why);
    if (!vls_ok(status))
        refuse(upload->stream, status, &why);
}

/* -- the part that is there already ------------------------------------------------------------ */

static struct vls_status hash_slice(struct vls_upload *upload, struct vls_why *why)
{
    uint8_t chunk[VLS_IO_CHUNK];

    for (size_t done = 0; done < PREFIX_SLICE && upload->offset < upload->resume_at;) {
        uint64_t left = upload->resume_at - upload->offset;
        size_t len = left < sizeof chunk ? (size_t)left : sizeof chunk;

        VLS_TRY(vls_fd_read_at(upload->fd, chunk, len, upload->offset, why));
        vls_hash_add(upload->hash, VLS_SLICE(chunk, len));
        upload->offset += len;
        done += len;
    }
    return VLS_DONE;
}

static void on_prefix(evutil_socket_t fd, short what, void *ctx)
{
    struct vls_upload *upload = ctx;
    struct vls_stream *stream = upload->stream;
    struct vls_conn *conn = stream->conn;
    struct vls_why why = {""};
    struct vls_status status;

    (void)fd, (void)what;
    if (upload->state != PREFIX) /* taken over meanwhile: it must not begin to write again */
        return;
    status = hash_slice(upload, &why);
    stream->window_began_ms = vls_server_now(conn->server);
    stream->window_bytes = 0;
    if (!vls_ok(status))
        refuse(stream, status, &why);
    else if (upload->offset < upload->resume_at)
        event_active(upload->prefix_event, EV_TIMEOUT, 0);
    else
        advance(upload);
    vls_conn_pump(conn);
}

static void begin_prefix(struct vls_upload *upload)
{
    struct event_base *base = upload->stream->conn->server->options.base;
    struct vls_why why = {"no memory for an event"};

    upload->synced = upload->resume_at;
    if (upload->resume_at == 0) {
        advance(upload);
        return;
    }
    upload->state = PREFIX;
    upload->prefix_event = event_new(base, -1, 0, on_prefix, upload);
    if (upload->prefix_event == NULL) {
        refuse(upload->stream, (struct vls_status){VLS_SYSTEM_MEMORY}, &why);
        return;
    }
    /* Behind sockets and channels. */
    (void)event_priority_set(upload->prefix_event, event_base_get_npriorities(base) - 1);
    event_active(upload->prefix_event, EV_TIMEOUT, 0);
}

/* -- opening ----------------------------------------------------------------------------------- */

/* One file has one writer: a partner that comes again on a new connection has given the old one up.
 */
static void take_over(struct vls_upload *upload)
{
    struct vls_server *server = upload->stream->conn->server;
    struct vls_upload *other;

    DL_FOREACH (server->uploads, other) {
        if (vls_digest_is_equal(&other->digest, &upload->digest) &&
            other->stream->conn->partner == upload->stream->conn->partner &&
            other->state != CLOSED) {
            close_upload(other);
            vls_stream_reset(other->stream, NGHTTP2_CANCEL);
        }
    }
    DL_APPEND(server->uploads, upload);
    upload->is_listed = true;
}

static void opened(struct vls_upload *upload, uint64_t there)
{
    struct vls_stream *stream = upload->stream;
    struct vls_why why = {""};

    if (upload->resume_at > there) {
        close_upload(upload);
        stream->answer.has_offset = true;
        stream->answer.offset = there;
        vls_stream_refuse(
            stream, VLS_PROBLEM_OFFSET,
            vls_fail(VLS_INPUT_MALFORMED, &why, "offset %llu, but %llu bytes are there",
                     (unsigned long long)upload->resume_at, (unsigned long long)there),
            &why);
        return;
    }
    if (upload->resume_at < there && ftruncate(upload->fd, (off_t)upload->resume_at) != 0) {
        refuse(stream, vls_fail_errno(VLS_SYSTEM_IO, &why, errno, "truncating received content"),
               &why);
        return;
    }
    begin_prefix(upload);
}

static void on_opened(struct vls_stream *stream, struct vls_status status,
                      const Valise__Frame *frame, struct vls_fds *fds)
{
    const Valise__UploadOpenResult *result = frame->upload_open_result;
    struct vls_upload *upload = stream->upload;
    struct vls_why why = {"the router gave no file"};

    status = result->outcome != NULL ? vls_outcome_status(result->outcome, &why)
                                     : (struct vls_status){VLS_WIRE_MALFORMED};
    if (upload->state != OPENING)
        return;
    if (!vls_ok(status)) {
        refuse(stream, status, &why);
    } else if (result->is_complete) {
        close_upload(upload);
        answer_offset(stream, 204, upload->total, true);
    } else if (fds->count != 1) {
        refuse(stream, (struct vls_status){VLS_WIRE_MALFORMED}, &why);
    } else {
        upload->fd = vls_fd_move(&fds->fd[0]);
        opened(upload, result->offset);
    }
}

static bool ask_open(struct vls_stream *stream, struct vls_digest *digest, uint64_t bytes,
                     void (*answered)(struct vls_stream *stream, struct vls_status status,
                                      const Valise__Frame *frame, struct vls_fds *fds))
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__UploadOpen open_request = VALISE__UPLOAD_OPEN__INIT;

    open_request.party = (char *)(uintptr_t)vls_stream_party(stream);
    open_request.digest.data = digest->bytes;
    open_request.digest.len = sizeof digest->bytes;
    open_request.bytes = bytes;
    frame.body_case = VALISE__FRAME__BODY_UPLOAD_OPEN;
    frame.upload_open = &open_request;
    return vls_stream_ask(stream, &frame, NULL, 0, VALISE__FRAME__BODY_UPLOAD_OPEN_RESULT,
                          answered);
}

/* -- calls ------------------------------------------------------------------------------------- */

static void on_asked(struct vls_stream *stream, struct vls_status status,
                     const Valise__Frame *frame, struct vls_fds *fds)
{
    const Valise__UploadOpenResult *result = frame->upload_open_result;
    struct vls_why why = {""};

    (void)fds; /* a descriptor that came along is closed by the channel */
    status = result->outcome != NULL ? vls_outcome_status(result->outcome, &why)
                                     : (struct vls_status){VLS_WIRE_MALFORMED};
    if (!vls_ok(status))
        refuse(stream, status, &why);
    else
        answer_offset(stream, 204, result->offset, result->is_complete);
}

void vls_upload_ask(struct vls_stream *stream, const char *digest_hex)
{
    struct vls_digest digest;
    struct vls_status status = vls_hex_read(digest_hex, digest.bytes, sizeof digest.bytes);

    if (!vls_ok(status)) {
        refuse(stream, status, NULL);
        return;
    }
    stream->state = VLS_STREAM_ROUTER;
    (void)ask_open(stream, &digest, 0, on_asked);
}

/* The whole size: Upload-Length, or for a PUT without one its Content-Length. */
static struct vls_status whole_size(const struct vls_stream *stream, uint64_t *out,
                                    struct vls_why *why)
{
    uint64_t most = stream->conn->server->options.config->listen.max_content_bytes;
    uint64_t total = stream->has_upload_length ? stream->upload_length : stream->length;

    if (!stream->has_upload_length && !(stream->has_length && stream->upload_offset == 0))
        return vls_fail(VLS_INPUT_MALFORMED, why, "Upload-Length is missing");
    if (total == 0 || stream->upload_offset > total)
        return vls_fail(VLS_INPUT_MALFORMED, why,
                        "Upload-Offset is behind Upload-Length, or that is 0");
    if (total > most)
        return vls_fail(VLS_INPUT_LIMIT, why, "content of %llu bytes, at most %llu are taken",
                        (unsigned long long)total, (unsigned long long)most);
    if (stream->has_length && stream->length > total - stream->upload_offset)
        return vls_fail(VLS_INPUT_MALFORMED, why, "the body is longer than what is left to send");
    *out = total;
    return VLS_DONE;
}

void vls_upload_begin(struct vls_stream *stream, const char *digest_hex)
{
    struct vls_upload *upload;
    struct vls_why why = {""};
    uint64_t total = 0;
    struct vls_status status = whole_size(stream, &total, &why);

    if (!vls_ok(status)) {
        refuse(stream, status, &why);
        return;
    }
    upload = vls_mem_new(sizeof *upload);
    upload->stream = stream;
    upload->fd = -1;
    upload->total = total;
    upload->resume_at = stream->upload_offset;
    upload->hash = vls_hash_new();
    vls_buf_init(&upload->pending, VLS_PEER_STREAM_WINDOW + VLS_IO_CHUNK);
    stream->upload = upload;
    stream->state = VLS_STREAM_UPLOAD;
    status = vls_hex_read(digest_hex, upload->digest.bytes, sizeof upload->digest.bytes);
    if (!vls_ok(status)) {
        refuse(stream, status, NULL);
        return;
    }
    take_over(upload);
    if (ask_open(stream, &upload->digest, total, on_opened))
        vls_stream_continue(stream);
    else
        close_upload(upload);
}

void vls_upload_data(struct vls_stream *stream, struct vls_slice bytes)
{
    struct vls_upload *upload = stream->upload;
    struct vls_why why = {""};
    struct vls_status status;

    if (upload->state == CLOSED) {
        vls_stream_consume(stream, bytes.len);
        return;
    }
    if (upload->resume_at + stream->received > upload->total) {
        vls_stream_consume(stream, bytes.len);
        refuse(stream, vls_fail(VLS_INPUT_MALFORMED, &why, "more bytes than Upload-Length"), &why);
        return;
    }
    status = vls_buf_add_slice(&upload->pending, bytes);
    if (vls_ok(status) && upload->state == WRITING && upload->pending.len >= VLS_IO_CHUNK)
        status = write_pending(upload, &why);
    if (!vls_ok(status))
        refuse(stream, status, &why);
}

void vls_upload_end(struct vls_stream *stream)
{
    if (stream->upload->state == WRITING)
        finish(stream->upload);
}

void vls_upload_free(struct vls_upload **upload)
{
    struct vls_upload *u = *upload;

    if (u == NULL)
        return;
    if (u->is_listed)
        DL_DELETE(u->stream->conn->server->uploads, u);
    /* Broken off: what has come so far is worth keeping. */
    if (u->state == WRITING && u->pending.len > 0)
        VLS_IGNORE(write_pending(u, NULL), "the partner will ask how much is there");
    close_upload(u);
    if (u->prefix_event != NULL)
        event_free(u->prefix_event);
    vls_hash_free(&u->hash);
    vls_buf_fini(&u->pending);
    vls_fd_close(&u->fd);
    vls_mem_free(u);
    *upload = NULL;
}
