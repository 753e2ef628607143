#include "label/compare.h"

#include "base/bytes.h"
#include "label/scheme_internal.h"

/** Nobody stands above every list, and no list below. */
static bool list_dominates(const struct vls_label *a, const struct vls_label *b,
                           const struct vls_tag *tag)
{
    enum vls_label_list of_a = vls_label_list(a, tag), of_b = vls_label_list(b, tag);
    if (of_b == VLS_LIST_NONE || of_a == VLS_LIST_EMPTY)
        return true;
    if (of_a != VLS_LIST_SOME || of_b != VLS_LIST_SOME)
        return false;
    for (size_t i = tag->first; i < (size_t)tag->first + tag->count; i++)
        if (vls_bit_is_set(a->categories, i) && !vls_bit_is_set(b->categories, i))
            return false;
    return true;
}

bool vls_label_dominates(const struct vls_label *a, const struct vls_label *b)
{
    const struct vls_scheme *s = a->scheme;
    if (s == NULL || s != b->scheme)
        return false;
    if (vls_label_unknown_count(a) != 0 || vls_label_unknown_count(b) != 0)
        return vls_label_is_same(a, b);
    if (a->classification->hierarchy < b->classification->hierarchy)
        return false;
    uint64_t listed = a->nobody | b->nobody;
    for (size_t i = 0; i < VLS_LABEL_WORDS; i++) {
        if ((b->categories[i] & ~a->categories[i] & s->restrictive[i]) != 0)
            return false;
        listed |= (a->categories[i] | b->categories[i]) & s->permissive[i];
    }
    for (size_t t = 0; listed != 0 && t < s->tag_count; t++)
        if (vls_tag_type_is_permissive(s->tags[t].type) && !list_dominates(a, b, &s->tags[t]))
            return false;
    return true;
}

enum vls_label_order vls_label_compare(const struct vls_label *a, const struct vls_label *b)
{
    bool is_above = vls_label_dominates(a, b), is_below = vls_label_dominates(b, a);
    if (is_above && is_below)
        return VLS_LABEL_EQUAL;
    if (is_above)
        return VLS_LABEL_ABOVE;
    return is_below ? VLS_LABEL_BELOW : VLS_LABEL_INCOMPARABLE;
}

const char *vls_label_order_name(enum vls_label_order order)
{
    static const char *const NAMES[] = {"equal", "above", "below", "incomparable"};
    return NAMES[order];
}
