#ifndef VALISE_COMMON_XML_H
#define VALISE_COMMON_XML_H
/*
 * common/xml - XML from outside as a stream of elements, by libxml2's push parser: a page of any
 * size in constant memory, and nothing that a document can ask of the machine.
 *
 *   - no entities but the five of XML: a document type that declares one is refused, and what it
 *     points to is never opened; no network, no files;
 *   - caps on depth, on text and attributes of one element, on the number of elements;
 *   - UTF-8 unless the document itself says otherwise: what a header field says is not asked;
 *   - an error says its line, column and what is there ("a control character, 0x0B");
 *   - names are local ones, with the name space beside: "" when there is none or it is not
 * declared.
 *
 * Process:   host. No recursion of ours.
 * Ownership: a reader owns its parser; strings are lent for the call.
 *
 *     struct plug_xml *xml = plug_xml_new(&options);
 *     plug_stream(plug, &ask, plug_xml_take, xml, &answer) -> then plug_xml_end(xml, &answer)
 */
#include "ask.h"

#define PLUG_XML_DEPTH    64u
#define PLUG_XML_TEXT     (1u << 20)  /* of one element, without those in it                   */
#define PLUG_XML_TAG      (64u << 10) /* a start tag with its attributes                       */
#define PLUG_XML_ELEMENTS (16u << 20)

struct plug_xml_attribute {
    const char *name, *space, *value;
};

struct plug_xml_handlers {
    /** 0; or -1 to end it, having said why with plug_xml_refuse(). All may be NULL. */
    int (*begin)(void *ctx, const char *name, const char *space,
                 const struct plug_xml_attribute *attributes, size_t count);
    /** With all text that stood directly in the element, entities undone, in one piece. */
    int (*end)(void *ctx, const char *name, const char *space, const char *text, size_t len);
    /** <!-- text -->: Invenio tells its totals there. */
    int (*comment)(void *ctx, const char *text);
};

struct plug_xml_options {
    struct plug_xml_handlers on;
    void *ctx;
    unsigned depth;  /* 0: PLUG_XML_DEPTH; elements in elements */
    size_t max_text; /* 0: PLUG_XML_TEXT */
    /** Take entities of HTML in text (&eacute;), which feeds hold without declaring them. */
    bool takes_html_entities;
};

struct plug_xml; /* opaque */

/** NULL without memory. */
struct plug_xml *plug_xml_new(const struct plug_xml_options *options);
void plug_xml_free(struct plug_xml **xml);

/** 0 or -1; then plug_xml_why() and plug_xml_where() say what is wrong. */
int plug_xml_feed(struct plug_xml *xml, const void *bytes, size_t len);
/** All has come: was it whole? */
int plug_xml_finish(struct plug_xml *xml);
/** Within a handler: why it answers -1. */
void plug_xml_refuse(struct plug_xml *xml, const char *fmt, ...) PLUG_PRINTF(2, 3);
const char *plug_xml_why(const struct plug_xml *xml);
/** "line 3, column 17" */
const char *plug_xml_where(const struct plug_xml *xml);

/** For plug_stream(): `ctx` is the reader. */
int plug_xml_take(void *ctx, struct plug_answer *answer, const void *bytes, size_t len);
/** Behind plug_stream(): makes DELIVERED MALFORMED when the document was not whole. Gives
 * answer->result. */
uint32_t plug_xml_end(struct plug_xml *xml, struct plug_answer *answer);

#endif
