/* Signed notes, cosignature lines and keys in text, as a partner or a file may hand them over. */
#include "base/mem.h"
#include "ledger/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct vls_status never_sign(void *ctx, struct vls_slice message,
                                    uint8_t out[VLS_ED25519_SIGNATURE], struct vls_why *why)
{
    (void)ctx;
    (void)message;
    vls_copy(out, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
             VLS_ED25519_SIGNATURE);
    (void)why;
    return VLS_DONE;
}

/* What was read can be written, and reads the same again. */
static void check_round_trip(const struct vls_checkpoint *checkpoint)
{
    struct vls_note_key key = {.is_cosigner = false};
    struct vls_checkpoint again;
    struct vls_buf note;
    vls_copy(key.name, checkpoint->origin, sizeof key.name);
    vls_buf_init(&note, VLS_MAX_NOTE);
    if (!vls_ok(vls_checkpoint_sign(checkpoint, &key, never_sign, NULL, &note, NULL)) ||
        !vls_ok(vls_checkpoint_read(vls_buf_slice(&note), &again, NULL)) ||
        again.size != checkpoint->size || !vls_digest_is_equal(&again.root, &checkpoint->root))
        __builtin_trap();
    vls_buf_fini(&note);
}

static void read_key(struct vls_slice input)
{
    struct vls_note_key key;
    struct vls_buf text;
    char *copy = vls_mem_text((const char *)input.at, input.len);
    vls_buf_init(&text, VLS_MAX_NOTE);
    if (vls_ok(vls_note_key_read(copy, &key, NULL)) &&
        (!vls_ok(vls_note_key_text(&key, &text)) ||
         !vls_slice_is_equal(vls_buf_slice(&text), vls_slice_text(copy))))
        __builtin_trap();
    vls_buf_fini(&text);
    vls_mem_free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vls_slice input = VLS_SLICE(data, size);
    struct vls_checkpoint checkpoint = {.origin = "example.org/log"}, read;
    struct vls_note_key key = {.name = "witness.example.com/w1", .is_cosigner = true};
    for (size_t i = 0; i < sizeof key.key; i++)
        key.key[i] = i == 0 ? 0x58 : 0x66; /* the base point: a key of full order */
    struct vls_why why;
    uint64_t time_s;
    if (vls_ok(vls_cosignature_verify(input, &checkpoint, &key, &time_s, &why)))
        __builtin_trap(); /* nobody has the secret of that key */
    if (vls_ok(vls_checkpoint_read(input, &read, &why)))
        check_round_trip(&read);
    read_key(input);
    return 0;
}
