#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "policy/index_internal.h"

/* Sets of the axis of sizes; with more turns than that, a decision makes the last few itself. */
#define MAX_SIZE_SETS 256

/* -- what each rule lists ---------------------------------------------------------------------- */

static size_t list_kinds(const struct vls_condition *when, struct vls_slice out[VLS_MAX_RULE_LIST])
{
    for (size_t i = 0; i < when->kind_count; i++)
        out[i] = vls_slice_text(when->kinds[i]->name);
    return when->kind_count;
}

static size_t list_from(const struct vls_condition *when, struct vls_slice out[VLS_MAX_RULE_LIST])
{
    out[0] = vls_slice_text(when->from != NULL ? when->from->id : NULL);
    return when->from != NULL;
}

static size_t list_to(const struct vls_condition *when, struct vls_slice out[VLS_MAX_RULE_LIST])
{
    out[0] = vls_slice_text(when->to != NULL ? when->to->id : NULL);
    return when->to != NULL;
}

static size_t list_bodies(const struct vls_condition *when, struct vls_slice out[VLS_MAX_RULE_LIST])
{
    for (size_t i = 0; i < when->body_count; i++)
        out[i] = vls_slice_text(when->bodies[i]->id);
    return when->body_count;
}

static size_t list_texts(char *const *texts, size_t count, struct vls_slice out[VLS_MAX_RULE_LIST])
{
    for (size_t i = 0; i < count; i++)
        out[i] = vls_slice_text(texts[i]);
    return count;
}

static size_t list_audiences(const struct vls_condition *when,
                             struct vls_slice out[VLS_MAX_RULE_LIST])
{
    return list_texts(when->audiences, when->audience_count, out);
}

static size_t list_topics(const struct vls_condition *when, struct vls_slice out[VLS_MAX_RULE_LIST])
{
    return list_texts(when->topics, when->topic_count, out);
}

static size_t list_originators(const struct vls_condition *when,
                               struct vls_slice out[VLS_MAX_RULE_LIST])
{
    return list_texts(when->originators, when->originator_count, out);
}

static size_t list_media_types(const struct vls_condition *when,
                               struct vls_slice out[VLS_MAX_RULE_LIST])
{
    size_t count = list_texts(when->media_types, when->media_type_count, out);
    for (size_t i = 0; i < count; i++)
        if (out[i].len >= 2 && memcmp(out[i].at + out[i].len - 2, "/*", 2) == 0)
            out[i] = vls_index_media_group(when->media_types[i]);
    return count;
}

/* -- order ------------------------------------------------------------------------------------- */

static int compare_rules(const void *a, const void *b)
{
    const struct vls_rule *x = *(const struct vls_rule *const *)a;
    const struct vls_rule *y = *(const struct vls_rule *const *)b;
    if (x->effect != y->effect)
        return x->effect > y->effect ? -1 : 1;
    return strcmp(x->id, y->id);
}

static struct vls_status make_order(struct vls_index *index, const struct vls_arrangement *a)
{
    const size_t in_block = 64 * VLS_INDEX_BLOCK;
    index->rule_count = a->rule_count;
    index->words = (a->rule_count + in_block - 1) / in_block * VLS_INDEX_BLOCK;
    index->rules = vls_index_take(index, a->rule_count, sizeof *index->rules);
    index->approvals = vls_index_take(index, a->rule_count, sizeof *index->approvals);
    uint64_t *strict = vls_index_sets(index, 1);
    if (index->rules == NULL || index->approvals == NULL || strict == NULL)
        return vls_index_memory();
    for (size_t i = 0; i < a->rule_count; i++)
        index->rules[i] = &a->rules[i];
    if (a->rule_count != 0)
        qsort(index->rules, a->rule_count, sizeof *index->rules, compare_rules);
    for (size_t r = 0; r < a->rule_count; r++) {
        index->approvals[r] = index->rules[r]->approvals;
        if (index->rules[r]->effect != VLS_OUTCOME_RELEASE)
            vls_index_put(strict, r);
    }
    index->strict = strict;
    return VLS_DONE;
}

/* -- names that must be known before any rule lists them --------------------------------------- */

/** The value of each is its place and one. */
static struct vls_status make_names(struct vls_index *index, const struct vls_arrangement *a)
{
    const struct vls_kind *kind;
    bool is_done = true;
    for (size_t i = 0; (kind = vls_kind_at(i)) != NULL; i++)
        is_done &= vls_index_name_add(&index->kinds, vls_slice_text(kind->name)) != 0;
    for (size_t i = 0; i < a->party_count; i++)
        is_done &= vls_index_name_add(&index->parties, vls_slice_text(a->parties[i].id)) != 0;
    for (size_t i = 0; i < a->body_count; i++)
        is_done &= vls_index_name_add(&index->bodies, vls_slice_text(a->bodies[i].id)) != 0;
    return is_done ? VLS_DONE : vls_index_memory();
}

/* -- yes and no, and small sets ---------------------------------------------------------------- */

static bool is_wished(enum vls_wish wish, bool fact)
{
    return wish == VLS_WISH_ANY || (wish == VLS_WISH_YES) == fact;
}

static bool passes_switches(const struct vls_condition *when, unsigned value)
{
    return is_wished(when->incoming, (value & VLS_INDEX_INCOMING) != 0) &&
           is_wished(when->personal_data, (value & VLS_INDEX_PERSONAL_DATA) != 0) &&
           is_wished(when->safeguards, (value & VLS_INDEX_SAFEGUARDS) != 0) &&
           is_wished(when->embargo, (value & VLS_INDEX_EMBARGO) != 0) &&
           is_wished(when->third_party, (value & VLS_INDEX_THIRD_PARTY) != 0) &&
           is_wished(when->duplicate, (value & VLS_INDEX_DUPLICATE) != 0);
}

static bool passes_marks(const struct vls_condition *when, unsigned value)
{
    unsigned distribution = value % VLS_INDEX_DISTRIBUTIONS;
    unsigned answers = value / VLS_INDEX_DISTRIBUTIONS;
    return (when->distributions == 0 || (when->distributions >> distribution & 1) != 0) &&
           (when->answers == 0 || (when->answers >> answers & 1) != 0);
}

typedef bool (*passes_fn)(const struct vls_condition *when, unsigned value);

/** A set for each value; none at all when every rule passes with each. */
static struct vls_status make_table(struct vls_index *index, unsigned values, passes_fn passes,
                                    const uint64_t **out)
{
    bool is_used = false;
    uint64_t *sets = vls_index_sets(index, values);
    if (sets == NULL)
        return vls_index_memory();
    for (size_t r = 0; r < index->rule_count; r++)
        for (unsigned v = 0; v < values; v++) {
            bool does_pass = passes(&index->rules[r]->when, v);
            if (does_pass)
                vls_index_put(sets + v * index->words, r);
            is_used |= !does_pass;
        }
    *out = is_used ? sets : NULL;
    return VLS_DONE;
}

/* -- sizes ------------------------------------------------------------------------------------- */

static int compare_turns(const void *a, const void *b)
{
    const struct vls_index_turn *x = a, *y = b;
    return (x->from_bytes > y->from_bytes) - (x->from_bytes < y->from_bytes);
}

/** Where a rule comes in and goes out as the size rises; `first` has those that are in at 0. */
static void find_turns(struct vls_index_sizes *sizes, const struct vls_condition *when, size_t rule,
                       uint64_t *first)
{
    uint64_t min = when->has_min_bytes ? when->min_bytes : 0;
    uint64_t max = when->has_max_bytes ? when->max_bytes : UINT64_MAX;
    if (min > max)
        return;
    if (min == 0)
        vls_index_put(first, rule);
    else
        sizes->turns[sizes->turn_count++] = (struct vls_index_turn){min, (uint32_t)rule};
    if (max != UINT64_MAX)
        sizes->turns[sizes->turn_count++] = (struct vls_index_turn){max + 1, (uint32_t)rule};
}

static struct vls_status make_sizes(struct vls_index *index)
{
    struct vls_index_sizes *sizes = &index->sizes;
    bool is_used = false;
    uint64_t *first = vls_index_sets(index, 1);
    sizes->turns = vls_index_take(index, 2 * index->rule_count, sizeof *sizes->turns);
    if (first == NULL || sizes->turns == NULL)
        return vls_index_memory();
    for (size_t r = 0; r < index->rule_count; r++) {
        const struct vls_condition *when = &index->rules[r]->when;
        is_used |= when->has_min_bytes || when->has_max_bytes;
        find_turns(sizes, when, r, first);
    }
    if (!is_used)
        return VLS_DONE;
    if (sizes->turn_count != 0)
        qsort(sizes->turns, sizes->turn_count, sizeof *sizes->turns, compare_turns);
    sizes->stride = sizes->turn_count / MAX_SIZE_SETS + 1;
    size_t count = sizes->turn_count / sizes->stride + 1;
    sizes->sets = vls_index_sets(index, count);
    if (sizes->sets == NULL)
        return vls_index_memory();
    for (size_t i = 0; i <= sizes->turn_count; i++) {
        if (i % sizes->stride == 0)
            vls_copy(sizes->sets + i / sizes->stride * index->words, first,
                     index->words * sizeof *first);
        if (i < sizes->turn_count)
            first[sizes->turns[i].rule / 64] ^= UINT64_C(1) << (sizes->turns[i].rule % 64);
    }
    return VLS_DONE;
}

/* -- all of it --------------------------------------------------------------------------------- */

static struct vls_status check(const struct vls_arrangement *a, struct vls_why *why)
{
    if (a->rule_count > VLS_MAX_RULES)
        return vls_fail(VLS_POLICY_INVALID, why, "%zu rules are more than %d", a->rule_count,
                        VLS_MAX_RULES);
    for (size_t i = 0; i < a->rule_count; i++) {
        const struct vls_condition *when = &a->rules[i].when;
        if (vls_label_unknown_count(&when->at_most) != 0 ||
            vls_label_unknown_count(&when->at_least) != 0)
            return vls_fail(VLS_POLICY_INVALID, why,
                            "rule %.60s: a bound has a category that its scheme does not know",
                            a->rules[i].id);
    }
    return VLS_DONE;
}

static struct vls_status make(struct vls_index *x, const struct vls_arrangement *a)
{
    VLS_TRY(make_order(x, a));
    VLS_TRY(make_names(x, a));
    VLS_TRY(vls_index_axis_make(x, &x->kinds, list_kinds, &x->kind));
    VLS_TRY(vls_index_axis_make(x, &x->parties, list_from, &x->from));
    VLS_TRY(vls_index_axis_make(x, &x->parties, list_to, &x->to));
    VLS_TRY(vls_index_axis_make(x, &x->bodies, list_bodies, &x->body));
    VLS_TRY(vls_index_axis_make(x, &x->audiences, list_audiences, &x->audience));
    VLS_TRY(vls_index_axis_make(x, &x->topics, list_topics, &x->topic));
    VLS_TRY(vls_index_axis_make(x, &x->media_types, list_media_types, &x->media_type));
    VLS_TRY(vls_index_axis_make(x, &x->originators, list_originators, &x->originator));
    VLS_TRY(make_table(x, VLS_INDEX_SWITCHES, passes_switches, &x->switches));
    VLS_TRY(make_table(x, VLS_INDEX_MARKS, passes_marks, &x->marks));
    VLS_TRY(make_sizes(x));
    return vls_index_labels_make(x, a);
}

struct vls_status vls_index_make(const struct vls_arrangement *arrangement, struct vls_index **out,
                                 struct vls_why *why)
{
    VLS_TRY(check(arrangement, why));
    struct vls_index *index = vls_mem_new(sizeof *index);
    index->arena = vls_arena_new(VLS_MAX_INDEX_MEMORY);
    struct vls_status s = make(index, arrangement);
    if (!vls_ok(s)) {
        vls_index_free(&index);
        return vls_fail(s.code, why, "no memory for the index of %zu rules",
                        arrangement->rule_count);
    }
    *out = index;
    return VLS_DONE;
}

void vls_index_free(struct vls_index **index)
{
    struct vls_index *x = *index;
    if (x == NULL)
        return;
    struct vls_index_names *const all[] = {&x->kinds,      &x->parties, &x->bodies,
                                           &x->audiences,  &x->topics,  &x->media_types,
                                           &x->originators};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        vls_index_names_fini(all[i]);
    vls_arena_free(&x->arena);
    vls_mem_free(x);
    *index = NULL;
}

size_t vls_index_bytes(const struct vls_index *index)
{
    const struct vls_index_names *const all[] = {
        &index->kinds,  &index->parties,     &index->bodies,     &index->audiences,
        &index->topics, &index->media_types, &index->originators};
    size_t bytes = sizeof *index + index->bytes;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        bytes += vls_index_names_bytes(all[i]);
    return bytes;
}
