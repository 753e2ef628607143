#ifndef VALISE_MARC_PAGE_H
#define VALISE_MARC_PAGE_H
/*
 * marc/page - one answer of a catalogue, read as it comes: records out of whatever wraps them.
 *
 * Understood, told apart by what stands there and not by what was asked for:
 *   - OAI-PMH 2.0 (ListRecords, GetRecord, Identify, errors), with MARCXML or oai_dc in it;
 *   - a MARCXML collection of a search, whose total is in a comment;
 *   - the answer of API v1, <response> with total, search_id and a collection;
 *   - anything else: HTML, JSON, nothing, of which the start is kept for who has to say what it is.
 * Names are compared without prefix; a record of MARC may be in no namespace, one of OAI too.
 *
 * Nothing of it can make the process large or slow: entities and document type declarations are
 * refused, nesting is bounded, a record is bounded (marc.h), and records are handed out while the
 * page still comes. Broken XML costs the record that it stands in: that one is counted and named,
 * and those behind it are read (libxml2 goes on behind an error; the beginning of the next record
 * is recognized wherever it comes).
 *
 * Process:   host.
 * Ownership: a page owns its records; page_take() lends one until the next call on the page.
 * Start at:  page_new(), then page_feed() and page_take() in turns, page_end(), page_take().
 */
#include "marc.h"

#define PAGE_MAX_DEPTH 64   /* of elements below a record or the root; catalogues have 8 */
#define PAGE_MAX_DRIFT 1024 /* of all, where broken records have left elements open */
#define PAGE_HEAD      4096 /* of an answer that is no XML, kept */
#define PAGE_TEXT      2048 /* a token, an identifier, an error's words */
#define PAGE_WORDS     256

enum page_form {
    PAGE_NOTHING, /* no byte, or only blanks */
    PAGE_XML,
    PAGE_HTML,
    PAGE_JSON,
    PAGE_OTHER
};

struct page_record {
    struct marc_record record;
    char *identifier, *datestamp; /* of the OAI header; NULL: none */
    bool is_deleted;              /* by the header; see also marc_is_deleted() */
    uint64_t number;              /* on this page, from 1, damaged ones counted too */
};

/* What a page says besides records. Texts are "" when it does not say. */
struct page_facts {
    enum page_form form;
    char root[32];           /* local name of the outermost element */
    bool is_complete;        /* the outermost element ended */
    bool is_refused;         /* reading was given up: why */
    char why[PAGE_WORDS];    /* of that; or the first error that hit no record */
    uint64_t records;        /* handed out, or to be */
    uint64_t damaged;        /* not handed out, as they are broken */
    char damage[PAGE_WORDS]; /* the first of them: "record 17 (oai:x:5): line 300: ..." */
    uint64_t replaced;       /* characters that are not XML's, or not UTF-8 */
    /* OAI-PMH */
    char error_code[64], error_text[PAGE_WORDS];
    bool has_token; /* there is a resumptionToken element, be it empty */
    char token[PAGE_TEXT], response_date[40];
    int64_t list_size; /* completeListSize; -1: not said */
    char protocol[16], granularity[32], earliest[40], deleted_policy[16], repository[PAGE_WORDS];
    /* search and API v1 */
    int64_t total; /* -1: not said, which is not 0 */
    char search_id[PAGE_TEXT];
    bool is_cut;              /* a token or search_id was longer than there is room for */
    char head[PAGE_HEAD + 1]; /* of what is no XML */
};

struct page;

/** NULL without memory. */
struct page *page_new(void);
void page_free(struct page **page);

/** Some more of the answer. @return SYSTEM_MEMORY; whatever else is wrong stands in the facts. Take
 *  all records before the next. */
VLS_STATUS page_feed(struct page *page, struct vls_slice bytes);
/** That was all of it. */
VLS_STATUS page_end(struct page *page);

/** The next record that is whole; NULL: none yet. */
const struct page_record *page_take(struct page *page);

const struct page_facts *page_facts(const struct page *page);

#endif
