/*
 * daemon/host_main - valise-host: the role host alone, for the supervisor.
 *
 * A program of its own because a plugin that crashes is started again at once: without the
 * libraries that only the other roles need, the loader is done in a fraction of the time, and each
 * plugin's process is smaller.
 */
#include <stddef.h>

#include "daemon/host.h"
#include "proc/command.h"

static const struct vls_role_ops *ops_of(enum vls_role_kind kind)
{
    return kind == VLS_ROLE_HOST ? vls_host_ops() : NULL;
}

int main(int argc, char **argv)
{
    return vls_command_run(argc, argv, ops_of, NULL);
}
