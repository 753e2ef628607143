#include "json.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "words.h"

#define KEY_MOST    1024u /* bytes of the name of a member */
#define NUMBER_MOST 400u

/* -- whole ------------------------------------------------------------------------------------- */

/* jansson recurses: how deep it would have to, before it does. Texts are skipped. */
static bool is_too_deep(const char *at, size_t len)
{
    unsigned depth = 0;
    bool is_text = false;
    for (size_t i = 0; i < len; i++) {
        char c = at[i];
        if (is_text && c == '\\')
            i++;
        else if (c == '"')
            is_text = !is_text;
        else if (!is_text && (c == '[' || c == '{') && ++depth > PLUG_JSON_DEPTH)
            return true;
        else if (!is_text && (c == ']' || c == '}') && depth > 0)
            depth--;
    }
    return false;
}

json_t *plug_json_read(const struct plug_bytes *bytes, struct plug_answer *answer)
{
    static const char MARK[] = "\xef\xbb\xbf";
    const char *at = bytes->at != NULL ? bytes->at : "";
    size_t len = bytes->len, skipped = len >= 3 && memcmp(at, MARK, 3) == 0 ? 3 : 0;
    char where[32];
    json_error_t error;
    if (is_too_deep(at, len)) {
        (void)plug_malformed(answer, "depth", "JSON that is more than %u deep", PLUG_JSON_DEPTH);
        return NULL;
    }
    json_t *value =
        json_loadb(at + skipped, len - skipped, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (value == NULL) {
        snprintf(where, sizeof where, "byte %zu", skipped + (size_t)error.position);
        (void)plug_malformed(answer, where, "not JSON: %.120s", error.text);
    }
    return value;
}

/* -- rows -------------------------------------------------------------------------------------- */

/* A value under construction: its parents, and the name that the next member has. */
struct tree {
    json_t *root;
    json_t *open[PLUG_JSON_DEPTH];
    char *key[PLUG_JSON_DEPTH];
    unsigned depth;
};

struct plug_json {
    struct plug_json_options options;
    yajl_handle parser;
    struct tree around, row;
    /* names from the root to here, of the part that `rows` may name; NULL for an array */
    unsigned depth; /* of all that is open */
    bool is_in_rows, has_rows, has_failed, is_over;
    unsigned rows_depth; /* of the array of rows: depth within it */
    uint64_t count, bytes;
    size_t used; /* about, by the value that is being built: the row, or the envelope */
    size_t around_used;
    char why[PLUG_WHY], where[PLUG_WHERE];
};

__attribute__((format(printf, 2, 0))) static void fail(struct plug_json *json, const char *fmt,
                                                       va_list list)
{
    char words[PLUG_WHY * 2];
    if (json->has_failed)
        return;
    json->has_failed = true;
    vsnprintf(words, sizeof words, fmt, list);
    plug_say(json->why, sizeof json->why, "%s", words);
    uint64_t at = json->bytes + (json->parser != NULL ? yajl_get_bytes_consumed(json->parser) : 0);
    if (json->is_in_rows)
        snprintf(json->where, sizeof json->where, "row %" PRIu64 ", byte %" PRIu64, json->count + 1,
                 at);
    else
        snprintf(json->where, sizeof json->where, "byte %" PRIu64, at);
}

__attribute__((format(printf, 2, 3))) static int refuse(struct plug_json *json, const char *fmt,
                                                        ...)
{
    va_list list;
    va_start(list, fmt);
    fail(json, fmt, list);
    va_end(list);
    return 0; /* yajl: stop */
}

void plug_json_refuse(struct plug_json *json, const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    fail(json, fmt, list);
    va_end(list);
}

/* -- trees ------------------------------------------------------------------------------------- */

static void tree_fini(struct tree *tree)
{
    for (unsigned i = 0; i < PLUG_JSON_DEPTH; i++) {
        free(tree->key[i]);
        tree->key[i] = NULL;
    }
    json_decref(tree->root);
    tree->root = NULL;
    tree->depth = 0;
}

/* Into the value that is open; `value` is taken. 1, or 0 when that went wrong. */
static int tree_put(struct plug_json *json, struct tree *tree, json_t *value, bool is_open)
{
    if (value == NULL)
        return refuse(json, "no memory, or text that is not UTF-8");
    if (tree->depth == 0) {
        tree->root = value;
    } else {
        json_t *parent = tree->open[tree->depth - 1];
        const char *key = tree->key[tree->depth - 1];
        if (json_is_object(parent) && json_object_get(parent, key) != NULL) {
            json_decref(value);
            return refuse(json, "two members with the name %.60s", key);
        }
        int bad = json_is_object(parent) ? json_object_set_new(parent, key, value)
                                         : json_array_append_new(parent, value);
        if (bad != 0)
            return refuse(json, "no memory, or a name that is not UTF-8");
    }
    if (is_open)
        tree->open[tree->depth++] = value;
    return 1;
}

static struct tree *tree_of(struct plug_json *json)
{
    return json->is_in_rows ? &json->row : &json->around;
}

/* What a value counts besides its text: a bound on memory, not a measure of it. */
#define VALUE_COST 48u

static int charge(struct plug_json *json, size_t len)
{
    size_t most = json->options.max_row != 0 ? json->options.max_row : PLUG_JSON_ROW;
    size_t *used = json->is_in_rows ? &json->used : &json->around_used;
    *used += len + (json->is_in_rows ? 0 : VALUE_COST);
    if (json->is_in_rows && *used > most)
        return refuse(json, "a row of more than %zu bytes", most);
    if (!json->is_in_rows && *used > PLUG_JSON_ENVELOPE)
        return refuse(json, "more than %u bytes around the rows", PLUG_JSON_ENVELOPE);
    return 1;
}

/* -- where the rows are ------------------------------------------------------------------------ */

/* The array that opens now is the one that `rows` names: "a.b" by the names of all that is open. */
static bool is_rows(const struct plug_json *json)
{
    const char *path = json->options.rows;
    if (json->has_rows || json->is_in_rows)
        return false;
    if (path[0] == '\0')
        return json->depth == 0;
    for (unsigned i = 0; i < json->depth; i++) {
        size_t len = strcspn(path, ".");
        const char *key = json->around.key[i];
        if (key == NULL || strlen(key) != len || strncmp(key, path, len) != 0)
            return false;
        path += len;
        if (*path == '.')
            path++;
        else if (i + 1 < json->depth)
            return false;
    }
    return json->depth > 0 && *path == '\0';
}

/* A row is whole. */
static int row_ended(struct plug_json *json)
{
    json_t *row = json->row.root;
    if (json->row.depth != 0 || row == NULL)
        return 1;
    json->row.root = NULL;
    json->used = 0;
    int answer = json->options.on_row != NULL
                     ? json->options.on_row(json->options.ctx, row, json->count)
                     : 0;
    json_decref(row);
    if (answer != 0)
        return refuse(json, "the row was refused");
    if (++json->count > PLUG_JSON_ROWS)
        return refuse(json, "more than %u rows", PLUG_JSON_ROWS);
    return 1;
}

static int put(struct plug_json *json, json_t *value, size_t len)
{
    if (!charge(json, len)) {
        json_decref(value);
        return 0;
    }
    return tree_put(json, tree_of(json), value, false) && (!json->is_in_rows || row_ended(json));
}

/* -- yajl -------------------------------------------------------------------------------------- */

static int on_null(void *ctx)
{
    return put(ctx, json_null(), 0);
}

static int on_boolean(void *ctx, int value)
{
    return put(ctx, json_boolean(value), 0);
}

/* Whole numbers as such where they fit; others, and those beyond 63 bits, as near as a double is.
 */
static json_t *number_of(const char *text, size_t len)
{
    char copy[NUMBER_MOST + 1];
    int64_t whole = 0;
    bool is_negative = text[0] == '-', is_whole = true;
    for (size_t i = is_negative ? 1 : 0; i < len && is_whole; i++) {
        int64_t digit = text[i] - '0';
        is_whole =
            digit >= 0 && digit <= 9 && !__builtin_mul_overflow(whole, 10, &whole) &&
            !__builtin_sub_overflow(whole, digit, &whole); /* negative, as it reaches further */
    }
    if (is_whole && (is_negative || whole != INT64_MIN))
        return json_integer(is_negative ? whole : -whole);
    memcpy(copy, text, len);
    copy[len] = '\0';
    double value = strtod(copy, NULL);
    return isfinite(value) ? json_real(value) : json_stringn(text, len);
}

static int on_number(void *ctx, const char *text, size_t len)
{
    if (len > NUMBER_MOST)
        return refuse(ctx, "a number of more than %u digits", NUMBER_MOST);
    return put(ctx, number_of(text, len), 8);
}

static int on_string(void *ctx, const unsigned char *text, size_t len)
{
    return put(ctx, json_stringn((const char *)text, len), len);
}

static int begin(struct plug_json *json, bool is_array)
{
    if (json->depth >= PLUG_JSON_DEPTH)
        return refuse(json, "JSON that is more than %u deep", PLUG_JSON_DEPTH);
    bool begins_rows = is_array && is_rows(json);
    if (!charge(json, 0) ||
        !tree_put(json, tree_of(json), is_array ? json_array() : json_object(), true))
        return 0;
    json->depth++;
    if (begins_rows) {
        json->is_in_rows = json->has_rows = true;
        json->rows_depth = json->depth;
    }
    return 1;
}

static int on_begin_map(void *ctx)
{
    return begin(ctx, false);
}

static int on_begin_array(void *ctx)
{
    return begin(ctx, true);
}

static int on_key(void *ctx, const unsigned char *text, size_t len)
{
    struct plug_json *json = ctx;
    struct tree *tree = tree_of(json);
    char **key = &tree->key[tree->depth - 1];
    if (len > KEY_MOST || memchr(text, '\0', len) != NULL)
        return refuse(json, "a member with a name of more than %u bytes, or with a NUL", KEY_MOST);
    free(*key);
    *key = strndup((const char *)text, len);
    return *key != NULL ? charge(json, len) : refuse(json, "no memory");
}

static int on_end(void *ctx)
{
    struct plug_json *json = ctx;
    if (json->is_in_rows && json->depth == json->rows_depth)
        json->is_in_rows = false; /* what ends is the array of rows, which is around them */
    struct tree *tree = tree_of(json);
    json->depth--;
    tree->depth--;
    free(tree->key[tree->depth]);
    tree->key[tree->depth] = NULL;
    json->is_over = json->depth == 0;
    return !json->is_in_rows || row_ended(json);
}

static const yajl_callbacks CALLBACKS = {.yajl_null = on_null,
                                         .yajl_boolean = on_boolean,
                                         .yajl_number = on_number,
                                         .yajl_string = on_string,
                                         .yajl_start_map = on_begin_map,
                                         .yajl_map_key = on_key,
                                         .yajl_end_map = on_end,
                                         .yajl_start_array = on_begin_array,
                                         .yajl_end_array = on_end};

struct plug_json *plug_json_new(const struct plug_json_options *options)
{
    struct plug_json *json = calloc(1, sizeof *json);
    if (json == NULL)
        return NULL;
    json->options = *options;
    json->parser = yajl_alloc(&CALLBACKS, NULL, json);
    if (json->parser == NULL)
        plug_json_free(&json);
    return json;
}

void plug_json_free(struct plug_json **json)
{
    if (*json == NULL)
        return;
    if ((*json)->parser != NULL)
        yajl_free((*json)->parser);
    tree_fini(&(*json)->row);
    tree_fini(&(*json)->around);
    free(*json);
    *json = NULL;
}

/* yajl's own words, without the text that it quotes. */
static int took(struct plug_json *json, yajl_status status)
{
    if (status == yajl_status_ok)
        return 0;
    unsigned char *words = yajl_get_error(json->parser, 0, NULL, 0);
    plug_json_refuse(json, "not JSON: %.120s", words != NULL ? (const char *)words : "?");
    if (words != NULL)
        yajl_free_error(json->parser, words);
    return -1;
}

int plug_json_feed(struct plug_json *json, const void *bytes, size_t len)
{
    static const char MARK[] = "\xef\xbb\xbf";
    const unsigned char *at = bytes;
    if (json->has_failed)
        return -1;
    if (json->bytes == 0 && len >= 3 && memcmp(at, MARK, 3) == 0) {
        json->bytes = 3;
        at += 3;
        len -= 3;
    }
    if (took(json, yajl_parse(json->parser, at, len)) != 0)
        return -1;
    json->bytes += len;
    return 0;
}

int plug_json_finish(struct plug_json *json)
{
    if (json->has_failed)
        return -1;
    if (took(json, yajl_complete_parse(json->parser)) != 0)
        return -1;
    return 0;
}

const char *plug_json_why(const struct plug_json *json)
{
    return json->why;
}

const char *plug_json_where(const struct plug_json *json)
{
    return json->where;
}

const json_t *plug_json_envelope(const struct plug_json *json)
{
    bool is_rows_alone = json->has_rows && json->options.rows[0] == '\0';
    return is_rows_alone ? NULL : json->around.root;
}

uint64_t plug_json_count(const struct plug_json *json)
{
    return json->count;
}

bool plug_json_has_rows(const struct plug_json *json)
{
    return json->has_rows;
}

int plug_json_take(void *ctx, struct plug_answer *answer, const void *bytes, size_t len)
{
    struct plug_json *json = ctx;
    if (plug_json_feed(json, bytes, len) == 0)
        return 0;
    (void)plug_malformed(answer, json->where, "%s", json->why);
    return -1;
}

uint32_t plug_json_end(struct plug_json *json, struct plug_answer *answer)
{
    if (answer->result == VLS_RESULT_DELIVERED && plug_json_finish(json) != 0)
        (void)plug_malformed(answer, json->where, "%s", json->why);
    return answer->result;
}

/* -- members ----------------------------------------------------------------------------------- */

const char *plug_json_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

int64_t plug_json_number(const json_t *object, const char *name, int64_t otherwise)
{
    const json_t *value = json_object_get(object, name);
    int64_t number = 0;
    int end = 0;
    if (json_is_integer(value))
        return json_integer_value(value);
    if (json_is_real(value)) {
        double real = json_real_value(value);
        return real > -9e15 && real < 9e15 ? (int64_t)real : otherwise;
    }
    const char *text = json_string_value(value);
    if (text == NULL || strlen(text) > 18 || sscanf(text, "%" SCNd64 "%n", &number, &end) != 1 ||
        text[end] != '\0')
        return otherwise;
    return number;
}

const json_t *plug_json_at(const json_t *object, const char *path)
{
    char name[KEY_MOST + 1];
    while (object != NULL && *path != '\0') {
        size_t len = strcspn(path, ".");
        if (len > KEY_MOST)
            return NULL;
        memcpy(name, path, len);
        name[len] = '\0';
        object = json_object_get(object, name);
        path += len + (path[len] == '.');
    }
    return object;
}
