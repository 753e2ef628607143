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
#include "config/config.h"
#include "envelope/manifest.h"
#include "envelope/parcel.h"
#include "label/label.h"
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

static VLS_STATUS decode_label(const struct vls_config *config, struct vls_slice der,
                               struct label_text *out, struct vls_why *why)
{
    struct vls_scheme_set set = {.count = 0};
    struct vls_buf text, marking;
    struct vls_label label VLS_DEFER(vls_label_fini) = {.scheme = NULL};
    set.schemes = vls_mem_try((config->schemes_count + 1) * sizeof *set.schemes);
    if (set.schemes == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for the schemes");
    vls_buf_init(&text, sizeof out->text);
    vls_buf_init(&marking, sizeof out->marking);
    struct vls_status status = VLS_DONE;
    for (unsigned i = 0; i < config->schemes_count && vls_ok(status); i++) {
        status = vls_scheme_load(config->schemes[i], &set.schemes[set.count], why);
        set.count += vls_ok(status);
    }
    if (vls_ok(status))
        status = vls_label_decode(der, &set, &label, why);
    if (vls_ok(status))
        status = vls_label_text(&label, &text);
    if (vls_ok(status))
        status = vls_label_marking(&label, &marking);
    if (vls_ok(status)) {
        const char *text_chars = vls_buf_text(&text), *marking_chars = vls_buf_text(&marking);
        vls_text_copy(out->text, sizeof out->text, text_chars != NULL ? text_chars : "");
        vls_text_copy(out->marking, sizeof out->marking,
                      marking_chars != NULL ? marking_chars : "");
    }
    vls_buf_fini(&text);
    vls_buf_fini(&marking);
    vls_scheme_set_free(&set);
    return status;
}

/** A label is read with the schemes of the configuration; without them it is shown as not
 * understood, which is no failure here. */
static void read_label(const struct cli *cli, struct vls_slice der, struct label_text *out)
{
    struct vls_config *config = NULL;
    struct vls_why why = {""};
    struct vls_status status = vls_config_load(cli->config, &config, &why);
    if (vls_ok(status))
        status = decode_label(config, der, out, &why);
    if (!vls_ok(status)) {
        out->text[0] = '\0';
        snprintf(out->marking, sizeof out->marking, "not understood here: %.180s", why.text);
    }
    vls_config_free(&config);
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

static VLS_STATUS show_evidence(struct cli *cli, const Valise__Evidence *evidence,
                                struct vls_why *why)
{
    struct parcel parcel = {.evidence = evidence};
    VLS_TRY(vls_manifest_read(slice_of(evidence->manifest), &parcel.manifest, why));
    const Valise__Manifest *m = parcel.manifest.fields;
    read_label(cli, slice_of(m->label), &parcel.label);
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

static VLS_STATUS inspect_file(struct cli *cli, int fd, struct vls_why *why)
{
    Valise__Evidence *evidence = NULL;
    struct vls_digest content;
    VLS_TRY(vls_parcel_read(fd, -1, &evidence, content.bytes, why));
    struct vls_status status = show_evidence(cli, evidence, why);
    valise__evidence__free_unpacked(evidence, NULL);
    return status;
}

static VLS_STATUS inspect_message(struct cli *cli, const char *id, struct vls_why *why)
{
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
            ? show_evidence(cli, answer.reply->evidence, why)
            : vls_fail(VLS_WIRE_MALFORMED, why, "the gateway's answer holds no evidence");
    vls_client_answer_fini(&answer);
    return status;
}

struct vls_status vls_cmd_inspect(struct cli *cli, const struct cli_args *args, struct vls_why *why)
{
    const char *what = args->operands[0];
    VLS_DEFER(vls_fd_close) int fd = open(what, O_RDONLY | O_CLOEXEC);
    if (fd >= 0)
        return vls_cli_about(inspect_file(cli, fd, why), what, why);
    if (errno != ENOENT)
        return vls_fail_errno(VLS_CLI_USAGE, why, errno, "%.120s: cannot be opened", what);
    return inspect_message(cli, what, why);
}
