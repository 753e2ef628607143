#ifndef VALISE_CLI_ABOUT_H
#define VALISE_CLI_ABOUT_H
/*
 * cli/about - what documents are, as the options of valise send say it.
 *
 * Process:   valise(1).
 * Ownership: what is read borrows the arguments; release with vls_cli_abouts_end().
 */
#include <schemas/ipc.pb-c.h>

#include "cli.h"
#include "plugin/fingerprint.h"

struct cli_about {
    Valise__About *at[VLS_MAX_PARTS + 1]; /* the whole, and single documents */
    size_t count;
    Valise__Fingerprint prints[VLS_MAX_PARTS], *print_list[VLS_MAX_PARTS];
    uint8_t minhashes[VLS_MAX_PARTS][VLS_MINHASH_BYTES];
    size_t print_count;
};

/** --issuer, --symbol, --language, --title, --published, --relates; with NAME= in front of language
 * and title for the document NAME. What is wrong is said with the option.
 *  @return CLI_USAGE */
VLS_STATUS vls_cli_abouts(const struct cli_args *args, Valise__Part *const *parts,
                          size_t part_count, struct cli_about *out, struct vls_why *why);
/** The fingerprints of those that are text, into `out`, beside what is there. */
void vls_cli_fingerprints(Valise__Part *const *parts, const int *fds, size_t part_count,
                          struct cli_about *out);
void vls_cli_abouts_end(struct cli_about *about);

/** "name: value" lines for people, of what is stated. */
void vls_about_print(struct cli *cli, const Valise__About *about);

#endif
