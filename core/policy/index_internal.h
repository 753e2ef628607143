#ifndef VALISE_POLICY_INDEX_INTERNAL_H
#define VALISE_POLICY_INDEX_INTERNAL_H
/*
 * policy/index_internal - the inside of an index, for the files index*.c only.
 *
 * The rules are numbered in the order in which they are reported: withhold, refer, release, and by
 * id within. A *set* has a bit for each; it is a whole number of blocks long, and a block is what
 * is looked at in one step: one line of the cache.
 *
 * For each fact there is an *axis*: for each value of the fact, the set of rules that this value
 * does not stop. A rule that asks nothing of the fact is *open* and is in all sets of the axis.
 */
#include "base/arena.h"
#include "policy/index.h"

#define VLS_INDEX_BLOCK 8 /* words of 64 rules */
#define VLS_INDEX_WORDS                                                                            \
    ((VLS_MAX_RULES + 64 * VLS_INDEX_BLOCK - 1) / (64 * VLS_INDEX_BLOCK) * VLS_INDEX_BLOCK)

/* -- names ------------------------------------------------------------------------------------ */

struct vls_index_slot {
    uint32_t hash, value; /* value 0: free */
};

/** The texts of one axis by value, 1 and up; 0 is every text that is not here. */
struct vls_index_names {
    struct vls_slice *texts; /* borrowed */
    uint32_t count;
    struct vls_index_slot *slots; /* half of them free, and more */
    uint32_t mask;                /* slots but one: a power of two, less one; 0: none yet */
    uint64_t seed;
};

/* -- axes of names ---------------------------------------------------------------------------- */

/** A value, and the rules that list it. */
struct vls_index_value {
    const uint64_t *set; /* with the open ones; NULL when so few list it that no set is kept */
    uint32_t *rules;     /* their numbers */
    uint32_t count;
};

struct vls_index_axis {
    struct vls_index_value *values; /* by the value of a name */
    const uint64_t *open;
    bool is_used; /* some rule is not open */
};

/** Writes the names that a rule lists, and says how many. */
typedef size_t (*vls_index_listed_fn)(const struct vls_condition *when,
                                      struct vls_slice out[VLS_MAX_RULE_LIST]);

/** Sets that are joined for one decision; `own` is written only when more than one comes. */
struct vls_index_group {
    const uint64_t *set; /* NULL: none yet */
    uint64_t own[VLS_INDEX_WORDS];
};

/* -- labels ----------------------------------------------------------------------------------- */

enum vls_index_bound { VLS_INDEX_AT_MOST, VLS_INDEX_AT_LEAST, VLS_INDEX_BOUNDS };

/** What the bounds of one scheme and one side have in a permissive tag. */
struct vls_index_list {
    const struct vls_tag *tag;
    uint64_t *none, *some, *nobody;
};

/** Bounds of one scheme on one side. A rule without such a bound is in none of the sets. */
struct vls_index_side {
    uint64_t *below, *above;        /* by position of the label's rank: rules whose bound ranks at
                                             most, at least as high */
    uint64_t used[VLS_LABEL_WORDS]; /* categories that some bound has */
    uint64_t **with;                /* by category that is used: rules whose bound has it */
    struct vls_index_list *lists;   /* one a permissive tag */
};

struct vls_index_scheme {
    const struct vls_scheme *scheme;
    uint64_t restrictive[VLS_LABEL_WORDS], permissive[VLS_LABEL_WORDS];
    size_t words; /* that hold its categories */
    size_t list_count;
    uint32_t
        *ranks; /* of all bounds, rising; a label's position: 2i below the i-th, 2i + 1 at it */
    size_t rank_count;
    struct vls_index_side sides[VLS_INDEX_BOUNDS];
    uint64_t *plain; /* by position: both bounds judged for a label without categories */
    /* of conditions on categories */
    uint64_t listed[VLS_LABEL_WORDS];
    uint64_t **listing; /* by category that is listed: rules that list it */
    uint64_t *open;     /* those that list none, and those that may not be judged by one */
};

/* -- all of it -------------------------------------------------------------------------------- */

/* Facts of yes and no, each a bit of the value on one axis. */
enum vls_index_switch {
    VLS_INDEX_INCOMING = 1 << 0,
    VLS_INDEX_PERSONAL_DATA = 1 << 1,
    VLS_INDEX_SAFEGUARDS = 1 << 2,
    VLS_INDEX_EMBARGO = 1 << 3,
    VLS_INDEX_THIRD_PARTY = 1 << 4,
    VLS_INDEX_DUPLICATE = 1 << 5,
    VLS_INDEX_SWITCHES = 1 << 6,
};

#define VLS_INDEX_DISTRIBUTIONS (VLS_DISTRIBUTION_RESTRICTED + 1)
#define VLS_INDEX_MARKS         (VLS_INDEX_DISTRIBUTIONS * (VLS_ANSWERS_UNKNOWN + 1))

/** From this size on, `rule` is in when it was out, and the reverse. */
struct vls_index_turn {
    uint64_t from_bytes;
    uint32_t rule;
};

/** The axis of sizes: a set for each stretch between two sizes where something turns, or for some
 * of them, when there are very many. */
struct vls_index_sizes {
    struct vls_index_turn *turns; /* rising */
    size_t turn_count;
    uint64_t *sets; /* the i-th: after the first `i * stride` turns */
    size_t stride;
};

struct vls_index {
    struct vls_arena *arena; /* owns all below but the tables of names */
    size_t bytes;
    size_t words;                  /* of a set: whole blocks */
    const struct vls_rule **rules; /* by number */
    size_t rule_count;
    uint32_t *approvals;    /* by number */
    const uint64_t *strict; /* rules that match also when they cannot be judged */
    struct vls_index_names kinds, parties, bodies, audiences, topics, media_types, originators;
    struct vls_index_axis kind, from, to, body, audience, topic, media_type, originator;
    const uint64_t *switches, *marks; /* NULL: no rule asks for them */
    struct vls_index_sizes sizes;
    struct vls_index_scheme *schemes; /* that some party labels by */
    size_t scheme_count;
    const uint64_t *unbounded[VLS_INDEX_BOUNDS];
    const uint64_t *unjudged;      /* for a label with unknown categories: what its bounds leave */
    const uint64_t *uncategorized; /* the same of conditions on categories */
    bool has_bounds, has_categories;
};

/* -- sets ------------------------------------------------------------------------------------- */

/** `count` empty sets, one behind the other. @return NULL without memory */
uint64_t *vls_index_sets(struct vls_index *index, size_t count);
/** Zeroed memory of the index. @return NULL without memory */
void *vls_index_take(struct vls_index *index, size_t count, size_t bytes);
VLS_STATUS vls_index_memory(void);

static inline void vls_index_put(uint64_t *set, size_t rule)
{
    set[rule / 64] |= UINT64_C(1) << (rule % 64);
}

static inline bool vls_index_has(const uint64_t *set, size_t rule)
{
    return (set[rule / 64] >> (rule % 64) & 1) != 0;
}

/** Takes the lowest member out of a word of 64. */
static inline unsigned vls_index_next(uint64_t *word)
{
    unsigned lowest = (unsigned)__builtin_ctzll(*word);
    *word &= *word - 1;
    return lowest;
}

/* Written out: at -O2 the compiler makes a loop of eight steps of a loop of eight steps. */

static inline void vls_index_keep(uint64_t *restrict block, const uint64_t *restrict set)
{
    uint64_t a = set[0], b = set[1], c = set[2], d = set[3];
    uint64_t e = set[4], f = set[5], g = set[6], h = set[7];
    block[0] &= a, block[1] &= b, block[2] &= c, block[3] &= d;
    block[4] &= e, block[5] &= f, block[6] &= g, block[7] &= h;
}

static inline void vls_index_drop(uint64_t *restrict block, const uint64_t *restrict set)
{
    uint64_t a = ~set[0], b = ~set[1], c = ~set[2], d = ~set[3];
    uint64_t e = ~set[4], f = ~set[5], g = ~set[6], h = ~set[7];
    block[0] &= a, block[1] &= b, block[2] &= c, block[3] &= d;
    block[4] &= e, block[5] &= f, block[6] &= g, block[7] &= h;
}

static inline void vls_index_add(uint64_t *restrict block, const uint64_t *restrict set)
{
    uint64_t a = set[0], b = set[1], c = set[2], d = set[3];
    uint64_t e = set[4], f = set[5], g = set[6], h = set[7];
    block[0] |= a, block[1] |= b, block[2] |= c, block[3] |= d;
    block[4] |= e, block[5] |= f, block[6] |= g, block[7] |= h;
}

static inline bool vls_index_is_empty(const uint64_t *block)
{
    return (block[0] | block[1] | block[2] | block[3] | block[4] | block[5] | block[6] |
            block[7]) == 0;
}

/* -- names: index_names.c; axes: index_axis.c ------------------------------------------------- */

/** The value of a name, which is added when it is new. The text is borrowed. @return 0 without
 * memory */
uint32_t vls_index_name_add(struct vls_index_names *names, struct vls_slice name);
void vls_index_names_fini(struct vls_index_names *names);
size_t vls_index_names_bytes(const struct vls_index_names *names);
/** 0 when it is not there. */
uint32_t vls_index_name(const struct vls_index_names *names, struct vls_slice name);
/** The part of a media type that "type/" and "*" asks for: with its slash; empty without one. It is
 * the name by which such an entry is known; no media type is like it. */
struct vls_slice vls_index_media_group(const char *media_type);

VLS_STATUS vls_index_axis_make(struct vls_index *index, struct vls_index_names *names,
                               vls_index_listed_fn listed, struct vls_index_axis *out);
/** Join the rules that list `value`, and the open ones, to the group. */
void vls_index_join(const struct vls_index *index, const struct vls_index_axis *axis,
                    uint32_t value, struct vls_index_group *group);
/** Join a set to the group. */
void vls_index_join_set(const struct vls_index *index, const uint64_t *set,
                        struct vls_index_group *group);
/** The group's own copy of what is in it, to be changed. */
uint64_t *vls_index_own(const struct vls_index *index, struct vls_index_group *group);

/* -- labels: index_label.c -------------------------------------------------------------------- */

VLS_STATUS vls_index_labels_make(struct vls_index *index,
                                 const struct vls_arrangement *arrangement);
/** Where the label's rank lies among those of the bounds. */
size_t vls_index_position(const struct vls_index_scheme *s, const struct vls_label *label);
/** It has categories, or a list with nobody on it, that comparing looks at. */
bool vls_index_is_marked(const struct vls_index_scheme *s, const struct vls_label *label);
/** Leave in a block those rules whose bounds do not stop the label, which has no unknown category.
 * @param at  the block's first word */
void vls_index_judge(const struct vls_index *index, const struct vls_index_scheme *s,
                     const struct vls_label *label, size_t position, size_t at,
                     uint64_t block[VLS_INDEX_BLOCK]);

#endif
