#include "policy/judge.h"

#include <string.h>

#include "base/mem.h"
#include "policy/index.h"
#include "policy/walk.h"

/** What both evaluators say to one book. */
struct opinion {
    struct vls_verdict verdict; /* of the walk; the index says the same, or they disagree */
    const struct vls_rule **matched;
    bool is_agreed;
};

static bool is_same(const struct vls_verdict *a, const struct vls_rule *const *of_a,
                    const struct vls_verdict *b, const struct vls_rule *const *of_b)
{
    if (a->outcome != b->outcome || a->cause != b->cause || a->approvals != b->approvals ||
        a->matched != b->matched)
        return false;
    for (size_t i = 0; i < a->matched; i++)
        if (of_a[i] != of_b[i])
            return false;
    return true;
}

static bool hear(const struct vls_arrangement *a, const struct vls_facts *facts,
                 struct opinion *out)
{
    const struct vls_rule **by_index VLS_DEFER(vls_mem_freep) =
        vls_mem_try(a->rule_count * sizeof *by_index);
    out->matched = vls_mem_try(a->rule_count * sizeof *out->matched);
    if (by_index == NULL || out->matched == NULL)
        return false;
    struct vls_verdict fast = vls_index_evaluate(a, facts, by_index);
    out->verdict = vls_walk_evaluate(a, facts, out->matched);
    out->is_agreed = is_same(&fast, by_index, &out->verdict, out->matched);
    return true;
}

static bool is_before(const struct vls_judged_rule *a, const struct vls_judged_rule *b)
{
    if (a->rule->effect != b->rule->effect)
        return a->rule->effect > b->rule->effect;
    return !a->is_house || b->is_house;
}

/** Both lists are in order, and so is what becomes of them. */
static void merge(const struct opinion *joint, const struct opinion *house,
                  struct vls_judgement *out)
{
    size_t j = 0, h = 0;
    while (j < joint->verdict.matched || h < house->verdict.matched) {
        struct vls_judged_rule a = {.rule = NULL}, b = {.rule = NULL, .is_house = true};
        if (j < joint->verdict.matched)
            a.rule = joint->matched[j];
        if (h < house->verdict.matched)
            b.rule = house->matched[h];
        bool is_joint = b.rule == NULL || (a.rule != NULL && is_before(&a, &b));
        const struct vls_judged_rule *next = is_joint ? &a : &b;
        out->matched[out->matched_count++] = *next;
        if (next->rule->retain_years > out->retain_years)
            out->retain_years = next->rule->retain_years;
        j += is_joint;
        h += !is_joint;
    }
}

static void combine(const struct vls_books *books, const struct opinion *joint,
                    const struct opinion *house, struct vls_judgement *out)
{
    bool is_house = house->verdict.outcome > joint->verdict.outcome;
    const struct vls_verdict *verdict = is_house ? &house->verdict : &joint->verdict;
    out->outcome = verdict->outcome;
    out->cause = verdict->cause;
    out->source = is_house ? books->house : books->joint;
    if (out->outcome == VLS_OUTCOME_REFER)
        out->approvals = joint->verdict.approvals > house->verdict.approvals
                             ? joint->verdict.approvals
                             : house->verdict.approvals;
    if (joint->is_agreed && house->is_agreed)
        return;
    out->outcome = VLS_OUTCOME_WITHHOLD;
    out->cause = VLS_CAUSE_DISAGREEMENT;
    out->approvals = 0;
}

struct vls_status vls_judge(const struct vls_books *books, const struct vls_facts *facts,
                            struct vls_judgement *out, struct vls_why *why)
{
    struct opinion joint = {.is_agreed = true}, house = {.is_agreed = true};
    struct vls_judgement j = {.matched = NULL};
    bool is_heard = hear(books->joint, facts, &joint) &&
                    (books->house == NULL || hear(books->house, facts, &house));
    if (is_heard)
        j.matched =
            vls_mem_try((joint.verdict.matched + house.verdict.matched + 1) * sizeof j.matched[0]);
    if (j.matched != NULL) {
        merge(&joint, &house, &j);
        combine(books, &joint, &house, &j);
        *out = j;
    }
    vls_mem_free(joint.matched);
    vls_mem_free(house.matched);
    return j.matched != NULL ? VLS_DONE : vls_fail(VLS_SYSTEM_MEMORY, why, "no memory to decide");
}

void vls_judgement_fini(struct vls_judgement *judgement)
{
    vls_mem_free(judgement->matched);
    judgement->matched = NULL;
}

enum vls_outcome vls_judge_quickly(const struct vls_books *books, const struct vls_facts *facts)
{
    enum vls_outcome joint = vls_index_evaluate(books->joint, facts, NULL).outcome;
    if (books->house == NULL)
        return joint;
    enum vls_outcome house = vls_index_evaluate(books->house, facts, NULL).outcome;
    return house > joint ? house : joint;
}
