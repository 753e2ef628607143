#include "daemon/control_verify.h"

#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

#define PLACE_ROOM 64

struct officer {
    const char *name; /* of the configuration */
    uid_t uid;
    struct vls_anchor *anchor;
};

struct approver {
    const char *party; /* of the configuration */
    struct vls_anchor *anchor;
};

struct vls_verifier {
    struct officer *officers;
    struct approver *approvers;
    unsigned officer_count, approver_count;
};

/* -- loading ----------------------------------------------------------------------------------- */

static bool may_connect(const struct vls_config *config, const char *name, uid_t uid)
{
    if (uid == 0 || uid == geteuid())
        return true;
    for (unsigned i = 0; i < config->control.users_count; i++)
        if (strcmp(config->control.users[i], name) == 0)
            return true;
    return false;
}

/** Two names of one person would count as two officers. */
static VLS_STATUS check_other(const struct vls_verifier *v, const struct vls_config *config,
                              unsigned number, struct vls_why *why)
{
    const struct officer *one = &v->officers[number];
    char place[PLACE_ROOM];
    for (unsigned i = 0; i < number; i++) {
        const struct officer *other = &v->officers[i];
        snprintf(place, sizeof place, "officers[%u].user", number);
        if (other->uid == one->uid)
            return vls_config_complain(config, place, why, "'%.60s' and '%.60s' are one user",
                                       one->name, other->name);
        snprintf(place, sizeof place, "officers[%u].certificate", number);
        if (vls_anchor_is_same_key(other->anchor, one->anchor))
            return vls_config_complain(config, place, why, "'%.60s' and '%.60s' have one key",
                                       one->name, other->name);
    }
    return VLS_DONE;
}

static VLS_STATUS load_anchor(const struct vls_config *config, const char *place, const char *file,
                              struct vls_anchor **out, struct vls_why *why)
{
    struct vls_why reason = {""};
    struct vls_status s = vls_anchor_load(file, out, &reason);
    if (vls_ok(s))
        return VLS_DONE;
    struct vls_status placed = vls_config_complain(config, place, why, "%.160s", reason.text);
    return s.code == VLS_CONFIG_MISSING ? s : placed;
}

static VLS_STATUS load_officer(struct vls_verifier *v, const struct vls_config *config,
                               unsigned number, struct vls_why *why)
{
    const struct vls_config_officer *from = &config->officers[number];
    struct officer *one = &v->officers[number];
    char place[PLACE_ROOM];
    snprintf(place, sizeof place, "officers[%u].user", number);
    const struct passwd *user = getpwnam(from->user);
    if (user == NULL)
        return vls_config_complain(config, place, why, "there is no user '%.60s' on this system",
                                   from->user);
    if (!may_connect(config, from->user, user->pw_uid))
        return vls_config_complain(config, place, why,
                                   "'%.60s' is not among control.users, and could not connect",
                                   from->user);
    one->name = from->user;
    one->uid = user->pw_uid;
    snprintf(place, sizeof place, "officers[%u].certificate", number);
    VLS_TRY(load_anchor(config, place, from->certificate, &one->anchor, why));
    return check_other(v, config, number, why);
}

static VLS_STATUS load_all(struct vls_verifier *v, const struct vls_config *config,
                           struct vls_why *why)
{
    char place[PLACE_ROOM];
    for (unsigned i = 0; i < v->officer_count; i++)
        VLS_TRY(load_officer(v, config, i, why));
    for (unsigned i = 0; i < v->approver_count; i++) {
        v->approvers[i].party = config->approvers[i].party;
        snprintf(place, sizeof place, "approvers[%u].certificate", i);
        VLS_TRY(load_anchor(config, place, config->approvers[i].certificate,
                            &v->approvers[i].anchor, why));
    }
    return VLS_DONE;
}

struct vls_status vls_verifier_new(const struct vls_config *config, struct vls_verifier **out,
                                   struct vls_why *why)
{
    struct vls_verifier *v = vls_mem_new(sizeof *v);
    v->officer_count = config->officers_count;
    v->approver_count = config->approvers_count;
    v->officers = vls_mem_new((v->officer_count + 1) * sizeof *v->officers);
    v->approvers = vls_mem_new((v->approver_count + 1) * sizeof *v->approvers);
    struct vls_status s = load_all(v, config, why);
    if (vls_ok(s))
        *out = v;
    else
        vls_verifier_free(&v);
    return s;
}

void vls_verifier_free(struct vls_verifier **verifier)
{
    struct vls_verifier *v = *verifier;
    if (v == NULL)
        return;
    for (unsigned i = 0; i < v->officer_count; i++)
        vls_anchor_free(&v->officers[i].anchor);
    for (unsigned i = 0; i < v->approver_count; i++)
        vls_anchor_free(&v->approvers[i].anchor);
    vls_mem_free(v->officers);
    vls_mem_free(v->approvers);
    vls_mem_free(v);
    *verifier = NULL;
}

/* -- checking ---------------------------------------------------------------------------------- */

static const struct officer *officer_of(const struct vls_verifier *v, uid_t uid)
{
    for (unsigned i = 0; i < v->officer_count; i++)
        if (v->officers[i].uid == uid)
            return &v->officers[i];
    return NULL;
}

struct vls_status vls_verify_officer(const struct vls_verifier *verifier, uid_t uid,
                                     struct vls_slice bytes, struct vls_slice der, uint64_t now_ms,
                                     struct vls_signature *out, struct vls_why *why)
{
    const struct officer *officer = officer_of(verifier, uid);
    struct vls_signature who;
    if (officer == NULL)
        return vls_fail(VLS_CLI_DENIED, why, "uid:%ju is none of the officers of valise.conf(5)",
                        (uintmax_t)uid);
    VLS_TRY(vls_signature_verify(bytes, der, officer->anchor, now_ms, &who, why));
    if (!who.is_anchor) /* another one of the same authority is not he */
        return vls_fail(VLS_APPROVAL_SIGNER, why, "%.120s signed, not the certificate of %.60s",
                        who.subject, officer->name);
    *out = who;
    return VLS_DONE;
}

struct vls_status vls_verify_party(const struct vls_verifier *verifier, const char *party,
                                   struct vls_slice bytes, struct vls_slice der, uint64_t now_ms,
                                   struct vls_signature *out, struct vls_why *why)
{
    for (unsigned i = 0; i < verifier->approver_count; i++)
        if (strcmp(verifier->approvers[i].party, party) == 0)
            return vls_signature_verify(bytes, der, verifier->approvers[i].anchor, now_ms, out,
                                        why);
    return vls_fail(VLS_POLICY_PARTY, why, "approvers of valise.conf(5) name nobody for '%.60s'",
                    party);
}

/* -- requests ---------------------------------------------------------------------------------- */

static VLS_STATUS vouch_review(const struct vls_verifier *v, uid_t uid, uint64_t now_ms,
                               Valise__OperatorRequest *request, struct vls_vouched *room,
                               struct vls_why *why)
{
    const struct officer *officer = officer_of(v, uid);
    Valise__OperatorReview *review = &room->review;
    *review = *request->review;
    review->officer = (char *)(uintptr_t)(officer != NULL ? officer->name : "");
    review->signed_ms = 0;
    review->certificate = (ProtobufCBinaryData){0, NULL};
    request->review = review;
    if (review->signature.len == 0)
        return VLS_DONE;
    VLS_TRY(vls_verify_officer(v, uid, VLS_SLICE(review->statement.data, review->statement.len),
                               VLS_SLICE(review->signature.data, review->signature.len), now_ms,
                               &room->signatures[0], why));
    review->signed_ms = room->signatures[0].signed_ms;
    review->certificate = (ProtobufCBinaryData){sizeof room->signatures[0].certificate.bytes,
                                                room->signatures[0].certificate.bytes};
    return VLS_DONE;
}

static struct vls_status vouch_party(const struct vls_verifier *v, uint64_t now_ms,
                                     struct vls_slice bytes, const Valise__PartySignature *from,
                                     struct vls_signature *signature, Valise__PartySignature *out,
                                     struct vls_why *why)
{
    struct vls_why reason = {""};
    *out = *from;
    struct vls_status s = vls_verify_party(v, from->party, bytes,
                                           VLS_SLICE(from->signature.data, from->signature.len),
                                           now_ms, signature, &reason);
    if (!vls_ok(s))
        return vls_fail(s.code, why, "the signature of %.40s: %.200s", from->party, reason.text);
    out->signed_ms = signature->signed_ms;
    out->subject = signature->subject;
    return VLS_DONE;
}

static struct vls_status vouch_parties(const struct vls_verifier *v, uint64_t now_ms,
                                       struct vls_slice bytes, const Valise__OperatorArrange *from,
                                       struct vls_vouched *room, struct vls_why *why)
{
    Valise__OperatorArrange *arrange = &room->arrange;
    if (from->n_signatures > VLS_MAX_PARTIES)
        return vls_fail(VLS_INPUT_LIMIT, why, "%zu signatures; a party has one",
                        from->n_signatures);
    for (size_t i = 0; i < from->n_signatures; i++) {
        VLS_TRY(vouch_party(v, now_ms, bytes, from->signatures[i], &room->signatures[i],
                            &room->parties[i], why));
        room->party_list[i] = &room->parties[i];
    }
    arrange->signatures = room->party_list;
    room->digest = vls_digest_of_slice(bytes);
    arrange->digest = (ProtobufCBinaryData){sizeof room->digest.bytes, room->digest.bytes};
    return VLS_DONE;
}

/** The router reads the same descriptor again, and holds it against the digest of what was verified
 * here. */
static struct vls_status vouch_arrange(const struct vls_verifier *v, uint64_t now_ms,
                                       const struct vls_fds *fds, Valise__OperatorRequest *request,
                                       struct vls_vouched *room, struct vls_why *why)
{
    const Valise__OperatorArrange *from = request->arrange;
    struct vls_buf bytes VLS_DEFER(vls_buf_fini);
    vls_buf_init(&bytes, VLS_MAX_ARRANGEMENT_FILE);
    room->arrange = *from;
    request->arrange = &room->arrange;
    if (from->n_signatures == 0)
        return VLS_DONE;
    if (fds->count != 1)
        return vls_fail(VLS_CLI_USAGE, why, "signatures come with the file that they are over");
    VLS_TRY(vls_fd_read_all(fds->fd[0], &bytes, why));
    return vouch_parties(v, now_ms, vls_buf_slice(&bytes), from, room, why);
}

struct vls_status vls_vouch(const struct vls_verifier *verifier, uid_t uid, uint64_t now_ms,
                            const struct vls_fds *fds, Valise__OperatorRequest *request,
                            struct vls_vouched *room, struct vls_why *why)
{
    switch (request->ask_case) {
    case VALISE__OPERATOR_REQUEST__ASK_REVIEW:
        return vouch_review(verifier, uid, now_ms, request, room, why);
    case VALISE__OPERATOR_REQUEST__ASK_ARRANGE:
        return vouch_arrange(verifier, now_ms, fds, request, room, why);
    default:
        return VLS_DONE;
    }
}
