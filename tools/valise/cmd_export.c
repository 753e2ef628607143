/* valise export: one message with its proofs and content as a file of its own. */
#include "envelope/parcel.h"
#include "evidence_out.h"

static struct vls_status write_parcel(int fd, const struct evidence_asked *asked,
                                      struct vls_why *why)
{
    return vls_parcel_write(fd, &asked->evidence, asked->content_fd, why);
}

struct vls_status vls_cmd_export(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    const char *path = NULL;
    struct evidence_asked asked;
    VLS_TRY(vls_cli_need(args, "output", &path, why));
    VLS_TRY(vls_cli_output_check(path, why));
    VLS_TRY(vls_evidence_ask(cli, args, true, &asked, why));
    struct vls_status status = vls_evidence_save(cli, path, write_parcel, &asked, why);
    vls_evidence_asked_fini(&asked);
    return status;
}
