/*~ The reader: what a partner packed is taken apart here.
 *~
 *~ The router decides without opening anything, and no archive of a partner is parsed where the
 *~ store or a key is. When requests are to be answered by themselves somebody has to read what they
 *~ ask for: this process, which has only the descriptors that it is handed. Its sandbox closes
 *~ before the first of them comes. The work is in reader_work.c.
 */
#include "daemon/reader.h"

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"

struct reader_role {
    struct vls_role *role;
    struct vls_channel *router;
};

static struct vls_status init(struct vls_role *role, struct vls_why *why)
{
    struct reader_role *reader = vls_mem_new(sizeof *reader);
    (void)why;
    reader->role = role;
    role->state = reader;
    return VLS_DONE;
}

static void on_frame(void *ctx, struct vls_channel *channel, const Valise__Frame *frame,
                     struct vls_fds *fds)
{
    struct reader_role *reader = ctx;
    struct vls_why why = {""};
    struct vls_reader_answer answer;
    struct vls_status s = vls_reader_answer(frame, fds, &answer, &why);
    if (vls_ok(s))
        s = vls_channel_send(channel, &answer.frame, NULL, 0, &why);
    vls_reader_answer_fini(&answer);
    if (!vls_ok(s) && s.code != VLS_WIRE_GONE)
        vls_role_die(reader->role, s, &why);
}

static void on_gone(void *ctx, struct vls_channel *channel, struct vls_status cause)
{
    struct reader_role *reader = ctx;
    if (cause.code != VLS_WIRE_GONE)
        vls_log(VLS_LOG_ERROR, "reader.channel_refused", VLS_F("code", vls_status_name(cause)),
                VLS_F("why", vls_channel_cause(channel)));
    vls_channel_free(&reader->router);
}

static struct vls_status attach(struct vls_role *role, enum vls_role_kind peer, unsigned instance,
                                const char *name, int fd, struct vls_why *why)
{
    struct reader_role *reader = role->state;
    (void)instance;
    if (peer != VLS_ROLE_ROUTER) {
        vls_fd_close(&fd);
        return vls_fail(VLS_WIRE_REFUSED, why, "the reader has no business with %s", name);
    }
    struct vls_channel_events events = {.ctx = reader, .on_frame = on_frame, .on_gone = on_gone};
    vls_channel_free(&reader->router);
    return vls_channel_new(role->base, fd, name, vls_role_accepts(peer, role->kind), &events,
                           &reader->router, why);
}

/* Every frame is answered before the next is read: nothing is under way here. */
static void stop(struct vls_role *role)
{
    vls_role_finish(role);
}

static void fini(struct vls_role *role)
{
    struct reader_role *reader = role->state;
    if (reader == NULL)
        return;
    vls_channel_free(&reader->router);
    vls_mem_free(reader);
    role->state = NULL;
}

const struct vls_role_ops *vls_reader_ops(void)
{
    static const struct vls_role_ops OPS = {
        .init = init, .attach = attach, .stop = stop, .fini = fini};
    return &OPS;
}
