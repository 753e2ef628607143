#include "evidence_out.h"

#include "envelope/internal.h"
#include "show.h"

/** House rules are the own affair: they leave only when that is asked for. */
static VLS_STATUS choose_decision(const struct cli_args *args, struct evidence_asked *asked,
                                  struct vls_why *why)
{
    if (vls_cli_has(args, "with-house-rules"))
        return VLS_DONE;
    if (vls_cli_has(args, "with-decision"))
        return vls_evidence_without_house(&asked->evidence, &asked->decision, why);
    asked->evidence.decision = (ProtobufCBinaryData){0, NULL};
    return VLS_DONE;
}

/** The entry of the internal log is about the exact record: of any other nothing is proven. */
static void keep_what_is_proven(Valise__Evidence *evidence)
{
    struct vls_internal entry = {NULL};
    struct vls_digest digest =
        vls_digest_of_slice(VLS_SLICE(evidence->decision.data, evidence->decision.len));
    const ProtobufCBinaryData *record = &evidence->decision_entry;
    bool is_it = evidence->decision.len != 0 && record->len != 0 &&
                 vls_ok(vls_internal_read(VLS_SLICE(record->data, record->len), &entry, NULL)) &&
                 vls_slice_is_equal(VLS_SLICE(entry.fields->body.data, entry.fields->body.len),
                                    vls_digest_slice(&digest));
    vls_internal_fini(&entry);
    if (!is_it)
        evidence->decided = NULL;
}

struct vls_status vls_evidence_ask(struct cli *cli, const struct cli_args *args, bool with_content,
                                   struct evidence_asked *out, struct vls_why *why)
{
    uint8_t bytes[VLS_ID_BYTES];
    size_t len = 0;
    VLS_TRY(vls_cli_id(args->operands[0], bytes, &len, why));
    Valise__OperatorExport export = VALISE__OPERATOR_EXPORT__INIT;
    export.id = (ProtobufCBinaryData){len, bytes};
    export.without_content = !with_content;
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_EXPORT;
    request.export = &export;
    VLS_TRY(vls_client_ask(cli, &(struct client_question){.request = &request}, &out->answer, why));
    vls_buf_init(&out->decision, VLS_MAX_DECISION);
    struct vls_status status = VLS_DONE;
    if (out->answer.reply->evidence == NULL) {
        status = vls_fail(VLS_WIRE_MALFORMED, why, "the gateway's answer holds no evidence");
    } else {
        out->evidence = *out->answer.reply->evidence;
        out->content_fd = out->answer.fds.count > 0 ? out->answer.fds.fd[0] : -1;
        status = choose_decision(args, out, why);
        keep_what_is_proven(&out->evidence);
    }
    if (!vls_ok(status))
        vls_evidence_asked_fini(out);
    return status;
}

void vls_evidence_asked_fini(struct evidence_asked *asked)
{
    vls_buf_fini(&asked->decision);
    vls_client_answer_fini(&asked->answer);
}

struct vls_status vls_cli_save(struct cli *cli, const char *path, file_write_fn write,
                               const void *ctx, struct vls_why *why)
{
    VLS_TRY(vls_cli_output_make(path, write, ctx, why));
    if (!cli->is_json) {
        fprintf(cli->out, "%s\n", path);
        return VLS_DONE;
    }
    json_t *object = json_object();
    json_object_set_new(object, "file", vls_json_text(path));
    return vls_json_line(cli, object, why);
}

struct evidence_job {
    evidence_write_fn write;
    const struct evidence_asked *asked;
};

/* file_write_fn */
static struct vls_status write_evidence(int fd, const void *ctx, struct vls_why *why)
{
    const struct evidence_job *job = ctx;
    return job->write(fd, job->asked, why);
}

struct vls_status vls_evidence_save(struct cli *cli, const char *path, evidence_write_fn write,
                                    const struct evidence_asked *asked, struct vls_why *why)
{
    return vls_cli_save(cli, path, write_evidence, &(struct evidence_job){write, asked}, why);
}
