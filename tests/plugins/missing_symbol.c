/* A plugin that was built against a library that is not there. */
#include <valise/plugin.h>

const struct vls_plugin *from_a_library_that_is_not_there(void);

const struct vls_plugin *vls_plugin_entry(void)
{
    return from_a_library_that_is_not_there();
}
