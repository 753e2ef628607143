/* What a partner says of its keys, as its file may be handed over. */
#include "rotation.h"

#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Who signed what lies in corpus/rotation; the private halves are gone. */
#define LOG_KEY "wsquDT2fC7RmyU3siyoWLvnfmvvd+v/YeIrog54X8fY="

static struct vls_buf log_key;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vls_slice input = VLS_SLICE(data, size);
    char party[VLS_MAX_PARTY + 1];
    struct rotation rotation;
    struct vls_why why;
    if (log_key.len == 0) {
        vls_buf_init(&log_key, VLS_MAX_NAME);
        if (!vls_ok(vls_base64_read(vls_slice_text(LOG_KEY), &log_key)))
            __builtin_trap();
    }
    bool has_party = vls_ok(vls_rotation_party(input, party, &why));
    if (!vls_ok(vls_rotation_read(input, log_key.at, &rotation, &why)))
        return 0;
    if (!has_party || !vls_text_is_equal(party, rotation.party) ||
        (vls_rotation_is_signer(&rotation) && rotation.new.len != VLS_ED25519_KEY))
        __builtin_trap();
    vls_rotation_fini(&rotation);
    return 0;
}
