/* valise arrangement: what authors do with a version before it is signed, on files alone; and its
 * way through both gateways into force. */
#include "arrangement_commands.h"
#include "sub.h"

static const struct cli_sub SUBS[] = {
    {"check", "scheme house at", 1, 1, "FILE", vls_arrangement_cmd_check},
    {"show", "scheme house", 1, 1, "FILE", vls_arrangement_cmd_show},
    {"diff", "scheme house-a house-b at", 2, 2, "OLD NEW", vls_arrangement_cmd_diff},
    {"replay", "scheme house at", 1, CLI_MAX_OPERANDS, "FILE [PARCEL, RECORD or DIRECTORY...]",
     vls_arrangement_cmd_replay},
    {"sign", "scheme party key certificate passphrase-file yes", 1, 1, "FILE",
     vls_arrangement_cmd_sign},
    {"propose", "scheme label", 1, 1, "FILE", vls_arrangement_cmd_propose},
    {"approve", "scheme label in-reply-to", 1, 1, "FILE", vls_arrangement_cmd_approve},
    {"accept", "scheme", 1, 1, "FILE", vls_arrangement_cmd_accept},
    {"status", "output", 0, 0, "", vls_arrangement_cmd_status},
    {"test", "scheme house", 2, CLI_MAX_OPERANDS, "FILE CASES...", vls_arrangement_cmd_test},
};

struct vls_status vls_cmd_arrangement(struct cli *cli, const struct cli_args *args,
                                      struct vls_why *why)
{
    return vls_cli_sub(cli, args, SUBS, sizeof SUBS / sizeof SUBS[0], why);
}
