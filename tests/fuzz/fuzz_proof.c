/* NAME.proof, as anybody may hand it over. */
#include "envelope/proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vls_slice input = VLS_SLICE(data, size);
    Valise__Evidence *evidence = NULL;
    struct vls_why why;
    struct vls_buf again;
    vls_buf_init(&again, VLS_MAX_PROVEN_FILE);
    if (vls_ok(vls_proof_read(input, &evidence, &why))) {
        /* there is one way to write each proof: what reads is what would have been written */
        if (!vls_ok(vls_proof_write(evidence, &again, &why)) ||
            !vls_slice_is_equal(input, vls_buf_slice(&again)))
            __builtin_trap();
        valise__evidence__free_unpacked(evidence, NULL);
    }
    vls_buf_fini(&again);
    return 0;
}
