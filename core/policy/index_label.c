#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "policy/index_internal.h"

/*
 * How a label L compares with the bounds B of all rules at once. L dominates B when its rank
 * reaches B's, B has no restrictive category that L lacks, and in no permissive tag B shuts out
 * somebody whom L lets in. Each of these is a set of rules; what dominates in both directions is
 * equal, in none of them incomparable.
 */

static bool is_in(const uint64_t *places, size_t i)
{
    return (places[i / 64] >> (i % 64) & 1) != 0;
}

/* A list that is empty on purpose holds nobody, whatever else the label says of that tag. */
static enum vls_label_list list_of(const struct vls_label *label, const struct vls_tag *tag)
{
    if ((label->nobody >> tag->place & 1) != 0)
        return VLS_LIST_EMPTY;
    for (size_t i = tag->first; i < (size_t)tag->first + tag->count; i++)
        if (is_in(label->categories, i))
            return VLS_LIST_SOME;
    return VLS_LIST_NONE;
}

size_t vls_index_position(const struct vls_index_scheme *s, const struct vls_label *label)
{
    uint32_t rank = label->classification->hierarchy;
    size_t low = 0, high = s->rank_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->ranks[middle] < rank)
            low = middle + 1;
        else
            high = middle;
    }
    return 2 * low + (low < s->rank_count && s->ranks[low] == rank);
}

bool vls_index_is_marked(const struct vls_index_scheme *s, const struct vls_label *label)
{
    uint64_t found = label->nobody;
    for (size_t w = 0; w < s->words; w++)
        found |= label->categories[w] & (s->restrictive[w] | s->permissive[w]);
    return found != 0;
}

/* -- one block --------------------------------------------------------------------------------- */

struct look {
    const struct vls_index_scheme *scheme;
    const struct vls_index_side *side;
    const struct vls_label *label;
    size_t at;                                              /* first word of the block */
    uint64_t over[VLS_INDEX_BLOCK], under[VLS_INDEX_BLOCK]; /* L dominates B; B dominates L */
};

static void look_at_restrictive(struct look *k)
{
    const struct vls_index_side *side = k->side;
    for (size_t w = 0; w < k->scheme->words; w++) {
        uint64_t restrictive = k->scheme->restrictive[w], has = k->label->categories[w];
        uint64_t lacking = restrictive & side->used[w] & ~has;
        while (lacking != 0)
            vls_index_drop(k->over, side->with[64 * w + vls_index_next(&lacking)] + k->at);
        if ((restrictive & has & ~side->used[w]) != 0)
            memset(k->under, 0, sizeof k->under);
        uint64_t held = restrictive & has & side->used[w];
        while (held != 0)
            vls_index_keep(k->under, side->with[64 * w + vls_index_next(&held)] + k->at);
    }
}

/** Of bounds that list somebody in this tag: those with all that the label lists, and those with
 * nothing besides. */
static void look_at_members(const struct look *k, const struct vls_index_list *list,
                            uint64_t *out_all, uint64_t *out_only)
{
    vls_copy(out_all, list->some + k->at, VLS_INDEX_BLOCK * sizeof out_all[0]);
    vls_copy(out_only, list->some + k->at, VLS_INDEX_BLOCK * sizeof out_only[0]);
    for (size_t i = list->tag->first; i < (size_t)list->tag->first + list->tag->count; i++) {
        bool has = is_in(k->label->categories, i);
        if (is_in(k->side->used, i) && has)
            vls_index_keep(out_all, k->side->with[i] + k->at);
        else if (is_in(k->side->used, i))
            vls_index_drop(out_only, k->side->with[i] + k->at);
        else if (has)
            memset(out_all, 0, VLS_INDEX_BLOCK * sizeof out_all[0]);
    }
}

static void look_at_list(struct look *k, const struct vls_index_list *list)
{
    uint64_t all[VLS_INDEX_BLOCK], only[VLS_INDEX_BLOCK];
    switch (list_of(k->label, list->tag)) {
    case VLS_LIST_EMPTY:
        vls_index_keep(k->under, list->nobody + k->at);
        break;
    case VLS_LIST_NONE:
        vls_index_keep(k->over, list->none + k->at);
        break;
    case VLS_LIST_SOME:
        look_at_members(k, list, all, only);
        for (size_t i = 0; i < VLS_INDEX_BLOCK; i++) {
            k->over[i] &= all[i] | list->none[k->at + i];
            k->under[i] &= only[i] | list->nobody[k->at + i];
        }
        break;
    }
}

static void look_at_side(struct look *k, size_t position, size_t words)
{
    const struct vls_index_side *side = k->side;
    const size_t bytes = sizeof k->over;
    vls_copy(k->over, side->below + position * words + k->at, bytes);
    vls_copy(k->under, side->above + position * words + k->at, bytes);
    look_at_restrictive(k);
    for (size_t t = 0; t < k->scheme->list_count; t++)
        look_at_list(k, &side->lists[t]);
}

void vls_index_judge(const struct vls_index *index, const struct vls_index_scheme *s,
                     const struct vls_label *label, size_t position, size_t at,
                     uint64_t block[VLS_INDEX_BLOCK])
{
    struct look most = {
        .scheme = s, .side = &s->sides[VLS_INDEX_AT_MOST], .label = label, .at = at};
    struct look least = most;
    least.side = &s->sides[VLS_INDEX_AT_LEAST];
    look_at_side(&most, position, index->words);
    look_at_side(&least, position, index->words);
    for (size_t i = 0; i < VLS_INDEX_BLOCK; i++) {
        uint64_t strict = index->strict[at + i];
        uint64_t is_met = index->unbounded[VLS_INDEX_AT_MOST][at + i] | most.under[i];
        block[i] &= is_met | (strict & ~most.over[i]);
        is_met = index->unbounded[VLS_INDEX_AT_LEAST][at + i] | least.over[i];
        block[i] &= is_met | (strict & ~least.under[i]);
    }
}

/* -- to make ----------------------------------------------------------------------------------- */

static const struct vls_label *bound_of(const struct vls_rule *rule, enum vls_index_bound which)
{
    return which == VLS_INDEX_AT_MOST ? &rule->when.at_most : &rule->when.at_least;
}

static int compare_ranks(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static struct vls_status make_ranks(struct vls_index *index, struct vls_index_scheme *s)
{
    size_t count = 0;
    s->ranks = vls_index_take(index, index->rule_count * VLS_INDEX_BOUNDS, sizeof *s->ranks);
    if (s->ranks == NULL)
        return vls_index_memory();
    for (size_t r = 0; r < index->rule_count; r++)
        for (unsigned which = 0; which < VLS_INDEX_BOUNDS; which++) {
            const struct vls_label *bound = bound_of(index->rules[r], which);
            if (bound->scheme == s->scheme)
                s->ranks[count++] = bound->classification->hierarchy;
        }
    if (count != 0)
        qsort(s->ranks, count, sizeof *s->ranks, compare_ranks);
    for (size_t i = 0; i < count; i++)
        if (s->rank_count == 0 || s->ranks[i] != s->ranks[s->rank_count - 1])
            s->ranks[s->rank_count++] = s->ranks[i];
    return VLS_DONE;
}

/** A set, made when it is not there yet. @return false without memory */
static bool need_set(struct vls_index *index, uint64_t **set)
{
    if (*set == NULL)
        *set = vls_index_sets(index, 1);
    return *set != NULL;
}

/** Put a rule into the set of each of the categories, which lie in `with` by their places. */
static struct vls_status put_categories(struct vls_index *index, const uint64_t *categories,
                                        size_t words, size_t rule, uint64_t **with, uint64_t *used)
{
    for (size_t w = 0; w < words; w++) {
        uint64_t left = categories[w];
        used[w] |= left;
        while (left != 0) {
            uint64_t **set = &with[64 * w + vls_index_next(&left)];
            if (!need_set(index, set))
                return vls_index_memory();
            vls_index_put(*set, rule);
        }
    }
    return VLS_DONE;
}

static void put_rank(const struct vls_index *index, const struct vls_index_scheme *s,
                     const struct vls_label *bound, size_t rule, struct vls_index_side *side)
{
    size_t own = vls_index_position(s, bound);
    for (size_t p = 0; p <= 2 * s->rank_count; p++) {
        if (p >= own)
            vls_index_put(side->below + p * index->words, rule);
        if (p <= own)
            vls_index_put(side->above + p * index->words, rule);
    }
}

static struct vls_status put_bound(struct vls_index *index, const struct vls_index_scheme *s,
                                   const struct vls_label *bound, size_t rule,
                                   struct vls_index_side *side)
{
    uint64_t compared[VLS_LABEL_WORDS] = {0};
    for (size_t w = 0; w < s->words; w++)
        compared[w] = bound->categories[w] & (s->restrictive[w] | s->permissive[w]);
    put_rank(index, s, bound, rule, side);
    for (size_t t = 0; t < s->list_count; t++) {
        struct vls_index_list *list = &side->lists[t];
        enum vls_label_list has = list_of(bound, list->tag);
        vls_index_put(has == VLS_LIST_NONE   ? list->none
                      : has == VLS_LIST_SOME ? list->some
                                             : list->nobody,
                      rule);
    }
    return put_categories(index, compared, s->words, rule, side->with, side->used);
}

static struct vls_status make_side(struct vls_index *index, const struct vls_index_scheme *s,
                                   enum vls_index_bound which, struct vls_index_side *side)
{
    size_t positions = 2 * s->rank_count + 1;
    side->below = vls_index_sets(index, positions);
    side->above = vls_index_sets(index, positions);
    side->with = vls_index_take(index, 64 * s->words, sizeof *side->with);
    side->lists = vls_index_take(index, s->list_count, sizeof *side->lists);
    if (side->below == NULL || side->above == NULL || side->with == NULL || side->lists == NULL)
        return vls_index_memory();
    size_t t = 0;
    const struct vls_tag *tag;
    for (size_t i = 0; (tag = vls_scheme_tag(s->scheme, i)) != NULL; i++) {
        if (!vls_tag_type_is_permissive(tag->type))
            continue;
        struct vls_index_list *list = &side->lists[t++];
        list->tag = tag;
        if (!need_set(index, &list->none) || !need_set(index, &list->some) ||
            !need_set(index, &list->nobody))
            return vls_index_memory();
    }
    for (size_t r = 0; r < index->rule_count; r++) {
        const struct vls_label *bound = bound_of(index->rules[r], which);
        if (bound->scheme == s->scheme)
            VLS_TRY(put_bound(index, s, bound, r, side));
    }
    return VLS_DONE;
}

/** Judge a label without categories once for each position of its rank. */
static struct vls_status make_plain(struct vls_index *index, struct vls_index_scheme *s)
{
    static const struct vls_label PLAIN = {.scheme = NULL};
    size_t positions = 2 * s->rank_count + 1;
    s->plain = vls_index_sets(index, positions);
    if (s->plain == NULL)
        return vls_index_memory();
    for (size_t p = 0; p < positions; p++)
        for (size_t at = 0; at < index->words; at += VLS_INDEX_BLOCK) {
            uint64_t *block = s->plain + p * index->words + at;
            memset(block, 0xff, VLS_INDEX_BLOCK * sizeof *block);
            vls_index_judge(index, s, &PLAIN, p, at, block);
        }
    return VLS_DONE;
}

/** Conditions on categories: a category of another scheme leaves the judgement open. */
static struct vls_status make_listing(struct vls_index *index, struct vls_index_scheme *s)
{
    s->open = vls_index_sets(index, 1);
    s->listing = vls_index_take(index, 64 * s->words, sizeof *s->listing);
    if (s->open == NULL || s->listing == NULL)
        return vls_index_memory();
    for (size_t r = 0; r < index->rule_count; r++) {
        const struct vls_condition *when = &index->rules[r]->when;
        uint64_t listed[VLS_LABEL_WORDS] = {0};
        bool is_open = when->category_count == 0;
        for (size_t i = 0; i < when->category_count; i++)
            if (when->categories[i].scheme == s->scheme)
                vls_index_put(listed, when->categories[i].category->place);
            else if (vls_index_has(index->strict, r))
                is_open = true;
        if (is_open)
            vls_index_put(s->open, r);
        VLS_TRY(put_categories(index, listed, s->words, r, s->listing, s->listed));
    }
    return VLS_DONE;
}

static struct vls_status make_scheme(struct vls_index *index, const struct vls_scheme *scheme,
                                     struct vls_index_scheme *s)
{
    s->scheme = scheme;
    s->words = (vls_scheme_category_count(scheme) + 63) / 64;
    const struct vls_tag *tag;
    for (size_t t = 0; (tag = vls_scheme_tag(scheme, t)) != NULL; t++) {
        s->list_count += vls_tag_type_is_permissive(tag->type);
        for (size_t i = tag->first; i < (size_t)tag->first + tag->count; i++) {
            if (vls_tag_type_is_restrictive(tag->type))
                vls_index_put(s->restrictive, i);
            if (vls_tag_type_is_permissive(tag->type))
                vls_index_put(s->permissive, i);
        }
    }
    VLS_TRY(make_ranks(index, s));
    VLS_TRY(make_side(index, s, VLS_INDEX_AT_MOST, &s->sides[VLS_INDEX_AT_MOST]));
    VLS_TRY(make_side(index, s, VLS_INDEX_AT_LEAST, &s->sides[VLS_INDEX_AT_LEAST]));
    VLS_TRY(make_plain(index, s));
    return make_listing(index, s);
}

/** What holds for labels of every scheme. */
static struct vls_status make_common(struct vls_index *index)
{
    uint64_t *sets = vls_index_sets(index, 4);
    if (sets == NULL)
        return vls_index_memory();
    uint64_t *at_most = sets, *at_least = at_most + index->words;
    uint64_t *unjudged = at_least + index->words, *uncategorized = unjudged + index->words;
    for (size_t r = 0; r < index->rule_count; r++) {
        const struct vls_condition *when = &index->rules[r]->when;
        bool is_strict = vls_index_has(index->strict, r);
        bool has_bounds = when->at_most.scheme != NULL || when->at_least.scheme != NULL;
        if (when->at_most.scheme == NULL)
            vls_index_put(at_most, r);
        if (when->at_least.scheme == NULL)
            vls_index_put(at_least, r);
        if (!has_bounds || is_strict)
            vls_index_put(unjudged, r);
        if (when->category_count == 0 || is_strict)
            vls_index_put(uncategorized, r);
        index->has_bounds |= has_bounds;
        index->has_categories |= when->category_count != 0;
    }
    index->unbounded[VLS_INDEX_AT_MOST] = at_most;
    index->unbounded[VLS_INDEX_AT_LEAST] = at_least;
    index->unjudged = unjudged;
    index->uncategorized = uncategorized;
    return VLS_DONE;
}

static bool is_known(const struct vls_index *index, const struct vls_scheme *scheme)
{
    for (size_t i = 0; i < index->scheme_count; i++)
        if (index->schemes[i].scheme == scheme)
            return true;
    return false;
}

struct vls_status vls_index_labels_make(struct vls_index *index,
                                        const struct vls_arrangement *arrangement)
{
    VLS_TRY(make_common(index));
    index->schemes = vls_index_take(index, arrangement->party_count, sizeof *index->schemes);
    if (index->schemes == NULL)
        return vls_index_memory();
    for (size_t p = 0; p < arrangement->party_count; p++) {
        const struct vls_scheme *scheme = arrangement->parties[p].scheme;
        if (!is_known(index, scheme))
            VLS_TRY(make_scheme(index, scheme, &index->schemes[index->scheme_count++]));
    }
    return VLS_DONE;
}
