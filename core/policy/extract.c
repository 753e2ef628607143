#include "policy/extract.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "schemas/envelope.pb-c.h"

static bool is_listed(const char *fact)
{
    static const char *const LISTED[] = {"kind", "incoming", "from",  "to",
                                         "body", "label",    "bytes", "duplicate"};
    for (size_t i = 0; i < sizeof LISTED / sizeof LISTED[0]; i++)
        if (strcmp(LISTED[i], fact) == 0)
            return true;
    return false;
}

static bool has_house_rule(const Valise__DecisionRecord *record)
{
    for (size_t i = 0; i < record->n_rules; i++)
        if (record->rules[i]->house)
            return true;
    return false;
}

static bool is_whole(const Valise__DecisionRecord *record, enum vls_extract what)
{
    return what == VLS_EXTRACT_WITHOUT_HOUSE && record->house_rules[0] == '\0' &&
           !has_house_rule(record);
}

/** The first house rule, which is the most restrictive, stands for all. */
static void take_rules(const Valise__DecisionRecord *from, Valise__DecisionRecord *to,
                       Valise__MatchedRule *unnamed)
{
    bool has_one = false;
    to->n_rules = 0;
    for (size_t i = 0; i < from->n_rules; i++) {
        Valise__MatchedRule *rule = from->rules[i];
        if (rule->house && has_one)
            continue;
        if (rule->house) {
            has_one = true;
            *unnamed = *rule;
            unnamed->id = (char *)VLS_NOT_SHOWN; /* protobuf-c writes to no text that it packs */
            unnamed->basis = (char *)"";
            rule = unnamed;
        }
        to->rules[to->n_rules++] = rule;
    }
}

static void take_facts(const Valise__DecisionRecord *from, Valise__DecisionRecord *to)
{
    to->n_facts = 0;
    for (size_t i = 0; i < from->n_facts; i++)
        if (is_listed(from->facts[i]->name))
            to->facts[to->n_facts++] = from->facts[i];
}

static void leave_out(const Valise__DecisionRecord *from, enum vls_extract what,
                      Valise__DecisionRecord *to, Valise__MatchedRule *unnamed)
{
    bool is_asked = from->house_rules[0] != '\0' || has_house_rule(from);
    take_rules(from, to, unnamed);
    if (what == VLS_EXTRACT_LISTED)
        take_facts(from, to);
    if (what == VLS_EXTRACT_LISTED || is_asked) {
        to->nearest_change = (char *)"";
        to->reason = (char *)(from->reason[0] != '\0' ? VLS_NOT_SHOWN : "");
    }
    if (is_asked) {
        to->house_rules = (char *)VLS_NOT_SHOWN;
        to->house_rules_version = 0;
        to->house_rules_digest = (ProtobufCBinaryData){0, NULL};
    }
    if (has_house_rule(from))
        to->n_duties = 0;
}

static struct vls_status append(const Valise__DecisionRecord *record, struct vls_buf *out)
{
    uint8_t *bytes VLS_DEFER(vls_mem_freep) = NULL;
    size_t size = valise__decision_record__get_packed_size(record);
    bytes = vls_mem_try(size + 1);
    if (bytes == NULL)
        return (struct vls_status){VLS_SYSTEM_MEMORY};
    valise__decision_record__pack(record, bytes);
    return vls_buf_add(out, bytes, size);
}

struct vls_status vls_decision_extract(struct vls_slice record, enum vls_extract what,
                                       struct vls_buf *out, struct vls_why *why)
{
    Valise__DecisionRecord *all = NULL;
    Valise__MatchedRule unnamed = VALISE__MATCHED_RULE__INIT;
    all = valise__decision_record__unpack(NULL, record.len, record.at);
    if (all == NULL)
        return vls_fail(VLS_INPUT_MALFORMED, why, "not a decision record");
    Valise__DecisionRecord some = *all; /* a view with lists of its own */
    some.rules = vls_mem_try((all->n_rules + 1) * sizeof(void *));
    some.facts = vls_mem_try((all->n_facts + 1) * sizeof(void *));
    struct vls_status status = VLS_DONE;
    if (some.rules == NULL || some.facts == NULL)
        status = vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for a decision record");
    for (size_t i = 0; vls_ok(status) && i < all->n_facts; i++)
        some.facts[i] = all->facts[i];
    if (vls_ok(status) && is_whole(all, what)) {
        status = vls_buf_add_slice(out, record);
    } else if (vls_ok(status)) {
        leave_out(all, what, &some, &unnamed);
        status = append(&some, out);
    }
    vls_mem_free(some.rules);
    vls_mem_free(some.facts);
    valise__decision_record__free_unpacked(all, NULL);
    return status;
}
