#ifndef VALISE_STORE_STORE_H
#define VALISE_STORE_STORE_H
/*
 * store - everything that must survive: messages, their contents, logs, plugin state. SQLite
 * inside, and nobody else knows.
 *
 * Process:   router alone.
 * Threads:   one.
 * Ownership: strings and slices in structs handed in are borrowed for the call; those in a struct
 * vls_message handed out by vls_store_get() are owned by it until vls_message_free(); those shown
 * to a callback live for that call. Start at:  vls_store_begin() / vls_store_commit(): all changes
 * happen between them, and one commit (one fsync) covers the batch.
 *
 * All functions return STORE_BUSY, STORE_DAMAGED, SYSTEM_FULL, SYSTEM_IO as SQLite and the disk
 * say, besides what they name. A change needs an open transaction (SYSTEM_BUG otherwise). A change
 * that the disk refuses half way breaks its transaction: all further changes and the commit fail
 * with the same code, until vls_store_rollback(), a failed commit or an undo to an earlier mark.
 * What the others say of the input (STORE_EXISTS, STORE_MISSING, STORE_CONFLICT, INPUT_LIMIT,
 * LEDGER_FORK) changes nothing and leaves the transaction as it was. A callback may read the store
 * by another function than the one that called it.
 */
#include "base/digest.h"
#include "base/id.h"
#include "base/limits.h"
#include "store/content.h"
#include "store/state.h"

struct vls_store; /* opaque */

struct vls_store_options {
    const char *dir;    /* made if missing; 0700. Holds valise.db, content/, incoming/, logs/ */
    uint64_t max_bytes; /* database, contents and room set aside for uploads; no new content above
                           this; 0 = no limit but the disk */
};

/** Open, bring the schema up to date, check: a database of up to 64 MiB whole, a larger one page by
 * page as it is read. A damaged or foreign database is left as it is. After this the store opens
 * files only below `dir`, and folders there to sync them. Recovers whatever the last crash left:
 * content files that no row names are removed.
 *  @return STORE_BUSY another process has it; STORE_VERSION; STORE_DAMAGED */
VLS_STATUS vls_store_open(const struct vls_store_options *options, struct vls_store **out,
                          struct vls_why *why);
void vls_store_free(struct vls_store **store);

/* -- transactions ------------------------------------------------------------------------------ */

/** Start a transaction unless one is open already. */
VLS_STATUS vls_store_begin(struct vls_store *store, struct vls_why *why);
/** Make all since begin durable, first the names of contents, then the rows. When it fails nothing
 * of it happened: the transaction is rolled back and the next may begin. Without an open
 * transaction it makes the names durable alone. */
VLS_STATUS vls_store_commit(struct vls_store *store, struct vls_why *why);
/** Take all since begin back, contents that were kept meanwhile too (uploads stay). */
void vls_store_rollback(struct vls_store *store);
/** A point within the transaction to come back to; one level. vls_store_undo() takes back what came
 * after the mark. */
VLS_STATUS vls_store_mark(struct vls_store *store, struct vls_why *why);
void vls_store_undo(struct vls_store *store);
/** Commits so far (for the benchmark: fsyncs a message). */
uint64_t vls_store_commits(const struct vls_store *store);

/* -- messages ---------------------------------------------------------------------------------- */

enum vls_direction { VLS_OUT = 1, VLS_IN = 2 };

/** One message. Text that is NULL reads as empty. */
struct vls_message {
    struct vls_id id;
    enum vls_direction direction;
    enum vls_state state;
    const char *party; /* the partner */
    const char *kind, *body, *label, *subject, *conversation;
    const char *origin, *origin_key; /* who submitted it: "plugin:folder", "uid:0" */
    const char *reason;              /* why it is in its state */
    uint64_t created_ms, changed_ms;
    uint64_t due_ms; /* when it may be tried (again) */
    uint32_t attempts;
    struct vls_slice in_reply_to;  /* empty or 16 bytes */
    struct vls_slice duplicate_of; /* empty or 16 bytes */
    struct vls_digest manifest_digest;
    struct vls_digest content_digest; /* of the encrypted content */
    uint64_t content_bytes;
    uint64_t log_index; /* leaf in our own log: "sent" of an outbound, "received" of an inbound;
                           VLS_NO_INDEX = not recorded yet */
    struct vls_slice manifest, sealed, content; /* content is empty when it is a file */
    struct vls_slice decision;                  /* DecisionRecord bytes */
    struct vls_slice receipt; /* ReceiptRecord bytes: ours (in) or the partner's (out) */
    /* proof in the partner's log: of the manifest in its "sent" (in) or of the receipt in its
     * "received" (out) */
    uint64_t their_index;          /* VLS_NO_INDEX = none */
    struct vls_slice their_hashes; /* 32 bytes each */
    uint64_t their_size;           /* of the checkpoint: see vls_store_checkpoint() */
    struct vls_slice part_digests; /* 32 bytes each, of the documents as submitted */
};
#define VLS_NO_INDEX UINT64_MAX

/** Add a message and its first trace row (from nothing to its state, with `reason` as cause and
 * origin as actor). A message with content_bytes but without content has its content in a file,
 * which must be kept before.
 * @return STORE_EXISTS the id is there already, or (origin, origin_key) with a key not empty;
 *         STORE_MISSING its content file was not kept, STORE_CONFLICT that has another size;
 *         STORE_FULL; INPUT_LIMIT */
VLS_STATUS vls_store_add(struct vls_store *store, const struct vls_message *message,
                         struct vls_why *why);

/** All of a message. @return STORE_MISSING */
VLS_STATUS vls_store_get(struct vls_store *store, const struct vls_id *id, struct vls_message **out,
                         struct vls_why *why);
void vls_message_free(struct vls_message **message);

/** Id of the message with this submitter's key. @return STORE_MISSING */
VLS_STATUS vls_store_by_origin(struct vls_store *store, const char *origin, const char *origin_key,
                               struct vls_id *out, struct vls_why *why);

/** The only message whose id starts with these bytes. @return STORE_MISSING, STORE_CONFLICT when
 * there are several */
VLS_STATUS vls_store_by_prefix(struct vls_store *store, struct vls_slice prefix, struct vls_id *out,
                               struct vls_why *why);

/** The oldest outbound message to `party`, not withheld or quarantined, that holds a document with
 * this digest. @return STORE_MISSING */
VLS_STATUS vls_store_by_document(struct vls_store *store, const char *party,
                                 const struct vls_digest *part, struct vls_id *out,
                                 struct vls_why *why);

/** A change of state: updates the row and writes the trace. The caller has checked that the move is
 * allowed. */
struct vls_move {
    struct vls_id id;
    enum vls_state from, to;
    uint64_t at_ms, due_ms;
    uint32_t add_attempts;
    const char *cause; /* becomes the message's reason */
    const char *actor; /* "router", "uid:0", "partner" */
};
/** @return STORE_MISSING when the message is not in state `from` any more */
VLS_STATUS vls_store_move(struct vls_store *store, const struct vls_move *move,
                          struct vls_why *why);

/** Add a row to the trace of a message that stays as it is: what somebody did with it. @return
 * STORE_MISSING */
VLS_STATUS vls_store_remark(struct vls_store *store, const struct vls_id *id, uint64_t at_ms,
                            const char *cause, const char *actor, struct vls_why *why);

/** Set the log index that a message gets when it is recorded. @return STORE_MISSING */
VLS_STATUS vls_store_set_recorded(struct vls_store *store, const struct vls_id *id,
                                  uint64_t log_index, struct vls_why *why);
/** Set the partner's receipt and its proof. @return STORE_MISSING */
VLS_STATUS vls_store_set_receipt(struct vls_store *store, const struct vls_id *id,
                                 struct vls_slice receipt, uint64_t their_index,
                                 struct vls_slice their_hashes, uint64_t their_size,
                                 struct vls_why *why);
/** @return STORE_MISSING */
VLS_STATUS vls_store_set_decision(struct vls_store *store, const struct vls_id *id,
                                  struct vls_slice decision, struct vls_why *why);

typedef struct vls_status (*vls_message_fn)(void *ctx, const struct vls_message *message,
                                            struct vls_why *why);

/** Messages of one direction and party in `state` with due_ms <= now, the one due longest first,
 * then by id; at most `limit`. `with_bodies` also reads manifest, sealed, content and part_digests.
 * The callback may not change the store. party NULL = any. Receipted and delivered messages are
 * never due. */
VLS_STATUS vls_store_due(struct vls_store *store, enum vls_direction direction, const char *party,
                         enum vls_state state, uint64_t now_ms, uint32_t limit, bool with_bodies,
                         vls_message_fn fn, void *ctx, struct vls_why *why);

/** The smallest due_ms in that state; UINT64_MAX when there is none. */
VLS_STATUS vls_store_next_due(struct vls_store *store, enum vls_direction direction,
                              const char *party, enum vls_state state, uint64_t *out_ms,
                              struct vls_why *why);

struct vls_filter {
    enum vls_direction direction; /* 0 = both */
    uint64_t states;              /* bit 1 << state; 0 = all */
    const char *party;            /* NULL = all */
    const struct vls_id *before;  /* only older ones; NULL = from the newest */
    uint32_t limit;
};
/** Newest first, without bodies. */
VLS_STATUS vls_store_list(struct vls_store *store, const struct vls_filter *filter,
                          vls_message_fn fn, void *ctx, struct vls_why *why);

typedef struct vls_status (*vls_trace_fn)(void *ctx, uint64_t at_ms, const char *from_state,
                                          const char *to_state, const char *cause,
                                          const char *actor, struct vls_why *why);
/** Oldest first; from_state of the first row is empty. */
VLS_STATUS vls_store_trace(struct vls_store *store, const struct vls_id *id, vls_trace_fn fn,
                           void *ctx, struct vls_why *why);

typedef struct vls_status (*vls_count_fn)(void *ctx, enum vls_direction direction,
                                          enum vls_state state, const char *party, uint64_t count,
                                          struct vls_why *why);
VLS_STATUS vls_store_counts(struct vls_store *store, vls_count_fn fn, void *ctx,
                            struct vls_why *why);

/* -- logs -------------------------------------------------------------------------------------- */

/** Own logs are trees of tiles; of the partner's logs the last verified checkpoint is kept. `log`
 * is the origin. */
VLS_STATUS vls_store_log_size(struct vls_store *store, const char *log, uint64_t *out_size,
                              struct vls_why *why); /* 0 for an unknown log */
/** @return STORE_CONFLICT when it is larger already */
VLS_STATUS vls_store_log_set_size(struct vls_store *store, const char *log, uint64_t size,
                                  struct vls_why *why);
/** @return STORE_DAMAGED when there are fewer than `width` hashes */
VLS_STATUS vls_store_tile_read(struct vls_store *store, const char *log, unsigned level,
                               uint64_t index, unsigned width, uint8_t *out, struct vls_why *why);
/** @return STORE_CONFLICT when it would change or drop hashes that are there */
VLS_STATUS vls_store_tile_write(struct vls_store *store, const char *log, unsigned level,
                                uint64_t index, unsigned width, const uint8_t *hashes,
                                struct vls_why *why);

/** Keep a signed note of a log (own or partner's), by size; the same again is fine. @return
 * LEDGER_FORK when there is another root for that size: then nothing is changed */
VLS_STATUS vls_store_checkpoint_put(struct vls_store *store, const char *log, uint64_t size,
                                    const struct vls_digest *root, const char *note,
                                    struct vls_why *why);
/** The latest, or the first with at least `size` when size is not 0. The note and below it its
 * cosignature lines are appended. @return STORE_MISSING */
VLS_STATUS vls_store_checkpoint(struct vls_store *store, const char *log, uint64_t size,
                                uint64_t *out_size, struct vls_digest *out_root,
                                struct vls_buf *out_note, struct vls_why *why);
/** Add a cosignature line to the kept note of that size. Of each key of a cosigner the first line
 * is kept: another one of the same state is fine, and changes nothing. @return STORE_MISSING */
VLS_STATUS vls_store_cosignature_put(struct vls_store *store, const char *log, uint64_t size,
                                     const char *line, struct vls_why *why);
/** The largest size of a log that this cosigner has cosigned, by its key name; 0 when it has none.
 */
VLS_STATUS vls_store_cosigned_size(struct vls_store *store, const char *log, const char *cosigner,
                                   uint64_t *out_size, struct vls_why *why);

/* -- reviews ----------------------------------------------------------------------------------- */

/** What an officer signed about a message. */
struct vls_review {
    const char *officer;
    uint64_t signed_ms, expires_ms;
    struct vls_slice statement, signature; /* exact bytes */
};
/** Keep it, in place of an earlier one of that officer about the same message. */
VLS_STATUS vls_store_review_put(struct vls_store *store, const struct vls_id *id,
                                const struct vls_review *review, struct vls_why *why);
typedef struct vls_status (*vls_review_fn)(void *ctx, const struct vls_review *review,
                                           struct vls_why *why);
/** All of a message, the oldest signature first. The callback may not change the store. */
VLS_STATUS vls_store_reviews(struct vls_store *store, const struct vls_id *id, vls_review_fn fn,
                             void *ctx, struct vls_why *why);

/* -- state of plugins -------------------------------------------------------------------------- */

/** Set or, with an empty value, forget. @return INPUT_LIMIT above VLS_MAX_STATE_ITEMS,
 * VLS_MAX_STATE_KEY or VLS_MAX_STATE_VALUE */
VLS_STATUS vls_store_state_put(struct vls_store *store, const char *plugin, const char *key,
                               struct vls_slice value, struct vls_why *why);
/** In the order of the keys. The callback may not change the store. */
typedef struct vls_status (*vls_state_fn)(void *ctx, const char *key, struct vls_slice value,
                                          struct vls_why *why);
VLS_STATUS vls_store_state_each(struct vls_store *store, const char *plugin, vls_state_fn fn,
                                void *ctx, struct vls_why *why);

#define VLS_MAX_STATE_ITEMS 100000u
#define VLS_MAX_STATE_VALUE 4096u
#define VLS_MAX_STATE_KEY   256u

#endif
