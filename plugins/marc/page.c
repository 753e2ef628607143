#include "page_internal.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

#define FEED_PIECE 16384u

/* -- records ----------------------------------------------------------------------------------- */

static void clear_record(struct page_record *r)
{
    marc_clear(&r->record);
    vls_mem_free(r->identifier);
    vls_mem_free(r->datestamp);
    r->identifier = r->datestamp = NULL;
    r->is_deleted = false;
    r->number = 0;
}

static void free_items(struct page_item **items)
{
    while (*items != NULL) {
        struct page_item *next = (*items)->next;
        clear_record(&(*items)->record);
        marc_fini(&(*items)->record.record);
        vls_mem_free(*items);
        *items = next;
    }
}

static void put_aside(struct page *page, struct page_item *item)
{
    clear_record(&item->record);
    item->next = page->spare;
    page->spare = item;
}

/* libxml2's words end in a line feed, and quote what they found. */
static void copy_words(char *to, size_t room, const char *from)
{
    size_t used = 0;
    for (; *from != '\0' && used + 1 < room; from++)
        if ((unsigned char)*from >= ' ' && (unsigned char)*from < 0x7f)
            to[used++] = *from;
    to[used] = '\0';
}

void page_note_damage(struct page *page, const char *words)
{
    char clean[PAGE_WORDS / 2];
    const char *identifier = page->open != NULL ? page->open->record.identifier : NULL;
    copy_words(clean, sizeof clean, words);
    int line = page->xml != NULL ? xmlSAX2GetLineNumber(page->xml) : 0;
    if (page->open == NULL) {
        if (page->facts.why[0] == '\0')
            snprintf(page->facts.why, sizeof page->facts.why, "line %d: %s", line, clean);
        return;
    }
    if (page->facts.damage[0] == '\0')
        snprintf(page->facts.damage, sizeof page->facts.damage, "record %llu%s%.80s%s, line %d: %s",
                 (unsigned long long)page->number, identifier != NULL ? " (" : "",
                 identifier != NULL ? identifier : "", identifier != NULL ? ")" : "", line, clean);
    page->is_damaged = true;
}

void page_close_record(struct page *page, bool is_whole)
{
    struct page_item *item = page->open;
    page->place = AT_WRAP;
    page->target = TO_NOWHERE;
    if (item == NULL)
        return;
    if (!is_whole && !page->is_damaged)
        page_note_damage(page, "it does not end");
    page->open = NULL;
    page->is_oai_record = false;
    if (page->is_damaged) {
        page->facts.damaged++;
        put_aside(page, item);
        return;
    }
    page->facts.records++;
    item->record.number = page->number;
    item->next = NULL;
    if (page->last != NULL)
        page->last->next = item;
    else
        page->first = item;
    page->last = item;
}

const struct page_record *page_take(struct page *page)
{
    if (page->lent != NULL)
        put_aside(page, page->lent);
    page->lent = page->first;
    if (page->lent == NULL)
        return NULL;
    page->first = page->lent->next;
    if (page->first == NULL)
        page->last = NULL;
    return &page->lent->record;
}

/* -- life -------------------------------------------------------------------------------------- */

static void begin_xml(struct page *page)
{
    xmlSAXHandler sax;
    page_sax_init(&sax);
    page->xml = xmlCreatePushParserCtxt(&sax, page, NULL, 0, NULL);
    if (page->xml == NULL) {
        page->no_memory = true;
        return;
    }
    /* no network, no external subset, no substitution; go on behind an error */
    xmlCtxtUseOptions(page->xml, XML_PARSE_NONET | XML_PARSE_RECOVER | XML_PARSE_NOWARNING);
}

struct page *page_new(void)
{
    struct page *page = vls_mem_try(sizeof *page);
    if (page == NULL)
        return NULL;
    page->facts.total = page->facts.list_size = -1;
    scrub_init(&page->scrub);
    vls_buf_init(&page->clean, SCRUB_OUT(FEED_PIECE));
    vls_buf_init(&page->text, MARC_MAX_TEXT);
    return page;
}

void page_free(struct page **page_at)
{
    struct page *page = *page_at;
    if (page == NULL)
        return;
    if (page->xml != NULL)
        xmlFreeParserCtxt(page->xml);
    free_items(&page->first);
    free_items(&page->lent);
    free_items(&page->spare);
    if (page->open != NULL)
        page->open->next = NULL;
    free_items(&page->open);
    vls_buf_fini(&page->clean);
    vls_buf_fini(&page->text);
    vls_mem_free(page);
    *page_at = NULL;
}

const struct page_facts *page_facts(const struct page *page)
{
    return &page->facts;
}

/* -- what it is -------------------------------------------------------------------------------- */

static bool starts(const char *text, const char *with)
{
    return strncasecmp(text, with, strlen(with)) == 0;
}

/* XHTML has an XML declaration, and is a page for people all the same. */
static bool is_html(const char *head)
{
    const char *end = starts(head, "<?xml") ? strstr(head, "?>") : NULL;
    if (end != NULL)
        head = end + 2;
    while (isspace((unsigned char)*head))
        head++;
    return starts(head, "<!doctype html") || starts(head, "<html") || starts(head, "<head") ||
           starts(head, "<script");
}

static enum page_form form_of(const char *head)
{
    if (head[0] == '{' || head[0] == '[')
        return PAGE_JSON;
    if ((unsigned char)head[0] == 0xFF || (unsigned char)head[0] == 0xFE)
        return PAGE_XML; /* UTF-16: the XML reader's matter */
    if (head[0] != '<')
        return PAGE_OTHER;
    return is_html(head) ? PAGE_HTML : PAGE_XML;
}

/* The first bytes behind blanks and a byte order mark. */
static void keep_head(struct page *page, struct vls_slice bytes)
{
    char *head = page->facts.head;
    for (size_t i = 0; i < bytes.len && page->head_len < PAGE_HEAD; i++) {
        if (page->head_len > 0 || !isspace(bytes.at[i]))
            head[page->head_len++] = (char)bytes.at[i];
        if (page->head_len == 3 && memcmp(head, "\xEF\xBB\xBF", 3) == 0)
            page->head_len = 0;
    }
    head[page->head_len] = '\0';
}

static void keep_tail(struct page *page, struct vls_slice bytes)
{
    size_t room = sizeof page->tail;
    if (bytes.len >= room) {
        memcpy(page->tail, bytes.at + bytes.len - room, room);
        page->tail_len = room;
        return;
    }
    size_t kept = page->tail_len + bytes.len > room ? room - bytes.len : page->tail_len;
    memmove(page->tail, page->tail + page->tail_len - kept, kept);
    memcpy(page->tail + kept, bytes.at, bytes.len);
    page->tail_len = kept + bytes.len;
}

/* The answer ends with the outermost element's end, whatever the XML reader makes of what is
 * between. */
static bool ends_with_root(const struct page *page)
{
    char end[sizeof page->root + 8];
    size_t len = page->tail_len;
    int wanted = snprintf(end, sizeof end, "</%s>", page->root);
    while (len > 0 && isspace(page->tail[len - 1]))
        len--;
    return page->root[0] != '\0' && (size_t)wanted <= len &&
           memcmp(page->tail + len - (size_t)wanted, end, (size_t)wanted) == 0;
}

static bool ends_with_empty_tag(const struct page *page)
{
    size_t len = page->tail_len;
    while (len > 0 && isspace(page->tail[len - 1]))
        len--;
    return len > 1 && page->tail[len - 1] == '>' && page->tail[len - 2] == '/';
}

/* -- feeding ----------------------------------------------------------------------------------- */

static struct vls_status feed_piece(struct page *page, struct vls_slice piece, bool is_end)
{
    if (page->is_stopped || page->facts.form != PAGE_XML)
        return VLS_DONE;
    if (page->xml == NULL && !page->no_memory)
        begin_xml(page);
    vls_buf_clear(&page->clean);
    VLS_TRY(scrub_feed(&page->scrub, piece, is_end, &page->clean));
    page->facts.replaced = page->scrub.forbidden + page->scrub.invalid;
    if (page->xml != NULL && (page->clean.len > 0 || is_end))
        (void)xmlParseChunk(page->xml, (const char *)page->clean.at, (int)page->clean.len, is_end);
    if (page->xml != NULL && page->xml->errNo == XML_ERR_NO_MEMORY)
        page->no_memory = true;
    return page->no_memory ? vls_fail(VLS_SYSTEM_MEMORY, NULL, "no memory for a page of records")
                           : VLS_DONE;
}

static struct vls_status feed_all(struct page *page, struct vls_slice bytes)
{
    keep_tail(page, bytes);
    while (bytes.len > 0) {
        size_t len = bytes.len < FEED_PIECE ? bytes.len : FEED_PIECE;
        VLS_TRY(feed_piece(page, VLS_SLICE(bytes.at, len), false));
        bytes = VLS_SLICE(bytes.at + len, bytes.len - len);
    }
    return VLS_DONE;
}

/* What came first is kept until it is known what it is: that of XML is fed then. */
static struct vls_status begin(struct page *page)
{
    page->is_begun = true;
    page->facts.form = page->head_len == 0 ? PAGE_NOTHING : form_of(page->facts.head);
    if (page->facts.form != PAGE_XML)
        return VLS_DONE;
    VLS_TRY(feed_all(page, VLS_SLICE(page->facts.head, page->head_len)));
    page->facts.head[0] = '\0';
    return VLS_DONE;
}

struct vls_status page_feed(struct page *page, struct vls_slice bytes)
{
    while (!page->is_begun && bytes.len > 0) {
        /* a long run of blanks before the first byte is passed over piece by piece */
        size_t len = bytes.len < PAGE_HEAD / 2 ? bytes.len : PAGE_HEAD / 2;
        keep_head(page, VLS_SLICE(bytes.at, len));
        bytes = VLS_SLICE(bytes.at + len, bytes.len - len);
        if (page->head_len >= SCRUB_HEAD)
            VLS_TRY(begin(page));
    }
    if (page->facts.form == PAGE_XML)
        return feed_all(page, bytes);
    keep_head(page, bytes);
    return VLS_DONE;
}

/* A record that is cut short with the page is no damaged one: the page is asked for again. */
static void drop_open_record(struct page *page)
{
    struct page_item *item = page->open;
    page->open = NULL;
    page->place = AT_WRAP;
    page->target = TO_NOWHERE;
    if (item != NULL)
        put_aside(page, item);
}

struct vls_status page_end(struct page *page)
{
    if (!page->is_begun)
        VLS_TRY(begin(page));
    if (page->facts.form != PAGE_XML)
        return VLS_DONE;
    page->facts.is_complete =
        !page->facts.is_refused && (page->facts.is_complete || ends_with_root(page));
    bool was_complete = page->facts.is_complete;
    if (!was_complete)
        drop_open_record(page);
    VLS_TRY(feed_piece(page, VLS_SLICE("", 0), true));
    /* the XML reader ends what is cut short, too: an empty root alone may end here */
    page->facts.is_complete =
        was_complete || (page->facts.is_complete && ends_with_empty_tag(page));
    if (page->facts.is_complete)
        page_close_record(page, false);
    else
        drop_open_record(page);
    if (!page->facts.is_complete && !page->facts.is_refused)
        snprintf(page->facts.why, sizeof page->facts.why, "it is cut short behind record %llu",
                 (unsigned long long)page->number);
    return VLS_DONE;
}
