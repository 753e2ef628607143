/* The source service: a document from emit_begin() to emit_end(), checked piece by piece. */
#include <string.h>

#include "base/file.h"
#include "base/id.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "envelope/about.h"
#include "plugin/host_internal.h"

#define FRAME_OVERHEAD  64 /* what a frame adds to the message in it */
#define MAX_STATE_ITEMS 64 /* saved with one document */

static char *text_or_empty(const char *text)
{
    return text != NULL && text[0] != '\0' ? vls_mem_dup(text) : (char *)protobuf_c_empty_string;
}

static void free_text(char *text)
{
    if (text != (char *)protobuf_c_empty_string)
        vls_mem_free(text);
}

static void free_names(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free_text(names[i]);
    vls_mem_free(names);
}

void vls_document_free(struct document **document)
{
    struct document *d = *document;
    if (d == NULL)
        return;
    Valise__Submission *m = &d->message;
    char *texts[] = {m->origin_key, m->kind,        m->to,           m->body,
                     m->label,      m->subject,     m->conversation, m->distribution,
                     m->safeguards, m->answer_state};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        free_text(texts[i]);
    free_names(m->audience, m->n_audience);
    free_names(m->topics, m->n_topics);
    vls_mem_free(m->in_reply_to.data);
    for (size_t i = 0; i < m->n_parts; i++) {
        free_text(m->parts[i]->name);
        free_text(m->parts[i]->media_type);
        free_text(m->parts[i]->label);
        vls_mem_free(m->parts[i]);
    }
    for (size_t i = 0; i < m->n_state; i++) {
        free_text(m->state[i]->key);
        vls_mem_free(m->state[i]->value.data);
        vls_mem_free(m->state[i]);
    }
    for (size_t i = 0; i < m->n_about; i++)
        vls_about_free(&m->about[i]);
    vls_mem_free(m->about);
    vls_document_forget_fingerprints(d);
    vls_mem_free(m->parts);
    vls_mem_free(m->state);
    for (size_t i = 0; i < d->fd_count; i++)
        vls_fd_close(&d->fds[i]);
    vls_mem_free(d);
    *document = NULL;
}

/* Every refusal says in the log which field it was: the plugin's developer reads it there. */
enum vls_emit vls_host_give_up(struct vls_plugin_host *host, enum vls_emit answer,
                               struct vls_status status, const struct vls_why *why)
{
    vls_log(VLS_LOG_WARN, "plugin.emit", VLS_F("plugin", host->options.config->name),
            VLS_FAILURE(status, why));
    vls_document_free(&host->draft);
    return answer;
}

static enum vls_emit answer_of(struct vls_plugin_host *host, struct vls_status status,
                               const struct vls_why *why)
{
    if (vls_ok(status))
        return VLS_EMIT_OK;
    bool is_ours =
        vls_class_of(status) == VLS_CLASS_RESOURCE || vls_class_of(status) == VLS_CLASS_TRANSIENT;
    return vls_host_give_up(host, is_ours ? VLS_EMIT_SYSTEM : VLS_EMIT_INVALID, status, why);
}

static struct vls_status check_text(const char *field, const char *text, size_t max, bool is_needed,
                                    struct vls_why *why)
{
    if (text == NULL || text[0] == '\0')
        return is_needed ? vls_fail(VLS_PLUGIN_INVALID, why, "the document has no %s", field)
                         : VLS_DONE;
    if (strlen(text) > max || !vls_text_is_clean(vls_slice_text(text), false))
        return vls_fail(VLS_PLUGIN_INVALID, why,
                        "the document's %s is above %zu bytes or not clean UTF-8", field, max);
    return VLS_DONE;
}

static struct vls_status check_name(const char *field, const char *text, size_t max,
                                    struct vls_why *why)
{
    VLS_TRY(check_text(field, text, max, true, why));
    if (!vls_text_is_name(text, max))
        return vls_fail(VLS_PLUGIN_INVALID, why, "the document's %s is not a name: %s", field,
                        text);
    return VLS_DONE;
}

static struct vls_status check_names(const char *field, const char *const *names, uint64_t count,
                                     size_t max, struct vls_why *why)
{
    if (count > max || (count != 0 && names == NULL))
        return vls_fail(VLS_PLUGIN_INVALID, why,
                        "the document's %s is above %zu names, or there are none", field, max);
    for (uint64_t i = 0; i < count; i++)
        VLS_TRY(check_text(field, names[i], VLS_MAX_NAME, true, why));
    return VLS_DONE;
}

/* What only the router can judge, such as the word of a distribution, it judges. */
static struct vls_status check_handling(const struct vls_document *d, struct vls_why *why)
{
    if ((d->flags & ~VLS_PERSONAL_DATA) != 0)
        return vls_fail(VLS_PLUGIN_INVALID, why,
                        "the document's flags are %#llx, and only %#llx is known",
                        (unsigned long long)d->flags, (unsigned long long)VLS_PERSONAL_DATA);
    VLS_TRY(check_text("distribution", d->distribution, VLS_MAX_NAME, false, why));
    VLS_TRY(check_text("safeguards", d->safeguards, VLS_MAX_SAFEGUARDS, false, why));
    VLS_TRY(check_text("answer_state", d->answer_state, VLS_MAX_NAME, false, why));
    VLS_TRY(check_names("audience", d->audience, d->audience_count, VLS_MAX_AUDIENCE, why));
    return check_names("topics", d->topics, d->topic_count, VLS_MAX_TOPICS, why);
}

static struct vls_status check_document(const struct vls_document *d, uint32_t abi,
                                        struct vls_id *reply, struct vls_why *why)
{
    VLS_TRY(check_text("origin_key", d->origin_key, VLS_MAX_ORIGIN_KEY, true, why));
    VLS_TRY(check_name("kind", d->kind, VLS_MAX_NAME, why));
    if (abi < ABI_1_4 || (d->to != NULL && d->to[0] != '\0')) /* without: to whoever subscribes */
        VLS_TRY(check_name("to", d->to, VLS_MAX_PARTY, why));
    VLS_TRY(check_text("body", d->body, VLS_MAX_NAME, false, why));
    VLS_TRY(check_text("label", d->label, VLS_MAX_LABEL_TEXT, false, why));
    VLS_TRY(check_text("subject", d->subject, VLS_MAX_SUBJECT, false, why));
    VLS_TRY(check_text("conversation", d->conversation, VLS_MAX_NAME, false, why));
    if (d->in_reply_to != NULL && d->in_reply_to[0] != '\0' &&
        !vls_ok(vls_id_read(d->in_reply_to, reply)))
        return vls_fail(VLS_PLUGIN_INVALID, why, "the document's in_reply_to is no message id");
    return check_handling(d, why);
}

static char **copy_names(const char *const *names, uint64_t count)
{
    char **copy = count != 0 ? vls_mem_new(count * sizeof *copy) : NULL;
    for (uint64_t i = 0; i < count; i++)
        copy[i] = vls_mem_dup(names[i]);
    return copy;
}

static void take_handling(Valise__Submission *m, const struct vls_document *from)
{
    m->distribution = text_or_empty(from->distribution);
    m->personal_data = (from->flags & VLS_PERSONAL_DATA) != 0;
    m->safeguards = text_or_empty(from->safeguards);
    m->embargo_until_ms = from->embargo_until_ms;
    m->audience = copy_names(from->audience, from->audience_count);
    m->n_audience = from->audience_count;
    m->topics = copy_names(from->topics, from->topic_count);
    m->n_topics = from->topic_count;
    m->answer_state = text_or_empty(from->answer_state);
}

static struct document *new_document(struct vls_plugin_host *host, const struct vls_document *from,
                                     const struct vls_id *reply)
{
    struct document *d = vls_mem_new(sizeof *d);
    Valise__Submission *m = &d->message;
    d->host = host;
    valise__submission__init(m);
    m->origin_key = text_or_empty(from->origin_key);
    m->kind = text_or_empty(from->kind);
    m->to = text_or_empty(from->to);
    m->body = text_or_empty(from->body);
    m->label = text_or_empty(from->label);
    m->subject = text_or_empty(from->subject);
    m->conversation = text_or_empty(from->conversation);
    m->deadline_ms = from->deadline_ms;
    take_handling(m, from);
    if (from->in_reply_to != NULL && from->in_reply_to[0] != '\0') {
        m->in_reply_to.data = vls_mem_new(VLS_ID_BYTES);
        m->in_reply_to.len = VLS_ID_BYTES;
        vls_copy(m->in_reply_to.data, reply->bytes, VLS_ID_BYTES);
    }
    m->parts = vls_mem_new(VLS_MAX_PARTS * sizeof *m->parts);
    m->state = vls_mem_new(MAX_STATE_ITEMS * sizeof *m->state);
    return d;
}

/* Over which this plugin's process died again and again: what the operator was told. */
static struct vls_status check_set_aside(const struct vls_plugin_host *host, const char *origin_key,
                                         struct vls_why *why)
{
    for (size_t i = 0; host->set_aside != NULL && host->set_aside[i] != NULL; i++)
        if (strcmp(host->set_aside[i], origin_key) == 0)
            return vls_fail(VLS_PLUGIN_POISON, why,
                            "document %s is set aside: the plugin died over it again and again; "
                            "'valise plugin enable' lets it be tried once more",
                            origin_key);
    return VLS_DONE;
}

struct document *vls_document_new_answer(struct vls_plugin_host *host)
{
    struct document *d = vls_mem_new(sizeof *d);
    d->host = host;
    d->is_answer = true;
    valise__submission__init(&d->message);
    d->message.parts = vls_mem_new(VLS_MAX_PARTS * sizeof *d->message.parts);
    return d;
}

static enum vls_emit emit_begin(void *ctx, const struct vls_document *document)
{
    struct vls_plugin_host *host = ctx;
    struct vls_why why;
    struct vls_document mine = {0};
    struct vls_id reply = {0};
    vls_document_free(&host->draft); /* a draft that was not ended is given up */
    if (!vls_host_has_room(host)) {
        host->is_starved = true;
        return VLS_EMIT_BUSY;
    }
    if (!host->is_polling)
        return answer_of(host, vls_fail(VLS_PLUGIN_INVALID, &why, "emit_begin() outside of poll()"),
                         &why);
    if (document->size < offsetof(struct vls_document, deadline_ms) + sizeof(uint64_t))
        return answer_of(
            host,
            vls_fail(VLS_PLUGIN_INVALID, &why, "struct vls_document: size is not set to its size"),
            &why);
    vls_copy(&mine, document, document->size < sizeof mine ? document->size : sizeof mine);
    struct vls_status status = check_document(&mine, host->plugin.abi, &reply, &why);
    if (vls_ok(status))
        status = check_set_aside(host, mine.origin_key, &why);
    if (!vls_ok(status))
        return answer_of(host, status, &why);
    vls_host_working(host, "poll", (struct vls_slice){NULL, 0}, mine.origin_key);
    host->draft = new_document(host, &mine, &reply);
    return VLS_EMIT_OK;
}

static struct vls_status check_part(const struct document *d, const char *name,
                                    const char *media_type, struct vls_why *why)
{
    if (d == NULL)
        return vls_fail(VLS_PLUGIN_INVALID, why, "a part without emit_begin()");
    if (d->message.n_parts == VLS_MAX_PARTS)
        return vls_fail(VLS_PLUGIN_INVALID, why, "more than %d parts", VLS_MAX_PARTS);
    if (!vls_text_is_file_name(name))
        return vls_fail(VLS_PLUGIN_INVALID, why, "a part's name is not one safe path component: %s",
                        name != NULL ? name : "(none)");
    for (size_t i = 0; i < d->message.n_parts; i++)
        if (strcmp(d->message.parts[i]->name, name) == 0)
            return vls_fail(VLS_PLUGIN_INVALID, why, "two parts are named %s", name);
    return check_text("media_type", media_type, VLS_MAX_MEDIA_TYPE, false, why);
}

/* `fd` is moved into the document. */
static void add_part(struct document *d, const char *name, const char *media_type, uint64_t bytes,
                     int *fd)
{
    Valise__Part *part = vls_mem_new(sizeof *part);
    valise__part__init(part);
    part->name = text_or_empty(name);
    part->media_type = text_or_empty(media_type);
    part->bytes = bytes;
    d->message.parts[d->message.n_parts++] = part;
    d->fds[d->fd_count++] = vls_fd_move(fd);
}

static enum vls_emit emit_file(void *ctx, const char *name, const char *media_type, int fd)
{
    struct vls_plugin_host *host = ctx;
    struct vls_why why;
    int owned VLS_DEFER(vls_fd_close) = fd;
    uint64_t bytes = 0;
    struct vls_status status = check_part(host->draft, name, media_type, &why);
    if (vls_ok(status))
        status = vls_fd_size(owned, &bytes, &why);
    if (!vls_ok(status))
        return answer_of(host, status, &why);
    add_part(host->draft, name, media_type, bytes, &owned);
    host->draft->is_streaming = false;
    return VLS_EMIT_OK;
}

static enum vls_emit emit_part(void *ctx, const char *name, const char *media_type)
{
    struct vls_plugin_host *host = ctx;
    struct vls_why why;
    int fd VLS_DEFER(vls_fd_close) = -1;
    struct vls_status status = check_part(host->draft, name, media_type, &why);
    if (vls_ok(status))
        status = vls_fd_memory("valise-part", &fd, &why);
    if (!vls_ok(status))
        return answer_of(host, status, &why);
    add_part(host->draft, name, media_type, 0, &fd);
    host->draft->is_streaming = true;
    return VLS_EMIT_OK;
}

static enum vls_emit emit_label(void *ctx, const char *label)
{
    struct vls_plugin_host *host = ctx;
    struct vls_why why;
    Valise__Submission *m = host->draft != NULL ? &host->draft->message : NULL;
    if (m == NULL || m->n_parts == 0 || m->parts[m->n_parts - 1]->label[0] != '\0')
        return answer_of(
            host,
            vls_fail(VLS_PLUGIN_INVALID, &why, "emit_label() without a part, or twice for one"),
            &why);
    struct vls_status status = check_text("part's label", label, VLS_MAX_LABEL_TEXT, true, &why);
    if (vls_ok(status))
        m->parts[m->n_parts - 1]->label = text_or_empty(label);
    return answer_of(host, status, &why);
}

static enum vls_emit emit_bytes(void *ctx, const void *bytes, size_t len)
{
    struct vls_plugin_host *host = ctx;
    struct vls_why why;
    struct document *d = host->draft;
    if (d == NULL || !d->is_streaming)
        return answer_of(
            host, vls_fail(VLS_PLUGIN_INVALID, &why, "emit_bytes() without emit_part()"), &why);
    Valise__Part *part = d->message.parts[d->message.n_parts - 1];
    if (len > VLS_PLUGIN_MAX_STREAMED - part->bytes)
        return answer_of(host,
                         vls_fail(VLS_PLUGIN_INVALID, &why,
                                  "part %s: above %llu bytes a part must be a file", part->name,
                                  VLS_PLUGIN_MAX_STREAMED),
                         &why);
    struct vls_status status = vls_fd_write(d->fds[d->fd_count - 1], VLS_SLICE(bytes, len), &why);
    part->bytes += len;
    return answer_of(host, status, &why);
}

static enum vls_emit emit_state(void *ctx, const char *key, const void *value, size_t len)
{
    struct vls_plugin_host *host = ctx;
    struct vls_why why;
    struct document *d = host->draft;
    if (d == NULL || d->is_answer || d->message.n_state == MAX_STATE_ITEMS ||
        (host->granted & VLS_CAP_STATE) == 0)
        return answer_of(host,
                         vls_fail(VLS_PLUGIN_INVALID, &why,
                                  "emit_state() without emit_begin(), without the capability "
                                  "'state', or above %d items",
                                  MAX_STATE_ITEMS),
                         &why);
    struct vls_status status = vls_plugin_state_check(host->items, key, len, &why);
    if (!vls_ok(status))
        return answer_of(host, status, &why);
    Valise__StateItem *item = vls_mem_new(sizeof *item);
    valise__state_item__init(item);
    item->key = vls_mem_dup(key);
    item->value.data = len > 0 ? vls_mem_new(len) : NULL;
    item->value.len = len;
    vls_copy(item->value.data, value, len);
    d->message.state[d->message.n_state++] = item;
    d->is_streaming = false;
    return VLS_EMIT_OK;
}

static enum vls_emit emit_end(void *ctx, uint64_t token)
{
    struct vls_plugin_host *host = ctx;
    struct vls_why why;
    if (host->draft == NULL || host->draft->is_answer)
        return answer_of(
            host, vls_fail(VLS_PLUGIN_INVALID, &why, "emit_end() without emit_begin()"), &why);
    if (valise__submission__get_packed_size(&host->draft->message) > VLS_MAX_FRAME - FRAME_OVERHEAD)
        return answer_of(host,
                         vls_fail(VLS_PLUGIN_INVALID, &why,
                                  "the fields and state items of one document are above %d bytes",
                                  VLS_MAX_FRAME - FRAME_OVERHEAD),
                         &why);
    struct document *d = host->draft;
    host->draft = NULL;
    d->token = token;
    vls_document_fingerprint(d);
    if (valise__submission__get_packed_size(&d->message) > VLS_MAX_FRAME - FRAME_OVERHEAD)
        vls_document_forget_fingerprints(d); /* advice is no reason to refuse it */
    vls_host_submit(host, d);
    return VLS_EMIT_OK;
}

static void emit_abort(void *ctx)
{
    struct vls_plugin_host *host = ctx;
    vls_document_free(&host->draft);
}

/* Called when the watched descriptor is readable: once, then again only after the poll. */
static void on_watch(evutil_socket_t fd, short what, void *ctx)
{
    (void)fd;
    (void)what;
    vls_host_poll_in(ctx, 0);
}

static int watch(void *ctx, int fd)
{
    struct vls_plugin_host *host = ctx;
    if (host->watch != NULL)
        event_free(host->watch);
    host->watch = NULL;
    if (fd < 0)
        return 0;
    host->watch = event_new(host->options.base, fd, EV_READ, on_watch, host);
    if (host->watch == NULL)
        return -1;
    return event_add(host->watch, NULL);
}

const struct vls_source_service VLS_HOST_SOURCE = {
    .size = sizeof(struct vls_source_service),
    .watch = watch,
    .emit_begin = emit_begin,
    .emit_file = emit_file,
    .emit_part = emit_part,
    .emit_bytes = emit_bytes,
    .emit_state = emit_state,
    .emit_end = emit_end,
    .emit_abort = emit_abort,
    .emit_label = emit_label,
};

/* The same calls; the document is that of the question. */
const struct vls_resolver_service VLS_HOST_RESOLVER = {
    .size = sizeof(struct vls_resolver_service),
    .emit_file = emit_file,
    .emit_part = emit_part,
    .emit_bytes = emit_bytes,
    .emit_label = emit_label,
};
