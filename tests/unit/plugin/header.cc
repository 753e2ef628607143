// Compiled alone, as C++17: no designators, so the fields come in their order.
#include <valise/plugin.h>

static int start(const vls_host *host, void *, char *, size_t)
{
    host->log(host->ctx, VLS_LEVEL_INFO, "started");
    return 0;
}

static void stop(void *)
{
}

static const vls_plugin SMALLEST = {
    VLS_PLUGIN_HEAD,
    VLS_CAP_STATE,
    0,
    0,
    0,
    "smallest",
    "1",
    "Does nothing.",
    sizeof(vls_setting),
    nullptr,
    nullptr,
    start,
    nullptr,
    stop,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
};

VLS_PLUGIN_EXPORT(SMALLEST)
