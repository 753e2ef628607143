/* iom-dtm - data sets of IOM's Displacement Tracking Matrix, API v3: one document for each country
 * and level, brought again when its bytes have changed. The manual is valise-iom-dtm(7).
 *
 * The service has no paging and no date of change: each look fetches all of a data set, into a file
 * in memory, and its SHA-256 decides. Older rounds may be corrected at any time, so asking for what
 * was reported since a date would miss them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/feed.h"
#include "rows.h"

#define LIST       "countries" /* the task that finds out which there are */
#define LEVELS     3u
#define PCODE_ROOM 9u
#define DAY_MS     UINT64_C(86400000)
#define TEXT_ROOM  512u
#define LIST_BYTES (1u << 20)

static const struct vls_setting SETTINGS[] = {
    FEED_SETTINGS("https://dtmapi.iom.int/v3", "1440", "180"),
    {.name = "countries",
     .type = VLS_SETTING_TEXT,
     .min = 2,
     .max = 1024,
     .fallback = "all",
     .help = "Codes of countries as DTM has them, such as \"AFG HTI\"; all: those that it lists."},
    {.name = "levels",
     .type = VLS_SETTING_TEXT,
     .min = 1,
     .max = 16,
     .fallback = "0 1",
     .help = "Of 0 (country), 1 and 2 (administrative divisions)."},
    {.name = "from",
     .type = VLS_SETTING_TEXT,
     .max = 10,
     .help = "Only what was reported since that day, YYYY-MM-DD."},
    {.name = "terms",
     .type = VLS_SETTING_TEXT,
     .min = 1,
     .max = 256,
     .fallback = "IOM: for non-commercial use; no resale or redistribution without its permission",
     .help = "The terms of use, which go with each document."},
    {0},
};

struct dtm {
    struct feed feed;
    bool levels[LEVELS];
};

/* -- settings ---------------------------------------------------------------------------------- */

static bool is_pcode(const char *text)
{
    size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    return len >= 2 && len < PCODE_ROOM && text[len] == '\0';
}

/* false: too many. */
static bool add_country(struct dtm *p, const char *pcode)
{
    char name[FEED_NAME];
    for (unsigned level = 0; level < LEVELS; level++) {
        snprintf(name, sizeof name, "%s/%u", pcode, level);
        if (p->levels[level] && !feed_add(&p->feed, name))
            return false;
    }
    return true;
}

static int add_countries(struct dtm *p, const char *list, char *why, size_t room)
{
    char word[PCODE_ROOM + 1];
    if (strcmp(list, "all") == 0)
        return feed_add(&p->feed, LIST) ? 0 : -1;
    for (const char *at = list; *(at += strspn(at, " ,;")) != '\0';) {
        size_t len = strcspn(at, " ,;");
        snprintf(word, sizeof word, "%.*s", (int)len, at);
        if (!is_pcode(word) || !add_country(p, word)) {
            plug_say(why, room,
                     "setting countries: \"%s\" is no code of a country as DTM has them (\"AFG\"), "
                     "or there are too many",
                     word);
            return -1;
        }
        at += len;
    }
    return 0;
}

static int read_levels(struct dtm *p, char *why, size_t room)
{
    const char *list = p->feed.plug.host->setting(p->feed.plug.ctx, "levels");
    for (const char *at = list; *at != '\0'; at++) {
        if (*at >= '0' && *at < '0' + (int)LEVELS) {
            p->levels[*at - '0'] = true;
        } else if (strchr(" ,;", *at) == NULL) {
            plug_say(why, room, "setting levels must be of 0, 1 and 2: %s", list);
            return -1;
        }
    }
    return 0;
}

static int check_from(const struct dtm *p, char *why, size_t room)
{
    const char *from = p->feed.plug.host->setting(p->feed.plug.ctx, "from");
    if (from == NULL || from[0] == '\0' || (strlen(from) == 10 && plug_time_iso(from) != 0))
        return 0;
    plug_say(why, room, "setting from must be a day, YYYY-MM-DD: %s", from);
    return -1;
}

static int configure(const struct vls_host *host, void **out_state, char *why, size_t room)
{
    (void)host;
    *out_state = calloc(1, sizeof(struct dtm));
    if (*out_state == NULL)
        plug_say(why, room, "no memory");
    return *out_state != NULL ? 0 : -1;
}

static int start(const struct vls_host *host, void *state, char *why, size_t room)
{
    struct dtm *p = state;
    if (feed_start(&p->feed, host, why, room) != 0 || read_levels(p, why, room) != 0 ||
        check_from(p, why, room) != 0)
        return -1;
    return add_countries(p, host->setting(host->ctx, "countries"), why, room);
}

static void stop(void *state)
{
    struct dtm *p = state;
    feed_stop(&p->feed);
    free(p);
}

/* -- which countries there are ----------------------------------------------------------------- */

/* How many of them. */
static size_t add_listed(struct dtm *p, const json_t *list, struct plug_answer *answer)
{
    size_t i, added = 0;
    json_t *row;
    json_array_foreach(list, i, row)
    {
        const char *pcode = plug_json_text(row, "admin0Pcode");
        if (is_pcode(pcode) && add_country(p, pcode))
            added++;
    }
    if (added == json_array_size(list) && added > 0)
        return added;
    answer->result = added > 0 ? VLS_RESULT_PARTIAL : VLS_RESULT_MALFORMED;
    plug_copy(answer->where, sizeof answer->where, "result");
    plug_say(answer->why, sizeof answer->why,
             "%zu of %zu countries of the list are taken: others have no code, or are too many",
             added, json_array_size(list));
    return added;
}

static void list_countries(struct dtm *p, struct feed_task *task)
{
    char url[PLUG_URL];
    struct plug_bytes bytes = {NULL, 0, 0};
    struct plug_answer answer;
    feed_url(&p->feed, url, "/displacement/country-list");
    struct plug_ask ask = feed_ask(&p->feed, url, PLUG_JSON);
    json_t *envelope = NULL;
    size_t added = 0;
    if (plug_gather(&p->feed.plug, &ask, LIST_BYTES, &bytes, &answer) == VLS_RESULT_DELIVERED)
        envelope = plug_json_read(&bytes, &answer);
    if (envelope != NULL && !json_is_array(json_object_get(envelope, "result")))
        plug_malformed(&answer, "result", "the list of countries has none");
    else if (envelope != NULL)
        added = add_listed(p, json_object_get(envelope, "result"), &answer);
    feed_done_in_part(&p->feed, task, &answer, added,
                      json_array_size(json_object_get(envelope, "result")));
    json_decref(envelope);
    plug_bytes_fini(&bytes);
}

/* -- a data set -------------------------------------------------------------------------------- */

static void write_title(const struct dtm_rows *rows, const struct feed_task *task, char *out,
                        size_t room)
{
    const char *level = strchr(task->name, '/');
    char when[TEXT_ROOM] = "";
    if (rows->first[0] != '\0')
        snprintf(when, sizeof when, ", %s to %s", rows->first, rows->last);
    plug_say(out, room, "DTM: %s, admin %s%s (%llu rows)",
             rows->country[0] != '\0' ? rows->country : task->name, level != NULL ? level + 1 : "?",
             when, (unsigned long long)rows->count);
}

static void note_rows(struct feed_note *note, struct dtm_rows *rows, uint64_t now_ms)
{
    uint64_t last = plug_time_iso(rows->last), repeated = dtm_rows_repeated(rows);
    feed_note(note, "Rows", "%llu", (unsigned long long)rows->count);
    if (rows->last_round > 0)
        feed_note(note, "Rounds", "%lld to %lld", (long long)rows->first_round,
                  (long long)rows->last_round);
    feed_note(note, "Reported", "%s to %s; days as they are written, the service states no zone",
              rows->first, rows->last);
    if (last != 0 && now_ms > last)
        feed_note(note, "Newest report", "%llu days old; the public site may be months ahead",
                  (unsigned long long)((now_ms - last) / DAY_MS));
    for (unsigned i = 0; i < rows->operation_count && i < DTM_OPERATION; i++)
        feed_note(note, "Operation", "%s", rows->operations[i]);
    if (rows->operation_count > DTM_OPERATION)
        feed_note(note, "Operation", "and more");
    if (repeated > 0)
        feed_note(note, "Rows of a place and day that came before",
                  "%llu; they differ in reason, origin or assessment: do not add them up unseen",
                  (unsigned long long)repeated);
    feed_note(note, "Rows without a figure", "%llu", (unsigned long long)rows->without_number);
    feed_note(note, "Rows whose figure is a text", "%llu",
              (unsigned long long)rows->number_as_text);
    feed_note(note, "Rows without figures by sex", "%llu", (unsigned long long)rows->without_sex);
    feed_note(note, "Rows without a place of origin", "%llu",
              (unsigned long long)rows->without_origin);
    feed_note(note, "Rows without a date", "%llu", (unsigned long long)rows->without_date);
    feed_note(note, "Rows assessed otherwise than BA, SA, ETT", "%llu",
              (unsigned long long)rows->not_assessed_as_known);
}

static void write_note(const struct dtm *p, struct feed_note *note, struct dtm_rows *rows,
                       const char *title, const char *url, const char *digest)
{
    char now[21];
    uint64_t now_ms = p->feed.plug.host->now_ms(p->feed.plug.ctx);
    plug_time_print(now_ms, now);
    *note = (struct feed_note){""};
    feed_note(note, "Title", "%s", title);
    feed_note(note, "Source", "IOM, Displacement Tracking Matrix, API v3");
    feed_note(note, "Address", "%s", url);
    feed_note(note, "Fetched", "%s", now);
    feed_note(note, "SHA-256", "%s", digest);
    feed_note(note, "Terms", "%s", p->feed.plug.host->setting(p->feed.plug.ctx, "terms"));
    note_rows(note, rows, now_ms);
}

/* `*fd` is moved into the document. */
static void hand_over(struct dtm *p, struct feed_task *task, struct dtm_rows *rows,
                      const struct plug_answer *answer, const char *digest, int *fd)
{
    char title[TEXT_ROOM], name[FEED_NAME + 16], key[129];
    struct feed_note note;
    struct plug_pile pile;
    const char *level = strchr(task->name, '/');
    write_title(rows, task, title, sizeof title);
    write_note(p, &note, rows, title, answer->url, digest);
    snprintf(name, sizeof name, "dtm-%.*s-admin%s.json", (int)(level - task->name), task->name,
             level + 1);
    snprintf(key, sizeof key, "iom-dtm %s %s", task->name, digest);
    plug_pile_init(&pile);
    int data = *fd;
    *fd = -1;
    if (plug_pile_add(&pile, name, "application/json", PLUG_JSON, data, answer->bytes) != 0 ||
        plug_pile_add_bytes(&pile, "about.txt", "text/plain", note.text, strlen(note.text)) != 0) {
        plug_pile_fini(&pile);
        return;
    }
    static const char *const BODIES[] = {"Displacement Tracking Matrix"};
    struct vls_about about = {.size = sizeof about,
                              .issuer = "iom",
                              .language = "en",
                              .title = title,
                              .published = rows->last,
                              .bodies = BODIES,
                              .body_count = 1,
                              .url = answer->url,
                              .licence = p->feed.plug.host->setting(p->feed.plug.ctx, "terms"),
                              .record = task->name};
    struct feed_paper paper = {.key = key,
                               .subject = title,
                               .about = &about,
                               .pile = &pile,
                               .state_key = task->name,
                               .state_value = digest};
    (void)feed_emit(&p->feed, task, &paper);
}

/* The content lies in `fd`: whether it is what was asked for, and new. */
static void look(struct dtm *p, struct feed_task *task, struct plug_answer *answer, int *fd)
{
    struct dtm_rows rows;
    char digest[FEED_HEX], known[FEED_HEX];
    bool is_new = false;
    if (!dtm_rows_init(&rows) || !feed_digest(*fd, digest)) {
        answer->result = VLS_RESULT_RETRY_AT;
        plug_say(answer->why, sizeof answer->why, "no memory to read the answer");
    } else {
        (void)feed_scan(*fd, dtm_rows_take, &rows); /* what it did not take, the end tells */
        dtm_rows_end(&rows, answer);
        is_new = strcmp(plug_keep_get(&p->feed.plug, task->name, known, sizeof known), digest) != 0;
    }
    bool is_good = answer->result == VLS_RESULT_DELIVERED || answer->result == VLS_RESULT_PARTIAL;
    if (is_good && !is_new)
        answer->result = VLS_RESULT_UNCHANGED;
    feed_done_in_part(&p->feed, task, answer, rows.count, rows.total);
    if (is_good && is_new)
        hand_over(p, task, &rows, answer, digest, fd);
    dtm_rows_fini(&rows);
}

static void bring(struct dtm *p, struct feed_task *task)
{
    char url[PLUG_URL], path[TEXT_ROOM];
    struct plug_answer answer;
    int fd = -1;
    const char *from = p->feed.plug.host->setting(p->feed.plug.ctx, "from");
    const char *level = strchr(task->name, '/');
    snprintf(path, sizeof path, "/displacement/admin%s?Admin0Pcode=%.*s", level + 1,
             (int)(level - task->name), task->name);
    if (from != NULL && from[0] != '\0') {
        plug_add(path, sizeof path, "&FromReportingDate=");
        plug_add(path, sizeof path, from);
    }
    feed_url(&p->feed, url, path);
    struct plug_ask ask = feed_ask(&p->feed, url, PLUG_JSON);
    if (plug_fetch(&p->feed.plug, &ask, &fd, &answer) == VLS_RESULT_DELIVERED)
        look(p, task, &answer, &fd);
    else
        feed_done(&p->feed, task, &answer);
    if (fd >= 0)
        close(fd);
}

static uint32_t poll_dtm(void *state)
{
    struct dtm *p = state;
    struct feed_task *task = feed_next(&p->feed);
    if (task != NULL && strcmp(task->name, LIST) == 0)
        list_countries(p, task);
    else if (task != NULL)
        bring(p, task);
    return feed_rest(&p->feed);
}

static void committed(void *state, const struct vls_commit *commit)
{
    struct dtm *p = state;
    (void)feed_committed(&p->feed, commit);
}

static const struct vls_plugin PLUGIN = {
    VLS_PLUGIN_HEAD,
    .caps_need = VLS_CAP_NET | VLS_CAP_STATE | VLS_CAP_SEND,
    .roles = VLS_PLUGIN_SOURCE,
    .id = "iom-dtm",
    .version = "1.0",
    .summary = "Brings displacement data of IOM's DTM when it has changed.",
    .setting_bytes = sizeof(struct vls_setting),
    .settings = SETTINGS,
    .configure = configure,
    .start = start,
    .stop = stop,
    .poll = poll_dtm,
    .committed = committed,
};

VLS_PLUGIN_EXPORT(PLUGIN)
