/* A message before an inspector, with the digest of what it was shown. */
#include "base/log.h"
#include "plugin/show_internal.h"

static int begin(struct show *s, struct words *words)
{
    return (int)s->host->plugin.inspect_begin(s->host->state, &s->message, words->text,
                                              sizeof words->text);
}

static int part_begin(struct show *s, const struct vls_part *part, struct words *words)
{
    return (int)s->host->plugin.inspect_part_begin(s->host->state, part, words->text,
                                                   sizeof words->text);
}

static int part_bytes(struct show *s, struct vls_slice bytes, struct words *words)
{
    return (int)s->host->plugin.inspect_part_bytes(s->host->state, bytes.at, bytes.len, words->text,
                                                   sizeof words->text);
}

static int part_end(struct show *s, struct words *words)
{
    return (int)s->host->plugin.inspect_part_end(s->host->state, words->text, sizeof words->text);
}

static int end(struct show *s, struct words *words)
{
    return (int)s->host->plugin.inspect_end(s->host->state, words->text, sizeof words->text);
}

static void forget(struct show *s)
{
    s->host->plugin.inspect_abort(s->host->state);
}

/* A number that is none stops the message too: nobody has passed it. */
static struct vls_status meaning(struct show *s, int answer, bool is_begin,
                                 const struct words *words, struct vls_why *why)
{
    const char *name = s->host->options.config->name;
    (void)is_begin;
    switch (answer) {
    case VLS_VERDICT_PASS:
        return VLS_DONE;
    case VLS_VERDICT_RETRY:
        return vls_fail(VLS_PLUGIN_RETRY, why, "inspector %s cannot tell yet: %s", name,
                        words->text[0] != '\0' ? words->text : "it does not say why");
    case VLS_VERDICT_VETO:
        return vls_fail(VLS_PLUGIN_VETO, why, "vetoed by inspector %s: %s", name,
                        words->text[0] != '\0' ? words->text : "it does not say why");
    default:
        break;
    }
    return vls_fail(VLS_PLUGIN_VETO, why, "inspector %s answered %d, which is no verdict", name,
                    answer);
}

static const struct vls_audience INSPECTOR = {
    .begin = begin,
    .part_begin = part_begin,
    .part_bytes = part_bytes,
    .part_end = part_end,
    .end = end,
    .abort = forget,
    .meaning = meaning,
    .call = "inspect",
    .role = VLS_PLUGIN_INSPECTOR,
    .name = "inspector",
};

static void answer(const struct show *s, struct vls_channel *channel, uint64_t serial,
                   struct vls_status status, struct vls_why *why)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__InspectResult result = VALISE__INSPECT_RESULT__INIT;
    Valise__Outcome outcome;
    ProtobufCBinaryData digests[VLS_MAX_PARTS];
    vls_outcome_init(&outcome, status, why);
    result.outcome = &outcome;
    result.part_digests = digests;
    result.n_part_digests = vls_ok(status) ? s->part_count : 0;
    for (size_t i = 0; i < result.n_part_digests; i++)
        digests[i] = (ProtobufCBinaryData){VLS_DIGEST_BYTES, (uint8_t *)s->digests[i].bytes};
    frame.reply_to = serial;
    frame.body_case = VALISE__FRAME__BODY_INSPECT_RESULT;
    frame.inspect_result = &result;
    VLS_IGNORE(vls_channel_send(channel, &frame, NULL, 0, why),
               "a router that is gone shows the message again");
}

void vls_host_inspect(struct vls_plugin_host *host, struct vls_channel *channel,
                      const Valise__Frame *frame, struct vls_fds *fds)
{
    const Valise__Inspect *in = frame->inspect;
    struct vls_why why = {{0}};
    if (fds->count != 1 || in->message == NULL) {
        struct vls_status broken =
            vls_fail(VLS_WIRE_MALFORMED, &why, "an inspection without a message");
        vls_host_fail(host, broken, &why);
        return;
    }
    VLS_DEFER(vls_show_fini)
    struct show s = {.host = host,
                     .audience = &INSPECTOR,
                     .is_outgoing = in->is_outgoing,
                     .hash = vls_hash_new()};
    struct vls_status status = vls_show(&s, in->message, fds, &why);
    vls_log(vls_ok(status) ? VLS_LOG_INFO : VLS_LOG_WARN, "plugin.inspected",
            VLS_F("plugin", host->options.config->name), VLS_F("id", s.id),
            VLS_F("way", in->is_outgoing ? "out" : "in"), VLS_FAILURE(status, &why));
    answer(&s, channel, frame->serial, status, &why);
}
