#include <string.h>

#include "base/mem.h"
#include "policy/index_internal.h"

/* A value gets a set when as many rules as this part of a set's words list it; of fewer, the
 * numbers are kept. So all sets together take no more than some bytes for each name that a rule
 * lists, however many rules there are. */
#define FEW_DIVISOR 4

/* -- memory ------------------------------------------------------------------------------------ */

struct vls_status vls_index_memory(void)
{
    return (struct vls_status){VLS_SYSTEM_MEMORY};
}

void *vls_index_take(struct vls_index *index, size_t count, size_t bytes)
{
    size_t all = 0;
    if (__builtin_mul_overflow(count, bytes, &all))
        return NULL;
    void *at = vls_arena_take(index->arena, all);
    if (at != NULL)
        index->bytes += all;
    return at;
}

uint64_t *vls_index_sets(struct vls_index *index, size_t count)
{
    const size_t line = VLS_INDEX_BLOCK * sizeof(uint64_t);
    uint8_t *at = vls_index_take(index, count * index->words * sizeof(uint64_t) + line, 1);
    if (at == NULL)
        return NULL;
    return (uint64_t *)(void *)(at + (line - (uintptr_t)at % line) % line);
}

struct vls_slice vls_index_media_group(const char *media_type)
{
    const char *slash = strchr(media_type, '/');
    return VLS_SLICE(media_type, slash != NULL ? (size_t)(slash - media_type) + 1 : 0);
}

/* -- to make ----------------------------------------------------------------------------------- */

/** One name that one rule lists. */
struct entry {
    uint32_t value, rule;
};

struct entries {
    struct entry *at;
    size_t count;
};

static void free_entries(struct entries *entries)
{
    vls_mem_free(entries->at);
}

/** Finds the open rules too. */
static struct vls_status collect(struct vls_index *index, struct vls_index_names *names,
                                 vls_index_listed_fn listed, uint64_t *open, struct entries *out)
{
    struct vls_slice found[VLS_MAX_RULE_LIST];
    size_t room = 0;
    for (size_t r = 0; r < index->rule_count; r++) {
        size_t count = listed(&index->rules[r]->when, found);
        room += count;
        if (count == 0)
            vls_index_put(open, r);
    }
    out->at = vls_mem_try((room + 1) * sizeof *out->at);
    if (out->at == NULL)
        return vls_index_memory();
    for (size_t r = 0; r < index->rule_count; r++) {
        size_t count = listed(&index->rules[r]->when, found);
        for (size_t i = 0; i < count; i++) {
            uint32_t value = vls_index_name_add(names, found[i]);
            if (value == 0)
                return vls_index_memory();
            out->at[out->count++] = (struct entry){value, (uint32_t)r};
        }
    }
    return VLS_DONE;
}

/** Lay the rules of each value side by side. */
static struct vls_status lay_out(struct vls_index *index, const struct entries *entries,
                                 size_t value_count, struct vls_index_axis *axis)
{
    uint32_t *rules = vls_index_take(index, entries->count, sizeof *rules);
    axis->values = vls_index_take(index, value_count, sizeof *axis->values);
    if (axis->values == NULL || rules == NULL)
        return vls_index_memory();
    for (size_t i = 0; i < entries->count; i++)
        axis->values[entries->at[i].value].count++;
    for (size_t v = 0; v < value_count; v++) {
        axis->values[v].rules = rules;
        rules += axis->values[v].count;
        axis->values[v].count = 0;
    }
    for (size_t i = 0; i < entries->count; i++) {
        struct vls_index_value *value = &axis->values[entries->at[i].value];
        value->rules[value->count++] = entries->at[i].rule;
    }
    return VLS_DONE;
}

static struct vls_status make_sets(struct vls_index *index, size_t value_count,
                                   struct vls_index_axis *axis)
{
    axis->values[0].set = axis->open;
    for (size_t v = 1; v < value_count; v++) {
        struct vls_index_value *value = &axis->values[v];
        if (value->count == 0)
            value->set = axis->open;
        if (value->count * FEW_DIVISOR < index->words)
            continue;
        uint64_t *set = vls_index_sets(index, 1);
        if (set == NULL)
            return vls_index_memory();
        vls_copy(set, axis->open, index->words * sizeof *set);
        for (size_t i = 0; i < value->count; i++)
            vls_index_put(set, value->rules[i]);
        value->set = set;
    }
    return VLS_DONE;
}

struct vls_status vls_index_axis_make(struct vls_index *index, struct vls_index_names *names,
                                      vls_index_listed_fn listed, struct vls_index_axis *out)
{
    VLS_DEFER(free_entries) struct entries entries = {.at = NULL};
    uint64_t *open = vls_index_sets(index, 1);
    if (open == NULL)
        return vls_index_memory();
    VLS_TRY(collect(index, names, listed, open, &entries));
    out->open = open;
    out->is_used = entries.count != 0;
    size_t value_count = (size_t)names->count + 1;
    VLS_TRY(lay_out(index, &entries, value_count, out));
    return make_sets(index, value_count, out);
}

/* -- to ask ------------------------------------------------------------------------------------ */

uint64_t *vls_index_own(const struct vls_index *index, struct vls_index_group *group)
{
    if (group->set != group->own) {
        vls_copy(group->own, group->set, index->words * sizeof group->own[0]);
        group->set = group->own;
    }
    return group->own;
}

static void join_all(uint64_t *to, const uint64_t *set, size_t words)
{
    for (size_t at = 0; at < words; at += VLS_INDEX_BLOCK)
        vls_index_add(to + at, set + at);
}

void vls_index_join_set(const struct vls_index *index, const uint64_t *set,
                        struct vls_index_group *group)
{
    if (group->set == NULL)
        group->set = set;
    else if (group->set != set)
        join_all(vls_index_own(index, group), set, index->words);
}

void vls_index_join(const struct vls_index *index, const struct vls_index_axis *axis,
                    uint32_t value, struct vls_index_group *group)
{
    const struct vls_index_value *v = &axis->values[value];
    vls_index_join_set(index, v->set != NULL ? v->set : axis->open, group);
    if (v->set != NULL)
        return;
    uint64_t *own = vls_index_own(index, group);
    for (size_t i = 0; i < v->count; i++)
        vls_index_put(own, v->rules[i]);
}
