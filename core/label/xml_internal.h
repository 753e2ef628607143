#ifndef VALISE_LABEL_XML_INTERNAL_H
#define VALISE_LABEL_XML_INTERNAL_H
/*
 * label/xml_internal - a small XML file as a tree, walked in order and with nothing passed over:
 * what the readers of ADatP-4774 and ADatP-4778 share.
 *
 * Process:   router, command line. Pure; libxml2 without network, entities and document type.
 * Ownership: a tree lives until vls_xml_close(); nodes are borrowed from it.
 * Start at:  vls_xml_open(), then vls_xml_first() and vls_xml_take() over the children.
 */
#include <libxml/tree.h>

#include "base/bytes.h"

struct vls_xml {
    xmlDocPtr doc;
    const char *file; /* for messages */
    size_t max_bytes; /* of the file  */
    uint32_t code;    /* of a failure */
    struct vls_why *why;
    bool has_document_type;
};

/** Where a walk over the children of an element stands. */
struct vls_xml_walk {
    xmlNodePtr parent;
    xmlNodePtr at; /* the next element, NULL behind the last */
};

/** Parse. `x->file`, `x->max_bytes`, `x->code` and `x->why` are set by the caller.
 *  @return the code, INPUT_LIMIT, SYSTEM_MEMORY */
VLS_STATUS vls_xml_open(struct vls_xml *x, struct vls_slice bytes);
void vls_xml_close(struct vls_xml *x);

/** Nothing but comments may stand beside the root. */
VLS_STATUS vls_xml_alone(const struct vls_xml *x);

/** "FILE:LINE: <element>: words" */
VLS_STATUS vls_xml_fail(const struct vls_xml *x, const xmlNode *node, const char *fmt, ...)
    VLS_PRINTF(3, 4);

/** Is it this element of this namespace? */
bool vls_xml_is(const xmlNode *node, const char *name, const char *namespace);

/** Stand before the first child element. Comments and blanks are passed over, all else refused. */
VLS_STATUS vls_xml_first(const struct vls_xml *x, xmlNodePtr parent, struct vls_xml_walk *out);
/** Take the next element when it is this one; *out is NULL when it is another or there is none. */
VLS_STATUS vls_xml_take(const struct vls_xml *x, struct vls_xml_walk *walk, const char *name,
                        const char *namespace, xmlNodePtr *out);
/** Take the next element, which must be this one. */
VLS_STATUS vls_xml_need(const struct vls_xml *x, struct vls_xml_walk *walk, const char *name,
                        const char *namespace, xmlNodePtr *out);
/** Nothing may be left. */
VLS_STATUS vls_xml_end(const struct vls_xml *x, const struct vls_xml_walk *walk);

/** Refuse attributes other than these, which end with NULL; one of a namespace is written
 * "{NAMESPACE}name". `is_root` allows xsi:schemaLocation, which is a hint to tools and says
 * nothing. */
VLS_STATUS vls_xml_attributes(const struct vls_xml *x, xmlNodePtr node, const char *const *names,
                              bool is_root);
/** Append the value of an attribute. *out_is_there is false when there is none. */
VLS_STATUS vls_xml_attribute(const struct vls_xml *x, xmlNodePtr node, const char *name,
                             struct vls_buf *out, bool *out_is_there);
/** Append the text of an element that holds text alone. */
VLS_STATUS vls_xml_content(const struct vls_xml *x, xmlNodePtr node, struct vls_buf *out);

/** White space as xs:token has it: none at the ends, single blanks between. */
void vls_xml_collapse(struct vls_buf *text);
/** xs:dateTime with a zone, of the years from 1970 to 9999: 24:00:00 is the next day's start, a
 * leap second is no time, and what is finer than a millisecond is cut. */
VLS_STATUS vls_xml_time(const struct vls_xml *x, const xmlNode *node, struct vls_buf *text,
                        uint64_t *out_ms);

/** Append text as character data or as an attribute's value. @return INPUT_MALFORMED for what XML
 * has no place for */
VLS_STATUS vls_xml_escape(const char *text, struct vls_buf *out);

#endif
