#include <string.h>

#include "label/der_internal.h"
#include "label/oid.h"

#define MAX_DEPTH   8
#define CONSTRUCTED 0x20
#define CLASS       0xc0
#define NUMBER      0x1f
#define LONG_FORM   0x80

struct vls_status vls_der_fail(const struct vls_der *d, const uint8_t *at, const char *words)
{
    return vls_fail(VLS_LABEL_MALFORMED, d->why, "label, byte %zu: %s", (size_t)(at - d->base),
                    words);
}

/** The length that begins at `at`; *out_bytes is how many bytes say it. */
static struct vls_status take_length(const struct vls_der *d, struct vls_slice rest, size_t *out,
                                     size_t *out_bytes)
{
    const char *const WORDS = "a length that is missing, indefinite or not the shortest";
    if (rest.len < 2 || rest.at[1] == LONG_FORM)
        return vls_der_fail(d, rest.at + 1, WORDS);
    size_t bytes = rest.at[1] < LONG_FORM ? 0 : (size_t)(rest.at[1] & ~LONG_FORM), value = 0;
    if (bytes > 2 || rest.len < 2 + bytes)
        return vls_der_fail(d, rest.at + 1, WORDS);
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | rest.at[2 + i];
    if ((bytes == 1 && value < LONG_FORM) || (bytes == 2 && value < 0x100))
        return vls_der_fail(d, rest.at + 1, WORDS);
    *out = bytes == 0 ? rest.at[1] : value;
    *out_bytes = 1 + bytes;
    return VLS_DONE;
}

struct vls_status vls_der_take(const struct vls_der *d, struct vls_slice *rest, uint8_t tag,
                               const char *name, struct vls_slice *out, struct vls_slice *out_whole)
{
    size_t at = (size_t)(rest->at - d->base), len, bytes;
    if (rest->len == 0)
        return vls_fail(VLS_LABEL_MALFORMED, d->why, "label, byte %zu: ends where %s is expected",
                        at, name);
    if (tag != 0 && rest->at[0] != tag)
        return vls_fail(VLS_LABEL_MALFORMED, d->why,
                        "label, byte %zu: tag %02x where %s (tag %02x) is expected", at,
                        rest->at[0], name, tag);
    if ((rest->at[0] & NUMBER) == NUMBER)
        return vls_der_fail(d, rest->at, "a tag of more than one byte");
    VLS_TRY(take_length(d, *rest, &len, &bytes));
    if (len > rest->len - 1 - bytes)
        return vls_der_fail(d, rest->at + 1, "a length that reaches beyond the end");
    *out = VLS_SLICE(rest->at + 1 + bytes, len);
    if (out_whole != NULL)
        *out_whole = VLS_SLICE(rest->at, 1 + bytes + len);
    *rest = VLS_SLICE(out->at + len, rest->len - 1 - bytes - len);
    return VLS_DONE;
}

struct vls_status vls_der_number(const struct vls_der *d, struct vls_slice content, uint64_t max,
                                 uint64_t *out)
{
    uint64_t value = 0;
    if (content.len == 0)
        return vls_der_fail(d, content.at, "an integer without a value");
    if ((content.at[0] & 0x80) != 0)
        return vls_der_fail(d, content.at, "a negative integer");
    if (content.len > 1 && content.at[0] == 0 && (content.at[1] & 0x80) == 0)
        return vls_der_fail(d, content.at, "an integer that is not in its shortest form");
    if (content.len > sizeof value)
        return vls_fail(VLS_LABEL_MALFORMED, d->why,
                        "label, byte %zu: an integer outside 0 to %llu",
                        (size_t)(content.at - d->base), (unsigned long long)max);
    for (size_t i = 0; i < content.len; i++)
        value = value << 8 | content.at[i];
    if (value > max)
        return vls_fail(VLS_LABEL_MALFORMED, d->why,
                        "label, byte %zu: an integer outside 0 to %llu",
                        (size_t)(content.at - d->base), (unsigned long long)max);
    *out = value;
    return VLS_DONE;
}

/** The value of a simple type: what DER says of each. */
static struct vls_status check_simple(const struct vls_der *d, uint8_t tag, struct vls_slice value)
{
    char dotted[VLS_MAX_OID_TEXT];
    const uint8_t *at = value.at;
    switch (tag) {
    case 0:
        return vls_der_fail(d, at - 2, "an end of contents, which DER does not have");
    case DER_BOOLEAN:
        if (value.len != 1 || (at[0] != 0 && at[0] != 0xff))
            return vls_der_fail(d, at, "a boolean other than 00 or ff");
        break;
    case DER_INTEGER:
    case DER_ENUMERATED:
        if (value.len == 0 ||
            (value.len > 1 && (at[0] == 0 || at[0] == 0xff) && ((at[0] ^ at[1]) & 0x80) == 0))
            return vls_der_fail(d, at, "an integer that is not in its shortest form");
        break;
    case DER_BITS:
        if (value.len == 0 || at[0] > 7 || (value.len == 1 && at[0] != 0) ||
            (at[value.len - 1] & ((1u << at[0]) - 1) & (value.len > 1 ? 0xffu : 0)) != 0)
            return vls_der_fail(d, at, "a bit string with wrong unused bits");
        break;
    case DER_NULL:
        if (value.len != 0)
            return vls_der_fail(d, at, "a null with a value");
        break;
    case DER_OID:
        if (!vls_ok(vls_oid_text(value, dotted)))
            return vls_der_fail(d, at, "an object identifier that is not well formed");
        break;
    default:
        break;
    }
    return VLS_DONE;
}

static struct vls_status check_level(const struct vls_der *d, struct vls_slice content, bool is_set,
                                     int depth)
{
    struct vls_slice inner, whole, before = {NULL, 0};
    if (depth == MAX_DEPTH)
        return vls_der_fail(d, content.at, "elements that are nested too deep");
    while (content.len != 0) {
        uint8_t tag = content.at[0];
        bool is_constructed = (tag & CONSTRUCTED) != 0, is_universal = (tag & CLASS) == 0;
        if (is_universal && is_constructed != ((tag | CONSTRUCTED) == DER_SEQUENCE ||
                                               (tag | CONSTRUCTED) == DER_SET))
            return vls_der_fail(d, content.at, "a type in a form that DER does not have");
        VLS_TRY(vls_der_take(d, &content, 0, "an element", &inner, &whole));
        if (is_set && before.at != NULL && before.at[0] == tag) /* so it is a SET OF */
            VLS_TRY(vls_der_check_sorted(d, before, whole));
        if (is_constructed)
            VLS_TRY(check_level(d, inner, tag == DER_SET, depth + 1));
        else if (is_universal)
            VLS_TRY(check_simple(d, tag, inner));
        before = whole;
    }
    return VLS_DONE;
}

struct vls_status vls_der_check_inside(const struct vls_der *d, struct vls_slice rest)
{
    return check_level(d, rest, false, 0);
}

int vls_der_compare(struct vls_slice a, struct vls_slice b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len != 0 ? memcmp(a.at, b.at, len) : 0;
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

struct vls_status vls_der_check_sorted(const struct vls_der *d, struct vls_slice before,
                                       struct vls_slice element)
{
    if (before.at != NULL && vls_der_compare(before, element) > 0)
        return vls_der_fail(d, element.at, "an element that stands out of order");
    return VLS_DONE;
}

struct vls_status vls_der_check_order(const struct vls_der *d, struct vls_slice before,
                                      struct vls_slice element)
{
    if (before.at != NULL && vls_der_compare(before, element) == 0)
        return vls_der_fail(d, element.at, "the same element twice");
    return vls_der_check_sorted(d, before, element);
}

size_t vls_der_printable(struct vls_slice text)
{
    size_t i = 0;
    for (; i < text.len; i++) {
        char c = (char)text.at[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && !(c >= '0' && c <= '9') &&
            (c == '\0' || strchr(" '()+,-./:=?", c) == NULL))
            break;
    }
    return i;
}

struct vls_status vls_der_put(struct vls_buf *out, uint8_t tag, struct vls_slice content)
{
    uint8_t head[4] = {tag, (uint8_t)content.len};
    size_t len = 2;
    if (content.len >= 0x100) {
        head[1] = LONG_FORM | 2;
        head[2] = (uint8_t)(content.len >> 8);
        head[3] = (uint8_t)content.len;
        len = 4;
    } else if (content.len >= LONG_FORM) {
        head[1] = LONG_FORM | 1;
        head[2] = (uint8_t)content.len;
        len = 3;
    }
    VLS_TRY(vls_buf_add(out, head, len));
    return vls_buf_add_slice(out, content);
}

struct vls_status vls_der_put_number(struct vls_buf *out, uint64_t value)
{
    uint8_t bytes[9] = {0};
    vls_put_u64(bytes + 1, value);
    size_t skip = 0;
    while (skip < 8 && bytes[skip] == 0 && (bytes[skip + 1] & 0x80) == 0)
        skip++;
    return vls_der_put(out, DER_INTEGER, VLS_SLICE(bytes + skip, sizeof bytes - skip));
}
