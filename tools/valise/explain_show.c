#include "explain_show.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "policy/explain.h"
#include "policy/extract.h"

#define RULE_SENTENCE 1024 /* room for the rules that decided */

static const char *outcome_name(Valise__DecisionRecord__Outcome outcome)
{
    switch (outcome) {
    case VALISE__DECISION_RECORD__OUTCOME__RELEASE:
        return "release";
    case VALISE__DECISION_RECORD__OUTCOME__REFER:
        return "refer";
    case VALISE__DECISION_RECORD__OUTCOME__WITHHOLD:
        return "withhold";
    case VALISE__DECISION_RECORD__OUTCOME__QUARANTINE:
        return "quarantine";
    case VALISE__DECISION_RECORD__OUTCOME__UNDECIDED:
    case _VALISE__DECISION_RECORD__OUTCOME_IS_INT_SIZE:
        break;
    }
    return "undecided";
}

static enum table_colour outcome_colour(Valise__DecisionRecord__Outcome outcome)
{
    if (outcome == VALISE__DECISION_RECORD__OUTCOME__RELEASE)
        return TABLE_GOOD;
    return outcome == VALISE__DECISION_RECORD__OUTCOME__REFER ? TABLE_WARN : TABLE_BAD;
}

static const char *fact_of(const Valise__DecisionRecord *record, const char *name)
{
    for (size_t i = 0; i < record->n_facts; i++)
        if (strcmp(record->facts[i]->name, name) == 0)
            return record->facts[i]->value;
    return "";
}

static bool is_incoming(const Valise__DecisionRecord *record)
{
    return strcmp(fact_of(record, "incoming"), "yes") == 0;
}

static bool is_state(const struct explained *what, const char *state)
{
    return what->row != NULL && strcmp(what->row->state, state) == 0;
}

/* -- sentences --------------------------------------------------------------------------------- */

/** First: what happened to it. */
static void print_outcome(struct cli *cli, const struct explained *what)
{
    const Valise__DecisionRecord *record = what->record;
    const char *kind = fact_of(record, "kind"), *which = is_incoming(record) ? "received " : "";
    const char *did = "came to no decision on";
    char time[VLS_TIME_TEXT];
    if (record->outcome == VALISE__DECISION_RECORD__OUTCOME__RELEASE)
        did = "released";
    else if (record->outcome == VALISE__DECISION_RECORD__OUTCOME__REFER)
        did = is_incoming(record) ? "held back for an officer" : "referred to an officer";
    else if (record->outcome == VALISE__DECISION_RECORD__OUTCOME__WITHHOLD)
        did = is_incoming(record) ? "held back" : "withheld";
    vls_time_for_people(record->decided_ms, time);
    fprintf(cli->out, "On %s the gateway %s this %s%s from %s to %s", time, did, which,
            *kind != '\0' ? kind : "message", fact_of(record, "from"), fact_of(record, "to"));
    if (what->row != NULL)
        fprintf(cli->out, "; it is %s now", what->row->state);
    fputs(".\n", cli->out);
}

/** "rule exchange (Article 7(1)) and house rule own (Article 13(1))": those that gave the outcome.
 */
static size_t name_rules(const Valise__DecisionRecord *record, char out[RULE_SENTENCE])
{
    size_t named = 0, used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < record->n_rules; i++) {
        const Valise__MatchedRule *rule = record->rules[i];
        bool has_basis = rule->basis[0] != '\0';
        if (rule->effect != record->outcome || used >= RULE_SENTENCE)
            continue;
        int n = snprintf(out + used, RULE_SENTENCE - used, "%s%srule %s%s%s%s",
                         named > 0 ? " and " : "", rule->house ? "house " : "", rule->id,
                         has_basis ? " (Article " : "", rule->basis, has_basis ? ")" : "");
        used += n > 0 ? (size_t)n : 0;
        named++;
    }
    return named;
}

/** Second: by which rules, or why by none. */
static void print_rules_that_decided(struct cli *cli, const struct explained *what)
{
    const Valise__DecisionRecord *record = what->record;
    char rules[RULE_SENTENCE], reason[VLS_REASON_TEXT];
    bool is_hidden = strcmp(record->reason, VLS_NOT_SHOWN) == 0;
    if (record->disagreement)
        fputs("Its two evaluators came to different results, so that it was held back whatever the "
              "rules say: this is a fault of the gateway.\n",
              cli->out);
    else if ((record->reason[0] == '\0' || is_hidden) && name_rules(record, rules) > 0)
        fprintf(cli->out, "It did so by %s.\n", rules);
    else if (is_hidden)
        fputs("The reason is not shown.\n", cli->out);
    else if (record->reason[0] == '\0')
        fputs("No rule of the arrangement let it go, and what no rule releases is withheld.\n",
              cli->out);
    else {
        vls_explain_reason(record, reason);
        fprintf(cli->out, "The reason: %s.\n", reason);
    }
}

/** Third: the nearest change, "release, if its label were X". */
static void print_change(struct cli *cli, const struct explained *what)
{
    static const char RELEASE[] = "release, ", REFER[] = "refer, ";
    const char *change = what->record->nearest_change;
    if (strncmp(change, RELEASE, sizeof RELEASE - 1) == 0)
        fprintf(cli->out, "It would have been released %s.\n", change + sizeof RELEASE - 1);
    else if (strncmp(change, REFER, sizeof REFER - 1) == 0)
        fprintf(cli->out, "It would have been referred to an officer %s.\n",
                change + sizeof REFER - 1);
    else if (*change != '\0')
        fprintf(cli->out, "The nearest change: %s.\n", change);
}

/** Of a record without a state: what the outcome asks for. */
static void print_who_by_outcome(struct cli *cli, const Valise__DecisionRecord *record)
{
    if (record->outcome == VALISE__DECISION_RECORD__OUTCOME__REFER)
        fprintf(cli->out, "It needed the approval of %" PRIu32 " officer%s.\n", record->approvals,
                record->approvals == 1 ? "" : "s");
    else if (record->outcome == VALISE__DECISION_RECORD__OUTCOME__QUARANTINE)
        fputs("Whoever submitted it gives it a label that is understood, and sends it again.\n",
              cli->out);
    else if (record->outcome == VALISE__DECISION_RECORD__OUTCOME__WITHHOLD && !is_incoming(record))
        fputs("Only whoever submitted it can change that, with a message of its own.\n", cli->out);
}

/** Last: who must act, as it stands now. */
static void print_who(struct cli *cli, const struct explained *what)
{
    const Valise__DecisionRecord *record = what->record;
    uint32_t approvals = record != NULL ? record->approvals : 0;
    if (record != NULL && record->disagreement)
        fputs("Nobody can release it by command. Keep the record with 'valise export "
              "--with-decision --with-house-rules', tell whoever maintains the gateway, look at "
              "the rules with 'valise arrangement check', and send it again once this is "
              "mended.\n",
              cli->out);
    else if (what->row == NULL)
        print_who_by_outcome(cli, record);
    else if (is_state(what, "referred"))
        fprintf(cli->out,
                "%" PRIu32 " officer%s must act: 'valise review', or 'valise release' where the "
                "configuration names no officers.\n",
                approvals > 0 ? approvals : 1, approvals > 1 ? "s" : "");
    else if (is_state(what, "held"))
        fprintf(cli->out, "An operator must act, with 'valise release': %s.\n", what->row->reason);
    else if (is_state(what, "quarantined"))
        fputs("Whoever submitted it must act: give it a label that is understood, and send it "
              "again.\n",
              cli->out);
    else if (is_state(what, "withheld") || is_state(what, "returned"))
        fputs("It never leaves as it is. Whoever submitted it can send another one that the rules "
              "let go.\n",
              cli->out);
    else
        fputs("Nobody has to act.\n", cli->out);
}

/** Of a message on which nothing was decided here. */
static void print_received(struct cli *cli, const struct explained *what)
{
    const Valise__MessageRow *row = what->row;
    char time[VLS_TIME_TEXT];
    vls_time_for_people(row->created_ms, time);
    fprintf(cli->out, "This %s of %s was sent from %s; it is %s now.\n", row->kind, time,
            row->party, row->state);
    fputs("Its sender decided that it may go, by rules that stand in its own record; no house rule "
          "here speaks against it.\n",
          cli->out);
    print_who(cli, what);
}

static void print_sentences(struct cli *cli, const struct explained *what)
{
    if (what->record == NULL) {
        print_received(cli, what);
        return;
    }
    print_outcome(cli, what);
    print_rules_that_decided(cli, what);
    print_change(cli, what);
    print_who(cli, what);
    if (what->is_reduced)
        fputs("You are not cleared for its label: some facts, and what the house rules are called, "
              "are not shown.\n",
              cli->out);
}

/* -- tables ------------------------------------------------------------------------------------ */

static void print_rules(struct cli *cli, const Valise__DecisionRecord *record)
{
    static const char *const TITLES[] = {"RULE", "EFFECT", "BASIS", "OF", NULL};
    struct table table;
    if (record->n_rules == 0)
        return;
    vls_table_init(&table, TITLES);
    for (size_t i = 0; i < record->n_rules; i++) {
        const Valise__MatchedRule *rule = record->rules[i];
        vls_table_add(&table, rule->id);
        vls_table_add_coloured(&table, outcome_name(rule->effect), outcome_colour(rule->effect));
        vls_table_add_format(&table, "%s%s", rule->basis[0] != '\0' ? "Article " : "", rule->basis);
        vls_table_add(&table, rule->house ? "the house" : "the arrangement");
    }
    fputc('\n', cli->out);
    vls_table_print(cli, &table);
    vls_table_fini(&table);
    if (record->rules_left_out > 0)
        fprintf(cli->out, "and %" PRIu32 " more that matched, none of them more restrictive\n",
                record->rules_left_out);
}

static void add_pair(struct table *table, const char *name, const char *value)
{
    if (*value == '\0')
        return;
    vls_table_add(table, name);
    vls_table_add(table, value);
}

static void add_digest(struct table *table, const char *name, ProtobufCBinaryData digest)
{
    char hex[2 * VLS_DIGEST_BYTES + 1] = "";
    if (digest.len == VLS_DIGEST_BYTES)
        vls_hex(VLS_SLICE(digest.data, digest.len), hex);
    add_pair(table, name, hex);
}

static void add_what_it_binds(struct table *table, const Valise__DecisionRecord *record)
{
    if (record->approvals > 0) {
        vls_table_add(table, "approvals needed");
        vls_table_add_format(table, "%" PRIu32, record->approvals);
    }
    for (size_t i = 0; i < record->n_duties; i++)
        add_pair(table, "duty", record->duties[i]);
    if (record->retain_years > 0) {
        vls_table_add(table, "retained for");
        vls_table_add_format(table, "%" PRIu32 " years", record->retain_years);
    }
}

static void add_books(struct table *table, const Valise__DecisionRecord *record)
{
    vls_table_add(table, "arrangement");
    vls_table_add_format(table, "%s, version %" PRIu32, record->arrangement,
                         record->arrangement_version);
    add_digest(table, "its digest", record->arrangement_digest);
    for (size_t i = 0; i < record->n_schemes; i++) {
        add_pair(table, "scheme", record->schemes[i]->name);
        add_digest(table, "its digest", record->schemes[i]->digest);
    }
    if (record->house_rules[0] == '\0')
        return;
    vls_table_add(table, "house rules");
    if (record->house_rules_version > 0)
        vls_table_add_format(table, "%s, version %" PRIu32, record->house_rules,
                             record->house_rules_version);
    else
        vls_table_add(table, record->house_rules);
    add_digest(table, "their digest", record->house_rules_digest);
}

static void add_row_facts(struct table *table, const Valise__MessageRow *row)
{
    vls_table_add(table, "bytes");
    vls_table_add_format(table, "%" PRIu64, row->content_bytes);
    add_pair(table, "kind", row->kind);
    add_pair(table, "from", row->party);
    add_pair(table, "body", row->body);
    add_pair(table, "label", row->label);
}

static void print_facts(struct cli *cli, const struct explained *what)
{
    static const char *const TITLES[] = {"FACT", "VALUE", NULL};
    const Valise__DecisionRecord *record = what->record;
    struct table table;
    vls_table_init(&table, TITLES);
    for (size_t i = 0; record != NULL && i < record->n_facts; i++)
        add_pair(&table, record->facts[i]->name, record->facts[i]->value);
    if (record == NULL)
        add_row_facts(&table, what->row);
    if (what->row != NULL) {
        add_pair(&table, "state", what->row->state);
        add_pair(&table, "because", what->row->reason);
        if (what->row->advice[0] != '\0')
            add_pair(&table, "advice", what->row->advice);
    }
    if (record != NULL) {
        add_what_it_binds(&table, record);
        add_books(&table, record);
    }
    fputc('\n', cli->out);
    vls_table_print(cli, &table);
    vls_table_fini(&table);
}

void vls_explain_print(struct cli *cli, const struct explained *what)
{
    print_sentences(cli, what);
    if (what->record != NULL)
        print_rules(cli, what->record);
    print_facts(cli, what);
}

/* -- JSON -------------------------------------------------------------------------------------- */

static json_t *rules_json(const Valise__DecisionRecord *record)
{
    json_t *rules = json_array();
    for (size_t i = 0; i < record->n_rules; i++) {
        const Valise__MatchedRule *from = record->rules[i];
        json_t *rule = json_object();
        json_object_set_new(rule, "id", vls_json_text(from->id));
        json_object_set_new(rule, "effect", json_string(outcome_name(from->effect)));
        json_object_set_new(rule, "basis", vls_json_text(from->basis));
        json_object_set_new(rule, "house", json_boolean(from->house));
        json_array_append_new(rules, rule);
    }
    return rules;
}

static bool is_list(const char *fact)
{
    static const char *const LISTS[] = {"audience", "topic", "media-type", "originator",
                                        "unknown-category"};
    for (size_t i = 0; i < sizeof LISTS / sizeof LISTS[0]; i++)
        if (strcmp(LISTS[i], fact) == 0)
            return true;
    return false;
}

/** A fact that may come several times is an array, also when it came once. */
static json_t *facts_json(const Valise__DecisionRecord *record)
{
    json_t *facts = json_object();
    for (size_t i = 0; i < record->n_facts; i++) {
        const Valise__Fact *fact = record->facts[i];
        json_t *value = vls_json_text(fact->value), *list = json_object_get(facts, fact->name);
        if (list == NULL && is_list(fact->name)) {
            list = json_array();
            json_object_set_new(facts, fact->name, list);
        }
        if (list != NULL && json_is_array(list))
            json_array_append_new(list, value);
        else
            json_object_set_new(facts, fact->name, value);
    }
    return facts;
}

static json_t *schemes_json(const Valise__DecisionRecord *record)
{
    json_t *schemes = json_array();
    for (size_t i = 0; i < record->n_schemes; i++) {
        json_t *scheme = json_object();
        json_object_set_new(scheme, "name", vls_json_text(record->schemes[i]->name));
        json_object_set_new(scheme, "digest", vls_json_hex(record->schemes[i]->digest));
        json_array_append_new(schemes, scheme);
    }
    return schemes;
}

static void add_record_json(json_t *object, const Valise__DecisionRecord *record)
{
    char reason[VLS_REASON_TEXT];
    json_t *duties = json_array();
    vls_explain_reason(record, reason);
    for (size_t i = 0; i < record->n_duties; i++)
        json_array_append_new(duties, vls_json_text(record->duties[i]));
    json_object_set_new(object, "decided", vls_json_time(record->decided_ms));
    json_object_set_new(object, "reason", vls_json_text(reason));
    json_object_set_new(object, "nearest_change", vls_json_text(record->nearest_change));
    json_object_set_new(object, "disagreement", json_boolean(record->disagreement));
    json_object_set_new(object, "approvals", json_integer(record->approvals));
    json_object_set_new(object, "retain_years", json_integer(record->retain_years));
    json_object_set_new(object, "rules", rules_json(record));
    json_object_set_new(object, "rules_left_out", json_integer(record->rules_left_out));
    json_object_set_new(object, "facts", facts_json(record));
    json_object_set_new(object, "duties", duties);
    json_object_set_new(object, "arrangement", vls_json_text(record->arrangement));
    json_object_set_new(object, "arrangement_version", json_integer(record->arrangement_version));
    json_object_set_new(object, "arrangement_digest", vls_json_hex(record->arrangement_digest));
    json_object_set_new(object, "schemes", schemes_json(record));
    json_object_set_new(object, "house_rules", vls_json_text(record->house_rules));
    json_object_set_new(object, "house_rules_version", json_integer(record->house_rules_version));
    json_object_set_new(object, "house_rules_digest", vls_json_hex(record->house_rules_digest));
}

json_t *vls_explain_json(const struct explained *what)
{
    json_t *object = json_object();
    const Valise__DecisionRecord *record = what->record;
    json_object_set_new(object, "id", vls_json_id(record != NULL ? record->id : what->row->id));
    json_object_set_new(object, "outcome",
                        record != NULL ? json_string(outcome_name(record->outcome)) : json_null());
    if (what->row != NULL) {
        json_object_set_new(object, "state", vls_json_text(what->row->state));
        json_object_set_new(object, "state_reason", vls_json_text(what->row->reason));
        json_object_set_new(object, "like", vls_json_text(vls_like_name(what->row->like)));
        json_object_set_new(object, "advice", vls_json_text(what->row->advice));
    }
    json_object_set_new(object, "reduced", json_boolean(what->is_reduced));
    if (record != NULL)
        add_record_json(object, record);
    return object;
}
