#include "route/life.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "policy/kinds.h"
#include "route/recheck.h"
#include "store/arrangements.h"

/* What lies further ahead is not waited for: clocks are set, machines sleep. Whatever is done looks
 * first whether it has come: vls_route_life_is_due(). */
#define LOOK_AHEAD_MS UINT64_C(86400000)

struct vls_route_life {
    struct vls_life chain;
    const struct vls_arrangement *compiled[VLS_MAX_VERSIONS]; /* of each version in the chain */
    struct vls_arrangement
        *house; /* read with the version in force; NULL: as the route was given it */
    size_t current;
    uint64_t next_change_ms; /* wall clock */
    bool is_settling;
};

/* Every compiled version is owned but the installed one, which is the route's option. */
static void release_compiled(const struct vls_route *route, struct vls_route_life *life)
{
    for (size_t i = 0; i < life->chain.count; i++) {
        struct vls_arrangement *owned = NULL;
        if (life->compiled[i] != route->o.arrangement)
            owned = (struct vls_arrangement *)(uintptr_t)life->compiled[i];
        vls_arrangement_free(&owned);
    }
}

void vls_route_life_free(struct vls_route *route)
{
    struct vls_route_life *life = route->life;
    if (life == NULL)
        return;
    release_compiled(route, life);
    vls_life_fini(&life->chain);
    vls_arrangement_free(&life->house);
    vls_mem_free(life);
    route->life = NULL;
}

/* -- what is in force -------------------------------------------------------------------------- */

/** House rules know the parties and bodies of one version. */
static struct vls_status read_house(const struct vls_route *route,
                                    const struct vls_arrangement *arrangement,
                                    struct vls_arrangement **out, struct vls_why *why)
{
    *out = NULL;
    if (route->o.house == NULL || arrangement == route->o.arrangement)
        return VLS_DONE;
    return vls_house_rules_read(route->o.house_bytes, route->o.config->house_rules,
                                route->o.schemes, arrangement, out, why);
}

/** Decide by the version at `place` from now on. */
static struct vls_status enter(struct vls_route *route, size_t place, struct vls_why *why)
{
    struct vls_route_life *life = route->life;
    const struct vls_arrangement *now = life->compiled[place];
    struct vls_arrangement *house = NULL;
    VLS_TRY(read_house(route, now, &house, why));
    route->arrangement = now;
    route->house = now == route->o.arrangement ? route->o.house : house;
    vls_arrangement_free(&life->house);
    life->house = house;
    life->current = place;
    return VLS_DONE;
}

static void log_in_force(struct vls_route *route)
{
    char from[VLS_TIME_TEXT];
    const struct vls_route_life *life = route->life;
    vls_time_text(vls_life_from(&life->chain, life->current), from);
    vls_route_log(route, VLS_LOG_INFO, "arrangement.in-force",
                  VLS_F("arrangement", vls_arrangement_name(route->arrangement)),
                  VLS_FN("version", vls_arrangement_version(route->arrangement)),
                  VLS_F("from", from));
}

/** In the open transaction: what is held because of it is in the same commit. */
static struct vls_status settle(struct vls_route *route, struct vls_why *why)
{
    struct vls_route_life *life = route->life;
    uint64_t now = vls_route_wall(route);
    size_t place = vls_life_current(&life->chain, now);
    life->next_change_ms = vls_life_next_change(&life->chain, now);
    if (place != life->current) {
        route->is_unsettled = true;
        VLS_TRY(enter(route, place, why));
        log_in_force(route);
    }
    if (route->is_unsettled)
        VLS_TRY(vls_recheck_all(route, why));
    route->is_unsettled = false;
    return VLS_DONE;
}

/** Until it has settled nothing leaves. */
static void settle_or_wait(struct vls_route *route)
{
    struct vls_why why = {""};
    struct vls_status s = vls_route_begin(route, &why);
    if (vls_ok(s))
        s = settle(route, &why);
    if (vls_ok(s))
        return;
    route->is_unsettled = true;
    vls_route_log(route, VLS_LOG_ERROR, "arrangement.not-settled", VLS_FAILURE(s, &why));
}

uint64_t vls_route_life_next_ms(const struct vls_route *route)
{
    uint64_t at = route->life->next_change_ms, now = vls_route_wall(route);
    if (route->is_unsettled)
        return vls_route_steady(route) + VLS_STRANDED_MS;
    if (at > now + LOOK_AHEAD_MS)
        return UINT64_MAX;
    return vls_route_steady(route) + (at > now ? at - now : 0);
}

bool vls_route_life_is_due(const struct vls_route *route)
{
    if (route->life == NULL) /* it is being opened, or let go */
        return false;
    return route->is_unsettled || vls_route_wall(route) >= route->life->next_change_ms;
}

void vls_route_life_settle(struct vls_route *route)
{
    if (!vls_route_life_is_due(route) || route->life->is_settling)
        return;
    route->life->is_settling = true;
    settle_or_wait(route);
    route->life->is_settling = false;
}

/* -- at the start ------------------------------------------------------------------------------ */

/** @param now_ms  when it was taken: another of its number may have lapsed since */
static struct vls_status add(struct vls_route *route, const struct vls_arrangement *a,
                             uint64_t now_ms, struct vls_why *why)
{
    struct vls_route_life *life = route->life;
    size_t count = life->chain.count;
    VLS_TRY(vls_life_add(&life->chain, a, route->o.config->approvers_count == 0, now_ms, why));
    if (life->chain.count > count)
        life->compiled[count] = a;
    return VLS_DONE;
}

/* vls_approval_fn */
struct approving {
    struct vls_route *route;
    const struct vls_digest *digest;
};
static struct vls_status take_approval(void *ctx, const struct vls_stored_approval *approval,
                                       struct vls_why *why)
{
    const struct approving *a = ctx;
    return vls_life_approve(&a->route->life->chain, a->digest, approval->party, approval->signed_ms,
                            why);
}

static struct vls_status compile(const struct vls_route *route, struct vls_slice bytes,
                                 struct vls_arrangement **out, struct vls_why *why)
{
    return vls_arrangement_read(bytes, "the arrangement", route->o.schemes, out, why);
}

/* vls_arrangement_fn: those behind the installed one; it is where the history begins */
static struct vls_status take_version(void *ctx, const struct vls_stored_arrangement *row,
                                      struct vls_why *why)
{
    struct vls_route *route = ctx;
    struct vls_arrangement *a = NULL;
    if (row->version < vls_arrangement_version(route->o.arrangement))
        return VLS_DONE;
    VLS_TRY(compile(route, row->bytes, &a, why));
    size_t count = route->life->chain.count;
    struct vls_status s = add(route, a, row->added_ms, why);
    if (!vls_ok(s) || route->life->chain.count == count)
        vls_arrangement_free(&a);
    return s;
}

static struct vls_status load_approvals(struct vls_route *route, struct vls_why *why)
{
    struct vls_life *chain = &route->life->chain;
    for (size_t i = 0; i < route->o.approval_count; i++)
        VLS_TRY(vls_life_approve(chain, vls_arrangement_digest(route->o.arrangement),
                                 route->o.approvals[i].party, route->o.approvals[i].signed_ms,
                                 why));
    for (size_t i = 0; i < chain->count; i++) {
        struct approving approving = {route, &chain->versions[i].digest};
        VLS_TRY(
            vls_store_approvals(route->o.store, approving.digest, take_approval, &approving, why));
    }
    return VLS_DONE;
}

static struct vls_stored_arrangement stored_form(const struct vls_route *route,
                                                 const struct vls_arrangement *a,
                                                 struct vls_slice bytes, const char *actor)
{
    struct vls_stored_arrangement row = {.digest = *vls_arrangement_digest(a),
                                         .name = vls_arrangement_name(a),
                                         .version = vls_arrangement_version(a),
                                         .bytes = bytes,
                                         .added_ms = vls_route_wall(route),
                                         .actor = actor};
    const struct vls_digest *supersedes = vls_arrangement_supersedes(a);
    if (supersedes != NULL)
        row.supersedes = vls_digest_slice(supersedes);
    return row;
}

/** The installed one is kept, too: so that no other file of its number can ever take its place. */
static struct vls_status keep_installed(struct vls_route *route, struct vls_why *why)
{
    if (route->o.config->approvers_count == 0)
        return VLS_DONE;
    struct vls_stored_arrangement row =
        stored_form(route, route->o.arrangement, route->o.arrangement_bytes, "installed");
    VLS_TRY(vls_store_arrangement_add(route->o.store, &row, why));
    for (size_t i = 0; i < route->o.approval_count; i++) {
        const struct vls_stored_approval approval = {.party = route->o.approvals[i].party,
                                                     .signed_ms = route->o.approvals[i].signed_ms,
                                                     .added_ms = row.added_ms,
                                                     .signature = route->o.approvals[i].signature};
        VLS_TRY(vls_store_approval_add(route->o.store, &row.digest, &approval, why));
    }
    return VLS_DONE;
}

struct vls_status vls_route_life_open(struct vls_route *route, struct vls_why *why)
{
    struct vls_route_life *life = vls_mem_new(sizeof *life);
    route->life = life;
    vls_life_init(&life->chain);
    VLS_TRY(add(route, route->o.arrangement, vls_route_wall(route), why));
    if (route->o.config->approvers_count != 0)
        VLS_TRY(vls_store_arrangements(route->o.store, take_version, route, why));
    VLS_TRY(keep_installed(route, why));
    VLS_TRY(load_approvals(route, why));
    route->is_unsettled =
        true; /* what was decided by an earlier configuration is looked at again */
    return settle(route, why);
}

/* -- messages under another version ------------------------------------------------------------ */

/** @return its place in the chain, or its length when it is not there */
static size_t place_of(const struct vls_life *chain, struct vls_slice digest)
{
    size_t i = 0;
    while (i < chain->count &&
           !vls_slice_is_equal(vls_digest_slice(&chain->versions[i].digest), digest))
        i++;
    return i;
}

static struct vls_status refuse_version(const struct vls_route *route, const Valise__Manifest *m,
                                        uint32_t code, struct vls_why *why)
{
    return vls_fail(code, why, "it is under %.60s version %u, and here %s version %u is in force",
                    m->arrangement, m->arrangement_version,
                    vls_arrangement_name(route->arrangement),
                    vls_arrangement_version(route->arrangement));
}

/** Its sender has all signatures and goes by that version already; here the one that it carries is
 * missing, and would be for ever. */
static bool brings_in(const Valise__Manifest *m)
{
    const struct vls_kind *kind = vls_kind_by_name(m->kind);
    return kind != NULL && kind->brings_in;
}

struct vls_status vls_route_life_accepts(const struct vls_route *route, const Valise__Manifest *m,
                                         struct vls_why *why)
{
    const struct vls_route_life *life = route->life;
    uint64_t now = vls_route_wall(route);
    size_t place = place_of(&life->chain, vls_bytes(m->arrangement_digest));
    bool is_of_this = vls_text_is_equal(m->arrangement, vls_arrangement_name(route->arrangement));
    if (place == life->chain.count) {
        bool is_later = m->arrangement_version > vls_arrangement_version(route->arrangement);
        return refuse_version(
            route, m, is_of_this && is_later ? VLS_POLICY_AHEAD : VLS_POLICY_ARRANGEMENT, why);
    }
    if (place > life->current && !brings_in(m))
        return refuse_version(route, m, VLS_POLICY_AHEAD, why);
    /* one that has lapsed was never in force: nothing is under it */
    bool is_over = vls_life_from(&life->chain, place) == UINT64_MAX ||
                   now >= vls_life_until(&life->chain, place) + VLS_LIFE_GRACE_MS;
    if (place < life->current && is_over)
        return refuse_version(route, m, VLS_POLICY_ARRANGEMENT, why);
    if (!vls_arrangement_is_in_force(route->arrangement, now))
        return vls_fail(VLS_POLICY_ARRANGEMENT, why, "%s is not in force now",
                        vls_arrangement_name(route->arrangement));
    return VLS_DONE;
}

/* -- what comes later -------------------------------------------------------------------------- */

const struct vls_life *vls_route_life_chain(const struct vls_route *route)
{
    return &route->life->chain;
}

size_t vls_route_life_current(const struct vls_route *route)
{
    return route->life->current;
}

static struct vls_status try_compiled(const struct vls_route *route,
                                      const struct vls_arrangement *a, struct vls_why *why)
{
    struct vls_arrangement *house = NULL;
    VLS_TRY(vls_life_check(&route->life->chain, a, vls_route_wall(route), why));
    if (vls_arrangement_party(a, route->o.config->node.party) == NULL)
        return vls_fail(VLS_POLICY_PARTY, why, "%.60s is no party of it",
                        route->o.config->node.party);
    VLS_TRY(read_house(route, a, &house, why));
    vls_arrangement_free(&house);
    return VLS_DONE;
}

struct vls_status vls_route_life_try(const struct vls_route *route, struct vls_slice bytes,
                                     struct vls_arrangement **out, struct vls_why *why)
{
    struct vls_digest digest = vls_digest_of_slice(bytes);
    struct vls_arrangement *a = NULL;
    *out = NULL;
    if (vls_life_version(&route->life->chain, &digest) != NULL)
        return VLS_DONE;
    VLS_TRY(compile(route, bytes, &a, why));
    struct vls_status s = try_compiled(route, a, why);
    if (vls_ok(s))
        *out = a;
    else
        vls_arrangement_free(&a);
    return s;
}

struct vls_status vls_route_life_take(struct vls_route *route, struct vls_arrangement **arrangement,
                                      const struct vls_digest *digest,
                                      const struct vls_route_approval *approvals, size_t count,
                                      struct vls_why *why)
{
    if (*arrangement != NULL) {
        VLS_TRY(add(route, *arrangement, vls_route_wall(route), why));
        *arrangement = NULL;
    }
    for (size_t i = 0; i < count; i++)
        VLS_TRY(vls_life_approve(&route->life->chain, digest, approvals[i].party,
                                 approvals[i].signed_ms, why));
    route->is_unsettled = true;
    vls_route_life_settle(route);
    return VLS_DONE;
}
