#include "document/shingle.h"

#include <string.h>

#include "document/words.h"

#define FNV_START UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

/* Vigna's mixer of splitmix64: a good hash of 64 bits to as many. */
static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

void vls_shingler_init(struct vls_shingler *s)
{
    *s = (struct vls_shingler){.word = FNV_START};
    for (size_t i = 0; i < VLS_MINHASH_VALUES; i++)
        s->values[i] = UINT32_MAX;
}

/* The functions of MinHash: from two independent halves of one hash (Kirsch and Mitzenmacher). */
static void add_shingle(struct vls_shingler *s)
{
    uint64_t hash = FNV_START;
    for (size_t i = 0; i < VLS_SHINGLE_WORDS; i++)
        hash = mix(hash ^ s->ring[(s->words + i) % VLS_SHINGLE_WORDS]);
    uint64_t step = mix(hash) | 1;
    for (size_t i = 0; i < VLS_MINHASH_VALUES; i++) {
        hash += step;
        uint32_t value = (uint32_t)((hash * UINT64_C(0xd6e8feb86659fd93)) >> 32);
        if (value < s->values[i])
            s->values[i] = value;
    }
}

static void end_word(struct vls_shingler *s)
{
    if (s->word_length == 0)
        return;
    if (s->words < VLS_MINHASH_MAX_WORDS) {
        s->ring[s->words % VLS_SHINGLE_WORDS] = s->word;
        s->words++;
        if (s->words >= VLS_SHINGLE_WORDS)
            add_shingle(s);
    }
    s->word = FNV_START;
    s->word_length = 0;
}

static void add_character(struct vls_shingler *s, uint32_t c)
{
    enum vls_char_kind kind = vls_char_fold(&c);
    if (kind == VLS_CHAR_NOTHING)
        return;
    if (kind != VLS_CHAR_LETTER)
        end_word(s);
    if (kind == VLS_CHAR_BLANK)
        return;
    for (unsigned shift = 0; shift < 32; shift += 8)
        s->word = (s->word ^ ((c >> shift) & 0xff)) * FNV_PRIME;
    s->word_length++;
    if (kind == VLS_CHAR_WORD)
        end_word(s);
}

/* What a piece ends with may be the begin of a character. */
static void keep_rest(struct vls_shingler *s, struct vls_slice rest)
{
    if (rest.len > sizeof s->pending) { /* it cannot be one */
        end_word(s);
        s->pending_len = 0;
        return;
    }
    vls_copy(s->pending, rest.at, rest.len);
    s->pending_len = rest.len;
}

static struct vls_slice add_all(struct vls_shingler *s, struct vls_slice text, bool is_last)
{
    while (text.len > 0) {
        uint32_t c;
        size_t len = vls_char_take(text, &c);
        if (len == 0 && !is_last && text.len < sizeof s->pending)
            return text;
        if (len == 0)
            end_word(s);
        else
            add_character(s, c);
        len = len == 0 ? 1 : len;
        text = VLS_SLICE(text.at + len, text.len - len);
    }
    return text;
}

void vls_shingler_add(struct vls_shingler *s, struct vls_slice text)
{
    uint8_t joined[2 * sizeof s->pending];
    if (s->pending_len > 0) {
        size_t more = text.len < sizeof s->pending ? text.len : sizeof s->pending;
        size_t had = s->pending_len;
        vls_copy(joined, s->pending, had);
        vls_copy(joined + had, text.at, more);
        s->pending_len = 0;
        struct vls_slice rest = add_all(s, VLS_SLICE(joined, had + more), false);
        size_t taken = had + more - rest.len;
        if (taken < had) { /* still not whole */
            keep_rest(s, rest);
            return;
        }
        text = VLS_SLICE(text.at + (taken - had), text.len - (taken - had));
    }
    keep_rest(s, add_all(s, text, false));
}

bool vls_shingler_finish(struct vls_shingler *s, uint8_t out[VLS_MINHASH_BYTES])
{
    (void)add_all(s, VLS_SLICE(s->pending, s->pending_len), true);
    end_word(s);
    if (s->words < VLS_MINHASH_MIN_WORDS)
        return false;
    for (size_t i = 0; i < VLS_MINHASH_VALUES; i++)
        vls_put_u32(out + 4 * i, s->values[i]);
    return true;
}

double vls_minhash_likeness(const uint8_t a[VLS_MINHASH_BYTES], const uint8_t b[VLS_MINHASH_BYTES])
{
    unsigned equal = 0;
    for (size_t i = 0; i < VLS_MINHASH_VALUES; i++)
        equal += memcmp(a + 4 * i, b + 4 * i, 4) == 0;
    return (double)equal / VLS_MINHASH_VALUES;
}

void vls_minhash_bands(const uint8_t minhash[VLS_MINHASH_BYTES], uint64_t out[VLS_MINHASH_BANDS])
{
    for (size_t band = 0; band < VLS_MINHASH_BANDS; band++) {
        uint64_t hash = mix(band);
        for (size_t i = 0; i < 4 * VLS_MINHASH_BAND_ROWS; i++)
            hash = (hash ^ minhash[4 * VLS_MINHASH_BAND_ROWS * band + i]) * FNV_PRIME;
        out[band] = mix(hash);
    }
}

/* -- searching --------------------------------------------------------------------------------- */

struct vls_status vls_text_search_form(const char *text, bool is_query, struct vls_buf *out)
{
    struct vls_slice rest = vls_slice_text(text);
    bool is_within = false; /* a word */
    size_t before = out->len;
    while (rest.len > 0) {
        uint32_t c;
        size_t len = vls_char_take(rest, &c);
        enum vls_char_kind kind = len != 0 ? vls_char_fold(&c) : VLS_CHAR_BLANK;
        bool is_star = is_query && rest.at[0] == '*' && is_within;
        len = len == 0 ? 1 : len;
        rest = VLS_SLICE(rest.at + len, rest.len - len);
        if (kind == VLS_CHAR_NOTHING)
            continue;
        if (is_star)
            VLS_TRY(vls_buf_add_text(out, "*"));
        if (kind != VLS_CHAR_BLANK && (!is_within || kind == VLS_CHAR_WORD) && out->len > before)
            VLS_TRY(vls_buf_add_text(out, " "));
        if (kind != VLS_CHAR_BLANK)
            VLS_TRY(vls_char_add(c, out));
        is_within = kind == VLS_CHAR_LETTER;
    }
    return VLS_DONE;
}
