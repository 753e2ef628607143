/* valise arrangement propose, approve, accept, status: versions and signatures on their way from
 * one gateway to the other, and what each has of them. */
#include <string.h>

#include "arrangement_commands.h"
#include "arrangement_life.h"
#include "base/file.h"
#include "base/text.h"
#include "show.h"

#define KEY_ROOM 128

/* -- documents to the other party -------------------------------------------------------------- */

/** The command line of valise send that carries them: the way of every message. */
static void add_option(struct cli_args *args, const struct cli_option *option, const char *value)
{
    args->given[args->given_count++] = (struct cli_given){option, value};
}

static VLS_STATUS send_documents(struct cli *cli, const struct cli_args *args,
                                 const struct cli_version *version, const char *kind,
                                 const char *own, struct vls_why *why)
{
    static const struct cli_option TO = {"to", 't', "PARTY"}, KIND = {"kind", 'k', "KIND"},
                                   LABEL = {"label", 'l', "LABEL"}, KEY = {"key", 'K', "KEY"},
                                   REPLY = {"in-reply-to", 'r', "ID"};
    struct cli_args send = {.operand_count = 0};
    char hex[2 * VLS_DIGEST_BYTES + 1], key[KEY_ROOM];
    const char *label = NULL, *to = NULL;
    VLS_TRY(vls_cli_need(args, "label", &label, why));
    for (size_t i = 0; i < version->party_count; i++) {
        if (strcmp(version->signatures[i].party, own) == 0)
            send.operands[send.operand_count++] = version->signatures[i].path;
        else
            to = version->signatures[i].party;
    }
    if (strcmp(kind, "arrangement-proposal") == 0)
        send.operands[send.operand_count++] = version->books.path;
    vls_hex(vls_digest_slice(vls_arrangement_digest(version->books.joint)), hex);
    snprintf(key, sizeof key, "%s:%s", kind, hex);
    add_option(&send, &TO, to);
    add_option(&send, &KIND, kind);
    add_option(&send, &LABEL, label);
    add_option(&send, &KEY, key);
    if (vls_cli_has(args, "in-reply-to"))
        add_option(&send, &REPLY, vls_cli_value(args, "in-reply-to"));
    return vls_cmd_send(cli, &send, why);
}

/** First to the own gateway, which checks everything and has it on disk; then to the partner. */
static VLS_STATUS hand_in_and_send(struct cli *cli, const struct cli_args *args, const char *kind,
                                   struct vls_why *why)
{
    char own[VLS_MAX_PARTY + 1];
    const char *label = NULL;
    struct client_answer answer;
    struct cli_version version VLS_DEFER(vls_cli_version_fini) = {.party_count = 0};
    VLS_TRY(vls_cli_need(args, "label", &label, why));
    VLS_TRY(vls_cli_own_party(cli, own, why));
    VLS_TRY(vls_cli_version_load(cli, args, args->operands[1], &version, why));
    if (version.party_count != 2)
        return vls_fail(VLS_POLICY_PARTY, why,
                        "%.100s has %zu parties; send it to each of them with valise send",
                        version.books.path, version.party_count);
    VLS_TRY(vls_cli_version_hand_in(cli, &version, own, &answer, why));
    vls_client_answer_fini(&answer);
    if (strcmp(kind, "arrangement-proposal") == 0 &&
        vls_arrangement_approve_by(version.books.joint) == 0)
        fprintf(cli->err, "valise arrangement: it gives no approve-by: if the partner never signs "
                          "it, no other version can follow\n");
    return send_documents(cli, args, &version, kind, own, why);
}

struct vls_status vls_arrangement_cmd_propose(struct cli *cli, const struct cli_args *args,
                                              struct vls_why *why)
{
    return hand_in_and_send(cli, args, "arrangement-proposal", why);
}

struct vls_status vls_arrangement_cmd_approve(struct cli *cli, const struct cli_args *args,
                                              struct vls_why *why)
{
    const char *id = NULL;
    VLS_TRY(vls_cli_need(args, "in-reply-to", &id, why));
    return hand_in_and_send(cli, args, "arrangement-approval", why);
}

struct vls_status vls_arrangement_cmd_accept(struct cli *cli, const struct cli_args *args,
                                             struct vls_why *why)
{
    struct client_answer answer;
    struct cli_version version VLS_DEFER(vls_cli_version_fini) = {.party_count = 0};
    VLS_TRY(vls_cli_version_load(cli, args, args->operands[1], &version, why));
    VLS_TRY(vls_cli_version_hand_in(cli, &version, NULL, &answer, why));
    struct vls_status status = vls_cli_versions_print(cli, answer.reply, why);
    vls_client_answer_fini(&answer);
    return status;
}

/* -- what there is ----------------------------------------------------------------------------- */

static VLS_STATUS ask(struct cli *cli, ProtobufCBinaryData digest, struct client_answer *out,
                      struct vls_why *why)
{
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    Valise__OperatorArrange arrange = VALISE__OPERATOR_ARRANGE__INIT;
    arrange.digest = digest;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_ARRANGE;
    request.arrange = &arrange;
    return vls_client_ask(cli, &(struct client_question){.request = &request}, out, why);
}

static const Valise__ArrangementRow *current_of(const Valise__OperatorReply *reply)
{
    for (size_t i = 0; i < reply->n_arrangements; i++)
        if (reply->arrangements[i]->is_current)
            return reply->arrangements[i];
    return NULL;
}

/** The bytes by which the gateway decides now: to compare the next version with. */
static VLS_STATUS write_current(struct cli *cli, const Valise__OperatorReply *reply,
                                const char *path, struct vls_why *why)
{
    const Valise__ArrangementRow *row = current_of(reply);
    struct vls_buf bytes VLS_DEFER(vls_buf_fini);
    struct client_answer answer;
    vls_buf_init(&bytes, VLS_MAX_ARRANGEMENT_FILE);
    if (row == NULL)
        return vls_fail(VLS_WIRE_MALFORMED, why, "the gateway names no version that decides");
    VLS_TRY(ask(cli, row->digest, &answer, why));
    struct vls_status status =
        answer.fds.count == 1
            ? vls_fd_read_all(answer.fds.fd[0], &bytes, why)
            : vls_fail(VLS_WIRE_MALFORMED, why, "the gateway's answer holds no file");
    vls_client_answer_fini(&answer);
    VLS_TRY(status);
    return vls_file_write(path, vls_buf_slice(&bytes), 0644, why);
}

struct vls_status vls_arrangement_cmd_status(struct cli *cli, const struct cli_args *args,
                                             struct vls_why *why)
{
    struct client_answer answer;
    const char *output = vls_cli_value(args, "output");
    VLS_TRY(ask(cli, (ProtobufCBinaryData){0, NULL}, &answer, why));
    struct vls_status status = vls_cli_versions_print(cli, answer.reply, why);
    if (vls_ok(status) && output != NULL)
        status = write_current(cli, answer.reply, output, why);
    vls_client_answer_fini(&answer);
    return status;
}
