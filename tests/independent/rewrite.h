#ifndef VALISE_TESTS_REWRITE_H
#define VALISE_TESTS_REWRITE_H
/*
 * rewrite - do to a store of one's own what nobody may do: write one of its logs anew, with another
 * entry in place of one.
 */
#include "store/store_internal.h"

/** Entry number `index` becomes another one; everything that was signed of the log is forgotten.
 * The log keeps `keep` entries, or all with UINT64_MAX. In a transaction of its own. */
VLS_STATUS rewrite_log(struct vls_store *store, const char *origin, uint64_t index, uint64_t keep,
                       struct vls_why *why);

#endif
