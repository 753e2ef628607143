#include "submission.h"

#include <stdlib.h>
#include <string.h>

#include "common/common.h"
#include "letters.h"

#define URL_CHARACTERS 2048u
#define HEX_DIGITS     "0123456789abcdef"
#define PLACE          64u

struct maker {
    struct submission *submission;
    char *why;
    size_t room;
};

static const struct letters_rule TITLE = {10, 255, false, false};
static const struct letters_rule BODY = {10, 100000, true, false};
static const struct letters_rule FILE_NAME = {1, 255, false, true};
static const struct letters_rule FILE_WORDS = {0, 255, false, false};
static const struct letters_rule IMAGE_WORDS = {0, 512, false, false};

static bool no(const struct maker *m, const char *place, const char *words)
{
    plug_say(m->why, m->room, "reliefweb.json: %s: %s", place, words);
    return false;
}

/* -- members ----------------------------------------------------------------------------------- */

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names != NULL; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

/* Their schema takes no other members: a misspelt one would be lost, or cost the submission. */
static bool check_names(const struct maker *m, json_t *object, const char *place,
                        const char *const *names)
{
    const char *name;
    json_t *value;
    char words[PLUG_WHY];
    json_object_foreach(object, name, value)
    {
        if (is_one_of(name, names))
            continue;
        plug_say(words, sizeof words, "ReliefWeb knows no member \"%.60s\" here; is it misspelt?",
                 name);
        return no(m, place, words);
    }
    return true;
}

static bool check_text(const struct maker *m, const json_t *object, const char *name,
                       const char *place, const struct letters_rule *rule, bool is_needed)
{
    const json_t *value = json_object_get(object, name);
    if (value == NULL)
        return !is_needed || no(m, place, "is missing");
    if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value))
        return no(m, place, "is no text");
    const char *wrong = letters_check(json_string_value(value), rule);
    return wrong == NULL || no(m, place, wrong);
}

static bool check_url(const struct maker *m, const json_t *object, const char *name,
                      const char *place, bool is_needed)
{
    const char *url = plug_json_text(object, name);
    char host[PLUG_FIELD];
    if (json_object_get(object, name) == NULL)
        return !is_needed || no(m, place, "is missing");
    if (strlen(url) > URL_CHARACTERS || !plug_url_host(host, sizeof host, url) ||
        strpbrk(url, " \t\r\n") != NULL)
        return no(m, place, "is no https address");
    return true;
}

struct ids {
    const char *name;
    size_t least, most;
};

/* Lists of ReliefWeb's own numbers. */
static bool check_ids(const struct maker *m, const json_t *json)
{
    static const struct ids LISTS[] = {
        {"source", 1, 30},   {"country", 1, 300},      {"format", 1, 1}, {"language", 1, 10},
        {"disaster", 0, 30}, {"disaster_type", 0, 30}, {"theme", 0, 20}};
    for (size_t i = 0; i < sizeof LISTS / sizeof LISTS[0]; i++) {
        const json_t *list = json_object_get(json, LISTS[i].name);
        if (list == NULL && LISTS[i].least == 0)
            continue;
        if (!json_is_array(list) || json_array_size(list) < LISTS[i].least ||
            json_array_size(list) > LISTS[i].most)
            return no(m, LISTS[i].name, "is no list of numbers, or has too few or too many");
        size_t at;
        json_t *id;
        json_array_foreach(list, at, id) if (!json_is_integer(id)) return no(
            m, LISTS[i].name, "holds something else than ReliefWeb's numbers, such as 1503");
    }
    return true;
}

static bool check_times(const struct maker *m, const json_t *json)
{
    const char *published = plug_json_text(json, "published");
    const char *embargoed = plug_json_text(json, "embargoed");
    if (strlen(published) < sizeof "2026-01-01T00:00:00Z" - 1 || plug_time_iso(published) == 0)
        return no(m, "published", "is missing, or no time such as 2026-06-06T01:00:00+00:00");
    if (json_object_get(json, "embargoed") == NULL)
        return true;
    size_t len = strlen(embargoed);
    bool is_utc =
        len > 6 && (embargoed[len - 1] == 'Z' || strcmp(embargoed + len - 6, "+00:00") == 0);
    if (plug_time_iso(embargoed) == 0 || !is_utc)
        return no(m, "embargoed", "is no time in UTC such as 2026-06-06T07:00:00+00:00");
    return true;
}

static bool check_notify(const struct maker *m, const json_t *json)
{
    const json_t *list = json_object_get(json, "notify");
    size_t at;
    json_t *address;
    if (list == NULL)
        return true;
    if (!json_is_array(list) || json_array_size(list) > 10)
        return no(m, "notify", "is no list of at most 10 addresses");
    json_array_foreach(list, at, address) if (!json_is_string(address) ||
                                              strchr(json_string_value(address), '@') ==
                                                  NULL) return no(m, "notify",
                                                                  "holds what is no address");
    return true;
}

/* -- what is added ----------------------------------------------------------------------------- */

/* The uuid of an address; one that stands there already must be the same. */
static bool add_uuid(const struct maker *m, json_t *object, const char *name_space,
                     const char *place, char out[UUID_ROOM])
{
    const char *there = plug_json_text(object, "uuid");
    if (!uuid5(name_space, plug_json_text(object, "url"), out))
        return no(m, place, "no uuid can be made");
    if (there[0] != '\0' && strcmp(there, out) != 0)
        return no(m, place, "its uuid is not the one of its url; leave it out");
    return json_object_set_new(object, "uuid", json_string(out)) == 0 || no(m, place, "no memory");
}

static bool is_digest(const char *text)
{
    return strlen(text) == SUBMISSION_HEX - 1 && strspn(text, HEX_DIGITS) == SUBMISSION_HEX - 1;
}

static struct submission_file *file_of(struct submission *s, const char *name)
{
    for (unsigned i = 0; i < s->file_count; i++)
        if (strcmp(s->files[i].name, name) == 0)
            return &s->files[i];
    return NULL;
}

/* What ReliefWeb is to find at the address is what the message holds: its digest is the checksum.
 */
static bool add_checksum(const struct maker *m, json_t *object, const char *name, const char *place)
{
    const char *there = plug_json_text(object, "checksum");
    struct submission_file *file = file_of(m->submission, name);
    if (file == NULL && !is_digest(there))
        return no(m, place,
                  "the message has no document of that name, and there is no SHA-256 as checksum");
    if (file == NULL)
        return true;
    file->is_used = true;
    if (there[0] != '\0' && strcmp(there, file->sha256) != 0)
        return no(m, place, "its checksum is not that of the document in the message");
    return json_object_set_new(object, "checksum", json_string(file->sha256)) == 0 ||
           no(m, place, "no memory");
}

static const char *last_of(const char *url)
{
    const char *slash = strrchr(url, '/');
    return slash != NULL ? slash + 1 : url;
}

static bool ends_in(const char *text, const char *ending)
{
    size_t len = strlen(text), end = strlen(ending);
    return len > end && strcmp(text + len - end, ending) == 0;
}

/* -- files ------------------------------------------------------------------------------------- */

static bool check_language(const struct maker *m, const json_t *file, const char *place)
{
    static const char *const LANGUAGES[] = {"ar", "en", "es", "fr", "ru", NULL};
    const json_t *language = json_object_get(file, "language");
    if (language == NULL)
        return true;
    if (!json_is_string(language) || !is_one_of(json_string_value(language), LANGUAGES))
        return no(m, place,
                  "language must be ar, en, es, fr or ru: ReliefWeb takes no other, Chinese "
                  "neither; leave it out and name the language in the description");
    return true;
}

static bool make_file(const struct maker *m, json_t *file, const char *place)
{
    static const char *const NAMES[] = {"url",         "uuid",     "filename", "checksum",
                                        "description", "language", NULL};
    char uuid[UUID_ROOM];
    if (!json_is_object(file) || !check_names(m, file, place, NAMES) ||
        !check_url(m, file, "url", place, true))
        return json_is_object(file) ? false : no(m, place, "is no object");
    if (!ends_in(plug_json_text(file, "url"), ".pdf"))
        return no(m, place, "its url does not end in .pdf: ReliefWeb takes PDF alone");
    if (json_object_get(file, "filename") == NULL)
        json_object_set_new(file, "filename", json_string(last_of(plug_json_text(file, "url"))));
    return check_text(m, file, "filename", place, &FILE_NAME, true) &&
           check_text(m, file, "description", place, &FILE_WORDS, false) &&
           check_language(m, file, place) && add_uuid(m, file, m->submission->uuid, place, uuid) &&
           add_checksum(m, file, plug_json_text(file, "filename"), place);
}

static bool make_files(const struct maker *m, json_t *json)
{
    json_t *list = json_object_get(json, "file"), *file;
    char place[PLACE];
    size_t i;
    if (list != NULL && (!json_is_array(list) || json_array_size(list) > SUBMISSION_FILES))
        return no(m, "file", "is no list of at most 10");
    json_array_foreach(list, i, file)
    {
        plug_say(place, sizeof place, "file %zu", i + 1);
        if (!make_file(m, file, place))
            return false;
    }
    for (unsigned f = 0; f < m->submission->file_count; f++)
        if (!m->submission->files[f].is_used) {
            plug_say(m->why, m->room,
                     "document %s is named by no file of reliefweb.json: it would not arrive",
                     m->submission->files[f].name);
            return false;
        }
    return true;
}

static bool make_image(const struct maker *m, json_t *json)
{
    static const char *const NAMES[] = {"url",         "uuid",      "checksum",
                                        "description", "copyright", NULL};
    json_t *image = json_object_get(json, "image");
    const char *url = plug_json_text(image, "url");
    char uuid[UUID_ROOM];
    if (image == NULL)
        return true;
    if (!json_is_object(image) || !check_names(m, image, "image", NAMES) ||
        !check_url(m, image, "url", "image", true))
        return json_is_object(image) ? false : no(m, "image", "is no object");
    if (!ends_in(url, ".jpg") && !ends_in(url, ".png") && !ends_in(url, ".webp"))
        return no(m, "image", "its url does not end in .jpg, .png or .webp");
    return check_text(m, image, "description", "image: description", &IMAGE_WORDS, true) &&
           check_text(m, image, "copyright", "image: copyright", &IMAGE_WORDS, true) &&
           add_uuid(m, image, m->submission->uuid, "image", uuid) &&
           add_checksum(m, image, last_of(url), "image");
}

/* -- all --------------------------------------------------------------------------------------- */

/* Line ends of another system are the one change that is made to a text. */
static bool unite_lines(json_t *json)
{
    const json_t *body = json_object_get(json, "body");
    if (!json_is_string(body) || strstr(json_string_value(body), "\r\n") == NULL)
        return true;
    char *text = strdup(json_string_value(body)), *to = text;
    for (const char *from = text; from != NULL && *from != '\0'; from++)
        if (from[0] != '\r' || from[1] != '\n')
            *to++ = *from;
    if (to != NULL)
        *to = '\0';
    bool is_fine = text != NULL && json_object_set_new(json, "body", json_string(text)) == 0;
    free(text);
    return is_fine;
}

static bool make(const struct maker *m, json_t *json)
{
    static const char *const NAMES[] = {
        "url",      "uuid",      "title",         "source",    "country", "format",
        "language", "published", "body",          "embargoed", "origin",  "file",
        "image",    "disaster",  "disaster_type", "theme",     "notify",  NULL};
    struct submission *s = m->submission;
    if (!unite_lines(json))
        return no(m, "body", "no memory");
    return check_names(m, json, "the description", NAMES) &&
           check_url(m, json, "url", "url", true) &&
           check_url(m, json, "origin", "origin", false) &&
           check_text(m, json, "title", "title", &TITLE, true) &&
           check_text(m, json, "body", "body", &BODY, true) && check_ids(m, json) &&
           check_times(m, json) && check_notify(m, json) &&
           add_uuid(m, json, RELIEFWEB_DOCUMENTS, "uuid", s->uuid) && make_files(m, json) &&
           make_image(m, json);
}

bool submission_make(struct submission *submission, const struct plug_bytes *text, char *why,
                     size_t room)
{
    struct maker m = {submission, why, room};
    struct plug_answer answer = {.result = VLS_RESULT_NONE};
    json_decref(submission->json);
    submission->json = plug_json_read(text, &answer); /* bounded in depth; strict */
    if (submission->json == NULL) {
        plug_say(why, room, "reliefweb.json: %s: %s", answer.where, answer.why);
        return false;
    }
    if (!json_is_object(submission->json))
        return no(&m, "the description", "is no object");
    return make(&m, submission->json);
}

void submission_fini(struct submission *submission)
{
    json_decref(submission->json);
    *submission = (struct submission){.json = NULL};
}
