/* A manifest and a receipt record as they come from a partner. */
#include "envelope/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vls_why why;
    struct vls_manifest manifest;
    struct vls_receipt receipt;
    if (vls_ok(vls_manifest_read(VLS_SLICE(data, size), &manifest, &why)))
        vls_manifest_fini(&manifest);
    if (vls_ok(vls_receipt_read(VLS_SLICE(data, size), &receipt, &why)))
        vls_receipt_fini(&receipt);
    return 0;
}
