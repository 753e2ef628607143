/* valise requests: what waits for an answer, ours or the partner's. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/env.h"
#include "base/text.h"
#include "client.h"
#include "show.h"

#define SHORT_ID 18 /* as valise list cuts it */
#define MINUTE   UINT64_C(60000)
#define HOUR     (60 * MINUTE)
#define DAY      (24 * HOUR)
#define SPAN     32 /* room for "in 3 d" */

static const char *const TITLES[] = {"ID",  "KIND",    "OWED BY",     "PARTNER",    "SINCE",
                                     "DUE", "ANSWERS", "LAST ANSWER", "LOOKED FOR", NULL};

/* "in 3 d", "2 h late": rounded, in the largest unit of which there is at least one. */
static void span_text(uint64_t due_ms, uint64_t now_ms, char out[SPAN])
{
    bool is_late = due_ms < now_ms;
    uint64_t ms = is_late ? now_ms - due_ms : due_ms - now_ms;
    uint64_t unit = ms >= DAY ? DAY : ms >= HOUR ? HOUR : MINUTE;
    uint64_t count = (ms + unit / 2) / unit;
    const char *name = unit == DAY ? "d" : unit == HOUR ? "h" : "min";
    if (count == 0)
        snprintf(out, SPAN, "now");
    else
        snprintf(out, SPAN, is_late ? "%" PRIu64 " %s late" : "in %" PRIu64 " %s", count, name);
}

/* "information-response, partial (receipted)" */
static void add_answer(struct table *table, const Valise__RequestRow *row)
{
    bool is_stated = row->answer_state[0] != '\0', is_here = row->answer_at[0] != '\0';
    if (row->answer_kind[0] == '\0') {
        vls_table_add(table, "none");
        return;
    }
    vls_table_add_format(table, "%s%s%s%s%s%s", row->answer_kind, is_stated ? ", " : "",
                         row->answer_state, is_here ? " (" : "", row->answer_at,
                         is_here ? ")" : "");
}

/* "waiting, in 1 h", "person" */
static void add_search(struct table *table, const Valise__RequestRow *row, uint64_t now_ms)
{
    char due[SPAN];
    bool is_waiting = row->search_due_ms > now_ms;
    span_text(row->search_due_ms, now_ms, due);
    if (is_waiting)
        vls_table_add_format(table, "%s, %s", row->search, due);
    else
        vls_table_add_coloured(table, row->search,
                               strcmp(row->search, "person") == 0 ? TABLE_WARN : TABLE_PLAIN);
}

static void add_row(const struct cli *cli, struct table *table, const Valise__RequestRow *row,
                    uint64_t now_ms)
{
    char id[VLS_ID_TEXT], since[VLS_TIME_TEXT], due[SPAN];
    bool is_late = row->closed_ms == 0 && row->due_ms < now_ms;
    vls_show_id(row->id, id);
    if (cli->is_terminal)
        id[SHORT_ID] = '\0';
    vls_time_for_people(row->since_ms, since);
    span_text(row->due_ms, now_ms, due);
    vls_table_add(table, id);
    vls_table_add(table, row->kind);
    vls_table_add(table, row->is_owed ? "us" : "partner");
    vls_table_add(table, row->party);
    vls_table_add(table, since);
    vls_table_add_coloured(table, row->closed_ms != 0 ? "answered" : due,
                           is_late ? TABLE_WARN : TABLE_PLAIN);
    vls_table_add_format(table, "%" PRIu32 " of %" PRIu32, row->steps, row->expected);
    add_answer(table, row);
    add_search(table, row, now_ms);
}

static json_t *request_json(const Valise__RequestRow *row, uint64_t now_ms)
{
    json_t *object = json_object();
    json_object_set_new(object, "id", vls_json_id(row->id));
    json_object_set_new(object, "kind", vls_json_text(row->kind));
    json_object_set_new(object, "owed_by", json_string(row->is_owed ? "us" : "partner"));
    json_object_set_new(object, "party", vls_json_text(row->party));
    json_object_set_new(object, "since", vls_json_time(row->since_ms));
    json_object_set_new(object, "due", vls_json_time(row->due_ms));
    json_object_set_new(object, "late", json_boolean(row->closed_ms == 0 && row->due_ms < now_ms));
    json_object_set_new(object, "reminded", vls_json_time(row->reminded_ms));
    json_object_set_new(object, "uniform_answer_at", vls_json_time(row->slot_ms));
    json_object_set_new(object, "answers", json_integer(row->steps));
    json_object_set_new(object, "expected", json_integer(row->expected));
    json_object_set_new(object, "answer", vls_json_id(row->answer));
    json_object_set_new(object, "answer_kind", vls_json_text(row->answer_kind));
    json_object_set_new(object, "answer_state", vls_json_text(row->answer_state));
    json_object_set_new(object, "answer_message_state", vls_json_text(row->answer_at));
    json_object_set_new(object, "search", vls_json_text(row->search));
    json_object_set_new(object, "search_reason", vls_json_text(row->search_reason));
    json_object_set_new(object, "search_due", vls_json_time(row->search_due_ms));
    json_object_set_new(object, "answered", vls_json_time(row->answered_ms));
    json_object_set_new(object, "closed", vls_json_time(row->closed_ms));
    return object;
}

/** Where the next page goes on. */
struct place {
    uint8_t id[VLS_ID_BYTES];
    uint64_t due_ms;
};

static VLS_STATUS take_page(struct cli *cli, const Valise__OperatorReply *reply, uint64_t now_ms,
                            struct table *table, struct place *last, struct vls_why *why)
{
    for (size_t i = 0; i < reply->n_requests; i++) {
        const Valise__RequestRow *row = reply->requests[i];
        if (row->id.len != VLS_ID_BYTES)
            return vls_fail(VLS_WIRE_MALFORMED, why, "the gateway's answer holds a bad id");
        vls_copy(last->id, row->id.data, VLS_ID_BYTES);
        last->due_ms = row->due_ms;
        if (cli->is_json)
            VLS_TRY(vls_json_line(cli, request_json(row, now_ms), why));
        else
            add_row(cli, table, row, now_ms);
    }
    return VLS_DONE;
}

static VLS_STATUS show_pages(struct cli *cli, Valise__OperatorRequests *which, struct table *table,
                             struct vls_why *why)
{
    struct place last = {{0}, 0};
    uint64_t now_ms = vls_wall_ms(cli->env);
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_REQUESTS;
    request.requests = which;
    for (bool has_more = true; has_more;) {
        struct client_answer answer;
        VLS_TRY(vls_client_ask(cli, &(struct client_question){.request = &request}, &answer, why));
        struct vls_status status = take_page(cli, answer.reply, now_ms, table, &last, why);
        has_more = answer.reply->has_more && answer.reply->n_requests > 0;
        vls_client_answer_fini(&answer);
        VLS_TRY(status);
        which->after_due_ms = last.due_ms;
        which->after = (ProtobufCBinaryData){sizeof last.id, last.id};
    }
    which->after = (ProtobufCBinaryData){0, NULL}; /* it pointed at what ends here */
    return VLS_DONE;
}

static VLS_STATUS look_again(struct cli *cli, const char *id, struct vls_why *why)
{
    Valise__OperatorRequests which = VALISE__OPERATOR_REQUESTS__INIT;
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    struct client_answer answer;
    uint8_t bytes[VLS_ID_BYTES];
    size_t len = 0;
    VLS_TRY(vls_cli_id(id, bytes, &len, why));
    which.again = (ProtobufCBinaryData){len, bytes};
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_REQUESTS;
    request.requests = &which;
    VLS_TRY(vls_client_ask(cli, &(struct client_question){.request = &request}, &answer, why));
    vls_client_answer_fini(&answer);
    return VLS_DONE;
}

struct vls_status vls_cmd_requests(struct cli *cli, const struct cli_args *args,
                                   struct vls_why *why)
{
    if (vls_cli_value(args, "again") != NULL)
        return look_again(cli, vls_cli_value(args, "again"), why);
    Valise__OperatorRequests which = VALISE__OPERATOR_REQUESTS__INIT;
    struct table table;
    which.is_owed = vls_cli_has(args, "owed");
    which.is_awaited = vls_cli_has(args, "awaited");
    which.with_closed = vls_cli_has(args, "all");
    if (vls_cli_value(args, "party") != NULL)
        which.party = (char *)vls_cli_value(args, "party");
    vls_table_init(&table, TITLES);
    table.is_fitted = true;
    struct vls_status status = show_pages(cli, &which, &table, why);
    if (vls_ok(status) && !cli->is_json) {
        if (table.cell_count > 0)
            vls_table_print(cli, &table);
        else
            fprintf(cli->err, "valise %s: no requests\n", cli->command);
    }
    vls_table_fini(&table);
    return status;
}
