#ifndef VALISE_STORE_HOLDINGS_H
#define VALISE_STORE_HOLDINGS_H
/*
 * store/holdings - which documents of own messages have which symbol, so that a request for one is
 * answered with what is here already.
 *
 * Process:   router alone.
 * Ownership: what is handed in is borrowed for the call; what a callback is shown lives for it.
 * Start at:  vls_store_holding_add(), in the transaction that adds the message.
 *
 * All functions return what store.h says besides what they name.
 */
#include "store/store.h"

struct vls_holding {
    struct vls_id message;
    uint32_t part;        /* from 0, in the order in which they were submitted */
    const char *issuer;   /* "un" */
    const char *symbol;   /* in the canonical form of document/symbol.h */
    const char *language; /* "fr"; empty: not stated */
};

/** The same again is fine. */
VLS_STATUS vls_store_holding_add(struct vls_store *store, const struct vls_holding *holding,
                                 struct vls_why *why);

typedef struct vls_status (*vls_holding_fn)(void *ctx, const struct vls_holding *holding,
                                            struct vls_why *why);
/** Documents with that symbol of messages that have left and are stopped by nobody: recorded in a
 * log, and released, carried or receipted; the newest message first, at most `limit`. */
VLS_STATUS vls_store_holdings(struct vls_store *store, const char *issuer, const char *symbol,
                              uint32_t limit, vls_holding_fn fn, void *ctx, struct vls_why *why);

#endif
