#ifndef VALISE_LABEL_SCHEME_H
#define VALISE_LABEL_SCHEME_H
/*
 * label/scheme - one organization's classification policy, read from an Open XML SPIF file
 * (xmlspif.org 2.0, 2.1).
 *
 * Process:   router, command line. Such a file is local and trusted as configuration is, and still
 *            bounded and read without entities or network.
 * Ownership: a scheme owns all that is in it; what functions return lives as long as the scheme.
 * Start at:  vls_scheme_read(), then vls_label_read() of label/label.h; scheme_model.h for what is
 *            inside.
 *
 * Rank comes from `hierarchy`, never from the wire value (lacv). Ranks of two schemes are never
 * compared.
 */
#include "base/digest.h"
#include "label/scheme_model.h"

struct vls_scheme; /* opaque */

/** Read the bytes of a SPIF file. `file` is for messages only; errors name file, line and element.
 * Refused are a document type (so neither entities nor an external DTD exist), elements and
 * attributes that the format does not have, references to what is not there, two classifications of
 * one name, handle, lacv or hierarchy, two categories of one value, requirements that are circular
 * or contradict exclusions, and a scheme without any classification.
 *  @return SCHEME_INVALID, SYSTEM_MEMORY */
VLS_STATUS vls_scheme_read(struct vls_slice spif, const char *file, struct vls_scheme **out,
                           struct vls_why *why);
/** The same from a file of at most VLS_MAX_SCHEME_FILE bytes. @return SCHEME_INVALID,
 * SYSTEM_MISSING, SYSTEM_IO */
VLS_STATUS vls_scheme_load(const char *path, struct vls_scheme **out, struct vls_why *why);
void vls_scheme_free(struct vls_scheme **scheme);

/* -- the scheme as a whole */

/** Handle of the policy: its name in lower case, blanks and other marks to single dashes:
 * "un-sgb-2007-6". */
const char *vls_scheme_name(const struct vls_scheme *scheme);
/** The policy's name as the file prints it. */
const char *vls_scheme_title(const struct vls_scheme *scheme);
/** Object identifier of the policy in dotted form. */
const char *vls_scheme_oid(const struct vls_scheme *scheme);
/** "2.0" or "2.1". */
const char *vls_scheme_schema_version(const struct vls_scheme *scheme);
/** Version of the scheme itself; 1 unless the file says otherwise. */
uint64_t vls_scheme_version(const struct vls_scheme *scheme);
/** SHA-256 of the file's bytes. */
const struct vls_digest *vls_scheme_digest(const struct vls_scheme *scheme);
/** A warning that the file carries about itself (a draft to be verified), or NULL. */
const char *vls_scheme_notice(const struct vls_scheme *scheme);
/** @return true when `at_ms` lies within notBefore and notAfter of the file, both included, as in a
 * certificate; what it does not give is no bound */
bool vls_scheme_is_valid_at(const struct vls_scheme *scheme, uint64_t at_ms);
/** notBefore and notAfter; 0: no bound. */
uint64_t vls_scheme_not_before(const struct vls_scheme *scheme);
uint64_t vls_scheme_not_after(const struct vls_scheme *scheme);
/** Categories are written to DER in MISSI's form (one list of named tag sets), not ACP 145's. */
bool vls_scheme_is_missi(const struct vls_scheme *scheme);
/** Markings of the policy: at the root, of <securityPolicyId>, of <securityClassifications>. */
const struct vls_markings *vls_scheme_markings(const struct vls_scheme *scheme);
const struct vls_markings *vls_scheme_policy_markings(const struct vls_scheme *scheme);
const struct vls_markings *vls_scheme_class_markings(const struct vls_scheme *scheme);

/* -- classifications */

size_t vls_scheme_count(const struct vls_scheme *scheme);
/** NULL beyond the last one. */
const struct vls_classification *vls_scheme_at(const struct vls_scheme *scheme, size_t i);
/** NULL when there is none. */
const struct vls_classification *vls_scheme_by_handle(const struct vls_scheme *scheme,
                                                      const char *handle);
const struct vls_classification *vls_scheme_by_name(const struct vls_scheme *scheme,
                                                    const char *name);
const struct vls_classification *vls_scheme_by_lacv(const struct vls_scheme *scheme, uint32_t lacv);

/* -- categories: tag sets hold tags, tags hold categories; NULL beyond the last, or when there is
 * none */

size_t vls_scheme_tag_set_count(const struct vls_scheme *scheme);
const struct vls_tag_set *vls_scheme_tag_set(const struct vls_scheme *scheme, size_t i);
const struct vls_tag_set *vls_scheme_tag_set_by_name(const struct vls_scheme *scheme,
                                                     const char *name);
const struct vls_tag_set *vls_scheme_tag_set_by_oid(const struct vls_scheme *scheme,
                                                    const char *oid);
size_t vls_scheme_tag_count(const struct vls_scheme *scheme);
const struct vls_tag *vls_scheme_tag(const struct vls_scheme *scheme, size_t place);
size_t vls_scheme_category_count(const struct vls_scheme *scheme);
const struct vls_category *vls_scheme_category(const struct vls_scheme *scheme, size_t place);
/** By set, type and value: what an ESS label names. */
const struct vls_category *vls_scheme_category_by_lacv(const struct vls_scheme *scheme,
                                                       const struct vls_tag_set *set,
                                                       enum vls_tag_type type, uint64_t lacv);
/** By set and name as printed, of the type given: what ADatP-4774 names. */
const struct vls_category *vls_scheme_category_by_name(const struct vls_scheme *scheme,
                                                       const struct vls_tag_set *set,
                                                       enum vls_tag_type type, const char *name);
/** "restrictive", "permissive", "enumerated restrictive" and so on. */
const char *vls_tag_type_name(enum vls_tag_type type);

/* -- privacy marks and other policies */

size_t vls_scheme_privacy_mark_count(const struct vls_scheme *scheme);
const struct vls_privacy_mark *vls_scheme_privacy_mark(const struct vls_scheme *scheme, size_t i);
size_t vls_scheme_equivalent_count(const struct vls_scheme *scheme);
/** Policies that it maps to or from, with the categories that every label there gets in addition.
 */
const struct vls_equivalence *vls_scheme_equivalent(const struct vls_scheme *scheme, size_t i);

/* -- all schemes of a gateway */

struct vls_scheme_set {
    struct vls_scheme **schemes;
    size_t count;
};
/** Load a scheme into the set. Two that a label or a clearance could not tell apart, of one object
 * identifier or one name, are refused. @return as vls_scheme_load() */
VLS_STATUS vls_scheme_set_load(struct vls_scheme_set *set, const char *path, struct vls_why *why);
/** NULL when there is none. */
const struct vls_scheme *vls_scheme_set_by_name(const struct vls_scheme_set *set, const char *name);
const struct vls_scheme *vls_scheme_set_by_oid(const struct vls_scheme_set *set, const char *oid);
void vls_scheme_set_free(struct vls_scheme_set *set);

#endif
