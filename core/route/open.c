/*
 * route/open - an operator sees the documents of a message, if his clearance covers its label.
 *
 * Decided, recorded, committed, and only then opened: whatever breaks off afterwards, the trace
 * holds at least as much as somebody saw. An opening that failed behind its record is recorded as
 * failed.
 */
#include <stdio.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "route/clearance.h"
#include "route/internal.h"
#include "route/report.h"
#include "route/retention.h"
#include "route/unseal.h"

#define ACTOR_ROOM 64

struct opening {
    struct vls_route *route;
    uint64_t handle;
    struct vls_message *message; /* owned */
    char actor[ACTOR_ROOM];
    char cause[VLS_OPERATE_CAUSE];
    struct vls_status failed; /* behind its record */
    struct vls_why why;
};

static void opening_free(struct opening *o)
{
    o->route->opening_count--;
    vls_message_free(&o->message);
    vls_mem_free(o);
}

/* -- behind the record ------------------------------------------------------------------------- */

/* vls_after_fn: nothing was shown, whether or not that could be written down */
static void answer_failed(void *ctx, struct vls_status commit)
{
    struct opening *o = ctx;
    char id[VLS_ID_TEXT];
    vls_id_text(&o->message->id, id);
    vls_route_log(o->route, VLS_LOG_WARN, "message.not_opened", VLS_F("id", id),
                  VLS_F("actor", o->actor), VLS_F("recorded", vls_ok(commit) ? "yes" : "no"),
                  VLS_FAILURE(o->failed, &o->why));
    vls_report_refuse(o->route, o->handle, o->failed, &o->why);
    opening_free(o);
}

static struct vls_status record(struct vls_route *route, const struct vls_id *id, const char *cause,
                                const char *actor, struct vls_why *why)
{
    VLS_TRY(vls_route_begin(route, why));
    VLS_TRY(vls_internal_append_words(route, VLS_INTERNAL_OPENING, id, actor, cause, why));
    return vls_store_remark(route->o.store, id, vls_route_wall(route), cause, actor, why);
}

static void fail(struct opening *o, struct vls_status status, const struct vls_why *why)
{
    struct vls_why not_recorded = {""};
    char cause[VLS_OPERATE_CAUSE];
    o->failed = status;
    o->why = *why;
    if (vls_class_of(status) == VLS_CLASS_UNCERTAIN) /* of an opening nobody has to be uncertain */
        o->failed =
            vls_fail(VLS_SYSTEM_BUSY, &o->why, "%.160s: nothing was shown; try again", why->text);
    snprintf(cause, sizeof cause, "could not be opened: %s", vls_status_text(o->failed));
    struct vls_status s = record(o->route, &o->message->id, cause, o->actor, &not_recorded);
    if (vls_ok(s))
        vls_route_after(o->route, answer_failed, o);
    else
        answer_failed(o, s);
}

/* vls_unsealed_fn */
static void on_unsealed(void *ctx, struct vls_status status, const struct vls_why *why, int *fd)
{
    struct opening *o = ctx;
    struct vls_why no_row = {""};
    struct vls_report report;
    if (!vls_ok(status)) {
        fail(o, status, why);
        return;
    }
    vls_report_init(&report);
    status = vls_report_opened(o->route, o->message, o->actor, &report, &no_row);
    if (vls_ok(status)) {
        report.fd = vls_fd_move(fd);
        vls_report_answer(o->route, o->handle, VLS_DONE, NULL, &report);
        opening_free(o);
    } else {
        fail(o, status, &no_row);
    }
    vls_report_fini(&report);
}

/* vls_after_fn */
static void on_recorded(void *ctx, struct vls_status commit)
{
    struct opening *o = ctx;
    struct vls_why why = {"the opening could not be recorded: nothing was shown"};
    char id[VLS_ID_TEXT];
    if (!vls_ok(commit)) {
        vls_report_refuse(o->route, o->handle, commit, &why);
        opening_free(o);
        return;
    }
    vls_id_text(&o->message->id, id);
    vls_route_log(o->route, VLS_LOG_INFO, "message.opened", VLS_F("id", id),
                  VLS_F("actor", o->actor), VLS_F("cause", o->cause));
    struct vls_status s = vls_route_unseal(o->route, o->message, on_unsealed, o, &why);
    if (!vls_ok(s))
        fail(o, s, &why);
}

/* -- before it --------------------------------------------------------------------------------- */

/* The label as the manifest has it, by the schemes and the clearances of today. */
static struct vls_status decide(struct vls_route *route, const struct vls_message *m,
                                const char *actor, struct vls_why *why)
{
    struct vls_manifest manifest;
    struct vls_label label VLS_DEFER(vls_label_fini) = {.scheme = NULL};
    if (m->manifest.len == 0)
        return vls_fail(VLS_LABEL_MISSING, why, "it has no label that is understood");
    VLS_TRY(vls_manifest_read(m->manifest, &manifest, why));
    struct vls_status s =
        vls_label_decode(vls_bytes(manifest.fields->label), route->o.schemes, &label, why);
    vls_manifest_fini(&manifest);
    VLS_TRY(s);
    VLS_TRY(vls_label_check_at(&label, vls_route_wall(route), why));
    return vls_route_clearance_actor(route, actor, &label, why);
}

/* One answer for all reasons: what the reason is would tell of the label. It is in the log. */
static struct vls_status refuse(struct vls_route *route, const struct vls_message *m,
                                const char *actor, struct vls_status status,
                                const struct vls_why *reason, struct vls_why *why)
{
    char id[VLS_ID_TEXT];
    vls_id_text(&m->id, id);
    vls_route_log(route, VLS_LOG_WARN, "message.not_opened", VLS_F("id", id), VLS_F("actor", actor),
                  VLS_FAILURE(status, reason));
    return vls_fail(VLS_LABEL_CLEARANCE, why,
                    "%s may not be shown to %.40s; the log says why, and operators in "
                    "valise.conf(5) who may see what",
                    id, actor);
}

static struct vls_status prepare(struct opening *o, const Valise__OperatorOpen *in,
                                 struct vls_why *why)
{
    struct vls_route *route = o->route;
    struct vls_why reason = {""};
    struct vls_id id;
    VLS_TRY(vls_operate_cause("opened by an operator", in->note, o->cause, why));
    VLS_TRY(vls_route_find(route, in->id, &id, why));
    VLS_TRY(vls_store_get(route->o.store, &id, &o->message, why));
    struct vls_status s = decide(route, o->message, o->actor, &reason);
    if (!vls_ok(s))
        return refuse(route, o->message, o->actor, s, &reason, why);
    VLS_TRY(vls_retention_not_erased(route, o->message, why));
    return record(route, &id, o->cause, o->actor, why);
}

void vls_route_open(struct vls_route *route, uint64_t handle, const Valise__OperatorOpen *in,
                    const char *actor)
{
    struct vls_why why = {""};
    if (route->opening_count >= VLS_MAX_OPENINGS) {
        struct vls_status busy =
            vls_fail(VLS_ROUTE_BUSY, &why, "%u messages are being opened; try again when one is",
                     VLS_MAX_OPENINGS);
        vls_report_refuse(route, handle, busy, &why);
        return;
    }
    vls_route_flush(route); /* what is opened is on disk */
    struct opening *o = vls_mem_new(sizeof *o);
    *o = (struct opening){.route = route, .handle = handle};
    vls_text_copy(o->actor, sizeof o->actor, actor);
    route->opening_count++;
    struct vls_status s = prepare(o, in, &why);
    if (vls_ok(s)) {
        vls_route_after(route, on_recorded, o);
        return;
    }
    vls_report_refuse(route, handle, s, &why);
    opening_free(o);
}
