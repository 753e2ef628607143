#ifndef VALISE_STORE_REQUESTS_H
#define VALISE_STORE_REQUESTS_H
/*
 * store/requests - what asks for an answer, of either side: when it is due, reminded of, answered.
 *
 * Process:   router alone.
 * Ownership: what is handed in is borrowed for the call; what a callback is shown lives for that
 *            call, and it may not change the store.
 * Start at:  vls_store_request_add().
 *
 * All functions return what store.h says besides what they name.
 */
#include "store/store.h"

/** A message that asks for an answer. Handed out, its text lives for the call of the callback. */
struct vls_request {
    struct vls_id id;
    enum vls_direction direction; /* VLS_IN: we owe the answer */
    const char *party, *kind;
    uint64_t since_ms, due_ms; /* released or received; the service target */
    uint64_t slot_ms;          /* when the uniform answer leaves; 0: none does (any more) */
    uint64_t remind_ms;        /* when it is reminded of next; 0: never again */
    uint64_t reminded_ms;      /* 0: not yet */
    uint32_t steps;            /* how many of the answers that it expects are there */
    struct vls_slice answer;   /* empty, or id of the last message that answers it */
    const char *answer_kind, *answer_state; /* what we say of an answer of ours: "partial" */
    enum vls_state answer_at;               /* where that message is; only read */
    uint64_t answered_ms, closed_ms;        /* 0: not yet */
};
typedef struct vls_status (*vls_request_fn)(void *ctx, const struct vls_request *request,
                                            struct vls_why *why);

/** @return STORE_EXISTS */
VLS_STATUS vls_store_request_add(struct vls_store *store, const struct vls_request *request,
                                 struct vls_why *why);
/** Show it to the callback. @return STORE_MISSING */
VLS_STATUS vls_store_request_get(struct vls_store *store, const struct vls_id *id,
                                 vls_request_fn fn, void *ctx, struct vls_why *why);
/** Write slot_ms and what stands below it; what stands above never changes. @return STORE_MISSING
 */
VLS_STATUS vls_store_request_change(struct vls_store *store, const struct vls_request *request,
                                    struct vls_why *why);
/** Those whose slot, or whose reminder, is due at that time: the one due longest first, then by
 * id. */
VLS_STATUS vls_store_request_due(struct vls_store *store, bool is_slot, uint64_t now_ms,
                                 uint32_t limit, vls_request_fn fn, void *ctx, struct vls_why *why);
/** When the next of each is due; UINT64_MAX: none is. */
VLS_STATUS vls_store_request_next(struct vls_store *store, uint64_t *out_slot_ms,
                                  uint64_t *out_remind_ms, struct vls_why *why);

struct vls_request_filter {
    enum vls_direction direction; /* 0 = both */
    const char *party;            /* NULL = all */
    bool with_closed;
    uint64_t
        after_due_ms; /* only those behind this one in the order; 0 and empty: from the first */
    struct vls_slice after;
    uint32_t limit;
};
/** By service target, then by id. */
VLS_STATUS vls_store_request_list(struct vls_store *store, const struct vls_request_filter *filter,
                                  vls_request_fn fn, void *ctx, struct vls_why *why);
typedef struct vls_status (*vls_request_late_fn)(void *ctx, enum vls_direction direction,
                                                 const char *party, uint64_t count,
                                                 struct vls_why *why);
/** How many open ones are past their service target, by direction and partner. */
VLS_STATUS vls_store_request_late(struct vls_store *store, uint64_t now_ms, vls_request_late_fn fn,
                                  void *ctx, struct vls_why *why);

#endif
