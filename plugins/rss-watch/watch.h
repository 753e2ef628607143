#ifndef VALISE_RSS_WATCH_WATCH_H
#define VALISE_RSS_WATCH_WATCH_H
/*
 * rss-watch/watch - what the files of the plugin share: rss_watch.c polls and remembers, feed.c
 * reads a feed, item.c hands an item over.
 *
 *     feed ──(whole, and not seen)──> waiting ──emit──> in flight ──committed──> seen
 *                                        ^                  │
 *                                        └──────RETRY───────┘
 *
 * That an item was seen is saved in the commit of its message, so that none is missed; and its key
 * is what the feed calls it, so that none comes twice even without that.
 *
 * Process: host. The manual, with the limits, is valise-rss-watch(7).
 */
#include "common/common.h"

#define WATCH_FEEDS  16u
#define WATCH_ITEMS  1000u         /* of one feed: what is further back is not looked at         */
#define WATCH_KNOWN  1100u         /* that were seen, in all: what the state of a plugin holds   */
#define WATCH_TEXT   (64u << 10)   /* of one element of a feed                                   */
#define WATCH_BYTES  (8u << 20)    /* of one feed                                                */
#define WATCH_KEY    128u          /* of a message, as the interface has it                      */
#define WATCH_STATE  40u           /* "i FEED ITEM", two marks in hexadecimal digits             */
#define WATCH_TRIES  3u            /* to bring a document, before its notice goes alone          */
#define WATCH_FILE   (64ull << 20) /* the largest document                                      */
#define WATCH_CLOSED UINT64_C(21600000) /* ms before a feed that is blocked is asked again      */

/* One item of a feed. */
struct item {
    struct item *prev, *next;
    char *id; /* its guid, its link, or its title */
    char *title, *link, *summary;
    uint64_t published_ms; /* 0: not known */
    uint64_t mark;         /* of its id */
    struct feed *feed;
    uint64_t token;         /* in flight; 0: waiting */
    uint64_t not_before_ms; /* steady */
    unsigned tries, fetches;
};

struct feed {
    char *url;
    char mark[17];
    /* of the last answer. In memory alone, as are the items that came with it: after a restart all
     * is looked at again, so that none is missed */
    char etag[PLUG_FIELD], modified[PLUG_FIELD];
    uint64_t due_ms; /* steady */
    unsigned pending;
    uint32_t result; /* of the last look, and why */
    uint64_t retry_at_ms;
    char why[PLUG_WHY], where[PLUG_WHERE];
};

struct watch {
    struct plug plug;
    struct feed feeds[WATCH_FEEDS];
    unsigned feed_count;
    const char *to, *kind, *label, *issuer;
    bool brings_documents;
    uint64_t interval_ms, next_token;
    struct item *items; /* waiting and in flight, oldest first */
    unsigned known;     /* items of the state */
};

void item_free(struct item *item);

/* -- feed.c ------------------------------------------------------------------------------------ */

/** Look at a feed. DELIVERED: `*out` has its items, newest last, without any header; otherwise the
 * answer says why not, and `*out` is NULL. */
uint32_t feed_read(struct watch *w, struct feed *feed, struct item **out,
                   struct plug_answer *answer);

/* -- item.c ------------------------------------------------------------------------------------ */

/** The key of "it was seen". */
void item_state_key(const struct feed *feed, const char *id, char out[WATCH_STATE]);
/** Hand it over; OK: it is in flight. `*out_later_ms`: with BUSY, how long its document is not to
 * be asked for; 0 when the gateway is what is busy. */
enum vls_emit item_emit(struct watch *w, struct item *item, uint64_t *out_later_ms);

#endif
