#ifndef VALISE_DOCUMENT_SYMBOL_H
#define VALISE_DOCUMENT_SYMBOL_H
/*
 * document/symbol - the symbol of a document taken apart: "A/C.3/78/L.12/Rev.1" of the United
 * Nations, "C/106/54/Rev.1" or "Resolution No. 1309" of IOM.
 *
 * Process:   all. Pure: no clock, no disk, no network.
 * Ownership: a symbol is a value; it keeps nothing of what it was read from.
 * Start at:  vls_symbol_parse().
 *
 * What is printed is kept letter by letter: it is how people and endpoints name the document.
 * Beside it stands a canonical form, for comparison alone. The same text means other things with
 * other issuers: C/ is IOM's Council, and a committee in New York; S/ the Security Council, and
 * IOM's Standing Committee. Hence no symbol without its issuer.
 *
 * Reading never fails. A symbol that fits no grammar here is kept as it is and compared by its
 * letters: bodies number their papers as they like, and catalogues err.
 *
 * Sources: the United Nations' guides to document symbols for organs, bodies, natures, modifiers
 * and sessions (in roman numerals before 1976, in digits since; the year for the Council and for
 * ECOSOC); mastheads of IOM's Council papers. Resolutions of the Security Council are numbered
 * through all years: the year behind the number does not tell them apart.
 */
#include "base/limits.h"
#include "base/status.h"

#define VLS_SYMBOL_COMPONENTS 16
#define VLS_SYMBOL_WORD       24 /* letters of one component */
#define VLS_SYMBOL_WITHIN     40 /* what stands in parentheses behind one */
#define VLS_SYMBOL_LETTERS    8  /* behind a number: "A", "A-C" */

enum vls_symbol_grammar {
    VLS_SYMBOL_UNPARSED = 0, /* kept and compared as it is printed */
    VLS_SYMBOL_UN = 1,
    VLS_SYMBOL_IOM = 2
};

enum vls_symbol_kind {
    VLS_SYMBOL_ORGAN = 1,   /* A, S, E, ST, TRADE; C, MC, S of IOM        */
    VLS_SYMBOL_BODY = 2,    /* C.3, CONF.48, Sub.2, HRC, CEFACT            */
    VLS_SYMBOL_SESSION = 3, /* 78, S-27, ES-11                           */
    VLS_SYMBOL_YEAR = 4,
    VLS_SYMBOL_NATURE = 5,  /* RES, L.12, PV.3, CRP.1, WP.4, PRST       */
    VLS_SYMBOL_NUMBER = 6,  /* 976, 183 A, 217 A (III)                  */
    VLS_SYMBOL_MODIFIER = 7 /* Add.1, Amend.1, Corr.1, Rev.1, Summary   */
};

struct vls_symbol_component {
    enum vls_symbol_kind kind;
    char name[VLS_SYMBOL_WORD]; /* in capitals: "C", "REV"; empty of a number                  */
    char joint;                 /* between name and number: '.', '-', or 0 when one is missing */
    bool has_number;
    uint32_t number;
    char letters[VLS_SYMBOL_LETTERS]; /* behind the number, in capitals                        */
    char within[VLS_SYMBOL_WITHIN];   /* in parentheses, in capitals: "III", "2025", "VOL. I"  */
};

struct vls_symbol {
    char printed[VLS_MAX_SYMBOL + 1];   /* verbatim */
    char canonical[VLS_MAX_SYMBOL + 1]; /* equal for two spellings of the same symbol          */
    char base[VLS_MAX_SYMBOL + 1]; /* canonical without modifiers: of all that belong together */
    enum vls_symbol_grammar grammar;
    struct vls_symbol_component components[VLS_SYMBOL_COMPONENTS]; /* of an unparsed one none */
    size_t count, modifiers; /* modifiers: how many of them, at the end */
    uint32_t reissue;        /* asterisks: issued again for technical reasons */
    bool is_official_record; /* "(OR)" */
};

/** `issuer`: "un", "iom", or another name, whose symbols are not taken apart. A text above
 * VLS_MAX_SYMBOL bytes is cut. */
void vls_symbol_parse(const char *issuer, const char *printed, struct vls_symbol *out);

/** From its components: what vls_symbol_parse() reads as the same components. `out` has room for
 * `room` bytes; @return false when it does not fit. */
bool vls_symbol_write(const struct vls_symbol *symbol, size_t count, char *out, size_t room);

/** The session as it stands anywhere in the symbol ("78", "S-27", "III"), or "". */
const char *vls_symbol_session(const struct vls_symbol *symbol, char *out, size_t room);

/** A bit for each language that a Corr. is for, as it is printed behind it: "Corr.1 (E/F)". 0: it
 * does not say, as most do not. */
uint32_t vls_symbol_languages(const struct vls_symbol *symbol);
/** The bit of a language tag; 0 when it is none of the organizations'. */
uint32_t vls_language_bit(const char *tag);

/** Whether `symbol` is one of those that a pattern names: the same, or, when it ends in an
 * asterisk, one that begins so at a slash or in the middle of a name: "A/C.3/78/" followed by
 * that. Both in canonical form, so spelling does not matter. */
bool vls_symbol_matches(const char *issuer, const char *pattern, const struct vls_symbol *symbol);

#endif
