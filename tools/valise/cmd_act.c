/* valise hold, release, retry, withhold: what an officer decides about one message. */
#include "base/text.h"
#include "client.h"
#include "show.h"

static VLS_STATUS act(struct cli *cli, const struct cli_args *args, Valise__OperatorAct__Verb verb,
                      struct vls_why *why)
{
    uint8_t bytes[VLS_ID_BYTES];
    size_t len = 0;
    VLS_TRY(vls_cli_id(args->operands[0], bytes, &len, why));
    const char *note = vls_cli_value(args, "note");
    if (note != NULL && !vls_text_is_clean(vls_slice_text(note), false))
        return vls_cli_usage(why, "--note", "holds control characters; write one line of UTF-8");
    Valise__OperatorAct act = VALISE__OPERATOR_ACT__INIT;
    act.id = (ProtobufCBinaryData){len, bytes};
    act.verb = verb;
    if (note != NULL)
        act.note = (char *)note;
    act.is_overruling = vls_cli_has(args, "overrule");
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_ACT;
    request.act = &act;
    struct client_answer answer;
    VLS_TRY(vls_client_ask(cli, &(struct client_question){.request = &request}, &answer, why));
    struct vls_status status = VLS_DONE;
    for (size_t i = 0; i < answer.reply->n_rows && vls_ok(status); i++) {
        const Valise__MessageRow *row = answer.reply->rows[i];
        char id[VLS_ID_TEXT];
        vls_show_id(row->id, id);
        if (cli->is_json)
            status = vls_json_line(cli, vls_message_json(row), why);
        else
            fprintf(cli->out, "%s %s\n", id, row->state);
    }
    vls_client_answer_fini(&answer);
    return status;
}

struct vls_status vls_cmd_hold(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    return act(cli, args, VALISE__OPERATOR_ACT__VERB__HOLD, why);
}

struct vls_status vls_cmd_release(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    return act(cli, args, VALISE__OPERATOR_ACT__VERB__RELEASE, why);
}

struct vls_status vls_cmd_retry(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    return act(cli, args, VALISE__OPERATOR_ACT__VERB__RETRY, why);
}

struct vls_status vls_cmd_withhold(struct cli *cli, const struct cli_args *args,
                                   struct vls_why *why)
{
    return act(cli, args, VALISE__OPERATOR_ACT__VERB__WITHHOLD, why);
}
