/* What each component of a symbol is. The letters say most of it; whether a number is a session, a
 * year or the document's own, its place says. */
#include <string.h>

#include "document/symbol_internal.h"

#define FIRST_YEAR 1945
#define LAST_YEAR  2199

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static bool is_modifier(const char *name)
{
    static const char *const NAMES[] = {"ADD", "AMEND", "CORR", "REV", "SUMMARY"};
    return is_one_of(name, NAMES, sizeof NAMES / sizeof NAMES[0]);
}

static bool is_nature(const char *name)
{
    static const char *const NAMES[] = {"RES", "DEC",  "L", "PV", "SR",  "INF", "CRP", "NGO",
                                        "PET", "PRST", "R", "WP", "MIN", "BUR", "LIM", "NO"};
    return is_one_of(name, NAMES, sizeof NAMES / sizeof NAMES[0]);
}

bool vls_symbol_is_roman(const char *text)
{
    return text[0] != '\0' && strspn(text, "IVXLCDM") == strlen(text);
}

/* "S-27", "ES-11", and "S-VI" of the years before. */
static bool is_special_session(const struct vls_symbol_component *c)
{
    return c->joint == '-' && c->has_number &&
           (strcmp(c->name, "S") == 0 || strcmp(c->name, "ES") == 0);
}

static bool is_bare_number(const struct vls_symbol_component *c)
{
    return c->has_number && c->name[0] == '\0';
}

static bool is_year(const struct vls_symbol_component *c)
{
    return c->number >= FIRST_YEAR && c->number <= LAST_YEAR && c->letters[0] == '\0';
}

/* Modifiers stand at the end, one behind the other: "Add.2/Rev.1/Corr.1". */
static size_t count_modifiers(const struct vls_symbol *s)
{
    size_t n = 0;
    while (n + 1 < s->count && is_modifier(s->components[s->count - 1 - n].name))
        n++;
    return n;
}

/* Something that can be the document itself follows: a number, or a nature with one. */
static bool is_followed(const struct vls_symbol *s, size_t i)
{
    for (size_t k = i + 1; k < s->count - s->modifiers; k++)
        if (is_bare_number(&s->components[k]) || is_nature(s->components[k].name))
            return true;
    return false;
}

/* "WP.4" is a working paper at the end of a symbol, and a working party before its papers; so with
 * other natures that have a number. "RES" and "L" of "C/109/L/1" have theirs behind them. */
static enum vls_symbol_kind kind_of_name(const struct vls_symbol *s, size_t i)
{
    const struct vls_symbol_component *c = &s->components[i];
    if (!is_nature(c->name))
        return VLS_SYMBOL_BODY;
    return strcmp(c->name, "WP") == 0 && is_followed(s, i) ? VLS_SYMBOL_BODY : VLS_SYMBOL_NATURE;
}

static enum vls_symbol_kind kind_of_number(const struct vls_symbol *s, size_t i, bool has_session)
{
    if (!is_followed(s, i) || has_session || s->components[i].letters[0] != '\0')
        return VLS_SYMBOL_NUMBER;
    return is_year(&s->components[i]) ? VLS_SYMBOL_YEAR : VLS_SYMBOL_SESSION;
}

static bool is_organ(const struct vls_symbol_component *c)
{
    return c->name[0] != '\0' && !is_modifier(c->name) && !c->has_number && c->within[0] == '\0';
}

/* An organ alone is no symbol of a document, nor is one that ends before any number. */
static bool has_number(const struct vls_symbol *s)
{
    for (size_t i = 1; i < s->count - s->modifiers; i++)
        if (s->components[i].has_number)
            return true;
    return false;
}

bool vls_symbol_judge(struct vls_symbol *s)
{
    bool has_session = false;
    /* "S.5" as an organ is a slip, and "TD/B" is an organ with its body */
    if (s->count < 2 || !is_organ(&s->components[0]))
        return false;
    s->modifiers = count_modifiers(s);
    s->components[0].kind = VLS_SYMBOL_ORGAN;
    for (size_t i = 1; i < s->count; i++) {
        struct vls_symbol_component *c = &s->components[i];
        if (i >= s->count - s->modifiers)
            c->kind = VLS_SYMBOL_MODIFIER;
        else if (is_special_session(c))
            c->kind = VLS_SYMBOL_SESSION;
        else if (is_bare_number(c))
            c->kind = kind_of_number(s, i, has_session);
        else
            c->kind = kind_of_name(s, i);
        has_session = has_session || c->kind == VLS_SYMBOL_SESSION || c->kind == VLS_SYMBOL_YEAR;
    }
    return has_number(s);
}
