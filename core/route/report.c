/*
 * route/report - what an operator may see: lists, one message, its trace and decision, status,
 * evidence for export.
 */
#include "route/report.h"

#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/text.h"
#include "policy/explain.h"
#include "policy/extract.h"
#include "route/catalogue.h"
#include "route/clearance.h"
#include "route/confirm.h"
#include "route/furnish.h"
#include "route/internal.h"
#include "route/likeness.h"
#include "route/message_state.h"
#include "route/meter.h"
#include "route/plugins.h"
#include "route/registry.h"
#include "route/requests.h"
#include "route/retention.h"
#include "route/said.h"
#include "store/attestation.h"
#include "store/internal.h"

#define REPORT_ROWS  100u
#define REPORT_BYTES (VLS_MAX_FRAME - 4096) /* an answer is one frame */

/** In place of a subject that an operator may not see. */
#define NOT_SHOWN VLS_NOT_SHOWN

/** Appends to an array of pointers that lives in the arena. */
struct rows {
    struct vls_route *route;
    struct vls_report *report;
    void **at;
    size_t count, limit;
    bool has_more;
    bool is_whole; /* of a trace: its reader may see content */
};

void vls_report_init(struct vls_report *report)
{
    *report = (struct vls_report){.fd = -1, .arena = vls_arena_new(REPORT_BYTES), .actor = ""};
    valise__operator_reply__init(&report->reply);
}

void vls_report_fini(struct vls_report *report)
{
    vls_fd_close(&report->fd);
    vls_arena_free(&report->arena);
}

void vls_report_answer(struct vls_route *route, uint64_t handle, struct vls_status status,
                       const struct vls_why *why, struct vls_report *report)
{
    Valise__Outcome outcome;
    Valise__Frame frame = VALISE__FRAME__INIT;
    vls_outcome_init(&outcome, status, why);
    report->reply.outcome = &outcome;
    frame.body_case = VALISE__FRAME__BODY_OPERATOR_REPLY;
    frame.operator_reply = &report->reply;
    route->o.ports.answer(route->o.ports.ctx, handle, &frame, &report->fd, report->fd >= 0 ? 1 : 0);
}

void vls_report_refuse(struct vls_route *route, uint64_t handle, struct vls_status status,
                       const struct vls_why *why)
{
    struct vls_report report;
    vls_report_init(&report);
    vls_report_answer(route, handle, status, why, &report);
    vls_report_fini(&report);
}

void vls_report_uncommitted(struct vls_status commit, struct vls_why *why)
{
    why->text[0] = '\0';
    if (!vls_ok(commit))
        VLS_IGNORE(vls_fail(commit.code, why, "the change could not be committed: %s",
                            vls_status_text(commit)),
                   "the status is the caller's");
}

struct vls_status vls_report_too_large(struct vls_why *why)
{
    return vls_fail(VLS_INPUT_LIMIT, why, "the answer is larger than a frame; ask for less");
}

static struct vls_status bytes_copy(struct vls_report *report, struct vls_slice from,
                                    ProtobufCBinaryData *out, struct vls_why *why)
{
    out->data = vls_arena_copy(report->arena, from.at, from.len);
    out->len = from.len;
    return out->data != NULL ? VLS_DONE : vls_report_too_large(why);
}

struct vls_status vls_report_text(struct vls_report *report, const char *from, char **out,
                                  struct vls_why *why)
{
    *out = vls_arena_text(report->arena, from);
    return *out != NULL ? VLS_DONE : vls_report_too_large(why);
}

/** Which house rule it was, those are not told who may not see content. */
static struct vls_status reason_copy(struct vls_report *report, const char *from, bool is_whole,
                                     char **out, struct vls_why *why)
{
    char shown[VLS_REASON_TEXT];
    if (is_whole)
        return vls_report_text(report, from, out, why);
    vls_explain_without_house(from, shown);
    return vls_report_text(report, shown, out, why);
}

static struct vls_status rows_init(struct rows *rows, struct vls_route *route,
                                   struct vls_report *report, size_t limit, struct vls_why *why)
{
    *rows = (struct rows){.route = route, .report = report, .limit = limit};
    rows->at = vls_arena_take(report->arena, (limit + 1) * sizeof *rows->at);
    return rows->at != NULL ? VLS_DONE : vls_report_too_large(why);
}

/* -- messages ---------------------------------------------------------------------------------- */

/* A subject is as sensitive as its message. Where the configuration says who may see content, it is
 * shown to those alone; where it says nothing, to every operator. */
static bool is_for_actor(const struct vls_route *route, const char *actor,
                         const struct vls_message *m)
{
    struct vls_label label VLS_DEFER(vls_label_fini) = {.scheme = NULL};
    return route->o.config->operators_count == 0 ||
           (vls_ok(vls_label_read(m->label, route->o.schemes, &label, NULL)) &&
            vls_ok(vls_route_clearance_actor(route, actor, &label, NULL)));
}

bool vls_report_is_for_actor(const struct vls_route *route, const struct vls_report *report,
                             const struct vls_message *m)
{
    return is_for_actor(route, report->actor, m);
}

static const char *subject_for(const struct rows *rows, const struct vls_message *m)
{
    if (m->subject == NULL || m->subject[0] == '\0' ||
        is_for_actor(rows->route, rows->report->actor, m))
        return m->subject;
    return NOT_SHOWN;
}

/* So is what the decision was made by. Who may not see content sees of it what a list says, too. */
static struct vls_status decision_for(struct vls_route *route, const struct vls_message *m,
                                      struct vls_report *out, ProtobufCBinaryData *decision,
                                      struct vls_why *why)
{
    struct vls_buf extract VLS_DEFER(vls_buf_fini);
    vls_buf_init(&extract, VLS_MAX_DECISION);
    if (m->decision.len == 0 || is_for_actor(route, out->actor, m))
        return bytes_copy(out, m->decision, decision, why);
    VLS_TRY(vls_decision_extract(m->decision, VLS_EXTRACT_LISTED, &extract, why));
    out->reply.is_reduced = true;
    return bytes_copy(out, vls_buf_slice(&extract), decision, why);
}

/* vls_message_fn */
static struct vls_status add_row(void *ctx, const struct vls_message *m, struct vls_why *why)
{
    struct rows *rows = ctx;
    struct vls_report *report = rows->report;
    char waits[VLS_REASON_TEXT];
    bool is_waiting = vls_confirm_is_awaited_by(rows->route, m, waits);
    if (rows->count == rows->limit) {
        rows->has_more = true;
        return VLS_DONE;
    }
    Valise__MessageRow *row = vls_arena_take(report->arena, sizeof *row);
    if (row == NULL)
        return vls_report_too_large(why);
    valise__message_row__init(row);
    VLS_TRY(is_waiting ? vls_report_text(report, waits, &row->reason, why)
                       : reason_copy(report, m->reason, is_for_actor(rows->route, report->actor, m),
                                     &row->reason, why));
    VLS_TRY(bytes_copy(report, vls_id_slice(&m->id), &row->id, why));
    VLS_TRY(bytes_copy(report, m->duplicate_of, &row->duplicate_of, why));
    VLS_TRY(vls_report_text(report, m->direction == VLS_OUT ? "out" : "in", &row->direction, why));
    VLS_TRY(vls_report_text(report, m->party, &row->party, why));
    VLS_TRY(vls_report_text(report, m->kind, &row->kind, why));
    VLS_TRY(vls_report_text(report, m->label, &row->label, why));
    VLS_TRY(vls_report_text(report, vls_state_name(m->state), &row->state, why));
    VLS_TRY(vls_report_text(report, subject_for(rows, m), &row->subject, why));
    VLS_TRY(vls_report_text(report, m->origin, &row->origin, why));
    VLS_TRY(vls_report_text(report, m->body, &row->body, why));
    row->created_ms = m->created_ms;
    row->changed_ms = m->changed_ms;
    row->content_bytes = m->content_bytes;
    row->attempts = m->attempts;
    row->due_ms = vls_state_is_final(m->state) || is_waiting ? 0 : m->due_ms;
    rows->at[rows->count++] = row;
    return VLS_DONE;
}

struct vls_status vls_report_row(struct vls_route *route, const struct vls_message *message,
                                 struct vls_report *report, Valise__MessageRow **out,
                                 struct vls_why *why)
{
    struct rows rows;
    VLS_TRY(rows_init(&rows, route, report, 1, why));
    VLS_TRY(add_row(&rows, message, why));
    *out = rows.at[0];
    return VLS_DONE;
}

static uint64_t open_states(void)
{
    static const enum vls_state ALL[] = {
#define VLS_X(name, number, text) VLS_STATE_##name,
        VLS_STATE_TABLE(VLS_X)
#undef VLS_X
    };
    uint64_t bits = 0;
    for (size_t i = 0; i < sizeof ALL / sizeof ALL[0]; i++)
        if (!vls_state_is_final(ALL[i]))
            bits |= UINT64_C(1) << ALL[i];
    return bits;
}

static struct vls_status read_filter(const Valise__OperatorList *in, struct vls_filter *out,
                                     struct vls_id *before, struct vls_why *why)
{
    *out = (struct vls_filter){.party = in->party[0] != '\0' ? in->party : NULL};
    out->limit = in->limit == 0 || in->limit > REPORT_ROWS ? REPORT_ROWS : in->limit;
    if (strcmp(in->direction, "out") == 0)
        out->direction = VLS_OUT;
    else if (strcmp(in->direction, "in") == 0)
        out->direction = VLS_IN;
    else if (in->direction[0] != '\0')
        return vls_fail(VLS_CLI_USAGE, why, "direction '%.40s' is neither 'out' nor 'in'",
                        in->direction);
    if (strcmp(in->state, "open") == 0) {
        out->states = open_states();
    } else if (in->state[0] != '\0') {
        enum vls_state state = vls_state_by_name(in->state);
        if (state == VLS_STATE_NONE)
            return vls_fail(VLS_CLI_USAGE, why, "'%.40s' is not a state of a message", in->state);
        out->states = UINT64_C(1) << state;
    }
    if (in->before.len != 0) {
        VLS_TRY(vls_id_from(vls_bytes(in->before), before));
        out->before = before;
    }
    return VLS_DONE;
}

static struct vls_status list(struct vls_route *route, const Valise__OperatorList *in,
                              struct vls_report *out, struct vls_why *why)
{
    struct vls_filter filter;
    struct vls_id before;
    struct rows rows;
    VLS_TRY(read_filter(in, &filter, &before, why));
    VLS_TRY(rows_init(&rows, route, out, filter.limit, why));
    filter.limit++; /* one more tells whether there are more */
    VLS_TRY(vls_store_list(route->o.store, &filter, add_row, &rows, why));
    out->reply.n_rows = rows.count;
    out->reply.rows = (Valise__MessageRow **)rows.at;
    out->reply.has_more = rows.has_more;
    return VLS_DONE;
}

/* vls_trace_fn */
static struct vls_status add_trace(void *ctx, uint64_t at_ms, const char *from_state,
                                   const char *to_state, const char *cause, const char *actor,
                                   struct vls_why *why)
{
    struct rows *rows = ctx;
    if (rows->count == rows->limit) {
        rows->has_more = true;
        return VLS_DONE;
    }
    Valise__TraceRow *row = vls_arena_take(rows->report->arena, sizeof *row);
    if (row == NULL)
        return vls_report_too_large(why);
    valise__trace_row__init(row);
    row->at_ms = at_ms;
    VLS_TRY(vls_report_text(rows->report, from_state, &row->from_state, why));
    VLS_TRY(vls_report_text(rows->report, to_state, &row->to_state, why));
    VLS_TRY(reason_copy(rows->report, cause, rows->is_whole, &row->cause, why));
    VLS_TRY(vls_report_text(rows->report, actor, &row->actor, why));
    rows->at[rows->count++] = row;
    return VLS_DONE;
}

static struct vls_status show_trace(struct vls_route *route, const struct vls_id *id, bool is_whole,
                                    struct vls_report *out, struct vls_why *why)
{
    struct rows rows;
    VLS_TRY(rows_init(&rows, route, out, 2 * REPORT_ROWS, why));
    rows.is_whole = is_whole;
    VLS_TRY(vls_store_trace(route->o.store, id, add_trace, &rows, why));
    out->reply.n_trace = rows.count;
    out->reply.trace = (Valise__TraceRow **)rows.at;
    out->reply.has_more = rows.has_more;
    return VLS_DONE;
}

struct vls_status vls_route_find(struct vls_route *route, ProtobufCBinaryData prefix,
                                 struct vls_id *out, struct vls_why *why)
{
    struct vls_slice bytes = vls_bytes(prefix);
    if (vls_ok(vls_id_from(bytes, out)))
        return VLS_DONE;
    if (bytes.len < 4 || bytes.len > VLS_ID_BYTES)
        return vls_fail(VLS_CLI_USAGE, why, "an id needs at least its first 8 digits");
    return vls_store_by_prefix(route->o.store, bytes, out, why);
}

/* What it is like is as sensitive as its message. */
static struct vls_status add_likeness(struct vls_route *route, const struct vls_id *id,
                                      struct vls_report *out, Valise__MessageRow *row,
                                      struct vls_why *why)
{
    char advice[VLS_LIKENESS_ADVICE];
    struct vls_likeness likeness;
    struct vls_status s =
        vls_catalogue_advice(route->o.store, id, &likeness, advice, sizeof advice, why);
    if (s.code == VLS_STORE_MISSING)
        return VLS_DONE;
    VLS_TRY(s);
    row->like = likeness.like;
    if (likeness.like != VLS_LIKENESS_NOTHING)
        VLS_TRY(bytes_copy(out, vls_id_slice(&likeness.other), &row->like_of, why));
    return vls_report_text(out, likeness.advice, &row->advice, why);
}

static struct vls_status show(struct vls_route *route, const Valise__OperatorShow *in,
                              struct vls_report *out, struct vls_why *why)
{
    struct vls_id id;
    struct vls_message *m;
    struct rows rows;
    VLS_TRY(vls_route_find(route, in->id, &id, why));
    VLS_TRY(rows_init(&rows, route, out, 1, why));
    VLS_TRY(vls_store_get(route->o.store, &id, &m, why));
    struct vls_status s = add_row(&rows, m, why);
    if (vls_ok(s) && in->with_decision)
        s = decision_for(route, m, out, &out->reply.decision, why);
    bool is_whole = is_for_actor(route, out->actor, m);
    vls_message_free(&m);
    if (vls_ok(s) && is_whole)
        s = add_likeness(route, &id, out, rows.at[0], why);
    VLS_TRY(s);
    out->reply.n_rows = rows.count;
    out->reply.rows = (Valise__MessageRow **)rows.at;
    if (!in->with_trace && !in->with_decision)
        VLS_TRY(vls_catalogue_documents(route, &id, out, why));
    return in->with_trace ? show_trace(route, &id, is_whole, out, why) : VLS_DONE;
}

struct vls_status vls_report_opened(struct vls_route *route, const struct vls_message *message,
                                    const char *actor, struct vls_report *out, struct vls_why *why)
{
    struct rows rows;
    struct vls_manifest manifest;
    Valise__Opened *opened = vls_arena_take(out->arena, sizeof *opened);
    if (opened == NULL)
        return vls_report_too_large(why);
    valise__opened__init(opened);
    out->actor = actor;
    VLS_TRY(rows_init(&rows, route, out, 1, why));
    VLS_TRY(add_row(&rows, message, why));
    VLS_TRY(vls_manifest_read(message->manifest, &manifest, why));
    struct vls_status s =
        bytes_copy(out, vls_bytes(manifest.fields->label), &opened->label_der, why);
    vls_manifest_fini(&manifest);
    opened->row = rows.at[0];
    out->reply.opened = opened;
    return s;
}

/* -- status ------------------------------------------------------------------------------------ */

static bool is_same_text(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* vls_count_fn: sums over the partners */
static struct vls_status add_count(void *ctx, enum vls_direction direction, enum vls_state state,
                                   const char *party, uint64_t count, struct vls_why *why)
{
    struct rows *rows = ctx;
    const char *way = direction == VLS_OUT ? "out" : "in";
    (void)party;
    for (size_t i = 0; i < rows->count; i++) {
        Valise__StateCount *known = rows->at[i];
        if (is_same_text(known->direction, way) &&
            is_same_text(known->state, vls_state_name(state))) {
            known->count += count;
            return VLS_DONE;
        }
    }
    Valise__StateCount *row = vls_arena_take(rows->report->arena, sizeof *row);
    if (row == NULL || rows->count == rows->limit)
        return vls_report_too_large(why);
    valise__state_count__init(row);
    row->count = count;
    VLS_TRY(vls_report_text(rows->report, way, &row->direction, why));
    VLS_TRY(vls_report_text(rows->report, vls_state_name(state), &row->state, why));
    rows->at[rows->count++] = row;
    return VLS_DONE;
}

struct waiting {
    const char *party;
    uint64_t count;
};

/* vls_count_fn: what waits to be carried to one partner */
static struct vls_status add_waiting(void *ctx, enum vls_direction direction, enum vls_state state,
                                     const char *party, uint64_t count, struct vls_why *why)
{
    struct waiting *waiting = ctx;
    (void)why;
    bool is_waiting = state == VLS_STATE_RELEASED || state == VLS_STATE_CARRYING ||
                      state == VLS_STATE_DEFERRED || state == VLS_STATE_UNCERTAIN;
    if (direction == VLS_OUT && is_waiting && is_same_text(party, waiting->party))
        waiting->count += count;
    return VLS_DONE;
}

static struct vls_status add_partner(struct rows *rows, struct vls_partner *partner,
                                     struct vls_why *why)
{
    struct waiting waiting = {.party = partner->config->party};
    Valise__PartnerStatus *row = vls_arena_take(rows->report->arena, sizeof *row);
    if (row == NULL || rows->count == rows->limit)
        return vls_report_too_large(why);
    valise__partner_status__init(row);
    VLS_TRY(vls_report_text(rows->report, partner->config->party, &row->party, why));
    VLS_TRY(vls_report_text(rows->report, partner->config->url, &row->url, why));
    VLS_TRY(vls_report_text(rows->report, partner->trouble, &row->trouble, why));
    VLS_TRY(vls_store_counts(rows->route->o.store, add_waiting, &waiting, why));
    row->waiting = waiting.count;
    row->sent_size = partner->sent.committed;
    row->received_size = partner->received.committed;
    row->last_exchange_ms = partner->last_exchange_ms;
    row->failures = partner->failures;
    rows->at[rows->count++] = row;
    return VLS_DONE;
}

static struct vls_status add_notices(struct vls_route *route, struct vls_report *out,
                                     Valise__StatusReport *status, struct vls_why *why)
{
    const struct vls_scheme_set *set = route->o.schemes;
    char **notices = vls_arena_take(out->arena, (set->count + 1 + 3 * route->partner_count +
                                                 vls_route_plugins_notices(route) +
                                                 vls_confirm_notice_count(route)) *
                                                    sizeof *notices);
    if (notices == NULL)
        return vls_report_too_large(why);
    status->notices = notices;
    for (size_t i = 0; i < set->count; i++)
        if (vls_scheme_notice(set->schemes[i]) != NULL)
            VLS_TRY(vls_report_text(out, vls_scheme_notice(set->schemes[i]),
                                    &notices[status->n_notices++], why));
    if (!vls_arrangement_is_in_force(route->arrangement, vls_route_wall(route)))
        notices[status->n_notices++] =
            vls_field_text("the arrangement is not in force: everything is withheld");
    VLS_TRY(vls_confirm_notices(route, out, status, why));
    VLS_TRY(vls_requests_notices(route, out, status, why));
    return vls_furnish_notices(route, out, status, why);
}

static struct vls_status show_status(struct vls_route *route, struct vls_report *out,
                                     struct vls_why *why)
{
    struct rows partners, counts;
    Valise__StatusReport *status = vls_arena_take(out->arena, sizeof *status);
    if (status == NULL)
        return vls_report_too_large(why);
    valise__status_report__init(status);
    VLS_TRY(rows_init(&partners, route, out, route->partner_count, why));
    for (size_t i = 0; i < route->partner_count; i++)
        VLS_TRY(add_partner(&partners, &route->partners[i], why));
    VLS_TRY(rows_init(&counts, route, out, 64, why));
    VLS_TRY(vls_store_counts(route->o.store, add_count, &counts, why));
    VLS_TRY(add_notices(route, out, status, why));
    VLS_TRY(vls_route_plugins_report(route, out, status, why));
    VLS_TRY(vls_said_report(route, out, status, why));
    status->party = route->o.config->node.party;
    status->started_ms = route->started_ms;
    status->commits = vls_store_commits(route->o.store);
    status->arrangement = vls_field_text(vls_arrangement_name(route->arrangement));
    status->arrangement_version = vls_arrangement_version(route->arrangement);
    status->n_partners = partners.count;
    status->partners = (Valise__PartnerStatus **)partners.at;
    status->n_counts = counts.count;
    status->counts = (Valise__StateCount **)counts.at;
    out->reply.status = status;
    return VLS_DONE;
}

/* -- evidence ---------------------------------------------------------------------------------- */

static struct vls_status new_inclusion(struct vls_report *out, uint64_t index, size_t hashes,
                                       const char *note, Valise__InclusionEvidence **made,
                                       struct vls_why *why)
{
    Valise__InclusionEvidence *e = vls_arena_take(out->arena, sizeof *e);
    if (e == NULL)
        return vls_report_too_large(why);
    valise__inclusion_evidence__init(e);
    e->leaf_index = index;
    e->n_hashes = hashes;
    e->hashes = vls_arena_take(out->arena, (hashes + 1) * sizeof *e->hashes);
    if (e->hashes == NULL)
        return vls_report_too_large(why);
    *made = e;
    return vls_report_text(out, note, &e->checkpoint, why);
}

/* The time stamp on a checkpoint, where there is one. */
static struct vls_status add_stamp(struct vls_route *route, const char *origin, uint64_t size,
                                   struct vls_report *out, Valise__InclusionEvidence *evidence,
                                   struct vls_why *why)
{
    struct vls_buf token VLS_DEFER(vls_buf_fini);
    uint64_t time_ms;
    vls_buf_init(&token, VLS_MAX_STAMP);
    struct vls_status s = vls_store_stamp(route->o.store, origin, size, &token, &time_ms, why);
    if (s.code == VLS_STORE_MISSING)
        return VLS_DONE;
    VLS_TRY(s);
    return bytes_copy(out, vls_buf_slice(&token), &evidence->stamp, why);
}

/* The first checkpoint that holds `size` leaves and is confirmed as the configuration asks for it;
 * otherwise by a time stamp, or by witnesses; otherwise the first of all. */
static struct vls_status best_checkpoint(struct vls_route *route, const char *origin, uint64_t size,
                                         uint64_t *out, struct vls_why *why)
{
    const struct vls_attested CHOICES[] = {
        {route->o.config->attestation.quorum != 0, *route->o.config->attestation.tsa_url != '\0'},
        {.is_stamped = true},
        {.is_witnessed = true}};
    *out = 0;
    for (size_t i = 0; i < sizeof CHOICES / sizeof CHOICES[0] && *out == 0; i++)
        VLS_TRY(vls_store_attested_first(route->o.store, origin, size, CHOICES[i], out, why));
    if (*out == 0)
        *out = size;
    return VLS_DONE;
}

/* A leaf of our own log, under a checkpoint of ours that holds it. There is none before the first
 * exchange: then there is nothing to show yet. */
static struct vls_status own_inclusion(struct vls_route *route, struct vls_log *log, uint64_t index,
                                       struct vls_report *out, Valise__InclusionEvidence **made,
                                       struct vls_why *why)
{
    struct vls_buf note;
    struct vls_digest root;
    struct vls_proof proof;
    uint64_t size;
    if (index == VLS_NO_INDEX)
        return VLS_DONE;
    vls_buf_init(&note, VLS_MAX_NOTE);
    VLS_TRY(best_checkpoint(route, log->origin, index + 1, &size, why));
    struct vls_status s =
        vls_store_checkpoint(route->o.store, log->origin, size, &size, &root, &note, why);
    if (vls_ok(s))
        s = vls_tree_inclusion(log->tree, index, size, &proof, why);
    if (vls_ok(s))
        s = new_inclusion(out, index, proof.count, vls_buf_text(&note), made, why);
    for (size_t i = 0; vls_ok(s) && i < proof.count; i++)
        s = bytes_copy(out, vls_digest_slice(&proof.hashes[i]), &(*made)->hashes[i], why);
    if (vls_ok(s))
        s = add_stamp(route, log->origin, size, out, *made, why);
    vls_buf_fini(&note);
    return s.code == VLS_STORE_MISSING ? VLS_DONE : s;
}

static struct vls_status their_inclusion(struct vls_route *route, const struct vls_their_log *log,
                                         const struct vls_message *m, struct vls_report *out,
                                         Valise__InclusionEvidence **made, struct vls_why *why)
{
    struct vls_buf note;
    struct vls_digest root;
    uint64_t size;
    size_t count = m->their_hashes.len / VLS_DIGEST_BYTES;
    if (m->their_index == VLS_NO_INDEX)
        return VLS_DONE;
    vls_buf_init(&note, VLS_MAX_NOTE);
    struct vls_status s =
        vls_store_checkpoint(route->o.store, log->origin, m->their_size, &size, &root, &note, why);
    if (vls_ok(s))
        s = new_inclusion(out, m->their_index, count, vls_buf_text(&note), made, why);
    for (size_t i = 0; vls_ok(s) && i < count; i++)
        s = bytes_copy(out, VLS_SLICE(m->their_hashes.at + i * VLS_DIGEST_BYTES, VLS_DIGEST_BYTES),
                       &(*made)->hashes[i], why);
    if (vls_ok(s))
        s = add_stamp(route, log->origin, size, out, *made, why);
    vls_buf_fini(&note);
    return s;
}

static struct vls_status content_of(struct vls_route *route, const struct vls_message *m,
                                    struct vls_report *out, Valise__Evidence *e,
                                    struct vls_why *why)
{
    VLS_TRY(vls_retention_not_erased(route, m, why));
    VLS_TRY(bytes_copy(out, m->sealed, &e->sealed, why));
    if (m->content.len != 0) /* in a file always: an answer is one frame */
        return vls_fd_memory_of("valise-content", m->content, &out->fd, why);
    return vls_content_open(route->o.store, &m->content_digest, &out->fd, &e->content_bytes, why);
}

struct decision_entry {
    struct vls_report *report;
    struct vls_digest decision;
    Valise__Evidence *evidence;
    uint64_t place;
};

/* vls_internal_fn: the last one of exactly this decision */
static struct vls_status find_decision(void *ctx, const struct vls_internal_row *row,
                                       struct vls_why *why)
{
    struct decision_entry *d = ctx;
    struct vls_internal entry = {NULL};
    VLS_TRY(vls_internal_read(row->record, &entry, why));
    bool is_it = vls_slice_is_equal(vls_bytes(entry.fields->body), vls_digest_slice(&d->decision));
    vls_internal_fini(&entry);
    if (!is_it)
        return VLS_DONE;
    d->place = row->place;
    return bytes_copy(d->report, row->record, &d->evidence->decision_entry, why);
}

/* That what is enclosed is what was decided: its entry in the internal log. */
static struct vls_status prove_decision(struct vls_route *route, const struct vls_message *m,
                                        struct vls_report *out, Valise__Evidence *e,
                                        struct vls_why *why)
{
    const struct vls_internal_filter filter = {
        .kind = VLS_INTERNAL_DECISION, .id = &m->id, .limit = UINT32_MAX};
    struct decision_entry d = {out, vls_digest_of_slice(vls_bytes(e->decision)), e, VLS_NO_INDEX};
    VLS_TRY(vls_store_internal_each(route->o.store, &filter, find_decision, &d, why));
    return own_inclusion(route, vls_internal_tree(route), d.place, out, &e->decided, why);
}

static struct vls_status evidence_of(struct vls_route *route, const struct vls_message *m,
                                     bool with_content, struct vls_report *out, Valise__Evidence *e,
                                     struct vls_why *why)
{
    struct vls_partner *partner = vls_route_partner(route, m->party);
    VLS_TRY(bytes_copy(out, m->manifest, &e->manifest, why));
    VLS_TRY(bytes_copy(out, m->receipt, &e->receipt, why));
    VLS_TRY(decision_for(route, m, out, &e->decision, why));
    if (e->decision.len != 0)
        VLS_TRY(prove_decision(route, m, out, e, why));
    e->content_bytes = m->content_bytes;
    if (with_content)
        VLS_TRY(content_of(route, m, out, e, why));
    if (partner == NULL)
        return VLS_DONE;
    if (m->direction == VLS_IN) {
        VLS_TRY(their_inclusion(route, &partner->their_sent, m, out, &e->sent, why));
        return own_inclusion(route, &partner->received, m->log_index, out, &e->received, why);
    }
    VLS_TRY(own_inclusion(route, &partner->sent, m->log_index, out, &e->sent, why));
    return their_inclusion(route, &partner->their_received, m, out, &e->received, why);
}

static struct vls_status export(struct vls_route *route, const Valise__OperatorExport *in,
                                struct vls_report *out, struct vls_why *why)
{
    struct vls_id id;
    struct vls_message *m;
    Valise__Evidence *e = vls_arena_take(out->arena, sizeof *e);
    if (e == NULL)
        return vls_report_too_large(why);
    valise__evidence__init(e);
    VLS_TRY(vls_route_find(route, in->id, &id, why));
    VLS_TRY(vls_store_get(route->o.store, &id, &m, why));
    struct vls_status s =
        m->manifest.len != 0
            ? evidence_of(route, m, !in->without_content, out, e, why)
            : vls_fail(VLS_ROUTE_STATE, why,
                       "a message that is %s has no manifest: there is nothing to export",
                       vls_state_name(m->state));
    vls_message_free(&m);
    out->reply.evidence = e;
    return s;
}

struct vls_status vls_report_make(struct vls_route *route, const Valise__OperatorRequest *in,
                                  struct vls_report *out, struct vls_why *why)
{
    out->actor = in->actor;
    switch (in->ask_case) {
    case VALISE__OPERATOR_REQUEST__ASK_LIST:
        return list(route, in->list, out, why);
    case VALISE__OPERATOR_REQUEST__ASK_SHOW:
        return show(route, in->show, out, why);
    case VALISE__OPERATOR_REQUEST__ASK_STATUS:
        return show_status(route, out, why);
    case VALISE__OPERATOR_REQUEST__ASK_EXPORT:
        return export(route, in->export, out, why);
    case VALISE__OPERATOR_REQUEST__ASK_REGISTRY:
        return vls_registry_report(route, in->registry, out, why);
    case VALISE__OPERATOR_REQUEST__ASK_REQUESTS:
        return vls_requests_report(route, in->requests, out, why);
    case VALISE__OPERATOR_REQUEST__ASK_CATALOGUE:
        return vls_catalogue_report(route, in->catalogue, out, why);
    case VALISE__OPERATOR_REQUEST__ASK_METER:
        return vls_meter_report(route, in->meter, out, why);
    case VALISE__OPERATOR_REQUEST__ASK_ACT:
    case VALISE__OPERATOR_REQUEST__ASK_SEND:
    case VALISE__OPERATOR_REQUEST__ASK_OPEN:
    case VALISE__OPERATOR_REQUEST__ASK_RETENTION:
    case VALISE__OPERATOR_REQUEST__ASK_PLUGIN:
    case VALISE__OPERATOR_REQUEST__ASK__NOT_SET:
    default: /* a number from outside */
        return vls_fail(VLS_CLI_USAGE, why, "the request is not one that can be shown");
    }
}
