#ifndef VALISE_MARC_PAGE_INTERNAL_H
#define VALISE_MARC_PAGE_INTERNAL_H
/*
 * marc/page_internal - the two halves of a page: page.c feeds and queues, page_sax.c is what the
 * XML reader calls.
 */
#include <libxml/parser.h>

#include "page.h"
#include "scrub.h"

enum page_place {
    AT_WRAP,     /* outside of records */
    AT_HEADER,   /* in the header of an OAI record */
    AT_METADATA, /* in its metadata, before the record proper */
    AT_RECORD,   /* in a record of MARC or Dublin Core */
    AT_ABOUT     /* in the about of an OAI record: passed over */
};

/* Where the text of the element that is open goes. */
enum page_target {
    TO_NOWHERE,
    TO_IDENTIFIER,
    TO_DATESTAMP,
    TO_CONTROL,
    TO_SUBFIELD,
    TO_ELEMENT,
    TO_TOKEN,
    TO_ERROR,
    TO_RESPONSE_DATE,
    TO_PROTOCOL,
    TO_GRANULARITY,
    TO_EARLIEST,
    TO_DELETED_POLICY,
    TO_REPOSITORY,
    TO_TOTAL,
    TO_SEARCH_ID
};

struct page_item {
    struct page_record record;
    struct page_item *next;
};

struct page {
    struct page_facts facts;
    struct scrub scrub;
    struct vls_buf clean;
    xmlParserCtxtPtr xml;
    bool is_begun, is_oai, is_stopped, no_memory;
    size_t head_len;
    uint8_t tail[64]; /* the last bytes, to see the end of the root behind broken nesting */
    size_t tail_len;
    char root[64]; /* of the outermost element, with its prefix */
    /* the record that is being read */
    struct page_item *open;
    bool is_damaged, is_oai_record;
    enum page_place place;
    unsigned depth, record_depth, about_depth;
    uint64_t number;
    /* the text that is being read */
    enum page_target target;
    unsigned target_depth;
    struct vls_buf text;
    char name[MARC_NAME], code, ind1, ind2;
    /* whole ones, and empty ones to use again */
    struct page_item *first, *last, *lent, *spare;
};

void page_sax_init(xmlSAXHandler *sax);
/** The record that is open becomes a whole one, or a damaged one; fine without one. */
void page_close_record(struct page *page, bool is_whole);
void page_note_damage(struct page *page, const char *words);

#endif
