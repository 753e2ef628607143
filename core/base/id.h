#ifndef VALISE_BASE_ID_H
#define VALISE_BASE_ID_H
/*
 * base/id - message ids: UUID version 7 (RFC 9562 section 5.7), growing with time.
 *
 * Process: all; ids are made by the router. Ids that grow keep the store's index hot.
 */
#include "base/env.h"

#define VLS_ID_BYTES 16
#define VLS_ID_TEXT  37 /* 36 characters and a NUL */

struct vls_id {
    uint8_t bytes[VLS_ID_BYTES];
};

/** Makes ids that strictly grow, also within a millisecond and when the clock steps back. */
struct vls_id_maker {
    const struct vls_env *env;
    uint64_t last_ms;
    uint16_t sequence;
};

void vls_id_maker_init(struct vls_id_maker *maker, const struct vls_env *env);
struct vls_id vls_id_make(struct vls_id_maker *maker);

/** Milliseconds since 1970 that stand in the id. */
uint64_t vls_id_ms(const struct vls_id *id);

bool vls_id_is_equal(const struct vls_id *a, const struct vls_id *b);
struct vls_slice vls_id_slice(const struct vls_id *id);

/** `out` has room for VLS_ID_TEXT. */
void vls_id_text(const struct vls_id *id, char *out);

/** The canonical 36 characters. @return INPUT_MALFORMED, also for another version or variant */
VLS_STATUS vls_id_read(const char *text, struct vls_id *out);

/** Exactly 16 bytes of version 7. @return INPUT_MALFORMED */
VLS_STATUS vls_id_from(struct vls_slice bytes, struct vls_id *out);

#endif
