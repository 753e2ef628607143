/* What is erased of a message, and what may not be erased. */
#include "store/retention.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "store/catalogue.h"
#include "store/store_internal.h"

static const char ERASED[] = "erased:";

void vls_erased_key(const char *origin_key, char out[VLS_ERASED_KEY])
{
    struct vls_digest digest = vls_digest_of_slice(vls_slice_text(origin_key));
    vls_text_copy(out, VLS_ERASED_KEY, ERASED);
    vls_hex(vls_digest_slice(&digest), out + sizeof ERASED - 1);
}

/* -- erasing ----------------------------------------------------------------------------------- */

/** What the rows say before they are emptied. */
struct looked {
    uint64_t seq;
    bool is_file;
    char key[VLS_ERASED_KEY]; /* what becomes of the submitter's key */
};

static struct vls_status look(struct vls_store *store, const struct vls_id *id, struct looked *out,
                              struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    bool has_row;
    VLS_TRY(vls_query_open(store, VLS_SQL_ERASE_LOOK, &q, why));
    vls_query_blob(&q, vls_id_slice(id));
    VLS_TRY(vls_query_next(&q, &has_row, why));
    if (!has_row)
        return vls_fail(VLS_STORE_MISSING, why, "no message has this id");
    out->seq = vls_query_get_number(&q, 0);
    out->is_file = vls_query_get_number(&q, 1) != 0;
    out->key[0] = '\0';
    if (vls_query_get_text(&q, 2)[0] != '\0')
        vls_erased_key(vls_query_get_text(&q, 2), out->key);
    return VLS_DONE;
}

/* First, as it alone can be refused: then nothing was written. */
static struct vls_status add_erasure(struct vls_store *store, const struct vls_erasure *erasure,
                                     bool had_file, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_ERASURE_ADD, &q, why));
    vls_query_blob(&q, vls_id_slice(&erasure->id));
    vls_query_number(&q, erasure->at_ms);
    vls_query_text(&q, erasure->actor);
    vls_query_text(&q, erasure->basis);
    vls_query_number(&q, had_file);
    struct vls_status s = vls_query_run(&q, why);
    return s.code == VLS_STORE_EXISTS ? vls_fail(s.code, why, "it was erased before") : s;
}

static struct vls_status empty_narrow(struct vls_store *store, const struct vls_erasure *erasure,
                                      const char *key, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_ERASE_NARROW, &q, why));
    vls_query_blob(&q, vls_id_slice(&erasure->id));
    vls_query_text(&q, key);
    vls_query_text(&q, erasure->basis);
    return vls_query_run(&q, why);
}

static struct vls_status empty_body(struct vls_store *store, uint64_t seq, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_ERASE_BODY, &q, why));
    vls_query_number(&q, seq);
    return vls_query_run(&q, why);
}

static struct vls_status forget_documents(struct vls_store *store, const struct vls_id *id,
                                          struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_ERASE_DOCUMENTS, &q, why));
    vls_query_blob(&q, vls_id_slice(id));
    return vls_query_run(&q, why);
}

struct vls_status vls_store_erase(struct vls_store *store, const struct vls_erasure *erasure,
                                  struct vls_why *why)
{
    struct looked looked = {0};
    VLS_TRY(look(store, &erasure->id, &looked, why));
    VLS_TRY(add_erasure(store, erasure, looked.is_file, why));
    struct vls_status s = empty_narrow(store, erasure, looked.key, why);
    if (vls_ok(s))
        s = empty_body(store, looked.seq, why);
    if (vls_ok(s))
        s = forget_documents(store, &erasure->id, why);
    if (vls_ok(s))
        s = vls_catalogue_forget(store, &erasure->id, why);
    if (!vls_ok(s))
        store->broken = s;
    return s;
}

/** The next erasure that is not finished, behind `id`. */
struct unfinished {
    struct vls_id id;
    struct vls_digest content;
    bool had_file, is_there;
};

static struct vls_status next_unfinished(struct vls_store *store, struct unfinished *at,
                                         struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_ERASURE_NEXT, &q, why));
    vls_query_blob(&q, vls_id_slice(&at->id));
    VLS_TRY(vls_query_next(&q, &at->is_there, why));
    if (!at->is_there)
        return VLS_DONE;
    at->had_file = vls_query_get_number(&q, 1) != 0;
    if (!vls_ok(vls_id_from(vls_query_get_blob(&q, 0), &at->id)) ||
        !vls_ok(vls_digest_from(vls_query_get_blob(&q, 2), &at->content)))
        return vls_fail(VLS_STORE_DAMAGED, why, "an erasure in valise.db has no id or no digest");
    return VLS_DONE;
}

/* Two messages may name one content: it goes with the last of them. */
static struct vls_status destroy_content(struct vls_store *store, const struct unfinished *one,
                                         struct vls_why *why)
{
    bool is_named;
    if (!one->had_file)
        return VLS_DONE;
    VLS_TRY(vls_content_is_named(store, &one->content, &is_named, why));
    return is_named ? VLS_DONE : vls_content_destroy(store, &one->content, why);
}

static struct vls_status mark_done(struct vls_store *store, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_ERASURES_DONE, &q, why));
    return vls_query_run(&q, why);
}

static struct vls_status within_transaction(struct vls_store *store,
                                            struct vls_status (*work)(struct vls_store *store,
                                                                      struct vls_why *why),
                                            struct vls_why *why)
{
    VLS_TRY(vls_store_begin(store, why));
    struct vls_status s = work(store, why);
    if (vls_ok(s))
        return vls_store_commit(store, why);
    vls_store_rollback(store);
    return s;
}

struct vls_status vls_store_erase_finish(struct vls_store *store, struct vls_why *why)
{
    struct unfinished one = {.is_there = false};
    bool is_any = false;
    if (store->is_open_transaction)
        return vls_fail(VLS_SYSTEM_BUG, why, "an erasure is finished outside of a transaction");
    VLS_TRY(next_unfinished(store, &one, why));
    while (one.is_there) {
        is_any = true;
        VLS_TRY(destroy_content(store, &one, why));
        VLS_TRY(next_unfinished(store, &one, why));
    }
    if (!is_any)
        return VLS_DONE;
    VLS_TRY(within_transaction(store, vls_catalogue_sweep, why));
    VLS_TRY(vls_store_scrub(store, why));
    return within_transaction(store, mark_done, why);
}

struct vls_status vls_store_erasure(struct vls_store *store, const struct vls_id *id,
                                    vls_erasure_fn fn, void *ctx, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    bool has_row;
    VLS_TRY(vls_query_open(store, VLS_SQL_ERASURE_GET, &q, why));
    vls_query_blob(&q, vls_id_slice(id));
    VLS_TRY(vls_query_next(&q, &has_row, why));
    if (!has_row)
        return vls_fail(VLS_STORE_MISSING, why, "it was not erased");
    const struct vls_erasure erasure = {.id = *id,
                                        .at_ms = vls_query_get_number(&q, 0),
                                        .actor = vls_query_get_text(&q, 1),
                                        .basis = vls_query_get_text(&q, 2)};
    return fn(ctx, &erasure, why);
}

/* -- holds ------------------------------------------------------------------------------------- */

struct vls_status vls_store_hold_add(struct vls_store *store, const struct vls_hold *hold,
                                     struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_HOLD_ADD, &q, why));
    vls_query_text(&q, hold->name);
    vls_query_blob(&q, hold->id);
    vls_query_text(&q, hold->party);
    vls_query_text(&q, hold->kind);
    vls_query_number(&q, hold->since_ms);
    vls_query_text(&q, hold->note);
    vls_query_text(&q, hold->actor);
    struct vls_status s = vls_query_run(&q, why);
    return s.code == VLS_STORE_EXISTS
               ? vls_fail(s.code, why, "there is, or was, a hold of this name; choose another")
               : s;
}

struct vls_status vls_store_hold_release(struct vls_store *store, const char *name, uint64_t at_ms,
                                         const char *actor, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_HOLD_RELEASE, &q, why));
    vls_query_text(&q, name);
    vls_query_number(&q, at_ms);
    vls_query_text(&q, actor);
    VLS_TRY(vls_query_run(&q, why));
    return sqlite3_changes(store->db) == 1
               ? VLS_DONE
               : vls_fail(VLS_STORE_MISSING, why,
                          "no hold of this name holds; see 'valise retention holds'");
}

struct vls_status vls_store_holds(struct vls_store *store, bool with_released, const char *after,
                                  uint32_t limit, vls_hold_fn fn, void *ctx, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_HOLDS, &q, why));
    vls_query_number(&q, with_released);
    vls_query_text(&q, after);
    vls_query_number(&q, limit);
    for (;;) {
        bool has_row;
        VLS_TRY(vls_query_next(&q, &has_row, why));
        if (!has_row)
            return VLS_DONE;
        const struct vls_hold hold = {.name = vls_query_get_text(&q, 0),
                                      .id = vls_query_get_blob(&q, 1),
                                      .party = vls_query_get_text(&q, 2),
                                      .kind = vls_query_get_text(&q, 3),
                                      .since_ms = vls_query_get_number(&q, 4),
                                      .note = vls_query_get_text(&q, 5),
                                      .actor = vls_query_get_text(&q, 6),
                                      .released_ms = vls_query_get_number(&q, 7),
                                      .released_by = vls_query_get_text(&q, 8)};
        VLS_TRY(fn(ctx, &hold, why));
    }
}

struct vls_status vls_store_hold_of(struct vls_store *store, const struct vls_message *message,
                                    char out[VLS_MAX_NAME + 1], struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    bool has_row;
    VLS_TRY(vls_query_open(store, VLS_SQL_HOLD_OF, &q, why));
    vls_query_blob(&q, vls_id_slice(&message->id));
    vls_query_text(&q, message->party);
    vls_query_text(&q, message->kind);
    VLS_TRY(vls_query_next(&q, &has_row, why));
    vls_text_copy(out, VLS_MAX_NAME + 1, has_row ? vls_query_get_text(&q, 0) : "");
    return VLS_DONE;
}

/* -- all messages ------------------------------------------------------------------------------ */

struct vls_status vls_store_walk(struct vls_store *store, const struct vls_id *after,
                                 uint32_t limit, vls_walk_fn fn, void *ctx, struct vls_why *why)
{
    static const struct vls_id FIRST;
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_WALK, &q, why));
    vls_query_blob(&q, vls_id_slice(after != NULL ? after : &FIRST));
    vls_query_number(&q, limit);
    for (;;) {
        struct vls_message message;
        bool has_row;
        VLS_TRY(vls_query_next(&q, &has_row, why));
        if (!has_row)
            return VLS_DONE;
        VLS_TRY(vls_message_row(&q, VLS_ROW_NARROW, &message, why));
        VLS_TRY(fn(ctx, &message, vls_query_get_number(&q, VLS_SQL_MESSAGE_COLUMNS), why));
    }
}
