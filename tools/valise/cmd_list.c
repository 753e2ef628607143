/* valise list, valise queue: messages in a table. */
#include <string.h>

#include "base/text.h"
#include "client.h"
#include "show.h"

#define LIMIT_OTHERWISE 100
#define LIMIT_MAX       1000000
#define PAGE            100 /* what one answer holds at most */
/** "01a20a07-5299-774b": time and sequence of the id; every command takes it as the id's beginning.
 */
#define SHORT_ID 18

static const char *const TITLES[] = {"ID",    "CREATED", "DIR",    "PARTNER", "KIND",
                                     "LABEL", "STATE",   "REASON", NULL};

static void add_row(const struct cli *cli, struct table *table, const Valise__MessageRow *row)
{
    char id[VLS_ID_TEXT], time[VLS_TIME_TEXT];
    vls_show_id(row->id, id);
    if (cli->is_terminal)
        id[SHORT_ID] = '\0';
    vls_time_for_people(row->created_ms, time);
    vls_table_add(table, id);
    vls_table_add(table, time);
    vls_table_add(table, row->direction);
    vls_table_add(table, row->party);
    vls_table_add(table, row->kind);
    vls_table_add(table, row->label);
    vls_table_add_coloured(table, row->state, vls_state_colour(row->state));
    vls_table_add(table, row->reason);
}

static VLS_STATUS take_page(struct cli *cli, const Valise__OperatorReply *reply,
                            struct table *table, uint8_t last[VLS_ID_BYTES], struct vls_why *why)
{
    for (size_t i = 0; i < reply->n_rows; i++) {
        const Valise__MessageRow *row = reply->rows[i];
        if (row->id.len != VLS_ID_BYTES)
            return vls_fail(VLS_WIRE_MALFORMED, why, "the gateway's answer holds a bad id");
        vls_copy(last, row->id.data, VLS_ID_BYTES);
        if (cli->is_json)
            VLS_TRY(vls_json_line(cli, vls_message_json(row), why));
        else
            add_row(cli, table, row);
    }
    return VLS_DONE;
}

static VLS_STATUS read_list(const struct cli_args *args, Valise__OperatorList *out,
                            uint64_t *out_limit, struct vls_why *why)
{
    const char *direction = vls_cli_value(args, "direction");
    const char *limit = vls_cli_value(args, "limit");
    if (direction != NULL && strcmp(direction, "in") != 0 && strcmp(direction, "out") != 0)
        return vls_cli_usage(why, "--direction", "'%.20s' is neither in nor out", direction);
    if (direction != NULL)
        out->direction = (char *)direction;
    if (vls_cli_value(args, "state") != NULL)
        out->state = (char *)vls_cli_value(args, "state");
    if (vls_cli_value(args, "party") != NULL)
        out->party = (char *)vls_cli_value(args, "party");
    *out_limit = vls_cli_has(args, "all") ? UINT64_MAX : LIMIT_OTHERWISE;
    if (limit != NULL && !vls_ok(vls_number_read(limit, 1, LIMIT_MAX, out_limit)))
        return vls_cli_usage(why, "--limit", "'%.20s' is not a number from 1 to %d", limit,
                             LIMIT_MAX);
    return VLS_DONE;
}

static VLS_STATUS show_pages(struct cli *cli, Valise__OperatorList *list, uint64_t limit,
                             struct table *table, struct vls_why *why)
{
    uint8_t last[VLS_ID_BYTES] = {0};
    bool has_more = true;
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_LIST;
    request.list = list;
    for (uint64_t left = limit; left > 0 && has_more;) {
        list->limit = left < PAGE ? (uint32_t)left : PAGE;
        struct client_answer answer;
        VLS_TRY(vls_client_ask(cli, &(struct client_question){.request = &request}, &answer, why));
        struct vls_status status = take_page(cli, answer.reply, table, last, why);
        has_more = answer.reply->has_more && answer.reply->n_rows > 0;
        left -= answer.reply->n_rows < left ? answer.reply->n_rows : left;
        vls_client_answer_fini(&answer);
        VLS_TRY(status);
        list->before = (ProtobufCBinaryData){sizeof last, last};
    }
    list->before = (ProtobufCBinaryData){0, NULL}; /* it pointed at what ends here */
    if (has_more && !cli->is_json)
        fprintf(cli->err, "valise %s: there are more; give --limit or --all\n", cli->command);
    return VLS_DONE;
}

static VLS_STATUS run_list(struct cli *cli, const struct cli_args *args, const char *state,
                           struct vls_why *why)
{
    Valise__OperatorList list = VALISE__OPERATOR_LIST__INIT;
    uint64_t limit = 0;
    struct table table;
    VLS_TRY(read_list(args, &list, &limit, why));
    if (state != NULL)
        list.state = (char *)state;
    vls_table_init(&table, TITLES);
    table.is_fitted = true;
    struct vls_status status = show_pages(cli, &list, limit, &table, why);
    if (vls_ok(status) && !cli->is_json) {
        if (table.cell_count > 0)
            vls_table_print(cli, &table);
        else
            fprintf(cli->err, "valise %s: no messages\n", cli->command);
    }
    vls_table_fini(&table);
    return status;
}

struct vls_status vls_cmd_list(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    return run_list(cli, args, NULL, why);
}

struct vls_status vls_cmd_queue(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    return run_list(cli, args, "open", why);
}
