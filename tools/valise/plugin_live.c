/* valise plugin list, reload, enable: the plugins of a gateway that runs. */
#include <string.h>

#include "base/text.h"
#include "client.h"
#include "plugin_commands.h"
#include "show.h"

static enum table_colour colour_of(const char *state)
{
    if (strcmp(state, "serving") == 0)
        return TABLE_GOOD;
    if (strcmp(state, "refused") == 0 || strcmp(state, "disabled") == 0)
        return TABLE_BAD;
    return TABLE_WARN;
}

static json_t *row_json(const Valise__PluginRow *row)
{
    json_t *object = json_object(), *set_aside = json_array();
    const Valise__PluginIdentity *is = row->identity;
    char abi[24] = "";
    if (is != NULL)
        snprintf(abi, sizeof abi, "%u.%u", is->abi >> 16, is->abi & 0xffffu);
    for (size_t i = 0; i < row->n_set_aside; i++)
        json_array_append_new(set_aside, vls_json_text(row->set_aside[i]));
    json_object_set_new(object, "name", vls_json_text(row->name));
    json_object_set_new(object, "state", vls_json_text(row->state));
    json_object_set_new(object, "since", vls_json_time(row->since_ms));
    json_object_set_new(object, "reason", vls_json_text(row->reason));
    json_object_set_new(object, "deaths", json_integer(row->deaths));
    json_object_set_new(object, "file", vls_json_text(row->file));
    json_object_set_new(object, "id", is != NULL ? vls_json_text(is->id) : json_null());
    json_object_set_new(object, "version", is != NULL ? vls_json_text(is->version) : json_null());
    json_object_set_new(object, "abi", is != NULL ? vls_json_text(abi) : json_null());
    json_object_set_new(object, "roles",
                        is != NULL ? vls_plugin_roles_json(is->roles) : json_null());
    json_object_set_new(object, "capabilities",
                        is != NULL ? vls_plugin_caps_json(is->caps) : json_null());
    json_object_set_new(object, "set_aside", set_aside);
    return object;
}

static void print_rows(struct cli *cli, const Valise__StatusReport *report)
{
    static const char *const TITLES[] = {"PLUGIN", "STATE",   "SINCE",  "ID", "VERSION",
                                         "ROLES",  ">DEATHS", "REASON", NULL};
    struct table table;
    vls_table_init(&table, TITLES);
    for (size_t i = 0; i < report->n_plugins; i++) {
        const Valise__PluginRow *row = report->plugins[i];
        const Valise__PluginIdentity *is = row->identity;
        char time[VLS_TIME_TEXT], roles[64] = "";
        vls_time_for_people(row->since_ms, time);
        if (is != NULL)
            vls_plugin_roles_text(is->roles, roles, sizeof roles);
        vls_table_add(&table, row->name);
        vls_table_add_coloured(&table, row->state, colour_of(row->state));
        vls_table_add(&table, time);
        vls_table_add(&table, is != NULL ? is->id : "");
        vls_table_add(&table, is != NULL ? is->version : "");
        vls_table_add(&table, roles);
        vls_table_add_format(&table, "%u", row->deaths);
        vls_table_add(&table, row->reason);
    }
    vls_table_print(cli, &table);
    vls_table_fini(&table);
    for (size_t i = 0; i < report->n_plugins; i++)
        for (size_t k = 0; k < report->plugins[i]->n_set_aside; k++)
            fprintf(cli->out, "%s: set aside: %s\n", report->plugins[i]->name,
                    report->plugins[i]->set_aside[k]);
}

struct vls_status vls_plugin_cmd_list(struct cli *cli, const struct cli_args *args,
                                      struct vls_why *why)
{
    Valise__OperatorStatus status_request = VALISE__OPERATOR_STATUS__INIT;
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    struct client_answer answer;
    struct vls_status status = VLS_DONE;
    (void)args;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_STATUS;
    request.status = &status_request;
    VLS_TRY(vls_client_ask(cli, &(struct client_question){.request = &request}, &answer, why));
    const Valise__StatusReport *report = answer.reply->status;
    if (report == NULL)
        status = vls_fail(VLS_WIRE_MALFORMED, why, "the gateway's answer holds no report");
    else if (!cli->is_json)
        print_rows(cli, report);
    for (size_t i = 0; vls_ok(status) && cli->is_json && i < report->n_plugins; i++)
        status = vls_json_line(cli, row_json(report->plugins[i]), why);
    vls_client_answer_fini(&answer);
    return status;
}

static VLS_STATUS order(struct cli *cli, const struct cli_args *args,
                        Valise__OperatorPlugin__Verb verb, const char *done, struct vls_why *why)
{
    Valise__OperatorPlugin plugin = VALISE__OPERATOR_PLUGIN__INIT;
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    struct client_answer answer;
    plugin.verb = verb;
    plugin.name = (char *)(uintptr_t)args->operands[1];
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_PLUGIN;
    request.plugin = &plugin;
    VLS_TRY(vls_client_ask(cli, &(struct client_question){.request = &request}, &answer, why));
    vls_client_answer_fini(&answer);
    if (cli->is_json) {
        json_t *object = json_object();
        json_object_set_new(object, "name", vls_json_text(plugin.name));
        json_object_set_new(object, "result", vls_json_text(done));
        return vls_json_line(cli, object, why);
    }
    fprintf(cli->out, "%s: %s\n", plugin.name, done);
    return VLS_DONE;
}

struct vls_status vls_plugin_cmd_reload(struct cli *cli, const struct cli_args *args,
                                        struct vls_why *why)
{
    return order(cli, args, VALISE__OPERATOR_PLUGIN__VERB__RELOAD, "reloaded", why);
}

struct vls_status vls_plugin_cmd_enable(struct cli *cli, const struct cli_args *args,
                                        struct vls_why *why)
{
    return order(cli, args, VALISE__OPERATOR_PLUGIN__VERB__ENABLE, "serving", why);
}
