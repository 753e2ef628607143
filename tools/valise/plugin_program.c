/*
 * cli/plugin_program - valise plugin, of the program that operators call: valise-plugin does it.
 *
 * The kit runs plugins with all that a gateway runs them with, the web among it, and so stands on
 * fifty shared libraries. No other command needs half of them, and loading them is most of what a
 * command costs that only asks the gateway something: docs/decisions/0052.
 */
#include <errno.h>
#include <unistd.h>

#include "base/program.h"
#include "plugin_program.h"

static char *const *arguments;

void vls_plugin_program_arguments(char *const *argv)
{
    arguments = argv;
}

struct vls_status vls_cmd_plugin(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    struct vls_program_places places;
    (void)cli;
    (void)args;
    VLS_TRY(vls_program_places("valise-plugin", &places, why));
    for (size_t i = 0; i < VLS_PROGRAM_PLACES; i++)
        execv(places.at[i], arguments);
    return vls_fail_errno(VLS_SYSTEM_MISSING, why, errno,
                          "%s, or %s, which has the kit: install the package whole", places.at[0],
                          places.at[1]);
}
