#include "policy/explain.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "policy/extract.h"

static const char *find_fact(const Valise__DecisionRecord *record, const char *name)
{
    for (size_t i = 0; i < record->n_facts; i++)
        if (strcmp(record->facts[i]->name, name) == 0)
            return record->facts[i]->value;
    return "";
}

/** "confidential" of "un-sgb-2007-6/confidential;handling/...". */
static void take_level(const char *label, char *out, size_t room)
{
    const char *slash = strchr(label, '/');
    const char *level = slash != NULL ? slash + 1 : label;
    size_t len = strcspn(level, ";") + 1;
    vls_text_copy(out, len < room ? len : room, level);
}

void vls_explain_reason(const Valise__DecisionRecord *record, char out[VLS_REASON_TEXT])
{
    char to_whom[32] = "", level[41];
    if (record->reason[0] != '\0' || record->n_rules == 0) {
        vls_text_copy(out, VLS_REASON_TEXT, record->reason);
        return;
    }
    const Valise__MatchedRule *first = record->rules[0];
    if (record->outcome == VALISE__DECISION_RECORD__OUTCOME__REFER)
        snprintf(to_whom, sizeof to_whom, " to %u officer%s", record->approvals,
                 record->approvals == 1 ? "" : "s");
    take_level(find_fact(record, "label"), level, sizeof level);
    snprintf(out, VLS_REASON_TEXT, "%srule %.60s (%.24s) %ss this %.40s labelled %s%s",
             first->house ? "house " : "", first->id, first->basis,
             vls_outcome_name((enum vls_outcome)record->outcome), find_fact(record, "kind"), level,
             to_whom);
}

void vls_explain_without_house(const char *reason, char out[VLS_REASON_TEXT])
{
    static const char HOUSE[] = "house rule"; /* as above, and "the house rules" of decide.c */
    const char *at = strstr(reason, HOUSE);
    size_t len = at != NULL ? (size_t)(at - reason) : strlen(reason);
    vls_text_copy(out, len < VLS_REASON_TEXT ? len + 1 : VLS_REASON_TEXT, reason);
    len = strlen(out);
    if (at != NULL)
        snprintf(out + len, VLS_REASON_TEXT - len, "house rules: %s", VLS_NOT_SHOWN);
}
