#ifndef VALISE_COMMON_WORDS_H
#define VALISE_COMMON_WORDS_H
/*
 * common/words - text of endpoints: urls, dates, names of files, entities of HTML.
 *
 * Pure. Functions that fill a buffer cut at a whole character, and never leave it without its NUL.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Copy. false when it did not fit; what fits is there. */
bool plug_copy(char *out, size_t room, const char *text);
/** Add a copy. */
bool plug_add(char *out, size_t room, const char *text);
/** Add all but unreserved characters as %XX, '/' too. */
bool plug_add_escaped(char *out, size_t room, const char *text);
/** Undo %XX (and no '+'). false when it is malformed or gives a NUL. */
bool plug_unescape(char *out, size_t room, const char *text, size_t len);

/** A url for a log or a finding: values of parameters that are keys, and users, become "***". */
void plug_url_public(char *out, size_t room, const char *url);
/** The host of an https url, lower case, without the port. false: it is no such url. */
bool plug_url_host(char *out, size_t room, const char *url);

/** One path component that any file system takes, from a title or a symbol: "A/RES/79/1" gives
 * "A_RES_79_1". Never empty. */
void plug_file_name(char *out, size_t room, const char *text);

/** Undo &amp; &lt; &gt; &quot; &apos; &nbsp; and the named ones of Latin-1, and numeric entities;
 * `rounds` times, as feeds escape twice. What is none stays. In place. */
void plug_undo_entities(char *text, unsigned rounds);
/** The character of a named entity of HTML, "eacute", as UTF-8; 0: it is none that is known. */
size_t plug_entity(const char *name, char out[5]);
/** Remove <tags>, and blanks become one. In place. */
void plug_plain(char *text);
/** No control characters, no blanks at the ends. In place. */
void plug_trim(char *text);

/** Whether it is UTF-8, without NUL. `*out_bad` (may be NULL): place of the first bad byte. */
bool plug_is_utf8(const char *text, size_t len, size_t *out_bad);

/** Milliseconds since 1970, UTC; 0 when it is no such date.
 * RFC 3339 and its parts: "2026-09-14", "2026-09-14T07:00:00Z", "+02:00"; without a zone: UTC. */
uint64_t plug_time_iso(const char *text);
/** RFC 822, as in feeds: "Mon, 14 Sep 2026 07:00:00 GMT", also EST and the like, and "+0200". */
uint64_t plug_time_mail(const char *text);
/** "2026-09-14T07:00:00Z", and its first 10 characters are the date. Room for 21. */
void plug_time_print(uint64_t ms, char out[21]);

/** A symbol of a document at the start of a line ("A/RES/77/10", "S/RES/2803 (2025) - text"): its
 * length; 0: it begins with none. */
size_t plug_symbol_at(const char *text);

/** Case of ASCII does not count. */
bool plug_is_same_word(const char *a, const char *b);
bool plug_has_word(const char *list, const char *word); /* of a list with ',' and blanks between */

#endif
