#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "envelope/inclusion.h"
#include "envelope/parcel.h"
#include "envelope/parcel_names.h"
#include "envelope/stream.h"
#include "envelope/tar.h"

/** What one reading fills. */
struct parcel {
    struct vls_tar_reader *tar;
    Valise__Evidence *evidence; /* of protobuf-c's allocator, as its release function expects */
    int content_fd;
    struct vls_digest content_digest;
};

static struct vls_status read_entry(struct parcel *p, const char *name, size_t max,
                                    ProtobufCBinaryData *out, struct vls_why *why)
{
    struct vls_why inner = {""};
    VLS_DEFER(vls_buf_fini) struct vls_buf bytes;
    vls_buf_init(&bytes, max);
    struct vls_status s = vls_tar_read_all(p->tar, &bytes, &inner);
    if (!vls_ok(s))
        return vls_fail(s.code, why, "%s: %s", name, inner.text);
    if (bytes.len == 0)
        return vls_fail(VLS_ENVELOPE_MALFORMED, why, "%s is empty", name);
    return vls_evidence_copy(vls_buf_slice(&bytes), out, why);
}

static struct vls_status read_manifest(struct parcel *p, struct vls_why *why)
{
    return read_entry(p, VLS_PARCEL_MANIFEST, VLS_MAX_MANIFEST, &p->evidence->manifest, why);
}

static struct vls_status read_sealed(struct parcel *p, struct vls_why *why)
{
    return read_entry(p, VLS_PARCEL_SEALED, VLS_MAX_SEALED_DER, &p->evidence->sealed, why);
}

static struct vls_status read_receipt(struct parcel *p, struct vls_why *why)
{
    return read_entry(p, VLS_PARCEL_RECEIPT, VLS_MAX_MANIFEST, &p->evidence->receipt, why);
}

static struct vls_status read_decision(struct parcel *p, struct vls_why *why)
{
    return read_entry(p, VLS_PARCEL_DECISION, VLS_MAX_DECISION, &p->evidence->decision, why);
}

static struct vls_status read_content(struct parcel *p, struct vls_why *why)
{
    VLS_DEFER(vls_hash_free) struct vls_hash *hash = vls_hash_new();
    uint64_t count = 0;
    if (p->content_fd >= 0 && ftruncate(p->content_fd, 0) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "empty the content's file");
    for (;;) {
        struct vls_slice piece;
        VLS_TRY(vls_tar_read(p->tar, &piece, why));
        if (piece.len == 0)
            break;
        vls_hash_add(hash, piece);
        if (p->content_fd >= 0)
            VLS_TRY(vls_write_at(p->content_fd, piece, &count, why));
        else
            count += piece.len;
        if (count > VLS_MAX_CONTENT)
            return vls_fail(VLS_INPUT_LIMIT, why, "content.bin is above %llu bytes",
                            VLS_MAX_CONTENT);
    }
    p->evidence->content_bytes = count;
    p->content_digest = vls_hash_finish(hash);
    return VLS_DONE;
}

static struct vls_status read_proof(struct parcel *p, const char *name,
                                    Valise__InclusionEvidence **out, struct vls_why *why)
{
    struct vls_why inner = {""};
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    vls_buf_init(&text, VLS_MAX_PROOF_FILE);
    struct vls_status s = vls_tar_read_all(p->tar, &text, &inner);
    if (vls_ok(s))
        s = vls_inclusion_read(vls_buf_slice(&text), out, NULL, &inner);
    if (!vls_ok(s))
        return vls_fail(s.code, why, "%s: %s", name, inner.text);
    return s;
}

static struct vls_status read_sent(struct parcel *p, struct vls_why *why)
{
    return read_proof(p, VLS_PARCEL_SENT, &p->evidence->sent, why);
}

static struct vls_status read_received(struct parcel *p, struct vls_why *why)
{
    return read_proof(p, VLS_PARCEL_RECEIVED, &p->evidence->received, why);
}

/* The entries in their order. */
static const struct entry {
    const char *name;
    bool is_required;
    struct vls_status (*read)(struct parcel *p, struct vls_why *why);
} entries[] = {
    {VLS_PARCEL_MANIFEST, true, read_manifest},  {VLS_PARCEL_SEALED, true, read_sealed},
    {VLS_PARCEL_CONTENT, true, read_content},    {VLS_PARCEL_SENT, false, read_sent},
    {VLS_PARCEL_RECEIPT, false, read_receipt},   {VLS_PARCEL_RECEIVED, false, read_received},
    {VLS_PARCEL_DECISION, false, read_decision},
};
#define ENTRY_COUNT (sizeof entries / sizeof entries[0])

static struct vls_status read_all(struct parcel *p, struct vls_why *why)
{
    const char *name;
    uint64_t bytes;
    VLS_TRY(vls_tar_next(p->tar, &name, &bytes, why));
    for (size_t i = 0; i < ENTRY_COUNT; i++) {
        if (name == NULL || strcmp(name, entries[i].name) != 0) {
            if (entries[i].is_required)
                return vls_fail(VLS_ENVELOPE_MALFORMED, why, "the parcel has no %s in its place",
                                entries[i].name);
            continue;
        }
        VLS_TRY(entries[i].read(p, why));
        VLS_TRY(vls_tar_next(p->tar, &name, &bytes, why));
    }
    if (name != NULL)
        return vls_fail(VLS_ENVELOPE_MALFORMED, why, "%s has no place in a parcel", name);
    return VLS_DONE;
}

struct vls_status vls_parcel_read(int fd, int content_fd, Valise__Evidence **out,
                                  uint8_t out_content_digest[32], struct vls_why *why)
{
    struct parcel p = {.content_fd = content_fd};
    VLS_TRY(vls_tar_reader_new(fd, VLS_ENVELOPE_MALFORMED, &p.tar, why));
    p.evidence = vls_mem_new(sizeof *p.evidence);
    valise__evidence__init(p.evidence);
    struct vls_status s = read_all(&p, why);
    vls_tar_reader_free(&p.tar);
    if (vls_ok(s)) {
        vls_copy(out_content_digest, p.content_digest.bytes, VLS_DIGEST_BYTES);
        *out = p.evidence;
    } else {
        valise__evidence__free_unpacked(p.evidence, NULL);
    }
    return s;
}
