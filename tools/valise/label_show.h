#ifndef VALISE_CLI_LABEL_SHOW_H
#define VALISE_CLI_LABEL_SHOW_H
/*
 * cli/label_show - what a label says, for people and for programs.
 *
 * Process: valise(1).
 */
#include <jansson.h>

#include "labels.h"

#define LABEL_LANGUAGES_MAX 32

/** The text form, as far as a label has one: "" with an unknown category. The caller releases it:
 * vls_mem_free(). */
char *vls_label_show_text(const struct vls_label *label);
/** The marking at a place; the caller releases it: vls_mem_free(). */
char *vls_label_show_marking(const struct vls_label *label, uint32_t place, const char *language);

/** "level 2 of 3": the place of a classification in the order of ranks. */
void vls_label_show_rank(const struct vls_scheme *scheme, const struct vls_classification *c,
                         char *out, size_t room);

/** The languages in which a scheme has a phrase, sorted; at most LABEL_LANGUAGES_MAX of them. They
 * live as long as the scheme. */
size_t vls_label_languages(const struct vls_scheme *scheme, const char *out[LABEL_LANGUAGES_MAX]);

/** Everything that a label says, as it stands at `at_ms`. `language` is NULL for English, "all" or
 * one. `what` is the argument that named it. */
void vls_label_show(struct cli *cli, const char *what, const struct cli_label *found,
                    const char *language, uint64_t at_ms);
/** The same as an object with the members of valise-label(1); the caller owns it. */
json_t *vls_label_show_json(const char *what, const struct cli_label *found, const char *language,
                            uint64_t at_ms);

#endif
