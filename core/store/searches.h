#ifndef VALISE_STORE_SEARCHES_H
#define VALISE_STORE_SEARCHES_H
/*
 * store/searches - received requests that the gateway answers by itself, where it can: one row
 * each, which says how far it is.
 *
 * Process:   router alone.
 * Ownership: as store/requests.h.
 * Start at:  vls_store_search_add(), in the transaction that receives the request.
 *
 * All functions return what store.h says besides what they name.
 */
#include "store/store.h"

/** Numbers in the database, never changed. */
enum vls_search_state {
    VLS_SEARCH_WAITING = 1,  /* to be looked for when due; also what a crash broke off */
    VLS_SEARCH_ANSWERED = 2, /* its answer is made, and is where any message is; the end */
    VLS_SEARCH_NOTHING = 3,  /* there is nothing to answer with; the end */
    VLS_SEARCH_PERSON = 4    /* a person has to see to it */
};
/** "waiting" and so on; "" for a number that is no state. */
const char *vls_search_state_name(enum vls_search_state state);

/** What a message asks for is sealed in it, and not here. */
struct vls_search {
    struct vls_id id; /* of the request */
    const char *party;
    enum vls_search_state state;
    uint64_t due_ms; /* of WAITING */
    uint32_t tries;
    uint64_t began_ms; /* when it was first looked for; 0: not yet */
    uint64_t changed_ms;
    const char *reason; /* a sentence */
};
typedef struct vls_status (*vls_search_fn)(void *ctx, const struct vls_search *search,
                                           struct vls_why *why);

/** @return STORE_EXISTS */
VLS_STATUS vls_store_search_add(struct vls_store *store, const struct vls_search *search,
                                struct vls_why *why);
/** Show it to the callback. @return STORE_MISSING */
VLS_STATUS vls_store_search_get(struct vls_store *store, const struct vls_id *id, vls_search_fn fn,
                                void *ctx, struct vls_why *why);
/** Write all but id and party. @return STORE_MISSING */
VLS_STATUS vls_store_search_change(struct vls_store *store, const struct vls_search *search,
                                   struct vls_why *why);
/** WAITING and due, of requests that are with a sink or on their way to one: nobody holds them. The
 * one due longest first. */
VLS_STATUS vls_store_search_due(struct vls_store *store, uint64_t now_ms, uint32_t limit,
                                vls_search_fn fn, void *ctx, struct vls_why *why);
/** When the next of these is due; UINT64_MAX: none is. */
VLS_STATUS vls_store_search_next(struct vls_store *store, uint64_t *out_ms, struct vls_why *why);
/** How many of a partner were begun since then, and when the earliest of them was (0: none). */
VLS_STATUS vls_store_search_begun(struct vls_store *store, const char *party, uint64_t since_ms,
                                  uint64_t *out_count, uint64_t *out_first_ms, struct vls_why *why);

typedef struct vls_status (*vls_search_person_fn)(void *ctx, const char *party, uint64_t count,
                                                  const char *reason, struct vls_why *why);
/** How many of each partner wait for a person and have no answer, and the reason of the last. */
VLS_STATUS vls_store_search_persons(struct vls_store *store, vls_search_person_fn fn, void *ctx,
                                    struct vls_why *why);

#endif
