#ifndef VALISE_ENVELOPE_PARCEL_H
#define VALISE_ENVELOPE_PARCEL_H
/*
 * envelope/parcel - NAME.valise: one envelope with its proofs and content in one file, to inspect,
 * carry on a disk or keep.
 *
 * Process: command line.
 *
 * The file is a POSIX pax archive (tar), so that common tools take it apart:
 *     manifest.pb          exact bytes of Manifest
 *     sealed.der           CMS structure          openssl cms -decrypt -inform DER -in sealed.der
 * -content content.bin ... content.bin          encrypted content sent.proof           C2SP
 * tlog-proof of the manifest in the sender's log, with the checkpoint receipt.pb           exact
 * bytes of ReceiptRecord       (once there is one) received.proof       tlog-proof of the receipt
 * in the receiver's log decision.pb          exact bytes of DecisionRecord      (only if asked for:
 * it is for one's own auditor)
 */
#include <schemas/ipc.pb-c.h>

#include "base/bytes.h"
#include "base/limits.h"

/** Write a parcel to `fd`. content_fd is -1 when the content is in the evidence. */
VLS_STATUS vls_parcel_write(int fd, const Valise__Evidence *evidence, int content_fd,
                            struct vls_why *why);

/** Read a parcel. The content is copied to `content_fd` (a temporary or memory file) and left out
 * of the evidence, or only hashed and counted when content_fd is -1: out_content_digest is set in
 * both cases. Release with valise__evidence__free_unpacked(). */
VLS_STATUS vls_parcel_read(int fd, int content_fd, Valise__Evidence **out,
                           uint8_t out_content_digest[32], struct vls_why *why);

#endif
