#ifndef VALISE_BASE_ARENA_H
#define VALISE_BASE_ARENA_H
/*
 * base/arena - memory that is released all at once: what one request or one answer needs.
 *
 * Process: all. An arena has a maximum; what comes out of it is zeroed.
 */
#include "base/bytes.h"

struct vls_arena; /* opaque */

/** @param max  bytes in all that it may hand out */
struct vls_arena *vls_arena_new(size_t max);
void vls_arena_free(struct vls_arena **arena);

/** NULL above the maximum or when memory is short. */
void *vls_arena_take(struct vls_arena *arena, size_t bytes) VLS_MUST_USE;
/** A copy of bytes, with a NUL behind them that does not count. NULL as above. */
void *vls_arena_copy(struct vls_arena *arena, const void *from, size_t len) VLS_MUST_USE;
/** A copy of a text; NULL reads as "". */
char *vls_arena_text(struct vls_arena *arena, const char *text) VLS_MUST_USE;

#endif
