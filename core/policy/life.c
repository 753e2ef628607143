#include "policy/life.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"

const char *vls_life_state_name(enum vls_life_state state)
{
    switch (state) {
    case VLS_LIFE_PROPOSED:
        return "proposed";
    case VLS_LIFE_PARTLY:
        return "approved by some";
    case VLS_LIFE_APPROVED:
        return "approved by all";
    case VLS_LIFE_IN_FORCE:
        return "in force";
    case VLS_LIFE_SUPERSEDED:
        return "superseded";
    case VLS_LIFE_EXPIRED:
        return "expired";
    case VLS_LIFE_LAPSED:
        return "lapsed";
    }
    return "unknown";
}

void vls_life_init(struct vls_life *out)
{
    *out = (struct vls_life){.name = NULL};
}

static void release_version(struct vls_life_version *version)
{
    for (size_t i = 0; i < version->party_count; i++)
        vls_mem_free(version->parties[i].id);
}

void vls_life_fini(struct vls_life *life)
{
    for (size_t i = 0; i < life->count; i++)
        release_version(&life->versions[i]);
    vls_mem_free(life->versions);
    vls_mem_free(life->name);
    vls_life_init(life);
}

/* -- to add ------------------------------------------------------------------------------------ */

static bool is_same_digest(const struct vls_digest *a, const struct vls_digest *b)
{
    return vls_slice_is_equal(vls_digest_slice(a), vls_digest_slice(b));
}

const struct vls_life_version *vls_life_version(const struct vls_life *life,
                                                const struct vls_digest *digest)
{
    for (size_t i = 0; i < life->count; i++)
        if (is_same_digest(&life->versions[i].digest, digest))
            return &life->versions[i];
    return NULL;
}

static size_t count_approvals(const struct vls_life_version *version)
{
    size_t count = 0;
    for (size_t i = 0; i < version->party_count; i++)
        count += version->parties[i].signed_ms != 0;
    return count;
}

static bool is_approved(const struct vls_life_version *version)
{
    return version->is_installed || count_approvals(version) == version->party_count;
}

/** Of several files of one number: the one that all have signed, or the last. The others are as if
 * they had never been. */
static bool is_standing(const struct vls_life *life, size_t i)
{
    bool is_all = is_approved(&life->versions[i]);
    for (size_t k = 0; k < life->count; k++) {
        if (k == i || life->versions[k].version != life->versions[i].version)
            continue;
        if (is_approved(&life->versions[k]) || (!is_all && k > i))
            return false;
    }
    return true;
}

static bool has_lapsed(const struct vls_life_version *version, uint64_t now_ms)
{
    return !is_approved(version) && version->approve_by_ms != 0 && now_ms > version->approve_by_ms;
}

/** The last standing one of that number. NULL: none. */
static const struct vls_life_version *standing(const struct vls_life *life, uint32_t number)
{
    for (size_t i = life->count; i > 0; i--)
        if (life->versions[i - 1].version == number && is_standing(life, i - 1))
            return &life->versions[i - 1];
    return NULL;
}

static const struct vls_life_version *last_of(const struct vls_life *life)
{
    size_t i = life->count - 1;
    while (i > 0 && !is_standing(life, i))
        i--;
    return &life->versions[i];
}

static struct vls_status check_parties(const struct vls_life_version *last,
                                       const struct vls_arrangement *a, struct vls_why *why)
{
    size_t count = 0;
    for (; vls_arrangement_party_at(a, count) != NULL; count++) {
        const char *id = vls_arrangement_party_at(a, count);
        size_t i = 0;
        while (i < last->party_count && strcmp(last->parties[i].id, id) != 0)
            i++;
        if (i == last->party_count)
            return vls_fail(VLS_POLICY_VERSION, why,
                            "%.60s is no party of version %u; other parties need an arrangement of "
                            "their own",
                            id, last->version);
    }
    if (count != last->party_count)
        return vls_fail(VLS_POLICY_VERSION, why, "it has %zu parties, and version %u has %zu",
                        count, last->version, last->party_count);
    return VLS_DONE;
}

/** The number that one more may have: behind the last, or that of a last one that has lapsed. */
static struct vls_status check_number(const struct vls_life *life, const struct vls_arrangement *a,
                                      uint64_t now_ms, struct vls_why *why)
{
    const struct vls_life_version *last = last_of(life);
    uint32_t version = vls_arrangement_version(a);
    bool is_open = !is_approved(last) && last->approve_by_ms != 0;
    if (version > last->version + 1)
        return vls_fail(VLS_POLICY_VERSION, why,
                        "it is version %u, and the last one here is %u: what comes between?",
                        version, last->version);
    if (version == last->version + 1 && is_open)
        return vls_fail(VLS_POLICY_VERSION, why,
                        "version %u is not signed by all and has an approve-by: %s", last->version,
                        has_lapsed(last, now_ms) ? "it has lapsed, write a version of its number"
                                                 : "wait until it is signed, or lapses");
    if (version == last->version + 1)
        return VLS_DONE;
    if (version < life->versions[0].version)
        return vls_fail(VLS_POLICY_VERSION, why, "it is version %u, and version %u came after it",
                        version, last->version);
    if (version == last->version && has_lapsed(last, now_ms))
        return VLS_DONE;
    return vls_fail(VLS_POLICY_VERSION, why, "there is another file of version %u here already%s",
                    version, is_open ? ", which has not lapsed yet" : "");
}

struct vls_status vls_life_check(const struct vls_life *life, const struct vls_arrangement *a,
                                 uint64_t now_ms, struct vls_why *why)
{
    if (life->count == 0 || vls_life_version(life, vls_arrangement_digest(a)) != NULL)
        return VLS_DONE;
    const struct vls_digest *supersedes = vls_arrangement_supersedes(a);
    if (strcmp(vls_arrangement_name(a), life->name) != 0)
        return vls_fail(VLS_POLICY_VERSION, why, "it is of %.60s, and here %.60s is in force",
                        vls_arrangement_name(a), life->name);
    VLS_TRY(check_parties(last_of(life), a, why));
    VLS_TRY(check_number(life, a, now_ms, why));
    const struct vls_life_version *before = standing(life, vls_arrangement_version(a) - 1);
    if (before == NULL)
        return vls_fail(VLS_POLICY_VERSION, why,
                        "version %u is where this gateway began: no other can take its place",
                        life->versions[0].version);
    if (supersedes == NULL || !is_same_digest(supersedes, &before->digest))
        return vls_fail(VLS_POLICY_VERSION, why,
                        "its supersedes-digest is not that of the version %u that is here",
                        before->version);
    if (life->count == VLS_MAX_VERSIONS)
        return vls_fail(VLS_INPUT_LIMIT, why, "%u versions are the most", VLS_MAX_VERSIONS);
    return VLS_DONE;
}

static void fill(struct vls_life_version *out, const struct vls_arrangement *a, bool is_installed)
{
    const char *party = NULL;
    *out = (struct vls_life_version){.digest = *vls_arrangement_digest(a),
                                     .version = vls_arrangement_version(a),
                                     .not_before_ms = vls_arrangement_not_before(a),
                                     .expires_ms = vls_arrangement_expires(a),
                                     .approve_by_ms = vls_arrangement_approve_by(a),
                                     .is_installed = is_installed};
    while ((party = vls_arrangement_party_at(a, out->party_count)) != NULL)
        out->parties[out->party_count++].id = vls_mem_dup(party);
}

struct vls_status vls_life_add(struct vls_life *life, const struct vls_arrangement *a,
                               bool is_installed, uint64_t now_ms, struct vls_why *why)
{
    VLS_TRY(vls_life_check(life, a, now_ms, why));
    if (vls_life_version(life, vls_arrangement_digest(a)) != NULL)
        return VLS_DONE;
    struct vls_life_version *more = vls_mem_try((life->count + 1) * sizeof *more);
    if (more == NULL)
        return vls_fail(VLS_SYSTEM_MEMORY, why, "no memory for another version");
    vls_copy(more, life->versions, life->count * sizeof *more);
    vls_mem_free(life->versions);
    life->versions = more;
    if (life->name == NULL)
        life->name = vls_mem_dup(vls_arrangement_name(a));
    fill(&life->versions[life->count++], a, is_installed);
    return VLS_DONE;
}

static struct vls_status check_in_time(const struct vls_life_version *version, uint64_t signed_ms,
                                       struct vls_why *why)
{
    char by[VLS_TIME_TEXT];
    if (version->approve_by_ms == 0 || signed_ms <= version->approve_by_ms)
        return VLS_DONE;
    vls_time_text(version->approve_by_ms, by);
    return vls_fail(VLS_POLICY_VERSION, why,
                    "version %u was to be signed until %s, and a signature is later",
                    version->version, by);
}

static struct vls_status check_not_taken(const struct vls_life *life,
                                         const struct vls_life_version *version,
                                         struct vls_why *why)
{
    const struct vls_life_version *taken = standing(life, version->version);
    if (taken == NULL || taken == version || !is_approved(taken))
        return VLS_DONE;
    return vls_fail(VLS_POLICY_VERSION, why,
                    "this file of version %u has lapsed: all parties have signed another of that "
                    "number",
                    version->version);
}

struct vls_status vls_life_may_approve(const struct vls_life *life, const struct vls_digest *digest,
                                       uint64_t signed_ms, struct vls_why *why)
{
    const struct vls_life_version *version = vls_life_version(life, digest);
    if (version == NULL)
        return vls_fail(VLS_POLICY_VERSION, why, "no version here has that digest");
    VLS_TRY(check_in_time(version, signed_ms, why));
    return check_not_taken(life, version, why);
}

static struct vls_life_party *party_of(struct vls_life_version *version, const char *id)
{
    for (size_t i = 0; i < version->party_count; i++)
        if (strcmp(version->parties[i].id, id) == 0)
            return &version->parties[i];
    return NULL;
}

struct vls_status vls_life_approve(struct vls_life *life, const struct vls_digest *digest,
                                   const char *party, uint64_t signed_ms, struct vls_why *why)
{
    size_t i = 0;
    while (i < life->count && !is_same_digest(&life->versions[i].digest, digest))
        i++;
    if (i == life->count)
        return vls_fail(VLS_POLICY_VERSION, why, "no version here has that digest");
    struct vls_life_version *version = &life->versions[i];
    struct vls_life_party *of = party_of(version, party);
    if (of == NULL)
        return vls_fail(VLS_POLICY_PARTY, why, "%.60s is no party of version %u", party,
                        version->version);
    VLS_TRY(check_in_time(version, signed_ms, why));
    if (of->signed_ms == 0 && count_approvals(version) + 1 == version->party_count)
        VLS_TRY(check_not_taken(life, version, why)); /* two of a number would be two histories */
    if (of->signed_ms == 0)
        of->signed_ms = signed_ms;
    return VLS_DONE;
}

/* -- time -------------------------------------------------------------------------------------- */

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/** Of that version alone. It is approved. */
static uint64_t own_from(const struct vls_life_version *version)
{
    uint64_t from = version->not_before_ms;
    for (size_t p = 0; !version->is_installed && p < version->party_count; p++)
        from = later(from, version->parties[p].signed_ms);
    return from;
}

uint64_t vls_life_from(const struct vls_life *life, size_t i)
{
    uint64_t from = 0;
    if (!is_standing(life, i))
        return UINT64_MAX;
    for (size_t k = 0; k <= i; k++) {
        if (!is_standing(life, k))
            continue;
        if (!is_approved(&life->versions[k]))
            return UINT64_MAX;
        from = later(from, own_from(&life->versions[k]));
    }
    return from;
}

uint64_t vls_life_until(const struct vls_life *life, size_t i)
{
    for (size_t k = i + 1; k < life->count; k++)
        if (is_standing(life, k))
            return vls_life_from(life, k);
    return UINT64_MAX;
}

enum vls_life_state vls_life_state(const struct vls_life *life, size_t i, uint64_t now_ms)
{
    const struct vls_life_version *version = &life->versions[i];
    if (!is_standing(life, i) || has_lapsed(version, now_ms))
        return VLS_LIFE_LAPSED;
    if (!is_approved(version))
        return count_approvals(version) == 0 ? VLS_LIFE_PROPOSED : VLS_LIFE_PARTLY;
    if (vls_life_from(life, i) > now_ms)
        return VLS_LIFE_APPROVED;
    if (vls_life_current(life, now_ms) > i)
        return VLS_LIFE_SUPERSEDED;
    return now_ms < version->expires_ms ? VLS_LIFE_IN_FORCE : VLS_LIFE_EXPIRED;
}

size_t vls_life_current(const struct vls_life *life, uint64_t now_ms)
{
    size_t current = 0;
    uint64_t from = 0;
    for (size_t i = 0; i < life->count && from <= now_ms; i++) {
        if (!is_standing(life, i))
            continue;
        if (!is_approved(&life->versions[i]))
            break;
        from = later(from, own_from(&life->versions[i]));
        if (from <= now_ms)
            current = i;
    }
    return current;
}

uint64_t vls_life_next_change(const struct vls_life *life, uint64_t now_ms)
{
    uint64_t next = UINT64_MAX;
    for (size_t i = 0; i < life->count; i++) {
        const struct vls_life_version *version = &life->versions[i];
        /* it has lapsed behind its last moment, not at it */
        uint64_t lapse = is_approved(version) || version->approve_by_ms == 0
                             ? UINT64_MAX
                             : version->approve_by_ms + 1;
        const uint64_t moments[] = {vls_life_from(life, i), version->expires_ms, lapse};
        for (size_t k = 0; k < sizeof moments / sizeof moments[0]; k++)
            if (moments[k] > now_ms && moments[k] < next)
                next = moments[k];
    }
    return next;
}
