#include <errno.h>
#include <unistd.h>

#include "envelope/inclusion.h"
#include "envelope/parcel.h"
#include "envelope/parcel_names.h"
#include "envelope/stream.h"
#include "envelope/tar.h"

/** Where the archive's bytes go, at their own place: the descriptor's position is the caller's. */
struct output {
    int fd;
    uint64_t written;
};

static struct vls_status write_out(void *ctx, struct vls_slice bytes, struct vls_why *why)
{
    struct output *out = ctx;
    return vls_write_at(out->fd, bytes, &out->written, why);
}

static struct vls_status add(struct vls_tar_writer *tar, const char *name,
                             const ProtobufCBinaryData *bytes, struct vls_why *why)
{
    return vls_tar_add(tar, name, VLS_SLICE(bytes->data, bytes->len), why);
}

static struct vls_status add_proof(struct vls_tar_writer *tar, const char *name,
                                   const Valise__InclusionEvidence *evidence, struct vls_why *why)
{
    struct vls_why inner = {""};
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    vls_buf_init(&text, VLS_MAX_PROOF_FILE);
    struct vls_status s = vls_inclusion_write(evidence, (struct vls_slice){NULL, 0}, &text, &inner);
    if (!vls_ok(s))
        return vls_fail(s.code, why, "%s: %s", name, inner.text);
    return vls_tar_add(tar, name, vls_buf_slice(&text), why);
}

static struct vls_status add_content(struct vls_tar_writer *tar, const Valise__Evidence *e,
                                     int content_fd, struct vls_why *why)
{
    struct vls_digest digest;
    if (content_fd < 0)
        return add(tar, VLS_PARCEL_CONTENT, &e->content, why);
    return vls_tar_add_file(tar, VLS_PARCEL_CONTENT, content_fd, e->content_bytes, &digest, why);
}

static struct vls_status add_all(struct vls_tar_writer *tar, const Valise__Evidence *e,
                                 int content_fd, struct vls_why *why)
{
    VLS_TRY(add(tar, VLS_PARCEL_MANIFEST, &e->manifest, why));
    VLS_TRY(add(tar, VLS_PARCEL_SEALED, &e->sealed, why));
    VLS_TRY(add_content(tar, e, content_fd, why));
    if (e->sent != NULL)
        VLS_TRY(add_proof(tar, VLS_PARCEL_SENT, e->sent, why));
    if (e->receipt.len != 0)
        VLS_TRY(add(tar, VLS_PARCEL_RECEIPT, &e->receipt, why));
    if (e->received != NULL)
        VLS_TRY(add_proof(tar, VLS_PARCEL_RECEIVED, e->received, why));
    if (e->decision.len != 0)
        VLS_TRY(add(tar, VLS_PARCEL_DECISION, &e->decision, why));
    return vls_tar_finish(tar, why);
}

struct vls_status vls_parcel_write(int fd, const Valise__Evidence *evidence, int content_fd,
                                   struct vls_why *why)
{
    VLS_DEFER(vls_tar_writer_free) struct vls_tar_writer *tar = NULL;
    struct output out = {.fd = fd};
    if (content_fd < 0 && evidence->content.len != evidence->content_bytes)
        return vls_fail(VLS_ENVELOPE_MALFORMED, why,
                        "the evidence holds %zu bytes of content, and %llu were announced",
                        evidence->content.len, (unsigned long long)evidence->content_bytes);
    if (ftruncate(fd, 0) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "empty the parcel's file");
    vls_tar_writer_new(0, write_out, &out, &tar);
    return add_all(tar, evidence, content_fd, why);
}
