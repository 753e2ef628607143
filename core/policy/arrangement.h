#ifndef VALISE_POLICY_ARRANGEMENT_H
#define VALISE_POLICY_ARRANGEMENT_H
/*
 * policy/arrangement - a written arrangement (Article 14) as rules, read from YAML; and house
 * rules: what one party holds itself to besides, in the same language, never shown to the other.
 *
 * Process:   router, command line.
 * Ownership: an arrangement owns its rules; it borrows the schemes. House rules are read with an
 *            arrangement and own what they take from it.
 * Start at:  vls_arrangement_load(), then vls_decide() of policy/decide.h.
 */
#include "label/label.h"

struct vls_arrangement; /* opaque; house rules are one, too */

/** Read the bytes of an arrangement file. Unknown keys, wrong types, unknown kinds, parties,
 * bodies, schemes, levels and categories, what is given twice, contradictions, and a release of any
 * label that is not acknowledged are refused, with file, line and column, and a hint where one can
 * be given.
 * @return POLICY_INVALID, SYSTEM_MEMORY */
VLS_STATUS vls_arrangement_read(struct vls_slice yaml, const char *file,
                                const struct vls_scheme_set *schemes, struct vls_arrangement **out,
                                struct vls_why *why);
VLS_STATUS vls_arrangement_load(const char *path, const struct vls_scheme_set *schemes,
                                struct vls_arrangement **out, struct vls_why *why);
/** The same for house rules; parties and bodies are those of `arrangement`. */
VLS_STATUS vls_house_rules_read(struct vls_slice yaml, const char *file,
                                const struct vls_scheme_set *schemes,
                                const struct vls_arrangement *arrangement,
                                struct vls_arrangement **out, struct vls_why *why);
VLS_STATUS vls_house_rules_load(const char *path, const struct vls_scheme_set *schemes,
                                const struct vls_arrangement *arrangement,
                                struct vls_arrangement **out, struct vls_why *why);
void vls_arrangement_free(struct vls_arrangement **arrangement);

/* -- what it says of itself -------------------------------------------------------------------- */

const char *vls_arrangement_name(const struct vls_arrangement *a);
const char *vls_arrangement_basis(const struct vls_arrangement *a);
uint32_t vls_arrangement_version(const struct vls_arrangement *a);
/** SHA-256 of the file's exact bytes: what both parties must have in common. */
const struct vls_digest *vls_arrangement_digest(const struct vls_arrangement *a);
/** Digest of the version before, which this one supersedes; NULL for the first. */
const struct vls_digest *vls_arrangement_supersedes(const struct vls_arrangement *a);
/** Full name of a party, or NULL when the arrangement does not know it. */
const char *vls_arrangement_party(const struct vls_arrangement *a, const char *party);
/** The scheme that a party labels by, or NULL when the arrangement does not know the party. */
const struct vls_scheme *vls_arrangement_scheme(const struct vls_arrangement *a, const char *party);
/** Id of the i-th party; NULL beyond the last. */
const char *vls_arrangement_party_at(const struct vls_arrangement *a, size_t i);
/** Office that approves for a party, and its domain; empty when the file gives none, NULL when the
 * arrangement does not know the party. */
const char *vls_arrangement_approver(const struct vls_arrangement *a, const char *party);
const char *vls_arrangement_domain(const struct vls_arrangement *a, const char *party);
/** Whose house rules they are; empty for an arrangement. */
const char *vls_arrangement_house_of(const struct vls_arrangement *a);

/* -- time -------------------------------------------------------------------------------------- */

/** @return true when `at_ms` lies within in-force: not-before and expires. When the later approval
 * counts too, who holds the approvals must look at them. */
bool vls_arrangement_is_in_force(const struct vls_arrangement *a, uint64_t at_ms);
/** It comes into force at the later of the approvals, and not before not-before. */
bool vls_arrangement_is_by_approval(const struct vls_arrangement *a);
uint64_t vls_arrangement_not_before(const struct vls_arrangement *a);
/** No signature after it counts; 0: the file gives none. */
uint64_t vls_arrangement_approve_by(const struct vls_arrangement *a);
/** UINT64_MAX: never (house rules only). */
uint64_t vls_arrangement_expires(const struct vls_arrangement *a);

/* -- bodies ------------------------------------------------------------------------------------ */

/** Full name of a body, or NULL when the arrangement does not know it. */
const char *vls_arrangement_body(const struct vls_arrangement *a, const char *body);
/** The body by way of which it is reached: its id, or empty; NULL when it is not known. */
const char *vls_arrangement_through(const struct vls_arrangement *a, const char *body);
/** The i-th member that a written statement to it goes to; NULL beyond the last. */
const char *vls_arrangement_member_at(const struct vls_arrangement *a, const char *body, size_t i);

#endif
