#include "policy/vocabulary.h"

#include <string.h>

#include "base/mem.h"

static void add_word(struct vls_words *words, const char *text)
{
    size_t i = 0;
    while (i < words->count && strcmp(words->at[i], text) < 0)
        i++;
    if (i == VLS_MAX_WORDS || (i < words->count && strcmp(words->at[i], text) == 0))
        return;
    if (words->count < VLS_MAX_WORDS)
        words->count++;
    for (size_t k = words->count - 1; k > i; k--)
        words->at[k] = words->at[k - 1];
    words->at[i] = text;
}

static void add_words(struct vls_words *words, char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add_word(words, texts[i]);
}

static void add_size(struct vls_vocabulary *v, uint64_t size)
{
    size_t i = 0;
    while (i < v->size_count && v->sizes[i] < size)
        i++;
    if (i == VLS_MAX_WORDS || (i < v->size_count && v->sizes[i] == size))
        return;
    if (v->size_count < VLS_MAX_WORDS)
        v->size_count++;
    for (size_t k = v->size_count - 1; k > i; k--)
        v->sizes[k] = v->sizes[k - 1];
    v->sizes[i] = size;
}

static int compare_categories(const struct vls_rule_category *a, const struct vls_rule_category *b)
{
    int order = strcmp(vls_scheme_name(a->scheme), vls_scheme_name(b->scheme));
    return order != 0 ? order : (int)a->category->place - (int)b->category->place;
}

static void add_category(struct vls_vocabulary *v, const struct vls_rule_category *category)
{
    size_t i = 0;
    while (i < v->category_count && compare_categories(&v->categories[i], category) < 0)
        i++;
    if (i == VLS_MAX_WORDS ||
        (i < v->category_count && compare_categories(&v->categories[i], category) == 0))
        return;
    if (v->category_count < VLS_MAX_WORDS)
        v->category_count++;
    for (size_t k = v->category_count - 1; k > i; k--)
        v->categories[k] = v->categories[k - 1];
    v->categories[i] = *category;
}

static void add_condition(struct vls_vocabulary *v, const struct vls_condition *when)
{
    add_words(&v->audiences, when->audiences, when->audience_count);
    add_words(&v->topics, when->topics, when->topic_count);
    add_words(&v->media_types, when->media_types, when->media_type_count);
    add_words(&v->originators, when->originators, when->originator_count);
    for (size_t i = 0; i < when->category_count; i++)
        add_category(v, &when->categories[i]);
    if (when->has_min_bytes)
        add_size(v, when->min_bytes);
    if (when->has_max_bytes)
        add_size(v, when->max_bytes);
    v->has_parties |= when->from != NULL || when->to != NULL || when->incoming != VLS_WISH_ANY;
    v->has_distribution |= when->distributions != 0;
    v->has_personal_data |= when->personal_data != VLS_WISH_ANY;
    v->has_embargo |= when->embargo != VLS_WISH_ANY;
    v->has_duplicate |= when->duplicate != VLS_WISH_ANY;
}

struct vls_status vls_vocabulary_make(const struct vls_arrangement *arrangement,
                                      struct vls_vocabulary **out, struct vls_why *why)
{
    struct vls_vocabulary *v = vls_mem_try(sizeof *v);
    if (v == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for the words of %.60s",
                        arrangement->name);
    for (size_t i = 0; i < arrangement->rule_count; i++)
        add_condition(v, &arrangement->rules[i].when);
    *out = v;
    return VLS_DONE;
}
