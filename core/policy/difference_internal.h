#ifndef VALISE_POLICY_DIFFERENCE_INTERNAL_H
#define VALISE_POLICY_DIFFERENCE_INTERNAL_H
/*
 * policy/difference_internal - boxes of facts with what they do to a decision, for the files
 * difference*.c only.
 */
#include "base/arena.h"
#include "policy/difference.h"

#define VLS_DIFFERENCE_MEMORY ((size_t)1 << 30)

enum vls_side { VLS_SIDE_BEFORE, VLS_SIDE_AFTER };

/** Whose verdict it counts for. */
enum vls_term_book {
    VLS_TERM_JOINT,
    VLS_TERM_HOUSE,
    VLS_TERM_DUTIES, /* nobody's: what a kind or an equivalence binds to */
};

/** What it does where it applies. Two of the same content are one. Where nothing leaves, duties and
 * approvals mean nothing and are left out. */
struct vls_payload {
    uint32_t effect; /* enum vls_outcome; 0 of TERM_DUTIES */
    uint32_t approvals, retain_years;
    uint32_t book;       /* enum vls_term_book */
    uint32_t is_barrier; /* decides before any rule of its book is asked */
    uint32_t number;     /* among all */
    const uint64_t *duties;
};

struct vls_term {
    const struct vls_payload *payload;
    enum vls_side side;
    enum vls_cause cause;
    const struct vls_arrangement *book;
    const struct vls_rule *rule; /* NULL: none of the rules */
    const uint64_t *bits;        /* a bit for each value of each axis: vls_terms.first */
    bool is_paired;              /* the other side has the same, everywhere */
    /* what its bits are made from */
    const struct vls_rule_party *party;
    const struct vls_rule_body *body;
    const struct vls_kind *kind;
    const struct vls_scheme *scheme;
    const struct vls_rule_equivalence *equivalence;
    unsigned test; /* difference_terms.c */
};

struct vls_terms {
    const struct vls_space *space;
    struct vls_term *at;
    size_t count, room;
    size_t first[VLS_AXES + 1]; /* bit of the first value of an axis: whole words */
    const char **duties;        /* sorted */
    size_t duty_count, duty_room, duty_words;
    size_t payload_count;
    struct vls_arena *arena;
    bool has_failed; /* no memory */
};

/** @return SYSTEM_MEMORY */
VLS_STATUS vls_terms_make(const struct vls_space *space, const struct vls_books *before,
                          const struct vls_books *after, struct vls_terms **out,
                          struct vls_why *why);
void vls_terms_free(struct vls_terms **terms);

static inline bool vls_term_has(const struct vls_terms *terms, const struct vls_term *term,
                                enum vls_axis axis, size_t value)
{
    size_t bit = terms->first[axis] + value;
    return (term->bits[bit / 64] >> bit % 64 & 1) != 0;
}

/* -- difference_search.c ----------------------------------------------------------------------- */

/** A change as one number, so that it can be compared and kept. */
struct vls_change_key {
    enum vls_change_what what;
    uint32_t a,
        b; /* OUTCOME: outcome << 16 | approvals; DUTY_*: number of the duty; RETAIN: years */
};

struct vls_found {
    struct vls_change_key key;
    enum vls_outcome outcome_before, outcome_after;
    struct vls_point example;
    uint32_t cost;
};

struct vls_found_list {
    struct vls_found *at; /* release with vls_mem_free() */
    size_t count;
    uint64_t states;
    bool is_partial; /* it was given up */
};

/** Everything that one term without a counterpart is responsible for. @return SYSTEM_MEMORY */
VLS_STATUS vls_terms_search(const struct vls_terms *terms, size_t target, uint64_t max_states,
                            struct vls_found_list *out, struct vls_why *why);

#endif
