#include "envelope/about.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"

static const struct relates_row {
    uint32_t number;
    const char *name;
} RELATES[] = {
#define VLS_X(name, number, text) {number, text},
    VLS_RELATES_TABLE(VLS_X)
#undef VLS_X
};
#define RELATES_COUNT (sizeof RELATES / sizeof RELATES[0])

const char *vls_relates_name(uint32_t relates)
{
    return RELATES[relates < RELATES_COUNT ? relates : 0].name;
}

bool vls_relates_read(const char *name, uint32_t *out)
{
    for (size_t i = 0; i < RELATES_COUNT; i++)
        if (strcmp(RELATES[i].name, name) == 0) {
            *out = RELATES[i].number;
            return true;
        }
    return false;
}

/* -- checks ------------------------------------------------------------------------------------ */

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* RFC 5646: subtags of at most 8 letters or digits, the first of letters alone. */
static bool is_language(const char *text)
{
    size_t len = 0;
    for (size_t i = 0;; i++) {
        bool is_first = i == len;
        if (text[i] == '-' || text[i] == '\0') {
            if (len == 0)
                return false;
            if (text[i] == '\0')
                return i <= VLS_MAX_LANGUAGE;
            len = 0;
        } else if (!is_alnum(text[i]) || ++len > 8 ||
                   (is_first && text[i] >= '0' && text[i] <= '9')) {
            return false;
        }
    }
}

static bool is_digits(const char *at, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (at[i] < '0' || at[i] > '9')
            return false;
    return true;
}

/* A year, a month, or what vls_time_read() takes; also before 1970, which it does not. */
static bool is_date(const char *text)
{
    static const size_t YEAR = 4, MONTH = 7, DAY = 10;
    size_t len = strlen(text);
    uint64_t ms;
    if (len < YEAR || !is_digits(text, YEAR))
        return false;
    if (len == YEAR)
        return true;
    int month = text[4] == '-' && len >= MONTH && is_digits(text + 5, 2)
                    ? (text[5] - '0') * 10 + text[6] - '0'
                    : 0;
    if (month < 1 || month > 12)
        return false;
    if (len == MONTH)
        return true;
    if (len == DAY && text[7] == '-' && is_digits(text + 8, 2) && strncmp(text, "1970", 4) < 0)
        return strcmp(text + 8, "01") >= 0 && strcmp(text + 8, "31") <= 0;
    return vls_ok(vls_time_read(text, &ms));
}

static bool is_address(const char *text)
{
    static const char *const SCHEMES[] = {"https://", "http://"};
    for (size_t i = 0; i < sizeof SCHEMES / sizeof SCHEMES[0]; i++) {
        size_t len = strlen(SCHEMES[i]);
        if (strncmp(text, SCHEMES[i], len) != 0)
            continue;
        size_t host = strcspn(text + len, "/?#");
        return host > 0 && memchr(text + len, '@', host) == NULL && strchr(text, ' ') == NULL;
    }
    return false;
}

static struct vls_status check_words(const char *what, char *const *words, size_t count, size_t max,
                                     size_t room, struct vls_why *why)
{
    if (count > max)
        return vls_fail(VLS_INPUT_LIMIT, why, "about: %zu %ss, and %zu is the most", count, what,
                        max);
    for (size_t i = 0; i < count; i++) {
        if (words[i][0] == '\0')
            return vls_fail(VLS_INPUT_MALFORMED, why, "about: an empty %s", what);
        VLS_TRY(vls_text_check(what, words[i], room, why));
    }
    return VLS_DONE;
}

static struct vls_status check_relations(const Valise__About *a, struct vls_why *why)
{
    if (a->n_relations > VLS_MAX_RELATIONS)
        return vls_fail(VLS_INPUT_LIMIT, why, "about: %zu relations, and %d is the most",
                        a->n_relations, VLS_MAX_RELATIONS);
    for (size_t i = 0; i < a->n_relations; i++)
        VLS_TRY(check_words("symbol of a relation", &a->relations[i]->symbol, 1, 1, VLS_MAX_SYMBOL,
                            why));
    return VLS_DONE;
}

static struct vls_status check_forms(const Valise__About *a, struct vls_why *why)
{
    if (a->issuer[0] != '\0' && !vls_text_is_name(a->issuer, VLS_MAX_NAME))
        return vls_fail(VLS_INPUT_MALFORMED, why, "about: the issuer is not a name: %.80s",
                        a->issuer);
    if (a->issuer[0] == '\0' && (a->n_symbols != 0 || a->n_relations != 0))
        return vls_fail(VLS_INPUT_MALFORMED, why, "about: a symbol without its issuer");
    if (a->language[0] != '\0' && !is_language(a->language))
        return vls_fail(VLS_INPUT_MALFORMED, why, "about: '%.80s' is no language tag (BCP 47)",
                        a->language);
    if (a->published[0] != '\0' && !is_date(a->published))
        return vls_fail(VLS_INPUT_MALFORMED, why,
                        "about: published '%.80s' is no year, month, date or time", a->published);
    if (a->url[0] != '\0' && !is_address(a->url))
        return vls_fail(VLS_INPUT_MALFORMED, why,
                        "about: the address is not one of https or http without a user");
    return VLS_DONE;
}

struct vls_status vls_about_check(const Valise__About *a, struct vls_why *why)
{
    VLS_TRY(check_words("symbol", a->symbols, a->n_symbols, VLS_MAX_SYMBOLS, VLS_MAX_SYMBOL, why));
    VLS_TRY(vls_text_check("title", a->title, VLS_MAX_TITLE, why));
    VLS_TRY(vls_text_check("language", a->language, VLS_MAX_LANGUAGE, why));
    VLS_TRY(vls_text_check("date of publication", a->published, VLS_TIME_TEXT, why));
    VLS_TRY(check_words("body", a->bodies, a->n_bodies, VLS_MAX_TOPICS, VLS_MAX_NAME, why));
    VLS_TRY(
        check_words("subject", a->subjects, a->n_subjects, VLS_MAX_SUBJECTS, VLS_MAX_NAME, why));
    VLS_TRY(vls_text_check("address", a->url, VLS_MAX_URL, why));
    VLS_TRY(vls_text_check("licence", a->licence, VLS_MAX_LICENCE, why));
    VLS_TRY(vls_text_check("record", a->record, VLS_MAX_NAME, why));
    VLS_TRY(check_relations(a, why));
    return check_forms(a, why);
}

const Valise__About *vls_abouts_of(Valise__About *const *abouts, size_t count, uint32_t part)
{
    for (size_t i = 0; i < count; i++)
        if (abouts[i]->part == part)
            return abouts[i];
    return NULL;
}

struct vls_status vls_abouts_check(Valise__About *const *abouts, size_t count, size_t part_count,
                                   struct vls_why *why)
{
    size_t bytes = 0;
    if (count > part_count + 1)
        return vls_fail(VLS_INPUT_LIMIT, why, "about: said %zu times of %zu documents", count,
                        part_count);
    for (size_t i = 0; i < count; i++) {
        if (abouts[i]->part > part_count)
            return vls_fail(VLS_INPUT_MALFORMED, why, "about: document %u of %zu", abouts[i]->part,
                            part_count);
        if (vls_abouts_of(abouts, count, abouts[i]->part) != abouts[i])
            return vls_fail(VLS_INPUT_MALFORMED, why, "about: said twice of the same document");
        VLS_TRY(vls_about_check(abouts[i], why));
        bytes += valise__about__get_packed_size(abouts[i]);
    }
    if (bytes > VLS_MAX_ABOUT)
        return vls_fail(VLS_INPUT_LIMIT, why,
                        "about: %zu bytes are said of the documents, and %d is the most", bytes,
                        VLS_MAX_ABOUT);
    return VLS_DONE;
}

static void take_word(char **to, char *from)
{
    if (from[0] != '\0')
        *to = from;
}

static void take_words(char ***to, size_t *to_count, char **from, size_t count)
{
    if (count == 0)
        return;
    *to = from;
    *to_count = count;
}

static void lay_over(const Valise__About *from, Valise__About *to)
{
    take_word(&to->issuer, from->issuer);
    take_words(&to->symbols, &to->n_symbols, from->symbols, from->n_symbols);
    take_word(&to->language, from->language);
    take_word(&to->title, from->title);
    take_word(&to->published, from->published);
    take_words(&to->bodies, &to->n_bodies, from->bodies, from->n_bodies);
    take_words(&to->subjects, &to->n_subjects, from->subjects, from->n_subjects);
    take_word(&to->url, from->url);
    take_word(&to->licence, from->licence);
    take_word(&to->record, from->record);
    if (from->n_relations != 0) {
        to->relations = from->relations;
        to->n_relations = from->n_relations;
    }
}

void vls_about_merge(const Valise__About *whole, const Valise__About *part, Valise__About *out)
{
    valise__about__init(out);
    if (whole != NULL)
        lay_over(whole, out);
    if (part != NULL)
        lay_over(part, out);
    out->part = part != NULL ? part->part : 0;
}

bool vls_about_is_empty(const Valise__About *a)
{
    Valise__About bare = *a;
    bare.part = 0;
    return valise__about__get_packed_size(&bare) == 0;
}

/* -- writing ----------------------------------------------------------------------------------- */

static bool add_word(json_t *object, const char *member, const char *text)
{
    return text[0] == '\0' || json_object_set_new(object, member, json_string(text)) == 0;
}

static bool add_words(json_t *object, const char *member, char *const *words, size_t count)
{
    if (count == 0)
        return true;
    json_t *list = json_array();
    bool is_good = json_object_set_new(object, member, list) == 0;
    for (size_t i = 0; i < count && is_good; i++)
        is_good = json_array_append_new(list, json_string(words[i])) == 0;
    return is_good;
}

static bool add_relations(json_t *object, const Valise__About *a)
{
    if (a->n_relations == 0)
        return true;
    json_t *list = json_array();
    bool is_good = json_object_set_new(object, "relations", list) == 0;
    for (size_t i = 0; i < a->n_relations && is_good; i++)
        is_good = json_array_append_new(list, json_pack("{s:s, s:s}", "relates",
                                                        vls_relates_name(a->relations[i]->relates),
                                                        "symbol", a->relations[i]->symbol)) == 0;
    return is_good;
}

json_t *vls_about_json(const Valise__About *a)
{
    json_t *object = json_object();
    if (object != NULL && add_word(object, "issuer", a->issuer) &&
        add_words(object, "symbols", a->symbols, a->n_symbols) &&
        add_word(object, "language", a->language) && add_word(object, "title", a->title) &&
        add_word(object, "published", a->published) &&
        add_words(object, "bodies", a->bodies, a->n_bodies) &&
        add_words(object, "subjects", a->subjects, a->n_subjects) &&
        add_word(object, "url", a->url) && add_word(object, "licence", a->licence) &&
        add_word(object, "record", a->record) && add_relations(object, a))
        return object;
    json_decref(object);
    return NULL;
}

/* -- reading ----------------------------------------------------------------------------------- */

/* jansson refuses an escaped NUL, and the length tells if one slipped in. */
static char *take_text(const json_t *value)
{
    if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value))
        return NULL;
    return vls_mem_text(json_string_value(value), json_string_length(value));
}

static bool read_word(const json_t *object, const char *member, char **out)
{
    const json_t *value = json_object_get(object, member);
    char *text = value != NULL ? take_text(value) : NULL;
    if (text != NULL)
        *out = text;
    return value == NULL || text != NULL;
}

static bool read_words(const json_t *object, const char *member, size_t max, char ***out,
                       size_t *out_count)
{
    const json_t *list = json_object_get(object, member);
    size_t count = json_array_size(list);
    if (list == NULL)
        return true;
    if (!json_is_array(list) || count > max)
        return false;
    *out = vls_mem_new((count + 1) * sizeof **out);
    for (; *out_count < count; (*out_count)++)
        if (((*out)[*out_count] = take_text(json_array_get(list, *out_count))) == NULL)
            return false;
    return true;
}

static bool read_relations(const json_t *object, Valise__About *a)
{
    const json_t *list = json_object_get(object, "relations");
    size_t count = json_array_size(list);
    if (list == NULL)
        return true;
    if (!json_is_array(list) || count > VLS_MAX_RELATIONS)
        return false;
    a->relations = vls_mem_new((count + 1) * sizeof *a->relations);
    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_array_get(list, i);
        const char *relates = json_string_value(json_object_get(one, "relates"));
        Valise__Relation *r = vls_mem_new(sizeof *r);
        valise__relation__init(r);
        a->relations[a->n_relations++] = r;
        if (relates == NULL || !read_word(one, "symbol", &r->symbol))
            return false;
        if (!vls_relates_read(relates, &r->relates))
            r->relates = RELATES[0].number;
    }
    return true;
}

struct vls_status vls_about_read(const json_t *json, uint32_t part, Valise__About **out,
                                 struct vls_why *why)
{
    Valise__About *a = vls_mem_new(sizeof *a);
    valise__about__init(a);
    a->part = part;
    bool is_good = json_is_object(json) && read_word(json, "issuer", &a->issuer) &&
                   read_words(json, "symbols", VLS_MAX_SYMBOLS, &a->symbols, &a->n_symbols) &&
                   read_word(json, "language", &a->language) &&
                   read_word(json, "title", &a->title) &&
                   read_word(json, "published", &a->published) &&
                   read_words(json, "bodies", VLS_MAX_TOPICS, &a->bodies, &a->n_bodies) &&
                   read_words(json, "subjects", VLS_MAX_SUBJECTS, &a->subjects, &a->n_subjects) &&
                   read_word(json, "url", &a->url) && read_word(json, "licence", &a->licence) &&
                   read_word(json, "record", &a->record) && read_relations(json, a);
    struct vls_status status =
        is_good ? vls_about_check(a, why)
                : vls_fail(VLS_INPUT_MALFORMED, why,
                           "about: a member is no text, or no list of at most as many as it may "
                           "hold");
    if (vls_ok(status))
        *out = a;
    else
        vls_about_free(&a);
    return status;
}

static char **copy_words(char *const *from, size_t count)
{
    char **to = count != 0 ? vls_mem_new(count * sizeof *to) : NULL;
    for (size_t i = 0; i < count; i++)
        to[i] = vls_mem_dup(from[i]);
    return to;
}

static char *copy_text(const char *from)
{
    return from[0] != '\0' ? vls_mem_dup(from) : (char *)protobuf_c_empty_string;
}

static Valise__Relation *copy_relation(const Valise__Relation *from)
{
    Valise__Relation *to = vls_mem_new(sizeof *to);
    valise__relation__init(to);
    to->relates = from->relates;
    to->symbol = copy_text(from->symbol);
    return to;
}

Valise__About *vls_about_copy(const Valise__About *from)
{
    Valise__About *to = vls_mem_new(sizeof *to);
    *to = *from; /* counts; the texts and lists follow */
    to->issuer = copy_text(from->issuer);
    to->symbols = copy_words(from->symbols, from->n_symbols);
    to->language = copy_text(from->language);
    to->title = copy_text(from->title);
    to->published = copy_text(from->published);
    to->bodies = copy_words(from->bodies, from->n_bodies);
    to->subjects = copy_words(from->subjects, from->n_subjects);
    to->url = copy_text(from->url);
    to->licence = copy_text(from->licence);
    to->record = copy_text(from->record);
    to->relations =
        from->n_relations != 0 ? vls_mem_new(from->n_relations * sizeof *to->relations) : NULL;
    for (size_t i = 0; i < from->n_relations; i++)
        to->relations[i] = copy_relation(from->relations[i]);
    return to;
}

static void free_text(char *text)
{
    if (text != (char *)protobuf_c_empty_string)
        vls_mem_free(text);
}

static void free_words(char **words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        vls_mem_free(words[i]);
    vls_mem_free(words);
}

void vls_about_free(Valise__About **about)
{
    Valise__About *a = *about;
    if (a == NULL)
        return;
    char *texts[] = {a->issuer, a->language, a->title, a->published, a->url, a->licence, a->record};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        free_text(texts[i]);
    free_words(a->symbols, a->n_symbols);
    free_words(a->bodies, a->n_bodies);
    free_words(a->subjects, a->n_subjects);
    for (size_t i = 0; i < a->n_relations; i++) {
        free_text(a->relations[i]->symbol);
        vls_mem_free(a->relations[i]);
    }
    vls_mem_free(a->relations);
    vls_mem_free(a);
    *about = NULL;
}
