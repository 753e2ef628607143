#include "cursor.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "marc/stamp.h"

#define LEAST_WIDTH STAMP_DAY

void cursor_write(const struct cursor *c, uint64_t done, uint64_t mark, char out[PENDING_CURSOR])
{
    snprintf(out, PENDING_CURSOR,
             "1 %" PRId64 " %" PRId64 " %d %" PRIu64 " %" PRIu64 " %" PRIu64 " %s", c->from,
             c->until, c->has_seconds, c->count, done, mark, c->token);
}

bool cursor_read(struct cursor *c, const char *text, uint64_t *out_done, uint64_t *out_mark)
{
    struct cursor read = {0};
    int seconds = 0, token = 0;
    uint64_t done, mark;
    if (sscanf(text, "1 %" SCNd64 " %" SCNd64 " %d %" SCNu64 " %" SCNu64 " %" SCNu64 "%n",
               &read.from, &read.until, &seconds, &read.count, &done, &mark, &token) != 6 ||
        text[token] != ' ' || strlen(text + token + 1) >= sizeof read.token)
        return false;
    read.has_seconds = seconds != 0;
    snprintf(read.token, sizeof read.token, "%s", text + token + 1);
    *c = read;
    *out_done = done;
    *out_mark = mark;
    return true;
}

int64_t cursor_granule(const struct cursor *c)
{
    return c->has_seconds ? 1 : STAMP_DAY;
}

static int64_t floor_to(int64_t seconds, int64_t granule)
{
    int64_t rest = seconds % granule;
    return seconds - (rest < 0 ? rest + granule : rest);
}

bool cursor_plan(struct cursor *c, int64_t now, int64_t width)
{
    int64_t granule = cursor_granule(c);
    c->from = floor_to(c->from, granule);
    if (c->from > now)
        return false;
    int64_t until = c->from + width - granule;
    int64_t last = floor_to(now, granule);
    c->until = until < last ? until : last;
    cursor_again(c);
    return true;
}

bool cursor_next(struct cursor *c, int64_t now, int64_t overlap)
{
    int64_t granule = cursor_granule(c), from = c->from;
    bool is_last = c->until >= floor_to(now, granule);
    c->from = is_last ? floor_to(c->until - overlap, granule) : c->until + granule;
    if (is_last && c->from < from && overlap == 0)
        c->from = from;
    c->until = CURSOR_NO_DAY;
    cursor_again(c);
    return is_last;
}

void cursor_again(struct cursor *c)
{
    c->token[0] = '\0';
    c->count = 0;
}

bool cursor_narrow(struct cursor *c, int64_t *width)
{
    if (c->until == CURSOR_NO_DAY || *width <= LEAST_WIDTH || c->until <= c->from)
        return false;
    *width = floor_to(*width / 2, STAMP_DAY);
    if (*width < LEAST_WIDTH)
        *width = LEAST_WIDTH;
    c->until = CURSOR_NO_DAY;
    cursor_again(c);
    return true;
}
