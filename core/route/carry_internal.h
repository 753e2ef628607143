#ifndef VALISE_ROUTE_CARRY_INTERNAL_H
#define VALISE_ROUTE_CARRY_INTERNAL_H
/*
 * route/carry_internal - what carry.c, answer.c, push.c and stranded.c share: a batch on its way,
 * and the contents that go ahead of it.
 *
 * Process: router.
 */
#include "base/arena.h"
#include "route/route_internal.h"

#define VLS_MAX_STALE                                                                              \
    3u /* answers in a row that the partner knows another checkpoint, before we wait */

#define VLS_UNCONFIRMED_MS 5000u /* what waits for its log to be confirmed is looked at again */

/** A message whose content is a file that the partner must have before the batch that names it. */
struct vls_push {
    struct vls_partner *partner;
    struct vls_push *next;
    struct vls_id id;
    enum vls_push_state { VLS_PUSH_WAITS, VLS_PUSH_UNDER_WAY, VLS_PUSH_DONE } state;
    struct vls_digest digest;
    uint64_t bytes;
    uint32_t attempts; /* that failed before this one */
};

struct vls_batch_entry {
    struct vls_id id;
    enum vls_state from;
    uint32_t attempts;
    struct vls_digest manifest_digest;
    Valise__Carried carried;
    Valise__InclusionProof inclusion;
};

struct vls_batch {
    struct vls_partner *partner;
    struct vls_arena *arena;          /* holds all bytes of the request */
    struct vls_checkpoint checkpoint; /* of our sent log */
    char *note;                       /* the same, signed */
    struct vls_batch_entry entries[VLS_BATCH_MESSAGES];
    Valise__Carried *carried[VLS_BATCH_MESSAGES];
    struct vls_id pushes[VLS_BATCH_MESSAGES]; /* messages that were taken up for their content */
    enum vls_state push_from[VLS_BATCH_MESSAGES];
    size_t count, push_count, receipts;
    uint64_t bytes, started_ms;
};

/** Verify the partner's answer and write what follows from it into the open transaction. When it
 * fails nothing was written, and what became of the messages is uncertain. */
VLS_STATUS vls_answer_take(struct vls_batch *batch, const struct vls_fds *fds, struct vls_why *why);

/** The size that a partner with another checkpoint says that it knows. */
VLS_STATUS vls_answer_stale(const struct vls_fds *fds, uint64_t *out_known, struct vls_why *why);

/** Have the partner's last "received" checkpoint cosigned, if it is new; the line goes with the
 * next batch. */
void vls_cosign_start(struct vls_partner *partner);

/* -- push.c ------------------------------------------------------------------------------------ */

/** Take up a message whose content is a file. @return false when too many wait already */
bool vls_push_add(struct vls_partner *partner, const struct vls_message *message);
/** Bring waiting contents to the partner. */
void vls_push_start(struct vls_partner *partner);
/** Remove a message whose content has arrived. @return false when there is none */
bool vls_push_take(struct vls_partner *partner, struct vls_id *out);
bool vls_push_is_ready(const struct vls_partner *partner);
void vls_push_free(struct vls_partner *partner);

/* -- stranded.c -------------------------------------------------------------------------------- */

/** Take up again what a lost transaction left under way. In a transaction of its own. */
void vls_stranded_take_up(struct vls_route *route);

#endif
