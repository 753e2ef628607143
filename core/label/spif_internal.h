#ifndef VALISE_LABEL_SPIF_INTERNAL_H
#define VALISE_LABEL_SPIF_INTERNAL_H
/*
 * label/spif_internal - between the two halves of the SPIF reader: spif.c walks the elements and
 * holds them against the format, spif_take.c takes what a scheme is made of.
 *
 * Start at: vls_spif_parse() in spif.c.
 */
#include <libxml/parser.h>

#include "label/scheme_internal.h"

enum spif_element {
    SPIF_NONE, /* outside of the root */
    SPIF_ROOT,
    SPIF_DEFAULT_POLICY,
    SPIF_POLICY,
    SPIF_UPDATE_INFO,
    SPIF_CLASSES,
    SPIF_CLASS,
    SPIF_EQUIVALENT_CLASS,
    SPIF_MARKING,
    SPIF_CODE,
    SPIF_MARKING_QUALIFIER,
    SPIF_QUALIFIER,
    SPIF_REQUIRED_CATEGORY,
    SPIF_CATEGORY_GROUP,
    SPIF_TAG_SETS,
    SPIF_TAG_SET,
    SPIF_EQUIVALENT_TAG_SET,
    SPIF_TAG,
    SPIF_TAG_CATEGORY,
    SPIF_EQUIVALENT_TAG,
    SPIF_EXCLUDED_CLASS,
    SPIF_EXCLUDED_CATEGORY,
    SPIF_PRIVACY_MARKS,
    SPIF_PRIVACY_MARK,
    SPIF_EQUIVALENT_POLICIES,
    SPIF_EQUIVALENT_POLICY,
    SPIF_EXTENSIONS,
    SPIF_NOTICE,    /* ours, within extensions */
    SPIF_EXTENSION, /* anyone's, within extensions: passed over */
};

/** Attributes of an element as libxml2 hands them to a SAX2 handler: five pointers each. */
struct spif_attributes {
    const xmlChar **at;
    int count;
};

struct spif_reader {
    xmlParserCtxtPtr xml;
    struct vls_scheme *scheme;
    const char *file;
    struct vls_why *why;
    struct vls_status status;
    enum spif_element stack[VLS_MAX_SCHEME_DEPTH];
    size_t depth;
    const char *element; /* being read, for messages */
    struct vls_buf text; /* of the element on top */
    /* the marking being read */
    char phrase[2 * VLS_MAX_NAME];
    bool has_phrase, is_page_top, is_policy;
    bool is_qualifier_used; /* of the marking qualifier being read */
};

/** The element that encloses the one on top. */
static inline enum spif_element vls_spif_parent(const struct spif_reader *r)
{
    return r->depth > 1 ? r->stack[r->depth - 2] : SPIF_NONE;
}

/** Note the failure with file, line and element; the parser is stopped when the event is over. The
 * first one counts. */
void vls_spif_fail(struct spif_reader *r, const char *fmt, ...) VLS_PRINTF(2, 3);

/** An element was opened, and stands on top of the stack. */
void vls_spif_take_start(struct spif_reader *r, struct spif_attributes attributes);
/** It is closed; `r->text` holds its text. */
void vls_spif_take_end(struct spif_reader *r);

#endif
