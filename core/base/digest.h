#ifndef VALISE_BASE_DIGEST_H
#define VALISE_BASE_DIGEST_H
/*
 * base/digest - SHA-256 (FIPS 180-4), whole and in pieces.
 *
 * Process: all. One algorithm: where a format leaves a choice, Valise has made it.
 */
#include "base/bytes.h"

#define VLS_DIGEST_BYTES 32

struct vls_digest {
    uint8_t bytes[VLS_DIGEST_BYTES];
};

/** Digest of the slices, one behind the other. */
struct vls_digest vls_digest_of(const struct vls_slice *parts, size_t count);

/** Digest of one slice. */
struct vls_digest vls_digest_of_slice(struct vls_slice bytes);

bool vls_digest_is_equal(const struct vls_digest *a, const struct vls_digest *b);

struct vls_slice vls_digest_slice(const struct vls_digest *d);

/** @return INPUT_MALFORMED when the slice is not 32 bytes. */
VLS_STATUS vls_digest_from(struct vls_slice bytes, struct vls_digest *out);

/* -- in pieces --------------------------------------------------------------------------------- */

struct vls_hash; /* opaque */

struct vls_hash *vls_hash_new(void);
void vls_hash_free(struct vls_hash **h);
void vls_hash_add(struct vls_hash *h, struct vls_slice bytes);

/** The digest of all that was added; the hash starts anew afterwards. */
struct vls_digest vls_hash_finish(struct vls_hash *h);

#endif
