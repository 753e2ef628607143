#ifndef VALISE_LABEL_XML4774_INTERNAL_H
#define VALISE_LABEL_XML4774_INTERNAL_H
/*
 * label/xml4774_internal - a label as an element of a larger file: for bindings.
 *
 * Process:   router, command line. Pure.
 */
#include "label/xml4774.h"
#include "label/xml_internal.h"

/** Read the label that this element is, as vls_xml4774_read() does. */
VLS_STATUS vls_xml4774_read_node(const struct vls_xml *x, xmlNodePtr root,
                                 struct vls_xml4774 **out);

#endif
