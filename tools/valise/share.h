#ifndef VALISE_CLI_SHARE_H
#define VALISE_CLI_SHARE_H
/*
 * cli/share - what is installed with the program: schemes and arrangements.
 *
 * Process: valise(1).
 */
#include "cli.h"

/** The directory that holds "spif" and "arrangements": `given`, or when that is NULL the one beside
 * the installed program or in the source tree that it was built in. @return CLI_USAGE */
VLS_STATUS vls_cli_share(const char *given, char out[VLS_MAX_PATH], struct vls_why *why);

/** Names in `dir` that end with `end`, sorted; at most `room`. Each is released with
 * vls_mem_free(). @return SYSTEM_MISSING */
VLS_STATUS vls_cli_list_files(const char *dir, const char *end, char **out, size_t room,
                              size_t *out_count, struct vls_why *why);

#endif
