/* A question to the resolver and what it finds: with the digest of each part, and what its bytes
 * say that it is. */
#include <stdio.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/id.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "plugin/finding.h"
#include "plugin/host_internal.h"
#include "plugin/sniff.h"
#include "wire/result.h"

#define FRAME_OVERHEAD 256 /* of the answer, besides what it holds */

struct resolving {
    struct vls_plugin_host *host;
    char id[VLS_ID_TEXT];
    struct vls_kept_finding finding;
    struct document *document; /* what was emitted; NULL: nothing, or it was given up */
    Valise__ResolvedPart parts[VLS_MAX_PARTS], *pointers[VLS_MAX_PARTS];
    struct vls_digest digests[VLS_MAX_PARTS];
    size_t looked_at;
};

/* -- asking ------------------------------------------------------------------------------------ */

static struct vls_status ask(struct resolving *r, const Valise__Resolve *in, struct vls_why *why)
{
    struct vls_plugin_host *host = r->host;
    char words[VLS_PLUGIN_WORDS + 1] = "";
    const struct vls_question question = {
        .size = sizeof question,
        .id = r->id,
        .symbol = in->symbol,
        .url = in->url,
        .language = in->language,
        .conversation = in->conversation,
        .reason = in->reason,
    };
    struct vls_finding finding = {.size = sizeof finding};
    host->draft = vls_document_new_answer(host);
    vls_host_enter(host);
    host->plugin.resolve(host->state, &question, &finding, words, sizeof words);
    vls_host_leave(host);
    r->document = host->draft;
    host->draft = NULL;
    words[sizeof words - 1] = '\0';
    struct vls_status status = vls_finding_take(&finding, words, &r->finding, why);
    if (!vls_ok(status)) {
        struct vls_why reason = *why;
        return vls_fail(status.code, why, "plugin %s: %s", host->options.config->name, reason.text);
    }
    return VLS_DONE;
}

/* -- what was emitted -------------------------------------------------------------------------- */

static struct vls_status look_at(int fd, uint64_t bytes, struct vls_hash *hash, char *sniffed,
                                 size_t room, struct vls_why *why)
{
    uint8_t *chunk VLS_DEFER(vls_mem_freep) = vls_mem_new(VLS_IO_CHUNK);
    for (uint64_t at = 0; at < bytes;) {
        size_t len = bytes - at < VLS_IO_CHUNK ? (size_t)(bytes - at) : VLS_IO_CHUNK;
        VLS_TRY(vls_fd_read_at(fd, chunk, len, at, why));
        if (at == 0)
            vls_text_copy(
                sniffed, room,
                vls_sniff(VLS_SLICE(chunk, len < VLS_SNIFF_BYTES ? len : VLS_SNIFF_BYTES)));
        vls_hash_add(hash, VLS_SLICE(chunk, len));
        at += len;
    }
    return VLS_DONE;
}

/* A 2xx is not a document. */
static void call_malformed(struct resolving *r, const Valise__Part *part, const char *sniffed)
{
    r->finding.result = VLS_RESULT_MALFORMED;
    vls_text_copy(r->finding.where, sizeof r->finding.where, part->name);
    snprintf(r->finding.why, sizeof r->finding.why, "it says %.100s, and its bytes are %.100s",
             part->media_type, sniffed[0] != '\0' ? sniffed : "something else");
}

static struct vls_status look_at_parts(struct resolving *r, struct vls_why *why)
{
    Valise__Submission *m = &r->document->message;
    struct vls_hash *hash = vls_hash_new();
    struct vls_status status = VLS_DONE;
    for (size_t i = 0; vls_ok(status) && i < m->n_parts; i++) {
        static const size_t ROOM = VLS_MAX_MEDIA_TYPE + 1;
        char *sniffed = vls_mem_new(ROOM);
        valise__resolved_part__init(&r->parts[i]);
        r->pointers[i] = &r->parts[i];
        r->parts[i].part = m->parts[i];
        r->parts[i].sniffed = sniffed;
        status = look_at(r->document->fds[i], m->parts[i]->bytes, hash, sniffed, ROOM, why);
        r->digests[i] = vls_hash_finish(hash);
        r->parts[i].digest = (ProtobufCBinaryData){VLS_DIGEST_BYTES, r->digests[i].bytes};
        r->looked_at = i + 1;
        if (vls_ok(status) && vls_sniff_contradicts(m->parts[i]->media_type, sniffed))
            call_malformed(r, m->parts[i], sniffed);
    }
    vls_hash_free(&hash);
    return status;
}

static struct vls_status resolve(struct resolving *r, const Valise__Resolve *in,
                                 struct vls_why *why)
{
    struct vls_plugin_host *host = r->host;
    const char *name = host->options.config->name;
    struct vls_id id;
    VLS_TRY(vls_id_from(VLS_SLICE(in->id.data, in->id.len), &id));
    vls_id_text(&id, r->id);
    if ((host->plugin.roles & VLS_PLUGIN_RESOLVER) == 0)
        return vls_fail(VLS_PLUGIN_MISSING, why, "plugin %s is no resolver", name);
    if (host->phase != HOST_SERVING)
        return vls_fail(VLS_PLUGIN_RETRY, why, "plugin %s is starting or stopping", name);
    VLS_TRY(ask(r, in, why));
    if (vls_found_has_documents(r->finding.result) &&
        (r->document == NULL || r->document->message.n_parts == 0))
        return vls_fail(VLS_PLUGIN_INVALID, why,
                        "plugin %s says %s, and gives no document that can be taken", name,
                        vls_found_name(r->finding.result));
    if (vls_found_has_documents(r->finding.result))
        VLS_TRY(look_at_parts(r, why));
    if (!vls_found_has_documents(r->finding.result)) /* nothing of it goes on */
        vls_document_free(&r->document);
    return VLS_DONE;
}

/* -- answering --------------------------------------------------------------------------------- */

static struct vls_status answer(struct resolving *r, struct vls_channel *channel, uint64_t serial,
                                struct vls_status status, const struct vls_why *reason,
                                struct vls_why *why)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__ResolveResult result = VALISE__RESOLVE_RESULT__INIT;
    Valise__Outcome outcome;
    Valise__Finding finding;
    bool has_parts = vls_ok(status) && r->document != NULL;
    vls_outcome_init(&outcome, status, reason);
    result.outcome = &outcome;
    if (vls_ok(status)) {
        vls_finding_fill(&r->finding, &finding);
        result.finding = &finding;
    }
    if (has_parts) {
        result.n_parts = r->document->message.n_parts;
        result.parts = r->pointers;
        result.n_about = r->document->message.n_about;
        result.about = r->document->message.about;
    }
    frame.reply_to = serial;
    frame.body_case = VALISE__FRAME__BODY_RESOLVE_RESULT;
    frame.resolve_result = &result;
    if (valise__frame__get_packed_size(&frame) > VLS_MAX_FRAME - FRAME_OVERHEAD)
        return vls_fail(VLS_INPUT_LIMIT, why, "names and labels of the parts are above one frame");
    return vls_channel_send(channel, &frame, has_parts ? r->document->fds : NULL,
                            has_parts ? r->document->fd_count : 0, why);
}

static void resolving_fini(struct resolving *r)
{
    for (size_t i = 0; i < r->looked_at; i++)
        vls_mem_free(r->parts[i].sniffed);
    vls_document_free(&r->document);
}

void vls_host_resolve(struct vls_plugin_host *host, struct vls_channel *channel,
                      const Valise__Frame *frame)
{
    struct vls_why why = {{0}}, unsent = {{0}};
    VLS_DEFER(resolving_fini) struct resolving r = {.host = host};
    struct vls_status status = resolve(&r, frame->resolve, &why);
    vls_log(vls_ok(status) ? VLS_LOG_INFO : VLS_LOG_WARN, "plugin.resolved",
            VLS_F("plugin", host->options.config->name), VLS_F("id", r.id),
            VLS_F("symbol", frame->resolve->is_private ? "" : frame->resolve->symbol),
            VLS_F("language", frame->resolve->language),
            VLS_F("result", vls_ok(status) ? vls_found_name(r.finding.result) : ""),
            VLS_FAILURE(status, &why));
    struct vls_status sent = answer(&r, channel, frame->serial, status, &why, &unsent);
    if (sent.code == VLS_INPUT_LIMIT)
        sent = answer(&r, channel, frame->serial, sent, &unsent, &why);
    VLS_IGNORE(sent, "a router that is gone has nobody left who asked");
}
