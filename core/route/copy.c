#include "route/copy.h"

#include "base/mem.h"
#include "route/internal.h"
#include "route/retention.h"

#define CAUSE "copied with its content by an operator"

struct copying {
    struct vls_route *route;
    uint64_t handle;
    struct vls_id id;
    char *actor; /* owned */
};

/* vls_after_fn */
static void answer_copied(void *ctx, struct vls_status commit)
{
    struct copying *c = ctx;
    struct vls_why why = {"the copy could not be recorded: nothing was handed out"};
    Valise__OperatorRequest ask = VALISE__OPERATOR_REQUEST__INIT;
    Valise__OperatorExport which = VALISE__OPERATOR_EXPORT__INIT;
    struct vls_report report;
    vls_report_init(&report);
    which.id = vls_data(vls_id_slice(&c->id));
    ask.ask_case = VALISE__OPERATOR_REQUEST__ASK_EXPORT;
    ask.export = &which;
    ask.actor = c->actor;
    if (vls_ok(commit))
        commit = vls_report_make(c->route, &ask, &report, &why);
    vls_report_answer(c->route, c->handle, commit, &why, &report);
    vls_report_fini(&report);
    vls_mem_free(c->actor);
    vls_mem_free(c);
}

/* What cannot be handed out is not entered as if it were. */
static struct vls_status record(struct vls_route *route, const Valise__OperatorExport *in,
                                const char *actor, struct vls_id *out_id, struct vls_why *why)
{
    struct vls_message *m;
    VLS_TRY(vls_route_find(route, in->id, out_id, why));
    VLS_TRY(vls_store_get(route->o.store, out_id, &m, why));
    struct vls_status s = vls_retention_not_erased(route, m, why);
    if (vls_ok(s) && m->manifest.len == 0)
        s = vls_fail(VLS_ROUTE_STATE, why,
                     "a message that is %s has no manifest: there is nothing to export",
                     vls_state_name(m->state));
    vls_message_free(&m);
    VLS_TRY(s);
    VLS_TRY(vls_internal_append_words(route, VLS_INTERNAL_COPY, out_id, actor, CAUSE, why));
    return vls_store_remark(route->o.store, out_id, vls_route_wall(route), CAUSE, actor, why);
}

void vls_route_copy(struct vls_route *route, uint64_t handle, const Valise__OperatorRequest *in)
{
    struct vls_why why = {""};
    struct vls_id id;
    vls_route_flush(route); /* what is copied is on disk */
    struct vls_status s = vls_route_begin(route, &why);
    if (vls_ok(s))
        s = vls_store_mark(route->o.store, &why);
    if (vls_ok(s)) {
        s = record(route, in->export, in->actor, &id, &why);
        if (!vls_ok(s))
            vls_store_undo(route->o.store);
    }
    if (!vls_ok(s)) {
        vls_report_refuse(route, handle, s, &why);
        return;
    }
    struct copying *c = vls_mem_new(sizeof *c);
    *c = (struct copying){route, handle, id, vls_mem_dup(in->actor)};
    vls_route_after(route, answer_copied, c);
}
