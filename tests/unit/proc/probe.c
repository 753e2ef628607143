/*
 * A valised whose roles do nothing: they hold the channels that they are given and log what happens
 * to them.
 *
 * node.name chooses what goes wrong: "fail-init" lets the router's init fail, "die-early" ends it
 * without a word. SIGUSR1 lets control send the router what it may not.
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "proc/command.h"
#include "proc/spawn.h"

#define PEERS 32

struct peer {
    struct vls_role *role;
    enum vls_role_kind kind;
    unsigned instance;
    struct vls_channel *channel;
};

struct probe {
    struct peer peers[PEERS];
    struct event *talk; /* of control */
};

static void on_talk(evutil_socket_t number, short what, void *ctx);

static bool is_named(const struct vls_role *role, const char *name)
{
    return role->config->node.name != NULL && strcmp(role->config->node.name, name) == 0;
}

static struct vls_status init(struct vls_role *role, struct vls_why *why)
{
    bool is_router = role->kind == VLS_ROLE_ROUTER;
    if (is_router && is_named(role, "fail-init"))
        return vls_fail(VLS_STORE_DAMAGED, why, "the probe was told to fail");
    if (is_router && is_named(role, "die-early"))
        _exit(3);
    struct probe *probe = vls_mem_new(sizeof *probe);
    role->state = probe;
    if (role->kind == VLS_ROLE_CONTROL) {
        probe->talk = evsignal_new(role->base, SIGUSR1, on_talk, probe);
        event_add(probe->talk, NULL);
    }
    vls_log(VLS_LOG_INFO, "probe.init", VLS_FN("environment", environ[0] != NULL),
            VLS_FN("stray", fcntl(VLS_FD_FIRST_FREE, F_GETFD) >= 0 &&
                                fcntl(VLS_FD_FIRST_FREE + 16, F_GETFD) >= 0),
            VLS_FN("listener", role->listener >= 0));
    return VLS_DONE;
}

static void on_frame(void *ctx, struct vls_channel *channel, const Valise__Frame *frame,
                     struct vls_fds *fds)
{
    (void)ctx;
    (void)channel;
    (void)frame;
    (void)fds;
}

static void on_gone(void *ctx, struct vls_channel *channel, struct vls_status cause)
{
    struct peer *peer = ctx;
    struct vls_why why;
    memset(&why, 0, sizeof why);
    vls_log(VLS_LOG_INFO, "probe.gone", VLS_F("peer", vls_channel_name(channel)),
            VLS_F("cause", vls_status_name(cause)));
    vls_channel_free(&peer->channel);
    if (cause.code != VLS_WIRE_GONE)
        vls_role_die(peer->role, cause, &why);
}

static void on_talk(evutil_socket_t number, short what, void *ctx)
{
    struct probe *probe = ctx;
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__SignRequest sign = VALISE__SIGN_REQUEST__INIT;
    frame.body_case = VALISE__FRAME__BODY_SIGN;
    frame.sign = &sign;
    (void)number;
    (void)what;
    VLS_IGNORE(vls_channel_send(probe->peers[0].channel, &frame, NULL, 0, NULL),
               "the other end shows it");
}

static struct vls_status attach(struct vls_role *role, enum vls_role_kind kind, unsigned instance,
                                const char *name, int fd, struct vls_why *why)
{
    struct probe *probe = role->state;
    struct peer *peer = probe->peers;
    while (peer->role != NULL && (peer->kind != kind || peer->instance != instance))
        peer++;
    struct vls_channel_events events = {.ctx = peer, .on_frame = on_frame, .on_gone = on_gone};
    vls_channel_free(&peer->channel);
    *peer = (struct peer){.role = role, .kind = kind, .instance = instance};
    vls_log(VLS_LOG_INFO, "probe.attach", VLS_F("peer", name), VLS_FN("instance", instance));
    return vls_channel_new(role->base, fd, name, vls_role_accepts(kind, role->kind), &events,
                           &peer->channel, why);
}

static void stop(struct vls_role *role)
{
    vls_log(VLS_LOG_INFO, "probe.stop", VLS_F("role", role->name));
    vls_role_finish(role);
}

static void fini(struct vls_role *role)
{
    struct probe *probe = role->state;
    for (size_t i = 0; i < PEERS; i++)
        vls_channel_free(&probe->peers[i].channel);
    if (probe->talk != NULL)
        event_free(probe->talk);
    vls_mem_free(probe);
}

static const struct vls_role_ops *ops_of(enum vls_role_kind kind)
{
    static const struct vls_role_ops OPS = {
        .init = init, .attach = attach, .stop = stop, .fini = fini};
    (void)kind;
    return &OPS;
}

static struct vls_status check_nothing(const struct vls_config *config, struct vls_why *why)
{
    (void)config;
    (void)why;
    return VLS_DONE;
}

int main(int argc, char **argv)
{
    return vls_command_run(argc, argv, ops_of, check_nothing);
}
