#ifndef VALISE_CLI_LABEL_COMMANDS_H
#define VALISE_CLI_LABEL_COMMANDS_H
/*
 * cli/label_commands - sub-commands of valise label that have a file of their own.
 *
 * Process: valise(1).
 */
#include "cli.h"

/** The time of --at, or now. */
VLS_STATUS vls_label_time(struct cli *cli, const struct cli_args *args, uint64_t *out,
                          struct vls_why *why);

/** valise label compare A B */
VLS_STATUS vls_label_cmd_compare(struct cli *cli, const struct cli_args *args, struct vls_why *why);
/** valise label convert LABEL */
VLS_STATUS vls_label_cmd_convert(struct cli *cli, const struct cli_args *args, struct vls_why *why);
/** valise label map LABEL */
VLS_STATUS vls_label_cmd_map(struct cli *cli, const struct cli_args *args, struct vls_why *why);

#endif
