/* valise explain: why a message was released, referred or withheld, from the record that the
 * decision left. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "client.h"
#include "envelope/manifest.h"
#include "policy/explain.h"
#include "show.h"

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

/** What happened, in the words of an officer. */
static void print_sentences(struct cli *cli, const Valise__DecisionRecord *record)
{
    char time[VLS_TIME_TEXT];
    vls_time_for_people(record->decided_ms, time);
    switch (record->outcome) {
    case VALISE__DECISION_RECORD__OUTCOME__RELEASE:
        fprintf(cli->out, "The gateway released this message on %s.\n", time);
        break;
    case VALISE__DECISION_RECORD__OUTCOME__REFER:
        fprintf(cli->out,
                "The gateway referred this message to an officer on %s; it needs %" PRIu32
                " approval%s ('valise release').\n",
                time, record->approvals, record->approvals == 1 ? "" : "s");
        break;
    case VALISE__DECISION_RECORD__OUTCOME__WITHHOLD:
        fprintf(cli->out, "The gateway withheld this message on %s.\n", time);
        break;
    case VALISE__DECISION_RECORD__OUTCOME__QUARANTINE:
        fprintf(cli->out,
                "The gateway did not decide on %s, because the label is missing or not "
                "understood.\n",
                time);
        break;
    case VALISE__DECISION_RECORD__OUTCOME__UNDECIDED:
    case _VALISE__DECISION_RECORD__OUTCOME_IS_INT_SIZE:
        fprintf(cli->out, "The record holds no outcome.\n");
        break;
    }
    char reason[VLS_REASON_TEXT];
    vls_explain_reason(record, reason);
    if (*reason != '\0')
        fprintf(cli->out, "Reason: %s\n", reason);
    if (*record->nearest_change != '\0')
        fprintf(cli->out, "Nearest change: %s\n", record->nearest_change);
}

static void print_rules(struct cli *cli, const Valise__DecisionRecord *record)
{
    static const char *const TITLES[] = {"RULE", "EFFECT", "BASIS", NULL};
    struct table table;
    vls_table_init(&table, TITLES);
    for (size_t i = 0; i < record->n_rules; i++) {
        const Valise__MatchedRule *rule = record->rules[i];
        vls_table_add(&table, rule->id);
        vls_table_add_coloured(&table, outcome_name(rule->effect), outcome_colour(rule->effect));
        vls_table_add_format(&table, "Article %s", rule->basis);
    }
    if (record->n_rules == 0)
        fputs("\nNo rule matched; what no rule releases is withheld.\n", cli->out);
    else
        fputc('\n', cli->out);
    if (record->n_rules > 0)
        vls_table_print(cli, &table);
    vls_table_fini(&table);
}

static void print_facts(struct cli *cli, const Valise__DecisionRecord *record)
{
    static const char *const TITLES[] = {"FACT", "VALUE", NULL};
    struct table table;
    vls_table_init(&table, TITLES);
    for (size_t i = 0; i < record->n_facts; i++) {
        vls_table_add(&table, record->facts[i]->name);
        vls_table_add(&table, record->facts[i]->value);
    }
    vls_table_add(&table, "arrangement");
    vls_table_add_format(&table, "%s, version %" PRIu32, record->arrangement,
                         record->arrangement_version);
    for (size_t i = 0; i < record->n_schemes; i++) {
        vls_table_add(&table, "scheme");
        vls_table_add(&table, record->schemes[i]->name);
    }
    for (size_t i = 0; i < record->n_duties; i++) {
        vls_table_add(&table, "duty");
        vls_table_add(&table, record->duties[i]);
    }
    fputc('\n', cli->out);
    vls_table_print(cli, &table);
    vls_table_fini(&table);
}

static json_t *rules_json(const Valise__DecisionRecord *record)
{
    json_t *rules = json_array();
    for (size_t i = 0; i < record->n_rules; i++) {
        json_t *rule = json_object();
        json_object_set_new(rule, "id", vls_json_text(record->rules[i]->id));
        json_object_set_new(rule, "effect", json_string(outcome_name(record->rules[i]->effect)));
        json_object_set_new(rule, "basis", vls_json_text(record->rules[i]->basis));
        json_array_append_new(rules, rule);
    }
    return rules;
}

static json_t *record_json(const Valise__DecisionRecord *record)
{
    json_t *object = json_object(), *facts = json_object();
    json_t *duties = json_array(), *schemes = json_array();
    char reason[VLS_REASON_TEXT];
    vls_explain_reason(record, reason);
    for (size_t i = 0; i < record->n_facts; i++)
        json_object_set_new(facts, record->facts[i]->name, vls_json_text(record->facts[i]->value));
    for (size_t i = 0; i < record->n_duties; i++)
        json_array_append_new(duties, vls_json_text(record->duties[i]));
    for (size_t i = 0; i < record->n_schemes; i++) {
        json_t *scheme = json_object();
        json_object_set_new(scheme, "name", vls_json_text(record->schemes[i]->name));
        json_object_set_new(scheme, "digest", vls_json_hex(record->schemes[i]->digest));
        json_array_append_new(schemes, scheme);
    }
    json_object_set_new(object, "id", vls_json_id(record->id));
    json_object_set_new(object, "outcome", json_string(outcome_name(record->outcome)));
    json_object_set_new(object, "decided", vls_json_time(record->decided_ms));
    json_object_set_new(object, "reason", vls_json_text(reason));
    json_object_set_new(object, "nearest_change", vls_json_text(record->nearest_change));
    json_object_set_new(object, "approvals", json_integer(record->approvals));
    json_object_set_new(object, "rules", rules_json(record));
    json_object_set_new(object, "facts", facts);
    json_object_set_new(object, "duties", duties);
    json_object_set_new(object, "arrangement", vls_json_text(record->arrangement));
    json_object_set_new(object, "arrangement_version", json_integer(record->arrangement_version));
    json_object_set_new(object, "arrangement_digest", vls_json_hex(record->arrangement_digest));
    json_object_set_new(object, "schemes", schemes);
    return object;
}

static VLS_STATUS print_record(struct cli *cli, ProtobufCBinaryData bytes, struct vls_why *why)
{
    Valise__DecisionRecord *record = NULL;
    VLS_TRY(vls_decision_record_read(VLS_SLICE(bytes.data, bytes.len), &record, why));
    struct vls_status status = VLS_DONE;
    if (cli->is_json) {
        status = vls_json_line(cli, record_json(record), why);
    } else {
        print_sentences(cli, record);
        print_rules(cli, record);
        print_facts(cli, record);
    }
    valise__decision_record__free_unpacked(record, NULL);
    return status;
}

struct vls_status vls_cmd_explain(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    uint8_t bytes[VLS_ID_BYTES];
    size_t len = 0;
    VLS_TRY(vls_cli_id(args->operands[0], bytes, &len, why));
    Valise__OperatorShow show = VALISE__OPERATOR_SHOW__INIT;
    show.id = (ProtobufCBinaryData){len, bytes};
    show.with_decision = true;
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_SHOW;
    request.show = &show;
    struct client_answer answer;
    VLS_TRY(vls_client_ask(cli, &(struct client_question){.request = &request}, &answer, why));
    struct vls_status status = VLS_DONE;
    if (answer.reply->decision.len > 0)
        status = print_record(cli, answer.reply->decision, why);
    else
        status = vls_fail(VLS_STORE_MISSING, why,
                          "%.40s: there is no decision here; the partner decided on a received one",
                          args->operands[0]);
    vls_client_answer_fini(&answer);
    return status;
}
