#include "language.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define LABEL_ROOM 64

const char *const LANGUAGE_OFFICIAL[] = {"en", "fr", "es", "ru", "ar", "zh", NULL};

static const struct {
    const char *code;
    const char *labels[6];
} LANGUAGES[] = {
    {"ar", {"العربية", "عربي", "ara", "ar", "arabic", "a"}},
    {"zh", {"中文", "汉语", "chi", "zh", "chinese", "zho"}},
    {"en", {"English", "eng", "en", "e", NULL, NULL}},
    {"fr", {"Français", "fre", "fr", "french", "fra", "f"}},
    {"ru", {"Русский", "русский", "rus", "ru", "russian", "r"}},
    {"es", {"Español", "spa", "es", "spanish", "s", NULL}},
    {"de", {"Deutsch", "ger", "de", "german", "deu", NULL}},
};

/* The byte that code page 1252 has for a character, where it differs from Latin-1. */
static uint8_t byte_1252(uint32_t c)
{
    static const uint16_t HIGH[32] = {
        0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};
    for (unsigned i = 0; i < sizeof HIGH / sizeof HIGH[0]; i++)
        if (HIGH[i] == c)
            return (uint8_t)(0x80 + i);
    return 0;
}

/* The next character of UTF-8 that is known to be sound. */
static uint32_t next_char(const char **at)
{
    const uint8_t *b = (const uint8_t *)*at;
    unsigned more = b[0] < 0x80 ? 0 : b[0] < 0xE0 ? 1 : b[0] < 0xF0 ? 2 : 3;
    uint32_t c = more == 0 ? b[0] : b[0] & (0x3Fu >> more);
    for (unsigned i = 1; i <= more; i++)
        c = c << 6 | (b[i] & 0x3F);
    *at += more + 1;
    return c;
}

/* The byte that a character was before, or -1. */
static int byte_of(uint32_t c)
{
    uint8_t high = c < 0x100 ? 0 : byte_1252(c);
    return c < 0x100 ? (int)c : high != 0 ? high : -1;
}

/* Bytes of UTF-8, one after the other (RFC 3629). */
struct sequence {
    int lead;
    unsigned need, taken;
};

static bool goes_on(struct sequence *s, int byte)
{
    if (s->need == 0) {
        *s = (struct sequence){.lead = byte,
                               .need = byte < 0x80   ? 0
                                       : byte < 0xE0 ? 1
                                       : byte < 0xF0 ? 2
                                                     : 3};
        return byte < 0x80 || (byte >= 0xC2 && byte <= 0xF4);
    }
    int least = s->taken > 0 ? 0x80 : s->lead == 0xE0 ? 0xA0 : s->lead == 0xF0 ? 0x90 : 0x80;
    int most = s->taken > 0 ? 0xBF : s->lead == 0xED ? 0x9F : s->lead == 0xF4 ? 0x8F : 0xBF;
    s->taken++;
    s->need--;
    return byte >= least && byte <= most;
}

static bool is_twice(const char *text)
{
    struct sequence s = {0};
    bool has_high = false;
    while (*text != '\0') {
        int byte = byte_of(next_char(&text));
        if (byte < 0 || !goes_on(&s, byte))
            return false;
        has_high = has_high || byte >= 0x80;
    }
    return s.need == 0 && has_high;
}

bool language_undo_twice(char *text)
{
    char *to = text;
    if (!is_twice(text))
        return false;
    for (const char *at = text; *at != '\0';)
        *to++ = (char)byte_of(next_char(&at));
    *to = '\0';
    return true;
}

static const char *find(const char *label)
{
    for (size_t i = 0; i < sizeof LANGUAGES / sizeof LANGUAGES[0]; i++)
        for (size_t k = 0; k < 6 && LANGUAGES[i].labels[k] != NULL; k++)
            if (strcasecmp(LANGUAGES[i].labels[k], label) == 0)
                return LANGUAGES[i].code;
    return NULL;
}

const char *language_of(const char *label)
{
    char undone[LABEL_ROOM];
    const char *code = find(label);
    if (code != NULL || strlen(label) >= sizeof undone)
        return code;
    vls_text_copy(undone, sizeof undone, label);
    return language_undo_twice(undone) ? find(undone) : NULL;
}
