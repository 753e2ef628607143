/* What a witness answers: cosignature lines, or a size. */
#include "ledger/witness.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vls_slice input = VLS_SLICE(data, size);
    struct vls_checkpoint checkpoint = {.origin = "example.org/log", .size = 1};
    struct vls_note_key key = {.name = "witness.example.com/w1", .is_cosigner = true};
    struct vls_buf line;
    struct vls_why why;
    uint64_t number;
    for (size_t i = 0; i < sizeof key.key; i++)
        key.key[i] = i == 0 ? 0x58 : 0x66; /* the base point: nobody has its secret */
    vls_buf_init(&line, VLS_MAX_NOTE);
    if (vls_ok(vls_witness_take(input, &checkpoint, &key, &line, &number, &why)) || line.len != 0)
        __builtin_trap();
    vls_buf_fini(&line);
    if (vls_ok(vls_witness_take_size(input, &number, &why)) && number > VLS_MAX_LEAVES)
        __builtin_trap();
    return 0;
}
