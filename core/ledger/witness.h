#ifndef VALISE_LEDGER_WITNESS_H
#define VALISE_LEDGER_WITNESS_H
/*
 * ledger/witness - what is said between a log and a witness that is no partner: a checkpoint with
 * the proof that it continues the last one which that witness cosigned, and its cosignature.
 *
 * Process:   edge writes and reads it, router reads the cosignature once more. Pure.
 * Format:    C2SP tlog-witness, the call add-checkpoint.
 * Start at:  vls_witness_ask(), then vls_witness_take().
 */
#include "ledger/note.h"
#include "ledger/proof.h"

#define VLS_WITNESS_PATH      "/add-checkpoint"
#define VLS_WITNESS_SIZE_TYPE "text/x.tlog.size" /* of an answer 409 that names a size */
#define VLS_MAX_WITNESS_ASK   8192  /* bytes: a note and a proof of VLS_MAX_PROOF hashes */
#define VLS_MAX_WITNESS_SAYS  16384 /* bytes of an answer: cosignatures by several of its keys */

/** Append the body of the call. `old` is the size that the witness cosigned last, 0 for none; the
 * proof leads from there to the size of the note, and is empty from 0.
 * @return LEDGER_PROOF with too many hashes, or from 0 with any; INPUT_LIMIT */
VLS_STATUS vls_witness_ask(uint64_t old, const struct vls_proof *proof, struct vls_slice note,
                           struct vls_buf *out, struct vls_why *why);

/** Read the answer 200: of its lines the one by `key`, which verifies over `checkpoint`; lines by
 * other keys are ignored, as the format asks.
 * @param out_line  appended to: that line with its line feed
 * @return LEDGER_NOTE, LEDGER_SIGNATURE */
VLS_STATUS vls_witness_take(struct vls_slice answer, const struct vls_checkpoint *checkpoint,
                            const struct vls_note_key *key, struct vls_buf *out_line,
                            uint64_t *out_time_s, struct vls_why *why);

/** Read the answer 409: the size that the witness cosigned last. @return LEDGER_NOTE */
VLS_STATUS vls_witness_take_size(struct vls_slice answer, uint64_t *out, struct vls_why *why);

#endif
