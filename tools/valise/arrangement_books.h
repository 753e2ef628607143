#ifndef VALISE_CLI_ARRANGEMENT_BOOKS_H
#define VALISE_CLI_ARRANGEMENT_BOOKS_H
/*
 * cli/arrangement_books - the arrangement and the house rules that a command line names, with the
 * exact bytes that they were read from.
 *
 * Process:   valise(1).
 * Ownership: books own the arrangements and the bytes, and borrow paths and schemes:
 *            vls_cli_books_fini().
 * Start at:  vls_cli_schemes() of labels.h, then vls_cli_books_load().
 */
#include "cli.h"
#include "policy/arrangement.h"

struct cli_books {
    const char *path, *house_path; /* as given; house_path NULL without --house */
    struct vls_buf bytes, house_bytes;
    struct vls_arrangement *joint, *house; /* house NULL without --house */
};

/** Read the arrangement at `path`, and the house rules of --house FILE with it. Words name file,
 * line and column. @return POLICY_INVALID, SYSTEM_MISSING, SYSTEM_IO; then there is nothing to
 * release */
VLS_STATUS vls_cli_books_load(const char *path, const struct cli_args *args,
                              const struct vls_scheme_set *schemes, struct cli_books *out,
                              struct vls_why *why);
void vls_cli_books_fini(struct cli_books *books);

/** The time of --at, or now. @return CLI_USAGE */
VLS_STATUS vls_cli_books_time(struct cli *cli, const struct cli_args *args, uint64_t *out_ms,
                              struct vls_why *why);

#endif
