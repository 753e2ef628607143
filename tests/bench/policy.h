#ifndef VALISE_BENCH_POLICY_H
#define VALISE_BENCH_POLICY_H
/* bench/policy - what the parts of the benchmark of the evaluators share. */
#include "policy/generate.h"

#define POLICY_REQUESTS 2048 /* asked in turn                                */
#define POLICY_SAMPLE   200  /* of them: expected answers are written down    */

/** Rules, requests that come to the rules, and what evaluator A answers to them. */
struct policy_case {
    struct generate_arrangement *generated;
    struct generate_facts *requests; /* POLICY_REQUESTS */
};

/** Write the rules as Cedar policies, the requests as Cedar requests, and what is expected of the
 * first POLICY_SAMPLE, as one JSON object: for policy.mjs. @return SYSTEM_IO, SYSTEM_MEMORY */
VLS_STATUS policy_write_cedar(const struct policy_case *c, const char *path, struct vls_why *why);

#endif
