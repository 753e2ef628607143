#include "daemon/host.h"

#include "base/file.h"
#include "plugin/host.h"

/*~ The sandbox closes before the plugin is loaded: loading alone runs foreign code.
 *~ What comes from the router goes to plugin/host.c, which calls the plugin.
 *~ A plugin that crashes takes only this process with it. */

static void on_failed(void *ctx, struct vls_status status, const struct vls_why *why)
{
    vls_role_die(ctx, status, why);
}

static void on_drained(void *ctx)
{
    vls_role_finish(ctx);
}

static struct vls_status init(struct vls_role *role, struct vls_why *why)
{
    struct vls_plugin_host *host;
    if (role->instance >= role->config->plugins_count)
        return vls_fail(VLS_SYSTEM_BUG, why, "there is no plugin number %u", role->instance);
    struct vls_plugin_host_options options = {
        .config = &role->config->plugins[role->instance],
        .base = role->base,
        .env = role->env,
        .accepts = vls_role_accepts(VLS_ROLE_ROUTER, VLS_ROLE_HOST),
        .ctx = role,
        .on_failed = on_failed,
        .on_drained = on_drained,
    };
    VLS_TRY(vls_plugin_host_open(&options, &host, why));
    role->state = host;
    return VLS_DONE;
}

static struct vls_status attach(struct vls_role *role, enum vls_role_kind peer, unsigned instance,
                                const char *name, int fd, struct vls_why *why)
{
    int owned VLS_DEFER(vls_fd_close) = fd;
    (void)instance;
    (void)name;
    if (peer != VLS_ROLE_ROUTER)
        return vls_fail(VLS_WIRE_REFUSED, why, "a host talks to the router, not to role %s",
                        vls_role_name(peer));
    return vls_plugin_host_attach(role->state, vls_fd_move(&owned), why);
}

static void stop(struct vls_role *role)
{
    vls_plugin_host_drain(role->state);
}

static void fini(struct vls_role *role)
{
    struct vls_plugin_host *host = role->state;
    vls_plugin_host_free(&host);
    role->state = NULL;
}

const struct vls_role_ops *vls_host_ops(void)
{
    static const struct vls_role_ops OPS = {
        .init = init,
        .attach = attach,
        .stop = stop,
        .fini = fini,
    };
    return &OPS;
}
