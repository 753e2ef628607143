#include <stdio.h>
#include <string.h>

#include "label/der_internal.h"
#include "label/oid.h"

#define TAG_MISSI 0xa0 /* constructed, with the number of the type */
#define BAD_SET   "a tag set's identifier that is not well formed"

/*
 * SecurityCategory ::= SEQUENCE { type [0] OBJECT IDENTIFIER, value [1] ANY }; the first tag is
 * implicit, the second, being on an open type, explicit. Two families of types are known:
 *
 *     ACP 145   type 2.16.840.1.101.2.1.8.3.N, value SEQUENCE { tag set, BIT STRING or SET OF
 *               INTEGER }: one category for each tag set and type
 *     MISSI     type 2.16.840.1.101.2.1.8.1, value SET OF SEQUENCE { tag set, SEQUENCE OF tag },
 *               tag [1], [2] or [6] SEQUENCE { level OPTIONAL, BIT STRING or SET OF INTEGER } or
 *               [7] BIT STRING or SET OF INTEGER: one category in all
 *
 * The bits have no names in ASN.1, so DER keeps zero bits at the end (X.690 11.2.2): some encoders
 * write whole octets, others as many bits as the scheme has. All are read alike and the shortest is
 * written. A SET OF may hold an integer twice, and tags stand in any order; they mean the same.
 * No bit and no integer at all says nothing in a restrictive or informative tag, and in a
 * permissive one it is a list with nobody on it.
 *
 * A scheme names the family that its labels use; a category of the other one is unknown under it.
 * So is one that says more than the scheme has words for (a level of a tag's own, a tag set without
 * tags): it is kept as it came, and stops.
 */
const struct vls_category_form vls_category_forms[VLS_CATEGORY_FORMS] = {
    {0, 1, VLS_TAG_RESTRICTIVE, true},      {4, 2, VLS_TAG_ENUM_RESTRICTIVE, false},
    {1, 2, VLS_TAG_ENUM_PERMISSIVE, false}, {2, 6, VLS_TAG_PERMISSIVE, true},
    {3, 7, VLS_TAG_INFORMATIVE, true},      {3, 7, VLS_TAG_INFORMATIVE, false},
};

/** What is read into: nothing when `label` is NULL. */
struct target {
    const struct vls_der *d;
    struct vls_label *label;
    const struct vls_tag_set *set;
    bool is_unknown;
};

bool vls_category_form_has(const struct vls_category_form *form, const struct vls_tag *tag)
{
    return tag->type == form->type &&
           (tag->type != VLS_TAG_INFORMATIVE || tag->is_bits == form->is_bits);
}

/** The next tag of that form in the set from place `t` on; NULL when there is none. */
static const struct vls_tag *next_tag(const struct target *t, const struct vls_category_form *form,
                                      size_t from)
{
    for (size_t i = from; t->set != NULL && i < (size_t)t->set->first + t->set->count; i++)
        if (vls_category_form_has(form, &t->label->scheme->tags[i]))
            return &t->label->scheme->tags[i];
    return NULL;
}

static const struct vls_tag *first_tag(const struct target *t, const struct vls_category_form *form)
{
    return t->set != NULL ? next_tag(t, form, t->set->first) : NULL;
}

/** A tag without any value. */
static void add_nothing(struct target *t, const struct vls_category_form *form)
{
    const struct vls_tag *tag = first_tag(t, form);
    if (tag == NULL)
        t->is_unknown = true;
    else if (vls_tag_type_is_permissive(form->type))
        vls_label_set_nobody(t->label, tag);
}

/** Add the categories whose bits are set; a bit that no category has makes it unknown. */
static void add_bits(struct target *t, struct vls_slice bytes, const struct vls_category_form *form)
{
    size_t set = 0, known = 0;
    for (size_t i = 0; i < bytes.len; i++)
        set += (size_t)__builtin_popcount(bytes.at[i]);
    for (const struct vls_tag *tag = first_tag(t, form); tag != NULL;
         tag = next_tag(t, form, (size_t)tag->place + 1))
        for (size_t i = tag->first; i < (size_t)tag->first + tag->count; i++) {
            const struct vls_category *c = &t->label->scheme->categories[i];
            if (c->lacv / 8 < bytes.len && (bytes.at[c->lacv / 8] >> (7 - c->lacv % 8) & 1) != 0) {
                vls_label_add(t->label, c);
                known++;
            }
        }
    t->is_unknown = t->is_unknown || known != set;
    if (set == 0)
        add_nothing(t, form);
}

static struct vls_status read_bits(struct target *t, struct vls_slice bits,
                                   const struct vls_category_form *form)
{
    if (bits.len == 0 || bits.at[0] > 7 || (bits.len == 1 && bits.at[0] != 0))
        return vls_der_fail(t->d, bits.at, "a bit string with a wrong number of unused bits");
    const uint8_t *last = &bits.at[bits.len - 1];
    if (bits.len > 1 && (*last & ((1u << bits.at[0]) - 1)) != 0)
        return vls_der_fail(t->d, last, "a bit string whose unused bits are not zero");
    if (t->label != NULL)
        add_bits(t, VLS_SLICE(bits.at + 1, bits.len - 1), form);
    return VLS_DONE;
}

static void add_number(struct target *t, uint64_t lacv, const struct vls_category_form *form)
{
    for (const struct vls_tag *tag = first_tag(t, form); tag != NULL;
         tag = next_tag(t, form, (size_t)tag->place + 1))
        for (size_t i = tag->first; i < (size_t)tag->first + tag->count; i++)
            if (t->label->scheme->categories[i].lacv == lacv) {
                vls_label_add(t->label, &t->label->scheme->categories[i]);
                return;
            }
    t->is_unknown = true;
}

static struct vls_status read_numbers(struct target *t, struct vls_slice set,
                                      const struct vls_category_form *form)
{
    struct vls_slice content, whole, before = {NULL, 0};
    uint64_t value;
    if (set.len == 0 && t->label != NULL)
        add_nothing(t, form);
    while (set.len != 0) {
        VLS_TRY(vls_der_take(t->d, &set, DER_INTEGER, "an integer", &content, &whole));
        VLS_TRY(vls_der_number(t->d, content, INT64_MAX, &value));
        VLS_TRY(vls_der_check_sorted(t->d, before, whole));
        if (t->label != NULL)
            add_number(t, value, form);
        before = whole;
    }
    return VLS_DONE;
}

/** Bits or integers, whichever the form says. */
static struct vls_status read_values(struct target *t, struct vls_slice *rest,
                                     const struct vls_category_form *form)
{
    struct vls_slice content;
    if (form->is_bits) {
        VLS_TRY(vls_der_take(t->d, rest, DER_BITS, "a bit string", &content, NULL));
        return read_bits(t, content, form);
    }
    VLS_TRY(vls_der_take(t->d, rest, DER_SET, "a set of integers", &content, NULL));
    return read_numbers(t, content, form);
}

/** An informative tag has bits or integers: what comes says which. */
static const struct vls_category_form *settle(const struct vls_category_form *form,
                                              struct vls_slice rest)
{
    bool is_integers = form->type == VLS_TAG_INFORMATIVE && rest.len != 0 && rest.at[0] == DER_SET;
    return is_integers ? &vls_category_forms[VLS_CATEGORY_FORMS - 1] : form;
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
        return vls_der_fail(t->d, out_name->at, BAD_SET);
    t->is_unknown = t->is_unknown || (t->label != NULL && t->set == NULL);
    return VLS_DONE;
}

static struct vls_status end(const struct vls_der *d, struct vls_slice rest)
{
    return rest.len == 0 ? VLS_DONE : vls_der_fail(d, rest.at, "bytes behind the end");
}

static struct vls_status read_acp145(struct target *t, struct vls_slice value,
                                     const struct vls_category_form *form,
                                     struct vls_category_key *out)
{
    struct vls_slice body;
    VLS_TRY(vls_der_take(t->d, &value, DER_SEQUENCE, "a tag", &body, NULL));
    VLS_TRY(end(t->d, value));
    VLS_TRY(take_set(t, &body, &out->tag_set));
    form = settle(form, body);
    out->is_bits = form->is_bits;
    VLS_TRY(read_values(t, &body, form));
    return end(t->d, body);
}

/** MISSI's type 2 does not say which of the two it is: the scheme does, unless it has both. */
static const struct vls_category_form *enumerated(struct target *t)
{
    const struct vls_category_form *restrictive = &vls_category_forms[1],
                                   *permissive = &vls_category_forms[2];
    bool has_restrictive = t->label != NULL && first_tag(t, restrictive) != NULL;
    if (has_restrictive && first_tag(t, permissive) != NULL)
        t->is_unknown = true;
    return has_restrictive ? restrictive : permissive;
}

/** One tag; *seen has a bit for each form that came before it. */
static struct vls_status read_missi_tag(struct target *t, struct vls_slice *rest, unsigned *seen)
{
    struct vls_slice body, whole;
    const struct vls_category_form *form = NULL;
    VLS_TRY(vls_der_take(t->d, rest, 0, "a tag", &body, &whole));
    for (size_t i = 0; i < VLS_CATEGORY_FORMS && form == NULL; i++)
        if (whole.at[0] == (TAG_MISSI | vls_category_forms[i].missi))
            form = &vls_category_forms[i];
    bool has_level = form != NULL && body.len != 0 && body.at[0] == DER_INTEGER;
    if (form == NULL || has_level) {
        t->is_unknown = true;
        return vls_der_check_inside(t->d, whole);
    }
    form = form->missi == 2 ? enumerated(t) : settle(form, body);
    unsigned bit = 1u << (form - vls_category_forms);
    if ((*seen & bit) != 0)
        return vls_der_fail(t->d, whole.at, "a second tag of the same type");
    *seen |= bit;
    VLS_TRY(read_values(t, &body, form));
    return end(t->d, body);
}

static struct vls_status read_missi_set(struct target *t, struct vls_slice set,
                                        struct vls_slice *out_name)
{
    unsigned seen = 0;
    struct vls_slice tags;
    VLS_TRY(take_set(t, &set, out_name));
    VLS_TRY(vls_der_take(t->d, &set, DER_SEQUENCE, "its tags", &tags, NULL));
    VLS_TRY(end(t->d, set));
    t->is_unknown = t->is_unknown || tags.len == 0;
    while (tags.len != 0)
        VLS_TRY(read_missi_tag(t, &tags, &seen));
    return VLS_DONE;
}

static struct vls_status read_missi(struct target *t, struct vls_slice value,
                                    struct vls_category_key *out)
{
    struct vls_slice sets, set, whole, names[VLS_MAX_TAG_SETS], before = {NULL, 0};
    VLS_TRY(vls_der_take(t->d, &value, 0, "a set of tag sets", &sets, &whole));
    VLS_TRY(end(t->d, value));
    if (whole.at[0] != DER_SET) {
        t->is_unknown = true;
        return vls_der_check_inside(t->d, whole);
    }
    out->tag_set = VLS_SLICE(sets.at, 0);
    t->is_unknown = t->is_unknown || sets.len == 0;
    for (size_t n = 0; sets.len != 0; n++) {
        VLS_TRY(vls_der_take(t->d, &sets, DER_SEQUENCE, "a named tag set", &set, &whole));
        VLS_TRY(vls_der_check_order(t->d, before, whole));
        if (n == VLS_MAX_TAG_SETS)
            return vls_der_fail(t->d, whole.at, "more than 64 named tag sets");
        VLS_TRY(read_missi_set(t, set, &names[n]));
        for (size_t i = 0; i < n; i++)
            if (vls_slice_is_equal(names[i], names[n]))
                return vls_der_fail(t->d, names[n].at, "a second tag set of the same name");
        before = whole;
    }
    return VLS_DONE;
}

static bool is_missi(struct vls_slice type)
{
    return vls_slice_is_equal(type, VLS_SLICE(vls_category_missi, VLS_CATEGORY_MISSI_LEN));
}

/** NULL when it is none of ACP 145's. */
static const struct vls_category_form *acp145_form(struct vls_slice type)
{
    if (type.len != VLS_CATEGORY_ACP145_LEN + 1 ||
        memcmp(type.at, vls_category_acp145, VLS_CATEGORY_ACP145_LEN) != 0)
        return NULL;
    for (size_t i = 0; i < VLS_CATEGORY_FORMS; i++)
        if (vls_category_forms[i].acp145 == type.at[VLS_CATEGORY_ACP145_LEN])
            return &vls_category_forms[i];
    return NULL;
}

static struct vls_status read_value(struct target *t, struct vls_slice value,
                                    struct vls_category_key *out)
{
    const struct vls_category_form *form = acp145_form(out->type);
    bool is_missi_here = t->label != NULL && t->label->scheme->is_missi;
    if (is_missi(out->type)) {
        t->is_unknown = !is_missi_here;
        return read_missi(t, value, out);
    }
    t->is_unknown = form == NULL || is_missi_here;
    return form != NULL ? read_acp145(t, value, form, out) : vls_der_check_inside(t->d, value);
}

/** Keep what the scheme does not know. */
static struct vls_status keep(const struct vls_der *d, struct vls_slice whole,
                              const struct vls_category_key *key, struct vls_label *label)
{
    char type[VLS_MAX_OID_TEXT], set[VLS_MAX_OID_TEXT] = "",
                                 words[2 * VLS_MAX_OID_TEXT + sizeof " of tag set "];
    if (!vls_ok(vls_oid_text(key->type, type)))
        return vls_der_fail(d, key->type.at, "a category's type that is not well formed");
    if (key->tag_set.len != 0 && !vls_ok(vls_oid_text(key->tag_set, set)))
        return vls_der_fail(d, key->tag_set.at, BAD_SET);
    snprintf(words, sizeof words, "%s%s%s", type, *set != '\0' ? " of tag set " : "", set);
    return label != NULL ? vls_label_add_unknown(label, true, words, whole) : VLS_DONE;
}

struct vls_status vls_category_decode(const struct vls_der *d, struct vls_slice body,
                                      struct vls_slice whole, struct vls_label *label,
                                      struct vls_category_key *out)
{
    struct vls_slice value, inner, element;
    struct vls_category_key key = {.is_bits = false};
    VLS_TRY(vls_der_take(d, &body, TAG_TYPE, "a category's type", &key.type, NULL));
    VLS_TRY(vls_der_take(d, &body, TAG_VALUE, "a category's value", &value, NULL));
    VLS_TRY(end(d, body));
    inner = value;
    VLS_TRY(vls_der_take(d, &inner, 0, "a category's value", &element, NULL));
    VLS_TRY(end(d, inner));
    struct vls_label known = label != NULL ? *label : (struct vls_label){.scheme = NULL};
    struct target t = {.d = d, .label = label != NULL ? &known : NULL};
    VLS_TRY(read_value(&t, value, &key));
    if (label == NULL || t.is_unknown)
        VLS_TRY(keep(d, whole, &key, label));
    else
        *label = known;
    *out = key;
    return VLS_DONE;
}
