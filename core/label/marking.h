#ifndef VALISE_LABEL_MARKING_H
#define VALISE_LABEL_MARKING_H
/*
 * label/marking - a label as a person reads it: per place on the page and per language.
 *
 * The policy's name or what replaces it, the classification, the categories tag by tag with their
 * prefix, separator and suffix, and the privacy mark. A phrase is looked for in the language asked
 * for, then in its base ("fr" for "fr-CH"), then in one of no language, then in English; the name
 * in the scheme comes last. Codes that stand together count where they say, or everywhere when they
 * name no place. The policy's name is replaced by the most particular thing that says so: a
 * category, the classification, the policy. Phrases are passed on byte for byte, so text that runs
 * from right to left stays as its author wrote it; around it stands no control character of ours.
 */
#include "label/label.h"

/** The place, as one of enum vls_marking_code: VLS_MARK_PORTION, _PAGE_TOP, _PAGE_BOTTOM,
 * _DOCUMENT_START, _DOCUMENT_END and the others below VLS_MARK_NO_NAME. `language` NULL: English. A
 * label with an unknown category says so in its marking. @return INPUT_LIMIT, SYSTEM_MEMORY */
VLS_STATUS vls_label_mark(const struct vls_label *label, enum vls_marking_code where,
                          const char *language, struct vls_buf *out);

/** "page-top" and so on to a place; 0 when there is none of that name. */
uint32_t vls_marking_place(const char *name);
/** Name of the i-th place, NULL beyond the last. */
const char *vls_marking_place_name(size_t i);

/** True when a scheme has a phrase of its own in that language for every usable classification. */
bool vls_scheme_speaks(const struct vls_scheme *scheme, const char *language);

#endif
