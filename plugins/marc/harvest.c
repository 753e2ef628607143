#include "harvest.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "common/keep.h"

#define CURSOR      "cursor"
#define PIECE       65536
#define AT_ONCE     10u   /* as soon as the host polls again */
#define BUSY_MS     1000u /* without a document under way that would make it poll */
#define BUDGET_MS   2000u /* of one poll, so that its deadline is far */
#define BACK_MOST_S 3600u
#define REST_MOST_S 86400u

/* -- life -------------------------------------------------------------------------------------- */

static void close_page(struct harvest *h)
{
    if (h->content >= 0)
        close(h->content);
    h->content = -1;
    page_free(&h->page);
    h->record = NULL;
    h->is_read = false;
    h->done = 0;
}

static void go_to(struct harvest *h, const char *cursor)
{
    char copy[PENDING_CURSOR] = "";
    snprintf(copy, sizeof copy, "%s", cursor != NULL ? cursor : "");
    close_page(h);
    pending_reset(&h->pending, copy[0] != '\0' ? copy : NULL);
    h->ops->back(h->ctx, copy[0] != '\0' ? copy : NULL, &h->skip, &h->skip_mark);
}

void harvest_init(struct harvest *h, struct plug *plug, const struct harvest_ops *ops, void *ctx,
                  const char *scope, const char *licence)
{
    char cursor[PENDING_CURSOR];
    memset(h, 0, sizeof *h);
    h->plug = plug;
    h->ops = ops;
    h->ctx = ctx;
    h->content = -1;
    deliver_init(&h->deliver, plug, scope, licence);
    go_to(h, plug_keep_get(plug, CURSOR, cursor, sizeof cursor));
}

void harvest_fini(struct harvest *h)
{
    close_page(h);
    pending_fini(&h->pending);
    deliver_fini(&h->deliver);
}

static uint64_t now(const struct harvest *h)
{
    return h->plug->host->steady_ms(h->plug->ctx);
}

static uint64_t setting(const struct harvest *h, const char *name)
{
    return (uint64_t)h->plug->host->setting_number(h->plug->ctx, name);
}

/* -- pauses ------------------------------------------------------------------------------------ */

static uint32_t pause_for(struct harvest *h, uint64_t ms)
{
    h->next_ms = now(h) + ms;
    return (uint32_t)(ms < UINT32_MAX ? ms : UINT32_MAX);
}

static void say(struct harvest *h, const struct harvest_verdict *verdict)
{
    struct vls_finding finding = {.size = sizeof finding,
                                  .result = verdict->result,
                                  .retry_at_ms = verdict->retry_at_ms,
                                  .where = verdict->where[0] != '\0' ? verdict->where : NULL,
                                  .url = h->url[0] != '\0' ? h->url : NULL};
    plug_report(h->plug, &finding, verdict->why);
}

/* The next try: they may ask for longer than we would wait, never for less. */
static uint64_t back_off(struct harvest *h, const struct harvest_verdict *verdict)
{
    uint64_t seconds = setting(h, "backoff-seconds") << (h->tries > 0 ? h->tries - 1 : 0);
    uint64_t ms = 1000 * (seconds < BACK_MOST_S ? seconds : BACK_MOST_S);
    uint64_t wall = h->plug->host->now_ms(h->plug->ctx);
    uint64_t asked = verdict->retry_at_ms > wall ? verdict->retry_at_ms - wall : 0;
    return asked > ms ? asked : ms;
}

static bool needs_a_person(uint32_t result)
{
    return result == VLS_RESULT_BLOCKED || result == VLS_RESULT_NEEDS_KEY ||
           result == VLS_RESULT_REFUSED;
}

/* How long it rests when it was tried often enough, or a person has to act first: the interval, and
 * twice as long each time that it is still blocked. */
static uint64_t rest_ms(const struct harvest *h)
{
    uint64_t seconds = setting(h, "interval-seconds") << (h->blocked > 1 ? h->blocked - 1 : 0);
    return 1000 * (seconds < REST_MOST_S ? seconds : REST_MOST_S);
}

/* It ends here, and is tried again later from where it is. */
static uint32_t fail(struct harvest *h, struct harvest_verdict *verdict)
{
    bool is_for_a_person = needs_a_person(verdict->result);
    h->tries++;
    if (is_for_a_person && h->blocked < 16)
        h->blocked++;
    bool is_over = is_for_a_person || h->tries >= HARVEST_TRIES;
    uint64_t ms = is_over ? rest_ms(h) : back_off(h, verdict);
    plug_count(h->plug, "failures", 1);
    if (is_over)
        h->tries = 0;
    verdict->retry_at_ms = h->plug->host->now_ms(h->plug->ctx) + ms;
    say(h, verdict);
    return pause_for(h, ms);
}

/* The cursor was moved. */
static void moved(struct harvest *h)
{
    char cursor[PENDING_CURSOR];
    h->ops->note(h->ctx, 0, 0, cursor);
    pending_move(&h->pending, cursor);
    h->skip = 0;
}

/* The same of a page: it is asked for once more, or a smaller one. What was handed over of it is
 * not handed over again: deliver.c knows it. */
static uint32_t fail_page(struct harvest *h, struct harvest_verdict *verdict)
{
    bool is_last = h->tries + 1 >= HARVEST_TRIES && !needs_a_person(verdict->result);
    close_page(h);
    if (h->ops->failed(h->ctx, is_last))
        moved(h);
    return fail(h, verdict);
}

/* -- the end of a run -------------------------------------------------------------------------- */

void harvest_note_partial(struct harvest *h, uint64_t missing, const char *why)
{
    h->missing += missing;
    if (h->partial[0] == '\0')
        plug_say(h->partial, sizeof h->partial, "%s", why);
}

static void say_what_came(const struct harvest *h, char why[PLUG_WHY])
{
    char replaced[64] = "";
    if (h->replaced > 0)
        snprintf(replaced, sizeof replaced, "; %" PRIu64 " characters that XML forbids replaced",
                 h->replaced);
    if (h->damaged > 0)
        plug_say(why, PLUG_WHY, "%" PRIu64 " of %" PRIu64 " records are broken: %s", h->damaged,
                 h->records + h->damaged, h->damage);
    else if (h->partial[0] != '\0')
        plug_say(why, PLUG_WHY, "%s", h->partial);
    else
        plug_say(why, PLUG_WHY, "%" PRIu64 " new records%s%s%s", h->records, replaced,
                 h->ops->coverage[0] != '\0' ? "; " : "", h->ops->coverage);
}

/* One sentence of what came, what did not, and what this catalogue covers. */
static void tell(struct harvest *h)
{
    char why[PLUG_WHY];
    bool is_partial = h->damaged > 0 || h->partial[0] != '\0';
    struct vls_finding finding = {.size = sizeof finding,
                                  .result = is_partial       ? VLS_RESULT_PARTIAL
                                            : h->records > 0 ? VLS_RESULT_DELIVERED
                                                             : VLS_RESULT_UNCHANGED,
                                  .url = h->url[0] != '\0' ? h->url : NULL};
    if (is_partial) {
        finding.got = h->records;
        finding.total = h->records + h->damaged + h->missing;
    }
    say_what_came(h, why);
    plug_report(h->plug, &finding, why);
}

/* All was handed over; what is certain is saved once all of it has its outcome. */
static uint32_t rest(struct harvest *h)
{
    tell(h);
    close_page(h);
    h->records = h->damaged = h->replaced = h->missing = 0;
    h->damage[0] = h->partial[0] = '\0';
    h->tries = h->blocked = 0;
    return pause_for(h, rest_ms(h));
}

/* What is certain, where no document carries it. */
static void save(struct harvest *h)
{
    char saved[PENDING_CURSOR];
    const char *frontier = h->pending.frontier;
    if (h->pending.count > 0 || frontier == NULL)
        return;
    (void)plug_keep_get(h->plug, CURSOR, saved, sizeof saved);
    if (strcmp(saved, frontier) != 0)
        (void)plug_keep_put(h->plug, CURSOR, frontier);
}

/* -- a page ------------------------------------------------------------------------------------ */

static uint32_t open_page(struct harvest *h)
{
    struct plug_answer answer;
    struct harvest_verdict v = {0};
    struct plug_ask ask = {.url = h->url,
                           .kinds = PLUG_XML | PLUG_JSON,
                           .any_status = true,
                           .max_bytes = setting(h, "page-mib") << 20};
    if (plug_fetch(h->plug, &ask, &h->content, &answer) == VLS_RESULT_DELIVERED &&
        (h->page = page_new()) != NULL && lseek(h->content, 0, SEEK_SET) == 0) {
        h->status = answer.status;
        plug_count(h->plug, "pages", 1);
        return 0;
    }
    v.result = answer.result != VLS_RESULT_DELIVERED ? answer.result : VLS_RESULT_RETRY_AT;
    v.retry_at_ms = answer.retry_at_ms;
    uint64_t limit = h->plug->host->now_ms(h->plug->ctx) + h->ops->limit_ms;
    if (answer.status == 429 && limit > v.retry_at_ms)
        v.retry_at_ms = limit;
    snprintf(v.why, sizeof v.why, "%s", answer.why);
    snprintf(v.where, sizeof v.where, "%s", answer.where);
    return fail_page(h, &v);
}

/* Some more of the page, or its end. false: no memory */
static bool read_some(struct harvest *h)
{
    static unsigned char piece[PIECE];
    ssize_t n = read(h->content, piece, sizeof piece);
    if (n < 0)
        return false;
    h->is_read = n == 0;
    return vls_ok(n > 0 ? page_feed(h->page, VLS_SLICE(piece, (size_t)n)) : page_end(h->page));
}

static uint64_t mark_of(const struct page_record *r)
{
    const char *id = r->identifier != NULL ? r->identifier : marc_value(&r->record, "001");
    const struct vls_digest d = vls_digest_of_slice(vls_slice_text(id != NULL ? id : ""));
    uint64_t mark;
    memcpy(&mark, d.bytes, sizeof mark);
    return mark >> 1; /* a number that any reader of text takes */
}

/* The page from its start, all of it: what is known is not handed over twice. */
static void read_again(struct harvest *h)
{
    page_free(&h->page);
    h->record = NULL;
    h->is_read = false;
    h->done = h->skip = 0;
    h->page = page_new();
    if (h->page == NULL || lseek(h->content, 0, SEEK_SET) != 0)
        close_page(h);
}

/* It was handed over before a restart, if the page is as it was. */
static void pass_over(struct harvest *h, uint64_t mark)
{
    h->record = NULL;
    h->done++;
    if (h->done == h->skip && mark != h->skip_mark)
        read_again(h);
}

static uint32_t file_is_for_later(struct harvest *h, const struct plug_answer *answer)
{
    struct harvest_verdict v = {.result = answer->result, .retry_at_ms = answer->retry_at_ms};
    snprintf(v.why, sizeof v.why, "%s", answer->why);
    h->record_tries++;
    return fail(h, &v); /* the page stays open, at this record */
}

/* One record. 0: go on with the next; otherwise come back after so many milliseconds. */
static uint32_t hand_over(struct harvest *h)
{
    char cursor[PENDING_CURSOR];
    struct plug_answer answer = {.result = VLS_RESULT_NONE};
    uint64_t mark = mark_of(h->record);
    if (h->done == 0)
        h->first_mark = mark;
    if (h->done < h->skip) {
        pass_over(h, mark);
        return 0;
    }
    if (!pending_has_room(&h->pending))
        return AT_ONCE;
    h->ops->note(h->ctx, h->done + 1, mark, cursor);
    uint64_t token = pending_add(&h->pending, cursor);
    bool gives_up = h->record_tries >= HARVEST_TRIES;
    enum deliver_outcome outcome =
        deliver_record(&h->deliver, h->record, h->pending.frontier, gives_up, token, &answer);
    if (outcome == DELIVER_BUSY || outcome == DELIVER_LATER)
        pending_take_back(&h->pending);
    if (outcome == DELIVER_LATER)
        return file_is_for_later(h, &answer);
    if (outcome == DELIVER_BUSY)
        return BUSY_MS;
    if (outcome != DELIVER_DONE)
        pending_settle(&h->pending, token, true);
    h->records += outcome == DELIVER_DONE;
    plug_count(h->plug, "records", outcome == DELIVER_DONE);
    h->record_tries = 0;
    h->done++;
    h->record = NULL;
    return 0;
}

static void add_up(struct harvest *h, const struct page_facts *facts)
{
    h->damaged += facts->damaged;
    h->replaced += facts->replaced;
    if (facts->damaged > 0) {
        plug_count(h->plug, "damaged", facts->damaged);
        plug_log(h->plug, VLS_LEVEL_WARN, "%" PRIu64 " records of this page are broken: %s",
                 facts->damaged, facts->damage);
        if (h->damage[0] == '\0')
            snprintf(h->damage, sizeof h->damage, "%s", facts->damage);
    }
}

static uint32_t not_whole(struct harvest *h, const struct page_facts *facts)
{
    struct harvest_verdict v = {.result = VLS_RESULT_MALFORMED};
    snprintf(v.where, sizeof v.where, "record %" PRIu64, facts->records + facts->damaged);
    plug_say(v.why, sizeof v.why, "a page of the catalogue is not whole: %s",
             facts->why[0] != '\0' ? facts->why : "it is no XML");
    return fail_page(h, &v);
}

/* The page was read. */
static uint32_t turn(struct harvest *h)
{
    const struct page_facts *facts = page_facts(h->page);
    struct harvest_verdict v = {.result = VLS_RESULT_MALFORMED};
    if (h->done < h->skip) { /* it had more records before */
        read_again(h);
        return 0;
    }
    if (facts->form != PAGE_JSON && (facts->form != PAGE_XML || !facts->is_complete))
        return not_whole(h, facts);
    enum harvest_next next = h->ops->turn(h->ctx, facts, h->status, &v);
    if (next == HARVEST_FAIL)
        return fail_page(h, &v);
    if (next != HARVEST_AGAIN)
        add_up(h, facts);
    moved(h);
    close_page(h);
    if (next == HARVEST_AGAIN)
        return fail(h, &v);
    h->tries = h->blocked = 0;
    return next == HARVEST_REST ? rest(h) : 0;
}

/* One step. 0: another. */
static uint32_t step(struct harvest *h)
{
    if (h->page == NULL) {
        save(h);
        if (!h->ops->ask(h->ctx, h->url, sizeof h->url))
            return rest(h);
        return open_page(h);
    }
    if (h->record == NULL)
        h->record = page_take(h->page);
    if (h->record != NULL)
        return hand_over(h);
    if (h->is_read)
        return turn(h);
    if (read_some(h))
        return 0;
    close_page(h);
    return BUSY_MS;
}

/* -- what the host calls ----------------------------------------------------------------------- */

static uint32_t poll_once(struct harvest *h)
{
    uint64_t began = now(h);
    uint32_t wait = 0;
    save(h);
    if (h->pending.must_go_back) {
        go_to(h, h->pending.frontier);
        deliver_forget(&h->deliver);
        return pause_for(h, BUSY_MS);
    }
    if (h->next_ms > began) /* polled for another reason: an outcome made room */
        return (uint32_t)(h->next_ms - began < UINT32_MAX ? h->next_ms - began : UINT32_MAX);
    while (wait == 0 && now(h) - began < BUDGET_MS)
        wait = step(h);
    return wait == 0 ? AT_ONCE : wait;
}

/* While outcomes are open it does not rest for long: one of them may have to be handed over again.
 */
uint32_t harvest_poll(struct harvest *h)
{
    uint32_t wait = poll_once(h);
    return h->pending.count > 0 && wait > BUSY_MS ? BUSY_MS : wait;
}

void harvest_committed(struct harvest *h, const struct vls_commit *commit)
{
    if (commit->outcome == VLS_OUTCOME_REFUSED)
        plug_count(h->plug, "refused", 1);
    pending_settle(&h->pending, commit->token, commit->outcome != VLS_OUTCOME_RETRY);
    save(h);
}

enum harvest_next harvest_fail(struct harvest_verdict *verdict, uint32_t result, const char *where,
                               const char *fmt, ...)
{
    char words[2 * PLUG_WHY];
    va_list list;
    va_start(list, fmt);
    vsnprintf(words, sizeof words, fmt, list);
    va_end(list);
    verdict->result = result;
    snprintf(verdict->where, sizeof verdict->where, "%s", where);
    plug_say(verdict->why, sizeof verdict->why, "%s", words);
    return HARVEST_FAIL;
}
