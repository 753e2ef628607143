#include "policy/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "schemas/envelope.pb-c.h"

#define RECORD_VERSION 1
#define MAX_FACTS      9
#define MAX_SCHEMES    3 /* the label's and both parties' */

/* protobuf-c takes texts and bytes as writable and writes to none of them when it packs. */
static char *text_field(const char *text)
{
    return (char *)text;
}

static ProtobufCBinaryData bytes_field(struct vls_slice bytes)
{
    return (ProtobufCBinaryData){.len = bytes.len, .data = (uint8_t *)bytes.at};
}

/* -- facts ------------------------------------------------------------------------------------- */

struct fact_list {
    Valise__Fact at[MAX_FACTS];
    Valise__Fact *pointers[MAX_FACTS];
    size_t count;
    char label[VLS_MAX_LABEL_TEXT + 1];
    char size[24];
};

static void add_fact(struct fact_list *list, const char *name, const char *value)
{
    Valise__Fact *fact = &list->at[list->count];
    valise__fact__init(fact);
    fact->name = text_field(name);
    fact->value = text_field(value);
    list->pointers[list->count++] = fact;
}

/* With its categories, as rules look at them; what has no text, or a longer one, is named by its
 * level. */
static void label_text(const struct vls_label *label, char *out, size_t room)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    vls_buf_init(&text, room - 1);
    const char *whole = vls_ok(vls_label_text(label, &text)) ? vls_buf_text(&text) : NULL;
    if (whole != NULL)
        vls_text_copy(out, room, whole);
    else
        snprintf(out, room, "%s/%s", vls_scheme_name(label->scheme), label->classification->handle);
}

static void gather_facts(const struct vls_facts *facts, struct fact_list *out)
{
    out->count = 0;
    add_fact(out, "kind", facts->kind);
    add_fact(out, "from", facts->from);
    add_fact(out, "to", facts->to);
    if (facts->body != NULL && *facts->body != '\0')
        add_fact(out, "body", facts->body);
    if (facts->label.scheme != NULL && facts->label.classification != NULL) {
        label_text(&facts->label, out->label, sizeof out->label);
        add_fact(out, "label", out->label);
    } else {
        add_fact(out, "no-label", facts->label_trouble != NULL ? facts->label_trouble : "");
    }
    snprintf(out->size, sizeof out->size, "%" PRIu64, facts->bytes);
    add_fact(out, "bytes", out->size);
    if (facts->is_duplicate)
        add_fact(out, "duplicate", "true");
    if (facts->is_answer)
        add_fact(out, "answer", "true");
    if (facts->clearance != NULL && *facts->clearance != '\0')
        add_fact(out, "not-cleared", facts->clearance);
}

/* -- schemes ----------------------------------------------------------------------------------- */

struct scheme_list {
    Valise__SchemeUse at[MAX_SCHEMES];
    Valise__SchemeUse *pointers[MAX_SCHEMES];
    size_t count;
};

static void add_scheme(struct scheme_list *list, const struct vls_scheme *scheme)
{
    if (scheme == NULL)
        return;
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->at[i].name, vls_scheme_name(scheme)) == 0)
            return;
    Valise__SchemeUse *use = &list->at[list->count];
    valise__scheme_use__init(use);
    use->name = text_field(vls_scheme_name(scheme));
    use->digest = bytes_field(vls_digest_slice(vls_scheme_digest(scheme)));
    list->pointers[list->count++] = use;
}

static void gather_schemes(const struct vls_arrangement *a, const struct vls_facts *facts,
                           struct scheme_list *out)
{
    const struct vls_rule_party *from = vls_rule_party(a, facts->from);
    const struct vls_rule_party *to = vls_rule_party(a, facts->to);
    out->count = 0;
    add_scheme(out, facts->label.scheme);
    add_scheme(out, from != NULL ? from->scheme : NULL);
    add_scheme(out, to != NULL ? to->scheme : NULL);
}

/* -- rules and duties -------------------------------------------------------------------------- */

/** Both lists are as long as what matched. */
struct rule_lists {
    Valise__MatchedRule *rules;
    Valise__MatchedRule **rule_pointers;
    char **duties;
    size_t duty_count;
};

static void release_lists(struct rule_lists *lists)
{
    vls_mem_free(lists->rules);
    vls_mem_free(lists->rule_pointers);
    vls_mem_free(lists->duties);
}

/** Into its place by name, unless it is there already: so the order of the rules in the file shows
 * nowhere. */
static void add_duty(struct rule_lists *lists, char *duty)
{
    size_t i = 0;
    while (i < lists->duty_count && strcmp(lists->duties[i], duty) < 0)
        i++;
    if (i < lists->duty_count && strcmp(lists->duties[i], duty) == 0)
        return;
    for (size_t j = lists->duty_count; j > i; j--)
        lists->duties[j] = lists->duties[j - 1];
    lists->duties[i] = duty;
    lists->duty_count++;
}

static bool gather_rules(const struct vls_record *record, struct rule_lists *out)
{
    size_t count = record->verdict->matched, duties = 0;
    for (size_t i = 0; i < count; i++)
        duties += record->matched[i]->duty_count;
    out->rules = vls_mem_try(count * sizeof *out->rules);
    out->rule_pointers = vls_mem_try(count * sizeof(Valise__MatchedRule *));
    out->duties = vls_mem_try(duties * sizeof(char *));
    if (out->rules == NULL || out->rule_pointers == NULL || out->duties == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct vls_rule *rule = record->matched[i];
        valise__matched_rule__init(&out->rules[i]);
        out->rules[i].id = rule->id;
        out->rules[i].basis = rule->basis;
        out->rules[i].effect = (Valise__DecisionRecord__Outcome)rule->effect;
        out->rule_pointers[i] = &out->rules[i];
        for (size_t j = 0; j < rule->duty_count; j++)
            add_duty(out, rule->duties[j]);
    }
    return true;
}

/* -- the whole --------------------------------------------------------------------------------- */

static struct vls_status pack(const Valise__DecisionRecord *record, struct vls_buf *out,
                              struct vls_why *why)
{
    size_t len = valise__decision_record__get_packed_size(record);
    uint8_t *at = NULL;
    if (len > VLS_MAX_DECISION)
        return vls_fail(VLS_INPUT_LIMIT, why, "a decision record of %zu bytes; %d is the most", len,
                        VLS_MAX_DECISION);
    struct vls_status s = vls_buf_reserve(out, len, &at);
    if (!vls_ok(s))
        return vls_fail(s.code, why, "no room for a decision record of %zu bytes", len);
    vls_buf_took(out, valise__decision_record__pack(record, at));
    return VLS_DONE;
}

struct vls_status vls_record_write(const struct vls_arrangement *a, const struct vls_facts *facts,
                                   const struct vls_record *record, struct vls_buf *out,
                                   struct vls_why *why)
{
    struct fact_list fact_list;
    struct scheme_list scheme_list;
    struct rule_lists lists VLS_DEFER(release_lists) = {0};
    gather_facts(facts, &fact_list);
    gather_schemes(a, facts, &scheme_list);
    if (!gather_rules(record, &lists))
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for a decision record");
    Valise__DecisionRecord r;
    valise__decision_record__init(&r);
    r.version = RECORD_VERSION;
    r.id = bytes_field(vls_id_slice(&facts->id));
    r.outcome = (Valise__DecisionRecord__Outcome)record->verdict->outcome;
    r.n_rules = record->verdict->matched;
    r.rules = lists.rule_pointers;
    r.n_facts = fact_list.count;
    r.facts = fact_list.pointers;
    r.arrangement = a->name;
    r.arrangement_version = a->version;
    r.arrangement_digest = bytes_field(vls_digest_slice(&a->digest));
    r.n_schemes = scheme_list.count;
    r.schemes = scheme_list.pointers;
    r.approvals = record->verdict->approvals;
    r.n_duties = lists.duty_count;
    r.duties = lists.duties;
    r.nearest_change = text_field(record->nearest);
    r.decided_ms = facts->now_ms;
    r.reason = text_field(record->reason);
    return pack(&r, out, why);
}
