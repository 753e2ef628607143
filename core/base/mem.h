#ifndef VALISE_BASE_MEM_H
#define VALISE_BASE_MEM_H
/*
 * base/mem - all memory of Valise comes from here.
 *
 * Process: all. Two kinds only. vls_mem_new() is for what is small and of a size that we chose:
 * when it fails the process ends, the supervisor starts it again, and the store makes that safe.
 * vls_mem_try() is for sizes that come from outside: the caller has checked a bound, and gets NULL
 * when memory is short.
 *
 * Tests can make the n-th allocation fail: vls_mem_fail_at().
 */
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/** Zeroed memory for one small object; never NULL. Release with vls_mem_free(). */
void *vls_mem_new(size_t bytes) __attribute__((malloc, returns_nonnull));

/** Zeroed memory of a size from outside, or NULL. Release with vls_mem_free(). */
void *vls_mem_try(size_t bytes) VLS_MUST_USE __attribute__((malloc));

/** Grow or shrink to `bytes`; NULL leaves the old block as it was. New bytes are not zeroed. */
void *vls_mem_resize(void *old, size_t bytes) VLS_MUST_USE;

/** A copy of `len` bytes and a NUL behind them; never NULL, so only for bounded text. */
char *vls_mem_text(const char *from, size_t len) __attribute__((returns_nonnull));

/** A copy of a NUL-terminated text; NULL stays NULL. */
char *vls_mem_dup(const char *text);

/** Release; NULL is fine. */
void vls_mem_free(void *p);

/** For VLS_DEFER on a `char *` or `uint8_t *`. */
void vls_mem_freep(void *pointer_to_pointer);

/** Wipe bytes so that the compiler cannot leave it out. */
void vls_mem_wipe(void *at, size_t len);

/** Test seam: let the n-th vls_mem_try or vls_mem_resize from now fail (1 = the next); 0 switches
 * it off. */
void vls_mem_fail_at(uint64_t n);

#endif
