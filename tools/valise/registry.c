#include "registry.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "client.h"
#include "label/join.h"
#include "label/marking.h"
#include "labels.h"
#include "show.h"

/* -- rows -------------------------------------------------------------------------------------- */

static json_t *entry_json(const Valise__RegistryEntry *entry)
{
    json_t *object = json_object();
    json_object_set_new(object, "place", vls_json_number(entry->place));
    json_object_set_new(object, "at", vls_json_time(entry->at_ms));
    json_object_set_new(object, "kind", vls_json_text(entry->kind));
    json_object_set_new(object, "actor", vls_json_text(entry->actor));
    json_object_set_new(object, "words", vls_json_text(entry->words));
    return object;
}

static json_t *row_json(const Valise__RegistryRow *row)
{
    json_t *object = vls_message_json(row->row), *readers = json_array(), *entries = json_array();
    for (size_t i = 0; i < row->n_readers; i++)
        json_array_append_new(readers, vls_json_text(row->readers[i]));
    for (size_t i = 0; i < row->n_entries; i++)
        json_array_append_new(entries, entry_json(row->entries[i]));
    json_object_set_new(object, "receipted", vls_json_time(row->receipted_ms));
    json_object_set_new(object, "erased", vls_json_time(row->erased_ms));
    json_object_set_new(object, "readers", readers);
    json_object_set_new(object, "copies", json_integer(row->copies));
    json_object_set_new(object, "openings", json_integer(row->openings));
    json_object_set_new(object, "entries", entries);
    json_object_set_new(object, "entries_left_out", json_integer(row->left_out));
    return object;
}

/* -- the label of the whole -------------------------------------------------------------------- */

/** One join a scheme. */
struct joins {
    struct vls_scheme_set schemes;
    struct vls_label labels[VLS_LABEL_WORDS];
    size_t count;
};

static void joins_fini(struct joins *joins)
{
    for (size_t i = 0; i < joins->count; i++)
        vls_label_fini(&joins->labels[i]);
    vls_scheme_set_free(&joins->schemes);
}

static VLS_STATUS take_label(struct joins *joins, const struct vls_label *label,
                             struct vls_why *why)
{
    size_t at = 0;
    while (at < joins->count && joins->labels[at].scheme != label->scheme)
        at++;
    if (at == joins->count) {
        if (at == sizeof joins->labels / sizeof joins->labels[0])
            return vls_fail(VLS_INPUT_LIMIT, why, "labels of more than %zu schemes", at);
        VLS_TRY(vls_label_copy(label, &joins->labels[at]));
        joins->count++;
        return VLS_DONE;
    }
    struct vls_label both;
    VLS_TRY(vls_label_join(&joins->labels[at], label, &both, why));
    vls_label_fini(&joins->labels[at]);
    joins->labels[at] = both;
    return VLS_DONE;
}

/** What has no label that is understood has none to add; the row itself says so. */
static VLS_STATUS join_row(struct joins *joins, const char *text, struct vls_why *why)
{
    struct vls_label label VLS_DEFER(vls_label_fini) = {.scheme = NULL};
    struct vls_why reason;
    if (!vls_ok(vls_label_read_any(text, &joins->schemes, &label, &reason)))
        return VLS_DONE;
    return take_label(joins, &label, why);
}

static VLS_STATUS add_text(char *to, const char *text, struct vls_why *why)
{
    size_t used = strlen(to);
    int n = snprintf(to + used, REGISTRY_LABELS - used, "%s%s", used != 0 ? ", " : "", text);
    return n >= 0 && (size_t)n < REGISTRY_LABELS - used
               ? VLS_DONE
               : vls_fail(VLS_INPUT_LIMIT, why, "the label of the register is too long");
}

static VLS_STATUS write_labels(const struct joins *joins, struct registry *out, struct vls_why *why)
{
    for (size_t i = 0; i < joins->count; i++) {
        VLS_DEFER(vls_buf_fini) struct vls_buf text, marking;
        vls_buf_init(&text, VLS_MAX_LABEL_TEXT);
        vls_buf_init(&marking, VLS_MAX_MARKING);
        VLS_TRY(vls_label_text(&joins->labels[i], &text));
        VLS_TRY(vls_label_marking(&joins->labels[i], &marking));
        VLS_TRY(add_text(out->label, vls_buf_text(&text), why));
        VLS_TRY(add_text(out->marking, vls_buf_text(&marking), why));
    }
    for (size_t i = 0; i < json_array_size(out->rows); i++)
        json_object_set_new(json_array_get(out->rows, i), "registry_label",
                            vls_json_text(out->label));
    return VLS_DONE;
}

/* -- asking ------------------------------------------------------------------------------------ */

static VLS_STATUS take_page(const Valise__OperatorReply *reply, struct joins *joins,
                            struct registry *out, struct vls_why *why)
{
    for (size_t i = 0; i < reply->n_registry; i++) {
        const Valise__RegistryRow *row = reply->registry[i];
        if (row->row == NULL)
            return vls_fail(VLS_WIRE_MALFORMED, why, "the gateway's answer has a bad row");
        VLS_TRY(join_row(joins, row->row->label, why));
        json_array_append_new(out->rows, row_json(row));
    }
    return VLS_DONE;
}

static VLS_STATUS collect(struct cli *cli, Valise__OperatorRegistry *which, struct joins *joins,
                          struct registry *out, struct vls_why *why)
{
    uint8_t next[VLS_ID_BYTES];
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_REGISTRY;
    request.registry = which;
    struct vls_status status = VLS_DONE;
    for (bool has_more = true; has_more && vls_ok(status);) {
        struct client_answer answer;
        status = vls_client_ask(cli, &(struct client_question){.request = &request}, &answer, why);
        if (!vls_ok(status))
            break;
        status = take_page(answer.reply, joins, out, why);
        has_more = answer.reply->next.len == VLS_ID_BYTES;
        if (has_more)
            vls_copy(next, answer.reply->next.data, VLS_ID_BYTES);
        vls_client_answer_fini(&answer);
        which->after = (ProtobufCBinaryData){VLS_ID_BYTES, next};
    }
    which->after = (ProtobufCBinaryData){0, NULL}; /* it pointed at what ends here */
    return vls_ok(status) ? write_labels(joins, out, why) : status;
}

struct vls_status vls_registry_collect(struct cli *cli, Valise__OperatorRegistry *which,
                                       struct registry *out, struct vls_why *why)
{
    VLS_DEFER(joins_fini) struct joins joins = {.count = 0};
    *out = (struct registry){.rows = json_array()};
    struct vls_status status = vls_cli_schemes_of_config(cli, &joins.schemes, why);
    if (vls_ok(status))
        status = collect(cli, which, &joins, out, why);
    if (!vls_ok(status))
        vls_registry_fini(out);
    return status;
}

void vls_registry_fini(struct registry *registry)
{
    json_decref(registry->rows);
    registry->rows = NULL;
}

/* -- CSV --------------------------------------------------------------------------------------- */

static const char *const COLUMNS[] = {"registry_label", "id",     "direction", "party",   "body",
                                      "kind",           "label",  "subject",   "origin",  "created",
                                      "receipted",      "state",  "bytes",     "readers", "copies",
                                      "openings",       "erased", "entries"};
#define COLUMN_COUNT (sizeof COLUMNS / sizeof COLUMNS[0])

static VLS_STATUS add(struct vls_buf *out, const char *text)
{
    return vls_buf_add_slice(out, vls_slice_text(text));
}

static VLS_STATUS add_quoted(struct vls_buf *out, const char *text)
{
    VLS_TRY(add(out, strchr("=+-@\t\r", text[0]) != NULL && text[0] != '\0' ? "\"'" : "\""));
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"')
            VLS_TRY(add(out, "\""));
        VLS_TRY(vls_buf_add_slice(out, VLS_SLICE(c, 1)));
    }
    return add(out, "\"");
}

/** "12 opening uid:0 2026-11-23T18:45:01.123Z opened by an operator" */
static VLS_STATUS entry_text(const json_t *entry, struct vls_buf *out)
{
    char place[24];
    static const char *const PARTS[] = {"kind", "actor", "at", "words"};
    snprintf(place, sizeof place, "%" JSON_INTEGER_FORMAT,
             json_integer_value(json_object_get(entry, "place")));
    VLS_TRY(add(out, place));
    for (size_t i = 0; i < sizeof PARTS / sizeof PARTS[0]; i++) {
        const char *text = json_string_value(json_object_get(entry, PARTS[i]));
        if (text == NULL || text[0] == '\0')
            continue;
        VLS_TRY(add(out, " "));
        VLS_TRY(add(out, text));
    }
    return VLS_DONE;
}

static VLS_STATUS list_text(const json_t *list, struct vls_buf *out)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        if (i != 0)
            VLS_TRY(add(out, "; "));
        VLS_TRY(json_is_string(one) ? add(out, json_string_value(one)) : entry_text(one, out));
    }
    return VLS_DONE;
}

static VLS_STATUS add_field(struct vls_buf *out, const json_t *value)
{
    char number[24];
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    vls_buf_init(&text, REGISTRY_MAX_CSV);
    if (json_is_string(value))
        return add_quoted(out, json_string_value(value));
    if (json_is_integer(value)) {
        snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        return add_quoted(out, number);
    }
    VLS_TRY(list_text(value, &text)); /* null is an empty one */
    return add_quoted(out, vls_buf_text(&text));
}

static VLS_STATUS add_line(struct vls_buf *out, const json_t *row)
{
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        VLS_TRY(add(out, i != 0 ? "," : ""));
        VLS_TRY(row != NULL ? add_field(out, json_object_get(row, COLUMNS[i]))
                            : add_quoted(out, COLUMNS[i]));
    }
    return add(out, "\r\n");
}

struct vls_status vls_registry_csv(const struct registry *registry, struct vls_buf *out,
                                   struct vls_why *why)
{
    struct vls_status status = add_line(out, NULL);
    for (size_t i = 0; i < json_array_size(registry->rows) && vls_ok(status); i++)
        status = add_line(out, json_array_get(registry->rows, i));
    return vls_ok(status) ? status
                          : vls_fail(status.code, why, "the register is too large; ask for less");
}
