/* The smallest label that a new version of a scheme refuses or ranks otherwise. A label is carried
 * over as a partner would get it: in its DER form. */
#include <string.h>

#include "base/mem.h"
#include "label_show.h"
#include "scheme_commands.h"

/** Of the labels with one category, so many are compared with each other. */
#define PAIRS_MAX 512

/** A label under both versions. */
struct pair {
    struct vls_label old, new_label;
};

struct search {
    struct vls_scheme_set there; /* of the new scheme alone; borrowed */
    struct vls_scheme *scheme[1];
    struct pair *pairs;
    size_t count;
    char *out;
    size_t room;
};

static VLS_STATUS carry_over(const struct search *s, const struct vls_label *label,
                             struct vls_label *out, struct vls_why *why)
{
    struct vls_buf der VLS_DEFER(vls_buf_fini);
    vls_buf_init(&der, VLS_MAX_LABEL);
    VLS_TRY(vls_label_encode(label, &der));
    VLS_TRY(vls_label_decode(vls_buf_slice(&der), &s->there, out, why));
    struct vls_status status = vls_label_check_new(out, why);
    if (!vls_ok(status))
        vls_label_fini(out);
    return status;
}

/** True when the example was found: the label was usable and is not any more. */
static bool try_label(struct search *s, const struct vls_label *label)
{
    struct vls_why why = {""};
    struct vls_label there;
    if (!vls_ok(vls_label_check_new(label, NULL)))
        return false;
    if (vls_ok(carry_over(s, label, &there, &why))) {
        if (s->count < PAIRS_MAX)
            s->pairs[s->count++] = (struct pair){*label, there};
        else
            vls_label_fini(&there);
        return false;
    }
    char *text = vls_label_show_text(label);
    snprintf(s->out, s->room, "%s is not valid any more: %s", text, why.text);
    vls_mem_free(text);
    return true;
}

static bool try_pair(const struct search *s, const struct pair *a, const struct pair *b)
{
    enum vls_label_order old = vls_label_compare(&a->old, &b->old);
    enum vls_label_order now = vls_label_compare(&a->new_label, &b->new_label);
    if (old == now)
        return false;
    char *x = vls_label_show_text(&a->old), *y = vls_label_show_text(&b->old);
    snprintf(s->out, s->room, "%s against %s was %s, and is %s", x, y, vls_label_order_name(old),
             vls_label_order_name(now));
    vls_mem_free(x);
    vls_mem_free(y);
    return true;
}

/** Pairs from the `from`-th label on with all before it. */
static bool try_pairs(const struct search *s, size_t from)
{
    for (size_t i = from; i < s->count; i++)
        for (size_t j = 0; j < i; j++)
            if (try_pair(s, &s->pairs[j], &s->pairs[i]))
                return true;
    return false;
}

/** First the classifications alone, then each with one category. */
static bool search(struct search *s, const struct vls_scheme *old)
{
    for (size_t i = 0; i < vls_scheme_count(old); i++) {
        struct vls_label label = vls_label_of(old, vls_scheme_at(old, i));
        if (try_label(s, &label))
            return true;
    }
    size_t alone = s->count;
    if (try_pairs(s, 0))
        return true;
    for (size_t c = 0; c < vls_scheme_category_count(old); c++)
        for (size_t i = 0; i < vls_scheme_count(old); i++) {
            struct vls_label label = vls_label_of(old, vls_scheme_at(old, i));
            vls_label_add(&label, vls_scheme_category(old, c));
            if (try_label(s, &label))
                return true;
        }
    return try_pairs(s, alone);
}

void vls_scheme_find_example(const struct vls_scheme *old, const struct vls_scheme *new_scheme,
                             char *out, size_t room)
{
    struct search s = {.out = out, .room = room};
    s.scheme[0] = (struct vls_scheme *)(uintptr_t)new_scheme;
    s.there = (struct vls_scheme_set){s.scheme, 1};
    s.pairs = vls_mem_new(PAIRS_MAX * sizeof *s.pairs);
    out[0] = '\0';
    (void)search(&s, old);
    for (size_t i = 0; i < s.count; i++)
        vls_label_fini(&s.pairs[i].new_label);
    vls_mem_free(s.pairs);
}
