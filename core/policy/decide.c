#include "policy/decide.h"

#include <stdio.h>

#include "base/mem.h"
#include "policy/nearest.h"
#include "policy/record.h"

/* The numbers are stored; a schema that renumbered them would make old records lie. */
#include "schemas/envelope.pb-c.h"
_Static_assert((int)VLS_OUTCOME_RELEASE == (int)VALISE__DECISION_RECORD__OUTCOME__RELEASE &&
                   (int)VLS_OUTCOME_REFER == (int)VALISE__DECISION_RECORD__OUTCOME__REFER &&
                   (int)VLS_OUTCOME_WITHHOLD == (int)VALISE__DECISION_RECORD__OUTCOME__WITHHOLD &&
                   (int)VLS_OUTCOME_QUARANTINE == (int)VALISE__DECISION_RECORD__OUTCOME__QUARANTINE,
               "outcomes have the numbers of the schema");

const char *vls_outcome_name(enum vls_outcome outcome)
{
    switch (outcome) {
    case VLS_OUTCOME_RELEASE:
        return "release";
    case VLS_OUTCOME_REFER:
        return "refer";
    case VLS_OUTCOME_WITHHOLD:
        return "withhold";
    case VLS_OUTCOME_QUARANTINE:
        return "quarantine";
    }
    return "undecided";
}

#define REASON(decision, ...) snprintf((decision)->reason, sizeof(decision)->reason, __VA_ARGS__)

static void explain_rule(const struct vls_facts *facts, const struct vls_rule *rule,
                         struct vls_decision *d)
{
    char to_whom[32] = "";
    if (d->outcome == VLS_OUTCOME_REFER)
        snprintf(to_whom, sizeof to_whom, " to %u officer%s", d->approvals,
                 d->approvals == 1 ? "" : "s");
    REASON(d, "rule %.60s (%.24s) %ss this %.40s labelled %.40s%s", rule->id, rule->basis,
           vls_outcome_name(d->outcome), facts->kind, facts->label.classification->handle, to_whom);
}

static void explain(const struct vls_arrangement *a, const struct vls_facts *facts,
                    enum vls_cause cause, struct vls_decision *d)
{
    const struct vls_label *label = &facts->label;
    const char *trouble = facts->label_trouble;
    switch (cause) {
    case VLS_CAUSE_NO_RULE:
        REASON(d, "no rule of %.60s covers kind %.40s labelled %.40s from %.32s to %.32s", a->name,
               facts->kind, label->classification->handle, facts->from, facts->to);
        break;
    case VLS_CAUSE_UNLABELLED:
        REASON(d, "no label that is understood: %.200s",
               trouble != NULL && *trouble != '\0' ? trouble : "none is given");
        break;
    case VLS_CAUSE_FOREIGN_LABEL:
        REASON(d, "the label is of scheme %.64s, and %.64s does not label by it under %.60s",
               vls_scheme_name(label->scheme), facts->from, a->name);
        break;
    case VLS_CAUSE_OLD_SCHEME:
        REASON(d, "scheme %.100s is not valid at this time", vls_scheme_name(label->scheme));
        break;
    case VLS_CAUSE_NOT_IN_FORCE:
        REASON(d, "arrangement %.100s version %u is %s", a->name, a->version,
               facts->now_ms < a->not_before_ms ? "not in force yet" : "no longer in force");
        break;
    case VLS_CAUSE_PARTY:
        REASON(d, "%.60s is no exchange between two parties %.60s and %.60s", a->name, facts->from,
               facts->to);
        break;
    case VLS_CAUSE_KIND:
        REASON(d, "'%.100s' is not a kind of message", facts->kind);
        break;
    case VLS_CAUSE_NO_REQUEST:
        REASON(d, "kind %.100s must say which message it answers", facts->kind);
        break;
    case VLS_CAUSE_CLEARANCE:
        REASON(d, "%.60s may not hold this: %.180s", facts->to, facts->clearance);
        break;
    case VLS_CAUSE_RULE: /* explain_rule() */
        break;
    }
}

struct vls_status vls_decide(const struct vls_arrangement *arrangement,
                             const struct vls_facts *facts, struct vls_decision *out,
                             struct vls_why *why)
{
    const struct vls_rule **matched VLS_DEFER(vls_mem_freep) =
        vls_mem_try(arrangement->rule_count * sizeof *matched);
    if (matched == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory to decide");
    struct vls_verdict verdict = vls_evaluate(arrangement, facts, matched);
    struct vls_decision d = {.outcome = verdict.outcome, .approvals = verdict.approvals};
    if (verdict.cause == VLS_CAUSE_RULE)
        explain_rule(facts, matched[0], &d);
    else
        explain(arrangement, facts, verdict.cause, &d);
    char nearest[VLS_NEAREST_TEXT];
    vls_nearest_change(arrangement, facts, verdict.outcome, nearest);
    struct vls_record record = {
        .verdict = &verdict, .matched = matched, .reason = d.reason, .nearest = nearest};
    vls_buf_init(&d.record, VLS_MAX_DECISION);
    struct vls_status s = vls_record_write(arrangement, facts, &record, &d.record, why);
    if (!vls_ok(s)) {
        vls_buf_fini(&d.record);
        return s;
    }
    *out = d;
    return VLS_DONE;
}

void vls_decision_fini(struct vls_decision *decision)
{
    vls_buf_fini(&decision->record);
}
