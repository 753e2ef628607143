#ifndef VALISE_CLI_SCHEME_COMMANDS_H
#define VALISE_CLI_SCHEME_COMMANDS_H
/*
 * cli/scheme_commands - sub-commands of valise scheme that have a file of their own.
 *
 * Process: valise(1).
 */
#include "cli.h"
#include "label/label.h"

/** valise scheme show SCHEME */
VLS_STATUS vls_scheme_cmd_show(struct cli *cli, const struct cli_args *args, struct vls_why *why);
/** valise scheme diff OLD NEW */
VLS_STATUS vls_scheme_cmd_diff(struct cli *cli, const struct cli_args *args, struct vls_why *why);

/** The smallest label that means something else under the new scheme, in words; "" when none was
 * found among the labels with at most one category, and pairs of them. `out` has `room` bytes. */
void vls_scheme_find_example(const struct vls_scheme *old, const struct vls_scheme *new_scheme,
                             char *out, size_t room);

#endif
