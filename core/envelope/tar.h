#ifndef VALISE_ENVELOPE_TAR_H
#define VALISE_ENVELOPE_TAR_H
/*
 * envelope/tar - write and read POSIX tar archives of plain files in constant memory. Reading,
 * which meets foreign bytes, is libarchive's.
 *
 * Process:   crypto (writes), host and command line (read).
 * Ownership: a writer and a reader borrow the descriptors and the sink.
 *
 * Only used inside core/envelope. What is written is the same for the same input: fixed time, owner
 * 0, mode 0644, two zero blocks at the end. Names are bytes, never converted, so no locale has a
 * say: ustar headers while they suffice, pax headers with hdrcharset=BINARY when a name is above
 * 100 bytes or a file above 8 GiB.
 */
#include "base/digest.h"
#include "base/limits.h"

/** Headers of one entry at the very most, and the end of an archive. */
#define VLS_TAR_BLOCK        512u
#define VLS_TAR_ENTRY_HEADER (4u * VLS_TAR_BLOCK)
#define VLS_TAR_END          (2u * VLS_TAR_BLOCK)

/** Where written bytes go. After a failure it is not called again. */
typedef struct vls_status (*vls_tar_sink_fn)(void *ctx, struct vls_slice bytes,
                                             struct vls_why *why);

struct vls_tar_writer; /* opaque */

void vls_tar_writer_new(uint64_t mtime_ms, vls_tar_sink_fn sink, void *ctx,
                        struct vls_tar_writer **out);
/** Release; an archive that was not finished is left broken off. */
void vls_tar_writer_free(struct vls_tar_writer **w);

/** A whole entry from memory. */
VLS_STATUS vls_tar_add(struct vls_tar_writer *w, const char *name, struct vls_slice bytes,
                       struct vls_why *why);

/** A whole entry from the start of a file that must hold exactly `bytes`. @return ENVELOPE_SOURCE
 * when it does not */
VLS_STATUS vls_tar_add_file(struct vls_tar_writer *w, const char *name, int fd, uint64_t bytes,
                            struct vls_digest *out_digest, struct vls_why *why);

/** Write the end. */
VLS_STATUS vls_tar_finish(struct vls_tar_writer *w, struct vls_why *why);

struct vls_tar_reader; /* opaque */

/** Reads from the start of `fd`, wherever its position is. Failures of the reader get the code
 * `code`. */
VLS_STATUS vls_tar_reader_new(int fd, uint32_t code, struct vls_tar_reader **out,
                              struct vls_why *why);
void vls_tar_reader_free(struct vls_tar_reader **r);

/** Go to the next entry, which must be a regular file without holes. `*out_name` is NULL at the end
 * of the archive, and then nothing but padding follows; otherwise it lives until the next call. */
VLS_STATUS vls_tar_next(struct vls_tar_reader *r, const char **out_name, uint64_t *out_bytes,
                        struct vls_why *why);

/** The next bytes of the entry, valid until the next call; empty at its end, when all of it was
 * there. */
VLS_STATUS vls_tar_read(struct vls_tar_reader *r, struct vls_slice *out, struct vls_why *why);

/** The whole entry into `out`. @return INPUT_LIMIT above what `out` may hold */
VLS_STATUS vls_tar_read_all(struct vls_tar_reader *r, struct vls_buf *out, struct vls_why *why);

#endif
