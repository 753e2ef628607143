#ifndef VALISE_TESTS_POLICY_GENERATE_H
#define VALISE_TESTS_POLICY_GENERATE_H
/*
 * policy/generate - arrangements and facts by chance, the same for the same seed. For the tests of
 * the evaluators and for tests/bench/policy.
 *
 * Ownership: an arrangement of here owns all that is in it, its index too, and borrows the schemes
 *            of the world; facts borrow from what they were made in and for.
 * Start at:  generate_world_make(), generate_arrangement(), generate_facts().
 */
#include "base/arena.h"
#include "policy/index.h"

struct generate_random {
    uint64_t state;
};

/** @return 0 to below - 1 */
uint64_t generate_number(struct generate_random *random, uint64_t below);
bool generate_chance(struct generate_random *random, unsigned percent);

/* Three schemes: one with many categories of every type, one with few, one that ends. */
#define GENERATE_SCHEMES 3

struct generate_world {
    struct vls_scheme *schemes[GENERATE_SCHEMES];
};

VLS_STATUS generate_world_make(struct generate_world *out, struct vls_why *why);
void generate_world_free(struct generate_world *world);

/** What comes out: percents are chances. */
struct generate_shape {
    size_t rules;
    unsigned asks;        /* that a rule asks for a fact */
    unsigned categories;  /* that a bound or a label has some */
    unsigned odd;         /* that something is at or beyond an edge: dates, unknown names, unknown
                             categories, lists of nobody, bounds of other schemes */
    bool has_broad_pools; /* many different sizes, audiences, topics */
    bool has_no_lists;    /* labels and bounds have restrictive and informative categories only */
};

#define GENERATE_MAX_TEXTS 6

struct generate_arrangement {
    struct vls_arrangement arrangement; /* index: NULL until it is made */
    struct vls_arena *arena;
    const struct generate_world *world;
    struct generate_shape shape;
};

/** NULL without memory. */
struct generate_arrangement *generate_arrangement(const struct generate_world *world,
                                                  struct generate_random *random,
                                                  struct generate_shape shape);
void generate_arrangement_free(struct generate_arrangement **arrangement);
/** Make its index anew from the rules as they are now. */
VLS_STATUS generate_index(struct generate_arrangement *arrangement, struct vls_why *why);

struct generate_facts {
    struct vls_facts facts;
    struct vls_label_details details;
    struct vls_label_unknown unknown;
    char *originators[GENERATE_MAX_TEXTS];
    const char *audience[GENERATE_MAX_TEXTS], *topics[GENERATE_MAX_TEXTS],
        *media_types[GENERATE_MAX_TEXTS];
    char texts[3 * GENERATE_MAX_TEXTS][24]; /* of the lists, when pools are broad */
};

/** Facts that more often than not come near to meeting one of the rules. `out` must stay where it
 * is: the facts point into it. */
void generate_facts(const struct generate_arrangement *arrangement, struct generate_random *random,
                    struct generate_facts *out);

#endif
