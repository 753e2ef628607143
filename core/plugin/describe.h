#ifndef VALISE_PLUGIN_DESCRIBE_H
#define VALISE_PLUGIN_DESCRIBE_H
/*
 * plugin/describe - a plugin's descriptor written down, so that it can be judged in another process
 * than the one that loaded it.
 *
 * Process:   vls_plugin_describe() in a throw-away process to which nothing is granted: loading
 *            alone runs foreign code. The others in whoever reads what it wrote.
 * Ownership: a description owns its texts.
 * Start at:  vls_plugin_describe(), vls_plugin_description_read().
 */
#include <schemas/ipc.pb-c.h>
#include <valise/plugin.h>

#include "base/bytes.h"

/** Load the object and append its descriptor, written down. It is read with care, never called.
 *  @return as vls_plugin_load(); PLUGIN_ABI, PLUGIN_INVALID */
VLS_STATUS vls_plugin_describe(const char *file, struct vls_buf *out, struct vls_why *why);

struct vls_plugin_description {
    Valise__PluginDescription *message;
    struct vls_setting *settings; /* as declared; ends with a row without name */
    struct vls_plugin plugin; /* the same, and a call that is there is not NULL: never call it */
};

/** @return PLUGIN_INVALID when the bytes are none */
VLS_STATUS vls_plugin_description_read(struct vls_slice bytes, struct vls_plugin_description *out,
                                       struct vls_why *why);
void vls_plugin_description_fini(struct vls_plugin_description *description);

/** Is it an object for this machine? Its header is read, nothing is loaded. @return PLUGIN_INVALID,
 * SYSTEM_MISSING, SYSTEM_ACCESS when others may write to it */
VLS_STATUS vls_plugin_check_object(const char *file, struct vls_why *why);

#endif
