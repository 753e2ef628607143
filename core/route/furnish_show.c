/* Requests that are answered by themselves, for operators. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "route/furnish_internal.h"

#define ACTOR_ROOM 64

struct again {
    struct vls_route *route;
    uint64_t handle;
};

/* vls_after_fn */
static void answer_again(void *ctx, struct vls_status commit)
{
    struct again *again = ctx;
    struct vls_why why;
    struct vls_report report;
    vls_report_uncommitted(commit, &why);
    vls_report_init(&report);
    vls_report_answer(again->route, again->handle, commit, &why, &report);
    vls_report_fini(&report);
    vls_mem_free(again);
}

/* vls_search_fn */
static struct vls_status keep(void *ctx, const struct vls_search *search, struct vls_why *why)
{
    struct vls_search_kept *out = ctx;
    (void)why;
    out->row = *search;
    vls_text_copy(out->party, sizeof out->party, search->party);
    out->row.party = out->party;
    return VLS_DONE;
}

static struct vls_status look_again(struct vls_route *route, ProtobufCBinaryData prefix,
                                    const char *actor, struct vls_why *why)
{
    struct vls_search_kept kept;
    struct vls_id id;
    VLS_TRY(vls_route_find(route, prefix, &id, why));
    struct vls_status s = vls_store_search_get(route->o.store, &id, keep, &kept, why);
    if (s.code == VLS_STORE_MISSING)
        return vls_fail(VLS_CLI_USAGE, why,
                        "it is no request that this gateway looks for: see answers.from in "
                        "valise.conf(5)");
    VLS_TRY(s);
    if (kept.row.state == VLS_SEARCH_ANSWERED)
        return vls_fail(VLS_ROUTE_STATE, why, "its answer is made: see valise requests --all");
    VLS_TRY(vls_route_begin(route, why));
    kept.row.state = VLS_SEARCH_WAITING;
    kept.row.due_ms = kept.row.changed_ms = vls_route_wall(route);
    kept.row.tries = 0;
    kept.row.reason = "an operator asked to look again";
    VLS_TRY(vls_store_search_change(route->o.store, &kept.row, why));
    return vls_store_remark(route->o.store, &id, kept.row.changed_ms, "to be looked for again",
                            actor, why);
}

void vls_furnish_again(struct vls_route *route, uint64_t handle, ProtobufCBinaryData id,
                       const char *actor)
{
    struct vls_why why = {""};
    struct vls_status s = look_again(route, id, actor, &why);
    if (!vls_ok(s)) {
        vls_report_refuse(route, handle, s, &why);
        return;
    }
    struct again *again = vls_mem_new(sizeof *again);
    *again = (struct again){route, handle};
    vls_route_after(route, answer_again, again);
}

/* -- what they see ----------------------------------------------------------------------------- */

struct describing {
    struct vls_report *report;
    Valise__RequestRow *row;
};

/* vls_search_fn */
static struct vls_status describe(void *ctx, const struct vls_search *search, struct vls_why *why)
{
    struct describing *to = ctx;
    VLS_TRY(
        vls_report_text(to->report, vls_search_state_name(search->state), &to->row->search, why));
    to->row->search_due_ms = search->state == VLS_SEARCH_WAITING ? search->due_ms : 0;
    return vls_report_text(to->report, search->reason, &to->row->search_reason, why);
}

struct vls_status vls_furnish_describe(struct vls_route *route, const struct vls_id *id,
                                       struct vls_report *report, Valise__RequestRow *row,
                                       struct vls_why *why)
{
    struct describing to = {report, row};
    struct vls_why none;
    struct vls_status s = vls_store_search_get(route->o.store, id, describe, &to, &none);
    if (s.code == VLS_STORE_MISSING)
        return VLS_DONE;
    if (!vls_ok(s))
        *why = none;
    return s;
}

struct notices {
    struct vls_route *route;
    struct vls_report *report;
    Valise__StatusReport *status;
};

/* vls_search_person_fn */
static struct vls_status add_notice(void *ctx, const char *party, uint64_t count,
                                    const char *reason, struct vls_why *why)
{
    struct notices *to = ctx;
    char line[VLS_FURNISH_REASON + 160];
    if (vls_route_partner(to->route, party) == NULL)
        return VLS_DONE;
    snprintf(line, sizeof line,
             "%llu requests of %s wait for a person: valise requests --owed; the last: %s",
             (unsigned long long)count, party, reason);
    VLS_TRY(vls_report_text(to->report, line, &to->status->notices[to->status->n_notices], why));
    to->status->n_notices++;
    return VLS_DONE;
}

struct vls_status vls_furnish_notices(struct vls_route *route, struct vls_report *out,
                                      Valise__StatusReport *status, struct vls_why *why)
{
    struct notices to = {route, out, status};
    if (!vls_config_answers_from(route->o.config, NULL))
        return VLS_DONE;
    return vls_store_search_persons(route->o.store, add_notice, &to, why);
}
