/* Compiled alone, as C11 and as C17: the header needs nothing before it, and bears being included
 * twice. */
#include <valise/plugin.h>

static int start(const struct vls_host *host, void *state, char *why, size_t why_room)
{
    (void)state;
    (void)why;
    (void)why_room;
    host->log(host->ctx, VLS_LEVEL_INFO, "started");
    return 0;
}

static void stop(void *state)
{
    (void)state;
}

static const struct vls_plugin SMALLEST = {
    VLS_PLUGIN_HEAD, .id = "smallest", .version = "1", .summary = "Does nothing.",
    .start = start,  .stop = stop,
};

VLS_PLUGIN_EXPORT(SMALLEST)
