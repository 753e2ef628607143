#include "incidents.h"

#include <string.h>

#define MISSPELT "location_coodinates"
#define SPELT    "location_coordinates"

static struct incident_field *field_of(struct incidents *incidents, const char *name)
{
    for (unsigned i = 0; i < incidents->field_count; i++)
        if (strncmp(incidents->fields[i].name, name, INCIDENT_NAME - 1) == 0)
            return &incidents->fields[i];
    if (incidents->field_count == INCIDENT_FIELDS) {
        incidents->fields_left_out++;
        return NULL;
    }
    struct incident_field *field = &incidents->fields[incidents->field_count++];
    plug_copy(field->name, sizeof field->name, name);
    return field;
}

static bool is_unknown(const json_t *value)
{
    return json_is_null(value) || (json_is_string(value) && json_string_length(value) == 0);
}

static int on_row(void *ctx, json_t *row, uint64_t number)
{
    struct incidents *incidents = ctx;
    const char *name;
    json_t *value;
    (void)number;
    if (!json_is_object(row)) {
        plug_json_refuse(incidents->json, "an incident is no object");
        return -1;
    }
    incidents->count++;
    json_object_foreach(row, name, value)
    {
        struct incident_field *field = field_of(incidents, name);
        incidents->no_texts += !json_is_string(value);
        if (field == NULL)
            continue;
        field->present++;
        field->unknown += is_unknown(value);
    }
    incidents->is_misspelt = incidents->is_misspelt || json_object_get(row, MISSPELT) != NULL;
    incidents->without_place +=
        plug_json_text(row, MISSPELT)[0] == '\0' && plug_json_text(row, SPELT)[0] == '\0';
    return 0;
}

bool incidents_init(struct incidents *incidents)
{
    *incidents = (struct incidents){.count = 0};
    struct plug_json_options options = {.rows = "", .on_row = on_row, .ctx = incidents};
    incidents->json = plug_json_new(&options);
    return incidents->json != NULL;
}

void incidents_fini(struct incidents *incidents)
{
    plug_json_free(&incidents->json);
}

int incidents_take(void *ctx, const void *bytes, size_t len)
{
    struct incidents *incidents = ctx;
    return plug_json_feed(incidents->json, bytes, len);
}

void incidents_end(struct incidents *incidents, struct plug_answer *answer)
{
    if (plug_json_finish(incidents->json) != 0) {
        plug_malformed(answer, plug_json_where(incidents->json), "%s",
                       plug_json_why(incidents->json));
    } else if (!plug_json_has_rows(incidents->json)) {
        plug_malformed(answer, "byte 0", "it is no list of incidents");
    } else if (incidents->count == 0) {
        answer->result = VLS_RESULT_NOT_PUBLISHED;
        plug_say(answer->why, sizeof answer->why, "there are no incidents of that year yet");
    } else {
        answer->result = VLS_RESULT_DELIVERED;
    }
}
