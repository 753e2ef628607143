/* daemon/fetch - see fetch.h. */
#include "daemon/fetch.h"

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "fetch/fetch.h"
#include "proc/roles.h"

/*~ Credentials, client keys and issuers are read in init(), before the sandbox closes; no path of
 *~ theirs is in it. From there on the hosts of plugins ask, and core/fetch decides and answers:
 *begin ~ reading at fetch/ask.c. One line of the log a request, without its path, query and
 *content. */

#define DRAIN_CHECK_MS 20

struct fetch_role {
    struct vls_role *role;
    struct vls_fetch *fetch;
    struct event *drain;
    bool is_stopping;
    uint64_t log_second;
    unsigned log_lines, log_dropped;
};

/* A plugin in a loop does not fill the disk. */
static bool may_log(struct fetch_role *f)
{
    uint64_t second = vls_steady_ms(f->role->env) / 1000;
    if (second != f->log_second) {
        if (f->log_dropped > 0)
            vls_log(VLS_LOG_WARN, "fetch.log-dropped", VLS_FN("lines", f->log_dropped));
        f->log_second = second;
        f->log_lines = f->log_dropped = 0;
    }
    bool may = f->log_lines++ < VLS_PLUGIN_LOG_LINES;
    f->log_dropped += !may;
    return may;
}

static void on_request(void *ctx, const struct vls_fetch_record *record)
{
    struct vls_field fields[] = {VLS_F("plugin", record->plugin),
                                 VLS_F("method", record->method),
                                 VLS_F("host", record->host),
                                 VLS_FN("port", record->port),
                                 VLS_FN("status", record->http_status),
                                 VLS_FN("redirects", record->redirects),
                                 VLS_FN("in", record->bytes_in),
                                 VLS_FN("out", record->bytes_out),
                                 VLS_FN("ms", record->ms),
                                 VLS_FAILURE(record->status, record->why)};
    size_t count = sizeof fields / sizeof fields[0];
    bool is_good = vls_ok(record->status);
    if (!may_log(ctx))
        return;
    vls_log_fields(is_good ? VLS_LOG_INFO : VLS_LOG_WARN, "fetch.request", fields,
                   is_good ? count - 2 : count);
}

static void on_gone(void *ctx, const char *plugin, struct vls_status cause, const char *words)
{
    (void)ctx;
    vls_log(cause.code == VLS_WIRE_GONE ? VLS_LOG_DEBUG : VLS_LOG_ERROR, "fetch.host-gone",
            VLS_F("plugin", plugin), VLS_F("code", vls_status_name(cause)), VLS_F("why", words));
}

static struct vls_status init(struct vls_role *role, struct vls_why *why)
{
    struct fetch_role *f = vls_mem_new(sizeof *f);
    role->state = f;
    f->role = role;
    const struct vls_fetch_options options = {
        .base = role->base,
        .env = role->env,
        .config = role->config,
        .accepts = vls_role_accepts(VLS_ROLE_HOST, VLS_ROLE_FETCH),
        .ctx = f,
        .on_request = on_request,
        .on_gone = on_gone,
    };
    return vls_fetch_new(&options, &f->fetch, why);
}

static struct vls_status attach(struct vls_role *role, enum vls_role_kind peer, unsigned instance,
                                const char *name, int fd, struct vls_why *why)
{
    struct fetch_role *f = role->state;
    if (peer == VLS_ROLE_HOST)
        return vls_fetch_attach(f->fetch, instance, fd, why);
    vls_fd_close(&fd);
    return vls_fail(VLS_WIRE_REFUSED, why, "fetch has no business with %s", name);
}

/* Hosts stop before this role does: what is under way then is what a killed one left. */
static void on_drain(evutil_socket_t fd, short what, void *ctx)
{
    struct fetch_role *f = ctx;
    (void)fd;
    (void)what;
    if (vls_fetch_busy(f->fetch) == 0)
        vls_role_finish(f->role);
}

static void stop(struct vls_role *role)
{
    const struct timeval every = {.tv_usec = DRAIN_CHECK_MS * 1000};
    struct fetch_role *f = role->state;
    if (f->is_stopping)
        return;
    f->is_stopping = true;
    vls_fetch_stop(f->fetch);
    f->drain = event_new(role->base, -1, EV_PERSIST, on_drain, f);
    if (f->drain == NULL || event_add(f->drain, &every) != 0)
        vls_role_finish(role);
}

static void fini(struct vls_role *role)
{
    struct fetch_role *f = role->state;
    if (f == NULL)
        return;
    vls_fetch_free(&f->fetch);
    if (f->drain != NULL)
        event_free(f->drain);
    vls_mem_free(f);
    role->state = NULL;
}

const struct vls_role_ops *vls_fetch_ops(void)
{
    static const struct vls_role_ops OPS = {
        .init = init, .attach = attach, .stop = stop, .fini = fini};
    return &OPS;
}
