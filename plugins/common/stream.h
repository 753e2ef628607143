#ifndef VALISE_COMMON_STREAM_H
#define VALISE_COMMON_STREAM_H
/*
 * common/stream - a list that grows and changes at its end, read in the order of its changes, page
 * by page, for sources whose endpoint can sort by a time of change and filter by it.
 *
 *     from = the time of the last item that was settled, less an overlap
 *     page = items changed at `from` or later, oldest change first, `offset` of them left out
 *     next page: from = time of the page's last item; offset only while that stays the same
 *
 * So nothing slips through between two pages when an item changes meanwhile and moves to the end,
 * and many items of one second are passed, too. What was handed over is known by its id and its
 * time of change together: the overlap, which finds items that were indexed late, brings none
 * twice. An item that the gateway refuses is left behind, and the cursor with it: others go on, and
 * each round tries it once more, until an operator has acted.
 *
 * Process:   host.
 * Ownership: the stream owns its page.
 */
#include "feed.h"

#define STREAM_TIME 40u /* a time of change, as the endpoint writes it */

struct feed_stream {
    struct feed *feed;
    /** Id and time of change of an item; false: it lacks one, and is passed over. */
    bool (*name)(const json_t *item, char id[FEED_NAME], char at[STREAM_TIME]);
    uint64_t overlap_ms;
    const char *since; /* where a stream without a cursor begins; "": at the beginning */

    json_t *items; /* the page that is being handed over */
    size_t at;
    bool is_last;     /* no page comes behind it */
    uint64_t from_ms; /* 0: from the beginning */
    unsigned offset;
    uint64_t passed; /* items without a name, in this round */

    struct plug_seen seen, seen_next;
    char cursor[STREAM_TIME];
    char held[STREAM_TIME]; /* of the first item of this round that was refused; "": none */
    char mark[FEED_NAME + STREAM_TIME], mark_at[STREAM_TIME]; /* of the item on its way */
};

/** Load what was saved. `feed`, `name`, `overlap_ms`, `since` are set before. */
void feed_stream_start(struct feed_stream *stream);
void feed_stream_stop(struct feed_stream *stream);

/** A page has to be fetched: the item list is used up. */
bool feed_stream_wants_page(const struct feed_stream *stream);
/** A round begins anew at the cursor: after a pause, or a failure. */
void feed_stream_rewind(struct feed_stream *stream);
/** The page that was asked for, with so many items at most. `items` is an array, and is kept. */
void feed_stream_take(struct feed_stream *stream, json_t *items, unsigned limit);
/** The next item that was not handed over; NULL: none on this page. */
json_t *feed_stream_item(struct feed_stream *stream);
/** All pages are used up. */
bool feed_stream_is_over(const struct feed_stream *stream);

/** The item of feed_stream_item(), as a document: with cursor and marks in the same commit. */
enum vls_emit feed_stream_emit(struct feed_stream *stream, struct feed_task *task,
                               struct feed_paper *paper);
/** The item is as it was when it was handed over: it is passed, and that is saved. */
void feed_stream_pass(struct feed_stream *stream, struct feed_task *task);
/** For committed(). */
void feed_stream_committed(struct feed_stream *stream, struct feed_task *task,
                           const struct vls_commit *commit);

#endif
