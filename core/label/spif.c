#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <libxml/SAX2.h>
#include <libxml/parser.h>

#include "base/mem.h"
#include "base/text.h"
#include "label/spif_internal.h"
#include "label/xml_cost.h"

/*
 * A scheme file is read as a stream of SAX2 events: no tree is built, and a document type ends the
 * reading at its first word, before any of its declarations is looked at. So there are no entities
 * to expand and nothing to fetch.
 */

#define SPIF_NAMESPACE   "http://www.xmlspif.org/spif"
#define NOTICE_NAMESPACE "urn:valise:scheme:1"
#define SIGNATURE_SPACE  "http://www.w3.org/2000/09/xmldsig#"
#define INCLUDE_SPACE    "http://www.w3.org/2001/XInclude"
#define IN(element)      (1u << (element))

_Static_assert(SPIF_ELEMENTS <= 32, "a set of elements fits 32 bits");

/* Which element may stand in which: Open XML SPIF 2.1. Their order is left free: it changes nothing
 * that a scheme says, and files in circulation do not keep to it. */
static const struct {
    const char *name;
    enum spif_element element;
    uint32_t parents;
} FORMAT[] = {
    {"SPIF", SPIF_ROOT, IN(SPIF_NONE)},
    {"defaultSecurityPolicyId", SPIF_DEFAULT_POLICY, IN(SPIF_ROOT)},
    {"securityPolicyId", SPIF_POLICY, IN(SPIF_ROOT)},
    {"updateInfo", SPIF_UPDATE_INFO, IN(SPIF_ROOT)},
    {"securityClassifications", SPIF_CLASSES, IN(SPIF_ROOT)},
    {"securityClassification", SPIF_CLASS, IN(SPIF_CLASSES)},
    {"equivalentClassification", SPIF_EQUIVALENT_CLASS, IN(SPIF_CLASS)},
    {"markingData", SPIF_MARKING,
     IN(SPIF_ROOT) | IN(SPIF_DEFAULT_POLICY) | IN(SPIF_POLICY) | IN(SPIF_CLASSES) | IN(SPIF_CLASS) |
         IN(SPIF_TAG_CATEGORY) | IN(SPIF_PRIVACY_MARKS) | IN(SPIF_PRIVACY_MARK)},
    {"code", SPIF_CODE, IN(SPIF_MARKING)},
    {"markingQualifier", SPIF_MARKING_QUALIFIER,
     IN(SPIF_ROOT) | IN(SPIF_DEFAULT_POLICY) | IN(SPIF_POLICY) | IN(SPIF_CLASSES) | IN(SPIF_CLASS) |
         IN(SPIF_TAG) | IN(SPIF_TAG_CATEGORY) | IN(SPIF_PRIVACY_MARKS) | IN(SPIF_PRIVACY_MARK)},
    {"qualifier", SPIF_QUALIFIER, IN(SPIF_MARKING_QUALIFIER)},
    {"requiredCategory", SPIF_REQUIRED_CATEGORY,
     IN(SPIF_CLASS) | IN(SPIF_EQUIVALENT_CLASS) | IN(SPIF_TAG_CATEGORY) |
         IN(SPIF_EQUIVALENT_POLICY) | IN(SPIF_EQUIVALENT_TAG_SET)},
    {"categoryGroup", SPIF_CATEGORY_GROUP, IN(SPIF_REQUIRED_CATEGORY)},
    {"securityCategoryTagSets", SPIF_TAG_SETS, IN(SPIF_ROOT)},
    {"securityCategoryTagSet", SPIF_TAG_SET, IN(SPIF_TAG_SETS)},
    {"equivalentSecurityCategoryTagSet", SPIF_EQUIVALENT_TAG_SET, IN(SPIF_TAG_SET)},
    {"securityCategoryTag", SPIF_TAG, IN(SPIF_TAG_SET)},
    {"tagCategory", SPIF_TAG_CATEGORY, IN(SPIF_TAG)},
    {"equivalentSecCategoryTag", SPIF_EQUIVALENT_TAG, IN(SPIF_TAG_CATEGORY)},
    {"excludedClass", SPIF_EXCLUDED_CLASS, IN(SPIF_TAG_CATEGORY)},
    {"excludedCategory", SPIF_EXCLUDED_CATEGORY, IN(SPIF_TAG_CATEGORY)},
    {"privacyMarks", SPIF_PRIVACY_MARKS, IN(SPIF_ROOT)},
    {"privacyMark", SPIF_PRIVACY_MARK, IN(SPIF_PRIVACY_MARKS)},
    {"equivalentPolicies", SPIF_EQUIVALENT_POLICIES, IN(SPIF_ROOT)},
    {"equivalentPolicy", SPIF_EQUIVALENT_POLICY, IN(SPIF_EQUIVALENT_POLICIES)},
    {"extensions", SPIF_EXTENSIONS, IN(SPIF_ROOT)},
};

/* What an element must hold at least one of, and what may stand in its parent only once. */
static const struct {
    enum spif_element element, needed;
    const char *name;
} NEEDED[] = {
    {SPIF_ROOT, SPIF_POLICY, "securityPolicyId"},
    {SPIF_ROOT, SPIF_CLASSES, "securityClassifications"},
    {SPIF_TAG_SETS, SPIF_TAG_SET, "securityCategoryTagSet"},
    {SPIF_TAG_SET, SPIF_TAG, "securityCategoryTag"},
    {SPIF_PRIVACY_MARKS, SPIF_PRIVACY_MARK, "privacyMark"},
    {SPIF_EQUIVALENT_POLICIES, SPIF_EQUIVALENT_POLICY, "equivalentPolicy"},
    {SPIF_REQUIRED_CATEGORY, SPIF_CATEGORY_GROUP, "categoryGroup"},
    {SPIF_MARKING, SPIF_CODE, "code"},
    {SPIF_MARKING_QUALIFIER, SPIF_QUALIFIER, "qualifier"},
};
static const uint32_t ONCE = IN(SPIF_DEFAULT_POLICY) | IN(SPIF_POLICY) | IN(SPIF_UPDATE_INFO) |
                             IN(SPIF_CLASSES) | IN(SPIF_TAG_SETS) | IN(SPIF_PRIVACY_MARKS) |
                             IN(SPIF_EQUIVALENT_POLICIES) | IN(SPIF_EXTENSIONS) | IN(SPIF_NOTICE);

/* Elements that hold text; blanks may stand anywhere. */
static const uint32_t WITH_TEXT =
    IN(SPIF_CODE) | IN(SPIF_EXCLUDED_CLASS) | IN(SPIF_NOTICE) | IN(SPIF_EXTENSION);

void vls_spif_fail(struct spif_reader *r, const char *fmt, ...)
{
    if (!vls_ok(r->status))
        return;
    char words[sizeof r->why->text];
    va_list args;
    va_start(args, fmt);
    vsnprintf(words, sizeof words, fmt, args);
    va_end(args);
    r->status = vls_fail(VLS_SCHEME_INVALID, r->why, "%.*s:%d: <%.40s>: %s", VLS_PATH_SHOWN,
                         vls_path_shown(r->file), xmlSAX2GetLineNumber(r->xml),
                         r->element != NULL ? r->element : "", words);
}

void vls_spif_fail_at(struct spif_reader *r, uint32_t line, const char *element, const char *fmt,
                      ...)
{
    if (!vls_ok(r->status))
        return;
    char words[sizeof r->why->text];
    va_list args;
    va_start(args, fmt);
    vsnprintf(words, sizeof words, fmt, args);
    va_end(args);
    r->status = vls_fail(VLS_SCHEME_INVALID, r->why, "%.*s:%u: <%.40s>: %s", VLS_PATH_SHOWN,
                         vls_path_shown(r->file), line, element, words);
}

/* xmlStopParser() releases the bytes that names, attributes and texts point into. So it is called
 * by the event handlers only, as the last thing that each of them does. */
static void stop_when_failed(struct spif_reader *r)
{
    if (!vls_ok(r->status))
        xmlStopParser(r->xml);
}

static enum spif_element top(const struct spif_reader *r)
{
    return r->depth > 0 ? r->stack[r->depth - 1] : SPIF_NONE;
}

/** What the element is where it stands; SPIF_NONE with a failure noted when it may not stand there.
 */
static enum spif_element identify(struct spif_reader *r, const char *name, const char *namespace)
{
    enum spif_element parent = top(r);
    bool is_within = parent == SPIF_EXTENSIONS || parent == SPIF_EXTENSION;
    if (strcmp(namespace, SIGNATURE_SPACE) == 0)
        vls_spif_fail(r, "a signature is not verified here, and unverified it proves nothing; "
                         "verify the file by other means and load it without");
    else if (strcmp(namespace, INCLUDE_SPACE) == 0)
        vls_spif_fail(r, "nothing is included from elsewhere; put the text itself here");
    else if (is_within && strcmp(namespace, SPIF_NAMESPACE) == 0)
        vls_spif_fail(r, "an element of the format says nothing within extensions; move it to its "
                         "place");
    if (!vls_ok(r->status))
        return SPIF_NONE;
    if (parent == SPIF_EXTENSIONS && strcmp(namespace, NOTICE_NAMESPACE) == 0 &&
        strcmp(name, "notice") == 0)
        return SPIF_NOTICE;
    if (is_within)
        return SPIF_EXTENSION;
    if (strcmp(namespace, SPIF_NAMESPACE) != 0) {
        vls_spif_fail(r,
                      "of namespace '%.60s'; an Open XML SPIF has %s, and others only within "
                      "<extensions>",
                      namespace, SPIF_NAMESPACE);
        return SPIF_NONE;
    }
    for (size_t i = 0; i < sizeof FORMAT / sizeof FORMAT[0]; i++)
        if (strcmp(FORMAT[i].name, name) == 0 && (FORMAT[i].parents & IN(parent)) != 0)
            return FORMAT[i].element;
    vls_spif_fail(r, "such an element may not stand here; correct its name, or remove it");
    return SPIF_NONE;
}

/** Among the children of what encloses it. */
static void note_child(struct spif_reader *r, enum spif_element element)
{
    if (r->depth == 0)
        return;
    uint32_t *seen = &r->children[r->depth - 1];
    if ((*seen & ONCE & IN(element)) != 0)
        vls_spif_fail(r, "given twice; keep one of them");
    *seen |= IN(element);
}

static void check_children(struct spif_reader *r)
{
    for (size_t i = 0; i < sizeof NEEDED / sizeof NEEDED[0]; i++)
        if (NEEDED[i].element == top(r) && (r->children[r->depth - 1] & IN(NEEDED[i].needed)) == 0)
            vls_spif_fail(r, "no <%s> in it; add one", NEEDED[i].name);
}

static void start_element(struct spif_reader *r, const char *name, const char *namespace,
                          struct spif_attributes attributes)
{
    r->element = name;
    if (r->depth == VLS_MAX_SCHEME_DEPTH) {
        vls_spif_fail(r, "elements are nested deeper than %d", VLS_MAX_SCHEME_DEPTH);
        return;
    }
    enum spif_element element = identify(r, name, namespace);
    if (element == SPIF_NONE)
        return;
    note_child(r, element);
    r->children[r->depth] = 0;
    r->language[r->depth] = r->depth != 0 ? r->language[r->depth - 1] : "";
    r->stack[r->depth++] = element;
    vls_buf_clear(&r->text);
    vls_spif_take_start(r, attributes);
}

static void on_start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int namespace_count, const xmlChar **namespaces, int attribute_count,
                     int defaulted_count, const xmlChar **attributes)
{
    (void)prefix, (void)namespace_count, (void)namespaces, (void)defaulted_count;
    struct spif_reader *r = ctx;
    if (vls_ok(r->status))
        start_element(r, (const char *)name, uri != NULL ? (const char *)uri : "",
                      (struct spif_attributes){attributes, attribute_count});
    stop_when_failed(r);
}

static void on_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    (void)prefix, (void)uri;
    struct spif_reader *r = ctx;
    if (vls_ok(r->status) && r->depth > 0) {
        r->element = (const char *)name;
        check_children(r);
        vls_spif_take_end(r);
        vls_buf_clear(&r->text);
        r->depth--;
    }
    stop_when_failed(r);
}

static bool is_blank(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (strchr(" \t\r\n", text[i]) == NULL || text[i] == '\0')
            return false;
    return true;
}

static void take_text(struct spif_reader *r, const char *text, size_t len)
{
    enum spif_element element = top(r);
    if (element == SPIF_EXTENSION)
        return;
    if ((WITH_TEXT & IN(element)) == 0) {
        if (!is_blank(text, len))
            vls_spif_fail(r, "text where only elements may stand");
        return;
    }
    if (!vls_ok(vls_buf_add(&r->text, text, len)))
        vls_spif_fail(r, "a text longer than %d bytes", VLS_MAX_NOTICE);
}

static void on_text(void *ctx, const xmlChar *text, int len)
{
    struct spif_reader *r = ctx;
    if (vls_ok(r->status))
        take_text(r, (const char *)text, (size_t)len);
    stop_when_failed(r);
}

static void on_document_type(void *ctx, const xmlChar *name, const xmlChar *external_id,
                             const xmlChar *system_id)
{
    (void)external_id, (void)system_id;
    struct spif_reader *r = ctx;
    r->element = (const char *)name;
    vls_spif_fail(r, "a document type (<!DOCTYPE>) is not allowed; remove it");
    stop_when_failed(r);
}

static void on_instruction(void *ctx, const xmlChar *target, const xmlChar *data)
{
    (void)data;
    struct spif_reader *r = ctx;
    r->element = (const char *)target;
    vls_spif_fail(r, "a processing instruction (<?%.40s?>) is not followed here; remove it",
                  (const char *)target);
    stop_when_failed(r);
}

/* Never stops the parser: libxml2 calls it from anywhere. Only noted here, a failure ends the
 * reading at the next event. */
static void on_error(void *ctx, xmlErrorPtr error)
{
    struct spif_reader *r = ctx;
    if (error->level < XML_ERR_ERROR || !vls_ok(r->status))
        return;
    if (error->code == XML_ERR_NO_MEMORY)
        r->status = vls_fail(VLS_SYSTEM_MEMORY, r->why, "no memory to read %.*s", VLS_PATH_SHOWN,
                             vls_path_shown(r->file));
    else
        r->status = vls_fail(
            VLS_SCHEME_INVALID, r->why, "%.*s:%d: <%.40s>: not well-formed XML: %.100s",
            VLS_PATH_SHOWN, vls_path_shown(r->file), error->line,
            r->element != NULL ? r->element : "", error->message != NULL ? error->message : "");
}

/** What can be said only at the end. */
static struct vls_status check_whole(struct spif_reader *r)
{
    const struct vls_scheme *s = r->scheme;
    const char *file = vls_path_shown(r->file);
    if (s->count == 0)
        return vls_fail(VLS_SCHEME_INVALID, r->why,
                        "%.*s: scheme '%.40s' has no classification%s%.100s", VLS_PATH_SHOWN, file,
                        s->title, s->notice != NULL ? ": " : "; list its levels",
                        s->notice != NULL ? s->notice : "");
    vls_spif_resolve(r);
    if (vls_ok(r->status))
        vls_spif_check_rules(r);
    return r->status;
}

static struct vls_status parse_with(struct spif_reader *r, struct vls_slice spif)
{
    xmlSAXHandler sax = {
        .initialized = XML_SAX2_MAGIC,
        .internalSubset = on_document_type,
        .startElementNs = on_start,
        .endElementNs = on_end,
        .characters = on_text,
        .cdataBlock = on_text,
        .processingInstruction = on_instruction,
        .serror = on_error,
    };
    r->xml = xmlCreatePushParserCtxt(&sax, r, NULL, 0, NULL);
    if (r->xml == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, r->why, "no memory to read %.*s", VLS_PATH_SHOWN,
                        vls_path_shown(r->file));
    xmlCtxtUseOptions(r->xml, XML_PARSE_NONET);
    int err = xmlParseChunk(r->xml, (const char *)spif.at, (int)spif.len, 1);
    bool is_whole = err == 0 && r->xml->wellFormed == 1;
    xmlFreeParserCtxt(r->xml);
    VLS_TRY(r->status);
    if (!is_whole)
        return vls_fail(VLS_SCHEME_INVALID, r->why, "%.*s: not well-formed XML (libxml2 error %d)",
                        VLS_PATH_SHOWN, vls_path_shown(r->file), err);
    return check_whole(r);
}

/** UTF-16, UTF-32 and EBCDIC show in the first bytes: none of them begins with "<" alone. */
static bool is_other_encoding(struct vls_slice spif)
{
    return spif.at[0] >= 0x80 ? spif.len < 3 || spif.at[0] != 0xef || spif.at[1] != 0xbb
                              : spif.at[0] == 0 || (spif.len > 1 && spif.at[1] == 0);
}

static struct vls_status parse_checked(struct spif_reader *r, struct vls_slice spif)
{
    const char *file = vls_path_shown(r->file);
    if (spif.len == 0)
        return vls_fail(VLS_SCHEME_INVALID, r->why, "%.*s: the file is empty", VLS_PATH_SHOWN,
                        file);
    if (is_other_encoding(spif))
        return vls_fail(VLS_SCHEME_INVALID, r->why, "%.*s:1: not in UTF-8; write the file in UTF-8",
                        VLS_PATH_SHOWN, file);
    VLS_TRY(vls_xml_cost(spif, file, VLS_SCHEME_INVALID, VLS_SCHEME_INVALID, r->why));
    return parse_with(r, spif);
}

struct vls_status vls_spif_parse(struct vls_slice spif, const char *file, struct vls_scheme *scheme,
                                 struct vls_why *why)
{
    struct vls_why own;
    struct spif_reader r = {
        .scheme = scheme, .file = file, .why = why != NULL ? why : &own, .status = VLS_DONE};
    vls_buf_init(&r.text, VLS_MAX_NOTICE);
    struct vls_status s = parse_checked(&r, spif);
    vls_buf_fini(&r.text);
    return s;
}
