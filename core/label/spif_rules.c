#include <string.h>

#include "base/mem.h"
#include "label/spif_internal.h"

/*
 * Whether the rules of a scheme can be kept. What a category or a classification forces to be there
 * is followed to its end, as sets of bits and each thing once: so the work grows with the number of
 * things and of rules, whatever way they point at each other.
 *
 * Things are the categories, by their place, and behind them the classifications.
 */

#define MAX_THINGS  (VLS_MAX_CATEGORIES + VLS_MAX_CLASSIFICATIONS)
#define CLASS_WORDS (VLS_MAX_CLASSIFICATIONS / 64)

enum state { UNSEEN, OPEN, DONE };

struct thing {
    uint64_t forced[VLS_LABEL_WORDS];   /* categories; in the end with all that they force */
    uint64_t excluded[VLS_LABEL_WORDS]; /* by this category, or excluding it               */
    uint64_t required_classes[CLASS_WORDS], excluded_classes[CLASS_WORDS];
    enum state state;
    size_t next;   /* the thing to look at next, while it is open */
    size_t opener; /* what led here                               */
};

struct rules {
    struct spif_reader *r;
    size_t category_count, count;
    struct thing things[MAX_THINGS];
};

static const struct vls_requirement *rules_of(const struct rules *w, size_t i, size_t *out_count)
{
    const struct vls_scheme *s = w->r->scheme;
    if (i < w->category_count) {
        *out_count = s->categories[i].requirement_count;
        return s->categories[i].requirements;
    }
    *out_count = s->classes[i - w->category_count].requirement_count;
    return s->classes[i - w->category_count].requirements;
}

static const char *name_of(const struct rules *w, size_t i)
{
    const struct vls_scheme *s = w->r->scheme;
    return i < w->category_count ? s->categories[i].name : s->classes[i - w->category_count].name;
}

/** A failure at the place of a thing: its first rule, when it is a classification. */
#define FAIL(w, i, ...)                                                                            \
    vls_spif_fail_at((w)->r, line_of((w), (i)),                                                    \
                     (i) < (w)->category_count ? "tagCategory" : "requiredCategory", __VA_ARGS__)

static uint32_t line_of(const struct rules *w, size_t i)
{
    size_t count;
    if (i < w->category_count)
        return w->r->scheme->categories[i].line;
    return rules_of(w, i, &count)[0].refs[0].line;
}

/* -- what each says itself */

static void take_rules(struct rules *w, size_t i)
{
    size_t count;
    const struct vls_requirement *rules = rules_of(w, i, &count);
    for (size_t k = 0; k < count; k++)
        for (size_t j = 0; j < rules[k].place_count; j++)
            if (rules[k].operation == VLS_REQUIRE_ALL || rules[k].place_count == 1)
                vls_bit_set(w->things[i].forced, rules[k].places[j]);
}

static void take_category(struct rules *w, size_t i)
{
    const struct vls_scheme *s = w->r->scheme;
    const struct vls_category *c = &s->categories[i];
    struct thing *t = &w->things[i];
    for (size_t j = 0; j < c->excluded_count; j++) {
        vls_bit_set(t->excluded, c->excluded[j]);
        vls_bit_set(w->things[c->excluded[j]].excluded, i);
    }
    for (size_t j = 0; j < c->excluded_class_count; j++)
        vls_bit_set(t->excluded_classes, c->excluded_classes[j]);
    if (c->required_class != NULL)
        vls_bit_set(t->required_classes, (size_t)(c->required_class - s->classes));
}

/* -- what follows from it */

static void unite(uint64_t *to, const uint64_t *from, size_t words)
{
    for (size_t i = 0; i < words; i++)
        to[i] |= from[i];
}

static bool leads_to(const struct rules *w, size_t from, size_t to)
{
    const struct thing *t = &w->things[from];
    return to < w->category_count ? vls_bit_is_set(t->forced, to)
                                  : vls_bit_is_set(t->required_classes, to - w->category_count);
}

/** Follow from one thing, depth first; a way back to what is still open is circular. */
static void follow(struct rules *w, size_t start)
{
    size_t at = start;
    w->things[at].state = OPEN;
    w->things[at].opener = w->count;
    while (at != w->count && vls_ok(w->r->status)) {
        struct thing *t = &w->things[at];
        while (t->next < w->count && !leads_to(w, at, t->next))
            t->next++;
        if (t->next == w->count) {
            t->state = DONE;
            if (t->opener != w->count) {
                unite(w->things[t->opener].forced, t->forced, VLS_LABEL_WORDS);
                unite(w->things[t->opener].required_classes, t->required_classes, CLASS_WORDS);
            }
            at = t->opener;
            continue;
        }
        size_t to = t->next++;
        struct thing *there = &w->things[to];
        if (there->state == OPEN) {
            FAIL(w, to, "circular: '%.60s' requires itself in the end; remove one of the rules",
                 name_of(w, to));
        } else if (there->state == DONE) {
            unite(t->forced, there->forced, VLS_LABEL_WORDS);
            unite(t->required_classes, there->required_classes, CLASS_WORDS);
        } else {
            there->state = OPEN;
            there->opener = at;
            at = to;
        }
    }
}

/* -- whether it can be kept together */

/** No more of a tag than it allows. */
static void check_selection(struct rules *w, size_t i, const uint64_t *there)
{
    const struct vls_scheme *s = w->r->scheme;
    for (size_t k = 0; k < s->tag_count; k++) {
        const struct vls_tag *tag = &s->tags[k];
        size_t held = 0;
        for (size_t j = tag->first; j < (size_t)tag->first + tag->count; j++)
            held += vls_bit_is_set(there, j);
        if (held > tag->max_selection)
            FAIL(w, i, "contradictory: '%.60s' requires %zu categories of '%.40s', which allows %u",
                 name_of(w, i), held, tag->name, tag->max_selection);
    }
}

static void check_classes(struct rules *w, size_t i, const uint64_t *required,
                          const uint64_t *excluded)
{
    const struct vls_scheme *s = w->r->scheme;
    const struct vls_classification *class = NULL;
    size_t left = 0;
    for (size_t k = 0; k < s->count && vls_ok(w->r->status); k++) {
        left += !vls_bit_is_set(excluded, k);
        if (!vls_bit_is_set(required, k))
            continue;
        if (class != NULL)
            FAIL(w, i,
                 "contradictory: '%.40s' requires '%.40s' and, in the end, another "
                 "classification, '%.40s'",
                 name_of(w, i), class->name, s->classes[k].name);
        class = &s->classes[k];
        if (vls_bit_is_set(excluded, k))
            FAIL(w, i, "contradictory: '%.60s' comes with '%.60s' and excludes it", name_of(w, i),
                 class->name);
    }
    if (left == 0)
        FAIL(w, i, "contradictory: '%.60s' excludes every classification", name_of(w, i));
}

/** Of each choice something must be left, and no more of it forced than may be. */
static void check_choices(struct rules *w, size_t i, const uint64_t *there,
                          const uint64_t *excluded)
{
    size_t count;
    const struct vls_requirement *rules = rules_of(w, i, &count);
    for (size_t k = 0; k < count && vls_ok(w->r->status); k++) {
        size_t left = 0, held = 0;
        for (size_t j = 0; j < rules[k].place_count; j++) {
            left += !vls_bit_is_set(excluded, rules[k].places[j]);
            held += vls_bit_is_set(there, rules[k].places[j]);
        }
        if (left == 0)
            vls_spif_fail_at(w->r, rules[k].refs[0].line, "categoryGroup",
                             "contradictory: all that '%.60s' may choose from is excluded",
                             name_of(w, i));
        if (rules[k].operation == VLS_REQUIRE_ONLY_ONE && held > 1)
            vls_spif_fail_at(w->r, rules[k].refs[0].line, "categoryGroup",
                             "contradictory: '%.60s' requires only one and, by other rules, %zu",
                             name_of(w, i), held);
    }
}

static void check(struct rules *w, size_t i)
{
    uint64_t there[VLS_LABEL_WORDS], excluded[VLS_LABEL_WORDS] = {0};
    uint64_t required_classes[CLASS_WORDS], excluded_classes[CLASS_WORDS] = {0};
    vls_copy(there, w->things[i].forced, sizeof there);
    vls_copy(required_classes, w->things[i].required_classes, sizeof required_classes);
    if (i < w->category_count)
        vls_bit_set(there, i);
    else
        vls_bit_set(required_classes, i - w->category_count);
    for (size_t j = 0; j < w->category_count; j++)
        if (vls_bit_is_set(there, j)) {
            unite(excluded, w->things[j].excluded, VLS_LABEL_WORDS);
            unite(excluded_classes, w->things[j].excluded_classes, CLASS_WORDS);
        }
    for (size_t j = 0; j < w->category_count && vls_ok(w->r->status); j++)
        if (j != i && vls_bit_is_set(there, j) && vls_bit_is_set(excluded, j))
            FAIL(w, i, "contradictory: '%.60s' requires '%.60s', which is excluded", name_of(w, i),
                 name_of(w, j));
    if (vls_ok(w->r->status))
        check_classes(w, i, required_classes, excluded_classes);
    if (vls_ok(w->r->status))
        check_selection(w, i, there);
    if (vls_ok(w->r->status))
        check_choices(w, i, there, excluded);
}

void vls_spif_check_rules(struct spif_reader *r)
{
    const struct vls_scheme *s = r->scheme;
    struct rules *w = vls_mem_try(sizeof *w);
    if (w == NULL) {
        r->status =
            vls_fail(VLS_SYSTEM_MEMORY, r->why, "no memory for the scheme in %.90s", r->file);
        return;
    }
    w->r = r;
    w->category_count = s->category_count;
    w->count = s->category_count + s->count;
    for (size_t i = 0; i < w->count; i++)
        take_rules(w, i);
    for (size_t i = 0; i < s->category_count; i++)
        take_category(w, i);
    for (size_t i = 0; i < w->count && vls_ok(r->status); i++)
        if (w->things[i].state == UNSEEN)
            follow(w, i);
    for (size_t i = 0; i < w->count && vls_ok(r->status); i++) {
        size_t count;
        (void)rules_of(w, i, &count);
        if (i < w->category_count || count != 0)
            check(w, i);
    }
    vls_mem_free(w);
}
