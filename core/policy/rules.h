#ifndef VALISE_POLICY_RULES_H
#define VALISE_POLICY_RULES_H
/*
 * policy/rules - an arrangement, or a party's house rules, as both evaluators are compiled from it:
 * checked, with names resolved. For the files of core/policy only.
 *
 * Ownership: the arrangement owns all texts; schemes and classifications are borrowed.
 * Start at:  compile.c, which makes it; walk.c and index.c, which ask it.
 */
#include "base/digest.h"
#include "base/limits.h"
#include "policy/decide.h"
#include "policy/kinds.h"

struct vls_rule_party {
    char *id;
    char *name;
    char *domain;                    /* empty: not given */
    char *approver;                  /* office that approves; empty: not given */
    const struct vls_scheme *scheme; /* that it labels by */
};

/** A body or service that messages are addressed to, with the time in which it exists. */
struct vls_rule_body {
    char *id;       /* "un/ga", "iasc" */
    char *name;     /* "General Assembly" */
    char *through;  /* id of the body by way of which it is reached (Article 4); empty: directly */
    char **members; /* parties of fan-out (Article 5(3)) by id or name of a list; may be none */
    size_t member_count;
    uint64_t from_ms, until_ms; /* 0: no bound */
};

/** One-way: what a label of one scheme is in another, in addition to what the schemes say. */
struct vls_rule_equivalence {
    const struct vls_scheme *from_scheme, *to_scheme;
    const struct vls_classification *from, *to;
    char **adds; /* duties */
    size_t add_count;
};

enum vls_wish { VLS_WISH_ANY, VLS_WISH_YES, VLS_WISH_NO };

/** A category of one scheme. */
struct vls_rule_category {
    const struct vls_scheme *scheme;
    const struct vls_category *category;
};

/** All that is given must hold; of a list, one (of media types: each document's is on the list).
 * verdict.h has it in full. */
struct vls_condition {
    const struct vls_kind *kinds[VLS_MAX_RULE_LIST]; /* any of them */
    size_t kind_count;                               /* 0: any kind */
    enum vls_wish incoming;
    const struct vls_rule_party *from, *to; /* NULL: any */
    const struct vls_rule_body *bodies[VLS_MAX_RULE_LIST];
    size_t body_count;                  /* 0: any, and none */
    struct vls_label at_most, at_least; /* scheme NULL: no bound */
    struct vls_rule_category categories[VLS_MAX_RULE_LIST];
    size_t category_count;
    uint32_t distributions; /* set of 1 << enum vls_distribution; 0: any */
    enum vls_wish personal_data;
    enum vls_wish safeguards; /* given or not */
    enum vls_wish embargo;    /* pending at the time of the decision */
    char *audiences[VLS_MAX_RULE_LIST];
    size_t audience_count;
    char *topics[VLS_MAX_RULE_LIST];
    size_t topic_count;
    char *media_types[VLS_MAX_RULE_LIST]; /* "application/pdf", "text/" + "*" */
    size_t media_type_count;
    char *originators[VLS_MAX_RULE_LIST];
    size_t originator_count;
    enum vls_wish third_party; /* an originator other than the sending party */
    uint32_t answers;          /* set of 1 << enum vls_answers; 0: any */
    enum vls_wish duplicate;
    bool has_min_bytes, has_max_bytes;
    uint64_t min_bytes, max_bytes; /* both included */
};

struct vls_rule {
    char *id;
    char *basis;
    enum vls_outcome effect; /* RELEASE, REFER or WITHHOLD */
    uint32_t approvals;      /* of REFER: 1 or more */
    char *duties[VLS_MAX_RULE_LIST];
    size_t duty_count;
    uint32_t retain_years; /* 0: not said */
    bool is_broad;         /* releases without a bound of the label; the file acknowledges it */
    struct vls_condition when;
    uint32_t line; /* in the file */
};

/** When an arrangement comes into force. */
enum vls_in_force {
    VLS_IN_FORCE_FIXED,          /* at not-before, once both have approved */
    VLS_IN_FORCE_LATER_APPROVAL, /* at the later of both approvals, and not before not-before */
};

struct vls_arrangement {
    char *name;
    char *basis;
    bool is_house;  /* one party's own rules, with copies of the arrangement's parties and bodies */
    char *house_of; /* that party; empty for an arrangement */
    uint32_t version;
    uint32_t supersedes; /* version; 0: the first */
    struct vls_digest supersedes_digest;
    enum vls_in_force in_force;
    uint64_t not_before_ms, expires_ms; /* of house rules that give none: 0 and UINT64_MAX */
    uint64_t approve_by_ms;             /* no signature after it counts; 0: it waits for ever */
    struct vls_digest digest;
    struct vls_rule_party parties[VLS_MAX_PARTIES];
    size_t party_count;
    struct vls_rule_body *bodies;
    size_t body_count;
    struct vls_rule_equivalence *equivalences;
    size_t equivalence_count;
    struct vls_rule *rules;
    size_t rule_count;
    struct vls_index *index;           /* evaluator A's own form; index.h */
    struct vls_vocabulary *vocabulary; /* the values that the rules mention; vocabulary.h */
};

/** NULL when the arrangement does not know it. */
const struct vls_rule_party *vls_rule_party(const struct vls_arrangement *a, const char *id);
/** NULL when the arrangement does not know it. */
const struct vls_rule_body *vls_rule_body(const struct vls_arrangement *a, const char *id);

#endif
