/* request.json of a partner: what is read can be written, and is then read the same. */
#include <stdlib.h>
#include <string.h>

#include "envelope/asked.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vls_asked asked, again;
    struct vls_buf json;
    struct vls_why why = {""};
    if (!vls_ok(vls_asked_read(VLS_SLICE(data, size), &asked, &why))) {
        if (why.text[0] == '\0')
            abort();
        return 0;
    }
    vls_buf_init(&json, 4 * VLS_ASKED_MAX);
    if (!vls_ok(vls_asked_write(&asked, &json, &why)) ||
        !vls_ok(vls_asked_read(vls_buf_slice(&json), &again, &why)) ||
        strcmp(asked.symbol, again.symbol) != 0 || asked.language_count != again.language_count)
        abort();
    vls_asked_fini(&asked);
    vls_asked_fini(&again);
    vls_buf_fini(&json);
    return 0;
}
