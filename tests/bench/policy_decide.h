#ifndef VALISE_BENCH_POLICY_DECIDE_H
#define VALISE_BENCH_POLICY_DECIDE_H
/* bench/policy_decide - what a decision costs with everything that is always on: both evaluators,
 * the record, the nearest change; and how fast such records are decided again. */
#include "policy.h"

struct policy_costs {
    double judge_us, decide_us, replay_per_s; /* of processor time; the first two a decision */
    size_t decisions, record_bytes;           /* in the mean */
};

/** The requests of a generated case, which must have its vocabulary. @return SYSTEM_BUG when a
 * record is not decided as it was; SYSTEM_MEMORY */
VLS_STATUS policy_measure_case(const struct policy_case *c, struct policy_costs *out,
                               struct vls_why *why);
/** Messages of all kinds, in both directions, at all levels and with what rules ask for, under the
 * arrangement of schemas/arrangements that `root` holds. @return as above */
VLS_STATUS policy_measure_un_iom(const char *root, struct policy_costs *out, struct vls_why *why);

double policy_now(void);

#endif
