#ifndef VALISE_STORE_ATTESTATION_H
#define VALISE_STORE_ATTESTATION_H
/*
 * store/attestation - what parties outside said of kept checkpoints: that a quorum of witnesses
 * cosigned one (their lines are kept by vls_store_cosignature_put()), and time stamps.
 *
 * Process: router.
 */
#include "store/store.h"

/** The quorum for this checkpoint is complete. The first time counts. @return STORE_MISSING when no
 * checkpoint of that size is kept */
VLS_STATUS vls_store_witnessed(struct vls_store *store, const char *log, uint64_t size,
                               uint64_t at_ms, struct vls_why *why);

/** Keep a time stamp (TimeStampToken, DER). The first is kept: another of the same checkpoint
 * changes nothing. @return STORE_MISSING as above */
VLS_STATUS vls_store_stamp_put(struct vls_store *store, const char *log, uint64_t size,
                               struct vls_slice token, uint64_t time_ms, struct vls_why *why);

/** Append the time stamp of the checkpoint of exactly that size. @return STORE_MISSING */
VLS_STATUS vls_store_stamp(struct vls_store *store, const char *log, uint64_t size,
                           struct vls_buf *out_token, uint64_t *out_time_ms, struct vls_why *why);

/** What a checkpoint that is looked for has. */
struct vls_attested {
    bool is_witnessed, is_stamped;
};
/** The first checkpoint of at least `from` that has all of this; 0: there is none. */
VLS_STATUS vls_store_attested_first(struct vls_store *store, const char *log, uint64_t from,
                                    struct vls_attested what, uint64_t *out_size,
                                    struct vls_why *why);
/** The last one. */
VLS_STATUS vls_store_attested_last(struct vls_store *store, const char *log,
                                   struct vls_attested what, uint64_t *out_size,
                                   struct vls_why *why);

#endif
