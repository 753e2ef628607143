#ifndef VALISE_STORE_ARRANGEMENTS_H
#define VALISE_STORE_ARRANGEMENTS_H
/*
 * store/arrangements - the versions of the arrangement that this gateway knows besides the
 * installed file, and each party's signature.
 *
 * Process:   router alone.
 * Ownership: what is handed in is borrowed for the call; what a callback is shown lives for that
 *            call, and it may not change the store.
 * Start at:  vls_store_arrangement_add().
 *
 * All functions return what store.h says besides what they name.
 */
#include "store/store.h"

struct vls_stored_arrangement {
    struct vls_digest digest;
    const char *name;
    uint32_t version;
    struct vls_slice supersedes; /* a digest; empty: the first version */
    struct vls_slice bytes;      /* the file, exactly */
    uint64_t added_ms;
    const char *actor; /* who handed it in: "uid:0", "installed" */
};
/** One that is known stays as it is. */
VLS_STATUS vls_store_arrangement_add(struct vls_store *store,
                                     const struct vls_stored_arrangement *arrangement,
                                     struct vls_why *why);
typedef struct vls_status (*vls_arrangement_fn)(void *ctx,
                                                const struct vls_stored_arrangement *arrangement,
                                                struct vls_why *why);
/** All, by version. */
VLS_STATUS vls_store_arrangements(struct vls_store *store, vls_arrangement_fn fn, void *ctx,
                                  struct vls_why *why);

struct vls_stored_approval {
    const char *party;
    uint64_t signed_ms, added_ms;
    struct vls_slice signature; /* CMS, DER */
};
/** The first one of a party counts: a later one changes nothing. */
VLS_STATUS vls_store_approval_add(struct vls_store *store, const struct vls_digest *digest,
                                  const struct vls_stored_approval *approval, struct vls_why *why);
typedef struct vls_status (*vls_approval_fn)(void *ctx, const struct vls_stored_approval *approval,
                                             struct vls_why *why);
/** All of one version, by party. */
VLS_STATUS vls_store_approvals(struct vls_store *store, const struct vls_digest *digest,
                               vls_approval_fn fn, void *ctx, struct vls_why *why);

#endif
