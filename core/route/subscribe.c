/* A document without an addressee, on its way to everybody who subscribes to it. */
#include "route/subscribe.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "envelope/about.h"
#include "route/submit.h"

#define KEY_DIGITS 48 /* of the digest that stands for a source's key that is too long */

/** A partner that gets it. */
struct receiver {
    char party[VLS_MAX_PARTY + 1];
    char name[VLS_MAX_NAME + 1]; /* of the first of its subscriptions that wants it */
    uint64_t parts;              /* documents, a bit each, that any of them wants */
    struct vls_id id;            /* of the message, once it is there */
    bool is_made;
};

struct spread {
    struct vls_route *route;
    uint64_t handle;
    char *origin;
    Valise__Submission *in; /* owned copy */
    struct vls_fds fds;     /* owned */
    struct receiver *receivers;
    size_t count, at;
    char state[32], reason[256]; /* of the first message */
    struct vls_status failed;    /* of the last that could not be made */
    struct vls_why why;
};

static void spread_free(struct spread *s)
{
    s->route->spread_count--;
    vls_fds_close(&s->fds);
    if (s->in != NULL)
        valise__submission__free_unpacked(s->in, NULL);
    vls_mem_free(s->receivers);
    vls_mem_free(s->origin);
    vls_mem_free(s);
}

/* -- the answer to the source ------------------------------------------------------------------ */

static void answer(const struct spread *s, struct vls_status status, const struct vls_why *why)
{
    Valise__SubmissionResult result = VALISE__SUBMISSION_RESULT__INIT;
    Valise__Frame frame = VALISE__FRAME__INIT;
    Valise__Outcome outcome;
    const struct receiver *first = NULL;
    for (size_t i = s->count; i > 0; i--)
        if (s->receivers[i - 1].is_made)
            first = &s->receivers[i - 1];
    vls_outcome_init(&outcome, status, why);
    result.outcome = &outcome;
    if (vls_ok(status)) {
        result.state = vls_field_text(first != NULL ? s->state : VLS_UNWANTED);
        result.reason = vls_field_text(first != NULL ? s->reason : "nobody subscribes to it");
    }
    if (vls_ok(status) && first != NULL)
        result.id = vls_data(vls_id_slice(&first->id));
    frame.body_case = VALISE__FRAME__BODY_SUBMISSION_RESULT;
    frame.submission_result = &result;
    s->route->o.ports.answer(s->route->o.ports.ctx, s->handle, &frame, NULL, 0);
}

/* vls_after_fn: the source's cursor is on disk, or is not */
static void on_saved(void *ctx, struct vls_status commit)
{
    struct spread *s = ctx;
    struct vls_why why = {"not recorded: it comes again"};
    answer(s, commit, &why);
    spread_free(s);
}

static struct vls_status save(const struct spread *s, struct vls_why *why)
{
    uint64_t now = vls_route_wall(s->route);
    VLS_TRY(vls_route_begin(s->route, why));
    for (size_t i = 0; i < s->count; i++)
        if (s->receivers[i].is_made)
            VLS_TRY(vls_store_subscription_served(s->route->o.store, s->receivers[i].name, now,
                                                  &s->receivers[i].id, why));
    return vls_route_save_plugin_state(s->route, s->origin, s->in, why);
}

static void refuse(struct spread *s, struct vls_status status, const struct vls_why *why)
{
    vls_route_log(s->route, VLS_LOG_WARN, "message.refused", VLS_F("origin", s->origin),
                  VLS_FAILURE(status, why));
    answer(s, status, why);
    spread_free(s);
}

static bool comes_again(struct vls_status status)
{
    enum vls_class class = vls_class_of(status);
    return class == VLS_CLASS_TRANSIENT || class == VLS_CLASS_RESOURCE ||
           class == VLS_CLASS_UNCERTAIN;
}

/* All of them were tried. What can be made later is made later: with all that is here already, as
 * each has its key. What cannot be made for one partner keeps no other from its own. */
static void conclude(struct spread *s)
{
    struct vls_why why = {""};
    bool is_any = s->count == 0;
    for (size_t i = 0; i < s->count; i++)
        is_any = is_any || s->receivers[i].is_made;
    if (!vls_ok(s->failed) && (!is_any || comes_again(s->failed))) {
        why = s->why;
        refuse(s, s->failed, &why);
        return;
    }
    struct vls_status status = save(s, &why);
    if (vls_ok(status))
        vls_route_after(s->route, on_saved, s);
    else
        refuse(s, status, &why);
}

/* -- one message ------------------------------------------------------------------------------- */

/* The same key for the same document and partner, whichever subscription wants it. */
static void make_key(const char *key, const char *party, char out[VLS_MAX_ORIGIN_KEY + 1])
{
    char digits[2 * VLS_DIGEST_BYTES + 1];
    if (strlen(key) + 1 + strlen(party) <= VLS_MAX_ORIGIN_KEY) {
        snprintf(out, VLS_MAX_ORIGIN_KEY + 1, "%s>%s", key, party);
        return;
    }
    struct vls_digest digest = vls_digest_of_slice(vls_slice_text(key));
    vls_hex(vls_digest_slice(&digest), digits);
    snprintf(out, VLS_MAX_ORIGIN_KEY + 1, "%.*s>%s", KEY_DIGITS, digits, party);
}

static void on_submitted(void *ctx, struct vls_status status, const struct vls_why *why,
                         const Valise__SubmissionResult *result);

/* What a submission of some of the documents points to. */
struct chosen {
    Valise__Part *parts[VLS_MAX_PARTS];
    Valise__About abouts[VLS_MAX_PARTS + 1], *about_list[VLS_MAX_PARTS + 1];
    Valise__Fingerprint prints[VLS_MAX_PARTS], *print_list[VLS_MAX_PARTS];
};

/* Documents that are left out take with them what is said of them, and the others move up. */
static void choose_parts(const struct spread *s, uint64_t wanted, struct chosen *c,
                         Valise__Submission *out, struct vls_fds *fds)
{
    const Valise__Submission *in = s->in;
    uint32_t moved[VLS_MAX_PARTS + 1] = {0};
    out->n_parts = out->n_about = out->n_fingerprints = 0;
    for (uint32_t i = 0; i < in->n_parts; i++) {
        if ((wanted >> i & 1) == 0)
            continue;
        c->parts[out->n_parts++] = in->parts[i];
        moved[i + 1] = (uint32_t)out->n_parts;
        fds->fd[fds->count++] = s->fds.fd[i]; /* lent */
    }
    for (size_t i = 0; i < in->n_about; i++) {
        uint32_t part = in->about[i]->part;
        if (part != 0 && moved[part] == 0)
            continue;
        c->abouts[out->n_about] = *in->about[i];
        c->abouts[out->n_about].part = moved[part];
        c->about_list[out->n_about] = &c->abouts[out->n_about];
        out->n_about++;
    }
    for (size_t i = 0; i < in->n_fingerprints && i < VLS_MAX_PARTS; i++) {
        uint32_t part = in->fingerprints[i]->part;
        if (part == 0 || part > in->n_parts || moved[part] == 0)
            continue;
        c->prints[out->n_fingerprints] = *in->fingerprints[i];
        c->prints[out->n_fingerprints].part = moved[part];
        c->print_list[out->n_fingerprints] = &c->prints[out->n_fingerprints];
        out->n_fingerprints++;
    }
    out->parts = c->parts;
    out->about = c->about_list;
    out->fingerprints = c->print_list;
}

static void submit_next(struct spread *s)
{
    const struct receiver *to = &s->receivers[s->at];
    Valise__Submission in = *s->in;
    struct chosen *chosen VLS_DEFER(vls_mem_freep) = vls_mem_new(sizeof *chosen);
    char key[VLS_MAX_ORIGIN_KEY + 1], conversation[sizeof VLS_SUBSCRIPTION_PREFIX + VLS_MAX_NAME];
    struct vls_fds fds = {.count = 0};
    make_key(s->in->origin_key, to->party, key);
    snprintf(conversation, sizeof conversation, "%s%.*s", VLS_SUBSCRIPTION_PREFIX,
             (int)(VLS_MAX_NAME - sizeof VLS_SUBSCRIPTION_PREFIX), to->name);
    choose_parts(s, to->parts, chosen, &in, &fds);
    in.origin_key = key;
    in.to = vls_field_text(to->party);
    in.n_state = 0; /* saved behind all of them */
    if (in.conversation[0] == '\0')
        in.conversation = conversation;
    vls_route_submit_own(s->route, s->origin, &in, &fds, on_submitted, s);
}

/* vls_submitted_fn */
static void on_submitted(void *ctx, struct vls_status status, const struct vls_why *why,
                         const Valise__SubmissionResult *result)
{
    struct spread *s = ctx;
    struct receiver *to = &s->receivers[s->at];
    if (vls_ok(status) && vls_ok(vls_id_from(vls_bytes(result->id), &to->id))) {
        to->is_made = true;
        if (s->state[0] == '\0') {
            vls_text_copy(s->state, sizeof s->state, result->state);
            snprintf(s->reason, sizeof s->reason, "to %zu of those who subscribe: %s", s->count,
                     result->reason);
        }
    } else {
        s->failed = status;
        s->why = *why;
    }
    if (++s->at < s->count)
        submit_next(s);
    else
        conclude(s);
}

/* -- who wants it ------------------------------------------------------------------------------ */

/* vls_subscription_fn: in the order of parties and names */
static struct vls_status add_receiver(void *ctx, const struct vls_subscription *one,
                                      struct vls_why *why)
{
    struct spread *s = ctx;
    struct receiver *last = s->count != 0 ? &s->receivers[s->count - 1] : NULL;
    uint64_t parts = vls_subscribe_wants(one, s->in);
    (void)why;
    if (parts == 0 || vls_route_partner(s->route, one->party) == NULL)
        return VLS_DONE;
    if (last == NULL || strcmp(last->party, one->party) != 0) {
        last = &s->receivers[s->count++];
        vls_text_copy(last->party, sizeof last->party, one->party);
        vls_text_copy(last->name, sizeof last->name, one->name);
    }
    last->parts |= parts;
    return VLS_DONE;
}

static Valise__Submission *copy_of(const Valise__Submission *in)
{
    size_t size = valise__submission__get_packed_size(in);
    uint8_t *bytes = size <= VLS_MAX_FRAME ? vls_mem_try(size + 1) : NULL;
    if (bytes == NULL)
        return NULL;
    valise__submission__pack(in, bytes);
    Valise__Submission *copy = valise__submission__unpack(NULL, size, bytes);
    vls_mem_free(bytes);
    return copy;
}

/* Here only what this file relies on: the rest is checked with each message. */
static struct vls_status prepare(struct spread *s, const Valise__Submission *in,
                                 struct vls_why *why)
{
    if (s->route->is_stopping)
        return vls_fail(VLS_ROUTE_CLOSING, why, "the gateway is stopping; send it again later");
    if (s->route->spread_count > VLS_MAX_SPREADS)
        return vls_fail(VLS_ROUTE_BUSY, why, "%u documents are on their way to subscribers",
                        VLS_MAX_SPREADS);
    s->in = copy_of(in);
    if (s->in == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for a document");
    if (in->n_parts == 0 || in->n_parts > VLS_MAX_PARTS || s->fds.count != in->n_parts)
        return vls_fail(VLS_INPUT_MALFORMED, why, "%zu documents are announced and %zu came",
                        in->n_parts, s->fds.count);
    if (in->origin_key[0] == '\0')
        return vls_fail(VLS_INPUT_MALFORMED, why,
                        "what goes to subscribers needs a key of its own");
    VLS_TRY(vls_text_check("submitter's key", in->origin_key, VLS_MAX_ORIGIN_KEY, why));
    return vls_abouts_check(in->about, in->n_about, in->n_parts, why);
}

void vls_subscribe_submit(struct vls_route *route, uint64_t handle, const char *origin,
                          const Valise__Submission *submission, struct vls_fds *fds)
{
    struct vls_why why = {""};
    struct spread *s = vls_mem_new(sizeof *s);
    *s = (struct spread){.route = route, .handle = handle, .origin = vls_mem_dup(origin)};
    s->receivers = vls_mem_new(route->partner_count * sizeof *s->receivers + 1);
    for (size_t i = 0; i < fds->count; i++)
        s->fds.fd[s->fds.count++] = vls_fd_move(&fds->fd[i]);
    route->spread_count++;
    struct vls_status status = prepare(s, submission, &why);
    if (vls_ok(status))
        status = vls_store_subscriptions(route->o.store, add_receiver, s, &why);
    if (!vls_ok(status))
        refuse(s, status, &why);
    else if (s->count != 0)
        submit_next(s);
    else
        conclude(s);
}
