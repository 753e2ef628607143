#ifndef VALISE_STORE_MEMBERS_H
#define VALISE_STORE_MEMBERS_H
/*
 * store/members - written statements that go to all members of a body, and the receipt of each
 * member.
 *
 * Process:   router alone.
 * Ownership: what a callback is shown lives for that call; the callback may not change the store.
 * Start at:  vls_store_member_add().
 *
 * All functions return what store.h says besides what they name.
 */
#include "store/store.h"

/** That one member has it. */
struct vls_member {
    const char *member;
    uint64_t received_ms;
    const char *reference, *actor; /* of its receipt; who recorded it */
};
typedef struct vls_status (*vls_member_fn)(void *ctx, const struct vls_member *member,
                                           struct vls_why *why);

/** What is kept of a member never changes. @return STORE_EXISTS */
VLS_STATUS vls_store_member_add(struct vls_store *store, const struct vls_id *id,
                                const struct vls_member *member, struct vls_why *why);
/** @return STORE_MISSING */
VLS_STATUS vls_store_member_get(struct vls_store *store, const struct vls_id *id,
                                const char *member, vls_member_fn fn, void *ctx,
                                struct vls_why *why);
/** By name, those behind `after`; NULL: from the first. */
VLS_STATUS vls_store_members(struct vls_store *store, const struct vls_id *id, const char *after,
                             uint32_t limit, vls_member_fn fn, void *ctx, struct vls_why *why);

/** A received message that goes to all members. */
struct vls_written_statement {
    struct vls_id id;
    const char *party, *body;
    uint64_t received_ms, due_ms;
    uint64_t closed_ms; /* 0: its certificate has not left */
    struct vls_digest manifest_digest;
    struct vls_slice certificate;  /* empty, or id of the last message that answers it */
    const char *certificate_kind;  /* of that message */
    enum vls_state certificate_at; /* where it is */
    uint64_t recorded;             /* receipts of members */
};
typedef struct vls_status (*vls_written_statement_fn)(void *ctx,
                                                      const struct vls_written_statement *one,
                                                      struct vls_why *why);

struct vls_written_statement_filter {
    const char *kind;           /* of the messages */
    const struct vls_id *id;    /* only this one; NULL = all */
    const struct vls_id *after; /* only later ones; NULL = from the oldest */
    bool with_closed;
    uint32_t limit;
};
VLS_STATUS vls_store_distributions(struct vls_store *store,
                                   const struct vls_written_statement_filter *filter,
                                   vls_written_statement_fn fn, void *ctx, struct vls_why *why);

#endif
