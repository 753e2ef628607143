#include "policy/evaluate.h"

#include <string.h>

#include "policy/condition.h"

/** What must hold before any rule is asked. @return VLS_CAUSE_RULE when all of it does */
static enum vls_cause check_before(const struct vls_arrangement *a, const struct vls_case *c)
{
    const struct vls_facts *facts = c->facts;
    const struct vls_scheme *scheme = facts->label.scheme;
    if (scheme == NULL || facts->label.classification == NULL)
        return VLS_CAUSE_UNLABELLED;
    if (c->from != NULL && c->from->scheme != scheme)
        return VLS_CAUSE_FOREIGN_LABEL;
    if (!vls_scheme_is_valid_at(scheme, facts->now_ms))
        return VLS_CAUSE_OLD_SCHEME;
    if (!vls_arrangement_is_in_force(a, facts->now_ms))
        return VLS_CAUSE_NOT_IN_FORCE;
    if (c->from == NULL || c->to == NULL || c->from == c->to)
        return VLS_CAUSE_PARTY;
    if (c->kind == NULL)
        return VLS_CAUSE_KIND;
    if (c->kind->is_answer && !facts->is_answer)
        return VLS_CAUSE_NO_REQUEST;
    if (facts->clearance != NULL && *facts->clearance != '\0')
        return VLS_CAUSE_CLEARANCE;
    return VLS_CAUSE_RULE;
}

static enum vls_outcome outcome_before(enum vls_cause cause)
{
    bool is_label = cause == VLS_CAUSE_UNLABELLED || cause == VLS_CAUSE_FOREIGN_LABEL ||
                    cause == VLS_CAUSE_OLD_SCHEME;
    return is_label ? VLS_OUTCOME_QUARANTINE : VLS_OUTCOME_WITHHOLD;
}

/** A condition that cannot be judged counts against the message: it never helps to release it. */
static bool applies(const struct vls_rule *rule, const struct vls_case *c)
{
    switch (vls_condition_match(&rule->when, c)) {
    case VLS_MATCH_NO:
        return false;
    case VLS_MATCH_YES:
        return true;
    case VLS_MATCH_UNKNOWN:
        break;
    }
    return rule->effect != VLS_OUTCOME_RELEASE;
}

static bool is_before(const struct vls_rule *a, const struct vls_rule *b)
{
    if (a->effect != b->effect)
        return a->effect > b->effect;
    return strcmp(a->id, b->id) < 0;
}

/** Insert in order; few rules match one message, so this is short work. */
static void insert(const struct vls_rule **list, size_t count, const struct vls_rule *rule)
{
    while (count > 0 && is_before(rule, list[count - 1])) {
        list[count] = list[count - 1];
        count--;
    }
    list[count] = rule;
}

struct vls_verdict vls_evaluate(const struct vls_arrangement *a, const struct vls_facts *facts,
                                const struct vls_rule **out_matched)
{
    struct vls_case c = {.facts = facts,
                         .kind = vls_kind_by_name(facts->kind),
                         .from = vls_rule_party(a, facts->from),
                         .to = vls_rule_party(a, facts->to)};
    enum vls_cause before = check_before(a, &c);
    if (before != VLS_CAUSE_RULE)
        return (struct vls_verdict){.outcome = outcome_before(before), .cause = before};
    struct vls_verdict v = {.cause = VLS_CAUSE_RULE};
    uint32_t approvals = 0;
    for (size_t i = 0; i < a->rule_count; i++) {
        const struct vls_rule *rule = &a->rules[i];
        if (!applies(rule, &c))
            continue;
        if (out_matched != NULL)
            insert(out_matched, v.matched, rule);
        v.matched++;
        if (rule->effect > v.outcome)
            v.outcome = rule->effect;
        if (rule->approvals > approvals)
            approvals = rule->approvals;
    }
    if (v.matched == 0)
        return (struct vls_verdict){.outcome = VLS_OUTCOME_WITHHOLD, .cause = VLS_CAUSE_NO_RULE};
    if (v.outcome == VLS_OUTCOME_REFER)
        v.approvals = approvals;
    return v;
}
