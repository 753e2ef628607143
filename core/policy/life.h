#ifndef VALISE_POLICY_LIFE_H
#define VALISE_POLICY_LIFE_H
/*
 * policy/life - the life of an arrangement: which versions there are, who has approved them, which
 * one is in force at a time (Articles 14 and 15).
 *
 * Process:   router, command line. Pure: no clock, no disk, no signatures; who calls has checked
 *            them (approval/signature.h).
 * Ownership: a life owns what it holds; arrangements given to it are copied from.
 * Start at:  vls_life_add(), vls_life_approve(); vls_life_current().
 *
 * Versions form a chain: each is the one before plus one and names its digest. So there is one
 * history, and neither side can go back, leave a version out or have two of one number. A party
 * approves one file of a number and no other: both parties' approval of two different files would
 * be two histories.
 *
 * A version comes into force when all of its parties have approved, by the time that each wrote
 * into its signature: at the latest of those and not before its not-before, and not before the
 * version that it supersedes. Both sides have the same signatures and so the same moment.
 *
 * A version that says approve-by lapses when that has passed and a signature is missing: then, and
 * only then, another file may have its number. A signature that was made in time and comes late
 * still counts until all parties have signed the other file. So a party that has signed the first
 * one stays with it, and there is never more than one of a number that all have signed.
 */
#include "policy/arrangement.h"

#define VLS_MAX_VERSIONS 256u /* of one arrangement */

enum vls_life_state {
    VLS_LIFE_PROPOSED,   /* nobody has approved it yet                              */
    VLS_LIFE_PARTLY,     /* approved by some of its parties                         */
    VLS_LIFE_APPROVED,   /* by all; its time has not come                           */
    VLS_LIFE_IN_FORCE,   /* its time has come, and that of no later one             */
    VLS_LIFE_SUPERSEDED, /* a later one is in force, or was                         */
    VLS_LIFE_EXPIRED,    /* its last moment has passed and no later one is in force */
    VLS_LIFE_LAPSED,     /* its approve-by has passed without all, or another took its number */
};
/** "proposed" and so on. Never NULL. */
const char *vls_life_state_name(enum vls_life_state state);

struct vls_life_version {
    struct vls_digest digest;
    uint32_t version;
    uint64_t not_before_ms, expires_ms, approve_by_ms; /* the last: 0, it waits for ever */
    bool is_installed; /* by the operator, on a gateway that asks for no signatures: approved */
    size_t party_count;
    struct vls_life_party {
        char *id;
        uint64_t signed_ms; /* 0: not yet */
    } parties[VLS_MAX_PARTIES];
};

struct vls_life {
    char *name; /* of the arrangement; NULL: no version yet */
    struct vls_life_version *versions;
    size_t count;
};

void vls_life_init(struct vls_life *out);
void vls_life_fini(struct vls_life *life);

/** May it be the next version, now? One that is known already may, and stays as it is.
 *  @return POLICY_VERSION another name or other parties, a number that does not follow, another
 *  predecessor, another file of that number; INPUT_LIMIT */
VLS_STATUS vls_life_check(const struct vls_life *life, const struct vls_arrangement *a,
                          uint64_t now_ms, struct vls_why *why);
/** Add it, or do nothing when it is known. The first one added is where this gateway began,
 * whatever its number.
 *  @return as above; SYSTEM_MEMORY */
VLS_STATUS vls_life_add(struct vls_life *life, const struct vls_arrangement *a, bool is_installed,
                        uint64_t now_ms, struct vls_why *why);
/** May a signature of that time be one of this version?
 *  @return POLICY_VERSION it is later than approve-by; all have signed another file of its number
 */
VLS_STATUS vls_life_may_approve(const struct vls_life *life, const struct vls_digest *digest,
                                uint64_t signed_ms, struct vls_why *why);
/** A party has approved. Known already: nothing changes, its first time counts.
 *  @return POLICY_VERSION no such version, or not any more; POLICY_PARTY not one of its parties */
VLS_STATUS vls_life_approve(struct vls_life *life, const struct vls_digest *digest,
                            const char *party, uint64_t signed_ms, struct vls_why *why);

/** NULL when it is not known. */
const struct vls_life_version *vls_life_version(const struct vls_life *life,
                                                const struct vls_digest *digest);
/** When the i-th version came or comes into force; UINT64_MAX while an approval is missing, of it
 * or of one before, and of one whose number another file has taken. */
uint64_t vls_life_from(const struct vls_life *life, size_t i);
/** When the version behind the i-th one came or comes into force; UINT64_MAX: there is none. */
uint64_t vls_life_until(const struct vls_life *life, size_t i);
enum vls_life_state vls_life_state(const struct vls_life *life, size_t i, uint64_t now_ms);

/** The version to decide by: the latest whose time has come, even when it has expired, because then
 * nothing may leave at all. Before the first one's time, the first. @return its place */
size_t vls_life_current(const struct vls_life *life, uint64_t now_ms);
/** When vls_life_current() or a state will next be another, by time alone; UINT64_MAX: never. */
uint64_t vls_life_next_change(const struct vls_life *life, uint64_t now_ms);

#endif
