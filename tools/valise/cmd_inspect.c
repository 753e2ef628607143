/* valise inspect: what a parcel says on its outside. Content is sealed and stays so. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "client.h"
#include "envelope/manifest.h"
#include "envelope/parcel.h"
#include "label/marking.h"
#include "label/xml4774_label.h"
#include "label/xml4774_lenient.h"
#include "label_show.h"
#include "labels.h"
#include "ledger/note.h"
#include "show.h"

#define HEX_ROOM (2 * VLS_DIGEST_BYTES + 1)

static struct vls_slice slice_of(ProtobufCBinaryData bytes)
{
    return VLS_SLICE(bytes.data, bytes.len);
}

/* -- label ------------------------------------------------------------------------------------- */

struct label_text {
    char text[2 * VLS_MAX_NAME + 2];
    char marking[2 * VLS_MAX_NAME + 2];
};

static VLS_STATUS decode_label(const struct vls_scheme_set *schemes, struct vls_slice der,
                               struct label_text *out, struct vls_why *why)
{
    struct vls_label label VLS_DEFER(vls_label_fini) = {.scheme = NULL};
    VLS_TRY(vls_label_decode(der, schemes, &label, why));
    char *text = vls_label_show_text(&label);
    char *marking = vls_label_show_marking(&label, VLS_MARK_PAGE_TOP, NULL);
    vls_text_copy(out->text, sizeof out->text, text);
    vls_text_copy(out->marking, sizeof out->marking, marking);
    vls_mem_free(text);
    vls_mem_free(marking);
    return VLS_DONE;
}

/** A label is read with the schemes of the command line, the configuration or the program; one of
 * another scheme is shown as not understood, which is no failure here. */
static void read_label(struct cli *cli, const struct cli_args *args, struct vls_slice der,
                       struct label_text *out)
{
    struct vls_scheme_set schemes VLS_DEFER(vls_scheme_set_free) = {.count = 0};
    struct vls_why why = {""};
    struct vls_status status = vls_cli_has(args, "scheme")
                                   ? vls_cli_schemes(cli, args, &schemes, &why)
                                   : vls_cli_schemes_of_config(cli, &schemes, &why);
    if (vls_ok(status))
        status = decode_label(&schemes, der, out, &why);
    if (!vls_ok(status)) {
        out->text[0] = '\0';
        snprintf(out->marking, sizeof out->marking, "not understood here: %.180s", why.text);
    }
}

/* -- a parcel ---------------------------------------------------------------------------------- */

struct parcel {
    const Valise__Evidence *evidence;
    struct vls_manifest manifest;
    struct label_text label;
    char digest[HEX_ROOM], sealed[HEX_ROOM], content[HEX_ROOM];
};

static void proof_words(const Valise__InclusionEvidence *inclusion, char *out, size_t room)
{
    struct vls_checkpoint checkpoint;
    if (inclusion == NULL || *inclusion->checkpoint == '\0')
        vls_text_copy(out, room, "none");
    else if (vls_ok(vls_checkpoint_read(vls_slice_text(inclusion->checkpoint), &checkpoint, NULL)))
        snprintf(out, room, "entry %" PRIu64 " of %" PRIu64 " in %s (not verified here)",
                 inclusion->leaf_index, checkpoint.size, checkpoint.origin);
    else
        vls_text_copy(out, room, "its checkpoint is not well formed");
}

static void print_proofs(struct cli *cli, const struct parcel *parcel)
{
    char words[VLS_MAX_ORIGIN + 96], time[VLS_TIME_TEXT];
    proof_words(parcel->evidence->sent, words, sizeof words);
    vls_print_field(cli, "origin proof", words);
    struct vls_receipt receipt;
    struct vls_slice bytes = slice_of(parcel->evidence->receipt);
    if (bytes.len == 0) {
        vls_print_field(cli, "receipt", "none");
    } else if (vls_ok(vls_receipt_read(bytes, &receipt, NULL))) {
        vls_time_for_people(receipt.fields->received_ms, time);
        snprintf(words, sizeof words, "%.64s has it since %s", receipt.fields->to, time);
        vls_print_field(cli, "receipt", words);
        vls_receipt_fini(&receipt);
    } else {
        vls_print_field(cli, "receipt", "not well formed");
    }
    proof_words(parcel->evidence->received, words, sizeof words);
    vls_print_field(cli, "receipt proof", words);
    vls_print_field(cli, "decision", parcel->evidence->decision.len > 0 ? "enclosed" : "none");
}

static void print_parcel(struct cli *cli, const struct parcel *parcel)
{
    const Valise__Manifest *m = parcel->manifest.fields;
    char id[VLS_ID_TEXT], time[VLS_TIME_TEXT], words[VLS_MAX_NAME + 64], size[TABLE_SIZE_TEXT];
    vls_id_text(&parcel->manifest.id, id);
    vls_print_field(cli, "id", id);
    vls_print_field(cli, "from", m->from);
    vls_print_field(cli, "to", m->to);
    if (*m->body != '\0')
        vls_print_field(cli, "body", m->body);
    vls_print_field(cli, "kind", m->kind);
    vls_print_field(cli, "label", parcel->label.text);
    vls_print_field(cli, "marking", parcel->label.marking);
    vls_time_for_people(m->created_ms, time);
    vls_print_field(cli, "created", time);
    vls_time_for_people(m->deadline_ms, time);
    vls_print_field(cli, "deadline", time);
    if (*m->conversation != '\0')
        vls_print_field(cli, "conversation", m->conversation);
    vls_show_id(m->in_reply_to, id);
    if (*id != '\0')
        vls_print_field(cli, "in reply to", id);
    snprintf(words, sizeof words, "%.*s, version %" PRIu32, VLS_MAX_NAME, m->arrangement,
             m->arrangement_version);
    vls_print_field(cli, "arrangement", words);
    vls_size_text(m->content_bytes, size);
    vls_print_field(cli, "sealed size", size);
    vls_print_field(cli, "manifest", parcel->digest);
    vls_print_field(cli, "structure", parcel->sealed);
    vls_print_field(cli, "content", parcel->content);
    print_proofs(cli, parcel);
}

static json_t *proof_json(const Valise__InclusionEvidence *inclusion)
{
    struct vls_checkpoint checkpoint;
    if (inclusion == NULL || *inclusion->checkpoint == '\0' ||
        !vls_ok(vls_checkpoint_read(vls_slice_text(inclusion->checkpoint), &checkpoint, NULL)))
        return json_null();
    json_t *object = json_object();
    json_object_set_new(object, "log", vls_json_text(checkpoint.origin));
    json_object_set_new(object, "entry", vls_json_number(inclusion->leaf_index));
    json_object_set_new(object, "size", vls_json_number(checkpoint.size));
    return object;
}

static json_t *parcel_json(const struct parcel *parcel)
{
    const Valise__Manifest *m = parcel->manifest.fields;
    json_t *object = json_object();
    json_object_set_new(object, "id", vls_json_id(m->id));
    json_object_set_new(object, "from", vls_json_text(m->from));
    json_object_set_new(object, "to", vls_json_text(m->to));
    json_object_set_new(object, "body", vls_json_text(m->body));
    json_object_set_new(object, "kind", vls_json_text(m->kind));
    json_object_set_new(object, "label", vls_json_text(parcel->label.text));
    json_object_set_new(object, "marking", vls_json_text(parcel->label.marking));
    json_object_set_new(object, "created", vls_json_time(m->created_ms));
    json_object_set_new(object, "deadline", vls_json_time(m->deadline_ms));
    json_object_set_new(object, "conversation", vls_json_text(m->conversation));
    json_object_set_new(object, "in_reply_to", vls_json_id(m->in_reply_to));
    json_object_set_new(object, "arrangement", vls_json_text(m->arrangement));
    json_object_set_new(object, "arrangement_version", json_integer(m->arrangement_version));
    json_object_set_new(object, "bytes", vls_json_number(m->content_bytes));
    json_object_set_new(object, "manifest_digest", vls_json_text(parcel->digest));
    json_object_set_new(object, "sealed_digest", vls_json_text(parcel->sealed));
    json_object_set_new(object, "content_digest", vls_json_text(parcel->content));
    json_object_set_new(object, "sent", proof_json(parcel->evidence->sent));
    json_object_set_new(object, "has_receipt", json_boolean(parcel->evidence->receipt.len > 0));
    json_object_set_new(object, "received", proof_json(parcel->evidence->received));
    json_object_set_new(object, "has_decision", json_boolean(parcel->evidence->decision.len > 0));
    return object;
}

static VLS_STATUS show_evidence(struct cli *cli, const struct cli_args *args,
                                const Valise__Evidence *evidence, struct vls_why *why)
{
    struct parcel parcel = {.evidence = evidence};
    VLS_TRY(vls_manifest_read(slice_of(evidence->manifest), &parcel.manifest, why));
    const Valise__Manifest *m = parcel.manifest.fields;
    read_label(cli, args, slice_of(m->label), &parcel.label);
    vls_hex(vls_digest_slice(&parcel.manifest.digest), parcel.digest);
    vls_hex(slice_of(m->sealed_digest), parcel.sealed);
    vls_hex(slice_of(m->content_digest), parcel.content);
    struct vls_status status = VLS_DONE;
    if (cli->is_json)
        status = vls_json_line(cli, parcel_json(&parcel), why);
    else
        print_parcel(cli, &parcel);
    vls_manifest_fini(&parcel.manifest);
    return status;
}

static VLS_STATUS inspect_file(struct cli *cli, const struct cli_args *args, int fd,
                               struct vls_why *why)
{
    Valise__Evidence *evidence = NULL;
    struct vls_digest content;
    VLS_TRY(vls_parcel_read(fd, -1, &evidence, content.bytes, why));
    struct vls_status status = show_evidence(cli, args, evidence, why);
    valise__evidence__free_unpacked(evidence, NULL);
    return status;
}

static VLS_STATUS inspect_message(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    const char *id = args->operands[0];
    uint8_t bytes[VLS_ID_BYTES];
    size_t len = 0;
    if (!vls_ok(vls_cli_id(id, bytes, &len, NULL)))
        return vls_cli_usage(why, id, "is neither a file nor an id");
    Valise__OperatorExport export = VALISE__OPERATOR_EXPORT__INIT;
    export.id = (ProtobufCBinaryData){len, bytes};
    Valise__OperatorRequest request = VALISE__OPERATOR_REQUEST__INIT;
    request.ask_case = VALISE__OPERATOR_REQUEST__ASK_EXPORT;
    request.export = &export;
    struct client_answer answer;
    VLS_TRY(vls_client_ask(cli, &(struct client_question){.request = &request}, &answer, why));
    struct vls_status status =
        answer.reply->evidence != NULL
            ? show_evidence(cli, args, answer.reply->evidence, why)
            : vls_fail(VLS_WIRE_MALFORMED, why, "the gateway's answer holds no evidence");
    vls_client_answer_fini(&answer);
    return status;
}

/* -- a label in XML ---------------------------------------------------------------------------- */

/** A parcel is an archive; what begins as XML is a label. */
static bool is_xml(int fd)
{
    char head[64];
    ssize_t n = pread(fd, head, sizeof head - 1, 0);
    head[n > 0 ? n : 0] = '\0';
    return head[strspn(head, "\xef\xbb\xbf \t\r\n")] == '<';
}

static VLS_STATUS say_forgiven(struct cli *cli, const char *file, const struct vls_forgiven *f,
                               struct vls_why *why)
{
    for (size_t i = 0; i < f->count; i++) {
        if (!cli->is_json) {
            fprintf(cli->out, "%s:%ld: forgiven: %s\n", file, f->at[i].line, f->at[i].words);
            continue;
        }
        json_t *object = json_object();
        json_object_set_new(object, "file", vls_json_text(file));
        json_object_set_new(object, "line", json_integer(f->at[i].line));
        json_object_set_new(object, "forgiven", vls_json_text(f->at[i].words));
        VLS_TRY(vls_json_line(cli, object, why));
    }
    if (f->is_more && !cli->is_json)
        fprintf(cli->out, "%s: and more that is not listed\n", file);
    return VLS_DONE;
}

/** The label of a form as `valise label show` shows it. */
static VLS_STATUS show_form(struct cli *cli, const struct cli_args *args,
                            const struct vls_xml4774 *form, struct vls_why *why)
{
    struct vls_scheme_set schemes VLS_DEFER(vls_scheme_set_free) = {.count = 0};
    struct cli_label found = {.form = CLI_LABEL_4774};
    const char *file = args->operands[0];
    VLS_TRY(vls_cli_schemes(cli, args, &schemes, why));
    VLS_TRY(vls_cli_about(vls_xml4774_label_any(form, &schemes, &found.label, why), file, why));
    struct vls_status status = VLS_DONE;
    uint64_t now_ms = vls_wall_ms(cli->env);
    if (cli->is_json)
        status = vls_json_line(cli, vls_label_show_json(file, &found, NULL, now_ms), why);
    else
        vls_label_show(cli, file, &found, NULL, now_ms);
    vls_label_fini(&found.label);
    return status;
}

static VLS_STATUS inspect_xml(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    struct vls_buf xml VLS_DEFER(vls_buf_fini);
    struct vls_xml4774 *form = NULL;
    struct vls_forgiven forgiven = {.count = 0};
    const char *file = args->operands[0];
    vls_buf_init(&xml, VLS_MAX_XML_LABEL);
    VLS_TRY(vls_cli_read(file, &xml, why));
    bool is_lenient = vls_cli_has(args, "lenient");
    struct vls_status status =
        is_lenient ? vls_xml4774_read_lenient(vls_buf_slice(&xml), file, &form, &forgiven, why)
                   : vls_xml4774_read(vls_buf_slice(&xml), file, &form, why);
    struct vls_status said = say_forgiven(cli, file, &forgiven, NULL);
    if (status.code == VLS_LABEL_XML && !is_lenient)
        fputs("valise inspect: --lenient reads what other programs write wrong, and says what\n",
              cli->err);
    VLS_TRY(status);
    if (vls_ok(said))
        said = show_form(cli, args, form, why);
    vls_xml4774_free(&form);
    return said;
}

struct vls_status vls_cmd_inspect(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    const char *what = args->operands[0];
    VLS_DEFER(vls_fd_close) int fd = open(what, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && is_xml(fd))
        return inspect_xml(cli, args, why);
    if (vls_cli_has(args, "lenient"))
        return vls_cli_usage(why, what, "is not a label in XML; --lenient is for those");
    if (fd >= 0)
        return vls_cli_about(inspect_file(cli, args, fd, why), what, why);
    if (errno != ENOENT)
        return vls_fail_errno(VLS_CLI_USAGE, why, errno, "%.120s: cannot be opened", what);
    return inspect_message(cli, args, why);
}
