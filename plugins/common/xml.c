#include "xml.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "words.h"

#define FEED_MOST      16384 /* bytes for the parser at once: its error is then near its place */
#define ATTRIBUTE_MOST 256u

struct text {
    char *at;
    size_t len, room;
};

/* Text of each open element is a piece of one stack, from its start to that of the next. */
struct level {
    size_t begins;
};

struct plug_xml {
    struct plug_xml_options options;
    xmlParserCtxtPtr parser;
    struct text text;                    /* of all open elements, one behind the other */
    struct level levels[PLUG_XML_DEPTH]; /* of those that are open */
    unsigned depth;
    uint64_t elements, bytes;
    struct text values; /* of the attributes of one element */
    struct plug_xml_attribute attributes[ATTRIBUTE_MOST];
    bool has_begun, is_over, has_failed, is_last; /* last: nothing more comes */
    xmlEntity entity; /* of HTML, as libxml2 has those that need no declaration */
    char entity_text[5];
    char why[PLUG_WHY], where[PLUG_WHERE];
};

/* -- errors ------------------------------------------------------------------------------------ */

__attribute__((format(printf, 4, 0))) static void fail_at(struct plug_xml *xml, int line,
                                                          int column, const char *fmt, va_list list)
{
    char words[PLUG_WHY * 2];
    if (xml->has_failed)
        return;
    xml->has_failed = true;
    vsnprintf(words, sizeof words, fmt, list);
    plug_say(xml->why, sizeof xml->why, "%s", words);
    snprintf(xml->where, sizeof xml->where, "line %d, column %d", line, column);
    if (xml->parser != NULL)
        xmlStopParser(xml->parser);
}

__attribute__((format(printf, 2, 3))) static void fail(struct plug_xml *xml, const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    int line = xml->parser != NULL ? xmlSAX2GetLineNumber(xml->parser) : 0;
    int column = xml->parser != NULL ? xmlSAX2GetColumnNumber(xml->parser) : 0;
    fail_at(xml, line, column, fmt, list);
    va_end(list);
}

void plug_xml_refuse(struct plug_xml *xml, const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    fail_at(xml, xmlSAX2GetLineNumber(xml->parser), xmlSAX2GetColumnNumber(xml->parser), fmt, list);
    va_end(list);
}

/* A refusal with the place of libxml2's. */
__attribute__((format(printf, 3, 4))) static void fail_with(struct plug_xml *xml,
                                                            const xmlError *error, const char *fmt,
                                                            ...)
{
    va_list list;
    va_start(list, fmt);
    fail_at(xml, error->line, error->int2, fmt, list);
    va_end(list);
}

/* libxml2's errors with a place; name spaces that are not declared and the like are none. */
static void on_error(void *ctx, xmlErrorPtr error)
{
    struct plug_xml *xml = ((xmlParserCtxtPtr)ctx)->_private;
    if (error->level != XML_ERR_FATAL || error->domain == XML_FROM_NAMESPACE)
        return;
    switch (error->code) {
    case XML_ERR_INVALID_CHAR:
        fail_with(xml, error, "a control character that XML forbids, 0x%02X",
                  (unsigned)error->int1 & 0xffu);
        return;
    case XML_ERR_INVALID_ENCODING:
        fail_with(xml, error, "bytes that are not in the character set of the document");
        return;
    case XML_ERR_UNDECLARED_ENTITY:
        fail_with(xml, error, "an entity that nobody declared, &%.40s;",
                  error->str1 != NULL ? error->str1 : "?");
        return;
    default:
        if (xml->is_last) {
            fail_with(xml, error, "it breaks off");
            return;
        }
        fail_with(xml, error, "not well-formed: %.120s",
                  error->message != NULL ? error->message : "?");
        return;
    }
}

/* -- text -------------------------------------------------------------------------------------- */

static bool grow(struct text *text, size_t more)
{
    size_t needed = text->len + more + 1, room = text->room > 0 ? text->room : 4096;
    while (room < needed)
        room *= 2;
    if (room > text->room) {
        char *grown = realloc(text->at, room);
        if (grown == NULL)
            return false;
        text->at = grown;
        text->room = room;
    }
    return true;
}

static bool add(struct text *text, const void *bytes, size_t len)
{
    if (!grow(text, len))
        return false;
    if (len > 0)
        memcpy(text->at + text->len, bytes, len);
    text->len += len;
    text->at[text->len] = '\0';
    return true;
}

static size_t cap(const struct plug_xml *xml)
{
    return xml->options.max_text != 0 ? xml->options.max_text : PLUG_XML_TEXT;
}

static void on_text(void *ctx, const xmlChar *text, int len)
{
    struct plug_xml *xml = ((xmlParserCtxtPtr)ctx)->_private;
    if (xml->has_failed || xml->depth == 0)
        return;
    size_t own = xml->text.len - xml->levels[xml->depth - 1].begins;
    if ((size_t)len > cap(xml) - (own < cap(xml) ? own : cap(xml)))
        fail(xml, "an element with more than %zu bytes of text", cap(xml));
    else if (!add(&xml->text, text, (size_t)len))
        fail(xml, "no memory for its text");
}

/* -- elements ---------------------------------------------------------------------------------- */

/* libxml2 gives five pointers an attribute: name, prefix, name space, and the value's two ends. */
static bool take_attributes(struct plug_xml *xml, const xmlChar **given, size_t count)
{
    size_t total = 0, at = 0;
    for (size_t i = 0; i < count; i++)
        total += (size_t)(given[5 * i + 4] - given[5 * i + 3]) + 1;
    xml->values.len = 0;
    if (count > ATTRIBUTE_MOST || total > PLUG_XML_TAG) {
        fail(xml, "a start tag with too many or too long attributes");
        return false;
    }
    if (!grow(&xml->values, total)) {
        fail(xml, "no memory for its attributes");
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        size_t len = (size_t)(given[5 * i + 4] - given[5 * i + 3]);
        char *value = xml->values.at + at;
        memcpy(value, given[5 * i + 3], len);
        value[len] = '\0';
        at += len + 1;
        xml->attributes[i] = (struct plug_xml_attribute){
            .name = (const char *)given[5 * i],
            .space = given[5 * i + 2] != NULL ? (const char *)given[5 * i + 2] : "",
            .value = value};
    }
    return true;
}

static unsigned deepest(const struct plug_xml *xml)
{
    unsigned depth = xml->options.depth;
    return depth != 0 && depth < PLUG_XML_DEPTH ? depth : PLUG_XML_DEPTH;
}

static void on_begin(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *space,
                     int spaces, const xmlChar **declared, int count, int defaulted,
                     const xmlChar **attributes)
{
    struct plug_xml *xml = ((xmlParserCtxtPtr)ctx)->_private;
    (void)prefix;
    (void)spaces;
    (void)declared;
    (void)defaulted;
    if (xml->has_failed)
        return;
    if (xml->depth >= deepest(xml)) {
        fail(xml, "elements in elements, more than %u deep", deepest(xml));
        return;
    }
    if (++xml->elements > PLUG_XML_ELEMENTS) {
        fail(xml, "more than %u elements", PLUG_XML_ELEMENTS);
        return;
    }
    xml->levels[xml->depth++] = (struct level){.begins = xml->text.len};
    if (xml->options.on.begin == NULL || !take_attributes(xml, attributes, (size_t)count))
        return;
    if (xml->options.on.begin(xml->options.ctx, (const char *)name,
                              space != NULL ? (const char *)space : "", xml->attributes,
                              (size_t)count) != 0)
        fail(xml, "the element %.60s was refused", name);
}

static void on_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *space)
{
    struct plug_xml *xml = ((xmlParserCtxtPtr)ctx)->_private;
    (void)prefix;
    if (xml->has_failed || xml->depth == 0)
        return;
    size_t begins = xml->levels[--xml->depth].begins, len = xml->text.len - begins;
    if (!add(&xml->text, "", 0)) {
        fail(xml, "no memory for its text");
        return;
    }
    if (xml->options.on.end != NULL && xml->options.on.end(xml->options.ctx, (const char *)name,
                                                           space != NULL ? (const char *)space : "",
                                                           xml->text.at + begins, len) != 0)
        fail(xml, "the element %.60s was refused", name);
    xml->text.len = begins;
    xml->is_over = xml->depth == 0;
}

static void on_comment(void *ctx, const xmlChar *text)
{
    struct plug_xml *xml = ((xmlParserCtxtPtr)ctx)->_private;
    if (!xml->has_failed && xml->options.on.comment != NULL &&
        xml->options.on.comment(xml->options.ctx, (const char *)text) != 0)
        fail(xml, "a comment was refused");
}

static void on_entity_declared(void *ctx, const xmlChar *name, int type, const xmlChar *public_id,
                               const xmlChar *system_id, xmlChar *content)
{
    struct plug_xml *xml = ((xmlParserCtxtPtr)ctx)->_private;
    (void)type;
    (void)public_id;
    (void)system_id;
    (void)content;
    fail(xml, "its document type declares an entity, %.40s: that is not read", name);
}

/* Of HTML in text alone: of one in an attribute libxml2 takes no more than a byte. */
static xmlEntityPtr on_entity(void *ctx, const xmlChar *name)
{
    xmlParserCtxtPtr parser = ctx;
    struct plug_xml *xml = parser->_private;
    xmlEntityPtr known = xmlGetPredefinedEntity(name);
    if (known != NULL || !xml->options.takes_html_entities ||
        parser->instate != XML_PARSER_CONTENT ||
        plug_entity((const char *)name, xml->entity_text) == 0)
        return known;
    xml->entity = (xmlEntity){.type = XML_ENTITY_DECL,
                              .name = name,
                              .content = (xmlChar *)xml->entity_text,
                              .length = (int)strlen(xml->entity_text),
                              .etype = XML_INTERNAL_PREDEFINED_ENTITY};
    return &xml->entity;
}

static void on_reference(void *ctx, const xmlChar *name)
{
    struct plug_xml *xml = ((xmlParserCtxtPtr)ctx)->_private;
    fail(xml, "an entity that nobody declared, &%.40s;", name);
}

/* -- the reader -------------------------------------------------------------------------------- */

struct plug_xml *plug_xml_new(const struct plug_xml_options *options)
{
    struct plug_xml *xml = calloc(1, sizeof *xml);
    if (xml != NULL)
        xml->options = *options;
    return xml;
}

void plug_xml_free(struct plug_xml **xml)
{
    if (*xml == NULL)
        return;
    if ((*xml)->parser != NULL) {
        xmlFreeDoc((*xml)->parser->myDoc);
        (*xml)->parser->myDoc = NULL;
        xmlFreeParserCtxt((*xml)->parser);
    }
    free((*xml)->text.at);
    free((*xml)->values.at);
    free(*xml);
    *xml = NULL;
}

static int open_parser(struct plug_xml *xml)
{
    xmlSAXHandler handler = {.initialized = XML_SAX2_MAGIC,
                             .startElementNs = on_begin,
                             .endElementNs = on_end,
                             .characters = on_text,
                             .ignorableWhitespace = on_text,
                             .cdataBlock = on_text,
                             .comment = on_comment,
                             .entityDecl = on_entity_declared,
                             .getEntity = on_entity,
                             .reference = on_reference,
                             .serror = on_error};
    xml->parser = xmlCreatePushParserCtxt(&handler, NULL, NULL, 0, NULL);
    if (xml->parser == NULL) {
        fail(xml, "no memory for a parser");
        return -1;
    }
    /* handlers get the parser as their context, as none was given above. NOENT: &amp; of attributes
     * is undone; there are no other entities than the five, as declarations are refused */
    (void)xmlCtxtUseOptions(xml->parser, XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_NOWARNING);
    xml->parser->_private = xml;
    return 0;
}

static int feed(struct plug_xml *xml, const char *bytes, int len, bool is_last)
{
    (void)xmlParseChunk(xml->parser, bytes, len, is_last);
    xml->bytes += (uint64_t)len;
    return xml->has_failed ? -1 : 0;
}

int plug_xml_feed(struct plug_xml *xml, const void *bytes, size_t len)
{
    const char *at = bytes;
    if (xml->has_failed || (xml->parser == NULL && open_parser(xml) != 0))
        return -1;
    if (!xml->has_begun) /* blanks before the declaration are a habit of some */
        for (; len > 0 && strchr(" \t\r\n", *at) != NULL && *at != '\0'; len--)
            at++;
    xml->has_begun = xml->has_begun || len > 0;
    while (len > 0) {
        size_t piece = FEED_MOST < len ? FEED_MOST : len;
        if (feed(xml, at, (int)piece, false) != 0)
            return -1;
        at += piece;
        len -= piece;
    }
    return 0;
}

int plug_xml_finish(struct plug_xml *xml)
{
    if (xml->has_failed || (xml->parser == NULL && open_parser(xml) != 0))
        return -1;
    if (!xml->has_begun) {
        fail(xml, "there is nothing in it");
        return -1;
    }
    xml->is_last = true;
    if (feed(xml, NULL, 0, true) != 0)
        return -1;
    if (xml->is_over)
        return 0;
    fail(xml, "it breaks off within an element");
    return -1;
}

const char *plug_xml_why(const struct plug_xml *xml)
{
    return xml->why;
}

const char *plug_xml_where(const struct plug_xml *xml)
{
    return xml->where;
}

int plug_xml_take(void *ctx, struct plug_answer *answer, const void *bytes, size_t len)
{
    struct plug_xml *xml = ctx;
    if (plug_xml_feed(xml, bytes, len) == 0)
        return 0;
    (void)plug_malformed(answer, xml->where, "%s", xml->why);
    return -1;
}

uint32_t plug_xml_end(struct plug_xml *xml, struct plug_answer *answer)
{
    if (answer->result == VLS_RESULT_DELIVERED && plug_xml_finish(xml) != 0)
        (void)plug_malformed(answer, xml->where, "%s", xml->why);
    return answer->result;
}
