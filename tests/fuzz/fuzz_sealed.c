/* A CMS structure as it comes from a partner: all that is looked at before a key is touched. */
#include "envelope/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vls_why why;
    VLS_IGNORE(vls_sealed_check(VLS_SLICE(data, size), &why),
               "either answer is right; it must return");
    return 0;
}
