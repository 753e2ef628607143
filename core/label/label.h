#ifndef VALISE_LABEL_LABEL_H
#define VALISE_LABEL_LABEL_H
/*
 * label/label - a label: a scheme and one of its classifications; its text form and its DER form.
 *
 * Process: all that look at labels. Pure.
 *
 * Text form, for side-cars, rules and the command line: "SCHEME/CLASSIFICATION", such as
 *           "un-sgb-2007-6/confidential".
 * DER form: ESSSecurityLabel of RFC 2634 section 3.2, strict: definite shortest lengths, SET
 *           members in the order of their tags, no trailing bytes. It is the authoritative copy.
 */
#include "base/limits.h"
#include "label/scheme.h"

struct vls_label {
    const struct vls_scheme *scheme;                 /* borrowed */
    const struct vls_classification *classification; /* borrowed from the scheme */
};

/** Read the text form. @return LABEL_MISSING (empty), LABEL_SCHEME, LABEL_VALUE; also for an
 * obsolete value */
VLS_STATUS vls_label_read(const char *text, const struct vls_scheme_set *schemes,
                          struct vls_label *out, struct vls_why *why);

/** Append the text form. */
VLS_STATUS vls_label_text(const struct vls_label *label, struct vls_buf *out);

/** Append the DER form. */
VLS_STATUS vls_label_encode(const struct vls_label *label, struct vls_buf *out);

/** Read the DER form. Obsolete values are read; categories, which no shipped scheme has yet, are
 * refused as malformed, never dropped; so is a privacy mark.
 *  @return LABEL_MALFORMED with the byte offset, LABEL_SCHEME, LABEL_VALUE */
VLS_STATUS vls_label_decode(struct vls_slice der, const struct vls_scheme_set *schemes,
                            struct vls_label *out, struct vls_why *why);

/** Only the form: strict DER of a label of any scheme. For a process that has no schemes. @return
 * LABEL_MALFORMED */
VLS_STATUS vls_label_check_form(struct vls_slice der, struct vls_why *why);

/** As a person reads it: "UNITED NATIONS CONFIDENTIAL". */
VLS_STATUS vls_label_marking(const struct vls_label *label, struct vls_buf *out);

enum vls_label_order { VLS_LABEL_EQUAL, VLS_LABEL_ABOVE, VLS_LABEL_BELOW, VLS_LABEL_INCOMPARABLE };

/** `a` against `b`; labels of two schemes are incomparable. */
enum vls_label_order vls_label_compare(const struct vls_label *a, const struct vls_label *b);

#endif
