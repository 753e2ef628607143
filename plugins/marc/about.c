#include "about.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "language.h"
#include "stamp.h"

#define TEXT_ROOM (1u << 20)

static const char *const SUBJECT_FIELDS[] = {"650", "651", "610", "611", "630", "600"};

void about_init(struct about *about)
{
    memset(about, 0, sizeof *about);
    vls_buf_init(&about->text, TEXT_ROOM);
    about->title = about->published = about->language = about->rights = about->id = "";
}

void about_fini(struct about *about)
{
    vls_buf_fini(&about->text);
    about_init(about);
}

/* -- texts of its own -------------------------------------------------------------------------- */

/* Bytes of the character at the start. */
static size_t char_bytes(const char *at)
{
    unsigned char c = (unsigned char)*at;
    return c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

/* One clean line: what is no text for a line, such as controls, becomes one blank with those beside
 * it. */
static void make_line(char *text)
{
    char *to = text;
    for (const char *at = text; *at != '\0';) {
        size_t n = char_bytes(at);
        bool is_text = *at != ' ' && vls_text_is_clean(VLS_SLICE(at, n), false);
        if (is_text) {
            memmove(to, at, n);
            to += n;
        } else if (to > text && to[-1] != ' ') {
            *to++ = ' ';
        }
        at += n;
    }
    while (to > text && to[-1] == ' ')
        to--;
    *to = '\0';
}

/* A clean copy of at most `most` bytes that lives as long as the about. The buffer has its final
 * size from the start, so that it does not move. */
static const char *keep(struct about *about, const char *text, size_t most)
{
    uint8_t *at;
    size_t room = strlen(text) + 1;
    if (about->text.max - about->text.len < room) {
        about->is_cut = true;
        return "";
    }
    at = about->text.at + about->text.len;
    memcpy(at, text, room);
    if (language_undo_twice((char *)at))
        about->was_twice_encoded = true;
    make_line((char *)at);
    if (strlen((char *)at) > most) {
        about->is_cut = true;
        while (((uint8_t)at[most] & 0xC0) == 0x80)
            most--;
        at[most] = '\0';
    }
    vls_buf_took(&about->text, room);
    return (const char *)at;
}

/* Add to a list what is not in it. */
static void add(struct about *about, const char **list, unsigned *count, unsigned most,
                const char *text, size_t most_bytes)
{
    const char *kept = text != NULL ? keep(about, text, most_bytes) : "";
    if (kept[0] == '\0')
        return;
    for (unsigned i = 0; i < *count; i++)
        if (strcmp(list[i], kept) == 0)
            return;
    if (*count == most) {
        about->is_cut = true;
        return;
    }
    list[(*count)++] = kept;
}

static void add_all(struct about *about, const struct marc_record *r, const char *field, char code,
                    const char **list, unsigned *count, unsigned most, size_t most_bytes)
{
    for (const struct marc_field *f = marc_next(r, NULL, field); f != NULL;
         f = marc_next(r, f, field))
        for (unsigned n = 0; marc_sub(r, f, code, n) != NULL; n++)
            add(about, list, count, most, marc_sub(r, f, code, n), most_bytes);
}

/* A symbol that does not fit is no symbol: a cut one would name another document. */
static void add_symbols(struct about *about, const struct marc_record *r, const char *field,
                        char code, const char **list, unsigned *count, unsigned most)
{
    for (const struct marc_field *f = marc_next(r, NULL, field); f != NULL;
         f = marc_next(r, f, field))
        for (unsigned n = 0; marc_sub(r, f, code, n) != NULL; n++) {
            const char *symbol = marc_sub(r, f, code, n);
            if (strlen(symbol) <= ABOUT_SYMBOL)
                add(about, list, count, most, symbol, ABOUT_SYMBOL);
            else
                about->is_cut = true;
        }
}

/* -- files ------------------------------------------------------------------------------------- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

void about_name_of(const char *url, char out[ABOUT_FILE_NAME])
{
    const char *end = url + strcspn(url, "?#"), *at = end;
    size_t used = 0;
    while (at > url && at[-1] != '/')
        at--;
    for (; at < end && used + 1 < ABOUT_FILE_NAME; at++) {
        bool is_escaped =
            at[0] == '%' && end - at > 2 && hex_digit(at[1]) >= 0 && hex_digit(at[2]) >= 0;
        int c = is_escaped ? hex_digit(at[1]) * 16 + hex_digit(at[2]) : (unsigned char)at[0];
        out[used++] = (char)(c == '/' || c == '\\' || c == 0 ? '_' : c);
        at += is_escaped ? 2 : 0;
    }
    out[used] = '\0';
    if (!vls_text_is_file_name(out))
        snprintf(out, ABOUT_FILE_NAME, "file");
}

/* http becomes https: the gateway goes to no other, and the Library's hosts have both. */
static const char *secure(struct about *about, const char *url)
{
    char secured[2048];
    if (strncasecmp(url, "https://", 8) == 0)
        return keep(about, url, sizeof secured - 1);
    if (strncasecmp(url, "http://", 7) != 0 || strlen(url) + 2 > sizeof secured)
        return "";
    snprintf(secured, sizeof secured, "https://%s", url + 7);
    return keep(about, secured, sizeof secured - 1);
}

static void add_file(struct about *about, const char *url, const char *label, const char *bytes)
{
    char *end;
    if (about->file_count == ABOUT_FILES) {
        about->is_cut = true;
        return;
    }
    struct about_file file = {.url = secure(about, url), .bytes = -1};
    if (file.url[0] == '\0')
        return;
    file.label = keep(about, label != NULL ? label : "", ABOUT_TERM);
    file.language = language_of(file.label);
    long long number = bytes != NULL ? strtoll(bytes, &end, 10) : -1;
    if (bytes != NULL && end != bytes && *end == '\0' && number >= 0)
        file.bytes = number;
    about_name_of(file.url, file.name);
    about->files[about->file_count++] = file;
}

static void read_files(struct about *about, const struct marc_record *r)
{
    for (const struct marc_field *f = marc_next(r, NULL, "856"); f != NULL;
         f = marc_next(r, f, "856"))
        if (marc_sub(r, f, 'u', 0) != NULL)
            add_file(about, marc_sub(r, f, 'u', 0), marc_sub(r, f, 'y', 0), marc_sub(r, f, 's', 0));
}

/* -- the record -------------------------------------------------------------------------------- */

/* "Human rights :" and "draft resolution /" become "Human rights : draft resolution". */
static const char *title_of(struct about *about, const struct marc_record *r)
{
    const struct marc_field *f = marc_next(r, NULL, "245");
    char title[2 * ABOUT_TITLE]; /* longer than what is kept of it */
    const char *a = f != NULL ? marc_sub(r, f, 'a', 0) : NULL;
    const char *b = f != NULL ? marc_sub(r, f, 'b', 0) : NULL;
    if (a == NULL)
        return "";
    snprintf(title, sizeof title, "%s%s%s", a, b != NULL ? " " : "", b != NULL ? b : "");
    for (size_t len = strlen(title); len > 0 && strchr(" /:;", title[len - 1]) != NULL; len--)
        title[len - 1] = '\0';
    return keep(about, title, ABOUT_TITLE);
}

static void read_votes(struct about *about, const struct marc_record *r)
{
    static const char VOTES[] = "YNAX";
    for (const struct marc_field *f = marc_next(r, NULL, "967"); f != NULL;
         f = marc_next(r, f, "967")) {
        const char *vote = marc_sub(r, f, 'd', 0);
        const char *which = vote != NULL && vote[0] != '\0' ? strchr(VOTES, vote[0]) : NULL;
        if (which != NULL)
            about->votes[which - VOTES]++;
    }
}

/* "eng" of the one field that there is; of several none is that of the record. */
static const char *language_in(const struct marc_record *r, const char *field, char code)
{
    const struct marc_field *f = marc_next(r, NULL, field);
    bool is_one = f != NULL && marc_next(r, f, field) == NULL && marc_sub(r, f, code, 0) != NULL &&
                  marc_sub(r, f, code, 1) == NULL;
    const char *language = is_one ? language_of(marc_sub(r, f, code, 0)) : NULL;
    return language != NULL ? language : "";
}

static const char *date_in(struct about *about, const char *text)
{
    return text != NULL && stamp_is_partial(text) ? keep(about, text, STAMP_TEXT) : "";
}

static void read_marc(struct about *about, const struct marc_record *r)
{
    add_symbols(about, r, "191", 'a', about->symbols, &about->symbol_count, ABOUT_SYMBOLS);
    add_symbols(about, r, "191", 'z', about->symbols, &about->symbol_count, ABOUT_SYMBOLS);
    add_symbols(about, r, "791", 'a', about->related, &about->related_count, ABOUT_RELATED);
    add_symbols(about, r, "993", 'a', about->related, &about->related_count, ABOUT_RELATED);
    add_all(about, r, "191", 'b', about->bodies, &about->body_count, ABOUT_BODIES, ABOUT_TERM);
    for (size_t i = 0; i < sizeof SUBJECT_FIELDS / sizeof SUBJECT_FIELDS[0]; i++)
        add_all(about, r, SUBJECT_FIELDS[i], 'a', about->subjects, &about->subject_count,
                ABOUT_SUBJECTS, ABOUT_TERM);
    about->title = title_of(about, r);
    about->published = date_in(about, marc_first(r, "269", 'a'));
    about->language = language_in(r, "041", 'a');
    if (marc_value(r, "001") != NULL)
        about->id = keep(about, marc_value(r, "001"), ABOUT_TERM);
    read_files(about, r);
    read_votes(about, r);
}

static bool is_document(const char *url)
{
    static const char *const ENDINGS[] = {".pdf", ".doc", ".docx", ".xlsx", ".zip", ".rtf"};
    size_t len = strcspn(url, "?#");
    for (size_t i = 0; i < sizeof ENDINGS / sizeof ENDINGS[0]; i++) {
        size_t end = strlen(ENDINGS[i]);
        if (len > end && strncasecmp(url + len - end, ENDINGS[i], end) == 0)
            return true;
    }
    return false;
}

static void read_dublin_core(struct about *about, const struct marc_record *r)
{
    const char *title = marc_value(r, "title"), *rights = marc_value(r, "rights");
    add_all(about, r, "subject", '\0', about->subjects, &about->subject_count, ABOUT_SUBJECTS,
            ABOUT_TERM);
    about->title = title != NULL ? keep(about, title, ABOUT_TITLE) : "";
    about->rights = rights != NULL ? keep(about, rights, 256) : "";
    about->published = date_in(about, marc_value(r, "date"));
    about->language = language_in(r, "language", '\0');
    for (const struct marc_field *f = marc_next(r, NULL, "identifier"); f != NULL;
         f = marc_next(r, f, "identifier")) {
        const char *text = marc_sub(r, f, '\0', 0);
        if (text != NULL && is_document(text))
            add_file(about, text, about->language, NULL);
    }
}

struct vls_status about_read(struct about *about, const struct marc_record *record)
{
    uint8_t *at;
    struct vls_buf text = about->text;
    vls_buf_clear(&text);
    about_init(about);
    about->text = text;
    VLS_TRY(vls_buf_reserve(&about->text, TEXT_ROOM - 1, &at));
    if (record->form == MARC_DUBLIN_CORE)
        read_dublin_core(about, record);
    else
        read_marc(about, record);
    return VLS_DONE;
}

bool about_has_symbol(const struct about *about, const char *symbol)
{
    for (unsigned i = 0; i < about->symbol_count; i++)
        if (strcasecmp(about->symbols[i], symbol) == 0)
            return true;
    return false;
}

/* -- as JSON ----------------------------------------------------------------------------------- */

static json_t *list_json(const char *const *list, unsigned count)
{
    json_t *array = json_array();
    for (unsigned i = 0; i < count; i++)
        json_array_append_new(array, json_string(list[i]));
    return array;
}

/* Subfields by name, those that are there. */
static json_t *object_of(const struct marc_record *r, const struct marc_field *f, const char *codes,
                         const char *const *names)
{
    json_t *object = json_object();
    for (size_t i = 0; codes[i] != '\0'; i++)
        if (marc_sub(r, f, codes[i], 0) != NULL)
            json_object_set_new(object, names[i], json_string(marc_sub(r, f, codes[i], 0)));
    return object;
}

static json_t *fields_json(const struct marc_record *r, const char *field, const char *codes,
                           const char *const *names)
{
    json_t *array = json_array();
    for (const struct marc_field *f = marc_next(r, NULL, field); f != NULL;
         f = marc_next(r, f, field))
        json_array_append_new(array, object_of(r, f, codes, names));
    return array;
}

static json_t *votes_json(const struct about *about, const struct marc_record *r)
{
    static const char *const NAMES[] = {"country", "vote", "name"};
    const char *outcome = marc_first(r, "996", 'a');
    return json_pack("{s:s, s:i, s:i, s:i, s:i, s:o}", "outcome", outcome != NULL ? outcome : "",
                     "yes", about->votes[0], "no", about->votes[1], "abstained", about->votes[2],
                     "absent", about->votes[3], "members", fields_json(r, "967", "cde", NAMES));
}

static json_t *files_json(const struct about *about)
{
    json_t *array = json_array();
    for (unsigned i = 0; i < about->file_count; i++) {
        const struct about_file *f = &about->files[i];
        json_t *file = json_pack("{s:s, s:s, s:s, s:s}", "url", f->url, "name", f->name, "language",
                                 f->language != NULL ? f->language : "", "label", f->label);
        if (f->bytes >= 0)
            json_object_set_new(file, "bytes", json_integer(f->bytes));
        json_array_append_new(array, file);
    }
    return array;
}

json_t *about_json(const struct about *about, const struct marc_record *record)
{
    static const char *const AGENDA[] = {"document", "item", "title", "heading"};
    json_t *object =
        json_pack("{s:s, s:o, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "id", about->id, "symbols",
                  list_json(about->symbols, about->symbol_count), "title", about->title,
                  "published", about->published, "language", about->language, "related",
                  list_json(about->related, about->related_count), "bodies",
                  list_json(about->bodies, about->body_count), "subjects",
                  list_json(about->subjects, about->subject_count), "files", files_json(about));
    if (object == NULL)
        return NULL;
    if (marc_next(record, NULL, "991") != NULL)
        json_object_set_new(object, "agenda", fields_json(record, "991", "abcd", AGENDA));
    if (marc_next(record, NULL, "967") != NULL || marc_next(record, NULL, "996") != NULL)
        json_object_set_new(object, "votes", votes_json(about, record));
    json_object_set_new(object, record->form == MARC_DUBLIN_CORE ? "dublin_core" : "marc",
                        marc_json(record));
    return object;
}
