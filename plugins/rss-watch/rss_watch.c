/* rss-watch - a source of new documents from feeds: an office that publishes tells of it there
 * before anybody can search for it. What it makes of feeds as they are is in valise-rss-watch(7).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "watch.h"

#define SOON_MS  10u
#define AGAIN_MS UINT64_C(1000) /* of what was not taken; doubled each time */
#define MOST_MS  UINT64_C(300000)

static const struct vls_setting SETTINGS[] = {
    {.name = "feeds",
     .type = VLS_SETTING_TEXT,
     .min = 9,
     .max = 4000,
     .fallback = "https://esubscription.un.org/rss/gadocs.xml "
                 "https://esubscription.un.org/rss/scdocs.xml "
                 "https://esubscription.un.org/rss/hrc.xml "
                 "https://esubscription.un.org/rss/ecosocdocs.xml",
     .help = "Addresses of feeds (RSS or Atom), with blanks between; at most 16."},
    {.name = "to",
     .type = VLS_SETTING_TEXT,
     .min = 1,
     .max = 64,
     .help = "The party that is told. Without it: whoever subscribes."},
    {.name = "label",
     .type = VLS_SETTING_TEXT,
     .min = 1,
     .max = 4000,
     .help = "What comes from these feeds is labelled so: they are public. Without it, it is "
             "quarantined."},
    {.name = "kind",
     .type = VLS_SETTING_TEXT,
     .min = 1,
     .max = 128,
     .fallback = "publication",
     .help = "Kind of the messages."},
    {.name = "bring",
     .type = VLS_SETTING_CHOICE,
     .choices = "notice|document",
     .fallback = "notice",
     .help = "A notice in plain text; or the document that an item links to, and the notice where "
             "that is none."},
    {.name = "issuer",
     .type = VLS_SETTING_TEXT,
     .min = 0,
     .max = 64,
     .fallback = "un",
     .help = "Whose symbols are in the titles; empty: titles have none."},
    {.name = "poll-s",
     .type = VLS_SETTING_NUMBER,
     .min = 1,
     .max = 86400,
     .fallback = "900",
     .help = "Seconds between two looks at a feed."},
    {0},
};

/* -- life -------------------------------------------------------------------------------------- */

static void watch_free(struct watch *w)
{
    struct item *item, *next;
    DL_FOREACH_SAFE (w->items, item, next)
        item_free(item);
    for (unsigned i = 0; i < w->feed_count; i++)
        free(w->feeds[i].url);
    free(w);
}

static bool add_feed(struct watch *w, const char *url, char *why, size_t room)
{
    char host[256];
    struct feed *feed = &w->feeds[w->feed_count];
    if (!plug_url_host(host, sizeof host, url) || strlen(url) >= PLUG_URL) {
        plug_say(why, room, "setting feeds: '%.80s' is no address by https", url);
        return false;
    }
    if (w->feed_count == WATCH_FEEDS) {
        plug_say(why, room, "setting feeds: more than %u", WATCH_FEEDS);
        return false;
    }
    feed->url = strdup(url);
    if (feed->url == NULL)
        return false;
    snprintf(feed->mark, sizeof feed->mark, "%016" PRIx64, plug_mark(url));
    w->feed_count++;
    return true;
}

static bool read_feeds(struct watch *w, const char *list, char *why, size_t room)
{
    char *copy = strdup(list), *rest = copy, *url;
    bool is_good = copy != NULL;
    while (is_good && (url = strsep(&rest, " \t,")) != NULL)
        is_good = url[0] == '\0' || add_feed(w, url, why, room);
    free(copy);
    if (is_good && w->feed_count == 0)
        plug_say(why, room, "setting feeds: name at least one");
    return is_good && w->feed_count > 0;
}

static int configure(const struct vls_host *host, void **out_state, char *why, size_t room)
{
    struct watch *w = calloc(1, sizeof *w);
    plug_say(why, room, "no memory");
    if (w == NULL)
        return -1;
    const char *to = host->setting(host->ctx, "to"), *issuer = host->setting(host->ctx, "issuer");
    w->to = to != NULL ? to : "";
    w->issuer = issuer != NULL ? issuer : "";
    w->label = host->setting(host->ctx, "label");
    w->kind = host->setting(host->ctx, "kind");
    w->brings_documents = strcmp(host->setting(host->ctx, "bring"), "document") == 0;
    w->interval_ms = (uint64_t)host->setting_number(host->ctx, "poll-s") * 1000;
    if (!read_feeds(w, host->setting(host->ctx, "feeds"), why, room)) {
        watch_free(w);
        return -1;
    }
    *out_state = w;
    return 0;
}

static int start(const struct vls_host *host, void *state, char *why, size_t room)
{
    struct watch *w = state;
    if (plug_open(&w->plug, host, PLUG_WEB | PLUG_STATE | PLUG_SOURCE, why, room) != 0)
        return -1;
    char at[WATCH_KEY + 1] = "";
    const char *key = w->plug.state->next(w->plug.ctx, NULL);
    for (; key != NULL && plug_copy(at, sizeof at, key); w->known++)
        key = w->plug.state->next(w->plug.ctx, at);
    return 0;
}

static void stop(void *state)
{
    watch_free(state);
}

/* -- what was seen ----------------------------------------------------------------------------- */

static bool is_seen(const struct watch *w, const struct feed *feed, const struct item *item)
{
    char key[WATCH_STATE];
    size_t len;
    item_state_key(feed, item->id, key);
    return w->plug.state->get(w->plug.ctx, key, &len) != NULL;
}

static bool is_under_way(const struct watch *w, const char *id)
{
    const struct item *item;
    DL_FOREACH (w->items, item) {
        if (strcmp(item->id, id) == 0)
            return true;
    }
    return false;
}

static bool has_mark(const struct item *items, uint64_t mark)
{
    const struct item *item;
    DL_FOREACH (items, item) {
        if (item->mark == mark)
            return true;
    }
    return false;
}

/* Items that are no longer in a feed that was read whole need not be remembered. */
static void forget_old(struct watch *w, const struct feed *feed, const struct item *items)
{
    char at[WATCH_STATE] = "", prefix[WATCH_STATE];
    int len = snprintf(prefix, sizeof prefix, "i %s ", feed->mark);
    uint64_t mark;
    for (;;) {
        const char *key = w->plug.state->next(w->plug.ctx, at[0] != '\0' ? at : NULL);
        if (key == NULL || !plug_copy(at, sizeof at, key))
            return;
        if (strncmp(at, prefix, (size_t)len) != 0 ||
            (sscanf(at + len, "%16" SCNx64, &mark) == 1 && has_mark(items, mark)))
            continue;
        (void)w->plug.state->put(w->plug.ctx, at, NULL, 0);
        w->known -= w->known > 0;
    }
}

/* -- looking ----------------------------------------------------------------------------------- */

static void take_items(struct watch *w, struct feed *feed, struct item *items)
{
    struct item *item, *next;
    unsigned fresh = 0;
    forget_old(w, feed, items);
    DL_FOREACH_SAFE (items, item, next) {
        DL_DELETE(items, item);
        if (is_seen(w, feed, item) || is_under_way(w, item->id)) {
            item_free(item);
            continue;
        }
        DL_APPEND(w->items, item);
        feed->pending++;
        fresh++;
    }
    plug_count(&w->plug, "items", fresh);
}

/* The worst of what the feeds answered last is how the endpoint is. */
static void report(struct watch *w)
{
    static const uint32_t ORDER[] = {VLS_RESULT_BLOCKED,   VLS_RESULT_NEEDS_KEY,
                                     VLS_RESULT_REFUSED,   VLS_RESULT_MALFORMED,
                                     VLS_RESULT_NOT_FOUND, VLS_RESULT_RETRY_AT};
    const struct feed *worst = &w->feeds[0];
    for (size_t o = sizeof ORDER / sizeof ORDER[0]; o-- > 0;)
        for (unsigned i = 0; i < w->feed_count; i++)
            if (w->feeds[i].result == ORDER[o])
                worst = &w->feeds[i];
    const struct vls_finding finding = {.size = sizeof finding,
                                        .result = worst->result,
                                        .retry_at_ms = worst->retry_at_ms,
                                        .where = worst->where[0] != '\0' ? worst->where : NULL,
                                        .url = worst->url};
    plug_report(&w->plug, &finding, worst->why);
}

static uint64_t pause_of(const struct watch *w, const struct plug_answer *answer)
{
    uint64_t now = w->plug.host->now_ms(w->plug.ctx), pause = w->interval_ms;
    if (answer->result == VLS_RESULT_RETRY_AT && answer->retry_at_ms > now)
        pause = answer->retry_at_ms - now;
    if (answer->result == VLS_RESULT_BLOCKED)
        pause = pause > WATCH_CLOSED ? pause : WATCH_CLOSED;
    return pause;
}

static void look(struct watch *w, struct feed *feed)
{
    struct plug_answer answer;
    struct item *items = NULL;
    if (feed_read(w, feed, &items, &answer) == VLS_RESULT_DELIVERED) {
        take_items(w, feed, items);
        (void)plug_copy(feed->etag, sizeof feed->etag, answer.etag);
        (void)plug_copy(feed->modified, sizeof feed->modified, answer.modified);
    }
    feed->result = answer.result;
    feed->retry_at_ms = answer.retry_at_ms;
    (void)plug_copy(feed->why, sizeof feed->why, answer.why);
    (void)plug_copy(feed->where, sizeof feed->where, answer.where);
    feed->due_ms = w->plug.host->steady_ms(w->plug.ctx) + pause_of(w, &answer);
    plug_count(&w->plug, plug_result_name(answer.result), 1);
    report(w);
}

/* -- handing over ------------------------------------------------------------------------------ */

static void drop(struct watch *w, struct item *item)
{
    item->feed->pending--;
    DL_DELETE(w->items, item);
    item_free(item);
}

static void put_off(struct watch *w, struct item *item, uint64_t ms)
{
    uint64_t pause = ms;
    if (pause == 0) {
        pause = AGAIN_MS << (item->tries < 9 ? item->tries : 9);
        item->tries++;
    }
    item->token = 0;
    item->not_before_ms =
        w->plug.host->steady_ms(w->plug.ctx) + (ms != 0 || pause < MOST_MS ? pause : MOST_MS);
}

/* All that wait; false when the gateway has no room now. */
static bool hand_over(struct watch *w)
{
    struct item *item, *next;
    uint64_t now = w->plug.host->steady_ms(w->plug.ctx), later;
    DL_FOREACH_SAFE (w->items, item, next) {
        if (item->token != 0 || item->not_before_ms > now)
            continue;
        switch (item_emit(w, item, &later)) {
        case VLS_EMIT_OK:
            break;
        case VLS_EMIT_BUSY:
            if (later == 0)
                return false;
            put_off(w, item, later);
            break;
        case VLS_EMIT_INVALID: /* the log says why; it is looked at again after a restart */
            item->token = UINT64_MAX;
            break;
        case VLS_EMIT_SYSTEM:
            put_off(w, item, 0);
            break;
        }
    }
    return true;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Milliseconds until something is to be done. */
static uint32_t next_poll(const struct watch *w)
{
    uint64_t now = w->plug.host->steady_ms(w->plug.ctx), at = now + 86400000;
    const struct item *item;
    for (unsigned i = 0; i < w->feed_count; i++)
        at = least(at, w->feeds[i].due_ms);
    DL_FOREACH (w->items, item) {
        if (item->token == 0)
            at = least(at, item->not_before_ms);
    }
    return at > now + SOON_MS ? (uint32_t)(at - now) : SOON_MS;
}

static uint32_t poll_feeds(void *state)
{
    struct watch *w = state;
    uint64_t now = w->plug.host->steady_ms(w->plug.ctx);
    if (!hand_over(w))
        return (uint32_t)AGAIN_MS; /* or sooner: it is called when there is room */
    for (unsigned i = 0; i < w->feed_count; i++) {
        if (w->feeds[i].due_ms > now)
            continue;
        look(w, &w->feeds[i]);
        return SOON_MS; /* one request a call: what came is handed over before the next */
    }
    return next_poll(w);
}

static void committed(void *state, const struct vls_commit *commit)
{
    char key[WATCH_STATE];
    struct watch *w = state;
    struct item *item;
    DL_FOREACH (w->items, item) {
        if (item->token == commit->token)
            break;
    }
    if (item == NULL)
        return;
    if (commit->outcome == VLS_OUTCOME_RETRY) {
        put_off(w, item, 0);
        return;
    }
    if (commit->outcome == VLS_OUTCOME_REFUSED) { /* its state was not saved with it */
        item_state_key(item->feed, item->id, key);
        (void)w->plug.state->put(w->plug.ctx, key, "r", 1);
        plug_log(&w->plug, VLS_LEVEL_WARN, "an item is not taken, and not brought again: %.100s",
                 commit->reason != NULL ? commit->reason : "");
    }
    drop(w, item);
}

static const struct vls_plugin RSS_WATCH = {
    VLS_PLUGIN_HEAD,
    .caps_need = VLS_CAP_NET | VLS_CAP_STATE | VLS_CAP_SEND,
    .roles = VLS_PLUGIN_SOURCE,
    .id = "rss-watch",
    .version = "1",
    .summary = "Brings what is new in feeds, such as those of documents of the UN.",
    .setting_bytes = sizeof(struct vls_setting),
    .settings = SETTINGS,
    .configure = configure,
    .start = start,
    .stop = stop,
    .poll = poll_feeds,
    .committed = committed,
};

VLS_PLUGIN_EXPORT(RSS_WATCH)
