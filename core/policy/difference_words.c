/* A change in words. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "policy/difference.h"
#include "policy/record.h"

static void outcome_text(enum vls_outcome outcome, uint32_t approvals, char out[VLS_CHANGE_TEXT])
{
    if (outcome == VLS_OUTCOME_REFER)
        snprintf(out, VLS_CHANGE_TEXT, "refer %" PRIu32, approvals);
    else
        snprintf(out, VLS_CHANGE_TEXT, "%s", vls_outcome_name(outcome));
}

static void retain_text(uint32_t years, char out[VLS_CHANGE_TEXT])
{
    if (years == 0)
        snprintf(out, VLS_CHANGE_TEXT, "retain as long as usual");
    else
        snprintf(out, VLS_CHANGE_TEXT, "retain %" PRIu32 " years", years);
}

void vls_change_from_to(const struct vls_change *change, char out_from[VLS_CHANGE_TEXT],
                        char out_to[VLS_CHANGE_TEXT])
{
    out_from[0] = out_to[0] = '\0';
    switch (change->what) {
    case VLS_CHANGE_OUTCOME:
        outcome_text(change->outcome_before, change->before, out_from);
        outcome_text(change->outcome_after, change->after, out_to);
        break;
    case VLS_CHANGE_RETAIN:
        retain_text(change->before, out_from);
        retain_text(change->after, out_to);
        break;
    case VLS_CHANGE_DUTY_ADDED:
        snprintf(out_to, VLS_CHANGE_TEXT, "duty %.*s", VLS_MAX_NAME, change->duty);
        break;
    case VLS_CHANGE_DUTY_REMOVED:
        snprintf(out_from, VLS_CHANGE_TEXT, "duty %.*s", VLS_MAX_NAME, change->duty);
        break;
    }
}

/* -- the example ------------------------------------------------------------------------------- */

/** What the record has no name for, and what it says more exactly than an example should. */
static VLS_STATUS add_fact(const Valise__Fact *fact, const struct vls_facts *facts,
                           struct vls_buf *out)
{
    if (strcmp(fact->name, "bytes") == 0 && facts->bytes == 0)
        return VLS_DONE;
    VLS_TRY(vls_buf_add_text(out, out->len != 0 ? ", " : ""));
    if (strcmp(fact->name, "embargo") == 0)
        return vls_buf_add_text(out, "embargo pending");
    if (strcmp(fact->value, "yes") == 0)
        return vls_buf_add_text(out, fact->name);
    return vls_buf_add_format(out, "%s %s", fact->name, fact->value);
}

static VLS_STATUS add_facts(const struct vls_space *space, const struct vls_change *change,
                            const struct vls_facts *facts, struct vls_buf *out, struct vls_why *why)
{
    struct vls_fact_list list VLS_DEFER(vls_fact_list_fini) = {.at = NULL};
    uint32_t time = change->example.at[VLS_AXIS_TIME];
    VLS_TRY(vls_fact_list_make(facts, &list, why));
    for (size_t i = 0; i < list.count; i++)
        VLS_TRY(add_fact(&list.at[i], facts, out));
    if (space->axes[VLS_AXIS_TIME].values[time].cost == 0)
        return VLS_DONE;
    char text[VLS_TIME_TEXT];
    vls_time_text(facts->now_ms, text);
    return vls_buf_add_format(out, ", decided %s", text);
}

/* -- how it was decided ------------------------------------------------------------------------ */

static const char *cause_text(enum vls_cause cause)
{
    static const char *const TEXTS[] = {
        [VLS_CAUSE_NO_RULE] = "no rule matches",
        [VLS_CAUSE_UNLABELLED] = "no label",
        [VLS_CAUSE_FOREIGN_LABEL] = "label of another scheme than the sender's",
        [VLS_CAUSE_OLD_SCHEME] = "scheme not valid then",
        [VLS_CAUSE_NOT_IN_FORCE] = "not in force then",
        [VLS_CAUSE_PARTY] = "not its parties",
        [VLS_CAUSE_KIND] = "kind not known",
        [VLS_CAUSE_NO_REQUEST] = "answers nothing",
        [VLS_CAUSE_BODY] = "not addressed to a body that is there",
        [VLS_CAUSE_SENDER] = "not the sender's to send",
        [VLS_CAUSE_SAFEGUARDS] = "no safeguards named",
        [VLS_CAUSE_CLEARANCE] = "recipient not cleared",
        [VLS_CAUSE_DISAGREEMENT] = "the evaluators disagree",
    };
    return TEXTS[cause];
}

static const char *past_tense(enum vls_outcome outcome)
{
    switch (outcome) {
    case VLS_OUTCOME_RELEASE:
        return "released";
    case VLS_OUTCOME_REFER:
        return "referred";
    case VLS_OUTCOME_WITHHOLD:
        return "withheld";
    case VLS_OUTCOME_QUARANTINE:
        break;
    }
    return "quarantined";
}

/** "referred to 2 officers by a, b" */
static VLS_STATUS add_judgement(const struct vls_judgement *j, struct vls_buf *out)
{
    VLS_TRY(vls_buf_add_text(out, past_tense(j->outcome)));
    if (j->outcome == VLS_OUTCOME_REFER)
        VLS_TRY(vls_buf_add_format(out, " to %" PRIu32 " officer%s", j->approvals,
                                   j->approvals == 1 ? "" : "s"));
    if (j->cause != VLS_CAUSE_RULE)
        return vls_buf_add_format(out, " (%s)", cause_text(j->cause));
    const char *between = " by ";
    for (size_t i = 0; i < j->matched_count; i++) {
        if (j->matched[i].rule->effect != j->outcome)
            continue;
        VLS_TRY(vls_buf_add_format(out, "%s%s%s", between, j->matched[i].rule->id,
                                   j->matched[i].is_house ? " (house rule)" : ""));
        between = ", ";
    }
    return VLS_DONE;
}

static VLS_STATUS add_both(const struct vls_change *change, const struct vls_judgement *before,
                           const struct vls_judgement *after, struct vls_buf *out)
{
    if (change->what != VLS_CHANGE_OUTCOME) {
        char from[VLS_CHANGE_TEXT], to[VLS_CHANGE_TEXT];
        vls_change_from_to(change, from, to);
        VLS_TRY(vls_buf_add_text(out, ": "));
        VLS_TRY(add_judgement(after, out));
        if (*from != '\0')
            VLS_TRY(vls_buf_add_format(out, ", was %s", from));
        return *to != '\0' ? vls_buf_add_format(out, ", now %s", to)
                           : vls_buf_add_text(out, ", now without");
    }
    VLS_TRY(vls_buf_add_text(out, ": was "));
    VLS_TRY(add_judgement(before, out));
    VLS_TRY(vls_buf_add_text(out, ", now "));
    return add_judgement(after, out);
}

struct vls_status vls_change_words(const struct vls_space *space, const struct vls_books *before,
                                   const struct vls_books *after, const struct vls_change *change,
                                   struct vls_buf *out, struct vls_why *why)
{
    struct vls_space_facts facts;
    struct vls_judgement then VLS_DEFER(vls_judgement_fini) = {.matched = NULL};
    struct vls_judgement now VLS_DEFER(vls_judgement_fini) = {.matched = NULL};
    vls_space_facts(space, &change->example, &facts);
    VLS_TRY(vls_judge(before, &facts.facts, &then, why));
    VLS_TRY(vls_judge(after, &facts.facts, &now, why));
    VLS_TRY(add_facts(space, change, &facts.facts, out, why));
    struct vls_status s = add_both(change, &then, &now, out);
    return vls_ok(s) ? s : vls_fail(s.code, why, "no room for an example in words");
}
