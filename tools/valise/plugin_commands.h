#ifndef VALISE_CLI_PLUGIN_COMMANDS_H
#define VALISE_CLI_PLUGIN_COMMANDS_H
/*
 * cli/plugin_commands - the sub-commands of valise plugin, and what they share.
 *
 * Process: valise(1).
 */
#include <jansson.h>

#include "cli.h"
#include "kit/kit.h"
#include "kit/sample.h"

/** What works on a plugin in the kit. */
typedef struct vls_status (*vls_plugin_in_kit_fn)(struct cli *cli, const struct cli_args *args,
                                                  struct kit *kit, struct vls_why *why);
/** Open the kit on X.so from operands[1], with --seed, --set, --scheme, --resolve, --language and
 * --veto, let `fn` work and close it. @return CLI_USAGE, SYSTEM_MISSING, and what `fn` returns */
VLS_STATUS vls_plugin_in_kit(struct cli *cli, const struct cli_args *args, vls_plugin_in_kit_fn fn,
                             struct vls_why *why);

/** "source, sink", ", " between the names of bits that are set. */
void vls_plugin_roles_text(uint32_t roles, char *out, size_t room);
void vls_plugin_caps_text(uint64_t caps, char *out, size_t room);
json_t *vls_plugin_roles_json(uint32_t roles);
json_t *vls_plugin_caps_json(uint64_t caps);

/** SHA-256 of the object in hexadecimal digits; room for 2 * VLS_DIGEST_BYTES + 1. */
VLS_STATUS vls_plugin_digest(const char *file, char *out, struct vls_why *why);

/** Ask a resolver that serves for each --resolve, and print what it finds. */
VLS_STATUS vls_plugin_resolve(struct cli *cli, const struct kit *kit, struct kit_run *run,
                              struct vls_why *why);

struct vls_status vls_plugin_cmd_new(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_plugin_cmd_check(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_plugin_cmd_run(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_plugin_cmd_describe(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_plugin_cmd_list(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_plugin_cmd_reload(struct cli *, const struct cli_args *, struct vls_why *);
struct vls_status vls_plugin_cmd_enable(struct cli *, const struct cli_args *, struct vls_why *);

#endif
