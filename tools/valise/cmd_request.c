/* valise request: ask the partner for one document by its symbol, in a form that its gateway can
 * answer by itself. */
#include <string.h>

#include "base/file.h"
#include "client.h"
#include "envelope/asked.h"
#include "given.h"
#include "sent.h"

#define KIND "information-request"

/* Everything but the document, which fill_form() makes. */
struct request {
    struct vls_asked form; /* borrowed from the command line */
    char *topics[VLS_MAX_TOPICS];
    Valise__Submission submission;
};

static VLS_STATUS take_list(const struct cli_args *args, const char *option, size_t most,
                            char **out, size_t *out_count, struct vls_why *why)
{
    for (size_t i = 0; i < args->given_count; i++) {
        if (strcmp(args->given[i].option->name, option) != 0)
            continue;
        if (*out_count == most)
            return vls_fail(VLS_CLI_USAGE, why, "--%s: is given more than %zu times", option, most);
        out[(*out_count)++] = (char *)(uintptr_t)args->given[i].value;
    }
    return VLS_DONE;
}

static VLS_STATUS fill(struct cli *cli, const struct cli_args *args, struct request *r,
                       struct vls_why *why)
{
    Valise__Submission *out = &r->submission;
    const char *needed = NULL;
    VLS_TRY(vls_cli_need(args, "to", &needed, why));
    VLS_TRY(vls_cli_need(args, "label", &needed, why));
    VLS_TRY(vls_given_text(args, "to", VLS_MAX_PARTY, &out->to, why));
    VLS_TRY(vls_given_text(args, "label", VLS_MAX_LABEL_TEXT, &out->label, why));
    VLS_TRY(vls_given_text(args, "subject", VLS_MAX_SUBJECT, &out->subject, why));
    VLS_TRY(vls_given_text(args, "body", VLS_MAX_NAME, &out->body, why));
    VLS_TRY(vls_given_text(args, "conversation", VLS_MAX_NAME, &out->conversation, why));
    VLS_TRY(vls_given_text(args, "key", VLS_MAX_ORIGIN_KEY, &out->origin_key, why));
    VLS_TRY(vls_given_text(args, "issuer", VLS_MAX_PARTY, &r->form.issuer, why));
    VLS_TRY(vls_given_deadline(vls_cli_value(args, "deadline"), cli, &out->deadline_ms, why));
    VLS_TRY(take_list(args, "language", VLS_ASKED_MAX_LANGUAGES, r->form.languages,
                      &r->form.language_count, why));
    VLS_TRY(take_list(args, "topic", VLS_MAX_TOPICS, r->topics, &out->n_topics, why));
    out->topics = r->topics;
    out->kind = (char *)(uintptr_t)KIND;
    return VLS_DONE;
}

static VLS_STATUS ask(struct cli *cli, struct request *r, int fd, uint64_t bytes,
                      struct vls_why *why)
{
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    Valise__Part part = VALISE__PART__INIT, *parts[] = {&part};
    struct client_answer answer;
    part.name = (char *)(uintptr_t)VLS_ASKED_FILE;
    part.media_type = (char *)(uintptr_t)VLS_ASKED_MEDIA;
    part.bytes = bytes;
    r->submission.n_parts = 1;
    r->submission.parts = parts;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_SEND;
    request.send = &r->submission;
    const struct client_question question = {.request = &request, .fds = &fd, .fd_count = 1};
    VLS_TRY(vls_client_ask(cli, &question, &answer, why));
    struct vls_status status = vls_sent_print(cli, answer.reply->sent, why);
    vls_client_answer_fini(&answer);
    return status;
}

struct vls_status vls_cmd_request(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    struct request r = {
        .form = {.symbol = (char *)(uintptr_t)args->operands[0], .issuer = (char *)(uintptr_t) ""},
        .submission = VALISE__SUBMISSION__INIT};
    VLS_DEFER(vls_fd_close) int fd = -1;
    VLS_DEFER(vls_buf_fini) struct vls_buf json;
    vls_buf_init(&json, VLS_ASKED_MAX);
    VLS_TRY(fill(cli, args, &r, why));
    struct vls_status s = vls_asked_write(&r.form, &json, why);
    if (s.code == VLS_INPUT_MALFORMED || s.code == VLS_INPUT_LIMIT)
        s.code = VLS_CLI_USAGE;
    VLS_TRY(s);
    VLS_TRY(vls_fd_memory_of(VLS_ASKED_FILE, vls_buf_slice(&json), &fd, why));
    return ask(cli, &r, fd, json.len, why);
}
