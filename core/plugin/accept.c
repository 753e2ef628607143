#include "plugin/accept.h"

#include <dlfcn.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "plugin/describe.h"

#define ENTRY_SYMBOL "vls_plugin_entry"
#define ROLES_SERVED                                                                               \
    (VLS_PLUGIN_SOURCE | VLS_PLUGIN_SINK | VLS_PLUGIN_RESOLVER | VLS_PLUGIN_INSPECTOR)

static const struct capability {
    const char *name;
    uint64_t bit;
} CAPABILITIES[] = {
    {"files", VLS_CAP_FILES},     {"state", VLS_CAP_STATE},     {"net", VLS_CAP_NET},
    {"send", VLS_CAP_SEND},       {"receive", VLS_CAP_RECEIVE}, {"resolve", VLS_CAP_RESOLVE},
    {"inspect", VLS_CAP_INSPECT},
};
#define CAPABILITY_COUNT (sizeof CAPABILITIES / sizeof CAPABILITIES[0])

static const char *capability_name(uint64_t bits)
{
    for (size_t i = 0; i < CAPABILITY_COUNT; i++)
        if (bits & CAPABILITIES[i].bit)
            return CAPABILITIES[i].name;
    return "one that this release does not know";
}

static struct vls_status grant(const struct vls_config_plugin *config, const char *name,
                               uint64_t *granted, struct vls_why *why)
{
    for (size_t i = 0; i < CAPABILITY_COUNT; i++) {
        if (strcmp(CAPABILITIES[i].name, name) != 0)
            continue;
        *granted |= CAPABILITIES[i].bit;
        return VLS_DONE;
    }
    return vls_fail(VLS_PLUGIN_CAPABILITY, why,
                    "plugin %s: '%s' is no capability; there are files, state, net, send, receive, "
                    "resolve and inspect",
                    config->name, name);
}

struct vls_status vls_plugin_grants(const struct vls_config_plugin *config, uint64_t *out_granted,
                                    struct vls_why *why)
{
    uint64_t granted = 0;
    for (unsigned i = 0; i < config->grants_count; i++)
        VLS_TRY(grant(config, config->grants[i], &granted, why));
    if ((granted & VLS_CAP_FILES) && config->paths_count == 0)
        return vls_fail(VLS_PLUGIN_CAPABILITY, why,
                        "plugin %s: 'files' is granted without a directory; list some in paths",
                        config->name);
    *out_granted = granted;
    return VLS_DONE;
}

static struct vls_status check_texts(const struct vls_plugin *p, struct vls_why *why)
{
    if (p->id == NULL || !vls_text_is_name(p->id, VLS_MAX_NAME))
        return vls_fail(VLS_PLUGIN_INVALID, why, "the plugin's id is missing or not a name");
    if (p->version == NULL || p->summary == NULL)
        return vls_fail(VLS_PLUGIN_INVALID, why, "plugin %s has no version or no summary", p->id);
    return VLS_DONE;
}

static struct vls_status check_calls(const struct vls_plugin *p, struct vls_why *why)
{
    if (p->start == NULL || p->stop == NULL)
        return vls_fail(VLS_PLUGIN_INVALID, why, "plugin %s has no start() or no stop()", p->id);
    if ((p->roles & VLS_PLUGIN_SOURCE) && (p->poll == NULL || p->committed == NULL))
        return vls_fail(VLS_PLUGIN_INVALID, why,
                        "plugin %s is a source without poll() or committed()", p->id);
    if ((p->roles & VLS_PLUGIN_SINK) &&
        (p->deliver_begin == NULL || p->part_begin == NULL || p->part_bytes == NULL ||
         p->part_end == NULL || p->deliver_end == NULL || p->deliver_abort == NULL))
        return vls_fail(VLS_PLUGIN_INVALID, why,
                        "plugin %s is a sink and lacks one of the six calls of a delivery", p->id);
    if ((p->roles & VLS_PLUGIN_RESOLVER) && p->resolve == NULL)
        return vls_fail(VLS_PLUGIN_INVALID, why, "plugin %s is a resolver without resolve()",
                        p->id);
    if ((p->roles & VLS_PLUGIN_INSPECTOR) &&
        (p->inspect_begin == NULL || p->inspect_part_begin == NULL ||
         p->inspect_part_bytes == NULL || p->inspect_part_end == NULL || p->inspect_end == NULL ||
         p->inspect_abort == NULL))
        return vls_fail(VLS_PLUGIN_INVALID, why,
                        "plugin %s is an inspector and lacks one of the six calls of an inspection",
                        p->id);
    return VLS_DONE;
}

static struct vls_status check_roles(const struct vls_plugin *p, struct vls_why *why)
{
    if (p->reserved != 0)
        return vls_fail(VLS_PLUGIN_INVALID, why, "plugin %s: its reserved field is %u, not 0",
                        p->id, p->reserved);
    if (p->roles == 0)
        return vls_fail(VLS_PLUGIN_INVALID, why, "plugin %s has no role", p->id);
    if (p->roles & ~ROLES_SERVED)
        return vls_fail(VLS_PLUGIN_INVALID, why,
                        "plugin %s has roles %#x; this release serves source, sink, "
                        "resolver and inspector",
                        p->id, p->roles);
    return VLS_DONE;
}

struct vls_status vls_plugin_accept(const struct vls_plugin *theirs, uint64_t granted,
                                    struct vls_plugin *out, struct vls_why *why)
{
    struct vls_plugin mine = {0};
    if (theirs->abi >> 16 != VLS_ABI_MAJOR || theirs->size < VLS_PLUGIN_SIZE_1_0)
        return vls_fail(VLS_PLUGIN_ABI, why,
                        "the plugin has abi %u.%u and size %u; this host speaks %u.%u, size %zu",
                        theirs->abi >> 16, theirs->abi & 0xffffu, theirs->size, VLS_ABI_MAJOR,
                        VLS_ABI_MINOR, (size_t)VLS_PLUGIN_SIZE_1_0);
    vls_copy(&mine, theirs, theirs->size < sizeof mine ? theirs->size : sizeof mine);
    VLS_TRY(check_texts(&mine, why));
    VLS_TRY(check_roles(&mine, why));
    VLS_TRY(check_calls(&mine, why));
    uint64_t missing = mine.caps_need & ~granted;
    if (missing != 0)
        return vls_fail(VLS_PLUGIN_CAPABILITY, why,
                        "plugin %s needs '%s', which is not granted: see grants of the plugin",
                        mine.id, capability_name(missing));
    *out = mine;
    return VLS_DONE;
}

struct vls_status vls_plugin_limit_roles(struct vls_plugin *plugin, uint64_t granted,
                                         struct vls_why *why)
{
    if ((granted & VLS_CAP_SEND) == 0)
        plugin->roles &= ~VLS_PLUGIN_SOURCE;
    if ((granted & VLS_CAP_RECEIVE) == 0)
        plugin->roles &= ~VLS_PLUGIN_SINK;
    if ((granted & VLS_CAP_RESOLVE) == 0)
        plugin->roles &= ~VLS_PLUGIN_RESOLVER;
    if ((granted & VLS_CAP_INSPECT) == 0)
        plugin->roles &= ~VLS_PLUGIN_INSPECTOR;
    if (plugin->roles == 0)
        return vls_fail(VLS_PLUGIN_CAPABILITY, why,
                        "plugin %s may do nothing of what it is made for: see grants of the plugin",
                        plugin->id);
    return VLS_DONE;
}

struct vls_status vls_plugin_load(const char *path, const struct vls_plugin **out,
                                  struct vls_why *why)
{
    VLS_TRY(vls_plugin_check_object(path, why));
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (object == NULL)
        return vls_fail(VLS_PLUGIN_INVALID, why, "plugin object %s cannot be loaded: %s", path,
                        dlerror());
    const struct vls_plugin *(*entry)(void) = NULL;
    void *symbol = dlsym(object, ENTRY_SYMBOL);
    if (symbol == NULL)
        return vls_fail(VLS_PLUGIN_INVALID, why,
                        "plugin object %s exports no %s(): it is not a plugin; see "
                        "VLS_PLUGIN_EXPORT in valise-plugin(3)",
                        path, ENTRY_SYMBOL);
    vls_copy(&entry, &symbol, sizeof entry); /* ISO C has no cast from void * to a function */
    const struct vls_plugin *descriptor = entry();
    if (descriptor == NULL)
        return vls_fail(VLS_PLUGIN_INVALID, why, "plugin object %s: its %s() gives no descriptor",
                        path, ENTRY_SYMBOL);
    *out = descriptor;
    return VLS_DONE;
}
