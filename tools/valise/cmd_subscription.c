/* valise subscription: what partners get without asking each time. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "client.h"
#include "given.h"
#include "show.h"
#include "sub.h"

#define WANTED_ROOM 512

/* -- list -------------------------------------------------------------------------------------- */

static const char *const TITLES[] = {"NAME", "PARTNER", "WANTED", "SINCE", "LAST", "BY", NULL};

/* "symbol A/1, A/2; topic migration; in en, fr" */
static void add_values(char *out, size_t room, const char *what, char *const *values, size_t count)
{
    size_t used = strlen(out);
    for (size_t i = 0; i < count && used < room; i++) {
        int n = snprintf(out + used, room - used, "%s%s%s",
                         i > 0       ? ", "
                         : used != 0 ? "; "
                                     : "",
                         i > 0 ? "" : what, values[i]);
        used += n > 0 ? (size_t)n : 0;
    }
}

static void add_row(struct table *table, const Valise__Subscription *row)
{
    char wanted[WANTED_ROOM] = "", last[VLS_TIME_TEXT] = "none yet";
    add_values(wanted, sizeof wanted, "symbol ", row->symbols, row->n_symbols);
    add_values(wanted, sizeof wanted, "body ", row->bodies, row->n_bodies);
    add_values(wanted, sizeof wanted, "topic ", row->topics, row->n_topics);
    add_values(wanted, sizeof wanted, "in ", row->languages, row->n_languages);
    if (row->last_ms != 0)
        vls_time_for_people(row->last_ms, last);
    vls_table_add(table, row->name);
    vls_table_add(table, row->party);
    vls_table_add(table, wanted);
    vls_table_add(table, row->since[0] != '\0' ? row->since : "-");
    vls_table_add(table, last);
    vls_table_add(table, row->actor);
}

static json_t *values_json(char *const *values, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, vls_json_text(values[i]));
    return list;
}

static json_t *row_json(const Valise__Subscription *row)
{
    json_t *object = json_object();
    json_object_set_new(object, "name", vls_json_text(row->name));
    json_object_set_new(object, "party", vls_json_text(row->party));
    json_object_set_new(object, "symbols", values_json(row->symbols, row->n_symbols));
    json_object_set_new(object, "bodies", values_json(row->bodies, row->n_bodies));
    json_object_set_new(object, "topics", values_json(row->topics, row->n_topics));
    json_object_set_new(object, "languages", values_json(row->languages, row->n_languages));
    json_object_set_new(object, "from", vls_json_text(row->since));
    json_object_set_new(object, "note", vls_json_text(row->note));
    json_object_set_new(object, "added", vls_json_time(row->added_ms));
    json_object_set_new(object, "actor", vls_json_text(row->actor));
    json_object_set_new(object, "last", vls_json_time(row->last_ms));
    json_object_set_new(object, "last_message", vls_json_id(row->last));
    return object;
}

static VLS_STATUS show(struct cli *cli, const Valise__OperatorReply *reply, struct vls_why *why)
{
    struct table table;
    struct vls_status s = VLS_DONE;
    vls_table_init(&table, TITLES);
    table.is_fitted = true;
    for (size_t i = 0; i < reply->n_subscriptions && vls_ok(s); i++) {
        if (cli->is_json)
            s = vls_json_line(cli, row_json(reply->subscriptions[i]), why);
        else
            add_row(&table, reply->subscriptions[i]);
    }
    if (vls_ok(s) && !cli->is_json) {
        if (table.cell_count > 0)
            vls_table_print(cli, &table);
        else
            fprintf(cli->err, "valise %s: no subscriptions\n", cli->command);
    }
    vls_table_fini(&table);
    return s;
}

static VLS_STATUS ask(struct cli *cli, Valise__OperatorSubscription__Verb verb,
                      Valise__Subscription *subscription, struct client_answer *answer,
                      struct vls_why *why)
{
    Valise__OperatorSubscription in = VALISE__OPERATOR_SUBSCRIPTION__INIT;
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    in.verb = verb;
    in.subscription = subscription;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_SUBSCRIPTION;
    request.subscription = &in;
    return vls_client_ask(cli, &(struct client_question){.request = &request}, answer, why);
}

static struct vls_status run_list(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    struct client_answer answer;
    (void)args;
    VLS_TRY(ask(cli, VALISE__OPERATOR_SUBSCRIPTION__VERB__LIST, NULL, &answer, why));
    struct vls_status s = show(cli, answer.reply, why);
    vls_client_answer_fini(&answer);
    return s;
}

/* -- add and remove ---------------------------------------------------------------------------- */

struct values {
    char *at[CLI_MAX_GIVEN];
    size_t count;
};

static void take(const struct cli_args *args, const char *option, struct values *out, size_t *count,
                 char ***list)
{
    for (size_t i = 0; i < args->given_count; i++)
        if (strcmp(args->given[i].option->name, option) == 0)
            out->at[out->count++] = (char *)(uintptr_t)args->given[i].value;
    *count = out->count;
    *list = out->at;
}

static struct vls_status run_add(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    Valise__Subscription in = VALISE__SUBSCRIPTION__INIT;
    struct values symbols = {.count = 0}, bodies = {.count = 0}, topics = {.count = 0},
                  languages = {.count = 0};
    struct client_answer answer;
    const char *to = NULL;
    VLS_TRY(vls_cli_need(args, "to", &to, why));
    VLS_TRY(vls_given_text(args, "to", VLS_MAX_PARTY, &in.party, why));
    VLS_TRY(vls_given_text(args, "from", VLS_MAX_NAME, &in.since, why));
    VLS_TRY(vls_given_text(args, "note", VLS_MAX_SUBJECT, &in.note, why));
    take(args, "symbol", &symbols, &in.n_symbols, &in.symbols);
    take(args, "body", &bodies, &in.n_bodies, &in.bodies);
    take(args, "topic", &topics, &in.n_topics, &in.topics);
    take(args, "language", &languages, &in.n_languages, &in.languages);
    in.name = (char *)(uintptr_t)args->operands[1];
    VLS_TRY(ask(cli, VALISE__OPERATOR_SUBSCRIPTION__VERB__ADD, &in, &answer, why));
    vls_client_answer_fini(&answer);
    return VLS_DONE;
}

static struct vls_status run_remove(struct cli *cli, const struct cli_args *args,
                                    struct vls_why *why)
{
    Valise__Subscription in = VALISE__SUBSCRIPTION__INIT;
    struct client_answer answer;
    in.name = (char *)(uintptr_t)args->operands[1];
    VLS_TRY(ask(cli, VALISE__OPERATOR_SUBSCRIPTION__VERB__REMOVE, &in, &answer, why));
    vls_client_answer_fini(&answer);
    return VLS_DONE;
}

static const struct cli_sub SUBS[] = {
    {"list", "", 0, 0, "", run_list},
    {"add", "to symbol body topic language from note", 1, 1, "NAME", run_add},
    {"remove", "", 1, 1, "NAME", run_remove},
};

struct vls_status vls_cmd_subscription(struct cli *cli, const struct cli_args *args,
                                       struct vls_why *why)
{
    return vls_cli_sub(cli, args, SUBS, sizeof SUBS / sizeof SUBS[0], why);
}
