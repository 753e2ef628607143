#ifndef VALISE_LEDGER_TLOGPROOF_H
#define VALISE_LEDGER_TLOGPROOF_H
/*
 * ledger/tlogproof - a proof of inclusion as one text file that is checked offline (C2SP
 * tlog-proof).
 *
 * Process:   router and command line. Pure.
 * Format:    version 1, by its first line; the document c2sp.org/tlog-proof as of May 2026, of
 * which no numbered edition is out. Lines end with a line feed:
 *
 *                c2sp.org/tlog-proof@v1
 *                extra BASE64           left out when there is none; nobody has signed it
 *                index 73894            decimal, no leading zeros
 *                BASE64                 the audit path, one hash a line, from the leaf's sibling up
 *                                       an empty line
 *                ...                    the signed checkpoint, verbatim, with any cosignatures
 *
 * Ownership: what was read points into the text and into the caller's buffer.
 * Start at:  vls_tlog_proof_read(), then vls_tlog_proof_verify().
 */
#include "ledger/note.h"
#include "ledger/proof.h"

struct vls_tlog_proof {
    uint64_t index;
    struct vls_proof path;
    struct vls_slice extra;      /* empty: none */
    struct vls_slice checkpoint; /* the signed note and whatever cosignatures stand behind it */
};

/** Append the file. `out` is unchanged after a failure.
 * @return INPUT_LIMIT above VLS_MAX_PROOF_EXTRA, VLS_MAX_NOTE or VLS_MAX_PROOF; LEDGER_NOTE when
 * the checkpoint is no signed note */
VLS_STATUS vls_tlog_proof_write(const struct vls_tlog_proof *proof, struct vls_buf *out,
                                struct vls_why *why);

/** Read the file strictly: nothing may stand before, between or behind. Says nothing on whether it
 * is true.
 * @param extra  emptied; then holds the extra data, at most VLS_MAX_PROOF_EXTRA bytes of it
 * @param out    points into `text` and `extra`
 * @return LEDGER_PROOF with the line; LEDGER_NOTE for the checkpoint; INPUT_LIMIT above
 * VLS_MAX_PROOF_FILE */
VLS_STATUS vls_tlog_proof_read(struct vls_slice text, struct vls_buf *extra,
                               struct vls_tlog_proof *out, struct vls_why *why);

/** The leaf is in the log: the checkpoint is signed by `key`, and the path leads from the leaf to
 * its root. Cosignatures are the caller's to ask for: vls_cosignature_verify() with
 * proof->checkpoint and `out`.
 * @return LEDGER_NOTE, LEDGER_SIGNATURE, LEDGER_PROOF */
VLS_STATUS vls_tlog_proof_verify(const struct vls_tlog_proof *proof,
                                 const struct vls_digest *leaf_hash, const struct vls_note_key *key,
                                 struct vls_checkpoint *out, struct vls_why *why);

#endif
