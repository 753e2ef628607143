#include "route/review.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/text.h"
#include "route/internal.h"

/* -- what is signed ---------------------------------------------------------------------------- */

struct vls_status vls_review_needed(const struct vls_message *m, uint32_t *out, struct vls_why *why)
{
    Valise__DecisionRecord *record;
    VLS_TRY(vls_decision_record_read(m->decision, &record, why));
    *out = record->approvals > 0 ? record->approvals : 1;
    valise__decision_record__free_unpacked(record, NULL);
    return VLS_DONE;
}

struct vls_status vls_review_material(struct vls_route *route, const struct vls_message *m,
                                      struct vls_review_material *out, struct vls_why *why)
{
    const struct vls_arrangement *arrangement = route->arrangement, *house = route->house;
    struct vls_statement *s = &out->statement;
    VLS_TRY(vls_manifest_read(m->manifest, &out->manifest, why));
    const Valise__Manifest *fields = out->manifest.fields;
    *s = (struct vls_statement){.id = m->id,
                                .kind = fields->kind,
                                .from = fields->from,
                                .to = fields->to,
                                .body = fields->body,
                                .label = m->label,
                                .manifest = vls_digest_of_slice(m->manifest),
                                .sealed = vls_digest_of_slice(m->sealed),
                                .content = m->content_digest,
                                .sealed_bytes = m->sealed.len,
                                .content_bytes = m->content_bytes,
                                .arrangement = vls_arrangement_name(arrangement),
                                .arrangement_version = vls_arrangement_version(arrangement),
                                .arrangement_digest = *vls_arrangement_digest(arrangement),
                                .decision = vls_digest_of_slice(m->decision),
                                .note = ""};
    if (house != NULL) {
        s->house_rules = vls_arrangement_name(house);
        s->house_rules_version = vls_arrangement_version(house);
        s->house_rules_digest = *vls_arrangement_digest(house);
    }
    return VLS_DONE;
}

void vls_review_material_fini(struct vls_review_material *material)
{
    if (material->manifest.fields != NULL)
        vls_manifest_fini(&material->manifest);
}

/* -- who may ----------------------------------------------------------------------------------- */

struct vls_status vls_review_check_officer(const struct vls_message *m, const char *act,
                                           const char *officer, const char *actor,
                                           struct vls_why *why)
{
    if (officer[0] == '\0')
        return vls_fail(VLS_CLI_DENIED, why, "%.40s is none of the officers of valise.conf(5)",
                        actor);
    if (m->direction != VLS_OUT || m->state != VLS_STATE_REFERRED)
        return vls_fail(VLS_ROUTE_STATE, why,
                        "a message that is %s does not wait for officers: only a referred one does",
                        vls_state_name(m->state));
    if (strcmp(act, VLS_ACT_RELEASE) == 0 && strcmp(m->origin, actor) == 0)
        return vls_fail(VLS_APPROVAL_SIGNER, why,
                        "%.40s submitted it: who submits a message does not release it", actor);
    return VLS_DONE;
}

/* He may have been taken out of the configuration since, or have another certificate in it, or one
 * that is over. What he signed is counted as if he signed now: docs/decisions/0057. */
static struct vls_status check_standing(const struct vls_route *route,
                                        const struct vls_review *review, struct vls_why *why)
{
    const struct vls_config *config = route->o.config;
    const struct vls_route_ports *ports = &route->o.ports;
    unsigned i = 0;
    while (i < config->officers_count && strcmp(config->officers[i].user, review->officer) != 0)
        i++;
    if (i == config->officers_count)
        return vls_fail(VLS_APPROVAL_SIGNER, why, "not an officer any more");
    if (ports->officer_stands == NULL)
        return VLS_DONE;
    return ports->officer_stands(ports->ctx, review->officer, review->statement, review->signature,
                                 why);
}

struct vls_status vls_review_holds(struct vls_route *route,
                                   const struct vls_review_material *material,
                                   const struct vls_review *review, struct vls_why *why)
{
    struct vls_statement expected = material->statement;
    if (review->expires_ms <= vls_route_wall(route))
        return vls_fail(VLS_APPROVAL_EXPIRED, why, "expired");
    VLS_TRY(check_standing(route, review, why));
    expected.act = VLS_ACT_RELEASE;
    expected.officer = review->officer;
    expected.expires_ms = review->expires_ms;
    expected.note = NULL; /* whatever he noted */
    return vls_statement_compare(&expected, review->statement, why);
}

/* -- deciding ---------------------------------------------------------------------------------- */

struct review {
    struct vls_route *route;
    const Valise__OperatorReview *in;
    const char *actor;
    struct vls_message *m; /* owned */
    struct vls_review_material material;
    uint32_t needed, had;
};

static void review_fini(struct review *r)
{
    vls_review_material_fini(&r->material);
    vls_message_free(&r->m);
}

static struct vls_status check_act(const Valise__OperatorReview *in, struct vls_why *why)
{
    static const char *const ACTS[] = {VLS_ACT_RELEASE, VLS_ACT_WITHHOLD, VLS_ACT_RETURN};
    bool is_known = false;
    for (size_t i = 0; i < sizeof ACTS / sizeof ACTS[0]; i++)
        is_known = is_known || strcmp(in->act, ACTS[i]) == 0;
    if (!is_known)
        return vls_fail(VLS_CLI_USAGE, why, "'%.20s' is neither release, withhold nor return",
                        in->act);
    if (strcmp(in->act, VLS_ACT_RETURN) == 0 && in->note[0] == '\0')
        return vls_fail(VLS_CLI_USAGE, why,
                        "a message that is returned needs a note for whoever submitted it");
    return VLS_DONE;
}

/** From when an approval holds, until when it may at most. */
static struct vls_status check_expiry(const struct vls_route *route, uint64_t from_ms,
                                      uint64_t expires_ms, struct vls_why *why)
{
    uint64_t most_s = route->o.config->answers.approval_valid_s;
    if (expires_ms <= vls_route_wall(route))
        return vls_fail(VLS_APPROVAL_EXPIRED, why, "the approval has expired: sign it again");
    if (expires_ms > from_ms + most_s * 1000)
        return vls_fail(VLS_APPROVAL_EXPIRED, why,
                        "an approval holds for at most %llu seconds: answers.approval-valid-s",
                        (unsigned long long)most_s);
    return VLS_DONE;
}

/** The message that is asked about, and what would be signed about it now. */
static struct vls_status find(struct review *r, uint64_t expires_ms, struct vls_why *why)
{
    struct vls_id id;
    char cause[VLS_OPERATE_CAUSE];
    VLS_TRY(check_act(r->in, why));
    VLS_TRY(vls_operate_cause("", r->in->note, cause, why)); /* it will go into the trace */
    VLS_TRY(vls_route_find(r->route, r->in->id, &id, why));
    VLS_TRY(vls_store_get(r->route->o.store, &id, &r->m, why));
    VLS_TRY(vls_review_check_officer(r->m, r->in->act, r->in->officer, r->actor, why));
    VLS_TRY(vls_review_material(r->route, r->m, &r->material, why));
    r->material.statement.act = r->in->act;
    r->material.statement.officer = r->in->officer;
    r->material.statement.note = r->in->note;
    r->material.statement.expires_ms = expires_ms;
    return vls_review_needed(r->m, &r->needed, why);
}

/* vls_review_fn */
static struct vls_status count_one(void *ctx, const struct vls_review *review, struct vls_why *why)
{
    struct review *r = ctx;
    struct vls_why lapsed;
    (void)why;
    if (vls_ok(vls_review_holds(r->route, &r->material, review, &lapsed)))
        r->had++;
    return VLS_DONE;
}

static struct vls_status release(struct review *r, struct vls_why *why)
{
    char did[VLS_OPERATE_CAUSE], cause[VLS_OPERATE_CAUSE];
    VLS_TRY(vls_store_reviews(r->route->o.store, &r->m->id, count_one, r, why));
    snprintf(did, sizeof did, "%u of %u officers: approved by %.40s", r->had, r->needed,
             r->in->officer);
    VLS_TRY(vls_operate_cause(did, r->in->note, cause, why));
    if (r->had >= r->needed)
        return vls_operate_let_go(r->route, r->m, cause, r->actor, why);
    return vls_route_move(r->route, &r->m->id, r->m->state, VLS_STATE_REFERRED, r->m->due_ms, 0,
                          cause, r->actor, why);
}

static struct vls_status end(struct review *r, enum vls_state to, const char *verb,
                             struct vls_why *why)
{
    char did[VLS_OPERATE_CAUSE], cause[VLS_OPERATE_CAUSE];
    snprintf(did, sizeof did, "%s by officer %.40s", verb, r->in->officer);
    VLS_TRY(vls_operate_cause(did, r->in->note, cause, why));
    return vls_route_move(r->route, &r->m->id, r->m->state, to, 0, 0, cause, r->actor, why);
}

/* What an officer signed is in the internal log by its digests. */
static struct vls_status enter(struct review *r, const struct vls_review *row, struct vls_why *why)
{
    uint8_t body[2 * VLS_DIGEST_BYTES];
    struct vls_digest statement = vls_digest_of_slice(row->statement);
    struct vls_digest signature = vls_digest_of_slice(row->signature);
    vls_copy(body, statement.bytes, VLS_DIGEST_BYTES);
    vls_copy(body + VLS_DIGEST_BYTES, signature.bytes, VLS_DIGEST_BYTES);
    const struct vls_internal_entry entry = {VLS_INTERNAL_REVIEW, &r->m->id, row->officer,
                                             VLS_SLICE(body, sizeof body)};
    return vls_internal_append(r->route, &entry, why);
}

static struct vls_status take(struct review *r, struct vls_why *why)
{
    const Valise__OperatorReview *in = r->in;
    const struct vls_review row = {.officer = in->officer,
                                   .signed_ms = in->signed_ms,
                                   .expires_ms = in->expires_ms,
                                   .statement = vls_bytes(in->statement),
                                   .signature = vls_bytes(in->signature)};
    VLS_TRY(find(r, in->expires_ms, why));
    VLS_TRY(check_expiry(r->route, in->signed_ms, in->expires_ms, why));
    VLS_TRY(vls_statement_compare(&r->material.statement, row.statement, why));
    VLS_TRY(vls_store_review_put(r->route->o.store, &r->m->id, &row, why));
    VLS_TRY(enter(r, &row, why));
    if (strcmp(in->act, VLS_ACT_WITHHOLD) == 0)
        return end(r, VLS_STATE_WITHHELD, "withheld", why);
    if (strcmp(in->act, VLS_ACT_RETURN) == 0)
        return end(r, VLS_STATE_RETURNED, "returned", why);
    return release(r, why);
}

/* -- answering --------------------------------------------------------------------------------- */

struct taken {
    struct vls_route *route;
    uint64_t handle;
    struct vls_id id;
    char *officer, *actor; /* owned */
};

/* vls_after_fn */
static void answer_taken(void *ctx, struct vls_status commit)
{
    struct taken *taken = ctx;
    struct vls_why why = {"what was signed could not be committed: nothing has changed"};
    struct vls_report report;
    vls_report_init(&report);
    report.actor = taken->actor;
    if (vls_ok(commit))
        commit = vls_review_report(taken->route, &taken->id, taken->officer, false, &report, &why);
    vls_report_answer(taken->route, taken->handle, commit, &why, &report);
    vls_report_fini(&report);
    vls_mem_free(taken->officer);
    vls_mem_free(taken->actor);
    vls_mem_free(taken);
}

static void log_taken(const struct review *r)
{
    char id[VLS_ID_TEXT], certificate[2 * VLS_DIGEST_BYTES + 1] = "";
    vls_id_text(&r->m->id, id);
    if (r->in->certificate.len == VLS_DIGEST_BYTES)
        vls_hex(vls_bytes(r->in->certificate), certificate);
    vls_route_log(r->route, VLS_LOG_INFO, "message.reviewed", VLS_F("id", id),
                  VLS_F("act", r->in->act), VLS_F("officer", r->in->officer),
                  VLS_F("certificate", certificate), VLS_FN("had", r->had),
                  VLS_FN("needed", r->needed));
}

static void hand_in(struct vls_route *route, uint64_t handle, const Valise__OperatorReview *in,
                    const char *actor)
{
    struct vls_why why = {""};
    VLS_DEFER(review_fini) struct review r = {.route = route, .in = in, .actor = actor};
    struct vls_status s = vls_route_begin(route, &why);
    if (vls_ok(s))
        s = vls_store_mark(route->o.store, &why);
    if (vls_ok(s)) {
        s = take(&r, &why);
        if (!vls_ok(s))
            vls_store_undo(route->o.store);
    }
    if (!vls_ok(s)) {
        vls_report_refuse(route, handle, s, &why);
        return;
    }
    log_taken(&r);
    struct taken *taken = vls_mem_new(sizeof *taken);
    *taken = (struct taken){route, handle, r.m->id, vls_mem_dup(in->officer), vls_mem_dup(actor)};
    vls_route_after(route, answer_taken, taken);
}

/** The statement that this officer would sign, with the message as he is shown it. */
static struct vls_status prepare(struct vls_route *route, const Valise__OperatorReview *in,
                                 const char *actor, struct vls_report *out, struct vls_why *why)
{
    VLS_DEFER(review_fini) struct review r = {.route = route, .in = in, .actor = actor};
    struct vls_buf text VLS_DEFER(vls_buf_fini);
    uint64_t now = vls_route_wall(route) / 1000 * 1000, expires = in->expires_ms;
    vls_buf_init(&text, VLS_MAX_STATEMENT);
    if (expires == 0)
        expires = now + (uint64_t)route->o.config->answers.approval_valid_s * 1000;
    VLS_TRY(find(&r, expires, why));
    VLS_TRY(check_expiry(route, now, expires, why));
    VLS_TRY(vls_statement_write(&r.material.statement, &text));
    VLS_TRY(vls_review_report(route, &r.m->id, in->officer, false, out, why));
    Valise__Review *review = out->reply.reviews[0];
    review->expires_ms = expires;
    review->statement.len = text.len;
    review->statement.data = vls_arena_copy(out->arena, text.at, text.len);
    if (review->statement.data == NULL)
        return vls_fail(VLS_INPUT_LIMIT, why, "the statement does not fit into an answer");
    return VLS_DONE;
}

static struct vls_status show(struct vls_route *route, const Valise__OperatorReview *in,
                              const char *actor, struct vls_report *out, struct vls_why *why)
{
    struct vls_id id;
    if (in->id.len == 0)
        return vls_review_list(route, in, out, why);
    if (in->act[0] != '\0')
        return prepare(route, in, actor, out, why);
    VLS_TRY(vls_route_find(route, in->id, &id, why));
    return vls_review_report(route, &id, in->officer, in->with_signatures, out, why);
}

void vls_route_review(struct vls_route *route, uint64_t handle, const Valise__OperatorReview *in,
                      const char *actor)
{
    struct vls_why why = {""};
    struct vls_report report;
    if (in->signature.len != 0) {
        hand_in(route, handle, in, actor);
        return;
    }
    vls_report_init(&report);
    report.actor = actor;
    vls_route_flush(route); /* what an officer sees is on disk */
    struct vls_status s = show(route, in, actor, &report, &why);
    vls_report_answer(route, handle, s, &why, &report);
    vls_report_fini(&report);
}
