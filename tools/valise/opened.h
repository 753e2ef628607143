#ifndef VALISE_CLI_OPENED_H
#define VALISE_CLI_OPENED_H
/*
 * cli/opened - the documents of a message, written to a directory: what valise open and valise
 * archive share. In cmd_open.c.
 *
 * Process: valise(1).
 */
#include "cli.h"
#include "label/scheme.h"

/** Ask for the documents and make the directory `path`, whole or not at all: labels.xml and
 * documents/. The gateway enters the opening with `note`, which may be NULL, before it hands them
 * out. @param is_told  print what was written */
VLS_STATUS vls_open_into(struct cli *cli, struct vls_slice id, const char *note, const char *path,
                         const struct vls_scheme_set *schemes, bool is_told, struct vls_why *why);

#endif
