/* Proof files, as anybody may hand them over. */
#include "ledger/tlogproof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vls_slice input = VLS_SLICE(data, size);
    struct vls_tlog_proof proof;
    struct vls_why why;
    struct vls_buf extra, again;
    vls_buf_init(&extra, VLS_MAX_PROOF_EXTRA);
    vls_buf_init(&again, VLS_MAX_PROOF_FILE);
    /* there is one way to write each proof: what reads is what would have been written */
    if (vls_ok(vls_tlog_proof_read(input, &extra, &proof, &why)) &&
        (!vls_ok(vls_tlog_proof_write(&proof, &again, &why)) ||
         !vls_slice_is_equal(input, vls_buf_slice(&again))))
        __builtin_trap();
    vls_buf_fini(&extra);
    vls_buf_fini(&again);
    return 0;
}
