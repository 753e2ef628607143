#ifndef VALISE_LABEL_XML4778_INTERNAL_H
#define VALISE_LABEL_XML4778_INTERNAL_H
/*
 * label/xml4778_internal - what the reader, the writer and the signatures of bindings share.
 *
 * Process:   router, host, command line. Pure.
 */
#include "label/xml4778.h"
#include "label/xml_internal.h"

#define VLS_XMLDSIG_NAMESPACE "http://www.w3.org/2000/09/xmldsig#"
#define VLS_XMLMIME_NAMESPACE "http://www.w3.org/2005/05/xmlmime"

/** A copy of a text that lives as long as the form; NULL stays NULL. @return SYSTEM_MEMORY */
VLS_STATUS vls_xml4778_text(struct vls_xml4778 *form, const char *text, const char **out);

/** Append data as it is: `bytes` are borrowed from the form. */
VLS_STATUS vls_xml4778_add_data(struct vls_xml4778 *form, struct vls_xml4778_binding *binding,
                                const char *uri, struct vls_slice bytes, const char *media_type);

/** Read the binding that this element is, as vls_xml4778_read() does. */
VLS_STATUS vls_xml4778_read_node(const struct vls_xml *x, xmlNodePtr root,
                                 struct vls_xml4778 **out);

/** Append the element without a declaration, not held against the reader. @return LABEL_XML with
 * words, INPUT_MALFORMED, INPUT_LIMIT or SYSTEM_MEMORY without */
VLS_STATUS vls_xml4778_write_element(const struct vls_xml4778 *form, struct vls_buf *out,
                                     struct vls_why *why);

#endif
