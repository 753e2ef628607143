#include "document/words.h"

/* -- UTF-8 ------------------------------------------------------------------------------------- */

size_t vls_char_take(struct vls_slice text, uint32_t *out)
{
    static const uint32_t LEAST[] = {0, 0, 0x80, 0x800, 0x10000};
    if (text.len == 0)
        return 0;
    uint8_t lead = text.at[0];
    size_t len = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    uint32_t c = lead < 0x80 ? lead : lead & (0xffu >> (len + 1));
    if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || len > text.len)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if ((text.at[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (text.at[i] & 0x3fu);
    }
    if (c < LEAST[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *out = c;
    return len;
}

struct vls_status vls_char_add(uint32_t c, struct vls_buf *out)
{
    uint8_t bytes[4];
    size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = len; i-- > 1; c >>= 6)
        bytes[i] = (uint8_t)(0x80 | (c & 0x3f));
    bytes[0] = (uint8_t)(len == 1 ? c : (0xf00u >> len) | c);
    return vls_buf_add(out, bytes, len);
}

/* -- letters ----------------------------------------------------------------------------------- */

struct range {
    uint32_t first, last;
};

static bool is_in(const struct range *ranges, size_t count, uint32_t c)
{
    for (size_t i = 0; i < count; i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return false;
}

#define IS_IN(ranges, c) is_in(ranges, sizeof(ranges) / sizeof((ranges)[0]), c)

/* Vowel signs, stretching, superscript alef; joiners and marks of direction; soft hyphen; marks
 * that are put above or below a letter. */
static const struct range NOTHING[] = {{0x64b, 0x65f},   {0x640, 0x640},   {0x670, 0x670},
                                       {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2066, 0x2069},
                                       {0xad, 0xad},     {0x300, 0x36f},   {0xfeff, 0xfeff}};
/* Ideographs, kana and Hangul syllables: written without blanks, or short enough by themselves. */
static const struct range WORDS[] = {{0x3400, 0x4dbf}, {0x4e00, 0x9fff},   {0xf900, 0xfaff},
                                     {0x3041, 0x30ff}, {0x20000, 0x323af}, {0x3005, 0x3007}};
static const struct range LETTERS[] = {
    {'0', '9'},       {'a', 'z'},        {0xaa, 0xaa},    {0xb5, 0xb5},     {0xba, 0xba},
    {0xdf, 0xf6},     {0xf8, 0x2c1},     {0x370, 0x373},  {0x376, 0x37d},   {0x37f, 0x37f},
    {0x386, 0x386},   {0x388, 0x481},    {0x48a, 0x556},  {0x561, 0x587},   {0x5d0, 0x5f2},
    {0x620, 0x64a},   {0x660, 0x669},    {0x66e, 0x6d3},  {0x6d5, 0x6d5},   {0x6e5, 0x6fc},
    {0x750, 0x77f},   {0x904, 0x963},    {0x966, 0x1fff}, {0xac00, 0xd7a3}, {0xfb00, 0xfdff},
    {0xfe70, 0xfefc}, {0x10000, 0x1d7ff}};

/* What a letter is compared as: those of a range move by `by`; those of pairs, large and small in
 * turn, become the small one. */
static const struct fold {
    uint32_t first, last;
    int32_t by; /* 0: pairs */
} FOLDS[] = {
    {'A', 'Z', 0x20},
    {0xc0, 0xd6, 0x20},
    {0xd8, 0xde, 0x20},
    {0x100, 0x137, 0},
    {0x14a, 0x177, 0},
    {0x391, 0x3a9, 0x20},
    {0x400, 0x40f, 0x50},
    {0x410, 0x42f, 0x20},
    {0x460, 0x481, 0},
    {0x660, 0x669, '0' - 0x660}, /* digits of the Arabic script */
    {0x6f0, 0x6f9, '0' - 0x6f0},
    {0xff10, 0xff19, '0' - 0xff10}, /* full width */
    {0xff21, 0xff3a, 'a' - 0xff21},
    {0xff41, 0xff5a, 'a' - 0xff41},
};

#define ALEF 0x627u

static uint32_t folded(uint32_t c)
{
    if (c == 0x622 || c == 0x623 || c == 0x625 || c == 0x671) /* alef with its signs */
        return ALEF;
    for (size_t i = 0; i < sizeof FOLDS / sizeof FOLDS[0]; i++)
        if (c >= FOLDS[i].first && c <= FOLDS[i].last)
            return FOLDS[i].by != 0 ? (uint32_t)((int32_t)c + FOLDS[i].by) : c | 1;
    return c;
}

enum vls_char_kind vls_char_fold(uint32_t *c)
{
    if (IS_IN(NOTHING, *c))
        return VLS_CHAR_NOTHING;
    *c = folded(*c);
    if (IS_IN(LETTERS, *c))
        return VLS_CHAR_LETTER;
    return IS_IN(WORDS, *c) ? VLS_CHAR_WORD : VLS_CHAR_BLANK;
}
