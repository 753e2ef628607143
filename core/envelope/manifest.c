#include "envelope/manifest.h"

#include <string.h>

#include "base/text.h"
#include "envelope/record.h"
#include "label/label.h"

static struct vls_status check_version(uint32_t version, struct vls_why *why)
{
    if (version == VLS_MANIFEST_VERSION)
        return VLS_DONE;
    return vls_fail(VLS_ENVELOPE_VERSION, why, "version %u is not understood, only %u", version,
                    VLS_MANIFEST_VERSION);
}

static struct vls_status check_parties(const char *from, const char *to, struct vls_why *why)
{
    VLS_TRY(vls_field_name("from", from, VLS_MAX_PARTY, why));
    VLS_TRY(vls_field_name("to", to, VLS_MAX_PARTY, why));
    if (strcmp(from, to) == 0)
        return vls_fail(VLS_ENVELOPE_MALFORMED, why, "from and to are the same party");
    return VLS_DONE;
}

static bool is_same(const ProtobufCBinaryData *a, const ProtobufCBinaryData *b)
{
    return vls_slice_is_equal(VLS_SLICE(a->data, a->len), VLS_SLICE(b->data, b->len));
}

/* Names joined by '/': "un-iom/document-exchange", "un/ga". */
static struct vls_status check_path(const char *field, const char *path, const char *example,
                                    struct vls_why *why)
{
    char part[VLS_MAX_NAME + 1];
    bool is_named = strlen(path) <= VLS_MAX_NAME;
    for (const char *at = path; is_named; at++) {
        size_t len = strcspn(at, "/");
        vls_text_copy(part, len + 1, at);
        is_named = vls_text_is_name(part, VLS_MAX_NAME);
        at += len;
        if (*at == '\0')
            break;
    }
    if (is_named)
        return VLS_DONE;
    return vls_fail(VLS_ENVELOPE_MALFORMED, why, "%s is not a name like \"%s\" of at most %d",
                    field, example, VLS_MAX_NAME);
}

static struct vls_status check_correspondence(const Valise__Manifest *m, struct vls_why *why)
{
    VLS_TRY(vls_field_name("kind", m->kind, VLS_MAX_NAME, why));
    VLS_TRY(check_parties(m->from, m->to, why));
    if (m->body[0] != '\0')
        VLS_TRY(check_path("body", m->body, "un/ga", why));
    VLS_TRY(vls_field_time("created_ms", m->created_ms, why));
    if (m->deadline_ms != 0)
        VLS_TRY(vls_field_time("deadline_ms", m->deadline_ms, why));
    VLS_TRY(vls_field_line("conversation", m->conversation, VLS_MAX_NAME, why));
    if (m->in_reply_to.len != 0)
        VLS_TRY(vls_field_id("in_reply_to", &m->in_reply_to, why));
    if (is_same(&m->in_reply_to, &m->id))
        return vls_fail(VLS_ENVELOPE_MALFORMED, why, "in_reply_to is the message itself");
    return VLS_DONE;
}

static struct vls_status check_basis(const Valise__Manifest *m, struct vls_why *why)
{
    struct vls_why inner = {""};
    VLS_TRY(check_path("arrangement", m->arrangement, "un-iom/document-exchange", why));
    if (m->arrangement_version == 0)
        return vls_fail(VLS_ENVELOPE_MALFORMED, why, "arrangement_version is missing");
    VLS_TRY(vls_field_length("arrangement_digest", &m->arrangement_digest, VLS_DIGEST_BYTES, why));
    if (m->label.len == 0 || m->label.len > VLS_MAX_LABEL)
        return vls_fail(VLS_ENVELOPE_MALFORMED, why, "label has %zu bytes; 1 to %d are allowed",
                        m->label.len, VLS_MAX_LABEL);
    if (!vls_ok(vls_label_check_form(VLS_SLICE(m->label.data, m->label.len), &inner)))
        return vls_fail(VLS_ENVELOPE_MALFORMED, why, "label: %s", inner.text);
    return VLS_DONE;
}

static struct vls_status check_content(const Valise__Manifest *m, struct vls_why *why)
{
    VLS_TRY(vls_field_length("sealed_digest", &m->sealed_digest, VLS_DIGEST_BYTES, why));
    VLS_TRY(vls_field_length("content_digest", &m->content_digest, VLS_DIGEST_BYTES, why));
    if (m->content_bytes == 0 || m->content_bytes > VLS_MAX_CONTENT)
        return vls_fail(VLS_ENVELOPE_MALFORMED, why, "content_bytes is %llu; 1 to %llu are allowed",
                        (unsigned long long)m->content_bytes, VLS_MAX_CONTENT);
    return VLS_DONE;
}

/* The same rules for what we write and what we read. */
static struct vls_status check(const Valise__Manifest *m, struct vls_why *why)
{
    VLS_TRY(check_version(m->version, why));
    VLS_TRY(vls_field_id("id", &m->id, why));
    VLS_TRY(vls_field_length("nonce", &m->nonce, VLS_NONCE_BYTES, why));
    VLS_TRY(check_correspondence(m, why));
    VLS_TRY(check_basis(m, why));
    return check_content(m, why);
}

static struct vls_status check_bytes(struct vls_slice bytes, const Valise__Manifest *m,
                                     struct vls_why *why)
{
    VLS_TRY(check_version(m->version, why)); /* a later version may well have more fields */
    VLS_TRY(vls_record_check(bytes, &valise__manifest__descriptor, why));
    return check(m, why);
}

struct vls_status vls_manifest_read(struct vls_slice bytes, struct vls_manifest *out,
                                    struct vls_why *why)
{
    if (bytes.len > VLS_MAX_MANIFEST)
        return vls_fail(VLS_ENVELOPE_MALFORMED, why, "a manifest of %zu bytes; the limit is %d",
                        bytes.len, VLS_MAX_MANIFEST);
    struct vls_manifest m = {.fields = valise__manifest__unpack(NULL, bytes.len, bytes.at)};
    if (m.fields == NULL)
        return vls_fail(VLS_ENVELOPE_MALFORMED, why, "the manifest does not decode");
    struct vls_status s = check_bytes(bytes, m.fields, why);
    if (vls_ok(s))
        s = vls_id_from(VLS_SLICE(m.fields->id.data, m.fields->id.len), &m.id);
    if (!vls_ok(s)) {
        vls_manifest_fini(&m);
        return s;
    }
    m.digest = vls_digest_of_slice(bytes);
    *out = m;
    return s;
}

void vls_manifest_fini(struct vls_manifest *m)
{
    if (m->fields != NULL)
        valise__manifest__free_unpacked(m->fields, NULL);
    m->fields = NULL;
}

struct vls_status vls_manifest_write(const Valise__Manifest *fields, struct vls_buf *out,
                                     struct vls_why *why)
{
    uint8_t *at;
    VLS_TRY(check(fields, why));
    size_t len = valise__manifest__get_packed_size(fields);
    if (len > VLS_MAX_MANIFEST)
        return vls_fail(VLS_INPUT_LIMIT, why, "a manifest of %zu bytes; the limit is %d", len,
                        VLS_MAX_MANIFEST);
    VLS_TRY(vls_buf_reserve(out, len, &at));
    vls_buf_took(out, valise__manifest__pack(fields, at));
    return VLS_DONE;
}

/* -- receipts ---------------------------------------------------------------------------------- */

static struct vls_status check_receipt(const Valise__ReceiptRecord *r, struct vls_why *why)
{
    VLS_TRY(check_version(r->version, why));
    VLS_TRY(vls_field_id("id", &r->id, why));
    VLS_TRY(vls_field_length("manifest_digest", &r->manifest_digest, VLS_DIGEST_BYTES, why));
    VLS_TRY(check_parties(r->from, r->to, why));
    VLS_TRY(vls_field_time("received_ms", r->received_ms, why));
    return vls_field_length("nonce", &r->nonce, VLS_NONCE_BYTES, why);
}

static struct vls_status take_receipt(struct vls_slice bytes, struct vls_receipt *r,
                                      struct vls_why *why)
{
    VLS_TRY(check_version(r->fields->version, why));
    VLS_TRY(vls_record_check(bytes, &valise__receipt_record__descriptor, why));
    VLS_TRY(check_receipt(r->fields, why));
    VLS_TRY(vls_id_from(VLS_SLICE(r->fields->id.data, r->fields->id.len), &r->id));
    return vls_digest_from(
        VLS_SLICE(r->fields->manifest_digest.data, r->fields->manifest_digest.len),
        &r->manifest_digest);
}

struct vls_status vls_receipt_read(struct vls_slice bytes, struct vls_receipt *out,
                                   struct vls_why *why)
{
    if (bytes.len > VLS_MAX_MANIFEST)
        return vls_fail(VLS_ENVELOPE_MALFORMED, why, "a receipt of %zu bytes; the limit is %d",
                        bytes.len, VLS_MAX_MANIFEST);
    struct vls_receipt r = {.fields = valise__receipt_record__unpack(NULL, bytes.len, bytes.at)};
    if (r.fields == NULL)
        return vls_fail(VLS_ENVELOPE_MALFORMED, why, "the receipt does not decode");
    struct vls_status s = take_receipt(bytes, &r, why);
    if (vls_ok(s))
        *out = r;
    else
        vls_receipt_fini(&r);
    return s;
}

void vls_receipt_fini(struct vls_receipt *r)
{
    if (r->fields != NULL)
        valise__receipt_record__free_unpacked(r->fields, NULL);
    r->fields = NULL;
}

struct vls_status vls_receipt_write(const Valise__ReceiptRecord *fields, struct vls_buf *out,
                                    struct vls_why *why)
{
    uint8_t *at;
    VLS_TRY(check_receipt(fields, why));
    VLS_TRY(vls_buf_reserve(out, valise__receipt_record__get_packed_size(fields), &at));
    vls_buf_took(out, valise__receipt_record__pack(fields, at));
    return VLS_DONE;
}

/* -- decisions --------------------------------------------------------------------------------- */

struct vls_status vls_decision_record_read(struct vls_slice bytes, Valise__DecisionRecord **out,
                                           struct vls_why *why)
{
    if (bytes.len > VLS_MAX_DECISION)
        return vls_fail(VLS_ENVELOPE_MALFORMED, why,
                        "a decision record of %zu bytes; the limit is %d", bytes.len,
                        VLS_MAX_DECISION);
    Valise__DecisionRecord *record = valise__decision_record__unpack(NULL, bytes.len, bytes.at);
    if (record == NULL)
        return vls_fail(VLS_ENVELOPE_MALFORMED, why, "the decision record does not decode");
    *out = record;
    return VLS_DONE;
}
