#ifndef VALISE_LEDGER_PROOF_H
#define VALISE_LEDGER_PROOF_H
/*
 * ledger/proof - verify what a log claims, from hashes alone (RFC 9162 sections 2.1.3.2
 * and 2.1.4.2).
 *
 * Process: router, command line. Pure.
 */
#include "ledger/tree.h"

/** The leaf is number `index` of the `size` leaves under `root`. @return LEDGER_PROOF */
VLS_STATUS vls_proof_inclusion(const struct vls_proof *proof, const struct vls_digest *leaf_hash,
                               uint64_t index, uint64_t size, const struct vls_digest *root,
                               struct vls_why *why);

/** The `from` leaves under `from_root` are the first of the `size` leaves under `root`. from 0 is
 * always consistent; equal sizes need equal roots; in both cases the proof is empty. @return
 * LEDGER_PROOF; LEDGER_FORK when the sizes are equal and the roots are not */
VLS_STATUS vls_proof_consistency(const struct vls_proof *proof, uint64_t from,
                                 const struct vls_digest *from_root, uint64_t size,
                                 const struct vls_digest *root, struct vls_why *why);

/** Where a consistency path leads that always begins with its first hash, also where that is the
 * older root: what the first `from` leaves of the log under *out_newer are, if that is its root.
 * 0 < from < size. @return LEDGER_PROOF when no path of that length fits */
VLS_STATUS vls_proof_prefix(const struct vls_proof *path, uint64_t from, uint64_t size,
                            struct vls_digest *out_older, struct vls_digest *out_newer,
                            struct vls_why *why);

/* What the leaves of Valise's logs commit to: one byte that says what it is, then the digest of the
 * record. The record holds a random nonce, so a published leaf reveals nothing of it. */
enum vls_leaf_kind { VLS_LEAF_SENT = 1, VLS_LEAF_RECEIVED = 2, VLS_LEAF_INTERNAL = 3 };

/** Leaf hash of a manifest (SENT), a receipt record (RECEIVED) or an entry of the internal log. */
struct vls_digest vls_leaf_of_record(enum vls_leaf_kind kind, struct vls_slice record);

#endif
