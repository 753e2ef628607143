/* A received message on its way into the sink: taken apart here, where there are neither keys nor
 * the database. */
#include "base/file.h"
#include "base/id.h"
#include "base/log.h"
#include "base/text.h"
#include "envelope/archive_labels.h"
#include "label/marking.h"
#include "plugin/host_internal.h"

struct delivery {
    struct vls_plugin_host *host;
    struct vls_message message; /* as the plugin sees it */
    const struct vls_descriptor *descriptor;
    struct vls_label label; /* of the manifest: the authoritative one */
    struct vls_label parts[VLS_MAX_PARTS];
    size_t part_count; /* of `parts`, once they are read */
    bool is_begun, has_already;
    char id[VLS_ID_TEXT], reply[VLS_ID_TEXT];
};

/* What a plugin says for the operator during one call. */
struct words {
    char text[sizeof((struct vls_why *)NULL)->text];
};

static void open_call(const struct delivery *d, struct words *words)
{
    *words = (struct words){{0}};
    vls_host_enter(d->host);
}

static struct vls_status close_call(const struct delivery *d, enum vls_answer answer,
                                    struct words *words, struct vls_why *why)
{
    const char *name = d->host->options.config->name;
    vls_host_leave(d->host);
    words->text[sizeof words->text - 1] = '\0';
    switch (answer) {
    case VLS_ANSWER_DONE:
        return VLS_DONE;
    case VLS_ANSWER_RETRY:
        return vls_fail(VLS_PLUGIN_RETRY, why, "plugin %s: %s", name, words->text);
    case VLS_ANSWER_REFUSE:
        return vls_fail(VLS_PLUGIN_REFUSED, why, "plugin %s: %s", name, words->text);
    case VLS_ANSWER_HAVE:
        break;
    }
    return vls_fail(VLS_PLUGIN_INVALID, why, "plugin %s answered %d, which is no answer here", name,
                    (int)answer);
}

/* Nothing of it reaches the plugin before the labels inside have been held against the one that the
 * router decided on. */
static struct vls_status check_labels(struct delivery *d, struct vls_slice labels_xml,
                                      struct vls_why *why)
{
    VLS_TRY(vls_archive_labels_check(labels_xml, &d->label, d->descriptor, d->host->options.schemes,
                                     vls_wall_ms(d->host->options.env), d->parts, why));
    d->part_count = d->descriptor->part_count;
    d->message.labels_xml = labels_xml.at;
    d->message.labels_bytes = labels_xml.len;
    return VLS_DONE;
}

static const char *text_of(const char *stated)
{
    return stated != NULL ? stated : "";
}

static void tell_handling(const struct vls_descriptor *from, struct vls_message *to)
{
    to->flags = from->has_personal_data ? VLS_PERSONAL_DATA : 0;
    to->distribution = text_of(from->distribution);
    to->safeguards = text_of(from->safeguards);
    to->embargo_until_ms = from->embargo_until_ms;
    to->audience = (const char *const *)from->audience.at;
    to->audience_count = from->audience.count;
    to->topics = (const char *const *)from->topics.at;
    to->topic_count = from->topics.count;
    to->answer_state = text_of(from->answer_state);
}

static struct vls_status on_begin(void *ctx, const struct vls_descriptor *descriptor,
                                  struct vls_slice labels_xml, struct vls_why *why)
{
    struct delivery *d = ctx;
    struct words words;
    d->descriptor = descriptor;
    VLS_TRY(check_labels(d, labels_xml, why));
    d->message.subject = text_of(descriptor->subject);
    d->message.part_count = descriptor->part_count;
    tell_handling(descriptor, &d->message);
    open_call(d, &words);
    enum vls_answer answer =
        d->host->plugin.deliver_begin(d->host->state, &d->message, words.text, sizeof words.text);
    struct vls_status status = close_call(d, answer, &words, why);
    d->is_begun = vls_ok(status);
    d->has_already = answer == VLS_ANSWER_HAVE; /* the failed status only stops the reading */
    return status;
}

static struct vls_status begin_part(struct delivery *d, struct vls_part *part, struct vls_why *why)
{
    struct words words;
    VLS_DEFER(vls_buf_fini) struct vls_buf label, marking;
    vls_buf_init(&label, VLS_MAX_LABEL_TEXT);
    vls_buf_init(&marking, VLS_MAX_MARKING);
    VLS_TRY(vls_label_text(&d->parts[part->number], &label));
    VLS_TRY(vls_label_marking(&d->parts[part->number], &marking));
    part->label = vls_buf_text(&label);
    part->marking = vls_buf_text(&marking);
    if (part->label == NULL || part->marking == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for the label of a part");
    open_call(d, &words);
    enum vls_answer answer =
        d->host->plugin.part_begin(d->host->state, part, words.text, sizeof words.text);
    return close_call(d, answer, &words, why);
}

static struct vls_status on_part_begin(void *ctx, size_t number, struct vls_why *why)
{
    struct delivery *d = ctx;
    if (number >= d->descriptor->part_count)
        return vls_fail(VLS_ENVELOPE_DESCRIPTOR, why, "part %zu is not in the descriptor", number);
    const struct vls_descriptor_part *from = &d->descriptor->parts[number];
    if (!vls_text_is_file_name(from->name))
        return vls_fail(VLS_ENVELOPE_DESCRIPTOR, why,
                        "the name of part %zu is not one safe path component", number);
    struct vls_part part = {
        .size = sizeof part,
        .number = (uint32_t)number,
        .name = from->name,
        .media_type = from->media_type != NULL ? from->media_type : "",
        .bytes = from->bytes,
    };
    return begin_part(d, &part, why);
}

static struct vls_status on_part_bytes(void *ctx, struct vls_slice bytes, struct vls_why *why)
{
    struct delivery *d = ctx;
    struct words words;
    open_call(d, &words);
    enum vls_answer answer = d->host->plugin.part_bytes(d->host->state, bytes.at, bytes.len,
                                                        words.text, sizeof words.text);
    return close_call(d, answer, &words, why);
}

static struct vls_status on_part_end(void *ctx, struct vls_why *why)
{
    struct delivery *d = ctx;
    struct words words;
    open_call(d, &words);
    enum vls_answer answer =
        d->host->plugin.part_end(d->host->state, words.text, sizeof words.text);
    return close_call(d, answer, &words, why);
}

static struct vls_status finish(struct delivery *d, struct vls_why *why)
{
    struct words words;
    open_call(d, &words);
    enum vls_answer answer =
        d->host->plugin.deliver_end(d->host->state, words.text, sizeof words.text);
    return close_call(d, answer, &words, why);
}

static struct vls_status run(struct delivery *d, int archive_fd, struct vls_why *why)
{
    struct vls_archive_events events = {
        .ctx = d,
        .begin = on_begin,
        .part_begin = on_part_begin,
        .part_bytes = on_part_bytes,
        .part_end = on_part_end,
    };
    struct vls_status status = vls_archive_read(archive_fd, &events, why);
    if (d->has_already)
        return VLS_DONE;
    if (vls_ok(status) && d->is_begun)
        status = finish(d, why);
    if (!vls_ok(status) && d->is_begun) {
        vls_host_enter(d->host);
        d->host->plugin.deliver_abort(d->host->state);
        vls_host_leave(d->host);
    }
    return status;
}

static void fill_message(struct delivery *d, const Valise__Deliver *from, const struct vls_id *id)
{
    struct vls_id reply;
    vls_id_text(id, d->id);
    if (vls_ok(vls_id_from(VLS_SLICE(from->in_reply_to.data, from->in_reply_to.len), &reply)))
        vls_id_text(&reply, d->reply);
    d->message = (struct vls_message){
        .size = sizeof d->message,
        .attempt = from->attempt,
        .id = d->id,
        .kind = from->kind,
        .from = from->from,
        .to = from->to,
        .body = from->body,
        .label = from->label,
        .marking = from->marking,
        .subject = "",
        .conversation = from->conversation,
        .in_reply_to = d->reply,
        .created_ms = from->created_ms,
        .received_ms = from->received_ms,
    };
}

static struct vls_status deliver(struct vls_plugin_host *host, const Valise__Deliver *from,
                                 struct vls_fds *fds, struct delivery *d, struct vls_why *why)
{
    struct vls_id id;
    d->host = host;
    VLS_TRY(vls_id_from(VLS_SLICE(from->id.data, from->id.len), &id));
    fill_message(d, from, &id);
    if ((host->plugin.roles & VLS_PLUGIN_SINK) == 0)
        return vls_fail(VLS_PLUGIN_MISSING, why, "plugin %s takes no messages",
                        host->options.config->name);
    if (host->phase != HOST_SERVING)
        return vls_fail(VLS_PLUGIN_RETRY, why, "plugin %s is starting or stopping",
                        host->options.config->name);
    VLS_TRY(vls_label_decode(VLS_SLICE(from->label_der.data, from->label_der.len),
                             host->options.schemes, &d->label, why));
    int archive VLS_DEFER(vls_fd_close) = vls_fd_move(&fds->fd[0]);
    vls_host_working(host, "deliver", vls_id_slice(&id), NULL);
    struct vls_status status = run(d, archive, why);
    host->is_told = false; /* the answer says that it is over */
    return status;
}

static void delivery_fini(struct delivery *d)
{
    vls_label_fini(&d->label);
    for (size_t i = 0; i < d->part_count; i++)
        vls_label_fini(&d->parts[i]);
}

void vls_host_deliver(struct vls_plugin_host *host, struct vls_channel *channel,
                      const Valise__Frame *frame, struct vls_fds *fds)
{
    struct vls_why why = {{0}};
    VLS_DEFER(delivery_fini) struct delivery d = {.has_already = false};
    if (fds->count != 1) {
        struct vls_status broken =
            vls_fail(VLS_WIRE_MALFORMED, &why, "a delivery with %zu descriptors", fds->count);
        vls_host_fail(host, broken, &why);
        return;
    }
    struct vls_status status = deliver(host, frame->deliver, fds, &d, &why);
    vls_log(vls_ok(status) ? VLS_LOG_INFO : VLS_LOG_WARN, "plugin.delivered",
            VLS_F("plugin", host->options.config->name), VLS_F("id", d.id),
            VLS_FN("attempt", frame->deliver->attempt), VLS_FN("again", d.has_already),
            VLS_FAILURE(status, &why));

    Valise__Frame answer = VALISE__FRAME__INIT;
    Valise__DeliverResult result = VALISE__DELIVER_RESULT__INIT;
    Valise__Outcome outcome;
    vls_outcome_init(&outcome, status, &why);
    result.outcome = &outcome;
    answer.reply_to = frame->serial;
    answer.body_case = VALISE__FRAME__BODY_DELIVER_RESULT;
    answer.deliver_result = &result;
    VLS_IGNORE(vls_channel_send(channel, &answer, NULL, 0, &why),
               "a router that is gone hands the message out again");
}
