#ifndef VALISE_CLI_KEYS_COMMANDS_H
#define VALISE_CLI_KEYS_COMMANDS_H
/*
 * cli/keys_commands - the sub-commands of valise keys, which change key files beside a gateway that
 * runs; it takes them up when it is told to (SIGHUP).
 *
 * Process: valise(1), as the user who owns the keys.
 */
#include <openssl/types.h>
#include <sys/types.h>

#include "cli.h"
#include "config/config.h"

struct vls_status vls_keys_cmd_rotate(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_keys_cmd_retire(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_keys_cmd_install(struct cli *, const struct cli_args *, struct vls_why *);

/** "DIR/PARTY.txt" and the like; the path has room for VLS_MAX_PATH. @return INPUT_LIMIT */
VLS_STATUS vls_keys_path(char *out, struct vls_why *why, const char *fmt, ...) VLS_PRINTF(3, 4);
/** Copy a file; what is there is replaced. */
VLS_STATUS vls_keys_copy(const char *from, const char *to, mode_t mode, struct vls_why *why);
/** Overwrite with zeros and remove. */
VLS_STATUS vls_keys_destroy(const char *path, struct vls_why *why);
/** Say what was made, and that the gateway has to be told. */
VLS_STATUS vls_keys_tell(struct cli *cli, const char *what, const char *file, const char *next,
                         struct vls_why *why);

/** Of a TLS key: the new key and a request, beside those in use. */
VLS_STATUS vls_keys_rotate_tls(struct cli *cli, const struct vls_config *config,
                               struct vls_why *why);

#endif
