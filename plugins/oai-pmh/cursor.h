#ifndef VALISE_OAI_CURSOR_H
#define VALISE_OAI_CURSOR_H
/*
 * oai-pmh/cursor - where in a repository a harvest is: a window of dates, a page of it, a record.
 *
 * Windows are short (at most 90 days), as open-ended lists of large repositories fail, and as a
 * token that has expired then costs one window. The next window begins behind the one before; when
 * all up to now is here, the next run begins `overlap` before that end, as datestamps may be given
 * late. What is read twice by that is not sent twice.
 *
 * Pure.
 */
#include <stdbool.h>
#include <stdint.h>

#include "marc/pending.h"

#define CURSOR_TOKEN  2048
#define CURSOR_NO_DAY INT64_MIN

struct cursor {
    int64_t from, until; /* seconds since 1970, both within the window; until NO_DAY: not planned */
    bool has_seconds;    /* the repository's granularity */
    uint64_t count;      /* records of the window on pages that were read */
    char token[CURSOR_TOKEN]; /* of the page; "": the first one */
};

/** As text, with so many records of the page done. */
void cursor_write(const struct cursor *c, uint64_t done, uint64_t mark, char out[PENDING_CURSOR]);
/** false: it is none. */
bool cursor_read(struct cursor *c, const char *text, uint64_t *out_done, uint64_t *out_mark);

/** The smallest step of its dates: a day or a second. */
int64_t cursor_granule(const struct cursor *c);

/** Plan the window at `from`, at most so wide, not beyond `now`. false: there is none, all is here.
 */
bool cursor_plan(struct cursor *c, int64_t now, int64_t width);
/** The window is done. true: it was the last one, up to `now`; the next run begins `overlap` before
 * its end. */
bool cursor_next(struct cursor *c, int64_t now, int64_t overlap);
/** From the beginning of the window. */
void cursor_again(struct cursor *c);
/** The same with half the window; false: it is as small as it gets. */
bool cursor_narrow(struct cursor *c, int64_t *width);

#endif
