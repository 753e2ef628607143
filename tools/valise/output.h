#ifndef VALISE_CLI_OUTPUT_H
#define VALISE_CLI_OUTPUT_H
/*
 * cli/output - files and directories that commands make: looked at before anything is asked of the
 * gateway, whole or not there in the end, and a failure says what to do.
 *
 * Process:   valise(1).
 * Start at:  vls_cli_output_check(), then vls_cli_output_make().
 */
#include "cli.h"

/** Can a file or directory of this name be made? Asked first: the gateway records copies and
 * openings before it hands anything out, and they should not be of what nobody gets.
 *  @return CLI_USAGE it is there, or its directory is not; SYSTEM_ACCESS */
VLS_STATUS vls_cli_output_check(const char *path, struct vls_why *why);

/** The failure to make or write it: its name, the system's words, the fix. */
VLS_STATUS vls_cli_output_failed(const char *path, int errno_value, struct vls_why *why);

/** Write to an open file. */
typedef struct vls_status (*file_write_fn)(int fd, const void *ctx, struct vls_why *why);

/** Make the file, whole or not at all. What is there is not replaced. */
VLS_STATUS vls_cli_output_make(const char *path, file_write_fn write, const void *ctx,
                               struct vls_why *why);

/** A descriptor that the caller was started without would be that of the first file it opens:
 * results would be written into that. */
void vls_cli_output_guard(void);

/** Was all that was printed taken by whoever reads standard output? */
VLS_STATUS vls_cli_output_printed(struct cli *cli, struct vls_why *why);

#endif
