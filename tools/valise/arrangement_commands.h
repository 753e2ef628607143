#ifndef VALISE_CLI_ARRANGEMENT_COMMANDS_H
#define VALISE_CLI_ARRANGEMENT_COMMANDS_H
/*
 * cli/arrangement_commands - sub-commands of valise arrangement.
 *
 * Process: valise(1).
 */
#include "cli.h"

/** valise arrangement check FILE */
VLS_STATUS vls_arrangement_cmd_check(struct cli *cli, const struct cli_args *args,
                                     struct vls_why *why);
/** valise arrangement show FILE */
VLS_STATUS vls_arrangement_cmd_show(struct cli *cli, const struct cli_args *args,
                                    struct vls_why *why);
/** valise arrangement test FILE CASES... */
VLS_STATUS vls_arrangement_cmd_test(struct cli *cli, const struct cli_args *args,
                                    struct vls_why *why);
/** valise arrangement diff OLD NEW */
VLS_STATUS vls_arrangement_cmd_diff(struct cli *cli, const struct cli_args *args,
                                    struct vls_why *why);
/** valise arrangement replay FILE */
VLS_STATUS vls_arrangement_cmd_replay(struct cli *cli, const struct cli_args *args,
                                      struct vls_why *why);
/** valise arrangement sign FILE */
VLS_STATUS vls_arrangement_cmd_sign(struct cli *cli, const struct cli_args *args,
                                    struct vls_why *why);
/** valise arrangement propose FILE */
VLS_STATUS vls_arrangement_cmd_propose(struct cli *cli, const struct cli_args *args,
                                       struct vls_why *why);
/** valise arrangement approve FILE */
VLS_STATUS vls_arrangement_cmd_approve(struct cli *cli, const struct cli_args *args,
                                       struct vls_why *why);
/** valise arrangement accept FILE */
VLS_STATUS vls_arrangement_cmd_accept(struct cli *cli, const struct cli_args *args,
                                      struct vls_why *why);
/** valise arrangement status */
VLS_STATUS vls_arrangement_cmd_status(struct cli *cli, const struct cli_args *args,
                                      struct vls_why *why);

#endif
