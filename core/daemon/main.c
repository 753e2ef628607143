/*
 * daemon/main - valised: the supervisor, or one role when it says so on the command line.
 *
 * Start reading at proc/supervisor.c for the first process, at proc/role.c for what each role does,
 * and at proc/roles.c for who may talk to whom.
 */
#include "daemon/control.h"
#include "daemon/crypto.h"
#include "daemon/edge.h"
#include "daemon/fetch.h"
#include "daemon/host.h"
#include "daemon/policy_files.h"
#include "daemon/reader.h"
#include "daemon/router.h"
#include "proc/command.h"

static const struct vls_role_ops *ops_of(enum vls_role_kind kind)
{
    switch (kind) {
    case VLS_ROLE_EDGE:
        return vls_edge_ops();
    case VLS_ROLE_ROUTER:
        return vls_router_ops();
    case VLS_ROLE_CRYPTO:
        return vls_crypto_ops();
    case VLS_ROLE_CONTROL:
        return vls_control_ops();
    case VLS_ROLE_FETCH:
        return vls_fetch_ops();
    case VLS_ROLE_READER:
        return vls_reader_ops();
    case VLS_ROLE_HOST:
        return vls_host_ops();
    case VLS_ROLE_SUPERVISOR:
    case VLS_ROLE_COUNT:
        break;
    }
    return NULL;
}

int main(int argc, char **argv)
{
    return vls_command_run(argc, argv, ops_of, vls_policy_files_check);
}
