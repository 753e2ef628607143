/* valise meter: what was exchanged, by direction and service, as expenses are shared by it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "client.h"
#include "show.h"

#define MONTH_TEXT 7 /* "2026-11" */

static const char *const TITLES[] = {"DIRECTION", "PARTNER",   "KIND",   "BODY",
                                     ">MESSAGES", ">CONTENTS", ">BYTES", NULL};

struct sum {
    uint64_t messages, bytes;
};

/** Both directions, each with its sum. */
struct totals {
    struct sum sent, received;
};

/** Where the next page goes on; its texts are owned. */
struct place {
    bool is_set, is_received;
    char party[VLS_MAX_PARTY + 1], kind[VLS_MAX_NAME + 1], body[VLS_MAX_NAME + 1];
};

/** "2026-11" as 202611; 0 when it was not given. */
static VLS_STATUS read_month(const struct cli_args *args, const char *option, uint32_t *out,
                             struct vls_why *why)
{
    const char *text = vls_cli_value(args, option);
    char name[16], year[5], month[3];
    uint64_t y, m;
    *out = 0;
    if (text == NULL)
        return VLS_DONE;
    snprintf(name, sizeof name, "--%s", option);
    if (strlen(text) != MONTH_TEXT || text[4] != '-')
        return vls_cli_usage(why, name, "'%.40s' is not a month; write it like 2026-11", text);
    vls_text_copy(year, sizeof year, text);
    vls_text_copy(month, sizeof month, text + 5);
    if (!vls_ok(vls_number_read(year, 1970, 9999, &y)) ||
        !vls_ok(vls_number_read(month, 1, 12, &m)))
        return vls_cli_usage(why, name, "'%.40s' is not a month; write it like 2026-11", text);
    *out = (uint32_t)(y * 100 + m);
    return VLS_DONE;
}

static VLS_STATUS read_which(const struct cli_args *args, Valise__OperatorMeter *out,
                             struct vls_why *why)
{
    VLS_TRY(read_month(args, "from", &out->from_month, why));
    VLS_TRY(read_month(args, "to", &out->to_month, why));
    if (out->to_month != 0 && out->from_month > out->to_month)
        return vls_cli_usage(why, "--to", "lies before --from; exchange them");
    if (vls_cli_value(args, "party") != NULL)
        out->party = (char *)vls_cli_value(args, "party");
    return VLS_DONE;
}

static const char *direction_of(const Valise__MeterRow *row)
{
    return row->is_received ? "in" : "out";
}

static json_t *row_json(const Valise__MeterRow *row)
{
    json_t *object = json_object();
    json_object_set_new(object, "direction", json_string(direction_of(row)));
    json_object_set_new(object, "party", vls_json_text(row->party));
    json_object_set_new(object, "kind", vls_json_text(row->kind));
    json_object_set_new(object, "body", vls_json_text(row->body));
    json_object_set_new(object, "messages", vls_json_number(row->messages));
    json_object_set_new(object, "bytes", vls_json_number(row->bytes));
    return object;
}

static void add_counts(struct table *table, uint64_t messages, uint64_t bytes)
{
    char size[TABLE_SIZE_TEXT];
    vls_size_text(bytes, size);
    vls_table_add_format(table, "%" PRIu64, messages);
    vls_table_add(table, size);
    vls_table_add_format(table, "%" PRIu64, bytes);
}

static void add_row(struct table *table, const Valise__MeterRow *row)
{
    vls_table_add(table, direction_of(row));
    vls_table_add(table, row->party);
    vls_table_add(table, row->kind);
    vls_table_add(table, row->body[0] != '\0' ? row->body : "-");
    add_counts(table, row->messages, row->bytes);
}

static void add_total(struct table *table, const char *direction, const struct sum *sum)
{
    vls_table_add(table, direction);
    vls_table_add(table, "total");
    vls_table_add(table, "");
    vls_table_add(table, "");
    add_counts(table, sum->messages, sum->bytes);
}

static VLS_STATUS take_page(struct cli *cli, const Valise__OperatorReply *reply,
                            struct table *table, struct totals *totals, struct place *last,
                            struct vls_why *why)
{
    for (size_t i = 0; i < reply->n_meter; i++) {
        const Valise__MeterRow *row = reply->meter[i];
        struct sum *sum = row->is_received ? &totals->received : &totals->sent;
        sum->messages += row->messages;
        sum->bytes += row->bytes;
        last->is_set = true;
        last->is_received = row->is_received;
        vls_text_copy(last->party, sizeof last->party, row->party);
        vls_text_copy(last->kind, sizeof last->kind, row->kind);
        vls_text_copy(last->body, sizeof last->body, row->body);
        if (cli->is_json)
            VLS_TRY(vls_json_line(cli, row_json(row), why));
        else
            add_row(table, row);
    }
    return VLS_DONE;
}

static VLS_STATUS show_pages(struct cli *cli, Valise__OperatorMeter *which, struct table *table,
                             struct totals *totals, struct vls_why *why)
{
    struct place last = {.is_set = false};
    Valise__MeterRow after = VALISE__METER_ROW__INIT;
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_METER;
    request.meter = which;
    after.party = last.party;
    after.kind = last.kind;
    after.body = last.body;
    for (bool has_more = true; has_more;) {
        struct client_answer answer;
        which->after = last.is_set ? &after : NULL;
        VLS_TRY(vls_client_ask(cli, &(struct client_question){.request = &request}, &answer, why));
        struct vls_status status = take_page(cli, answer.reply, table, totals, &last, why);
        has_more = answer.reply->has_more && answer.reply->n_meter > 0;
        after.is_received = last.is_received;
        vls_client_answer_fini(&answer);
        VLS_TRY(status);
    }
    which->after = NULL; /* it pointed at what ends here */
    return VLS_DONE;
}

struct vls_status vls_cmd_meter(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    Valise__OperatorMeter which = VALISE__OPERATOR_METER__INIT;
    struct totals totals = {.sent = {0, 0}};
    struct table table;
    VLS_TRY(read_which(args, &which, why));
    vls_table_init(&table, TITLES);
    struct vls_status status = show_pages(cli, &which, &table, &totals, why);
    if (vls_ok(status) && !cli->is_json) {
        if (table.cell_count > 0) {
            add_total(&table, "out", &totals.sent);
            add_total(&table, "in", &totals.received);
            vls_table_print(cli, &table);
        } else {
            fprintf(cli->err, "valise %s: nothing was exchanged\n", cli->command);
        }
    }
    vls_table_fini(&table);
    return status;
}
