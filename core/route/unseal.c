#include "route/unseal.h"

#include "base/file.h"
#include "base/mem.h"
#include "route/route_internal.h"

struct unsealing {
    struct vls_route *route;
    vls_unsealed_fn done;
    void *ctx;
    int plain_fd;
};

static void unsealing_free(struct unsealing *u)
{
    vls_fd_close(&u->plain_fd);
    vls_mem_free(u);
}

/* vls_answer_fn */
static void on_opened(void *ctx, struct vls_status status, const Valise__Frame *frame,
                      struct vls_fds *fds)
{
    struct unsealing *u = ctx;
    struct vls_why why = {"the crypto role went away while it opened the message"};
    (void)fds;
    if (vls_ok(status))
        status = vls_outcome_status(frame->open_result->outcome, &why);
    if (vls_ok(status))
        status = vls_content_freeze(u->route->o.store, &u->plain_fd, &why);
    if (!vls_ok(status))
        vls_fd_close(&u->plain_fd);
    u->done(u->ctx, status, &why, &u->plain_fd);
    unsealing_free(u);
}

static struct vls_status ask(struct unsealing *u, const struct vls_message *m, struct vls_why *why)
{
    struct vls_route *route = u->route;
    Valise__OpenRequest request = VALISE__OPEN_REQUEST__INIT;
    Valise__Frame frame = VALISE__FRAME__INIT;
    VLS_DEFER(vls_fd_close) int content_fd = -1;
    uint64_t bytes;
    int fds[2];
    size_t count = 0;
    bool is_file = m->content.len == 0;
    if (is_file) {
        VLS_TRY(vls_content_open(route->o.store, &m->content_digest, &content_fd, &bytes, why));
        fds[count++] = content_fd;
        VLS_TRY(vls_content_plain(route->o.store, &u->plain_fd, why));
    } else {
        VLS_TRY(vls_fd_memory("valise-plain", &u->plain_fd, why));
    }
    fds[count++] = u->plain_fd;
    request.id = vls_data(vls_id_slice(&m->id));
    request.sealed = vls_data(m->sealed);
    request.content = vls_data(m->content);
    request.content_digest = vls_data(vls_digest_slice(&m->content_digest));
    request.content_bytes = m->content_bytes;
    request.is_archive = m->direction == VLS_OUT;
    frame.body_case = VALISE__FRAME__BODY_OPEN;
    frame.open = &request;
    return route->o.ports.ask(route->o.ports.ctx, VLS_ASK_CRYPTO, 0, &frame, fds, count,
                              VALISE__FRAME__BODY_OPEN_RESULT, on_opened, u, why);
}

struct vls_status vls_route_unseal(struct vls_route *route, const struct vls_message *message,
                                   vls_unsealed_fn done, void *ctx, struct vls_why *why)
{
    struct unsealing *u = vls_mem_new(sizeof *u);
    *u = (struct unsealing){.route = route, .done = done, .ctx = ctx, .plain_fd = -1};
    struct vls_status s = ask(u, message, why);
    if (!vls_ok(s))
        unsealing_free(u);
    return s;
}
