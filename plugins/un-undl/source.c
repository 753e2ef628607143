/* The source: a query, page by page, again and again. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/words.h"
#include "marc/stamp.h"
#include "undl.h"

#define SINCE      "{since}"
#define QUERY_ROOM 1024
/* Dates in a query are days of the Library's clock, which is behind UTC, and records change while a
 * run goes on. */
#define OVERLAP (2 * STAMP_DAY)

static const char *query_of(const struct undl *u, char out[QUERY_ROOM])
{
    char day[STAMP_TEXT];
    const char *query = u->plug.host->setting(u->plug.ctx, "query");
    const char *at = strstr(query, SINCE);
    if (at == NULL)
        return query;
    stamp_print(u->cursor.since, false, day);
    snprintf(out, QUERY_ROOM, "%.*s%s%s", (int)(at - query), query, day, at + strlen(SINCE));
    return out;
}

static int64_t first_day(const struct undl *u)
{
    int64_t day = 0;
    const char *from = u->plug.host->setting(u->plug.ctx, "from");
    return stamp_read(from, &day) ? day : 0;
}

static void begin_again(struct undl_cursor *c)
{
    c->count = 0;
    c->first = 1;
    c->total = -1;
    c->first_mark = 0;
    c->search_id[0] = '\0';
}

static bool ask(void *ctx, char *url, size_t room)
{
    struct undl *u = ctx;
    struct undl_cursor *c = &u->cursor;
    char query[QUERY_ROOM];
    if (c->began == 0) {
        c->began = (int64_t)(u->plug.host->now_ms(u->plug.ctx) / 1000);
        begin_again(c);
    }
    undl_search_url(u, query_of(u, query), c->search_id, c->first, url, room);
    return true;
}

/* -- pages ------------------------------------------------------------------------------------- */

static enum harvest_next run_done(struct undl *u)
{
    struct undl_cursor *c = &u->cursor;
    char why[PLUG_WHY];
    if (c->total >= 0 && (uint64_t)c->total > c->count) {
        plug_say(why, sizeof why, "the Library counted %" PRId64 " records, and gave out %" PRIu64,
                 c->total, c->count);
        harvest_note_partial(&u->harvest, (uint64_t)c->total - c->count, why);
    }
    c->since = c->began - OVERLAP > c->since ? c->began - OVERLAP : c->since;
    c->began = 0;
    begin_again(c);
    return HARVEST_REST;
}

/* An empty list without a total is what an internal error looks like as well. */
static enum harvest_next nobody_knows(struct harvest_verdict *v)
{
    return harvest_fail(v, VLS_RESULT_MALFORMED, "total",
                        "an empty list without a total: nobody can tell whether there is nothing "
                        "or something is wrong");
}

static enum harvest_next api_page(struct undl *u, const struct page_facts *facts,
                                  struct harvest_verdict *v)
{
    struct undl_cursor *c = &u->cursor;
    uint64_t records = facts->records + facts->damaged;
    if (facts->total >= 0)
        c->total = facts->total;
    if (records == 0 && c->total < 0)
        return nobody_knows(v);
    if (records == 0 && c->search_id[0] != '\0' && c->count < (uint64_t)c->total &&
        facts->search_id[0] == '\0') {
        begin_again(c); /* it is no cursor any more */
        (void)harvest_fail(v, VLS_RESULT_RETRY_AT, "",
                           "the search_id is no longer good: the query is begun again");
        return HARVEST_AGAIN;
    }
    c->count += records;
    if (records == 0 || c->count >= (uint64_t)(c->total >= 0 ? c->total : INT64_MAX))
        return run_done(u);
    if (facts->search_id[0] == '\0' || facts->is_cut)
        return harvest_fail(v, VLS_RESULT_MALFORMED, "search_id",
                            "a page without a search_id of a length that is usable, behind which "
                            "there are more records");
    snprintf(c->search_id, sizeof c->search_id, "%s", facts->search_id);
    return HARVEST_GO;
}

/* Behind its end a search gives its last page once more: the end is the total, or a page that
 * begins as the one before. */
static enum harvest_next search_page(struct undl *u, const struct page_facts *facts,
                                     struct harvest_verdict *v)
{
    struct undl_cursor *c = &u->cursor;
    uint64_t records = facts->records + facts->damaged, mark = u->harvest.first_mark;
    if (facts->total >= 0)
        c->total = facts->total;
    if (records == 0 && c->total < 0)
        return nobody_knows(v);
    if (records == 0 || mark == c->first_mark)
        return run_done(u);
    c->count += records;
    c->first += records;
    c->first_mark = mark;
    return c->total >= 0 && c->count >= (uint64_t)c->total ? run_done(u) : HARVEST_GO;
}

static enum harvest_next turn(void *ctx, const struct page_facts *facts, unsigned status,
                              struct harvest_verdict *v)
{
    struct undl *u = ctx;
    if (undl_judge(facts, status, u->plug.host->now_ms(u->plug.ctx), v))
        return HARVEST_FAIL;
    return u->interface == UNDL_API ? api_page(u, facts, v) : search_page(u, facts, v);
}

/* -- the cursor -------------------------------------------------------------------------------- */

static void note(void *ctx, uint64_t done, uint64_t mark, char out[PENDING_CURSOR])
{
    const struct undl *u = ctx;
    const struct undl_cursor *c = &u->cursor;
    snprintf(out, PENDING_CURSOR,
             "1 %" PRId64 " %" PRId64 " %" PRIu64 " %" PRIu64 " %" PRId64 " %" PRIu64 " %" PRIu64
             " %" PRIu64,
             c->since, c->began, c->count, c->first, c->total, c->first_mark, done, mark);
}

static bool read_cursor(struct undl_cursor *c, const char *text, uint64_t *out_done,
                        uint64_t *out_mark)
{
    return sscanf(text,
                  "1 %" SCNd64 " %" SCNd64 " %" SCNu64 " %" SCNu64 " %" SCNd64 " %" SCNu64
                  " %" SCNu64 " %" SCNu64,
                  &c->since, &c->began, &c->count, &c->first, &c->total, &c->first_mark, out_done,
                  out_mark) == 8;
}

/* A search_id goes forward only: who asks for its page once more gets the next one. So a run of API
 * v1 that was interrupted is begun again, and what was sent is not sent again; a search goes on at
 * its page. */
static void back(void *ctx, const char *cursor, uint64_t *out_done, uint64_t *out_mark)
{
    struct undl *u = ctx;
    struct undl_cursor c = {0};
    *out_done = *out_mark = 0;
    if (cursor == NULL || !read_cursor(&c, cursor, out_done, out_mark)) {
        if (cursor != NULL)
            plug_log(&u->plug, VLS_LEVEL_WARN,
                     "the saved cursor is none of this version: from the beginning; what was sent "
                     "is not sent again");
        c = (struct undl_cursor){.since = first_day(u)};
        begin_again(&c);
    }
    if (u->interface == UNDL_API) {
        begin_again(&c);
        *out_done = *out_mark = 0;
    }
    u->cursor = c;
}

/* See back(): the page that failed cannot be had again by its search_id. */
static bool failed(void *ctx, bool is_last)
{
    struct undl *u = ctx;
    (void)is_last;
    bool was_inside = u->interface == UNDL_API && u->cursor.search_id[0] != '\0';
    if (was_inside)
        begin_again(&u->cursor);
    return was_inside;
}

void undl_source_init(struct undl *u)
{
    u->ops = (struct harvest_ops){.ask = ask,
                                  .turn = turn,
                                  .note = note,
                                  .back = back,
                                  .failed = failed,
                                  .coverage = "",
                                  .limit_ms = u->interface == UNDL_API ? UNDL_LIMIT_MS : 0};
    const char *licence = u->plug.host->setting(u->plug.ctx, "licence");
    harvest_init(&u->harvest, &u->plug, &u->ops, u, u->url, licence[0] != '\0' ? licence : NULL);
}
