/* valise retention, valise erase: how long messages are kept, what keeps them longer, their end. */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "client.h"
#include "show.h"
#include "sub.h"

#define SHORT_ID 18 /* as valise list cuts it */

static VLS_STATUS note_of(const struct cli_args *args, Valise__OperatorRetention *in,
                          struct vls_why *why)
{
    const char *note = vls_cli_value(args, "note");
    if (note == NULL)
        return VLS_DONE;
    if (!vls_text_is_clean(vls_slice_text(note), false))
        return vls_cli_usage(why, "--note", "holds control characters; write one line of UTF-8");
    in->note = (char *)note;
    return VLS_DONE;
}

static VLS_STATUS ask(struct cli *cli, Valise__OperatorRetention *in, struct client_answer *out,
                      struct vls_why *why)
{
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_RETENTION;
    request.retention = in;
    return vls_client_ask(cli, &(struct client_question){.request = &request}, out, why);
}

/* -- messages ---------------------------------------------------------------------------------- */

static const char *const TITLES[] = {"ID",    "PARTNER",    "KIND", "LABEL", "STATE",
                                     "ENDED", "KEPT UNTIL", "WHY",  NULL};

static void add_why(struct table *table, const Valise__RetentionRow *row)
{
    if (row->erased_ms != 0)
        vls_table_add(table, row->row->reason);
    else if (row->hold[0] != '\0')
        vls_table_add_format(table, "held: %s", row->hold);
    else if (row->obstacle[0] != '\0')
        vls_table_add(table, row->obstacle);
    else
        vls_table_add(table, row->rule);
}

static void add_row(const struct cli *cli, struct table *table, const Valise__RetentionRow *row)
{
    char id[VLS_ID_TEXT], ended[VLS_TIME_TEXT], until[VLS_TIME_TEXT];
    vls_show_id(row->row->id, id);
    if (cli->is_terminal)
        id[SHORT_ID] = '\0';
    vls_time_for_people(row->ended_ms, ended);
    vls_time_for_people(row->until_ms, until);
    vls_table_add(table, id);
    vls_table_add(table, row->row->party);
    vls_table_add(table, row->row->kind);
    vls_table_add(table, row->row->label);
    vls_table_add_coloured(table, row->row->state, vls_state_colour(row->row->state));
    vls_table_add(table, ended);
    vls_table_add(table, row->erased_ms != 0 ? "erased" : row->until_ms == 0 ? "no rule" : until);
    add_why(table, row);
}

static json_t *row_json(const Valise__RetentionRow *row)
{
    json_t *object = vls_message_json(row->row);
    json_object_set_new(object, "ended", vls_json_time(row->ended_ms));
    json_object_set_new(object, "kept_until", vls_json_time(row->until_ms));
    json_object_set_new(object, "rule", vls_json_text(row->rule));
    json_object_set_new(object, "hold", vls_json_text(row->hold));
    json_object_set_new(object, "obstacle", vls_json_text(row->obstacle));
    json_object_set_new(object, "erased", vls_json_time(row->erased_ms));
    return object;
}

/** What is done with each page's rows; it may not keep them. */
typedef struct vls_status (*row_fn)(void *ctx, const Valise__RetentionRow *row,
                                    struct vls_why *why);

static VLS_STATUS each_message(struct cli *cli, Valise__OperatorRetention *in, row_fn fn, void *ctx,
                               struct vls_why *why)
{
    uint8_t next[VLS_ID_BYTES];
    in->verb = VALISE__OPERATOR_RETENTION__VERB__LIST;
    for (bool has_more = true; has_more;) {
        struct client_answer answer;
        VLS_TRY(ask(cli, in, &answer, why));
        struct vls_status status = VLS_DONE;
        for (size_t i = 0; i < answer.reply->n_retention && vls_ok(status); i++)
            status = answer.reply->retention[i]->row != NULL
                         ? fn(ctx, answer.reply->retention[i], why)
                         : vls_fail(VLS_WIRE_MALFORMED, why, "the gateway's answer has a bad row");
        has_more = answer.reply->next.len == VLS_ID_BYTES;
        if (has_more)
            vls_copy(next, answer.reply->next.data, VLS_ID_BYTES);
        vls_client_answer_fini(&answer);
        VLS_TRY(status);
        in->after = (ProtobufCBinaryData){VLS_ID_BYTES, next};
    }
    in->after = (ProtobufCBinaryData){0, NULL}; /* it pointed at what ends here */
    return VLS_DONE;
}

struct listing {
    struct cli *cli;
    struct table table;
};

static struct vls_status list_row(void *ctx, const Valise__RetentionRow *row, struct vls_why *why)
{
    struct listing *listing = ctx;
    if (listing->cli->is_json)
        return vls_json_line(listing->cli, row_json(row), why);
    add_row(listing->cli, &listing->table, row);
    return VLS_DONE;
}

static struct vls_status cmd_list(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    struct listing listing = {.cli = cli};
    Valise__OperatorRetention in = VALISE__OPERATOR_RETENTION__INIT;
    in.only_due = vls_cli_has(args, "due");
    if (vls_cli_value(args, "party") != NULL)
        in.party = (char *)vls_cli_value(args, "party");
    vls_table_init(&listing.table, TITLES);
    listing.table.is_fitted = true;
    struct vls_status status = each_message(cli, &in, list_row, &listing, why);
    if (vls_ok(status) && !cli->is_json) {
        if (listing.table.cell_count > 0)
            vls_table_print(cli, &listing.table);
        else
            fprintf(cli->err, "valise %s: no messages\n", cli->command);
    }
    vls_table_fini(&listing.table);
    return status;
}

/* -- erasing ----------------------------------------------------------------------------------- */

static VLS_STATUS erase(struct cli *cli, Valise__OperatorRetention *in, struct vls_why *why)
{
    struct client_answer answer;
    char id[VLS_ID_TEXT];
    in->verb = VALISE__OPERATOR_RETENTION__VERB__ERASE;
    VLS_TRY(ask(cli, in, &answer, why));
    struct vls_status status = VLS_DONE;
    for (size_t i = 0; i < answer.reply->n_retention && vls_ok(status); i++) {
        const Valise__RetentionRow *row = answer.reply->retention[i];
        if (row->row == NULL)
            continue;
        vls_show_id(row->row->id, id);
        if (cli->is_json)
            status = vls_json_line(cli, row_json(row), why);
        else
            fprintf(cli->out, "%s %s\n", id, row->row->reason);
    }
    vls_client_answer_fini(&answer);
    return status;
}

struct vls_status vls_cmd_erase(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    uint8_t bytes[VLS_ID_BYTES];
    size_t len = 0;
    Valise__OperatorRetention in = VALISE__OPERATOR_RETENTION__INIT;
    const char *note;
    VLS_TRY(vls_cli_need(args, "note", &note, why));
    VLS_TRY(note_of(args, &in, why));
    VLS_TRY(vls_cli_id(args->operands[0], bytes, &len, why));
    in.id = (ProtobufCBinaryData){len, bytes};
    in.is_early = vls_cli_has(args, "early");
    return erase(cli, &in, why);
}

/** Ids of what is due, before the first of them is erased. */
struct due {
    uint8_t (*ids)[VLS_ID_BYTES]; /* owned */
    size_t count, room;
};

static struct vls_status take_due(void *ctx, const Valise__RetentionRow *row, struct vls_why *why)
{
    struct due *due = ctx;
    if (row->row->id.len != VLS_ID_BYTES)
        return vls_fail(VLS_WIRE_MALFORMED, why, "the gateway's answer holds a bad id");
    if (due->count == due->room) {
        size_t room = due->room != 0 ? 2 * due->room : 64;
        void *grown = vls_mem_resize(due->ids, room * sizeof *due->ids);
        if (grown == NULL)
            return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for so many messages");
        due->ids = grown;
        due->room = room;
    }
    vls_copy(due->ids[due->count++], row->row->id.data, VLS_ID_BYTES);
    return VLS_DONE;
}

static struct vls_status cmd_apply(struct cli *cli, const struct cli_args *args,
                                   struct vls_why *why)
{
    struct due due = {NULL, 0, 0};
    Valise__OperatorRetention in = VALISE__OPERATOR_RETENTION__INIT;
    in.only_due = true;
    if (vls_cli_value(args, "party") != NULL)
        in.party = (char *)vls_cli_value(args, "party");
    struct vls_status status = note_of(args, &in, why);
    if (vls_ok(status))
        status = each_message(cli, &in, take_due, &due, why);
    in.is_by_rule = true;
    for (size_t i = 0; i < due.count && vls_ok(status); i++) {
        in.id = (ProtobufCBinaryData){VLS_ID_BYTES, due.ids[i]};
        status = erase(cli, &in, why);
    }
    if (vls_ok(status) && due.count == 0 && !cli->is_json)
        fprintf(cli->err, "valise %s: the time of no message is over\n", cli->command);
    vls_mem_free(due.ids);
    return status;
}

/* -- holds ------------------------------------------------------------------------------------- */

static const char *const HOLD_TITLES[] = {"HOLD", "MESSAGE",  "PARTNER", "KIND", "SINCE",
                                          "BY",   "RELEASED", "NOTE",    NULL};

static VLS_STATUS print_hold(struct cli *cli, const Valise__HoldRow *row, struct table *table,
                             struct vls_why *why)
{
    char id[VLS_ID_TEXT], since[VLS_TIME_TEXT], released[VLS_TIME_TEXT];
    if (cli->is_json) {
        json_t *object = json_object();
        json_object_set_new(object, "hold", vls_json_text(row->name));
        json_object_set_new(object, "id", vls_json_id(row->id));
        json_object_set_new(object, "party", vls_json_text(row->party));
        json_object_set_new(object, "kind", vls_json_text(row->kind));
        json_object_set_new(object, "since", vls_json_time(row->since_ms));
        json_object_set_new(object, "actor", vls_json_text(row->actor));
        json_object_set_new(object, "note", vls_json_text(row->note));
        json_object_set_new(object, "released", vls_json_time(row->released_ms));
        json_object_set_new(object, "released_by", vls_json_text(row->released_by));
        return vls_json_line(cli, object, why);
    }
    vls_show_id(row->id, id);
    vls_time_for_people(row->since_ms, since);
    vls_time_for_people(row->released_ms, released);
    vls_table_add(table, row->name);
    vls_table_add(table, row->id.len != 0 ? id : "all");
    vls_table_add(table, row->party[0] != '\0' ? row->party : "all");
    vls_table_add(table, row->kind[0] != '\0' ? row->kind : "all");
    vls_table_add(table, since);
    vls_table_add(table, row->actor);
    vls_table_add(table, released);
    vls_table_add(table, row->note);
    return VLS_DONE;
}

/** Ask, print the holds of the answer, and keep the name of the last. */
static VLS_STATUS ask_holds(struct cli *cli, Valise__OperatorRetention *in, struct table *table,
                            char last[VLS_MAX_NAME + 1], bool *out_has_more, struct vls_why *why)
{
    struct client_answer answer;
    VLS_TRY(ask(cli, in, &answer, why));
    struct vls_status status = VLS_DONE;
    for (size_t i = 0; i < answer.reply->n_holds && vls_ok(status); i++) {
        vls_text_copy(last, VLS_MAX_NAME + 1, answer.reply->holds[i]->name);
        status = print_hold(cli, answer.reply->holds[i], table, why);
    }
    *out_has_more = answer.reply->has_more && answer.reply->n_holds > 0;
    vls_client_answer_fini(&answer);
    return status;
}

static VLS_STATUS show_holds(struct cli *cli, Valise__OperatorRetention *in, struct vls_why *why)
{
    struct table table;
    char last[VLS_MAX_NAME + 1] = "";
    bool has_more = true;
    struct vls_status status = VLS_DONE;
    vls_table_init(&table, HOLD_TITLES);
    table.is_fitted = true;
    while (has_more && vls_ok(status)) {
        in->after_name = last;
        status = ask_holds(cli, in, &table, last, &has_more, why);
    }
    in->after_name = NULL; /* it pointed at what ends here */
    if (vls_ok(status) && !cli->is_json) {
        if (table.cell_count > 0)
            vls_table_print(cli, &table);
        else
            fprintf(cli->err, "valise %s: no holds\n", cli->command);
    }
    vls_table_fini(&table);
    return status;
}

static struct vls_status cmd_holds(struct cli *cli, const struct cli_args *args,
                                   struct vls_why *why)
{
    Valise__OperatorRetention in = VALISE__OPERATOR_RETENTION__INIT;
    in.verb = VALISE__OPERATOR_RETENTION__VERB__HOLDS;
    in.with_released = vls_cli_has(args, "all");
    return show_holds(cli, &in, why);
}

static struct vls_status cmd_hold(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    uint8_t bytes[VLS_ID_BYTES];
    size_t len = 0;
    Valise__OperatorRetention in = VALISE__OPERATOR_RETENTION__INIT;
    VLS_TRY(note_of(args, &in, why));
    in.verb = VALISE__OPERATOR_RETENTION__VERB__HOLD;
    in.name = (char *)args->operands[1];
    if (args->operand_count > 2) {
        VLS_TRY(vls_cli_id(args->operands[2], bytes, &len, why));
        in.id = (ProtobufCBinaryData){len, bytes};
    }
    if (vls_cli_value(args, "party") != NULL)
        in.party = (char *)vls_cli_value(args, "party");
    if (vls_cli_value(args, "kind") != NULL)
        in.kind = (char *)vls_cli_value(args, "kind");
    return show_holds(cli, &in, why);
}

static struct vls_status cmd_release(struct cli *cli, const struct cli_args *args,
                                     struct vls_why *why)
{
    Valise__OperatorRetention in = VALISE__OPERATOR_RETENTION__INIT;
    VLS_TRY(note_of(args, &in, why));
    in.verb = VALISE__OPERATOR_RETENTION__VERB__UNHOLD;
    in.name = (char *)args->operands[1];
    return show_holds(cli, &in, why);
}

static const struct cli_sub SUBS[] = {
    {"list", "due party", 0, 0, "", cmd_list},
    {"apply", "party note", 0, 0, "", cmd_apply},
    {"holds", "all", 0, 0, "", cmd_holds},
    {"hold", "party kind note", 1, 2, "NAME", cmd_hold},
    {"release", "note", 1, 1, "NAME", cmd_release},
};

struct vls_status vls_cmd_retention(struct cli *cli, const struct cli_args *args,
                                    struct vls_why *why)
{
    return vls_cli_sub(cli, args, SUBS, sizeof SUBS / sizeof SUBS[0], why);
}
