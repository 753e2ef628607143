#ifndef VALISE_CLI_LABEL_BIND_H
#define VALISE_CLI_LABEL_BIND_H
/*
 * cli/label_bind - labels bound to files with a signature, and such bindings checked.
 *
 * Process: valise(1).
 */
#include "cli.h"

/** valise label bind FILE... @return CLI_USAGE, also for an output that is there, and as
 * label/binding.h */
struct vls_status vls_label_bind(struct cli *cli, const struct cli_args *args, struct vls_why *why);

/** valise label verify BINDING... [FILE...] @return CLI_USAGE, LABEL_BINDING, LABEL_DISAGREES,
 * LABEL_SCHEME, LABEL_VALUE */
struct vls_status vls_label_verify(struct cli *cli, const struct cli_args *args,
                                   struct vls_why *why);

#endif
