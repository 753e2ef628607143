#include "document/symbol.h"

#include <string.h>

#include "base/text.h"
#include "document/symbol_internal.h"

#define MAX_DIGITS 9 /* of a number: it fits into 32 bits */

/* -- pieces of text ---------------------------------------------------------------------------- */

static char at(struct vls_slice s, size_t i)
{
    return i < s.len ? (char)s.at[i] : '\0';
}

static struct vls_slice from(struct vls_slice s, size_t i)
{
    return VLS_SLICE(s.at + i, s.len - i);
}

static struct vls_slice trim(struct vls_slice s)
{
    while (s.len > 0 && at(s, 0) == ' ')
        s = from(s, 1);
    while (s.len > 0 && at(s, s.len - 1) == ' ')
        s.len--;
    return s;
}

/* In capitals, blanks in a row as one. @return false when it does not fit */
static bool take_upper(struct vls_slice s, char *out, size_t room)
{
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] == ' ' && len > 0 && out[len - 1] == ' ')
            continue;
        if (len + 1 >= room)
            return false;
        out[len++] = vls_symbol_upper((char)s.at[i]);
    }
    out[len] = '\0';
    return true;
}

/* What typesetters put in place of a blank and of a hyphen. */
static const struct stand_in {
    const char *text;
    char plain;
} STAND_INS[] = {{"\xc2\xa0", ' '},
                 {"\xe2\x80\xaf", ' '},
                 {"\xe2\x80\x90", '-'},
                 {"\xe2\x80\x91", '-'},
                 {"\xe2\x80\x93", '-'}};

static size_t stand_in_at(const char *text, char *out)
{
    for (size_t i = 0; i < sizeof STAND_INS / sizeof STAND_INS[0]; i++)
        if (strncmp(text, STAND_INS[i].text, strlen(STAND_INS[i].text)) == 0) {
            *out = STAND_INS[i].plain;
            return strlen(STAND_INS[i].text);
        }
    return 0;
}

/* @return false: other letters than a symbol has */
static bool make_plain(const char *printed, char *out)
{
    while (*printed != '\0') {
        size_t skipped = stand_in_at(printed, out);
        if (skipped == 0 && ((unsigned char)*printed < 0x20 || (unsigned char)*printed >= 0x7f))
            return false;
        if (skipped == 0)
            *out = *printed;
        printed += skipped != 0 ? skipped : 1;
        out++;
    }
    *out = '\0';
    return true;
}

/* -- one component ----------------------------------------------------------------------------- */

static size_t count_letters(struct vls_slice s)
{
    size_t n = 0;
    while (vls_symbol_is_letter(at(s, n)))
        n++;
    return n;
}

/* Letters, and further ones behind dots: "GC.SS" of "GC.SS.XII". */
static size_t count_name(struct vls_slice s)
{
    size_t n = count_letters(s);
    while (n > 0 && at(s, n) == '.' && vls_symbol_is_letter(at(s, n + 1)))
        n += 1 + count_letters(from(s, n + 1));
    return n;
}

/* Digits, without the zeros that some put in front. */
static bool take_number(struct vls_slice *s, struct vls_symbol_component *c)
{
    size_t n = 0;
    uint32_t value = 0;
    while (vls_symbol_is_digit(at(*s, n)))
        value = n < MAX_DIGITS ? value * 10 + (uint32_t)(s->at[n++] - '0') : (n++, value);
    if (n == 0 || n > MAX_DIGITS)
        return false;
    c->number = value;
    c->has_number = true;
    *s = from(*s, n);
    return true;
}

/* "A", "A-C", "bis" behind a number. */
static bool take_letters(struct vls_slice *s, struct vls_symbol_component *c)
{
    struct vls_slice rest = trim(*s);
    size_t n = count_letters(rest);
    if (n > 0 && at(rest, n) == '-' && count_letters(from(rest, n + 1)) > 0)
        n += 1 + count_letters(from(rest, n + 1));
    if (!take_upper(VLS_SLICE(rest.at, n), c->letters, sizeof c->letters))
        return false;
    *s = from(rest, n);
    return true;
}

/* What stands behind in parentheses. Letters may follow it, as in "3340 (XXIX) A", where others
 * print "3340 A (XXIX)". */
static bool take_within(struct vls_slice *s, struct vls_symbol_component *c)
{
    struct vls_slice rest = trim(*s);
    if (at(rest, 0) != '(')
        return true;
    const uint8_t *end = memchr(rest.at, ')', rest.len);
    if (end == NULL)
        return false;
    struct vls_slice inside = trim(VLS_SLICE(rest.at + 1, (size_t)(end - rest.at) - 1));
    if (inside.len == 0 || memchr(inside.at, '(', inside.len) != NULL ||
        !take_upper(inside, c->within, sizeof c->within))
        return false;
    rest = trim(from(rest, (size_t)(end - rest.at) + 1));
    if (rest.len > 0 && c->has_number && c->letters[0] == '\0' && !take_letters(&rest, c))
        return false;
    *s = rest;
    return true;
}

static bool take_name(struct vls_slice *s, struct vls_symbol_component *c)
{
    size_t n = count_name(*s);
    if (!take_upper(VLS_SLICE(s->at, n), c->name, sizeof c->name))
        return false;
    *s = from(*s, n);
    if (n == 0)
        return true;
    struct vls_slice rest = *s;
    if (at(rest, 0) == '.' || at(rest, 0) == '-') {
        c->joint = at(rest, 0);
        rest = from(rest, 1);
        while (at(rest, 0) == ' ')
            rest = from(rest, 1);
    }
    if (!vls_symbol_is_digit(at(rest, 0)))
        return c->joint == '\0' || rest.len == 0; /* "Corr." without a number is one */
    *s = rest;
    return true;
}

static bool take_component(struct vls_slice text, struct vls_symbol_component *c)
{
    struct vls_slice s = trim(text);
    if (s.len == 0 || !take_name(&s, c))
        return false;
    if (at(s, 0) == '.' && s.len == 1) { /* "Corr." */
        s = from(s, 1);
        c->joint = '\0';
    }
    if (vls_symbol_is_digit(at(s, 0)) && (!take_number(&s, c) || !take_letters(&s, c)))
        return false;
    return take_within(&s, c) && trim(s).len == 0 && (c->has_number || c->name[0] != '\0');
}

/* -- the whole --------------------------------------------------------------------------------- */

/* Asterisks and "(OR)" at the end belong to no component. */
static struct vls_slice take_marks(struct vls_slice s, struct vls_symbol *out)
{
    static const char OFFICIAL[] = "(OR)";
    for (;;) {
        s = trim(s);
        if (s.len > 1 && at(s, s.len - 1) == '*') {
            out->reissue++;
            s.len--;
        } else if (s.len > sizeof OFFICIAL && !out->is_official_record &&
                   memcmp(s.at + s.len - (sizeof OFFICIAL - 1), OFFICIAL, sizeof OFFICIAL - 1) ==
                       0) {
            out->is_official_record = true;
            s.len -= sizeof OFFICIAL - 1;
        } else {
            return s;
        }
    }
}

/* Up to the next slash that is in no parentheses. */
static size_t component_length(struct vls_slice s)
{
    bool is_within = false;
    size_t n = 0;
    for (; n < s.len && (is_within || at(s, n) != '/'); n++)
        is_within = at(s, n) == '(' || (is_within && at(s, n) != ')');
    return n;
}

/* "(OR)" in the middle, as before a letter, is the same mark. */
static void take_inner_mark(struct vls_symbol_component *c, struct vls_symbol *out)
{
    if (strcmp(c->within, "OR") != 0)
        return;
    out->is_official_record = true;
    c->within[0] = '\0';
}

static bool take_components(struct vls_slice s, struct vls_symbol *out)
{
    for (;;) {
        size_t len = component_length(s);
        if (out->count == VLS_SYMBOL_COMPONENTS ||
            !take_component(VLS_SLICE(s.at, len), &out->components[out->count]))
            return false;
        take_inner_mark(&out->components[out->count], out);
        out->count++;
        if (len == s.len)
            return true;
        s = from(s, len + 1);
    }
}

static bool begins(struct vls_slice s, const char *word)
{
    size_t len = strlen(word);
    if (s.len < len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (vls_symbol_upper((char)s.at[i]) != vls_symbol_upper(word[i]))
            return false;
    return true;
}

/* "Resolution No. 1309", "Council Resolution No. 1338 of 5 December 2016": its number tells it. */
static bool take_resolution(struct vls_slice s, struct vls_symbol *out)
{
    static const char *const WORDS[] = {"Council ", "Executive Committee ", "Resolution "};
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++)
        if (begins(s, WORDS[i]))
            s = trim(from(s, strlen(WORDS[i])));
    if (!begins(s, "No."))
        return false;
    struct vls_symbol_component *organ = &out->components[0], *number = &out->components[1];
    s = trim(from(s, 3));
    vls_text_copy(organ->name, sizeof organ->name, "NO");
    if (!take_number(&s, number) || !take_within(&s, number))
        return false;
    out->count = 2;
    return s.len == 0 || begins(trim(s), "of ");
}

static void clear_components(struct vls_symbol *out)
{
    for (size_t i = 0; i < VLS_SYMBOL_COMPONENTS; i++)
        out->components[i] = (struct vls_symbol_component){.name = ""};
    out->count = out->modifiers = 0;
}

static bool parse(struct vls_slice s, struct vls_symbol *out)
{
    if (s.len == 0)
        return false;
    if (out->grammar == VLS_SYMBOL_IOM && take_resolution(s, out))
        return vls_symbol_judge(out);
    clear_components(out);
    return take_components(s, out) && vls_symbol_judge(out);
}

static enum vls_symbol_grammar grammar_of(const char *issuer)
{
    if (strcmp(issuer, "un") == 0)
        return VLS_SYMBOL_UN;
    return strcmp(issuer, "iom") == 0 ? VLS_SYMBOL_IOM : VLS_SYMBOL_UNPARSED;
}

void vls_symbol_parse(const char *issuer, const char *printed, struct vls_symbol *out)
{
    char plain[VLS_MAX_SYMBOL + 1] = "";
    *out = (struct vls_symbol){.grammar = grammar_of(issuer)};
    vls_text_copy(out->printed, sizeof out->printed, printed);
    if (out->grammar == VLS_SYMBOL_UNPARSED || !make_plain(out->printed, plain) ||
        !parse(take_marks(vls_slice_text(plain), out), out)) {
        out->grammar = VLS_SYMBOL_UNPARSED;
        clear_components(out);
    }
    vls_symbol_compare_by(out);
}
