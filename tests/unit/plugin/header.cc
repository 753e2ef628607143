// Compiled alone, as C++17, which has no designators.
#include <valise/plugin.h>

static int start(const vls_host *host, void *, char *, size_t)
{
    host->log(host->ctx, VLS_LEVEL_INFO, "started");
    return 0;
}

static void stop(void *)
{
}

// Field by field: a newer header adds fields at the end, and this says nothing about them.
static constexpr vls_plugin describe()
{
    vls_plugin p{};
    p.size = sizeof p;
    p.abi = VLS_ABI;
    p.caps_need = VLS_CAP_STATE;
    p.id = "smallest";
    p.version = "1";
    p.summary = "Does nothing.";
    p.setting_bytes = sizeof(vls_setting);
    p.start = start;
    p.stop = stop;
    return p;
}

static constexpr vls_plugin SMALLEST = describe();

VLS_PLUGIN_EXPORT(SMALLEST)
