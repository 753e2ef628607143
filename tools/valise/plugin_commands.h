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

/** A plugin as the command line names it, with what it is run with. Release with
 * vls_plugin_subject_fini(). */
struct plugin_subject {
    char file[VLS_MAX_PATH], seed[VLS_MAX_PATH];
    struct vls_scheme_set schemes;
    struct vls_config_setting settings[KIT_MAX_SETTINGS];
    char names[KIT_MAX_SETTINGS][VLS_MAX_NAME + 1];
    const char *symbols[KIT_MAX_SYMBOLS]; /* of the command line */
    struct kit_options options;
};

/** X.so from operands[1], --seed, --set, --scheme, --resolve, --language and --veto. @return
 * CLI_USAGE, SYSTEM_MISSING */
VLS_STATUS vls_plugin_subject(const struct cli_args *args, struct plugin_subject *out,
                              struct vls_why *why);
void vls_plugin_subject_fini(struct plugin_subject *subject);

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
