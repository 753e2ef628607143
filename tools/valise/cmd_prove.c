/* valise prove: what proves that one message was sent and received, as one text file without its
 * content. */
#include <string.h>

#include "base/file.h"
#include "envelope/manifest.h"
#include "envelope/proof.h"
#include "evidence_out.h"

#define SUFFIX ".proof"

static struct vls_status write_proof(int fd, const struct evidence_asked *asked,
                                     struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    vls_buf_init(&text, VLS_MAX_PROVEN_FILE);
    VLS_TRY(vls_proof_write(&asked->evidence, &text, why));
    return vls_fd_write(fd, vls_buf_slice(&text), why);
}

/** Without --output: the whole id, in the working directory. */
static VLS_STATUS choose_name(const struct cli_args *args, const Valise__Evidence *evidence,
                              char out[VLS_MAX_PATH], struct vls_why *why)
{
    const char *given = vls_cli_value(args, "output");
    struct vls_manifest manifest VLS_DEFER(vls_manifest_fini) = {.fields = NULL};
    char id[VLS_ID_TEXT];
    if (given != NULL) {
        int n = snprintf(out, VLS_MAX_PATH, "%s", given);
        return n < VLS_MAX_PATH ? VLS_DONE : vls_cli_usage(why, "--output", "the path is too long");
    }
    VLS_TRY(vls_manifest_read(VLS_SLICE(evidence->manifest.data, evidence->manifest.len), &manifest,
                              why));
    vls_id_text(&manifest.id, id);
    snprintf(out, VLS_MAX_PATH, "%s" SUFFIX, id);
    return VLS_DONE;
}

static bool is_cosigned(const Valise__InclusionEvidence *inclusion)
{
    return inclusion != NULL && strstr(inclusion->checkpoint, "/valise/witness ") != NULL;
}

/** A proof is taken when it is asked for; some of it may come only later. */
static void say_what_is_missing(struct cli *cli, const Valise__Evidence *e)
{
    if (e->decision.len != 0 && e->decided == NULL)
        fprintf(cli->err,
                "valise prove: nothing proves the decision: its entry in the internal log "
                "is not signed yet, or house rules are left out (--with-house-rules)\n");
    bool has_receipt = e->receipt.len != 0 && e->received != NULL;
    if (!has_receipt)
        fprintf(cli->err, "valise prove: there is no proven receipt yet; once there is one, prove "
                          "it again\n");
    else if (!is_cosigned(e->sent) || !is_cosigned(e->received))
        fprintf(cli->err, "valise prove: a log is not cosigned by the other party yet; the next "
                          "exchange brings that, then prove it again\n");
}

struct vls_status vls_cmd_prove(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    char path[VLS_MAX_PATH];
    struct evidence_asked asked;
    if (vls_cli_has(args, "output"))
        VLS_TRY(vls_cli_output_check(vls_cli_value(args, "output"), why));
    VLS_TRY(vls_evidence_ask(cli, args, false, &asked, why));
    struct vls_status status = choose_name(args, &asked.evidence, path, why);
    if (vls_ok(status))
        status = vls_evidence_save(cli, path, write_proof, &asked, why);
    if (vls_ok(status))
        say_what_is_missing(cli, &asked.evidence);
    vls_evidence_asked_fini(&asked);
    return status;
}
