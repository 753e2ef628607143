#include <inttypes.h>

#include "base/text.h"
#include "store/store_internal.h"

/** A content that is not in the row is a file. */
static bool is_file(const struct vls_message *m)
{
    return m->content.len == 0 && m->content_bytes != 0;
}

/* -- add --------------------------------------------------------------------------------------- */

static struct vls_status check(const struct vls_store *store, const struct vls_message *m,
                               struct vls_why *why)
{
    uint64_t bytes;
    if (vls_slice_text(m->party).len > VLS_MAX_PARTY)
        return vls_fail(VLS_INPUT_LIMIT, why, "a party's name above %d bytes", VLS_MAX_PARTY);
    if (m->manifest.len + m->sealed.len + m->part_digests.len > VLS_STORE_MAX_BODY ||
        m->decision.len + m->receipt.len + m->their_hashes.len > VLS_STORE_MAX_BODY)
        return vls_fail(VLS_INPUT_LIMIT, why,
                        "a message with more than %d bytes beside its content", VLS_STORE_MAX_BODY);
    if (m->content.len > VLS_INLINE_CONTENT)
        return vls_fail(VLS_INPUT_LIMIT, why,
                        "a content of %zu bytes; above %d it has to be kept as a file",
                        m->content.len, VLS_INLINE_CONTENT);
    if (!is_file(m))
        return m->content.len != 0 ? vls_store_room(store, m->content.len, why) : VLS_DONE;
    VLS_TRY(vls_content_size(store, &m->content_digest, &bytes, why));
    if (bytes != m->content_bytes)
        return vls_fail(VLS_STORE_CONFLICT, why,
                        "the content has %" PRIu64 " bytes, the message says %" PRIu64, bytes,
                        m->content_bytes);
    return VLS_DONE;
}

static void bind_message(struct vls_query *q, const struct vls_message *m, uint64_t seq)
{
    vls_query_blob(q, vls_id_slice(&m->id));
    vls_query_number(q, seq);
    vls_query_number(q, m->direction);
    vls_query_number(q, m->state);
    vls_query_text(q, m->party);
    vls_query_text(q, m->kind);
    vls_query_text(q, m->body);
    vls_query_text(q, m->label);
    vls_query_text(q, m->subject);
    vls_query_text(q, m->conversation);
    vls_query_text(q, m->origin);
    vls_query_text(q, m->origin_key);
    vls_query_text(q, m->reason);
    vls_query_number(q, m->created_ms);
    vls_query_number(q, m->changed_ms);
    vls_query_number(q, m->due_ms);
    vls_query_number(q, m->attempts);
    vls_query_blob(q, m->in_reply_to);
    vls_query_blob(q, m->duplicate_of);
    vls_query_blob(q, vls_digest_slice(&m->manifest_digest));
    vls_query_blob(q, vls_digest_slice(&m->content_digest));
    vls_query_number(q, m->content_bytes);
    vls_query_number(q, is_file(m));
    vls_query_number(q, m->log_index);
    vls_query_number(q, m->their_index);
    vls_query_number(q, m->their_size);
}

static struct vls_status add_narrow(struct vls_store *store, const struct vls_message *m,
                                    uint64_t seq, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_ADD_MESSAGE, &q, why));
    bind_message(&q, m, seq);
    struct vls_status s = vls_query_run(&q, why);
    if (s.code != VLS_STORE_EXISTS)
        return s;
    int which = sqlite3_extended_errcode(store->db);
    if (which == SQLITE_CONSTRAINT_PRIMARYKEY || which == SQLITE_CONSTRAINT_UNIQUE)
        return vls_fail(VLS_STORE_EXISTS, why, "%s",
                        which == SQLITE_CONSTRAINT_PRIMARYKEY
                            ? "a message has this id already"
                            : "a message of this submitter has this key already");
    return vls_fail(VLS_SYSTEM_BUG, why, "a message that cannot be: %s", sqlite3_errmsg(store->db));
}

static struct vls_status add_body(struct vls_store *store, const struct vls_message *m,
                                  uint64_t seq, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_ADD_BODY, &q, why));
    vls_query_number(&q, seq);
    vls_query_blob(&q, m->manifest);
    vls_query_blob(&q, m->sealed);
    vls_query_blob(&q, m->content);
    vls_query_blob(&q, m->part_digests);
    return vls_query_run(&q, why);
}

static struct vls_status add_evidence(struct vls_store *store, const struct vls_message *m,
                                      uint64_t seq, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    if (m->decision.len == 0 && m->receipt.len == 0 && m->their_hashes.len == 0)
        return VLS_DONE;
    VLS_TRY(vls_query_open(store, VLS_SQL_ADD_EVIDENCE, &q, why));
    vls_query_number(&q, seq);
    vls_query_blob(&q, m->decision);
    vls_query_blob(&q, m->receipt);
    vls_query_blob(&q, m->their_hashes);
    return vls_query_run(&q, why);
}

static struct vls_status add_documents(struct vls_store *store, const struct vls_message *m,
                                       struct vls_why *why)
{
    if (m->direction != VLS_OUT)
        return VLS_DONE;
    for (size_t at = 0; at + VLS_DIGEST_BYTES <= m->part_digests.len; at += VLS_DIGEST_BYTES) {
        VLS_DEFER(vls_query_close) struct vls_query q = {0};
        VLS_TRY(vls_query_open(store, VLS_SQL_ADD_DOCUMENT, &q, why));
        vls_query_text(&q, m->party);
        vls_query_blob(&q, VLS_SLICE(m->part_digests.at + at, VLS_DIGEST_BYTES));
        vls_query_blob(&q, vls_id_slice(&m->id));
        VLS_TRY(vls_query_run(&q, why));
    }
    return VLS_DONE;
}

static struct vls_status add_first_trace(struct vls_store *store, const struct vls_message *m,
                                         struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_ADD_FIRST_TRACE, &q, why));
    vls_query_blob(&q, vls_id_slice(&m->id));
    vls_query_number(&q, m->created_ms);
    vls_query_number(&q, m->state);
    vls_query_text(&q, m->reason);
    vls_query_text(&q, m->origin);
    return vls_query_run(&q, why);
}

static struct vls_status count(struct vls_store *store, enum vls_sql which,
                               enum vls_direction direction, enum vls_state state,
                               const char *party, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, which, &q, why));
    vls_query_number(&q, direction);
    vls_query_number(&q, state);
    vls_query_text(&q, party);
    return vls_query_run(&q, why);
}

/* The narrow row goes first: it alone can be refused, and then nothing was written. */
struct vls_status vls_store_add(struct vls_store *store, const struct vls_message *message,
                                struct vls_why *why)
{
    uint64_t seq = store->next_seq;
    VLS_TRY(check(store, message, why));
    VLS_TRY(add_narrow(store, message, seq, why));
    store->next_seq++;
    store->database_bytes += message->content.len;
    struct vls_status s = add_body(store, message, seq, why);
    vls_store_pass(store, VLS_POINT_ROW_WRITTEN);
    if (vls_ok(s))
        s = add_evidence(store, message, seq, why);
    if (vls_ok(s))
        s = add_documents(store, message, why);
    if (vls_ok(s))
        s = add_first_trace(store, message, why);
    if (vls_ok(s))
        s = count(store, VLS_SQL_COUNT_IN, message->direction, message->state, message->party, why);
    if (!vls_ok(s))
        store->broken = s;
    return s;
}

/* -- change ------------------------------------------------------------------------------------ */

/** Writes the row; what the tally needs to know of it is copied out. */
static struct vls_status move_row(struct vls_store *store, const struct vls_move *move,
                                  enum vls_direction *out_direction, char *out_party, size_t room,
                                  struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    bool has_row;
    VLS_TRY(vls_query_open(store, VLS_SQL_MOVE, &q, why));
    vls_query_number(&q, move->to);
    vls_query_text(&q, move->cause);
    vls_query_number(&q, move->at_ms);
    vls_query_number(&q, move->due_ms);
    vls_query_number(&q, move->add_attempts);
    vls_query_blob(&q, vls_id_slice(&move->id));
    vls_query_number(&q, move->from);
    VLS_TRY(vls_query_next(&q, &has_row, why));
    if (!has_row)
        return vls_fail(VLS_STORE_MISSING, why, "no message with this id is %s",
                        vls_state_name(move->from));
    *out_direction = (enum vls_direction)vls_query_get_number(&q, 0);
    vls_text_copy(out_party, room, vls_query_get_text(&q, 1));
    return vls_query_run(&q, why);
}

static struct vls_status add_trace(struct vls_store *store, const struct vls_move *move,
                                   struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_ADD_TRACE, &q, why));
    vls_query_blob(&q, vls_id_slice(&move->id));
    vls_query_number(&q, move->at_ms);
    vls_query_number(&q, move->from);
    vls_query_number(&q, move->to);
    vls_query_text(&q, move->cause);
    vls_query_text(&q, move->actor);
    return vls_query_run(&q, why);
}

struct vls_status vls_store_move(struct vls_store *store, const struct vls_move *move,
                                 struct vls_why *why)
{
    enum vls_direction direction = VLS_OUT;
    char party[VLS_MAX_PARTY + 1];
    VLS_TRY(move_row(store, move, &direction, party, sizeof party, why));
    struct vls_status s = add_trace(store, move, why);
    if (vls_ok(s))
        s = count(store, VLS_SQL_COUNT_OUT, direction, move->from, party, why);
    if (vls_ok(s))
        s = count(store, VLS_SQL_COUNT_IN, direction, move->to, party, why);
    if (!vls_ok(s))
        store->broken = s;
    return s;
}

struct vls_status vls_store_remark(struct vls_store *store, const struct vls_id *id, uint64_t at_ms,
                                   const char *cause, const char *actor, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_REMARK, &q, why));
    vls_query_blob(&q, vls_id_slice(id));
    vls_query_number(&q, at_ms);
    vls_query_text(&q, cause);
    vls_query_text(&q, actor);
    VLS_TRY(vls_query_run(&q, why));
    return sqlite3_changes(store->db) == 1
               ? VLS_DONE
               : vls_fail(VLS_STORE_MISSING, why, "no message has this id");
}

struct vls_status vls_store_set_recorded(struct vls_store *store, const struct vls_id *id,
                                         uint64_t log_index, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    VLS_TRY(vls_query_open(store, VLS_SQL_SET_RECORDED, &q, why));
    vls_query_number(&q, log_index);
    vls_query_blob(&q, vls_id_slice(id));
    VLS_TRY(vls_query_run(&q, why));
    return sqlite3_changes(store->db) == 1
               ? VLS_DONE
               : vls_fail(VLS_STORE_MISSING, why, "no message has this id");
}

/** `*out_seq` is the row of body and evidence. */
static struct vls_status set_theirs(struct vls_store *store, const struct vls_id *id,
                                    uint64_t their_index, uint64_t their_size, uint64_t *out_seq,
                                    struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    bool has_row;
    VLS_TRY(vls_query_open(store, VLS_SQL_SET_THEIRS, &q, why));
    vls_query_number(&q, their_index);
    vls_query_number(&q, their_size);
    vls_query_blob(&q, vls_id_slice(id));
    VLS_TRY(vls_query_next(&q, &has_row, why));
    if (!has_row)
        return vls_fail(VLS_STORE_MISSING, why, "no message has this id");
    *out_seq = vls_query_get_number(&q, 0);
    return vls_query_run(&q, why);
}

struct vls_status vls_store_set_receipt(struct vls_store *store, const struct vls_id *id,
                                        struct vls_slice receipt, uint64_t their_index,
                                        struct vls_slice their_hashes, uint64_t their_size,
                                        struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    uint64_t seq = 0;
    VLS_TRY(set_theirs(store, id, their_index, their_size, &seq, why));
    VLS_TRY(vls_query_open(store, VLS_SQL_SET_RECEIPT, &q, why));
    vls_query_number(&q, seq);
    vls_query_blob(&q, receipt);
    vls_query_blob(&q, their_hashes);
    return vls_query_run(&q, why);
}

static struct vls_status find_seq(struct vls_store *store, const struct vls_id *id,
                                  uint64_t *out_seq, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    bool has_row;
    VLS_TRY(vls_query_open(store, VLS_SQL_SEQ_OF, &q, why));
    vls_query_blob(&q, vls_id_slice(id));
    VLS_TRY(vls_query_next(&q, &has_row, why));
    if (!has_row)
        return vls_fail(VLS_STORE_MISSING, why, "no message has this id");
    *out_seq = vls_query_get_number(&q, 0);
    return VLS_DONE;
}

struct vls_status vls_store_set_decision(struct vls_store *store, const struct vls_id *id,
                                         struct vls_slice decision, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    uint64_t seq = 0;
    VLS_TRY(find_seq(store, id, &seq, why));
    VLS_TRY(vls_query_open(store, VLS_SQL_SET_DECISION, &q, why));
    vls_query_number(&q, seq);
    vls_query_blob(&q, decision);
    return vls_query_run(&q, why);
}
