/* A message that has come in, before the own house rules. */
#include "policy/kinds.h"
#include "policy/record.h"

#define INSIDE_THE_SEAL "inside the seal" /* what safeguards there are, the sinks are told */

static bool needs_safeguards(const struct vls_facts *facts)
{
    const struct vls_kind *kind = vls_kind_by_name(facts->kind);
    return kind != NULL && kind->needs_safeguards &&
           (facts->safeguards == NULL || facts->safeguards[0] == '\0');
}

/** Where the house is silent there is nothing to keep. */
static bool is_silent(const struct vls_judgement *j)
{
    return j->outcome == VLS_OUTCOME_RELEASE && j->cause == VLS_CAUSE_NO_RULE;
}

struct vls_status vls_decide_incoming(const struct vls_arrangement *arrangement,
                                      const struct vls_arrangement *house,
                                      const struct vls_facts *facts, struct vls_decision *out,
                                      struct vls_why *why)
{
    const struct vls_books asked = {.joint = house}, books = {.joint = arrangement, .house = house};
    struct vls_facts known = vls_facts_complete(facts);
    known.is_incoming = true;
    if (needs_safeguards(&known))
        known.safeguards = INSIDE_THE_SEAL;
    struct vls_judgement j VLS_DEFER(vls_judgement_fini) = {.matched = NULL};
    VLS_TRY(vls_judge(&asked, &known, &j, why));
    for (size_t i = 0; i < j.matched_count; i++)
        j.matched[i].is_house = true;
    if (!is_silent(&j))
        return vls_decision_make(&asked, &books, &known, &j, out, why);
    *out = (struct vls_decision){.outcome = j.outcome};
    return VLS_DONE;
}
