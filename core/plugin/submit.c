/* The window of documents on their way to a commit: sent, answered, and sent again when the router
 * died meanwhile. */
#include <string.h>

#include "base/id.h"
#include "base/log.h"
#include "base/mem.h"
#include "plugin/host_internal.h"

#define RESEND_MS                                                                                  \
    1000 /* a channel that took no frame is tried again with the next poll, at latest after this   \
          */

/* In place of a message's state: nobody subscribes to it, so that there is none. */
#define UNWANTED "unwanted"

bool vls_host_has_room(const struct vls_plugin_host *host)
{
    return host->phase == HOST_SERVING && host->under_way < host->options.window;
}

/* Out of the window: it is neither sent again nor counted from here on. */
static void take_out(struct vls_plugin_host *host, const struct document *document)
{
    for (unsigned i = 0; i < host->under_way; i++) {
        if (host->window[i] != document)
            continue;
        /* keeps the order in which they were emitted */
        for (unsigned k = i + 1; k < host->under_way; k++)
            host->window[k - 1] = host->window[k];
        host->under_way--;
        return;
    }
}

/* What the router made of it, in the words of the plugin interface. */
static enum vls_outcome outcome_of(struct vls_status status, const char *state)
{
    static const struct {
        const char *state;
        enum vls_outcome outcome;
    } STOPPED[] = {
        {"quarantined", VLS_OUTCOME_QUARANTINED},
        {"referred", VLS_OUTCOME_REFERRED},
        {"withheld", VLS_OUTCOME_WITHHELD},
        {"returned", VLS_OUTCOME_WITHHELD},
        {"held", VLS_OUTCOME_HELD},
        {UNWANTED, VLS_OUTCOME_UNWANTED},
    };
    if (vls_ok(status)) {
        for (size_t i = 0; i < sizeof STOPPED / sizeof STOPPED[0]; i++)
            if (strcmp(STOPPED[i].state, state) == 0)
                return STOPPED[i].outcome;
        return VLS_OUTCOME_ACCEPTED;
    }
    switch (vls_class_of(status)) {
    case VLS_CLASS_TRANSIENT:
    case VLS_CLASS_RESOURCE:
    case VLS_CLASS_UNCERTAIN:
        return VLS_OUTCOME_RETRY;
    case VLS_CLASS_OK:
    case VLS_CLASS_PERMANENT:
    case VLS_CLASS_DENIED:
    case VLS_CLASS_CORRUPT:
    case VLS_CLASS_MISUSE:
        break;
    }
    return VLS_OUTCOME_REFUSED;
}

static void log_outcome(const struct document *d, const struct vls_commit *commit)
{
    static const char *const NAMES[] = {"accepted", "referred", "quarantined", "withheld",
                                        "held",     "refused",  "retry",       "unwanted"};
    bool is_trouble = commit->outcome == VLS_OUTCOME_REFUSED;
    vls_log(is_trouble ? VLS_LOG_WARN : VLS_LOG_INFO, "plugin.submitted",
            VLS_F("plugin", d->host->options.config->name), VLS_F("origin", d->message.origin_key),
            VLS_F("outcome", NAMES[commit->outcome]), VLS_F("id", commit->id),
            VLS_F("state", commit->state), VLS_F("why", commit->reason));
}

/* Tell the plugin; the state that was saved with the document is visible to it by then. */
static void report(struct document *d, const struct vls_commit *commit)
{
    struct vls_plugin_host *host = d->host;
    if (commit->id != NULL || commit->outcome == VLS_OUTCOME_UNWANTED)
        for (size_t i = 0; i < d->message.n_state; i++)
            vls_plugin_state_committed(
                host->items, d->message.state[i]->key,
                VLS_SLICE(d->message.state[i]->value.data, d->message.state[i]->value.len));
    log_outcome(d, commit);
    vls_host_working(host, "committed", (struct vls_slice){NULL, 0}, d->message.origin_key);
    vls_host_enter(host);
    host->plugin.committed(host->state, commit);
    vls_host_leave(host);
}

/* Before 1.4 it was said of the same bytes alone. */
static bool may_be_told(const struct vls_plugin_host *host, const Valise__SubmissionResult *result)
{
    return host->plugin.abi >= ABI_1_4 || result->like <= VLS_LIKE_BYTES;
}

static void settle(struct document *d, struct vls_status status, const struct vls_why *why,
                   const Valise__SubmissionResult *result)
{
    char id[VLS_ID_TEXT], duplicate[VLS_ID_TEXT];
    struct vls_id parsed;
    struct vls_commit commit = {.size = sizeof commit, .token = d->token};
    commit.outcome = outcome_of(status, result->state);
    commit.reason = vls_ok(status) ? result->reason : why->text;
    if (vls_ok(status) && commit.outcome != VLS_OUTCOME_UNWANTED) {
        commit.state = result->state;
        commit.id = id;
        vls_copy(parsed.bytes, result->id.data, VLS_ID_BYTES);
        vls_id_text(&parsed, id);
    }
    commit.advice = result->advice;
    if (result->duplicate_of.len == VLS_ID_BYTES && may_be_told(d->host, result)) {
        commit.like = result->like;
        vls_copy(parsed.bytes, result->duplicate_of.data, VLS_ID_BYTES);
        vls_id_text(&parsed, duplicate);
        commit.duplicate_of = duplicate;
    }
    report(d, &commit);
}

static void on_result(void *ctx, struct vls_status status, const Valise__Frame *frame,
                      struct vls_fds *fds)
{
    struct document *d = ctx;
    struct vls_plugin_host *host = d->host;
    struct vls_why why = {{0}};
    (void)fds;
    d->is_sent = false;
    if (!vls_ok(status) || frame == NULL) /* uncertain: it goes again after the next attach */
        return;
    const Valise__SubmissionResult *result = frame->submission_result;
    status = vls_outcome_status(result->outcome, &why);
    if (vls_ok(status) && result->id.len != VLS_ID_BYTES &&
        (result->id.len != 0 || strcmp(result->state, UNWANTED) != 0)) {
        status = vls_fail(VLS_WIRE_MALFORMED, &why, "the router gave a document no id");
        vls_host_fail(host, status, &why);
        return;
    }
    take_out(host, d);
    settle(d, status, &why, result);
    vls_document_free(&d);
    if (host->is_starved && vls_host_has_room(host)) {
        host->is_starved = false;
        vls_host_poll_in(host, 0);
    }
    vls_host_check_drained(host);
}

static void send_document(struct vls_plugin_host *host, struct document *d)
{
    struct vls_why why;
    Valise__Frame frame = VALISE__FRAME__INIT;
    frame.body_case = VALISE__FRAME__BODY_SUBMISSION;
    frame.submission = &d->message;
    d->is_sent = true;
    struct vls_status status =
        vls_channel_ask(host->channel, &frame, d->fds, d->fd_count,
                        VALISE__FRAME__BODY_SUBMISSION_RESULT, on_result, d, &why);
    if (vls_ok(status))
        return;
    d->is_sent = false;
    vls_log(VLS_LOG_WARN, "plugin.send", VLS_F("plugin", host->options.config->name),
            VLS_FAILURE(status, &why));
    vls_host_poll_in(host, RESEND_MS);
}

static void on_saved(void *ctx, struct vls_status status, const Valise__Frame *frame,
                     struct vls_fds *fds)
{
    struct vls_plugin_host *host = ctx;
    struct vls_why why = {{0}};
    (void)fds;
    host->is_saving = false;
    if (vls_ok(status) && frame != NULL)
        status = vls_outcome_status(frame->done->outcome, &why);
    vls_plugin_state_end_save(host->items, vls_ok(status));
    if (vls_ok(status))
        vls_host_flush(host);
    else
        vls_log(VLS_LOG_WARN, "plugin.state", VLS_F("plugin", host->options.config->name),
                VLS_FAILURE(status, &why));
    vls_host_check_drained(host);
}

static void send_state(struct vls_plugin_host *host)
{
    struct vls_why why;
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__StateSave save = VALISE__STATE_SAVE__INIT;
    vls_plugin_state_begin_save(host->items, &save);
    frame.body_case = VALISE__FRAME__BODY_STATE_SAVE;
    frame.state_save = &save;
    host->is_saving = true;
    struct vls_status status = vls_channel_ask(host->channel, &frame, NULL, 0,
                                               VALISE__FRAME__BODY_DONE, on_saved, host, &why);
    vls_plugin_state_sent(&save);
    if (vls_ok(status))
        return;
    host->is_saving = false;
    vls_plugin_state_end_save(host->items, false);
    vls_log(VLS_LOG_WARN, "plugin.state", VLS_F("plugin", host->options.config->name),
            VLS_FAILURE(status, &why));
}

void vls_host_flush(struct vls_plugin_host *host)
{
    if (host->channel == NULL || (host->phase != HOST_SERVING && host->phase != HOST_DRAINING))
        return;
    if (!host->is_saving && vls_plugin_state_is_dirty(host->items))
        send_state(host);
    for (unsigned i = 0; i < host->under_way; i++)
        if (!host->window[i]->is_sent)
            send_document(host, host->window[i]);
}

void vls_host_submit(struct vls_plugin_host *host, struct document *document)
{
    host->window[host->under_way++] = document; /* there is room: emit_begin() has seen to it */
    vls_host_flush(host);
}

void vls_host_unsend(struct vls_plugin_host *host)
{
    for (unsigned i = 0; i < host->under_way; i++)
        host->window[i]->is_sent = false;
    if (host->is_saving)
        vls_plugin_state_end_save(host->items, false);
    host->is_saving = false;
    vls_host_check_drained(host);
}

void vls_host_check_drained(struct vls_plugin_host *host)
{
    bool is_idle = host->under_way == 0 && !host->is_saving;
    /* without a router nothing can be answered any more: it is uncertain, and is asked again after
     * the next start */
    if (host->phase != HOST_DRAINING || (!is_idle && host->channel != NULL))
        return;
    host->phase = HOST_DRAINED;
    if (host->options.on_drained != NULL)
        host->options.on_drained(host->options.ctx);
}
