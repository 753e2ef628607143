/* Bodies of an exchange, as the edge checks them. */
#include "peer/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vls_why why;
    struct vls_slice body = VLS_SLICE(data, size);
    VLS_IGNORE(vls_form_request(body, "un", "iom", &why), "either answer is right; it must return");
    VLS_IGNORE(vls_form_response(body, &why), "either answer is right; it must return");
    VLS_IGNORE(vls_form_stale(body, &why), "either answer is right; it must return");
    return 0;
}
