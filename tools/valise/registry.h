#ifndef VALISE_CLI_REGISTRY_H
#define VALISE_CLI_REGISTRY_H
/*
 * cli/registry - the register of classified traffic, as the gateway shows it to this operator, and
 * the label of the whole: the join of what it shows.
 *
 * Process:   valise(1).
 * Ownership: a struct registry owns its rows until vls_registry_fini().
 * Start at:  vls_registry_collect().
 */
#include <jansson.h>
#include <schemas/ipc.pb-c.h>

#include "base/bytes.h"
#include "cli.h"

/** Labels of several schemes have no join: one a scheme then. */
#define REGISTRY_LABELS 1024

struct registry {
    json_t *rows;                  /* objects, oldest first: commands/registry.md */
    char label[REGISTRY_LABELS];   /* "SCHEME/LEVEL"; "" for none; several behind commas */
    char marking[REGISTRY_LABELS]; /* as a person reads it */
};

/** Ask for all pages of what `which` names. */
VLS_STATUS vls_registry_collect(struct cli *cli, Valise__OperatorRegistry *which,
                                struct registry *out, struct vls_why *why);
void vls_registry_fini(struct registry *registry);

/** Append the rows as CSV (RFC 4180, all fields quoted), with a line of titles. Each row names the
 * label of the whole: a part that is cut out is labelled, too. What a spreadsheet would take for a
 * formula is kept from it by an apostrophe. @return INPUT_LIMIT */
VLS_STATUS vls_registry_csv(const struct registry *registry, struct vls_buf *out,
                            struct vls_why *why);

#define REGISTRY_MAX_CSV ((size_t)1 << 30)

#endif
