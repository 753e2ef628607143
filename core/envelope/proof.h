#ifndef VALISE_ENVELOPE_PROOF_H
#define VALISE_ENVELOPE_PROOF_H
/*
 * envelope/proof - NAME.proof: what one message leaves as evidence, in one text file, without its
 * content. The format is valise-proof(5).
 *
 * Process:   command line. Pure.
 * Start at:  vls_proof_write().
 *
 * Sections, parted by empty lines:
 *     valise-proof/v1
 *
 *     sent                a C2SP tlog-proof: "extra" is the manifest, the log is the sender's
 *     sent-time           base64 of a time stamp token (ledger/stamp.h) on the checkpoint of that;
 *                         once there is one
 *     received            like "sent" of the receipt record in the receiver's log; once there is
 * one received-time       as above decision            base64 of the decision record; only if asked
 * for internal            a C2SP tlog-proof: "extra" is the entry about it in the internal log of
 *                         whoever decided
 *     internal-time       as above
 *
 * The records are the very bytes whose digests the leaves commit to.
 */
#include <schemas/ipc.pb-c.h>

#include "base/bytes.h"
#include "base/limits.h"

/** Whether bytes begin like such a file; parcels do not. */
bool vls_proof_is(struct vls_slice start);
#define VLS_PROOF_START 16 /* so many bytes decide it */

/** Append the file. A receipt without its proof is left out: nothing would prove it.
 * @return STORE_MISSING when there is no proof that the message was sent; LEDGER_PROOF,
 * LEDGER_NOTE, INPUT_LIMIT */
VLS_STATUS vls_proof_write(const Valise__Evidence *evidence, struct vls_buf *out,
                           struct vls_why *why);

/** Read the file strictly. Says nothing on whether it is true. Release with
 * valise__evidence__free_unpacked(); there is neither sealed structure nor content in it.
 * @return ENVELOPE_MALFORMED, LEDGER_PROOF, LEDGER_NOTE with section and line; INPUT_LIMIT above
 * VLS_MAX_PROVEN_FILE */
VLS_STATUS vls_proof_read(struct vls_slice text, Valise__Evidence **out, struct vls_why *why);

#endif
