#include "route/recheck.h"

#include <stdio.h>

#include "base/text.h"
#include "policy/replay.h"
#include "route/clearance.h"
#include "route/internal.h"
#include "route/labels.h"

#define PAGE 100u

/* -- one message ------------------------------------------------------------------------------- */

/* vls_trace_fn */
static struct vls_status see_uncertain(void *ctx, uint64_t at_ms, const char *from_state,
                                       const char *to_state, const char *cause, const char *actor,
                                       struct vls_why *why)
{
    bool *was_uncertain = ctx;
    (void)at_ms;
    (void)from_state;
    (void)cause;
    (void)actor;
    (void)why;
    if (vls_text_is_equal(to_state, vls_state_name(VLS_STATE_UNCERTAIN)))
        *was_uncertain = true;
    return VLS_DONE;
}

struct vls_status vls_recheck_may_be_there(struct vls_route *route, const struct vls_message *m,
                                           bool *out, struct vls_why *why)
{
    *out = false;
    if (m->attempts == 0)
        return VLS_DONE;
    return vls_store_trace(route->o.store, &m->id, see_uncertain, out, why);
}

/** What the partner may hold now, of the label as it is valid now. A label that is not any more is
 * a reason like another. */
static void clearance_of(struct vls_route *route, const struct vls_message *m, struct vls_why *out)
{
    struct vls_manifest manifest;
    struct vls_label label VLS_DEFER(vls_label_fini) = {.scheme = NULL};
    const struct vls_partner *partner = vls_route_partner(route, m->party);
    out->text[0] = '\0';
    struct vls_status s = vls_manifest_read(m->manifest, &manifest, out);
    if (!vls_ok(s))
        return;
    s = vls_labels_received(vls_bytes(manifest.fields->label), route->o.schemes, route->arrangement,
                            route->o.config->node.party, vls_route_wall(route), &label, out);
    vls_manifest_fini(&manifest);
    if (vls_ok(s) && partner != NULL)
        s = vls_route_clearance_partner(route, partner, &label, out);
    if (!vls_ok(s) && out->text[0] == '\0')
        vls_text_copy(out->text, sizeof out->text, vls_status_text(s));
}

/** @param out_before  what was decided when it was submitted */
static struct vls_status decide_again(struct vls_route *route, struct vls_replay *replay,
                                      const struct vls_message *m, enum vls_outcome *out_before,
                                      uint32_t *out_approvals, struct vls_decision *out,
                                      struct vls_why *why)
{
    struct vls_why clearance;
    Valise__DecisionRecord *record = NULL;
    VLS_TRY(vls_decision_record_read(m->decision, &record, why));
    *out_before = (enum vls_outcome)record->outcome;
    *out_approvals = record->approvals;
    valise__decision_record__free_unpacked(record, NULL);
    clearance_of(route, m, &clearance);
    return vls_redecide(replay, m->decision, clearance.text, vls_route_wall(route), out, why);
}

static bool is_stricter(const struct vls_decision *now, enum vls_outcome before, uint32_t approvals)
{
    return now->outcome > before || now->approvals > approvals;
}

static struct vls_status stop(struct vls_route *route, const struct vls_message *m,
                              enum vls_outcome outcome, const char *reason, struct vls_why *why)
{
    char cause[sizeof why->text];
    char id[VLS_ID_TEXT];
    vls_id_text(&m->id, id);
    snprintf(cause, sizeof cause, "stopped before it left: %s", reason);
    vls_route_log(route, VLS_LOG_WARN, "message.stricter", VLS_F("id", id), VLS_F("why", reason));
    return vls_route_move(route, &m->id, m->state,
                          outcome == VLS_OUTCOME_REFER ? VLS_STATE_REFERRED : VLS_STATE_HELD, 0, 0,
                          cause, "router", why);
}

static struct vls_status apply(struct vls_route *route, const struct vls_message *m,
                               const struct vls_decision *now, struct vls_why *why)
{
    VLS_TRY(vls_store_set_decision(route->o.store, &m->id, vls_buf_slice(&now->record), why));
    VLS_TRY(vls_internal_append_decision(route, &m->id, vls_buf_slice(&now->record), why));
    return stop(route, m, now->outcome, now->reason, why);
}

static struct vls_status recheck_message(struct vls_route *route, struct vls_replay *replay,
                                         const struct vls_message *m, struct vls_why *why)
{
    struct vls_decision now VLS_DEFER(vls_decision_fini) = {.outcome = VLS_OUTCOME_WITHHOLD};
    enum vls_outcome before = VLS_OUTCOME_RELEASE;
    uint32_t approvals = 0;
    struct vls_why trouble = {""};
    struct vls_status s = decide_again(route, replay, m, &before, &approvals, &now, &trouble);
    if (s.code == VLS_SYSTEM_MEMORY)
        *why = trouble;
    else if (!vls_ok(s))
        s = stop(route, m, VLS_OUTCOME_WITHHOLD, trouble.text, why);
    else if (is_stricter(&now, before, approvals))
        s = apply(route, m, &now, why);
    return s;
}

static struct vls_status recheck(struct vls_route *route, struct vls_replay *replay,
                                 const struct vls_id *id, struct vls_why *why)
{
    struct vls_message *m = NULL;
    VLS_TRY(vls_store_get(route->o.store, id, &m, why));
    bool may_be_there = false;
    struct vls_status s = vls_recheck_may_be_there(route, m, &may_be_there, why);
    if (vls_ok(s) && !may_be_there)
        s = recheck_message(route, replay, m, why);
    vls_message_free(&m);
    return s;
}

/* -- all of them ------------------------------------------------------------------------------- */

struct page {
    struct vls_id ids[PAGE];
    size_t count;
    struct vls_id last;
};

/* vls_message_fn */
static struct vls_status take(void *ctx, const struct vls_message *m, struct vls_why *why)
{
    struct page *page = ctx;
    (void)why;
    page->last = m->id;
    page->ids[page->count++] = m->id;
    return VLS_DONE;
}

struct vls_status vls_recheck_all(struct vls_route *route, struct vls_why *why)
{
    struct vls_replay *replay VLS_DEFER(vls_replay_free) = NULL;
    struct page page = {.count = PAGE};
    struct vls_filter filter = {.direction = VLS_OUT,
                                .states = UINT64_C(1) << VLS_STATE_RELEASED |
                                          UINT64_C(1) << VLS_STATE_DEFERRED,
                                .limit = PAGE};
    VLS_TRY(vls_replay_new(route->o.schemes, route->arrangement, route->house, &replay, why));
    while (page.count == PAGE) {
        page.count = 0;
        VLS_TRY(vls_store_list(route->o.store, &filter, take, &page, why));
        for (size_t i = 0; i < page.count; i++)
            VLS_TRY(recheck(route, replay, &page.ids[i], why));
        filter.before = &page.last;
    }
    return VLS_DONE;
}

struct vls_status vls_recheck_may_leave(struct vls_route *route, const struct vls_message *m,
                                        struct vls_why *why)
{
    struct vls_replay *replay VLS_DEFER(vls_replay_free) = NULL;
    struct vls_decision now VLS_DEFER(vls_decision_fini) = {.outcome = VLS_OUTCOME_WITHHOLD};
    enum vls_outcome before = VLS_OUTCOME_RELEASE;
    uint32_t approvals = 0;
    VLS_TRY(vls_replay_new(route->o.schemes, route->arrangement, route->house, &replay, why));
    VLS_TRY(decide_again(route, replay, m, &before, &approvals, &now, why));
    if (now.outcome > VLS_OUTCOME_REFER)
        return vls_fail(VLS_POLICY_WITHHELD, why, "%.240s", now.reason);
    if (is_stricter(&now, before, approvals))
        return vls_fail(VLS_POLICY_REVIEW, why,
                        "%.180s; withhold it and send it again, for officers to see", now.reason);
    return VLS_DONE;
}
