/*
 * route/operate - what an operator may do to a message: hold, release, retry, withhold. Looking at
 * things is report.c, seeing documents is open.c, the logs are log_show.c.
 */
#include <stdio.h>

#include "base/mem.h"
#include "base/text.h"
#include "route/clearance.h"
#include "route/confirm.h"
#include "route/copy.h"
#include "route/deaths.h"
#include "route/distribution.h"
#include "route/furnish.h"
#include "route/inspect.h"
#include "route/internal.h"
#include "route/labels.h"
#include "route/life.h"
#include "route/plugins.h"
#include "route/recheck.h"
#include "route/report.h"
#include "route/resolve.h"
#include "route/retention.h"
#include "route/review.h"
#include "route/subscribe.h"

struct act {
    struct vls_route *route;
    uint64_t handle;
    struct vls_id id;
    char *actor; /* owned */
};

static void show(struct vls_route *route, uint64_t handle, const Valise__OperatorRequest *in)
{
    struct vls_why why = {""};
    struct vls_report report;
    vls_report_init(&report);
    vls_route_flush(route); /* what an operator sees is on disk */
    struct vls_status s = vls_report_make(route, in, &report, &why);
    vls_report_answer(route, handle, s, &why, &report);
    vls_report_fini(&report);
}

/* -- acts -------------------------------------------------------------------------------------- */

static bool is_waiting(enum vls_state state)
{
    return state == VLS_STATE_RELEASED || state == VLS_STATE_DEFERRED ||
           state == VLS_STATE_UNCERTAIN || state == VLS_STATE_RECEIVED ||
           state == VLS_STATE_INSPECTING;
}

static struct vls_status refuse_state(const struct vls_message *m, const char *verb,
                                      const char *hint, struct vls_why *why)
{
    return vls_fail(VLS_ROUTE_STATE, why, "a message that is %s cannot be %s: %s",
                    vls_state_name(m->state), verb, hint);
}

/* One act is one officer's, and nothing proves whose: who has officers asks for signatures. */
static struct vls_status check_approvals(const struct vls_route *route, const struct vls_message *m,
                                         const char *actor, struct vls_why *why)
{
    uint32_t approvals;
    if (route->o.config->officers_count > 0)
        return vls_fail(VLS_POLICY_REVIEW, why,
                        "officers release it, with their signature: valise review release");
    VLS_TRY(vls_review_needed(m, &approvals, why));
    if (approvals > 1)
        return vls_fail(VLS_POLICY_REVIEW, why,
                        "its rules ask for %u officers, and a release by command is one (%s); "
                        "name officers in valise.conf(5)",
                        approvals, actor);
    return VLS_DONE;
}

static struct vls_status check_still_valid(struct vls_route *route, const struct vls_message *m,
                                           struct vls_why *why)
{
    struct vls_manifest manifest;
    VLS_TRY(vls_manifest_read(m->manifest, &manifest, why));
    struct vls_status s = vls_route_life_accepts(route, manifest.fields, why);
    vls_manifest_fini(&manifest);
    return s;
}

/* What held when it was decided may have changed: the schemes, their time, what the partner may
 * hold. */
static struct vls_status check_label(struct vls_route *route, const struct vls_partner *partner,
                                     const struct vls_message *m, struct vls_why *why)
{
    struct vls_manifest manifest;
    struct vls_label label VLS_DEFER(vls_label_fini) = {.scheme = NULL};
    VLS_TRY(vls_manifest_read(m->manifest, &manifest, why));
    struct vls_status s =
        vls_labels_received(vls_bytes(manifest.fields->label), route->o.schemes, route->arrangement,
                            route->o.config->node.party, vls_route_wall(route), &label, why);
    vls_manifest_fini(&manifest);
    VLS_TRY(s);
    return vls_route_clearance_partner(route, partner, &label, why);
}

struct vls_status vls_operate_let_go(struct vls_route *route, const struct vls_message *m,
                                     const char *cause, const char *actor, struct vls_why *why)
{
    struct vls_partner *partner = vls_route_partner(route, m->party);
    uint64_t now = vls_route_wall(route);
    if (partner == NULL)
        return vls_fail(VLS_POLICY_PARTY, why, "%s is not a partner any more", m->party);
    bool may_be_there; /* then only its receipt is missing */
    VLS_TRY(vls_recheck_may_be_there(route, m, &may_be_there, why));
    if (!may_be_there) {
        VLS_TRY(check_label(route, partner, m, why));
        VLS_TRY(vls_recheck_may_leave(route, m, why));
    }
    if (m->state == VLS_STATE_HELD && m->log_index != VLS_NO_INDEX)
        return vls_route_move(route, &m->id, m->state, VLS_STATE_RELEASED, now, 0, cause, actor,
                              why);
    VLS_TRY(check_still_valid(route, m, why));
    VLS_TRY(vls_route_move(route, &m->id, m->state, VLS_STATE_RELEASED, now, 0, cause, actor, why));
    if (m->log_index != VLS_NO_INDEX) /* referred after it was recorded: one leaf is enough */
        return VLS_DONE;
    return vls_route_record(route, partner, &m->id, m->manifest, why);
}

/* Held before it was recorded: by an inspector, or while it waited for one. */
static bool is_held_uninspected(const struct vls_message *m)
{
    return m->state == VLS_STATE_HELD && (m->direction == VLS_IN || m->log_index == VLS_NO_INDEX);
}

static struct vls_status release(struct vls_route *route, const struct vls_message *m,
                                 const char *cause, const char *actor, struct vls_why *why)
{
    if (m->state == VLS_STATE_INSPECTING)
        return refuse_state(m, "released",
                            "inspectors have to look first; --overrule lets it go without them",
                            why);
    if (is_held_uninspected(m) && vls_inspect_is_due(route, m->direction)) {
        vls_deaths_forget(route, &m->id);
        return vls_route_move(route, &m->id, m->state, VLS_STATE_INSPECTING, vls_route_wall(route),
                              0, cause, actor, why);
    }
    if (is_held_uninspected(m) && m->direction == VLS_OUT)
        return vls_inspect_let_go(route, m, cause, actor, why);
    if (m->state == VLS_STATE_HELD && m->direction == VLS_IN)
        return vls_route_move(route, &m->id, m->state, VLS_STATE_RECEIVED, vls_route_wall(route), 0,
                              cause, actor, why);
    if (m->state != VLS_STATE_REFERRED && m->state != VLS_STATE_HELD)
        return refuse_state(m, "released", "only a referred or held one can", why);
    if (m->state == VLS_STATE_REFERRED)
        VLS_TRY(check_approvals(route, m, actor, why));
    return vls_operate_let_go(route, m, cause, actor, why);
}

/* Past the inspectors alone: what the rules and officers have to say of it stays. */
static struct vls_status overrule(struct vls_route *route, const struct vls_message *m,
                                  const char *cause, const char *actor, struct vls_why *why)
{
    if (m->state != VLS_STATE_INSPECTING && !is_held_uninspected(m))
        return refuse_state(m, "let go past inspectors", "none has stopped it", why);
    return vls_inspect_let_go(route, m, cause, actor, why);
}

static struct vls_status retry(struct vls_route *route, const struct vls_message *m,
                               const char *cause, const char *actor, struct vls_why *why)
{
    struct vls_partner *partner = vls_route_partner(route, m->party);
    uint64_t now = vls_route_wall(route);
    if (partner != NULL)
        partner->next_try_ms = 0;
    vls_confirm_retry(route); /* it may be that which the message waits for */
    if (m->state == VLS_STATE_RELEASED)
        return VLS_DONE; /* due already: only the waiting for the partner was cut short */
    if (m->state == VLS_STATE_RECEIVED || m->state == VLS_STATE_INSPECTING)
        return vls_route_move(route, &m->id, m->state, m->state, now, 0, cause, actor, why);
    if (m->state == VLS_STATE_DEFERRED || m->state == VLS_STATE_UNCERTAIN)
        return vls_route_move(route, &m->id, m->state, VLS_STATE_RELEASED, now, 0, cause, actor,
                              why);
    return refuse_state(m, "tried again", "it does not wait for a try", why);
}

static struct vls_status hold(struct vls_route *route, const struct vls_message *m,
                              const char *cause, const char *actor, struct vls_why *why)
{
    if (!is_waiting(m->state))
        return refuse_state(m, "held", "only one that waits to be carried or delivered can", why);
    return vls_route_move(route, &m->id, m->state, VLS_STATE_HELD, 0, 0, cause, actor, why);
}

static struct vls_status withhold(struct vls_route *route, const struct vls_message *m,
                                  const char *cause, const char *actor, struct vls_why *why)
{
    bool may_be_there;
    VLS_TRY(vls_recheck_may_be_there(route, m, &may_be_there, why));
    if (m->direction == VLS_IN || (m->state == VLS_STATE_HELD && may_be_there))
        return refuse_state(m, "withheld", "it may be with the partner already", why);
    return vls_route_move(route, &m->id, m->state, VLS_STATE_WITHHELD, 0, 0, cause, actor, why);
}

typedef struct vls_status (*verb_fn)(struct vls_route *route, const struct vls_message *m,
                                     const char *cause, const char *actor, struct vls_why *why);
struct verb {
    const char *past;
    verb_fn fn;
};

static const struct verb *verb_of(Valise__OperatorAct__Verb verb)
{
    static const struct verb VERBS[] = {
        [VALISE__OPERATOR_ACT__VERB__HOLD] = {"held by an operator", hold},
        [VALISE__OPERATOR_ACT__VERB__RELEASE] = {"released by an operator", release},
        [VALISE__OPERATOR_ACT__VERB__RETRY] = {"tried again by an operator", retry},
        [VALISE__OPERATOR_ACT__VERB__WITHHOLD] = {"withheld by an operator", withhold},
    };
    if ((unsigned)verb >= sizeof VERBS / sizeof VERBS[0] || VERBS[verb].fn == NULL)
        return NULL;
    return &VERBS[verb];
}

struct vls_status vls_operate_cause(const char *did, const char *note, char out[VLS_OPERATE_CAUSE],
                                    struct vls_why *why)
{
    if (!vls_text_is_clean(vls_slice_text(note), false) ||
        vls_slice_text(note).len > VLS_OPERATE_CAUSE / 2)
        return vls_fail(VLS_INPUT_MALFORMED, why, "the note is too long or has control characters");
    snprintf(out, VLS_OPERATE_CAUSE, "%s%s%s", did, note[0] != '\0' ? ": " : "", note);
    return VLS_DONE;
}

static struct vls_status act_on(struct vls_route *route, const Valise__OperatorAct *in,
                                const char *actor, struct vls_id *out_id, struct vls_why *why)
{
    static const struct verb OVERRULE = {"let go past the inspectors by an operator", overrule};
    const struct verb *verb = in->is_overruling && in->verb == VALISE__OPERATOR_ACT__VERB__RELEASE
                                  ? &OVERRULE
                                  : verb_of(in->verb);
    struct vls_message *m;
    char cause[VLS_OPERATE_CAUSE];
    if (verb == NULL)
        return vls_fail(VLS_CLI_USAGE, why, "act %d is not known", (int)in->verb);
    VLS_TRY(vls_operate_cause(verb->past, in->note, cause, why));
    VLS_TRY(vls_route_find(route, in->id, out_id, why));
    VLS_TRY(vls_store_get(route->o.store, out_id, &m, why));
    struct vls_status s = verb->fn(route, m, cause, actor, why);
    if (vls_ok(s))
        s = vls_internal_append_words(route, VLS_INTERNAL_ACT, out_id, actor, cause, why);
    vls_message_free(&m);
    return s;
}

/* vls_after_fn */
static void answer_act(void *ctx, struct vls_status commit)
{
    struct act *act = ctx;
    struct vls_why why;
    Valise__OperatorRequest ask = VALISE__OPERATOR_REQUEST__INIT;
    Valise__OperatorShow which = VALISE__OPERATOR_SHOW__INIT;
    struct vls_report report;
    vls_report_uncommitted(commit, &why);
    vls_report_init(&report);
    which.id = vls_data(vls_id_slice(&act->id));
    ask.ask_case = VALISE__OPERATOR_REQUEST__ASK_SHOW;
    ask.show = &which;
    ask.actor = act->actor;
    if (vls_ok(commit))
        commit = vls_report_make(act->route, &ask, &report, &why);
    vls_report_answer(act->route, act->handle, commit, &why, &report);
    vls_report_fini(&report);
    vls_mem_free(act->actor);
    vls_mem_free(act);
}

static void act(struct vls_route *route, uint64_t handle, const Valise__OperatorRequest *in)
{
    struct vls_why why = {""};
    struct vls_id id;
    struct vls_status s = vls_route_begin(route, &why);
    if (vls_ok(s))
        s = vls_store_mark(route->o.store, &why);
    if (vls_ok(s)) {
        s = act_on(route, in->act, in->actor, &id, &why);
        if (!vls_ok(s))
            vls_store_undo(route->o.store);
    }
    if (!vls_ok(s)) {
        vls_report_refuse(route, handle, s, &why);
        return;
    }
    struct act *done = vls_mem_new(sizeof *done);
    *done = (struct act){route, handle, id, vls_mem_dup(in->actor)};
    vls_route_after(route, answer_act, done);
}

void vls_route_operate(struct vls_route *route, uint64_t handle, const Valise__OperatorRequest *in,
                       struct vls_fds *fds)
{
    if (in->ask_case == VALISE__OPERATOR_REQUEST__ASK_ACT)
        act(route, handle, in);
    else if (in->ask_case == VALISE__OPERATOR_REQUEST__ASK_OPEN)
        vls_route_open(route, handle, in->open, in->actor);
    else if (in->ask_case == VALISE__OPERATOR_REQUEST__ASK_RESOLVE)
        vls_route_resolve(route, handle, in->resolve, in->actor);
    else if (in->ask_case == VALISE__OPERATOR_REQUEST__ASK_ARRANGE)
        vls_route_arrange(route, handle, in->arrange, fds, in->actor);
    else if (in->ask_case == VALISE__OPERATOR_REQUEST__ASK_DISTRIBUTION)
        vls_route_distribution(route, handle, in->distribution, in->actor);
    else if (in->ask_case == VALISE__OPERATOR_REQUEST__ASK_REVIEW)
        vls_route_review(route, handle, in->review, in->actor);
    else if (in->ask_case == VALISE__OPERATOR_REQUEST__ASK_EXPORT && !in->export->without_content)
        vls_route_copy(route, handle, in);
    else if (in->ask_case == VALISE__OPERATOR_REQUEST__ASK_RETENTION)
        vls_route_retention(route, handle, in->retention, in->actor);
    else if (in->ask_case == VALISE__OPERATOR_REQUEST__ASK_REQUESTS && in->requests->again.len != 0)
        vls_furnish_again(route, handle, in->requests->again, in->actor);
    else if (in->ask_case == VALISE__OPERATOR_REQUEST__ASK_SUBSCRIPTION)
        vls_subscribe_operate(route, handle, in->subscription, in->actor);
    else if (in->ask_case == VALISE__OPERATOR_REQUEST__ASK_PLUGIN)
        vls_route_plugin_order(route, handle, in->plugin, in->actor);
    else if (in->ask_case == VALISE__OPERATOR_REQUEST__ASK_LOG)
        vls_route_log_ask(route, handle, in->log, in->actor);
    else
        show(route, handle, in);
}
