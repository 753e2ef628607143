/* valise distribution: received statements that go to all members of a body, the receipt of each
 * member, and the one certificate that lists them. */
#include "distribution.h"

#include <inttypes.h>
#include <string.h>

#include "base/digest.h"
#include "base/text.h"
#include "sent.h"
#include "show.h"
#include "sub.h"

struct vls_status vls_distribution_ask(struct cli *cli, Valise__OperatorDistribution *what,
                                       struct client_answer *out, struct vls_why *why)
{
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_DISTRIBUTION;
    request.distribution = what;
    return vls_client_ask(cli, &(struct client_question){.request = &request}, out, why);
}

struct vls_status vls_distribution_id(const struct cli_args *args, uint8_t id[VLS_ID_BYTES],
                                      Valise__OperatorDistribution *out, struct vls_why *why)
{
    size_t len = 0;
    VLS_TRY(vls_cli_id(args->operands[1], id, &len, why));
    out->id = (ProtobufCBinaryData){len, id};
    return VLS_DONE;
}

/* -- list -------------------------------------------------------------------------------------- */

/** "un/member-states, and names below it", "3 of 4", ... */
static void add_progress(struct table *table, const Valise__Distribution *d)
{
    if (d->is_list)
        vls_table_add_format(table, "%" PRIu64 " of a list", d->recorded);
    else
        vls_table_add_format(table, "%zu of %zu", d->n_members - d->n_missing, d->n_members);
}

static void add_row(struct table *table, const Valise__Distribution *d)
{
    char id[VLS_ID_TEXT], since[VLS_TIME_TEXT], due[VLS_TIME_TEXT];
    vls_show_id(d->id, id);
    vls_time_for_people(d->received_ms, since);
    vls_time_for_people(d->due_ms, due);
    vls_table_add(table, id);
    vls_table_add(table, d->party);
    vls_table_add(table, d->body);
    vls_table_add(table, since);
    vls_table_add(table, d->closed_ms != 0 ? "certified" : due);
    add_progress(table, d);
    vls_table_add(table, *d->certificate_state != '\0' ? d->certificate_state : "none");
}

static json_t *names_json(char *const *names, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, vls_json_text(names[i]));
    return list;
}

static json_t *statement_json(const Valise__Distribution *d)
{
    json_t *object = json_object();
    json_object_set_new(object, "what", json_string("statement"));
    json_object_set_new(object, "id", vls_json_id(d->id));
    json_object_set_new(object, "party", vls_json_text(d->party));
    json_object_set_new(object, "body", vls_json_text(d->body));
    json_object_set_new(object, "received", vls_json_time(d->received_ms));
    json_object_set_new(object, "due", vls_json_time(d->due_ms));
    json_object_set_new(object, "closed", vls_json_time(d->closed_ms));
    json_object_set_new(object, "manifest_digest", vls_json_hex(d->manifest_digest));
    json_object_set_new(object, "recorded", vls_json_number(d->recorded));
    json_object_set_new(object, "members", names_json(d->members, d->n_members));
    json_object_set_new(object, "missing", names_json(d->missing, d->n_missing));
    json_object_set_new(object, "is_list", json_boolean(d->is_list));
    json_object_set_new(object, "certificate", vls_json_id(d->certificate));
    json_object_set_new(object, "certificate_state", vls_json_text(d->certificate_state));
    return object;
}

static VLS_STATUS take_page(struct cli *cli, const Valise__OperatorReply *reply,
                            struct table *table, uint8_t last[VLS_ID_BYTES], struct vls_why *why)
{
    for (size_t i = 0; i < reply->n_distributions; i++) {
        const Valise__Distribution *d = reply->distributions[i];
        if (d->id.len != VLS_ID_BYTES)
            return vls_fail(VLS_WIRE_MALFORMED, why, "the gateway's answer holds a bad id");
        vls_copy(last, d->id.data, VLS_ID_BYTES);
        if (cli->is_json)
            VLS_TRY(vls_json_line(cli, statement_json(d), why));
        else
            add_row(table, d);
    }
    return VLS_DONE;
}

static VLS_STATUS list_pages(struct cli *cli, bool with_closed, struct table *table,
                             struct vls_why *why)
{
    uint8_t last[VLS_ID_BYTES];
    Valise__OperatorDistribution ask = VALISE__OPERATOR_DISTRIBUTION__INIT;
    ask.with_closed = with_closed;
    for (bool has_more = true; has_more;) {
        struct client_answer answer;
        VLS_TRY(vls_distribution_ask(cli, &ask, &answer, why));
        struct vls_status status = take_page(cli, answer.reply, table, last, why);
        has_more = answer.reply->has_more && answer.reply->n_distributions > 0;
        vls_client_answer_fini(&answer);
        VLS_TRY(status);
        ask.after = (ProtobufCBinaryData){sizeof last, last};
    }
    return VLS_DONE;
}

static struct vls_status cmd_list(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    static const char *const TITLES[] = {"ID",  "FROM",     "BODY",        "SINCE",
                                         "DUE", "RECEIPTS", "CERTIFICATE", NULL};
    struct table table;
    vls_table_init(&table, TITLES);
    table.is_fitted = true;
    struct vls_status status = list_pages(cli, vls_cli_has(args, "all"), &table, why);
    if (vls_ok(status) && !cli->is_json) {
        if (table.cell_count > 0)
            vls_table_print(cli, &table);
        else
            fprintf(cli->err, "valise distribution: no statement waits for its certificate\n");
    }
    vls_table_fini(&table);
    return status;
}

/* -- show -------------------------------------------------------------------------------------- */

static void print_names(struct cli *cli, const char *what, char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        vls_print_field(cli, i == 0 ? what : "", names[i]);
}

static VLS_STATUS print_statement(struct cli *cli, const Valise__Distribution *d,
                                  struct vls_why *why)
{
    char id[VLS_ID_TEXT], certificate[VLS_ID_TEXT],
        digest[2 * VLS_DIGEST_BYTES + 1] = "", since[VLS_TIME_TEXT], due[VLS_TIME_TEXT];
    if (cli->is_json)
        return vls_json_line(cli, statement_json(d), why);
    vls_show_id(d->id, id);
    vls_show_id(d->certificate, certificate);
    vls_time_for_people(d->received_ms, since);
    vls_time_for_people(d->due_ms, due);
    if (d->manifest_digest.len == VLS_DIGEST_BYTES)
        vls_hex(VLS_SLICE(d->manifest_digest.data, d->manifest_digest.len), digest);
    vls_print_field(cli, "id", id);
    vls_print_field(cli, "from", d->party);
    vls_print_field(cli, "body", d->body);
    vls_print_field(cli, "received", since);
    vls_print_field(cli, d->closed_ms != 0 ? "was due" : "due", due);
    vls_print_field(cli, "manifest", digest);
    print_names(cli, "members", d->members, d->n_members);
    print_names(cli, "missing", d->missing, d->n_missing);
    if (*certificate != '\0') {
        vls_print_field(cli, "certificate", certificate);
        vls_print_field(cli, "its state", d->certificate_state);
    }
    return VLS_DONE;
}

void vls_receipts_table(struct table *table)
{
    static const char *const TITLES[] = {"MEMBER", "RECEIVED", "REFERENCE", "RECORDED", NULL};
    vls_table_init(table, TITLES);
}

static json_t *receipt_json(const Valise__MemberReceipt *receipt)
{
    json_t *object = json_object();
    json_object_set_new(object, "what", json_string("receipt"));
    json_object_set_new(object, "member", vls_json_text(receipt->member));
    json_object_set_new(object, "received", vls_json_time(receipt->received_ms));
    json_object_set_new(object, "reference", vls_json_text(receipt->reference));
    json_object_set_new(object, "recorded_by", vls_json_text(receipt->actor));
    json_object_set_new(object, "was_known", json_boolean(receipt->was_known));
    return object;
}

struct vls_status vls_receipts_take(struct cli *cli, const Valise__Distribution *d,
                                    struct table *table, struct vls_why *why)
{
    char received[VLS_TIME_TEXT];
    for (size_t i = 0; i < d->n_receipts; i++) {
        const Valise__MemberReceipt *receipt = d->receipts[i];
        if (cli->is_json) {
            VLS_TRY(vls_json_line(cli, receipt_json(receipt), why));
            continue;
        }
        vls_time_for_people(receipt->received_ms, received);
        vls_table_add(table, receipt->member);
        vls_table_add(table, received);
        vls_table_add(table, receipt->reference);
        vls_table_add_format(table, "by %s%s", receipt->actor,
                             receipt->was_known ? ", before this" : "");
    }
    return VLS_DONE;
}

/** The statement, once, and a page of receipts. */
static VLS_STATUS take_shown(struct cli *cli, const Valise__OperatorReply *reply, bool is_first,
                             struct table *table, char last[VLS_MAX_NAME + 1], struct vls_why *why)
{
    if (reply->n_distributions != 1)
        return vls_fail(VLS_WIRE_MALFORMED, why, "the gateway's answer names no statement");
    const Valise__Distribution *d = reply->distributions[0];
    if (is_first)
        VLS_TRY(print_statement(cli, d, why));
    if (d->n_receipts > 0)
        vls_text_copy(last, VLS_MAX_NAME + 1, d->receipts[d->n_receipts - 1]->member);
    return vls_receipts_take(cli, d, table, why);
}

static VLS_STATUS show_pages(struct cli *cli, Valise__OperatorDistribution *ask,
                             struct table *table, struct vls_why *why)
{
    char last[VLS_MAX_NAME + 1] = "";
    bool is_first = true, has_more = true;
    while (has_more) {
        struct client_answer answer;
        ask->after_member = last;
        VLS_TRY(vls_distribution_ask(cli, ask, &answer, why));
        struct vls_status status = take_shown(cli, answer.reply, is_first, table, last, why);
        has_more = vls_ok(status) && answer.reply->has_more &&
                   answer.reply->distributions[0]->n_receipts > 0;
        is_first = false;
        vls_client_answer_fini(&answer);
        VLS_TRY(status);
    }
    return VLS_DONE;
}

static struct vls_status cmd_show(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    uint8_t id[VLS_ID_BYTES];
    struct table table;
    Valise__OperatorDistribution ask = VALISE__OPERATOR_DISTRIBUTION__INIT;
    VLS_TRY(vls_distribution_id(args, id, &ask, why));
    vls_receipts_table(&table);
    struct vls_status status = show_pages(cli, &ask, &table, why);
    if (vls_ok(status) && table.cell_count > 0) {
        fputc('\n', cli->out);
        vls_table_print(cli, &table);
    }
    vls_table_fini(&table);
    return status;
}

/* -- certify ----------------------------------------------------------------------------------- */

static struct vls_status cmd_certify(struct cli *cli, const struct cli_args *args,
                                     struct vls_why *why)
{
    uint8_t id[VLS_ID_BYTES];
    struct client_answer answer;
    const char *label = NULL, *expected = vls_cli_value(args, "expected");
    uint64_t count = 0;
    Valise__OperatorDistribution ask = VALISE__OPERATOR_DISTRIBUTION__INIT;
    VLS_TRY(vls_distribution_id(args, id, &ask, why));
    VLS_TRY(vls_cli_need(args, "label", &label, why));
    if (expected != NULL && !vls_ok(vls_number_read(expected, 1, UINT32_MAX, &count)))
        return vls_cli_usage(why, "--expected", "'%.40s' is no number of members", expected);
    ask.certify = true;
    ask.label = (char *)(uintptr_t)label;
    ask.expected = (uint32_t)count;
    VLS_TRY(vls_distribution_ask(cli, &ask, &answer, why));
    struct vls_status status = vls_sent_print(cli, answer.reply->sent, why);
    vls_client_answer_fini(&answer);
    return status;
}

static const struct cli_sub SUBS[] = {
    {"list", "all", 0, 0, "", cmd_list},
    {"show", "", 1, 1, "ID", cmd_show},
    {"record", "member reference received file", 1, 1, "ID", vls_distribution_cmd_record},
    {"certify", "label expected", 1, 1, "ID", cmd_certify},
};

struct vls_status vls_cmd_distribution(struct cli *cli, const struct cli_args *args,
                                       struct vls_why *why)
{
    return vls_cli_sub(cli, args, SUBS, sizeof SUBS / sizeof SUBS[0], why);
}
