#include <stdio.h>
#include <string.h>

#include "label/der_internal.h"
#include "label/oid.h"

/*
 * SecurityCategory ::= SEQUENCE { type [0] OBJECT IDENTIFIER, value [1] ANY }, in two families:
 *
 *   ACP 145    type 2.16.840.1.101.2.1.8.3.N, value SEQUENCE { tag set, flags or integers }: one
 * for each tag set and type; MISSI      type 2.16.840.1.101.2.1.8.1, value SET OF SEQUENCE { tag
 * set, SEQUENCE OF tag }.
 *
 * An empty flag string or list of a permissive type is a list with nobody on it.
 */
#define TAG_TYPE   0x80
#define TAG_VALUE  0xa1
#define TAG_MISSI  0xa0 /* constructed, with the number of the type */
#define MISSI_FREE 7

static const uint8_t ACP145[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x02, 0x01, 0x08, 0x03};
static const uint8_t MISSI[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x02, 0x01, 0x08, 0x01};

/* by the last arc of the type */
static const enum vls_tag_type ACP145_TYPES[] = {VLS_TAG_RESTRICTIVE, VLS_TAG_ENUM_PERMISSIVE,
                                                 VLS_TAG_PERMISSIVE, VLS_TAG_INFORMATIVE,
                                                 VLS_TAG_ENUM_RESTRICTIVE};

/** What is read into: nothing when `label` is NULL. */
struct target {
    const struct vls_der *d;
    struct vls_label *label;
    const struct vls_tag_set *set;
    bool is_unknown;
};

static void add(struct target *t, enum vls_tag_type type, uint64_t lacv)
{
    const struct vls_category *c =
        t->set != NULL ? vls_scheme_category_by_lacv(t->label->scheme, t->set, type, lacv) : NULL;
    if (c == NULL)
        t->is_unknown = true;
    else
        vls_label_add(t->label, c);
}

static struct vls_status add_nobody(struct target *t, enum vls_tag_type type, const uint8_t *at)
{
    if (!vls_tag_type_is_permissive(type))
        return vls_der_fail(t->d, at, "a tag that is not permissive without any category");
    const struct vls_scheme *s = t->label != NULL ? t->label->scheme : NULL;
    for (size_t i = 0; t->set != NULL && i < t->set->count; i++)
        if (s->tags[t->set->first + i].type == type) {
            vls_label_set_nobody(t->label, &s->tags[t->set->first + i]);
            return VLS_DONE;
        }
    t->is_unknown = true;
    return VLS_DONE;
}

static struct vls_status read_bits(struct target *t, struct vls_slice bits, enum vls_tag_type type)
{
    if (bits.len == 0 || bits.at[0] > 7 || (bits.len == 1 && bits.at[0] != 0))
        return vls_der_fail(t->d, bits.at, "a bit string with a wrong number of unused bits");
    if (bits.len == 1)
        return add_nobody(t, type, bits.at);
    if ((bits.at[bits.len - 1] >> bits.at[0] & 1) == 0 ||
        (bits.at[bits.len - 1] & ((1u << bits.at[0]) - 1)) != 0)
        return vls_der_fail(t->d, bits.at, "a bit string that ends with a zero bit");
    for (size_t i = 0; t->label != NULL && i < 8 * (bits.len - 1); i++)
        if ((bits.at[1 + i / 8] >> (7 - i % 8) & 1) != 0)
            add(t, type, i);
    return VLS_DONE;
}

static struct vls_status read_numbers(struct target *t, struct vls_slice set,
                                      enum vls_tag_type type)
{
    struct vls_slice content, whole, before = {NULL, 0};
    uint64_t value;
    if (set.len == 0)
        return add_nobody(t, type, set.at);
    while (set.len != 0) {
        VLS_TRY(vls_der_take(t->d, &set, DER_INTEGER, "an integer", &content, &whole));
        VLS_TRY(vls_der_number(t->d, content, INT64_MAX, &value));
        VLS_TRY(vls_der_check_order(t->d, before, whole));
        if (t->label != NULL)
            add(t, type, value);
        before = whole;
    }
    return VLS_DONE;
}

/** Bits or integers, as the type has them; an informative tag has either. */
static struct vls_status read_values(struct target *t, struct vls_slice *rest,
                                     enum vls_tag_type type)
{
    struct vls_slice content;
    bool is_bits = type == VLS_TAG_RESTRICTIVE || type == VLS_TAG_PERMISSIVE ||
                   (type == VLS_TAG_INFORMATIVE && rest->len != 0 && rest->at[0] == DER_BITS);
    if (is_bits) {
        VLS_TRY(vls_der_take(t->d, rest, DER_BITS, "a bit string", &content, NULL));
        return read_bits(t, content, type);
    }
    VLS_TRY(vls_der_take(t->d, rest, DER_SET, "a set of integers", &content, NULL));
    return read_numbers(t, content, type);
}

static struct vls_status take_set(struct target *t, struct vls_slice *rest,
                                  struct vls_slice *out_name)
{
    char dotted[VLS_MAX_OID_TEXT];
    VLS_TRY(vls_der_take(t->d, rest, DER_OID, "a tag set", out_name, NULL));
    t->set = NULL;
    for (size_t i = 0; t->label != NULL && i < t->label->scheme->tag_set_count; i++) {
        const struct vls_tag_set *set = &t->label->scheme->tag_sets[i];
        if (vls_slice_is_equal(VLS_SLICE(set->oid_der, set->oid_der_len), *out_name))
            t->set = set;
    }
    if (t->set == NULL && !vls_ok(vls_oid_text(*out_name, dotted)))
        return vls_der_fail(t->d, out_name->at, "a tag set's identifier that is not well formed");
    t->is_unknown = t->is_unknown || (t->label != NULL && t->set == NULL);
    return VLS_DONE;
}

static struct vls_status end(const struct vls_der *d, struct vls_slice rest)
{
    return rest.len == 0 ? VLS_DONE : vls_der_fail(d, rest.at, "bytes behind the end");
}

static struct vls_status read_acp145(struct target *t, struct vls_slice value,
                                     enum vls_tag_type type, struct vls_slice *out_name)
{
    struct vls_slice body;
    VLS_TRY(vls_der_take(t->d, &value, DER_SEQUENCE, "a tag", &body, NULL));
    VLS_TRY(end(t->d, value));
    VLS_TRY(take_set(t, &body, out_name));
    VLS_TRY(read_values(t, &body, type));
    return end(t->d, body);
}

/** MISSI's type 2 does not say which of the two it is: the scheme does. */
static enum vls_tag_type enumerated_type(const struct target *t)
{
    const struct vls_scheme *s = t->label != NULL ? t->label->scheme : NULL;
    for (size_t i = 0; t->set != NULL && i < t->set->count; i++)
        if (s->tags[t->set->first + i].type == VLS_TAG_ENUM_RESTRICTIVE)
            return VLS_TAG_ENUM_RESTRICTIVE;
    return VLS_TAG_ENUM_PERMISSIVE;
}

static struct vls_status read_missi_tag(struct target *t, struct vls_slice *rest)
{
    struct vls_slice body, whole;
    VLS_TRY(vls_der_take(t->d, rest, 0, "a tag", &body, &whole));
    enum vls_tag_type type;
    switch (whole.at[0] ^ TAG_MISSI) {
    case 1:
        type = VLS_TAG_RESTRICTIVE;
        break;
    case 2:
        type = enumerated_type(t);
        break;
    case 6:
        type = VLS_TAG_PERMISSIVE;
        break;
    case MISSI_FREE:
        type = VLS_TAG_INFORMATIVE;
        break;
    default:
        t->is_unknown = true;
        return vls_der_check_all(t->d, body, 0);
    }
    if (body.len != 0 && body.at[0] == DER_INTEGER) { /* a level of the tag's own */
        t->is_unknown = true;
        return vls_der_check_all(t->d, body, 0);
    }
    VLS_TRY(read_values(t, &body, type));
    return end(t->d, body);
}

static struct vls_status read_missi(struct target *t, struct vls_slice value)
{
    struct vls_slice sets, set, whole, name, tags, before = {NULL, 0};
    VLS_TRY(vls_der_take(t->d, &value, 0, "a set of tag sets", &sets, &whole));
    VLS_TRY(end(t->d, value));
    if (whole.at[0] != DER_SET) {
        t->is_unknown = true;
        return vls_der_check_all(t->d, sets, 0);
    }
    while (sets.len != 0) {
        VLS_TRY(vls_der_take(t->d, &sets, DER_SEQUENCE, "a named tag set", &set, &whole));
        VLS_TRY(vls_der_check_order(t->d, before, whole));
        VLS_TRY(take_set(t, &set, &name));
        VLS_TRY(vls_der_take(t->d, &set, DER_SEQUENCE, "its tags", &tags, NULL));
        VLS_TRY(end(t->d, set));
        while (tags.len != 0)
            VLS_TRY(read_missi_tag(t, &tags));
        before = whole;
    }
    return VLS_DONE;
}

static struct vls_status read_value(struct target *t, struct vls_slice type, struct vls_slice value,
                                    struct vls_slice *out_name)
{
    if (vls_slice_is_equal(type, VLS_SLICE(MISSI, sizeof MISSI)))
        return read_missi(t, value);
    if (type.len == sizeof ACP145 + 1 && memcmp(type.at, ACP145, sizeof ACP145) == 0 &&
        type.at[sizeof ACP145] < sizeof ACP145_TYPES / sizeof ACP145_TYPES[0])
        return read_acp145(t, value, ACP145_TYPES[type.at[sizeof ACP145]], out_name);
    t->is_unknown = true;
    return vls_der_check_all(t->d, value, 0);
}

struct vls_status vls_category_decode(const struct vls_der *d, struct vls_slice whole,
                                      struct vls_label *label, struct vls_slice *out_type,
                                      struct vls_slice *out_name)
{
    char dotted[VLS_MAX_OID_TEXT] = "?", words[VLS_MAX_OID_TEXT + VLS_MAX_NAME],
         name[VLS_MAX_OID_TEXT] = "-";
    struct vls_slice rest = whole, body, value, inner, element;
    VLS_TRY(vls_der_take(d, &rest, DER_SEQUENCE, "a category", &body, NULL));
    VLS_TRY(vls_der_take(d, &body, TAG_TYPE, "a category's type", out_type, NULL));
    if (!vls_ok(vls_oid_text(*out_type, dotted)))
        return vls_der_fail(d, out_type->at, "a category's type that is not well formed");
    VLS_TRY(vls_der_take(d, &body, TAG_VALUE, "a category's value", &value, NULL));
    VLS_TRY(end(d, body));
    inner = value;
    VLS_TRY(vls_der_take(d, &inner, 0, "a category's value", &element, NULL));
    VLS_TRY(end(d, inner));
    struct vls_label known = label != NULL ? *label : (struct vls_label){.scheme = NULL};
    struct target t = {.d = d, .label = label != NULL ? &known : NULL};
    VLS_TRY(read_value(&t, *out_type, value, out_name));
    if (label == NULL)
        return VLS_DONE;
    if (!t.is_unknown) {
        *label = known;
        return VLS_DONE;
    }
    if (out_name->len != 0 && !vls_ok(vls_oid_text(*out_name, name)))
        return vls_der_fail(d, out_name->at, "a tag set's identifier that is not well formed");
    snprintf(words, sizeof words, "%s of tag set %s", dotted, name);
    return vls_label_add_unknown(label, true, words, whole);
}

/* -- writing */

#define MAX_ITEMS (VLS_MAX_UNKNOWN + 6 * VLS_MAX_TAG_SETS)

/** Elements on their way into a SET OF. */
struct items {
    struct vls_buf bytes;
    size_t start[MAX_ITEMS], len[MAX_ITEMS], count;
};

static struct vls_slice item(const struct items *items, size_t i)
{
    return VLS_SLICE(items->bytes.at + items->start[i], items->len[i]);
}

static struct vls_status write_sorted(struct items *items, struct vls_buf *out)
{
    bool is_out[MAX_ITEMS] = {false};
    for (size_t n = 0; n < items->count; n++) {
        size_t least = MAX_ITEMS;
        for (size_t i = 0; i < items->count; i++)
            if (!is_out[i] &&
                (least == MAX_ITEMS || vls_der_compare(item(items, i), item(items, least)) < 0))
                least = i;
        is_out[least] = true;
        VLS_TRY(vls_buf_add_slice(out, item(items, least)));
    }
    return VLS_DONE;
}

static struct vls_status write_bits(const bool *bits, size_t count, struct vls_buf *out)
{
    uint8_t bytes[1 + (VLS_MAX_TAG_BIT + 8) / 8] = {0};
    for (size_t i = 0; i < count; i++)
        bytes[1 + i / 8] |= (uint8_t)(bits[i] ? 0x80 >> i % 8 : 0);
    bytes[0] = (uint8_t)((8 - count % 8) % 8);
    return vls_der_put(out, DER_BITS, VLS_SLICE(bytes, 1 + (count + 7) / 8));
}

/** The next value above `after` (or the first) that the label has of that set and type. */
static bool next_value(const struct vls_label *label, const struct vls_tag_set *set,
                       enum vls_tag_type type, bool is_first, uint64_t after, uint64_t *out)
{
    const struct vls_scheme *s = label->scheme;
    bool is_found = false;
    for (size_t t = set->first; t < (size_t)set->first + set->count; t++)
        for (size_t i = s->tags[t].first;
             s->tags[t].type == type && i < (size_t)s->tags[t].first + s->tags[t].count; i++) {
            uint64_t value = s->categories[i].lacv;
            if (vls_bit_is_set(label->categories, i) && (is_first || value > after) &&
                (!is_found || value < *out)) {
                *out = value;
                is_found = true;
            }
        }
    return is_found;
}

static struct vls_status write_values(const struct vls_label *label, const struct vls_tag_set *set,
                                      enum vls_tag_type type, bool is_bits, struct vls_buf *out)
{
    bool bits[VLS_MAX_TAG_BIT + 1] = {false};
    uint64_t value = 0;
    size_t count = 0;
    struct vls_buf numbers VLS_DEFER(vls_buf_fini);
    vls_buf_init(&numbers, VLS_MAX_LABEL);
    for (bool is_first = true; next_value(label, set, type, is_first, value, &value);
         is_first = false) {
        if (is_bits)
            bits[value] = true;
        else
            VLS_TRY(vls_der_put_number(&numbers, value));
        count = is_bits ? value + 1 : 0;
    }
    return is_bits ? write_bits(bits, count, out)
                   : vls_der_put(out, DER_SET, vls_buf_slice(&numbers));
}

/** Has the label anything of that set and type, a list with nobody on it included? */
static bool has_any(const struct vls_label *label, const struct vls_tag_set *set,
                    enum vls_tag_type type, bool *out_is_bits)
{
    const struct vls_scheme *s = label->scheme;
    uint64_t value;
    bool is_any = next_value(label, set, type, true, 0, &value);
    *out_is_bits = type == VLS_TAG_RESTRICTIVE || type == VLS_TAG_PERMISSIVE;
    for (size_t t = set->first; t < (size_t)set->first + set->count; t++)
        if (s->tags[t].type == type) {
            is_any = is_any || (label->nobody >> t & 1) != 0;
            *out_is_bits = *out_is_bits || s->tags[t].is_bits;
        }
    return is_any;
}

static struct vls_status add_item(struct items *items, uint8_t tag, struct vls_slice content)
{
    if (items->count == MAX_ITEMS)
        return vls_fail(VLS_INPUT_LIMIT, NULL, "too many categories");
    items->start[items->count] = items->bytes.len;
    VLS_TRY(vls_der_put(&items->bytes, tag, content));
    items->len[items->count] = items->bytes.len - items->start[items->count];
    items->count++;
    return VLS_DONE;
}

static struct vls_status add_category(struct items *items, struct vls_slice type,
                                      struct vls_slice value)
{
    struct vls_buf body VLS_DEFER(vls_buf_fini);
    vls_buf_init(&body, VLS_MAX_LABEL);
    VLS_TRY(vls_der_put(&body, TAG_TYPE, type));
    VLS_TRY(vls_der_put(&body, TAG_VALUE, value));
    return add_item(items, DER_SEQUENCE, vls_buf_slice(&body));
}

static struct vls_status add_acp145(struct items *items, const struct vls_label *label,
                                    const struct vls_tag_set *set, uint8_t arc)
{
    uint8_t type[sizeof ACP145 + 1];
    bool is_bits;
    if (!has_any(label, set, ACP145_TYPES[arc], &is_bits))
        return VLS_DONE;
    vls_copy(type, ACP145, sizeof ACP145);
    type[sizeof ACP145] = arc;
    struct vls_buf body VLS_DEFER(vls_buf_fini);
    struct vls_buf value VLS_DEFER(vls_buf_fini);
    vls_buf_init(&body, VLS_MAX_LABEL);
    vls_buf_init(&value, VLS_MAX_LABEL);
    VLS_TRY(vls_der_put(&body, DER_OID, VLS_SLICE(set->oid_der, set->oid_der_len)));
    VLS_TRY(write_values(label, set, ACP145_TYPES[arc], is_bits, &body));
    VLS_TRY(vls_der_put(&value, DER_SEQUENCE, vls_buf_slice(&body)));
    return add_category(items, VLS_SLICE(type, sizeof type), vls_buf_slice(&value));
}

static struct vls_status add_missi_set(struct items *sets, const struct vls_label *label,
                                       const struct vls_tag_set *set)
{
    static const struct {
        uint8_t number;
        enum vls_tag_type type;
    } TYPES[] = {{1, VLS_TAG_RESTRICTIVE},
                 {2, VLS_TAG_ENUM_RESTRICTIVE},
                 {2, VLS_TAG_ENUM_PERMISSIVE},
                 {6, VLS_TAG_PERMISSIVE},
                 {MISSI_FREE, VLS_TAG_INFORMATIVE}};
    bool is_bits;
    struct vls_buf tags VLS_DEFER(vls_buf_fini);
    struct vls_buf body VLS_DEFER(vls_buf_fini);
    vls_buf_init(&tags, VLS_MAX_LABEL);
    vls_buf_init(&body, VLS_MAX_LABEL);
    for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++) {
        if (!has_any(label, set, TYPES[i].type, &is_bits))
            continue;
        vls_buf_clear(&body);
        VLS_TRY(write_values(label, set, TYPES[i].type, is_bits, &body));
        VLS_TRY(vls_der_put(&tags, TAG_MISSI | TYPES[i].number, vls_buf_slice(&body)));
    }
    if (tags.len == 0)
        return VLS_DONE;
    vls_buf_clear(&body);
    VLS_TRY(vls_der_put(&body, DER_OID, VLS_SLICE(set->oid_der, set->oid_der_len)));
    VLS_TRY(vls_der_put(&body, DER_SEQUENCE, vls_buf_slice(&tags)));
    return add_item(sets, DER_SEQUENCE, vls_buf_slice(&body));
}

static struct vls_status add_missi(struct items *items, const struct vls_label *label)
{
    const struct vls_scheme *s = label->scheme;
    struct items sets = {.count = 0};
    struct vls_buf sorted VLS_DEFER(vls_buf_fini);
    struct vls_buf value VLS_DEFER(vls_buf_fini);
    vls_buf_init(&sets.bytes, VLS_MAX_LABEL);
    vls_buf_init(&sorted, VLS_MAX_LABEL);
    vls_buf_init(&value, VLS_MAX_LABEL);
    struct vls_status status = VLS_DONE;
    for (size_t i = 0; vls_ok(status) && i < s->tag_set_count; i++)
        status = add_missi_set(&sets, label, &s->tag_sets[i]);
    if (vls_ok(status))
        status = write_sorted(&sets, &sorted);
    vls_buf_fini(&sets.bytes);
    VLS_TRY(status);
    if (sets.count == 0)
        return VLS_DONE;
    VLS_TRY(vls_der_put(&value, DER_SET, vls_buf_slice(&sorted)));
    return add_category(items, VLS_SLICE(MISSI, sizeof MISSI), vls_buf_slice(&value));
}

static struct vls_status collect(const struct vls_label *label, struct items *items)
{
    const struct vls_scheme *s = label->scheme;
    for (size_t i = 0; i < vls_label_unknown_count(label); i++) {
        const struct vls_label_unknown *u = &label->details->unknown[i];
        if (!u->is_der || items->count == MAX_ITEMS)
            return vls_fail(VLS_LABEL_VALUE, NULL, "an unknown category has no DER form");
        items->start[items->count] = items->bytes.len;
        items->len[items->count++] = u->len;
        VLS_TRY(vls_buf_add(&items->bytes, u->at, u->len));
    }
    for (size_t i = 0; i < s->category_count; i++)
        if (vls_bit_is_set(label->categories, i) &&
            s->tags[s->categories[i].tag].type == VLS_TAG_NOT_APPLICABLE)
            return vls_fail(VLS_LABEL_VALUE, NULL, "a category of the scheme has no DER form");
    if (s->is_missi)
        return add_missi(items, label);
    for (size_t i = 0; i < s->tag_set_count; i++)
        for (uint8_t arc = 0; arc < sizeof ACP145_TYPES / sizeof ACP145_TYPES[0]; arc++)
            VLS_TRY(add_acp145(items, label, &s->tag_sets[i], arc));
    return VLS_DONE;
}

struct vls_status vls_category_encode(const struct vls_label *label, struct vls_buf *out)
{
    struct items items = {.count = 0};
    vls_buf_init(&items.bytes, VLS_MAX_LABEL);
    struct vls_status s = collect(label, &items);
    if (vls_ok(s))
        s = write_sorted(&items, out);
    vls_buf_fini(&items.bytes);
    return s;
}
