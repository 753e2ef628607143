#ifndef VALISE_CLI_PARTNER_ROTATE_H
#define VALISE_CLI_PARTNER_ROTATE_H
/*
 * cli/partner_rotate - valise partner rotate: a partner's new key, as it signed it.
 *
 * Process: valise(1), as the user who owns the configuration.
 */
#include "cli.h"

/** operands[0] is "rotate". A statement that is not signed with the key that is known, or that
 * speaks of another old key, changes nothing. @return LEDGER_SIGNATURE, INPUT_MALFORMED */
struct vls_status vls_partner_rotate(struct cli *cli, const struct cli_args *args,
                                     struct vls_why *why);

#endif
