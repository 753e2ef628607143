#ifndef VALISE_STORE_SUBSCRIPTIONS_H
#define VALISE_STORE_SUBSCRIPTIONS_H
/*
 * store/subscriptions - what partners get without asking each time.
 *
 * Process:   router alone.
 * Ownership: as store/requests.h.
 * Start at:  vls_store_subscriptions().
 *
 * All functions return what store.h says besides what they name.
 */
#include "store/store.h"

#define VLS_MAX_SUBSCRIPTIONS 256u
#define VLS_SUBSCRIPTION_LIST 32u /* values of one list */

/** Lists are texts, with a line feed behind each value. */
struct vls_subscription {
    const char *name, *party;
    const char *symbols, *bodies, *topics, *languages;
    const char *since; /* "2026-12-01"; empty: from the first */
    const char *note;
    uint64_t added_ms;
    const char *actor;
    uint64_t last_ms;      /* of the last document that it wanted; 0: none yet */
    struct vls_slice last; /* empty, or id of its message */
};
typedef struct vls_status (*vls_subscription_fn)(void *ctx, const struct vls_subscription *one,
                                                 struct vls_why *why);

/** @return STORE_EXISTS when there is one of that name */
VLS_STATUS vls_store_subscription_add(struct vls_store *store, const struct vls_subscription *one,
                                      struct vls_why *why);
/** @return STORE_MISSING */
VLS_STATUS vls_store_subscription_remove(struct vls_store *store, const char *name,
                                         struct vls_why *why);
/** It wanted this message. One that was removed meanwhile is fine. */
VLS_STATUS vls_store_subscription_served(struct vls_store *store, const char *name, uint64_t now_ms,
                                         const struct vls_id *message, struct vls_why *why);
/** By party, then by name. */
VLS_STATUS vls_store_subscriptions(struct vls_store *store, vls_subscription_fn fn, void *ctx,
                                   struct vls_why *why);

#endif
