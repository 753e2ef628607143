/* valise export: one message with its proofs and content as a file of its own. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "client.h"
#include "envelope/parcel.h"
#include "evidence.h"
#include "show.h"

/** Written under a name of its own and renamed, so that a parcel is whole or not there. */
static VLS_STATUS write_parcel(const char *path, const Valise__Evidence *evidence, int content_fd,
                               struct vls_why *why)
{
    char temporary[VLS_MAX_PATH];
    int n = snprintf(temporary, sizeof temporary, "%s.part", path);
    if (n < 0 || (size_t)n >= sizeof temporary)
        return vls_cli_usage(why, "--output", "the path is too long");
    if (access(path, F_OK) == 0)
        return vls_cli_usage(why, path, "is there already; give another name");
    VLS_DEFER(vls_fd_close)
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%.120s: cannot be made", temporary);
    struct vls_status status = vls_parcel_write(fd, evidence, content_fd, why);
    if (vls_ok(status) && fsync(fd) != 0)
        status = vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%.120s: cannot be synced", temporary);
    /* link() refuses to replace what somebody else made meanwhile */
    if (vls_ok(status) && link(temporary, path) != 0)
        status = vls_fail_errno(VLS_SYSTEM_IO, why, errno, "%.120s: cannot be made", path);
    unlink(temporary);
    if (vls_ok(status))
        status = vls_file_sync_parent(path, why);
    return status;
}

/** House rules are the own affair: they leave only when that is asked for. */
static VLS_STATUS choose_decision(const struct cli_args *args, Valise__Evidence *evidence,
                                  struct vls_buf *kept, struct vls_why *why)
{
    if (vls_cli_has(args, "with-house-rules"))
        return VLS_DONE;
    if (vls_cli_has(args, "with-decision"))
        return vls_evidence_without_house(evidence, kept, why);
    evidence->decision = (ProtobufCBinaryData){0, NULL};
    return VLS_DONE;
}

struct vls_status vls_cmd_export(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    uint8_t bytes[VLS_ID_BYTES];
    size_t len = 0;
    const char *path = NULL;
    VLS_TRY(vls_cli_id(args->operands[0], bytes, &len, why));
    VLS_TRY(vls_cli_need(args, "output", &path, why));
    Valise__OperatorExport export = VALISE__OPERATOR_EXPORT__INIT;
    export.id = (ProtobufCBinaryData){len, bytes};
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_EXPORT;
    request.export = &export;
    struct client_answer answer;
    VLS_TRY(vls_client_ask(cli, &(struct client_question){.request = &request}, &answer, why));
    struct vls_status status = VLS_DONE;
    struct vls_buf decision VLS_DEFER(vls_buf_fini);
    vls_buf_init(&decision, VLS_MAX_DECISION);
    if (answer.reply->evidence == NULL) {
        status = vls_fail(VLS_WIRE_MALFORMED, why, "the gateway's answer holds no evidence");
    } else {
        Valise__Evidence evidence = *answer.reply->evidence; /* a view: the answer owns the bytes */
        int content_fd = answer.fds.count > 0 ? answer.fds.fd[0] : -1;
        status = choose_decision(args, &evidence, &decision, why);
        if (vls_ok(status))
            status = write_parcel(path, &evidence, content_fd, why);
    }
    vls_client_answer_fini(&answer);
    if (vls_ok(status) && !cli->is_json)
        fprintf(cli->out, "%s\n", path);
    if (vls_ok(status) && cli->is_json) {
        json_t *object = json_object();
        json_object_set_new(object, "file", vls_json_text(path));
        status = vls_json_line(cli, object, why);
    }
    return status;
}
