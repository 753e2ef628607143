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

static void explain_body(const struct vls_arrangement *a, const struct vls_facts *facts,
                         struct vls_decision *d)
{
    const char *id = facts->body != NULL ? facts->body : "";
    const struct vls_rule_body *body = vls_rule_body(a, id);
    if (*id == '\0')
        REASON(d, "kind %.40s must be addressed to a body or service", facts->kind);
    else if (body == NULL)
        REASON(d, "'%.80s' is not a body of %.60s", id, a->name);
    else if (facts->now_ms < body->from_ms)
        REASON(d, "the body %.80s does not exist yet", id);
    else if (body->until_ms != 0 && facts->now_ms >= body->until_ms)
        REASON(d, "the body %.80s no longer exists", id);
    else
        REASON(d, "kind %.40s goes to all members, and %.60s names none of %.80s", facts->kind,
               a->name, id);
}

static void explain_label(enum vls_cause cause, const struct vls_arrangement *a,
                          const struct vls_facts *facts, struct vls_decision *d)
{
    const char *trouble = facts->label_trouble;
    const struct vls_scheme *scheme = facts->label.scheme;
    if (cause == VLS_CAUSE_UNLABELLED)
        REASON(d, "no label that is understood: %.200s",
               trouble != NULL && *trouble != '\0' ? trouble : "none is given");
    else if (cause == VLS_CAUSE_FOREIGN_LABEL)
        REASON(d, "the label is of scheme %.64s, and %.64s does not label by it under %.60s",
               vls_scheme_name(scheme), facts->from, a->name);
    else
        REASON(d, "scheme %.100s is not valid at this time", vls_scheme_name(scheme));
}

static void explain(enum vls_cause cause, const struct vls_arrangement *a,
                    const struct vls_facts *facts, struct vls_decision *d)
{
    switch (cause) {
    case VLS_CAUSE_NO_RULE:
        REASON(d, "no rule of %.60s covers kind %.40s labelled %.40s from %.32s to %.32s", a->name,
               facts->kind, facts->label.classification->handle, facts->from, facts->to);
        break;
    case VLS_CAUSE_NOT_IN_FORCE:
        REASON(d, "%s %.100s version %u %s", a->is_house ? "the house rules" : "arrangement",
               a->name, a->version,
               facts->now_ms >= a->not_before_ms
                   ? (a->is_house ? "are no longer in force" : "is no longer in force")
                   : (a->is_house ? "are not in force yet" : "is not in force yet"));
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
    case VLS_CAUSE_BODY:
        explain_body(a, facts, d);
        break;
    case VLS_CAUSE_SENDER:
        REASON(d, "kind %.40s is its originator's to send, and the label does not name %.60s",
               facts->kind, facts->from);
        break;
    case VLS_CAUSE_SAFEGUARDS:
        REASON(d, "kind %.60s must name what protects the personal data in it", facts->kind);
        break;
    case VLS_CAUSE_CLEARANCE:
        REASON(d, "%.60s may not hold this: %.180s", facts->to, facts->clearance);
        break;
    case VLS_CAUSE_DISAGREEMENT:
        REASON(d, "the gateway's two evaluators disagree; it is held, and this is an alarm");
        break;
    case VLS_CAUSE_UNLABELLED:
    case VLS_CAUSE_FOREIGN_LABEL:
    case VLS_CAUSE_OLD_SCHEME:
        explain_label(cause, a, facts, d);
        break;
    case VLS_CAUSE_RULE: /* the record says it: vls_explain_reason() */
        break;
    }
}

struct vls_status vls_decision_make(const struct vls_books *asked, const struct vls_books *books,
                                    const struct vls_facts *facts, const struct vls_judgement *j,
                                    struct vls_decision *out, struct vls_why *why)
{
    char nearest[VLS_NEAREST_TEXT] = "";
    struct vls_decision d = {.outcome = j->outcome,
                             .approvals = j->approvals,
                             .retain_years = j->retain_years,
                             .is_alarm = j->cause == VLS_CAUSE_DISAGREEMENT};
    explain(j->cause, j->source, facts, &d);
    if (j->cause != VLS_CAUSE_DISAGREEMENT)
        vls_nearest_change(asked, facts, j->outcome, nearest);
    const struct vls_record record = {.judgement = j, .nearest = nearest};
    vls_buf_init(&d.record, VLS_MAX_DECISION);
    struct vls_status s = vls_record_write(books, facts, &record, &d, why);
    if (vls_ok(s))
        *out = d;
    else
        vls_buf_fini(&d.record);
    return s;
}

struct vls_status vls_decide(const struct vls_arrangement *arrangement,
                             const struct vls_arrangement *house, const struct vls_facts *facts,
                             struct vls_decision *out, struct vls_why *why)
{
    const struct vls_books books = {.joint = arrangement, .house = house};
    const struct vls_facts known = vls_facts_complete(facts);
    struct vls_judgement j VLS_DEFER(vls_judgement_fini) = {.matched = NULL};
    VLS_TRY(vls_judge(&books, &known, &j, why));
    return vls_decision_make(&books, &books, &known, &j, out, why);
}

void vls_decision_fini(struct vls_decision *decision)
{
    vls_buf_fini(&decision->record);
}
