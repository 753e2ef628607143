/* valise send: hand documents to the gateway, and say what became of them. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "about.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "client.h"
#include "given.h"
#include "labels.h"
#include "sent.h"
#include "show.h"

/** Every document of one message, opened before anything is said to the gateway. */
struct documents {
    int fds[VLS_MAX_PARTS];
    Valise__Part parts[VLS_MAX_PARTS];
    Valise__Part *list[VLS_MAX_PARTS];
    char *labels[VLS_MAX_PARTS]; /* owned */
    size_t count;
    uint64_t bytes;
};

static void close_documents(struct documents *documents)
{
    for (size_t i = 0; i < documents->count; i++)
        vls_fd_close(&documents->fds[i]);
    for (size_t i = 0; i < documents->count; i++)
        vls_mem_free(documents->labels[i]);
}

static VLS_STATUS open_document(struct documents *documents, const char *path, struct vls_why *why)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    if (!vls_text_is_file_name(name))
        return vls_cli_usage(why, path, "'%.60s' is not a name that can be sent; rename it", name);
    for (size_t i = 0; i < documents->count; i++)
        if (strcmp(documents->parts[i].name, name) == 0)
            return vls_cli_usage(why, path, "two documents have this name; rename one");
    VLS_DEFER(vls_fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return vls_fail_errno(VLS_CLI_USAGE, why, errno, "%.120s: cannot be opened", path);
    uint64_t size = 0;
    if (!vls_ok(vls_fd_size(fd, &size, NULL)))
        return vls_cli_usage(why, path, "is not a regular file");
    size_t at = documents->count++;
    documents->fds[at] = vls_fd_move(&fd);
    valise__part__init(&documents->parts[at]);
    documents->parts[at].name = (char *)name;
    documents->parts[at].bytes = size;
    documents->list[at] = &documents->parts[at];
    documents->bytes += size;
    return VLS_DONE;
}

/** That it is over is said, and is no reason to refuse: what was to be held back until then may be
 * sent now. */
static VLS_STATUS read_embargo(const char *text, struct cli *cli, uint64_t *out_ms,
                               struct vls_why *why)
{
    if (text == NULL)
        return VLS_DONE;
    if (!vls_ok(vls_time_read(text, out_ms)))
        return vls_cli_usage(why, "--embargo",
                             "'%.40s' is no time; write 2026-12-31 or 2026-12-31T12:00:00Z", text);
    if (*out_ms <= vls_wall_ms(cli->env))
        fprintf(cli->err, "valise send: --embargo: %.40s has passed, so it holds nothing back\n",
                text);
    return VLS_DONE;
}

/** Values of an option that may be given again and again. */
struct names {
    char *at[CLI_MAX_GIVEN];
    size_t count;
};

static VLS_STATUS read_names(const struct cli_args *args, const char *option, size_t most,
                             struct names *out, struct vls_why *why)
{
    for (size_t i = 0; i < args->given_count; i++) {
        const char *value = args->given[i].value;
        if (strcmp(args->given[i].option->name, option) != 0)
            continue;
        if (value[0] == '\0' || strlen(value) > VLS_MAX_NAME ||
            !vls_text_is_clean(vls_slice_text(value), false))
            return vls_fail(VLS_CLI_USAGE, why,
                            "--%s: is no name of 1 to %d bytes of UTF-8 on one line", option,
                            VLS_MAX_NAME);
        if (out->count == most)
            return vls_fail(VLS_CLI_USAGE, why, "--%s: is given more than %zu times", option, most);
        out->at[out->count++] = (char *)(uintptr_t)value;
    }
    return VLS_DONE;
}

/** How the message is to be handled. */
struct handling {
    struct names audience, topics;
};

static VLS_STATUS fill_handling(struct cli *cli, const struct cli_args *args,
                                struct handling *handling, Valise__Submission *out,
                                struct vls_why *why)
{
    VLS_TRY(vls_given_text(args, "distribution", VLS_MAX_NAME, &out->distribution, why));
    VLS_TRY(vls_given_text(args, "safeguards", VLS_MAX_SAFEGUARDS, &out->safeguards, why));
    VLS_TRY(vls_given_text(args, "state", VLS_MAX_NAME, &out->answer_state, why));
    VLS_TRY(read_embargo(vls_cli_value(args, "embargo"), cli, &out->embargo_until_ms, why));
    VLS_TRY(read_names(args, "audience", VLS_MAX_AUDIENCE, &handling->audience, why));
    VLS_TRY(read_names(args, "topic", VLS_MAX_TOPICS, &handling->topics, why));
    out->personal_data = vls_cli_has(args, "personal-data");
    out->audience = handling->audience.at;
    out->n_audience = handling->audience.count;
    out->topics = handling->topics.at;
    out->n_topics = handling->topics.count;
    return VLS_DONE;
}

static VLS_STATUS fill(const struct cli *cli, const struct cli_args *args, Valise__Submission *out,
                       uint8_t reply_to[VLS_ID_BYTES], struct vls_why *why)
{
    const char *needed = NULL;
    VLS_TRY(vls_cli_need(args, "to", &needed, why));
    VLS_TRY(vls_cli_need(args, "kind", &needed, why));
    VLS_TRY(vls_given_text(args, "to", VLS_MAX_PARTY, &out->to, why));
    VLS_TRY(vls_given_text(args, "kind", VLS_MAX_NAME, &out->kind, why));
    VLS_TRY(vls_given_text(args, "subject", VLS_MAX_SUBJECT, &out->subject, why));
    VLS_TRY(vls_given_text(args, "body", VLS_MAX_NAME, &out->body, why));
    VLS_TRY(vls_given_text(args, "conversation", VLS_MAX_NAME, &out->conversation, why));
    VLS_TRY(vls_given_text(args, "key", VLS_MAX_ORIGIN_KEY, &out->origin_key, why));
    VLS_TRY(vls_given_deadline(vls_cli_value(args, "deadline"), cli, &out->deadline_ms, why));
    const char *in_reply_to = vls_cli_value(args, "in-reply-to");
    if (in_reply_to != NULL) {
        size_t len = 0;
        VLS_TRY(vls_cli_id(in_reply_to, reply_to, &len, why));
        if (len != VLS_ID_BYTES)
            return vls_cli_usage(why, "--in-reply-to", "must be the whole id");
        out->in_reply_to = (ProtobufCBinaryData){len, reply_to};
    }
    return VLS_DONE;
}

/* -- media types ------------------------------------------------------------------------------- */

/** The document that a value NAME=... is about; NULL: it begins with no name. */
static Valise__Part *find_named(struct documents *documents, const char *value)
{
    for (size_t i = 0; i < documents->count; i++) {
        size_t len = strlen(documents->parts[i].name);
        if (strncmp(value, documents->parts[i].name, len) == 0 && value[len] == '=')
            return &documents->parts[i];
    }
    return NULL;
}

static VLS_STATUS read_media_types(const struct cli_args *args, struct documents *documents,
                                   struct vls_why *why)
{
    const char *of_others = NULL;
    for (size_t i = 0; i < args->given_count; i++) {
        const char *value = args->given[i].value;
        if (strcmp(args->given[i].option->name, "media-type") != 0)
            continue;
        Valise__Part *part = find_named(documents, value);
        const char *type = part != NULL ? value + strlen(part->name) + 1 : value;
        if (strchr(type, '/') == NULL || strlen(type) > VLS_MAX_MEDIA_TYPE)
            return vls_cli_usage(why, "--media-type",
                                 "'%.80s' is no media type such as application/pdf; write TYPE, or "
                                 "NAME=TYPE for the document NAME",
                                 type);
        if (part != NULL)
            part->media_type = (char *)(uintptr_t)type;
        else
            of_others = type;
    }
    for (size_t i = 0; i < documents->count && of_others != NULL; i++)
        if (documents->parts[i].media_type[0] == '\0')
            documents->parts[i].media_type = (char *)(uintptr_t)of_others;
    return VLS_DONE;
}

/* -- labels ------------------------------------------------------------------------------------ */

/** What a label says that goes to the gateway: as text, or in full. */
struct labelling {
    struct vls_scheme_set schemes; /* read when the first file is named */
    struct vls_buf der[1 + VLS_MAX_XML_SUCCESSORS];
    Valise__LabelDetails details[1 + VLS_MAX_XML_SUCCESSORS];
    Valise__LabelDetails *list[1 + VLS_MAX_XML_SUCCESSORS];
    size_t count;
    struct cli_label label; /* of the message */
    bool has_schemes;
};

static void end_labelling(struct labelling *l)
{
    for (size_t i = 0; i < 1 + VLS_MAX_XML_SUCCESSORS; i++)
        vls_buf_fini(&l->der[i]);
    vls_label_fini(&l->label.label);
    vls_scheme_set_free(&l->schemes);
}

/** Text needs no scheme here: the gateway knows its own. A file of such a name is one. */
static bool is_text(const char *what)
{
    return strchr(what, '/') != NULL && strcmp(what, "-") != 0 && access(what, F_OK) != 0;
}

static VLS_STATUS read_file(struct cli *cli, const struct cli_args *args, const char *what,
                            struct labelling *l, struct cli_label *out, struct vls_why *why)
{
    if (!l->has_schemes)
        VLS_TRY(vls_cli_schemes(cli, args, &l->schemes, why));
    l->has_schemes = true;
    return vls_cli_label(cli, what, &l->schemes, true, out, why);
}

static VLS_STATUS take_details(const struct vls_label *label, struct labelling *l,
                               struct vls_why *why)
{
    while (label != NULL) {
        size_t i = l->count;
        if (i > VLS_MAX_XML_SUCCESSORS)
            return vls_cli_usage(why, "--label", "more than %d labels succeed each other",
                                 VLS_MAX_XML_SUCCESSORS);
        Valise__LabelDetails *to = &l->details[i];
        const struct vls_label_details *d = label->details;
        valise__label_details__init(to);
        vls_buf_init(&l->der[i], VLS_MAX_LABEL);
        VLS_TRY(vls_label_encode(label, &l->der[i]));
        to->der = (ProtobufCBinaryData){l->der[i].len, l->der[i].at};
        label = NULL;
        if (d != NULL) {
            to->created_ms = d->created_ms;
            to->review_ms = d->review_ms;
            to->succession_ms = d->succession_ms;
            to->n_originators = d->originator_count;
            to->originators = d->originators;
            label = d->successor;
        }
        l->list[l->count++] = to;
    }
    return VLS_DONE;
}

static VLS_STATUS check_length(const char *option, const char *label, struct vls_why *why)
{
    if (strlen(label) > VLS_MAX_LABEL_TEXT)
        return vls_cli_usage(why, option, "is longer than %d bytes", VLS_MAX_LABEL_TEXT);
    return VLS_DONE;
}

static VLS_STATUS read_label(struct cli *cli, const struct cli_args *args, struct labelling *l,
                             Valise__Submission *out, struct vls_why *why)
{
    const char *what = vls_cli_value(args, "label");
    for (size_t i = 0; i < args->given_count; i++)
        if (strcmp(args->given[i].option->name, "label") == 0 &&
            strcmp(args->given[i].value, what) != 0)
            return vls_cli_usage(why, "--label", "is given twice, and the two disagree; give one");
    if (what == NULL)
        return VLS_DONE;
    VLS_TRY(vls_cli_need(args, "label", &what, why)); /* not empty either */
    if (is_text(what)) {
        out->label = (char *)(uintptr_t)what;
        return check_length("--label", what, why);
    }
    VLS_TRY(read_file(cli, args, what, l, &l->label, why));
    VLS_TRY(take_details(&l->label.label, l, why));
    out->full_label = l->list;
    out->n_full_label = l->count;
    return VLS_DONE;
}

/** A part's label is text; what a file says beyond that would be lost, so it is refused. */
static VLS_STATUS text_of_file(struct cli *cli, const struct cli_args *args, const char *what,
                               struct labelling *l, char **out, struct vls_why *why)
{
    VLS_DEFER(vls_buf_fini) struct vls_buf text;
    struct cli_label label = {.label = {.scheme = NULL}};
    vls_buf_init(&text, VLS_MAX_LABEL_TEXT);
    VLS_TRY(read_file(cli, args, what, l, &label, why));
    const struct vls_label_details *d = label.label.details;
    bool is_more =
        d != NULL && (d->privacy_mark != NULL || d->created_ms != 0 || d->review_ms != 0 ||
                      d->successor != NULL || d->originator_count != 0);
    struct vls_status s = vls_label_text(&label.label, &text);
    vls_label_fini(&label.label);
    if (is_more)
        return vls_cli_usage(why, "--part-label",
                             "%.80s says more than text can, such as a date; use it with --label, "
                             "or write the label as text",
                             what);
    VLS_TRY(s);
    *out = vls_mem_dup(vls_buf_text(&text));
    return VLS_DONE;
}

static VLS_STATUS take_part_label(struct cli *cli, const struct cli_args *args, const char *value,
                                  struct documents *documents, struct labelling *l,
                                  struct vls_why *why)
{
    const Valise__Part *part = find_named(documents, value);
    if (part == NULL)
        return vls_cli_usage(why, "--part-label",
                             "'%.80s' begins with no name of a document that is sent; write "
                             "NAME=LABEL",
                             value);
    size_t i = (size_t)(part - documents->parts);
    const char *what = value + strlen(part->name) + 1;
    char *label VLS_DEFER(vls_mem_freep) = NULL;
    if (is_text(what))
        label = vls_mem_dup(what);
    else
        VLS_TRY(text_of_file(cli, args, what, l, &label, why));
    VLS_TRY(check_length("--part-label", label, why));
    if (documents->labels[i] != NULL && strcmp(documents->labels[i], label) != 0)
        return vls_cli_usage(why, "--part-label", "two labels of %.80s disagree; give one",
                             documents->parts[i].name);
    vls_mem_free(documents->labels[i]);
    documents->labels[i] = label;
    documents->parts[i].label = label;
    label = NULL;
    return VLS_DONE;
}

static VLS_STATUS read_labels(struct cli *cli, const struct cli_args *args,
                              struct documents *documents, struct labelling *l,
                              Valise__Submission *out, struct vls_why *why)
{
    VLS_TRY(read_label(cli, args, l, out, why));
    for (size_t i = 0; i < args->given_count; i++)
        if (strcmp(args->given[i].option->name, "part-label") == 0)
            VLS_TRY(take_part_label(cli, args, args->given[i].value, documents, l, why));
    for (size_t i = 0; i < documents->count; i++)
        if (!vls_cli_has(args, "label") && documents->labels[i] == NULL)
            return vls_cli_usage(
                why, "--label", "is needed: %.80s has no label of its own, and there is no default",
                documents->parts[i].name);
    return VLS_DONE;
}

/* -- waiting ----------------------------------------------------------------------------------- */

/** How far the gateway is cannot be seen from here: it reads the documents without moving our
 * offsets. So a person is shown what is true: that it works, for how long, on how much. */
struct wait {
    struct cli *cli;
    uint64_t started_ms, bytes;
    bool has_shown;
};

static void show_wait(void *ctx)
{
    struct wait *wait = ctx;
    if (isatty(STDERR_FILENO) != 1)
        return;
    char size[TABLE_SIZE_TEXT];
    vls_size_text(wait->bytes, size);
    uint64_t seconds = (vls_steady_ms(wait->cli->env) - wait->started_ms) / 1000;
    fprintf(wait->cli->err, "\rsealing %s ... %" PRIu64 " s", size, seconds);
    fflush(wait->cli->err);
    wait->has_shown = true;
}

static void end_wait(struct wait *wait)
{
    if (wait->has_shown)
        fputs("\r\033[K", wait->cli->err);
}

/* -- the command ------------------------------------------------------------------------------- */

struct vls_status vls_cmd_send(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    uint8_t reply_to[VLS_ID_BYTES];
    Valise__Submission submission = VALISE__SUBMISSION__INIT;
    struct handling handling = {.audience = {.count = 0}};
    VLS_TRY(fill(cli, args, &submission, reply_to, why));
    VLS_TRY(fill_handling(cli, args, &handling, &submission, why));
    VLS_DEFER(close_documents) struct documents documents = {.count = 0};
    for (size_t i = 0; i < args->operand_count; i++)
        VLS_TRY(open_document(&documents, args->operands[i], why));
    VLS_TRY(read_media_types(args, &documents, why));
    VLS_DEFER(end_labelling) struct labelling labelling = {.has_schemes = false};
    VLS_TRY(read_labels(cli, args, &documents, &labelling, &submission, why));
    VLS_DEFER(vls_cli_abouts_end) struct cli_about about = {.count = 0};
    VLS_TRY(vls_cli_abouts(args, documents.list, documents.count, &about, why));
    submission.n_about = about.count;
    submission.about = about.at;
    vls_cli_fingerprints(documents.list, documents.fds, documents.count, &about);
    submission.n_fingerprints = about.print_count;
    submission.fingerprints = about.print_list;
    submission.n_parts = documents.count;
    submission.parts = documents.list;
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_SEND;
    request.send = &submission;
    struct wait wait = {
        .cli = cli, .started_ms = vls_steady_ms(cli->env), .bytes = documents.bytes};
    const struct client_question question = {.request = &request,
                                             .fds = documents.fds,
                                             .fd_count = documents.count,
                                             .on_wait = show_wait,
                                             .ctx = &wait};
    struct client_answer answer;
    struct vls_status status = vls_client_ask(cli, &question, &answer, why);
    end_wait(&wait);
    VLS_TRY(status);
    status = vls_sent_print(cli, answer.reply->sent, why);
    vls_client_answer_fini(&answer);
    return status;
}
