#include "label/xml_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <libxml/SAX2.h>
#include <libxml/parser.h>

#include "base/limits.h"
#include "base/text.h"
#include "label/xml_cost.h"

#define DECLARATION_MAX 256
#define SCHEMA_INSTANCE "http://www.w3.org/2001/XMLSchema-instance"
#define MS_PER_DAY      86400000u
#define LAST_MS         253402300799999u /* of the year 9999 in UTC */

struct vls_status vls_xml_fail(const struct vls_xml *x, const xmlNode *node, const char *fmt, ...)
{
    char words[sizeof x->why->text];
    va_list args;
    va_start(args, fmt);
    vsnprintf(words, sizeof words, fmt, args);
    va_end(args);
    return vls_fail(x->code, x->why, "%.*s:%ld: <%.60s>: %s", VLS_PATH_SHOWN,
                    vls_path_shown(x->file), xmlGetLineNo(node),
                    node->name != NULL ? (const char *)node->name : "", words);
}

/* -- parsing ----------------------------------------------------------------------------------- */

/* A document type ends the parsing before any of its declarations is looked at: there is no entity
 * to expand and nothing to fetch. */
static void on_document_type(void *ctx, const xmlChar *name, const xmlChar *external_id,
                             const xmlChar *system_id)
{
    (void)name, (void)external_id, (void)system_id;
    xmlParserCtxtPtr xml = ctx;
    struct vls_xml *x = xml->_private;
    x->has_document_type = true;
    xmlStopParser(xml);
}

/** The parser is told that the bytes are UTF-8, and then does not look at what the declaration
 * says: it must say the same or nothing. */
static bool declares_other_encoding(struct vls_slice bytes)
{
    char head[DECLARATION_MAX + 1];
    size_t len = bytes.len < DECLARATION_MAX ? bytes.len : DECLARATION_MAX;
    vls_copy(head, bytes.at, len);
    head[len] = '\0';
    const char *start = strncmp(head, "\xef\xbb\xbf", 3) == 0 ? head + 3 : head;
    if (strncmp(start, "<?xml", 5) != 0)
        return false;
    char *end = strstr(head, "?>");
    if (end == NULL)
        return true;
    *end = '\0';
    const char *encoding = strstr(start, "encoding");
    if (encoding == NULL)
        return false;
    encoding += strlen("encoding");
    encoding += strspn(encoding, " \t\r\n=");
    return (*encoding != '"' && *encoding != '\'') || strncasecmp(encoding + 1, "utf-8", 5) != 0 ||
           encoding[6] != *encoding;
}

static VLS_STATUS parse_failure(const struct vls_xml *x, xmlParserCtxtPtr xml)
{
    const char *file = vls_path_shown(x->file);
    const xmlError *error = xmlCtxtGetLastError(xml);
    if (x->has_document_type)
        return vls_fail(x->code, x->why,
                        "%.*s: a document type (<!DOCTYPE>) is not allowed; remove it",
                        VLS_PATH_SHOWN, file);
    if (error != NULL && error->code == XML_ERR_NO_MEMORY)
        return vls_fail(VLS_SYSTEM_MEMORY, x->why, "no memory to read %.*s", VLS_PATH_SHOWN, file);
    return vls_fail(x->code, x->why, "%.*s:%d: not well-formed XML: %.120s", VLS_PATH_SHOWN, file,
                    error != NULL ? error->line : 1,
                    error != NULL && error->message != NULL ? error->message : "it ends too early");
}

struct vls_status vls_xml_open(struct vls_xml *x, struct vls_slice bytes)
{
    const char *file = vls_path_shown(x->file);
    if (bytes.len > x->max_bytes)
        return vls_fail(VLS_INPUT_LIMIT, x->why, "%.*s: %zu bytes; at most %zu are read",
                        VLS_PATH_SHOWN, file, bytes.len, x->max_bytes);
    if (bytes.len == 0)
        return vls_fail(x->code, x->why, "%.*s: the file is empty", VLS_PATH_SHOWN, file);
    if (declares_other_encoding(bytes))
        return vls_fail(x->code, x->why, "%.*s:1: the encoding is not UTF-8; convert the file",
                        VLS_PATH_SHOWN, file);
    VLS_TRY(vls_xml_cost(bytes, file, x->code, VLS_INPUT_LIMIT, x->why));
    xmlParserCtxtPtr xml = xmlNewParserCtxt();
    if (xml == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, x->why, "no memory to read %.*s", VLS_PATH_SHOWN, file);
    xml->_private = x;
    xml->sax->internalSubset = on_document_type;
    x->doc = xmlCtxtReadMemory(xml, (const char *)bytes.at, (int)bytes.len, NULL, "UTF-8",
                               XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_NOERROR |
                                   XML_PARSE_NOWARNING);
    struct vls_status s = VLS_DONE;
    if (x->doc == NULL || x->has_document_type || xmlDocGetRootElement(x->doc) == NULL ||
        xml->nsWellFormed != 1)
        s = parse_failure(x, xml);
    xmlFreeParserCtxt(xml);
    if (!vls_ok(s))
        vls_xml_close(x);
    return s;
}

void vls_xml_close(struct vls_xml *x)
{
    xmlFreeDoc(x->doc);
    x->doc = NULL;
}

/* -- walking ----------------------------------------------------------------------------------- */

struct vls_status vls_xml_alone(const struct vls_xml *x)
{
    const xmlNode *root = xmlDocGetRootElement(x->doc);
    for (const xmlNode *node = x->doc->children; node != NULL; node = node->next)
        if (node != root && node->type != XML_COMMENT_NODE)
            return vls_xml_fail(x, node, "stands beside the root; remove it");
    return VLS_DONE;
}

bool vls_xml_is(const xmlNode *node, const char *name, const char *namespace)
{
    return node->type == XML_ELEMENT_NODE && node->ns != NULL && node->ns->href != NULL &&
           strcmp((const char *)node->name, name) == 0 &&
           strcmp((const char *)node->ns->href, namespace) == 0;
}

/** The next element from here on; only comments and blanks may stand before it. */
static VLS_STATUS skip_to_element(const struct vls_xml *x, xmlNodePtr from, xmlNodePtr *out)
{
    for (; from != NULL; from = from->next) {
        if (from->type == XML_ELEMENT_NODE)
            break;
        if (from->type == XML_TEXT_NODE && !xmlIsBlankNode(from))
            return vls_xml_fail(x, from->parent, "text where only elements may stand");
        if (from->type != XML_TEXT_NODE && from->type != XML_COMMENT_NODE)
            return vls_xml_fail(x, from, "such content is not allowed; remove it");
    }
    *out = from;
    return VLS_DONE;
}

struct vls_status vls_xml_first(const struct vls_xml *x, xmlNodePtr parent,
                                struct vls_xml_walk *out)
{
    out->parent = parent;
    return skip_to_element(x, parent->children, &out->at);
}

struct vls_status vls_xml_take(const struct vls_xml *x, struct vls_xml_walk *walk, const char *name,
                               const char *namespace, xmlNodePtr *out)
{
    xmlNodePtr node = walk->at;
    if (node == NULL || !vls_xml_is(node, name, namespace)) {
        *out = NULL;
        return VLS_DONE;
    }
    VLS_TRY(skip_to_element(x, node->next, &walk->at));
    *out = node;
    return VLS_DONE;
}

struct vls_status vls_xml_need(const struct vls_xml *x, struct vls_xml_walk *walk, const char *name,
                               const char *namespace, xmlNodePtr *out)
{
    xmlNodePtr node = NULL;
    VLS_TRY(vls_xml_take(x, walk, name, namespace, &node));
    if (node == NULL && walk->at == NULL)
        return vls_xml_fail(x, walk->parent, "ends without <%.60s>", name);
    if (node == NULL)
        return vls_xml_fail(x, walk->at, "stands where <%.60s> must stand", name);
    *out = node;
    return VLS_DONE;
}

struct vls_status vls_xml_end(const struct vls_xml *x, const struct vls_xml_walk *walk)
{
    if (walk->at != NULL)
        return vls_xml_fail(x, walk->at, "such an element may not stand here, in <%.60s>",
                            (const char *)walk->parent->name);
    return VLS_DONE;
}

/** Is it "name", or "{NAMESPACE}name"? */
static bool is_named(const xmlAttr *attribute, const char *name)
{
    if (*name != '{')
        return attribute->ns == NULL && strcmp((const char *)attribute->name, name) == 0;
    const char *namespace = name + 1;
    size_t len = strcspn(namespace, "}");
    return attribute->ns != NULL && strlen((const char *)attribute->ns->href) == len &&
           strncmp((const char *)attribute->ns->href, namespace, len) == 0 &&
           strcmp((const char *)attribute->name, namespace + len + 1) == 0;
}

static bool is_allowed(const xmlAttr *attribute, const char *const *names, bool is_root)
{
    if (is_root && is_named(attribute, "{" SCHEMA_INSTANCE "}schemaLocation"))
        return true;
    for (; *names != NULL; names++)
        if (is_named(attribute, *names))
            return true;
    return false;
}

struct vls_status vls_xml_attributes(const struct vls_xml *x, xmlNodePtr node,
                                     const char *const *names, bool is_root)
{
    for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
        if (!is_allowed(a, names, is_root))
            return vls_xml_fail(x, node, "has an attribute '%.60s' that is not of the format",
                                (const char *)a->name);
    return VLS_DONE;
}

/** Text nodes alone, one behind the other. A comment between them is refused: readers differ in
 * whether what stands behind it belongs to the value. */
static VLS_STATUS add_text(const struct vls_xml *x, xmlNodePtr owner, const xmlNode *children,
                           struct vls_buf *out)
{
    for (; children != NULL; children = children->next) {
        if (children->type != XML_TEXT_NODE)
            return vls_xml_fail(x, owner, "holds something besides text");
        struct vls_slice text = vls_slice_text((const char *)children->content);
        struct vls_status s = vls_buf_add_slice(out, text);
        if (s.code == VLS_SYSTEM_MEMORY)
            return vls_fail(s.code, x->why, "no memory for a value");
        if (!vls_ok(s))
            return vls_xml_fail(x, owner, "a value longer than %zu bytes", out->max);
    }
    return VLS_DONE;
}

struct vls_status vls_xml_attribute(const struct vls_xml *x, xmlNodePtr node, const char *name,
                                    struct vls_buf *out, bool *out_is_there)
{
    for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
        if (is_named(a, name)) {
            VLS_TRY(add_text(x, node, a->children, out));
            *out_is_there = true;
            return VLS_DONE;
        }
    *out_is_there = false;
    return VLS_DONE;
}

struct vls_status vls_xml_content(const struct vls_xml *x, xmlNodePtr node, struct vls_buf *out)
{
    return add_text(x, node, node->children, out);
}

/* -- values ------------------------------------------------------------------------------------ */

void vls_xml_collapse(struct vls_buf *text)
{
    size_t to = 0;
    bool is_pending = false;
    for (size_t from = 0; from < text->len; from++) {
        uint8_t c = text->at[from];
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
            is_pending = to != 0;
            continue;
        }
        if (is_pending)
            text->at[to++] = ' ';
        is_pending = false;
        text->at[to++] = c;
    }
    text->len = to;
}

/** "T24:00:00", the end of a day: as the start of it, and true. */
static bool take_day_end(char *clock)
{
    static const char END[] = "T24:00:00";
    if (strncmp(clock, END, strlen(END)) != 0)
        return false;
    const char *rest = clock + strlen(END);
    if (*rest == '.')
        rest += 1 + strspn(rest + 1, "0");
    if (*rest == '\0' || strchr("Z+-", *rest) == NULL)
        return false;
    clock[1] = clock[2] = '0';
    return true;
}

/** RFC 3339 lets an offset go up to a day, xs:dateTime up to 14 hours. */
static bool is_far_zone(const char *clock)
{
    const char *sign = strpbrk(clock, "+-");
    return sign != NULL && strcmp(sign + 1, "14:00") > 0;
}

struct vls_status vls_xml_time(const struct vls_xml *x, const xmlNode *node, struct vls_buf *text,
                               uint64_t *out_ms)
{
    vls_xml_collapse(text);
    const char *at = vls_buf_text(text);
    if (at == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, x->why, "no memory to read a time");
    char *clock = strchr((char *)text->at, 'T');
    if (clock == NULL || strpbrk(at, "tz ") != NULL)
        return vls_xml_fail(x, node, "'%.40s' is not a date and time; write 2026-12-31T12:00:00Z",
                            at);
    if (strpbrk(clock, "Z+-") == NULL)
        return vls_xml_fail(x, node, "'%.40s' has no time zone; end it with Z or +hh:mm", at);
    if (is_far_zone(clock))
        return vls_xml_fail(x, node, "'%.40s' is more than 14 hours away from UTC", at);
    uint64_t ms = 0;
    bool is_day_end = take_day_end(clock), is_time = vls_ok(vls_time_read(at, &ms));
    ms += is_day_end ? MS_PER_DAY : 0;
    if (!is_time || ms > LAST_MS)
        return vls_xml_fail(x, node, "'%.40s' is not a time that exists, from 1970 to 9999", at);
    *out_ms = ms;
    return VLS_DONE;
}

struct vls_status vls_xml_escape(const char *text, struct vls_buf *out)
{
    if (!vls_text_is_clean(vls_slice_text(text), false))
        return vls_fail(VLS_INPUT_MALFORMED, NULL, "not a line of UTF-8");
    for (; *text != '\0'; text++) {
        const char *as = *text == '&'    ? "&amp;"
                         : *text == '<'  ? "&lt;"
                         : *text == '>'  ? "&gt;"
                         : *text == '"'  ? "&quot;"
                         : *text == '\'' ? "&apos;"
                                         : NULL;
        VLS_TRY(as != NULL ? vls_buf_add_text(out, as) : vls_buf_add(out, text, 1));
    }
    return VLS_DONE;
}
