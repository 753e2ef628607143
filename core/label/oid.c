#include "label/oid.h"

#include <string.h>

#include "base/text.h"

/* An arc of 128 bits has 39 decimal digits; adding 80 to it (2.x) may give one more. */
#define MAX_DIGITS 42
#define MAX_GROUPS 19 /* seven bits each */

/* A natural number as decimal digits, the least significant first; no leading zero but the number 0
 * itself. */
struct number {
    uint8_t digits[MAX_DIGITS];
    size_t count;
};

static bool multiply_add(struct number *n, unsigned factor, unsigned carry)
{
    for (size_t i = 0; i < n->count; i++) {
        unsigned value = n->digits[i] * factor + carry;
        n->digits[i] = (uint8_t)(value % 10);
        carry = value / 10;
    }
    while (carry != 0) {
        if (n->count == MAX_DIGITS)
            return false;
        n->digits[n->count++] = (uint8_t)(carry % 10);
        carry /= 10;
    }
    return true;
}

/** Divide in place, give the remainder. */
static unsigned divide(struct number *n, unsigned by)
{
    unsigned rest = 0;
    for (size_t i = n->count; i-- > 0;) {
        unsigned value = rest * 10 + n->digits[i];
        n->digits[i] = (uint8_t)(value / by);
        rest = value % by;
    }
    while (n->count > 1 && n->digits[n->count - 1] == 0)
        n->count--;
    return rest;
}

static bool is_zero(const struct number *n)
{
    return n->count == 1 && n->digits[0] == 0;
}

/** The number when it is below `limit`, otherwise `limit`. */
static unsigned small_value(const struct number *n, unsigned limit)
{
    unsigned value = 0;
    for (size_t i = n->count; i-- > 0;) {
        value = value * 10 + n->digits[i];
        if (value >= limit)
            return limit;
    }
    return value;
}

/** The digits up to a dot or the end; moves `at` behind the dot. */
static bool take_arc(const char **at, struct number *out, bool *out_is_last)
{
    size_t len = strspn(*at, "0123456789");
    if (len == 0 || len > MAX_DIGITS - 3 || ((*at)[0] == '0' && len > 1))
        return false;
    if ((*at)[len] != '.' && (*at)[len] != '\0')
        return false;
    for (size_t i = 0; i < len; i++)
        out->digits[i] = (uint8_t)((*at)[len - 1 - i] - '0');
    out->count = len;
    *out_is_last = (*at)[len] == '\0';
    *at += len + (*out_is_last ? 0 : 1);
    return true;
}

static struct vls_status add_base128(struct vls_buf *out, struct number n)
{
    uint8_t groups[MAX_GROUPS];
    size_t count = 0;
    do {
        if (count == MAX_GROUPS)
            return (struct vls_status){VLS_INPUT_LIMIT};
        groups[count++] = (uint8_t)divide(&n, 128);
    } while (!is_zero(&n));
    for (size_t i = count; i-- > 0;) {
        uint8_t byte = (uint8_t)(groups[i] | (i != 0 ? 0x80 : 0));
        VLS_TRY(vls_buf_add(out, &byte, 1));
    }
    return VLS_DONE;
}

struct vls_status vls_oid_encode(const char *dotted, struct vls_buf *out)
{
    const struct vls_status malformed = {VLS_INPUT_MALFORMED};
    vls_buf_clear(out);
    if (strlen(dotted) >= VLS_MAX_OID_TEXT)
        return (struct vls_status){VLS_INPUT_LIMIT};
    struct number arc;
    bool is_last;
    if (!take_arc(&dotted, &arc, &is_last) || is_last)
        return malformed;
    unsigned root = small_value(&arc, 3);
    if (root > 2 || !take_arc(&dotted, &arc, &is_last))
        return malformed;
    if (root < 2 && small_value(&arc, 40) == 40)
        return malformed;
    if (!multiply_add(&arc, 1, root * 40))
        return malformed;
    VLS_TRY(add_base128(out, arc));
    while (!is_last) {
        if (!take_arc(&dotted, &arc, &is_last))
            return malformed;
        VLS_TRY(add_base128(out, arc));
    }
    return out->len <= VLS_MAX_OID ? VLS_DONE : (struct vls_status){VLS_INPUT_LIMIT};
}

/** One subidentifier of shortest form. */
static bool take_base128(struct vls_reader *r, struct number *out)
{
    *out = (struct number){.digits = {0}, .count = 1};
    for (size_t i = 0; i < MAX_GROUPS; i++) {
        uint8_t byte = vls_reader_u8(r);
        bool is_padding = i == 0 && byte == 0x80;
        if (r->failed || is_padding || !multiply_add(out, 128, byte & 0x7fu))
            return false;
        if ((byte & 0x80) == 0)
            return true;
    }
    return false;
}

static struct vls_status add_arc(struct vls_buf *out, const struct number *n)
{
    VLS_TRY(vls_buf_add_text(out, "."));
    for (size_t i = n->count; i-- > 0;) {
        char digit = (char)('0' + n->digits[i]);
        VLS_TRY(vls_buf_add(out, &digit, 1));
    }
    return VLS_DONE;
}

/** The first subidentifier holds two arcs: 40 * root + second, where a root of 2 has no bound. */
static struct vls_status add_first_arcs(struct vls_buf *out, struct number n)
{
    unsigned value = small_value(&n, 80);
    if (value < 80)
        return vls_buf_add_format(out, "%u.%u", value / 40, value % 40);
    unsigned borrow = 80;
    for (size_t i = 0; i < n.count && borrow != 0; i++) {
        unsigned low = borrow % 10;
        borrow /= 10;
        if (n.digits[i] < low) {
            n.digits[i] = (uint8_t)(n.digits[i] + 10);
            borrow++;
        }
        n.digits[i] = (uint8_t)(n.digits[i] - low);
    }
    while (n.count > 1 && n.digits[n.count - 1] == 0)
        n.count--;
    VLS_TRY(vls_buf_add_text(out, "2"));
    return add_arc(out, &n);
}

struct vls_status vls_oid_text(struct vls_slice content, char *out)
{
    const struct vls_status malformed = {VLS_INPUT_MALFORMED};
    if (content.len > VLS_MAX_OID)
        return (struct vls_status){VLS_INPUT_LIMIT};
    struct vls_buf text VLS_DEFER(vls_buf_fini);
    vls_buf_init(&text, VLS_MAX_OID_TEXT);
    struct vls_reader r = vls_reader_of(content);
    struct number n;
    if (!take_base128(&r, &n))
        return malformed;
    VLS_TRY(add_first_arcs(&text, n));
    while (!vls_reader_is_at_end(&r)) {
        if (!take_base128(&r, &n))
            return malformed;
        VLS_TRY(add_arc(&text, &n));
    }
    const char *whole = vls_buf_text(&text);
    if (whole == NULL)
        return (struct vls_status){VLS_INPUT_LIMIT};
    vls_text_copy(out, VLS_MAX_OID_TEXT, whole);
    return VLS_DONE;
}
