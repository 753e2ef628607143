/* A received message on its way into the sink. */
#include "base/log.h"
#include "plugin/show_internal.h"

#define FRAME_OVERHEAD 64 /* what a frame adds to the message in it */

static int begin(struct show *s, struct words *words)
{
    return (int)s->host->plugin.deliver_begin(s->host->state, &s->message, words->text,
                                              sizeof words->text);
}

static int part_begin(struct show *s, const struct vls_part *part, struct words *words)
{
    return (int)s->host->plugin.part_begin(s->host->state, part, words->text, sizeof words->text);
}

static int part_bytes(struct show *s, struct vls_slice bytes, struct words *words)
{
    return (int)s->host->plugin.part_bytes(s->host->state, bytes.at, bytes.len, words->text,
                                           sizeof words->text);
}

static int part_end(struct show *s, struct words *words)
{
    return (int)s->host->plugin.part_end(s->host->state, words->text, sizeof words->text);
}

static int end(struct show *s, struct words *words)
{
    return (int)s->host->plugin.deliver_end(s->host->state, words->text, sizeof words->text);
}

static void take_back(struct show *s)
{
    s->host->plugin.deliver_abort(s->host->state);
}

static struct vls_status meaning(struct show *s, int answer, bool is_begin,
                                 const struct words *words, struct vls_why *why)
{
    const char *name = s->host->options.config->name;
    s->has_already =
        is_begin && answer == VLS_ANSWER_HAVE; /* then failing only stops the reading */
    switch (answer) {
    case VLS_ANSWER_DONE:
        return VLS_DONE;
    case VLS_ANSWER_RETRY:
        return vls_fail(VLS_PLUGIN_RETRY, why, "plugin %s: %s", name, words->text);
    case VLS_ANSWER_REFUSE:
        return vls_fail(VLS_PLUGIN_REFUSED, why, "plugin %s: %s", name, words->text);
    default:
        break;
    }
    return vls_fail(VLS_PLUGIN_INVALID, why, "plugin %s answered %d, which is no answer here", name,
                    answer);
}

static const struct vls_audience SINK = {
    .begin = begin,
    .part_begin = part_begin,
    .part_bytes = part_bytes,
    .part_end = part_end,
    .end = end,
    .abort = take_back,
    .meaning = meaning,
    .call = "deliver",
    .role = VLS_PLUGIN_SINK,
    .name = "sink",
};

/* What is too much for a frame is left out: the delivery counts. */
static void answer(struct vls_channel *channel, uint64_t serial, struct show *s,
                   struct vls_status status, const struct vls_why *reason)
{
    struct vls_why why;
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__DeliverResult result = VALISE__DELIVER_RESULT__INIT, bare;
    Valise__Outcome outcome;
    vls_outcome_init(&outcome, status, reason);
    result.outcome = &outcome;
    bare = result;
    if (vls_ok(status))
        vls_held_fill(&s->held, &result);
    frame.reply_to = serial;
    frame.body_case = VALISE__FRAME__BODY_DELIVER_RESULT;
    frame.deliver_result = &result;
    if (valise__frame__get_packed_size(&frame) > VLS_MAX_FRAME - FRAME_OVERHEAD)
        frame.deliver_result = &bare;
    VLS_IGNORE(vls_channel_send(channel, &frame, NULL, 0, &why),
               "a router that is gone hands the message out again");
}

void vls_host_deliver(struct vls_plugin_host *host, struct vls_channel *channel,
                      const Valise__Frame *frame, struct vls_fds *fds)
{
    struct vls_why why = {{0}};
    VLS_DEFER(vls_show_fini) struct show s = {.host = host, .audience = &SINK};
    if (fds->count != 1) {
        struct vls_status broken =
            vls_fail(VLS_WIRE_MALFORMED, &why, "a delivery with %zu descriptors", fds->count);
        vls_host_fail(host, broken, &why);
        return;
    }
    struct vls_status status = vls_show(&s, frame->deliver, fds, &why);
    vls_log(vls_ok(status) ? VLS_LOG_INFO : VLS_LOG_WARN, "plugin.delivered",
            VLS_F("plugin", host->options.config->name), VLS_F("id", s.id),
            VLS_FN("attempt", frame->deliver->attempt), VLS_FN("again", s.has_already),
            VLS_FAILURE(status, &why));
    answer(channel, frame->serial, &s, status, &why);
}
