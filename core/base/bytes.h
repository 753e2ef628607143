#ifndef VALISE_BASE_BYTES_H
#define VALISE_BASE_BYTES_H
/*
 * base/bytes - borrowed bytes (slice), owned bytes with a maximum (buf), and a reader that cannot
 * overrun.
 *
 * Process:   all.
 * Ownership: a slice never owns; a buf owns until vls_buf_fini().
 * Start at:  vls_buf_init() to build, struct vls_reader to take apart.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct vls_slice {
    const uint8_t *at;
    size_t len;
};

#define VLS_SLICE(pointer, length) ((struct vls_slice){(const uint8_t *)(pointer), (length)})

/** The bytes of a NUL-terminated text without the NUL; NULL gives the empty slice. */
struct vls_slice vls_slice_text(const char *text);

/** Same length and same bytes; takes the same time wherever they differ. */
bool vls_slice_is_equal(struct vls_slice a, struct vls_slice b);

/** Copy `from` into `to`; the caller has the room. A length of 0 is fine with NULL pointers. */
void vls_copy(void *to, const void *from, size_t len);

/* -- buf --------------------------------------------------------------------------------------- */

struct vls_buf {
    uint8_t *at;
    size_t len, room, max;
};

/** An empty buffer that never grows above `max`. Takes no memory yet. */
void vls_buf_init(struct vls_buf *buf, size_t max);

/** Wipe and release; the buffer is empty afterwards and may be used again. */
void vls_buf_fini(struct vls_buf *buf);

/** @return INPUT_LIMIT above the maximum, SYSTEM_MEMORY; the buffer is unchanged then. */
VLS_STATUS vls_buf_add(struct vls_buf *buf, const void *from, size_t len);
VLS_STATUS vls_buf_add_slice(struct vls_buf *buf, struct vls_slice bytes);
VLS_STATUS vls_buf_add_text(struct vls_buf *buf, const char *text);
VLS_STATUS vls_buf_add_format(struct vls_buf *buf, const char *fmt, ...) VLS_PRINTF(2, 3);

/** Make room for `len` more bytes and say where they go; then vls_buf_took() as many as were
 * written. A NUL may be written behind them too. */
VLS_STATUS vls_buf_reserve(struct vls_buf *buf, size_t len, uint8_t **out_at);
void vls_buf_took(struct vls_buf *buf, size_t len);

/** Empty it, keep the memory. */
void vls_buf_clear(struct vls_buf *buf);

/** What it holds; valid until the next change. */
struct vls_slice vls_buf_slice(const struct vls_buf *buf);

/** The content as text: writes a NUL behind it that does not count, not even for the maximum. NULL
 * without memory. */
const char *vls_buf_text(struct vls_buf *buf);

/* -- reader ------------------------------------------------------------------------------------ */

/** Takes bytes from the front; the first take that does not fit sets `failed`, and all later ones
 * give zeros. */
struct vls_reader {
    struct vls_slice rest;
    bool failed;
};

struct vls_reader vls_reader_of(struct vls_slice bytes);
uint8_t vls_reader_u8(struct vls_reader *r);
uint16_t vls_reader_u16(struct vls_reader *r); /* big endian */
uint32_t vls_reader_u32(struct vls_reader *r);
uint64_t vls_reader_u64(struct vls_reader *r);
struct vls_slice vls_reader_bytes(struct vls_reader *r, size_t len);

/** The bytes up to `end`, which is taken too but not returned; fails when it is not there. */
struct vls_slice vls_reader_until(struct vls_reader *r, uint8_t end);

bool vls_reader_is_at_end(const struct vls_reader *r);

/** Everything was taken and nothing failed. */
bool vls_reader_is_done(const struct vls_reader *r);

/** Write big endian. */
void vls_put_u32(uint8_t at[4], uint32_t value);
void vls_put_u64(uint8_t at[8], uint64_t value);

#endif
