#include "show.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#define LIKE_BYTES 1u /* of enum vls_like */

void vls_show_id(ProtobufCBinaryData bytes, char *out)
{
    struct vls_id id;
    out[0] = '\0';
    if (vls_ok(vls_id_from(VLS_SLICE(bytes.data, bytes.len), &id)))
        vls_id_text(&id, out);
}

enum table_colour vls_state_colour(const char *state)
{
    static const struct {
        const char *state;
        enum table_colour colour;
    } COLOURS[] = {
        {"quarantined", TABLE_BAD}, {"held", TABLE_BAD},        {"withheld", TABLE_BAD},
        {"referred", TABLE_WARN},   {"inspecting", TABLE_WARN}, {"uncertain", TABLE_WARN},
        {"deferred", TABLE_WARN},   {"returned", TABLE_BAD},    {"receipted", TABLE_GOOD},
        {"delivered", TABLE_GOOD},  {"released", TABLE_GOOD},
    };
    for (size_t i = 0; i < sizeof COLOURS / sizeof COLOURS[0]; i++)
        if (strcmp(COLOURS[i].state, state) == 0)
            return COLOURS[i].colour;
    return TABLE_PLAIN;
}

void vls_print_refused(struct cli *cli, const char *what, const char *words)
{
    const char *names[] = {what, vls_path_name(what)}; /* a long path is shortened */
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t len = strlen(names[i]);
        if (strncmp(words, names[i], len) != 0 || words[len] != ':')
            continue;
        size_t line = strspn(words + len + 1, "0123456789");
        const char *rest = words + len + 1 + line;
        bool has_line = line > 0 && *rest == ':';
        if (has_line)
            fprintf(cli->out, "%s:%.*s: refused: %s\n", what, (int)line, words + len + 1,
                    rest + 1 + strspn(rest + 1, " "));
        else
            fprintf(cli->out, "%s: refused: %s\n", what,
                    words + len + 1 + strspn(words + len + 1, " "));
        return;
    }
    fprintf(cli->out, "%s: refused: %s\n", what, words);
}

json_t *vls_json_time(uint64_t ms)
{
    char text[VLS_TIME_TEXT];
    if (ms == 0)
        return json_null();
    vls_time_text(ms, text);
    return json_string(text);
}

json_t *vls_json_id(ProtobufCBinaryData bytes)
{
    char text[VLS_ID_TEXT];
    vls_show_id(bytes, text);
    return *text != '\0' ? json_string(text) : json_null();
}

json_t *vls_json_hex(ProtobufCBinaryData bytes)
{
    char text[2 * VLS_ID_BYTES * 4 + 1];
    if (bytes.len == 0 || 2 * bytes.len >= sizeof text)
        return json_null();
    vls_hex(VLS_SLICE(bytes.data, bytes.len), text);
    return json_string(text);
}

json_t *vls_json_text(const char *text)
{
    json_t *string = json_string(text != NULL ? text : "");
    return string != NULL ? string : json_string("");
}

json_t *vls_json_number(uint64_t number)
{
    return json_integer(number <= INT64_MAX ? (json_int_t)number : INT64_MAX);
}

struct vls_status vls_json_line(struct cli *cli, json_t *object, struct vls_why *why)
{
    char *line = object != NULL ? json_dumps(object, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
    json_decref(object);
    if (line == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory to write JSON");
    fprintf(cli->out, "%s\n", line);
    free(line); /* of jansson, which takes it from the C library */
    return VLS_DONE;
}

json_t *vls_message_json(const Valise__MessageRow *row)
{
    json_t *object = json_object();
    json_object_set_new(object, "id", vls_json_id(row->id));
    json_object_set_new(object, "direction", vls_json_text(row->direction));
    json_object_set_new(object, "party", vls_json_text(row->party));
    json_object_set_new(object, "body", vls_json_text(row->body));
    json_object_set_new(object, "kind", vls_json_text(row->kind));
    json_object_set_new(object, "label", vls_json_text(row->label));
    json_object_set_new(object, "state", vls_json_text(row->state));
    json_object_set_new(object, "reason", vls_json_text(row->reason));
    json_object_set_new(object, "subject", vls_json_text(row->subject));
    json_object_set_new(object, "created", vls_json_time(row->created_ms));
    json_object_set_new(object, "changed", vls_json_time(row->changed_ms));
    json_object_set_new(object, "due", vls_json_time(row->due_ms));
    json_object_set_new(object, "attempts", json_integer(row->attempts));
    json_object_set_new(object, "bytes", vls_json_number(row->content_bytes));
    json_object_set_new(object, "origin", vls_json_text(row->origin));
    json_object_set_new(object, "duplicate_of",
                        vls_json_id(row->like_of.len != 0 ? row->like_of : row->duplicate_of));
    uint32_t like = row->like == 0 && row->duplicate_of.len != 0 ? LIKE_BYTES : row->like;
    json_object_set_new(object, "like", vls_json_text(vls_like_name(like)));
    json_object_set_new(object, "advice", vls_json_text(row->advice));
    return object;
}

const char *vls_like_name(uint32_t like)
{
    static const char *const NAMES[] = {"", "bytes", "identity", "text"};
    return NAMES[like < sizeof NAMES / sizeof NAMES[0] ? like : 0];
}

void vls_print_like(struct cli *cli, uint32_t like, ProtobufCBinaryData other, const char *advice)
{
    char id[VLS_ID_TEXT], text[VLS_ID_TEXT + 32];
    vls_show_id(other, id);
    snprintf(text, sizeof text, "%s, by %s", id, vls_like_name(like));
    if (*id != '\0' && like != 0)
        vls_print_field(cli, "duplicate of", text);
    if (advice[0] != '\0')
        vls_print_field(cli, "advice", advice);
}

void vls_message_print(struct cli *cli, const Valise__MessageRow *row)
{
    char id[VLS_ID_TEXT], time[VLS_TIME_TEXT], text[64], size[TABLE_SIZE_TEXT];
    vls_show_id(row->id, id);
    vls_print_field(cli, "id", id);
    vls_print_field(cli, "direction", strcmp(row->direction, "in") == 0 ? "received" : "sent");
    vls_print_field(cli, "partner", row->party);
    if (*row->body != '\0')
        vls_print_field(cli, "body", row->body);
    vls_print_field(cli, "kind", row->kind);
    vls_print_field(cli, "label", row->label);
    vls_print_field(cli, "state", row->state);
    vls_print_field(cli, "reason", row->reason);
    if (*row->subject != '\0')
        vls_print_field(cli, "subject", row->subject);
    vls_time_for_people(row->created_ms, time);
    vls_print_field(cli, "created", time);
    vls_time_for_people(row->changed_ms, time);
    vls_print_field(cli, "changed", time);
    if (row->due_ms != 0) {
        vls_time_for_people(row->due_ms, time);
        vls_print_field(cli, "tried next", time);
    }
    snprintf(text, sizeof text, "%" PRIu32, row->attempts);
    vls_print_field(cli, "attempts", text);
    vls_size_text(row->content_bytes, size);
    vls_print_field(cli, "sealed size", size);
    vls_print_field(cli, "from", row->origin);
    if (row->like != 0 || row->advice[0] != '\0')
        vls_print_like(cli, row->like, row->like_of, row->advice);
    else
        vls_print_like(cli, LIKE_BYTES, row->duplicate_of, "");
}
