/*
 * route/life_arrange - what operators ask of the versions of the arrangement, and hand in to them.
 */
#include <string.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "route/life.h"
#include "store/arrangements.h"

/* -- showing ----------------------------------------------------------------------------------- */

static struct vls_status too_large(struct vls_why *why)
{
    return vls_fail(VLS_INPUT_LIMIT, why, "the versions do not fit into one answer");
}

static struct vls_status copy_bytes(struct vls_report *report, struct vls_slice from,
                                    ProtobufCBinaryData *out, struct vls_why *why)
{
    out->data = vls_arena_copy(report->arena, from.at, from.len);
    out->len = from.len;
    return out->data != NULL ? VLS_DONE : too_large(why);
}

static struct vls_status copy_text(struct vls_report *report, const char *from, char **out,
                                   struct vls_why *why)
{
    *out = vls_arena_text(report->arena, from);
    return *out != NULL ? VLS_DONE : too_large(why);
}

/** The signatures of one version: who and when; the bytes of them only where that version is asked
 * for. */
struct signatures {
    struct vls_report *report;
    Valise__ArrangementRow *row;
    bool with_bytes;
};

/* vls_approval_fn */
static struct vls_status add_signature(void *ctx, const struct vls_stored_approval *approval,
                                       struct vls_why *why)
{
    struct signatures *s = ctx;
    Valise__PartySignature *one = vls_arena_take(s->report->arena, sizeof *one);
    if (one == NULL)
        return too_large(why);
    valise__party_signature__init(one);
    VLS_TRY(copy_text(s->report, approval->party, &one->party, why));
    one->signed_ms = approval->signed_ms;
    if (s->with_bytes)
        VLS_TRY(copy_bytes(s->report, approval->signature, &one->signature, why));
    if (s->row->n_signatures < VLS_MAX_PARTIES)
        s->row->signatures[s->row->n_signatures++] = one;
    return VLS_DONE;
}

static struct vls_status fill_signatures(struct vls_route *route,
                                         const struct vls_life_version *version, bool with_bytes,
                                         struct vls_report *out, Valise__ArrangementRow *row,
                                         struct vls_why *why)
{
    struct signatures signatures = {out, row, with_bytes};
    row->signatures = vls_arena_take(out->arena, VLS_MAX_PARTIES * sizeof(void *));
    row->missing = vls_arena_take(out->arena, VLS_MAX_PARTIES * sizeof(char *));
    if (row->signatures == NULL || row->missing == NULL)
        return too_large(why);
    VLS_TRY(vls_store_approvals(route->o.store, &version->digest, add_signature, &signatures, why));
    for (size_t i = 0; !version->is_installed && i < version->party_count; i++)
        if (version->parties[i].signed_ms == 0)
            VLS_TRY(copy_text(out, version->parties[i].id, &row->missing[row->n_missing++], why));
    return VLS_DONE;
}

static struct vls_status add_row(struct vls_route *route, size_t place, struct vls_slice asked,
                                 struct vls_report *out, struct vls_why *why)
{
    const struct vls_life *chain = vls_route_life_chain(route);
    const struct vls_life_version *version = &chain->versions[place];
    uint64_t from = vls_life_from(chain, place);
    struct vls_slice digest = vls_digest_slice(&version->digest);
    Valise__ArrangementRow *row = vls_arena_take(out->arena, sizeof *row);
    if (row == NULL)
        return too_large(why);
    valise__arrangement_row__init(row);
    VLS_TRY(copy_bytes(out, digest, &row->digest, why));
    VLS_TRY(copy_text(out, chain->name, &row->name, why));
    VLS_TRY(copy_text(out, vls_life_state_name(vls_life_state(chain, place, vls_route_wall(route))),
                      &row->state, why));
    VLS_TRY(fill_signatures(route, version, vls_slice_is_equal(asked, digest), out, row, why));
    row->version = version->version;
    row->from_ms = from != UINT64_MAX ? from : 0;
    row->not_before_ms = version->not_before_ms;
    row->expires_ms = version->expires_ms;
    row->approve_by_ms = version->approve_by_ms;
    row->is_installed = version->is_installed;
    row->is_current = place == vls_route_life_current(route);
    out->reply.arrangements[out->reply.n_arrangements++] = row;
    return VLS_DONE;
}

/* vls_arrangement_fn */
struct wanted {
    struct vls_slice digest;
    struct vls_report *report;
};
static struct vls_status give_bytes(void *ctx, const struct vls_stored_arrangement *row,
                                    struct vls_why *why)
{
    struct wanted *wanted = ctx;
    if (wanted->report->fd >= 0 ||
        !vls_slice_is_equal(vls_digest_slice(&row->digest), wanted->digest))
        return VLS_DONE;
    return vls_fd_memory_of("valise-arrangement", row->bytes, &wanted->report->fd, why);
}

static struct vls_status add_bytes(struct vls_route *route, struct vls_slice digest,
                                   struct vls_report *out, struct vls_why *why)
{
    struct wanted wanted = {digest, out};
    if (vls_slice_is_equal(digest, vls_digest_slice(vls_arrangement_digest(route->o.arrangement))))
        return vls_fd_memory_of("valise-arrangement", route->o.arrangement_bytes, &out->fd, why);
    VLS_TRY(vls_store_arrangements(route->o.store, give_bytes, &wanted, why));
    if (out->fd < 0)
        return vls_fail(VLS_POLICY_VERSION, why, "no version here has that digest");
    return VLS_DONE;
}

static struct vls_status report(struct vls_route *route, struct vls_slice asked,
                                struct vls_report *out, struct vls_why *why)
{
    const struct vls_life *chain = vls_route_life_chain(route);
    out->reply.arrangements = vls_arena_take(out->arena, chain->count * sizeof(void *));
    if (out->reply.arrangements == NULL)
        return too_large(why);
    for (size_t i = 0; i < chain->count; i++)
        VLS_TRY(add_row(route, i, asked, out, why));
    return asked.len != 0 ? add_bytes(route, asked, out, why) : VLS_DONE;
}

static void answer(struct vls_route *route, uint64_t handle, struct vls_slice asked,
                   struct vls_status status, const struct vls_why *failed)
{
    struct vls_why why = *failed;
    struct vls_report made;
    vls_report_init(&made);
    if (vls_ok(status))
        status = report(route, asked, &made, &why);
    vls_report_answer(route, handle, status, &why, &made);
    vls_report_fini(&made);
}

/* -- taking ------------------------------------------------------------------------------------ */

/** What was handed in, until it is on disk. */
struct taking {
    struct vls_route *route;
    uint64_t handle;
    struct vls_arrangement *arrangement; /* NULL: the version is known */
    struct vls_digest digest;
    struct vls_route_approval approvals[VLS_MAX_PARTIES];
    char parties[VLS_MAX_PARTIES][VLS_MAX_PARTY + 1];
    size_t count;
};

static void taking_free(struct taking *t)
{
    vls_arrangement_free(&t->arrangement);
    vls_mem_free(t);
}

/* vls_after_fn */
static void on_disk(void *ctx, struct vls_status commit)
{
    struct taking *t = ctx;
    struct vls_why why = {"it could not be committed"};
    if (vls_ok(commit)) {
        why.text[0] = '\0';
        commit = vls_route_life_take(t->route, &t->arrangement, &t->digest, t->approvals, t->count,
                                     &why);
    }
    answer(t->route, t->handle, VLS_SLICE(NULL, 0), commit, &why);
    taking_free(t);
}

static struct vls_status read_signatures(const Valise__OperatorArrange *in, struct taking *t,
                                         struct vls_why *why)
{
    if (in->n_signatures > VLS_MAX_PARTIES)
        return vls_fail(VLS_INPUT_LIMIT, why, "%zu signatures; a party has one", in->n_signatures);
    for (size_t i = 0; i < in->n_signatures; i++) {
        const Valise__PartySignature *from = in->signatures[i];
        if (!vls_text_is_name(from->party, VLS_MAX_PARTY) || from->signed_ms == 0)
            return vls_fail(VLS_INPUT_MALFORMED, why, "a signature of nobody, or of no time");
        vls_text_copy(t->parties[i], sizeof t->parties[i], from->party);
        t->approvals[t->count++] =
            (struct vls_route_approval){.party = t->parties[i],
                                        .signed_ms = from->signed_ms,
                                        .signature = vls_bytes(from->signature)};
    }
    return VLS_DONE;
}

/** What nobody here has signed is not even looked into. */
static struct vls_status need_own(const struct taking *t, struct vls_why *why)
{
    const char *own = t->route->o.config->node.party;
    if (vls_life_version(vls_route_life_chain(t->route), &t->digest) != NULL)
        return VLS_DONE;
    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->approvals[i].party, own) == 0)
            return VLS_DONE;
    return vls_fail(VLS_POLICY_PARTY, why,
                    "a version that is not known here is taken with the signature of %.60s", own);
}

static struct vls_status store_it(struct taking *t, struct vls_slice bytes, const char *actor,
                                  struct vls_why *why)
{
    struct vls_route *route = t->route;
    if (t->arrangement != NULL) {
        struct vls_stored_arrangement row = {.digest = t->digest,
                                             .name = vls_arrangement_name(t->arrangement),
                                             .version = vls_arrangement_version(t->arrangement),
                                             .bytes = bytes,
                                             .added_ms = vls_route_wall(route),
                                             .actor = actor};
        const struct vls_digest *supersedes = vls_arrangement_supersedes(t->arrangement);
        if (supersedes != NULL)
            row.supersedes = vls_digest_slice(supersedes);
        VLS_TRY(vls_store_arrangement_add(route->o.store, &row, why));
    }
    for (size_t i = 0; i < t->count; i++) {
        const struct vls_stored_approval approval = {.party = t->approvals[i].party,
                                                     .signed_ms = t->approvals[i].signed_ms,
                                                     .added_ms = vls_route_wall(route),
                                                     .signature = t->approvals[i].signature};
        VLS_TRY(vls_store_approval_add(route->o.store, &t->digest, &approval, why));
        vls_route_log(route, VLS_LOG_INFO, "arrangement.approved", VLS_F("party", approval.party),
                      VLS_F("actor", actor));
    }
    return VLS_DONE;
}

static struct vls_status check_time(const struct taking *t, uint64_t signed_ms, struct vls_why *why)
{
    if (t->arrangement == NULL)
        return vls_life_may_approve(vls_route_life_chain(t->route), &t->digest, signed_ms, why);
    uint64_t by_ms = vls_arrangement_approve_by(t->arrangement);
    if (by_ms == 0 || signed_ms <= by_ms)
        return VLS_DONE;
    char by[VLS_TIME_TEXT];
    vls_time_text(by_ms, by);
    return vls_fail(VLS_POLICY_VERSION, why,
                    "it was to be signed until %s, and a signature is later; write another file",
                    by);
}

/** All that can be refused is refused before anything is written. */
static struct vls_status check_parties(const struct taking *t, struct vls_why *why)
{
    const struct vls_life_version *known =
        vls_life_version(vls_route_life_chain(t->route), &t->digest);
    for (size_t i = 0; i < t->count; i++) {
        const char *party = t->approvals[i].party;
        bool is_party =
            t->arrangement != NULL && vls_arrangement_party(t->arrangement, party) != NULL;
        for (size_t k = 0; known != NULL && k < known->party_count; k++)
            is_party = is_party || strcmp(known->parties[k].id, party) == 0;
        if (!is_party)
            return vls_fail(VLS_POLICY_PARTY, why, "%.60s is no party of it", party);
        VLS_TRY(check_time(t, t->approvals[i].signed_ms, why));
    }
    return VLS_DONE;
}

static struct vls_status take(struct taking *t, const Valise__OperatorArrange *in, int fd,
                              struct vls_buf *bytes, const char *actor, struct vls_why *why)
{
    VLS_TRY(vls_fd_read_all(fd, bytes, why));
    t->digest = vls_digest_of_slice(vls_buf_slice(bytes));
    if (!vls_slice_is_equal(vls_bytes(in->digest), vls_digest_slice(&t->digest)))
        return vls_fail(VLS_ENVELOPE_SOURCE, why, "the file changed while it was looked at");
    VLS_TRY(read_signatures(in, t, why));
    VLS_TRY(need_own(t, why));
    VLS_TRY(vls_route_life_try(t->route, vls_buf_slice(bytes), &t->arrangement, why));
    VLS_TRY(check_parties(t, why));
    VLS_TRY(vls_route_begin(t->route, why));
    VLS_TRY(vls_store_mark(t->route->o.store, why));
    struct vls_status s = store_it(t, vls_buf_slice(bytes), actor, why);
    if (!vls_ok(s))
        vls_store_undo(t->route->o.store);
    return s;
}

static void take_or_refuse(struct vls_route *route, uint64_t handle,
                           const Valise__OperatorArrange *in, int fd, const char *actor)
{
    struct vls_why why = {""};
    struct taking *t = vls_mem_new(sizeof *t);
    struct vls_buf bytes VLS_DEFER(vls_buf_fini);
    vls_buf_init(&bytes, VLS_MAX_ARRANGEMENT_FILE);
    t->route = route;
    t->handle = handle;
    struct vls_status s = take(t, in, fd, &bytes, actor, &why);
    if (!vls_ok(s)) {
        vls_report_refuse(route, handle, s, &why);
        taking_free(t);
        return;
    }
    vls_route_after(route, on_disk, t);
    vls_route_flush(route); /* the next request is held against what this one has become */
}

void vls_route_arrange(struct vls_route *route, uint64_t handle, const Valise__OperatorArrange *in,
                       struct vls_fds *fds, const char *actor)
{
    const struct vls_why none = {""};
    vls_route_flush(route);
    if (in->n_signatures == 0)
        answer(route, handle, vls_bytes(in->digest), VLS_DONE, &none);
    else if (fds->count != 1)
        vls_report_refuse(route, handle, (struct vls_status){VLS_CLI_USAGE},
                          &(struct vls_why){"signatures come with the file that they are over"});
    else
        take_or_refuse(route, handle, in, fds->fd[0], actor);
}
