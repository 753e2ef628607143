/* valise review: officers decide about messages that rules refer to them. */
#include "review.h"

#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "sub.h"

static const char *const TITLES[] = {"ID",    "SINCE",    "TO",    "KIND", "LABEL",
                                     "RULES", "OFFICERS", "UNTIL", NULL};

struct vls_status vls_review_ask(struct cli *cli, Valise__OperatorReview *review,
                                 struct client_answer *out, struct vls_why *why)
{
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_REVIEW;
    request.review = review;
    return vls_client_ask(cli, &(struct client_question){.request = &request}, out, why);
}

/* -- list -------------------------------------------------------------------------------------- */

/** "a, Article 13(2); b" */
static void add_rules(struct table *table, const Valise__Review *review)
{
    struct vls_buf text VLS_DEFER(vls_buf_fini);
    vls_buf_init(&text, 1024);
    struct vls_status s = VLS_DONE;
    for (size_t i = 0; i < review->n_rules && vls_ok(s); i++)
        s = vls_buf_add_format(&text, "%s%s", i > 0 ? "; " : "", review->rules[i]);
    vls_table_add(table, vls_buf_text(&text)); /* what does not fit is in show */
}

static void add_row(const struct cli *cli, struct table *table, const Valise__Review *review)
{
    const Valise__MessageRow *row = review->row;
    char id[VLS_ID_TEXT], since[VLS_TIME_TEXT], until[VLS_TIME_TEXT];
    vls_show_id(row->id, id);
    if (cli->is_terminal)
        id[18] = '\0'; /* as valise list shortens it */
    vls_time_for_people(row->created_ms, since);
    vls_time_for_people(vls_review_expires(review), until);
    vls_table_add(table, id);
    vls_table_add(table, since);
    vls_table_add_format(table, "%s%s%s", row->party, *row->body != '\0' ? ", " : "", row->body);
    vls_table_add(table, row->kind);
    vls_table_add(table, row->label);
    add_rules(table, review);
    vls_table_add_format(table, "%zu of %u", vls_review_had(review), review->needed);
    vls_table_add(table, until);
}

static VLS_STATUS take_page(struct cli *cli, const Valise__OperatorReply *reply,
                            struct table *table, uint8_t last[VLS_ID_BYTES], struct vls_why *why)
{
    for (size_t i = 0; i < reply->n_reviews; i++) {
        const Valise__MessageRow *row = reply->reviews[i]->row;
        if (row == NULL || row->id.len != VLS_ID_BYTES)
            return vls_fail(VLS_WIRE_MALFORMED, why, "the gateway's answer holds a bad id");
        vls_copy(last, row->id.data, VLS_ID_BYTES);
        if (cli->is_json)
            VLS_TRY(vls_json_line(cli, vls_review_json(reply->reviews[i]), why));
        else
            add_row(cli, table, reply->reviews[i]);
    }
    return VLS_DONE;
}

static VLS_STATUS list_pages(struct cli *cli, struct table *table, struct vls_why *why)
{
    uint8_t last[VLS_ID_BYTES];
    Valise__OperatorReview ask = VALISE__OPERATOR_REVIEW__INIT;
    for (bool has_more = true; has_more;) {
        struct client_answer answer;
        VLS_TRY(vls_review_ask(cli, &ask, &answer, why));
        struct vls_status status = take_page(cli, answer.reply, table, last, why);
        has_more = answer.reply->has_more && answer.reply->n_reviews > 0;
        vls_client_answer_fini(&answer);
        VLS_TRY(status);
        ask.before = (ProtobufCBinaryData){sizeof last, last};
    }
    return VLS_DONE;
}

static struct vls_status cmd_list(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    struct table table;
    (void)args;
    vls_table_init(&table, TITLES);
    table.is_fitted = true;
    struct vls_status status = list_pages(cli, &table, why);
    if (vls_ok(status) && !cli->is_json) {
        if (table.cell_count > 0)
            vls_table_print(cli, &table);
        else
            fprintf(cli->err, "valise review: nothing waits for an officer\n");
    }
    vls_table_fini(&table);
    return status;
}

/* -- show -------------------------------------------------------------------------------------- */

/** What one officer signed, as `openssl cms -verify` takes it. */
static VLS_STATUS write_one(const struct cli *cli, const char *dir,
                            const Valise__ReviewApproval *one, struct vls_why *why)
{
    const struct {
        const char *ending;
        ProtobufCBinaryData bytes;
    } files[] = {{"txt", one->statement}, {"p7s", one->signature}};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char name[VLS_MAX_NAME + 8], path[VLS_MAX_PATH];
        snprintf(name, sizeof name, "%s.%s", one->officer, files[i].ending);
        if (!vls_text_is_file_name(name))
            return vls_fail(VLS_WIRE_MALFORMED, why, "the name of an officer is no file name");
        VLS_TRY(vls_path_join(dir, name, path, sizeof path));
        VLS_TRY(
            vls_file_write(path, VLS_SLICE(files[i].bytes.data, files[i].bytes.len), 0600, why));
        fprintf(cli->err, "valise review: %s\n", path);
    }
    return VLS_DONE;
}

static VLS_STATUS write_signatures(const struct cli *cli, const char *dir,
                                   const Valise__Review *review, struct vls_why *why)
{
    if (dir == NULL)
        return VLS_DONE;
    VLS_TRY(vls_dir_make(dir, 0700, why));
    for (size_t i = 0; i < review->n_approvals; i++)
        VLS_TRY(write_one(cli, dir, review->approvals[i], why));
    return VLS_DONE;
}

static struct vls_status cmd_show(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    uint8_t id[VLS_ID_BYTES];
    Valise__OperatorReview ask = VALISE__OPERATOR_REVIEW__INIT;
    struct client_answer answer;
    VLS_TRY(vls_cli_id(args->operands[1], id, &ask.id.len, why));
    ask.id.data = id;
    ask.with_signatures = vls_cli_has(args, "output");
    VLS_TRY(vls_review_ask(cli, &ask, &answer, why));
    struct vls_status status = VLS_DONE;
    if (answer.reply->n_reviews != 1 || answer.reply->reviews[0]->row == NULL)
        status = vls_fail(VLS_WIRE_MALFORMED, why, "the gateway's answer holds no message");
    else if (cli->is_json)
        status = vls_json_line(cli, vls_review_json(answer.reply->reviews[0]), why);
    else
        vls_review_print(cli, answer.reply->reviews[0]);
    if (vls_ok(status))
        status =
            write_signatures(cli, vls_cli_value(args, "output"), answer.reply->reviews[0], why);
    vls_client_answer_fini(&answer);
    return status;
}

struct vls_status vls_cmd_review(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
#define SIGNING "key certificate passphrase-file note valid yes"
    static const struct cli_sub SUBS[] = {
        {"list", "", 0, 0, "", cmd_list},
        {"show", "output", 1, 1, "ID", cmd_show},
        {"release", SIGNING, 1, 1, "ID", vls_review_release},
        {"withhold", SIGNING, 1, 1, "ID", vls_review_withhold},
        {"return", SIGNING, 1, 1, "ID", vls_review_return},
    };
    return vls_cli_sub(cli, args, SUBS, sizeof SUBS / sizeof SUBS[0], why);
}
