#ifndef VALISE_STORE_METER_H
#define VALISE_STORE_METER_H
/*
 * store/meter - what was exchanged, counted by month and service, as the two sides share expenses
 * by it.
 *
 * Process:   router alone.
 * Ownership: what a callback is shown lives for that call; the callback may not change the store.
 * Start at:  vls_store_meter_add().
 *
 * All functions return what store.h says besides what they name.
 */
#include "store/store.h"

/** A service, and what was exchanged for it. */
struct vls_metered {
    enum vls_direction direction;
    const char *party, *kind, *body;
    uint64_t messages, bytes;
};
typedef struct vls_status (*vls_meter_fn)(void *ctx, const struct vls_metered *row,
                                          struct vls_why *why);

/** Add to what this month has already. @param month  202612 */
VLS_STATUS vls_store_meter_add(struct vls_store *store, uint32_t month,
                               const struct vls_metered *what, struct vls_why *why);

struct vls_meter_filter {
    uint32_t from_month, to_month;   /* both included */
    const char *party;               /* NULL = all */
    const struct vls_metered *after; /* only those behind this one in the order; NULL = all */
    uint32_t limit;
};
/** Sums over the months, by direction, party, kind and body. */
VLS_STATUS vls_store_meter_list(struct vls_store *store, const struct vls_meter_filter *filter,
                                vls_meter_fn fn, void *ctx, struct vls_why *why);

#endif
