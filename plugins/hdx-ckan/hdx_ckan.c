/* hdx-ckan - data sets of the Humanitarian Data Exchange, a CKAN catalogue, with their files and
 * licences: of one organization, in the order in which their records change. The manual is
 * valise-hdx-ckan(7).
 *
 * A record that changed is a reason to look; whether the data set is brought again its bytes say.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "package.h"

#define TASK       "datasets"
#define PAGE_BYTES (8u << 20) /* in memory it takes some times that */
#define TRIES      4u
#define HOUR_MS    UINT64_C(3600000)
#define TEXT_ROOM  512u
#define KEY_ROOM   20u
#define DATA_SETS  400u /* whose digests are kept; of one that is not, the key still tells */

static const struct vls_setting SETTINGS[] = {
    FEED_SETTINGS("https://data.humdata.org", "360", "120"),
    {.name = "organization",
     .type = VLS_SETTING_TEXT,
     .max = 128,
     .fallback = "international-organization-for-migration",
     .help = "Name of the organization whose data sets are brought; \"\" for all."},
    {.name = "query",
     .type = VLS_SETTING_TEXT,
     .max = 512,
     .help = "Words that are looked for besides, as in the site's search."},
    {.name = "since",
     .type = VLS_SETTING_TEXT,
     .min = 10,
     .max = 20,
     .fallback = "2026-01-01",
     .help = "The first look begins with what was changed on that day, YYYY-MM-DD."},
    {.name = "page",
     .type = VLS_SETTING_NUMBER,
     .min = 1,
     .max = 100,
     .fallback = "20",
     .help = "Data sets that are asked for at once."},
    {0},
};

struct hdx {
    struct feed feed;
    struct feed_stream stream;
    unsigned page, tries, brought;
    uint64_t files_got, files_of; /* of this round */
    struct plug_answer missing;
};

/* -- start ------------------------------------------------------------------------------------- */

static int configure(const struct vls_host *host, void **out_state, char *why, size_t room)
{
    (void)host;
    *out_state = calloc(1, sizeof(struct hdx));
    if (*out_state == NULL)
        plug_say(why, room, "no memory");
    return *out_state != NULL ? 0 : -1;
}

static int start(const struct vls_host *host, void *state, char *why, size_t room)
{
    struct hdx *p = state;
    if (feed_start(&p->feed, host, why, room) != 0)
        return -1;
    p->page = (unsigned)host->setting_number(host->ctx, "page");
    p->stream = (struct feed_stream){.feed = &p->feed,
                                     .name = package_name,
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
    struct hdx *p = state;
    feed_stream_stop(&p->stream);
    feed_stop(&p->feed);
    free(p);
}

/* -- a page ------------------------------------------------------------------------------------ */

static void write_url(const struct hdx *p, char url[PLUG_URL])
{
    char filter[TEXT_ROOM], from[21], tail[TEXT_ROOM];
    const char *organization = p->feed.plug.host->setting(p->feed.plug.ctx, "organization");
    const char *query = p->feed.plug.host->setting(p->feed.plug.ctx, "query");
    plug_time_print(p->stream.from_ms, from);
    snprintf(filter, sizeof filter, "metadata_modified:[%s TO *]%s%s%s", from,
             organization != NULL && organization[0] != '\0' ? " AND organization:\"" : "",
             organization != NULL ? organization : "",
             organization != NULL && organization[0] != '\0' ? "\"" : "");
    feed_url(&p->feed, url, "/api/3/action/package_search?fq=");
    plug_add_escaped(url, PLUG_URL, filter);
    if (query != NULL && query[0] != '\0') {
        plug_add(url, PLUG_URL, "&q=");
        plug_add_escaped(url, PLUG_URL, query);
    }
    snprintf(tail, sizeof tail, "&sort=metadata_modified%%20asc%%2C%%20id%%20asc&rows=%u&start=%u",
             p->page, p->stream.offset);
    plug_add(url, PLUG_URL, tail);
}

/* success: false, whatever the status: what kind of no it is. */
static void explain(const json_t *envelope, struct plug_answer *answer)
{
    const json_t *error = json_object_get(envelope, "error");
    const char *type = plug_json_text(error, "__type"), *words = plug_json_text(error, "message");
    answer->result = VLS_RESULT_MALFORMED;
    if (strstr(type, "Not Found") != NULL)
        answer->result = VLS_RESULT_NOT_FOUND;
    else if (strstr(type, "Authorization") != NULL)
        answer->result = VLS_RESULT_REFUSED;
    plug_copy(answer->where, sizeof answer->where,
              answer->result == VLS_RESULT_MALFORMED ? "success" : "");
    plug_say(answer->why, sizeof answer->why, "the catalogue answers success: false: %s %s", type,
             words[0] != '\0' ? words : "without a message");
}

static void take_page(struct hdx *p, const struct plug_bytes *bytes, struct plug_answer *answer)
{
    json_t *envelope = plug_json_read(bytes, answer);
    const json_t *results = plug_json_at(envelope, "result.results");
    if (envelope == NULL)
        return;
    if (!json_is_true(json_object_get(envelope, "success")) && results == NULL)
        explain(envelope, answer);
    else if (!json_is_array(results))
        plug_malformed(answer, "result.results", "it is no list of data sets");
    else
        feed_stream_take(&p->stream,
                         json_object_get(json_object_get(envelope, "result"), "results"), p->page);
    json_decref(envelope);
}

/* A refusal has an envelope, too, which says more than its status. */
static void explain_refusal(struct plug_answer *answer)
{
    json_t *envelope = json_loads(answer->body, 0, NULL);
    uint32_t by_status = answer->result;
    if (json_is_false(json_object_get(envelope, "success"))) {
        explain(envelope, answer);
        if (answer->result == VLS_RESULT_MALFORMED)
            answer->result = by_status;
    }
    json_decref(envelope);
}

static void fetch_page(struct hdx *p, struct feed_task *task)
{
    char url[PLUG_URL];
    struct plug_bytes bytes = {NULL, 0, 0};
    struct plug_answer answer;
    write_url(p, url);
    struct plug_ask ask = feed_ask(&p->feed, url, PLUG_JSON);
    if (plug_gather(&p->feed.plug, &ask, PAGE_BYTES, &bytes, &answer) == VLS_RESULT_DELIVERED)
        take_page(p, &bytes, &answer);
    else if (answer.status == 403 || answer.status == 404 || answer.status == 409)
        explain_refusal(&answer);
    plug_bytes_fini(&bytes);
    if (answer.result == VLS_RESULT_DELIVERED) {
        feed_go_on(task);
        return;
    }
    feed_stream_rewind(&p->stream);
    feed_done(&p->feed, task, &answer);
}

/* -- a data set -------------------------------------------------------------------------------- */

/* "d/32d0365cd5134721": of the id; two that share it would only be brought once more. */
static void digest_key(const struct package *package, char key[KEY_ROOM])
{
    snprintf(key, KEY_ROOM, "d/%016llx", (unsigned long long)plug_mark(package->id));
}

/* Room for one more: what is kept of the first in order goes, and costs one more look at it. */
static void make_room(const struct hdx *p)
{
    const struct vls_state_service *state = p->feed.plug.state;
    char first[KEY_ROOM] = "";
    unsigned count = 0;
    for (const char *key = state->next(p->feed.plug.ctx, "d/"); key != NULL;
         key = state->next(p->feed.plug.ctx, key)) {
        if (strncmp(key, "d/", 2) != 0)
            break;
        if (count++ == 0)
            plug_copy(first, sizeof first, key);
    }
    if (count >= DATA_SETS)
        (void)plug_keep_put(&p->feed.plug, first, "");
}

static void emit(struct hdx *p, struct feed_task *task, const struct package *package,
                 struct plug_pile *pile, const char *digest_at)
{
    char key[129];
    snprintf(key, sizeof key, "hdx %s %s", package->id, package->digest);
    struct vls_about about = {.size = sizeof about,
                              .title = package->title,
                              .published = package->updated,
                              .bodies = &package->organization,
                              .body_count = 1,
                              .subjects = package->tags,
                              .subject_count = package->tag_count,
                              .url = package->url,
                              .licence = package->licence,
                              .record = package->id};
    struct feed_paper paper = {.key = key,
                               .subject = package->title,
                               .about = &about,
                               .pile = pile,
                               .more_key = digest_at,
                               .more_value = package->digest};
    enum vls_emit answer = feed_stream_emit(&p->stream, task, &paper);
    if (answer == VLS_EMIT_OK)
        p->brought++;
    else if (answer == VLS_EMIT_INVALID)
        p->tries = 0;
}

static void bring(struct hdx *p, struct feed_task *task, const json_t *row)
{
    struct package package;
    struct plug_pile pile;
    char key[KEY_ROOM], known[FEED_HEX];
    if (!package_is_public(row)) {
        feed_stream_pass(&p->stream, task);
        return;
    }
    plug_pile_init(&pile);
    package_read(row, p->feed.base, &package);
    digest_key(&package, key);
    if (!package_gather(&package, row, &p->feed, ++p->tries >= TRIES, &pile)) {
        feed_done(&p->feed, task, &package.missing);
        plug_pile_fini(&pile);
        return;
    }
    if (package.missing.result != VLS_RESULT_NONE)
        p->missing = package.missing;
    p->files_got += 1u + package.fetched; /* its record is one of them */
    p->files_of += 1u + package.files;
    if (strcmp(plug_keep_get(&p->feed.plug, key, known, sizeof known), package.digest) == 0) {
        feed_stream_pass(&p->stream, task);
        p->tries = 0;
    } else {
        make_room(p);
        emit(p, task, &package, &pile, key);
    }
    plug_pile_fini(&pile);
}

static void end_round(struct hdx *p, struct feed_task *task)
{
    struct plug_answer answer = {.result =
                                     p->brought > 0 ? VLS_RESULT_DELIVERED : VLS_RESULT_UNCHANGED};
    if (p->missing.result != VLS_RESULT_NONE) {
        answer = p->missing;
        answer.result = VLS_RESULT_PARTIAL;
        plug_say(answer.why, sizeof answer.why, "files of data sets did not come: %s: %s",
                 plug_result_name(p->missing.result), p->missing.why);
    } else if (p->stream.passed > 0) {
        plug_malformed(&answer, "result.results", "%llu data sets have no id or no date",
                       (unsigned long long)p->stream.passed);
    }
    feed_done_in_part(&p->feed, task, &answer, p->files_got, p->files_of);
    p->brought = 0;
    p->files_got = p->files_of = 0;
    p->missing.result = VLS_RESULT_NONE;
    feed_stream_rewind(&p->stream);
}

static uint32_t poll_hdx(void *state)
{
    struct hdx *p = state;
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
    struct hdx *p = state;
    feed_stream_committed(&p->stream, &p->feed.tasks[0], commit);
    if (commit->outcome != VLS_OUTCOME_RETRY)
        p->tries = 0;
}

static const struct vls_plugin PLUGIN = {
    VLS_PLUGIN_HEAD,
    .caps_need = VLS_CAP_NET | VLS_CAP_STATE | VLS_CAP_SEND,
    .roles = VLS_PLUGIN_SOURCE,
    .id = "hdx-ckan",
    .version = "1.0",
    .summary = "Brings data sets of the Humanitarian Data Exchange, with files and licences.",
    .setting_bytes = sizeof(struct vls_setting),
    .settings = SETTINGS,
    .configure = configure,
    .start = start,
    .stop = stop,
    .poll = poll_hdx,
    .committed = committed,
};

VLS_PLUGIN_EXPORT(PLUGIN)
