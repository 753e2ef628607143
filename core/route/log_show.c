/*
 * route/log_show - what operators are told of the logs, and how they let a stopped exchange go on.
 */
#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "ledger/tile.h"
#include "route/alarms.h"
#include "route/confirm.h"
#include "route/internal.h"
#include "route/report.h"
#include "store/alarms.h"
#include "store/internal.h"
#include "store/tiles.h"

#define MOST   100u /* rows of one answer */
#define LEVELS 8u   /* of tiles: see VLS_MAX_LEAVES */

/* Rows of one kind that go into an answer. */
struct rows {
    struct vls_route *route;
    struct vls_report *report;
    void **at;
    size_t count, limit;
    bool with_evidence;
};

static struct vls_status rows_init(struct rows *rows, struct vls_route *route,
                                   struct vls_report *report, uint32_t limit, struct vls_why *why)
{
    *rows = (struct rows){.route = route, .report = report};
    rows->limit = limit == 0 || limit > MOST ? MOST : limit;
    rows->at = vls_arena_take(report->arena, (rows->limit + 1) * sizeof *rows->at);
    return rows->at != NULL ? VLS_DONE : vls_report_too_large(why);
}

static struct vls_status copy_bytes(struct rows *rows, struct vls_slice from,
                                    ProtobufCBinaryData *out, struct vls_why *why)
{
    out->data = vls_arena_copy(rows->report->arena, from.at, from.len);
    out->len = from.len;
    return out->data != NULL || from.len == 0 ? VLS_DONE : vls_report_too_large(why);
}

/* -- alarms ------------------------------------------------------------------------------------ */

/* vls_alarm_fn */
static struct vls_status add_alarm(void *ctx, const struct vls_alarm_row *row, struct vls_why *why)
{
    struct rows *rows = ctx;
    if (rows->count == rows->limit) {
        rows->report->reply.has_more = true;
        return VLS_DONE;
    }
    Valise__AlarmRow *out = vls_arena_take(rows->report->arena, sizeof *out);
    if (out == NULL)
        return vls_report_too_large(why);
    valise__alarm_row__init(out);
    out->number = row->number;
    out->raised_ms = row->raised_ms;
    out->closed_ms = row->closed_ms;
    out->has_evidence = row->evidence[0] != '\0';
    VLS_TRY(vls_report_text(rows->report, row->party, &out->party, why));
    VLS_TRY(vls_report_text(rows->report, row->log, &out->log, why));
    VLS_TRY(vls_report_text(rows->report, row->kind, &out->kind, why));
    VLS_TRY(vls_report_text(rows->report, row->words, &out->words, why));
    VLS_TRY(vls_report_text(rows->report, row->closed_by, &out->closed_by, why));
    VLS_TRY(vls_report_text(rows->report, row->note, &out->note, why));
    if (rows->with_evidence && rows->count == 0)
        VLS_TRY(vls_report_text(rows->report, row->evidence, &out->evidence, why));
    rows->at[rows->count++] = out;
    return VLS_DONE;
}

static struct vls_status show_alarms(struct vls_route *route, const Valise__OperatorLog *in,
                                     struct vls_report *out, struct vls_why *why)
{
    struct rows rows;
    VLS_TRY(rows_init(&rows, route, out, in->limit, why));
    rows.with_evidence = in->with_evidence;
    const struct vls_alarm_filter filter = {.party = in->party[0] != '\0' ? in->party : NULL,
                                            .with_closed = in->with_closed,
                                            .from = in->from,
                                            .limit = (uint32_t)rows.limit + 1};
    VLS_TRY(vls_store_alarms(route->o.store, &filter, add_alarm, &rows, why));
    out->reply.n_alarms = rows.count;
    out->reply.alarms = (Valise__AlarmRow **)rows.at;
    return VLS_DONE;
}

/* -- entries of the internal log --------------------------------------------------------------- */

/* What an entry says of a message is for those who may see the message. */
static struct vls_status may_see(struct rows *rows, struct vls_slice id, bool *out,
                                 struct vls_why *why)
{
    struct vls_message *m = NULL;
    struct vls_id whole;
    *out = id.len == 0;
    if (id.len == 0)
        return VLS_DONE;
    VLS_TRY(vls_id_from(id, &whole));
    struct vls_status s = vls_store_get(rows->route->o.store, &whole, &m, why);
    if (s.code == VLS_STORE_MISSING) /* it is not here any more: nor is who may see it */
        return VLS_DONE;
    VLS_TRY(s);
    *out = vls_report_is_for_actor(rows->route, rows->report, m);
    vls_message_free(&m);
    return VLS_DONE;
}

static struct vls_status fill_entry(struct rows *rows, const struct vls_internal_row *row,
                                    Valise__InternalRow *out, struct vls_why *why)
{
    struct vls_internal entry = {NULL};
    struct vls_digest leaf = vls_leaf_of_record(VLS_LEAF_INTERNAL, row->record);
    bool is_whole;
    out->place = row->place;
    out->at_ms = row->at_ms;
    VLS_TRY(may_see(rows, row->id, &is_whole, why));
    VLS_TRY(vls_report_text(rows->report, row->kind, &out->kind, why));
    VLS_TRY(copy_bytes(rows, row->id, &out->id, why));
    VLS_TRY(copy_bytes(rows, vls_digest_slice(&leaf), &out->leaf, why));
    VLS_TRY(vls_internal_read(row->record, &entry, why));
    struct vls_status s = vls_report_text(rows->report, entry.fields->actor, &out->actor, why);
    if (vls_ok(s) && is_whole)
        s = copy_bytes(rows, vls_bytes(entry.fields->body), &out->body, why);
    vls_internal_fini(&entry);
    return s;
}

/* vls_internal_fn */
static struct vls_status add_entry(void *ctx, const struct vls_internal_row *row,
                                   struct vls_why *why)
{
    struct rows *rows = ctx;
    if (rows->count == rows->limit) {
        rows->report->reply.has_more = true;
        return VLS_DONE;
    }
    Valise__InternalRow *out = vls_arena_take(rows->report->arena, sizeof *out);
    if (out == NULL)
        return vls_report_too_large(why);
    valise__internal_row__init(out);
    VLS_TRY(fill_entry(rows, row, out, why));
    rows->at[rows->count++] = out;
    return VLS_DONE;
}

static struct vls_status show_entries(struct vls_route *route, const Valise__OperatorLog *in,
                                      struct vls_report *out, struct vls_why *why)
{
    struct rows rows;
    struct vls_id id;
    VLS_TRY(rows_init(&rows, route, out, in->limit, why));
    struct vls_internal_filter filter = {.from = in->from,
                                         .kind = in->kind[0] != '\0' ? in->kind : NULL,
                                         .limit = (uint32_t)rows.limit + 1};
    if (in->id.len != 0) {
        VLS_TRY(vls_route_find(route, in->id, &id, why));
        filter.id = &id;
    }
    VLS_TRY(vls_store_internal_each(route->o.store, &filter, add_entry, &rows, why));
    out->reply.n_entries = rows.count;
    out->reply.entries = (Valise__InternalRow **)rows.at;
    return VLS_DONE;
}

/* -- the state of the logs --------------------------------------------------------------------- */

static struct vls_log *log_at(struct vls_route *route, uint64_t number)
{
    if (number == 0)
        return vls_internal_tree(route);
    number--;
    if (number / 2 >= route->partner_count)
        return NULL;
    struct vls_partner *partner = &route->partners[number / 2];
    return number % 2 == 0 ? &partner->sent : &partner->received;
}

/* The tile at the right edge of each level that is not full. */
static struct vls_status add_edge(struct rows *rows, const struct vls_log *log,
                                  Valise__LogState *out, struct vls_why *why)
{
    static uint8_t hashes[VLS_TILE_WIDTH * VLS_DIGEST_BYTES];
    unsigned levels = 0;
    while (levels < LEVELS && log->committed >> (VLS_TILE_HEIGHT * levels) != 0)
        levels++;
    out->edge = vls_arena_take(rows->report->arena, (levels + 1) * sizeof *out->edge);
    if (out->edge == NULL)
        return vls_report_too_large(why);
    for (unsigned level = 0; level < levels; level++) {
        uint64_t count = log->committed >> (VLS_TILE_HEIGHT * level);
        unsigned width = (unsigned)(count % VLS_TILE_WIDTH);
        if (width != 0)
            VLS_TRY(vls_store_tile_read(rows->route->o.store, log->origin, level,
                                        count / VLS_TILE_WIDTH, width, hashes, why));
        VLS_TRY(copy_bytes(rows, VLS_SLICE(hashes, (size_t)width * VLS_DIGEST_BYTES),
                           &out->edge[level], why));
        out->n_edge++;
    }
    return VLS_DONE;
}

static struct vls_status add_note(struct rows *rows, const struct vls_log *log,
                                  Valise__LogState *out, struct vls_why *why)
{
    struct vls_buf note VLS_DEFER(vls_buf_fini);
    struct vls_digest root;
    uint64_t size;
    vls_buf_init(&note, VLS_MAX_NOTE);
    struct vls_status s =
        vls_store_checkpoint(rows->route->o.store, log->origin, 0, &size, &root, &note, why);
    if (s.code == VLS_STORE_MISSING)
        return VLS_DONE; /* not signed yet */
    VLS_TRY(s);
    return vls_report_text(rows->report, vls_buf_text(&note), &out->note, why);
}

/* Before a log is looked at from outside: what is full is in its files. */
static struct vls_status settle(struct vls_route *route, struct vls_why *why)
{
    bool is_done = false;
    for (unsigned step = 0; step < MOST && !is_done; step++) {
        VLS_TRY(vls_store_begin(route->o.store, why)); /* drops the rows of the last step */
        VLS_TRY(vls_store_commit(route->o.store, why));
        VLS_TRY(vls_store_tiles_settle(route->o.store, MOST, &is_done, why));
    }
    return VLS_DONE;
}

static struct vls_status show_state(struct vls_route *route, const Valise__OperatorLog *in,
                                    struct vls_report *out, struct vls_why *why)
{
    struct rows rows;
    const struct vls_log *log = log_at(route, in->from);
    if (log == NULL)
        return vls_fail(VLS_STORE_MISSING, why, "there is no log number %llu",
                        (unsigned long long)in->from);
    VLS_TRY(settle(route, why));
    VLS_TRY(rows_init(&rows, route, out, 1, why));
    Valise__LogState *state = vls_arena_take(out->arena, sizeof *state);
    struct vls_digest root;
    if (state == NULL)
        return vls_report_too_large(why);
    valise__log_state__init(state);
    state->size = log->committed;
    VLS_TRY(vls_tree_root(log->tree, log->committed, &root, why));
    VLS_TRY(copy_bytes(&rows, vls_digest_slice(&root), &state->root, why));
    VLS_TRY(vls_report_text(out, log->origin, &state->origin, why));
    VLS_TRY(add_note(&rows, log, state, why));
    VLS_TRY(add_edge(&rows, log, state, why));
    VLS_TRY(vls_confirm_show(route, log->origin, out, state, why));
    rows.at[0] = state;
    out->reply.n_logs = 1;
    out->reply.logs = (Valise__LogState **)rows.at;
    out->reply.has_more = log_at(route, in->from + 1) != NULL;
    return VLS_DONE;
}

/* -- to go on ---------------------------------------------------------------------------------- */

struct resuming {
    struct vls_route *route;
    uint64_t handle;
    char *party; /* owned */
};

/* vls_after_fn */
static void answer_resumed(void *ctx, struct vls_status commit)
{
    struct resuming *r = ctx;
    struct vls_why why = {"it could not be committed: the exchange stays stopped"};
    struct vls_report report;
    vls_report_init(&report);
    if (vls_ok(commit))
        vls_alarms_resume(r->route, r->party);
    vls_report_answer(r->route, r->handle, commit, &why, &report);
    vls_report_fini(&report);
    vls_mem_free(r->party);
    vls_mem_free(r);
}

static void resume(struct vls_route *route, uint64_t handle, const Valise__OperatorLog *in,
                   const char *actor)
{
    struct vls_why why = {""};
    struct vls_status s = vls_route_begin(route, &why);
    if (vls_ok(s))
        s = vls_store_mark(route->o.store, &why);
    if (vls_ok(s)) {
        s = vls_alarms_close(route, in->party, in->note, actor, &why);
        if (!vls_ok(s))
            vls_store_undo(route->o.store);
    }
    if (!vls_ok(s)) {
        vls_report_refuse(route, handle, s, &why);
        return;
    }
    struct resuming *r = vls_mem_new(sizeof *r);
    *r = (struct resuming){route, handle, vls_mem_dup(in->party)};
    vls_route_after(route, answer_resumed, r);
}

static struct vls_status show(struct vls_route *route, const Valise__OperatorLog *in,
                              struct vls_report *out, struct vls_why *why)
{
    if (in->verb == VALISE__OPERATOR_LOG__VERB__ALARMS)
        return show_alarms(route, in, out, why);
    if (in->verb == VALISE__OPERATOR_LOG__VERB__ENTRIES)
        return show_entries(route, in, out, why);
    if (in->verb == VALISE__OPERATOR_LOG__VERB__STATES)
        return show_state(route, in, out, why);
    return vls_fail(VLS_CLI_USAGE, why, "what is asked of the logs (%d) is not known",
                    (int)in->verb);
}

void vls_route_log_ask(struct vls_route *route, uint64_t handle, const Valise__OperatorLog *in,
                       const char *actor)
{
    struct vls_why why = {""};
    struct vls_report report;
    if (in->verb == VALISE__OPERATOR_LOG__VERB__RESUME) {
        resume(route, handle, in, actor);
        return;
    }
    vls_route_flush(route); /* what an operator sees is on disk */
    vls_report_init(&report);
    report.actor = actor;
    struct vls_status s = show(route, in, &report, &why);
    vls_report_answer(route, handle, s, &why, &report);
    vls_report_fini(&report);
}
