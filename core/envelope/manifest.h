#ifndef VALISE_ENVELOPE_MANIFEST_H
#define VALISE_ENVELOPE_MANIFEST_H
/*
 * envelope/manifest - check and take apart what comes from outside before anything acts on it.
 *
 * Process:   edge (first check), router, command line.
 * Ownership: a struct vls_manifest owns the decoded message; its slices live until
 * vls_manifest_fini(). Start at:  vls_manifest_read(). Schema: schemas/envelope.proto, Manifest and
 * ReceiptRecord.
 *
 * A manifest is serialized once, by its sender. Everyone else keeps the bytes; nobody encodes it
 * again.
 */
#include <schemas/envelope.pb-c.h>

#include "base/digest.h"
#include "base/id.h"
#include "base/limits.h"

#define VLS_MANIFEST_VERSION 1u
#define VLS_EXCHANGE_VERSION 1u /* of the batches that carry manifests */
#define VLS_NONCE_BYTES      32

struct vls_manifest {
    Valise__Manifest *fields; /* owned; every field is within its limit and of its form */
    struct vls_id id;
    struct vls_digest digest; /* of the exact bytes */
};

/** Read and check: version, id, nonce length, names, digests, sizes, label's DER form, bounded
 * texts, no unknown field numbers dropped silently. @return ENVELOPE_VERSION, ENVELOPE_MALFORMED
 * with the field */
VLS_STATUS vls_manifest_read(struct vls_slice bytes, struct vls_manifest *out, struct vls_why *why);
void vls_manifest_fini(struct vls_manifest *m);

/** Serialize a manifest that we make; checked by the same rules. Appends to `out`. */
VLS_STATUS vls_manifest_write(const Valise__Manifest *fields, struct vls_buf *out,
                              struct vls_why *why);

struct vls_receipt {
    Valise__ReceiptRecord *fields;
    struct vls_id id;
    struct vls_digest manifest_digest;
};
VLS_STATUS vls_receipt_read(struct vls_slice bytes, struct vls_receipt *out, struct vls_why *why);
void vls_receipt_fini(struct vls_receipt *r);
VLS_STATUS vls_receipt_write(const Valise__ReceiptRecord *fields, struct vls_buf *out,
                             struct vls_why *why);

/** A decision record, for showing. @return ENVELOPE_MALFORMED. Release with
 * valise__decision_record__free_unpacked(). */
VLS_STATUS vls_decision_record_read(struct vls_slice bytes, Valise__DecisionRecord **out,
                                    struct vls_why *why);

#endif
