#include "package.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_MOST    60u
#define NAME_MOST  128u
#define DAY_ROOM   11u
#define NOT_STATED "not stated: ask the organization before it is passed on"

bool package_name(const json_t *row, char id[FEED_NAME], char at[STREAM_TIME])
{
    const char *text = plug_json_text(row, "id"),
               *modified = plug_json_text(row, "metadata_modified");
    size_t len = strlen(text);
    if (len == 0 || len > ID_MOST || strspn(text, "0123456789abcdefABCDEF-") != len)
        return false;
    return plug_copy(id, FEED_NAME, text) && plug_copy(at, STREAM_TIME, modified) &&
           plug_time_iso(modified) != 0;
}

bool package_is_public(const json_t *row)
{
    const char *state = plug_json_text(row, "state");
    return !json_is_true(json_object_get(row, "private")) &&
           (state[0] == '\0' || strcmp(state, "active") == 0);
}

/* The licence in one line; its whole text, when it has one of its own, is a part. */
static void read_licence(const json_t *row, struct package *package)
{
    const char *title = plug_json_text(row, "license_title");
    const char *other = plug_json_text(row, "license_other");
    char words[PACKAGE_TEXT];
    plug_say(words, sizeof words, "%s%s%s",
             title[0] != '\0' ? title : plug_json_text(row, "license_id"),
             other[0] != '\0' ? ": " : "", other);
    plug_say(package->licence, sizeof package->licence, "%s",
             words[0] != '\0' ? words : NOT_STATED);
}

void package_read(const json_t *row, const char *site, struct package *package)
{
    char at[STREAM_TIME];
    size_t i;
    json_t *tag;
    *package = (struct package){.files = 0};
    (void)package_name(row, package->id, at);
    plug_file_name(package->name, sizeof package->name, plug_json_text(row, "name"));
    plug_say(package->title, sizeof package->title, "%s", plug_json_text(row, "title"));
    if (package->title[0] == '\0')
        plug_copy(package->title, sizeof package->title, package->name);
    plug_copy(package->url, sizeof package->url, site);
    plug_add(package->url, sizeof package->url, "/dataset/");
    plug_add_escaped(package->url, sizeof package->url, package->id);
    plug_copy(package->updated, DAY_ROOM, plug_json_text(row, "last_modified"));
    if (package->updated[0] == '\0')
        plug_copy(package->updated, DAY_ROOM, at);
    read_licence(row, package);
    package->organization = plug_json_text(json_object_get(row, "organization"), "title");
    json_array_foreach(json_object_get(row, "tags"), i, tag)
    {
        const char *name = plug_json_text(tag, "name");
        if (package->tag_count < PACKAGE_NAMES && name[0] != '\0' && strlen(name) <= NAME_MOST)
            package->tags[package->tag_count++] = name;
    }
}

/* -- files ------------------------------------------------------------------------------------- */

static const char *address_of(const json_t *resource)
{
    const char *url = plug_json_text(resource, "download_url");
    return url[0] != '\0' ? url : plug_json_text(resource, "url");
}

/* As it is called; otherwise as its address ends. */
static const char *name_of(const json_t *resource)
{
    const char *name = plug_json_text(resource, "name"), *url = address_of(resource);
    const char *slash = strrchr(url, '/');
    if (name[0] != '\0')
        return name;
    return slash != NULL && slash[1] != '\0' ? slash + 1 : "file";
}

static bool add_digest(EVP_MD_CTX *all, const struct plug_piled *part, struct feed_note *note)
{
    char hex[FEED_HEX];
    if (!feed_digest(part->fd, hex))
        return false;
    feed_note(note, "File", "%s, SHA-256 %s", part->name, hex);
    return EVP_DigestUpdate(all, hex, strlen(hex)) == 1;
}

/* false: it may come later. */
static bool add_file(struct package *package, const json_t *resource, struct feed *feed,
                     bool is_final, struct plug_pile *pile, EVP_MD_CTX *all, struct feed_note *note)
{
    struct plug_answer answer;
    const char *url = address_of(resource);
    if (package->files == PACKAGE_FILES) {
        feed_note(note, "File not fetched", "%s", url);
        return true;
    }
    package->files++;
    unsigned kinds = ~(unsigned)(PLUG_HTML | PLUG_EMPTY);
    if (feed_attach(feed, pile, url, name_of(resource), kinds, &answer) == VLS_RESULT_DELIVERED) {
        package->fetched++;
        return add_digest(all, &pile->parts[pile->count - 1], note);
    }
    if (package->missing.result == VLS_RESULT_NONE)
        package->missing = answer;
    feed_note(note, "File that did not come", "%s (%s: %s)", name_of(resource),
              plug_result_name(answer.result), answer.why);
    return is_final || answer.result != VLS_RESULT_RETRY_AT;
}

static bool add_files(struct package *package, const json_t *row, struct feed *feed, bool is_final,
                      struct plug_pile *pile, struct feed_note *note)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    size_t i;
    json_t *resource;
    EVP_MD_CTX *all = EVP_MD_CTX_new();
    bool is_fine = all != NULL && EVP_DigestInit_ex(all, EVP_sha256(), NULL) == 1;
    json_array_foreach(json_object_get(row, "resources"), i, resource)
    {
        is_fine = is_fine && add_file(package, resource, feed, is_final, pile, all, note);
    }
    is_fine = is_fine && EVP_DigestFinal_ex(all, digest, &len) == 1;
    EVP_MD_CTX_free(all);
    for (unsigned b = 0; is_fine && b < len; b++)
        snprintf(package->digest + 2 * b, 3, "%02x", digest[b]);
    return is_fine;
}

static void begin_note(const struct package *package, const json_t *row, const struct feed *feed,
                       struct feed_note *note)
{
    char now[21];
    plug_time_print(feed->plug.host->now_ms(feed->plug.ctx), now);
    *note = (struct feed_note){""};
    feed_note(note, "Title", "%s", package->title);
    feed_note(note, "Organization", "%s", package->organization);
    feed_note(note, "Source", "%s", plug_json_text(row, "dataset_source"));
    feed_note(note, "Licence", "%s", package->licence);
    feed_note(note, "Address", "%s", package->url);
    feed_note(note, "Data of", "%s", plug_json_text(row, "dataset_date"));
    feed_note(note, "Caveats", "%s", plug_json_text(row, "caveats"));
    feed_note(note, "Fetched", "%s", now);
}

static bool add_record(const json_t *row, struct plug_pile *pile)
{
    const char *other = plug_json_text(row, "license_other");
    char *json = json_dumps(row, JSON_INDENT(1) | JSON_SORT_KEYS);
    bool is_fine = json != NULL && plug_pile_add_bytes(pile, "dataset.json", "application/json",
                                                       json, strlen(json)) == 0;
    free(json);
    if (is_fine && other[0] != '\0')
        is_fine = plug_pile_add_bytes(pile, "licence.txt", "text/plain", other, strlen(other)) == 0;
    return is_fine;
}

bool package_gather(struct package *package, const json_t *row, struct feed *feed, bool is_final,
                    struct plug_pile *pile)
{
    struct feed_note note;
    begin_note(package, row, feed, &note);
    if (add_record(row, pile) && add_files(package, row, feed, is_final, pile, &note) &&
        plug_pile_add_bytes(pile, "about.txt", "text/plain", note.text, strlen(note.text)) == 0)
        return true;
    if (package->missing.result == VLS_RESULT_NONE) {
        package->missing.result = VLS_RESULT_RETRY_AT;
        plug_say(package->missing.why, sizeof package->missing.why, "no memory for data set %s",
                 package->name);
    }
    return false;
}
