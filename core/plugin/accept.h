#ifndef VALISE_PLUGIN_ACCEPT_H
#define VALISE_PLUGIN_ACCEPT_H
/*
 * plugin/accept - load a plugin's object and take over its descriptor, whatever release it was
 * built for.
 *
 * Process:   host.
 * Ownership: a loaded object stays until the process ends: code of a plugin is never unloaded.
 * Start at:  vls_plugin_load().
 */
#include <valise/plugin.h>

#include "base/status.h"
#include "config/config.h"

/**
 * Copy a descriptor, field by field as far as it goes: an older one reads as zero behind its end, a
 * newer one loses its tail.
 *
 * @param granted  what the operator granted, VLS_CAP_... bits.
 * @return PLUGIN_ABI         another major version, or shorter than the first layout
 *         PLUGIN_INVALID     a field has a value that it must not have; `why` names it
 *         PLUGIN_CAPABILITY  it needs what is not granted; `why` names it
 */
VLS_STATUS vls_plugin_accept(const struct vls_plugin *theirs, uint64_t granted,
                             struct vls_plugin *out, struct vls_why *why);

/** Take away the roles that the operator did not grant: "send" makes a source, "receive" a sink,
 * "resolve" a resolver, "inspect" an inspector. The router holds to the same grants.
 *  @return PLUGIN_CAPABILITY when none is left */
VLS_STATUS vls_plugin_limit_roles(struct vls_plugin *plugin, uint64_t granted, struct vls_why *why);

/** The bits for the names of the configuration. @return PLUGIN_CAPABILITY for a name that is none,
 * and for "files" without a path */
VLS_STATUS vls_plugin_grants(const struct vls_config_plugin *config, uint64_t *out_granted,
                             struct vls_why *why);

/** Load the object at `path` and give its descriptor as it stands there.
 *  @return SYSTEM_MISSING, SYSTEM_ACCESS when others may write to it, PLUGIN_INVALID when it is no
 * plugin */
VLS_STATUS vls_plugin_load(const char *path, const struct vls_plugin **out, struct vls_why *why);

#endif
