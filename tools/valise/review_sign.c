/* Release, withhold, return: shown, signed with the officer's own key, handed in. */
#include <string.h>
#include <unistd.h>

#include "approval/signature.h"
#include "approval/statement.h"
#include "base/mem.h"
#include "base/text.h"
#include "review.h"

struct act {
    const char *name;
    uint8_t id[VLS_ID_BYTES];
    Valise__OperatorReview ask;
    struct vls_signer *signer; /* owned */
    bool is_yes;
};

/* -- arguments --------------------------------------------------------------------------------- */

/** A time, or how long from now: "90m", "12h", "2d". */
static VLS_STATUS read_valid(const struct cli *cli, const char *text, uint64_t *out_ms,
                             struct vls_why *why)
{
    static const struct {
        char unit;
        uint64_t ms;
    } UNITS[] = {{'m', 60000}, {'h', 3600000}, {'d', 86400000}};
    char digits[8];
    uint64_t count = 0;
    size_t len = strlen(text);
    if (vls_ok(vls_time_read(text, out_ms)))
        return VLS_DONE;
    if (len >= 2 && len <= sizeof digits) {
        vls_text_copy(digits, len, text);
        for (size_t i = 0; i < sizeof UNITS / sizeof UNITS[0]; i++)
            if (text[len - 1] == UNITS[i].unit && vls_ok(vls_number_read(digits, 1, 99999, &count)))
                *out_ms = vls_wall_ms(cli->env) / 1000 * 1000 + count * UNITS[i].ms;
    }
    if (count > 0)
        return VLS_DONE;
    return vls_cli_usage(why, "--valid",
                         "'%.40s' is neither a time such as 2027-01-31T12:00:00Z nor a span such "
                         "as 90m, 12h or 2d",
                         text);
}

static VLS_STATUS read_arguments(const struct cli *cli, const struct cli_args *args,
                                 struct act *act, struct vls_why *why)
{
    const char *note = vls_cli_value(args, "note"), *valid = vls_cli_value(args, "valid");
    VLS_TRY(vls_cli_id(args->operands[1], act->id, &act->ask.id.len, why));
    act->ask.id.data = act->id;
    act->ask.act = (char *)(uintptr_t)act->name;
    act->is_yes = vls_cli_has(args, "yes");
    if (note != NULL && !vls_text_is_clean(vls_slice_text(note), false))
        return vls_cli_usage(why, "--note", "holds control characters; write one line of UTF-8");
    if (note != NULL)
        act->ask.note = (char *)(uintptr_t)note;
    if (valid != NULL)
        VLS_TRY(read_valid(cli, valid, &act->ask.expires_ms, why));
    if (!act->is_yes && isatty(STDIN_FILENO) != 1)
        return vls_cli_usage(why, "--yes", "is needed where nobody can be asked at a terminal");
    return VLS_DONE;
}

static VLS_STATUS open_signer(const struct cli_args *args, struct act *act, struct vls_why *why)
{
    struct vls_signer_options options = {.certificate = vls_cli_value(args, "certificate"),
                                         .passphrase_file = vls_cli_value(args, "passphrase-file")};
    VLS_TRY(vls_cli_need(args, "key", &options.key, why));
    return vls_signer_open(&options, &act->signer, why);
}

/* -- asking the officer ------------------------------------------------------------------------ */

static void print_statement(const struct cli *cli, struct vls_slice statement)
{
    char *copy = vls_mem_text((const char *)statement.at, statement.len);
    for (char *line = copy, *end = NULL; *line != '\0'; line = end) {
        end = line + strcspn(line, "\n");
        if (*end != '\0')
            *end++ = '\0';
        char *visible = vls_review_visible(line);
        fprintf(cli->err, "  %s\n", visible);
        vls_mem_free(visible);
    }
    vls_mem_free(copy);
}

/** The gateway wrote the statement: it must be the one that was asked for. */
static VLS_STATUS check_statement(const struct act *act, const Valise__OperatorReply *reply,
                                  struct vls_why *why)
{
    struct vls_id id;
    if (reply->n_reviews != 1 || reply->reviews[0]->row == NULL ||
        !vls_ok(vls_id_from(
            VLS_SLICE(reply->reviews[0]->row->id.data, reply->reviews[0]->row->id.len), &id)) ||
        memcmp(id.bytes, act->id, act->ask.id.len) != 0)
        return vls_fail(VLS_WIRE_MALFORMED, why, "the gateway's answer is about another message");
    const Valise__Review *review = reply->reviews[0];
    return vls_statement_is(VLS_SLICE(review->statement.data, review->statement.len), act->name,
                            &id, act->ask.note, why);
}

/* -- handing in -------------------------------------------------------------------------------- */

static VLS_STATUS say_result(struct cli *cli, const Valise__OperatorReply *reply,
                             struct vls_why *why)
{
    char id[VLS_ID_TEXT];
    if (reply->n_reviews != 1 || reply->reviews[0]->row == NULL)
        return vls_fail(VLS_WIRE_MALFORMED, why, "the gateway's answer holds no message");
    if (cli->is_json)
        return vls_json_line(cli, vls_review_json(reply->reviews[0]), why);
    vls_show_id(reply->reviews[0]->row->id, id);
    char *reason = vls_review_visible(reply->reviews[0]->row->reason);
    fprintf(cli->out, "%s %s: %s\n", id, reply->reviews[0]->row->state, reason);
    vls_mem_free(reason);
    return VLS_DONE;
}

static VLS_STATUS sign_and_hand_in(struct cli *cli, struct act *act, const Valise__Review *review,
                                   struct vls_why *why)
{
    struct vls_buf signature VLS_DEFER(vls_buf_fini);
    struct client_answer answer;
    vls_buf_init(&signature, VLS_MAX_SIGNATURE);
    print_statement(cli, VLS_SLICE(review->statement.data, review->statement.len));
    if (!act->is_yes)
        VLS_TRY(vls_cli_agree_to_sign(cli, why));
    VLS_TRY(vls_signature_make(
        act->signer, VLS_SLICE(review->statement.data, review->statement.len), &signature, why));
    act->ask.id = review->row->id;
    act->ask.expires_ms = review->expires_ms;
    act->ask.statement = review->statement;
    act->ask.signature = (ProtobufCBinaryData){signature.len, signature.at};
    struct vls_status status = vls_review_ask(cli, &act->ask, &answer, why);
    act->ask.signature = (ProtobufCBinaryData){0, NULL}; /* it ends here */
    VLS_TRY(status);
    status = say_result(cli, answer.reply, why);
    vls_client_answer_fini(&answer);
    return status;
}

static VLS_STATUS perform(struct cli *cli, struct act *act, struct vls_why *why)
{
    struct client_answer answer;
    VLS_TRY(vls_review_ask(cli, &act->ask, &answer, why));
    struct vls_status status = check_statement(act, answer.reply, why);
    if (vls_ok(status))
        status = sign_and_hand_in(cli, act, answer.reply->reviews[0], why);
    vls_client_answer_fini(&answer);
    return status;
}

static VLS_STATUS run(struct cli *cli, const struct cli_args *args, const char *name,
                      struct vls_why *why)
{
    struct act act = {.name = name, .ask = VALISE__OPERATOR_REVIEW__INIT};
    VLS_TRY(read_arguments(cli, args, &act, why));
    struct vls_status status = open_signer(args, &act, why);
    if (vls_ok(status))
        status = perform(cli, &act, why);
    vls_signer_free(&act.signer);
    return status;
}

struct vls_status vls_review_release(struct cli *cli, const struct cli_args *args,
                                     struct vls_why *why)
{
    return run(cli, args, VLS_ACT_RELEASE, why);
}

struct vls_status vls_review_withhold(struct cli *cli, const struct cli_args *args,
                                      struct vls_why *why)
{
    return run(cli, args, VLS_ACT_WITHHOLD, why);
}

struct vls_status vls_review_return(struct cli *cli, const struct cli_args *args,
                                    struct vls_why *why)
{
    return run(cli, args, VLS_ACT_RETURN, why);
}
