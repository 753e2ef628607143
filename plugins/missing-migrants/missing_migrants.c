/* missing-migrants - figures of IOM's Missing Migrants Project: one document a year, brought again
 * when its bytes have changed. The manual is valise-missing-migrants(7). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/feed.h"
#include "incidents.h"

#define FIRST_YEAR "2014"
#define YEAR_ROOM  5u
#define TEXT_ROOM  512u

static const struct vls_setting SETTINGS[] = {
    FEED_SETTINGS("https://missingmigrants.iom.int", "1440", "120"),
    {.name = "first-year",
     .type = VLS_SETTING_NUMBER,
     .min = 2014,
     .max = 2100,
     .fallback = FIRST_YEAR,
     .help = "The first year that is brought; the last one is the present."},
    {.name = "terms",
     .type = VLS_SETTING_TEXT,
     .min = 1,
     .max = 256,
     .fallback = "CC BY-IGO: IOM, Missing Migrants Project",
     .help = "The terms of use, which go with each document."},
    {0},
};

struct missing {
    struct feed feed;
    unsigned next_year; /* that is not looked after yet */
};

static int configure(const struct vls_host *host, void **out_state, char *why, size_t room)
{
    (void)host;
    *out_state = calloc(1, sizeof(struct missing));
    if (*out_state == NULL)
        plug_say(why, room, "no memory");
    return *out_state != NULL ? 0 : -1;
}

static int start(const struct vls_host *host, void *state, char *why, size_t room)
{
    struct missing *p = state;
    p->next_year = (unsigned)host->setting_number(host->ctx, "first-year");
    return feed_start(&p->feed, host, why, room);
}

static void stop(void *state)
{
    struct missing *p = state;
    feed_stop(&p->feed);
    free(p);
}

/* A year begins while the gateway runs. */
static void add_years(struct missing *p)
{
    char now[21], year[YEAR_ROOM];
    plug_time_print(p->feed.plug.host->now_ms(p->feed.plug.ctx), now);
    unsigned present = (unsigned)strtoul(now, NULL, 10);
    for (; p->next_year <= present; p->next_year++) {
        snprintf(year, sizeof year, "%u", p->next_year % 10000);
        if (!feed_add(&p->feed, year))
            return;
    }
}

/* -- a year ------------------------------------------------------------------------------------ */

static void note_fields(struct feed_note *note, const struct incidents *incidents)
{
    feed_note(note, "Incidents", "%llu", (unsigned long long)incidents->count);
    feed_note(note, "Incidents without coordinates", "%llu",
              (unsigned long long)incidents->without_place);
    if (incidents->is_misspelt)
        feed_note(note, "Spelling", "the field of coordinates is called location_coodinates there");
    feed_note(note, "Values", "are texts, figures too; an empty one is unknown, not 0");
    if (incidents->no_texts > 0)
        feed_note(note, "Values that are no texts", "%llu",
                  (unsigned long long)incidents->no_texts);
    for (unsigned i = 0; i < incidents->field_count; i++)
        feed_note(note, "Field", "%s: in %llu incidents, unknown in %llu of them",
                  incidents->fields[i].name, (unsigned long long)incidents->fields[i].present,
                  (unsigned long long)incidents->fields[i].unknown);
}

static void write_note(const struct missing *p, struct feed_note *note,
                       const struct incidents *incidents, const char *title,
                       const struct plug_answer *answer, const char *digest)
{
    char now[21];
    plug_time_print(p->feed.plug.host->now_ms(p->feed.plug.ctx), now);
    *note = (struct feed_note){""};
    feed_note(note, "Title", "%s", title);
    feed_note(note, "Source", "IOM, Missing Migrants Project");
    feed_note(note, "Address", "%s", answer->url);
    feed_note(note, "Fetched", "%s", now);
    feed_note(note, "SHA-256", "%s", digest);
    feed_note(note, "Terms", "%s", p->feed.plug.host->setting(p->feed.plug.ctx, "terms"));
    note_fields(note, incidents);
}

/* `*fd` is moved into the document. */
static void hand_over(struct missing *p, struct feed_task *task, const struct incidents *incidents,
                      const struct plug_answer *answer, const char *digest, int *fd)
{
    static const char *const BODIES[] = {"Missing Migrants Project"};
    char title[TEXT_ROOM], name[FEED_NAME + 32], key[129];
    struct feed_note note;
    struct plug_pile pile;
    plug_say(title, sizeof title, "Missing Migrants: %s (%llu incidents)", task->name,
             (unsigned long long)incidents->count);
    write_note(p, &note, incidents, title, answer, digest);
    snprintf(name, sizeof name, "missing-migrants-%s.json", task->name);
    snprintf(key, sizeof key, "missing-migrants %s %s", task->name, digest);
    plug_pile_init(&pile);
    int data = *fd;
    *fd = -1;
    if (plug_pile_add(&pile, name, "application/json", PLUG_JSON, data, answer->bytes) != 0 ||
        plug_pile_add_bytes(&pile, "about.txt", "text/plain", note.text, strlen(note.text)) != 0) {
        plug_pile_fini(&pile);
        return;
    }
    struct vls_about about = {.size = sizeof about,
                              .issuer = "iom",
                              .language = "en",
                              .title = title,
                              .published = task->name,
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

static void look(struct missing *p, struct feed_task *task, struct plug_answer *answer, int *fd)
{
    static struct incidents incidents; /* several KiB: not on the stack of a callback */
    char digest[FEED_HEX], known[FEED_HEX];
    bool is_new = false;
    if (!incidents_init(&incidents) || !feed_digest(*fd, digest)) {
        answer->result = VLS_RESULT_RETRY_AT;
        plug_say(answer->why, sizeof answer->why, "no memory to read the answer");
    } else {
        (void)feed_scan(*fd, incidents_take, &incidents); /* what it did not take, the end tells */
        incidents_end(&incidents, answer);
        is_new = strcmp(plug_keep_get(&p->feed.plug, task->name, known, sizeof known), digest) != 0;
    }
    bool is_good = answer->result == VLS_RESULT_DELIVERED;
    if (is_good && !is_new)
        answer->result = VLS_RESULT_UNCHANGED;
    feed_done(&p->feed, task, answer);
    if (is_good && is_new)
        hand_over(p, task, &incidents, answer, digest, fd);
    incidents_fini(&incidents);
}

/* Its firewall goes by the name that a program gives itself. */
static void explain(struct plug_answer *answer)
{
    if (answer->status == 403 && answer->result == VLS_RESULT_REFUSED)
        plug_say(
            answer->why, sizeof answer->why,
            "it refuses this program (403): its firewall takes a plain name of an organization "
            "in User-Agent, and neither a library's nor a browser's; ask IOM otherwise");
}

static void bring(struct missing *p, struct feed_task *task)
{
    char url[PLUG_URL], path[TEXT_ROOM];
    struct plug_answer answer;
    int fd = -1;
    snprintf(path, sizeof path, "/global-figures/%s/json", task->name);
    feed_url(&p->feed, url, path);
    struct plug_ask ask = feed_ask(&p->feed, url, PLUG_JSON);
    if (plug_fetch(&p->feed.plug, &ask, &fd, &answer) == VLS_RESULT_DELIVERED) {
        look(p, task, &answer, &fd);
    } else {
        explain(&answer);
        feed_done(&p->feed, task, &answer);
    }
    if (fd >= 0)
        close(fd);
}

static uint32_t poll_missing(void *state)
{
    struct missing *p = state;
    add_years(p);
    struct feed_task *task = feed_next(&p->feed);
    if (task != NULL)
        bring(p, task);
    return feed_rest(&p->feed);
}

static void committed(void *state, const struct vls_commit *commit)
{
    struct missing *p = state;
    (void)feed_committed(&p->feed, commit);
}

static const struct vls_plugin PLUGIN = {
    VLS_PLUGIN_HEAD,
    .caps_need = VLS_CAP_NET | VLS_CAP_STATE | VLS_CAP_SEND,
    .roles = VLS_PLUGIN_SOURCE,
    .id = "missing-migrants",
    .version = "1.0",
    .summary = "Brings yearly figures of IOM's Missing Migrants Project when they have changed.",
    .setting_bytes = sizeof(struct vls_setting),
    .settings = SETTINGS,
    .configure = configure,
    .start = start,
    .stop = stop,
    .poll = poll_missing,
    .committed = committed,
};

VLS_PLUGIN_EXPORT(PLUGIN)
