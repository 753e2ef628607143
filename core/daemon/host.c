#include "daemon/host.h"

#include "base/file.h"
#include "base/mem.h"
#include "plugin/host.h"

/*~ The schemes are read first, as their files are granted to no plugin: the labels inside of a
 *~ received message are held against them before the plugin sees any of it.
 *~ The sandbox closes before the plugin is loaded: loading alone runs foreign code.
 *~ What comes from the router goes to plugin/host.c, which calls the plugin. The channel to fetch
 *is ~ read by the plugin's own calls, in plugin/http.c. ~ A plugin that crashes takes only this
 *process with it. */

/** A router that died is back well within this; one that stopped listening to us is not. */
#define ROUTER_WAIT_MS 15000u

struct host_role {
    struct vls_plugin_host *host;
    struct vls_scheme_set schemes;
    struct event *router_wait;
};

static void on_failed(void *ctx, struct vls_status status, const struct vls_why *why)
{
    vls_role_die(ctx, status, why);
}

static void on_drained(void *ctx)
{
    vls_role_finish(ctx);
}

static void on_router_gone(void *ctx)
{
    const struct host_role *h = ((struct vls_role *)ctx)->state;
    static const struct timeval WAIT = {ROUTER_WAIT_MS / 1000, 0};
    evtimer_add(h->router_wait, &WAIT);
}

static void on_router_missing(evutil_socket_t fd, short what, void *ctx)
{
    struct vls_why why = {"the router does not talk to this plugin any more"};
    (void)fd;
    (void)what;
    vls_role_die(ctx, (struct vls_status){VLS_WIRE_GONE}, &why);
}

static struct vls_status prepare(struct vls_role *role, struct vls_why *why)
{
    const struct vls_config *config = role->config;
    struct host_role *h = vls_mem_new(sizeof *h);
    role->state = h;
    for (unsigned i = 0; i < config->schemes_count; i++)
        VLS_TRY(vls_scheme_set_load(&h->schemes, config->schemes[i], why));
    return VLS_DONE;
}

static struct vls_status init(struct vls_role *role, struct vls_why *why)
{
    struct host_role *h = role->state;
    h->router_wait = evtimer_new(role->base, on_router_missing, role);
    if (h->router_wait == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for the loop");
    if (role->instance >= role->config->plugins_count)
        return vls_fail(VLS_SYSTEM_BUG, why, "there is no plugin number %u", role->instance);
    struct vls_plugin_host_options options = {
        .config = &role->config->plugins[role->instance],
        .schemes = &h->schemes,
        .base = role->base,
        .env = role->env,
        .accepts = vls_role_accepts(VLS_ROLE_ROUTER, VLS_ROLE_HOST),
        .ctx = role,
        .on_failed = on_failed,
        .on_drained = on_drained,
        .on_router_gone = on_router_gone,
    };
    return vls_plugin_host_open(&options, &h->host, why);
}

static struct vls_status attach(struct vls_role *role, enum vls_role_kind peer, unsigned instance,
                                const char *name, int fd, struct vls_why *why)
{
    int owned VLS_DEFER(vls_fd_close) = fd;
    struct host_role *h = role->state;
    (void)instance;
    (void)name;
    if (peer == VLS_ROLE_FETCH) {
        vls_plugin_host_attach_fetch(h->host, vls_fd_move(&owned));
        return VLS_DONE;
    }
    if (peer != VLS_ROLE_ROUTER)
        return vls_fail(VLS_WIRE_REFUSED, why, "a host has no business with role %s",
                        vls_role_name(peer));
    evtimer_del(h->router_wait);
    return vls_plugin_host_attach(h->host, vls_fd_move(&owned), why);
}

static void stop(struct vls_role *role)
{
    vls_plugin_host_drain(((struct host_role *)role->state)->host);
}

static void fini(struct vls_role *role)
{
    struct host_role *h = role->state;
    if (h == NULL)
        return;
    vls_plugin_host_free(&h->host);
    vls_scheme_set_free(&h->schemes);
    if (h->router_wait != NULL)
        event_free(h->router_wait);
    vls_mem_free(h);
    role->state = NULL;
}

const struct vls_role_ops *vls_host_ops(void)
{
    static const struct vls_role_ops OPS = {
        .prepare = prepare,
        .init = init,
        .attach = attach,
        .stop = stop,
        .fini = fini,
    };
    return &OPS;
}
