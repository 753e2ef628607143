#include "letters.h"

#include <stdint.h>
#include <string.h>

#include "common/common.h"

struct range {
    uint32_t first, last;
};

/* General categories Z (separators) and C (controls, formats, private use), without the two blanks
 * that are fine and without what is not assigned. */
static const struct range BAD[] = {
    {0x00, 0x1f},     {0x7f, 0xa0},     {0xad, 0xad},     {0x600, 0x605},
    {0x61c, 0x61c},   {0x6dd, 0x6dd},   {0x70f, 0x70f},   {0x1680, 0x1680},
    {0x180e, 0x180e}, {0x2000, 0x200f}, {0x2028, 0x202f}, {0x205f, 0x206f},
    {0xd800, 0xf8ff}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0001, 0x10ffff}};

/* Not letters, from U+00AA on: signs of Latin-1, punctuation, symbols, numbers in circles. */
static const struct range SIGNS[] = {
    {0xab, 0xb4},     {0xb6, 0xb9},     {0xbb, 0xbf},     {0xd7, 0xd7},     {0xf7, 0xf7},
    {0x660, 0x66d},   {0x6d4, 0x6d4},   {0x6f0, 0x6f9},   {0x2000, 0x206f}, {0x20a0, 0x20cf},
    {0x2190, 0x2bff}, {0x3000, 0x3004}, {0x3008, 0x3020}, {0xff01, 0xff20}, {0x1f000, 0x1faff}};

static bool is_in(uint32_t c, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return true;
    return false;
}

/* The next character of what is known to be UTF-8. */
static uint32_t next(const char **at)
{
    const unsigned char *p = (const unsigned char *)*at;
    size_t more = p[0] < 0x80 ? 0 : p[0] < 0xe0 ? 1 : p[0] < 0xf0 ? 2 : 3;
    uint32_t c = more == 0 ? p[0] : p[0] & (0x3fu >> more);
    for (size_t i = 1; i <= more; i++)
        c = c << 6 | (p[i] & 0x3fu);
    *at += more + 1;
    return c;
}

static bool is_letter(uint32_t c)
{
    if (c < 0xaa)
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return !is_in(c, SIGNS, sizeof SIGNS / sizeof SIGNS[0]);
}

static bool is_blank(uint32_t c)
{
    return c == ' ' || c == 0x3000;
}

static const char *check_one(uint32_t c, const struct letters_rule *rule)
{
    if (c == '\n' && rule->has_lines)
        return NULL;
    if (is_in(c, BAD, sizeof BAD / sizeof BAD[0]))
        return "holds a control character, or a separator other than a blank";
    if (rule->is_name && c < 0x80 && strchr("<>:\"/\\|?*", (int)c) != NULL)
        return "holds one of < > : \" / \\ | ? *";
    return NULL;
}

const char *letters_check(const char *text, const struct letters_rule *rule)
{
    size_t count = 0, blanks = 0;
    bool has_letter = false, ends_badly = false;
    if (!plug_is_utf8(text, strlen(text), NULL))
        return "is not UTF-8";
    for (const char *at = text; *at != '\0'; count++) {
        uint32_t c = next(&at);
        const char *wrong = check_one(c, rule);
        if (wrong != NULL)
            return wrong;
        has_letter = has_letter || is_letter(c);
        ends_badly = is_blank(c) || c == '\n';
        if (count == 0 && ends_badly)
            return "begins with a blank";
        if (blanks > 1 && !is_blank(c) && c != '\n')
            return "holds blanks in a row";
        blanks = is_blank(c) ? blanks + 1 : 0;
    }
    if (count < rule->least || count > rule->most)
        return count < rule->least ? "is too short" : "is too long";
    if (ends_badly)
        return "ends with a blank";
    return has_letter ? NULL : "holds no letter";
}
