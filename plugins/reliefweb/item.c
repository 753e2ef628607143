#include "item.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID_DIGITS  20u
#define FILES_MOST 20u /* files of one report; further ones are named in the note alone */
#define NAME_MOST  128u
#define INDENT     1u

static const json_t *fields_of(const json_t *row)
{
    const json_t *fields = json_object_get(row, "fields");
    return json_is_object(fields) ? fields : row;
}

static bool read_id(const json_t *holder, char id[FEED_NAME])
{
    const char *text = plug_json_text(holder, "id");
    int64_t number = plug_json_number(holder, "id", -1);
    size_t len = strspn(text, "0123456789");
    if (len > 0 && len <= ID_DIGITS && text[len] == '\0')
        plug_copy(id, FEED_NAME, text);
    else if (number >= 0)
        snprintf(id, FEED_NAME, "%lld", (long long)number);
    else
        return false;
    return true;
}

/* The time of change; a report without one has never been changed. */
static const char *changed_of(const json_t *fields)
{
    static const char *const NAMES[] = {"changed", "created", "original"};
    const json_t *date = json_object_get(fields, "date");
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
        if (plug_time_iso(plug_json_text(date, NAMES[i])) != 0)
            return plug_json_text(date, NAMES[i]);
    return "";
}

bool item_name(const json_t *row, char id[FEED_NAME], char at[STREAM_TIME])
{
    if (!read_id(row, id) && !read_id(fields_of(row), id))
        return false;
    return plug_copy(at, STREAM_TIME, changed_of(fields_of(row))) && at[0] != '\0';
}

/* Names of terms: [{"name": ..., "shortname": ...}] */
static uint64_t names_of(const json_t *list, const char *member, const char *otherwise,
                         const char **out, uint64_t most)
{
    uint64_t count = 0;
    size_t i;
    json_t *term;
    json_array_foreach(list, i, term)
    {
        const char *name = plug_json_text(term, member);
        if (name[0] == '\0')
            name = plug_json_text(term, otherwise);
        if (count < most && name[0] != '\0' && strlen(name) <= NAME_MOST)
            out[count++] = name;
    }
    return count;
}

void item_read(const json_t *row, struct item *item)
{
    const json_t *fields = fields_of(row), *date = json_object_get(fields, "date");
    *item = (struct item){.files = 0};
    (void)item_name(row, item->id, item->changed);
    plug_copy(item->title, sizeof item->title, plug_json_text(fields, "title"));
    plug_undo_entities(item->title, 1);
    plug_trim(item->title);
    if (item->title[0] == '\0')
        snprintf(item->title, sizeof item->title, "ReliefWeb report %s", item->id);
    const char *url = plug_json_text(fields, "url_alias");
    plug_copy(item->url, sizeof item->url, url[0] != '\0' ? url : plug_json_text(fields, "url"));
    const char *published = plug_json_text(date, "original");
    plug_copy(item->published, sizeof item->published,
              published[0] != '\0' ? published : item->changed);
    const json_t *language = json_array_get(json_object_get(fields, "language"), 0);
    plug_copy(item->language, sizeof item->language, plug_json_text(language, "code"));
    item->source_count = names_of(json_object_get(fields, "source"), "shortname", "name",
                                  item->sources, sizeof item->sources / sizeof item->sources[0]);
    item->theme_count =
        names_of(json_object_get(fields, "theme"), "name", "name", item->themes, ITEM_NAMES);
}

/* -- files ------------------------------------------------------------------------------------- */

static bool is_wanted(const json_t *file, enum item_files files)
{
    const char *type = plug_json_text(file, "mimetype"), *name = plug_json_text(file, "filename");
    size_t len = strlen(name);
    bool is_pdf =
        strcmp(type, "application/pdf") == 0 || (len > 4 && strcmp(name + len - 4, ".pdf") == 0);
    return files == ITEM_ALL || (files == ITEM_PDF && is_pdf);
}

static bool is_worth_waiting(uint32_t result)
{
    return result == VLS_RESULT_RETRY_AT;
}

/* false: it may come later. */
static bool add_file(struct item *item, const json_t *file, struct feed *feed,
                     enum item_files files, bool is_final, struct plug_pile *pile,
                     struct feed_note *note)
{
    struct plug_answer answer;
    const char *url = plug_json_text(file, "url"), *name = plug_json_text(file, "filename");
    if (!is_wanted(file, files) || item->files == FILES_MOST) {
        feed_note(note, "File not fetched", "%s", url);
        return true;
    }
    item->files++;
    unsigned kinds = files == ITEM_PDF ? PLUG_PDF : PLUG_DOCUMENTS | PLUG_IMAGE | PLUG_TEXT;
    if (feed_attach(feed, pile, url, name[0] != '\0' ? name : "file.pdf", kinds, &answer) ==
        VLS_RESULT_DELIVERED) {
        item->fetched++;
        feed_note(note, "File", "%s", answer.url);
        return true;
    }
    if (item->missing.result == VLS_RESULT_NONE)
        item->missing = answer;
    feed_note(note, "File that did not come", "%s (%s: %s)", url, plug_result_name(answer.result),
              answer.why);
    return is_final || !is_worth_waiting(answer.result);
}

static void note_item(const struct item *item, const struct feed *feed, struct feed_note *note)
{
    char now[21];
    plug_time_print(feed->plug.host->now_ms(feed->plug.ctx), now);
    *note = (struct feed_note){""};
    feed_note(note, "Title", "%s", item->title);
    feed_note(note, "Source", "ReliefWeb, report %s, as changed on %s", item->id, item->changed);
    for (uint64_t i = 0; i < item->source_count; i++)
        feed_note(note, "By", "%s", item->sources[i]);
    feed_note(note, "Address", "%s", item->url);
    feed_note(note, "Fetched", "%s", now);
    feed_note(note, "Rights", "those of the sources that are named");
}

static bool add_texts(const struct item *item, const json_t *row, struct plug_pile *pile,
                      struct feed_note *note)
{
    char name[FEED_NAME + 16];
    const char *body = plug_json_text(fields_of(row), "body");
    snprintf(name, sizeof name, "report-%s.json", item->id);
    char *json = json_dumps(row, JSON_INDENT(INDENT) | JSON_SORT_KEYS);
    bool is_fine = json != NULL &&
                   plug_pile_add_bytes(pile, name, "application/json", json, strlen(json)) == 0;
    free(json);
    if (body[0] == '\0')
        feed_note(note, "Text", "none: the files carry it");
    else
        is_fine = is_fine &&
                  plug_pile_add_bytes(pile, "body.md", "text/markdown", body, strlen(body)) == 0;
    return is_fine;
}

bool item_gather(struct item *item, const json_t *row, struct feed *feed, enum item_files files,
                 bool is_final, struct plug_pile *pile)
{
    struct feed_note note;
    size_t i;
    json_t *file;
    note_item(item, feed, &note);
    if (!add_texts(item, row, pile, &note)) {
        item->missing.result = VLS_RESULT_RETRY_AT;
        plug_say(item->missing.why, sizeof item->missing.why, "no memory for report %s", item->id);
        return false;
    }
    json_array_foreach(json_object_get(fields_of(row), "file"), i, file)
    {
        if (!add_file(item, file, feed, files, is_final, pile, &note))
            return false;
    }
    return plug_pile_add_bytes(pile, "about.txt", "text/plain", note.text, strlen(note.text)) == 0;
}
