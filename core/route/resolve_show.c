/*
 * route/resolve_show - what resolvers found, for an operator.
 *
 * A document that somebody fetched is content like that of a message: it is handed out when its
 * resolver has labelled it and the operator is cleared for the label (operators in valise.conf(5)).
 * What was found is told to every operator.
 */
#include "base/mem.h"
#include "base/text.h"
#include "label/validity.h"
#include "route/clearance.h"
#include "route/report.h"
#include "route/resolve.h"

#define ACTOR_ROOM 64

struct showing {
    struct vls_route *route;
    uint64_t handle;
    char actor[ACTOR_ROOM];
    bool with_documents;
};

static struct vls_status may_be_shown(const struct showing *s, const Valise__Part *part,
                                      struct vls_why *why)
{
    struct vls_label label VLS_DEFER(vls_label_fini) = {.scheme = NULL};
    if (part->label[0] == '\0')
        return vls_fail(VLS_LABEL_MISSING, why, "the resolver gives '%.60s' no label", part->name);
    VLS_TRY(vls_label_read(part->label, s->route->o.schemes, &label, why));
    VLS_TRY(vls_label_check_at(&label, vls_route_wall(s->route), why));
    return vls_route_clearance_actor(s->route, s->actor, &label, why);
}

/* One answer for all who are not cleared: what the reason is would tell of the label. */
static const char *why_kept_back(const struct showing *s, const struct vls_resolved_row *row)
{
    struct vls_why why = {""};
    for (size_t i = 0; i < row->result->n_parts; i++) {
        struct vls_status status = may_be_shown(s, row->result->parts[i]->part, &why);
        if (vls_ok(status))
            continue;
        vls_route_log(s->route, VLS_LOG_WARN, "resolve.kept_back", VLS_F("actor", s->actor),
                      VLS_F("name", row->result->parts[i]->part->name), VLS_FAILURE(status, &why));
        return status.code == VLS_LABEL_MISSING
                   ? "the resolver gives it no label: see its settings"
                   : "this user is not cleared for it; the log says more";
    }
    return NULL;
}

static void add_row(const struct showing *s, const struct vls_resolved_row *from,
                    Valise__ResolveRow *row, Valise__Finding *no_finding, struct vls_fds *fds)
{
    valise__resolve_row__init(row);
    row->language = from->language;
    row->plugin = s->route->o.config->plugins[from->plugin].name;
    if (from->result == NULL) {
        valise__finding__init(no_finding);
        no_finding->why = (char *)(uintptr_t)from->trouble.text;
        row->finding = no_finding;
        return;
    }
    row->finding = from->result->finding;
    row->parts = from->result->parts;
    row->n_parts = from->result->n_parts;
    if (!s->with_documents || row->n_parts == 0)
        return;
    const char *reason = why_kept_back(s, from);
    if (reason == NULL && fds->count + from->fd_count > VLS_MAX_FRAME_FDS)
        reason = "more documents than one answer holds: ask for fewer languages";
    if (reason != NULL) {
        row->kept_back = vls_field_text(reason);
        return;
    }
    row->has_documents = true;
    row->about = from->result->about;
    row->n_about = from->result->n_about;
    for (size_t i = 0; i < from->fd_count; i++)
        fds->fd[fds->count++] = from->fds[i]; /* lent */
}

static void answer(const struct showing *s, const struct vls_resolved *resolved)
{
    struct vls_why why = {""};
    Valise__OperatorReply reply = VALISE__OPERATOR_REPLY__INIT;
    Valise__Outcome outcome;
    Valise__Frame frame = VALISE__FRAME__INIT;
    struct vls_fds fds = {.count = 0};
    size_t count = resolved->count;
    Valise__ResolveRow *rows VLS_DEFER(vls_mem_freep) = vls_mem_new((count + 1) * sizeof *rows);
    Valise__ResolveRow **pointers VLS_DEFER(vls_mem_freep) =
        vls_mem_new((count + 1) * sizeof *pointers);
    Valise__Finding *none VLS_DEFER(vls_mem_freep) = vls_mem_new((count + 1) * sizeof *none);
    for (size_t i = 0; i < count; i++) {
        add_row(s, &resolved->rows[i], &rows[i], &none[i], &fds);
        pointers[i] = &rows[i];
    }
    vls_outcome_init(&outcome, VLS_DONE, &why);
    reply.outcome = &outcome;
    reply.resolved = pointers;
    reply.n_resolved = count;
    frame.body_case = VALISE__FRAME__BODY_OPERATOR_REPLY;
    frame.operator_reply = &reply;
    if (valise__frame__get_packed_size(&frame) > VLS_MAX_FRAME - 64) {
        struct vls_status large = vls_fail(VLS_INPUT_LIMIT, &why,
                                           "the answer is larger than a frame; ask for fewer "
                                           "languages");
        vls_report_refuse(s->route, s->handle, large, &why);
        return;
    }
    s->route->o.ports.answer(s->route->o.ports.ctx, s->handle, &frame, fds.fd, fds.count);
}

/* vls_resolved_fn */
static void on_done(void *ctx, struct vls_resolved *resolved)
{
    struct showing *s = ctx;
    answer(s, resolved);
    vls_resolve_free(&resolved);
    vls_mem_free(s);
}

void vls_route_resolve(struct vls_route *route, uint64_t handle, const Valise__OperatorResolve *in,
                       const char *actor)
{
    struct vls_why why = {""};
    const struct vls_resolve_ask ask = {.symbol = in->symbol,
                                        .url = in->url,
                                        .languages = in->languages,
                                        .language_count = in->n_languages,
                                        .plugin = in->plugin,
                                        .conversation = "",
                                        .reason = in->reason};
    struct showing *s = vls_mem_new(sizeof *s);
    *s = (struct showing){.route = route, .handle = handle, .with_documents = in->with_documents};
    vls_text_copy(s->actor, sizeof s->actor, actor);
    vls_route_log(route, VLS_LOG_INFO, "resolve.asked", VLS_F("actor", actor),
                  VLS_F("symbol", in->symbol), VLS_F("url", in->url), VLS_F("reason", in->reason));
    struct vls_status status = vls_resolve(route, &ask, on_done, s, &why);
    if (vls_ok(status))
        return;
    vls_report_refuse(route, handle, status, &why);
    vls_mem_free(s);
}
