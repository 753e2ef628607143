/* valise show, valise trace: one message, and how it came to be where it is. */
#include "base/text.h"
#include "client.h"
#include "show.h"

static VLS_STATUS ask_show(struct cli *cli, const char *id, bool with_trace,
                           struct client_answer *out, struct vls_why *why)
{
    uint8_t bytes[VLS_ID_BYTES];
    size_t len = 0;
    VLS_TRY(vls_cli_id(id, bytes, &len, why));
    Valise__OperatorShow show = VALISE__OPERATOR_SHOW__INIT;
    show.id = (ProtobufCBinaryData){len, bytes};
    show.with_trace = with_trace;
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_SHOW;
    request.show = &show;
    VLS_TRY(vls_client_ask(cli, &(struct client_question){.request = &request}, out, why));
    if (out->reply->n_rows == 1)
        return VLS_DONE;
    vls_client_answer_fini(out);
    return vls_fail(VLS_STORE_MISSING, why, "%.40s: no such message; see 'valise list'", id);
}

static VLS_STATUS print_trace(struct cli *cli, const Valise__OperatorReply *reply,
                              struct vls_why *why)
{
    static const char *const TITLES[] = {"TIME", "FROM", "TO", "BY", "CAUSE", NULL};
    struct table table;
    vls_table_init(&table, TITLES);
    for (size_t i = 0; i < reply->n_trace; i++) {
        const Valise__TraceRow *row = reply->trace[i];
        if (cli->is_json) {
            json_t *object = json_object();
            json_object_set_new(object, "time", vls_json_time(row->at_ms));
            json_object_set_new(object, "from", vls_json_text(row->from_state));
            json_object_set_new(object, "to", vls_json_text(row->to_state));
            json_object_set_new(object, "actor", vls_json_text(row->actor));
            json_object_set_new(object, "cause", vls_json_text(row->cause));
            VLS_TRY(vls_json_line(cli, object, why));
            continue;
        }
        char time[VLS_TIME_TEXT];
        vls_time_text(row->at_ms, time);
        vls_table_add(&table, time);
        vls_table_add(&table, *row->from_state != '\0' ? row->from_state : "-");
        vls_table_add_coloured(&table, row->to_state, vls_state_colour(row->to_state));
        vls_table_add(&table, row->actor);
        vls_table_add(&table, row->cause);
    }
    if (!cli->is_json)
        vls_table_print(cli, &table);
    vls_table_fini(&table);
    return VLS_DONE;
}

static json_t *documents_json(const Valise__OperatorReply *reply)
{
    json_t *list = json_array();
    for (size_t i = 0; i < reply->n_catalogue; i++)
        json_array_append_new(list, vls_catalogue_json(reply->catalogue[i]));
    return list;
}

/* Where something is known of them: by symbol and language; the rest is in valise catalogue show.
 */
static void print_documents(struct cli *cli, const Valise__OperatorReply *reply)
{
    for (size_t i = 0; i < reply->n_catalogue; i++) {
        const Valise__CatalogueRow *row = reply->catalogue[i];
        VLS_DEFER(vls_buf_fini) struct vls_buf text;
        vls_buf_init(&text, 2048);
        struct vls_status s = vls_buf_add_text(&text, row->name);
        for (size_t k = 0; vls_ok(s) && row->about != NULL && k < row->about->n_symbols; k++)
            s = vls_buf_add_format(&text, ", %s", row->about->symbols[k]);
        if (vls_ok(s) && row->about != NULL && row->about->language[0] != '\0')
            s = vls_buf_add_format(&text, " (%s)", row->about->language);
        vls_print_field(cli, "document", vls_buf_text(&text));
    }
}

struct vls_status vls_cmd_show(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    struct client_answer answer;
    VLS_TRY(ask_show(cli, args->operands[0], false, &answer, why));
    struct vls_status status = VLS_DONE;
    if (cli->is_json) {
        json_t *object = vls_message_json(answer.reply->rows[0]);
        json_object_set_new(object, "documents", documents_json(answer.reply));
        status = vls_json_line(cli, object, why);
    } else {
        vls_message_print(cli, answer.reply->rows[0]);
        print_documents(cli, answer.reply);
    }
    vls_client_answer_fini(&answer);
    return status;
}

struct vls_status vls_cmd_trace(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    struct client_answer answer;
    VLS_TRY(ask_show(cli, args->operands[0], true, &answer, why));
    struct vls_status status = print_trace(cli, answer.reply, why);
    vls_client_answer_fini(&answer);
    return status;
}
