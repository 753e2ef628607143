#include "observations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PENDING 65536u

static const char *const STATUS_NAMES[] = {"CONF_STATUS", "OBS_CONF", NULL};
static const char *const EMBARGO_NAMES[] = {"EMBARGO_TIME", "EMBARGO_DATE", "EMBARGO", NULL};

/* -- settings ---------------------------------------------------------------------------------- */

static void trim_end(char *text)
{
    for (size_t len = strlen(text); len > 0 && text[len - 1] == ' '; len--)
        text[len - 1] = '\0';
}

/* "F=LABEL", blanks around both aside. */
static bool add_code(struct observations *o, const char *at, size_t len)
{
    struct code *code = &o->codes[o->code_count];
    const char *equal = memchr(at, '=', len);
    char name[CODE_ROOM];
    if (equal == NULL || o->code_count == CODES_MOST || (size_t)(equal - at) >= CODE_ROOM ||
        len - (size_t)(equal - at) > sizeof code->label)
        return false;
    snprintf(name, sizeof name, "%.*s", (int)(equal - at), at);
    trim_end(name);
    equal += 1 + strspn(equal + 1, " ");
    snprintf(code->label, sizeof code->label, "%.*s", (int)(at + len - equal), equal);
    trim_end(code->label);
    for (unsigned i = 0; i < o->code_count; i++)
        if (strcmp(o->codes[i].name, name) == 0)
            return false;
    plug_copy(code->name, sizeof code->name, name);
    code->fd = -1;
    o->code_count++;
    return name[0] != '\0' && code->label[0] != '\0';
}

bool observations_init(struct observations *o, const char *labels, char *why, size_t room)
{
    *o = (struct observations){.code_count = 0};
    for (const char *at = labels; *(at += strspn(at, " |")) != '\0';) {
        size_t len = strcspn(at, "|");
        if (!add_code(o, at, len)) {
            plug_say(why, room,
                     "setting labels must be CODE=LABEL with | between, each CODE once, - for an "
                     "observation that states none: %.*s",
                     (int)len, at);
            return false;
        }
        at += len;
    }
    return true;
}

/* -- rows of a code ---------------------------------------------------------------------------- */

static int flush(struct code *code)
{
    int result = code->pending_len > 0 ? plug_write(code->fd, code->pending, code->pending_len) : 0;
    code->bytes += code->pending_len;
    code->pending_len = 0;
    return result;
}

static int add_text(struct code *code, const char *text, size_t len)
{
    if (code->pending_len + len > PENDING && flush(code) != 0)
        return -1;
    if (len > PENDING)
        return -1; /* a row is at most as long */
    memcpy(code->pending + code->pending_len, text, len);
    code->pending_len += len;
    return 0;
}

static int open_code(struct observations *o, struct code *code)
{
    code->fd = plug_memory_file();
    code->pending = malloc(PENDING);
    return code->fd >= 0 && code->pending != NULL ? add_text(code, o->header, strlen(o->header))
                                                  : -1;
}

/* A field as RFC 4180 writes it: in quotes where it has to be. */
static int add_field(struct code *code, const char *field)
{
    if (strpbrk(field, ",\"\r\n") == NULL)
        return add_text(code, field, strlen(field));
    int result = add_text(code, "\"", 1);
    for (; *field != '\0' && result == 0; field++)
        result = add_text(code, *field == '"' ? "\"\"" : field, *field == '"' ? 2 : 1);
    return result == 0 ? add_text(code, "\"", 1) : -1;
}

static int add_row(struct observations *o, struct code *code, const struct csv_row *row)
{
    int result = code->fd < 0 ? open_code(o, code) : 0;
    for (size_t i = 0; i < row->count && result == 0; i++) {
        result = i > 0 ? add_text(code, ",", 1) : 0;
        if (result == 0)
            result = add_field(code, row->fields[i]);
    }
    if (result == 0)
        result = add_text(code, "\r\n", 2);
    if (result != 0)
        plug_say(o->wrong, sizeof o->wrong, "no memory for the observations");
    code->rows++;
    return result;
}

/* -- reading ----------------------------------------------------------------------------------- */

static size_t column_of(const struct csv_row *row, const char *const *names)
{
    for (; *names != NULL; names++)
        for (size_t i = 0; i < row->count; i++)
            if (strncmp(row->fields[i], *names, strlen(*names)) == 0 &&
                strchr(":", row->fields[i][strlen(*names)]) != NULL) /* its end, or a label */
                return i;
    return row->count;
}

static int take_names(struct observations *o, const struct csv_row *row)
{
    static const char *const VALUE[] = {"OBS_VALUE", NULL};
    o->columns = row->count;
    o->status_column = column_of(row, STATUS_NAMES);
    o->embargo_column = column_of(row, EMBARGO_NAMES);
    if (column_of(row, VALUE) == row->count) {
        plug_say(o->wrong, sizeof o->wrong, "there is no column OBS_VALUE: it is no SDMX-CSV");
        return -1;
    }
    for (size_t i = 0; i < row->count; i++) {
        if (strpbrk(row->fields[i], ",\"\r\n") != NULL ||
            !plug_add(o->header, sizeof o->header, i > 0 ? "," : "") ||
            !plug_add(o->header, sizeof o->header, row->fields[i])) {
            plug_say(o->wrong, sizeof o->wrong, "the names of the columns are too long, or odd");
            return -1;
        }
    }
    plug_add(o->header, sizeof o->header, "\r\n");
    return 0;
}

/* "C: Confidential" is the code C. */
static void code_name(const struct observations *o, const struct csv_row *row, char name[CODE_ROOM])
{
    const char *text = o->status_column < row->count ? row->fields[o->status_column] : "";
    text += strspn(text, " ");
    int len = (int)strcspn(text, ":");
    snprintf(name, CODE_ROOM, "%.*s", len, text);
    trim_end(name);
    if (name[0] == '\0')
        plug_copy(name, CODE_ROOM, UNSTATED);
}

static struct code *code_of(struct observations *o, const char *name)
{
    for (unsigned i = 0; i < o->code_count; i++)
        if (strcmp(o->codes[i].name, name) == 0)
            return &o->codes[i];
    return NULL;
}

static void count_unknown(struct observations *o, const char *name)
{
    for (unsigned i = 0; i < o->unknown_count; i++)
        if (strcmp(o->unknown[i].name, name) == 0 || i == UNKNOWN_MOST - 1) {
            o->unknown[i].rows++;
            return;
        }
    struct unknown_code *unknown = &o->unknown[o->unknown_count++];
    plug_say(unknown->name, sizeof unknown->name, "%s", name);
    unknown->rows = 1;
}

/* false: there is one, and it cannot be read. */
static bool read_embargo(const struct observations *o, const struct csv_row *row, uint64_t *out_ms)
{
    const char *text = o->embargo_column < row->count ? row->fields[o->embargo_column] : "";
    *out_ms = plug_time_iso(text);
    return text[0] == '\0' || *out_ms != 0;
}

static int on_row(void *ctx, const struct csv_row *row)
{
    struct observations *o = ctx;
    char name[CODE_ROOM];
    uint64_t embargo_ms;
    if (row->number == 1)
        return take_names(o, row);
    if (row->count != o->columns) {
        plug_say(o->wrong, sizeof o->wrong, "a row has %zu fields, and there are %zu columns",
                 row->count, o->columns);
        return -1;
    }
    o->count++;
    code_name(o, row, name);
    struct code *code = code_of(o, name);
    if (code == NULL) {
        count_unknown(o, name);
        return 0;
    }
    if (!read_embargo(o, row, &embargo_ms)) {
        o->unreadable_embargo++;
        return 0;
    }
    if (embargo_ms > o->embargo_until_ms)
        o->embargo_until_ms = embargo_ms;
    o->handed_over++;
    return add_row(o, code, row);
}

void observations_begin(struct observations *o)
{
    for (unsigned i = 0; i < o->code_count; i++) {
        struct code *code = &o->codes[i];
        if (code->fd >= 0)
            close(code->fd);
        free(code->pending);
        code->pending = NULL;
        code->pending_len = 0;
        code->rows = code->bytes = 0;
        code->fd = -1;
    }
    o->header[0] = o->wrong[0] = '\0';
    o->columns = 0;
    o->count = o->handed_over = o->unreadable_embargo = o->embargo_until_ms = 0;
    o->unknown_count = 0;
    csv_init(&o->csv, on_row, o);
}

void observations_fini(struct observations *o)
{
    observations_begin(o);
    o->code_count = 0;
}

int observations_take(void *ctx, const void *bytes, size_t len)
{
    struct observations *o = ctx;
    return csv_take(&o->csv, bytes, len);
}

/* -- the end ----------------------------------------------------------------------------------- */

static void say_left_out(const struct observations *o, struct plug_answer *answer)
{
    char codes[PLUG_WHY] = "", one[64];
    for (unsigned i = 0; i < o->unknown_count; i++) {
        plug_say(one, sizeof one, "%s%s (%llu)", i > 0 ? ", " : "", o->unknown[i].name,
                 (unsigned long long)o->unknown[i].rows);
        plug_add(codes, sizeof codes, one);
    }
    answer->result = o->handed_over > 0 ? VLS_RESULT_PARTIAL : VLS_RESULT_REFUSED;
    if (o->unknown_count > 0)
        plug_say(answer->why, sizeof answer->why,
                 "not handed over: CONF_STATUS that setting labels does not name: %s", codes);
    else
        plug_say(answer->why, sizeof answer->why,
                 "not handed over: %llu observations whose embargo cannot be read",
                 (unsigned long long)o->unreadable_embargo);
}

void observations_end(struct observations *o, struct plug_answer *answer)
{
    char where[PLUG_WHERE];
    bool is_fine = csv_end(&o->csv) == 0 && o->wrong[0] == '\0';
    for (unsigned i = 0; i < o->code_count && is_fine; i++)
        is_fine = o->codes[i].fd < 0 || flush(&o->codes[i]) == 0;
    if (!is_fine || o->columns == 0) {
        snprintf(where, sizeof where, "row %llu", (unsigned long long)o->csv.row.number + 1);
        plug_malformed(answer, where, "%s",
                       o->wrong[0] != '\0'    ? o->wrong
                       : o->csv.wrong != NULL ? o->csv.wrong
                                              : "it is no SDMX-CSV");
    } else if (o->count == 0) {
        answer->result = VLS_RESULT_NOT_PUBLISHED;
        plug_say(answer->why, sizeof answer->why, "there are no observations");
    } else if (o->handed_over < o->count) {
        say_left_out(o, answer);
    } else {
        answer->result = VLS_RESULT_DELIVERED;
    }
}
