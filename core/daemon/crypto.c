#include "daemon/crypto.h"

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"

struct crypto_role;

/** A socket, and who is at its other end: bound at its birth. */
struct link {
    struct crypto_role *crypto;
    enum vls_role_kind peer;
    unsigned instance;
    struct vls_channel *channel;
    struct link *next;
};

struct crypto_role {
    struct vls_role *role;
    struct vls_crypto work;
    struct link *links;
};

static struct vls_status init(struct vls_role *role, struct vls_why *why)
{
    struct vls_keys *keys = NULL;
    VLS_TRY(vls_keys_load(role->config, &keys, why));
    struct crypto_role *crypto = vls_mem_new(sizeof *crypto);
    crypto->role = role;
    vls_crypto_init(&crypto->work, keys);
    role->state = crypto;
    return VLS_DONE;
}

static void drop(struct link *link)
{
    struct link **at = &link->crypto->links;
    while (*at != link)
        at = &(*at)->next;
    *at = link->next;
    vls_channel_free(&link->channel);
    vls_mem_free(link);
}

/* A question that stays without its answer would hold its message for ever: better to begin anew.
 */
static void on_frame(void *ctx, struct vls_channel *channel, const Valise__Frame *frame,
                     struct vls_fds *fds)
{
    struct link *link = ctx;
    struct vls_why why = {""};
    struct vls_crypto_answer answer;
    struct vls_status s =
        vls_crypto_answer(&link->crypto->work, link->peer, frame, fds, &answer, &why);
    if (vls_ok(s))
        s = vls_channel_send(channel, &answer.frame, NULL, 0, &why);
    vls_crypto_answer_fini(&answer);
    if (!vls_ok(s) && s.code != VLS_WIRE_GONE)
        vls_role_die(link->crypto->role, s, &why);
}

static void on_gone(void *ctx, struct vls_channel *channel, struct vls_status cause)
{
    struct link *link = ctx;
    if (cause.code != VLS_WIRE_GONE)
        vls_log(VLS_LOG_ERROR, "crypto.channel_refused", VLS_F("peer", vls_role_name(link->peer)),
                VLS_F("code", vls_status_name(cause)), VLS_F("why", vls_channel_cause(channel)));
    drop(link);
}

static struct vls_status attach(struct vls_role *role, enum vls_role_kind peer, unsigned instance,
                                const char *name, int fd, struct vls_why *why)
{
    struct crypto_role *crypto = role->state;
    (void)name;
    for (struct link *old = crypto->links; old != NULL; old = old->next)
        if (old->peer == peer && old->instance == instance) {
            drop(old);
            break;
        }
    struct link *link = vls_mem_new(sizeof *link);
    *link = (struct link){.crypto = crypto, .peer = peer, .instance = instance};
    struct vls_channel_events events = {.ctx = link, .on_frame = on_frame, .on_gone = on_gone};
    struct vls_status s =
        vls_channel_new(role->base, fd, vls_role_name(peer), vls_role_accepts(peer, role->kind),
                        &events, &link->channel, why);
    if (!vls_ok(s)) {
        vls_mem_free(link);
        return s;
    }
    link->next = crypto->links;
    crypto->links = link;
    return s;
}

/* Every frame is answered before the next is read: nothing is under way here. */
static void stop(struct vls_role *role)
{
    vls_role_finish(role);
}

static void fini(struct vls_role *role)
{
    struct crypto_role *crypto = role->state;
    if (crypto == NULL)
        return;
    while (crypto->links != NULL)
        drop(crypto->links);
    vls_crypto_fini(&crypto->work);
    vls_mem_free(crypto);
    role->state = NULL;
}

const struct vls_role_ops *vls_crypto_ops(void)
{
    static const struct vls_role_ops ops = {
        .init = init, .attach = attach, .stop = stop, .fini = fini};
    return &ops;
}
