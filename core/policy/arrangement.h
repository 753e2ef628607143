#ifndef VALISE_POLICY_ARRANGEMENT_H
#define VALISE_POLICY_ARRANGEMENT_H
/*
 * policy/arrangement - a written arrangement (Article 14) as rules, read from YAML.
 *
 * Process:   router, command line.
 * Ownership: an arrangement owns its rules; it borrows the schemes.
 * Start at:  vls_arrangement_load(), then vls_decide() of policy/decide.h.
 */
#include "label/label.h"

struct vls_arrangement; /* opaque */

/** Read the bytes of an arrangement file. Unknown keys, wrong types, unknown kinds, parties,
 * schemes and levels are refused, with file, line and column, and a hint where one can be given.
 * @return POLICY_INVALID */
VLS_STATUS vls_arrangement_read(struct vls_slice yaml, const char *file,
                                const struct vls_scheme_set *schemes, struct vls_arrangement **out,
                                struct vls_why *why);
VLS_STATUS vls_arrangement_load(const char *path, const struct vls_scheme_set *schemes,
                                struct vls_arrangement **out, struct vls_why *why);
void vls_arrangement_free(struct vls_arrangement **arrangement);

const char *vls_arrangement_name(const struct vls_arrangement *a);
uint32_t vls_arrangement_version(const struct vls_arrangement *a);
/** SHA-256 of the file's exact bytes: what both parties must have in common. */
const struct vls_digest *vls_arrangement_digest(const struct vls_arrangement *a);
/** Full name of a party, or NULL when the arrangement does not know it. */
const char *vls_arrangement_party(const struct vls_arrangement *a, const char *party);
/** The scheme that a party labels by, or NULL when the arrangement does not know the party. */
const struct vls_scheme *vls_arrangement_scheme(const struct vls_arrangement *a, const char *party);
/** @return true when `at_ms` lies within in-force: not-before and expires */
bool vls_arrangement_is_in_force(const struct vls_arrangement *a, uint64_t at_ms);

#endif
