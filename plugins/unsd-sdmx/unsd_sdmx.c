/* unsd-sdmx - statistics of the United Nations Statistics Division by SDMX: one document a series
 * that the operator names, brought again when its bytes have changed, with its observations parted
 * by their confidentiality. The manual is valise-unsd-sdmx(7). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/feed.h"
#include "observations.h"

#define TEXT_ROOM   512u
#define START_BYTES 65536u /* of an answer in XML that are looked at */

static const struct vls_setting SETTINGS[] = {
    FEED_SETTINGS("https://data.un.org/WS/rest", "1440", "120"),
    {.name = "series",
     .type = VLS_SETTING_TEXT,
     .flags = VLS_SETTING_REQUIRED,
     .min = 1,
     .max = 2048,
     .help = "What is brought, with blanks between: FLOW or FLOW/KEY, such as "
             "DF_UNDATA_COUNTRYDATA/A.SP_POP_TOTL.AFG."},
    {.name = "labels",
     .type = VLS_SETTING_TEXT,
     .flags = VLS_SETTING_REQUIRED,
     .min = 3,
     .max = 4000,
     .help = "Label of each CONF_STATUS, CODE=LABEL with | between; - is an observation that "
             "states none. A code that is not named is not handed over."},
    {.name = "start-period",
     .type = VLS_SETTING_TEXT,
     .max = 16,
     .help = "Only observations from that period on, such as 2015."},
    {0},
};

struct unsd {
    struct feed feed;
    struct observations observations;
};

/* -- start ------------------------------------------------------------------------------------- */

static bool is_of(const char *text, size_t len, const char *more)
{
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_plain && strchr(more, c) == NULL)
            return false;
    }
    return len > 0;
}

static int add_series(struct unsd *p, char *why, size_t room)
{
    char word[FEED_NAME];
    const char *at = p->feed.plug.host->setting(p->feed.plug.ctx, "series");
    while (*(at += strspn(at, " ;")) != '\0') {
        size_t len = strcspn(at, " ;"), flow = strcspn(at, "/ ;");
        bool is_fine = len < sizeof word && is_of(at, flow, "_,.-") &&
                       (flow == len || is_of(at + flow + 1, len - flow - 1, "_.+-@$"));
        snprintf(word, sizeof word, "%.*s", (int)len, at);
        if (!is_fine || !feed_add(&p->feed, word)) {
            plug_say(why, room,
                     "setting series: \"%s\" is no FLOW or FLOW/KEY of SDMX of at most %u "
                     "characters, or there are too many",
                     word, FEED_NAME - 1);
            return -1;
        }
        at += len;
    }
    return 0;
}

static int configure(const struct vls_host *host, void **out_state, char *why, size_t room)
{
    (void)host;
    *out_state = calloc(1, sizeof(struct unsd));
    if (*out_state == NULL)
        plug_say(why, room, "no memory");
    return *out_state != NULL ? 0 : -1;
}

static int start(const struct vls_host *host, void *state, char *why, size_t room)
{
    struct unsd *p = state;
    const char *from = host->setting(host->ctx, "start-period");
    if (feed_start(&p->feed, host, why, room) != 0 || add_series(p, why, room) != 0)
        return -1;
    if (from != NULL && from[0] != '\0' && !is_of(from, strlen(from), "-")) {
        plug_say(why, room, "setting start-period must be a period such as 2015 or 2015-Q1: %s",
                 from);
        return -1;
    }
    return observations_init(&p->observations, host->setting(host->ctx, "labels"), why, room) ? 0
                                                                                              : -1;
}

static void stop(void *state)
{
    struct unsd *p = state;
    if (p == NULL)
        return;
    observations_fini(&p->observations);
    feed_stop(&p->feed);
    free(p);
}

/* -- a series ---------------------------------------------------------------------------------- */

static void write_note(const struct unsd *p, struct feed_note *note, const char *title,
                       const struct plug_answer *answer, const char *digest)
{
    const struct observations *o = &p->observations;
    char now[21], until[21];
    plug_time_print(p->feed.plug.host->now_ms(p->feed.plug.ctx), now);
    *note = (struct feed_note){""};
    feed_note(note, "Title", "%s", title);
    feed_note(note, "Source", "United Nations Statistics Division, SDMX");
    feed_note(note, "Address", "%s", answer->url);
    feed_note(note, "Fetched", "%s", now);
    feed_note(note, "SHA-256 of the answer", "%s", digest);
    feed_note(note, "Observations", "%llu of %llu", (unsigned long long)o->handed_over,
              (unsigned long long)o->count);
    for (unsigned i = 0; i < o->code_count; i++)
        if (o->codes[i].rows > 0)
            feed_note(note, "CONF_STATUS", "%s: %llu observations, label %s", o->codes[i].name,
                      (unsigned long long)o->codes[i].rows, o->codes[i].label);
    if (o->handed_over < o->count)
        feed_note(note, "Not handed over",
                  "%llu observations, for their confidentiality or embargo",
                  (unsigned long long)(o->count - o->handed_over));
    if (o->embargo_until_ms != 0) {
        plug_time_print(o->embargo_until_ms, until);
        feed_note(note, "Embargo", "until %s, the latest of its observations", until);
    }
}

/* A part for each code that has rows, under its label; then where it is from. */
static bool pile_up(struct unsd *p, struct plug_pile *pile, const struct feed_note *note,
                    const char *each[PLUG_PILE])
{
    struct observations *o = &p->observations;
    char name[PLUG_NAME];
    bool is_fine = true;
    plug_pile_init(pile);
    for (unsigned i = 0; i < o->code_count && is_fine; i++) {
        struct code *code = &o->codes[i];
        if (code->rows == 0)
            continue;
        const char *shown = strcmp(code->name, UNSTATED) == 0 ? "unstated" : code->name;
        snprintf(name, sizeof name, "observations-%s.csv", shown);
        each[pile->count] = code->label;
        is_fine = plug_pile_add(pile, name, "text/csv", PLUG_TEXT, code->fd, code->bytes) == 0;
        code->fd = -1;
    }
    each[pile->count] = NULL;
    return is_fine && plug_pile_add_bytes(pile, "about.txt", "text/plain", note->text,
                                          strlen(note->text)) == 0;
}

static void hand_over(struct unsd *p, struct feed_task *task, const struct plug_answer *answer,
                      const char *digest, const char *version)
{
    static const char *const BODIES[] = {"United Nations Statistics Division"};
    const char *each[PLUG_PILE] = {NULL};
    char title[TEXT_ROOM], key[129];
    struct feed_note note;
    struct plug_pile pile;
    plug_say(title, sizeof title, "UNSD statistics: %s (%llu observations)", task->name,
             (unsigned long long)p->observations.handed_over);
    snprintf(key, sizeof key, "unsd %s %s", version, task->name);
    key[sizeof key - 1] = '\0';
    write_note(p, &note, title, answer, digest);
    if (!pile_up(p, &pile, &note, each)) {
        plug_pile_fini(&pile);
        return;
    }
    struct vls_about about = {.size = sizeof about,
                              .title = title,
                              .bodies = BODIES,
                              .body_count = 1,
                              .url = answer->url,
                              .record = task->name};
    struct feed_paper paper = {.key = key,
                               .subject = title,
                               .each = each,
                               .embargo_until_ms = p->observations.embargo_until_ms,
                               .about = &about,
                               .pile = &pile,
                               .state_key = task->name,
                               .state_value = version};
    (void)feed_emit(&p->feed, task, &paper);
}

/* Of the answer, and of how it is labelled: under other labels it is another document. */
static void write_version(const struct unsd *p, const char *digest, char out[FEED_HEX])
{
    const char *labels = p->feed.plug.host->setting(p->feed.plug.ctx, "labels");
    snprintf(out, FEED_HEX, "%.32s%016llx", digest, (unsigned long long)plug_mark(labels));
}

static void look(struct unsd *p, struct feed_task *task, struct plug_answer *answer, int fd)
{
    char digest[FEED_HEX], version[FEED_HEX], known[FEED_HEX];
    struct observations *o = &p->observations;
    if (!feed_digest(fd, digest)) {
        answer->result = VLS_RESULT_RETRY_AT;
        plug_say(answer->why, sizeof answer->why, "no memory to read the answer");
        feed_done(&p->feed, task, answer);
        return;
    }
    observations_begin(o);
    (void)feed_scan(fd, observations_take, o); /* what it did not take, the end tells */
    observations_end(o, answer);
    write_version(p, digest, version);
    bool is_good = answer->result == VLS_RESULT_DELIVERED || answer->result == VLS_RESULT_PARTIAL;
    bool is_new =
        strcmp(plug_keep_get(&p->feed.plug, task->name, known, sizeof known), version) != 0;
    if (answer->result == VLS_RESULT_DELIVERED && !is_new)
        answer->result = VLS_RESULT_UNCHANGED;
    feed_done_in_part(&p->feed, task, answer, o->handed_over, o->count);
    if (is_good && is_new)
        hand_over(p, task, answer, digest, version);
    observations_begin(o);
}

/* SDMX-ML though CSV was asked for: some services answer a large question with a footer alone, and
 * have the data later. */
static void look_at_xml(int fd, struct plug_answer *answer)
{
    char *start = calloc(1, START_BYTES + 1);
    ssize_t len = start != NULL ? pread(fd, start, START_BYTES, 0) : -1;
    bool is_later = len > 0 && strstr(start, "Footer") != NULL && strstr(start, "Obs") == NULL;
    free(start);
    if (!is_later) {
        plug_malformed(answer, "byte 0", "it answered in XML where CSV was asked for");
        return;
    }
    answer->result = VLS_RESULT_RETRY_AT;
    answer->retry_at_ms = 0;
    plug_say(answer->why, sizeof answer->why,
             "it answered with a message alone: the data is being prepared");
}

static void write_url(const struct unsd *p, const struct feed_task *task, char url[PLUG_URL])
{
    char path[TEXT_ROOM];
    const char *from = p->feed.plug.host->setting(p->feed.plug.ctx, "start-period");
    bool has_key = strchr(task->name, '/') != NULL;
    snprintf(path, sizeof path, "/data/%s%s/ALL/?detail=full&format=csv%s%s", task->name,
             has_key ? "" : "/all", from != NULL && from[0] != '\0' ? "&startPeriod=" : "",
             from != NULL ? from : "");
    feed_url(&p->feed, url, path);
}

static void bring(struct unsd *p, struct feed_task *task)
{
    static const struct vls_http_header FIELDS[] = {
        {"Accept", "application/vnd.sdmx.data+csv;version=1.0.0, text/csv"}};
    char url[PLUG_URL];
    struct plug_answer answer;
    int fd = -1;
    write_url(p, task, url);
    struct plug_ask ask = feed_ask(&p->feed, url, PLUG_TEXT | PLUG_UNKNOWN | PLUG_XML);
    ask.headers = FIELDS;
    ask.header_count = 1;
    if (plug_fetch(&p->feed.plug, &ask, &fd, &answer) != VLS_RESULT_DELIVERED) {
        feed_done(&p->feed, task, &answer);
    } else if (answer.kind == PLUG_XML) {
        look_at_xml(fd, &answer);
        feed_done(&p->feed, task, &answer);
    } else {
        look(p, task, &answer, fd);
    }
    if (fd >= 0)
        close(fd);
}

static uint32_t poll_unsd(void *state)
{
    struct unsd *p = state;
    struct feed_task *task = feed_next(&p->feed);
    if (task != NULL)
        bring(p, task);
    return feed_rest(&p->feed);
}

static void committed(void *state, const struct vls_commit *commit)
{
    struct unsd *p = state;
    (void)feed_committed(&p->feed, commit);
}

static const struct vls_plugin PLUGIN = {
    VLS_PLUGIN_HEAD,
    .caps_need = VLS_CAP_NET | VLS_CAP_STATE | VLS_CAP_SEND,
    .roles = VLS_PLUGIN_SOURCE,
    .id = "unsd-sdmx",
    .version = "1.0",
    .summary = "Brings statistics by SDMX, observations labelled by their confidentiality.",
    .setting_bytes = sizeof(struct vls_setting),
    .settings = SETTINGS,
    .configure = configure,
    .start = start,
    .stop = stop,
    .poll = poll_unsd,
    .committed = committed,
};

VLS_PLUGIN_EXPORT(PLUGIN)
