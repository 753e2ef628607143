#ifndef VALISE_DOCUMENT_IDENTITY_H
#define VALISE_DOCUMENT_IDENTITY_H
/*
 * document/identity - which document something is, and how two stand to each other.
 *
 * Process:   all. Pure.
 * Ownership: an identity borrows its symbol.
 * Start at:  vls_identity_relate().
 *
 * All languages of a document share one symbol, and a document that is issued again for technical
 * reasons keeps it, with other bytes. So an identity is (issuer, symbol, language, modifier,
 * reissue, digest): the symbol holds the modifiers and the asterisks.
 */
#include "base/digest.h"
#include "document/symbol.h"

struct vls_identity {
    const char *issuer;
    const struct vls_symbol *symbol;
    const char *language;            /* BCP 47; "" = not known */
    const struct vls_digest *digest; /* NULL = not known */
};

/** How `a` stands to `b`; of several, the one with the lowest number says most. Where only `b` knows of it, the same with is_inverse: b corrects a. */
enum vls_stands {
    VLS_STANDS_APART = 0,      /* nothing to do with each other, as far as symbols tell */
    VLS_STANDS_SAME = 1,       /* same symbol and language                              */
    VLS_STANDS_REISSUES = 2,   /* the same once more: an asterisk more                  */
    VLS_STANDS_SUPERSEDES = 3, /* Rev.                                                  */
    VLS_STANDS_CORRECTS = 4,   /* Corr., and for that language                          */
    VLS_STANDS_AMENDS = 5,     /* Amend.                                                */
    VLS_STANDS_ADDS = 6,       /* Add.                                                  */
    VLS_STANDS_SUMMARIZES = 7, /* Summary                                               */
    VLS_STANDS_TRANSLATES = 8, /* same symbol, other language                           */
    VLS_STANDS_KIN = 9,        /* modifiers of the same document                        */
    VLS_STANDS_COUNT
};

struct vls_standing {
    enum vls_stands how;
    bool is_inverse;
};

/** A language that is not known counts as the other's. A Corr. that is for some languages alone
 * (by what is printed behind it, or by its own language) stands APART from the other ones. */
struct vls_standing vls_identity_relate(const struct vls_identity *a, const struct vls_identity *b);

/** "supersedes"; of an inverse one "is superseded by". Never NULL. */
const char *vls_standing_words(struct vls_standing standing);

/** Tags name the same language, as far as both say: "fr" and "fr-CH", "" and "fr". */
bool vls_language_is_same(const char *a, const char *b);

#endif
