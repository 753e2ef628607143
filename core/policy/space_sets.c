/* The axes whose values are sets. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "policy/space_internal.h"

/* -- subsets ----------------------------------------------------------------------------------- */

size_t vls_space_most(size_t elements, size_t room)
{
    size_t sets = 1, of_size = 1, most = 0; /* the empty one */
    while (most < elements) {
        of_size = of_size * (elements - most) / (most + 1);
        if (of_size > room || sets + of_size > room)
            break;
        sets += of_size;
        most++;
    }
    return most == 0 ? 1 : most;
}

bool vls_space_subsets(size_t elements, size_t size, vls_space_subset_fn *visit, void *ctx)
{
    if (size > elements)
        return true;
    size_t *at VLS_DEFER(vls_mem_freep) = vls_mem_try((size + 1) * sizeof *at);
    if (at == NULL)
        return false;
    for (size_t i = 0; i < size; i++)
        at[i] = i;
    for (;;) {
        const struct vls_space_subset subset = {at, size};
        if (!visit(ctx, &subset))
            return false;
        size_t i = size;
        while (i > 0 && at[i - 1] == elements - size + i - 1)
            i--;
        if (i == 0)
            return true;
        at[i - 1]++;
        for (; i < size; i++)
            at[i] = at[i - 1] + 1;
    }
}

/* -- lists ------------------------------------------------------------------------------------- */

struct names {
    const char **at;
    size_t count, room;
    bool has_failed;
};

static void add_name(struct names *n, const char *name)
{
    if (n->count == n->room) {
        size_t room = n->room == 0 ? 64 : 2 * n->room;
        const char **more = vls_mem_resize(n->at, room * sizeof *more);
        n->has_failed |= more == NULL;
        if (more == NULL)
            return;
        n->at = more;
        n->room = room;
    }
    n->at[n->count++] = name;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sort_names(struct names *n)
{
    size_t kept = 0;
    if (n->count != 0)
        qsort(n->at, n->count, sizeof n->at[0], by_text);
    for (size_t i = 0; i < n->count; i++)
        if (kept == 0 || strcmp(n->at[kept - 1], n->at[i]) != 0)
            n->at[kept++] = n->at[i];
    n->count = kept;
}

/** A type that of all patterns this one alone allows, and types that are written out do not. */
static void add_media_type(const struct vls_space_maker *m, struct names *n, const char *pattern)
{
    char type[VLS_MAX_MEDIA_TYPE + 16];
    size_t len = strlen(pattern);
    if (len == 0 || pattern[len - 1] != '*') {
        add_name(n, pattern);
        return;
    }
    snprintf(type, sizeof type, "%.*sx.another", (int)(len - 1), pattern);
    const char *copy = vls_arena_text(m->out->arena, type);
    n->has_failed |= copy == NULL;
    if (copy != NULL)
        add_name(n, copy);
}

static void gather_names(const struct vls_space_maker *m, enum vls_axis axis,
                         const struct vls_condition *when, struct names *n)
{
    char *const *list = NULL;
    size_t count = 0;
    if (axis == VLS_AXIS_ORIGINATORS)
        list = when->originators, count = when->originator_count;
    else if (axis == VLS_AXIS_AUDIENCE)
        list = when->audiences, count = when->audience_count;
    else if (axis == VLS_AXIS_TOPICS)
        list = when->topics, count = when->topic_count;
    else
        list = when->media_types, count = when->media_type_count;
    for (size_t i = 0; i < count; i++)
        if (axis == VLS_AXIS_MEDIA_TYPES)
            add_media_type(m, n, list[i]);
        else
            add_name(n, list[i]);
}

/** By id and by name: a name may be another party's id elsewhere. */
static void gather_parties(const struct vls_arrangement *a, struct names *n)
{
    for (size_t i = 0; i < a->party_count; i++) {
        add_name(n, a->parties[i].id);
        add_name(n, a->parties[i].name);
    }
}

struct list_maker {
    struct vls_space *space;
    enum vls_axis axis;
    const struct names *names;
};

static bool add_list(void *ctx, const struct vls_space_subset *subset)
{
    const struct list_maker *m = ctx;
    const char **at = vls_arena_take(m->space->arena, (subset->count + 1) * sizeof *at);
    if (at == NULL)
        return false;
    for (size_t i = 0; i < subset->count; i++)
        at[i] = m->names->at[subset->at[i]];
    struct vls_space_value value = {.cost = (uint32_t)subset->count, .list = {at, subset->count}};
    return vls_space_add(m->space, m->axis, value);
}

static bool add_list_axis(const struct vls_space_maker *m, enum vls_axis axis, const char *another)
{
    struct names n = {.at = NULL};
    for (size_t b = 0; b < m->book_count; b++) {
        if (axis == VLS_AXIS_ORIGINATORS)
            gather_parties(m->books[b], &n);
        for (size_t i = 0; i < m->books[b]->rule_count; i++)
            gather_names(m, axis, &m->books[b]->rules[i].when, &n);
    }
    sort_names(&n);
    if (n.count != 0)
        add_name(&n, another);
    struct vls_space_axis *out = &m->out->axes[axis];
    struct list_maker maker = {m->out, axis, &n};
    out->elements = n.count;
    out->most = n.count == 0 ? 0 : vls_space_most(n.count, VLS_SPACE_MAX_VALUES);
    size_t searched = n.count < VLS_SPACE_MAX_VALUES ? n.count : VLS_SPACE_MAX_VALUES;
    bool is_done = !n.has_failed;
    for (size_t size = 0; size <= out->most && is_done; size++)
        is_done = vls_space_subsets(searched, size, add_list, &maker);
    vls_mem_free(n.at);
    return is_done;
}

bool vls_space_add_lists(const struct vls_space_maker *maker)
{
    return add_list_axis(maker, VLS_AXIS_ORIGINATORS, "another originator") &&
           add_list_axis(maker, VLS_AXIS_AUDIENCE, "another audience") &&
           add_list_axis(maker, VLS_AXIS_TOPICS, "another topic") &&
           add_list_axis(maker, VLS_AXIS_MEDIA_TYPES, "another/type");
}

/* -- labels ------------------------------------------------------------------------------------ */

/** What a label may have besides its level. */
struct element {
    const struct vls_category *category;
    const struct vls_tag *nobody; /* its list is empty */
    bool is_unknown;
};

#define MAX_ELEMENTS (VLS_MAX_CATEGORIES + VLS_MAX_TAGS + 1)

struct label_maker {
    struct vls_space *space;
    const struct vls_scheme *scheme;
    const struct vls_classification *level;
    uint32_t level_cost;
    uint64_t mentioned[VLS_LABEL_WORDS];
    struct element elements[MAX_ELEMENTS];
    size_t count;
};

static bool is_mentioned(const struct label_maker *m, size_t place)
{
    return (m->mentioned[place / 64] >> place % 64 & 1) != 0;
}

static void mention_bound(struct label_maker *m, const struct vls_label *bound)
{
    if (bound->scheme != m->scheme)
        return;
    for (size_t i = 0; i < VLS_LABEL_WORDS; i++)
        m->mentioned[i] |= bound->categories[i];
}

static void mention(struct label_maker *m, const struct vls_condition *when)
{
    mention_bound(m, &when->at_most);
    mention_bound(m, &when->at_least);
    for (size_t i = 0; i < when->category_count; i++) {
        size_t place = when->categories[i].category->place;
        if (when->categories[i].scheme == m->scheme)
            m->mentioned[place / 64] |= UINT64_C(1) << place % 64;
    }
}

/** Of one tag: what is mentioned, and one that is not. Those of restrictive tags are all alike, so
 * that one in all is enough; those of an informative one are no one's concern. */
static void gather_tag(struct label_maker *m, const struct vls_tag *tag, bool *has_restrictive)
{
    bool is_permissive = vls_tag_type_is_permissive(tag->type);
    bool has_other = tag->type == VLS_TAG_INFORMATIVE || (!is_permissive && *has_restrictive);
    for (size_t place = tag->first; place < (size_t)tag->first + tag->count; place++) {
        bool is_other = !is_mentioned(m, place);
        if (is_other && has_other)
            continue;
        has_other |= is_other;
        *has_restrictive |= is_other && vls_tag_type_is_restrictive(tag->type);
        m->elements[m->count++].category = vls_scheme_category(m->scheme, place);
    }
    if (is_permissive)
        m->elements[m->count++].nobody = tag;
}

static bool put(struct vls_space_value *value, const struct element *element)
{
    const struct vls_label before = value->label;
    if (element->is_unknown)
        value->has_unknown = true;
    else if (element->nobody != NULL)
        vls_label_set_nobody(&value->label, element->nobody);
    else
        vls_label_add(&value->label, element->category);
    return element->is_unknown || memcmp(&before, &value->label, sizeof before) != 0;
}

static bool add_label(void *ctx, const struct vls_space_subset *subset)
{
    const struct label_maker *m = ctx;
    struct vls_space_value value = {.cost = m->level_cost + (uint32_t)subset->count,
                                    .label = vls_label_of(m->scheme, m->level)};
    for (size_t i = 0; i < subset->count; i++)
        if (!put(&value, &m->elements[subset->at[i]]))
            return true; /* the same as a smaller one */
    if (!vls_ok(vls_label_check(&value.label, NULL)))
        return true; /* no such label is ever read */
    return vls_space_add(m->space, VLS_AXIS_LABEL, value);
}

static bool is_lowest(const struct vls_scheme *scheme, const struct vls_classification *level)
{
    const struct vls_classification *other = NULL;
    for (size_t i = 0; (other = vls_scheme_at(scheme, i)) != NULL; i++)
        if (other->hierarchy < level->hierarchy)
            return false;
    return true;
}

static bool add_scheme(const struct vls_space_maker *maker, struct label_maker *m)
{
    struct vls_space_axis *out = &maker->out->axes[VLS_AXIS_LABEL];
    bool has_restrictive = false;
    for (size_t b = 0; b < maker->book_count; b++)
        for (size_t i = 0; i < maker->books[b]->rule_count; i++)
            mention(m, &maker->books[b]->rules[i].when);
    for (size_t t = 0; t < vls_scheme_tag_count(m->scheme); t++)
        gather_tag(m, vls_scheme_tag(m->scheme, t), &has_restrictive);
    m->elements[m->count++].is_unknown = true;
    size_t levels = vls_scheme_count(m->scheme);
    size_t most = vls_space_most(m->count, VLS_SPACE_MAX_VALUES / levels);
    if (out->most == out->elements || m->count - most > out->elements - out->most) {
        out->elements = m->count;
        out->most = most;
    }
    for (size_t size = 0; size <= most; size++)
        for (size_t i = 0; i < levels; i++) {
            m->level = vls_scheme_at(m->scheme, i);
            m->level_cost = is_lowest(m->scheme, m->level) ? 0 : 1;
            if (!vls_space_subsets(m->count, size, add_label, m))
                return false;
        }
    return true;
}

static bool has_scheme(const struct vls_space *space, const struct vls_scheme *scheme)
{
    const struct vls_space_axis *labels = &space->axes[VLS_AXIS_LABEL];
    for (size_t i = 0; i < labels->count; i++)
        if (labels->values[i].label.scheme == scheme)
            return true;
    return false;
}

bool vls_space_add_labels(const struct vls_space_maker *maker)
{
    bool is_done = true;
    for (size_t b = 0; b < maker->book_count; b++)
        for (size_t i = 0; i < maker->books[b]->party_count && is_done; i++) {
            const struct vls_scheme *scheme = maker->books[b]->parties[i].scheme;
            if (has_scheme(maker->out, scheme))
                continue;
            struct label_maker *m = vls_mem_new(sizeof *m);
            m->space = maker->out;
            m->scheme = scheme;
            is_done = add_scheme(maker, m);
            vls_mem_free(m);
        }
    return is_done;
}
