/* valise arrangement: what the authors of an arrangement do with it before it is signed, on files
 * alone. */
#include "arrangement_commands.h"
#include "sub.h"

static const struct cli_sub SUBS[] = {
    {"check", "scheme house at", 1, 1, "FILE", vls_arrangement_cmd_check},
    {"show", "scheme house", 1, 1, "FILE", vls_arrangement_cmd_show},
    {"diff", "scheme house-a house-b at", 2, 2, "OLD NEW", vls_arrangement_cmd_diff},
    {"replay", "scheme house at", 1, CLI_MAX_OPERANDS, "FILE [PARCEL, RECORD or DIRECTORY...]",
     vls_arrangement_cmd_replay},
    {"test", "scheme house", 2, CLI_MAX_OPERANDS, "FILE CASES...", vls_arrangement_cmd_test},
};

struct vls_status vls_cmd_arrangement(struct cli *cli, const struct cli_args *args,
                                      struct vls_why *why)
{
    return vls_cli_sub(cli, args, SUBS, sizeof SUBS / sizeof SUBS[0], why);
}
