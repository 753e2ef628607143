/* The roles that a gateway asks: crypto, which seals by copying and signs in earnest, and a sink.
 */
#include "world_internal.h"

#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <schemas/exchange.pb-c.h>

#include "base/file.h"
#include "base/text.h"
#include "envelope/archive_labels.h"
#include "envelope/asked.h"
#include "ledger/note.h"
#include "wire/result.h"

#define SEALING_BYTE 0x5a

/* -- the crypto role --------------------------------------------------------------------------- */

void world_read_file(int fd, struct vls_buf *out)
{
    vls_buf_init(out, 64u << 20);
    assert_true(vls_ok(vls_fd_read_all(fd, out, NULL)));
}

/* In place of an archive: each of the two behind its length, then the documents. */
static void pack(struct vls_buf *out, ProtobufCBinaryData bytes)
{
    uint8_t length[8];
    vls_put_u64(length, bytes.len);
    assert_true(vls_ok(vls_buf_add(out, length, sizeof length)));
    assert_true(vls_ok(vls_buf_add(out, bytes.data, bytes.len)));
}

struct vls_slice world_unpack(struct vls_reader *r)
{
    return vls_reader_bytes(r, (size_t)vls_reader_u64(r));
}

void world_play_seal(struct gateway *g, const struct question *q, const Valise__SealRequest *in,
                     const int *fds, size_t fd_count)
{
    static const uint8_t SEALED[] = "a CMS structure";
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__SealResult result = VALISE__SEAL_RESULT__INIT;
    Valise__Outcome outcome = VALISE__OUTCOME__INIT;
    struct vls_digest digests[VLS_MAX_PARTS], sealed, content_digest;
    ProtobufCBinaryData pointers[VLS_MAX_PARTS];
    struct vls_buf content;
    Valise__SealRequest changed = *in;
    if (g->world->tamper_inside != NULL)
        g->world->tamper_inside(&changed);
    vls_buf_init(&content, 64u << 20);
    pack(&content, changed.descriptor_json);
    pack(&content, changed.labels_xml);
    for (size_t i = 0; i < in->n_parts; i++) {
        struct vls_buf part;
        world_read_file(fds[i], &part);
        digests[i] = vls_digest_of_slice(vls_buf_slice(&part));
        pointers[i] = (ProtobufCBinaryData){VLS_DIGEST_BYTES, digests[i].bytes};
        assert_true(vls_ok(vls_buf_add_slice(&content, vls_buf_slice(&part))));
        vls_buf_fini(&part);
    }
    for (size_t i = 0; i < content.len; i++)
        content.at[i] ^= SEALING_BYTE;
    content_digest = vls_digest_of_slice(vls_buf_slice(&content));
    sealed = vls_digest_of_slice(VLS_SLICE(SEALED, sizeof SEALED));
    if (!in->is_inline)
        assert_true(vls_ok(vls_fd_write(fds[fd_count - 1], vls_buf_slice(&content), NULL)));
    result.outcome = &outcome;
    result.id = in->id;
    result.sealed = (ProtobufCBinaryData){sizeof SEALED, (uint8_t *)(uintptr_t)SEALED};
    result.sealed_digest = (ProtobufCBinaryData){VLS_DIGEST_BYTES, sealed.bytes};
    result.content_digest = (ProtobufCBinaryData){VLS_DIGEST_BYTES, content_digest.bytes};
    result.content_bytes = content.len;
    if (in->is_inline)
        result.content = (ProtobufCBinaryData){content.len, content.at};
    result.n_part_digests = in->n_parts;
    result.part_digests = pointers;
    frame.body_case = VALISE__FRAME__BODY_SEAL_RESULT;
    frame.seal_result = &result;
    world_answer_later(g->world, q, &frame, -1);
    vls_buf_fini(&content);
}

void world_play_open_content(struct gateway *g, const struct question *q,
                             const Valise__OpenRequest *in, const int *fds, size_t fd_count)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__OpenResult result = VALISE__OPEN_RESULT__INIT;
    Valise__Outcome outcome = VALISE__OUTCOME__INIT;
    struct vls_buf content;
    if (in->content.len != 0) {
        vls_buf_init(&content, VLS_INLINE_CONTENT);
        assert_true(vls_ok(vls_buf_add(&content, in->content.data, in->content.len)));
    } else {
        world_read_file(fds[0], &content);
    }
    for (size_t i = 0; i < content.len; i++)
        content.at[i] ^= SEALING_BYTE;
    assert_true(vls_ok(vls_fd_write(fds[fd_count - 1], vls_buf_slice(&content), NULL)));
    result.outcome = &outcome;
    result.id = in->id;
    result.plain_bytes = content.len;
    frame.body_case = VALISE__FRAME__BODY_OPEN_RESULT;
    frame.open_result = &result;
    world_answer_later(g->world, q, &frame, -1);
    vls_buf_fini(&content);
}

struct vls_status world_sign_bytes(void *ctx, struct vls_slice message, uint8_t *out,
                                   struct vls_why *why)
{
    size_t len = VLS_ED25519_SIGNATURE;
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    (void)why;
    assert_int_equal(EVP_DigestSignInit(md, NULL, NULL, NULL, ctx), 1);
    assert_int_equal(EVP_DigestSign(md, out, &len, message.at, message.len), 1);
    EVP_MD_CTX_free(md);
    return VLS_DONE;
}

void world_public_half(EVP_PKEY *key, uint8_t out[VLS_ED25519_KEY])
{
    size_t len = VLS_ED25519_KEY;
    assert_int_equal(EVP_PKEY_get_raw_public_key(key, out, &len), 1);
}

void world_play_sign(struct gateway *g, const struct question *q, const Valise__SignRequest *in)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__SignResult result = VALISE__SIGN_RESULT__INIT;
    Valise__Outcome outcome = VALISE__OUTCOME__INIT;
    struct vls_checkpoint c = {.size = in->size};
    struct vls_note_key key = {.is_cosigner = in->is_cosignature};
    struct vls_buf note;
    vls_buf_init(&note, VLS_MAX_NOTE);
    vls_text_copy(c.origin, sizeof c.origin, in->log);
    assert_true(vls_ok(vls_digest_from(VLS_SLICE(in->root.data, in->root.len), &c.root)));
    if (g->world->on_sign != NULL)
        g->world->on_sign(g, in->log, in->size, c.root.bytes, in->is_cosignature);
    if (in->is_cosignature) {
        vls_witness_name(g->party, key.name);
        world_public_half(g->witness_key, key.key);
        assert_true(vls_ok(vls_checkpoint_cosign(&c, in->time_s + g->world->ahead_s, &key,
                                                 world_sign_bytes, g->witness_key, &note, NULL)));
    } else {
        vls_text_copy(key.name, sizeof key.name, in->log);
        world_public_half(g->log_key, key.key);
        assert_true(
            vls_ok(vls_checkpoint_sign(&c, &key, world_sign_bytes, g->log_key, &note, NULL)));
    }
    result.outcome = &outcome;
    result.note = (char *)(uintptr_t)vls_buf_text(&note);
    frame.body_case = VALISE__FRAME__BODY_SIGN_RESULT;
    frame.sign_result = &result;
    world_answer_later(g->world, q, &frame, -1);
    vls_buf_fini(&note);
}

/* -- the sink ---------------------------------------------------------------------------------- */

/* What the host does before a plugin sees anything. */
static struct vls_status check_inside(struct gateway *g, const Valise__Deliver *in,
                                      struct vls_reader *plain, struct vls_slice *out_json,
                                      struct vls_why *why)
{
    struct vls_descriptor descriptor VLS_DEFER(vls_descriptor_fini) = {0};
    struct vls_label whole VLS_DEFER(vls_label_fini) = {.scheme = NULL};
    struct vls_label parts[VLS_MAX_PARTS];
    struct vls_slice json = world_unpack(plain), labels = world_unpack(plain);
    *out_json = json;
    VLS_TRY(vls_label_decode(VLS_SLICE(in->label_der.data, in->label_der.len), &g->world->schemes,
                             &whole, why));
    VLS_TRY(vls_descriptor_read(json, &descriptor, why));
    VLS_TRY(vls_archive_labels_check(labels, &whole, &descriptor, &g->world->schemes,
                                     vls_wall_ms(&g->world->env), parts, why));
    for (size_t i = 0; i < descriptor.part_count; i++)
        vls_label_fini(&parts[i]);
    return VLS_DONE;
}

static void remember_delivered(struct gateway *g, unsigned host, const Valise__Deliver *in,
                               struct vls_slice json, struct vls_slice rest)
{
    struct world_delivered *d = NULL;
    for (size_t i = 0; i < g->delivered_count; i++)
        if (memcmp(g->delivered[i].id.bytes, in->id.data, VLS_ID_BYTES) == 0)
            d = &g->delivered[i];
    if (d == NULL) {
        g->delivered = realloc(g->delivered, (g->delivered_count + 1) * sizeof *g->delivered);
        d = &g->delivered[g->delivered_count++];
        *d = (struct world_delivered){.times = 0};
        memcpy(d->id.bytes, in->id.data, VLS_ID_BYTES);
        snprintf(d->first, sizeof d->first, "%.*s", (int)(rest.len < 60 ? rest.len : 60), rest.at);
        snprintf(d->descriptor, sizeof d->descriptor, "%.*s", (int)json.len, json.at);
        snprintf(d->label, sizeof d->label, "%s", in->label);
        snprintf(d->marking, sizeof d->marking, "%s", in->marking);
    }
    d->host = host;
    d->times++;
}

void world_play_deliver(struct gateway *g, const struct question *q, unsigned host,
                        const Valise__Deliver *in, int fd)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__DeliverResult result = VALISE__DELIVER_RESULT__INIT;
    Valise__Outcome outcome = VALISE__OUTCOME__INIT;
    struct vls_why why = {""};
    bool dies = world_goes_wrong(g->world, WORLD_SINK_DIES);
    if (!dies || world_roll(g->world) % 2 == 0) {
        struct vls_buf plain;
        world_read_file(fd, &plain);
        struct vls_reader reader = vls_reader_of(vls_buf_slice(&plain));
        struct vls_slice json;
        struct vls_status status = check_inside(g, in, &reader, &json, &why);
        if (vls_ok(status))
            remember_delivered(g, host, in, json, reader.rest);
        vls_outcome_init(&outcome, status, &why);
        vls_buf_fini(&plain);
    }
    if (dies) {
        world_break_off_later(g->world, q);
        return;
    }
    result.outcome = &outcome;
    frame.body_case = VALISE__FRAME__BODY_DELIVER_RESULT;
    frame.deliver_result = &result;
    world_answer_later(g->world, q, &frame, -1);
}

/* -- inspectors and resolvers ------------------------------------------------------------------ */

/* Of each document, as the descriptor divides what follows. */
static size_t digest_parts(struct gateway *g, const struct vls_descriptor *d, struct vls_slice rest,
                           struct vls_digest *out)
{
    for (size_t i = 0; i < d->part_count; i++) {
        size_t len = (size_t)d->parts[i].bytes;
        assert_true(len <= rest.len);
        out[i] = vls_digest_of_slice(VLS_SLICE(rest.at, len));
        if (g->world->is_other_shown)
            out[i].bytes[0] ^= 1;
        rest = VLS_SLICE(rest.at + len, rest.len - len);
    }
    return d->part_count;
}

static struct vls_status look(struct gateway *g, unsigned host, const Valise__Inspect *in,
                              struct vls_reader *plain, struct vls_digest *digests,
                              size_t *out_count, struct vls_why *why)
{
    struct vls_descriptor descriptor VLS_DEFER(vls_descriptor_fini) = {0};
    struct vls_slice json;
    char text[64];
    VLS_TRY(check_inside(g, in->message, plain, &json, why));
    VLS_TRY(vls_descriptor_read(json, &descriptor, why));
    struct vls_slice rest = plain->rest;
    snprintf(text, sizeof text, "%.*s", (int)(rest.len < 60 ? rest.len : 60), rest.at);
    if (g->world->verdict != NULL) {
        uint32_t code = g->world->verdict(g, host, in, text, why);
        if (code != VLS_OK)
            return (struct vls_status){code};
    }
    *out_count = digest_parts(g, &descriptor, rest, digests);
    return VLS_DONE;
}

void world_play_inspect(struct gateway *g, const struct question *q, unsigned host,
                        const Valise__Inspect *in, int fd)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__InspectResult result = VALISE__INSPECT_RESULT__INIT;
    Valise__Outcome outcome;
    struct vls_digest digests[VLS_MAX_PARTS];
    ProtobufCBinaryData pointers[VLS_MAX_PARTS];
    struct vls_why why = {""};
    struct vls_buf plain;
    if (world_goes_wrong(g->world, WORLD_INSPECTOR_DIES)) {
        world_break_off_later(g->world, q);
        return;
    }
    g->inspected++;
    world_read_file(fd, &plain);
    struct vls_reader reader = vls_reader_of(vls_buf_slice(&plain));
    struct vls_status status = look(g, host, in, &reader, digests, &result.n_part_digests, &why);
    for (size_t i = 0; i < result.n_part_digests; i++)
        pointers[i] = (ProtobufCBinaryData){VLS_DIGEST_BYTES, digests[i].bytes};
    if (g->hosts_dead != 0) { /* set by the verdict: it was its last */
        g->hosts_dead = 0;
        vls_buf_fini(&plain);
        world_break_off_host(g, host);
        world_break_off_later(g->world, q);
        return;
    }
    result.part_digests = pointers;
    vls_outcome_init(&outcome, status, &why);
    result.outcome = &outcome;
    frame.body_case = VALISE__FRAME__BODY_INSPECT_RESULT;
    frame.inspect_result = &result;
    world_answer_later(g->world, q, &frame, -1);
    vls_buf_fini(&plain);
}

void world_play_resolve(struct gateway *g, const struct question *q, unsigned host,
                        const Valise__Resolve *in)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__ResolveResult result = VALISE__RESOLVE_RESULT__INIT;
    Valise__Finding finding = VALISE__FINDING__INIT;
    Valise__ResolvedPart resolved = VALISE__RESOLVED_PART__INIT, *list[] = {&resolved};
    Valise__Part part = VALISE__PART__INIT;
    Valise__Outcome outcome;
    struct vls_why why = {""};
    struct vls_digest digest;
    const char *words = "", *label = "";
    VLS_DEFER(vls_fd_close) int fd = -1;
    if (world_goes_wrong(g->world, WORLD_RESOLVER_DIES)) {
        world_break_off_later(g->world, q);
        return;
    }
    finding.result = VLS_FOUND_NOT_FOUND;
    struct vls_status status = {VLS_OK};
    if (g->world->find != NULL)
        status.code = g->world->find(g, host, in, &finding, &words, &label);
    if (vls_ok(status) && vls_found_has_documents(finding.result)) {
        assert_true(vls_ok(vls_fd_memory_of("found", vls_slice_text(words), &fd, NULL)));
        digest = vls_digest_of_slice(vls_slice_text(words));
        part.name = (char *)(uintptr_t) "found.txt";
        part.bytes = strlen(words);
        part.label = (char *)(uintptr_t)label;
        resolved.part = &part;
        resolved.digest = (ProtobufCBinaryData){VLS_DIGEST_BYTES, digest.bytes};
        result.parts = list;
        result.n_parts = 1;
    }
    vls_outcome_init(&outcome, status, &why);
    result.outcome = &outcome;
    result.finding = vls_ok(status) ? &finding : NULL;
    frame.body_case = VALISE__FRAME__BODY_RESOLVE_RESULT;
    frame.resolve_result = &result;
    world_answer_later(g->world, q, &frame, fd);
}

/* -- the reader -------------------------------------------------------------------------------- */

/* As daemon/reader_work.c does it, with an archive of the world. */
static struct vls_status take_apart(struct vls_descriptor *d, struct vls_slice rest,
                                    const int *out_fds, size_t out_count, struct vls_asked *asked,
                                    bool *out_is_asked, struct vls_why *why)
{
    for (size_t i = 0; i < d->part_count; i++) {
        struct vls_slice bytes = VLS_SLICE(rest.at, (size_t)d->parts[i].bytes);
        assert_true(bytes.len <= rest.len);
        if (i < out_count)
            VLS_TRY(vls_fd_write(out_fds[i], bytes, why));
        if (strcmp(d->parts[i].name, VLS_ASKED_FILE) == 0)
            *out_is_asked = vls_ok(vls_asked_read(bytes, asked, why));
        rest = VLS_SLICE(rest.at + bytes.len, rest.len - bytes.len);
    }
    return VLS_DONE;
}

static void state_all(const struct vls_descriptor *d, Valise__Part *parts, Valise__Part **list,
                      Valise__Submission *out)
{
    for (size_t i = 0; i < d->part_count; i++) {
        valise__part__init(&parts[i]);
        parts[i].name = d->parts[i].name;
        parts[i].media_type = d->parts[i].media_type;
        parts[i].label = d->parts[i].label_text;
        parts[i].bytes = d->parts[i].bytes;
        list[i] = &parts[i];
    }
    out->n_parts = d->part_count;
    out->parts = list;
    out->embargo_until_ms = d->embargo_until_ms;
    if (d->distribution != NULL)
        out->distribution = d->distribution;
    out->n_about = d->abouts.count;
    out->about = d->abouts.at;
}

void world_play_read(struct gateway *g, const struct question *q, const Valise__ReadArchive *in,
                     const int *fds, size_t fd_count)
{
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__ReadArchiveResult result = VALISE__READ_ARCHIVE_RESULT__INIT;
    Valise__Submission stated = VALISE__SUBMISSION__INIT;
    Valise__Asked ask = VALISE__ASKED__INIT;
    Valise__Part parts[VLS_MAX_PARTS], *list[VLS_MAX_PARTS];
    Valise__Outcome outcome;
    struct vls_descriptor descriptor VLS_DEFER(vls_descriptor_fini) = {0};
    struct vls_asked asked VLS_DEFER(vls_asked_fini) = {.language_count = 0};
    struct vls_why why = {""};
    struct vls_buf plain;
    bool is_asked = false;
    if (world_goes_wrong(g->world, WORLD_READER_DIES)) {
        world_break_off_later(g->world, q);
        return;
    }
    world_read_file(fds[0], &plain);
    struct vls_reader reader = vls_reader_of(vls_buf_slice(&plain));
    struct vls_slice json = world_unpack(&reader);
    (void)world_unpack(&reader);
    struct vls_status status = vls_descriptor_read(json, &descriptor, &why);
    assert_true(!in->with_documents || descriptor.part_count == fd_count - 1);
    if (vls_ok(status))
        status =
            take_apart(&descriptor, reader.rest, fds + 1, fd_count - 1, &asked, &is_asked, &why);
    vls_outcome_init(&outcome, status, &why);
    result.outcome = &outcome;
    result.id = in->id;
    state_all(&descriptor, parts, list, &stated);
    result.stated = &stated;
    ask.symbol = asked.symbol;
    ask.issuer = asked.issuer;
    ask.languages = asked.languages;
    ask.n_languages = asked.language_count;
    if (is_asked)
        result.asked = &ask;
    result.not_asked = why.text;
    frame.body_case = VALISE__FRAME__BODY_READ_ARCHIVE_RESULT;
    frame.read_archive_result = &result;
    world_answer_later(g->world, q, &frame, -1);
    vls_buf_fini(&plain);
}
