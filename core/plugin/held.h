#ifndef VALISE_PLUGIN_HELD_H
#define VALISE_PLUGIN_HELD_H
/*
 * plugin/held - what is inside a message that was delivered, for the gateway's catalogue: only here
 * it is open.
 *
 * Process:   host, with a sink.
 * Ownership: a struct vls_held owns copies; what vls_held_fill() sets borrows from it.
 * Start at:  vls_held_begin().
 *
 * Only when its sender says what it is. The router takes it as the word of the sender, and of this
 * process.
 */
#include <schemas/ipc.pb-c.h>

#include "base/digest.h"
#include "document/shingle.h"
#include "envelope/archive.h"
#include "label/label.h"

struct vls_held {
    bool is_told;
    Valise__About *abouts[VLS_MAX_PARTS + 1];
    size_t about_count;
    Valise__HeldPart parts[VLS_MAX_PARTS], *part_list[VLS_MAX_PARTS];
    struct vls_digest digests[VLS_MAX_PARTS];
    size_t part_count;
    Valise__Fingerprint prints[VLS_MAX_PARTS], *print_list[VLS_MAX_PARTS];
    uint8_t minhashes[VLS_MAX_PARTS][VLS_MINHASH_BYTES];
    size_t print_count;
    struct vls_hash *hash; /* of the part under way; NULL: nothing is told */
    struct vls_shingler shingler;
    bool is_text; /* the part under way */
};

/** `labels`: of each document, as checked. */
void vls_held_begin(struct vls_held *held, const struct vls_descriptor *descriptor,
                    const struct vls_label *labels);
void vls_held_part_begin(struct vls_held *held, const char *media_type);
void vls_held_part_bytes(struct vls_held *held, struct vls_slice bytes);
void vls_held_part_end(struct vls_held *held, size_t number);
/** Nothing is set when nothing is told. */
void vls_held_fill(struct vls_held *held, Valise__DeliverResult *out);
void vls_held_fini(struct vls_held *held);

#endif
