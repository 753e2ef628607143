#ifndef VALISE_DOCUMENT_SYMBOL_INTERNAL_H
#define VALISE_DOCUMENT_SYMBOL_INTERNAL_H
/*
 * document/symbol_internal - what reading (symbol.c), judging (symbol_kinds.c) and writing
 * (symbol_write.c) of symbols share.
 */
#include <stdbool.h>

#include "base/bytes.h"
#include "document/symbol.h"

/** The components have names and numbers, and no kinds yet. @return false: this is no symbol of the
 * grammar */
bool vls_symbol_judge(struct vls_symbol *symbol);

/** Set canonical and base from the components; of an unparsed one from what is printed. */
void vls_symbol_compare_by(struct vls_symbol *symbol);

bool vls_symbol_is_roman(const char *text);

static inline char vls_symbol_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static inline bool vls_symbol_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool vls_symbol_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

#endif
