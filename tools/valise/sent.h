#ifndef VALISE_CLI_SENT_H
#define VALISE_CLI_SENT_H
/*
 * cli/sent - what became of a message that a command handed to the gateway.
 *
 * Process: valise(1).
 */
#include <schemas/ipc.pb-c.h>

#include "cli.h"

/** Say its id, state and reason, and set the exit status that valise-send(1) names for the state.
 *  @return WIRE_MALFORMED when `sent` is NULL; whatever the gateway refused it with */
VLS_STATUS vls_sent_print(struct cli *cli, const Valise__SubmissionResult *sent,
                          struct vls_why *why);

#endif
