#ifndef VALISE_ROUTE_RECEIVE_INTERNAL_H
#define VALISE_ROUTE_RECEIVE_INTERNAL_H
/*
 * route/receive_internal - what receive.c and receipt.c share: a batch from a partner that is being
 * worked on.
 *
 * Process: router.
 */
#include "route/route_internal.h"

#define VLS_MAX_EXCHANGES                                                                          \
    16u /* batches from all partners at one time; each holds at most VLS_MAX_EXCHANGE bytes */

struct vls_exchange_item {
    struct vls_id id;
    uint32_t refusal;      /* code of a status; 0 = received */
    uint64_t index;        /* in our received log */
    struct vls_buf record; /* ReceiptRecord */
};

struct vls_exchange {
    struct vls_route *route;
    struct vls_partner *partner;
    uint64_t handle;
    char party[VLS_MAX_PARTY + 1];
    Valise__ExchangeRequest *request;
    struct vls_checkpoint theirs, ours; /* their sent log, our received log */
    struct vls_exchange_item items[VLS_BATCH_MESSAGES];
    size_t count;
    unsigned signatures_open;
    struct vls_status failed;
    char *note, *cosignature;
};

/** Make the answer to a batch that is on disk and signed: a sealed memory file with an
 * ExchangeResponse. */
VLS_STATUS vls_exchange_answer(struct vls_exchange *e, int *out_fd, struct vls_why *why);

#endif
