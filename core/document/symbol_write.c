/* Symbols as text again: from their components, for comparison, and by pattern. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "document/symbol_internal.h"

static bool add(char *out, size_t room, size_t *len, const char *text)
{
    size_t more = strlen(text);
    if (*len + more >= room)
        return false;
    vls_text_copy(out + *len, room - *len, text);
    *len += more;
    return true;
}

static bool add_component(const struct vls_symbol_component *c, char *out, size_t room, size_t *len)
{
    char joint[2] = {c->joint, '\0'}, number[12] = "";
    if (c->has_number)
        snprintf(number, sizeof number, "%u", c->number);
    return add(out, room, len, c->name) && add(out, room, len, joint) &&
           add(out, room, len, number) && add(out, room, len, c->letters) &&
           (c->within[0] == '\0' || (add(out, room, len, "(") && add(out, room, len, c->within) &&
                                     add(out, room, len, ")")));
}

bool vls_symbol_write(const struct vls_symbol *symbol, size_t count, char *out, size_t room)
{
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < count && i < symbol->count; i++)
        if ((i > 0 && !add(out, room, &len, "/")) ||
            !add_component(&symbol->components[i], out, room, &len))
            return false;
    return true;
}

/* -- for comparison ---------------------------------------------------------------------------- */

static bool has_name(const struct vls_symbol_component *c, const char *name)
{
    return strcmp(c->name, name) == 0;
}

/* The resolutions of the Council have one number through all years. */
static bool is_council_resolution(const struct vls_symbol *s)
{
    return s->grammar == VLS_SYMBOL_UN && s->count >= 3 && has_name(&s->components[0], "S") &&
           has_name(&s->components[1], "RES") && s->components[2].kind == VLS_SYMBOL_NUMBER;
}

/* As two who spell it differently would both spell it. */
static void settle(struct vls_symbol *s)
{
    if (is_council_resolution(s))
        s->components[2].within[0] = '\0';
    for (size_t i = 0; i < s->count; i++) {
        struct vls_symbol_component *c = &s->components[i];
        if (c->kind == VLS_SYMBOL_MODIFIER && c->has_number)
            c->joint = '.'; /* "Rev1" */
        if (c->kind == VLS_SYMBOL_MODIFIER && has_name(c, "CORR"))
            c->within[0] = '\0'; /* languages are no part of its name */
        if (s->grammar == VLS_SYMBOL_IOM && has_name(c, "NO"))
            s->components[1].within[0] = '\0'; /* the session: its number is enough */
    }
}

/* In capitals, without blanks at the ends and with one where there are several. */
static void copy_plain(const char *printed, char *out, size_t room)
{
    size_t len = 0;
    for (const char *c = printed; *c != '\0' && len + 1 < room; c++)
        if (*c != ' ' || (len > 0 && out[len - 1] != ' '))
            out[len++] = vls_symbol_upper(*c);
    while (len > 0 && (out[len - 1] == ' ' || out[len - 1] == '*'))
        len--;
    out[len] = '\0';
}

void vls_symbol_compare_by(struct vls_symbol *symbol)
{
    struct vls_symbol settled = *symbol;
    settle(&settled);
    if (symbol->grammar != VLS_SYMBOL_UNPARSED &&
        vls_symbol_write(&settled, settled.count, symbol->canonical, sizeof symbol->canonical) &&
        vls_symbol_write(&settled, settled.count - settled.modifiers, symbol->base,
                         sizeof symbol->base))
        return;
    copy_plain(symbol->printed, symbol->canonical, sizeof symbol->canonical);
    vls_text_copy(symbol->base, sizeof symbol->base, symbol->canonical);
}

/* -- what it says ------------------------------------------------------------------------------ */

const char *vls_symbol_session(const struct vls_symbol *symbol, char *out, size_t room)
{
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < symbol->count; i++) {
        const struct vls_symbol_component *c = &symbol->components[i];
        if (c->kind == VLS_SYMBOL_SESSION || c->kind == VLS_SYMBOL_YEAR) {
            (void)add_component(c, out, room, &len);
            return out;
        }
        if (c->kind == VLS_SYMBOL_NUMBER &&
            (vls_symbol_is_roman(c->within) || vls_symbol_is_digit(c->within[0]))) {
            vls_text_copy(out, room, c->within);
            return out;
        }
    }
    return out;
}

static const struct language {
    const char *tag;
    const char *letters; /* as the United Nations marks it */
} LANGUAGES[] = {{"ar", "A"}, {"zh", "C"}, {"en", "E"}, {"fr", "F"},
                 {"ru", "R"}, {"es", "S"}, {"de", "G"}};
#define LANGUAGE_COUNT (sizeof LANGUAGES / sizeof LANGUAGES[0])

uint32_t vls_language_bit(const char *tag)
{
    for (size_t i = 0; i < LANGUAGE_COUNT; i++)
        if (vls_symbol_upper(tag[0]) == vls_symbol_upper(LANGUAGES[i].tag[0]) &&
            vls_symbol_upper(tag[1]) == vls_symbol_upper(LANGUAGES[i].tag[1]) &&
            (tag[2] == '\0' || tag[2] == '-'))
            return 1u << i;
    return 0;
}

static uint32_t bit_of_letter(char letter)
{
    for (size_t i = 0; i < LANGUAGE_COUNT; i++)
        if (LANGUAGES[i].letters[0] == letter)
            return 1u << i;
    return 0;
}

/* "E/F", "E, F", "F ONLY": letters one by one. */
static uint32_t bits_of(const char *within)
{
    uint32_t bits = 0;
    for (const char *c = within; *c != '\0'; c++) {
        bool is_alone = !vls_symbol_is_letter(c[1]);
        uint32_t bit = bit_of_letter(*c);
        if (*c == ' ' || *c == '/' || *c == ',')
            continue;
        if (strcmp(c, "ONLY") == 0)
            return bits;
        if (bit == 0 || !is_alone)
            return 0;
        bits |= bit;
    }
    return bits;
}

uint32_t vls_symbol_languages(const struct vls_symbol *symbol)
{
    for (size_t i = symbol->count - symbol->modifiers; i < symbol->count; i++)
        if (has_name(&symbol->components[i], "CORR"))
            return bits_of(symbol->components[i].within);
    return 0;
}

bool vls_symbol_matches(const char *issuer, const char *pattern, const struct vls_symbol *symbol)
{
    char begin[VLS_MAX_SYMBOL + 1];
    size_t len = strlen(pattern);
    if (len == 0 || pattern[len - 1] != '*') {
        struct vls_symbol wanted;
        vls_symbol_parse(issuer, pattern, &wanted);
        return strcmp(wanted.canonical, symbol->canonical) == 0;
    }
    copy_plain(pattern, begin, sizeof begin); /* without its asterisk */
    return strncmp(symbol->canonical, begin, strlen(begin)) == 0;
}
