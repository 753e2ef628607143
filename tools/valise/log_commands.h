#ifndef VALISE_CLI_LOG_COMMANDS_H
#define VALISE_CLI_LOG_COMMANDS_H
/*
 * cli/log_commands - what the files of `valise log` share.
 *
 * Process: valise(1).
 */
#include "client.h"

VLS_STATUS vls_log_question(struct cli *cli, Valise__OperatorLog *ask, struct client_answer *out,
                            struct vls_why *why);

/** All own logs, one at a time. */
typedef struct vls_status (*log_state_fn)(void *ctx, const Valise__LogState *log,
                                          struct vls_why *why);
VLS_STATUS vls_log_each_state(struct cli *cli, log_state_fn fn, void *ctx, struct vls_why *why);

/** valise log state, valise log keys: log_state.c */
struct vls_status vls_log_state(struct cli *cli, const struct cli_args *args, struct vls_why *why);
struct vls_status vls_log_keys(struct cli *cli, const struct cli_args *args, struct vls_why *why);
/** valise log fsck: log_fsck.c */
struct vls_status vls_log_fsck(struct cli *cli, const struct cli_args *args, struct vls_why *why);

#endif
