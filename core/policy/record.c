#include "policy/record.h"

#include <string.h>

#include "base/mem.h"
#include "policy/explain.h"

#define RECORD_VERSION 1
#define MAX_SCHEMES    3 /* the label's and both parties' */
/** A tag and the shortest length before each packed rule; room for the count of those left out. */
#define RULE_OVERHEAD 2
#define COUNT_ROOM    8

/* protobuf-c takes texts and bytes as writable and writes to none of them when it packs. */
static char *text_field(const char *text)
{
    return (char *)text;
}

static ProtobufCBinaryData bytes_field(struct vls_slice bytes)
{
    return (ProtobufCBinaryData){.len = bytes.len, .data = (uint8_t *)bytes.at};
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
static void add_duty(struct rule_lists *lists, const char *duty)
{
    size_t i = 0;
    while (i < lists->duty_count && strcmp(lists->duties[i], duty) < 0)
        i++;
    if (i < lists->duty_count && strcmp(lists->duties[i], duty) == 0)
        return;
    for (size_t j = lists->duty_count; j > i; j--)
        lists->duties[j] = lists->duties[j - 1];
    lists->duties[i] = text_field(duty);
    lists->duty_count++;
}

/** The one that turns the label into the receiver's scheme, or NULL. */
static const struct vls_rule_equivalence *find_equivalence(const struct vls_arrangement *a,
                                                           const struct vls_facts *facts)
{
    const struct vls_rule_party *to = vls_rule_party(a, facts->to);
    for (size_t i = 0; to != NULL && i < a->equivalence_count; i++) {
        const struct vls_rule_equivalence *e = &a->equivalences[i];
        if (e->from_scheme == facts->label.scheme && e->from == facts->label.classification &&
            e->to_scheme == to->scheme)
            return e;
    }
    return NULL;
}

/** What the rules bind to, what the kind does by itself, and what the change of schemes adds. */
static void gather_duties(const struct vls_books *books, const struct vls_facts *facts,
                          const struct vls_judgement *j, struct rule_lists *out)
{
    for (size_t i = 0; i < j->matched_count; i++)
        for (size_t k = 0; k < j->matched[i].rule->duty_count; k++)
            add_duty(out, j->matched[i].rule->duties[k]);
    if (j->outcome > VLS_OUTCOME_REFER)
        return;
    const struct vls_kind *kind = vls_kind_by_name(facts->kind);
    for (size_t i = 0; kind->duties[i] != NULL; i++)
        add_duty(out, kind->duties[i]);
    const struct vls_rule_equivalence *e = find_equivalence(books->joint, facts);
    for (size_t i = 0; e != NULL && i < e->add_count; i++)
        add_duty(out, e->adds[i]);
}

static bool gather_rules(const struct vls_books *books, const struct vls_facts *facts,
                         const struct vls_judgement *j, struct rule_lists *out)
{
    size_t count = j->matched_count, duties = VLS_KIND_LIST + VLS_MAX_RULE_LIST;
    for (size_t i = 0; i < count; i++)
        duties += j->matched[i].rule->duty_count;
    out->rules = vls_mem_try((count + 1) * sizeof *out->rules);
    out->rule_pointers = vls_mem_try((count + 1) * sizeof(Valise__MatchedRule *));
    out->duties = vls_mem_try(duties * sizeof(char *));
    if (out->rules == NULL || out->rule_pointers == NULL || out->duties == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct vls_rule *rule = j->matched[i].rule;
        valise__matched_rule__init(&out->rules[i]);
        out->rules[i].id = rule->id;
        out->rules[i].basis = rule->basis;
        out->rules[i].effect = (Valise__DecisionRecord__Outcome)rule->effect;
        out->rules[i].house = j->matched[i].is_house;
        out->rule_pointers[i] = &out->rules[i];
    }
    gather_duties(books, facts, j, out);
    return true;
}

/* -- the whole --------------------------------------------------------------------------------- */

static size_t size_of_rule(const Valise__MatchedRule *rule)
{
    return valise__matched_rule__get_packed_size(rule) + RULE_OVERHEAD;
}

/** Rules stand with the most restrictive first; what there is no room for is counted. Whatever is
 * left out, the record can be replayed: it is the facts that are decided again. */
static void fit(Valise__DecisionRecord *r)
{
    size_t len = valise__decision_record__get_packed_size(r), count = r->n_rules;
    if (len <= VLS_MAX_DECISION)
        return;
    for (len += COUNT_ROOM; r->n_rules > 1 && len > VLS_MAX_DECISION; r->n_rules--)
        len -= size_of_rule(r->rules[r->n_rules - 1]);
    r->rules_left_out = (uint32_t)(count - r->n_rules);
}

static struct vls_status pack(Valise__DecisionRecord *record, struct vls_buf *out,
                              struct vls_why *why)
{
    fit(record);
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

static void fill_books(const struct vls_books *books, Valise__DecisionRecord *r)
{
    const struct vls_arrangement *joint = books->joint, *house = books->house;
    r->arrangement = joint->name;
    r->arrangement_version = joint->version;
    r->arrangement_digest = bytes_field(vls_digest_slice(&joint->digest));
    if (house == NULL)
        return;
    r->house_rules = house->name;
    r->house_rules_version = house->version;
    r->house_rules_digest = bytes_field(vls_digest_slice(&house->digest));
}

static void fill_judgement(const struct vls_judgement *j, Valise__DecisionRecord *r)
{
    r->outcome = (Valise__DecisionRecord__Outcome)j->outcome;
    r->disagreement = j->cause == VLS_CAUSE_DISAGREEMENT;
    r->approvals = j->approvals;
    r->retain_years = j->retain_years;
}

struct vls_status vls_record_write(const struct vls_books *books, const struct vls_facts *facts,
                                   const struct vls_record *record, struct vls_decision *d,
                                   struct vls_why *why)
{
    struct vls_fact_list fact_list VLS_DEFER(vls_fact_list_fini) = {.at = NULL};
    struct rule_lists lists VLS_DEFER(release_lists) = {.rules = NULL};
    struct scheme_list scheme_list;
    VLS_TRY(vls_fact_list_make(facts, &fact_list, why));
    gather_schemes(books->joint, facts, &scheme_list);
    if (!gather_rules(books, facts, record->judgement, &lists))
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for a decision record");
    Valise__DecisionRecord r;
    valise__decision_record__init(&r);
    r.version = RECORD_VERSION;
    r.id = bytes_field(vls_id_slice(&facts->id));
    fill_books(books, &r);
    fill_judgement(record->judgement, &r);
    r.n_rules = record->judgement->matched_count;
    r.rules = lists.rule_pointers;
    r.n_facts = fact_list.count;
    r.facts = fact_list.pointers;
    r.n_schemes = scheme_list.count;
    r.schemes = scheme_list.pointers;
    r.n_duties = lists.duty_count;
    r.duties = lists.duties;
    r.nearest_change = text_field(record->nearest);
    r.decided_ms = facts->now_ms;
    if (record->judgement->cause == VLS_CAUSE_RULE)
        vls_explain_reason(&r, d->reason);
    else
        r.reason = d->reason;
    return pack(&r, &d->record, why);
}
