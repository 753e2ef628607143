#ifndef VALISE_TESTS_POLICY_AGREEMENT_H
#define VALISE_TESTS_POLICY_AGREEMENT_H
/*
 * policy/agreement - ask two evaluators the same, many times, and make the first case in which they
 * differ as small as it gets. For the tests of the evaluators.
 */
#include "policy/generate.h"

typedef struct vls_verdict (*agreement_fn)(const struct vls_arrangement *arrangement,
                                           const struct vls_facts *facts,
                                           const struct vls_rule **out_matched);

/** Where they differ, and what is left of the rules. */
struct agreement_difference {
    bool is_found;
    uint64_t case_number; /* from 1 */
    size_t rules;         /* left after shrinking */
    char text[2048];      /* for people */
};

/** Ask both about `cases` generated cases, beginning from `seed`, up to the first difference.
 * @return SYSTEM_MEMORY */
VLS_STATUS agreement_run(const struct generate_world *world, uint64_t seed, uint64_t cases,
                         agreement_fn first, agreement_fn second, struct agreement_difference *out);

#endif
