#include "route/incoming.h"

#include "base/text.h"
#include "policy/kinds.h"
#include "route/gather.h"
#include "route/waypoint.h"

static struct vls_status ask(struct vls_route *route, const struct vls_manifest *m,
                             const struct vls_label *label, struct vls_decision *out,
                             struct vls_why *why)
{
    const Valise__Manifest *fields = m->fields;
    const struct vls_kind *kind = vls_kind_by_name(fields->kind);
    const struct vls_facts facts = {.id = m->id,
                                    .kind = fields->kind,
                                    .is_incoming = true,
                                    .from = fields->from,
                                    .to = fields->to,
                                    .body = fields->body,
                                    .label = *label,
                                    .has_personal_data = kind != NULL && kind->is_personal,
                                    .bytes = fields->content_bytes,
                                    .answers =
                                        vls_gather_answers(route, fields->kind, fields->from,
                                                           VLS_OUT, vls_bytes(fields->in_reply_to)),
                                    .now_ms = vls_route_wall(route)};
    return vls_decide_incoming(route->arrangement, route->house, &facts, out, why);
}

static void log_held(struct vls_route *route, const struct vls_manifest *m,
                     const struct vls_decision *decision)
{
    char id[VLS_ID_TEXT];
    vls_id_text(&m->id, id);
    if (decision->is_alarm)
        vls_route_log(route, VLS_LOG_ERROR, "alarm.evaluators", VLS_F("id", id),
                      VLS_F("from", m->fields->from), VLS_F("kind", m->fields->kind),
                      VLS_F("why", decision->reason));
    vls_route_log(route, VLS_LOG_WARN, "message.held", VLS_F("id", id),
                  VLS_F("from", m->fields->from), VLS_F("kind", m->fields->kind),
                  VLS_F("why", decision->reason));
}

struct vls_status vls_incoming_judge(struct vls_route *route, const struct vls_manifest *m,
                                     const struct vls_label *label, struct vls_decision *out,
                                     struct vls_why *why)
{
    struct vls_decision decision = {.outcome = VLS_OUTCOME_RELEASE};
    struct vls_why trouble = {""};
    struct vls_status s = VLS_DONE;
    if (route->house != NULL)
        s = ask(route, m, label, &decision, &trouble);
    if (s.code == VLS_SYSTEM_MEMORY)
        return vls_fail(s.code, why, "%s", trouble.text);
    if (!vls_ok(s)) {
        decision = (struct vls_decision){.outcome = VLS_OUTCOME_WITHHOLD};
        vls_text_copy(decision.reason, sizeof decision.reason, trouble.text);
    }
    if (decision.outcome == VLS_OUTCOME_RELEASE &&
        vls_waypoint_holds(route, m, decision.reason, sizeof decision.reason))
        decision.outcome = VLS_OUTCOME_REFER;
    if (decision.outcome != VLS_OUTCOME_RELEASE)
        log_held(route, m, &decision);
    *out = decision;
    return VLS_DONE;
}
