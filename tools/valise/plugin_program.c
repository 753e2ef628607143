/*
 * cli/plugin_program - valise plugin, of the program that operators call: valise-plugin does it.
 *
 * The kit runs plugins with all that a gateway runs them with, the web among it, and so stands on
 * fifty shared libraries. No other command needs half of them, and loading them is most of what a
 * command costs that only asks the gateway something: docs/decisions/0052.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "plugin_program.h"

static char *const *arguments;

void vls_plugin_program_arguments(char *const *argv)
{
    arguments = argv;
}

struct vls_status vls_cmd_plugin(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    static const char *const PLACES[] = {"valise-plugin", "../libexec/valise/valise-plugin"};
    char path[VLS_MAX_PATH + 64];
    (void)cli;
    (void)args;
    ssize_t len = readlink("/proc/self/exe", path, VLS_MAX_PATH);
    if (len <= 0 || len >= VLS_MAX_PATH)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "/proc/self/exe");
    path[len] = '\0';
    char *end = strrchr(path, '/') + 1;
    for (size_t i = 0; i < sizeof PLACES / sizeof PLACES[0]; i++) {
        snprintf(end, sizeof path - (size_t)(end - path), "%s", PLACES[i]);
        execv(path, arguments);
    }
    int failure = errno;
    *end = '\0';
    return vls_fail_errno(VLS_SYSTEM_MISSING, why, failure,
                          "%svalise-plugin, or %s%s, which has the kit: install the package whole",
                          path, path, PLACES[1]);
}
