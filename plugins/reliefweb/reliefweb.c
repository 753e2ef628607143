/* reliefweb - reports of ReliefWeb's API v2, IOM's unless set otherwise: one document a report and
 * change, in the order of their changes. The manual is valise-reliefweb(7).
 *
 * A page of items is held in memory, and handed over one by one: each with its files, and with the
 * cursor in the same commit. See common/stream.h for how none is missed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "item.h"

#define TASK       "reports"
#define CALLS      "calls"
#define PAGE_BYTES (8u << 20) /* in memory it takes some times that */
#define PAGE_MOST  200
#define DAY_TEXT   11u
#define TRIES      4u /* of the files of one report, before it goes without */
#define HOUR_MS    UINT64_C(3600000)
#define DAY_MS     UINT64_C(86400000)
#define TEXT_ROOM  256u

static const struct vls_setting SETTINGS[] = {
    FEED_SETTINGS("https://api.reliefweb.int/v2", "60", "60"),
    {.name = "source",
     .type = VLS_SETTING_TEXT,
     .max = 128,
     .fallback = "IOM",
     .help = "Short name of the source whose reports are brought; \"\" for all."},
    {.name = "since",
     .type = VLS_SETTING_TEXT,
     .min = 10,
     .max = 20,
     .fallback = "2026-01-01",
     .help = "The first look begins with what was changed on that day, YYYY-MM-DD."},
    {.name = "page",
     .type = VLS_SETTING_NUMBER,
     .min = 1,
     .max = PAGE_MOST,
     .fallback = "50",
     .help = "Reports that are asked for at once."},
    {.name = "files",
     .type = VLS_SETTING_CHOICE,
     .choices = "no|pdf|all",
     .fallback = "pdf",
     .help = "Which files of a report are fetched; their host must be in http.hosts, too."},
    {.name = "calls-per-day",
     .type = VLS_SETTING_NUMBER,
     .min = 1,
     .max = 1000,
     .fallback = "900",
     .help = "Calls of the API within a day (UTC); ReliefWeb allows 1000."},
    {0},
};

struct reliefweb {
    struct feed feed;
    struct feed_stream stream;
    unsigned page;
    enum item_files files;
    uint64_t calls_most;
    unsigned tries;               /* of the item that is next */
    unsigned brought;             /* in this round */
    uint64_t files_got, files_of; /* the same, of files                */
    struct plug_answer missing;
};

/* -- start ------------------------------------------------------------------------------------- */

static int configure(const struct vls_host *host, void **out_state, char *why, size_t room)
{
    (void)host;
    *out_state = calloc(1, sizeof(struct reliefweb));
    if (*out_state == NULL)
        plug_say(why, room, "no memory");
    return *out_state != NULL ? 0 : -1;
}

static int start(const struct vls_host *host, void *state, char *why, size_t room)
{
    struct reliefweb *p = state;
    if (feed_start(&p->feed, host, why, room) != 0)
        return -1;
    p->page = (unsigned)host->setting_number(host->ctx, "page");
    p->files = (enum item_files)host->setting_number(host->ctx, "files");
    p->calls_most = (uint64_t)host->setting_number(host->ctx, "calls-per-day");
    p->stream = (struct feed_stream){.feed = &p->feed,
                                     .name = item_name,
                                     .overlap_ms = HOUR_MS,
                                     .since = host->setting(host->ctx, "since")};
    if (plug_time_iso(p->stream.since) == 0) {
        plug_say(why, room, "setting since must be a day, YYYY-MM-DD: %s", p->stream.since);
        return -1;
    }
    feed_stream_start(&p->stream);
    return feed_add(&p->feed, TASK) ? 0 : -1;
}

static void stop(void *state)
{
    struct reliefweb *p = state;
    feed_stream_stop(&p->stream);
    feed_stop(&p->feed);
    free(p);
}

/* -- 1,000 calls a day ------------------------------------------------------------------------- */

/* Counted before it is made, across restarts: "2026-11-30 17". */
static bool may_call(struct reliefweb *p, struct plug_answer *answer)
{
    char day[21], known[TEXT_ROOM];
    uint64_t now = p->feed.plug.host->now_ms(p->feed.plug.ctx), calls = 0;
    plug_time_print(now, day);
    day[DAY_TEXT - 1] = '\0';
    plug_keep_get(&p->feed.plug, CALLS, known, sizeof known);
    if (strncmp(known, day, DAY_TEXT - 1) == 0)
        calls = strtoull(known + DAY_TEXT - 1, NULL, 10);
    if (calls >= p->calls_most) {
        *answer = (struct plug_answer){.result = VLS_RESULT_RETRY_AT,
                                       .retry_at_ms = (now / DAY_MS + 1) * DAY_MS};
        plug_say(answer->why, sizeof answer->why,
                 "%llu calls were made today, as many as setting calls-per-day allows",
                 (unsigned long long)calls);
        return false;
    }
    snprintf(known, sizeof known, "%s %llu", day, (unsigned long long)calls + 1);
    (void)plug_keep_put(&p->feed.plug, CALLS, known);
    return true;
}

/* -- a page ------------------------------------------------------------------------------------ */

static json_t *condition_of_time(const struct reliefweb *p)
{
    char from[21], zoned[32];
    plug_time_print(p->stream.from_ms, from);
    snprintf(zoned, sizeof zoned, "%.19s+00:00", from);
    return json_pack("{s:s, s:{s:s}}", "field", "date.changed", "value", "from", zoned);
}

/* The question, as a body: as a url it would be full of brackets. */
static char *question(const struct reliefweb *p)
{
    const char *source = p->feed.plug.host->setting(p->feed.plug.ctx, "source");
    json_t *conditions = json_pack("[o]", condition_of_time(p));
    if (source != NULL && source[0] != '\0')
        json_array_append_new(
            conditions, json_pack("{s:s, s:s}", "field", "source.shortname", "value", source));
    json_t *body =
        json_pack("{s:s, s:i, s:i, s:[s, s], s:{s:s, s:o}}", "profile", "full", "limit",
                  (int)p->page, "offset", (int)p->stream.offset, "sort", "date.changed:asc",
                  "id:asc", "filter", "operator", "AND", "conditions", conditions);
    char *text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
    json_decref(body);
    return text;
}

/* What their refusals mean for who operates this. */
static void explain(const struct reliefweb *p, struct plug_answer *answer)
{
    bool is_of_key = answer->status == 400 || answer->status == 403;
    if (is_of_key && strstr(answer->body, "appname") != NULL) {
        answer->result = VLS_RESULT_NEEDS_KEY;
        plug_say(answer->why, sizeof answer->why,
                 "ReliefWeb wants an appname that it has approved: ask it for one, and name it "
                 "under http.credentials with query: appname");
    } else if (answer->status == 410) {
        answer->result = VLS_RESULT_NOT_FOUND;
        plug_say(answer->why, sizeof answer->why,
                 "this version of the API is switched off: set base-url to the present one, not %s",
                 p->feed.base);
    }
}

static void take_page(struct reliefweb *p, const struct plug_bytes *bytes,
                      struct plug_answer *answer)
{
    json_t *page = plug_json_read(bytes, answer);
    json_t *data = json_object_get(page, "data");
    if (page != NULL && !json_is_array(data))
        plug_malformed(answer, "data", "it is no list of reports: %s",
                       plug_json_text(json_object_get(page, "error"), "message"));
    else if (page != NULL)
        feed_stream_take(&p->stream, data, p->page);
    json_decref(page);
}

static void fetch_page(struct reliefweb *p, struct feed_task *task)
{
    static const struct vls_http_header FIELDS[] = {{"Content-Type", "application/json"},
                                                    {"Accept", "application/json"}};
    char url[PLUG_URL];
    struct plug_bytes bytes = {NULL, 0, 0};
    struct plug_answer answer = {.result = VLS_RESULT_RETRY_AT};
    char *body = question(p);
    feed_url(&p->feed, url, "/reports");
    struct plug_ask ask = feed_ask(&p->feed, url, PLUG_JSON);
    ask.method = "POST";
    ask.headers = FIELDS;
    ask.header_count = sizeof FIELDS / sizeof FIELDS[0];
    ask.body = body;
    ask.body_bytes = body != NULL ? strlen(body) : 0;
    if (body != NULL && may_call(p, &answer)) {
        if (plug_gather(&p->feed.plug, &ask, PAGE_BYTES, &bytes, &answer) == VLS_RESULT_DELIVERED)
            take_page(p, &bytes, &answer);
        else
            explain(p, &answer);
    }
    free(body);
    plug_bytes_fini(&bytes);
    if (answer.result == VLS_RESULT_DELIVERED) {
        feed_go_on(task);
        return;
    }
    feed_stream_rewind(&p->stream);
    feed_done(&p->feed, task, &answer);
}

/* -- a report ---------------------------------------------------------------------------------- */

static void emit(struct reliefweb *p, struct feed_task *task, const struct item *item,
                 struct plug_pile *pile)
{
    char key[129];
    snprintf(key, sizeof key, "reliefweb reports/%s %s", item->id, item->changed);
    struct vls_about about = {.size = sizeof about,
                              .language = item->language,
                              .title = item->title,
                              .published = item->published,
                              .bodies = item->sources,
                              .body_count = item->source_count,
                              .subjects = item->themes,
                              .subject_count = item->theme_count,
                              .url = item->url,
                              .record = item->id};
    struct feed_paper paper = {.key = key, .subject = item->title, .about = &about, .pile = pile};
    enum vls_emit answer = feed_stream_emit(&p->stream, task, &paper);
    if (answer == VLS_EMIT_OK)
        p->brought++;
    else if (answer == VLS_EMIT_INVALID)
        p->tries = 0;
}

static void bring(struct reliefweb *p, struct feed_task *task, const json_t *row)
{
    struct item item;
    struct plug_pile pile;
    plug_pile_init(&pile);
    item_read(row, &item);
    if (item_gather(&item, row, &p->feed, p->files, ++p->tries >= TRIES, &pile)) {
        if (item.missing.result != VLS_RESULT_NONE)
            p->missing = item.missing;
        p->files_got += 1u + item.fetched; /* its record is one of them */
        p->files_of += 1u + item.files;
        emit(p, task, &item, &pile);
    } else {
        feed_done(&p->feed, task, &item.missing);
    }
    plug_pile_fini(&pile);
}

/* All pages are through: how it went. */
static void end_round(struct reliefweb *p, struct feed_task *task)
{
    struct plug_answer answer = {.result =
                                     p->brought > 0 ? VLS_RESULT_DELIVERED : VLS_RESULT_UNCHANGED};
    if (p->missing.result != VLS_RESULT_NONE) {
        answer = p->missing;
        answer.result = VLS_RESULT_PARTIAL;
        plug_say(answer.why, sizeof answer.why, "files of reports did not come: %s: %s",
                 plug_result_name(p->missing.result), p->missing.why);
    } else if (p->stream.passed > 0) {
        plug_malformed(&answer, "data", "%llu reports have no id or no date, and are left out",
                       (unsigned long long)p->stream.passed);
    }
    feed_done_in_part(&p->feed, task, &answer, p->files_got, p->files_of);
    p->brought = 0;
    p->files_got = p->files_of = 0;
    p->missing.result = VLS_RESULT_NONE;
    feed_stream_rewind(&p->stream);
}

static uint32_t poll_reliefweb(void *state)
{
    struct reliefweb *p = state;
    struct feed_task *task = feed_next(&p->feed);
    const json_t *row = task != NULL ? feed_stream_item(&p->stream) : NULL;
    if (row != NULL)
        bring(p, task, row);
    else if (task != NULL && feed_stream_wants_page(&p->stream))
        fetch_page(p, task);
    else if (task != NULL)
        end_round(p, task);
    return feed_rest(&p->feed);
}

static void committed(void *state, const struct vls_commit *commit)
{
    struct reliefweb *p = state;
    feed_stream_committed(&p->stream, &p->feed.tasks[0], commit);
    if (commit->outcome != VLS_OUTCOME_RETRY)
        p->tries = 0;
}

static const struct vls_plugin PLUGIN = {
    VLS_PLUGIN_HEAD,
    .caps_need = VLS_CAP_NET | VLS_CAP_STATE | VLS_CAP_SEND,
    .roles = VLS_PLUGIN_SOURCE,
    .id = "reliefweb",
    .version = "1.0",
    .summary = "Brings reports of ReliefWeb, with their files.",
    .setting_bytes = sizeof(struct vls_setting),
    .settings = SETTINGS,
    .configure = configure,
    .start = start,
    .stop = stop,
    .poll = poll_reliefweb,
    .committed = committed,
};

VLS_PLUGIN_EXPORT(PLUGIN)
