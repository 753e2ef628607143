#include "config/yaml.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/mem.h"
#include "base/text.h"

/** Levels of mappings and sequences; no schema of ours is deeper. */
#define DEPTH_MAX 12
/** Longest path of a value; its keys are ours, so only a schema could exceed it. */
#define PATH_MAX_BYTES 256
/** Fields of one mapping that can be told apart when given twice. */
#define FIELDS_MAX 64
/** Two keys that differ by at most this many edits are taken for a slip of the finger. */
#define HINT_DISTANCE 3
/** Keys longer than this get no hint. */
#define HINT_KEY_MAX 40
/** What some editors write before everything else: U+FEFF. */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* -- complaints -------------------------------------------------------------------------------- */

static VLS_STATUS fail_at(const struct vls_yaml_source *source, size_t line, size_t column,
                          struct vls_why *why, const char *words)
{
    if (line == 0)
        return vls_fail(source->code, why, "%s: %s", vls_path_shown(source->file), words);
    return vls_fail(source->code, why, "%s:%zu:%zu: %s", vls_path_shown(source->file), line, column,
                    words);
}

/** The place of the value, or of the closest group around it that is there. */
static const struct vls_yaml_place *nearest_place(const struct vls_yaml_places *places,
                                                  const char *path)
{
    char shorter[PATH_MAX_BYTES];
    vls_text_copy(shorter, sizeof shorter, path);
    for (size_t len = strlen(shorter); len > 0; len--) {
        bool is_end = path[len] == '\0' || path[len] == '.' || path[len] == '[';
        shorter[len] = '\0';
        const struct vls_yaml_place *place = is_end ? vls_yaml_place(places, shorter) : NULL;
        if (place != NULL)
            return place;
    }
    return NULL;
}

struct vls_status vls_yaml_fail(const struct vls_yaml_source *source,
                                const struct vls_yaml_places *places, const char *path,
                                struct vls_why *why, const char *fmt, ...)
{
    char words[sizeof why->text];
    va_list args;
    va_start(args, fmt);
    vsnprintf(words, sizeof words, fmt, args);
    va_end(args);
    const struct vls_yaml_place *place = nearest_place(places, path);
    char all[sizeof words + PATH_MAX_BYTES];
    snprintf(all, sizeof all, "%s: %s", path, words);
    if (place != NULL)
        return fail_at(source, place->line, place->column, why, all);
    bool is_read = places != NULL && places->count != 0; /* what is missing has no place */
    return fail_at(source, is_read, is_read, why, all);
}

/** Edits (insert, delete, replace) that lead from one key to the other. */
static unsigned distance(const char *a, const char *b)
{
    unsigned row[HINT_KEY_MAX + 1];
    size_t b_len = strlen(b);
    if (strlen(a) > HINT_KEY_MAX || b_len > HINT_KEY_MAX)
        return HINT_DISTANCE + 1;
    for (size_t j = 0; j <= b_len; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_len; j++) {
            unsigned best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[b_len];
}

static const char *nearest_key(const cyaml_schema_field_t *fields, const char *key)
{
    const char *nearest = NULL;
    unsigned best = HINT_DISTANCE + 1;
    for (; fields->key != NULL; fields++) {
        unsigned d = distance(key, fields->key);
        if (d < best && d < strlen(fields->key)) {
            best = d;
            nearest = fields->key;
        }
    }
    return nearest;
}

/* -- the scan ---------------------------------------------------------------------------------- */

struct level {
    const cyaml_schema_value_t
        *schema; /* NULL: the schema does not expect this; libcyaml will say so */
    bool is_mapping;
    bool is_value_next;  /* of a mapping: the key was read */
    size_t path_len;     /* of the parent's path */
    unsigned next_index; /* of a sequence */
    const cyaml_schema_field_t *field;
    uint64_t seen; /* bit a field */
};

struct scan {
    const struct vls_yaml_source *source;
    struct vls_yaml_places *places;
    struct vls_why *why;
    struct level levels[DEPTH_MAX];
    size_t depth;
    char path[PATH_MAX_BYTES];
    unsigned documents;
};

static VLS_STATUS refuse(const struct scan *scan, const yaml_mark_t *mark, const char *fmt, ...)
    VLS_PRINTF(3, 4);
static struct vls_status refuse(const struct scan *scan, const yaml_mark_t *mark, const char *fmt,
                                ...)
{
    char words[sizeof scan->why->text];
    va_list args;
    va_start(args, fmt);
    vsnprintf(words, sizeof words, fmt, args);
    va_end(args);
    return fail_at(scan->source, mark->line + 1, mark->column + 1, scan->why, words);
}

static VLS_STATUS note_place(struct scan *scan, const yaml_mark_t *mark)
{
    struct vls_yaml_places *places = scan->places;
    if (places->count == VLS_YAML_MAX_PLACES)
        return refuse(scan, mark, "more than %u values; no such file is expected here",
                      VLS_YAML_MAX_PLACES);
    if (places->count == places->room) {
        size_t room = places->room == 0 ? 64 : 2 * places->room;
        struct vls_yaml_place *at = vls_mem_resize(places->at, room * sizeof *at);
        if (at == NULL)
            return vls_fail(VLS_SYSTEM_MEMORY, scan->why, "no memory to read %s",
                            vls_path_shown(scan->source->file));
        places->at = at;
        places->room = room;
    }
    places->at[places->count++] =
        (struct vls_yaml_place){.path = vls_mem_text(scan->path, strlen(scan->path)),
                                .line = (unsigned)mark->line + 1,
                                .column = (unsigned)mark->column + 1};
    return VLS_DONE;
}

static struct level *top(struct scan *scan)
{
    return scan->depth == 0 ? NULL : &scan->levels[scan->depth - 1];
}

/** Of a list. */
static VLS_STATUS check_count(const struct scan *scan, const struct level *level,
                              const yaml_mark_t *mark)
{
    unsigned most = level->schema->sequence.max;
    if (level->next_index < most)
        return VLS_DONE;
    return refuse(scan, mark, "%.*s: more than %u values; that many are the most",
                  (int)level->path_len, scan->path, most);
}

/** The schema of the value that comes next, and its path. */
static VLS_STATUS next_value(struct scan *scan, const yaml_mark_t *mark,
                             const cyaml_schema_value_t **out_schema)
{
    struct level *level = top(scan);
    if (level == NULL) {
        scan->path[0] = '\0';
        *out_schema = scan->source->schema;
        return VLS_DONE;
    }
    char *end = scan->path + level->path_len;
    size_t room = sizeof scan->path - level->path_len;
    int n;
    if (level->is_mapping) {
        n = snprintf(end, room, "%s%s", level->path_len == 0 ? "" : ".",
                     level->field != NULL ? level->field->key : "?");
        *out_schema = level->field != NULL ? &level->field->value : NULL;
        level->is_value_next = false;
    } else {
        bool is_list = level->schema != NULL && level->schema->type == CYAML_SEQUENCE;
        if (is_list)
            VLS_TRY(check_count(scan, level, mark));
        n = snprintf(end, room, "[%u]", level->next_index++);
        *out_schema = is_list ? level->schema->sequence.entry : NULL;
    }
    if (n < 0 || (size_t)n >= room)
        return refuse(scan, mark, "nested too deeply");
    return note_place(scan, mark);
}

enum form { FORM_TEXT, FORM_LIST, FORM_GROUP };

static enum form form_of(const cyaml_schema_value_t *schema)
{
    if (schema->type == CYAML_MAPPING)
        return FORM_GROUP;
    return schema->type == CYAML_SEQUENCE ? FORM_LIST : FORM_TEXT;
}

/** libcyaml says so, too, in words for programmers. */
static VLS_STATUS check_form(const struct scan *scan, const yaml_mark_t *mark,
                             const cyaml_schema_value_t *schema, enum form given)
{
    static const char *const FORMS[] = {[FORM_TEXT] = "a single value",
                                        [FORM_LIST] = "a list, such as [a, b]",
                                        [FORM_GROUP] = "a group of keys, such as { key: value }"};
    static const char *const GIVEN[] = {
        [FORM_TEXT] = "a single value", [FORM_LIST] = "a list", [FORM_GROUP] = "a group of keys"};
    if (schema == NULL || form_of(schema) == given)
        return VLS_DONE;
    return refuse(scan, mark, "%s: this is %s; write %s",
                  scan->path[0] != '\0' ? scan->path : "the file", GIVEN[given],
                  FORMS[form_of(schema)]);
}

static VLS_STATUS push(struct scan *scan, const yaml_mark_t *mark, bool is_mapping)
{
    const cyaml_schema_value_t *schema = NULL;
    VLS_TRY(next_value(scan, mark, &schema));
    VLS_TRY(check_form(scan, mark, schema, is_mapping ? FORM_GROUP : FORM_LIST));
    if (scan->depth == DEPTH_MAX)
        return refuse(scan, mark, "nested too deeply");
    scan->levels[scan->depth++] =
        (struct level){.schema = schema, .is_mapping = is_mapping, .path_len = strlen(scan->path)};
    return VLS_DONE;
}

static VLS_STATUS take_key(struct scan *scan, struct level *level, const yaml_event_t *event)
{
    const char *key = (const char *)event->data.scalar.value;
    level->is_value_next = true;
    level->field = NULL;
    if (level->schema == NULL || level->schema->type != CYAML_MAPPING)
        return VLS_DONE;
    const cyaml_schema_field_t *fields = level->schema->mapping.fields;
    for (size_t i = 0; fields[i].key != NULL && i < FIELDS_MAX; i++) {
        if (strcmp(fields[i].key, key) != 0)
            continue;
        if ((level->seen & (UINT64_C(1) << i)) != 0)
            return refuse(scan, &event->start_mark, "'%s' is given twice; keep one", key);
        level->seen |= UINT64_C(1) << i;
        level->field = &fields[i];
        return VLS_DONE;
    }
    const char *hint = nearest_key(fields, key);
    int shown = 60;
    if (!vls_text_is_clean(vls_slice_text(key), false))
        return refuse(scan, &event->start_mark, "an unknown key with control characters");
    if (hint != NULL)
        return refuse(scan, &event->start_mark, "unknown key '%.*s'; did you mean '%s'?", shown,
                      key, hint);
    return refuse(scan, &event->start_mark, "unknown key '%.*s'; see %s", shown, key,
                  scan->source->manual != NULL ? scan->source->manual : "valise.conf(5)");
}

/** Digits alone, and no more than the value has room for. */
static VLS_STATUS check_number(const struct scan *scan, const yaml_mark_t *mark,
                               const cyaml_schema_value_t *schema, const char *text)
{
    uint64_t most = schema->data_size < sizeof(uint64_t)
                        ? (UINT64_C(1) << (8 * schema->data_size)) - 1
                        : UINT64_MAX;
    uint64_t number;
    bool is_plain = *text != '\0' && strspn(text, "0123456789") == strlen(text) &&
                    (text[0] != '0' || text[1] == '\0');
    if (!is_plain)
        return refuse(scan, mark, "%s: '%.40s' is not a whole number; write digits only",
                      scan->path, text);
    if (!vls_ok(vls_number_read(text, 0, most, &number)))
        return refuse(scan, mark, "%s: '%.40s' is too large; %" PRIu64 " is the most", scan->path,
                      text, most);
    return VLS_DONE;
}

static bool is_nullable(const cyaml_schema_value_t *schema)
{
    return (schema->flags & CYAML_FLAG_POINTER_NULL) == CYAML_FLAG_POINTER_NULL;
}

static VLS_STATUS check_scalar(const struct scan *scan, const yaml_event_t *event,
                               const cyaml_schema_value_t *schema)
{
    const yaml_mark_t *mark = &event->start_mark;
    const char *text = (const char *)event->data.scalar.value;
    if (schema == NULL || (*text == '\0' && is_nullable(schema)))
        return VLS_DONE;
    VLS_TRY(check_form(scan, mark, schema, FORM_TEXT));
    if (schema->type == CYAML_UINT)
        return check_number(scan, mark, schema, text);
    if (schema->type == CYAML_STRING && event->data.scalar.length > schema->string.max)
        return refuse(scan, mark, "%s: longer than %u bytes; that many are the most", scan->path,
                      schema->string.max);
    return VLS_DONE;
}

static VLS_STATUS take_scalar(struct scan *scan, const yaml_event_t *event)
{
    const yaml_mark_t *mark = &event->start_mark;
    const char *text = (const char *)event->data.scalar.value;
    struct level *level = top(scan);
    if (event->data.scalar.length != strlen(text))
        return refuse(scan, mark, "a value with a NUL character");
    if (level != NULL && level->is_mapping && !level->is_value_next)
        return take_key(scan, level, event);
    const cyaml_schema_value_t *schema = NULL;
    VLS_TRY(next_value(scan, mark, &schema));
    return check_scalar(scan, event, schema);
}

static VLS_STATUS take_start(struct scan *scan, const yaml_event_t *event, bool is_mapping)
{
    struct level *level = top(scan);
    if (level != NULL && level->is_mapping && !level->is_value_next)
        return refuse(scan, &event->start_mark, "a key must be a plain word");
    return push(scan, &event->start_mark, is_mapping);
}

/** A tag would ask for another type than the schema's, and libcyaml passes over it. */
static VLS_STATUS check_plain(const struct scan *scan, const yaml_event_t *event,
                              const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor != NULL)
        return refuse(scan, &event->start_mark, "anchors are not allowed; remove '&'");
    if (tag != NULL)
        return refuse(scan, &event->start_mark, "tags are not allowed; remove '!'");
    return VLS_DONE;
}

static VLS_STATUS take_event(struct scan *scan, const yaml_event_t *event)
{
    const yaml_mark_t *mark = &event->start_mark;
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (scan->documents++ > 0)
            return refuse(scan, mark, "a second document; one file holds one");
        return VLS_DONE;
    case YAML_ALIAS_EVENT:
        return refuse(scan, mark, "aliases are not allowed; write the value out");
    case YAML_SCALAR_EVENT:
        VLS_TRY(check_plain(scan, event, event->data.scalar.anchor, event->data.scalar.tag));
        return take_scalar(scan, event);
    case YAML_SEQUENCE_START_EVENT:
        VLS_TRY(check_plain(scan, event, event->data.sequence_start.anchor,
                            event->data.sequence_start.tag));
        return take_start(scan, event, false);
    case YAML_MAPPING_START_EVENT:
        VLS_TRY(check_plain(scan, event, event->data.mapping_start.anchor,
                            event->data.mapping_start.tag));
        return take_start(scan, event, true);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        scan->depth--;
        return VLS_DONE;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
    return VLS_DONE;
}

/** The reader's complaints (bad UTF-8) carry an offset and no mark. */
static VLS_STATUS refuse_byte(const struct scan *scan, size_t offset, const char *problem)
{
    struct vls_slice yaml = scan->source->yaml;
    yaml_mark_t mark = {0};
    for (size_t i = 0; i < offset && i < yaml.len; i++) {
        bool is_end = yaml.at[i] == '\n';
        mark.line += is_end;
        mark.column = is_end ? 0 : mark.column + ((yaml.at[i] & 0xc0) != 0x80);
    }
    return refuse(scan, &mark, "byte %zu: %s; write UTF-8", offset, problem);
}

static VLS_STATUS scan_events(struct scan *scan, yaml_parser_t *parser)
{
    for (bool is_end = false; !is_end;) {
        yaml_event_t event;
        if (yaml_parser_parse(parser, &event) == 0) {
            const char *problem = parser->problem != NULL ? parser->problem : "not YAML";
            if (parser->error == YAML_READER_ERROR)
                return refuse_byte(scan, parser->problem_offset, problem);
            return refuse(scan, &parser->problem_mark, "%s", problem);
        }
        is_end = event.type == YAML_STREAM_END_EVENT;
        struct vls_status status = take_event(scan, &event);
        yaml_event_delete(&event);
        VLS_TRY(status);
    }
    return VLS_DONE;
}

static int compare_paths(const void *a, const void *b)
{
    const struct vls_yaml_place *const *x = a, *const *y = b;
    return strcmp((*x)->path, (*y)->path);
}

/** A file of rules or cases has a hundred thousand places, and is asked about thousands of them. */
static VLS_STATUS sort_places(struct scan *scan)
{
    struct vls_yaml_places *places = scan->places;
    places->by_path = vls_mem_try((places->count + 1) * sizeof(void *));
    if (places->by_path == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, scan->why, "no memory to read %s",
                        vls_path_shown(scan->source->file));
    for (size_t i = 0; i < places->count; i++)
        places->by_path[i] = &places->at[i];
    if (places->count != 0)
        qsort(places->by_path, places->count, sizeof(void *), compare_paths);
    return VLS_DONE;
}

struct vls_status vls_yaml_scan(const struct vls_yaml_source *source, struct vls_yaml_places *out,
                                struct vls_why *why)
{
    struct vls_yaml_places places = {0};
    struct scan scan = {.source = source, .places = &places, .why = why};
    struct vls_why own;
    if (why == NULL)
        scan.why = &own;
    if (source->yaml.len >= sizeof BYTE_ORDER_MARK - 1 &&
        memcmp(source->yaml.at, BYTE_ORDER_MARK, sizeof BYTE_ORDER_MARK - 1) == 0)
        return fail_at(source, 1, 1, scan.why,
                       "a byte order mark; save the file as UTF-8 without one");
    yaml_parser_t parser;
    if (yaml_parser_initialize(&parser) == 0)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory to read %s",
                        vls_path_shown(source->file));
    yaml_parser_set_input_string(&parser, source->yaml.at, source->yaml.len);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    struct vls_status status = scan_events(&scan, &parser);
    yaml_parser_delete(&parser);
    if (vls_ok(status))
        status = sort_places(&scan);
    if (!vls_ok(status))
        vls_yaml_places_fini(&places);
    else
        *out = places;
    return status;
}

void vls_yaml_places_fini(struct vls_yaml_places *places)
{
    for (size_t i = 0; i < places->count; i++)
        vls_mem_free(places->at[i].path);
    vls_mem_free(places->at);
    vls_mem_free(places->by_path);
    *places = (struct vls_yaml_places){0};
}

const struct vls_yaml_place *vls_yaml_place(const struct vls_yaml_places *places, const char *path)
{
    const struct vls_yaml_place wanted = {.path = (char *)(uintptr_t)path}, *key = &wanted;
    if (places == NULL || places->count == 0)
        return NULL;
    const struct vls_yaml_place **found =
        bsearch(&key, places->by_path, places->count, sizeof(void *), compare_paths);
    return found != NULL ? *found : NULL;
}

/* -- loading ----------------------------------------------------------------------------------- */

/** What libcyaml says: the first line is the complaint, the first line behind "Backtrace" the
 * place. */
struct complaint {
    char words[160];
    char place[160];
};

static void on_cyaml_log(cyaml_log_t level, void *ctx, const char *fmt, va_list args)
    __attribute__((format(printf, 3, 0)));
static void on_cyaml_log(cyaml_log_t level, void *ctx, const char *fmt, va_list args)
{
    struct complaint *complaint = ctx;
    char line[160];
    if (level < CYAML_LOG_ERROR)
        return;
    vsnprintf(line, sizeof line, fmt, args);
    line[strcspn(line, "\n")] = '\0';
    if (strncmp(line, "  in ", 5) == 0) {
        if (complaint->place[0] == '\0')
            vls_text_copy(complaint->place, sizeof complaint->place, line + 5);
    } else if (strncmp(line, "Load: Backtrace", 15) != 0 && complaint->words[0] == '\0') {
        vls_text_copy(complaint->words, sizeof complaint->words,
                      strncmp(line, "Load: ", 6) == 0 ? line + 6 : line);
    }
}

static void *cyaml_memory(void *ctx, void *old, size_t bytes)
{
    (void)ctx;
    if (bytes == 0) {
        vls_mem_free(old);
        return NULL;
    }
    return vls_mem_resize(old, bytes);
}

static cyaml_config_t cyaml_settings(struct complaint *complaint)
{
    return (cyaml_config_t){
        .log_fn = complaint != NULL ? on_cyaml_log : NULL,
        .log_ctx = complaint,
        .mem_fn = cyaml_memory,
        .log_level = CYAML_LOG_ERROR,
        .flags = CYAML_CFG_NO_ALIAS,
    };
}

/** "mapping field 'kinds' (line: 15, column: 19)" */
static VLS_STATUS refuse_loaded(const struct vls_yaml_source *source, cyaml_err_t err,
                                struct complaint *complaint, struct vls_why *why)
{
    char words[sizeof complaint->words + sizeof complaint->place + 8];
    unsigned line = 0, column = 0;
    char *at = strstr(complaint->place, " (line: ");
    if (at != NULL && sscanf(at, " (line: %u, column: %u)", &line, &column) == 2)
        *at = '\0';
    snprintf(words, sizeof words, "%s%s%s",
             complaint->words[0] != '\0' ? complaint->words : cyaml_strerror(err),
             complaint->place[0] != '\0' ? " in " : "", complaint->place);
    return fail_at(source, line, column, why, words);
}

struct vls_status vls_yaml_load(const struct vls_yaml_source *source, void **out,
                                struct vls_why *why)
{
    struct complaint complaint = {0};
    cyaml_config_t settings = cyaml_settings(&complaint);
    void *document = NULL;
    cyaml_err_t err = cyaml_load_data(source->yaml.at, source->yaml.len, &settings, source->schema,
                                      &document, NULL);
    if (err == CYAML_ERR_OOM)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory to read %s",
                        vls_path_shown(source->file));
    if (err != CYAML_OK)
        return refuse_loaded(source, err, &complaint, why);
    if (document == NULL)
        return fail_at(source, 0, 0, why, "the file is empty");
    *out = document;
    return VLS_DONE;
}

void vls_yaml_free(const cyaml_schema_value_t *schema, void *document)
{
    cyaml_config_t settings = cyaml_settings(NULL);
    if (document != NULL)
        (void)cyaml_free(&settings, schema, document, 0);
}
