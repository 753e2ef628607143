/* What the XML reader calls: where in the page it is, and whose text comes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "page_internal.h"

#define OAI_URI      "http://www.openarchives.org/OAI/2.0/"
#define MARC_URI_END "MARC21/slim"
#define TOTAL_WORDS  "Search-Engine-Total-Number-Of-Results:"
#define ATTRIBUTE    5 /* pointers an attribute: name, prefix, URI, value, end of value */

struct element {
    const char *name, *uri; /* uri "" for none */
    const xmlChar **attributes;
    int attribute_count;
};

static bool is_named(const struct element *e, const char *name)
{
    return strcmp(e->name, name) == 0;
}

/* "Match the local name, and accept no namespace or the right one"; a relative one is ignored. */
static bool is_marc(const struct element *e)
{
    size_t len = strlen(e->uri), end = strlen(MARC_URI_END);
    return len == 0 || (len >= end && strcmp(e->uri + len - end, MARC_URI_END) == 0);
}

static bool is_oai(const struct element *e)
{
    return e->uri[0] == '\0' || strcmp(e->uri, OAI_URI) == 0;
}

/* The value of an attribute, cut to fit; false when there is none. */
static bool attribute(const struct element *e, const char *name, char *out, size_t room)
{
    for (int i = 0; i < e->attribute_count; i++) {
        const xmlChar **a = e->attributes + (ptrdiff_t)i * ATTRIBUTE;
        if (strcmp((const char *)a[0], name) != 0)
            continue;
        size_t len = (size_t)(a[4] - a[3]);
        len = len < room ? len : room - 1;
        memcpy(out, a[3], len);
        out[len] = '\0';
        return true;
    }
    return false;
}

static void refuse(struct page *page, const char *why)
{
    page->facts.is_refused = page->is_stopped = true;
    snprintf(page->facts.why, sizeof page->facts.why, "line %d: %s",
             xmlSAX2GetLineNumber(page->xml), why);
    xmlStopParser(page->xml);
}

/* -- records ----------------------------------------------------------------------------------- */

static bool begin_record(struct page *page, bool is_oai_record)
{
    struct page_item *item = page->spare;
    page_close_record(page, false);
    if (item == NULL)
        item = page->spare;
    if (item != NULL) {
        page->spare = item->next;
    } else {
        item = vls_mem_try(sizeof *item);
        if (item == NULL) {
            page->no_memory = true;
            return false;
        }
        marc_init(&item->record.record);
    }
    page->open = item;
    page->is_oai_record = is_oai_record;
    page->is_damaged = false;
    page->record_depth = page->depth;
    page->number++;
    return true;
}

static void begin_content(struct page *page, enum marc_form form)
{
    page->place = AT_RECORD;
    page->open->record.record.form = form;
}

static void check(struct page *page, struct vls_status status)
{
    if (vls_ok(status))
        return;
    if (status.code == VLS_SYSTEM_MEMORY)
        page->no_memory = true;
    else
        page_note_damage(page, "it is larger than a record may be, or has a field without a name");
}

/* -- text -------------------------------------------------------------------------------------- */

static void capture(struct page *page, enum page_target target)
{
    page->target = target;
    page->target_depth = page->depth;
    vls_buf_clear(&page->text);
}

static struct vls_slice captured(const struct page *page)
{
    struct vls_slice text = vls_buf_slice(&page->text);
    while (text.len > 0 && strchr(" \t\r\n", text.at[0]) != NULL)
        text = VLS_SLICE(text.at + 1, text.len - 1);
    while (text.len > 0 && strchr(" \t\r\n", text.at[text.len - 1]) != NULL)
        text.len--;
    return text;
}

/* false: it did not fit, and was cut */
static bool copy_captured(const struct page *page, char *to, size_t room)
{
    struct vls_slice text = captured(page);
    size_t len = text.len < room ? text.len : room - 1;
    memcpy(to, text.len > 0 ? text.at : (const uint8_t *)"", len);
    to[len] = '\0';
    return len == text.len;
}

static void take_header_text(struct page *page, char **to)
{
    struct vls_slice text = captured(page);
    if (text.len >= PAGE_TEXT) {
        page_note_damage(page, "its identifier or datestamp is too long");
        return;
    }
    vls_mem_free(*to);
    *to = vls_mem_text((const char *)text.at, text.len);
}

static void take_number(const struct page *page, int64_t *to)
{
    char text[24], *end;
    if (!copy_captured(page, text, sizeof text))
        return;
    long long number = strtoll(text, &end, 10);
    if (end != text && *end == '\0' && number >= 0)
        *to = number;
}

static void take_field_text(struct page *page)
{
    struct marc_record *r = &page->open->record.record;
    struct vls_slice text = vls_buf_slice(&page->text);
    if (page->target != TO_SUBFIELD)
        check(page, marc_add_field(r, page->name, ' ', ' '));
    if (!page->is_damaged)
        check(page, marc_add_sub(r, page->target == TO_SUBFIELD ? page->code : '\0', text));
}

static void take_text(struct page *page)
{
    struct page_facts *facts = &page->facts;
    enum page_target target = page->target;
    static const struct {
        enum page_target target;
        size_t at, room;
    } PLAIN[] = {
#define PLAIN_TEXT(member) offsetof(struct page_facts, member), sizeof facts->member
        {TO_ERROR, PLAIN_TEXT(error_text)},      {TO_RESPONSE_DATE, PLAIN_TEXT(response_date)},
        {TO_PROTOCOL, PLAIN_TEXT(protocol)},     {TO_GRANULARITY, PLAIN_TEXT(granularity)},
        {TO_EARLIEST, PLAIN_TEXT(earliest)},     {TO_DELETED_POLICY, PLAIN_TEXT(deleted_policy)},
        {TO_REPOSITORY, PLAIN_TEXT(repository)}, {TO_TOKEN, PLAIN_TEXT(token)},
        {TO_SEARCH_ID, PLAIN_TEXT(search_id)},
    };
    if (page->open != NULL && target == TO_IDENTIFIER)
        take_header_text(page, &page->open->record.identifier);
    else if (page->open != NULL && target == TO_DATESTAMP)
        take_header_text(page, &page->open->record.datestamp);
    else if (page->open != NULL &&
             (target == TO_CONTROL || target == TO_SUBFIELD || target == TO_ELEMENT))
        take_field_text(page);
    else if (target == TO_TOTAL)
        take_number(page, &facts->total);
    for (size_t i = 0; i < sizeof PLAIN / sizeof PLAIN[0]; i++)
        if (PLAIN[i].target == target &&
            !copy_captured(page, (char *)facts + PLAIN[i].at, PLAIN[i].room) &&
            (target == TO_TOKEN || target == TO_SEARCH_ID))
            facts->is_cut = true;
    page->target = TO_NOWHERE;
}

static void on_text(void *ctx, const xmlChar *text, int len)
{
    struct page *page = ctx;
    if (page->target == TO_NOWHERE)
        return;
    struct vls_status status = vls_buf_add(&page->text, text, (size_t)len);
    if (!vls_ok(status) && page->open != NULL)
        check(page, status);
}

/* -- elements ---------------------------------------------------------------------------------- */

static void begin_token(struct page *page, const struct element *e)
{
    char size[24], *end;
    page_close_record(page, false);
    page->facts.has_token = true;
    page->facts.token[0] = '\0';
    capture(page, TO_TOKEN);
    if (!attribute(e, "completeListSize", size, sizeof size))
        return;
    long long number = strtoll(size, &end, 10);
    if (end != size && *end == '\0' && number >= 0)
        page->facts.list_size = number;
}

static void begin_error(struct page *page, const struct element *e)
{
    if (page->facts.error_code[0] != '\0') /* the first of several */
        return;
    if (!attribute(e, "code", page->facts.error_code, sizeof page->facts.error_code))
        snprintf(page->facts.error_code, sizeof page->facts.error_code, "unnamed");
    capture(page, TO_ERROR);
}

/* Outside of records. */
static void begin_in_wrap(struct page *page, const struct element *e)
{
    static const struct {
        const char *name;
        enum page_target target;
    } TEXTS[] = {{"responseDate", TO_RESPONSE_DATE},
                 {"protocolVersion", TO_PROTOCOL},
                 {"granularity", TO_GRANULARITY},
                 {"earliestDatestamp", TO_EARLIEST},
                 {"deletedRecord", TO_DELETED_POLICY},
                 {"repositoryName", TO_REPOSITORY},
                 {"total", TO_TOTAL},
                 {"search_id", TO_SEARCH_ID}};
    if (page->is_oai && is_named(e, "error") && page->open == NULL)
        begin_error(page, e);
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0] && page->open == NULL; i++)
        if (is_named(e, TEXTS[i].name))
            capture(page, TEXTS[i].target);
}

static void begin_header(struct page *page, const struct element *e)
{
    char status[16];
    page->place = AT_HEADER;
    page->open->record.is_deleted =
        attribute(e, "status", status, sizeof status) && strcmp(status, "deleted") == 0;
}

/* What makes the frame of an OAI record. true: it was that. A header, or a record of OAI's
 * namespace, stands at the beginning of a record and nowhere else: there the one before ends,
 * whatever is broken in it. */
static bool begin_frame(struct page *page, const struct element *e)
{
    bool is_inside = page->place != AT_WRAP && page->place != AT_HEADER;
    if (!is_oai(e))
        return false;
    if (is_named(e, "resumptionToken")) {
        begin_token(page, e);
        return true;
    }
    if (is_named(e, "record") && (!is_inside || e->uri[0] != '\0'))
        return begin_record(page, true);
    if (is_named(e, "header") && page->open != NULL) {
        if (is_inside && !begin_record(page, true))
            return true;
        begin_header(page, e);
        return true;
    }
    if (is_inside || page->open == NULL)
        return false;
    if (is_named(e, "metadata"))
        page->place = AT_METADATA;
    else if (is_named(e, "about"))
        page->place = AT_ABOUT;
    page->about_depth = page->depth;
    return page->place == AT_METADATA || page->place == AT_ABOUT;
}

static void begin_field(struct page *page, const struct element *e)
{
    char tag[MARC_NAME] = "", ind[2][2] = {" ", " "}, code[2] = "?";
    struct marc_record *r = &page->open->record.record;
    if (is_named(e, "leader")) {
        snprintf(page->name, sizeof page->name, "000");
        capture(page, TO_CONTROL);
    } else if (is_named(e, "controlfield")) {
        (void)attribute(e, "tag", page->name, sizeof page->name);
        capture(page, TO_CONTROL);
    } else if (is_named(e, "datafield")) {
        (void)attribute(e, "tag", tag, sizeof tag);
        (void)attribute(e, "ind1", ind[0], sizeof ind[0]);
        (void)attribute(e, "ind2", ind[1], sizeof ind[1]);
        check(page, marc_add_field(r, tag, ind[0][0] != '\0' ? ind[0][0] : ' ',
                                   ind[1][0] != '\0' ? ind[1][0] : ' '));
    } else if (is_named(e, "subfield")) {
        (void)attribute(e, "code", code, sizeof code);
        page->code = code[0] > ' ' && code[0] < 0x7f ? code[0] : '?';
        capture(page, TO_SUBFIELD);
    }
}

static void begin_element(struct page *page, const struct element *e)
{
    if (strlen(e->name) >= sizeof page->name) /* none of the fifteen is so long */
        return;
    snprintf(page->name, sizeof page->name, "%s", e->name);
    capture(page, TO_ELEMENT);
}

static void begin_inside(struct page *page, const struct element *e)
{
    bool is_record = is_named(e, "record") && is_marc(e);
    if (page->place == AT_METADATA && is_record)
        begin_content(page, MARC_MARC21);
    else if (page->place == AT_METADATA && is_named(e, "dc"))
        begin_content(page, MARC_DUBLIN_CORE);
    else if (page->place == AT_RECORD && page->open->record.record.form == MARC_DUBLIN_CORE)
        begin_element(page, e);
    else if (page->place == AT_RECORD && is_record && !page->is_oai_record) {
        if (begin_record(page, false)) /* the one before did not end */
            begin_content(page, MARC_MARC21);
    } else if (page->place == AT_RECORD && is_marc(e))
        begin_field(page, e);
}

static void begin_root(struct page *page, const char *prefix, const struct element *e)
{
    snprintf(page->facts.root, sizeof page->facts.root, "%s", e->name);
    snprintf(page->root, sizeof page->root, "%s%s%s", prefix != NULL ? prefix : "",
             prefix != NULL ? ":" : "", e->name);
    page->is_oai = is_named(e, "OAI-PMH");
}

static void on_start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int namespace_count, const xmlChar **namespaces, int attribute_count,
                     int defaulted, const xmlChar **attributes)
{
    struct page *page = ctx;
    const struct element e = {(const char *)name, uri != NULL ? (const char *)uri : "", attributes,
                              attribute_count};
    (void)namespace_count;
    (void)namespaces;
    (void)defaulted;
    if (page->is_stopped)
        return;
    if (++page->depth == 1)
        begin_root(page, (const char *)prefix, &e);
    if (page->depth > page->record_depth + PAGE_MAX_DEPTH || page->depth > PAGE_MAX_DRIFT) {
        refuse(page, "elements are nested deeper than a catalogue has reason to");
        return;
    }
    if (page->is_oai && begin_frame(page, &e))
        return;
    if (page->target != TO_NOWHERE) /* within a text: its text is a part of it */
        return;
    if (page->place == AT_HEADER && is_named(&e, "identifier"))
        capture(page, TO_IDENTIFIER);
    else if (page->place == AT_HEADER && is_named(&e, "datestamp"))
        capture(page, TO_DATESTAMP);
    else if (page->place == AT_METADATA || page->place == AT_RECORD)
        begin_inside(page, &e);
    else if (page->place == AT_WRAP && !page->is_oai && is_named(&e, "record") && is_marc(&e) &&
             begin_record(page, false))
        begin_content(page, MARC_MARC21);
    else if (page->place == AT_WRAP)
        begin_in_wrap(page, &e);
}

/* The end of a place that a name began. */
static void end_place(struct page *page, const char *name)
{
    bool is_record = strcmp(name, "record") == 0;
    switch (page->place) {
    case AT_WRAP:
        if (is_record && page->open != NULL)
            page_close_record(page, true);
        break;
    case AT_RECORD:
        if (is_record && !page->is_oai_record)
            page_close_record(page, true);
        else if (is_record || strcmp(name, "dc") == 0)
            page->place = AT_METADATA;
        break;
    case AT_HEADER:
        if (strcmp(name, "header") == 0)
            page->place = AT_WRAP;
        break;
    case AT_METADATA:
        if (strcmp(name, "metadata") == 0)
            page->place = AT_WRAP;
        break;
    case AT_ABOUT:
        if (strcmp(name, "about") == 0 && page->depth == page->about_depth)
            page->place = AT_WRAP;
        break;
    }
}

static void on_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    struct page *page = ctx;
    (void)prefix;
    (void)uri;
    if (page->is_stopped)
        return;
    if (page->target != TO_NOWHERE && page->depth == page->target_depth)
        take_text(page);
    else if (page->target == TO_NOWHERE)
        end_place(page, (const char *)name);
    if (page->depth > 0 && --page->depth == 0)
        page->facts.is_complete = true;
}

/* -- the rest ---------------------------------------------------------------------------------- */

static void on_comment(void *ctx, const xmlChar *text)
{
    struct page *page = ctx;
    const char *at = strstr((const char *)text, TOTAL_WORDS);
    char *end;
    if (at == NULL || page->facts.total >= 0)
        return;
    at += strlen(TOTAL_WORDS);
    long long number = strtoll(at, &end, 10);
    if (end != at && number >= 0)
        page->facts.total = number;
}

static void on_doctype(void *ctx, const xmlChar *name, const xmlChar *external,
                       const xmlChar *system)
{
    (void)name;
    (void)external;
    (void)system;
    refuse(ctx, "it has a document type declaration, which no catalogue needs and which may hold "
                "entities");
}

static void on_error(void *ctx, xmlErrorPtr error)
{
    struct page *page = ctx;
    if (error->level < XML_ERR_ERROR || error->domain == XML_FROM_NAMESPACE || page->is_stopped)
        return;
    page_note_damage(page, error->message != NULL ? error->message : "it is not well-formed");
}

void page_sax_init(xmlSAXHandler *sax)
{
    memset(sax, 0, sizeof *sax);
    sax->initialized = XML_SAX2_MAGIC;
    sax->startElementNs = on_start;
    sax->endElementNs = on_end;
    sax->characters = sax->ignorableWhitespace = sax->cdataBlock = on_text;
    sax->comment = on_comment;
    sax->internalSubset = on_doctype;
    sax->serror = on_error;
}
