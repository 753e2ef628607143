#include "route/internal.h"

#include "base/mem.h"
#include "base/text.h"
#include "store/internal.h"

#define PAGE        VLS_BATCH_MESSAGES /* entries that are read at one time */
#define SIGN_MS     1000u              /* between two signatures */
#define SIGN_TRY_MS 5000u              /* behind one that was not to be had */

struct vls_internal_log {
    struct vls_log log;
    uint64_t next_ms; /* steady clock: nothing is signed before */
    bool has_new;     /* entries may be in the open transaction that the tree has not */
    bool is_signing;
    struct vls_checkpoint asked; /* what is being signed */
};

/* -- entries ----------------------------------------------------------------------------------- */

struct vls_status vls_internal_append(struct vls_route *route,
                                      const struct vls_internal_entry *entry, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf record;
    uint8_t nonce[VLS_NONCE_BYTES];
    Valise__InternalRecord fields = VALISE__INTERNAL_RECORD__INIT;
    struct vls_internal_row row = {.at_ms = vls_route_wall(route), .kind = entry->kind};
    vls_buf_init(&record, VLS_MAX_MANIFEST);
    vls_random(route->o.env, nonce, sizeof nonce);
    fields.version = VLS_INTERNAL_VERSION;
    fields.kind = vls_field_text(entry->kind);
    fields.at_ms = row.at_ms;
    fields.nonce = vls_data(VLS_SLICE(nonce, sizeof nonce));
    fields.actor = vls_field_text(entry->actor);
    fields.body = vls_data(entry->body);
    if (entry->id != NULL) {
        row.id = vls_id_slice(entry->id);
        fields.id = vls_data(row.id);
    }
    VLS_TRY(vls_internal_write(&fields, &record, why));
    row.record = vls_buf_slice(&record);
    VLS_TRY(vls_store_internal_next(route->o.store, &row.place, why));
    VLS_TRY(vls_store_internal_add(route->o.store, &row, why));
    route->internal->has_new = true;
    return VLS_DONE;
}

struct vls_status vls_internal_append_words(struct vls_route *route, const char *kind,
                                            const struct vls_id *id, const char *actor,
                                            const char *words, struct vls_why *why)
{
    const struct vls_internal_entry entry = {kind, id, actor, vls_slice_text(words)};
    return vls_internal_append(route, &entry, why);
}

struct vls_status vls_internal_append_decision(struct vls_route *route, const struct vls_id *id,
                                               struct vls_slice decision, struct vls_why *why)
{
    if (decision.len == 0)
        return VLS_DONE;
    struct vls_digest digest = vls_digest_of_slice(decision);
    const struct vls_internal_entry entry = {VLS_INTERNAL_DECISION, id, "router",
                                             vls_digest_slice(&digest)};
    return vls_internal_append(route, &entry, why);
}

/* -- the tree ---------------------------------------------------------------------------------- */

/* vls_internal_fn */
static struct vls_status take_up(void *ctx, const struct vls_internal_row *row, struct vls_why *why)
{
    struct vls_log *log = ctx;
    struct vls_digest leaf = vls_leaf_of_record(VLS_LEAF_INTERNAL, row->record);
    if (row->place != vls_log_next(log))
        return vls_fail(VLS_STORE_DAMAGED, why, "log %s: entry %llu is followed by %llu",
                        log->origin, (unsigned long long)vls_log_next(log),
                        (unsigned long long)row->place);
    return vls_log_append(log, &leaf, why);
}

/* Entries that were taken back have left no trace: what counts is what is there now. */
struct vls_status vls_internal_save(struct vls_route *route, struct vls_why *why)
{
    struct vls_internal_log *internal = route->internal;
    struct vls_log *log = &internal->log;
    if (!internal->has_new)
        return VLS_DONE;
    uint64_t had;
    do {
        had = vls_log_next(log);
        const struct vls_internal_filter filter = {.from = had, .limit = PAGE};
        VLS_TRY(vls_store_internal_each(route->o.store, &filter, take_up, log, why));
    } while (vls_log_next(log) - had == PAGE);
    VLS_TRY(vls_log_save(log, why));
    internal->has_new = false;
    return VLS_DONE;
}

void vls_internal_committed(struct vls_route *route)
{
    vls_log_committed(&route->internal->log);
}

struct vls_status vls_internal_reload(struct vls_route *route, struct vls_why *why)
{
    route->internal->has_new = false;
    return vls_log_reload(&route->internal->log, why);
}

struct vls_status vls_internal_open(struct vls_route *route, struct vls_why *why)
{
    char origin[VLS_MAX_ORIGIN];
    route->internal = vls_mem_new(sizeof *route->internal);
    vls_internal_origin(route->o.config->node.party, origin);
    return vls_log_open_tree(&route->internal->log, route, origin, why);
}

void vls_internal_close(struct vls_route *route)
{
    if (route->internal != NULL)
        vls_log_close_tree(&route->internal->log);
    vls_mem_free(route->internal);
    route->internal = NULL;
}

struct vls_log *vls_internal_tree(struct vls_route *route)
{
    return &route->internal->log;
}

/* -- its signature ----------------------------------------------------------------------------- */

static struct vls_status keep(struct vls_route *route, const char *note, struct vls_why *why)
{
    VLS_TRY(vls_route_begin(route, why));
    return vls_log_keep(&route->internal->log, &route->internal->asked, note, why);
}

/* vls_answer_fn */
static void on_signed(void *ctx, struct vls_status status, const Valise__Frame *frame,
                      struct vls_fds *fds)
{
    struct vls_route *route = ctx;
    struct vls_internal_log *internal = route->internal;
    struct vls_why why = {"the crypto role went away"};
    (void)fds;
    internal->is_signing = false;
    if (vls_ok(status))
        status = vls_outcome_status(frame->sign_result->outcome, &why);
    if (vls_ok(status))
        status = keep(route, frame->sign_result->note, &why);
    if (!vls_ok(status)) {
        internal->next_ms = vls_route_steady(route) + SIGN_TRY_MS;
        vls_route_log(route, VLS_LOG_WARN, "internal.not_signed", VLS_FAILURE(status, &why));
    }
    route->o.ports.flush_soon(route->o.ports.ctx);
}

static struct vls_status ask_to_sign(struct vls_route *route, struct vls_why *why)
{
    struct vls_internal_log *internal = route->internal;
    VLS_TRY(vls_log_checkpoint(&internal->log, &internal->asked, why));
    return vls_checkpoint_ask(route, &internal->asked, false, on_signed, route, why);
}

uint64_t vls_internal_next_ms(const struct vls_route *route)
{
    const struct vls_internal_log *internal = route->internal;
    return internal->is_signing || internal->log.committed <= internal->log.kept
               ? UINT64_MAX
               : internal->next_ms;
}

void vls_internal_start(struct vls_route *route)
{
    struct vls_internal_log *internal = route->internal;
    struct vls_why why = {""};
    uint64_t now = vls_route_steady(route);
    if (vls_internal_next_ms(route) > now)
        return;
    internal->is_signing = true;
    internal->next_ms = now + SIGN_MS;
    struct vls_status s = ask_to_sign(route, &why);
    if (vls_ok(s))
        return;
    internal->is_signing = false;
    internal->next_ms = now + SIGN_TRY_MS;
    vls_route_log(route, VLS_LOG_WARN, "internal.not_signed", VLS_FAILURE(s, &why));
}
