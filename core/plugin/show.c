/* A message on its way into the plugin: taken apart here, where there are neither keys nor the
 * database. */
#include "base/file.h"
#include "base/text.h"
#include "envelope/about.h"
#include "envelope/archive_labels.h"
#include "label/marking.h"
#include "plugin/show_internal.h"

/* -- one call ---------------------------------------------------------------------------------- */

static void open_call(const struct show *s, struct words *words)
{
    *words = (struct words){{0}};
    vls_host_enter(s->host);
}

static struct vls_status close_call(struct show *s, int answer, bool is_begin, struct words *words,
                                    struct vls_why *why)
{
    vls_host_leave(s->host);
    words->text[sizeof words->text - 1] = '\0';
    return s->audience->meaning(s, answer, is_begin, words, why);
}

/* -- the archive ------------------------------------------------------------------------------- */

/* Nothing of it reaches the plugin before the labels inside have been held against the one that the
 * router decided on. */
static struct vls_status check_labels(struct show *s, struct vls_slice labels_xml,
                                      struct vls_why *why)
{
    VLS_TRY(vls_archive_labels_check(labels_xml, &s->label, s->descriptor, s->host->options.schemes,
                                     vls_wall_ms(s->host->options.env), s->parts, why));
    s->part_count = s->descriptor->part_count;
    s->message.labels_xml = labels_xml.at;
    s->message.labels_bytes = labels_xml.len;
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

static const char *const *words_of(char *const *words)
{
    return (const char *const *)words;
}

/* What the sender says that part `part` is (0: all of them); NULL: nothing. */
static const struct vls_about *tell_about(const struct show *s, size_t part, struct told_about *out)
{
    const struct vls_descriptor_abouts *abouts = &s->descriptor->abouts;
    const Valise__About *from = vls_abouts_of(abouts->at, abouts->count, (uint32_t)part);
    if (from == NULL)
        return NULL;
    out->about = (struct vls_about){
        .size = sizeof out->about,
        .issuer = from->issuer,
        .symbols = words_of(from->symbols),
        .symbol_count = from->n_symbols,
        .language = from->language,
        .title = from->title,
        .published = from->published,
        .bodies = words_of(from->bodies),
        .body_count = from->n_bodies,
        .subjects = words_of(from->subjects),
        .subject_count = from->n_subjects,
        .url = from->url,
        .licence = from->licence,
        .record = from->record,
        .relations = out->relations,
        .relation_count = from->n_relations,
    };
    for (size_t i = 0; i < from->n_relations; i++)
        out->relations[i] = (struct vls_relation){.relates = from->relations[i]->relates,
                                                  .symbol = from->relations[i]->symbol};
    return &out->about;
}

static struct vls_status on_begin(void *ctx, const struct vls_descriptor *descriptor,
                                  struct vls_slice labels_xml, struct vls_why *why)
{
    struct show *s = ctx;
    struct words words;
    s->descriptor = descriptor;
    VLS_TRY(check_labels(s, labels_xml, why));
    s->message.subject = text_of(descriptor->subject);
    s->message.part_count = descriptor->part_count;
    tell_handling(descriptor, &s->message);
    s->message.about = tell_about(s, 0, &s->of_message);
    if (s->audience->role == VLS_PLUGIN_SINK)
        vls_held_begin(&s->held, descriptor, s->parts);
    open_call(s, &words);
    int answer = s->audience->begin(s, &words);
    struct vls_status status = close_call(s, answer, true, &words, why);
    s->is_begun = vls_ok(status);
    return status;
}

static struct vls_status begin_part(struct show *s, struct vls_part *part, struct vls_why *why)
{
    struct words words;
    VLS_DEFER(vls_buf_fini) struct vls_buf label, marking;
    vls_buf_init(&label, VLS_MAX_LABEL_TEXT);
    vls_buf_init(&marking, VLS_MAX_MARKING);
    VLS_TRY(vls_label_text(&s->parts[part->number], &label));
    VLS_TRY(vls_label_marking(&s->parts[part->number], &marking));
    part->label = vls_buf_text(&label);
    part->marking = vls_buf_text(&marking);
    if (part->label == NULL || part->marking == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for the label of a part");
    open_call(s, &words);
    int answer = s->audience->part_begin(s, part, &words);
    return close_call(s, answer, false, &words, why);
}

static struct vls_status on_part_begin(void *ctx, size_t number, struct vls_why *why)
{
    struct show *s = ctx;
    if (number >= s->descriptor->part_count)
        return vls_fail(VLS_ENVELOPE_DESCRIPTOR, why, "part %zu is not in the descriptor", number);
    const struct vls_descriptor_part *from = &s->descriptor->parts[number];
    if (!vls_text_is_file_name(from->name))
        return vls_fail(VLS_ENVELOPE_DESCRIPTOR, why,
                        "the name of part %zu is not one safe path component", number);
    struct vls_part part = {
        .size = sizeof part,
        .number = (uint32_t)number,
        .name = from->name,
        .media_type = from->media_type != NULL ? from->media_type : "",
        .bytes = from->bytes,
        .about = tell_about(s, number + 1, &s->of_part),
    };
    s->shown = number;
    vls_held_part_begin(&s->held, part.media_type);
    return begin_part(s, &part, why);
}

static struct vls_status on_part_bytes(void *ctx, struct vls_slice bytes, struct vls_why *why)
{
    struct show *s = ctx;
    struct words words;
    if (s->hash != NULL)
        vls_hash_add(s->hash, bytes);
    vls_held_part_bytes(&s->held, bytes);
    open_call(s, &words);
    int answer = s->audience->part_bytes(s, bytes, &words);
    return close_call(s, answer, false, &words, why);
}

static struct vls_status on_part_end(void *ctx, struct vls_why *why)
{
    struct show *s = ctx;
    struct words words;
    if (s->hash != NULL)
        s->digests[s->shown] = vls_hash_finish(s->hash);
    vls_held_part_end(&s->held, s->shown);
    open_call(s, &words);
    int answer = s->audience->part_end(s, &words);
    return close_call(s, answer, false, &words, why);
}

static struct vls_status finish(struct show *s, struct vls_why *why)
{
    struct words words;
    open_call(s, &words);
    int answer = s->audience->end(s, &words);
    return close_call(s, answer, false, &words, why);
}

static struct vls_status run(struct show *s, int archive_fd, struct vls_why *why)
{
    struct vls_archive_events events = {
        .ctx = s,
        .begin = on_begin,
        .part_begin = on_part_begin,
        .part_bytes = on_part_bytes,
        .part_end = on_part_end,
    };
    struct vls_status status = vls_archive_read(archive_fd, &events, why);
    if (s->has_already)
        return VLS_DONE;
    if (vls_ok(status) && s->is_begun)
        status = finish(s, why);
    if (!vls_ok(status) && s->is_begun) {
        vls_host_enter(s->host);
        s->audience->abort(s);
        vls_host_leave(s->host);
    }
    return status;
}

/* -- the message ------------------------------------------------------------------------------- */

static void fill_message(struct show *s, const Valise__Deliver *from, const struct vls_id *id)
{
    struct vls_id reply;
    vls_id_text(id, s->id);
    if (vls_ok(vls_id_from(VLS_SLICE(from->in_reply_to.data, from->in_reply_to.len), &reply)))
        vls_id_text(&reply, s->reply);
    s->message = (struct vls_message){
        .size = sizeof s->message,
        .attempt = from->attempt,
        .id = s->id,
        .kind = from->kind,
        .from = from->from,
        .to = from->to,
        .body = from->body,
        .label = from->label,
        .marking = from->marking,
        .subject = "",
        .conversation = from->conversation,
        .in_reply_to = s->reply,
        .created_ms = from->created_ms,
        .received_ms = from->received_ms,
        .direction = s->is_outgoing ? VLS_OUTGOING : VLS_INCOMING,
    };
}

struct vls_status vls_show(struct show *s, const Valise__Deliver *from, struct vls_fds *fds,
                           struct vls_why *why)
{
    struct vls_plugin_host *host = s->host;
    struct vls_id id;
    VLS_TRY(vls_id_from(VLS_SLICE(from->id.data, from->id.len), &id));
    fill_message(s, from, &id);
    if ((host->plugin.roles & s->audience->role) == 0)
        return vls_fail(VLS_PLUGIN_MISSING, why, "plugin %s is no %s", host->options.config->name,
                        s->audience->name);
    if (host->phase != HOST_SERVING)
        return vls_fail(VLS_PLUGIN_RETRY, why, "plugin %s is starting or stopping",
                        host->options.config->name);
    VLS_TRY(vls_label_decode(VLS_SLICE(from->label_der.data, from->label_der.len),
                             host->options.schemes, &s->label, why));
    int archive VLS_DEFER(vls_fd_close) = vls_fd_move(&fds->fd[0]);
    vls_host_working(host, s->audience->call, vls_id_slice(&id), NULL);
    struct vls_status status = run(s, archive, why);
    host->is_told = false; /* the answer says that it is over */
    return status;
}

void vls_show_fini(struct show *s)
{
    vls_held_fini(&s->held);
    vls_label_fini(&s->label);
    for (size_t i = 0; i < s->part_count; i++)
        vls_label_fini(&s->parts[i]);
    if (s->hash != NULL)
        vls_hash_free(&s->hash);
}
