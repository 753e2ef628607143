#ifndef VALISE_MARC_LANGUAGE_H
#define VALISE_MARC_LANGUAGE_H
/*
 * marc/language - what language a label says: catalogues write "العربية", "Français", "fre", "fr".
 *
 * Pure. Also text that was taken for Latin-1 and encoded once more ("FranÃ§ais"): recorded answers
 * have it in each record, made by whoever read "text/xml" as Latin-1.
 */
#include <stdbool.h>
#include <stddef.h>

/** "ar", "zh", "en", "fr", "ru", "es", "de" (the United Nations' six, and German); NULL for what is
 * none of them. Twice-encoded labels are understood. */
const char *language_of(const char *label);

/** The official languages, in the order of the arrangement of parts: "en", "fr", ...; NULL behind
 * the last. */
extern const char *const LANGUAGE_OFFICIAL[];

/** Undo one encoding too many, in place: only if the whole text is of that kind, so that text which
 * means what it says is never touched. true: it was. */
bool language_undo_twice(char *text);

#endif
