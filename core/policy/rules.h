#ifndef VALISE_POLICY_RULES_H
#define VALISE_POLICY_RULES_H
/*
 * policy/rules - an arrangement as the evaluators see it: checked, with names resolved. For the
 * files of core/policy only.
 *
 * Ownership: the arrangement owns all texts; schemes and classifications are borrowed.
 * Start at:  compile.c, which makes it; evaluate.c, which asks it.
 */
#include "base/digest.h"
#include "base/limits.h"
#include "policy/decide.h"
#include "policy/kinds.h"

struct vls_rule_party {
    char *id;
    char *name;
    const struct vls_scheme *scheme; /* that it labels by */
};

enum vls_wish { VLS_WISH_ANY, VLS_WISH_YES, VLS_WISH_NO };

/** All that is given must hold. */
struct vls_condition {
    const struct vls_kind *kinds[VLS_MAX_RULE_LIST]; /* any of them */
    size_t kind_count;                               /* 0: any kind */
    struct vls_label at_most, at_least;              /* scheme NULL: no bound */
    const struct vls_rule_party *from, *to;          /* NULL: any */
    char *body;                                      /* NULL: any */
    enum vls_wish duplicate;
    bool has_max_bytes;
    uint64_t max_bytes;
};

struct vls_rule {
    char *id;
    char *basis;
    enum vls_outcome effect; /* RELEASE, REFER or WITHHOLD */
    uint32_t approvals;      /* of REFER: 1 or more */
    char *duties[VLS_MAX_RULE_LIST];
    size_t duty_count;
    struct vls_condition when;
};

struct vls_arrangement {
    char *name;
    char *basis;
    uint32_t version;
    uint64_t not_before_ms, expires_ms;
    struct vls_digest digest;
    struct vls_rule_party parties[VLS_MAX_PARTIES];
    size_t party_count;
    struct vls_rule *rules;
    size_t rule_count;
};

/** NULL when the arrangement does not know it. */
const struct vls_rule_party *vls_rule_party(const struct vls_arrangement *a, const char *id);

#endif
