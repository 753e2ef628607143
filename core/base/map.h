#ifndef VALISE_BASE_MAP_H
#define VALISE_BASE_MAP_H
/*
 * base/map - uthash, wrapped once: a keyed hash (peers choose our keys), our allocator, our end
 * when memory is out.
 *
 * Process: all. Include this, never <uthash.h> itself.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

/** SipHash-2-4 of the key under a secret drawn at first use, truncated. OpenSSL has it too, but
 * only as a MAC object that is fetched and allocated at each use: far too slow for a map. */
unsigned vls_map_hash(const void *key, size_t len);

#define HASH_FUNCTION(key, len, out) ((out) = vls_map_hash((key), (len)))
#define uthash_malloc(bytes)         vls_mem_new(bytes)
#define uthash_free(p, bytes)        vls_mem_free(p)
#define uthash_fatal(message)        abort()
#include <stdlib.h>

#include <uthash.h>

#define VLS_MAP_EACH(head, item, next) HASH_ITER (hh, head, item, next)

#endif
