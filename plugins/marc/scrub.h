#ifndef VALISE_MARC_SCRUB_H
#define VALISE_MARC_SCRUB_H
/*
 * marc/scrub - makes the bytes of an endpoint such that an XML reader can go on: characters that
 * XML 1.0 section 2.2 forbids, also as &#1;, and bytes that are no UTF-8 become U+FFFD and are
 * counted; a byte order mark and blank lines before the declaration go.
 *
 * A catalogue of a million records has a few with such characters; without this one of them would
 * hide all that stand behind it on the page.
 *
 * Process:   host. No memory of its own, no failure: the output is at most three times the input.
 * Encoding:  UTF-8 unless the XML declaration names another or the first bytes are UTF-16's, which
 *            then is left to the XML reader; what the HTTP header says of it is not looked at, as
 *            catalogues send "text/xml" and libraries then take it for Latin-1.
 * Start at:  scrub_init(), scrub_feed().
 */
#include <stdbool.h>

#include "base/bytes.h"

#define SCRUB_HEAD     512 /* so much is waited for to know the encoding */
#define SCRUB_REF      12  /* the longest character reference, without its semicolon */
#define SCRUB_OUT(len) (3 * ((len) + SCRUB_HEAD + SCRUB_REF) + 16)

struct scrub {
    uint64_t forbidden, invalid; /* characters that were replaced: not XML's; not UTF-8 */
    /* the rest is its own */
    uint8_t head[SCRUB_HEAD], ref[SCRUB_REF], wide[4];
    size_t head_len, ref_len, wide_len, wide_need;
    bool is_begun, is_utf8, is_raw;
};

void scrub_init(struct scrub *s);

/** Append what becomes of `in` to `out`, which has room for SCRUB_OUT(in.len) more. Some of it may
 * come with the next call; `is_end` gives all. @return of the buffer alone */
VLS_STATUS scrub_feed(struct scrub *s, struct vls_slice in, bool is_end, struct vls_buf *out);

#endif
