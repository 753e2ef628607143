#include "envelope/internal.h"

#include "envelope/manifest.h"
#include "envelope/record.h"

static struct vls_status check(const Valise__InternalRecord *r, struct vls_why *why)
{
    if (r->version != VLS_INTERNAL_VERSION)
        return vls_fail(VLS_ENVELOPE_VERSION, why, "version %u is not understood, only %u",
                        r->version, VLS_INTERNAL_VERSION);
    VLS_TRY(vls_field_name("kind", r->kind, VLS_MAX_NAME, why));
    VLS_TRY(vls_field_time("at_ms", r->at_ms, why));
    VLS_TRY(vls_field_length("nonce", &r->nonce, VLS_NONCE_BYTES, why));
    if (r->id.len != 0)
        VLS_TRY(vls_field_id("id", &r->id, why));
    VLS_TRY(vls_field_line("actor", r->actor, VLS_MAX_NAME, why));
    if (r->body.len > VLS_MAX_INTERNAL)
        return vls_fail(VLS_ENVELOPE_MALFORMED, why, "body has %zu bytes, and the limit is %d",
                        r->body.len, VLS_MAX_INTERNAL);
    return VLS_DONE;
}

struct vls_status vls_internal_read(struct vls_slice bytes, struct vls_internal *out,
                                    struct vls_why *why)
{
    if (bytes.len > VLS_MAX_MANIFEST)
        return vls_fail(VLS_ENVELOPE_MALFORMED, why, "an entry of %zu bytes; the limit is %d",
                        bytes.len, VLS_MAX_MANIFEST);
    struct vls_internal r = {valise__internal_record__unpack(NULL, bytes.len, bytes.at)};
    if (r.fields == NULL)
        return vls_fail(VLS_ENVELOPE_MALFORMED, why, "the entry does not decode");
    struct vls_status s = vls_record_check(bytes, &valise__internal_record__descriptor, why);
    if (vls_ok(s))
        s = check(r.fields, why);
    if (vls_ok(s))
        *out = r;
    else
        vls_internal_fini(&r);
    return s;
}

void vls_internal_fini(struct vls_internal *internal)
{
    if (internal->fields != NULL)
        valise__internal_record__free_unpacked(internal->fields, NULL);
    internal->fields = NULL;
}

struct vls_status vls_internal_write(const Valise__InternalRecord *fields, struct vls_buf *out,
                                     struct vls_why *why)
{
    uint8_t *at;
    VLS_TRY(check(fields, why));
    VLS_TRY(vls_buf_reserve(out, valise__internal_record__get_packed_size(fields), &at));
    vls_buf_took(out, valise__internal_record__pack(fields, at));
    return VLS_DONE;
}
