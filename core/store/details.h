#ifndef VALISE_STORE_DETAILS_H
#define VALISE_STORE_DETAILS_H
/*
 * store/details - own messages whose label says more than its text: a date, an originator. That
 * stands sealed beside the documents, and cannot be said once more from what the store knows.
 *
 * Process:   router alone.
 * Start at:  vls_store_details_add(), in the transaction that adds the message.
 *
 * All functions return what store.h says.
 */
#include "store/store.h"

VLS_STATUS vls_store_details_add(struct vls_store *store, const struct vls_id *message,
                                 struct vls_why *why);
VLS_STATUS vls_store_has_details(struct vls_store *store, const struct vls_id *message, bool *out,
                                 struct vls_why *why);

#endif
