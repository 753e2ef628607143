/* Evidence of a fork, as anybody may hand it over. */
#include "ledger/fork.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vls_slice input = VLS_SLICE(data, size);
    struct vls_fork fork;
    struct vls_checkpoint c[2];
    struct vls_note_key key = {.is_cosigner = false};
    enum vls_fork_verdict verdict;
    char party[VLS_MAX_PARTY + 1];
    struct vls_why why;
    struct vls_buf again;
    if (!vls_ok(vls_fork_read(input, &fork, &why)))
        return 0;
    vls_buf_init(&again, VLS_MAX_FORK_FILE);
    /* there is one way to write each: what reads is what would have been written */
    if (!vls_ok(vls_fork_write(&fork, &again, &why)) ||
        !vls_slice_is_equal(input, vls_buf_slice(&again)))
        __builtin_trap();
    vls_buf_fini(&again);
    /* a key of zeros signed nothing */
    if (vls_ok(vls_fork_party(&fork, party, &why)) &&
        vls_ok(vls_fork_verify(&fork, &key, c, &verdict, &why)))
        __builtin_trap();
    return 0;
}
