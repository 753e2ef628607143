#ifndef VALISE_STORE_RETENTION_H
#define VALISE_STORE_RETENTION_H
/*
 * store/retention - what is erased of a message, and what may not be erased.
 *
 * Process:   router alone.
 * Ownership: what is handed in is borrowed for the call; what a callback is shown lives for that
 *            call, and it may not change the store.
 * Start at:  vls_store_erase(), then its commit, then vls_store_erase_finish().
 *
 * Erasing takes away what could open a message and what was made of its documents: the sealed
 * structure with its content key, the encrypted content, the subject, the digests of the documents,
 * and the submitter's key, which often is a file's name (a digest of it stays, so that the same
 * document is not taken for a new one). What stays is evidence: manifest, receipt, proofs,
 * decision, trace. The row goes first and durably; then the bytes are overwritten where they lay. A
 * crash in between is healed when the store is opened.
 *
 * All functions return what store.h says besides what they name.
 */
#include "store/store.h"

/** In place of the submitter's key of an erased message: "erased:" and its SHA-256. */
#define VLS_ERASED_KEY (sizeof "erased:" + 2 * VLS_DIGEST_BYTES)
void vls_erased_key(const char *origin_key, char out[VLS_ERASED_KEY]);

struct vls_erasure {
    struct vls_id id;
    uint64_t at_ms;
    const char *actor; /* "uid:0" */
    const char *basis; /* by what right: the rule of retention, or the operator's note */
};
/** In the open transaction. Whether it may be, the caller has checked. @return STORE_MISSING,
 * STORE_EXISTS when it was erased before */
VLS_STATUS vls_store_erase(struct vls_store *store, const struct vls_erasure *erasure,
                           struct vls_why *why);
/** Behind the commit, outside of a transaction: overwrite what was erased and is not yet; commits.
 * When it fails the rest is done by the next call, or when the store is opened. */
VLS_STATUS vls_store_erase_finish(struct vls_store *store, struct vls_why *why);

typedef struct vls_status (*vls_erasure_fn)(void *ctx, const struct vls_erasure *erasure,
                                            struct vls_why *why);
/** @return STORE_MISSING when it was not erased */
VLS_STATUS vls_store_erasure(struct vls_store *store, const struct vls_id *id, vls_erasure_fn fn,
                             void *ctx, struct vls_why *why);

/** Why something must not be erased, whatever the rules of retention say. All that it names has to
 * be true of a message for the hold to be about it. */
struct vls_hold {
    const char *name;    /* of the case, unique for ever */
    struct vls_slice id; /* of one message; empty: of all, as of the next two */
    const char *party, *kind;
    uint64_t since_ms;
    const char *note, *actor;
    uint64_t released_ms; /* 0: it holds */
    const char *released_by;
};
/** @return STORE_EXISTS for a name that there is, released or not */
VLS_STATUS vls_store_hold_add(struct vls_store *store, const struct vls_hold *hold,
                              struct vls_why *why);
/** @return STORE_MISSING when no hold of that name holds */
VLS_STATUS vls_store_hold_release(struct vls_store *store, const char *name, uint64_t at_ms,
                                  const char *actor, struct vls_why *why);
typedef struct vls_status (*vls_hold_fn)(void *ctx, const struct vls_hold *hold,
                                         struct vls_why *why);
/** By name, those behind `after`; "": from the first. */
VLS_STATUS vls_store_holds(struct vls_store *store, bool with_released, const char *after,
                           uint32_t limit, vls_hold_fn fn, void *ctx, struct vls_why *why);
/** Name of the first hold that is about this message, or "" when there is none. */
VLS_STATUS vls_store_hold_of(struct vls_store *store, const struct vls_message *message,
                             char out[VLS_MAX_NAME + 1], struct vls_why *why);

/** `erased_ms`: 0 when it was not erased. */
typedef struct vls_status (*vls_walk_fn)(void *ctx, const struct vls_message *message,
                                         uint64_t erased_ms, struct vls_why *why);
/** Every message, oldest first, those behind `after`; NULL: from the first. Without bodies and
 * evidence. */
VLS_STATUS vls_store_walk(struct vls_store *store, const struct vls_id *after, uint32_t limit,
                          vls_walk_fn fn, void *ctx, struct vls_why *why);

#endif
