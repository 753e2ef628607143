/* The configuration, as an operator may have mistyped it. */
#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vls_why why;
    struct vls_config *config = NULL;
    if (vls_ok(vls_config_read(VLS_SLICE(data, size), "/etc/valise/valise.yaml", &config, &why)))
        vls_config_free(&config);
    return 0;
}
