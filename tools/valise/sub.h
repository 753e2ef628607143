#ifndef VALISE_CLI_SUB_H
#define VALISE_CLI_SUB_H
/*
 * cli/sub - commands that have sub-commands: which word, how many arguments, which options.
 *
 * Process: valise(1).
 */
#include "cli.h"

struct cli_sub {
    const char *name;
    const char *options;               /* names between blanks, "scheme language"; "" for none */
    size_t operands_min, operands_max; /* behind the sub-command's name */
    const char *operands;              /* "LABEL...", for the message when they are missing */
    /** operands[0] is the sub-command's name. */
    struct vls_status (*run)(struct cli *cli, const struct cli_args *args, struct vls_why *why);
};

/** Run the sub-command that the first argument names. @return CLI_USAGE for one that is not in the
 * table, for an option that it does not take, and for too few or too many arguments */
VLS_STATUS vls_cli_sub(struct cli *cli, const struct cli_args *args, const struct cli_sub *table,
                       size_t count, struct vls_why *why);

#endif
