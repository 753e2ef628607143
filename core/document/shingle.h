#ifndef VALISE_DOCUMENT_SHINGLE_H
#define VALISE_DOCUMENT_SHINGLE_H
/*
 * document/shingle - text in a form in which layout, case and punctuation do not count; and its
 * fingerprint, by which nearly equal texts are found among many.
 *
 * Process:   all. Pure.
 * Ownership: a struct vls_shingler owns nothing.
 * Start at:  vls_shingler_init() for fingerprints; vls_text_search_form() for searching.
 *
 * Words: letters and digits in a row, in small letters (Latin, Greek and Cyrillic); Arabic without
 * its vowel signs and stretching; each Chinese character is a word. Shingles: each
 * VLS_SHINGLE_WORDS words in a row. Fingerprint: MinHash (Broder 1997) of VLS_MINHASH_VALUES
 * functions. The share of equal values estimates how many of all shingles two texts have in common,
 * with a standard error of 0.03 at 0.85. No statistics of a corpus: a text's fingerprint is the
 * same for ever. What the parameters are is in VLS_MINHASH_METHOD, which is kept with it.
 */
#include "base/bytes.h"

#define VLS_MINHASH_METHOD "words/1 shingle/5 minhash/128x32"
#define VLS_SHINGLE_WORDS  5
#define VLS_MINHASH_VALUES 128
#define VLS_MINHASH_BYTES  (VLS_MINHASH_VALUES * 4)
/** A shorter text says too little, and of a longer one so many words count. */
#define VLS_MINHASH_MIN_WORDS 40u
#define VLS_MINHASH_MAX_WORDS 200000u
/** Estimated share of common shingles from which on two texts count as nearly the same. */
#define VLS_MINHASH_NEAR 0.85
/** To find candidates without comparing all: two that are near agree in all values of one of these
 * bands with a probability of 0.99. */
#define VLS_MINHASH_BANDS     16
#define VLS_MINHASH_BAND_ROWS (VLS_MINHASH_VALUES / VLS_MINHASH_BANDS)

struct vls_shingler {
    uint32_t values[VLS_MINHASH_VALUES];
    uint64_t ring[VLS_SHINGLE_WORDS]; /* hashes of the last words */
    uint64_t word;                    /* hash of the word under way */
    size_t word_length;
    uint32_t words;
    uint8_t pending[4]; /* of a character that is cut by the end of a piece */
    size_t pending_len;
};

void vls_shingler_init(struct vls_shingler *s);
/** UTF-8 in pieces, cut anywhere; what is not well-formed ends a word. */
void vls_shingler_add(struct vls_shingler *s, struct vls_slice text);
/** @return false when there are fewer words than VLS_MINHASH_MIN_WORDS; then `out` is unchanged. */
bool vls_shingler_finish(struct vls_shingler *s, uint8_t out[VLS_MINHASH_BYTES]);

/** From 0 to 1. */
double vls_minhash_likeness(const uint8_t a[VLS_MINHASH_BYTES], const uint8_t b[VLS_MINHASH_BYTES]);

/** A number for each band; equal ones make two texts candidates. */
void vls_minhash_bands(const uint8_t minhash[VLS_MINHASH_BYTES], uint64_t out[VLS_MINHASH_BANDS]);

/** Words with one blank between them, as above; what is searched and what it is searched in go
 * through it alike. `is_query`: an asterisk at the end of a word stays, as "begins so". Appends.
 *  @return INPUT_LIMIT */
VLS_STATUS vls_text_search_form(const char *text, bool is_query, struct vls_buf *out);

#endif
