/* valise arrangement sign: a party's approver signs the exact bytes of a version, offline. */
#include <string.h>
#include <unistd.h>

#include "approval/signature.h"
#include "arrangement_commands.h"
#include "arrangement_life.h"
#include "base/file.h"
#include "base/text.h"
#include "show.h"

#define MODE 0644 /* a signature is no secret */

static const char *path_for(const struct cli_version *version, const char *party,
                            struct vls_why *why)
{
    for (size_t i = 0; i < version->party_count; i++)
        if (strcmp(version->signatures[i].party, party) == 0)
            return version->signatures[i].path;
    VLS_IGNORE(
        vls_cli_usage(why, "--party", "'%.60s' is no party of %.100s", party, version->books.path),
        "the caller fails with it");
    return NULL;
}

static VLS_STATUS confirm(struct cli *cli, const struct cli_args *args, const char *party,
                          const struct cli_version *version, struct vls_why *why)
{
    const struct vls_arrangement *a = version->books.joint;
    char hex[2 * VLS_DIGEST_BYTES + 1];
    vls_hex(vls_digest_slice(vls_arrangement_digest(a)), hex);
    fprintf(cli->err, "%s approves %s version %u\n  file     %s\n  SHA-256  %s\n", party,
            vls_arrangement_name(a), vls_arrangement_version(a), version->books.path, hex);
    if (vls_cli_has(args, "yes"))
        return VLS_DONE;
    if (isatty(STDIN_FILENO) != 1)
        return vls_cli_usage(why, "--yes", "is needed where nobody can be asked at a terminal");
    return vls_cli_agree_to_sign(cli, why);
}

/* The gateways would not take it. */
static VLS_STATUS check_time(struct cli *cli, const struct cli_version *version,
                             struct vls_why *why)
{
    char by[VLS_TIME_TEXT];
    uint64_t by_ms = vls_arrangement_approve_by(version->books.joint);
    if (by_ms == 0 || vls_wall_ms(cli->env) <= by_ms)
        return VLS_DONE;
    vls_time_text(by_ms, by);
    return vls_fail(VLS_APPROVAL_EXPIRED, why,
                    "%.120s: was to be signed until %s (approve-by); it has lapsed, its proposer "
                    "writes another file of that number",
                    version->books.path, by);
}

static VLS_STATUS sign(struct cli *cli, const struct cli_args *args, const char *party,
                       const struct cli_version *version, struct vls_why *why)
{
    struct vls_signer *signer VLS_DEFER(vls_signer_free) = NULL;
    struct vls_buf der VLS_DEFER(vls_buf_fini);
    struct vls_signer_options options = {.certificate = vls_cli_value(args, "certificate"),
                                         .passphrase_file = vls_cli_value(args, "passphrase-file")};
    vls_buf_init(&der, VLS_MAX_SIGNATURE);
    VLS_TRY(vls_cli_need(args, "key", &options.key, why));
    const char *path = path_for(version, party, why);
    if (path == NULL)
        return (struct vls_status){VLS_CLI_USAGE};
    VLS_TRY(check_time(cli, version, why));
    VLS_TRY(vls_signer_open(&options, &signer, why));
    VLS_TRY(confirm(cli, args, party, version, why));
    VLS_TRY(vls_signature_make(signer, vls_buf_slice(&version->books.bytes), &der, why));
    VLS_TRY(vls_file_write(path, vls_buf_slice(&der), MODE, why));
    fprintf(cli->out, "%s\n", path);
    return VLS_DONE;
}

struct vls_status vls_arrangement_cmd_sign(struct cli *cli, const struct cli_args *args,
                                           struct vls_why *why)
{
    const char *party = NULL;
    struct cli_version version VLS_DEFER(vls_cli_version_fini) = {.party_count = 0};
    VLS_TRY(vls_cli_need(args, "party", &party, why));
    VLS_TRY(vls_cli_version_load(cli, args, args->operands[1], &version, why));
    return sign(cli, args, party, &version, why);
}
