#include "label/join.h"

#include <string.h>

#include "base/mem.h"
#include "label/scheme_internal.h"

/** Both lists when both have one, the one there is otherwise. */
static void join_list(const struct vls_label *a, const struct vls_label *b,
                      const struct vls_tag *tag, struct vls_label *out)
{
    enum vls_label_list of_a = vls_label_list(a, tag), of_b = vls_label_list(b, tag);
    bool is_some = false;
    if (of_a == VLS_LIST_NONE && of_b == VLS_LIST_NONE)
        return;
    for (size_t i = tag->first; i < (size_t)tag->first + tag->count; i++) {
        bool in_a = of_a == VLS_LIST_NONE || vls_bit_is_set(a->categories, i);
        bool in_b = of_b == VLS_LIST_NONE || vls_bit_is_set(b->categories, i);
        if (in_a && in_b)
            vls_bit_set(out->categories, i);
        is_some = is_some || (in_a && in_b);
    }
    if (!is_some)
        out->nobody |= UINT64_C(1) << tag->place;
}

static const struct vls_label_details NONE = {.privacy_mark = NULL};

static struct vls_status join_details(const struct vls_label *a, const struct vls_label *b,
                                      struct vls_label *out, struct vls_why *why)
{
    const struct vls_label_details *x = a->details != NULL ? a->details : &NONE;
    const struct vls_label_details *y = b->details != NULL ? b->details : &NONE;
    if (x == &NONE && y == &NONE)
        return VLS_DONE;
    struct vls_label_details *d = vls_label_details(out);
    const char *mark = x->privacy_mark != NULL ? x->privacy_mark : y->privacy_mark;
    if (x->privacy_mark != NULL && y->privacy_mark != NULL &&
        strcmp(x->privacy_mark, y->privacy_mark) != 0)
        return vls_fail(VLS_LABEL_VALUE, why,
                        "two parts have different privacy marks, '%.60s' and "
                        "'%.60s'; a label holds one",
                        x->privacy_mark, y->privacy_mark);
    if (mark != NULL)
        VLS_TRY(vls_label_set_privacy_mark(out, mark));
    d->is_printable_mark = d->is_printable_mark &&
                           (x->privacy_mark == NULL || x->is_printable_mark) &&
                           (y->privacy_mark == NULL || y->is_printable_mark);
    d->created_ms = x->created_ms > y->created_ms ? x->created_ms : y->created_ms;
    d->review_ms = x->review_ms == y->review_ms ? x->review_ms : 0;
    bool is_succeeded = x->succession_ms != 0 && x->succession_ms == y->succession_ms &&
                        x->successor != NULL && y->successor != NULL;
    for (size_t i = 0; i < x->originator_count; i++)
        VLS_TRY(vls_label_add_originator(out, x->originators[i]));
    for (size_t i = 0; i < y->originator_count; i++)
        VLS_TRY(vls_label_add_originator(out, y->originators[i]));
    if (!is_succeeded)
        return VLS_DONE;
    d->succession_ms = x->succession_ms;
    d->successor = vls_mem_new(sizeof *d->successor);
    return vls_label_join(x->successor, y->successor, d->successor, why);
}

struct vls_status vls_label_join(const struct vls_label *a, const struct vls_label *b,
                                 struct vls_label *out, struct vls_why *why)
{
    const struct vls_scheme *s = a->scheme;
    if (s == NULL || s != b->scheme)
        return vls_fail(VLS_LABEL_SCHEME, why, "labels of two schemes have no join; map one first");
    if (vls_label_unknown_count(a) != 0 || vls_label_unknown_count(b) != 0)
        return vls_fail(VLS_LABEL_VALUE, why, "a label with an unknown category cannot be joined");
    bool is_a = a->classification->hierarchy >= b->classification->hierarchy;
    struct vls_label join = vls_label_of(s, is_a ? a->classification : b->classification);
    for (size_t i = 0; i < VLS_LABEL_WORDS; i++)
        join.categories[i] = (a->categories[i] | b->categories[i]) & ~s->permissive[i];
    for (size_t t = 0; t < s->tag_count; t++)
        if (vls_tag_type_is_permissive(s->tags[t].type))
            join_list(a, b, &s->tags[t], &join);
    for (size_t t = 0; t < s->tag_count; t++)
        if ((join.nobody >> t & 1) != 0)
            vls_label_set_nobody(&join, &s->tags[t]);
    struct vls_status status = join_details(a, b, &join, why);
    if (!vls_ok(status)) {
        vls_label_fini(&join);
        return status;
    }
    *out = join;
    return VLS_DONE;
}

struct vls_status vls_label_join_all(const struct vls_label *parts, size_t count,
                                     struct vls_label *out, struct vls_why *why)
{
    struct vls_label sum, next;
    if (count == 0)
        return vls_fail(VLS_LABEL_MISSING, why, "no part has a label");
    VLS_TRY(vls_label_join(&parts[0], &parts[0], &sum, why));
    for (size_t i = 1; i < count; i++) {
        struct vls_status s = vls_label_join(&sum, &parts[i], &next, why);
        vls_label_fini(&sum);
        VLS_TRY(s);
        sum = next;
    }
    *out = sum;
    return VLS_DONE;
}
