#ifndef VALISE_CLI_DISTRIBUTION_H
#define VALISE_CLI_DISTRIBUTION_H
/*
 * cli/distribution - what the sub-commands of valise distribution share.
 *
 * Process: valise(1).
 */
#include "client.h"
#include "table.h"

VLS_STATUS vls_distribution_ask(struct cli *cli, Valise__OperatorDistribution *what,
                                struct client_answer *out, struct vls_why *why);
/** The statement that the command line names. `id` must live as long as `out`. @return CLI_USAGE */
VLS_STATUS vls_distribution_id(const struct cli_args *args, uint8_t id[VLS_ID_BYTES],
                               Valise__OperatorDistribution *out, struct vls_why *why);

/** A table for receipts: fill it with vls_receipts_take(), which prints JSON lines instead where
 * they are asked for. */
void vls_receipts_table(struct table *table);
VLS_STATUS vls_receipts_take(struct cli *cli, const Valise__Distribution *d, struct table *table,
                             struct vls_why *why);

/** valise distribution record ID */
VLS_STATUS vls_distribution_cmd_record(struct cli *cli, const struct cli_args *args,
                                       struct vls_why *why);

#endif
