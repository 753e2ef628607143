#include "route/distribution.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "route/distribution_internal.h"

#define STATEMENT   "written-statement"
#define REPORT_ROWS 100u
#define DAY_MS      (UINT64_C(24) * 3600u * 1000u)

/* vls_written_statement_fn */
static struct vls_status keep(void *ctx, const struct vls_written_statement *one,
                              struct vls_why *why)
{
    struct vls_statement_kept *out = ctx;
    (void)why;
    out->row = *one;
    vls_text_copy(out->party, sizeof out->party, one->party);
    vls_text_copy(out->body, sizeof out->body, one->body);
    vls_text_copy(out->certificate_kind, sizeof out->certificate_kind, one->certificate_kind);
    out->row.party = out->party;
    out->row.body = out->body;
    out->row.certificate_kind = out->certificate_kind;
    out->row.certificate = VLS_SLICE(NULL, 0);
    if (vls_ok(vls_id_from(one->certificate, &out->certificate)))
        out->row.certificate = vls_id_slice(&out->certificate);
    return VLS_DONE;
}

struct vls_status vls_statement_find(struct vls_route *route, ProtobufCBinaryData prefix,
                                     struct vls_statement_kept *out, struct vls_why *why)
{
    struct vls_id id;
    VLS_TRY(vls_route_find(route, prefix, &id, why));
    const struct vls_written_statement_filter filter = {
        .kind = STATEMENT, .id = &id, .with_closed = true, .limit = 1};
    out->party[0] = '\0';
    VLS_TRY(vls_store_distributions(route->o.store, &filter, keep, out, why));
    return out->party[0] != '\0'
               ? VLS_DONE
               : vls_fail(VLS_STORE_MISSING, why,
                          "it is not a received %s: see valise distribution list", STATEMENT);
}

/* -- members ----------------------------------------------------------------------------------- */

enum standing { OPEN, ONE, LIST };

/* vls_member_fn */
static struct vls_status keep_name(void *ctx, const struct vls_member *member, struct vls_why *why)
{
    (void)why;
    vls_text_copy(ctx, VLS_MAX_NAME + 1, member->member);
    return VLS_DONE;
}

/** Is `name` below `list`, as "un/member-states/che" is below "un/member-states"? */
static bool is_below(const char *name, const char *list)
{
    size_t len = strlen(list);
    return strncmp(name, list, len) == 0 && name[len] == '/';
}

static struct vls_status standing_of(struct vls_route *route, const struct vls_id *id,
                                     const char *member, enum standing *out, struct vls_why *why)
{
    char above[VLS_MAX_NAME + 2], name[VLS_MAX_NAME + 1] = "";
    struct vls_status s = vls_store_member_get(route->o.store, id, member, keep_name, name, why);
    *out = ONE;
    if (s.code != VLS_STORE_MISSING)
        return s;
    snprintf(above, sizeof above, "%s/", member);
    VLS_TRY(vls_store_members(route->o.store, id, above, 1, keep_name, name, why));
    *out = is_below(name, member) ? LIST : OPEN;
    return VLS_DONE;
}

/* -- shown ------------------------------------------------------------------------------------- */

static ProtobufCBinaryData bytes(struct vls_report *report, struct vls_slice from)
{
    return (ProtobufCBinaryData){from.len, vls_arena_copy(report->arena, from.at, from.len)};
}

static struct vls_status add_members(struct vls_route *route, const struct vls_statement_kept *of,
                                     struct vls_report *report, Valise__Distribution *out,
                                     struct vls_why *why)
{
    const char *member;
    enum standing standing;
    out->members = vls_arena_take(report->arena, VLS_MAX_MEMBERS * sizeof(char *));
    out->missing = vls_arena_take(report->arena, VLS_MAX_MEMBERS * sizeof(char *));
    if (out->members == NULL || out->missing == NULL)
        return vls_report_too_large(why);
    while (out->n_members < VLS_MAX_MEMBERS &&
           (member = vls_arrangement_member_at(route->arrangement, of->body, out->n_members)) !=
               NULL) {
        char *name = vls_arena_text(report->arena, member);
        if (name == NULL)
            return vls_report_too_large(why);
        out->members[out->n_members++] = name;
        VLS_TRY(standing_of(route, &of->row.id, member, &standing, why));
        out->is_list = out->is_list || standing == LIST;
        if (standing == OPEN)
            out->missing[out->n_missing++] = name;
    }
    return VLS_DONE;
}

static struct vls_status describe(struct vls_route *route, const struct vls_statement_kept *of,
                                  struct vls_report *report, Valise__Distribution **out,
                                  struct vls_why *why)
{
    const struct vls_written_statement *row = &of->row;
    Valise__Distribution *d = vls_arena_take(report->arena, sizeof *d);
    if (d == NULL)
        return vls_report_too_large(why);
    valise__distribution__init(d);
    d->id = bytes(report, vls_id_slice(&row->id));
    d->manifest_digest = bytes(report, vls_digest_slice(&row->manifest_digest));
    d->party = vls_arena_text(report->arena, row->party);
    d->body = vls_arena_text(report->arena, row->body);
    d->certificate_state = vls_field_text("");
    if (strcmp(row->certificate_kind, VLS_CERTIFICATE_KIND) == 0) {
        d->certificate = bytes(report, row->certificate);
        d->certificate_state = vls_field_text(vls_state_name(row->certificate_at));
    }
    d->received_ms = row->received_ms;
    d->due_ms = row->due_ms;
    d->closed_ms = row->closed_ms;
    d->recorded = row->recorded;
    if (d->id.data == NULL || d->manifest_digest.data == NULL || d->party == NULL ||
        d->body == NULL)
        return vls_report_too_large(why);
    *out = d;
    return add_members(route, of, report, d, why);
}

/** Statements of one page. */
struct page {
    struct vls_statement_kept *at;
    size_t count;
};

/* vls_written_statement_fn */
static struct vls_status keep_next(void *ctx, const struct vls_written_statement *one,
                                   struct vls_why *why)
{
    struct page *page = ctx;
    return keep(&page->at[page->count++], one, why);
}

static struct vls_status list(struct vls_route *route, const Valise__OperatorDistribution *in,
                              struct vls_report *out, struct vls_why *why)
{
    struct vls_statement_kept *rows VLS_DEFER(vls_mem_freep) =
        vls_mem_new((REPORT_ROWS + 1) * sizeof *rows);
    struct page page = {.at = rows};
    struct vls_written_statement_filter filter = {
        .kind = STATEMENT, .with_closed = in->with_closed, .limit = REPORT_ROWS + 1};
    struct vls_id after;
    if (in->after.len != 0) {
        VLS_TRY(vls_id_from(vls_bytes(in->after), &after));
        filter.after = &after;
    }
    VLS_TRY(vls_store_distributions(route->o.store, &filter, keep_next, &page, why));
    out->reply.has_more = page.count > REPORT_ROWS;
    out->reply.distributions = vls_arena_take(out->arena, REPORT_ROWS * sizeof(void *));
    if (out->reply.distributions == NULL)
        return vls_report_too_large(why);
    for (size_t i = 0; i < page.count && i < REPORT_ROWS; i++)
        VLS_TRY(describe(route, &rows[i], out,
                         &out->reply.distributions[out->reply.n_distributions++], why));
    return VLS_DONE;
}

struct receipts {
    struct vls_report *report;
    Valise__Distribution *of;
    size_t limit;
    bool was_known;
};

/* vls_member_fn */
static struct vls_status add_receipt(void *ctx, const struct vls_member *member,
                                     struct vls_why *why)
{
    struct receipts *to = ctx;
    struct vls_arena *arena = to->report->arena;
    if (to->of->n_receipts == to->limit) {
        to->report->reply.has_more = true;
        return VLS_DONE;
    }
    Valise__MemberReceipt *receipt = vls_arena_take(arena, sizeof *receipt);
    if (receipt == NULL)
        return vls_report_too_large(why);
    valise__member_receipt__init(receipt);
    receipt->member = vls_arena_text(arena, member->member);
    receipt->reference = vls_arena_text(arena, member->reference);
    receipt->actor = vls_arena_text(arena, member->actor);
    receipt->received_ms = member->received_ms;
    receipt->was_known = to->was_known;
    if (receipt->member == NULL || receipt->reference == NULL || receipt->actor == NULL)
        return vls_report_too_large(why);
    to->of->receipts[to->of->n_receipts++] = receipt;
    return VLS_DONE;
}

struct vls_status vls_statement_describe(struct vls_route *route,
                                         const struct vls_statement_kept *of, size_t receipts,
                                         struct vls_report *out, struct vls_why *why)
{
    out->reply.distributions = vls_arena_take(out->arena, sizeof(void *));
    if (out->reply.distributions == NULL)
        return vls_report_too_large(why);
    VLS_TRY(describe(route, of, out, &out->reply.distributions[0], why));
    out->reply.n_distributions = 1;
    out->reply.distributions[0]->receipts =
        vls_arena_take(out->arena, (receipts + 1) * sizeof(void *));
    return out->reply.distributions[0]->receipts != NULL ? VLS_DONE : vls_report_too_large(why);
}

static struct vls_status show(struct vls_route *route, const Valise__OperatorDistribution *in,
                              struct vls_report *out, struct vls_why *why)
{
    struct vls_statement_kept of;
    VLS_TRY(vls_statement_find(route, in->id, &of, why));
    VLS_TRY(vls_statement_describe(route, &of, REPORT_ROWS, out, why));
    struct receipts to = {out, out->reply.distributions[0], REPORT_ROWS, false};
    return vls_store_members(route->o.store, &of.row.id, in->after_member, REPORT_ROWS + 1,
                             add_receipt, &to, why);
}

static void answer_report(struct vls_route *route, uint64_t handle,
                          const Valise__OperatorDistribution *in)
{
    struct vls_why why = {""};
    struct vls_report report;
    vls_report_init(&report);
    vls_route_flush(route); /* what an operator sees is on disk */
    struct vls_status s =
        in->id.len != 0 ? show(route, in, &report, &why) : list(route, in, &report, &why);
    vls_report_answer(route, handle, s, &why, &report);
    vls_report_fini(&report);
}

/* -- recorded ---------------------------------------------------------------------------------- */

static bool is_path(const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++)
        if (text[i] == ' ' || text[i] == '"' || (text[i] == '/' && text[i + 1] == '/'))
            return false;
    return len > 0 && len <= VLS_MAX_NAME && text[0] != '/' && text[len - 1] != '/' &&
           vls_text_is_clean(vls_slice_text(text), false);
}

/** The arrangement's member that this name is, or is below of. */
static struct vls_status check_member(struct vls_route *route, const struct vls_statement_kept *of,
                                      const char *name, struct vls_why *why)
{
    const char *member, *first = vls_arrangement_member_at(route->arrangement, of->body, 0);
    enum standing standing;
    if (first == NULL)
        return vls_fail(VLS_CLI_USAGE, why, "the arrangement in force names no members of %.60s",
                        of->body);
    for (size_t i = 0;
         (member = vls_arrangement_member_at(route->arrangement, of->body, i)) != NULL; i++) {
        if (strcmp(name, member) != 0 && !is_below(name, member))
            continue;
        VLS_TRY(standing_of(route, &of->row.id, member, &standing, why));
        if (standing == (strcmp(name, member) == 0 ? LIST : ONE))
            return vls_fail(VLS_CLI_USAGE, why,
                            "%.80s is recorded as %s already: %.80s cannot be a member besides",
                            member, standing == LIST ? "a list" : "one member", name);
        return VLS_DONE;
    }
    return vls_fail(VLS_CLI_USAGE, why,
                    "'%.80s' is not a member of %.60s; its members are %.60s%s, or names below "
                    "one, like %.60s/che",
                    name, of->body, first,
                    vls_arrangement_member_at(route->arrangement, of->body, 1) != NULL ? " and more"
                                                                                       : "",
                    first);
}

static struct vls_status check_receipt(struct vls_route *route, const struct vls_statement_kept *of,
                                       const Valise__MemberReceipt *in, struct vls_why *why)
{
    struct vls_slice reference = vls_slice_text(in->reference);
    uint64_t now = vls_route_wall(route);
    if (!is_path(in->member))
        return vls_fail(VLS_CLI_USAGE, why, "'%.80s' is not the name of a member", in->member);
    if (reference.len == 0 || reference.len > VLS_MAX_NAME || !vls_text_is_clean(reference, false))
        return vls_fail(VLS_CLI_USAGE, why,
                        "%.80s: the reference of its receipt has 1 to %d bytes, without control "
                        "characters",
                        in->member, VLS_MAX_NAME);
    if (in->received_ms > now)
        return vls_fail(VLS_CLI_USAGE, why, "%.80s: it cannot have it in the future", in->member);
    if (in->received_ms != 0 && in->received_ms / DAY_MS < of->row.received_ms / DAY_MS)
        return vls_fail(VLS_CLI_USAGE, why, "%.80s: it cannot have it before the statement came in",
                        in->member);
    return check_member(route, of, in->member, why);
}

static struct vls_status record_one(struct vls_route *route, const struct vls_statement_kept *of,
                                    const Valise__MemberReceipt *in, const char *actor,
                                    struct receipts *to, struct vls_why *why)
{
    const struct vls_member member = {
        in->member, in->received_ms != 0 ? in->received_ms : vls_route_wall(route), in->reference,
        actor};
    to->was_known = true;
    struct vls_status s =
        vls_store_member_get(route->o.store, &of->row.id, in->member, add_receipt, to, why);
    if (s.code != VLS_STORE_MISSING)
        return s;
    if (of->row.closed_ms != 0)
        return vls_fail(VLS_ROUTE_STATE, why,
                        "its distribution is certified; the certificate does not list %.80s",
                        in->member);
    VLS_TRY(check_receipt(route, of, in, why));
    VLS_TRY(vls_store_member_add(route->o.store, &of->row.id, &member, why));
    to->was_known = false;
    return add_receipt(to, &member, why);
}

/** One line in the statement's trace, however many were recorded at one time. */
static struct vls_status remark(struct vls_route *route, const struct vls_statement_kept *of,
                                const Valise__Distribution *d, const char *actor,
                                struct vls_why *why)
{
    char cause[VLS_OPERATE_CAUSE];
    const Valise__MemberReceipt *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < d->n_receipts; i++)
        if (!d->receipts[i]->was_known && ++count == 1)
            first = d->receipts[i];
    if (count == 0)
        return VLS_DONE;
    if (count == 1)
        snprintf(cause, sizeof cause, "receipt of %.90s recorded: %.120s", first->member,
                 first->reference);
    else
        snprintf(cause, sizeof cause, "receipts of %zu members recorded, the first of %.90s", count,
                 first->member);
    return vls_store_remark(route->o.store, &of->row.id, vls_route_wall(route), cause, actor, why);
}

static struct vls_status record(struct vls_route *route, const Valise__OperatorDistribution *in,
                                const char *actor, struct vls_report *out, struct vls_why *why)
{
    struct vls_statement_kept of;
    VLS_TRY(vls_statement_find(route, in->id, &of, why));
    if (of.row.recorded + in->n_receipts > VLS_MAX_RECEIPTS)
        return vls_fail(VLS_INPUT_LIMIT, why, "more than %d receipts of one statement",
                        VLS_MAX_RECEIPTS);
    VLS_TRY(vls_statement_describe(route, &of, in->n_receipts, out, why));
    struct receipts to = {out, out->reply.distributions[0], in->n_receipts, false};
    for (size_t i = 0; i < in->n_receipts; i++)
        VLS_TRY(record_one(route, &of, in->receipts[i], actor, &to, why));
    return remark(route, &of, out->reply.distributions[0], actor, why);
}

struct recording {
    struct vls_route *route;
    uint64_t handle;
    struct vls_report report;
};

/* vls_after_fn */
static void answer_recorded(void *ctx, struct vls_status commit)
{
    struct recording *r = ctx;
    struct vls_why why = {"the receipts could not be committed"};
    vls_report_answer(r->route, r->handle, commit, &why, &r->report);
    vls_report_fini(&r->report);
    vls_mem_free(r);
}

static void start_recording(struct vls_route *route, uint64_t handle,
                            const Valise__OperatorDistribution *in, const char *actor)
{
    struct vls_why why = {""};
    struct recording *r = vls_mem_new(sizeof *r);
    r->route = route;
    r->handle = handle;
    vls_report_init(&r->report);
    struct vls_status s = vls_route_begin(route, &why);
    if (vls_ok(s))
        s = vls_store_mark(route->o.store, &why);
    if (vls_ok(s)) {
        s = record(route, in, actor, &r->report, &why);
        if (!vls_ok(s))
            vls_store_undo(route->o.store);
    }
    if (vls_ok(s)) {
        vls_route_after(route, answer_recorded, r);
        return;
    }
    vls_report_refuse(route, handle, s, &why);
    vls_report_fini(&r->report);
    vls_mem_free(r);
}

/* -- the question --------------------------------------------------------------------------------
 */

void vls_route_distribution(struct vls_route *route, uint64_t handle,
                            const Valise__OperatorDistribution *in, const char *actor)
{
    if (in->certify)
        vls_statement_certify(route, handle, in, actor);
    else if (in->n_receipts > 0)
        start_recording(route, handle, in, actor);
    else
        answer_report(route, handle, in);
}
