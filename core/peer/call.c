/* peer/call - which call a stream is, by method and path. See server_internal.h. */
#include "base/text.h"
#include "envelope/manifest.h"
#include "peer/form.h"
#include "peer/server_internal.h"

#define PATH_WELL_KNOWN "/.well-known/valise"
#define PATH_EXCHANGE   "/v1/exchange"
#define PATH_CONTENT    "/v1/content/"

static bool is_text(struct vls_slice slice, const char *text)
{
    return vls_slice_is_equal(slice, vls_slice_text(text));
}

/* -- header fields ----------------------------------------------------------------------------- */

/* Keep a value as text; what does not fit or is not plain cannot be one that means anything to us.
 */
static void keep_text(char *to, size_t room, struct vls_slice value)
{
    if (value.len >= room || !vls_text_is_clean(value, false))
        return;
    vls_copy(to, value.at, value.len);
    to[value.len] = '\0';
}

static void keep_number(struct vls_stream *stream, struct vls_slice value, bool *out_has,
                        uint64_t *out)
{
    char text[24] = "";

    keep_text(text, sizeof text, value);
    if (*out_has || !vls_ok(vls_number_read(text, 0, VLS_MAX_CONTENT, out)))
        stream->is_bad_header = true;
    *out_has = true;
}

void vls_call_header(struct vls_stream *stream, struct vls_slice name, struct vls_slice value)
{
    if (is_text(name, ":method"))
        keep_text(stream->method, sizeof stream->method, value);
    else if (is_text(name, ":path"))
        keep_text(stream->path, sizeof stream->path, value);
    else if (is_text(name, "content-length"))
        keep_number(stream, value, &stream->has_length, &stream->length);
    else if (is_text(name, "upload-length"))
        keep_number(stream, value, &stream->has_upload_length, &stream->upload_length);
    else if (is_text(name, "upload-offset"))
        keep_number(stream, value, &stream->has_upload_offset, &stream->upload_offset);
    else if (is_text(name, "expect"))
        stream->expects_continue = is_text(value, "100-continue");
}

/* -- GET /.well-known/valise ------------------------------------------------------------------- */

static struct vls_status write_description(const struct vls_config *config, struct vls_buf *out)
{
    return vls_buf_add_format(
        out,
        "{\"party\":\"%s\",\"versions\":[%u],\"limits\":{\"batch_messages\":%d,\"batch_bytes\":%u,"
        "\"exchange_bytes\":%u,\"inline_bytes\":%d,\"content_bytes\":%llu}}\n",
        config->node.party, VLS_EXCHANGE_VERSION, VLS_BATCH_MESSAGES, VLS_BATCH_BYTES,
        VLS_MAX_EXCHANGE, VLS_INLINE_CONTENT, (unsigned long long)config->listen.max_content_bytes);
}

static void describe(struct vls_stream *stream)
{
    struct vls_status status =
        write_description(stream->conn->server->options.config, &stream->answer.body);

    if (!vls_ok(status)) {
        vls_stream_refuse(stream, VLS_PROBLEM_INTERNAL, status, NULL);
        return;
    }
    stream->answer.http_status = 200;
    stream->answer.media_type = "application/json";
    vls_stream_answer(stream);
}

/* -- dispatch ---------------------------------------------------------------------------------- */

static bool is_call(const struct vls_stream *stream, const char *method, const char *path)
{
    return is_text(vls_slice_text(stream->method), method) &&
           is_text(vls_slice_text(stream->path), path);
}

/* The 64 digits behind /v1/content/, or NULL. */
static const char *content_digest(const struct vls_stream *stream)
{
    struct vls_slice path = vls_slice_text(stream->path), prefix = vls_slice_text(PATH_CONTENT);
    uint8_t digest[VLS_DIGEST_BYTES];

    if (path.len != prefix.len + 2u * VLS_DIGEST_BYTES ||
        !vls_slice_is_equal(VLS_SLICE(path.at, prefix.len), prefix) ||
        !vls_ok(vls_hex_read(stream->path + prefix.len, digest, sizeof digest)))
        return NULL;
    return stream->path + prefix.len;
}

static void begin_content(struct vls_stream *stream, const char *digest)
{
    struct vls_slice method = vls_slice_text(stream->method);
    struct vls_why why;

    if (is_text(method, "HEAD"))
        vls_upload_ask(stream, digest);
    else if (is_text(method, "PUT") || is_text(method, "PATCH"))
        vls_upload_begin(stream, digest);
    else
        vls_stream_refuse(stream, VLS_PROBLEM_NOT_FOUND,
                          vls_fail(VLS_INPUT_MALFORMED, &why, "no such method on content"), &why);
}

void vls_call_begin(struct vls_stream *stream)
{
    const char *digest = content_digest(stream);
    struct vls_why why;

    if (stream->is_oversize)
        vls_stream_refuse(stream, VLS_PROBLEM_HEADERS,
                          vls_fail(VLS_INPUT_LIMIT, &why, "header fields above the limit"), &why);
    else if (stream->is_bad_header)
        vls_stream_refuse(stream, VLS_PROBLEM_MALFORMED,
                          vls_fail(VLS_INPUT_MALFORMED, &why, "a length or offset is no number"),
                          &why);
    else if (is_call(stream, "GET", PATH_WELL_KNOWN))
        describe(stream);
    else if (is_call(stream, "POST", PATH_EXCHANGE))
        vls_exchange_begin(stream);
    else if (digest != NULL)
        begin_content(stream, digest);
    else
        vls_stream_refuse(stream, VLS_PROBLEM_NOT_FOUND,
                          vls_fail(VLS_INPUT_MALFORMED, &why, "no such call"), &why);
}

void vls_call_data(struct vls_stream *stream, struct vls_slice bytes)
{
    switch (stream->state) {
    case VLS_STREAM_EXCHANGE:
        vls_exchange_data(stream, bytes);
        return;
    case VLS_STREAM_UPLOAD:
        vls_upload_data(stream, bytes);
        return;
    case VLS_STREAM_HEAD:
    case VLS_STREAM_DRAIN:
    case VLS_STREAM_ROUTER:
    case VLS_STREAM_ANSWER:
        vls_stream_consume(stream, bytes.len);
        return;
    }
}

void vls_call_end(struct vls_stream *stream)
{
    if (stream->state == VLS_STREAM_EXCHANGE)
        vls_exchange_end(stream);
    else if (stream->state == VLS_STREAM_UPLOAD)
        vls_upload_end(stream);
}
