#include <string.h>

#include "label/label.h"
#include "label/oid.h"
#include "label/scheme_internal.h"

/*
 * ESSSecurityLabel, as far as labels here go:
 *
 *     31 len                     SET
 *        02 len classification   INTEGER 0..256
 *        06 len policy           OBJECT IDENTIFIER
 *
 * DER orders the members of a SET by tag, so the INTEGER comes first although the standard names
 * the policy first. There is exactly one encoding of a label, and the reader takes only that one:
 * what it accepts it would write again byte for byte. Privacy mark and categories are refused:
 * passing over what one does not understand would lose a restriction.
 */
#define TAG_INTEGER   0x02
#define TAG_OID       0x06
#define TAG_UTF8      0x0c
#define TAG_PRINTABLE 0x13
#define TAG_SET       0x31

#define SHORT_LENGTH_MAX 0x7f

/* The content fits the short form of a length: checked here so that writer and reader need no
 * other. */
_Static_assert(2 + 2 + 2 + VLS_MAX_OID <= SHORT_LENGTH_MAX, "a label needs a length of one byte");

struct form {
    struct vls_slice oid;
    uint32_t lacv;
};

static struct vls_status fail_at(size_t offset, struct vls_why *why, const char *words)
{
    return vls_fail(VLS_LABEL_MALFORMED, why, "label, byte %zu: %s", offset, words);
}

static size_t offset_of(struct vls_slice der, const struct vls_reader *r)
{
    return der.len - r->rest.len;
}

/** One element with tag `tag`: its content. */
static struct vls_status take_element(struct vls_slice der, struct vls_reader *r, uint8_t tag,
                                      const char *name, struct vls_slice *out, struct vls_why *why)
{
    size_t at = offset_of(der, r);
    if (vls_reader_is_at_end(r))
        return vls_fail(VLS_LABEL_MALFORMED, why, "label, byte %zu: ends where %s is expected", at,
                        name);
    uint8_t found = vls_reader_u8(r);
    if (found != tag)
        return vls_fail(VLS_LABEL_MALFORMED, why,
                        "label, byte %zu: tag %02x where %s (tag %02x) is expected", at, found,
                        name, tag);
    uint8_t len = vls_reader_u8(r);
    if (r->failed || len > SHORT_LENGTH_MAX)
        return fail_at(at + 1, why, "a length that is missing, indefinite or not the shortest");
    if (len > r->rest.len)
        return fail_at(at + 1, why, "a length that reaches beyond the end");
    *out = vls_reader_bytes(r, len);
    return VLS_DONE;
}

static struct vls_status read_integer(struct vls_slice content, size_t offset, uint32_t *out,
                                      struct vls_why *why)
{
    if (content.len < 1 || content.len > 2)
        return fail_at(offset, why, "a classification outside 0 to 256");
    if ((content.at[0] & 0x80) != 0)
        return fail_at(offset, why, "a negative classification");
    if (content.len == 2 && content.at[0] == 0 && (content.at[1] & 0x80) == 0)
        return fail_at(offset, why, "a classification that is not in its shortest form");
    uint32_t value = content.at[0];
    if (content.len == 2)
        value = value << 8 | content.at[1];
    if (value > VLS_MAX_LACV)
        return fail_at(offset, why, "a classification outside 0 to 256");
    *out = value;
    return VLS_DONE;
}

static struct vls_status refuse_rest(struct vls_slice der, const struct vls_reader *r,
                                     struct vls_why *why)
{
    size_t at = offset_of(der, r);
    switch (r->rest.at[0]) {
    case TAG_UTF8:
    case TAG_PRINTABLE:
        return fail_at(at, why, "a privacy mark, which is not understood and so not passed over");
    case TAG_SET:
        return fail_at(at, why, "categories, which are not understood and so not passed over");
    default:
        return fail_at(at, why, "an element that no label has, or that stands out of order");
    }
}

static struct vls_status read_form(struct vls_slice der, struct form *out, struct vls_why *why)
{
    if (der.len == 0)
        return vls_fail(VLS_LABEL_MALFORMED, why, "label, byte 0: it is empty");
    if (der.len > VLS_MAX_LABEL)
        return vls_fail(VLS_LABEL_MALFORMED, why, "label: %zu bytes, at most %d are read", der.len,
                        VLS_MAX_LABEL);
    struct vls_reader whole = vls_reader_of(der);
    struct vls_slice set, integer, oid;
    VLS_TRY(take_element(der, &whole, TAG_SET, "a SET", &set, why));
    if (!vls_reader_is_at_end(&whole))
        return fail_at(offset_of(der, &whole), why, "bytes behind the end");
    struct vls_reader r = vls_reader_of(set);
    VLS_TRY(take_element(der, &r, TAG_INTEGER, "the classification", &integer, why));
    uint32_t lacv;
    VLS_TRY(read_integer(integer, offset_of(der, &r) - integer.len, &lacv, why));
    VLS_TRY(take_element(der, &r, TAG_OID, "the policy", &oid, why));
    char dotted[VLS_MAX_OID_TEXT];
    if (!vls_ok(vls_oid_text(oid, dotted)))
        return fail_at(offset_of(der, &r) - oid.len, why,
                       "a policy identifier that is not in its shortest form, or too long");
    if (!vls_reader_is_at_end(&r))
        return refuse_rest(der, &r, why);
    *out = (struct form){oid, lacv};
    return VLS_DONE;
}

struct vls_status vls_label_check_form(struct vls_slice der, struct vls_why *why)
{
    struct form form;
    return read_form(der, &form, why);
}

static const struct vls_scheme *find_scheme(const struct vls_scheme_set *schemes,
                                            struct vls_slice oid)
{
    for (size_t i = 0; i < schemes->count; i++) {
        const struct vls_scheme *s = schemes->schemes[i];
        if (vls_slice_is_equal(VLS_SLICE(s->oid_der, s->oid_der_len), oid))
            return s;
    }
    return NULL;
}

struct vls_status vls_label_decode(struct vls_slice der, const struct vls_scheme_set *schemes,
                                   struct vls_label *out, struct vls_why *why)
{
    struct form form;
    VLS_TRY(read_form(der, &form, why));
    const struct vls_scheme *scheme = find_scheme(schemes, form.oid);
    if (scheme == NULL) {
        char dotted[VLS_MAX_OID_TEXT] = "?";
        VLS_IGNORE(vls_oid_text(form.oid, dotted), "read_form() has read it already");
        return vls_fail(VLS_LABEL_SCHEME, why, "the label's policy %s is of no scheme loaded here",
                        dotted);
    }
    const struct vls_classification *c = vls_scheme_by_lacv(scheme, form.lacv);
    if (c == NULL)
        return vls_fail(VLS_LABEL_VALUE, why, "scheme %.80s has no classification of value %u",
                        scheme->name, form.lacv);
    if (c->needs_category)
        return vls_fail(VLS_LABEL_VALUE, why,
                        "%.60s/%.60s is valid only with a category, and the label has none",
                        scheme->name, c->handle);
    *out = (struct vls_label){scheme, c};
    return VLS_DONE;
}

struct vls_status vls_label_encode(const struct vls_label *label, struct vls_buf *out)
{
    uint32_t lacv = label->classification->lacv;
    uint8_t value[2] = {(uint8_t)(lacv >> 8), (uint8_t)lacv};
    size_t skipped = lacv < 0x80 ? 1 : 0;
    size_t value_len = sizeof value - skipped;
    size_t oid_len = label->scheme->oid_der_len;
    const uint8_t head[] = {TAG_SET, (uint8_t)(2 + value_len + 2 + oid_len), TAG_INTEGER,
                            (uint8_t)value_len};
    const uint8_t oid_head[] = {TAG_OID, (uint8_t)oid_len};
    VLS_TRY(vls_buf_add(out, head, sizeof head));
    VLS_TRY(vls_buf_add(out, value + skipped, value_len));
    VLS_TRY(vls_buf_add(out, oid_head, sizeof oid_head));
    return vls_buf_add(out, label->scheme->oid_der, oid_len);
}
