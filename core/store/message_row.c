#include "base/mem.h"
#include "store/store_internal.h"

/* Columns of VLS_SQL_MESSAGE, and where the others begin. */
enum {
    COLUMN_ID,
    COLUMN_DIRECTION,
    COLUMN_STATE,
    COLUMN_PARTY,
    COLUMN_KIND,
    COLUMN_BODY,
    COLUMN_LABEL,
    COLUMN_SUBJECT,
    COLUMN_CONVERSATION,
    COLUMN_ORIGIN,
    COLUMN_ORIGIN_KEY,
    COLUMN_REASON,
    COLUMN_CREATED,
    COLUMN_CHANGED,
    COLUMN_DUE,
    COLUMN_ATTEMPTS,
    COLUMN_IN_REPLY_TO,
    COLUMN_DUPLICATE_OF,
    COLUMN_MANIFEST_DIGEST,
    COLUMN_CONTENT_DIGEST,
    COLUMN_CONTENT_BYTES,
    COLUMN_LOG_INDEX,
    COLUMN_THEIR_INDEX,
    COLUMN_THEIR_SIZE,
    COLUMN_MANIFEST,
    COLUMN_SEALED,
    COLUMN_CONTENT,
    COLUMN_PART_DIGESTS,
    COLUMN_DECISION,
    COLUMN_RECEIPT,
    COLUMN_THEIR_HASHES
};

_Static_assert(COLUMN_MANIFEST == VLS_SQL_MESSAGE_COLUMNS, "as many as VLS_SQL_MESSAGE names");

static bool read_fixed(const struct vls_query *q, struct vls_message *out)
{
    struct vls_slice id = vls_query_get_blob(q, COLUMN_ID);
    if (id.len != VLS_ID_BYTES)
        return false;
    vls_copy(out->id.bytes, id.at, id.len);
    return vls_ok(vls_digest_from(vls_query_get_blob(q, COLUMN_MANIFEST_DIGEST),
                                  &out->manifest_digest)) &&
           vls_ok(
               vls_digest_from(vls_query_get_blob(q, COLUMN_CONTENT_DIGEST), &out->content_digest));
}

static void read_narrow(const struct vls_query *q, struct vls_message *out)
{
    out->direction = (enum vls_direction)vls_query_get_number(q, COLUMN_DIRECTION);
    out->state = (enum vls_state)vls_query_get_number(q, COLUMN_STATE);
    out->party = vls_query_get_text(q, COLUMN_PARTY);
    out->kind = vls_query_get_text(q, COLUMN_KIND);
    out->body = vls_query_get_text(q, COLUMN_BODY);
    out->label = vls_query_get_text(q, COLUMN_LABEL);
    out->subject = vls_query_get_text(q, COLUMN_SUBJECT);
    out->conversation = vls_query_get_text(q, COLUMN_CONVERSATION);
    out->origin = vls_query_get_text(q, COLUMN_ORIGIN);
    out->origin_key = vls_query_get_text(q, COLUMN_ORIGIN_KEY);
    out->reason = vls_query_get_text(q, COLUMN_REASON);
    out->created_ms = vls_query_get_number(q, COLUMN_CREATED);
    out->changed_ms = vls_query_get_number(q, COLUMN_CHANGED);
    out->due_ms = vls_query_get_number(q, COLUMN_DUE);
    out->attempts = (uint32_t)vls_query_get_number(q, COLUMN_ATTEMPTS);
    out->in_reply_to = vls_query_get_blob(q, COLUMN_IN_REPLY_TO);
    out->duplicate_of = vls_query_get_blob(q, COLUMN_DUPLICATE_OF);
    out->content_bytes = vls_query_get_number(q, COLUMN_CONTENT_BYTES);
    out->log_index = vls_query_get_number(q, COLUMN_LOG_INDEX);
    out->their_index = vls_query_get_number(q, COLUMN_THEIR_INDEX);
    out->their_size = vls_query_get_number(q, COLUMN_THEIR_SIZE);
}

struct vls_status vls_message_row(const struct vls_query *q, enum vls_row row,
                                  struct vls_message *out, struct vls_why *why)
{
    *out = (struct vls_message){0};
    if (!read_fixed(q, out))
        return vls_fail(VLS_STORE_DAMAGED, why, "a message row of valise.db is not well formed");
    read_narrow(q, out);
    if (row != VLS_ROW_NARROW) {
        out->manifest = vls_query_get_blob(q, COLUMN_MANIFEST);
        out->sealed = vls_query_get_blob(q, COLUMN_SEALED);
        out->content = vls_query_get_blob(q, COLUMN_CONTENT);
        out->part_digests = vls_query_get_blob(q, COLUMN_PART_DIGESTS);
    }
    if (row == VLS_ROW_ALL) {
        out->decision = vls_query_get_blob(q, COLUMN_DECISION);
        out->receipt = vls_query_get_blob(q, COLUMN_RECEIPT);
        out->their_hashes = vls_query_get_blob(q, COLUMN_THEIR_HASHES);
    }
    return VLS_DONE;
}

/* -- a copy that outlives its row -------------------------------------------------------------- */

#define TEXTS  9u
#define SLICES 9u

/** A message and, behind it in the same block, all that it points to. */
struct copy {
    struct vls_message message;
    uint8_t bytes[];
};

static void name_parts(struct vls_message *m, const char **texts[TEXTS],
                       struct vls_slice *slices[SLICES])
{
    const char **all_texts[TEXTS] = {&m->party,  &m->kind,       &m->body,
                                     &m->label,  &m->subject,    &m->conversation,
                                     &m->origin, &m->origin_key, &m->reason};
    struct vls_slice *all_slices[SLICES] = {&m->in_reply_to, &m->duplicate_of, &m->manifest,
                                            &m->sealed,      &m->content,      &m->decision,
                                            &m->receipt,     &m->their_hashes, &m->part_digests};
    vls_copy(texts, all_texts, sizeof all_texts);
    vls_copy(slices, all_slices, sizeof all_slices);
}

static struct vls_message *copy_of(const struct vls_message *message)
{
    const char **texts[TEXTS];
    struct vls_slice *slices[SLICES];
    struct vls_message from = *message;
    name_parts(&from, texts, slices);
    size_t room = sizeof(struct copy);
    for (size_t i = 0; i < TEXTS; i++)
        room += vls_slice_text(*texts[i]).len + 1;
    for (size_t i = 0; i < SLICES; i++)
        room += slices[i]->len;
    struct copy *copy = vls_mem_try(room);
    if (copy == NULL)
        return NULL;
    copy->message = from;
    name_parts(&copy->message, texts, slices);
    uint8_t *at = copy->bytes;
    for (size_t i = 0; i < TEXTS; i++) {
        size_t len = vls_slice_text(*texts[i]).len + 1;
        vls_copy(at, *texts[i], len);
        *texts[i] = (const char *)at;
        at += len;
    }
    for (size_t i = 0; i < SLICES; i++) {
        vls_copy(at, slices[i]->at, slices[i]->len);
        slices[i]->at = at;
        at += slices[i]->len;
    }
    return &copy->message;
}

struct vls_status vls_store_get(struct vls_store *store, const struct vls_id *id,
                                struct vls_message **out, struct vls_why *why)
{
    VLS_DEFER(vls_query_close) struct vls_query q = {0};
    struct vls_message row;
    bool has_row;
    VLS_TRY(vls_query_open(store, VLS_SQL_GET, &q, why));
    vls_query_blob(&q, vls_id_slice(id));
    VLS_TRY(vls_query_next(&q, &has_row, why));
    if (!has_row)
        return vls_fail(VLS_STORE_MISSING, why, "no message has this id");
    VLS_TRY(vls_message_row(&q, VLS_ROW_ALL, &row, why));
    struct vls_message *copy = copy_of(&row);
    if (copy == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "read a message");
    *out = copy;
    return VLS_DONE;
}

void vls_message_free(struct vls_message **message)
{
    vls_mem_free(*message); /* the first member of its block */
    *message = NULL;
}
