/* What an officer is shown of a message before he signs. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "policy/extract.h"
#include "route/review.h"

#define LIST_ROWS 50u
#define RULE_TEXT 256

static struct vls_status keep_text(struct vls_report *report, const char *from, char **out,
                                   struct vls_why *why)
{
    *out = vls_arena_text(report->arena, from);
    return *out != NULL ? VLS_DONE : vls_report_too_large(why);
}

static struct vls_status keep_bytes(struct vls_report *report, struct vls_slice from,
                                    ProtobufCBinaryData *out, struct vls_why *why)
{
    out->len = from.len;
    out->data = vls_arena_copy(report->arena, from.at, from.len);
    return out->data != NULL ? VLS_DONE : vls_report_too_large(why);
}

static struct vls_status keep_digest(struct vls_report *report, const struct vls_digest *digest,
                                     ProtobufCBinaryData *out, struct vls_why *why)
{
    return keep_bytes(report, vls_digest_slice(digest), out, why);
}

/* -- rules ------------------------------------------------------------------------------------- */

static struct vls_status add_rule(struct vls_report *report, const Valise__MatchedRule *rule,
                                  bool is_whole, Valise__Review *out, struct vls_why *why)
{
    char text[RULE_TEXT];
    if (rule->house && !is_whole)
        snprintf(text, sizeof text, "%s (house rules)", VLS_NOT_SHOWN);
    else
        snprintf(text, sizeof text, "%.100s%s%.100s%s", rule->id,
                 rule->basis[0] != '\0' ? ", Article " : "", rule->basis,
                 rule->house ? " (house rules)" : "");
    return keep_text(report, text, &out->rules[out->n_rules++], why);
}

static struct vls_status add_rules(struct vls_route *route, struct vls_report *report,
                                   const struct vls_message *m, Valise__Review *out,
                                   struct vls_why *why)
{
    Valise__DecisionRecord *record;
    bool is_whole = vls_report_is_for_actor(route, report, m);
    VLS_TRY(vls_decision_record_read(m->decision, &record, why));
    struct vls_status s = VLS_DONE;
    out->needed = record->approvals > 0 ? record->approvals : 1;
    out->rules = vls_arena_take(report->arena, (record->n_rules + 1) * sizeof *out->rules);
    if (out->rules == NULL)
        s = vls_report_too_large(why);
    for (size_t i = 0; i < record->n_rules && vls_ok(s); i++)
        if (record->rules[i]->effect == VALISE__DECISION_RECORD__OUTCOME__REFER)
            s = add_rule(report, record->rules[i], is_whole, out, why);
    valise__decision_record__free_unpacked(record, NULL);
    return s;
}

/* -- approvals --------------------------------------------------------------------------------- */

struct approvals {
    struct vls_route *route;
    struct vls_report *report;
    const struct vls_message *m;
    const struct vls_review_material *material;
    Valise__Review *out;
    bool with_signatures;
};

/* vls_review_fn */
static struct vls_status add_approval(void *ctx, const struct vls_review *review,
                                      struct vls_why *why)
{
    struct approvals *a = ctx;
    struct vls_why lapsed = {""};
    if (a->out->n_approvals > a->route->o.config->officers_count)
        return VLS_DONE; /* rows of officers who were: the latest are not among them */
    Valise__ReviewApproval *row = vls_arena_take(a->report->arena, sizeof *row);
    if (row == NULL)
        return vls_report_too_large(why);
    valise__review_approval__init(row);
    row->signed_ms = review->signed_ms;
    row->expires_ms = review->expires_ms;
    VLS_TRY(keep_text(a->report, review->officer, &row->officer, why));
    if (a->m->state == VLS_STATE_REFERRED &&
        !vls_ok(vls_review_holds(a->route, a->material, review, &lapsed)))
        VLS_TRY(keep_text(a->report, lapsed.text, &row->lapsed, why));
    if (a->with_signatures) {
        VLS_TRY(keep_bytes(a->report, review->statement, &row->statement, why));
        VLS_TRY(keep_bytes(a->report, review->signature, &row->signature, why));
    }
    a->out->approvals[a->out->n_approvals++] = row;
    return VLS_DONE;
}

static struct vls_status add_approvals(struct vls_route *route, struct vls_report *report,
                                       const struct vls_message *m,
                                       const struct vls_review_material *material,
                                       bool with_signatures, Valise__Review *out,
                                       struct vls_why *why)
{
    struct approvals a = {route, report, m, material, out, with_signatures};
    size_t room = (size_t)route->o.config->officers_count + 1;
    out->approvals = vls_arena_take(report->arena, (room + 1) * sizeof *out->approvals);
    if (out->approvals == NULL)
        return vls_report_too_large(why);
    return vls_store_reviews(route->o.store, &m->id, add_approval, &a, why);
}

/* -- one message ------------------------------------------------------------------------------- */

static struct vls_status add_digests(struct vls_report *report, const struct vls_message *m,
                                     const struct vls_statement *s, Valise__Review *out,
                                     struct vls_why *why)
{
    size_t count = m->part_digests.len / VLS_DIGEST_BYTES;
    VLS_TRY(keep_digest(report, &s->manifest, &out->manifest_digest, why));
    VLS_TRY(keep_digest(report, &s->sealed, &out->sealed_digest, why));
    VLS_TRY(keep_digest(report, &s->content, &out->content_digest, why));
    out->sealed_bytes = s->sealed_bytes;
    out->part_digests = vls_arena_take(report->arena, (count + 1) * sizeof *out->part_digests);
    if (out->part_digests == NULL)
        return vls_report_too_large(why);
    for (; out->n_part_digests < count; out->n_part_digests++) {
        struct vls_digest digest;
        VLS_TRY(
            vls_digest_from(VLS_SLICE(m->part_digests.at + out->n_part_digests * VLS_DIGEST_BYTES,
                                      VLS_DIGEST_BYTES),
                            &digest));
        VLS_TRY(keep_digest(report, &digest, &out->part_digests[out->n_part_digests], why));
    }
    return VLS_DONE;
}

static struct vls_status fill(struct vls_route *route, const struct vls_message *m,
                              const char *officer, bool with_signatures, struct vls_report *report,
                              Valise__Review *out, struct vls_why *why)
{
    VLS_DEFER(vls_review_material_fini)
    struct vls_review_material material = {.manifest = {.fields = NULL}};
    struct vls_why obstacle = {""};
    VLS_TRY(vls_review_material(route, m, &material, why));
    VLS_TRY(vls_report_row(route, m, report, &out->row, why));
    VLS_TRY(add_rules(route, report, m, out, why));
    VLS_TRY(add_approvals(route, report, m, &material, with_signatures, out, why));
    VLS_TRY(add_digests(report, m, &material.statement, out, why));
    VLS_TRY(keep_text(report, material.statement.arrangement, &out->arrangement, why));
    out->arrangement_version = material.statement.arrangement_version;
    if (!vls_ok(vls_review_check_officer(m, VLS_ACT_RELEASE, officer, report->actor, &obstacle)))
        VLS_TRY(keep_text(report, obstacle.text, &out->obstacle, why));
    return VLS_DONE;
}

static struct vls_status add_review(struct vls_route *route, const struct vls_id *id,
                                    const char *officer, bool with_signatures,
                                    struct vls_report *report, struct vls_why *why)
{
    struct vls_message *m = NULL;
    Valise__Review *review = vls_arena_take(report->arena, sizeof *review);
    if (review == NULL)
        return vls_report_too_large(why);
    valise__review__init(review);
    VLS_TRY(vls_store_get(route->o.store, id, &m, why));
    struct vls_status s = m->direction == VLS_OUT && m->manifest.len != 0
                              ? fill(route, m, officer, with_signatures, report, review, why)
                              : vls_fail(VLS_ROUTE_STATE, why,
                                         "a message that is %s does not wait for officers: only a "
                                         "referred one does",
                                         vls_state_name(m->state));
    vls_message_free(&m);
    if (vls_ok(s))
        report->reply.reviews[report->reply.n_reviews++] = review;
    return s;
}

struct vls_status vls_review_report(struct vls_route *route, const struct vls_id *id,
                                    const char *officer, bool with_signatures,
                                    struct vls_report *out, struct vls_why *why)
{
    out->reply.reviews = vls_arena_take(out->arena, sizeof *out->reply.reviews);
    if (out->reply.reviews == NULL)
        return vls_report_too_large(why);
    return add_review(route, id, officer, with_signatures, out, why);
}

/* -- what waits -------------------------------------------------------------------------------- */

struct waiting {
    struct vls_id ids[LIST_ROWS];
    size_t count;
    bool has_more;
};

/* vls_message_fn */
static struct vls_status note_id(void *ctx, const struct vls_message *m, struct vls_why *why)
{
    struct waiting *waiting = ctx;
    (void)why;
    if (waiting->count < LIST_ROWS)
        waiting->ids[waiting->count++] = m->id;
    else
        waiting->has_more = true;
    return VLS_DONE;
}

struct vls_status vls_review_list(struct vls_route *route, const Valise__OperatorReview *in,
                                  struct vls_report *out, struct vls_why *why)
{
    struct waiting waiting = {.count = 0};
    struct vls_id before;
    struct vls_filter filter = {
        .direction = VLS_OUT, .states = UINT64_C(1) << VLS_STATE_REFERRED, .limit = LIST_ROWS + 1};
    if (in->before.len != 0) {
        VLS_TRY(vls_id_from(vls_bytes(in->before), &before));
        filter.before = &before;
    }
    VLS_TRY(vls_store_list(route->o.store, &filter, note_id, &waiting, why));
    out->reply.has_more = waiting.has_more;
    out->reply.reviews =
        vls_arena_take(out->arena, (waiting.count + 1) * sizeof *out->reply.reviews);
    if (out->reply.reviews == NULL)
        return vls_report_too_large(why);
    for (size_t i = 0; i < waiting.count; i++) {
        struct vls_status s = add_review(route, &waiting.ids[i], in->officer, false, out, why);
        if (s.code == VLS_INPUT_LIMIT && out->reply.n_reviews > 0) {
            out->reply.has_more = true; /* the rest is for the next answer */
            return VLS_DONE;
        }
        VLS_TRY(s);
    }
    return VLS_DONE;
}
