#ifndef VALISE_BASE_TEXT_H
#define VALISE_BASE_TEXT_H
/*
 * base/text - hexadecimal, base64, RFC 3339 times, UTF-8 and names.
 *
 * Process: all. Nothing here keeps a pointer.
 */
#include "base/bytes.h"

/** Lower-case hexadecimal; `out` has room for 2 * len + 1. */
void vls_hex(struct vls_slice bytes, char *out);

/** @return INPUT_MALFORMED when the text is not exactly 2 * len hexadecimal digits. */
VLS_STATUS vls_hex_read(const char *text, uint8_t *out, size_t len);

/** Standard base64 with padding (RFC 4648 section 4), appended to `out`. */
VLS_STATUS vls_base64_add(struct vls_slice bytes, struct vls_buf *out);

/** Strict standard base64: no white space, padding right, unused bits zero. Appends to `out`.
 *  @return INPUT_MALFORMED; `out` is unchanged then. */
VLS_STATUS vls_base64_read(struct vls_slice text, struct vls_buf *out);

#define VLS_TIME_TEXT 32

/** "2026-11-23T18:45:01.123Z" from milliseconds since 1970; `out` has room for VLS_TIME_TEXT. */
void vls_time_text(uint64_t ms, char *out);

/** A whole RFC 3339 time from 1970 on, or a plain date (midnight UTC). A leap second is refused, as
 * time of day has no place for it. @return INPUT_MALFORMED */
VLS_STATUS vls_time_read(const char *text, uint64_t *out_ms);

/** Well-formed UTF-8 without NUL and control characters (tab and line feed only if `is_multiline`).
 */
bool vls_text_is_clean(struct vls_slice text, bool is_multiline);

/** One line of clean text, of at most `max` bytes; words call it `what`. @return INPUT_LIMIT,
 * INPUT_MALFORMED */
VLS_STATUS vls_text_check(const char *what, const char *text, size_t max, struct vls_why *why);

/** A name as used for parties, kinds, rules, plugins: [a-z0-9] then [a-z0-9.-_], at most `max`
 * bytes. */
bool vls_text_is_name(const char *text, size_t max);

/** One path component that is safe to create: clean UTF-8, no '/', not "." or "..", no leading '.',
 * bounded. */
bool vls_text_is_file_name(const char *text);

/** NULL counts as empty. Takes the same time wherever they differ. */
bool vls_text_is_equal(const char *a, const char *b);

/** Behind the last '/' of a path; all of it without one. */
const char *vls_path_name(const char *path);
#define VLS_PATH_SHOWN 90
/** As a message names a file: the path, or its name alone when the path is longer than
 * VLS_PATH_SHOWN; what is printed of that is cut there. */
const char *vls_path_shown(const char *path);

/** Whole text as a decimal number. @return INPUT_MALFORMED, INPUT_LIMIT when outside [min, max] */
VLS_STATUS vls_number_read(const char *text, uint64_t min, uint64_t max, uint64_t *out);

/** Copy text, cut to fit but not through a UTF-8 sequence, always NUL-terminated (unless `room` is
 * 0). */
void vls_text_copy(char *to, size_t room, const char *from);

#endif
