#ifndef VALISE_ENVELOPE_ABOUT_H
#define VALISE_ENVELOPE_ABOUT_H
/*
 * envelope/about - what a document is (symbols, language, title, relations): the checks, and its
 * form in descriptor.json.
 *
 * Process:   host and router (checking, writing); host and command line (reading what the partner
 * wrote).
 * Ownership: what vls_about_read() makes is released by vls_about_free().
 * Start at:  vls_about_check().
 *
 * A descriptor that has it keeps its version: it is nothing that a recipient must heed, so an older
 * gateway may read past it.
 */
#include <jansson.h>
#include <schemas/about.pb-c.h>

#include "base/limits.h"
#include "base/status.h"

/** enum vls_relates by name, without its prefix, for descriptor.json and people. */
#define VLS_RELATES_TABLE(X)                                                                       \
    X(RELATED, 0, "related")                                                                       \
    X(SUPERSEDES, 1, "supersedes")                                                                 \
    X(ADDS, 2, "adds")                                                                             \
    X(AMENDS, 3, "amends")                                                                         \
    X(CORRECTS, 4, "corrects")                                                                     \
    X(REISSUES, 5, "reissues")                                                                     \
    X(TRANSLATES, 6, "translates")                                                                 \
    X(SUMMARIZES, 7, "summarizes")                                                                 \
    X(PART_OF, 8, "part-of")                                                                       \
    X(ANSWERS, 9, "answers")

/** @return false for a word that is none of them */
bool vls_relates_read(const char *name, uint32_t *out);
/** "related" for a number that is not in the table: somebody newer made it. Never NULL. */
const char *vls_relates_name(uint32_t relates);

/** Bounds, clean text, the forms of language, date and address, and symbols with an issuer.
 *  @return INPUT_MALFORMED, INPUT_LIMIT with the field */
VLS_STATUS vls_about_check(const Valise__About *about, struct vls_why *why);

/** Each once: the whole and each of `part_count` parts; all together at most VLS_MAX_ABOUT. */
VLS_STATUS vls_abouts_check(Valise__About *const *abouts, size_t count, size_t part_count,
                            struct vls_why *why);

/** The one of part `part` (0: of the whole), or NULL. */
const Valise__About *vls_abouts_of(Valise__About *const *abouts, size_t count, uint32_t part);

/** What holds for one part: what is said of it by itself, and for the rest what is said of the
 * whole. Either may be NULL; `out` borrows from both and is not to be freed. */
void vls_about_merge(const Valise__About *whole, const Valise__About *part, Valise__About *out);

/** Says nothing at all. */
bool vls_about_is_empty(const Valise__About *about);

/** The member "about" of a descriptor or of one of its parts; NULL without memory. What is not
 * stated is not written. */
json_t *vls_about_json(const Valise__About *about);

/** Unknown members are ignored, an unknown word of a relation reads as related. @return
 * INPUT_MALFORMED, INPUT_LIMIT */
VLS_STATUS vls_about_read(const json_t *json, uint32_t part, Valise__About **out,
                          struct vls_why *why);

/** In memory of base/mem; never NULL. */
Valise__About *vls_about_copy(const Valise__About *from);
/** One that was made in memory of base/mem, text by text (an unset text is protobuf-c's empty one).
 * Sets it to NULL; NULL is fine. */
void vls_about_free(Valise__About **about);

#endif
