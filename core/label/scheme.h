#ifndef VALISE_LABEL_SCHEME_H
#define VALISE_LABEL_SCHEME_H
/*
 * label/scheme - one organization's classification policy, read from an Open XML SPIF file
 * (xmlspif.org 2.0, 2.1).
 *
 * Process:   router, command line. Such a file is local and trusted as configuration is, and still
 *            bounded and read without entities or network.
 * Ownership: a scheme owns its strings; what functions return lives as long as the scheme.
 * Start at:  vls_scheme_read(), then vls_label_read() of label/label.h.
 *
 * Rank comes from `hierarchy`, never from the wire value (lacv). Ranks of two schemes are never
 * compared.
 */
#include "base/digest.h"

struct vls_classification {
    const char *name;    /* as the scheme prints it: "STRICTLY CONFIDENTIAL"            */
    const char *handle;  /* as rules and the command line write it: "strictly-confidential" */
    uint32_t lacv;       /* value on the wire                                           */
    uint32_t hierarchy;  /* rank; higher is more sensitive                              */
    const char *color;   /* may be empty                                                */
    const char *marking; /* phrase for the top of a page; the name unless the file says otherwise */
    bool is_obsolete;    /* may be read, may not be used anew                     */
    bool needs_category; /* valid only with a category, which no label here can carry: may not be
                            used */
};

struct vls_scheme; /* opaque */

/** Read the bytes of a SPIF file. `file` is for messages only; errors name file, line and element.
 * Refused are a document type (so neither entities nor an external DTD exist), elements that the
 * format does not have, misspelt attributes of what is read, two classifications of one name,
 * handle, lacv or hierarchy, and a scheme without any. Read are the policy, the classifications and
 * their markings; categories and equivalences are only held against the format, since no label here
 * carries a category.
 *  @return SCHEME_INVALID, SYSTEM_MEMORY */
VLS_STATUS vls_scheme_read(struct vls_slice spif, const char *file, struct vls_scheme **out,
                           struct vls_why *why);
/** The same from a file of at most VLS_MAX_SCHEME_FILE bytes. @return SCHEME_INVALID,
 * SYSTEM_MISSING, SYSTEM_IO */
VLS_STATUS vls_scheme_load(const char *path, struct vls_scheme **out, struct vls_why *why);
void vls_scheme_free(struct vls_scheme **scheme);

/** Handle of the policy: its name in lower case, blanks and other marks to single dashes:
 * "un-sgb-2007-6". */
const char *vls_scheme_name(const struct vls_scheme *scheme);
/** Object identifier of the policy in dotted form. */
const char *vls_scheme_oid(const struct vls_scheme *scheme);
/** SHA-256 of the file's bytes. */
const struct vls_digest *vls_scheme_digest(const struct vls_scheme *scheme);
/** A warning that the file carries about itself (a draft to be verified), or NULL. */
const char *vls_scheme_notice(const struct vls_scheme *scheme);
/** @return true when `at_ms` lies within notBefore and notAfter of the file; what it does not give
 * is no bound */
bool vls_scheme_is_valid_at(const struct vls_scheme *scheme, uint64_t at_ms);

size_t vls_scheme_count(const struct vls_scheme *scheme);
const struct vls_classification *vls_scheme_at(const struct vls_scheme *scheme, size_t i);
/** NULL when there is none. */
const struct vls_classification *vls_scheme_by_handle(const struct vls_scheme *scheme,
                                                      const char *handle);
const struct vls_classification *vls_scheme_by_lacv(const struct vls_scheme *scheme, uint32_t lacv);

/** All schemes of a gateway. */
struct vls_scheme_set {
    struct vls_scheme **schemes;
    size_t count;
};
/** NULL when there is none. */
const struct vls_scheme *vls_scheme_set_by_name(const struct vls_scheme_set *set, const char *name);
const struct vls_scheme *vls_scheme_set_by_oid(const struct vls_scheme_set *set, const char *oid);
void vls_scheme_set_free(struct vls_scheme_set *set);

#endif
