#include "label/xml4774_lenient.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "label/xml_internal.h"

#define NS           VLS_XML4774_NAMESPACE
#define UNKNOWN_TIME "1970-01-01T00:00:00Z"
#define TIME_MAX     64

static void forgive(struct vls_forgiven *f, const xmlNode *node, const char *fmt, ...)
    VLS_PRINTF(3, 4);
static void forgive(struct vls_forgiven *f, const xmlNode *node, const char *fmt, ...)
{
    if (f->count == VLS_MAX_FORGIVEN) {
        f->is_more = true;
        return;
    }
    va_list args;
    va_start(args, fmt);
    f->at[f->count].line = xmlGetLineNo(node);
    vsnprintf(f->at[f->count].words, sizeof f->at[f->count].words, fmt, args);
    va_end(args);
    f->count++;
}

static bool is_of_format(const xmlNode *node)
{
    return node->ns != NULL && node->ns->href != NULL &&
           strcmp((const char *)node->ns->href, NS) == 0;
}

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names != NULL; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

static void repair_root(struct vls_forgiven *f, xmlNodePtr root)
{
    const char *name = (const char *)root->name;
    for (int i = VLS_XML4774_ORIGINATOR; i <= VLS_XML4774_METADATA; i++) {
        const char *right = vls_xml4774_root_name((enum vls_xml4774_root)i);
        bool is_old = i == VLS_XML4774_ORIGINATOR && strcmp(name, "ConfidentialityLabel") == 0;
        if (strcmp(name, right) == 0)
            return;
        if (is_old || strcasecmp(name, right) == 0) {
            forgive(f, root, "the root is <%.60s>; read as <%s>", name, right);
            xmlNodeSetName(root, (const xmlChar *)right);
            return;
        }
    }
}

/** A time without zone gets Z; true when it was one. */
static bool add_zone(const char *text, char out[TIME_MAX + 2])
{
    const char *clock = strchr(text, 'T');
    if (clock == NULL || strpbrk(clock, "Z+-") != NULL || strlen(text) > TIME_MAX)
        return false;
    size_t len = strlen(text);
    while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
        len--;
    snprintf(out, TIME_MAX + 2, "%.*sZ", (int)len, text);
    return true;
}

static void repair_time(struct vls_forgiven *f, xmlNodePtr node)
{
    char right[TIME_MAX + 2];
    xmlChar *text = xmlNodeGetContent(node);
    if (text != NULL && add_zone((const char *)text, right)) {
        forgive(f, node, "<%.40s>: a time without zone; taken as UTC", (const char *)node->name);
        xmlNodeSetContent(node, (const xmlChar *)right);
    }
    xmlFree(text);
}

static void repair_attribute(struct vls_forgiven *f, xmlNodePtr node, xmlAttrPtr a)
{
    static const char *const KNOWN[] = {"Id",      "ReviewDateTime", "URI", "Type",
                                        "TagName", "IDType",         NULL};
    const char *name = (const char *)a->name;
    char right[TIME_MAX + 2];
    if (a->ns == NULL && strcmp(name, "URL") == 0 && xmlHasProp(node, BAD_CAST "URI") == NULL) {
        xmlChar *value = xmlNodeGetContent((const xmlNode *)a);
        forgive(f, node, "<%.40s>: the attribute URL; read as URI", (const char *)node->name);
        xmlNewProp(node, BAD_CAST "URI", value);
        xmlFree(value);
        xmlRemoveProp(a);
        return;
    }
    if (a->ns == NULL && strcmp(name, "ReviewDateTime") == 0) {
        xmlChar *value = xmlNodeGetContent((const xmlNode *)a);
        if (value != NULL && add_zone((const char *)value, right)) {
            forgive(f, node, "ReviewDateTime: a time without zone; taken as UTC");
            xmlSetProp(node, BAD_CAST "ReviewDateTime", BAD_CAST right);
        }
        xmlFree(value);
        return;
    }
    bool is_hint = a->ns != NULL && strcmp(name, "schemaLocation") == 0;
    if (!is_hint && (a->ns != NULL || !is_one_of(name, KNOWN))) {
        forgive(f, node, "<%.40s>: the attribute %.40s is not of the format; left out",
                (const char *)node->name, name);
        xmlRemoveProp(a);
    }
}

static void remove_node(xmlNodePtr node)
{
    xmlUnlinkNode(node);
    xmlFreeNode(node);
}

/** Repair one node. False when it was removed. */
static bool repair_node(struct vls_forgiven *f, xmlNodePtr node)
{
    static const char *const KNOWN[] = {"ConfidentialityInformation",
                                        "PolicyIdentifier",
                                        "Classification",
                                        "PrivacyMark",
                                        "Category",
                                        "GenericValue",
                                        "IntegerValue",
                                        "BitStringValue",
                                        "OriginatorID",
                                        "CreationDateTime",
                                        "SuccessionHandling",
                                        "SuccessionDateTime",
                                        "SuccessorConfidentialityLabel",
                                        NULL};
    const char *name = node->name != NULL ? (const char *)node->name : "";
    if (node->type == XML_COMMENT_NODE) {
        remove_node(node);
        return false;
    }
    if (node->type == XML_PI_NODE) {
        forgive(f, node, "a processing instruction %.40s; left out", name);
        remove_node(node);
        return false;
    }
    if (node->type != XML_ELEMENT_NODE)
        return true;
    if (node->parent->type == XML_ELEMENT_NODE &&
        (!is_of_format(node) || !is_one_of(name, KNOWN))) {
        forgive(f, node, "<%.60s> is not of the format; left out", name);
        remove_node(node);
        return false;
    }
    for (xmlAttrPtr a = node->properties, next = NULL; a != NULL; a = next) {
        next = a->next;
        repair_attribute(f, node, a);
    }
    if (strstr(name, "DateTime") != NULL)
        repair_time(f, node);
    return true;
}

/** The node that follows in the order of the file, within the document. */
static xmlNodePtr after(xmlNodePtr node)
{
    while (node != NULL && node->next == NULL)
        node = node->parent != NULL && node->parent->type == XML_ELEMENT_NODE ? node->parent : NULL;
    return node != NULL ? node->next : NULL;
}

static void repair_tree(struct vls_forgiven *f, xmlDocPtr doc)
{
    for (xmlNodePtr node = doc->children, next = NULL; node != NULL; node = next) {
        xmlNodePtr behind = after(node);
        next = repair_node(f, node) && node->type == XML_ELEMENT_NODE && node->children != NULL
                   ? node->children
                   : behind;
    }
}

/** A label without CreationDateTime gets one that nobody takes for true. */
static void repair_creation(struct vls_forgiven *f, xmlNodePtr label)
{
    xmlNodePtr information = NULL, originator = NULL, succession = NULL;
    for (xmlNodePtr at = label->children; at != NULL; at = at->next) {
        if (vls_xml_is(at, "CreationDateTime", NS))
            return;
        if (vls_xml_is(at, "ConfidentialityInformation", NS))
            information = at;
        if (vls_xml_is(at, "OriginatorID", NS))
            originator = at;
        if (vls_xml_is(at, "SuccessionHandling", NS))
            succession = at;
    }
    if (information == NULL)
        return;
    xmlNodePtr made = xmlNewNode(label->ns, BAD_CAST "CreationDateTime");
    xmlNodeSetContent(made, BAD_CAST UNKNOWN_TIME);
    forgive(f, label, "no <CreationDateTime>; shown as %s", UNKNOWN_TIME);
    if (succession != NULL)
        xmlAddPrevSibling(succession, made);
    else
        xmlAddNextSibling(originator != NULL ? originator : information, made);
}

static xmlNodePtr child_of(xmlNodePtr parent, const char *name)
{
    for (xmlNodePtr at = parent->children; at != NULL; at = at->next)
        if (vls_xml_is(at, name, NS))
            return at;
    return NULL;
}

static xmlNodePtr successor_of(xmlNodePtr label)
{
    xmlNodePtr handling = child_of(label, "SuccessionHandling");
    return handling != NULL ? child_of(handling, "SuccessorConfidentialityLabel") : NULL;
}

struct vls_status vls_xml4774_read_lenient(struct vls_slice bytes, const char *file,
                                           struct vls_xml4774 **out,
                                           struct vls_forgiven *out_forgiven, struct vls_why *why)
{
    struct vls_why own;
    struct vls_xml x = {.file = file,
                        .max_bytes = VLS_MAX_XML_LABEL,
                        .code = VLS_LABEL_XML,
                        .why = why != NULL ? why : &own};
    *out_forgiven = (struct vls_forgiven){.count = 0};
    VLS_TRY(vls_xml_open(&x, bytes));
    xmlNodePtr root = xmlDocGetRootElement(x.doc);
    repair_root(out_forgiven, root);
    repair_tree(out_forgiven, x.doc);
    for (xmlNodePtr label = root; label != NULL; label = successor_of(label))
        repair_creation(out_forgiven, label);
    xmlChar *text = NULL;
    int len = 0;
    xmlDocDumpMemoryEnc(x.doc, &text, &len, "UTF-8");
    struct vls_status s = vls_fail(VLS_SYSTEM_MEMORY, why, "no memory to read %.90s", file);
    if (text != NULL)
        s = vls_xml4774_read(VLS_SLICE(text, (size_t)len), file, out, why);
    xmlFree(text);
    vls_xml_close(&x);
    return s;
}
