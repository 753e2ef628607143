#ifndef VALISE_DOCUMENT_WORDS_H
#define VALISE_DOCUMENT_WORDS_H
/*
 * document/words - what in a text is a word, for the organizations' languages: Arabic, Chinese,
 * English, French, Russian, Spanish, and German.
 *
 * Process:   all. Pure: no locale, so that a text has the same words everywhere.
 */
#include "base/bytes.h"

enum vls_char_kind {
    VLS_CHAR_BLANK,  /* between words: blanks, punctuation, signs   */
    VLS_CHAR_LETTER, /* of a word                                   */
    VLS_CHAR_WORD,   /* a word by itself: a Chinese character       */
    VLS_CHAR_NOTHING /* as if it were not there: Arabic vowel signs */
};

/** The first character of a UTF-8 text. @return its bytes; 0 when it is not well-formed, or cut */
size_t vls_char_take(struct vls_slice text, uint32_t *out);
VLS_STATUS vls_char_add(uint32_t c, struct vls_buf *out);

/** What it is; and `c` becomes what it is compared as. */
enum vls_char_kind vls_char_fold(uint32_t *c);

#endif
