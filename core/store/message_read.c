#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "store/retention.h"
#include "store/store_internal.h"

/* -- one message ------------------------------------------------------------------------------- */

static struct vls_status read_id(const struct vls_query *q, struct vls_id *out, struct vls_why *why)
{
    struct vls_slice id = vls_query_get_blob(q, 0);
    if (id.len != VLS_ID_BYTES)
        return vls_fail(VLS_STORE_DAMAGED, why, "an id in valise.db is not 16 bytes");
    vls_copy(out->bytes, id.at, id.len);
    return VLS_DONE;
}

static struct vls_status first_id(struct vls_query *q, const char *missing, struct vls_id *out,
                                  struct vls_why *why)
{
    bool has_row;
    VLS_TRY(vls_query_next(q, &has_row, why));
    return has_row ? read_id(q, out, why) : vls_fail(VLS_STORE_MISSING, why, "%s", missing);
}

struct vls_status vls_store_by_origin(struct vls_store *store, const char *origin,
                                      const char *origin_key, struct vls_id *out,
                                      struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    char erased[VLS_ERASED_KEY];
    vls_erased_key(origin_key, erased);
    VLS_TRY(vls_query_open(store, VLS_SQL_BY_ORIGIN, &q, why));
    vls_query_text(&q, origin);
    vls_query_text(&q, origin_key);
    vls_query_text(&q, erased);
    return first_id(&q, "no message of this submitter has this key", out, why);
}

struct vls_status vls_store_by_prefix(struct vls_store *store, struct vls_slice prefix,
                                      struct vls_id *out, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    struct vls_id lowest, highest, found;
    char digits[2 * VLS_ID_BYTES + 1], missing[sizeof digits + 64];
    bool has_another;
    if (prefix.len > VLS_ID_BYTES)
        return vls_fail(VLS_STORE_MISSING, why, "an id has 16 bytes, this is %zu", prefix.len);
    memset(lowest.bytes, 0x00, VLS_ID_BYTES);
    memset(highest.bytes, 0xff, VLS_ID_BYTES);
    vls_copy(lowest.bytes, prefix.at, prefix.len);
    vls_copy(highest.bytes, prefix.at, prefix.len);
    vls_hex(prefix, digits);
    snprintf(missing, sizeof missing, "no message's id begins with %s; see 'valise list --all'",
             digits);
    VLS_TRY(vls_query_open(store, VLS_SQL_BY_PREFIX, &q, why));
    vls_query_blob(&q, vls_id_slice(&lowest));
    vls_query_blob(&q, vls_id_slice(&highest));
    VLS_TRY(first_id(&q, missing, &found, why));
    VLS_TRY(vls_query_next(&q, &has_another, why));
    if (has_another)
        return vls_fail(VLS_STORE_CONFLICT, why,
                        "several messages' ids begin like this; give more of it");
    *out = found;
    return VLS_DONE;
}

struct vls_status vls_store_by_document(struct vls_store *store, const char *party,
                                        const struct vls_digest *part, struct vls_id *out,
                                        struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_BY_DOCUMENT, &q, why));
    vls_query_text(&q, party);
    vls_query_blob(&q, vls_digest_slice(part));
    return first_id(&q, "this document did not go to that party", out, why);
}

/* -- many messages ----------------------------------------------------------------------------- */

/** Hand each row to the caller as it comes: no more than one is in memory. */
static struct vls_status show_each(struct vls_query *q, enum vls_row row, vls_message_fn fn,
                                   void *ctx, struct vls_why *why)
{
    for (;;) {
        struct vls_message message;
        bool has_row;
        VLS_TRY(vls_query_next(q, &has_row, why));
        if (!has_row)
            return VLS_DONE;
        VLS_TRY(vls_message_row(q, row, &message, why));
        VLS_TRY(fn(ctx, &message, why));
    }
}

static enum vls_sql choose_due(enum vls_direction direction, const char *party, bool with_bodies)
{
    if (direction == VLS_IN)
        return with_bodies ? VLS_SQL_DUE_IN_BODY : VLS_SQL_DUE_IN;
    if (party == NULL)
        return with_bodies ? VLS_SQL_DUE_OUT_ANY_BODY : VLS_SQL_DUE_OUT_ANY;
    return with_bodies ? VLS_SQL_DUE_OUT_PARTY_BODY : VLS_SQL_DUE_OUT_PARTY;
}

struct vls_status vls_store_due(struct vls_store *store, enum vls_direction direction,
                                const char *party, enum vls_state state, uint64_t now_ms,
                                uint32_t limit, bool with_bodies, vls_message_fn fn, void *ctx,
                                struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, choose_due(direction, party, with_bodies), &q, why));
    vls_query_text_or_null(&q, party);
    vls_query_number(&q, state);
    vls_query_number(&q, now_ms);
    vls_query_number(&q, limit);
    return show_each(&q, with_bodies ? VLS_ROW_BODY : VLS_ROW_NARROW, fn, ctx, why);
}

struct vls_status vls_store_next_due(struct vls_store *store, enum vls_direction direction,
                                     const char *party, enum vls_state state, uint64_t *out_ms,
                                     struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    bool has_row;
    enum vls_sql which = direction == VLS_IN ? VLS_SQL_NEXT_IN
                         : party == NULL     ? VLS_SQL_NEXT_OUT_ANY
                                             : VLS_SQL_NEXT_OUT_PARTY;
    VLS_TRY(vls_query_open(store, which, &q, why));
    vls_query_text_or_null(&q, party);
    vls_query_number(&q, state);
    VLS_TRY(vls_query_next(&q, &has_row, why));
    *out_ms = has_row ? vls_query_get_number(&q, 0) : UINT64_MAX;
    return VLS_DONE;
}

/** States in which a message stays when all went well: most messages, and in no index. */
#define ENDED_WELL (UINT64_C(1) << VLS_STATE_RECEIPTED | UINT64_C(1) << VLS_STATE_DELIVERED)

struct vls_status vls_store_list(struct vls_store *store, const struct vls_filter *filter,
                                 vls_message_fn fn, void *ctx, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    bool is_open = filter->states != 0 && (filter->states & ENDED_WELL) == 0;
    VLS_TRY(vls_query_open(store, is_open ? VLS_SQL_LIST_OPEN : VLS_SQL_LIST, &q, why));
    vls_query_number(&q, filter->direction);
    vls_query_number(&q, filter->states != 0 ? filter->states : UINT64_MAX);
    vls_query_text_or_null(&q, filter->party);
    vls_query_blob_or_null(&q, filter->before != NULL ? vls_id_slice(filter->before)
                                                      : VLS_SLICE(NULL, 0));
    vls_query_number(&q, filter->limit);
    return show_each(&q, VLS_ROW_NARROW, fn, ctx, why);
}

/* -- history and counts ------------------------------------------------------------------------ */

struct vls_status vls_store_trace(struct vls_store *store, const struct vls_id *id, vls_trace_fn fn,
                                  void *ctx, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_TRACE, &q, why));
    vls_query_blob(&q, vls_id_slice(id));
    for (;;) {
        bool has_row;
        VLS_TRY(vls_query_next(&q, &has_row, why));
        if (!has_row)
            return VLS_DONE;
        VLS_TRY(fn(ctx, vls_query_get_number(&q, 0),
                   vls_state_name((enum vls_state)vls_query_get_number(&q, 1)),
                   vls_state_name((enum vls_state)vls_query_get_number(&q, 2)),
                   vls_query_get_text(&q, 3), vls_query_get_text(&q, 4), why));
    }
}

struct vls_status vls_store_counts(struct vls_store *store, vls_count_fn fn, void *ctx,
                                   struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_COUNTS, &q, why));
    for (;;) {
        bool has_row;
        VLS_TRY(vls_query_next(&q, &has_row, why));
        if (!has_row)
            return VLS_DONE;
        VLS_TRY(fn(ctx, (enum vls_direction)vls_query_get_number(&q, 0),
                   (enum vls_state)vls_query_get_number(&q, 1), vls_query_get_text(&q, 2),
                   vls_query_get_number(&q, 3), why));
    }
}
