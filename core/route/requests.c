#include "route/requests.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "policy/kinds.h"
#include "route/furnish.h"
#include "route/uniform.h"

#define MS          1000u
#define REPORT_ROWS 100u

/* -- reading ----------------------------------------------------------------------------------- */

void vls_requests_keep(const struct vls_request *request, struct vls_request_kept *out)
{
    out->row = *request;
    vls_text_copy(out->party, sizeof out->party, request->party);
    vls_text_copy(out->kind, sizeof out->kind, request->kind);
    vls_text_copy(out->answer_kind, sizeof out->answer_kind, request->answer_kind);
    vls_text_copy(out->answer_state, sizeof out->answer_state, request->answer_state);
    out->row.party = out->party;
    out->row.kind = out->kind;
    out->row.answer_kind = out->answer_kind;
    out->row.answer_state = out->answer_state;
    out->row.answer = VLS_SLICE(NULL, 0);
    if (vls_ok(vls_id_from(request->answer, &out->answer)))
        out->row.answer = vls_id_slice(&out->answer);
}

/* vls_request_fn */
static struct vls_status keep_one(void *ctx, const struct vls_request *request, struct vls_why *why)
{
    (void)why;
    vls_requests_keep(request, ctx);
    return VLS_DONE;
}

struct vls_status vls_requests_find(struct vls_route *route, struct vls_slice in_reply_to,
                                    enum vls_direction direction, const char *party,
                                    struct vls_request_kept *out, struct vls_why *why)
{
    struct vls_id id;
    if (!vls_ok(vls_id_from(in_reply_to, &id)))
        return vls_fail(VLS_STORE_MISSING, why, "it names no message");
    VLS_TRY(vls_store_request_get(route->o.store, &id, keep_one, out, why));
    if (out->row.direction != direction || strcmp(out->party, party) != 0)
        return vls_fail(VLS_STORE_MISSING, why, "it is not a request of that side");
    return VLS_DONE;
}

/* -- a request comes into being ---------------------------------------------------------------- */

static struct vls_status add(struct vls_route *route, enum vls_direction direction,
                             const char *party, const struct vls_manifest *m, struct vls_why *why)
{
    uint64_t now = vls_route_wall(route), due = m->fields->deadline_ms;
    if (due == 0)
        due = now + (uint64_t)route->o.config->answers.target_s * MS;
    if (due > now + VLS_REQUEST_FURTHEST_MS)
        due = now + VLS_REQUEST_FURTHEST_MS;
    struct vls_request request = {.id = m->id,
                                  .direction = direction,
                                  .party = party,
                                  .kind = m->fields->kind,
                                  .since_ms = now,
                                  .due_ms = due,
                                  .remind_ms = due};
    if (direction == VLS_IN)
        request.slot_ms = vls_uniform_slot(route, now, due);
    route->requests.is_known = false;
    return vls_store_request_add(route->o.store, &request, why);
}

/* -- and is answered --------------------------------------------------------------------------- */

static uint32_t steps_of(const struct vls_kind *asked)
{
    uint32_t count = 0;
    while (asked->expects[count] != NULL)
        count++;
    return count;
}

/* Up to which step an answer brings it. Of the kinds that may answer it some are not listed among
 * the expected ones: they stand for the last. */
static uint32_t step_of(const struct vls_kind *answer, const struct vls_kind *asked)
{
    for (uint32_t i = 0; asked->expects[i] != NULL; i++)
        if (strcmp(asked->expects[i], answer->name) == 0)
            return i + 1;
    return steps_of(asked);
}

static struct vls_status take_answer(struct vls_route *route, struct vls_request *request,
                                     const struct vls_id *id, const struct vls_kind *answer,
                                     struct vls_why *why)
{
    const struct vls_kind *asked = vls_kind_by_name(request->kind);
    uint32_t step = step_of(answer, asked);
    if (answer->is_uniform && request->closed_ms != 0)
        return VLS_DONE; /* it has a better one */
    if (!vls_slice_is_equal(request->answer, vls_id_slice(id)))
        request->answer_state = "";
    request->answer = vls_id_slice(id);
    request->answer_kind = answer->name;
    request->answered_ms = vls_route_wall(route);
    if (step > request->steps)
        request->steps = step;
    if (request->steps == steps_of(asked) && request->closed_ms == 0) {
        request->closed_ms = request->answered_ms;
        request->slot_ms = 0;
        request->remind_ms = 0;
    }
    route->requests.is_known = false;
    return vls_store_request_change(route->o.store, request, why);
}

static struct vls_status answer_request(struct vls_route *route, enum vls_direction asked,
                                        const char *party, const struct vls_manifest *m,
                                        bool *out_is_known, struct vls_why *why)
{
    const struct vls_kind *answer = vls_kind_by_name(m->fields->kind);
    struct vls_request_kept request;
    *out_is_known = true;
    if (answer == NULL || m->fields->in_reply_to.len == 0 ||
        (!answer->is_uniform && answer->answers[0] == NULL))
        return VLS_DONE;
    struct vls_status s =
        vls_requests_find(route, vls_bytes(m->fields->in_reply_to), asked, party, &request, why);
    if (s.code == VLS_STORE_MISSING) {
        *out_is_known = false;
        return VLS_DONE;
    }
    VLS_TRY(s);
    const struct vls_kind *kind = vls_kind_by_name(request.kind);
    *out_is_known = kind != NULL && vls_kind_is_answer_to(answer, kind);
    return *out_is_known ? take_answer(route, &request.row, &m->id, answer, why) : VLS_DONE;
}

static bool asks(const struct vls_manifest *m)
{
    const struct vls_kind *kind = vls_kind_by_name(m->fields->kind);
    return kind != NULL && kind->expects[0] != NULL;
}

struct vls_status vls_requests_released(struct vls_route *route, const struct vls_partner *partner,
                                        struct vls_slice manifest, struct vls_why *why)
{
    struct vls_manifest m VLS_DEFER(vls_manifest_fini) = {.fields = NULL};
    bool is_known;
    VLS_TRY(vls_manifest_read(manifest, &m, why));
    if (asks(&m))
        VLS_TRY(add(route, VLS_OUT, partner->config->party, &m, why));
    return answer_request(route, VLS_IN, partner->config->party, &m, &is_known, why);
}

struct vls_status vls_requests_received(struct vls_route *route, const char *party,
                                        const struct vls_manifest *m, struct vls_why *why)
{
    static const char UNASKED[] = "it claims to answer something that was not asked";
    char id[VLS_ID_TEXT];
    bool is_known;
    if (asks(m)) {
        VLS_TRY(add(route, VLS_IN, party, m, why));
        VLS_TRY(vls_furnish_received(route, party, m, why));
    }
    VLS_TRY(answer_request(route, VLS_OUT, party, m, &is_known, why));
    if (is_known)
        return VLS_DONE;
    vls_id_text(&m->id, id);
    vls_route_log(route, VLS_LOG_WARN, "answer.unasked", VLS_F("id", id), VLS_F("party", party),
                  VLS_F("kind", m->fields->kind), VLS_F("why", UNASKED));
    return vls_store_remark(route->o.store, &m->id, vls_route_wall(route), UNASKED, "router", why);
}

struct vls_status vls_requests_submitted(struct vls_route *route, const char *origin,
                                         const Valise__Submission *in, const struct vls_id *id,
                                         enum vls_state state, struct vls_why *why)
{
    const struct vls_kind *kind = vls_kind_by_name(in->kind);
    struct vls_request_kept request;
    char text[VLS_ID_TEXT];
    if (kind == NULL || in->in_reply_to.len == 0 || (!kind->is_uniform && kind->answers[0] == NULL))
        return VLS_DONE;
    struct vls_status s =
        vls_requests_find(route, vls_bytes(in->in_reply_to), VLS_IN, in->to, &request, why);
    if (s.code == VLS_STORE_MISSING)
        return VLS_DONE;
    VLS_TRY(s);
    request.row.answer = vls_id_slice(id);
    request.row.answer_kind = kind->name;
    request.row.answer_state = in->answer_state;
    if (kind->is_uniform && strcmp(origin, VLS_UNIFORM_ORIGIN) == 0) {
        request.row.slot_ms = 0; /* made once, whatever the rules say to it */
        vls_id_text(id, text);
        if (state != VLS_STATE_RELEASED)
            vls_route_log(route, VLS_LOG_ERROR, "alarm.uniform_answer_not_released",
                          VLS_F("id", text), VLS_F("party", in->to),
                          VLS_F("state", vls_state_name(state)));
    }
    route->requests.is_known = false;
    return vls_store_request_change(route->o.store, &request.row, why);
}

/* -- reminders --------------------------------------------------------------------------------- */

struct late {
    struct vls_request_kept *at;
    size_t count;
};

/* vls_request_fn */
static struct vls_status keep_late(void *ctx, const struct vls_request *request,
                                   struct vls_why *why)
{
    struct late *late = ctx;
    (void)why;
    vls_requests_keep(request, &late->at[late->count++]);
    return VLS_DONE;
}

static struct vls_status remind_of(struct vls_route *route, struct vls_request *request,
                                   struct vls_why *why)
{
    char id[VLS_ID_TEXT], due[VLS_TIME_TEXT];
    uint64_t every = (uint64_t)route->o.config->answers.reminder_s * MS;
    request->reminded_ms = vls_route_wall(route);
    request->remind_ms = request->reminded_ms + (every != 0 ? every : MS);
    VLS_TRY(vls_store_request_change(route->o.store, request, why));
    vls_id_text(&request->id, id);
    vls_time_text(request->due_ms, due);
    vls_route_log(route, VLS_LOG_WARN, "request.reminder", VLS_F("id", id),
                  VLS_F("party", request->party), VLS_F("kind", request->kind),
                  VLS_F("answer", request->direction == VLS_IN ? "owed" : "awaited"),
                  VLS_F("due", due));
    return VLS_DONE;
}

static struct vls_status remind(struct vls_route *route, struct vls_why *why)
{
    struct vls_request_kept *rows VLS_DEFER(vls_mem_freep) =
        vls_mem_new(VLS_REMIND_BATCH * sizeof *rows);
    struct late late = {.at = rows};
    VLS_TRY(vls_store_request_due(route->o.store, false, vls_route_wall(route), VLS_REMIND_BATCH,
                                  keep_late, &late, why));
    if (late.count == 0)
        return VLS_DONE;
    VLS_TRY(vls_route_begin(route, why));
    for (size_t i = 0; i < late.count; i++)
        VLS_TRY(remind_of(route, &late.at[i].row, why));
    return VLS_DONE;
}

uint64_t vls_requests_next_ms(struct vls_route *route)
{
    struct vls_requests_watch *watch = &route->requests;
    struct vls_why why = {""};
    uint64_t steady = vls_route_steady(route), wall = vls_route_wall(route);
    if (!watch->is_known) {
        struct vls_status s =
            vls_store_request_next(route->o.store, &watch->slot_ms, &watch->remind_ms, &why);
        if (!vls_ok(s))
            return steady + VLS_REQUESTS_RETRY_MS;
        watch->is_known = true;
    }
    uint64_t next = watch->under_way == 0 && watch->slot_ms < watch->remind_ms ? watch->slot_ms
                                                                               : watch->remind_ms;
    if (next == UINT64_MAX)
        return UINT64_MAX;
    next = next > wall ? steady + (next - wall) : steady;
    if (next > steady + VLS_REQUESTS_LOOK_MS)
        next = steady + VLS_REQUESTS_LOOK_MS;
    return next > watch->retry_ms ? next : watch->retry_ms;
}

void vls_requests_tick(struct vls_route *route)
{
    struct vls_why why = {""};
    if (route->is_stopping || route->is_stranded ||
        vls_requests_next_ms(route) > vls_route_steady(route))
        return;
    struct vls_status s = remind(route, &why);
    if (vls_ok(s))
        s = vls_uniform_start(route, &why);
    route->requests.is_known = false;
    if (vls_ok(s))
        return;
    route->requests.retry_ms = vls_route_steady(route) + VLS_REQUESTS_RETRY_MS;
    vls_route_log(route, VLS_LOG_WARN, "request.tick_failed", VLS_FAILURE(s, &why));
}

/* -- for operators ----------------------------------------------------------------------------- */

struct page {
    struct vls_route *route;
    struct vls_report *report;
    Valise__RequestRow **rows;
    size_t count, limit;
    bool has_more;
};

static char *text(struct page *page, const char *from)
{
    return vls_arena_text(page->report->arena, from);
}

static ProtobufCBinaryData bytes(struct page *page, struct vls_slice from)
{
    return (ProtobufCBinaryData){from.len, vls_arena_copy(page->report->arena, from.at, from.len)};
}

/* vls_request_fn */
static struct vls_status add_row(void *ctx, const struct vls_request *request, struct vls_why *why)
{
    struct page *page = ctx;
    const struct vls_kind *kind = vls_kind_by_name(request->kind);
    if (page->count == page->limit) {
        page->has_more = true;
        return VLS_DONE;
    }
    Valise__RequestRow *row = vls_arena_take(page->report->arena, sizeof *row);
    if (row == NULL)
        return vls_report_too_large(why);
    valise__request_row__init(row);
    row->id = bytes(page, vls_id_slice(&request->id));
    row->answer = bytes(page, request->answer);
    row->is_owed = request->direction == VLS_IN;
    row->party = text(page, request->party);
    row->kind = text(page, request->kind);
    row->answer_kind = text(page, request->answer_kind);
    row->answer_state = text(page, request->answer_state);
    row->answer_at = text(page, vls_state_name(request->answer_at));
    row->since_ms = request->since_ms;
    row->due_ms = request->due_ms;
    row->slot_ms = request->slot_ms;
    row->reminded_ms = request->reminded_ms;
    row->steps = request->steps;
    row->expected = kind != NULL ? steps_of(kind) : 0;
    row->answered_ms = request->answered_ms;
    row->closed_ms = request->closed_ms;
    VLS_TRY(vls_furnish_describe(page->route, &request->id, page->report, row, why));
    if (row->id.data == NULL || row->answer.data == NULL || row->party == NULL ||
        row->kind == NULL || row->answer_kind == NULL || row->answer_state == NULL ||
        row->answer_at == NULL)
        return vls_report_too_large(why);
    page->rows[page->count++] = row;
    return VLS_DONE;
}

struct vls_status vls_requests_report(struct vls_route *route, const Valise__OperatorRequests *in,
                                      struct vls_report *out, struct vls_why *why)
{
    struct page page = {.route = route, .report = out, .limit = REPORT_ROWS};
    struct vls_request_filter filter = {.party = in->party[0] != '\0' ? in->party : NULL,
                                        .with_closed = in->with_closed,
                                        .after_due_ms = in->after_due_ms,
                                        .after = vls_bytes(in->after)};
    if (in->is_owed != in->is_awaited)
        filter.direction = in->is_owed ? VLS_IN : VLS_OUT;
    if (in->limit != 0 && in->limit < page.limit)
        page.limit = in->limit;
    filter.limit = (uint32_t)page.limit + 1;
    page.rows = vls_arena_take(out->arena, page.limit * sizeof(void *));
    if (page.rows == NULL)
        return vls_report_too_large(why);
    VLS_TRY(vls_store_request_list(route->o.store, &filter, add_row, &page, why));
    out->reply.n_requests = page.count;
    out->reply.requests = page.rows;
    out->reply.has_more = page.has_more;
    return VLS_DONE;
}

struct notices {
    struct vls_route *route;
    struct vls_report *report;
    Valise__StatusReport *status;
};

/* vls_request_late_fn */
static struct vls_status add_notice(void *ctx, enum vls_direction direction, const char *party,
                                    uint64_t count, struct vls_why *why)
{
    struct notices *to = ctx;
    char line[160];
    if (vls_route_partner(to->route, party) == NULL)
        return VLS_DONE;
    snprintf(line, sizeof line,
             direction == VLS_IN
                 ? "%llu requests of %s are past their service target: valise requests --owed"
                 : "%llu requests to %s are past their service target: valise requests --awaited",
             (unsigned long long)count, party);
    char *kept = vls_arena_text(to->report->arena, line);
    if (kept == NULL)
        return vls_report_too_large(why);
    to->status->notices[to->status->n_notices++] = kept;
    return VLS_DONE;
}

struct vls_status vls_requests_notices(struct vls_route *route, struct vls_report *out,
                                       Valise__StatusReport *status, struct vls_why *why)
{
    struct notices to = {route, out, status};
    return vls_store_request_late(route->o.store, vls_route_wall(route), add_notice, &to, why);
}
