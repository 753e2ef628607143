/* valise log: what the gateway's logs say of themselves, and alarms about those of partners. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "client.h"
#include "evidence_out.h"
#include "log_commands.h"
#include "show.h"
#include "sub.h"

struct vls_status vls_log_question(struct cli *cli, Valise__OperatorLog *ask,
                                   struct client_answer *out, struct vls_why *why)
{
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_LOG;
    request.log = ask;
    return vls_client_ask(cli, &(struct client_question){.request = &request}, out, why);
}

static VLS_STATUS read_number(const char *text, const char *argument, uint64_t *out,
                              struct vls_why *why)
{
    char *end = NULL;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || number > INT64_MAX)
        return vls_cli_usage(why, argument, "'%.40s' is not a number", text);
    *out = number;
    return VLS_DONE;
}

/* -- entries of the internal log --------------------------------------------------------------- */

static bool is_words(ProtobufCBinaryData body)
{
    return body.len != 0 && vls_text_is_clean(VLS_SLICE(body.data, body.len), false);
}

/** Words as they are, digests in hexadecimal; an alarm has first the one, then the other. */
static void add_body(struct table *table, const Valise__InternalRow *row)
{
    struct vls_buf text VLS_DEFER(vls_buf_fini);
    char digest[2 * VLS_DIGEST_BYTES + 1] = "";
    size_t digest_len = is_words(row->body)                ? 0
                        : row->body.len < VLS_DIGEST_BYTES ? row->body.len
                                                           : VLS_DIGEST_BYTES;
    const ProtobufCBinaryData rest = {row->body.len - digest_len, row->body.data + digest_len};
    vls_buf_init(&text, VLS_MAX_INTERNAL + 2 * sizeof digest);
    vls_hex(VLS_SLICE(row->body.data, digest_len), digest);
    struct vls_status s = vls_buf_add_text(&text, digest);
    if (vls_ok(s) && is_words(rest))
        s = vls_buf_add_format(&text, "%s%.*s", digest_len > 0 ? " " : "", (int)rest.len,
                               (const char *)rest.data);
    vls_table_add(table, vls_ok(s) ? vls_buf_text(&text) : "");
}

static void add_entry(const struct cli *cli, struct table *table, const Valise__InternalRow *row)
{
    char id[VLS_ID_TEXT], at[VLS_TIME_TEXT];
    vls_show_id(row->id, id);
    if (cli->is_terminal && id[0] != '\0')
        id[18] = '\0'; /* as valise list shortens it */
    vls_time_for_people(row->at_ms, at);
    vls_table_add_format(table, "%llu", (unsigned long long)row->place);
    vls_table_add(table, at);
    vls_table_add(table, row->kind);
    vls_table_add(table, row->actor);
    vls_table_add(table, id);
    add_body(table, row);
}

static json_t *entry_json(const Valise__InternalRow *row)
{
    json_t *object = json_object();
    json_object_set_new(object, "entry", vls_json_number(row->place));
    json_object_set_new(object, "at", vls_json_time(row->at_ms));
    json_object_set_new(object, "kind", vls_json_text(row->kind));
    json_object_set_new(object, "actor", vls_json_text(row->actor));
    json_object_set_new(object, "id", vls_json_id(row->id));
    json_object_set_new(object, "body", vls_json_hex(row->body));
    json_object_set_new(object, "leaf", vls_json_hex(row->leaf));
    return object;
}

static VLS_STATUS list_pages(struct cli *cli, Valise__OperatorLog *ask, struct table *table,
                             struct vls_why *why)
{
    for (bool has_more = true; has_more;) {
        struct client_answer answer;
        struct vls_status status = VLS_DONE;
        VLS_TRY(vls_log_question(cli, ask, &answer, why));
        size_t count = answer.reply->n_entries;
        for (size_t i = 0; i < count && vls_ok(status); i++) {
            const Valise__InternalRow *row = answer.reply->entries[i];
            ask->from = row->place + 1;
            if (cli->is_json)
                status = vls_json_line(cli, entry_json(row), why);
            else
                add_entry(cli, table, row);
        }
        has_more = answer.reply->has_more && count > 0;
        vls_client_answer_fini(&answer);
        VLS_TRY(status);
    }
    return VLS_DONE;
}

static struct vls_status cmd_list(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    static const char *const TITLES[] = {">ENTRY", "AT", "KIND", "BY", "MESSAGE", "WHAT", NULL};
    uint8_t id[VLS_ID_BYTES];
    Valise__OperatorLog ask = VALISE__OPERATOR_LOG__INIT;
    const char *kind = vls_cli_value(args, "kind"), *message = vls_cli_value(args, "message");
    const char *from = vls_cli_value(args, "from");
    ask.verb = VALISE__OPERATOR_LOG__VERB__ENTRIES;
    if (kind != NULL)
        ask.kind = (char *)kind;
    if (message != NULL) {
        VLS_TRY(vls_cli_id(message, id, &ask.id.len, why));
        ask.id.data = id;
    }
    if (from != NULL)
        VLS_TRY(read_number(from, "--from", &ask.from, why));
    struct table table;
    vls_table_init(&table, TITLES);
    table.is_fitted = true;
    struct vls_status status = list_pages(cli, &ask, &table, why);
    if (vls_ok(status) && !cli->is_json && table.cell_count > 0)
        vls_table_print(cli, &table);
    else if (vls_ok(status) && !cli->is_json)
        fprintf(cli->err, "valise log: there is no such entry\n");
    vls_table_fini(&table);
    return status;
}

/* -- alarms ------------------------------------------------------------------------------------ */

static json_t *alarm_json(const Valise__AlarmRow *row)
{
    json_t *object = json_object();
    json_object_set_new(object, "alarm", vls_json_number(row->number));
    json_object_set_new(object, "party", vls_json_text(row->party));
    json_object_set_new(object, "kind", vls_json_text(row->kind));
    json_object_set_new(object, "log", vls_json_text(row->log));
    json_object_set_new(object, "raised", vls_json_time(row->raised_ms));
    json_object_set_new(object, "words", vls_json_text(row->words));
    json_object_set_new(object, "has_evidence", json_boolean(row->has_evidence));
    json_object_set_new(object, "closed", vls_json_time(row->closed_ms));
    json_object_set_new(object, "closed_by", vls_json_text(row->closed_by));
    json_object_set_new(object, "note", vls_json_text(row->note));
    return object;
}

static void add_alarm(struct table *table, const Valise__AlarmRow *row)
{
    char raised[VLS_TIME_TEXT];
    vls_time_for_people(row->raised_ms, raised);
    vls_table_add_format(table, "%llu", (unsigned long long)row->number);
    vls_table_add(table, row->party);
    vls_table_add(table, row->kind);
    vls_table_add(table, raised);
    vls_table_add_coloured(table, row->closed_ms == 0 ? "open" : "closed",
                           row->closed_ms == 0 ? TABLE_BAD : TABLE_PLAIN);
    vls_table_add_format(table, "%s%s%s", row->words, row->note[0] != '\0' ? "; closed: " : "",
                         row->note);
}

static struct vls_status cmd_alarms(struct cli *cli, const struct cli_args *args,
                                    struct vls_why *why)
{
    static const char *const TITLES[] = {">ALARM", "PARTY", "KIND", "RAISED",
                                         "STATE",  "WHAT",  NULL};
    Valise__OperatorLog ask = VALISE__OPERATOR_LOG__INIT;
    struct client_answer answer;
    const char *party = vls_cli_value(args, "party");
    ask.verb = VALISE__OPERATOR_LOG__VERB__ALARMS;
    ask.with_closed = vls_cli_has(args, "all");
    if (party != NULL)
        ask.party = (char *)party;
    VLS_TRY(vls_log_question(cli, &ask, &answer, why));
    struct table table;
    struct vls_status status = VLS_DONE;
    vls_table_init(&table, TITLES);
    for (size_t i = 0; i < answer.reply->n_alarms && vls_ok(status); i++) {
        if (cli->is_json)
            status = vls_json_line(cli, alarm_json(answer.reply->alarms[i]), why);
        else
            add_alarm(&table, answer.reply->alarms[i]);
    }
    if (vls_ok(status) && !cli->is_json && table.cell_count > 0)
        vls_table_print(cli, &table);
    else if (vls_ok(status) && !cli->is_json)
        fprintf(cli->err, "valise log: no alarm%s\n", ask.with_closed ? "" : " is open");
    vls_table_fini(&table);
    vls_client_answer_fini(&answer);
    return status;
}

/* file_write_fn */
static struct vls_status write_text(int fd, const void *ctx, struct vls_why *why)
{
    return vls_fd_write(fd, vls_slice_text(ctx), why);
}

static VLS_STATUS save_evidence(struct cli *cli, const struct cli_args *args,
                                const Valise__AlarmRow *row, struct vls_why *why)
{
    char name[64];
    const char *path = vls_cli_value(args, "output");
    if (row->evidence[0] == '\0')
        return vls_fail(VLS_STORE_MISSING, why,
                        "alarm %llu (%s) has no evidence: nothing that was signed shows it",
                        (unsigned long long)row->number, row->kind);
    snprintf(name, sizeof name, "alarm-%llu.fork", (unsigned long long)row->number);
    return vls_cli_save(cli, path != NULL ? path : name, write_text, row->evidence, why);
}

static struct vls_status cmd_evidence(struct cli *cli, const struct cli_args *args,
                                      struct vls_why *why)
{
    Valise__OperatorLog ask = VALISE__OPERATOR_LOG__INIT;
    struct client_answer answer;
    ask.verb = VALISE__OPERATOR_LOG__VERB__ALARMS;
    ask.with_closed = ask.with_evidence = true;
    ask.limit = 1;
    VLS_TRY(read_number(args->operands[1], "ALARM", &ask.from, why));
    VLS_TRY(vls_log_question(cli, &ask, &answer, why));
    struct vls_status status =
        answer.reply->n_alarms == 1 && answer.reply->alarms[0]->number == ask.from
            ? save_evidence(cli, args, answer.reply->alarms[0], why)
            : vls_fail(VLS_STORE_MISSING, why,
                       "there is no alarm %s; see 'valise log alarms --all'", args->operands[1]);
    vls_client_answer_fini(&answer);
    return status;
}

struct vls_status vls_log_each_state(struct cli *cli, log_state_fn fn, void *ctx,
                                     struct vls_why *why)
{
    Valise__OperatorLog ask = VALISE__OPERATOR_LOG__INIT;
    ask.verb = VALISE__OPERATOR_LOG__VERB__STATES;
    for (bool has_more = true; has_more; ask.from++) {
        struct client_answer answer;
        VLS_TRY(vls_log_question(cli, &ask, &answer, why));
        struct vls_status s = answer.reply->n_logs == 1
                                  ? fn(ctx, answer.reply->logs[0], why)
                                  : vls_fail(VLS_WIRE_MALFORMED, why, "the answer holds no log");
        has_more = answer.reply->has_more;
        vls_client_answer_fini(&answer);
        VLS_TRY(s);
    }
    return VLS_DONE;
}

struct vls_status vls_cmd_log(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    static const struct cli_sub SUBS[] = {
        {"list", "kind message from", 0, 0, "", cmd_list},
        {"alarms", "all party", 0, 0, "", cmd_alarms},
        {"evidence", "output", 1, 1, "ALARM", cmd_evidence},
        {"state", "", 0, 0, "", vls_log_state},
        {"keys", "", 0, 0, "", vls_log_keys},
        {"fsck", "", 0, 0, "", vls_log_fsck},
    };
    return vls_cli_sub(cli, args, SUBS, sizeof SUBS / sizeof SUBS[0], why);
}
