#ifndef VALISE_LABEL_XML_COST_H
#define VALISE_LABEL_XML_COST_H
/*
 * label/xml_cost - a look at the bytes of an XML file before libxml2 sees them: is there anything
 * that would cost it more time than the size of the file explains?
 *
 * Process: whoever reads XML. Linear in the size, allocates nothing.
 *
 * libxml2 holds each attribute of an element against all others of it, and each prefix against all
 * declarations of namespaces that are open: its time grows with the square of their number. It also
 * reads on behind some errors. So tags are bounded, declarations of namespaces are counted, and
 * what begins with "<!" and is neither comment nor CDATA ends the reading here.
 */
#include "base/bytes.h"

/** May libxml2 read it? A document type before the root is left to the reader, which refuses it by
 * name. `file` is for the words. @return `malformed` for a declaration that has no place, `above`
 * for a tag above VLS_MAX_XML_TAG and for namespaces above VLS_MAX_XML_NAMESPACES */
VLS_STATUS vls_xml_cost(struct vls_slice bytes, const char *file, uint32_t malformed,
                        uint32_t above, struct vls_why *why);

#endif
