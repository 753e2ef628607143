#ifndef VALISE_LABEL_XML4774_LABEL_H
#define VALISE_LABEL_XML4774_LABEL_H
/*
 * label/xml4774_label - what a label in XML means under the schemes that are loaded, and back.
 *
 * Process:   router, command line. Pure.
 * Ownership: the label owns its details and borrows its scheme; the form may be released.
 * Start at:  vls_xml4774_label().
 *
 * A policy is found by its URI, "urn:oid:" and its object identifier, and then must have the name
 * that the label gives it; without a URI by its name, when only one scheme has it. A classification
 * is found by its name; its URI means nothing to a scheme and is refused. A category is found by
 * its TagName, that of a tag or of its tag set, with its URI, that of the tag set, by its type, and
 * then by name, number or bits. What is not found is kept as unknown, and stops. A permissive
 * category without values is a list that is empty: nobody. An originator is kept as "IDType:value".
 */
#include "label/label.h"
#include "label/xml4774.h"

/** Find what the form says, and check it: vls_label_check().
 *  @return LABEL_SCHEME, LABEL_VALUE */
VLS_STATUS vls_xml4774_label(const struct vls_xml4774 *form, const struct vls_scheme_set *schemes,
                             struct vls_label *out, struct vls_why *why);

/** The same without the check, for what shows a label. */
VLS_STATUS vls_xml4774_label_any(const struct vls_xml4774 *form,
                                 const struct vls_scheme_set *schemes, struct vls_label *out,
                                 struct vls_why *why);

/** The form of a label, to be written. It must have a creation time, and so must its successor.
 *  @return LABEL_VALUE when the form has no place for it: unknown categories, two originators */
VLS_STATUS vls_xml4774_of(const struct vls_label *label, struct vls_xml4774 **out,
                          struct vls_why *why);

#endif
