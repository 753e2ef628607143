#ifndef VALISE_CLI_HELP_H
#define VALISE_CLI_HELP_H
/*
 * cli/help - what valise(1) says about itself: commands/NAME.md, put into the program by the build.
 *
 * Process: valise(1).
 */
#include "cli.h"

struct cli_doc {
    const char *name;         /* of the command; "global" for the options that all take */
    const char *const *lines; /* of the Markdown source, ended by NULL */
};

/** Made by docs.awk; the last one has no name. */
extern const struct cli_doc VLS_CLI_DOCS[];

/** NULL when there is none. */
const struct cli_doc *vls_help_doc(const char *name);

/** Show the help of a command, or the list of commands for NULL. @return CLI_USAGE */
VLS_STATUS vls_help_show(struct cli *cli, const char *command, struct vls_why *why);

#endif
