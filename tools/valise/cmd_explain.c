/* valise explain: why a message was released, referred or withheld, from the record that the
 * decision left: at the gateway, or in an exported file. */
#include <errno.h>
#include <fcntl.h>

#include "base/file.h"
#include "client.h"
#include "envelope/manifest.h"
#include "evidence.h"
#include "explain_show.h"

static VLS_STATUS explain(struct cli *cli, struct explained *what, ProtobufCBinaryData decision,
                          struct vls_why *why)
{
    Valise__DecisionRecord *record = NULL;
    struct vls_status status = VLS_DONE;
    if (decision.len > 0)
        VLS_TRY(vls_decision_record_read(VLS_SLICE(decision.data, decision.len), &record, why));
    what->record = record;
    if (cli->is_json)
        status = vls_json_line(cli, vls_explain_json(what), why);
    else
        vls_explain_print(cli, what);
    what->record = NULL;
    if (record != NULL)
        valise__decision_record__free_unpacked(record, NULL);
    return status;
}

static VLS_STATUS explain_file(struct cli *cli, int fd, struct vls_why *why)
{
    struct explained what = {.row = NULL};
    Valise__Evidence *evidence = NULL;
    VLS_TRY(vls_evidence_decision(fd, &evidence, why));
    struct vls_status status = explain(cli, &what, evidence->decision, why);
    valise__evidence__free_unpacked(evidence, NULL);
    return status;
}

static VLS_STATUS explain_reply(struct cli *cli, const Valise__OperatorReply *reply,
                                const char *name, struct vls_why *why)
{
    struct explained what = {.is_reduced = reply->is_reduced};
    if (reply->n_rows != 1)
        return vls_fail(VLS_WIRE_MALFORMED, why, "the gateway's answer holds no message");
    what.row = reply->rows[0];
    if (reply->decision.len == 0 && what.row->direction[0] == 'o')
        return vls_fail(VLS_STORE_MISSING, why, "%.40s: no record of its decision was kept", name);
    return explain(cli, &what, reply->decision, why);
}

static VLS_STATUS explain_message(struct cli *cli, const char *name, struct vls_why *why)
{
    uint8_t bytes[VLS_ID_BYTES];
    size_t len = 0;
    VLS_TRY(vls_cli_id(name, bytes, &len, why));
    Valise__OperatorShow show = VALISE__OPERATOR_SHOW__INIT;
    show.id = (ProtobufCBinaryData){len, bytes};
    show.with_decision = true;
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_SHOW;
    request.show = &show;
    struct client_answer answer;
    VLS_TRY(vls_client_ask(cli, &(struct client_question){.request = &request}, &answer, why));
    struct vls_status status = explain_reply(cli, answer.reply, name, why);
    vls_client_answer_fini(&answer);
    return status;
}

struct vls_status vls_cmd_explain(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    const char *what = args->operands[0];
    VLS_DEFER(vls_fd_close) int fd = open(what, O_RDONLY | O_CLOEXEC);
    if (fd >= 0)
        return vls_cli_about(explain_file(cli, fd, why), what, why);
    if (errno != ENOENT)
        return vls_fail_errno(VLS_CLI_USAGE, why, errno, "%.120s: cannot be opened", what);
    return explain_message(cli, what, why);
}
