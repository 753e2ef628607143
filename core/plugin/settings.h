#ifndef VALISE_PLUGIN_SETTINGS_H
#define VALISE_PLUGIN_SETTINGS_H
/*
 * plugin/settings - hold what the operator configured against what the plugin declared.
 *
 * Process:   host. Secrets are read from their files here, which are below a path like any other.
 * Ownership: the values own their texts and borrow the plugin's table.
 */
#include <valise/plugin.h>

#include "base/bytes.h"
#include "config/config.h"

struct vls_plugin_value {
    const char *name; /* the plugin's */
    char *text;       /* owned; NULL: no value */
    int64_t number;
};

struct vls_plugin_settings {
    struct vls_plugin_value *values;
    size_t count;
};

/** @return PLUGIN_INVALID when the table is wrong, PLUGIN_SETTING when a value is; both name the
 * setting and the fix */
VLS_STATUS vls_plugin_settings_read(const struct vls_plugin *plugin,
                                    const struct vls_config_plugin *config,
                                    struct vls_plugin_settings *out, struct vls_why *why);

/** For a plugin that asks for no files: of the paths nothing stays but the files of its secrets, so
 * that the host can read these and the plugin gets no directory. */
void vls_plugin_settings_narrow(const struct vls_setting *table, struct vls_config_plugin *config);

/** Wipe and release. */
void vls_plugin_settings_fini(struct vls_plugin_settings *settings);

/** NULL when the plugin declared none of this name. */
const struct vls_plugin_value *vls_plugin_setting(const struct vls_plugin_settings *settings,
                                                  const char *name);

#endif
