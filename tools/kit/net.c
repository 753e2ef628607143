#include "kit/net.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/env.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "config/config.h"
#include "fetch/fetch.h"
#include "proc/roles.h"

/* What a configuration must have besides; nothing of it is looked at. The section comes last. */
static const char AROUND[] =
    "node: { party: kit, data: data }\n"
    "listen: { tls-certificate: none }\n"
    "keys: { tls: none, seal: none, archive: none, log: none, witness: none, seal-certificate: "
    "none, archive-certificate: none }\n"
    "schemes: [none]\n"
    "arrangement: none\n"
    "plugins:\n"
    "  - name: tested\n"
    "    file: /none\n"
    "    grants: [net]\n"
    "    http:\n";

static void on_request(void *ctx, const struct vls_fetch_record *record)
{
    (void)ctx;
    vls_log(VLS_LOG_INFO, "fetch.request", VLS_F("plugin", record->plugin),
            VLS_F("method", record->method), VLS_F("host", record->host),
            VLS_FN("status", record->http_status), VLS_FN("in", record->bytes_in),
            VLS_FN("ms", record->ms), VLS_FAILURE(record->status, record->why));
}

static void on_gone(void *ctx, const char *plugin, struct vls_status cause, const char *words)
{
    (void)ctx;
    (void)plugin;
    (void)cause;
    (void)words; /* the host has ended: no channel is left, and the loop ends, too */
}

/* Lines of the file, each further to the right than the key that they belong to. */
static VLS_STATUS add_section(const char *file, struct vls_buf *yaml, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf bytes;
    vls_buf_init(&bytes, VLS_MAX_CONFIG_FILE / 2);
    VLS_TRY(vls_file_read(file, &bytes, why));
    const uint8_t *at = bytes.at, *end = bytes.at + bytes.len;
    while (at < end) {
        const uint8_t *feed = memchr(at, '\n', (size_t)(end - at));
        const uint8_t *next = feed != NULL ? feed + 1 : end;
        VLS_TRY(vls_buf_add_text(yaml, "      "));
        VLS_TRY(vls_buf_add(yaml, at, (size_t)(next - at)));
        at = next;
    }
    return vls_buf_add_text(yaml, "\n");
}

static VLS_STATUS read_config(const char *file, struct vls_config **out, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf yaml;
    vls_buf_init(&yaml, VLS_MAX_CONFIG_FILE);
    VLS_TRY(vls_buf_add_text(&yaml, AROUND));
    VLS_TRY(add_section(file, &yaml, why));
    return vls_config_read(vls_buf_slice(&yaml), file, out, why);
}

/* -- its process ------------------------------------------------------------------------------- */

struct net {
    struct event_base *base;
    struct vls_config *config;
    struct vls_fetch *fetch;
};

static void net_fini(struct net *net)
{
    vls_fetch_free(&net->fetch);
    vls_config_free(&net->config);
    if (net->base != NULL)
        event_base_free(net->base);
    net->base = NULL;
}

static _Noreturn void run(struct net *net, int channel, int log_fd, pid_t parent)
{
    struct vls_why why = {""};
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != parent ||
        event_reinit(net->base) != 0)
        _exit(1);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    if (log_fd >= 0)
        vls_log_open(log_fd, "fetch", VLS_LOG_DEBUG);
    if (!vls_ok(vls_fetch_attach(net->fetch, 0, channel, &why)))
        _exit(1);
    (void)event_base_dispatch(net->base); /* until no channel is left */
    _exit(0);
}

static VLS_STATUS prepare(const char *file, struct net *net, struct vls_why *why)
{
    VLS_TRY(read_config(file, &net->config, why));
    net->base = event_base_new();
    if (net->base == NULL || event_base_priority_init(net->base, 2) != 0)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for a loop");
    const struct vls_fetch_options options = {
        .base = net->base,
        .env = vls_env_system(),
        .config = net->config,
        .accepts = vls_role_accepts(VLS_ROLE_HOST, VLS_ROLE_FETCH),
        .on_request = on_request,
        .on_gone = on_gone,
    };
    return vls_fetch_new(&options, &net->fetch, why);
}

struct vls_status kit_net_start(const char *file, int log_fd, pid_t *out_pid, int *out_channel,
                                struct vls_why *why)
{
    VLS_DEFER(net_fini) struct net net = {.base = NULL};
    int ends[2];
    pid_t parent = getpid();
    VLS_TRY(prepare(file, &net, why));
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return vls_fail_errno(VLS_SYSTEM_IO, why, errno, "no channel can be made");
    *out_pid = fork();
    if (*out_pid == 0) {
        close(ends[0]);
        run(&net, ends[1], log_fd, parent);
    }
    vls_fd_close(&ends[1]);
    if (*out_pid < 0) {
        *out_pid = 0;
        vls_fd_close(&ends[0]);
        return vls_fail_errno(VLS_PROC_SPAWN, why, errno, "fork");
    }
    *out_channel = ends[0];
    return VLS_DONE;
}
