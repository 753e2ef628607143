#include "envelope/inclusion.h"

#include "base/mem.h"
#include "ledger/tlogproof.h"

struct vls_status vls_evidence_copy(struct vls_slice bytes, ProtobufCBinaryData *out,
                                    struct vls_why *why)
{
    uint8_t *at = vls_mem_try(bytes.len + 1);
    if (at == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for the evidence");
    vls_copy(at, bytes.at, bytes.len);
    *out = (ProtobufCBinaryData){.len = bytes.len, .data = at};
    return VLS_DONE;
}

struct vls_status vls_inclusion_write(const Valise__InclusionEvidence *evidence,
                                      struct vls_slice record, struct vls_buf *out,
                                      struct vls_why *why)
{
    struct vls_tlog_proof proof = {.index = evidence->leaf_index,
                                   .extra = record,
                                   .checkpoint = vls_slice_text(evidence->checkpoint)};
    if (evidence->n_hashes > VLS_MAX_PROOF)
        return vls_fail(VLS_LEDGER_PROOF, why, "%zu hashes, and the limit is %d",
                        evidence->n_hashes, VLS_MAX_PROOF);
    proof.path.count = evidence->n_hashes;
    for (size_t i = 0; i < evidence->n_hashes; i++)
        if (!vls_ok(vls_digest_from(VLS_SLICE(evidence->hashes[i].data, evidence->hashes[i].len),
                                    &proof.path.hashes[i])))
            return vls_fail(VLS_LEDGER_PROOF, why, "hash %zu has not 32 bytes", i + 1);
    return vls_tlog_proof_write(&proof, out, why);
}

static struct vls_status fill(const struct vls_tlog_proof *proof, Valise__InclusionEvidence *out,
                              struct vls_why *why)
{
    out->leaf_index = proof->index;
    out->checkpoint = vls_mem_text((const char *)proof->checkpoint.at, proof->checkpoint.len);
    if (proof->path.count == 0)
        return VLS_DONE;
    out->hashes = vls_mem_new(proof->path.count * sizeof *out->hashes);
    for (; out->n_hashes < proof->path.count; out->n_hashes++)
        VLS_TRY(vls_evidence_copy(vls_digest_slice(&proof->path.hashes[out->n_hashes]),
                                  &out->hashes[out->n_hashes], why));
    return VLS_DONE;
}

struct vls_status vls_inclusion_read(struct vls_slice text, Valise__InclusionEvidence **out,
                                     ProtobufCBinaryData *out_record, struct vls_why *why)
{
    struct vls_tlog_proof proof;
    VLS_DEFER(vls_buf_fini) struct vls_buf extra;
    vls_buf_init(&extra, VLS_MAX_PROOF_EXTRA);
    *out = vls_mem_new(sizeof **out);
    valise__inclusion_evidence__init(*out);
    VLS_TRY(vls_tlog_proof_read(text, &extra, &proof, why));
    if (out_record != NULL)
        VLS_TRY(vls_evidence_copy(proof.extra, out_record, why));
    return fill(&proof, *out, why);
}
