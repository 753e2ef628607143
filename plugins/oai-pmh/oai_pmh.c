/* oai-pmh - harvests a repository by OAI-PMH 2.0: records of MARCXML or Dublin Core, and what they
 * link to. What an operator sets and is told is in valise-oai-pmh(7).
 *
 *     Identify        granularity, earliest date, what it says of deletions, its clock
 *     ListRecords     a window of dates, page by page with resumption tokens
 *
 * Pages, records, pauses and what is handed over are plugins/marc; here is which page is next.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/keep.h"
#include "common/words.h"
#include "cursor.h"
#include "marc/harvest.h"
#include "marc/stamp.h"

#define TOKENS_MOST 16384u /* pages of one window */
#define LIBRARY     "https://digitallibrary.un.org/"

static const struct vls_setting SETTINGS[] = {
    {.name = "url",
     .type = VLS_SETTING_TEXT,
     .flags = VLS_SETTING_REQUIRED,
     .min = 1,
     .max = 1024,
     .help = "The repository: https://HOST/..., as its OAI-PMH requests begin."},
    {.name = "prefix",
     .type = VLS_SETTING_CHOICE,
     .choices = "marcxml|oai_dc",
     .fallback = "marcxml",
     .help = "Which of its formats."},
    {.name = "set",
     .type = VLS_SETTING_TEXT,
     .max = 256,
     .fallback = "",
     .help = "Of its sets, one; empty: all."},
    {.name = "from",
     .type = VLS_SETTING_TEXT,
     .max = 20,
     .fallback = "",
     .help = "Changes since that day, 2026-01-31; empty: since it began."},
    {.name = "window-days",
     .type = VLS_SETTING_NUMBER,
     .min = 1,
     .max = 90,
     .fallback = "30",
     .help = "So many days are asked for at once."},
    {.name = "overlap-hours",
     .type = VLS_SETTING_NUMBER,
     .max = 720,
     .fallback = "24",
     .help = "The next harvest begins so long before the end of the last: dates may come late."},
    {.name = "coverage",
     .type = VLS_SETTING_TEXT,
     .max = 120,
     .fallback = "",
     .help = "What is known of what the repository gives out; told with each harvest."},
    {.name = "licence",
     .type = VLS_SETTING_TEXT,
     .max = 256,
     .fallback = "",
     .help = "Licence of its records, as it states it."},
    DELIVER_SETTINGS(""),
    HARVEST_SETTINGS,
    {0},
};

struct plugin {
    struct plug plug;
    struct harvest harvest;
    struct harvest_ops ops;
    struct cursor cursor;
    bool is_identified; /* in this run */
    int64_t earliest, now;
    int64_t width;
    int64_t list_size; /* of this window; -1: not said */
    uint64_t tokens[TOKENS_MOST];
    unsigned token_count;
    char coverage[PLUG_WHY];
};

static const char *text(const struct plugin *p, const char *name)
{
    return p->plug.host->setting(p->plug.ctx, name);
}

static int64_t number(const struct plugin *p, const char *name)
{
    return p->plug.host->setting_number(p->plug.ctx, name);
}

/* -- asking ------------------------------------------------------------------------------------ */

static void add_parameter(char *url, size_t room, const char *name, const char *value)
{
    if (value[0] == '\0')
        return;
    plug_add(url, room, strchr(url, '?') != NULL ? "&" : "?");
    plug_add(url, room, name);
    plug_add(url, room, "=");
    plug_add_escaped(url, room, value);
}

static void ask_for_window(const struct plugin *p, char *url, size_t room)
{
    static const char *const PREFIXES[] = {"marcxml", "oai_dc"};
    const struct cursor *c = &p->cursor;
    char from[STAMP_TEXT], until[STAMP_TEXT];
    stamp_print(c->from, c->has_seconds, from);
    stamp_print(c->until, c->has_seconds, until);
    add_parameter(url, room, "metadataPrefix", PREFIXES[number(p, "prefix") == 1]);
    add_parameter(url, room, "from", from);
    add_parameter(url, room, "until", until);
    add_parameter(url, room, "set", text(p, "set"));
}

static bool ask(void *ctx, char *url, size_t room)
{
    struct plugin *p = ctx;
    plug_copy(url, room, text(p, "url"));
    if (!p->is_identified) {
        add_parameter(url, room, "verb", "Identify");
        return true;
    }
    if (p->cursor.until == CURSOR_NO_DAY) {
        p->token_count = 0;
        p->list_size = -1;
        if (!cursor_plan(&p->cursor, p->now, p->width)) {
            p->is_identified = false;
            return false;
        }
    }
    add_parameter(url, room, "verb", "ListRecords");
    if (p->cursor.token[0] != '\0') /* exclusive: nothing beside it but the verb */
        add_parameter(url, room, "resumptionToken", p->cursor.token);
    else
        ask_for_window(p, url, room);
    return true;
}

/* -- Identify ---------------------------------------------------------------------------------- */

static void say_coverage(struct plugin *p, const struct page_facts *facts)
{
    const char *set = text(p, "coverage");
    const char *deleted = facts->deleted_policy;
    bool tells = strcmp(deleted, "persistent") == 0 || deleted[0] == '\0';
    if (set[0] == '\0' && strncmp(text(p, "url"), LIBRARY, strlen(LIBRARY)) == 0)
        set = "it gives out a part of the catalogue by OAI-PMH, not all of it";
    plug_say(p->coverage, sizeof p->coverage, "%s%s%s", set, set[0] != '\0' && !tells ? "; " : "",
             tells                        ? ""
             : strcmp(deleted, "no") == 0 ? "it does not tell what was deleted"
                                          : "it tells what was deleted for some time only");
}

static enum harvest_next identify(struct plugin *p, const struct page_facts *facts,
                                  struct harvest_verdict *verdict)
{
    if (facts->error_code[0] != '\0')
        return harvest_fail(verdict, VLS_RESULT_MALFORMED, "Identify",
                            "the repository answers Identify with the error %s: %s",
                            facts->error_code, facts->error_text);
    if (facts->protocol[0] != '\0' && strncmp(facts->protocol, "2.", 2) != 0)
        return harvest_fail(verdict, VLS_RESULT_MALFORMED, "Identify",
                            "the repository speaks OAI-PMH %s, and only 2.0 is understood",
                            facts->protocol);
    bool has_seconds = strstr(facts->granularity, "ss") != NULL;
    if (!stamp_read(facts->response_date, &p->now))
        p->now = (int64_t)(p->plug.host->now_ms(p->plug.ctx) / 1000);
    if (!stamp_read(facts->earliest, &p->earliest))
        p->earliest = 0;
    if (p->cursor.from == CURSOR_NO_DAY && !stamp_read(text(p, "from"), &p->cursor.from))
        p->cursor.from = p->earliest;
    if (p->cursor.has_seconds != has_seconds) { /* a window of the other kind is none */
        p->cursor.has_seconds = has_seconds;
        p->cursor.until = CURSOR_NO_DAY;
        cursor_again(&p->cursor);
    }
    say_coverage(p, facts);
    p->is_identified = true;
    return HARVEST_GO;
}

/* -- ListRecords ------------------------------------------------------------------------------- */

static enum harvest_next window_done(struct plugin *p)
{
    char why[PLUG_WHY];
    uint64_t count = p->cursor.count;
    if (p->list_size > 0 && (uint64_t)p->list_size > count) {
        plug_say(why, sizeof why, "the repository announced %lld records, and gave out %llu",
                 (long long)p->list_size, (unsigned long long)count);
        harvest_note_partial(&p->harvest, (uint64_t)p->list_size - count, why);
    }
    p->token_count = 0;
    p->list_size = -1;
    if (!cursor_next(&p->cursor, p->now, number(p, "overlap-hours") * 3600))
        return HARVEST_GO;
    p->width = number(p, "window-days") * STAMP_DAY;
    p->is_identified = false;
    return HARVEST_REST;
}

static enum harvest_next by_error(struct plugin *p, const struct page_facts *facts,
                                  struct harvest_verdict *verdict)
{
    if (strcmp(facts->error_code, "noRecordsMatch") == 0)
        return window_done(p);
    if (strcmp(facts->error_code, "badResumptionToken") == 0 && p->cursor.token[0] != '\0') {
        cursor_again(&p->cursor);
        p->token_count = 0;
        (void)harvest_fail(verdict, VLS_RESULT_RETRY_AT, "",
                           "the resumption token is no longer good: its window is begun again");
        return HARVEST_AGAIN;
    }
    return harvest_fail(
        verdict, VLS_RESULT_MALFORMED, facts->error_code,
        "the repository answers with the error %s: %s%s", facts->error_code, facts->error_text,
        strcmp(facts->error_code, "cannotDisseminateFormat") == 0 ? " (setting prefix)" : "");
}

/* Whether this token was had before in this window. */
static bool is_repeated(struct plugin *p, const char *token)
{
    uint64_t mark = plug_mark(token);
    if (strcmp(token, p->cursor.token) == 0)
        return true;
    for (unsigned i = 0; i < p->token_count; i++)
        if (p->tokens[i] == mark)
            return true;
    if (p->token_count == TOKENS_MOST) /* so many pages have no end */
        return true;
    p->tokens[p->token_count++] = mark;
    return false;
}

/* It leads in a circle: smaller windows may have an end; what has none is told, and passed. */
static enum harvest_next circle(struct plugin *p, struct harvest_verdict *verdict)
{
    static const char WHY[] = "the same resumption token came twice in one list";
    p->token_count = 0;
    if (cursor_narrow(&p->cursor, &p->width)) {
        (void)harvest_fail(verdict, VLS_RESULT_MALFORMED, "resumptionToken",
                           "%s: asked for again in windows of %lld days", WHY,
                           (long long)(p->width / STAMP_DAY));
        return HARVEST_AGAIN;
    }
    harvest_note_partial(&p->harvest, 0, WHY);
    return window_done(p);
}

static enum harvest_next records(struct plugin *p, const struct page_facts *facts,
                                 struct harvest_verdict *verdict)
{
    if (facts->is_cut)
        return harvest_fail(verdict, VLS_RESULT_MALFORMED, "resumptionToken",
                            "a resumption token is longer than %d bytes", CURSOR_TOKEN - 1);
    p->cursor.count += facts->records + facts->damaged;
    if (facts->list_size >= 0) /* it may change from page to page: the last one counts */
        p->list_size = facts->list_size;
    if (facts->token[0] == '\0')
        return window_done(p);
    if (is_repeated(p, facts->token))
        return circle(p, verdict);
    snprintf(p->cursor.token, sizeof p->cursor.token, "%s", facts->token);
    return HARVEST_GO;
}

static enum harvest_next turn(void *ctx, const struct page_facts *facts, unsigned status,
                              struct harvest_verdict *verdict)
{
    struct plugin *p = ctx;
    if (facts->form != PAGE_XML || strcmp(facts->root, "OAI-PMH") != 0)
        return harvest_fail(verdict, VLS_RESULT_MALFORMED, "byte 0",
                            "status %u with %s, which is no answer of OAI-PMH: see setting url",
                            status, facts->form == PAGE_XML ? facts->root : "JSON");
    if (!p->is_identified)
        return identify(p, facts, verdict);
    if (facts->error_code[0] != '\0')
        return by_error(p, facts, verdict);
    return records(p, facts, verdict);
}

/* -- the cursor -------------------------------------------------------------------------------- */

static void note(void *ctx, uint64_t done, uint64_t mark, char out[PENDING_CURSOR])
{
    const struct plugin *p = ctx;
    cursor_write(&p->cursor, done, mark, out);
}

static void back(void *ctx, const char *cursor, uint64_t *out_done, uint64_t *out_mark)
{
    struct plugin *p = ctx;
    *out_done = *out_mark = 0;
    p->token_count = 0;
    if (cursor != NULL && cursor_read(&p->cursor, cursor, out_done, out_mark))
        return;
    if (cursor != NULL)
        plug_log(&p->plug, VLS_LEVEL_WARN,
                 "the saved cursor is none of this version: from the "
                 "beginning; what was sent is not sent again");
    p->cursor = (struct cursor){.from = CURSOR_NO_DAY, .until = CURSOR_NO_DAY};
}

/* A page that does not come again and again may come in smaller windows. */
static bool failed(void *ctx, bool is_last)
{
    struct plugin *p = ctx;
    return is_last && p->is_identified && cursor_narrow(&p->cursor, &p->width);
}

/* -- what the host calls ----------------------------------------------------------------------- */

static int configure(const struct vls_host *host, void **out_state, char *why, size_t room)
{
    char name[PLUG_FIELD];
    int64_t day;
    const char *url = host->setting(host->ctx, "url"), *from = host->setting(host->ctx, "from");
    if (!plug_url_host(name, sizeof name, url)) {
        plug_say(why, room, "setting url must be https://HOST[:PORT]/...");
        return -1;
    }
    if (from[0] != '\0' && !stamp_read(from, &day)) {
        plug_say(why, room, "setting from must be a day, such as 2026-01-31");
        return -1;
    }
    struct plugin *p = calloc(1, sizeof *p);
    if (p == NULL) {
        plug_say(why, room, "no memory");
        return -1;
    }
    p->plug.host = host;
    *out_state = p;
    return 0;
}

static int start(const struct vls_host *host, void *state, char *why, size_t room)
{
    struct plugin *p = state;
    if (plug_open(&p->plug, host, PLUG_WEB | PLUG_STATE | PLUG_SOURCE, why, room) != 0)
        return -1;
    p->width = number(p, "window-days") * STAMP_DAY;
    p->list_size = -1;
    p->ops = (struct harvest_ops){.ask = ask,
                                  .turn = turn,
                                  .note = note,
                                  .back = back,
                                  .failed = failed,
                                  .coverage = p->coverage};
    const char *licence = text(p, "licence");
    harvest_init(&p->harvest, &p->plug, &p->ops, p, text(p, "url"),
                 licence[0] != '\0' ? licence : NULL);
    return 0;
}

static uint32_t poll_repository(void *state)
{
    struct plugin *p = state;
    return harvest_poll(&p->harvest);
}

static void committed(void *state, const struct vls_commit *commit)
{
    struct plugin *p = state;
    harvest_committed(&p->harvest, commit);
}

static void stop(void *state)
{
    struct plugin *p = state;
    if (p->ops.ask != NULL) /* it was started */
        harvest_fini(&p->harvest);
    free(p);
}

static const struct vls_plugin PLUGIN = {
    VLS_PLUGIN_HEAD,
    .caps_need = VLS_CAP_NET | VLS_CAP_STATE | VLS_CAP_SEND,
    .roles = VLS_PLUGIN_SOURCE,
    .id = "oai-pmh",
    .version = "1.0",
    .summary = "Harvests a repository by OAI-PMH 2.0.",
    .setting_bytes = sizeof(struct vls_setting),
    .settings = SETTINGS,
    .configure = configure,
    .start = start,
    .stop = stop,
    .poll = poll_repository,
    .committed = committed,
};

VLS_PLUGIN_EXPORT(PLUGIN)
