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

static struct vls_status check_number(const struct vls_life *life, const struct vls_arrangement *a,
                                      struct vls_why *why)
{
    const struct vls_life_version *last = &life->versions[life->count - 1];
    uint32_t version = vls_arrangement_version(a);
    if (version > last->version + 1)
        return vls_fail(VLS_POLICY_VERSION, why,
                        "it is version %u, and the last one here is %u: what comes between?",
                        version, last->version);
    if (version == last->version + 1)
        return VLS_DONE;
    if (version < life->versions[0].version)
        return vls_fail(VLS_POLICY_VERSION, why, "it is version %u, and version %u came after it",
                        version, last->version);
    return vls_fail(VLS_POLICY_VERSION, why, "there is another file of version %u here already",
                    version);
}

struct vls_status vls_life_check(const struct vls_life *life, const struct vls_arrangement *a,
                                 struct vls_why *why)
{
    if (life->count == 0 || vls_life_version(life, vls_arrangement_digest(a)) != NULL)
        return VLS_DONE;
    const struct vls_life_version *last = &life->versions[life->count - 1];
    const struct vls_digest *supersedes = vls_arrangement_supersedes(a);
    if (strcmp(vls_arrangement_name(a), life->name) != 0)
        return vls_fail(VLS_POLICY_VERSION, why, "it is of %.60s, and here %.60s is in force",
                        vls_arrangement_name(a), life->name);
    VLS_TRY(check_parties(last, a, why));
    VLS_TRY(check_number(life, a, why));
    if (supersedes == NULL || !is_same_digest(supersedes, &last->digest))
        return vls_fail(VLS_POLICY_VERSION, why,
                        "its supersedes-digest is not that of the version %u that is here",
                        last->version);
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
                                     .is_installed = is_installed};
    while ((party = vls_arrangement_party_at(a, out->party_count)) != NULL)
        out->parties[out->party_count++].id = vls_mem_dup(party);
}

struct vls_status vls_life_add(struct vls_life *life, const struct vls_arrangement *a,
                               bool is_installed, struct vls_why *why)
{
    VLS_TRY(vls_life_check(life, a, why));
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

struct vls_status vls_life_approve(struct vls_life *life, const struct vls_digest *digest,
                                   const char *party, uint64_t signed_ms, struct vls_why *why)
{
    for (size_t i = 0; i < life->count; i++) {
        struct vls_life_version *version = &life->versions[i];
        if (!is_same_digest(&version->digest, digest))
            continue;
        for (size_t k = 0; k < version->party_count; k++) {
            if (strcmp(version->parties[k].id, party) != 0)
                continue;
            if (version->parties[k].signed_ms == 0)
                version->parties[k].signed_ms = signed_ms;
            return VLS_DONE;
        }
        return vls_fail(VLS_POLICY_PARTY, why, "%.60s is no party of version %u", party,
                        version->version);
    }
    return vls_fail(VLS_POLICY_VERSION, why, "no version here has that digest");
}

/* -- time -------------------------------------------------------------------------------------- */

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

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

uint64_t vls_life_from(const struct vls_life *life, size_t i)
{
    uint64_t from = 0;
    for (size_t k = 0; k <= i; k++) {
        const struct vls_life_version *version = &life->versions[k];
        if (!is_approved(version))
            return UINT64_MAX;
        from = later(from, version->not_before_ms);
        for (size_t p = 0; !version->is_installed && p < version->party_count; p++)
            from = later(from, version->parties[p].signed_ms);
    }
    return from;
}

enum vls_life_state vls_life_state(const struct vls_life *life, size_t i, uint64_t now_ms)
{
    const struct vls_life_version *version = &life->versions[i];
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
    while (current + 1 < life->count && vls_life_from(life, current + 1) <= now_ms)
        current++;
    return current;
}

uint64_t vls_life_next_change(const struct vls_life *life, uint64_t now_ms)
{
    uint64_t next = UINT64_MAX;
    for (size_t i = 0; i < life->count; i++) {
        const uint64_t moments[] = {vls_life_from(life, i), life->versions[i].expires_ms};
        for (size_t k = 0; k < sizeof moments / sizeof moments[0]; k++)
            if (moments[k] > now_ms && moments[k] < next)
                next = moments[k];
    }
    return next;
}
