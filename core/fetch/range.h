#ifndef VALISE_FETCH_RANGE_H
#define VALISE_FETCH_RANGE_H
/*
 * fetch/range - Content-Range of a 206 (RFC 9110 section 14.4), held against what was asked for.
 *
 * Process: fetch. Pure.
 */
#include "base/bytes.h"

struct vls_range_asked {
    bool is_asked;
    uint64_t first, bytes; /* bytes 0: to the end */
};

struct vls_content_range {
    uint64_t first, last;
    uint64_t total; /* 0: not known */
};

/** "bytes FIRST-LAST/TOTAL" or "bytes FIRST-LAST/" and a star. @return FETCH_MALFORMED */
VLS_STATUS vls_content_range_read(const char *text, struct vls_content_range *out,
                                  struct vls_why *why);

/** Begins where it was asked to, and ends there, or where the resource does.
 *  @return FETCH_MALFORMED */
VLS_STATUS vls_content_range_check(const struct vls_content_range *given,
                                   const struct vls_range_asked *asked, struct vls_why *why);

#endif
