#include "plugin/held.h"

#include "base/mem.h"
#include "base/text.h"
#include "envelope/about.h"
#include "plugin/fingerprint.h"

static char *label_of(const struct vls_label *label)
{
    struct vls_buf text VLS_DEFER(vls_buf_fini);
    vls_buf_init(&text, VLS_MAX_LABEL_TEXT);
    if (!vls_ok(vls_label_text(label, &text)) || vls_buf_text(&text) == NULL)
        return vls_mem_dup(""); /* then the message's holds, which is not below it */
    return vls_mem_dup(vls_buf_text(&text));
}

void vls_held_begin(struct vls_held *held, const struct vls_descriptor *descriptor,
                    const struct vls_label *labels)
{
    if (descriptor->abouts.count == 0)
        return;
    held->is_told = true;
    held->hash = vls_hash_new();
    for (size_t i = 0; i < descriptor->abouts.count; i++)
        held->abouts[held->about_count++] = vls_about_copy(descriptor->abouts.at[i]);
    for (size_t i = 0; i < descriptor->part_count; i++) {
        Valise__HeldPart *part = &held->parts[i];
        valise__held_part__init(part);
        part->name = vls_mem_dup(descriptor->parts[i].name);
        part->label = label_of(&labels[i]);
        held->part_list[i] = part;
    }
    held->part_count = descriptor->part_count;
}

void vls_held_part_begin(struct vls_held *held, const char *media_type)
{
    held->is_text = held->is_told && vls_fingerprint_is_text(media_type);
    if (held->is_text)
        vls_shingler_init(&held->shingler);
}

void vls_held_part_bytes(struct vls_held *held, struct vls_slice bytes)
{
    if (held->is_told)
        vls_hash_add(held->hash, bytes);
    if (held->is_text)
        vls_shingler_add(&held->shingler, bytes);
}

void vls_held_part_end(struct vls_held *held, size_t number)
{
    if (!held->is_told)
        return;
    held->digests[number] = vls_hash_finish(held->hash);
    held->parts[number].digest =
        (ProtobufCBinaryData){VLS_DIGEST_BYTES, held->digests[number].bytes};
    uint8_t *minhash = held->minhashes[held->print_count];
    if (!held->is_text || !vls_shingler_finish(&held->shingler, minhash))
        return;
    Valise__Fingerprint *print = &held->prints[held->print_count];
    valise__fingerprint__init(print);
    print->part = (uint32_t)number + 1;
    print->method = (char *)(uintptr_t)VLS_MINHASH_METHOD;
    print->minhash = (ProtobufCBinaryData){VLS_MINHASH_BYTES, minhash};
    held->print_list[held->print_count++] = print;
}

void vls_held_fill(struct vls_held *held, Valise__DeliverResult *out)
{
    if (!held->is_told)
        return;
    out->n_about = held->about_count;
    out->about = held->abouts;
    out->n_held = held->part_count;
    out->held = held->part_list;
    out->n_fingerprints = held->print_count;
    out->fingerprints = held->print_list;
}

void vls_held_fini(struct vls_held *held)
{
    for (size_t i = 0; i < held->about_count; i++)
        vls_about_free(&held->abouts[i]);
    for (size_t i = 0; i < held->part_count; i++) {
        vls_mem_free(held->parts[i].name);
        vls_mem_free(held->parts[i].label);
    }
    if (held->hash != NULL)
        vls_hash_free(&held->hash);
}
