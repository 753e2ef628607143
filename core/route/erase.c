/*
 * route/erase - an operator erases the content of a message, sets and lifts holds.
 *
 * Entered in the internal log and committed, then overwritten, and only then answered. When the
 * overwriting breaks off, what is left of it is done when the store is opened the next time.
 */
#include <stdio.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "route/internal.h"
#include "route/retention.h"
#include "store/retention.h"

/** What is under way until its commit. */
struct act {
    struct vls_route *route;
    uint64_t handle;
    struct vls_id id;
    char name[VLS_MAX_NAME + 1]; /* of a hold; "": an erasure */
    char *actor;                 /* owned */
};

static void act_free(struct act *act)
{
    vls_mem_free(act->actor);
    vls_mem_free(act);
}

/** Into the internal log and, when it is about one message, its trace. */
static struct vls_status enter(struct vls_route *route, const char *kind, const struct vls_id *id,
                               const char *cause, const char *actor, struct vls_why *why)
{
    VLS_TRY(vls_internal_append_words(route, kind, id, actor, cause, why));
    return id != NULL
               ? vls_store_remark(route->o.store, id, vls_route_wall(route), cause, actor, why)
               : VLS_DONE;
}

/* -- erasing ----------------------------------------------------------------------------------- */

static struct vls_status check_may_go(struct vls_route *route, const struct vls_message *m,
                                      const Valise__OperatorRetention *in,
                                      struct vls_retention *retention, struct vls_why *why)
{
    char until[VLS_TIME_TEXT];
    VLS_TRY(vls_retention_of(route, m, retention, why));
    if (retention->hold[0] != '\0')
        return vls_fail(VLS_ROUTE_KEPT, why,
                        "the hold '%s' is about it; it stays until 'valise retention release %s'",
                        retention->hold, retention->hold);
    if (retention->obstacle[0] != '\0')
        return vls_fail(VLS_ROUTE_STATE, why, "a message that is %s cannot be erased: %s",
                        vls_state_name(m->state), retention->obstacle);
    if (retention->is_due || (in->is_early && !in->is_by_rule))
        return VLS_DONE;
    if (retention->until_ms == 0 && !in->is_by_rule)
        return VLS_DONE; /* nothing is said about it: that is for the operator to say */
    if (retention->until_ms == 0)
        return vls_fail(VLS_ROUTE_KEPT, why, "no rule of retention ends its time");
    vls_time_text(retention->until_ms, until);
    return vls_fail(VLS_ROUTE_KEPT, why, "%s keeps it until %s; --early erases it all the same",
                    retention->rule, until);
}

static struct vls_status basis_of(const struct vls_retention *retention,
                                  const Valise__OperatorRetention *in, char out[VLS_OPERATE_CAUSE],
                                  struct vls_why *why)
{
    char did[96];
    snprintf(did, sizeof did, "erased %s%s",
             in->is_by_rule                       ? "at the end of its time, by "
             : in->is_early && !retention->is_due ? "by an operator before its time is over"
                                                  : "by an operator",
             in->is_by_rule ? retention->rule : "");
    return vls_operate_cause(did, in->note, out, why);
}

static struct vls_status erase(struct vls_route *route, const Valise__OperatorRetention *in,
                               const char *actor, struct vls_id *out_id, struct vls_why *why)
{
    struct vls_retention retention;
    struct vls_message *m;
    char basis[VLS_OPERATE_CAUSE];
    if (in->note[0] == '\0' && !in->is_by_rule)
        return vls_fail(VLS_CLI_USAGE, why, "an erasure is recorded with its reason: --note");
    VLS_TRY(vls_route_find(route, in->id, out_id, why));
    VLS_TRY(vls_store_get(route->o.store, out_id, &m, why));
    struct vls_status s = vls_retention_not_erased(route, m, why);
    if (vls_ok(s))
        s = check_may_go(route, m, in, &retention, why);
    vls_message_free(&m);
    VLS_TRY(s);
    VLS_TRY(basis_of(&retention, in, basis, why));
    const struct vls_erasure erasure = {
        .id = *out_id, .at_ms = vls_route_wall(route), .actor = actor, .basis = basis};
    VLS_TRY(vls_store_erase(route->o.store, &erasure, why));
    route->is_erasing = true;
    return enter(route, VLS_INTERNAL_ERASURE, out_id, basis, actor, why);
}

void vls_erase_committed(struct vls_route *route)
{
    struct vls_why why = {""};
    if (!route->is_erasing)
        return;
    struct vls_status s = vls_store_erase_finish(route->o.store, &why);
    route->is_erasing = !vls_ok(s);
    if (!vls_ok(s))
        vls_route_log(route, VLS_LOG_ERROR, "erasure.unfinished", VLS_FAILURE(s, &why));
}

/* -- holds ------------------------------------------------------------------------------------- */

static struct vls_status check_hold(const Valise__OperatorRetention *in, struct vls_why *why)
{
    if (!vls_text_is_name(in->name, VLS_MAX_NAME))
        return vls_fail(VLS_CLI_USAGE, why,
                        "'%.60s' is not a name of a hold; use a-z, 0-9, '.', '-', '_'", in->name);
    VLS_TRY(vls_text_check("party", in->party, VLS_MAX_PARTY, why));
    VLS_TRY(vls_text_check("kind", in->kind, VLS_MAX_NAME, why));
    return vls_text_check("note", in->note, VLS_OPERATE_CAUSE / 2, why);
}

static struct vls_status set_hold(struct vls_route *route, const Valise__OperatorRetention *in,
                                  const char *actor, struct act *act, struct vls_why *why)
{
    char cause[VLS_OPERATE_CAUSE];
    bool is_of_one = in->id.len != 0;
    VLS_TRY(check_hold(in, why));
    if (!is_of_one && in->party[0] == '\0' && in->kind[0] == '\0')
        return vls_fail(VLS_CLI_USAGE, why,
                        "say what is held: the id of a message, --party or --kind");
    if (is_of_one)
        VLS_TRY(vls_route_find(route, in->id, &act->id, why));
    const struct vls_hold hold = {.name = in->name,
                                  .id = is_of_one ? vls_id_slice(&act->id) : VLS_SLICE("", 0),
                                  .party = in->party,
                                  .kind = in->kind,
                                  .since_ms = vls_route_wall(route),
                                  .note = in->note,
                                  .actor = actor};
    VLS_TRY(vls_store_hold_add(route->o.store, &hold, why));
    snprintf(cause, sizeof cause, "held as %.64s: %.128s", in->name, in->note);
    return enter(route, VLS_INTERNAL_HOLD, is_of_one ? &act->id : NULL, cause, actor, why);
}

static struct vls_status lift_hold(struct vls_route *route, const Valise__OperatorRetention *in,
                                   const char *actor, struct vls_why *why)
{
    char cause[VLS_OPERATE_CAUSE];
    VLS_TRY(check_hold(in, why));
    VLS_TRY(vls_store_hold_release(route->o.store, in->name, vls_route_wall(route), actor, why));
    snprintf(cause, sizeof cause, "hold %.64s released: %.128s", in->name, in->note);
    return enter(route, VLS_INTERNAL_HOLD, NULL, cause, actor, why);
}

/* -- behind the commit ------------------------------------------------------------------------- */

static struct vls_status report_erased(struct act *act, struct vls_report *report,
                                       struct vls_why *why)
{
    struct vls_message *m;
    struct vls_retention retention;
    Valise__RetentionRow **rows = vls_arena_take(report->arena, sizeof(Valise__RetentionRow *));
    if (rows == NULL)
        return vls_report_too_large(why);
    VLS_TRY(vls_store_get(act->route->o.store, &act->id, &m, why));
    struct vls_status s = vls_retention_of(act->route, m, &retention, why);
    if (vls_ok(s))
        s = vls_retention_row(act->route, m, vls_route_wall(act->route), &retention, report, rows,
                              why);
    vls_message_free(&m);
    report->reply.n_retention = 1;
    report->reply.retention = rows;
    return s;
}

/* vls_after_fn */
static void answer_act(void *ctx, struct vls_status commit)
{
    struct act *act = ctx;
    struct vls_route *route = act->route;
    struct vls_why why;
    struct vls_report report;
    vls_report_uncommitted(commit, &why);
    vls_report_init(&report);
    report.actor = act->actor;
    if (vls_ok(commit) && act->name[0] == '\0' && route->is_erasing)
        commit =
            vls_fail(VLS_SYSTEM_IO, &why,
                     "it was erased from the database, but not all of it could be overwritten; "
                     "the gateway goes on trying, and the log says why");
    if (vls_ok(commit))
        commit = act->name[0] == '\0' ? report_erased(act, &report, &why)
                                      : vls_retention_hold(route, act->name, &report, &why);
    vls_report_answer(route, act->handle, commit, &why, &report);
    vls_report_fini(&report);
    act_free(act);
}

static struct vls_status do_act(struct vls_route *route, const Valise__OperatorRetention *in,
                                struct act *act, struct vls_why *why)
{
    switch (in->verb) {
    case VALISE__OPERATOR_RETENTION__VERB__ERASE:
        return erase(route, in, act->actor, &act->id, why);
    case VALISE__OPERATOR_RETENTION__VERB__HOLD:
    case VALISE__OPERATOR_RETENTION__VERB__UNHOLD:
        vls_text_copy(act->name, sizeof act->name, in->name);
        return in->verb == VALISE__OPERATOR_RETENTION__VERB__HOLD
                   ? set_hold(route, in, act->actor, act, why)
                   : lift_hold(route, in, act->actor, why);
    case VALISE__OPERATOR_RETENTION__VERB__NONE:
    case VALISE__OPERATOR_RETENTION__VERB__LIST:
    case VALISE__OPERATOR_RETENTION__VERB__HOLDS:
    default: /* a number from outside */
        return vls_fail(VLS_CLI_USAGE, why, "act %d is not known", (int)in->verb);
    }
}

static void start(struct vls_route *route, uint64_t handle, const Valise__OperatorRetention *in,
                  const char *actor)
{
    struct vls_why why = {""};
    struct act *act = vls_mem_new(sizeof *act);
    *act = (struct act){.route = route, .handle = handle, .actor = vls_mem_dup(actor)};
    struct vls_status s = vls_route_begin(route, &why);
    if (vls_ok(s))
        s = vls_store_mark(route->o.store, &why);
    if (vls_ok(s)) {
        s = do_act(route, in, act, &why);
        if (!vls_ok(s))
            vls_store_undo(route->o.store);
    }
    if (vls_ok(s)) {
        vls_route_after(route, answer_act, act);
        return;
    }
    vls_report_refuse(route, handle, s, &why);
    act_free(act);
}

void vls_route_retention(struct vls_route *route, uint64_t handle,
                         const Valise__OperatorRetention *in, const char *actor)
{
    struct vls_why why = {""};
    struct vls_report report;
    vls_route_flush(route); /* what an operator sees or erases is on disk */
    if (in->verb != VALISE__OPERATOR_RETENTION__VERB__LIST &&
        in->verb != VALISE__OPERATOR_RETENTION__VERB__HOLDS) {
        start(route, handle, in, actor);
        return;
    }
    vls_report_init(&report);
    report.actor = actor;
    struct vls_status s = vls_retention_show(route, in, &report, &why);
    vls_report_answer(route, handle, s, &why, &report);
    vls_report_fini(&report);
}
