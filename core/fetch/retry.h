#ifndef VALISE_FETCH_RETRY_H
#define VALISE_FETCH_RETRY_H
/*
 * fetch/retry - Retry-After (RFC 9110 section 10.2.3), both forms.
 *
 * Process: fetch. Pure.
 */
#include "base/bytes.h"

/** Seconds, or an HTTP-date in one of its three forms. What lies further ahead than
 * VLS_FETCH_RETRY_S is cut to that, what lies behind is now.
 *  @return FETCH_MALFORMED for anything else: then nothing was said */
VLS_STATUS vls_retry_after_read(const char *text, uint64_t now_ms, uint64_t *out_at_ms);

#endif
