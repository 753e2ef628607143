#ifndef VALISE_RELIEFWEB_POST_LETTERS_H
#define VALISE_RELIEFWEB_POST_LETTERS_H
/*
 * reliefweb-post/letters - what ReliefWeb's schema asks of a text: its length in characters, a
 * letter in it, no control characters and no separators but the blank and U+3000, none of those at
 * the ends or in a row.
 *
 * Categories of Unicode are told by ranges: all separators and controls exactly; a letter is any
 * character of a script, which lets the odd symbol pass for one. Who decides is ReliefWeb.
 *
 * Pure.
 */
#include <stdbool.h>
#include <stddef.h>

struct letters_rule {
    size_t least, most; /* characters */
    bool has_lines;     /* line feeds are fine, and blanks before one                  */
    bool is_name;       /* of a file: none of < > : " / \ | ? *                        */
};

/** NULL when the text keeps to the rule; otherwise what is wrong, a constant sentence part. */
const char *letters_check(const char *text, const struct letters_rule *rule);

#endif
