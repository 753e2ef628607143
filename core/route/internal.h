#ifndef VALISE_ROUTE_INTERNAL_H
#define VALISE_ROUTE_INTERNAL_H
/*
 * route/internal - the internal log: what this gateway decided and did that no partner's log may
 * tell.
 *
 * Process:   router.
 * Start at:  vls_internal_append().
 *
 * One Merkle log of its own, "PARTY/valise/internal". Entries are added inside the open transaction
 * and may be taken back with it, or with a mark: the tree takes them up when the transaction is
 * about to be committed. A leaf commits to the exact bytes of an InternalRecord, which hold a
 * random nonce. The state of the log is signed by the crypto role like that of the others, one
 * signature for all entries of a batch, and at most one a second.
 */
#include "envelope/internal.h"
#include "route/route_internal.h"

struct vls_internal_log; /* opaque */

struct vls_internal_entry {
    const char *kind;        /* a name: VLS_INTERNAL_... or one's own */
    const struct vls_id *id; /* of the message that it is about; NULL: none */
    const char *actor;       /* who did it */
    struct vls_slice body;   /* at most VLS_MAX_INTERNAL bytes */
};

/** Enter something into the internal log, in the open transaction: it is there when what it is
 * about is. @return ENVELOPE_MALFORMED for an entry out of its form, and what the store says */
VLS_STATUS vls_internal_append(struct vls_route *route, const struct vls_internal_entry *entry,
                               struct vls_why *why);
/** The same for words. */
VLS_STATUS vls_internal_append_words(struct vls_route *route, const char *kind,
                                     const struct vls_id *id, const char *actor, const char *words,
                                     struct vls_why *why);
/** The decision about a message, by the digest of its record. Nothing for an empty one: then
 * nothing was decided. */
VLS_STATUS vls_internal_append_decision(struct vls_route *route, const struct vls_id *id,
                                        struct vls_slice decision, struct vls_why *why);

/* -- of the log as a whole: route.c ------------------------------------------------------------ */

VLS_STATUS vls_internal_open(struct vls_route *route, struct vls_why *why);
void vls_internal_close(struct vls_route *route);
/** Take the new entries into the tree, and write it into the open transaction. */
VLS_STATUS vls_internal_save(struct vls_route *route, struct vls_why *why);
void vls_internal_committed(struct vls_route *route);
VLS_STATUS vls_internal_reload(struct vls_route *route, struct vls_why *why);
/** Have the last state signed, if it is not and the time has come. */
void vls_internal_start(struct vls_route *route);
uint64_t vls_internal_next_ms(const struct vls_route *route); /* steady clock */
/** The log itself, for proofs. */
struct vls_log *vls_internal_tree(struct vls_route *route);

#endif
