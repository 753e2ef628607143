/* valise status: how the gateway is. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "client.h"
#include "found.h"
#include "show.h"

static json_t *partner_json(const Valise__PartnerStatus *partner)
{
    json_t *object = json_object();
    json_object_set_new(object, "party", vls_json_text(partner->party));
    json_object_set_new(object, "url", vls_json_text(partner->url));
    json_object_set_new(object, "sent", vls_json_number(partner->sent_size));
    json_object_set_new(object, "received", vls_json_number(partner->received_size));
    json_object_set_new(object, "waiting", vls_json_number(partner->waiting));
    json_object_set_new(object, "last_exchange", vls_json_time(partner->last_exchange_ms));
    json_object_set_new(object, "failures", json_integer(partner->failures));
    json_object_set_new(object, "trouble", vls_json_text(partner->trouble));
    return object;
}

/* What a plugin says of itself. */
static void add_said(json_t *object, const Valise__PluginReport *said)
{
    json_t *counters = json_object(), *gauges = json_object();
    for (size_t i = 0; i < said->n_metrics; i++) {
        const Valise__Metric *metric = said->metrics[i];
        if (metric->is_gauge)
            json_object_set_new(gauges, metric->name, json_integer(metric->gauge));
        else
            json_object_set_new(counters, metric->name, vls_json_number(metric->count));
    }
    json_object_set_new(object, "counters", counters);
    json_object_set_new(object, "gauges", gauges);
    if (said->last != NULL) {
        json_t *last = json_object();
        vls_found_json(said->last, last);
        json_object_set_new(last, "at", vls_json_time(said->last_ms));
        json_object_set_new(object, "endpoint", last);
    }
}

static const Valise__PluginReport *said_by(const Valise__StatusReport *report, const char *name)
{
    for (size_t i = 0; i < report->n_plugin_reports; i++)
        if (strcmp(report->plugin_reports[i]->name, name) == 0)
            return report->plugin_reports[i]->report;
    return NULL;
}

static json_t *plugins_json(const Valise__StatusReport *report)
{
    json_t *list = json_array();
    for (size_t i = 0; i < report->n_plugins; i++) {
        const Valise__PluginRow *row = report->plugins[i];
        json_t *object = json_object();
        json_object_set_new(object, "name", vls_json_text(row->name));
        json_object_set_new(object, "state", vls_json_text(row->state));
        json_object_set_new(object, "since", vls_json_time(row->since_ms));
        json_object_set_new(object, "reason", vls_json_text(row->reason));
        json_object_set_new(object, "deaths", json_integer(row->deaths));
        const Valise__PluginReport *said = said_by(report, row->name);
        if (said != NULL)
            add_said(object, said);
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *status_json(const Valise__StatusReport *report)
{
    json_t *object = json_object();
    json_t *partners = json_array(), *counts = json_array(), *notices = json_array();
    for (size_t i = 0; i < report->n_partners; i++)
        json_array_append_new(partners, partner_json(report->partners[i]));
    for (size_t i = 0; i < report->n_counts; i++) {
        json_t *count = json_object();
        json_object_set_new(count, "direction", vls_json_text(report->counts[i]->direction));
        json_object_set_new(count, "state", vls_json_text(report->counts[i]->state));
        json_object_set_new(count, "count", vls_json_number(report->counts[i]->count));
        json_array_append_new(counts, count);
    }
    for (size_t i = 0; i < report->n_notices; i++)
        json_array_append_new(notices, vls_json_text(report->notices[i]));
    json_object_set_new(object, "party", vls_json_text(report->party));
    json_object_set_new(object, "started", vls_json_time(report->started_ms));
    json_object_set_new(object, "arrangement", vls_json_text(report->arrangement));
    json_object_set_new(object, "arrangement_version", json_integer(report->arrangement_version));
    json_object_set_new(object, "partners", partners);
    json_object_set_new(object, "counts", counts);
    json_object_set_new(object, "plugins", plugins_json(report));
    json_object_set_new(object, "notices", notices);
    json_object_set_new(object, "plugins", plugins_json(report));
    return object;
}

static void print_partners(struct cli *cli, const Valise__StatusReport *report)
{
    static const char *const TITLES[] = {"PARTNER",       ">SENT",      ">RECEIVED", ">WAITING",
                                         "LAST EXCHANGE", "CONNECTION", NULL};
    struct table table;
    vls_table_init(&table, TITLES);
    for (size_t i = 0; i < report->n_partners; i++) {
        const Valise__PartnerStatus *partner = report->partners[i];
        char time[VLS_TIME_TEXT], trouble[512];
        vls_time_for_people(partner->last_exchange_ms, time);
        vls_table_add(&table, partner->party);
        vls_table_add_format(&table, "%" PRIu64, partner->sent_size);
        vls_table_add_format(&table, "%" PRIu64, partner->received_size);
        vls_table_add_format(&table, "%" PRIu64, partner->waiting);
        vls_table_add(&table, time);
        snprintf(trouble, sizeof trouble, "failed %" PRIu32 " times: %.400s", partner->failures,
                 partner->trouble);
        if (*partner->trouble != '\0')
            vls_table_add_coloured(&table, trouble, TABLE_BAD);
        else if (*partner->url == '\0')
            vls_table_add(&table, "calls us");
        else
            vls_table_add_coloured(&table, "well", TABLE_GOOD);
    }
    vls_table_print(cli, &table);
    vls_table_fini(&table);
}

static void print_plugins(struct cli *cli, const Valise__StatusReport *report)
{
    static const char *const TITLES[] = {"PLUGIN", "STATE", "SINCE", "REASON", NULL};
    struct table table;
    vls_table_init(&table, TITLES);
    for (size_t i = 0; i < report->n_plugins; i++) {
        const Valise__PluginRow *row = report->plugins[i];
        bool is_well = strcmp(row->state, "serving") == 0;
        char time[VLS_TIME_TEXT];
        vls_time_for_people(row->since_ms, time);
        vls_table_add(&table, row->name);
        vls_table_add_coloured(&table, row->state, is_well ? TABLE_GOOD : TABLE_BAD);
        vls_table_add(&table, time);
        vls_table_add(&table, row->reason);
    }
    vls_table_print(cli, &table);
    vls_table_fini(&table);
}

static void print_counts(struct cli *cli, const Valise__StatusReport *report)
{
    static const char *const TITLES[] = {"DIRECTION", "STATE", ">MESSAGES", NULL};
    struct table table;
    vls_table_init(&table, TITLES);
    for (size_t i = 0; i < report->n_counts; i++) {
        const Valise__StateCount *count = report->counts[i];
        vls_table_add(&table, count->direction);
        vls_table_add_coloured(&table, count->state, vls_state_colour(count->state));
        vls_table_add_format(&table, "%" PRIu64, count->count);
    }
    vls_table_print(cli, &table);
    vls_table_fini(&table);
}

/* Those that said how their endpoint answers. */
static void print_endpoints(struct cli *cli, const Valise__StatusReport *report)
{
    static const char *const TITLES[] = {"PLUGIN", "ENDPOINT", "AT", "WHY", NULL};
    struct table table;
    vls_table_init(&table, TITLES);
    for (size_t i = 0; i < report->n_plugin_reports; i++) {
        const Valise__PluginReport *said = report->plugin_reports[i]->report;
        char text[FOUND_TEXT], time[VLS_TIME_TEXT];
        if (said == NULL || said->last == NULL)
            continue;
        vls_found_text(said->last, text);
        vls_time_for_people(said->last_ms, time);
        vls_table_add(&table, report->plugin_reports[i]->name);
        vls_table_add_coloured(&table, vls_found_word(said->last), vls_found_colour(said->last));
        vls_table_add(&table, time);
        vls_table_add(&table, text);
    }
    if (table.cell_count > 0) {
        fputc('\n', cli->out);
        vls_table_print(cli, &table);
    }
    vls_table_fini(&table);
}

static void print_status(struct cli *cli, const Valise__StatusReport *report)
{
    char text[2 * VLS_MAX_NAME], time[VLS_TIME_TEXT];
    vls_print_field(cli, "party", report->party);
    vls_time_for_people(report->started_ms, time);
    vls_print_field(cli, "started", time);
    snprintf(text, sizeof text, "%.*s, version %" PRIu32, VLS_MAX_NAME, report->arrangement,
             report->arrangement_version);
    vls_print_field(cli, "arrangement", text);
    for (size_t i = 0; i < report->n_notices; i++)
        vls_print_field(cli, "notice", report->notices[i]);
    if (report->n_partners > 0) {
        fputc('\n', cli->out);
        print_partners(cli, report);
    }
    if (report->n_plugins > 0) {
        fputc('\n', cli->out);
        print_plugins(cli, report);
    }
    if (report->n_counts > 0) {
        fputc('\n', cli->out);
        print_counts(cli, report);
    }
    print_endpoints(cli, report);
}

struct vls_status vls_cmd_status(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    (void)args;
    Valise__OperatorStatus status_request = VALISE__OPERATOR_STATUS__INIT;
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_STATUS;
    request.status = &status_request;
    struct client_answer answer;
    VLS_TRY(vls_client_ask(cli, &(struct client_question){.request = &request}, &answer, why));
    const Valise__StatusReport *report = answer.reply->status;
    struct vls_status status = VLS_DONE;
    if (report == NULL)
        status = vls_fail(VLS_WIRE_MALFORMED, why, "the gateway's answer holds no report");
    else if (cli->is_json)
        status = vls_json_line(cli, status_json(report), why);
    else
        print_status(cli, report);
    vls_client_answer_fini(&answer);
    return status;
}
