#ifndef VALISE_ENVELOPE_STREAM_H
#define VALISE_ENVELOPE_STREAM_H
/*
 * envelope/stream - where CMS reads from and writes to: two BIOs over descriptors or memory, with
 * the failure in words.
 *
 * Process:   crypto; parcel on the command line. Only used inside core/envelope.
 * Ownership: both borrow their descriptor and buffer; the BIO that is made of one must go first.
 *
 * OpenSSL's own memory BIO costs more than the cipher when it grows, and its file BIO forgets why
 * it failed.
 */
#include <openssl/types.h>

#include "base/digest.h"
#include "base/limits.h"

/** Write all at `*offset`, which moves on; the position of the descriptor stays. */
VLS_STATUS vls_write_at(int fd, struct vls_slice bytes, uint64_t *offset, struct vls_why *why);

/** Bytes go to a file from its start or, when fd is -1, to a buffer; all are hashed as they go. */
struct vls_sink {
    int fd;
    struct vls_buf *buf;
    struct vls_hash *hash;
    uint8_t *chunk; /* of a file: bytes not yet written */
    size_t held;
    uint64_t written, synced;
    struct vls_status failed;
    struct vls_why why;
};

/** A file is emptied first. */
VLS_STATUS vls_sink_init(struct vls_sink *sink, int fd, struct vls_buf *buf, struct vls_why *why);
void vls_sink_fini(struct vls_sink *sink);
/** Write what is held and sync a file. @return the first failure */
VLS_STATUS vls_sink_finish(struct vls_sink *sink, struct vls_why *why);
/** NULL when memory is out. */
BIO *vls_sink_bio(struct vls_sink *sink);

/** Bytes come from memory or, when fd is not -1, from the start of a file; all are hashed as they
 * go. */
struct vls_source {
    int fd;
    struct vls_slice rest; /* of the memory, or of the chunk */
    uint64_t offset, bytes;
    struct vls_hash *hash;
    uint8_t *chunk;
    struct vls_status failed;
    struct vls_why why;
};

void vls_source_init(struct vls_source *source, int fd, struct vls_slice memory, uint64_t bytes);
void vls_source_fini(struct vls_source *source);
BIO *vls_source_bio(struct vls_source *source);

#endif
