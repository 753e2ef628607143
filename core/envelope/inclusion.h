#ifndef VALISE_ENVELOPE_INCLUSION_H
#define VALISE_ENVELOPE_INCLUSION_H
/*
 * envelope/inclusion - evidence as it travels between roles, and as C2SP tlog-proof text. Only used
 * inside core/envelope, for NAME.valise and NAME.proof.
 *
 * Process: command line.
 */
#include <schemas/ipc.pb-c.h>

#include "base/bytes.h"
#include "base/limits.h"

/** A copy in memory as protobuf-c would have taken it, since protobuf-c releases it. */
VLS_STATUS vls_evidence_copy(struct vls_slice bytes, ProtobufCBinaryData *out, struct vls_why *why);

/** Append the tlog-proof. @param record  what stands behind "extra"; may be empty
 * @return LEDGER_PROOF, LEDGER_NOTE, INPUT_LIMIT; the words do not name the file */
VLS_STATUS vls_inclusion_write(const Valise__InclusionEvidence *evidence, struct vls_slice record,
                               struct vls_buf *out, struct vls_why *why);

/** Read a tlog-proof. `*out` hangs in the caller's evidence from the start, so that whoever
 * releases that releases a half-filled one as well.
 * @param out_record  a copy of what stood behind "extra"; NULL: it is passed over */
VLS_STATUS vls_inclusion_read(struct vls_slice text, Valise__InclusionEvidence **out,
                              ProtobufCBinaryData *out_record, struct vls_why *why);

#endif
