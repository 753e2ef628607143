#ifndef VALISE_MARC_HARVEST_H
#define VALISE_MARC_HARVEST_H
/*
 * marc/harvest - a catalogue from its first page to its last, whatever the protocol: pages are
 * asked for, read and handed over record by record; who harvests says which page is next.
 *
 *     poll ─> ask() ─> page ─> records ─> deliver.c ─> turn() ─> ask() ... until REST
 *                       │                               │
 *                       └── cut short, HTML, 503 ...: tried again, ever later ──┐
 *                                                       └── then reported, and rested
 *
 * A page is fetched whole, into a file in memory, before a record of it is handed over: what is cut
 * short hands over nothing, and no connection waits for the store. Its parts are read piece by
 * piece; the process does not grow with it.
 *
 * Pauses: never less than `backoff-seconds`, whatever Retry-After says, twice as long after each
 * failure in a row, at most HARVEST_TRIES of them; then the operator is told and it rests for
 * `interval-seconds`. A challenge or a missing key is told at once and not tried in between.
 *
 * Process:   host; polled by it. The cursor is the item "cursor" of the plugin's state, saved with
 *            documents: see pending.h.
 * Ownership: a harvest borrows ops and ctx, and owns the rest until harvest_fini().
 * Start at:  harvest_poll().
 */
#include "deliver.h"
#include "pending.h"

#define HARVEST_TRIES 6u
#define HARVEST_URL   2048

/* Settings that every harvest has; a comma behind it. */
#define HARVEST_SETTINGS                                                                           \
    {.name = "interval-seconds",                                                                   \
     .type = VLS_SETTING_NUMBER,                                                                   \
     .min = 1,                                                                                     \
     .max = 604800,                                                                                \
     .fallback = "3600",                                                                           \
     .help = "From the end of one harvest to the next."},                                          \
        {.name = "backoff-seconds",                                                                \
         .type = VLS_SETTING_NUMBER,                                                               \
         .min = 1,                                                                                 \
         .max = 3600,                                                                              \
         .fallback = "30",                                                                         \
         .help = "Least pause after a failure, doubled each time; below 30 for tests alone."},     \
    {                                                                                              \
        .name = "page-mib", .type = VLS_SETTING_NUMBER, .min = 1, .max = 1024, .fallback = "256",  \
        .help = "Largest page that is accepted."                                                   \
    }

enum harvest_next {
    HARVEST_GO,    /* the cursor has moved: ask for the next page */
    HARVEST_AGAIN, /* something is to be begun again: counts as a failure; `why` is set */
    HARVEST_REST,  /* all is here */
    HARVEST_FAIL   /* the finding says why; tried again, ever later */
};

/** A verdict on a page. Begin with MALFORMED and without words. */
struct harvest_verdict {
    uint32_t result; /* enum vls_result */
    uint64_t retry_at_ms;
    char why[PLUG_WHY], where[PLUG_WHERE];
};

struct harvest_ops {
    /** Address of the page at the cursor. false: there is nothing to ask for, rest. */
    bool (*ask)(void *ctx, char *url, size_t room);
    /** A page was read, and all of its records were handed over: it is whole XML, or its error is.
     */
    enum harvest_next (*turn)(void *ctx, const struct page_facts *facts, unsigned status,
                              struct harvest_verdict *verdict);
    /** The cursor behind `done` records of this page, of which the last is `mark`; as text. */
    void (*note)(void *ctx, uint64_t done, uint64_t mark, char out[PENDING_CURSOR]);
    /** Be at this place again; NULL: at the beginning. Sets how many records of its page are done,
     * and which was the last of them. */
    void (*back)(void *ctx, const char *cursor, uint64_t *out_done, uint64_t *out_mark);
    /** The page could not be had, or was no good; `is_last`: as often as HARVEST_TRIES. true: the
     * cursor was moved, to where it may go better; false: the same page again. */
    bool (*failed)(void *ctx, bool is_last);
    /** What the operator should know of what is covered, to stand behind a semicolon; "". */
    const char *coverage;
    uint64_t limit_ms; /* the least wait after a 429, as they have it in their terms; 0: none */
};

struct harvest {
    struct plug *plug;
    const struct harvest_ops *ops;
    void *ctx;
    struct deliver deliver;
    struct pending pending;
    /* the page */
    struct page *page;
    int content; /* of it, a file in memory; -1: none is open */
    unsigned status;
    const struct page_record *record; /* taken from it, and not handed over yet */
    uint64_t done, skip, skip_mark, first_mark;
    bool is_read; /* to its end */
    /* the run */
    uint64_t records, damaged, replaced, missing, next_ms;
    unsigned tries, record_tries, blocked;
    char damage[PAGE_WORDS], partial[PLUG_WHY];
    char url[HARVEST_URL];
};

/** In start(), when services are there: reads the cursor. */
void harvest_init(struct harvest *h, struct plug *plug, const struct harvest_ops *ops, void *ctx,
                  const char *scope, const char *licence);
void harvest_fini(struct harvest *h);

/** For poll() and committed(). */
uint32_t harvest_poll(struct harvest *h);
void harvest_committed(struct harvest *h, const struct vls_commit *commit);

/** In turn(): so many of what there is will not come (0: nobody knows); told at the end of the run.
 */
void harvest_note_partial(struct harvest *h, uint64_t missing, const char *why);

/** "MALFORMED: where: words", for turn(). Gives HARVEST_FAIL. */
enum harvest_next harvest_fail(struct harvest_verdict *verdict, uint32_t result, const char *where,
                               const char *fmt, ...) PLUG_PRINTF(4, 5);

#endif
