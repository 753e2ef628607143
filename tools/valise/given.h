#ifndef VALISE_CLI_GIVEN_H
#define VALISE_CLI_GIVEN_H
/*
 * cli/given - values of options that several commands put into a message.
 *
 * Process: valise(1).
 */
#include "cli.h"

/** One clean line of at most `max` bytes; *out, which borrows, stays as it is without the option.
 * @return CLI_USAGE */
VLS_STATUS vls_given_text(const struct cli_args *args, const char *option, size_t max, char **out,
                          struct vls_why *why);
/** A time of --deadline that has not passed; NULL leaves *out_ms as it is. @return CLI_USAGE */
VLS_STATUS vls_given_deadline(const char *text, const struct cli *cli, uint64_t *out_ms,
                              struct vls_why *why);

#endif
