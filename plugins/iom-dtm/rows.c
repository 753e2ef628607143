#include "rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNAVAILABLE     "Not available"
#define MESSAGES_SHOWN  3u
#define PLACE_TEXT      512u
#define PLACES_AT_FIRST 4096u

/* -- one row ----------------------------------------------------------------------------------- */

static void count_people(struct dtm_rows *rows, const json_t *row)
{
    const json_t *number = json_object_get(row, "numPresentIdpInd");
    if (json_is_string(number) && plug_json_number(row, "numPresentIdpInd", -1) >= 0)
        rows->number_as_text++;
    else if (!json_is_number(number))
        rows->without_number++;
    bool has_males = plug_json_number(row, "numberMales", -1) >= 0;
    if (!has_males && plug_json_number(row, "numberFemales", -1) < 0)
        rows->without_sex++;
}

static void count_origin(struct dtm_rows *rows, const json_t *row)
{
    const char *origin = plug_json_text(row, "idpOriginAdmin1Name");
    if (origin[0] == '\0' || strcmp(origin, UNAVAILABLE) == 0)
        rows->without_origin++;
}

static void count_assessment(struct dtm_rows *rows, const json_t *row)
{
    static const char *const KNOWN[] = {"BA", "SA", "ETT"};
    const char *type = plug_json_text(row, "assessmentType");
    for (size_t i = 0; i < sizeof KNOWN / sizeof KNOWN[0]; i++)
        if (strcmp(type, KNOWN[i]) == 0)
            return;
    rows->not_assessed_as_known++;
}

/* "2017-09-30T00:00:00" has no zone: the day is taken as it is written, for any conversion could
 * make another one of it. */
static void look_at_date(struct dtm_rows *rows, const json_t *row)
{
    char day[DTM_DATE];
    plug_copy(day, sizeof day, plug_json_text(row, "reportingDate"));
    if (plug_time_iso(day) == 0) {
        rows->without_date++;
        return;
    }
    if (rows->first[0] == '\0' || strcmp(day, rows->first) < 0)
        plug_copy(rows->first, sizeof rows->first, day);
    if (strcmp(day, rows->last) > 0)
        plug_copy(rows->last, sizeof rows->last, day);
}

static void look_at_round(struct dtm_rows *rows, const json_t *row)
{
    int64_t round = plug_json_number(row, "roundNumber", 0);
    if (round <= 0)
        return;
    if (rows->first_round == 0 || round < rows->first_round)
        rows->first_round = round;
    if (round > rows->last_round)
        rows->last_round = round;
}

static void look_at_names(struct dtm_rows *rows, const json_t *row)
{
    const char *operation = plug_json_text(row, "operation");
    if (rows->country[0] == '\0')
        plug_copy(rows->country, sizeof rows->country, plug_json_text(row, "admin0Name"));
    if (operation[0] == '\0')
        return;
    unsigned kept = rows->operation_count < DTM_OPERATION ? rows->operation_count : DTM_OPERATION;
    for (unsigned i = 0; i < kept; i++)
        if (strncmp(rows->operations[i], operation, DTM_NAME - 1) == 0)
            return;
    if (kept < DTM_OPERATION)
        plug_copy(rows->operations[kept], DTM_NAME, operation);
    rows->operation_count++;
}

static void remember_place(struct dtm_rows *rows, const json_t *row)
{
    static const char *const NAMES[] = {"operation", "admin0Pcode", "admin1Pcode", "admin2Pcode",
                                        "reportingDate"};
    char text[PLACE_TEXT] = "";
    if (rows->place_count == DTM_PLACES)
        return;
    if (rows->place_count == rows->place_room) {
        size_t room = rows->place_room != 0 ? 2 * rows->place_room : PLACES_AT_FIRST;
        uint64_t *places = realloc(rows->places, room * sizeof *places);
        if (places == NULL)
            return;
        rows->places = places;
        rows->place_room = room;
    }
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        plug_add(text, sizeof text, plug_json_text(row, NAMES[i]));
        plug_add(text, sizeof text, "\n");
    }
    rows->places[rows->place_count++] = plug_mark(text);
}

static int on_row(void *ctx, json_t *row, uint64_t number)
{
    struct dtm_rows *rows = ctx;
    (void)number;
    if (!json_is_object(row)) {
        plug_json_refuse(rows->json, "a row is no object");
        return -1;
    }
    rows->count++;
    count_people(rows, row);
    count_origin(rows, row);
    count_assessment(rows, row);
    look_at_date(rows, row);
    look_at_round(rows, row);
    look_at_names(rows, row);
    remember_place(rows, row);
    return 0;
}

/* -- the answer -------------------------------------------------------------------------------- */

bool dtm_rows_init(struct dtm_rows *rows)
{
    *rows = (struct dtm_rows){.count = 0};
    struct plug_json_options options = {.rows = "result", .on_row = on_row, .ctx = rows};
    rows->json = plug_json_new(&options);
    return rows->json != NULL;
}

void dtm_rows_fini(struct dtm_rows *rows)
{
    plug_json_free(&rows->json);
    free(rows->places);
    rows->places = NULL;
    rows->place_count = rows->place_room = 0;
}

int dtm_rows_take(void *ctx, const void *bytes, size_t len)
{
    struct dtm_rows *rows = ctx;
    return plug_json_feed(rows->json, bytes, len);
}

static bool says(const json_t *envelope, const char *name, bool wanted)
{
    const json_t *value = json_object_get(envelope, name);
    if (json_is_string(value))
        return strcmp(json_string_value(value), wanted ? "true" : "false") == 0;
    return wanted ? json_is_true(value) : json_is_false(value);
}

/* What they say, in a list or in one text. */
static void messages_of(const json_t *envelope, char words[PLUG_WHY])
{
    const json_t *messages = json_object_get(envelope, "errorMessages");
    words[0] = '\0';
    if (json_is_string(messages))
        plug_say(words, PLUG_WHY, "%s", json_string_value(messages));
    for (size_t i = 0; i < json_array_size(messages) && i < MESSAGES_SHOWN; i++) {
        const char *message = json_string_value(json_array_get(messages, i));
        if (i > 0)
            plug_add(words, PLUG_WHY, "; ");
        plug_add(words, PLUG_WHY, message != NULL ? message : "(no text)");
    }
}

/* isSuccess: false comes with status 200: it has no data under that question. */
static void refuse(struct plug_answer *answer, const json_t *envelope)
{
    char words[PLUG_WHY];
    messages_of(envelope, words);
    bool is_key =
        strstr(words, "subscription key") != NULL || strstr(words, "Access denied") != NULL;
    answer->result = is_key ? VLS_RESULT_NEEDS_KEY : VLS_RESULT_NOT_FOUND;
    plug_say(answer->why, sizeof answer->why, "DTM answers isSuccess: false: %s",
             words[0] != '\0' ? words : "without a message");
}

/* HNA: rows within the envelope, a page of 100. */
static const json_t *inner_of(struct dtm_rows *rows, const json_t *envelope, bool *out_more)
{
    const json_t *data = plug_json_at(envelope, "result.result.data");
    size_t i;
    json_t *row;
    *out_more = json_is_true(plug_json_at(envelope, "result.result.pagination.hasNextPage"));
    if (!json_is_array(data))
        return NULL;
    json_array_foreach(data, i, row) if (on_row(rows, row, i) != 0) return NULL;
    return json_object_get(envelope, "result");
}

static void check_count(const struct dtm_rows *rows, const json_t *outer,
                        struct plug_answer *answer)
{
    int64_t total = plug_json_number(outer, "totalRecordsCount", -1);
    answer->result = rows->count > 0 ? VLS_RESULT_DELIVERED : VLS_RESULT_NOT_PUBLISHED;
    if (rows->count == 0)
        plug_say(answer->why, sizeof answer->why, "there are no rows yet");
    if (total < 0 || (uint64_t)total == rows->count)
        return;
    if ((uint64_t)total < rows->count)
        return; /* more than they say: nothing is missing */
    plug_malformed(answer, "totalRecordsCount", "%llu rows came of %lld that it states",
                   (unsigned long long)rows->count, (long long)total);
}

void dtm_rows_end(struct dtm_rows *rows, struct plug_answer *answer)
{
    bool has_more = false;
    if (plug_json_finish(rows->json) != 0) {
        plug_malformed(answer, plug_json_where(rows->json), "%s", plug_json_why(rows->json));
        return;
    }
    const json_t *outer = plug_json_envelope(rows->json);
    if (json_is_object(json_object_get(outer, "result")) &&
        json_object_get(json_object_get(outer, "result"), "isSuccess") != NULL)
        outer = inner_of(rows, outer, &has_more);
    if (says(outer, "isSuccess", false)) {
        refuse(answer, outer);
        return;
    }
    bool has_rows = plug_json_has_rows(rows->json) || rows->count > 0 ||
                    (outer != NULL && outer != plug_json_envelope(rows->json));
    if (!has_rows || !says(outer, "isSuccess", true)) {
        plug_malformed(answer, "the envelope", "it has no %s: this is no answer of DTM",
                       has_rows ? "isSuccess" : "result");
        return;
    }
    check_count(rows, outer, answer);
    if (has_more && answer->result == VLS_RESULT_DELIVERED) {
        const json_t *pages =
            plug_json_at(plug_json_envelope(rows->json), "result.result.pagination");
        int64_t total = plug_json_number(pages, "totalItems", 0);
        rows->total = total > (int64_t)rows->count ? (uint64_t)total : rows->count + 1;
        answer->result = VLS_RESULT_PARTIAL;
        plug_say(answer->why, sizeof answer->why, "a first page of %llu rows; there are more",
                 (unsigned long long)rows->count);
    }
}

static int order(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

uint64_t dtm_rows_repeated(struct dtm_rows *rows)
{
    uint64_t repeated = 0;
    if (rows->place_count == 0)
        return 0;
    qsort(rows->places, rows->place_count, sizeof *rows->places, order);
    for (size_t i = 1; i < rows->place_count; i++)
        repeated += rows->places[i] == rows->places[i - 1];
    return repeated;
}
