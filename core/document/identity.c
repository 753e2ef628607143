#include "document/identity.h"

#include <string.h>

#include "document/symbol_internal.h"

static const struct words {
    const char *plain, *inverse;
} WORDS[VLS_STANDS_COUNT] = {
    {"has nothing to do with", "has nothing to do with"},
    {"is the same as", "is the same as"},
    {"reissues", "is reissued by"},
    {"supersedes", "is superseded by"},
    {"corrects", "is corrected by"},
    {"amends", "is amended by"},
    {"adds to", "is added to by"},
    {"summarizes", "is summarized by"},
    {"is another language of", "is another language of"},
    {"belongs to the same document as", "belongs to the same document as"},
};

const char *vls_standing_words(struct vls_standing standing)
{
    const struct words *row = &WORDS[standing.how < VLS_STANDS_COUNT ? standing.how : 0];
    return standing.is_inverse ? row->inverse : row->plain;
}

bool vls_language_is_same(const char *a, const char *b)
{
    if (a[0] == '\0' || b[0] == '\0')
        return true;
    size_t i = 0;
    while (a[i] != '\0' && a[i] != '-' && vls_symbol_upper(a[i]) == vls_symbol_upper(b[i]))
        i++;
    return (a[i] == '\0' || a[i] == '-') && (b[i] == '\0' || b[i] == '-');
}

static const struct vls_symbol_component *modifier(const struct vls_symbol *s, size_t i)
{
    return &s->components[s->count - s->modifiers + i];
}

static bool is_same_modifier(const struct vls_symbol *a, const struct vls_symbol *b, size_t i)
{
    const struct vls_symbol_component *x = modifier(a, i), *y = modifier(b, i);
    return strcmp(x->name, y->name) == 0 && x->has_number == y->has_number &&
           x->number == y->number && strcmp(x->letters, y->letters) == 0;
}

static size_t common_modifiers(const struct vls_symbol *a, const struct vls_symbol *b)
{
    size_t n = 0;
    while (n < a->modifiers && n < b->modifiers && is_same_modifier(a, b, n))
        n++;
    return n;
}

static bool is_named(const struct vls_symbol_component *c, const char *name)
{
    return strcmp(c->name, name) == 0;
}

/* Its languages as it is printed; where it says none, the one that it is in. */
static bool corrects_language(const struct vls_identity *corr, const char *language)
{
    uint32_t printed = vls_symbol_languages(corr->symbol);
    uint32_t bit = language[0] != '\0' ? vls_language_bit(language) : 0;
    if (printed != 0 && bit != 0)
        return (printed & bit) != 0;
    return vls_language_is_same(corr->language, language);
}

static enum vls_stands by_modifier(const struct vls_identity *a, const struct vls_identity *b,
                                   const struct vls_symbol_component *m)
{
    static const struct {
        const char *name;
        enum vls_stands how;
    } ROWS[] = {{"REV", VLS_STANDS_SUPERSEDES},
                {"ADD", VLS_STANDS_ADDS},
                {"AMEND", VLS_STANDS_AMENDS},
                {"SUMMARY", VLS_STANDS_SUMMARIZES}};
    if (is_named(m, "CORR"))
        return corrects_language(a, b->language) ? VLS_STANDS_CORRECTS : VLS_STANDS_APART;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        if (is_named(m, ROWS[i].name))
            return ROWS[i].how;
    return VLS_STANDS_KIN;
}

/* The same symbol: what languages and asterisks say. */
static struct vls_standing same_symbol(const struct vls_identity *a, const struct vls_identity *b)
{
    if (!vls_language_is_same(a->language, b->language))
        return (struct vls_standing){VLS_STANDS_TRANSLATES, false};
    if (a->symbol->reissue != b->symbol->reissue)
        return (struct vls_standing){VLS_STANDS_REISSUES, a->symbol->reissue < b->symbol->reissue};
    return (struct vls_standing){VLS_STANDS_SAME, false};
}

/* `a` has one modifier more than `b`, or a later Rev. in the place of b's. */
static enum vls_stands goes_beyond(const struct vls_identity *a, const struct vls_identity *b)
{
    size_t common = common_modifiers(a->symbol, b->symbol);
    size_t more_a = a->symbol->modifiers - common, more_b = b->symbol->modifiers - common;
    if (more_a != 1)
        return VLS_STANDS_KIN;
    const struct vls_symbol_component *mine = modifier(a->symbol, common);
    if (more_b == 0)
        return by_modifier(a, b, mine);
    const struct vls_symbol_component *other = modifier(b->symbol, common);
    bool is_later = is_named(mine, "REV") && is_named(other, "REV") && mine->number > other->number;
    return is_later ? VLS_STANDS_SUPERSEDES : VLS_STANDS_KIN;
}

struct vls_standing vls_identity_relate(const struct vls_identity *a, const struct vls_identity *b)
{
    if (a->digest != NULL && b->digest != NULL && vls_digest_is_equal(a->digest, b->digest))
        return (struct vls_standing){VLS_STANDS_SAME, false};
    if (strcmp(a->issuer, b->issuer) != 0 || strcmp(a->symbol->base, b->symbol->base) != 0)
        return (struct vls_standing){VLS_STANDS_APART, false};
    if (strcmp(a->symbol->canonical, b->symbol->canonical) == 0)
        return same_symbol(a, b);
    enum vls_stands how = goes_beyond(a, b);
    if (how != VLS_STANDS_KIN)
        return (struct vls_standing){how, false};
    how = goes_beyond(b, a);
    return (struct vls_standing){how, how != VLS_STANDS_KIN && how != VLS_STANDS_APART};
}
