#include <string.h>

#include "label/der_internal.h"

/*
 * The other half of label_category.c: categories into DER, which orders a SET OF by the encodings
 * of its members.
 */
#define TAG_MISSI 0xa0

const uint8_t vls_category_acp145[VLS_CATEGORY_ACP145_LEN] = {0x60, 0x86, 0x48, 0x01, 0x65,
                                                              0x02, 0x01, 0x08, 0x03};
const uint8_t vls_category_missi[VLS_CATEGORY_MISSI_LEN] = {0x60, 0x86, 0x48, 0x01, 0x65,
                                                            0x02, 0x01, 0x08, 0x01};

/** Elements on their way into a SET OF. */
struct items {
    struct vls_buf bytes;
    size_t start[VLS_MAX_SECURITY_CATEGORIES], len[VLS_MAX_SECURITY_CATEGORIES], count;
};

static struct vls_slice item(const struct items *items, size_t i)
{
    return VLS_SLICE(items->bytes.at + items->start[i], items->len[i]);
}

static struct vls_status write_sorted(const struct items *items, struct vls_buf *out)
{
    uint64_t is_out = 0;
    for (size_t n = 0; n < items->count; n++) {
        size_t least = items->count;
        for (size_t i = 0; i < items->count; i++)
            if ((is_out >> i & 1) == 0 &&
                (least == items->count || vls_der_compare(item(items, i), item(items, least)) < 0))
                least = i;
        is_out |= UINT64_C(1) << least;
        VLS_TRY(vls_buf_add_slice(out, item(items, least)));
    }
    return VLS_DONE;
}

/** Values of one form of one tag set, as a label has them. */
struct values {
    const struct vls_label *label;
    const struct vls_tag_set *set;
    const struct vls_category_form *form;
};

/** The next value above `after` (or the first) that the label has. */
static bool next_value(const struct values *v, bool is_first, uint64_t after, uint64_t *out)
{
    const struct vls_scheme *s = v->label->scheme;
    bool is_found = false;
    for (size_t t = v->set->first; t < (size_t)v->set->first + v->set->count; t++)
        for (size_t i = s->tags[t].first; vls_category_form_has(v->form, &s->tags[t]) &&
                                          i < (size_t)s->tags[t].first + s->tags[t].count;
             i++) {
            uint64_t value = s->categories[i].lacv;
            if (vls_bit_is_set(v->label->categories, i) && (is_first || value > after) &&
                (!is_found || value < *out)) {
                *out = value;
                is_found = true;
            }
        }
    return is_found;
}

static struct vls_status write_bits(const struct values *v, struct vls_buf *out)
{
    uint8_t bytes[1 + (VLS_MAX_TAG_BIT + 8) / 8] = {0};
    uint64_t value = 0;
    size_t count = 0;
    for (bool is_first = true; next_value(v, is_first, value, &value); is_first = false) {
        bytes[1 + value / 8] |= (uint8_t)(0x80 >> value % 8);
        count = (size_t)value + 1;
    }
    bytes[0] = (uint8_t)((8 - count % 8) % 8);
    return vls_der_put(out, DER_BITS, VLS_SLICE(bytes, 1 + (count + 7) / 8));
}

static struct vls_status write_numbers(const struct values *v, struct vls_buf *out)
{
    uint64_t value = 0;
    struct vls_buf numbers VLS_DEFER(vls_buf_fini);
    vls_buf_init(&numbers, VLS_MAX_LABEL);
    for (bool is_first = true; next_value(v, is_first, value, &value); is_first = false)
        VLS_TRY(vls_der_put_number(&numbers, value));
    return vls_der_put(out, DER_SET, vls_buf_slice(&numbers));
}

static struct vls_status write_values(const struct values *v, struct vls_buf *out)
{
    return v->form->is_bits ? write_bits(v, out) : write_numbers(v, out);
}

/** Has the label anything of it, a list with nobody on it included? */
static bool has_any(const struct values *v)
{
    uint64_t value;
    if (next_value(v, true, 0, &value))
        return true;
    for (size_t t = v->set->first; t < (size_t)v->set->first + v->set->count; t++)
        if (vls_category_form_has(v->form, &v->label->scheme->tags[t]) &&
            (v->label->nobody >> t & 1) != 0)
            return true;
    return false;
}

static struct vls_status add_item(struct items *items, struct vls_slice whole)
{
    if (items->count == VLS_MAX_SECURITY_CATEGORIES)
        return vls_fail(VLS_INPUT_LIMIT, NULL, "more than 64 security categories");
    items->start[items->count] = items->bytes.len;
    items->len[items->count++] = whole.len;
    return vls_buf_add_slice(&items->bytes, whole);
}

static struct vls_status add_sequence(struct items *items, struct vls_slice content)
{
    struct vls_buf whole VLS_DEFER(vls_buf_fini);
    vls_buf_init(&whole, VLS_MAX_LABEL);
    VLS_TRY(vls_der_put(&whole, DER_SEQUENCE, content));
    return add_item(items, vls_buf_slice(&whole));
}

static struct vls_status add_category(struct items *items, struct vls_slice type,
                                      struct vls_slice value)
{
    struct vls_buf body VLS_DEFER(vls_buf_fini);
    vls_buf_init(&body, VLS_MAX_LABEL);
    VLS_TRY(vls_der_put(&body, TAG_TYPE, type));
    VLS_TRY(vls_der_put(&body, TAG_VALUE, value));
    return add_sequence(items, vls_buf_slice(&body));
}

static struct vls_status add_acp145(struct items *items, const struct values *v)
{
    uint8_t type[VLS_CATEGORY_ACP145_LEN + 1];
    if (!has_any(v))
        return VLS_DONE;
    vls_copy(type, vls_category_acp145, VLS_CATEGORY_ACP145_LEN);
    type[VLS_CATEGORY_ACP145_LEN] = v->form->acp145;
    struct vls_buf body VLS_DEFER(vls_buf_fini);
    struct vls_buf value VLS_DEFER(vls_buf_fini);
    vls_buf_init(&body, VLS_MAX_LABEL);
    vls_buf_init(&value, VLS_MAX_LABEL);
    VLS_TRY(vls_der_put(&body, DER_OID, VLS_SLICE(v->set->oid_der, v->set->oid_der_len)));
    VLS_TRY(write_values(v, &body));
    VLS_TRY(vls_der_put(&value, DER_SEQUENCE, vls_buf_slice(&body)));
    return add_category(items, VLS_SLICE(type, sizeof type), vls_buf_slice(&value));
}

/** MISSI has one number for both enumerated types: a tag set with both cannot be written. */
static bool is_ambiguous(const struct vls_scheme *s, const struct vls_tag_set *set)
{
    bool has_restrictive = false, has_permissive = false;
    for (size_t t = set->first; t < (size_t)set->first + set->count; t++) {
        has_restrictive = has_restrictive || s->tags[t].type == VLS_TAG_ENUM_RESTRICTIVE;
        has_permissive = has_permissive || s->tags[t].type == VLS_TAG_ENUM_PERMISSIVE;
    }
    return has_restrictive && has_permissive;
}

static struct vls_status add_missi_set(struct items *sets, const struct vls_label *label,
                                       const struct vls_tag_set *set)
{
    struct vls_buf tags VLS_DEFER(vls_buf_fini);
    struct vls_buf body VLS_DEFER(vls_buf_fini);
    vls_buf_init(&tags, VLS_MAX_LABEL);
    vls_buf_init(&body, VLS_MAX_LABEL);
    for (size_t i = 0; i < VLS_CATEGORY_FORMS; i++) {
        struct values v = {label, set, &vls_category_forms[i]};
        if (!has_any(&v))
            continue;
        if (v.form->missi == 2 && is_ambiguous(label->scheme, set))
            return vls_fail(VLS_LABEL_VALUE, NULL, "a category of the scheme has no DER form");
        vls_buf_clear(&body);
        VLS_TRY(write_values(&v, &body));
        VLS_TRY(vls_der_put(&tags, (uint8_t)(TAG_MISSI | v.form->missi), vls_buf_slice(&body)));
    }
    if (tags.len == 0)
        return VLS_DONE;
    vls_buf_clear(&body);
    VLS_TRY(vls_der_put(&body, DER_OID, VLS_SLICE(set->oid_der, set->oid_der_len)));
    VLS_TRY(vls_der_put(&body, DER_SEQUENCE, vls_buf_slice(&tags)));
    return add_sequence(sets, vls_buf_slice(&body));
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
    return add_category(items, VLS_SLICE(vls_category_missi, VLS_CATEGORY_MISSI_LEN),
                        vls_buf_slice(&value));
}

static struct vls_status collect(const struct vls_label *label, struct items *items)
{
    const struct vls_scheme *s = label->scheme;
    for (size_t i = 0; i < vls_label_unknown_count(label); i++) {
        const struct vls_label_unknown *u = &label->details->unknown[i];
        if (!u->is_der)
            return vls_fail(VLS_LABEL_VALUE, NULL, "an unknown category has no DER form");
        VLS_TRY(add_item(items, VLS_SLICE(u->at, u->len)));
    }
    for (size_t i = 0; i < s->category_count; i++)
        if (vls_bit_is_set(label->categories, i) &&
            s->tags[s->categories[i].tag].type == VLS_TAG_NOT_APPLICABLE)
            return vls_fail(VLS_LABEL_VALUE, NULL, "a category of the scheme has no DER form");
    if (s->is_missi)
        return add_missi(items, label);
    for (size_t i = 0; i < s->tag_set_count; i++)
        for (size_t f = 0; f < VLS_CATEGORY_FORMS; f++) {
            struct values v = {label, &s->tag_sets[i], &vls_category_forms[f]};
            VLS_TRY(add_acp145(items, &v));
        }
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
