/*
 * route/submit - a document becomes a message: checked, sealed by the crypto role, decided,
 * recorded, and only then answered.
 *
 * Policy is asked twice. Before sealing, on the metadata: what is withheld or quarantined is sealed
 * to the own archive key alone. After it, with the documents' digests known, for the decision that
 * counts. What the partner could not open is not recorded as something that may leave.
 */
#include "route/submit.h"

#include <stdio.h>
#include <string.h>
#include <utlist.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "envelope/about.h"
#include "envelope/archive.h"
#include "envelope/seal.h"
#include "policy/kinds.h"
#include "route/catalogue.h"
#include "route/clearance.h"
#include "route/furnish.h"
#include "route/gather.h"
#include "route/inspect.h"
#include "route/labels.h"
#include "route/likeness.h"
#include "route/requests.h"
#include "route/subscribe.h"
#include "route/uniform.h"
#include "store/details.h"

#define FRAME_OVERHEAD 64 /* of a question, besides what it asks */

/** Who is told what became of it: another process, or a part of the router. */
struct asker {
    uint64_t handle;
    vls_submitted_fn done; /* NULL: the one with the handle */
    void *ctx;
};

struct vls_submission {
    struct vls_submission *next, *prev;
    struct vls_route *route;
    struct vls_partner *partner;
    struct asker asker;
    char *origin;
    Valise__Submission *in; /* owned copy */
    struct vls_id id, duplicate_of;
    bool is_duplicate, is_inline, is_for_partner; /* is_for_partner: sealed to it, too */
    struct vls_labels labels;
    struct vls_why label_trouble;
    struct vls_media_types media_types;
    struct vls_likeness_found likeness;
    uint64_t bytes;
    int content_fd;
    enum vls_state state;
    char reason[256];
};

static void submission_free(struct vls_submission *s)
{
    vls_fd_close(&s->content_fd);
    vls_labels_fini(&s->labels);
    vls_media_types_fini(&s->media_types);
    if (s->in != NULL)
        valise__submission__free_unpacked(s->in, NULL);
    vls_mem_free(s->origin);
    vls_mem_free(s);
}

static void finish(struct vls_submission *s)
{
    DL_DELETE(s->route->submissions, s);
    s->route->submission_count--;
    submission_free(s);
}

/* -- answers ----------------------------------------------------------------------------------- */

static void answer(struct vls_route *route, const struct asker *asker, struct vls_status status,
                   const struct vls_why *why, Valise__SubmissionResult *result)
{
    Valise__Outcome outcome;
    Valise__Frame frame = VALISE__FRAME__INIT;
    vls_outcome_init(&outcome, status, why);
    result->outcome = &outcome;
    frame.body_case = VALISE__FRAME__BODY_SUBMISSION_RESULT;
    frame.submission_result = result;
    if (asker->done != NULL)
        asker->done(asker->ctx, status, why, result);
    else
        route->o.ports.answer(route->o.ports.ctx, asker->handle, &frame, NULL, 0);
}

static void refuse(struct vls_route *route, const struct asker *asker, const char *origin,
                   struct vls_status status, const struct vls_why *why)
{
    Valise__SubmissionResult result = VALISE__SUBMISSION_RESULT__INIT;
    vls_route_log(route, VLS_LOG_WARN, "message.refused", VLS_F("origin", origin),
                  VLS_FAILURE(status, why));
    answer(route, asker, status, why, &result);
}

/* vls_after_fn: it is on disk, or it is not */
static void answer_recorded(void *ctx, struct vls_status commit)
{
    struct vls_submission *s = ctx;
    struct vls_why why = {""};
    Valise__SubmissionResult result = VALISE__SUBMISSION_RESULT__INIT;
    if (vls_ok(commit)) {
        result.id = vls_data(vls_id_slice(&s->id));
        result.state = vls_field_text(vls_state_name(s->state));
        result.reason = s->reason;
        result.like = s->likeness.like;
        result.advice = s->likeness.advice;
        if (s->likeness.like != VLS_LIKENESS_NONE)
            result.duplicate_of = vls_data(vls_id_slice(&s->likeness.other));
    } else {
        commit = vls_fail(commit.code, &why, "not recorded: %s; nothing was kept, send it again",
                          vls_status_text(commit));
    }
    answer(s->route, &s->asker, commit, &why, &result);
    finish(s);
}

/* -- checks ------------------------------------------------------------------------------------ */

static struct vls_status check_part(const Valise__Submission *in, size_t i, int fd,
                                    struct vls_why *why)
{
    const Valise__Part *part = in->parts[i];
    uint64_t bytes;
    if (!vls_text_is_file_name(part->name))
        return vls_fail(VLS_INPUT_MALFORMED, why, "document %zu: '%.80s' is not a plain file name",
                        i + 1, part->name);
    for (size_t k = 0; k < i; k++)
        if (strcmp(in->parts[k]->name, part->name) == 0)
            return vls_fail(VLS_INPUT_MALFORMED, why, "two documents are called '%.80s'",
                            part->name);
    VLS_TRY(vls_text_check("media type", part->media_type, VLS_MAX_MEDIA_TYPE, why));
    VLS_TRY(vls_text_check("label of a document", part->label, VLS_MAX_LABEL_TEXT, why));
    VLS_TRY(vls_fd_size(fd, &bytes, why));
    if (bytes != part->bytes)
        return vls_fail(VLS_ENVELOPE_SOURCE, why,
                        "'%.80s' has %llu bytes now, and %llu were announced", part->name,
                        (unsigned long long)bytes, (unsigned long long)part->bytes);
    return VLS_DONE;
}

static struct vls_status check_parts(struct vls_submission *s, const struct vls_fds *fds,
                                     struct vls_why *why)
{
    const Valise__Submission *in = s->in;
    if (in->n_parts == 0 || in->n_parts > VLS_MAX_PARTS)
        return vls_fail(VLS_INPUT_LIMIT, why, "%zu documents in one message; 1 to %d can be sent",
                        in->n_parts, VLS_MAX_PARTS);
    if (fds->count != in->n_parts)
        return vls_fail(VLS_INPUT_MALFORMED, why, "%zu documents are announced and %zu came",
                        in->n_parts, fds->count);
    for (size_t i = 0; i < in->n_parts; i++) {
        VLS_TRY(check_part(in, i, fds->fd[i], why));
        if (in->parts[i]->bytes > VLS_MAX_CONTENT - s->bytes)
            return vls_fail(VLS_INPUT_LIMIT, why, "the documents are larger than %llu bytes in all",
                            (unsigned long long)VLS_MAX_CONTENT);
        s->bytes += in->parts[i]->bytes;
    }
    return VLS_DONE;
}

static struct vls_status check(struct vls_submission *s, const struct vls_fds *fds,
                               struct vls_why *why)
{
    const Valise__Submission *in = s->in;
    const struct vls_kind *kind = vls_kind_by_name(in->kind);
    if (kind == NULL)
        return vls_fail(VLS_POLICY_KIND, why, "'%.80s' is not a kind of message", in->kind);
    s->partner = vls_route_partner(s->route, in->to);
    if (s->partner == NULL)
        return vls_fail(VLS_POLICY_PARTY, why, "'%.80s' is not a partner of this gateway", in->to);
    if (in->in_reply_to.len != 0 && in->in_reply_to.len != VLS_ID_BYTES)
        return vls_fail(VLS_INPUT_MALFORMED, why, "in-reply-to is not a message id");
    if (kind->is_answer && in->in_reply_to.len == 0)
        return vls_fail(VLS_INPUT_MALFORMED, why,
                        "a message of kind %s must say what it answers: in-reply-to", kind->name);
    if (in->deadline_ms != 0 && in->deadline_ms <= vls_route_wall(s->route))
        return vls_fail(VLS_INPUT_MALFORMED, why, "the deadline has passed");
    VLS_TRY(vls_text_check("label", in->label, VLS_MAX_LABEL_TEXT, why));
    VLS_TRY(vls_text_check("body", in->body, VLS_MAX_NAME, why));
    VLS_TRY(vls_text_check("subject", in->subject, VLS_MAX_SUBJECT, why));
    VLS_TRY(vls_text_check("conversation", in->conversation, VLS_MAX_NAME, why));
    VLS_TRY(vls_text_check("submitter's key", in->origin_key, VLS_MAX_ORIGIN_KEY, why));
    VLS_TRY(vls_gather_check(in, why));
    VLS_TRY(check_parts(s, fds, why));
    if (in->n_fingerprints > in->n_parts)
        return vls_fail(VLS_INPUT_LIMIT, why, "more fingerprints than documents");
    return vls_abouts_check(in->about, in->n_about, in->n_parts, why);
}

/* A label that is missing or not understood is no reason to refuse: the message is kept, in
 * quarantine. */
static void read_labels(struct vls_submission *s)
{
    struct vls_status status = vls_labels_read(s->in, s->route->o.schemes, vls_route_wall(s->route),
                                               &s->labels, &s->label_trouble);
    if (!vls_ok(status) && s->label_trouble.text[0] == '\0')
        vls_text_copy(s->label_trouble.text, sizeof s->label_trouble.text, vls_status_text(status));
}

/* -- deciding ---------------------------------------------------------------------------------- */

static bool may_leave(const struct vls_decision *decision)
{
    return decision->outcome == VLS_OUTCOME_RELEASE || decision->outcome == VLS_OUTCOME_REFER;
}

static struct vls_status decide(struct vls_submission *s, struct vls_decision *out,
                                struct vls_why *why)
{
    struct vls_route *route = s->route;
    struct vls_why clearance = {""};
    if (s->labels.whole.scheme != NULL &&
        !vls_ok(vls_route_clearance_partner(route, s->partner, &s->labels.whole, &clearance)) &&
        clearance.text[0] == '\0')
        return vls_fail(VLS_SYSTEM_BUG, why, "a clearance is refused without a reason");
    struct vls_facts facts = {.id = s->id,
                              .kind = s->in->kind,
                              .from = route->o.config->node.party,
                              .to = s->in->to,
                              .body = s->in->body,
                              .label = s->labels.whole,
                              .label_trouble = s->label_trouble.text,
                              .clearance = clearance.text,
                              .bytes = s->bytes,
                              .is_duplicate = s->is_duplicate,
                              .answers = vls_gather_answers(route, s->in->kind, s->in->to, VLS_IN,
                                                            vls_bytes(s->in->in_reply_to)),
                              .now_ms = vls_route_wall(route)};
    vls_gather_stated(s->in, &s->media_types, &facts);
    VLS_TRY(vls_decide(route->arrangement, route->house, &facts, out, why));
    if (may_leave(out) &&
        vls_uniform_replaces(route, s->origin, s->in, out->reason, sizeof out->reason))
        out->outcome = VLS_OUTCOME_WITHHOLD; /* the record keeps what the rules say */
    if (out->is_alarm)
        vls_route_log(route, VLS_LOG_ERROR, "alarm.evaluators", VLS_F("origin", s->origin),
                      VLS_F("kind", s->in->kind), VLS_F("why", out->reason));
    return VLS_DONE;
}

/* Whether these bytes went to the partner before is not known yet: could it leave in either case?
 */
static struct vls_status could_leave(struct vls_submission *s, bool *out, struct vls_why *why)
{
    *out = false;
    for (int i = 0; i < 2 && !*out; i++) {
        struct vls_decision decision;
        s->is_duplicate = i != 0;
        struct vls_status status = decide(s, &decision, why);
        s->is_duplicate = false;
        VLS_TRY(status);
        *out = may_leave(&decision);
        vls_decision_fini(&decision);
    }
    return VLS_DONE;
}

static enum vls_state state_of(enum vls_outcome outcome)
{
    switch (outcome) {
    case VLS_OUTCOME_RELEASE:
        return VLS_STATE_RELEASED;
    case VLS_OUTCOME_REFER:
        return VLS_STATE_REFERRED;
    case VLS_OUTCOME_QUARANTINE:
        return VLS_STATE_QUARANTINED;
    case VLS_OUTCOME_WITHHOLD:
        break;
    }
    return VLS_STATE_WITHHELD;
}

/* -- sealed: the message comes into being ------------------------------------------------------ */

static struct vls_status make_manifest(struct vls_submission *s, const Valise__SealResult *sealed,
                                       struct vls_slice label, struct vls_buf *out,
                                       struct vls_why *why)
{
    struct vls_route *route = s->route;
    const struct vls_arrangement *arrangement = route->arrangement;
    uint8_t nonce[VLS_NONCE_BYTES];
    Valise__Manifest m = VALISE__MANIFEST__INIT;
    vls_random(route->o.env, nonce, sizeof nonce);
    m.version = VLS_MANIFEST_VERSION;
    m.id = vls_data(vls_id_slice(&s->id));
    m.nonce = vls_data(VLS_SLICE(nonce, sizeof nonce));
    m.kind = s->in->kind;
    m.from = route->o.config->node.party;
    m.to = s->in->to;
    m.created_ms = vls_id_ms(&s->id);
    m.deadline_ms = s->in->deadline_ms;
    m.conversation = s->in->conversation;
    m.in_reply_to = s->in->in_reply_to;
    m.arrangement = vls_field_text(vls_arrangement_name(arrangement));
    m.arrangement_version = vls_arrangement_version(arrangement);
    m.arrangement_digest = vls_data(vls_digest_slice(vls_arrangement_digest(arrangement)));
    m.label = vls_data(label);
    m.sealed_digest = sealed->sealed_digest;
    m.content_digest = sealed->content_digest;
    m.content_bytes = sealed->content_bytes;
    m.body = s->in->body;
    return vls_manifest_write(&m, out, why);
}

static void find_duplicate(struct vls_submission *s, const Valise__SealResult *sealed)
{
    struct vls_why why;
    struct vls_digest digest;
    for (size_t i = 0; i < sealed->n_part_digests && !s->is_duplicate; i++)
        s->is_duplicate = vls_ok(vls_digest_from(vls_bytes(sealed->part_digests[i]), &digest)) &&
                          vls_ok(vls_store_by_document(s->route->o.store, s->in->to, &digest,
                                                       &s->duplicate_of, &why));
}

struct vls_status vls_route_record(struct vls_route *route, struct vls_partner *partner,
                                   const struct vls_id *id, struct vls_slice manifest,
                                   struct vls_why *why)
{
    struct vls_digest leaf = vls_leaf_of_record(VLS_LEAF_SENT, manifest);
    VLS_TRY(vls_store_set_recorded(route->o.store, id, vls_log_next(&partner->sent), why));
    VLS_TRY(vls_requests_released(route, partner, manifest, why));
    return vls_log_append(&partner->sent, &leaf, why); /* last: a tree has no undo */
}

static struct vls_status add_message(struct vls_submission *s, const Valise__SealResult *sealed,
                                     struct vls_slice manifest, const struct vls_decision *decision,
                                     const char *label, struct vls_slice part_digests,
                                     struct vls_why *why)
{
    uint64_t now = vls_route_wall(s->route);
    struct vls_message m = {.id = s->id,
                            .direction = VLS_OUT,
                            .state = s->state,
                            .party = s->in->to,
                            .kind = s->in->kind,
                            .body = s->in->body,
                            .label = label,
                            .subject = s->in->subject,
                            .conversation = s->in->conversation,
                            .origin = s->origin,
                            .origin_key = s->in->origin_key,
                            .reason = s->reason,
                            .created_ms = vls_id_ms(&s->id),
                            .changed_ms = now,
                            .due_ms = now,
                            .in_reply_to = vls_bytes(s->in->in_reply_to),
                            .manifest_digest = vls_digest_of_slice(manifest),
                            .content_bytes = sealed->content_bytes,
                            .log_index = VLS_NO_INDEX,
                            .manifest = manifest,
                            .sealed = vls_bytes(sealed->sealed),
                            .content = vls_bytes(sealed->content),
                            .decision = vls_buf_slice(&decision->record),
                            .their_index = VLS_NO_INDEX,
                            .part_digests = part_digests};
    if (s->is_duplicate)
        m.duplicate_of = vls_id_slice(&s->duplicate_of);
    VLS_TRY(vls_digest_from(vls_bytes(sealed->content_digest), &m.content_digest));
    return vls_store_add(s->route->o.store, &m, why);
}

/* -- what it is, and how it stands to what went before ----------------------------------------- */

struct sealed_part { /* for vls_catalogue_enter() */
    const struct vls_submission *s;
    const Valise__SealResult *sealed;
};

static const char *name_of_part(const void *ctx, size_t i)
{
    return ((const struct sealed_part *)ctx)->s->in->parts[i]->name;
}

static const char *label_of_part(const void *ctx, size_t i)
{
    return ((const struct sealed_part *)ctx)->s->in->parts[i]->label;
}

static struct vls_slice digest_of_part(const void *ctx, size_t i)
{
    const Valise__SealResult *sealed = ((const struct sealed_part *)ctx)->sealed;
    return i < sealed->n_part_digests ? vls_bytes(sealed->part_digests[i]) : VLS_SLICE(NULL, 0);
}

/* The uniform answer is a constant, and no document. */
static struct vls_status enter_in_catalogue(struct vls_submission *s,
                                            const Valise__SealResult *sealed, const char *label,
                                            struct vls_why *why)
{
    const struct sealed_part ctx = {s, sealed};
    const struct vls_catalogue_entry entry = {.id = &s->id,
                                              .direction = VLS_OUT,
                                              .party = s->in->to,
                                              .kind = s->in->kind,
                                              .label = label != NULL ? label : "",
                                              .title = s->in->subject,
                                              .held_ms = vls_id_ms(&s->id),
                                              .abouts = s->in->about,
                                              .about_count = s->in->n_about,
                                              .part_count = s->in->n_parts,
                                              .name_of = name_of_part,
                                              .label_of = label_of_part,
                                              .digest_of = digest_of_part,
                                              .ctx = &ctx,
                                              .fingerprints = s->in->fingerprints,
                                              .fingerprint_count = s->in->n_fingerprints};
    if (strcmp(s->origin, VLS_UNIFORM_ORIGIN) == 0)
        return VLS_DONE;
    if (s->likeness.advice[0] != '\0') {
        const struct vls_likeness likeness = {s->likeness.like, s->likeness.other,
                                              s->likeness.advice};
        VLS_TRY(vls_catalogue_advise(s->route->o.store, &s->id, &likeness, why));
    }
    return vls_catalogue_enter(s->route, &entry, why);
}

struct vls_status vls_route_save_plugin_state(struct vls_route *route, const char *origin,
                                              const Valise__Submission *in, struct vls_why *why)
{
    static const char PREFIX[] = "plugin:";
    if (in->n_state == 0 || strncmp(origin, PREFIX, sizeof PREFIX - 1) != 0)
        return VLS_DONE;
    for (size_t i = 0; i < in->n_state; i++)
        VLS_TRY(vls_store_state_put(route->o.store, origin + sizeof PREFIX - 1, in->state[i]->key,
                                    vls_bytes(in->state[i]->value), why));
    return VLS_DONE;
}

static struct vls_status pack_digests(const Valise__SealResult *sealed, struct vls_buf *out)
{
    for (size_t i = 0; i < sealed->n_part_digests; i++)
        VLS_TRY(vls_buf_add_slice(out, vls_bytes(sealed->part_digests[i])));
    return VLS_DONE;
}

struct paper { /* what the message is made of, besides what the crypto role sealed */
    struct vls_buf manifest, digests;
    struct vls_decision decision;
};

/* The uniform answer is a constant: there is nothing in it to be found. */
static bool is_to_be_inspected(const struct vls_submission *s)
{
    return strcmp(s->origin, VLS_UNIFORM_ORIGIN) != 0 && vls_inspect_is_due(s->route, VLS_OUT);
}

static struct vls_status put_message(struct vls_submission *s, const Valise__SealResult *sealed,
                                     struct paper *p, struct vls_why *why)
{
    VLS_TRY(decide(s, &p->decision, why));
    s->state = state_of(p->decision.outcome);
    if (may_leave(&p->decision) && is_to_be_inspected(s))
        s->state = VLS_STATE_INSPECTING;
    if (may_leave(&p->decision) && !s->is_for_partner)
        return vls_fail(VLS_ROUTE_BUSY, why,
                        "the decision has changed while it was sealed; send it again");
    snprintf(s->reason, sizeof s->reason, "%s%s",
             s->state == VLS_STATE_INSPECTING ? "waits for its inspectors; decided: " : "",
             p->decision.reason);
    if (s->labels.whole.scheme != NULL)
        VLS_TRY(make_manifest(s, sealed, vls_buf_slice(&s->labels.der), &p->manifest, why));
    VLS_TRY(pack_digests(sealed, &p->digests));
    VLS_TRY(add_message(s, sealed, vls_buf_slice(&p->manifest), &p->decision,
                        vls_buf_text(&s->labels.text), vls_buf_slice(&p->digests), why));
    VLS_TRY(enter_in_catalogue(s, sealed, vls_buf_text(&s->labels.text), why));
    VLS_TRY(vls_requests_submitted(s->route, s->origin, s->in, &s->id, s->state, why));
    VLS_TRY(vls_furnish_submitted(s->route, s->origin, s->in, s->state, why));
    if (s->in->n_full_label != 0)
        VLS_TRY(vls_store_details_add(s->route->o.store, &s->id, why));
    VLS_TRY(vls_route_save_plugin_state(s->route, s->origin, s->in, why));
    if (s->state == VLS_STATE_RELEASED)
        VLS_TRY(vls_route_record(s->route, s->partner, &s->id, vls_buf_slice(&p->manifest), why));
    return VLS_DONE;
}

static struct vls_status keep_content(struct vls_submission *s, const Valise__SealResult *sealed,
                                      struct vls_why *why)
{
    struct vls_digest digest;
    VLS_TRY(vls_digest_from(vls_bytes(sealed->content_digest), &digest));
    if (s->is_inline)
        return sealed->content.len == sealed->content_bytes
                   ? VLS_DONE
                   : vls_fail(VLS_SYSTEM_BUG, why, "the sealed content is not all there");
    return vls_content_keep(s->route->o.store, s->content_fd, &digest, why);
}

/* What was taken from elsewhere is what it was there: on its way here it passed other processes. */
static struct vls_status check_digests(const struct vls_submission *s,
                                       const Valise__SealResult *sealed, struct vls_why *why)
{
    for (size_t i = 0; i < s->in->n_parts && i < sealed->n_part_digests; i++) {
        struct vls_slice expected = vls_bytes(s->in->parts[i]->digest);
        if (expected.len != 0 && !vls_slice_is_equal(expected, vls_bytes(sealed->part_digests[i])))
            return vls_fail(VLS_ENVELOPE_DIGEST, why, "document %zu is not what it was", i + 1);
    }
    return VLS_DONE;
}

static struct vls_status make_message(struct vls_submission *s, const Valise__SealResult *sealed,
                                      struct vls_why *why)
{
    struct paper p = {.decision = {.outcome = VLS_OUTCOME_WITHHOLD}};
    vls_buf_init(&p.manifest, VLS_MAX_MANIFEST);
    vls_buf_init(&p.digests, VLS_MAX_PARTS * VLS_DIGEST_BYTES);
    struct vls_status status = check_digests(s, sealed, why);
    if (vls_ok(status))
        status = vls_route_begin(s->route, why);
    if (vls_ok(status))
        status = vls_store_mark(s->route->o.store, why);
    if (vls_ok(status)) {
        find_duplicate(s, sealed);
        status = vls_likeness_find(s->route, s->in, s->is_duplicate ? &s->duplicate_of : NULL,
                                   &s->likeness, why);
        if (vls_ok(status))
            status = keep_content(s, sealed, why);
        if (vls_ok(status))
            status = put_message(s, sealed, &p, why);
        if (!vls_ok(status))
            vls_store_undo(s->route->o.store);
    }
    vls_decision_fini(&p.decision);
    vls_buf_fini(&p.manifest);
    vls_buf_fini(&p.digests);
    return status;
}

/* vls_answer_fn */
static void on_sealed(void *ctx, struct vls_status status, const Valise__Frame *frame,
                      struct vls_fds *fds)
{
    struct vls_submission *s = ctx;
    struct vls_why why = {"the crypto role went away; send it again"};
    (void)fds;
    if (vls_ok(status))
        status = vls_outcome_status(frame->seal_result->outcome, &why);
    if (vls_ok(status))
        status = make_message(s, frame->seal_result, &why);
    if (!vls_ok(status)) {
        refuse(s->route, &s->asker, s->origin, status, &why);
        finish(s);
        return;
    }
    char id[VLS_ID_TEXT];
    vls_id_text(&s->id, id);
    vls_route_log(s->route, VLS_LOG_INFO, "message.submitted", VLS_F("id", id),
                  VLS_F("to", s->in->to), VLS_F("kind", s->in->kind),
                  VLS_F("state", vls_state_name(s->state)), VLS_F("origin", s->origin),
                  VLS_FN("bytes", s->bytes));
    vls_route_after(s->route, answer_recorded, s);
}

/* -- submitted: on to the crypto role ---------------------------------------------------------- */

/* What is packed in front of the documents. */
struct papers {
    struct vls_buf descriptor, labels;
};

/* As it is understood; where it is not, as the submitter wrote it: the own archive keeps that. */
static const char *text_of(struct vls_submission *s)
{
    return s->labels.whole.scheme != NULL ? vls_buf_text(&s->labels.text) : s->in->label;
}

static const char *text_of_part(const struct vls_submission *s, size_t i, struct vls_buf *text)
{
    if (s->labels.whole.scheme == NULL)
        return s->in->parts[i]->label;
    vls_buf_init(text, VLS_MAX_LABEL_TEXT);
    if (s->labels.parts[i].scheme != NULL && !vls_ok(vls_label_text(&s->labels.parts[i], text)))
        return NULL;
    return vls_buf_text(text);
}

static struct vls_status write_papers(struct vls_submission *s, const struct vls_descriptor *d,
                                      struct papers *out, struct vls_why *why)
{
    VLS_TRY(vls_labels_xml(&s->labels, d, vls_id_ms(&s->id), s->route->o.config->node.party,
                           &out->labels, why));
    return vls_descriptor_write(d, &out->descriptor, why);
}

/* What the recipient has to know of it, and nobody on the way. */
static void state_handling(const Valise__Submission *in, struct vls_descriptor *out)
{
    out->distribution = vls_field_text(vls_gather_distribution(in));
    out->has_personal_data = vls_gather_is_personal(in);
    out->safeguards = in->safeguards;
    out->embargo_until_ms = in->embargo_until_ms;
    out->audience = (struct vls_descriptor_names){in->audience, in->n_audience};
    out->topics = (struct vls_descriptor_names){in->topics, in->n_topics};
    out->answer_state = in->answer_state;
    out->abouts = (struct vls_descriptor_abouts){in->about, in->n_about};
}

static struct vls_status make_papers(struct vls_submission *s, struct papers *out,
                                     struct vls_why *why)
{
    struct vls_descriptor_part parts[VLS_MAX_PARTS];
    struct vls_buf texts[VLS_MAX_PARTS] = {{0}};
    struct vls_descriptor d = {.subject = s->in->subject,
                               .label_text = vls_field_text(text_of(s)),
                               .parts = parts,
                               .part_count = s->in->n_parts};
    state_handling(s->in, &d);
    struct vls_status status = VLS_DONE;
    for (size_t i = 0; i < s->in->n_parts; i++) {
        const char *text = text_of_part(s, i, &texts[i]);
        if (text == NULL)
            status = vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for the label of a document");
        parts[i] = (struct vls_descriptor_part){.name = s->in->parts[i]->name,
                                                .media_type = s->in->parts[i]->media_type,
                                                .label_text = vls_field_text(text),
                                                .bytes = s->in->parts[i]->bytes};
    }
    if (vls_ok(status))
        status = write_papers(s, &d, out, why);
    for (size_t i = 0; i < s->in->n_parts; i++)
        vls_buf_fini(&texts[i]);
    return status;
}

/* A label for which the form that goes with the documents has no place is one that is not
 * understood. */
static struct vls_status make_papers_or_quarantine(struct vls_submission *s, struct papers *out,
                                                   struct vls_why *why)
{
    struct vls_status status = make_papers(s, out, why);
    if (status.code != VLS_LABEL_VALUE && status.code != VLS_LABEL_XML)
        return status;
    s->label_trouble = *why;
    vls_labels_fini(&s->labels);
    vls_buf_clear(&out->descriptor);
    vls_buf_clear(&out->labels);
    return make_papers(s, out, why);
}

static bool fits_inline(const struct vls_submission *s, const struct papers *papers)
{
    struct vls_seal_part parts[VLS_MAX_PARTS];
    for (size_t i = 0; i < s->in->n_parts; i++)
        parts[i] = (struct vls_seal_part){
            .fd = -1, .name = s->in->parts[i]->name, .bytes = s->in->parts[i]->bytes};
    return vls_seal_content_bound(parts, s->in->n_parts, papers->descriptor.len,
                                  papers->labels.len) <= VLS_INLINE_CONTENT;
}

static struct vls_status ask_to_seal(struct vls_submission *s, const struct papers *papers,
                                     struct vls_fds *fds, struct vls_why *why)
{
    Valise__SealRequest request = VALISE__SEAL_REQUEST__INIT;
    Valise__Frame frame = VALISE__FRAME__INIT;
    int all[VLS_MAX_FRAME_FDS];
    size_t count = fds->count;
    for (size_t i = 0; i < count; i++)
        all[i] = fds->fd[i];
    if (!s->is_inline)
        all[count++] = s->content_fd;
    request.id = vls_data(vls_id_slice(&s->id));
    request.descriptor_json = vls_data(vls_buf_slice(&papers->descriptor));
    request.labels_xml = vls_data(vls_buf_slice(&papers->labels));
    request.n_parts = s->in->n_parts;
    request.parts = s->in->parts;
    request.n_recipients = s->is_for_partner ? 1 : 0;
    request.recipients = &s->in->to;
    request.is_inline = s->is_inline;
    frame.body_case = VALISE__FRAME__BODY_SEAL;
    frame.seal = &request;
    size_t size = valise__frame__get_packed_size(&frame);
    if (size > VLS_MAX_FRAME - FRAME_OVERHEAD)
        return vls_fail(
            VLS_INPUT_LIMIT, why,
            "names and labels of the documents take %zu bytes, and %d is the most; send "
            "fewer documents in one message",
            size, VLS_MAX_FRAME - FRAME_OVERHEAD);
    struct vls_status status =
        s->route->o.ports.ask(s->route->o.ports.ctx, VLS_ASK_CRYPTO, 0, &frame, all, count,
                              VALISE__FRAME__BODY_SEAL_RESULT, on_sealed, s, why);
    if (status.code == VLS_WIRE_GONE) /* never asked, so nothing is uncertain about it */
        return vls_fail(VLS_SYSTEM_BUSY, why, "nobody seals at the moment; send it again");
    return status;
}

static struct vls_status seal(struct vls_submission *s, struct vls_fds *fds, struct vls_why *why)
{
    struct papers papers;
    vls_buf_init(&papers.descriptor, VLS_MAX_DESCRIPTOR);
    vls_buf_init(&papers.labels, VLS_MAX_LABELS_XML);
    struct vls_status status = make_papers_or_quarantine(s, &papers, why);
    if (vls_ok(status))
        status = could_leave(s, &s->is_for_partner, why);
    s->is_inline = vls_ok(status) && fits_inline(s, &papers);
    if (vls_ok(status) && !s->is_inline)
        status = vls_content_new(s->route->o.store, &s->content_fd, why);
    if (vls_ok(status))
        status = ask_to_seal(s, &papers, fds, why);
    vls_buf_fini(&papers.descriptor);
    vls_buf_fini(&papers.labels);
    return status;
}

static struct vls_status copy_of(const Valise__Submission *in, Valise__Submission **out)
{
    size_t size = valise__submission__get_packed_size(in);
    uint8_t *bytes = size <= VLS_MAX_FRAME ? vls_mem_try(size) : NULL;
    if (bytes == NULL)
        return (struct vls_status){VLS_SYSTEM_MEMORY};
    valise__submission__pack(in, bytes);
    *out = valise__submission__unpack(NULL, size, bytes);
    vls_mem_free(bytes);
    return *out != NULL ? VLS_DONE : (struct vls_status){VLS_SYSTEM_MEMORY};
}

/* What was found when it was submitted: it is not looked for anew. */
static void recall_likeness(struct vls_submission *s)
{
    struct vls_likeness known;
    struct vls_likeness_found *out = &s->likeness;
    if (!vls_ok(vls_catalogue_advice(s->route->o.store, &s->id, &known, out->advice,
                                     sizeof out->advice, NULL)))
        return;
    out->like = (enum vls_likeness_kind)known.like;
    out->other = known.other;
}

/* The same key again gives the same message. @return whether that is the answer */
static bool is_known_key(struct vls_submission *s)
{
    struct vls_why why = {""};
    struct vls_message *known = NULL;
    if (s->in->origin_key[0] == '\0' ||
        !vls_ok(
            vls_store_by_origin(s->route->o.store, s->origin, s->in->origin_key, &s->id, &why)) ||
        !vls_ok(vls_store_get(s->route->o.store, &s->id, &known, &why)))
        return false;
    s->state = known->state;
    vls_text_copy(s->reason, sizeof s->reason, known->reason);
    vls_message_free(&known);
    recall_likeness(s);
    return true;
}

static bool is_under_way(const struct vls_submission *s)
{
    const struct vls_submission *other;
    DL_FOREACH (s->route->submissions, other)
        if (other != s && s->in->origin_key[0] != '\0' && strcmp(other->origin, s->origin) == 0 &&
            strcmp(other->in->origin_key, s->in->origin_key) == 0)
            return true;
    return false;
}

static struct vls_status start(struct vls_submission *s, struct vls_fds *fds, struct vls_why *why)
{
    if (s->route->is_stopping)
        return vls_fail(VLS_ROUTE_CLOSING, why, "the gateway is stopping; send it again later");
    if (s->route->submission_count > VLS_MAX_SUBMISSIONS)
        return vls_fail(VLS_ROUTE_BUSY, why, "%u messages are being sealed; send it again",
                        VLS_MAX_SUBMISSIONS);
    if (is_under_way(s))
        return vls_fail(VLS_ROUTE_BUSY, why, "a message with this key is being sealed; ask again");
    VLS_TRY(check(s, fds, why));
    read_labels(s);
    vls_gather_media_types(s->in, &s->media_types);
    s->id = vls_id_make(&s->route->ids);
    return seal(s, fds, why);
}

static void submit(struct vls_route *route, const struct asker *asker, const char *origin,
                   const Valise__Submission *submission, struct vls_fds *fds)
{
    struct vls_why why = {""};
    struct vls_submission *s = vls_mem_new(sizeof *s);
    *s = (struct vls_submission){
        .route = route, .asker = *asker, .origin = vls_mem_dup(origin), .content_fd = -1};
    struct vls_status status = copy_of(submission, &s->in);
    if (!vls_ok(status)) {
        refuse(route, asker, origin, status, &why);
        submission_free(s);
        return;
    }
    DL_APPEND(route->submissions, s);
    route->submission_count++;
    if (is_known_key(s)) {
        vls_route_after(route, answer_recorded, s);
        return;
    }
    status = start(s, fds, &why);
    if (!vls_ok(status)) {
        refuse(route, asker, origin, status, &why);
        finish(s);
    }
}

void vls_route_submit(struct vls_route *route, uint64_t handle, const char *origin,
                      const Valise__Submission *submission, struct vls_fds *fds)
{
    if (submission->to[0] == '\0')
        vls_subscribe_submit(route, handle, origin, submission, fds);
    else
        submit(route, &(struct asker){.handle = handle}, origin, submission, fds);
}

void vls_route_submit_own(struct vls_route *route, const char *origin,
                          const Valise__Submission *submission, struct vls_fds *fds,
                          vls_submitted_fn done, void *ctx)
{
    submit(route, &(struct asker){.done = done, .ctx = ctx}, origin, submission, fds);
}
