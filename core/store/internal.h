#ifndef VALISE_STORE_INTERNAL_H
#define VALISE_STORE_INTERNAL_H
/*
 * store/internal - the entries of the internal log, readable beside the tree that commits to them.
 *
 * Process: router. Entries are added by route/internal alone, which numbers the leaves by them.
 */
#include "store/store.h"

struct vls_internal_row {
    uint64_t place; /* number of its leaf */
    uint64_t at_ms;
    const char *kind;
    struct vls_slice id;     /* of the message that it is about; empty: of none */
    struct vls_slice record; /* InternalRecord, the exact bytes */
};

/** The number that the next entry gets. */
VLS_STATUS vls_store_internal_next(struct vls_store *store, uint64_t *out, struct vls_why *why);

/** Add an entry under the next number. @return STORE_EXISTS when another has that number */
VLS_STATUS vls_store_internal_add(struct vls_store *store, const struct vls_internal_row *row,
                                  struct vls_why *why);

struct vls_internal_filter {
    uint64_t from;           /* the first number */
    const char *kind;        /* NULL: all */
    const struct vls_id *id; /* only those about this message; NULL: all */
    uint32_t limit;
};
typedef struct vls_status (*vls_internal_fn)(void *ctx, const struct vls_internal_row *row,
                                             struct vls_why *why);
/** Oldest first. The callback may not change the store, nor list entries itself. */
VLS_STATUS vls_store_internal_each(struct vls_store *store,
                                   const struct vls_internal_filter *filter, vls_internal_fn fn,
                                   void *ctx, struct vls_why *why);

#endif
